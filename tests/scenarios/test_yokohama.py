"""97,000 lots are ended by mistake and given back, in batches by two officers (what happened in 横浜市).

The points had been granted to end with the wrong month; the month passes and they lapse. What is given back
is bounded by what lapsed, everybody gets it once, and the events alone prove both.

By default a tenth of the size, 9,700 residents, through the node's raw interface. The full size takes
minutes:

    JICHITAI_FULL_SIZE=1 make test ARGS="tests/scenarios/test_yokohama.py"
"""

import os
import time
from collections import Counter

import pytest
from eth_utils import keccak, to_checksum_address

from scripts.lib.contract_abi import encode_call
from scripts.lib.event_log import read_events
from scripts.lib.reasons import Reason
from scripts.lib.rpc import Request
from tests.support.clock import APRIL, JUNE, to_month
from tests.support.reverts import reverts
from tests.support.town import CITY

RESIDENTS = 97_000 if os.environ.get("JICHITAI_FULL_SIZE") else 9_700
BATCH = 300
PATIENCE_SECONDS = 300
GAS = 16_700_000  # no transaction of ours may need more
PAPER = keccak(text="令和7年5月7日 失効処理の誤りについて(復元の決裁)")


def points_of(place):
    """Everybody has another amount, so that no mix-up cancels out."""
    return 1000 + place % 977


ACCOUNTS = [to_checksum_address(f"0x{0x9000_0000 + place:040x}") for place in range(RESIDENTS)]
AMOUNTS = [points_of(place) for place in range(RESIDENTS)]
BATCHES = [slice(start, start + BATCH) for start in range(0, RESIDENTS, BATCH)]
WHAT_LAPSED = sum(AMOUNTS)


@pytest.fixture
def send(rpc):
    """`send(sender, to, [data, …])` sends a stream of transactions and demands that each succeeds."""

    def send_all(sender, to, calls):
        nonce = int(rpc.call("eth_getTransactionCount", str(sender), "latest"), 16)
        fields = {"from": str(sender), "to": str(to), "gas": hex(GAS), "gasPrice": "0x0"}
        hashes = rpc.results(
            Request(
                "eth_sendTransaction",
                ({**fields, "nonce": hex(nonce + place), "data": "0x" + data.hex()},),
            )
            for place, data in enumerate(calls)
        )
        deadline = time.monotonic() + PATIENCE_SECONDS
        while rpc.call("eth_getTransactionReceipt", hashes[-1]) is None and time.monotonic() < deadline:
            rpc.call(
                "evm_mine"
            )  # what a block had no room for, anvil leaves lying until the next transaction
        receipts = rpc.results(Request("eth_getTransactionReceipt", (sent,)) for sent in hashes)
        assert [receipt["status"] for receipt in receipts] == ["0x1"] * len(calls)

    return send_all


@pytest.fixture
def ended_by_mistake(send, point, minter):
    """Points that should have lived until June were granted until April, and April is over."""
    grants = [encode_call("MunicipalPoint", "mintBatch", (ACCOUNTS[b], AMOUNTS[b], APRIL)) for b in BATCHES]
    send(minter, point, grants)
    assert point.totalSupply() == WHAT_LAPSED
    to_month(APRIL + 1)
    assert point.totalSupply() == 0


@pytest.fixture
def restore(send, officers, point, desk_officer, second_desk_officer):
    """`restore(batches)` by two officers, each batch a proposal and its approval."""

    def restore_batches(batches):
        data = [
            encode_call("MunicipalPoint", "restoreLots", (APRIL, JUNE, ACCOUNTS[b], AMOUNTS[b]))
            for b in batches
        ]
        first = officers.proposalCount() + 1
        what = (int(Reason.WRONG_LAPSE), PAPER)
        proposals = [encode_call("Officers", "propose", (CITY, point.address, call, *what)) for call in data]
        send(desk_officer, officers, proposals)
        approvals = [
            encode_call("Officers", "approve", (first + place, call)) for place, call in enumerate(data)
        ]
        send(second_desk_officer, officers, approvals)

    return restore_batches


def test_lots_ended_by_mistake_are_restored_in_batches_bounded_audited_and_once(
    rpc, officers, point, ended_by_mistake, restore, acting, desk_officer, second_desk_officer
):
    restore(BATCHES)
    assert point.totalSupply() == point.pointsEndingWith(JUNE) == point.restoredOf(APRIL) == WHAT_LAPSED
    assert point.pointsEndingWith(APRIL) == WHAT_LAPSED, "what lapsed stays on the books as lapsed"

    # The same batches again, by officers who do not know that they were done: nobody gets more.
    restore(BATCHES[:2] + BATCHES[-1:])
    assert point.totalSupply() == point.restoredOf(APRIL) == WHAT_LAPSED

    # Somebody who lost nothing: not one point more than lapsed.
    call = (APRIL, JUNE, [to_checksum_address("0x" + "ab" * 20)], [1])
    proposed = acting.propose(desk_officer, point, "restoreLots", *call)
    with reverts("PointRestoreTooLarge", APRIL, WHAT_LAPSED, WHAT_LAPSED, 1):
        acting.approve(second_desk_officer, proposed)

    # The audit: events alone tell who got what, and that two officers stand behind every batch.
    log = list(read_events(rpc, [officers.address, point.address]))
    restored = [event.arguments for event in log if event.name == "LotRestored"]
    assert {each["account"]: each["amountPoints"] for each in restored} == dict(
        zip(ACCOUNTS, AMOUNTS, strict=True)
    )
    assert len(restored) == RESIDENTS, "somebody was restored twice"
    assert {(each["lapsedMonth"], each["toMonth"]) for each in restored} == {(APRIL, JUNE)}
    selector = bytes.fromhex(point.restoreLots.signature[2:])
    acts = [e.arguments for e in log if e.name == "ActDone" and bytes(e.arguments["act"]) == selector]
    stands = Counter(
        (each["actor"], each["approver"], each["reason"], bytes(each["documentHash"])) for each in acts
    )
    assert stands == {(desk_officer, second_desk_officer, Reason.WRONG_LAPSE, PAPER): len(BATCHES) + 3}
    lapsed = Counter[str]()
    for event in log:
        if event.name == "Lapsed":
            lapsed[event.arguments["account"]] += event.arguments["amountPoints"]
    assert lapsed == dict(zip(ACCOUNTS, AMOUNTS, strict=True))
