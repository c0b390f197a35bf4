"""A till in a process of its own, to be killed: it sells and sends until then, and says what it has promised.

    python -m tests.support.till_process FOLDER URL SHOP_KEY PAYER_KEY

Prints "taken <sale> <points>" when the customer has been told 受け付けました.
"""

from __future__ import annotations

import itertools
import sys
import time
from pathlib import Path

from eth_account import Account

from scripts.lib.contract_book import ContractBook
from scripts.lib.merchant.sale_queue import SaleQueue
from scripts.lib.merchant.sending import QueueSender
from scripts.lib.merchant.shop_counter import ShopCounter
from scripts.lib.merchant.till_settings import TillSettings
from scripts.lib.payment.signing import Payment, sign
from scripts.lib.payment.uri import PaymentAnswer


def main(folder: Path, url: str, shop_key: str, payer_key: str) -> None:
    """Sell for ever."""
    book = ContractBook.read(folder / "contracts.json")
    settings = TillSettings.read(folder / "till.json")
    shop, payer = Account.from_key(shop_key), Account.from_key(payer_key)
    queue = SaleQueue(folder / "queue.log", settings.till)
    web3 = book.connect(url)
    sender = QueueSender(book, web3, settings, queue, shop)
    offset = int(web3.eth.get_block("latest")["timestamp"]) - int(time.time())
    counter = ShopCounter(settings, queue, shop, sender, clock=lambda: int(time.time()) + offset)
    for count in itertools.count(1):
        request = counter.open_sale(1 + count % 7)
        payment = Payment(payer.address, *request.sale, 0)
        answer = PaymentAnswer(settings.domain, payment, sign(settings.domain, payment, payer))
        taken = counter.accept(answer.text)
        print(f"taken {taken.number} {taken.points}", flush=True)
        if count % 3 == 0:
            sender.submit()


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
