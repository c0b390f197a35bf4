"""A departed resident's points go to an heir, by lot; what refuses it, and what `close-membership` says."""

from argparse import Namespace

import pytest

from scripts.lib.administration.accounts import _warn_of_heirs
from scripts.lib.administration.execution import ExitCode
from scripts.lib.administration.memberships import Standing
from scripts.lib.administration.task import Survey
from scripts.lib.bilingual import Bilingual
from scripts.lib.calls import Call
from scripts.lib.contract_abi import encode_call
from scripts.lib.japan_calendar import month_from_text
from scripts.lib.refusal import ZERO_ADDRESS
from scripts.lib.roles import Role
from tests.scripts.administration.test_twice import (
    granted,
    is_blocked,
    replacements_file,
    waits,
    with_second_series,
)
from tests.support.command_town import CODE, DAYS, undone

MARCH, JUNE = month_from_text("2026-03"), month_from_text("2026-06")


@pytest.fixture(scope="module")
def heirs_town(set_up_town, tmp_path_factory):
    """Heirs may inherit; resident 1 has 1,000 points until March, 2 has 500 and 3 has 800."""
    with undone(set_up_town, tmp_path_factory.mktemp("heirs")) as town:
        assert town.run("departure", "inherit") is ExitCode.DONE, town.said
        granted(town)
        yield town


@pytest.fixture
def town(heirs_town, tmp_path):
    with undone(heirs_town, tmp_path) as town:
        yield town


@pytest.fixture
def town_without_heirs(town):
    assert town.run("departure", "lapse") is ExitCode.DONE, town.said
    return town


def desks(town, place=1):
    """The machines of a desk officer and of a second one."""
    return tuple(
        town.only(town.officer(role, place)) for role in (Role.DESK_OFFICER, Role.SECOND_DESK_OFFICER)
    )


def begun(town):
    assert town.run("inherit", "1", "2") is ExitCode.PARTLY_DONE, town.said


def lots(town, number, token=None):
    account = town.resident(number).address
    return dict(zip(*town.ask("MunicipalPoint", token or town.token, "lotsOf", account), strict=True))


def register_has(town, function, *arguments):
    return town.ask("ResidentRegistry", town.address("residents"), function, CODE, *arguments)


def object_to_it(town, number):
    key = town.resident(number)
    town.connection.keyring.add(key.key)
    registry = town.address("residents")
    call = Call("ResidentRegistry", registry, "objectToReplacement", (CODE, number), key.address)
    town.connection.deployer.send([call])


def sends_nothing(town, *words, code=ExitCode.REJECTED_INPUT, yes=True):
    height = town.chain.height()
    assert town.run(*words, yes=yes) is code, town.said
    assert town.chain.height() == height
    return town.said


# ----------------------------------------------------------------------------------- FROM BEGINNING TO END


def test_heir_gets_the_lots_of_every_series_with_their_months(town):
    with_second_series(town)
    minter = town.keyring.account("minter")
    waits(town, "allow", minter, "1000", "--series", "KODOMO")
    assert town.run("allow", minter, "1000", "--series", "KODOMO") is ExitCode.DONE, town.said
    kodomo = town.address(f"{CODE}-KODOMO")
    town.connection.deployer.send(
        [
            Call("MunicipalPoint", kodomo, "mintUntil", (town.resident(1).address, points, month), minter)
            for points, month in ((70, JUNE), (30, MARCH))
        ]
    )
    first, second = desks(town)
    assert first.run("inherit", "1", "2") is ExitCode.PARTLY_DONE, first.said
    assert "窓口承認者の承認待ちです(同じコマンドを実行して承認)" in first.said
    sends_nothing(first, "inherit", "1", "2", code=ExitCode.PARTLY_DONE)
    assert second.run("inherit", "1", "2") is ExitCode.PARTLY_DONE, second.said
    for token in (town.token, kodomo):
        assert town.ask("MunicipalPoint", token, "frozenOf", town.resident(1).address) == (False, True)
    town.pass_time(13 * DAYS)
    said = sends_nothing(first, "inherit", "1", "2", code=ExitCode.PARTLY_DONE)
    assert "以降にもう一度実行すると、利用者番号2に引き継がれます" in said
    town.pass_time(1 * DAYS)
    assert (lots(town, 1), lots(town, 1, kodomo)) == ({MARCH: 1000}, {MARCH: 30, JUNE: 70})
    first.twice("inherit", "1", "2")
    assert "すべて利用者番号2に引き継がれています" in first.said
    assert (lots(town, 1), lots(town, 1, kodomo)) == ({}, {})
    assert (lots(town, 2), lots(town, 2, kodomo)) == ({MARCH: 1500}, {MARCH: 30, JUNE: 70})
    assert register_has(town, "accountOf", 1) == ZERO_ADDRESS


