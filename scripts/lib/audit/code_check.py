"""Compares the code of every contract on the chain with what these sources compile to.

A contract that was made from other sources may tell any story in its events. Left out of the comparison are
only the places that a deployment fills in: immutables, addresses of libraries, and a library's own address.
Each library that a contract is linked to is compared in the same way.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from scripts.lib.artifacts import Artifact, read_artifact
from scripts.lib.node.event_log import to_address
from scripts.lib.node.rpc import Rpc

_PUSH1, _PUSH20, _PUSH32 = 0x60, 0x73, 0x7F


class ForeignCode(NamedTuple):
    """A contract whose code is not what it should be.

    Attributes:
        address: of the contract, or of a library that it is linked to.
        contract: what should be there.
        why: what is found instead.
    """

    address: str
    contract: str
    why: str


def foreign_code(rpc: Rpc, contracts: Mapping[str, str], block: str) -> Iterator[ForeignCode]:
    """Yield every contract and library whose code differs from its source's.

    Args:
        contracts: what should be there by address.
    """
    waiting, seen = dict(contracts), dict[str, str]()
    while waiting:
        address, contract = waiting.popitem()
        if seen.get(address) == contract:
            continue
        seen[address] = contract
        code = bytes.fromhex(rpc.call("eth_getCode", address, block)[2:])
        artifact = read_artifact(contract)
        why = _difference(artifact, code)
        if why:
            yield ForeignCode(address, contract, why)
        else:
            waiting |= _libraries(artifact, code)


def _difference(artifact: Artifact, code: bytes) -> str:
    """Return how code differs from an artifact's; "" if it does not."""
    if not code:
        return "there is no code"
    compiled = bytes.fromhex(_without_links(artifact))
    if len(code) != len(compiled):
        return f"the code has {len(code)} bytes, the sources make {len(compiled)}"
    filled = bytearray(code)
    for start, size in _holes(compiled, artifact):
        filled[start : start + size] = bytes(size)
    differing = [
        place for place, (is_, should) in enumerate(zip(filled, compiled, strict=True)) if is_ != should
    ]
    return f"{len(differing)} bytes differ, the first at {differing[0]}" if differing else ""


def _without_links(artifact: Artifact) -> str:
    """Return the deployed code as hex with zeros in place of the libraries."""
    code = _runtime(artifact)
    for name in artifact.libraries:
        code = code.replace(_placeholder(name), "0" * 40)
    return code


def _holes(compiled: bytes, artifact: Artifact) -> Iterator[tuple[int, int]]:
    """Yield (start, size) of what a deployment fills in."""
    for places in _links(artifact).values():
        for place in places:
            yield place, 20
    place = 0
    while place < len(compiled):
        opcode = compiled[place]
        size = opcode - _PUSH1 + 1 if _PUSH1 <= opcode <= _PUSH32 else 0
        is_own_address = place == 0 and opcode == _PUSH20
        if (opcode == _PUSH32 or is_own_address) and not any(compiled[place + 1 : place + 1 + size]):
            yield place + 1, size
        place += 1 + size


def _links(artifact: Artifact) -> dict[str, list[int]]:
    """Return where libraries' addresses stand, in bytes, by library."""
    found: dict[str, list[int]] = {}
    code = _runtime(artifact)
    for name in artifact.libraries:
        start = code.find(_placeholder(name))
        while start >= 0:
            found.setdefault(name, []).append(start // 2)
            start = code.find(_placeholder(name), start + 40)
    return found


def _runtime(artifact: Artifact) -> str:
    """Return the deployed code as it stands within the creation code: libraries appear there by name."""
    start = _unlinked(artifact.bytecode).find(_unlinked(artifact.runtime))
    return artifact.bytecode[start : start + len(artifact.runtime)]


def _unlinked(code: str) -> str:
    return re.sub("__.{38}", "0" * 40, code)


def _libraries(artifact: Artifact, code: bytes) -> dict[str, str]:
    """Return the libraries that deployed code is linked to, by address."""
    return {
        to_address("0x" + code[place : place + 20].hex()): name
        for name, places in _links(artifact).items()
        for place in places
    }


def _placeholder(library: str) -> str:
    return f"__{library[:36]:_<36}__"
