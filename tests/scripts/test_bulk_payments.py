"""Signed payments are submitted in packets, and again after whatever happened: each sale is paid once."""

import pytest

from scripts.lib.bulk.payments import submit_payments
from scripts.lib.japan_calendar import day_of, fiscal_year_end, month_of
from scripts.lib.journal import Journal
from scripts.lib.keys.keyring import LocalKeyring
from scripts.lib.node.local_chain import LocalChain
from scripts.lib.node.rpc import Rpc
from scripts.lib.node.sender import Sender
from scripts.lib.payment.issue import PaymentIssue
from scripts.lib.payment.sale_number import sale_number
from scripts.lib.payment.signing import MAX_VALID_UNTIL, Payment, SeriesDomain, sign, signed_payment
from scripts.lib.roles import Role
from tests.support.office_town import open_town, undone

POINTS = 1_000
PURSES = 4


@pytest.fixture(scope="module")
def opened():
    with LocalChain.anvil() as chain:
        town = open_town(chain, Rpc(chain.url), LocalKeyring(chain, "payments"), allowance=10**9)
        officer = town.officer(Role.MERCHANT_OFFICER)
        approve = town.act(
            "MunicipalPoint", "approveMerchant", town.account("shop"), 1, "朝市", "区", by=officer
        )
        town.deployer.send([approve.perform(town.officers)])
        month = fiscal_year_end(month_of(chain.now()))
        purses = [town.account(f"purse {n}") for n in range(PURSES)]
        town.call("MunicipalPoint", town.token, "mintBatch", purses, [POINTS] * PURSES, month, by=town.minter)
        yield town


@pytest.fixture
def town(opened):
    with undone(opened) as town:
        yield town


@pytest.fixture
def signed(town):
    """`signed(serial, points)` is a payment of today's sale by one of the purses in turn."""
    domain = SeriesDomain(town.keyring.chain_id, town.token)
    day = day_of(town.chain.now())

    def signed(serial, points, purse=None, signer=None):
        payer = town.account(f"purse {serial % PURSES if purse is None else purse}")
        payment = Payment(payer, town.account("shop"), sale_number(day, serial), points, MAX_VALID_UNTIL)
        return signed_payment(payment, sign(domain, payment, town.keyring.key(signer or payer)))

    return signed


@pytest.fixture
def submit(town):
    def submit(payments, journal=None, **options):
        sender = Sender(town.rpc, town.keyring, journal=journal)
        shop = town.account("shop")
        return submit_payments(town.rpc, sender, town.token, shop, payments, shop, **options)

    return submit


@pytest.fixture
def claim(town):
    return lambda: town.ask("MunicipalPoint", town.token, "claimOf", town.account("shop"))[0]


def told(result):
    return result.paid_before, result.paid, [tuple(each) for each in result.unpaid], result.failures


def test_payments_are_made_many_to_a_transaction(submit, signed, claim):
    result = submit([signed(n, 10) for n in range(1, 21)], payments_a_transaction=8)
    assert told(result) == (0, 20, [], [])
    assert [receipt.row for receipt in result.receipts] == [
        "payments 1 to 8",
        "payments 9 to 16",
        "payments 17 to 20",
    ]
    assert claim() == 200


def test_payments_submitted_again_are_told_paid_and_not_sent(submit, signed, claim):
    payments = [signed(n, 10) for n in range(1, 11)]
    submit(payments[:6])
    result = submit(payments)
    assert told(result) == (6, 4, [], [])
    assert submit(payments).receipts == []
    assert claim() == 100


def test_first_run_of_a_journal_asks_nothing_and_pays_nothing_twice(submit, signed, claim, town, tmp_path):
    """Another till has paid some of them; the contract says so when they come."""
    payments = [signed(n, 10) for n in range(1, 11)]
    submit(payments[:6])
    with Journal(town.rpc.identity(), "sales", tmp_path) as journal:
        result = submit(payments, journal)
    assert told(result) == (0, 10, [], [])
    assert claim() == 100


def test_payments_that_cannot_be_made_are_told_with_the_reason(submit, signed, claim, town):
    payments = [
        signed(1, 10),
        signed(2, POINTS + 1),
        signed(3, 10, signer=town.account("thief")),
        signed(4, 10),
        signed(4, 11),
    ]
    result = submit(payments)
    assert told(result) == (
        0,
        2,
        [
            (1, PaymentIssue.NOT_ENOUGH_POINTS),
            (2, PaymentIssue.WRONG_SIGNATURE),
            (4, PaymentIssue.SALE_USED),
        ],
        [],
    )
    assert claim() == 20


def test_payments_that_go_alone_fail_alone(submit, signed, claim, town):
    payments = [signed(1, 10), signed(2, 10, signer=town.account("thief")), signed(3, 10)]
    result = submit(payments, payments_a_transaction=1)
    [failure] = result.failures
    assert (failure.row, failure.revert.name) == ("payment 2", "PointWrongSignature")
    assert (result.paid, result.unpaid) == (2, [(1, PaymentIssue.NONE)])
    assert claim() == 20


def test_failed_packet_is_told_with_its_payments(submit, signed, town, claim, tmp_path):
    pause = town.act("MunicipalPoint", "pause", 3600, by=town.officer(Role.GUARDIAN))
    town.deployer.send([pause.perform(town.officers)])
    with Journal(town.rpc.identity(), "sales", tmp_path) as journal:
        result = submit([signed(1, 10), signed(2, 10)], journal)
    assert [failure.row for failure in result.failures] == ["payments 1 to 2"]
    assert [each.issue for each in result.unpaid] == [PaymentIssue.PAUSED] * 2
    assert claim() == 0


def test_progress_is_told_in_payments(submit, signed):
    progress = []
    submit([signed(n, 1) for n in range(1, 12)], payments_a_transaction=5, progress=progress.append)
    assert sum(progress) == 11
