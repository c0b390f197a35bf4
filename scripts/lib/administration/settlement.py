"""Commands of the cashiers (精算): claims at a cut-off, and what became of the bank's transfer file.

    settle-claims 2026-05-31     locks what shops are owed for sales up to that day
    mark-sent 12                 notes that the file of a batch (transfer_files.py) is with the bank
    mark-paid 12 REFERENCE       burns what the bank has paid
    mark-bounced 12 REFERENCE 3 7    claims 3 and 7 are owed again, before it is paid (or after)

Papers of the bank are named on the chain by a hash under the municipality's own key (scripts.lib.bank.paper).
"""

from __future__ import annotations

from argparse import Namespace
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from scripts.lib.administration.bank_files import BankFile, BankFiles, files_of, is_among, shown
from scripts.lib.administration.desk import Desk
from scripts.lib.administration.paper_keys import required_key
from scripts.lib.administration.proposals import open_calls
from scripts.lib.administration.settlement_batches import (
    APPROVED,
    CANCELLED,
    SENT,
    SERVICE,
    SETTLED,
    following,
    mark_paid_command,
    replayed_batch,
    require_state,
)
from scripts.lib.administration.shop_names import labels_of_shops
from scripts.lib.administration.task import CommandError, Survey, Task
from scripts.lib.bank.paper import bank_paper, bank_reference
from scripts.lib.bilingual import Bilingual, counted
from scripts.lib.calls import View
from scripts.lib.claim_word import CHUNK, MAX_CLAIM_POINTS, MAX_CLAIMS, ClaimPart, in_order, places_of
from scripts.lib.contract_abi import event_topic
from scripts.lib.japan_calendar import (
    day_of,
    era_moment_label,
    fiscal_year_end,
    fiscal_year_label,
    month_of,
    start_of_day,
)
from scripts.lib.node.event_log import read_events
from scripts.lib.reasons import Reason


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
    survey.names = labels_of_shops(desk, token)
    survey.done = len(batches)
    for batch in batches:
        kept = desk.ask(SERVICE, service, "batchOf", batch)
        after = following(desk, options, service, batch, kept[2])
        survey.later.append(
            Bilingual(
                f"batch {batch}: {counted(kept[4], 'shop')}, {kept[6] + kept[7]:,} yen locked"
                f"\n  {after.english}",
                f"精算束{batch}: {kept[4]:,}店、合計{kept[6] + kept[7]:,}円を確保しました。"
                f"\n  {after.japanese}",
            )
        )
    if not chunks:
        survey.notes.append(Bilingual("nothing more is owed", "ほかに精算する請求はありません"))
    return survey


def mark_sent(desk: Desk, options: Namespace) -> Survey:
    """Note on the chain that the bank has the file of a batch."""
    service = desk.service(SERVICE)
    before = BankFiles(desk, service).of(options.batch)
    file = _written_file(options, before)
    paper = bank_paper(required_key(desk, options, service, file), file.read_bytes())
    survey = Survey(
        Bilingual(f"Batch {options.batch} is with the bank", f"精算束{options.batch}の振込データの送付")
    )
    state = require_state(desk, options, service, options.batch, APPROVED, SENT, SETTLED)
    survey.figure("File", "ファイル", shown(file))
    paid = mark_paid_command(desk, options, file.parent)
    if state == APPROVED:
        survey.later.append(
            Bilingual(
                f"once a second cashier has recorded it and the bank has paid: {paid.english}",
                f"2人で記帳すると送付済みになります。銀行が振り込んだら {paid.japanese}",
            )
        )
        if before and not is_among(file, before[-1:]):
            survey.notes.append(
                Bilingual(
                    f"the file that was written last is {shown(before[-1].file)}: record the one that the "
                    "bank has",
                    f"最後に作成した振込データは {shown(before[-1].file)} です。"
                    "銀行に渡したほうのファイルを記帳してください",
                )
            )
        _decide(desk, survey, service, "markSent", options.batch, paper)
    elif desk.ask(SERVICE, service, "batchOf", options.batch)[8] == paper:
        survey.done = 1
        survey.later.append(following(desk, options, service, options.batch, state))
    else:
        raise CommandError(
            "another file of this batch was sent before", "この精算束では別の振込データが送付済みです"
        )
    return survey


