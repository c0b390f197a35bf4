"""A fiscal year of three real municipalities on a chain of its own, from CSV files to the last point.

    python -m scripts.demo [--data FOLDER] [--out FOLDER] [--keep] [--fraud KIND]        (or: make demo)

Reads the files and stops if a single row is bad; starts a chain; deploys, registers, appoints, approves;
plays grants, payments and month ends in the chain's own time; closes the year; compares every figure with an
independent model and with a replay of the events; tells the year, and writes summary.json. Ends with 1 if a
single point differs.

With --keep the chain stays until Ctrl-C, for an auditor to try the commands on, and mines whatever comes.
With --fraud it stays, too, but one fraud has been planted in it or in the dataset, and nobody has audited
it yet; what it was stands in a file beside the folder of the run.
"""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import zip_longest
from pathlib import Path
from random import Random

import msgspec
from eth_utils import keccak
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from scripts.lib.acts import ActError
from scripts.lib.artifacts import ArtifactError, read_artifact
from scripts.lib.audit.dataset import Dataset, DatasetError
from scripts.lib.audit.fetch import ReorganisedError, fetch
from scripts.lib.audit.frauds.kinds import FRAUDS
from scripts.lib.audit.frauds.planting import ANY, Cast, NoTargetError, plant
from scripts.lib.audit.report.reconciliation import ReconciliationError
from scripts.lib.audit.report.write import ReportExistsError, write_report
from scripts.lib.audit.verdict_page import tell_fetched, tell_report, tell_verdict
from scripts.lib.audit.verify import verify
from scripts.lib.deployment import Deployment, PlatformPlan, deploy
from scripts.lib.exchange.statement import statement_csv, statement_table
from scripts.lib.japan_calendar import month_label, month_of, months_of_fiscal_year, start_of
from scripts.lib.keys.keyring import LocalKeyring
from scripts.lib.node.event_log import UnknownEventError
from scripts.lib.node.local_chain import ChainError, LocalChain
from scripts.lib.node.rpc import Rpc
from scripts.lib.node.sender import Sender, SendError, StalledError
from scripts.lib.personal_data import PersonalDataError
from scripts.lib.proceedings import Pending, carry_out, execute_pending
from scripts.lib.project import ProjectError, load_project
from scripts.lib.records import DeploymentRecords, RecordError
from scripts.lib.reference.ledger import ConservationError
from scripts.lib.replays.error import ReplayError
from scripts.lib.rpc_deployer import RpcDeployer
from scripts.lib.town_year.accounts import TownAccounts, merged
from scripts.lib.town_year.audit import AuditedSeries, YearAuditor
from scripts.lib.town_year.bonus_demo import BonusDemo, BonusDemoError
from scripts.lib.town_year.bonus_report import bonus_table
from scripts.lib.town_year.bonus_rows import BonusCampaign, read_bonus_campaigns
from scripts.lib.town_year.exchange_play import SERVICE as EXCHANGE
from scripts.lib.town_year.exchange_play import ExchangePlay
from scripts.lib.town_year.folder import BadRows, TownYear, read_town_years
from scripts.lib.town_year.model import rehearse
from scripts.lib.town_year.office_play import OfficePlay
from scripts.lib.town_year.on_chain import TownOnChain
from scripts.lib.town_year.play import BlockClock, Play, PlayError, StepGas, play_year
from scripts.lib.town_year.programme_play import SERVICE as PROGRAMMES
from scripts.lib.town_year.programme_play import ProgrammePlay, ProgrammePlayError
from scripts.lib.town_year.registration import register_residents
from scripts.lib.town_year.report import (
    acts_table,
    closing_table,
    findings_table,
    gas_table,
    month_tables,
    people_table,
    series_summary,
    settlement_table,
    sold_shops,
    year_table,
)
from scripts.lib.town_year.row_place import RowRefused
from scripts.lib.town_year.settlement_play import SERVICE as SETTLEMENT
from scripts.lib.town_year.settlement_play import SettlementPlay
from scripts.lib.workspace import BUILD, ROOT
from scripts.lib.year_end import YearEnd

