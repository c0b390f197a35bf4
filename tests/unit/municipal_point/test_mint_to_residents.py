"""`mintToResidents`: points for resident numbers; who cannot receive is skipped and reported."""

import pytest

from scripts.lib.expiry_rule import NEVER
from scripts.lib.grant_issue import GrantIssue
from scripts.lib.grant_list import Row
from tests.support.clock import APRIL, HOUR, JUNE, MAY, to_month
from tests.support.reading import ZERO_ADDRESS, events, lots
from tests.support.reverts import reverts
from tests.support.town import CITY, MINTER_ALLOWANCE

MAX_LOT_POINTS = 2**29 - 1


@pytest.fixture
def hanako(memberships):
    (member,) = memberships.join("Hanako")
    return member


@pytest.fixture
def taro(memberships, hanako):
    (member,) = memberships.join("Taro")
    return member


@pytest.fixture
def mint(point, minter):
    """`mint({number: points})`, or rows in order with numbers more than once."""

    def mint_now(rows, month=JUNE, total=None):
        rows = [Row(*row) for row in (rows.items() if isinstance(rows, dict) else rows)]
        total = sum(row.points for row in rows) if total is None else total
        return point.mintToResidents([row.packed for row in rows], total, month, {"from": minter})

    return mint_now


def skipped(transaction):
    """Return what was reported: {place: issue}."""
    return dict(zip(*transaction.return_value, strict=True))


def test_mint_to_residents_grants_to_each_and_is_one_mint(point, minter, mint, hanako, taro):
    done = mint({hanako.number: 30, taro.number: 12})
    assert events(done) == [
        ("Minted", minter, JUNE, 42),
        ("Transfer", ZERO_ADDRESS, hanako.account, 30),
        ("Transfer", ZERO_ADDRESS, taro.account, 12),
    ]
    assert skipped(done) == {}
    assert (lots(point, hanako.account), lots(point, taro.account)) == ({JUNE: 30}, {JUNE: 12})
    assert point.minterOf(minter) == (MINTER_ALLOWANCE - 42, 42)


def test_mint_to_residents_skips_who_is_not_registered(point, minter, mint, hanako):
    done = mint([(99, 7), (hanako.number, 30), (0, 5)])
    assert skipped(done) == {0: GrantIssue.UNREGISTERED, 2: GrantIssue.UNREGISTERED}
    assert events(done) == [
        ("Minted", minter, JUNE, 42),
        ("MintSkipped", 99, 7, GrantIssue.UNREGISTERED),
        ("Transfer", ZERO_ADDRESS, hanako.account, 30),
        ("MintSkipped", 0, 5, GrantIssue.UNREGISTERED),
    ]
    assert point.minterOf(minter) == (MINTER_ALLOWANCE - 30, 30)
    assert point.pointsEndingWith(JUNE) == point.totalSupply() == 30


def test_mint_to_residents_skips_a_frozen_account_and_a_closed_membership(
    point, residents, mint, act_maker, hanako, taro
):
    point.freeze(hanako.account, {"from": act_maker})
    residents.closeMembership(CITY, taro.number, {"from": act_maker})
    assert skipped(mint({hanako.number: 30, taro.number: 12})) == {
        0: GrantIssue.ACCOUNT_STOPPED,
        1: GrantIssue.UNREGISTERED,
    }
    assert point.totalSupply() == 0


def test_mint_to_residents_skips_a_blocked_account(point, residents, mint, act_maker, memberships, hanako):
    card = memberships.card("new card")
    signature = memberships.signature(card, hanako.commitment)
    residents.startReplacement(CITY, hanako.number, card.account, signature, {"from": act_maker})
    point.syncBlocked(hanako.account, {"from": hanako.account})
    assert skipped(mint({hanako.number: 30})) == {0: GrantIssue.ACCOUNT_STOPPED}


def test_mint_to_residents_skips_a_merchant_who_registered_later(point, mint, act_maker, memberships):
    card = memberships.card("Shop")
    point.approveMerchant(card.account, 1, "店", "町", {"from": act_maker})
    (member,) = memberships.join("Shop")
    assert skipped(mint({member.number: 30})) == {0: GrantIssue.ACCOUNT_UNFIT}


