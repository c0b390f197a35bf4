import hashlib
import json

import pytest

from scripts import demo
from scripts.lib.node.local_chain import LocalChain
from scripts.lib.reference.exchange import ReferenceExchange
from scripts.lib.reference.programmes import ReferenceProgrammes
from scripts.lib.reference.settlement import ReferenceSettlement
from scripts.lib.replays.everything import SeriesReplay
from scripts.lib.replays.exchange import ExchangeReplay
from scripts.lib.replays.settlement import SettlementReplay
from scripts.lib.town_year.audit import Brought, YearAuditor
from scripts.lib.town_year.model import TownModel
from tests.scripts.small_town import (
    CLOSED,
    EXCHANGE,
    FIRST,
    NAME,
    NEW_CARD,
    OTHER_SHOP,
    PROGRAMMES,
    SECOND,
    SERIES_NAME,
    SETTLEMENTS,
    SHOP,
    SUMMARY,
    write_town,
)


@pytest.fixture
def run(tmp_path, capsys):
    """Runs the demo on a town; gives exit code, everything printed, and the summary if there is one."""

    def run(**changed_files):
        data = write_town(tmp_path / "data", **changed_files)
        code = demo.main(["--data", str(data), "--out", str(tmp_path / "out")])
        summary = tmp_path / "out" / demo.SUMMARY
        printed = capsys.readouterr()
        return code, printed.out + printed.err, json.loads(summary.read_text()) if summary.exists() else None

    return run


@pytest.fixture
def no_chain(monkeypatch):
    """Fails the test if the demo starts a chain."""

    def refuse(*_, **__):
        raise AssertionError("a chain was started")

    monkeypatch.setattr(LocalChain, "_start", refuse)


def test_demo_of_a_small_town_writes_the_figures_worked_out_by_hand(run):
    code, printed, summary = run()
    assert (code, summary) == (0, {"series": {SERIES_NAME: SUMMARY}}), printed


def test_demo_ends_with_an_audit_from_events_alone(run, tmp_path):
    _, printed, _ = run()
    assert "Nothing found / 異常なし" in printed
    assert list((tmp_path / "out" / demo.DATASET).glob("MunicipalPoint.Transfer/*.parquet"))


def test_demo_ends_with_the_report_and_its_digest(run, tmp_path):
    _, printed, _ = run()
    report = tmp_path / "out" / demo.REPORT
    page = (report / "report.html").read_text(encoding="utf-8")
    assert "異常なし" in page and SERIES_NAME in page and "業種 1" in page
    assert hashlib.sha256((report / "SHA256SUMS").read_bytes()).hexdigest() in printed


def test_demo_through_programmes_ends_with_the_same_figures(run):
    code, printed, summary = run(programmes=PROGRAMMES)
    assert (code, summary) == (0, {"series": {SERIES_NAME: SUMMARY}}), printed
    assert "2 programmes and 2 occurrences" in printed


def test_demo_that_settles_closes_the_year_with_the_figures_worked_out_by_hand(run, tmp_path):
    """What was spent until 31 March is paid by May, a bounced transfer and a suspended shop among it."""
    code, printed, summary = run(settlements=SETTLEMENTS)
    figures = SUMMARY | {"claims": 300, "settled": 300, "total_supply": 900}
    assert (code, summary) == (0, {"series": {SERIES_NAME: figures}, "closed": {SERIES_NAME: CLOSED}}), (
        printed
    )
    for words in (
        "1 bounced 振込不能1件",
        "300 (1)",
        "300 (2)",
        "年度締めの確定額",
        "carried over 翌年度繰越",
    ):
        assert words in printed, printed
    lists = sorted(file.name for file in (tmp_path / "out" / demo.TRANSFERS).iterdir())
    assert lists == ["212032-TEST-2026-05-31T235959.csv", "212032-TEST-2027-03-31T235959.csv"]


def test_demo_pays_a_sold_shop_s_old_owner_and_its_buyer_what_is_theirs(run):
    """Of the 300 of April and the 100 of March, the old owner gets the first: the shop is sold in between."""
    sold = f"2026-11-16T12:00:00,sell_shop,{SHOP},,shop_sold"
    code, printed, _ = run(settlements=SETTLEMENTS, office_acts=[sold])
    assert code == 0, printed
    assert "300 yen went to the old owner, 100 to the buyer" in " ".join(printed.split())


