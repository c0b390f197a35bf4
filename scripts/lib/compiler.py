"""Compiles Solidity with exactly the project's settings: peers for the bench, test harnesses, the whole tree.

The settings have one source, brownie-config.yaml, and the compiler is the one that Brownie uses, so the code
of a peer compiled here is comparable with ours to the byte. Nothing is written to disk.

As a program it compiles the whole project and fails on any error or warning, which Brownie hides:

    python -m scripts.lib.compiler
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from scripts.lib.workspace import ROOT, stay_inside

SOURCE_FOLDERS = ("interfaces", "contracts", "tests")
_SIZE_CODES = ("5574", "3860")
_OUTPUTS = ["abi", "evm.bytecode", "evm.deployedBytecode", "evm.methodIdentifiers", "storageLayout"]


class CompilationError(Exception):
    """The compiler refused the sources; the message holds its findings as it prints them."""


@dataclass(frozen=True)
class CompiledContract:
    """One contract of a compilation.

    Attributes:
        source_name: source unit it comes from, e.g. "contracts/MunicipalPoint.sol".
        bytecode: creation code as hex without 0x; holds placeholders while libraries are unlinked.
        runtime: deployed code as hex without 0x.
        link_references: {source: {library: [{start, length} in bytes]}} of the creation code.
        storage_layout: the compiler's storage layout.
        selectors: function with its types, as the compiler writes them, to selector (hex without 0x).
    """

    name: str
    source_name: str
    abi: list[dict[str, Any]]
    bytecode: str
    runtime: str
    link_references: dict[str, dict[str, list[dict[str, int]]]]
    storage_layout: dict[str, Any]
    selectors: dict[str, str]

    @property
    def runtime_size(self) -> int:
        """Size of the deployed code in bytes."""
        return len(self.runtime) // 2

    def linked(self, libraries: Mapping[str, str]) -> str:
        """Return the creation code as 0x hex with every library address filled in.

        Args:
            libraries: library name to address (0x hex).

        Raises:
            KeyError: a library that the code needs is not given.
        """
        code = self.bytecode
        for by_name in self.link_references.values():
            for library, places in by_name.items():
                address = libraries[library].removeprefix("0x").lower()
                for place in places:
                    start = place["start"] * 2
                    code = code[:start] + address + code[start + 40 :]
        return "0x" + code


@dataclass(frozen=True)
class Compilation:
    """What a compiler run gave: contracts by name, and the warnings as the compiler prints them."""

    contracts: dict[str, CompiledContract]
    warnings: list[str] = field(default_factory=list)

    def __getitem__(self, name: str) -> CompiledContract:
        """Return a contract by its name."""
        return self.contracts[name]


def project_settings() -> dict[str, Any]:
    """Return the compiler section of brownie-config.yaml."""
    config = yaml.safe_load((ROOT / "brownie-config.yaml").read_text(encoding="utf-8"))
    return config["compiler"]


def compile_sources(
    sources: Mapping[str, str],
    *,
    optimizer_runs: int | None = None,
    via_ir: bool = False,
) -> Compilation:
    """Compile sources given as text; what they import is read from the project folder.

    Args:
        sources: source unit name (a path relative to the project, which need not exist) to Solidity text.
            Imports may be relative to that name, or start with @openzeppelin/.
        optimizer_runs: instead of the project's number, for measurements.
        via_ir: use the Yul pipeline instead of the project's legacy one, for measurements.

    Returns:
        Every contract of the given sources and of what they import. Of two contracts with one name, the one
        from the given sources wins.

    Raises:
        CompilationError: the sources do not compile.
    """
    optimizer = dict(project_settings()["solc"]["optimizer"])
    if optimizer_runs is not None:
        optimizer["runs"] = optimizer_runs
    output = compiler_output(sources, _OUTPUTS, optimizer=optimizer, via_ir=via_ir)
    contracts: dict[str, CompiledContract] = {}
    # Given sources last, so that their contracts win over imported ones of the same name.
    for source_name in sorted(output["contracts"], key=lambda name: name in sources):
        for name, data in output["contracts"][source_name].items():
            contracts[name] = CompiledContract(
                name=name,
                source_name=source_name,
                abi=data["abi"],
                bytecode=data["evm"]["bytecode"]["object"],
                runtime=data["evm"]["deployedBytecode"]["object"],
                link_references=data["evm"]["bytecode"]["linkReferences"],
                storage_layout=data["storageLayout"],
                selectors=data["evm"]["methodIdentifiers"],
            )
    warnings = [
        finding["formattedMessage"] for finding in output.get("errors", []) if not _is_size_of_a_test(finding)
    ]
    return Compilation(contracts, warnings)


def _is_size_of_a_test(finding: Mapping[str, Any]) -> bool:
    """Whether it is only that a contract of tests/ is too large for a chain: those run in forge alone."""
    place = finding.get("sourceLocation") or {}
    return finding.get("errorCode") in _SIZE_CODES and place.get("file", "").startswith("tests/")


def compiler_output(
    sources: Mapping[str, str],
    outputs: Sequence[str],
    *,
    optimizer: Mapping[str, Any],
    via_ir: bool = False,
    only: Sequence[str] = ("*",),
) -> dict[str, Any]:
    """Return what the compiler answers, as it is, with its outputs `outputs` of every contract.

    Args:
        sources: as in `compile_sources`.
        outputs: as the compiler names them; "ast" is a source's.
        optimizer: the compiler's settings of that name.
        via_ir: use the Yul pipeline.
        only: source units whose contracts are wanted: of others no code is made, which saves the time.

    Raises:
        CompilationError: the sources do not compile.
    """
    stay_inside()
    import solcx

    config = project_settings()
    settings: dict[str, Any] = {
        "evmVersion": config["evm_version"],
        "remappings": config["solc"]["remappings"],
        "optimizer": dict(optimizer),
        "outputSelection": {
            unit: {"*": [*outputs], "": ["ast"] if "ast" in outputs else []} for unit in only
        },
    }
    if via_ir:
        settings["viaIR"] = True
    request = {
        "language": "Solidity",
        "sources": {name: {"content": text} for name, text in sources.items()},
        "settings": settings,
    }
    try:
        output: dict[str, Any] = solcx.compile_standard(
            request, solc_version=config["solc"]["version"], base_path=ROOT, allow_paths=[str(ROOT)]
        )
    except solcx.exceptions.SolcError as error:
        raise CompilationError(str(error.message)) from None
    return output


def compile_files(paths: Iterable[Path | str], **options: Any) -> Compilation:
    """Compile files of the project; paths are absolute or relative to the project folder.

    Options and errors are those of `compile_sources`.
    """
    return compile_sources(read_sources(paths), **options)


def read_sources(paths: Iterable[Path | str]) -> dict[str, str]:
    """Return the text of files of the project by the names that the compiler knows them by."""
    files = [ROOT / path for path in paths]
    return {file.relative_to(ROOT).as_posix(): file.read_text(encoding="utf-8") for file in files}


def project_files() -> list[Path]:
    """Return every Solidity file of the project, sorted: interfaces, contracts and test harnesses."""
    return [file for folder in SOURCE_FOLDERS for file in sorted((ROOT / folder).rglob("*.sol"))]


def main() -> int:
    """Compile the whole project; return 1 after printing the findings if there are any."""
    try:
        compilation = compile_files(project_files())
    except CompilationError as error:
        print(error, file=sys.stderr)
        return 1
    for warning in compilation.warnings:
        print(warning, file=sys.stderr)
    return 1 if compilation.warnings else 0


if __name__ == "__main__":
    sys.exit(main())
