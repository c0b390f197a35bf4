import pytest

from scripts.lib.bonus_issue import BonusIssue
from scripts.lib.campaign_terms import CampaignTerms
from scripts.lib.japan_calendar import start_of_day
from scripts.lib.node.event_log import Event
from scripts.lib.payment.sale_number import sale_number
from scripts.lib.replays.bonus import BonusReplay
from scripts.lib.replays.bonus_state import CampaignFigures, ResidentFigures, SaleFigures, SaleKey
from scripts.lib.replays.error import ReplayError
from scripts.lib.replays.residents import Membership, ResidentsReplay
from scripts.lib.replays.sales import Lot, PaidSale, SalesReplay
from scripts.lib.replays.series import ZERO_ADDRESS, SeriesReplay
from scripts.lib.replays.series_state import Standing

MONTH, YEAR = 320, 326
CODE = 141305
DAY = 9_600
PAYABLE_DAYS, REFUND_DAYS = 7, 30
LAST_REFUND_DAY = DAY + PAYABLE_DAYS + REFUND_DAYS
SALE, OTHER_SALE = sale_number(DAY, 1), sale_number(DAY, 2)
BONUS, SERIES, SHOP, HANAKO, TARO, NEW_CARD, SUCCESSOR = (f"0x{letter * 40}" for letter in "1234567")
TERMS = CampaignTerms("還元", DAY, DAY + 30, 1, 10, 0, 500, 900, MONTH)
HANAKO_S, TARO_S = 1, 2


class Log:
    """Feeds a replay with events of the service and the series, one transaction each unless told otherwise.

    Hanako has paid 4,000 points for SALE; what else the series and the registry know, a test writes down.
    """

    def __init__(self):
        self.sales = SalesReplay(PAYABLE_DAYS, refund_days=REFUND_DAYS)
        series = SeriesReplay(sales=self.sales, merchants={SHOP: Standing(0, 7)})
        self.residents = ResidentsReplay()
        for number, account in ((HANAKO_S, HANAKO), (TARO_S, TARO)):
            self.residents.memberships[CODE, number] = Membership(account, bytes(32), 1)
        self.series = series
        self.replay = BonusReplay(BONUS, {SERIES: series}, self.residents)
        self.number = 0
        self.day = DAY
        self.pay(4_000)

    def emit(self, name, /, *, by=BONUS, again=False, **arguments):
        self.number += not again
        time = start_of_day(self.day)
        self.replay.apply(Event(name, by, arguments, self.number, time, hex(self.number), 0))

    def open(self, terms=TERMS, campaign=1):
        self.emit("CampaignOpened", municipality=CODE, campaign=campaign, series=SERIES, terms=tuple(terms))

    def pay(self, points, sale=SALE, payer=HANAKO):
        lots = [Lot(MONTH - 2, points - 1), Lot(MONTH - 1, 1)]
        self.sales.payments[SHOP, sale] = PaidSale(payer, lots, list(lots), YEAR)

    def refund(self, points, sale=SALE):
        """Give back all but so many points of the first lot and the last one whole."""
        payment = self.sales.payments[SHOP, sale]
        payment.left = [Lot(MONTH - 2, sum(lot.points for lot in payment.left) - points)]

    def reserve(self, more, *, sale=SALE, number=HANAKO_S, payer=HANAKO, paid=4_000, refunded=0):
        self.emit(
            "BonusReserved",
            campaign=1,
            merchant=SHOP,
            number=number,
            sale=sale,
            payer=payer,
            paidPoints=paid,
            refundedPoints=refunded,
            morePoints=more,
        )

    def release(self, less, refunded, *, gone=False, number=HANAKO_S):
        self.emit(
            "BonusReleased",
            campaign=1,
            merchant=SHOP,
            number=number,
            sale=SALE,
            refundedPoints=refunded,
            isRecordGone=gone,
            lessPoints=less,
        )

    def mint(self, *transfers, month=MONTH, by=SERIES):
        total = sum(points for _, points in transfers)
        self.emit("Minted", by=by, minter=BONUS, expiryMonth=month, amountPoints=total)
        for account, points in transfers:
            arguments = {"from": ZERO_ADDRESS, "to": account, "value": points}
            self.emit("Transfer", by=by, again=True, **arguments)

    def award(self, points, *, sale=SALE, number=HANAKO_S, again=True):
        self.emit(
            "BonusAwarded",
            again=again,
            campaign=1,
            merchant=SHOP,
            number=number,
            sale=sale,
            awardedPoints=points,
        )

    def give(self, points, *, to=HANAKO, month=MONTH, by=SERIES):
        """Mint and award, when it can be."""
        self.day = LAST_REFUND_DAY + 1
        self.mint((to, points), month=month, by=by)
        self.award(points)