def test_demo_that_pays_an_old_owner_s_sales_to_the_buyer_fails(run):
    """Without a settlement before the sale, the transfer list names the buyer for what the old owner sold."""
    sold = f"2026-06-01T12:00:00,sell_shop,{SHOP},,shop_sold"
    code, printed, summary = run(settlements=SETTLEMENTS, office_acts=[sold])
    assert (code, summary) == (1, None)
    assert "yen to buyer of m-212032-01" in printed and "transfer lists 400" in printed


def test_demo_with_a_model_that_forgets_a_bounce_fails(run, monkeypatch):
    monkeypatch.setattr(ReferenceSettlement, "bounce", lambda *_: None)
    code, printed, summary = run(settlements=SETTLEMENTS)
    assert (code, summary) == (1, None)
    assert "batch 1 of settlement" in printed and "claims of batch 1 that came back" in printed


def test_demo_with_a_replay_that_misses_a_burned_claim_fails(run, monkeypatch):
    monkeypatch.setattr(SettlementReplay, "_take_due", lambda *_: None)
    code, printed, _ = run(settlements=SETTLEMENTS)
    assert code == 1
    assert "not told by the series" in printed


def test_demo_whose_officers_tell_other_figures_of_the_year_fails(run, monkeypatch):
    """A point more granted and a point more carried over: the sums agree, the books do not."""
    tell = YearAuditor.year_figures

    def one_more(self, town):
        figures = tell(self, town)
        return figures._replace(granted=figures.granted + 1, carried_over=figures.carried_over + 1)

    monkeypatch.setattr(YearAuditor, "year_figures", one_more)
    code, printed, summary = run(settlements=SETTLEMENTS)
    assert (code, summary) == (1, None)
    assert "the closed fiscal year" in printed and "granted=2201" in printed


def test_demo_with_partners_counts_what_they_bring_apart_from_grants(run):
    """1,000 points and 100 on top, and a coupon of 300: all of it is live at the end."""
    code, printed, summary = run(**EXCHANGE)
    assert code == 0, printed
    figures = summary["series"][SERIES_NAME]
    brought = {key: figures[key] for key in ("granted", "exchanged", "bonus", "live", "claims", "grants")}
    assert brought == {
        "granted": 2200,
        "exchanged": 1300,
        "bonus": 100,
        "live": 2000,
        "claims": 600,
        "grants": 3,
    }
    told = " ".join(printed.split())
    for words in ("そら航空", "1,000", "registerPartner", "協力企業別明細"):
        assert words in told, printed


def test_demo_with_a_model_that_forgets_a_bonus_fails(run, monkeypatch):
    monkeypatch.setattr(ReferenceExchange, "_bonus", lambda *_: (0, 0, False))
    code, printed, summary = run(**EXCHANGE)
    assert (code, summary) == (1, None)
    assert "campaign of partner p-01" in printed and "used=100" in printed


def test_demo_with_a_replay_that_misses_a_receipt_fails(run, monkeypatch):
    monkeypatch.setattr(ExchangeReplay, "_on_ReceiptRecorded", lambda *_: None)
    code, printed, _ = run(**EXCHANGE)
    assert code == 1
    assert "ledger of partner p-01" in printed and "received=400" in printed


def test_demo_whose_exchange_mints_beside_its_ledgers_fails(run, monkeypatch):
    """The chain's own books do not add up if a ledger is left out."""
    monkeypatch.setattr(YearAuditor, "_ledgers_on_chain", lambda *_: Brought(1300, 99))
    code, printed, _ = run(**EXCHANGE)
    assert code == 1
    assert "granted + exchanged + bonus" in printed


def test_demo_with_a_budget_that_does_not_suffice_stops_before_any_transaction(run, no_chain):
    code, printed, _ = run(programmes=[PROGRAMMES[0].replace("1500", "1499"), PROGRAMMES[1]])
    assert code == 1
    assert "ProgrammeBudget(1, 326, 1499, 1500)" in printed and "grants.csv line 2" in printed


def test_demo_with_a_model_that_forgets_a_cap_fails(run, monkeypatch):
    monkeypatch.setattr(ReferenceProgrammes, "granted_in_year", lambda *_: 0)
    code, printed, summary = run(programmes=PROGRAMMES)
    assert (code, summary) == (1, None)
    assert "ボランティア" in printed and "resident 2 in the year" in printed


def test_demo_tells_the_year_in_both_languages(run):
    _, printed, _ = run()
    for words in (
        "Not one point differs",
        "granted",
        "付与",
        "失効",
        "残高",
        "請求",
        "付与月の1か月後の月末",
    ):
        assert words in printed


