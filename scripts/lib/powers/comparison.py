"""Compares the map of powers on the chain with the one that was decided.

    for difference in differences(powers): ...

What nobody decided about is a difference too: a new function must be put into scripts.lib.powers.expected
before it can pass.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from scripts.lib.act_rules import Rule, duration_label
from scripts.lib.bilingual import Bilingual
from scripts.lib.powers.expected import EXPECTED, Expected
from scripts.lib.powers.guards import Asker, Guard
from scripts.lib.powers.on_chain import Powers


class Difference(NamedTuple):
    """One thing that is not as it was decided.

    Attributes:
        place: contract and function, or what else it is about.
        found: what the chain says. `expected`: what was decided.
    """

    place: str
    expected: Bilingual
    found: Bilingual


_NOTHING = Bilingual("nothing of the kind", "なし")


def differences(powers: Powers, expected: Expected = EXPECTED) -> list[Difference]:
    """Return everything in which the chain is not as decided; a function that nobody decided about is one."""
    return [*_function_differences(powers, expected), *_loose_ends(powers, expected)]


def _function_differences(powers: Powers, expected: Expected) -> Iterator[Difference]:
    for power in powers.functions:
        place = f"{power.contract}.{power.function} ({power.address})"
        wanted = expected.get(power.contract, {}).get(power.function)
        if wanted is None:
            yield Difference(
                place, Bilingual("no such function", "この関数なし"), _passes_label(power.passes)
            )
            continue
        guard = Guard.ACT if isinstance(wanted, Rule) else wanted
        if power.passes is not None and power.passes != guard.passes & powers.askers:
            yield Difference(place, guard.label, _passes_label(power.passes))
        rule = wanted if isinstance(wanted, Rule) else None
        if power.rule != rule:
            yield Difference(place, _rule_label(rule), _rule_label(power.rule))


def _loose_ends(powers: Powers, expected: Expected) -> Iterator[Difference]:
    found = {(power.contract, power.function) for power in powers.functions}
    present = set(powers.contracts.values())
    for contract, functions in expected.items():
        for function, guard in functions.items():
            if contract in present and (contract, function) not in found:
                wanted = _rule_label(guard) if isinstance(guard, Rule) else guard.label
                yield Difference(f"{contract}.{function}", wanted, _NOTHING)
    for orphan in powers.rules_without_function:
        found_rule = Bilingual("a rule for a function of no contract", "対象の関数がない規則")
        yield Difference(f"0x{orphan.selector.hex()} ({orphan.target})", _NOTHING, found_rule)
    for contradiction in powers.contradictions:
        agreement = Bilingual("events and contracts agree", "イベントとコントラクトの一致")
        yield Difference("Officers", agreement, contradiction)


def _passes_label(passes: frozenset[Asker] | None) -> Bilingual:
    if passes is None:
        return Bilingual("not tried", "未確認")
    if not passes:
        return Bilingual("turns away all who were tried", "試した呼出し元をすべて拒否")
    names = ", ".join(asker.name for asker in Asker if asker in passes)
    return Bilingual(f"open to {names}", f"{names}に開放")


def _rule_label(rule: Rule | None) -> Bilingual:
    if rule is None:
        return Bilingual("no rule: not an act", "規則なし(行為ではない)")
    proposer, approver = rule.proposer.label, rule.approver.label
    approved, alone = duration_label(rule.delay_approved), duration_label(rule.delay_alone)
    return Bilingual(
        f"{proposer.english}; approved by {approver.english}: {approved.english}; alone: {alone.english}",
        f"{proposer.japanese}、{approver.japanese}の承認で{approved.japanese}、単独で{alone.japanese}",
    )
