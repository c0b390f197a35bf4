"""A practice town (練習用の町) on the chain of `make chain`, set up by the officers' own commands.

    town = found(url, PracticeFolders(Path("practice")))
    let_time_pass(url, 48 * 3600)

All happens on a chain of this machine: its clock is set back to the month before last for the beginning, so
that services have waited their 48 hours, residents have paid in shops last month, and it is today at the end.
"""

from __future__ import annotations

import io
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from eth_account.signers.local import LocalAccount
from rich.console import Console

from scripts.lib import practice_files as files
from scripts.lib.administration.command_line import run
from scripts.lib.administration.connection import LOCAL, PLANS_FOLDER, Connection
from scripts.lib.administration.execution import ExitCode
from scripts.lib.bank.days import date_in_japan, next_bank_day
from scripts.lib.bilingual import Bilingual
from scripts.lib.book_export import export_book
from scripts.lib.calls import Call
from scripts.lib.deployment import PLATFORM, RESIDENTS
from scripts.lib.japan_calendar import fiscal_year_end, month_of, start_of
from scripts.lib.journal import FOLDER as JOURNALS_FOLDER
from scripts.lib.keys.keyring import LocalKeyring
from scripts.lib.keys.keystore import create_keystore, decrypt
from scripts.lib.mykey import CommitmentKey, MyKeyId, commitment
from scripts.lib.node.networks import read_network
from scripts.lib.node.rpc import Rpc
from scripts.lib.node.sender import Sender
from scripts.lib.practice_files import TOWN
from scripts.lib.records import FOLDER, DeploymentRecords
from scripts.lib.registration import RegistrationDomain
from scripts.lib.registration_uri import RegistrationRequest
from scripts.lib.rpc_deployer import RpcDeployer
from scripts.lib.workspace import ROOT

PASSPHRASE = "renshu-2026"  # noqa: S105 (everybody knows it: it is for practice)
HOURS = 60 * 60
DAYS = 24 * HOURS
JST_SECONDS = 9 * HOURS
WAIT_SECONDS = 48 * HOURS + 60
OPENING_SECONDS = 5 * DAYS
"""How long before the first of last month the town begins."""

PAY_IN_DAYS = 14
ADDED_POINTS = 5_000
MINTER = "practice minter"
"""Gives points to accounts that are added; no service, as a card company's would be."""


class PracticeError(Exception):
    """The town cannot be set up here.

    Attributes:
        reason: why, and what to do.
    """

    def __init__(self, english: str, japanese: str) -> None:
        self.reason = Bilingual(english, japanese)
        super().__init__(str(self.reason))


@dataclass(frozen=True)
class PracticeFolders:
    """Where the town's files go; what the commands read besides is where they expect it."""

    practice: Path = ROOT / "practice"
    records: Path = FOLDER
    plans: Path = PLANS_FOLDER
    journals: Path = JOURNALS_FOLDER


@dataclass(frozen=True)
class PracticeTown:
    """What was set up.

    Attributes:
        series: address of its MunicipalPoint.
        occurrence: for which grants.csv grants.
        last_month: last day of last month, for the settlement, which the bank can pay on `pay_on`.
        set_aside: where the files of an earlier practice are now; None if there were none.
    """

    url: str
    folder: Path
    series: str
    first: str
    second: str
    occurrence: str
    last_month: str
    pay_on: str
    claims_points: int
    set_aside: Path | None


def found(
    url: str | None = None, folders: PracticeFolders | None = None, now: int | None = None
) -> PracticeTown:
    """Set the town up.

    Args:
        url: of the node; that of `make chain` if None.
        now: what time it is when all is done, in Unix seconds; the machine's if None.

    Raises:
        PracticeError: the chain has been used, or a step did not end as it should.
        NetworkError, WrongChainError: it is no chain of this machine.
    """
    folders = folders or PracticeFolders()
    now = int(time.time()) if now is None else now
    return _Founding(_connect(url, folders), folders, now).run()


def add(url: str | None, shops: Sequence[str], residents: Sequence[str], folders: PracticeFolders) -> str:
    """Approve shops and give residents points; return the series' address. May be run again for others.

    Args:
        shops, residents: their accounts.

    Raises:
        PracticeError: there is no practice town here.
    """
    connection = _connect(url, folders)
    for name in ("tanto", "shonin"):
        keystore_file = folders.practice / "keys" / f"{name}.json"
        if not keystore_file.is_file():
            raise PracticeError("`make practice` comes first", "先に make practice を実行してください")
        connection.accounts.insert(0, connection.keyring.add(decrypt(keystore_file, PASSPHRASE)))
    records = DeploymentRecords(connection.rpc, folders.records)
    series = records.address_of(f"{TOWN:06d}-{files.SYMBOL}", "MunicipalPoint")
    if shops:
        rows = [(account, "お試し商店", "川崎区", 9) for account in shops]
        file = folders.practice / "added-shops.csv"
        file.write_bytes(files.excel_csv(("口座", "店名", "所在地", "業種番号"), rows))
        _command(connection, ExitCode.DONE, "municipality", "merchants", str(file))
    minter = _minter(connection)
    mints = [Call("MunicipalPoint", series, "mint", (each, ADDED_POINTS), minter) for each in residents]
    _send(connection, mints)
    return series


