"""Every state-changing function of every contract against everybody who might call it, both ways.

Two tables. The acts are the chain's own: every function that has a rule, tried with each office of the town,
the same office of another town, the council and others, as performer, proposer and approver, and called
directly. `POWERS` is for the functions that are no acts. Together they are complete: a function of an ABI
that is in neither fails `test_every_function_is_an_act_or_in_the_table`.

Each caller is tried in a call, which changes nothing, so that all meet the same state; what the functions do
is tested with each verb.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from typing import Any

import pytest
from eth_account import Account
from eth_utils import to_checksum_address

from scripts.lib.act_rules import Rule
from scripts.lib.artifacts import read_artifact
from scripts.lib.claim_word import ClaimPart
from scripts.lib.deployment import SERVICES
from scripts.lib.exchange.coupons import coupon_key, new_code
from scripts.lib.node.local_chain import development_keys
from scripts.lib.payment.sale_terms import SaleTerms
from scripts.lib.roles import Role, role_id
from scripts.lib.workspace import ROOT
from tests.support.acting import data_of
from tests.support.bonus_town import terms
from tests.support.clock import HOUR, JULY, JUNE, MARCH, now, travel
from tests.support.exchange_town import AIRLINE, AIRLINE_TERMS, CARD, reference
from tests.support.harness import deploy_harness
from tests.support.impersonation import impersonate
from tests.support.memberships import KEY_VERSION, Card
from tests.support.paying import FOREVER, lot, sale_of_today
from tests.support.programmes import Programmes
from tests.support.reading import ZERO_ADDRESS
from tests.support.reverts import reverts
from tests.support.town import CITY, NEIGHBOUR

COUNCIL = 0
UNOPENED = 11002  # 札幌市
NO_SIGNATURE = bytes(32)
A_PAPER = b"paper".ljust(32)
HEIR_MAY_INHERIT = 1
TILL_PLACE = 18  # among the accounts that the node unlocks
ACCEPTS_ALL = 1  # of ContractAccount.Manner
CONTRACTS = (
    "MunicipalPoint",
    "ResidentRegistry",
    "Officers",
    "PointPlatform",
    "MerchantSettlement",
    "GrantProgrammes",
    "PaymentBonus",
    "PartnerExchange",
)
SERVED = (*SERVICES, "PartnerExchange")
"""Services, whose rules stand under their own addresses."""

CITY_ROLES = [f"city {role.name}" for role in Role]
NEIGHBOUR_ROLES = [f"neighbour {role.name}" for role in Role]
CALLERS = [
    *CITY_ROLES,
    *NEIGHBOUR_ROLES,
    "council",
    "platform",
    "partner",
    "minter",
    "removed minter",
    "till",
    "resident",
    "stranger",
]
EVERYBODY = frozenset(CALLERS)

# The one act that an office of another code performs in the town.
BY_THE_COUNCIL = "reappointAdmin"

# Acts that the council performs in its own name.
OF_THE_COUNCIL = {"registerPartner", "replacePartnerKey", "suspendPartner", "resumePartner"}

# What each act is tried with; texts that name an account or a value of the fixture `who` stand for it.
ACTS: dict[str, dict[str, tuple[Any, ...]]] = {
    "Officers": {
        "appoint": (CITY, "newcomer", Role.CASHIER, 0),
        "handOver": (CITY, "guardian", Role.GUARDIAN, "newcomer", 0),
        "dismiss": (CITY, "guardian", Role.GUARDIAN),
        "dismissAdmin": (CITY, "second admin"),
        "reappointAdmin": (CITY, "newcomer"),
        "acceptService": (CITY, "service"),
        "leaveService": (CITY, "service"),
    },
    "MunicipalPoint": {
        "increaseMinterAllowance": ("stranger", 1),
        "decreaseMinterAllowance": ("minter", 1),
        "removeMinter": ("minter",),
        "setExpiryPolicy": (0, 1),
        "setTransferSwitches": (True, True),
        "setRefundDays": (20,),
        "setSettlement": ("settlement",),
        "announceSuccessor": ("successor",),
        "withdrawSuccessor": (),
        "approveMerchant": ("newcomer", 1, "本屋", "中原区"),
        "suspendMerchant": ("shop",),
        "closeMerchant": ("shop",),
        "replaceOwner": ("shop", "newcomer"),
        "freeze": ("resident",),
        "unfreeze": ("resident",),
        "extendLots": (JUNE, JULY, ["resident"]),
        "restoreLots": (JUNE - 12, JULY, ["resident"], [0]),
        "revoke": ("resident", 1, JUNE),
        "pause": (60,),
        "unpause": (),
    },
    "ResidentRegistry": {
        "register": (CITY, KEY_VERSION, []),
        "rotateCommitments": (CITY, KEY_VERSION, [], [], []),
        "startReplacement": (CITY, 1, "new card", "new card's signature"),
        "cancelReplacement": (CITY, 2),
        "startInheritance": (CITY, 1, 3),
        "closeMembership": (CITY, 1),
        "reopenMembership": (CITY, 4),
        "setDeparturePolicy": (CITY, 0),
    },
    "MerchantSettlement": {
        "approveClaims": (CITY, "series", MARCH, "cut-off", "claims"),
        "cancelBatch": (CITY, 1, "claims"),
        "markSent": (CITY, 1, A_PAPER),
        "settle": (CITY, 2, "claims", A_PAPER, False),
        "bounce": (CITY, 2, 0, [1], "claims", A_PAPER),
        "reopen": (CITY, 3, 0, [1], "claims", A_PAPER),
        "closeYear": (CITY, "series", MARCH - 24, (0,) * 8),
    },
    "GrantProgrammes": {
        "openProgramme": (CITY, "programme terms"),
        "setBudget": (CITY, 1, MARCH, 1_000),
        "openOccurrences": (CITY, 1, ["第2回"]),
        "approveBatch": (CITY, 1, (bytes(32), 1, 1, bytes(32))),
        "stopBatch": (CITY, 1),
        "revokeGrant": (CITY, (1, 0, "first member", 1, 1, 0), "words", "siblings"),
    },
    "PaymentBonus": {
        "openCampaign": (CITY, "series", "campaign terms"),
        "enlargeCampaign": (CITY, 1, 500),
        "closeCampaign": (CITY, 1),
    },
    "PartnerExchange": {
        "registerPartner": (COUNCIL, "newcomer", "でんき"),
        "replacePartnerKey": (COUNCIL, AIRLINE, "newcomer"),
        "suspendPartner": (COUNCIL, AIRLINE),
        "resumePartner": (COUNCIL, AIRLINE),
        "setExchangeSeries": (CITY, "series"),
        "setReturnPolicy": (CITY, 90),
        "acceptPartner": (CITY, AIRLINE, "partner", tuple(AIRLINE_TERMS)),
        "stopPartner": (CITY, AIRLINE),
        "openCampaign": (CITY, AIRLINE, (0, FOREVER, 1, 1, 1, 0, 0, False)),
        "endCampaign": (CITY, AIRLINE),
        "recordReceipt": (CITY, AIRLINE, 1, reference("another bank's")),
        "reverseReceipt": (CITY, reference("bank's")),
    },
}
ACT_NAMES = [(contract, function) for contract, functions in ACTS.items() for function in functions]
ONLY_BY_ACT = {
    "Officers": "OfficersOnlyByAct",
    "MunicipalPoint": "PointOnlyByAct",
    "ResidentRegistry": "ResidentsOnlyByAct",
    "MerchantSettlement": "SettlementOnlyByAct",
    "GrantProgrammes": "ProgrammeOnlyByAct",
    "PaymentBonus": "BonusOnlyByAct",
    "PartnerExchange": "ExchangeOnlyByAct",
}


@dataclass(frozen=True)
class Power:
    """Who may call a function that is no act.

    Attributes:
        arguments: of the call, as in ACTS.
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


