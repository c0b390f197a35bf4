"""What a till can tell of an answer without a line, and what it cannot.

Told offline: that the answer is for this chain, series, shop, sale and amount; that the payer's own key
signed it; that the payer is no shop; that it is still in time; that this sale has no answer yet; and the
till's limits.

Not told offline (UNVERIFIABLE): that the points are there and were not signed away at another shop, that
the account is not stopped, and that the payer has not cancelled. The limits bound what a shop can lose by
it.

Refused offline: accounts that are contracts, since only the chain knows what they accept; and points that
end before the till has promised to be connected again.
"""

from __future__ import annotations

from collections.abc import Collection

from scripts.lib.bilingual import Bilingual
from scripts.lib.japan_calendar import day_of, month_of
from scripts.lib.merchant.sale_queue import SaleQueue, SaleStage
from scripts.lib.merchant.till_settings import TillSettings
from scripts.lib.payment.signing import signer_of
from scripts.lib.payment.uri import PaymentAnswer, same_account

UNVERIFIABLE = (
    Bilingual("that the points are there", "残高があること"),
    Bilingual(
        "that they were not promised to another shop meanwhile", "同じポイントを他店で使っていないこと"
    ),
    Bilingual("that the account is not stopped", "口座が停止されていないこと"),
    Bilingual("that the signature has not been cancelled", "署名が取り消されていないこと"),
)
"""What a till cannot know while the line is down."""


class AnswerRefused(Exception):  # noqa: N818 (a refusal is an answer, not a fault)
    """The till does not take an answer.

    Attributes:
        reason: what to tell the customer.
    """

    def __init__(self, english: str, japanese: str) -> None:
        self.reason = Bilingual(english, japanese)
        super().__init__(str(self.reason))


def check_answer(
    settings: TillSettings, queue: SaleQueue, answer: PaymentAnswer, now: int, shops: Collection[str] = ()
) -> None:
    """Check all that needs no line.

    Args:
        now: by the till's clock.
        shops: accounts known as shops; they cannot pay.

    Raises:
        AnswerRefused: the till must not take it.
    """
    payment = answer.payment
    if answer.domain.chain_id != settings.chain_id or not same_account(answer.domain.series, settings.series):
        raise AnswerRefused("these are other points", "別のポイントの支払いです")
    if not same_account(payment.merchant, settings.merchant):
        raise AnswerRefused("this is for another shop", "別の店への支払いです")
    sale = queue.sales.get(payment.sale)
    if sale is None:
        raise AnswerRefused("this till opened no such sale", "このレジにない売上番号です")
    if sale.points != payment.amount_points:
        raise AnswerRefused(
            f"the sale is of {sale.points:,} points, signed are {payment.amount_points:,}",
            f"売上は{sale.points:,}ポイントですが、署名は{payment.amount_points:,}ポイントです",
        )
    if sale.stage is SaleStage.VOIDED:
        raise AnswerRefused("the sale was voided", "取り消した売上です")
    if sale.stage is not SaleStage.OPEN and not _is_second_try(sale.answer, sale.stage, answer):
        raise AnswerRefused("this sale has its payment already", "この売上は受け付け済みです")
    if payment.valid_until < now:
        raise AnswerRefused("the signature has run out", "署名の有効時間が過ぎています")
    if payment.valid_until < sale.valid_until:
        raise AnswerRefused("the signature runs out too early", "署名の有効時間が短すぎます")
    if any(same_account(payment.payer, shop) for shop in (*shops, settings.merchant)):
        raise AnswerRefused("a shop's account cannot pay", "加盟店の口座では支払えません")


def is_signed_by_key(answer: PaymentAnswer) -> bool:
    """Return whether the key of the payer's account signed; no contract account has one."""
    signer = signer_of(answer.domain, answer.payment, answer.signature)
    return signer is not None and same_account(signer, answer.payment.payer)


def check_offline(settings: TillSettings, queue: SaleQueue, answer: PaymentAnswer, now: int) -> None:
    """Check in addition what a till asks for while the line is down.

    Raises:
        AnswerRefused: the till must not take it without a line.
    """
    payment = answer.payment
    if not is_signed_by_key(answer):
        raise AnswerRefused(
            "the signature is not the payer's own key's; without a line no other can be checked",
            "署名が本人の鍵のものではありません(契約口座はオフラインでは確かめられません)",
        )
    if payment.amount_points > settings.offline_sale_points:
        raise AnswerRefused(
            f"without a line at most {settings.offline_sale_points:,} points a sale",
            f"オフラインでは1件{settings.offline_sale_points:,}ポイントまでです",
        )
    taken = queue.offline_points(day_of(now))
    if taken + payment.amount_points > settings.offline_day_points:
        raise AnswerRefused(
            f"without a line at most {settings.offline_day_points:,} points a day, {taken:,} are taken",
            f"オフラインでは1日{settings.offline_day_points:,}ポイントまでです(本日{taken:,})",
        )
    connected = now + settings.connection_seconds
    if payment.valid_until < connected:
        raise AnswerRefused(
            "the signature runs out before the line is promised to be back",
            "次の通信予定より前に署名の有効時間が切れます",
        )
    if month_of(connected) > month_of(now) and answer.ends < month_of(connected):
        raise AnswerRefused(
            "the points may end before the line is promised to be back",
            "次の通信予定より前に有効期限の来るポイントのおそれがあります",
        )


def _is_second_try(taken: PaymentAnswer | None, stage: SaleStage, answer: PaymentAnswer) -> bool:
    """Return whether a sale that came to nothing gets another answer, from whomever."""
    return stage is SaleStage.NOT_PAID and taken is not None and taken != answer
