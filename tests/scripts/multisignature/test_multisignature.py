"""The council as a multisignature: two of three keys register and offer, one alone does nothing."""

import os
from dataclasses import replace

import msgspec
import pytest

from scripts.lib.administration.command_line import run
from scripts.lib.administration.connection import Connection
from scripts.lib.administration.execution import ExitCode
from scripts.lib.administration.plan import PlanError
from scripts.lib.calls import Call, View
from scripts.lib.deployment import PlatformPlan, deploy
from scripts.lib.keys.keyring import LocalKeyring
from scripts.lib.keys.new_keystore import write_keystore
from scripts.lib.multisignature.deployer import MultisignatureDeployer, SignaturesNeededError
from scripts.lib.multisignature.desk import parse_arguments
from scripts.lib.multisignature.opening import open_multisignature
from scripts.lib.multisignature.proposal import propose, read_proposal, send, signed, write_proposal
from scripts.lib.multisignature.safe import MultisignatureError, read_multisignature
from scripts.lib.node.sender import SendError
from scripts.lib.records import DeploymentRecords
from scripts.lib.roles import Role
from scripts.lib.rpc_deployer import RpcDeployer
from scripts.multisignature import main as multisignature
from tests.scripts.local_plan import local_plan
from tests.support.command_town import TOWNS

OWNERS = ("owner 1", "owner 2", "owner 3")
TOWN = 131016
FEW = 2
COUNCIL_OWNER = "0x6910b26141478bcb6e9CfB69dC7D6E68a205e1d5"


@pytest.fixture(scope="module")
def owners(keyring):
    return [keyring.account(name) for name in OWNERS]


@pytest.fixture(scope="module")
def payer(keyring):
    return keyring.account("payer")


@pytest.fixture(scope="module")
def account(rpc, sender, owners, payer):
    return open_multisignature(rpc, sender, payer, owners, 2)


@pytest.fixture(scope="module")
def platform(rpc, sender, keyring, account, payer):
    """A platform whose council is the account, without any municipality."""
    return deploy(RpcDeployer(rpc, sender), PlatformPlan(payer, account)).platform


@pytest.fixture
def held(rpc, account):
    """The account as it is now."""
    return read_multisignature(rpc, account)


@pytest.fixture
def registration(platform, account, keyring):
    """A call that registers a municipality, fresh for each test by its code."""
    codes = iter((131016, 131024, 131032, 131041, 131059, 131067, 131075, 131083, 131091, 131105))

    def of(code=None):
        code = code or next(codes)
        admin = keyring.account(f"admin {code}")
        appointments = [(int(Role.ADMIN), admin)]
        return Call(
            "PointPlatform", platform, "registerMunicipality", (code, "町", appointments), account, f"{code}"
        )

    return of


def is_registered(rpc, sender, platform, code):
    [answer] = RpcDeployer(rpc, sender).read([View("PointPlatform", platform, "isRegistered", (code,))])
    return answer


def proposed(rpc, held, *calls):
    return propose(held, rpc.identity(), calls, 0)


def test_account_is_of_its_owners_and_threshold(held, owners):
    assert (held.owners, held.threshold, held.nonce) == (tuple(owners), 2, 0)


def test_account_of_one_key_is_no_multisignature(rpc, payer, platform):
    assert read_multisignature(rpc, payer) is None
    assert read_multisignature(rpc, platform) is None


def test_account_that_rests_on_other_code_is_refused(rpc, account, held):
    """A Safe whose proxy points to somebody else's contract answers as it likes."""
    singleton = "0x" + rpc.call("eth_getStorageAt", account, "0x0", "latest")[-40:]
    code = rpc.call("eth_getCode", singleton, "latest")
    rpc.call("anvil_setCode", singleton, code + "00")
    try:
        with pytest.raises(MultisignatureError, match=r"not Safe 1\.4\.1"):
            read_multisignature(rpc, account)
    finally:
        rpc.call("anvil_setCode", singleton, code)


