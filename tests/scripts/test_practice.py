"""The practice town: what it holds, what it refuses, and that time passes on local chains alone."""

import io

import pytest
from rich.console import Console

from scripts import practice
from scripts.lib.administration.command_line import run
from scripts.lib.administration.connection import Connection
from scripts.lib.administration.execution import ExitCode
from scripts.lib.calls import View
from scripts.lib.contract_book import ContractBook
from scripts.lib.japan_calendar import day_of, moment_from_text, month_of
from scripts.lib.keys.keyring import KeyringError
from scripts.lib.keys.keystore import decrypt
from scripts.lib.node.local_chain import DEVELOPMENT_CHAIN_ID, LocalChain
from scripts.lib.node.rpc import Rpc
from scripts.lib.node.view_reader import read_views
from scripts.lib.practice_files import MISTAKEN_LINES, RESIDENTS
from scripts.lib.practice_town import (
    PASSPHRASE,
    PracticeError,
    PracticeFolders,
    _Founding,
    add,
    found,
    let_time_pass,
    pay_day,
)

ACCOUNT = "0x00000000000000000000000000000000000000A1"


@pytest.fixture
def officer(practised):
    """Runs a command at the machine of an officer; returns how it ended, and its words."""

    def run_as(name, *words):
        folders = practised.folders
        places = {"records": folders.records, "plans": folders.plans, "journals": folders.journals}
        connection = Connection.open(url=practised.url, **places)
        key = decrypt(folders.practice / "keys" / f"{name}.json", PASSPHRASE)
        connection.accounts[:] = [connection.keyring.add(key)]
        page = io.StringIO()
        ended = run("municipality", [*words, "--yes"], connection, Console(file=page, width=200))
        return ended, page.getvalue()

    return run_as


def ask(practised, contract, address, function, *arguments):
    return read_views(Rpc(practised.url), [View(contract, address, function, arguments)])[0]


def test_clerks_list_is_refused_for_three_mistakes_then_granted_by_two_officers(practised, officer):
    folder = practised.folders.practice
    assert (folder / "grants.csv").read_bytes().decode("cp932").count("\r\n") == RESIDENTS + 1
    ended, said = officer("tanto", "grant", str(folder / "grants.csv"))
    assert ended is ExitCode.REJECTED_INPUT and "3 faults" in said
    assert all(f" {line} " in said for line in MISTAKEN_LINES)
    corrected = str(folder / "grants-corrected.csv")
    assert officer("tanto", "grant", corrected)[0] is ExitCode.PARTLY_DONE
    assert officer("shonin", "grant", corrected)[0] is ExitCode.DONE
    ended, said = officer("shonin", "grant", corrected)
    assert ended is ExitCode.DONE and "Nothing was sent" in said


def test_shops_are_owed_what_residents_paid_last_month(practised):
    town, service = practised.town, ContractBook.read(practised.folders.practice / "contracts.json")
    lines = (practised.folders.practice / "shops.csv").read_text("cp932").splitlines()[1:]
    owed = [
        sum(ask(practised, "MunicipalPoint", town.series, "claimOf", line.split(",")[0])) for line in lines
    ]
    assert sum(owed) == town.claims_points > 0 and all(owed)
    assert service.series[0].address == town.series
    now = int(Rpc(practised.url).call("eth_getBlockByNumber", "latest", False)["timestamp"], 16)
    last = moment_from_text(town.last_month)
    assert month_of(last) == month_of(now) - 1 and day_of(last) + 1 == day_of(last + 86_400)


def test_second_town_on_a_used_chain_is_refused(practised, tmp_path):
    folders = PracticeFolders(*(tmp_path / name for name in ("practice", "records", "plans", "journals")))
    with pytest.raises(PracticeError, match="新しく始めて"):
        found(practised.url, folders)
    assert not folders.practice.exists()


def test_shops_and_residents_of_ones_own_are_added_as_often_as_one_likes(practised):
    residents = [f"0x{'00' * 19}{number:02X}" for number in (0xA1, 0xB2)]
    shop = "0x00000000000000000000000000000000000000c3"
    assert add(practised.url, [], residents[:1], practised.folders) == practised.town.series
    add(practised.url, ["0x" + "0" * 38 + "C3"], residents, practised.folders)
    held = [ask(practised, "MunicipalPoint", practised.town.series, "balanceOf", each) for each in residents]
    assert held == [10_000, 5_000]
    assert ask(practised, "MunicipalPoint", practised.town.series, "merchantOf", shop)[0]


def test_shops_of_ones_own_before_there_is_a_practice_town_are_refused(practised, tmp_path):
    nothing = PracticeFolders(*(tmp_path / name for name in ("practice", "deployments", "plans", "journals")))
    with pytest.raises(PracticeError, match="`make practice` comes first"):
        add(practised.url, [ACCOUNT], [], nothing)


def test_keys_and_files_of_an_earlier_practice_are_put_aside(tmp_path):
    folders = PracticeFolders(*(tmp_path / name for name in ("practice", "deployments", "plans", "journals")))
    (folders.practice / "keys").mkdir(parents=True)
    (folders.practice / "keys" / "tanto.json").write_text("mine")
    founding = _Founding(None, folders, 0)
    aside = founding._make_folder()
    assert (aside / "keys" / "tanto.json").read_text() == "mine"
    assert list((folders.practice / "keys").iterdir()) == []


def test_time_passes_on_the_local_chain(capsys):
    with LocalChain.anvil(chain_id=DEVELOPMENT_CHAIN_ID) as chain:
        before = chain.now()
        assert practice.main(["--url", chain.url, "later", "48h"]) == 0
        assert let_time_pass(chain.url, 60) >= before + 48 * 3600 + 60
    assert "チェーンの時刻" in capsys.readouterr().out


@pytest.mark.parametrize("do", [lambda url: let_time_pass(url, 60), found], ids=["later", "found"])
def test_chain_that_is_not_the_local_one_is_left_alone(do):
    with LocalChain.anvil(chain_id=217_001) as chain:
        with pytest.raises(KeyringError):
            do(chain.url)
        assert chain.height() == 0


@pytest.mark.parametrize("words", [["later", "1h"], []], ids=["later", "the town itself"])
def test_no_chain_is_told_in_a_sentence(words, tmp_path, capsys):
    places = ["--folder", str(tmp_path / "practice"), "--records", str(tmp_path / "records")]
    assert practice.main(["--url", "http://127.0.0.1:1", *places, *words]) == 1
    assert "make chain" in capsys.readouterr().err
    assert not (tmp_path / "practice").exists()


@pytest.mark.parametrize(
    ("text", "hours"), [("48h", 48), ("3d", 72), ("2日", 48), ("48時間", 48), ("1 day", 24), ("2 hours", 2)]
)
def test_span_of_time_is_read(text, hours):
    assert practice.span(text) == hours * 3600


@pytest.mark.parametrize("text", ["", "48", "h", "1.5d", "1w"])
def test_other_words_are_no_span_of_time(text, capsys):
    with pytest.raises(SystemExit):
        practice.main(["later", text])
    assert "48h" in capsys.readouterr().err


@pytest.mark.parametrize(
    "today, day",
    [("2026-11-26", "2026-12-10"), ("2026-11-28", "2026-12-14"), ("2026-12-20", "2027-01-04")],
)
def test_pay_day_of_the_practice_is_one_on_which_banks_are_open(today, day):
    assert pay_day(moment_from_text(today)) == day
