"""Programs that are killed in the middle of their work: kill -9, without a chance to tidy up."""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.context import ForkProcess
from typing import Any

from scripts.lib.node.rpc import CONNECTION_ERRORS, Rpc

DONE, NO_LINE, KILLED = 0, 2, -signal.SIGKILL
_FORK = get_context("fork")


class _Steps:
    """Kills this process after so many steps: before or after a request to the node, or a sync of the
    disk."""

    def __init__(self, left: int) -> None:
        self._left = left

    def _step(self) -> None:
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        self._left -= 1

    def counted(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function with a step before it and one after it."""

        def counted(*arguments: Any) -> Any:
            self._step()
            answer = function(*arguments)
            self._step()
            return answer

        return counted


def start(url: str, work: Callable[[Rpc], None], steps: int = -1) -> ForkProcess:
    """Start `work` in a process of its own, with a connection of its own.

    Args:
        steps: after how many it kills itself; never if below 0.
    """

    def run() -> None:
        counted = _Steps(steps).counted
        Rpc._post, os.fsync = counted(Rpc._post), counted(os.fsync)  # type: ignore[method-assign]
        try:
            work(Rpc(url))
        except CONNECTION_ERRORS:
            os._exit(NO_LINE)
        except BaseException:
            traceback.print_exc()
            sys.stderr.flush()
            os._exit(1)
        os._exit(0)  # nothing of the parent's is tidied up here

    process = _FORK.Process(target=run)
    process.start()
    return process


def ending_of(process: ForkProcess) -> int:
    """Wait for the process; return DONE, NO_LINE or KILLED."""
    process.join()
    assert process.exitcode in (DONE, NO_LINE, KILLED), f"it ended with {process.exitcode}"
    return process.exitcode


def run_until_killed(steps: int, url: str, work: Callable[[Rpc], None]) -> bool:
    """Run `work` to its end or until it is killed; return whether it was killed."""
    return ending_of(start(url, work, steps)) == KILLED
