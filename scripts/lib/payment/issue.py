"""Why a payment of a sale is not made, and where a sale stands, as IMunicipalPoint numbers them."""

from __future__ import annotations

from enum import IntEnum


class PaymentIssue(IntEnum):
    """IMunicipalPoint.PaymentIssue. ALREADY_PAID counts as made: nothing is left to do."""

    NONE = 0
    AMOUNT_OUT_OF_RANGE = 1
    ALREADY_PAID = 2
    SALE_USED = 3
    DAY_OUT_OF_RANGE = 4
    EXPIRED = 5
    PAYER_STOPPED = 6
    WRONG_SIGNATURE = 7
    NOT_ENOUGH_POINTS = 8
    MERCHANT_NOT_ACTIVE = 9
    PAUSED = 10
    SERIES_CLOSED = 11
    PREDECESSOR_UNASKED = 12
    """Never told: the contract asks before it answers."""


class SaleState(IntEnum):
    """IMunicipalPoint.SaleState."""

    UNUSED = 0
    PAID = 1
    VOIDED = 2
