"""What a partner company (協力企業) does: exchanges for residents from its file.

    python -m scripts.partner exchange exchanges.csv    (or: brownie run partner exchange exchanges.csv)
    python -m scripts.partner --help                    all commands, in Japanese and English

On a local chain a command shows its plan, asks, and sends; on any other it shows the plan, and sends with
`send`. Exit codes: 0 done, 1 rejected input or answered no: nothing was sent, 2 partly done and safe to
repeat, 3 refused by the chain.
"""

from scripts.lib.administration.command_line import main as run_program
from scripts.lib.administration.command_line import run_in_brownie

ACTOR = "partner"

# brownie run finds only functions that stand in this very file: one for each command.


def new_key(*words: str) -> None:
    """書類・管理番号の鍵の作成(最初の1回)."""
    run_in_brownie(ACTOR, "new-key", words)


def exchange(*words: str) -> None:
    """ポイント交換."""
    run_in_brownie(ACTOR, "exchange", words)


def coupon_codes(*words: str) -> None:
    """クーポンコードの作成(送信なし)."""
    run_in_brownie(ACTOR, "coupon-codes", words)


def issue_coupons(*words: str) -> None:
    """クーポンの発行."""
    run_in_brownie(ACTOR, "issue-coupons", words)


def sweep(*words: str) -> None:
    """留保ポイントの移行."""
    run_in_brownie(ACTOR, "sweep", words)


def statement(*words: str) -> None:
    """協力企業別明細."""
    run_in_brownie(ACTOR, "statement", words)


if __name__ == "__main__":
    run_program(ACTOR)
