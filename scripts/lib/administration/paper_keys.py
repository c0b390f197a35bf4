"""The key under which an office names the bank's papers: where it is, and that there is no second one.

Papers and references are named on the chain under it (scripts.lib.bank.paper). With another key the same
paper would have another name and count twice, so nobody is led to make a new one who has used one before.
"""

from __future__ import annotations

import secrets
import stat
from argparse import Namespace
from pathlib import Path

from scripts.lib.administration.bank_files import shown
from scripts.lib.administration.desk import Desk
from scripts.lib.administration.next_command import office_file
from scripts.lib.administration.proposals import proposals_of
from scripts.lib.administration.task import CommandError, Survey
from scripts.lib.bank.paper import KEY_BYTES
from scripts.lib.bilingual import Bilingual
from scripts.lib.contract_abi import function_selector

KEY_FILE = Path("bank-paper.key")
_SETTLEMENT = "MerchantSettlement"


def new_key(desk: Desk, options: Namespace) -> Survey:
    """Make the key for papers and references, once; nothing is sent."""
    del desk
    survey = Survey(Bilingual("Key for papers and references", "書類・管理番号の鍵の作成"))
    if options.paper_key.exists():
        paper_key(options.paper_key)
        survey.done = 1
    else:
        survey.files = {options.paper_key: f"{secrets.token_hex(KEY_BYTES)}\n".encode()}
    return survey


def paper_key(file: Path) -> bytes:
    """Return the key under which papers and references are named.

    Raises:
        CommandError: there is none, the file holds something else, or others than its owner may read it.
    """
    if not file.exists():
        raise CommandError(
            f"there is no key {file}: copy it from a colleague, or make the first one with new-key. "
            "With another key the same paper would have another name, and count twice",
            f"鍵 {file} がありません。同僚の鍵を複製するか、最初の1回だけ new-key で作成してください。"
            "別の鍵では同じ書類が別物として扱われます",
        )
    mode = stat.S_IMODE(file.stat().st_mode)
    text = file.read_text(encoding="ascii", errors="replace").strip()
    if mode & 0o077 or len(text) != 2 * KEY_BYTES or set(text) - set("0123456789abcdef"):
        raise CommandError(
            f"{file} holds no key, or others may read it (mode {mode:04o})",
            f"{file} は鍵ではないか、所有者以外も読めます({mode:04o})",
        )
    return bytes.fromhex(text)


def required_key(desk: Desk, options: Namespace, service: str, *beside: Path) -> bytes:
    """Return the key for papers; see paper_key.

    Raises:
        CommandError: it is not there. Where the municipality has named a paper already, it has a key, and
            must not make another.
    """
    if options.paper_key.exists():
        return paper_key(options.paper_key)
    known = known_key(desk, Namespace(), *(file.parent for file in beside))
    look = Bilingual(
        f" Perhaps it is --paper-key {known}", f"{known} がそれなら、--paper-key {known} を付けてください。"
    )
    maybe = look if known else Bilingual("", "")
    if _has_named_a_paper(desk, service):
        raise CommandError(
            f"there is no key {shown(options.paper_key)}, and one was used for this municipality's papers "
            "before: name that very file with --paper-key, and make no other. With another key the same "
            f"paper would have another name, and count twice.{maybe.english}",
            f"鍵 {shown(options.paper_key)} がありません。"
            "この自治体の銀行書類の記帳にはすでに鍵が使われています。"
            "同じ鍵のファイルを --paper-key で指定してください(新しい鍵は作らないでください。"
            f"別の鍵では同じ書類が別物として扱われます)。{maybe.japanese}",
        )
    if known:
        raise CommandError(
            f"there is no key {shown(options.paper_key)}.{maybe.english}",
            f"鍵 {shown(options.paper_key)} がありません。{maybe.japanese}",
        )
    return paper_key(options.paper_key)


def known_key(desk: Desk, options: Namespace, *beside: Path) -> str | None:
    """Return the option for the key of papers, where it has to be named: as it was, or where one lies."""
    given: Path = getattr(options, "paper_key", KEY_FILE)
    if given == KEY_FILE:
        given = office_file(desk, KEY_FILE.name, *beside) or given
    return None if given == KEY_FILE else shown(given)


def _has_named_a_paper(desk: Desk, service: str) -> bool:
    """Return whether any paper of the bank was ever recorded or proposed: whoever did it had a key."""
    selectors = [
        function_selector(_SETTLEMENT, function) for function in ("markSent", "settle", "bounce", "reopen")
    ]
    return any(each.proposal.target == service for each in proposals_of(desk, selectors))
