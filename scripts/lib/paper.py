"""The hash by which an act names the paper that it rests on, and the seal that keeps the paper secret.

    act = Act(..., document_hash=paper_hash(Path("決裁-0123.pdf")))

Most papers are a known form with a name and a number filled in: whoever sees a plain hash can fill in one
name after the other until it fits. So a random seal is hashed with the paper. It lies beside it in a file of
its own (決裁-0123.pdf.seal) and is kept as long: without it nobody can show that this was the paper.
"""

from __future__ import annotations

import os
import re
import secrets
from pathlib import Path

from eth_utils import keccak

SEAL_BYTES = 32
_SEAL = re.compile(rb"[0-9a-f]{64}\n")


class SealError(Exception):
    """A seal cannot be used; the message names its file."""


def paper_hash(paper: Path) -> bytes:
    """Return the keccak-256 of a paper's seal and its bytes; the seal is made if there is none yet.

    Raises:
        SealError: the file beside the paper holds no seal.
        OSError: the paper cannot be read, or the seal not be written.
    """
    return keccak(_seal_of(paper) + paper.read_bytes())


def _seal_of(paper: Path) -> bytes:
    file = paper.with_name(paper.name + ".seal")
    if not file.exists():
        paper.stat()  # no seal without a paper
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as opened:
            opened.write(secrets.token_bytes(SEAL_BYTES).hex().encode() + b"\n")
            opened.flush()
            os.fsync(opened.fileno())
    content = file.read_bytes()
    if not _SEAL.fullmatch(content):
        raise SealError(f"{file}: holds no seal / 封印の値ではありません")
    return bytes.fromhex(content.decode())
