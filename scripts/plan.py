"""Plans between machines: shown and signed where there is no network, relayed where there is.

    python -m scripts.municipality grant grants.csv --out plan.json     on a machine that sees the chain
    python -m scripts.plan show plan.json                               anywhere
    python -m scripts.plan sign plan.json signed.json                   on the machine with the key, offline
    python -m scripts.plan relay signed.json --url URL                  on a machine that sees the chain

An altered file is refused, with both digests. Relaying twice sends nothing twice. Exit codes: 0 done,
1 rejected input or answered no: nothing was sent, 2 partly done and safe to repeat, 3 refused by the chain.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from scripts.lib.administration.connection import LOCAL
from scripts.lib.administration.keys import KeyChoice, add_key_options
from scripts.lib.administration.plan_desk import relay_plan, show_plan, sign_file
from scripts.lib.keys.keyring import Keyring


def main(arguments: Sequence[str] | None = None, keyring: Keyring | None = None) -> int:
    """Show, sign or relay a plan; return the exit code.

    Args:
        keyring: signs; if None, the keys that the words name, or the ready accounts of the local chain.
    """
    parser = argparse.ArgumentParser(
        prog="python -m scripts.plan", description="計画の表示・署名・送信 / show, sign and relay plans"
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="操作 command")
    show = commands.add_parser("show", help="計画の表示 / show a plan")
    sign = commands.add_parser("sign", help="計画への署名(ネットワーク不要) / sign a plan, offline")
    relay = commands.add_parser("relay", help="署名済み計画の送信 / relay a signed plan")
    for each in (show, sign, relay):
        each.add_argument("file", type=Path, help="ファイル / file")
        each.add_argument("--yes", action="store_true", help="確認の質問をしない / do not ask")
    sign.add_argument("signed", type=Path, help="署名済み計画の出力先 / where the signed plan goes")
    add_key_options(sign)
    relay.add_argument(
        "--network", default=LOCAL, help="ネットワークの名前 / network of scripts/networks.yaml"
    )
    relay.add_argument("--url", help="ノードのURL / JSON-RPC of a node")
    chosen = parser.parse_args(arguments)
    if chosen.command == "show":
        return show_plan(chosen.file)
    if chosen.command == "sign":
        return sign_file(chosen.file, chosen.signed, keyring, KeyChoice.of(chosen), yes=chosen.yes)
    return relay_plan(chosen.file, chosen.network, chosen.url, yes=chosen.yes)


if __name__ == "__main__":
    sys.exit(main())
