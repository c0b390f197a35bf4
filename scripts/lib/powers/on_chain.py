"""The map of powers, read from the chain: who may call each function, who holds which office, who may mint.

    powers = read_powers(rpc, platform)

Nothing is taken from the sources: each function is tried, by a call that changes nothing, as a stranger, as
the council's Admin, as Officers and as the platform, and the contract says whom it turns away. Rules, terms
and allowances are read; holders are found by events and believed only as far as the contracts agree.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from eth_utils import keccak, to_checksum_address
from eth_utils.abi import collapse_if_tuple, function_abi_to_4byte_selector

from scripts.lib.act_rules import PLATFORM_ITSELF, Function, Rule
from scripts.lib.artifacts import read_artifact
from scripts.lib.bilingual import Bilingual
from scripts.lib.calls import View
from scripts.lib.contract_abi import decode_revert, encode_call
from scripts.lib.node.event_log import Event, read_events
from scripts.lib.node.local_chain import RpcError
from scripts.lib.node.rpc import Request, Rpc
from scripts.lib.node.view_reader import read_views
from scripts.lib.powers.guards import REFUSALS, Asker
from scripts.lib.roles import COUNCIL, Role

_STRANGER = to_checksum_address(keccak(text="jichitai-points: an account that is nobody's")[-20:])
_ZERO_ADDRESS = "0x" + "00" * 20

# What refuses everybody until a proposal or a resident exists says nothing about who is asking.
_NEEDS_STATE = frozenset(
    {("Officers", "approve"), ("Officers", "veto"), ("ResidentRegistry", "objectToReplacement")}
)

# What errors call the account that they refuse.
_REFUSED = ("caller", "account", "minter")

Probes = Mapping[tuple[str, str], tuple[Any, ...]]
"""(contract, function) to the arguments that it is tried with."""


class FunctionPower(NamedTuple):
    """A function that changes something, on one contract of the platform.

    Attributes:
        passes: whom it did not turn away; None if it could not be tried.
        rule: of the act, if the function is one.
    """

    contract: str
    address: str
    function: str
    passes: frozenset[Asker] | None
    rule: Rule | None


class Office(NamedTuple):
    """A term of office that has not ended; times in Unix seconds.

    Attributes:
        municipality: code as a number, 0 for the council.
        until: 0 is without end.
    """

    municipality: int
    role: Role
    account: str
    since: int
    until: int


class MinterPower(NamedTuple):
    """What an account may still mint in a series, and has minted in its life."""

    municipality: int
    series: str
    name: str
    minter: str
    allowance: int
    minted: int


class AcceptedService(NamedTuple):
    """A service that the officers of a municipality may act on."""

    municipality: int
    service: str
    name: str


@dataclass(frozen=True)
class Powers:
    """The map, as of one block.

    Attributes:
        block: its number; `time` is its Unix second.
        contracts: addresses of the platform's contracts to their names.
        municipalities: code to name, in the order of registration.
        askers: whom the functions were tried as; the council's Admin is missing if there is none.
        rules_without_function: functions that have a rule and are in no contract that it is for.
        contradictions: what events and contracts do not agree about.
    """

    block: int
    time: int
    contracts: dict[str, str]
    municipalities: dict[int, str]
    askers: frozenset[Asker]
    functions: list[FunctionPower]
    offices: list[Office]
    minters: list[MinterPower]
    services: list[AcceptedService]
    rules_without_function: list[Function] = field(default_factory=list)
    contradictions: list[Bilingual] = field(default_factory=list)

    def rules(self) -> dict[tuple[str, str], Rule]:
        """Return the rule of each act by contract and function, in the contracts' order."""
        return {
            (power.contract, power.function): power.rule for power in self.functions if power.rule is not None
        }


