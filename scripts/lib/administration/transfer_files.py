"""The command that writes the bank's file of a batch (振込データ): once, for a day on which the bank pays.

    transfer-file 12             writes the bank's file and a list of it; sends nothing

Bank details come from a CSV file of the municipality's own and go nowhere but into the transfer file.
"""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from functools import partial
from importlib.metadata import version
from pathlib import Path

from rich.box import SIMPLE
from rich.table import Table

from scripts.lib.administration.bank_files import BankFile, BankFiles, files_of, is_among, shown
from scripts.lib.administration.bank_rows import BankBook, read_bank_book
from scripts.lib.administration.desk import Desk
from scripts.lib.administration.proposals import open_calls
from scripts.lib.administration.settlement_batches import (
    APPROVED,
    SERVICE,
    mark_sent_command,
    replayed_batch,
    require_state,
)
from scripts.lib.administration.shop_names import names_of_shops
from scripts.lib.administration.task import CommandError, Survey
from scripts.lib.bank.days import closed_because, date_in_japan, last_bank_day, next_bank_day
from scripts.lib.bank.transfer_list import TransferRow, as_csv, transfer_rows
from scripts.lib.bank.zengin import RECEIVER_CHARACTERS, Transfer, transfer_file
from scripts.lib.bilingual import Bilingual, counted
from scripts.lib.calls import View
from scripts.lib.japan_calendar import day_of, era_date_label, era_moment_label

WRITE_AGAIN = "--write-again"
JPHOLIDAY = version("jpholiday")


def make_transfer_file(desk: Desk, options: Namespace) -> Survey:
    """Write the bank's file of a batch, and its list, beside the bank details; nothing is sent.

    Once: a second file for the same batch would be paid a second time, so it is written only on demand.
    """
    service = desk.service(SERVICE)
    require_state(desk, options, service, options.batch, APPROVED)
    _require_bank_day(desk, options.pay_on)
    book = read_bank_book(options.bank)
    rows = _transfer_rows(desk, service, options.batch)
    yen = sum(row.yen for row in rows)
    survey = Survey(
        Bilingual(f"Transfer file of batch {options.batch}", f"精算束{options.batch}の振込データ")
    )
    day = era_date_label(options.pay_on)
    survey.figure("To be paid on", "振込指定日", f"{day.japanese} ({day.english})")
    survey.figure("Transfers", "件数", len(rows))
    survey.figure("Sum, yen", "合計金額(円)", yen)
    content = _bank_file(book, rows, options)
    file, listing = files_of(options.folder or options.bank.parent, options.batch)
    files = BankFiles(desk, service)
    before = files.of(options.batch)
    is_there = file.exists() and file.read_bytes() == content
    if not (is_there and is_among(file, before)):
        if not options.write_again:
            _refuse_second_file(options.batch, before, file, is_there=is_there)
            _refuse_while_sent(desk, service, options.batch)
        written = BankFile(str(file.absolute()), str(options.bank.absolute()), day.english, yen, desk.now())
        survey.before_files = partial(files.note, options.batch, written)
        survey.notes += [_withdrawn(each) for each in before if Path(each.file) != file.absolute()]
    survey.files = {file: content, listing: as_csv(rows)}
    sent = mark_sent_command(desk, options, file)
    survey.later.append(Bilingual(f"once the bank has it: {sent}", f"銀行に送ったら {sent} を実行します"))
    survey.tables = [_transfer_table(rows)]
    return survey


def _require_bank_day(desk: Desk, pay_on: int) -> None:
    """Make sure that the bank pays on a day, and that it is not past.

    Raises:
        CommandError: it does not, or it is.
    """
    if day_of(pay_on) < day_of(desk.now()):
        raise CommandError("the day of payment is past", "振込指定日が過去の日です")
    day, label = date_in_japan(pay_on), era_date_label(pay_on)
    because = closed_because(day)
    if because is not None:
        earlier, later = last_bank_day(day), next_bank_day(day)
        raise CommandError(
            f"banks are closed on {label.english} ({because.english}): name a day of business, {earlier} or "
            f"{later}, say. Holidays are those of the law as the package jpholiday {JPHOLIDAY} has it",
            f"振込指定日 {label.japanese}は銀行の休業日です({because.japanese})。"
            f"銀行営業日を指定してください(例: {earlier}、{later})。"
            f"祝日は jpholiday {JPHOLIDAY} の暦によります。法改正などによる変更は銀行に確かめてください",
        )