DATA = ROOT / "scripts" / "demo_data"
OUT = BUILD / "demo"
SUMMARY = "summary.json"
STATEMENT = "partners.csv"
ANSWER = "-answer.txt"
"""Behind the name of the run's folder: the file that says what was planted."""
TRANSFERS = "transfers"
DEPLOYMENTS = "deployments"
DATASET = "audit"
REPORT = "report"
NOTHING_SENT = "Nothing was sent. / 何も送信していません。"
PREPARATION_SECONDS = 8 * 24 * 60 * 60
"""How long before 1 April it begins: services are set up in three rounds that wait 48 hours each."""

KEPT_STATES = 2
"""Nothing asks about a block before the latest, and keeping the state of thousands takes most of the time."""

KEPT_STATES_TO_TRY_IN = 64
"""Whoever sends something to a chain that is kept can still audit it as it was so many blocks before."""

WIDTH_WITHOUT_TERMINAL = 160

FAILURES = (
    ActError,
    BonusDemoError,
    ChainError,
    ConservationError,
    DatasetError,
    NoTargetError,
    PersonalDataError,
    PlayError,
    ProgrammePlayError,
    ProjectError,
    ReconciliationError,
    RecordError,
    ReorganisedError,
    ReplayError,
    ReportExistsError,
    RowRefused,
    SendError,
    StalledError,
    UnknownEventError,
)