def test_two_keys_register_a_municipality(rpc, sender, keyring, owners, payer, platform, held, registration):
    call = registration(131016)
    proposal = signed(proposed(rpc, held, call), keyring.key(owners[2]))
    assert send(rpc, sender, payer, signed(proposal, keyring.key(owners[0]))).now == 1
    assert is_registered(rpc, sender, platform, 131016)


def test_one_key_alone_registers_nothing(rpc, sender, keyring, owners, payer, platform, held, registration):
    proposal = signed(proposed(rpc, held, registration(131024)), keyring.key(owners[0]))
    with pytest.raises(MultisignatureError, match="1 of 2 signatures"):
        send(rpc, sender, payer, proposal)
    assert not is_registered(rpc, sender, platform, 131024)


def test_one_key_alone_has_no_power_at_the_platform_itself(rpc, sender, owners, platform, registration):
    for owner in owners:
        call = replace(registration(131024), sender=owner)
        with pytest.raises(SendError, match="Officers"):
            RpcDeployer(rpc, sender).send([call])
    assert not is_registered(rpc, sender, platform, 131024)


def test_contract_refuses_one_signature_given_twice(rpc, keyring, owners, payer, held, registration):
    """Around our own check: the multisignature itself counts no owner twice."""
    call = registration(131024)
    proposal = signed(proposed(rpc, held, call), keyring.key(owners[0]))
    [planned] = proposal.plan.calls
    data = bytes.fromhex(planned.data[2:])
    signature = bytes.fromhex(proposal.signatures[owners[0]][0][2:])
    alone = replace(held, threshold=1).execution(planned.to, data, planned.nonce, {owners[0]: signature})
    # The signatures are the last argument: once more the same, and its length doubled.
    head = alone[: -(32 + 96)]
    doubled = head + (130).to_bytes(32, "big") + (signature * 2).ljust(160, b"\0")
    with pytest.raises(Exception, match="GS026"):
        rpc.call("eth_call", {"from": payer, "to": held.address, "data": "0x" + doubled.hex()}, "latest")


def test_signature_of_a_stranger_is_refused(rpc, keyring, held, registration):
    with pytest.raises(MultisignatureError, match="is no owner"):
        signed(proposed(rpc, held, registration(131024)), keyring.key(keyring.account("stranger")))


def test_signature_over_another_call_is_refused(rpc, sender, keyring, owners, payer, held, registration):
    good = signed(proposed(rpc, held, registration(131024)), keyring.key(owners[0]))
    other = signed(proposed(rpc, held, registration(131032)), keyring.key(owners[1]))
    mixed = msgspec.structs.replace(good, signatures={**good.signatures, **other.signatures})
    with pytest.raises(MultisignatureError, match="not over this call"):
        send(rpc, sender, payer, mixed)


def test_sent_again_does_nothing(rpc, sender, keyring, owners, payer, held, registration):
    proposal = proposed(rpc, held, registration(131032), registration(131041))
    for owner in owners[:2]:
        proposal = signed(proposal, keyring.key(owner))
    assert send(rpc, sender, payer, proposal) == replace(send(rpc, sender, payer, proposal), now=2, before=0)


def test_call_whose_number_another_call_took_must_be_proposed_again(
    rpc, sender, keyring, owners, payer, held, registration
):
    first, second = (proposed(rpc, held, registration(code)) for code in (131059, 131067))
    for owner in owners[:2]:
        first, second = signed(first, keyring.key(owner)), signed(second, keyring.key(owner))
    send(rpc, sender, payer, first)
    with pytest.raises(MultisignatureError, match="another call"):
        send(rpc, sender, payer, second)


def test_call_that_the_platform_refuses_is_told_with_its_reason(
    rpc, sender, keyring, owners, payer, held, registration
):
    proposal = proposed(rpc, held, registration(131017))  # a wrong check digit
    for owner in owners[:2]:
        proposal = signed(proposal, keyring.key(owner))
    with pytest.raises(MultisignatureError, match="PlatformInvalidCode"):
        send(rpc, sender, payer, proposal)
    assert send_is_still_possible(rpc, held)


