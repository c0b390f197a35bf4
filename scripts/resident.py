"""利用者の財布 / A resident's purse: keys, points by town, payments signed without a line, statements.

    python -m scripts.resident create                  財布を作る / make a purse (24 words, passphrase)
    python -m scripts.resident account 141305          自治体の口座番号 / the account in a municipality
    python -m scripts.resident register 'jichitai-…'   利用者登録に署名 / sign the registration
    python -m scripts.resident learn                   加盟店と残高を取り込む / learn shops and points
    python -m scripts.resident pay 'jichitai-…'        店名を見て署名 / see the shop, sign (without a line)
    python -m scripts.resident object 141305           口座の切替・相続に異議 / say no to a new account
    python -m scripts.resident --help                  すべての操作 / everything

Keys, what was learned and what was signed lie in one folder (purse/).
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

from eth_account.signers.local import LocalAccount
from web3 import Web3
from web3.exceptions import TimeExhausted

from scripts.lib.code_text import UriError
from scripts.lib.contract_book import LINE_ERRORS, BookError, ChainRefusal, ContractBook
from scripts.lib.durable_log import LogDamagedError, LogInUseError
from scripts.lib.exchange.coupons import CouponCodeError
from scripts.lib.japan_calendar import moment_label
from scripts.lib.keys.passphrase import ask_passphrase
from scripts.lib.municipality_codes import lookup_number
from scripts.lib.node.signed_call import send
from scripts.lib.payment.uri import PaymentRequest
from scripts.lib.qr_picture import as_terminal, write_png
from scripts.lib.registration_uri import RegistrationRequest
from scripts.lib.resident.counter_service import CounterService
from scripts.lib.resident.held_points import held_points, name_held_points, redeem_coupon
from scripts.lib.resident.objection import (
    how_to_object,
    require_possible,
    send_objection,
    standing_of,
    what_replaces,
)
from scripts.lib.resident.purse_keys import PurseError, PurseKeys
from scripts.lib.resident.series_knowledge import SeriesKnowledge, refresh
from scripts.lib.resident.signing_desk import Offer, PurseRefused, SigningDesk
from scripts.lib.resident.statements import movements, points_by_town, yearly_statement
from scripts.lib.workspace import development_url

FOLDER = Path("purse")

REFUSALS = (
    BookError, ChainRefusal, CouponCodeError, LogDamagedError, LogInUseError, PurseError, PurseRefused,
    UriError, LookupError, ValueError,
)  # fmt: skip
"""What is told in a sentence, without a traceback."""


class Purse:
    """The purse in a folder."""

    def __init__(self, chosen: argparse.Namespace) -> None:
        self.chosen = chosen
        self.folder: Path = chosen.folder

    def keys(self) -> PurseKeys:
        """Open it, after asking for its passphrase."""
        return PurseKeys.open(self.folder / "purse.json", ask_passphrase("purse", self.chosen.passphrase_fd))

    def key(self, municipality: int, slip: int | None) -> LocalAccount:
        """Open it; return the key in a municipality, or that of a person without a phone."""
        keys = self.keys()
        if slip is None:
            return keys.account(municipality)
        with closing(CounterService(keys, municipality, self.folder / "desk")) as desk:
            return desk.key(slip)

    def book(self) -> ContractBook:
        """Return the book that `learn` kept."""
        return ContractBook.read(self.folder / "contracts.json")

    def known(self) -> list[SeriesKnowledge]:
        """Return what the purse has learned."""
        return [SeriesKnowledge.read(file) for file in sorted(self.folder.glob("series-*.json"))]

    def series(self, address: str) -> SeriesKnowledge:
        """Return what the purse knows of a series, or of the only one if "" is given.

        Raises:
            LookupError: nothing, or several fit.
        """
        known = self.known()
        fitting = [each for each in known if not address or address.lower() == each.series.lower()]
        if len(fitting) != 1:
            names = ", ".join(f"{each.series} ({each.town} {each.name})" for each in known) or "-"
            raise LookupError(f"name one series, after `learn` / 種別を1つ指定してください: {names}")
        return fitting[0]


def create(chosen: argparse.Namespace) -> None:
    """Make a purse."""
    passphrase = ask_passphrase("purse", chosen.passphrase_fd, is_new=True)
    _, words = PurseKeys.create(chosen.folder / "purse.json", passphrase)
    print("この24語を紙に書き、誰にも見せないでください / write these words on paper, show them to nobody:")
    print(words)


def restore(chosen: argparse.Namespace) -> None:
    """Make the purse of 24 words again."""
    print("24語を入力してください / type the 24 words:", file=sys.stderr)
    words = sys.stdin.readline()
    passphrase = ask_passphrase("purse", chosen.passphrase_fd, is_new=True)
    PurseKeys.restore(chosen.folder / "purse.json", words, passphrase)
    print("復元しました / restored")


def account(chosen: argparse.Namespace) -> None:
    """Print an account."""
    print(Purse(chosen).keys().account(int(chosen.code)).address)


def register(chosen: argparse.Namespace) -> None:
    """Sign the registration that a desk asks for. No line."""
    request = RegistrationRequest.read(sys.stdin.read() if chosen.text == "-" else chosen.text)
    purse, town = Purse(chosen), lookup_number(request.municipality)
    if (purse.folder / "contracts.json").exists():
        book = purse.book()
        if (book.chain_id, book.residents) != (request.domain.chain_id, request.domain.registry):
            raise PurseRefused(
                "the code is of another chain or council than this purse's",
                "この財布の運用協議会・チェーンのコードではありません",
            )
    print(
        f"{town.full_name}({town.code})の利用者登録に署名します\nyou ask to be registered in {town.code}",
        file=sys.stderr,
    )
    if not chosen.yes and not _said_yes("署名しますか / sign? [y/N] "):
        raise PurseRefused("not signed", "署名しませんでした")
    answer = request.answer(purse.key(town.number, chosen.slip)).text
    if chosen.png:
        write_png(answer, chosen.png)
    if sys.stdout.isatty():
        print(as_terminal(answer))
    print(answer)


def learn(chosen: argparse.Namespace) -> None:
    """Learn shops and points of every series of the municipalities named."""
    purse = Purse(chosen)
    book = ContractBook.read(chosen.book) if chosen.book else purse.book()
    web3 = book.connect(chosen.url)
    book.write(purse.folder / "contracts.json")
    keys = purse.keys()
    codes = {int(code) for code in chosen.codes} or {each.municipality for each in book.series}
    learned = []
    for each in book.series:
        if each.municipality not in codes:
            continue
        file = purse.folder / f"series-{each.address}.json"
        before = SeriesKnowledge.read(file) if file.exists() else None
        known = refresh(book, web3, each.address, keys.account(each.municipality).address, before)
        known.write(file)
        with SigningDesk(known, purse.folder / f"signed-{known.series}.log") as desk:
            desk.look_up(book, web3)
        held, shops = sum(known.lots.values()), len(known.shops)
        print(f"{known.town} {known.name}: 加盟店 shops {shops}, {held:,}ポイント points")
        learned.append(known)
    _tell_replacements(learned)


def points(chosen: argparse.Namespace) -> None:
    """Print points by town with their ends."""
    known = Purse(chosen).known()
    rows = points_by_town(known, int(time.time()))
    for town, name, amount, until in rows:
        print(f"{town}  {name}  {amount:>9,}ポイント  {until}")
    if not rows:
        print("ポイントはありません / no points")
    for each in known:
        print(f"({each.name}: {moment_label(each.at).japanese}現在)")
    _tell_replacements(known)


def pay(chosen: argparse.Namespace) -> None:
    """Show the shop, then sign. No line."""
    text = sys.stdin.read() if chosen.text == "-" else chosen.text
    purse = Purse(chosen)
    known = purse.series(PaymentRequest.read(text).domain.series)
    _tell_replacements([known])
    with SigningDesk(known, purse.folder / f"signed-{known.series}.log") as desk:
        offer = desk.consider(text)
        if not chosen.yes and not _agreed(offer):
            raise PurseRefused("not signed", "署名しませんでした")
        answer = desk.sign(offer, purse.keys().account(known.municipality))
    if chosen.png:
        write_png(answer.text, chosen.png)
    if sys.stdout.isatty():
        print(as_terminal(answer.text))
    print(answer.text)


def cancel(chosen: argparse.Namespace) -> None:
    """Cancel every signature that has not been submitted."""
    purse = Purse(chosen)
    known, book = purse.series(chosen.series), purse.book()
    web3 = book.connect(chosen.url)
    point = book.contract(web3, "MunicipalPoint", known.series)
    send(book, web3, point.functions.cancelSignatures(), purse.keys().account(known.municipality))
    refresh(book, web3, known.series, known.account, known).write(
        purse.folder / f"series-{known.series}.json"
    )
    print("未送信の署名をすべて取り消しました / everything unsubmitted is cancelled")


def held(chosen: argparse.Namespace) -> None:
    """Print held points of a home municipality."""
    purse = Purse(chosen)
    book, code = purse.book(), int(chosen.code)
    home = purse.keys().account(code).address
    for each in held_points(book, book.connect(chosen.url), code, home):
        due = moment_label(each.due_at).japanese
        print(f"0x{each.holding.hex()}  {each.points + each.bonus_points:,}ポイント  {due}以降に基本自治体へ")


def name(chosen: argparse.Namespace) -> None:
    """Send held points to a municipality."""
    purse, keys = Purse(chosen), Purse(chosen).keys()
    book = purse.book()
    web3 = book.connect(chosen.url)
    code = int(chosen.code)
    holding = bytes.fromhex(chosen.holding.removeprefix("0x"))
    home = keys.account(int(chosen.home))
    name_held_points(book, web3, holding, code, keys.account(code).address, home)
    print("送りました / sent")


def object_to_replacement(chosen: argparse.Namespace) -> None:
    """Say no to the replacement of the own account; a second time it says what stands."""
    purse = Purse(chosen)
    book, municipality = purse.book(), int(chosen.code)
    try:
        web3 = book.connect(chosen.url)
        key = purse.key(municipality, chosen.slip)
        standing = standing_of(book, web3, municipality, key.address)
        if standing.under_way is not None or standing.objected_at is None:
            replaced = what_replaces(require_possible(standing), municipality)
            print(f"{replaced.japanese}\n{replaced.english}", file=sys.stderr)
            if not chosen.yes and not _said_yes(
                "異議を申し立てますか(365日に1回) / object, once in 365 days? [y/N] "
            ):
                raise PurseRefused("not sent", "送りませんでした")
            standing = send_objection(book, web3, municipality, standing, key)
        for known in purse.known():
            if (known.municipality, known.account) == (municipality, key.address):
                refresh(book, web3, known.series, known.account, known).write(
                    purse.folder / f"series-{known.series}.json"
                )
    except (*LINE_ERRORS, TimeExhausted):
        print(
            "異議が届いたか、確かめられません。通信できるときに、同じ操作をもう一度行ってください\n"
            "whether your objection arrived is not known: run the same command again with a line",
            file=sys.stderr,
        )
        raise
    print(f"{standing.follows.japanese}\n{standing.follows.english}")


def redeem(chosen: argparse.Namespace) -> None:
    """Redeem a coupon."""
    purse = Purse(chosen)
    book, code = purse.book(), int(chosen.code)
    redeem_coupon(book, book.connect(chosen.url), chosen.coupon, code, purse.keys().account(code))
    print("クーポンを受け取りました / redeemed")


def desk_open(chosen: argparse.Namespace) -> None:
    """Give somebody without a phone an account."""
    purse = Purse(chosen)
    with closing(CounterService(purse.keys(), int(chosen.code), purse.folder / "desk")) as desk:
        opened = desk.open_account()
    print(f"窓口番号 slip: {opened.slip}\n口座 account: {opened.account}\n{opened.flag}")


def desk_pay(chosen: argparse.Namespace) -> None:
    """Pay for somebody without a phone, and print the receipt."""
    purse, book = Purse(chosen), Purse(chosen).book()
    series = PaymentRequest.read(chosen.text).domain.series
    web3 = book.connect(chosen.url)
    with closing(
        CounterService(purse.keys(), int(chosen.code), purse.folder / "desk", chosen.day_cap)
    ) as desk:
        known = refresh(book, web3, series, desk.key(chosen.slip).address)
        _tell_replacements([known], chosen.slip)
        answer, receipt = desk.pay(
            chosen.slip, known, chosen.text, lambda offer: chosen.yes or _agreed(offer), (book, web3)
        )
    print(receipt, file=sys.stderr)
    print(answer.text)


def _tell_replacements(known: Sequence[SeriesKnowledge], slip: int | None = None) -> None:
    """Say, once a municipality, that an account is being replaced, to whoever may not have asked for it."""
    latest = {each.municipality: each for each in sorted(known, key=lambda each: each.at)}
    for municipality, each in latest.items():
        if each.under_way is not None:
            told = how_to_object(each.under_way, municipality, int(time.time()), slip)
            print(f"{told.japanese}\n{told.english}", file=sys.stderr)


def _agreed(offer: Offer) -> bool:
    """Show an offer and ask."""
    print(f"{offer.lines.japanese}\n{offer.lines.english}", file=sys.stderr)
    return _said_yes("支払いますか / pay? [y/N] ")


def _said_yes(question: str) -> bool:
    print(question, end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes", "はい")


def statement(chosen: argparse.Namespace) -> None:
    """Write the statement of a fiscal year."""
    purse = Purse(chosen)
    book = purse.book()
    web3: Web3 = book.connect(chosen.url)
    content = yearly_statement(movements(book, web3, purse.series(chosen.series)), chosen.year)
    if chosen.out is None:
        sys.stdout.buffer.write(content)
    else:
        chosen.out.write_bytes(content)
        print(chosen.out)


def parser() -> argparse.ArgumentParser:
    """Return what reads the command line."""
    top = argparse.ArgumentParser(
        prog="python -m scripts.resident", description=(__doc__ or "").splitlines()[0]
    )
    top.add_argument(
        "--folder", type=Path, default=FOLDER, help="財布のフォルダ / the purse's folder (purse)"
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

    def with_code(added: argparse.ArgumentParser) -> None:
        added.add_argument("code", help="団体コード / municipality code")

    def with_series(added: argparse.ArgumentParser) -> None:
        added.add_argument("--series", default="", help="種別の口座 / address of the series")

    command("create", create, "財布を作る / make a purse")
    command("restore", restore, "24語から復元 / make it again from 24 words")
    with_code(command("account", account, "自治体の口座番号 / the account in a municipality"))
    added = command("register", register, "利用者登録に署名(通信なし) / sign a registration, without a line")
    added.add_argument("text", help="窓口のQRの文字列、または - / the desk's text, or - for standard input")
    added.add_argument("--slip", type=int, help="窓口代行の番号 / slip of a person without a phone")
    added.add_argument("--yes", action="store_true", help="確認しない / do not ask")
    added.add_argument("--png", type=Path, help="画像ファイル / picture to write")
    added = command("learn", learn, "加盟店と残高を取り込む / learn shops and points")
    added.add_argument("codes", nargs="*", help="団体コード(省略時は全部) / codes, all if left out")
    added.add_argument(
        "--book", type=Path, help="契約一覧(初回) / file of scripts.contract_book, the first time"
    )
    command("points", points, "残高と有効期限 / points and their ends")
    added = command("pay", pay, "店を確かめて署名(通信なし) / see the shop and sign, without a line")
    added.add_argument("text", help="レジのQRの文字列、または - / the till's text, or - for standard input")
    added.add_argument("--yes", action="store_true", help="確認しない / do not ask")
    added.add_argument("--png", type=Path, help="画像ファイル / picture to write")
    with_series(command("cancel", cancel, "未送信の署名をすべて取り消す / cancel what was not submitted"))
    with_code(command("held", held, "留保ポイント / points in the holding account (home municipality)"))
    added = command("name", name, "留保ポイントの送り先を指定 / send held points to a municipality")
    added.add_argument("holding", help="留保の番号 / number of the holding")
    with_code(added)
    added.add_argument("--home", required=True, help="基本自治体の団体コード / code of the home municipality")
    added = command("object", object_to_replacement, "口座の切替・相続に異議 / object to a replacement")
    with_code(added)
    added.add_argument("--slip", type=int, help="窓口代行の番号 / slip of a person without a phone")
    added.add_argument("--yes", action="store_true", help="確認しない / do not ask")
    added = command("redeem", redeem, "クーポンを受け取る / redeem a coupon")
    added.add_argument("coupon", help="コード / code")
    with_code(added)
    with_code(command("desk-open", desk_open, "窓口代行の口座 / an account for a person without a phone"))
    added = command("desk-pay", desk_pay, "窓口代行で支払う / pay for somebody without a phone, with a line")
    with_code(added)
    added.add_argument("slip", type=int, help="窓口番号 / number on the person's slip")
    added.add_argument("text", help="レジのQRの文字列 / the till's text")
    added.add_argument("--day-cap", type=int, default=5_000, help="1人1日の上限 / at most, a person and day")
    added.add_argument("--yes", action="store_true", help="確認しない / do not ask")
    added = command("statement", statement, "年度の明細CSV / statement of a fiscal year")
    added.add_argument("year", type=int, help="会計年度 / fiscal year, by its April")
    added.add_argument("--out", type=Path, help="出力ファイル / file to write")
    with_series(added)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return 1 if it was refused, 2 if there is no line."""
    chosen = parser().parse_args(arguments)
    try:
        chosen.run(chosen)
    except REFUSALS as refused:
        print(getattr(refused, "reason", refused), file=sys.stderr)
        return 1
    except (*LINE_ERRORS, TimeExhausted) as error:
        print(f"通信できません / no line: {type(error).__name__}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
