import json

import pytest
from eth_abi import encode
from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_keys.constants import SECPK1_N
from eth_utils import keccak

from scripts.lib.payment.sale_number import sale_number
from scripts.lib.payment.signing import (
    MAX_PAYMENT_POINTS,
    MAX_VALID_UNTIL,
    NO_SIGNATURE,
    CompactSignature,
    Payment,
    Sale,
    Sales,
    SeriesDomain,
    compact,
    digest,
    domain_separator,
    sign,
    signed_payment,
    signer_of,
    typed_data,
)

DOMAIN = SeriesDomain(31337, "0x" + "5A" * 20)
KEY = Account.from_key(b"\1" * 32)
SHOP = "0x" + "0B" * 20
SALE = sale_number(9236, 17)
PAYMENT = Payment(KEY.address, SHOP, SALE, 1200, 1_800_000_000, 3)
MESSAGES = [PAYMENT, Sale(SHOP, SALE, 1200, 1_800_000_000), Sales(SHOP, ((SALE, 1200), (SALE + 1, 5)))]
SIGNED = sign(DOMAIN, PAYMENT, KEY)

messages = pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)


def by_hand(message):
    """The digest as EIP-712 writes it, with nothing of what the module uses but the hash function."""
    domain_type = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
    separator = keccak(
        encode(
            ["bytes32", "bytes32", "bytes32", "uint256", "address"],
            [keccak(text=domain_type), keccak(text="jichitai-points"), keccak(text="1"), *DOMAIN],
        )
    )
    if isinstance(message, Payment):
        text = (
            "Payment(address payer,address merchant,uint256 sale,uint256 amountPoints,uint256 validUntil,"
            "uint256 cancelEpoch)"
        )
        fields = encode(["address"] * 2 + ["uint256"] * 4, message)
    elif isinstance(message, Sale):
        text = "Sale(address merchant,uint256 sale,uint256 amountPoints,uint256 validUntil)"
        fields = encode(["address"] + ["uint256"] * 3, message)
    else:
        text = "Sales(address merchant,uint256[] salesAndAmounts)"
        flat = [number for sale in message.sales for number in sale]
        fields = encode(["address", "bytes32"], [message.merchant, keccak(encode(["uint256"] * 4, flat))])
    return keccak(b"\x19\x01" + separator + keccak(keccak(text=text) + fields))


# -------------------------------------------------------------------------------------------- WHAT IS SIGNED


@messages
def test_digest_is_that_of_the_standard(message):
    assert digest(DOMAIN, message) == by_hand(message)


@messages
def test_sign_gives_a_signature_of_the_key(message):
    assert signer_of(DOMAIN, message, sign(DOMAIN, message, KEY)) == KEY.address


@messages
def test_typed_data_survives_the_way_to_a_wallet_as_json(message):
    shown = json.loads(json.dumps(typed_data(DOMAIN, message)))
    signature = bytes(KEY.sign_message(encode_typed_data(full_message=shown)).signature)
    assert compact(signature) == sign(DOMAIN, message, KEY)


def test_domain_separator_is_what_every_digest_begins_with():
    assert domain_separator(DOMAIN) != domain_separator(DOMAIN._replace(chain_id=1))
    for message in MESSAGES:
        header = encode_typed_data(full_message=typed_data(DOMAIN, message)).header
        assert header == domain_separator(DOMAIN)


def test_sales_without_a_sale_can_be_signed():
    nothing = Sales(SHOP, ())
    assert signer_of(DOMAIN, nothing, sign(DOMAIN, nothing, KEY)) == KEY.address


# --------------------------------------------------------------------------------------- WHAT IT IS GOOD FOR


@pytest.mark.parametrize("domain", [DOMAIN._replace(chain_id=1), DOMAIN._replace(series="0x" + "5B" * 20)])
@messages
def test_signature_is_good_for_one_chain_and_series(domain, message):
    assert signer_of(domain, message, sign(DOMAIN, message, KEY)) != KEY.address