def send_is_still_possible(rpc, held):
    """The refused call took no number."""
    return read_multisignature(rpc, held.address).nonce == held.nonce


def test_calls_of_another_account_are_no_proposal(rpc, held, owners, registration):
    for calls in ([], [registration(131024), replace(registration(131032), sender=owners[0])]):
        with pytest.raises(ValueError, match="calls of the account alone"):
            proposed(rpc, held, *calls)


def test_proposal_is_not_sent_to_another_chain_or_for_an_account_that_is_gone(
    rpc, sender, payer, held, registration, own_chain
):
    proposal, height = proposed(rpc, held, registration(131024)), own_chain.height()
    elsewhere = msgspec.structs.replace(proposal.plan, chain_id=217099)
    for changed, reason in (
        ({"plan": elsewhere, "digest": elsewhere.digest}, "別のチェーンのための提案です"),
        ({"account": payer}, f"{payer} is no multisignature"),
    ):
        with pytest.raises(MultisignatureError, match=reason):
            send(rpc, sender, payer, msgspec.structs.replace(proposal, **changed))
    assert own_chain.height() == height


def test_deployment_with_enough_keys_at_hand_stops_for_nobody(
    rpc, sender, keyring, owners, payer, account, platform, registration
):
    keys = [keyring.key(owner) for owner in owners[:2]]
    inner, held = RpcDeployer(rpc, sender), read_multisignature(rpc, account)
    deployer = MultisignatureDeployer(rpc, inner, sender, payer, held, keys)
    deployer.send([registration(131130)])
    assert is_registered(rpc, sender, platform, 131130)


def test_altered_proposal_is_refused(rpc, held, registration, tmp_path):
    file = tmp_path / "proposal.json"
    write_proposal(file, proposed(rpc, held, registration(131024)))
    file.write_text(file.read_text(encoding="utf-8").replace("131024", "131032"), encoding="utf-8")
    with pytest.raises(PlanError, match="altered"):
        read_proposal(file)


def test_whole_deployment_goes_through_two_keys(rpc, sender, keyring, owners, payer, tmp_path):
    """Municipalities, services, series: the same plan as with one key, stopped where owners must sign."""
    account = open_multisignature(rpc, sender, payer, owners, 2, salt=1)
    plan = replace(local_plan(keyring, "shop"), council=account)
    records = DeploymentRecords(rpc, tmp_path)

    def run(*names):
        held = read_multisignature(rpc, account)
        keys = [keyring.key(name) for name in names]
        return deploy(
            MultisignatureDeployer(rpc, RpcDeployer(rpc, sender), sender, payer, held, keys), plan, records
        )

    rounds = 0
    while True:
        try:
            deployment = run(owners[1])
            break
        except SignaturesNeededError as waiting:
            rounds += 1
            send(rpc, sender, payer, signed(waiting.proposal, keyring.key(owners[2])))
            RpcDeployer(rpc, sender).next_second()  # officers act later than they are appointed
    assert rounds == 2, "once for the municipalities and services, once for their series"
    assert deployment.series and run(owners[0]).sent == []


@pytest.mark.parametrize("threshold", [0, 4])
def test_threshold_that_does_not_fit_is_refused_before_anything_is_sent(
    rpc, sender, owners, payer, own_chain, threshold
):
    height = own_chain.height()
    with pytest.raises(ValueError, match="cannot be asked for"):
        open_multisignature(rpc, sender, payer, owners, threshold)
    with pytest.raises(ValueError, match="twice"):
        open_multisignature(rpc, sender, payer, [owners[0], owners[0]], 2)
    assert own_chain.height() == height


