"""The dataset on disk: Parquet files of events, and a manifest that says what they are.

    <folder>/manifest.jsonl                             a line for all that was written, oldest first
    <folder>/<Contract>.<Event>/<first>-<last>.parquet  the events of one kind in these blocks

Lines of the manifest: first the `Header` (which chain, which platform), then in the order of writing each
`Contract` that was found and each `Segment` of blocks with its files and their digests. Every line carries
the digest of the line before it. A line is written when all its files are on disk, so that a program that was
killed leaves no doubt: files that no line names are nothing, and a line that is cut off was not written.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from scripts.lib.audit.block_seal import BlockSeal
from scripts.lib.audit.event_tables import UNREADABLE, schema_of, tables_by_name
from scripts.lib.node.rpc import ChainIdentity
from scripts.lib.strict_json import JsonError, decode_json

FORMAT = 2
MANIFEST = "manifest.jsonl"


class DatasetError(Exception):
    """The dataset is damaged or belongs to another chain; the message says where."""


class Header(msgspec.Struct, frozen=True, tag="header", tag_field="line"):
    """Which chain and which platform.

    Attributes:
        genesis: hash of block 0, 0x hex.
        platform, officers, residents: addresses of the council's contracts.
        first: the block from which on everything is here.
        tables: digest of all tables' columns; another one means that the contracts' events have changed.
    """

    format: int
    chain_id: int
    genesis: str
    platform: str
    officers: str
    residents: str
    first: int
    tables: str
    previous: str = ""


class Contract(msgspec.Struct, frozen=True, tag="contract", tag_field="line"):
    """A series or service that the platform's events name.

    Attributes:
        kind: the contract that it should be, e.g. "MunicipalPoint"; "" if its name tells nothing.
        name: as registered or offered.
        block: of that event.
    """

    address: str
    kind: str
    name: str
    block: int
    previous: str = ""


class File(msgspec.Struct, frozen=True):
    """A Parquet file of a segment: how many rows, and the SHA-256 (hex) of the whole file."""

    table: str
    rows: int
    digest: str


class Segment(msgspec.Struct, frozen=True, tag="segment", tag_field="line"):
    """All events of the blocks from `first` to `last`.

    Attributes:
        last_hash, last_time: of block `last`: 0x hex, and Unix seconds.
        of: addresses whose events these are; empty for all contracts that were known by then. Not empty
            where a series was deployed before it was registered, and the blocks had been read by then.
    """

    first: int
    last: int
    last_hash: str
    last_time: int
    files: list[File]
    of: list[str] = []
    previous: str = ""

    @property
    def seal(self) -> BlockSeal:
        """Return hash and time of its last block."""
        return BlockSeal(self.last_hash, self.last_time)

    @property
    def name(self) -> str:
        """Return what its files are called, without the ending."""
        return f"{self.first:010d}-{self.last:010d}" + ("-earlier" if self.of else "")


Line = Header | Contract | Segment
_decoder = msgspec.json.Decoder(Line)
_TABLES = frozenset((UNREADABLE, *tables_by_name()))


def tables_digest() -> str:
    """Return the SHA-256 (hex) of all tables with their columns."""
    named = "\n".join(f"{name}\n{table.schema}" for name, table in sorted(tables_by_name().items()))
    return sha256(named.encode()).hexdigest()


class Dataset:
    """A dataset in a folder.

    Attributes:
        header: None as long as nothing was written.
        contracts: series and services, in the order in which they were found.
        segments: as the manifest has them.
        cut_off: whether the last line was cut off, as by a crash; it counts for nothing.

    Raises:
        DatasetError: the manifest is damaged.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lines: list[bytes] = []
        self.header: Header | None = None
        self.contracts: list[Contract] = []
        self.segments: list[Segment] = []
        self.cut_off = False
        self._read()

    @property
    def digest(self) -> str:
        """Return the SHA-256 (hex) of the manifest's last line, which stands for the whole dataset."""
        return sha256(self._lines[-1]).hexdigest() if self._lines else ""

    @property
    def last(self) -> int:
        """Return the last block of which everything is here; -1 if nothing is."""
        return max((segment.last for segment in self.segments if not segment.of), default=-1)

    @property
    def seal(self) -> BlockSeal:
        """Return hash and time of that block.

        Raises:
            DatasetError: nothing was fetched yet.
        """
        for segment in self.segments:
            if not segment.of and segment.last == self.last:
                return segment.seal
        raise DatasetError(f"{self.folder} holds no dataset: fetch first")

    def addresses(self) -> list[str]:
        """Return every contract whose events belong here; there is a header."""
        assert self.header is not None
        return [
            self.header.platform,
            self.header.officers,
            self.header.residents,
            *(contract.address for contract in self.contracts),
        ]

    # ------------------------------------------------------------------ writing

    def begin(
        self, identity: ChainIdentity, platform: str, officers: str, residents: str, first: int
    ) -> None:
        """Write the header, or check that it is this chain's and this platform's.

        Raises:
            DatasetError: it is not, or the tables have changed.
        """
        wanted = Header(FORMAT, *identity, platform, officers, residents, first, tables_digest())
        if self.header is None:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._append(wanted)
        elif msgspec.structs.replace(self.header, first=first) != wanted:
            raise DatasetError(
                f"{self.folder} was read from another chain or platform, or by another version: {self.header}"
            )

    def add_contract(self, contract: Contract) -> None:
        """Note a contract that was found."""
        self._append(contract)

    def add_segment(
        self, first: int, last: int, seal: BlockSeal, tables: Mapping[str, pa.Table], of: Sequence[str] = ()
    ) -> Segment:
        """Write a segment: its files, then its line; all on disk when this returns.

        Args:
            seal: of block `last`.
        """
        segment = Segment(first, last, seal.hash, seal.time, [], list(of))
        files = []
        for name, table in sorted(tables.items()):
            file = self.folder / name / f"{segment.name}.parquet"
            file.parent.mkdir(exist_ok=True)
            writing = file.with_suffix(".writing")
            pq.write_table(table, writing, compression="lz4", use_dictionary=_repeating(table))
            content = writing.read_bytes()
            _sync(writing)
            writing.replace(file)
            files.append(File(name, table.num_rows, sha256(content).hexdigest()))
        segment = msgspec.structs.replace(segment, files=files)
        self._append(segment)
        return segment

    def cut(self, lines: int) -> None:
        """Keep only the first so many lines of the manifest, and no files but theirs."""
        if lines < len(self._lines) or self.cut_off:
            content = b"".join(line + b"\n" for line in self._lines[:lines])
            writing = self.folder / (MANIFEST + ".writing")
            writing.write_bytes(content)
            _sync(writing)
            writing.replace(self.folder / MANIFEST)
            _sync(self.folder)
        self._lines, self.header, self.contracts, self.segments = [], None, [], []
        self._read()
        self.remove_strays()

    def remove_strays(self) -> None:
        """Remove files that no line names, as a program leaves them that was killed."""
        for file in self.strays():
            file.unlink()

    def lines(self) -> list[Line]:
        """Return the manifest line by line."""
        return [_decoder.decode(line) for line in self._lines]

    # ------------------------------------------------------------------ reading

    def strays(self) -> list[Path]:
        """Return the files that no line of the manifest names."""
        named = {self.file(segment, file) for segment in self.segments for file in segment.files}
        return sorted(
            file
            for pattern in ("*/*.parquet", "*/*.writing", "*.writing")
            for file in self.folder.glob(pattern)
            if file not in named
        )

    def file(self, segment: Segment, file: File) -> Path:
        """Return where a file of a segment lies."""
        return self.folder / file.table / f"{segment.name}.parquet"

    def faults(self) -> Iterator[tuple[str, str]]:
        """Yield (file, what is wrong with it) for all that does not agree with the manifest."""
        if self.cut_off:
            yield MANIFEST, "its last line is cut off: fetch again"
        expected = 0 if self.header is None else self.header.first
        for segment in self.segments:
            if not segment.of:
                if segment.first != expected:
                    yield segment.name, f"block {expected} should come next"
                expected = segment.last + 1
            for file in segment.files:
                path = self.file(segment, file)
                name = str(path.relative_to(self.folder))
                if not path.exists():
                    yield name, "the file is missing"
                elif sha256(path.read_bytes()).hexdigest() != file.digest:
                    yield name, "the file is not the one that was written: its digest differs"
        for stray in self.strays():
            yield str(stray.relative_to(self.folder)), "no line of the manifest names this file"

    def tables(self, segment: Segment) -> Iterator[tuple[str, pa.Table]]:
        """Yield the tables of a segment by name.

        Raises:
            DatasetError: a file is missing, or is no such table.
        """
        for file in segment.files:
            path = self.file(segment, file)
            try:
                table = pq.read_table(path, partitioning=None)
            except (OSError, pa.ArrowException) as error:
                raise DatasetError(f"{path} cannot be read: {error}") from None
            if not table.schema.equals(schema_of(file.table)):
                raise DatasetError(f"{path} has other columns than {file.table}")
            yield file.table, table

    def _read(self) -> None:
        self.cut_off = False
        path = self.folder / MANIFEST
        if not path.exists():
            return
        lines = path.read_bytes().split(b"\n")
        self.cut_off = lines.pop() != b""
        for number, line in enumerate(lines, 1):
            try:
                read = decode_json(line, _decoder)
            except JsonError as error:
                raise DatasetError(f"{path}: line {number} is none: {error}") from None
            if read.previous != self.digest or isinstance(read, Header) != (number == 1):
                raise DatasetError(
                    f"{path}: line {number} does not follow the line before it: one was changed or removed"
                )
            if isinstance(read, Segment) and not _TABLES.issuperset(file.table for file in read.files):
                raise DatasetError(f"{path}: line {number} names a table that is none")
            self._take(read, line)

    def _append(self, line: Line) -> None:
        line = msgspec.structs.replace(line, previous=self.digest)
        content = msgspec.json.encode(line)
        with (self.folder / MANIFEST).open("ab") as file:
            file.write(content + b"\n")
            file.flush()
            os.fsync(file.fileno())
        self._take(line, content)

    def _take(self, line: Line, content: bytes) -> None:
        self._lines.append(content)
        if isinstance(line, Header):
            self.header = line
        elif isinstance(line, Contract):
            self.contracts.append(line)
        else:
            self.segments.append(line)


def _repeating(table: pa.Table) -> list[str] | bool:
    """Return the columns that a dictionary makes smaller: accounts and texts."""
    repeating = [
        field.name
        for field in table.schema
        if field.name != "transaction" and (pa.types.is_string(field.type) or field.type == pa.binary(20))
    ]
    return repeating or False


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
