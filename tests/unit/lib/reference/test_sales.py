"""The model of sales itself: every expectation here is worked out by hand from IMunicipalPoint."""

from collections.abc import Callable

import pytest

from scripts.lib.expiry_rule import NEVER, ExpiryRule
from scripts.lib.japan_calendar import day_of, last_second, moment_from_text, start_of, start_of_day
from scripts.lib.payment.issue import PaymentIssue, SaleState
from scripts.lib.payment.sale_number import sale_number
from scripts.lib.payment.sale_terms import SaleTerms
from scripts.lib.payment.signing import Payment, Sale, Sales
from scripts.lib.reference.ledger import (
    MAX_LOT_POINTS,
    MAX_MONTH_POINTS,
    UNLIMITED,
    ZERO_ADDRESS,
    Claim,
    ReferenceLedger,
    Refused,
)
from scripts.lib.reference.registry import DELAY_SECONDS
from scripts.lib.reference.sales import MAX_CANCEL_EPOCH, MAX_SALE, SOME_KEY, Refund, Signed, Terms

APRIL, MAY, JUNE, MARCH_2027, APRIL_2027, MARCH_2028 = 315, 316, 317, 326, 327, 338
TODAY = day_of(moment_from_text("2026-04-15"))
PAYABLE_DAYS, REFUND_DAYS, RING_DAYS = TERMS = SaleTerms(7, 30, 45)
FOREVER = 2**35 - 1
FORGED = Signed(None, "somebody")


@pytest.fixture
def ledger() -> ReferenceLedger:
    """A series on 15 April 2026; a resident with three lots, a shop with a till."""
    ledger = ReferenceLedger(
        moment_from_text("2026-04-15T12:00"), ExpiryRule.NEXT_FISCAL_YEAR, sale_terms=TERMS
    )
    ledger.increase_minter_allowance("minter", 10**12)
    ledger.approve_merchant("shop")
    ledger.approve_merchant("other shop")
    ledger.set_till("shop", "shop", "till", True)
    for month, points in ((APRIL, 100), (MAY, 200), (NEVER, 300)):
        ledger.mint("minter", "resident", points, month)
    return ledger


def sale(serial: int = 1, day: int = TODAY) -> int:
    """Number of a sale, today's first if nothing is said."""
    return sale_number(day, serial)


def agreed(terms: Terms, merchant: str = "shop", epoch: int = 0, signer: str | None = None) -> Signed:
    """What the payer signs."""
    payer, *others = terms
    return Signed(Payment(payer, merchant, *others, epoch), payer if signer is None else signer)


def offered(number: int, points: int, valid_until: int = FOREVER, signer: str = "till") -> Signed:
    """What a till signs."""
    return Signed(Sale("shop", number, points, valid_until), signer)


def pay(
    ledger: ReferenceLedger, points: int, number: int = sale(), payer: str = "resident"
) -> list[tuple[int, int]]:
    """Let the till submit a signed payment; return the lots that paid."""
    terms = Terms(payer, number, points, FOREVER)
    epoch = ledger.sales.cancel_epoch_of(payer)
    return list(ledger.sales.pay_signed("till", "shop", terms, agreed(terms, epoch=epoch)))


def refund(ledger: ReferenceLedger, points: int, lots: dict[int, int], number: int = sale()) -> Refund:
    """Let the owner refund a sale of the resident's."""
    owner = ledger.owner_of("shop")
    return ledger.sales.refund(owner, "shop", number, "resident", list(lots.items()), points)


def refusal(operation: Callable[..., object], *arguments: object) -> tuple[str, tuple[int | str, ...]]:
    """Name and arguments of the error with which an operation is refused."""
    with pytest.raises(Refused) as refused:
        operation(*arguments)
    return refused.value.name, refused.value.arguments


# --------------------------------------------------------------------------------------------------- PAYMENTS


