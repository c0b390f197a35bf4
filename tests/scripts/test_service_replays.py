"""Replays of settlement and of the exchange: a service and its series have to tell the same."""

import pytest

from scripts.lib.exchange.terms import Terms
from scripts.lib.japan_calendar import start_of
from scripts.lib.node.event_log import Event
from scripts.lib.replays.bonus import BonusReplay
from scripts.lib.replays.everything import ZERO_ADDRESS, Replay, ReplayError
from scripts.lib.replays.exchange import ExchangeReplay
from scripts.lib.replays.programmes import ProgrammesReplay
from scripts.lib.replays.residents import ResidentsReplay
from scripts.lib.replays.settlement import SettlementReplay

SERVICE, SERIES = "0xservice", "0xseries"
BAKERY, SAKE_SHOP, RESIDENT = (f"0x{letter * 40}" for letter in "678")
CODE = 141305
MARCH = 326  # of 2027
DECEMBER = start_of(MARCH - 3)
JUNE = start_of(MARCH + 3)


def event(address, name, transaction, time=DECEMBER, /, **arguments):
    return Event(name, address, arguments, 1, time, transaction, 0)


def claim(name, transaction, merchant, points, earlier=0, time=DECEMBER):
    told = {"merchant": merchant, "thisYearPoints": points, "earlierYearsPoints": earlier}
    return event(SERIES, name, transaction, time, **told)


def step(name, transaction, time=DECEMBER, /, **told):
    return event(SERVICE, name, transaction, time, municipality=CODE, batch=1, **told)


NAMED = event(SERIES, "SettlementSet", "named", service=SERVICE)
LOCKED = [claim("ClaimLocked", "approved", BAKERY, 500), claim("ClaimLocked", "approved", SAKE_SHOP, 200)]
TOLD = {"fiscalYear": MARCH, "cutOff": DECEMBER, "claimCount": 2}
APPROVED = step("BatchApproved", "approved", series=SERIES, thisYearPoints=700, earlierYearsPoints=0, **TOLD)
SENT = step("BatchSent", "sent", fileHash=b"file")
BOUNCED = step("ClaimsBounced", "bounced", chunk=0, places=0b10, paper=b"slip")
OPEN = [NAMED, *LOCKED, APPROVED]


def settled(points, time=DECEMBER):
    books = {"thisYearBook": MARCH, "earlierYearsBook": 0, "earlierYearsPoints": 0}
    return step("BatchSettled", "settled", time, paper=b"paper", thisYearPoints=points, **books)


def burned(merchant, points):
    return event(SERIES, "Settled", "settled", merchant=merchant, amountPoints=points)


def replayed(replay, events):
    for each in events:
        replay.apply(each)
    replay.finish()
    return replay


def test_settlement_follows_a_batch_through_a_bounce_to_its_end():
    back = claim("ClaimUnlocked", "bounced", SAKE_SHOP, 200)
    end = [settled(500), burned(BAKERY, 500)]
    replay = replayed(SettlementReplay(SERVICE), [*OPEN, SENT, BOUNCED, back, *end])
    assert (replay.batches[1].state, replay.settled[SERIES, MARCH]) == ("settled", 500)


def test_settlement_takes_what_comes_back_in_april_for_a_part_of_earlier_years():
    april = start_of(MARCH + 1)
    bounced = BOUNCED._replace(time=april)
    back = claim("ClaimUnlocked", "bounced", SAKE_SHOP, 0, 200, time=april)
    assert replayed(SettlementReplay(SERVICE), [*OPEN, SENT, bounced, back]).batches[1].bounced == {1}


