"""Commands of the cashiers (精算): claims at a cut-off, the bank's transfer file, what became of it.

    settle-claims 2026-05-31     locks what shops are owed for sales up to that day
    transfer-file 12             writes the bank's file and a list of it; sends nothing
    mark-sent 12                 notes that this file is with the bank
    mark-paid 12 REFERENCE       burns what the bank has paid
    mark-bounced 12 REFERENCE 3 7    claims 3 and 7 are owed again, before it is paid (or after)

Bank details come from a CSV file of the municipality's own and go nowhere but into the transfer file. Papers
of the bank are named on the chain by a hash under the municipality's own key (scripts.lib.bank_paper).
"""

from __future__ import annotations

import secrets
import stat
from argparse import Namespace
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from rich.box import SIMPLE
from rich.table import Table

from scripts.lib.administration.bank_rows import BankBook, read_bank_book
from scripts.lib.administration.desk import Desk
from scripts.lib.administration.proposals import is_open, proposals_of, proposed_data
from scripts.lib.administration.task import CommandError, Survey, Task
from scripts.lib.bank_paper import KEY_BYTES, bank_paper, bank_reference
from scripts.lib.bilingual import Bilingual, counted
from scripts.lib.calls import View
from scripts.lib.claim_word import CHUNK, MAX_CLAIM_POINTS, MAX_CLAIMS, ClaimPart, in_order, places_of
from scripts.lib.contract_abi import decode_call, encode_call, event_topic
from scripts.lib.event_log import read_events, to_address
from scripts.lib.japan_calendar import (
    day_of,
    era_date_label,
    era_moment_label,
    fiscal_year_end,
    fiscal_year_label,
    month_of,
    start_of_day,
)
from scripts.lib.reasons import Reason
from scripts.lib.refusal import ZERO_ADDRESS
from scripts.lib.settlement_replay import ReplayedBatch, SettlementReplay
from scripts.lib.transfer_list import TransferRow, as_csv, transfer_rows
from scripts.lib.zengin import RECEIVER_CHARACTERS, Transfer, transfer_file

SERVICE = "MerchantSettlement"
_NONE, _APPROVED, _SENT, _SETTLED, _CANCELLED = range(5)
_NEXT = {
    _APPROVED: Bilingual(
        "next: transfer-file {batch} --bank bank.csv --pay-on DAY; mark-sent {batch} once the bank has it",
        "次は transfer-file {batch} --bank bank.csv --pay-on 振込指定日、銀行に送ったら mark-sent {batch}",
    ),
    _SENT: Bilingual(
        "the bank has the file; once it has paid: mark-paid {batch} REFERENCE",
        "振込データは送付済みです。振り込まれたら mark-paid {batch} 銀行の照会番号",
    ),
    _SETTLED: Bilingual("it is paid", "振込済みです"),
    _CANCELLED: Bilingual("it was given up", "取りやめています"),
}
"""What comes next for a batch, by its state."""


