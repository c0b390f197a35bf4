"""`council deploy`: what is shown before it asks, and what is refused before anything is sent."""

from dataclasses import replace

import pytest

from scripts.lib.administration.execution import ExitCode
from scripts.lib.roles import Role
from tests.support.command_town import CODE, OTHER_CODE, TOWNS

COUNCIL = "0x6910b26141478bcb6e9CfB69dC7D6E68a205e1d5"


@pytest.fixture
def elsewhere(town):
    """The town's chain as a network that is not local, with no key at hand."""
    connection = replace(town.connection, accounts=[], is_local=False)
    connection.payer = ""
    return replace(town, connection=connection)


@pytest.fixture
def towns_file(town):
    return town.file("municipalities.csv", TOWNS[0], f"{OTHER_CODE},SARU,高山さるポイント,当年度末,")


def officers_file(town, *offices):
    head = "団体コード,役職,口座"
    return town.file("officers.csv", head, *(f"{OTHER_CODE},{role},{account}" for role, account in offices))


def test_deployment_is_never_written_as_a_plan(town, towns_file, tmp_path):
    out = tmp_path / "plan.json"
    assert town.run("deploy", towns_file, "--out", str(out), actor="council") is ExitCode.REJECTED_INPUT
    assert "配置は計画ファイルに書き出せません" in town.said and "--council" in town.said
    assert not out.exists()


def test_options_that_are_missing_are_named_together(elsewhere, towns_file):
    assert elsewhere.run("deploy", towns_file, actor="council") is ExitCode.REJECTED_INPUT
    assert "--officers FILE(最初の職員のファイル)、--council ACCOUNT(運用協議会の口座)" in elsewhere.said


def test_deployment_without_a_payer_is_refused_before_it_asks(elsewhere, town, towns_file):
    offices = officers_file(town, ("管理者", town.officer(Role.ADMIN)))
    words = ("deploy", towns_file, "--officers", offices, "--council", COUNCIL, "send")
    assert elsewhere.run(*words, actor="council") is ExitCode.REJECTED_INPUT
    assert "手数料を払う鍵を --keystore" in elsewhere.said


def test_officers_of_the_file_and_the_councils_account_are_shown(town, towns_file):
    admin, officer = town.officer(Role.ADMIN), town.officer(Role.PROGRAMME_OFFICER)
    offices = officers_file(town, ("管理者", admin), ("事業担当", officer))
    words = ("deploy", towns_file, "--officers", offices, "plan")
    assert town.run(*words, actor="council") is ExitCode.DONE, town.said
    assert "運用協議会の口座 the council's account: 0x" in town.said
    assert f"管理者 Admin: {admin}" in town.said and f"事業担当 ProgrammeOfficer: {officer}" in town.said
    assert "管理者が1人だけです" in town.said
    assert "次の役職の職員がいません: 事業承認者、加盟店担当" in town.said


def test_town_with_all_offices_held_twice_gets_no_warning(town, towns_file):
    assert town.run("deploy", towns_file, "plan", actor="council") is ExitCode.DONE
    assert "注意" not in town.said and town.said.count("管理者 Admin: 0x") == 2


def test_series_with_another_name_than_it_was_deployed_with_is_refused(town):
    file = town.file("again.csv", TOWNS[0], TOWNS[1].replace("川崎げんきポイント", "川崎ポイント"))
    assert town.run("deploy", file, actor="council") is ExitCode.REJECTED_INPUT
    assert "「川崎げんきポイント」で配置済みです(ファイルは「川崎ポイント」)" in town.said


def test_town_that_is_registered_already_has_its_officers_on_the_chain(town):
    file = town.file("again.csv", *TOWNS)
    assert town.run("deploy", file, "plan", actor="council") is ExitCode.DONE
    assert f"{CODE} 川崎市 最初の職員" not in town.said


def test_town_without_an_admin_is_refused(town, towns_file):
    offices = officers_file(town, ("事業担当", town.officer(Role.PROGRAMME_OFFICER)))
    assert town.run("deploy", towns_file, "--officers", offices, actor="council") is ExitCode.REJECTED_INPUT
    assert f"団体コード{OTHER_CODE}に管理者がいません" in town.said


def test_successor_of_a_series_that_is_not_there_yet_is_refused(town):
    rows = [f"{TOWNS[0]},前の種別", f"{TOWNS[1]},", f"{CODE},NEW,川崎ポイント,当年度末,,LATER"]
    assert town.run("deploy", town.file("t.csv", *rows), actor="council") is ExitCode.REJECTED_INPUT
    assert f"前の種別{CODE}-LATERがまだ配置されていません" in town.said


def test_deployment_that_was_answered_with_no_sends_nothing(town, towns_file, monkeypatch):
    monkeypatch.setattr("builtins.input", lambda *_: "n")
    height = town.chain.height()
    assert town.run("deploy", towns_file, actor="council", yes=False) is ExitCode.REJECTED_INPUT
    assert "配置・登録しますか" in town.said and "何も送信していません" in town.said
    assert town.chain.height() == height and f"{OTHER_CODE}-SARU" not in town.records
