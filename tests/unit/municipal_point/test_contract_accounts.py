"""Residents' accounts that are contracts (ERC-1271): asked by STATICCALL, with 100,000 gas, for one word.

They are asked with r, s and v in 65 bytes; one whose signatures are longer sends `pay` itself.
"""

from enum import IntEnum

import brownie
import pytest

from scripts.lib.contract_abi import decode_answer, encode_call
from scripts.lib.node.local_chain import RpcError
from scripts.lib.payment.issue import PaymentIssue, SaleState
from scripts.lib.payment.signing import NO_SIGNATURE, sign, signed_payment
from tests.support.clock import HOUR, JULY, JUNE, now
from tests.support.harness import deploy_harness
from tests.support.paying import FOREVER, sale_of_today, sale_paid
from tests.support.reading import events, lots
from tests.support.reverts import ANY, reverts

STIPEND = 100_000


class Manner(IntEnum):
    """ContractAccount.Manner."""

    ASKS_ITS_OWNER = 0
    ACCEPTS_ALL = 1
    USES_GAS = 2
    BURNS_ALL_GAS = 3
    REVERTS = 4
    REVERTS_WITH_THE_MAGIC_WORD = 5
    RETURNS_NOTHING = 6
    RETURNS_SHORT_MAGIC_WORD = 7
    RETURNS_LONG_MAGIC_WORD = 8
    RETURNS_HUGE_GARBAGE = 9
    RETURNS_WRONG_WORD = 10
    RETURNS_UNCLEAN_MAGIC_WORD = 11
    REENTERS = 12
    ACCEPTS_IF_IT_REENTERED = 13


REFUSING = [
    Manner.BURNS_ALL_GAS,
    Manner.REVERTS,
    Manner.REVERTS_WITH_THE_MAGIC_WORD,
    Manner.RETURNS_NOTHING,
    Manner.RETURNS_SHORT_MAGIC_WORD,
    Manner.RETURNS_HUGE_GARBAGE,
    Manner.RETURNS_WRONG_WORD,
    Manner.RETURNS_UNCLEAN_MAGIC_WORD,
]


@pytest.fixture(scope="module")
def wallet(point, payer):
    """A contract account whose owner's key is the payer's."""
    return deploy_harness("ContractAccount", payer.account.address)


@pytest.fixture
def rich(grant, wallet):
    """The wallet has 1,000 points."""
    grant(wallet.address, {JUNE: 400, JULY: 600})
    return wallet


@pytest.fixture
def agreed(counter, wallet, payer):
    """`agreed(serial, points)`: a payment of the wallet, and the signature of the wallet's owner."""

    def agree(serial=1, points=10, **more):
        payment = counter.payment(wallet.address, sale_of_today(serial), points, **more)
        return payment, sign(counter.domain, payment, payer.key)

    return agree


@pytest.fixture
def by_contract(point, shop, till):
    """`by_contract(payment, signature)`: the till submits a contract account's payment."""

    def submit(payment, signature, by=till.account):
        return point.paySigned(shop, payment.terms, *signature, {"from": by})

    return submit


def in_batch(point, shop, till, *payments):
    return point.payBatch(shop, payments, *NO_SIGNATURE, {"from": till.account})


# ------------------------------------------------------------------------------------------------- GOOD ONES


def test_contract_account_that_accepts_pays(point, rich, agreed, by_contract, shop):
    payment, signature = agreed()
    assert events(by_contract(payment, signature)) == [
        sale_paid(shop, sale_of_today(), rich.address, JUNE, 10),
        ("Transfer", rich.address, shop, 10),
    ]
    assert (point.balanceOf(rich), point.claimOf(shop)) == (990, (10, 0, 0))


def test_contract_account_that_accepts_pays_over_several_lots(point, rich, agreed, by_contract, shop):
    payment, signature = agreed(points=500)
    by_contract(payment, signature)
    assert lots(point, rich) == {JULY: 500}


