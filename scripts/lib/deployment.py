"""Puts the platform, its municipalities and their point series on a chain, and sets them up.

    deployment = deploy(deployer, plan, records)
    deployment.series["131016-RELIEF"]  # its token's address

A plan is data (`PlatformPlan`). Running it again, after an interruption or with additions, sends only what
the chain does not show done yet. It is the same code for the scripts, the demo and the fixtures of the tests.

Not here: changes of mind. A plan lifts no suspension; but an officer who was dismissed since is appointed
again, so a plan that names a former officer must not be run again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from scripts.lib.calls import Call, Deployed, Deployer, View
from scripts.lib.expiry_rule import ExpiryRule
from scripts.lib.records import DeploymentRecords, RecordError

COUNCIL_CODE = 0
"""The council's number in Officers, where municipalities have their codes."""

PLATFORM = "platform"
OFFICERS = "officers"
"""Labels in the records; series have their own."""


class Role(IntEnum):
    """Offices of a municipality, as numbered in IOfficers."""

    ADMIN = 0
    PROGRAMME_OFFICER = 1
    PROGRAMME_APPROVER = 2
    MERCHANT_OFFICER = 3
    CASHIER = 4
    SECOND_CASHIER = 5
    DESK_OFFICER = 6
    SECOND_DESK_OFFICER = 7
    GUARDIAN = 8


@dataclass(frozen=True)
class MerchantPlan:
    """A shop or public facility to approve; name and place become public."""

    address: str
    name: str
    place: str
    category: int = 0


@dataclass(frozen=True)
class SeriesPlan:
    """A point series to deploy and register.

    Attributes:
        label: unique name of the series in the records, e.g. "131016-RELIEF".
        expiry_months: see IMunicipalPoint.ExpiryRule; ignored by the rules that need no number.
        minters: account to the points it may mint in its life.
    """

    label: str
    name: str
    symbol: str
    expiry_rule: ExpiryRule
    expiry_months: int = 0
    minters: dict[str, int] = field(default_factory=dict)
    merchants: Sequence[MerchantPlan] = ()


@dataclass(frozen=True)
class MunicipalityPlan:
    """A municipality to register.

    Attributes:
        code: 全国地方公共団体コード as a number (011002 is 11002).
        admin: its first Admin, who appoints the officers.
        officers: pairs of role and account.

    Raises:
        LookupError: there are merchants but no officer to approve them.
    """

    code: int
    name: str
    admin: str
    officers: Sequence[tuple[Role, str]] = ()
    series: Sequence[SeriesPlan] = ()

    def __post_init__(self) -> None:
        if any(planned.merchants for planned in self.series):
            self.officer(Role.MERCHANT_OFFICER)  # or nobody could approve them

    def officer(self, role: Role) -> str:
        """Return the first account that the plan appoints to a role.

        Raises:
            LookupError: the plan appoints nobody.
        """
        for planned_role, account in self.officers:
            if planned_role == role:
                return account
        raise LookupError(f"the plan of {self.code:06d} {self.name} appoints no {role.name}")


@dataclass(frozen=True)
class PlatformPlan:
    """Everything to deploy for one council.

    Attributes:
        deployer: account that pays for deployments and has no power afterwards.
        council: first Admin of the council.
    """

    deployer: str
    council: str
    municipalities: Sequence[MunicipalityPlan] = ()


@dataclass(frozen=True)
class Deployment:
    """Where everything is.

    Attributes:
        series: label of a series to the address of its token.
        sent: calls that this run sent; empty if all was done before.
    """

    platform: str
    officers: str
    series: dict[str, str]
    sent: list[Call]


@dataclass(frozen=True)
class Step:
    """A call, and the view that shows whether it is needed any more."""

    call: Call
    view: View
    is_done: Callable[[Any], bool]


def deploy(deployer: Deployer, plan: PlatformPlan, records: DeploymentRecords | None = None) -> Deployment:
    """Carry out a plan, or the part of it that is missing.

    Args:
        records: where addresses are read from and noted; without, everything is deployed anew (tests).

    Raises:
        RecordError: the records do not fit the chain.
        Whatever the deployer raises when a transaction fails.
    """
    sent: list[Call] = []

    def carry_out(steps: Iterator[Step]) -> None:
        calls = missing_calls(deployer, list(steps))
        deployer.send(calls)
        sent.extend(calls)

    def place(label: str, contract: str, arguments: tuple[Any, ...]) -> str:
        if records is not None and label in records:
            return records.address_of(label, contract, arguments)
        deployed = deployer.deploy(contract, arguments, plan.deployer)
        if records is not None:
            records.append(label, contract, arguments, deployed)
        return deployed.address

    platform = place(PLATFORM, "PointPlatform", (plan.council,))
    officers = _officers(deployer, plan, platform, records)
    carry_out(registrations(plan, platform))

    series: dict[str, str] = {}
    for municipality in plan.municipalities:
        for planned in municipality.series:
            arguments = (
                municipality.code,
                officers,
                planned.name,
                planned.symbol,
                int(planned.expiry_rule),
                planned.expiry_months,
            )
            series[planned.label] = place(planned.label, "MunicipalPoint", arguments)
    carry_out(series_registrations(plan, platform, series))
    carry_out(appointments(plan, officers))
    carry_out(merchant_approvals(plan, series))
    # Read before written: what a minter lacks depends on what it has been allowed and has minted so far.
    allowances = minter_allowances(deployer, plan, series)
    deployer.send(allowances)
    sent.extend(allowances)
    return Deployment(platform, officers, series, sent)


