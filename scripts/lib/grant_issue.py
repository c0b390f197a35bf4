"""Why a row of a list of grants is not granted, as the contracts number it, with words for the reports."""

from __future__ import annotations

from enum import IntEnum

from scripts.lib.bilingual import Bilingual


class GrantIssue(IntEnum):
    """IGrantProgrammes.GrantIssue; as far as LOT_TOO_LARGE also IMunicipalPoint.MintIssue.

    All but ALREADY_GRANTED and WRONG_POINTS may pass: the row can run later.
    """

    NONE = 0
    UNREGISTERED = 1
    ACCOUNT_STOPPED = 2
    ACCOUNT_UNFIT = 3
    LOT_TOO_LARGE = 4
    ALREADY_GRANTED = 5
    CAP_REACHED = 6
    WRONG_POINTS = 7

    @property
    def label(self) -> Bilingual:
        """What an officer reads."""
        return _LABELS[self]


_LABELS = {
    GrantIssue.NONE: Bilingual("granted", "付与済み"),
    GrantIssue.UNREGISTERED: Bilingual(
        "no such resident, or no longer", "該当する利用者がいない(終了を含む)"
    ),
    GrantIssue.ACCOUNT_STOPPED: Bilingual("account frozen or blocked", "口座が凍結・利用停止中"),
    GrantIssue.ACCOUNT_UNFIT: Bilingual("account cannot hold points", "ポイントを保有できない口座"),
    GrantIssue.LOT_TOO_LARGE: Bilingual("more than one lot can hold", "1口座1期限の上限を超える"),
    GrantIssue.ALREADY_GRANTED: Bilingual("granted before for this occurrence", "この実施回では付与済み"),
    GrantIssue.CAP_REACHED: Bilingual("beyond the yearly cap", "年度内の上限を超えます"),
    GrantIssue.WRONG_POINTS: Bilingual("not the programme's points", "事業で定めたポイント数と異なる"),
}
