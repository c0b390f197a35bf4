"""docs/dependencies.md names every package that the repository asks for, with its installed licence."""

import json
import re
from importlib.metadata import metadata

import pytest

from scripts.lib.workspace import ROOT

ROWS = {
    (cells[0], cells[1]): cells[2:]
    for line in (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("| ") and not line.startswith(("| package", "| ---"))
    for cells in [[cell.strip() for cell in line.strip("|").split(" | ")]]
}
PERMISSIVE = re.compile(r"MIT|Apache|BSD|Python Software Foundation|0BSD|ISC")
MIT_TEXT = "Permission is hereby granted, free of charge"
NOT_LINKED = {"@safe-global/safe-contracts": "LGPL-3.0", "axe-core": "MPL-2.0"}
"""Deployed or run as published, beside our code."""


def asked_for():
    """Yield package and file, for each that a file of ours names."""
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    listed = project.split("\ndependencies = [", 1)[1].split("\n]", 1)[0]
    for name in re.findall(r'^\s*"([\w.-]+)==', listed, re.MULTILINE):
        yield name, "pyproject.toml"
    for file in ("package.json", "web/package.json"):
        content = json.loads((ROOT / file).read_text(encoding="utf-8"))
        for kind in ("dependencies", "devDependencies", "optionalDependencies"):
            for name in content.get(kind, {}):
                yield name, file


def licence_of(name, file):
    """Return what the package says: the installed one's metadata, of npm's the lock file's copy of it."""
    if file == "pyproject.toml":
        found = metadata(name)
        classified = [each for each in found.get_all("Classifier") or [] if each.startswith("License ::")]
        return " ".join([found.get("License-Expression") or "", found.get("License") or "", *classified])
    lock = json.loads((ROOT / file.replace("package.json", "package-lock.json")).read_text(encoding="utf-8"))
    return lock["packages"][f"node_modules/{name}"]["license"]


ASKED_FOR = sorted(asked_for())


def test_page_names_every_package_once_and_no_other():
    assert set(ROWS) == set(ASKED_FOR)


def test_direct_packages_are_locked():
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    for name, file in ASKED_FOR:
        assert file != "pyproject.toml" or re.search(rf"^{re.escape(name)}==", lock, re.MULTILINE), name


@pytest.mark.parametrize(("name", "file"), ASKED_FOR)
def test_licence_is_the_package_s_own_and_permissive(name, file):
    licence, reason = ROWS[name, file]
    said = " ".join(licence_of(name, file).split())
    assert licence in said or (licence == "MIT License" and MIT_TEXT in said), said[:200]
    assert PERMISSIVE.search(licence) or NOT_LINKED[name] == licence
    assert reason
