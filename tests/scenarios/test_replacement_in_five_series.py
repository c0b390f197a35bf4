"""A resident gets a new card and holds points in five series of the town: 1, 24, 0, 3 and 1 lots.

Anyone may carry a series, in any order, as often as they like; half of it may be done in another month. No
lot gets a longer life by it, and nothing stays behind.
"""

import pytest

from scripts.lib.deployment import SeriesPlan, series_arguments
from scripts.lib.expiry_rule import NEVER, ExpiryRule
from tests.support.books import check_books
from tests.support.clock import APRIL, HOUR, JUNE, MARCH, MAY, to_month, travel, travel_to
from tests.support.reading import events, lots
from tests.support.reverts import reverts
from tests.support.town import CITY

DAY = 24 * HOUR
ALLOWANCE = 10**6
LOTS = [
    {JUNE: 500},
    {APRIL + place: 10 + place for place in range(24)},
    {},
    {APRIL: 7, MARCH: 20, NEVER: 1000},
    {APRIL: 40},
]


@pytest.fixture(scope="module")
def series(project, platform, officers, residents, act_maker, point, minter, council, deployer):
    """Five series of the town, the first one that of all tests."""
    tokens = [point]
    for place in range(1, len(LOTS)):
        planned = SeriesPlan("", f"第{place + 1}ポイント", f"P{place + 1}", ExpiryRule.THIS_FISCAL_YEAR)
        arguments = series_arguments(CITY, officers.address, residents.address, planned)
        token = project.MunicipalPoint.deploy(*arguments, {"from": deployer})
        platform.registerSeries(CITY, token, {"from": council})
        token.increaseMinterAllowance(minter, ALLOWANCE, {"from": act_maker})
        tokens.append(token)
    return tokens


@pytest.fixture
def taro(memberships, series, minter):
    [member] = memberships.join("Taro")
    for token, lots_to_grant in zip(series, LOTS, strict=True):
        for month, points in lots_to_grant.items():
            token.mintUntil(member.account, points, month, {"from": minter})
    return member


@pytest.fixture
def new_account(acting, memberships, residents, taro, desk_officer, second_desk_officer, stranger):
    """The replacement is complete in the registry; no series has heard of it."""
    card = memberships.card("Taro's second")
    call = (CITY, taro.number, card.account, memberships.signature(card, taro.commitment))
    acting.together(desk_officer, second_desk_officer, residents, "startReplacement", *call)
    travel(3 * DAY)
    residents.completeReplacement(CITY, taro.number, {"from": stranger})
    return card.account


@pytest.fixture(autouse=True)
def books_of_all_five(series, rpc):
    yield
    for token in series:
        check_books(rpc, token.address)


def held_in(series, account):
    return [lots(token, account) for token in series]


def test_replacement_carries_every_lot_of_five_series_with_its_month(series, taro, new_account, stranger):
    supplies = [token.totalSupply() for token in series]
    for token in series:
        token.carry(taro.account, {"from": stranger})
    assert held_in(series, new_account) == LOTS
    assert held_in(series, taro.account) == [{}] * len(series)
    assert [token.totalSupply() for token in series] == supplies
    for token, months in zip(series, LOTS, strict=True):
        assert [token.pointsEndingWith(month) for month in months] == list(months.values())


def test_replacement_interrupted_half_way_goes_on_in_the_next_month_and_renews_nothing(
    series, taro, new_account, stranger
):
    for token in series[:2]:
        token.carry(taro.account, {"from": stranger})
    assert held_in(series[:2], new_account) == LOTS[:2]
    assert held_in(series[2:], taro.account) == LOTS[2:]

    to_month(MAY)
    for token in series:  # begun again from the start
        token.carry(taro.account, {"from": stranger})

    live = [{month: points for month, points in months.items() if month > APRIL} for months in LOTS]
    assert held_in(series, new_account) == live
    assert held_in(series, taro.account) == [{}] * len(series)
    assert [token.balanceOf(taro.account) for token in series] == [0] * len(series)
    lapsed = [months.get(APRIL, 0) for months in LOTS]
    assert [token.pointsEndingWith(APRIL) for token in series] == lapsed


