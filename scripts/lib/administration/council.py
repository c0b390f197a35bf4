"""Commands of the council (運用協議会): deploy the platform, register municipalities and series.

    municipalities.csv   団体コード, 種別, ポイント名称, 有効期限の規則, 有効期限の月数, a row for each
                         series; 前の種別, if it is to take over from one that is deployed already
    officers.csv         団体コード, 役職, 口座: the first officers, 管理者 among them

On the local chain the officers may be left out: its ready accounts take all offices.
"""

from __future__ import annotations

from argparse import Namespace
from collections import defaultdict
from collections.abc import Callable

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from scripts.lib.administration.columns import (
    ACCOUNT,
    ROLES,
    RULES,
    address,
    code,
    expiry_rule,
    read_rows,
    role,
)
from scripts.lib.administration.connection import Connection, ready_officer
from scripts.lib.administration.desk import Desk
from scripts.lib.administration.execution import NOTHING_SENT, ExitCode, Mode
from scripts.lib.administration.task import CommandError, Survey, Task
from scripts.lib.artifacts import read_artifact
from scripts.lib.bilingual import Bilingual
from scripts.lib.calls import Deployer, View
from scripts.lib.csv_table import Column, CsvTable, Row, matching, text, whole_number
from scripts.lib.deployment import (
    OFFICERS,
    PLATFORM,
    RESIDENTS,
    SERIES_LIBRARIES,
    SERVICE_LIBRARIES,
    SERVICES,
    ZERO_ADDRESS,
    MunicipalityPlan,
    PlatformPlan,
    SeriesPlan,
    deploy,
    library_label,
    service_label,
)
from scripts.lib.expiry_rule import ExpiryRule, rule_label
from scripts.lib.keys.keyring import LocalKeyring
from scripts.lib.multisignature.deployer import MultisignatureDeployer, SignaturesNeededError
from scripts.lib.multisignature.proposal import write_proposal
from scripts.lib.multisignature.safe import read_multisignature
from scripts.lib.municipality_codes import lookup_number
from scripts.lib.mykey import CommitmentKey
from scripts.lib.node.view_reader import read_views
from scripts.lib.reasons import Reason
from scripts.lib.records import DeploymentRecords
from scripts.lib.roles import COUNCIL, Role

_SYMBOL_MEANT = Bilingual(
    "2 to 11 capital letters and digits that begin with a letter", "英大文字と数字2〜11字(先頭は英字)"
)
_SYMBOL = matching(r"[A-Z][A-Z0-9]{1,10}", "GENKI", _SYMBOL_MEANT)

MUNICIPALITY_COLUMNS = (
    Column("municipality", "団体コード", code, allowed="6桁(検査数字まで)"),
    Column("series", "種別", _SYMBOL, allowed=f"{_SYMBOL_MEANT.japanese}、例 GENKI"),
    Column("name", "ポイント名称", text),
    Column("expiry_rule", "有効期限の規則", expiry_rule, allowed=RULES),
    Column("expiry_months", "有効期限の月数", whole_number(0, 1535), optional=True),
    Column("predecessor", "前の種別", _SYMBOL, optional=True, allowed="後継種別のとき、配置済みの種別"),
)
OFFICER_COLUMNS = (
    Column("municipality", "団体コード", code, allowed="6桁(検査数字まで)"),
    Column("role", "役職", role, allowed=ROLES),
    Column("account", "口座", address, for_hex=True, allowed=ACCOUNT),
)


def platform_plan(connection: Connection, options: Namespace) -> PlatformPlan:
    """Return what the files ask for.

    Raises:
        BadRows: something is wrong with them.
        CommandError: it is not said who the officers are, or the council is.
    """
    _require_names(connection, options)
    rows = read_rows(options.file, MUNICIPALITY_COLUMNS, _check, unique=("municipality", "series"))
    by_town: defaultdict[int, list[Row]] = defaultdict(list)
    for row in rows:
        by_town[row["municipality"]].append(row)
    officers = _officers(connection, options, list(by_town))
    towns = []
    for town, its in by_town.items():
        admins = [account for office, account in officers[town] if office is Role.ADMIN]
        if not admins:
            raise CommandError(f"{town:06d} has no Admin", f"団体コード{town:06d}に管理者がいません")
        series = [
            SeriesPlan(
                f"{town:06d}-{row['series']}",
                row["name"],
                row["series"],
                row["expiry_rule"],
                row["expiry_months"] or 0,
                predecessor=_predecessor(connection, town, row["predecessor"]),
            )
            for row in its
        ]
        towns.append(MunicipalityPlan(town, lookup_number(town).name, admins[0], officers[town], series))
    return PlatformPlan(connection.payer, _council(connection, options), towns, tuple(SERVICES))