def test_payment_takes_what_ends_first_and_is_the_shops_claim(ledger: ReferenceLedger) -> None:
    assert pay(ledger, 250) == [(APRIL, 100), (MAY, 150)]
    assert ledger.lots_of("resident") == {MAY: 50, NEVER: 300}
    assert ledger.claim_of("shop") == Claim(250, 0, 0)
    assert ledger.sales.sale_of("shop", sale()) == (SaleState.PAID, 0)


def test_payment_by_the_resident_needs_the_tills_signature_only(ledger: ReferenceLedger) -> None:
    lots = ledger.sales.pay("resident", "shop", sale(), 30, FOREVER, offered(sale(), 30))
    assert list(lots) == [(APRIL, 30)]


def test_payment_relayed_needs_both_signatures(ledger: ReferenceLedger) -> None:
    terms = Terms("resident", sale(), 30, FOREVER)
    relay = ledger.sales.pay_relayed
    assert refusal(relay, "stranger", "shop", terms, FORGED, FOREVER, offered(sale(), 30)) == (
        "PointWrongSignature",
        ("resident",),
    )
    assert refusal(relay, "stranger", "shop", terms, agreed(terms), FOREVER, offered(sale(), 31)) == (
        "PointNotTill",
        ("shop", SOME_KEY),
    )
    relay("stranger", "shop", terms, agreed(terms), FOREVER, offered(sale(), 30))
    assert ledger.claim_of("shop") == Claim(30, 0, 0)


def test_payer_who_calls_has_agreed(ledger: ReferenceLedger) -> None:
    terms = Terms("resident", sale(), 30, FOREVER)
    ledger.sales.pay_relayed("resident", "shop", terms, FORGED, FOREVER, offered(sale(), 30))
    assert ledger.claim_of("shop") == Claim(30, 0, 0)


@pytest.mark.parametrize("key", ["stranger", "resident", "other shop"])
def test_payment_is_taken_by_the_shops_keys_alone(ledger: ReferenceLedger, key: str) -> None:
    terms = Terms("resident", sale(), 30, FOREVER)
    take = ledger.sales.pay_signed
    assert refusal(take, key, "shop", terms, agreed(terms)) == ("PointNotTill", ("shop", key))
    signed = offered(sale(), 30, signer=key)
    assert refusal(ledger.sales.pay, "resident", "shop", sale(), 30, FOREVER, signed) == (
        "PointNotTill",
        ("shop", key),
    )


def test_payment_to_nobody_or_to_a_shop_that_cannot_be_paid_is_refused(ledger: ReferenceLedger) -> None:
    terms = Terms("resident", sale(), 30, FOREVER)
    take = ledger.sales.pay_signed
    assert refusal(take, "friend", "friend", terms, FORGED) == ("PointNotTill", ("friend", "friend"))
    ledger.suspend_merchant("shop")
    assert refusal(take, "till", "shop", terms, FORGED) == ("PointMerchantNotActive", ("shop", 1))
    ledger.freeze("shop")
    assert refusal(take, "till", "shop", terms, FORGED) == ("PointAccountFrozen", ("shop",))
    assert ledger.sales.issue_of("shop", terms) == PaymentIssue.MERCHANT_NOT_ACTIVE


def test_payment_after_either_last_second_is_refused(ledger: ReferenceLedger) -> None:
    last = ledger.now + 60
    terms = Terms("resident", sale(), 30, last)
    ledger.advance_to(last)
    assert ledger.sales.issue_of("shop", terms) == PaymentIssue.NONE
    ledger.advance_to(last + 1)
    assert refusal(ledger.sales.pay_signed, "till", "shop", terms, agreed(terms)) == (
        "PointPaymentExpired",
        ("resident", last),
    )
    signed = offered(sale(), 30, last)
    assert refusal(ledger.sales.pay, "resident", "shop", sale(), 30, last, signed) == (
        "PointSaleExpired",
        (sale(), last),
    )


@pytest.mark.parametrize("points", [0, MAX_LOT_POINTS + 1])
def test_payment_of_an_amount_that_no_lot_holds_is_refused(ledger: ReferenceLedger, points: int) -> None:
    signed = offered(sale(), points)
    assert refusal(ledger.sales.pay, "resident", "shop", sale(), points, FOREVER, signed) == (
        "PointSaleAmount",
        (MAX_LOT_POINTS,),
    )


