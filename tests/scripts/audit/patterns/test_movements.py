"""Movements of the audited town: columns that say what the replay of single events says."""

import numpy as np
import pytest

from scripts.lib.audit.dataset import Dataset
from scripts.lib.audit.event_stream import read_dataset
from scripts.lib.audit.patterns.movements import GRANT, NO_ROW, PAYMENT, REFUND, read_movements
from scripts.lib.audit.patterns.search import find_patterns
from scripts.lib.audit.statements.history import read_history


@pytest.fixture(scope="module")
def movements(dataset):
    return read_movements(Dataset(dataset))


@pytest.fixture(scope="module")
def replay(dataset):
    return read_history(Dataset(dataset)).replay


def test_payments_and_grants_are_those_of_the_replay(town, movements, replay):
    for token, series in replay.series.items():
        its = np.array([movements.address(each) == token for each in movements.series.tolist()])
        paid, granted = its & (movements.kind == PAYMENT), its & (movements.kind == GRANT)
        assert movements.points[paid].sum() == sum(flow.paid for flow in series.flows.values()) > 0
        assert paid.sum() == sum(flow.payments for flow in series.flows.values())
        assert movements.points[granted].sum() == series.minted.total() + series.restored.total()


def test_refund_knows_its_payment(town, movements):
    [*refunds] = np.flatnonzero(movements.kind == REFUND)
    assert refunds and (movements.paid[refunds] != NO_ROW).all()
    for refund in refunds:
        payment = movements.paid[refund]
        assert movements.kind[payment] == PAYMENT and payment < refund
        assert movements.sale[payment] == movements.sale[refund]
        assert movements.shop[payment] == movements.shop[refund]
        assert movements.points[refund] <= movements.points[payment]
    assert movements.points[refunds].sum() == 40 + 990
    assert (movements.paid[movements.kind != REFUND] == NO_ROW).all()


def test_bonus_belongs_to_the_payment_that_earned_it(dataset, movements):
    awarded = [event for event in read_dataset(Dataset(dataset)) if event.name == "BonusAwarded"]
    assert movements.bonus.sum() == sum(event.arguments["awardedPoints"] for event in awarded) > 0
    assert (movements.kind[movements.bonus > 0] == PAYMENT).all()


def test_person_keeps_what_a_replaced_account_had(town, movements):
    rows = np.flatnonzero(movements.kind == PAYMENT)
    accounts = {movements.address(int(account)) for account in movements.account[rows]}
    assert town.first in accounts and len(accounts) == 3, "the first resident paid with two cards"
    assert len(np.unique(movements.person[rows])) == 2


def test_shops_have_their_public_names(town, movements):
    rows = np.flatnonzero(movements.kind == PAYMENT)
    named = {
        movements.shop_name(*shop) for shop in zip(movements.series[rows], movements.shop[rows], strict=True)
    }
    assert named == {"朝市", "湯屋"}


def test_demo_town_has_no_odd_patterns(movements):
    assert find_patterns(movements) == []
