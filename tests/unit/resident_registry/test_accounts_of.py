"""`accountsOf`: the accounts of many residents in one answer."""

from tests.support.reading import ZERO_ADDRESS
from tests.support.town import CITY, NEIGHBOUR


def test_accounts_of_answers_number_by_number(residents, act_maker, memberships):
    a, b, c = memberships.join("A", "B", "C")
    residents.closeMembership(CITY, b.number, {"from": act_maker})
    asked = [c.number, b.number, 0, 99, a.number, c.number]
    assert residents.accountsOf(CITY, asked) == [
        c.account,
        ZERO_ADDRESS,
        ZERO_ADDRESS,
        ZERO_ADDRESS,
        a.account,
        c.account,
    ]
    assert residents.accountsOf(CITY, []) == []
    assert residents.accountsOf(NEIGHBOUR, [a.number]) == [ZERO_ADDRESS]


def test_accounts_of_leaves_out_what_stands_above_32_bits(residents, memberships):
    (member,) = memberships.join("A")
    assert residents.accountsOf(CITY, [(50 << 32) | member.number]) == [member.account]
