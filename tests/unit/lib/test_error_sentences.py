"""Every refusal of the contracts has its sentence."""

import re
import string
import subprocess
import sys

import pytest

from scripts.lib.artifacts import read_all_artifacts
from scripts.lib.error_sentences import ISSUES, SENTENCES, UNKNOWN, issue_sentence, sentence_of
from scripts.lib.payment.issue import PaymentIssue
from scripts.lib.workspace import ROOT

OTHER_STANDARDS = re.compile(r"ERC(721|1155)")
"""Errors that OpenZeppelin declares beside those of ERC-20; no contract here can raise them."""
BUILT_IN = {"Error": ["message"], "Panic": ["code"]}


def declared():
    """Return the arguments of every custom error in the ABIs, by name."""
    errors = dict(BUILT_IN)
    for artifact in read_all_artifacts():
        for entry in artifact.abi:
            if entry["type"] == "error" and not OTHER_STANDARDS.match(entry["name"]):
                errors[entry["name"]] = [argument["name"] for argument in entry["inputs"]]
    return errors


def test_every_custom_error_has_a_sentence_and_no_sentence_is_left_over():
    assert set(SENTENCES) == set(declared())


@pytest.mark.parametrize("language", ["english", "japanese"])
def test_sentences_name_arguments_that_their_errors_have(language):
    for name, arguments in declared().items():
        sentence = getattr(SENTENCES[name], language)
        used = {field for _, field, _, _ in string.Formatter().parse(sentence) if field is not None}
        assert used <= set(arguments), name
        assert sentence.endswith(("。" if language == "japanese" else ".", "}")), sentence
        assert bool(re.search(r"[ぁ-んァ-ヶ一-龠]", sentence)) is (language == "japanese"), sentence


@pytest.mark.parametrize("value", [0, 17, 2**256 - 1, True, "0x00", b"\x01", ""])
def test_sentence_of_any_arguments_is_text(value):
    for name, arguments in declared().items():
        sentence = sentence_of(name, dict.fromkeys(arguments, value))
        assert "{" not in sentence.english + sentence.japanese


def test_arguments_appear_as_people_read_them():
    late = sentence_of("PointSaleDay", {"sale": 9500 << 16 | 17, "firstDay": 9493, "lastDay": 9500})
    assert late.japanese == (
        "売上2026年1月4日17番は支払いを受けられる日(2025年12月28日から2026年1月4日)を外れています。"
    )
    lot = {"account": "0x1", "month": 314, "amountPoints": 1200, "neededPoints": 30_000}
    assert sentence_of("PointLotTooSmall", lot).english == (
        "The account holds 1,200 points that end with 2026-03, 30,000 are needed."
    )
    assert sentence_of("NoSuchError", {}) == UNKNOWN


def test_every_issue_of_a_payment_has_a_sentence():
    assert set(ISSUES) == set(PaymentIssue)
    assert issue_sentence(PaymentIssue.NOT_ENOUGH_POINTS).japanese == "ポイントが足りません。"


def test_counter_and_purse_need_web3_eth_account_and_segno_alone():
    """In a process where Brownie and everything else that the project uses cannot be imported."""
    program = """
import importlib, pkgutil, sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {"brownie", "msgspec", "rich", "psutil", "solcx", "pytest", "yaml"}:
            raise ImportError(name)

sys.meta_path.insert(0, Blocked())
for package in ("scripts.lib.merchant", "scripts.lib.resident"):
    for module in pkgutil.walk_packages(importlib.import_module(package).__path__, package + "."):
        importlib.import_module(module.name)
import scripts.merchant, scripts.resident
print("imported")
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.stdout == "imported\n", done.stderr