@pytest.fixture
def log():
    log = Log()
    log.open()
    return log


@pytest.fixture
def promised(log):
    log.reserve(400)
    return log


def test_promise_and_what_is_given_of_it_after_a_refund(log):
    log.reserve(400)
    log.refund(1_500)
    log.release(150, 1_500)
    key = SaleKey(1, SHOP, SALE)
    assert list(log.replay.due(start_of_day(LAST_REFUND_DAY + 1) - 1)) == []
    assert list(log.replay.due(start_of_day(LAST_REFUND_DAY + 1))) == [key]
    log.give(250)
    log.replay.finish()
    state = log.replay.state()
    assert state.campaigns == {1: CampaignFigures(DAY + 30, 900, 0, 250)}
    assert state.residents == {(1, HANAKO_S): ResidentFigures(0, 250)}
    assert state.sales == {key: SaleFigures(HANAKO_S, 4_000, 250, True)}
    assert log.replay.earned_at == {(1, SHOP, HANAKO_S): 250}
    assert list(log.replay.due(start_of_day(LAST_REFUND_DAY + 2))) == []


@pytest.fixture
def gone_over(promised):
    """The series has given way to a successor, which knows the shop."""
    successor = SeriesReplay(merchants={SHOP: Standing(0, 7)})
    promised.series.closed, promised.series.successor = True, SUCCESSOR
    promised.replay.series[SUCCESSOR] = successor
    return promised, successor


def test_award_in_the_successor_of_a_shop_that_only_the_old_series_has_suspended(gone_over):
    log, _ = gone_over
    log.series.merchants[SHOP] = Standing(1, 7)
    log.give(400, by=SUCCESSOR)
    log.replay.finish()


def test_award_of_a_shop_that_the_successor_has_suspended_is_a_contradiction(gone_over):
    log, successor = gone_over
    successor.merchants[SHOP] = Standing(1, 7)
    with pytest.raises(ReplayError, match="do not count"):
        log.give(400, by=SUCCESSOR)


def test_promise_in_two_parts(log):
    log.reserve(150)
    log.reserve(250)
    assert log.replay.state().residents == {(1, HANAKO_S): ResidentFigures(400, 0)}


def test_promise_of_a_sale_that_the_series_has_forgotten_is_free_again(promised):
    promised.day = DAY + 45
    promised.sales.voided.add((SHOP, sale_number(DAY + 45, 1)))
    promised.release(400, 0, gone=True)
    assert promised.replay.state().campaigns == {1: CampaignFigures(DAY + 30, 900, 0, 0)}


def test_award_to_the_account_that_took_over(promised):
    promised.residents.successors[CODE, HANAKO] = NEW_CARD
    promised.residents.memberships[CODE, HANAKO_S].account = NEW_CARD
    promised.pay(1_000, OTHER_SALE)
    promised.reserve(100, sale=OTHER_SALE, paid=1_000)
    promised.give(400, to=NEW_CARD)


def test_award_of_many_claims_the_transfers_in_their_order(promised):
    promised.pay(2_000, OTHER_SALE, TARO)
    promised.reserve(200, sale=OTHER_SALE, number=TARO_S, payer=TARO, paid=2_000)
    promised.day = LAST_REFUND_DAY + 1
    promised.mint((TARO, 200), (HANAKO, 400))
    promised.award(200, sale=OTHER_SALE, number=TARO_S)
    promised.award(400)
    promised.replay.finish()


def test_campaign_that_is_enlarged_and_closed(log):
    log.emit("CampaignEnlarged", campaign=1, budgetPoints=1_000)
    log.emit("CampaignClosed", campaign=1, lastDay=DAY + 3)
    assert log.replay.state().campaigns == {1: CampaignFigures(DAY + 3, 1_000, 0, 0)}


