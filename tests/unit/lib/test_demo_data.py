"""The demo's input: complete, coverable to the point, and with the cases the demo is there to show."""

from collections import Counter

import pytest

from scripts.lib.expiry_rule import NEVER
from scripts.lib.japan_calendar import last_second, month_of, months_of_fiscal_year, start_of
from scripts.lib.reference.ledger import MerchantStatus, ReferenceLedger
from scripts.lib.town_year.accounts import TownAccounts
from scripts.lib.town_year.folder import TownYear, read_town_years
from scripts.lib.town_year.model import TownModel, models_of, year_closed_by
from scripts.lib.town_year.office_rows import (
    AccountAct,
    AccountStep,
    AdminAct,
    AdminStep,
    PauseAct,
    RestoreAct,
)
from scripts.lib.town_year.settlement_rows import SettlementStep
from scripts.lib.workspace import ROOT

DATA = ROOT / "scripts/demo_data"
FOLDERS = sorted(file.parent for file in DATA.glob("*/residents.csv"))
"""Of the municipalities; further series have no residents of their own."""

APRIL_2027 = 327


APRIL_2026 = APRIL_2027 - 12


@pytest.fixture(scope="module")
def years() -> list[TownYear]:
    return read_town_years(FOLDERS)


@pytest.fixture(scope="module")
def models(years: list[TownYear]) -> list[TownModel]:
    """The towns when their books have closed; RowRefused if a row cannot be carried out."""
    models = models_of(years, [TownAccounts.without_keys(year) for year in years], start_of(APRIL_2026))
    for model in models:
        model.play_until(year_closed_by(model.year))
        model.check_conservation()
    return models


def on_1_april(year: TownYear) -> ReferenceLedger:
    """The ledger after the year, without what partners bring."""
    model = TownModel(year, TownAccounts.without_keys(year), start_of(APRIL_2026))
    model.play_until(start_of(APRIL_2027))
    return model.ledger


def test_demo_data_is_three_real_municipalities_of_different_rules(years: list[TownYear]) -> None:
    assert [year.town.municipality.full_name for year in years] == [
        "神奈川県川崎市",
        "岐阜県高山市",
        "宮崎県都城市",
    ]
    assert len({(year.town.expiry_rule, year.town.expiry_months) for year in years}) == 3
    assert sum(len(year.residents) for year in years) == 300
    assert sum(len(year.merchants) for year in years) == 60
    assert sum(len(year.grants) for year in years) == 1716
    assert sum(len(year.payments) for year in years) == 2500


@pytest.mark.parametrize("number", range(3))
def test_demo_data_every_row_can_be_carried_out_and_points_lapse_each_month(
    years: list[TownYear], number: int
) -> None:
    year = years[number]
    ledger = on_1_april(year)
    ledger.check_conservation()
    assert list(ledger.lapsed_by_month()) == list(months_of_fiscal_year(2026))
    books = ledger.books()
    assert books.claims == sum(payment.points for payment in year.payments)
    assert books.granted == sum(grant.points for grant in year.grants)


@pytest.mark.parametrize("number", range(3))
def test_demo_data_shows_the_cases_that_are_hard(years: list[TownYear], number: int) -> None:
    year = years[number]
    ledger = on_1_april(year)
    payers = Counter(payment.resident for payment in year.payments)
    assert any(payers[resident.number] == 0 for resident in year.residents), "somebody spends nothing"
    ends = {
        month_of(payment.time)
        for payment in year.payments
        if payment.time == last_second(month_of(payment.time))
    }
    paused = {
        month_of(act.time)
        for act in year.office_acts
        if isinstance(act, PauseAct) and act.time <= last_second(month_of(act.time)) < act.until
    }
    assert ends == set(months_of_fiscal_year(2026)) - paused, "payments in the last second of each month"
    stopped = [
        merchant.merchant
        for merchant in year.merchants
        if ledger.merchant_of(merchant.merchant)[1] != MerchantStatus.ACTIVE
    ]
    assert stopped and all(sum(ledger.claim_of(merchant)) > 0 for merchant in stopped), "stopped with a claim"


def test_demo_data_has_up_to_24_live_lots_and_points_without_expiry(years: list[TownYear]) -> None:
    months_on_1_april = Counter(
        grant.resident for year in years for grant in year.grants if month_of(grant.time) == 315
    )
    assert max(months_on_1_april.values()) >= 24
    assert any(grant.expiry_month == NEVER for year in years for grant in year.grants)


def test_demo_data_has_a_pause_over_a_month_end_after_which_all_that_was_lost_is_restored(
    years: list[TownYear],
) -> None:
    [(year, pause)] = [(y, act) for y in years for act in y.office_acts if isinstance(act, PauseAct)]
    [restored] = [act for act in year.office_acts if isinstance(act, RestoreAct)]
    assert pause.time <= last_second(restored.month) < pause.until < restored.time
    books = on_1_april(year).books()
    assert books.restored == on_1_april(year).lapsed_by_month()[restored.month] > 0


