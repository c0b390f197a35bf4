"""What the compiler says of the sources without its optimizer: which instruction stands for which place.

The optimizer is off because it merges equal code of different places, so that one place would stand for both.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scripts.lib.compiler import compiler_output, read_sources

_PUSH1, _PUSH32, JUMPI = 0x60, 0x7F, 0x57
_LIBRARY_GUARD = slice(1, 21)  # a library's code begins with PUSH20 and its own address

Place = tuple[int, int, int]
"""Source index, first byte, length."""


@dataclass(frozen=True)
class Code:
    """One contract's code, that of creation or the deployed one.

    Attributes:
        name: source and contract.
        content: the bytes; what is filled in later is zero.
        filled: ranges that are filled in later: immutables, addresses of libraries.
        places: program counter to the source it stands for.
        jumps: program counters of conditional jumps.
    """

    name: str
    content: bytes
    filled: list[slice]
    places: dict[int, Place]
    jumps: set[int]

    def masked(self, code: bytes) -> bytes:
        """Return `code` without what differs between instances, and without the metadata at its end."""
        content = bytearray(code)
        for place in self.filled:
            content[place] = bytes(place.stop - place.start)
        return bytes(content[: len(content) - 2 - int.from_bytes(content[-2:], "big")])


@dataclass(frozen=True)
class Sources:
    """A compilation of everything.

    Attributes:
        deployed: the deployed code of every contract and library.
        creation: by the name of the contract, the code that makes it.
        trees: syntax tree by source name.
        indices: source name to its index in places.
    """

    deployed: list[Code]
    creation: dict[str, Code]
    trees: dict[str, Any] = field(repr=False)
    indices: dict[str, int] = field(repr=False)

    def find(self, code: bytes) -> Code | None:
        """Return the deployed code of which `code` is an instance."""
        for known in self.deployed:
            if len(known.content) == len(code) and known.masked(code) == known.masked(known.content):
                return known
        return None


def compile_without_optimizer(files: list[Path]) -> Sources:
    """Compile the files and read the source maps of all their contracts."""
    output = compiler_output(
        read_sources(files),
        ["ast", "evm.bytecode", "evm.deployedBytecode"],
        optimizer={"enabled": False},
    )
    deployed, creation = [], {}
    for source, contracts in output["contracts"].items():
        for contract, data in contracts.items():
            name = f"{source}:{contract}"
            code = _code(name, data["evm"]["deployedBytecode"])
            if code.content:
                deployed.append(code)
                creation[name] = _code(name, data["evm"]["bytecode"])
    trees = {name: source["ast"] for name, source in output["sources"].items()}
    return Sources(
        deployed, creation, trees, {name: source["id"] for name, source in output["sources"].items()}
    )


def _code(name: str, data: dict[str, Any]) -> Code:
    content = bytes.fromhex(re.sub(r"__\$[0-9a-f]{34}\$__", "0" * 40, data["object"]))
    references = [
        *(
            place
            for by_name in data["linkReferences"].values()
            for found in by_name.values()
            for place in found
        ),
        *(place for found in data.get("immutableReferences", {}).values() for place in found),
    ]
    filled = [slice(place["start"], place["start"] + place["length"]) for place in references]
    if content[:1] == b"\x73" and not any(content[_LIBRARY_GUARD]):
        filled.append(_LIBRARY_GUARD)
    counters = list(_instructions(content))
    places = list(_places(data["sourceMap"]))
    return Code(
        name,
        content,
        filled,
        {pc: place for (pc, _), place in zip(counters, places, strict=False) if place is not None},
        {pc for (pc, operation), _ in zip(counters, places, strict=False) if operation == JUMPI},
    )


def _instructions(content: bytes) -> Iterator[tuple[int, int]]:
    pc = 0
    while pc < len(content):
        operation = content[pc]
        yield pc, operation
        pc += 1 + (operation - _PUSH1 + 1 if _PUSH1 <= operation <= _PUSH32 else 0)


def _places(source_map: str) -> Iterator[Place | None]:
    """Unpack a source map: fields that are left out are those of the entry before."""
    start = length = index = -1
    for entry in source_map.split(";") if source_map else []:
        fields = [*entry.split(":"), "", "", ""]
        start = int(fields[0]) if fields[0] else start
        length = int(fields[1]) if fields[1] else length
        index = int(fields[2]) if fields[2] else index
        yield None if index < 0 else (index, start, length)
