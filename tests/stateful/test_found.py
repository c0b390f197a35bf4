"""Where contract and interface once disagreed: each as the shortest steps that showed it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from scripts.lib.japan_calendar import day_of, moment_from_text
from scripts.lib.payment.sale_number import sale_number
from scripts.lib.payment.signing import Payment
from scripts.lib.reference.sales import Terms
from scripts.lib.refusal import Refused
from tests.stateful.machine import Machine
from tests.stateful.profiles import PROFILES
from tests.stateful.sale_steps import lot_words
from tests.stateful.signatures import Signature
from tests.stateful.steps import Step

MARCH_2029 = 350
LOT_END = MARCH_2029 + 6


class Play:
    """A town with one minter and one shop, and steps one after the other."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self.now = machine.ledger.now
        town = machine.town
        self.shop, self.resident, self.minter = town.shops[0], town.residents[0], town.minters[0]
        self.act("increaseMinterAllowance", self.minter, 10**9)
        self.act("approveMerchant", self.shop, 1, "さくら書店", "川崎区")

    def take(self, sender: str, function: str, *arguments: Any) -> Refused | None:
        """Take a step; contract and model do the same, or it fails."""
        self.now += 1
        return self._machine.take(Step(function, self.now, sender, function, arguments)).refusal

    def act(self, function: str, *arguments: Any) -> None:
        """Let officers act."""
        assert self.take(self._machine.town.officers, function, *arguments) is None

    def pay(self, day: int, points: int) -> int:
        """Let the resident pay the first sale of a day; return its number."""
        sale, valid_until = sale_number(day, 1), self.now + 60
        terms = Terms(self.resident, sale, points, valid_until)
        message = Payment(self.resident, self.shop, sale, points, valid_until, 0)
        paid = self.take(self.shop, "paySigned", self.shop, terms, Signature(message, self.resident))
        assert paid is None
        return sale

    def refund(self, sale: int, points: int, *lots: tuple[int, int]) -> Refused | None:
        """Let the shop refund."""
        return self.take(self.shop, "refund", self.shop, sale, self.resident, lot_words(lots), points)


@pytest.fixture
def play() -> Iterator[Play]:
    """A town on 1 March 2029, whose resident has 1,000 points in one lot."""
    profile = replace(PROFILES["town"], start=moment_from_text("2029-03-01"))
    with Machine(profile) as machine:
        town = Play(machine)
        assert town.take(town.minter, "mintUntil", town.resident, 1_000, LOT_END) is None
        yield town


def test_payment_to_an_account_that_is_no_merchant_is_refused_alike_whatever_it_holds(play: Play) -> None:
    """Bits of a resident's lots were read as a generation of owners."""
    for key in (play.resident, play.minter):
        refusal = play.take(key, "payBatch", play.resident, (), None)
        assert refusal is not None and refusal.name == "PointNotTill", refusal


def test_refund_of_nothing_tells_what_is_left(play: Play) -> None:
    sale = play.pay(day_of(play.now), 100)
    refusal = play.refund(sale, 0, (LOT_END, 100))
    assert refusal is not None and refusal.arguments == (sale, 100, 0), refusal
