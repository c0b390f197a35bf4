"""The commands of a document, and the files that it has its reader write.

The convention, wherever a document shows commands:

    ```console            lines that begin with `$ ` are typed, in this order; all others are what is printed
    ```console server     stays open until the end of the document, in a window of its own
    ```console elsewhere  needs another network or machine: here it is asked for its --help alone
    ```csv own/towns.csv  a file (csv, yaml): it is saved under that name

A command ends with 0, unless `# 終了コード 1` or `# exit code 1` follows it. Words and dates in FILLED_IN
stand for what an earlier command printed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
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
    """

    text: str
    kind: str = ""
    exit_code: int = 0


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
            found += [_command(line, named.strip()) for line in _typed(content)]
        elif language in ("csv", "yaml") and named.strip():
            found.append(File(named.strip(), content))
    return found


def _typed(content: str) -> list[str]:
    """Return the lines after a prompt; one that ends with a backslash goes on in the next."""
    lines = content.replace("\\\n", " ").splitlines()
    return [line.removeprefix(_PROMPT) for line in lines if line.startswith(_PROMPT)]


def _command(line: str, kind: str) -> Command:
    assert kind in ("", "server", "elsewhere"), f"unknown kind of console: {kind}"
    code = _CODE.search(line)
    text = re.sub(r"\s+# .*$", "", line)
    return Command(re.sub(r" {2,}", " ", text).strip(), kind, int(code[1]) if code else 0)


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
