"""Every state-changing function of every contract against everybody who might call it.

`POWERS` is the table of powers (DESIGN 3). It is complete: a function of an ABI that is missing here fails
`test_powers_cover_every_function_of`. Each caller is tried in a call, which changes nothing, so that all meet
the same state; what the functions do is tested with each verb.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from eth_utils import to_checksum_address

from scripts.lib.artifacts import read_artifact
from scripts.lib.deployment import Role, role_id
from tests.support.clock import JUNE
from tests.support.reverts import reverts
from tests.support.town import CITY, NEIGHBOUR

COUNCIL = 0
UNOPENED = 11002  # 札幌市
CONTRACTS = ("MunicipalPoint", "Officers", "PointPlatform")

CITY_ROLES = [f"city {role.name}" for role in Role]
NEIGHBOUR_ROLES = [f"neighbour {role.name}" for role in Role]
CALLERS = [
    *CITY_ROLES,
    *NEIGHBOUR_ROLES,
    "council",
    "platform",
    "minter",
    "removed minter",
    "resident",
    "stranger",
]
EVERYBODY = frozenset(CALLERS)


@dataclass(frozen=True)
class Power:
    """Who may call a function.

    Attributes:
        arguments: of the call; texts that name an account of the fixture `who` stand for its address.
        allowed: the callers for whom it succeeds; for all others it reverts.
        refusal: the error for those, its arguments likewise; "caller" stands for the caller.
    """

    contract: str
    function: str
    arguments: tuple[Any, ...]
    allowed: frozenset[str]
    refusal: tuple[Any, ...] = ()

    def __str__(self) -> str:
        return f"{self.contract}.{self.function}"


def _for_officer(function: str, role: Role, *arguments: Any) -> Power:
    refusal = ("OfficersMissingRole", CITY, role, "caller")
    return Power("MunicipalPoint", function, arguments, frozenset({f"city {role.name}"}), refusal)


def _for_minter(function: str, *arguments: Any) -> Power:
    return Power("MunicipalPoint", function, arguments, frozenset({"minter"}), ("PointNotMinter", "caller"))


def _for_everybody(function: str, *arguments: Any) -> Power:
    return Power("MunicipalPoint", function, arguments, EVERYBODY)


def _for_allowance(function: str, *arguments: Any) -> Power:
    refusal = ("ERC20InsufficientAllowance", "caller", 0, 1)
    return Power("MunicipalPoint", function, arguments, frozenset(), refusal)


def _for_admin_of(municipality: int, caller: str, function: str, role: Role, account: str) -> Power:
    refusal = ("AccessControlUnauthorizedAccount", "caller", role_id(municipality, Role.ADMIN))
    return Power("Officers", function, (role_id(municipality, role), account), frozenset({caller}), refusal)


def _for_council(function: str, *arguments: Any) -> Power:
    refusal = ("OfficersMissingRole", COUNCIL, Role.ADMIN, "caller")
    return Power("PointPlatform", function, arguments, frozenset({"council"}), refusal)


POWERS = [
    # The municipality's Admin
    _for_officer("increaseMinterAllowance", Role.ADMIN, "stranger", 1),
    _for_officer("decreaseMinterAllowance", Role.ADMIN, "minter", 1),
    _for_officer("removeMinter", Role.ADMIN, "minter"),
    _for_officer("setExpiryPolicy", Role.ADMIN, 0, 1),
    _for_officer("setTransferSwitches", Role.ADMIN, True, True),
    # MerchantOfficer
    _for_officer("approveMerchant", Role.MERCHANT_OFFICER, "newcomer", 1, "本屋", "中原区"),
    _for_officer("suspendMerchant", Role.MERCHANT_OFFICER, "shop"),
    _for_officer("closeMerchant", Role.MERCHANT_OFFICER, "shop"),
    # Guardian
    _for_officer("pause", Role.GUARDIAN, 60),
    _for_officer("unpause", Role.GUARDIAN),
    # Minters
    _for_minter("mint", "resident", 1),
    _for_minter("mintUntil", "resident", 1, JUNE),
    _for_minter("mintBatch", ["resident"], [1], JUNE),
    # Everybody, with what is theirs
    _for_everybody("transfer", "shop", 1),
    _for_everybody("transferAtEpoch", JUNE, "shop", 1),
    _for_everybody("transferFrom", "resident", "shop", 0),
    _for_everybody("transferFromAtEpoch", JUNE, "resident", "shop", 0),
    _for_everybody("approve", "shop", 1),
    _for_everybody("increaseAllowance", "shop", 1),
    _for_everybody("decreaseAllowance", "shop", 0),
    _for_everybody("recordLapse", ["resident", "shop"]),
    # Nobody, with what is somebody else's
    _for_allowance("transferFrom", "other resident", "shop", 1),
    _for_allowance("transferFromAtEpoch", JUNE, "other resident", "shop", 1),
    # Offices
    *(_for_admin_of(CITY, "city ADMIN", "grantRole", role, "newcomer") for role in Role),
    *(_for_admin_of(NEIGHBOUR, "neighbour ADMIN", "grantRole", role, "newcomer") for role in Role),
    *(_for_admin_of(CITY, "city ADMIN", "revokeRole", role, f"city {role.name}") for role in list(Role)[1:]),
    _for_admin_of(CITY, "city ADMIN", "revokeRole", Role.ADMIN, "stranger"),
    _for_admin_of(COUNCIL, "council", "grantRole", Role.ADMIN, "newcomer"),
    _for_admin_of(COUNCIL, "council", "revokeRole", Role.ADMIN, "newcomer"),
    Power(
        "Officers",
        "renounceRole",
        (role_id(CITY, Role.GUARDIAN), "city GUARDIAN"),
        frozenset({"city GUARDIAN"}),
        ("AccessControlBadConfirmation",),
    ),
    Power(
        "Officers",
        "openMunicipality",
        (UNOPENED, "stranger"),
        frozenset({"platform"}),
        ("OfficersNotPlatform", "caller"),
    ),
    # The council
    _for_council("registerMunicipality", UNOPENED, "札幌市", "stranger"),
    _for_council("registerSeries", CITY, "new series"),
]


@pytest.fixture(autouse=True)
def isolation(fn_isolation):
    pass


@pytest.fixture(scope="module")
def who(
    project,
    deployment,
    platform,
    officers,
    point,
    deployer,
    council,
    city,
    neighbour,
    minter,
    other_minter,
    resident,
    other_resident,
    shop,
    newcomer,
    stranger,
):
    """Every account that POWERS name; each office of both towns is held by one that holds nothing else."""
    addresses = {
        "council": council,
        "platform": platform,
        "minter": minter,
        "removed minter": other_minter,
        "resident": resident,
        "other resident": other_resident,
        "shop": shop,
        "newcomer": newcomer,
        "stranger": stranger,
        "city ADMIN": city,
        "neighbour ADMIN": neighbour,
        "new series": project.MunicipalPoint.deploy(CITY, officers, "A", "B", 0, 1, {"from": deployer}),
    }
    addresses = {name: account.address for name, account in addresses.items()}
    for town, code, admin in (("city", CITY, city), ("neighbour", NEIGHBOUR, neighbour)):
        for role in list(Role)[1:]:
            address = to_checksum_address(f"0x{code * 256 + role:040x}")
            officers.grantRole(role_id(code, role), address, {"from": admin})
            addresses[f"{town} {role.name}"] = address

    point.increaseMinterAllowance(other_minter, 100, {"from": city})
    point.mint(resident, 1, {"from": other_minter})
    point.removeMinter(other_minter, {"from": city})
    holders = [addresses[name] for name in (*CALLERS, "other resident")]
    point.mintBatch(holders, [5] * len(holders), JUNE, {"from": minter})
    return addresses


@pytest.fixture(scope="module")
def contracts(point, officers, platform):
    return {"MunicipalPoint": point, "Officers": officers, "PointPlatform": platform}


@pytest.mark.parametrize("power", POWERS, ids=str)
def test_powers_are_exactly_those_of_the_table(contracts, who, power):
    def meant(argument, caller):
        if isinstance(argument, list):
            return [meant(part, caller) for part in argument]
        if argument == "caller":
            return who[caller]
        return who.get(argument, argument) if isinstance(argument, str) else argument

    function = getattr(contracts[power.contract], power.function)
    for caller in CALLERS:
        arguments = [meant(argument, caller) for argument in power.arguments]
        if caller in power.allowed:
            function.call(*arguments, {"from": who[caller]})
            continue
        error, *error_arguments = (meant(argument, caller) for argument in power.refusal)
        with reverts(error, *error_arguments):
            function.call(*arguments, {"from": who[caller]})


@pytest.mark.parametrize("contract", CONTRACTS)
def test_powers_cover_every_function_of(contract):
    changing = {
        item["name"]
        for item in read_artifact(contract).abi
        if item["type"] == "function" and item["stateMutability"] not in ("view", "pure")
    }
    assert changing == {power.function for power in POWERS if power.contract == contract}


@pytest.mark.parametrize("contract", CONTRACTS)
def test_no_contract_takes_money(contract):
    takes = [
        item
        for item in read_artifact(contract).abi
        if item["type"] in ("fallback", "receive") or item.get("stateMutability") == "payable"
    ]
    assert takes == []
