"""What commands say of the next step: who runs what, from when on, and what comes first."""

from dataclasses import replace

import pytest

from scripts.lib.administration.execution import ExitCode
from scripts.lib.roles import Role
from tests.scripts.administration.test_twice import bank_file, bank_key, paid, sent, with_file
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


def test_settlement_tells_batch_shops_sum_and_the_next_command(town, tmp_path, monkeypatch):
    paid(town)
    (tmp_path / "desk").mkdir()
    monkeypatch.chdir(tmp_path / "desk")
    assert town.run("settle-claims", "2025-04-07") is ExitCode.DONE, town.said
    assert "精算束1: 2店、合計500円を確保しました" in town.said
    assert "次は transfer-file 1 --bank bank.csv --pay-on 振込指定日" in town.said
    assert "  銀行に送ったら mark-sent 1" in town.said
    assert "加盟店数" not in town.said.split("送信した取引")[-1]


def test_payment_before_the_file_was_sent_is_told_what_comes_first(town):
    with_file(town)
    key = bank_key(town)
    assert town.run("mark-paid", "1", "2025-04-15 0001", *key) is ExitCode.REJECTED_INPUT
    assert f"銀行に送ったら mark-sent 1 --folder {town.folder} --paper-key {key[1]}" in town.said


def test_each_step_of_a_settlement_prints_the_next_with_its_paths(town, tmp_path, monkeypatch):
    """As in the first hour: all files in a folder beside the one in which commands are typed."""
    monkeypatch.chdir(tmp_path)
    paid(town)
    practice = tmp_path / "practice"
    practice.mkdir()
    town.folder = practice
    bank_file(town), bank_key(town)
    typed = "--bank practice/bank.csv"
    key = "--paper-key practice/bank-paper.key"
    assert town.run("settle-claims", "2025-04-07") is ExitCode.DONE, town.said
    assert f"次は transfer-file 1 {typed} --pay-on 振込指定日" in town.said
    assert f"銀行に送ったら mark-sent 1 --folder practice {key}" in town.said
    assert town.run("transfer-file", "1", *typed.split(), "--pay-on", "2025-04-15") is ExitCode.DONE, (
        town.said
    )
    assert f"銀行に送ったら mark-sent 1 --folder practice {key}" in town.said
    assert town.run("mark-sent", "1", "--folder", "practice", *key.split()) is ExitCode.DONE, town.said
    assert f"振り込まれたら mark-paid 1 銀行の照会番号 {key}" in town.said
    assert town.run("mark-paid", "1", "2025-04-15 0001", *key.split()) is ExitCode.DONE, town.said


def test_next_command_carries_the_town_that_was_named(town):
    paid(town)
    assert town.run("settle-claims", "2025-04-07", "--town", "141305") is ExitCode.DONE, town.said
    assert "--pay-on 振込指定日 --town 141305" in town.said


def test_missing_key_of_papers_is_looked_for_where_the_file_is(town):
    with_file(town)
    key = bank_key(town)[1]
    assert town.run("mark-sent", "1", "--folder", str(town.folder)) is ExitCode.REJECTED_INPUT
    assert f"--paper-key {key} を付けてください" in town.said and "new-key" not in town.said


def test_missing_key_of_papers_that_was_used_before_is_never_made_anew(town):
    with_file(town)
    cashier = town.only(town.officer(Role.CASHIER))
    words = ("mark-sent", "1", "--folder", str(town.folder))
    assert cashier.run(*words, *bank_key(town)) is ExitCode.PARTLY_DONE, cashier.said
    (town.folder / "bank-paper.key").unlink()
    for again in (words, ("mark-sent", "1", "--folder", str(town.folder), "--paper-key", "no.key")):
        assert town.run(*again) is ExitCode.REJECTED_INPUT
        assert "すでに鍵が使われています" in town.said and "同じ鍵のファイル" in town.said
        assert "new-key" not in town.said


def test_missing_key_of_papers_is_made_where_none_was_ever_used(town, tmp_path, monkeypatch):
    with_file(town)
    (tmp_path / "desk").mkdir()
    monkeypatch.chdir(tmp_path / "desk")
    assert town.run("mark-sent", "1", "--folder", str(town.folder)) is ExitCode.REJECTED_INPUT
    assert "最初の1回だけ new-key で作成" in town.said


def test_file_is_told_as_sent_only_once_both_cashiers_recorded_it(town):
    with_file(town)
    cashier = town.only(town.officer(Role.CASHIER))
    words = ("mark-sent", "1", "--folder", str(town.folder), *bank_key(town))
    assert cashier.run(*words) is ExitCode.PARTLY_DONE, cashier.said
    assert "送付済みです" not in cashier.said and "2人で記帳すると送付済みになります" in cashier.said
    second = town.only(town.officer(Role.SECOND_CASHIER))
    assert second.run(*words) is ExitCode.DONE, second.said
    assert "振込データは送付済みです。振り込まれたら mark-paid 1" in second.said


