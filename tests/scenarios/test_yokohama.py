"""97,000 lots are ended by mistake and given back, in batches by two officers (what happened in 横浜市).

The points had been granted to end with the wrong month; the month passes and they lapse. What is given back
is bounded by what lapsed, everybody gets it once, and the events alone prove both.

By default a tenth of the size, 9,700 residents; `make test-full-size` takes all of them. On a chain of its
own that mines twenty transactions a block: a block costs anvil a millisecond for each thousand words that the
series holds, and with 200,000 words a block for each transaction would take most of the time.
"""

import os
from collections import Counter

import pytest
from eth_utils import keccak, to_checksum_address

from scripts.lib.contract_abi import encode_call
from scripts.lib.japan_calendar import start_of
from scripts.lib.keys.keyring import LocalKeyring
from scripts.lib.node.event_log import read_events
from scripts.lib.node.local_chain import LocalChain
from scripts.lib.node.rpc import Rpc
from scripts.lib.node.sender import Sender, SendError, Transaction
from scripts.lib.reasons import Reason
from scripts.lib.roles import Role
from scripts.lib.town_year.play import BlockClock
from tests.support.books import check_books
from tests.support.clock import APRIL, JUNE, MAY
from tests.support.office_town import open_town

RESIDENTS = 97_000 if os.environ.get("JICHITAI_FULL_SIZE") else 9_700
BATCH = 300
GAS = 16_700_000  # no transaction of ours may need more
TRANSACTIONS_A_BLOCK = 20
DEPLOYED_BEFORE_SECONDS = 4 * 24 * 60 * 60  # a minter's allowance waits 48 hours
PAPER = keccak(text="令和7年5月7日 失効処理の誤りについて(復元の決裁)")


def points_of(place):
    """Everybody has another amount, so that no mix-up cancels out."""
    return 1000 + place % 977


ACCOUNTS = [to_checksum_address(f"0x{0x9000_0000 + place:040x}") for place in range(RESIDENTS)]
AMOUNTS = [points_of(place) for place in range(RESIDENTS)]
BATCHES = [slice(start, start + BATCH) for start in range(0, RESIDENTS, BATCH)]
WHAT_LAPSED = sum(AMOUNTS)


@pytest.fixture(autouse=True)
def isolation():
    """Nothing happens on the chain that the other scenarios share."""


@pytest.fixture(scope="module")
def chain():
    first = start_of(APRIL) - DEPLOYED_BEFORE_SECONDS
    block_gas = TRANSACTIONS_A_BLOCK * GAS
    with LocalChain.anvil(genesis_time=first, on_demand=True, block_gas_limit=block_gas) as chain:
        yield chain


@pytest.fixture(scope="module")
def rpc(chain):
    rpc = Rpc(chain.url)
    yield rpc
    rpc.close()


@pytest.fixture(scope="module")
def clock(chain, rpc):
    return BlockClock(rpc, chain.now() + 1)


@pytest.fixture(scope="module")
def town(chain, rpc, clock):
    return open_town(chain, rpc, LocalKeyring(chain, "yokohama"), clock=clock, allowance=WHAT_LAPSED)


@pytest.fixture
def send(rpc, clock, town):
    """`send(sender, to, [data, …])` streams transactions and demands that each succeeds."""
    sender = Sender(rpc, town.keyring, mine=clock.mine, in_flight=TRANSACTIONS_A_BLOCK)

    def send_all(by, to, calls):
        sender.send(Transaction(by, to, data, GAS, f"call {place}") for place, data in enumerate(calls))

    return send_all


@pytest.fixture
def series(town):
    """`series(view, *arguments)` asks the town's series."""
    return lambda function, *arguments: town.ask("MunicipalPoint", town.token, function, *arguments)


@pytest.fixture(autouse=True)
def books_that_balance(rpc, town):
    yield
    check_books(rpc, town.token)


