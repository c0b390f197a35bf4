"""The commands of a document, and the files that it has its reader write.

The convention, wherever a document shows commands:

    ```console            lines that begin with `$ ` are typed, in this order; all others are printed
    ```console server     stays open until the end of the document, in a window of its own
    ```console elsewhere  needs another network or machine: here it is asked for its --help alone
    ```csv own/towns.csv  a file (csv, yaml): it is saved under that name

A command ends with 0, unless `# 終了コード 1` or `# exit code 1` follows it. Words and dates in FILLED_IN
stand for what an earlier command printed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

FILLED_IN = {
    "SHOP": r"口座 account: (0x[0-9a-fA-F]{40})",
    "RESIDENT": r"(?m)^(0x[0-9a-fA-F]{40})\s*$",
    "ACCOUNT_A": r"own/a\.json\s+口座 / account: (0x[0-9a-fA-F]{40})",
    "ACCOUNT_B": r"own/b\.json\s+口座 / account: (0x[0-9a-fA-F]{40})",
    "ACCOUNT_COUNCIL": r"own/council\.json\s+口座 / account: (0x[0-9a-fA-F]{40})",
    "REGISTER_TEXT": r"(jichitai-points:register\?\S+)",
    "REGISTERED_TEXT": r"(jichitai-points:registered\?\S+)",
    "PAY_TEXT": r"(jichitai-points:pay\?\S+)",
    "PAID_TEXT": r"(jichitai-points:paid\?\S+)",
    "2026-10-31": r"締め cut-off (\d{4}-\d{2}-\d{2})",
    "2026-12-10": r"振込 pay on (\d{4}-\d{2}-\d{2})",
    "NODE": r"(http://127\.0\.0\.1:\d+)",
    "SHOP_ACCOUNT": r"shop +account (0x[0-9a-fA-F]{40})",
    "SHOP_KEY": r"shop +account .* key (0x[0-9a-f]{64})",
    "RESIDENT_ACCOUNT": r"resident +account (0x[0-9a-fA-F]{40})",
    "RESIDENT_KEY": r"resident +account .* key (0x[0-9a-f]{64})",
    "DATASET": r"データ: (\S*audits/\S+)",
    "PLATFORM": r"プラットフォーム: (0x[0-9a-fA-F]{40})",
    "FIRST_SERIES": r"(?m)^(0x[0-9a-fA-F]{40}) \S",
    "SERIES": r"種別 series: (0x[0-9a-fA-F]{40})",
    "SALE_NUMBER": r"paid (\d+) \d+",
    "SALE": r"売上 sale: (\d+)",
}

_FENCE = re.compile(r"^```(\w*)[ ]?([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"\s+# .*?(?:exit code|終了コード) (\d)\s*$")
_PROMPT = "$ "


@dataclass(frozen=True)
class Command:
    """A line that a reader types.

    Attributes:
        kind: "" for one that ends by itself, "server", or "elsewhere".
        exit_code: with which it ends.
        printed: lines that the document shows under it; a translation shows others.
    """

    text: str
    kind: str = ""
    exit_code: int = 0
    printed: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class File:
    """A file that a reader saves."""

    name: str
    content: str


def steps_of(document: Path) -> list[Command | File]:
    """Return what a reader of the document does, in its order."""
    found: list[Command | File] = []
    for language, named, content in _FENCE.findall(document.read_text(encoding="utf-8")):
        if language == "console":
            found += [_command(line, named.strip(), printed) for line, printed in _typed(content)]
        elif language in ("csv", "yaml") and named.strip():
            found.append(File(named.strip(), content))
    return found


def missing_in(said: str, printed: Sequence[str]) -> list[str]:
    """Return which lines that a document shows were not printed.

    Of a line all words must be there, in its order; others may stand between them, since tables have more
    columns and both languages. An ellipsis stands for anything.
    """
    whole = "".join(said.split())
    return [line for line in printed if not _is_said(line, whole)]


def _is_said(line: str, whole: str) -> bool:
    place = 0
    for word in re.split(r"[\s…]+", line):
        found = whole.find(word, place)
        if found < 0:
            return False
        place = found + len(word)
    return True


def _typed(content: str) -> list[tuple[str, tuple[str, ...]]]:
    """Return the lines after a prompt, each with what is printed under it.

    One that ends with a backslash goes on in the next.
    """
    found: list[tuple[str, tuple[str, ...]]] = []
    for line in content.replace("\\\n", " ").splitlines():
        if line.startswith(_PROMPT):
            found.append((line.removeprefix(_PROMPT), ()))
        elif found and line.strip():
            typed, printed = found[-1]
            found[-1] = typed, (*printed, line)
    return found


def _command(line: str, kind: str, printed: tuple[str, ...]) -> Command:
    assert kind in ("", "server", "elsewhere"), f"unknown kind of console: {kind}"
    code = _CODE.search(line)
    text = re.sub(r"\s+# .*$", "", line)
    return Command(re.sub(r" {2,}", " ", text).strip(), kind, int(code[1]) if code else 0, printed)


def filled_in(text: str, said: str) -> str:
    """Return a command with what stands for something printed filled in.

    Raises:
        LookupError: nothing like that was printed.
    """

    def printed(word: re.Match[str]) -> str:
        found = re.findall(FILLED_IN[word[0]], said)
        if not found:
            raise LookupError(f"{word[0]} in `{text}`: nothing of that form was printed")
        return str(found[-1])

    names = "|".join(sorted(FILLED_IN, key=len, reverse=True))
    return re.sub(rf"\b(?:{names})\b", printed, text)
