"""What a till does when things go wrong, and points from partners in a purse."""

import pytest
from eth_utils import keccak

from scripts.lib.contract_book import BookError, ChainRefusal, ContractBook
from scripts.lib.durable_log import DurableLog, LogDamagedError
from scripts.lib.exchange.coupons import coupon_key, new_code
from scripts.lib.exchange.terms import Terms
from scripts.lib.japan_calendar import day_of, moment_from_text, month_from_text
from scripts.lib.merchant.answer_checks import AnswerRefused
from scripts.lib.merchant.chain_sales import ShopEvent, ShopEventKind, shop_events
from scripts.lib.merchant.claims import claim_of
from scripts.lib.merchant.refunds import refund
from scripts.lib.merchant.sale_queue import SaleQueue, SaleStage
from scripts.lib.merchant.sending import BatchLostError, LineSlowError, QueueSender
from scripts.lib.merchant.shop_books import day_book, month_statement
from scripts.lib.merchant.till_settings import SALES_OF_A_TILL
from scripts.lib.node.signed_call import submit
from scripts.lib.payment.issue import PaymentIssue
from scripts.lib.payment.sale_number import serial_of_sale
from scripts.lib.payment.signing import Payment, sign, signed_payment
from scripts.lib.payment.uri import PaymentAnswer
from scripts.lib.qr_picture import as_terminal, write_png
from scripts.lib.resident.held_points import held_points, name_held_points, redeem_coupon
from tests.support.counter_town import CITY, OPENING, key

HOUR = 60 * 60


def signed(counter, payer, points):
    """Return a payer's answer to a new sale, without the checks of a purse."""
    request = counter.open_sale(points)
    payment = Payment(payer.address, *request.sale, 0)
    domain = counter.settings.domain
    return PaymentAnswer(domain, payment, sign(domain, payment, payer), ends=1535)


@pytest.fixture
def hanako(town):
    hanako = key("Hanako")
    town.grant(hanako.address, 1_000)
    return hanako


@pytest.fixture
def counter(town, clock, tmp_path):
    return town.counter(tmp_path, clock)


def test_till_whose_clock_runs_into_tomorrow_is_told_and_pays_after_midnight(town, counter, clock, hanako):
    midnight = moment_from_text("2026-03-31T00:00")
    clock.now = midnight + 60
    town.go_to(midnight - 9 * 60)
    answer = signed(counter, hanako, 100)
    with pytest.raises(AnswerRefused, match="レジの時計"):
        counter.accept(answer.text)
    sender, counter.sender = counter.sender, None
    counter.accept(answer.text)
    [outcome] = sender.submit()
    assert outcome.issue is PaymentIssue.DAY_OUT_OF_RANGE
    town.go_to(midnight + 60)
    sender.retry([outcome.sale])
    [outcome] = sender.submit()
    assert outcome.issue is PaymentIssue.NONE


def test_payment_waits_while_the_shop_is_suspended_and_is_paid_after(town, counter, hanako):
    counter.accept(signed(counter, hanako, 100).text)
    functions = town.point.functions
    town.act(functions.suspendMerchant(town.shop.address))
    with pytest.raises(ChainRefusal, match="現在お支払いを受けられません"):
        counter.sender.submit()
    assert len(counter.queue.waiting()) == 1
    town.act(functions.approveMerchant(town.shop.address, 7, "商店0", "川崎区"))
    assert [outcome.issue for outcome in counter.sender.submit()] == [PaymentIssue.NONE]


def test_line_that_drops_makes_the_till_take_it_offline(town, counter, hanako, monkeypatch):
    def drop(_answer):
        raise ConnectionError

    monkeypatch.setattr(counter.sender, "issue_of", drop)
    assert counter.accept(signed(counter, hanako, 100).text).offline


def test_signature_of_somebody_else_is_refused_with_a_line(counter, hanako):
    answer = signed(counter, key("thief"), 100)
    forged = answer._replace(payment=answer.payment._replace(payer=hanako.address))
    with pytest.raises(AnswerRefused, match="署名が口座"):
        counter.accept(forged.text)


def test_voided_sale_cannot_be_paid(counter, hanako):
    answer = signed(counter, hanako, 100)
    counter.sender.void(answer.payment.sale)
    assert counter.queue.sales[answer.payment.sale].stage is SaleStage.VOIDED
    with pytest.raises(AnswerRefused, match="取り消した売上"):
        counter.accept(answer.text)


