"""A reader at a terminal: types a document's commands in a copy of this folder, and answers what is asked.

python -m tests.documents.terminal docs/officers.ja.md             # every command with its seconds
python -m tests.documents.terminal README.md docs/migration.md     # the second goes on after the first
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from scripts.lib.japan_calendar import fiscal_year_end, month_of
from scripts.lib.node.local_chain import LocalChain
from scripts.lib.practice_town import PASSPHRASE
from scripts.lib.workspace import ROOT
from tests.documents.fenced import Command, File, filled_in, missing_in, steps_of

ANSWERS = (
    (re.compile(r"(?:パスフレーズ|again): $"), PASSPHRASE),
    (re.compile(r"\[y/N\] $"), "y"),
    (re.compile(r"マイキーID / MyKey ID: $"), "NEWR0001"),
)
LONGEST_SECONDS = 600
TEST_NETWORK_ID = 217_099
"""Of the test network that docs/council.md describes."""

_COPIED = ("scripts", "contracts", "interfaces", "docs/examples", "web")
_LINKED = (".venv", "node_modules", ".tools", "web/node_modules")
_NOT_COPIED = ("__pycache__", "*.local.yaml", "node_modules", "dist")
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_OVERWRITTEN = re.compile(r"(?m)^[^\n]*\r")
"""What a progress bar wrote before its last state."""
_READY = re.compile(r"Ctrl-C")


class DocumentError(AssertionError):
    """A document's command did not end as the document says, or did not print what it shows."""


@dataclass
class Reader:
    """Somebody who follows a document.

    Attributes:
        folder: the copy that commands run in.
        said: all that was printed.
        log: each command with its seconds and exit code.
    """

    folder: Path
    variables: dict[str, str] = field(default_factory=dict)
    said: str = ""
    log: list[tuple[str, float, int]] = field(default_factory=list)
    _before: list[str] = field(default_factory=list)
    _servers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def follow(self, document: Path) -> None:
        """Do all that a document says, and hold what it shows, and its translation, against what is printed.

        Raises:
            DocumentError: a command ended with another code, or did not print what the document shows.
        """
        translation = document.with_suffix(".ja.md")
        steps, twins = steps_of(document), steps_of(translation if translation.exists() else document)
        for step, twin in zip(steps, twins, strict=True):
            if isinstance(step, File):
                (self.folder / step.name).parent.mkdir(parents=True, exist_ok=True)
                content = filled_in(step.content, self.said).replace(",2026,", f",{_fiscal_year()},")
                (self.folder / step.name).write_text(content, encoding="utf-8")
            else:
                also = twin.printed if isinstance(twin, Command) else ()
                self.type(replace(step, printed=step.printed + also))

    def type(self, command: Command) -> None:
        """Type one command."""
        text = filled_in(command.text, self.said)
        first, _, rest = text.partition(" ")
        if first in ("alias", "cd", "export"):
            if rest.split("=")[0] not in self.variables:
                self._before.append(text)
            return
        if command.kind == "elsewhere":
            text = f"{text.split(' < ')[0]} --help"
        started = time.monotonic()
        process, master = self._start(text)
        said, code = self._talk(process, master, _READY if command.kind == "server" else None)
        seconds = time.monotonic() - started
        self.said += said
        if command.kind == "server" and code is None:
            self._servers.append(process)
            code = 0
        self.log.append((command.text, seconds, -1 if code is None else code))
        if code != command.exit_code:
            raise DocumentError(f"`{text}` ended with {code}, not {command.exit_code}:\n{said}")
        if missing := missing_in(said, () if command.kind == "elsewhere" else command.printed):
            raise DocumentError(f"`{text}` did not print {missing}:\n{said}")

    def end(self) -> None:
        """End what still runs."""
        for process in self._servers:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGINT)
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def _start(self, text: str) -> tuple[subprocess.Popen[bytes], int]:
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, b"\x32\x00\xa0\x00\x00\x00\x00\x00")  # 50 lines of 160

        def take_terminal() -> None:
            os.setsid()
            fcntl.ioctl(slave, termios.TIOCSCTTY, 0)

        environment = {**os.environ, "PYTHONUTF8": "1", "TERM": "xterm", **self.variables}
        for name in ("ARGS", "MAKEFLAGS", "MAKELEVEL", "MFLAGS"):  # of the make that runs the tests
            environment.pop(name, None)
        process = subprocess.Popen(
            ["bash", "-O", "expand_aliases", "-c", "\n".join([*self._before, text])],
            cwd=self.folder,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=environment,
            preexec_fn=take_terminal,
        )
        os.close(slave)
        return process, master

    @staticmethod
    def _talk(
        process: subprocess.Popen[bytes], master: int, until: re.Pattern[str] | None
    ) -> tuple[str, int | None]:
        """Read and answer until the end, or until a server is up; return what was said, and the code."""
        content, answered, deadline = b"", 0, time.monotonic() + LONGEST_SECONDS
        while time.monotonic() < deadline:
            if select.select([master], [], [], 0.2)[0]:
                try:
                    part = os.read(master, 65536)
                except OSError:  # the other end is closed
                    part = b""
                if not part:
                    return _text(content), process.wait()
                content += part
            text = _text(content)
            if until is not None and until.search(text):
                return text, None
            open_line = text.rsplit("\n", 1)[-1]
            for question, answer in ANSWERS:
                if len(content) > answered and question.search(open_line):
                    os.write(master, f"{answer}\n".encode())
                    answered = len(content)
        os.killpg(process.pid, signal.SIGKILL)
        raise DocumentError(f"no end after {LONGEST_SECONDS} s:\n{_text(content)}")