@pytest.mark.parametrize(
    ("points", "reason"),
    [
        ("-300", "negative"),
        ("many", "not a whole number"),
        ("123456789012", "個人番号"),
    ],
)
@pytest.mark.usefixtures("no_chain")
def test_demo_with_bad_points_stops_before_any_transaction(run, points, reason):
    rows = [f"2026-04-10T10:00:00,{FIRST},{SHOP},300", f"2026-04-11T10:00:00,{FIRST},{SHOP},{points}"]
    code, printed, summary = run(payments=rows)
    assert (code, summary) == (1, None), printed
    fault = next((line for line in printed.splitlines() if "payments.csv" in line), "")
    assert " 3 " in fault, f"file and line: {fault!r}"
    assert " points " in fault, f"column: {fault!r}"
    assert reason in printed, printed
    assert "Nothing was sent" in printed


@pytest.mark.usefixtures("no_chain")
def test_demo_with_unknown_merchant_stops_before_any_transaction(run):
    code, printed, _ = run(payments=[f"2026-04-10T10:00:00,{FIRST},m-212032-99,300"])
    assert code == 1
    fault = next(line for line in printed.splitlines() if "payments.csv" in line)
    assert " 2 " in fault, fault
    assert "m-212032-99" in fault, fault


@pytest.mark.usefixtures("no_chain")
def test_demo_reports_the_faults_of_all_files_at_once(run):
    code, printed, _ = run(
        payments=[f"2026-04-10T10:00:00,{FIRST},{SHOP},0"], residents=[FIRST, "somebody", SECOND]
    )
    assert code == 1
    assert "payments.csv" in printed
    assert "residents.csv" in printed


@pytest.mark.usefixtures("no_chain")
def test_demo_with_payment_beyond_balance_stops_before_any_transaction(run):
    rows = [f"2026-04-10T10:00:00,{FIRST},{SHOP},300", f"2026-06-01T00:00:00,{FIRST},{SHOP},1"]
    code, printed, _ = run(payments=rows)
    assert code == 1
    assert f"payments.csv line 3: ERC20InsufficientBalance({FIRST}, 0, 1)" in printed


@pytest.mark.usefixtures("no_chain")
def test_demo_without_any_town_says_so(tmp_path, capsys):
    (tmp_path / "data").mkdir()
    assert demo.main(["--data", str(tmp_path / "data"), "--out", str(tmp_path / "out")]) == 1
    assert "no municipality" in capsys.readouterr().err


@pytest.mark.usefixtures("no_chain")
def test_demo_that_stops_leaves_no_summary_of_an_earlier_run(run, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / demo.SUMMARY).write_text('{"series": {}}')
    _, printed, summary = run(residents=["somebody"])
    assert summary is None
    assert (tmp_path / "out-1" / demo.SUMMARY).exists() and "out-1" in printed


@pytest.mark.usefixtures("no_chain")
def test_demo_keeps_the_datasets_of_all_earlier_runs_and_says_where(tmp_path, capsys):
    data, out = tmp_path / "data", tmp_path / "out"
    data.mkdir()
    for number in (1, 2):
        for name in (demo.DATASET, f"{demo.DATASET}-statements-2027-03-31", "own"):
            (out / name).mkdir(parents=True, exist_ok=True)
            (out / name / "file").write_text(f"run {number}")
        demo.answer_of(out).write_text(f"answer {number}")
        assert demo.main(["--data", str(data), "--out", str(out)]) == 1
        printed = capsys.readouterr().out
        kept = tmp_path / f"out-{number}"
        assert (kept / demo.DATASET / "file").read_text() == f"run {number}"
        assert (kept / f"{demo.DATASET}-statements-2027-03-31" / "file").exists()
        assert demo.answer_of(kept).read_text() == f"answer {number}"
        assert f"--folder {kept / demo.DATASET}" in printed and "前回の実行のファイルを残しました" in printed
        assert not (out / demo.DATASET).exists() and (out / "own").exists()


def test_demo_with_model_one_point_off_fails_and_names_the_account(run, monkeypatch):
    pay = TownModel._pay

    def pay_one_less(self, row):
        object.__setattr__(row, "points", row.points - (row.resident == SECOND))
        pay(self, row)
        object.__setattr__(row, "points", row.points + (row.resident == SECOND))

    monkeypatch.setattr(TownModel, "_pay", pay_one_less)
    code, printed, summary = run()
    assert (code, summary) == (1, None), printed
    lines = printed.splitlines()
    first = next(i for i, line in enumerate(lines) if SECOND in line and "lot" in line)
    finding = "\n".join(lines[first : first + 3])
    for words in (NAME, "no expiry", "chain 600", "model 601", "events 600"):
        assert words in finding, finding


