"""Statements and notices of the audited town: what they say adds up to what the replay and the chain have."""

import csv
import io
from collections import Counter

import pytest

from scripts import auditor
from scripts.lib.audit.dataset import Dataset, DatasetError
from scripts.lib.audit.report.event_columns import EventColumns
from scripts.lib.audit.report.figures import read_figures
from scripts.lib.audit.statements.history import read_history
from scripts.lib.audit.statements.notices import DAYS, notices
from scripts.lib.audit.statements.papers import (
    NOTICES,
    STATEMENTS,
    last_second_of,
    statement_files,
    write_papers,
)
from scripts.lib.audit.statements.partners import total
from scripts.lib.audit.statements.programmes import programme_years
from scripts.lib.audit.verify import Books
from scripts.lib.exchange.terms import Ledger
from scripts.lib.japan_calendar import day_of, month_from_text
from tests.scripts.small_town import CODE


@pytest.fixture(scope="module")
def history(dataset):
    return read_history(Dataset(dataset))


@pytest.fixture(scope="module")
def files(history):
    return {name: _rows(content) for name, content in statement_files(history)}


def _rows(content):
    assert content.startswith(b"\xef\xbb\xbf"), "Excel needs the mark"
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def _sum(rows, column):
    return sum(int(row[column]) for row in rows)


# ------------------------------------------------------------------------------------------- residents


def test_residents_lines_add_up_to_the_lots_of_the_chain(town, history):
    held = Counter()
    for line in history.residents:
        if line.token == town.token:
            held[line.account, line.month] += line.points
    for account in (town.first, town.second):
        lots = {month: points for (its, month), points in held.items() if its == account and points}
        assert lots == town.lots(account) != {}


def test_residents_lines_add_up_to_the_replay_of_every_series(town, history):
    assert len(history.replay.series) == 2
    for token, series in history.replay.series.items():
        by_kind = Counter()
        for line in history.residents:
            if line.token == token:
                by_kind[line.kind] += line.points
        minted = ("付与", "付与(その他)", "交換", "還元")
        assert sum(by_kind[kind] for kind in minted) == series.minted.total() > 0
        books = Books.of(series, history.until)
        assert sum(by_kind.values()) == books.live
        assert -by_kind["支払い"] - by_kind["返品"] == books.claims + books.locked + books.settled
        assert -by_kind["失効"] == books.lapsed


def test_resident_with_a_new_card_has_one_statement(town, history, files):
    [name] = [name for name in files if name.startswith("residents/") and name.endswith("-00000001.csv")]
    rows = files[name]
    assert len({row["口座"] for row in rows}) == 2
    its = [row for row in rows if row["シリーズ"] == history.series_names[town.token]]
    assert int(its[-1]["残高"]) == town.balance(town.first) == _sum(its, "ポイント")
    assert {"付与", "交換", "支払い", "返品", "口座引継ぎ", "失効", "還元"} <= {row["区分"] for row in rows}


def test_resident_statement_names_shops_programmes_partners_and_the_lots_month(files):
    rows = [row for name, rows in files.items() if name.startswith("residents/") for row in rows]
    assert {"朝市", "湯屋", "健康診査", "そら航空"} <= {row["相手先"] for row in rows}
    assert {"2026年5月31日", "期限なし"} <= {row["有効期限"] for row in rows}


def test_summary_of_residents_adds_up_to_its_balance(files):
    for row in files["residents.csv"]:
        parts = ("受取り", "支払い", "返品", "失効", "その他")
        assert sum(int(row[part]) for part in parts) == int(row["残高"])
    assert {row["住民番号"] for row in files["residents.csv"]} >= {"1", "2"}


# ------------------------------------------------------------------------------------------- merchants


