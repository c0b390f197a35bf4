import pytest
from eth_account import Account
from eth_utils import keccak

from scripts import powers as script
from scripts.lib.act_rules import AT_ONCE, Rule
from scripts.lib.calls import Call, Deployed
from scripts.lib.compiler import compile_sources
from scripts.lib.node.local_chain import RpcError
from scripts.lib.node.sender import SendError
from scripts.lib.powers import on_chain
from scripts.lib.powers.comparison import differences
from scripts.lib.powers.expected import EXPECTED
from scripts.lib.powers.guards import Asker, Guard
from scripts.lib.powers.on_chain import MinterPower, Office, _turns_away, read_powers
from scripts.lib.powers.page import _guard_label, grids, page
from scripts.lib.proceedings import carry_out, execute_pending
from scripts.lib.records import DeploymentRecords
from scripts.lib.registration import RegistrationDomain, sign
from scripts.lib.roles import COUNCIL, Role, role_id
from scripts.lib.workspace import ROOT
from tests.support.office_town import CODE, NAME, SERIES_NAME, open_town, undone

PAGE = ROOT / "docs" / "powers.md"
ADDRESS = f"0x{'a' * 40}"


@pytest.fixture(scope="module")
def opened(own_chain, rpc, keyring):
    return open_town(own_chain, rpc, keyring)


@pytest.fixture
def town(opened):
    with undone(opened) as town:
        yield town


@pytest.fixture(scope="module")
def powers(opened):
    """The map of the town as it was opened."""
    return read_powers(opened.rpc, opened.platform, opened.block, opened.services)


def read(town, **more):
    return read_powers(town.rpc, town.platform, town.block, town.services, **more)


def do(town, act):
    """Carry one act out, and let its time pass."""
    waiting = carry_out(town.deployer, town.officers, [act])
    if waiting:
        town.chain.mine_at(waiting[0].ready_at)
        execute_pending(town.deployer, town.officers, waiting)


def admins(town):
    return {"by": town.officer(Role.ADMIN, 1), "second": town.officer(Role.ADMIN, 2)}


def changed(contract, **functions):
    """What was decided, with other powers over some functions; None takes a function away."""
    decided = {**EXPECTED[contract], **functions}
    return {**EXPECTED, contract: {name: power for name, power in decided.items() if power is not None}}


# ---------------------------------------------------------------------- agreement


def test_chain_is_as_decided(powers):
    assert differences(powers) == []


def test_every_function_that_was_decided_about_is_read(powers):
    """Of the platform's own contracts; a service is read where it is offered."""
    read = {(power.contract, power.function) for power in powers.functions}
    present = set(powers.contracts.values())
    assert read == {
        (contract, function)
        for contract, functions in EXPECTED.items()
        if contract in present
        for function in functions
    }


def test_page_is_what_the_chain_says(powers):
    assert PAGE.read_text(encoding="utf-8") == page(powers), "python -m scripts.powers page > docs/powers.md"


def test_every_function_is_tried_where_there_is_a_case(town):
    resident = Account.from_key(keccak(text="resident"))
    domain = RegistrationDomain(town.rpc.identity().chain_id, town.residents)
    desk = {"by": town.officer(Role.DESK_OFFICER), "second": town.officer(Role.SECOND_DESK_OFFICER)}
    joining = [sign(domain, CODE, resident, keccak(text="commitment"))]
    do(town, town.act("ResidentRegistry", "register", CODE, 1, joining, **desk))
    open_act = town.act("Officers", "appoint", CODE, town.account("newcomer"), 8, 0, **admins(town))
    town.deployer.send([open_act.propose(town.officers)])
    proposal = town.proposal_count()
    probes = {
        ("Officers", "approve"): (proposal, open_act.data),
        ("Officers", "veto"): (proposal,),
        ("ResidentRegistry", "objectToReplacement"): (CODE, 1),
    }
    powers = read(town, probes=probes)
    assert [power.function for power in powers.functions if power.passes is None] == []
    assert differences(powers) == []


