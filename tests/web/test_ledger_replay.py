"""The months of the public ledger against the Python replay: refunds, settlement, replaced accounts."""

import pytest

from scripts.lib.audit.dataset import Dataset
from scripts.lib.audit.event_stream import read_dataset
from scripts.lib.calls import View
from scripts.lib.japan_calendar import month_of
from tests.scripts.audit.audited_town import play_town
from tests.web.support.ledger import Month, months_by_replay
from tests.web.support.modules import run_module

FOLLOW = """
const { events, exchange, now } = given;
const recorded = (cell) => [...cell.transactions.values()].reduce((sum, part) => sum + part.points, 0);
const { months, claims } = follow(events, exchange, now);
const told = months.map(({ month, cells, outstanding }) => ({
  month, outstanding, ...Object.fromEntries(FLOWS.map((flow) => [flow, cells[flow].points])),
  behind: Object.fromEntries(FLOWS.map((flow) => [flow, recorded(cells[flow])])),
}));
const periods = published(months).periods.map(({ first, last, cells, outstanding }) => ({
  first, last, outstanding, points: FLOWS.map((flow) => cells[flow].points),
  people: FLOWS.map((flow) => cells[flow].people.size),
}));
return { told, claims, periods };
"""


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    town = play_town(tmp_path_factory.mktemp("audited"))
    yield town
    town.chain.stop()


@pytest.fixture(scope="module")
def dataset(town, tmp_path_factory):
    return town.dataset(tmp_path_factory.mktemp("audit") / "dataset")


@pytest.fixture(scope="module")
def followed(town, dataset, tmp_path_factory):
    """What the page's module makes of each series, in a process of its own."""
    folder = tmp_path_factory.mktemp("modules")
    [exchange] = [each.address for each in Dataset(dataset).contracts if each.kind == "PartnerExchange"]
    now = month_of(town.chain.now())
    found = {}
    for token in months_by_replay(town.rpc, dataset):
        events = [as_page_has(event) for event in read_dataset(Dataset(dataset)) if event.address == token]
        given = {"events": events, "exchange": exchange, "now": now}
        names = "follow, FLOWS"
        body = 'const { published } = await import("@/ledger/periods");' + FOLLOW
        found[token] = run_module(folder, "ledger/replay", names, body, given)
    return found


def as_page_has(event):
    accounts = {name: value.lower() for name, value in event.arguments.items() if isinstance(value, str)}
    numbers = {name: int(value) for name, value in event.arguments.items() if isinstance(value, int)}
    return {
        "name": event.name, "accounts": accounts, "numbers": numbers, "month": month_of(event.time),
        "block": event.block, "index": event.log_index, "transaction": event.transaction,
    }  # fmt: skip


def test_page_and_python_agree_on_every_month_of_an_audited_town(town, dataset, followed):
    kinds = {event.name for event in read_dataset(Dataset(dataset))}
    assert {"Carried", "Lapsed", "Settled", "SaleRefunded"} <= kinds
    compared = 0
    for token, months in months_by_replay(town.rpc, dataset).items():
        told = {each["month"]: each for each in followed[token]["told"]}
        for month, expected in months.items():
            empty = dict.fromkeys(Month._fields, 0)
            its = told.get(month, empty)
            assert Month(*(its[name] for name in Month._fields)) == expected, (token, month)
            compared += any(expected)
    assert compared > 10


def test_outstanding_and_claims_are_the_supply_that_the_contract_tells(town, followed):
    for token, found in followed.items():
        outstanding = found["told"][-1]["outstanding"]
        [supply] = town.demo.deployer.read([View("MunicipalPoint", token, "totalSupply")])
        assert outstanding + found["claims"] == supply


def test_transactions_behind_a_figure_add_up_to_it_but_for_what_the_calendar_ended(followed):
    for found in followed.values():
        for month in found["told"]:
            behind = month["behind"]
            assert all(behind[flow] == month[flow] for flow in behind if flow != "lapsed")
            assert behind["lapsed"] <= month["lapsed"]


def test_no_published_figure_is_of_one_to_nine_people(followed):
    for found in followed.values():
        for period in found["periods"]:
            assert all(people == 0 or people >= 10 for people in period["people"]), period
