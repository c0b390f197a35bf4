"""Every custom error of the interfaces is provoked, with its arguments, by a test.

A test says `with reverts("Name", …)`, which fails unless exactly that error comes back; so it is enough that
the name stands in such a line of a test.
"""

import re
from pathlib import Path

import pytest

from scripts.lib.artifacts import read_artifact

ROOT = Path(__file__).parents[2]
INTERFACES = tuple(sorted(file.stem for file in (ROOT / "interfaces").glob("*.sol")))
TESTS = Path(__file__).parents[1]
# Of OpenZeppelin's grantRole and revokeRole, which always revert here with OfficersOnlyByAct.
NEVER_REACHED = {"AccessControlUnauthorizedAccount"}
DECLARED = sorted(
    (interface, item["name"])
    for interface in INTERFACES
    for item in read_artifact(interface).abi
    if item["type"] == "error" and item["name"] not in NEVER_REACHED
)


@pytest.fixture(scope="module")
def provoked():
    """Names of the errors that tests of contracts expect."""
    sources = (
        file.read_text(encoding="utf-8")
        for file in [*TESTS.glob("unit/**/test_*.py"), *TESTS.glob("scenarios/test_*.py")]
    )
    return {name for source in sources for name in re.findall(r'with reverts\(\s*"(\w+)"', source)}


@pytest.mark.parametrize(("interface", "error"), DECLARED, ids=lambda name: name)
def test_error_is_provoked_by_a_test(provoked, interface, error):
    assert error in provoked, f"no test expects {error} of {interface}"


def test_errors_of_every_interface_are_looked_at():
    names = {interface for interface, _ in DECLARED}
    assert names == set(INTERFACES), "an interface without errors: is its name still right?"
