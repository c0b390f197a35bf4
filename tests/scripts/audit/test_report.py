"""The report: its figures agree with verify's, the same blocks make the same bytes, and it keeps secrets."""

import csv
import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from types import SimpleNamespace

import pytest
from eth_account import Account

from scripts import auditor
from scripts.lib.administration import connection
from scripts.lib.audit.dataset import Dataset
from scripts.lib.audit.fetch import fetch
from scripts.lib.audit.frauds.forging import account_slot, change_storage, undone
from scripts.lib.audit.patterns.movements import read_movements
from scripts.lib.audit.patterns.odd_pattern import OddPattern, PatternKind
from scripts.lib.audit.patterns.search import find_patterns
from scripts.lib.audit.report.anchor import AnchorError, send_anchor
from scripts.lib.audit.report.cells import MINIMUM_ACCOUNTS
from scripts.lib.audit.report.disclosure import hidden_figures
from scripts.lib.audit.report.event_columns import EventColumns
from scripts.lib.audit.report.figures import IN, Books, read_figures
from scripts.lib.audit.report.page import set_page
from scripts.lib.audit.report.reconciliation import ReconciliationError, reconcile
from scripts.lib.audit.report.transfers import Flow
from scripts.lib.audit.report.view import _Builder, build_view
from scripts.lib.audit.report.write import PAGE, SUMS, write_report
from scripts.lib.audit.statements.history import read_history
from scripts.lib.audit.statements.papers import last_second_of
from scripts.lib.audit.verify import verify
from scripts.lib.audit.violation import Violation
from scripts.lib.bilingual import Bilingual
from scripts.lib.japan_calendar import month_of
from scripts.lib.node.networks import Keys, Network
from scripts.lib.workspace import ROOT
from tests.support.honest_year import BEGIN, HonestYear
from tests.support.planted_patterns import PLANTS
from tests.support.year_dataset import write_series, write_year

CLONED = ("scripts", "contracts", "interfaces", "build/contracts", "build/interfaces", "build/sources.sha256",
          "brownie-config.yaml", "package-lock.json")  # fmt: skip
PASSPHRASE = "監査の合言葉"


@pytest.fixture(scope="module")
def figures(dataset):
    return read_figures(EventColumns(Dataset(dataset)))


@pytest.fixture(scope="module")
def verdict(town, dataset):
    return verify(town.rpc, dataset)


@pytest.fixture(scope="module")
def written(dataset, verdict, tmp_path_factory):
    return write_report(Dataset(dataset), tmp_path_factory.mktemp("report") / "full", verdict)


@pytest.fixture(scope="module")
def page(written):
    return (written.folder / PAGE).read_text(encoding="utf-8")


@pytest.fixture
def run(town, capsys):
    """Runs a command; gives its exit code and what it printed."""

    def run(task, *arguments):
        code = auditor.main([task, "--url", town.rpc.url, *map(str, arguments)])
        printed = capsys.readouterr()
        return code, printed.out + printed.err

    return run


# ------------------------------------------------------------------------------------------------- figures


def test_figures_are_those_of_verify(figures, verdict):
    assert {its.address: its.books for its in figures.series} == {
        token: Books(*(getattr(books, name) for name in Books._fields))
        for token, books in verdict.books.items()
    }


def test_figures_are_those_that_officers_fixed_when_the_year_closed(figures):
    closed = [year for its in figures.series for year in its.years if year.closed is not None]
    assert closed
    assert [year.figures for year in closed] == [year.closed for year in closed]


def test_reconciliation_compares_with_verify_and_with_closed_years(figures, verdict):
    alone, with_verdict = reconcile(figures, None), reconcile(figures, verdict)
    assert len(with_verdict) == len(alone) + len(Books._fields) * len(figures.series)
    assert sum("as closed" in check.what.english for check in alone) >= 15


def changed_books(figures, **changes):
    first, *others = figures.series
    books = replace(first, books=first.books._replace(**changes))
    return replace(figures, series=[books, *others])


