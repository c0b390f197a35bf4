"""The networks that the scripts know: what is described, which chain is accepted, and how it is sent to."""

import pytest
import yaml

from scripts.lib.keys.keyring import LocalKeyring
from scripts.lib.node import networks
from scripts.lib.node.networks import FILE, NetworkError, read_network
from scripts.lib.node.transactions import Transaction, WrongChainError

NAMES = ("local", "ganache", "consortium", "sepolia")


@pytest.fixture
def described(own_chain, tmp_path):
    """`described(**changed)` is a file with one network, by default the chain of these tests."""

    def described(**changed):
        entry = {
            "label": "試験",
            "url": own_chain.url,
            "chain_id": own_chain.chain_id,
            "keys": "ready",
        } | changed
        file = tmp_path / "networks.yaml"
        file.write_text(yaml.safe_dump({"tests": entry}), encoding="utf-8")
        return read_network("tests", file=file)

    return described


@pytest.fixture(autouse=True)
def addresses(monkeypatch, tmp_path):
    (tmp_path / "port").write_text("34567")
    monkeypatch.setattr(networks, "DEVELOPMENT_FOLDER", tmp_path)
    for variable in ("GANACHE_URL", "JICHITAI_NODE_URL", "SEPOLIA_URL"):
        monkeypatch.setenv(variable, f"http://127.0.0.1/{variable.lower()}")


def test_every_network_of_the_file_can_be_read():
    assert tuple(yaml.safe_load(FILE.read_text(encoding="utf-8"))) == NAMES
    assert {read_network(name).chain_id for name in NAMES} == {31337, 1337, 217001, 11155111}
    assert read_network("local").url == "http://127.0.0.1:34567"
    assert read_network("sepolia").url == "http://127.0.0.1/sepolia_url"


def test_only_chains_of_this_machine_are_local():
    assert [name for name in NAMES if read_network(name).is_local] == ["local", "ganache"]


def test_ready_keys_elsewhere_are_refused(described, monkeypatch):
    monkeypatch.setenv("GANACHE_URL", "https://node.example")
    with pytest.raises(NetworkError, match="ready keys are for chains of this machine"):
        read_network("ganache")


def test_network_whose_address_is_not_set_is_told(monkeypatch):
    monkeypatch.delenv("JICHITAI_NODE_URL")
    with pytest.raises(NetworkError, match="set JICHITAI_NODE_URL"):
        read_network("consortium")


def test_local_chain_that_does_not_run_is_told(tmp_path):
    (tmp_path / "port").unlink()
    with pytest.raises(NetworkError, match="make chain"):
        read_network("local")


def test_unknown_network_is_told_with_those_there_are():
    with pytest.raises(
        NetworkError, match="no network mainnet; known are local, ganache, consortium, sepolia"
    ):
        read_network("mainnet")


@pytest.mark.parametrize("changed", [{"keys": "plain"}, {"gas_price": "cheap"}, {"private_key": "0x1"}])
def test_network_that_is_described_wrongly_is_refused(described, changed):
    with pytest.raises(NetworkError, match=r"networks\.yaml: tests: "):
        described(**changed)


def test_network_sends_through_its_own_sender(described, own_chain, tmp_path):
    network = described()
    keyring = LocalKeyring(own_chain, "networks")
    account = keyring.account("somebody")
    sender = network.sender(network.connect(tmp_path), keyring)
    [receipt] = sender.send([Transaction(account, account, b"", 21_000, "nothing")])
    assert receipt.gas_used == 21_000


def test_other_chain_than_described_is_refused(described, tmp_path):
    with pytest.raises(WrongChainError, match="meant is chain 1 "):
        described(chain_id=1).connect(tmp_path)
    with pytest.raises(WrongChainError, match="with genesis 0x00"):
        described(genesis="0x" + "00" * 32).connect(tmp_path)


def test_other_chain_than_that_of_our_contracts_is_refused(described, own_chain, tmp_path):
    network = described(keys="own")
    genesis = network.connect(tmp_path).identity().genesis
    folder = tmp_path / str(own_chain.chain_id)
    folder.mkdir()
    (folder / "0123456789abcdef.jsonl").touch()
    with pytest.raises(WrongChainError, match="genesis begins with 0123456789abcdef"):
        network.connect(tmp_path)
    (folder / f"{genesis[2:18]}.jsonl").touch()
    assert network.connect(tmp_path).identity().genesis == genesis


def test_network_of_ones_own_stands_in_the_file_beside(tmp_path):
    file = tmp_path / "networks.yaml"
    entry = {"label": "試験", "url": "http://127.0.0.1:1", "chain_id": 5, "keys": "ready"}
    file.write_text(yaml.safe_dump({"tests": entry}), encoding="utf-8")
    own = {"aizu": entry | {"chain_id": 7}, "tests": entry | {"chain_id": 6}}
    (tmp_path / "networks.local.yaml").write_text(yaml.safe_dump(own), encoding="utf-8")
    assert read_network("aizu", file=file).chain_id == 7
    assert read_network("tests", file=file).chain_id == 6
