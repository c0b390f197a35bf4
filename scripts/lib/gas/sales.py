"""What payments of sales cost, and what goes before and after them, beside EIP-3009 on OpenZeppelin's ERC20.

The standard's authorization is what a signed payment is compared with: it offers the signature and nothing
else. "First" is a payment whose sale takes a word of its own, as in the first weeks of a shop; "existing" is
every later one, whose word an old sale has left. The till that submits has a key of its own, which the series
looks up, except where the merchant's own key is named.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_account.signers.local import LocalAccount
from eth_utils import keccak

from scripts.lib.gas.figures import GAS, GAS_PER_PAYMENT, Figure
from scripts.lib.gas.meter import CHAIN_ID, GasMeter, MeteredContract
from scripts.lib.gas.tokens import OurToken
from scripts.lib.gas.town import END_OF_NEXT_FISCAL_YEAR, LOT_POINTS, PAID_POINTS, Town, consecutive
from scripts.lib.japan_calendar import day_of, start_of_day
from scripts.lib.payment.sale_number import sale_number
from scripts.lib.payment.sale_terms import SaleTerms
from scripts.lib.payment.signing import (
    NO_SIGNATURE,
    Payment,
    Sale,
    SeriesDomain,
    sign,
    signed_payment,
)

BATCH = 50
SALES_A_DAY = 5
DAYS_A_YEAR = 365
FOREVER = 0x6FFFFFFF
"""The last second of validity of whatever is signed here, in 2029: as many bytes as real ones."""

_AUTHORIZATION = {
    "TransferWithAuthorization": [
        {"name": "from", "type": "address"},
        {"name": "to", "type": "address"},
        {"name": "value", "type": "uint256"},
        {"name": "validAfter", "type": "uint256"},
        {"name": "validBefore", "type": "uint256"},
        {"name": "nonce", "type": "bytes32"},
    ]
}


def account_with_key(number: int) -> LocalAccount:
    """Return a key whose address has no zero byte, always the same for a number."""
    secret = keccak(b"gas" + number.to_bytes(32, "big"))
    while 0 in bytes.fromhex(Account.from_key(secret).address[2:]):
        secret = keccak(secret)
    return Account.from_key(secret)


@dataclass
class Counter:
    """The town's merchant at its counter, and payers who can sign."""

    town: Town
    token: MeteredContract
    till: str
    merchant_key: LocalAccount
    _payers: int = 0
    _serials: dict[int, int] = field(default_factory=dict)

    @property
    def merchant(self) -> str:
        """The merchant's account, whose own key is its owner's."""
        return self.merchant_key.address

    def payer(self, months: list[int]) -> LocalAccount:
        """Return a key whose account holds LOT_POINTS for each of these months."""
        self._payers += 1
        payer = account_with_key(1_000 + self._payers)
        for month in months:
            self.town.tokens[0].grant(payer.address, month)
        return payer

    def open_sale(self) -> int:
        """Return the next sale number of the chain's present day."""
        day = day_of(self.town.meter.chain.now() + 1)
        self._serials[day] = self._serials.get(day, 0) + 1
        return sale_number(day, self._serials[day])

    def copied(self) -> Counter:
        """Return a counter that goes on from here with the same payers and serial numbers."""
        return replace(self, _serials=dict(self._serials))

    def payment(self, payer: LocalAccount, sale: int, points: int = PAID_POINTS) -> tuple[int, bytes, bytes]:
        """Return a payment that the payer has signed, as the struct SignedPayment."""
        payment = Payment(payer.address, self.merchant, sale, points, FOREVER)
        return signed_payment(payment, sign(self._domain, payment, payer))

    def signed_sale(self, sale: int, points: int = PAID_POINTS) -> tuple[int, bytes, bytes]:
        """Return until when a sale is offered and the merchant's signature of it."""
        offer = Sale(self.merchant, sale, points, FOREVER)
        return FOREVER, *sign(self._domain, offer, self.merchant_key)

    def submit(self, payer: LocalAccount, points: int = PAID_POINTS) -> tuple[int, int]:
        """Let the till submit a signed payment; return the sale and the gas."""
        sale = self.open_sale()
        payment = self.payment(payer, sale, points)
        return sale, self.token.send("paySigned", self.merchant, *payment, sender=self.till)

    def submit_batch(self, payers: list[LocalAccount]) -> float:
        """Let the till submit a payment of each payer in one transaction; return the gas of each."""
        payments = [self.payment(payer, self.open_sale()) for payer in payers]
        gas = self.token.send("payBatch", self.merchant, payments, *NO_SIGNATURE, sender=self.till)
        return gas / len(payers)

    def refund(self, sale: int, payer: LocalAccount, lots: dict[int, int]) -> int:
        """Let the owner refund a sale in full; return the gas."""
        paid = [month << 29 | points for month, points in lots.items()]
        return self.token.send(
            "refund",
            self.merchant,
            sale,
            payer.address,
            paid,
            sum(lots.values()),
            sender=self.merchant,
        )

    def wait_until_words_are_free(self) -> None:
        """Let time pass until today's sales take the words of sales that were paid before."""
        today = day_of(self.town.meter.chain.now())
        self.town.meter.chain.mine_at(start_of_day(today + SaleTerms().ring_days))
        self._serials.clear()

    @property
    def _domain(self) -> SeriesDomain:
        return SeriesDomain(CHAIN_ID, self.token.address)


