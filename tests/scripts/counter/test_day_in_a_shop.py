"""A day in a shop: 200 sales, the line down for 60 of them, and everything that goes wrong at a counter.

At the end the day book, the chain and a replay of the events agree to the point, an auditor finds nothing,
and every refusal has its sentence.
"""

import csv
import io
import random

import pytest

from scripts.lib.audit.fetch import fetch
from scripts.lib.audit.verify import verify
from scripts.lib.error_sentences import issue_sentence
from scripts.lib.japan_calendar import day_of, moment_from_text, month_from_text, month_of
from scripts.lib.merchant.answer_checks import AnswerRefused
from scripts.lib.merchant.chain_sales import ShopEventKind, shop_events
from scripts.lib.merchant.claims import claim_of, request_settlement
from scripts.lib.merchant.refunds import refund
from scripts.lib.merchant.sale_queue import SaleStage
from scripts.lib.merchant.shop_books import day_book, month_statement
from scripts.lib.node.event_log import read_events
from scripts.lib.node.rpc import Rpc
from scripts.lib.payment.issue import PaymentIssue
from scripts.lib.payment.signing import Payment, sign
from scripts.lib.payment.uri import PaymentAnswer
from scripts.lib.replays.residents import ResidentsReplay
from scripts.lib.replays.sales import SalesReplay
from scripts.lib.replays.series import SeriesReplay
from tests.support.books import check_books
from tests.support.counter_town import CITY, key

SALES, OFFLINE, PEOPLE = 200, 60, 20
MARCH, DECEMBER = month_from_text("2026-03"), month_from_text("2026-12")
OPENED = moment_from_text("2026-03-30T10:00")
MINUTE = 60
PENNILESS = 2
"""Residents who sign for more than they have, while the line is down."""


class Day:
    """What the test keeps of it: sales by their number, and refusals."""

    def __init__(self, town, clock, folder):
        self.town, self.clock, self.folder = town, clock, folder
        self.chosen = random.Random(20260330)
        self.people = [key(f"person {place}") for place in range(PEOPLE)]
        accounts = [person.address for person in self.people]
        for points, month in ((3_000, MARCH), (30_000, DECEMBER)):
            mint = town.point.functions.mintBatch(accounts, [points] * PEOPLE, month)
            town.send(mint, town.keyring.account("minter"))
        self.spenders = [key(f"penniless {place}") for place in range(PENNILESS)]
        town.go_to(OPENED)
        clock.now = OPENED + 10 * MINUTE  # the till's clock is wrong by ten minutes
        self.counter = town.counter(folder, clock, offline_day_points=500_000)
        self.purses = {person.address: town.purse(folder, person, lambda: OPENED) for person in self.people}
        self.paid = {}
        self.refusals = []

    def sell(self, person, points):
        """Sell to somebody with a purse, and return what passed."""
        request = self.counter.open_sale(points)
        purse = self.purses[person.address]
        answer = purse.sign(purse.consider(request.text), person)
        self.counter.accept(answer.text)
        return answer

    def refused(self, text):
        """The till does not take it, and says why in both languages."""
        with pytest.raises(AnswerRefused) as raised:
            self.counter.accept(text)
        reason = raised.value.reason
        assert reason.english and reason.japanese
        self.refusals.append(reason)

    def submit(self):
        """Send what waits, and return what was not paid."""
        outcomes = self.counter.sender.submit()
        assert all(issue_sentence(outcome.issue).japanese for outcome in outcomes)
        return {outcome.sale: outcome.issue for outcome in outcomes if outcome.issue is not PaymentIssue.NONE}


@pytest.fixture
def day(town, clock, tmp_path):
    return Day(town, clock, tmp_path)


def signed_without_a_purse(day, counter, person, points, request=None):
    """What a purse signs that its owner has changed, or whose points another phone has signed away."""
    request = request or counter.open_sale(points)
    payment = Payment(person.address, *request.sale, 0)
    domain = counter.settings.domain
    return PaymentAnswer(domain, payment, sign(domain, payment, person), ends=DECEMBER)


