"""The town that gas is measured in: one merchant, one officer, the same residents on several tokens at once.

Tokens are compared by doing the same on each of them. A case is a function that takes the town, sets up what
it needs and returns the gas of its last act, token by token. Cases are undone, so that no figure depends on
another.

"Existing" means that no word turns from zero or to it: the accounts hold points already, the minter has
minted for that month, the merchant has been paid in it and somebody else holds points of every month.
Pseudonyms are free of zero bytes and amounts are the same for all tokens, so that call data costs the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol

from eth_utils import keccak, to_checksum_address

from scripts.lib.gas.meter import GasMeter
from scripts.lib.japan_calendar import fiscal_year_end, start_of

# April 2026, the first month of a fiscal year: points that end with the next one are 23 months away.
MONTH = 315
GENESIS_TIME = start_of(MONTH)
END_OF_THIS_FISCAL_YEAR = fiscal_year_end(MONTH)
END_OF_NEXT_FISCAL_YEAR = fiscal_year_end(MONTH) + 12
LONGEST_TERM = 61

LOT_POINTS = 1_000
PAID_POINTS = 100


class Token(Protocol):
    """A token under measurement; what changes it returns gas, and one officer may do everything."""

    def approve(self, shop: str) -> int:
        """Let a merchant be paid."""
        ...

    def grant(self, account: str, month: int) -> int:
        """Mint LOT_POINTS that end with a month, if the token's points end at all."""
        ...

    def pay(self, payer: str, shop: str, points: int) -> int:
        """Pay a merchant."""
        ...

    def balance(self, account: str) -> int:
        """Return what an account may spend."""
        ...


Gas = Sequence[int]


@dataclass
class Town:
    """The same people on each of `tokens`.

    Attributes:
        residents: every account that was granted points since the town was built.
    """

    meter: GasMeter
    tokens: Sequence[Token]
    shop: str
    residents: list[str] = field(default_factory=list)
    _pseudonyms: int = 0

    @classmethod
    def built(cls, meter: GasMeter, tokens: Sequence[Token]) -> Town:
        """Approve and pay the merchant, and give somebody points of every month."""
        town = cls(meter, tokens, pseudonym(0))
        town.approve(town.shop)
        town.pay(town.resident(consecutive(LONGEST_TERM)), PAID_POINTS)
        town.grant(town.resident([]), END_OF_THIS_FISCAL_YEAR)
        return town

    def undone(self) -> AbstractContextManager[None]:
        """Put the chain back to what it was when the `with` block began."""
        return self.meter.undone()

    def newcomer(self) -> str:
        """Return an account that holds nothing."""
        self._pseudonyms += 1
        return pseudonym(self._pseudonyms)

    def resident(self, months: Sequence[int]) -> str:
        """Return a new account that holds LOT_POINTS for each of these months."""
        account = self.newcomer()
        self.residents.append(account)
        for month in months:
            self.grant(account, month)
        return account

    def approve(self, shop: str) -> Gas:
        """Let a merchant be paid."""
        return [token.approve(shop) for token in self.tokens]

    def grant(self, account: str, month: int) -> Gas:
        """Mint LOT_POINTS that end with a month."""
        return [token.grant(account, month) for token in self.tokens]

    def pay(self, payer: str, points: int, shop: str | None = None) -> Gas:
        """Pay the town's merchant, or another."""
        return [token.pay(payer, shop or self.shop, points) for token in self.tokens]

    def wait_until(self, month: int) -> None:
        """Let time pass to the first second of a month."""
        self.meter.chain.mine_at(start_of(month))


Case = Callable[[Town], Gas]


def pseudonym(number: int) -> str:
    """Return an address without a zero byte, always the same for a number."""
    digest = keccak(number.to_bytes(32, "big"))[:20]
    while 0 in digest:
        digest = keccak(digest)[:20]
    return to_checksum_address(digest)


def consecutive(lots: int, first: int = MONTH) -> list[int]:
    """Return that many months in a row."""
    return list(range(first, first + lots))


# --------------------------------------------------------------------- payments


def payment(months: Sequence[int], points: int = PAID_POINTS) -> Case:
    """Pay out of lots of these months."""
    return lambda town: town.pay(town.resident(months), points)


def payment_that_refills(town: Town) -> Gas:
    """Pay when the first six of eight lots have been spent to the last point."""
    payer = town.resident(consecutive(8))
    town.pay(payer, 6 * LOT_POINTS)
    return town.pay(payer, PAID_POINTS)


def payment_to_new_merchant(town: Town) -> Gas:
    """Pay a merchant that was approved and never paid."""
    payer, shop = town.resident([END_OF_THIS_FISCAL_YEAR]), town.newcomer()
    town.approve(shop)
    return town.pay(payer, PAID_POINTS, shop)


