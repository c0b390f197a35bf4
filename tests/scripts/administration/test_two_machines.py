"""Officers at machines of their own: each has one key, both have the file."""

import io
from dataclasses import replace

import pytest

from scripts.lib.administration.execution import ExitCode
from scripts.lib.node.rpc import Rpc
from scripts.lib.roles import Role
from tests.support.command_town import CODE, HOURS
from tests.support.line import Line

GRANT = ("--programme", "健康診査", "--occurrence", "第1回")


def grants_file(town):
    return town.file("grants.csv", "利用者番号,ポイント", "1,1000", "2,500")


def test_grant_proposed_by_one_and_approved_by_another_is_granted_once(town):
    officer = town.only(town.officer(Role.PROGRAMME_OFFICER))
    assert officer.run("grant", grants_file(town), *GRANT) is ExitCode.PARTLY_DONE
    assert "事業承認者の承認待ち" in officer.said
    height = town.chain.height()
    assert officer.run("grant", grants_file(town), *GRANT) is ExitCode.PARTLY_DONE
    assert town.chain.height() == height, "the same was proposed twice"
    approver = town.only(town.officer(Role.PROGRAMME_APPROVER))
    approver.twice("grant", grants_file(town), *GRANT)
    officer.twice("grant", grants_file(town), *GRANT)
    assert (town.balance(1), town.balance(2)) == (1000, 500)


def test_grant_with_another_file_is_told_of_the_proposal_that_waits(town):
    officer = town.only(town.officer(Role.PROGRAMME_OFFICER))
    assert officer.run("grant", grants_file(town), *GRANT) is ExitCode.PARTLY_DONE
    other = town.file("altered.csv", "利用者番号,ポイント", "1,9000", "2,500")
    approver = town.only(town.officer(Role.PROGRAMME_APPROVER))
    assert approver.run("grant", other, *GRANT) is ExitCode.REJECTED_INPUT
    assert "別の名簿の提案" in approver.said and "担当と同じファイルか確かめてください" in approver.said
    assert "これを始める役職" not in approver.said


def test_command_of_an_office_that_nobody_at_hand_holds_is_rejected(town):
    stranger = town.only(town.keyring.account("stranger"))
    assert stranger.run("pause", "24", "--town", str(CODE)) is ExitCode.REJECTED_INPUT
    assert "緊急停止担当" in stranger.said


def test_act_with_a_waiting_time_says_from_when_in_japanese(town):
    assert town.run("allow", "GrantProgrammes", "6000000") is ExitCode.PARTLY_DONE
    assert "令和7年4月9日09時" in town.said and "以降に実行できます" in town.said
    town.pass_time(48 * HOURS)
    assert town.run("allow", "GrantProgrammes", "6000000") is ExitCode.DONE


def test_command_that_the_chain_refuses_ends_with_three(town):
    assert town.run("allow", "GrantProgrammes", "1000") is ExitCode.DONE
    assert town.run("grant", grants_file(town), *GRANT) is ExitCode.REFUSED_BY_CHAIN
    assert "種別の発行枠を超えています" in town.said
    assert "PointMinterAllowance" in town.said
    assert "送信した取引 / transactions sent" in town.said  # the approval went through, the run did not


@pytest.mark.parametrize("answer", ["", "n\n", "いいえ\n"])
def test_command_without_a_yes_sends_nothing(town, monkeypatch, answer):
    monkeypatch.setattr("sys.stdin", io.StringIO(answer))
    height = town.chain.height()
    assert town.run("refund-days", "20", yes=False) is ExitCode.REJECTED_INPUT
    assert "何も送信していません" in town.said
    assert town.chain.height() == height


def test_command_with_a_yes_sends_what_was_shown(town, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("はい\n"))
    assert town.run("refund-days", "20", yes=False) is ExitCode.DONE
    assert town.ask("MunicipalPoint", town.token, "saleDays")[1] == 20


