"""What verify takes for granted: which acts there are, and that figures compare as they should."""

import shutil

import pytest
from eth_utils import function_signature_to_4byte_selector
from msgspec import structs

from scripts.lib.act_events import ACTS_BEHIND, SETTLEMENT_ACTS_BEHIND, selectors_behind
from scripts.lib.artifacts import read_artifact
from scripts.lib.audit.breaches import BEYOND_RULE, NOT_CONSERVED
from scripts.lib.audit.chain_figures import agrees
from scripts.lib.audit.code_check import foreign_code
from scripts.lib.audit.dataset import Dataset
from scripts.lib.audit.event_stream import read_dataset
from scripts.lib.audit.fetch import fetch
from scripts.lib.audit.frauds.forging import account_slot, change_storage, reseal, undone
from scripts.lib.audit.verify import _Audit, verify
from scripts.lib.audit.violation import CHAIN
from scripts.lib.expiry_rule import NEVER, expiry_label
from scripts.lib.japan_calendar import start_of
from scripts.lib.node.event_log import Event
from scripts.lib.replays.attribution import Attribution
from scripts.lib.replays.everything import ZERO_ADDRESS
from scripts.lib.replays.series import SeriesReplay

TOKEN, SERVICE, ALICE, SHOP = (f"0x{digit * 40}" for digit in "1234")
MAY = 316

ACTS_WITHOUT_EVENTS_OF_THEIR_OWN = {
    # On roles: OfficersReplay itself holds their events against the rules.
    "appoint(uint256,address,uint8,uint256)",
    "handOver(uint256,address,uint8,address,uint256)",
    "dismiss(uint256,address,uint8)",
    "dismissAdmin(uint256,address)",
    "reappointAdmin(uint256,address)",
    "acceptService(uint256,address)",
    "leaveService(uint256,address)",
    # A replacement may be stopped by the old key as well: its event names no act.
    "cancelReplacement(uint256,uint256)",
}


def test_every_act_of_the_platform_stands_behind_some_event(dataset):
    acts = {event.arguments["act"] for event in read_dataset(Dataset(dataset)) if event.name == "RuleSet"}
    behind = {act for event in (*ACTS_BEHIND, *SETTLEMENT_ACTS_BEHIND) for act in selectors_behind(event)}
    others = {function_signature_to_4byte_selector(text) for text in ACTS_WITHOUT_EVENTS_OF_THEIR_OWN}
    assert len(acts) > 50
    assert {act.hex() for act in acts - behind - others} == set()


@pytest.mark.parametrize(
    ("expected", "answer"),
    [(5, 5), ((1, None), (1, 9)), ("0xaB", "0xab"), ((1, (2, 3)), [1, (2, 3)]), (((), ()), ((), ()))],
)
def test_equal_figures_agree(expected, answer):
    assert agrees(expected, answer)


@pytest.mark.parametrize(
    ("expected", "answer"),
    [(5, 6), ((1, 2), (1,)), ((1,), (1, 2)), ("0xab", "0xac"), (((1,), (5,)), ((1,), (6,))), (0, "refused")],
)
def test_other_figures_do_not_agree(expected, answer):
    assert not agrees(expected, answer)


def test_code_of_every_contract_is_that_of_the_sources(town, dataset):
    contracts = {each.address: each.kind for each in Dataset(dataset).contracts}
    assert list(foreign_code(town.rpc, contracts, "latest")) == []


def test_word_that_an_account_does_not_have_is_found_in_no_slot(town):
    with pytest.raises(LookupError, match="no word of"):
        account_slot(town.rpc, town.token, ALICE, 1)


def test_contract_without_code_is_found(town):
    nowhere = f"0x{'9' * 40}"
    [found] = foreign_code(town.rpc, {nowhere: "MunicipalPoint"}, "latest")
    assert (found.address, found.why) == (nowhere, "there is no code")


def test_dataset_of_another_chain_is_found(town, dataset):
    kept = Dataset(dataset)
    header = structs.replace(kept.header, chain_id=kept.header.chain_id + 1)
    audit = _Audit(town.rpc, kept, header, None)
    audit._check_chain(town.rpc)
    [found] = audit.verdict.violations
    assert (found.breaks, found.what.english) == (CHAIN, "this is another chain")
    assert f"the dataset is of chain {header.chain_id}, {header.genesis}" in found.facts


@pytest.fixture
def offline(dataset):
    """An audit that has not begun."""
    kept = Dataset(dataset)
    return _Audit(None, kept, kept.header, None)


def event(name, by, of="0xaa", /, **arguments):
    return Event(name, by, arguments, 7, start_of(MAY - 1), of, 0)


