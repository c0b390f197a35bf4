"""Pages drawn from the sources: titles wherever they stand, and what two contracts declare alike once."""

from types import SimpleNamespace

import pytest

from scripts.lib.handbook.pages import _title
from scripts.lib.handbook.source_tree import SourceTree


def documented(text):
    return {"documentation": {"text": text}}


@pytest.mark.parametrize(
    ("interface", "contract", "title"),
    [
        (documented(" @notice what it is for\n @title Points of a town"), {}, "Points of a town"),
        (documented(" @notice what it is for"), documented("@title Points"), "Points"),
        ({}, documented("@title Points"), "Points"),
        ({}, {}, ""),
    ],
    ids=["in the interface", "in the contract", "without a word in the interface", "nowhere"],
)
def test_title_is_the_interface_s_or_else_the_contract_s(interface, contract, title):
    assert _title(SimpleNamespace(contracts={"IPoint": interface, "Point": contract}), "Point") == title


def test_error_that_two_contracts_declare_alike_is_told_once():
    def node(name, selector):
        return {"nodeType": "ErrorDefinition", "name": name, "errorSelector": selector}

    contracts = {
        "A": {"nodes": [node("Refused", "01"), node("Closed", "02")]},
        "B": {"nodes": [node("Refused", "01"), node("Refused", "03"), {"nodeType": "EventDefinition"}]},
    }
    told = SourceTree.declared(SimpleNamespace(contracts=contracts), "ErrorDefinition")
    assert [(each["name"], each["errorSelector"]) for each in told] == [
        ("Refused", "01"),
        ("Closed", "02"),
        ("Refused", "03"),
    ]
