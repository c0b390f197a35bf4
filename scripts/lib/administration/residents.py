"""Commands about residents' memberships: residents.csv in, resident numbers out."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import islice

from scripts.lib.administration.columns import ACCOUNT, address, read_rows, refuse_repeated, signature
from scripts.lib.administration.desk import Desk
from scripts.lib.administration.done_before import ChangedRows
from scripts.lib.administration.task import Survey, Task
from scripts.lib.bilingual import Bilingual
from scripts.lib.calls import View
from scripts.lib.csv_out import as_csv
from scripts.lib.csv_table import MAX_ROWS, Column, CsvTable, Row
from scripts.lib.mykey import CommitmentKey, MyKeyId, commitment
from scripts.lib.reasons import Reason
from scripts.lib.registration import (
    BATCH_RESIDENTS,
    NO_COMMITMENT,
    Registration,
    RegistrationDomain,
    is_signed,
)
from scripts.lib.resident_keys import require_no_merchants

COLUMNS = (
    Column("account", "口座", address, for_hex=True, allowed=ACCOUNT),
    Column("mykey_id", "マイキーID", MyKeyId.read, for_mykey_ids=True, allowed="英数字8桁"),
    Column("signature", "署名", signature, for_hex=True, allowed="口座の鍵による署名(0xと130桁)"),
)
"""Of residents.csv: what residents signed with their own keys (scripts.lib.registration)."""

NUMBER_HEADER = ("利用者番号", "口座")


def residents(desk: Desk, options: Namespace) -> Survey:
    """Register the residents of a file; MyKey IDs stay here, only keyed commitments go on.

    Rows are taken in batches by their place in the file, so that a run that was interrupted finds the
    proposals that it made.
    """
    key = CommitmentKey.read(options.commitment_key)
    domain = RegistrationDomain(desk.connection.keyring.chain_id, desk.registry)
    registrations: list[Registration] = []

    def check(table: CsvTable) -> None:
        for row in table.good_rows:
            account, committed = row["account"], commitment(key, desk.code, row["mykey_id"])
            registration = Registration(account, committed, NO_COMMITMENT, row["signature"])
            if not _is_signed(domain, desk.code, registration):
                table.refuse(
                    row,
                    "signature",
                    "not signed by this account for this MyKey ID, municipality and chain",
                    "この口座の鍵による、このマイキーID・自治体・チェーンへの署名ではありません",
                )
            registrations.append(registration)

    def check_repeated(table: CsvTable) -> None:
        for column in ("account", "mykey_id"):
            refuse_repeated(table, (column,))

    rows_of_file = read_rows(options.file, COLUMNS, check_repeated, check)
    accounts = [registration.account for registration in registrations]
    require_no_merchants(desk.connection.deployer, desk.officers, desk.code, accounts)
    numbers = _numbers(desk, accounts)
    survey = Survey(Bilingual("Register residents", "利用者の登録"))
    survey.done = sum(1 for number in numbers.values() if number)
    _refuse_others(desk, options, key.version, rows_of_file, registrations, numbers)
    stream = iter(registrations)
    batch = 0
    while rows := list(islice(stream, BATCH_RESIDENTS)):
        batch += 1
        missing = [registration for registration in rows if not numbers[registration.account]]
        if missing:
            act = desk.act(
                "ResidentRegistry",
                desk.registry,
                "register",
                desk.code,
                key.version,
                [tuple(registration) for registration in missing],
                reason=Reason.NEW_RESIDENTS,
                subject=f"{batch}束目 batch {batch}, {len(missing)}人",
            )
            survey.tasks.append(Task(act, rows=len(missing)))
    survey.figure("Residents in the file", "ファイルの人数", len(registrations))
    survey.figure("Registered already", "登録済み", survey.done)
    if options.numbers is not None:
        listed = [(number, account) for account, number in numbers.items()]
        survey.files = {options.numbers: as_csv(NUMBER_HEADER, sorted(listed))}
    return survey


def _refuse_others(
    desk: Desk,
    options: Namespace,
    version: int,
    rows: Sequence[Row],
    registrations: Sequence[Registration],
    numbers: Mapping[str, int],
) -> None:
    """Refuse rows whose accounts are registered with another MyKey ID than the file has.

    Raises:
        BadRows: there are some.
    """
    changed = ChangedRows(options.file, COLUMNS)
    known = [pair for pair in zip(rows, registrations, strict=True) if numbers[pair[1].account]]
    views = [
        View("ResidentRegistry", desk.registry, "commitmentOf", (desk.code, numbers[registration.account]))
        for _, registration in known
    ]
    for (row, registration), (held, its_version) in zip(known, desk.read(views), strict=True):
        # Under another version of the council's key the same MyKey ID has another commitment.
        if its_version == version and bytes(held) != registration.commitment:
            changed.refuse(
                row,
                "mykey_id",
                f"the account is registered with another MyKey ID, as {numbers[registration.account]}",
                f"この口座は別のマイキーIDで登録済みです(利用者番号{numbers[registration.account]})",
            )
    changed.require_none()


@lru_cache(maxsize=MAX_ROWS)
def _is_signed(domain: RegistrationDomain, municipality: int, registration: Registration) -> bool:
    """As `is_signed`, worked out once: a command asks again after each round of transactions."""
    return is_signed(domain, municipality, registration)


def _numbers(desk: Desk, accounts: list[str]) -> dict[str, int]:
    answers = desk.read(
        [
            View("ResidentRegistry", desk.registry, "everNumberOf", (desk.code, account))
            for account in accounts
        ]
    )
    return dict(zip(accounts, map(int, answers), strict=True))
