"""Plants every kind of fraud on random targets of a small town, and sees whether an audit names it.

python -m tests.scripts.audit.frauds [--seeds 20]       (or: make test-frauds)
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path
from random import Random

from scripts.lib.audit.fetch import fetch
from scripts.lib.audit.frauds.forging import undone
from scripts.lib.audit.frauds.kinds import FRAUDS, Expected, Scene
from scripts.lib.audit.verify import Verdict, verify
from tests.scripts.audit.audited_town import AuditedTown, play_town


def audit_fraud(
    town: AuditedTown, dataset: Path, folder: Path, name: str, seed: int
) -> tuple[Expected, Verdict]:
    """Plant a fraud, fetch and verify; the chain is as it was after it."""
    shutil.copytree(dataset, folder)
    with undone(town.rpc):
        head = town.chain.height()
        expected = FRAUDS[name](Scene(town, folder, Random(f"{name} {seed}")))
        if town.chain.height() > head:
            fetch(town.rpc, town.platform, folder)
        return expected, verify(town.rpc, folder)


def main() -> int:
    """Plant every kind with many seeds; return 1 if one is not named."""
    parser = argparse.ArgumentParser(prog="make test-frauds", description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=20)
    seeds, missed = parser.parse_args().seeds, 0
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        town = play_town(folder)
        dataset = town.dataset(folder / "untampered")
        assert not verify(town.rpc, dataset).violations
        for name in FRAUDS:
            for seed in range(seeds):
                expected, verdict = audit_fraud(town, dataset, folder / f"{name}-{seed}", name, seed)
                if not any(map(expected.is_named_by, verdict.violations)):
                    missed += 1
                    print(f"{name}, seed {seed}: {expected} is not among {verdict.violations[:5]}")
                shutil.rmtree(folder / f"{name}-{seed}")
            print(f"{name}: {seeds} planted", flush=True)
        planted = len(FRAUDS) * seeds
        print(f"{planted - missed} of {planted} named; nothing found in the untampered set")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
