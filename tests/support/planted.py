"""Personal data that a test plants, every form in which it could come out again, and a search for them.

    detector = Detector([Planted("MyKey ID", "K7Q2M9X4")])
    detector.find(content)      # [("MyKey ID", "sha256 of utf-8"), …]

The forms are those from which somebody could tell what was planted without a secret: the text in the
spellings and encodings of Japanese offices, escaped or as hex, the number it makes, and plain hashes, also
with what is public mixed in: all MyKey IDs, all 個人番号 and all names can be tried out.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import html
import json
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple
from urllib.parse import quote

import numpy as np
import numpy.typing as npt
from eth_account import Account
from eth_utils import keccak

ENCODINGS = ("utf-8", "cp932", "euc_jp", "utf-16-le", "utf-16-be")
HASHES: dict[str, Callable[[bytes], bytes]] = {
    "keccak256": keccak,
    **{
        name: lambda data, name=name: hashlib.new(name, data).digest()
        for name in ("md5", "sha1", "sha256", "sha512", "sha3_256", "blake2b", "blake2s")
    },
}
MIXED_IN = ("011002", "141305", "212032", "452025")
"""Municipality codes, which anybody knows, before or after what is hashed."""
MESSAGE = b"jichitai-points MyKey ID commitment 1\0"
"""What scripts.lib.mykey commits to begins with this."""

HASH_BYTES = 8
"""So much of a hash betrays it: it may have been cut."""
KEY_BYTES = 5
"""Forms are found by their first bytes; shorter ones would be found by chance."""
_MARK_BITS = 24
_MIXER = np.uint64(0x9E3779B97F4A7C15)  # odd, so that all bits of a word count
_DIGITS_WIDE = str.maketrans({chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F)})


class Planted(NamedTuple):
    """Something personal.

    Attributes:
        what: for the message, e.g. "MyKey ID".
        text: as the file has it.
    """

    what: str
    text: str


class Betrayal(NamedTuple):
    """Something planted was found, and in which form."""

    what: str
    form: str


class Detector:
    """Finds what was planted, in any form, in any bytes."""

    def __init__(self, planted: Iterable[Planted]) -> None:
        self._forms: defaultdict[bytes, list[tuple[bytes, Betrayal]]] = defaultdict(list)
        for each in planted:
            for form, content in forms(each.text):
                if len(content) < KEY_BYTES:
                    raise ValueError(f"{each.what} as {form} is too short to be found")
                for name, written in ((form, content), (f"hex of {form}", content.hex().encode())):
                    self._forms[written[:KEY_BYTES]].append((written, Betrayal(each.what, name)))
        # Which places are worth a look, for one array operation instead of a look at each.
        self._marked = np.zeros(1 << _MARK_BITS, bool)
        self._marked[_marks(b"".join(self._forms))[::KEY_BYTES]] = True

    def find(self, content: bytes) -> list[Betrayal]:
        """Return what `content` betrays, each form once; hex in small or capital letters."""
        found: dict[Betrayal, None] = {}
        for searched in {content, content.lower()}:
            for place in np.flatnonzero(self._marked[_marks(searched)]).tolist():
                for written, betrayal in self._forms.get(searched[place : place + KEY_BYTES], ()):
                    if searched.startswith(written, place):
                        found[betrayal] = None
        return list(found)


def _marks(content: bytes) -> npt.NDArray[np.uint64]:
    """Return a hash of the KEY_BYTES that begin at each place of `content`."""
    octets = np.frombuffer(content, np.uint8)
    count = max(len(octets) - KEY_BYTES + 1, 0)
    words = np.zeros(count, np.uint64)
    for place in range(KEY_BYTES):
        words = words << np.uint64(8) | octets[place : place + count]
    return words * _MIXER >> np.uint64(64 - _MARK_BITS)


def forms(text: str) -> Iterator[tuple[str, bytes]]:
    """Yield (name, bytes) of every form in which a text could come out."""
    plain = {(spelling, encoding): data for spelling, encoding, data in _encoded(text)}
    for (spelling, encoding), data in plain.items():
        yield f"{spelling} in {encoding}", data
        yield f"{spelling} in {encoding}, backslashed", repr(data)[2:-1].encode()
        yield f"{spelling} in {encoding}, percent", quote(data).encode()
        for start in range(3):
            yield f"{spelling} in {encoding}, base64 from {start}", _base64(data, start)
    for spelling, written in spellings(text):
        yield f"{spelling}, JSON", json.dumps(written)[1:-1].encode()
        yield f"{spelling}, HTML", html.escape(written).encode("ascii", "xmlcharrefreplace")
    yield from _numbers(text)
    hashed = [(f"{spelling} in {encoding}", data) for (spelling, encoding), data in plain.items()]
    hashed += [(name, data.rjust(32, b"\0")) for name, data in _numbers(text) if "little" not in name]
    hashed += [(f"{name}, 32 bytes", data.ljust(32, b"\0")) for name, data in hashed if len(data) < 32]
    for name, data in hashed:
        for hash_name, digest in HASHES.items():
            yield f"{hash_name} of {name}", digest(data)[:HASH_BYTES]
        for hash_name in ("keccak256", "sha256"):
            key = HASHES[hash_name](data)
            address = bytes.fromhex(Account.from_key(key).address[2:])
            yield f"account of the key that is {hash_name} of {name}", address
    utf_8 = plain["as written", "utf-8"]
    for code in MIXED_IN:
        for mixed in (code.encode(), int(code).to_bytes(3, "big"), int(code).to_bytes(32, "big")):
            for hash_name in ("keccak256", "sha256"):
                digest = HASHES[hash_name]
                for name, data in (
                    ("before", mixed + utf_8),
                    ("before, as in a commitment", MESSAGE + mixed + utf_8),
                    ("after", utf_8 + mixed),
                ):
                    yield f"{hash_name} with {code} ({len(mixed)} bytes) {name}", digest(data)[:HASH_BYTES]
            for key_name, key in (("zeros", bytes(32)), ("the code", mixed)):
                for message in (utf_8, MESSAGE + mixed + utf_8):
                    name = f"HMAC under {key_name}, {code}, {len(message)} bytes"
                    yield name, hmac.digest(key, message, "sha256")[:HASH_BYTES]


def spellings(text: str) -> Iterator[tuple[str, str]]:
    """Yield (name, text) of the ways in which an office may write it, each once."""
    narrow = unicodedata.normalize("NFKC", text)
    ways = {
        "as written": text,
        "capital": narrow.upper(),
        "small": narrow.lower(),
        "full width": narrow.translate(_DIGITS_WIDE),
    }
    if narrow.isascii():
        for sign in ("-", " ", "," if len(narrow) == 12 else "-"):
            size = 3 if sign == "," else 4
            groups = [narrow[place : place + size] for place in range(0, len(narrow), size)]
            ways[f"groups with {sign!r}"] = sign.join(groups)
    seen = set()
    for name, way in ways.items():
        if way not in seen:
            seen.add(way)
            yield name, way


def _encoded(text: str) -> Iterator[tuple[str, str, bytes]]:
    for spelling, written in spellings(text):
        seen = set()
        for encoding in ENCODINGS:
            data = written.encode(encoding)
            if data not in seen:
                seen.add(data)
                yield spelling, encoding, data


def _numbers(text: str) -> Iterator[tuple[str, bytes]]:
    """Yield the number that digits, or digits and letters, make: as bytes, and packed two digits a byte."""
    if not text.isascii():
        return
    base = 10 if text.isdigit() else 36
    number = int(text, base)
    size = (number.bit_length() + 7) // 8
    yield f"number to base {base}", number.to_bytes(size, "big")
    yield f"number to base {base}, little end first", number.to_bytes(size, "little")
    if base == 10:
        yield "packed digits", bytes.fromhex(text)
    else:
        yield "number to base 36 in decimal", str(number).encode()


def _base64(data: bytes, start: int) -> bytes:
    """Return the characters that stand for `data` alone, wherever in the encoded text it begins."""
    encoded = base64.b64encode(bytes(start) + data).rstrip(b"=")
    first = (0, 2, 3)[start]
    return encoded[first : len(encoded) - 1] if (start + len(data)) % 3 else encoded[first:]
