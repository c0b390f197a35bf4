from types import SimpleNamespace

import brownie
import pytest
from web3 import Web3

from scripts.lib.compiler import compile_sources
from tests.support.reverts import ANY, declare_errors, reverts

HARNESS = """
// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

contract Reverter {
    error HarnessEmpty();
    error HarnessFull(address who, uint256 amount, bytes32 key, int64[] steps);

    uint256 public writes;

    function empty() external { writes++; revert HarnessEmpty(); }
    function full(address who, uint256 amount, bytes32 key, int64[] calldata steps) external {
        writes++;
        revert HarnessFull(who, amount, key, steps);
    }
    function text() external { writes++; revert("closed"); }
    function divide(uint256 by) external { writes = 1 / by; }
    function viewFull(uint256 amount) external view returns (uint256) {
        revert HarnessFull(msg.sender, amount, bytes32(amount), new int64[](0));
    }
    function fine() external { writes++; }
}
"""
KEY = "0x" + "ab" * 32


@pytest.fixture(scope="module")
def harness():
    compiled = compile_sources({"tests/Reverter.sol": HARNESS})["Reverter"]
    declare_errors(compiled.abi)
    receipt = brownie.accounts[0].transfer(data=compiled.linked({}))
    contract = brownie.Contract.from_abi("Reverter", receipt.contract_address, compiled.abi)
    return SimpleNamespace(brownie=contract, abi=compiled.abi, owner=brownie.accounts[0])


@pytest.fixture(autouse=True)
def isolation(fn_isolation):
    pass


def test_reverts_error_without_arguments_matches(harness):
    with reverts("HarnessEmpty"):
        harness.brownie.empty({"from": harness.owner})


def test_reverts_error_of_a_transaction_matches_all_arguments(harness):
    with reverts("HarnessFull", harness.owner, 5, KEY, [-1, 2]):
        harness.brownie.full(harness.owner, 5, KEY, [-1, 2], {"from": harness.owner})


def test_reverts_error_of_a_call_matches_and_any_fits(harness):
    with reverts("HarnessFull", ANY, 7, ANY, []):
        harness.brownie.viewFull(7, {"from": harness.owner})


def test_reverts_error_of_web3_matches(harness):
    web3 = Web3(Web3.HTTPProvider(brownie.web3.provider.endpoint_uri))
    contract = web3.eth.contract(harness.brownie.address, abi=harness.abi)
    with reverts("HarnessFull", harness.owner, 7, ANY, []):
        contract.functions.viewFull(7).call({"from": harness.owner.address})


def test_reverts_text_and_panic_match(harness):
    with reverts("Error", "closed"):
        harness.brownie.text({"from": harness.owner})
    with reverts("Panic", 0x12):
        harness.brownie.divide(0, {"from": harness.owner})


def test_reverts_fails_when_nothing_reverts(harness):
    with (
        pytest.raises(AssertionError, match=r"expected HarnessEmpty.*nothing reverted"),
        reverts("HarnessEmpty"),
    ):
        harness.brownie.fine({"from": harness.owner})


def test_reverts_fails_on_another_error_and_shows_both(harness):
    with (
        pytest.raises(AssertionError, match=r"expected HarnessEmpty\(\), but .* HarnessFull\(0x.*, 7, "),
        reverts("HarnessEmpty"),
    ):
        harness.brownie.viewFull(7, {"from": harness.owner})


def test_reverts_fails_on_other_arguments_and_shows_both(harness):
    with (
        pytest.raises(AssertionError, match=r"expected HarnessFull\(0x.*, 8, .* HarnessFull\(0x.*, 7, "),
        reverts("HarnessFull", harness.owner, 8, ANY, []),
    ):
        harness.brownie.viewFull(7, {"from": harness.owner})


def test_reverts_refuses_an_undeclared_error_or_a_wrong_number_of_arguments(harness):
    with pytest.raises(LookupError, match="no contract or interface declares"), reverts("NoSuchError"):
        pass
    with (
        pytest.raises(LookupError, match=r"1 arguments were given for HarnessFull\(address,"),
        reverts("HarnessFull", 1),
    ):
        pass


def test_reverts_passes_other_exceptions_on(harness):
    with pytest.raises(ZeroDivisionError), reverts("HarnessEmpty"):
        1 / 0  # noqa: B018