class Demo:
    """One run: what it has set up, played and found."""

    def __init__(
        self,
        console: Console,
        years: Sequence[TownYear],
        campaigns: Sequence[BonusCampaign],
        chain: LocalChain,
        out: Path,
        fraud: str = "",
    ) -> None:
        self.console = console
        self.years = years
        self.campaigns = campaigns
        self.out = out
        self.fraud = fraud
        self.platform = ""
        self.rpc = Rpc(chain.url)
        self.clock = BlockClock(self.rpc, chain.now() + 1)
        self.keyring = LocalKeyring(chain, "demo")
        self.sender = Sender(self.rpc, self.keyring, mine=self.clock.mine)
        self.deployer = RpcDeployer(self.rpc, self.sender, self.clock.pass_second)
        self.accounts = [TownAccounts.of(year, self.keyring) for year in years]
        self.plan = PlatformPlan(
            self.keyring.account("deployer"),
            self.keyring.account("council"),
            merged(accounts.plan(year) for accounts, year in zip(self.accounts, years, strict=True)),
            [service for service, is_used in _services(years).items() if is_used],
        )
        self.anyone = self.keyring.account("anyone")
        # On a local chain only: a municipality's key for its bank's papers is drawn by secrets.
        self.paper_keys = {
            town.code: keccak(text=f"demo papers {town.code}") for town in self.plan.municipalities
        }
        self.programmes: ProgrammePlay | None = None
        self.settlement: SettlementPlay | None = None
        self.exchange: ExchangePlay | None = None

    def run(self) -> int:
        """Set up, play and compare, tell; return the exit code."""
        start = self.clock.now
        records = DeploymentRecords(self.rpc, self.out / DEPLOYMENTS)
        deployment = deploy(self.deployer, self.plan, records)
        towns = [
            TownOnChain.of(year, accounts, deployment)
            for year, accounts in zip(self.years, self.accounts, strict=True)
        ]
        self._engage(deployment, towns)
        self._set_up(records, deployment)
        self._register(towns)
        if self.programmes is not None:
            self.programmes.open()
            self._tell_programmes(self.programmes)
        auditor = YearAuditor(
            self.rpc, deployment, towns, start, self.programmes, self.settlement, self.exchange
        )
        if self.settlement is not None:
            self.settlement.figures = auditor.year_figures
        spent = self._play(towns, auditor)
        auditor.compare_closing()
        offices = auditor.compare_offices(self.plan)
        memberships = auditor.compare_residents()
        if auditor.findings:
            self.console.print(findings_table(auditor.findings))
            self.console.print("[bold red]FAILED / 不一致[/]: nothing is written")
            return 1
        self._give_bonus(deployment, towns)
        audits = auditor.at_year_end
        ends = auditor.year_ends()

        for table in (
            month_tables(audits),
            people_table(audits),
            acts_table(audits, auditor.acts),
            gas_table(audits, spent),
            year_table(audits),
            *([] if self.settlement is None else [settlement_table(self.settlement)]),
        ):
            self.console.print(table)
        for line in [] if self.settlement is None else sold_shops(self.settlement):
            self.console.print(line)
        if ends:
            self.console.print(closing_table(audits, ends))
        if self.exchange is not None:
            self.console.print(statement_table(auditor.statement()))
            (self.out / STATEMENT).write_bytes(statement_csv(auditor.statement()))
        self.console.print(
            f"[bold]Compared / 照合[/]: {auditor.compared:,} figures (balances, lots, claims, standings, "
            f"freezes, restorations, allowances, supply, settlement and partners at every month's end and at "
            f"the closing of the year), {offices:,} offices and {memberships:,} figures of the residents' "
            f"register at the end: on the chain, in the model or the plan, and in the replay of "
            f"{auditor.events:,} events; and what shops were paid with the CSV files\n"
            "各月末と年度締めの残高・ロット・請求・加盟店・凍結・回復・発行枠・総残高・精算・協力企業と、"
            "最後の役職・利用者登録を、チェーン・モデル・イベント再生で照合。加盟店への支払はCSVとも照合"
        )
        self.console.print("[bold green]Not one point differs / 1ポイントの差もありません[/]")
        self._write_summary(audits, ends)
        self.platform = deployment.platform
        return self._plant() if self.fraud else self._audit(deployment.platform)

    def _audit(self, platform: str) -> int:
        """Do what any auditor does who knows the platform's address alone; return the exit code."""
        folder = self.out / DATASET
        tell_fetched(self.console, folder, fetch(self.rpc, platform, folder))
        verdict = verify(self.rpc, folder)
        tell_verdict(self.console, verdict)
        # Without names of kinds of shops: what the files say of them is read and goes nowhere.
        tell_report(self.console, write_report(Dataset(folder), self.out / REPORT, verdict))
        return 1 if verdict.violations else 0

    def _plant(self) -> int:
        """Plant a fraud for somebody else to find; write down apart what it was, and return the exit code."""
        offices = {
            year.town.municipality.number: accounts.officers
            for year, accounts in zip(self.years, self.accounts, strict=True)
        }
        cast = Cast(self.rpc, self.keyring, self.out / DEPLOYMENTS, self.platform, offices)
        planted = plant(self.fraud, cast, self.out / DATASET, Random())
        answer = answer_of(self.out)
        answer.write_text(planted.answer, encoding="utf-8")
        self.console.print(
            "[bold]One fraud is planted / 不正を1件植えました[/]: in the chain or in the dataset, and nobody "
            f"has looked yet / チェーンかデータのどこかにあり、検査はまだです\n"
            f"The answer / 答え: {_shown(answer)}"
        )
        return 0

    def _engage(self, deployment: Deployment, towns: Sequence[TownOnChain]) -> None:
        """Set up who carries out what the towns do by services, if they do."""
        services, rpc, deployer = deployment.services, self.rpc, self.deployer
        if PROGRAMMES in services:
            self.programmes = ProgrammePlay(rpc, deployer, services[PROGRAMMES], towns, self.anyone)
        if SETTLEMENT in services:
            folder = self.out / TRANSFERS
            self.settlement = SettlementPlay(
                rpc, deployer, services[SETTLEMENT], towns, self.paper_keys, folder
            )
        if EXCHANGE in services:
            self.exchange = ExchangePlay(
                deployer,
                self.keyring,
                self.plan.council,
                self.anyone,
                services[EXCHANGE],
                towns,
                self.paper_keys,
            )

    def _set_up(self, records: DeploymentRecords, deployment: Deployment) -> None:
        """Let services be accepted, and tell what was deployed, registered, appointed and approved."""
        waiting = deployment.pending
        engaged = [play for play in (self.programmes, self.settlement, self.exchange) if play is not None]
        for together in zip_longest(*(play.rounds() for play in engaged), fillvalue=()):
            acts = [act for acts in together for act in acts]
            waiting = [*waiting, *carry_out(self.deployer, deployment.officers, acts, self.deployer.now())]
            self._wait_for(deployment, waiting)
            waiting = []
        self._wait_for(deployment, waiting)
        self.console.print(f"[bold]Set up / 準備[/]: records in {_shown(records.file)}")
        for label in records.labels():
            self.console.print(f"  {records[label].address}  {records[label].contract}  {label}")
        done = Counter(f"{call.contract}.{call.function}" for call in deployment.sent)
        done += Counter(f"{act.contract}.{act.function}" for act in deployment.acts)
        for function, count in done.items():
            self.console.print(f"  {count:4} × {function}")

    def _wait_for(self, deployment: Deployment, waiting: Sequence[Pending]) -> None:
        """Let time pass until what was proposed may be executed, and do it."""
        self.clock.go_to(max((each.ready_at for each in waiting), default=0))
        execute_pending(self.deployer, deployment.officers, waiting)
        self.clock.pass_second()

    def _register(self, towns: Sequence[TownOnChain]) -> None:
        """Register every resident, in batches that two officers answer for."""
        register_residents(self.deployer, self.keyring, towns)
        for town in {town.code: town for town in towns}.values():
            count = len(town.accounts.residents)
            self.console.print(f"  {count:4} residents of {town.year.town.municipality.name} / 利用者登録")

    def _give_bonus(self, deployment: Deployment, towns: Sequence[TownOnChain]) -> None:
        """Let campaigns of bonus on payments run, after the year, and tell what became of them."""
        rpc, deployer, keyring, clock = self.rpc, self.deployer, self.keyring, self.clock
        results = [
            BonusDemo(rpc, deployer, keyring, clock, self.plan.council, deployment, town, campaign).run()
            for campaign in self.campaigns
            for town in towns
            if town.year is campaign.year
        ]
        if results:
            self.console.print(bonus_table(results))
            self.console.print(
                f"  {sum(result.compared for result in results):,} figures compared likewise / 同様に照合"
            )

    def _tell_programmes(self, programmes: ProgrammePlay) -> None:
        self.console.print(
            f"  {len(programmes.programmes):4} programmes and {len(programmes.occurrences)} occurrences, "
            f"opened by two officers beforehand / 付与事業・実施回(事前に職員2名で開設)"
        )

    def _play(self, towns: Sequence[TownOnChain], auditor: YearAuditor) -> list[StepGas]:
        """Play the year, and compare at every month's end and at the end until something differs."""
        year = self.years[0].town.fiscal_year
        columns = (
            TextColumn(f"[bold]Year {year} / {year}年度[/]"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("rows 行  {task.description}"),
            TimeElapsedColumn(),
        )
        spent: list[StepGas] = []
        office = OfficePlay(self.rpc, self.deployer, self.keyring, self.plan.council, self.anyone, towns)
        besides = [play for play in (self.settlement, self.exchange) if play is not None]
        plays: list[Play] = [office, *besides]
        rows = sum(len(town.in_order()) for town in self.years)
        rows += 0 if self.exchange is None else len(self.exchange.plan.steps)
        compared_at = 0
        with Progress(*columns, console=self.console) as progress:
            task = progress.add_task("", total=rows)
            for played in play_year(
                self.rpc, self.sender, self.clock, towns, plays, self.anyone, self.programmes
            ):
                spent += played.spent
                progress.update(
                    task, advance=played.rows, description=str(month_label(month_of(played.second)))
                )
                if played.closes_month:
                    auditor.compare(played.second)
                    compared_at = played.second
                if auditor.findings:
                    return spent
            if compared_at != played.second:
                auditor.compare(played.second)
        return spent

    def _write_summary(self, audits: Sequence[AuditedSeries], ends: Mapping[str, YearEnd]) -> None:
        series = {audited.town.year.town.series_name: series_summary(audited) for audited in audits}
        closed = {
            audited.town.year.town.series_name: _flat(ends[audited.town.token])
            for audited in audits
            if audited.town.token in ends
        }
        summary = {"series": series} | ({"closed": closed} if closed else {})
        file = self.out / SUMMARY
        file.write_bytes(msgspec.json.format(msgspec.json.encode(summary), indent=2) + b"\n")
        self.console.print(f"Written / 出力: {_shown(file)}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demo; return 0 if everything agrees, 1 otherwise."""
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=DATA, help="folder that holds a folder per municipality")
    parser.add_argument(
        "--out",
        type=Path,
        default=OUT,
        help="folder of summary.json, records, dataset, report; an earlier run's are kept as OUT-1, OUT-2, …",
    )
    parser.add_argument(
        "--keep", action="store_true", help="let the chain stay, for an auditor to try; Ctrl-C ends it"
    )
    parser.add_argument(
        "--fraud",
        choices=[ANY, *FRAUDS],
        default="",
        metavar="KIND",
        help=f"plant a fraud to find, and keep the chain; {ANY}, or one of: {', '.join(FRAUDS)}",
    )
    options = parser.parse_args(arguments)
    data, out = options.data.resolve(), options.out.resolve()
    console = Console()
    if not console.is_terminal:
        console.width = WIDTH_WITHOUT_TERMINAL
    began = time.monotonic()
    earlier = _put_aside_last_run(out)
    if earlier is not None:
        console.print(
            f"The earlier run's files are kept / 前回の実行のファイルを残しました: {_shown(earlier)}\n"
            f"  name its dataset in commands for its chain / そのチェーンへの命令ではこのデータを指定: "
            f"--folder {_shown(earlier / DATASET)}",
            soft_wrap=True,
        )
    is_kept = options.keep or bool(options.fraud)

    try:
        years = read_town_years(sorted(folder for folder in data.iterdir() if folder.is_dir()))
        campaigns = read_bonus_campaigns(years)
    except (BadRows, OSError) as error:
        print(error, file=sys.stderr)
        print(NOTHING_SENT, file=sys.stderr)
        return 1
    problem = _unfit(years)
    if problem:
        print(f"{data}: {problem}", file=sys.stderr)
        return 1
    try:
        rehearse(years)
    except RowRefused as error:
        print(error, file=sys.stderr)
        print(NOTHING_SENT, file=sys.stderr)
        return 1

    try:
        _compile_if_needed(console)
        first = start_of(months_of_fiscal_year(years[0].town.fiscal_year).start)
        with LocalChain.anvil(
            genesis_time=first - PREPARATION_SECONDS,
            on_demand=True,
            kept_states=KEPT_STATES_TO_TRY_IN if is_kept else KEPT_STATES,
        ) as chain:
            demo = Demo(console, years, campaigns, chain, out, options.fraud)
            code = demo.run()
            if is_kept and demo.platform:
                _keep(console, chain, demo)
    except FAILURES as error:
        print(f"FAILED / 失敗: {error}", file=sys.stderr)
        return 1
    console.print(f"{'Done / 完了' if code == 0 else 'Ended / 終了'}: {time.monotonic() - began:.1f} s")
    return code


def answer_of(out: Path) -> Path:
    """Return the file beside a run's folder that says which fraud was planted."""
    return out.with_name(out.name + ANSWER)


def _keep(console: Console, chain: LocalChain, demo: Demo) -> None:
    """Say how to audit the chain, and let it stay until somebody ends it."""
    demo.rpc.call("evm_setAutomine", True)
    python = ".venv/bin/python -m scripts.auditor"
    # Without a fraud an auditor's own files go into audits/, where no later demo touches them.
    at = f"--url {chain.url}" + (f" --folder {_shown(demo.out / DATASET)}" if demo.fraud else "")
    console.print(
        f"[bold]The chain stays until Ctrl-C / Ctrl-C で終わるまでチェーンを残します[/]: {chain.url}\n"
        f"  platform / プラットフォーム: {demo.platform}\n"
        f"  process of the chain / チェーンのプロセス: {chain.process.pid}\n"
        "  Transactions are mined at once. / 取引はすぐにブロックになります。\n"
        "For an auditor, in another terminal / 監査する方は別の端末で:",
        soft_wrap=True,
    )
    # Fetched anew, a dataset would know nothing of a fraud on the disk.
    first = [] if demo.fraud else [f"fetch {at} --platform {demo.platform}"]
    last = [f"statements {at}"] if demo.fraud else []
    for command in (*first, f"verify {at}", f"report {at}", *last):
        console.print(f"  {python} {command}", soft_wrap=True, highlight=False)
    with contextlib.suppress(KeyboardInterrupt):
        for ending in (signal.SIGINT, signal.SIGTERM):  # also where it runs in the background
            signal.signal(ending, signal.default_int_handler)
        while chain.process.poll() is None:
            time.sleep(1)


def _unfit(years: Sequence[TownYear]) -> str:
    """Return why good files make no demo; "" if they do."""
    if not years:
        return "no municipality's folder is in it"
    if len({year.town.fiscal_year for year in years}) > 1:
        return "the municipalities' files are of different fiscal years"
    if len({year.town.series_name for year in years}) < len(years):
        return "two series have one name"
    return ""


def _services(years: Sequence[TownYear]) -> dict[str, bool]:
    """Return which services the files take."""
    return {
        PROGRAMMES: any(year.programmes for year in years),
        SETTLEMENT: any(year.settlements for year in years),
        EXCHANGE: any(year.exchange.agreements for year in years),
    }


def _flat(end: YearEnd) -> dict[str, int]:
    """Return a closed year as one level of names."""
    figures = end._asdict()
    return {**figures.pop("told")._asdict(), **figures}


def _put_aside_last_run(out: Path) -> Path | None:
    """Move what the last run left into a folder beside it, so that nothing is lost or taken for this run's.

    Its chain may be running still, and somebody be auditing it.
    """
    names = (DEPLOYMENTS, TRANSFERS, DATASET, REPORT, SUMMARY, STATEMENT)
    left = [out / name for name in names if (out / name).exists()]
    left += sorted(out.glob(f"{DATASET}-*"))  # papers that auditors wrote beside the dataset
    answer = answer_of(out)
    out.mkdir(parents=True, exist_ok=True)
    if not left and not answer.exists():
        return None
    number = 1
    while (aside := out.with_name(f"{out.name}-{number}")).exists():
        number += 1
    aside.mkdir()
    for path in left:
        path.rename(aside / path.name)
    if answer.exists():
        answer.rename(answer_of(aside))
    return aside


def _compile_if_needed(console: Console) -> None:
    try:
        read_artifact("MunicipalPoint")
    except ArtifactError:
        console.print("Compiling the contracts / コンパイル …")
        load_project()


def _shown(path: Path) -> str:
    """Return a path as short as it can be."""
    return str(path.relative_to(ROOT) if path.is_relative_to(ROOT) else path)


if __name__ == "__main__":
    sys.exit(main())