def _predecessor(connection: Connection, town: int, symbol: str | None) -> str:
    """Return the address of the series that another is to take over from; zero if none is named."""
    if symbol is None:
        return ZERO_ADDRESS
    records, label = DeploymentRecords(connection.rpc, connection.records), f"{town:06d}-{symbol}"
    if label not in records:
        raise CommandError(
            f"{label} is not deployed yet; its successor comes in a later run",
            f"前の種別{label}がまだ配置されていません。後継種別は後で配置してください",
        )
    return records[label].address


def deploy_platform(
    connection: Connection,
    options: Namespace,
    console: Console,
    mode: Mode,
    confirm: Callable[[str], bool],
) -> ExitCode:
    """Deploy what is missing of the platform, and register municipalities and series. Safe to repeat.

    Raises:
        BadRows, CommandError: the input cannot be used; nothing was sent.
        RecordError: the records do not fit the chain, or the files ask for something else than was deployed.
        SendError: the chain refused.
    """
    if options.out is not None:
        raise CommandError(
            "deploy cannot be written as a plan: run it with --keystore or --signer and `send` on a machine "
            "that sees the chain. With a multisignature as --council its own calls are signed offline",
            "配置は計画ファイルに書き出せません。チェーンにつながる端末で --keystore または --signer と "
            "send を付けて実行してください。運用協議会の取引だけをオフラインで署名するには、複数署名の口座を "
            "--council で指定します",
        )
    plan = platform_plan(connection, options)
    records = DeploymentRecords(connection.rpc, connection.records)
    missing = [label for label in _labels(plan) if label not in records]
    if missing:
        read_artifact("PointPlatform")  # what is to be deployed is compiled, before anybody is asked
    _require_same_names(connection, records, plan, missing)
    console.print(_page(plan, missing))
    unregistered = [] if missing else _unregistered(connection, records, plan)
    console.print(*_people(connection, plan, missing), sep="\n", soft_wrap=True)
    if mode == Mode.SEND and (missing or unregistered) and not connection.payer:
        raise CommandError(
            "name who sends and pays: --keystore or --signer",
            "送信して手数料を払う鍵を --keystore または --signer で指定してください",
        )
    if mode == Mode.PLAN or not (missing or unregistered):
        console.print(NOTHING_SENT)
        return ExitCode.DONE
    if not confirm("配置・登録しますか / Deploy and register? [y/N] "):
        console.print(NOTHING_SENT)
        return ExitCode.REJECTED_INPUT
    try:
        deployment = deploy(_deployer(connection, plan.council), plan, records)
    except SignaturesNeededError as waiting:
        file = connection.plans / f"multisignature-{waiting.proposal.digest[:16]}.json"
        write_proposal(file, waiting.proposal)
        console.print(
            f"{waiting}: python -m scripts.multisignature sign {file}\n"
            "署名と送信 (send) の後、同じコマンドを実行してください / "
            "once it is signed and sent, run the same command again",
            soft_wrap=True,
        )
        return ExitCode.PARTLY_DONE
    table = Table(title="配置済み / deployed", title_justify="left", box=SIMPLE)
    for column in ("名称 label", "契約 contract", "アドレス address"):
        table.add_column(column, overflow="fold")
    for label in _labels(plan):
        table.add_row(label, records[label].contract, records[label].address)
    console.print(table)
    console.print(
        f"新しく配置 {len(missing)}件、登録など {len(deployment.sent)}件 / "
        f"{len(missing)} deployed now, {len(deployment.sent)} registered or offered now"
    )
    return ExitCode.DONE


