"""`python -m scripts.resident …` as somebody types it; the first payment is in test_first_payment."""

import io
import sys
from dataclasses import replace

import pytest
from eth_utils import keccak

from scripts import resident
from scripts.lib.exchange.coupons import coupon_key, new_code
from scripts.lib.payment.uri import PaymentAnswer
from scripts.lib.qr_picture import as_terminal
from scripts.lib.registration import RegistrationDomain
from scripts.lib.registration_uri import RegistrationAnswer, RegistrationRequest
from scripts.lib.resident.purse_keys import PurseKeys
from tests.scripts.counter.conftest import PASSPHRASE
from tests.support.counter_town import CITY

CODE = f"{CITY:06d}"
HOUR = 60 * 60


@pytest.fixture
def purse(town, command, tmp_path):
    """A purse that has learned; the account in the city has 1,000 points."""
    folder = tmp_path / "purse"
    keys, _ = PurseKeys.create(folder / "purse.json", PASSPHRASE)
    town.grant(keys.account(CITY).address, 1_000)
    town.book.write(tmp_path / "book.json")

    def run(*words, **more):
        return command(resident, folder, *words, **more)

    assert run("learn", "--book", str(tmp_path / "book.json"))[0] == 0
    run.keys, run.folder = keys, folder
    return run


def type_in(monkeypatch, text):
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))


def test_purse_made_from_the_words_of_another_has_its_accounts(command, tmp_path, monkeypatch):
    ended, said, _ = command(resident, tmp_path / "first", "create")
    words = said.splitlines()[-1]
    assert ended == 0 and len(words.split()) == 24
    type_in(monkeypatch, f"{words}\n")
    ended, said, _ = command(resident, tmp_path / "second", "restore")
    assert (ended, said) == (0, "復元しました / restored")
    ended, account, _ = command(resident, tmp_path / "second", "account", CODE)
    keys = PurseKeys.restore(tmp_path / "third" / "purse.json", words, PASSPHRASE)
    assert account == keys.account(CITY).address


def test_purse_with_another_passphrase_stays_shut(purse):
    ended, said, why = purse("account", CODE, passphrase="another one")
    assert (ended, said) == (1, "") and "パスフレーズが違います" in why


def test_purse_that_learns_other_towns_alone_has_no_points_of_this_one(purse, town, tmp_path):
    (purse.folder / f"series-{town.series}.json").unlink()
    assert purse("learn", "011002") == (0, "", "")
    assert purse("points")[1] == "ポイントはありません / no points"
    ended, _, why = purse("cancel")
    assert ended == 1 and "種別を1つ指定してください: -" in why


def test_payment_is_shown_before_it_is_signed_and_no_is_an_answer(purse, town, clock, tmp_path, monkeypatch):
    text = town.counter(tmp_path, clock).open_sale(300).text
    type_in(monkeypatch, "n\n")
    ended, said, why = purse("pay", text)
    assert (ended, said) == (1, "") and "商店0" in why and "署名しませんでした" in why
    type_in(monkeypatch, "はい\n")
    ended, answer, _ = purse("pay", text, "--png", str(tmp_path / "answer.png"))
    assert ended == 0 and answer.startswith("jichitai-points:paid?")
    assert (tmp_path / "answer.png").read_bytes().startswith(b"\x89PNG")
    type_in(monkeypatch, text)
    assert purse("pay", "-", "--yes")[1] == answer


