"""A shop's keys on disk: the owner's and the tills', each a keystore (Web3 Secret Storage, version 3)."""

from __future__ import annotations

import json
from pathlib import Path

from eth_account import Account
from eth_account.signers.local import LocalAccount

from scripts.lib.bilingual import Bilingual
from scripts.lib.keys.new_keystore import write_keystore


class ShopKeyError(Exception):
    """A key cannot be made or opened.

    Attributes:
        reason: in both languages.
    """

    def __init__(self, english: str, japanese: str) -> None:
        self.reason = Bilingual(english, japanese)
        super().__init__(str(self.reason))


def create_key(file: Path, passphrase: str, iterations: int | None = None) -> LocalAccount:
    """Make a new key and return it.

    Args:
        iterations: of the key derivation (scrypt); eth-account's choice if None.

    Raises:
        ShopKeyError: there is one already.
    """
    key: LocalAccount = Account.create()
    try:
        write_keystore(file, bytes(key.key), passphrase, iterations)
    except FileExistsError:
        raise ShopKeyError(f"there is a key already: {file}", f"鍵がすでにあります: {file}") from None
    return key


def open_key(file: Path, passphrase: str) -> LocalAccount:
    """Open a key.

    Raises:
        ShopKeyError: it is missing or damaged, or the passphrase is wrong.
    """
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        key: LocalAccount = Account.from_key(Account.decrypt(content, passphrase))
        return key
    except FileNotFoundError:
        raise ShopKeyError(f"there is no key {file}", f"鍵 {file} がありません") from None
    except ValueError as error:
        if "MAC" in str(error):
            raise ShopKeyError("the passphrase is wrong", "パスフレーズが違います") from None
        raise ShopKeyError(f"{file} is no keystore", f"{file} は鍵ファイルではありません") from None
    except (KeyError, TypeError, NotImplementedError):
        raise ShopKeyError(f"{file} is no keystore", f"{file} は鍵ファイルではありません") from None
