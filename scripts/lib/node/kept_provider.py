"""web3.py over the one kept connection of `rpc`, for Brownie on a chain of this machine.

web3.py's own provider goes through requests and urllib3, which takes a third of the processor's time that
Brownie's tests need; a local chain needs none of what those are for (proxies, cookies, redirects, TLS).
"""

from __future__ import annotations

import threading

from web3 import HTTPProvider
from web3.types import RPCEndpoint

from scripts.lib.node.rpc import TIMEOUT_SECONDS, Endpoint


class KeptProvider(HTTPProvider):
    """Answers as `HTTPProvider` does, also to several threads: Brownie asks for receipts from threads.

    Args:
        url: http://host:port of the one node.
    """

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self._endpoint = Endpoint(url, TIMEOUT_SECONDS)
        self._turn = threading.Lock()

    def _make_request(self, method: RPCEndpoint, request_data: bytes) -> bytes:
        with self._turn:
            return self._endpoint.post(request_data)
