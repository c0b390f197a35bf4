"""Tries faults in one pytest session that has loaded everything, each in a child process on its own chain.

Starting Python, Brownie and pytest and collecting the tests takes longer than the tests that kill a mutant:
it is done once. A child takes the faulty code over into Brownie's containers, brings the tests into an order
that kills soon, and ends with the first failure. A failure counts only if the same test passes without the
fault, which is asked of all tests that killed, together.
"""

from __future__ import annotations

import math
import os
import resource
import select
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest

from scripts.lib.compiler import CompilationError
from scripts.lib.node.local_chain import LocalChain
from scripts.lib.project import connected, disconnect, load_project
from scripts.run_tests import CHAIN_ID_VARIABLE, GENESIS_TIME
from tests.assurance.mutation.code import Code, compile_instead, fields, laid_out
from tests.assurance.mutation.planted import Mutant
from tests.assurance.mutation.reach import in_order, sources, verbs_reaching, words_at

TESTS = (
    "tests/unit",
    "--ignore=tests/unit/lib",
    "--ignore=tests/unit/support",
    "--ignore-glob=*_page.py",
    "tests/stateful",
    "--ignore-glob=*/test_planted_faults*",  # these plant faults themselves
    "tests/scenarios",
)
LONGEST_WAIT_SECONDS = 3600
"""For one test to end."""
LOG = Path("trial.log")
"""What the last trial printed, in the copy; of the tests that ran without a fault, sound.log."""


@dataclass(frozen=True)
class Verdict:
    """What became of a mutant.

    Attributes:
        outcome: "killed", "survived", "same" (it compiles to the code that is there without it), "late" (no
            failure within the time), "refused" (it does not compile).
        by: the failed test, or the compiler's words.
        words: of the failure.
        tests: how many ran.
        seconds: how long it took, compilation included.
        processor_seconds: what of a processor it took: its own, the compiler's and the chain's.
    """

    name: str
    outcome: str
    by: str
    words: str
    tests: int
    seconds: float
    processor_seconds: float

    def as_row(self) -> dict[str, object]:
        """Return it as JSON takes it."""
        return asdict(self)


