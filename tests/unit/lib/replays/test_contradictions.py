"""Events that could not be are refused with the reason: no chain of ours tells them."""

import pytest

from scripts.lib.exchange.terms import Campaign, Terms
from scripts.lib.expiry_rule import ExpiryRule
from scripts.lib.japan_calendar import start_of
from scripts.lib.node.event_log import Event
from scripts.lib.replays.error import ReplayError
from scripts.lib.replays.exchange import HOLDING_SECONDS, ExchangeReplay, holding_id
from scripts.lib.replays.programmes import ProgrammesReplay
from scripts.lib.replays.residents import ResidentsReplay

SERVICE, SERIES, OTHER, NOBODY = (f"0x{digit * 40}" for digit in "3120")
ALICE, BOB, NEW_CARD = (f"0x{letter * 40}" for letter in "abc")
CODE, ELSEWHERE = 141305, 212032
MARCH = 326  # of 2027
DECEMBER = start_of(MARCH - 3)
DAY = 24 * 60 * 60


def told(name, /, at=DECEMBER, by=SERVICE, of="transaction", **arguments):
    return Event(name, by, arguments, 1, at, of, 0)


def refusal_of(replay, events):
    """What the replay says of the last event; those before it may be."""
    *before, last = events
    for each in before:
        replay.apply(each)
    with pytest.raises(ReplayError) as refused:
        replay.apply(last)
    assert refused.value.event is last
    return refused.value.why


# ------------------------------------------------------------------------------------------------- exchange

PAIR = {"municipality": CODE, "partner": 1}
REGISTERED = told("PartnerRegistered", partner=1, key="0xkey", name="そら航空")
LIMITED = Terms(
    DECEMBER, fee=10, numerator=1, denominator=2, daily_limit=100, yearly_limit=100, outstanding_limit=60
)
AGREED = [
    REGISTERED,
    told("ExchangeSeriesSet", municipality=CODE, series=SERIES),
    told("PartnerAccepted", **PAIR, terms=LIMITED),
]


def exchanged(reference=b"1", points=50, partner_points=110, bonus=0, number=1, at=DECEMBER, **changed):
    holding = holding_id(1, reference)
    names = {"holding": holding, "partnerReference": reference, "number": number, **PAIR} | changed
    return told("Exchanged", at, **names, partnerPoints=partner_points, points=points, bonusPoints=bonus)


def delivered(points=50, at=DECEMBER, **changed):
    names = {"holding": holding_id(1, b"1"), **PAIR, "number": 1, "account": ALICE} | changed
    rest = {"bonusPoints": 0, "bonusOwedPoints": 0, "expiryMonth": MARCH + 9} | {
        name: changed[name] for name in changed if name in ("bonusPoints", "bonusOwedPoints", "expiryMonth")
    }
    return told("Delivered", at, **(names | rest), points=points)


def coupon(name, points=50, at=DECEMBER, **changed):
    names = {**PAIR, "coupon": "0xcoupon", "points": points} | changed
    return told(name, at, **names)


ISSUED = coupon("CouponIssued", validUntil=DECEMBER + DAY)
REDEEMED = {"number": 1, "account": ALICE, "expiryMonth": MARCH + 9}
CAMPAIGN = Campaign(DECEMBER, DECEMBER + DAY, 1, 10, 3, number=1)
OPENED = told("CampaignOpened", **PAIR, campaign=CAMPAIGN)
KEPT = {"holding": holding_id(1, b"1")}
RECEIPT = {**PAIR, "bankReferenceHash": b"bank", "receivedPoints": 5}

