"""Puts a report's digest on a chain, where nobody can say later that it was another one; and finds it there.

The anchor is a plain transaction from an account to itself. What it carries is text that any explorer shows:

    jichitai-points audit report sha256:3f1c…

It needs no contract, and may stand on any chain. Who anchored it, and when, the chain knows.
"""

from __future__ import annotations

import re
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from scripts.lib.administration.connection import Connection
from scripts.lib.audit.log_pages import block_seal
from scripts.lib.audit.report.write import SUMS
from scripts.lib.node.event_log import to_address
from scripts.lib.node.rpc import Rpc
from scripts.lib.node.transactions import Receipt, Transaction

_TEXT = "jichitai-points audit report sha256:"
_HEX = 64
_GAS = 60_000
"""Of which a transfer with a hundred bytes takes a half."""


class AnchorError(Exception):
    """A report is not whole, or a transaction is no anchor of it; the message says which."""


class Anchor(NamedTuple):
    """A digest that a transaction carries.

    Attributes:
        account: who signed it.
        time: of its block, Unix seconds.
    """

    digest: str
    account: str
    block: int
    time: int


def digest_of(folder: Path) -> str:
    """Return the digest of a report, after making sure that every file is the one that was written.

    Raises:
        AnchorError: there is no report, or a file is missing, changed or added.
    """
    try:
        sums = (folder / SUMS).read_bytes()
    except OSError:
        raise AnchorError(f"{folder} holds no report / 報告書がありません") from None
    named = {line[_HEX + 2 :]: line[:_HEX] for line in sums.decode().splitlines()}
    found = {
        file.relative_to(folder).as_posix(): sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*"))
        if file.is_file() and file != folder / SUMS
    }
    differing = sorted(name for name in named.keys() | found.keys() if named.get(name) != found.get(name))
    if differing:
        raise AnchorError(f"{folder}: not as written / 改変されています: {', '.join(differing)}")
    return sha256(sums).hexdigest()


def send_anchor(connection: Connection, digest: str) -> Receipt:
    """Anchor a digest by the connection's first account.

    Raises:
        AnchorError: no key was chosen.
        SendError, StalledError: the chain does not take it.
    """
    if not connection.accounts:
        raise AnchorError("no key signs: name one with --keystore or --signer / 署名する鍵を指定してください")
    account = connection.accounts[0]
    data = (_TEXT + digest).encode()
    with connection.journalled(f"anchor-{digest[:16]}", deploys=True):
        [receipt] = connection.send([Transaction(account, account, data, _GAS, "anchor", "anchor")])
    return receipt


def read_anchor(rpc: Rpc, transaction: str) -> Anchor:
    """Return what a transaction anchors.

    Raises:
        AnchorError: it is not on the chain, or is no anchor.
    """
    found = rpc.call("eth_getTransactionByHash", transaction)
    if not found or found["blockNumber"] is None:
        raise AnchorError(f"{transaction} is not on this chain / この取引はチェーンにありません")
    text = bytes.fromhex(found["input"][2:]).decode(errors="replace")
    match = re.fullmatch(re.escape(_TEXT) + "([0-9a-f]{64})", text)
    if match is None:
        raise AnchorError(f"{transaction} anchors no report / 報告書の要約値ではありません")
    block = int(found["blockNumber"], 16)
    return Anchor(match[1], to_address(found["from"]), block, block_seal(rpc, block).time)