def _for_minter(function: str, *arguments: Any) -> Power:
    return Power("MunicipalPoint", function, arguments, frozenset({"minter"}), ("PointNotMinter", "caller"))


def _for_everybody(function: str, *arguments: Any) -> Power:
    return Power("MunicipalPoint", function, arguments, EVERYBODY)


def _for_allowance(function: str, *arguments: Any) -> Power:
    refusal = ("ERC20InsufficientAllowance", "caller", 0, 1)
    return Power("MunicipalPoint", function, arguments, frozenset(), refusal)


def _for_counter(function: str, *arguments: Any) -> Power:
    return Power(
        "MunicipalPoint", function, arguments, frozenset({"till"}), ("PointNotTill", "shop", "caller")
    )


def _for_signature(function: str, *arguments: Any) -> Power:
    """A call that needs a till's signature of the sale, and brings none."""
    signed = (*arguments, NO_SIGNATURE, NO_SIGNATURE)
    return Power("MunicipalPoint", function, signed, frozenset(), ("PointNotTill", "shop", ZERO_ADDRESS))


def _for_council(function: str, *arguments: Any) -> Power:
    refusal = ("OfficersMissingRole", COUNCIL, Role.ADMIN, "caller")
    return Power("PointPlatform", function, arguments, frozenset({"council"}), refusal)


