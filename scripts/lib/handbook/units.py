"""Units of the contracts' numbers, which stand in their names."""

from __future__ import annotations

import re

_UNITS = (
    (r"(?i)points$|^(amount|amounts|value|allowance|budget|cap)$", "points, 1 = 1 yen"),
    (r"(?i)yen$", "yen"),
    (r"(?i)(month|epoch)$|^ends$|months?$", "month, January 2000 = 0"),
    (r"(?i)fiscalYear", "fiscal year, the month number of its March"),
    (r"(?i)seconds_?$", "seconds"),
    (r"(?i)days$", "days"),
    (r"(?i)(day|today)$", "day of Japan, 1 January 2000 = 0"),
    (r"(?i)(until|timestamp|at|from|since|cutOff|deadline)$", "Unix seconds"),
    (r"^sale$", "day since 2000 << 16 | serial"),
    (r"^municipality$", "code of the municipality"),
    (r"(?i)gas", "gas"),
)
_OTHERWISE = {
    "cancelEpoch": "times cancelled",
    "months": "months",
    "expiryMonths": "months",
}


def unit_of(name: str, kind: str) -> str:
    """Return the unit of a number by its name; "" if it has none, or is no number."""
    if not re.match(r"u?int", kind):
        return ""
    if name in _OTHERWISE:
        return _OTHERWISE[name]
    return next((unit for pattern, unit in _UNITS if re.search(pattern, name)), "")
