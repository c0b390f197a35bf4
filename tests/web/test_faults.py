"""What a till at a page does when something breaks: answers lost on the way, two windows, a suspension."""

from scripts.lib.merchant.claims import claim_of
from tests.support.counter_town import key
from tests.web.conftest import SHOP
from tests.web.support.people import PASSPHRASE


def test_answer_of_the_node_lost_after_sending_pays_once(town, web_town, shopkeeper, resident):
    """The node has the transaction, the page never hears of it, and is opened again."""
    cut = []

    def relay(route):
        body = route.request.post_data or ""
        if "eth_sendRawTransaction" in body and not cut:
            route.fetch()
            cut.append(body)
        if cut:
            route.abort()
        else:
            route.continue_()

    shopkeeper.context.route(f"{web_town.chain.url}/**", relay)
    shopkeeper.read(resident.pay(shopkeeper.ask(1_200), 1_200))
    shopkeeper.page.get_by_text("通信なし").wait_for()
    assert cut
    shopkeeper.context.unroute(f"{web_town.chain.url}/**")
    shopkeeper.page.reload()
    shopkeeper.page.get_by_label("パスフレーズ").fill(PASSPHRASE)
    shopkeeper.tap("開ける")
    shopkeeper.tap("一覧")
    shopkeeper.wait_for("✓ 支払済")
    assert claim_of(town.book, town.web3, town.settings(key(SHOP))).total_points == 1_200
    assert town.balance(resident.key.address) == 3_800


def test_second_window_is_refused_the_till(shopkeeper):
    second = shopkeeper.context.new_page()
    second.goto(f"{shopkeeper.site}/counter.html")
    second.get_by_text("レジは別の画面で開いています").wait_for()


def test_suspended_shop_takes_no_payment_and_says_why(town, shopkeeper, resident):
    picture = shopkeeper.ask(300)
    answer = resident.pay(picture, 300)
    town.act(town.point.functions.suspendMerchant(key(SHOP).address))
    shopkeeper.read(answer)
    shopkeeper.wait_for("この加盟店は現在お支払いを受けられません")
    resident.learn()
    resident.consider(picture)
    resident.wait_for("現在お支払いを受けられません")