def test_merchants_statements_add_up_to_the_replay_and_the_chain(town, history, files):
    tokens = {name: token for token, name in history.series_names.items()}
    for row in files["merchants.csv"]:
        shop, token = row["口座"], tokens[row["シリーズ"]]
        series = history.replay.series[token]
        assert int(row["未精算"]) == series.paid[shop].total()
        assert int(row["精算中"]) == series.locked[shop]
        assert int(row["振込済み"]) == series.settled[shop]
        if token == town.token:
            assert int(row["未精算"]) + int(row["精算中"]) == town.balance(shop)
        code, number = history.replay.registered[token]
        name = f"merchants/{code}-{number}-{shop.lower()}.csv"
        assert _sum(files[name], "未精算の増減") == int(row["未精算"])
        assert _sum(files[name], "振込済みの増減") == int(row["振込済み"])
    assert _sum(files["merchants.csv"], "振込済み") > 0


def test_settled_claim_names_its_cut_off_and_the_banks_paper(files):
    rows = [row for name, rows in files.items() if name.startswith("merchants/") for row in rows]
    settled = [row for row in rows if row["区分"] == "振込済み"]
    assert settled and all(row["締め日"] and len(row["銀行書類"]) == 64 for row in settled)
    assert any(row["区分"] == "精算取消し・振込不能" for row in rows), "a transfer of the town bounces"


def test_sale_and_its_refund_have_the_same_number(town, files):
    rows = [row for name, rows in files.items() if name.startswith("merchants/") for row in rows]
    kinds = {row["区分"]: int(row["未精算の増減"]) for row in rows if row["売上番号"] == str(town.paid)}
    assert kinds == {"支払い": 950, "返品": -40}


# -------------------------------------------------------------------------------- partners, programmes


def test_partners_lines_add_up_to_their_ledgers(town, history):
    ledgers = history.replay.exchanges[town.exchange].ledgers
    keys = {(line.municipality, line.partner) for line in history.partners}
    for key in keys:
        told = total(line for line in history.partners if (line.municipality, line.partner) == key)
        assert told == ledgers[key]
    assert {key for key, ledger in ledgers.items() if ledger != Ledger()} <= keys != set()


def test_programmes_statement_adds_up_to_what_the_service_minted(town, history, files):
    replay = history.replay.programmes[town.programmes]
    granted = sum(year.granted for year in programme_years(replay))
    assert granted == history.replay.series[town.token].minted[town.programmes] > 0
    assert _sum(files["programmes.csv"], "付与") == granted
    assert _sum(files["programmes.csv"], "付与件数") == len(replay.granted)


# ------------------------------------------------------------------------------------------ of a day


def test_history_of_a_day_is_what_was_true_on_it(dataset, town):
    """Of tests/scripts/small_town.py: points that end with 31 May live on 30 May, and lapse with the 31st."""
    before, after, next_day = (
        read_history(Dataset(dataset), last_second_of(day))
        for day in ("2026-05-30", "2026-05-31", "2026-06-01")
    )
    lapsed = [
        sum(-line.points for line in each.residents if line.kind == "失効")
        for each in (before, after, next_day)
    ]
    assert lapsed[0] == 0 < lapsed[1] == lapsed[2]
    for each in (before, after, next_day):
        assert max(line.time for line in each.residents) <= each.until


@pytest.mark.parametrize(
    ("day", "month"),
    [
        ("2027-02-27", "2027-02"),
        ("2027-02-28", "2027-03"),
        ("2028-02-28", "2028-02"),
        ("2028-02-29", "2028-03"),
        ("2027-03-30", "2027-03"),
        ("2027-03-31", "2027-04"),
        ("2027-12-31", "2028-01"),
    ],
)
def test_points_that_end_with_a_day_have_ended_when_it_has(dataset, day, month):
    first = month_from_text(month)
    history = read_history(Dataset(dataset), last_second_of(day))
    assert history.first_live_month == first
    assert all(notice.month >= first and notice.days > 0 for notice in notices(history, 800))


