"""The check that follows every test of a series can fail."""

import brownie
import pytest

from scripts.lib.node.rpc import Rpc
from tests.support import books
from tests.support.books import check_books
from tests.support.clock import JUNE


@pytest.fixture(autouse=True)
def isolation(fn_isolation):
    pass


@pytest.fixture
def falsified(monkeypatch):
    """`falsified(view, change)` changes what the series answers to every question of one kind."""
    ask = books._ask

    def falsify(view, change):
        def ask_and_change(rpc, point, questions):
            return [
                change(answer) if question[0] == view else answer
                for question, answer in zip(questions, ask(rpc, point, questions), strict=True)
            ]

        monkeypatch.setattr(books, "_ask", ask_and_change)

    return falsify


@pytest.fixture
def check(point, minter, resident, shop):
    point.mintUntil(resident, 100, JUNE, {"from": minter})
    point.transfer(shop, 30, {"from": resident})
    rpc = Rpc(brownie.web3.provider.endpoint_uri)
    yield lambda: check_books(rpc, point.address)
    rpc.close()


def test_check_books_passes_for_books_that_balance(check):
    check()


@pytest.mark.parametrize(
    ("view", "change", "complaint"),
    [
        ("totalSupply", lambda supply: supply + 1, "totalSupply"),
        ("balanceOf", lambda balance: balance + 1, "balance="),
        ("lotsOf", lambda lots: (lots[0], tuple(amount - 1 for amount in lots[1])), "balance="),
        ("lotsOf", lambda lots: (lots[0] * 2, (*lots[1], *(0 for _ in lots[1]))), "out of order"),
        ("claimOf", lambda claim: (claim[0], claim[1], 1), "balance="),
        ("pointsEndingWith", lambda points: points + 1, "live points"),
    ],
)
def test_check_books_fails_when_one_answer_is_off_by_one(check, falsified, view, change, complaint):
    falsified(view, change)
    with pytest.raises(AssertionError, match=complaint):
        check()