def test_officer_sees_sum_lots_and_how_to_take_it_back_before_it_begins(town):
    said = sends_nothing(town, "inherit", "1", "2", "plan", code=ExitCode.DONE)
    assert "引き継ぐポイント GENKI / Points, GENKI" in said and "GENKI: 令和8年3月31日まで" in said
    assert "1,000ポイント" in said and "承認の14日後" in said and "cancel-replacement 1 で中止でき" in said
    assert "留保ポイント" in said


def test_proposal_that_nobody_approved_is_named_with_what_withdraws_it(town):
    first, _ = desks(town)
    assert first.run("inherit", "1", "2") is ExitCode.PARTLY_DONE, first.said
    number = town.ask("Officers", town.address("officers"), "proposalCount")
    said = sends_nothing(first, "cancel-replacement", "1", code=ExitCode.PARTLY_DONE)
    assert f"取り下げるには veto {number} を実行します" in said


UNREADABLE_SIGNATURE = encode_call(
    "ResidentRegistry", "startReplacement", (CODE, 5, "0x" + "51" * 20, bytes(65))
).replace((65).to_bytes(32, "big"), (2**255).to_bytes(32, "big"))
"""A length beyond all memory."""


def test_proposal_that_cannot_be_read_keeps_nobody_from_stopping_another(town):
    begun(town)
    proposer = town.officer(Role.DESK_OFFICER)
    proposal = (CODE, town.address("residents"), UNREADABLE_SIGNATURE, 1, bytes(32))
    officers = town.address("officers")
    town.connection.deployer.send([Call("Officers", officers, "propose", proposal, proposer)])
    number = town.ask("Officers", officers, "proposalCount")
    assert f"提案{number}の内容を解読できません" in sends_nothing(town, "approve", str(number))
    assert town.run("proposals") is ExitCode.DONE, town.said
    assert town.run("cancel-replacement", "1") is ExitCode.DONE, town.said
    assert town.run("veto", str(number)) is ExitCode.DONE, town.said


def test_freeze_of_the_departed_is_told_before_it_ends_with_the_points_of_the_heir(town):
    assert town.run("freeze", "1") is ExitCode.DONE, town.said
    said = sends_nothing(town, "inherit", "1", "2", "plan", code=ExitCode.DONE)
    assert "利用者番号1の口座はGENKIで凍結中" in said and "完了の前に freeze 2 を" in said


def test_inheritance_is_completed_by_no_card_of_the_heir_s_account(town):
    begun(town)
    town.pass_time(14 * DAYS)
    row = f"1,{town.resident(2).address},0x{'11' * 65}"
    file = town.file("replacements.csv", "利用者番号,新しい口座,署名", row)
    said = sends_nothing(town, "replace", file, code=ExitCode.PARTLY_DONE)
    assert "利用者番号1は別の切替または相続が進行中です" in said


def test_cancelled_inheritance_leaves_everything_where_it_was(town):
    begun(town)
    assert is_blocked(town, 1)
    town.twice("cancel-replacement", "1")
    assert not is_blocked(town, 1)
    assert (lots(town, 1), lots(town, 2)) == ({MARCH: 1000}, {MARCH: 500})


# ------------------------------------------------------------------------------------------------ REFUSALS


def test_inherit_where_nobody_may_names_the_command_that_allows_it(town_without_heirs):
    said = sends_nothing(town_without_heirs, "inherit", "1", "2", "--town", str(CODE))
    assert f"departure inherit --town {CODE}" in said and "管理者2人、または48時間後" in said


@pytest.mark.parametrize(
    "heir, why", [("1", "本人を相続人にすることはできません"), ("9", "登録されたことのない利用者番号です: 9")]
)
def test_inherit_by_nobody_else_is_refused(town, heir, why):
    assert why in sends_nothing(town, "inherit", "1", heir)


def test_inherit_by_one_who_has_departed_is_refused(town):
    begun(town)
    assert town.run("close-membership", "2") is ExitCode.DONE, town.said
    said = sends_nothing(town, "inherit", "1", "2")
    assert "利用者番号2の登録は終了しているため" in said and "先に cancel-replacement 1 を実行し" in said
    assert town.run("cancel-replacement", "1") is ExitCode.DONE, town.said
    assert "別の相続人を指定してください" in sends_nothing(town, "inherit", "1", "2")