@dataclass
class Workshop:
    """A plugin of pytest that tries mutants instead of running the tests once.

    Attributes:
        mutants: to be tried.
        seconds: the most that one may take.
        killers: of a source, the tests that killed other faults in it, by name.
        tell: takes each verdict.
        unproved: returns the tests that killed and have not been seen to pass without a fault, by name.
        prove: takes those that passed without a fault.
    """

    mutants: Sequence[Mutant]
    seconds: float
    killers: Callable[[str], list[str]]
    tell: Callable[[Verdict], None]
    unproved: Callable[[], set[str]]
    prove: Callable[[set[str]], None]

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Try each mutant, then run the tests that killed without a fault."""
        if session.testsfailed:
            raise session.Interrupted("the tests could not be collected")
        for mutant in self.mutants:
            self.tell(self._try(session, mutant))
        names = self.unproved()
        tests = [item for item in session.items if item.nodeid in names]
        if tests:
            end = _in_child(session, tests, {}, None, LOG.with_name("sound.log"))
            self.prove({test.nodeid for test in tests} - {name for name, _ in end.failures})
        return True

    def _try(self, session: pytest.Session, mutant: Mutant) -> Verdict:
        begun, used = time.monotonic(), _processor_seconds()

        def verdict(outcome: str, by: str = "", words: str = "", tests: int = 0) -> Verdict:
            seconds = round(time.monotonic() - begun, 1), round(_processor_seconds() - used, 1)
            return Verdict(mutant.name, outcome, by, words, tests, *seconds)

        text = sources()[mutant.file]
        if text.count(mutant.find) != 1:
            raise ValueError(f"{mutant.name}: its place occurs {text.count(mutant.find)} times")
        changed_text = text.replace(mutant.find, mutant.put)
        try:
            changed = compile_instead(mutant.file, changed_text)
        except CompilationError as error:
            return verdict("refused", next(line for line in str(error).splitlines() if "rror" in line)[:200])
        if not changed:
            return verdict("same")
        place = text.index(mutant.find) + _first_difference(mutant.find, mutant.put)
        verbs = verbs_reaching(mutant.file, place) | words_at(text, place)
        verbs |= dict.fromkeys(mutant.verbs.split(), 1.0)
        tests = in_order(session.items, verbs, list(changed), self.killers(mutant.file))
        with laid_out(mutant.file, changed_text, changed):
            end = _in_child(session, tests, changed, self.seconds - (time.monotonic() - begun))
        if end.is_late:
            return verdict("late", tests=end.tests)
        if not end.failures:
            return verdict("survived", tests=end.tests)
        return verdict("killed", *end.failures[0], end.tests)


def _processor_seconds() -> float:
    own, ended = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + ended.ru_utime + ended.ru_stime


def _first_difference(one: str, other: str) -> int:
    pairs = zip(one, other, strict=False)
    return next((place for place, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


@dataclass(frozen=True)
class _End:
    """How a run of tests ended: failed ones with their words, and how many had run."""

    failures: list[tuple[str, str]]
    tests: int
    is_late: bool = False


def _in_child(
    session: pytest.Session,
    tests: Sequence[pytest.Item],
    changed: dict[str, Code],
    seconds: float | None,
    log: Path = LOG,
) -> _End:
    """Run tests in a process of its own, until one fails; without an end to the seconds, all of them."""
    reading, writing = os.pipe()
    process = os.fork()
    if process == 0:
        try:
            os.close(reading)
            _run(session, tests, changed, seconds is not None, writing, log)
        finally:
            os._exit(0)
    os.close(writing)
    tests_run = 0
    until = math.inf if seconds is None else time.monotonic() + seconds
    with os.fdopen(reading, "rb", buffering=0) as told:
        while select.select([told], [], [], min(max(until - time.monotonic(), 0), LONGEST_WAIT_SECONDS))[0]:
            line = told.readline()
            if not line:
                raise RuntimeError(f"the run ended without a word, see {log.absolute()}")
            word = msgspec.json.decode(line)
            if word != "ran":
                os.waitpid(process, 0)
                return _End([(name, words) for name, words in word], tests_run)
            tests_run += 1
    os.killpg(process, signal.SIGKILL)
    os.waitpid(process, 0)
    return _End([], tests_run, is_late=True)


def _run(
    session: pytest.Session,
    tests: Sequence[pytest.Item],
    changed: dict[str, Code],
    ends_at_first: bool,
    pipe: int,
    log_file: Path,
) -> None:
    os.setpgid(0, 0)
    log = os.open(log_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(log, 1)
    os.dup2(log, 2)

    def say(word: Any) -> None:
        os.write(pipe, msgspec.json.encode(word) + b"\n")

    failures: list[tuple[str, str]] = []

    class Watch:
        def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
            if report.when == "call":
                say("ran")
            if report.failed:
                crash = getattr(report.longrepr, "reprcrash", None)
                failures.append((report.nodeid, " ".join(crash.message.split())[:200] if crash else ""))
                os.write(log, f"{report.nodeid}\n{report.longreprtext}\n".encode())

    session.config.pluginmanager.register(Watch())
    disconnect()  # from the chain of the process that this one was forked from
    with LocalChain.anvil(genesis_time=GENESIS_TIME) as chain, connected(chain):
        os.environ[CHAIN_ID_VARIABLE] = str(chain.chain_id)
        project = load_project()
        for name, code in changed.items():
            container = project._containers[name]
            container._build.update(fields(code))
            container.bytecode = code.bytecode
        for test, following in zip(tests, [*tests[1:], None], strict=True):
            test.config.hook.pytest_runtest_protocol(item=test, nextitem=following)
            if failures and ends_at_first:
                break
        say(failures)
