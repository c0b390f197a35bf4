"""The till's memory: every sale it opened, answer it took and batch it sent, and what became of them.

All of it is what a durable log says, so that a kill at any moment loses nothing that was shown to a
customer. The order of writing is the safety:

1. `opened` is on disk before the code is shown: a number is never given out twice.
2. `answered` is on disk before the till says 受け付けました.
3. `sending` holds the signed transaction, on disk before the node hears of it: after a kill the same bytes
   are sent again, which the chain carries out once.
4. `settled` says what the chain answered.

And were all of it lost, the chain pays a sale number once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from types import TracebackType

from scripts.lib.durable_log import DurableLog, LogDamagedError, Record
from scripts.lib.japan_calendar import day_of
from scripts.lib.merchant.till_settings import SALES_OF_A_TILL
from scripts.lib.node.signed_call import SignedCall
from scripts.lib.payment.issue import PaymentIssue
from scripts.lib.payment.sale_number import day_of_sale, sale_number
from scripts.lib.payment.uri import PaymentAnswer


class SaleStage(Enum):
    """Where a sale stands, as the till knows it."""

    OPEN = "未払い open"
    WAITING = "送信待ち waiting"
    SENDING = "送信中 sending"
    PAID = "支払済 paid"
    NOT_PAID = "不成立 not paid"
    VOIDED = "取消 voided"


@dataclass
class TillSale:
    """One sale of this till.

    Attributes:
        opened_at: by the till's clock.
        answer: the payer's signed answer; None if none was taken.
        offline: whether it was taken while the line was down.
        issue: why it is not paid; NONE if nothing is known.
        transaction: in which it was paid (0x hex).
    """

    number: int
    points: int
    opened_at: int
    valid_until: int
    stage: SaleStage = SaleStage.OPEN
    answer: PaymentAnswer | None = None
    answered_at: int = 0
    offline: bool = False
    issue: PaymentIssue = PaymentIssue.NONE
    transaction: str = ""


@dataclass
class SentBatch:
    """A transaction that may have reached the node, and the sales in it."""

    call: SignedCall
    sales: tuple[int, ...]


class SaleQueue:
    """The queue in one file.

    Attributes:
        sales: by number, oldest first.
        sent: batches without an answer yet, oldest first.

    Raises:
        LogInUseError, LogDamagedError: see DurableLog.
    """

    def __init__(self, path: Path, till: int) -> None:
        self.sales: dict[int, TillSale] = {}
        self.sent: list[SentBatch] = []
        self._till = till
        self._log = DurableLog(path)
        try:
            for record in self._log.records:
                self._apply(record)
        except (KeyError, ValueError) as error:
            self._log.close()
            raise LogDamagedError(f"{path}: {error!r} / 記録の内容が正しくありません") from None

    # ------------------------------------------------------------------------------------------- WRITING

    def open_sale(self, points: int, now: int, valid_until: int) -> TillSale:
        """Give out the next number.

        Raises:
            ValueError: the till has no number left today.
        """
        number = self._next_number(day_of(now))
        self._write({"kind": "opened", "sale": number, "points": points, "at": now, "until": valid_until})
        return self.sales[number]

    def take_answer(self, answer: PaymentAnswer, now: int, offline: bool) -> TillSale:
        """Note a payer's answer; the till has checked it."""
        self._write({"kind": "answered", "answer": answer.text, "at": now, "offline": offline})
        return self.sales[answer.payment.sale]

    def note_sending(self, call: SignedCall, sales: Iterable[int]) -> None:
        """Note a transaction before the node hears of it."""
        self._write({"kind": "sending", "call": list(call), "sales": list(sales)})

    def note_settled(self, transaction: str, issues: Mapping[int, PaymentIssue]) -> None:
        """Note what a transaction did; sales of it that are not named wait again."""
        named = {str(sale): int(issue) for sale, issue in issues.items()}
        self._write({"kind": "settled", "hash": transaction, "issues": named})

    def note_voided(self, sale: int, transaction: str) -> None:
        """Note that a number was used up without a payment."""
        self._write({"kind": "voided", "sale": sale, "hash": transaction})

    def retry(self, sale: int) -> None:
        """Let a sale wait again that was not paid."""
        self._write({"kind": "again", "sale": sale})

    # ------------------------------------------------------------------------------------------- READING

    def waiting(self) -> list[TillSale]:
        """Return what has been taken and not sent, oldest first."""
        return [sale for sale in self.sales.values() if sale.stage is SaleStage.WAITING]

    def offline_points(self, day: int) -> int:
        """Return what was taken on a day while the line was down and is not known to be paid."""
        return sum(
            sale.points
            for sale in self.sales.values()
            if sale.offline
            and day_of(sale.answered_at) == day
            and sale.stage in (SaleStage.WAITING, SaleStage.SENDING, SaleStage.NOT_PAID)
        )

    def close(self) -> None:
        """Let another program have the file."""
        self._log.close()

    def __enter__(self) -> SaleQueue:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _next_number(self, day: int) -> int:
        first = sale_number(day, self._till * SALES_OF_A_TILL)
        used = [sale for sale in self.sales if day_of_sale(sale) == day and sale >= first]
        number = max(used, default=first - 1) + 1
        if number >= first + SALES_OF_A_TILL:
            raise ValueError(
                f"a till numbers {SALES_OF_A_TILL} sales a day / レジの1日の件数{SALES_OF_A_TILL}に達しました"
            )
        return number

    def _write(self, record: Record) -> None:
        self._log.append(record)
        self._apply(record)

    def _apply(self, record: Record) -> None:
        match record["kind"]:
            case "opened":
                sale = TillSale(record["sale"], record["points"], record["at"], record["until"])
                self.sales[sale.number] = sale
            case "answered":
                answer = PaymentAnswer.read(record["answer"])
                sale = self.sales[answer.payment.sale]
                sale.answer, sale.answered_at = answer, record["at"]
                sale.offline, sale.stage = record["offline"], SaleStage.WAITING
                sale.issue = PaymentIssue.NONE
            case "sending":
                batch = SentBatch(SignedCall(*record["call"]), tuple(record["sales"]))
                self.sent.append(batch)
                for number in batch.sales:
                    self.sales[number].stage = SaleStage.SENDING
            case "settled":
                self._apply_settled(record)
            case "voided":
                self.sales[record["sale"]].stage = SaleStage.VOIDED
                self.sales[record["sale"]].transaction = record["hash"]
            case "again":
                self.sales[record["sale"]].stage = SaleStage.WAITING
            case kind:
                raise ValueError(kind)

    def _apply_settled(self, record: Record) -> None:
        [batch] = [batch for batch in self.sent if batch.call.hash == record["hash"]]
        self.sent.remove(batch)
        issues = {int(sale): PaymentIssue(issue) for sale, issue in record["issues"].items()}
        for number in batch.sales:
            sale = self.sales[number]
            sale.issue = issues.get(number, PaymentIssue.NONE)
            if number not in issues:
                sale.stage = SaleStage.WAITING
            elif sale.issue in (PaymentIssue.NONE, PaymentIssue.ALREADY_PAID):
                sale.stage, sale.transaction = SaleStage.PAID, record["hash"]
            else:
                sale.stage = SaleStage.NOT_PAID