def _for_platform(function: str, *arguments: Any) -> Power:
    return Power("Officers", function, arguments, frozenset({"platform"}), ("OfficersNotPlatform", "caller"))


def _for_partner(function: str, *arguments: Any) -> Power:
    refusal = ("ExchangeNotPartner", "caller")
    return Power("PartnerExchange", function, arguments, frozenset({"partner"}), refusal)


def _for_everybody_on_the_exchange(function: str, *arguments: Any) -> Power:
    return Power("PartnerExchange", function, arguments, EVERYBODY)


def _for_nobody(function: str, *arguments: Any) -> Power:
    return Power("Officers", function, arguments, frozenset(), ("OfficersOnlyByAct", "caller"))


POWERS = [
    # Minters
    _for_minter("mint", "other resident", 1),
    _for_minter("mintUntil", "other resident", 1, JUNE),
    _for_minter("mintBatch", ["other resident"], [1], JUNE),
    _for_minter("mintToResidents", [], 0, JUNE),
    _for_minter("takeBack", "other resident", 1, JUNE),
    # Everybody, with what is theirs
    _for_everybody("transfer", "shop", 1),
    _for_everybody("transferAtEpoch", JUNE, "shop", 1),
    _for_everybody("transferFrom", "other resident", "shop", 0),
    _for_everybody("transferFromAtEpoch", JUNE, "other resident", "shop", 0),
    _for_everybody("approve", "shop", 1),
    _for_everybody("increaseAllowance", "shop", 1),
    _for_everybody("decreaseAllowance", "shop", 0),
    _for_everybody("cancelSignatures"),
    _for_everybody("recordLapse", ["other resident", "shop"]),
    _for_everybody("syncBlocked", "other resident"),
    _for_everybody("carry", "old card"),
    Power("ResidentRegistry", "completeReplacement", (CITY, 5), EVERYBODY),
    Power("GrantProgrammes", "run", (1, 0, "words", "siblings"), EVERYBODY),
    Power("GrantProgrammes", "claim", (1, 1, "words", "siblings"), EVERYBODY),
    Power("PaymentBonus", "reserve", (1, [("shop", "sale", "resident", [1])]), EVERYBODY),
    Power("PaymentBonus", "award", (1, [("shop", "sale")]), EVERYBODY),
    # Nobody, with what is somebody else's
    _for_allowance("transferFrom", "other resident", "shop", 1),
    _for_allowance("transferFromAtEpoch", JUNE, "other resident", "shop", 1),
    # The counter: its keys, or the signature of one of them
    _for_counter("voidSale", "shop", "sale"),
    _for_counter("payBatch", "shop", [], NO_SIGNATURE, NO_SIGNATURE),
    _for_counter("payBatch", "shop", ["signed payment"], NO_SIGNATURE, NO_SIGNATURE),
    _for_counter("paySigned", "shop", "terms", "r", "vs"),
    _for_counter("paySigned", "shop", "contract account's terms", NO_SIGNATURE, NO_SIGNATURE),
    _for_signature("pay", "shop", "sale", 1, FOREVER),
    _for_signature("payRelayed", "shop", "signed payment", FOREVER),
    _for_everybody("pay", "shop", "sale", 1, FOREVER, "r of the sale", "vs of the sale"),
    _for_everybody("payRelayed", "shop", "signed payment", FOREVER, "r of the sale", "vs of the sale"),
    _for_everybody("payBatch", "shop", ["signed payment"], "r of the sales", "vs of the sales"),
    Power(
        "MunicipalPoint",
        "refund",
        ("shop", "sale", "resident", [], 1),
        frozenset(),
        ("PointNotOwner", "shop", "caller"),
    ),
    # The settlement service, which is none of the callers
    *(
        Power("MunicipalPoint", function, ([],), frozenset(), ("PointNotSettlement", "caller"))
        for function in ("lockClaims", "unlockClaims", "burnLocked", "reopenClaims")
    ),
    # The series before and after, which are none of the callers; anybody, when the notice is over
    Power("MunicipalPoint", "carryOut", (["resident"],), frozenset(), ("PointNotSuccessor", "caller")),
    *(
        Power("MunicipalPoint", function, arguments, frozenset(), ("PointNotPredecessor", "caller"))
        for function, arguments in (("openAfterPredecessor", ()), ("returnClaim", ("shop", 1, True)))
    ),
    Power("MunicipalPoint", "carryIn", (["resident"],), frozenset(), ("PointPredecessorOpen", ZERO_ADDRESS)),
    Power("MunicipalPoint", "closeForSuccessor", (), frozenset(), ("PointClosableLater", "closable from")),
    Power("GrantProgrammes", "follow", (1,), frozenset(), ("ProgrammeSeriesOpen", 1, "series")),
    # Partners, and what comes after them
    _for_partner("exchange", CITY, 3, 2_000, reference("exchange")),
    _for_partner("issueCoupons", CITY, FOREVER, []),
    _for_everybody_on_the_exchange("sweep", ["holding"]),
    _for_everybody_on_the_exchange("returnToPartner", "holding of an ended membership"),
    _for_everybody_on_the_exchange("closeCoupons", CARD, ["coupon of last week"]),
    _for_everybody_on_the_exchange("redeem", CARD, "coupon", CITY, 3, "coupon's signature"),
    Power(
        "PartnerExchange",
        "nameMunicipality",
        ("holding", CITY, "member", FOREVER, b""),
        frozenset(),
        ("ExchangeWrongSignature", "member"),
    ),
    # One account only
    Power(
        "MunicipalPoint",
        "setTill",
        ("shop", "newcomer", True),
        frozenset(),
        ("PointNotOwner", "shop", "caller"),
    ),
    Power(
        "MerchantSettlement",
        "requestSettlement",
        ("series", "shop"),
        frozenset(),
        ("SettlementNotOwner", "shop", "caller"),
    ),
    Power(
        "ResidentRegistry", "objectToReplacement", (CITY, 2), frozenset(), ("ResidentsCannotObject", "caller")
    ),
    Power(
        "Officers",
        "renounceRole",
        (role_id(CITY, Role.GUARDIAN), "city GUARDIAN"),
        frozenset({"city GUARDIAN"}),
        ("AccessControlBadConfirmation",),
    ),
    # Offices change by acts alone
    _for_nobody("grantRole", role_id(CITY, Role.GUARDIAN), "newcomer"),
    _for_nobody("revokeRole", role_id(CITY, Role.GUARDIAN), "city GUARDIAN"),
    # Between the contracts
    _for_platform("openMunicipality", UNOPENED, [(Role.ADMIN, "stranger")]),
    _for_platform("addRules", "service", []),
    # The council
    _for_council("registerMunicipality", UNOPENED, "札幌市", [(Role.ADMIN, "stranger")]),
    _for_council("registerSeries", CITY, "new series"),
    _for_council("offerService", "new service", "精算", []),
]

