"""What the first opening of a page costs, and that it opens without a line afterwards."""

import pytest
import requests

LARGEST_FIRST_LOAD_BYTES = 250_000
PAGES = ("index.html", "counter.html", "purse.html", "office.html", "ledger.html")


@pytest.mark.parametrize("name", PAGES)
def test_first_load_of_a_page_is_small(town, site, person, name):
    """Every file that the page asks for, as the server packs it, the contract book included."""
    visitor = person()
    visitor.context.route("**/sw.js", lambda route: route.abort())  # it comes after the page
    page = visitor.open(name)
    page.get_by_role("heading", level=1).wait_for()
    page.wait_for_load_state("networkidle")
    files = {
        address for address, _ in visitor.requests if address.startswith(site) and "sw.js" not in address
    }
    packed = {}
    for address in files:
        with requests.get(address, stream=True, timeout=5) as answer:
            packed[address.removeprefix(site)] = len(answer.raw.read(decode_content=False))
    total = sum(packed.values())
    print(f"\n{name}: {total:,} bytes", sorted(packed.items(), key=lambda each: -each[1])[:4])
    assert any(each.endswith(".js") for each in packed) and total <= LARGEST_FIRST_LOAD_BYTES, packed


@pytest.mark.parametrize("name", PAGES)
def test_page_opens_without_a_line_after_the_first_time(town, person, name):
    visitor = person()
    page = visitor.open(name)
    page.evaluate("navigator.serviceWorker.ready.then(() => undefined)")
    title = page.get_by_role("heading", level=1).text_content()
    visitor.context.set_offline(True)
    page.reload()
    assert page.get_by_role("heading", level=1).text_content() == title
    page.goto(visitor.site)
    page.get_by_role("heading", name="自治体ポイント").wait_for()
    assert page.evaluate("document.querySelector('link[rel=manifest]').href").endswith(".webmanifest")
