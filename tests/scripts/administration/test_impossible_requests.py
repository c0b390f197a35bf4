"""Commands that ask for what cannot be: refused in a sentence that says what can be, and nothing is sent."""

from argparse import Namespace
from dataclasses import replace

import pytest

from scripts.lib.administration.command_line import WIDTH_WITHOUT_TERMINAL, terminal
from scripts.lib.administration.desk import Desk
from scripts.lib.administration.execution import ExitCode
from scripts.lib.administration.migration import _following
from scripts.lib.administration.refusals import SHOWN_FAILURES, refusal_page
from scripts.lib.administration.status import status
from scripts.lib.administration.task import CommandError
from scripts.lib.node.sender import Sender
from scripts.lib.node.transactions import Failure, SendError, WrongChainError
from scripts.lib.roles import Role
from tests.scripts.administration.test_twice import granted
from tests.support.command_town import CODE, MERCHANTS, OTHER_CODE


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("freeze 99", "利用者番号99の利用者はいません"),
        ("freeze 9999999999", "利用者番号9999999999の利用者はいません"),
        ("close-membership 2 99", "登録されたことのない利用者番号です: 99"),
        ("close-membership -1", "負の数です"),
        ("close-membership 12,345", "番号と番号の間は空白で区切ります"),
        ("veto １，２３４", "番号と番号の間は空白で区切ります"),
        ("mark-bounced 1 0001 1,234", "番号と番号の間は空白で区切ります"),
        ("cancel-replacement 4294967296", "4,294,967,295を超えています"),
        ("end-bonus 1", "還元事業1はありません"),
        ("stop-list 9", "名簿9はありません"),
        ("cancel-batch 9", "精算束9はありません"),
        ("mark-bounced 1 0001 -1", "負の数です"),
        ("approve 998 999", "この自治体の提案ではありません: 998, 999"),
        ("veto 999", "この自治体の提案ではありません: 999"),
        ("stop-partner 16777216", "16,777,215を超えています"),
        ("expiry months_after 61", "有効期間は60か月まで"),
        ("expiry fixed_month 302", "期限が過去または遠すぎます"),
        ("refund-days 2000", "日未満で指定してください"),
        ("return-days 65536", "65,535を超えています"),
        ("pause 73", "72を超えています"),
        ("close-year 1999", "2020年度(令和2年度)から2099年度まで"),
        ("migrate announce", "--successor で後継の種別を指定してください"),
        ("status --town 011002", "団体コード011002は登録されていません"),
        ("refund-days 20 --series NONE", "--series で種別を指定してください: GENKI"),
        ("refund-days 20 --reason なんとなく", "次のどれかです / one of: "),
        ("refund-days 20 --paper no-such.pdf", "no-such.pdf: No such file or directory / 読み書きできません"),
    ],
)
def test_request_that_cannot_be_is_refused_with_what_can_be(town, words, said):
    height = town.chain.height()
    assert town.run(*words.split()) is ExitCode.REJECTED_INPUT, town.said
    assert said in town.said and "何も送信していません" in town.said
    assert town.chain.height() == height


@pytest.mark.parametrize(
    ("count", "points", "said"),
    [("0", "500", "1以上の数が必要です"), ("100001", "500", "100,000を超えています"), ("1", "0", "1以上")],
)
def test_coupons_beyond_what_a_file_holds_are_not_drawn(town, count, points, said):
    file = town.folder / "codes.csv"
    assert town.run("coupon-codes", str(file), count, points, actor="partner") is ExitCode.REJECTED_INPUT
    assert said in town.said and not file.exists()


def test_allowance_below_what_was_minted_is_refused(town):
    granted(town)
    assert town.run("allow", "GrantProgrammes", "2299") is ExitCode.REJECTED_INPUT
    assert "すでに2,300ポイント発行済みです" in town.said


def test_shop_that_was_never_approved_cannot_be_suspended_and_is_named_by_its_line(town):
    file = town.file("m.csv", MERCHANTS[0] + ",異動", f"{town.shop(1)},,,,停止", f"{town.shop(7)},,,,停止")
    assert town.run("merchants", file) is ExitCode.PARTLY_DONE
    assert "3行目: 加盟店ではありません" in town.said
    assert town.ask("MunicipalPoint", town.token, "merchantOf", town.shop(1))[1] == 1, "the other row is done"


def test_new_card_of_nobody_is_named_by_its_line(town):
    row = f"99,{town.shop(8)},0x{'11' * 65}"
    file = town.file("replacements.csv", "利用者番号,新しい口座,署名", row)
    assert town.run("replace", file) is ExitCode.PARTLY_DONE
    assert "2行目: 該当する利用者がいません" in town.said