def test_statements_of_31_march_add_up_to_what_the_report_carries_over(dataset):
    on = read_history(Dataset(dataset), last_second_of("2027-03-31"))
    rows = _rows(dict(statement_files(on))["residents.csv"])
    shops = _rows(dict(statement_files(on))["merchants.csv"])
    march = month_from_text("2027-03")
    for series in read_figures(EventColumns(Dataset(dataset))).series:
        years = {year.march: year.figures for year in series.years}
        if march in years:
            its = [row for row in rows if row["シリーズ"] == series.name]
            assert _sum(its, "残高") == years[march].told.carried_over
            assert -_sum(its, "失効") == sum(its.lapsed for at, its in years.items() if at <= march)
            owed = [row for row in shops if row["シリーズ"] == series.name]
            [at_end] = [year.owed_at_end for year in series.years if year.march == march]
            assert _sum(owed, "未精算") + _sum(owed, "精算中") == at_end
            assert _sum(owed, "支払い") == sum(its.told.used for at, its in years.items() if at <= march)


def test_notices_tell_what_ends_within_so_many_days(dataset, history):
    day = last_second_of("2026-05-25")
    on = read_history(Dataset(dataset), day)
    may = month_from_text("2026-05")
    for within in DAYS:
        found = notices(on, within)
        expected = [notice for notice in notices(on, 400) if notice.days <= within]
        assert found == expected
        assert any(notice.month == may and notice.days == 6 for notice in found) == (within >= 6)
    lots = on.replay.series[next(iter(on.replay.registered))].state_at(day).lots
    assert sum(n.points for n in notices(on, 30)) == sum(its.get(may, 0) for its in lots.values()) > 0


def test_notice_has_the_last_day_by_the_era_and_by_iso(dataset, tmp_path):
    papers = write_papers(NOTICES, dataset, last_second_of("2026-05-30"), tmp_path / "out")
    assert (papers.day, papers.files) == ("2026-05-30", len(DAYS))
    rows = _rows((tmp_path / "out" / "notices-01-days.csv").read_bytes())
    assert rows and {row["有効期限"] for row in rows} == {"令和8年5月31日"}
    assert {row["有効期限(西暦)"] for row in rows} == {"2026-05-31"}
    assert {row["残り日数"] for row in rows} == {"1"} and {row["自治体コード"] for row in rows} == {CODE}


def test_papers_of_two_auditors_are_the_same(town, dataset, tmp_path):
    mine = write_papers(STATEMENTS, dataset, None, tmp_path / "mine")
    other = town.dataset(tmp_path / "dataset")
    theirs = write_papers(STATEMENTS, other, None, tmp_path / "theirs")
    assert mine.digest == theirs.digest and mine.files == theirs.files
    for file in mine.folder.rglob("*.csv"):
        assert file.read_bytes() == (theirs.folder / file.relative_to(mine.folder)).read_bytes()


def test_papers_overwrite_nothing(dataset, tmp_path):
    (tmp_path / "letter.txt").write_text("mine")
    with pytest.raises(DatasetError, match="not empty"):
        write_papers(NOTICES, dataset, None, tmp_path)


def test_command_writes_and_tells_the_digest_without_a_node(dataset, tmp_path, capsys):
    nowhere = ["--url", "http://127.0.0.1:9", "--folder", str(dataset)]
    out = ["--on", "2026-05-30", "--out", str(tmp_path / "out")]
    assert auditor.main([NOTICES, *nowhere, *out]) == 0
    told = capsys.readouterr().out
    assert (
        "2026-05-30" in told
        and write_papers(NOTICES, dataset, last_second_of("2026-05-30"), tmp_path / "again").digest in told
    )
    assert auditor.main(["patterns", *nowhere]) == 0
    assert "No odd patterns" in capsys.readouterr().out


def test_day_that_does_not_exist_is_refused(dataset, capsys):
    with pytest.raises(SystemExit):
        auditor.main([NOTICES, "--folder", str(dataset), "--on", "2026-02-30"])
    assert "2026-02-30" in capsys.readouterr().err


def test_day_is_japans(history):
    assert day_of(history.until) == day_of(history.until + 1) - 1
