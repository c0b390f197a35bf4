"""`nameMunicipality`, `sweep` and `returnToPartner`: how points leave the holding account."""

import pytest
from brownie.exceptions import VirtualMachineError

from scripts.lib.deployment import SeriesPlan, series_arguments
from scripts.lib.exchange.terms import MAX_POINTS, HeldIssue, Ledger, Terms
from scripts.lib.expiry_rule import ExpiryRule
from scripts.lib.japan_calendar import moment_from_text
from tests.support.clock import APRIL, HOUR, MAY, now, travel, travel_to
from tests.support.exchange_town import AIRLINE, CARD_TERMS, DAY, LONG, campaign_of
from tests.support.reading import ZERO_ADDRESS, events, lots
from tests.support.reverts import reverts
from tests.support.town import CITY, NEIGHBOUR


@pytest.fixture
def held(desk, hanako, airline):
    """1,000 points of Hanako's in the holding account."""
    return desk.exchange(airline, 1, 2_000)


def kept(transaction):
    return [HeldIssue(event["issue"]) for event in transaction.events["Kept"]]


# ------------------------------------------------------------------------- sweep


def test_sweep_before_14_days_have_passed_keeps_the_points(desk, exchange, held, stranger):
    travel(14 * DAY - 1)
    assert kept(exchange.sweep([held], {"from": stranger})) == [HeldIssue.NOT_DUE]


def test_sweep_from_the_second_in_which_14_days_have_passed_mints_at_home(
    desk, exchange, point, hanako, held, stranger
):
    travel(14 * DAY)
    done = exchange.sweep([held], {"from": stranger})
    expiry = APRIL + 12
    assert events(done) == [
        ("Minted", exchange, expiry, 1_000),
        ("Transfer", ZERO_ADDRESS, hanako.account, 1_000),
        ("Delivered", "0x" + held.hex(), CITY, AIRLINE, 1, hanako.account, 1_000, 0, 0, expiry),
    ]
    assert lots(point, hanako.account) == {expiry: 1_000}
    assert desk.ledger(AIRLINE) == Ledger(exchanged=1_000)


def test_sweep_again_mints_nothing(desk, exchange, point, hanako, held, stranger):
    travel(14 * DAY)
    done = exchange.sweep([held, held], {"from": stranger})
    assert kept(done) == [HeldIssue.NOT_HELD]
    assert kept(exchange.sweep([held], {"from": stranger})) == [HeldIssue.NOT_HELD]
    assert point.balanceOf(hanako.account) == 1_000
    assert desk.ledger(AIRLINE) == Ledger(exchanged=1_000)


def test_term_counts_from_the_sweep(desk, exchange, point, hanako, held, stranger):
    travel_to(moment_from_text("2025-05-31T23:59:59"))
    exchange.sweep([held], {"from": stranger})
    assert lots(point, hanako.account) == {MAY + 12: 1_000}


def test_sweep_into_a_paused_series_keeps_the_points(desk, exchange, point, held, stranger, act_maker):
    travel(14 * DAY)
    point.pause(HOUR, {"from": act_maker})
    assert kept(exchange.sweep([held], {"from": stranger})) == [HeldIssue.PAUSED]
    assert desk.ledger(AIRLINE) == Ledger(held=1_000)
    travel(HOUR)
    assert "Delivered" in exchange.sweep([held], {"from": stranger}).events


@pytest.mark.parametrize("left", [0, 999])
def test_sweep_beyond_the_allowance_keeps_the_points(desk, exchange, point, held, stranger, act_maker, left):
    travel(14 * DAY)
    allowance, _ = point.minterOf(exchange)
    point.decreaseMinterAllowance(exchange, allowance - left, {"from": act_maker})
    assert kept(exchange.sweep([held], {"from": stranger})) == [HeldIssue.OUT_OF_ALLOWANCE]
    point.increaseMinterAllowance(exchange, 1_000 - left, {"from": act_maker})
    assert "Delivered" in exchange.sweep([held], {"from": stranger}).events