def test_payment_of_a_number_that_is_none_of_a_sale_is_refused(ledger: ReferenceLedger) -> None:
    number = MAX_SALE + 1
    assert refusal(ledger.sales.pay, "resident", "shop", number, 1, FOREVER, offered(number, 1)) == (
        "PointSaleAmount",
        (MAX_LOT_POINTS,),
    )


def test_payment_of_more_than_there_is_is_refused(ledger: ReferenceLedger) -> None:
    assert refusal(pay, ledger, 601) == ("ERC20InsufficientBalance", ("resident", 600, 601))
    ledger.advance_to(start_of(MAY))
    assert refusal(pay, ledger, 501, sale(1, day_of(ledger.now))) == (
        "ERC20InsufficientBalance",
        ("resident", 500, 501),
    )


def test_payment_by_somebody_stopped_is_refused(ledger: ReferenceLedger) -> None:
    ledger.freeze("resident")
    assert refusal(pay, ledger, 1) == ("PointAccountFrozen", ("resident",))
    assert refusal(pay, ledger, 1, sale(), ZERO_ADDRESS) == ("PointAccountFrozen", (ZERO_ADDRESS,))
    assert refusal(pay, ledger, 1, sale(), "other shop") == ("PointPayerIsMerchant", ("other shop",))


def test_payment_in_a_pause_is_refused_if_nothing_else_stands_against_it(ledger: ReferenceLedger) -> None:
    ledger.pause(60)
    assert refusal(pay, ledger, 601) == ("ERC20InsufficientBalance", ("resident", 600, 601))
    assert refusal(pay, ledger, 600) == ("PointPaused", (ledger.now + 60,))
    assert ledger.sales.issue_of("shop", Terms("resident", sale(), 600, FOREVER)) == PaymentIssue.PAUSED


@pytest.mark.parametrize(
    "signed",
    [
        FORGED,
        agreed(Terms("resident", sale(), 30, FOREVER), signer="friend"),
        agreed(Terms("friend", sale(), 30, FOREVER), signer="resident"),
        agreed(Terms("resident", sale(2), 30, FOREVER)),
        agreed(Terms("resident", sale(), 31, FOREVER)),
        agreed(Terms("resident", sale(), 30, FOREVER - 1)),
        agreed(Terms("resident", sale(), 30, FOREVER), merchant="other shop"),
        agreed(Terms("resident", sale(), 30, FOREVER), epoch=1),
    ],
)
def test_signature_of_anything_else_is_refused(ledger: ReferenceLedger, signed: Signed) -> None:
    terms = Terms("resident", sale(), 30, FOREVER)
    assert refusal(ledger.sales.pay_signed, "till", "shop", terms, signed) == (
        "PointWrongSignature",
        ("resident",),
    )


# ---------------------------------------------------------------------------------------------------- NUMBERS


def test_sale_is_paid_once_and_whoever_paid_it_is_told(ledger: ReferenceLedger) -> None:
    pay(ledger, 30)
    used = ("PointSaleUsed", ("shop", sale()))
    assert (
        refusal(pay, ledger, 30) == refusal(pay, ledger, 31) == refusal(pay, ledger, 30, sale(), "x") == used
    )
    issue_of = ledger.sales.issue_of
    assert issue_of("shop", Terms("resident", sale(), 30, 0)) == PaymentIssue.ALREADY_PAID
    assert issue_of("shop", Terms("resident", sale(), 31, 0)) == PaymentIssue.SALE_USED
    assert issue_of("shop", Terms("friend", sale(), 30, 0)) == PaymentIssue.SALE_USED
    assert issue_of("other shop", Terms("resident", sale(), 30, FOREVER)) == PaymentIssue.NONE


