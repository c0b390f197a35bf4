"""The figures of README.md, and the contract's in decision 0001, are those of the gas snapshot."""

import json
import re

import pytest

from scripts.lib.workspace import ROOT

SNAPSHOT = json.loads((ROOT / "tests" / "gas" / "snapshot.json").read_text(encoding="utf-8"))
SMALLEST_GAS = 2_000
"""Smaller numbers in that section count shops, lots or people."""


@pytest.fixture(scope="module")
def section():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    [found] = re.findall(r"^## What a payment costs\n(.*?)^## ", text, re.MULTILINE | re.DOTALL)
    return found


def test_every_gas_figure_is_one_of_the_snapshot(section):
    measured = {round(entry[of]) for entry in SNAPSHOT.values() for of in ("ours", "anchor") if entry[of]}
    told = {int(number.replace(",", "")) for number in re.findall(r"\b\d{1,3}(?:,\d{3})+\b", section)}
    told = {number for number in told if number >= SMALLEST_GAS}
    assert len(told) > 15
    assert told <= measured, told - measured


def test_every_ratio_is_one_of_the_snapshot(section):
    measured = {round(entry["ratio"], 3) for entry in SNAPSHOT.values() if entry["ratio"]}
    told = {float(ratio) for ratio in re.findall(r"\| (\d\.\d{3}) \|", section)}
    assert len(told) > 5
    assert told <= measured, told - measured


def test_size_of_the_tightest_contracts_is_told():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for contract in ("MunicipalPoint", "PartnerExchange"):
        assert f"{contract} {SNAPSHOT[f'size_{contract}']['ours']:,}" in text.replace(" has ", " "), contract


def test_decision_on_the_words_tells_the_contract_s_figures_of_today():
    text = (ROOT / "docs" / "decisions" / "0001-account-and-supply-words.md").read_text(encoding="utf-8")
    for name in ("payment_existing", "total_supply", "total_supply_12_months_not_closed"):
        assert f"{SNAPSHOT[name]['ours']:,}" in text, name
    assert f"{SNAPSHOT['payment_existing']['anchor']:,}" in text