def test_sweep_when_the_exchange_is_no_minter_any_more_keeps_the_points(
    desk, exchange, point, held, stranger, act_maker
):
    travel(14 * DAY)
    point.removeMinter(exchange, {"from": act_maker})
    assert kept(exchange.sweep([held], {"from": stranger})) == [HeldIssue.OUT_OF_ALLOWANCE]


def test_sweep_to_a_frozen_account_keeps_the_points(desk, exchange, point, hanako, held, stranger, act_maker):
    travel(14 * DAY)
    point.freeze(hanako.account, {"from": act_maker})
    assert kept(exchange.sweep([held], {"from": stranger})) == [HeldIssue.ACCOUNT_STOPPED]


def test_sweep_after_the_membership_has_ended_keeps_the_points(
    desk, exchange, residents, held, stranger, act_maker
):
    travel(14 * DAY)
    residents.closeMembership(CITY, 1, {"from": act_maker})
    assert kept(exchange.sweep([held], {"from": stranger})) == [HeldIssue.NO_MEMBERSHIP]
    residents.reopenMembership(CITY, 1, {"from": act_maker})
    assert "Delivered" in exchange.sweep([held], {"from": stranger}).events


def test_sweep_during_a_replacement_waits_and_then_finds_the_new_account(
    desk, exchange, point, residents, memberships, hanako, held, stranger, act_maker
):
    travel(14 * DAY)
    card = memberships.card("Hanako's second")
    signature = memberships.signature(card, hanako.commitment)
    residents.startReplacement(CITY, 1, card.account, signature, {"from": act_maker})
    assert kept(exchange.sweep([held], {"from": stranger})) == [HeldIssue.ACCOUNT_STOPPED]
    travel(3 * DAY)
    residents.completeReplacement(CITY, 1, {"from": stranger})
    exchange.sweep([held], {"from": stranger})
    assert (point.balanceOf(hanako.account), point.balanceOf(card.account)) == (0, 1_000)


def test_sweep_that_the_series_refuses_changes_nothing(desk, exchange, point, hanako, held, stranger, minter):
    """The lot of that month is full."""
    travel(14 * DAY)
    point.mintUntil(hanako.account, MAX_POINTS - 999, APRIL + 12, {"from": minter})
    ledger, holding = desk.ledger(AIRLINE), exchange.holdingOf(held)
    assert kept(exchange.sweep([held], {"from": stranger})) == [HeldIssue.REFUSED]
    assert (desk.ledger(AIRLINE), exchange.holdingOf(held)) == (ledger, holding)


@pytest.fixture
def dear(point, hanako, held, minter):
    """Her points are due, and the dearest mint there is: it takes 61 ended lots off the books."""
    for month in range(APRIL, APRIL + 61):
        point.mintUntil(hanako.account, 1, month, {"from": minter})
    travel(62 * 31 * DAY)
    return held


def test_sweep_with_too_little_gas_reverts_and_blames_nobody(exchange, point, hanako, dear, stranger):
    """Whoever sends too little for the mint must not make the events say that the series refused it."""
    refused = 0
    for gas in range(60_000, 1_000_000, 5_000):
        try:
            done = exchange.sweep([dear], {"from": stranger, "gas_limit": gas})
        except VirtualMachineError:
            refused += 1
            continue
        assert "Kept" not in done.events, f"with {gas} gas: {done.events['Kept']}"
        break
    assert (refused > 10, point.balanceOf(hanako.account)) == (True, 1_000)


def test_sweep_with_the_gas_that_a_node_estimates_delivers(exchange, point, hanako, dear, stranger):
    """A node looks for the least gas with which a call does not revert."""
    enough = exchange.sweep.estimate_gas([dear], {"from": stranger})
    with reverts("ExchangeGasTooLow", dear):
        exchange.sweep([dear], {"from": stranger, "gas_limit": enough - 10_000})
    exchange.sweep([dear], {"from": stranger, "gas_limit": enough})
    assert point.balanceOf(hanako.account) == 1_000


