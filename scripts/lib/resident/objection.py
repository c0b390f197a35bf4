"""A resident's no to the replacement of the own account: what is under way, and what follows.

    standing = standing_of(book, web3, municipality, key.address)      # refuses who is no resident
    require_possible(standing)                                         # says why it is not
    send_objection(book, web3, municipality, standing, key).follows

Officers who are dishonest, or were shown a forged paper, may begin a replacement. Whoever still has the
old key stops it.
"""

from __future__ import annotations

from typing import NamedTuple

from eth_account.signers.local import LocalAccount
from web3 import Web3

from scripts.lib.account_replacement import (
    LONG_DELAY_SECONDS,
    OBJECTION_SECONDS,
    UnderWay,
    last_objection,
)
from scripts.lib.bilingual import Bilingual
from scripts.lib.contract_book import ContractBook
from scripts.lib.japan_calendar import moment_label
from scripts.lib.municipality_codes import lookup_number
from scripts.lib.node.log_pages import read_logs
from scripts.lib.node.signed_call import send
from scripts.lib.resident.series_knowledge import NOBODY, under_way_of
from scripts.lib.resident.signing_desk import PurseRefused


class Standing(NamedTuple):
    """A resident's membership, for whoever thinks of objecting. Times are Unix seconds.

    Attributes:
        objected_at: when the account objected, while that counts; None otherwise.
        now: time of the latest block.
    """

    number: int
    under_way: UnderWay | None
    objected_at: int | None
    now: int

    @property
    def follows(self) -> Bilingual:
        """What follows of the objection that counts."""
        assert self.objected_at is not None
        blocked, again = self.objected_at + LONG_DELAY_SECONDS, self.objected_at + OBJECTION_SECONDS
        said, until, later = moment_label(self.objected_at), moment_label(blocked), moment_label(again)
        officers = f"cancel-replacement {self.number}"
        if self.now < blocked:
            state = Bilingual(
                f"It stays blocked, and cannot pay, until {until.english}. From then on ask the town hall to "
                f"let it pay again (the officers' command: {officers}).",
                f"{until.japanese}までは停止したままで、支払えません。その後、役所に申し出ると、また支払える"
                f"ようになります(職員の操作: {officers})。",
            )
        else:
            state = Bilingual(
                f"The 14 days after it ended {until.english}. If you still cannot pay, ask the town hall "
                f"to let it pay again (the officers' command: {officers}).",
                f"その後14日間の停止は{until.japanese}に終わりました。まだ支払えないときは、役所に申し出て"
                f"ください(職員の操作: {officers})。",
            )
        return Bilingual(
            f"Your account objected {said.english} (Japan time): nothing replaces it now, and it is "
            "still yours.\n"
            f"{state.english}\n"
            "Two other officers may begin anew, which takes 14 days; a second objection is not possible "
            f"before {later.english}.",
            f"{said.japanese}に異議を申し立てました。切替・相続は止まり、口座はあなたのものです。\n"
            f"{state.japanese}\n"
            "前回関わらなかった職員2人は、改めて手続きを始められます(完了まで14日)。"
            f"次の異議は{later.japanese}以降です。",
        )


def standing_of(book: ContractBook, web3: Web3, municipality: int, account: str) -> Standing:
    """Return how a resident's membership stands.

    Raises:
        PurseRefused: the account is nobody's, its membership has ended, or has moved to another account.
    """
    residents = book.contract(web3, "ResidentRegistry", book.residents)
    number = int(residents.functions.everNumberOf(municipality, account).call())
    if number == 0:
        raise PurseRefused(
            f"{account} is not registered as a resident's account there",
            f"{account} は、その自治体の利用者の口座として登録されていません",
        )
    present = residents.functions.accountOf(municipality, number).call()
    if present == NOBODY:
        raise PurseRefused(
            f"the membership of resident {number} has ended: nothing can be objected to. Ask the town hall",
            f"利用者番号{number}の登録は終了しているため、異議を申し立てられません。役所に確かめてください",
        )
    if present != account:
        raise PurseRefused(
            f"the account of resident {number} has been replaced already, by {present}. If you did not ask "
            "for it, tell the town hall at once",
            f"利用者番号{number}の口座は、すでに {present} に切り替えられています。覚えがないときは、すぐに"
            "役所に知らせてください",
        )
    now = int(web3.eth.get_block("latest")["timestamp"])
    under_way = under_way_of(book, web3, municipality, account)
    return Standing(number, under_way, _objected_at(book, web3, municipality, number, now), now)


