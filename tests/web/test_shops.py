"""What the pages know of shops that came from a series before."""

import json

import pytest
from eth_account import Account
from eth_utils import keccak

from scripts.lib.administration.execution import ExitCode
from scripts.lib.calls import Call
from tests.support.command_town import CODE, MERCHANTS
from tests.web.support.modules import run_module
from tests.web.support.office import book_of
from tests.web.support.succession import NEW, carry_over, deploy_next

LEARN = """
const { Chain } = await import("@/lib/chain");
const shops = {};
await learnShops(new Chain(given), given.series, shops, 0, given.last);
return shops;
"""


@pytest.fixture
def successor(offices):
    """The town after its shops have gone over to the next series."""
    carry_over(offices)
    return offices


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
    deploy_next(town)
    shops = town.file("shops.csv", *MERCHANTS, f"{shop},朝市,川崎区,1")
    assert town.run("merchants", shops, "--series", NEW) is ExitCode.DONE, town.said
    known = {"name": "朝市", "place": "川崎区", "owner": owner, "status": 0, "tills": []}
    assert learned(town, tmp_path)[shop] == known
