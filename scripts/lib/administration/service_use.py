"""Whether a municipality uses a service yet: what is said, with the date, where it does not."""

from __future__ import annotations

from scripts.lib.acts import Act
from scripts.lib.administration.desk import Desk
from scripts.lib.administration.proposals import is_open, proposals_for
from scripts.lib.administration.task import CommandError
from scripts.lib.bilingual import Bilingual
from scripts.lib.calls import View
from scripts.lib.deployment import SERVICES
from scripts.lib.japan_calendar import era_moment_label
from scripts.lib.reasons import Reason
from scripts.lib.roles import COUNCIL


def require_accepted(desk: Desk, acts: list[Act]) -> None:
    """Make sure that the services that acts are done in are used by their municipality.

    Raises:
        CommandError: one is not; it says from when on, or what comes first.
    """
    asked = dict.fromkeys(
        (act.municipality, act.contract, act.address) for act in acts if act.contract in SERVICES
    )
    views = [View("Officers", desk.officers, "isAccepted", (town, address)) for town, _, address in asked]
    for (town, contract, address), is_accepted in zip(asked, desk.read(views), strict=True):
        if not is_accepted:
            raise CommandError(*_why(desk, town, contract, address))


def _why(desk: Desk, town: int, contract: str, address: str) -> Bilingual:
    command = f"{'council' if town == COUNCIL else 'municipality'} accept-service {contract}"
    acceptance = desk.act(
        "Officers",
        desk.officers,
        "acceptService",
        town,
        address,
        reason=Reason.NEW_SERVICE,
        municipality=town,
    )
    [proposals] = proposals_for(desk, [acceptance])
    waiting = [proposal for proposal in proposals if is_open(proposal, desk.now())]
    if not waiting:
        return Bilingual(
            f"{contract} is not in use yet: `{command}` comes first",
            f"サービス {contract} の利用を開始していません。先に {command} を実行してください",
        )
    ready_at = waiting[-1].ready_at(desk.rule(acceptance))
    assert ready_at is not None  # a service can be accepted by one alone, who waits
    time = era_moment_label(ready_at)
    return Bilingual(
        f"{contract} is not in use yet: from {time.english} on run `{command}` again, then this",
        f"サービス {contract} はまだ利用できません。{time.japanese}以降に {command} をもう一度実行してから、"
        "この操作を行ってください",
    )