def settle_claims(desk: Desk, options: Namespace) -> Survey:
    """Lock what shops are owed for sales up to the end of a day."""
    cut_off = start_of_day(day_of(options.cut_off) + 1) - 1
    if cut_off >= desk.now():
        raise CommandError("that day is not over", "締め日がまだ終わっていません")
    service, token = desk.service(SERVICE), desk.token(options.series)
    survey = Survey(Bilingual("Approve claims", "精算の承認(請求の確保)"))
    day = era_moment_label(cut_off)
    survey.figure("Sales up to", "締め", f"{day.japanese} ({day.english})")
    year = fiscal_year_end(month_of(desk.now()))
    survey.figure("Fiscal year", "会計年度", fiscal_year_label(year).japanese)
    batches = _batches_of_cut_off(desk, service, token, cut_off)
    proposed = _proposed_claims(desk, service, token, year, cut_off)
    covered = {claim.merchant for claims in proposed for claim in claims}
    free = [claim for claim in _claims_until(desk, token, cut_off, year) if claim.merchant not in covered]
    chunks = proposed + [free[start : start + MAX_CLAIMS] for start in range(0, len(free), MAX_CLAIMS)]
    for claims in chunks:
        words = [claim.word for claim in claims]
        _decide(desk, survey, service, "approveClaims", token, year, cut_off, words, rows=len(claims))
    everything = [claim for claims in chunks for claim in claims]
    if everything:
        survey.figure("To be locked: shops", "確保する加盟店数", len(everything))
        this_year, earlier = (sum(each) for each in zip(*(claim[1:] for claim in everything), strict=True))
        survey.figure("This fiscal year's, yen", "今年度分(円)", this_year)
        survey.figure("Earlier years', yen", "過年度分(円)", earlier)
        survey.figure("To be locked in all, yen", "確保する合計(円)", this_year + earlier)
    survey.done = len(batches)
    for batch in batches:
        kept = desk.ask(SERVICE, service, "batchOf", batch)
        survey.later.append(
            Bilingual(
                f"batch {batch}: {counted(kept[4], 'shop')}, {kept[6] + kept[7]:,} yen locked; "
                f"{_NEXT[kept[2]].english.format(batch=batch)}",
                f"精算束{batch}: {kept[4]:,}店、合計{kept[6] + kept[7]:,}円を確保しました。"
                f"{_NEXT[kept[2]].japanese.format(batch=batch)}",
            )
        )
    if not chunks:
        survey.notes.append(Bilingual("nothing more is owed", "ほかに精算する請求はありません"))
    return survey


def make_transfer_file(desk: Desk, options: Namespace) -> Survey:
    """Write the bank's file of a batch, and its list; nothing is sent.

    A file of other contents is not overwritten: it may be with the bank already.
    """
    service = desk.service(SERVICE)
    _require_state(desk, service, options.batch, _APPROVED)
    if day_of(options.pay_on) < day_of(desk.now()):
        raise CommandError("the day of payment is past", "振込指定日が過去の日です")
    book = read_bank_book(options.bank)
    rows = _transfer_rows(desk, service, options.batch)
    survey = Survey(
        Bilingual(f"Transfer file of batch {options.batch}", f"精算束{options.batch}の振込データ")
    )
    day = era_date_label(options.pay_on)
    survey.figure("To be paid on", "振込指定日", f"{day.japanese} ({day.english})")
    survey.figure("Transfers", "件数", len(rows))
    survey.figure("Sum, yen", "合計金額(円)", sum(row.yen for row in rows))
    content = _bank_file(book, rows, options)
    file, listing = _files_of(options)
    if file.exists() and file.read_bytes() != content:
        raise CommandError(
            f"{file} holds something else: remove it only if the bank does not have it",
            f"{file} に別の内容のファイルがあります。銀行に送っていないことを確かめてから削除してください",
        )
    survey.files = {file: content, listing: as_csv(rows)}
    survey.later.append(
        Bilingual(
            f"once the bank has it: mark-sent {options.batch}",
            f"銀行に送ったら mark-sent {options.batch} を実行します",
        )
    )
    survey.tables = [_transfer_table(rows)]
    return survey


def mark_sent(desk: Desk, options: Namespace) -> Survey:
    """Note on the chain that the bank has the file of a batch."""
    service = desk.service(SERVICE)
    file, _ = _files_of(options)
    content = file.read_bytes()
    paper = bank_paper(paper_key(options.paper_key), content)
    survey = Survey(
        Bilingual(f"Batch {options.batch} is with the bank", f"精算束{options.batch}の振込データの送付")
    )
    state = _require_state(desk, service, options.batch, _APPROVED, _SENT, _SETTLED)
    survey.figure("File", "ファイル", file.name)
    following = _NEXT[_SENT]
    survey.later.append(Bilingual(*(each.format(batch=options.batch) for each in following)))
    if state == _APPROVED:
        _decide(desk, survey, service, "markSent", options.batch, paper)
    elif desk.ask(SERVICE, service, "batchOf", options.batch)[8] == paper:
        survey.done = 1
    else:
        raise CommandError(
            "another file of this batch was sent before", "この精算束では別の振込データが送付済みです"
        )
    return survey


