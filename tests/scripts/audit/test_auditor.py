"""The auditor's commands as an auditor uses them, and the dataset as others read it."""

import re
import shutil

import duckdb
import pytest

from scripts import auditor
from scripts.demo import KEPT_STATES_TO_TRY_IN
from scripts.lib.audit.dataset import Dataset
from scripts.lib.audit.event_tables import PLACE_COLUMNS
from scripts.lib.audit.fetch import fetch
from scripts.lib.audit.frauds.forging import account_slot, change_storage, forge, transfer, undone
from scripts.lib.audit.statements.papers import last_second_of
from scripts.lib.audit.verify import verify
from scripts.lib.workspace import ROOT

PAGE = (ROOT / "docs" / "dataset.md").read_text(encoding="utf-8")


@pytest.fixture
def run(town, capsys):
    """Runs a command; gives its exit code and what it printed."""

    def run(task, *arguments):
        code = auditor.main([task, "--url", town.rpc.url, *map(str, arguments)])
        printed = capsys.readouterr()
        return code, printed.out + printed.err

    return run


def test_fetch_and_verify_need_the_platforms_address_alone(town, run, tmp_path):
    code, printed = run("fetch", "--platform", town.platform, "--folder", tmp_path / "new")
    assert code == 0 and "Fetched / 取得" in printed, printed
    code, printed = run("verify", "--folder", tmp_path / "new")
    assert code == 0 and "Nothing found / 異常なし" in printed, printed


def test_platform_is_found_in_the_records(town, run, tmp_path):
    code, printed = run("fetch", "--records", town.out / "deployments", "--folder", tmp_path / "new")
    assert code == 0, printed


def test_verify_names_what_it_found_in_both_languages(town, run, tmp_path):
    with undone(town.rpc):
        month, points = next(iter(town.lots(town.first).items()))
        place = account_slot(town.rpc, town.token, town.first, month << 29 | points)
        change_storage(town.rpc, town.token, place, lambda word: word + 7)
        run("fetch", "--platform", town.platform, "--folder", tmp_path / "new")
        code, printed = run("verify", "--folder", tmp_path / "new")
    assert code == 1
    told = "".join(printed.split())  # wherever the terminal broke the lines
    for words in ("NOTINORDER", "異常あり", "balance", "残高", town.first, f"chain{points + 7}"):
        assert words in told, printed


def test_verify_without_a_dataset_says_what_to_do(run, tmp_path):
    code, printed = run("verify", "--folder", tmp_path)
    assert code == 2 and "fetch first" in printed and "127.0.0.1" not in printed, "it is not about the node"


def test_auditor_without_a_node_says_so(dataset, capsys):
    assert auditor.main(["verify", "--url", "http://127.0.0.1:9", "--folder", str(dataset)]) == 2
    told = capsys.readouterr().err
    assert "127.0.0.1:9" in told and "no node answers" in told and "--folder FOLDER --offline" in told
    assert auditor.main(["report", "--url", "http://127.0.0.1:9", "--folder", str(dataset)]) == 2
    told = capsys.readouterr().err
    assert "--folder FOLDER --offline" in told and "ノードは不要です" in told
    assert auditor.main(["report", "--url", "http://127.0.0.1:9", "--offline"]) == 2
    assert "--folder" in capsys.readouterr().err


def test_fetch_to_a_day_ends_with_its_last_block(town, run, tmp_path):
    end = last_second_of("2027-03-31")
    code, printed = run(
        "fetch", "--platform", town.platform, "--folder", tmp_path / "d", "--to", "2027-03-31"
    )
    assert code == 0, printed
    its = Dataset(tmp_path / "d")
    after = town.rpc.call("eth_getBlockByNumber", hex(its.last + 1), False)
    assert its.seal.time <= end < int(after["timestamp"], 16)
    block = ["--to", its.last]
    run("fetch", "--platform", town.platform, "--folder", tmp_path / "b", *block)
    assert Dataset(tmp_path / "b").digest == its.digest


@pytest.mark.parametrize("day", ["2036-03-31", "2016-03-31"])
def test_fetch_to_a_day_that_is_not_the_chains_is_refused(town, run, tmp_path, day):
    code, printed = run("fetch", "--platform", town.platform, "--folder", tmp_path / "d", "--to", day)
    assert code == 2 and ("not over" in printed or "begins after" in printed), printed