# How officers act; the acts are tried through them.
THE_WAY = {"perform", "propose", "approve", "execute", "veto"}


@pytest.fixture(autouse=True)
def isolation(fn_isolation):
    pass


@pytest.fixture(scope="module")
def who(
    project,
    deployment,
    platform,
    officers,
    residents,
    point,
    settlement,
    contracts,
    memberships,
    act_maker,
    deployer,
    council,
    city,
    second_admin,
    guardian,
    neighbour,
    minter,
    other_minter,
    resident,
    other_resident,
    shop,
    newcomer,
    stranger,
    payer,
    counter,
    accounts,
    exchange,
    desk,
    airline,
    card_company,
):
    """Every account and value that the tables name; each caller with an office holds that one only."""
    by_act = {"from": act_maker}
    named = {
        "council": council,
        "platform": impersonate(accounts, platform.address),
        "minter": minter,
        "removed minter": other_minter,
        "resident": resident,
        "other resident": other_resident,
        "shop": shop,
        "newcomer": newcomer,
        "stranger": stranger,
        "till": accounts[TILL_PLACE],
        "sale": sale_of_today(),
        "guardian": guardian,
        "second admin": second_admin,
        "partner": airline,
    }
    officers.acceptService(COUNCIL, exchange, by_act)
    for town, code in (("city", CITY), ("neighbour", NEIGHBOUR)):
        for role in Role:
            account = impersonate(accounts, to_checksum_address(f"0x{code * 256 + role:040x}"))
            officers.appoint(code, account, role, 0, by_act)
            named[f"{town} {role.name}"] = account

    point.setTill(shop, named["till"], True, {"from": shop})
    point.increaseMinterAllowance(other_minter, 100, by_act)
    point.mint(resident, 1, {"from": other_minter})
    point.removeMinter(other_minter, by_act)
    wallet = deploy_harness("ContractAccount", stranger.address)
    wallet.behave(ACCEPTS_ALL)
    named["payer"] = payer.account
    holders = [named[name] for name in (*CALLERS, "other resident", "payer")]
    holders.append(wallet)
    point.mintBatch(holders, [5] * len(holders), JUNE, {"from": minter})

    till_card = Card(Account.from_key(development_keys(TILL_PLACE + 1)[TILL_PLACE]), named["till"])
    named["signed payment"] = counter.signed(payer, named["sale"], 1)
    named["terms"], named["r"], named["vs"] = named["signed payment"]
    named["contract account's terms"] = counter.payment(wallet, named["sale"], 1).terms
    sale_signed = counter.sale_signature(till_card, named["sale"], 1)
    sales_signed = counter.sales_signature(till_card, [(named["sale"], 1)])
    named["r of the sale"], named["vs of the sale"] = sale_signed
    named["r of the sales"], named["vs of the sales"] = sales_signed

    series = (CITY, officers, residents, "A", "B", 0, 1, SaleTerms(), ZERO_ADDRESS)
    named["new series"] = project.MunicipalPoint.deploy(*series, {"from": deployer})
    named["successor"] = project.MunicipalPoint.deploy(*series[:-1], point, {"from": deployer})
    platform.registerSeries(CITY, named["successor"], {"from": council})
    point.announceSuccessor(named["successor"], by_act)
    named["closable from"] = point.migration()[1]
    for name in ("service", "new service"):
        named[name] = project.PointPlatform.deploy(deployer, {"from": deployer})
    platform.offerService(named["service"], "精算", [], {"from": council})

    # Batch 1 is approved, 2 sent and 3 settled; the shop has a claim left.
    point.transfer(shop, 4, {"from": named["resident"]})
    named |= {
        "series": point,
        "settlement": settlement,
        "cut-off": now(),
        "claims": [ClaimPart(shop.address, 1).word],
    }
    for batch in (1, 2, 3):
        settlement.approveClaims(CITY, point, MARCH, now(), named["claims"], by_act)
        if batch != 1:
            settlement.markSent(CITY, batch, bytes([batch]) * 32, by_act)
    settlement.settle(CITY, 3, named["claims"], bytes([4]) * 32, False, by_act)

    members = memberships.join("One", "Two", "Three", "Four", "Five", "Six")
    programmes = Programmes(contracts["GrantProgrammes"], point, act_maker, CITY, stranger)
    named["programme terms"] = programmes.terms()
    approved = programmes.prepared([(1, 5), (2, 5)])
    programmes.claim(approved, 0)
    named["campaign terms"] = terms()
    contracts["PaymentBonus"].openCampaign(CITY, point, terms(), by_act)
    _, named["words"], named["siblings"] = approved.grants.branch(0, 1)
    named["first member"] = members[0].account
    residents.setDeparturePolicy(CITY, HEIR_MAY_INHERIT, by_act)
    named["member"] = members[2].account
    named["holding"] = desk.exchange(airline, 3, 2_000)
    named["holding of an ended membership"] = desk.exchange(airline, 4, 2_000)
    desk.act("setReturnPolicy", CITY, 1)
    desk.act("recordReceipt", CITY, AIRLINE, 1, reference("bank's"))
    coupon, old_coupon = (new_code(random.Random(seed).randrange) for seed in (1, 2))
    *_, named["coupon's signature"] = desk.redemption(CARD, coupon, CITY, 3)
    named["coupon"], named["coupon of last week"] = (
        coupon_key(code).address for code in (coupon, old_coupon)
    )
    by_card_company = {"from": card_company}
    exchange.issueCoupons(CITY, FOREVER, [(named["coupon"], 1)], by_card_company)
    exchange.issueCoupons(CITY, now() + HOUR, [(named["coupon of last week"], 1)], by_card_company)
    residents.closeMembership(CITY, 4, by_act)
    for number in (5, 6):
        card = memberships.card(f"next of {number}")
        signature = memberships.signature(card, members[number - 1].commitment)
        residents.startReplacement(CITY, number, card.account, signature, by_act)
    travel(72 * HOUR)
    residents.completeReplacement(CITY, 6, {"from": stranger})
    named["old card"] = members[5].account
    card = memberships.card("next of 2")
    signature = memberships.signature(card, members[1].commitment)
    residents.startReplacement(CITY, 2, card.account, signature, by_act)
    card = memberships.card("next of 1")
    named["new card"] = card.account
    named["new card's signature"] = memberships.signature(card, members[0].commitment)
    return named


