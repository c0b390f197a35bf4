"""The reference model of one municipality's memberships: what ResidentRegistry must do, put plainly.

A membership is a resident number, the account it has now, and a replacement that may be under way. The
reference ledger of a series asks it as the token asks the registry.

Resident numbers count from 1, times are Unix seconds. Every method either does all it says, or raises Refused
with the custom error and the arguments that the contract reverts with and changes nothing.

Not modelled: commitments and signatures (they are taken to be right), and which officers may act.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from scripts.lib.refusal import ZERO_ADDRESS, Refused

_DAY = 24 * 60 * 60
DELAY_SECONDS = 3 * _DAY
"""How long a replacement waits."""

LONG_DELAY_SECONDS = 14 * _DAY
"""How long it waits after an objection, and how long an inheritance waits."""

OBJECTION_SECONDS = 365 * _DAY
"""How long an objection is remembered."""

NOBODY = (ZERO_ADDRESS, ZERO_ADDRESS)


class Replacement(NamedTuple):
    """A change of a membership's account that is under way.

    Attributes:
        round: 2 after an objection, else 1.
        heir: number of the resident who inherits; 0 if the same person gets a new account.
        officers: who proposed and approved it.
    """

    new_account: str
    ready_at: int
    round: int
    heir: int
    officers: tuple[str, str]


@dataclass
class _Resident:
    account: str
    closed: bool = False
    replacement: Replacement | None = None
    objected_at: int | None = None
    first_officers: tuple[str, str] = NOBODY
    """Who was behind the replacement that was objected to."""


class ReferenceRegistry:
    """The residents of one municipality.

    Args:
        municipality: 全国地方公共団体コード as a number; errors name it.

    Attributes:
        heirs_may_inherit: the departure policy.
    """

    def __init__(self, municipality: int = 0) -> None:
        self.municipality = municipality
        self.heirs_may_inherit = False
        self._residents: dict[int, _Resident] = {}
        self._numbers: dict[str, int] = {}
        """Of every account that ever was a resident's."""
        self._successors: dict[str, str] = {}
        self._inherited: set[str] = set()

    # --------------------------------------------------------------------------------------------- MEMBERSHIP

    def register(self, accounts: list[str]) -> None:
        """Register residents under the next numbers: all of them or none."""
        for place, account in enumerate(accounts):
            if account in accounts[:place]:
                raise Refused("ResidentsAccountTaken", self.municipality, account)
            self._require_free(account)
        for account in accounts:
            number = len(self._residents) + 1
            self._residents[number] = _Resident(account)
            self._numbers[account] = number

    def close_membership(self, number: int) -> None:
        """End a membership; its account is blocked, and what is under way is forgotten."""
        resident = self._open(number)
        resident.closed, resident.replacement = True, None

    def reopen_membership(self, number: int) -> None:
        """Let a membership that was ended by mistake go on."""
        resident = self._residents.get(number)
        if resident is None or not resident.closed or resident.account in self._successors:
            raise Refused("ResidentsUnknown", self.municipality, number)
        resident.closed = False

    # -------------------------------------------------------------------------------------------- REPLACEMENT

    def start_replacement(
        self, number: int, new_account: str, now: int, officers: tuple[str, str] = NOBODY
    ) -> None:
        """Begin to move a membership to a new account of the same person."""
        self._open(number)
        self._require_free(new_account)
        self._start(number, new_account, 0, now, officers)

    def start_inheritance(self, number: int, heir: int, now: int, officers: tuple[str, str] = NOBODY) -> None:
        """Begin to hand the points of a resident who has died or moved away to another resident."""
        if heir == number or not self.heirs_may_inherit:
            raise Refused("ResidentsNoHeir", self.municipality, heir)
        self._start(number, self._open(heir).account, heir, now, officers)

    def cancel_replacement(self, number: int) -> None:
        """Stop what is under way."""
        self._under_way(number)
        self._residents[number].replacement = None

    def object_to_replacement(self, caller: str, number: int, now: int) -> None:
        """Let the old key say no; then it takes other officers, and the account stays blocked for a while."""
        resident = self._open(number)
        if caller != resident.account or self._has_objected(resident, now):
            raise Refused("ResidentsCannotObject", caller)
        replacement = self._under_way(number)
        resident.replacement = None
        resident.objected_at, resident.first_officers = now, replacement.officers

    def complete_replacement(self, number: int, now: int) -> None:
        """Move the membership, or end it in favour of the heir, once the delay has passed."""
        replacement = self._under_way(number)
        if now < replacement.ready_at:
            raise Refused("ResidentsReplacementTooEarly", replacement.ready_at)
        resident = self._residents[number]
        old, new = resident.account, replacement.new_account
        if replacement.heir:
            new = self._open(replacement.heir).account  # the heir may have a new account by now
            resident.closed = True
            self._inherited.add(old)
        else:
            resident.account, resident.objected_at = new, None
            self._numbers[new] = number
        resident.replacement = None
        self._successors[old] = new

    def _start(self, number: int, new: str, heir: int, now: int, officers: tuple[str, str]) -> None:
        resident = self._open(number)
        if resident.replacement is not None:
            raise Refused("ResidentsReplacementState", self.municipality, number, True)
        objected = self._has_objected(resident, now)
        for officer in officers:
            if objected and officer in resident.first_officers:
                raise Refused("ResidentsSameOfficers", officer)
        delay = LONG_DELAY_SECONDS if objected or heir else DELAY_SECONDS
        resident.replacement = Replacement(new, now + delay, 2 if objected else 1, heir, officers)

    # ----------------------------------------------------------------------------------------------- REFUSALS

    def _open(self, number: int) -> _Resident:
        resident = self._residents.get(number)
        if resident is None or resident.closed:
            raise Refused("ResidentsUnknown", self.municipality, number)
        return resident

    def _under_way(self, number: int) -> Replacement:
        replacement = self._open(number).replacement
        if replacement is None:
            raise Refused("ResidentsReplacementState", self.municipality, number, False)
        return replacement

    def _require_free(self, account: str) -> None:
        if account == ZERO_ADDRESS or self.is_known(account):
            raise Refused("ResidentsAccountTaken", self.municipality, account)

    @staticmethod
    def _has_objected(resident: _Resident, now: int) -> bool:
        return resident.objected_at is not None and now < resident.objected_at + OBJECTION_SECONDS

    # ------------------------------------------------------------------------------------------------ QUERIES

    def numbers(self) -> range:
        """Return all resident numbers issued so far."""
        return range(1, len(self._residents) + 1)

    def account_of(self, number: int) -> str:
        """Return the account of a resident; zero if there is none, or none any more."""
        resident = self._residents.get(number)
        return ZERO_ADDRESS if resident is None or resident.closed else resident.account

    def ever_number_of(self, account: str) -> int:
        """Return whose account it is or once was; 0 if nobody's."""
        return self._numbers.get(account, 0)

    def replacement_of(self, number: int) -> Replacement | None:
        """Return what is under way."""
        resident = self._residents.get(number)
        return None if resident is None else resident.replacement

    def is_known(self, account: str) -> bool:
        """Return whether an account is or was a resident's, or is about to be one."""
        expected = {
            resident.replacement.new_account
            for resident in self._residents.values()
            if resident.replacement is not None
        }
        return account in self._numbers or account in expected

    def is_blocked(self, account: str, now: int) -> bool:
        """Return whether an account may not spend: replaced, departed, being replaced, or objected lately."""
        resident = self._residents.get(self._numbers.get(account, 0))
        if resident is None:
            return False
        objected_at = resident.objected_at
        return (
            resident.account != account
            or resident.closed
            or resident.replacement is not None
            or (objected_at is not None and now < objected_at + LONG_DELAY_SECONDS)
        )

    def successor_of(self, account: str) -> str | None:
        """Return where a replaced account's points go in the end; None if it was not replaced."""
        successor = self._successors.get(account)
        while successor in self._successors:
            successor = self._successors[successor]
        return successor

    def is_inherited(self, account: str) -> bool:
        """Return whether an heir comes after the account, at once or later: to heirs no freeze passes."""
        following: str | None = account
        while following is not None:
            if following in self._inherited:
                return True
            following = self._successors.get(following)
        return False