@pytest.mark.parametrize("day", [TODAY + 1, TODAY - PAYABLE_DAYS - 1, 0])
def test_sale_of_another_day_is_refused(ledger: ReferenceLedger, day: int) -> None:
    out_of_range = ("PointSaleDay", (sale(1, day), TODAY - PAYABLE_DAYS, TODAY))
    assert refusal(pay, ledger, 1, sale(1, day)) == out_of_range
    assert refusal(ledger.sales.void_sale, "till", "shop", sale(1, day)) == out_of_range


def test_sale_is_payable_until_the_end_of_its_last_day(ledger: ReferenceLedger) -> None:
    last = start_of_day(TODAY + PAYABLE_DAYS + 1) - 1
    ledger.advance_to(last)
    assert pay(ledger, 1) == [(APRIL, 1)]
    ledger.advance_to(last + 1)
    assert refusal(pay, ledger, 1, sale(2))[0] == "PointSaleDay"


def test_sale_that_was_voided_is_used_up(ledger: ReferenceLedger) -> None:
    void = ledger.sales.void_sale
    assert refusal(void, "stranger", "shop", sale()) == ("PointNotTill", ("shop", "stranger"))
    void("till", "shop", sale())
    assert ledger.sales.sale_of("shop", sale()) == (SaleState.VOIDED, 0)
    used = ("PointSaleUsed", ("shop", sale()))
    assert refusal(pay, ledger, 1) == refusal(void, "till", "shop", sale()) == used
    assert refusal(refund, ledger, 1, {}) == ("PointSaleUnknown", ("shop", sale()))


def test_sale_is_forgotten_only_when_a_later_one_takes_its_word(ledger: ReferenceLedger) -> None:
    pay(ledger, 30)
    ledger.advance_to(start_of_day(TODAY + RING_DAYS))
    sales = ledger.sales
    assert sales.sale_of("shop", sale()) == (SaleState.PAID, 0)
    assert sales.issue_of("shop", Terms("resident", sale(), 30, 0)) == PaymentIssue.ALREADY_PAID

    pay(ledger, 10, sale(2, TODAY + RING_DAYS))
    pay(ledger, 10, sale(1, TODAY + RING_DAYS - 1))
    assert sales.sale_of("shop", sale()) == (SaleState.PAID, 0), "other words"

    pay(ledger, 10, sale(1, TODAY + RING_DAYS))
    assert sales.sale_of("shop", sale()) == (SaleState.UNUSED, 0)
    assert sales.issue_of("shop", Terms("resident", sale(), 30, 0)) == PaymentIssue.DAY_OUT_OF_RANGE
    assert refusal(refund, ledger, 1, {APRIL: 30}) == ("PointSaleUnknown", ("shop", sale()))


# ---------------------------------------------------------------------------------------------------- BATCHES


def test_batch_skips_what_cannot_be_paid(ledger: ReferenceLedger) -> None:
    first, again = Terms("resident", sale(1), 100, FOREVER), Terms("resident", sale(1), 99, FOREVER)
    late, poor = Terms("resident", sale(2), 1, 0), Terms("resident", sale(3), 501, FOREVER)
    payments = [
        (first, agreed(first)),
        (first, FORGED),
        (again, FORGED),
        (late, FORGED),
        (poor, agreed(poor)),
    ]
    assert ledger.sales.pay_batch("till", "shop", payments) == [
        [(APRIL, 100)],
        PaymentIssue.ALREADY_PAID,
        PaymentIssue.SALE_USED,
        PaymentIssue.EXPIRED,
        PaymentIssue.NOT_ENOUGH_POINTS,
    ]
    assert ledger.claim_of("shop") == Claim(100, 0, 0)


def test_batch_by_anybody_needs_a_tills_signature_of_all_sales_in_turn(ledger: ReferenceLedger) -> None:
    all_terms = [Terms("resident", sale(serial), serial, FOREVER) for serial in (1, 2)]
    payments = [(terms, agreed(terms)) for terms in all_terms]
    batch = ledger.sales.pay_batch
    assert refusal(batch, "stranger", "shop", payments) == ("PointNotTill", ("shop", "stranger"))
    turned = Signed(Sales("shop", ((sale(2), 2), (sale(1), 1))), "till")
    assert refusal(batch, "stranger", "shop", payments, turned) == ("PointNotTill", ("shop", SOME_KEY))
    signed = Signed(Sales("shop", ((sale(1), 1), (sale(2), 2))), "till")
    assert batch("stranger", "shop", payments, signed) == [[(APRIL, 1)], [(APRIL, 2)]]


