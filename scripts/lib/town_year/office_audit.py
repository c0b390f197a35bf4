"""Compares who holds which office: on the chain, by the events, and by the plan and the acts of the year."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from scripts.lib.calls import View
from scripts.lib.deployment import PlatformPlan
from scripts.lib.finding import Finding
from scripts.lib.node.rpc import Rpc
from scripts.lib.node.view_reader import read_views
from scripts.lib.replays.everything import Replay
from scripts.lib.roles import COUNCIL, Role, role_id

_NO_TERM = (0, 0)


class Office(NamedTuple):
    """An account that holds a role; municipality 0 is the council."""

    municipality: int
    role: Role
    account: str


def planned_offices(plan: PlatformPlan) -> set[Office]:
    """Return the offices that the plan gives at the beginning."""
    council = Office(COUNCIL, Role.ADMIN, plan.council)
    return {council} | {
        Office(town.code, Role(role), account)
        for town in plan.municipalities
        for role, account in town.appointments()
    }


def audit_offices(
    rpc: Rpc, plan: PlatformPlan, appointed: Iterable[Office], officers: str, replay: Replay, now: int
) -> tuple[int, list[Finding]]:
    """Ask the chain whether anybody with any office holds any other, too, and since when.

    Args:
        appointed: offices given since, without end.
        officers: address of Officers.
        now: time of the latest block, in Unix seconds.

    Returns:
        How many pairs of office and account were compared, and the findings.
    """
    planned = planned_offices(plan) | set(appointed)
    terms = {
        Office(office.municipality, Role(office.role), account): (term.since, term.until)
        for office, held in replay.officers.terms.items()
        for account, term in held.items()
    }
    serving = {
        Office(office.municipality, Role(office.role), account)
        for office, holders in replay.officers.holders_at(now).items()
        for account in holders
    }
    everybody = sorted({office.account for office in planned | terms.keys()})
    pairs = [
        Office(code, role, account)
        for code in (COUNCIL, *(town.code for town in plan.municipalities))
        for role in Role
        if code != COUNCIL or role is Role.ADMIN
        for account in everybody
    ]
    ids = [(role_id(pair.municipality, pair.role), pair.account) for pair in pairs]
    holds = read_views(rpc, [View("Officers", officers, "hasRole", arguments) for arguments in ids])
    told = read_views(rpc, [View("Officers", officers, "termOf", pair) for pair in pairs])
    on_chain = {pair for pair, is_held in zip(pairs, holds, strict=True) if is_held}
    terms_on_chain = {pair: tuple(term) for pair, term in zip(pairs, told, strict=True)}

    findings: list[Finding] = []
    for office in sorted({*pairs, *planned, *terms}):
        role = office.role.name
        held = {"chain": office in on_chain, "plan": office in planned, "events": office in serving}
        term = {"chain": terms_on_chain.get(office, _NO_TERM), "events": terms.get(office, _NO_TERM)}
        findings += _disagreement(plan, office, f"holds the office {role}", held)
        findings += _disagreement(plan, office, f"term as {role}", term)
    return len(pairs), findings


def _disagreement(
    plan: PlatformPlan, office: Office, figure: str, says: dict[str, bool] | dict[str, tuple[int, ...]]
) -> Iterator[Finding]:
    """Yield a finding if the sources do not say the same."""
    if len(set(says.values())) == 1:
        return
    names = {COUNCIL: "council"} | {town.code: town.name for town in plan.municipalities}
    town = names.get(office.municipality, f"{office.municipality:06d}")
    yield Finding(town, "", office.account, figure, {source: str(value) for source, value in says.items()})
