"""The common form of the texts that pass between people as QR code, file or paste (docs/payment-uri.md).

    jichitai-points:pay?v=1&chain=…

Readers are strict: each field once, in any order, none unknown, numbers in plain decimal, so that a text
means one thing or is refused.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping

from eth_utils import is_checksum_address, to_checksum_address

from scripts.lib.bilingual import Bilingual
from scripts.lib.payment.signing import CompactSignature

SCHEME = "jichitai-points"
VERSION = "1"
LONGEST = 700
_NUMBER = re.compile(r"0|[1-9][0-9]{0,30}")
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")


class UriError(ValueError):
    """The text is no code of ours.

    Attributes:
        reason: what is wrong, for whoever holds the code.
    """

    def __init__(self, english: str, japanese: str) -> None:
        self.reason = Bilingual(english, japanese)
        super().__init__(str(self.reason))


def code_text(action: str, fields: Mapping[str, str]) -> str:
    """Return the text of a code."""
    named = {"v": VERSION, **fields}
    return f"{SCHEME}:{action}?" + "&".join(f"{name}={value}" for name, value in named.items())


def read_fields(text: str, action: str, wanted: set[str]) -> dict[str, str]:
    """Return the fields of a text: those wanted and no other.

    Raises:
        UriError: it is another text.
    """
    text = text.strip()
    start = f"{SCHEME}:{action}?"
    if not text.startswith(start) or len(text) > LONGEST:
        raise UriError("this is no such code of municipal points", "自治体ポイントのコードではありません")
    pairs = [part.partition("=") for part in text[len(start) :].split("&")]
    fields = {name: value for name, _, value in pairs}
    if fields.get("v", "") != VERSION:
        raise UriError("the code is of another version", "コードの版が異なります")
    if set(fields) != wanted | {"v"} or len(pairs) != len(fields):
        raise UriError("the code is incomplete or was changed", "コードが欠けているか、変えられています")
    return fields


def read_number(name: str, text: str, least: int, most: int) -> int:
    """Return a number in plain decimal.

    Raises:
        UriError: it is none, or does not fit.
    """
    if not _NUMBER.fullmatch(text) or not least <= int(text) <= most:
        raise UriError(f"{name} is no number that fits", f"{name} の数値が正しくありません")
    return int(text)


def read_address(name: str, text: str) -> str:
    """Return an account, checksummed.

    Raises:
        UriError: it is none, or its capitals are wrong.
    """
    is_mixed = text[2:] not in (text[2:].lower(), text[2:].upper())
    if not _ADDRESS.fullmatch(text) or (is_mixed and not is_checksum_address(text)):
        raise UriError(f"{name} is no address", f"{name} の口座番号が正しくありません")
    return to_checksum_address(text)


def bytes_text(content: bytes) -> str:
    """Return bytes as base64url without padding."""
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def read_bytes(text: str, size: int) -> bytes:
    """Return `size` bytes in their one canonical spelling.

    Raises:
        ValueError: it is another one, or another number of bytes.
    """
    try:
        content = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from None
    if len(content) != size or bytes_text(content) != text:
        raise ValueError("another spelling or size")
    return content


def signature_text(signature: CompactSignature) -> str:
    """Return a signature as text."""
    return bytes_text(signature.r + signature.vs)


def read_signature(text: str) -> CompactSignature:
    """Return the signature in a text.

    Raises:
        UriError: there is none.
    """
    try:
        content = read_bytes(text, 64)
    except ValueError:
        raise UriError("the signature is damaged", "署名が壊れています") from None
    return CompactSignature(content[:32], content[32:])