def changed_month(figures):
    first, *others = figures.series
    month = first.months[0]
    flows = {**month.flows, Flow.GRANTED: month.flows[Flow.GRANTED]._replace(points=1)}
    return replace(
        figures, series=[replace(first, months=[replace(month, flows=flows), *first.months[1:]]), *others]
    )


def changed_shop(figures):
    first, *others = figures.series
    shop = first.shops[0]
    used = shop.used._replace(points=shop.used.points + 1)
    return replace(
        figures, series=[replace(first, shops=[replace(shop, used=used), *first.shops[1:]]), *others]
    )


def changed_partner(figures):
    *others, last = figures.partners
    return replace(figures, partners=[*others, replace(last, exchanged=last.exchanged + 1)])


def changed_year(figures):
    for place, its in enumerate(figures.series):
        for number, year in enumerate(its.years):
            if year.closed is not None:
                told = year.figures._replace(lapsed=year.figures.lapsed + 1)
                years = [*its.years[:number], replace(year, figures=told), *its.years[number + 1 :]]
                others = figures.series[:place], figures.series[place + 1 :]
                return replace(figures, series=[*others[0], replace(its, years=years), *others[1]])
    raise LookupError("no year was closed")


@pytest.mark.parametrize(
    "change",
    [
        lambda figures: changed_books(figures, lapsed=figures.series[0].books.lapsed + 1),
        lambda figures: changed_books(figures, live=figures.series[0].books.live - 1),
        lambda figures: changed_books(figures, settled=0),
        changed_month,
        changed_shop,
        changed_partner,
        changed_year,
    ],
    ids=["lapsed", "live", "settled", "month", "shop", "partner", "year"],
)
def test_figure_that_is_changed_is_refused(figures, verdict, change):
    with pytest.raises(ReconciliationError):
        reconcile(change(figures), verdict)


def test_monthly_figures_begin_and_end_with_what_residents_hold(figures):
    for its in figures.series:
        assert its.months[-1].live_points == its.books.live == sum(each.live.points for each in its.endings)
        assert all(month.live_points >= 0 for month in its.months)


def test_new_card_makes_no_new_person(town, figures):
    """The first resident of the town has had two accounts: nobody counts twice."""
    [its] = [each for each in figures.series if each.address == town.token]
    assert its.totals[Flow.USED].accounts == 2
    assert its.totals[Flow.GRANTED].accounts == 2


@pytest.mark.parametrize("day", ["2026-05-31", "2026-08-15", "2027-03-31"])
def test_report_as_of_a_day_has_the_books_of_verify_and_of_the_statements(town, dataset, day):
    end = last_second_of(day)
    on = read_figures(EventColumns(Dataset(dataset), end))
    verdict = verify(town.rpc, dataset, end)
    assert verdict.violations == [] and len(reconcile(on, verdict)) > len(on.series)
    history = read_history(Dataset(dataset), end)
    for its in on.series:
        lines = [line for line in history.residents if line.token == its.address]
        assert sum(line.points for line in lines) == its.books.live
        assert -sum(line.points for line in lines if line.kind == "失効") == its.books.lapsed
        assert its.months[-1].month == month_of(end)


def test_points_that_end_with_a_day_are_live_before_its_end_and_lapsed_after_it_and_the_page_says_so(
    town, dataset, run, tmp_path
):
    folder, day = tmp_path / "former", "2026-05-31"
    run("fetch", "--platform", town.platform, "--folder", folder, "--to", day)
    before = read_figures(EventColumns(Dataset(folder)))
    after = read_figures(EventColumns(Dataset(dataset), last_second_of(day)))
    assert before.ending == after.ended != {} == before.ended == after.ending
    lives = [{its.address: its.books.live for its in figures.series} for figures in (before, after)]
    assert {at: lives[0][at] - lives[1][at] for at in after.ended} == after.ended
    points = sum(after.ended.values())
    code, printed = run("report", "--folder", dataset, "--on", day, "--out", tmp_path / "on")
    assert code == 0 and day in printed, printed
    run("report", "--folder", folder, "--offline", "--out", tmp_path / "to")
    for name, words in (("on", "失効に数えています"), ("to", "残高に数えています")):
        page = (tmp_path / name / PAGE).read_text(encoding="utf-8")
        assert f"{points:,} ポイント(" in page and words in page
        assert all(
            f"{its.name} {after.ended[its.address]:,}" in page
            for its in after.series
            if its.address in after.ended
        )
        assert f"{points:,} points that end" in page, "in English"
    public = tmp_path / "public"
    run("report", "--folder", dataset, "--on", day, "--public", "--out", public)
    assert f"{points:,} points that" not in (public / PAGE).read_text(encoding="utf-8")


