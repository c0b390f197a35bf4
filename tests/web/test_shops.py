"""What the pages know of shops that came from a series before."""

import json

import pytest
from eth_account import Account
from eth_utils import keccak

from scripts.lib.administration.execution import ExitCode
from scripts.lib.calls import Call
from tests.support.command_town import CODE, DAYS, SYMBOL, TOWNS
from tests.web.support.modules import run_module
from tests.web.support.office import book_of

NEW = "GENKI2"
LEARN = """
const { Chain } = await import("@/lib/chain");
const shops = {};
await learnShops(new Chain(given), given.series, shops, 0, given.last);
return shops;
"""


@pytest.fixture
def successor(offices):
    """The town after its shops have gone over to the next series."""
    town = offices
    header, row = TOWNS
    rows = [f"{header},前の種別", f"{row},", f"{CODE},{NEW},川崎げんきポイント,か月後,1,{SYMBOL}"]
    assert town.run("deploy", town.file("next.csv", *rows), actor="council") is ExitCode.DONE, town.said
    assert town.run("migrate", "announce", "--series", SYMBOL, "--successor", NEW) is ExitCode.DONE, town.said
    town.pass_time(30 * DAYS)
    for step in ("close", "run"):
        assert town.run("migrate", step, "--series", SYMBOL) is ExitCode.DONE, town.said
    return town


def test_shop_that_was_carried_has_its_name_and_the_till_that_its_owner_appointed_anew(successor, tmp_path):
    town = successor
    new, shop, till = town.address(f"{CODE}-{NEW}"), town.shop(1), town.shop(9)
    town.connection.keyring.add(Account.from_key(keccak(text="shop 1")).key)
    town.connection.deployer.send([Call("MunicipalPoint", new, "setTill", (shop, till, True), shop)])
    book_of(town).write(tmp_path / "contracts.json")
    book = json.loads((tmp_path / "contracts.json").read_text("utf-8"))
    given = {"rpc": town.chain.url, "book": book, "series": new, "last": town.chain.height()}
    shops = run_module(tmp_path, "payment/shops", "learnShops", LEARN, given)
    known = {"name": "朝市", "place": "川崎区", "owner": shop, "status": 0, "tills": [till]}
    assert shops[shop] == known