@pytest.fixture(scope="module")
def contracts(
    project, point, residents, officers, platform, settlement, exchange, council, deployer, act_maker
):
    minters = {}
    for service in ("GrantProgrammes", "PaymentBonus"):
        minters[service] = project[service].deploy(platform, {"from": deployer})
        platform.offerService(minters[service], SERVICES[service], minters[service].acts(), {"from": council})
        officers.acceptService(CITY, minters[service], {"from": act_maker})
        point.increaseMinterAllowance(minters[service], 1_000, {"from": act_maker})
    return {
        "PartnerExchange": exchange,
        **minters,
        "MunicipalPoint": point,
        "ResidentRegistry": residents,
        "Officers": officers,
        "PointPlatform": platform,
        "MerchantSettlement": settlement,
    }


@pytest.fixture(scope="module")
def proposers(city, merchant_officer, desk_officer, guardian, cashier, programme_officer):
    """Who proposes what the callers try to approve: none of them."""
    return {
        Role.ADMIN: city,
        Role.MERCHANT_OFFICER: merchant_officer,
        Role.DESK_OFFICER: desk_officer,
        Role.GUARDIAN: guardian,
        Role.CASHIER: cashier,
        Role.PROGRAMME_OFFICER: programme_officer,
    }


def meant(who, argument, caller=None):
    """Return what an argument of a table stands for."""
    if isinstance(argument, (list, tuple)):
        return type(argument)(meant(who, part, caller) for part in argument)
    if argument == "caller":
        return who[caller]
    return who.get(argument, argument) if isinstance(argument, str) else argument


