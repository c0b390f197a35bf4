"""The council's account of several keys (2 of 3, say): no key alone registers, offers or vetoes anything.

    python -m scripts.multisignature open OWNER OWNER OWNER --threshold 2
    python -m scripts.council deploy municipalities.csv --council ACCOUNT      writes what must be signed
    python -m scripts.multisignature propose ACCOUNT CONTRACT FUNCTION [ARGUMENT …] --out FILE
    python -m scripts.multisignature show FILE
    python -m scripts.multisignature sign FILE --keystore NAME                 each owner, offline
    python -m scripts.multisignature send FILE                                 anyone, as often as they like

An altered file is refused. Exit codes: 0 done, 1 rejected input or answered no: nothing was sent, 2 partly
done and safe to repeat, 3 refused by the chain.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from scripts.lib.administration.command_line import terminal
from scripts.lib.administration.connection import LOCAL, Connection
from scripts.lib.administration.keys import KeyChoice, add_key_options
from scripts.lib.multisignature.desk import (
    LABELS,
    open_account,
    propose_call,
    send_proposal,
    show_proposal,
    sign_proposal,
    told,
)
from scripts.lib.records import FOLDER


def main(arguments: Sequence[str] | None = None, connection: Connection | None = None) -> int:
    """Open, propose, show, sign or send; return the exit code.

    Args:
        connection: used instead of the network that the words name.
    """
    chosen = _parser().parse_args(arguments)
    if chosen.command == "show":
        return show_proposal(chosen.file)
    if chosen.command == "sign":
        return sign_proposal(chosen.file, KeyChoice.of(chosen), yes=chosen.yes)
    return told(terminal(), lambda: _on_chain(chosen, connection))


def _on_chain(chosen: argparse.Namespace, connection: Connection | None) -> int:
    """Do what takes a node."""
    connection = connection or Connection.open(chosen.network, chosen.url, FOLDER, KeyChoice.of(chosen))
    if chosen.command == "open":
        return open_account(connection, chosen.owner, chosen.threshold, yes=chosen.yes)
    if chosen.command == "propose":
        words = (chosen.contract, chosen.function, chosen.argument)
        return propose_call(connection, chosen.account, *words, chosen.out)
    return send_proposal(connection, chosen.file, yes=chosen.yes)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m scripts.multisignature",
        description="運用協議会の複数署名の口座 / the council's account of several keys",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="操作 command")
    opened = commands.add_parser("open", help="口座の開設 / open an account")
    opened.add_argument("owner", nargs="+", help="鍵のアドレス / address of a key")
    opened.add_argument("--threshold", type=int, default=2, help="必要な署名の数 / signatures needed (2)")
    proposed = commands.add_parser("propose", help="取引の提案 / propose a call")
    proposed.add_argument("account", help="口座 / the account")
    proposed.add_argument("contract", choices=sorted(LABELS), help="契約 / contract")
    proposed.add_argument("function", help="操作 / function")
    proposed.add_argument("argument", nargs="*", help="引数 / arguments")
    proposed.add_argument("--out", type=Path, required=True, help="提案のファイル / file of the proposal")
    shown = commands.add_parser("show", help="提案の表示 / show a proposal")
    signing = commands.add_parser("sign", help="提案への署名(ネットワーク不要) / sign a proposal, offline")
    sending = commands.add_parser("send", help="署名済みの提案の送信 / send a signed proposal")
    for each in (shown, signing, sending):
        each.add_argument("file", type=Path, help="提案のファイル / file of the proposal")
    for each in (opened, signing, sending):
        each.add_argument("--yes", action="store_true", help="確認の質問をしない / do not ask")
    for each in (opened, proposed, signing, sending):
        add_key_options(each)
    for each in (opened, proposed, sending):
        each.add_argument("--network", default=LOCAL, help="ネットワークの名前 / of scripts/networks.yaml")
        each.add_argument("--url", help="ノードのURL / JSON-RPC of a node")
    return parser


if __name__ == "__main__":
    sys.exit(main())