def test_second_cashier_is_asked_for_the_same_files_only_where_there_are_any(town):
    paid(town)
    cashier = town.only(town.officer(Role.CASHIER))
    assert cashier.run("settle-claims", "2025-04-07") is ExitCode.PARTLY_DONE
    assert "承認待ちです(同じコマンドを実行して承認)" in cashier.said and "同じファイル" not in cashier.said
    proposer = town.only(town.officer(Role.PROGRAMME_OFFICER))
    file = town.file("programmes.csv", PROGRAMMES[0], SUMMER)
    assert proposer.run("programmes", file) is ExitCode.PARTLY_DONE
    assert "承認待ちです(同じファイルで同じ操作をして承認)" in proposer.said


def test_batch_that_is_paid_is_told_so_once(town):
    sent(town)
    assert town.run("mark-paid", "1", "2025-04-15 0001", *bank_key(town)) is ExitCode.DONE, town.said
    assert town.run("transfer-file", "1", "--bank", bank_file(town), "--pay-on", "2025-04-15") is (
        ExitCode.REJECTED_INPUT
    )
    assert town.said.count("振込済み") == 1 and "することは残っていません" in town.said
    assert town.run("settle-claims", "2025-04-07") is ExitCode.DONE, town.said
    assert "合計500円を確保しました" in town.said and "振込済みです" in town.said


def test_command_that_only_shows_speaks_of_nothing_sent_or_left(town):
    town.pass_time(DAYS)
    for command in ("status", "powers", "proposals"):
        assert town.run(command) is ExitCode.DONE, town.said
        assert "何も送信" not in town.said and "残り / left" not in town.said


def test_fiscal_years_and_days_are_read_by_the_era(town):
    row = SUMMER.replace(",2025,", ",令和7年度,").replace("7月|8月", "7月;8月")
    assert town.run("programmes", town.file("p.csv", PROGRAMMES[0], row)) is ExitCode.DONE, town.said
    assert "夏祭り: 実施回2件: 「7月」、「8月」" in town.said
    paid(town)
    assert town.run("settle-claims", "令和7年4月7日") is ExitCode.DONE, town.said
    assert town.run("close-year", "R7") is ExitCode.REJECTED_INPUT
    assert "出納は令和8年6月1日" in town.said


def test_occurrences_that_nothing_separates_show_as_one(town):
    row = SUMMER.replace("7月|8月", "2025-07 2025-08")
    assert town.run("programmes", town.file("p.csv", PROGRAMMES[0], row), "plan") is ExitCode.DONE
    assert "夏祭り: 実施回1件: 「2025-07 2025-08」" in town.said


def test_wrong_words_are_said_in_japanese_first(town):
    assert town.run("settle-claims", "来月") is ExitCode.REJECTED_INPUT
    assert "のような日時ではありません" in town.said.splitlines()[0]


@pytest.mark.parametrize(
    "command, words",
    [
        ("programmes", ("令和8年度", "複数は「|」「、」「;」で区切る", "翌年度末")),
        ("merchants", ("0〜65,535", "鍵の交換")),
        ("officers", ("事業承認者", "任命、解任、引継ぎ")),
    ],
)
def test_help_names_the_values_that_columns_take(town, capsys, command, words):
    assert town.run(command, "--help") is ExitCode.DONE
    shown = capsys.readouterr().out
    assert all(word in shown for word in words), shown


def test_records_of_an_earlier_local_chain_are_told_with_what_to_do(town, tmp_path):
    """Every local chain has the same first block, so the file of another one is taken for this one's."""
    file = next((town.connection.records / str(town.keyring.chain_id)).glob("*.jsonl"))
    lines = file.read_bytes().splitlines(keepends=True)
    gone = lines[0].replace(town.address("platform").encode(), town.shop(8).encode())
    folder = tmp_path / "stale" / str(town.keyring.chain_id)
    folder.mkdir(parents=True)
    (folder / file.name).write_bytes(gone if town.address("platform").encode() in lines[0] else lines[0])
    connection = replace(town.connection, records=tmp_path / "stale")
    stale = replace(town, connection=connection)
    assert stale.run("status") is ExitCode.REJECTED_INPUT
    assert "チェーンが作り直されています" in stale.said and str(folder / file.name) in stale.said


def test_act_that_is_only_executed_is_not_told_as_proposed_and_approved(town, monkeypatch):
    """Both keys are at hand, and the 48 hours are over."""
    monkeypatch.setattr("builtins.input", lambda *_: "y")
    assert town.run("accept-service", "PaymentBonus", yes=False) is ExitCode.PARTLY_DONE
    assert "提案と承認を続けて行います" in town.said
    town.pass_time(2 * DAYS)
    assert town.run("accept-service", "PaymentBonus", yes=False) is ExitCode.DONE, town.said
    assert "提案と承認を続けて行います" not in town.said


def test_programme_whose_budget_changes_is_told_with_both(town):
    row = PROGRAMMES[1].replace("1000000", "2000000")
    assert town.run("programmes", town.file("p.csv", PROGRAMMES[0], row), "plan") is ExitCode.DONE
    assert "健康診査: 年度予算を1,000,000から2,000,000に変更します" in town.said
