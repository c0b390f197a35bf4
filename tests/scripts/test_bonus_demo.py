"""A campaign of a small town in the demo, worked out by hand.

A fifth back at shops of category 1, from 100 points on, at most 300 points each, 400 in all:

- 5 June   resident 1 pays 1,000 (200 promised) and 900 (100, up to the cap)
           resident 2 pays 600 (100, up to the budget), and 600 to a shop of another category
- 6 June   resident 1 takes all of the 1,000 back, and 200 of the budget are free again
- 7 June   resident 2 pays 99
- 8 June   resident 2 pays 500 (100) and takes 50 back on the last day on which that is possible (90)

In July resident 1 gets 100, and resident 2 gets 100 + 90.
"""

import pytest

from scripts import demo
from scripts.lib.node.local_chain import LocalChain
from scripts.lib.reference import bonus as reference_bonus
from scripts.lib.replays import bonus as bonus_replay
from tests.scripts.small_town import CODE, FIRST, NAME, OTHER_SHOP, SECOND, SHOP, write_town

CAMPAIGN = "campaign,first_day,last_day,rate_percent,minimum,cap,budget,categories"
SALES = "time,resident,merchant,points,refund_time,refund_points"
TERMS = ["お買い物還元,2027-06-05,2027-06-18,20,100,300,400,1"]
SOLD = [
    f"2027-06-05T10:00:00,{FIRST},{SHOP},1000,2027-06-06T12:00:00,1000",
    f"2027-06-05T11:00:00,{FIRST},{SHOP},900,,",
    f"2027-06-05T12:00:00,{SECOND},{SHOP},600,,",
    f"2027-06-05T13:00:00,{SECOND},{OTHER_SHOP},600,,",
    f"2027-06-07T10:00:00,{SECOND},{SHOP},99,,",
    f"2027-06-08T10:00:00,{SECOND},{SHOP},500,2027-07-15T23:59:59,50",
]


@pytest.fixture
def run(tmp_path, capsys):
    """Runs the demo on a town with a campaign; gives exit code and everything printed."""

    def run(campaign=TERMS, sold=SOLD):
        data = write_town(tmp_path / "data")
        for file, header, rows in (("campaign", CAMPAIGN, campaign), ("sales", SALES, sold)):
            path = data / f"{CODE}-takayama" / f"bonus_{file}.csv"
            path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
        code = demo.main(["--data", str(data), "--out", str(tmp_path / "out")])
        printed = capsys.readouterr()
        return code, printed.out + printed.err

    return run


@pytest.fixture
def no_chain(monkeypatch):
    """Fails the test if the demo starts a chain."""

    def refuse(*_, **__):
        raise AssertionError("a chain was started")

    monkeypatch.setattr(LocalChain, "_start", refuse)


def row_of(printed, words):
    """Return the figures of a printed row."""
    [row] = (line for line in printed.splitlines() if words in line)
    return row.split(words)[1].split()


def test_demo_with_a_campaign_gives_what_was_worked_out_by_hand(run):
    code, printed = run()
    assert code == 0, printed
    assert row_of(printed, f"{NAME} お買い物還元") == ["6", "3,699", "1,050", "3", "2", "290", "400"]
    assert row_of(printed, "対象外の業種") == ["1"]
    assert row_of(printed, "還元となる額がない") == ["2"]


@pytest.mark.parametrize(
    ("module", "rule"), [(reference_bonus, "_earned"), (bonus_replay, "_due")], ids=["model", "replay"]
)
def test_demo_with_a_rule_one_point_off_fails(run, monkeypatch, module, rule):
    right = getattr(module, rule)
    monkeypatch.setattr(module, rule, lambda terms, points: max(0, right(terms, points) - 1))
    code, printed = run()
    assert code == 1
    assert "FAILED" in printed


def test_demo_with_a_sale_of_more_points_than_there_are_fails_and_names_the_row(run):
    code, printed = run(sold=[f"2027-06-05T10:00:00,{FIRST},{SHOP},20001,,"])
    assert code == 1
    assert "bonus_sales.csv line 2: ERC20InsufficientBalance" in printed


@pytest.mark.parametrize(
    ("campaign", "sold", "file", "reason"),
    [
        (TERMS, [f"2027-06-05T10:00:00,r-212032-0099,{SHOP},1,,"], "sales", "no other file"),
        (TERMS, [f"2027-06-05T10:00:00,{FIRST},{SHOP},1,2027-06-05T10:00:00,1"], "sales", "not after"),
        (TERMS, [f"2027-06-05T10:00:00,{FIRST},{SHOP},1,,1"], "sales", "a time and points"),
        (TERMS * 2, SOLD, "campaign", "one campaign"),
        ([TERMS[0].replace(",20,", ",101,")], SOLD, "campaign", "more than 100"),
    ],
)
@pytest.mark.usefixtures("no_chain")
def test_demo_with_bad_rows_of_a_campaign_stops_before_any_transaction(run, campaign, sold, file, reason):
    code, printed = run(campaign, sold)
    assert code == 1
    assert f"bonus_{file}.csv" in printed and reason in printed and "Nothing was sent" in printed
