"""What a Transfer was, of movements that few series know: points given, lots extended."""

import pytest

from scripts.lib.audit.patterns.movements import movements_of
from scripts.lib.audit.report.event_columns import EventColumns
from scripts.lib.audit.report.figures import read_figures
from scripts.lib.audit.report.transfers import Flow, read_transfers
from scripts.lib.expiry_rule import NEVER
from scripts.lib.japan_calendar import start_of
from tests.support.honest_year import BEGIN
from tests.support.told_series import ALICE, BOB, LAST_MONTH, NEXT_MONTH, SHOP, THIS_MONTH, TOKEN, ToldSeries
from tests.support.year_dataset import SERIES_NAME, events, write_series


@pytest.fixture
def story():
    return ToldSeries()


def lots_of(transfers):
    """Return lots by account."""
    return {transfers.values[account].as_py(): lots for (_, account), lots in transfers.lots.items() if lots}


def test_points_that_a_resident_gives_keep_their_months_and_are_told_as_given(story, tmp_path):
    story.mint(ALICE, 30, THIS_MONTH)
    story.mint(ALICE, 50, NEXT_MONTH)
    story.move(ALICE, BOB, 40)
    dataset = story.write(tmp_path / "dataset")
    transfers = read_transfers(EventColumns(dataset))
    assert list(transfers.flow) == [Flow.GRANTED, Flow.GRANTED, Flow.GIVEN]
    assert lots_of(transfers) == {ALICE: {NEXT_MONTH: 40}, BOB: {THIS_MONTH: 30, NEXT_MONTH: 10}}
    [series] = read_figures(EventColumns(dataset)).series
    assert (series.books.made, series.books.live) == (80, 80)


def test_extended_lot_ends_with_its_new_month(story, tmp_path):
    story.mint(ALICE, 30, THIS_MONTH)
    story.tell("LotExtended", account=ALICE, fromMonth=THIS_MONTH, toMonth=NEXT_MONTH, amountPoints=30)
    transfers = read_transfers(EventColumns(story.write(tmp_path / "dataset")))
    assert lots_of(transfers) == {ALICE: {NEXT_MONTH: 30}}


def test_payment_passes_over_a_lot_that_has_ended_and_was_not_taken_off_the_books(story, tmp_path):
    story.tell("MerchantApproved", merchant=SHOP, category=1, name="朝市")
    story.mint(ALICE, 5, LAST_MONTH, start_of(LAST_MONTH))
    story.mint(ALICE, 30, NEVER)
    story.move(ALICE, SHOP, 10)
    transfers = read_transfers(EventColumns(story.write(tmp_path / "dataset")))
    assert lots_of(transfers) == {ALICE: {LAST_MONTH: 5, NEVER: 20}}
    assert [(lot.month, lot.points) for lot in transfers.lapsed] == [(LAST_MONTH, 5)]


def test_payment_of_points_that_were_not_there_is_counted_as_a_contradiction(story, tmp_path):
    story.tell("MerchantApproved", merchant=SHOP, category=1, name="朝市")
    story.mint(ALICE, 30, NEVER)
    story.move(ALICE, SHOP, 31)
    transfers = read_transfers(EventColumns(story.write(tmp_path / "dataset")))
    assert transfers.contradictions == 1 and lots_of(transfers) == {}


def test_new_card_that_never_moved_points_makes_no_person_and_no_fault(story, tmp_path):
    story.mint(ALICE, 30, NEVER)
    card = {"block": 9, "oldAccount": BOB, "newAccount": SHOP}
    replaced = {"ResidentRegistry.AccountReplaced": events("ResidentRegistry.AccountReplaced", TOKEN, card)}
    tables = story.tables() | replaced
    movements = movements_of(tables)
    assert len(set(movements.person[movements.person >= 0])) == 1
    dataset = write_series(TOKEN, tables, 9, BEGIN, tmp_path / "dataset")
    [series] = read_figures(EventColumns(dataset)).series
    assert series.name == SERIES_NAME and series.totals[Flow.GRANTED].accounts == 1


def test_shop_that_came_from_a_series_without_its_name_has_none(story):
    """Whoever forges a succession gives no name away: the movement is told with the address."""
    story.tell("SeriesOpened", predecessor=BOB, lastSaleDay=1)
    story.tell("MerchantCarriedIn", merchant=SHOP, category=1, owner=SHOP)
    story.mint(ALICE, 30, NEVER)
    story.move(ALICE, SHOP, 10)
    movements = movements_of(story.tables())
    assert movements.names == {} and list(movements.points) == [30, 10]


def test_transfer_that_a_contract_tells_which_is_no_series_is_nobody_s(story, tmp_path):
    """A forged log has the register tell of it: the report is on the series all the same."""
    story.mint(ALICE, 30, NEVER)
    story.tell("Transfer", contract=BOB, **{"from": ALICE, "to": SHOP, "value": 7})
    columns = EventColumns(story.write(tmp_path / "dataset"))
    transfers = read_transfers(columns)
    assert list(transfers.points) == [30] and lots_of(transfers) == {ALICE: {NEVER: 30}}
    [series] = read_figures(columns).series
    assert series.books.live == 30


def test_bonus_of_a_campaign_that_nothing_tells_of_belongs_to_no_payment(story):
    story.tell("MerchantApproved", merchant=SHOP, category=1, name="朝市")
    story.mint(ALICE, 30, NEVER)
    story.move(ALICE, SHOP, 10)
    awarded = {"campaign": 1, "merchant": SHOP, "sale": 1, "awardedPoints": 5}
    story.tell_of(f"0x{'b' * 40}", "PaymentBonus.BonusAwarded", awarded)
    assert movements_of(story.tables()).bonus.sum() == 0
