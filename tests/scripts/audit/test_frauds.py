"""Every kind of fraud, once, on a target of its own; `make test-frauds` plants twenty of each."""

from random import Random

import pytest

from scripts.lib.audit.dataset import Dataset
from scripts.lib.audit.frauds.kinds import FRAUDS
from scripts.lib.audit.frauds.planting import NoTargetError, _people, _target
from scripts.lib.audit.statements.history import read_history
from scripts.lib.audit.verify import verify
from scripts.lib.audit.violation import DATASET
from scripts.lib.audit.violation_story import STORIES
from tests.scripts.audit.frauds import audit_fraud
from tests.support.told_series import ToldSeries


def test_untampered_history_gives_no_finding(town, dataset):
    verdict = verify(town.rpc, dataset)
    assert verdict.violations == []
    assert verdict.events > 250 and verdict.figures > 700 and verdict.months > 15, verdict


@pytest.mark.parametrize("name", FRAUDS)
def test_fraud_is_found_and_named(town, dataset, tmp_path, name):
    expected, verdict = audit_fraud(town, dataset, tmp_path / "dataset", name, seed=0)
    assert any(map(expected.is_named_by, verdict.violations)), (expected, verdict.violations)
    for its in verdict.violations[:STORIES]:
        assert its.breaks == DATASET or names_its_transaction(its), its


def names_its_transaction(its):
    """Whether transaction, block and sender are told in both languages.

    Where no transaction did it, or the node has forgotten, it is the last one known about it that is told.
    """
    if not its.block:
        return False
    if its.transaction:
        told = (its.transaction, its.sender, f"{its.block:,}")
        return its.sender != "" and all(part in text for part in told for text in its.story)
    return "送信者: " in its.story.japanese and ", sent by " in its.story.english


@pytest.fixture(scope="module")
def people(dataset):
    """Chooses whom a kind of fraud is planted on in a series; None if it does not lend itself to it."""
    kept = Dataset(dataset)
    history = read_history(kept)

    def choose(kind, token):
        return _people(kind, token, kept, history, Random(1))

    choose.history = history
    return choose


def test_fraud_about_sales_is_planted_on_two_who_paid_at_one_shop(town, people, monkeypatch):
    its = people("double_payment_of_a_sale", town.token)
    assert {its.first, its.second} == {town.first, town.second} and its.shop == town.shop
    assert {its.paid, its.other_paid} == {town.paid, town.other_paid}
    monkeypatch.setattr(people.history.replay.series[town.token].sales, "payments", {})
    assert people("double_payment_of_a_sale", town.token) is None


def test_fraud_of_a_service_is_planted_where_it_may_mint(town, people):
    [other] = people.history.replay.registered.keys() - {town.token}
    assert people("service_mints_for_nobody", town.token) is not None
    assert people("service_mints_for_nobody", other) is None


def test_fraud_for_which_nobody_holds_points_is_not_planted(tmp_path):
    story = ToldSeries()
    story.tell("RefundDaysSet", refundDays=30)
    with pytest.raises(NoTargetError, match="points_burned: no series lends itself to it"):
        _target("points_burned", None, story.write(tmp_path / "dataset"), Random(1))
