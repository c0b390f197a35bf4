"""Codes and keystores pass between pages and Python tools, both ways; the exchange takes what pages sign."""

import json
import time

from eth_account import Account
from eth_utils import keccak

from scripts.lib.exchange.coupons import coupon_key, new_code
from scripts.lib.merchant.shop_keys import open_key
from scripts.lib.payment.uri import PaymentAnswer, PaymentRequest
from scripts.lib.registration_uri import RegistrationAnswer
from scripts.lib.resident.purse_keys import PurseKeys
from tests.scripts.counter.conftest import airline
from tests.support.counter_town import CITY, OPENING, key
from tests.web.conftest import SHOP
from tests.web.support.desk import registration_request
from tests.web.support.people import FEW, PASSPHRASE, Resident, Shopkeeper

__all__ = ["airline"]


def test_key_of_the_page_opens_for_the_python_tools_and_comes_back(town, person, tmp_path):
    shopkeeper = person(Shopkeeper)
    shopkeeper.open("counter.html")
    shopkeeper.tap("新しい鍵を作る")
    shopkeeper.page.get_by_label("パスフレーズ").first.fill(PASSPHRASE)
    shopkeeper.page.get_by_label("もう一度入力").fill(PASSPHRASE)
    shopkeeper.tap("鍵を作る")
    shopkeeper.wait_for("お店を確かめる")
    till = shopkeeper.page.locator(".code").text_content()
    shopkeeper.tap("登録されたか確かめる")
    shopkeeper.wait_for("まだ登録されていません")
    town.send(town.point.functions.setTill(key(SHOP).address, till, True), key(SHOP).address)
    shopkeeper.tap("登録されたか確かめる")
    shopkeeper.page.locator("button.main", has_text=SHOP).click()
    shopkeeper.wait_for("いただくポイント")
    shopkeeper.tap("設定")
    (tmp_path / "key.json").write_bytes(shopkeeper.saved("鍵ファイルを保存"))
    assert open_key(tmp_path / "key.json", PASSPHRASE).address == till
    other = person(Shopkeeper)
    other.open("counter.html")
    other.tap("鍵ファイルを持っている")
    other.page.get_by_label("鍵ファイル(JSON)").set_input_files(tmp_path / "key.json")
    other.page.get_by_label("鍵ファイルのパスフレーズ").fill("another one")
    other.tap("この鍵を使う")
    other.wait_for("パスフレーズが違います")
    other.page.get_by_label("鍵ファイルのパスフレーズ").fill(PASSPHRASE)
    other.tap("この鍵を使う")
    other.wait_for("お店を確かめる")
    assert other.page.locator(".code").text_content() == till
    content = Account.encrypt(key("old").key, PASSPHRASE, kdf="pbkdf2", iterations=10)
    (tmp_path / "old.json").write_text(json.dumps(content))  # as Brownie's older files
    third = person(Shopkeeper)
    third.open("counter.html")
    third.tap("鍵ファイルを持っている")
    third.page.get_by_label("鍵ファイル(JSON)").set_input_files(tmp_path / "old.json")
    third.page.get_by_label("鍵ファイルのパスフレーズ").fill(PASSPHRASE)
    third.tap("この鍵を使う")
    third.wait_for("お店を確かめる")
    assert third.page.locator(".code").text_content() == key("old").address


def test_keystore_of_eth_account_opens_in_the_page_whatever_its_first_bytes(
    town, person, tmp_path, monkeypatch
):
    """It leaves leading zeros of the initialisation vector away: one file in 256."""
    monkeypatch.setattr("eth_keyfile.keyfile.Random.get_random_bytes", lambda count: bytes(range(count)))
    content = Account.encrypt(key("old").key, PASSPHRASE, kdf="scrypt", iterations=FEW)
    assert len(content["crypto"]["cipherparams"]["iv"]) == 30
    (tmp_path / "old.json").write_text(json.dumps(content))
    shopkeeper = person(Shopkeeper)
    shopkeeper.open("counter.html")
    shopkeeper.tap("鍵ファイルを持っている")
    shopkeeper.page.get_by_label("鍵ファイルのパスフレーズ").fill(PASSPHRASE)
    shopkeeper.tap("この鍵を使う")
    shopkeeper.wait_for("先にファイルを選んでください")
    shopkeeper.page.get_by_label("鍵ファイル(JSON)").set_input_files(tmp_path / "old.json")
    shopkeeper.page.get_by_label("鍵ファイルのパスフレーズ").fill(PASSPHRASE)
    shopkeeper.tap("この鍵を使う")
    shopkeeper.wait_for("お店を確かめる")
    assert shopkeeper.page.locator(".code").text_content() == key("old").address


def test_purse_of_the_page_opens_for_the_python_tools_and_comes_back(town, person, tmp_path):
    resident = person(Resident)
    words = resident.start()
    resident.tap("設定")
    account = resident.page.locator(".code").text_content()
    (tmp_path / "purse.json").write_bytes(resident.saved("財布のファイルを保存"))
    opened = PurseKeys.open(tmp_path / "purse.json", PASSPHRASE)
    restored = PurseKeys.restore(tmp_path / "words.json", words, PASSPHRASE, FEW)
    assert opened.account(CITY).address == restored.account(CITY).address == account
    keys, words = PurseKeys.create(tmp_path / "python.json", PASSPHRASE, FEW)
    for way in ("file", "words"):
        other = person(Resident)
        other.open("purse.html")
        if way == "file":
            other.tap("財布のファイルを使う")
            other.page.get_by_label("財布のファイル(JSON)").set_input_files(tmp_path / "python.json")
            other.page.get_by_label("ファイルのパスフレーズ").fill(PASSPHRASE)
            other.tap("この財布を使う")
        else:
            other.tap("24語のメモから復元する")
            other.page.get_by_label("紙に書いた24語").fill(f" {words.upper()} ")
            other.page.get_by_label("新しいパスフレーズ").fill(PASSPHRASE)
            other.page.get_by_label("もう一度入力").fill(PASSPHRASE)
            other.tap("復元する")
        other.tap("設定")
        assert other.page.locator(".code").text_content() == keys.account(CITY).address, way


