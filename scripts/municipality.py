"""What a municipality's officers do: residents, shops, grants, settlement, card re-issue, policies.

    python -m scripts.municipality grant grants.csv    (or: brownie run municipality grant grants.csv)
    python -m scripts.municipality --help              all commands, in Japanese and English

On a local chain a command shows its plan, asks, and sends; on any other it shows the plan, and sends with
`send`. Exit codes: 0 done, 1 rejected input or answered no: nothing was sent, 2 partly done and safe to
repeat, 3 refused by the chain.
"""

from scripts.lib.administration.command_line import main as run_program
from scripts.lib.administration.command_line import run_in_brownie

ACTOR = "municipality"

# brownie run finds only functions that stand in this very file: one for each command.


def status(*words: str) -> None:
    """状況の表示."""
    run_in_brownie(ACTOR, "status", words)


def powers(*words: str) -> None:
    """権限の一覧."""
    run_in_brownie(ACTOR, "powers", words)


def proposals(*words: str) -> None:
    """未処理の提案の一覧."""
    run_in_brownie(ACTOR, "proposals", words)


def approve(*words: str) -> None:
    """番号による提案の承認."""
    run_in_brownie(ACTOR, "approve", words)


def veto(*words: str) -> None:
    """提案の差止め・取下げ."""
    run_in_brownie(ACTOR, "veto", words)


def officers(*words: str) -> None:
    """職員の任命・解任・引継ぎ."""
    run_in_brownie(ACTOR, "officers", words)


def accept_service(*words: str) -> None:
    """サービスの利用開始."""
    run_in_brownie(ACTOR, "accept-service", words)


def leave_service(*words: str) -> None:
    """サービスの利用終了."""
    run_in_brownie(ACTOR, "leave-service", words)


def allow(*words: str) -> None:
    """サービスの発行枠(総枠)の設定."""
    run_in_brownie(ACTOR, "allow", words)


def remove_minter(*words: str) -> None:
    """発行者の取消し."""
    run_in_brownie(ACTOR, "remove-minter", words)


def registration_requests(*words: str) -> None:
    """利用者登録の署名依頼コードの作成."""
    run_in_brownie(ACTOR, "registration-requests", words)


def residents(*words: str) -> None:
    """利用者の登録."""
    run_in_brownie(ACTOR, "residents", words)


def merchants(*words: str) -> None:
    """加盟店の承認・停止・終了・鍵の交換."""
    run_in_brownie(ACTOR, "merchants", words)


def programmes(*words: str) -> None:
    """付与事業・予算・実施回の開設."""
    run_in_brownie(ACTOR, "programmes", words)


def grant(*words: str) -> None:
    """ポイントの付与(名簿の提案・承認・実行)."""
    run_in_brownie(ACTOR, "grant", words)


def revoke_grant(*words: str) -> None:
    """名簿による付与の取消し."""
    run_in_brownie(ACTOR, "revoke-grant", words)


def stop_list(*words: str) -> None:
    """付与名簿の停止."""
    run_in_brownie(ACTOR, "stop-list", words)


def new_key(*words: str) -> None:
    """書類・管理番号の鍵の作成(最初の1回)."""
    run_in_brownie(ACTOR, "new-key", words)


def settle_claims(*words: str) -> None:
    """精算の承認(締め日までの請求の確保)."""
    run_in_brownie(ACTOR, "settle-claims", words)


def transfer_file(*words: str) -> None:
    """振込データ(全銀・総合振込)の作成."""
    run_in_brownie(ACTOR, "transfer-file", words)


def mark_sent(*words: str) -> None:
    """振込データの送付の記帳."""
    run_in_brownie(ACTOR, "mark-sent", words)


def mark_paid(*words: str) -> None:
    """振込済みの記帳(消却)."""
    run_in_brownie(ACTOR, "mark-paid", words)


