"""Runs slither and compares its findings with the committed ones, each group of which says why it stands.

    python -m tests.assurance.slither.check              (make slither)
    python -m tests.assurance.slither.check --update     new ones go to a group without a reason, which fails

A finding is known by its text without line numbers: one that is new fails, and so does one that has vanished.
slither is licensed under the AGPL; it is run as a command, in an environment of its own, and no part of the
product.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from scripts.lib.workspace import BUILD, ROOT, TOOLS, inside_variables

TRIAGE = Path(__file__).with_name("triage.json")
SLITHER = TOOLS / "slither" / "bin" / "slither"
REPORT = BUILD / "slither.json"
_LINES = re.compile(r"#\d+(-\d+)?")


def run_slither() -> list[dict[str, Any]]:
    """Return slither's findings in contracts/ and interfaces/.

    Raises:
        RuntimeError: it did not analyse the project.
    """
    BUILD.mkdir(exist_ok=True)
    REPORT.unlink(missing_ok=True)
    path = {"PATH": f"{SLITHER.parent}:{TOOLS / 'bin'}:{os.environ['PATH']}", "FOUNDRY_OFFLINE": "true"}
    # Without tests/, where nothing is looked for: with them it takes over twenty times as long.
    options = ["--compile-force-framework", "foundry"]
    run = subprocess.run(
        [SLITHER, ".", *options, "--filter-paths", "node_modules|tests", "--json", REPORT],
        cwd=ROOT,
        env={**os.environ, **inside_variables(), **path},
        capture_output=True,
        text=True,
        check=False,
    )
    report = json.loads(REPORT.read_text()) if REPORT.is_file() else {"success": False}
    findings = report.get("results", {}).get("detectors", [])
    # It ends with 255 when it has findings, so its report and its own count are asked, not its exit code.
    if not report["success"] or f"{len(findings)} result(s) found" not in run.stderr:
        raise RuntimeError(f"slither gave no report:\n{run.stderr[-3000:]}")
    return findings


def signature(finding: dict[str, Any]) -> str:
    """Return a finding's first line without line numbers, and a digest of all of its lines."""
    text = _LINES.sub("", finding["description"]).strip()
    first = text.split("\n")[0].split(" (contracts/")[0].split(" (interfaces/")[0]
    return f"{finding['check']}: {first} [{hashlib.sha256(text.encode()).hexdigest()[:10]}]"


def known_findings(groups: list[dict[str, Any]]) -> Counter[str]:
    """Return how often each known finding occurs.

    Raises:
        ValueError: a group says no reason.
    """
    for group in groups:
        if len(group["because"].split()) < 4:
            raise ValueError(f"no reason given for {group['findings'][0]}")
    return Counter(finding for group in groups for finding in group["findings"])


def main(arguments: list[str]) -> int:
    """Return 0 if slither finds exactly what is explained."""
    found = Counter(signature(finding) for finding in run_slither())
    groups = json.loads(TRIAGE.read_text(encoding="utf-8")) if TRIAGE.is_file() else []
    if "--update" in arguments:
        for group in groups:
            group["findings"] = [finding for finding in group["findings"] if finding in found]
        kept = Counter(finding for group in groups for finding in group["findings"])
        new = sorted((found - kept).elements())
        groups = [group for group in groups if group["findings"]]
        groups += [{"because": "", "findings": [finding]} for finding in new]
        TRIAGE.write_text(json.dumps(groups, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    try:
        known = known_findings(groups)
    except ValueError as error:
        print(error)
        return 1
    new, vanished = found - known, known - found
    for finding in sorted(new.elements()):
        print(f"new       {finding}")
    for finding in sorted(vanished.elements()):
        print(f"vanished  {finding}")
    print(f"slither: {found.total()} findings, {len(new)} not explained, {len(vanished)} vanished")
    return 1 if new or vanished else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
