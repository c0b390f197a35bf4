"""From claims to the bank's file: what it holds, who is paid, and what of it reaches the chain."""

import shutil
from pathlib import Path

import pytest

from scripts.lib.administration.execution import ExitCode
from scripts.lib.calls import Call
from scripts.lib.japan_calendar import month_from_text, start_of
from scripts.lib.roles import Role
from tests.scripts.administration.test_twice import (
    GRANT,
    bank_file,
    bank_key,
    granted,
    locked,
    paid,
    refund,
    sell,
    sent,
)
from tests.support.command_town import DAYS, MERCHANTS

PAY = ("--pay-on", "2025-04-15")


@pytest.fixture
def written(town):
    """The bank's file of batch 1, its records, and its list."""
    locked(town)
    words = ("transfer-file", "1", "--bank", bank_file(town), *PAY, "--folder", str(town.folder))
    assert town.run(*words) is ExitCode.DONE, town.said
    content = (town.folder / "transfer-1.txt").read_bytes()
    assert content.endswith(b"\r\n")
    return content.decode("shift_jis").split("\r\n")[:-1], (town.folder / "transfer-1.csv")


def shops_in_order(town):
    return sorted([town.shop(1), town.shop(2)], key=lambda shop: int(shop, 16))


def test_transfer_file_has_a_record_for_each_shop_between_header_and_trailer(town, written):
    records, _ = written
    assert [record[0] for record in records] == ["1", "2", "2", "8", "9"]
    assert {len(record) for record in records} == {120}
    header, *data, trailer, _ = records
    assert header[1:14] == "2100000012345"
    assert header[14:54].rstrip() == "ｶﾜｻｷｼ"
    assert header[54:58] == "0415"
    assert trailer[1:19] == "000002" + "000000000500"
    by_account = {record[43:50]: record for record in data}
    assert by_account["7654321"][50:80].rstrip() == "ｶ)ｱｻｲﾁ"
    assert by_account["7654321"][80:90] == "0000000300"
    assert by_account["0012345"][1:5] + by_account["0012345"][20:23] == "9900018"
    assert by_account["0012345"][42] == "2"  # 当座
    assert by_account["0012345"][80:90] == "0000000200"


def test_transfer_file_is_its_owners_alone(town, written):
    for name in ("transfer-1.txt", "transfer-1.csv"):
        assert (town.folder / name).stat().st_mode & 0o777 == 0o600


def test_transfer_list_neutralises_a_name_that_begins_like_a_formula(written):
    _, listing = written
    assert "'=湯屋" in listing.read_text("utf-8-sig")
    assert ",=湯屋" not in listing.read_text("utf-8-sig")


def test_nothing_of_the_bank_details_reaches_the_chain(town, written):
    words = ("mark-sent", "1", "--folder", str(town.folder), *bank_key(town))
    assert town.run(*words) is ExitCode.DONE, town.said
    for number in range(town.chain.height() + 1):
        block = town.connection.rpc.call("eth_getBlockByNumber", hex(number), True)
        for transaction in block["transactions"]:
            data = bytes.fromhex(transaction["input"][2:])
            for secret in ("7654321", "0012345", "ｶ)ｱｻｲﾁ", "アサイチ"):
                assert secret.encode() not in data and secret.encode("shift_jis") not in data


def test_file_that_was_exchanged_after_it_was_sent_is_noticed(town, written):
    words = ("mark-sent", "1", "--folder", str(town.folder), *bank_key(town))
    assert town.run(*words) is ExitCode.DONE, town.said
    file = town.folder / "transfer-1.txt"
    file.write_bytes(file.read_bytes().replace(b"0000000300", b"0000009300"))
    assert town.run(*words) is ExitCode.REJECTED_INPUT
    assert "別の振込データが送付済み" in town.said


def test_shop_without_bank_details_or_with_a_name_too_long_for_them_stops_the_file(town):
    locked(town)
    lines = Path(bank_file(town)).read_text(encoding="utf-8").splitlines()
    bank = town.file("bank.csv", *(line for line in lines if town.shop(2) not in line))
    words = ("transfer-file", "1", "--bank", bank, *PAY, "--folder", str(town.folder))
    assert town.run(*words) is ExitCode.REJECTED_INPUT
    assert "口座情報のない加盟店が1件" in town.said
    assert not (town.folder / "transfer-1.txt").exists()
    too_long = town.file("bank.csv", *(line.replace("カ）アサイチ", "ガ" * 16) for line in lines))
    assert town.run(*words) is ExitCode.REJECTED_INPUT and too_long == bank
    assert "朝市の口座名義が半角30文字を超えています" in town.said
    assert not (town.folder / "transfer-1.txt").exists()


