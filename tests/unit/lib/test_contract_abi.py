"""Calls and refusals in words, of contracts and data that are none of ours."""

import pytest

from scripts.lib.contract_abi import Revert, decode_call, decode_revert, encode_call, event_topic

ALICE = f"0x{'a' * 40}"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "reverted without a reason"),
        (b"\x01\x02\x03\x04", "unknown error 0x01020304"),
        (b"\x01", "unknown error 0x01"),
    ],
)
def test_refusal_that_no_contract_declares_is_told_as_it_is(data, words):
    assert decode_revert(data) == Revert("", {}, data)
    assert str(decode_revert(data)) == words


def test_call_of_one_contract_is_none_of_another():
    data = encode_call("MunicipalPoint", "pause", (60,))
    assert decode_call(data, "MunicipalPoint").function == "pause"
    assert decode_call(data, "PointPlatform") is None


def test_call_whose_arguments_are_cut_short_is_none():
    assert decode_call(encode_call("MunicipalPoint", "pause", (60,))[:20]) is None


@pytest.mark.parametrize(
    ("written", "instead"),
    [
        (b"Sapporo", b"Sapp\xffro"),
        ((7).to_bytes(32, "big"), (2**255).to_bytes(32, "big")),
    ],
    ids=["no text", "longer than any memory"],
)
def test_call_that_no_contract_could_read_is_none(written, instead):
    data = encode_call("MunicipalPoint", "approveMerchant", ("0x" + "51" * 20, 1, "Sapporo", "here"))
    assert decode_call(data).arguments["name"] == "Sapporo" and written in data
    assert decode_call(data.replace(written, instead)) is None


def test_call_of_nothing_that_the_project_has_is_none():
    assert decode_call(b"\x01\x02\x03\x04") is None


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda: event_topic("MunicipalPoint", "Surprise"), "MunicipalPoint has no event Surprise"),
        (lambda: encode_call("MunicipalPoint", "surprise", ()), "MunicipalPoint has no function surprise"),
    ],
    ids=["event", "function"],
)
def test_name_that_a_contract_does_not_have_is_told_with_the_contract(ask, words):
    with pytest.raises(LookupError, match=words):
        ask()
