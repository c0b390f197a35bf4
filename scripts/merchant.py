"""加盟店のレジ / A shop's counter: sales, QR codes, signed answers, queue, refunds, books, settlement.

    python -m scripts.merchant key                     鍵を作る / make the till's key
    python -m scripts.merchant setup …                 店とレジを設定する / name shop and till
    python -m scripts.merchant open 1200               売上を開き、QRコードを表示 / open a sale, show its code
    python -m scripts.merchant accept 'jichitai-…'     お客様の署名を受け取る / take the customer's answer
    python -m scripts.merchant submit                  送信して確定 / send what waits
    python -m scripts.merchant --help                  すべての操作 / everything

Keys, settings and queue lie in one folder for each till (counter/); each till has a key of its own.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from eth_account.signers.local import LocalAccount
from web3 import Web3

from scripts.lib.code_text import UriError
from scripts.lib.contract_book import LINE_ERRORS, BookError, ChainRefusal, ContractBook
from scripts.lib.durable_log import LogDamagedError, LogInUseError
from scripts.lib.error_sentences import issue_sentence, sale_label
from scripts.lib.japan_calendar import day_of, moment_from_text, month_from_text, start_of
from scripts.lib.keys.passphrase import ask_passphrase
from scripts.lib.merchant.answer_checks import UNVERIFIABLE, AnswerRefused
from scripts.lib.merchant.chain_sales import ShopEvent, first_block_of, shop_events
from scripts.lib.merchant.claims import claim_of, request_settlement
from scripts.lib.merchant.refunds import refund
from scripts.lib.merchant.sale_queue import SaleQueue
from scripts.lib.merchant.sending import CLOCK_TOLERANCE_SECONDS, BatchLostError, LineSlowError, QueueSender
from scripts.lib.merchant.shop_books import day_book, month_statement
from scripts.lib.merchant.shop_counter import ShopCounter
from scripts.lib.merchant.shop_keys import ShopKeyError, create_key, open_key
from scripts.lib.merchant.till_settings import SettingsError, TillSettings
from scripts.lib.payment.issue import PaymentIssue
from scripts.lib.qr_picture import as_terminal, write_png
from scripts.lib.workspace import development_url

FOLDER = Path("counter")

REFUSALS = (
    AnswerRefused, BatchLostError, BookError, ChainRefusal, LineSlowError, LogDamagedError, LogInUseError,
    SettingsError, ShopKeyError, UriError, LookupError, ValueError,
)  # fmt: skip
"""What is told in a sentence, without a traceback."""


class Till:
    """The till in a folder, opened as far as a command needs it."""

    def __init__(self, chosen: argparse.Namespace) -> None:
        self.chosen = chosen
        self.folder: Path = chosen.folder
        self.settings = TillSettings.read(self.folder / "till.json")

    def key(self, name: str = "till") -> LocalAccount:
        """Open a key, after asking for its passphrase."""
        file = self.folder / f"{name}-key.json"
        if name == "owner" and not file.exists():
            file = self.folder / "till-key.json"  # a small shop has one key for both
        return open_key(file, ask_passphrase(file.stem, self.chosen.passphrase_fd))

    def queue(self) -> SaleQueue:
        """Open the queue."""
        return SaleQueue(self.folder / "queue.log", self.settings.till)

    def line(self) -> tuple[ContractBook, Web3]:
        """Connect."""
        book = ContractBook.read(self.folder / "contracts.json")
        return book, book.connect(self.chosen.url)


def make_key(chosen: argparse.Namespace) -> None:
    """Make a key."""
    file = chosen.folder / f"{'owner' if chosen.owner else 'till'}-key.json"
    key = create_key(file, ask_passphrase(file.stem, chosen.passphrase_fd, is_new=True))
    print(f"{file}\n口座 account: {key.address}")


def set_up(chosen: argparse.Namespace) -> None:
    """Write the settings, and keep the book beside them."""
    book = ContractBook.read(chosen.book)
    fitting = [each for each in book.series if chosen.series in (None, each.symbol, each.address)]
    if len(fitting) != 1:
        names = ", ".join(f"{each.symbol} ({each.town} {each.name})" for each in book.series)
        raise LookupError(f"name one series / 種別を1つ指定してください: {names}")
    settings = TillSettings(
        book.chain_id,
        fitting[0].address,
        Web3.to_checksum_address(chosen.merchant),
        chosen.shop,
        chosen.till,
        chosen.offline_sale,
        chosen.offline_day,
        chosen.connection_hours * 60 * 60,
    )
    settings.write(chosen.folder / "till.json")
    book.write(chosen.folder / "contracts.json")
    print(f"{settings.shop}: {fitting[0].town} {fitting[0].name}, レジ till {settings.till}")


def open_sale(chosen: argparse.Namespace) -> None:
    """Open a sale, or show one again."""
    till = Till(chosen)
    with till.queue() as queue:
        counter = ShopCounter(till.settings, queue, till.key())
        if chosen.command == "open":
            request = counter.open_sale(chosen.points)
        else:
            request = counter.request_of(queue.sales[chosen.sale])
    if chosen.png:
        write_png(request.text, chosen.png)
    if sys.stdout.isatty():
        print(as_terminal(request.text))
    print(f"売上 sale: {request.sale.sale} ({sale_label(request.sale.sale).japanese})", file=sys.stderr)
    print(request.text)


def accept(chosen: argparse.Namespace) -> None:
    """Take an answer."""
    text = sys.stdin.read() if chosen.text == "-" else chosen.text
    if not text.startswith("jichitai-points:") and Path(text).is_file():
        text = Path(text).read_text(encoding="utf-8")
    till = Till(chosen)
    with till.queue() as queue:
        key = till.key()
        sender = None
        if not chosen.offline:
            try:
                book, web3 = till.line()
                sender = QueueSender(book, web3, till.settings, queue, key)
                _tell_clock(sender)
            except LINE_ERRORS:
                print("通信できないため、オフラインで受け付けます / no line: taken offline", file=sys.stderr)
        sale = ShopCounter(till.settings, queue, key, sender).accept(text)
    print(f"受け付けました taken: {sale.number}, {sale.points:,} ポイント points")
    if sale.offline:
        print("オフラインで確かめられないこと / not checked without a line:")
        for each in UNVERIFIABLE:
            print(f"  - {each.japanese} / {each.english}")


def show_queue(chosen: argparse.Namespace) -> None:
    """Print the queue."""
    with Till(chosen).queue() as queue:
        for sale in queue.sales.values():
            why = "" if sale.issue is PaymentIssue.NONE else f"  {issue_sentence(sale.issue)}"
            print(f"{sale.number}  {sale.points:>9,}  {sale.stage.value}{why}")
        waiting = queue.waiting()
        points = sum(sale.points for sale in waiting)
        print(f"送信待ち waiting: {len(waiting)}件, {points:,} ポイント points")


def submit(chosen: argparse.Namespace) -> None:
    """Send what waits."""
    till = Till(chosen)
    with till.queue() as queue:
        book, web3 = till.line()
        sender = QueueSender(book, web3, till.settings, queue, till.key(), chosen.confirmations)
        if chosen.again:
            sender.retry(list(queue.sales))
        outcomes = sender.submit()
    for outcome in outcomes:
        print(f"{outcome.sale}  {issue_sentence(outcome.issue)}")
    if not outcomes:
        print("送信するものはありません / nothing was waiting")


def void(chosen: argparse.Namespace) -> None:
    """Use a number up."""
    till = Till(chosen)
    with till.queue() as queue:
        book, web3 = till.line()
        print(QueueSender(book, web3, till.settings, queue, till.key()).void(chosen.sale))


def give_back(chosen: argparse.Namespace) -> None:
    """Refund."""
    till = Till(chosen)
    book, web3 = till.line()
    given = refund(book, web3, till.settings, till.key("owner"), chosen.sale, chosen.points)
    print(f"返品 returned: {given.returned_points:,} ポイント points ({given.transaction})")
    if given.unreturnable_points:
        print(f"期限切れで返せない分 ended, not returned: {given.unreturnable_points:,}")


def write_day_book(chosen: argparse.Namespace) -> None:
    """Write the day book."""
    till = Till(chosen)
    day = day_of(moment_from_text(chosen.day) if chosen.day else int(time.time()))
    with till.queue() as queue:
        _write(chosen.out, day_book(_events_since(till, day), queue, day))


def write_month(chosen: argparse.Namespace) -> None:
    """Write the month statement."""
    till = Till(chosen)
    month = month_from_text(chosen.month)
    _write(chosen.out, month_statement(_events_since(till, day_of(start_of(month))), month))


def claim(chosen: argparse.Namespace) -> None:
    """Show the claim, and ask to be paid."""
    till = Till(chosen)
    book, web3 = till.line()
    if chosen.request:
        owed = request_settlement(book, web3, till.settings, till.key("owner"))
        print("精算を請求しました / settlement requested")
    else:
        owed = claim_of(book, web3, till.settings)
    print(f"今年度 this fiscal year: {owed.this_year_points:,}")
    print(f"過年度 earlier years:    {owed.earlier_years_points:,}")
    print(f"精算手続き中 locked:     {owed.locked_points:,}")


def _tell_clock(sender: QueueSender) -> None:
    ahead = sender.clock_difference(int(time.time()))
    if abs(ahead) > CLOCK_TOLERANCE_SECONDS:
        print(
            f"レジの時計がチェーンと{ahead}秒ずれています / the till's clock differs by {ahead} s",
            file=sys.stderr,
        )


def _events_since(till: Till, day: int) -> list[ShopEvent]:
    book, web3 = till.line()
    return shop_events(book, web3, till.settings, first_block_of(book, web3, till.settings, day))


def _write(out: Path | None, content: bytes) -> None:
    if out is None:
        sys.stdout.buffer.write(content)
    else:
        out.write_bytes(content)
        print(out)


def parser() -> argparse.ArgumentParser:
    """Return what reads the command line."""
    top = argparse.ArgumentParser(
        prog="python -m scripts.merchant",
        description=(__doc__ or "").splitlines()[0],
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument(
        "--folder", type=Path, default=FOLDER, help="レジのフォルダ / the till's folder (counter)"
    )
    top.add_argument("--url", default=development_url(), help="ノードのJSON-RPC / JSON-RPC of a node")
    top.add_argument(
        "--passphrase-fd", type=int, help="パスフレーズを読むfd / read the passphrase from there"
    )
    commands = top.add_subparsers(dest="command", required=True)

    def command(name: str, run: Callable[[argparse.Namespace], None], text: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=text, description=text)
        added.set_defaults(run=run)
        return added

    added = command("key", make_key, "レジまたは代表者の鍵を作る / make the till's or the owner's key")
    added.add_argument("--owner", action="store_true", help="代表者の鍵 / the owner's")
    added = command("setup", set_up, "店・種別・レジを設定する / name shop, series and till")
    added.add_argument("--book", type=Path, required=True, help="契約一覧 / file of scripts.contract_book")
    added.add_argument("--merchant", required=True, help="加盟店の口座 / the shop's account")
    added.add_argument("--shop", required=True, help="店名 / public name")
    added.add_argument("--series", help="種別の記号か口座 / symbol or address of the series")
    added.add_argument("--till", type=int, default=0, help="レジ番号 0〜15 / number of the till")
    added.add_argument(
        "--offline-sale", type=int, default=3_000, help="オフライン1件の上限 / offline, a sale"
    )
    added.add_argument("--offline-day", type=int, default=30_000, help="オフライン1日の上限 / offline, a day")
    added.add_argument(
        "--connection-hours", type=int, default=24, help="次の通信まで / until the next connection"
    )
    added = command("open", open_sale, "売上を開きQRコードを表示 / open a sale and show its code")
    added.add_argument("points", type=int, help="ポイント / points")
    added.add_argument("--png", type=Path, help="画像ファイル / picture to write")
    added = command("show", open_sale, "売上のQRコードを再表示 / show a sale's code again")
    added.add_argument("sale", type=int, help="売上番号 / number")
    added.add_argument("--png", type=Path, help="画像ファイル / picture to write")
    added = command("accept", accept, "お客様の署名を受け取る / take the customer's answer")
    added.add_argument("text", help="QRの文字列、ファイル、または - / text, file, or - for standard input")
    added.add_argument("--offline", action="store_true", help="通信しない / without a line")
    command("queue", show_queue, "売上の一覧 / sales and where they stand")
    added = command("submit", submit, "送信待ちを送る / send what waits")
    added.add_argument("--again", action="store_true", help="不成立も再送 / also what was not paid")
    added.add_argument("--confirmations", type=int, default=1, help="確認数 / blocks that must confirm")
    added = command("void", void, "売上を取り消す / use a number up without a payment")
    added.add_argument("sale", type=int, help="売上番号 / number")
    added = command("refund", give_back, "返品 / give points of a sale back (owner's key)")
    added.add_argument("sale", type=int, help="売上番号 / number")
    added.add_argument("points", type=int, nargs="?", help="ポイント(省略時は全部) / points, all if left out")
    added = command("daybook", write_day_book, "日計表CSV / day book")
    added.add_argument("day", nargs="?", help="日付 2026-04-01(省略時は今日) / date, today if left out")
    added.add_argument("--out", type=Path, help="出力ファイル / file to write")
    added = command("month", write_month, "月次明細CSV / month statement")
    added.add_argument("month", help="月 2026-04 / month")
    added.add_argument("--out", type=Path, help="出力ファイル / file to write")
    added = command("claim", claim, "未精算の確認・精算請求 / claim, and settlement (owner's key)")
    added.add_argument("--request", action="store_true", help="精算を請求する / ask to be paid")
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return 1 if it was refused, 2 if there is no line."""
    chosen = parser().parse_args(arguments)
    try:
        chosen.run(chosen)
    except REFUSALS as refused:
        print(getattr(refused, "reason", refused), file=sys.stderr)
        return 1
    except LINE_ERRORS as error:
        print(f"通信できません / no line: {type(error).__name__}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