def test_claims_of_a_day_that_is_not_over_are_refused(town):
    paid(town)
    assert town.run("settle-claims", "2025-12-31") is ExitCode.REJECTED_INPUT
    assert "締め日がまだ終わっていません" in town.said


def test_claims_are_approved_by_a_second_cashier_although_a_shop_was_paid_since(town):
    paid(town)
    cashier = town.only(town.officer(Role.CASHIER))
    assert cashier.run("settle-claims", "2025-04-07") is ExitCode.PARTLY_DONE
    town.pay(3, town.shop(1), 50)
    second = town.only(town.officer(Role.SECOND_CASHIER))
    assert second.run("settle-claims", "2025-04-07") is ExitCode.DONE, second.said
    assert town.ask("MunicipalPoint", town.token, "claimOf", town.shop(1)) == (50, 0, 300)


def test_more_claims_than_a_batch_takes_are_several_batches(town, monkeypatch):
    monkeypatch.setattr("scripts.lib.administration.settlement.MAX_CLAIMS", 1)
    paid(town)
    cashier = town.only(town.officer(Role.CASHIER))
    assert cashier.run("settle-claims", "2025-04-07") is ExitCode.PARTLY_DONE, cashier.said
    town.twice("settle-claims", "2025-04-07")
    service = town.address("service MerchantSettlement")
    assert [town.ask("MerchantSettlement", service, "batchOf", batch)[4] for batch in (1, 2)] == [1, 1]
    assert town.ask("MunicipalPoint", town.token, "settlementTotals") == (500, 0)


def test_claims_that_bounced_are_in_the_next_batch(town):
    sent(town)
    assert town.run("mark-bounced", "1", "0008", "0", "2", *bank_key(town)) is ExitCode.REJECTED_INPUT
    assert "精算束にない請求番号があります" in town.said, "there are 0 and 1"
    assert town.run("mark-bounced", "1", "0008", "0", *bank_key(town)) is ExitCode.DONE
    town.twice("settle-claims", "2025-04-07")
    [first, _] = shops_in_order(town)
    assert town.ask("MunicipalPoint", town.token, "claimOf", first)[:2] == (0, 0)


def transfer(town, day, *more):
    return ("transfer-file", "1", "--bank", bank_file(town), "--pay-on", day, *more)


def test_second_transfer_file_of_a_batch_is_refused_in_whichever_folder(town, written):
    file = town.folder / "transfer-1.txt"
    before = file.read_bytes()
    for folder in (town.folder, town.folder / "elsewhere"):
        for day in ("2025-04-16", "2025-04-15")[: 1 if folder == town.folder else 2]:
            words = transfer(town, day, "--folder", str(folder))
            assert town.run(*words) is ExitCode.REJECTED_INPUT
            assert f"{file} へ作成済みです(振込指定日 2025-04-15、500円)" in town.said
            assert "二重の振込になります" in town.said and "--write-again" in town.said
    assert file.read_bytes() == before
    assert not (town.folder / "elsewhere").exists()


def test_second_transfer_file_is_refused_although_the_first_was_taken_away(town, written):
    (town.folder / "transfer-1.txt").unlink()
    assert town.run(*transfer(town, "2025-04-15")) is ExitCode.REJECTED_INPUT
    assert "作成済みです" in town.said


def test_transfer_file_is_written_again_on_demand_and_the_first_is_named(town, written):
    elsewhere = town.folder / "elsewhere"
    words = transfer(town, "2025-04-16", "--folder", str(elsewhere), "--write-again")
    assert town.run(*words) is ExitCode.DONE, town.said
    assert f"{town.folder / 'transfer-1.txt'}(振込指定日 2025-04-15)は、もう銀行に渡さず" in town.said
    assert b"0416" in (elsewhere / "transfer-1.txt").read_bytes()
    # The same command again is no third file.
    assert town.run(*words[:-1]) is ExitCode.DONE, town.said
    # Whoever records the first one is told of the second.
    first = ("mark-sent", "1", "--folder", str(town.folder), *bank_key(town))
    assert town.run(*first, "plan") is ExitCode.DONE
    assert f"最後に作成した振込データは {elsewhere / 'transfer-1.txt'} です" in town.said


def test_transfer_file_of_unknown_origin_is_not_overwritten(town):
    locked(town)
    file = town.folder / "transfer-1.txt"
    file.write_bytes(b"of another machine")
    assert town.run(*transfer(town, "2025-04-15")) is ExitCode.REJECTED_INPUT
    assert "銀行に送っていないことを確かめた場合だけ" in town.said
    assert file.read_bytes() == b"of another machine"
    assert town.run(*transfer(town, "2025-04-15", "--write-again")) is ExitCode.DONE, town.said


