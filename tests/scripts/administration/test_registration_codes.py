"""A resident's way in: the desk's code, the purse's answer, the register; MyKey IDs stay at the desk."""

import os

import pytest
from rich.console import Console

from scripts import resident as purse
from scripts.lib.administration.command_line import run
from scripts.lib.administration.execution import ExitCode
from scripts.lib.registration_uri import RegistrationRequest
from scripts.lib.resident.purse_keys import PurseKeys
from tests.support.command_town import CODE, MYKEY_IDS, RESIDENTS

NEW = MYKEY_IDS[RESIDENTS : RESIDENTS + 3]
PASSPHRASE = "みかん川崎2026"
FEW = 2


@pytest.fixture
def people(town):
    """Three people whom the desk knows by MyKey ID alone."""
    return town.file("people.csv", "マイキーID", *NEW)


@pytest.fixture
def asked(town, people):
    """The texts that the desk made for them."""
    folder = town.folder / "registrations"
    words = ("registration-requests", people, "--commitment-key", town.key_file, "--folder", str(folder))
    assert town.run(*words) is ExitCode.DONE, town.said
    lines = (folder / "requests.csv").read_text("utf-8-sig").splitlines()[1:]
    assert [line.split(",")[0] for line in lines] == ["2", "3", "4"]
    assert (folder / "00002.png").read_bytes().startswith(b"\x89PNG")
    return [line.split(",")[1] for line in lines]


def answered(town, text, resident):
    return RegistrationRequest.read(text).answer(town.resident(resident)).text


@pytest.fixture
def run_purse(tmp_path, capfd):
    """Run a command of the resident's; the passphrase comes by descriptor."""

    def run(*words):
        reading, writing = os.pipe()
        os.write(writing, PASSPHRASE.encode())
        os.close(writing)
        status = purse.main(["--folder", str(tmp_path), "--passphrase-fd", str(reading), *words])
        os.close(reading)
        said = capfd.readouterr()
        assert status == 0, said.err
        return said

    return run


def register(town, people, *answers):
    file = town.file("answers.txt", *answers)
    words = ("residents", people, "--answers", file, "--commitment-key", town.key_file)
    return town.run(*words, "--numbers", str(town.folder / "numbers.csv"))


def test_registering_who_answered_with_a_purse_gives_numbers(town, people, asked, run_purse, tmp_path):
    PurseKeys.create(tmp_path / "purse.json", PASSPHRASE, FEW)
    first = run_purse("register", asked[0], "--yes")
    assert "神奈川県川崎市" in first.err
    answers = [first.out.strip(), answered(town, asked[1], 8), answered(town, asked[2], 9)]
    assert register(town, people, *answers) is ExitCode.DONE, town.said
    account = PurseKeys.open(tmp_path / "purse.json", PASSPHRASE).account(CODE).address
    numbers = (town.folder / "numbers.csv").read_text("utf-8-sig").splitlines()
    assert numbers[1].endswith(f",{account},2") and len(numbers) == 4
    assert not any(each in town.said + first.out for each in NEW)


def test_registering_before_all_answered_registers_the_others_and_says_who_is_missing(town, people, asked):
    assert register(town, people, answered(town, asked[1], 8)) is ExitCode.PARTLY_DONE
    assert "2行目" not in town.said.replace("2, 4行目", "") and "2, 4行目" in town.said
    everybody = [answered(town, text, place) for place, text in enumerate(asked, start=7)]
    assert register(town, people, *everybody) is ExitCode.DONE, town.said


def test_registering_by_answers_for_others_is_refused_line_by_line(town, people, asked):
    stranger = answered(town, asked[0].replace(f"town={CODE}", "town=212032"), 7)
    twice = [answered(town, asked[1], 8), answered(town, asked[1], 9), answered(town, asked[2], 8)]
    height = town.chain.height()
    assert register(town, people, stranger, *twice, "みかん") is ExitCode.REJECTED_INPUT
    assert "4 faults" in town.said and town.chain.height() == height
    for reason in (
        "どの行への返答でもありません",
        "2つの口座",
        "2人分",
        "自治体ポイントのコードではありません",
    ):
        assert reason in town.said


def test_request_for_one_person_is_shown_and_its_mykey_id_is_not(town, monkeypatch):
    monkeypatch.setattr("getpass.getpass", lambda _: NEW[0])
    assert town.run("registration-requests", "--commitment-key", town.key_file) is ExitCode.DONE, town.said
    [text] = [line for line in town.said.splitlines() if line.startswith("jichitai-points:register")]
    assert RegistrationRequest.read(text).municipality == CODE
    assert NEW[0] not in town.said


def test_code_for_one_person_is_not_cut_at_the_end_of_a_narrow_terminal(town, monkeypatch, capfd):
    monkeypatch.setattr("getpass.getpass", lambda _: NEW[0])
    words = ["registration-requests", "--commitment-key", town.key_file, "--yes"]
    assert run("municipality", words, town.connection, Console(width=60, markup=False)) is ExitCode.DONE
    assert RegistrationRequest.read(capfd.readouterr().out.splitlines()[-1].strip())


def test_person_without_a_phone_is_answered_for_by_the_desk(run_purse, asked, tmp_path):
    keys, _ = PurseKeys.create(tmp_path / "purse.json", PASSPHRASE, FEW)
    assert run_purse("desk-open", str(CODE))
    with pytest.raises(AssertionError, match="窓口番号2"):
        run_purse("register", asked[0], "--yes", "--slip", "2")
    said = run_purse("register", asked[0], "--yes", "--slip", "1")
    assert f"account={keys.counter_account(CODE, 1).address}" in said.out


def test_requests_for_a_list_are_told_as_written_and_nobody_as_registered(town, people):
    folder = town.folder / "requests"
    words = ("registration-requests", people, "--commitment-key", town.key_file, "--folder", str(folder))
    assert town.run(*words) is ExitCode.DONE, town.said
    assert f"署名依頼{len(NEW)}件を {folder} に書き出しました" in town.said
    following = f"residents {people} --answers 返答のファイル --commitment-key {town.key_file}"
    assert "登録はまだ済んでいません" in town.said and f"  次は {following}" in town.said
    assert "すべて済んでいます" not in town.said and "チェーンで済みと確認した行" not in town.said


def test_answer_signed_by_another_than_the_account_in_it_is_refused(town, people, asked):
    own = answered(town, asked[0], 7)
    forged = own.replace(town.resident(7).address, town.resident(8).address)
    assert forged != own
    assert register(town, people, forged) is ExitCode.REJECTED_INPUT
    assert "1 fault" in town.said and "署名" in town.said
