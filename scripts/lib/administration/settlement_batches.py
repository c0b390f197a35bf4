"""Batches of claims (精算束): what the chain has of one, in which state it is, and what comes next."""

from __future__ import annotations

from argparse import Namespace
from functools import partial
from pathlib import Path

from scripts.lib.administration.bank_files import BankFiles, files_of, shown
from scripts.lib.administration.desk import Desk
from scripts.lib.administration.next_command import next_command, office_file
from scripts.lib.administration.paper_keys import known_key
from scripts.lib.administration.task import CommandError
from scripts.lib.bilingual import Bilingual
from scripts.lib.node.event_log import read_events
from scripts.lib.replays.settlement import ReplayedBatch, SettlementReplay

SERVICE = "MerchantSettlement"
NONE, APPROVED, SENT, SETTLED, CANCELLED = range(5)


def require_state(desk: Desk, options: Namespace, service: str, batch: int, *states: int) -> int:
    """Return the state of a batch of this municipality.

    Raises:
        CommandError: there is no such batch, or it is in none of these states.
    """
    found = desk.ask(SERVICE, service, "batchOf", batch)
    if found[1] != desk.code or found[2] == NONE:
        raise CommandError(f"there is no batch {batch} here", f"精算束{batch}はありません")
    if found[2] not in states:
        names = {
            APPROVED: Bilingual("approved", "承認済み"),
            SENT: Bilingual("with the bank", "振込データ送付済み"),
            SETTLED: Bilingual("paid", "振込済み"),
            CANCELLED: Bilingual("cancelled", "取りやめ"),
        }
        state = names[found[2]]
        if found[2] in (SETTLED, CANCELLED):
            raise CommandError(
                f"batch {batch} is {state.english}: nothing is left to do",
                f"精算束{batch}は「{state.japanese}」です。することは残っていません",
            )
        after = following(desk, options, service, batch, found[2])
        raise CommandError(
            f"batch {batch} is {state.english}: {after.english}",
            f"精算束{batch}は「{state.japanese}」です。{after.japanese}",
        )
    return int(found[2])


def replayed_batch(desk: Desk, service: str, batch: int) -> ReplayedBatch:
    """Return a batch as the events tell it."""
    replay = SettlementReplay(service)
    for event in read_events(desk.connection.rpc, [service, *desk.series.values()], desk.first_block):
        if event.arguments.get("municipality", desk.code) == desk.code:
            replay.apply(event)
    return replay.batches[batch]


def following(desk: Desk, options: Namespace, service: str, batch: int, state: int) -> Bilingual:
    """Return what comes next for a batch that was not given up, by its state."""
    if state == SETTLED:
        return Bilingual("it is paid", "振込済みです")
    before = BankFiles(desk, service).of(batch)
    options = Namespace(**{**vars(options), "batch": batch})
    if state == SENT:
        folder = [Path(each.file).parent for each in before[-1:]]
        paid = mark_paid_command(desk, options, *folder)
        return Bilingual(
            f"the bank has the file; once it has paid: {paid.english}",
            f"振込データは送付済みです。振り込まれたら {paid.japanese}",
        )
    if before:
        file = Path(before[-1].file)
        sent = mark_sent_command(desk, options, file)
        return Bilingual(
            f"its file is {shown(file)}, to be paid on {before[-1].pay_on}\n  once the bank has it: {sent}",
            f"振込データは {shown(file)} です(振込指定日 {before[-1].pay_on})。\n  銀行に送ったら {sent}",
        )
    bank = _bank_details(desk, service)
    transfer = partial(next_command, options, "transfer-file", batch, bank=shown(bank))
    sent = mark_sent_command(desk, options, files_of(bank.parent, batch)[0])
    return Bilingual(
        f"next: {transfer(pay_on='DAY')}\n  once the bank has it: {sent}",
        f"次は {transfer(pay_on='振込指定日')}\n  銀行に送ったら {sent}",
    )


def _bank_details(desk: Desk, service: str) -> Path:
    """Return the bank details that this office used last, else where such a file lies."""
    latest = BankFiles(desk, service).latest()
    if latest is not None and Path(latest.bank).is_file():
        return Path(latest.bank)
    return office_file(desk, "bank.csv") or Path("bank.csv")


def mark_sent_command(desk: Desk, options: Namespace, file: Path) -> str:
    """Return the command that records that the bank has a file."""
    key = known_key(desk, options, file.parent)
    folder = None if file.parent.absolute() == Path.cwd() else shown(file.parent)
    return next_command(options, "mark-sent", options.batch, folder=folder, paper_key=key)


def mark_paid_command(desk: Desk, options: Namespace, *folders: Path) -> Bilingual:
    """Return the command that records that the bank has paid; the key is looked for in some folders."""
    key = known_key(desk, options, *folders)
    return Bilingual(
        next_command(options, "mark-paid", options.batch, "REFERENCE", paper_key=key),
        next_command(options, "mark-paid", options.batch, "銀行の照会番号", paper_key=key),
    )
