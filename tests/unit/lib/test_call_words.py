"""Calls in the words that officers and the council's owners confirm: nothing cut, nothing left a number."""

import pytest

from scripts.lib.administration.call_words import call_lines
from scripts.lib.administration.plan import PlannedCall
from scripts.lib.administration.plan_page import told_call
from scripts.lib.artifacts import read_artifact
from scripts.lib.claim_word import ClaimPart
from scripts.lib.contract_abi import decode_call, encode_call
from scripts.lib.expiry_rule import NEVER
from scripts.lib.grant_list import GrantList, Row
from scripts.lib.japan_calendar import month_from_text
from scripts.lib.powers.function_labels import function_names
from scripts.lib.roles import Role

CONTRACTS = tuple(function_names())
SHOP = "0x94bd6f19eb32885f96EDd641b6a7590900361fBe"


def lines(contract, function, *arguments, shown=20):
    return call_lines(decode_call(encode_call(contract, function, arguments), contract), shown)


def said(*call, **more):
    return "\n".join(lines(*call, **more))


def test_appointment_of_many_officers_shows_each_office_and_account():
    officers = [(int(role), f"0x{place:040x}") for role in Role for place in (1, 2)]
    told = said("PointPlatform", "registerMunicipality", 131016, "千代田区", officers, shown=None)
    for role in Role:
        assert told.count(f"{role.label.japanese} {role.label.english}: 0x") == 2, role
    assert "131016 東京都千代田区" in told and "…" not in told


def test_offered_service_shows_its_acts_by_name_and_rule():
    selector = encode_call("GrantProgrammes", "setBudget", (1, 1, 1, 1))[:4]
    rule = (int(Role.PROGRAMME_OFFICER), int(Role.PROGRAMME_APPROVER), 48 * 3600, 2**32 - 1)
    told = said("PointPlatform", "offerService", SHOP, "GrantProgrammes", [(selector, rule)])
    assert "年度予算の設定 GrantProgrammes.setBudget" in told
    assert "事業担当が提案、事業承認者が承認、承認後48時間後、承認なし不可" in told


def test_rows_of_a_list_are_shown_as_number_and_points():
    grants = GrantList([Row(number, 10 * number) for number in range(1, 33)])
    call = ("GrantProgrammes", "run", 7, *grants.branch(0, 2))
    told = said(*call)
    assert "20. 利用者番号20 → 200ポイント" in told and "利用者番号21" not in told
    assert "ほか12件" in told
    assert "32. 利用者番号32 → 320ポイント" in said(*call, shown=None)


def test_claims_are_shown_as_shop_and_yen():
    words = [ClaimPart(SHOP, 900, 100).word]
    told = said(
        "MerchantSettlement", "approveClaims", 131016, SHOP, month_from_text("2027-03"), 1_800_000_000, words
    )
    assert f"{SHOP} → 1,000円(うち過年度100円)" in told and "令和8年度" in told


def test_arguments_that_the_contract_leaves_unnamed_have_their_names():
    told = said("MunicipalPoint", "approveMerchant", SHOP, 99, "鶴ヶ城みやげ店", "会津若松市")
    assert f"加盟店口座 merchant: {SHOP}" in told and "業種番号 category: 99" in told


@pytest.mark.parametrize("contract", CONTRACTS)
def test_every_function_is_told_with_names_and_without_raw_words(contract):
    """With the smallest and with absurd values: a page that confirms must not fail on either."""
    for entry in read_artifact(contract).abi:
        if entry["type"] != "function" or entry["stateMutability"] in ("view", "pure"):
            continue
        for big in (False, True):
            arguments = [_example(argument, big) for argument in entry["inputs"]]
            for line in lines(contract, entry["name"], *arguments):
                assert not line.lstrip().split(":")[0].isdigit(), (contract, entry["name"], line)
                assert "b'" not in line


def _example(argument, big):
    kind = argument["type"]
    if kind.endswith("[]"):
        return [_example({**argument, "type": kind[:-2]}, big)]
    if kind == "tuple":
        return tuple(_example(part, big) for part in argument["components"])
    if kind == "address":
        return SHOP
    if kind == "bool":
        return big
    if kind == "string":
        return "名称"
    if kind.startswith("bytes"):
        return b"\x01" * int(kind[5:] or 3)
    if "enum" in argument.get("internalType", ""):
        return 1
    return 2 ** min(int(kind.removeprefix("uint")), 40) - 1 if big else 0


def test_month_without_end_is_told_so():
    told = said("MunicipalPoint", "mintUntil", SHOP, 10, NEVER)
    assert "期限なし no expiry" in told


@pytest.mark.parametrize("officers_step", [False, True])
def test_call_that_no_contract_has_is_shown_with_all_its_bytes(officers_step):
    """What nobody can read, nobody confirms unseen: alone, or inside of an officer's act."""
    unknown = bytes.fromhex("12345678") + bytes(32)
    data = unknown
    if officers_step:
        data = encode_call("Officers", "propose", (141305, SHOP, unknown, 1, bytes(32)))
    call = PlannedCall("Officers", SHOP, SHOP, "0x" + data.hex(), "", 1)
    step, name, told = told_call(call, 20)
    assert name == "不明 unknown" and told[-1] == "0x" + unknown.hex()
    assert step == ("[提案] " if officers_step else "")
