"""Every kind of fraud, once, on a target of its own; `make test-frauds` plants twenty of each."""

import pytest

from scripts.lib.audit.frauds.kinds import FRAUDS
from scripts.lib.audit.verify import verify
from tests.scripts.audit.frauds import audit_fraud


def test_untampered_history_gives_no_finding(town, dataset):
    verdict = verify(town.rpc, dataset)
    assert verdict.violations == []
    assert verdict.events > 250 and verdict.figures > 700 and verdict.months > 15, verdict


@pytest.mark.parametrize("name", FRAUDS)
def test_fraud_is_found_and_named(town, dataset, tmp_path, name):
    expected, verdict = audit_fraud(town, dataset, tmp_path / "dataset", name, seed=0)
    assert any(map(expected.is_named_by, verdict.violations)), (expected, verdict.violations)
