"""A second list for an occurrence that has one already: proposed and waiting, or approved and not run."""

import pytest

from scripts.lib.administration.execution import ExitCode
from scripts.lib.roles import Role
from tests.support.command_town import DAYS

HEALTH = ("--programme", "健康診査", "--occurrence", "第1回")
HEAD = "利用者番号,ポイント"


@pytest.fixture
def clerk(town):
    return town.only(town.officer(Role.PROGRAMME_OFFICER))


@pytest.fixture
def approver(town):
    return town.only(town.officer(Role.PROGRAMME_APPROVER))


def first(town):
    return town.file("first.csv", HEAD, "1,100", "2,100")


def changed(town):
    return town.file("changed.csv", HEAD, "1,100", "2,120")


def proposed(town, clerk):
    """Propose the first list; return the number of the proposal."""
    assert clerk.run("grant", first(town), *HEALTH) is ExitCode.PARTLY_DONE, clerk.said
    return town.ask("Officers", town.address("officers"), "proposalCount")


def approved(town, clerk):
    assert town.run("approve", str(proposed(town, clerk))) is ExitCode.DONE, town.said


@pytest.mark.parametrize("who", ["approver", "clerk"])
def test_propose_changed_list_while_another_waits_sends_nothing_and_names_it(town, request, clerk, who):
    number, height = proposed(town, clerk), town.chain.height()
    officer = request.getfixturevalue(who)
    assert officer.run("grant", changed(town), *HEALTH) is ExitCode.REJECTED_INPUT
    assert f"別の名簿の提案{number}(2行・合計200ポイント)が承認待ちです" in officer.said
    assert "このファイルは2行・合計220ポイント" in officer.said
    assert "担当と同じファイルか確かめてください" in officer.said
    assert f"取り下げるには veto {number}(提案者または管理者)" in officer.said
    assert "--keystore" not in officer.said
    japanese, english = officer.said.splitlines()[:2]
    assert japanese.startswith("健康診査 第1回: この実施回には") and "waits for approval" in english
    assert town.chain.height() == height


def test_approve_list_saved_anew_is_told_that_only_the_file_differs(town, clerk, approver):
    number = proposed(town, clerk)
    anew = town.file("anew.csv", HEAD, "2,100", "1,100")
    assert approver.run("grant", anew, *HEALTH) is ExitCode.REJECTED_INPUT
    assert "行もポイントも同じですが、ファイルそのものが違います" in approver.said
    assert f"approve {number} で承認" in approver.said


def test_propose_changed_list_after_the_first_was_withdrawn_is_proposed(town, clerk):
    number = proposed(town, clerk)
    assert clerk.run("veto", str(number)) is ExitCode.DONE, clerk.said
    assert clerk.run("grant", changed(town), *HEALTH) is ExitCode.PARTLY_DONE, clerk.said
    assert "承認待ち" in clerk.said


def test_propose_changed_list_after_the_first_expired_is_proposed(town, clerk):
    proposed(town, clerk)
    town.pass_time(31 * DAYS)
    assert clerk.run("grant", changed(town), *HEALTH) is ExitCode.PARTLY_DONE, clerk.said


def test_propose_list_for_another_occurrence_while_one_waits_is_proposed(town, clerk):
    proposed(town, clerk)
    second = ("--programme", "健康診査", "--occurrence", "第2回")
    assert clerk.run("grant", changed(town), *second) is ExitCode.PARTLY_DONE, clerk.said
    assert "別に" not in clerk.said


def test_propose_another_list_on_demand_warns_both_officers(town, clerk, approver):
    number = proposed(town, clerk)
    more = town.file("more.csv", HEAD, "3,100")
    assert clerk.run("grant", more, *HEALTH, "--another-list") is ExitCode.PARTLY_DONE, clerk.said
    # Its approver has the same file: what was said of it once is not asked again, but told.
    assert approver.run("grant", more, *HEALTH) is ExitCode.DONE, approver.said
    assert f"同じ実施回に、内容の違う提案{number}が別にあります" in approver.said
    assert [town.balance(number) for number in (1, 2, 3)] == [0, 0, 100]


def test_approver_with_the_proposed_file_is_not_stopped_by_their_own_list(town, clerk, approver):
    proposed(town, clerk)
    assert approver.run("grant", first(town), *HEALTH) is ExitCode.DONE, approver.said
    assert "別に" not in approver.said and town.balance(1) == 100


def test_propose_changed_list_while_one_is_approved_and_not_run_sends_nothing(town, clerk):
    approved(town, clerk)
    height = town.chain.height()
    assert clerk.run("grant", changed(town), *HEALTH) is ExitCode.REJECTED_INPUT
    assert "承認済みで未実行の名簿1(2行・合計200ポイント、うち付与済み0ポイント)があります" in clerk.said
    assert "stop-list 1" in clerk.said
    assert town.chain.height() == height
    assert clerk.run("grant", first(town), *HEALTH) is ExitCode.DONE, clerk.said


def test_propose_changed_list_after_the_approved_one_was_stopped_is_proposed(town, clerk):
    approved(town, clerk)
    assert town.run("stop-list", "1") is ExitCode.DONE, town.said
    assert clerk.run("grant", changed(town), *HEALTH) is ExitCode.PARTLY_DONE, clerk.said


def test_rest_of_a_list_that_ran_half_is_not_proposed_again_but_named(town):
    file = town.file("half.csv", HEAD, "1,100", "7,100")
    assert town.run("grant", file, *HEALTH) is ExitCode.PARTLY_DONE
    rest = town.file("rest.csv", HEAD, "7,150")
    assert town.run("grant", rest, *HEALTH) is ExitCode.REJECTED_INPUT
    assert "承認済みで未実行の名簿1(2行・合計200ポイント、うち付与済み100ポイント)があります" in town.said
    both = town.file("both.csv", HEAD, "1,100", "7,150")
    assert town.run("grant", both, *HEALTH) is ExitCode.REJECTED_INPUT
    assert "承認済みで未実行の名簿1" in town.said and "別の名簿により「第1回」で付与済み" in town.said