def test_sweep_of_many_skips_only_what_cannot_move(
    desk, exchange, point, memberships, held, airline, stranger, act_maker
):
    [jiro] = memberships.join("Jiro")
    others = [desk.exchange(airline, 2, 2_000) for _ in range(2)]
    travel(14 * DAY)
    point.freeze(memberships.card("Hanako").account, {"from": act_maker})
    done = exchange.sweep([others[0], held, b"\1" * 32, others[1]], {"from": stranger})
    assert kept(done) == [HeldIssue.ACCOUNT_STOPPED, HeldIssue.NOT_HELD]
    assert point.balanceOf(jiro.account) == 2_000


def test_what_was_exchanged_is_honoured_after_the_partner_has_left(
    desk, exchange, point, hanako, held, stranger
):
    desk.act("stopPartner", CITY, AIRLINE)
    desk.act("suspendPartner", 0, AIRLINE)
    travel(14 * DAY)
    exchange.sweep([held], {"from": stranger})
    assert point.balanceOf(hanako.account) == 1_000


def test_later_terms_change_nothing_of_what_was_exchanged(desk, exchange, point, hanako, held, stranger):
    desk.accept(AIRLINE, Terms(numerator=1, denominator=100, expiry_months=0, outstanding_limit=0))
    travel(14 * DAY)
    exchange.sweep([held], {"from": stranger})
    assert lots(point, hanako.account) == {APRIL + 12: 1_000}


def test_held_points_go_to_the_series_that_is_the_town_s_now(
    desk, project, exchange, platform, officers, residents, point, hanako, held, stranger, council, act_maker
):
    """And wait until that one makes the exchange a minter."""
    planned = SeriesPlan("", "新川崎ポイント", "NEW", ExpiryRule.NEVER)
    arguments = series_arguments(CITY, officers.address, residents.address, planned)
    new = project.MunicipalPoint.deploy(*arguments, {"from": stranger})
    platform.registerSeries(CITY, new, {"from": council})
    desk.act("setExchangeSeries", CITY, new)
    travel(14 * DAY)
    assert kept(exchange.sweep([held], {"from": stranger})) == [HeldIssue.OUT_OF_ALLOWANCE]
    new.increaseMinterAllowance(exchange, 1_000, {"from": act_maker})
    exchange.sweep([held], {"from": stranger})
    assert (point.totalSupply(), new.balanceOf(hanako.account)) == (0, 1_000)


def test_bonus_of_a_campaign_that_has_ended_is_delivered(desk, exchange, point, hanako, airline, stranger):
    desk.campaign(AIRLINE, campaign_of(1, 10, 10_000, by_partner=True))
    held = desk.exchange(airline, 1, 2_000)
    desk.act("endCampaign", CITY, AIRLINE)
    travel(14 * DAY)
    exchange.sweep([held], {"from": stranger})
    assert point.balanceOf(hanako.account) == 1_100
    assert desk.ledger(AIRLINE) == Ledger(exchanged=1_000, bonus=100, bonus_owed=100)


def test_bonus_that_the_town_gives_is_minted_and_not_owed(desk, exchange, point, hanako, airline, stranger):
    desk.campaign(AIRLINE, campaign_of(1, 10, 10_000))
    held = desk.exchange(airline, 1, 2_000)
    travel(14 * DAY)
    exchange.sweep([held], {"from": stranger})
    assert desk.ledger(AIRLINE) == Ledger(exchanged=1_000, bonus=100)
    assert point.minterOf(exchange)[1] == 1_100


# ------------------------------------------------------------------------ naming


def test_resident_names_home_early(desk, exchange, point, hanako, held):
    desk.name(held, CITY, hanako.account, hanako.account)
    assert point.balanceOf(hanako.account) == 1_000


def test_resident_names_another_municipality_and_account(
    desk, exchange, point, neighbour_point, hanako, hanako_there, held
):
    done = desk.name(held, NEIGHBOUR, hanako_there.account, hanako.account)
    delivered = (
        "Delivered",
        "0x" + held.hex(),
        NEIGHBOUR,
        AIRLINE,
        2,
        hanako_there.account,
        1_000,
        0,
        0,
        APRIL + 12,
    )
    assert delivered in events(done)
    assert neighbour_point.balanceOf(hanako_there.account) == 1_000
    assert point.totalSupply() == 0
    assert (desk.ledger(AIRLINE), desk.ledger(AIRLINE, NEIGHBOUR)) == (Ledger(), Ledger(exchanged=1_000))
    assert exchange.usedOf(NEIGHBOUR, AIRLINE, 2) == (1_000, 1_000)
    assert exchange.usedOf(CITY, AIRLINE, 1) == (1_000, 1_000), "at home the limit stays used up"