def _refuse_second_file(batch: int, before: Sequence[BankFile], file: Path, *, is_there: bool) -> None:
    """Refuse to write a file of a batch that has one already.

    Raises:
        CommandError: there is one, here or in the office's notes.
    """
    if before:
        told = before[-1]
        written, paid = era_moment_label(told.written_at), told.pay_on
        raise CommandError(
            f"the file of batch {batch} was written to {shown(told.file)} on {written.english} (to be paid "
            f"on {paid}, {told.yen:,} yen). Two files with the bank are paid twice: only if the bank does "
            f"not have that one, or you withdrew it there, write another with {WRITE_AGAIN}",
            f"精算束{batch}の振込データは、{written.japanese}に {shown(told.file)} へ作成済みです"
            f"(振込指定日 {paid}、{told.yen:,}円)。2つとも銀行に渡すと二重の振込になります。"
            "先のファイルを銀行に渡していないこと、または銀行で取り下げたことを確かめた場合だけ、"
            f"{WRITE_AGAIN} を付けて作り直してください",
        )
    if file.exists() and not is_there:
        raise CommandError(
            f"{shown(file)} holds something else: only if the bank does not have it, write over it with "
            f"{WRITE_AGAIN}",
            f"{shown(file)} に別の内容のファイルがあります。"
            f"銀行に送っていないことを確かめた場合だけ、{WRITE_AGAIN} を付けて作り直してください",
        )


def _refuse_while_sent(desk: Desk, service: str, batch: int) -> None:
    """Refuse a file of a batch of which a cashier, at whichever machine, proposed that the bank has one.

    Raises:
        CommandError: it is so.
    """
    proposed = open_calls(desk, SERVICE, service, "markSent")
    sent = [number for number, call in proposed if call.arguments["batch"] == batch]
    if sent:
        raise CommandError(
            f"proposal {sent[0]} says that the bank has the file of batch {batch}: another would be paid "
            f"a second time. Only if the bank does not have it, write another with {WRITE_AGAIN}",
            f"精算束{batch}の振込データは、送付の記帳が提案されています(提案{sent[0]})。"
            "もう1つ作ると二重の振込になります。銀行にないことを確かめた場合だけ、"
            f"{WRITE_AGAIN} を付けて作り直してください",
        )


def _withdrawn(written: BankFile) -> Bilingual:
    return Bilingual(
        f"{shown(written.file)} (to be paid on {written.pay_on}) must not reach the bank any more: remove it",
        f"先に作成した {shown(written.file)}(振込指定日 {written.pay_on})は、"
        "もう銀行に渡さず削除してください",
    )


def _transfer_rows(desk: Desk, service: str, batch: int) -> list[TransferRow]:
    replayed = replayed_batch(desk, service, batch)
    names = names_of_shops(desk, replayed.series)
    shops = [claim.merchant for claim in replayed.claims]
    owners = desk.read([View("MunicipalPoint", replayed.series, "ownerOf", (shop,)) for shop in shops])
    return transfer_rows(replayed, names, dict(zip(shops, owners, strict=True)))


def _bank_file(book: BankBook, rows: Sequence[TransferRow], options: Namespace) -> bytes:
    """Return the bank's file.

    Raises:
        CommandError: of some shop there are no bank details, or a holder's name is too long.
    """
    unknown = [row for row in rows if row.merchant not in book.receivers]
    if unknown:
        names = "、".join(f"{row.name} {row.merchant}" for row in unknown[:20])
        raise CommandError(
            f"no bank details of {counted(len(unknown), 'shop')}: {names}",
            f"口座情報のない加盟店が{len(unknown)}件あります",
        )
    transfers = []
    for row in rows:
        account, holder = book.receivers[row.merchant]
        if len(holder) > RECEIVER_CHARACTERS:
            raise CommandError(
                f"the holder's name of {row.name} takes more than {RECEIVER_CHARACTERS} places",
                f"{row.name}の口座名義が半角{RECEIVER_CHARACTERS}文字を超えています",
            )
        transfers.append(Transfer(account, holder, row.yen, str(row.number)))
    _, month, day = era_date_label(options.pay_on).english.split("-")
    return transfer_file(book.payer, int(month), int(day), transfers)


def _transfer_table(rows: Sequence[TransferRow]) -> Table:
    table = Table(title="振込一覧 / transfers", title_justify="left", box=SIMPLE)
    for column in ("番号 number", "加盟店 shop", "振込額 yen"):
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(str(row.number), row.name, f"{row.yen:,}")
    return table