def test_without_a_case_three_functions_are_not_tried_and_said_so(powers):
    untried = [power.function for power in powers.functions if power.passes is None]
    assert sorted(untried) == ["approve", "objectToReplacement", "veto"]


# -------------------------------------------------------------------- differences


def test_act_with_another_rule_is_named(powers):
    rule = Rule(Role.DESK_OFFICER, Role.DESK_OFFICER, AT_ONCE, AT_ONCE)
    [difference] = differences(powers, changed("MunicipalPoint", unfreeze=rule))
    assert difference.place.startswith("MunicipalPoint.unfreeze")
    assert "alone: at once" in difference.expected.english
    assert "alone: never" in difference.found.english


def test_function_that_nobody_decided_about_is_named(powers):
    [difference] = differences(powers, changed("MunicipalPoint", carry=None))
    assert difference.place.startswith("MunicipalPoint.carry")
    assert difference.expected.english == "no such function"


def test_function_that_is_missing_is_named(powers):
    [difference] = differences(powers, changed("ResidentRegistry", erase=Guard.ANYONE))
    assert difference.place == "ResidentRegistry.erase"
    assert difference.found.english == "nothing of the kind"


@pytest.mark.parametrize(
    ("contract", "function", "guard"),
    [
        ("MunicipalPoint", "mint", Guard.ANYONE),
        ("MunicipalPoint", "transfer", Guard.COUNCIL),
        ("PointPlatform", "registerSeries", Guard.PLATFORM),
        ("Officers", "addRules", Guard.COUNCIL),
        ("MunicipalPoint", "setTill", Guard.OVER_OWN),
    ],
)
def test_function_with_another_guard_is_named(powers, contract, function, guard):
    [difference] = differences(powers, changed(contract, **{function: guard}))
    assert difference.place.startswith(f"{contract}.{function}")
    assert difference.expected == guard.label


def test_act_that_was_to_be_open_and_a_function_that_was_not_tried_are_told_in_words(powers):
    [guard, rule] = differences(powers, changed("MunicipalPoint", unfreeze=Guard.ANYONE))
    assert guard.expected == Guard.ANYONE.label and rule.expected.english == "no rule: not an act"
    [difference] = differences(powers, changed("Officers", veto=None))
    assert difference.found.english == "not tried"


def test_function_that_nobody_decided_about_says_so_on_the_page():
    assert _guard_label("MunicipalPoint", "surprise").english == "nobody decided"


def test_contract_that_answers_otherwise_than_the_events_told_is_named(town, monkeypatch):
    """A node that shows an officer whom nobody appointed, or hides a service that was accepted."""
    service = town.deployer.deploy("LotCorrections", (), town.account("deployer")).address
    council = town.account("council")
    offer = Call("PointPlatform", town.platform, "offerService", (service, "謎", []), council)
    town.deployer.send([offer])
    do(town, town.act("Officers", "acceptService", CODE, service, **admins(town)))
    honest = on_chain.read_views

    def lying(rpc, views, block):
        lies = {"termOf": [7, 0], "isAccepted": False}
        answers = honest(rpc, views, block)
        return [lies.get(view.function, answer) for view, answer in zip(views, answers, strict=True)]

    monkeypatch.setattr(on_chain, "read_views", lying)
    told = " ".join(each.english for each in read(town).contradictions)
    assert f"GUARDIAN {town.officer(Role.GUARDIAN)}: the events tell of a term" in told
    assert "the contract of [7, 0]" in told
    assert f"the events and the contract do not agree about service {service}" in told


def test_trouble_of_the_node_is_no_refusal_of_a_contract():
    with pytest.raises(RpcError, match="busy"):
        _turns_away(ADDRESS, RpcError("eth_call", {"message": "busy"}))
    assert not _turns_away(ADDRESS, "0x")


