"""Random years of programmes: chain, model and replay of the events agree after every step (I6, I7, I10).

A machine of its own, like that of settlement: forty residents, lists right and wrong, run in chunks and
claimed row by row over the ends of fiscal years, while people pay, are frozen, leave and come back.

    JICHITAI_SEED=7 JICHITAI_PROGRAMME_STEPS=20000 make test ARGS=tests/stateful/test_programmes.py
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Any, NamedTuple

import pytest
from eth_utils import to_checksum_address

from scripts.lib.calls import View
from scripts.lib.contract_abi import decode_revert, encode_call
from scripts.lib.deployment import MunicipalityPlan, PlatformPlan, SeriesPlan, deploy
from scripts.lib.expiry_rule import NEVER, ExpiryRule
from scripts.lib.grant_issue import GrantIssue
from scripts.lib.grant_list import Branch, GrantList, Row
from scripts.lib.japan_calendar import fiscal_year_end, last_second, moment_from_text, month_of, start_of
from scripts.lib.keys.keyring import LocalKeyring
from scripts.lib.node.event_log import Event, read_events
from scripts.lib.node.local_chain import LocalChain
from scripts.lib.node.rpc import Rpc
from scripts.lib.node.sender import Sender
from scripts.lib.reference.ledger import ReferenceLedger
from scripts.lib.reference.programmes import ReferenceProgrammes, Run, Terms
from scripts.lib.reference.registry import ReferenceRegistry
from scripts.lib.refusal import ZERO_ADDRESS, Refused
from scripts.lib.registration import RegistrationDomain, sign
from scripts.lib.replays.attribution import Attribution, GrantSource
from scripts.lib.replays.programmes import ProgrammesReplay
from scripts.lib.replays.series import SeriesReplay
from scripts.lib.rpc_deployer import RpcDeployer
from tests.stateful.cards import commitment_of, key_of, new_cards

SEED = int(os.environ.get("JICHITAI_SEED", "1"))
STEPS = int(os.environ.get("JICHITAI_PROGRAMME_STEPS", "900"))
LEAST_SUCCESSES = int(os.environ.get("JICHITAI_LEAST_SUCCESSES", "4"))
CODE = 141305
GENESIS = moment_from_text("2027-01-20T00:00")
GAS = hex(16_700_000)
DAY = 24 * 60 * 60
PEOPLE = 40
STRANGER = to_checksum_address(f"0x{0xE0001:040x}")
SHOP = to_checksum_address(f"0x{0xB0001:040x}")
FILE_HASH = bytes(32)
STEPS_BETWEEN_REPLAYS = 100

POINT, REGISTRY, SERVICE = "MunicipalPoint", "ResidentRegistry", "GrantProgrammes"


class Answer(NamedTuple):
    """What the chain says of a call: its error and the arguments, or nothing; and the events."""

    refusal: tuple[Any, ...]
    events: list[Event]


class ProgrammeMachine:
    """Does the same on the chain and in the model, and compares what both say."""

    def __init__(self, chain: LocalChain, seed: int) -> None:
        self.random = Random(seed)
        self.rpc = Rpc(chain.url)
        keyring = LocalKeyring(chain, "programmes")
        sender = Sender(self.rpc, keyring, mine=lambda: self.rpc.call("evm_mine"))
        self.deployer = RpcDeployer(self.rpc, sender, pass_second=lambda: self.rpc.call("evm_mine"))
        council, rule = keyring.account("council"), ExpiryRule.THIS_FISCAL_YEAR
        town = MunicipalityPlan(
            CODE, "川崎市", keyring.account("admin"), [], [SeriesPlan("s", "川崎", "KWS", rule)]
        )
        deployed = deploy(self.deployer, PlatformPlan(council, council, [town], [SERVICE]))
        self.officers = deployed.officers
        self.addresses = {
            POINT: deployed.series["s"],
            REGISTRY: deployed.residents,
            SERVICE: deployed.services[SERVICE],
        }
        self.rpc.call("anvil_autoImpersonateAccount", True)
        self.now = chain.now() + 1
        self.registry = ReferenceRegistry(CODE)
        self.ledger = ReferenceLedger(self.now, rule, series=self.addresses[POINT], residents=self.registry)
        self.model = ReferenceProgrammes(self.addresses[SERVICE], CODE, {self.addresses[POINT]: self.ledger})
        self.lists: dict[int, GrantList] = {}
        """By batch."""
        self.succeeded: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.skipped: Counter[str] = Counter()
        self.revoked_later = 0
        """How often a grant was taken out of a lot that had been extended."""
        self.replay = ProgrammesReplay(self.addresses[SERVICE])
        self.attribution = Attribution(self.addresses[SERVICE])
        self._next_block = 0
        self._prepare(chain)
        self._read_events()

    def _prepare(self, chain: LocalChain) -> None:
        domain = RegistrationDomain(int(self.rpc.call("eth_chainId"), 16), self.addresses[REGISTRY])
        accounts = list(new_cards("programme resident", PEOPLE))
        joining = [sign(domain, CODE, key_of(account), commitment_of(account)) for account in accounts]
        self._act(REGISTRY, "register", CODE, 1, joining)
        self.registry.register(accounts)
        self._act(POINT, "approveMerchant", SHOP, 1, "店", "区")
        self.ledger.approve_merchant(SHOP, 1)
        self._act(POINT, "increaseMinterAllowance", self.addresses[SERVICE], 10**7)
        self.ledger.increase_minter_allowance(self.addresses[SERVICE], 10**7)

    def _act(self, contract: str, function: str, *arguments: Any) -> Answer:
        return self._call(contract, function, *arguments, sender=self.officers)

    def _call(self, contract: str, function: str, *arguments: Any, sender: str = STRANGER) -> Answer:
        """Mine a block with one call, a second after the one before."""
        self.now += 1
        self.ledger.advance_to(self.now)
        transaction = {
            "from": sender,
            "to": self.addresses[contract],
            "data": "0x" + encode_call(contract, function, arguments).hex(),
            "gas": GAS,
            "gasPrice": "0x0",
        }
        self.rpc.call("eth_sendTransaction", transaction)
        (block,) = self.rpc.call("evm_mine_detailed", {"timestamp": self.now, "blocks": 1})
        (mined,) = block["transactions"]
        (receipt,) = self.rpc.call("eth_getBlockReceipts", block["number"])
        if receipt["status"] != "0x1":
            revert = decode_revert(bytes.fromhex((mined.get("output") or "0x")[2:]))
            return Answer((revert.name, *map(_plain, revert.arguments.values())), [])
        return Answer((), self._read_events() if self._next_block else [])

    def _read_events(self) -> list[Event]:
        """Take in the events since the last time (I7: the replay refuses a second grant)."""
        last = int(self.rpc.call("eth_blockNumber"), 16)
        events = list(read_events(self.rpc, self.addresses.values(), self._next_block, last))
        for event in events:
            self.replay.apply(event)
            self.attribution.apply(event)
        self._next_block = last + 1
        return events

    # ------------------------------------------------------------------- steps

    def step(self) -> None:
        """Do one thing at random."""
        verbs: dict[Callable[[], None], int] = {
            self.open_programme: 5,
            self.set_budget: 8,
            self.open_occurrence: 9,
            self.approve: 22,
            self.stop: 5,
            self.run: 22,
            self.claim: 30,
            self.revoke: 16,
            self.extend: 8,
            self.pay: 14,
            self.freeze: 6,
            self.membership: 6,
            self.allowance: 4,
            self.pause: 4,
            self.wait: 9,
        }
        (verb,) = self.random.choices(list(verbs), weights=list(verbs.values()))
        verb()

    def wait(self) -> None:
        """Let time pass: days, or to the first or last second of a month, or of the fiscal year."""
        month = month_of(self.now)
        year = fiscal_year_end(month)
        moments = [
            self.now + self.random.randrange(9 * DAY),
            last_second(month) - 2,
            start_of(month + 1) - 1,
        ][: self.random.choice([1, 1, 3])]
        if self.random.random() < 0.1:
            moments = [last_second(year) - 3, start_of(year + 1) - 1, last_second(1 + month // 12 * 12) - 1]
        later = [moment for moment in moments if moment > self.now]
        if later:
            self.now = self.random.choice(later)
            self.rpc.call("evm_mine_detailed", {"timestamp": self.now, "blocks": 1})
            self.ledger.advance_to(self.now)

    def open_programme(self) -> None:
        """Open a programme with some of everything, rarely an impossible one."""
        choose = self.random.choice
        months = {ExpiryRule.MONTHS_AFTER: choose([0, 1, 12, 60, 61])}
        rule = choose(
            [
                ExpiryRule.THIS_FISCAL_YEAR,
                ExpiryRule.NEXT_FISCAL_YEAR,
                ExpiryRule.MONTHS_AFTER,
                ExpiryRule.NEVER,
            ]
        )
        first = self.now + choose([0, 0, 0, 2])
        terms = Terms(
            choose([self.addresses[POINT]] * 12 + [STRANGER]),
            first,
            first + choose([0, 40 * DAY, 800 * DAY, 800 * DAY, 800 * DAY]) - choose([0] * 9 + [5]),
            choose([0, 0, 50]),
            choose([0, 120, 150]),
            rule,
            months.get(rule, 0),
        )
        series, *rest = terms
        packed = (series, "事業", "区", *rest, FILE_HASH)
        self._both(
            "open programme", ("openProgramme", CODE, packed), lambda: self.model.open_programme(terms)
        )

    def set_budget(self) -> None:
        """Set the budget of this year or the next, rarely of no year."""
        programme = self._number(self.model.programmes, fits=self._is_open)
        year = fiscal_year_end(month_of(self.now)) + self.random.choice([0, 0, 0, 12, 12, -12, 1])
        points = self.random.choice([0, 5_000, 20_000, 40_000, 40_000])
        self._both(
            "set budget",
            ("setBudget", CODE, programme, year, points),
            lambda: self.model.set_budget(programme, year, points),
        )

    def open_occurrence(self) -> None:
        """Open one occurrence or three, rarely one that is open."""
        programme = self._number(self.model.programmes, fits=self._is_open)
        label = f"第{self.random.randrange(1, 400)}回"
        if self.model.occurrences and self.random.random() < 0.1:
            programme, label = self.random.choice(list(self.model.occurrences.values()))
        labels = [
            label,
            *(f"第{self.random.randrange(1, 400)}回" for _ in range(self.random.choice([0, 0, 2]))),
        ]
        self._both(
            "open occurrence",
            ("openOccurrences", CODE, programme, labels),
            lambda: self.model.open_occurrences(programme, labels),
        )

    def approve(self) -> None:
        """Approve a list: of many or few, mostly sorted and true."""
        occurrence = self._number(self.model.occurrences, fits=self._has_money)
        grants = self._some_list(occurrence)
        if self.lists and self.random.random() < 0.08:
            batch = self.random.choice(list(self.lists))
            grants, occurrence = self.lists[batch], self.model.batches[batch].occurrence
        total = grants.total_points
        if self.random.random() < 0.08:
            total = max(1, total - self.random.randrange(200))

        def in_model() -> None:
            self.lists[self.model.approve_batch(occurrence, grants, total)] = grants

        terms = (grants.root, len(grants.rows), total, FILE_HASH)
        self._both("approve", ("approveBatch", CODE, occurrence, terms), in_model)

    def _some_list(self, occurrence: int) -> GrantList:
        size = self.random.choice([1, 3, 16, 17, 30, 40])
        numbers = sorted(self.random.sample(range(1, PEOPLE + 3), min(size, PEOPLE)))
        if self.random.random() < 0.1:
            numbers = [*numbers, self.random.choice(numbers)]
            self.random.shuffle(numbers)
        programme, _ = self.model.occurrences.get(occurrence, (0, ""))
        terms = self.model.programmes.get(programme)
        fixed = terms.points if terms else 0
        odd = [1, 50, 120, 121]
        return GrantList(
            [
                Row(
                    number,
                    fixed if fixed and self.random.random() < 0.95 else self.random.choice(odd),
                )
                for number in numbers
            ]
        )

    def stop(self) -> None:
        """Stop a batch."""
        batch = self._number(self.model.batches, fits=self._is_alive)
        self._both("stop", ("stopBatch", CODE, batch), lambda: self.model.stop_batch(batch))

    def run(self) -> None:
        """Run a branch of a list, often all of it, rarely an altered one or none at all."""
        batch = self._number(self.model.batches, fits=self._has_rest)
        grants = self.lists.get(batch) or GrantList([Row(1, 1)])
        width = 1 << self.random.randint(0, grants.depth)
        first = self.random.randrange(0, grants.leaf_count, width)
        branch = self._spoilt(grants.branch(first, width))
        self._run("run", batch, ("run", batch, *branch), lambda: self.model.run(batch, branch))

    def claim(self) -> None:
        """Claim a row, rarely one beyond the list, or by an altered leaf."""
        batch = self._number(self.model.batches, fits=self._has_rest)
        grants = self.lists.get(batch) or GrantList([Row(1, 1)])
        row = self.random.randrange(len(grants.rows))
        branch = self._spoilt(grants.branch_of_row(row))
        if self.random.random() < 0.05:
            row = len(grants.rows) + self.random.randrange(20)
        self._run(
            "claim",
            batch,
            ("claim", batch, row, branch.words, branch.siblings),
            lambda: self.model.claim(batch, row, branch),
        )

    def _spoilt(self, branch: Branch) -> Branch:
        """Return a branch, rarely with other points, a word too few, or another place."""
        chance = self.random.random()
        if chance < 0.03:
            return branch._replace(words=[branch.words[0] ^ (1 << 224), *branch.words[1:]])
        if chance < 0.05:
            return branch._replace(words=branch.words[:-1])
        if chance < 0.07:
            return branch._replace(first_leaf=branch.first_leaf + 1)
        return branch

    def revoke(self) -> None:
        """Revoke some or all of a grant, out of the resident's account or somebody else's."""
        granted = self._granted()
        if granted and self.random.random() < 0.93:
            extended = [place for place in granted if self._is_extended(*place)]
            batch, row = self.random.choice(extended if extended and self.random.random() < 0.5 else granted)
            listed = self.model.batches[batch].granted_rows[row]
        else:
            batch, row, listed = self._number(self.model.batches), 0, Row(1, 1)
        grants = self.lists.get(batch) or GrantList([Row(1, 1)])
        branch = grants.branch_of_row(row)
        account = self.ledger.residents.account_of(listed.number)
        if account == ZERO_ADDRESS or self.random.random() < 0.04:
            account = self.ledger.residents.account_of(self.random.randrange(1, PEOPLE + 1))
        left = max(0, listed.points - sum(self.model.revocation_of(batch, row)))
        points = self.random.choice([left, left, max(0, left // 2), left + 1])
        month, its = self.random.choice(list(self._left(batch, row, account).items()) or [(0, 0)])
        record = self.model.batches.get(batch)
        later = month if record is not None and month > record.expiry_month else 0
        take = min(its, points)
        terms = (batch, row, account, points, take, later)
        self._both(
            "revoke",
            ("revokeGrant", CODE, terms, branch.words, branch.siblings),
            lambda: self.model.revoke_grant(batch, row, account, points, take, branch, later),
        )
        self.revoked_later += bool(take and later)

    def _granted(self) -> list[tuple[int, int]]:
        """Return batch and row of the latest grants."""
        rows = [(number, row) for number, batch in self.model.batches.items() for row in batch.granted_rows]
        return rows[-60:]

    def _left(self, batch: int, row: int, account: str) -> dict[int, int]:
        return self.attribution.left_by_month(GrantSource(batch, row), self.addresses[POINT], account)

    def _is_extended(self, batch: int, row: int) -> bool:
        record = self.model.batches[batch]
        account = self.registry.account_of(record.granted_rows[row].number)
        return any(month > record.expiry_month for month in self._left(batch, row, account))

    def extend(self) -> None:
        """Let the lots of everybody that end with a recent list's month end later."""
        recent = [self.model.batches[batch].expiry_month for batch, _ in self._granted()]
        recent = [month for month in recent if month_of(self.now) <= month < NEVER] or recent
        accounts = [self.registry.account_of(number) for number in self.registry.numbers()]
        accounts = [account for account in accounts if account != ZERO_ADDRESS]
        if not recent:
            return
        month = self.random.choice(recent)
        later = month + self.random.choice([1, 5, 12])
        self._anybody(
            "extend",
            self.officers,
            "extendLots",
            (month, later, accounts),
            lambda: self.ledger.extend_lots(month, later, accounts),
        )

    def pay(self) -> None:
        """Let somebody pay the shop."""
        payer = self.registry.account_of(self.random.randrange(1, PEOPLE + 1))
        points = self.random.randrange(0, max(1, self.ledger.balance_of(payer)) + 1)
        self._anybody(
            "pay", payer, "transfer", (SHOP, points), lambda: self.ledger.transfer(payer, SHOP, points)
        )

    def freeze(self) -> None:
        """Freeze somebody, or thaw them."""
        stopped = self.ledger.stopped()
        account = self.registry.account_of(self.random.randrange(1, PEOPLE + 1))
        thaw = bool(stopped) and self.random.random() < 0.6
        if thaw:
            account = self.random.choice(stopped)
        in_model = self.ledger.unfreeze if thaw else self.ledger.freeze
        self._anybody(
            "freeze", self.officers, "unfreeze" if thaw else "freeze", (account,), lambda: in_model(account)
        )

    def membership(self) -> None:
        """End a membership, or take that back."""
        number = self.random.randrange(1, PEOPLE + 1)
        closed = [n for n in self.registry.numbers() if self.registry.account_of(n) == ZERO_ADDRESS]
        reopen = bool(closed) and self.random.random() < 0.7
        if reopen:
            number = self.random.choice(closed)
        function = "reopenMembership" if reopen else "closeMembership"
        in_model = self.registry.reopen_membership if reopen else self.registry.close_membership
        answer = self._act(REGISTRY, function, CODE, number)
        self._compare_outcome("membership", answer, lambda: in_model(number))

    def allowance(self) -> None:
        """Take the service's allowance away, or give it more."""
        service = self.addresses[SERVICE]
        allowed, _ = self.ledger.minter_of(service)
        if allowed > 10_000:
            by = allowed - self.random.choice([0, 700])
            self._anybody(
                "allowance",
                self.officers,
                "decreaseMinterAllowance",
                (service, by),
                lambda: self.ledger.decrease_minter_allowance(service, by),
            )
        else:
            self._anybody(
                "allowance",
                self.officers,
                "increaseMinterAllowance",
                (service, 10**7),
                lambda: self.ledger.increase_minter_allowance(service, 10**7),
            )

    def pause(self) -> None:
        """Pause the series for a while, if it can be."""
        self._anybody("pause", self.officers, "pause", (3,), lambda: self.ledger.pause(3))

    # ------------------------------------------------------------------ in both

    def _number(self, known: dict[int, Any], latest: int = 8, fits: Callable[[int], bool] = bool) -> int:
        """Return one of the latest numbers that fit, rarely any, or one that there is not."""
        if not known or self.random.random() < 0.03:
            return len(known) + 1
        fitting = [number for number in known if fits(number)]
        return self.random.choice((fitting if self.random.random() < 0.95 else [])[-latest:] or list(known))

    def _is_open(self, programme: int) -> bool:
        terms = self.model.programmes[programme]
        return terms.first <= self.now < terms.last

    def _has_money(self, occurrence: int) -> bool:
        programme, _ = self.model.occurrences[occurrence]
        budget = self.model.budget_of(programme, fiscal_year_end(month_of(self.now)))
        return self._is_open(programme) and budget.points - budget.reserved > 50

    def _is_alive(self, batch: int) -> bool:
        record = self.model.batches[batch]
        return not record.stopped and record.fiscal_year == fiscal_year_end(month_of(self.now))

    def _has_rest(self, batch: int) -> bool:
        record = self.model.batches[batch]
        return self._is_alive(batch) and len(record.granted_rows) < record.rows

    def _anybody(
        self, verb: str, sender: str, function: str, arguments: tuple[Any, ...], in_model: Callable[[], Any]
    ) -> None:
        answer = self._call(POINT, function, *arguments, sender=sender)
        self._compare_outcome(verb, answer, in_model)

    def _both(self, verb: str, call: tuple[Any, ...], in_model: Callable[[], Any]) -> None:
        function, *arguments = call
        answer = self._act(SERVICE, function, *arguments)
        self._compare_outcome(verb, answer, in_model)

    def _run(self, verb: str, batch: int, call: tuple[Any, ...], in_model: Callable[[], Run]) -> None:
        function, *arguments = call
        answer = self._call(SERVICE, function, *arguments)
        outcome = self._compare_outcome(verb, answer, in_model)
        if outcome is None:
            return
        told = [event for event in answer.events if event.address == self.addresses[SERVICE]]
        skipped = [
            (event.arguments["row"], GrantIssue(event.arguments["issue"]))
            for event in told
            if event.name == "RowSkipped"
        ]
        assert skipped == [*outcome.early, *outcome.late], f"{verb}: {skipped} instead of {outcome}"
        points = sum(row.points for row in outcome.granted)
        expected = (batch, outcome.first_row, outcome.rows, len(outcome.granted), points)
        assert told[-1].name == "RowsRun" and tuple(told[-1].arguments.values()) == expected, told[-1]
        self.skipped.update(issue.name for _, issue in skipped)

    def _compare_outcome(self, verb: str, answer: Answer, in_model: Callable[[], Any]) -> Any:
        outcome, expected = None, ()
        try:
            outcome = in_model()
        except Refused as refusal:
            expected = (refusal.name, *refusal.arguments)
        assert answer.refusal == expected, f"{verb}: the chain says {answer.refusal}, the model {expected}"
        if expected:
            self.refused[str(expected[0])] += 1
        else:
            self.succeeded[verb] += 1
        return outcome

    # -------------------------------------------------------------- comparison

    def compare(self) -> None:
        """Ask the chain about every budget, the latest batches and everybody's points (I6)."""
        model, year = self.model, fiscal_year_end(month_of(self.now))
        batches = list(model.batches)[-8:]
        people = [self.registry.account_of(number) for number in self.registry.numbers()]
        people = [account for account in people if account != ZERO_ADDRESS]
        budgets = list(model.budgets())
        capped = [number for number, terms in model.programmes.items() if terms.cap][-4:]
        counters = [(programme, year, number) for programme in capped for number in range(1, PEOPLE + 3)]
        occurrences = list(model.occurrences)[-3:]
        marks = [(occurrence, number) for occurrence in occurrences for number in range(PEOPLE + 3)]
        answers = self.deployer.read(
            [
                *self._views(SERVICE, "budgetOf", budgets),
                *self._views(SERVICE, "batchOf", [(batch,) for batch in batches]),
                *self._views(SERVICE, "grantedInYear", counters),
                *self._views(SERVICE, "isGranted", marks),
                *self._views(POINT, "balanceOf", [(account,) for account in people]),
                *self._views(POINT, "minterOf", [(self.addresses[SERVICE],)]),
                *self._views(POINT, "totalSupply", [()]),
            ]
        )
        expected: list[Any] = [
            *(tuple(model.budget_of(*key)) for key in budgets),
            *(self._batch(batch) for batch in batches),
            *(model.granted_in_year(*key) for key in counters),
            *(model.is_granted(*key) for key in marks),
            *(self.ledger.balance_of(account) for account in people),
            self.ledger.minter_of(self.addresses[SERVICE]),
            self.ledger.total_supply(),
        ]
        for found, wanted in zip(answers, expected, strict=True):
            assert found == wanted or tuple(found) == wanted, f"chain {found}, model {wanted}"
        self._check_limits()

    def _batch(self, number: int) -> tuple[Any, ...]:
        batch = self.model.batches[number]
        return (
            batch.root,
            batch.programme,
            batch.occurrence,
            batch.rows,
            batch.expiry_month,
            batch.fiscal_year,
            batch.total,
            batch.granted,
            batch.stopped,
            FILE_HASH,
        )

    def _views(self, contract: str, function: str, questions: list[tuple[Any, ...]]) -> list[View]:
        return [View(contract, self.addresses[contract], function, arguments) for arguments in questions]

    def _check_limits(self) -> None:
        """Check I6 and I7 on what the events tell, not on what the model believes."""
        spent: Counter[tuple[int, int]] = Counter()
        for batch in self.replay.batches.values():
            spent[batch.programme, batch.fiscal_year] += batch.granted_points
        for key, points in spent.items():
            assert points <= self.replay.budgets[key], f"I6: {points} of {self.replay.budgets[key]} in {key}"
        granted = [
            (batch.occurrence, number)
            for batch in self.replay.batches.values()
            for number in batch.granted.values()
        ]
        assert len(granted) == len(set(granted)), "I7: somebody was granted twice"

    def compare_replay(self) -> None:
        """Compare what all events make it with the model (I10); nothing was taken beyond the rule."""
        series = SeriesReplay()
        for event in read_events(self.rpc, [self.addresses[POINT]]):
            series.apply(event)
        for number in self.registry.numbers():
            account = self.registry.account_of(number)
            if account != ZERO_ADDRESS:
                assert series.state_at(self.now).balances.get(account, 0) == self.ledger.balance_of(account)
                break
        state = series.state_at(self.now)
        assert state.total_supply == self.ledger.total_supply()
        assert series.taken_back[self.addresses[SERVICE]] == self.ledger.taken_back_by(
            self.addresses[SERVICE]
        )
        for number, batch in self.model.batches.items():
            replayed = self.replay.batches[number]
            assert replayed.granted == {row: listed.number for row, listed in batch.granted_rows.items()}
            assert (replayed.granted_points, replayed.stopped) == (batch.granted, batch.stopped)
            for row in batch.granted_rows:
                told = self.replay.revoked.get((number, row), (0, 0))
                assert told == tuple(self.model.revocation_of(number, row))
        for key, budget in self.model.budgets().items():
            assert (self.replay.budgets[key], self.replay.reserved[key]) == tuple(budget)
        assert self.attribution.overdrawn == []
        month = month_of(self.now)
        for number in self.registry.numbers():
            account = self.registry.account_of(number)
            for end, points in self.ledger.lots_of(account).items():
                pieces = self.attribution.lot_of(self.addresses[POINT], account, end)
                assert end >= month and sum(piece.points for piece in pieces) == points
        self.ledger.check_conservation()