EXCHANGE = {
    "second partner with the first's number": ([REGISTERED, REGISTERED], "the next partner is 2"),
    "terms of yesterday": ([told("PartnerAccepted", **PAIR, terms=Terms(DECEMBER - 1))], "in the past"),
    "terms of a partner that nobody registered": (
        [told("PartnerAccepted", **PAIR, terms=LIMITED)],
        "no such partner",
    ),
    "campaign of another number": (
        [told("CampaignOpened", **PAIR, campaign=CAMPAIGN._replace(number=2))],
        "the campaign before was None",
    ),
    "campaign that was used before": (
        [told("CampaignOpened", **PAIR, campaign=CAMPAIGN._replace(used=1))],
        "the campaign before",
    ),
    "exchange before terms": ([REGISTERED, exchanged()], "no terms were in force"),
    "exchange with a stopped partner": (
        [*AGREED, told("PartnerStopped", DECEMBER + DAY, **PAIR), exchanged(at=DECEMBER + DAY)],
        "no terms were in force",
    ),
    "exchange with a suspended partner": (
        [*AGREED, told("PartnerSuspended", partner=1, suspended=True), exchanged()],
        "the partner was suspended",
    ),
    "holding of another reference": ([*AGREED, exchanged(holding=b"other")], "not the reference's"),
    "reference used again": ([*AGREED, exchanged(), exchanged()], "used before"),
    "more points than the terms make": ([*AGREED, exchanged(points=51)], "the terms make 50 points"),
    "bonus without a campaign": ([*AGREED, exchanged(bonus=1)], "the campaign makes 0 points"),
    "bonus beyond the campaign's budget": ([*AGREED, OPENED, exchanged(bonus=5)], "makes 3 points"),
    "bonus after the campaign was ended": (
        [*AGREED, OPENED, told("CampaignEnded", **PAIR), exchanged(bonus=3)],
        "makes 0 points",
    ),
    "more in a day than the terms allow": (
        [*AGREED, exchanged(partner_points=212, points=101)],
        "the resident got 101 of 100",
    ),
    "more owed than the partner may": (
        [*AGREED, exchanged(), exchanged(b"2", number=2)],
        "the partner owes 100 of 60",
    ),
    "delivery of what was never held": ([*AGREED, delivered()], "nothing was held"),
    "delivery of other points": ([*AGREED, exchanged(), delivered(51)], "exchanged were"),
    "delivery to a neighbour": ([*AGREED, exchanged(), delivered(number=2)], "they were resident 1's"),
    "delivery with a bonus": ([*AGREED, exchanged(), delivered(bonusPoints=1)], "the bonus is 0"),
    "delivery that ends in another month": (
        [*AGREED, exchanged(), delivered(expiryMonth=MARCH)],
        f"the points end with month {MARCH + 9}",
    ),
    "delivery elsewhere without terms there": (
        [*AGREED, exchanged(), delivered(municipality=ELSEWHERE)],
        "no terms were in force",
    ),
    "kept for being nothing, which it is not": (
        [*AGREED, exchanged(), told("Kept", **KEPT, issue=1)],
        "the points were",
    ),
    "kept for being too early, after 14 days": (
        [*AGREED, exchanged(), told("Kept", DECEMBER + HOLDING_SECONDS, **KEPT, issue=2)],
        "the 14 days had passed",
    ),
    "returned without a policy": ([*AGREED, exchanged(), told("Returned", **KEPT, points=50)], "0 days"),
    "returned a day early": (
        [
            *AGREED,
            told("ReturnPolicySet", municipality=CODE, returnAfterDays=60),
            exchanged(),
            told("Returned", DECEMBER + 59 * DAY, **KEPT, points=50),
        ],
        "60 days",
    ),
    "coupon issued twice": ([*AGREED, ISSUED, ISSUED], "issued before"),
    "coupon redeemed for more": (
        [*AGREED, ISSUED, coupon("CouponRedeemed", 51, **REDEEMED)],
        "the coupon was",
    ),
    "coupon redeemed too late": (
        [*AGREED, ISSUED, coupon("CouponRedeemed", at=DECEMBER + DAY + 1, **REDEEMED)],
        f"the coupon was for {CODE}",
    ),
    "coupon of everywhere beyond what the partner may owe": (
        [
            *AGREED,
            coupon("CouponIssued", 61, municipality=0, validUntil=DECEMBER + DAY),
            coupon("CouponRedeemed", 61, **REDEEMED),
        ],
        "the partner owes 61 of 60",
    ),
    "coupon closed as expired while it is good": (
        [*AGREED, ISSUED, coupon("CouponClosed", expired=True)],
        f"the coupon was for {CODE}",
    ),
    "bank reference recorded twice": (
        [told("ReceiptRecorded", **RECEIPT), told("ReceiptRecorded", **RECEIPT)],
        "recorded before",
    ),
    "receipt reversed by another amount": (
        [told("ReceiptRecorded", **RECEIPT), told("ReceiptReversed", **(RECEIPT | {"receivedPoints": 4}))],
        "recorded was (1, 5)",
    ),
    "domain that changes": ([told("EIP712DomainChanged")], "never changes"),
    "event of no meaning": ([told("Surprise")], "does not know"),
}