def test_batch_in_a_pause_is_refused_if_anything_could_be_paid(ledger: ReferenceLedger) -> None:
    terms = Terms("resident", sale(), 1, FOREVER)
    ledger.pause(60)
    batch = ledger.sales.pay_batch
    assert batch("till", "shop", [(terms, FORGED)]) == [PaymentIssue.WRONG_SIGNATURE]
    assert refusal(batch, "till", "shop", [(terms, agreed(terms))])[0] == "PointPaused"


# ---------------------------------------------------------------------------------------------------- REFUNDS


def test_refund_goes_back_latest_first_and_counts_on(ledger: ReferenceLedger) -> None:
    pay(ledger, 400)
    paid = {APRIL: 100, MAY: 200, NEVER: 100}
    assert refund(ledger, 150, paid).lots == [(NEVER, 100), (MAY, 50)]
    assert ledger.sales.sale_of("shop", sale()) == (SaleState.PAID, 150)
    assert ledger.lots_of("resident") == {MAY: 50, NEVER: 300}
    assert refund(ledger, 250, paid).lots == [(MAY, 150), (APRIL, 100)]
    assert ledger.lots_of("resident") == {APRIL: 100, MAY: 200, NEVER: 300}
    assert ledger.claim_of("shop") == Claim(0, 0, 0)
    assert refusal(refund, ledger, 1, paid) == ("PointRefundTooLarge", (sale(), 0, 1))


@pytest.mark.parametrize("points", [0, 401, UNLIMITED])
def test_refund_of_nothing_or_too_much_is_refused(ledger: ReferenceLedger, points: int) -> None:
    pay(ledger, 400)
    paid = {APRIL: 100, MAY: 200, NEVER: 100}
    assert refusal(refund, ledger, points, paid) == ("PointRefundTooLarge", (sale(), 400, points))


def test_refund_leaves_what_has_ended_to_the_shop(ledger: ReferenceLedger) -> None:
    pay(ledger, 400)
    ledger.advance_to(start_of(MAY))
    paid = {APRIL: 100, MAY: 200, NEVER: 100}
    about = ("shop", sale(), "resident", list(paid.items()))
    assert ledger.sales.refund_of(*about, 400) == (300, 100)
    assert refund(ledger, 400, paid) == Refund("resident", [(NEVER, 100), (MAY, 200)], 100)
    assert ledger.claim_of("shop") == Claim(100, 0, 0)
    assert refusal(refund, ledger, 100, paid) == ("PointNothingToReturn", (sale(), 100))
    assert ledger.sales.refund_of(*about, 100) == (0, 100)


def test_refund_names_payer_and_lots_as_they_were(ledger: ReferenceLedger) -> None:
    pay(ledger, 150)
    unknown = ("PointSaleUnknown", ("shop", sale()))
    for lots in ({APRIL: 100}, {APRIL: 100, MAY: 51}, {MAY: 50, APRIL: 100}, {}):
        assert refusal(refund, ledger, 1, lots) == unknown
    about = ("shop", "shop", sale(), "friend", [(APRIL, 100), (MAY, 50)], 1)
    assert refusal(ledger.sales.refund, *about) == unknown


def test_refund_is_the_owners_affair(ledger: ReferenceLedger) -> None:
    pay(ledger, 1)
    ledger.replace_owner("shop", "buyer")
    about = ("shop", sale(), "resident", [(APRIL, 1)], 1)
    for caller in ("shop", "till", "resident"):
        assert refusal(ledger.sales.refund, caller, *about) == ("PointNotOwner", ("shop", caller))
    ledger.close_merchant("shop")
    assert ledger.sales.refund("buyer", *about).returned == 1