def _plain(argument: Any) -> Any:
    return "0x" + argument.hex() if isinstance(argument, bytes) else argument


VERBS = (
    "open programme",
    "set budget",
    "open occurrence",
    "approve",
    "stop",
    "run",
    "claim",
    "revoke",
    "extend",
    "pay",
    "freeze",
    "membership",
    "allowance",
    "pause",
)


def test_programmes_agree_with_model_and_replay_after_every_step(capsys: pytest.CaptureFixture[str]) -> None:
    with LocalChain.anvil(genesis_time=GENESIS, on_demand=True, kept_states=2) as chain:
        machine = ProgrammeMachine(chain, SEED)
        for number in range(STEPS):
            machine.step()
            machine.compare()
            if number % STEPS_BETWEEN_REPLAYS == STEPS_BETWEEN_REPLAYS - 1:
                machine.compare_replay()
        machine.compare_replay()
        with capsys.disabled():
            print(f"\nprogrammes: seed {SEED} (JICHITAI_SEED), {STEPS} steps (JICHITAI_PROGRAMME_STEPS)")
            print(f"succeeded {dict(machine.succeeded)}\nrefused alike {dict(machine.refused)}")
            print(f"rows skipped alike {dict(machine.skipped)}")
        rare = {verb: machine.succeeded[verb] for verb in VERBS if machine.succeeded[verb] < LEAST_SUCCESSES}
        assert machine.revoked_later, "no grant was taken out of a lot that had been extended"
        assert not rare, f"succeeded less than {LEAST_SUCCESSES} times: {rare}"
