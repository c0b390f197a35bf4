import pytest

from scripts.lib.gas import operations


@pytest.fixture(scope="session")
def compilation():
    """Contracts and peers, compiled once for all that is measured."""
    return operations.compiled()
