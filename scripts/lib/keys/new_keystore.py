"""Writes a secret into a new keystore file (Web3 Secret Storage 3): officers', shops' and purses' alike."""

from __future__ import annotations

import json
import os
from pathlib import Path

from eth_account import Account

SHORTEST_PASSPHRASE = 8


def write_keystore(
    file: Path, secret: bytes, passphrase: str, iterations: int | None = None, *, names_account: bool = True
) -> None:
    """Write a secret of 32 bytes; on disk, and its owner's alone, before this returns.

    Args:
        iterations: of the key derivation (scrypt); eth-account's choice if None.
        names_account: whether the file says whose key it is; not for what is no key itself.

    Raises:
        FileExistsError: there is such a file: no key is ever overwritten.
    """
    content = Account.encrypt(secret, passphrase, kdf="scrypt", iterations=iterations)
    if not names_account:
        content.pop("address", None)
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
        json.dump(content, opened)
        opened.flush()
        os.fsync(opened.fileno())
