"""The main scenario on Ganache 7.9.2, where gas is not free: deployed, approved, granted, killed, paid.

`make test-ganache` runs it; `make test` leaves it out.
"""

import os

import pytest

from scripts.lib.bulk.grants import run_list
from scripts.lib.bulk.payments import submit_payments
from scripts.lib.contract_abi import encode_call
from scripts.lib.grant_issue import GrantIssue
from scripts.lib.japan_calendar import day_of
from scripts.lib.journal import Journal
from scripts.lib.keys.keyring import LocalKeyring
from scripts.lib.node.local_chain import LocalChain
from scripts.lib.node.rpc import Rpc
from scripts.lib.node.sender import Sender, SendError, Transaction
from scripts.lib.payment.issue import PaymentIssue
from scripts.lib.payment.sale_number import sale_number
from scripts.lib.payment.signing import MAX_VALID_UNTIL, Payment, SeriesDomain, sign, signed_payment
from scripts.lib.roles import Role
from tests.support.books import check_books
from tests.support.crowd import Crowd
from tests.support.killed import run_until_killed
from tests.support.office_town import open_town

RESIDENTS, ROWS_A_TRANSACTION = 64, 16
POINTS = 1_000
WEALTH = hex(10**21)

pytestmark = pytest.mark.skipif(not os.environ.get("JICHITAI_GANACHE"), reason="make test-ganache runs it")


class FundedKeyring(LocalKeyring):
    """Ready accounts that can pay for gas."""

    def __init__(self, chain):
        super().__init__(chain, "ganache")
        self._chain = chain

    def account(self, name):
        before = len(self._accounts)
        address = super().account(name)
        if len(self._accounts) > before:
            self._chain.rpc("evm_setAccountBalance", address, WEALTH)
        return address


@pytest.fixture(autouse=True)
def isolation():
    """Nothing happens on the chain that the other scenarios share."""


@pytest.fixture(scope="module")
def crowd():
    with LocalChain.ganache() as chain:
        rpc, keyring = Rpc(chain.url), FundedKeyring(chain)
        keyring.account("anyone")
        town = open_town(chain, rpc, keyring, sender=Sender(rpc, keyring, gas_price=None))
        yield Crowd.settled(town, RESIDENTS)


@pytest.fixture(autouse=True)
def books_that_balance(crowd):
    yield
    check_books(crowd.town.rpc, crowd.town.token)


def test_town_grants_through_a_kill_and_its_shop_is_paid(crowd, tmp_path):
    town = crowd.town
    batch, grants = crowd.approved([*((n, POINTS) for n in range(1, RESIDENTS + 1)), (9_999, POINTS)])

    def grant(rpc):
        with Journal(rpc.identity(), f"grant-batch-{batch}", tmp_path) as journal:
            sender = Sender(rpc, town.keyring, journal=journal, gas_price=None, in_flight=2)
            runner = town.account("anyone")
            return run_list(rpc, sender, crowd.service, batch, grants, runner, most_rows=ROWS_A_TRANSACTION)

    assert run_until_killed(16, town.chain.url, grant)
    result = grant(Rpc(town.chain.url))
    assert 0 < result.granted_before < RESIDENTS
    assert result.granted_before + result.granted_rows == RESIDENTS
    assert [(each.number, each.issue) for each in result.ungranted] == [(9_999, GrantIssue.UNREGISTERED)]
    assert crowd.balances() == [POINTS] * RESIDENTS

    shop = town.account("shop")
    officer = town.officer(Role.MERCHANT_OFFICER)
    approve = town.act("MunicipalPoint", "approveMerchant", shop, 1, "朝市", "区", by=officer)
    town.deployer.send([approve.perform(town.officers)])
    domain, day = SeriesDomain(town.keyring.chain_id, town.token), day_of(town.chain.now())

    def signed(serial, card, points):
        payment = Payment(card.address, shop, sale_number(day, serial), points, MAX_VALID_UNTIL)
        return signed_payment(payment, sign(domain, payment, card))

    payments = [signed(serial, card, 300) for serial, card in enumerate(crowd.cards[:12], start=1)]
    payments.append(signed(13, crowd.cards[0], POINTS))
    sender = Sender(town.rpc, town.keyring, gas_price=None)
    pay = {"payments_a_transaction": 5}
    result = submit_payments(town.rpc, sender, town.token, shop, payments[:4], shop, **pay)
    assert (result.paid_before, result.paid, result.unpaid) == (0, 4, [])
    result = submit_payments(town.rpc, sender, town.token, shop, payments, shop, **pay)
    assert (result.paid_before, result.paid) == (4, 8)
    assert result.unpaid == [(12, PaymentIssue.NOT_ENOUGH_POINTS)]
    assert town.ask("MunicipalPoint", town.token, "claimOf", shop)[0] == 12 * 300


def test_refusal_of_a_contract_is_told_with_its_error(crowd):
    batch, grants = crowd.approved([(1, POINTS)])
    crowd.stop(batch)
    town = crowd.town
    run = encode_call("GrantProgrammes", "run", (batch, *grants.branch(0, 1)))
    sender = Sender(town.rpc, town.keyring, gas_price=None)
    with pytest.raises(SendError, match=f"ProgrammeBatchStopped\\(batch={batch}\\)"):
        sender.send([Transaction(town.account("anyone"), crowd.service, run, 500_000, "stopped")])
