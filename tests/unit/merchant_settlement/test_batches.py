"""`approveClaims`, `cancelBatch`, `markSent`, `settle`, `bounce`, `reopen`: from a claim to yen, and back."""

from types import SimpleNamespace

import pytest

from scripts.lib.claim_word import CHUNK, MAX_CLAIMS, ClaimPart
from tests.support.clock import HOUR, MARCH, now, to_month, to_month_end
from tests.support.reading import ZERO_ADDRESS, events
from tests.support.reverts import reverts
from tests.support.settlement_fixtures import paper, parts, place_of
from tests.support.town import CITY, NEIGHBOUR

NEXT_APRIL, NEXT_MARCH = MARCH + 1, MARCH + 12
NONE, APPROVED, SENT, SETTLED, CANCELLED = range(5)


@pytest.fixture
def words(earn, shop, other_shop):
    """Claims of two shops, of which each has earned more."""
    earn(shop, 100)
    earn(other_shop, 200)
    return parts((shop, 60), (other_shop, 150))


@pytest.fixture
def approved(books, words):
    return books.approve(MARCH, now(), words)


@pytest.fixture
def sent(books, approved):
    books.send(approved)
    return approved


@pytest.fixture
def settled(books, sent, words):
    books.settle(sent, words)
    return sent


# ------------------------------------------------------------------------------------------------- APPROVE


def test_approve_locks_and_is_logged(settlement, point, words, act_maker, shop, other_shop):
    done = settlement.approveClaims(CITY, point, MARCH, now(), words, {"from": act_maker})
    assert events(done)[-1] == ("BatchApproved", CITY, 1, point, MARCH, now(), 2, 210, 0)
    assert (point.claimOf(shop), point.claimOf(other_shop)) == ((40, 0, 60), (50, 0, 150))
    batch = (point, CITY, APPROVED, MARCH, 2, now(), 210, 0, "0x" + "00" * 32)
    assert settlement.batchOf(1) == batch


def test_approve_of_more_than_is_left_takes_what_is_left(books, settlement, point, words, shop, other_shop):
    """A refund, or another batch, has come between the list and the approval."""
    books.approve(MARCH, now(), parts((other_shop, 199)))
    second = books.approve(MARCH, now(), words)
    assert settlement.batchOf(second)[6:8] == (61, 0)
    locked = parts((shop, 60), (other_shop, 1))
    books.send(second)
    with reverts("SettlementOtherClaims", second, 0):
        books.settle(second, words)
    books.settle(second, locked)
    assert point.claimOf(other_shop) == (0, 0, 199)


def test_approve_with_a_merchant_twice_or_out_of_order_reverts(books, words, shop):
    with reverts("SettlementOrder", 1, shop):
        books.approve(MARCH, now(), [*parts((shop, 10)), *parts((shop, 20))])
    first = ClaimPart.of(words[0]).merchant
    with reverts("SettlementOrder", 1, first):
        books.approve(MARCH, now(), words[::-1])
    with reverts("SettlementOrder", 0, ZERO_ADDRESS):
        books.approve(MARCH, now(), [1])


def test_approve_of_nothing_reverts(books, shop, other_shop):
    with reverts("SettlementClaimCount", 0, MAX_CLAIMS):
        books.approve(MARCH, now(), [])
    with reverts("SettlementNothingOwed"):
        books.approve(MARCH, now(), parts((shop, 10), (other_shop, 10)))


def test_approve_of_more_claims_than_one_transaction_could_settle_reverts(books):
    """Approving costs less than settling: what is with the bank could else never be burned."""
    shops = [f"0x{0xABC000000000 + place:040x}" for place in range(MAX_CLAIMS + 1)]
    words = parts(*((shop, 1) for shop in shops))
    with reverts("SettlementClaimCount", MAX_CLAIMS + 1, MAX_CLAIMS):
        books.approve(MARCH, now(), words)
    with reverts("PointNotMerchant", shops[0]):
        books.approve(MARCH, now(), words[:-1])


def test_approve_of_a_claim_whose_parts_have_too_many_bits_reverts(books, shop):
    word = int(str(shop), 16) << 96 | (2**48 - 1) << 48 | 1
    with reverts("SettlementClaimTooLarge", shop):
        books.approve(MARCH, now(), [word])


def test_approve_of_a_list_of_march_on_1_april_reverts(books, words):
    """Else it would lock sales of April for those of March."""
    to_month(NEXT_APRIL)
    with reverts("SettlementFiscalYear", MARCH, NEXT_MARCH):
        books.approve(MARCH, now(), words)


