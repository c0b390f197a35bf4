"""What only the whole platform shows: points and shops on their way from a series to its successor."""

import pytest

from scripts.lib.expiry_rule import NEVER
from scripts.lib.japan_calendar import day_of, start_of
from scripts.lib.node.event_log import Event
from scripts.lib.replays.everything import ZERO_ADDRESS, Replay, ReplayError, SeriesReplay
from scripts.lib.replays.series import NOTICE_SECONDS

PLATFORM, OFFICERS, RESIDENTS, MINTER = (f"0x{digit * 40}" for digit in "1234")
OLD, NEW, NEIGHBOURS = (f"0x{digit * 40}" for digit in "567")
ALICE, BUYER, THIEF, SHOP, LATER_SHOP = (f"0x{letter * 40}" for letter in "abcde")
CODE, ELSEWHERE = 141305, 212032
APRIL = 315


class Succession:
    """A series is closed for its successor: Alice holds 100 points, a shop that was sold is owed 30."""

    def __init__(self):
        self.replay = Replay(PLATFORM, OFFICERS, RESIDENTS)
        self.now, self.number = start_of(APRIL), 0
        for token, town, number in ((OLD, CODE, 1), (NEW, CODE, 2), (NEIGHBOURS, ELSEWHERE, 1)):
            self.tell(PLATFORM, "SeriesRegistered", token=token, municipality=town, seriesNumber=number)
        # What takes an act of officers is told to the series alone.
        self.note(OLD, "MinterAllowanceSet", minter=MINTER, allowancePoints=1_000)
        self.approve(OLD, SHOP)
        self.note(OLD, "MerchantOwnerSet", merchant=SHOP, owner=BUYER)
        self.tell(OLD, "Minted", minter=MINTER, expiryMonth=NEVER, amountPoints=130)
        self.move(OLD, ZERO_ADDRESS, ALICE, 130)
        self.tell(OLD, "Transfer", **{"from": ALICE, "to": SHOP, "value": 30})
        self.note(OLD, "SuccessorAnnounced", successor=NEW, closableFrom=self.now + NOTICE_SECONDS)
        self.now += NOTICE_SECONDS
        self.tell(OLD, "SeriesClosed", successor=NEW)

    def event(self, of, name, arguments):
        return Event(name, of, arguments, self.number, self.now, hex(self.number), 0)

    def tell(self, of, name, /, again=False, **arguments):
        self.number += not again
        self.replay.apply(self.event(of, name, arguments))

    def note(self, of, name, /, **arguments):
        self.replay._series_at(of).apply(self.event(of, name, arguments))

    def approve(self, token, shop):
        self.note(token, "MerchantApproved", merchant=shop, category=3, name="店", place="町")

    def open(self, before=OLD):
        self.tell(NEW, "SeriesOpened", predecessor=before, lastSaleDay=day_of(self.now))

    def move(self, token, payer, receiver, points):
        self.tell(token, "Transfer", again=True, **{"from": payer, "to": receiver, "value": points})

    def lot(self, token, name, points, month=NEVER):
        self.tell(
            token, name, again=name.endswith("In"), account=ALICE, expiryMonth=month, amountPoints=points
        )
        ends = (ZERO_ADDRESS, ALICE) if name.endswith("In") else (ALICE, ZERO_ADDRESS)
        self.move(token, *ends, points)

    def claim(self, token, name, this_year, earlier_years=0):
        parts = {"thisYearPoints": this_year, "earlierYearsPoints": earlier_years}
        self.tell(token, name, again=name.endswith("In"), merchant=SHOP, **parts)
        ends = (ZERO_ADDRESS, SHOP) if name.endswith("In") else (SHOP, ZERO_ADDRESS)
        self.move(token, *ends, this_year + earlier_years)

    def shop_in(self, again=False, **changed):
        stood = {"merchant": SHOP, "category": 3, "status": 0, "owner": BUYER} | changed
        self.tell(NEW, "MerchantCarriedIn", again=again, **stood)

    def owner_in(self, merchant=SHOP, owner=BUYER, predecessor=OLD):
        self.tell(NEW, "MerchantOwnerCarriedIn", merchant=merchant, predecessor=predecessor, owner=owner)


@pytest.fixture
def succession():
    return Succession()


def test_points_and_shop_that_come_over_whole_are_the_successors(succession):
    succession.open()
    succession.lot(OLD, "LotCarriedOut", 100)
    succession.lot(NEW, "LotCarriedIn", 100)
    succession.claim(OLD, "ClaimCarriedOut", 30)
    succession.shop_in(again=True)
    succession.claim(NEW, "ClaimCarriedIn", 30)
    succession.replay.finish()
    series = succession.replay.series[NEW]
    assert (series.lots[ALICE][NEVER], series.paid[SHOP].total()) == (100, 30)
    assert series.tills_of(SHOP) == {BUYER}


