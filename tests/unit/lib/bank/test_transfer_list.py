import csv

import pytest

from scripts.lib.bank.paper import bank_paper
from scripts.lib.bank.transfer_list import HEADERS, as_csv, transfer_rows
from scripts.lib.claim_word import CHUNK, MAX_CLAIM_POINTS, ClaimPart, in_order, places_of
from scripts.lib.replays.settlement import ReplayedBatch

GROCER, BAKER, TAILOR, SMITH = (f"0x{letter * 40}" for letter in "1234")
NAMES = {
    GROCER: ("八百屋", "本町"),
    BAKER: ("パン屋, 本店", "仲町"),
    TAILOR: ("洋品店", "本町"),
    SMITH: ("鍛冶屋", "元町"),
}
KEY = bytes(32)


@pytest.fixture
def batch():
    claims = [ClaimPart(GROCER, 100, 20), ClaimPart(BAKER, 7), ClaimPart(TAILOR, 0), ClaimPart(SMITH, 50)]
    return ReplayedBatch(141305, "0xseries", 326, 0, claims, bounced={3})


def test_transfer_rows_leave_out_what_holds_nothing_or_came_back(batch):
    rows = transfer_rows(batch, NAMES, {BAKER: SMITH})
    assert [(row.number, row.name, row.owner, row.yen) for row in rows] == [
        (0, "八百屋", GROCER, 120),
        (1, "パン屋, 本店", SMITH, 7),
    ]


def test_csv_of_transfers_opens_in_excel_and_adds_up(batch):
    written = as_csv(transfer_rows(batch, NAMES, {}))
    assert written.startswith(b"\xef\xbb\xbf")
    lines = list(csv.reader(written.decode("utf-8-sig").splitlines()))
    assert tuple(lines[0]) == HEADERS
    assert lines[1] == ["0", GROCER, "八百屋", "本町", GROCER, "100", "20", "120"]
    assert lines[-1] == ["合計", "", "", "", "", "107", "20", "127"]


def test_claim_word_goes_there_and_back():
    claim = ClaimPart("0x" + "Ab" * 20, 5, 2**47)
    assert ClaimPart.of(claim.word)[1:] == claim[1:]
    assert int(ClaimPart.of(claim.word).merchant, 16) == int(claim.merchant, 16)


@pytest.mark.parametrize("parts", [(MAX_CLAIM_POINTS, 1), (-1, 5)])
def test_claim_word_of_too_many_points_is_refused(parts):
    with pytest.raises(ValueError, match="points"):
        _ = ClaimPart(GROCER, *parts).word


def test_claims_come_in_the_order_of_their_accounts_numbers():
    upper, lower = ClaimPart("0x" + "0A" * 20, 1), ClaimPart("0x" + "09" * 20, 1)
    assert in_order([upper, lower]) == [lower, upper]


def test_places_are_bits_of_chunks():
    assert places_of([0, 2, CHUNK + 1]) == {0: 0b101, 1: 0b10}


def test_bank_paper_is_the_same_for_a_copy_and_another_under_another_key():
    assert bank_paper(KEY, b"0001234") == bank_paper(KEY, b"0001234")
    assert (
        len({bank_paper(KEY, b"0001234"), bank_paper(KEY, b"0001235"), bank_paper(b"1" * 32, b"0001234")})
        == 3
    )


@pytest.mark.parametrize(("key", "paper"), [(b"short", b"x"), (KEY, b"")])
def test_bank_paper_without_key_or_paper_is_refused(key, paper):
    with pytest.raises(ValueError, match=r"key|paper"):
        bank_paper(key, paper)
