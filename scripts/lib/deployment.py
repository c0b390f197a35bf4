"""Puts the platform, its municipalities and their point series on a chain, and sets them up.

    deployment = deploy(deployer, plan, records)
    deployment.series["131016-RELIEF"]  # its token's address

A plan is data (`PlatformPlan`). Running it again, after an interruption or with additions, sends only what
the chain does not show done yet. It is the same code for the scripts, the demo and the fixtures of the tests.

What takes two officers is proposed and approved; what has to wait besides, comes back as `pending`, and a
later run of the same plan executes it.

Not here: changes of mind. A plan lifts no suspension, and appoints officers only when it registers their
municipality; later appointments are acts (scripts.lib.acts).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from scripts.lib.acts import Act
from scripts.lib.calls import Call, Deployed, Deployer, View
from scripts.lib.exchange.rules import EXCHANGE_LIBRARIES, SERVICE_NAME, offered_acts
from scripts.lib.expiry_rule import ExpiryRule
from scripts.lib.payment.sale_terms import SaleTerms
from scripts.lib.proceedings import Pending, carry_out, execute_pending
from scripts.lib.reasons import Reason
from scripts.lib.records import DeploymentRecords, RecordError
from scripts.lib.roles import Role

ZERO_ADDRESS = "0x" + "0" * 40

PLATFORM = "platform"
OFFICERS = "officers"
RESIDENTS = "residents"
"""Labels in the records; series and libraries have their own."""

SERIES_LIBRARIES = (
    "SeriesSettings",
    "SeriesMigration",
    "LotCorrections",
    "ResidentGrants",
    "SaleDesk",
    "SettlementDesk",
    "SeriesViews",
)
"""What the code of every series links to; deployed once for all of them."""

SERVICES = {
    "MerchantSettlement": "精算",
    "GrantProgrammes": "付与事業",
    "PaymentBonus": "お買い物還元",
    "PartnerExchange": SERVICE_NAME,
}
"""Services that a council can offer, by contract: what it calls them. Each is deployed once for all
municipalities and knows the platform."""

SERVICE_LIBRARIES = {"PartnerExchange": EXCHANGE_LIBRARIES}
"""What the code of a service links to."""


_NAMED: dict[str, Callable[[], Any]] = {"PartnerExchange": offered_acts}


@dataclass(frozen=True)
class MerchantPlan:
    """A shop or public facility to approve; name and place become public."""

    address: str
    name: str
    place: str
    category: int = 0


@dataclass(frozen=True)
class SeriesPlan:
    """A point series to deploy and register.

    Attributes:
        label: unique name of the series in the records, e.g. "131016-RELIEF".
        expiry_months: see IMunicipalPoint.ExpiryRule; ignored by the rules that need no number.
        minters: account to the points it may mint in its life.
        sale_terms: for how long sales can be paid and refunded.
        predecessor: address of the series that it takes over from; zero if it begins with nothing.
    """

    label: str
    name: str
    symbol: str
    expiry_rule: ExpiryRule
    expiry_months: int = 0
    minters: dict[str, int] = field(default_factory=dict)
    merchants: Sequence[MerchantPlan] = ()
    sale_terms: SaleTerms = field(default_factory=SaleTerms)
    predecessor: str = ZERO_ADDRESS


@dataclass(frozen=True)
class MunicipalityPlan:
    """A municipality to register.

    Attributes:
        code: 全国地方公共団体コード as a number (011002 is 11002).
        admin: its first Admin.
        officers: pairs of role and account, appointed with the registration. A second Admin among them
            approves what the first proposes.

    Raises:
        LookupError: there are merchants but no officer to approve them.
    """

    code: int
    name: str
    admin: str
    officers: Sequence[tuple[Role, str]] = ()
    series: Sequence[SeriesPlan] = ()

    def __post_init__(self) -> None:
        if any(planned.merchants for planned in self.series):
            self.officer(Role.MERCHANT_OFFICER)  # or nobody could approve them

    def officer(self, role: Role) -> str:
        """Return the first account that the plan appoints to a role.

        Raises:
            LookupError: the plan appoints nobody.
        """
        for planned_role, account in self.officers:
            if planned_role == role:
                return account
        raise LookupError(f"the plan of {self.code:06d} {self.name} appoints no {role.name}")

    def second_admin(self) -> str | None:
        """Return the account that approves what the first Admin proposes; None if there is none."""
        return next(
            (account for role, account in self.officers if role == Role.ADMIN and account != self.admin), None
        )

    def appointments(self) -> list[tuple[int, str]]:
        """Return the first officers, each office and account once, the first Admin first."""
        return list(dict.fromkeys([(int(Role.ADMIN), self.admin), *((int(r), a) for r, a in self.officers)]))


@dataclass(frozen=True)
class PlatformPlan:
    """Everything to deploy for one council.

    Attributes:
        deployer: account that pays for deployments and has no power afterwards.
        council: first Admin of the council.
        services: contracts to deploy and offer; see SERVICES. Accepting them is for each municipality.
    """

    deployer: str
    council: str
    municipalities: Sequence[MunicipalityPlan] = ()
    services: Sequence[str] = ()


@dataclass(frozen=True)
class Deployment:
    """Where everything is.

    Attributes:
        series: label of a series to the address of its token.
        services: name of a service's contract to its address.
        sent: calls that this run sent itself; empty if all was done before.
        acts: acts of officers that this run did, proposed or executed.
        pending: acts that must wait until their `ready_at`; a later run executes them.
    """

    platform: str
    officers: str
    residents: str
    series: dict[str, str]
    sent: list[Call]
    acts: list[Act]
    pending: list[Pending]
    services: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Step:
    """A call, and the view that shows whether it is needed any more."""

    call: Call
    view: View
    is_done: Callable[[Any], bool]


def deploy(deployer: Deployer, plan: PlatformPlan, records: DeploymentRecords | None = None) -> Deployment:
    """Carry out a plan, or the part of it that is missing.

    Args:
        records: where addresses are read from and noted; without, everything is deployed anew (tests).

    Raises:
        RecordError: the records do not fit the chain.
        Whatever the deployer raises when a transaction fails.
    """
    sent: list[Call] = []

    def carry_out_steps(steps: Iterator[Step]) -> None:
        calls = missing_calls(deployer, list(steps))
        deployer.send(calls)
        sent.extend(calls)

    def place(
        label: str, contract: str, arguments: tuple[Any, ...], libraries: Mapping[str, str] | None = None
    ) -> str:
        if records is not None and label in records:
            return records.address_of(label, contract, arguments)
        deployed = deployer.deploy(contract, arguments, plan.deployer, libraries)
        if records is not None:
            records.append(label, contract, arguments, deployed)
        return deployed.address

    platform = place(PLATFORM, "PointPlatform", (plan.council,))
    officers = _part_of(deployer, plan, platform, records, OFFICERS, "Officers", (plan.council,))
    residents = _part_of(deployer, plan, platform, records, RESIDENTS, "ResidentRegistry", (officers,))
    libraries = {library: place(library_label(library), library, ()) for library in SERIES_LIBRARIES}
    services = {}
    for service in plan.services:
        linked = {
            library: place(library_label(library), library, ())
            for library in SERVICE_LIBRARIES.get(service, ())
        }
        services[service] = place(service_label(service), service, (platform,), linked)
    carry_out_steps(chain(offers(deployer, plan, platform, services), registrations(plan, platform)))
    if sent:
        deployer.next_second()  # an approver must have held the office before an act is proposed

    series: dict[str, str] = {}
    for municipality in plan.municipalities:
        for planned in municipality.series:
            arguments = series_arguments(municipality.code, officers, residents, planned)
            series[planned.label] = place(planned.label, "MunicipalPoint", arguments, libraries)
    carry_out_steps(series_registrations(plan, platform, series))

    acts = missing_approvals(deployer, plan, series) + missing_allowances(deployer, plan, series)
    waiting = carry_out(deployer, officers, acts, deployer.now())
    due = [pending for pending in waiting if pending.ready_at <= deployer.now()]
    execute_pending(deployer, officers, due)
    return Deployment(
        platform,
        officers,
        residents,
        series,
        sent,
        acts,
        [each for each in waiting if each not in due],
        services,
    )


def library_label(library: str) -> str:
    """Return the label that a library has in the records."""
    return f"library {library}"


def service_label(service: str) -> str:
    """Return the label that a service has in the records."""
    return f"service {service}"


def series_arguments(code: int, officers: str, residents: str, planned: SeriesPlan) -> tuple[Any, ...]:
    """Return the constructor's arguments of a series of the municipality `code`."""
    return (
        code,
        officers,
        residents,
        planned.name,
        planned.symbol,
        int(planned.expiry_rule),
        planned.expiry_months,
        tuple(planned.sale_terms),
        planned.predecessor,
    )


