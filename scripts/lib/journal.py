"""What was signed for a task, on disk before any of it is sent.

    with Journal(rpc.identity(), "grant-batch-7") as journal:
        sender = Sender(rpc, keyring, journal=journal)

A command that is killed and run again finds here what may still be under way. What became of it the journal
does not say: that the chain is asked. A task's file is `<folder>/<chain id>/<genesis>/<task>.journal`; each
line is what was signed at one time, a checksum before it. Only the last line can be damaged, by a kill while
it was written, and then nothing of it was sent: it is dropped.

Nothing personal is in it: transactions are what the chain publishes, tasks and intents are words of few
letters.
"""

from __future__ import annotations

import fcntl
import os
import re
import zlib
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

import msgspec

from scripts.lib.node.rpc import ChainIdentity
from scripts.lib.personal_data import require_impersonal
from scripts.lib.strict_json import JsonError, decode_json
from scripts.lib.workspace import ROOT

FOLDER = ROOT / "journals"

_WORDS = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_MOST_LETTERS = 100
_CHECKSUM_LENGTH = 8


class JournalError(Exception):
    """The journal is damaged, in use, cannot be written, or belongs to something else. Nothing was sent."""


class Signed(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A transaction that was signed and may have been sent.

    Attributes:
        intent: what it is for, once in the task; "" if the chain itself tells what is done.
        account: whose transaction it is, checksummed.
        hash: of the transaction (0x hex).
        raw: the transaction itself (0x hex).
    """

    intent: str
    account: str
    nonce: int
    hash: str
    raw: str


class _Head(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    chain_id: int
    genesis: str
    task: str


_head_decoder = msgspec.json.Decoder(_Head)
_signed_decoder = msgspec.json.Decoder(list[Signed])


class Journal:
    """The journal of one task on one chain; nobody else can open it until it is closed.

    Args:
        identity: the chain.
        task: small letters, digits and hyphens, e.g. "grant-batch-7".
        folder: where all journals lie; `journals/` in the project unless told.

    Attributes:
        identity: the chain.
        file: where it lies.
        signed: what was signed before, oldest first.

    Raises:
        JournalError: another program has it open, it is damaged, or belongs to another task or chain.
        ValueError: the task is no such words.
        PersonalDataError: the task may be somebody's number.
    """

    def __init__(self, identity: ChainIdentity, task: str, folder: Path = FOLDER) -> None:
        require_words(task, "a task")
        self.file = folder / str(identity.chain_id) / identity.genesis[2:18] / f"{task}.journal"
        self.identity = identity
        head = _Head(identity.chain_id, identity.genesis, task)
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            self._descriptor = os.open(self.file, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        except OSError as error:
            raise JournalError(f"{self.file} cannot be opened: {error.strerror}") from error
        try:
            self._lock()
            self.signed = self._read(head)
        except BaseException:
            self.close()
            raise

    def write(self, signed: Sequence[Signed]) -> None:
        """Note what was signed; it is on disk when this returns, and may be sent then.

        Raises:
            JournalError: the disk is full or does not take it; nothing of it is noted.
        """
        self._append(msgspec.json.encode(signed))
        self.signed.extend(signed)

    def discard(self) -> None:
        """Remove it, when everything in it has its receipt: what was done the chain tells."""
        self.file.unlink(missing_ok=True)
        self.close()

    def close(self) -> None:
        """Let others open it. Safe to repeat."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def __enter__(self) -> Journal:
        """Return the journal itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()

    def _lock(self) -> None:
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise JournalError(
                f"{self.file.stem} is being run by somebody else right now: wait until that is done, then "
                f"run it again / {self.file.stem} は別の端末で実行中です。終わってから再度実行してください"
            ) from None

    def _read(self, head: _Head) -> list[Signed]:
        lines = self.file.read_bytes().split(b"\n")
        rest = lines.pop()
        intact = [_content(line) for line in lines]
        if intact and intact[-1] is None:  # as good as cut off: it never was known to be on disk
            rest = lines.pop() + b"\n" + rest
            intact.pop()
        if None in intact:
            raise JournalError(f"{self.file}: line {intact.index(None) + 1} is damaged, and others follow it")
        self._size = sum(len(line) + 1 for line in lines)
        if rest:
            os.ftruncate(self._descriptor, self._size)
        if not intact:
            self._append(msgspec.json.encode(head))
            _sync_folder(self.file.parent)
            return []
        first, *others = (content for content in intact if content is not None)
        try:
            if decode_json(first, _head_decoder) != head:
                raise JournalError(f"{self.file} belongs to another task or chain: {first.decode()}")
            return [each for line in others for each in decode_json(line, _signed_decoder)]
        except JsonError as error:
            raise JournalError(f"{self.file} is no journal: {error}") from None

    def _append(self, content: bytes) -> None:
        line = b"%08x %s\n" % (zlib.crc32(content), content)
        try:
            written = os.write(self._descriptor, line)
            if written < len(line):
                written += os.write(self._descriptor, line[written:])
            if written < len(line):
                raise OSError("only a part was written")
            os.fsync(self._descriptor)
        except OSError as error:
            os.ftruncate(self._descriptor, self._size)
            raise JournalError(
                f"{self.file} cannot be written ({error.strerror or error}), so nothing more was sent: make "
                "room, then run it again / 書き込めないため送信を中止しました。"
                "空き容量を確保して再度実行してください"
            ) from error
        self._size += len(line)


def require_words(text: str, what: str) -> None:
    """Make sure that a text is small letters and digits with hyphens between, and nothing personal.

    Raises:
        ValueError: it is not.
        PersonalDataError: it may be a 個人番号 or a MyKey ID.
    """
    if len(text) > _MOST_LETTERS or not _WORDS.fullmatch(text):
        raise ValueError(f"{what} is named by small letters, digits and hyphens")
    require_impersonal([text], what)


def _content(line: bytes) -> bytes | None:
    """Return what a line holds, None if it is damaged."""
    content = line[_CHECKSUM_LENGTH + 1 :]
    return content if line[: _CHECKSUM_LENGTH + 1] == b"%08x " % zlib.crc32(content) else None


def _sync_folder(folder: Path) -> None:
    """Make sure that the entry of a new file survives a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