SETTLEMENT_CONTRADICTIONS = {
    "claims locked without a batch": [NAMED, *LOCKED],
    "a batch of claims locked in an earlier transaction": [
        NAMED,
        *(locked._replace(transaction="before") for locked in LOCKED),
        APPROVED,
    ],
    "claims unlocked by no step": [*OPEN, claim("ClaimUnlocked", "later", BAKERY, 500)],
    "a bounce that unlocks nothing": [*OPEN, SENT, BOUNCED],
    "a bounce that unlocks another's claim": [
        *OPEN,
        SENT,
        BOUNCED,
        claim("ClaimUnlocked", "bounced", BAKERY, 200),
    ],
    "a bounce that unlocks more": [*OPEN, SENT, BOUNCED, claim("ClaimUnlocked", "bounced", SAKE_SHOP, 201)],
    "a bounce that unlocks twice": [
        *OPEN,
        SENT,
        BOUNCED,
        *[claim("ClaimUnlocked", "bounced", SAKE_SHOP, 200)] * 2,
    ],
    "a payment that burns a part": [*OPEN, SENT, settled(700), burned(BAKERY, 500)],
    "a payment that burns the same claim twice": [*OPEN, SENT, settled(700), *[burned(BAKERY, 500)] * 2],
    "a payment before the file was sent": [*OPEN, settled(700), burned(BAKERY, 500), burned(SAKE_SHOP, 200)],
    "a payment into books that have closed": [*OPEN, SENT, settled(700, JUNE)],
    "a paper used twice": [*OPEN, SENT, step("ClaimsBounced", "b", chunk=0, places=1, paper=b"file")],
    "unknown event": [step("Surprise", "1")],
}


@pytest.mark.parametrize("fault", SETTLEMENT_CONTRADICTIONS)
def test_settlement_that_contradicts_its_series_is_refused(fault):
    with pytest.raises(ReplayError):
        replayed(SettlementReplay(SERVICE), SETTLEMENT_CONTRADICTIONS[fault])


TWO_BOUNCED = [
    step("ClaimsBounced", "bounced", chunk=0, places=0b01, paper=b"slip"),
    claim("ClaimUnlocked", "bounced", BAKERY, 500),
    step("ClaimsBounced", "bounced", chunk=0, places=0b10, paper=b"slip"),
    claim("ClaimUnlocked", "bounced", SAKE_SHOP, 200),
]
ONE_BOUNCED = [BOUNCED, claim("ClaimUnlocked", "bounced", SAKE_SHOP, 200)]


def closed(transaction, time):
    return event(SERVICE, "YearClosed", transaction, time, series=SERIES, fiscalYear=MARCH, yearEnd=())


def test_settlement_takes_claims_that_come_back_on_one_paper_in_one_act():
    assert replayed(SettlementReplay(SERVICE), [*OPEN, SENT, *TWO_BOUNCED]).batches[1].bounced == {0, 1}


FALSE_SETTLEMENTS = {
    "a bank's slip used again in a later act": (
        [*OPEN, SENT, *ONE_BOUNCED, step("ClaimsBounced", "later", chunk=0, places=0b01, paper=b"slip")],
        "the paper was used for batch 1",
    ),
    "a payment of another sum than is left": ([*OPEN, SENT, settled(699)], r"comes to \(700, 0\)"),
    "a payment of all though a part came back": (
        [*OPEN, SENT, *ONE_BOUNCED, settled(700)],
        r"comes to \(500, 0\)",
    ),
    "a bounce of a claim that the batch does not have": (
        [*OPEN, SENT, step("ClaimsBounced", "bounced", chunk=0, places=0b100, paper=b"slip")],
        "claims that hold nothing",
    ),
    "a bounce of a claim that had bounced": (
        [*OPEN, SENT, *ONE_BOUNCED, step("ClaimsBounced", "later", chunk=0, places=0b11, paper=b"other")],
        "had come back before",
    ),
    "a year closed while its books are open": ([closed("closed", JUNE - 1)], "the books were open"),
    "a year closed twice": ([closed("closed", JUNE), closed("again", JUNE)], "closed before"),
}


@pytest.mark.parametrize("fault", FALSE_SETTLEMENTS)
def test_settlement_that_could_not_be_is_refused_with_the_reason(fault):
    events, why = FALSE_SETTLEMENTS[fault]
    with pytest.raises(ReplayError, match=why):
        replayed(SettlementReplay(SERVICE), events)


def test_settlement_passes_over_series_that_named_another_service():
    elsewhere = [event(SERIES, "SettlementSet", "named", service="0xother"), *LOCKED]
    assert not replayed(SettlementReplay(SERVICE), elsewhere).batches


# ------------------------------------------------------------------------------------------------- exchange