def _officers(
    deployer: Deployer, plan: PlatformPlan, platform: str, records: DeploymentRecords | None
) -> str:
    """Return the address of Officers, which the platform's constructor has deployed."""
    [address] = deployer.read([View("PointPlatform", platform, "officers")])
    if records is None:
        return str(address)
    if OFFICERS not in records:
        origin = records[PLATFORM]
        records.append(
            OFFICERS, "Officers", (plan.council,), Deployed(address, origin.transaction, origin.block)
        )
    recorded = records.address_of(OFFICERS, "Officers", (plan.council,))
    if recorded != address:
        raise RecordError(
            f"{records.file}: {OFFICERS} is recorded at {recorded}, the platform obeys {address}"
        )
    return recorded


def missing_calls(deployer: Deployer, steps: Sequence[Step]) -> list[Call]:
    """Return the calls that the chain does not show done."""
    answers = deployer.read([step.view for step in steps])
    return [step.call for step, answer in zip(steps, answers, strict=True) if not step.is_done(answer)]


def role_id(municipality: int, role: Role) -> bytes:
    """Return a role's id in Officers: code * 256 + role, as bytes32."""
    return (municipality * 256 + role).to_bytes(32, "big")


# --------------------------------------------------------------------- builders


def registrations(plan: PlatformPlan, platform: str) -> Iterator[Step]:
    """Yield the registration of every municipality, by the council."""
    for town in plan.municipalities:
        yield Step(
            Call(
                "PointPlatform",
                platform,
                "registerMunicipality",
                (town.code, town.name, town.admin),
                plan.council,
                f"{town.code:06d} {town.name}",
            ),
            View("PointPlatform", platform, "isRegistered", (town.code,)),
            bool,
        )


def series_registrations(plan: PlatformPlan, platform: str, series: dict[str, str]) -> Iterator[Step]:
    """Yield the registration of every series, by the council."""
    for town in plan.municipalities:
        for planned in town.series:
            token = series[planned.label]
            yield Step(
                Call(
                    "PointPlatform",
                    platform,
                    "registerSeries",
                    (town.code, token),
                    plan.council,
                    f"{town.name} {planned.name}",
                ),
                View("PointPlatform", platform, "isSeries", (token,)),
                bool,
            )


def appointments(plan: PlatformPlan, officers: str) -> Iterator[Step]:
    """Yield the appointment of every officer, by the municipality's first Admin."""
    for town in plan.municipalities:
        for role, account in town.officers:
            arguments = (role_id(town.code, role), account)
            yield Step(
                Call("Officers", officers, "grantRole", arguments, town.admin, f"{town.name} {role.name}"),
                View("Officers", officers, "hasRole", arguments),
                bool,
            )


def merchant_approvals(plan: PlatformPlan, series: dict[str, str]) -> Iterator[Step]:
    """Yield the approval of every merchant, by the municipality's first MerchantOfficer."""
    for town in plan.municipalities:
        for planned in town.series:
            for merchant in planned.merchants:
                yield _approval(town, series[planned.label], merchant)


def _approval(town: MunicipalityPlan, token: str, merchant: MerchantPlan) -> Step:
    return Step(
        Call(
            "MunicipalPoint",
            token,
            "approveMerchant",
            (merchant.address, merchant.category, merchant.name, merchant.place),
            town.officer(Role.MERCHANT_OFFICER),
            merchant.name,
        ),
        View("MunicipalPoint", token, "merchantOf", (merchant.address,)),
        lambda standing: bool(standing[0]),  # whatever became of it since
    )


def minter_allowances(deployer: Deployer, plan: PlatformPlan, series: dict[str, str]) -> list[Call]:
    """Return what each minter must be allowed for its lifetime total to reach the plan's, by the first Admin.

    A minter that has been allowed more than planned is left alone.
    """
    wanted = [
        (town, series[planned.label], minter, points)
        for town in plan.municipalities
        for planned in town.series
        for minter, points in planned.minters.items()
    ]
    states = deployer.read(
        [View("MunicipalPoint", token, "minterOf", (minter,)) for _, token, minter, _ in wanted]
    )
    calls = []
    for (town, token, minter, points), (allowance, minted) in zip(wanted, states, strict=True):
        missing = points - allowance - minted
        if missing > 0:
            arguments = (minter, missing)
            calls.append(
                Call("MunicipalPoint", token, "increaseMinterAllowance", arguments, town.admin, town.name)
            )
    return calls
