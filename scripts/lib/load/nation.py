"""Builds a council of many municipalities through the same doors as everybody, and has its people pay.

Registrations, programmes, lists and merchants are acts of two officers each; only their gas is not estimated
beforehand, which would take as long again as carrying them out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from eth_utils import keccak

from scripts.lib.acts import Act
from scripts.lib.bulk_grants import run_list
from scripts.lib.bulk_payments import submit_payments
from scripts.lib.calls import Call, View
from scripts.lib.chain import ChainError, LocalChain
from scripts.lib.contract_abi import encode_call
from scripts.lib.deployment import Deployment, MunicipalityPlan, PlatformPlan, SeriesPlan, deploy
from scripts.lib.expiry_rule import ExpiryRule
from scripts.lib.grant_list import GrantList, Row
from scripts.lib.japan_calendar import day_of, fiscal_year_end, last_second, month_of
from scripts.lib.keyring import LocalKeyring
from scripts.lib.load.crowd import PaymentTask, Task, payments, registrations
from scripts.lib.municipality_codes import municipalities
from scripts.lib.payment_signing import MAX_VALID_UNTIL, SeriesDomain
from scripts.lib.proceedings import carry_out, execute_pending
from scripts.lib.reasons import Reason
from scripts.lib.registration import BATCH_RESIDENTS, Registration, RegistrationDomain
from scripts.lib.roles import Role
from scripts.lib.rpc import Rpc
from scripts.lib.rpc_deployer import RpcDeployer
from scripts.lib.sale_number import sale_number
from scripts.lib.sender import Sender, Transaction
from scripts.lib.view_reader import read_views

SERVICE = "GrantProgrammes"
GAS = 16_700_000
GRANTED_POINTS = 10_000
PAID_POINTS = 500
PAYMENTS_A_SHOP = 50
_PEOPLE = (
    Role.ADMIN,
    Role.DESK_OFFICER,
    Role.SECOND_DESK_OFFICER,
    Role.MERCHANT_OFFICER,
    Role.PROGRAMME_OFFICER,
    Role.PROGRAMME_APPROVER,
)
_MOST = 10**11


@dataclass
class Town:
    """A municipality: how many residents have points, and who its merchants are."""

    code: int
    token: str
    residents: int = 0
    paid: int = 0
    merchants: list[str] = field(default_factory=list)
    taken: int = 0


@dataclass
class Nation:
    """The council on its chain.

    Attributes:
        block: from which on its events are.
    """

    chain: LocalChain
    rpc: Rpc
    keyring: LocalKeyring
    sender: Sender
    deployment: Deployment
    towns: list[Town]
    block: int

    @classmethod
    def opened(cls, chain: LocalChain, count: int) -> Nation:
        """Deploy the platform with `count` municipalities, each with a series and grants by programmes."""
        rpc, keyring = Rpc(chain.url), LocalKeyring(chain, "load")
        sender = Sender(rpc, keyring)
        deployer = RpcDeployer(rpc, sender)
        codes = [each.number for each in municipalities().values() if not each.is_prefecture][:count]
        payer = keyring.account("payer")
        block = chain.height() + 1
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
        nation = cls(chain, rpc, keyring, sender, deployed, towns, block)
        nation._accept_service(deployer)
        return nation

    def settle(self, residents: int) -> None:
        """Register people until there are `residents` in all, and grant each 10,000 points of relief."""
        share = [residents // len(self.towns)] * len(self.towns)
        for place in range(residents % len(self.towns)):
            share[place] += 1
        joining = [
            (town, share[place] - town.residents)
            for place, town in enumerate(self.towns)
            if share[place] > town.residents
        ]
        domain = RegistrationDomain(self.chain.chain_id, self.deployment.residents)
        tasks = [Task(domain, town.code, town.residents + 1, count) for town, count in joining]
        for (town, count), signed in zip(joining, registrations(tasks), strict=True):
            self._register(town, signed)
            first, town.residents = town.residents + 1, town.residents + count
            self._grant(town, range(first, town.residents + 1))

    def open_shops(self, merchants: int) -> None:
        """Approve merchants until there are `merchants` in all."""
        acts = []
        for place in range(sum(len(town.merchants) for town in self.towns), merchants):
            town = self.towns[place % len(self.towns)]
            shop = self.keyring.account(f"shop {place}")
            town.merchants.append(shop)
            act = self._act(
                town,
                "MunicipalPoint",
                town.token,
                "approveMerchant",
                shop,
                place % 20,
                f"商店{place}",
                "本町",
                by=Role.MERCHANT_OFFICER,
            )
            acts.append(act)
        self._send(act.perform(self.deployment.officers) for act in acts)

    def pay(self, count: int) -> int:
        """Have residents pay signed sales, PAYMENTS_A_SHOP to a shop; return how many payments were made."""
        tasks = list(self._payment_tasks(count))
        made = 0
        for (town, task), signed in zip(tasks, payments([task for _, task in tasks]), strict=True):
            result = submit_payments(self.rpc, self.sender, town.token, task.merchant, signed, task.merchant)
            made += result.paid
        return made

    def gas_of_payments(self, town: Town, count: int) -> list[int]:
        """Return the gas of payments that go alone to a new shop, each by a resident who never paid."""
        place = 1_000_000 + town.taken
        shop = self.keyring.account(f"shop {place}")
        self._send(
            [
                self._act(
                    town,
                    "MunicipalPoint",
                    town.token,
                    "approveMerchant",
                    shop,
                    1,
                    "計測店",
                    "本町",
                    by=Role.MERCHANT_OFFICER,
                ).perform(self.deployment.officers)
            ]
        )
        task = self._payment_task(town, shop, count, 1)
        [signed] = payments([task])
        result = submit_payments(
            self.rpc, self.sender, town.token, shop, signed, shop, payments_a_transaction=1
        )
        return [receipt.gas_used for receipt in result.receipts if receipt.gas_used is not None]

    # ------------------------------------------------------------------------------------------------- PARTS

    def _accept_service(self, deployer: RpcDeployer) -> None:
        service = self.deployment.services[SERVICE]
        acts = []
        for town in self.towns:
            officers = self.deployment.officers
            acts.append(
                self._act(town, "Officers", officers, "acceptService", town.code, service, by=Role.ADMIN)
            )
            acts.append(
                self._act(
                    town,
                    "MunicipalPoint",
                    town.token,
                    "increaseMinterAllowance",
                    service,
                    _MOST,
                    by=Role.ADMIN,
                )
            )
        waiting = carry_out(deployer, self.deployment.officers, acts, resume=False)
        self.chain.mine_at(max(each.ready_at for each in waiting))
        execute_pending(deployer, self.deployment.officers, waiting)

    def _register(self, town: Town, signed: Sequence[Registration]) -> None:
        acts = []
        for start in range(0, len(signed), BATCH_RESIDENTS):
            batch = list(signed[start : start + BATCH_RESIDENTS])
            registry = self.deployment.residents
            acts.append(
                self._act(
                    town,
                    "ResidentRegistry",
                    registry,
                    "register",
                    town.code,
                    1,
                    batch,
                    by=Role.DESK_OFFICER,
                    second=Role.SECOND_DESK_OFFICER,
                )
            )
        self._together(acts)

    def _grant(self, town: Town, numbers: Iterable[int]) -> None:
        service = self.deployment.services[SERVICE]

        def decide(function: str, *arguments: Any) -> None:
            act = self._act(
                town,
                SERVICE,
                service,
                function,
                town.code,
                *arguments,
                by=Role.PROGRAMME_OFFICER,
                second=Role.PROGRAMME_APPROVER,
            )
            self._together([act])

        now = self.chain.now()
        end = fiscal_year_end(month_of(now))
        terms = (
            town.token,
            "給付金",
            "全域",
            now,
            last_second(end),
            0,
            0,
            int(ExpiryRule.NEXT_FISCAL_YEAR),
            0,
            bytes(32),
        )
        grants = GrantList([Row(number, GRANTED_POINTS) for number in numbers])
        decide("openProgramme", terms)
        programme = self._ask("programmeCount")
        decide("setBudget", programme, end, _MOST // 100)
        decide("openOccurrences", programme, ["第1回"])
        occurrence = self._ask("occurrenceCount")
        decide(
            "approveBatch", occurrence, (grants.root, len(grants.rows), grants.total_points, keccak(b"list"))
        )
        result = run_list(
            self.rpc, self.sender, service, self._ask("batchCount"), grants, self.keyring.account("anyone")
        )
        if not result.is_complete:
            raise ChainError(f"{town.code:06d}: {result.failures or result.ungranted[:3]}")

    def _payment_tasks(self, count: int) -> Iterator[tuple[Town, PaymentTask]]:
        places = [0] * len(self.towns)
        turn = 0
        while count > 0:
            town = self.towns[turn % len(self.towns)]
            if town.merchants:
                shop = town.merchants[places[turn % len(self.towns)] % len(town.merchants)]
                serial = places[turn % len(self.towns)] // len(town.merchants) * PAYMENTS_A_SHOP + 1
                places[turn % len(self.towns)] += 1
                some = min(PAYMENTS_A_SHOP, count)
                yield town, self._payment_task(town, shop, some, serial)
                count -= some
            turn += 1

    def _payment_task(self, town: Town, shop: str, count: int, serial: int) -> PaymentTask:
        numbers = tuple((town.taken + place) % town.residents + 1 for place in range(count))
        town.taken += count
        day = day_of(self.chain.now())
        domain = SeriesDomain(self.chain.chain_id, town.token)
        return PaymentTask(
            domain, town.code, shop, numbers, sale_number(day, serial), PAID_POINTS, MAX_VALID_UNTIL
        )

    def _together(self, acts: Sequence[Act]) -> None:
        """Propose and approve: one officer's proposals get their numbers in the order they are sent."""
        officers = self.deployment.officers
        [before] = read_views(self.rpc, [View("Officers", officers, "proposalCount")])
        self._send(act.propose(officers) for act in acts)
        self._send(act.approve(officers, before + place) for place, act in enumerate(acts, 1))

    def _send(self, calls: Iterable[Call]) -> None:
        self.sender.send(
            [
                Transaction(
                    call.sender,
                    call.address,
                    encode_call(call.contract, call.function, call.arguments),
                    GAS,
                    call.subject or call.function,
                )
                for call in calls
            ]
        )

    def _ask(self, function: str) -> int:
        [answer] = read_views(self.rpc, [View(SERVICE, self.deployment.services[SERVICE], function)])
        return int(answer)

    def _act(
        self,
        town: Town,
        contract: str,
        address: str,
        function: str,
        *arguments: Any,
        by: Role,
        second: Role | None = None,
    ) -> Act:
        proposer = _officer(self.keyring, town.code, by, 1)
        approver = _officer(self.keyring, town.code, second or by, 2)
        return Act(
            town.code, contract, address, function, arguments, Reason.ROUTINE, proposer, second=approver
        )


def _officer(keyring: LocalKeyring, code: int, role: Role, place: int) -> str:
    return keyring.account(f"{code:06d}/{role.name}/{place}")
