"""A town with many residents, set up by its officers' commands, and the grant command as a process.

with town.granting(file, label) as command: …       # python -m scripts.municipality grant …
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_utils import keccak

from scripts.lib.administration.execution import ExitCode
from scripts.lib.calls import View
from scripts.lib.mykey import CommitmentKey, MyKeyId, commitment
from scripts.lib.node.local_chain import LocalChain
from scripts.lib.node.rpc import Rpc
from scripts.lib.node.view_reader import read_views
from scripts.lib.registration import RegistrationDomain, sign
from scripts.lib.workspace import ROOT, inside_variables
from tests.support.command_town import CODE, HOURS, TOWNS, CommandTown, connect

PROGRAMME = "給付"
SERVICE = "GrantProgrammes"
_PROGRAMME_HEAD = "事業,実施場所,年度予算,内容,年度,実施回,有効期限の規則"
_ALLOWANCE = "1000000000"


class Summary(NamedTuple):
    """What a command says at its end: rows that the chain shows done, what is left, points granted."""

    done: int
    left: int
    points: int

    @classmethod
    def of(cls, said: str) -> Summary:
        """Read it from what was printed."""
        names = ("rows that the chain shows done", "Points granted on the chain")
        found = [re.findall(rf"/ {name} +([\d,]+)$", said, re.MULTILINE) for name in names]
        left = re.findall(r"/ left +(なし|[\d,]+[件行].*)", said)
        assert all(found) and left, said
        done, points = (int(each[-1].replace(",", "")) for each in found)
        counts = re.findall(r"([\d,]+)[件行]", left[-1])
        return cls(done, sum(int(each.replace(",", "")) for each in counts), points)


class GrantingTown:
    """The town; its residents' numbers begin with 1."""

    def __init__(self, chain: LocalChain, folder: Path, residents: int, occurrences: int) -> None:
        self.folder = folder
        self.cards = [_card(number) for number in range(1, residents + 1)]
        town = CommandTown(chain, folder, connect(chain, folder))
        self._done(town, "deploy", town.file("municipalities.csv", *TOWNS), actor="council")
        waiting = (("accept-service", SERVICE), ("allow", SERVICE, _ALLOWANCE))
        for words in waiting:
            self._done(town, *words, code=ExitCode.PARTLY_DONE)
        town.pass_time(48 * HOURS)
        for words in waiting:
            self._done(town, *words)
        self._register(town)
        self.labels = [f"第{place}回" for place in range(1, occurrences + 1)]
        row = f"{PROGRAMME},川崎市内,{_ALLOWANCE},全員に給付,2025,{'|'.join(self.labels)},当年度末"
        self._done(town, "programmes", town.file("programmes.csv", _PROGRAMME_HEAD, row))
        self.token, self.service = town.token, town.address(f"service {SERVICE}")
        self.platform, self.somebody = town.address("platform"), town.partner(1)

    def file(self) -> Path:
        """Write a list with everybody in it."""
        lines = ["利用者番号,ポイント", *(f"{number},{points}" for number, points in self.rows())]
        path = self.folder / "grants.csv"
        path.write_text("\r\n".join(lines), encoding="utf-8")
        return path

    def rows(self) -> list[tuple[int, int]]:
        """Return resident numbers and points of the list."""
        return [(number, 100 + number % 89) for number in range(1, len(self.cards) + 1)]

    def balances(self, url: str) -> list[int]:
        """Return what residents have."""
        views = [View("MunicipalPoint", self.token, "balanceOf", (card.address,)) for card in self.cards]
        return [int(answer) for answer in read_views(Rpc(url), views)]

    def start(self, url: str, label: str, desk: str = "desk", *words: str) -> Command:
        """Start the officers' command for an occurrence, at a desk with notes of its own."""
        return Command(
            "scripts.municipality",
            "grant",
            str(self.file()),
            *("--programme", PROGRAMME, "--occurrence", label, "--yes", "--url", url),
            *("--records", str(self.folder / "deployments")),
            *("--plans", str(self.folder / desk / "plans")),
            *("--journals", str(self.folder / desk / "journals")),
            *words,
        )

    def _register(self, town: CommandTown) -> None:
        key = CommitmentKey.read_or_create(self.folder / "commitment-key.json", 1)
        domain = RegistrationDomain(town.keyring.chain_id, town.address("residents"))
        lines = ["口座,マイキーID,署名"]
        for number, card in enumerate(self.cards, 1):
            mykey_id = f"RE{number:06}"
            signed = sign(domain, CODE, card, commitment(key, CODE, MyKeyId.read(mykey_id)))
            lines.append(f"{signed.account},{mykey_id},0x{signed.signature.hex()}")
        self._done(town, "residents", town.file("residents.csv", *lines), "--commitment-key", town.key_file)

    @staticmethod
    def _done(
        town: CommandTown, *words: str, actor: str = "municipality", code: ExitCode = ExitCode.DONE
    ) -> None:
        assert town.run(*words, actor=actor) is code, f"{words}: {town.said}"


class Command:
    """A program of the project, running by itself.

    Attributes:
        process: it.
    """

    def __init__(self, *words: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", *words],
            cwd=ROOT,
            env={**os.environ, **inside_variables(), "PYTHONUTF8": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    @property
    def is_running(self) -> bool:
        """Whether it has not ended."""
        return self.process.poll() is None

    def end(self) -> tuple[int, str]:
        """Wait for its end; return the exit code, and what it printed."""
        said, _ = self.process.communicate(timeout=900)
        assert "Traceback" not in said, said
        return self.process.returncode, said


def _card(number: int) -> LocalAccount:
    key: LocalAccount = Account.from_key(keccak(text=f"resident {number}"))
    return key