def test_command_on_a_chain_that_is_not_local_plans_unless_told_to_send(town):
    far = replace(town, connection=replace(town.connection, is_local=False))
    height = town.chain.height()
    assert far.run("refund-days", "20") is ExitCode.DONE
    assert town.chain.height() == height
    assert "返品期限の設定" in far.said and "send を付けて" in far.said
    assert far.run("refund-days", "20", "send") is ExitCode.DONE
    assert town.ask("MunicipalPoint", town.token, "saleDays")[1] == 20


def test_command_without_a_node_sends_nothing_and_names_the_address(town):
    line = Line(town.chain.port)
    lost = replace(town, connection=replace(town.connection, rpc=Rpc(line.url), sender=None))
    line.close()
    assert lost.run("refund-days", "20") is ExitCode.REJECTED_INPUT
    assert f"{line.url} のノードに接続できません" in lost.said and "make chain の窓" in lost.said
    assert "何も送信していません" in lost.said


def test_command_with_unknown_words_is_rejected_and_shows_how_it_is_written(town):
    assert town.run("grnat", "x.csv") is ExitCode.REJECTED_INPUT
    assert "usage: python -m scripts.municipality" in town.said


def test_help_is_in_japanese_and_english(town, capsys):
    assert town.run("--help", yes=False) is ExitCode.DONE
    page = capsys.readouterr().out
    assert "ポイントの付与(名簿の提案・承認・実行) / propose, approve and run lists" in page


def test_words_that_brownie_passes_mean_the_same_as_options(town):
    file = grants_file(town)
    assert town.run("grant", file, "programme=健康診査", "occurrence=第1回", "plan") is ExitCode.DONE
    assert town.balance(1) == 0
    assert town.run("grant", file, "programme=健康診査", "occurrence=第1回", "send") is ExitCode.DONE
    assert town.balance(1) == 1000


def test_act_that_waits_is_approved_by_number_and_executed_when_its_time_has_come(town):
    first, second = (town.only(town.officer(Role.ADMIN, place)) for place in (1, 2))
    assert first.run("accept-service", "PaymentBonus") is ExitCode.PARTLY_DONE
    number = str(town.ask("Officers", town.address("officers"), "proposalCount"))
    cashier = town.only(town.officer(Role.CASHIER))
    assert cashier.run("approve", number) is ExitCode.PARTLY_DONE
    assert f"提案{number}には提案者と別の管理者が必要です" in cashier.said
    assert cashier.run("veto", number) is ExitCode.REJECTED_INPUT
    assert "差止めは管理者、取下げは提案者だけができます" in cashier.said
    assert second.run("approve", number) is ExitCode.PARTLY_DONE, second.said
    height = town.chain.height()
    assert second.run("approve", number) is ExitCode.PARTLY_DONE
    assert f"提案{number}は令和7年4月9日09時" in second.said and town.chain.height() == height
    town.pass_time(48 * HOURS)
    assert second.run("proposals") is ExitCode.DONE
    assert "承認済み approved" in second.said and "いま実行できます can be executed now" in second.said
    cashier.twice("approve", number)
    service = town.address("service PaymentBonus")
    assert town.ask("Officers", town.address("officers"), "isAccepted", CODE, service)


@pytest.mark.parametrize(
    ("words", "sent"),
    [("close-membership 2 2", 3), ("freeze 1 {account} 1", 1), ("cancel-replacement 3 3", 0)],
)
def test_number_typed_twice_is_one(town, words, sent):
    height = town.chain.height()
    assert town.run(*words.format(account=town.resident(1).address).split()) is ExitCode.DONE, town.said
    assert town.chain.height() - height == sent, town.said


@pytest.mark.parametrize("verb", ["approve", "veto"])
def test_proposal_named_twice_is_one(town, verb):
    first, second = (town.only(town.officer(Role.ADMIN, place)) for place in (1, 2))
    assert first.run("refund-days", "20") is ExitCode.PARTLY_DONE
    number = str(town.ask("Officers", town.address("officers"), "proposalCount"))
    assert second.run(verb, number, number) is ExitCode.DONE, second.said
    assert "提案番号 proposal" in second.said
