"""Statements and notices of what the audited town does not come to: gifts, moves away, grants taken back."""

import pytest

from scripts.lib.audit.report.event_columns import EventColumns
from scripts.lib.audit.report.partners import read_partners
from scripts.lib.audit.report.transfers import read_transfers
from scripts.lib.audit.statements.history import read_history
from scripts.lib.audit.statements.notices import notices
from scripts.lib.audit.statements.papers import last_second_of
from scripts.lib.audit.statements.programmes import programme_years
from scripts.lib.node.event_log import to_address
from scripts.lib.replays.programmes import ProgrammesReplay, ReplayedBatch
from tests.support.told_series import ALICE, BOB, NEXT_MONTH, ToldSeries
from tests.support.year_dataset import RESIDENTS, TOWN

EXCHANGE = f"0x{'e' * 40}"
MEMBER = {"municipality": TOWN, "number": 1}


@pytest.fixture
def story():
    return ToldSeries()


def test_points_that_a_resident_gives_are_a_line_of_both_statements(story, tmp_path):
    story.tell("TransferSwitchesSet", betweenResidents=True, betweenMerchants=False)
    story.mint(ALICE, 50, NEXT_MONTH)
    story.move(ALICE, BOB, 20)
    lines = read_history(story.write(tmp_path / "dataset")).residents
    given = {line.account: line.points for line in lines if line.kind == "譲渡"}
    assert given == {
        to_address("0x" + account.hex()): points for account, points in ((ALICE, -20), (BOB, 20))
    }


def test_contradiction_in_the_register_is_counted_and_the_history_goes_on(story, tmp_path):
    story.mint(ALICE, 50, NEXT_MONTH)
    before = read_history(story.write(tmp_path / "before"))
    story.tell_of(RESIDENTS, "ResidentRegistry.MembershipClosed", {"municipality": TOWN, "number": 5})
    after = read_history(story.write(tmp_path / "after"))
    assert after.contradictions == before.contradictions + 1
    assert after.residents == before.residents != []


def test_resident_whose_membership_has_ended_gets_no_notice(story, tmp_path):
    story.mint(ALICE, 50, NEXT_MONTH)
    joined = {**MEMBER, "account": ALICE, "commitment": b"a" * 32, "keyVersion": 1}
    story.tell_of(RESIDENTS, "ResidentRegistry.ResidentRegistered", joined)
    [letter] = notices(read_history(story.write(tmp_path / "member")), 60)
    assert (letter.number, letter.points) == (1, 50)
    story.tell_of(RESIDENTS, "ResidentRegistry.MembershipClosed", {**MEMBER, "block": 1})
    assert notices(read_history(story.write(tmp_path / "gone")), 60) == []


def test_account_that_nobody_registered_gets_no_notice(story, tmp_path):
    story.mint(ALICE, 50, NEXT_MONTH)
    assert notices(read_history(story.write(tmp_path / "dataset")), 60) == []


def test_series_that_told_nothing_has_no_notices(story, tmp_path):
    assert notices(read_history(story.write(tmp_path / "dataset")), 60) == []


def test_points_that_went_back_to_the_partner_are_held_no_longer(story, tmp_path):
    pair = {"municipality": TOWN, "partner": 1}
    exchanged = [{**pair, "holding": bytes([place]) * 32, "points": 40} for place in (1, 2)]
    story.tell_of(EXCHANGE, "PartnerExchange.Exchanged", *exchanged)
    story.tell_of(EXCHANGE, "PartnerExchange.Returned", exchanged[0])
    columns = EventColumns(story.write(tmp_path / "dataset"))
    [partner] = read_partners(columns, read_transfers(columns)).figures
    assert partner.held == 40


def test_partner_of_whom_the_log_tells_ends_without_their_beginnings_has_figures_all_the_same(
    story, tmp_path
):
    """A report on a log that hides events is what an auditor needs most."""
    pair = {"municipality": TOWN, "partner": 1}
    held = {**pair, "holding": b"h" * 32, "number": 7, "points": 40, "account": ALICE}
    coupon = {**pair, "coupon": BOB, "number": 7, "points": 5, "account": ALICE}
    story.tell_of(EXCHANGE, "PartnerExchange.Delivered", held)
    story.tell_of(EXCHANGE, "PartnerExchange.Returned", held)
    story.tell_of(EXCHANGE, "PartnerExchange.CouponRedeemed", coupon)
    story.tell_of(EXCHANGE, "PartnerExchange.CouponClosed", coupon)
    columns = EventColumns(story.write(tmp_path / "dataset"))
    [partner] = read_partners(columns, read_transfers(columns)).figures
    assert (partner.exchanged, partner.held, partner.coupons) == (45, -80, -10)


def test_statement_of_a_programme_tells_what_was_taken_back_and_what_is_owed_for_it():
    replay = ProgrammesReplay(EXCHANGE)
    batch = ReplayedBatch(1, 1, b"root", b"file", 2, 200, NEXT_MONTH, NEXT_MONTH, False, {0: 7, 1: 8}, 200)
    replay.batches[1] = batch
    replay.revoked |= {(1, 0): (30, 70), (1, 1): (100, 0)}
    [year] = programme_years(replay)
    assert (year.grants, year.granted, year.revoked, year.receivable) == (2, 200, 130, 70)


@pytest.mark.parametrize(
    ("day", "why"),
    [
        ("2027-03-31T10:00", "not a date like 2027-03-31:"),
        ("2027-02-30", "day is out of range"),
        ("令和9年", "not a date like"),
    ],
)
def test_day_that_is_none_or_has_a_time_is_refused(day, why):
    with pytest.raises(ValueError, match=why):
        last_second_of(day)
