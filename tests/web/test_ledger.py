"""The public ledger: computed in the browser from logs and from the auditor's dataset, as in Python."""

import shutil

import pytest

from scripts.lib.audit.verify import verify
from scripts.lib.japan_calendar import month_from_text
from tests.support.command_town import undone
from tests.web.support.browsing import DESKTOP, PHONE, Person, served
from tests.web.support.ledger import Month, fetched, months_by_replay, play_year
from tests.web.support.looking import look
from tests.web.support.office import book_of


@pytest.fixture(scope="module")
def year(office_town, tmp_path_factory):
    """The town after its year, and its dataset; undone after this module."""
    folder = tmp_path_factory.mktemp("ledger")
    with undone(office_town, folder) as town:
        play_year(town)
        yield town, fetched(town, folder / "dataset")


@pytest.fixture(scope="module")
def ledger_site(year, tmp_path_factory):
    town, dataset = year
    with served(book_of(town), town.chain.url, tmp_path_factory.mktemp("site") / "pages", dataset) as address:
        yield address


@pytest.fixture
def citizen(browser, ledger_site, year):
    opened = []

    def look(site=ledger_site, **chosen):
        opened.append(Person(browser, site, year[0].chain.now(), **chosen))
        opened[-1].page.set_default_timeout(10_000)
        opened[-1].open("ledger.html")
        return opened[-1]

    yield look
    for each in opened:
        each.close()


def rows_of(page):
    page.locator("table").first.wait_for()
    rows = (
        page.locator("table")
        .first.locator("tbody tr")
        .evaluate_all("rows => rows.map(row => [...row.children].map(each => each.textContent))")
    )
    return {row[0]: Month(*(int(cell.replace(",", "")) for cell in row[1:])) for row in rows}


def together(months, first, last):
    of = [months[month] for month in range(month_from_text(first), month_from_text(last) + 1)]
    return Month(*(sum(column) for column in list(zip(*of, strict=True))[:4]), of[-1].outstanding)


def test_ledger_says_what_python_says_with_small_months_put_together(year, citizen):
    town, dataset = year
    months = months_by_replay(town.connection.rpc, dataset)[town.token]
    page = citizen().page
    page.get_by_text("別々に計算し、すべての数字が一致しました").wait_for()
    assert rows_of(page) == {
        "2025年4月": together(months, "2025-04", "2025-04"),
        "2025年5月": together(months, "2025-05", "2025-05"),
        "2025年6月〜2025年7月": together(months, "2025-06", "2025-07"),
        **{
            f"{month[:4]}年{int(month[5:])}月": together(months, month, month)
            for month in [
                *(f"2025-{number:02}" for number in range(8, 13)),
                "2026-01",
                "2026-02",
                "2026-03",
                "2026-04",
            ]
        },
    }
    april, june = months[month_from_text("2025-04")], months[month_from_text("2025-06")]
    july, march = months[month_from_text("2025-07")], months[month_from_text("2026-03")]
    assert april.granted > 150_000 and april.exchanged == 12_000 and april.used == 1_620
    assert june.used == 150 and march.lapsed > 140_000
    assert july.lapsed == 1_200 and months[month_from_text("2026-04")].lapsed == 12_000 - 600
    assert march.outstanding > 12_000


def test_ledger_tells_digest_and_block_that_the_auditor_tells(year, citizen):
    town, dataset = year
    verdict = verify(town.connection.rpc, dataset)
    assert verdict.violations == []
    said = citizen().page.locator(".proof")
    said.locator(".digest").wait_for()
    assert said.locator(".digest").inner_text() == verdict.digest
    assert f"ブロック{verdict.last:,}" in said.inner_text()


def test_figure_leads_to_the_transactions_behind_it(year, citizen):
    town, _ = year
    person = citizen(viewport=DESKTOP)
    page = person.page
    page.get_by_role("button", name="2025年4月 利用 1,620ポイント").click()
    rows = page.locator("#behind tbody tr")
    rows.first.wait_for()
    assert rows.count() == 15
    hashes = page.locator("#behind .hash-cell").all_inner_texts()
    receipts = [town.connection.rpc.call("eth_getTransactionReceipt", each) for each in hashes]
    logs = [log for receipt in receipts for log in receipt["logs"] if len(log["topics"]) == 3]
    assert sum(int(log["data"], 16) for log in logs) == 1_620
    assert person.complaints == []


def test_dataset_with_another_byte_is_refused_by_name(year, browser, tmp_path, citizen):
    town, dataset = year
    damaged = tmp_path / "damaged"
    shutil.copytree(dataset, damaged)
    [file, *_] = sorted((damaged / "MunicipalPoint.Transfer").iterdir())
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    with served(book_of(town), town.chain.url, tmp_path / "pages", damaged) as site:
        page = citizen(site).page
        page.get_by_text(f"MunicipalPoint.Transfer/{file.name} が、記録されたものと違います").wait_for()


def test_ledger_without_a_dataset_says_so_and_has_the_same_figures(year, citizen, office_site):
    with_dataset = citizen().page
    with_dataset.get_by_text("別々に計算し").wait_for()
    alone = citizen(office_site).page
    alone.get_by_text("チェーンの記録だけから計算しました").wait_for()
    assert rows_of(alone) == rows_of(with_dataset)


@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_ledger_can_be_used_by_everybody(citizen, size):
    page = citizen(viewport=PHONE if size == "phone" else DESKTOP).page
    page.get_by_text("別々に計算し").wait_for()
    look(page, f"ledger-{size}")
    page.locator(".charts").evaluate("part => part.parentElement.scrollIntoView()")
    look(page, f"ledger-charts-{size}")
    page.locator(".scrolled").first.evaluate("part => part.scrollIntoView()")
    look(page, f"ledger-table-{size}")
    page.locator("table").first.scroll_into_view_if_needed()
    page.get_by_role("button", name="2025年4月 交換").click()
    page.locator("#behind .day", has_text="2025年4月").first.wait_for()
    look(page, f"ledger-figure-{size}")
    page.get_by_role("button", name="English").click()
    look(page, f"ledger-english-{size}")
