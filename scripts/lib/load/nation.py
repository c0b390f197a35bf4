"""Builds a council of many municipalities through the same doors as everybody, and has its people pay.

Registrations, programmes and lists are acts of two officers each, merchants of one. Two things differ from a
town's daily work, since anvil hashes its whole state for every block: acts of all towns go into the same few
blocks, mined when one is full, and gas is not estimated beforehand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, NamedTuple

from eth_utils import keccak

from scripts.lib.acts import Act
from scripts.lib.bulk.grants import branches_of, run_transaction
from scripts.lib.bulk.payments import payment_transaction
from scripts.lib.calls import Call, View
from scripts.lib.contract_abi import encode_call, event_topic
from scripts.lib.deployment import Deployment, MunicipalityPlan, PlatformPlan, SeriesPlan, deploy
from scripts.lib.expiry_rule import ExpiryRule
from scripts.lib.grant_list import GrantList, Row
from scripts.lib.japan_calendar import day_of, fiscal_year_end, last_second, month_of, start_of_day
from scripts.lib.keys.keyring import LocalKeyring
from scripts.lib.load.crowd import PaymentTask, Task, payments, registrations
from scripts.lib.municipality_codes import municipalities
from scripts.lib.node.event_log import logs_in_blocks
from scripts.lib.node.local_chain import ChainError, LocalChain
from scripts.lib.node.rpc import Rpc
from scripts.lib.node.sender import Sender
from scripts.lib.node.transactions import Receipt, Transaction
from scripts.lib.node.view_reader import read_views
from scripts.lib.payment.sale_number import sale_number
from scripts.lib.payment.sale_terms import SaleTerms
from scripts.lib.payment.signing import SeriesDomain
from scripts.lib.proceedings import Proposal, ProposalState, carry_out, execute_pending
from scripts.lib.reasons import Reason
from scripts.lib.registration import BATCH_RESIDENTS, RegistrationDomain
from scripts.lib.roles import Role
from scripts.lib.rpc_deployer import RpcDeployer

SERVICE = "GrantProgrammes"
POINT = "MunicipalPoint"
GAS = 16_700_000
GAS_OF_PROPOSAL = 1_500_000
GAS_OF_ACT = 1_000_000
GRANTED_POINTS = 10_000
PAID_POINTS = 500
PAYMENTS_A_SHOP = 50
VALID_UNTIL = 0x6FFFFFFF
"""The last second of validity of what residents sign, in 2029: as many bytes as real ones."""

BATCHES_AT_ONCE = 1_000
"""So many registrations of BATCH_RESIDENTS are proposed, then approved: their calls fit into memory."""

IN_FLIGHT = 1_500
_PEOPLE = (
    Role.ADMIN,
    Role.DESK_OFFICER,
    Role.SECOND_DESK_OFFICER,
    Role.MERCHANT_OFFICER,
    Role.PROGRAMME_OFFICER,
    Role.PROGRAMME_APPROVER,
)
_MOST = 10**11

Tell = Callable[[int, int], None]
"""Told how much of a phase is done, and how much there is in all."""


@dataclass
class Town:
    """A municipality: how many residents have points, and who its merchants are.

    Attributes:
        taken: how many residents have been chosen to pay; the next is the one after.
    """

    code: int
    token: str
    residents: int = 0
    merchants: list[str] = field(default_factory=list)
    taken: int = 0


class _Decision(NamedTuple):
    """What two officers decide: a call that is encoded already."""

    town: Town
    address: str
    data: bytes
    proposer: str
    approver: str


class Counter(NamedTuple):
    """A shop, and the till that submits payments to it."""

    town: Town
    shop: str
    till: str


@dataclass
class Nation:
    """The council on its chain, which mines on demand alone."""

    chain: LocalChain
    rpc: Rpc
    keyring: LocalKeyring
    sender: Sender
    deployment: Deployment
    towns: list[Town]
    _probes: int = 0
    _lists: list[tuple[tuple[Town, GrantList], int]] = field(default_factory=list)

    @classmethod
    def opened(cls, chain: LocalChain, count: int) -> Nation:
        """Deploy the platform with `count` municipalities, each with a series and grants by programmes."""
        rpc, keyring = Rpc(chain.url), LocalKeyring(chain, "load")
        sender = Sender(rpc, keyring, mine=lambda: chain.rpc("evm_mine"), in_flight=IN_FLIGHT)
        deployer = RpcDeployer(rpc, sender, lambda: chain.mine_at(chain.now() + 1))
        codes = [each.number for each in municipalities().values() if not each.is_prefecture][:count]
        payer = keyring.account("payer")
        plans = [
            MunicipalityPlan(
                code,
                municipalities()[f"{code:06d}"].name,
                _officer(keyring, code, Role.ADMIN, 1),
                [(role, _officer(keyring, code, role, place)) for role in _PEOPLE for place in (1, 2)],
                [SeriesPlan(f"{code:06d}", f"{code:06d}ポイント", "POINT", ExpiryRule.NEXT_FISCAL_YEAR)],
            )
            for code in codes
        ]
        deployed = deploy(deployer, PlatformPlan(payer, payer, plans, (SERVICE,)))
        towns = [Town(code, deployed.series[f"{code:06d}"]) for code in codes]
        nation = cls(chain, rpc, keyring, sender, deployed, towns)
        nation._accept_service(deployer)
        return nation

    def register(self, residents: int, tell: Tell = lambda *_: None) -> None:
        """Register people until there are `residents` in all."""
        registry = self.deployment.residents
        domain = RegistrationDomain(self.chain.chain_id, registry)
        tasks, joining = [], list[Town]()
        shares = self._shares(residents)
        for town, share in zip(self.towns, shares, strict=True):
            for start in range(town.residents, share, BATCH_RESIDENTS):
                tasks.append(Task(domain, town.code, start + 1, min(BATCH_RESIDENTS, share - start)))
                joining.append(town)
        calls = zip(joining, registrations(tasks), strict=True)
        done, to_do = 0, sum(task.residents for task in tasks)
        for start in range(0, len(tasks), BATCHES_AT_ONCE):
            self._decide(
                [
                    self._decision(town, registry, data, Role.DESK_OFFICER, Role.SECOND_DESK_OFFICER)
                    for town, data in islice(calls, BATCHES_AT_ONCE)
                ],
                GAS,
            )
            done += sum(task.residents for task in tasks[start : start + BATCHES_AT_ONCE])
            tell(done, to_do)
        counts = [View("ResidentRegistry", registry, "residentCount", (town.code,)) for town in self.towns]
        if read_views(self.rpc, counts) != shares:
            raise ChainError("the chain shows other numbers of residents than were registered")

    def approve_lists(self, residents: int) -> None:
        """Have each town decide on 10,000 points of relief for all who join until there are so many.

        Apart from `grant`, and best before people join: each of its eight blocks costs anvil more the more
        there is on the chain.
        """
        lists = [
            (
                town,
                GrantList([Row(number, GRANTED_POINTS) for number in range(town.residents + 1, share + 1)]),
            )
            for town, share in zip(self.towns, self._shares(residents), strict=True)
            if share > town.residents
        ]
        if lists:
            self._lists = list(zip(lists, self._approved(lists), strict=True))

    def grant(self, tell: Tell = lambda *_: None) -> None:
        """Run the approved lists; everybody on them must have been registered."""
        lists, batches = [each for each, _ in self._lists], [batch for _, batch in self._lists]
        self._lists = []
        done, to_do = 0, sum(len(grants.rows) for _, grants in lists)
        service = self.deployment.services[SERVICE]
        runner = self.keyring.account("anyone")

        def transactions() -> Iterator[Transaction]:
            for (_, grants), batch in zip(lists, batches, strict=True):
                everything = range(len(grants.rows))
                for branch in branches_of(grants, everything):
                    yield run_transaction(service, batch, branch, grants, runner)

        def are_granted() -> bool:
            answers = read_views(self.rpc, [View(SERVICE, service, "batchOf", (batch,)) for batch in batches])
            return all(
                kept[0] == grants.root and kept[7] == grants.total_points
                for kept, (_, grants) in zip(answers, lists, strict=True)
            )

        sent = 0
        total = sum(len(list(branches_of(grants, range(len(grants.rows))))) for _, grants in lists)

        def progress(transactions: int) -> None:
            nonlocal sent, done
            sent += transactions
            done = to_do * sent // total
            tell(done, to_do)

        self.sender.send(transactions(), progress=progress, is_done=are_granted)
        for town, grants in lists:
            town.residents += len(grants.rows)

    def open_shops(self, merchants: int, tell: Tell = lambda *_: None) -> None:
        """Approve merchants until there are `merchants` in all, as many in each town as in the next."""
        before = sum(len(town.merchants) for town in self.towns)
        calls = []
        for place in range(before, merchants):
            town = self.towns[place % len(self.towns)]
            town.merchants.append(self.keyring.account(f"shop {place}"))
            calls.append(self._approval(town, town.merchants[-1], f"商店{place}", place % 20))
        done = 0

        def progress(transactions: int) -> None:
            nonlocal done
            done += transactions
            tell(done, merchants - before)

        self._send(calls, GAS_OF_ACT, progress)

    def pay(self, count: int, tell: Tell = lambda *_: None) -> int:
        """Have residents pay signed sales, PAYMENTS_A_SHOP to a shop; return how many payments were made."""
        before = self._claimed()
        chosen = list(self._payment_tasks(count))
        signed = payments([task for _, task in chosen])
        done = 0

        def progress(transactions: int) -> None:
            nonlocal done
            done += transactions
            tell(min(done * PAYMENTS_A_SHOP, count), count)

        self.sender.send(
            (
                payment_transaction(town.token, task.merchant, several, task.merchant, "payments")
                for (town, task), several in zip(chosen, signed, strict=True)
            ),
            progress=progress,
            is_done=lambda: self._claimed() - before == count * PAID_POINTS,
        )
        return (self._claimed() - before) // PAID_POINTS

    def probe(self, town: Town, count: int) -> list[Receipt]:
        """Return receipts of what a new shop's till submits one by one, as in the figure signed_payment.

        Each is by a resident who has paid there before, and takes the word of a sale of an earlier day, as
        all do after the first weeks of a shop: so time passes until the ring of sales is round.
        """
        counter = self.open_counter(town)
        # One more: the day's first turns the shop's word to the new month.
        numbers = [place % town.residents + 1 for place in range(count + 1)]
        self.pay_at(counter, numbers)
        self.wait_until_words_are_free()
        return self.pay_at(counter, numbers)[1:]

    def open_counter(self, town: Town) -> Counter:
        """Approve one more shop, with a till that has a key of its own."""
        self._probes += 1
        shop, till = (self.keyring.account(f"{who} {self._probes}") for who in ("probe", "probe's till"))
        self._send([self._approval(town, shop, "計測店", 1)], GAS_OF_ACT)
        self._send([Call(POINT, town.token, "setTill", (shop, till, True), shop)], GAS_OF_ACT)
        return Counter(town, shop, till)

    def pay_at(self, counter: Counter, numbers: Sequence[int]) -> list[Receipt]:
        """Have residents pay at a counter one by one; the day's sales are numbered from 1."""
        town, shop, till = counter
        [signed] = payments([self._payment_task(town, shop, tuple(numbers), 1)])
        return self.sender.send(
            [payment_transaction(town.token, shop, [payment], till, "probe") for payment in signed]
        )

    def wait_until_words_are_free(self) -> None:
        """Let time pass until today's sales take the words of sales that were paid before."""
        today = day_of(self.chain.now())
        self.chain.mine_at(start_of_day(today + SaleTerms().ring_days))

    # ------------------------------------------------------------------------------------------------- PARTS

    def _shares(self, residents: int) -> list[int]:
        """Return how many residents each town has when there are so many in all."""
        least, more = divmod(residents, len(self.towns))
        return [least + (place < more) for place in range(len(self.towns))]

    def _accept_service(self, deployer: RpcDeployer) -> None:
        service, officers = self.deployment.services[SERVICE], self.deployment.officers
        acts = []
        for town in self.towns:
            admins = [_officer(self.keyring, town.code, Role.ADMIN, place) for place in (1, 2)]
            for contract, address, function, *arguments in (
                ("Officers", officers, "acceptService", town.code, service),
                (POINT, town.token, "increaseMinterAllowance", service, _MOST),
            ):
                acts.append(
                    Act(
                        town.code,
                        contract,
                        address,
                        function,
                        tuple(arguments),
                        Reason.ROUTINE,
                        admins[0],
                        second=admins[1],
                    )
                )
        waiting = carry_out(deployer, officers, acts, resume=False)
        self.chain.mine_at(max(each.ready_at for each in waiting))
        execute_pending(deployer, officers, waiting)

    def _approved(self, lists: Sequence[tuple[Town, GrantList]]) -> list[int]:
        """Have the officers of each town decide on a programme of one list; return the batches' numbers."""
        service = self.deployment.services[SERVICE]
        now = self.chain.now()
        end = fiscal_year_end(month_of(now))
        year = last_second(end)
        rule = int(ExpiryRule.NEXT_FISCAL_YEAR)

        def decide(function: str, arguments: Sequence[tuple[Any, ...]]) -> list[dict[str, Any]]:
            first = self.chain.height() + 1
            self._decide(
                [
                    self._decision(
                        town,
                        service,
                        encode_call(SERVICE, function, (town.code, *own)),
                        Role.PROGRAMME_OFFICER,
                        Role.PROGRAMME_APPROVER,
                    )
                    for (town, _), own in zip(lists, arguments, strict=True)
                ],
                GAS_OF_ACT,
            )
            return list(logs_in_blocks(self.rpc, service, [None], (first, self.chain.height())))

        def numbers(logs: list[dict[str, Any]], event: str, keys: Sequence[int], place: int) -> list[int]:
            """Return the topic `place` of the event whose first topic is each key."""
            found = {
                int(log["topics"][1], 16): int(log["topics"][place], 16)
                for log in logs
                if log["topics"][0] == event_topic(SERVICE, event)
            }
            return [found[key] for key in keys]

        terms = [(town.token, "給付金", "全域", now, year, 0, 0, rule, 0, bytes(32)) for town, _ in lists]
        logs = decide("openProgramme", [(own,) for own in terms])
        programmes = numbers(logs, "ProgrammeOpened", [town.code for town, _ in lists], 2)
        decide("setBudget", [(programme, end, _MOST // 100) for programme in programmes])
        logs = decide("openOccurrences", [(programme, ["第1回"]) for programme in programmes])
        occurrences = numbers(logs, "OccurrenceOpened", programmes, 2)
        approvals = [
            (occurrence, (grants.root, len(grants.rows), grants.total_points, keccak(b"list")))
            for occurrence, (_, grants) in zip(occurrences, lists, strict=True)
        ]
        return numbers(decide("approveBatch", approvals), "BatchApproved", programmes, 3)

    def _payment_tasks(self, count: int) -> Iterator[tuple[Town, PaymentTask]]:
        places = [0] * len(self.towns)
        turn = 0
        while count > 0:
            place = turn % len(self.towns)
            town = self.towns[place]
            if town.merchants:
                round_, shop = divmod(places[place], len(town.merchants))
                some = min(PAYMENTS_A_SHOP, count)
                numbers = tuple((town.taken + each) % town.residents + 1 for each in range(some))
                yield (
                    town,
                    self._payment_task(town, town.merchants[shop], numbers, round_ * PAYMENTS_A_SHOP + 1),
                )
                town.taken += some
                places[place] += 1
                count -= some
            turn += 1

    def _payment_task(self, town: Town, shop: str, numbers: tuple[int, ...], serial: int) -> PaymentTask:
        domain = SeriesDomain(self.chain.chain_id, town.token)
        sale = sale_number(day_of(self.chain.now()), serial)
        return PaymentTask(domain, town.code, shop, numbers, sale, PAID_POINTS, VALID_UNTIL)

    def _claimed(self) -> int:
        views = [
            View(POINT, town.token, "claimOf", (shop,)) for town in self.towns for shop in town.merchants
        ]
        return sum(claim[0] + claim[1] for claim in read_views(self.rpc, views))

    def _decision(self, town: Town, address: str, data: bytes, by: Role, second: Role) -> _Decision:
        proposer = _officer(self.keyring, town.code, by, 1)
        return _Decision(town, address, data, proposer, _officer(self.keyring, town.code, second, 2))

    def _decide(self, decisions: Sequence[_Decision], gas: int) -> None:
        """Propose and approve: a proposal's number is found by the hash of its call."""
        officers = self.deployment.officers
        first = self.chain.height() + 1
        self._send(
            [
                Call(
                    "Officers",
                    officers,
                    "propose",
                    (each.town.code, each.address, each.data, int(Reason.ROUTINE), bytes(32)),
                    each.proposer,
                )
                for each in decisions
            ],
            GAS_OF_PROPOSAL,
        )
        topics = [event_topic("Officers", "ActProposed")]
        proposals = {
            bytes.fromhex(log["data"][2:])[64:96]: int(log["topics"][2], 16)
            for log in logs_in_blocks(self.rpc, officers, topics, (first, self.chain.height()))
        }
        numbers = [proposals[keccak(each.data)] for each in decisions]
        views = [View("Officers", officers, "proposalOf", (number,)) for number in numbers]

        def are_executed() -> bool:
            answers = zip(numbers, read_views(self.rpc, views), strict=True)
            return all(Proposal.of(*answer).state == ProposalState.EXECUTED for answer in answers)

        self._send(
            [
                Call("Officers", officers, "approve", (number, each.data), each.approver)
                for each, number in zip(decisions, numbers, strict=True)
            ],
            gas,
            is_done=are_executed,
        )

    def _approval(self, town: Town, shop: str, name: str, category: int) -> Call:
        """Return the transaction by which a merchant officer approves a shop."""
        return Act(
            town.code,
            POINT,
            town.token,
            "approveMerchant",
            (shop, category, name, "本町"),
            Reason.ROUTINE,
            _officer(self.keyring, town.code, Role.MERCHANT_OFFICER, 1),
        ).perform(self.deployment.officers)

    def _send(
        self,
        calls: Iterable[Call],
        gas: int,
        progress: Callable[[int], None] | None = None,
        is_done: Callable[[], bool] | None = None,
    ) -> None:
        self.sender.send(
            (
                Transaction(
                    call.sender,
                    call.address,
                    encode_call(call.contract, call.function, call.arguments),
                    gas,
                    call.subject or call.function,
                )
                for call in calls
            ),
            progress=progress,
            is_done=is_done,
        )


def _officer(keyring: LocalKeyring, code: int, role: Role, place: int) -> str:
    return keyring.account(f"{code:06d}/{role.name}/{place}")
