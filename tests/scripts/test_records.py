import json
import shutil
from hashlib import sha256
from types import SimpleNamespace

import pytest

from scripts.lib.contract_abi import encode_call
from scripts.lib.deployment import SERIES_LIBRARIES, _part_of, deploy, library_label
from scripts.lib.node.local_chain import LocalChain
from scripts.lib.node.rpc import Rpc
from scripts.lib.node.sender import Sender, SendError
from scripts.lib.node.transactions import Transaction, WrongChainError
from scripts.lib.records import DeploymentRecords, RecordError
from scripts.lib.rpc_deployer import RpcDeployer
from tests.support.town import SERIES

LABELS = ["platform", "officers", "residents", *map(library_label, SERIES_LIBRARIES), SERIES]


@pytest.fixture(scope="module")
def deployed(rpc, rpc_deployer, plan, tmp_path_factory):
    """The folder of records of a platform, its officers and one series."""
    folder = tmp_path_factory.mktemp("deployed")
    deploy(rpc_deployer, plan, DeploymentRecords(rpc, folder))
    return folder


@pytest.fixture
def records(rpc, deployed, tmp_path):
    """A copy of those records, to be done with as one likes."""
    shutil.copytree(deployed, tmp_path, dirs_exist_ok=True)
    return DeploymentRecords(rpc, tmp_path)


@pytest.fixture
def reread(rpc, tmp_path):
    return lambda: DeploymentRecords(rpc, tmp_path)


def change_line(file, number, **fields):
    lines = file.read_text(encoding="utf-8").splitlines()
    lines[number] = json.dumps({**json.loads(lines[number]), **fields}, ensure_ascii=False)
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


def test_record_says_how_a_contract_came_to_be(records, rpc, plan):
    record = records["platform"]
    assert record.contract == "PointPlatform"
    assert record.arguments == [plan.council]
    assert rpc.call("eth_getTransactionReceipt", record.transaction)["blockNumber"] == hex(record.block)
    assert record.compiler["version"].startswith("0.8.30")
    assert record.compiler["optimizer"] == {"enabled": True, "runs": 200}
    assert (record.chain_id, record.genesis) == rpc.identity()


def test_records_lie_by_chain_id_and_genesis(records, rpc, tmp_path):
    identity = rpc.identity()
    assert records.file == tmp_path / str(identity.chain_id) / f"{identity.genesis[2:18]}.jsonl"


def test_append_leaves_earlier_lines_as_they_are(records, rpc_deployer, plan, rpc, tmp_path):
    before = records.file.read_bytes()
    deployed = rpc_deployer.deploy("PointPlatform", (plan.council,), plan.deployer)
    records.append("second platform", "PointPlatform", (plan.council,), deployed)
    assert records.file.read_bytes().startswith(before)
    assert DeploymentRecords(rpc, tmp_path).labels() == [*LABELS, "second platform"]


def test_append_under_a_label_that_is_taken_is_refused(records, rpc_deployer, plan):
    deployed = rpc_deployer.deploy("PointPlatform", (plan.council,), plan.deployer)
    with pytest.raises(RecordError, match="platform is recorded already"):
        records.append("platform", "PointPlatform", (plan.council,), deployed)


def test_address_without_code_is_refused(records, reread):
    change_line(records.file, -1, address="0x" + "11" * 20)
    with pytest.raises(RecordError, match="there is no contract at 0x1111"):
        reread().address_of(SERIES, "MunicipalPoint")


def test_address_of_another_contract_is_refused(records, reread):
    change_line(records.file, -1, address=records["platform"].address)
    with pytest.raises(RecordError, match=r"has hash .* recorded is"):
        reread().address_of(SERIES, "MunicipalPoint")


def test_address_whose_code_was_replaced_is_refused(records, rpc):
    address = records["platform"].address
    code = rpc.call("eth_getCode", address, "latest")
    rpc.call("anvil_setCode", address, code[:-2] + "00")
    try:
        with pytest.raises(RecordError, match="has hash"):
            records.address_of("platform", "PointPlatform")
    finally:
        rpc.call("anvil_setCode", address, code)