def test_sale_that_is_passed_over_is_counted_by_its_reason(log):
    log.emit("BonusSkipped", campaign=1, merchant=SHOP, sale=SALE, issue=BonusIssue.CAP_REACHED)
    assert log.replay.skipped == {(1, BonusIssue.CAP_REACHED): 1}


@pytest.mark.parametrize(
    ("what", "why"),
    [
        (lambda log: log.open(campaign=3), "next number is 2"),
        (lambda log: log.open(TERMS._replace(rate_numerator=11), campaign=2), "no such rate"),
        (lambda log: log.emit("CampaignEnlarged", campaign=1, budgetPoints=899), "the budget was 900"),
        (lambda log: log.emit("CampaignClosed", campaign=1, lastDay=DAY + 30), "the last day was"),
        (lambda log: log.emit("CampaignClosed", campaign=2, lastDay=DAY), "no such campaign"),
        (lambda log: log.reserve(401), "it may earn 400"),
        (lambda log: log.reserve(0), "it may earn 400"),
        (lambda log: log.reserve(400, paid=5_000), "the series tells of"),
        (lambda log: log.reserve(300, refunded=1_000), "the series tells of"),
        (lambda log: log.reserve(400, payer=TARO, number=TARO_S), "the series tells of"),
        (lambda log: log.reserve(400, number=TARO_S), "was not resident 2's"),
        (lambda log: log.reserve(400, sale=OTHER_SALE), "the series tells of None"),
        (lambda log: log.reserve(400, sale=sale_number(DAY + 31, 1)), "another day"),
        (lambda log: (log.series.merchants.update({SHOP: Standing(1, 7)}), log.reserve(1)), "do not count"),
        (lambda log: (setattr(log, "day", LAST_REFUND_DAY + 1), log.reserve(400)), "refunded no more"),
        (lambda log: log.release(1, 0), "the sale's promise is None"),
        (lambda log: log.award(400, again=False), "the sale's promise is None"),
        (lambda log: (log.mint((HANAKO, 5)), log.open(campaign=2)), "no award calls for"),
        (lambda log: (log.mint((HANAKO, 5)), log.replay.finish()), "no award calls for"),
        (lambda log: log.emit("Approval"), "does not know what it means"),
    ],
)
def test_event_that_cannot_be_is_refused(log, what, why):
    with pytest.raises(ReplayError, match=why):
        what(log)


@pytest.mark.parametrize(
    ("what", "why"),
    [
        (lambda log: log.reserve(1), "it may earn 400"),
        (lambda log: log.release(1, 0), "it earns 400 now"),
        (lambda log: (log.refund(10), log.release(2, 10)), "it earns 399 now"),
        (lambda log: (log.refund(10), log.release(1, 11)), "the series tells of"),
        (lambda log: (log.refund(10), log.release(1, 10, number=TARO_S)), "the sale's promise is"),
        (lambda log: log.release(400, 0, gone=True), "has not forgotten"),
        (lambda log: (log.refund(10), log.give(400)), "was refunded"),
        (lambda log: log.give(399), "the promise was"),
        (lambda log: log.give(400, to=TARO), "the series tells of"),
        (lambda log: log.give(400, month=MONTH + 1), "the series tells of"),
        (lambda log: log.give(400, by=SHOP), "the series tells of"),
        (lambda log: (log.mint((HANAKO, 400)), log.award(400)), "could still be refunded"),
        (lambda log: (log.give(400), log.award(400)), "the promise was"),
        (
            lambda log: (setattr(log, "day", LAST_REFUND_DAY + 1), log.award(400, again=False)),
            "it was not minted",
        ),
    ],
)
def test_event_after_a_promise_that_cannot_be_is_refused(promised, what, why):
    with pytest.raises(ReplayError, match=why):
        what(promised)


def test_promise_past_the_cap_or_the_budget_is_refused(promised):
    promised.pay(4_000, OTHER_SALE)
    with pytest.raises(ReplayError, match="past the cap"):
        promised.reserve(400, sale=OTHER_SALE)
    log = Log()
    log.open(TERMS._replace(budget=300))
    with pytest.raises(ReplayError, match="or the budget"):
        log.reserve(400)
