"""Compiles a faulty contract and lays its code where Brownie's lies, instead of letting Brownie compile.

Only contracts that import the changed source are compiled, and of them only the code: no source maps, which
take Brownie longer than the compiler needs. The ABI stays, for no fault changes one.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha1
from pathlib import Path
from typing import Any

import msgspec

from scripts.lib.artifacts import DIGEST_FILE, sources_digest
from scripts.lib.compiler import compiler_output, project_settings
from scripts.lib.workspace import BUILD, ROOT
from tests.assurance.mutation.reach import files_that_import, sources

_OUTPUTS = ("evm.bytecode", "evm.deployedBytecode")
_OBJECTS = [f"{output}.{part}" for output in _OUTPUTS for part in ("object", "linkReferences")]
# The compiler ends code with a digest of the source's text (CBOR: ipfs, 34 bytes; solc, 3 bytes).
_METADATA = re.compile(r"a2646970667358221220[0-9a-f]{64}64736f6c6343[0-9a-f]{6}0033")


@dataclass(frozen=True)
class Code:
    """What a contract becomes: hex without 0x, and where the addresses of libraries go.

    Creation code holds Brownie's placeholders, runtime those of the compiler.
    """

    bytecode: str
    links: dict[str, Any]
    runtime: str
    runtime_links: dict[str, Any]


def compile_instead(file: str, text: str) -> dict[str, Code]:
    """Return the code of contracts that is another than what lies in build/ if a source has this text.

    Args:
        file: within contracts/.

    Raises:
        CompilationError: it does not compile.
    """
    texts = sources() | {file: text}
    wanted = [f"contracts/{each}" for each in files_that_import(file)]
    output = compiler_output(
        {source: texts[source.removeprefix("contracts/")] for source in wanted},
        _OBJECTS,
        optimizer=project_settings()["solc"]["optimizer"],
        only=wanted,
    )
    changed = {}
    for source in wanted:
        for name, data in output["contracts"].get(source, {}).items():
            creation, runtime = data["evm"]["bytecode"], data["evm"]["deployedBytecode"]
            bytecode = _with_placeholders(creation)
            if without_metadata(bytecode) != without_metadata(_read(name)["bytecode"]):
                links = creation["linkReferences"], runtime["linkReferences"]
                changed[name] = Code(bytecode, links[0], runtime["object"], links[1])
    return changed


@contextlib.contextmanager
def laid_out(file: str, text: str, changed: dict[str, Code]) -> Iterator[None]:
    """Let source and code lie in this project for the length of a `with` block, for whoever loads it."""
    source = ROOT / "contracts" / file
    artifacts = [BUILD / "contracts" / f"{name}.json" for name in {*changed, *_contracts_of(file)}]
    before = {path: path.read_bytes() for path in (source, DIGEST_FILE, *artifacts)}
    try:
        source.write_text(text, encoding="utf-8")
        DIGEST_FILE.write_text(sources_digest(), encoding="ascii")
        for path in artifacts:
            data = msgspec.json.decode(before[path])
            if data["sourcePath"] == f"contracts/{file}":
                data["sha1"] = sha1(text.encode(), usedforsecurity=False).hexdigest()
            if path.stem in changed:
                data |= fields(changed[path.stem])
            path.write_bytes(msgspec.json.encode(data))
        yield
    finally:
        for path, content in before.items():
            path.write_bytes(content)


def fields(code: Code) -> dict[str, Any]:
    """Return what changes in Brownie's record of a contract; the map of its code is not known."""
    return {
        "bytecode": code.bytecode,
        "deployedBytecode": code.runtime,
        "pcMap": {},
        **({"linkReferences": code.links} if code.links else {}),
        **({"deployedLinkReferences": code.runtime_links} if code.runtime_links else {}),
    }


def _contracts_of(file: str) -> list[str]:
    text = sources()[file]
    names = re.findall(r"^(?:abstract )?(?:contract|library) (\w+)", text, re.MULTILINE)
    return [name for name in names if _artifact(name).is_file()]


def _artifact(name: str) -> Path:
    return BUILD / "contracts" / f"{name}.json"


def _read(name: str) -> dict[str, Any]:
    return dict(msgspec.json.decode(_artifact(name).read_bytes()))


def _with_placeholders(bytecode: dict[str, Any]) -> str:
    code: str = bytecode["object"]
    for libraries in bytecode["linkReferences"].values():
        for name, places in libraries.items():
            for start in (place["start"] * 2 for place in places):
                code = f"{code[:start]}__{name[:36]:_<36}__{code[start + 40 :]}"
    return code


def without_metadata(code: str) -> str:
    """Return code (hex) without the digests of source text in it: what is left is what runs."""
    return _METADATA.sub("", code)
