"""One town, its pages, and one browser for all tests of the pages."""

import pytest

from scripts.lib.chain import LocalChain
from tests.support.counter_town import OPENING, WAIT, open_town
from tests.web.support.browsing import MISSING, Person, chromium, served


@pytest.fixture(scope="session")
def browser():
    if chromium() is None:
        pytest.exit(MISSING, returncode=3)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=chromium(),
            args=["--no-sandbox", "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"],
        )
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def web_town():
    with LocalChain.anvil(genesis_time=OPENING - 4 * WAIT) as chain:
        yield open_town(chain)


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
def person(browser, site):
    """Give somebody a browser, by `person()`; all are closed after the test."""
    opened = []

    def open_browser(**chosen):
        opened.append(Person(browser, site, OPENING, **chosen))
        return opened[-1]

    yield open_browser
    for each in opened:
        each.close()