def sale_figures(meter: GasMeter, town: Town, ours: OurToken) -> Iterator[Figure]:
    """Measure payments of sales, refunds and voids."""
    counter = opened_counter(town, ours)
    anchor = _authorization_gas(meter, town, ours.officer)
    months = [END_OF_NEXT_FISCAL_YEAR]
    first = _payments(counter, months)
    yield Figure("signed_payment_first", first["signed_payment"], anchor)
    yield Figure("signed_payment_merchant_signed_first", first["signed_payment_merchant_signed"], anchor)
    yield Figure(f"signed_payment_batch{BATCH}_first", first["batch"], anchor, GAS_PER_PAYMENT)
    yield from _corrections(counter, months)
    with town.undone():
        counter.wait_until_words_are_free()
        existing = _payments(counter, months)
    yield Figure("signed_payment", existing["signed_payment"], anchor, limit=0.85)
    yield Figure("signed_payment_by_owner_key", existing["signed_payment_by_owner_key"], anchor)
    yield Figure("signed_payment_two_lots", existing["signed_payment_two_lots"], anchor)
    yield Figure("signed_payment_merchant_signed", existing["signed_payment_merchant_signed"], anchor)
    yield Figure("payment_of_signed_sale", existing["payment_of_signed_sale"], anchor)
    yield Figure(f"signed_payment_batch{BATCH}", existing["batch"], anchor, GAS_PER_PAYMENT, limit=0.36)
    yield _first_year(first["signed_payment"], existing["signed_payment"], anchor)


def opened_counter(town: Town, ours: OurToken) -> Counter:
    """Return a merchant that has been paid, with a till of its own."""
    merchant = account_with_key(1)
    ours.approve(merchant.address)
    counter = Counter(town, ours.contract, account_with_key(2).address, merchant)
    ours.contract.send("setTill", counter.merchant, counter.till, True, sender=counter.merchant)
    ours.pay(town.resident([END_OF_NEXT_FISCAL_YEAR]), counter.merchant, PAID_POINTS)
    return counter


def _payments(counter: Counter, months: list[int]) -> dict[str, float]:
    """Measure each way to pay a sale; the serial numbers are the same every time."""
    counter.submit(counter.payer(months))  # the merchant's word turns to this month
    payer = counter.payer(months)
    gas: dict[str, float] = {"signed_payment": counter.submit(payer)[1]}

    payer, sale = counter.payer(months), counter.open_sale()
    gas["signed_payment_by_owner_key"] = counter.token.send(
        "paySigned", counter.merchant, *counter.payment(payer, sale), sender=counter.merchant
    )
    payer = counter.payer([months[0] - 12, *months])
    gas["signed_payment_two_lots"] = counter.submit(payer, LOT_POINTS + PAID_POINTS)[1]

    payer, sale = counter.payer(months), counter.open_sale()
    gas["signed_payment_merchant_signed"] = counter.token.send(
        "payRelayed",
        counter.merchant,
        counter.payment(payer, sale),
        *counter.signed_sale(sale),
        sender=counter.till,
    )
    payer, sale = counter.payer(months), counter.open_sale()
    gas["payment_of_signed_sale"] = counter.token.send(
        "pay", counter.merchant, sale, PAID_POINTS, *counter.signed_sale(sale), sender=payer.address
    )
    gas["batch"] = counter.submit_batch([counter.payer(months) for _ in range(BATCH)])
    return gas


def _corrections(counter: Counter, months: list[int]) -> Iterator[Figure]:
    """Measure a void and refunds of one, two and seven lots."""
    yield Figure(
        "void_sale",
        counter.token.send("voidSale", counter.merchant, counter.open_sale(), sender=counter.till),
        None,
    )
    for lots in (1, 2, 7):
        with counter.town.undone():
            paid = dict.fromkeys(consecutive(lots, months[0] - lots), LOT_POINTS)
            payer = counter.payer([*paid, *months])
            sale, _ = counter.submit(payer, lots * LOT_POINTS)
            yield Figure(f"refund_lots_{lots}", counter.refund(sale, payer, paid), None)


def _first_year(first: float, existing: float, anchor: float) -> Figure:
    """Return the mean over the first year of a shop with SALES_A_DAY, which soon has all its words."""
    sales = DAYS_A_YEAR * SALES_A_DAY
    new_words = SaleTerms().ring_days * SALES_A_DAY
    mean = (new_words * first + (sales - new_words) * existing) / sales
    return Figure(f"signed_payment_first_year_{SALES_A_DAY}_a_day", round(mean, 1), anchor, GAS)


def _authorization_gas(meter: GasMeter, town: Town, officer: str) -> int:
    """Return the gas of a payment by EIP-3009, between accounts that keep a balance."""
    peer = meter.deploy("AuthorizedPoint", [], officer)
    payer, shop, relayer = account_with_key(3), town.shop, account_with_key(2).address
    peer.send("mint", shop, PAID_POINTS, sender=officer)
    peer.send("mint", payer.address, LOT_POINTS, sender=officer)
    domain = {"name": "Point", "version": "1", "chainId": CHAIN_ID, "verifyingContract": peer.address}
    terms = (payer.address, shop, PAID_POINTS, 0, FOREVER, keccak(b"nonce"))
    [fields] = _AUTHORIZATION.values()
    message = {field["name"]: value for field, value in zip(fields, terms, strict=True)}
    signature = payer.sign_message(encode_typed_data(domain, _AUTHORIZATION, message)).signature
    v, r, s = signature[64], signature[:32], signature[32:64]
    return peer.send("transferWithAuthorization", *terms, v, r, s, sender=relayer)