@pytest.mark.parametrize("fault", EXCHANGE)
def test_exchange_that_could_not_be_is_refused_with_the_reason(fault):
    events, why = EXCHANGE[fault]
    assert why in refusal_of(ExchangeReplay(SERVICE), events)


def test_bonus_of_a_campaign_goes_down_with_what_it_paid_and_up_when_the_points_go_elsewhere():
    replay = ExchangeReplay(SERVICE)
    for each in (*AGREED, OPENED, exchanged(bonus=3)):
        replay.apply(each)
    assert replay.campaigns[CODE, 1].used == 3
    there = {"municipality": ELSEWHERE, "partner": 1}
    replay.apply(told("ExchangeSeriesSet", municipality=ELSEWHERE, series=OTHER))
    replay.apply(told("PartnerAccepted", **there, terms=LIMITED))
    replay.apply(delivered(**there, number=7))
    assert replay.campaigns[CODE, 1].used == 0


# ----------------------------------------------------------------------------------------------- programmes

TERMS = (SERIES, "給付", "川崎市", DECEMBER, DECEMBER + DAY, 100, 150, ExpiryRule.THIS_FISCAL_YEAR, 0, b"")
OPEN = told("ProgrammeOpened", municipality=CODE, programme=1, terms=TERMS)
BUDGET = {"programme": 1, "fiscalYear": MARCH}
FIRST = told("OccurrenceOpened", programme=1, occurrence=1, label="第1回")
SECOND = told("OccurrenceOpened", programme=1, occurrence=2, label="第2回")


def approved(batch=1, occurrence=1, total=200, at=DECEMBER, year=MARCH, ends=MARCH, rows=2):
    names = {
        "programme": 1,
        "occurrence": occurrence,
        "batch": batch,
        "fiscalYear": year,
        "expiryMonth": ends,
    }
    return told("BatchApproved", at, **names, terms=(b"root", rows, total, b"file"))


PEOPLE = [
    told("ResidentRegistered", by=OTHER, municipality=CODE, account=account, number=number)
    for number, account in ((1, ALICE), (2, BOB))
]
READY = [OPEN, told("BudgetSet", **BUDGET, points=400), FIRST, SECOND, *PEOPLE, approved()]


def granted(
    *accounts, of="run", points=100, series=SERIES, month=MARCH, batch=1, first=0, rows=None, at=DECEMBER
):
    """What series and service tell of a run that grants to accounts."""
    mint = {"minter": SERVICE, "expiryMonth": month, "amountPoints": points * len(accounts)}
    yield told("Minted", at, series, of, **mint)
    for account in accounts:
        yield told("Transfer", at, series, of, **{"from": NOBODY, "to": account, "value": points})
    counted = {"grantedRows": len(accounts), "grantedPoints": points * len(accounts)}
    yield told("RowsRun", at, SERVICE, of, batch=batch, firstRow=first, rows=rows or len(accounts), **counted)


def changed(events, **arguments):
    """The events, the last with other arguments."""
    *before, last = events
    return [*before, last._replace(arguments=last.arguments | arguments)]


STOPPED = told("BatchStopped", batch=1, releasedPoints=200)
SKIPPED = {"batch": 1, "row": 0, "number": 1}
REVOKED = {"batch": 1, "row": 0, "number": 1, "receivablePoints": 0}
APRIL = start_of(MARCH + 1)

