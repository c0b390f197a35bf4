"""The banks' fixed-length format: widths, padding, signs, limits."""

import pytest

from scripts.lib.bank.half_width_kana import KanaError, zengin_text
from scripts.lib.bank.zengin import (
    MAX_YEN,
    RECORD_BYTES,
    AccountKind,
    BankAccount,
    Payer,
    Transfer,
    ZenginError,
    transfer_file,
)

ACCOUNT = BankAccount("0005", "ミツビシ", "001", "ホンテン", AccountKind.ORDINARY, "1234567")
PAYER = Payer("12345", "カワサキシ", ACCOUNT)


def records(*transfers, payer=PAYER):
    return transfer_file(payer, 6, 10, transfers).split(b"\r\n")


def transfer(yen=1_500, receiver="カ）アサイチ", **more):
    return Transfer(ACCOUNT, receiver, yen, **more)


@pytest.mark.parametrize(
    ("text", "signs"),
    [
        ("カ）アサイチシジョウ", "ｶ)ｱｻｲﾁｼｼﾞﾖｳ"),
        ("ガギパピヴ", "ｶﾞｷﾞﾊﾟﾋﾟｳﾞ"),
        ("ｶﾞｯｺｳ ｷｯｻ", "ｶﾞﾂｺｳ ｷﾂｻ"),
        ("ばーがー　shop", "ﾊﾞ-ｶﾞ- SHOP"),
        ("ヴァイオリン－１２", "ｳﾞｱｲｵﾘﾝ-12"),
    ],
)
def test_zengin_text_becomes_half_width_and_large(text, signs):
    assert zengin_text(text) == signs


@pytest.mark.parametrize(
    ("text", "place"), [("朝市", 1), ("カ・フェ", 2), ("アサ市", 3), ("ア\n", 2), ("A&B", 2)]
)
def test_zengin_text_refuses_signs_that_banks_do_not_take(text, place):
    with pytest.raises(KanaError, match=f"{place}文字目") as refused:
        zengin_text(text)
    assert text not in str(refused.value)


def test_every_record_has_120_bytes_and_ends_with_a_line_break():
    *lines, rest = records(transfer(), transfer(yen=2))
    assert [len(line) for line in lines] == [RECORD_BYTES] * 5
    assert rest == b""
    assert b"".join(line[:1] for line in lines) == b"12289"


def test_header_has_payer_day_and_account():
    header = records(transfer())[0].decode("shift_jis")
    assert header[:14] == "1" + "21" + "0" + "0000012345"
    assert header[14:54] == "ｶﾜｻｷｼ".ljust(40)
    assert header[54:58] == "0610"
    assert header[58:103] == "0005" + "ﾐﾂﾋﾞｼ".ljust(15) + "001" + "ﾎﾝﾃﾝ".ljust(15) + "1" + "1234567"
    assert header[103:] == " " * 17


def test_data_record_has_receiver_amount_and_customer():
    data = records(transfer(customer="17"))[1].decode("shift_jis")
    assert data[:38] == "2" + "0005" + "ﾐﾂﾋﾞｼ".ljust(15) + "001" + "ﾎﾝﾃﾝ".ljust(15)
    assert data[38:50] == "0000" + "1" + "1234567"
    assert data[50:80] == "ｶ)ｱｻｲﾁ".ljust(30)
    assert data[80:91] == "0000001500" + "0"
    assert data[91:111] == "0000000017" + "0" * 10
    assert data[111:] == "7" + " " * 8


def test_trailer_has_number_and_sum():
    trailer = records(transfer(yen=1), transfer(yen=MAX_YEN))[3].decode()
    assert trailer == "8" + "000002" + "010000000000" + " " * 101


def test_text_fills_its_field_and_not_more():
    assert records(transfer(receiver="ア" * 30))[1].decode("shift_jis")[50:80] == "ｱ" * 30
    with pytest.raises(ZenginError, match="31 places"):
        records(transfer(receiver="ア" * 31))
    with pytest.raises(ZenginError, match="半角30文字"):
        records(transfer(receiver="ガ" * 16))


@pytest.mark.parametrize("yen", [0, -1, MAX_YEN + 1])
def test_amount_out_of_range_is_refused(yen):
    with pytest.raises(ZenginError, match="1円から"):
        records(transfer(yen=yen))


def test_file_without_transfers_is_refused():
    with pytest.raises(ZenginError, match="収まりません"):
        records()


def test_number_with_letters_or_too_many_digits_is_refused():
    for account in (ACCOUNT._replace(number="12345678"), ACCOUNT._replace(bank="５")):
        with pytest.raises(ZenginError):
            records(Transfer(account, "ア", 1))
