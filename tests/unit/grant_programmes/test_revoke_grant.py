"""`revokeGrant`: two officers take back what is left of a grant; the rest is recorded as receivable."""

import pytest

from scripts.lib.expiry_rule import ExpiryRule
from tests.support.clock import HOUR, JUNE, MARCH, MAY, to_month
from tests.support.programmes import skipped
from tests.support.reading import events, lots
from tests.support.reverts import reverts
from tests.support.town import CITY, NEIGHBOUR

NEXT_MARCH = MARCH + 12


@pytest.fixture
def approved(programmes, people):
    """Residents 1 and 2 were granted 300 and 200; 99 was not."""
    approved = programmes.prepared([(1, 300), (2, 200), (99, 1)])
    programmes.run(approved)
    return approved


def test_revoke_grant_takes_back_what_is_left(contract, programmes, point, approved, people):
    account = people[0].account
    revoked = programmes.revoke(approved, 0, account, 300)
    assert events(revoked)[-1] == ("GrantRevoked", approved.number, 0, 1, account, 300, 0)
    assert events(revoked)[0] == ("TakenBack", contract, account, NEXT_MARCH, 300)
    assert point.balanceOf(account) == 0
    assert contract.revocationOf(approved.number, 0) == (300, 0)


def test_revoke_grant_of_spent_points_records_them_as_receivable(
    contract, programmes, point, approved, people, shop
):
    account = people[0].account
    point.transfer(shop, 120, {"from": account})
    programmes.revoke(approved, 0, account, 300)
    assert contract.revocationOf(approved.number, 0) == (180, 120)
    assert (point.balanceOf(account), point.claimOf(shop)[0]) == (0, 120)


def test_revoke_grant_takes_no_more_than_the_officers_say(
    contract, programmes, point, approved, people, minter
):
    """What else is in the lot came from elsewhere: the rule of attribution leaves less of the grant."""
    account = people[0].account
    point.mintUntil(account, 50, NEXT_MARCH, {"from": minter})
    programmes.revoke(approved, 0, account, 300, take=180)
    assert contract.revocationOf(approved.number, 0) == (180, 120)
    assert lots(point, account) == {NEXT_MARCH: 170}


def test_revoke_grant_takes_no_more_than_it_revokes(contract, programmes, point, approved, people):
    programmes.revoke(approved, 0, people[0].account, 100, take=300)
    assert contract.revocationOf(approved.number, 0) == (100, 0)


def test_revoke_grant_never_takes_more_than_the_grant(programmes, approved, people, point, minter):
    account = people[0].account
    point.mintUntil(account, 5_000, NEXT_MARCH, {"from": minter})
    programmes.revoke(approved, 0, account, 200, take=150)
    with reverts("ProgrammeRevokeTooLarge", approved.number, 0, 100, 101):
        programmes.revoke(approved, 0, account, 101)
    programmes.revoke(approved, 0, account, 100)
    with reverts("ProgrammeRevokeTooLarge", approved.number, 0, 0, 1):
        programmes.revoke(approved, 0, account, 1)


def test_revoke_grant_out_of_an_account_that_is_not_the_resident_s_reverts(programmes, approved, people):
    for account in (people[1].account, programmes.contract):
        with reverts("ProgrammeOtherAccount", 1, account):
            programmes.revoke(approved, 0, account, 1)


def test_revoke_grant_reaches_the_account_before_it_was_carried(
    contract, programmes, point, residents, memberships, act_maker, approved, people
):
    card = memberships.card("new card")
    signature = memberships.signature(card, people[0].commitment)
    residents.startReplacement(CITY, 1, card.account, signature, {"from": act_maker})
    to_month(JUNE)
    residents.completeReplacement(CITY, 1, {"from": act_maker})
    programmes.revoke(approved, 0, people[0].account, 100)
    point.carry(people[0].account, {"from": act_maker})
    programmes.revoke(approved, 0, card.account, 200)
    assert contract.revocationOf(approved.number, 0) == (300, 0)


def test_revoke_grant_of_a_closed_membership_is_possible(
    contract, programmes, point, residents, act_maker, approved, people
):
    residents.closeMembership(CITY, 1, {"from": act_maker})
    point.syncBlocked(people[0].account, {"from": act_maker})
    programmes.revoke(approved, 0, people[0].account, 300)
    assert contract.revocationOf(approved.number, 0) == (300, 0)


def test_revoke_grant_of_a_row_that_was_not_granted_reverts(programmes, approved, people):
    with reverts("ProgrammeRowNotGranted", approved.number, 2):
        programmes.revoke(approved, 2, people[0].account, 1)