def test_contract_account_pays_in_every_other_way_too(
    point, rich, agreed, counter, payer, till, shop, stranger
):
    sale_signed = counter.sale_signature(till, sale_of_today(1), 10)
    point.payRelayed(shop, signed_payment(*agreed(1)), FOREVER, *sale_signed, {"from": stranger})
    paid = in_batch(point, shop, till, signed_payment(*agreed(2)), signed_payment(*agreed(3)))
    assert paid.return_value == (PaymentIssue.NONE,) * 2
    data = point.pay.encode_input(
        shop, sale_of_today(4), 10, FOREVER, *counter.sale_signature(till, sale_of_today(4), 10)
    )
    rich.send(point.address, data, {"from": payer.account})
    assert (point.balanceOf(rich), point.claimOf(shop)) == (960, (40, 0, 0))


def test_contract_account_may_accept_what_is_no_signature_of_a_key(point, rich, agreed, by_contract, shop):
    """What r and vs mean to it is its own affair."""
    rich.behave(Manner.ACCEPTS_ALL)
    for serial, signature in enumerate((NO_SIGNATURE, (b"\xff" * 32, b"\xff" * 32)), start=1):
        by_contract(agreed(serial)[0], signature)
    assert point.claimOf(shop) == (20, 0, 0)


def test_contract_account_that_returns_more_than_the_word_pays(point, rich, agreed, by_contract, shop):
    rich.behave(Manner.RETURNS_LONG_MAGIC_WORD)
    by_contract(agreed()[0], NO_SIGNATURE)
    assert point.claimOf(shop) == (10, 0, 0)


def test_contract_account_cancels_what_its_owner_signed(point, rich, agreed, by_contract, payer):
    payment, signature = agreed()
    rich.send(point.address, point.cancelSignatures.encode_input(), {"from": payer.account})
    assert point.cancelEpochOf(rich) == 1
    with reverts("PointWrongSignature", rich):
        by_contract(payment, signature)
    payment, signature = agreed(cancel_epoch=1)
    by_contract(payment, signature)


# ----------------------------------------------------------------------------------------------- WHO SUBMITS


def test_contract_account_s_payment_is_submitted_by_the_owner_or_a_till_only(
    rich, agreed, by_contract, shop, stranger, payer
):
    payment, signature = agreed()
    for caller in (stranger, payer.account):
        with reverts("PointNotTill", shop, caller):
            by_contract(payment, signature, by=caller)
    by_contract(payment, signature, by=shop)


def test_contract_account_does_not_accept_another_s_signature(
    rich, agreed, by_contract, counter, payer, other_payer
):
    payment, signature = agreed()
    other_sale = payment._replace(sale=payment.sale + 1)
    for forged in (
        sign(counter.domain, payment, other_payer.key),
        sign(counter.domain, other_sale, payer.key),
        signature._replace(r=bytes(32)),
        NO_SIGNATURE,
    ):
        with reverts("PointWrongSignature", rich):
            by_contract(payment, forged)


def test_contract_account_whose_code_is_gone_pays_no_more(point, rich, agreed, by_contract, shop, till):
    """As after a selfdestruct: nobody is left to say yes, not even by the key of its owner."""
    payment, signature = agreed()
    brownie.web3.provider.make_request("anvil_setCode", [rich.address, "0x"])
    with reverts("PointWrongSignature", rich):
        by_contract(payment, signature)
    refused = in_batch(point, shop, till, signed_payment(payment, signature))
    assert refused.return_value == (PaymentIssue.WRONG_SIGNATURE,)
    assert point.balanceOf(rich) == 1000


# -------------------------------------------------------------------------------------------------- BAD ONES


@pytest.mark.parametrize("manner", REFUSING, ids=lambda manner: manner.name.lower())
def test_contract_account_that_does_not_say_yes_pays_nothing(
    point, rich, agreed, by_contract, shop, till, grant, counter, other_payer, manner
):
    """A batch goes on after it, at a bounded price."""
    rich.behave(manner)
    payment, signature = agreed()
    with reverts("PointWrongSignature", rich):
        by_contract(payment, signature)
    grant(other_payer.account, {JUNE: 100})
    paid = in_batch(
        point,
        shop,
        till,
        signed_payment(payment, signature),
        counter.signed(other_payer, sale_of_today(2), 10),
    )
    assert paid.return_value == (PaymentIssue.WRONG_SIGNATURE, PaymentIssue.NONE)
    assert (point.balanceOf(rich), point.claimOf(shop)) == (1000, (10, 0, 0))
    assert point.saleOf(shop, payment.sale) == (SaleState.UNUSED, 0)