def test_note_on_a_days_end_is_for_days_with_which_points_end(page, dataset, run, tmp_path):
    assert "同日限り" not in page
    run("report", "--folder", dataset, "--on", "2026-08-15", "--out", tmp_path / "on")
    assert "同日限り" not in (tmp_path / "on" / PAGE).read_text(encoding="utf-8")


@pytest.mark.parametrize(("day", "why"), [("2037-01-01", "has not ended"), ("2020-01-01", "by then")])
def test_report_as_of_a_day_beyond_the_dataset_is_refused(dataset, run, tmp_path, day, why):
    code, printed = run("report", "--folder", dataset, "--on", day, "--out", tmp_path / "on")
    assert code == 2 and why in printed, printed


def test_report_as_of_a_day_stands_beside_the_dataset_under_its_name(tmp_path):
    end = last_second_of("2027-03-31")
    assert auditor.default_report(tmp_path / "d", on=end).name == "d-report-2027-03-31"
    assert auditor.default_report(tmp_path / "d", on=end, is_public=True).name == "d-report-public-2027-03-31"


def test_series_in_which_nothing_happened_has_a_report(tmp_path):
    dataset = write_series(b"\x07" * 20, {}, 9, BEGIN, tmp_path / "dataset")
    for is_public in (False, True):
        write_report(dataset, tmp_path / f"report {is_public}", None, is_public=is_public)


# ------------------------------------------------------------------------------------- the same for everybody


def test_same_blocks_make_the_same_bytes_whoever_fetched_how_often_where_and_when(
    town, dataset, tmp_path, written
):
    """Two copies of the program in folders of other names; one dataset in four pieces, the other in one."""
    once = tmp_path / "fetched at once"
    fetch(town.rpc, town.platform, once)
    assert Dataset(once).digest != Dataset(dataset).digest
    machines = (
        ("auditor one", dataset, {"TZ": "America/New_York", "LC_ALL": "C", "PYTHONHASHSEED": "1"}),
        ("二人目", once, {"TZ": "Asia/Tokyo", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "2"}),
    )
    reports = []
    for name, its_dataset, environment in machines:
        clone, out = tmp_path / name / "clone", tmp_path / name / "report"
        for path in CLONED:
            copy = shutil.copytree if (ROOT / path).is_dir() else shutil.copy2
            (clone / path).parent.mkdir(parents=True, exist_ok=True)
            copy(ROOT / path, clone / path)
        command = [sys.executable, "-m", "scripts.auditor", "report", "--url", town.rpc.url]
        command += ["--folder", str(its_dataset), "--out", str(out)]
        variables = {**os.environ, **environment, "HOME": str(tmp_path / name), "PYTHONPATH": str(clone)}
        subprocess.run(command, cwd=clone, env=variables, check=True, capture_output=True)
        reports.append({file.name: file.read_bytes() for file in out.iterdir()})
        assert str(tmp_path).encode() not in reports[-1][PAGE]
    first, second = reports
    assert first == second == {file.name: file.read_bytes() for file in written.folder.iterdir()}


def test_one_point_more_makes_another_digest(town, dataset, tmp_path):
    before = write_report(Dataset(dataset), tmp_path / "before", None)
    with undone(town.rpc):
        town.pay(town.second, town.shop, 9, 1)
        fetch(town.rpc, town.platform, tmp_path / "later")
        after = write_report(Dataset(tmp_path / "later"), tmp_path / "after", None)
    assert before.digest != after.digest


