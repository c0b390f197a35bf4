"""The token hands calls over as they are: its linked libraries must know them by the same selector.

A library names enumerations and structs in its own way, so that a function that takes one has another
selector there, which would only show when somebody calls it.
"""

import re

import brownie
import pytest

from scripts.lib.compiler import compile_files
from scripts.lib.workspace import ROOT

SOURCE = "contracts/MunicipalPoint.sol"
TEXT = (ROOT / SOURCE).read_text(encoding="utf-8")
CALL = r"_forward(?:View)?\(address\((?P<library>\w+)\)\);"
FORWARDED = [
    (found["name"], found["way"], found["library"])
    for found in re.finditer(
        r"function (?P<name>\w+)\([^{}]*\{\s*(?P<way>_forward(?:View)?)\(address\((?P<library>\w+)\)\);\s*\}",
        TEXT,
    )
]
LIBRARIES = sorted({library for *_, library in FORWARDED})


@pytest.fixture(scope="module")
def compiled():
    return compile_files([SOURCE])


def entries(contract, name):
    """The functions of that name in an ABI. A library's lists only those that write nothing."""
    return [item for item in contract.abi if item["type"] == "function" and item["name"] == name]


def plain_types(parameters):
    """Types as a source writes them; an enumeration of at most 256 values is a byte."""
    return [
        "uint8" + ("[]" if item["type"].endswith("[]") else "")
        if item["internalType"].startswith("enum ")
        else item["internalType"].removeprefix("struct ")
        if item["type"].startswith("tuple")
        else item["type"]
        for item in parameters
    ]


def written_outputs(library, name):
    """Types that a library's function returns, read from its source: its ABI leaves out whatever writes."""
    source = (ROOT / f"contracts/libraries/{library}.sol").read_text(encoding="utf-8")
    [head] = re.findall(rf"function {name}\([^{{;]*\{{", source)
    [outputs] = re.findall(r"returns\s*\(([^)]*)\)", head) or [""]
    return [output.split()[0] for output in outputs.split(",") if output]


def test_every_forwarding_is_looked_at():
    assert len(FORWARDED) == len(re.findall(CALL, TEXT)), (
        "a forwarding of another form: teach this test to read it"
    )
    assert len(FORWARDED) > 30


def test_every_library_is_linked(compiled):
    linked = {name for by_name in compiled["MunicipalPoint"].link_references.values() for name in by_name}
    assert set(LIBRARIES) <= linked


@pytest.mark.parametrize(("name", "way", "library"), FORWARDED, ids=lambda value: value)
def test_forwarded_function_has_the_same_selector_in_its_library(compiled, name, way, library):
    token, to = compiled["MunicipalPoint"], compiled[library]
    own = {selector for text, selector in token.selectors.items() if text.startswith(f"{name}(")}
    theirs = {selector for text, selector in to.selectors.items() if text.startswith(f"{name}(")}
    assert own == theirs, f"{name} is {own} in the token and {theirs} in {library}"
    [here] = entries(token, name)
    if way == "_forward":
        theirs_written = written_outputs(library, name)
        assert len(theirs_written) == len(here["outputs"]), f"{library} answers {name} otherwise"
        for ours, written in zip(plain_types(here["outputs"]), theirs_written, strict=True):
            # An enumeration stands in the source by its name, and is a byte in an answer; a struct is itself.
            element = written.removesuffix("[]")
            plain = (
                written
                if ours == written or re.fullmatch(r"u?int\d+|address|bool|bytes\d*|string", element)
                else ("uint8" + written[len(element) :])
            )
            assert ours == plain, f"{library} answers {name} with {written}, the token with {ours}"
        return
    assert entries(to, name), f"{library}.{name} may write, and is called as a view"
    [there] = entries(to, name)
    assert plain_types(here["outputs"]) == plain_types(there["outputs"]), (
        f"{library} answers {name} otherwise"
    )


def test_function_that_takes_an_enumeration_could_not_be_forwarded(compiled):
    """So the comparison above does tell a difference: `setExpiryPolicy` is called anew for this reason."""
    signature = {
        contract: next(text for text in compiled[contract].selectors if text.startswith("setExpiryPolicy("))
        for contract in ("MunicipalPoint", "SeriesSettings")
    }
    assert signature["MunicipalPoint"] != signature["SeriesSettings"]
    assert "setExpiryPolicy" not in {name for name, *_ in FORWARDED}


def test_library_cannot_be_called_past_the_token(compiled, project, deployment, stranger):
    """The compiler sees to it for whatever writes; what only reads finds the library's own, empty storage."""
    for library in LIBRARIES:
        for text, selector in compiled[library].selectors.items():
            if entries(compiled[library], text.partition("(")[0]):
                continue
            to = project[library][-1].address
            call = {"from": stranger.address, "to": to, "data": "0x" + selector + "00" * 320}
            answer = brownie.web3.provider.make_request("eth_call", [call, "latest"])
            assert "error" in answer, f"{library}.{text} answered {answer}"