def test_named_points_are_gone(desk, exchange, hanako, hanako_there, held, stranger):
    desk.name(held, NEIGHBOUR, hanako_there.account, hanako.account)
    with reverts("ExchangeStopped", HeldIssue.NOT_HELD):
        desk.name(held, CITY, hanako.account, hanako.account)
    travel(14 * DAY)
    assert kept(exchange.sweep([held], {"from": stranger})) == [HeldIssue.NOT_HELD]


def test_signed_naming_is_relayed_by_anyone_until_its_last_second(
    desk, exchange, neighbour_point, hanako, hanako_there, held, relayer
):
    call = desk.signed_naming(hanako.card.key, held, NEIGHBOUR, hanako_there.account, now() + 100)
    travel(101)
    with reverts("ExchangeSignatureExpired", call[3]):
        exchange.nameMunicipality(*call, {"from": relayer})
    call = desk.signed_naming(hanako.card.key, held, NEIGHBOUR, hanako_there.account, now())
    exchange.nameMunicipality(*call, {"from": relayer})
    assert neighbour_point.balanceOf(hanako_there.account) == 1_000


def test_relayer_can_change_nothing_of_what_was_signed(
    desk, exchange, hanako, hanako_there, neighbours, held, airline, relayer
):
    [mallory] = neighbours.join("Mallory")
    other = desk.exchange(airline, 1, 2_000)
    holding, municipality, account, until, signature = desk.signed_naming(
        hanako.card.key, held, NEIGHBOUR, hanako_there.account, now() + 100
    )
    for changed in (
        (other, municipality, account, until, signature),
        (holding, CITY, hanako.account, until, signature),
        (holding, municipality, mallory.account, until, signature),
        (holding, municipality, account, until + 1, signature),
        (holding, municipality, account, until, b""),
    ):
        with reverts("ExchangeWrongSignature", hanako.account):
            exchange.nameMunicipality(*changed, {"from": relayer})


def test_account_of_the_other_municipality_cannot_take_the_points(desk, exchange, hanako, hanako_there, held):
    call = desk.signed_naming(hanako_there.card.key, held, NEIGHBOUR, hanako_there.account)
    with reverts("ExchangeWrongSignature", hanako.account):
        exchange.nameMunicipality(*call, {"from": hanako_there.account})


def test_new_card_signs_and_the_old_one_no_longer(
    desk, exchange, residents, memberships, hanako, hanako_there, held, relayer, act_maker
):
    card = memberships.card("Hanako's second")
    signature = memberships.signature(card, hanako.commitment)
    residents.startReplacement(CITY, 1, card.account, signature, {"from": act_maker})
    old = desk.signed_naming(hanako.card.key, held, NEIGHBOUR, hanako_there.account)
    with reverts("ExchangeStopped", HeldIssue.ACCOUNT_STOPPED):
        exchange.nameMunicipality(*old, {"from": relayer})
    travel(3 * DAY)
    residents.completeReplacement(CITY, 1, {"from": relayer})
    with reverts("ExchangeWrongSignature", card.account):
        exchange.nameMunicipality(*old, {"from": relayer})
    new = desk.signed_naming(card.key, held, NEIGHBOUR, hanako_there.account)
    exchange.nameMunicipality(*new, {"from": relayer})


def test_thief_whose_account_is_frozen_at_home_cannot_name_another_town(
    desk, point, hanako, hanako_there, held, act_maker
):
    point.freeze(hanako.account, {"from": act_maker})
    with reverts("ExchangeStopped", HeldIssue.ACCOUNT_STOPPED):
        desk.name(held, NEIGHBOUR, hanako_there.account, hanako.account)


