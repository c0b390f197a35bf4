import re
from dataclasses import replace

import pytest
from eth_utils import keccak

from scripts.lib.act_rules import AT_ONCE, NEVER, Rule, duration_label
from scripts.lib.acts import NO_DOCUMENT, Act, ActError
from scripts.lib.contract_abi import encode_call
from scripts.lib.powers.expected import EXPECTED
from scripts.lib.powers.function_labels import function_label
from scripts.lib.reasons import Reason, reason_label
from scripts.lib.roles import Role

OFFICERS, TOKEN, FIRST, SECOND, RESIDENT = (f"0x{digit * 40}" for digit in "12345")
ALONE = Rule(Role.DESK_OFFICER, Role.SECOND_DESK_OFFICER, AT_ONCE, AT_ONCE)
TWO = Rule(Role.DESK_OFFICER, Role.SECOND_DESK_OFFICER, AT_ONCE, NEVER)
TWO_OR_WAIT = Rule(Role.DESK_OFFICER, Role.SECOND_DESK_OFFICER, AT_ONCE, 48 * 3600)
ACT = Act(
    141305,
    "MunicipalPoint",
    TOKEN,
    "unfreeze",
    (RESIDENT,),
    Reason.SUSPICION_CLEARED,
    by=FIRST,
    second=SECOND,
    subject="resident 7",
)
DATA = encode_call("MunicipalPoint", "unfreeze", (RESIDENT,))


@pytest.mark.parametrize("step", ["perform", "propose"])
def test_first_step_carries_data_reason_and_paper(step):
    act = replace(ACT, document_hash=keccak(b"a paper"))
    call = getattr(act, step)(OFFICERS)
    assert (call.contract, call.address, call.function, call.sender) == ("Officers", OFFICERS, step, FIRST)
    assert call.arguments == (141305, TOKEN, DATA, Reason.SUSPICION_CLEARED, keccak(b"a paper"))


def test_approve_is_the_second_officers_with_the_same_data():
    call = ACT.approve(OFFICERS, 9)
    assert (call.function, call.arguments, call.sender) == ("approve", (9, DATA), SECOND)


def test_execute_is_the_proposers_unless_told():
    assert ACT.execute(OFFICERS, 9).sender == FIRST
    assert ACT.execute(OFFICERS, 9, RESIDENT).sender == RESIDENT
    assert ACT.execute(OFFICERS, 9).arguments == (9, DATA)


def test_approve_without_a_second_officer_is_refused():
    with pytest.raises(ValueError, match="names no second officer"):
        replace(ACT, second=None).approve(OFFICERS, 9)


def test_rule_is_found_by_contract_and_selector():
    assert ACT.called == (TOKEN, keccak(text="unfreeze(address)")[:4])


def test_act_without_a_paper_says_so_with_zero():
    assert ACT.document_hash == NO_DOCUMENT == bytes(32)


@pytest.mark.parametrize(
    ("rule", "second"), [(ALONE, None), (ALONE, SECOND), (TWO, SECOND), (TWO_OR_WAIT, None)]
)
def test_act_with_the_people_its_rule_takes_passes(rule, second):
    replace(ACT, second=second).require_people(rule)


def test_act_that_takes_two_is_refused_with_one():
    with pytest.raises(ActError, match=r"unfreeze resident 7 takes a second officer / .*2人目"):
        replace(ACT, second=None).require_people(TWO)


def test_act_with_one_person_twice_is_refused():
    with pytest.raises(ActError, match=r"cannot approve it / .*承認できません"):
        replace(ACT, second=FIRST).require_people(TWO)


@pytest.mark.parametrize(
    ("seconds", "english", "japanese"),
    [
        (NEVER, "never", "不可"),
        (0, "at once", "直ちに"),
        (48 * 3600, "48 hours", "48時間後"),
        (14 * 86400, "14 days", "14日後"),
        (90, "90 s", "90秒後"),
    ],
)
def test_durations_are_told_in_words(seconds, english, japanese):
    assert duration_label(seconds) == (english, japanese)


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_words_and_fits_its_field(reason):
    assert reason.label.english
    assert re.search("[ぁ-んァ-ヶ一-龠]", reason.label.japanese)
    assert 0 < reason < 2**16
    assert reason_label(int(reason)) == reason.label


def test_no_two_reasons_have_the_same_words():
    assert len({reason.label.english for reason in Reason}) == len(Reason)
    assert len({reason.label.japanese for reason in Reason}) == len(Reason)


def test_a_reason_of_a_later_version_is_shown_by_its_number():
    assert str(reason_label(999)) == "reason 999 / 理由コード999"


@pytest.mark.parametrize(
    ("contract", "function"),
    [(contract, function) for contract, functions in EXPECTED.items() for function in functions],
)
def test_every_function_has_a_japanese_name(contract, function):
    assert re.search("[ぁ-んァ-ヶ一-龠]", function_label(contract, function).japanese)


@pytest.mark.parametrize("role", Role)
def test_every_office_has_its_names(role):
    assert role.label.english.upper() == role.name.replace("_", "")
    assert re.search("[ァ-ヶ一-龠]", role.label.japanese)
