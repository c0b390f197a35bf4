import re

import pytest

from scripts.lib.payment.issue import PaymentIssue, SaleState
from scripts.lib.workspace import ROOT

INTERFACE = (ROOT / "interfaces" / "IMunicipalPoint.sol").read_text(encoding="utf-8")


@pytest.mark.parametrize("enum", [PaymentIssue, SaleState])
def test_numbers_and_names_are_those_of_the_interface(enum):
    [body] = re.findall(rf"enum {enum.__name__} {{(.*?)}}", INTERFACE, re.DOTALL)
    names = re.findall(r"^\s*(\w+)", body, re.MULTILINE)
    expected = [re.sub(r"(?<!^)(?=[A-Z])", "_", name).upper() for name in names]
    assert [issue.name for issue in enum] == expected
    assert [issue.value for issue in enum] == list(range(len(expected)))
