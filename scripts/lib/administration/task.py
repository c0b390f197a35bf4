"""What a command found to do: tasks that the chain does not show done, and what an officer should know.

A command is a function that surveys files and chain and returns a Survey. It is asked again after every round
of transactions, so that whatever was done, by whomever, falls away: that is why a repeated command does
nothing twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import RenderableType

from scripts.lib.acts import Act
from scripts.lib.administration.list_run import ListRun
from scripts.lib.bilingual import Bilingual
from scripts.lib.calls import Call

_LINE_CHARACTERS = 110


class CommandError(Exception):
    """What was asked for cannot be done as it was asked; nothing was sent.

    Attributes:
        reason: why.
    """

    def __init__(self, english: str, japanese: str) -> None:
        self.reason = Bilingual(english, japanese)
        # What fills more than a line is read by paragraphs, and by officers first in Japanese.
        is_long = len(english) + len(japanese) > _LINE_CHARACTERS
        super().__init__(f"{japanese}\n{english}" if is_long else str(self.reason))


ALL_DONE = Bilingual("All of it is done.", "すべて済んでいます。")


@dataclass(frozen=True)
class Task:
    """Something to be done.

    Attributes:
        work: an act of officers, a transaction that anybody may send, or a list of grants to be run.
        rows: of the input that it stands for.
        is_seen: whether the chain's views show when it is done. If not, it counts as done once the very same
            act, resting on the same paper, was executed: another decision has another paper.
    """

    work: Act | Call | ListRun
    rows: int = 1
    is_seen: bool = True


@dataclass(frozen=True)
class Figure:
    """A number or a date that the officer confirms with a plan."""

    name: Bilingual
    value: str


@dataclass
class Survey:
    """What is to be done, and what was found.

    Attributes:
        title: what the command does.
        tasks: what can be done now; what follows from it shows in the next survey.
        done: how many rows the chain shows done.
        left: rows that cannot be done now, each with its reason; they can be tried again.
        more_left: how many more such rows there are, which one of `left` tells together.
        heading_of_left: what stands over `left`.
        question: what is asked about besides the number of transactions: the sum, say.
        all_done: what is said when nothing is left to do and nothing was sent.
        later: what comes after these tasks.
        figures: totals, caps, budgets and dates.
        notes: what the officer should know besides.
        previews: titles and lines of lists, shown before they are confirmed.
        tables: what is shown when all is done.
        files: what is written when all is done, for its owner alone.
        before_files: what is done just before they are written.
        names: what accounts are called that the plan's transactions name: shops, say.
    """

    title: Bilingual
    tasks: list[Task] = field(default_factory=list)
    done: int = 0
    left: list[Bilingual] = field(default_factory=list)
    more_left: int = 0
    heading_of_left: Bilingual | None = None
    question: Bilingual | None = None
    all_done: Bilingual = ALL_DONE
    later: list[Bilingual] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    notes: list[Bilingual] = field(default_factory=list)
    previews: list[tuple[str, Sequence[str]]] = field(default_factory=list)
    tables: Sequence[RenderableType] = ()
    files: Mapping[Path, bytes] = field(default_factory=dict)
    before_files: Callable[[], None] = lambda: None
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def told_left(self) -> list[Bilingual]:
        """What is told of the rows that cannot be done now, under its heading."""
        heading = [self.heading_of_left] if self.heading_of_left and self.left else []
        return [*heading, *self.left]

    def figure(self, english: str, japanese: str, value: int | str) -> None:
        """Add a figure; numbers get separators."""
        shown = f"{value:,}" if isinstance(value, int) else value
        self.figures.append(Figure(Bilingual(english, japanese), shown))