def test_inherit_after_the_end_of_the_membership_names_the_way_back(town):
    assert town.run("close-membership", "1") is ExitCode.DONE, town.said
    assert "先に reopen-membership 1 を実行します" in sends_nothing(town, "inherit", "1", "2")


def test_inherit_by_another_while_one_is_under_way_names_what_stops_it(town):
    begun(town)
    said = sends_nothing(town, "inherit", "1", "3")
    assert "利用者番号2への相続が進行中です。先に cancel-replacement 1" in said
    said = sends_nothing(town, "close-membership", "1")
    assert "相続の完了とともに登録は終了します(inherit 1 2)" in said
    said = sends_nothing(town, "replace", replacements_file(town), code=ExitCode.PARTLY_DONE)
    assert "先に cancel-replacement 1 を実行してください" in said


def test_inherited_membership_goes_to_no_other_and_is_not_reopened(town):
    begun(town)
    town.pass_time(14 * DAYS)
    assert town.run("inherit", "1", "2") is ExitCode.DONE, town.said
    said = sends_nothing(town, "inherit", "1", "3")
    assert "利用者番号1のポイントは、利用者番号2に引き継がれています" in said
    said = sends_nothing(town, "reopen-membership", "1", code=ExitCode.PARTLY_DONE)
    assert "利用者番号2に相続されているため再開できません" in said
    said = sends_nothing(town, "cancel-replacement", "1", code=ExitCode.PARTLY_DONE)
    assert "中止できる手続はありません" in said


# ----------------------------------------------------------------------------------------------- OBJECTION


def test_after_an_objection_two_other_officers_begin_anew(town):
    first, second = desks(town)
    assert first.run("inherit", "1", "2") is ExitCode.PARTLY_DONE, first.said
    assert second.run("inherit", "1", "2") is ExitCode.PARTLY_DONE, second.said
    object_to_it(town, 1)
    for machine in (first, second):
        said = sends_nothing(machine, "inherit", "1", "2")
        assert "異議がありました" in said and town.officer(Role.SECOND_DESK_OFFICER) in said
    others = desks(town, 2)
    for machine in others:
        assert machine.run("inherit", "1", "2") is ExitCode.PARTLY_DONE, machine.said
    town.pass_time(14 * DAYS)
    assert others[0].run("inherit", "1", "2") is ExitCode.DONE, others[0].said
    assert lots(town, 2) == {MARCH: 1500}


def test_replacement_after_an_objection_names_who_cannot_decide_now(town):
    file = replacements_file(town)
    assert town.run("replace", file) is ExitCode.PARTLY_DONE, town.said
    object_to_it(town, 1)
    said = sends_nothing(town, "replace", file, code=ExitCode.PARTLY_DONE)
    assert "2行目: " in said and "以外の2人が" in said and town.officer(Role.DESK_OFFICER) in said
    others = [town.officer(role, 2) for role in (Role.DESK_OFFICER, Role.SECOND_DESK_OFFICER)]
    assert town.run("replace", file, "--by", others[0], "--second", others[1]) is ExitCode.PARTLY_DONE
    assert register_has(town, "replacementOf", 1)[2] == 2, town.said


def test_who_objected_pays_again_by_the_command_that_the_status_names(town):
    begun(town)
    object_to_it(town, 1)
    said = sends_nothing(town, "cancel-replacement", "1", code=ExitCode.PARTLY_DONE)
    assert "口座の停止が続きます" in said
    sends_nothing(town, "status", code=ExitCode.DONE)
    assert "cancel-replacement" not in town.said
    town.pass_time(14 * DAYS)
    assert is_blocked(town, 1), "the register tells no series that the days are over"
    sends_nothing(town, "status", code=ExitCode.DONE)
    assert "cancel-replacement 1 を実行します" in town.said
    desk, _ = desks(town)
    desk.twice("cancel-replacement", "1")
    town.pay(1, town.shop(1), 100)
    assert town.run("status") is ExitCode.DONE and "cancel-replacement" not in town.said


# --------------------------------------------------------------------------------- THE END OF A MEMBERSHIP