def mark_paid(desk: Desk, options: Namespace) -> Survey:
    """Note that the bank has paid a batch: what did not bounce is burned."""
    service = desk.service(SERVICE)
    state = _require_state(desk, service, options.batch, _SENT, _SETTLED)
    survey = Survey(
        Bilingual(f"Batch {options.batch} is paid", f"精算束{options.batch}の振込済みの記帳(消却)")
    )
    batch = desk.ask(SERVICE, service, "batchOf", options.batch)
    survey.figure("Yen of the batch", "精算束の金額(円)", batch[6] + batch[7])
    paper = bank_reference(paper_key(options.paper_key), options.reference)
    if state == _SETTLED:
        if paper not in _papers_of(desk, service, options.batch):
            raise CommandError(
                f"batch {options.batch} was recorded as paid with another reference of the bank",
                f"精算束{options.batch}は別の照会番号で振込済みと記帳されています",
            )
        survey.done = 1
        return survey
    claims = _replayed(desk, service, options.batch).claims
    words = [claim.word for claim in claims]
    _decide(
        desk,
        survey,
        service,
        "settle",
        options.batch,
        words,
        paper,
        bool(options.from_this_year),
        rows=len(claims),
    )
    return survey


def _papers_of(desk: Desk, service: str, batch: int) -> set[bytes]:
    """Return the papers on which a batch was recorded as paid."""
    topics = [event_topic(SERVICE, "BatchSettled"), None, f"0x{batch:064x}"]
    events = read_events(desk.connection.rpc, [service], desk.first_block, topics=topics)
    return {event.arguments["paper"] for event in events}


def mark_bounced(desk: Desk, options: Namespace) -> Survey:
    """Note claims that the bank could not pay, or whose yen came back after they were paid."""
    service = desk.service(SERVICE)
    state = _require_state(desk, service, options.batch, _SENT, _SETTLED)
    function = "bounce" if state == _SENT else "reopen"
    survey = Survey(Bilingual(f"Bounced of batch {options.batch}", f"精算束{options.batch}の振込不能・返戻"))
    claims = _replayed(desk, service, options.batch).claims
    numbers = sorted(set(options.claims))
    if not numbers or numbers[-1] >= len(claims) or any(not claims[number].points for number in numbers):
        raise CommandError("a number is no claim of the batch", "精算束にない請求番号があります")
    survey.figure("Claims", "件数", len(numbers))
    survey.figure("Yen", "金額(円)", sum(claims[number].points for number in numbers))
    asked = places_of(numbers)
    back = desk.read([View(SERVICE, service, "cameBack", (options.batch, chunk)) for chunk in asked])
    # A chunk of which nothing is left must not be brought along, unless it lies between two others.
    places = {
        chunk: mask & ~sum(known)
        for (chunk, mask), known in zip(asked.items(), back, strict=True)
        if mask & ~sum(known)
    }
    survey.done = len(numbers) - sum(mask.bit_count() for mask in places.values())
    if not places:
        return survey
    first, last = min(places), max(places) + 1
    masks = [places.get(chunk, 0) for chunk in range(first, last)]
    words = [claim.word for claim in claims][first * CHUNK : last * CHUNK]
    paper = bank_reference(paper_key(options.paper_key), options.reference)
    _decide(desk, survey, service, function, options.batch, first, masks, words, paper, rows=len(numbers))
    return survey


def cancel_batch(desk: Desk, options: Namespace) -> Survey:
    """Give up a batch that was not sent; its claims are free again."""
    service = desk.service(SERVICE)
    state = _require_state(desk, service, options.batch, _APPROVED, _CANCELLED)
    survey = Survey(Bilingual(f"Cancel batch {options.batch}", f"精算束{options.batch}の取りやめ"))
    if state == _CANCELLED:
        survey.done = 1
        return survey
    words = [claim.word for claim in _replayed(desk, service, options.batch).claims]
    _decide(desk, survey, service, "cancelBatch", options.batch, words, rows=len(words))
    return survey


# ---------------------------------------------------------------------------------------- WHAT IS OWED


