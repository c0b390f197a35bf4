"""練習用の町 / A practice town on the chain of `make chain`, with all files and keys to try things.

    python -m scripts.practice                     町を作る(新しいチェーンに1回) / once for a new chain
    python -m scripts.practice add --shop ACCOUNT --resident ACCOUNT [--resident ACCOUNT …]
                                                   店の承認と5,000ポイント / approve a shop, 5,000 points each
    python -m scripts.practice later 48h           時計を進める(3d, 3日も可) / let time pass (or 3d)

Only on a chain of this machine; all files go into practice/, which git ignores.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from scripts.lib.artifacts import ArtifactError
from scripts.lib.japan_calendar import moment_label
from scripts.lib.keys.keyring import KeyringError
from scripts.lib.node.local_chain import ChainError
from scripts.lib.node.networks import NetworkError
from scripts.lib.node.rpc import CONNECTION_ERRORS
from scripts.lib.node.sender import SendError
from scripts.lib.practice_town import (
    ADDED_POINTS,
    DAYS,
    HOURS,
    PASSPHRASE,
    PracticeError,
    PracticeFolders,
    PracticeTown,
    add,
    found,
    let_time_pass,
)
from scripts.lib.records import FOLDER, RecordError
from scripts.lib.workspace import ROOT

_SPAN = re.compile(r"(\d{1,5})\s*(h|hours?|時間|d|days?|日)")
_REFUSED = (
    ArtifactError, ChainError, KeyringError, NetworkError, PracticeError, RecordError, SendError,
)  # fmt: skip


def span(text: str) -> int:
    """Return a span of time like 48h or 3d, in seconds."""
    found = _SPAN.fullmatch(text)
    if not found:
        raise argparse.ArgumentTypeError("48h か 3d の形で書いてください / write it like 48h or 3d")
    return int(found[1]) * (HOURS if found[2][0] in "h時" else DAYS)


def page(town: PracticeTown) -> str:
    """Return what was made, and the next command to type."""
    folder = _short(town.folder)
    before = f"前回のファイルは {_short(town.set_aside)} に移しました\n" if town.set_aside else ""
    return f"""{before}練習用の町ができました / the practice town is ready: 川崎市 (141305), {town.url}
  種別 series        {town.series}
  鍵ファイル keys    {folder}/keys/tanto.json  担当 / the first officer   {town.first}
                     {folder}/keys/shonin.json 承認者 / the second officer {town.second}
  パスフレーズ       {PASSPHRASE}   (練習用、2つとも同じ / for both, for practice alone)
  利用者 residents   300人 / people: {folder}/numbers.csv
  付与名簿 grants    {folder}/grants.csv({town.occurrence}、300行、誤り3件 / three mistakes)
                     {folder}/grants-corrected.csv(正しい名簿 / the corrected list)
  精算 settlement    3店、{town.claims_points:,}円 yen; {folder}/bank.csv
                     締め cut-off {town.last_month}、振込 pay on {town.pay_on}
  ページ pages       {folder}/contracts.json
つぎに入力するコマンド / the next command (docs/officers.ja.md, docs/officers.md):
  .venv/bin/python -m scripts.municipality grant {folder}/grants.csv --keystore {folder}/keys/tanto.json"""


def _short(path: Path) -> Path:
    return path.relative_to(ROOT) if path.is_relative_to(ROOT) else path


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return 1 if it cannot be done here."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.practice",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--url", help="ノードのURL(省略時は make chain) / node, that of `make chain` if left out"
    )
    parser.add_argument("--folder", type=Path, default=PracticeFolders().practice, help="practice/")
    parser.add_argument("--records", type=Path, default=FOLDER, help="deployments/")
    commands = parser.add_subparsers(dest="command")
    adding = commands.add_parser("add", help="店と利用者を加える / shops and residents of your own")
    adding.add_argument("--shop", action="append", default=[], help="加盟店の口座 / a shop's account")
    adding.add_argument("--resident", action="append", default=[], help="利用者の口座 / a resident's account")
    later = commands.add_parser("later", help="時計を進める / let time pass")
    later.add_argument("span", type=span, help="48h, 3d, 48時間, 3日")
    chosen = parser.parse_args(arguments)
    folders = PracticeFolders(chosen.folder, chosen.records)
    try:
        if chosen.command == "later":
            now = moment_label(let_time_pass(chosen.url, chosen.span))
            print(f"チェーンの時刻 / the chain's time: {now.japanese}")
            print(
                "レジと財布はパソコンの時計を使うので、このチェーンでは支払えなくなります / "
                "tills and purses go by this computer's clock: no payments on this chain from now on"
            )
        elif chosen.command == "add":
            series = add(chosen.url, chosen.shop, chosen.resident, folders)
            print(f"店 shops {len(chosen.shop)}, {ADDED_POINTS:,}ポイント points x {len(chosen.resident)}")
            print(f"種別 series: {series}\n契約一覧 contract book: {_short(folders.practice)}/contracts.json")
        else:
            print("町を作っています(1分ほど) / setting the town up, about a minute …", flush=True)
            print(page(found(chosen.url, folders)))
    except CONNECTION_ERRORS as error:
        print(
            f"チェーンに接続できません。別の窓で make chain を実行し、開いたままにしてください ({error}) / "
            "no chain answers: run `make chain` in another window, and leave that open",
            file=sys.stderr,
        )
        return 1
    except _REFUSED as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
