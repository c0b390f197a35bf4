"""Programs that an engineer starts by hand: `make coverage-python` runs these tests, `make test` does not.

They take minutes, and what the programs use of the product is tested elsewhere.
"""

import os
import tempfile
from pathlib import Path

import pytest

from scripts.lib.workspace import BUILD


@pytest.fixture(scope="session", autouse=True)
def programs_are_asked_for():
    if not os.environ.get("JICHITAI_PROGRAMS"):
        pytest.skip("make coverage-python")


@pytest.fixture
def place():
    """A folder inside build/, where programs say that they write."""
    with tempfile.TemporaryDirectory(dir=BUILD) as folder:
        yield Path(folder)