def test_approve_with_a_cut_off_to_come_reverts(books, words):
    with reverts("SettlementCutOff", now() + 1, ZERO_ADDRESS):
        books.approve(MARCH, now() + 1, words)


def test_approve_up_to_31_march_takes_nothing_of_april(books, settlement, earn, words, shop):
    to_month_end(MARCH)
    cut_off = now()
    to_month(NEXT_APRIL)
    earn(shop, 5)
    with reverts("SettlementCutOff", cut_off, shop):
        books.approve(NEXT_MARCH, cut_off, parts((shop, 5, 100)))
    batch = books.approve(NEXT_MARCH, cut_off, parts((shop, 0, 100)))
    assert settlement.batchOf(batch)[6:8] == (0, 100)


def test_approve_for_a_series_of_another_town_reverts(settlement, point, words, act_maker):
    with reverts("SettlementForeignSeries", NEIGHBOUR, point):
        settlement.approveClaims(NEIGHBOUR, point, MARCH, now(), words, {"from": act_maker})


def test_approve_for_a_series_that_has_named_no_service_reverts(books, point, settlement, words, act_maker):
    point.setSettlement(ZERO_ADDRESS, {"from": act_maker})
    with reverts("PointNotSettlement", settlement):
        books.approve(MARCH, now(), words)


def test_steps_in_a_pause_that_move_points_revert(books, point, words, sent, act_maker, shop):
    other = books.approve(MARCH, now(), parts((shop, 1)))
    point.pause(HOUR, {"from": act_maker})
    for step in (
        lambda: books.approve(MARCH, now(), words),
        lambda: books.cancel(other, parts((shop, 1))),
        lambda: books.settle(sent, words),
        lambda: books.bounce(sent, words, shop),
    ):
        with reverts("PointPaused", now() + HOUR):
            step()
    books.send(other)  # moves nothing


# -------------------------------------------------------------------------------------------- CANCEL, SEND


def test_cancel_unlocks_all(books, settlement, point, approved, words, shop, other_shop):
    cancelled = books.cancel(approved, words)
    assert events(cancelled)[0] == ("BatchCancelled", CITY, approved)
    assert (point.claimOf(shop), point.claimOf(other_shop)) == ((100, 0, 0), (200, 0, 0))
    assert settlement.batchOf(approved)[2] == CANCELLED


def test_cancel_after_31_march_gives_the_old_year_back_its_part(books, point, earn, approved, words, shop):
    to_month(NEXT_APRIL)
    earn(shop, 7)
    books.cancel(approved, words)
    assert point.claimOf(shop) == (7, 100, 0)


def test_send_is_logged_with_the_file_s_hash(settlement, books, approved):
    sent = books.send(approved)
    assert events(sent) == [("BatchSent", CITY, approved, "0x" + paper(f"file {approved}").hex())]
    assert settlement.batchOf(approved)[2] == SENT


def test_steps_out_of_their_order_revert(books, approved, words, shop):
    for step in (
        lambda: books.settle(approved, words),
        lambda: books.bounce(approved, words, shop),
        lambda: books.reopen(approved, words, shop),
    ):
        with reverts("SettlementWrongState", approved, APPROVED):
            step()
    books.send(approved)
    for step in (
        lambda: books.send(approved, "another"),
        lambda: books.cancel(approved, words),
        lambda: books.reopen(approved, words, shop),
    ):
        with reverts("SettlementWrongState", approved, SENT):
            step()
    books.settle(approved, words)
    for step in (
        lambda: books.settle(approved, words, "again"),
        lambda: books.send(approved, "another"),
        lambda: books.cancel(approved, words),
        lambda: books.bounce(approved, words, shop),
    ):
        with reverts("SettlementWrongState", approved, SETTLED):
            step()


def test_steps_on_a_cancelled_batch_revert(books, approved, words):
    books.cancel(approved, words)
    for step in (lambda: books.send(approved), lambda: books.cancel(approved, words)):
        with reverts("SettlementWrongState", approved, CANCELLED):
            step()


def test_steps_by_another_town_or_on_no_batch_revert(settlement, approved, words, act_maker):
    for town, batch in ((NEIGHBOUR, approved), (CITY, approved + 1), (CITY, 0)):
        with reverts("SettlementUnknownBatch", town, batch):
            settlement.markSent(town, batch, paper("file"), {"from": act_maker})


# --------------------------------------------------------------------------------------------------- SETTLE


