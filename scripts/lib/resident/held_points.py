"""Points from partners: those that wait in the holding account, and coupons."""

from __future__ import annotations

import time
from typing import Any, NamedTuple

from eth_account.signers.local import LocalAccount
from web3 import Web3

from scripts.lib.contract_book import ContractBook
from scripts.lib.exchange.coupons import coupon_key
from scripts.lib.exchange.signatures import ExchangeDomain, Naming, sign_naming, sign_redemption
from scripts.lib.node.log_pages import read_logs
from scripts.lib.node.signed_call import send

HELD = 1
WAIT_DAYS = 14
DAY_SECONDS = 24 * 60 * 60
NAMING_SECONDS = 60 * 60


class HeldPoints(NamedTuple):
    """Points that wait.

    Attributes:
        holding: 32 bytes.
        due_at: from when on anybody may send them home.
    """

    holding: bytes
    partner: int
    points: int
    bonus_points: int
    due_at: int


def held_points(book: ContractBook, web3: Web3, municipality: int, account: str) -> list[HeldPoints]:
    """Return what waits for the resident whose home account in a municipality this is, oldest first."""
    exchange = book.service(web3, "PartnerExchange")
    number = resident_number(book, web3, municipality, account)
    first = min((series.block for series in book.series), default=0)
    logs = read_logs(web3, exchange.events.Exchanged, first, {"municipality": municipality})
    found = [bytes(log["args"]["holding"]) for log in logs if log["args"]["number"] == number]
    waiting = []
    for holding in found:
        state, _, _, partner, at, _, points, bonus, *_ = exchange.functions.holdingOf(holding).call()
        if state == HELD:
            waiting.append(HeldPoints(holding, partner, points, bonus, at + WAIT_DAYS * DAY_SECONDS))
    return waiting


def name_held_points(
    book: ContractBook,
    web3: Web3,
    holding: bytes,
    municipality: int,
    account: str,
    home_key: LocalAccount,
    sender: LocalAccount | None = None,
) -> Any:
    """Send held points to an account of the resident's in a municipality, by a signature of the home account.

    Args:
        sender: who submits it; the home account itself if None.

    Raises:
        ChainRefusal: the exchange does not.
    """
    exchange = book.service(web3, "PartnerExchange")
    now = max(int(time.time()), int(web3.eth.get_block("latest")["timestamp"]))
    naming = Naming(holding, municipality, account, now + NAMING_SECONDS)
    signature = sign_naming(ExchangeDomain(book.chain_id, exchange.address), home_key, naming)
    call = exchange.functions.nameMunicipality(*naming, signature)
    return send(book, web3, call, sender or home_key)


def redeem_coupon(
    book: ContractBook,
    web3: Web3,
    code: str,
    municipality: int,
    account: LocalAccount,
    partner: int | None = None,
) -> Any:
    """Redeem a coupon into the resident's account in a municipality.

    Args:
        code: as it was typed in.
        partner: whose coupon it is; whoever issued it first if None.

    Raises:
        CouponCodeError: the code has a typing error.
        ChainRefusal: the coupon is unknown, used, ended, or for another municipality.
    """
    exchange = book.service(web3, "PartnerExchange")
    key = coupon_key(code)
    if partner is None:
        partner = _partner_of(book, web3, exchange, key.address)
    number = resident_number(book, web3, municipality, account.address)
    domain = ExchangeDomain(book.chain_id, exchange.address)
    signature = sign_redemption(domain, key, partner, municipality, number)
    call = exchange.functions.redeem(partner, key.address, municipality, number, signature)
    return send(book, web3, call, account)


def resident_number(book: ContractBook, web3: Web3, municipality: int, account: str) -> int:
    """Return a resident's number in a municipality; 0 if the account is nobody's."""
    residents = book.contract(web3, "ResidentRegistry", book.residents)
    return int(residents.functions.numberOf(municipality, account).call())


def _partner_of(book: ContractBook, web3: Web3, exchange: Any, coupon: str) -> int:
    """Return who issued a coupon first: until then nobody else knew its key's address, and could copy it."""
    first = min((series.block for series in book.series), default=0)
    issued = next(read_logs(web3, exchange.events.CouponIssued, first, {"coupon": coupon}), None)
    return 1 if issued is None else int(issued["args"]["partner"])  # of nobody's the exchange will say so