@dataclass(frozen=True)
class Tried:
    """An act, ready to be tried."""

    target: Any
    arguments: tuple[Any, ...]
    data: str
    rule: Rule
    municipality: int
    office: int
    performers: frozenset[str]
    approvers: frozenset[str]


@pytest.fixture
def tried(contracts, officers, platform, who, act):
    contract, function = act
    target = contracts[contract]
    arguments = meant(who, ACTS[contract][function])
    place = target if platform.isOffered(target) else ZERO_ADDRESS
    rule = Rule.of(officers.ruleOfService(place, getattr(target, function).signature))
    municipality = COUNCIL if function in OF_THE_COUNCIL else CITY
    if function == BY_THE_COUNCIL or municipality == COUNCIL:
        office, performers, approvers = COUNCIL, {"council"}, {"council"}
    else:
        office, performers, approvers = CITY, {f"city {rule.proposer.name}"}, {f"city {rule.approver.name}"}
    data = data_of(target, function, *arguments)
    return Tried(
        target, arguments, data, rule, municipality, office, frozenset(performers), frozenset(approvers)
    )


acts = pytest.mark.parametrize("act", ACT_NAMES, ids=lambda act: f"{act[0]}.{act[1]}")


@acts
def test_act_is_performed_or_proposed_by_its_office_and_nobody_else(officers, act, tried, who):
    for caller in CALLERS:
        call = (tried.municipality, tried.target, tried.data, 1, bytes(32), {"from": who[caller]})
        refusal = ("OfficersMissingRole", tried.office, tried.rule.proposer, who[caller])
        if not tried.rule.takes_one:
            with reverts("OfficersNeedsSecond", getattr(tried.target, act[1]).signature):
                officers.perform.call(*call)
        elif caller in tried.performers:
            # Freezing the frozen is no error; only what the act says counts here.
            officers.perform.call(*call)
        else:
            with reverts(*refusal):
                officers.perform.call(*call)
        if caller in tried.performers:
            officers.propose.call(*call)
        else:
            with reverts(*refusal):
                officers.propose.call(*call)