def _part_of(
    deployer: Deployer,
    plan: PlatformPlan,
    platform: str,
    records: DeploymentRecords | None,
    label: str,
    contract: str,
    arguments: tuple[Any, ...],
) -> str:
    """Return the address of a contract that the platform's constructor has deployed."""
    [address] = deployer.read([View("PointPlatform", platform, label)])
    if records is None:
        return str(address)
    if label not in records:
        origin = records[PLATFORM]
        records.append(label, contract, arguments, Deployed(address, origin.transaction, origin.block))
    recorded = records.address_of(label, contract, arguments)
    if recorded != address:
        raise RecordError(f"{records.file}: {label} is recorded at {recorded}, the platform obeys {address}")
    return recorded


def missing_calls(deployer: Deployer, steps: Sequence[Step]) -> list[Call]:
    """Return the calls that the chain does not show done."""
    answers = deployer.read([step.view for step in steps])
    return [step.call for step, answer in zip(steps, answers, strict=True) if not step.is_done(answer)]


# --------------------------------------------------------------------- builders


def registrations(plan: PlatformPlan, platform: str) -> Iterator[Step]:
    """Yield the registration of every municipality, by the council."""
    for town in plan.municipalities:
        yield Step(
            Call(
                "PointPlatform",
                platform,
                "registerMunicipality",
                (town.code, town.name, town.appointments()),
                plan.council,
                f"{town.code:06d} {town.name}",
            ),
            View("PointPlatform", platform, "isRegistered", (town.code,)),
            bool,
        )


