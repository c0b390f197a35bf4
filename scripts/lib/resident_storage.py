"""Where ResidentRegistry keeps a resident, for measurements and tests that need a crowd at once.

Registering ten thousand people takes as many signatures. A local chain can be given the words that
registering them would have left: account and key version, without a commitment.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from eth_utils import keccak

_KEY_VERSION = 1
_RESIDENTS = "_residents"


class Word(NamedTuple):
    """A storage word as anvil_setStorageAt takes it: 0x hex of 32 bytes each."""

    place: str
    value: str


def words_of(
    layout: dict[str, Any], municipality: int, residents: Iterable[tuple[int, str]]
) -> Iterable[Word]:
    """Yield the first word of each resident.

    Args:
        layout: storage layout of ResidentRegistry, as the compiler gives it.
        residents: pairs of resident number and account.
    """
    [slot] = (int(item["slot"]) for item in layout["storage"] if item["label"] == _RESIDENTS)
    members = keccak(municipality.to_bytes(32, "big") + slot.to_bytes(32, "big"))
    for number, account in residents:
        place = keccak(number.to_bytes(32, "big") + members)
        yield Word("0x" + place.hex(), f"0x{_KEY_VERSION:024x}{account.removeprefix('0x')}")
