"""Commands about residents' memberships: residents.csv in, resident numbers out.

    registration-requests residents.csv           a text and QR code for each MyKey ID, for its owner to sign
    residents residents.csv --answers answers.txt     registers whoever has answered

A residents.csv of MyKey IDs alone is enough: account and signature come with the answers. Who has signed
elsewhere (a wallet of their own) stands in the file with both.
"""

from __future__ import annotations

import getpass
from argparse import Namespace
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import islice
from pathlib import Path

from rich.text import Text

from scripts.lib.administration.columns import ACCOUNT, address, read_rows, refuse_repeated, signature
from scripts.lib.administration.desk import Desk
from scripts.lib.administration.done_before import ChangedRows
from scripts.lib.administration.next_command import next_command
from scripts.lib.administration.task import Survey, Task
from scripts.lib.bilingual import Bilingual, counted
from scripts.lib.calls import View
from scripts.lib.code_text import UriError
from scripts.lib.csv_out import as_csv
from scripts.lib.csv_table import MAX_ROWS, BadRows, Column, CsvTable, Fault, Row
from scripts.lib.mykey import CommitmentKey, MyKeyId, commitment
from scripts.lib.qr_picture import as_png, as_terminal
from scripts.lib.reasons import Reason
from scripts.lib.registration import (
    BATCH_RESIDENTS,
    NO_COMMITMENT,
    Registration,
    RegistrationDomain,
    is_signed,
)
from scripts.lib.registration_uri import RegistrationAnswer, RegistrationRequest
from scripts.lib.resident_keys import require_no_merchants

COLUMNS = (
    Column("mykey_id", "マイキーID", MyKeyId.read, for_mykey_ids=True, allowed="英数字8桁"),
    Column("account", "口座", address, optional=True, for_hex=True, allowed=ACCOUNT),
    Column(
        "signature",
        "署名",
        signature,
        optional=True,
        for_hex=True,
        allowed="口座の鍵による署名(0xと130桁)",
    ),
)
"""Of residents.csv: 口座 and 署名 of those whose answer is in no file of answers."""

NUMBER_HEADER = ("利用者番号", "口座", "行")
"""Of numbers.csv; 行 is the line in residents.csv, by which the town hall finds the person."""

REQUEST_HEADER = ("行", "署名依頼")
"""Of requests.csv: the line in residents.csv, and the text of its code."""

SHOWN_LINES = 10

_WITHOUT_MATCH = Bilingual(
    "nobody in residents.csv was asked this here: another list, municipality, chain or commitment key",
    "residents.csvのどの行への返答でもありません(名簿・自治体・チェーン・マイキーIDの鍵のどれかが違います)",
)
_NOT_SIGNED = Bilingual("the signature is not that of its account", "署名が口座の鍵によるものではありません")
_ANSWERED_TWICE = Bilingual("two accounts answer for one person", "同じ人について2つの口座から返答があります")
_SAME_ACCOUNT = Bilingual("one account answers for two people", "1つの口座が2人分の返答をしています")


def registration_requests(desk: Desk, options: Namespace) -> Survey:
    """Write what each person of a file is to sign: texts and QR codes. Nothing is sent.

    Without a file, ask for one MyKey ID, and show the code.
    """
    key = CommitmentKey.read(options.commitment_key)
    domain = RegistrationDomain(desk.connection.keyring.chain_id, desk.registry)

    def request_of(mykey_id: MyKeyId) -> str:
        return RegistrationRequest(domain, desk.code, commitment(key, desk.code, mykey_id)).text

    survey = Survey(Bilingual("Requests to sign a registration", "利用者登録の署名依頼"))
    if options.file is None:
        # Not as an argument: the shell would keep it.
        asked = request_of(MyKeyId.read(getpass.getpass("マイキーID / MyKey ID: ")))
        survey.tables = [Text(each) for each in (as_terminal(asked), asked)]
        return survey
    rows = read_rows(options.file, COLUMNS, _check_repeated)
    texts = {row.line: request_of(row["mykey_id"]) for row in rows}
    survey.files = {options.folder / "requests.csv": as_csv(REQUEST_HEADER, sorted(texts.items()))} | {
        options.folder / f"{line:05d}.png": as_png(text) for line, text in texts.items()
    }
    survey.figure("People", "人数", len(rows))

    def following(answers: str) -> str:
        key = options.commitment_key
        return next_command(options, "residents", options.file, answers=answers, commitment_key=key)

    survey.later.append(
        Bilingual(
            f"{counted(len(rows), 'request')} written into {options.folder}: send each to its person, who "
            f"signs it. Nobody is registered by that.\n  Next: {following('ANSWERS')}",
            f"署名依頼{len(rows):,}件を {options.folder} に書き出しました。"
            "利用者に渡し、署名した返答を集めてください。"
            f"登録はまだ済んでいません。\n  次は {following('返答のファイル')}",
        )
    )
    return survey


