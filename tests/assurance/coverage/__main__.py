"""What of contracts/ the tests execute on a real chain, and whether that is enough.

    python -m tests.assurance.coverage            (make coverage)
    python -m tests.assurance.coverage --report   only report on what was recorded last
    python -m tests.assurance.coverage --again    forget what was recorded before

The unit tests of the contracts run in a copy of the project that is compiled without the optimizer; every
transaction and call of theirs is traced by the node (tests/assurance/coverage/recorder.py). What was recorded
of a file of tests is kept while it and the contracts stay as they are, so that a run that was interrupted
goes on. The gate asks for every line and every function, and 98 of a hundred branches; it refuses files of
tests that failed or were not recorded, a recording of nothing, a source that was not measured, and traces
that failed. When it is passed, the table in docs/assurance.md is renewed.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from scripts.lib.compiler import project_files
from scripts.lib.workspace import ROOT
from tests.assurance.coverage import page, recordings
from tests.assurance.coverage.report import FileReport, execution_of, report_of
from tests.assurance.coverage.source_map import compile_without_optimizer
from tests.assurance.tree_copy import copy_tree

Job = tuple[str, str, str]
"""A file of tests, its state, and where its recording goes."""

SIDE_BY_SIDE = 3
"""Chains with tests. Each waits for its chain half of the time: two cores are busy with three."""
FILES_A_RUN = 8
"""A run deploys everything once more before its first test."""
# Lines that nothing can reach, by source and text, and why they stand there.
NEVER_REACHED = {
    (
        "contracts/MunicipalPoint.sol",
        "revert(); // solhint-disable-line reason-string, gas-custom-errors",
    ): "the call before it returns to whoever called the series; it tells the compiler that nothing is left",
    (
        "contracts/PaymentBonus.sol",
        "return series;",
    ): "the loop before it ends with a return and in no other way; the compiler does not see that",
}
LEAST_LINES, LEAST_FUNCTIONS, LEAST_BRANCHES = 1.0, 1.0, 0.98


def record(test_files: list[str]) -> None:
    """Run the files of tests and leave a recording of each."""
    copy = copy_tree("coverage/tree")
    jobs = [(file, recordings.state_of(file), str(recordings.recording_of(file))) for file in test_files]
    settings = copy / "brownie-config.yaml"
    text = settings.read_text(encoding="utf-8")
    if text.count("enabled: true") != 1:
        raise RuntimeError("brownie-config.yaml no longer says where the optimizer is switched")
    settings.write_text(text.replace("enabled: true", "enabled: false"), encoding="utf-8")
    subprocess.run([sys.executable, "-m", "scripts.lib.project"], cwd=copy, check=True)
    recordings.FOLDER.mkdir(parents=True, exist_ok=True)
    done = 0
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        for ran in pool.map(lambda dealt: _run(copy, dealt), dealt_out(jobs)):
            done += ran
            print(f"{done} of {len(jobs)} files of tests have run", flush=True)


def dealt_out(jobs: list[Job]) -> list[list[Job]]:
    """Return the jobs of each run: long files and short ones evenly, those of a folder side by side.

    pytest forgets a folder's fixtures when it comes back to it after a file of the folder above.
    """
    by_size = sorted(jobs, key=lambda job: (ROOT / job[0]).stat().st_size)
    count = max(-(-len(jobs) // FILES_A_RUN), min(SIDE_BY_SIDE, len(jobs)))
    return [sorted(by_size[first::count]) for first in range(count)]


def _run(copy: Path, jobs: list[Job]) -> int:
    with tempfile.TemporaryDirectory() as folder:
        job_file = Path(folder) / "job.json"
        job_file.write_text(json.dumps(jobs))
        command = [sys.executable, "-m", "tests.assurance.coverage.record", str(job_file)]
        ran = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)
    if ran.returncode:
        print(ran.stdout, ran.stderr, sep="\n", flush=True)
    return len(jobs)


def share(found: list[bool]) -> float:
    """Return which share is covered; 1 of nothing."""
    return sum(found) / len(found) if found else 1.0


def show(reports: list[FileReport]) -> bool:
    """Print a table and what is missing; return whether it is enough."""
    print(f"{'source':44}{'lines':>12}{'functions':>12}{'branches':>12}")
    totals: tuple[list[bool], list[bool], list[bool]] = ([], [], [])
    for report in reports:
        counted = [
            list(report.lines.values()),
            list(report.functions.values()),
            list(report.branches.values()),
        ]
        shown = "".join(f"{f'{sum(one)}/{len(one)}':>12}" for one in counted)
        print(f"{report.name.removeprefix('contracts/'):44}{shown}")
        for total, one in zip(totals, counted, strict=True):
            total += one
    figures = [(sum(total), len(total), share(total)) for total in totals]
    print(f"{'all':44}" + "".join(f"{f'{done}/{of}':>12}" for done, of, _ in figures))
    print(f"{'':44}" + "".join(f"{f'{100 * part:.2f} %':>12}" for *_, part in figures))
    for report in reports:
        missing = [
            *(f"{report.name}:{line}: line" for line, covered in report.lines.items() if not covered),
            *(f"{report.name}:{at[1]}: function {at[0]}" for at, ok in report.functions.items() if not ok),
            *(
                f"{report.name}:{at[1]}: never {'jumped' if at[3] == 't' else 'went on'} at: {at[0]}"
                for at, covered in report.branches.items()
                if not covered
            ),
        ]
        print(*missing, sep="\n") if missing else None
    lines, functions, branches = (part for *_, part in figures)
    return lines >= LEAST_LINES and functions >= LEAST_FUNCTIONS and branches >= LEAST_BRANCHES


def leave_out(reports: list[FileReport]) -> None:
    """Take the lines that nothing can reach out of the reports.

    Raises:
        ValueError: one of them is not there, or was reached.
    """
    by_name = {report.name: report for report in reports}
    for name, text in NEVER_REACHED:
        lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
        (line,) = [number for number, found in enumerate(lines, 1) if found.strip() == text] or [0]
        if by_name[name].lines.pop(line, True):
            raise ValueError(f"{name}: {text!r} is gone, or reached after all")


def main() -> int:
    """Return 0 if enough was executed."""
    parser = argparse.ArgumentParser(prog="make coverage", description=main.__doc__)
    parser.add_argument("--report", action="store_true", help="report on the last recordings")
    parser.add_argument("--again", action="store_true", help="forget the recordings there are")
    options = parser.parse_args()
    if options.again:
        shutil.rmtree(recordings.FOLDER, ignore_errors=True)
    if not options.report and (missing := recordings.missing()):
        record(missing)
    try:
        recorded = recordings.read_all()
    except ValueError as error:
        print(f"No coverage: {error}", file=sys.stderr)
        return 2
    sources = compile_without_optimizer(project_files())
    seen = execution_of(sources, recorded)
    measured = sorted(file.relative_to(ROOT).as_posix() for file in (ROOT / "contracts").rglob("*.sol"))
    reports = [report_of(name, (ROOT / name).read_bytes(), sources, seen) for name in measured]
    unmeasured = [report.name for report in reports if not report.lines and _has_statements(report.name)]
    if unmeasured:
        print(f"No coverage: nothing measured of {', '.join(unmeasured)}", file=sys.stderr)
        return 2
    try:
        leave_out(reports)
    except ValueError as error:
        print(f"No coverage: {error}", file=sys.stderr)
        return 2
    enough = show(reports)
    codeless = [f"{report.name}:{line}" for report in reports for line in report.codeless]
    if codeless:
        print("no code stands for:", ", ".join(codeless))
    print(
        f"{sum(recording['passed'] for recording in recorded):,} tests, "
        f"{sum(recording['traced'] for recording in recorded):,} transactions and calls traced, "
        f"{sum(recording['repeated'] for recording in recorded):,} like one before; "
        f"{seen.unknown} codes of the tests' own"
    )
    if enough:
        page.write(reports, recorded)
    return 0 if enough else 1


def _has_statements(name: str) -> bool:
    return "return " in Path(ROOT / name).read_text(encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
