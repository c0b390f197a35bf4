"""What holders of the council's keys do: open the account, propose a call, look at it, sign, send."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from eth_utils import to_checksum_address
from eth_utils.abi import collapse_if_tuple
from rich.console import Console

from scripts.lib.administration.command_line import asks, complain, terminal
from scripts.lib.administration.connection import Connection
from scripts.lib.administration.execution import NOTHING_SENT, NOTHING_SIGNED, ExitCode
from scripts.lib.administration.keys import KeyChoice
from scripts.lib.administration.plan import PlanError
from scripts.lib.administration.plan_desk import require_chain
from scripts.lib.administration.plan_page import plan_page
from scripts.lib.artifacts import read_artifact
from scripts.lib.calls import Call
from scripts.lib.deployment import OFFICERS, PLATFORM, RESIDENTS, SERVICES, service_label
from scripts.lib.keys.keyring import Keyring, KeyringError
from scripts.lib.keys.keystore import KeystoreError
from scripts.lib.multisignature.opening import open_multisignature
from scripts.lib.multisignature.proposal import (
    Proposal,
    propose,
    read_proposal,
    send,
    signed,
    write_proposal,
)
from scripts.lib.multisignature.safe import MultisignatureError, read_multisignature
from scripts.lib.node.external_signer import ExternalSignerError
from scripts.lib.node.networks import NetworkError
from scripts.lib.node.rpc import CONNECTION_ERRORS
from scripts.lib.node.sender import SendError
from scripts.lib.records import DeploymentRecords, RecordError

LABELS = {
    "PointPlatform": PLATFORM,
    "Officers": OFFICERS,
    "ResidentRegistry": RESIDENTS,
    **{service: service_label(service) for service in SERVICES},
}
"""Contracts whose functions the council's account may call, by name: their labels in the records."""


def open_account(connection: Connection, owners: Sequence[str], threshold: int, *, yes: bool) -> int:
    """Open an account of several keys; say its address."""
    console = terminal()

    def work() -> ExitCode:
        require_payer(connection)
        named = [to_checksum_address(owner) for owner in owners]
        for owner in named:
            console.print(f"鍵 owner {owner}")
        console.print(f"必要な署名 signatures needed: {threshold} / {len(named)}")
        if not yes and not asks(console, "この口座を開きますか / Open this account? [y/N] "):
            console.print(NOTHING_SENT)
            return ExitCode.REJECTED_INPUT
        assert connection.sender is not None  # made in Connection.__post_init__ at the latest
        address = open_multisignature(connection.rpc, connection.sender, connection.payer, named, threshold)
        console.print(f"運用協議会の口座 the council's account: {address}")
        console.print(f"次の操作 next: python -m scripts.council deploy … --council {address}")
        return ExitCode.DONE

    return told(console, work)


def propose_call(
    connection: Connection, account: str, contract: str, function: str, arguments: Sequence[str], file: Path
) -> int:
    """Write a file with one call of the account, for its owners to sign."""
    console = terminal()

    def work() -> ExitCode:
        held = read_multisignature(connection.rpc, to_checksum_address(account))
        if held is None:
            raise MultisignatureError(f"{account} is no multisignature / 複数署名の口座ではありません")
        records = DeploymentRecords(connection.rpc, connection.records)
        address = records.address_of(LABELS[contract], contract)
        values = parse_arguments(contract, function, arguments)
        call = Call(contract, address, function, tuple(values), held.address, " ".join(arguments))
        proposal = propose(held, connection.rpc.identity(), [call], connection.deployer.now())
        write_proposal(file, proposal)
        _show(console, proposal)
        console.print(f"署名の操作 to sign: python -m scripts.multisignature sign {file}", soft_wrap=True)
        return ExitCode.DONE

    return told(console, work)


def show_proposal(file: Path) -> int:
    """Show a proposal, decoded from its data, and who has signed."""
    console = terminal()

    def work() -> ExitCode:
        _show(console, read_proposal(file))
        return ExitCode.DONE

    return told(console, work)