def test_settle_burns_what_was_locked_and_books_it(books, settlement, point, sent, words, shop, other_shop):
    supply = point.totalSupply()
    done = books.settle(sent, words)
    assert events(done)[0] == (
        "BatchSettled",
        CITY,
        sent,
        "0x" + paper(f"paid {sent}").hex(),
        MARCH,
        210,
        0,
        0,
    )
    assert [event for event in events(done) if event[0] == "Settled"] == [
        ("Settled", *claim[:2]) for claim in map(ClaimPart.of, words)
    ]
    assert (point.claimOf(shop), point.claimOf(other_shop)) == ((40, 0, 0), (50, 0, 0))
    assert (point.totalSupply(), settlement.booksOf(point, MARCH)) == (supply - 210, (210, 0, 0))


def test_settle_with_other_claims_reverts(books, sent, words, shop, other_shop):
    for other in (
        parts((shop, 61), (other_shop, 150)),
        parts((shop, 60)),
        [*words, 2**256 - 1],
        words[::-1],
        [],
    ):
        with reverts("SettlementOtherClaims", sent, 0):
            books.settle(sent, other)


def test_settle_twice_with_one_paper_reverts(books, settlement, earn, sent, words, act_maker, shop):
    books.settle(sent, words)
    earn(shop, 10)
    more = parts((shop, 10))
    second = books.approve(MARCH, now(), more)
    books.send(second)
    used = paper(f"paid {sent}")
    with reverts("SettlementPaperUsed", used, sent):
        settlement.settle(CITY, second, more, used, False, {"from": act_maker})


def test_file_or_paper_used_for_anything_serves_nothing_else(books, settlement, approved, words, act_maker):
    by_act = {"from": act_maker}
    settlement.markSent(CITY, approved, paper("A"), by_act)
    with reverts("SettlementPaperUsed", paper("A"), approved):
        settlement.settle(CITY, approved, words, paper("A"), False, by_act)
    with reverts("SettlementPaperUsed", paper("A"), approved):
        settlement.bounce(CITY, approved, 0, [1], words, paper("A"), by_act)
    settlement.settle(CITY, approved, words, paper("B"), False, by_act)
    with reverts("SettlementPaperUsed", paper("B"), approved):
        settlement.reopen(CITY, approved, 0, [1], words, paper("B"), by_act)
    assert settlement.batchOfPaper(CITY, paper("B")) == approved
    assert settlement.batchOfPaper(NEIGHBOUR, paper("B")) == 0


def test_paper_of_nothing_reverts(settlement, approved, act_maker):
    with reverts("SettlementNoPaper"):
        settlement.markSent(CITY, approved, bytes(32), {"from": act_maker})


def test_settle_of_a_shop_frozen_since_works(books, point, sent, words, shop, act_maker):
    """It has its yen."""
    point.freeze(shop, {"from": act_maker})
    books.settle(sent, words)
    assert point.claimOf(shop) == (40, 0, 0)


def test_settle_of_a_batch_that_bounced_whole_reverts(books, sent, words, shop, other_shop):
    books.bounce(sent, words, shop, other_shop)
    with reverts("SettlementNothingOwed"):
        books.settle(sent, words)


# --------------------------------------------------------------------------------------------------- BOUNCE


def test_bounce_unlocks_one_shop_and_settle_burns_the_rest(
    books, settlement, point, sent, words, shop, other_shop
):
    bounced = books.bounce(sent, words, shop)
    place = place_of(words, shop)
    slip = "0x" + paper("bounced").hex()
    assert events(bounced) == [
        ("ClaimsBounced", CITY, sent, 0, 1 << place, slip),
        ("ClaimUnlocked", shop, 60, 0),
    ]
    assert (point.claimOf(shop), settlement.cameBack(sent, 0)) == ((100, 0, 0), (1 << place, 0))
    books.settle(sent, words)
    assert (point.claimOf(shop), point.claimOf(other_shop)) == ((100, 0, 0), (50, 0, 0))
    assert settlement.booksOf(point, MARCH) == (150, 0, 0)


def test_bounce_twice_reverts(books, sent, words, shop, other_shop):
    books.bounce(sent, words, shop)
    wrong = 1 << place_of(words, shop)
    with reverts("SettlementPlaces", sent, 0, wrong):
        books.bounce(sent, words, shop, slip="again")
    with reverts("SettlementPlaces", sent, 0, wrong):
        books.bounce(sent, words, shop, other_shop, slip="again")


@pytest.mark.parametrize("places", [0, 4, 1 << 127, 1 << 128, 1 << 255])
def test_bounce_of_places_that_hold_no_claim_reverts(settlement, sent, words, act_maker, places):
    with reverts("SettlementPlaces", sent, 0, places):
        settlement.bounce(CITY, sent, 0, [places], words, paper("slip"), {"from": act_maker})


