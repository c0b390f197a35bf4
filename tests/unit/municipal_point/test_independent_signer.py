"""What ethers signs is what our library signs, and the series takes it."""

import json
import os
import subprocess
from pathlib import Path

import pytest
from eth_account import Account

from scripts.lib.payment.signing import (
    MAX_PAYMENT_POINTS,
    MAX_VALID_UNTIL,
    CompactSignature,
    Payment,
    Sale,
    Sales,
    digest,
    domain_separator,
    sign,
    typed_data,
)
from scripts.lib.workspace import NODE, ROOT, inside_variables
from tests.support.clock import HOUR, JUNE, now
from tests.support.paying import FOREVER, sale_of_today

SCRIPT = Path(__file__).parents[2] / "support" / "independent_signer.mjs"
SECONDS = 60


def sign_with_ethers(domain, message, key):
    """Let a process of Node sign; return domain and digest as 0x hex, and the signature."""
    question = {
        "key": "0x" + bytes(key.key).hex(),
        "chainId": domain.chain_id,
        "series": domain.series,
        "kind": type(message).__name__,
        "values": typed_data(domain, message)["message"],
    }
    answer = subprocess.run(
        [NODE, SCRIPT],
        input=json.dumps(question),
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
        cwd=ROOT,
        env={**os.environ, **inside_variables()},
    )
    assert answer.returncode == 0, answer.stderr
    signed = json.loads(answer.stdout)
    signature = CompactSignature(bytes.fromhex(signed["r"][2:]), bytes.fromhex(signed["vs"][2:]))
    return signed["domain"], signed["digest"], signature


@pytest.fixture
def messages(payer, shop):
    account, sale = payer.account.address, sale_of_today(7)
    return [
        Payment(account, shop.address, sale, 1200, now() + HOUR, 3),
        Payment(account, shop.address, 2**32 - 1, MAX_PAYMENT_POINTS, MAX_VALID_UNTIL, 4095),
        Sale(shop.address, sale, 1200, now() + HOUR),
        Sales(shop.address, ((sale, 1200), (sale + 1, 1))),
        Sales(shop.address, ()),
    ]


def agrees_with_ethers(domain, message, key):
    """Domain, digest and signature to the bit; return the signature's parity."""
    domain_hash, hash_signed, signature = sign_with_ethers(domain, message, key)
    assert domain_hash == "0x" + domain_separator(domain).hex()
    assert hash_signed == "0x" + digest(domain, message).hex()
    assert signature == sign(domain, message, key)
    return signature.long[64]


@pytest.mark.parametrize("place", range(5), ids=["payment", "largest payment", "sale", "sales", "no sales"])
def test_sign_gives_what_ethers_gives(counter, messages, payer, place):
    agrees_with_ethers(counter.domain, messages[place], payer.key)


def test_sign_gives_what_ethers_gives_for_signatures_of_either_parity(counter, messages):
    seen = set()
    for number in range(1, 65):
        seen.add(
            agrees_with_ethers(counter.domain, messages[0], Account.from_key(number.to_bytes(32, "big")))
        )
        if seen == {27, 28}:
            return
    raise AssertionError(f"64 keys signed with v of {seen} only")


def test_payment_signed_with_ethers_is_accepted(point, grant, counter, payer, till, shop, stranger):
    """Payer and till both sign with ethers; nothing of what is sent was made by our library but the terms."""
    grant(payer.account, {JUNE: 100})
    payment = counter.payment(payer, sale_of_today(), 30)
    sale = Sale(shop.address, sale_of_today(), 30, FOREVER)
    _, _, by_payer = sign_with_ethers(counter.domain, payment, payer.key)
    _, _, by_till = sign_with_ethers(counter.domain, sale, till.key)
    point.payRelayed(shop, (payment.terms, *by_payer), FOREVER, *by_till, {"from": stranger})
    assert (point.balanceOf(payer.account), point.claimOf(shop)) == (70, (30, 0, 0))
