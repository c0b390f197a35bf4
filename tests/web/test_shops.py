"""What the pages know of shops that came from a series before."""

import json

import pytest
from eth_account import Account
from eth_utils import keccak

from scripts.lib.administration.execution import ExitCode
from scripts.lib.calls import Call
from tests.support.command_town import CODE, DAYS, MERCHANTS, SYMBOL, TOWNS
from tests.web.support.modules import run_module
from tests.web.support.office import book_of

NEW = "GENKI2"
LEARN = """
const { Chain } = await import("@/lib/chain");
const shops = {};
await learnShops(new Chain(given), given.series, shops, 0, given.last);
return shops;
"""


def deployed(town):
    """Deploy the next series."""
    header, row = TOWNS
    rows = [f"{header},前の種別", f"{row},", f"{CODE},{NEW},川崎げんきポイント,か月後,1,{SYMBOL}"]
    assert town.run("deploy", town.file("next.csv", *rows), actor="council") is ExitCode.DONE, town.said


@pytest.fixture
def successor(offices):
    """The town after its shops have gone over to the next series."""
    town = offices
    deployed(town)
    assert town.run("migrate", "announce", "--series", SYMBOL, "--successor", NEW) is ExitCode.DONE, town.said
    town.pass_time(30 * DAYS)
    for step in ("close", "run"):
        assert town.run("migrate", step, "--series", SYMBOL) is ExitCode.DONE, town.said
    return town


def learned(town, folder):
    """What the pages learn of the successor's shops."""
    book_of(town).write(folder / "contracts.json")
    book = json.loads((folder / "contracts.json").read_text("utf-8"))
    new = town.address(f"{CODE}-{NEW}")
    given = {"rpc": town.chain.url, "book": book, "series": new, "last": town.chain.height()}
    return run_module(folder, "payment/shops", "learnShops", LEARN, given)


def test_shop_that_was_carried_has_its_name_and_the_till_that_its_owner_appointed_anew(successor, tmp_path):
    town = successor
    new, shop, till = town.address(f"{CODE}-{NEW}"), town.shop(1), town.shop(9)
    town.connection.keyring.add(Account.from_key(keccak(text="shop 1")).key)
    town.connection.deployer.send([Call("MunicipalPoint", new, "setTill", (shop, till, True), shop)])
    known = {"name": "朝市", "place": "川崎区", "owner": shop, "status": 0, "tills": [till]}
    assert learned(town, tmp_path)[shop] == known


def test_shop_that_was_approved_anew_is_whose_it_was_with_the_series_before(offices, tmp_path):
    """A key that was lost or sold with the shop opens no sale on the successor."""
    town, shop, owner = offices, offices.shop(1), offices.shop(9)
    sold = town.file("sold.csv", "口座,異動,新しい管理鍵", f"{shop},鍵の交換,{owner}")
    assert town.run("merchants", sold) is ExitCode.DONE, town.said
    deployed(town)
    shops = town.file("shops.csv", *MERCHANTS, f"{shop},朝市,川崎区,1")
    assert town.run("merchants", shops, "--series", NEW) is ExitCode.DONE, town.said
    known = {"name": "朝市", "place": "川崎区", "owner": owner, "status": 0, "tills": []}
    assert learned(town, tmp_path)[shop] == known
