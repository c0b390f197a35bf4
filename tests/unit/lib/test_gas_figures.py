"""What a measurement of gas says that does not keep its limit, or did not measure what it was to."""

from io import StringIO
from types import SimpleNamespace

import pytest
from rich.console import Console

from scripts.lib.compiler import Compilation
from scripts.lib.gas.figures import Figure, figures_table
from scripts.lib.gas.layouts import _require_same_balances
from scripts.lib.gas.meter import GasMeterError, MeteredContract


def test_figure_that_passes_its_limit_is_marked_in_the_table():
    page = Console(file=StringIO(), width=160, color_system=None)
    figures = [Figure("kept", 100, 100, limit=1.05), Figure("passed", 110, 100, limit=1.05)]
    page.print(figures_table(figures, "gas"))
    kept, passed = (line for line in page.file.getvalue().splitlines() if "kept" in line or "passed" in line)
    assert "≤ 1.05" in kept and "not" not in kept
    assert "not ≤ 1.05" in passed


def test_layouts_that_hold_other_points_after_the_same_are_not_compared():
    town = SimpleNamespace(
        residents=["alice"], tokens=[SimpleNamespace(balance=lambda _, held=held: held) for held in (50, 49)]
    )
    with pytest.raises(GasMeterError, match=r"disagree on the balance of alice: .*50.*49"):
        _require_same_balances(town, ["ours", "other"])


def test_function_that_a_measured_contract_does_not_have_is_told_with_the_contract():
    abi = [{"type": "function", "name": "transfer", "inputs": []}]
    meter = SimpleNamespace(compilation=Compilation({"Token": SimpleNamespace(abi=abi)}))
    with pytest.raises(LookupError, match="Token has no function surprise"):
        MeteredContract(meter, "Token", "0xtoken").calldata("surprise")
