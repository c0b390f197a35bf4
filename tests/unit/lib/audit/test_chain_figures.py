"""What the chain is asked for, of replays that the audited town does not come to."""

import pytest

from scripts.lib.audit import chain_figures
from scripts.lib.audit.chain_figures import SERVICE_FIGURES, agrees, series_figures
from scripts.lib.contract_abi import decode_answer, encode_call
from scripts.lib.japan_calendar import day_of, start_of
from scripts.lib.payment.sale_number import sale_number
from scripts.lib.replays.everything import SERVICE_REPLAYS, Replay
from scripts.lib.replays.exchange import ExchangeReplay
from scripts.lib.replays.programmes import ProgrammesReplay, ReplayedBatch
from scripts.lib.replays.sales import SalesReplay
from scripts.lib.replays.series import SeriesReplay

SERVICE, TOKEN, SHOP, COUPON = (f"0x{digit * 40}" for digit in "1234")
NOW = start_of(326)
PAYABLE_DAYS, REFUND_DAYS = 7, 60


def asked(figures, function):
    """Return arguments and expected answer of every question to a view."""
    return {figure.view.arguments: figure.expected for figure in figures if figure.view.function == function}


def answered(contract, function, *words):
    """Return what a view answers in these words."""
    return decode_answer(contract, function, b"".join(word.to_bytes(32, "big") for word in words))


def test_revoked_grant_is_asked_for_with_what_was_taken_and_what_is_owed():
    replay = ProgrammesReplay(SERVICE)
    replay.revoked[1, 4] = (30, 70)
    figures = SERVICE_FIGURES[ProgrammesReplay](replay, SERVICE, NOW)
    assert asked(figures, "revocationOf") == {(1, 4): (30, 70)}
    encode_call("GrantProgrammes", "revocationOf", (1, 4))
    assert agrees((30, 70), answered("GrantProgrammes", "revocationOf", 30, 70))
    assert not agrees((30, 70), answered("GrantProgrammes", "revocationOf", 30, 71))


def test_list_that_is_said_to_have_milliards_of_rows_is_asked_for_as_many_as_lists_have(monkeypatch):
    """And for every row that an event tells to be granted, wherever it stands."""
    monkeypatch.setattr(chain_figures, "_MOST_ROWS", 3)
    replay = ProgrammesReplay(SERVICE)
    record = ReplayedBatch(1, 1, b"root", b"file", 2**32 - 1, 5, 326, 326, granted={1: 7, 2**31: 8})
    replay.batches[1] = record
    figures = SERVICE_FIGURES[ProgrammesReplay](replay, SERVICE, NOW)
    assert asked(figures, "isRowGranted") == {(1, 0): False, (1, 1): True, (1, 2): False, (1, 2**31): True}


def test_open_coupon_is_asked_for_with_its_points_town_and_end():
    replay = ExchangeReplay(SERVICE)
    replay.coupons[1, COUPON] = (500, 141305, NOW)
    figures = SERVICE_FIGURES[ExchangeReplay](replay, SERVICE, NOW)
    [(arguments, expected)] = asked(figures, "couponOf").items()
    encode_call("PartnerExchange", "couponOf", arguments)
    issuer = int(SHOP, 16)
    assert agrees(expected, answered("PartnerExchange", "couponOf", issuer, 500, 141305, NOW))
    assert not agrees(expected, answered("PartnerExchange", "couponOf", issuer, 501, 141305, NOW))


@pytest.mark.parametrize(
    ("view", "answer"),
    [("expiryPolicy", (1, 0)), ("saleDays", (PAYABLE_DAYS, REFUND_DAYS, 1_024))],
    ids=["expiry policy", "refund days"],
)
def test_series_whose_constructor_s_events_are_missing_does_not_agree_with_the_chain(view, answer):
    """Whoever hides them hides what the points' life, or the refund's window, was to be."""
    [expected] = asked(series_figures(SeriesReplay(), TOKEN, set(), NOW), view).values()
    assert not agrees(expected, answer)


def test_number_that_was_voided_is_asked_for_as_long_as_the_token_remembers_it():
    days = (day_of(NOW) - PAYABLE_DAYS - REFUND_DAYS, day_of(NOW) - PAYABLE_DAYS - REFUND_DAYS - 1)
    kept, forgotten = (sale_number(day, 1) for day in days)
    sales = SalesReplay(PAYABLE_DAYS)
    sales.refund_days = REFUND_DAYS
    sales.voided |= {(SHOP, kept), (SHOP, forgotten)}
    assert asked(series_figures(SeriesReplay(sales=sales), TOKEN, set(), NOW), "saleOf") == {
        (SHOP, kept): (2, 0)
    }


def test_every_service_that_is_replayed_is_compared_with_the_chain():
    platform = Replay(SERVICE, TOKEN, SHOP)
    assert {type(make(SERVICE, platform)) for make in SERVICE_REPLAYS.values()} == set(SERVICE_FIGURES)
