"""How many planted faults the tests notice.

    python -m tests.assurance.mutation                           those planted by hand       (make mutate)
    python -m tests.assurance.mutation --random 100 --seed 7     a sample of generated ones
    python -m tests.assurance.mutation --note                    what is known so far, into docs/assurance.md

Resumable: what has a verdict for the present sources is not tried again (build/mutation/verdicts.jsonl); what
survived is tried again once the tests have changed. At the end the tests that killed run without a fault; a
kill by one that fails there does not count. Fails if fewer than 95 of a hundred are killed, or if a survivor
is not explained in survivors.json.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
from collections import Counter
from hashlib import sha256
from pathlib import Path

from scripts.lib.artifacts import sources_digest
from scripts.lib.workspace import BUILD, ROOT
from tests.assurance.mutation.generated import sample
from tests.assurance.mutation.planted import PLANTED, Mutant
from tests.assurance.mutation.trial import TESTS, Verdict, Workshop
from tests.assurance.results import Figures, note
from tests.assurance.tree_copy import copy_tree

VERDICTS = BUILD / "mutation" / "verdicts.jsonl"
PROVED = "proved.jsonl"
"""Beside the verdicts: tests that killed and were seen to pass without a fault."""
SURVIVORS = Path(__file__).with_name("survivors.json")
LEAST_KILLED = 0.95
# Set for the run in the copy: where verdicts are written.
_VERDICTS_VARIABLE = "JICHITAI_VERDICTS"


def main() -> int:
    """Try mutants without a verdict; return 1 if too few are killed, or a survivor is not explained."""
    parser = argparse.ArgumentParser(prog="make mutate", description=main.__doc__)
    parser.add_argument("--seconds", type=float, default=900, help="the most that one mutant may take")
    parser.add_argument("--only", default="", help="mutants whose name holds this pattern")
    parser.add_argument("--copy", default="1", help="several runs side by side need a copy each")
    parser.add_argument("--random", type=int, default=0, help="try so many generated ones instead")
    parser.add_argument("--seed", type=int, default=1, help="of the sample")
    parser.add_argument(
        "--note", action="store_true", help="try nothing, note what is known in docs/assurance.md"
    )
    options = parser.parse_args()
    drawn = sample(options.seed, options.random) if options.random else list(PLANTED)
    mutants = [mutant for mutant in drawn if re.search(options.only, mutant.name)]

    inside = os.environ.get(_VERDICTS_VARIABLE)
    if inside:
        return _try_each(mutants, options.seconds, Path(inside))
    VERDICTS.parent.mkdir(parents=True, exist_ok=True)
    code = 0
    if not options.note and not _is_done(mutants):
        copy = copy_tree(f"mutation/{options.copy}")
        command = [sys.executable, "-m", "tests.assurance.mutation", *sys.argv[1:]]
        variables = os.environ | {_VERDICTS_VARIABLE: str(VERDICTS)}
        code = subprocess.run(command, cwd=copy, env=variables, check=False).returncode
    tried = {mutant.name: read(VERDICTS)[mutant.name] for mutant in mutants if mutant.name in read(VERDICTS)}
    if options.note:
        part = "mutation, generated" if options.random else "mutation, planted"
        arguments = f"--random {options.random} --seed {options.seed}" if options.random else ""
        command_line = f'make mutate ARGS="{arguments}"' if arguments else "make mutate"
        seconds = sum(verdict.seconds for verdict in tried.values())
        seed = options.seed if options.random else None
        note(part, command_line, seed, seconds, figures(mutants, tried))
    return code or _judge(mutants, tried)


def _is_done(mutants: list[Mutant]) -> bool:
    known = read(VERDICTS)
    return all(
        mutant.name in known
        and (known[mutant.name].outcome != "killed" or known[mutant.name].by in proved(VERDICTS))
        for mutant in mutants
    )


def _try_each(mutants: list[Mutant], seconds: float, verdicts: Path) -> int:
    from scripts import run_tests

    left = [mutant for mutant in mutants if mutant.name not in read(verdicts)]

    def tell(verdict: Verdict) -> None:
        print(_line(verdict), file=sys.__stdout__, flush=True)
        if verdict.outcome != "late":  # which says more of the machine than of the tests
            row = {"sources": sources_digest(), "by_tests": tests_digest(), **verdict.as_row()}
            with verdicts.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row) + "\n")

    def killers(source: str) -> list[str]:
        files = {mutant.name: mutant.file for mutant in (*PLANTED, *mutants)}
        known = Counter(
            each.by
            for each in read(verdicts).values()
            if each.outcome == "killed" and files.get(each.name) == source
        )
        return [name for name, _ in known.most_common(2)]

    def unproved() -> set[str]:
        known = read(verdicts).values()
        return {each.by for each in known if each.outcome == "killed"} - proved(verdicts)

    def prove(names: set[str]) -> None:
        row = {"sources": sources_digest(), "by_tests": tests_digest(), "proved": sorted(names)}
        with verdicts.with_name(PROVED).open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")

    workshop = Workshop(left, seconds, killers, tell, unproved, prove)
    # Nothing is captured by file descriptor, which parent and child would share.
    code = run_tests.main(["-qq", "-x", "--capture=sys", *TESTS], plugins=[workshop])
    return 0 if code == 0 else 1


def _judge(mutants: list[Mutant], tried: dict[str, Verdict]) -> int:
    explained = _explanations()
    counts = Counter(verdict.outcome for verdict in tried.values())
    survivors = [
        mutant for mutant in mutants if mutant.name in tried and tried[mutant.name].outcome == "survived"
    ]
    unexplained = [mutant for mutant in survivors if mutant.words() not in explained]
    for mutant in survivors:
        print(
            f"survived: {mutant.name}\n  {mutant.words()}\n  {explained.get(mutant.words(), 'NOT EXPLAINED')}"
        )
    faults = counts["killed"] + counts["survived"]
    doubtful = [
        verdict
        for verdict in tried.values()
        if verdict.outcome == "killed" and verdict.by not in proved(VERDICTS)
    ]
    for verdict in doubtful:
        print(f"not seen to pass without the fault {verdict.name}: {verdict.by}")
    print(
        f"{counts['killed']} of {faults} faults killed; {counts['same']} changed no code, "
        f"{counts['refused']} did not compile, "
        f"{len(mutants) - len(tried)} of {len(mutants)} not tried to the end"
    )
    is_enough = faults > 0 and counts["killed"] >= LEAST_KILLED * faults
    return 0 if is_enough and not unexplained and not doubtful and len(tried) == len(mutants) else 1


def figures(mutants: list[Mutant], tried: dict[str, Verdict]) -> Figures:
    """Return what is known of the mutants: each that was planted by hand, of generated ones the survivors."""
    counts = Counter(verdict.outcome for verdict in tried.values())
    faults = counts["killed"] + counts["survived"]
    killed = sorted(each.processor_seconds for each in tried.values() if each.outcome == "killed")
    told = {
        mutant.name: _told(mutant, tried[mutant.name])
        for mutant in mutants
        if mutant.name in tried and (mutant in PLANTED or tried[mutant.name].outcome == "survived")
    }
    return {
        "counts reached": "yes" if len(tried) == len(mutants) else "not yet",
        "mutants": len(mutants),
        "tried to the end": len(tried),
        "changed no code": counts["same"],
        "did not compile": counts["refused"],
        "killed": f"{counts['killed']} of {faults}",
        "until killed": f"{killed[len(killed) // 2]:.0f} s of a processor at the median"
        if killed
        else "none",
        **told,
    }


def _told(mutant: Mutant, verdict: Verdict) -> str:
    if verdict.outcome == "killed":
        return f"killed by {verdict.by.rsplit('::', 1)[-1].split('[')[0]}"
    return f"{verdict.outcome}: {_explanations().get(mutant.words(), 'not explained yet')}"


def _explanations() -> dict[str, str]:
    return dict(json.loads(SURVIVORS.read_text(encoding="utf-8")))


def read(verdicts: Path) -> dict[str, Verdict]:
    """Return the verdicts that hold for the present sources and, of survivors, for the present tests."""
    if not verdicts.is_file():
        return {}
    rows = [json.loads(line) for line in verdicts.read_text(encoding="utf-8").splitlines()]
    sources, tests = sources_digest(), tests_digest()
    return {
        row["name"]: Verdict(**{key: row[key] for key in Verdict.__dataclass_fields__})
        for row in rows
        if row["sources"] == sources and (row["outcome"] != "survived" or row["by_tests"] == tests)
    }


def proved(verdicts: Path) -> set[str]:
    """Return the tests that were seen to pass without a fault, with the present sources."""
    file = verdicts.with_name(PROVED)
    rows = (
        [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()] if file.is_file() else []
    )
    return {name for row in rows if row["sources"] == sources_digest() for name in row["proved"]}


def tests_digest() -> str:
    """Return the SHA-256 (hex) of the tests that mutants are tried with."""
    digest = sha256()
    for folder in TESTS:
        for file in sorted((ROOT / folder).rglob("*.py")):
            digest.update(file.read_bytes())
    return digest.hexdigest()


def _line(verdict: Verdict) -> str:
    times = f"{verdict.seconds:5.0f} s ({verdict.processor_seconds:.0f} of a processor)"
    head = f"{verdict.outcome:9}{times:30}{verdict.tests:5} tests  {verdict.name:45}"
    return f"{head}  {verdict.by}  {verdict.words[:80]}"


if __name__ == "__main__":
    sys.exit(main())