def test_python_purse_answers_the_page_and_python_till_takes_the_page(
    town, clock, shopkeeper, resident, tmp_path
):
    hanako = key("Hanako")
    town.grant(hanako.address, 900)
    shopkeeper.ask(500)
    request = PaymentRequest.read(shopkeeper.shown_text())
    assert request.text == shopkeeper.shown_text()
    purse = town.purse(tmp_path, hanako, clock)
    answer = purse.sign(purse.consider(request.text), hanako)
    shopkeeper.tap("お客様のQRコードを読む")
    shopkeeper.page.get_by_text("文字列で受け取る").click()
    shopkeeper.page.get_by_label("コードの文字列").fill(answer.text)
    shopkeeper.tap("この文字列を使う")
    shopkeeper.wait_for("お支払いが済みました")
    assert town.balance(hanako.address) == 400

    counter = town.counter(tmp_path, clock, shop=key(SHOP), till=3)
    asked = counter.open_sale(1_000)
    resident.tap("お店のQRコードを読んで支払う")
    resident.page.get_by_text("文字列で受け取る").click()
    resident.page.get_by_label("コードの文字列").fill(asked.text)
    resident.tap("この文字列を使う")
    resident.wait_for(SHOP)
    resident.approve(1_000)
    shown = resident.shown_text()
    assert PaymentAnswer.read(shown).text == shown
    assert counter.accept(shown).points == 1_000
    counter.sender.submit()
    assert town.balance(resident.key.address) == 4_000


def test_page_sends_held_points_and_redeems_a_coupon(town, resident, airline):
    number = town.join(resident.key)
    exchange = town.book.service(town.web3, "PartnerExchange").functions
    town.send(exchange.exchange(CITY, number, 1_500, keccak(text="SORA-1")), airline.address)
    code = new_code()
    town.send(
        exchange.issueCoupons(CITY, OPENING + 86_400, [(coupon_key(code).address, 300)]), airline.address
    )
    resident.learn()
    resident.tap("受け取る", exact=True)
    resident.wait_for("そら航空")
    resident.tap("川崎市に送る")
    resident.page.get_by_label("パスフレーズ").fill(PASSPHRASE)
    resident.tap("川崎市に送る")
    resident.wait_for("ありません。")
    assert town.balance(resident.key.address) == 6_500
    resident.page.get_by_label("クーポンのコード").fill(code.lower().replace("-", " "))
    resident.tap("コードを確かめる")
    resident.page.get_by_label("パスフレーズ").fill(PASSPHRASE)
    resident.page.locator("form button.main", has_text="受け取る").click()
    resident.wait_for("300ポイントを受け取りました")
    assert town.balance(resident.key.address) == 6_800
    resident.page.get_by_label("クーポンのコード").fill(code)
    resident.tap("コードを確かめる")
    resident.page.get_by_label("パスフレーズ").fill(PASSPHRASE)
    resident.page.locator("form button.main", has_text="受け取る").click()
    resident.wait_for("使用済み")


def test_purse_refuses_what_is_not_from_a_till_of_an_approved_shop(town, clock, resident, tmp_path):
    thief = key("thief")
    counter = town.counter(tmp_path, clock, shop=key(SHOP), till=4)
    counter._key = thief
    resident.tap("お店のQRコードを読んで支払う")
    resident.page.get_by_text("文字列で受け取る").click()
    for text, reason in (
        (counter.open_sale(100).text, "レジのコードではありません"),
        (town.counter(tmp_path, clock, shop=thief).open_sale(100).text, "承認した加盟店ではありません"),
        (f"https://example.com/{time.time()}", "自治体ポイントのコードではありません"),
    ):
        resident.page.get_by_label("コードの文字列").fill(text)
        resident.tap("この文字列を使う")
        resident.wait_for(reason)


def type_code(resident, text):
    resident.tap("自治体の窓口のコードで登録する")
    resident.page.get_by_text("文字列で受け取る").click()
    resident.page.get_by_label("コードの文字列").fill(text)
    resident.tap("この文字列を使う")


def test_registration_signed_in_the_page_is_what_the_desk_takes(town, person, tmp_path):
    resident = person(Resident)
    words = resident.start()
    type_code(resident, registration_request(town).text)
    resident.wait_for("川崎市の利用者登録")
    resident.sign_registration()
    shown = resident.shown_text()
    answer = RegistrationAnswer.read(shown)
    assert (answer.text, answer.request, answer.is_signed) == (shown, registration_request(town), True)
    keys = PurseKeys.restore(tmp_path / "purse.json", words, PASSPHRASE, FEW)
    assert answer.account == keys.account(CITY).address


def test_registration_for_another_council_or_a_damaged_code_is_refused_in_the_page(town, person):
    resident = person(Resident)
    resident.start()
    type_code(resident, registration_request(town, town.book.platform).text)
    resident.wait_for("この財布の運用協議会・チェーンのコードではありません")
    resident.tap("やめる")
    type_code(resident, registration_request(town).text[:-1])
    resident.wait_for("コードの一部が壊れています")
