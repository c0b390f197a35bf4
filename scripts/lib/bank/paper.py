"""How papers of the bank are named on the chain: a transfer file, its reference of a result or a return.

    markSent(..., bank_paper(key, transfer_file.read_bytes()))
    settle(..., bank_reference(key, "2026-05-20 0001234"))

The same paper has the same name each time, in every copy, so that the chain sees a repetition; a seal made
anew for each copy (scripts.lib.paper) would hide it. And it is keyed, since a file of bank accounts and
amounts, or a reference of a few digits, could be found by trying.
"""

from __future__ import annotations

import hashlib
import hmac

from scripts.lib.personal_data import half_width

KEY_BYTES = 32
_DOMAIN = b"jichitai-points bank paper 1\0"


def bank_reference(key: bytes, reference: str) -> bytes:
    """Return the 32 bytes that name a reference as somebody typed it: width and number of spaces say nothing.

    Raises:
        ValueError: see bank_paper.
    """
    return bank_paper(key, " ".join(half_width(reference).split()).encode())


def bank_paper(key: bytes, paper: bytes) -> bytes:
    """Return the 32 bytes that name a paper.

    Args:
        key: KEY_BYTES that the municipality alone has, the same for all its papers.
        paper: the file's bytes, or the reference's text in UTF-8.

    Raises:
        ValueError: the key is of another length, or the paper is empty.
    """
    if len(key) != KEY_BYTES:
        raise ValueError(f"a key has {KEY_BYTES} bytes / 鍵は{KEY_BYTES}バイトです")
    if not paper:
        raise ValueError("an empty paper names nothing / 空の書類は使えません")
    return hmac.new(key, _DOMAIN + paper, hashlib.sha256).digest()