@pytest.mark.parametrize("count", [0, 5, 6, 24])
def test_mint_to_residents_skips_what_a_lot_cannot_hold_wherever_it_waits(
    point, mint, grant, hanako, taro, count
):
    """The lot is the account's first, the queue's last, one beside the queue, or not there yet."""
    grant(hanako.account, {APRIL + place: 1 for place in range(count)})
    month = APRIL + max(count - 1, 0)
    held = 1 if count else 0
    too_much = MAX_LOT_POINTS - held + 1
    before = lots(point, hanako.account)
    assert skipped(mint([(hanako.number, too_much), (taro.number, 5)], month)) == {
        0: GrantIssue.LOT_TOO_LARGE
    }
    assert (lots(point, hanako.account), lots(point, taro.account)) == (before, {month: 5})
    assert skipped(mint([(hanako.number, too_much - 1)], month)) == {}
    assert lots(point, hanako.account)[month] == MAX_LOT_POINTS


def test_mint_to_residents_that_skips_a_full_lot_records_the_lapse_of_ended_ones(point, mint, grant, hanako):
    """What the account had beside the queue moved into it meanwhile, and none of it is lost."""
    grant(hanako.account, dict.fromkeys(range(APRIL, APRIL + 6), 1))
    late = {APRIL + 6: MAX_LOT_POINTS, APRIL + 7: 3}
    grant(hanako.account, late)
    to_month(APRIL + 6)
    done = mint({hanako.number: 1}, APRIL + 6)
    assert skipped(done) == {0: GrantIssue.LOT_TOO_LARGE}
    assert [event[0] for event in events(done)].count("Lapsed") == 6
    assert lots(point, hanako.account) == late


def test_mint_to_residents_that_names_a_resident_twice_grants_twice_up_to_the_lot(point, mint, hanako):
    rows = [(hanako.number, MAX_LOT_POINTS), (hanako.number, 1)]
    assert skipped(mint(rows)) == {1: GrantIssue.LOT_TOO_LARGE}
    assert lots(point, hanako.account) == {JUNE: MAX_LOT_POINTS}


def test_mint_to_residents_of_a_new_card_goes_there(point, residents, mint, act_maker, memberships, hanako):
    card = memberships.card("new card")
    signature = memberships.signature(card, hanako.commitment)
    residents.startReplacement(CITY, hanako.number, card.account, signature, {"from": act_maker})
    to_month(MAY)
    residents.completeReplacement(CITY, hanako.number, {"from": act_maker})
    mint({hanako.number: 30})
    assert lots(point, card.account) == {JUNE: 30}


def test_mint_to_residents_of_nobody_is_logged_and_grants_nothing(point, minter, mint):
    assert events(mint({})) == [("Minted", minter, JUNE, 0)]
    assert point.totalSupply() == 0


def test_mint_to_residents_without_an_expiry_grants(point, mint, hanako):
    mint({hanako.number: 30}, NEVER)
    assert lots(point, hanako.account) == {NEVER: 30}


@pytest.mark.parametrize("wrong", [-1, 1])
def test_mint_to_residents_with_another_total_reverts(point, mint, hanako, taro, wrong):
    with reverts("PointTotal", 42 + wrong, 42):
        mint({hanako.number: 30, taro.number: 12}, total=42 + wrong)


def test_mint_to_residents_takes_the_low_32_bits_as_number(point, minter, hanako):
    """What a service packs above them is points, and bounded by the total."""
    beyond = 2**255 | hanako.number
    with reverts("PointTotal", 0, 2**255 >> 32):
        point.mintToResidents([beyond], 0, JUNE, {"from": minter})


def test_mint_to_residents_beyond_the_allowance_reverts(point, act_maker, other_minter, hanako):
    point.increaseMinterAllowance(other_minter, 41, {"from": act_maker})
    with reverts("PointMinterAllowance", other_minter, 41, 42):
        point.mintToResidents([Row(hanako.number, 42).packed], 42, JUNE, {"from": other_minter})


def test_mint_to_residents_needs_the_allowance_for_skipped_rows_too(point, act_maker, other_minter, hanako):
    point.increaseMinterAllowance(other_minter, 41, {"from": act_maker})
    rows = [Row(hanako.number, 40).packed, Row(99, 2).packed]
    with reverts("PointMinterAllowance", other_minter, 41, 42):
        point.mintToResidents(rows, 42, JUNE, {"from": other_minter})
    point.increaseMinterAllowance(other_minter, 1, {"from": act_maker})
    point.mintToResidents(rows, 42, JUNE, {"from": other_minter})
    assert point.minterOf(other_minter) == (2, 40)


def test_mint_to_residents_while_paused_reverts(point, mint, act_maker, hanako):
    point.pause(HOUR, {"from": act_maker})
    with reverts("PointPaused", point.pausedUntil()):
        mint({hanako.number: 1})


def test_mint_to_residents_by_a_stranger_reverts(point, stranger):
    with reverts("PointNotMinter", stranger):
        point.mintToResidents([], 0, JUNE, {"from": stranger})
