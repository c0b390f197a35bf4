"""One town, its pages, and one browser for all tests of the pages."""

import pytest

from scripts.lib.acts import Act
from scripts.lib.japan_calendar import month_from_text
from scripts.lib.node.local_chain import LocalChain
from scripts.lib.node.rpc import Rpc
from scripts.lib.node.sender import Sender
from scripts.lib.proceedings import carry_out
from scripts.lib.reasons import Reason
from scripts.lib.resident.purse_keys import PurseKeys
from scripts.lib.rpc_deployer import RpcDeployer
from tests.support.command_town import GENESIS_TIME, set_up, undone
from tests.support.counter_town import CITY, OPENING, WAIT, key, open_town
from tests.web.support.browsing import MISSING, Person, chromium, served
from tests.web.support.office import Officer, book_of, fill, keystore
from tests.web.support.people import FEW, PASSPHRASE, Resident, Shopkeeper

SHOP = "八百屋まるや"
FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    return report


@pytest.fixture(scope="session")
def browser():
    if chromium() is None:
        pytest.exit(MISSING, returncode=3)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def web_town():
    with LocalChain.anvil(genesis_time=OPENING - 4 * WAIT) as chain:
        town = open_town(chain)
        rpc = Rpc(chain.url)
        deployer = RpcDeployer(rpc, Sender(rpc, town.keyring))
        officer = town.keyring.account("merchant_officer")
        approved = (key(SHOP).address, 7, SHOP, "川崎区")
        act = Act(
            CITY, "MunicipalPoint", town.series, "approveMerchant", approved, Reason.NEW_MERCHANT, officer
        )
        assert carry_out(deployer, town.book.officers, [act]) == []
        yield town


@pytest.fixture(scope="session")
def site(web_town, tmp_path_factory):
    with served(web_town.book, web_town.chain.url, tmp_path_factory.mktemp("site") / "pages") as address:
        yield address


@pytest.fixture
def town(web_town):
    snapshot = web_town.chain.rpc("evm_snapshot")
    yield web_town
    web_town.chain.rpc("evm_revert", snapshot)


@pytest.fixture
def person(browser, site, request):
    """Give somebody a browser, by `person(Kind)`; after a test that failed, all tell what they saw."""
    opened = []

    def open_browser(kind=Person, **chosen):
        opened.append(kind(browser, site, OPENING + 60, **chosen))
        return opened[-1]

    yield open_browser
    for each in opened:
        if request.node.stash.get(FAILED, False):
            print(f"--- {type(each).__name__} at {each.page.url} ---")
            print(each.page.inner_text("body"), each.complaints, sep="\n")
        each.close()


@pytest.fixture
def clock():
    return lambda: OPENING + 60


@pytest.fixture
def shopkeeper(town, person, tmp_path):
    """Somebody whose till has the shop's own key."""
    shopkeeper = person(Shopkeeper)
    shopkeeper.start(key(SHOP), tmp_path)
    return shopkeeper


@pytest.fixture
def resident(town, person, tmp_path):
    """Somebody with a new purse, 300 points that end in two days and 4,700 that end with December."""
    resident = person(Resident)
    words = resident.start()
    keys = PurseKeys.restore(tmp_path / "words.json", words, PASSPHRASE, FEW)
    resident.key = keys.account(CITY)
    town.grant(resident.key.address, 300, month_from_text("2026-03"))
    town.grant(resident.key.address, 4_700, month_from_text("2026-12"))
    resident.learn()
    resident.wait_for("あと2日")
    return resident


@pytest.fixture(scope="session")
def office_town(tmp_path_factory):
    """A town of command-line officers with residents enough for a list of several transactions."""
    with LocalChain.anvil(genesis_time=GENESIS_TIME) as chain:
        town = set_up(chain, tmp_path_factory.mktemp("office town"))
        fill(town)
        yield town


@pytest.fixture(scope="session")
def office_site(office_town, tmp_path_factory):
    folder = tmp_path_factory.mktemp("office site") / "pages"
    with served(book_of(office_town), office_town.chain.url, folder) as address:
        yield address


@pytest.fixture
def offices(office_town, tmp_path):
    """The town, and what a test does undone after it."""
    with undone(office_town, tmp_path) as town:
        yield town


@pytest.fixture
def officer(browser, office_site, offices, tmp_path):
    """Give an officer a browser of their own, by `officer(role)`; all are closed after the test."""
    opened = []

    def sit(role, place=1, **chosen):
        someone = Person(browser, office_site, offices.chain.now(), **chosen)
        opened.append(someone)
        return Officer(someone, keystore(offices, role, tmp_path, place)).sit()

    yield sit
    for each in opened:
        each.close()