@pytest.mark.parametrize(
    "change",
    [
        {"payer": SHOP},
        {"merchant": KEY.address},
        {"sale": SALE + 1},
        {"amount_points": 1201},
        {"valid_until": 1_800_000_001},
        {"cancel_epoch": 4},
    ],
    ids=lambda change: next(iter(change)),
)
def test_signature_of_a_payment_is_good_for_all_its_terms(change):
    assert signer_of(DOMAIN, PAYMENT._replace(**change), SIGNED) != KEY.address


def test_signature_of_sales_is_good_for_all_of_them_in_their_order():
    sales = MESSAGES[2]
    signature = sign(DOMAIN, sales, KEY)
    for other in (sales.sales[::-1], sales.sales[:1], (*sales.sales, (SALE + 2, 1))):
        assert signer_of(DOMAIN, sales._replace(sales=other), signature) != KEY.address


# ------------------------------------------------------------------------------------------ THE CHAIN'S FORM


def test_terms_hold_all_of_a_payment_but_shop_and_epoch():
    terms = PAYMENT.terms
    assert terms >> 96 == int(KEY.address, 16)
    assert (terms >> 64) % 2**32 == SALE
    assert (terms >> 35) % 2**29 == 1200
    assert terms % 2**35 == 1_800_000_000
    assert signed_payment(PAYMENT, SIGNED) == (terms, SIGNED.r, SIGNED.vs)


def test_terms_of_the_largest_numbers_fill_the_word():
    largest = Payment("0x" + "ff" * 20, SHOP, 2**32 - 1, MAX_PAYMENT_POINTS, MAX_VALID_UNTIL)
    assert largest.terms == 2**256 - 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("sale", -1),
        ("sale", 2**32),
        ("amount_points", -1),
        ("amount_points", MAX_PAYMENT_POINTS + 1),
        ("valid_until", -1),
        ("valid_until", MAX_VALID_UNTIL + 1),
    ],
)
def test_terms_of_a_number_that_does_not_fit_are_refused(field, value):
    with pytest.raises(ValueError, match=f"{field} must be"):
        signed_payment(PAYMENT._replace(**{field: value}), SIGNED)


def test_long_and_compact_form_say_the_same_with_either_parity():
    parities = set()
    for amount in range(1, 9):
        payment = PAYMENT._replace(amount_points=amount)
        signature = sign(DOMAIN, payment, KEY)
        assert compact(signature.long) == signature
        assert signer_of(DOMAIN, payment, compact(signature.long)) == KEY.address
        parities.add(signature.long[64])
    assert parities == {27, 28}


def test_compact_takes_v_as_some_wallets_have_it():
    long = SIGNED.long
    assert compact(long[:64] + bytes([long[64] - 27])) == SIGNED


def flipped(long):
    """The other signature of the same key over the same message."""
    s = SECPK1_N - int.from_bytes(long[32:64], "big")
    return long[:32] + s.to_bytes(32, "big") + bytes([55 - long[64]])


@pytest.mark.parametrize(
    "signature",
    [b"", SIGNED.long[:64], SIGNED.long + b"\0", SIGNED.long[:64] + b"\2", flipped(SIGNED.long)],
    ids=["nothing", "too short", "too long", "v of 2", "s in the upper half"],
)
def test_compact_of_what_the_chain_refuses_is_refused(signature):
    with pytest.raises(ValueError, match=r"^(not a signature|s is in the upper half)"):
        compact(signature)


@pytest.mark.parametrize(
    "signature",
    [
        NO_SIGNATURE,
        CompactSignature(b"\xff" * 32, b"\xff" * 32),
        CompactSignature(SIGNED.r, bytes(32)),
        CompactSignature(bytes(32), SIGNED.vs),
        CompactSignature(SIGNED.r, SIGNED.vs[:31]),
        CompactSignature(SIGNED.r + b"\0", SIGNED.vs),
        CompactSignature(SIGNED.r, ((SECPK1_N + 1) // 2).to_bytes(32, "big")),
    ],
)
def test_signer_of_what_is_no_signature_is_nobody(signature):
    assert signer_of(DOMAIN, PAYMENT, signature) is None


def test_signature_of_the_other_parity_is_not_the_key_s():
    other = CompactSignature(SIGNED.r, bytes([SIGNED.vs[0] ^ 0x80]) + SIGNED.vs[1:])
    assert signer_of(DOMAIN, PAYMENT, other) != KEY.address
