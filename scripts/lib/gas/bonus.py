"""What bonus on payments costs: the promise after the payment, the award weeks later. Nothing compares.

A payment costs the same with and without a campaign: it knows nothing of it. "First" is a resident's first
sale, which opens the resident's account with the campaign; every sale takes a word of its own. The residents
hold points of the bonus's month already.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from eth_account.signers.local import LocalAccount
from eth_utils import keccak

from scripts.lib.campaign_terms import CampaignTerms
from scripts.lib.gas.figures import GAS_PER_PAYMENT, Figure
from scripts.lib.gas.meter import CHAIN_ID, GasMeter, GasMeterError, MeteredContract
from scripts.lib.gas.sales import Counter, account_with_key
from scripts.lib.gas.tokens import MUNICIPALITY, OurToken
from scripts.lib.gas.town import END_OF_NEXT_FISCAL_YEAR, LOT_POINTS, PAID_POINTS, Town
from scripts.lib.japan_calendar import day_of, start_of_day
from scripts.lib.payment.sale_terms import SaleTerms
from scripts.lib.registration import RegistrationDomain, sign

BATCH = 50
CATEGORIES = (1, 2, 300)
BUDGET_POINTS = 10_000_000
CAMPAIGN = 1
KEY_VERSION = 1


@dataclass(frozen=True)
class _Campaign:
    """A campaign that has begun, the counter where residents pay, and the sales that they paid."""

    bonus: MeteredContract
    counter: Counter

    def pay(self, payers: Sequence[LocalAccount]) -> list[tuple[LocalAccount, int]]:
        """Let each pay a sale; return payers and sales."""
        return [(payer, self.counter.submit(payer)[0]) for payer in payers]

    def reserve(self, paid: Sequence[tuple[LocalAccount, int]]) -> int:
        """Let the till show payments from one lot each; return the gas."""
        lots = [END_OF_NEXT_FISCAL_YEAR << 29 | PAID_POINTS]
        shown = [(self.counter.merchant, sale, payer.address, lots) for payer, sale in paid]
        gas = self.bonus.send("reserve", CAMPAIGN, shown, sender=self.counter.till)
        self._require(paid, is_awarded=False)
        return gas

    def award(self, paid: Sequence[tuple[LocalAccount, int]]) -> int:
        """Let the till have sales awarded; return the gas."""
        gas = self.release(paid)
        self._require(paid, is_awarded=True)
        return gas

    def release(self, paid: Sequence[tuple[LocalAccount, int]]) -> int:
        """Let the till bring sales up to date that can still be refunded; return the gas."""
        sales = [(self.counter.merchant, sale) for _, sale in paid]
        return self.bonus.send("award", CAMPAIGN, sales, sender=self.counter.till)

    def _require(self, paid: Sequence[tuple[LocalAccount, int]], *, is_awarded: bool) -> None:
        """Check that what was measured was done: a sale that is passed over reverts nothing.

        Raises:
            GasMeterError: it was not.
        """
        for _, sale in paid:
            *_, points, done = self.bonus.read("reservationOf", CAMPAIGN, self.counter.merchant, sale)
            if not points or done != is_awarded:
                raise GasMeterError(f"sale {sale} was passed over")


def bonus_figures(meter: GasMeter, town: Town, ours: OurToken) -> Iterator[Figure]:
    """Measure a campaign from its opening to the award, one by one and in batches."""
    with town.undone():
        campaign, opening_gas = _opened(meter, town, ours)
        yield Figure("bonus_open_campaign", opening_gas, None)
        counter = campaign.counter
        payers = [counter.payer([END_OF_NEXT_FISCAL_YEAR]) for _ in range(BATCH + 2)]
        _join(ours, payers)
        # Somebody has had a bonus before: the campaign's words, and its month's supply, are in use.
        somebody, one, *others = payers
        first = campaign.pay([somebody])
        campaign.reserve(first)
        yield Figure("bonus_reserve_first", campaign.reserve(campaign.pay([one])), None)
        sales = campaign.pay([one])
        yield Figure("bonus_reserve", campaign.reserve(sales), None)
        many, again = campaign.pay(others), campaign.pay(others)
        for paid, kind in ((many, "_first"), (again, "")):
            gas = campaign.reserve(paid) / BATCH
            yield Figure(f"bonus_reserve_batch{BATCH}{kind}", gas, None, GAS_PER_PAYMENT)
        for payer, sale in many[:1]:
            counter.refund(sale, payer, {END_OF_NEXT_FISCAL_YEAR: PAID_POINTS})
        yield Figure("bonus_release", campaign.release(many[:1]), None)

        terms = SaleTerms()
        last_day = day_of(meter.chain.now()) + terms.payable_days + terms.refund_days
        meter.chain.mine_at(start_of_day(last_day + 1))
        campaign.award(first)
        yield Figure("bonus_award", campaign.award(sales), None)
        campaign.award(many[1:])
        gas = campaign.award(again) / BATCH
        yield Figure(f"bonus_award_batch{BATCH}", gas, None, GAS_PER_PAYMENT)


def _opened(meter: GasMeter, town: Town, ours: OurToken) -> tuple[_Campaign, int]:
    """Open a campaign; what only acts may do is sent as Officers."""
    bonus = meter.deploy("PaymentBonus", [ours.officers.read("platform")], ours.officer)
    by_act: dict[str, Any] = {"sender": ours.officers.address}
    ours.contract.send("increaseMinterAllowance", bonus.address, BUDGET_POINTS, **by_act)
    merchant = account_with_key(4)
    ours.approve(merchant.address)
    category = ours.contract.read("merchantOf", merchant.address)[2]
    today = day_of(meter.chain.now())
    terms = CampaignTerms(
        name="春のお買い物還元",
        first_day=today,
        last_day=today + 30,
        rate_numerator=1,
        rate_denominator=5,
        minimum=PAID_POINTS,
        cap=5 * LOT_POINTS,
        budget=BUDGET_POINTS,
        expiry_month=END_OF_NEXT_FISCAL_YEAR,
        categories=(*CATEGORIES, category),
    )
    opening_gas = bonus.send("openCampaign", MUNICIPALITY, ours.contract.address, terms, **by_act)
    till = account_with_key(3).address
    ours.contract.send("setTill", merchant.address, till, True, sender=merchant.address)
    return _Campaign(bonus, Counter(town, ours.contract, till, merchant)), opening_gas


def _join(ours: OurToken, people: Sequence[LocalAccount]) -> None:
    domain = RegistrationDomain(CHAIN_ID, ours.residents.address)
    joining = [sign(domain, MUNICIPALITY, person, keccak(text=person.address)) for person in people]
    ours.residents.send("register", MUNICIPALITY, KEY_VERSION, joining, sender=ours.officers.address)
