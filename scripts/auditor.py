"""Fetches all events of a platform into Parquet files, verifies the whole history, and writes the report.

    python -m scripts.auditor fetch      [--url URL] [--platform ADDRESS] [--to BLOCK|DATE] [--folder FOLDER]
    python -m scripts.auditor verify     [--url URL] [--folder FOLDER] [--offline]
    python -m scripts.auditor report     [--url URL] [--folder FOLDER] [--on DATE] [--out FOLDER]
                                         [--public] [--offline]
    python -m scripts.auditor anchor     [--url URL] [--network NAME] --out FOLDER --keystore NAME
    python -m scripts.auditor anchored   [--url URL] --out FOLDER --transaction HASH
    python -m scripts.auditor patterns   --folder FOLDER
    python -m scripts.auditor statements --folder FOLDER [--on DATE] [--out FOLDER]
    python -m scripts.auditor notices    --folder FOLDER [--on DATE] [--out FOLDER]

Needs a node and the address of the platform, nothing of ours else: if the address is not given, the dataset
or the deployment records tell it. All may be run again at any time: fetch goes on where it was. What the
files are, and how to read them with DuckDB or pandas, is in docs/dataset.md; what the report's figures mean,
in docs/report.md. Only `anchor` sends anything: one transaction that carries the report's digest.

Papers of a day that has passed, as of its end: `--on 2027-03-31`, of a dataset that goes on beyond it.

`patterns`, `statements` and `notices` need no node if the folder is named, nor do `verify --offline` and
`report --offline`.

All end with 0 if nothing was found, and with 2 if they could not be done. `verify` and `report` end with 1 if
there are violations, `statements` and `notices` if events break the rules, of which each paper warns.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from functools import partial
from http.client import HTTPException
from pathlib import Path
from typing import NamedTuple

from rich.console import Console

from scripts.lib.administration.connection import LOCAL, Connection
from scripts.lib.administration.keys import KeyChoice, add_key_options
from scripts.lib.artifacts import ArtifactError
from scripts.lib.audit.contracts_found import SERIES
from scripts.lib.audit.dataset import Dataset, DatasetError
from scripts.lib.audit.fetch import ReorganisedError, fetch
from scripts.lib.audit.last_block import DayNotOverError, last_block_of_day
from scripts.lib.audit.patterns.movements import read_movements
from scripts.lib.audit.patterns.pattern_page import tell_patterns
from scripts.lib.audit.patterns.search import find_patterns
from scripts.lib.audit.report.anchor import AnchorError, digest_of, read_anchor, send_anchor
from scripts.lib.audit.report.category_names import read_category_names
from scripts.lib.audit.report.reconciliation import ReconciliationError
from scripts.lib.audit.report.write import ReportExistsError, require_place, write_report
from scripts.lib.audit.statements.papers import (
    NOTICES,
    STATEMENTS,
    last_second_of,
    payable_days,
    write_papers,
)
from scripts.lib.audit.verdict_page import tell_anchor, tell_fetched, tell_report, tell_segment, tell_verdict
from scripts.lib.audit.verify import verify
from scripts.lib.bilingual import Bilingual, counted
from scripts.lib.csv_table import BadRows
from scripts.lib.deployment import PLATFORM
from scripts.lib.japan_calendar import era_date_label
from scripts.lib.journal import JournalError
from scripts.lib.keys.keyring import KeyringError
from scripts.lib.keys.keystore import KeystoreError
from scripts.lib.node.event_log import to_address
from scripts.lib.node.external_signer import ExternalSignerError
from scripts.lib.node.local_chain import ChainError, RpcError
from scripts.lib.node.networks import NetworkError
from scripts.lib.node.rpc import CONNECTION_ERRORS, Rpc
from scripts.lib.node.transactions import SendError, StalledError
from scripts.lib.records import FOLDER, DeploymentRecords, RecordError
from scripts.lib.workspace import ROOT, development_url

AUDITS = ROOT / "audits"
WIDTH_WITHOUT_TERMINAL = 160
_NAME_FOLDER = "name the dataset with --folder / --folder でデータを指定してください"
FAILURES = (
    AnchorError,
    ArtifactError,
    BadRows,
    ChainError,
    DatasetError,
    DayNotOverError,
    ExternalSignerError,
    JournalError,
    KeyringError,
    KeystoreError,
    NetworkError,
    ReconciliationError,
    RecordError,
    ReorganisedError,
    ReportExistsError,
    SendError,
    StalledError,
    *CONNECTION_ERRORS,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Do one task; return the exit code."""
    chosen = _parser().parse_args(arguments)
    console = Console(width=None if sys.stdout.isatty() else WIDTH_WITHOUT_TERMINAL)
    try:
        return _TASKS[chosen.task](chosen, console, Rpc(chosen.url))
    except FAILURES as error:
        print(_refusal(chosen, error), file=sys.stderr)
        return 2


