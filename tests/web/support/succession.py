"""A town's next series, and the old one closed for it."""

from __future__ import annotations

from scripts.lib.administration.execution import ExitCode
from tests.support.command_town import CODE, DAYS, SYMBOL, TOWNS, CommandTown

NEW = "GENKI2"


def deploy_next(town: CommandTown) -> None:
    """Deploy the next series."""
    header, row = TOWNS
    rows = [f"{header},前の種別", f"{row},", f"{CODE},{NEW},川崎げんきポイント,か月後,1,{SYMBOL}"]
    assert town.run("deploy", town.file("next.csv", *rows), actor="council") is ExitCode.DONE, town.said


def carry_over(town: CommandTown) -> None:
    """Deploy the next series, close the old one for it, and carry all over."""
    deploy_next(town)
    assert town.run("migrate", "announce", "--series", SYMBOL, "--successor", NEW) is ExitCode.DONE, town.said
    town.pass_time(30 * DAYS)
    for step in ("close", "run"):
        assert town.run("migrate", step, "--series", SYMBOL) is ExitCode.DONE, town.said
