"""What a till at a page does when something breaks: answers lost on the way, two windows, a suspension."""

from eth_abi import encode

from scripts.lib.compiler import compile_files
from scripts.lib.merchant.claims import claim_of
from scripts.lib.payment.signing import Payment, sign
from scripts.lib.payment.uri import PaymentAnswer, PaymentRequest
from tests.support.counter_town import key
from tests.web.conftest import SHOP
from tests.web.support.people import PASSPHRASE


def contract_account(town, owner):
    """Deploy an account that is a contract and accepts what its owner signs."""
    compiled = compile_files(["tests/harness/ContractAccount.sol"])["ContractAccount"]
    sender = town.keyring.account("minter")
    town.chain.rpc("anvil_impersonateAccount", sender)
    data = compiled.linked({}) + encode(["address"], [owner]).hex()
    creation = {"from": sender, "data": data, "gas": 3_000_000, "gasPrice": 0}
    receipt = town.web3.eth.wait_for_transaction_receipt(town.web3.eth.send_transaction(creation))
    return receipt["contractAddress"]


def give_text(shopkeeper, text):
    """Give the till an answer as text."""
    shopkeeper.tap("お客様のQRコードを読む")
    shopkeeper.page.get_by_text("文字列で受け取る").click()
    shopkeeper.page.get_by_label("コードの文字列").fill(text)
    shopkeeper.tap("この文字列を使う")


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


def test_contract_account_pays_with_a_line_and_is_refused_without(town, shopkeeper):
    """Only the chain knows what such an account accepts."""
    owner = key("owner of a contract")
    wallet = contract_account(town, owner.address)
    town.grant(wallet, 500)

    def answer(signer):
        shopkeeper.ask(200)
        request = PaymentRequest.read(shopkeeper.shown_text())
        payment = Payment(wallet, *request.sale)
        return PaymentAnswer(request.domain, payment, sign(request.domain, payment, signer)).text

    give_text(shopkeeper, answer(owner))
    shopkeeper.wait_for("お支払いが済みました")
    shopkeeper.tap("次の売上")
    give_text(shopkeeper, answer(key("thief")))
    shopkeeper.wait_for("署名が口座")
    shopkeeper.tap("QRコードをもう一度見せる")
    shopkeeper.tap("この売上をやめる")
    text = answer(owner)
    shopkeeper.context.set_offline(True)
    give_text(shopkeeper, text)
    shopkeeper.wait_for("契約口座はオフラインでは確かめられません")
    assert town.balance(wallet) == 300


def test_answer_that_was_closed_too_early_is_shown_again(town, shopkeeper, resident):
    resident.pay(shopkeeper.ask(300), 300)
    resident.tap("履歴")
    resident.tap("QRコードをもう一度見せる")
    shopkeeper.read(resident.shown_code())
    shopkeeper.wait_for("お支払いが済みました")
    resident.tap("ポイント", exact=True)
    resident.learn()
    resident.tap("履歴")
    resident.wait_for("支払:八百屋まるや")
    assert not resident.page.get_by_text("お店がまだ送信していない支払い").is_visible()


def test_payment_that_the_resident_cancels_is_not_paid(town, shopkeeper, resident):
    answer = resident.pay(shopkeeper.ask(300), 300)
    resident.tap("履歴")
    resident.tap("まだ送信されていない支払いを取り消す")
    resident.page.get_by_label("パスフレーズ").fill(PASSPHRASE)
    resident.tap("すべて取り消す")
    resident.page.get_by_text("お店がまだ送信していない支払い").wait_for(state="detached")
    shopkeeper.read(answer)
    shopkeeper.wait_for("署名が利用者のものではないか、取り消されています")
    assert town.balance(resident.key.address) == 5_000
