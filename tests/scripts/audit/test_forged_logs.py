"""Whatever a log was made to tell, an audit ends with a verdict, and statements and report are written."""

from collections import defaultdict
from random import Random

import pyarrow as pa
import pytest

from scripts.lib.audit.chain_figures import chain_figures
from scripts.lib.audit.dataset import Dataset
from scripts.lib.audit.event_stream import read_dataset
from scripts.lib.audit.report.event_columns import EventColumns
from scripts.lib.audit.report.figures import read_figures
from scripts.lib.audit.statements.history import read_history
from scripts.lib.audit.statements.papers import statement_files
from scripts.lib.audit.verify import _Audit, verify
from scripts.lib.node.rpc import ChainIdentity

FORGERIES = 40
LARGE = (255, 2**40, 2**63 - 1)


@pytest.fixture(scope="module")
def kept(dataset):
    return Dataset(dataset)


@pytest.fixture(scope="module")
def told(kept):
    """Every event of the town."""
    return list(read_dataset(kept))


@pytest.fixture(scope="module")
def seen(told):
    """By name of an argument, what stood there."""
    values = defaultdict(list)
    for event in told:
        for name, value in event.arguments.items():
            values[name].append(value)
    return values


def forged(told, seen, random):
    """Leave an event out, tell one again or elsewhere, or change one of its arguments; up to three times."""
    events = list(told)
    for _ in range(random.randint(1, 3)):
        place, other = random.randrange(len(events)), random.randrange(len(events))
        event = events[place]
        match random.choice(("leave out", "again", "elsewhere", "change", "change", "change")):
            case "leave out":
                del events[place]
            case "again":
                events.insert(place, event)
            case "elsewhere":
                there = events[other]
                at = {"time": there.time, "block": there.block, "transaction": there.transaction}
                events.insert(other, event._replace(**at))
            case _ if event.arguments:
                name = random.choice(list(event.arguments))
                value = random.choice(seen[name])
                if type(value) is int and random.random() < 0.5:
                    value = random.choice(LARGE)
                events[place] = event._replace(arguments=event.arguments | {name: value})
    return events


@pytest.mark.parametrize("seed", range(FORGERIES))
def test_audit_of_a_forged_log_ends_with_a_verdict(kept, told, seen, seed):
    audit = _Audit(None, kept, kept.header, None)
    audit.replay = audit._new_replay()
    for event in forged(told, seen, Random(seed)):
        audit._close_months(event.time)
        audit._take(event)
    audit._finish()
    header = kept.header
    parts = (header.platform, header.officers, header.residents)
    assert sum(1 for _ in chain_figures(audit.replay, *parts, kept.seal.time)) > 500


HIDDEN = {
    "who a partner is": ["PartnerExchange.PartnerRegistered"],
    "how exchanges and coupons began": [
        "PartnerExchange.Exchanged",
        "PartnerExchange.CouponIssued",
        "PartnerExchange.ExchangeSeriesSet",
    ],
    "whose a series is": ["PointPlatform.SeriesRegistered"],
}


@pytest.mark.parametrize("what", HIDDEN)
def test_log_that_hides_something_is_named_and_its_statements_and_report_are_written(kept, tmp_path, what):
    """The files are whole, as who owns the node has them."""
    tables = defaultdict(list)
    for segment in kept.segments:
        for name, table in kept.tables(segment):
            if name not in HIDDEN[what]:
                tables[name].append(table)
    header = kept.header
    copy = Dataset(tmp_path / "dataset")
    parts = (header.platform, header.officers, header.residents, header.first)
    copy.begin(ChainIdentity(header.chain_id, header.genesis), *parts)
    for contract in kept.contracts:
        copy.add_contract(contract)
    whole = {name: pa.concat_tables(parts) for name, parts in tables.items()}
    copy.add_segment(header.first, kept.last, kept.seal, whole)
    forged_log = Dataset(copy.folder)
    assert verify(None, copy.folder).violations
    history = read_history(forged_log)
    papers = dict(statement_files(history))
    assert all(len(papers[name].splitlines()) > 2 for name in ("residents.csv", "merchants.csv"))
    assert read_figures(EventColumns(forged_log)).series