def test_demo_with_replay_one_point_off_fails_and_names_the_account(run, monkeypatch):
    pay = SeriesReplay._pay

    def pay_one_less(self, event, payer, merchant, points):
        pay(self, event, payer, merchant, points - (points == 200))

    monkeypatch.setattr(SeriesReplay, "_pay", pay_one_less)
    code, printed, summary = run()
    assert (code, summary) == (1, None), printed
    lines = printed.splitlines()
    first = next(i for i, line in enumerate(lines) if FIRST in line)
    finding = "\n".join(lines[first : first + 3])
    for words in (NAME, "amountPoints 500", "held 501"):
        assert words in finding, finding


def test_demo_plays_what_happens_at_one_second_in_the_order_of_the_model(run):
    """At the first second of June a grant comes before the payment that spends it, from an empty account."""
    rows = [f"2026-06-01T00:00:00,{SECOND},{OTHER_SHOP},700"]
    changes = [f"2026-06-01T00:00:00,{SHOP},close"]
    code, printed, summary = run(payments=rows, merchant_changes=changes)
    assert code == 0, printed
    assert summary["series"][SERIES_NAME]["claims"] == 700


def test_demo_with_a_card_reissued_and_an_admin_replaced_ends_with_the_same_points(run):
    acts = [
        *NEW_CARD,
        "2026-05-11T09:00:00,name_admin,admin-3,,last_admin_lost",
        "2026-05-25T09:00:00,seat_admin,admin-3,,last_admin_lost",
    ]
    code, printed, summary = run(office_acts=acts)
    assert (code, summary) == (0, {"series": {SERIES_NAME: SUMMARY}}), printed
    for act in ("freeze", "unfreeze", "startReplacement", "reappointAdmin", "凍結の解除", "待機期間あり"):
        assert act in printed, printed


def test_demo_restores_what_residents_lost_in_a_pause_over_a_month_end(run):
    """700 + 500 points end with May in the pause; of what is given back until July, 500 are paid in June."""
    code, printed, summary = run(
        grants=[f"2026-04-01,{FIRST},1000,健康診査,", f"2026-04-01,{SECOND},500,健康診査,"],
        payments=[f"2026-04-10T10:00:00,{FIRST},{SHOP},300", f"2026-06-05T10:00:00,{FIRST},{SHOP},500"],
        office_acts=[
            "2026-05-30T20:00:00,pause,,2026-06-01T08:00:00,outage",
            "2026-06-03T10:00:00,restore,2026-05,2026-07,paused_over_month_end",
        ],
    )
    assert code == 0, printed
    figures = summary["series"][SERIES_NAME]
    kept = {key: figures[key] for key in ("granted", "restored", "live", "lapsed", "claims", "revoked")}
    assert kept == {
        "granted": 1500,
        "restored": 1200,
        "live": 0,
        "lapsed": 1200 + 700,
        "claims": 800,
        "revoked": 0,
    }, printed
    assert "回復" in printed


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        (f"2026-04-11T09:00:00,melt,{FIRST},,lost_card", "act", "none of freeze"),
        (f"2026-04-11T09:00:00,freeze,{FIRST},,whim", "reason", "none of routine"),
        ("2026-04-11T09:00:00,freeze,r-212032-0099,,lost_card", "subject", "residents.csv"),
        ("2026-04-11T09:00:00,freeze,,,lost_card", "subject", "empty"),
        ("2026-04-11T09:00:00,freeze,123456789012,,lost_card", "subject", "個人番号"),
        (f"2026-04-11T09:00:00,freeze,{FIRST},2026-05,lost_card", "until", "takes none"),
        ("2026-04-11T09:00:00,pause,,,outage", "until", "empty"),
        ("2026-04-11T09:00:00,pause,,tomorrow,outage", "until", "not a time"),
        ("2026-06-11T09:00:00,restore,May,2026-07,outage", "subject", "not of the form 2027-03"),
        ("2026-06-11T09:00:00,name_admin,somebody,,last_admin_lost", "subject", "admin-3"),
        (f"2027-04-01T00:00:00,freeze,{FIRST},,lost_card", "time", "fiscal year"),
    ],
)
@pytest.mark.usefixtures("no_chain")
def test_demo_with_a_bad_office_act_stops_before_any_transaction(run, row, column, reason):
    code, printed, summary = run(office_acts=[row])
    assert (code, summary) == (1, None), printed
    fault = next((line for line in printed.splitlines() if "office_acts.csv" in line), "")
    assert " 2 " in fault, f"file and line: {fault!r}"
    assert f" {column} " in fault, f"column: {fault!r}"
    assert reason in printed, printed


