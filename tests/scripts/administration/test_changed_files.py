"""Files edited after they had been carried out: refused row by row, and nothing looks carried out."""

import pytest

from scripts.lib.administration.execution import ExitCode
from scripts.lib.japan_calendar import month_from_text, start_of
from tests.scripts.administration.test_twice import exchanges_file, granted, sent, waits
from tests.support.command_town import CODE, DAYS, MERCHANTS, PROGRAMMES


def refused(town, *words, actor="municipality"):
    """Run a command that refuses; return what it said."""
    height = town.chain.height()
    assert town.run(*words, actor=actor) is ExitCode.REJECTED_INPUT, town.said
    assert town.chain.height() == height and "何も送信していません" in town.said
    return town.said


def paper_key(town):
    option = ("--paper-key", str(town.folder / "bank-paper.key"))
    assert town.run("new-key", *option) is ExitCode.DONE, town.said
    return option


@pytest.mark.parametrize(
    "row, words",
    [
        ("健康診査,川崎市内,600,,1000000,健診の受診に付与,2025,第1回|第2回,当年度末,", "600"),
        ("健康診査,川崎市内,,5000,1000000,健診の受診に付与,2025,第1回|第2回,当年度末,", "5,000"),
        ("健康診査,中原区,,,1000000,健診の受診に付与,2025,第1回|第2回,当年度末,", "「中原区」"),
        ("健康診査,川崎市内,,,1000000,別の内容,2025,第1回|第2回,当年度末,", "別の内容で開設済み"),
        ("健康診査,川崎市内,,,1000000,健診の受診に付与,2025,第1回|第2回,翌年度末,", "で開設済みです"),
    ],
)
def test_programme_on_other_terms_than_it_was_opened_is_a_fault(town, row, words):
    assert words in refused(town, "programmes", town.file("programmes.csv", PROGRAMMES[0], row))


def test_shop_with_another_name_or_category_is_a_fault_that_names_the_reapproval(town):
    file = town.file("merchants.csv", *MERCHANTS, f"{town.shop(1)},夕市,川崎区,7")
    said = refused(town, "merchants", file)
    assert "チェーンでは「朝市」で済んでいます。ファイルは「夕市」です" in said and "再承認" in said
    assert "チェーンでは1で済んでいます。ファイルは7です" in said


def test_active_shop_is_renamed_by_a_reapproval(town):
    head = "口座,店名,所在地,業種番号,異動"
    file = town.file("merchants.csv", head, f"{town.shop(1)},夕市,川崎区,7,再承認")
    town.twice("merchants", file)
    assert town.ask("MunicipalPoint", town.token, "merchantOf", town.shop(1))[2] == 7


def test_exchange_of_another_amount_than_was_exchanged_is_a_fault(town):
    key = paper_key(town)
    assert town.run("exchange", exchanges_file(town), *key, actor="partner") is ExitCode.DONE, town.said
    head = "団体コード,利用者番号,企業ポイント,管理番号"
    changed = town.file("e.csv", head, f"{CODE},3,2000,SORA-1", f"{CODE},2,9000,SORA-2")
    said = refused(town, "exchange", changed, *key, actor="partner")
    assert "チェーンでは1で済んでいます。ファイルは3です" in said
    assert "チェーンでは3,000で済んでいます。ファイルは9,000です" in said


def test_coupon_of_another_amount_than_was_issued_is_a_fault(town):
    codes = town.folder / "codes.csv"
    assert town.run("coupon-codes", str(codes), "2", "500", actor="partner") is ExitCode.DONE
    assert town.run("issue-coupons", str(codes), "2025-12-31", actor="partner") is ExitCode.DONE, town.said
    codes.write_bytes(codes.read_bytes().replace(b"500", b"900", 1))
    assert "チェーンでは500で済んでいます" in refused(
        town, "issue-coupons", str(codes), "2025-12-31", actor="partner"
    )
    codes.write_bytes(codes.read_bytes().replace(b"900", b"500", 1))
    said = refused(town, "issue-coupons", str(codes), "2026-12-31", actor="partner")
    assert "利用期限令和7年12月31日23時59分59秒で発行済み" in said


def test_restoration_of_another_amount_than_was_restored_is_a_fault(town):
    granted(town)
    town.chain.mine_at(start_of(month_from_text("2026-04")) + 1 * DAYS)
    head = "利用者番号,ポイント,失効月,新しい期限月"
    assert town.run("restore", town.file("r.csv", head, "1,300,2026-03,2026-06")) is ExitCode.DONE
    said = refused(town, "restore", town.file("r.csv", head, "1,400,2026-03,2026-07"))
    assert "チェーンでは300で済んでいます。ファイルは400です" in said
    assert "チェーンでは令和8年6月30日で済んでいます。ファイルは令和8年7月31日です" in said


