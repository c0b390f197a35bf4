"""A town's year without a chain: its model, the steps that are played, what an auditor says."""

from collections import Counter
from types import SimpleNamespace

import pytest

from scripts.lib.contract_abi import decode_call
from scripts.lib.deployment import PlatformPlan
from scripts.lib.japan_calendar import moment_from_text
from scripts.lib.node.event_log import Event
from scripts.lib.reference.ledger import ConservationError
from scripts.lib.refusal import Refused
from scripts.lib.replays.series import SeriesReplay
from scripts.lib.roles import COUNCIL, Role
from scripts.lib.town_year.accounts import TownAccounts
from scripts.lib.town_year.audit import YearAuditor
from scripts.lib.town_year.folder import Change, StandingChange, read_town_years
from scripts.lib.town_year.model import TownModel, year_closed_by
from scripts.lib.town_year.office_audit import Office, _disagreement
from scripts.lib.town_year.on_chain import TownOnChain
from scripts.lib.town_year.play import _change
from scripts.lib.town_year.programme_audit import _figures
from scripts.lib.town_year.row_place import RowRefused
from scripts.lib.town_year.settlement_audit import _compare_shops
from scripts.lib.town_year.settlement_model import SettlementModel
from scripts.lib.town_year.settlement_rows import SettlementRow, SettlementStep
from tests.scripts.small_town import CODE, NAME, OTHER_SHOP, SHOP, write_town

BEFORE = moment_from_text("2026-03-31T00:00:00")
TOKEN, OFFICERS, OFFICER, KEY = (f"0x{digit * 40}" for digit in "1234")


def year_of(tmp_path, **files):
    [year] = read_town_years(write_town(tmp_path, **files).iterdir())
    return year


def model_of(year):
    return TownModel(year, TownAccounts.without_keys(year), BEFORE)


def town_of(year):
    """The town where its shops have addresses, and its officers too."""
    accounts = TownAccounts.without_keys(year)
    accounts.officers[Role.MERCHANT_OFFICER] = (OFFICER, OFFICER)
    accounts.merchants[SHOP] = KEY
    return TownOnChain(year, accounts, TOKEN, OFFICERS, OFFICERS)


def test_figures_of_a_year_that_has_not_ended_are_refused(tmp_path):
    model = model_of(year_of(tmp_path))
    model.play_until(moment_from_text("2027-03-31T23:59:58"))
    with pytest.raises(ValueError, match="the fiscal year 2026 has not ended"):
        model.year_end(0, 0)


def test_shop_that_was_paid_more_than_it_earned_is_noticed(tmp_path):
    year = year_of(tmp_path)
    model = model_of(year)
    model.play_until(year_closed_by(year))
    model.check_conservation()
    model.settlement.reference.settled[SHOP] += 1
    with pytest.raises(ConservationError, match=f"{SHOP} earned 400, owed and paid are 401"):
        model.check_conservation()


PAUSE = "2026-04-10T09:00:00,pause,,2026-04-12T09:00:00,outage"
UNPAUSE = "2026-04-10T09:30:00,unpause,,,outage"


def test_payment_after_a_pause_was_ended_goes_through_and_within_it_does_not(tmp_path):
    model = model_of(year_of(tmp_path / "ended", office_acts=[PAUSE, UNPAUSE]))
    model.play_until(moment_from_text("2026-04-10T10:00:00"))
    assert sum(model.ledger.claim_of(SHOP)) == 300
    with pytest.raises(RowRefused, match=r"payments.csv line 2: PointPaused"):
        model_of(year_of(tmp_path / "paused", office_acts=[PAUSE])).play_until(year_closed_by(model.year))


def test_settlement_of_a_month_before_the_first_sale_is_refused():
    model = SettlementModel(BEFORE, {SHOP: SHOP})
    model.earn(BEFORE + 10, SHOP, 30)
    row = SettlementRow(2, BEFORE + 20, SettlementStep.APPROVE, BEFORE, ())
    with pytest.raises(Refused) as refused:
        model.play(row, 0)
    assert refused.value.name == "SettlementClaimCount"


def test_shop_that_is_approved_again_keeps_its_category_name_and_place(tmp_path):
    step = _change(town_of(year_of(tmp_path)), StandingChange(2, BEFORE, SHOP, Change.APPROVE))
    outer = decode_call(step.transaction.data, "Officers")
    inner = decode_call(outer.arguments["data"], "MunicipalPoint")
    assert (step.transaction.sender, inner.function) == (OFFICER, "approveMerchant")
    assert list(inner.arguments.values()) == [KEY, 1, "朝市", "高山市上三之町"]


def test_town_without_programmes_has_no_figures_of_them(tmp_path):
    town = town_of(year_of(tmp_path))
    play = SimpleNamespace(plans={TOKEN: None})
    assert list(_figures(play, town, model_of(town.year), None, 0)) == []


@pytest.mark.parametrize(("municipality", "name"), [(int(CODE), NAME), (COUNCIL, "council"), (1, "000001")])
def test_office_of_which_the_sources_disagree_is_told_with_its_town(municipality, name):
    plan = PlatformPlan(OFFICER, OFFICER, [SimpleNamespace(code=int(CODE), name=NAME)])
    office = Office(municipality, Role.GUARDIAN, KEY)
    says = {"chain": True, "plan": True, "events": False}
    [finding] = _disagreement(plan, office, "holds the office GUARDIAN", says)
    assert (finding.municipality, finding.address, finding.says["events"]) == (name, KEY, "False")
    assert not list(_disagreement(plan, office, "holds", dict.fromkeys(says, True)))


def test_shop_that_was_paid_in_yen_otherwise_than_by_its_sales_is_a_finding(tmp_path):
    town, series = town_of(year_of(tmp_path)), SeriesReplay()
    paid = Counter({KEY: 400, OTHER_SHOP: 200})
    series.settled.update({KEY: 399, OTHER_SHOP: 200})
    transfers = {(TOKEN, 0): [SimpleNamespace(merchant=at, owner=at, yen=yen) for at, yen in paid.items()]}
    compared, [finding] = _compare_shops(SimpleNamespace(transfers=transfers), town, series, paid)
    assert compared == 4
    assert (finding.figure, finding.account) == ("paid in yen", SHOP)
    assert finding.says == {"CSV files": "400", "events": "399"}


@pytest.fixture
def auditor(tmp_path):
    """An auditor of the town's year, before it was compared."""
    deployment = SimpleNamespace(platform="", officers=OFFICERS, residents="", services={}, series={})
    return YearAuditor(None, deployment, [town_of(year_of(tmp_path))], BEFORE)


def test_auditor_has_no_figures_of_a_year_before_it_ended(auditor):
    with pytest.raises(ValueError, match="the fiscal year has not ended"):
        auditor.year_figures(auditor._towns[0])


def test_auditor_of_towns_without_partners_has_nothing_to_state_of_them(auditor):
    assert auditor.statement() == [] and auditor.year_ends() == {}


def test_auditor_counts_what_shops_gave_back(auditor):
    for points in (30, 12):
        auditor._note(Event("SaleRefunded", TOKEN, {"lot": 326 << 29 | points}, 1, BEFORE, "0x", 0))
    assert auditor._refunded[TOKEN] == 42
