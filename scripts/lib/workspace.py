"""Where this project's own tools and data folders are, and the environment that keeps libraries inside it.

Nothing of ours is read from or written to the home folder: Brownie derives its data folder from HOME, vvm
from its own variable and solcx from another, all of them when they are imported. So call `stay_inside()`
before the first import of brownie or solcx; the modules of scripts.lib do.
"""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / ".tools"
HOME = ROOT / ".home"  # keystores end up here, so no make target deletes it
BUILD = ROOT / "build"

CHAIN_FOLDER = ROOT / ".chain"
"""Of `make chain`: its state, and the port that it was last started on."""

NODE = TOOLS / "bin" / "node"
ANVIL = TOOLS / "bin" / "anvil"
CAST = TOOLS / "bin" / "cast"
FORGE = TOOLS / "bin" / "forge"


def development_url() -> str:
    """Return where the chain of `make chain` answers: what commands take that are told no other node."""
    port_file = CHAIN_FOLDER / "port"
    port = port_file.read_text(encoding="ascii").strip() if port_file.is_file() else "8545"
    return f"http://127.0.0.1:{port}"


def inside_variables() -> dict[str, str]:
    """Return the environment variables that keep Brownie, solcx, vvm and our subprocesses in the project.

    They also keep requests to a local chain off a proxy that the machine may be set up with.
    """
    unproxied = os.environ.get("NO_PROXY") or os.environ.get("no_proxy") or ""
    if "127.0.0.1" not in unproxied:
        unproxied = f"{unproxied},127.0.0.1".lstrip(",")
    return {
        "NO_PROXY": unproxied,
        "no_proxy": unproxied,
        "HOME": str(HOME),
        "SOLCX_BINARY_PATH": str(TOOLS / "solcx"),
        "VVM_BINARY_PATH": str(HOME / ".vvm"),
        "FOUNDRY_DISABLE_NIGHTLY_WARNING": "1",
    }


def stay_inside() -> None:
    """Apply `inside_variables` to this process; cheap, and safe to repeat.

    Raises:
        FileNotFoundError: the tools are not installed.
    """
    if not NODE.exists():
        raise FileNotFoundError(f"{NODE.relative_to(ROOT)} is missing: run `make install`")
    (HOME / ".vvm").mkdir(parents=True, exist_ok=True)
    os.environ.update(inside_variables())