def test_refund_is_possible_until_the_end_of_its_last_day(ledger: ReferenceLedger) -> None:
    pay(ledger, 600)
    paid = {APRIL: 100, MAY: 200, NEVER: 300}
    last_day = TODAY + PAYABLE_DAYS + REFUND_DAYS
    ledger.advance_to(start_of_day(last_day + 1) - 1)
    refund(ledger, 1, paid)
    ledger.advance_to(start_of_day(last_day + 1))
    assert refusal(refund, ledger, 1, paid) == ("PointRefundTooLate", (sale(), last_day))
    ledger.sales.set_refund_days(REFUND_DAYS + 1)
    refund(ledger, 1, paid)


def test_refund_goes_to_the_new_card(ledger: ReferenceLedger) -> None:
    pay(ledger, 100)
    ledger.residents.register(["resident"])
    ledger.residents.start_replacement(1, "new card", ledger.now)
    ledger.sync_blocked("resident")
    assert refusal(refund, ledger, 1, {APRIL: 100}) == ("PointAccountFrozen", ("resident",))
    ledger.advance_to(ledger.now + DELAY_SECONDS)
    ledger.residents.complete_replacement(1, ledger.now)
    assert refund(ledger, 60, {APRIL: 100}).receiver == "new card"
    assert ledger.lots_of("new card") == {APRIL: 60}
    ledger.freeze("new card")
    assert refusal(refund, ledger, 1, {APRIL: 100}) == ("PointAccountFrozen", ("new card",))


def test_refund_of_last_years_sale_takes_last_years_claim_first(ledger: ReferenceLedger) -> None:
    ledger.advance_to(last_second(MARCH_2027))
    march = day_of(ledger.now)
    ledger.mint("minter", "resident", 100, NEVER)
    pay(ledger, 60, sale(1, march))
    ledger.advance_to(start_of(APRIL_2027))
    pay(ledger, 50, sale(2, march))
    assert ledger.claim_of("shop") == Claim(50, 60, 0)
    refund(ledger, 10, {NEVER: 60}, sale(1, march))
    assert ledger.claim_of("shop") == Claim(50, 50, 0)
    refund(ledger, 10, {NEVER: 50}, sale(2, march))
    assert ledger.claim_of("shop") == Claim(40, 50, 0), "opened in March and paid in April"


def test_refund_takes_the_rest_from_the_other_years_claim(ledger: ReferenceLedger) -> None:
    ledger.set_transfer_switches(False, True)
    ledger.advance_to(last_second(MARCH_2027))
    march = day_of(ledger.now)
    pay(ledger, 60, sale(1, march))
    ledger.advance_to(start_of(APRIL_2027))
    pay(ledger, 50, sale(2, march))
    ledger.transfer("shop", "other shop", 40)
    assert ledger.claim_of("shop") == Claim(50, 20, 0)
    refund(ledger, 60, {NEVER: 60}, sale(1, march))
    assert ledger.claim_of("shop") == Claim(10, 0, 0)
    assert refusal(refund, ledger, 50, {NEVER: 50}, sale(2, march)) == (
        "PointClaimTooSmall",
        ("shop", 10, 50),
    )


def test_refund_is_refused_by_what_stops_shop_payer_or_series(ledger: ReferenceLedger) -> None:
    pay(ledger, 100)
    ledger.pause(60)
    assert refusal(refund, ledger, 1, {APRIL: 100}) == ("PointPaused", (ledger.now + 60,))
    ledger.freeze("resident")
    assert refusal(refund, ledger, 1, {APRIL: 100}) == ("PointAccountFrozen", ("resident",))
    ledger.freeze("shop")
    assert refusal(refund, ledger, 1, {APRIL: 100}) == ("PointAccountFrozen", ("shop",))