def test_series_that_forgot_guards_is_named(town):
    """A contract like ours but for some modifiers, registered as any other."""
    forgotten = ("freeze", "restoreLots", "increaseMinterAllowance")
    careless = (ROOT / "contracts" / "MunicipalPoint.sol").read_text(encoding="utf-8")
    for function in forgotten:
        start = careless.index(f"function {function}(")
        careless = careless[:start] + careless[start:].replace("external onlyByAct", "external", 1)
    compiled = compile_sources({"contracts/MunicipalPoint.sol": careless})["MunicipalPoint"]
    token = town.register_series(compiled)
    found = differences(read(town))
    assert {each.place for each in found} == {f"MunicipalPoint.{name} ({token})" for name in forgotten}
    assert {each.found.english for each in found} == {"open to STRANGER, COUNCIL_ADMIN, OFFICERS, PLATFORM"}


def test_service_of_no_known_contract_is_named(town):
    service = town.deployer.deploy("LotCorrections", (), town.account("deployer")).address
    offer = Call("PointPlatform", town.platform, "offerService", (service, "謎", []), town.account("council"))
    town.deployer.send([offer])
    [difference] = differences(read(town))
    assert service in difference.found.english


def test_rule_without_a_function_is_named(town):
    service = town.deployer.deploy("LotCorrections", (), town.account("deployer")).address
    rule = (b"\xde\xad\xbe\xef", (0, 0, 0, 0))
    arguments = (service, "謎", [rule])
    town.deployer.send(
        [Call("PointPlatform", town.platform, "offerService", arguments, town.account("council"))]
    )
    assert f"0xdeadbeef ({service})" in [difference.place for difference in differences(read(town))]


# ------------------------------------------------------------------------- holders


def test_offices_are_the_councils_and_the_towns(powers, opened):
    holders = {(office.municipality, office.role, office.account) for office in powers.offices}
    town = {(CODE, role, opened.officer(role, place)) for role in Role for place in (1, 2)}
    assert holders == town | {(COUNCIL, Role.ADMIN, opened.account("council"))}
    assert powers.municipalities == {CODE: NAME}


def test_hand_over_shows_both_terms_and_then_one(town):
    old, new = town.officer(Role.GUARDIAN, 1), town.account("successor")
    at = town.chain.now() + 30 * 24 * 60 * 60
    do(town, town.act("Officers", "handOver", CODE, old, int(Role.GUARDIAN), new, at, **admins(town)))
    terms = {office.account: office[3:] for office in read(town).offices if office.role == Role.GUARDIAN}
    assert terms[old][1] == at
    assert terms[new] == (at, 0)
    town.chain.mine_at(at)
    powers = read(town)
    assert old not in [office.account for office in powers.offices]
    assert differences(powers) == []


def test_dismissed_officer_holds_nothing(town):
    account = town.officer(Role.GUARDIAN, 1)
    do(town, town.act("Officers", "dismiss", CODE, account, int(Role.GUARDIAN), by=town.officer(Role.ADMIN)))
    assert account not in [office.account for office in read(town).offices]


def test_minters_are_shown_with_what_they_may_mint(town):
    minter = town.account("minter")
    do(town, town.act("MunicipalPoint", "increaseMinterAllowance", minter, 1000, **admins(town)))
    town.deployer.send([Call("MunicipalPoint", town.token, "mint", (town.account("resident"), 300), minter)])
    assert read(town).minters == [MinterPower(CODE, town.token, SERIES_NAME, minter, 700, 300)]


def test_office_that_no_event_tells_of_is_named(opened):
    """Events are read from too late a block on: the contract knows Admins that they do not."""
    powers = read_powers(opened.rpc, opened.platform, opened.block + 1, opened.services)
    [difference] = differences(powers)
    assert difference.found.english == "000000: the contract counts 1 Admins, the events tell of 0"


# ------------------------------------------- what docs/powers.md says is (not) refused


