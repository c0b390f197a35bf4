"""ページを公開用フォルダに書き出す / Publishes the pages (counter, purse, office, ledger) for one chain.

    python -m scripts.web_site [--url URL] [--book FILE] [--out FOLDER] [--serve PORT]

`make web` builds the pages first. Anything that serves files can serve the folder; --serve does it here.
"""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from scripts.lib.artifacts import ArtifactError
from scripts.lib.book_export import export_book
from scripts.lib.contract_book import BookError, ContractBook
from scripts.lib.deployment import PLATFORM
from scripts.lib.node.local_chain import ChainError
from scripts.lib.node.rpc import CONNECTION_ERRORS, Rpc
from scripts.lib.records import FOLDER, DeploymentRecords, RecordError
from scripts.lib.web_site import SiteError, publish, server
from scripts.lib.workspace import BUILD, development_url

OUT = BUILD / "web-site"
# A browser keeps what a page stores by address and port.
_OTHER_PORT = (
    "ポート{0}は使用中のため、別のポートで配信します。ブラウザに保存した鍵や記録は、ポートごとに別です / "
    "port {0} is taken, so this is another one; browsers keep keys and records for each port apart"
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Publish the pages, and serve them if asked to; return 2 if anything for it is missing."""
    parser = argparse.ArgumentParser(prog="python -m scripts.web_site", description=__doc__.splitlines()[0])
    parser.add_argument("--url", default=development_url(), help="ページが使うJSON-RPC / JSON-RPC")
    parser.add_argument(
        "--book", type=Path, help="契約一覧(省略時はチェーンから) / contract book; from the chain if left out"
    )
    parser.add_argument("--records", type=Path, default=FOLDER, help="配置記録 / deployment records")
    parser.add_argument("--out", type=Path, default=OUT, help="出力フォルダ / folder (build/web-site)")
    parser.add_argument("--dataset", type=Path, help="公開台帳に置く監査のデータセット / auditor's dataset")
    parser.add_argument("--serve", type=int, metavar="PORT", help="127.0.0.1で配信 / serve on 127.0.0.1")
    chosen = parser.parse_args(arguments)
    try:
        book = ContractBook.read(chosen.book) if chosen.book else _book_of(chosen.url, chosen.records)
        publish(book, chosen.url, chosen.out, dataset=chosen.dataset)
    except (ArtifactError, BookError, ChainError, RecordError, SiteError, *CONNECTION_ERRORS) as error:
        print(f"{chosen.url}: {error}", file=sys.stderr)
        return 2
    print(chosen.out)
    if chosen.serve is not None:
        with server(chosen.out, chosen.serve) as serving, contextlib.suppress(KeyboardInterrupt):
            for ending in (signal.SIGINT, signal.SIGTERM):  # also where it runs in the background
                signal.signal(ending, signal.default_int_handler)
            if chosen.serve not in (0, serving.server_port):
                print(_OTHER_PORT.format(chosen.serve))
            print(f"http://127.0.0.1:{serving.server_port}/  (Ctrl-C: 終了 / stop)", flush=True)
            serving.serve_forever()
    return 0


def _book_of(url: str, folder: Path) -> ContractBook:
    records = DeploymentRecords(Rpc(url), folder)
    return export_book(url, records.address_of(PLATFORM, "PointPlatform"), records[PLATFORM].block)


if __name__ == "__main__":
    sys.exit(main())