def reappoint_admin(desk: Desk, options: Namespace) -> Survey:
    """Give a municipality that has lost its Admins a new one: after 14 days without a veto."""
    town = code(options.town_code)
    account = address(options.account)
    survey = Survey(Bilingual(f"Re-appoint an Admin of {town:06d}", f"管理者の再任命 {town:06d}"))
    if desk.ask("Officers", desk.officers, "isOfficer", town, int(Role.ADMIN), account):
        survey.done = 1
        return survey
    act = desk.act(
        "Officers", desk.officers, "reappointAdmin", town, account,
        reason=Reason.LAST_ADMIN_LOST, subject=lookup_number(town).name, municipality=town,
    )  # fmt: skip
    survey.tasks.append(Task(act))
    return survey


def _unregistered(connection: Connection, records: DeploymentRecords, plan: PlatformPlan) -> list[str]:
    """Return what is deployed but not offered or registered yet, by its label."""
    platform = records.address_of(PLATFORM, "PointPlatform")
    services = {service_label(service): "isOffered" for service in plan.services}
    series = {planned.label: "municipalityOf" for town in plan.municipalities for planned in town.series}
    asked = services | series
    answers = read_views(
        connection.rpc,
        [
            View("PointPlatform", platform, function, (records[label].address,))
            for label, function in asked.items()
        ],
    )
    return [label for label, answer in zip(asked, answers, strict=True) if not answer]


def new_commitment_key(desk: Desk, options: Namespace) -> Survey:
    """Make the council's secret key for MyKey IDs, once for each version; nothing is sent."""
    del desk
    CommitmentKey.read_or_create(options.file, options.version)
    survey = Survey(Bilingual("Key for MyKey IDs", "マイキーIDの鍵の作成"))
    survey.figure("Version", "版", options.version)
    survey.figure("File", "ファイル", str(options.file))
    return survey


def _labels(plan: PlatformPlan) -> list[str]:
    """Return under which labels the records have what the plan deploys."""
    needed = [library for service in plan.services for library in SERVICE_LIBRARIES.get(service, ())]
    libraries = (*SERIES_LIBRARIES, *needed)
    return [
        PLATFORM,
        OFFICERS,
        RESIDENTS,
        *map(library_label, libraries),
        *map(service_label, plan.services),
        *(planned.label for town in plan.municipalities for planned in town.series),
    ]


def _officers(
    connection: Connection, options: Namespace, towns: list[int]
) -> dict[int, list[tuple[Role, str]]]:
    """Return the first officers of each municipality.

    Raises:
        CommandError: the chain has no ready accounts, and no file says who they are.
    """
    if options.officers is not None:
        found: dict[int, list[tuple[Role, str]]] = {town: [] for town in towns}
        for row in read_rows(options.officers, OFFICER_COLUMNS, unique=("municipality", "role", "account")):
            found.setdefault(row["municipality"], []).append((row["role"], row["account"]))
        return found
    keyring = _ready_keyring(connection)
    assert keyring is not None  # _require_names has seen to it
    return {
        town: [(office, ready_officer(keyring, town, office, place)) for office in Role for place in (1, 2)]
        for town in towns
    }


def _council(connection: Connection, options: Namespace) -> str:
    if options.council is not None:
        return address(options.council)
    keyring = _ready_keyring(connection)
    assert keyring is not None  # _require_names has seen to it
    return ready_officer(keyring, COUNCIL, Role.ADMIN)


def _ready_keyring(connection: Connection) -> LocalKeyring | None:
    """Return the ready accounts of a local chain; None on any other."""
    keyring = connection.keyring
    return keyring if connection.is_local and isinstance(keyring, LocalKeyring) else None


def _require_names(connection: Connection, options: Namespace) -> None:
    """Make sure that it is said who the officers and the council are, or that ready accounts can be.

    Raises:
        CommandError: something is not said; all of it.
    """
    if _ready_keyring(connection) is not None:
        return
    missing = [
        (option, what)
        for option, given, what in (
            ("--officers FILE", options.officers, Bilingual("the first officers", "最初の職員のファイル")),
            ("--council ACCOUNT", options.council, Bilingual("the council's account", "運用協議会の口座")),
        )
        if given is None
    ]
    if missing:
        english = ", ".join(f"{option} ({what.english})" for option, what in missing)
        japanese = "、".join(f"{option}({what.japanese})" for option, what in missing)
        raise CommandError(f"on this network name {english}", f"このネットワークでは {japanese} も必要です")