def test_one_person_in_both_offices_cannot_approve_their_own_case(town):
    clerk = town.account("clerk")
    for role in (Role.DESK_OFFICER, Role.SECOND_DESK_OFFICER):
        do(town, town.act("Officers", "appoint", CODE, clerk, int(role), 0, **admins(town)))
    town.pass_time(1)
    colleague = town.officer(Role.DESK_OFFICER)
    own = town.act("MunicipalPoint", "unfreeze", town.account("resident"), by=clerk)
    town.deployer.send([own.propose(town.officers)])
    number = town.proposal_count()
    with pytest.raises(SendError, match="OfficersSamePerson"):
        town.deployer.send([Call("Officers", town.officers, "approve", (number, own.data), clerk)])
    do(town, town.act("MunicipalPoint", "unfreeze", town.account("resident"), by=colleague, second=clerk))


def test_approver_appointed_after_the_proposal_is_refused(town):
    clerk = town.account("clerk")
    act = town.act(
        "MunicipalPoint",
        "unfreeze",
        town.account("resident"),
        by=town.officer(Role.DESK_OFFICER),
        second=clerk,
    )
    town.deployer.send([act.propose(town.officers)])
    number = town.proposal_count()
    role = int(Role.SECOND_DESK_OFFICER)
    do(town, town.act("Officers", "appoint", CODE, clerk, role, 0, **admins(town)))
    with pytest.raises(SendError, match="OfficersAppointedLater"):
        town.deployer.send([act.approve(town.officers, number)])


def test_proposal_falls_with_the_office_of_whoever_made_it(town):
    first, second = town.officer(Role.ADMIN, 1), town.officer(Role.ADMIN, 2)
    minter = town.account("minter")
    act = town.act("MunicipalPoint", "increaseMinterAllowance", minter, 9, by=first, second=second)
    [waiting] = carry_out(town.deployer, town.officers, [act])
    role = role_id(CODE, Role.ADMIN)
    town.deployer.send([Call("Officers", town.officers, "renounceRole", (role, first), first)])
    town.chain.mine_at(waiting.ready_at)
    with pytest.raises(SendError, match="OfficersMissingRole"):
        town.deployer.send([act.execute(town.officers, waiting.proposal, town.account("anyone"))])


def test_admin_may_be_appointed_on_their_own_proposal(town):
    admin = town.officer(Role.ADMIN, 1)
    do(town, town.act("Officers", "appoint", CODE, admin, int(Role.GUARDIAN), 0, **admins(town)))
    assert Office(CODE, Role.GUARDIAN, admin, town.chain.now(), 0) in read(town).offices


def test_admin_cannot_veto_the_end_of_their_own_office(town):
    first, second = town.officer(Role.ADMIN, 1), town.officer(Role.ADMIN, 2)
    act = town.act("Officers", "dismissAdmin", CODE, second, by=first)
    [waiting] = carry_out(town.deployer, town.officers, [act])
    with pytest.raises(SendError, match="OfficersMissingRole"):
        town.deployer.send([Call("Officers", town.officers, "veto", (waiting.proposal,), second)])


def test_admin_of_the_council_cannot_be_the_second_who_ends_an_admins_office(town):
    first, second = town.officer(Role.ADMIN, 1), town.officer(Role.ADMIN, 2)
    act = town.act("Officers", "dismissAdmin", CODE, second, by=first, second=town.account("council"))
    with pytest.raises(SendError, match="OfficersMissingRole"):
        carry_out(town.deployer, town.officers, [act])


# -------------------------------------------------------------------------- script


@pytest.fixture
def arguments(town, tmp_path):
    """Arguments of the script, for a platform that is in the records."""
    records = DeploymentRecords(town.rpc, tmp_path)
    council = town.account("council")
    records.append("platform", "PointPlatform", (council,), Deployed(town.platform, "0x", town.block))
    for address, service in town.services.items():
        records.append(f"service {service}", service, (town.platform,), Deployed(address, "0x", town.block))
    return ["--url", town.chain.url, "--records", str(tmp_path)]