def test_void_that_a_payment_came_before_leaves_the_sale_as_it_was(town, counter, hanako, monkeypatch):
    """Somebody else relays the customer's payment into the block that the void was to be in."""
    answer = signed(counter, hanako, 100)
    request = counter.request_of(counter.queue.sales[answer.payment.sale])
    sale, payment = request.sale, answer.payment
    relayed = town.point.functions.payRelayed(
        sale.merchant,
        signed_payment(payment, answer.signature),
        sale.valid_until,
        *request.till,
    )

    def with_the_payment_before(web3, void):
        town.chain.rpc("evm_setAutomine", False)
        relayer = town.keyring.account("minter")
        town.chain.rpc("anvil_impersonateAccount", relayer)
        web3.eth.send_transaction(relayed.build_transaction({"from": relayer, "gasPrice": 0, "gas": 500_000}))
        submit(web3, void)
        town.chain.rpc("evm_mine")
        town.chain.rpc("evm_setAutomine", True)

    monkeypatch.setattr("scripts.lib.merchant.sending.submit", with_the_payment_before)
    with pytest.raises(ChainRefusal, match="支払い済みか取消し済み"):
        counter.sender.void(payment.sale)
    assert town.balance(hanako.address) == 900
    assert counter.queue.sales[payment.sale].stage is not SaleStage.VOIDED


def test_refund_by_another_key_than_the_owners_is_refused_in_a_sentence(town, counter, hanako):
    answer = signed(counter, hanako, 100)
    counter.accept(answer.text)
    counter.sender.submit()
    with pytest.raises(ChainRefusal, match="代表者の鍵"):
        refund(town.book, town.web3, counter.settings, key("till"), answer.payment.sale)
    with pytest.raises(ChainRefusal, match="返せるのは残り100ポイント"):
        refund(town.book, town.web3, counter.settings, town.shop, answer.payment.sale, 101)


def test_refund_after_the_month_gives_back_what_has_not_ended_and_tells_the_rest(town, counter, clock):
    payer = key("Taro")
    town.grant(payer.address, 60, month_from_text("2026-03"))
    town.grant(payer.address, 40, month_from_text("2026-12"))
    answer = signed(counter, payer, 100)
    counter.accept(answer.text)
    counter.sender.submit()
    first_of_april = moment_from_text("2026-04-01T09:00")
    town.go_to(first_of_april)
    given = refund(town.book, town.web3, counter.settings, town.shop, answer.payment.sale)
    assert (given.returned_points, given.unreturnable_points) == (40, 60)
    assert town.balance(payer.address) == 40
    events = shop_events(town.book, town.web3, counter.settings)
    assert [(event.kind, event.points, event.noted_points) for event in events] == [
        (ShopEventKind.SALE, 100, 100),
        (ShopEventKind.REFUND, -40, 40),
        (ShopEventKind.UNRETURNABLE, 0, 60),
    ]
    assert claim_of(town.book, town.web3, counter.settings).total_points == 60


def test_claim_that_was_passed_on_is_in_the_books_of_both_shops(town, counter, hanako):
    town.act(town.point.functions.setTransferSwitches(False, True))
    answer = signed(counter, hanako, 100)
    counter.accept(answer.text)
    counter.sender.submit()
    refund(town.book, town.web3, counter.settings, town.shop, answer.payment.sale, 10)
    town.send(town.point.functions.transfer(town.other_shop.address, 30), town.shop.address)
    books = [
        [(event.kind, event.points) for event in shop_events(town.book, town.web3, town.settings(shop))]
        for shop in (town.shop, town.other_shop)
    ]
    assert books == [
        [(ShopEventKind.SALE, 100), (ShopEventKind.REFUND, -10), (ShopEventKind.PASSED_ON, -30)],
        [(ShopEventKind.TRANSFER, 30)],
    ]
    events = shop_events(town.book, town.web3, counter.settings)
    statement = month_statement(events, month_from_text("2026-03")).decode("utf-8-sig").splitlines()
    assert statement[-1] == "合計 total,1,100,1,10,0,0,0,-30,60"


def test_tills_of_one_shop_number_their_sales_apart(town, clock, tmp_path):
    serials = [
        serial_of_sale(town.counter(tmp_path, clock, till=till).open_sale(1).sale.sale) for till in (0, 1, 15)
    ]
    assert serials == [0, SALES_OF_A_TILL, 15 * SALES_OF_A_TILL]


