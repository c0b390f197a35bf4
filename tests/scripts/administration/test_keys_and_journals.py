"""Commands with keys of one's own, on a network by its name, and what a killed one leaves behind."""

import json
import os

import pytest
from eth_account import Account

from scripts.lib.administration.command_line import run
from scripts.lib.administration.connection import Connection
from scripts.lib.administration.execution import ExitCode
from scripts.lib.administration.keys import KeyChoice
from scripts.lib.journal import Journal
from scripts.lib.keys.keyring import KeyringError
from scripts.lib.keys.keystore import KeystoreError
from scripts.lib.node.external_signer import ExternalSignerError
from scripts.lib.node.local_chain import LocalChain
from scripts.lib.node.networks import Network, NetworkError
from scripts.lib.node.sender import Sender
from scripts.lib.roles import Role
from tests.support.command_town import CODE

PASSPHRASE = "correct horse"
TASK = f"municipality-pause-{CODE}"


@pytest.fixture
def networked(town, tmp_path):
    """The town on a network of the file, so that commands keep journals."""
    local = Network("here", town.chain.url, town.chain.chain_id, "ready")
    town.connection.network = local
    town.connection.journals = tmp_path / "journals"
    return town


@pytest.fixture
def keystore(town, tmp_path):
    """The guardian's keystore file, and what a command line says to use it."""
    key = town.keyring.key(town.officer(Role.GUARDIAN)).key
    file = tmp_path / "guardian.json"
    file.write_text(json.dumps(Account.encrypt(key, PASSPHRASE, iterations=1_000, kdf="pbkdf2")))
    return file


def passphrase_fd(*lines):
    reading, writing = os.pipe()
    os.write(writing, "".join(f"{line}\n" for line in lines).encode())
    os.close(writing)
    return reading


def journal_of(town):
    return Journal(town.connection.rpc.identity(), TASK, town.connection.journals)


def test_keystore_named_on_the_command_line_signs(networked, keystore):
    keyring = type(networked.keyring)(networked.chain, "nobody's")
    fd = passphrase_fd(PASSPHRASE)
    accounts = KeyChoice([str(keystore)], fd).add_to(keyring)
    os.close(fd)
    assert accounts == [networked.officer(Role.GUARDIAN)]
    networked.connection = Connection(
        networked.connection.rpc,
        keyring,
        accounts,
        records=networked.connection.records,
        plans=networked.connection.plans,
        network=networked.connection.network,
        journals=networked.connection.journals,
    )
    assert networked.run("pause", "24", "--town", str(CODE), "--send") is ExitCode.DONE, networked.said


@pytest.mark.parametrize(("given", "said"), [(["wrong"], "wrong"), ([], "no passphrase")])
def test_keystore_without_its_passphrase_is_refused(town, keystore, given, said):
    fd = passphrase_fd(*given)
    with pytest.raises(KeystoreError, match=said):
        KeyChoice([str(keystore)], fd).add_to(town.keyring)
    os.close(fd)


def test_signer_that_does_not_answer_is_refused(town):
    with pytest.raises(ExternalSignerError):
        KeyChoice(signer="http://127.0.0.1:1").add_to(town.keyring)


def test_node_with_unlocked_accounts_signs(town):
    with LocalChain.anvil() as signing:
        accounts = KeyChoice(signer=signing.url).add_to(town.keyring)
    assert len(accounts) >= 1 and all(account in town.keyring for account in accounts)


def test_network_that_is_not_in_the_file_is_refused():
    with pytest.raises(NetworkError, match="known are local"):
        Connection.open("mainnet")


def test_chain_of_another_id_than_the_network_s_is_refused(town):
    with LocalChain.anvil() as other, pytest.raises(KeyringError, match=str(other.chain_id)):
        Connection.open(url=other.url)


def test_command_words_choose_network_and_keys(town, keystore, capsys):
    """The whole way from words: the chain at the address is none of `make chain`, which is said."""
    words = ["pause", "24", "--url", town.chain.url, "--keystore", str(keystore)]
    assert run("municipality", words) is ExitCode.REJECTED_INPUT
    assert str(town.chain.chain_id) in capsys.readouterr().out


def test_journal_is_gone_when_a_command_is_over(networked):
    assert networked.run("pause", "24") is ExitCode.DONE, networked.said
    assert list(networked.connection.journals.rglob("*.journal")) == []


def test_command_that_runs_already_on_this_machine_waits(networked):
    with journal_of(networked):
        height = networked.chain.height()
        assert networked.run("pause", "24") is ExitCode.PARTLY_DONE
        assert networked.chain.height() == height
        assert "別の端末で実行中" in networked.said
    assert networked.run("pause", "24") is ExitCode.DONE, networked.said


def test_command_killed_after_it_signed_is_carried_out_by_the_next_and_once(networked, monkeypatch):
    def killed(_sender, signed):
        if signed:
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Sender, "_push", killed)  # signed bytes are in the journal by then
        assert networked.run("pause", "24") is ExitCode.PARTLY_DONE
    assert "もう一度同じコマンド" in networked.said
    with journal_of(networked) as journal:
        [signed] = journal.signed
    height = networked.chain.height()
    assert networked.run("pause", "24") is ExitCode.DONE, networked.said
    assert networked.chain.height() == height + 1
    assert networked.connection.rpc.call("eth_getTransactionReceipt", signed.hash)["status"] == "0x1"
    assert networked.ask("MunicipalPoint", networked.token, "pausedUntil") > networked.chain.now()


def test_nothing_is_signed_where_a_contract_s_code_is_not_the_recorded_one(networked):
    code = networked.connection.rpc.call("eth_getCode", networked.token, "latest")
    networked.connection.rpc.call("anvil_setCode", networked.token, code + "00")
    height = networked.chain.height()
    assert networked.run("pause", "24") is ExitCode.REJECTED_INPUT
    assert networked.chain.height() == height
    assert networked.token in networked.said