def test_script_compares_and_ends_with_nought(arguments, capsys):
    assert script.main(["compare", *arguments]) == 0
    assert "as decided / 決定どおり" in capsys.readouterr().out


def test_script_ends_with_one_and_names_the_difference(arguments, capsys, monkeypatch):
    monkeypatch.setitem(
        EXPECTED, "MunicipalPoint", changed("MunicipalPoint", mint=Guard.ANYONE)["MunicipalPoint"]
    )
    assert script.main(["compare", *arguments]) == 1
    assert "MunicipalPoint.mint" in capsys.readouterr().out


def test_script_prints_everything_in_two_languages(arguments, capsys, town):
    assert script.main(["print", *arguments]) == 0
    printed = capsys.readouterr().out
    for words in (
        "Acts of officers / 職員の行為",
        "凍結の解除",
        town.officer(Role.GUARDIAN, 2),
        NAME,
        "管理者",
    ):
        assert words in printed


def test_script_writes_the_page(arguments, capsys, powers):
    assert script.main(["page", *arguments]) == 0
    assert capsys.readouterr().out == page(powers)


def test_script_without_records_ends_with_two(town, tmp_path, capsys):
    assert script.main(["print", "--url", town.chain.url, "--records", str(tmp_path)]) == 2
    assert "nothing is recorded under platform" in capsys.readouterr().err


def test_every_grid_has_a_cell_for_each_column(powers):
    for grid in grids(powers):
        assert all(len(row) == len(grid.columns) for row in grid.rows), grid.title


def test_council_alone_gets_past_no_guard_of_a_series(powers):
    open_to_council = {
        power.function
        for power in powers.functions
        if power.contract == "MunicipalPoint" and Asker.COUNCIL_ADMIN in (power.passes or ())
    }
    assert open_to_council == {
        function
        for function, guard in EXPECTED["MunicipalPoint"].items()
        if guard in (Guard.ANYONE, Guard.OVER_OWN, Guard.WITHIN_ALLOWANCE, Guard.WITH_TILL_SIGNATURE)
    }


# ------------------------------------------------------------------------- services


def test_accepted_services_get_the_powers_that_were_decided_and_no_more(town):
    """A town that takes exchange and settlement gives them what they say: a minter and a burner of claims."""
    addresses = {service: address for address, service in town.services.items()}
    exchange, settlement = addresses["PartnerExchange"], addresses["MerchantSettlement"]
    do(town, town.act("Officers", "acceptService", CODE, exchange, **admins(town)))
    do(town, town.act("Officers", "acceptService", CODE, settlement, **admins(town)))
    do(town, town.act("MunicipalPoint", "increaseMinterAllowance", exchange, 500, **admins(town)))
    do(town, town.act("MunicipalPoint", "setSettlement", settlement, **admins(town)))
    powers = read(town)
    assert differences(powers) == []
    assert {(each.municipality, each.service) for each in powers.services} == {
        (CODE, exchange),
        (CODE, settlement),
    }
    assert MinterPower(CODE, town.token, SERIES_NAME, exchange, 500, 0) in powers.minters
    tried = {power.function for power in powers.functions if power.contract == "PartnerExchange"}
    assert tried == set(EXPECTED["PartnerExchange"])
    past = {
        power.function
        for power in powers.functions
        if power.contract in ("PartnerExchange", "MerchantSettlement") and Asker.STRANGER in power.passes
    }
    assert past == {"nameMunicipality", "redeem", "sweep", "returnToPartner", "closeCoupons"}


def test_exchange_under_another_rule_than_decided_is_named(powers):
    rule = Rule(Role.ADMIN, Role.ADMIN, AT_ONCE, AT_ONCE)
    [difference] = differences(powers, changed("PartnerExchange", acceptPartner=rule))
    assert difference.place.startswith("PartnerExchange.acceptPartner")
