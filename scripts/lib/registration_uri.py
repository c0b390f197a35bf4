"""The two texts by which a resident signs a registration, as QR code, file or paste (docs/privacy.md).

    jichitai-points:register?v=1&chain=…      the desk asks: this membership (a commitment) of this town
    jichitai-points:registered?v=1&chain=…    the purse answers: this account, and its signature

Neither holds a MyKey ID, and without the council's key nobody can tell from a commitment whose it is: the
desk, which has the key and the list of MyKey IDs, finds the person of an answer again.
"""

from __future__ import annotations

from typing import NamedTuple

from eth_account.signers.local import LocalAccount

from scripts.lib import registration
from scripts.lib.code_text import (
    UriError,
    bytes_text,
    code_text,
    read_address,
    read_bytes,
    read_fields,
    read_number,
    read_signature,
    signature_text,
)
from scripts.lib.municipality_codes import CodeError, lookup
from scripts.lib.payment.signing import CompactSignature, compact
from scripts.lib.registration import Registration, RegistrationDomain

COMMITMENT_BYTES = 32
_FIELDS = {"chain", "registry", "town", "commitment"}


class RegistrationRequest(NamedTuple):
    """What the desk shows.

    Attributes:
        municipality: 全国地方公共団体コード as a number.
        commitment: 32 bytes (scripts.lib.mykey).
    """

    domain: RegistrationDomain
    municipality: int
    commitment: bytes

    @property
    def text(self) -> str:
        """The text in the QR code."""
        return code_text("register", self._fields_as_text())

    @classmethod
    def read(cls, text: str) -> RegistrationRequest:
        """Read a request.

        Raises:
            UriError: it is none.
        """
        return cls._of(read_fields(text, "register", _FIELDS))

    def answer(self, key: LocalAccount) -> RegistrationAnswer:
        """Return the answer by which the key's account asks to be registered."""
        signed = registration.sign(self.domain, self.municipality, key, self.commitment)
        return RegistrationAnswer(self, key.address, compact(signed.signature))

    @classmethod
    def _of(cls, fields: dict[str, str]) -> RegistrationRequest:
        chain_id = read_number("chain", fields["chain"], 1, 2**64)
        try:
            town = lookup(fields["town"]).number
        except CodeError as error:
            raise UriError(error.reason.english, error.reason.japanese) from None
        try:
            commitment = read_bytes(fields["commitment"], COMMITMENT_BYTES)
        except ValueError:
            raise UriError("the commitment is damaged", "コードの一部が壊れています") from None
        domain = RegistrationDomain(chain_id, read_address("registry", fields["registry"]))
        return cls(domain, town, commitment)

    def _fields_as_text(self) -> dict[str, str]:
        return {
            "chain": str(self.domain.chain_id),
            "registry": self.domain.registry,
            "town": f"{self.municipality:06d}",
            "commitment": bytes_text(self.commitment),
        }


class RegistrationAnswer(NamedTuple):
    """What a purse shows: the request, and the account that signed it."""

    request: RegistrationRequest
    account: str
    signature: CompactSignature

    @property
    def text(self) -> str:
        """The text in the QR code."""
        signed = {"account": self.account, "sig": signature_text(self.signature)}
        return code_text("registered", {**self.request._fields_as_text(), **signed})

    @classmethod
    def read(cls, text: str) -> RegistrationAnswer:
        """Read an answer; whether it is signed, `is_signed` tells.

        Raises:
            UriError: it is none.
        """
        fields = read_fields(text, "registered", _FIELDS | {"account", "sig"})
        account, signature = read_address("account", fields["account"]), read_signature(fields["sig"])
        return cls(RegistrationRequest._of(fields), account, signature)

    @property
    def is_signed(self) -> bool:
        """Whether the account's own key has signed."""
        request = self.request
        registered = Registration(
            self.account, request.commitment, registration.NO_COMMITMENT, self.signature.long
        )
        return registration.is_signed(request.domain, request.municipality, registered)
