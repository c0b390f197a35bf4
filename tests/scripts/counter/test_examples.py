"""The examples that a shop's developer copies work as they stand, and stay short."""

import os
import subprocess
import sys

import pytest

from scripts.lib.workspace import NODE, ROOT, inside_variables
from tests.support.counter_town import key

EXAMPLES = ROOT / "docs" / "examples"
LINES = 50
PROGRAMS = pytest.mark.parametrize(("program", "file"), [(sys.executable, "pay.py"), (str(NODE), "pay.mjs")])


@pytest.fixture
def run(town, tmp_path):
    """Run an example with the book and the series of the town."""
    town.book.write(tmp_path / "book.json")

    def started(program, file, *arguments):
        place = [town.chain.url, str(tmp_path / "book.json"), town.series]
        return subprocess.run(
            [program, str(EXAMPLES / file), *place, *arguments],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env={**os.environ, **inside_variables()},
            check=False,
        )

    return started


@PROGRAMS
def test_example_pays_once_and_says_why_not_twice(town, run, program, file):
    payer = key("Hanako")
    town.grant(payer.address, 1_000)
    arguments = (town.shop.key.to_0x_hex(), payer.key.to_0x_hex(), "300", "7")
    done = run(program, file, *arguments)
    assert done.stdout.split()[::2] == ["paid", "700"], done.stderr
    assert town.balance(payer.address) == 700
    again = run(program, file, *arguments)
    assert again.returncode == 1
    assert "is used: take the next serial number" in again.stderr
    assert town.balance(payer.address) == 700


@PROGRAMS
def test_example_says_a_refusal_in_words_with_its_numbers(town, run, program, file):
    payer = key("Hanako")
    town.grant(payer.address, 100)
    refused = run(program, file, town.shop.key.to_0x_hex(), payer.key.to_0x_hex(), "300", "9")
    assert refused.returncode == 1
    assert (
        "refused ERC20InsufficientBalance: 残高不足です。残高100ポイント、必要300ポイント。" in refused.stderr
    )


def test_example_finds_out_after_a_dropped_line_and_pays_once(town, run, tmp_path):
    payer = key("Hanako")
    town.grant(payer.address, 1_000)
    arguments = (town.shop.key.to_0x_hex(), payer.key.to_0x_hex(), "300", "10")
    snapshot = town.chain.rpc("evm_snapshot")
    sale = run(sys.executable, "pay.py", *arguments).stdout.split()[1]
    town.chain.rpc("evm_revert", snapshot)  # as if the line had dropped before a byte of it was sent
    assert town.balance(payer.address) == 1_000
    for _ in range(2):
        resumed = run(sys.executable, "resume.py", str(tmp_path / f"sale-{sale}.json"))
        assert resumed.stdout.split() == ["paid", sale, "300"], resumed.stderr
        assert town.balance(payer.address) == 700


def test_example_does_not_take_another_payment_of_the_sale_for_its_own(town, run, tmp_path):
    payer, other = key("Hanako"), key("Jiro")
    for each in (payer, other):
        town.grant(each.address, 1_000)
    snapshot = town.chain.rpc("evm_snapshot")
    run(sys.executable, "pay.py", town.shop.key.to_0x_hex(), payer.key.to_0x_hex(), "300", "11")
    [kept] = tmp_path.glob("sale-*.json")
    mine = kept.read_text()
    town.chain.rpc("evm_revert", snapshot)
    run(sys.executable, "pay.py", town.shop.key.to_0x_hex(), other.key.to_0x_hex(), "300", "11")
    kept.write_text(mine)
    resumed = run(sys.executable, "resume.py", str(kept))
    assert resumed.returncode == 1 and "paid by somebody else" in resumed.stdout, resumed.stderr
    assert town.balance(payer.address) == 1_000


def test_example_refunds_part_of_what_was_paid_and_no_more(town, run):
    payer = key("Hanako")
    town.grant(payer.address, 1_000)
    owner = town.shop.key.to_0x_hex()
    paid = run(sys.executable, "pay.py", owner, payer.key.to_0x_hex(), "300", "8")
    sale = paid.stdout.split()[1]
    back = run(sys.executable, "refund.py", town.shop.address, owner, sale, "100")
    assert "refunded claim: 200 0 0" in back.stdout, back.stderr
    assert town.balance(payer.address) == 800
    too_much = run(sys.executable, "refund.py", town.shop.address, owner, sale, "201")
    assert "refused PointRefundTooLarge" in too_much.stderr
    stranger = run(sys.executable, "refund.py", town.shop.address, payer.key.to_0x_hex(), sale, "1")
    assert "refused PointNotOwner" in stranger.stderr
    assert "was not paid" in run(sys.executable, "refund.py", town.shop.address, owner, "1", "1").stderr


def test_book_names_every_error_and_answer(town):
    errors = town.book.error_table()
    assert errors["0x538ae661"]["name"] == "PointSaleUsed"
    assert all(each["ja"] and each["en"] for each in errors.values())


@pytest.mark.parametrize("file", ["pay.py", "pay.mjs", "refund.py", "resume.py"])
def test_example_is_short(file):
    lines = [line for line in (EXAMPLES / file).read_text(encoding="utf-8").splitlines() if line.strip()]
    assert len(lines) <= LINES
