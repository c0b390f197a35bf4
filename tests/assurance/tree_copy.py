"""A copy of the project's sources that compiles and tests on its own: changes stay in it.

Installed tools are shared by links, build/ is the copy's own.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from scripts.lib.workspace import BUILD, ROOT

_SHARED = (".venv", ".tools")
_IMPORTED = "@openzeppelin"  # the compiler follows no link out of the copy, so this is copied


def source_files() -> list[str]:
    """Return the paths of all sources as they lie there: committed, changed and new, none that is ignored."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    return sorted({path for path in listed.stdout.decode().split("\0") if path and (ROOT / path).is_file()})


def copy_tree(name: str) -> Path:
    """Make build/<name> a copy of the sources and return its path; a build that lies there is kept."""
    copy = BUILD / name
    copy.mkdir(parents=True, exist_ok=True)
    wanted = set(source_files())
    for path in wanted:
        target = copy / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.is_file() or target.read_bytes() != (ROOT / path).read_bytes():
            shutil.copyfile(ROOT / path, target)
            shutil.copymode(ROOT / path, target)
    for folder in ("contracts", "interfaces", "scripts", "tests"):
        for file in (copy / folder).rglob("*"):
            if file.is_file() and file.suffix != ".pyc" and file.relative_to(copy).as_posix() not in wanted:
                file.unlink()
    for folder in _SHARED:
        _link(copy / folder, ROOT / folder)
    modules = copy / "node_modules"
    modules.mkdir(exist_ok=True)
    for module in (ROOT / "node_modules").iterdir():
        if module.name != _IMPORTED:
            _link(modules / module.name, module)
    if not (modules / _IMPORTED).exists():
        shutil.copytree(ROOT / "node_modules" / _IMPORTED, modules / _IMPORTED)
    return copy


def _link(link: Path, target: Path) -> None:
    if not link.is_symlink():
        link.symlink_to(target)
