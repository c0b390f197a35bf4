"""Odd patterns in years by chance: few in an honest one, and what was planted stands on top."""

from io import StringIO

import numpy as np
import pyarrow as pa
import pytest
from rich.console import Console

from scripts.lib.audit.event_tables import schema_of
from scripts.lib.audit.patterns.movements import ACCOUNT_REPLACED, PAYMENT, TRANSFER, movements_of
from scripts.lib.audit.patterns.odd_pattern import PatternKind
from scripts.lib.audit.patterns.pattern_page import tell_patterns
from scripts.lib.audit.patterns.search import find_patterns
from scripts.lib.node.event_log import to_address
from tests.scripts.audit.patterns.pattern_years import MOST_FALSE_ALARMS, play
from tests.support.honest_year import HonestYear
from tests.support.planted_patterns import PLANTS

QUICK = 25_000


@pytest.fixture(scope="module")
def planted():
    return play(2022, size=1, payments=QUICK)


def test_honest_year_of_100_000_payments_gives_few_false_alarms():
    found = play(1)
    assert found.payments > 95_000
    assert len(found.patterns) <= MOST_FALSE_ALARMS, [its.says.english for its in found.patterns]


@pytest.mark.parametrize("place", range(len(PLANTS)), ids=list(PLANTS))
def test_planted_fraud_is_found_before_any_false_alarm(planted, place):
    fraud = planted.planted[place]
    found = planted.place_of(fraud)
    assert found is not None, f"{fraud} is not among {planted.patterns}"
    assert found < min(planted.false_alarms(), default=len(planted.patterns))


def test_frauds_of_all_kinds_are_planted(planted):
    assert {kind for fraud in planted.planted for kind in fraud.kinds} == set(PatternKind)


def test_finding_names_its_transactions_sorted_and_its_blocks(planted):
    for found in planted.patterns:
        assert found.transactions == tuple(sorted(set(found.transactions))) != ()
        assert 0 < found.first_block <= found.last_block and found.first_time <= found.last_time
        assert found.merchants and found.accounts and found.points > 0


def test_sentences_tell_figures_in_both_languages(planted):
    for found in planted.patterns:
        assert f"{found.points:,}" in found.says.japanese or found.kind is PatternKind.REFUND_FARM
        assert "ポイント" in found.says.japanese and "points" in found.says.english


def test_findings_do_not_depend_on_the_order_of_files():
    year = HonestYear(7, QUICK)
    PLANTS["cash ring"][1](year)
    PLANTS["refund farm"][1](year)
    tables = year.tables()
    turned = {name: _turned(table) for name, table in tables.items()}
    found = find_patterns(movements_of(tables))
    assert find_patterns(movements_of(turned)) == found != []


def _turned(table):
    half = table.num_rows // 2
    return pa.concat_tables([table.slice(half), table.slice(0, half)])


def test_person_with_a_new_card_is_the_same_person():
    year = HonestYear(5, QUICK)
    ring = PLANTS["cash ring"][1](year)
    tables = year.tables()
    renewed = [year.accounts[person].tobytes() for person in ring.persons[::2]]
    cards = {old: b"new card" + old[:12] for old in renewed}
    before, after = movements_of(tables), movements_of(_with_new_cards(tables, cards))
    assert len(after.addresses) == len(before.addresses) + len(cards)
    assert _people(after) == _people(before)
    [found] = [its for its in find_patterns(after) if its.kind is PatternKind.CLOSED_CIRCLE]
    held = {year.accounts[person].tobytes() for person in ring.persons} | cards.keys() | set(cards.values())
    assert {to_address("0x" + account.hex()) for account in held} <= set(found.accounts)


def _people(movements):
    return len(np.unique(movements.person[movements.kind == PAYMENT]))


def _with_new_cards(tables, cards):
    """Let some accounts be replaced in the second half of the year."""
    moved = tables[TRANSFER]
    time = np.asarray(moved.column("time"))
    late = (time > (time[0] + time[-1]) // 2).tolist()
    for name in ("from", "to"):
        column = [
            cards.get(account, account) if is_late else account
            for account, is_late in zip(moved.column(name).to_pylist(), late, strict=True)
        ]
        field = moved.schema.field(name)
        moved = moved.set_column(moved.schema.get_field_index(name), field, pa.array(column, field.type))
    schema = schema_of(ACCOUNT_REPLACED)
    empty = {field.name: bytes(32) if field.type == pa.binary(32) else 1 for field in schema}
    replaced = [
        empty | {"contract": bytes(20), "oldAccount": old, "newAccount": new} for old, new in cards.items()
    ]
    return tables | {TRANSFER: moved, ACCOUNT_REPLACED: pa.Table.from_pylist(replaced, schema=schema)}


def test_page_tells_every_finding_in_both_languages_and_where_to_look(planted):
    console = Console(file=StringIO(), width=20_000)
    tell_patterns(console, planted.patterns)
    page = console.file.getvalue()
    for found in planted.patterns:
        assert found.says.japanese in page and found.says.english in page
        assert found.transactions[0] in page and all(shop in page for shop in found.merchants)
    tell_patterns(console, [])
    assert "No odd patterns / 特異な取引は見つかりませんでした" in console.file.getvalue()
