"""お試し用の町 / A town to try things in, on the local chain: one shop, one resident, 5,000 points.

    python -m scripts.sample_town --shop ACCOUNT --resident ACCOUNT

Deploys the platform, approves the shop, gives the resident points, and writes the contract book. A new minter
waits 48 hours: so all of it but the points happens two days ago, by the clock of a local chain that is new.
Refuses every other chain. Officers' commands do the same for real, step by step.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from scripts.contract_book import BOOKS
from scripts.lib.artifacts import ArtifactError
from scripts.lib.book_export import export_book
from scripts.lib.calls import Call
from scripts.lib.chain import ChainError
from scripts.lib.deployment import MerchantPlan, MunicipalityPlan, PlatformPlan, SeriesPlan, deploy
from scripts.lib.expiry_rule import ExpiryRule
from scripts.lib.keyring import KeyringError, LocalKeyring
from scripts.lib.proceedings import execute_pending
from scripts.lib.roles import Role
from scripts.lib.rpc import CONNECTION_ERRORS, Rpc
from scripts.lib.rpc_deployer import RpcDeployer
from scripts.lib.sender import Sender, SendError
from scripts.lib.workspace import development_url

CITY = 141305
POINTS = 5_000
TWO_DAYS = 49 * 60 * 60
"""And an hour, for the deployment."""
SHOP_NAME, SHOP_PLACE = "お試し商店", "川崎区"


def found(url: str, shop: str, resident: str, book: Path | None) -> Path:
    """Set the town up, and return the contract book.

    Raises:
        KeyringError: it is another chain than a local one.
        ChainError: blocks of the last two days are in the way.
    """
    rpc = Rpc(url)
    keyring = LocalKeyring(None, "sample town")
    _require_local(rpc, keyring)
    began = int(time.time()) - TWO_DAYS
    if int(rpc.call("eth_getBlockByNumber", "latest", False)["timestamp"], 16) >= began:
        raise ChainError("take a new chain / 新しいチェーンで始めてください: rm -r .chain; make chain")
    rpc.call("evm_setTime", began)
    rpc.call("evm_mine")
    deployer = RpcDeployer(rpc, Sender(rpc, keyring))
    minter = keyring.account("minter")
    series = SeriesPlan(
        label="sample",
        name="川崎げんきポイント(お試し)",
        symbol="SAMPLE",
        expiry_rule=ExpiryRule.NEXT_FISCAL_YEAR,
        minters={minter: 1_000_000},
        merchants=[MerchantPlan(shop, SHOP_NAME, SHOP_PLACE)],
    )
    officers = [
        (Role.ADMIN, keyring.account("second admin")),
        (Role.MERCHANT_OFFICER, keyring.account("merchant officer")),
    ]
    town = MunicipalityPlan(CITY, "川崎市", keyring.account("admin"), officers, [series])
    council = keyring.account("council")
    deployment = deploy(deployer, PlatformPlan(keyring.account("deployer"), council, [town]))
    if deployment.pending:
        ready = max(pending.ready_at for pending in deployment.pending)
        rpc.call("evm_setTime", max(ready, int(time.time())))
        rpc.call("evm_mine")
        execute_pending(deployer, deployment.officers, deployment.pending)
    token = deployment.series["sample"]
    deployer.send([Call("MunicipalPoint", token, "mint", (resident, POINTS), minter)])
    out = book or BOOKS / f"{keyring.chain_id}.json"
    export_book(url, deployment.platform).write(out)
    return out


def _require_local(rpc: Rpc, keyring: LocalKeyring) -> None:
    found = rpc.identity().chain_id
    if found != keyring.chain_id:
        raise KeyringError(f"chain {found} is no local chain / ローカルのチェーンではありません")


def main(arguments: Sequence[str] | None = None) -> int:
    """Set the town up; return 2 if the chain cannot be used."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.sample_town", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--shop", required=True, help="加盟店の口座 / the shop's account")
    parser.add_argument("--resident", required=True, help="利用者の口座 / the resident's account")
    parser.add_argument("--url", default=development_url(), help="ノードのJSON-RPC / JSON-RPC of a node ")
    parser.add_argument("--book", type=Path, help="契約一覧の出力先 / where to write the contract book")
    chosen = parser.parse_args(arguments)
    try:
        book = found(chosen.url, chosen.shop, chosen.resident, chosen.book)
    except (ArtifactError, ChainError, KeyringError, SendError, *CONNECTION_ERRORS) as error:
        print(f"{chosen.url}: {error}", file=sys.stderr)
        return 2
    print(
        f"{SHOP_NAME}({SHOP_PLACE}), 利用者に{POINTS:,}ポイント / {POINTS:,} points for the resident\n{book}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
