import re

import pytest
from eth_account import Account
from eth_keys.constants import SECPK1_N
from eth_utils import keccak

from scripts.lib.artifacts import read_artifact
from scripts.lib.contract_abi import encode_call
from scripts.lib.mykey import CommitmentKey, MyKeyId, commitment
from scripts.lib.node.sender import SendError
from scripts.lib.proceedings import carry_out
from scripts.lib.reasons import Reason
from scripts.lib.registration import BATCH_RESIDENTS, Registration, RegistrationDomain, is_signed, sign
from scripts.lib.roles import Role
from tests.support.office_town import CODE, open_town

KEY = CommitmentKey(1, bytes(range(32)))
GAS_OF_ONE_TRANSACTION = 16_700_000


@pytest.fixture(scope="module")
def town(own_chain, rpc, keyring):
    return open_town(own_chain, rpc, keyring)


@pytest.fixture
def domain(town, rpc):
    return RegistrationDomain(rpc.identity().chain_id, town.residents)


@pytest.fixture
def registered(town):
    """Registers residents by two officers, as the demo and the scripts do."""

    def register(*registrations):
        act = town.act(
            "ResidentRegistry",
            "register",
            CODE,
            KEY.version,
            list(registrations),
            by=town.officer(Role.DESK_OFFICER),
            second=town.officer(Role.SECOND_DESK_OFFICER),
            reason=Reason.NEW_RESIDENTS,
        )
        return carry_out(town.deployer, town.officers, [act])

    return register


def signed_by(domain, name):
    key = Account.from_key(keccak(text=name))
    return sign(domain, CODE, key, commitment(KEY, CODE, MyKeyId.read(f"{name:0>8}")))


def test_what_is_signed_here_is_accepted_by_the_registry(town, domain, registered):
    resident = signed_by(domain, "RES1")
    assert is_signed(domain, CODE, resident)
    registered(resident)
    number = town.ask("ResidentRegistry", town.residents, "numberOf", CODE, resident.account)
    held = town.ask("ResidentRegistry", town.residents, "commitmentOf", CODE, number)
    assert held == (resident.commitment, KEY.version)


def test_what_is_refused_here_is_refused_by_the_registry(town, domain, registered):
    signed = signed_by(domain, "RES2")
    r, s, v = signed.signature[:32], int.from_bytes(signed.signature[32:64], "big"), signed.signature[64]
    for signature in (
        b"",
        r + (SECPK1_N - s).to_bytes(32, "big") + bytes([55 - v]),
        signed.signature[:64] + bytes([v - 27]),
        signed.signature[:64] + bytes([55 - v]),
        signed_by(domain, "RES3").signature,
    ):
        forged = signed._replace(signature=signature)
        assert not is_signed(domain, CODE, forged)
        with pytest.raises(SendError, match="ResidentsWrongSignature"):
            registered(forged)


def test_a_full_batch_fits_a_transaction_with_room_for_the_senders_margin(town, domain):
    batch = [
        sign(domain, CODE, Account.from_key(place.to_bytes(32, "big")), keccak(text=str(place)))
        for place in range(1, BATCH_RESIDENTS + 1)
    ]
    act = town.act(
        "ResidentRegistry",
        "register",
        CODE,
        KEY.version,
        batch,
        by=town.officer(Role.DESK_OFFICER),
        second=town.officer(Role.SECOND_DESK_OFFICER),
    )
    town.deployer.send([act.propose(town.officers)])
    approval = act.approve(town.officers, town.proposal_count())
    limit = gas_of(town, approval) * 5 // 4
    assert limit <= GAS_OF_ONE_TRANSACTION, f"{limit} gas for {BATCH_RESIDENTS} residents"
    # Half a batch more would not fit: the batch is not needlessly small.
    assert limit * 3 // 2 > GAS_OF_ONE_TRANSACTION


def gas_of(town, call):
    data = "0x" + encode_call(call.contract, call.function, call.arguments).hex()
    estimate = town.rpc.call("eth_estimateGas", {"from": call.sender, "to": call.address, "data": data})
    return int(estimate, 16)


def test_registration_has_the_fields_of_the_abi():
    [register] = [entry for entry in read_artifact("ResidentRegistry").abi if entry.get("name") == "register"]
    names = [field["name"] for field in register["inputs"][2]["components"]]
    assert names == [re.sub("_(.)", lambda match: match[1].upper(), field) for field in Registration._fields]