def test_extension_to_another_month_than_it_was_extended_to_is_a_fault(town):
    granted(town)
    head = "利用者番号,現在の期限月,新しい期限月"
    assert town.run("extend", town.file("e.csv", head, "1,2026-03,2026-05")) is ExitCode.DONE, town.said
    said = refused(town, "extend", town.file("e.csv", head, "1,2026-03,2026-09"))
    assert "チェーンでは令和8年5月31日で済んでいます" in said


def test_payment_recorded_with_another_reference_is_refused(town):
    sent(town)
    key = ("--paper-key", str(town.folder / "bank-paper.key"))
    assert town.run("mark-paid", "1", "2025-04-15 0001", *key) is ExitCode.DONE, town.said
    assert "別の照会番号で振込済み" in refused(town, "mark-paid", "1", "2025-04-16 0002", *key)


def test_resident_registered_with_another_mykey_id_is_a_fault(town):
    other = town.residents_file_with("others.csv", {1: "RES1D777"})
    said = refused(town, "residents", other, "--commitment-key", town.key_file)
    assert "別のマイキーIDで登録済みです(利用者番号1)" in said


def test_bonus_on_other_terms_than_it_was_opened_is_a_fault(town):
    waits(town, "accept-service", "PaymentBonus")
    assert town.run("accept-service", "PaymentBonus") is ExitCode.DONE, town.said
    head = "還元事業,初日,最終日,還元率,対象の最低額,1人の上限,予算,対象業種番号"
    row = "歳末還元,2025-05-01,2025-05-31,10,100,500,50000,1 2"
    assert town.run("bonus", town.file("bonus.csv", head, row)) is ExitCode.DONE, town.said
    changed = town.file("bonus.csv", head, row.replace(",10,", ",20,").replace(",500,", ",900,"))
    said = refused(town, "bonus", changed)
    assert "別の還元率で開始済み" in said and "別の1人の上限で開始済み" in said


def test_bonus_with_a_lower_budget_is_told_that_it_stays(town):
    waits(town, "accept-service", "PaymentBonus")
    assert town.run("accept-service", "PaymentBonus") is ExitCode.DONE, town.said
    head = "還元事業,初日,最終日,還元率,対象の最低額,1人の上限,予算,対象業種番号"
    row = "歳末還元,2025-05-01,2025-05-31,10,100,500,50000,1 2"
    assert town.run("bonus", town.file("bonus.csv", head, row)) is ExitCode.DONE, town.said
    town.twice("bonus", town.file("bonus.csv", head, row.replace("50000", "40000")))
    assert "歳末還元: 予算の減額はできません" in town.said


def test_programme_that_ends_on_another_day_than_it_was_opened_for_is_a_fault(town):
    row = "健康診査,川崎市内,,,1000000,健診の受診に付与,2025,第1回|第2回,当年度末,,2025-04-01,2025-12-31"
    file = town.file("programmes.csv", f"{PROGRAMMES[0]},開始日,終了日", row)
    said = refused(town, "programmes", file)
    assert "令和8年3月31日23時59分59秒で済んでいます。ファイルは令和7年12月31日" in said
    assert said.count("で済んでいます") == 1, "the first day is the same"


def test_receipt_of_another_amount_than_was_recorded_is_left_and_named(town):
    key = paper_key(town)
    head = "協力企業番号,入金額,銀行の照会番号"
    assert town.run("receipts", town.file("r.csv", head, "1,500,A-7"), *key) is ExitCode.DONE, town.said
    height = town.chain.height()
    changed = town.file("r.csv", head, "1,600,A-7")
    assert town.run("receipts", changed, *key) is ExitCode.PARTLY_DONE
    assert "2行目: この照会番号は別の金額または企業で記帳済みです" in town.said
    assert town.chain.height() == height


def test_coupon_that_was_issued_for_all_towns_is_a_fault_when_it_is_issued_for_one(town):
    codes = town.folder / "codes.csv"
    assert town.run("coupon-codes", str(codes), "1", "500", actor="partner") is ExitCode.DONE
    assert town.run("issue-coupons", str(codes), "2025-12-31", actor="partner") is ExitCode.DONE, town.said
    words = ("issue-coupons", str(codes), "2025-12-31", "--town", str(CODE))
    assert "別の自治体向けに発行済みです" in refused(town, *words, actor="partner")
