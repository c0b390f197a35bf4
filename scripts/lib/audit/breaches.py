"""Names what a contradiction among events means, by the invariant that it breaks, in both languages.

A replay says in its own words what cannot be; here it gets the name by which an officer or resident knows it.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from scripts.lib.bilingual import Bilingual


class Breach(NamedTuple):
    """A kind of violation.

    Attributes:
        invariant: "I1" to "I11" as in docs/invariants.md; "" for what is none of these.
    """

    invariant: str
    what: Bilingual


def _breach(invariant: str, english: str, japanese: str) -> Breach:
    return Breach(invariant, Bilingual(english, japanese))


MISSING_POINTS = _breach("I1", "points moved that were not there", "存在しないポイントの移動")
UNBALANCED = _breach("I1", "points came or went without their event", "対応する事象のないポイントの増減")
NOT_CONSERVED = _breach("I1", "the sums of a month do not agree", "月末の収支の不一致")
LIFE_CHANGED = _breach("I3", "the life of points was shortened or renewed", "有効期限の短縮または更新")
WRONG_ORDER = _breach("I4", "points that end later were spent first", "期限の近い順でない使用")
WRONG_WAY = _breach("I5", "points went where they may not go", "認められない相手への移動")
STOPPED_ACCOUNT = _breach("I5", "a stopped account took part", "凍結・停止中の口座の取引")
BEYOND_RULE = _breach("I5", "taken back beyond the rule of attribution", "帰属の規則を超える取戻し")
BEYOND_ALLOWANCE = _breach("I6", "minted beyond the allowance", "発行枠を超える発行")
MINTED_FOR_NOTHING = _breach("I6", "a service minted points that are nobody's grant", "付与先のない発行")
BEYOND_BUDGET = _breach("I6", "beyond a budget", "予算の超過")
BEYOND_CAP = _breach("I6", "beyond a limit of one resident or partner", "利用者・協力企業の上限の超過")
WRONG_TERMS = _breach("I6", "other points than the terms make", "交換条件と異なるポイント")
BAD_BONUS = _breach("I6", "a bonus that no sale bears out", "売上の裏付けのない還元")
GRANTED_TWICE = _breach("I7", "a resident granted twice for one occurrence", "同じ実施回での二重付与")
PAID_TWICE = _breach("I7", "a sale paid twice", "一つの売上の二重支払い")
USED_TWICE = _breach("I7", "a number or paper used twice", "番号・書類の二重使用")
BAD_REFUND = _breach(
    "I8", "a refund that renews points or is not the payer's", "期限の更新または他人への返品"
)
NO_ACT = _breach("I9", "a change without the act of officers it takes", "必要な職員の行為のない変更")
ONE_OFFICER = _breach("I9", "one officer did both halves of an act", "一人の職員による起案と承認の兼任")
AGAINST_RULES = _breach("I9", "an act against the officers' rules", "職員の権限規則に反する行為")
CARRIED_WRONG = _breach("I1", "what left a series did not reach its successor", "種別間の引継ぎの不一致")
AGAINST_NOTICE = _breach("I9", "a series was closed against its notice", "告知に反する種別の終了")
CLOSED_SERIES = _breach("I5", "points moved in a series that was closed", "終了した種別でのポイントの移動")
IN_A_PAUSE = _breach("I11", "points moved in a pause", "停止中のポイントの移動")
BAD_SETTLEMENT = _breach("I1", "a settlement that does not add up", "精算の不整合")
BAD_REGISTER = _breach("I5", "the residents' register contradicts itself", "利用者登録簿の矛盾")
BAD_BOOKS = _breach("I7", "services or numbers contradict each other", "事業・番号の記録の矛盾")
UNKNOWN_EVENT = _breach("", "an event that this auditor has no rule for", "この監査に規則のない事象")

_BY_WORDS: list[tuple[str, Breach]] = [
    ("does not know what it means|no replay of this service|domain never changes", UNKNOWN_EVENT),
    ("no act of officers", NO_ACT),
    ("the proposer approved it", ONE_OFFICER),
    (
        "nobody approved it|it had to wait|took office after|left and come back|did not hold|takes a proposal"
        "|asks for role|something else was proposed|the approver was|proposal is not open|proposal had lapsed"
        "|approved before|next proposal|the act had|the act has|held the role already|role was never granted"
        "|serves already|such role|begin in the past|does not serve|ended in the past|it was opened before",
        AGAINST_RULES,
    ),
    ("could mint only|had minted only|make it .* minted", BEYOND_ALLOWANCE),
    ("minted points for no row|than minted|no award calls", MINTED_FOR_NOTHING),
    (
        "was not resident|it earns|it may earn|it was not minted|such campaign|such rate"
        "|of the sale was refunded|last day was|sales do not count|promise was|promise is|refunded no more"
        "|still be refunded|of another day|not forgotten the sale|series tells of",
        BAD_BONUS,
    ),
    ("the budget is|the budget was|cap or the budget|are reserved|were granted of", BEYOND_BUDGET),
    (r"resident \d+ has |the resident got|the partner owes", BEYOND_CAP),
    (
        "terms make|campaign makes|the bonus is|the programme grants|no terms were in force|terms begin",
        WRONG_TERMS,
    ),
    ("had been granted", GRANTED_TWICE),
    ("sale was paid or voided before", PAID_TWICE),
    (
        "paper was used|reference was|come back before|coupon was issued|label had been opened"
        "|nothing was held|the coupon was|recorded was",
        USED_TWICE,
    ),
    (
        "could not be refunded|go back, where|some of month|points are .*'s|has paid|points have ended"
        "|sale was not paid|nothing of the sale|month .* has ended|SaleRefunded before it",
        BAD_REFUND,
    ),
    (
        "lot had ended, or would|the month has not ended|lapsed with that month|has not ended|lot until"
        "|left of|points end with|so early, or so late",
        LIFE_CHANGED,
    ),
    (
        "what left one series|take over from each other|for carrying|no series was closed for this"
        "|stand so before|neither a successor|not closed for this one|before the series was opened",
        CARRIED_WRONG,
    ),
    ("a notice lasts|the notice lasts|successor announced was", AGAINST_NOTICE),
    ("was closed for its successor", CLOSED_SERIES),
    ("points that end first", WRONG_ORDER),
    ("is frozen or blocked|account is not blocked|was frozen", STOPPED_ACCOUNT),
    (
        "no merchant|went elsewhere|not active|merchant received|may not transfer|merchant has no lots"
        "|became a merchant"
        "|never approved as a merchant|is no resident's|they were resident|points are of",
        WRONG_WAY,
    ),
    ("in a pause", IN_A_PAUSE),
    (
        "sale's day|skipped for this|neither paid nor|has not paid|events make it .* times|14 days"
        "|policy says|the points were",
        BAD_BOOKS,
    ),
    (
        "were locked|were owed|had been settled|settlement service|had locked claims|batch was not"
        "|claims locked before|claims that hold nothing|come to|comes to|books of|books were open"
        "|batches came|without a batch|no step of a batch",
        BAD_SETTLEMENT,
    ),
    (
        "move is under way|such move|should have moved|no delay|nothing was under way|next number"
        "|such resident|was a resident's|person has a membership|membership|key version|the account is",
        BAD_REGISTER,
    ),
    ("were there|held|lot had ended", MISSING_POINTS),
    (
        "Minted before it|went to nobody|no Transfer beside|calls for another|should vanish|tells of another",
        UNBALANCED,
    ),
    (
        "next programme|next batch|next partner|such programme|such batch|such partner|fiscal year"
        "|batch had died|not skipped|series granted|no Minted of|it had granted|not granted this row"
        "|the grant was|holding is not|exchanged were|campaign before|next is",
        BAD_BOOKS,
    ),
]
_PATTERNS = [(re.compile(words), breach) for words, breach in _BY_WORDS]


def breach_of(why: str) -> Breach | None:
    """Return what a replay's words mean; None if nobody has said."""
    return next((breach for pattern, breach in _PATTERNS if pattern.search(why)), None)
