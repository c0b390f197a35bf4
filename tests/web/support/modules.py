"""Runs TypeScript modules of the pages under node, bundled as in the pages: for tests without a browser.

answer = run_module(folder, "office/grants-file", "readFile", "return readFile(given)", given=…)
"""

from __future__ import annotations

import json
import subprocess
from hashlib import sha256
from pathlib import Path
from typing import Any

from scripts.lib.workspace import ROOT

WEB = ROOT / "web"
_ESBUILD = WEB / "node_modules" / "esbuild" / "bin" / "esbuild"
_FRAME = """
globalThis.localStorage ??= {{ getItem: () => null, setItem: () => undefined }};
const {{ {names} }} = await import("@/{module}");
let text = "";
for await (const piece of process.stdin) text += piece;
const given = JSON.parse(text);
const answer = await (async () => {{ {body} }})();
process.stdout.write(JSON.stringify(answer, (_, value) => typeof value === "bigint" ? String(value) : value));
"""


def run_module(folder: Path, module: str, names: str, body: str, given: Any) -> Any:
    """Return what a few statements answer that use some names of a module; `given` is what they are given.

    Args:
        folder: where the bundle is kept; the same statements are bundled once.
        module: below web/src, without its ending.
    """
    frame = _FRAME.format(names=names, module=module, body=body)
    bundle = folder / f"{sha256(frame.encode()).hexdigest()[:16]}.mjs"
    if not bundle.exists():
        command = [
            str(_ESBUILD), "--bundle", "--format=esm", "--platform=node", f"--alias:@={WEB / 'src'}",
            "--loader=ts", f"--outfile={bundle}", "--log-level=warning",
        ]  # fmt: skip
        subprocess.run(command, input=frame, text=True, check=True, cwd=WEB, timeout=60)
    done = subprocess.run(
        [str(ROOT / ".tools/bin/node"), str(bundle)],
        input=json.dumps(given),
        text=True,
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
