"""Counts the acts of officers by the events: what was done in each municipality, and by how many people."""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import cache
from typing import NamedTuple

from eth_utils.abi import function_abi_to_4byte_selector

from scripts.lib.artifacts import read_artifact
from scripts.lib.bilingual import Bilingual
from scripts.lib.node.event_log import Event
from scripts.lib.powers.function_labels import function_label

_CONTRACTS = (
    "Officers",
    "ResidentRegistry",
    "MunicipalPoint",
    "GrantProgrammes",
    "PaymentBonus",
    "PartnerExchange",
    "MerchantSettlement",
)
_ZERO_ADDRESS = "0x" + "0" * 40
_ONE = Bilingual("one officer", "1名")
_ONE_AFTER_DELAY = Bilingual("one, after a delay", "1名・待機期間あり")
_TWO = Bilingual("two officers", "2名")


class Deed(NamedTuple):
    """A kind of act and how it came about.

    Attributes:
        act: the function.
        people: how many officers it took.
    """

    act: Bilingual
    people: Bilingual


class ActTally:
    """How often officers did what.

    Attributes:
        by_municipality: counts by municipality's code; of what the council did in one as well.
    """

    def __init__(self) -> None:
        self.by_municipality: defaultdict[int, Counter[Deed]] = defaultdict(Counter)

    def take(self, event: Event) -> None:
        """Count an event, if it is of an act."""
        if event.name != "ActDone":
            return
        arguments = event.arguments
        if arguments["approver"] != _ZERO_ADDRESS:
            people = _TWO
        else:
            people = _ONE_AFTER_DELAY if arguments["proposalId"] else _ONE
        self.by_municipality[arguments["municipality"]][Deed(_labels()[arguments["act"][:4]], people)] += 1

    def deeds(self) -> list[Deed]:
        """Return every deed that was done, in the order of the contracts."""
        done = set().union(*self.by_municipality.values())
        places = {label: place for place, label in enumerate(_labels().values())}
        return sorted(done, key=lambda deed: (places[deed.act], deed.people))


@cache
def _labels() -> dict[bytes, Bilingual]:
    """Return the label of each function by its selector."""
    return {
        function_abi_to_4byte_selector(entry): function_label(contract, entry["name"])  # type: ignore[arg-type]
        for contract in _CONTRACTS
        for entry in read_artifact(contract).abi
        if entry["type"] == "function"
    }