def _refusal(chosen: argparse.Namespace, error: Exception) -> str:
    """Return why it could not be done; the node is named where it is about the node."""
    without = _WITHOUT_NODE.get(chosen.task, _NO_WAY)
    if isinstance(error, (ConnectionError, TimeoutError, HTTPException)):
        where = "" if chosen.url in str(error) else f"{chosen.url}: "
        return (
            f"no node answers: name one with --url{without.english} / "
            f"ノードが応答しません。--url で指定してください{without.japanese}: {where}{error}"
        )
    if isinstance(error, RpcError) and chosen.task in ("verify", "report"):
        return (
            f"{chosen.url}: {error} (a node that no longer has the state of the dataset's last block "
            f"refuses: fetch again; papers of a day before are report --on DATE{without.english} / "
            "最後のブロックの状態がノードに残っていない場合は、fetch をやり直してください。"
            f"過去の日の報告書は report --on 日付 で作成できます{without.japanese})"
        )
    return f"{chosen.url}: {error}" if isinstance(error, ChainError) else str(error)


_NO_WAY = Bilingual("", "")
_OFFLINE = Bilingual(
    "; --folder FOLDER --offline needs none, and leaves out what only the chain can answer",
    "。--folder フォルダ --offline ならノードは不要です(チェーンとの照合は省きます)",
)
_BY_FOLDER = Bilingual(
    "; with --folder FOLDER, none is needed", "。--folder でデータを指定すればノードは不要です"
)
_WITHOUT_NODE = {
    "verify": _OFFLINE,
    "report": _OFFLINE,
    "patterns": _BY_FOLDER,
    STATEMENTS: _BY_FOLDER,
    NOTICES: _BY_FOLDER,
}
"""How a task is done without a node."""

_PARTS = {
    "fetch": "read all events of a platform into Parquet files; run again, it goes on / 全事象の取得",
    "verify": "check the files, the chain, the code, and the whole history / 検証",
    "report": "verify, and write the report / 検証と報告書の作成",
    "anchor": "put a report's digest on a chain: the only task that sends anything / 要約値の記録",
    "anchored": "say who anchored a report, and when / 記録された要約値の照合",
    "patterns": "tell what is odd in the payments (docs/patterns.md) / 特異な取引",
    STATEMENTS: "write accounts of merchants, residents, partners, programmes as CSV / 明細",
    NOTICES: "write whose points end within 30, 7 and 1 days as CSV / 失効予告",
}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m scripts.auditor",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    tasks = parser.add_subparsers(dest="task", required=True, metavar="TASK")
    parts = {name: tasks.add_parser(name, help=told, description=told) for name, told in _PARTS.items()}
    for part in parts.values():
        part.add_argument(
            "--url", default=development_url(), help="JSON-RPC of a node, or several, with commas"
        )
        part.add_argument("--folder", type=Path, help="of the dataset; else one for each chain, in audits/")
        part.add_argument("--records", type=Path, default=FOLDER, help="folder of the deployment records")
    for name, help_of_platform, help_of_block in (
        (
            "fetch",
            "PointPlatform; else the dataset or the records tell it",
            "the last block, or the day (2027-03-31) with whose last block it ends; else the latest",
        ),
        # make audit gives both tasks the same arguments.
        ("verify", argparse.SUPPRESS, argparse.SUPPRESS),
    ):
        parts[name].add_argument("--platform", type=to_address, metavar="ADDRESS", help=help_of_platform)
        parts[name].add_argument("--to", type=_bound, metavar="BLOCK|DATE", help=help_of_block)
    parts["verify"].add_argument(
        "--offline", action="store_true", help="only what needs no node; says what is left out"
    )
    report = parts["report"]
    report.add_argument("--public", action="store_true", help="leave out what tells about accounts")
    report.add_argument("--offline", action="store_true", help="without verify, and so without a node")
    report.add_argument(
        "--on", type=_day, metavar="DATE", help="as of the end of this day, 2027-03-31; else the last block"
    )
    report.add_argument(
        "--category-names", type=Path, metavar="CSV", help="columns series, category, category_name"
    )
    for name in ("report", "anchor", "anchored"):
        parts[name].add_argument("--out", type=Path, help="folder of the report; else beside the dataset")
    for name in (STATEMENTS, NOTICES):
        parts[name].add_argument("--out", type=Path, help="folder of the papers; else beside the dataset")
        parts[name].add_argument(
            "--on",
            type=_day,
            metavar="DATE",
            help="as of the end of this day, 2027-03-31; else the last event's",
        )
    parts["anchor"].add_argument("--network", default=LOCAL, help="of scripts/networks.yaml")
    add_key_options(parts["anchor"])
    parts["anchored"].add_argument("--transaction", metavar="HASH", help="which carries the digest")
    return parser


def _fetch(chosen: argparse.Namespace, console: Console, rpc: Rpc) -> int:
    folder = chosen.folder or default_folder(rpc)
    header = Dataset(folder).header
    known = None if header is None else header.platform
    platform = chosen.platform or known or recorded_platform(rpc, chosen.records)
    last = last_block_of_day(rpc, chosen.to.second) if isinstance(chosen.to, _EndOfDay) else chosen.to
    tell = partial(tell_segment, console)
    tell_fetched(console, folder, fetch(rpc, platform, folder, last=last, tell=tell))
    return 0


