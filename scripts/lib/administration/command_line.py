"""Reads what an officer wrote, runs the command, and says in two languages how it ended.

    run("municipality", ["grant", "grants.csv", "--send"])            # a program's exit code
    run("municipality", ["grant", "grants.csv"], connection)         # on a chain that the caller opened

Words without dashes do as well, since `brownie run` passes no options: `send`, `plan`, `yes`, others, and
`name=value` for `--name value`.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

from eth_abi.exceptions import EncodingError
from rich.console import Console

from scripts.lib.acts import ActError
from scripts.lib.administration.columns import address, code
from scripts.lib.administration.connection import LOCAL, PLANS_FOLDER, Connection
from scripts.lib.administration.council import deploy_platform
from scripts.lib.administration.desk import Desk
from scripts.lib.administration.execution import NOTHING_SENT, Execution, ExitCode, Mode, input_digest
from scripts.lib.administration.keys import KeyChoice, add_key_options
from scripts.lib.administration.other_lists import ANOTHER_LIST
from scripts.lib.administration.plan import PlanError
from scripts.lib.administration.refusals import refusal_page
from scripts.lib.administration.task import CommandError
from scripts.lib.administration.transfer_files import WRITE_AGAIN
from scripts.lib.administration.verbs import ACTORS, Argument, Verb
from scripts.lib.artifacts import ArtifactError
from scripts.lib.bank.zengin import ZenginError
from scripts.lib.bilingual import Bilingual
from scripts.lib.bulk.grants import GrantRunError
from scripts.lib.csv_table import BadRows, CellError
from scripts.lib.durable_log import LogDamagedError, LogInUseError
from scripts.lib.journal import FOLDER as JOURNALS_FOLDER
from scripts.lib.journal import JournalError
from scripts.lib.keys.keyring import KeyringError
from scripts.lib.keys.keystore import KeystoreError
from scripts.lib.mykey import KeyFileError
from scripts.lib.node.external_signer import ExternalSignerError
from scripts.lib.node.local_chain import ChainError
from scripts.lib.node.networks import NetworkError, NoNodeError
from scripts.lib.node.rpc import CONNECTION_ERRORS
from scripts.lib.node.sender import SendError, StalledError
from scripts.lib.paper import SealError
from scripts.lib.personal_data import PersonalDataError
from scripts.lib.reasons import Reason
from scripts.lib.records import FOLDER, RecordError
from scripts.lib.roles import COUNCIL

WIDTH_WITHOUT_TERMINAL = 160
_USAGE_CHARACTERS = 300
_BARE_WORDS = {word: f"--{word}" for word in ("send", "plan", "yes", ANOTHER_LIST[2:], WRITE_AGAIN[2:])}
_SETTING = re.compile(r"([a-z][a-z-]*)=(.+)", re.DOTALL)

REJECTED = (
    ActError,
    ArtifactError,
    BadRows,
    CellError,
    CommandError,
    EncodingError,
    KeyFileError,
    KeyringError,
    KeystoreError,
    LogDamagedError,
    LogInUseError,
    NetworkError,
    PersonalDataError,
    PlanError,
    RecordError,
    SealError,
    ZenginError,
)
"""What is the matter with the input or with this machine; nothing was sent."""


class WrongWords(Exception):  # noqa: N818 (named for what the officer has to mend)
    """The command is not written as it must be."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Say what is wrong without ending the program of whoever called us."""
        usage = " ".join(self.format_usage().split())
        shown = usage if len(usage) <= _USAGE_CHARACTERS else f"usage: {self.prog} … (--help)"
        raise WrongWords(f"{message}\n書き方 / {shown}")


def run(
    actor: str,
    words: Sequence[str],
    connection: Connection | None = None,
    console: Console | None = None,
) -> ExitCode:
    """Run a command of an actor.

    Args:
        connection: the chain to work on; the one that the words name if None.
        console: where the officer reads; made without markup (see `terminal`).
    """
    console = console or terminal()
    try:
        options = _parser(actor).parse_args([_with_dashes(word) for word in words])
        connection = connection or Connection.open(
            options.network,
            options.url,
            options.records,
            KeyChoice.of(options),
            options.plans,
            options.journals,
        )
        return _run(actor, options, connection, console)
    except WrongWords as error:
        complain(console, str(error))
    except SystemExit as error:  # --help
        return ExitCode(int(error.code or 0))
    except REJECTED as error:
        complain(console, str(error))
    except OSError as error:
        if isinstance(error, CONNECTION_ERRORS) and error.filename is None:
            return _broke_off(console, error, connection)
        complain(console, f"{error.filename}: {error.strerror} / 読み書きできません")
    except SendError as error:
        console.print(refusal_page(error))
        return ExitCode.REFUSED_BY_CHAIN
    except ChainError as error:
        console.print(f"チェーンが拒否しました / refused by the chain: {error}", markup=False)
        return ExitCode.REFUSED_BY_CHAIN
    except CONNECTION_ERRORS as error:
        return _broke_off(console, error, connection)
    except (ExternalSignerError, GrantRunError, JournalError, StalledError) as error:
        return _broke_off(console, error)
    except KeyboardInterrupt as error:
        return _broke_off(console, error)
    return ExitCode.REJECTED_INPUT


