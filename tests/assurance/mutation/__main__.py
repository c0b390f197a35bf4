"""How many planted faults the tests notice.

    python -m tests.assurance.mutation                           those planted by hand       (make mutate)
    python -m tests.assurance.mutation --random 100 --seed 7     a sample of generated ones

Resumable: what has a verdict for the present sources is not tried again (build/mutation/verdicts.jsonl).
Fails if fewer than 95 of a hundred are killed.
"""

from __future__ import annotations

import argparse
import json
import re
import sys

from scripts.lib.artifacts import sources_digest
from scripts.lib.workspace import BUILD
from tests.assurance.mutation.generated import sample
from tests.assurance.mutation.planted import PLANTED
from tests.assurance.mutation.trial import Verdict, try_mutant
from tests.assurance.tree_copy import copy_tree

VERDICTS = BUILD / "mutation" / "verdicts.jsonl"
LEAST_KILLED = 0.95


def main() -> int:
    """Try each mutant that has no verdict yet; return 1 if too few are killed."""
    parser = argparse.ArgumentParser(prog="make mutate", description=main.__doc__)
    parser.add_argument("--seconds", type=float, default=900, help="the most that one mutant may take")
    parser.add_argument("--only", default="", help="mutants whose name holds this pattern")
    parser.add_argument("--copy", default="1", help="several runs side by side need a copy each")
    parser.add_argument("--part", default="1/1", help="which part of the mutants, as 2/3")
    parser.add_argument("--random", type=int, default=0, help="try so many generated ones instead")
    parser.add_argument("--seed", type=int, default=1, help="of the sample")
    options = parser.parse_args()
    part, parts = (int(number) for number in options.part.split("/"))
    drawn = sample(options.seed, options.random) if options.random else list(PLANTED)
    if options.random:
        print(f"seed {options.seed}: {len(drawn)} mutants")
    mutants = [mutant for mutant in drawn if re.search(options.only, mutant.name)][part - 1 :: parts]

    digest = sources_digest()
    copy = copy_tree(f"mutation/{options.copy}")
    known = _read(digest)
    for mutant in mutants:
        verdict = known.get(mutant.name)
        if verdict is None:
            known.update(_read(digest))  # another run may have tried it meanwhile
            verdict = known.get(mutant.name) or try_mutant(copy, mutant, options.seconds)
            if verdict.outcome != "late":  # which says more of the machine than of the tests
                with VERDICTS.open("a", encoding="utf-8") as file:
                    file.write(json.dumps({"sources": digest, **verdict.as_row()}) + "\n")
            known[mutant.name] = verdict
        print(f"{verdict.outcome:9}{verdict.seconds:7.0f} s  {verdict.name:45}{verdict.by}", flush=True)
    tried = [known[mutant.name] for mutant in mutants]
    killed = sum(verdict.outcome == "killed" for verdict in tried)
    refused = sum(verdict.outcome == "refused" for verdict in tried)
    print(f"{killed} of {len(tried) - refused} faults killed, {refused} did not compile")
    return 0 if killed and killed >= LEAST_KILLED * (len(tried) - refused) else 1


def _read(digest: str) -> dict[str, Verdict]:
    rows = [json.loads(line) for line in VERDICTS.read_text().splitlines()] if VERDICTS.is_file() else []
    return {
        row["name"]: Verdict(**{key: value for key, value in row.items() if key != "sources"})
        for row in rows
        if row["sources"] == digest
    }


if __name__ == "__main__":
    sys.exit(main())
