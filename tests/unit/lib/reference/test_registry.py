"""The reference model of memberships: every expectation here is worked out by hand from IResidentRegistry."""

from collections.abc import Callable

import pytest

from scripts.lib.reference.registry import ReferenceRegistry
from scripts.lib.refusal import ZERO_ADDRESS, Refused

TOWN = 141305
NOW = 1_800_000_000
DAY = 24 * 60 * 60


@pytest.fixture
def registry() -> ReferenceRegistry:
    """Two residents, "old" (1) and "heir" (2)."""
    registry = ReferenceRegistry(TOWN)
    registry.register(["old", "heir"])
    return registry


def refusal(operation: Callable[..., object], *arguments: object) -> tuple[str, tuple[int | str, ...]]:
    """Name and arguments of the error with which an operation is refused."""
    with pytest.raises(Refused) as refused:
        operation(*arguments)
    return refused.value.name, refused.value.arguments


def test_register_an_account_twice_registers_nobody(registry: ReferenceRegistry) -> None:
    assert refusal(registry.register, ["other", "old"]) == ("ResidentsAccountTaken", (TOWN, "old"))
    assert refusal(registry.register, ["twin", "twin"]) == ("ResidentsAccountTaken", (TOWN, "twin"))
    assert list(registry.numbers()) == [1, 2]


def test_replacement_moves_the_membership_after_three_days(registry: ReferenceRegistry) -> None:
    registry.start_replacement(1, "new", NOW)
    assert registry.is_blocked("old", NOW)
    assert registry.is_known("new")
    assert refusal(registry.complete_replacement, 1, NOW + 3 * DAY - 1) == (
        "ResidentsReplacementTooEarly",
        (NOW + 3 * DAY,),
    )
    registry.complete_replacement(1, NOW + 3 * DAY)
    assert (registry.account_of(1), registry.successor_of("old")) == ("new", "new")
    assert registry.is_blocked("old", NOW + 3 * DAY)
    assert not registry.is_blocked("new", NOW + 3 * DAY)
    assert registry.ever_number_of("old") == registry.ever_number_of("new") == 1


def test_successor_is_the_last_of_a_chain(registry: ReferenceRegistry) -> None:
    for time, card in ((NOW, "second"), (NOW + 4 * DAY, "third")):
        registry.start_replacement(1, card, time)
        registry.complete_replacement(1, time + 3 * DAY)
    assert registry.successor_of("old") == "third"


def test_objection_takes_other_officers_and_a_longer_delay(registry: ReferenceRegistry) -> None:
    registry.start_replacement(1, "new", NOW, ("one", "two"))
    registry.object_to_replacement("old", 1, NOW + DAY)
    assert registry.is_blocked("old", NOW + 15 * DAY - 1)
    assert not registry.is_blocked("old", NOW + 15 * DAY)
    again = NOW + 2 * DAY
    assert refusal(registry.start_replacement, 1, "new", again, ("three", "one")) == (
        "ResidentsSameOfficers",
        ("one",),
    )
    registry.start_replacement(1, "new", again, ("three", "four"))
    assert refusal(registry.object_to_replacement, "old", 1, again) == ("ResidentsCannotObject", ("old",))
    replacement = registry.replacement_of(1)
    assert replacement is not None
    assert (replacement.round, replacement.ready_at) == (2, again + 14 * DAY)


def test_objection_is_the_old_keys_alone(registry: ReferenceRegistry) -> None:
    registry.start_replacement(1, "new", NOW)
    assert refusal(registry.object_to_replacement, "thief", 1, NOW) == ("ResidentsCannotObject", ("thief",))


def test_inheritance_leads_to_the_account_that_the_heir_has_in_the_end(registry: ReferenceRegistry) -> None:
    assert refusal(registry.start_inheritance, 1, 2, NOW) == ("ResidentsNoHeir", (TOWN, 2))
    registry.heirs_may_inherit = True
    registry.start_inheritance(1, 2, NOW)
    registry.start_replacement(2, "heir's new", NOW)
    registry.complete_replacement(2, NOW + 3 * DAY)
    registry.complete_replacement(1, NOW + 14 * DAY)
    assert (registry.account_of(1), registry.successor_of("old")) == (ZERO_ADDRESS, "heir's new")
    assert registry.is_inherited("old")
    assert refusal(registry.reopen_membership, 1) == ("ResidentsUnknown", (TOWN, 1))


def test_closed_membership_blocks_its_account_until_reopened(registry: ReferenceRegistry) -> None:
    registry.close_membership(1)
    assert registry.is_blocked("old", NOW)
    assert refusal(registry.start_replacement, 1, "new", NOW) == ("ResidentsUnknown", (TOWN, 1))
    registry.reopen_membership(1)
    assert not registry.is_blocked("old", NOW)


def test_account_once_known_is_never_free_again(registry: ReferenceRegistry) -> None:
    registry.close_membership(1)
    assert refusal(registry.register, ["old"]) == ("ResidentsAccountTaken", (TOWN, "old"))
    assert refusal(registry.start_replacement, 2, "old", NOW) == ("ResidentsAccountTaken", (TOWN, "old"))


def test_cancelled_replacement_frees_the_new_account(registry: ReferenceRegistry) -> None:
    registry.start_replacement(1, "new", NOW)
    assert refusal(registry.start_replacement, 1, "newer", NOW) == (
        "ResidentsReplacementState",
        (TOWN, 1, True),
    )
    registry.cancel_replacement(1)
    assert not registry.is_known("new")
    assert refusal(registry.cancel_replacement, 1) == ("ResidentsReplacementState", (TOWN, 1, False))
