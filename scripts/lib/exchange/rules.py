"""The rules of the acts on PartnerExchange, with which the council offers it to the municipalities.

offer = Call("PointPlatform", platform, "offerService", (exchange, SERVICE_NAME, offered_acts()), council)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from eth_utils import keccak
from eth_utils.abi import collapse_if_tuple

from scripts.lib.act_rules import AT_ONCE, NEVER, Rule
from scripts.lib.artifacts import read_artifact
from scripts.lib.roles import Role

SERVICE_NAME = "地域経済応援ポイント交換"

EXCHANGE_LIBRARIES = ("ExchangeAgreement",)
"""What the code of PartnerExchange links to."""

_VETO = 48 * 60 * 60
_NEVER_ALONE = 2**32 - 1  # ActRules.NEVER_ALONE

_ADMIN = Rule(Role.ADMIN, Role.ADMIN, AT_ONCE, AT_ONCE)
_ADMINS_OR_VETO = Rule(Role.ADMIN, Role.ADMIN, AT_ONCE, _VETO)
# What can make points waits 48 hours, whoever agrees to it.
_ADMINS_AFTER_VETO = Rule(Role.ADMIN, Role.ADMIN, _VETO, _VETO)
_TWO_CASHIERS = Rule(Role.CASHIER, Role.SECOND_CASHIER, AT_ONCE, NEVER)

RULES: dict[str, Rule] = {
    # The council's; refused in the name of any municipality.
    "registerPartner": _ADMINS_OR_VETO,
    "replacePartnerKey": _ADMINS_OR_VETO,
    "suspendPartner": _ADMIN,
    "resumePartner": _ADMINS_OR_VETO,
    # A municipality's
    "setExchangeSeries": _ADMINS_AFTER_VETO,
    "acceptPartner": _ADMINS_AFTER_VETO,
    "stopPartner": _ADMIN,
    "openCampaign": _ADMINS_AFTER_VETO,
    "endCampaign": _ADMIN,
    "setReturnPolicy": _ADMINS_OR_VETO,
    # What came in lets a partner exchange more.
    "recordReceipt": _TWO_CASHIERS,
    "reverseReceipt": _TWO_CASHIERS,
}
"""By function."""

Offered = tuple[bytes, tuple[int, int, int, int]]
"""IOfficers.Act: selector and rule."""


def offered_acts(abi: Sequence[dict[str, Any]] | None = None) -> list[Offered]:
    """Return the rules in the form that `offerService` takes.

    Args:
        abi: of PartnerExchange; what `make compile` built if None.
    """
    known = read_artifact("PartnerExchange").abi if abi is None else abi
    return [
        (
            selectors[function],
            (
                int(rule.proposer),
                int(rule.approver),
                rule.delay_approved,
                _NEVER_ALONE if rule.delay_alone is NEVER else rule.delay_alone,
            ),
        )
        for selectors in [_selectors(known)]
        for function, rule in RULES.items()
    ]


def _selectors(abi: Sequence[dict[str, Any]]) -> dict[str, bytes]:
    return {
        entry["name"]: keccak(
            text=f"{entry['name']}({','.join(collapse_if_tuple(each) for each in entry['inputs'])})"
        )[:4]
        for entry in abi
        if entry["type"] == "function"
    }
