"""契約一覧(アドレスとABI)を1つのJSONに書き出す / Writes addresses and ABIs of a chain into one JSON file.

    python -m scripts.contract_book [--url URL] [--out FILE]

Shops' and residents' programs read it, and so can any program: {"series": [{"address": …}], "abis": {…}, …}.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from scripts.lib.artifacts import ArtifactError
from scripts.lib.book_export import export_book
from scripts.lib.deployment import PLATFORM
from scripts.lib.node.local_chain import ChainError
from scripts.lib.node.rpc import CONNECTION_ERRORS, Rpc
from scripts.lib.records import FOLDER, DeploymentRecords, RecordError
from scripts.lib.workspace import BUILD, development_url

BOOKS = BUILD / "chains"


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the book; return 2 if the chain or the records cannot be read."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.contract_book", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--url", default=development_url(), help="ノードのJSON-RPC / JSON-RPC of a node")
    parser.add_argument(
        "--out", type=Path, help="出力ファイル / file to write (build/chains/<chain id>.json)"
    )
    parser.add_argument(
        "--records", type=Path, default=FOLDER, help="配置記録 / folder of the deployment records"
    )
    chosen = parser.parse_args(arguments)
    try:
        records = DeploymentRecords(Rpc(chosen.url), chosen.records)
        platform = records.address_of(PLATFORM, "PointPlatform")
        book = export_book(chosen.url, platform, records[PLATFORM].block)
    except (ArtifactError, ChainError, RecordError, *CONNECTION_ERRORS) as error:
        print(f"{chosen.url}: {error}", file=sys.stderr)
        return 2
    out = chosen.out or BOOKS / f"{book.chain_id}.json"
    book.write(out)
    print(f"{out}: {len(book.series)} series, {len(book.services)} services")
    return 0


if __name__ == "__main__":
    sys.exit(main())
