"""Counts what each verb leaves on the chain: new storage words, events, and bytes of transactions.

On a small chain of its own, whose whole storage is counted before and after: exact, and the same each time.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable

from scripts.lib.japan_calendar import moment_from_text
from scripts.lib.load.figures import Footprint
from scripts.lib.load.nation import PAYMENTS_A_SHOP, Nation
from scripts.lib.node.local_chain import LocalChain
from scripts.lib.registration import BATCH_RESIDENTS

BLOCK_GAS_LIMIT = 3_000_000_000
GRANTED = 256
"""So many rows a transaction of grants has, where rows of a list are many."""

PROBED = 20


def measure_footprints() -> dict[str, Footprint]:
    """Return what registering, granting, approving a shop and paying leave, by verb."""
    with LocalChain.anvil(
        genesis_time=moment_from_text("2026-04-01T09:00"),
        on_demand=True,
        block_gas_limit=BLOCK_GAS_LIMIT,
    ) as chain:
        nation = Nation.opened(chain, 1)
        [town] = nation.towns
        # The first of everything sets up counters and the supply's words.
        nation.approve_lists(GRANTED)
        nation.register(GRANTED)
        nation.grant()
        nation.open_shops(1)
        before = GRANTED
        batch = BATCH_RESIDENTS * 7
        nation.approve_lists(before + batch)

        def measured(count: int, work: Callable[[], object]) -> Footprint:
            return _footprint(chain, count, work)

        found = {
            "registration": measured(batch, lambda: nation.register(before + batch)),
            "grant": measured(batch, nation.grant),
            "merchant": measured(10, lambda: nation.open_shops(11)),
            "payment_batch50_first": measured(PAYMENTS_A_SHOP * 10, lambda: nation.pay(PAYMENTS_A_SHOP * 10)),
        }
        shop = nation.open_counter(town)
        found["signed_payment_first"] = measured(PROBED, lambda: nation.pay_at(shop, range(1, PROBED + 1)))
        nation.wait_until_words_are_free()
        found["signed_payment"] = measured(PROBED, lambda: nation.pay_at(shop, range(1, PROBED + 1)))
        return found


def _footprint(chain: LocalChain, count: int, work: Callable[[], object]) -> Footprint:
    words, first = _words(chain), chain.height() + 1
    work()
    logs = chain.rpc("eth_getLogs", {"fromBlock": hex(first), "toBlock": "latest"})
    sent = 0
    for number in range(first, chain.height() + 1):
        block = chain.rpc("eth_getBlockByNumber", hex(number), False)
        sent += sum(_size(chain.rpc("eth_getRawTransactionByHash", each)) for each in block["transactions"])
    return Footprint(
        words=round((_words(chain) - words) / count, 3),
        logs=round(len(logs) / count, 3),
        log_bytes=round(sum(20 + 32 * len(log["topics"]) + _size(log["data"]) for log in logs) / count, 1),
        transaction_bytes=round(sent / count, 1),
    )


def _words(chain: LocalChain) -> int:
    """Return how many storage words hold something."""
    state = json.loads(gzip.decompress(bytes.fromhex(chain.rpc("anvil_dumpState")[2:])))
    return sum(
        int(value, 16) != 0 for account in state["accounts"].values() for value in account["storage"].values()
    )


def _size(text: str) -> int:
    return len(text) // 2 - 1