def let_time_pass(url: str | None, seconds: int) -> int:
    """Move the clock of a local chain forward; return its time, in Unix seconds.

    Raises:
        NetworkError, WrongChainError: it is no chain of this machine.
    """
    rpc = read_network(LOCAL, url).connect()
    rpc.call("evm_increaseTime", seconds)
    rpc.call("evm_mine")
    return _time_of(rpc)


def _connect(url: str | None, folders: PracticeFolders) -> Connection:
    return Connection.open(url=url, records=folders.records, plans=folders.plans, journals=folders.journals)


def _send(connection: Connection, calls: Sequence[Call]) -> None:
    # Not by the connection's own sender: a command has closed its journal.
    RpcDeployer(connection.rpc, Sender(connection.rpc, connection.keyring)).send(calls)


def pay_day(now: int) -> str:
    """Return the day on which the bank can pay what is settled at a second, like 2026-12-10."""
    return next_bank_day(date_in_japan(now + PAY_IN_DAYS * DAYS)).isoformat()


def _day(second: int) -> str:
    return time.strftime("%Y-%m-%d", time.gmtime(second + JST_SECONDS))


def _time_of(rpc: Rpc) -> int:
    return int(rpc.call("eth_getBlockByNumber", "latest", False)["timestamp"], 16)


def _local(connection: Connection) -> LocalKeyring:
    keyring = connection.keyring
    assert isinstance(keyring, LocalKeyring)  # Connection.open without keystores, on a local chain
    return keyring


def _minter(connection: Connection) -> str:
    return _local(connection).account(MINTER)


def _command(connection: Connection, wanted: ExitCode, actor: str, *words: str) -> None:
    page = io.StringIO()
    ended = run(actor, [*words, "--yes"], connection, Console(file=page, width=160, color_system=None))
    if ended is not wanted:
        raise PracticeError(
            f"`{actor} {' '.join(words)}` ended with {int(ended)}:\n{page.getvalue()}",
            "設定の途中で止まりました。make chain の窓で Ctrl-C を押し、"
            'make chain ARGS="--new" からやり直してください',
        )