def _proposed_claims(desk: Desk, service: str, token: str, year: int, cut_off: int) -> list[list[ClaimPart]]:
    """Return the claims of each open proposal for this cut-off; a refund since changes nothing in them."""
    now = desk.now()
    selector = encode_call(SERVICE, "approveClaims", (desk.code, token, year, cut_off, []))[:4]
    found = [each for each in proposals_of(desk, [selector]) if is_open(each.proposal, now)]
    claims = []
    for data in proposed_data(desk, found):
        call = None if data is None else decode_call(data, SERVICE)
        if call is not None:
            _, series, fiscal_year, until, words = call.arguments.values()
            if (series, fiscal_year, until) == (token, year, cut_off):
                claims.append([ClaimPart.of(word) for word in words])
    return claims


def _claims_until(desk: Desk, token: str, cut_off: int, year: int) -> list[ClaimPart]:
    """Return what is free of each shop's claim, less what it earned after the cut-off.

    What was earned since and refunded again is left for the next time: never is more paid than is owed.
    """
    rpc = desk.connection.rpc
    joined = [[event_topic("MunicipalPoint", name) for name in ("MerchantApproved", "MerchantCarriedIn")]]
    merchants = sorted(
        {event.arguments["merchant"] for event in read_events(rpc, [token], desk.first_block, topics=joined)}
    )
    late: Counter[tuple[str, bool]] = Counter()
    transfers = [event_topic("MunicipalPoint", "Transfer")]
    for event in read_events(rpc, [token], _first_block_after(desk, cut_off), topics=transfers):
        is_this_year = fiscal_year_end(month_of(event.time)) == year
        late[event.arguments["to"], is_this_year] += event.arguments["value"]
    answers = desk.read([View("MunicipalPoint", token, "claimOf", (merchant,)) for merchant in merchants])
    claims = [
        ClaimPart(merchant, max(now - late[merchant, True], 0), max(earlier - late[merchant, False], 0))
        for merchant, (now, earlier, _) in zip(merchants, answers, strict=True)
    ]
    return in_order([claim for claim in claims if 0 < claim.points <= MAX_CLAIM_POINTS])


def _first_block_after(desk: Desk, second: int) -> int:
    """Return the first block that is later than a second; the one after the latest if none is."""
    low, high = desk.first_block, desk.block() + 1
    while low < high:
        middle = (low + high) // 2
        block = desk.connection.rpc.call("eth_getBlockByNumber", hex(middle), False)
        if int(block["timestamp"], 16) > second:
            high = middle
        else:
            low = middle + 1
    return low


def _batches_of_cut_off(desk: Desk, service: str, token: str, cut_off: int) -> list[int]:
    """Return the batches of a series and cut-off that were not given up."""
    topics = [
        event_topic(SERVICE, "BatchApproved"),
        "0x" + desk.code.to_bytes(32, "big").hex(),
        None,
        "0x" + bytes.fromhex(token[2:]).rjust(32, b"\0").hex(),
    ]
    events = list(read_events(desk.connection.rpc, [service], desk.first_block, topics=topics))
    same = [e.arguments["batch"] for e in events if e.arguments["cutOff"] == cut_off]
    states = desk.read([View(SERVICE, service, "batchOf", (batch,)) for batch in same])
    return [batch for batch, state in zip(same, states, strict=True) if state[2] != _CANCELLED]


# ---------------------------------------------------------------------------------------------- BATCHES


def _require_state(desk: Desk, service: str, batch: int, *states: int) -> int:
    """Return the state of a batch of this municipality.

    Raises:
        CommandError: there is no such batch, or it is in none of these states.
    """
    found = desk.ask(SERVICE, service, "batchOf", batch)
    if found[1] != desk.code or found[2] == _NONE:
        raise CommandError(f"there is no batch {batch} here", f"精算束{batch}はありません")
    if found[2] not in states:
        names = {
            _APPROVED: Bilingual("approved", "承認済み"),
            _SENT: Bilingual("with the bank", "振込データ送付済み"),
            _SETTLED: Bilingual("paid", "振込済み"),
            _CANCELLED: Bilingual("cancelled", "取りやめ"),
        }
        state = names[found[2]]
        following = _NEXT[found[2]]
        raise CommandError(
            f"batch {batch} is {state.english}: {following.english.format(batch=batch)}",
            f"精算束{batch}は「{state.japanese}」です。{following.japanese.format(batch=batch)}",
        )
    return int(found[2])