def _deployer(connection: Connection, council: str) -> Deployer:
    """Return what deploys: if the council is a multisignature, through it, with its keys at hand."""
    account = read_multisignature(connection.rpc, council)
    if account is None:
        return connection.deployer
    keys = [connection.keyring.key(owner) for owner in account.owners if owner in connection.keyring]
    assert connection.sender is not None  # made in Connection.__post_init__ at the latest
    return MultisignatureDeployer(
        connection.rpc, connection.deployer, connection.sender, connection.payer, account, keys
    )


def _page(plan: PlatformPlan, missing: list[str]) -> Table:
    table = Table(title="基盤の配置と登録 / Deploy and register", title_justify="left", box=SIMPLE)
    for column in ("自治体 municipality", "種別 series", "有効期限 expiry", "状態 state"):
        table.add_column(column, overflow="fold")
    for town in plan.municipalities:
        for planned in town.series:
            rule = rule_label(planned.expiry_rule, planned.expiry_months)
            state = "未配置 missing" if planned.label in missing else "配置済み deployed"
            table.add_row(
                f"{town.code:06d} {town.name}", f"{planned.label} {planned.name}", rule.japanese, state
            )
    table.caption = f"未配置の契約 / missing contracts: {', '.join(missing) or '—'}"
    return table


def _require_same_names(
    connection: Connection, records: DeploymentRecords, plan: PlatformPlan, missing: list[str]
) -> None:
    """Make sure that the series that are deployed are called what the file says.

    Raises:
        CommandError: one is not.
    """
    deployed = [
        planned for town in plan.municipalities for planned in town.series if planned.label not in missing
    ]
    views = [View("MunicipalPoint", records[planned.label].address, "name") for planned in deployed]
    names = read_views(connection.rpc, views) if views else []
    other = [(planned, name) for planned, name in zip(deployed, names, strict=True) if planned.name != name]
    if other:
        english = "; ".join(f"{planned.label} is {name}, not {planned.name}" for planned, name in other)
        japanese = "、".join(
            f"{planned.label}は「{name}」で配置済みです(ファイルは「{planned.name}」)"
            for planned, name in other
        )
        raise CommandError(f"deployed under another name, which stays: {english}", japanese)


def _people(connection: Connection, plan: PlatformPlan, missing: list[str]) -> list[str]:
    """Return who will hold which office, where it is not on the chain yet, and what is unsafe about it."""
    account = read_multisignature(connection.rpc, plan.council)
    kind = (
        "鍵1本の口座 an account of one key"
        if account is None
        else f"複数署名 {len(account.owners)}本のうち{account.threshold}本 "
        f"{account.threshold} of {len(account.owners)} keys"
    )
    lines = [f"運用協議会の口座 the council's account: {plan.council} ({kind})"]
    for town in plan.municipalities:
        if not any(planned.label in missing for planned in town.series):
            continue
        lines.append(f"{town.code:06d} {town.name} 最初の職員 first officers:")
        lines += [
            f"  {office.label.japanese} {office.label.english}: {account}"
            for office, account in sorted(town.officers)
        ]
        lines += [f"  注意: {each.japanese}\n        {each.english}" for each in _warnings(town)]
    return lines


def _warnings(town: MunicipalityPlan) -> list[Bilingual]:
    """Return what an officer should think twice about before a municipality is registered."""
    admins = {account for office, account in town.officers if office is Role.ADMIN}
    missing = [office for office in Role if office not in {held for held, _ in town.officers}]
    warnings = []
    if len(admins) == 1:
        warnings.append(
            Bilingual(
                "there is one Admin alone: if the key is lost, the council has to appoint another (14 days)",
                "管理者が1人だけです。鍵を失うと、運用協議会による再任命(14日)が必要になります",
            )
        )
    if missing:
        warnings.append(
            Bilingual(
                f"nobody holds {', '.join(office.label.english for office in missing)}: see `officers`",
                f"次の役職の職員がいません: {'、'.join(office.label.japanese for office in missing)}"
                "(officers で任命)",
            )
        )
    return warnings


def _check(table: CsvTable) -> None:
    for row in table.good_rows:
        needs = row["expiry_rule"] in (ExpiryRule.MONTHS_AFTER, ExpiryRule.FIXED_MONTH)
        if needs and row["expiry_months"] is None:
            table.refuse(row, "expiry_months", "the rule needs a number", "この規則には月数が必要です")