AGREED = [
    event(SERVICE, "PartnerRegistered", "1", partner=1, key="0xkey", name="そら航空"),
    event(SERVICE, "ExchangeSeriesSet", "2", municipality=CODE, series=SERIES),
    event(
        SERVICE, "PartnerAccepted", "3", municipality=CODE, partner=1, terms=Terms(DECEMBER, expiry_months=12)
    ),
    event(
        SERVICE,
        "CouponIssued",
        "4",
        partner=1,
        coupon="0xcoupon",
        municipality=CODE,
        points=300,
        validUntil=JUNE,
    ),
]
COUPON = {"partner": 1, "coupon": "0xcoupon", "municipality": CODE, "number": 1, "account": RESIDENT}
REDEEMED = event(SERVICE, "CouponRedeemed", "redeemed", points=300, expiryMonth=MARCH + 9, **COUPON)


def minted(month=MARCH + 9, points=300, account=RESIDENT, transaction="redeemed", by=SERVICE):
    told = {"minter": by, "expiryMonth": month, "amountPoints": points}
    moved = {"from": ZERO_ADDRESS, "to": account, "value": points}
    return event(SERIES, "Minted", transaction, **told), event(SERIES, "Transfer", transaction, **moved)


def test_exchange_follows_a_coupon_into_a_residents_lot():
    replay = replayed(ExchangeReplay(SERVICE), [*AGREED, REDEEMED, *minted()])
    assert replay.minted[CODE, RESIDENT, MARCH + 9] == 300


def test_exchange_passes_over_what_others_mint():
    replayed(ExchangeReplay(SERVICE), [*AGREED, *minted(by="0xminter")])


EXCHANGE_CONTRADICTIONS = {
    "a coupon that minted nothing": [*AGREED, REDEEMED],
    "a mint of which the service tells nothing": [*AGREED, *minted()],
    "a mint in another transaction": [*AGREED, REDEEMED, *minted(transaction="later")],
    "more minted than told": [*AGREED, REDEEMED, *minted(points=301)],
    "minted twice": [*AGREED, REDEEMED, *minted(), *minted()],
    "minted to somebody else": [*AGREED, REDEEMED, *minted(account=BAKERY)],
    "minted with another month": [*AGREED, REDEEMED, *minted(month=MARCH + 21)],
    "no points minted for nobody": [*AGREED, minted(points=0)[0]],
    "a coupon redeemed twice": [*AGREED, REDEEMED, *minted(), REDEEMED],
}


@pytest.mark.parametrize("fault", EXCHANGE_CONTRADICTIONS)
def test_exchange_that_contradicts_its_series_is_refused(fault):
    with pytest.raises(ReplayError):
        replayed(ExchangeReplay(SERVICE), EXCHANGE_CONTRADICTIONS[fault])


# ----------------------------------------------------------------------------------------- what is empty


@pytest.mark.parametrize("replay", [ProgrammesReplay(SERVICE), BonusReplay(SERVICE, {}, ResidentsReplay())])
@pytest.mark.parametrize("points", [0, 300])
def test_minted_of_a_service_that_is_followed_by_nothing_is_refused(replay, points):
    [alone, _] = minted(points=points)
    with pytest.raises(ReplayError, match=r"for no row|no award calls"):
        replayed(replay, [alone])


def test_second_minted_before_the_rows_of_the_first_is_refused_and_names_the_first():
    [first, _], [second, _] = minted(points=0), minted(points=300)
    with pytest.raises(ReplayError) as refused:
        replayed(ProgrammesReplay(SERVICE), [first, second])
    assert refused.value.event is first


def test_minted_of_anybody_else_may_be_empty():
    [alone, _] = minted(points=0, by="0xminter")
    replayed(ProgrammesReplay(SERVICE), [alone])
    replayed(BonusReplay(SERVICE, {}, ResidentsReplay()), [alone])


# ----------------------------------------------------------------------------------------- the whole platform


@pytest.mark.parametrize(
    ("contract", "change"),
    [("MerchantSettlement", SENT), ("PartnerExchange", AGREED[1])],
    ids=["settlement", "exchange"],
)
def test_step_of_a_service_without_an_act_of_officers_is_refused(contract, change):
    replay = Replay("0xplatform", "0xofficers", "0xresidents", services={SERVICE: contract})
    if contract == "MerchantSettlement":
        replay.services[SERVICE] = replayed(SettlementReplay(SERVICE), OPEN)
    replay.apply(change)
    with pytest.raises(ReplayError, match="no act of officers"):
        replay.finish()
