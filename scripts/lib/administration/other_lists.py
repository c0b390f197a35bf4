"""Other lists for the occurrence of a file: proposed and not decided yet, or approved and not run to the end.

    waiting = waiting_lists(desk, service, [occurrence])
    refuse_beside(options, lists, waiting)       # before an officer proposes a second list for an occurrence

A second list for an occurrence is now and then meant (residents who were forgotten), and much oftener another
version of the first: a file that was changed, or the wrong file at the second officer's desk. So it is
proposed only where the officer says so (--another-list).
"""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from scripts.lib.administration.desk import Desk
from scripts.lib.administration.next_command import next_command
from scripts.lib.administration.programmes import SERVICE
from scripts.lib.administration.proposals import open_calls
from scripts.lib.administration.task import CommandError
from scripts.lib.bilingual import Bilingual, counted

if TYPE_CHECKING:
    from scripts.lib.administration.granted_rows import KeptList
    from scripts.lib.administration.grants import ListOfFile

ANOTHER_LIST = "--another-list"
_ONLY_IF_MEANT = Bilingual(
    f"Only a list that is meant besides is proposed with {ANOTHER_LIST}.",
    f"この実施回に名簿をもう1つ追加するときだけ、{ANOTHER_LIST} を付けて提案してください。",
)


class WaitingList(NamedTuple):
    """A list that is proposed and not approved; see IGrantProgrammes.approveBatch."""

    proposal: int
    occurrence: int
    root: bytes
    rows: int
    total_points: int
    file_hash: bytes


def waiting_lists(desk: Desk, service: str, occurrences: Sequence[int]) -> list[WaitingList]:
    """Return the lists that are proposed for some occurrences, oldest first.

    One that was proposed through another contract (a wallet) is not among them: its rows stand nowhere.
    """
    return [
        WaitingList(number, call.arguments["occurrence"], *call.arguments["terms"])
        for number, call in open_calls(desk, SERVICE, service, "approveBatch")
        if call.arguments["occurrence"] in occurrences
    ]


def of_others(each: ListOfFile, waiting: Sequence[WaitingList]) -> list[WaitingList]:
    """Return which of the waiting lists are for the occurrence of a file's list, and not just that one."""
    return [other for other in waiting if other.occurrence == each.target.occurrence and not _is(each, other)]


def is_proposed(each: ListOfFile, waiting: Sequence[WaitingList]) -> bool:
    """Return whether a file's list is itself proposed, and not decided yet."""
    return any(other.occurrence == each.target.occurrence and _is(each, other) for other in waiting)


def refuse_beside(options: Namespace, lists: Sequence[ListOfFile], waiting: Sequence[WaitingList]) -> None:
    """Make sure that no list is proposed beside another one for its occurrence.

    Raises:
        CommandError: there is another one; it says which, and what to do.
    """
    reasons = [
        reason
        for each in lists
        if not each.batch and not all(each.granted) and not is_proposed(each, waiting)
        for reason in _reasons(options, each, waiting)
    ]
    if reasons:
        raise CommandError(
            " ".join(reason.english for reason in (*reasons, _ONLY_IF_MEANT)),
            "".join(reason.japanese for reason in (*reasons, _ONLY_IF_MEANT)),
        )


def notes_beside(each: ListOfFile, waiting: Sequence[WaitingList]) -> list[Bilingual]:
    """Return what two officers should know who decide on a list beside another one."""
    numbers = [other.proposal for other in of_others(each, waiting)]
    batches = [kept.batch for kept in each.unrun]
    english = [f"proposal {number}" for number in numbers] + [f"list {batch}" for batch in batches]
    japanese = [f"提案{number}" for number in numbers] + [f"名簿{batch}" for batch in batches]
    if not english:
        return []
    return [
        Bilingual(
            f"{each.name}: {', '.join(english)} of the same occurrence, with other contents, is open besides",
            f"{each.name}: 同じ実施回に、内容の違う{'、'.join(japanese)}が別にあります",
        )
    ]


def _is(each: ListOfFile, other: WaitingList) -> bool:
    return (other.root, other.file_hash) == (each.grants.root, each.file_hash)


def _reasons(options: Namespace, each: ListOfFile, waiting: Sequence[WaitingList]) -> list[Bilingual]:
    """Return why a file's list is not proposed: which others there are, and what to do about each."""
    proposed = [
        (_of_saved_anew if other.root == each.grants.root else _of_proposed)(options, each, other)
        for other in of_others(each, waiting)
    ]
    return proposed + [of_unrun(options, each, kept) for kept in each.unrun]


def _of_saved_anew(options: Namespace, each: ListOfFile, other: WaitingList) -> Bilingual:
    number = other.proposal
    look, approve = (next_command(options, *words) for words in (["proposals"], ["approve", number]))
    return Bilingual(
        f"{each.name}: proposal {number} waits for its approval, of the same rows but another file (saving a "
        f"file anew changes it). Use the proposer's own file, or `{look}` and `{approve}`.",
        f"{each.name}: この実施回には提案{number}が承認待ちです。行もポイントも同じですが、ファイルそのものが"
        "違います(表計算で保存し直すと別のファイルになります)。担当のファイルをそのまま使うか、"
        f"{look} で確かめて {approve} で承認してください。",
    )


def _of_proposed(options: Namespace, each: ListOfFile, other: WaitingList) -> Bilingual:
    number, (english, japanese) = other.proposal, _size(other.rows, other.total_points)
    veto = next_command(options, "veto", number)
    return Bilingual(
        f"{each.name}: another list of this occurrence waits for approval: proposal {number} ({english}). "
        f"{_this_file(each).english} Make sure that it is the file of whoever proposed. "
        f"To withdraw proposal {number}: `{veto}`, by its proposer or an Admin.",
        f"{each.name}: この実施回には別の名簿の提案{number}({japanese})が承認待ちです。"
        f"{_this_file(each).japanese}担当と同じファイルか確かめてください。"
        f"提案{number}を取り下げるには {veto}(提案者または管理者)。",
    )


def of_unrun(options: Namespace, each: ListOfFile, kept: KeptList) -> Bilingual:
    """Return what is told of another list that is approved and not run to the end."""
    english, japanese = _size(kept.rows, kept.total_points)
    stop = next_command(options, "stop-list", kept.batch)
    return Bilingual(
        f"{each.name}: list {kept.batch} is approved and not run to the end ({english}, "
        f"{kept.granted_points:,} of them granted). {_this_file(each).english} Run the approved file by the "
        f"same command, or give it up by `{stop}`.",
        f"{each.name}: 承認済みで未実行の名簿{kept.batch}({japanese}、うち付与済み"
        f"{kept.granted_points:,}ポイント)があります。{_this_file(each).japanese}"
        "承認済みの名簿のファイルで同じコマンドを実行すると付与されます。"
        f"その名簿をやめるには {stop}。",
    )


def _this_file(each: ListOfFile) -> Bilingual:
    english, japanese = _size(len(each.rows), each.grants.total_points)
    return Bilingual(f"This file has {english}.", f"このファイルは{japanese}で、内容が違います。")


def _size(rows: int, points: int) -> Bilingual:
    return Bilingual(
        f"{counted(rows, 'row')}, {counted(points, 'point')}", f"{rows:,}行・合計{points:,}ポイント"
    )