def test_bounce_of_a_claim_that_could_not_be_locked_reverts(books, point, words, shop, act_maker):
    point.freeze(shop, {"from": act_maker})
    batch = books.approve(MARCH, now(), words)
    books.send(batch)
    locked = [word >> 96 << 96 if word >> 96 == int(str(shop), 16) else word for word in words]
    with reverts("SettlementPlaces", batch, 0, 1 << place_of(words, shop)):
        books.bounce(batch, locked, shop)


def test_bounce_with_other_chunks_reverts(settlement, sent, words, act_maker):
    by_act = {"from": act_maker}
    for first, places, claims in (
        (0, [1], words[:1]),
        (0, [1], [*words, 1]),
        (1, [1], words),
        (0, [1, 1], words),
        (0, [], words),
        (0, [], []),
        (0, [1], []),
        (2**250, [1], words),
    ):
        with reverts("SettlementOtherClaims", sent, reverts_chunk(first, places, claims)):
            settlement.bounce(CITY, sent, first, places, claims, paper("slip"), by_act)


def reverts_chunk(first, places, claims):
    """The second chunk is missing where two are announced; else the first one is wrong."""
    return first + 1 if len(places) > 1 and claims else first


def test_bounce_after_31_march_gives_the_old_year_back_its_part(books, point, earn, sent, words, shop):
    to_month(NEXT_APRIL)
    earn(shop, 7)
    books.bounce(sent, words, shop)
    assert point.claimOf(shop) == (7, 100, 0)


def test_refund_or_transfer_of_a_locked_claim_is_short_and_after_a_bounce_is_not(
    books, point, sent, words, shop, other_shop, act_maker
):
    point.setTransferSwitches(False, True, {"from": act_maker})
    with reverts("ERC20InsufficientBalance", shop, 40, 41):
        point.transfer(other_shop, 41, {"from": shop})
    books.bounce(sent, words, shop)
    point.transfer(other_shop, 100, {"from": shop})


# --------------------------------------------------------------------------------------------------- REOPEN


def test_reopen_makes_a_settled_claim_owed_again_and_books_it_gross(
    books, settlement, point, settled, words, shop
):
    reopened = books.reopen(settled, words, shop)
    slip = "0x" + paper("came back").hex()
    assert events(reopened) == [
        ("ClaimsReopened", CITY, settled, 0, 1 << place_of(words, shop), slip),
        ("ClaimReopened", shop, 60, 0),
        ("Transfer", ZERO_ADDRESS, shop, 60),
    ]
    assert (point.claimOf(shop), settlement.booksOf(point, MARCH)) == ((100, 0, 0), (210, 0, 60))


def test_reopen_twice_reverts(books, settled, words, shop):
    books.reopen(settled, words, shop)
    with reverts("SettlementPlaces", settled, 0, 1 << place_of(words, shop)):
        books.reopen(settled, words, shop, slip="again")


def test_reopen_of_a_claim_that_had_bounced_reverts(books, sent, words, shop):
    books.bounce(sent, words, shop)
    books.settle(sent, words)
    with reverts("SettlementPlaces", sent, 0, 1 << place_of(words, shop)):
        books.reopen(sent, words, shop)


def test_reopen_after_31_march_is_owed_as_of_an_earlier_year(books, point, earn, settled, words, shop):
    to_month(NEXT_APRIL)
    earn(shop, 7)
    books.reopen(settled, words, shop)
    assert point.claimOf(shop) == (7, 100, 0)


def test_reopened_claim_is_paid_by_a_later_batch_and_comes_back_from_that_alone(
    books, point, settled, words, shop
):
    books.reopen(settled, words, shop)
    again = parts((shop, 60))
    second = books.approve(MARCH, now(), again)
    books.send(second)
    books.settle(second, again)
    books.reopen(second, again, shop, slip="a second time")
    with reverts("SettlementPlaces", settled, 0, 1 << place_of(words, shop)):
        books.reopen(settled, words, shop, slip="a third time")


# --------------------------------------------------------------------------------------------- MANY CHUNKS


@pytest.fixture
def crowd(point, earn, act_maker):
    """150 shops in ascending order, each with a claim of its own amount."""
    shops = [f"0x{0xABC000000000 + place:040x}" for place in range(CHUNK + 22)]
    for place, merchant in enumerate(shops):
        point.approveMerchant(merchant, 1, "店", "区", {"from": act_maker})
        earn(merchant, 100 + place)
    return shops


