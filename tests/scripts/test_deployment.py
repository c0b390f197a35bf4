from dataclasses import replace

import pytest

from scripts.lib.acts import Act
from scripts.lib.calls import View
from scripts.lib.deployment import (
    MerchantPlan,
    MunicipalityPlan,
    SeriesPlan,
    deploy,
    registrations,
)
from scripts.lib.expiry_rule import ExpiryRule
from scripts.lib.keys.keyring import LocalKeyring
from scripts.lib.node.local_chain import LocalChain
from scripts.lib.node.rpc import Rpc
from scripts.lib.node.sender import Sender, SendError
from scripts.lib.proceedings import carry_out
from scripts.lib.reasons import Reason
from scripts.lib.records import DeploymentRecords
from scripts.lib.roles import Role, role_id
from scripts.lib.rpc_deployer import RpcDeployer
from tests.support.town import CITY, MINTER_ALLOWANCE, SERIES


@pytest.fixture
def records(rpc, tmp_path):
    return lambda: DeploymentRecords(rpc, tmp_path)


def with_series(plan, **changes):
    """The plan with changes to the city's one series."""
    city, *others = plan.municipalities
    return replace(
        plan,
        municipalities=[replace(city, series=[replace(city.series[0], **changes)]), *others],
    )


def test_deploy_carries_out_the_whole_plan(rpc_deployer, deploy_now, plan, records):
    deployment = deploy_now(plan, records())
    token = deployment.series[SERIES]
    [city, _] = plan.municipalities
    [shop] = city.series[0].merchants
    [minter] = city.series[0].minters
    answers = rpc_deployer.read(
        [
            View("PointPlatform", deployment.platform, "municipalities"),
            View("PointPlatform", deployment.platform, "seriesOf", (CITY,)),
            View("MunicipalPoint", token, "merchantOf", (shop.address,)),
            View("MunicipalPoint", token, "minterOf", (minter,)),
            *(
                View("Officers", deployment.officers, "hasRole", (role_id(CITY, Role(role)), account))
                for role, account in city.appointments()
            ),
        ]
    )
    codes = tuple(town.code for town in plan.municipalities)
    assert answers == [
        codes,
        (token,),
        (True, 0, shop.category),
        (MINTER_ALLOWANCE, 0),
        True,
        True,
        True,
        True,
    ]


def test_deploy_twice_does_nothing_the_second_time(rpc_deployer, deploy_now, plan, records):
    first = deploy_now(plan, records())
    again = deploy(rpc_deployer, plan, records())
    assert [call.function for call in first.sent] == ["registerMunicipality"] * 2 + ["registerSeries"]
    assert [act.function for act in first.acts] == ["approveMerchant", "increaseMinterAllowance"]
    assert again == replace(first, sent=[], acts=[], pending=[])


def test_deploy_lets_an_allowance_wait_48_hours_and_a_later_run_executes_it(
    rpc_deployer, own_chain, plan, records
):
    [pending] = deploy(rpc_deployer, plan, records()).pending
    [again] = deploy(rpc_deployer, plan, records()).pending
    assert (again.proposal, pending.act.function) == (pending.proposal, "increaseMinterAllowance")
    own_chain.mine_at(pending.ready_at)
    token = deploy(rpc_deployer, plan, records()).series[SERIES]
    [minter] = plan.municipalities[0].series[0].minters
    assert rpc_deployer.read([View("MunicipalPoint", token, "minterOf", (minter,))]) == [
        (MINTER_ALLOWANCE, 0)
    ]


def test_deploy_with_an_addition_does_only_that(rpc_deployer, deploy_now, plan, records, keyring):
    deploy_now(plan, records())
    new = MerchantPlan(keyring.account("new shop"), "新店", "川崎区")
    shops = [*plan.municipalities[0].series[0].merchants, new]
    again = deploy(rpc_deployer, with_series(plan, merchants=shops), records())
    assert again.sent == []
    assert [(act.function, act.arguments[0]) for act in again.acts] == [("approveMerchant", new.address)]


def test_deploy_with_a_higher_allowance_proposes_the_rest(rpc_deployer, deploy_now, plan, records):
    deploy_now(plan, records())
    [minter] = plan.municipalities[0].series[0].minters
    more = with_series(plan, minters={minter: MINTER_ALLOWANCE + 5})
    [act] = deploy(rpc_deployer, more, records()).acts
    assert (act.function, act.arguments) == ("increaseMinterAllowance", (minter, 5))


