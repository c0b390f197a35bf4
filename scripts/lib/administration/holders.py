"""Who holds which office on the chain, whether their keys are at hand or not."""

from __future__ import annotations

from collections.abc import Collection

from scripts.lib.administration.desk import Desk
from scripts.lib.bilingual import Bilingual
from scripts.lib.calls import View
from scripts.lib.contract_abi import event_topic
from scripts.lib.node.event_log import read_events
from scripts.lib.roles import Role


def holders_of(desk: Desk, roles: Collection[Role] = tuple(Role)) -> dict[Role, list[str]]:
    """Return the accounts that hold offices of the desk's municipality now, in the order of appointment."""
    topics = [event_topic("Officers", "TermBegins"), f"0x{desk.code:064x}"]
    events = read_events(desk.connection.rpc, [desk.officers], desk.first_block, topics=topics)
    terms = [(Role(event.arguments["role"]), event.arguments["account"]) for event in events]
    asked = [term for term in dict.fromkeys(terms) if term[0] in roles]
    views = [
        View("Officers", desk.officers, "isOfficer", (desk.code, int(role), account))
        for role, account in asked
    ]
    found: dict[Role, list[str]] = {role: [] for role in sorted(roles)}
    for (role, account), holds in zip(asked, desk.read(views), strict=True):
        if holds:
            found[role].append(account)
    return found


def next_by(desk: Desk, roles: Collection[Role], *, by_files: bool = True) -> Bilingual:
    """Return who has to run the same command next, because nobody at hand can begin what follows.

    Args:
        by_files: whether it reads files, which whoever runs it needs too.
    """
    holders = holders_of(desk, roles)
    english = "; ".join(f"{role.label.english} ({', '.join(who)})" for role, who in holders.items())
    japanese = "、".join(f"{role.label.japanese}({'、'.join(who)})" for role, who in holders.items())
    return Bilingual(
        f"next: {english} runs the same command{' with the same files' if by_files else ''}",
        f"次は{japanese}が、{'同じファイルで' if by_files else ''}同じコマンドを実行します",
    )


def nobody_at_hand(desk: Desk, roles: Collection[Role]) -> Bilingual:
    """Return what is said where nobody at hand holds the office that begins an act, with who does."""
    names = ", ".join(role.label.english for role in sorted(roles))
    offices = "、".join(role.label.japanese for role in sorted(roles))
    holding = [(role, "、".join(accounts) or "—") for role, accounts in holders_of(desk, roles).items()]
    english = "; ".join(f"{role.label.english}: {accounts}" for role, accounts in holding)
    japanese = "。".join(f"{role.label.japanese}: {accounts}" for role, accounts in holding)
    return Bilingual(
        f"nobody at hand holds the office that begins this: {names}. On the chain it is held by {english}. "
        "Bring the key with --keystore FILE, or write a plan for its holder with --by ACCOUNT --out FILE",
        f"手元の鍵に、これを始める役職({offices})を持つものがありません。チェーン上の{japanese}。"
        "その鍵を --keystore ファイル で指定するか、--by 口座 --out ファイル で計画を書き出してください",
    )
