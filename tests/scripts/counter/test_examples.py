"""The examples that a shop's developer copies work as they stand, and stay short."""

import os
import subprocess
import sys

import pytest

from scripts.lib.workspace import NODE, ROOT, inside_variables
from tests.support.counter_town import key

EXAMPLES = ROOT / "docs" / "examples"
LINES = 40


@pytest.mark.parametrize(("program", "file"), [(sys.executable, "pay.py"), (str(NODE), "pay.mjs")])
def test_example_pays(town, tmp_path, program, file):
    payer = key("Hanako")
    town.grant(payer.address, 1_000)
    town.book.write(tmp_path / "book.json")
    till_key, payer_key = town.shop.key.to_0x_hex(), payer.key.to_0x_hex()
    command = [program, str(EXAMPLES / file), town.chain.url, str(tmp_path / "book.json"), town.series]
    done = subprocess.run(
        [*command, till_key, payer_key, "300", "7"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, **inside_variables()},
        check=False,
    )
    assert done.stdout.split()[::2] == ["paid", "700"], done.stderr
    assert town.balance(payer.address) == 700


@pytest.mark.parametrize("file", ["pay.py", "pay.mjs"])
def test_example_is_short(file):
    lines = [line for line in (EXAMPLES / file).read_text(encoding="utf-8").splitlines() if line.strip()]
    assert len(lines) <= LINES
