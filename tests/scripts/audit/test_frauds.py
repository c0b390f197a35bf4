"""Every kind of fraud, once, on a target of its own; `make test-frauds` plants twenty of each."""

import pytest

from scripts.lib.audit.frauds.kinds import FRAUDS
from scripts.lib.audit.verify import verify
from scripts.lib.audit.violation import DATASET
from scripts.lib.audit.violation_story import STORIES
from tests.scripts.audit.frauds import audit_fraud


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
