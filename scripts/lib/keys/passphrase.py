"""Passphrases from a terminal or an open file descriptor; never an argument, a variable or a file of ours."""

from __future__ import annotations

import getpass
import os

from scripts.lib.bilingual import Bilingual

_LONGEST = 4096


def ask_passphrase(what: str, descriptor: int | None = None, *, is_new: bool = False) -> str:
    """Return a passphrase.

    Args:
        what: what it is for, shown to whoever types.
        descriptor: read it from there, its first line, instead of asking.
        is_new: have it typed twice.

    Raises:
        ValueError: it was typed differently the second time, or there is no terminal to ask at.
    """
    if descriptor is not None:
        content = b""
        while part := os.read(descriptor, _LONGEST):
            content += part
        return content.decode().split("\n")[0].rstrip("\r")
    given = _typed(str(Bilingual(f"Passphrase of {what}: ", f"{what}のパスフレーズ: ")))
    if is_new and _typed("もう一度 / again: ") != given:
        raise ValueError("the two passphrases differ / 2回の入力が異なります")
    return given


def _typed(question: str) -> str:
    try:
        return getpass.getpass(question)
    except EOFError:
        raise ValueError(
            Bilingual(
                "There is no terminal to ask for the passphrase at: hand it over by --passphrase-fd.",
                "パスフレーズを尋ねる端末がありません。--passphrase-fd で渡してください。",
            )
        ) from None