def test_day_book_runs_no_formula():
    event = ShopEvent(OPENING, ShopEventKind.TRANSFER, None, "", 5, 5, "=HYPERLINK(1)")
    assert b"'=HYPERLINK(1)" in day_book([event], None, day_of(OPENING))


def test_code_becomes_a_picture_and_fits_a_terminal(counter, tmp_path):
    text = counter.open_sale(1_200).text
    write_png(text, tmp_path / "qr.png")
    assert (tmp_path / "qr.png").read_bytes().startswith(b"\x89PNG")
    assert max(len(line) for line in as_terminal(text).splitlines()) > 50


def test_book_of_another_chain_is_refused(town, tmp_path):
    town.book.write(tmp_path / "book.json")
    assert ContractBook.read(tmp_path / "book.json") == town.book
    (tmp_path / "other.json").write_text("{}")
    with pytest.raises(BookError, match="契約一覧ではありません"):
        ContractBook.read(tmp_path / "other.json")
    content = (tmp_path / "book.json").read_text().replace(town.book.genesis, "0x" + "00" * 32)
    (tmp_path / "book.json").write_text(content)
    with pytest.raises(BookError, match="別のチェーン"):
        ContractBook.read(tmp_path / "book.json").connect(town.chain.url)


def test_held_points_are_named_and_a_coupon_is_redeemed(town, airline):
    hanako = key("Hanako")
    number = town.join(hanako)
    exchange = town.book.service(town.web3, "PartnerExchange").functions
    town.send(exchange.exchange(CITY, number, 1_500, keccak(text="SORA-1")), airline.address)
    [waiting] = held_points(town.book, town.web3, CITY, hanako.address)
    assert (waiting.points, waiting.due_at - town.chain.now() > 13 * 24 * HOUR) == (1_500, True)
    name_held_points(town.book, town.web3, waiting.holding, CITY, hanako.address, hanako)
    assert held_points(town.book, town.web3, CITY, hanako.address) == []
    assert town.balance(hanako.address) == 1_500

    code = new_code()
    until = town.chain.now() + HOUR
    town.send(exchange.issueCoupons(CITY, until, [(coupon_key(code).address, 300)]), airline.address)
    redeem_coupon(town.book, town.web3, code.lower(), CITY, hanako)
    assert town.balance(hanako.address) == 1_800
    with pytest.raises(ChainRefusal, match="使用済み"):
        redeem_coupon(town.book, town.web3, code, CITY, hanako)


def test_coupon_is_its_issuers_although_another_partner_has_copied_its_key(town, airline):
    """Whoever sees a coupon on the chain can issue one of the same key, worth next to nothing."""
    hanako, power = key("Hanako"), key("power company")
    town.join(hanako)
    exchange = town.book.service(town.web3, "PartnerExchange").functions
    town.act(exchange.registerPartner(0, power.address, "みらい電力"))
    town.act(exchange.acceptPartner(CITY, 2, power.address, tuple(Terms())))
    code, until = new_code(), town.chain.now() + HOUR
    town.send(exchange.issueCoupons(CITY, until, [(coupon_key(code).address, 300)]), power.address)
    town.send(exchange.issueCoupons(CITY, until, [(coupon_key(code).address, 1)]), airline.address)
    redeem_coupon(town.book, town.web3, code, CITY, hanako)
    assert town.balance(hanako.address) == 300
    redeem_coupon(town.book, town.web3, code, CITY, hanako, partner=1)
    assert town.balance(hanako.address) == 301


@pytest.mark.parametrize("points", [0, 536_870_912])
def test_sale_of_an_amount_that_cannot_be_paid_is_not_opened(counter, points):
    with pytest.raises(AnswerRefused, match="1から536,870,911ポイントまで"):
        counter.open_sale(points)
    assert not counter.queue.sales


def test_till_that_has_used_up_its_numbers_of_a_day_opens_no_sale_more(tmp_path, monkeypatch):
    monkeypatch.setattr("scripts.lib.merchant.sale_queue.SALES_OF_A_TILL", 2)
    with SaleQueue(tmp_path / "queue.log", 1) as queue:
        numbers = [queue.open_sale(100, OPENING, OPENING + 60).number for _ in range(2)]
        with pytest.raises(ValueError, match="レジの1日の件数2に達しました"):
            queue.open_sale(100, OPENING, OPENING + 60)
        tomorrow = queue.open_sale(100, OPENING + 24 * HOUR, OPENING + 25 * HOUR).number
    assert [serial_of_sale(number) for number in (*numbers, tomorrow)] == [2, 3, 2]