def _replayed(desk: Desk, service: str, batch: int) -> ReplayedBatch:
    """Return a batch as the events tell it."""
    replay = SettlementReplay(service)
    for event in read_events(desk.connection.rpc, [service, *desk.series.values()], desk.first_block):
        if event.arguments.get("municipality", desk.code) == desk.code:
            replay.apply(event)
    return replay.batches[batch]


def _transfer_rows(desk: Desk, service: str, batch: int) -> list[TransferRow]:
    replayed = _replayed(desk, service, batch)
    names = _names_of_shops(desk, replayed.series)
    shops = [claim.merchant for claim in replayed.claims]
    owners = desk.read([View("MunicipalPoint", replayed.series, "ownerOf", (shop,)) for shop in shops])
    return transfer_rows(replayed, names, dict(zip(shops, owners, strict=True)))


def _names_of_shops(desk: Desk, series: str) -> dict[str, tuple[str, str]]:
    """Return public name and place by merchant; of one that was carried in, as the series before has them."""
    predecessor = to_address(desk.ask("MunicipalPoint", series, "predecessor"))
    names = {} if predecessor == ZERO_ADDRESS else _names_of_shops(desk, predecessor)
    topics = [event_topic("MunicipalPoint", "MerchantApproved")]
    for event in read_events(desk.connection.rpc, [series], desk.first_block, topics=topics):
        names[event.arguments["merchant"]] = event.arguments["name"], event.arguments["place"]
    return names


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


def _files_of(options: Namespace) -> tuple[Path, Path]:
    """Return the bank's file of a batch, and the list of it."""
    folder: Path = options.folder
    return folder / f"transfer-{options.batch}.txt", folder / f"transfer-{options.batch}.csv"


def paper_key(file: Path) -> bytes:
    """Return the key under which papers and references are named.

    Raises:
        CommandError: there is none, the file holds something else, or others than its owner may read it.
    """
    if not file.exists():
        raise CommandError(
            f"there is no key {file}: copy it from a colleague, or make the first one with new-key. "
            "With another key the same paper would have another name, and count twice",
            f"鍵 {file} がありません。同僚の鍵を複製するか、最初の1回だけ new-key で作成してください。"
            "別の鍵では同じ書類が別物として扱われます",
        )
    mode = stat.S_IMODE(file.stat().st_mode)
    text = file.read_text(encoding="ascii", errors="replace").strip()
    if mode & 0o077 or len(text) != 2 * KEY_BYTES or set(text) - set("0123456789abcdef"):
        raise CommandError(
            f"{file} holds no key, or others may read it (mode {mode:04o})",
            f"{file} は鍵ではないか、所有者以外も読めます({mode:04o})",
        )
    return bytes.fromhex(text)


def new_key(desk: Desk, options: Namespace) -> Survey:
    """Make the key for papers and references, once; nothing is sent."""
    del desk
    survey = Survey(Bilingual("Key for papers and references", "書類・管理番号の鍵の作成"))
    if options.paper_key.exists():
        paper_key(options.paper_key)
        survey.done = 1
    else:
        survey.files = {options.paper_key: f"{secrets.token_hex(KEY_BYTES)}\n".encode()}
    return survey


def _decide(
    desk: Desk, survey: Survey, service: str, function: str, *arguments: object, rows: int = 1
) -> None:
    act = desk.act(SERVICE, service, function, desk.code, *arguments, reason=Reason.ROUTINE)
    survey.tasks.append(Task(act, rows=rows))


def _transfer_table(rows: Sequence[TransferRow]) -> Table:
    table = Table(title="振込一覧 / transfers", title_justify="left", box=SIMPLE)
    for column in ("番号 number", "加盟店 shop", "振込額 yen"):
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(str(row.number), row.name, f"{row.yen:,}")
    return table