def test_contract_account_that_burns_gas_costs_no_more_than_its_stipend(
    point, rich, agreed, shop, till, other_payer, grant, counter
):
    grant(other_payer.account, {JUNE: 100})

    def gas_used(serial):
        payments = (
            signed_payment(*agreed(serial)),
            counter.signed(other_payer, sale_of_today(serial + 1), 10),
        )
        return in_batch(point, shop, till, *payments).gas_used

    rich.behave(Manner.REVERTS)
    cheap = gas_used(1)
    for serial, manner in ((3, Manner.BURNS_ALL_GAS), (5, Manner.RETURNS_HUGE_GARBAGE)):
        rich.behave(manner)
        dear = gas_used(serial)
        # The second payment writes words that the first batch has written before.
        assert dear < cheap + STIPEND, f"{manner.name}: {dear} gas, and {cheap} of one that refuses at once"


# ------------------------------------------------------------------------------------------------ REENTRANCY


@pytest.fixture
def inner_calls(point, counter, till, shop, rich):
    """What a wallet might try while it is asked: pay another sale, transfer, cancel, allow."""
    signature = counter.sale_signature(till, sale_of_today(9), 1000)
    return [
        point.pay.encode_input(shop, sale_of_today(9), 1000, FOREVER, *signature),
        point.transfer.encode_input(shop, 1000),
        point.cancelSignatures.encode_input(),
        point.approve.encode_input(shop, 1000),
        point.recordLapse.encode_input([rich.address]),
    ]


def test_contract_account_that_reenters_pays_once_and_changes_nothing(
    point, rich, agreed, inner_calls, shop, till, by_contract
):
    for serial, inner in enumerate(inner_calls, start=1):
        rich.reenter(Manner.REENTERS, point.address, inner)
        payment, signature = agreed(serial)
        names = [event[0] for event in events(by_contract(payment, signature))]
        assert names == ["SalePaid", "Transfer"]
        assert (point.balanceOf(rich), point.claimOf(shop)) == (1000 - 10 * serial, (10 * serial, 0, 0))
    assert point.cancelEpochOf(rich) == 0
    assert point.allowance(rich, shop) == 0


def test_contract_account_never_gets_in(point, rich, agreed, inner_calls, by_contract):
    """One that accepts only if it got in accepts nothing."""
    for inner in inner_calls:
        rich.reenter(Manner.ACCEPTS_IF_IT_REENTERED, point.address, inner)
        payment, signature = agreed()
        with reverts("PointWrongSignature", rich):
            by_contract(payment, signature)


def test_contract_account_that_is_the_till_too_cannot_submit_while_it_is_asked(
    point, rich, agreed, counter, grant, payer, shop, till
):
    grant(payer.account, {JUNE: 100})
    point.setTill(shop, rich.address, True, {"from": shop})
    other = counter.signed(payer, sale_of_today(9), 10)
    inner = point.paySigned.encode_input(shop, *other)
    rich.reenter(Manner.ACCEPTS_IF_IT_REENTERED, point.address, inner)
    refused = in_batch(point, shop, till, signed_payment(*agreed()))
    assert refused.return_value == (PaymentIssue.WRONG_SIGNATURE,)
    rich.send(point.address, inner, {"from": payer.account})  # at any other time it may
    assert point.claimOf(shop) == (10, 0, 0)


# ---------------------------------------------------------------------------------------------- SHORT OF GAS


@pytest.fixture
def try_with_gas(rpc, point, till):
    """`try_with_gas(gas, function, *arguments)`: what the till's call answers; None if it reverts."""

    def call(gas, function, *arguments):
        data = "0x" + encode_call("MunicipalPoint", function, arguments).hex()
        sent = {"from": till.account.address, "to": point.address, "data": data, "gas": hex(gas)}
        try:
            answer = rpc.call("eth_call", sent, "latest")
        except RpcError:
            return None
        return decode_answer("MunicipalPoint", function, bytes.fromhex(answer[2:]))

    return call