def require_possible(standing: Standing) -> UnderWay:
    """Return what can be objected to.

    Raises:
        PurseRefused: nothing is under way, or the account has objected within 365 days.
    """
    under_way, objected_at = standing.under_way, standing.objected_at
    if under_way is None:
        raise PurseRefused(
            "nothing replaces your account: there is nothing to object to",
            "口座の切替・相続の手続きはありません。異議を申し立てる必要はありません",
        )
    if objected_at is not None:
        said, ready = moment_label(objected_at), moment_label(under_way.ready_at)
        raise PurseRefused(
            f"your account objected {said.english}, and may do so once in 365 days. What two other officers "
            f"have begun since can be completed from {ready.english} on (Japan time): go to the town hall "
            "before",
            f"{said.japanese}に異議を申し立て済みです(異議は365日に1回)。その後、別の職員2人が始めた手続きは、"
            f"{ready.japanese}から完了できます。覚えがないときは、それまでに役所の窓口に申し出てください",
        )
    return under_way


def send_objection(
    book: ContractBook, web3: Web3, municipality: int, standing: Standing, key: LocalAccount
) -> Standing:
    """Object, and return how the membership stands then.

    Raises:
        ChainRefusal: the register refuses; it may have been completed or stopped since.
    """
    residents = book.contract(web3, "ResidentRegistry", book.residents)
    send(book, web3, residents.functions.objectToReplacement(municipality, standing.number), key)
    return standing_of(book, web3, municipality, key.address)


def what_replaces(under_way: UnderWay, municipality: int) -> Bilingual:
    """Return what is under way in words: to whom, since when, from when on it can be completed."""
    town, heir = lookup_number(municipality), under_way.heir_number
    since, ready = moment_label(under_way.started_at), moment_label(under_way.ready_at)
    new = f"{under_way.new_account[:6]}…{under_way.new_account[-4:]}"
    kind = (
        Bilingual(
            f"resident {heir} ({new}) is about to inherit your points",
            f"ポイントを利用者番号{heir}({new})に相続させる手続き中です",
        )
        if heir
        else Bilingual(
            f"your account is about to be replaced by {new}", f"口座を{new}に切り替える手続き中です(再発行)"
        )
    )
    return Bilingual(
        f"{town.code}: {kind.english}, since {since.english}. It can be completed from {ready.english} on "
        "(Japan time); meanwhile the account cannot pay.",
        f"{town.full_name}: {kind.japanese}。開始 {since.japanese}。{ready.japanese}から完了できます。"
        "手続き中は支払えません。",
    )


def how_to_object(under_way: UnderWay, municipality: int, now: int, slip: int | None = None) -> Bilingual:
    """Return what a resident must learn who may not have asked for it: until when, and by which command.

    Args:
        slip: of a person without a phone; None for the purse's own account.
    """
    what, until = what_replaces(under_way, municipality), moment_label(under_way.ready_at)
    command = f"object {lookup_number(municipality).code}" + (f" --slip {slip}" if slip else "")
    when = (
        Bilingual(f"before {until.english}", f"{until.japanese}までに")
        if now < under_way.ready_at
        else Bilingual("at once", "すぐに")
    )
    if under_way.round == 2:  # it has objected to the first
        return Bilingual(
            f"{what.english}\nYour account has objected before, which it may do once in 365 days. If you did "
            f"not ask for this either, go to the town hall {when.english}; from the 366th day after it "
            f"on: {command}",
            f"{what.japanese}\n前回、異議を申し立て済みです(365日に1回)。今回も覚えがないときは、{when.japanese}"
            f"役所の窓口に申し出てください(前回の異議から366日目以降は {command} )",
        )
    return Bilingual(
        f"{what.english}\nIf you did not ask for it, object {when.english}: {command}",
        f"{what.japanese}\n覚えがないときは、{when.japanese}異議を申し立ててください: {command}",
    )


def _objected_at(book: ContractBook, web3: Web3, municipality: int, number: int, now: int) -> int | None:
    """Return when the account objected, while that counts."""
    residents = book.contract(web3, "ResidentRegistry", book.residents)
    first = min((series.block for series in book.series), default=0)
    wanted = {"municipality": municipality, "number": number}
    kinds = (residents.events.ReplacementStopped, residents.events.AccountReplaced)
    logs = [log for kind in kinds for log in read_logs(web3, kind, first, wanted)]
    logs.sort(key=lambda log: (log["blockNumber"], log["logIndex"]))
    objected = last_objection((log, log["event"], log["args"]) for log in logs)
    if objected is None:
        return None
    at = int(web3.eth.get_block(objected["blockNumber"])["timestamp"])
    return at if now < at + OBJECTION_SECONDS else None
