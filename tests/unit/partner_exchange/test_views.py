"""What anybody can ask the exchange."""

from eth_account.messages import encode_typed_data

from scripts.lib.exchange.signatures import Naming, naming_data
from scripts.lib.exchange.terms import HeldIssue
from tests.support.clock import HOUR, travel
from tests.support.exchange_town import DAY, LONG, reference
from tests.support.town import CITY


def test_domain_separator_is_that_of_the_standard(desk, exchange, stranger):
    naming = naming_data(desk.domain, Naming(reference("holding"), CITY, str(stranger), LONG))
    assert exchange.DOMAIN_SEPARATOR() == "0x" + encode_typed_data(full_message=naming).header.hex()


def test_issue_of_held_points_is_why_a_sweep_would_leave_them(
    desk, exchange, point, hanako, airline, act_maker, stranger
):
    held = desk.exchange(airline, 1, 2_000)
    assert desk.issue(held) == HeldIssue.NOT_DUE
    travel(14 * DAY)
    assert desk.issue(held) == HeldIssue.NONE
    point.freeze(hanako.account, {"from": act_maker})
    assert desk.issue(held) == HeldIssue.ACCOUNT_STOPPED
    point.unfreeze(hanako.account, {"from": act_maker})
    point.pause(HOUR, {"from": act_maker})
    assert desk.issue(held) == HeldIssue.PAUSED
    travel(HOUR)
    exchange.sweep([held], {"from": stranger})
    assert desk.issue(held) == desk.issue(reference("never held")) == HeldIssue.NOT_HELD
