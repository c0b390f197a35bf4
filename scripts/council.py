"""What the council (運用協議会) does: deploys, registers towns, series and partners.

    python -m scripts.council deploy municipalities.csv    (or: brownie run council deploy municipalities.csv)
    python -m scripts.council --help                       all commands, in Japanese and English

On a local chain a command shows its plan, asks, and sends; on any other it shows the plan, and sends with
`send`. Exit codes: 0 done, 1 rejected input or answered no: nothing was sent, 2 partly done and safe to
repeat, 3 refused by the chain.
"""

from scripts.lib.administration.command_line import main as run_program
from scripts.lib.administration.command_line import run_in_brownie

ACTOR = "council"

# brownie run finds only functions that stand in this very file: one for each command.


def deploy(*words: str) -> None:
    """基盤の配置、自治体と種別の登録."""
    run_in_brownie(ACTOR, "deploy", words)


def status(*words: str) -> None:
    """状況の表示."""
    run_in_brownie(ACTOR, "status", words)


def powers(*words: str) -> None:
    """権限の一覧."""
    run_in_brownie(ACTOR, "powers", words)


def proposals(*words: str) -> None:
    """未処理の提案の一覧."""
    run_in_brownie(ACTOR, "proposals", words)


def approve(*words: str) -> None:
    """番号による提案の承認."""
    run_in_brownie(ACTOR, "approve", words)


def veto(*words: str) -> None:
    """提案の差止め・取下げ."""
    run_in_brownie(ACTOR, "veto", words)


def officers(*words: str) -> None:
    """職員の任命・解任・引継ぎ."""
    run_in_brownie(ACTOR, "officers", words)


def accept_service(*words: str) -> None:
    """サービスの利用開始."""
    run_in_brownie(ACTOR, "accept-service", words)


def new_commitment_key(*words: str) -> None:
    """マイキーIDの鍵の作成."""
    run_in_brownie(ACTOR, "new-commitment-key", words)


def register_partners(*words: str) -> None:
    """協力企業の登録."""
    run_in_brownie(ACTOR, "register-partners", words)


def replace_partner_key(*words: str) -> None:
    """協力企業の鍵の交換."""
    run_in_brownie(ACTOR, "replace-partner-key", words)


def suspend_partner(*words: str) -> None:
    """協力企業の停止."""
    run_in_brownie(ACTOR, "suspend-partner", words)


def resume_partner(*words: str) -> None:
    """協力企業の停止の解除."""
    run_in_brownie(ACTOR, "resume-partner", words)


def reappoint_admin(*words: str) -> None:
    """管理者の再任命."""
    run_in_brownie(ACTOR, "reappoint-admin", words)


if __name__ == "__main__":
    run_program(ACTOR)