PROGRAMMES = {
    "programme that leaves a number out": (changed([OPEN], programme=2), "the next programme is 1"),
    "follower of no programme": ([told("ProgrammeFollowed", programme=1, series=OTHER)], "no such programme"),
    "follower of a series that is open": (
        [OPEN, told("ProgrammeFollowed", programme=1, series=OTHER)],
        "was not closed for this one",
    ),
    "budget of no programme": ([told("BudgetSet", **BUDGET, points=1)], "no such programme"),
    "budget below what is reserved": ([*READY, told("BudgetSet", **BUDGET, points=199)], "200 are reserved"),
    "occurrence of no programme": ([FIRST], "no such programme"),
    "occurrence of a label that was opened": (
        [OPEN, FIRST, changed([SECOND], label="第1回")[0]],
        "of this label had been opened",
    ),
    "batch of no occurrence": ([OPEN, approved()], "no such occurrence"),
    "batch of no programme": (
        [OPEN, approved()._replace(arguments=approved().arguments | {"programme": 0})],
        "no such occurrence",
    ),
    "batch for another fiscal year": ([*READY, approved(2, 2, year=MARCH + 12)], "another fiscal year"),
    "batch whose points end in another month": (
        [*READY, approved(2, 2, ends=MARCH + 1)],
        f"end with {MARCH}",
    ),
    "batch beyond the budget": ([*READY, approved(2, 2, total=201)], "the budget is 400, reserved 401"),
    "stopped batch that releases too much": (changed([*READY, STOPPED], releasedPoints=201), "0 of 200"),
    "run of a stopped batch": ([*READY, STOPPED, *granted(ALICE)], "it was stopped"),
    "run of a batch in the next fiscal year": ([*READY, *granted(ALICE, at=APRIL)], "the batch had died"),
    "run of more rows than the batch has": ([*READY, *granted(ALICE, BOB, first=1)], "rows were not skipped"),
    "run of more rows than anybody could count": (
        [*READY, *granted(ALICE, rows=2**60)],
        f"{2**60} rows were not skipped, 1 were granted",
    ),
    "run that granted fewer than it says": ([*READY, *granted(ALICE, rows=2)], "2 rows were not skipped"),
    "run that tells other points": (
        changed([*READY, *granted(ALICE)], grantedPoints=101),
        "the series granted",
    ),
    "run without a mint": ([*READY, list(granted(ALICE))[-1]], "no Minted of this service"),
    "run of another series' points": ([*READY, *granted(ALICE, series=OTHER)], f"the points are of {OTHER}"),
    "run of points of another month": ([*READY, *granted(ALICE, month=MARCH + 1)], "the points end with"),
    "grant to nobody": ([*READY, *granted(NEW_CARD)], "is no resident's"),
    "grant of other points than the programme's": ([*READY, *granted(ALICE, points=99)], "grants 100"),
    "grant twice for an occurrence": (
        [*READY, *granted(ALICE, of="1"), *granted(ALICE, of="2", first=1)],
        "had been granted for this occurrence",
    ),
    "grant beyond the cap of a resident": (
        [*READY, *granted(ALICE, of="1"), approved(2, 2), *granted(ALICE, of="2", batch=2)],
        "resident 1 has 200 of 150",
    ),
    "more granted than the batch had": (
        [*READY[:-1], approved(total=100), *granted(ALICE, BOB)],
        "200 were granted of 100",
    ),
    "skipped for another reason than the grant": (
        [*READY, *granted(ALICE), told("RowSkipped", **SKIPPED, issue=1)],
        "had been granted before",
    ),
    "revoked grant that never was": (
        [*READY, told("GrantRevoked", **REVOKED, takenPoints=1)],
        "has not granted this row",
    ),
    "revoked more than was granted": (
        [*READY, *granted(ALICE), told("GrantRevoked", **REVOKED, takenPoints=101)],
        "the grant was 100",
    ),
    "event of no meaning": ([told("Surprise")], "does not know"),
}


@pytest.mark.parametrize("fault", PROGRAMMES)
def test_grant_that_could_not_be_is_refused_with_the_reason(fault):
    events, why = PROGRAMMES[fault]
    assert why in refusal_of(ProgrammesReplay(SERVICE), events)


def test_grant_that_may_be_is_counted_and_what_is_revoked_is_taken_off():
    replay = ProgrammesReplay(SERVICE)
    for each in (*READY, *granted(ALICE, BOB), told("GrantRevoked", **REVOKED, takenPoints=30)):
        replay.apply(each)
    replay.finish()
    assert (replay.in_year[1, MARCH, 1], replay.in_year[1, MARCH, 2]) == (70, 100)
    assert replay.batches[1].granted_points == 200


def test_programme_goes_on_with_the_successor_of_its_series():
    replay = ProgrammesReplay(SERVICE)
    closed = told("SeriesClosed", by=SERIES, successor=OTHER)
    for each in (OPEN, closed, told("ProgrammeFollowed", programme=1, series=OTHER)):
        replay.apply(each)
    assert replay.programmes[1].series == OTHER


# ------------------------------------------------------------------------------------------------ residents