@acts
def test_act_is_approved_by_its_second_office_and_nobody_else(
    officers, act, tried, who, proposers, council, accounts, act_maker
):
    proposer = council if tried.office == COUNCIL else proposers[tried.rule.proposer]
    officers.propose(tried.municipality, tried.target, tried.data, 1, bytes(32), {"from": proposer})
    number = officers.proposalCount()
    for caller in CALLERS:
        if who[caller] == proposer:
            with reverts("OfficersSamePerson", who[caller]):
                officers.approve.call(number, tried.data, {"from": who[caller]})
        elif caller in tried.approvers:
            officers.approve.call(number, tried.data, {"from": who[caller]})
        else:
            with reverts("OfficersMissingRole", tried.office, tried.rule.approver, who[caller]):
                officers.approve.call(number, tried.data, {"from": who[caller]})


@acts
def test_act_called_directly_is_refused_to_everybody(officers, act, tried, who):
    contract, function = act
    for caller in CALLERS:
        with reverts(ONLY_BY_ACT[contract], who[caller]):
            getattr(tried.target, function).call(*tried.arguments, {"from": who[caller]})


@acts
def test_act_in_the_name_of_another_municipality_is_refused_to_everybody(officers, act, tried, who):
    """Not even to those who hold the office there."""
    for caller in NEIGHBOUR_ROLES:
        call = (NEIGHBOUR, tried.target, tried.data, 1, bytes(32), {"from": who[caller]})
        with reverts("OfficersForeignTarget", NEIGHBOUR, tried.target):
            officers.propose.call(*call)


@acts
def test_act_is_vetoed_by_admins_of_town_and_council_and_its_proposer_and_nobody_else(
    officers, act, tried, who, proposers, council
):
    proposer = council if tried.office == COUNCIL else proposers[tried.rule.proposer]
    officers.propose(tried.municipality, tried.target, tried.data, 1, bytes(32), {"from": proposer})
    number = officers.proposalCount()
    admins = {"council"} if tried.municipality == COUNCIL else {"city ADMIN", "council"}
    for caller in CALLERS:
        if caller in admins or who[caller] == proposer:
            officers.veto.call(number, {"from": who[caller]})
        else:
            with reverts("OfficersMissingRole", tried.municipality, Role.ADMIN, who[caller]):
                officers.veto.call(number, {"from": who[caller]})