def _fiscal_year() -> int:
    """Return the present fiscal year, which documents write as 2026."""
    return fiscal_year_end(month_of(int(time.time()))) // 12 + 1999


def _text(content: bytes) -> str:
    text = _ESCAPES.sub("", content.decode("utf-8", "replace")).replace("\r\n", "\n")
    return _OVERWRITTEN.sub("", text)


@contextlib.contextmanager
def reader(parent: Path, **variables: str) -> Iterator[Reader]:
    """Return somebody with a fresh copy of this folder, in which all is installed and compiled."""
    folder = parent / "jichitai-points"
    folder.mkdir()
    for name in _COPIED:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns(*_NOT_COPIED))
    for file in ("Makefile", "brownie-config.yaml", "package-lock.json", "requirements.lock"):
        shutil.copy2(ROOT / file, folder / file)
    shutil.copytree(ROOT / "build", folder / "build", ignore=_not_compiled)
    for name in _LINKED:
        if (ROOT / name).exists():  # the pages' packages only if somebody builds pages
            (folder / name).symlink_to(ROOT / name)
    somebody = Reader(folder, variables)
    try:
        yield somebody
    finally:
        somebody.end()


def _not_compiled(folder: str, names: list[str]) -> list[str]:
    kept = {"contracts", "interfaces", "deployments", "sources.sha256", ".compiled"}
    return [name for name in names if name not in kept] if Path(folder) == ROOT / "build" else []


def main() -> int:
    """Follow documents, and print each command with its seconds."""
    with (
        LocalChain.anvil(chain_id=TEST_NETWORK_ID) as network,
        tempfile.TemporaryDirectory() as folder,
        reader(Path(folder), AIZU_NODE_URL=network.url) as somebody,
    ):
        try:
            for name in sys.argv[1:]:
                somebody.follow(Path(name))
        except DocumentError as error:
            print(error)
            return 1
        finally:
            for text, seconds, code in somebody.log:
                print(f"{seconds:6.1f} s  {code}  {text}")
            print(f"{sum(seconds for _, seconds, _ in somebody.log):6.1f} s in all")
    return 0


if __name__ == "__main__":
    sys.exit(main())
