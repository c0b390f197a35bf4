import pytest

from scripts.lib.gas import growth, growth_page, stranger_gas
from scripts.lib.gas.meter import TRANSACTION_GAS_LIMIT

REMEASURE = "If that is meant: make bench ARGS=--growth, and commit docs/growth.json and docs/assurance.md."


@pytest.fixture(scope="module")
def footprints(compilation):
    return growth.footprints(compilation)


@pytest.fixture(scope="module")
def costs(compilation):
    return stranger_gas.costs(compilation)


def test_acts_leave_what_the_file_says(footprints):
    found = {name: footprint._asdict() for name, footprint in footprints.items()}
    assert found == growth_page.read_figures()["acts"], REMEASURE


def test_year_is_computed_from_what_was_measured(footprints):
    found = {name: part._asdict() for name, part in growth.year(footprints).items()}
    assert found == growth_page.read_figures()["year"], REMEASURE


def test_page_shows_the_figures_of_the_file():
    assert growth_page.is_page_current(), REMEASURE


def test_payments_leave_no_word_but_the_first_of_their_sale(footprints):
    assert footprints[growth.FIRST_SALE].slots == 1
    for act in (growth.TRANSFER, growth.SALE, growth.SALE_IN_BATCH, growth.REFUND):
        assert footprints[act].slots == 0, act


def test_verbs_cost_what_the_file_says(costs):
    found = {verb: each._asdict() for verb, each in costs.items()}
    assert found == growth_page.read_figures()["strangers"], REMEASURE


def test_no_stranger_makes_a_verb_dearer(costs):
    dearer = {verb: each for verb, each in costs.items() if each.among_strangers > each.alone}
    assert not dearer


def test_givers_make_nothing_dearer_than_a_lot_of_every_month_does(costs):
    dearer = {verb: each for verb, each in costs.items() if each.given_again > each.among_givers}
    assert not dearer


def test_verbs_of_a_full_account_fit_into_a_transaction_ten_times(costs):
    large = {verb: each for verb, each in costs.items() if 10 * max(each) > TRANSACTION_GAS_LIMIT}
    assert not large
