"""Refunds: what a sale was paid from is looked up, and goes back there. The owner's key alone may."""

from __future__ import annotations

from typing import NamedTuple

from eth_account.signers.local import LocalAccount
from web3 import Web3

from scripts.lib.contract_book import ContractBook
from scripts.lib.merchant.chain_sales import find_payment
from scripts.lib.merchant.till_settings import TillSettings
from scripts.lib.node.signed_call import send


class Refund(NamedTuple):
    """What a refund gives back, and what of it has ended and stays the shop's.

    Attributes:
        transaction: 0x hex; "" if it was only asked for.
    """

    sale: int
    payer: str
    returned_points: int
    unreturnable_points: int
    transaction: str = ""


def plan_refund(
    book: ContractBook, web3: Web3, settings: TillSettings, sale: int, points: int | None = None
) -> tuple[Refund, tuple[int, ...]]:
    """Return what a refund would do, and the lots it needs; all that is left of the sale if `points` is None.

    Raises:
        LookupError: the sale was not paid.
        ChainRefusal: too late, too much, or all of it has ended.
    """
    point = book.contract(web3, "MunicipalPoint", settings.series)
    paid = find_payment(book, web3, settings, sale)
    if points is None:
        _, refunded = point.functions.saleOf(settings.merchant, sale).call()
        points = paid.points - refunded
    asked = point.functions.refundOf(settings.merchant, sale, paid.payer, paid.lots, points)
    returned, unreturnable = book.asking(asked.call)
    return Refund(sale, paid.payer, returned, unreturnable), paid.lots


def refund(
    book: ContractBook,
    web3: Web3,
    settings: TillSettings,
    owner: LocalAccount,
    sale: int,
    points: int | None = None,
) -> Refund:
    """Give points of a sale back to whoever paid it, or to the account that took over.

    Raises:
        LookupError, ChainRefusal: see `plan_refund`; also if the key is not the owner's.
    """
    planned, lots = plan_refund(book, web3, settings, sale, points)
    point = book.contract(web3, "MunicipalPoint", settings.series)
    undone = planned.returned_points + planned.unreturnable_points
    call = point.functions.refund(settings.merchant, sale, planned.payer, lots, undone)
    receipt = send(book, web3, call, owner, settings.gas_price)
    return planned._replace(transaction=receipt["transactionHash"].to_0x_hex())