def test_page_names_chain_blocks_and_digests(town, dataset, page):
    columns = EventColumns(Dataset(dataset))
    seal = columns.dataset.seal
    for told in (str(town.chain.chain_id), columns.header.genesis, seal.hash, columns.digest(), town.token):
        assert told in page


# ----------------------------------------------------------------------------------------------- the page


def test_page_needs_no_network(page):
    assert not re.search(r"(?i)https?:|//[a-z]|@import|<script|<link|<iframe|<img|\bsrc=|url\((?!#)", page)
    assert not re.search(r'href="(?!#)', page)


def test_verdict_stands_first_and_plots_have_text(page):
    assert page.index("異常なし") < page.index("ポイントの所在") < page.index("<svg")
    assert len(re.findall(r"<svg[^>]*>", page)) >= 2
    assert "<text" in page and "font-family: 'DejaVu" not in page


def test_texts_of_the_chain_are_escaped(figures, verdict):
    first, *others = figures.series
    shop = replace(first.shops[0], name='<script>alert("x")</script>')
    forged = replace(figures, series=[replace(first, shops=[shop, *first.shops[1:]]), *others])
    view = build_view(forged, verdict, [], [], is_public=False, category_names={})
    page = set_page(view).decode()
    assert "<script>" not in page and "&lt;script&gt;" in page


ACCUSED = f"0x{'9' * 40}"


def page_of(figures, verdict, violations, patterns=(), *, is_public=False):
    """Return what writes the tables of a page with these violations; its pictures take a second."""
    found = replace(verdict, violations=violations)
    return _Builder(figures, found, [], patterns, is_public, {})


def test_violations_beyond_forty_are_counted_on_the_page(figures, verdict):
    found = [Violation("I5", Bilingual("moved", "移動"), facts=f"fact {place}") for place in range(42)]
    *told, rest = page_of(figures, verdict, found)._violations().rows
    assert [row[-1] for row in told] == [f"fact {place}" for place in range(40)]
    assert "他2件 / 2 more" in rest


def test_public_version_counts_violations_and_patterns_and_names_nobody(figures, verdict):
    found = [Violation("I5", Bilingual("points moved", "移動"), account=ACCUSED)] * 3
    series, second = figures.series[0].address, figures.second
    says = Bilingual("five people", "五人")
    pattern = OddPattern(
        PatternKind.CLOSED_CIRCLE, series, says, (), (ACCUSED,), 5, 1, 2, second, second, ("0x12",), (1,), 100
    )
    full, public = (
        page_of(figures, verdict, found, [pattern] * 2, is_public=is_public) for is_public in (False, True)
    )
    assert ACCUSED in repr(full._violations()) and full._pattern_counts() is None
    assert public._violations().rows == [["I5", str(found[0].what), "3"]]
    assert public._pattern_counts().rows == [["閉じた輪 closed circle", "2"]]


def test_fraud_makes_another_verdict(town, run, tmp_path):
    with undone(town.rpc):
        month, points = next(iter(town.lots(town.first).items()))
        place = account_slot(town.rpc, town.token, town.first, month << 29 | points)
        change_storage(town.rpc, town.token, place, lambda word: word + 7)
        run("fetch", "--platform", town.platform, "--folder", tmp_path / "new")
        code, printed = run("report", "--folder", tmp_path / "new", "--out", tmp_path / "report")
    page = (tmp_path / "report" / PAGE).read_text(encoding="utf-8")
    assert code == 1, printed
    assert "異常あり" in page and town.first in page and "異常なし" not in page


def test_damaged_dataset_makes_no_report(dataset, run, tmp_path):
    copy = shutil.copytree(dataset, tmp_path / "copy")
    file = next(copy.glob("MunicipalPoint.Transfer/*.parquet"))
    file.write_bytes(file.read_bytes()[:-1] + b"\0")
    code, printed = run("report", "--offline", "--folder", copy, "--out", tmp_path / "report")
    assert code == 2 and "digest differs" in printed
    assert not (tmp_path / "report").exists()