def test_transfer_file_is_refused_at_another_machine_while_the_first_is_recorded_as_sent(town, written):
    cashier = town.only(town.officer(Role.CASHIER))
    words = ("mark-sent", "1", "--folder", str(town.folder), *bank_key(town))
    assert cashier.run(*words) is ExitCode.PARTLY_DONE, cashier.said
    (town.folder / "transfer-1.txt").unlink()
    shutil.rmtree(town.connection.plans)
    assert town.run(*transfer(town, "2025-04-16")) is ExitCode.REJECTED_INPUT
    assert "送付の記帳が提案されています" in town.said and "--write-again" in town.said
    assert town.run(*transfer(town, "2025-04-16"), "write-again") is ExitCode.DONE, town.said


def test_transfer_file_lies_beside_the_bank_details_and_is_found_there(town):
    locked(town)
    assert town.run(*transfer(town, "2025-04-15")) is ExitCode.DONE, town.said
    assert (town.folder / "transfer-1.txt").exists()
    assert town.run("mark-sent", "1", *bank_key(town)) is ExitCode.DONE, town.said


def test_transfer_file_that_is_missing_is_told_with_its_place(town):
    locked(town)
    words = ("mark-sent", "1", "--folder", str(town.folder), *bank_key(town))
    assert town.run(*words) is ExitCode.REJECTED_INPUT
    assert f"振込データ {town.folder / 'transfer-1.txt'} がありません" in town.said


@pytest.mark.parametrize(
    "day, because, others",
    [
        ("2025-04-12", "土曜日", "2025-04-11、2025-04-14"),
        ("2025-05-05", "こどもの日", "2025-05-02、2025-05-07"),
        ("2025-12-31", "年末年始", "2025-12-30、2026-01-05"),
    ],
)
def test_transfer_on_a_day_on_which_banks_are_closed_is_refused(town, day, because, others):
    locked(town)
    assert town.run(*transfer(town, day)) is ExitCode.REJECTED_INPUT
    assert "銀行の休業日です" in town.said and because in town.said and f"例: {others}" in town.said
    assert not (town.folder / "transfer-1.txt").exists()


def test_cashiers_see_names_of_shops_beside_their_accounts(town):
    paid(town)
    cashier = town.only(town.officer(Role.CASHIER))
    second = town.only(town.officer(Role.SECOND_CASHIER))
    for officer in (cashier, second):
        officer.run("settle-claims", "2025-04-07")
        assert f"{town.shop(1)}(朝市、川崎区) → 300円" in officer.said
        assert f"{town.shop(2)}(=湯屋、中原区) → 200円" in officer.said


def test_cashier_who_approves_by_number_sees_names_of_shops(town):
    paid(town)
    town.only(town.officer(Role.CASHIER)).run("settle-claims", "2025-04-07")
    number = str(town.ask("Officers", town.address("officers"), "proposalCount"))
    assert town.run("proposals") is ExitCode.DONE
    assert f"{town.shop(1)}(朝市、川崎区)" in town.said
    assert town.run("approve", number, "plan") is ExitCode.DONE
    assert f"{town.shop(1)}(朝市、川崎区) → 300円" in town.said


def test_transfer_on_a_day_that_is_past_is_refused(town):
    locked(town)
    words = ("transfer-file", "1", "--bank", bank_file(town), "--pay-on", "2025-04-01")
    assert town.run(*words, "--folder", str(town.folder)) is ExitCode.REJECTED_INPUT


def test_reference_of_the_bank_counts_once(town):
    sent(town)
    assert town.run("mark-bounced", "1", "0007", "0", *bank_key(town)) is ExitCode.DONE
    assert town.run("mark-paid", "1", "0007", *bank_key(town)) is ExitCode.REFUSED_BY_CHAIN
    assert "銀行の書類は使用済み" in town.said


def test_reference_of_the_bank_counts_once_however_wide_it_is_typed(town):
    sent(town)
    assert town.run("mark-bounced", "1", "2025-04-09 0007", "0", *bank_key(town)) is ExitCode.DONE
    again = ("mark-bounced", "1", " ２０２５－０４－０９　　０００７", "1", *bank_key(town))
    assert town.run(*again) is ExitCode.REFUSED_BY_CHAIN
    assert "銀行の書類は使用済み" in town.said