def residents(desk: Desk, options: Namespace) -> Survey:
    """Register the residents of a file; MyKey IDs stay here, only keyed commitments go on.

    Rows are taken in batches by their place in the file, so that a run that was interrupted finds the
    proposals that it made.
    """
    key = CommitmentKey.read(options.commitment_key)
    domain = RegistrationDomain(desk.connection.keyring.chain_id, desk.registry)
    registrations: list[tuple[int, Registration | None]] = []

    def check(table: CsvTable) -> None:
        committed = {row.line: commitment(key, desk.code, row["mykey_id"]) for row in table.good_rows}
        answers = _Answers(domain, desk.code, set(committed.values()))
        if options.answers is not None:
            answers.read(options.answers)
        for row in table.good_rows:
            answer = answers.found.get(committed[row.line])
            registration = None
            if row["account"] is not None and row["signature"] is not None:
                registration = Registration(
                    row["account"], committed[row.line], NO_COMMITMENT, row["signature"]
                )
                if not _is_signed(domain, desk.code, registration):
                    table.refuse(
                        row,
                        "signature",
                        "not signed by this account for this MyKey ID, municipality and chain",
                        "この口座の鍵による、このマイキーID・自治体・チェーンへの署名ではありません",
                    )
            elif row["account"] is not None or row["signature"] is not None:
                table.refuse(
                    row, "signature", "account and signature go together", "口座と署名は両方必要です"
                )
            elif answer is not None:
                registration = Registration(
                    answer.account, committed[row.line], NO_COMMITMENT, answer.signature.long
                )
            registrations.append((row.line, registration))

    rows_of_file = read_rows(options.file, COLUMNS, _check_repeated, check)
    signed = [(line, registration) for line, registration in registrations if registration is not None]
    row_of_line = {row.line: row for row in rows_of_file}
    accounts = [registration.account for _, registration in signed]
    require_no_merchants(desk.connection.deployer, desk.officers, desk.code, accounts)
    numbers = _numbers(desk, accounts)
    survey = Survey(Bilingual("Register residents", "利用者の登録"))
    survey.done = sum(1 for number in numbers.values() if number)
    answered = [(row_of_line[line], registration) for line, registration in signed]
    _refuse_others(desk, options, key.version, answered, numbers)
    stream = iter(registrations)
    batch = 0
    while rows := list(islice(stream, BATCH_RESIDENTS)):
        batch += 1
        missing = [each for _, each in rows if each is not None and not numbers[each.account]]
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
    unsigned = [line for line, registration in registrations if registration is None]
    if unsigned:
        lines = ", ".join(map(str, unsigned[:SHOWN_LINES])) + (" …" if len(unsigned) > SHOWN_LINES else "")
        survey.left = [
            Bilingual(
                f"{len(unsigned)} have not signed yet: lines {lines}; `registration-requests` makes codes",
                f"署名がまだの人が{len(unsigned)}人います: {lines}行目(コードは registration-requests)",
            )
        ]
        survey.more_left = len(unsigned) - 1
    if options.numbers is not None:
        listed = [(numbers[each.account], each.account, line) for line, each in signed]
        survey.files = {options.numbers: as_csv(NUMBER_HEADER, sorted(listed))}
    return survey


@dataclass
class _Answers:
    """Answers of residents by commitment, each to something that was asked here.

    Attributes:
        asked: commitments of the people of the file.
    """

    domain: RegistrationDomain
    municipality: int
    asked: set[bytes]
    found: dict[bytes, RegistrationAnswer] = field(default_factory=dict)
    _people: dict[str, bytes] = field(default_factory=dict)
    """Commitments by account."""

    def read(self, file: Path) -> None:
        """Take the answers of a file in: one in a line, as a reader of QR codes types them.

        Raises:
            BadRows: a line is none.
        """
        lines = enumerate(file.read_text(encoding="utf-8-sig").splitlines(), start=1)
        reasons = ((line, self._take(text)) for line, text in lines if text.strip())
        faults = [Fault(file.name, line, "", reason) for line, reason in reasons if reason is not None]
        if faults:
            raise BadRows(faults)

    def _take(self, text: str) -> Bilingual | None:
        """Take an answer in; return why not, if it is none."""
        try:
            answer = RegistrationAnswer.read(text)
        except UriError as error:
            return error.reason
        committed = answer.request.commitment
        asked = RegistrationRequest(self.domain, self.municipality, committed)
        if answer.request != asked or committed not in self.asked:
            return _WITHOUT_MATCH
        if not _answer_is_signed(answer):
            return _NOT_SIGNED
        if self.found.setdefault(committed, answer).account != answer.account:
            return _ANSWERED_TWICE
        if self._people.setdefault(answer.account, committed) != committed:
            return _SAME_ACCOUNT
        return None


@lru_cache(maxsize=MAX_ROWS)
def _answer_is_signed(answer: RegistrationAnswer) -> bool:
    """As `is_signed`, worked out once: a command asks again after each round of transactions."""
    return answer.is_signed


def _check_repeated(table: CsvTable) -> None:
    refuse_repeated(table, ("mykey_id",))
    named = [row for row in table.rows if row.values.get("account") is not None]
    refuse_repeated(replace(table, rows=named), ("account",))


def _refuse_others(
    desk: Desk,
    options: Namespace,
    version: int,
    answered: Sequence[tuple[Row, Registration]],
    numbers: Mapping[str, int],
) -> None:
    """Refuse rows whose accounts are registered with another MyKey ID than the file has.

    Raises:
        BadRows: there are some.
    """
    changed = ChangedRows(options.file, COLUMNS)
    known = [pair for pair in answered if numbers[pair[1].account]]
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
