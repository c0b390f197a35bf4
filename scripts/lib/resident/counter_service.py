"""For people without a phone: the town hall's desk keeps an account for each, and pays at their word.

The desk has one purse of its own (24 words, a passphrase) and derives an account for each person, on a
branch that is theirs alone. In its register every such account is flagged, so that an auditor can tell them
from accounts that people hold themselves. A person pays with a slip of paper that names their number; the
desk:

- pays only what a till of an approved shop has signed for (its co-signature), and shows name and place;
- pays at most `day_cap_points` a day for each person;
- writes down every payment before it signs, and prints a receipt;
- hands out an answer that the shop submits, or anybody by `payRelayed`: both have signed.

Nothing in the register says who a person is: the slip's number leads to a name only in the town hall's own
files.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from eth_account.signers.local import LocalAccount
from web3 import Web3

from scripts.lib.contract_book import ContractBook
from scripts.lib.durable_log import DurableLog
from scripts.lib.error_sentences import sale_label
from scripts.lib.japan_calendar import day_of, moment_label
from scripts.lib.payment.uri import PaymentAnswer
from scripts.lib.resident.purse_keys import PurseKeys
from scripts.lib.resident.series_knowledge import SeriesKnowledge, end_of_points
from scripts.lib.resident.signing_desk import Offer, PurseRefused, SigningDesk

FLAG = "counter service / 窓口代行"


class FlaggedAccount(NamedTuple):
    """An account that the desk keeps.

    Attributes:
        slip: the number on the person's paper, from 1.
    """

    slip: int
    account: str
    flag: str = FLAG


class CounterService:
    """The desk of one municipality.

    Args:
        folder: where register and promises lie.
        day_cap_points: what one person can pay in a day.

    Raises:
        LogInUseError, LogDamagedError: see DurableLog.
    """

    def __init__(
        self,
        keys: PurseKeys,
        municipality: int,
        folder: Path,
        day_cap_points: int = 5_000,
        clock: Callable[[], int] = lambda: int(time.time()),
    ) -> None:
        self._keys = keys
        self._municipality = municipality
        self._folder = folder
        self._cap = day_cap_points
        self._clock = clock
        self._register = DurableLog(folder / "register.log")

    def open_account(self) -> FlaggedAccount:
        """Give the next slip an account; it still has to be registered as a resident's, by two officers."""
        slip = len(self.accounts()) + 1
        account = self._keys.counter_account(self._municipality, slip).address
        self._register.append({"kind": "account", "slip": slip, "account": account, "flag": FLAG})
        return FlaggedAccount(slip, account)

    def accounts(self) -> list[FlaggedAccount]:
        """Return every account that the desk keeps."""
        return [
            FlaggedAccount(record["slip"], record["account"], record["flag"])
            for record in self._register.records
            if record["kind"] == "account"
        ]

    def key(self, slip: int) -> LocalAccount:
        """Return the key of a slip's account.

        Raises:
            PurseRefused: nobody has that slip.
        """
        if slip not in {each.slip for each in self.accounts()}:
            raise PurseRefused(f"there is no slip {slip}", f"窓口番号{slip}はありません")
        return self._keys.counter_account(self._municipality, slip)

    def pay(
        self,
        slip: int,
        knowledge: SeriesKnowledge,
        text: str,
        confirm: Callable[[Offer], bool],
        line: tuple[ContractBook, Web3] | None = None,
    ) -> tuple[PaymentAnswer, str]:
        """Pay what a till shows for the person with a slip; return the answer and the receipt.

        Args:
            knowledge: of the slip's account.
            confirm: shows the offer to the person; False ends it.
            line: to find out which earlier promises have been paid; None if there is none.

        Raises:
            UriError, PurseRefused: see SigningDesk; beyond the day's cap; an unknown slip; not confirmed.
        """
        payer = self.key(slip)
        promises = self._folder / f"promises-{slip}-{knowledge.series}.log"
        with SigningDesk(knowledge, promises, self._clock) as desk:
            if line is not None:
                desk.look_up(*line)
            offer = desk.consider(text)
            now = self._clock()
            key = (slip, offer.request.sale.merchant, offer.request.sale.sale)
            taken = self._taken_today(slip, day_of(now), except_for=key)
            if taken + offer.points > self._cap:
                raise PurseRefused(
                    f"at most {self._cap:,} points a day are paid here, {taken:,} are taken today",
                    f"窓口での支払いは1日{self._cap:,}ポイントまでです(本日{taken:,})",
                )
            if not confirm(offer):
                raise PurseRefused("not confirmed", "お支払いを取りやめました")
            self._register.append(
                {
                    "kind": "payment",
                    "slip": slip,
                    "merchant": key[1],
                    "sale": key[2],
                    "points": offer.points,
                    "at": now,
                }
            )
            answer = desk.sign(offer, payer)
        return answer, _receipt(slip, offer, now)

    def close(self) -> None:
        """Let another program have the register."""
        self._register.close()

    def _taken_today(self, slip: int, day: int, except_for: tuple[int, str, int]) -> int:
        payments = {
            (record["slip"], record["merchant"], record["sale"]): record["points"]
            for record in self._register.records
            if record["kind"] == "payment" and record["slip"] == slip and day_of(record["at"]) == day
        }
        payments.pop(except_for, None)  # the same sale again is no second payment
        return sum(payments.values())


def _receipt(slip: int, offer: Offer, now: int) -> str:
    spent = "\n".join(
        f"  {end_of_points(month).japanese} {points:,}ポイント" for month, points in offer.spent
    )
    return (
        "領収の控え receipt (窓口代行 counter service)\n"
        f"窓口番号 slip: {slip}\n"
        f"日時 time: {moment_label(now).japanese}\n"
        f"加盟店 shop: {offer.shop}({offer.place})\n"
        f"売上 sale: {sale_label(offer.request.sale.sale).japanese}\n"
        f"支払い points: {offer.points:,}ポイント\n{spent}\n"
        f"残り left: {offer.left_points:,}ポイント\n"
        "レジで確定するまでは未払いです / not paid until the till confirms it\n"
    )