def test_claims_of_several_chunks_bounce_in_one_act_and_the_rest_settles(
    books, settlement, point, crowd, act_maker
):
    shops = crowd
    words = parts(*((merchant, 100 + place) for place, merchant in enumerate(shops)))
    batch = books.approve(MARCH, now(), words)
    books.send(batch)
    places = [1 << 5 | 1 << 127, 1 << 21]
    settlement.bounce(CITY, batch, 0, places, words, paper("slip"), {"from": act_maker})
    with reverts("SettlementPlaces", batch, 1, 1 << 21):
        last = words[CHUNK:]
        settlement.bounce(CITY, batch, 1, [1 << 21], last, paper("more"), {"from": act_maker})
    books.settle(batch, words)
    assert [point.balanceOf(shops[place]) for place in (4, 5, 6, 127, 128, 149)] == [0, 105, 0, 227, 0, 249]
    assert settlement.booksOf(point, MARCH)[0] == sum(range(100, 250)) - 105 - 227 - 249
    settlement.reopen(CITY, batch, 1, [1], words[CHUNK:], paper("late"), {"from": act_maker})
    assert point.balanceOf(shops[128]) == 228


@pytest.fixture(scope="module")
def street(point, act_maker):
    """Shops of three chunks."""
    shops = [f"0x{0xDEF000000000 + place:040x}" for place in range(2 * CHUNK + 3)]
    for merchant in shops:
        point.approveMerchant(merchant, 1, "店", "区", {"from": act_maker})
    return shops


@pytest.fixture
def far_apart(books, earn, street):
    """A batch of three chunks, sent; only the shops of places 3, 127, 256 and 258 are owed anything."""
    owed = {3: 30, 127: 40, 256: 50, 258: 60}
    for place, points in owed.items():
        earn(street[place], points)
    words = parts(*((merchant, owed.get(place, 0)) for place, merchant in enumerate(street)))
    batch = books.approve(MARCH, now(), words)
    books.send(batch)
    return SimpleNamespace(batch=batch, words=words, shops=street)


def test_one_slip_names_claims_of_chunks_that_are_not_side_by_side(
    settlement, books, point, far_apart, act_maker
):
    """The bank's slip counts once: a second act for the third chunk would need another."""
    batch, words, shops = far_apart.batch, far_apart.words, far_apart.shops
    bounced = settlement.bounce(
        CITY, batch, 0, [1 << 3, 0, 1 << 2], words, paper("slip"), {"from": act_maker}
    )
    slip = "0x" + paper("slip").hex()
    assert events(bounced) == [
        ("ClaimsBounced", CITY, batch, 0, 1 << 3, slip),
        ("ClaimsBounced", CITY, batch, 2, 1 << 2, slip),
        ("ClaimUnlocked", shops[3], 30, 0),
        ("ClaimUnlocked", shops[258], 60, 0),
    ]
    books.settle(batch, words)
    reopened = settlement.reopen(
        CITY, batch, 0, [1 << 127, 0, 1], words, paper("late slip"), {"from": act_maker}
    )
    assert [event[:5] for event in events(reopened) if event[0] == "ClaimsReopened"] == [
        ("ClaimsReopened", CITY, batch, 0, 1 << 127),
        ("ClaimsReopened", CITY, batch, 2, 1),
    ]
    assert [point.claimOf(shops[place])[0] for place in (3, 127, 256, 258)] == [30, 40, 50, 60]
    assert [settlement.cameBack(batch, chunk) for chunk in range(3)] == [(8, 1 << 127), (0, 0), (4, 1)]


@pytest.mark.parametrize(
    ("places", "wrong"), [([0, 0, 4], 0), ([8, 0, 0], 2), ([0, 0, 0], 0), ([8, 1, 4], 1)]
)
def test_chunk_that_is_brought_for_nothing_or_without_a_claim_reverts(
    settlement, far_apart, act_maker, places, wrong
):
    with reverts("SettlementPlaces", far_apart.batch, wrong, places[wrong]):
        settlement.bounce(
            CITY, far_apart.batch, 0, places, far_apart.words, paper("slip"), {"from": act_maker}
        )


def test_chunk_between_has_to_be_the_right_one(settlement, far_apart, act_maker):
    wrong = [*far_apart.words[:200], far_apart.words[200] + 1, *far_apart.words[201:]]
    with reverts("SettlementOtherClaims", far_apart.batch, 1):
        settlement.bounce(CITY, far_apart.batch, 0, [8, 0, 4], wrong, paper("slip"), {"from": act_maker})


def test_mark_sent_by_anybody_but_officers_reverts(settlement, approved, shop, council):
    for caller in (shop, council):
        with reverts("SettlementOnlyByAct", caller):
            settlement.markSent(CITY, approved, bytes(32), {"from": caller})