@pytest.fixture
def ended_by_mistake(send, clock, town, series):
    """Points that should have lived until June were granted until April, and April is over."""
    clock.go_to(start_of(APRIL))
    grants = [encode_call("MunicipalPoint", "mintBatch", (ACCOUNTS[b], AMOUNTS[b], APRIL)) for b in BATCHES]
    send(town.minter, town.token, grants)
    assert series("totalSupply") == WHAT_LAPSED
    clock.go_to(start_of(MAY))
    assert series("totalSupply") == 0


@pytest.fixture
def restore(send, town):
    """`restore([(accounts, amounts), …])` by two officers, each batch a proposal and its approval."""

    def restore_batches(batches):
        acts = [
            town.act(
                "MunicipalPoint",
                "restoreLots",
                APRIL,
                JUNE,
                *batch,
                by=town.officer(Role.DESK_OFFICER),
                second=town.officer(Role.SECOND_DESK_OFFICER),
                reason=Reason.WRONG_LAPSE,
                document_hash=PAPER,
            )
            for batch in batches
        ]
        first = town.proposal_count() + 1
        proposals = [act.propose(town.officers) for act in acts]
        approvals = [act.approve(town.officers, first + place) for place, act in enumerate(acts)]
        for calls in (proposals, approvals):
            data = [encode_call(call.contract, call.function, call.arguments) for call in calls]
            send(calls[0].sender, town.officers, data)

    return restore_batches


def test_lots_ended_by_mistake_are_restored_in_batches_bounded_audited_and_once(
    rpc, town, series, ended_by_mistake, restore
):
    batches = [(ACCOUNTS[b], AMOUNTS[b]) for b in BATCHES]
    restore(batches)
    restored = series("restoredOf", APRIL)
    assert series("totalSupply") == series("pointsEndingWith", JUNE) == restored == WHAT_LAPSED
    assert series("pointsEndingWith", APRIL) == WHAT_LAPSED, "what lapsed stays on the books as lapsed"

    # The same batches again, by officers who do not know that they were done: nobody gets more.
    restore([*batches[:2], batches[-1]])
    assert series("totalSupply") == series("restoredOf", APRIL) == WHAT_LAPSED

    # Somebody who lost nothing: not one point more than lapsed.
    with pytest.raises(SendError) as refused:
        restore([([to_checksum_address("0x" + "ab" * 20)], [1])])
    [failure] = refused.value.failures
    assert (failure.revert.name, tuple(failure.revert.arguments.values())) == (
        "PointRestoreTooLarge",
        (APRIL, WHAT_LAPSED, WHAT_LAPSED, 1),
    )

    # The audit: events alone tell who got what, and that two officers stand behind every batch.
    log = list(read_events(rpc, [town.officers, town.token], town.block))
    restored = [event.arguments for event in log if event.name == "LotRestored"]
    assert {each["account"]: each["amountPoints"] for each in restored} == dict(
        zip(ACCOUNTS, AMOUNTS, strict=True)
    )
    assert len(restored) == RESIDENTS, "somebody was restored twice"
    assert {(each["lapsedMonth"], each["toMonth"]) for each in restored} == {(APRIL, JUNE)}
    act = encode_call("MunicipalPoint", "restoreLots", (APRIL, JUNE, [], []))[:4]
    acts = [event.arguments for event in log if event.name == "ActDone" and event.arguments["act"] == act]
    stands = Counter((each["actor"], each["approver"], each["reason"], each["documentHash"]) for each in acts)
    two = (town.officer(Role.DESK_OFFICER), town.officer(Role.SECOND_DESK_OFFICER))
    assert stands == {(*two, Reason.WRONG_LAPSE, PAPER): len(BATCHES) + 3}
    lapsed = Counter[str]()
    for event in log:
        if event.name == "Lapsed":
            lapsed[event.arguments["account"]] += event.arguments["amountPoints"]
    assert lapsed == dict(zip(ACCOUNTS, AMOUNTS, strict=True))
