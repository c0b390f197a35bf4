"""`python -m scripts.merchant …`, commands that the first payment (test_first_payment) does not need."""

import io
import sys

import pytest

from scripts import merchant
from scripts.lib.japan_calendar import moment_from_text, month_from_text
from scripts.lib.keys.new_keystore import write_keystore
from scripts.lib.merchant.shop_keys import ShopKeyError, create_key, open_key
from scripts.lib.merchant.till_settings import TillSettings
from scripts.lib.payment.signing import Payment, sign
from scripts.lib.payment.uri import PaymentAnswer, PaymentRequest
from scripts.lib.qr_picture import as_terminal
from tests.scripts.counter.conftest import FEW, PASSPHRASE
from tests.support.counter_town import key

UNTIL_NEVER = 1535


@pytest.fixture
def till(town, command, tmp_path):
    """The shop's till, whose key is its owner's."""
    folder = tmp_path / "till"
    folder.mkdir()
    write_keystore(folder / "till-key.json", bytes(town.shop.key), PASSPHRASE, FEW)
    town.book.write(tmp_path / "book.json")

    def run(*words, **more):
        return command(merchant, folder, *words, **more)

    named = ["--merchant", town.shop.address, "--shop", "商店0", "--till", "3"]
    ended, said, why = run("setup", "--book", str(tmp_path / "book.json"), *named)
    assert ended == 0 and said == "商店0: 川崎市 川崎げんきポイント, レジ till 3", why
    run.folder = folder
    return run


def answered(text, payer):
    """A payer's answer to what the till shows, without the checks of a purse."""
    request = PaymentRequest.read(text)
    payment = Payment(payer.address, *request.sale, 0)
    return PaymentAnswer(request.domain, payment, sign(request.domain, payment, payer), UNTIL_NEVER).text


@pytest.fixture
def hanako(town):
    town.grant(key("Hanako").address, 1_000)
    return key("Hanako")


def test_owner_makes_a_key(command, tmp_path):
    ended, said, _ = command(merchant, tmp_path, "key", "--owner")
    file = tmp_path / "owner-key.json"
    assert ended == 0 and said.startswith(f"{file}\n口座 account: 0x") and file.exists()


def test_key_is_not_overwritten(tmp_path):
    made = create_key(tmp_path / "till-key.json", PASSPHRASE, FEW)
    with pytest.raises(ShopKeyError, match="鍵がすでにあります"):
        create_key(tmp_path / "till-key.json", PASSPHRASE, FEW)
    assert open_key(tmp_path / "till-key.json", PASSPHRASE) == made


def test_setup_for_a_series_that_the_book_does_not_have_is_refused(till, town, tmp_path):
    named = ["--merchant", town.shop.address, "--shop", "商店0", "--series", "NONE"]
    ended, _, why = till("setup", "--book", str(tmp_path / "book.json"), *named)
    assert ended == 1 and "種別を1つ指定してください" in why and "川崎げんきポイント" in why


def test_sale_is_shown_again_as_it_was_opened(till, tmp_path):
    ended, text, told = till("open", "300", "--png", str(tmp_path / "sale.png"))
    number = str(PaymentRequest.read(text).sale.sale)
    assert ended == 0 and f"売上 sale: {number} (" in told
    assert (tmp_path / "sale.png").read_bytes().startswith(b"\x89PNG")
    assert till("show", number)[:2] == (0, text)


def test_answer_in_a_file_is_taken_offline_and_what_nobody_checked_is_told(till, hanako, tmp_path):
    text = till("open", "300")[1]
    (tmp_path / "answer.txt").write_text(answered(text, hanako))
    ended, said, _ = till("accept", str(tmp_path / "answer.txt"), "--offline")
    assert ended == 0 and "300 ポイント" in said and "残高があること" in said
    assert till("queue")[1].endswith("送信待ち waiting: 1件, 300 ポイント points")


def test_answer_from_a_scanner_is_taken_without_a_line(till, hanako, monkeypatch):
    answer = answered(till("open", "300")[1], hanako)
    monkeypatch.setattr(sys, "stdin", io.StringIO(answer))
    ended, said, told = till("--url", "http://127.0.0.1:9", "accept", "-")
    assert ended == 0 and "オフラインで受け付けます" in told and "残高があること" in said


