"""Whatever an answer says that the till did not ask for is refused, without a line."""

import pytest

from scripts.lib.merchant.answer_checks import AnswerRefused, check_answer, check_offline
from scripts.lib.merchant.sale_queue import SaleQueue
from scripts.lib.merchant.shop_counter import ShopCounter
from scripts.lib.merchant.till_settings import TillSettings
from scripts.lib.payment.signing import Payment, SeriesDomain, sign
from scripts.lib.payment.uri import PaymentAnswer
from tests.support.counter_town import OPENING, key

SERIES, OTHER = "0x" + "11" * 20, "0x" + "22" * 20
SHOP, HANAKO = key("shop"), key("Hanako")
UNTIL_NEVER = 1535


@pytest.fixture
def till(tmp_path):
    settings = TillSettings(31337, SERIES, SHOP.address, "商店0")
    with SaleQueue(tmp_path / "queue.log", 0) as queue:
        yield ShopCounter(settings, queue, SHOP, clock=lambda: OPENING)


def answer_to(till, **changed):
    request = till.open_sale(300)
    payment = Payment(HANAKO.address, *request.sale, 0)._replace(**changed)
    domain = till.settings.domain
    return PaymentAnswer(domain, payment, sign(domain, payment, HANAKO), UNTIL_NEVER)


def refusal_of(till, answer, now=OPENING):
    with pytest.raises(AnswerRefused) as refused:
        check_answer(till.settings, till.queue, answer, now)
    return refused.value.reason.english


def test_answer_to_what_was_asked_passes(till):
    answer = answer_to(till)
    check_answer(till.settings, till.queue, answer, OPENING)
    check_offline(till.settings, till.queue, answer, OPENING)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"merchant": OTHER}, "this is for another shop"),
        ({"sale": 7}, "this till opened no such sale"),
        ({"amount_points": 299}, "the sale is of 300 points, signed are 299"),
        ({"valid_until": OPENING - 1}, "the signature has run out"),
        ({"valid_until": OPENING + 1}, "the signature runs out too early"),
        ({"payer": SHOP.address}, "a shop's account cannot pay"),
    ],
)
def test_answer_that_differs_from_what_was_asked_is_refused(till, changed, reason):
    assert refusal_of(till, answer_to(till, **changed)) == reason


@pytest.mark.parametrize("domain", [SeriesDomain(31337, OTHER), SeriesDomain(1, SERIES)])
def test_answer_in_points_of_another_series_or_chain_is_refused(till, domain):
    assert refusal_of(till, answer_to(till)._replace(domain=domain)) == "these are other points"


def test_answer_that_runs_out_before_the_line_is_back_is_refused_offline(till):
    answer = answer_to(till)
    with pytest.raises(AnswerRefused, match="runs out before the line"):
        check_offline(till.settings, till.queue, answer, answer.payment.valid_until)
