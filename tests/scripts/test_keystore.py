"""Keys come out of keystore files, by a passphrase that is typed or handed over, and are shown nowhere."""

import json
import logging
import os
import subprocess
import sys
import traceback

import brownie
import pytest
from eth_account import Account

from scripts.lib.keys import keystore
from scripts.lib.keys.keyring import Keyring
from scripts.lib.keys.keystore import KeystoreError, decrypt, keystore_file, passphrases_from
from scripts.lib.workspace import ROOT

SECRET = bytes.fromhex("4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318")
ADDRESS = Account.from_key(SECRET).address
PASSPHRASE = "出納係の合言葉 7"


def write(file, secret=SECRET, **changed):
    content = Account.encrypt(secret, PASSPHRASE, kdf="pbkdf2", iterations=10) | changed
    file.write_text(json.dumps(content), encoding="ascii")
    return file


@pytest.fixture
def stored(tmp_path):
    return write(tmp_path / "cashier.json")


def typed(passphrase):
    return lambda _name: passphrase


def handed_over(text):
    reading, writing = os.pipe()
    os.write(writing, text.encode())
    os.close(writing)
    return passphrases_from(reading)


def test_keystore_of_eth_account_signs(stored):
    keyring = Keyring(31337)
    assert keyring.unlock(stored, typed(PASSPHRASE)) == ADDRESS
    fields = {"nonce": 0, "gasPrice": 0, "gas": 21_000, "to": ADDRESS, "data": b""}
    raw, _ = keyring.sign(ADDRESS, fields)
    assert Account.recover_transaction(raw) == ADDRESS


def test_keystore_of_brownie_signs(tmp_path):
    account = brownie.accounts.add(SECRET.hex())
    file = account.save(str(tmp_path / "cashier.json"), password=PASSPHRASE)
    brownie.accounts.remove(account)
    assert Keyring(31337).unlock(keystore_file("cashier", tmp_path), typed(PASSPHRASE)) == ADDRESS
    assert file == str(tmp_path / "cashier.json")


def test_passphrases_come_out_of_a_descriptor_a_line_each(stored, tmp_path):
    other = write(tmp_path / "second.json", b"\x07" * 32)
    passphrase = handed_over(f"{PASSPHRASE}\n{PASSPHRASE}\n")
    keyring = Keyring(31337)
    assert keyring.unlock(stored, passphrase) == ADDRESS
    assert keyring.unlock(other, passphrase) == Account.from_key(b"\x07" * 32).address
    with pytest.raises(KeystoreError, match="holds no passphrase for cashier"):
        keyring.unlock(stored, passphrase)


def test_passphrase_is_asked_for_by_the_keystores_name_and_not_shown(stored, monkeypatch, capfd):
    asked = []

    def prompt(text):
        asked.append(text)
        return PASSPHRASE

    monkeypatch.setattr("getpass.getpass", prompt)
    assert Keyring(31337).unlock(stored, keystore.ask_passphrase) == ADDRESS
    assert asked == ["Passphrase of cashier:  / cashierのパスフレーズ: "]
    assert "".join(capfd.readouterr()) == ""


def test_passphrase_that_nobody_can_be_asked_for_is_refused_with_the_way_to_hand_it_over(stored):
    program = (
        "import sys; from scripts.resident import main; sys.exit(main(['--folder', sys.argv[1], 'create']))"
    )
    refused = subprocess.run(
        [sys.executable, "-c", program, str(stored.parent / "purse")],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        start_new_session=True,
        check=False,
    )
    assert (refused.returncode, "Traceback" in refused.stderr) == (1, False), refused.stderr
    assert "端末がありません。--passphrase-fd で渡してください。" in refused.stderr


def test_wrong_passphrase_is_refused_and_not_repeated(stored):
    guess = "".join(["guessed", " in ", "vain"])  # not to be found in the source line of a traceback
    with pytest.raises(KeystoreError, match="the passphrase is wrong") as caught:
        decrypt(stored, guess)
    assert guess not in "".join(traceback.format_exception(caught.value))


def test_keystore_of_another_account_than_it_names_is_refused(tmp_path):
    swapped = write(tmp_path / "swapped.json", address="11" * 20)
    with pytest.raises(KeystoreError, match="another account than it names"):
        decrypt(swapped, PASSPHRASE)


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{}", b'{"version": 1}', b'{"version": 3}', b"\xff", SECRET]
)
def test_file_that_is_no_keystore_is_refused(tmp_path, content):
    file = tmp_path / "key.json"
    file.write_bytes(content)
    with pytest.raises(KeystoreError, match="is no keystore"):
        decrypt(file, PASSPHRASE)


def test_unknown_name_is_refused_with_the_names_there_are(stored, tmp_path):
    with pytest.raises(KeystoreError, match="no keystore treasurer; known are: cashier"):
        keystore_file("treasurer", tmp_path)


def test_key_is_shown_nowhere(stored, caplog, capfd):
    caplog.set_level(logging.NOTSET)
    keyring = Keyring(31337)
    keyring.unlock(stored, typed(PASSPHRASE))
    keyring.sign(ADDRESS, {"nonce": 0, "gasPrice": 0, "gas": 21_000, "to": ADDRESS, "data": b""})
    shown = repr(vars(keyring)) + repr(keyring.key(ADDRESS)) + caplog.text + "".join(capfd.readouterr())
    for form in (SECRET.hex(), SECRET.hex().upper(), repr(SECRET), str(int.from_bytes(SECRET, "big"))):
        assert form not in shown
