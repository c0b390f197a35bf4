"""docs/scale.md says what follows from the committed measurements, and no figure besides."""

import re

import msgspec
import pytest

from scripts import bench_load
from scripts.lib.load.figures import read_load
from scripts.lib.load.scale import PAGE, Scale, _bytes, page_with

MOST_GROWTH = 1.02


@pytest.fixture(scope="module")
def page():
    return PAGE.read_text(encoding="utf-8")


def test_tables_of_the_page_follow_from_the_committed_files(page):
    assert page_with(Scale.of_committed().tables(), page) == page


def test_page_has_no_figure_outside_its_tables(page):
    text = re.sub(r"<!-- table: .+? -->.*?<!-- end of table -->", "", page, flags=re.DOTALL)
    text = re.sub(r"`[^`]*`|\]\([^)]*\)|EIP-\d+", "", text)
    assert not re.findall(r"\S*\d\S*", text)


def test_table_changes_with_each_measurement():
    scale = Scale.of_committed()
    dearer = Scale({**scale.gas, "signed_payment": scale.gas["signed_payment"] * 2}, scale.load, 2)
    changed = {name for name, table in dearer.tables().items() if table != scale.tables()[name]}
    assert {"rates", "design load"} <= changed


@pytest.mark.parametrize(
    ("size", "told"),
    [(999_999, "999,999 bytes"), (2_500_000, "2.5 MB"), (3e9, "3.0 GB"), (1.2e12, "1.2 TB")],
)
def test_size_is_told_in_the_largest_unit_of_which_it_has_one(size, told):
    assert _bytes(size) == told


def test_page_with_a_missing_table_is_refused(page):
    tables = Scale.of_committed().tables()
    tables.popitem()
    with pytest.raises(LookupError, match="the page has the tables"):
        page_with(tables, page)


def test_payment_of_the_committed_load_test_costs_the_same_when_the_nation_is_whole():
    load = read_load()
    assert load.payment_gas.whole <= load.payment_gas.small * MOST_GROWTH
    assert load.payment_gas.small_residents == 10_000 < load.residents
    assert load.payment_gas.small_merchants == 10 < load.merchants == 10_000


def test_payment_of_the_committed_load_test_is_that_of_the_gas_snapshot():
    assert read_load().payment_gas.small == Scale.of_committed().gas["signed_payment"]


def test_audit_of_the_committed_load_test_has_found_nothing():
    assert read_load().audit.found == 0


def test_dearer_payment_fails_the_load_test():
    load = read_load()
    gas = load.payment_gas
    for whole, code in ((gas.small * 102 // 100, 0), (gas.small * 103 // 100, 1)):
        assert (
            bench_load.exit_code(
                msgspec.structs.replace(load, payment_gas=msgspec.structs.replace(gas, whole=whole))
            )
            == code
        )


def test_finding_of_the_audit_fails_the_load_test():
    load = read_load()
    found = msgspec.structs.replace(load.audit, found=1)
    assert bench_load.exit_code(msgspec.structs.replace(load, audit=found)) == 1
