"""Has a chain that mines on demand mine a block every so often, without keeping every state it ever had.

    with LocalChain.anvil(on_demand=True) as chain, ticking(lambda: chain, 0.2):
        ...

Anvil's own option for it, `--block-time`, never drops a state, whatever `--prune-history` says: with 10,000
storage words each block takes 1 MB for good, empty ones too (anvil 1.7.1; blocks mined by request are
pruned).
"""

from __future__ import annotations

import contextlib
import http.client
import threading
from collections.abc import Callable, Iterator

from scripts.lib.node.local_chain import LocalChain, RpcError


@contextlib.contextmanager
def ticking(chain: Callable[[], LocalChain], seconds: float) -> Iterator[None]:
    """Mine for the length of a `with` block.

    Args:
        chain: asked before each block, since a chain may be restarted; a block that cannot be mined is left
        out.
    """
    over = threading.Event()

    def tick() -> None:
        while not over.wait(seconds):
            with contextlib.suppress(OSError, http.client.HTTPException, RpcError, ValueError):
                chain().rpc("evm_mine")

    thread = threading.Thread(target=tick, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