def test_commands_open_propose_and_send(
    rpc, sender, keyring, owners, own_chain, tmp_path, monkeypatch, capsys
):
    clerks = LocalKeyring(own_chain, "clerks, who have no owner's key")
    connection = Connection(
        rpc, clerks, [clerks.account("payer")], is_local=True, records=tmp_path, plans=tmp_path / "plans"
    )
    assert multisignature(["open", *owners, "--yes"], connection) is ExitCode.DONE
    said = capsys.readouterr().out
    account = next(line for line in said.splitlines() if "the council's account" in line).split()[-1]
    towns = tmp_path / "towns.csv"
    towns.write_text("\n".join(TOWNS), encoding="utf-8")
    words = ["deploy", str(towns), "--council", account, "--yes"]
    assert run("council", words, connection) is ExitCode.PARTLY_DONE
    [waiting] = (tmp_path / "plans").glob("multisignature-*.json")
    assert f"python -m scripts.multisignature sign {waiting}" in capsys.readouterr().out
    assert read_proposal(waiting).account == account and not read_proposal(waiting).signatures
    records = DeploymentRecords(rpc, tmp_path)
    file = tmp_path / "proposal.json"
    admin = keyring.account("admin of 131113")
    words = ["PointPlatform", "registerMunicipality", "131113", "大田区", f'[[{int(Role.ADMIN)}, "{admin}"]]']
    assert multisignature(["propose", account, *words, "--out", str(file)], connection) is ExitCode.DONE
    assert multisignature(["send", str(file), "--yes"], connection) is ExitCode.REJECTED_INPUT
    proposal = read_proposal(file)
    for owner in owners[1:]:
        proposal = signed(proposal, keyring.key(owner))
    write_proposal(file, proposal)
    assert multisignature(["show", str(file)]) is ExitCode.DONE
    assert "大田区" in capsys.readouterr().out
    with monkeypatch.context() as patched:
        patched.setattr("builtins.input", lambda *_: "n")
        height = own_chain.height()
        assert multisignature(["send", str(file)], connection) is ExitCode.REJECTED_INPUT
        assert "何も送信していません" in capsys.readouterr().out and own_chain.height() == height
    assert multisignature(["send", str(file), "--yes"], connection) is ExitCode.DONE
    assert multisignature(["send", str(file), "--yes"], connection) is ExitCode.DONE
    assert "1 had been before" in capsys.readouterr().out
    platform = records.address_of("platform", "PointPlatform")
    assert is_registered(rpc, sender, platform, 131113)


@pytest.fixture
def keystores(owners, keyring, tmp_path):
    """Two owners' keystore files, as words of a command; the passphrases come by descriptor."""
    words = []
    for place, owner in enumerate(owners[:2]):
        file = tmp_path / f"owner-{place}.json"
        write_keystore(file, bytes(keyring.key(owner).key), f"合言葉 {place}", FEW)
        words += ["--keystore", str(file)]
    reading, writing = os.pipe()
    os.write(writing, "".join(f"合言葉 {place}\n" for place in range(2)).encode())
    os.close(writing)
    yield [*words, "--passphrase-fd", str(reading)]
    os.close(reading)


def test_owners_sign_the_file_with_their_keystores_without_a_node(
    rpc, sender, payer, owners, platform, held, registration, keystores, tmp_path, capsys
):
    file = tmp_path / "proposal.json"
    write_proposal(file, proposed(rpc, held, registration(131121)))
    assert multisignature(["sign", str(file), *keystores, "--yes"]) is ExitCode.DONE
    assert "署名 signatures: 2 / 2" in capsys.readouterr().out
    assert read_proposal(file).signatures.keys() == set(owners[:2])
    send(rpc, sender, payer, read_proposal(file))
    assert is_registered(rpc, sender, platform, 131121)


def test_signing_without_a_key_or_with_no_for_an_answer_signs_nothing(
    rpc, held, registration, keystores, tmp_path, monkeypatch, capsys
):
    file = tmp_path / "proposal.json"
    write_proposal(file, proposed(rpc, held, registration(131121)))
    before = file.read_bytes()
    assert multisignature(["sign", str(file), "--yes"]) is ExitCode.REJECTED_INPUT
    assert "--keystore で鍵を指定してください" in capsys.readouterr().out
    monkeypatch.setattr("builtins.input", lambda *_: "n")
    assert multisignature(["sign", str(file), *keystores]) is ExitCode.REJECTED_INPUT
    assert file.read_bytes() == before


