"""Compares who holds which office: on the chain, by the events, and by the plan that appointed them."""

from __future__ import annotations

from scripts.lib.calls import View
from scripts.lib.deployment import COUNCIL_CODE, PlatformPlan, Role, role_id
from scripts.lib.finding import Finding
from scripts.lib.replay import Replay
from scripts.lib.rpc import Rpc
from scripts.lib.view_reader import read_views


def audit_offices(rpc: Rpc, plan: PlatformPlan, officers: str, replay: Replay) -> tuple[int, list[Finding]]:
    """Ask the chain whether anybody with any office holds any other, too.

    Args:
        officers: address of Officers.

    Returns:
        How many pairs of office and account were compared, and the findings.
    """
    names = {COUNCIL_CODE: "council"} | {town.code: town.name for town in plan.municipalities}
    planned = {(COUNCIL_CODE, Role.ADMIN, plan.council)}
    for town in plan.municipalities:
        planned.add((town.code, Role.ADMIN, town.admin))
        planned.update((town.code, role, account) for role, account in town.officers)
    replayed = {
        (code, Role(role), account)
        for (code, role), holders in replay.officers.items()
        for account in holders
    }

    offices = [(code, role) for code in names for role in Role if code != COUNCIL_CODE or role is Role.ADMIN]
    everybody = sorted({account for *_, account in planned | replayed})
    pairs = [(code, role, account) for code, role in offices for account in everybody]
    held = read_views(
        rpc,
        [
            View("Officers", officers, "hasRole", (role_id(code, role), account))
            for code, role, account in pairs
        ],
    )
    on_chain = {pair for pair, holds in zip(pairs, held, strict=True) if holds}
    sources = {"chain": on_chain, "plan": planned, "events": replayed}
    return len(pairs), [
        Finding(
            names.get(code, f"{code:06d}"),
            "",
            account,
            f"holds the office {role.name}",
            {source: str((code, role, account) in holders) for source, holders in sources.items()},
        )
        for code, role, account in sorted(set().union(*sources.values()))
        if not all((code, role, account) in holders for holders in sources.values())
    ]