def sign_proposal(file: Path, keys: KeyChoice, *, yes: bool) -> int:
    """Add the signatures of the keys at hand to a proposal's file; needs no network."""
    console = terminal()

    def work() -> ExitCode:
        proposal = read_proposal(file)
        if not (keys.keystores or keys.signer):
            raise KeyringError("name a key with --keystore / --keystore で鍵を指定してください")
        _show(console, proposal)
        if not yes and not asks(console, "署名しますか / Sign it? [y/N] "):
            console.print(NOTHING_SIGNED)
            return ExitCode.REJECTED_INPUT
        keyring = Keyring(proposal.plan.chain_id)
        accounts = keys.add_to(keyring)
        for account in accounts:
            proposal = signed(proposal, keyring.key(account))
        write_proposal(file, proposal)
        _show_signatures(console, proposal)
        return ExitCode.DONE

    return told(console, work)


def send_proposal(connection: Connection, file: Path, *, yes: bool) -> int:
    """Have the account make the calls of a proposal that enough owners have signed."""
    console = terminal()

    def work() -> ExitCode:
        proposal = read_proposal(file)
        require_chain(connection.rpc, proposal.plan.identity)
        require_payer(connection)
        _show(console, proposal)
        if not yes and not asks(console, "送信しますか / Send it? [y/N] "):
            console.print(NOTHING_SENT)
            return ExitCode.REJECTED_INPUT
        assert connection.sender is not None  # made in Connection.__post_init__ at the latest
        sent = send(connection.rpc, connection.sender, connection.payer, proposal)
        console.print(
            f"今回 {sent.now:,}件を実行、{sent.before:,}件は実行済みでした / "
            f"{sent.now:,} carried out now, {sent.before:,} had been before"
        )
        return ExitCode.DONE

    return told(console, work)


def require_payer(connection: Connection) -> None:
    """Make sure, before anybody is asked, that some account pays for what is sent.

    Raises:
        KeyringError: none is at hand.
    """
    if not connection.payer:
        raise KeyringError(
            "name who sends and pays: --keystore or --signer; it needs no power / "
            "送信して手数料を払う鍵を --keystore または --signer で指定してください(権限は不要です)"
        )


def parse_arguments(contract: str, function: str, words: Sequence[str]) -> list[Any]:
    """Return words as the arguments that a function takes; lists and structures are JSON.

    Raises:
        ValueError: there is no such function, or a word does not fit.
    """
    entries = [
        entry
        for entry in read_artifact(contract).abi
        if entry["type"] == "function" and entry["name"] == function and entry["stateMutability"] != "view"
    ]
    if not entries:
        raise ValueError(
            f"{contract} has no function {function} that changes anything / その操作はありません"
        )
    inputs = entries[0]["inputs"]
    if len(inputs) != len(words):
        names = " ".join(f"{each['name']}:{collapse_if_tuple(each)}" for each in inputs)
        raise ValueError(f"{function} takes {len(inputs)}: {names} / 引数の数が合いません")
    return [_value(collapse_if_tuple(each), word) for each, word in zip(inputs, words, strict=True)]


def _value(kind: str, word: str) -> Any:
    if kind == "string":
        return word
    if kind == "address":
        return to_checksum_address(word)
    if kind == "bool":
        return {"true": True, "false": False}[word.lower()]
    if kind.startswith("bytes") and not kind.endswith("]"):
        return bytes.fromhex(word.removeprefix("0x"))
    if kind.startswith(("uint", "int")) and not kind.endswith("]"):
        return int(word)
    return json.loads(word)


def _show(console: Console, proposal: Proposal) -> None:
    console.print(plan_page(proposal.plan, whole=True))
    _show_signatures(console, proposal)


def _show_signatures(console: Console, proposal: Proposal) -> None:
    for owner in proposal.owners:
        state = "署名済み signed" if owner in proposal.signatures else "未署名 not signed"
        console.print(f"{owner} {state}")
    console.print(f"署名 signatures: {len(proposal.signatures)} / {proposal.threshold}")


def told(console: Console, work: Callable[[], int]) -> int:
    """Do something, and say how it ended if it did not."""
    try:
        return work()
    except SendError as error:
        console.print(f"チェーンが拒否しました / refused by the chain: {error}")
        return ExitCode.REFUSED_BY_CHAIN
    except CONNECTION_ERRORS as error:
        console.print(f"途中で止まりました。もう一度実行してください / broke off, run it again: {error}")
        return ExitCode.PARTLY_DONE
    except (
        ExternalSignerError,
        KeyError,
        KeyringError,
        KeystoreError,
        MultisignatureError,
        NetworkError,
        PlanError,
        RecordError,
        ValueError,
    ) as error:
        complain(console, str(error))
        return ExitCode.REJECTED_INPUT