def mark_paid(desk: Desk, options: Namespace) -> Survey:
    """Note that the bank has paid a batch: what did not bounce is burned."""
    service = desk.service(SERVICE)
    state = require_state(desk, options, service, options.batch, SENT, SETTLED)
    survey = Survey(
        Bilingual(f"Batch {options.batch} is paid", f"精算束{options.batch}の振込済みの記帳(消却)")
    )
    batch = desk.ask(SERVICE, service, "batchOf", options.batch)
    survey.figure("Yen of the batch", "精算束の金額(円)", batch[6] + batch[7])
    paper = bank_reference(required_key(desk, options, service), options.reference)
    if state == SETTLED:
        if paper not in _papers_of(desk, service, options.batch):
            raise CommandError(
                f"batch {options.batch} was recorded as paid with another reference of the bank",
                f"精算束{options.batch}は別の照会番号で振込済みと記帳されています",
            )
        survey.done = 1
        return survey
    replayed = replayed_batch(desk, service, options.batch)
    claims = replayed.claims
    survey.names = labels_of_shops(desk, replayed.series)
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
    state = require_state(desk, options, service, options.batch, SENT, SETTLED)
    function = "bounce" if state == SENT else "reopen"
    survey = Survey(Bilingual(f"Bounced of batch {options.batch}", f"精算束{options.batch}の振込不能・返戻"))
    replayed = replayed_batch(desk, service, options.batch)
    claims = replayed.claims
    survey.names = labels_of_shops(desk, replayed.series)
    numbers = sorted(options.claims)
    if not set(numbers) <= {number for number, claim in enumerate(claims) if claim.points}:
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
    paper = bank_reference(required_key(desk, options, service), options.reference)
    _decide(desk, survey, service, function, options.batch, first, masks, words, paper, rows=len(numbers))
    return survey


def cancel_batch(desk: Desk, options: Namespace) -> Survey:
    """Give up a batch that was not sent; its claims are free again."""
    service = desk.service(SERVICE)
    state = require_state(desk, options, service, options.batch, APPROVED, CANCELLED)
    survey = Survey(Bilingual(f"Cancel batch {options.batch}", f"精算束{options.batch}の取りやめ"))
    if state == CANCELLED:
        survey.done = 1
        return survey
    replayed = replayed_batch(desk, service, options.batch)
    survey.names = labels_of_shops(desk, replayed.series)
    words = [claim.word for claim in replayed.claims]
    _decide(desk, survey, service, "cancelBatch", options.batch, words, rows=len(words))
    return survey


# ---------------------------------------------------------------------------------------- WHAT IS OWED


def _proposed_claims(desk: Desk, service: str, token: str, year: int, cut_off: int) -> list[list[ClaimPart]]:
    """Return the claims of each open proposal for this cut-off; a refund since changes nothing in them."""
    proposed = [call.arguments.values() for _, call in open_calls(desk, SERVICE, service, "approveClaims")]
    return [
        [ClaimPart.of(word) for word in words]
        for _, series, fiscal_year, until, words in proposed
        if (series, fiscal_year, until) == (token, year, cut_off)
    ]


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
    return [batch for batch, state in zip(same, states, strict=True) if state[2] != CANCELLED]


# ---------------------------------------------------------------------------------------------- BATCHES


def _written_file(options: Namespace, before: Sequence[BankFile]) -> Path:
    """Return the bank's file of a batch: in the folder that was named, else where it was written last.

    Raises:
        CommandError: it is not there.
    """
    if options.folder is None and before:
        file = Path(before[-1].file)
    else:
        file, _ = files_of(options.folder or Path(), options.batch)
    if not file.is_file():
        raise CommandError(
            f"there is no file {shown(file)}: name its folder with --folder",
            f"振込データ {shown(file)} がありません。--folder でそのフォルダを指定してください",
        )
    return file


# --------------------------------------------------------------------------------------- WHAT COMES NEXT


def _decide(
    desk: Desk, survey: Survey, service: str, function: str, *arguments: object, rows: int = 1
) -> None:
    act = desk.act(SERVICE, service, function, desk.code, *arguments, reason=Reason.ROUTINE)
    survey.tasks.append(Task(act, rows=rows))