def test_key_for_papers_that_others_may_read_is_refused(town):
    locked(town)
    sent_words = ("mark-sent", "1", "--folder", str(town.folder), *bank_key(town))
    (town.folder / "bank-paper.key").chmod(0o644)
    words = ("transfer-file", "1", "--bank", bank_file(town), *PAY, "--folder", str(town.folder))
    assert town.run(*words) is ExitCode.DONE, town.said
    assert town.run(*sent_words) is ExitCode.REJECTED_INPUT
    assert "所有者以外も読めます" in town.said


def test_claims_that_bounced_before_leave_out_their_chunk_when_more_bounce(town):
    """Claims come in chunks of 128; one whose claims are all back already must not be brought along."""
    granted(town)
    numbers = range(3, 132)
    shops = [f"{town.shop(number)},商店{number},川崎区,1" for number in numbers]
    assert town.run("merchants", town.file("more.csv", *MERCHANTS, *shops)) is ExitCode.DONE, town.said
    payer = town.resident(1)
    town.connection.keyring.add(payer.key)
    town.connection.deployer.send(
        [Call("MunicipalPoint", town.token, "transfer", (town.shop(n), 1), payer.address) for n in numbers]
    )
    town.pass_time(1 * DAYS)
    assert town.run("settle-claims", "2025-04-07") is ExitCode.DONE, town.said
    lines = ["加盟店口座,委託者コード,銀行コード,支店コード,預金種目,口座番号,口座名義カナ"]
    lines += [",12345,0005,001,普通,1234567,カワサキシ"]
    lines += [f"{town.shop(number)},,0001,210,普通,{number},カ）シヨウテン" for number in numbers]
    bank = town.file("bank.csv", *lines)
    words = ("transfer-file", "1", "--bank", bank, *PAY, "--folder", str(town.folder))
    assert town.run(*words) is ExitCode.DONE, town.said
    key = bank_key(town)
    assert town.run("mark-sent", "1", "--folder", str(town.folder), *key) is ExitCode.DONE, town.said
    assert town.run("mark-bounced", "1", "0007", "5", *key) is ExitCode.DONE, town.said
    assert town.run("mark-bounced", "1", "0008", "5", "128", *key) is ExitCode.DONE, town.said
    service = town.address("service MerchantSettlement")
    assert town.ask("MerchantSettlement", service, "cameBack", 1, 0) == (1 << 5, 0)
    assert town.ask("MerchantSettlement", service, "cameBack", 1, 1) == (1, 0)


def test_year_is_closed_without_what_was_granted_and_nobody_received(town):
    """A frozen account's row runs with those beside it, and its points are not minted."""
    assert town.run("freeze", "2") is ExitCode.DONE, town.said
    file = town.file("g.csv", "利用者番号,ポイント", "1,1000", "2,500")
    assert town.run("grant", file, *GRANT) is ExitCode.PARTLY_DONE
    town.chain.mine_at(start_of(month_from_text("2026-06")))
    town.twice("close-year", "2025")
    service, march = town.address("service MerchantSettlement"), month_from_text("2026-03")
    figures, *known = town.ask("MerchantSettlement", service, "yearEndOf", town.token, march)
    assert figures == (1000, 0, 0, 0, 0, 0, 0, 0) and known[1] == 1000


def test_years_are_closed_with_refunds_revocations_and_what_was_given_back_each_in_its_own(town):
    granted(town)
    lots = sell(town, 300)
    refund(town, lots, 100)
    assert (
        town.run("revoke", town.file("v.csv", "利用者番号,ポイント,期限月", "2,40,2026-03")) is ExitCode.DONE
    )
    assert town.run("transfers", "on", "off") is ExitCode.DONE, town.said
    town.pay(3, town.resident(2).address, 60)  # from a resident to another: neither used nor refunded
    town.chain.mine_at(start_of(month_from_text("2026-04")) + 1 * DAYS)
    restored = town.file("r.csv", "利用者番号,ポイント,失効月,新しい期限月", "1,400,2026-03,2026-06")
    assert town.run("restore", restored) is ExitCode.DONE, town.said
    town.chain.mine_at(start_of(month_from_text("2027-06")))
    service = town.address("service MerchantSettlement")
    for year, told, lapsed in (
        ("2025", (2300, 0, 0, 0, 300, 100, 40, 0), 2300 - 300 + 100 - 40),
        ("2026", (0, 0, 0, 400, 0, 0, 0, 0), 400),
    ):
        town.twice("close-year", year)
        march = month_from_text(f"{int(year) + 1}-03")
        figures, *known = town.ask("MerchantSettlement", service, "yearEndOf", town.token, march)
        assert figures == told, year
        assert known[1] == lapsed, year
