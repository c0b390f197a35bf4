"""What is found just at a threshold, and what is not just below: history by hand."""

import pytest

from scripts.lib.audit.patterns.bursts import bursts
from scripts.lib.audit.patterns.circles import circles
from scripts.lib.audit.patterns.concentration import concentration
from scripts.lib.audit.patterns.many_shops import many_shops
from scripts.lib.audit.patterns.refund_farms import refund_farms
from tests.scripts.audit.patterns.handmade import DAY, HOUR, MINUTE, Ledger


@pytest.fixture
def ledger():
    return Ledger()


def found(search, ledger):
    return list(search(ledger.movements()))


# ----------------------------------------------------------------------------------- many shops in minutes


@pytest.mark.parametrize(("shops", "gap", "is_found"), [(6, 60, True), (5, 60, False), (6, 61, False)])
def test_shops_in_five_minutes(ledger, shops, gap, is_found):
    for shop in range(shops):
        ledger.pay(shop * gap, 1, shop)
    assert bool(found(many_shops, ledger)) == is_found


def test_same_shops_again_are_not_more_shops(ledger):
    for place in range(12):
        ledger.pay(place * 10, 1, place % 5)
    assert not found(many_shops, ledger)


def test_six_people_at_six_shops_are_not_one_person(ledger):
    for shop in range(6):
        ledger.pay(shop, shop, shop)
    assert not found(many_shops, ledger)


