"""Carries out what officers do in the year of a town on a local chain, at the second of each row.

What takes two officers is proposed and approved within that second; what anyone may do, somebody without any
role does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from scripts.lib.acts import Act
from scripts.lib.calls import Call, Deployer, View
from scripts.lib.keys.keyring import Keyring
from scripts.lib.node.event_log import Event, read_events
from scripts.lib.node.rpc import Rpc
from scripts.lib.proceedings import Pending, carry_out
from scripts.lib.reasons import Reason
from scripts.lib.registration import RegistrationDomain, sign
from scripts.lib.resident_keys import require_no_merchants
from scripts.lib.roles import Role
from scripts.lib.town_series import in_every_series
from scripts.lib.town_year.office_rows import (
    AccountAct,
    AccountStep,
    AdminAct,
    AdminStep,
    OfficeAct,
    PauseAct,
    PauseStep,
    RestoreAct,
    ShopAct,
)
from scripts.lib.town_year.on_chain import TownOnChain

SERIES = "MunicipalPoint"
REGISTRY = "ResidentRegistry"
RESTORED_ACCOUNTS = 100
"""How many accounts one `restoreLots` takes, so that it fits a block with room to spare."""


class OfficePlay:
    """The officers of some towns, their council, and somebody without any role.

    Args:
        deployer: sends for all of them.
        keyring: holds the keys of the residents, who sign for their new accounts.
        council: Admin of the council.
        anyone: sends what anyone may.
        towns: whose acts they are.
    """

    def __init__(
        self,
        rpc: Rpc,
        deployer: Deployer,
        keyring: Keyring,
        council: str,
        anyone: str,
        towns: Sequence[TownOnChain],
    ) -> None:
        self._rpc = rpc
        self._towns = towns
        self._deployer = deployer
        self._keyring = keyring
        self._council = council
        self._anyone = anyone
        self._named: dict[tuple[str, str], Pending] = {}

    def doings(self) -> Iterator[tuple[int, Callable[[], None]]]:
        """Yield what is done at which second."""
        for town in self._towns:
            for act in town.year.office_acts:
                yield act.time, lambda town=town, act=act: self.play(town, act)  # type: ignore[misc]

    def play(self, town: TownOnChain, row: OfficeAct) -> None:
        """Do what a row says; the chain's latest block is of the row's second.

        Raises:
            SendError: the chain refused it.
            ActError: it cannot come about.
        """
        match row:
            case AccountAct(step=AccountStep.COMPLETE_REPLACEMENT):
                self._complete_replacement(town, row)
            case AccountAct(step=AccountStep.START_REPLACEMENT):
                self._start_replacement(town, row)
            case AccountAct():
                account = town.accounts.resident_at(row.resident, row.time)
                function = str(row.step.value)
                self._by_two(town, Role.DESK_OFFICER, SERIES, function, (account,), row.reason, row.resident)
            case PauseAct():
                arguments = (row.until - row.time,) if row.step is PauseStep.PAUSE else ()
                self._by_two(town, Role.GUARDIAN, SERIES, row.step.value, arguments, row.reason)
            case RestoreAct():
                self._restore(town, row)
            case ShopAct():
                shop = (town.accounts.merchants[row.merchant], town.accounts.buyers[row.merchant])
                self._by_two(
                    town, Role.MERCHANT_OFFICER, SERIES, "replaceOwner", shop, row.reason, row.merchant
                )
            case AdminAct(step=AdminStep.NAME_ADMIN):
                self._name_admin(town, row)
            case AdminAct():
                pending = self._named.pop((town.token, row.admin))
                self._deployer.send([pending.act.execute(town.officers, pending.proposal, self._anyone)])

    # -------------------------------------------------------------------------------------------- RESIDENTS

    def _start_replacement(self, town: TownOnChain, row: AccountAct) -> None:
        """Begin to move a membership to a new account, whose own key has signed for it; the old one stops."""
        code = town.code
        number = self._number(town, row)
        [(commitment, _)] = self._deployer.read(
            [View(REGISTRY, town.registry, "commitmentOf", (code, number))]
        )
        key = self._keyring.key(town.accounts.next_accounts[row.resident].account)
        require_no_merchants(self._deployer, town.officers, code, [key.address])
        domain = RegistrationDomain(self._keyring.chain_id, town.registry)
        signature = sign(domain, code, key, commitment).signature
        arguments = (code, number, key.address, signature)
        self._by_two(
            town, Role.DESK_OFFICER, REGISTRY, "startReplacement", arguments, row.reason, row.resident
        )
        self._in_every_series(town, "syncBlocked", town.accounts.residents[row.resident])

    def _complete_replacement(self, town: TownOnChain, row: AccountAct) -> None:
        """Complete what has waited long enough, and carry the lots in every series of the town."""
        old = town.accounts.residents[row.resident]
        number = self._number(town, row)
        self._deployer.send(
            [
                Call(
                    REGISTRY,
                    town.registry,
                    "completeReplacement",
                    (town.code, number),
                    self._anyone,
                    row.resident,
                )
            ]
        )
        self._in_every_series(town, "carry", old)

    def _in_every_series(self, town: TownOnChain, function: str, account: str) -> None:
        calls = in_every_series(self._deployer, town.officers, town.code, function, account, self._anyone)
        self._deployer.send(calls)

    def _number(self, town: TownOnChain, row: AccountAct) -> int:
        """Return the number under which the registry has a resident, by the first account."""
        account = town.accounts.residents[row.resident]
        [number] = self._deployer.read([View(REGISTRY, town.registry, "everNumberOf", (town.code, account))])
        return int(number)

    def _restore(self, town: TownOnChain, row: RestoreAct) -> None:
        """Give back what the series' own events say has lapsed with a month, to the accounts of now."""
        # An account that was replaced since is no longer anybody's.
        now = {
            account: town.accounts.resident_at(number, row.time)
            for number, account in town.accounts.residents.items()
        }
        lapsed = list(lapsed_with(row.month, read_events(self._rpc, [town.token]), now).items())
        for start in range(0, len(lapsed), RESTORED_ACCOUNTS):
            accounts, points = zip(*lapsed[start : start + RESTORED_ACCOUNTS], strict=True)
            arguments = (row.month, row.until, list(accounts), list(points))
            self._by_two(town, Role.DESK_OFFICER, SERIES, "restoreLots", arguments, row.reason)

    # --------------------------------------------------------------------------------------------- OFFICERS

    def _name_admin(self, town: TownOnChain, row: AdminAct) -> None:
        """Propose the Admin for the council; nobody's approval makes it wait less."""
        act = Act(
            town.code,
            "Officers",
            town.officers,
            "reappointAdmin",
            (town.code, town.accounts.admins[row.admin]),
            row.reason,
            by=self._council,
            subject=row.admin,
        )
        [self._named[town.token, row.admin]] = carry_out(
            self._deployer, town.officers, [act], self._deployer.now()
        )

    def _by_two(
        self,
        town: TownOnChain,
        role: Role,
        contract: str,
        function: str,
        arguments: tuple[object, ...],
        reason: Reason,
        subject: str = "",
    ) -> None:
        """Let the first officer of a role do or propose an act, and the second one approve it if need be."""
        first, other = town.accounts.officers[role]
        second = town.accounts.officers[Role.SECOND_DESK_OFFICER][0] if role is Role.DESK_OFFICER else other
        address = town.token if contract == SERIES else town.registry
        act = Act(town.code, contract, address, function, arguments, reason, first, second, subject=subject)
        carry_out(self._deployer, town.officers, [act], self._deployer.now())


def lapsed_with(month: int, events: Iterable[Event], now: Mapping[str, str]) -> Counter[str]:
    """Return what lapsed with a month, by the account that it belongs to now.

    A resident is restored once for each month: what an old card and the new one lost belongs together.

    Args:
        events: of one series.
        now: an account to the one that has taken its place; others are still themselves.
    """
    lost: Counter[str] = Counter()
    for event in events:
        if event.name == "Lapsed" and event.arguments["expiryMonth"] == month:
            account = event.arguments["account"]
            lost[now.get(account, account)] += event.arguments["amountPoints"]
    return lost