def _verify(chosen: argparse.Namespace, console: Console, rpc: Rpc) -> int:
    if chosen.offline and chosen.folder is None:
        raise DatasetError(_NAME_FOLDER)
    verdict = verify(None if chosen.offline else rpc, chosen.folder or default_folder(rpc))
    tell_verdict(console, verdict)
    return 1 if verdict.violations else 0


def _report(chosen: argparse.Namespace, console: Console, rpc: Rpc) -> int:
    if chosen.offline and chosen.folder is None:
        raise DatasetError(_NAME_FOLDER)
    folder = chosen.folder or default_folder(rpc)
    out = chosen.out or default_report(folder, is_public=chosen.public, on=chosen.on)
    require_place(out)
    dataset = Dataset(folder)
    names = {}
    if chosen.category_names is not None:
        series = {each.address: each.name for each in dataset.contracts if each.kind == SERIES}
        names = read_category_names(chosen.category_names, series)
    verdict = None if chosen.offline else verify(rpc, folder, chosen.on)
    if verdict is not None:
        tell_verdict(console, verdict)
    written = write_report(dataset, out, verdict, on=chosen.on, is_public=chosen.public, category_names=names)
    tell_report(console, written)
    return 1 if verdict is not None and verdict.violations else 0


def _anchor(chosen: argparse.Namespace, console: Console, rpc: Rpc) -> int:
    digest = digest_of(chosen.out or default_report(chosen.folder or default_folder(rpc)))
    connection = Connection.open(chosen.network, chosen.url, chosen.records, KeyChoice.of(chosen))
    receipt = send_anchor(connection, digest)
    tell_anchor(console, receipt.hash, read_anchor(rpc, receipt.hash))
    return 0


def _anchored(chosen: argparse.Namespace, console: Console, rpc: Rpc) -> int:
    digest = digest_of(chosen.out or default_report(chosen.folder or default_folder(rpc)))
    if not chosen.transaction:
        raise AnchorError("name the transaction with --transaction / --transaction で取引を指定してください")
    anchor = read_anchor(rpc, chosen.transaction)
    if anchor.digest != digest:
        raise AnchorError(f"it anchors {anchor.digest}, the report is {digest} / 別の報告書の要約値です")
    tell_anchor(console, chosen.transaction, anchor)
    return 0


def _patterns(chosen: argparse.Namespace, console: Console, rpc: Rpc) -> int:
    tell_patterns(console, find_patterns(read_movements(Dataset(chosen.folder or default_folder(rpc)))))
    return 0


def _papers(chosen: argparse.Namespace, console: Console, rpc: Rpc) -> int:
    folder = chosen.folder or default_folder(rpc)
    papers = write_papers(chosen.task, folder, chosen.on, chosen.out, payable_days(rpc, folder))
    console.print(f"Written / 作成: {papers.files:,} CSV, {papers.day}: {papers.folder}")
    console.print(f"Digest / ダイジェスト: {papers.digest}")
    if papers.contradictions:
        events = counted(papers.contradictions, "event")
        console.print(
            f"[bold red]Warning / 注意[/]: {events} against the rules, of which the first line of each paper "
            f"warns; see verify / 違反となる事象が{papers.contradictions:,}件あり、各明細の先頭行に記しました"
        )
    return 1 if papers.contradictions else 0


class _EndOfDay(NamedTuple):
    """A day's last second, where a block's number could stand as well."""

    second: int


def _bound(text: str) -> int | _EndOfDay:
    return int(text) if text.isdecimal() else _EndOfDay(_day(text))


def _day(text: str) -> int:
    try:
        return last_second_of(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text}: {error}") from None


_TASKS = {
    "fetch": _fetch,
    "verify": _verify,
    "report": _report,
    "anchor": _anchor,
    "anchored": _anchored,
    "patterns": _patterns,
    STATEMENTS: _papers,
    NOTICES: _papers,
}


def default_folder(rpc: Rpc) -> Path:
    """Return the folder of this chain's dataset."""
    identity = rpc.identity()
    return AUDITS / f"{identity.chain_id}-{identity.genesis.removeprefix('0x')[:16]}"


def default_report(dataset: Path, *, is_public: bool = False, on: int | None = None) -> Path:
    """Return the folder of the report of a dataset, as of a day's last second if that is given."""
    day = "" if on is None else "-" + era_date_label(on).english
    return dataset.with_name(dataset.name + "-report" + ("-public" if is_public else "") + day)


def recorded_platform(rpc: Rpc, records: Path) -> str:
    """Return the platform that the deployment records name.

    Raises:
        RecordError: there is none, or its code is another.
    """
    try:
        return DeploymentRecords(rpc, records).address_of(PLATFORM, "PointPlatform")
    except RecordError as error:
        raise RecordError(
            "name the platform with --platform ADDRESS / "
            f"--platform 0x… でプラットフォームを指定してください: {error}"
        ) from None


if __name__ == "__main__":
    sys.exit(main())