def test_grant_that_was_taken_back_beyond_what_the_rule_leaves_of_it_is_found(offline):
    """All was spent: what is taken are points that somebody else gave."""
    offline.attribution = Attribution(SERVICE)
    told = {"minter": SERVICE, "expiryMonth": MAY}
    row = {"batch": 1, "row": 0}
    for each in (
        event("MerchantApproved", TOKEN, merchant=SHOP),
        event("Minted", TOKEN, **told, amountPoints=100),
        event("Transfer", TOKEN, **{"from": ZERO_ADDRESS, "to": ALICE, "value": 100}),
        event("RowsRun", SERVICE, batch=1, firstRow=0, rows=1, grantedRows=1, grantedPoints=100),
        event("Transfer", TOKEN, "0xbb", **{"from": ALICE, "to": SHOP, "value": 90}),
        event("Minted", TOKEN, "0xcc", **(told | {"minter": SHOP}), amountPoints=50),
        event("Transfer", TOKEN, "0xcc", **{"from": ZERO_ADDRESS, "to": ALICE, "value": 50}),
        event("TakenBack", TOKEN, "0xdd", **told, account=ALICE, amountPoints=40),
        event("Transfer", TOKEN, "0xdd", **{"from": ALICE, "to": ZERO_ADDRESS, "value": 40}),
        event("GrantRevoked", SERVICE, "0xdd", **row),
    ):
        offline._attribute(each)
    [found] = offline.verdict.violations
    assert (found.breaks, found.transaction) == (BEYOND_RULE.invariant, "0xdd")
    assert "40 points were taken" in found.facts and "10 left" in found.facts


def test_lots_that_are_not_what_ends_with_their_month_are_found_at_the_series_last_event(offline):
    series = SeriesReplay()
    series.minted[SHOP], series.points_by_month[MAY] = 30, 30
    series.lots[ALICE][MAY] = 29
    offline._last_event[TOKEN] = event("Transfer", TOKEN, "0xee")
    offline._check_books(TOKEN, series, start_of(MAY))
    sums, lots = offline.verdict.violations
    assert "accounted for 29" in sums.facts and "30 points end with" in lots.facts
    assert {(its.breaks, its.transaction, its.block) for its in (sums, lots)} == {
        (NOT_CONSERVED.invariant, "0xee", 7)
    }


def test_books_of_a_series_that_told_nothing_are_nobody_s_fault(offline):
    series = SeriesReplay()
    series.revoked = 5
    offline._check_books(TOKEN, series, start_of(MAY))
    [found] = offline.verdict.violations
    assert (found.transaction, found.block) == ("", 0)


def test_library_with_other_code_is_found_through_the_series_that_is_linked_to_it(town):
    with undone(town.rpc):
        library = _linked_library(town)
        town.rpc.call("anvil_setCode", library, "0x60016002")
        [found] = foreign_code(town.rpc, {town.token: "MunicipalPoint"}, "latest")
        assert (found.address.lower(), found.contract) == (library.lower(), "SaleDesk")


def test_another_time_of_a_last_block_is_found(town, dataset, tmp_path):
    copy = shutil.copytree(dataset, tmp_path / "copy")
    segment = Dataset(copy).segments[0]

    def a_second_later(lines):
        told = next(line for line in lines if line.get("last") == segment.last)
        told["last_time"] += 1
        return lines

    reseal(copy, a_second_later)
    [found] = [its for its in verify(town.rpc, copy).violations if its.breaks == CHAIN]
    assert found.block == segment.last and str(segment.last_time + 1) in found.facts


def test_difference_from_the_chain_names_whose_figure_it_is_and_both_sides(town, dataset, tmp_path):
    with undone(town.rpc):
        month, points = next(iter(town.lots(town.first).items()))
        place = account_slot(town.rpc, town.token, town.first, month << 29 | points)
        before = town.balance(town.first)
        change_storage(town.rpc, town.token, place, lambda word: word + 7)
        fetch(town.rpc, town.platform, folder := shutil.copytree(dataset, tmp_path / "changed"))
        found = verify(town.rpc, folder).violations
    [its] = [its for its in found if its.what.english == "balance"]
    assert f"高山市の住民1番 残高、記録では {before}、チェーンでは {before + 7}" in its.story.japanese
    assert f"balance, by the events {before}, on the chain {before + 7}" in its.story.english
    [lots] = [its for its in found if its.what.english == "lots by month"]
    assert f"{points + 7:,} until {expiry_label(month).english}" in lots.story.english
    until = expiry_label(month)
    told = until.japanese if month == NEVER else f"{until.english}まで"
    assert f"{told} {points + 7:,}" in lots.story.japanese


def _linked_library(town):
    """Return the address of SaleDesk, which stands in the token's code."""
    code = town.rpc.call("eth_getCode", town.token, "latest")[2:]
    own = read_artifact("SaleDesk").runtime[42:200]
    for place in range(len(code) - 42):
        if code[place : place + 2] == "73":
            address = "0x" + code[place + 2 : place + 42]
            if town.rpc.call("eth_getCode", address, "latest")[44:202] == own:
                return address
    raise LookupError("SaleDesk")
