"""The reference model of the exchange: what it refuses, worked out by hand from IPartnerExchange."""

from collections.abc import Callable

import pytest

from scripts.lib.exchange.terms import MAX_POINTS, Campaign, Terms
from scripts.lib.reference.exchange import ReferenceExchange, TownAround
from scripts.lib.refusal import Refused

TOWN, ELSEWHERE = 141305, 212032
NOW = 1_800_000_000
DAY = 24 * 60 * 60
CARD, HOLDING = "the card's key", b"holding"


def accepted(terms: Terms) -> ReferenceExchange:
    """An exchange with one partner, whom both towns accept; alice lives in one, anna in the other."""
    towns = {
        TOWN: TownAround({1: "alice"}, allowance=10_000),
        ELSEWHERE: TownAround({7: "anna"}, allowance=10_000),
    }
    exchange = ReferenceExchange(NOW, towns)
    exchange.register_partner(CARD)
    for town in towns:
        exchange.accept_partner(town, 1, CARD, terms)
    return exchange


@pytest.fixture
def exchange() -> ReferenceExchange:
    """Two miles for a point, after a fee of ten."""
    return accepted(Terms(numerator=1, denominator=2, fee=10))


def refusal(operation: Callable[..., object], *arguments: object) -> tuple[str, tuple[int | str, ...]]:
    """Name and arguments of the error with which an operation is refused."""
    with pytest.raises(Refused) as refused:
        operation(*arguments)
    return refused.value.name, refused.value.arguments


def test_accept_of_a_key_that_is_not_the_partners_is_refused(exchange: ReferenceExchange) -> None:
    assert refusal(exchange.accept_partner, TOWN, 1, "another key", Terms()) == (
        "ExchangeOtherKey",
        (1, CARD, "another key"),
    )


@pytest.mark.parametrize(
    "campaign",
    [Campaign(NOW, NOW, 1, 10, 5), Campaign(NOW - DAY, NOW, 1, 10, 5), Campaign(NOW, NOW + DAY, 1, 10, 0)],
    ids=["ends as it begins", "has ended", "without a budget"],
)
def test_campaign_that_could_give_nothing_is_refused(exchange: ReferenceExchange, campaign: Campaign) -> None:
    assert refusal(exchange.open_campaign, TOWN, 1, campaign) == ("ExchangeInvalidCampaign", (TOWN, 1))


@pytest.mark.parametrize("miles", [9, 10, 11])
def test_exchange_of_which_the_fee_leaves_no_point_is_refused(
    exchange: ReferenceExchange, miles: int
) -> None:
    assert refusal(exchange.exchange, CARD, TOWN, 1, miles, b"name", HOLDING) == ("ExchangePoints", (0,))
    assert exchange.holdings == {}


def test_exchange_of_more_than_a_lot_holds_is_refused() -> None:
    exchange = accepted(Terms(numerator=MAX_POINTS + 1, daily_limit=2**40, yearly_limit=2**40))
    assert refusal(exchange.exchange, CARD, TOWN, 1, 1, b"name", HOLDING) == (
        "ExchangePoints",
        (MAX_POINTS + 1,),
    )


def test_points_are_sent_at_home_to_the_residents_own_account_alone(exchange: ReferenceExchange) -> None:
    exchange.exchange(CARD, TOWN, 1, 110, b"name", HOLDING)
    assert refusal(exchange.name_municipality, HOLDING, TOWN, "bob") == (
        "ExchangeForeignAccount",
        (TOWN, "bob"),
    )
    exchange.name_municipality(HOLDING, TOWN, "alice")
    assert sum(exchange.towns[TOWN].lots.values()) == 50


def test_coupon_of_one_town_is_refused_in_another(exchange: ReferenceExchange) -> None:
    exchange.issue_coupons(CARD, TOWN, NOW + DAY, [("coupon", 300)])
    assert refusal(exchange.redeem, 1, "coupon", ELSEWHERE, 7) == (
        "ExchangeCouponElsewhere",
        ("coupon", TOWN),
    )
    exchange.redeem(1, "coupon", TOWN, 1)
    assert sum(exchange.towns[TOWN].lots.values()) == 300
