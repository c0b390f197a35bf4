"""Compares the code of a commit's contracts with that of the present ones: `make same-code ARGS=COMMIT`.

Where it is the same, figures of a campaign at that commit hold for the present contracts. Both are compiled
here, with the present compiler, settings and OpenZeppelin; that a commit had others is told as a difference.
"""

from __future__ import annotations

import argparse
import io
import json
import subprocess
import sys
import tarfile
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from scripts.lib.compiler import (
    CompilationError,
    compiler_output,
    project_files,
    project_settings,
    read_sources,
)
from scripts.lib.workspace import ROOT
from tests.assurance.mutation.code import without_metadata

_CONTRACTS = "contracts/"
_FOLDERS = (_CONTRACTS, "interfaces/")
_SETTINGS = "brownie-config.yaml"
_LOCK = "package-lock.json"
_LIBRARY = "node_modules/@openzeppelin/contracts"
_PARTS = {"creation": "bytecode", "runtime": "deployedBytecode"}

Code = dict[str, dict[str, str]]
"""Contract to its creation and runtime code, hex without what the compiler notes of the sources' text."""


class CommitError(Exception):
    """A commit cannot be read; the message says why."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what differs; return 0 if nothing does, 1 if something does, 2 if that cannot be told."""
    parser = argparse.ArgumentParser(prog="make same-code", description=__doc__.splitlines()[0])
    parser.add_argument("commit", help="anything that git knows a commit by (ARGS=COMMIT)")
    commit = parser.parse_args(arguments).commit
    try:
        before = files_of(commit)
        now = code_of(_sources(read_sources(project_files())))
        found = [*differences_of_tools(before), *differences(code_of(_sources(before)), now)]
    except (CommitError, CompilationError) as error:
        print(error, file=sys.stderr)
        return 2
    for line in found:
        print(line)
    if not found:
        print(f"the code of {len(now)} contracts is that of {commit}; comments may differ")
    return 1 if found else 0


def differences(before: Code, now: Code) -> list[str]:
    """Return a line for each contract whose code differs, or that only one side has."""
    lines = []
    for name in sorted(before.keys() | now.keys()):
        if name not in now:
            lines.append(f"{name}: not there any more")
        elif name not in before:
            lines.append(f"{name}: new")
        elif parts := [part for part in _PARTS if before[name][part] != now[name][part]]:
            lines.append(f"{name}: {' and '.join(parts)} code differs")
    return lines


def differences_of_tools(before: Mapping[str, str]) -> list[str]:
    """Return a line for each other thing that code depends on, where a commit's files had another."""
    lines = []
    if yaml.safe_load(before[_SETTINGS])["compiler"] != project_settings():
        lines.append(f"{_SETTINGS}: the compiler or its settings differ")
    if _library_version(before[_LOCK]) != _library_version((ROOT / _LOCK).read_text(encoding="utf-8")):
        lines.append(f"{_LOCK}: the version of OpenZeppelin differs")
    return lines


def code_of(sources: Mapping[str, str]) -> Code:
    """Return the code of every contract in contracts/ that has any.

    Args:
        sources: by path, as the compiler takes them.

    Raises:
        CompilationError: they do not compile.
    """
    own = [name for name in sources if name.startswith(_CONTRACTS)]
    outputs = [f"evm.{output}.object" for output in _PARTS.values()]
    settings = project_settings()["solc"]["optimizer"]
    compiled = compiler_output(sources, outputs, optimizer=settings, only=own)["contracts"]
    return {
        name: {part: without_metadata(data["evm"][output]["object"]) for part, output in _PARTS.items()}
        for source in own
        for name, data in compiled.get(source, {}).items()
        if data["evm"]["bytecode"]["object"]
    }


def files_of(commit: str) -> dict[str, str]:
    """Return what a commit has of contracts, settings and locked packages: path to text.

    Raises:
        CommitError: there is no such commit, it has no contracts, or this folder is no checkout of its own.
    """
    try:
        place = _git("rev-parse", "--show-prefix").strip()
    except CommitError as error:
        raise CommitError(f"{_NO_CHECKOUT} ({error})") from None
    if place:  # a source archive within the checkout of something else
        raise CommitError(_NO_CHECKOUT)
    try:
        found = _git("rev-parse", "--verify", "--quiet", f"{commit}^{{commit}}").decode().strip()
    except CommitError:
        raise CommitError(f"git knows no commit {commit} here") from None
    archive = _git("archive", "--format=tar", found, "--", *_FOLDERS, _SETTINGS, _LOCK)
    with tarfile.open(fileobj=io.BytesIO(archive)) as tree:
        files = {member.name: tree.extractfile(member) for member in tree.getmembers() if member.isfile()}
        return {name: file.read().decode() for name, file in files.items() if file is not None}


_NO_CHECKOUT = "this folder is no git checkout, as a source archive is none: clone the repository to compare"


def _git(*arguments: str) -> bytes:
    command = ["git", "-C", str(ROOT), *arguments]
    try:
        return subprocess.run(command, capture_output=True, check=True).stdout
    except FileNotFoundError:
        raise CommitError("git is not installed") from None
    except subprocess.CalledProcessError as error:
        raise CommitError(error.stderr.decode(errors="replace").strip()) from None


def _sources(files: Mapping[str, str]) -> dict[str, str]:
    """Return those of the files that the contracts are compiled from."""
    return {name: text for name, text in files.items() if name.startswith(_FOLDERS) and name.endswith(".sol")}


def _library_version(lock: str) -> Any:
    return json.loads(lock)["packages"][_LIBRARY]["version"]


if __name__ == "__main__":
    sys.exit(main())