def mark_bounced(*words: str) -> None:
    """振込不能・返戻の記帳."""
    run_in_brownie(ACTOR, "mark-bounced", words)


def cancel_batch(*words: str) -> None:
    """精算の取りやめ."""
    run_in_brownie(ACTOR, "cancel-batch", words)


def bonus(*words: str) -> None:
    """還元事業の開始・予算の増額."""
    run_in_brownie(ACTOR, "bonus", words)


def end_bonus(*words: str) -> None:
    """還元事業の早期終了."""
    run_in_brownie(ACTOR, "end-bonus", words)


def close_year(*words: str) -> None:
    """年度の締め."""
    run_in_brownie(ACTOR, "close-year", words)


def freeze(*words: str) -> None:
    """口座の凍結."""
    run_in_brownie(ACTOR, "freeze", words)


def unfreeze(*words: str) -> None:
    """凍結の解除."""
    run_in_brownie(ACTOR, "unfreeze", words)


def replace(*words: str) -> None:
    """口座の切替(カード再交付)."""
    run_in_brownie(ACTOR, "replace", words)


def inherit(*words: str) -> None:
    """相続(死亡した利用者のポイントの引継ぎ)."""
    run_in_brownie(ACTOR, "inherit", words)


def cancel_replacement(*words: str) -> None:
    """口座切替・相続の中止."""
    run_in_brownie(ACTOR, "cancel-replacement", words)


def close_membership(*words: str) -> None:
    """利用者登録の終了(死亡・転出)."""
    run_in_brownie(ACTOR, "close-membership", words)


def reopen_membership(*words: str) -> None:
    """利用者登録の再開."""
    run_in_brownie(ACTOR, "reopen-membership", words)


def extend(*words: str) -> None:
    """有効期限の延長."""
    run_in_brownie(ACTOR, "extend", words)


def restore(*words: str) -> None:
    """失効ポイントの回復."""
    run_in_brownie(ACTOR, "restore", words)


def revoke(*words: str) -> None:
    """未使用の付与の取消し."""
    run_in_brownie(ACTOR, "revoke", words)


def expiry(*words: str) -> None:
    """有効期限の規則の設定."""
    run_in_brownie(ACTOR, "expiry", words)


def transfers(*words: str) -> None:
    """譲渡の可否の設定."""
    run_in_brownie(ACTOR, "transfers", words)


def migrate(*words: str) -> None:
    """後継種別への移行."""
    run_in_brownie(ACTOR, "migrate", words)


def refund_days(*words: str) -> None:
    """返品期限の設定."""
    run_in_brownie(ACTOR, "refund-days", words)


def settlement_service(*words: str) -> None:
    """精算サービスの指定."""
    run_in_brownie(ACTOR, "settlement-service", words)


def exchange_series(*words: str) -> None:
    """交換先ポイント種別の設定."""
    run_in_brownie(ACTOR, "exchange-series", words)


def return_days(*words: str) -> None:
    """留保ポイントの返戻の設定."""
    run_in_brownie(ACTOR, "return-days", words)


def departure(*words: str) -> None:
    """死亡・転出時の扱いの設定."""
    run_in_brownie(ACTOR, "departure", words)


def pause(*words: str) -> None:
    """緊急停止."""
    run_in_brownie(ACTOR, "pause", words)


def unpause(*words: str) -> None:
    """緊急停止の解除."""
    run_in_brownie(ACTOR, "unpause", words)


def accept_partners(*words: str) -> None:
    """協力企業と交換条件の承認."""
    run_in_brownie(ACTOR, "accept-partners", words)


def stop_partner(*words: str) -> None:
    """協力企業からの受入れの終了."""
    run_in_brownie(ACTOR, "stop-partner", words)


def receipts(*words: str) -> None:
    """協力企業からの入金の記帳."""
    run_in_brownie(ACTOR, "receipts", words)


if __name__ == "__main__":
    run_program(ACTOR)