def test_queue_of_a_later_version_is_refused_and_left_as_it_is(tmp_path):
    file = tmp_path / "queue.log"
    with DurableLog(file) as log:
        log.append({"kind": "of a later version"})
    before = file.read_bytes()
    with pytest.raises(LogDamagedError, match="記録の内容が正しくありません"):
        SaleQueue(file, 0)
    assert file.read_bytes() == before


def test_retry_of_a_sale_that_is_paid_does_nothing(counter, hanako):
    counter.accept(signed(counter, hanako, 100).text)
    [outcome] = counter.sender.submit()
    counter.sender.retry([outcome.sale])
    assert counter.queue.waiting() == [] and counter.sender.submit() == []


def test_void_of_another_till_s_sale_uses_its_number_up(town, clock, counter, hanako, tmp_path):
    other = town.counter(tmp_path, clock, till=3)
    answer = signed(other, hanako, 100)
    counter.sender.void(answer.payment.sale)
    assert answer.payment.sale not in counter.queue.sales
    with pytest.raises(AnswerRefused):
        other.accept(answer.text)


def test_batch_that_the_chain_refuses_as_a_whole_waits_again(town, counter, hanako, monkeypatch):
    """The shop is suspended in the very block."""
    counter.accept(signed(counter, hanako, 100).text)
    suspension = town.point.functions.suspendMerchant(town.shop.address)

    def after_the_suspension(web3, batch):
        town.chain.rpc("evm_setAutomine", False)
        officers = town.book.officers
        town.chain.rpc("anvil_impersonateAccount", officers)
        web3.eth.send_transaction(
            suspension.build_transaction({"from": officers, "gasPrice": 0, "gas": 500_000})
        )
        submit(web3, batch)
        town.chain.rpc("evm_mine")
        town.chain.rpc("evm_setAutomine", True)

    with monkeypatch.context() as patched:
        patched.setattr("scripts.lib.merchant.sending.submit", after_the_suspension)
        with pytest.raises(BatchLostError, match="送信が成立しませんでした。もう一度送信してください"):
            counter.sender.submit()
    assert len(counter.queue.waiting()) == 1 and not counter.queue.sent
    town.act(town.point.functions.approveMerchant(town.shop.address, 7, "商店0", "川崎区"))
    assert [outcome.issue for outcome in counter.sender.submit()] == [PaymentIssue.NONE]
    assert town.balance(hanako.address) == 900


def test_batch_whose_place_another_transaction_of_the_key_took_waits_again(
    town, counter, hanako, monkeypatch
):
    counter.accept(signed(counter, hanako, 100).text)

    def after_another(web3, _batch):
        plain = {"nonce": web3.eth.get_transaction_count(town.shop.address), "to": town.shop.address}
        fees = {"gas": 21_000, "gasPrice": 0, "value": 0, "chainId": town.book.chain_id}
        web3.eth.send_raw_transaction(town.shop.sign_transaction(plain | fees).raw_transaction)

    with monkeypatch.context() as patched:
        patched.setattr("scripts.lib.merchant.sending.submit", after_another)
        patched.setattr("scripts.lib.merchant.sending.OVERTAKEN_POLLS", 1)
        with pytest.raises(BatchLostError):
            counter.sender.submit()
    assert len(counter.queue.waiting()) == 1
    assert [outcome.issue for outcome in counter.sender.submit()] == [PaymentIssue.NONE]
    assert town.balance(hanako.address) == 900


def test_payment_counts_only_under_as_many_blocks_as_were_asked_for(town, counter, hanako):
    counter.accept(signed(counter, hanako, 100).text)
    careful = QueueSender(
        town.book, town.web3, counter.settings, counter.queue, town.shop, confirmations=2, wait_seconds=0.0
    )
    with pytest.raises(LineSlowError, match="no receipt yet / まだ確認できません"):
        careful.submit()
    assert len(counter.queue.sent) == 1
    town.chain.rpc("evm_mine")
    assert [outcome.issue for outcome in careful.recover()] == [PaymentIssue.NONE]
    assert town.balance(hanako.address) == 900