MEMBER = {"municipality": CODE, "number": 1}
JOINED = told("ResidentRegistered", **MEMBER, account=ALICE, commitment=b"alice", keyVersion=1)
BOB_JOINED = told(
    "ResidentRegistered", municipality=CODE, number=2, account=BOB, commitment=b"bob", keyVersion=1
)
MOVE = {**MEMBER, "oldAccount": ALICE, "newAccount": NEW_CARD, "readyAt": DECEMBER + DAY, "heirNumber": 0}
STARTED = told("ReplacementStarted", **MOVE)
MOVED = {**MEMBER, "oldAccount": ALICE, "newAccount": NEW_CARD}
CLOSED, REOPENED = told("MembershipClosed", **MEMBER), told("MembershipReopened", **MEMBER)

RESIDENTS = {
    "number left out": ([BOB_JOINED], "the next number is 1"),
    "account of a resident": (changed([JOINED, BOB_JOINED], account=ALICE), "is or was a resident's"),
    "person of two memberships": (changed([JOINED, BOB_JOINED], commitment=b"alice"), "has a membership"),
    "act on nobody": ([CLOSED], "no such resident"),
    "act on a membership that ended": ([JOINED, CLOSED, STARTED], "the membership had ended"),
    "key version that goes back": (
        [JOINED, told("CommitmentRotated", **MEMBER, commitment=b"new", keyVersion=1)],
        "the key version was 1",
    ),
    "second move at a time": ([JOINED, STARTED, STARTED], "another move is under way"),
    "move from another account": (changed([JOINED, STARTED], oldAccount=BOB), f"the account is {ALICE}"),
    "move without a delay": (changed([JOINED, STARTED], readyAt=DECEMBER), "it has no delay"),
    "stop of nothing": (
        [JOINED, told("ReplacementStopped", **MEMBER, byOldKey=False)],
        "nothing was under way",
    ),
    "move that was not ready": (
        [JOINED, STARTED, told("AccountReplaced", **MOVED)],
        "no such move was ready",
    ),
    "move to another account": (
        [JOINED, STARTED, told("AccountReplaced", DECEMBER + DAY, **(MOVED | {"newAccount": BOB}))],
        f"it should have moved to {NEW_CARD}",
    ),
    "inheritance of an open membership": (
        [
            JOINED,
            BOB_JOINED,
            changed([STARTED], heirNumber=2)[0],
            told("AccountReplaced", DECEMBER + DAY, **(MOVED | {"newAccount": BOB})),
        ],
        "if, and only if, somebody inherits",
    ),
    "reopening of an open membership": ([JOINED, REOPENED], "the membership was open"),
    "domain that changes": ([told("EIP712DomainChanged")], "never changes"),
    "event of no meaning": ([told("Surprise")], "does not know"),
}


@pytest.mark.parametrize("fault", RESIDENTS)
def test_register_that_could_not_be_is_refused_with_the_reason(fault):
    events, why = RESIDENTS[fault]
    assert why in refusal_of(ResidentsReplay(), events)


def test_commitment_under_a_new_key_is_the_membership_s():
    replay = ResidentsReplay()
    for each in (JOINED, told("CommitmentRotated", **MEMBER, commitment=b"new", keyVersion=2)):
        replay.apply(each)
    membership = replay.memberships[CODE, 1]
    assert (membership.commitment, membership.key_version) == (b"new", 2)


def test_account_that_nobody_registered_is_not_blocked_and_a_moving_one_is():
    replay = ResidentsReplay()
    for each in (JOINED, STARTED):
        replay.apply(each)
    assert [replay.is_blocked(CODE, account, DECEMBER) for account in (ALICE, BOB)] == [True, False]


def test_account_of_a_person_who_had_a_membership_is_not_taken():
    """What was refused leaves nothing behind for an auditor to stumble over."""
    replay = ResidentsReplay()
    replay.apply(JOINED)
    with pytest.raises(ReplayError, match="the person has a membership"):
        replay.apply(BOB_JOINED._replace(arguments=BOB_JOINED.arguments | {"commitment": b"alice"}))
    assert list(replay.numbers) == [(CODE, ALICE)] and not replay.is_blocked(CODE, BOB, DECEMBER)


def test_departure_policy_is_the_town_s_own():
    replay = ResidentsReplay()
    replay.apply(told("DeparturePolicySet", municipality=CODE, policy=2))
    assert replay.departure_policies == {CODE: 2}


def test_membership_that_is_reopened_is_the_persons_again():
    replay = ResidentsReplay()
    for each in (JOINED, CLOSED, REOPENED):
        replay.apply(each)
    assert replay.account_of(CODE, 1) == ALICE
