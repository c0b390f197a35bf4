"""The rules of acts, read from the chain: which office proposes one, which approves it, how long it waits."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from scripts.lib.bilingual import Bilingual
from scripts.lib.calls import Deployer, View
from scripts.lib.roles import Role

AT_ONCE = 0
NEVER = None
"""In place of `delay_alone`: not without a second officer."""

_NEVER_ALONE = 2**32 - 1  # ActRules.NEVER_ALONE
_HOUR = 60 * 60
_DAY = 24 * _HOUR


PLATFORM_ITSELF = "0x" + "00" * 20
"""In place of a service: roles, series and residents."""


class Function(NamedTuple):
    """A function of one contract: address (0x hex) and selector."""

    target: str
    selector: bytes


class Rule(NamedTuple):
    """How an act comes about; durations in seconds.

    Attributes:
        proposer: the office that proposes it, or does it at once if `takes_one`.
        approver: the office of the second officer, who is another person.
        delay_approved: how long it waits after the approval.
        delay_alone: how long it waits without an approval; NEVER if that does not do.
    """

    proposer: Role
    approver: Role
    delay_approved: int
    delay_alone: int | None

    @property
    def takes_one(self) -> bool:
        """Whether one officer may do it at once."""
        return self.delay_alone == AT_ONCE

    @property
    def takes_two(self) -> bool:
        """Whether it never happens without a second officer."""
        return self.delay_alone is NEVER

    @classmethod
    def of(cls, answer: Any) -> Rule:
        """Return the rule that the struct ActRule of IOfficers holds."""
        proposer, approver, delay_approved, delay_alone = answer
        return cls(
            Role(proposer),
            Role(approver),
            int(delay_approved),
            NEVER if delay_alone == _NEVER_ALONE else int(delay_alone),
        )


def read_rules(deployer: Deployer, officers: str, functions: Iterable[Function]) -> dict[Function, Rule]:
    """Return the rule of each function.

    Args:
        officers: address of Officers.

    Raises:
        Whatever the deployer raises for a revert: one of them is no act.
    """
    wanted = sorted(set(functions))
    targets = sorted({function.target for function in wanted})
    [platform] = deployer.read([View("Officers", officers, "platform")])
    offered = deployer.read([View("PointPlatform", platform, "isOffered", (target,)) for target in targets])
    # Services bring rules of their own; those of the platform stand under zero.
    service = {
        target: target if is_service else PLATFORM_ITSELF
        for target, is_service in zip(targets, offered, strict=True)
    }
    answers = deployer.read(
        [
            View("Officers", officers, "ruleOfService", (service[function.target], function.selector))
            for function in wanted
        ]
    )
    return {function: Rule.of(answer) for function, answer in zip(wanted, answers, strict=True)}


def duration_label(seconds: int | None) -> Bilingual:
    """Return a wait in words: at once, hours, days, or never."""
    if seconds is NEVER:
        return Bilingual("never", "不可")
    if seconds == AT_ONCE:
        return Bilingual("at once", "直ちに")
    # 48 hours are not called two days: a veto is a matter of hours.
    if seconds % _DAY == 0 and seconds > 3 * _DAY:
        return Bilingual(f"{seconds // _DAY} days", f"{seconds // _DAY}日後")
    if seconds % _HOUR == 0:
        return Bilingual(f"{seconds // _HOUR} hours", f"{seconds // _HOUR}時間後")
    return Bilingual(f"{seconds} s", f"{seconds}秒後")