def test_payments_that_a_till_sends_together_have_no_time_of_their_own(ledger):
    for shop in range(8):
        ledger.pay(100, 1, shop, batch=1 + shop // 2)
    assert not found(many_shops, ledger)


@pytest.mark.parametrize(("others", "score"), [(6, 100), (5, 110)])
def test_street_that_comes_back_to_the_net_is_found_last(ledger, others, score):
    for shop in range(6):
        ledger.pay(shop * 20, 1, shop)
    for place in range(others):
        ledger.pay(30 + place, 10 + place, place)
    [its] = found(many_shops, ledger)
    assert its.score == score
    assert ("off the net" in its.says.english) == ("通信障害" in its.says.japanese) == (score == 100)


def test_finding_of_many_shops_has_these_payments_alone(ledger):
    ledger.pay(0, 1, 20)
    for shop in range(7):
        ledger.pay(HOUR + shop * 20, 1, shop)
    ledger.pay(3 * HOUR, 1, 21)
    [its] = found(many_shops, ledger)
    assert (len(its.merchants), len(its.transactions), its.points) == (7, 7, 7 * 500)


# ---------------------------------------------------------------------------------------------- bursts


def usual_days(ledger, shop=0, days=12, customers=2):
    """Let a shop have some customers in an hour of some days, beside the rest of the town."""
    for day in range(days):
        for place in range(customers):
            ledger.pay(day * DAY + place * MINUTE, 200 + place, shop)


@pytest.mark.parametrize(
    ("payments", "payers", "is_found"),
    [(20, 5, True), (19, 4, False), (20, 6, False), (60, 60, True), (59, 59, False)],
)
def test_payments_in_an_hour(ledger, payments, payers, is_found):
    usual_days(ledger)
    for other in range(1, 10):
        usual_days(ledger, shop=other, days=30, customers=9)
    for place in range(payments):
        ledger.pay(20 * DAY + place * 50, place % payers, 0)
    assert bool(found(bursts, ledger)) == is_found


def test_busy_shops_busy_hour_is_no_burst(ledger):
    usual_days(ledger, customers=15)
    for place in range(40):
        ledger.pay(20 * DAY + place * 60, place % 4, 0)
    assert not found(bursts, ledger)


def test_day_on_which_the_whole_town_shops_is_no_burst(ledger):
    for shop in range(10):
        usual_days(ledger, shop)
        for place in range(70):
            ledger.pay(20 * DAY + place * 40, place, shop)
    assert not found(bursts, ledger)


@pytest.mark.parametrize(("payments", "is_found"), [(80, True), (65, False)])
def test_rush_of_the_town_hides_no_burst_beyond_three_times_its_own(ledger, payments, is_found):
    for shop in range(10):
        usual_days(ledger, shop)
        for place in range(payments if shop == 0 else 18):
            ledger.pay(20 * DAY + place * 40, place, shop)
    assert bool(found(bursts, ledger)) == is_found


def test_stall_of_one_evening_has_no_usual_hour(ledger):
    for place in range(200):
        ledger.pay(place * 15, place, 0)
    assert not found(bursts, ledger)


# ------------------------------------------------------------------------------------ refunds over and over


def pay_and_refund(ledger, person, times, gap=DAY, points=1_000, begin=0):
    for place in range(times):
        payment = ledger.pay(begin + place * gap, person, 0, points)
        ledger.refund(payment, begin + place * gap + HOUR)


@pytest.mark.parametrize(("times", "is_found"), [(8, True), (7, False)])
def test_refunds_of_one_person(ledger, times, is_found):
    pay_and_refund(ledger, 1, times)
    assert bool(found(refund_farms, ledger)) == is_found


def test_refunds_of_two_people_are_added_up(ledger):
    pay_and_refund(ledger, 1, 5)
    pay_and_refund(ledger, 2, 5, begin=HOUR)
    [its] = found(refund_farms, ledger)
    assert (len(its.accounts), len(its.transactions), its.points) == (2, 20, 10_000)


def test_many_people_with_few_refunds_each_are_none(ledger):
    for person in range(60):
        pay_and_refund(ledger, person, 4, begin=person * MINUTE)
    assert not found(refund_farms, ledger), "a concert called off, in four parts"


def test_refunds_over_a_long_time_are_none(ledger):
    pay_and_refund(ledger, 1, 20, gap=11 * DAY)
    assert not found(refund_farms, ledger)


def test_till_tried_out_with_single_points_is_none(ledger):
    pay_and_refund(ledger, 1, 20, gap=MINUTE, points=100)
    assert not found(refund_farms, ledger)


@pytest.mark.parametrize(("people", "score"), [(10, 100), (9, 200)])
def test_deposits_are_found_last(ledger, people, score):
    for person in range(people):
        pay_and_refund(ledger, person, 14 if person == 0 else 2, begin=person * MINUTE)
    [its] = found(refund_farms, ledger)
    assert its.score == score
    assert ("保証金" in its.says.japanese) == ("deposit" in its.says.english) == (score == 100)


# --------------------------------------------------------------------------------------------- circles


def town(ledger):
    """A hundred people who buy at ten other shops: what is usual."""
    for person in range(100):
        for place in range(6):
            ledger.pay(place * 20 * DAY + person * MINUTE, 100 + person, 10 + (person + place) % 10, 600)


def ring(ledger, members=5, payments=3, points=4_000, left=100, gap=MINUTE, elsewhere=0, others=0):
    """Members empty their accounts at shop 0, in sittings, twenty days apart."""
    for sitting in range(payments):
        for member in range(members):
            ledger.pay(sitting * 20 * DAY + member * gap, member, 0, points, left)
    for member in range(members):
        if elsewhere:
            ledger.pay(50 * DAY + member * HOUR, member, 15, elsewhere)
    for place in range(others // 1_000):
        ledger.pay(place * DAY + 5 * HOUR, 100 + place % 100, 0, 1_000)


def test_ring_that_empties_its_accounts_in_sittings_is_found(ledger):
    town(ledger)
    ring(ledger)
    [its] = found(circles, ledger)
    assert (len(its.accounts), len(its.transactions), its.points) == (5, 15, 60_000)


@pytest.mark.parametrize(
    "honest",
    [
        {"members": 1, "points": 20_000},
        {"members": 41},
        {"points": 3_333},  # together less than 50,000
        {"payments": 2, "points": 6_000},
        {"elsewhere": 3_001},  # more than a fifth of what they spend
        {"others": 41_000},  # more than two fifths of what the shop takes
        {"left": 5_000, "gap": HOUR, "points": 3_400},  # no hand holds the cards, and nothing is emptied
    ],
    ids=lambda honest: ", ".join(honest),
)
def test_circle_that_could_be_honest_is_not_found(ledger, honest):
    town(ledger)
    ring(ledger, **honest)
    assert not found(circles, ledger)


def test_hamlet_with_one_shop_is_no_circle(ledger):
    town(ledger)
    for day in range(0, 300, 3):
        for person in range(6):
            ledger.pay(day * DAY + person * HOUR, person, 0, 650, 3_000)
    assert not found(circles, ledger)


def shop_like_others(ledger, members):
    for place in range(25):
        for member in range(members):
            ledger.pay(DAY + place * 10 * DAY + member * HOUR, member, 0, 500)


@pytest.mark.parametrize(("town_rows", "is_found"), [(0, True), (5, True), (6, False)])
def test_list_of_which_every_second_is_a_member_makes_a_circle(ledger, town_rows, is_found):
    town(ledger)
    ledger.grant(0, [*range(5), *range(100, 100 + town_rows)], 15_000)
    shop_like_others(ledger, 5)
    assert bool(found(circles, ledger)) == is_found


def test_points_that_one_person_hands_out_to_all_make_a_circle(ledger):
    town(ledger)
    for member in range(5):
        ledger.give(member * HOUR, 300, member, 15_000)
    shop_like_others(ledger, 5)
    [its] = found(circles, ledger)
    assert "100 % of what the residents had received came by lists of their own" in its.says.english


def test_points_that_each_was_given_by_somebody_else_make_none(ledger):
    town(ledger)
    for member in range(5):
        ledger.give(member * HOUR, 300 + member, member, 15_000)
    shop_like_others(ledger, 5)
    assert not found(circles, ledger)


def test_points_that_each_brought_in_alone_make_none(ledger):
    town(ledger)
    for member in range(5):
        ledger.grant(member * HOUR, [member], 15_000)
    shop_like_others(ledger, 5)
    assert not found(circles, ledger)


def test_owners_who_pay_each_other_are_one_circle(ledger):
    town(ledger)
    for owner in range(3):
        for place in range(9):
            payment = ledger.pay(place * DAY + owner * HOUR, owner, (owner + 1 + place % 2) % 3, 5_000)
            if place % 2:
                ledger.refund(payment, place * DAY + owner * HOUR + 30 * MINUTE)
    [its] = found(circles, ledger)
    assert (len(its.accounts), len(its.merchants), its.points) == (3, 3, 27 * 5_000)


# --------------------------------------------------------------------------------------- concentration


@pytest.mark.parametrize(
    ("points", "others", "is_found"), [(4_000, 100, True), (4_000, 200, False), (1_500, 0, False)]
)
def test_three_people_make_most_of_a_shops_takings(ledger, points, others, is_found):
    town(ledger)
    for place in range(30):
        ledger.pay(place * DAY, place % 3, 0, points)
    for place in range(others):
        ledger.pay(place * DAY + HOUR, 100 + place % 100, 0, 1_000)
    assert bool(found(concentration, ledger)) == is_found