def read_powers(
    rpc: Rpc,
    platform: str,
    first_block: int = 0,
    contracts: Mapping[str, str] | None = None,
    probes: Probes | None = None,
) -> Powers:
    """Read the whole map as of the latest block.

    Args:
        platform: address of PointPlatform.
        first_block: block from which on its events are read: the one it was deployed in.
        contracts: addresses to the names of the contracts there, to know what a service is.
        probes: arguments that get as far as the question who is asking, where the default ones do not.

    Raises:
        RpcError: a view failed: the platform is none, or is of another version.
    """
    return _Reader(rpc, to_checksum_address(platform), first_block, contracts or {}, probes or {}).read()


class _Reader:
    """One reading; everything is asked as of one block."""

    def __init__(
        self, rpc: Rpc, platform: str, first_block: int, contracts: Mapping[str, str], probes: Probes
    ) -> None:
        self._rpc = rpc
        self._first_block = first_block
        latest = rpc.call("eth_getBlockByNumber", "latest", False)
        self._block = int(latest["number"], 16)
        self._time = int(latest["timestamp"], 16)
        self._platform = platform
        self._officers, self._residents, self._codes = self._views(
            [View("PointPlatform", platform, name) for name in ("officers", "residents", "municipalities")]
        )
        self._known: dict[str, str] = {
            to_checksum_address(address): name for address, name in contracts.items()
        }
        self._probes = dict(probes)
        self._contradictions: list[Bilingual] = []

    def read(self) -> Powers:
        events = list(
            read_events(self._rpc, [self._platform, self._officers], self._first_block, self._block)
        )
        services = {
            event.arguments["service"]: event.arguments["name"]
            for event in events
            if event.name == "ServiceOffered"
        }
        series = self._series()
        contracts: dict[str, str] = {
            self._platform: "PointPlatform",
            self._officers: "Officers",
            self._residents: "ResidentRegistry",
            **{token: "MunicipalPoint" for token, _ in series},
            **{service: self._known[service] for service in services if service in self._known},
        }
        offices = self._offices(events)
        askers = self._askers(offices)
        rules = self._rules(services)
        functions = self._functions(contracts, services, rules, askers)
        known = {_rule_place(address, services, entry) for address, _, entry in _all_writing(contracts)}
        return Powers(
            self._block,
            self._time,
            contracts,
            {
                int(event.arguments["municipality"]): str(event.arguments["name"])
                for event in events
                if event.name == "MunicipalityRegistered"
            },
            frozenset(askers),
            functions,
            offices,
            self._minters(series),
            self._accepted(events, services),
            [function for function in rules if function not in known],
            self._contradictions,
        )

    def _views(self, views: Iterable[View]) -> list[Any]:
        return read_views(self._rpc, list(views), hex(self._block))

    # ------------------------------------------------------------------- holders

    def _series(self) -> list[tuple[str, int]]:
        """Return every token with its municipality."""
        found = self._views(
            View("PointPlatform", self._platform, "seriesOf", (code,)) for code in self._codes
        )
        return [(token, code) for code, tokens in zip(self._codes, found, strict=True) for token in tokens]

    def _offices(self, events: Iterable[Event]) -> list[Office]:
        """Return the terms that have not ended, in the order of municipality, role and account."""
        told: dict[tuple[int, int, str], list[int]] = {}
        for event in events:
            if event.name in ("TermBegins", "TermEnds"):
                words = event.arguments
                term = told.setdefault((words["municipality"], words["role"], words["account"]), [0, 0])
                if event.name == "TermBegins":
                    term[:] = words["from"], 0
                else:
                    term[1] = words["until"]
        holders = sorted(told)
        terms = self._views(View("Officers", self._officers, "termOf", holder) for holder in holders)
        offices = []
        for (municipality, role, account), (since, until) in zip(holders, terms, strict=True):
            if [since, until] != told[municipality, role, account]:
                self._contradict(
                    f"{municipality:06d} {Role(role).name} {account}: the events tell of a term "
                    f"{told[municipality, role, account]}, the contract of {[since, until]}",
                    f"{municipality:06d} {Role(role).label.japanese} {account}: 任期がイベントと一致しません",
                )
            if until == 0 or until > self._time:
                offices.append(Office(municipality, Role(role), account, since, until))
        self._compare_admins(offices)
        return offices

    def _compare_admins(self, offices: list[Office]) -> None:
        """Note it if a municipality has another number of Admins without end than the events tell of."""
        codes = [COUNCIL, *self._codes]
        counts = self._views(View("Officers", self._officers, "adminCount", (code,)) for code in codes)
        for code, count in zip(codes, counts, strict=True):
            found = sum(
                office.municipality == code and office.role == Role.ADMIN and office.until == 0
                for office in offices
            )
            if found != count:
                self._contradict(
                    f"{code:06d}: the contract counts {count} Admins, the events tell of {found}",
                    f"{code:06d}: 管理者の数がイベントと一致しません({count}人、{found}人)",
                )

    def _minters(self, series: list[tuple[str, int]]) -> list[MinterPower]:
        names = self._views(View("MunicipalPoint", token, "name") for token, _ in series)
        minters = self._views(View("MunicipalPoint", token, "minters") for token, _ in series)
        rows = [
            (code, token, name, minter)
            for (token, code), name, accounts in zip(series, names, minters, strict=True)
            for minter in accounts
        ]
        states = self._views(
            View("MunicipalPoint", token, "minterOf", (minter,)) for _, token, _, minter in rows
        )
        return [MinterPower(*row, *state) for row, state in zip(rows, states, strict=True)]

    def _accepted(self, events: list[Event], services: Mapping[str, str]) -> list[AcceptedService]:
        """Return the services accepted now; the registry of residents, which all accept, is none of them."""
        for service, name in services.items():
            if service not in self._known:
                self._contradict(
                    f"the service {name} at {service} is of no contract that is known here",
                    f"サービス{name}({service})のコントラクトが分かりません",
                )
        told = {
            (event.arguments["municipality"], event.arguments["service"]): event.arguments["accepted"]
            for event in events
            if event.name == "ServiceAccepted"
        }
        answers = self._views(View("Officers", self._officers, "isAccepted", pair) for pair in told)
        for pair, answer in zip(told, answers, strict=True):
            if told[pair] != answer:
                self._contradict(
                    f"{pair[0]:06d}: the events and the contract do not agree about service {pair[1]}",
                    f"{pair[0]:06d}: サービス{pair[1]}の利用の有無がイベントと一致しません",
                )
        return [
            AcceptedService(*pair, services.get(pair[1], ""))
            for pair, answer in zip(told, answers, strict=True)
            if answer
        ]

    def _contradict(self, english: str, japanese: str) -> None:
        self._contradictions.append(Bilingual(english, japanese))

    # ----------------------------------------------------------------- functions

    def _rules(self, services: Iterable[str]) -> dict[Function, Rule]:
        """Return every rule by its function; those that are no service's stand under PLATFORM_ITSELF."""
        places = [PLATFORM_ITSELF, *services]
        lists = self._views(View("Officers", self._officers, "actsOfService", (place,)) for place in places)
        functions = [
            Function(place, bytes(selector))
            for place, selectors in zip(places, lists, strict=True)
            for selector in selectors
        ]
        answers = self._views(
            View("Officers", self._officers, "ruleOfService", function) for function in functions
        )
        return {function: Rule.of(answer) for function, answer in zip(functions, answers, strict=True)}

    def _functions(
        self,
        contracts: Mapping[str, str],
        services: Mapping[str, str],
        rules: Mapping[Function, Rule],
        askers: Mapping[Asker, str],
    ) -> list[FunctionPower]:
        entries = list(_all_writing(contracts))
        trials = [self._trial(contract, entry) for _, contract, entry in entries]
        answers = iter(
            self._rpc.batch(
                Request(
                    "eth_call",
                    ({"from": sender, "to": address, "data": "0x" + trial.hex()}, hex(self._block)),
                )
                for (address, _, _), trial in zip(entries, trials, strict=True)
                if trial is not None
                for sender in askers.values()
            )
        )
        functions = []
        for (address, contract, entry), trial in zip(entries, trials, strict=True):
            passes = None
            if trial is not None:
                passes = frozenset(
                    asker for asker, sender in askers.items() if not _turns_away(sender, next(answers))
                )
            rule = rules.get(_rule_place(address, services, entry))
            functions.append(FunctionPower(contract, address, entry["name"], passes, rule))
        return functions

    def _askers(self, offices: list[Office]) -> dict[Asker, str]:
        admin = next(
            (
                office.account
                for office in offices
                if office.municipality == COUNCIL and office.since <= self._time
            ),
            None,
        )
        senders = {
            Asker.STRANGER: _STRANGER,
            Asker.COUNCIL_ADMIN: admin,
            Asker.OFFICERS: self._officers,
            Asker.PLATFORM: self._platform,
        }
        return {asker: sender for asker, sender in senders.items() if sender is not None}

    def _trial(self, contract: str, entry: Mapping[str, Any]) -> bytes | None:
        """Return the data of a call that gets as far as the question who is asking; None if there is none."""
        function = entry["name"]
        arguments = self._probes.get((contract, function)) or self._default_probe(contract, function)
        if arguments is None:
            if (contract, function) in _NEEDS_STATE:
                return None
            arguments = tuple(_nothing(item) for item in entry["inputs"])
        return encode_call(contract, function, arguments)

    def _default_probe(self, contract: str, function: str) -> tuple[Any, ...] | None:
        if contract == "Officers" and function in ("perform", "propose") and self._codes:
            code = self._codes[0]
            act = encode_call(contract, "dismiss", (code, _ZERO_ADDRESS, int(Role.GUARDIAN)))
            return (code, self._officers, act, 0, bytes(32))
        if (contract, function) == ("MerchantSettlement", "requestSettlement"):
            return next(((token, _ZERO_ADDRESS) for token, _ in self._series()), None)
        return None