def test_day_in_a_shop_ends_with_books_that_agree(day, town, clock, tmp_path):
    counter = day.counter
    before = SALES - OFFLINE - 30

    # ------------------------------------------------------------------------------- with a line
    for place in range(before):
        person = day.people[place % PEOPLE]
        answer = day.sell(person, day.chosen.randint(50, 900))
        if place == 3:
            day.refused(answer.text)  # scanned twice
        if place % 50 == 49:
            assert day.submit() == {}
    assert day.submit() == {}
    day.refused(answer.text)  # a signature of this morning, shown again
    later = counter.open_sale(answer.payment.amount_points)
    replayed = PaymentAnswer(
        answer.domain, answer.payment._replace(sale=later.sale.sale), answer.signature, answer.ends
    )
    day.refused(replayed.text)  # and pasted onto another sale
    empty = signed_without_a_purse(day, counter, day.spenders[0], 100)
    day.refused(empty.text)  # the chain is asked while there is a line
    assert day.refusals[-1] == issue_sentence(PaymentIssue.NOT_ENOUGH_POINTS)

    # ---------------------------------------------------------------------------- the line is down
    sender, counter.sender = counter.sender, None
    for place in range(OFFLINE - PENNILESS - 1):
        day.sell(day.people[place % PEOPLE], day.chosen.randint(50, 900))
    short = [signed_without_a_purse(day, counter, person, 400) for person in day.spenders]
    for answer in short:
        counter.accept(answer.text)
    other = town.counter(tmp_path, lambda: OPENED, shop=town.other_shop)
    twice = key("twice")
    town.grant(twice.address, 500, DECEMBER)
    here = signed_without_a_purse(day, counter, twice, 500)
    there = signed_without_a_purse(day, other, twice, 500)
    counter.accept(here.text)
    other.accept(there.text)
    assert other.sender.submit()[0].issue is PaymentIssue.NONE  # the other shop had its line
    day.refused(signed_without_a_purse(day, counter, day.people[0], 3_001).text)  # beyond the limit of a sale
    assert len(counter.queue.waiting()) == OFFLINE
    counter.sender = sender
    assert day.submit() == {
        **{answer.payment.sale: PaymentIssue.NOT_ENOUGH_POINTS for answer in short},
        here.payment.sale: PaymentIssue.NOT_ENOUGH_POINTS,
    }

    # ------------------------------------------------------------------------- the line is back
    for place in range(SALES - before - OFFLINE):
        day.sell(day.people[place % PEOPLE], day.chosen.randint(50, 900))
    assert day.submit() == {}
    stages = [sale.stage for sale in counter.queue.sales.values()]
    assert stages.count(SaleStage.PAID) == SALES - PENNILESS - 1
    assert stages.count(SaleStage.NOT_PAID) == PENNILESS + 1

    # ------------------------------------------------------------- a refund after the month's end
    first = next(iter(counter.queue.sales))  # paid out of points that ended with March
    mixed = day.town.knowledge(day.people[0].address)
    assert MARCH not in mixed.lots  # spent, as they end first
    town.go_to(moment_from_text("2026-04-01T10:00"))
    with pytest.raises(Exception, match="ポイントは有効期限が過ぎており"):
        refund(town.book, town.web3, counter.settings, town.shop, first)
    last = [sale for sale in counter.queue.sales.values() if sale.stage is SaleStage.PAID][-1]
    purse = town.balance(last.answer.payment.payer)
    given = refund(town.book, town.web3, counter.settings, town.shop, last.number, 40)
    assert (given.returned_points, given.unreturnable_points) == (40, 0)
    assert town.balance(last.answer.payment.payer) == purse + 40

    # ------------------------------------------------------------------------------------ books
    events = shop_events(town.book, town.web3, counter.settings)
    paid = sum(sale.points for sale in counter.queue.sales.values() if sale.stage is SaleStage.PAID)
    claim = claim_of(town.book, town.web3, counter.settings)
    assert claim.total_points == sum(event.points for event in events) == paid - 40
    assert claim.earlier_years_points == paid - 40  # earned before 1 April
    assert total_of(day_book(events, counter.queue, day_of(OPENED)), 4) == paid
    assert total_of(month_statement(events, month_of(OPENED)), 2) == paid
    assert total_of(month_statement(events, month_of(OPENED) + 1), 9) == -40
    assert {event.sale for event in events if event.kind is ShopEventKind.SALE} == {
        sale.number for sale in counter.queue.sales.values() if sale.stage is SaleStage.PAID
    }
    assert request_settlement(town.book, town.web3, counter.settings, town.shop) == claim
    check_books(Rpc(town.chain.url), town.series)
    assert replayed_claim(town, counter.settings.merchant) == claim.total_points
    assert len(day.refusals) == 5
    rpc = Rpc(town.chain.url)
    fetch(rpc, town.book.platform, tmp_path / "audit")
    verdict = verify(rpc, tmp_path / "audit")
    assert verdict.violations == [] and verdict.events > 2 * SALES


def total_of(file, column):
    """Return the sum in the row of totals of a CSV file."""
    rows = list(csv.reader(io.StringIO(file.decode("utf-8-sig"))))
    [total] = [row for row in rows if any(cell.startswith("合計") for cell in row[:2])]
    return int(total[column])


def replayed_claim(town, merchant):
    """Return a shop's claim as the events alone tell it, every lot of every payment checked on the way."""
    rpc = Rpc(town.chain.url)
    memberships = ResidentsReplay()
    payable_days = town.point.functions.saleDays().call()[0]
    sales = SalesReplay(payable_days, lambda account: memberships.successor_of(CITY, account))
    series = SeriesReplay(sales=sales)
    for event in read_events(rpc, [town.series]):
        series.apply(event)
    state = series.state_at(town.chain.now())
    live = {account: points for account, points in state.balances.items() if points}
    for account, points in live.items():
        assert town.balance(account) == points, account
    return sum(state.claims[merchant])
