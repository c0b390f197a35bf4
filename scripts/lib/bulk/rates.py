"""How fast our sender is, beside the same signed bytes replayed: packed and signed before, noted nowhere.

Both are measured in one run, in turns, on a chain that is put back in between. The sender asks the chain
what is missing, encodes, signs, notes in its journal, sends, makes sure of every transaction and asks the
chain for the result. Beside it stands the node's own ceiling: the replay is over when the chain shows all
nonces used up, and asks for no receipt. Rates depend on the machine and on what else it does; ratios hold
better, and of each the median of some rounds counts.

For comparison, the loop that everybody writes first: a contract call of Brownie for each payment, waited for.
"""

from __future__ import annotations

import contextlib
import io
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from scripts.lib.bulk.grants import run_list
from scripts.lib.bulk.payments import PAYMENTS_A_TRANSACTION, SignedPayment, submit_payments
from scripts.lib.compiler import Compilation
from scripts.lib.contract_abi import encode_call
from scripts.lib.deployment import MunicipalityPlan, PlatformPlan, SeriesPlan, deploy
from scripts.lib.expiry_rule import ExpiryRule
from scripts.lib.gas.figures import Figure
from scripts.lib.gas.tokens import MUNICIPALITY
from scripts.lib.gas.town import GENESIS_TIME, MONTH, pseudonym
from scripts.lib.grant_list import GrantList, Row
from scripts.lib.japan_calendar import day_of, fiscal_year_end
from scripts.lib.journal import Journal, Signed
from scripts.lib.keys.keyring import LocalKeyring
from scripts.lib.node.block_ticker import ticking
from scripts.lib.node.local_chain import ChainError, LocalChain
from scripts.lib.node.rpc import BATCH_SIZE, Request, Rpc
from scripts.lib.node.sender import Sender
from scripts.lib.node.steady_node import POLL_SECONDS
from scripts.lib.payment.sale_number import sale_number
from scripts.lib.payment.signing import MAX_VALID_UNTIL, Payment, SeriesDomain, sign, signed_payment
from scripts.lib.project import connected, load_project
from scripts.lib.resident_storage import words_of
from scripts.lib.rpc_deployer import RpcDeployer

SERVICE = "GrantProgrammes"
POINT = "MunicipalPoint"
RECIPIENTS_A_SECOND = "recipients a second"
PAYMENTS_A_SECOND = "payments a second"

PAYERS = 100
BLOCK_SECONDS = 0.2
"""What anvil takes to tell a receipt grows with its block: 0.1 ms among 250 transactions, 0.5 ms among
1,000."""

BLOCK_GAS_LIMIT = 3_000_000_000
IN_FLIGHT = 2_000
_MOST = 10**12
_GAS = hex(16_700_000)


class Sizes(NamedTuple):
    """How much is measured, in how many rounds."""

    recipients: int = 20_000
    payments: int = 2_000
    brownie_payments: int = 40
    rounds: int = 5


FULL = Sizes()
QUICK = Sizes(recipients=400, payments=100, brownie_payments=2, rounds=1)
"""Too little for a figure, enough to see that all of it works."""


