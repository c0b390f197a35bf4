"""The next command as it is typed, with the files and options that this office uses.

    next_command(options, "transfer-file", 1, bank="own/bank.csv")     # transfer-file 1 --bank own/bank.csv

A hint that leaves out a path leads to a file that is missing, and to a second key or a second payment. So it
carries what was given with the command before, and files where they are found.
"""

from __future__ import annotations

import shlex
from argparse import Namespace
from pathlib import Path

from scripts.lib.administration.connection import LOCAL, PLANS_FOLDER
from scripts.lib.administration.desk import Desk
from scripts.lib.journal import FOLDER as JOURNALS_FOLDER
from scripts.lib.records import FOLDER

_CARRIED = {
    "town": None,
    "network": LOCAL,
    "url": None,
    "records": FOLDER,
    "plans": PLANS_FOLDER,
    "journals": JOURNALS_FOLDER,
}
"""Options that hold for the next command too, with what stands for them if they are left out."""


def next_command(options: Namespace, verb: str, *words: object, **named: Path | str | None) -> str:
    """Return a command of the same actor.

    Args:
        words: what follows the verb, as it stands.
        named: its options by name; left out where None.
    """
    parts = [verb, *map(str, words)]
    for name, value in named.items():
        if value is not None:
            parts += [f"--{name.replace('_', '-')}", _word(value)]
    for name, left_out in _CARRIED.items():
        value = getattr(options, name, left_out)
        if value not in (None, left_out):
            parts += [f"--{name}", _word(f"{value:06d}" if name == "town" else value)]
    return " ".join(parts)


def office_file(desk: Desk, name: str, *beside: Path) -> Path | None:
    """Return where a file of the office lies: here, beside another one, or in its folder; None if nowhere.

    Args:
        beside: folders to look in besides.
    """
    folders = [Path(), *beside, Path("own"), *([Path("practice")] if desk.connection.is_local else [])]
    return next((folder / name for folder in folders if (folder / name).is_file()), None)


def _word(value: object) -> str:
    """Return a value as the shell takes it; what the officer is to fill in stays as it is."""
    text = str(value)
    return text if not set(text) & set(" '\"\\$`!*?[](){}<>|&;#~\t\n") else shlex.quote(text)
