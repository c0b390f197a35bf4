"""A shop and a resident play a day at their pages: with a line, without one, and when it is back."""

from scripts.lib.audit.fetch import fetch
from scripts.lib.audit.verify import verify
from scripts.lib.japan_calendar import day_of, month_from_text, month_of
from scripts.lib.merchant.chain_sales import shop_events
from scripts.lib.merchant.claims import claim_of
from scripts.lib.merchant.sale_queue import SaleQueue, SaleStage
from scripts.lib.merchant.shop_books import day_book, month_statement
from scripts.lib.node.rpc import Rpc
from scripts.lib.payment.issue import PaymentIssue
from scripts.lib.payment.signing import Payment, sign
from scripts.lib.payment.uri import PaymentAnswer, PaymentRequest
from scripts.lib.resident.statements import movements, yearly_statement
from tests.support.books import check_books
from tests.support.counter_town import OPENING, key
from tests.web.conftest import SHOP

DECEMBER = month_from_text("2026-12")


def sell(shopkeeper, resident, points, said="お支払いが済みました"):
    shopkeeper.read(resident.pay(shopkeeper.ask(points), points))
    shopkeeper.wait_for(said)
    shopkeeper.tap("次の売上")


def pay_by_text(shopkeeper, text):
    """Give the till an answer as text."""
    shopkeeper.tap("お客様のQRコードを読む")
    shopkeeper.page.get_by_text("文字列で受け取る").click()
    shopkeeper.page.get_by_label("コードの文字列").fill(text)
    shopkeeper.tap("この文字列を使う")


def penniless_answer(shopkeeper, points):
    """Somebody signs for points that are not there."""
    shopkeeper.ask(points)
    request = PaymentRequest.read(shopkeeper.shown_text())
    payer = key("penniless")
    payment = Payment(payer.address, *request.sale)
    return PaymentAnswer(request.domain, payment, sign(request.domain, payment, payer), DECEMBER).text


def refused(shopkeeper, text, reason):
    """The till does not take an answer, and says why."""
    pay_by_text(shopkeeper, text)
    shopkeeper.wait_for(reason)
    shopkeeper.tap("QRコードをもう一度見せる")
    shopkeeper.tap("この売上をやめる")


def test_day_at_the_pages_ends_with_books_that_agree(town, shopkeeper, resident, tmp_path):
    settings = town.settings(key(SHOP))

    # ------------------------------------------------------------------------------- with a line
    for points in (120, 480):
        sell(shopkeeper, resident, points)
    refused(shopkeeper, penniless_answer(shopkeeper, 100), "ポイントが足りません")

    # --------------------------------------------------------------- both lose their lines
    shopkeeper.context.set_offline(True)
    resident.context.set_offline(True)
    for points in (700, 900, 250):
        sell(shopkeeper, resident, points, "受け付けました(送信待ち)")
    pay_by_text(shopkeeper, penniless_answer(shopkeeper, 400))  # nobody can know
    shopkeeper.wait_for("受け付けました(送信待ち)")
    shopkeeper.tap("次の売上")
    refused(shopkeeper, penniless_answer(shopkeeper, 3_001), "1件3,000ポイントまで")
    assert claim_of(town.book, town.web3, settings).total_points == 600

    # -------------------------------------------------- pages are closed, opened again, no line
    shopkeeper.page.reload()
    shopkeeper.page.get_by_label("パスフレーズ").fill("みかん川崎2026")
    shopkeeper.tap("開ける")
    shopkeeper.page.get_by_role("button", name="一覧 (4)").click()
    shopkeeper.wait_for("2,250ポイント")
    resident.page.reload()
    resident.wait_for("通信なし")

    # ----------------------------------------------------------------------- the line is back
    shopkeeper.context.set_offline(False)
    resident.context.set_offline(False)
    shopkeeper.wait_for("不成立")
    assert claim_of(town.book, town.web3, settings).total_points == 600 + 700 + 900 + 250
    shopkeeper.tap("もう一度送信")  # it has no points now either, and nothing is paid twice
    shopkeeper.wait_for("もう一度送信")

    # ------------------------------------------------------------------- a refund, at the books
    shopkeeper.tap("帳簿")
    shopkeeper.page.get_by_role("button", name="返品", exact=True).last.click()
    shopkeeper.page.get_by_label("返すポイント").fill("50")
    shopkeeper.page.get_by_label("返すポイント").blur()
    shopkeeper.wait_for("50ポイントをお客様に返します")
    shopkeeper.tap("返品する")
    shopkeeper.wait_for("返品 ")
    shopkeeper.wait_for("2,400円")

    # ------------------------------------------------------------------------------------ books
    events = shop_events(town.book, town.web3, settings)
    saved_day, saved_month = shopkeeper.saved("日計表をCSVで保存"), shopkeeper.saved("月次明細をCSVで保存")
    with SaleQueue(shopkeeper.queue_file(tmp_path / "queue.log"), 0) as queue:
        assert saved_day == day_book(events, queue, day_of(OPENING))
        stages = [sale.stage for sale in queue.sales.values()]
        assert stages.count(SaleStage.PAID) == 5
        assert [sale.issue for sale in queue.sales.values() if sale.stage is SaleStage.NOT_PAID] == [
            PaymentIssue.NOT_ENOUGH_POINTS
        ]
    assert saved_month == month_statement(events, month_of(OPENING))
    claim = claim_of(town.book, town.web3, settings)
    assert claim.total_points == sum(event.points for event in events) == 2_400
    assert town.balance(resident.key.address) == 5_000 - 2_400
    resident.learn()
    resident.wait_for("2,600")
    resident.tap("履歴")
    known = town.knowledge(resident.key.address)
    statement = yearly_statement(movements(town.book, town.web3, known), 2025)
    assert resident.saved("明細をCSVで保存") == statement
    shopkeeper.tap("帳簿")
    shopkeeper.tap("精算を請求する")
    shopkeeper.wait_for("精算を請求しました")
    check_books(Rpc(town.chain.url), town.series)
    rpc = Rpc(town.chain.url)
    fetch(rpc, town.book.platform, tmp_path / "audit")
    verdict = verify(rpc, tmp_path / "audit")
    assert verdict.violations == [] and verdict.events > 20
    assert shopkeeper.complaints_with_a_line == [] and resident.complaints_with_a_line == []