def test_held_points_and_a_coupon_reach_the_account(purse, town, airline):
    number = town.join(purse.keys.account(CITY))
    exchange = town.book.service(town.web3, "PartnerExchange").functions
    town.send(exchange.exchange(CITY, number, 1_500, keccak(text="SORA-1")), airline.address)
    ended, said, _ = purse("held", CODE)
    assert ended == 0 and "1,500ポイント" in said and "以降に基本自治体へ" in said
    assert purse("name", said.split()[0], CODE, "--home", CODE)[:2] == (0, "送りました / sent")
    assert purse("held", CODE)[1] == ""
    coupon, until = new_code(), town.chain.now() + HOUR
    town.send(exchange.issueCoupons(CITY, until, [(coupon_key(coupon).address, 300)]), airline.address)
    assert purse("redeem", coupon, CODE)[:2] == (0, "クーポンを受け取りました / redeemed")
    assert town.balance(purse.keys.account(CITY).address) == 2_800
    ended, _, why = purse("redeem", coupon, CODE)
    assert ended == 1 and "使用済み" in why


def test_desk_pays_for_a_slip_and_prints_its_receipt(purse, town, clock, tmp_path):
    slip = purse("desk-open", CODE)[1]
    assert slip.startswith("窓口番号 slip: 1")
    town.grant(purse.keys.counter_account(CITY, 1).address, 500)
    counter = town.counter(tmp_path, clock)
    ended, answer, receipt = purse("desk-pay", CODE, "1", counter.open_sale(300).text, "--yes")
    assert ended == 0 and answer.startswith("jichitai-points:paid?") and "商店0(川崎区)" in receipt
    counter.accept(answer)
    counter.sender.submit()
    assert town.balance(purse.keys.counter_account(CITY, 1).address) == 200
    ended, said, why = purse("desk-pay", CODE, "1", counter.open_sale(1).text, "--yes", "--day-cap", "300")
    assert (ended, said) == (1, "") and "1日300ポイントまで" in why


def test_statement_is_written_to_a_file_or_shown(purse, tmp_path):
    out = tmp_path / "2025.csv"
    assert purse("statement", "2025", "--out", str(out)) == (0, str(out), "")
    written = out.read_text("utf-8-sig")
    assert "1000" in written.replace(",", "")
    assert purse("statement", "2025")[1].lstrip("\ufeff").split() == written.split()


def test_purse_without_a_line_says_so(purse, monkeypatch):
    ended, said, why = purse("--url", "http://127.0.0.1:9", "held", CODE)
    assert (ended, said) == (2, "") and why.startswith("通信できません / no line")


def test_answer_is_also_drawn_on_a_terminal(purse, town, clock, tmp_path, monkeypatch):
    text = town.counter(tmp_path, clock).open_sale(300).text
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    ended, said, _ = purse("pay", text, "--yes")
    *drawn, answer = said.splitlines()
    assert ended == 0 and PaymentAnswer.read(answer).payment.amount_points == 300
    assert "\n".join(drawn).strip() == as_terminal(answer).strip()


@pytest.fixture
def asked(town):
    """What the desk of the city asks somebody to sign."""
    domain = RegistrationDomain(town.book.chain_id, town.book.residents)
    return RegistrationRequest(domain, CITY, keccak(text="somebody's commitment"))


def test_registration_is_shown_before_it_is_signed_and_no_is_an_answer(purse, asked, tmp_path, monkeypatch):
    type_in(monkeypatch, "n\n")
    ended, said, why = purse("register", asked.text)
    assert (ended, said) == (1, "") and "神奈川県川崎市" in why and "署名しませんでした" in why
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    ended, said, _ = purse("register", asked.text, "--yes", "--png", str(tmp_path / "answer.png"))
    answer = RegistrationAnswer.read(said.splitlines()[-1])
    assert ended == 0 and answer.is_signed and answer.account == purse.keys.account(CITY).address
    assert said.startswith(as_terminal(answer.text).strip())
    assert (tmp_path / "answer.png").read_bytes().startswith(b"\x89PNG")


def test_registration_for_another_council_than_the_purse_s_is_refused(purse, asked):
    other = asked._replace(domain=replace(asked.domain, registry="0x" + "11" * 20))
    ended, said, why = purse("register", other.text, "--yes")
    assert (ended, said) == (1, "") and "この財布の運用協議会・チェーンのコードではありません" in why
