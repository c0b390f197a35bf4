"""What is said of points that left a series and did not reach its successor."""

from collections import Counter

from scripts.lib.expiry_rule import NEVER
from scripts.lib.series_migration import _lost

ALICE, SHOP, BOB = "0xalice", "0xshop", "0xbob"


def test_points_and_claims_on_neither_side_are_told_with_their_end_and_sign():
    lost = list(_lost(Counter({(ALICE, 326): 50, (BOB, NEVER): 0, (SHOP, "claim"): -1_200})))
    assert [(its.account, its.what.english) for its in lost] == [
        (ALICE, "+50 points until 2027-03-31 are on neither side"),
        (SHOP, "-1,200 of the claim"),
    ]
    assert [its.what.japanese for its in lost] == [
        "期限2027年3月31日の+50ポイントが一致しません",
        "請求の-1,200ポイントが一致しません",
    ]