@pytest.mark.parametrize("town", ["home", "other"])
def test_naming_while_either_series_is_paused_reverts(
    desk, point, neighbour_point, hanako, hanako_there, held, act_maker, town
):
    (point if town == "home" else neighbour_point).pause(HOUR, {"from": act_maker})
    with reverts("ExchangeStopped", HeldIssue.PAUSED):
        desk.name(held, NEIGHBOUR, hanako_there.account, hanako.account)


def test_naming_an_account_that_is_nobody_s_reverts(desk, hanako, hanako_there, held, stranger):
    for town in (CITY, NEIGHBOUR, 362018):
        with reverts("ExchangeForeignAccount", town, stranger):
            desk.name(held, town, stranger, hanako.account)


def test_naming_home_for_somebody_else_reverts(desk, memberships, hanako, held):
    [jiro] = memberships.join("Jiro")
    with reverts("ExchangeForeignAccount", CITY, jiro.account):
        desk.name(held, CITY, jiro.account, hanako.account)


def test_naming_a_town_that_does_not_accept_the_partner_reverts(desk, hanako, hanako_there, held):
    desk.act("stopPartner", NEIGHBOUR, AIRLINE)
    with reverts("ExchangeNoTerms", NEIGHBOUR, AIRLINE):
        desk.name(held, NEIGHBOUR, hanako_there.account, hanako.account)


def test_naming_another_town_of_a_suspended_partner_reverts(desk, hanako, hanako_there, held):
    desk.act("suspendPartner", 0, AIRLINE)
    with reverts("ExchangePartnerSuspended", AIRLINE):
        desk.name(held, NEIGHBOUR, hanako_there.account, hanako.account)


@pytest.mark.parametrize(
    ("terms", "error"),
    [
        (Terms(daily_limit=999), ("ExchangeDailyLimit", NEIGHBOUR, 2, 999, 1_000)),
        (Terms(daily_limit=999, yearly_limit=999), ("ExchangeDailyLimit", NEIGHBOUR, 2, 999, 1_000)),
        (Terms(outstanding_limit=999), ("ExchangeOutstandingLimit", NEIGHBOUR, AIRLINE, 1_000, 999)),
        (Terms(maximum=1_999), ("ExchangeAmount", 2_000, 1, 1, 1_999)),
        (Terms(minimum=2_001), ("ExchangeAmount", 2_000, 1, 2_001, 100_000)),
        (Terms(unit=300), ("ExchangeAmount", 2_000, 300, 1, 100_000)),
    ],
)
def test_naming_beyond_the_other_town_s_limits_reverts(desk, hanako, hanako_there, held, terms, error):
    desk.accept(AIRLINE, terms, NEIGHBOUR)
    with reverts(*error):
        desk.name(held, NEIGHBOUR, hanako_there.account, hanako.account)
    assert desk.ledger(AIRLINE) == Ledger(held=1_000)


def test_naming_counts_days_and_years_of_the_other_town(desk, exchange, hanako, hanako_there, airline):
    desk.accept(AIRLINE, CARD_TERMS._replace(daily_limit=1_000, yearly_limit=1_500), NEIGHBOUR)
    first, second = (desk.exchange(airline, 1, 2_000) for _ in range(2))
    desk.name(first, NEIGHBOUR, hanako_there.account, hanako.account)
    with reverts("ExchangeDailyLimit", NEIGHBOUR, 2, 0, 1_000):
        desk.name(second, NEIGHBOUR, hanako_there.account, hanako.account)
    travel(DAY)
    with reverts("ExchangeYearlyLimit", NEIGHBOUR, 2, 500, 1_000):
        desk.name(second, NEIGHBOUR, hanako_there.account, hanako.account)


def test_rate_is_settled_by_the_exchange_and_the_term_by_the_named_town(
    desk, neighbour_point, hanako, hanako_there, held
):
    desk.accept(AIRLINE, Terms(numerator=1, denominator=100, fee=1_000, expiry_months=3), NEIGHBOUR)
    desk.name(held, NEIGHBOUR, hanako_there.account, hanako.account)
    assert lots(neighbour_point, hanako_there.account) == {APRIL + 3: 1_000}


