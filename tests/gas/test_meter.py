import pytest

from scripts.lib.compiler import compile_sources
from scripts.lib.gas.meter import GasMeter
from scripts.lib.gas.town import pseudonym
from scripts.lib.node.local_chain import RpcError

COUNTER = """
// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

contract Counter {
    uint256 public count;

    function add(uint256 by) external {
        require(by != 0);
        count += by;
    }

    function addForever() external {
        while (true) count += 1;
    }
}

library Doubling {
    function doubled(uint256 number) external pure returns (uint256) {
        return 2 * number;
    }
}

contract Doubler {
    function doubled(uint256 number) external pure returns (uint256) {
        return Doubling.doubled(number);
    }
}
"""
SOMEBODY = pseudonym(1)


@pytest.fixture(scope="module")
def meter():
    with GasMeter.started(
        compile_sources({"tests/Counter.sol": COUNTER}), genesis_time=1_700_000_000
    ) as meter:
        yield meter


@pytest.fixture
def counter(meter):
    return meter.deploy("Counter", [], SOMEBODY)


def test_same_call_in_same_state_costs_the_same(meter, counter):
    counter.send("add", 1, sender=SOMEBODY)
    costs = set()
    for _ in range(3):
        with meter.undone():
            costs.add(counter.send("add", 1, sender=SOMEBODY))
    assert len(costs) == 1, costs
    assert counter.read("count") == 1


def test_first_write_of_a_word_costs_17100_more_than_the_next(counter):
    first = counter.send("add", 1, sender=SOMEBODY)
    second = counter.send("add", 1, sender=SOMEBODY)
    assert first - second == 17_100, (first, second)


def test_execution_of_a_view_leaves_out_what_its_transaction_costs(counter):
    gas = counter.execution_gas("count", sender=SOMEBODY)
    # One cold word (2,100), and the few steps that find the function and return its answer.
    assert 2_100 < gas < 2_500, gas


def test_reverting_call_is_not_measured(counter):
    with pytest.raises(RpcError):
        counter.send("add", 0, sender=SOMEBODY)


def test_transaction_past_the_gas_limit_is_not_measured(counter):
    with pytest.raises(RpcError):
        counter.send("addForever", sender=SOMEBODY)


def test_contract_is_linked_to_its_library(meter):
    library = meter.deploy("Doubling", [], SOMEBODY)
    doubler = meter.deploy("Doubler", [], SOMEBODY, {"Doubling": library.address})
    assert doubler.read("doubled", 21) == 42


def test_contract_without_its_library_is_refused(meter):
    with pytest.raises(KeyError):
        meter.deploy("Doubler", [], SOMEBODY)


def test_contract_may_be_the_sender(meter, counter):
    other = meter.deploy("Counter", [], SOMEBODY)
    counter.send("add", 1, sender=other.address)
    assert counter.read("count") == 1
