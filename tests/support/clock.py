"""The clock of the test chain: it stands still except where a test moves it.

Every block carries the time that was set last, and views are asked at the latest block. So a test that says
"the last second of June" means it, however slow the machine is. Brownie's isolation takes the clock back with
the state; its own `chain.sleep` and `chain.mine(timestamp=…)` do not work with anvil on a standing clock.

Times are Unix seconds, months are counted from January 2000 = 0. Tests start in the first month of fiscal
year 2025 (令和7年度), whose months go by their names here; others are written `month_from_text("2028-02")`.
"""

from __future__ import annotations

from typing import Any

from brownie import chain, web3

from scripts.lib.japan_calendar import last_second, moment_from_text, months_of_fiscal_year, start_of

START = moment_from_text("2025-04-15T10:00")

(
    APRIL,
    MAY,
    JUNE,
    JULY,
    AUGUST,
    SEPTEMBER,
    OCTOBER,
    NOVEMBER,
    DECEMBER,
    JANUARY,
    FEBRUARY,
    MARCH,
) = months_of_fiscal_year(2025)

MINUTE = 60
HOUR = 60 * MINUTE


def travel_to(timestamp: int) -> None:
    """Let the latest block, and all later ones until the next journey, carry this time."""
    _request("evm_setNextBlockTimestamp", timestamp)
    chain.mine()


def travel(seconds: int) -> None:
    """Let this many seconds pass."""
    travel_to(now() + seconds)


def to_month_end(month: int, offset_seconds: int = 0) -> None:
    """Travel to the last second of a month, or so many seconds after it (before it, if negative)."""
    travel_to(last_second(month) + offset_seconds)


def to_month(month: int) -> None:
    """Travel to the first second of a month."""
    travel_to(start_of(month))


def now() -> int:
    """Return the time that the chain's views and its next transaction see."""
    return int(chain[-1].timestamp)


def stop() -> None:
    """Make the clock stand still."""
    _request("anvil_setBlockTimestampInterval", 0)


def run() -> None:
    """Make the clock run as it does without this module."""
    _request("anvil_removeBlockTimestampInterval")


def _request(method: str, *parameters: int) -> Any:
    answer = web3.provider.make_request(method, list(parameters))
    if "error" in answer:
        raise RuntimeError(f"{method}{parameters}: {answer['error']}")
    return answer["result"]