def payment_after_lapse(lapsed: int, merchant_paid_before: bool) -> Case:
    """Pay when the first of six monthly lots have ended; somebody else may have paid the merchant since."""

    def case(town: Town) -> Gas:
        payer, other = town.resident(consecutive(6)), town.resident([END_OF_THIS_FISCAL_YEAR])
        town.wait_until(MONTH + lapsed)
        if merchant_paid_before:
            town.pay(other, PAID_POINTS)
        return town.pay(payer, PAID_POINTS)

    return case


def payment_first_of(month: int) -> Case:
    """Pay a merchant that has not been paid since April, in a later month, with nothing lapsed."""

    def case(town: Town) -> Gas:
        payer = town.resident([END_OF_NEXT_FISCAL_YEAR])
        town.wait_until(month)
        return town.pay(payer, PAID_POINTS)

    return case


PAYMENTS_OF_FIRST_LOT: dict[str, Case] = {
    "payment_existing": payment([END_OF_THIS_FISCAL_YEAR]),
    "payment_existing_fiscal_2_lots": payment([END_OF_THIS_FISCAL_YEAR, END_OF_NEXT_FISCAL_YEAR]),
    **{
        f"payment_existing_monthly_{lots}_lots": payment(consecutive(lots))
        for lots in (6, 12, 24, LONGEST_TERM)
    },
}

# April is the fourth month of a half year, June its last and July the first of the next.
PAYMENTS_OVER_LOTS: dict[str, Case] = {
    "payment_two_lots_same_half_year": payment(consecutive(3), LOT_POINTS + PAID_POINTS),
    "payment_two_lots_two_half_years": payment(consecutive(3, MONTH + 2), LOT_POINTS + PAID_POINTS),
    "payment_two_lots_fiscal": payment(
        [END_OF_THIS_FISCAL_YEAR, END_OF_NEXT_FISCAL_YEAR], LOT_POINTS + PAID_POINTS
    ),
    "payment_refill": payment_that_refills,
    **{
        f"payment_spends_lots_{lots}": payment(consecutive(lots), lots * LOT_POINTS)
        for lots in (1, 6, 24, 60)
    },
}

PAYMENTS_AFTER_TIME: dict[str, Case] = {
    "payment_after_month_end": payment_after_lapse(1, merchant_paid_before=True),
    "payment_after_two_month_ends": payment_after_lapse(2, merchant_paid_before=True),
    "payment_after_month_end_merchant_first": payment_after_lapse(1, merchant_paid_before=False),
    "payment_merchant_first_of_month": payment_first_of(MONTH + 1),
    "payment_merchant_first_of_fiscal_year": payment_first_of(MONTH + 12),
    "payment_merchant_never_paid": payment_to_new_merchant,
}


# ----------------------------------------------------------------------- grants


def grant(held: Sequence[int], month: int) -> Case:
    """Grant points of a month to a holder of other lots, when the minter has granted such points before."""

    def case(town: Town) -> Gas:
        account = town.resident(held)
        town.grant(town.resident([]), month)
        return town.grant(account, month)

    return case


def grant_of_another_month(town: Town) -> Gas:
    """Grant into an existing lot, when the minter's last grant was of another month."""
    account = town.resident([END_OF_THIS_FISCAL_YEAR, END_OF_NEXT_FISCAL_YEAR])
    return town.grant(account, END_OF_THIS_FISCAL_YEAR)


GRANTS: dict[str, Case] = {
    "mint_existing": grant([END_OF_THIS_FISCAL_YEAR], END_OF_THIS_FISCAL_YEAR),
    "mint_existing_fiscal_2nd_lot": grant(
        [END_OF_THIS_FISCAL_YEAR, END_OF_NEXT_FISCAL_YEAR], END_OF_NEXT_FISCAL_YEAR
    ),
    "mint_existing_6th_lot": grant(consecutive(6), MONTH + 5),
    "mint_existing_outside_queue": grant(consecutive(7), MONTH + 6),
    "mint_existing_minter_changes_month": grant_of_another_month,
    "mint_new_account": grant([], END_OF_THIS_FISCAL_YEAR),
    "mint_new_lot_in_queue": grant([END_OF_THIS_FISCAL_YEAR], END_OF_NEXT_FISCAL_YEAR),
    "mint_new_lot_outside_queue": grant(consecutive(6), MONTH + 6),
    "mint_new_lot_monthly_24_lots": grant(consecutive(24), MONTH + 24),
    "mint_new_lot_before_six": grant(consecutive(6, MONTH + 1), MONTH),
}