@pytest.mark.parametrize("holds_a_report_too", [False, True])
def test_folder_of_something_else_is_not_overwritten(written, dataset, run, tmp_path, holds_a_report_too):
    if holds_a_report_too:
        shutil.copytree(written.folder, tmp_path / "letters")
    (tmp_path / "letters").mkdir(exist_ok=True)
    (tmp_path / "letters" / "dear.txt").write_text("mine")
    code, printed = run("report", "--folder", dataset, "--out", tmp_path / "letters")
    assert code == 2 and "no report" in printed
    assert "Checked" not in printed, "it is said before minutes of checking"
    assert (tmp_path / "letters" / "dear.txt").read_text() == "mine"


def test_kinds_of_shops_are_named_by_the_towns_file(dataset, figures, run, tmp_path):
    name = figures.series[0].name
    file = tmp_path / "names.csv"
    file.write_text(f"series,category,category_name\n{name},1,お食事処\n", encoding="utf-8-sig")
    arguments = ("--offline", "--folder", dataset, "--out", tmp_path / "report", "--category-names", file)
    code, printed = run("report", *arguments)
    assert code == 0, printed
    assert "お食事処" in (tmp_path / "report" / PAGE).read_text(encoding="utf-8")


def test_names_of_shops_that_cannot_be_read_are_refused_with_the_line(dataset, run, tmp_path):
    file = tmp_path / "names.csv"
    file.write_text("series,category,category_name\n高山市ポイント,飲食,お食事処\n", encoding="utf-8")
    arguments = ("--offline", "--folder", dataset, "--out", tmp_path / "report", "--category-names", file)
    code, printed = run("report", *arguments)
    assert code == 2 and "names.csv" in printed and "category" in printed, printed
    assert not (tmp_path / "report").exists()


# ------------------------------------------------------------------------------------------ odd patterns