def _run(actor: str, options: argparse.Namespace, connection: Connection, console: Console) -> ExitCode:
    mode = Mode.SEND if (connection.is_local or options.send) and not options.plan else Mode.PLAN
    if options.out is not None:
        mode = Mode.PLAN
    confirm = (lambda question: True) if options.yes else (lambda question: asks(console, question))
    verb: Verb = options.verb
    task = f"{actor}-{verb.name}"
    survey = verb.survey
    if survey is None:
        with _journalled(connection, mode, task, deploys=True):
            return deploy_platform(connection, options, console, mode, confirm)
    desk = Desk.of(
        connection,
        _municipality(actor, options),
        [account for account in (options.by, options.second) if account is not None],
        options.paper,
        options.reason,
    )
    if options.by is not None:
        # Whoever is named acts, and no other whose key happens to be at hand.
        desk.people = [options.by] + [options.second] * (options.second is not None)
    with _journalled(connection, mode, f"{task}-{desk.code:06d}"):
        return Execution(
            console,
            desk,
            lambda desk: survey(desk, options),
            mode,
            confirm,
            options.out,
            [actor, verb.name],
            _digests(verb, options),
            _reads_files(verb, options),
        ).run()


def _journalled(
    connection: Connection, mode: Mode, task: str, *, deploys: bool = False
) -> AbstractContextManager[None]:
    """Keep a journal of what is sent, if anything is."""
    return connection.journalled(task, deploys=deploys) if mode is Mode.SEND else nullcontext()


# ------------------------------------------------------------------------------------------------ WORDS