def _turns_away(sender: str, answer: Any) -> bool:
    """Return whether a call was refused because of who was asking."""
    if not isinstance(answer, RpcError):
        return False
    if not isinstance(answer.data, str):
        raise answer  # the node's own trouble, not the contract's answer
    revert = decode_revert(bytes.fromhex(answer.data.removeprefix("0x")))
    # The same error about another account says nothing about the sender: removeMinter of what is no minter.
    about = [value for name, value in revert.arguments.items() if name in _REFUSED]
    return revert.name in REFUSALS and all(account == sender for account in about)


def _writing(contract: str) -> Iterator[dict[str, Any]]:
    """Yield the ABI of every function that can change something."""
    for entry in read_artifact(contract).abi:
        if entry["type"] == "function" and entry["stateMutability"] not in ("view", "pure"):
            yield entry


def _all_writing(contracts: Mapping[str, str]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield address, contract and ABI of every function that can change something."""
    for address, contract in contracts.items():
        for entry in _writing(contract):
            yield address, contract, entry


def _rule_place(address: str, services: Container[str], entry: Mapping[str, Any]) -> Function:
    """Return where Officers keeps the rule of a function."""
    selector = function_abi_to_4byte_selector(entry)  # type: ignore[arg-type]
    return Function(address if address in services else PLATFORM_ITSELF, selector)


def _nothing(item: Mapping[str, Any]) -> Any:
    """Return zero, or an empty list, text or string of bytes, of an ABI type."""
    kind = collapse_if_tuple(item)  # type: ignore[arg-type]
    if kind.endswith("[]"):
        return []
    if kind.startswith("("):
        return tuple(_nothing(part) for part in item["components"])
    simple: dict[str, Any] = {"address": _ZERO_ADDRESS, "bool": False, "string": "", "bytes": b""}
    if kind in simple:
        return simple[kind]
    return bytes(int(kind[5:])) if kind.startswith("bytes") else 0
