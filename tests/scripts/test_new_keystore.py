"""`scripts.keystore new` makes what the commands and the office page take, once."""

import getpass
import os

import pytest

from scripts import keystore as program
from scripts.lib.keys.keyring import Keyring

PASSPHRASE = "出納係の合言葉 7"


@pytest.fixture
def run(capfd):
    def run(*words, passphrase=PASSPHRASE):
        reading, writing = os.pipe()
        os.write(writing, passphrase.encode())
        os.close(writing)
        code = program.main([*words, "--passphrase-fd", str(reading)])
        os.close(reading)
        said = capfd.readouterr()
        return code, said.out + said.err

    return run


def test_new_keystore_opens_with_its_passphrase_and_names_its_account(run, tmp_path):
    file = tmp_path / "keys" / "tanto.json"
    code, said = run("new", str(file))
    account = Keyring(1).unlock(file, lambda _: PASSPHRASE)
    assert code == 0 and account in said
    assert run("account", str(file)) == (0, f"口座 / account: {account}\n")
    assert file.stat().st_mode & 0o077 == 0


def test_new_keystore_over_an_old_one_is_refused(run, tmp_path):
    file = tmp_path / "tanto.json"
    file.write_text("{}")
    code, said = run("new", str(file))
    assert code == 1 and "上書きしません" in said and file.read_text() == "{}"


def test_new_keystore_with_a_short_passphrase_is_refused(run, tmp_path):
    code, said = run("new", str(tmp_path / "tanto.json"), passphrase="1234567")
    assert code == 1 and "8文字以上" in said and not (tmp_path / "tanto.json").exists()


@pytest.mark.parametrize("content", [None, "", "[]", "{}"])
def test_account_of_another_file_is_refused(run, tmp_path, content):
    file = tmp_path / "other.json"
    if content is not None:
        file.write_text(content)
    code, said = run("account", str(file))
    assert code == 1 and "鍵ファイル" in said


def test_passphrase_that_is_typed_otherwise_the_second_time_makes_no_key(tmp_path, monkeypatch, capsys):
    typed = iter([PASSPHRASE, "出納係の合言葉 8"])
    monkeypatch.setattr(getpass, "getpass", lambda _: next(typed))
    file = tmp_path / "tanto.json"
    assert program.main(["new", str(file)]) == 1 and not file.exists()
    assert "2回の入力が異なります" in capsys.readouterr().err
