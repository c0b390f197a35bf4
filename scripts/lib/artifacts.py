"""Reads what Brownie compiled (build/contracts, build/interfaces) without importing Brownie.

For users of raw RPC, web3 or eth-account, who need an ABI and creation code and nothing else. The files are
kept up to date by `make compile` and by `scripts.lib.project.load_project`, which leave the digest of all
sources beside them; artifacts of other sources are refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from scripts.lib.workspace import BUILD, ROOT

DIGEST_FILE = BUILD / "sources.sha256"


class ArtifactError(Exception):
    """An artifact is missing, or the sources have changed since it was compiled."""


def sources_digest() -> str:
    """Return the SHA-256 (hex) of all that decides what the compiler makes: sources and settings."""
    digest = sha256()
    sources = (
        file for folder in ("contracts", "interfaces") for file in sorted((ROOT / folder).rglob("*.sol"))
    )
    for file in (ROOT / "brownie-config.yaml", ROOT / "package-lock.json", *sources):
        content = file.read_bytes()
        digest.update(f"{file.relative_to(ROOT).as_posix()}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


class _BrownieFile(msgspec.Struct):
    """The fields read from an artifact of Brownie; the rest, which is most of it, is skipped."""

    contractName: str  # noqa: N815
    abi: list[dict[str, Any]]
    bytecode: str = ""
    deployedBytecode: str = ""  # noqa: N815
    sourcePath: str = ""  # noqa: N815
    compiler: dict[str, Any] = {}


@dataclass(frozen=True)
class Artifact:
    """A compiled contract, library or interface.

    Attributes:
        bytecode: creation code as hex without 0x; "" for an interface. Libraries appear as placeholders.
        runtime: deployed code as hex without 0x, before immutables and libraries are filled in.
        source_path: relative to the project, e.g. "contracts/MunicipalPoint.sol"; "" for an interface.
        compiler: version, EVM version and optimizer settings as Brownie recorded them.
    """

    name: str
    abi: list[dict[str, Any]]
    bytecode: str
    runtime: str
    source_path: str
    compiler: dict[str, Any]

    @property
    def runtime_size(self) -> int:
        """Size of the deployed code in bytes."""
        return len(self.runtime) // 2

    @property
    def libraries(self) -> list[str]:
        """Names of the libraries that must be linked before deployment, sorted."""
        return sorted(set(_placeholders(self.bytecode)))

    def linked(self, libraries: Mapping[str, str]) -> str:
        """Return the creation code as 0x hex with every library address filled in.

        Args:
            libraries: library name to address (0x hex).

        Raises:
            KeyError: a library that the code needs is not given.
        """
        code = self.bytecode
        for name in self.libraries:
            code = code.replace(f"__{name[:36]:_<36}__", libraries[name].removeprefix("0x").lower())
        return "0x" + code


def read_artifact(name: str) -> Artifact:
    """Return the artifact of a contract, library or interface by its name.

    Raises:
        ArtifactError: it was not compiled, or sources have changed since.
    """
    _require_current()
    for folder in ("contracts", "interfaces"):
        file = BUILD / folder / f"{name}.json"
        if file.is_file():
            return _read(file, file.stat().st_mtime_ns)
    raise ArtifactError(f"{name} is not in build/: run `make compile` / make compile を実行してください")


def read_all_artifacts() -> Iterator[Artifact]:
    """Yield every artifact in build/, contracts before interfaces, in the order of their names.

    Raises:
        ArtifactError: nothing was compiled, or sources have changed since.
    """
    _require_current()
    for folder in ("contracts", "interfaces"):
        for file in sorted((BUILD / folder).glob("*.json")):
            yield _read(file, file.stat().st_mtime_ns)


def _require_current() -> None:
    if not DIGEST_FILE.is_file() or DIGEST_FILE.read_text(encoding="ascii") != sources_digest():
        raise ArtifactError(
            "build/ is older than the sources: run `make compile` / "
            "コンパイル結果がソースより古いため、make compile を実行してください"
        )


@cache
def _read(file: Path, _changed: int) -> Artifact:
    data = msgspec.json.decode(file.read_bytes(), type=_BrownieFile)
    return Artifact(
        name=data.contractName,
        abi=data.abi,
        bytecode=data.bytecode,
        runtime=data.deployedBytecode,
        source_path=data.sourcePath,
        compiler=data.compiler,
    )


def _placeholders(code: str) -> Iterator[str]:
    """Yield the names inside Brownie's 40-character library placeholders, __Name______."""
    start = code.find("__")
    while start >= 0:
        yield code[start + 2 : start + 38].rstrip("_")
        start = code.find("__", start + 40)
