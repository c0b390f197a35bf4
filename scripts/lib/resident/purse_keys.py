"""A resident's keys: one secret of 24 words (BIP-39), and from it a different account for each municipality.

    keys, words = PurseKeys.create(folder / "purse.json", passphrase)     # the words go on paper
    keys = PurseKeys.open(folder / "purse.json", passphrase)
    keys.account(141305)                                             # m/44'/60'/141305'/0/0

The municipality's code is hardened in the path, so that accounts of one person in two towns cannot be
linked, not even by who knows one of their keys. A replaced account is followed by the next index.

On disk lies the secret (32 bytes) as Web3 Secret Storage version 3, encrypted with the passphrase.
"""

from __future__ import annotations

import json
import os
import unicodedata
from pathlib import Path
from typing import Any

from eth_account import Account
from eth_account.hdaccount import Mnemonic
from eth_account.signers.local import LocalAccount
from eth_keys.constants import SECPK1_N

from scripts.lib.bilingual import Bilingual
from scripts.lib.keys.new_keystore import SHORTEST_PASSPHRASE, write_keystore

WORDS = 24
SECRET_BYTES = 32
_WORD_BITS = 11

Account.enable_unaudited_hdwallet_features()  # eth-account's name for BIP-39 and BIP-32


class PurseError(Exception):
    """The purse cannot be made or opened; nothing of the secret is in the message.

    Attributes:
        reason: in both languages.
    """

    def __init__(self, english: str, japanese: str) -> None:
        self.reason = Bilingual(english, japanese)
        super().__init__(str(self.reason))


class PurseKeys:
    """The opened secret of one purse.

    Args:
        secret: 32 bytes of entropy.
    """

    def __init__(self, secret: bytes) -> None:
        self._words = Mnemonic().to_mnemonic(secret)
        self._keys: dict[str, LocalAccount] = {}

    @classmethod
    def create(cls, file: Path, passphrase: str, iterations: int | None = None) -> tuple[PurseKeys, str]:
        """Make a new purse, and return it with its 24 words: whoever has them has the points.

        Args:
            iterations: of the key derivation (scrypt); eth-account's choice if None.

        Raises:
            PurseError: there is a purse already, or the passphrase is too short.
        """
        secret = os.urandom(SECRET_BYTES)
        _write(file, secret, passphrase, iterations)
        keys = cls(secret)
        return keys, keys._words

    @classmethod
    def restore(cls, file: Path, words: str, passphrase: str, iterations: int | None = None) -> PurseKeys:
        """Make the purse of 24 words again, on another machine.

        Raises:
            PurseError: these are not the words of a purse; see also `create`.
        """
        secret = _secret_of(words)
        _write(file, secret, passphrase, iterations)
        return cls(secret)

    @classmethod
    def open(cls, file: Path, passphrase: str) -> PurseKeys:
        """Open a purse.

        Raises:
            PurseError: it is missing or damaged, or the passphrase is wrong.
        """
        try:
            content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
            return cls(bytes(Account.decrypt(content, passphrase)))
        except FileNotFoundError:
            raise PurseError(f"there is no purse {file}", f"財布 {file} がありません") from None
        except ValueError as error:
            if "MAC" in str(error):
                raise PurseError("the passphrase is wrong", "パスフレーズが違います") from None
            raise PurseError(f"{file} is no purse", f"{file} は財布ではありません") from None
        except (KeyError, TypeError, NotImplementedError):
            raise PurseError(f"{file} is no purse", f"{file} は財布ではありません") from None

    def account(self, municipality: int, index: int = 0) -> LocalAccount:
        """Return the resident's own account in a municipality; `index` counts replacements."""
        return self._at(f"m/44'/60'/{municipality}'/0/{index}")

    def counter_account(self, municipality: int, index: int) -> LocalAccount:
        """Return an account that a municipality's desk keeps for somebody without a phone."""
        return self._at(f"m/44'/60'/{municipality}'/1/{index}")

    def _at(self, path: str) -> LocalAccount:
        if path not in self._keys:
            self._keys[path] = Account.from_mnemonic(self._words, account_path=path)
        return self._keys[path]


def _secret_of(words: str) -> bytes:
    mnemonic = Mnemonic()
    given = unicodedata.normalize("NFKD", words).lower().split()
    if len(given) != WORDS:
        raise PurseError(
            f"a purse has {WORDS} words, not {len(given)}", f"単語は{WORDS}語です({len(given)}語)"
        )
    for place, word in enumerate(given, start=1):
        if word not in mnemonic.wordlist:
            raise PurseError(f"word {place} is not in the list", f"{place}番目の単語が正しくありません")
    if not mnemonic.is_mnemonic_valid(" ".join(given)):
        raise PurseError(
            "a word is wrong, or two have changed places", "単語の誤りか、順番の入れ替わりがあります"
        )
    number = 0
    for word in given:
        number = number << _WORD_BITS | mnemonic.wordlist.index(word)
    checksum_bits = WORDS * _WORD_BITS - 8 * SECRET_BYTES
    return (number >> checksum_bits).to_bytes(SECRET_BYTES, "big")


def _write(file: Path, secret: bytes, passphrase: str, iterations: int | None) -> None:
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise PurseError(
            f"a passphrase has {SHORTEST_PASSPHRASE} characters at least",
            f"パスフレーズは{SHORTEST_PASSPHRASE}文字以上です",
        )
    if not 0 < int.from_bytes(secret, "big") < SECPK1_N:  # one secret in 2^128; the format takes keys alone
        raise PurseError("these words make no purse: take others", "この単語では財布を作れません")
    try:
        # The account of the secret taken for a key is nobody's.
        write_keystore(file, secret, passphrase, iterations, names_account=False)
    except FileExistsError:
        raise PurseError(f"there is a purse already: {file}", f"財布がすでにあります: {file}") from None
