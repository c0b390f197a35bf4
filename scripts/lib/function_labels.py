"""What functions of the contracts are called in Japanese, beside their own names."""

from __future__ import annotations

from scripts.lib.bilingual import Bilingual


def function_label(contract: str, function: str) -> Bilingual:
    """Return a function's name in both languages; "—" for one that has no Japanese name yet."""
    return Bilingual(function, _JAPANESE.get(contract, {}).get(function, "—"))


_JAPANESE = {
    "PointPlatform": {
        "registerMunicipality": "自治体の登録",
        "offerService": "サービスの提供開始",
        "registerSeries": "ポイント種別の登録",
    },
    "Officers": {
        "perform": "単独での実行",
        "propose": "提案",
        "approve": "承認",
        "execute": "提案の実行",
        "veto": "差止め・取下げ",
        "appoint": "職員の任命",
        "dismiss": "職員の解任",
        "dismissAdmin": "管理者の解任",
        "handOver": "職務の引継ぎ",
        "reappointAdmin": "管理者の再任命(運用協議会)",
        "acceptService": "サービスの利用開始",
        "leaveService": "サービスの利用終了",
        "renounceRole": "職務の辞任",
        "openMunicipality": "自治体の職務の開設",
        "addRules": "規則の追加",
    },
    "ResidentRegistry": {
        "register": "利用者の登録",
        "rotateCommitments": "コミットメントの更新",
        "startReplacement": "口座切替の開始",
        "cancelReplacement": "口座切替の中止",
        "closeMembership": "利用者登録の終了(死亡・転出)",
        "startInheritance": "相続の開始",
        "reopenMembership": "利用者登録の再開",
        "setDeparturePolicy": "死亡・転出時の扱いの設定",
        "objectToReplacement": "口座切替への異議",
        "completeReplacement": "口座切替の完了",
    },
    "MunicipalPoint": {
        "mint": "付与",
        "mintUntil": "有効期限を指定した付与",
        "mintBatch": "一括付与",
        "pay": "売上の支払い",
        "paySigned": "署名済み支払いの提出",
        "payRelayed": "署名済み支払いの代理提出",
        "payBatch": "署名済み支払いの一括提出",
        "voidSale": "売上番号の取消し",
        "refund": "返品・返金",
        "cancelSignatures": "署名の一括無効化",
        "recordLapse": "失効の記帳",
        "increaseMinterAllowance": "発行枠の増額",
        "decreaseMinterAllowance": "発行枠の減額",
        "removeMinter": "発行者の取消し",
        "setExpiryPolicy": "有効期限の規則の設定",
        "setTransferSwitches": "譲渡の可否の設定",
        "setRefundDays": "返品期限の設定",
        "setSettlement": "精算サービスの指定",
        "lockClaims": "精算対象の請求の確保",
        "unlockClaims": "請求の確保の解除",
        "burnLocked": "精算済みポイントの消却",
        "reopenClaims": "精算済みの請求の復活",
        "approveMerchant": "加盟店の承認",
        "suspendMerchant": "加盟店の停止",
        "closeMerchant": "加盟店の登録終了",
        "replaceOwner": "加盟店の鍵の交換",
        "setTill": "レジの鍵の登録・抹消",
        "freeze": "口座の凍結",
        "unfreeze": "凍結の解除",
        "extendLots": "有効期限の延長",
        "restoreLots": "失効ポイントの回復",
        "revoke": "未使用の付与の取消し",
        "pause": "緊急停止",
        "unpause": "緊急停止の解除",
        "syncBlocked": "切替・終了による利用停止の反映",
        "carry": "新しい口座への引継ぎ",
        "transfer": "支払い・譲渡",
        "transferAtEpoch": "有効期限を指定した支払い・譲渡",
        "transferFrom": "委任による支払い・譲渡",
        "transferFromAtEpoch": "有効期限を指定した委任による支払い・譲渡",
        "approve": "委任額の設定",
        "increaseAllowance": "委任額の増額",
        "decreaseAllowance": "委任額の減額",
    },
}
