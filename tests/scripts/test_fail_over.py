"""Several nodes of one chain: when one is gone the next is asked, nothing is lost and nothing doubled."""

import pytest

from scripts.lib.audit.dataset import Dataset
from scripts.lib.audit.event_stream import read_dataset
from scripts.lib.audit.fetch import fetch
from scripts.lib.audit.verify import verify
from scripts.lib.bulk.grants import run_list
from scripts.lib.journal import Journal
from scripts.lib.keys.keyring import LocalKeyring
from scripts.lib.node.event_log import read_events
from scripts.lib.node.local_chain import LocalChain
from scripts.lib.node.networks import NetworkError, read_network
from scripts.lib.node.rpc import CONNECTION_ERRORS, Request, Rpc
from scripts.lib.node.sender import Sender
from tests.support.crowd import Crowd
from tests.support.line import Line
from tests.support.office_town import open_town

RESIDENTS = 192


@pytest.fixture(scope="module")
def chain():
    with LocalChain.anvil() as chain:
        yield chain


@pytest.fixture(scope="module")
def crowd(chain):
    return Crowd.settled(open_town(chain, Rpc(chain.url), LocalKeyring(chain, "fail-over")), RESIDENTS)


@pytest.fixture
def lines(chain):
    """Two ways to the chain, either of which can be cut."""
    lines = [Line(chain.port), Line(chain.port)]
    yield lines
    for line in lines:
        line.close()


@pytest.fixture
def rpc(lines):
    return Rpc(",".join(line.url for line in lines))


def test_next_node_is_asked_when_one_is_gone_and_the_first_again_when_it_is_back(chain, lines, rpc):
    assert rpc.identity().chain_id == chain.chain_id
    lines[0].cut()
    assert int(rpc.call("eth_chainId"), 16) == chain.chain_id
    lines[0].mend()
    lines[1].cut()
    assert rpc.batch([Request("eth_chainId")]) == [hex(chain.chain_id)]


def test_no_node_at_all_is_told_with_every_address(lines, rpc):
    for line in lines:
        line.cut()
    with pytest.raises(CONNECTION_ERRORS) as failure:
        rpc.call("eth_chainId")
    assert all(line.url in str(failure.value) for line in lines)


def test_node_of_another_chain_is_not_asked(chain, lines):
    with LocalChain.anvil() as other:
        rpc = Rpc(f"{lines[0].url},{other.url},{lines[1].url}")
        genesis = rpc.identity().genesis
        lines[0].cut()
        assert rpc.identity().genesis == genesis == Rpc(chain.url).identity().genesis
        lines[1].cut()
        with pytest.raises(ConnectionError, match="the others are"):
            rpc.identity()


def test_node_that_lags_behind_is_waited_for(chain, lines, rpc, monkeypatch):
    """What one node has told does not vanish because the next has not heard of it yet."""
    monkeypatch.setattr("scripts.lib.node.rpc.CATCH_UP_SECONDS", 0)
    height = int(rpc.call("eth_blockNumber"), 16)
    snapshot = chain.rpc("evm_snapshot")
    chain.mine_at(chain.now() + 1)
    assert int(rpc.call("eth_blockNumber"), 16) == height + 1
    chain.rpc("evm_revert", snapshot)
    lines[0].cut()
    with pytest.raises(ConnectionError, match="the others were at"):
        rpc.call("eth_chainId")
    chain.mine_at(chain.now() + 1)
    assert int(rpc.call("eth_chainId"), 16) == chain.chain_id


def test_grant_goes_on_over_the_other_node_and_grants_everybody_once(crowd, lines, rpc, tmp_path):
    rows = [(number, 100 + number % 7) for number in range(1, RESIDENTS + 1)]
    batch, grants = crowd.approved(rows)
    before = crowd.balances()
    sent = []

    def lose_one(done):
        sent.append(done)
        if len(sent) == 2:
            lines[0].cut()

    with Journal(rpc.identity(), "grant", tmp_path) as journal:
        sender = Sender(rpc, crowd.town.keyring, journal=journal, in_flight=2, resend_seconds=0.4)
        account = crowd.town.account("anyone")
        result = run_list(rpc, sender, crowd.service, batch, grants, account, most_rows=8, progress=lose_one)
    assert (result.granted_rows, result.ungranted, result.failures) == (RESIDENTS, [], [])
    assert len(sent) > 4, "the list was done before the node was lost"
    gained = [now - was for now, was in zip(crowd.balances(), before, strict=True)]
    assert gained == [points for _, points in rows]


def test_audit_goes_on_over_the_other_node_and_finds_the_same(crowd, lines, rpc, tmp_path, monkeypatch):
    monkeypatch.setattr("scripts.lib.audit.log_pages.FIRST_PAGE_BLOCKS", 2)
    monkeypatch.setattr("scripts.lib.audit.log_pages.PAGE_LOGS", 16)
    segments = []

    def lose_one(segment):
        segments.append(segment)
        if len(segments) == 2:
            lines[0].cut()

    fetch(rpc, crowd.town.platform, tmp_path / "one", segment_logs=16, tell=lose_one)
    assert len(segments) > 4, "everything was read before the node was lost"
    dataset = Dataset(tmp_path / "one")
    assert list(read_dataset(dataset)) == list(read_events(crowd.town.rpc, dataset.addresses()))
    lines[0].mend()
    lines[1].cut()
    assert verify(rpc, tmp_path / "one").violations == []


def test_ready_keys_are_refused_if_one_of_the_nodes_is_elsewhere():
    with pytest.raises(NetworkError, match="of this machine"):
        read_network("local", "http://127.0.0.1:8545,http://node.example:8545")