def test_report_of_what_the_node_has_forgotten_names_the_ways_that_are_left(town, run, tmp_path):
    folder = tmp_path / "former"
    run("fetch", "--platform", town.platform, "--folder", folder, "--to", "2026-06-30")
    code, printed = run("report", "--folder", folder)
    assert code == 2, printed
    assert all(way in printed for way in ("fetch again", "report --on DATE", "--folder FOLDER --offline"))


def test_verify_offline_checks_the_history_and_says_what_is_left_out(dataset, capsys, tmp_path):
    nowhere = ["--url", "http://127.0.0.1:9", "--offline"]
    assert auditor.main(["verify", *nowhere, "--folder", str(dataset)]) == 0
    printed = capsys.readouterr().out
    assert "Nothing found" in printed and "Left out, without a node / ノードなしのため省略" in printed
    assert "answers of the chain at block" not in printed
    copy = shutil.copytree(dataset, tmp_path / "copy")
    next(copy.glob("MunicipalPoint.Transfer/*.parquet")).unlink()
    assert auditor.main(["verify", *nowhere, "--folder", str(copy)]) == 1
    assert auditor.main(["verify", *nowhere]) == 2
    assert "--folder" in capsys.readouterr().err


def test_verify_offline_finds_a_fraud_in_the_history(town, dataset, tmp_path):
    copy = shutil.copytree(dataset, tmp_path / "copy")
    with undone(town.rpc):
        forge(town.rpc, [transfer(town.token, town.first, town.second, 1)])
        fetch(town.rpc, town.platform, copy)
    assert [its.breaks for its in verify(None, copy).violations] == ["I5"]


def test_dataset_that_is_there_tells_the_platform(town, run, dataset, tmp_path):
    copy = shutil.copytree(dataset, tmp_path / "copy")
    code, printed = run("fetch", "--folder", copy, "--records", tmp_path / "none")
    assert code == 0 and "0 events" in printed, printed


def test_fetch_without_records_says_to_name_the_platform(run, tmp_path):
    code, printed = run("fetch", "--folder", tmp_path / "new", "--records", tmp_path / "none")
    assert code == 2 and "--platform ADDRESS" in printed, printed


def test_verify_says_how_far_the_chain_has_gone_on(town, run, tmp_path):
    copy = town.dataset(tmp_path / "new")
    _, printed = run("verify", "--folder", copy)
    assert "gone on" not in printed
    with undone(town.rpc):
        town.rpc.call("evm_mine")
        _, printed = run("verify", "--folder", copy)
        assert "1 block beyond the dataset" in printed
        _, printed = run("report", "--folder", copy)
        assert "1 block beyond the dataset" in printed and "gone on / チェーンはその先へ" in printed
        for _ in range(KEPT_STATES_TO_TRY_IN):
            town.rpc.call("evm_mine")
        code, printed = run("verify", "--folder", copy)
        assert code == 2 and "fetch again" in printed, printed


@pytest.mark.parametrize(
    ("task", "its", "others"),
    [
        ("fetch", ["--platform", "--to"], ["--public", "--on", "--keystore"]),
        ("verify", ["--offline"], ["--public", "--platform", "--on"]),
        ("report", ["--public", "--offline", "--category-names", "--on"], ["--to", "--keystore"]),
        ("statements", ["--on", "--out"], ["--public", "--to"]),
        ("anchor", ["--keystore", "--network"], ["--public", "--on"]),
    ],
)
def test_help_of_a_task_is_its_own_page(capsys, task, its, others):
    with pytest.raises(SystemExit):
        auditor.main([task, "--help"])
    page = capsys.readouterr().out
    assert all(option in page for option in its) and not any(f"{option} " in page for option in others), page


def queries():
    return re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)


def test_queries_of_the_documentation_agree_with_the_chain(town, dataset, monkeypatch):
    monkeypatch.chdir(dataset)
    by_shop, by_month = (duckdb.sql(query).fetchall() for query in queries())
    owed = {(series, shop): points for series, shop, _, points in by_shop}
    assert owed[town.token.lower(), town.shop.lower()] == town.balance(town.shop) > 0
    assert {name for _, _, name, _ in by_shop} == {"朝市", "湯屋"}
    assert dict(by_month)["2026-06"] == 700 + 1000


def test_documentation_names_every_column_that_all_tables_have():
    assert all(f"`{field.name}`" in PAGE for field in PLACE_COLUMNS)


def test_every_line_of_the_manifest_is_explained(dataset):
    assert {line.__struct_config__.tag for line in Dataset(dataset).lines()} == {
        "header",
        "contract",
        "segment",
    }
    assert all(f"| `{tag}` |" in PAGE for tag in ("header", "contract", "segment"))
