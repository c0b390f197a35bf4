"""What is done with a plan's file: it is shown, signed offline, or relayed, each after the officer agreed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from scripts.lib.administration.command_line import asks, complain, terminal
from scripts.lib.administration.connection import READY_SEED, ready_accounts
from scripts.lib.administration.execution import NOTHING_SENT, NOTHING_SIGNED, ExitCode
from scripts.lib.administration.keys import NO_KEYS, KeyChoice
from scripts.lib.administration.plan import Plan, PlanError, read_plan
from scripts.lib.administration.plan_page import plan_page
from scripts.lib.administration.signing import RelayError, read_signed, relay, sign_plan, write_signed
from scripts.lib.keys.keyring import Keyring, KeyringError, LocalKeyring
from scripts.lib.keys.keystore import KeystoreError
from scripts.lib.node.external_signer import ExternalSignerError
from scripts.lib.node.networks import NetworkError, NoNodeError, identity_of, read_network
from scripts.lib.node.rpc import CONNECTION_ERRORS, ChainIdentity, Rpc


def show_plan(file: Path) -> ExitCode:
    """Show a plan, decoded from its data."""
    console = terminal()

    def show() -> ExitCode:
        console.print(plan_page(read_plan(file), whole=True))
        return ExitCode.DONE

    return _told(console, show)


def sign_file(
    file: Path,
    signed: Path,
    keyring: Keyring | None = None,
    keys: KeyChoice = NO_KEYS,
    *,
    yes: bool = False,
) -> ExitCode:
    """Show a plan and sign it, without a network.

    Args:
        keyring: signs; if None, `keys`, or the ready accounts of the local chain if none is chosen.
    """
    console = terminal()

    def sign() -> ExitCode:
        plan = read_plan(file)
        console.print(plan_page(plan))
        if not yes and not asks(console, "この計画に署名しますか / Sign this plan? [y/N] "):
            console.print(NOTHING_SIGNED)
            return ExitCode.REJECTED_INPUT
        write_signed(signed, sign_plan(plan, keyring or _keyring(plan, keys)))
        console.print(f"署名しました / signed: {signed}", markup=False)
        return ExitCode.DONE

    return _told(console, sign)


def relay_plan(file: Path, network: str, url: str | None = None, *, yes: bool = False) -> ExitCode:
    """Show a signed plan and hand it to a network's node; what it has already is not sent again."""
    console = terminal()

    def pass_on() -> ExitCode:
        signed = read_signed(file)
        rpc = Rpc(read_network(network, url).url)
        require_chain(rpc, signed.plan.identity)
        console.print(plan_page(signed.plan, rpc.url))
        if not yes and not asks(console, "送信しますか / Relay it? [y/N] "):
            console.print(NOTHING_SENT)
            return ExitCode.REJECTED_INPUT
        with Progress(console=console) as progress:
            bar = progress.add_task("送信 relay", total=sum(call.rows for call in signed.plan.calls))
            relayed = relay(rpc, signed, lambda rows: progress.advance(bar, rows))
        console.print(
            f"今回 {relayed.now:,}件を送信、{relayed.before:,}件は送信済みでした / "
            f"{relayed.now:,} carried out now, {relayed.before:,} had been before"
        )
        return ExitCode.DONE

    return _told(console, pass_on)


def require_chain(rpc: Rpc, meant: ChainIdentity) -> None:
    """Make sure, before anybody is asked, that a node is of the chain that something was made for.

    Raises:
        NoNodeError: it does not answer.
        KeyringError: it is of another chain.
    """
    found = identity_of(rpc)
    if found != meant:
        raise KeyringError(
            f"this is for chain {meant.chain_id} (genesis {meant.genesis[:18]}…), {rpc.url} is chain "
            f"{found.chain_id} (genesis {found.genesis[:18]}…): give --network or --url / "
            f"チェーン{meant.chain_id}(genesis {meant.genesis[:18]}…)のためのものですが、{rpc.url} は"
            f"チェーン{found.chain_id}(genesis {found.genesis[:18]}…)です。"
            "--network または --url を指定してください"
        )


def _keyring(plan: Plan, keys: KeyChoice) -> Keyring:
    chosen = Keyring(plan.chain_id)
    if keys.add_to(chosen):
        return chosen
    keyring = LocalKeyring(None, READY_SEED)
    ready_accounts(keyring, [plan.municipality] if plan.municipality else [])
    return keyring


def _told(console: Console, work: Callable[[], ExitCode]) -> ExitCode:
    """Do something, and say how it ended if it did not."""
    try:
        return work()
    except (ExternalSignerError, KeyringError, KeystoreError, NetworkError, PlanError, ValueError) as error:
        complain(console, str(error))
        return ExitCode.REJECTED_INPUT
    except RelayError as error:
        console.print(f"チェーンが拒否しました / refused by the chain: {error}", markup=False)
        return ExitCode.REFUSED_BY_CHAIN
    except NoNodeError as error:
        complain(console, str(error))
        return ExitCode.REJECTED_INPUT
    except (TimeoutError, *CONNECTION_ERRORS) as error:
        console.print(
            f"途中で止まりました。もう一度実行してください / broke off, run it again: {error}", markup=False
        )
        return ExitCode.PARTLY_DONE
