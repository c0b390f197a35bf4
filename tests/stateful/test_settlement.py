"""Random months of settlement: chain, model and replay of the events agree after every step (I1, I7, I10).

A machine of its own, small: a dozen shops that earn, sell, take back what they sold, are frozen and thawed;
batches of some of them go their ways, right and wrong, over the ends of fiscal years and of their books.

    JICHITAI_SEED=7 JICHITAI_SETTLEMENT_STEPS=5000 make test ARGS=tests/stateful/test_settlement.py
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass
from random import Random
from typing import Any

import pytest
from eth_account import Account
from eth_utils import keccak, to_checksum_address

from scripts.lib.calls import View
from scripts.lib.claim_word import CHUNK, ClaimPart, in_order, places_of
from scripts.lib.contract_abi import decode_revert, encode_call
from scripts.lib.deployment import MunicipalityPlan, PlatformPlan, SeriesPlan, deploy
from scripts.lib.expiry_rule import NEVER, ExpiryRule
from scripts.lib.japan_calendar import day_of, moment_from_text
from scripts.lib.keys.keyring import LocalKeyring
from scripts.lib.node.event_log import read_events
from scripts.lib.node.local_chain import LocalChain
from scripts.lib.node.rpc import Rpc
from scripts.lib.node.sender import Sender
from scripts.lib.payment.sale_number import day_of_sale, sale_number
from scripts.lib.payment.sale_terms import SaleTerms
from scripts.lib.payment.signing import MAX_VALID_UNTIL, Payment, SeriesDomain, sign, signed_payment
from scripts.lib.reference.settlement import Batch, BatchState, ReferenceSettlement
from scripts.lib.refusal import Refused
from scripts.lib.replays.series import SeriesReplay
from scripts.lib.replays.settlement import SettlementReplay
from scripts.lib.rpc_deployer import RpcDeployer

SEED = int(os.environ.get("JICHITAI_SEED", "1"))
STEPS = int(os.environ.get("JICHITAI_SETTLEMENT_STEPS", "900"))
CODE = 141305
GENESIS = moment_from_text("2026-02-10T00:00")
GAS = hex(16_700_000)
DAY = 24 * 60 * 60
SHOPS = [to_checksum_address(keccak(text=f"shop {number}")[-20:]) for number in range(12)]
CARD = Account.from_key(keccak(text="resident"))
RESIDENT = CARD.address
MINTER = to_checksum_address(keccak(text="minter")[-20:])
PLENTY = 500_000_000
LEAST_SUCCESSES = 5
REFUNDABLE_DAYS = SaleTerms().payable_days + SaleTerms().refund_days


@dataclass
class PaidSale:
    """A sale that the resident has paid at a till.

    Attributes:
        year: the fiscal year in which it was paid.
        left: points that were not refunded.
    """

    shop: str
    number: int
    points: int
    year: int
    left: int


class SettlementMachine:
    """Does the same on the chain and in the model, and compares what both say."""

    def __init__(self, chain: LocalChain, seed: int) -> None:
        self.random = Random(seed)
        self.rpc = Rpc(chain.url)
        keyring = LocalKeyring(chain, "settlement")
        sender = Sender(self.rpc, keyring, mine=lambda: self.rpc.call("evm_mine"))
        self.deployer = RpcDeployer(self.rpc, sender, pass_second=lambda: self.rpc.call("evm_mine"))
        council = keyring.account("council")
        town = MunicipalityPlan(
            CODE, "川崎市", keyring.account("admin"), [], [SeriesPlan("s", "川崎", "KWS", ExpiryRule.NEVER)]
        )
        deployed = deploy(self.deployer, PlatformPlan(council, council, [town], ["MerchantSettlement"]))
        self.token = deployed.series["s"]
        self.service = deployed.services["MerchantSettlement"]
        self.officers = deployed.officers
        self.rpc.call("anvil_autoImpersonateAccount", True)
        self.now = chain.now()
        self.model = ReferenceSettlement(self.now)
        self.papers = 0
        self.sales: list[PaidSale] = []
        self.serials: Counter[int] = Counter()
        self.domain = SeriesDomain(keyring.chain_id, self.token)
        self.succeeded: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self._prepare()

    def _prepare(self) -> None:
        self._call("Officers", self.officers, "acceptService", CODE, self.service)
        self._call("MunicipalPoint", self.token, "setSettlement", self.service)
        self._call("MunicipalPoint", self.token, "increaseMinterAllowance", MINTER, PLENTY)
        self._call("MunicipalPoint", self.token, "mintUntil", RESIDENT, PLENTY, NEVER, sender=MINTER)
        for shop in SHOPS:
            self._call("MunicipalPoint", self.token, "approveMerchant", shop, 1, "店", "区")

    def _call(
        self, contract: str, address: str, function: str, *arguments: Any, sender: str = ""
    ) -> tuple[str, ...]:
        """Mine a block with one call; return the name of its error, or nothing."""
        self.now += 1
        self.model.now = self.now
        data = "0x" + encode_call(contract, function, arguments).hex()
        transaction = {
            "from": sender or self.officers,
            "to": address,
            "data": data,
            "gas": GAS,
            "gasPrice": "0x0",
        }
        self.rpc.call("eth_sendTransaction", transaction)
        (block,) = self.rpc.call("evm_mine_detailed", {"timestamp": self.now, "blocks": 1})
        (mined,) = block["transactions"]
        (receipt,) = self.rpc.call("eth_getBlockReceipts", block["number"])
        if receipt["status"] == "0x1":
            return ()
        revert = decode_revert(bytes.fromhex((mined.get("output") or "0x")[2:]))
        return (revert.name,)

    # ------------------------------------------------------------------- steps

    def step(self) -> None:
        """Do one thing at random."""
        verbs = {
            self.earn: 20,
            self.sell: 12,
            self.refund: 12,
            self.approve: 14,
            self.send: 14,
            self.settle: 16,
            self.bounce: 14,
            self.reopen: 8,
            self.cancel: 8,
            self.freeze: 4,
            self.pause: 2,
            self.wait: 8,
        }
        (verb,) = self.random.choices(list(verbs), weights=list(verbs.values()))
        verb()

    def wait(self) -> None:
        """Let up to six weeks pass."""
        self.now += self.random.randrange(45 * DAY)
        self.rpc.call("evm_mine_detailed", {"timestamp": self.now, "blocks": 1})
        self.model.now = self.now

    def earn(self) -> None:
        """Pay a shop, unless it is frozen or all stands still."""
        shop, points = self.random.choice(SHOPS), self.random.randrange(1, 2_000)
        answer = self._call("MunicipalPoint", self.token, "transfer", shop, points, sender=RESIDENT)
        if not answer:
            self.model.earn(shop, points)
        assert bool(answer) == (shop in self.model.frozen or self.now < self.model.paused_until)

    def sell(self) -> None:
        """Take a payment at a shop's till, which can be refunded later."""
        shop, points = self.random.choice(SHOPS), self.random.randrange(1, 6_000)
        day = day_of(self.now + 1)
        self.serials[day] += 1
        number = sale_number(day, self.serials[day])
        payment = Payment(RESIDENT, shop, number, points, MAX_VALID_UNTIL)
        signed = signed_payment(payment, sign(self.domain, payment, CARD))
        answer = self._call("MunicipalPoint", self.token, "paySigned", shop, *signed, sender=shop)
        if not answer:
            self.model.earn(shop, points)
            self.sales.append(PaidSale(shop, number, points, self.model.fiscal_year, points))
        assert bool(answer) == (shop in self.model.frozen or self.now < self.model.paused_until)

    def refund(self) -> None:
        """Take a sale back, in part or whole or beyond, whether its claim is locked or not."""
        last = day_of(self.now + 1) - REFUNDABLE_DAYS
        recent = [sale for sale in self.sales if day_of_sale(sale.number) >= last]
        if not recent:
            return
        # A shop that has most of its claim locked cannot give back.
        short = [sale for sale in recent if sale.left > self.model.free[sale.shop].total()]
        sale = self.random.choice(short if short and self.random.random() < 0.5 else recent)
        points = self.random.choice((sale.left, sale.left, self.random.randrange(1, sale.points + 2)))
        lot = NEVER << 29 | sale.points
        call = ("refund", sale.shop, sale.number, RESIDENT, [lot], points)
        answer = self._call("MunicipalPoint", self.token, *call, sender=sale.shop)
        try:
            if not 0 < points <= sale.left:
                raise Refused("PointRefundTooLarge")
            self.model.refund(sale.shop, sale.year, points)
            expected: tuple[str, ...] = ()
            sale.left -= points
        except Refused as refusal:
            expected = (refusal.name,)
        assert answer == expected, (
            f"refund of {points} of {sale}: the chain says {answer}, expected {expected}"
        )
        self._count("refund", answer)

    def freeze(self) -> None:
        """Freeze a shop, or thaw it."""
        shop = self.random.choice(SHOPS)
        thaw = shop in self.model.frozen
        assert not self._call("MunicipalPoint", self.token, "unfreeze" if thaw else "freeze", shop)
        self.model.frozen ^= {shop}

    def pause(self) -> None:
        """Pause the series for a day, if it can be."""
        if not self._call("MunicipalPoint", self.token, "pause", DAY):
            self.model.paused_until = self.now + DAY

    def approve(self) -> None:
        """Approve a list that is right, too large, of the wrong year, out of order, or cut off last year."""
        chosen = self.random.sample(SHOPS, self.random.randrange(1, 7))
        claims = []
        for shop in chosen:
            this_year, earlier_years, _ = self.model.claim_of(shop)
            more = self.random.choice((0, 0, 0, 1, 500))
            part = self.random.choice((0, 1, 2, 2)) / 2
            claims.append(ClaimPart(shop, int(this_year * part) + more, int(earlier_years * part)))
        if self.random.random() < 0.9:
            claims = in_order(claims)
        year = self.model.fiscal_year - 12 * (self.random.random() < 0.1)
        cut_off = self.now - self.random.choice((0, 0, 0, 1, 200 * DAY))
        words = [claim.word for claim in claims]
        self._both(
            "approve",
            ("approveClaims", self.token, year, cut_off, words),
            lambda: self.model.approve(year, cut_off, claims),
        )

    def send(self) -> None:
        """Send a batch, with a paper that may have been used."""
        batch, paper = self._some_batch(BatchState.APPROVED), self._paper()
        self._both("send", ("markSent", batch, paper), lambda: self.model.send(batch, paper))

    def settle(self) -> None:
        """Settle a batch, of whose claims one may be another."""
        batch, paper, claims = self._some_batch(BatchState.SENT), self._paper(), self._brought()
        late = self.random.random() < 0.5
        claims = claims(batch)
        words = [claim.word for claim in claims]
        self._both(
            "settle",
            ("settle", batch, words, paper, late),
            lambda: self.model.settle(batch, claims, paper, late),
        )

    def cancel(self) -> None:
        """Cancel a batch."""
        batch = self._some_batch(BatchState.APPROVED)
        claims = self._brought()(batch)
        words = [claim.word for claim in claims]
        self._both("cancel", ("cancelBatch", batch, words), lambda: self.model.cancel(batch, claims))

    def bounce(self) -> None:
        """Let some claims bounce."""
        self._come_back("bounce", BatchState.SENT, self.model.bounce)

    def reopen(self) -> None:
        """Let some yen come back."""
        self._come_back("reopen", BatchState.SETTLED, self.model.reopen)

    def _come_back(self, function: str, state: BatchState, in_model: Any) -> None:
        batch, paper = self._some_batch(state), self._paper()
        known = self.model.batches.get(batch)
        claims = known.claims if known else [ClaimPart(SHOPS[0], 1)]
        numbers = self._numbers(known, len(claims))
        places = list(places_of(numbers).values())
        words = [claim.word for claim in claims[:CHUNK]]
        self._both(
            function,
            (function, batch, 0, places, words, paper),
            lambda: in_model(batch, numbers, paper),
        )

    def _numbers(self, batch: Batch | None, claims: int) -> list[int]:
        """Return one or two claims that can come back, or now and then any, or one too many."""
        there = range(claims + 1)
        if batch is not None and self.random.random() < 0.8:
            left = [place for place in range(claims) if batch.claims[place] in batch.left]
            there = left or there
        return self.random.sample(there, min(self.random.choice((1, 1, 2)), len(there)))

    def _some_batch(self, state: BatchState) -> int:
        """Return a batch of a state, or now and then any number."""
        fitting = [number for number, batch in self.model.batches.items() if batch.state == state]
        if fitting and self.random.random() < 0.9:
            return self.random.choice(fitting)
        return self.random.randrange(len(self.model.batches) + 2)

    def _brought(self) -> Any:
        """Return what brings the claims of a batch along: the right ones, or now and then others."""
        wrong = self.random.random() < 0.1

        def brought(batch: int) -> list[ClaimPart]:
            known = self.model.batches.get(batch)
            claims = list(known.claims) if known else []
            if wrong and claims:
                claims[0] = claims[0]._replace(this_year=claims[0].this_year + 1)
            return claims

        return brought

    def _paper(self) -> bytes:
        """Return a new paper, or one that was there before."""
        if self.papers == 0 or self.random.random() < 0.9:
            self.papers += 1
            return keccak(text=f"paper {self.papers}")
        return keccak(text=f"paper {self.random.randrange(1, self.papers + 1)}")

    def _both(self, verb: str, call: tuple[Any, ...], in_model: Any) -> None:
        function, *arguments = call
        answer = self._call("MerchantSettlement", self.service, function, CODE, *arguments)
        try:
            in_model()
            expected: tuple[str, ...] = ()
        except Refused as refusal:
            expected = (refusal.name,)
        assert answer == expected, f"{verb} {arguments}: the chain says {answer}, the model {expected}"
        self._count(verb, answer)

    def _count(self, verb: str, answer: tuple[str, ...]) -> None:
        if answer:
            self.refused[answer[0]] += 1
        else:
            self.succeeded[verb] += 1

    # -------------------------------------------------------------- comparison

    def compare(self) -> None:
        """Ask the chain about every claim, batch and book."""
        claims = self._ask("MunicipalPoint", self.token, "claimOf", [(shop,) for shop in SHOPS])
        assert [tuple(claim) for claim in claims] == [self.model.claim_of(shop) for shop in SHOPS]
        [supply, totals] = self.deployer.read(
            [
                View("MunicipalPoint", self.token, "totalSupply"),
                View("MunicipalPoint", self.token, "settlementTotals"),
            ]
        )
        locked, settled = self.model.locked.total(), self.model.settled.total()
        assert (tuple(totals), supply) == ((locked, settled), PLENTY - settled)
        states = self._ask(
            "MerchantSettlement", self.service, "batchOf", [(number,) for number in self.model.batches]
        )
        for number, state in zip(self.model.batches, states, strict=True):
            batch = self.model.batches[number]
            left = batch.left if batch.state != BatchState.CANCELLED else []
            found = (state[2], state[3], state[4], state[6], state[7])
            sums = (sum(part.this_year for part in left), sum(part.earlier_years for part in left))
            assert found == (batch.state, batch.fiscal_year, len(batch.claims), *sums), f"batch {number}"

    def compare_replay(self) -> None:
        """Rebuild everything from the events and compare it with chain and model."""
        series, service = SeriesReplay(), SettlementReplay(self.service)
        for event in read_events(self.rpc, [self.token, self.service]):
            service.apply(event)
            if event.address == self.token:
                series.apply(event)
        service.finish()
        state = series.state_at(self.now)
        for shop in SHOPS:
            assert tuple(state.claims[shop]) == self.model.claim_of(shop)
        for number, batch in self.model.batches.items():
            replayed = service.batches[number]
            assert replayed.claims == batch.claims
            assert replayed.state == batch.state.name.lower()
            assert (replayed.bounced, replayed.reopened) == (batch.bounced, batch.reopened)
        years = sorted(self.model.books)
        books = self._ask(
            "MerchantSettlement", self.service, "booksOf", [(self.token, year) for year in years]
        )
        for year, answer in zip(years, books, strict=True):
            expected = self.model.books[year]
            key = (self.token, year)
            replayed_books = (service.settled[key], service.past_years[key], service.reopened[key])
            assert (
                tuple(answer) == replayed_books == (expected.settled, expected.past_years, expected.reopened)
            )

    def _ask(self, contract: str, address: str, function: str, questions: list[tuple[Any, ...]]) -> list[Any]:
        return self.deployer.read([View(contract, address, function, arguments) for arguments in questions])


def test_settlement_agrees_with_model_and_replay_after_every_step(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with LocalChain.anvil(genesis_time=GENESIS, on_demand=True, kept_states=2) as chain:
        machine = SettlementMachine(chain, SEED)
        for number in range(STEPS):
            machine.step()
            machine.compare()
            if number % 100 == 99:
                machine.compare_replay()
        machine.compare_replay()
        with capsys.disabled():
            print(f"\nsettlement: seed {SEED} (JICHITAI_SEED), {STEPS} steps (JICHITAI_SETTLEMENT_STEPS)")
            print(f"succeeded {dict(machine.succeeded)}\nrefused alike {dict(machine.refused)}")
        verbs = ("approve", "send", "settle", "bounce", "reopen", "cancel", "refund")
        rare = {verb: machine.succeeded[verb] for verb in verbs if machine.succeeded[verb] < LEAST_SUCCESSES}
        assert not rare, f"succeeded less than {LEAST_SUCCESSES} times: {rare}"
        assert machine.refused["PointClaimTooSmall"], "no refund met a locked claim"