def test_revoke_grant_through_another_batch_of_the_occurrence_reverts(contract, programmes, people):
    """A list that promised more was never run for this resident."""
    occurrence = programmes.occurrence(programmes.open())
    small, large = (programmes.approve(occurrence, [(1, points)]) for points in (10, 10_000))
    programmes.run(small)
    programmes.run(large)
    with reverts("ProgrammeRowNotGranted", large.number, 0):
        programmes.revoke(large, 0, people[0].account, 10_000)


def test_revoke_grant_of_a_row_beyond_the_list_reverts(programmes, approved, people):
    terms = (approved.number, 3, people[0].account, 1, 1, 0)
    _, words, siblings = approved.grants.branch_of_row(0)
    with reverts("ProgrammeUnknownRow", approved.number, 3):
        programmes.contract.revokeGrant(
            CITY, terms, words, siblings, {"from": programmes.contract.officers()}
        )


def test_revoke_grant_after_the_batch_has_died_is_possible(contract, programmes, point, approved, people):
    to_month(MARCH + 1)
    programmes.revoke(approved, 0, people[0].account, 300)
    assert contract.revocationOf(approved.number, 0) == (300, 0)


def test_revoke_grant_whose_lot_has_ended_is_receivable(contract, programmes, point, people):
    approved = programmes.prepared([(1, 300)], rule=ExpiryRule.THIS_FISCAL_YEAR)
    programmes.run(approved)
    to_month(MARCH + 1)
    programmes.revoke(approved, 0, people[0].account, 300)
    assert contract.revocationOf(approved.number, 0) == (0, 300)


def test_revoke_grant_finds_what_officers_have_extended(contract, programmes, point, act_maker, people):
    """Or the resident would owe points that are still in the account."""
    approved = programmes.prepared([(1, 300)], rule=ExpiryRule.MONTHS_AFTER, months=1)
    programmes.run(approved)
    account = people[0].account
    point.extendLots(MAY, JUNE, [account], {"from": act_maker})
    to_month(JUNE)
    programmes.revoke(approved, 0, account, 300, later_month=JUNE)
    assert contract.revocationOf(approved.number, 0) == (300, 0)


def test_revoke_grant_never_takes_from_a_lot_that_ends_earlier(contract, programmes, point, people, minter):
    """No lot is shortened, so that none of the grant can be there."""
    approved = programmes.prepared([(1, 300)], rule=ExpiryRule.MONTHS_AFTER, months=2)
    programmes.run(approved)
    account = people[0].account
    point.mintUntil(account, 50, MAY, {"from": minter})
    programmes.revoke(approved, 0, account, 100, later_month=MAY)
    assert lots(point, account) == {MAY: 50, JUNE: 200}


def test_revoke_grant_gives_the_cap_back_what_was_taken_and_no_more(
    contract, programmes, point, people, shop
):
    programme = programmes.open(cap=300)
    first, second = (programmes.occurrence(programme, label) for label in "12")
    approved = programmes.approve(first, [(1, 300)])
    programmes.run(approved)
    point.transfer(shop, 120, {"from": people[0].account})
    programmes.revoke(approved, 0, people[0].account, 300)
    assert contract.grantedInYear(programme, MARCH, 1) == 120
    programmes.run(programmes.approve(second, [(1, 180)]))
    assert contract.grantedInYear(programme, MARCH, 1) == 300


def test_revoke_grant_gives_the_budget_nothing_back(contract, programmes, approved, people):
    """Gross budgeting: receipts and grants are booked apart."""
    before = contract.budgetOf(1, MARCH)
    programmes.revoke(approved, 0, people[0].account, 300)
    assert contract.budgetOf(1, MARCH) == before
    assert skipped(programmes.run(approved))[0].name == "ALREADY_GRANTED"


def test_revoke_grant_while_paused_reverts(programmes, point, act_maker, approved, people):
    point.pause(HOUR, {"from": act_maker})
    with reverts("PointPaused", point.pausedUntil()):
        programmes.revoke(approved, 0, people[0].account, 300)


def test_revoke_grant_of_another_municipality_reverts(contract, approved, act_maker, people):
    terms = (approved.number, 0, people[0].account, 1, 1, 0)
    _, words, siblings = approved.grants.branch_of_row(0)
    with reverts("ProgrammeUnknownBatch", approved.number):
        contract.revokeGrant(NEIGHBOUR, terms, words, siblings, {"from": act_maker})


def test_revoke_grant_directly_reverts(contract, approved, city, people):
    terms = (approved.number, 0, people[0].account, 1, 1, 0)
    _, words, siblings = approved.grants.branch_of_row(0)
    with reverts("ProgrammeOnlyByAct", city):
        contract.revokeGrant(CITY, terms, words, siblings, {"from": city})