def test_batch_short_of_gas_for_a_contract_account_reverts_and_consumes_nothing(
    point, rich, agreed, counter, grant, other_payer, shop, till
):
    grant(other_payer.account, {JUNE: 100})
    batch = [counter.signed(other_payer, sale_of_today(2), 10), signed_payment(*agreed())]
    with reverts("PointGasTooLow", ANY, STIPEND):
        point.payBatch(shop, batch, *NO_SIGNATURE, {"from": till.account, "gas_limit": 150_000})
    assert (point.balanceOf(other_payer.account), point.claimOf(shop)) == (100, (0, 0, 0))
    assert point.saleOf(shop, sale_of_today(2)) == (SaleState.UNUSED, 0)
    assert in_batch(point, shop, till, *batch).return_value == (PaymentIssue.NONE,) * 2


def test_payment_short_of_gas_for_a_contract_account_reverts(point, rich, agreed, shop, till):
    payment, signature = agreed()
    with reverts("PointGasTooLow", ANY, STIPEND):
        call = (shop, payment.terms, *signature)
        point.paySigned(*call, {"from": till.account, "gas_limit": 130_000})


def test_relayer_cannot_make_a_contract_account_refuse_by_sending_little_gas(
    rich, agreed, shop, try_with_gas
):
    """A wallet that needs all its stipend accepts if it gets that much, and is never taken to refuse."""
    batch = [signed_payment(*agreed())]

    def answer(gas):
        # One value is answered: the list of issues.
        return try_with_gas(gas, "payBatch", shop.address, batch, *NO_SIGNATURE)

    def accepts_with_plenty(needed):
        rich.useGas(needed)
        return answer(1_000_000) == (PaymentIssue.NONE,)

    fits, too_much = STIPEND // 2, STIPEND
    assert accepts_with_plenty(fits)
    assert not accepts_with_plenty(too_much)
    while too_much - fits > 50:
        middle = (fits + too_much) // 2
        fits, too_much = (middle, too_much) if accepts_with_plenty(middle) else (fits, middle)
    assert fits > STIPEND - 5_000, f"a wallet can use {fits} gas of {STIPEND}"

    rich.useGas(fits)
    answers = {gas: answer(gas) for gas in [*range(100_000, 200_000, 20), *range(200_000, 300_000, 5_000)]}
    refused = [gas for gas, found in answers.items() if found not in (None, (PaymentIssue.NONE,))]
    assert refused == [], f"with this gas the wallet is taken to refuse: {refused}"
    accepted = [gas for gas, found in answers.items() if found is not None]
    assert min(accepted) < 250_000
    assert accepted == [gas for gas in answers if gas >= min(accepted)], "more gas, and it reverts again"


def test_wallet_that_needs_more_than_its_stipend_is_refused_with_any_gas(
    point, rich, agreed, shop, till, try_with_gas
):
    rich.useGas(STIPEND + 1_000)
    batch = [signed_payment(*agreed())]
    for gas in (400_000, 5_000_000, 16_000_000):
        answer = try_with_gas(gas, "payBatch", shop.address, batch, *NO_SIGNATURE)
        assert answer == (PaymentIssue.WRONG_SIGNATURE,)


# ----------------------------------------------------------------------------------------- WHAT CONCERNS ALL


def test_contract_account_is_not_asked_where_the_payment_could_not_be_made(
    point, rich, agreed, shop, act_maker, by_contract
):
    """What is known without asking is told first, whatever the wallet does."""
    rich.behave(Manner.BURNS_ALL_GAS)
    payment, signature = agreed(valid_until=now() - 1)
    with reverts("PointPaymentExpired", rich, now() - 1):
        by_contract(payment, signature)
    point.freeze(rich.address, {"from": act_maker})
    payment, signature = agreed()
    with reverts("PointAccountFrozen", rich):
        by_contract(payment, signature)


def test_contract_account_cannot_pay_while_paused(point, rich, agreed, act_maker, by_contract):
    payment, signature = agreed()
    point.pause(HOUR, {"from": act_maker})
    with reverts("PointPaused", now() + HOUR):
        by_contract(payment, signature)


def test_contract_account_with_too_few_points_is_refused(point, rich, agreed, by_contract):
    payment, signature = agreed(points=1001)
    with reverts("ERC20InsufficientBalance", rich, 1000, 1001):
        by_contract(payment, signature)