def test_refund_needs_room_in_the_lot_and_in_the_month(ledger: ReferenceLedger) -> None:
    pay(ledger, 100)
    ledger.mint("minter", "resident", MAX_LOT_POINTS, APRIL)
    assert refusal(refund, ledger, 1, {APRIL: 100}) == (
        "PointLotTooLarge",
        ("resident", APRIL, MAX_LOT_POINTS + 1, MAX_LOT_POINTS),
    )
    ledger.revoke("resident", 1, APRIL)
    refund(ledger, 1, {APRIL: 100})

    pay(ledger, MAX_LOT_POINTS, sale(2))
    room = MAX_MONTH_POINTS
    for person in range(128):
        ledger.mint("minter", f"resident {person}", points := min(room, MAX_LOT_POINTS), APRIL)
        room -= points
    ledger.mint("minter", "last resident", room, APRIL)
    assert refusal(refund, ledger, 1, {APRIL: MAX_LOT_POINTS}, sale(2)) == (
        "PointMonthTooLarge",
        (APRIL, 1, MAX_MONTH_POINTS),
    )


def test_refund_to_a_payer_that_has_become_a_merchant_is_refused(ledger: ReferenceLedger) -> None:
    pay(ledger, 600)
    ledger.approve_merchant("resident")
    paid = {APRIL: 100, MAY: 200, NEVER: 300}
    assert refusal(refund, ledger, 1, paid) == ("PointMintToMerchant", ("resident",))


# -------------------------------------------------------------------------------- CANCELLED SIGNATURES, TERMS


def test_cancelled_signatures_pay_nothing_any_more(ledger: ReferenceLedger) -> None:
    terms = Terms("resident", sale(), 30, FOREVER)
    ledger.freeze("resident")
    ledger.pause(60)
    ledger.sales.cancel_signatures("resident")
    ledger.unfreeze("resident")
    ledger.unpause()
    assert ledger.sales.cancel_epoch_of("resident") == 1
    take = ledger.sales.pay_signed
    assert refusal(take, "till", "shop", terms, agreed(terms))[0] == "PointWrongSignature"
    take("till", "shop", terms, agreed(terms, epoch=1))


def test_signatures_are_cancelled_so_often_and_by_no_merchant(ledger: ReferenceLedger) -> None:
    cancel = ledger.sales.cancel_signatures
    for _ in range(MAX_CANCEL_EPOCH):
        cancel("resident")
    assert refusal(cancel, "resident") == ("PointCancelledTooOften", ("resident", 4095))
    assert refusal(cancel, "shop") == ("PointPayerIsMerchant", ("shop",))
    cancel("newcomer")
    ledger.approve_merchant("newcomer")
    assert ledger.sales.cancel_epoch_of("newcomer") == 0


@pytest.mark.parametrize("terms", [(0, 0, 1), (365, 634, 1000), (7, 37, 45)])
def test_terms_that_fit_the_ring_are_taken(terms: tuple[int, int, int]) -> None:
    ledger = ReferenceLedger(start_of(APRIL), ExpiryRule.NEVER, sale_terms=SaleTerms(*terms))
    assert ledger.sales.sale_days() == terms


@pytest.mark.parametrize("terms", [(0, 0, 0), (0, 0, 1001), (366, 0, 1000), (7, 38, 45), (7, UNLIMITED, 45)])
def test_terms_that_do_not_fit_the_ring_are_refused(terms: tuple[int, int, int]) -> None:
    with pytest.raises(Refused) as refused:
        ReferenceLedger(start_of(APRIL), ExpiryRule.NEVER, sale_terms=SaleTerms(*terms))
    assert (refused.value.name, refused.value.arguments) == ("PointSaleTerms", terms)


def test_books_balance_through_payments_and_refunds(ledger: ReferenceLedger) -> None:
    pay(ledger, 400)
    ledger.check_conservation()
    refund(ledger, 150, {APRIL: 100, MAY: 200, NEVER: 100})
    ledger.check_conservation()
    ledger.advance_to(start_of(MAY))
    refund(ledger, 250, {APRIL: 100, MAY: 200, NEVER: 100})
    ledger.check_conservation()
    assert ledger.books().lapsed == 0, "the resident had spent all of April's"
