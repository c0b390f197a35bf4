"""People who join a municipality: a key of their own, a commitment, a signed registration.

Their accounts need no ether: the node lets them send (tests.support.impersonation).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import brownie
from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_account.signers.local import LocalAccount
from eth_utils import keccak

from scripts.lib.registration import RegistrationDomain, typed_data
from tests.support.impersonation import impersonate

NO_COMMITMENT = bytes(32)
KEY_VERSION = 1


@dataclass(frozen=True)
class Card:
    """A key and its account; a person who loses it gets another.

    Attributes:
        account: as Brownie knows it.
    """

    key: LocalAccount
    account: Any


@dataclass(frozen=True)
class Member:
    """A registered resident.

    Attributes:
        number: in the municipality, from 1.
        commitment: 32 bytes.
    """

    number: int
    commitment: bytes
    card: Card

    @property
    def account(self) -> Any:
        """The account with which the resident joined."""
        return self.card.account


class Memberships:
    """How people join one municipality.

    Args:
        accounts: Brownie's accounts.
        residents: the ResidentRegistry, of Brownie.
        act_maker: the Officers contract as an account.
        municipality: code as a number.
    """

    def __init__(self, accounts: Any, residents: Any, act_maker: Any, municipality: int) -> None:
        self._accounts = accounts
        self._residents = residents
        self._act_maker = act_maker
        self._municipality = municipality

    def card(self, name: str) -> Card:
        """Return the card of that name; the same at every call."""
        key = Account.from_key(keccak(text=f"card {name}"))
        return Card(key, impersonate(self._accounts, key.address))

    def commitment(self, name: str, key_version: int = KEY_VERSION) -> bytes:
        """Return what stands for a person here; that it is an HMAC does not matter to the contract."""
        return keccak(text=f"{self._municipality} {name} {key_version}")

    def signature(self, card: Card, commitment: bytes, municipality: int | None = None) -> bytes:
        """Return the card's signature of a registration."""
        domain = RegistrationDomain(brownie.web3.eth.chain_id, self._residents.address)
        code = self._municipality if municipality is None else municipality
        message = encode_typed_data(full_message=typed_data(domain, code, card.key.address, commitment))
        return bytes(card.key.sign_message(message).signature)

    def registration(self, name: str, key_version: int = KEY_VERSION, previous: bytes = NO_COMMITMENT) -> Any:
        """Return what `register` takes of a person with the card of the same name."""
        card, commitment = self.card(name), self.commitment(name, key_version)
        return card.account.address, commitment, previous, self.signature(card, commitment)

    def join(self, *names: str) -> list[Member]:
        """Register people at once, as if by two officers."""
        first = self._residents.residentCount(self._municipality) + 1
        registrations = [self.registration(name) for name in names]
        self._residents.register(self._municipality, KEY_VERSION, registrations, {"from": self._act_maker})
        return [
            Member(first + place, self.commitment(name), self.card(name)) for place, name in enumerate(names)
        ]