def offers(
    deployer: Deployer, plan: PlatformPlan, platform: str, services: Mapping[str, str]
) -> Iterator[Step]:
    """Yield the offer of every service, by the council, under the rules that the service names.

    PartnerExchange has no room to name its own: they stand in scripts.lib.exchange.rules.
    """
    naming = [
        View(service, address, "acts") for service, address in services.items() if service not in _NAMED
    ]
    rules = dict(zip((view.contract for view in naming), deployer.read(naming), strict=True))
    for service, address in services.items():
        acts = rules[service] if service in rules else _NAMED[service]()
        yield Step(
            Call(
                "PointPlatform",
                platform,
                "offerService",
                (address, SERVICES[service], acts),
                plan.council,
                SERVICES[service],
            ),
            View("PointPlatform", platform, "isOffered", (address,)),
            bool,
        )


def series_registrations(plan: PlatformPlan, platform: str, series: dict[str, str]) -> Iterator[Step]:
    """Yield the registration of every series, by the council."""
    for town in plan.municipalities:
        for planned in town.series:
            token = series[planned.label]
            yield Step(
                Call(
                    "PointPlatform",
                    platform,
                    "registerSeries",
                    (town.code, token),
                    plan.council,
                    f"{town.name} {planned.name}",
                ),
                View("PointPlatform", platform, "municipalityOf", (token,)),
                bool,
            )


def missing_approvals(deployer: Deployer, plan: PlatformPlan, series: dict[str, str]) -> list[Act]:
    """Return the approval of each merchant that never was, by the municipality's first MerchantOfficer."""
    wanted = [
        (town, series[planned.label], merchant)
        for town in plan.municipalities
        for planned in town.series
        for merchant in planned.merchants
    ]
    standings = deployer.read(
        [View("MunicipalPoint", token, "merchantOf", (merchant.address,)) for _, token, merchant in wanted]
    )
    return [
        Act(
            town.code,
            "MunicipalPoint",
            token,
            "approveMerchant",
            (merchant.address, merchant.category, merchant.name, merchant.place),
            Reason.NEW_MERCHANT,
            by=town.officer(Role.MERCHANT_OFFICER),
            subject=merchant.name,
        )
        for (town, token, merchant), standing in zip(wanted, standings, strict=True)
        if not standing[0]  # whatever became of it since
    ]


def missing_allowances(deployer: Deployer, plan: PlatformPlan, series: dict[str, str]) -> list[Act]:
    """Return what each minter must be allowed for its lifetime total to reach the plan's, by the two Admins.

    A minter that has been allowed more than planned is left alone.
    """
    wanted = [
        (town, series[planned.label], minter, points)
        for town in plan.municipalities
        for planned in town.series
        for minter, points in planned.minters.items()
    ]
    states = deployer.read(
        [View("MunicipalPoint", token, "minterOf", (minter,)) for _, token, minter, _ in wanted]
    )
    return [
        Act(
            town.code,
            "MunicipalPoint",
            token,
            "increaseMinterAllowance",
            (minter, points - allowance - minted),
            Reason.ROUTINE,
            by=town.admin,
            second=town.second_admin(),
            subject=town.name,
        )
        for (town, token, minter, points), (allowance, minted) in zip(wanted, states, strict=True)
        if points > allowance + minted
    ]
