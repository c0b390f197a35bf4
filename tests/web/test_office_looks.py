"""Every screen of office and ledger, on a phone and on a desktop: axe finds nothing, nothing is cut off."""

import pytest

from scripts.lib.roles import Role
from tests.web.support.browsing import DESKTOP, PHONE
from tests.web.support.looking import PICTURES, look
from tests.web.support.office import RESIDENTS, list_file
from tests.web.test_office import open_list

SIZES = {"phone": PHONE, "desktop": DESKTOP}
MISTAKES = ("1,500", "2,x", "３,-5", "4,", "5,500,余り", "1,500", "1234-5678-9018,5", "6,0")


def shown(page, name, size, begin=None):
    if begin is not None:
        page.locator(begin).first.evaluate("part => part.scrollIntoView()")
    look(page, f"{name}-{size}")


@pytest.mark.parametrize("size", SIZES)
def test_office_can_be_used_by_everybody(offices, officer, size):
    first = officer(Role.PROGRAMME_OFFICER, viewport=SIZES[size])
    page = first.page
    page.get_by_role("button", name="終わる").click()
    shown(page, "office-welcome", size)
    page.get_by_label("あなたの鍵ファイル").set_input_files(str(first.keystore))
    page.get_by_label("名簿(CSV)または計画ファイル(JSON)").wait_for()
    shown(page, "office-file", size)
    open_list(first, offices.file("grants.csv", "利用者番号,ポイント", *MISTAKES))
    page.locator(".faults").wait_for()
    shown(page, "office-faults", size, ".faults")
    file = list_file(offices, "grants.csv", range(1, RESIDENTS + 1))
    open_list(first, file)
    page.get_by_role("button", name="この名簿を提案する").wait_for()
    shown(page, "office-plan", size, ".plan-grid")
    page.get_by_text("の中身").click()
    shown(page, "office-calls", size, ".calls")
    first.send("この名簿を提案する")
    page.get_by_text("もう1人の職員の承認を待っています").wait_for()
    shown(page, "office-waiting", size)
    second = officer(Role.PROGRAMME_APPROVER, viewport=SIZES[size])
    page = second.page
    open_list(second, offices.file("changed.csv", "利用者番号,ポイント", "1,501"))
    page.get_by_text("別の名簿の提案").wait_for()
    shown(page, "office-beside", size, ".plan-grid")
    open_list(second, file)
    second.hash()
    shown(page, "office-approval", size, ".decision")
    second.send("この名簿を承認する")
    page.get_by_role("button", name="付与を実行する").wait_for()
    second.person.context.route(f"{offices.chain.url}/**", half_way(page, size))
    second.send("付与を実行する")
    page.get_by_text("付与が済みました").wait_for()
    shown(page, "office-done", size)
    page.get_by_role("button", name="English").click()
    shown(page, "office-english", size)


def half_way(page, size):
    """Look at the page when the second transaction is about to go."""
    sent = []

    def pass_on(route):
        asked = str(route.request.post_data)
        if "eth_sendRawTransaction" in asked:
            sent.append(asked)
            if len(sent) == 2:
                page.screenshot(path=f"{PICTURES}/office-progress-{size}.png")
        route.continue_()

    return pass_on
