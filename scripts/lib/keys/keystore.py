"""Keystore files (Web3 Secret Storage, version 3) and their passphrases, by prompt or file descriptor.

`python -m scripts.keystore new FILE` makes one; eth-account, geth, Clef and Brownie (which keeps them in
`.brownie/accounts/<name>.json`) write the same format. A passphrase is never an argument, a variable of the
environment or a file of ours.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_utils import to_checksum_address

from scripts.lib.keys import passphrase as terminal
from scripts.lib.keys.new_keystore import SHORTEST_PASSPHRASE, write_keystore
from scripts.lib.workspace import HOME

FOLDER = HOME / ".brownie" / "accounts"
"""Where Brownie puts them, in this project."""

_LONGEST_PASSPHRASE = 4096


class KeystoreError(Exception):
    """A keystore cannot be used; the message says which and why, and never what it holds."""


def keystore_file(name: str, folder: Path = FOLDER) -> Path:
    """Return the keystore of a name, or the file itself if a path is given.

    Raises:
        KeystoreError: there is none.
    """
    for file in (folder / f"{name}.json", Path(name)):
        if file.is_file():
            return file
    known = ", ".join(sorted(file.stem for file in folder.glob("*.json"))) or "none"
    raise KeystoreError(f"there is no keystore {name}; known are: {known} / 鍵ファイル {name} がありません")


def refuse_existing(file: Path) -> None:
    """Refuse to make a key where there is one.

    Raises:
        KeystoreError: there is.
    """
    if file.exists():
        raise KeystoreError(f"{file}: exists already / 既にあります。鍵は上書きしません")


def create_keystore(file: Path, passphrase: str) -> LocalAccount:
    """Make a new key, and return it.

    Raises:
        KeystoreError: there is a file already, or the passphrase is too short.
    """
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise KeystoreError(
            f"a passphrase has {SHORTEST_PASSPHRASE} characters at least / "
            f"パスフレーズは{SHORTEST_PASSPHRASE}文字以上です"
        )
    refuse_existing(file)
    key: LocalAccount = Account.create()
    write_keystore(file, bytes(key.key), passphrase)
    return key


def account_of(keystore: Path) -> str:
    """Return whose key a keystore holds, as it says itself; checksummed.

    Raises:
        KeystoreError: it does not say, or is no keystore.
    """
    try:
        content: dict[str, Any] = msgspec.json.decode(keystore.read_bytes(), type=dict[str, Any])
        return str(to_checksum_address(content["address"]))
    except FileNotFoundError:
        raise KeystoreError(f"there is no keystore {keystore} / 鍵ファイル {keystore} がありません") from None
    except (OSError, msgspec.MsgspecError, KeyError, ValueError, TypeError):
        raise KeystoreError(f"{keystore} is no keystore / 鍵ファイルではありません") from None


def decrypt(keystore: Path, passphrase: str) -> bytes:
    """Return the private key in a keystore.

    Raises:
        KeystoreError: it cannot be read, is no keystore, is another account's, or the passphrase is wrong.
    """
    try:
        content: dict[str, Any] = msgspec.json.decode(keystore.read_bytes(), type=dict[str, Any])
    except (OSError, msgspec.MsgspecError) as error:
        raise KeystoreError(f"{keystore} is no keystore: {type(error).__name__}") from None
    try:
        key = bytes(Account.decrypt(content, passphrase))
    except ValueError as error:
        why = "the passphrase is wrong / パスフレーズが違います" if "MAC" in str(error) else "it is damaged"
        raise KeystoreError(f"{keystore}: {why}") from None
    except (KeyError, TypeError, NotImplementedError):
        raise KeystoreError(f"{keystore} is no keystore of version 3") from None
    named = content.get("address")
    if named is not None and to_checksum_address(named) != Account.from_key(key).address:
        raise KeystoreError(f"{keystore} holds the key of another account than it names")
    return key


def ask_passphrase(name: str) -> str:
    """Ask for the passphrase of a keystore on the terminal, without showing it.

    Raises:
        KeystoreError: there is no terminal.
    """
    try:
        return terminal.ask_passphrase(name)
    except ValueError as error:
        raise KeystoreError(str(error)) from None


def passphrases_from(descriptor: int) -> Callable[[str], str]:
    """Return what takes passphrases out of an open file descriptor: a line each, in the keystores' order.

    So a vault or a script hands them over: `program --passphrase-fd 3 3< <(vault read …)`.
    """
    lines: list[str] = []

    def next_passphrase(name: str) -> str:
        if not lines:
            lines.extend(_read_all(descriptor).splitlines()[::-1])
        if not lines:
            raise KeystoreError(f"file descriptor {descriptor} holds no passphrase for {name}")
        return lines.pop()

    return next_passphrase


def _read_all(descriptor: int) -> str:
    content = b""
    while part := os.read(descriptor, _LONGEST_PASSPHRASE):
        content += part
    return content.decode()
