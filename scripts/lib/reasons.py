"""Why an officer acts (理由コード): the numbers that go on the chain with every act, and their words.

A code says which kind of case it is and nothing about a person; the paper behind it is named by its hash. A
number once given keeps its meaning for good: the history is read by it.
"""

from __future__ import annotations

from enum import IntEnum

from scripts.lib.bilingual import Bilingual


class Reason(IntEnum):
    """Reason codes; a tens digit for each field of work."""

    ROUTINE = 1
    DECISION = 2
    CLERICAL_MISTAKE = 3
    COURT_ORDER = 4
    AUDIT_FINDING = 5

    STAFF_ROTATION = 10
    NEW_STAFF = 11
    STAFF_LEAVES = 12
    LOST_OFFICER_KEY = 13
    LAST_ADMIN_LOST = 14

    NEW_PROGRAMME = 20
    BUDGET_CHANGE = 21
    NEW_SERVICE = 22
    END_OF_SERVICE = 23
    POLICY_CHANGE = 24

    NEW_MERCHANT = 30
    MERCHANT_REQUEST = 31
    SHOP_SOLD = 32
    LOST_MERCHANT_KEY = 33
    BREACH_OF_TERMS = 34
    SHOP_CLOSED = 35

    NEW_RESIDENTS = 40
    CARD_REISSUE = 41
    LOST_CARD = 42
    STOLEN_CARD = 43
    DEATH = 44
    MOVED_OUT = 45
    RESIDENT_REQUEST = 46
    COMMITMENT_KEY_ROTATION = 47

    SUSPECTED_FRAUD = 50
    SUSPICION_CLEARED = 51
    WRONG_GRANT = 52
    PAUSED_OVER_MONTH_END = 53
    WRONG_LAPSE = 54

    OUTAGE = 60
    DISASTER = 61
    SECURITY_INCIDENT = 62
    INCIDENT_OVER = 63

    @property
    def label(self) -> Bilingual:
        """The reason in words."""
        return _LABELS[self]


def reason_label(code: int) -> Bilingual:
    """Return the words of a code as the chain has it, which may be one that a later version gave."""
    try:
        return Reason(code).label
    except ValueError:
        return Bilingual(f"reason {code}", f"理由コード{code}")


_LABELS = {
    Reason.ROUTINE: Bilingual("routine", "通常業務"),
    Reason.DECISION: Bilingual("decision of the municipality", "決裁による"),
    Reason.CLERICAL_MISTAKE: Bilingual("clerical mistake", "事務の誤り"),
    Reason.COURT_ORDER: Bilingual("court order", "裁判所の命令"),
    Reason.AUDIT_FINDING: Bilingual("finding of an audit", "監査の指摘"),
    Reason.STAFF_ROTATION: Bilingual("staff rotation", "定期人事異動"),
    Reason.NEW_STAFF: Bilingual("new member of staff", "新任"),
    Reason.STAFF_LEAVES: Bilingual("member of staff leaves", "退任"),
    Reason.LOST_OFFICER_KEY: Bilingual("officer's key lost", "職員の鍵の紛失"),
    Reason.LAST_ADMIN_LOST: Bilingual("municipality has lost its Admins", "管理者の不在"),
    Reason.NEW_PROGRAMME: Bilingual("new programme", "新規事業"),
    Reason.BUDGET_CHANGE: Bilingual("change of a budget", "予算の変更"),
    Reason.NEW_SERVICE: Bilingual("new service", "サービスの利用開始"),
    Reason.END_OF_SERVICE: Bilingual("end of a service", "サービスの利用終了"),
    Reason.POLICY_CHANGE: Bilingual("change of policy", "制度の変更"),
    Reason.NEW_MERCHANT: Bilingual("new merchant", "加盟店の新規承認"),
    Reason.MERCHANT_REQUEST: Bilingual("merchant's request", "加盟店の申出"),
    Reason.SHOP_SOLD: Bilingual("shop sold", "店舗の譲渡"),
    Reason.LOST_MERCHANT_KEY: Bilingual("merchant's key lost", "加盟店の鍵の紛失"),
    Reason.BREACH_OF_TERMS: Bilingual("breach of the terms for merchants", "加盟店規約違反"),
    Reason.SHOP_CLOSED: Bilingual("shop closed", "閉店"),
    Reason.NEW_RESIDENTS: Bilingual("residents join", "利用者の登録"),
    Reason.CARD_REISSUE: Bilingual("card re-issued", "カードの再交付"),
    Reason.LOST_CARD: Bilingual("card lost", "カードの紛失"),
    Reason.STOLEN_CARD: Bilingual("card stolen", "カードの盗難"),
    Reason.DEATH: Bilingual("death", "死亡"),
    Reason.MOVED_OUT: Bilingual("moved out", "転出"),
    Reason.RESIDENT_REQUEST: Bilingual("resident's request", "本人の申出"),
    Reason.COMMITMENT_KEY_ROTATION: Bilingual("new key of the council", "運用協議会の鍵の更新"),
    Reason.SUSPECTED_FRAUD: Bilingual("suspected fraud", "不正利用の疑い"),
    Reason.SUSPICION_CLEARED: Bilingual("suspicion cleared", "不正利用の疑いの解消"),
    Reason.WRONG_GRANT: Bilingual("wrong grant", "付与の誤り"),
    Reason.PAUSED_OVER_MONTH_END: Bilingual("paused over the end of a month", "月末をまたぐ停止"),
    Reason.WRONG_LAPSE: Bilingual("lapsed by mistake", "誤った失効"),
    Reason.OUTAGE: Bilingual("outage", "システム障害"),
    Reason.DISASTER: Bilingual("disaster", "災害"),
    Reason.SECURITY_INCIDENT: Bilingual("security incident", "セキュリティ事故"),
    Reason.INCIDENT_OVER: Bilingual("incident over", "事故の終息"),
}