@cache
def _parser(actor: str) -> argparse.ArgumentParser:
    name, verbs = ACTORS[actor]
    common = _common()
    parser = _Parser(
        prog=f"python -m scripts.{actor}",
        description=f"{name.japanese}の操作 / {name.english}: CSVから計画を作り、確認して送信します。"
        "同じコマンドを繰り返しても二重には行われません。",
        epilog="終了コード / exit codes: 0 完了 done, 1 入力の誤り・中止(送信なし) rejected input or "
        "answered no: nothing was sent, "
        "2 一部完了(承認待ちなど)・再実行可 partly done and safe to repeat, "
        "3 チェーンが拒否 refused by chain",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(metavar="操作 command", required=True)
    for verb in verbs:
        described = f"{verb.help.japanese} / {verb.help.english}"
        sub = commands.add_parser(
            verb.name,
            help=described,
            description=described,
            epilog="\n\n".join(_columns_of(argument) for argument in verb.arguments if argument.columns),
            parents=[common],
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        for argument in verb.arguments:
            _add(sub, argument)
        sub.set_defaults(verb=verb)
    return parser


def _columns_of(argument: Argument) -> str:
    """Return the columns of a file for the page of help."""
    lines = [
        f"  {column.japanese} / {column.name}{' (省略可 optional)' if column.optional else ''}"
        f"{': ' + column.allowed if column.allowed else ''}"
        for column in argument.columns
    ]
    title = f"{argument.help.english} の列(順不同、どちらの名称でも可) / columns, in any order:"
    return "\n".join([title, *lines])


def _common() -> _Parser:
    """Return the options that all commands have."""
    common = _Parser(add_help=False)
    for argument in (
        Argument(
            "--send",
            Bilingual("send (on a chain that is not local)", "送信する(ローカル以外のチェーン)"),
            {"action": "store_true"},
        ),
        Argument("--plan", Bilingual("only show the plan", "計画の表示だけ"), {"action": "store_true"}),
        Argument("--out", Bilingual("write the plan to a file", "計画をファイルに書き出す"), {"type": Path}),
        Argument("--yes", Bilingual("do not ask", "確認の質問をしない"), {"action": "store_true"}),
        Argument("--town", Bilingual("municipality code", "団体コード"), {"type": _code}),
        Argument("--by", Bilingual("account that acts", "行う職員の口座"), {"type": _address}),
        Argument("--second", Bilingual("account that approves", "承認する職員の口座"), {"type": _address}),
        Argument("--paper", Bilingual("paper that it rests on", "根拠となる書類"), {"type": Path}),
        Argument(
            "--reason",
            Bilingual("reason, if not the usual one", "理由(通常と異なる場合)"),
            {"type": _reason},
        ),
        Argument(
            "--network",
            Bilingual("network of scripts/networks.yaml", "ネットワークの名前(scripts/networks.yaml)"),
            {"default": LOCAL},
        ),
        Argument("--url", Bilingual("JSON-RPC of a node", "ノードのURL"), {}),
        Argument(
            "--records",
            Bilingual("folder of deployment records", "配置記録のフォルダ"),
            {"type": Path, "default": FOLDER},
        ),
        Argument(
            "--plans",
            Bilingual("folder where sent plans are kept", "送信した計画を残すフォルダ"),
            {"type": Path, "default": PLANS_FOLDER},
        ),
        Argument(
            "--journals",
            Bilingual("folder of what is under way", "送信中の控えのフォルダ"),
            {"type": Path, "default": JOURNALS_FOLDER},
        ),
    ):
        _add(common, argument)
    add_key_options(common)
    return common


def _add(parser: argparse.ArgumentParser, argument: Argument) -> None:
    help_text = f"{argument.help.japanese} / {argument.help.english}".replace("%", "%%")
    parser.add_argument(argument.name, help=help_text, **dict(argument.settings))


def _with_dashes(word: str) -> str:
    if word in _BARE_WORDS:
        return _BARE_WORDS[word]
    setting = _SETTING.fullmatch(word)
    return f"--{setting[1]}={setting[2]}" if setting else word


def _code(text: str) -> int:
    return _read(code, text)


def _address(text: str) -> str:
    return _read(address, text)


def _reason(text: str) -> Reason:
    for reason in Reason:
        if text in (reason.label.japanese, reason.name.lower()):
            return reason
    words = "、".join(f"{reason.label.japanese} {reason.name.lower()}" for reason in Reason)
    raise argparse.ArgumentTypeError(f"次のどれかです / one of: {words}")


def _read(reader: Any, text: str) -> Any:
    try:
        return reader(text)
    except CellError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _municipality(actor: str, options: argparse.Namespace) -> int | None:
    if actor != "municipality":
        return COUNCIL
    town: int | None = options.town
    return town


def _reads_files(verb: Verb, options: argparse.Namespace) -> bool:
    """Return whether a command was given a CSV file that says what is to be done."""
    return any(argument.columns and getattr(options, argument.name, None) for argument in verb.arguments)


def _digests(verb: Verb, options: argparse.Namespace) -> dict[str, str]:
    """Return the SHA-256 of the CSV files that a plan was made of.

    Not of those that hold MyKey IDs, and of no paper: whoever sees the digest of a file of few words can find
    the file by trying.
    """
    files = {}
    for argument in verb.arguments:
        file = getattr(options, argument.name, None)
        is_telling = any(column.for_mykey_ids for column in argument.columns)
        if argument.columns and not is_telling and isinstance(file, Path) and file.is_file():
            files[file.name] = input_digest(file)
    return files


# ---------------------------------------------------------------------------------------------- TALKING


def terminal() -> Console:
    """Return where officers read; wide enough for tables where it is no terminal."""
    # What is printed is data, a shop's name for instance, and never markup.
    console = Console(markup=False, highlight=False)
    if not console.is_terminal:
        console.width = WIDTH_WITHOUT_TERMINAL
    return console


def asks(console: Console, question: str) -> bool:
    """Ask a question that only a clear yes affirms."""
    try:
        answer = console.input(question, markup=False)
    except EOFError:
        return False
    return answer.strip().lower() in ("y", "yes", "はい", "ｙ", "ｙｅｓ")


def complain(console: Console, message: str) -> None:
    """Say what is the matter, and that nothing was sent."""
    console.print(message, markup=False, highlight=False, soft_wrap=True)
    console.print(NOTHING_SENT)


def _broke_off(console: Console, error: BaseException, connection: Connection | None = None) -> ExitCode:
    """Say that it broke off, or, if nothing was sent to the node that does not answer, just that."""
    if connection is not None and not (connection.require_sender().has_sent or connection.is_under_way):
        complain(console, str(NoNodeError(connection.rpc.url, is_local=connection.is_local, why=error)))
        return ExitCode.REJECTED_INPUT
    console.print(f"途中で止まりました / broke off: {error or type(error).__name__}", markup=False)
    console.print(
        "もう一度同じコマンドを実行してください。済んだ分は繰り返されません。/ "
        "Run the same command again: what was done is not done twice."
    )
    return ExitCode.PARTLY_DONE


def main(actor: str) -> NoReturn:
    """Run the command of this program and end with its exit code."""
    sys.exit(run(actor, sys.argv[1:]))


def run_in_brownie(actor: str, verb: str, words: Sequence[str]) -> None:
    """Run a command that `brownie run` was asked for, on the network that Brownie is connected to.

    Raises:
        SystemExit: the command did not end with 0; its code is the program's.
    """
    import brownie

    url = brownie.web3.provider.endpoint_uri
    ended = run(actor, [verb, *words, f"url={url}"])
    if ended is not ExitCode.DONE:
        sys.exit(ended)
