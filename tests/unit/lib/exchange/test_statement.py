"""Statements of what partners brought, paid and owe."""

from scripts.lib.exchange.statement import statement, statement_csv
from scripts.lib.exchange.terms import Ledger

LEDGERS = {
    (141305, 1): Ledger(held=500, exchanged=1_000, bonus=100, bonus_owed=40, received=300),
    (0, 1): Ledger(coupons=200),
    (141305, 2): Ledger(),
}
ROWS = statement(LEDGERS, {141305: "川崎市"}, {1: "そら航空", 2: "みどりカード"})


def test_statement_leaves_out_partners_that_brought_nothing():
    assert [(row.town, row.partner) for row in ROWS] == [
        ("any 全自治体共通", "そら航空"),
        ("川崎市", "そら航空"),
    ]


def test_owed_is_what_was_minted_at_the_partner_s_charge_less_what_it_paid():
    assert [row.owed for row in ROWS] == [0, 1_000 + 40 - 300]


def test_csv_opens_in_excel_and_is_gross():
    text = statement_csv(ROWS)
    assert text.startswith(b"\xef\xbb\xbf")
    assert "川崎市,そら航空,500,0,1000,100,40,300,740\r\n" in text.decode("utf-8-sig")