def test_opening_and_proposing_that_cannot_be_are_refused(
    rpc, keyring, owners, payer, tmp_path, monkeypatch, capsys
):
    connection = Connection(rpc, keyring, [payer], is_local=True, records=tmp_path, payer=payer)
    monkeypatch.setattr("builtins.input", lambda *_: "n")
    assert multisignature(["open", *owners], connection) is ExitCode.REJECTED_INPUT
    call = ["PointPlatform", "registerMunicipality", "1", "町", "[]", "--out", str(tmp_path / "none.json")]
    assert multisignature(["propose", payer, *call], connection) is ExitCode.REJECTED_INPUT
    assert "複数署名の口座ではありません" in capsys.readouterr().out
    assert not (tmp_path / "none.json").exists()


def test_words_of_every_kind_become_arguments():
    account = "0x" + "11" * 20
    assert parse_arguments("MunicipalPoint", "setTill", [account] * 2 + ["True"]) == [account, account, True]
    words = [str(TOWN), account, "0x1234", "2", "0x" + "00" * 32]
    assert parse_arguments("Officers", "propose", words) == [TOWN, account, b"\x124", 2, bytes(32)]


def test_words_that_do_not_fit_a_function_are_refused():
    with pytest.raises(ValueError, match="takes 3"):
        parse_arguments("PointPlatform", "registerMunicipality", ["131016"])
    with pytest.raises(ValueError, match="no function"):
        parse_arguments("PointPlatform", "municipalities", [])


def test_owners_see_every_officer_that_they_appoint(
    rpc, keyring, owners, held, registration, tmp_path, capsys
):
    officers = [(int(role), keyring.account(f"{role.name} {place}")) for role in Role for place in (1, 2)]
    call = replace(registration(), arguments=(131113, "大田区", officers))
    file = tmp_path / "proposal.json"
    write_proposal(file, proposed(rpc, held, call))
    assert multisignature(["show", str(file)]) is ExitCode.DONE
    said = capsys.readouterr().out
    for role, account in officers:
        assert f"{Role(role).label.japanese} {Role(role).label.english}: {account}" in said


def test_sending_without_a_payer_is_refused_before_it_asks(
    rpc, keyring, held, registration, tmp_path, capsys
):
    file = tmp_path / "proposal.json"
    write_proposal(file, proposed(rpc, held, registration()))
    connection = Connection(rpc, keyring, [], records=tmp_path)
    assert multisignature(["send", str(file)], connection) is ExitCode.REJECTED_INPUT
    said = capsys.readouterr().out
    assert "送信して手数料を払う鍵を --keystore" in said and "[y/N]" not in said


def test_proposal_for_another_chain_is_refused_before_it_asks(
    rpc, keyring, payer, held, registration, tmp_path, capsys
):
    proposal = proposed(rpc, held, registration())
    plan = msgspec.structs.replace(proposal.plan, chain_id=217099)
    file = tmp_path / "proposal.json"
    write_proposal(file, msgspec.structs.replace(proposal, plan=plan, digest=plan.digest))
    connection = Connection(rpc, keyring, [payer], records=tmp_path, payer=payer)
    assert multisignature(["send", str(file)], connection) is ExitCode.REJECTED_INPUT
    said = capsys.readouterr().out
    assert "チェーン217099" in said and "--network または --url を指定してください" in said
    assert "[y/N]" not in said


def test_node_that_does_not_answer_is_told_with_its_address(tmp_path, capsys):
    words = ["open", COUNCIL_OWNER, "--url", "http://127.0.0.1:9", "--yes"]
    assert multisignature(words) is ExitCode.REJECTED_INPUT
    said = capsys.readouterr().out
    assert "http://127.0.0.1:9 のノードに接続できません" in said and "make chain の窓" in said
