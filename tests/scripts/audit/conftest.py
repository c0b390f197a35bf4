"""One town for all tests of the audit: who changes its chain puts it back."""

import pytest

from tests.scripts.audit.audited_town import play_town


@pytest.fixture(scope="session")
def town(tmp_path_factory):
    town = play_town(tmp_path_factory.mktemp("audited"))
    yield town
    town.chain.stop()


@pytest.fixture(scope="session")
def dataset(town, tmp_path_factory):
    """The folder of everything that the town ever told: look, do not touch."""
    return town.dataset(tmp_path_factory.mktemp("audit") / "dataset")