def test_planted_frauds_stand_on_the_first_page_with_every_transaction(tmp_path):
    year = HonestYear(2022, 25_000)
    planted = [PLANTS[name][1](year) for name in ("cash ring", "burst", "refund farm")]
    dataset = write_year(year, tmp_path / "dataset")
    written = write_report(dataset, tmp_path / "report", None)
    patterns = find_patterns(read_movements(dataset))
    page = (written.folder / PAGE).read_text(encoding="utf-8")
    first_page = page[: page.index("ポイントの所在")]
    for fraud in planted:
        found = next(its for its in patterns if fraud.is_found_by(year, its))
        assert found.says.japanese in first_page and found.kind.value.english in first_page
        assert all(transaction in first_page for transaction in found.transactions)
    with (written.folder / "odd-patterns.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    for finding, its in enumerate(patterns, 1):
        told = [row for row in rows if row["finding 番号"] == str(finding)]
        assert {row["transaction 取引"] for row in told} == set(its.transactions)
        assert {row["account 口座"] for row in told} - {""} == set(its.accounts)
        assert [row["time 日時"] for row in told] == sorted(row["time 日時"] for row in told)
        assert sum(int(row["points ポイント"]) for row in told) >= its.points > 0
    assert {row["movement 区分"] for row in rows} >= {"支払い", "返品"}
    assert all(row["shop 店"] for row in rows if row["movement 区分"] in ("支払い", "返品"))


# ------------------------------------------------------------------------------------------- public version


@pytest.fixture(scope="module")
def public(dataset, verdict, tmp_path_factory):
    return write_report(
        Dataset(dataset), tmp_path_factory.mktemp("public") / "public", verdict, is_public=True
    )


def test_public_version_names_no_account_and_no_transaction(town, public, figures):
    page = (public.folder / PAGE).read_text(encoding="utf-8")
    contracts = {town.token, town.platform, town.officers, town.residents}
    contracts |= {each.address for each in figures.columns.dataset.contracts}
    seal = figures.columns.dataset.seal
    assert set(re.findall(r"0x[0-9a-fA-F]{40}\b", page)) <= contracts
    assert set(re.findall(r"0x[0-9a-fA-F]{64}", page)) <= {seal.hash, figures.columns.header.genesis}
    assert "公表版" in page and {file.name for file in public.folder.iterdir()} == {PAGE, SUMS}


def test_public_version_of_a_town_with_two_residents_shows_no_points(public, figures):
    """Too few accounts stand behind every figure of it."""
    page = (public.folder / PAGE).read_text(encoding="utf-8")
    [its] = [each for each in figures.series if len(each.years) > 1 and each.totals[Flow.EXCHANGED].points]
    hidden = hidden_figures(figures)
    for flow in IN:
        if its.totals[flow].points:
            assert its.totals[flow].accounts < MINIMUM_ACCOUNTS
            assert ("total", its.address, flow) in hidden
            assert f">{its.totals[flow].points:,}<" not in page


# ------------------------------------------------------------------------------------------------ the anchor


@pytest.fixture
def keystore(town, tmp_path):
    """Returns a keystore file and a descriptor that hands over its passphrase."""
    account = Account.create()
    file = tmp_path / "auditor.json"
    file.write_text(json.dumps(Account.encrypt(account.key, PASSPHRASE, kdf="pbkdf2", iterations=10)))

    def descriptor():
        reading, writing = os.pipe()
        os.write(writing, PASSPHRASE.encode())
        os.close(writing)
        return reading

    return account.address, file, descriptor


@pytest.fixture
def network(town, monkeypatch):
    """The town's chain as a network of the networks file."""
    chain = Network("town", town.rpc.url, town.chain.chain_id, Keys.OWN)
    monkeypatch.setattr(connection, "read_network", lambda *_: chain)


def test_digest_is_anchored_on_chain_and_found_there(town, written, run, keystore, network):
    address, file, descriptor = keystore
    with undone(town.rpc):
        town.rpc.call("evm_setAutomine", True)
        try:
            arguments = ("--out", written.folder, "--keystore", file, "--passphrase-fd", descriptor())
            code, printed = run("anchor", *arguments)
            assert code == 0 and written.digest in printed and address in printed, printed
            [transaction] = re.findall(r"0x[0-9a-f]{64}", printed)
            code, printed = run("anchored", "--out", written.folder, "--transaction", transaction)
            assert code == 0 and written.digest in printed, printed
        finally:
            town.rpc.call("evm_setAutomine", False)


def test_anchor_of_another_report_is_refused(town, written, public, run, keystore, network):
    _, file, descriptor = keystore
    with undone(town.rpc):
        town.rpc.call("evm_setAutomine", True)
        try:
            _, printed = run(
                "anchor", "--out", public.folder, "--keystore", file, "--passphrase-fd", descriptor()
            )
            [transaction] = re.findall(r"0x[0-9a-f]{64}", printed)
            code, printed = run("anchored", "--out", written.folder, "--transaction", transaction)
            assert code == 2 and "別の報告書" in printed
        finally:
            town.rpc.call("evm_setAutomine", False)


def test_payment_is_no_anchor(town, written, run):
    block = town.rpc.call("eth_getBlockByNumber", "latest", False)
    code, printed = run("anchored", "--out", written.folder, "--transaction", block["transactions"][0])
    assert code == 2 and "anchors no report" in printed


def test_anchor_that_is_not_named_is_asked_for(written, run):
    code, printed = run("anchored", "--out", written.folder)
    assert code == 2 and "--transaction で取引を指定してください" in printed


def test_transaction_that_the_chain_does_not_know_is_no_anchor(written, run):
    code, printed = run("anchored", "--out", written.folder, "--transaction", "0x" + "12" * 32)
    assert code == 2 and "is not on this chain / この取引はチェーンにありません" in printed


def test_anchor_without_a_key_says_to_name_one(written):
    with pytest.raises(AnchorError, match="no key signs: name one with --keystore"):
        send_anchor(SimpleNamespace(accounts=[]), written.digest)


@pytest.mark.parametrize("change", ["changed", "removed", "added"])
def test_report_that_is_not_as_written_is_not_anchored(written, run, tmp_path, change):
    report = shutil.copytree(written.folder, tmp_path / "report")
    if change == "changed":
        (report / PAGE).write_text("all is well")
    elif change == "removed":
        (report / PAGE).unlink()
    else:
        (report / "more.csv").write_text("")
    code, printed = run("anchor", "--out", report)
    assert code == 2 and "not as written" in printed
