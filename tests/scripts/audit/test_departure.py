"""Since when the chain answers otherwise than the events say, and what was sent then."""

from random import Random

import pytest

from scripts.demo import KEPT_STATES_TO_TRY_IN
from scripts.lib.audit.fetch import fetch
from scripts.lib.audit.frauds.forging import account_slot, change_storage, undone
from scripts.lib.audit.frauds.kinds import FRAUDS, Scene
from scripts.lib.audit.verify import verify
from scripts.lib.audit.violation import CHAIN, CODE


@pytest.fixture
def folder(town, tmp_path):
    with undone(town.rpc):
        yield tmp_path / "dataset"


def test_transaction_is_found_among_those_that_came_after_it(town, folder):
    expected = FRAUDS["expiry_shortened_by_modified_token"](Scene(town, folder, Random(3)))
    block = town.chain.height()
    _pay_often(town)
    of_chain = _of_chain(town, folder)
    assert {its.what.english for its in of_chain} >= {"balance", "lots by month"}
    for its in of_chain:
        assert (its.transaction, its.block, its.sender) == (expected.transaction, block, town.programmes)
        assert its.departure.is_exact and its.departure.transactions[0].receiver == town.token
        assert "no key can sign" in its.story.english and "署名できる鍵は存在せず" in its.story.japanese


def test_storage_written_without_a_transaction_is_told_with_its_block(town, folder):
    block = _write_storage(town)
    _pay_often(town)
    for its in _of_chain(town, folder):
        assert (its.transaction, its.block, its.departure.transactions) == ("", block, ())
        assert f"since block {block:,}" in its.story.english and "no transaction stands" in its.story.english
        assert f"ブロック{block:,}" in its.story.japanese and "このブロックに取引はなく" in its.story.japanese
        assert "The last event about it before" in its.story.english
        assert "これに関するその前の最後の事象" in its.story.japanese


def test_node_that_has_forgotten_former_states_tells_at_the_latest(town, folder):
    _write_storage(town)
    for _ in range(KEPT_STATES_TO_TRY_IN + 2):
        town.rpc.call("evm_mine")
    for its in _of_chain(town, folder):
        assert not its.departure.is_exact and not its.transaction
        assert "At the latest since block" in its.story.english and "遅くともブロック" in its.story.japanese


def test_code_that_was_replaced_is_told_with_the_block_of_it(town, folder):
    town.rpc.call("evm_mine")
    block = town.chain.height()
    town.rpc.call("anvil_setCode", town.exchange, "0x60016002")
    town.rpc.call("evm_mine")
    fetch(town.rpc, town.platform, folder)
    [its] = [its for its in verify(town.rpc, folder).violations if its.breaks == CODE]
    assert (its.account, its.block, its.departure.is_exact) == (town.exchange, block, True)
    assert f"ブロック{block:,}" in its.story.japanese


def _write_storage(town):
    """Give the first resident 7 points behind the contract's back; return the first block that has them."""
    month, points = next(iter(town.lots(town.first).items()))
    place = account_slot(town.rpc, town.token, town.first, month << 29 | points)
    change_storage(town.rpc, town.token, place, lambda word: word + 7)
    return town.chain.height() - 1


def _pay_often(town):
    for _ in range(5):
        town.call("transfer", (town.shop, 1), town.second)


def _of_chain(town, folder):
    fetch(town.rpc, town.platform, folder)
    found = [its for its in verify(town.rpc, folder).violations if its.breaks == CHAIN]
    assert found
    return found
