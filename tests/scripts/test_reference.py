"""docs/reference.md, events.md, errors.md, places in words.md: as compiled, with what readers look for."""

import re

import pytest

from scripts.lib.artifacts import read_artifact
from scripts.lib.audit.event_tables import tables_by_name
from scripts.lib.contract_book import CONTRACTS
from scripts.lib.error_sentences import SENTENCES
from scripts.lib.handbook.event_uses import USES
from scripts.lib.handbook.pages import FOLDER, pages
from scripts.lib.handbook.source_tree import read_source_tree
from scripts.lib.handbook.units import unit_of


@pytest.fixture(scope="module")
def tree():
    return read_source_tree()


@pytest.fixture(scope="module")
def found(tree):
    return pages(tree)


@pytest.mark.parametrize("name", ["reference.md", "events.md", "errors.md", "words.md"])
def test_page_is_what_the_sources_say(found, name):
    assert (FOLDER / name).read_text(encoding="utf-8") == found[name], "renew it: make reference"


@pytest.mark.parametrize("contract", CONTRACTS)
def test_every_function_of_a_contract_is_in_its_section(found, contract):
    section = re.split(r"^## ", found["reference.md"], flags=re.MULTILINE)
    [own] = [part for part in section if part.startswith(f"{contract}\n")]
    for entry in read_artifact(contract).abi:
        if entry["type"] == "function":
            assert f"`{entry['name']}`" in own, entry["name"]


def test_errors_of_a_call_are_followed_through_libraries_and_the_forward(tree):
    raised = tree.raised
    assert "MunicipalPoint.replaceOwner" in raised["PointReplacedTooOften"]
    assert "MunicipalPoint.paySigned" in raised["PointWrongSignature"]
    assert "MunicipalPoint.refund" not in raised["PointWrongSignature"]
    assert "GrantProgrammes.run" in raised["PointMinterAllowance"]


def test_events_are_named_with_who_emits_them(tree):
    emitted, selectors = tree.emitted, {}
    for event in tree.declared("EventDefinition"):
        selectors.setdefault(event["name"], []).append(event["eventSelector"])
    assert "MunicipalPoint.paySigned" in emitted[selectors["SalePaid"][0]]
    assert emitted[selectors["MerchantOwnerSet"][0]] == {"MunicipalPoint.replaceOwner"}
    approved = [emitted[selector] for selector in selectors["BatchApproved"]]
    assert approved == [{"GrantProgrammes.approveBatch"}, {"MerchantSettlement.approveClaims"}]


def test_every_event_says_what_an_auditor_derives_from_it(tree, found):
    assert USES.keys() == tables_by_name().keys(), "a sentence for each event, and none for what is no event"
    assert all(use.endswith(".") and len(use) > 25 for use in USES.values())
    emitted = tree.emitted
    told = [its for its in tables_by_name().values() if its.topic.hex() in emitted]
    assert len(told) > 90
    rows = [line for line in found["events.md"].splitlines() if line.startswith("| <a id=")]
    assert len(rows) == len(told) == sum(any(use in row for use in USES.values()) for row in rows)


def test_events_that_a_method_reads_and_events_of_one_name_have_their_own_readers(found):
    rows = [line for line in found["events.md"].splitlines() if "`CampaignOpened`" in line]
    assert [re.findall(r"\[replays/(\w+)\]", row) for row in rows] == [["exchange"], ["bonus"]]
    [delivered] = [line for line in found["events.md"].splitlines() if "`Delivered`" in line]
    assert "replays/exchange" in delivered


def test_every_error_of_ours_stands_on_the_page_with_both_sentences(found):
    for name, sentence in SENTENCES.items():
        if name.startswith(
            ("Point", "Officers", "Exchange", "Settlement", "Programme", "Bonus", "Residents")
        ):
            assert f"`{name}`" in found["errors.md"], name
            assert f"{sentence.english}<br>{sentence.japanese}" in found["errors.md"]


def test_units_follow_from_names():
    assert unit_of("amountPoints", "uint256") == "points, 1 = 1 yen"
    assert unit_of("validUntil", "uint256") == "Unix seconds"
    assert unit_of("merchant", "address") == ""