@pytest.mark.parametrize(
    ("rows", "refusal"),
    [
        ([f"2026-04-09T09:00:00,freeze,{FIRST},,lost_card"], "PointAccountFrozen"),
        (["2026-04-09T09:00:00,pause,,2026-04-11T09:00:00,outage"], "PointPaused"),
        (["2026-04-11T09:00:00,pause,,2026-04-14T09:00:01,outage"], "PointPauseLength"),
        ([NEW_CARD[1]], "no row completes the replacement"),
        (
            [NEW_CARD[1], f"2026-04-14T09:29:59,complete_replacement,{FIRST},,card_reissue"],
            "ResidentsReplacementTooEarly",
        ),
        (
            [
                "2026-05-11T09:00:00,name_admin,admin-3,,last_admin_lost",
                "2026-05-25T08:59:59,seat_admin,admin-3,,last_admin_lost",
            ],
            "OfficersTooEarly",
        ),
        (["2026-05-25T08:59:59,seat_admin,admin-3,,last_admin_lost"], "OfficersNotOpen"),
    ],
)
@pytest.mark.usefixtures("no_chain")
def test_demo_with_an_act_against_the_rules_stops_before_any_transaction(run, rows, refusal):
    code, printed, _ = run(office_acts=rows)
    assert code == 1
    assert refusal in printed, printed


def test_demo_with_a_card_that_is_being_replaced_over_a_month_end_stops_it_in_between(run):
    """No officer froze it: the replacement alone does, on the chain and in the model, before April ends."""
    acts = [
        f"2026-04-29T09:30:00,start_replacement,{FIRST},,card_reissue",
        f"2026-05-02T09:30:00,complete_replacement,{FIRST},,card_reissue",
    ]
    code, printed, summary = run(office_acts=acts)
    assert (code, summary) == (0, {"series": {SERIES_NAME: SUMMARY}}), printed


@pytest.mark.usefixtures("no_chain")
def test_demo_with_a_payment_from_a_card_that_is_being_replaced_stops_before_any_transaction(run):
    payments = [f"2026-04-12T10:00:00,{FIRST},{SHOP},300"]
    code, printed, _ = run(office_acts=NEW_CARD[1:3], payments=payments)
    assert code == 1
    assert f"payments.csv line 2: PointAccountFrozen({FIRST})" in printed


def test_demo_with_model_that_forgets_a_restoration_fails(run, monkeypatch):
    monkeypatch.setattr(TownModel, "_restore", lambda self, row: None)
    code, printed, summary = run(
        grants=[f"2026-04-01,{FIRST},1000,健康診査,"],
        payments=[f"2026-04-10T10:00:00,{FIRST},{SHOP},300"],
        office_acts=["2026-06-03T10:00:00,restore,2026-05,2026-07,wrong_lapse"],
    )
    assert (code, summary) == (1, None), printed
    assert "chain 700" in printed


def test_demo_with_model_that_forgets_a_new_card_fails(run, monkeypatch):
    act = TownModel._act_on_account

    def only_unfreeze(self, row):
        act(self, row)
        if row.step.value == "freeze":
            self.ledger.unfreeze(self._accounts.residents[row.resident])

    monkeypatch.setattr(TownModel, "_act_on_account", only_unfreeze)
    code, printed, _ = run(office_acts=[NEW_CARD[0].replace("2026-04-11", "2026-06-11")])
    assert code == 1
    assert "frozen" in printed


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({}, "two series have one name"),
        ({"2026": "2025", "2027": "2026"}, "the municipalities' files are of different fiscal years"),
    ],
)
def test_towns_whose_files_do_not_go_together_make_no_demo(no_chain, tmp_path, capsys, changes, problem):
    data = write_town(tmp_path / "data")
    [town] = data.iterdir()
    other = data / "141305-kawasaki"
    other.mkdir()
    for file in town.iterdir():
        text = file.read_text(encoding="utf-8").replace("212032", "141305")
        for old, new in changes.items():
            text = text.replace(old, new)
        (other / file.name).write_text(text, encoding="utf-8")
    assert demo.main(["--data", str(data), "--out", str(tmp_path / "out")]) != 0
    printed = capsys.readouterr()
    assert problem in printed.out + printed.err