@acts
def test_act_is_executed_by_anyone_once_it_has_waited_and_by_nobody_before(
    officers, act, tried, who, proposers, council
):
    """The rule decides when, not who: without an approval never, or after the time alone."""
    proposer = council if tried.office == COUNCIL else proposers[tried.rule.proposer]
    officers.propose(tried.municipality, tried.target, tried.data, 1, bytes(32), {"from": proposer})
    number, proposed_at = officers.proposalCount(), now()
    if not tried.rule.takes_one:
        due = 0 if tried.rule.takes_two else proposed_at + tried.rule.delay_alone
        for caller in CALLERS:
            with reverts("OfficersTooEarly", number, due):
                officers.execute.call(number, tried.data, {"from": who[caller]})
    if not tried.rule.takes_two:
        travel(tried.rule.delay_alone)
        for caller in CALLERS:
            officers.execute.call(number, tried.data, {"from": who[caller]})


@pytest.mark.parametrize("power", POWERS, ids=str)
def test_powers_are_exactly_those_of_the_table(contracts, who, power):
    function = getattr(contracts[power.contract], power.function)
    for caller in CALLERS:
        arguments = [meant(who, argument, caller) for argument in power.arguments]
        if caller in power.allowed:
            function.call(*arguments, {"from": who[caller]})
            continue
        error, *error_arguments = (meant(who, argument, caller) for argument in power.refusal)
        with reverts(error, *error_arguments):
            function.call(*arguments, {"from": who[caller]})


def test_tills_and_refunds_are_for_the_owner_and_an_objection_for_the_old_key(
    point, settlement, residents, who, memberships
):
    """The powers of the table that none of its callers has."""
    by_owner = {"from": who["shop"]}
    point.setTill.call(who["shop"], who["newcomer"], True, by_owner)
    point.paySigned(who["shop"], *who["signed payment"], by_owner)
    point.refund.call(who["shop"], who["sale"], who["payer"], [lot(JUNE, 1)], 1, by_owner)
    settlement.requestSettlement.call(point, who["shop"], by_owner)
    residents.objectToReplacement.call(CITY, 2, {"from": memberships.card("Two").account})


def test_naming_is_for_the_resident(contracts, who):
    """A power of the table that none of its callers has."""
    call = (who["holding"], CITY, who["member"], 0, b"")
    contracts["PartnerExchange"].nameMunicipality.call(*call, {"from": who["member"]})


def changing_functions(contract):
    return {
        item["name"]
        for item in read_artifact(contract).abi
        if item["type"] == "function" and item["stateMutability"] not in ("view", "pure")
    }


def test_every_contract_of_the_sources_is_asked():
    declared = [
        name
        for file in (ROOT / "contracts").rglob("*.sol")
        for name in re.findall(
            r"^(?:abstract )?contract (\w+)", file.read_text(encoding="utf-8"), re.MULTILINE
        )
    ]
    assert sorted(declared) == sorted(CONTRACTS)


@pytest.mark.parametrize("contract", CONTRACTS)
def test_every_function_is_an_act_or_in_the_table(contract):
    # grantRole and revokeRole only revert, and so are views.
    listed = {power.function for power in POWERS if power.contract == contract}
    listed -= {"grantRole", "revokeRole"}
    ways = THE_WAY if contract == "Officers" else set()
    assert changing_functions(contract) == listed | set(ACTS.get(contract, ())) | ways


def test_every_rule_of_the_chain_is_tried(officers, contracts):
    services = [officers.actsOfService(contracts[service]) for service in SERVED]
    deployed = {str(act) for acts in (officers.acts(), *services) for act in acts}
    in_tables = {getattr(contracts[contract], function).signature for contract, function in ACT_NAMES}
    assert deployed == in_tables


@pytest.mark.parametrize("contract", CONTRACTS)
def test_no_contract_takes_money(contract):
    takes = [
        item
        for item in read_artifact(contract).abi
        if item["type"] in ("fallback", "receive") or item.get("stateMutability") == "payable"
    ]
    assert takes == []
