"""The load test's people sign what everybody signs, and its nation is built through the same doors."""

from itertools import pairwise

import pytest

from scripts import bench_load
from scripts.lib.calls import View
from scripts.lib.contract_abi import decode_call, encode_call
from scripts.lib.japan_calendar import day_of
from scripts.lib.load.crowd import KEY_VERSION, PaymentTask, Task, account_of, payments, registrations
from scripts.lib.load.footprint import measure_footprints
from scripts.lib.load.nation import GRANTED_POINTS, PAID_POINTS, VALID_UNTIL, Nation
from scripts.lib.load.scale import Scale
from scripts.lib.node.local_chain import LocalChain
from scripts.lib.node.view_reader import read_views
from scripts.lib.payment.sale_number import sale_number
from scripts.lib.payment.signing import Payment, SeriesDomain, signed_payment
from scripts.lib.payment.signing import sign as sign_payment
from scripts.lib.registration import RegistrationDomain, is_signed, sign

TOWN = 131016
CONTRACT = "0x" + "11" * 20
SHOP = "0x" + "22" * 20
DOMAIN = RegistrationDomain(31337, CONTRACT)
ZERO_BYTES_GAS = 100
"""Signatures and addresses with a few zero bytes more or less differ by that."""


def test_registrations_are_those_that_everybody_signs():
    [data] = registrations([Task(DOMAIN, TOWN, 4, 3)])
    call = decode_call(data, "ResidentRegistry")
    people = [account_of(TOWN, number) for number in (4, 5, 6)]
    commitments = [commitment for _, commitment, _, _ in call.arguments["residents"]]
    signed = [
        sign(DOMAIN, TOWN, key, commitment) for key, commitment in zip(people, commitments, strict=True)
    ]
    assert all(is_signed(DOMAIN, TOWN, each) for each in signed)
    assert data == encode_call("ResidentRegistry", "register", (TOWN, KEY_VERSION, signed))


def test_payments_are_those_that_everybody_signs():
    domain, sale = SeriesDomain(31337, CONTRACT), sale_number(9_000, 7)
    [signed] = payments([PaymentTask(domain, TOWN, SHOP, (4, 9), sale, PAID_POINTS, VALID_UNTIL)])
    for place, number in enumerate((4, 9)):
        key = account_of(TOWN, number)
        payment = Payment(key.address, SHOP, sale + place, PAID_POINTS, VALID_UNTIL)
        assert signed[place] == signed_payment(payment, sign_payment(domain, payment, key))


@pytest.fixture(scope="module")
def chain():
    with LocalChain.anvil(on_demand=True, block_gas_limit=1_000_000_000) as chain:
        yield chain


@pytest.fixture(scope="module")
def nation(chain):
    nation = Nation.opened(chain, 2)
    for residents in (5, 9):
        nation.approve_lists(residents)
        nation.register(residents)
        nation.grant()
    nation.open_shops(3)
    return nation


def test_nation_has_as_many_residents_shops_and_payments_as_asked(nation):
    assert [town.residents for town in nation.towns] == [5, 4]
    assert [len(town.merchants) for town in nation.towns] == [2, 1]
    assert nation.pay(4) == 4
    supply = [View("MunicipalPoint", town.token, "totalSupply") for town in nation.towns]
    assert sum(read_views(nation.rpc, supply)) == 9 * GRANTED_POINTS
    shops = [
        View("MunicipalPoint", town.token, "claimOf", (shop,))
        for town in nation.towns
        for shop in town.merchants
    ]
    assert sum(claim[0] for claim in read_views(nation.rpc, shops)) == 4 * PAID_POINTS


def test_progress_is_told_up_to_the_whole(nation):
    told = []
    nation.pay(120, lambda *progress: told.append(progress))
    assert told[-1] == (120, 120)
    assert all(earlier[0] <= later[0] for earlier, later in pairwise(told))


def test_probe_costs_what_the_figure_signed_payment_costs(nation):
    before = day_of(nation.chain.now())
    figure = Scale.of_committed().gas["signed_payment"]
    for receipt in nation.probe(nation.towns[0], 2):
        assert receipt.gas_used == pytest.approx(figure, abs=ZERO_BYTES_GAS)
    assert day_of(nation.chain.now()) - before == 45


def test_footprint_of_a_payment_is_a_word_the_first_time_and_none_later():
    found = measure_footprints()
    assert found["signed_payment_first"].words == 1
    assert found["signed_payment"].words == 0
    assert found["signed_payment"].logs == 2
    assert found["registration"].words == pytest.approx(4, abs=0.1)


def test_run_that_memory_cannot_hold_is_refused_before_it_begins(capsys):
    assert bench_load.main(["--residents", "1000000000"]) == 2
    assert "GB of memory" in capsys.readouterr().err