def test_payment_that_came_to_nothing_is_sent_again_when_it_is_asked_for(till, town, hanako):
    poor = key("Taro")
    answer = answered(till("open", "300")[1], poor)
    assert till("accept", answer, "--offline")[0] == 0
    said = till("submit")[1]
    assert "済みました" not in said
    assert till("queue")[1].splitlines()[0].count("  ") >= 2, "why it was not paid stands beside it"
    assert till("submit")[1] == "送信するものはありません / nothing was waiting"
    town.grant(poor.address, 300)
    assert "済みました" in till("submit", "--again")[1]


def test_till_whose_clock_differs_is_told(till, town, hanako):
    town.go_to(town.chain.now() + 60 * 60)
    answer = answered(till("open", "300")[1], hanako)
    _, _, told = till("accept", answer)
    assert "レジの時計がチェーンと-" in told and "秒ずれています" in told


def test_voided_sale_is_told_and_month_and_day_are_written(till, hanako, tmp_path):
    paid = till("open", "300")[1]
    assert till("accept", answered(paid, hanako))[0] == 0 and till("submit")[0] == 0
    number = str(PaymentRequest.read(till("open", "100")[1]).sale.sale)
    assert till("void", number)[0] == 0
    assert "voided" in till("queue")[1]
    for words in (("month", "2026-03"), ("daybook", "2026-03-30")):
        out = tmp_path / f"{words[0]}.csv"
        assert till(*words, "--out", str(out)) == (0, str(out), "")
        assert ",300," in out.read_text("utf-8-sig")


def test_settlement_is_requested_with_the_owners_key(till, hanako):
    assert till("accept", answered(till("open", "300")[1], hanako))[0] == 0
    assert till("submit")[0] == 0
    ended, said, _ = till("claim", "--request")
    assert ended == 0 and "精算を請求しました" in said and "今年度 this fiscal year: 300" in said


def test_till_without_a_line_says_so(till):
    ended, _, why = till("--url", "http://127.0.0.1:9", "claim")
    assert ended == 2 and why.startswith("通信できません / no line")


@pytest.mark.parametrize(
    ("content", "reason"),
    [(None, "merchant setup で作ります"), ("{", "壊れています"), ('{"shop": "商店0"}', "壊れています")],
)
def test_till_without_its_settings_is_refused(till, content, reason):
    file = till.folder / "till.json"
    file.unlink() if content is None else file.write_text(content)
    ended, _, why = till("queue")
    assert ended == 1 and reason in why


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"till": 16}, "0から15"),
        ({"connection_seconds": 0}, "次の通信までの時間"),
        ({"offline_sale_points": 301, "offline_day_points": 300}, "1日の上限を超えています"),
    ],
)
def test_settings_that_cannot_be_are_refused(changed, reason):
    with pytest.raises(Exception, match=reason):
        TillSettings(31337, "0x" + "11" * 20, "0x" + "22" * 20, "商店0", **changed)


@pytest.mark.parametrize("content", ["[]", "{}", '{"version": 3}', "no json"])
def test_file_that_is_no_key_is_refused(till, content):
    (till.folder / "till-key.json").write_text(content)
    ended, _, why = till("open", "300")
    assert ended == 1 and "鍵ファイルではありません" in why


def test_missing_key_and_another_passphrase_are_told_apart(till):
    assert "パスフレーズが違います" in till("open", "300", passphrase="another one")[2]
    (till.folder / "till-key.json").unlink()
    assert "がありません" in till("open", "300")[2]


def test_code_is_also_drawn_on_a_terminal(till, monkeypatch):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    ended, said, _ = till("open", "300")
    *drawn, text = said.splitlines()
    assert ended == 0 and PaymentRequest.read(text).sale.amount_points == 300
    assert "\n".join(drawn).strip() == as_terminal(text).strip()


def test_refund_of_a_sale_that_was_never_paid_is_refused(till):
    number = PaymentRequest.read(till("open", "100")[1]).sale.sale
    ended, said, why = till("refund", str(number))
    assert (ended, said) == (1, "") and f"売上{number}の支払いはありません" in why


def test_refund_tells_what_has_ended_and_does_not_come_back(till, town):
    payer = key("Taro")
    town.grant(payer.address, 60, month_from_text("2026-03"))
    town.grant(payer.address, 40, month_from_text("2026-12"))
    text = till("open", "100")[1]
    assert till("accept", answered(text, payer), "--offline")[0] == 0 and till("submit")[0] == 0
    town.go_to(moment_from_text("2026-04-01T09:00"))
    ended, said, why = till("refund", str(PaymentRequest.read(text).sale.sale))
    assert ended == 0, why
    assert "返品 returned: 40 ポイント" in said
    assert said.splitlines()[-1] == "期限切れで返せない分 ended, not returned: 60"