def test_deploy_again_lifts_no_suspension(rpc_deployer, deploy_now, plan, records):
    deployment = deploy_now(plan, records())
    city = plan.municipalities[0]
    [shop] = city.series[0].merchants
    officer = city.officer(Role.MERCHANT_OFFICER)
    token = deployment.series[SERIES]
    suspension = Act(
        CITY, "MunicipalPoint", token, "suspendMerchant", (shop.address,), Reason.ROUTINE, by=officer
    )
    carry_out(rpc_deployer, deployment.officers, [suspension])
    again = deploy(rpc_deployer, plan, records())
    assert (again.sent, again.acts) == ([], [])


def test_deploy_after_an_interruption_continues_where_it_stopped(rpc_deployer, plan, records):
    class InterruptedDeploymentError(Exception):
        pass

    class Interrupting:
        """Stops when municipalities are registered, and a series is deployed but not registered."""

        def __init__(self):
            self.stages = 0

        def send(self, calls):
            self.stages += 1
            if self.stages == 2:
                raise InterruptedDeploymentError
            rpc_deployer.send(calls)

        deploy = staticmethod(rpc_deployer.deploy)
        read = staticmethod(rpc_deployer.read)
        now = staticmethod(rpc_deployer.now)
        next_second = staticmethod(rpc_deployer.next_second)

    with pytest.raises(InterruptedDeploymentError):
        deploy(Interrupting(), plan, records())
    before = records()
    deployment = deploy(rpc_deployer, plan, records())
    assert "registerMunicipality" not in {call.function for call in deployment.sent}
    assert deployment.series[SERIES] == before.address_of(SERIES, "MunicipalPoint")


def test_deploy_with_other_constructor_arguments_is_refused(rpc_deployer, plan, records):
    from scripts.lib.records import RecordError

    deploy(rpc_deployer, plan, records())
    with pytest.raises(RecordError, match="is asked for"):
        deploy(rpc_deployer, with_series(plan, name="別のポイント"), records())


def test_deploy_by_a_stranger_names_the_missing_role(rpc_deployer, plan, records, keyring):
    deploy(rpc_deployer, plan, records())
    new = MunicipalityPlan(452025, "都城市", keyring.account("miyakonojo"))
    stranger = replace(plan, council=keyring.account("stranger"), municipalities=[new])
    platform = records().address_of("platform", "PointPlatform")
    calls = [step.call for step in registrations(stranger, platform)]
    with pytest.raises(SendError, match=r"452025 都城市: OfficersMissingRole\(municipality=0, role=0"):
        rpc_deployer.send(calls)


def test_plan_with_merchants_but_no_officer_for_them_is_refused():
    series = SeriesPlan("x", "x", "X", ExpiryRule.NEVER, merchants=[MerchantPlan("0x1", "店", "町")])
    with pytest.raises(LookupError, match="MERCHANT_OFFICER"):
        MunicipalityPlan(CITY, "川崎市", "0x2", series=[series])


def test_role_numbers_are_those_of_the_contract():
    from scripts.lib.artifacts import ROOT

    source = (ROOT / "interfaces" / "IOfficers.sol").read_text(encoding="utf-8")
    body = source.split("enum Role {")[1].split("}")[0]
    names = [line.split("//")[0].strip(" ,") for line in body.splitlines() if line.strip()]
    assert [role.name.replace("_", "").lower() for role in Role] == [name.lower() for name in names]


def test_deploy_works_on_ganache_too(plan, tmp_path):
    """Ganache prices gas, so the accounts need ether, and orders a block by sender."""
    with LocalChain.ganache() as chain:
        rpc = Rpc(chain.url)
        keyring = LocalKeyring(chain, "tests")
        price = 2 * int(rpc.call("eth_gasPrice"), 16)
        for role in ("deployer", "council", "city", "second admin", "merchant_officer"):
            gift = {"from": chain.accounts[0], "to": keyring.account(role), "value": hex(10**18)}
            rpc.call("eth_sendTransaction", gift)
        deployer = RpcDeployer(rpc, Sender(rpc, keyring, gas_price=price))
        first = deploy(deployer, plan, DeploymentRecords(rpc, tmp_path))
        assert (len(first.sent), len(first.acts), len(first.pending)) == (3, 2, 1)
        again = deploy(deployer, plan, DeploymentRecords(rpc, tmp_path))
        assert (again.sent, [act.function for act in again.acts]) == ([], ["increaseMinterAllowance"])
        assert again.pending == first.pending
