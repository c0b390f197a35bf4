"""The exchange machine notices faults: planted in the model here, so that contract and model differ."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from scripts.lib.reference.exchange import ReferenceExchange
from tests.stateful.exchange_machine import SETTING_UP_SECONDS, ExchangeMachine, Tally
from tests.stateful.exchange_node import ExchangeNode
from tests.stateful.test_partner_exchange import COMPARED_EVERY, STARTS, STEPS_A_RUN

EXCHANGE = ReferenceExchange.exchange
DELIVER = ReferenceExchange._deliver
MINT = ReferenceExchange._mint
REDEEM = ReferenceExchange.redeem
RECORD_RECEIPT = ReferenceExchange.record_receipt
USED = ReferenceExchange.used


def _bonus_out_of_nothing(model: ReferenceExchange, holding: bytes, held: Any, account: str) -> None:
    """The bonus reaches the resident and no ledger."""
    DELIVER(model, holding, replace(held, bonus=0), account)
    if held.bonus:
        MINT(model, held.town, account, held.bonus, held.months)


def _counted_from_the_exchange(model: ReferenceExchange, holding: bytes, held: Any, account: str) -> None:
    """A lot's life begins before it is there, and ends a month early when the 14 days pass a month's end."""
    now, months = model.now, held.months
    early = (now - held.time) // (10 * 24 * 60 * 60)
    DELIVER(model, holding, replace(held, months=max(months - early, 0)), account)


def _each_day_a_new_year(model: ReferenceExchange, town: int, partner: int, number: int) -> tuple[int, int]:
    today, _ = USED(model, town, partner, number)
    return today, today


def _once_more_when_delivered(model: ReferenceExchange, *arguments: Any) -> None:
    holding = arguments[-1]
    before = model.holdings.pop(holding, None)
    if before is not None and before.state == 1:
        model.holdings[holding] = before
    try:
        EXCHANGE(model, *arguments)
    finally:
        if before is not None:
            model.holdings.setdefault(holding, before)


def _coupon_stays_open(model: ReferenceExchange, partner: int, key: str, town: int, number: int) -> None:
    coupon = model.coupons.get((partner, key))
    REDEEM(model, partner, key, town, number)
    if coupon is not None:
        model.coupons[partner, key] = coupon


def _receipt_once_more(model: ReferenceExchange, town: int, partner: int, points: int, name: bytes) -> None:
    model.receipts.pop((town, name), None)
    RECORD_RECEIPT(model, town, partner, points, name)


FAULTS = {
    "I1: a bonus that no ledger knows": ("_deliver", _bonus_out_of_nothing),
    "I1: points named elsewhere stay held at home": ("_leave_home", lambda *_: None),
    "I3: lots end early": ("_deliver", _counted_from_the_exchange),
    "I6: a limit of the year that is the day's": ("used", _each_day_a_new_year),
    "I6: a partner that owes without limit": ("_require_outstanding", lambda *_: None),
    "I6: a campaign without end of its budget": ("_use_budget", lambda *_: None),
    "I7: a reference counts again once delivered": ("exchange", _once_more_when_delivered),
    "I7: a coupon is good twice": ("redeem", _coupon_stays_open),
    "I7: a receipt counts twice": ("record_receipt", _receipt_once_more),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_of_the_exchange_fails_the_run(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    name, planted = FAULTS[fault]
    monkeypatch.setattr(ReferenceExchange, name, planted)
    start = STARTS[0]
    with ExchangeNode(start - SETTING_UP_SECONDS) as node:
        machine = ExchangeMachine(node, start, 1_000, Tally())
        with pytest.raises(AssertionError):
            for step in range(STEPS_A_RUN):
                machine.step()
                if step % COMPARED_EVERY == 0:
                    machine.compare_everything()