@dataclass
class _Bench:
    """A town of very many residents on a chain of its own; acts are sent in the name of Officers itself."""

    rpc: Rpc
    keyring: LocalKeyring
    officers: str
    token: str
    service: str
    residents: str

    @classmethod
    def opened(cls, chain: LocalChain, compilation: Compilation, residents: int) -> _Bench:
        rpc, keyring = Rpc(chain.url), LocalKeyring(chain, "rates")
        council = keyring.account("council")
        series = SeriesPlan("series", "川崎市ポイント", "KWS", ExpiryRule.THIS_FISCAL_YEAR)
        town = MunicipalityPlan(MUNICIPALITY, "川崎市", council, [], [series])
        deployer = RpcDeployer(rpc, Sender(rpc, keyring))
        deployed = deploy(deployer, PlatformPlan(council, council, [town], [SERVICE]))
        rpc.call("anvil_autoImpersonateAccount", True)
        bench = cls(
            rpc,
            keyring,
            deployed.officers,
            deployed.series["series"],
            deployed.services[SERVICE],
            deployed.residents,
        )
        people = ((number, pseudonym(number)) for number in range(1, residents + 1))
        words = words_of(compilation["ResidentRegistry"].storage_layout, MUNICIPALITY, people)
        rpc.results(Request("anvil_setStorageAt", (bench.residents, *word)) for word in words)
        for minter in (bench.service, council):
            bench.act(POINT, bench.token, "increaseMinterAllowance", minter, _MOST)
        bench.act(POINT, bench.token, "approveMerchant", bench.shop, 1, "八百屋", "本町1-1")
        return bench

    @property
    def shop(self) -> str:
        return self.keyring.account("shop")

    def act(self, contract: str, address: str, function: str, *arguments: Any, by: str | None = None) -> None:
        """Send a call, of Officers unless told, and wait for it."""
        data = "0x" + encode_call(contract, function, arguments).hex()
        call = {"from": by or self.officers, "to": address, "data": data, "gas": _GAS, "gasPrice": "0x0"}
        sent = self.rpc.call("eth_sendTransaction", call)
        while (receipt := self.rpc.call("eth_getTransactionReceipt", sent)) is None:
            time.sleep(BLOCK_SECONDS / 4)
        if receipt["status"] != "0x1":
            raise ChainError(f"{contract}.{function} failed while the rates were prepared")

    def approved_list(self, residents: int) -> GrantList:
        """Have a list of grants to the first residents approved; it is batch 1."""
        grants = GrantList([Row(number, 1_000) for number in range(1, residents + 1)])
        end = fiscal_year_end(MONTH)
        terms = (
            self.token,
            "給付",
            "川崎市",
            GENESIS_TIME,
            GENESIS_TIME + 10**8,
            0,
            0,
            int(ExpiryRule.THIS_FISCAL_YEAR),
            0,
            bytes(32),
        )
        self.act(SERVICE, self.service, "openProgramme", MUNICIPALITY, terms)
        self.act(SERVICE, self.service, "setBudget", MUNICIPALITY, 1, end, _MOST)
        self.act(SERVICE, self.service, "openOccurrences", MUNICIPALITY, 1, ["第1回"])
        batch = (grants.root, len(grants.rows), grants.total_points, bytes(32))
        self.act(SERVICE, self.service, "approveBatch", MUNICIPALITY, 1, batch)
        return grants

    def signed_payments(self, count: int) -> list[SignedPayment]:
        """Return payments that residents with points have signed, each of another sale of today."""
        payers = [self.keyring.account(f"payer {number}") for number in range(PAYERS)]
        points, end = [10**6] * PAYERS, fiscal_year_end(MONTH)
        self.act(POINT, self.token, "mintBatch", payers, points, end, by=self.keyring.account("council"))
        domain = SeriesDomain(self.keyring.chain_id, self.token)
        day = day_of(int(self.rpc.call("eth_getBlockByNumber", "latest", False)["timestamp"], 16))
        payments = []
        for serial in range(count):
            payer = payers[serial % PAYERS]
            payment = Payment(payer, self.shop, sale_number(day, serial), 10, MAX_VALID_UNTIL)
            payments.append(signed_payment(payment, sign(domain, payment, self.keyring.key(payer))))
        return payments

    def await_block(self) -> None:
        """Return when a block has just been mined, so that what is timed begins alike."""
        height = self.rpc.call("eth_blockNumber")
        while self.rpc.call("eth_blockNumber") == height:
            time.sleep(POLL_SECONDS / 10)

    @contextlib.contextmanager
    def undone(self) -> Iterator[None]:
        """Put the chain back to what it was when the `with` block began."""
        snapshot = self.rpc.call("evm_snapshot")
        yield
        self.rpc.call("evm_revert", snapshot)


def rate_figures(compilation: Compilation, sizes: Sizes = FULL) -> list[Figure]:
    """Measure grants, payments alone and in packets, and Brownie's loop.

    Raises:
        ChainError: something was not carried out; then there is no rate.
    """
    with (
        LocalChain.anvil(
            genesis_time=GENESIS_TIME, on_demand=True, block_gas_limit=BLOCK_GAS_LIMIT, kept_states=4
        ) as chain,
        ticking(lambda: chain, BLOCK_SECONDS),
    ):
        bench = _Bench.opened(chain, compilation, sizes.recipients)
        grants, payments = bench.approved_list(sizes.recipients), bench.signed_payments(sizes.payments)
        runner = bench.keyring.account("anyone")

        def run_grants(sender: Sender) -> int:
            return run_list(bench.rpc, sender, bench.service, 1, grants, runner).granted_rows

        def pay(payments_a_transaction: int) -> Callable[[Sender], int]:
            return lambda sender: (
                submit_payments(
                    bench.rpc,
                    sender,
                    bench.token,
                    bench.shop,
                    payments,
                    bench.shop,
                    payments_a_transaction=payments_a_transaction,
                ).paid
            )

        granted = _Rate("bulk_grants_rate", sizes.recipients, RECIPIENTS_A_SECOND, 0.8)
        payments_alone = _Rate("bulk_payments_rate", sizes.payments, PAYMENTS_A_SECOND, 0.5)
        in_packets = payments_alone._replace(name="bulk_payments_in_packets_rate")
        figures = [
            _measured(bench, granted, run_grants, sizes.rounds),
            alone := _measured(bench, payments_alone, pay(1), sizes.rounds),
            _measured(bench, in_packets, pay(PAYMENTS_A_TRANSACTION), sizes.rounds),
        ]
    return [*figures, _brownie_figure(compilation, sizes.brownie_payments, alone.anchor or 0)]


