"""The kinds of guards that functions have: who gets past each, in words and as the chain shows it."""

from __future__ import annotations

from enum import Enum, auto

from scripts.lib.bilingual import Bilingual


class Asker(Enum):
    """Whom a function is tried as, without a transaction, to see whether it turns them away."""

    STRANGER = auto()
    COUNCIL_ADMIN = auto()
    OFFICERS = auto()
    PLATFORM = auto()


REFUSALS = frozenset(
    {
        "AccessControlBadConfirmation",
        "BonusOnlyByAct",
        "ExchangeNotPartner",
        "ExchangeOnlyByAct",
        "OfficersMissingRole",
        "OfficersNotPlatform",
        "OfficersOnlyByAct",
        "PointNotMinter",
        "PointNotOwner",
        "PointNotPredecessor",
        "PointNotSettlement",
        "PointNotSuccessor",
        "PointNotTill",
        "PointOnlyByAct",
        "ProgrammeOnlyByAct",
        "ResidentsCannotObject",
        "ResidentsOnlyByAct",
        "SettlementNotOwner",
        "SettlementOnlyByAct",
    }
)
"""Errors that say: not you. All others say: not this, or not now."""


class Guard(Enum):
    """Who may call a function."""

    ACT = auto()
    COUNCIL = auto()
    PLATFORM = auto()
    OFFICER = auto()
    ADMIN_OR_PROPOSER = auto()
    MINTER = auto()
    SETTLEMENT = auto()
    OTHER_SERIES = auto()
    PARTNER = auto()
    WITH_RESIDENT_SIGNATURE = auto()
    WITH_COUPON_SIGNATURE = auto()
    MERCHANT_OWNER = auto()
    COUNTER = auto()
    WITH_TILL_SIGNATURE = auto()
    ACCOUNT_CONCERNED = auto()
    OVER_OWN = auto()
    WITHIN_ALLOWANCE = auto()
    ANYONE = auto()

    @property
    def label(self) -> Bilingual:
        """Who that is, in words."""
        return _LABELS[self]

    @property
    def passes(self) -> frozenset[Asker]:
        """Who is not turned away, if none of the askers is an officer, a minter or a merchant there."""
        return _PASSES.get(self, frozenset())


_EVERYBODY = frozenset(Asker)
_PASSES = {
    Guard.ACT: frozenset({Asker.OFFICERS}),
    Guard.COUNCIL: frozenset({Asker.COUNCIL_ADMIN}),
    Guard.PLATFORM: frozenset({Asker.PLATFORM}),
    Guard.ADMIN_OR_PROPOSER: frozenset({Asker.COUNCIL_ADMIN}),
    Guard.OVER_OWN: _EVERYBODY,
    Guard.WITHIN_ALLOWANCE: _EVERYBODY,
    Guard.WITH_TILL_SIGNATURE: _EVERYBODY,
    Guard.WITH_RESIDENT_SIGNATURE: _EVERYBODY,
    Guard.WITH_COUPON_SIGNATURE: _EVERYBODY,
    Guard.ANYONE: _EVERYBODY,
}

_LABELS = {
    Guard.ACT: Bilingual("Officers alone, after the act's rule", "Officersのみ(行為の規則による)"),
    Guard.COUNCIL: Bilingual("an Admin of the council", "運用協議会の管理者"),
    Guard.PLATFORM: Bilingual("PointPlatform alone", "PointPlatformのみ"),
    Guard.OFFICER: Bilingual("the officer whom the act's rule names", "行為の規則が定める職員"),
    Guard.ADMIN_OR_PROPOSER: Bilingual(
        "an Admin of the municipality or of the council, and the proposer",
        "自治体または運用協議会の管理者、提案者本人",
    ),
    Guard.MINTER: Bilingual("a minter, within its allowance", "発行者(発行枠の範囲内)"),
    Guard.SETTLEMENT: Bilingual(
        "the settlement service that the series has named", "当該ポイントが定めた精算サービス"
    ),
    Guard.OTHER_SERIES: Bilingual(
        "the series before or after this one",
        "引継ぎ元・引継ぎ先の種別のみ",
    ),
    Guard.PARTNER: Bilingual("the partner's key", "協力企業の鍵を持つ者"),
    Guard.WITH_RESIDENT_SIGNATURE: Bilingual(
        "the resident, or anyone with the resident's signature", "利用者本人(または本人の署名を持つ者)"
    ),
    Guard.WITH_COUPON_SIGNATURE: Bilingual(
        "anyone, with the signature of the coupon's key", "誰でも(クーポンの鍵の署名が必要)"
    ),
    Guard.MERCHANT_OWNER: Bilingual("who holds the merchant's owner key", "加盟店の所有者の鍵を持つ者"),
    Guard.COUNTER: Bilingual("the merchant's owner and its tills", "加盟店の所有者とそのレジ"),
    Guard.WITH_TILL_SIGNATURE: Bilingual(
        "anyone, with the signature of the merchant's owner or till",
        "誰でも(加盟店の所有者またはレジの署名が必要)",
    ),
    Guard.ACCOUNT_CONCERNED: Bilingual("the account concerned", "当該口座の本人"),
    Guard.OVER_OWN: Bilingual("anyone, over what is their own", "誰でも(自分の分のみ)"),
    Guard.WITHIN_ALLOWANCE: Bilingual(
        "anyone, within the owner's allowance", "誰でも(所有者の委任額の範囲内)"
    ),
    Guard.ANYONE: Bilingual("anyone", "誰でも"),
}
