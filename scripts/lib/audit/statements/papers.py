"""Writes statements and notices: the same dataset and day give the same files, byte for byte."""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Mapping
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from scripts.lib.audit.contracts_found import SERIES
from scripts.lib.audit.dataset import Dataset, DatasetError
from scripts.lib.audit.statements.history import History, read_history
from scripts.lib.audit.statements.merchants import merchant_statements
from scripts.lib.audit.statements.notices import notice_files
from scripts.lib.audit.statements.partners import partner_statements
from scripts.lib.audit.statements.programmes import programme_statements
from scripts.lib.audit.statements.residents import resident_statements
from scripts.lib.bilingual import counted
from scripts.lib.calls import View
from scripts.lib.csv_out import as_csv
from scripts.lib.japan_calendar import era_date_label, moment_from_text
from scripts.lib.node.rpc import CONNECTION_ERRORS, Rpc
from scripts.lib.node.view_reader import read_views

STATEMENTS, NOTICES = "statements", "notices"
_DAY_SECONDS = 24 * 60 * 60


class Papers(NamedTuple):
    """What was written.

    Attributes:
        day: ISO date of the day in Japan that the papers are of.
        digest: SHA-256 (hex) over names and contents of all files, in the order of their names.
        contradictions: how many events cannot be; if there are any, the first line of each file warns of it.
    """

    folder: Path
    day: str
    files: int
    digest: str
    contradictions: int = 0


def last_second_of(day: str) -> int:
    """Return the last second of a day in Japan, written 2027-03-31.

    Raises:
        ValueError: there is no such day, or it has a time.
    """
    if len(day) > len("2027-03-31"):
        raise ValueError(f"not a date like 2027-03-31: {day!r}")
    return moment_from_text(day) + _DAY_SECONDS - 1


def payable_days(rpc: Rpc, dataset: Path) -> dict[str, int]:
    """Return for how many days after its own a sale can be paid, by token: the view saleDays of each series.

    Empty if no node answers: what our deployments set is taken then.
    """
    tokens = [its.address for its in Dataset(dataset).contracts if its.kind == SERIES]
    try:
        days = read_views(rpc, [View(SERIES, token, "saleDays") for token in tokens])
    except CONNECTION_ERRORS:
        return {}
    return {token: payable for token, (payable, *_) in zip(tokens, days, strict=True)}


def write_papers(
    task: str,
    dataset: Path,
    until: int | None = None,
    out: Path | None = None,
    payable: Mapping[str, int] | None = None,
) -> Papers:
    """Write STATEMENTS or NOTICES as of the end of a day; of the day of the last event if `until` is None.

    Args:
        until: last second of the day.
        payable: as `payable_days` has it, for series with other terms than our deployments set.
        out: where to; else beside the dataset, under a name with the task and the day.

    Raises:
        DatasetError: there is no dataset, its files were changed, or others are in the way.
    """
    history = read_history(Dataset(dataset), until, payable)
    day = era_date_label(history.until).english
    folder = out or dataset.parent / f"{dataset.name}-{task}-{day}"
    if folder.exists() and any(folder.iterdir()):
        raise DatasetError(f"{folder} is not empty: name another folder / 空でないフォルダです")
    files = statement_files(history) if task == STATEMENTS else notice_files(history)
    digests = {}
    for name, rows in files:
        content = _warned(rows, history.contradictions)
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        digests[name] = sha256(content).hexdigest()
    told = "".join(f"{digest}  {name}\n" for name, digest in sorted(digests.items()))
    digest = sha256(told.encode()).hexdigest()
    return Papers(folder, day, len(digests), digest, history.contradictions)


def _warned(content: bytes, contradictions: int) -> bytes:
    """Return a file with a first line that says so, if the events contradict each other."""
    if not contradictions:
        return content
    warning = (
        f"注意: 検証(verify)で違反となる事象が{contradictions:,}件あり、この明細にも影響しえます。",
        f"Warning: {counted(contradictions, 'event')} against the rules (see verify) may show in this paper.",
    )
    return as_csv(warning, ()) + content.removeprefix(codecs.BOM_UTF8)


def statement_files(history: History) -> Iterator[tuple[str, bytes]]:
    """Yield (file, content) of all statements."""
    return chain(
        merchant_statements(history),
        resident_statements(history),
        partner_statements(history),
        programme_statements(history),
    )