@pytest.mark.parametrize(
    ("leaves", "reaches"),
    [
        (("lot", "LotCarriedOut", 100), ("lot", "LotCarriedIn", 101)),
        (("lot", "LotCarriedOut", 100), ("lot", "LotCarriedIn", 100, APRIL + 24)),
        (("claim", "ClaimCarriedOut", 30), ("claim", "ClaimCarriedIn", 0, 30)),
    ],
    ids=["more than left", "with another month", "as another year's claim"],
)
def test_points_that_reach_the_successor_otherwise_than_they_left_are_refused(succession, leaves, reaches):
    succession.open()
    succession.approve(NEW, SHOP)
    getattr(succession, leaves[0])(OLD, *leaves[1:])
    getattr(succession, reaches[0])(NEW, *reaches[1:])
    with pytest.raises(ReplayError, match="what left one series is not what reached the other"):
        succession.replay.finish()


def test_points_that_leave_and_reach_nothing_are_refused(succession):
    succession.open()
    succession.lot(OLD, "LotCarriedOut", 100)
    with pytest.raises(ReplayError, match="what left one series is not what reached the other"):
        succession.tell(PLATFORM, "ServiceOffered", service=MINTER)


def test_points_that_reach_a_series_of_another_succession_are_refused(succession):
    """The neighbours' series follows one of its own town's, and takes over points that left here."""
    succession.open()
    neighbours = succession.replay._series_at(NEIGHBOURS)
    neighbours.before, neighbours.last_sale_day = SeriesReplay(), day_of(succession.now)
    succession.lot(OLD, "LotCarriedOut", 100)
    succession.lot(NEIGHBOURS, "LotCarriedIn", 100)
    with pytest.raises(ReplayError, match="the series do not take over from each other"):
        succession.replay.finish()


def test_series_that_opens_after_points_were_made_in_it_is_refused(succession):
    succession.note(NEW, "MinterAllowanceSet", minter=MINTER, allowancePoints=1)
    succession.tell(NEW, "Minted", minter=MINTER, expiryMonth=NEVER, amountPoints=1)
    succession.move(NEW, ZERO_ADDRESS, ALICE, 1)
    with pytest.raises(ReplayError, match="points were made before the series was opened"):
        succession.open()


def test_series_that_follows_one_of_another_town_is_refused(succession):
    with pytest.raises(ReplayError, match="no series was closed for this one"):
        succession.open(before=NEIGHBOURS)


def test_series_that_would_come_after_its_own_successor_is_refused_and_follows_nobody(succession):
    """Or who asks what a minter may take back, here and before, would ask in a circle."""
    succession.open()
    succession.note(NEW, "SuccessorAnnounced", successor=OLD, closableFrom=succession.now + NOTICE_SECONDS)
    succession.now += NOTICE_SECONDS
    succession.tell(NEW, "SeriesClosed", successor=OLD)
    succession.replay.series[OLD].minted.clear()
    with pytest.raises(ReplayError, match="no series was closed for this one"):
        succession.tell(OLD, "SeriesOpened", predecessor=NEW, lastSaleDay=day_of(succession.now))
    assert succession.replay.series[NEW].returnable_by(MINTER) == 0


def test_lot_that_comes_over_with_a_month_that_has_ended_is_refused(succession):
    succession.open()
    ended = {"account": ALICE, "expiryMonth": APRIL, "amountPoints": 1}
    with pytest.raises(ReplayError, match="the lot had ended, or would be renewed"):
        succession.tell(NEW, "LotCarriedIn", **ended)


@pytest.mark.parametrize(
    "changed",
    [{"status": 1}, {"category": 4}, {"owner": THIEF}, {"merchant": LATER_SHOP}],
    ids=["another standing", "another category", "another owner", "unknown there"],
)
def test_shop_that_comes_over_otherwise_than_it_stood_is_refused(succession, changed):
    succession.open()
    with pytest.raises(ReplayError, match="a merchant came over that did not stand so before"):
        succession.shop_in(**changed)


def test_shop_that_comes_over_where_it_holds_lots_is_refused(succession):
    succession.open()
    succession.replay.series[NEW].lots[SHOP][NEVER] = 5
    with pytest.raises(ReplayError, match="an account that holds lots became a merchant"):
        succession.shop_in()


def test_shop_that_was_sold_and_is_approved_anew_is_its_buyers(succession):
    succession.approve(NEW, SHOP)
    succession.owner_in()
    succession.replay.finish()
    assert succession.replay.series[NEW].tills_of(SHOP) == {BUYER}


@pytest.mark.parametrize(
    "changed",
    [{"owner": THIEF}, {"merchant": LATER_SHOP}],
    ids=["to another than the owner there", "of a shop unknown there"],
)
def test_shop_that_is_given_to_another_at_its_approval_is_refused(succession, changed):
    succession.approve(NEW, SHOP)
    succession.approve(NEW, LATER_SHOP)
    with pytest.raises(ReplayError, match="a merchant came over that did not stand so before"):
        succession.owner_in(**changed)


def test_owner_who_comes_over_a_second_time_is_refused(succession):
    """Whoever was named on the successor since would lose the shop."""
    succession.approve(NEW, SHOP)
    succession.note(NEW, "MerchantOwnerSet", merchant=SHOP, owner=THIEF)
    with pytest.raises(ReplayError, match="a merchant came over that did not stand so before"):
        succession.owner_in()


def test_event_of_the_platform_without_a_meaning_is_refused(succession):
    with pytest.raises(ReplayError, match="does not know what it means"):
        succession.tell(PLATFORM, "Surprise")