def test_demo_data_has_a_card_reissue_that_carries_many_lots(years: list[TownYear]) -> None:
    [(year, done)] = [
        (year, act)
        for year in years
        for act in year.office_acts
        if isinstance(act, AccountAct) and act.step is AccountStep.COMPLETE_REPLACEMENT
    ]
    model = TownModel(year, TownAccounts.without_keys(year), start_of(APRIL_2026))
    model.play_until(done.time - 1)
    lots = model.ledger.lots_of(done.resident)
    model.play_until(done.time)
    assert len(lots) > 20
    assert model.ledger.lots_of(f"{done.resident}/2") == lots
    assert any(payment.resident == done.resident and payment.time > done.time for payment in year.payments)


def test_demo_data_has_a_municipality_that_lost_its_admins(years: list[TownYear]) -> None:
    steps = [act.step for year in years for act in year.office_acts if isinstance(act, AdminAct)]
    assert steps == [AdminStep.NAME_ADMIN, AdminStep.SEAT_ADMIN]


def test_demo_data_has_programmes_for_everything_that_is_granted(years: list[TownYear]) -> None:
    for year in years:
        programmes = {row.programme: row for row in year.programmes}
        assert {grant.programme for grant in year.grants} == programmes.keys()
    kawasaki = {row.programme: row for row in years[0].programmes}
    assert (kawasaki["ボランティア講座"].points, kawasaki["ボランティア講座"].cap) == (50, 5_000)
    relief = [grant for grant in years[0].grants if grant.programme == "物価高対策給付 第1回"]
    assert {grant.resident for grant in relief} == {resident.number for resident in years[0].residents}
    assert {grant.points for grant in relief} == {10_000}


def test_demo_data_has_a_second_series_with_its_own_merchants_and_the_same_residents() -> None:
    years = read_town_years(sorted(folder for folder in DATA.iterdir() if folder.is_dir()))
    first, second = (year for year in years if year.town.code == "141305")
    assert first.town.series_symbol != second.town.series_symbol
    assert first.residents == second.residents
    assert not {merchant.merchant for merchant in first.merchants} & {
        merchant.merchant for merchant in second.merchants
    }
    assert on_1_april(second).books().claims > 0


def test_demo_data_settles_every_yen_of_the_year_and_closes_it(models: list[TownModel]) -> None:
    for model in models:
        used = sum(payment.points for payment in model.year.payments)
        exchanged = sum(gain.points for gain in model.mints)
        end = model.year_end(exchanged, 0)
        assert (end.told.used, end.settled, end.owed_over) == (used, used, 0)
        assert not end.differences()
        assert model.is_closed


def test_demo_data_has_one_bounced_transfer_that_is_paid_with_the_next_batch(models: list[TownModel]) -> None:
    [(model, batch)] = [
        (model, batch)
        for model in models
        for batch in model.settlement.reference.batches.values()
        if batch.bounced
    ]
    [shop] = [batch.claims[place].merchant for place in batch.bounced]
    batches = list(model.settlement.reference.batches.values())
    following = batches[batches.index(batch) + 1]
    assert shop in {claim.merchant for claim in following.left}


def test_demo_data_has_a_shop_sold_in_mid_year_whose_old_owner_is_paid_up_to_that_day(
    years: list[TownYear],
) -> None:
    [(year, sale)] = [(year, act) for year in years for act in year.shop_sales()]
    [last] = [row for row in year.settlements if row.merchants == (sale.merchant,)]
    assert last.step is SettlementStep.APPROVE and last.time <= sale.time
    sales = [payment.time for payment in year.payments if payment.merchant == sale.merchant]
    assert not [time for time in sales if last.cut_off < time < sale.time], "what falls between the owners"
    assert [time for time in sales if time <= last.cut_off] and [time for time in sales if time > sale.time]


def test_demo_data_has_two_partners_of_different_rates_a_campaign_and_one_with_coupons(
    years: list[TownYear],
) -> None:
    rows = [year.exchange for year in years]
    assert len(rows[0].partners) == 3
    rates = {
        row.partner: (row.terms.numerator, row.terms.denominator) for its in rows for row in its.agreements
    }
    assert rates["p-01"] != rates["p-02"]
    assert {row.partner for its in rows for row in its.exchanges} == {"p-01", "p-02"}
    assert {row.partner for its in rows for row in its.coupons} == {"p-03"}
    assert [row.partner for its in rows for row in its.campaigns] == ["p-01"]
    assert any(row.named_at for its in rows for row in its.exchanges), "somebody names another town"
    ends = {(bool(row.redeemed), bool(row.cancelled)) for its in rows for row in its.coupons}
    assert ends == {(True, False), (False, True), (False, False)}
    assert any(its.receipts for its in rows), "a partner pays"