def test_changed_line_is_noticed(records, reread):
    change_line(records.file, 0, block=7)
    with pytest.raises(RecordError, match="line 2 does not follow the line before it"):
        reread()


def test_removed_line_is_noticed(records, reread):
    lines = records.file.read_text(encoding="utf-8").splitlines()
    records.file.write_text("\n".join([lines[0], *lines[2:]]) + "\n", encoding="utf-8")
    with pytest.raises(RecordError, match="line 2 does not follow"):
        reread()


def test_cut_off_last_line_is_reported_with_its_number(records, reread):
    records.file.write_bytes(records.file.read_bytes()[:-20])
    with pytest.raises(RecordError, match=f"line {len(LABELS)}, the last, is cut off"):
        reread()


def test_line_that_is_no_record_is_reported_with_its_number(records, reread):
    with records.file.open("a", encoding="utf-8") as file:
        file.write("{}\n")
    with pytest.raises(RecordError, match=f"line {len(LABELS) + 1} is no record"):
        reread()


def test_records_of_another_chain_are_refused(records, reread):
    change_line(records.file, 0, chain_id=1)
    with pytest.raises(RecordError, match="line 1 belongs to chain 1"):
        reread()


def test_label_that_stands_there_twice_is_reported_with_its_number(records, reread):
    """Whoever knows how the file is made has added another address under the council's own name."""
    lines = records.file.read_bytes().splitlines()
    again = json.loads(lines[0]) | {"previous": sha256(lines[-1]).hexdigest()}
    records.file.write_bytes(b"".join(line + b"\n" for line in [*lines, json.dumps(again).encode()]))
    with pytest.raises(RecordError, match=f"line {len(lines) + 1} records platform a second time"):
        reread()


def test_part_that_the_platform_does_not_obey_is_not_gone_on_with(records, rpc_deployer, plan):
    other = rpc_deployer.deploy("PointPlatform", (plan.council,), plan.deployer).address
    told = tuple(records["officers"].arguments)
    with pytest.raises(RecordError, match=r"officers is recorded at 0x.*, the platform obeys 0x"):
        _part_of(rpc_deployer, plan, other, records, "officers", "Officers", told)


def test_deployment_of_which_the_receipt_names_no_contract_has_failed(rpc, plan):
    """A node that loses its state answers so."""
    nowhere = SimpleNamespace(send=lambda _: [SimpleNamespace(contract=None, hash="0x1", block=1)])
    deployer = RpcDeployer(rpc, nowhere)
    with pytest.raises(SendError, match="the receipt names no contract"):
        deployer.deploy("LotCorrections", (), plan.deployer)


def test_unknown_label_is_refused(records):
    with pytest.raises(RecordError, match="nothing is recorded under other"):
        records.address_of("other", "MunicipalPoint")


def test_label_of_another_contract_is_refused(records):
    with pytest.raises(RecordError, match="platform is a PointPlatform, not a MunicipalPoint"):
        records.address_of("platform", "MunicipalPoint")


def test_another_chain_of_the_same_id_has_records_of_its_own(records, tmp_path):
    chain_id = records.identity.chain_id
    with LocalChain.anvil(chain_id=chain_id, genesis_time=1_700_000_000) as other:
        assert DeploymentRecords(Rpc(other.url), tmp_path).labels() == []


def test_sender_signs_for_the_recorded_contracts_and_for_no_others(records, rpc, keyring, token):
    sender = Sender(rpc, keyring, code_hashes=records.code_hashes())
    account = keyring.account("city")
    asked = encode_call("MunicipalPoint", "recordLapse", ([],))
    recorded = records[SERIES].address
    assert sender.send([Transaction(account, recorded, asked, 60_000, "recorded")])
    with pytest.raises(WrongChainError, match="none of the recorded contracts"):
        sender.send([Transaction(account, token, asked, 60_000, "another series")])