@dataclass
class _Founding:
    """The steps, in their order.

    Attributes:
        now: what time it is at the end.
    """

    connection: Connection
    folders: PracticeFolders
    now: int

    def run(self) -> PracticeTown:
        month = month_of(self.now) - 1
        self._set_clock(start_of(month) - OPENING_SECONDS)
        set_aside = self._make_folder()
        first, second = (self._officer(name) for name in ("tanto", "shonin"))
        self._file("municipalities.csv", files.municipalities())
        self._file("officers.csv", files.officers(first, second))
        self._do("deploy", "municipalities.csv", "--officers", self._path("officers.csv"), actor="council")
        self._accept_services()
        shops = self._approve_shops()
        self._register_residents()
        years = {fiscal_year_end(each) // 12 + 2000 - 1 for each in (month, month + 1)}
        self._file("programmes.csv", files.programmes((month, month + 1, month + 2), sorted(years)))
        self._do("programmes", "programmes.csv")
        points = self._pay_in_shops(month, shops)
        self._set_clock(self.now)
        self._do("new-key", "--paper-key", self._path("bank-paper.key"))
        self._write_samples(month, shops)
        records = DeploymentRecords(self.connection.rpc, self.folders.records)
        platform = records.address_of(PLATFORM, "PointPlatform")
        book = export_book(self.connection.rpc.url, platform, records[PLATFORM].block)
        book.write(self.folders.practice / "contracts.json")
        return PracticeTown(
            self.connection.rpc.url,
            self.folders.practice,
            self._series,
            first,
            second,
            files.month_name(month + 1),
            _day(start_of(month + 1) - 1),
            pay_day(self.now),
            points,
            set_aside,
        )

    # ------------------------------------------------------------------------------------------------ STEPS

    def _accept_services(self) -> None:
        waiting = [
            ("accept-service", "GrantProgrammes"),
            ("accept-service", "MerchantSettlement"),
            ("accept-service", "PartnerExchange"),
            ("allow", "GrantProgrammes", str(files.ALLOWANCE_POINTS)),
            ("allow", _minter(self.connection), str(files.ALLOWANCE_POINTS)),
            ("settlement-service",),
        ]
        for ended in (ExitCode.PARTLY_DONE, ExitCode.DONE):
            for words in waiting:
                self._do(*words, ended=ended)
            self._do("accept-service", "PartnerExchange", actor="council", ended=ended)
            if ended is ExitCode.PARTLY_DONE:
                self._set_clock(_time_of(self.connection.rpc) + WAIT_SECONDS)

    def _approve_shops(self) -> list[str]:
        shops = [_local(self.connection).account(f"practice shop {name}") for name, *_ in files.SHOPS]
        self._file("shops.csv", files.shops(shops))
        self._do("merchants", "shops.csv")
        return shops

    def _register_residents(self) -> None:
        key_file = self._path("commitment-key.json")
        self._do("new-commitment-key", "commitment-key.json", actor="council")
        key, ids = CommitmentKey.read(Path(key_file)), files.mykey_ids()
        registry = DeploymentRecords(self.connection.rpc, self.folders.records)[RESIDENTS].address
        domain = RegistrationDomain(self.connection.keyring.chain_id, registry)
        commitments = [commitment(key, TOWN, MyKeyId.read(mykey_id)) for mykey_id in ids]
        answers = [
            RegistrationRequest(domain, TOWN, committed).answer(self._resident(number)).text
            for number, committed in enumerate(commitments, 1)
        ]
        self._file("residents.csv", files.residents(ids))
        self._file("answers.txt", "".join(f"{answer}\n" for answer in answers).encode("ascii"))
        self._do(
            *("residents", "residents.csv", "--answers", self._path("answers.txt")),
            *("--commitment-key", key_file, "--numbers", self._path("numbers.csv")),
        )
        self._file("new-resident.csv", files.residents(["NEWR0001"]))

    def _pay_in_shops(self, month: int, shops: Sequence[str]) -> int:
        """Grant to some residents in last month, and let them pay; return what shops are owed."""
        self._set_clock(start_of(month) + 9 * DAYS)
        payers = range(1, files.PAYING_RESIDENTS + 1)
        rows = [files.Grant(number, f"{files.LAST_MONTHS_POINTS:,}") for number in payers]
        self._file("grants-last-month.csv", files.grants(rows, files.month_name(month)))
        self._do("grant", "grants-last-month.csv")
        paid = [(number, shops[number % len(shops)], 100 + number * 70 % 900) for number in payers]
        half, series = len(paid) // 2, self._series
        for days, some in ((12, paid[:half]), (20, paid[half:])):
            self._set_clock(start_of(month) + days * DAYS)
            _send(
                self.connection,
                [
                    Call("MunicipalPoint", series, "transfer", (shop, points), self._resident(number).address)
                    for number, shop, points in some
                ],
            )
        return sum(points for _, _, points in paid)

    def _write_samples(self, month: int, shops: Sequence[str]) -> None:
        occurrence = files.month_name(month + 1)
        self._file("grants.csv", files.grants(files.mistaken_grants(), occurrence))
        self._file("grants-corrected.csv", files.grants(files.correct_grants(), occurrence))
        self._file("bank.csv", files.bank_details(shops))

    # ----------------------------------------------------------------------------------------------- TOOLS

    @property
    def _series(self) -> str:
        return DeploymentRecords(self.connection.rpc, self.folders.records)[
            f"{TOWN:06d}-{files.SYMBOL}"
        ].address

    def _set_clock(self, second: int) -> None:
        """Set the chain's clock.

        Raises:
            PracticeError: it is later there already.
        """
        rpc = self.connection.rpc
        if _time_of(rpc) >= second:
            raise PracticeError(
                "this chain has been used: press Ctrl-C in the window of `make chain`, start it anew with "
                '`make chain ARGS="--new"`, and run `make practice` again',
                "このチェーンは使用済みです。make chain の窓で Ctrl-C を押し、"
                'make chain ARGS="--new" で新しく始めてから、make practice をもう一度実行してください',
            )
        rpc.call("evm_setTime", second)
        rpc.call("evm_mine")

    def _make_folder(self) -> Path | None:
        """Make the folder; return where an earlier one was put."""
        folder, aside = self.folders.practice, None
        if folder.exists():
            aside = folder.with_name(f"{folder.name}-{time.strftime('%Y%m%d-%H%M%S')}")
            folder.rename(aside)
        (folder / "keys").mkdir(parents=True)
        return aside

    def _officer(self, name: str) -> str:
        file = self.folders.practice / "keys" / f"{name}.json"
        key = create_keystore(file, PASSPHRASE)
        self.connection.accounts.insert(0, self.connection.keyring.add(bytes(key.key)))
        return str(key.address)

    def _resident(self, number: int) -> LocalAccount:
        return _local(self.connection).key(_local(self.connection).account(f"practice resident {number}"))

    def _path(self, name: str) -> str:
        return str(self.folders.practice / name)

    def _file(self, name: str, content: bytes) -> None:
        (self.folders.practice / name).write_bytes(content)

    def _do(self, *words: str, actor: str = "municipality", ended: ExitCode = ExitCode.DONE) -> None:
        """Run a command of the officers'; a file among its words is one of the practice's."""
        verb, *rest = words
        given = [self._path(each) if each.endswith((".csv", ".json")) else each for each in rest]
        _command(self.connection, ended, actor, verb, *given)
