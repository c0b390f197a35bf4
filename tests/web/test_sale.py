"""A sale from shop to resident and back, by their screens and cameras."""

from scripts.lib.merchant.claims import claim_of
from tests.support.counter_town import key
from tests.web.conftest import SHOP

MOST_TAPS_AT_THE_COUNTER = 4
MOST_TAPS_IN_THE_PURSE = 3


def test_sale_with_a_line_is_confirmed_after_few_taps(town, shopkeeper, resident):
    shopkeeper.key_in(12)
    shopkeeper.page.keyboard.type("005")  # the keyboard is a till's too
    shopkeeper.page.keyboard.press("Backspace")
    before = shopkeeper.taps, resident.taps
    shopkeeper.tap("お客様にQRコードを見せる")
    resident.consider(shopkeeper.shown_code())
    resident.wait_for(SHOP)
    resident.wait_for("3,800ポイント")
    shopkeeper.read(resident.approve(1200))
    shopkeeper.wait_for("お支払いが済みました")
    taken = shopkeeper.taps - before[0], resident.taps - before[1]
    assert taken[0] <= MOST_TAPS_AT_THE_COUNTER and taken[1] <= MOST_TAPS_IN_THE_PURSE, taken
    assert claim_of(town.book, town.web3, town.settings(key(SHOP))).total_points == 1200
    assert town.balance(resident.key.address) == 3800
    assert shopkeeper.complaints == [] and resident.complaints == []


def test_answer_for_another_sale_is_taken_and_is_not_told_as_the_present_one_paid(town, shopkeeper, resident):
    early = shopkeeper.ask(800)
    answer = resident.pay(early, 800)
    shopkeeper.tap("この売上をやめる")
    shopkeeper.ask(90)
    shopkeeper.read(answer)
    shopkeeper.wait_for("別の売上のお支払いです")
    shopkeeper.wait_for("90ポイント)は、まだお支払いがありません。")
    assert shopkeeper.page.get_by_text("お支払いが済みました").count() == 0
    shopkeeper.tap("いまの売上に戻る")
    shopkeeper.read(resident.pay(shopkeeper.shown_code(), 90))
    shopkeeper.wait_for("お支払いが済みました")
    assert claim_of(town.book, town.web3, town.settings(key(SHOP))).total_points == 890


def test_open_sale_is_shown_again_from_the_list(town, shopkeeper, resident):
    answer = resident.pay(shopkeeper.ask(640), 640)
    shopkeeper.tap("一覧")
    shopkeeper.tap("コードを見せる・読む")
    shopkeeper.read(answer)
    shopkeeper.wait_for("お支払いが済みました")
    assert claim_of(town.book, town.web3, town.settings(key(SHOP))).total_points == 640