def test_close_membership_says_before_that_nobody_can_inherit_afterwards(town, monkeypatch):
    monkeypatch.setattr("builtins.input", lambda *_: "n")
    said = sends_nothing(town, "close-membership", "1", "4", yes=False)
    assert "終了後は相続できません。2件を送信しますか" in said
    assert "利用者番号 1(GENKI 1,000ポイント) は、登録を終了すると相続できなくなります" in said
    assert "inherit 1 相続人の利用者番号" in said and "4(" not in said


def test_warning_of_many_ends_names_twenty_and_counts_the_others():
    survey = Survey(Bilingual("", ""))
    held = [(number, [Standing("GENKI", "0x", False, False, None, {MARCH: 5})]) for number in range(1, 24)]
    _warn_of_heirs(Namespace(), survey, held)
    [note] = survey.notes
    assert "20(GENKI 5ポイント) ほか3人" in note.japanese and "21(" not in note.japanese
    assert "inherit NUMBER HEIR_NUMBER" in note.english


def test_end_of_a_membership_approved_by_its_number_says_the_same_and_reaches_the_series(town):
    first, second = desks(town)
    assert first.run("close-membership", "1") is ExitCode.PARTLY_DONE, first.said
    number = str(town.ask("Officers", town.address("officers"), "proposalCount"))
    said = sends_nothing(second, "approve", number, "plan", code=ExitCode.DONE)
    assert "利用者番号 1(GENKI 1,000ポイント) は、登録を終了すると相続できなくなります" in said
    second.twice("approve", number)
    assert is_blocked(town, 1), "a payment asks its series alone"


def test_inheritance_approved_by_its_number_tells_by_which_command_it_ends(town):
    first, second = desks(town)
    assert first.run("inherit", "1", "2") is ExitCode.PARTLY_DONE, first.said
    second.twice("approve", str(town.ask("Officers", town.address("officers"), "proposalCount")))
    assert "以降に inherit 1 2 で完了できます" in second.said and is_blocked(town, 1)


def test_close_membership_says_nothing_of_heirs_where_nobody_may_inherit(town_without_heirs):
    said = sends_nothing(town_without_heirs, "close-membership", "1", "plan", code=ExitCode.DONE)
    assert "相続" not in said


# ---------------------------------------------------------------------------------------- A SHOP'S ACCOUNT


def shop_of_resident_7(town):
    """The account became a shop between the proposal to register it and the approval by its number."""
    file = town.residents_file("seventh.csv", range(7, 8))
    first, second = desks(town)
    words = ("residents", file, "--commitment-key", town.key_file)
    assert first.run(*words) is ExitCode.PARTLY_DONE, first.said
    shop = town.file("shop.csv", "口座,店名,所在地", f"{town.resident(7).address},八百屋,幸区")
    assert town.run("merchants", shop) is ExitCode.DONE, town.said
    number = town.ask("Officers", town.address("officers"), "proposalCount") - 1
    for proposal in (number, number + 1):
        second.run("approve", str(proposal))
    assert register_has(town, "accountOf", 7) == town.resident(7).address


def test_close_membership_of_a_shopkeeper_is_done_and_tells_of_the_shop(town):
    """A series refuses to block a shop's account; the others are told all the same."""
    shop_of_resident_7(town)
    with_second_series(town)
    said = sends_nothing(town, "close-membership", "7", "plan", code=ExitCode.DONE)
    assert "口座はGENKIの加盟店でもあります" in said and "merchants --series GENKI" in said
    town.twice("close-membership", "7")
    kodomo = town.address(f"{CODE}-KODOMO")
    assert town.ask("MunicipalPoint", kodomo, "frozenOf", town.resident(7).address) == (False, True)
    town.twice("reopen-membership", "7")


def test_replacement_of_a_shopkeeper_s_card_leaves_the_shop_what_it_was_paid(town):
    shop_of_resident_7(town)
    town.pay(1, town.resident(7).address, 300)
    file = replacements_file(town, 7)
    assert town.run("replace", file) is ExitCode.PARTLY_DONE, town.said
    town.pass_time(3 * DAYS)
    town.twice("replace", file)
    assert (town.balance(7), town.balance(50)) == (300, 0)


def test_shopkeeper_inherits_only_with_another_account(town):
    shop_of_resident_7(town)
    said = sends_nothing(town, "inherit", "1", "7")
    assert "口座はGENKIの加盟店の口座なので、ポイントを受け取れません。先に replace" in said
    assert town.run("inherit", "7", "1") is ExitCode.PARTLY_DONE, town.said
    town.pass_time(14 * DAYS)
    town.twice("inherit", "7", "1")
