"""Which files for the bank this office has written: a second one for the same batch would be paid twice.

    files = BankFiles(desk, service)
    files.of(12)                       # each with path, day of payment, and when it was written
    files.note(12, written)            # before it is written

The chain knows of a file only once two officers recorded that the bank has it. Until then the office's own
notes do, beside its sent plans: `plans/<chain id>/<genesis>/bank-files.log`. Another machine has notes of its
own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from scripts.lib.administration.desk import Desk
from scripts.lib.durable_log import DurableLog

NAME = "bank-files.log"


@dataclass(frozen=True)
class BankFile:
    """A file that was written for the bank.

    Attributes:
        file: where, absolute. `bank`: out of which bank details.
        pay_on: day of payment, like 2026-12-10.
        yen: its sum.
        written_at: the chain's time, in Unix seconds.
    """

    file: str
    bank: str
    pay_on: str
    yen: int
    written_at: int


class BankFiles:
    """The notes of one office about a service's batches."""

    def __init__(self, desk: Desk, service: str) -> None:
        self._log = desk.connection.folder_of(desk.records.identity) / NAME
        self._of = {"service": service, "municipality": desk.code}

    def of(self, batch: int) -> list[BankFile]:
        """Return what was written for a batch, oldest first."""
        return [written for number, written in self._read() if number == batch]

    def latest(self) -> BankFile | None:
        """Return what was written last, for whichever batch."""
        return next((written for _, written in reversed(self._read())), None)

    def note(self, batch: int, written: BankFile) -> None:
        """Note a file; on disk when this returns."""
        with DurableLog(self._log) as log:
            log.append({**self._of, "batch": batch, **asdict(written)})

    def _read(self) -> list[tuple[int, BankFile]]:
        if not self._log.exists():
            return []
        with DurableLog(self._log) as log:
            records = [record for record in log.records if self._of.items() <= record.items()]
        names = BankFile.__dataclass_fields__
        return [(record["batch"], BankFile(**{name: record[name] for name in names})) for record in records]


def shown(path: Path | str) -> str:
    """Return a path as an officer would write it: from this folder, if it lies in it."""
    path = Path(path).absolute()
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def files_of(folder: Path, batch: int) -> tuple[Path, Path]:
    """Return the bank's file of a batch, and the list of it."""
    return folder / f"transfer-{batch}.txt", folder / f"transfer-{batch}.csv"


def is_among(file: Path, written: Sequence[BankFile]) -> bool:
    """Return whether some file is one of those that were written."""
    return any(Path(each.file) == file.absolute() for each in written)
