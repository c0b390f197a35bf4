"""Every screen of counter and purse, on a phone and on a desktop: axe finds nothing, nothing is cut off."""

import pytest

from scripts.lib.japan_calendar import month_from_text
from tests.support.counter_town import key
from tests.web.conftest import SHOP
from tests.web.support.browsing import DESKTOP, PHONE
from tests.web.support.desk import picture_of, registration_request
from tests.web.support.looking import look
from tests.web.support.people import Resident, Shopkeeper

SIZES = {"phone": PHONE, "desktop": DESKTOP}


def sell(shopkeeper, resident, points):
    shopkeeper.read(resident.pay(shopkeeper.ask(points), points))
    shopkeeper.wait_for("お支払いが済みました")


@pytest.mark.parametrize("size", SIZES)
def test_home_can_be_used_by_everybody(town, person, size):
    town.grant(key("holder").address, 1_234_500)
    page = person(viewport=SIZES[size]).open("index.html")
    page.get_by_text("1,234,500ポイント").wait_for()
    look(page, f"home-{size}")


@pytest.mark.parametrize("size", SIZES)
def test_counter_can_be_used_by_everybody(town, person, resident, tmp_path, size):
    shopkeeper = person(Shopkeeper, viewport=SIZES[size])
    page = shopkeeper.open("counter.html")
    look(page, f"counter-welcome-{size}")
    shopkeeper.tap("新しい鍵を作る")
    look(page, f"counter-key-{size}")
    shopkeeper.start(key(SHOP), tmp_path)
    for points in (480, 1150, 320):
        sell(shopkeeper, resident, points)
        shopkeeper.tap("次の売上")
    shopkeeper.key_in(1200)
    look(page, f"counter-amount-{size}")
    shopkeeper.tap("お客様にQRコードを見せる")
    picture = shopkeeper.shown_code()
    look(page, f"counter-code-{size}")
    answer = resident.pay(picture, 1200)
    shopkeeper.tap("お客様のQRコードを読む")
    page.locator("video").wait_for()
    look(page, f"counter-scan-{size}")
    shopkeeper.see(answer)
    shopkeeper.wait_for("お支払いが済みました")
    look(page, f"counter-paid-{size}")
    shopkeeper.tap("次の売上")
    shopkeeper.context.set_offline(True)
    shopkeeper.read(resident.pay(shopkeeper.ask(700), 700))
    shopkeeper.wait_for("受け付けました(送信待ち)")
    look(page, f"counter-offline-{size}")
    shopkeeper.tap("一覧")
    look(page, f"counter-list-{size}")
    shopkeeper.context.set_offline(False)
    page.get_by_role("button", name="一覧", exact=True).wait_for()
    shopkeeper.tap("帳簿")
    shopkeeper.wait_for("日計表をCSVで保存")
    shopkeeper.wait_for("精算を請求する")
    look(page, f"counter-books-{size}")
    page.get_by_role("button", name="返品").first.click()
    shopkeeper.wait_for("お客様に返します")
    look(page, f"counter-refund-{size}")
    shopkeeper.tap("設定")
    look(page, f"counter-settings-{size}")
    shopkeeper.tap("English")
    look(page, f"counter-english-{size}")


@pytest.mark.parametrize("size", SIZES)
def test_purse_can_be_used_by_everybody(town, person, shopkeeper, size, tmp_path):
    resident = person(Resident, viewport=SIZES[size])
    page = resident.open("purse.html")
    look(page, f"purse-welcome-{size}")
    resident.tap("新しい財布を作る")
    look(page, f"purse-words-{size}")
    resident.start()
    resident.wait_for("まだ登録されていません")
    look(page, f"purse-new-{size}")
    resident.tap("自治体の窓口のコードで登録する")
    page.locator("video").wait_for()
    look(page, f"purse-register-scan-{size}")
    resident.see(picture_of(registration_request(town).text))
    resident.wait_for("川崎市の利用者登録")
    look(page, f"purse-register-{size}")
    resident.sign_registration()
    look(page, f"purse-registered-{size}")
    resident.tap("閉じる")
    resident.tap("設定")
    account = page.locator(".code").text_content()
    look(page, f"purse-settings-{size}")
    town.grant(account, 300, month_from_text("2026-03"))
    town.grant(account, 4_700, month_from_text("2026-12"))
    resident.tap("ポイント", exact=True)
    resident.learn()
    resident.wait_for("あと2日")
    look(page, f"purse-points-{size}")
    picture = shopkeeper.ask(1200)
    resident.tap("お店のQRコードを読んで支払う")
    page.locator("video").wait_for()
    look(page, f"purse-scan-{size}")
    resident.see(picture)
    resident.wait_for(SHOP)
    look(page, f"purse-offer-{size}")
    answer = resident.approve(1200)
    look(page, f"purse-answer-{size}")
    resident.tap("閉じる")
    resident.tap("履歴")
    resident.wait_for("お店がまだ送信していない支払い")
    resident.wait_for("明細をCSVで保存")
    look(page, f"purse-history-{size}")
    shopkeeper.read(answer)
    shopkeeper.wait_for("お支払いが済みました")
    resident.tap("受け取る")
    look(page, f"purse-receive-{size}")
