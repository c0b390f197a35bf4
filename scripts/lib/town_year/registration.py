"""Registers the residents of towns on a local chain, before their fiscal year begins.

A resident whose file has no MyKey ID gets an invented one, worked out from the resident number. IDs are kept
in memory and written nowhere; the key of the commitments is made for one run and thrown away with it.
"""

from __future__ import annotations

from base64 import b32encode
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from scripts.lib.acts import Act
from scripts.lib.calls import Deployer
from scripts.lib.keys.keyring import Keyring
from scripts.lib.mykey import CommitmentKey, MyKeyId, commitment
from scripts.lib.proceedings import carry_out
from scripts.lib.reasons import Reason
from scripts.lib.registration import Registration, RegistrationDomain, batches, sign
from scripts.lib.resident_keys import require_no_merchants
from scripts.lib.roles import Role
from scripts.lib.town_year.on_chain import TownOnChain

KEY_VERSION = 1


def register_residents(deployer: Deployer, keyring: Keyring, towns: Sequence[TownOnChain]) -> list[Act]:
    """Register every resident of some towns, each signed by the resident's own key.

    DeskOfficers propose the batches, SecondDeskOfficers approve them.

    Returns:
        What was done.

    Raises:
        ActError: a resident's account is a merchant's; nothing was sent.
        Whatever the deployer raises when a transaction fails.
    """
    with TemporaryDirectory() as folder:
        key = CommitmentKey.create(Path(folder) / "commitment-key.json", KEY_VERSION)
    towns = list({town.code: town for town in reversed(towns)}.values())[::-1]  # each municipality once
    for town in towns:
        require_no_merchants(deployer, town.officers, town.code, list(town.accounts.residents.values()))
    acts = [
        _registration(town, batch, number)
        for town in towns
        for number, batch in enumerate(batches(_registrations(town, keyring, key)), 1)
    ]
    for officers in {town.officers for town in towns}:
        carry_out(deployer, officers, acts)
    return acts


def _registrations(town: TownOnChain, keyring: Keyring, key: CommitmentKey) -> list[Registration]:
    domain = RegistrationDomain(keyring.chain_id, town.registry)
    ids = {
        resident.number: resident.mykey_id or _invented_id(resident.number)
        for resident in town.year.residents
    }
    return [
        sign(domain, town.code, keyring.key(account), commitment(key, town.code, ids[number]))
        for number, account in town.accounts.residents.items()
    ]


def _registration(town: TownOnChain, batch: tuple[Registration, ...], number: int) -> Act:
    desk, _ = town.accounts.officers[Role.DESK_OFFICER]
    second, _ = town.accounts.officers[Role.SECOND_DESK_OFFICER]
    return Act(
        town.code,
        "ResidentRegistry",
        town.registry,
        "register",
        (town.code, KEY_VERSION, list(batch)),
        Reason.NEW_RESIDENTS,
        by=desk,
        second=second,
        subject=f"{town.year.town.municipality.name}, batch {number}",
    )


def _invented_id(resident: str) -> MyKeyId:
    """Return eight letters and digits, of another resident others."""
    return MyKeyId.read(b32encode(sha256(resident.encode()).digest())[:8].decode())
