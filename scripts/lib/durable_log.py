"""An append-only file that survives kill -9: one record a line, on disk before the call returns.

    with DurableLog(path) as log:
        log.append({"kind": "accepted", ...})

A line is the CRC of the record and the record as JSON. What a kill cut off in the middle of the last line
was never confirmed to anybody: it is taken off at the next start. Anything else that does not fit is
damage, and refused. One process holds the file at a time.
"""

from __future__ import annotations

import fcntl
import json
import os
import zlib
from pathlib import Path
from types import TracebackType
from typing import Any

Record = dict[str, Any]


class LogDamagedError(Exception):
    """A line in the middle of the file is not what was written; the message names it."""


class LogInUseError(Exception):
    """Another process holds the file."""


class DurableLog:
    """The records of one file.

    Attributes:
        records: all of them, oldest first.

    Raises:
        LogInUseError: another process has it open.
        LogDamagedError: a line was changed.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        is_new = not path.exists()
        self.path = path
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._file)
            raise LogInUseError(f"{path} is in use by another program / 別のプログラムが使用中です") from None
        if is_new:
            _sync_folder(path.parent)
        try:
            self.records = self._read()
        except LogDamagedError:
            os.close(self._file)
            raise

    def append(self, record: Record) -> None:
        """Write a record; it is on disk when this returns.

        Raises:
            OSError: it could not be written, and nothing of it is there.
        """
        body = json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
        line = b"%08x " % zlib.crc32(body) + body + b"\n"
        size = len(line)
        try:
            while line:
                line = line[os.write(self._file, line) :]
            os.fsync(self._file)
        except OSError:
            # Whatever was written would stand in front of the next record.
            os.ftruncate(self._file, self._size)
            os.lseek(self._file, self._size, os.SEEK_SET)
            raise
        self._size += size
        self.records.append(record)

    def close(self) -> None:
        """Let others have the file."""
        os.close(self._file)

    def __enter__(self) -> DurableLog:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _read(self) -> list[Record]:
        content = b""
        while part := os.read(self._file, 1 << 20):
            content += part
        *lines, rest = content.split(b"\n")
        records = [self._record(number, line) for number, line in enumerate(lines, start=1)]
        self._size = len(content) - len(rest)
        if rest:
            os.ftruncate(self._file, self._size)
            os.fsync(self._file)
        os.lseek(self._file, self._size, os.SEEK_SET)
        return records

    def _record(self, number: int, line: bytes) -> Record:
        crc, _, body = line.partition(b" ")
        if crc != b"%08x" % zlib.crc32(body):
            raise LogDamagedError(f"{self.path}: line {number} was changed / {number}行目が壊れています")
        record: Record = json.loads(body)
        return record


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
