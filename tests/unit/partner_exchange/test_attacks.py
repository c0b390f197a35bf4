"""What somebody might try: numbers too large for what they are kept in, a series that calls back, dear events."""

from brownie import web3

from scripts.lib.exchange_terms import MAX_POINTS
from tests.support.exchange_town import LONG
from tests.support.reverts import reverts
from tests.support.town import CITY

ARITHMETIC_OVERFLOW = 0x11


def test_coupons_of_one_call_cannot_add_up_to_more_than_the_ledger_can_tell(
    desk, exchange, hanako, card_company
):
    """2^40 + 1 points are not 1 point. Only a network with large blocks takes such a call."""
    points = [*[MAX_POINTS] * 2_048, 2_049]
    assert sum(points) == 2**40 + 1
    coupons = [(web3.to_checksum_address(f"{place:040x}"), each) for place, each in enumerate(points, 1)]
    with reverts("Panic", ARITHMETIC_OVERFLOW):
        exchange.issueCoupons.call(CITY, LONG, coupons, {"from": card_company, "gas": 100_000_000})
