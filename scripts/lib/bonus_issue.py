"""Why PaymentBonus promises or awards nothing for a sale, as it numbers it, with words for the reports."""

from __future__ import annotations

from enum import IntEnum

from scripts.lib.bilingual import Bilingual


class BonusIssue(IntEnum):
    """IPaymentBonus.BonusIssue; as far as LOT_TOO_LARGE also IMunicipalPoint.MintIssue."""

    NONE = 0
    UNREGISTERED = 1
    ACCOUNT_STOPPED = 2
    ACCOUNT_UNFIT = 3
    LOT_TOO_LARGE = 4
    OTHER_DAY = 5
    MERCHANT_NOT_ACTIVE = 6
    OTHER_CATEGORY = 7
    NOT_PROVED = 8
    TOO_LATE = 9
    NOTHING_EARNED = 10
    CAP_REACHED = 11
    BUDGET_USED = 12
    NOT_RESERVED = 13
    TOO_EARLY = 14
    RECORD_GONE = 15
    ALREADY_AWARDED = 16

    @property
    def label(self) -> Bilingual:
        """What an officer reads."""
        return _LABELS[self]


_LABELS = {
    BonusIssue.NONE: Bilingual("done", "処理済み"),
    BonusIssue.UNREGISTERED: Bilingual(
        "no such resident, or no longer", "該当する利用者がいない(終了を含む)"
    ),
    BonusIssue.ACCOUNT_STOPPED: Bilingual("account frozen or blocked", "口座が凍結・利用停止中"),
    BonusIssue.ACCOUNT_UNFIT: Bilingual("account cannot hold points", "ポイントを保有できない口座"),
    BonusIssue.LOT_TOO_LARGE: Bilingual("more than one lot can hold", "1口座1期限の上限を超える"),
    BonusIssue.OTHER_DAY: Bilingual("not sold on the campaign's days", "対象期間外の売上"),
    BonusIssue.MERCHANT_NOT_ACTIVE: Bilingual("merchant suspended or closed", "加盟店が停止・終了"),
    BonusIssue.OTHER_CATEGORY: Bilingual("merchant of another category", "対象外の業種"),
    BonusIssue.NOT_PROVED: Bilingual("no such payment on record", "該当する支払いの記録がない"),
    BonusIssue.TOO_LATE: Bilingual("shown after the last day of refund", "返品期限後の届出"),
    BonusIssue.NOTHING_EARNED: Bilingual("nothing (more) earned", "還元となる額がない"),
    BonusIssue.CAP_REACHED: Bilingual("resident's cap reached", "1人あたりの上限に達している"),
    BonusIssue.BUDGET_USED: Bilingual("budget used up", "予算の上限に達している"),
    BonusIssue.NOT_RESERVED: Bilingual("nothing was promised", "還元予定がない"),
    BonusIssue.TOO_EARLY: Bilingual("can still be refunded", "返品期限前"),
    BonusIssue.RECORD_GONE: Bilingual("not awarded in time", "期限内に付与されなかった"),
    BonusIssue.ALREADY_AWARDED: Bilingual("awarded before", "付与済み"),
}
