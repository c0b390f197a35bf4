"""A shop's claim on the municipality, and the request to be paid in yen (精算請求)."""

from __future__ import annotations

from typing import NamedTuple

from eth_account.signers.local import LocalAccount
from web3 import Web3

from scripts.lib.contract_book import ContractBook
from scripts.lib.merchant.till_settings import TillSettings
from scripts.lib.node.signed_call import send


class ShopClaim(NamedTuple):
    """What the municipality owes a shop, in points.

    Attributes:
        locked_points: of it, what is in settlement.
    """

    this_year_points: int
    earlier_years_points: int
    locked_points: int

    @property
    def total_points(self) -> int:
        """All that is owed."""
        return self.this_year_points + self.earlier_years_points + self.locked_points


def claim_of(book: ContractBook, web3: Web3, settings: TillSettings) -> ShopClaim:
    """Return the shop's claim now."""
    point = book.contract(web3, "MunicipalPoint", settings.series)
    return ShopClaim(*point.functions.claimOf(settings.merchant).call())


def request_settlement(
    book: ContractBook, web3: Web3, settings: TillSettings, owner: LocalAccount
) -> ShopClaim:
    """Ask to be paid what is free of the claim, and return the claim.

    Raises:
        ChainRefusal: nothing is owed, the key is not the owner's, or the series is settled elsewhere.
        BookError: the council offers no settlement.
    """
    service = book.service(web3, "MerchantSettlement")
    call = service.functions.requestSettlement(settings.series, settings.merchant)
    send(book, web3, call, owner, settings.gas_price)
    return claim_of(book, web3, settings)