def test_fee_of_the_named_town_stops_no_naming(desk, neighbour_point, hanako, hanako_there, held):
    """It would be taken off partner points, and those were exchanged at home."""
    desk.accept(AIRLINE, Terms(fee=2_000), NEIGHBOUR)
    desk.name(held, NEIGHBOUR, hanako_there.account, hanako.account)
    assert neighbour_point.balanceOf(hanako_there.account) == 1_000


def test_bonus_of_home_stays_at_home_and_goes_back_to_its_budget(
    desk, exchange, hanako, hanako_there, neighbour_point, airline
):
    desk.campaign(AIRLINE, campaign_of(1, 2, 800, by_partner=True))
    held = desk.exchange(airline, 1, 2_000)
    assert exchange.campaignOf(CITY, AIRLINE)[5] == 500
    desk.name(held, NEIGHBOUR, hanako_there.account, hanako.account)
    assert neighbour_point.balanceOf(hanako_there.account) == 1_000
    assert exchange.campaignOf(CITY, AIRLINE)[5] == 0
    assert (desk.ledger(AIRLINE), desk.ledger(AIRLINE, NEIGHBOUR)) == (Ledger(), Ledger(exchanged=1_000))


def test_bonus_does_not_go_back_to_a_later_campaign(desk, exchange, hanako, hanako_there, airline):
    desk.campaign(AIRLINE, campaign_of(1, 2, 800))
    held = desk.exchange(airline, 1, 2_000)
    desk.campaign(AIRLINE, campaign_of(1, 2, 800))
    desk.name(held, NEIGHBOUR, hanako_there.account, hanako.account)
    assert exchange.campaignOf(CITY, AIRLINE)[5] == 0


def test_named_town_adds_the_bonus_of_its_own_campaign(desk, hanako, hanako_there, neighbour_point, held):
    desk.campaign(AIRLINE, campaign_of(1, 5, 10_000, by_partner=True), NEIGHBOUR)
    desk.name(held, NEIGHBOUR, hanako_there.account, hanako.account)
    assert neighbour_point.balanceOf(hanako_there.account) == 1_200
    assert desk.ledger(AIRLINE, NEIGHBOUR) == Ledger(exchanged=1_000, bonus=200, bonus_owed=200)


def test_signature_of_nobody_names_nothing(desk, exchange, held, hanako, stranger):
    with reverts("ExchangeWrongSignature", hanako.account):
        exchange.nameMunicipality(held, CITY, hanako.account, LONG, b"\0" * 65, {"from": stranger})


# ------------------------------------------------------------------------ return


def test_points_of_ended_memberships_stay_if_the_policy_says_nothing(
    desk, exchange, residents, held, stranger, act_maker
):
    residents.closeMembership(CITY, 1, {"from": act_maker})
    travel(3_000 * DAY)
    with reverts("ExchangeNotReturnable", held):
        exchange.returnToPartner(held, {"from": stranger})


def test_points_of_ended_memberships_go_back_as_the_policy_says(
    desk, exchange, residents, held, stranger, act_maker
):
    desk.act("setReturnPolicy", CITY, 90)
    residents.closeMembership(CITY, 1, {"from": act_maker})
    travel(90 * DAY - 1)
    with reverts("ExchangeNotReturnable", held):
        exchange.returnToPartner(held, {"from": stranger})
    travel(1)
    done = exchange.returnToPartner(held, {"from": stranger})
    assert events(done) == [("Returned", "0x" + held.hex(), CITY, AIRLINE, 1_000)]
    assert desk.ledger(AIRLINE) == Ledger()
    with reverts("ExchangeStopped", HeldIssue.NOT_HELD):
        exchange.returnToPartner(held, {"from": stranger})


def test_points_of_a_member_never_go_back(desk, exchange, held, stranger):
    desk.act("setReturnPolicy", CITY, 1)
    travel(90 * DAY)
    with reverts("ExchangeNotReturnable", held):
        exchange.returnToPartner(held, {"from": stranger})
