"""The public ledger of a series that was closed for its successor: both, in order, and the sum of both."""

import pytest

from scripts.lib.japan_calendar import month_from_text, start_of
from tests.support.command_town import CODE, SYMBOL, undone
from tests.web.support.browsing import DESKTOP, PHONE, Person, served
from tests.web.support.ledger import Month, fetched, months_by_replay, play_year
from tests.web.support.looking import look
from tests.web.support.office import book_of
from tests.web.support.succession import NEW, carry_over

LAST = month_from_text("2026-06")


@pytest.fixture(scope="module")
def carried(office_town, tmp_path_factory):
    """The town after its year and a migration in June; its dataset; its pages' address."""
    folder = tmp_path_factory.mktemp("succession")
    with undone(office_town, folder) as town:
        play_year(town)
        carry_over(town)
        for number in range(90, 102):  # to whom 50 points each were restored
            town.pay(number, town.shop(2), 40, town.address(f"{CODE}-{NEW}"))
        town.chain.mine_at(start_of(LAST + 1) + 36_000)
        dataset = fetched(town, folder / "dataset")
        with served(book_of(town), town.chain.url, folder / "pages", dataset) as address:
            yield town, dataset, address


@pytest.fixture
def page(browser, carried):
    town, _, address = carried
    person = Person(browser, address, town.chain.now(), viewport=DESKTOP)
    person.page.set_default_timeout(20_000)
    person.open("ledger.html")
    person.page.locator(".succession").wait_for()
    yield person.page
    assert person.complaints == []
    person.close()


@pytest.fixture
def months(carried):
    """By Python's replay, the months of the series that was closed, and of its successor."""
    town, dataset, _ = carried
    found = months_by_replay(town.connection.rpc, dataset)
    return [found[town.address(f"{CODE}-{symbol}")] for symbol in (SYMBOL, NEW)]


def test_python_has_what_went_over_on_both_sides(months):
    before, after = ({month: its for month, its in each.items() if any(its[5:])} for each in months)
    assert before.keys() == after.keys() and len(before) == 1
    [[left], [arrived]] = before.values(), after.values()
    assert 0 < left.carriedOut == arrived.carriedIn and left.carriedIn == arrived.carriedOut == 0


def test_both_series_are_linked_in_order_with_what_residents_hold_in_each_and_in_all(page, months):
    links = page.locator(".succession ol a")
    assert links.evaluate_all("all => all.map(each => each.getAttribute('href'))") == [
        f"#series-{SYMBOL}",
        f"#series-{NEW}",
    ]
    assert links.all_inner_texts() == [f"川崎げんきポイント ({symbol})" for symbol in (SYMBOL, NEW)]
    for symbol in (SYMBOL, NEW):
        assert page.locator(f"#series-{symbol} table").count() == 1
    held = [each[LAST].outstanding for each in months]
    assert held[0] == 0 < held[1]
    amounts = page.locator(".succession .amount").all_inner_texts()
    assert amounts == [f"{points:,}ポイント" for points in (*held, sum(held))]
    assert "2026年6月の終わり" in page.locator(".succession").inner_text()
    look(page, "ledger-succession")
    page.set_viewport_size(PHONE)
    look(page, "ledger-succession-phone")


def test_every_published_month_of_both_is_what_python_says_with_what_was_carried(page, months):
    for symbol, expected in zip((SYMBOL, NEW), months, strict=True):
        titles = page.locator(f"#series-{symbol} thead th").all_inner_texts()
        rows = page.locator(f"#series-{symbol} tbody tr").evaluate_all(
            "rows => rows.map(row => [...row.children].map(each => each.textContent))"
        )
        sums = dict.fromkeys(titles[1:], 0)
        for row in rows:
            for title, cell in zip(titles[1:], row[1:], strict=True):
                sums[title] += int(cell.replace(",", ""))
        whole = Month(*(sum(column) for column in zip(*expected.values(), strict=True)))
        carried = {"引継受入": whole.carriedIn, "引継払出": whole.carriedOut}
        told = {"付与": whole.granted, "交換": whole.exchanged, "利用": whole.used, "失効": whole.lapsed} | {
            title: points for title, points in carried.items() if points
        }
        assert {title: points for title, points in sums.items() if "残高" not in title} == told
        assert "引継" in "".join(titles)


def test_both_series_agree_with_the_dataset_and_with_their_contracts(page):
    page.get_by_text("別々に計算し、すべての数字が一致しました").nth(1).wait_for()
    assert page.get_by_text("別々に計算し、すべての数字が一致しました").count() == 2
    assert "一致しません" not in page.inner_text("body")


def test_successor_that_is_chosen_shows_the_series_before_it_first(page):
    page.locator("select[name=series]").select_option(index=1)
    page.locator(".succession").wait_for()
    assert page.locator("section[id^=series-]").evaluate_all("all => all.map(each => each.id)") == [
        f"series-{SYMBOL}",
        f"series-{NEW}",
    ]


def test_figure_of_the_successor_leads_to_its_own_transactions(page):
    page.locator(f"#series-{NEW}").get_by_role("button", name="引継受入").first.click()
    page.locator("#behind tbody tr").first.wait_for()
    assert "前の種別から、期限をそのままに引き継いだ" in page.locator("#behind").inner_text()
    page.locator(f"#series-{SYMBOL}").get_by_role("button", name="利用").first.click()
    page.locator("#behind h2", has_text="利用").wait_for()
    assert page.locator("#behind").count() == 1
