"""A chain with as many events as one likes, in the mix of a busy town, for measuring how fast they are read.

A series is deployed and registered as always; then other code is put in its place, which emits the same
events without keeping anything. So the platform leads to it, every log is one of ours, and two million of
them take a minute.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from eth_abi import encode

from scripts.lib.compiler import compile_files
from scripts.lib.deployment import MunicipalityPlan, PlatformPlan, SeriesPlan, deploy
from scripts.lib.expiry_rule import ExpiryRule
from scripts.lib.japan_calendar import start_of
from scripts.lib.keys.keyring import LocalKeyring
from scripts.lib.node.local_chain import LocalChain
from scripts.lib.node.rpc import Request, Rpc
from scripts.lib.node.sender import Sender
from scripts.lib.rpc_deployer import RpcDeployer
from scripts.lib.town_year.play import BlockClock

MILL = "tests/harness/EventMill.sol"
EVENTS_A_ROUND = 1 + 180 + 2 * 400 + 2 * 10
ROUNDS_A_BLOCK = 1
"""A thousand events a block."""

_APRIL_2026 = 315
_GAS = 29_000_000


@dataclass
class BusyChain:
    """The chain.

    Attributes:
        token: the series that all events are of.
        first: the block in which its events begin.
        events: how many it emitted so far.
    """

    rpc: Rpc
    platform: str
    token: str
    minter: str
    first: int
    events: int = 0
    _rounds: int = 0

    @property
    def last(self) -> int:
        """Return the latest block."""
        return int(self.rpc.call("eth_blockNumber"), 16)

    def emit(self, events: int) -> None:
        """Emit until there are at least so many."""
        sender = self.rpc.call("eth_accounts")[0]
        selector = self._selectors["grind(uint256,address)"]
        while self.events < events:
            requests = []
            for _ in range(ROUNDS_A_BLOCK):
                data = selector + encode(["uint256", "address"], [self._rounds, self.minter]).hex()
                call = {
                    "from": sender,
                    "to": self.token,
                    "data": "0x" + data,
                    "gas": hex(_GAS // ROUNDS_A_BLOCK),
                }
                requests.append(Request("eth_sendTransaction", (call | {"gasPrice": "0x0"},)))
                self._rounds += 1
                self.events += EVENTS_A_ROUND
            self.rpc.results(requests)
            self.rpc.call("evm_mine")

    def open(self) -> None:
        """Put the mill in place of the series, and let it begin."""
        mill = compile_files([MILL])["EventMill"]
        self._selectors = mill.selectors
        self.rpc.call("anvil_setCode", self.token, "0x" + mill.runtime)
        sender = self.rpc.call("eth_accounts")[0]
        data = self._selectors["open(address,uint256)"]
        data += encode(["address", "uint256"], [self.minter, 2**62]).hex()
        call = {"from": sender, "to": self.token, "data": "0x" + data, "gas": hex(_GAS), "gasPrice": "0x0"}
        self.rpc.call("eth_sendTransaction", call)
        self.rpc.call("evm_mine")


@contextmanager
def busy_chain() -> Iterator[BusyChain]:
    """Start a chain with a platform and the mill, which has emitted nothing yet."""
    with LocalChain.anvil(genesis_time=start_of(_APRIL_2026), on_demand=True, kept_states=2) as chain:
        rpc = Rpc(chain.url)
        keyring = LocalKeyring(chain, "busy chain")
        clock = BlockClock(rpc, chain.now() + 1)
        deployer = RpcDeployer(rpc, Sender(rpc, keyring, mine=clock.mine), clock.pass_second)
        council, admin = keyring.account("council"), keyring.account("admin")
        series = SeriesPlan("series", "計測ポイント", "BENCH", ExpiryRule.NEVER)
        town = MunicipalityPlan(141305, "川崎市", admin, [], [series])
        deployed = deploy(deployer, PlatformPlan(council, council, [town]))
        busy = BusyChain(
            rpc, deployed.platform, deployed.series["series"], keyring.account("minter"), chain.height() + 1
        )
        busy.open()
        yield busy