class _Rate(NamedTuple):
    """What is measured.

    Attributes:
        amount: how many, of `unit`.
    """

    name: str
    amount: int
    unit: str
    least: float


def _measured(bench: _Bench, rate: _Rate, work: Callable[[Sender], int], rounds: int) -> Figure:
    """Time the work and the replay of what it has signed, in turns."""
    timed = [_one_round(bench, rate, work) for _ in range(rounds)]
    ours, anchor = (median(seconds) for seconds in zip(*timed, strict=True))
    return Figure(rate.name, rate.amount / ours, rate.amount / anchor, rate.unit, least=rate.least)


def _one_round(bench: _Bench, rate: _Rate, work: Callable[[Sender], int]) -> tuple[float, float]:
    identity = bench.rpc.identity()
    with TemporaryDirectory() as folder, bench.undone(), Journal(identity, "rates", Path(folder)) as journal:
        sender = Sender(bench.rpc, bench.keyring, journal=journal, in_flight=IN_FLIGHT)
        bench.await_block()
        began = time.perf_counter()
        done = work(sender)
        ours = time.perf_counter() - began
        signed = journal.signed
    if done != rate.amount:
        raise ChainError(f"{rate.name}: {done} of {rate.amount} were carried out")
    with bench.undone():
        bench.await_block()
        began = time.perf_counter()
        _replay(bench.rpc, signed)
        carried_out = time.perf_counter()
        bench.await_block()  # anvil shows new nonces a moment before their receipts
        receipts = bench.rpc.results(Request("eth_getTransactionReceipt", (each.hash,)) for each in signed)
    if any(receipt["status"] != "0x1" for receipt in receipts):
        raise ChainError(f"{rate.name}: the replay was not carried out")
    return ours, carried_out - began


def _replay(rpc: Rpc, signed: Sequence[Signed]) -> None:
    """Return when the chain shows that the node has carried signed transactions out, those of one account."""
    for start in range(0, len(signed), BATCH_SIZE):
        some = signed[start : start + BATCH_SIZE]
        rpc.results(Request("eth_sendRawTransaction", (each.raw,)) for each in some)
    last = signed[-1]
    while int(rpc.call("eth_getTransactionCount", last.account, "latest"), 16) <= last.nonce:
        time.sleep(POLL_SECONDS)


def _brownie_figure(compilation: Compilation, count: int, ceiling: float) -> Figure:
    """Measure the loop of contract calls, on a chain that mines each at once.

    Args:
        count: how many payments.
        ceiling: payments a second that the node can carry out.
    """
    project = load_project()
    with LocalChain.anvil(genesis_time=GENESIS_TIME) as chain:
        bench = _Bench.opened(chain, compilation, residents=0)
        payments = bench.signed_payments(count + 1)
        with connected(chain):
            import brownie

            token = project.MunicipalPoint.at(bench.token)
            shop = brownie.accounts.add(bench.keyring.key(bench.shop).key.hex())
            with contextlib.redirect_stdout(io.StringIO()):
                token.paySigned(shop, *payments[0], {"from": shop, "gas_price": 0})
                began = time.perf_counter()
                for payment in payments[1:]:
                    token.paySigned(shop, *payment, {"from": shop, "gas_price": 0})
                seconds = time.perf_counter() - began
            for thread in threading.enumerate():  # Brownie takes a snapshot after each call, behind its back
                if "_add_to_undo_buffer" in thread.name:
                    thread.join()
    return Figure("brownie_payments_rate", count / seconds, ceiling, PAYMENTS_A_SECOND)
