"""What commands say of the next step: who runs what, from when on, and what comes first."""

import pytest

from scripts.lib.administration.execution import ExitCode
from scripts.lib.roles import Role
from tests.scripts.administration.test_twice import bank_key, paid, with_file
from tests.support.command_town import DAYS, PROGRAMMES

SUMMER = "夏祭り,川崎市内,,,50000,夏祭りの参加に付与,2025,7月|8月,当年度末,"


def test_approver_of_a_programme_is_told_who_runs_the_command_next(town):
    file = town.file("programmes.csv", PROGRAMMES[0], SUMMER)
    proposer, approver = town.officer(Role.PROGRAMME_OFFICER), town.officer(Role.PROGRAMME_APPROVER)
    assert town.only(proposer).run("programmes", file) is ExitCode.PARTLY_DONE
    second = town.only(approver)
    assert second.run("programmes", file) is ExitCode.PARTLY_DONE, second.said
    assert f"次は事業担当({proposer}" in second.said and "同じコマンドを実行します" in second.said
    assert "残り / left" in second.said and "2件 2 acts" in second.said


def test_officer_without_the_office_is_told_who_holds_it(town):
    someone = town.only(town.officer(Role.CASHIER))
    file = town.file("programmes.csv", PROGRAMMES[0], SUMMER)
    assert someone.run("programmes", file, "--town", "141305") is ExitCode.REJECTED_INPUT
    holder = town.officer(Role.PROGRAMME_OFFICER)
    assert f"事業担当: {holder}" in someone.said and "--keystore" in someone.said and "--out" in someone.said


def test_account_without_a_key_is_told_before_it_asks(town, monkeypatch):
    monkeypatch.setattr("builtins.input", lambda *_: pytest.fail("it asked"))
    stranger = town.shop(5)
    call = ("sweep", "--by", stranger)
    town.run("refund-days", "20")
    assert town.run("programmes", town.file("p.csv", PROGRAMMES[0], SUMMER), "--by", stranger, yes=False) in (
        ExitCode.REJECTED_INPUT,
    ), call
    assert "--keystore" in town.said


def test_service_that_is_not_in_use_yet_is_told_with_its_day(town):
    head = "還元事業,初日,最終日,還元率,対象の最低額,1人の上限,予算,対象業種番号"
    file = town.file("bonus.csv", head, "歳末還元,2025-05-01,2025-05-31,10,100,500,50000,1 2")
    assert town.run("bonus", file) is ExitCode.REJECTED_INPUT
    assert "先に municipality accept-service PaymentBonus を実行してください" in town.said
    assert town.run("accept-service", "PaymentBonus") is ExitCode.PARTLY_DONE
    assert town.run("bonus", file) is ExitCode.REJECTED_INPUT
    assert "令和7年4月" in town.said and "以降に municipality accept-service PaymentBonus" in town.said
    assert "OfficersForeignTarget" not in town.said
    assert town.run("proposals") is ExitCode.DONE
    assert "以降に実行できます" in town.said and "サービスの利用開始" in town.said
    assert "b'" not in town.said


def test_settlement_tells_batch_shops_sum_and_the_next_command(town):
    paid(town)
    assert town.run("settle-claims", "2025-04-07") is ExitCode.DONE, town.said
    assert "精算束1: 2店、合計500円を確保しました" in town.said
    assert "次は transfer-file 1 --bank bank.csv --pay-on" in town.said
    assert "加盟店数" not in town.said.split("送信した取引")[-1]


def test_payment_before_the_file_was_sent_is_told_what_comes_first(town):
    with_file(town)
    assert town.run("mark-paid", "1", "2025-04-15 0001", *bank_key(town)) is ExitCode.REJECTED_INPUT
    assert "銀行に送ったら mark-sent 1" in town.said


def test_command_that_only_shows_speaks_of_nothing_sent_or_left(town):
    town.pass_time(DAYS)
    for command in ("status", "powers", "proposals"):
        assert town.run(command) is ExitCode.DONE, town.said
        assert "何も送信" not in town.said and "残り / left" not in town.said