def test_revocation_for_nobody_is_left_and_the_plan_says_what_a_paper_is_for(town):
    granted(town)
    file = town.file("v.csv", "利用者番号,ポイント,期限月", "1,100,2026-03", "99,100,2026-03")
    assert town.run("revoke", file, "plan") is ExitCode.DONE, town.said
    assert "--paper で書類を付けると" in town.said
    assert town.run("revoke", file) is ExitCode.PARTLY_DONE
    assert "3行目: 該当する利用者がいません" in town.said and town.balance(1) == 900


def test_policies_that_promise_no_end_are_told_without_a_day_and_switched_off_without_a_warning(town):
    assert town.run("expiry", "never", "plan") is ExitCode.DONE, town.said
    assert "期限なし (no expiry)" in town.said and "今日付与した場合の期限" not in town.said
    assert town.run("transfers", "on", "off", "plan") is ExitCode.DONE
    assert "資金移動業にあたるおそれ" in town.said
    assert town.run("transfers", "off", "on", "plan") is ExitCode.DONE
    assert "資金移動業" not in town.said


# ----------------------------------------------------------------------------------------------- WHERE


def test_chain_without_a_platform_is_told_what_comes_first(town, tmp_path):
    empty = replace(town, connection=replace(town.connection, records=tmp_path / "none"))
    assert empty.run("status") is ExitCode.REJECTED_INPUT
    assert "先に council deploy を実行してください" in empty.said


def test_service_that_was_not_deployed_is_told_and_left_out_of_status_and_migration(town):
    desk = Desk.of(town.connection, CODE)
    tables = len(status(desk, Namespace()).tables)
    assert len(_following(desk, town.token)) == 2
    del desk.records._records["service GrantProgrammes"]
    assert len(status(desk, Namespace()).tables) == tables - 1
    assert _following(desk, town.token) == []
    with pytest.raises(CommandError, match="GrantProgrammesはまだ提供されていません"):
        desk.service("GrantProgrammes")


def test_officer_of_one_of_two_towns_need_not_name_it_and_somebody_else_must(town):
    desk = Desk.of(town.connection, CODE)
    desk.municipalities = [OTHER_CODE, CODE]
    assert desk._only_municipality() == CODE
    desk.people = [town.keyring.account("stranger")]
    with pytest.raises(CommandError, match=f"--town で団体コードを指定してください: {OTHER_CODE}, {CODE}"):
        desk._only_municipality()


# ---------------------------------------------------------------------------------- WHAT WENT WRONG


def test_chain_that_is_another_one_from_the_start_is_told_as_nothing_sent(town, monkeypatch):
    def refuse(_sender, *_arguments, **_more):
        raise WrongChainError("the node is of another chain")

    monkeypatch.setattr(Sender, "send", refuse)
    assert town.run("refund-days", "20") is ExitCode.REJECTED_INPUT
    assert "the node is of another chain" in town.said and "何も送信していません" in town.said


def test_many_refusals_are_counted_beyond_those_that_are_shown(capsys):
    failures = [Failure(f"row {number}", "0x", "reverted", None) for number in range(SHOWN_FAILURES + 2)]
    terminal().print(refusal_page(SendError(failures, [])))
    said = capsys.readouterr().out
    assert f"row {SHOWN_FAILURES - 1}" in said and f"row {SHOWN_FAILURES}" not in said
    assert "ほか2件" in said and f"チェーンが{SHOWN_FAILURES + 2}件を拒否しました" in said


def test_tables_are_as_wide_as_the_terminal_that_there_is(monkeypatch):
    assert terminal().width == WIDTH_WITHOUT_TERMINAL
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "83")
    assert terminal().width == 83


# ----------------------------------------------------------------------------------- PEOPLE WHO COME


def test_officer_who_begins_later_is_told_with_the_day(town):
    account = town.keyring.account("new cashier")
    file = town.file("o.csv", "異動,役職,口座,後任の口座,開始日", f"任命,出納担当,{account},,2025-05-01")
    assert town.run("officers", file, "plan") is ExitCode.DONE, town.said
    assert f"{account} は令和7年5月1日00時00分00秒から就任します" in town.said


def test_office_is_looked_for_among_those_who_still_hold_it(town):
    first, second = town.officer(Role.GUARDIAN), town.officer(Role.GUARDIAN, 2)
    gone = town.file("o.csv", "異動,役職,口座", f"解任,緊急停止担当,{second}")
    assert town.run("officers", gone) is ExitCode.DONE, town.said
    cashier = town.only(town.officer(Role.CASHIER))
    assert cashier.run("pause", "24") is ExitCode.REJECTED_INPUT
    assert f"緊急停止担当: {first}" in cashier.said and second not in cashier.said


def test_admin_is_dismissed_by_the_other(town):
    second = town.officer(Role.ADMIN, 2)
    file = town.file("o.csv", "異動,役職,口座", f"解任,管理者,{second}")
    town.twice("officers", file)
    officers = town.address("officers")
    assert not town.ask("Officers", officers, "isOfficer", CODE, int(Role.ADMIN), second)