def test_replacement_repeated_moves_nothing_more(series, taro, new_account, stranger):
    for token in series:
        token.carry(taro.account, {"from": stranger})
    for token in series:
        again = events(token.carry(taro.account, {"from": stranger}))
        assert ("Carried", taro.account, new_account, 0) in again
    assert held_in(series, new_account) == LOTS


def test_replacement_keeps_the_old_key_out_of_every_series(
    series, taro, new_account, shop, act_maker, minter, stranger
):
    for token in series:
        token.carry(taro.account, {"from": stranger})
        with reverts("PointAccountFrozen", taro.account):
            token.transfer(stranger, 0, {"from": taro.account})
        with reverts("PointAccountFrozen", taro.account):
            token.mintUntil(taro.account, 1, JUNE, {"from": minter})


def test_replacement_that_no_series_was_told_of_is_enforced_by_a_call_of_anyone(
    series, taro, new_account, shop, stranger
):
    """Until somebody calls, the old key still spends in that series: so the desk's script calls at once."""
    [first, second, *_] = series
    first.syncBlocked(taro.account, {"from": stranger})
    with reverts("PointAccountFrozen", taro.account):
        first.transfer(shop, 1, {"from": taro.account})
    assert second.frozenOf(taro.account) == (False, False)
    second.syncBlocked(taro.account, {"from": stranger})
    assert second.frozenOf(taro.account) == (False, True)


def test_replacement_joins_lots_that_the_new_account_holds_already(
    series, taro, new_account, minter, stranger
):
    [first, *_] = series
    first.mintUntil(new_account, 5, JUNE, {"from": minter})
    first.mintUntil(new_account, 6, APRIL, {"from": minter})
    first.carry(taro.account, {"from": stranger})
    assert lots(first, new_account) == {APRIL: 6, JUNE: 505}


def test_replacement_of_an_account_that_was_not_replaced_reverts(series, resident, stranger):
    for token in series:
        with reverts("PointNotReplaced", resident):
            token.carry(resident, {"from": stranger})


def test_replacement_interrupted_by_a_pause_of_one_series_goes_on_after_it(
    series, taro, new_account, act_maker, stranger
):
    paused = series[1]
    paused.pause(72 * HOUR, {"from": act_maker})
    until = paused.pausedUntil()
    for token in series:
        if token is paused:
            with reverts("PointPaused", until):
                token.carry(taro.account, {"from": stranger})
        else:
            token.carry(taro.account, {"from": stranger})
    assert held_in([paused], taro.account) == [LOTS[1]]
    travel_to(until)
    paused.carry(taro.account, {"from": stranger})
    assert held_in(series, new_account) == LOTS
    assert held_in(series, taro.account) == [{}] * len(series)


def test_replacement_interrupted_by_the_loss_of_the_next_card_leaves_nothing_on_either(
    acting, memberships, residents, series, taro, new_account, desk_officer, second_desk_officer, stranger
):
    """Two series had carried to the second card when it was lost as well; the third one gets everything."""
    for token in series[:2]:
        token.carry(taro.account, {"from": stranger})
    third = memberships.card("Taro's third")
    call = (CITY, taro.number, third.account, memberships.signature(third, taro.commitment))
    acting.together(desk_officer, second_desk_officer, residents, "startReplacement", *call)
    travel(3 * DAY)
    residents.completeReplacement(CITY, taro.number, {"from": stranger})
    for token in series:
        for lost in (new_account, taro.account):
            token.carry(lost, {"from": stranger})
    assert held_in(series, third.account) == LOTS
    assert held_in(series, taro.account) == held_in(series, new_account) == [{}] * len(series)
