"""What is said of a violation, an officer can act on: who, when, where, how much, and what came of it."""

import re
from io import StringIO

import pytest
from rich.console import Console

from scripts import auditor
from scripts.lib.audit.dataset import Dataset
from scripts.lib.audit.departure import Departure, Sent
from scripts.lib.audit.fetch import fetch
from scripts.lib.audit.frauds.forging import forge, send, told, transfer, undone
from scripts.lib.audit.report.event_columns import EventColumns
from scripts.lib.audit.report.figures import read_figures
from scripts.lib.audit.report.reconciliation import reconcile
from scripts.lib.audit.report.write import write_report
from scripts.lib.audit.verdict_page import tell_report
from scripts.lib.audit.verify import verify
from scripts.lib.audit.violation import Violation
from scripts.lib.audit.violation_story import Names, _departure, plain
from scripts.lib.bilingual import Bilingual
from scripts.lib.contract_abi import encode_call
from scripts.lib.expiry_rule import expiry_label
from scripts.lib.japan_calendar import era_moment_label, month_of
from scripts.lib.replays.everything import ZERO_ADDRESS, Replay

POINTS = 7_000
PYTHONS_OWN = re.compile(r"_\w+\(|Counter|\{|Bilingual|b'|=|None")


@pytest.fixture(scope="module")
def planted(town, tmp_path_factory):
    """The exchange mints for the first resident, whom nobody delivered anything, and who spends of it."""
    folder = town.dataset(tmp_path_factory.mktemp("story") / "dataset")
    with undone(town.rpc):
        month = month_of(town.chain.now()) + 8
        at = {"minter": town.exchange, "expiryMonth": month, "amountPoints": POINTS}
        transaction = forge(
            town.rpc,
            [
                told("MunicipalPoint.Minted", town.token, **at),
                transfer(town.token, ZERO_ADDRESS, town.first, POINTS),
            ],
        )
        minted_at = town.chain.now()
        spent = send(
            town.rpc, town.token, encode_call("MunicipalPoint", "transfer", (town.shop, 30)), town.first
        )
        fetch(town.rpc, town.platform, folder)
        verdict = verify(town.rpc, folder)
        [its] = [its for its in verdict.violations if its.transaction == transaction]
        yield its, verdict, folder, month, minted_at, spent


def test_story_names_who_when_where_how_much_and_until_when(town, planted):
    its, _, _, month, minted_at, _ = planted
    named = ["高山市ポイント（試験）", "地域経済応援ポイント交換", "高山市の住民1番"]
    figures = [f"{POINTS:,}ポイント", expiry_label(month).japanese, f"ブロック{its.block:,}"]
    for word in (*named, *figures, era_moment_label(minted_at).japanese):
        assert word in its.story.japanese, its.story
    for word in ("PartnerExchange", "resident 1", f"{POINTS:,} points", expiry_label(month).english,
                 era_moment_label(minted_at).english, f"block {its.block:,}"):  # fmt: skip
        assert word in its.story.english, its.story
    assert town.rpc.call("eth_accounts")[0].lower() in its.story.japanese.lower(), "who sent it"


def test_story_goes_on_to_what_became_of_the_points(planted):
    its, _, _, _, _, spent = planted
    assert "加盟店「朝市」へ30ポイント" in its.story.japanese and spent in its.story.japanese
    assert "shop 朝市: 30 points" in its.story.english


def test_violations_hold_nothing_of_pythons_own(planted):
    _, verdict, *_ = planted
    for its in verdict.violations:
        assert not PYTHONS_OWN.search(its.facts), its.facts
        assert not PYTHONS_OWN.search(its.story.english), its.story


def test_report_and_statements_of_it_are_written(planted, tmp_path, capsys):
    its, verdict, folder, *_ = planted
    write_report(Dataset(folder), tmp_path / "report", verdict)
    page = (tmp_path / "report" / "report.html").read_text(encoding="utf-8")
    assert "高山市の住民1番" in page and its.transaction in page
    assert f"{its.transaction} #{its.block:,} {its.sender} {its.account}" in page and its.sender
    nowhere = ["--url", "http://127.0.0.1:9", "--folder", str(folder)]
    assert auditor.main(["statements", *nowhere, "--out", str(tmp_path / "papers")]) == 1
    printed = capsys.readouterr()
    assert "Warning / 注意" in printed.out and "127.0.0.1" not in printed.out + printed.err
    papers = [*(tmp_path / "papers").rglob("*.csv")]
    assert papers and all(paper.read_text("utf-8-sig").startswith("注意: ") for paper in papers)
    [name] = [paper for paper in papers if paper.parent.name == "residents" and "-00000001" in paper.name]
    assert f",{POINTS}," in name.read_text("utf-8-sig"), "the points are in the trail"


def test_block_of_many_transactions_names_three_and_counts_the_rest():
    sent = tuple(Sent(f"0x{number}", ZERO_ADDRESS, "") for number in range(5))
    its = Violation("chain", Bilingual("balance", "残高"), departure=Departure(9, 0, True, sent))
    names = Names(Replay("0xplatform", "0xofficers", "0xresidents"), {}, {})
    told = _departure(its, None, names, lambda _: "")
    assert [f"0x{number}" in " ".join(each.english for each in told) for number in range(5)] == [
        *([True] * 3),
        *([False] * 2),
    ]
    assert told[-1] == Bilingual("And 2 more transactions in it", "同じブロックにほか2件の取引")


def test_values_are_told_without_what_python_writes_around_them():
    assert plain("told: {_Mint(series='0x5F', month=338): -1}") == "told: (series 0x5F, month 338): -1"
    assert plain("the series tells of Counter({(1, None): 2})") == "the series tells of (1, –): 2"


def test_points_that_the_exchange_minted_for_nobody_differ_from_what_partners_brought(town, planted):
    _, verdict, folder, *_ = planted
    checks = reconcile(read_figures(EventColumns(Dataset(folder))), verdict)
    [pair] = [
        its for its in checks if its.what.japanese == "交換: 協力企業別とシリーズ別" and its.where == "高山市"
    ]
    assert pair.theirs - pair.ours == POINTS and not pair.agrees


def test_report_that_differs_says_how_many_pairs_agree(planted, tmp_path):
    _, verdict, folder, *_ = planted
    written = write_report(Dataset(folder), tmp_path / "report", verdict)
    assert written.agreeing < written.checks
    console = Console(file=StringIO(), width=160)
    tell_report(console, written)
    assert f"{written.agreeing} of {written.checks} pairs" in console.file.getvalue()
