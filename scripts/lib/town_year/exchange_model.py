"""The partner exchange of some towns in the reference model (scripts.lib.reference.exchange), step by step.

    model = ExchangeModel(years, accounts, start)
    model.play_until(second)
    model.reference.ledger(141305, 1)

The exchange goes across towns, and a town's series sees nothing of it but points that are minted: `mints_of`
tells them for a whole year, for the models of the series to take in.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from scripts.lib.exchange.terms import ANY_MUNICIPALITY, HeldIssue
from scripts.lib.reference.exchange import ReferenceExchange, TownAround
from scripts.lib.refusal import Refused
from scripts.lib.town_year.accounts import TownAccounts
from scripts.lib.town_year.exchange_plan import (
    ExchangePlan,
    ExchangeStep,
    Kind,
    allowance,
    campaigns,
    reference,
)
from scripts.lib.town_year.exchange_rows import CouponRow, ExchangeRow, ReceiptRow
from scripts.lib.town_year.folder import TownYear
from scripts.lib.town_year.row_place import RowRefused, place_of

Row = ExchangeRow | CouponRow | ReceiptRow


@dataclass(frozen=True)
class ExchangeMint:
    """Points that the exchange minted to an account, to end with `month`; `rows` are what it was for."""

    time: int
    rows: tuple[Row, ...]
    account: str
    month: int
    points: int


class ExchangeModel:
    """All of it.

    Args:
        accounts: of each town's people.
        start: Unix second at which partners are registered and accepted.

    Attributes:
        reference: what the rules make of it.
        mints: so far, by municipality's code.
    """

    def __init__(self, years: Sequence[TownYear], accounts: Sequence[TownAccounts], start: int) -> None:
        self.plan = ExchangePlan.of(years)
        taking_part = [
            (year, its)
            for year, its in zip(years, accounts, strict=True)
            if any(year is other for other in self.plan.years)
        ]
        self._accounts = {year.town.municipality.number: its for year, its in taking_part}
        self._numbers = {
            resident: (code, number)
            for code, its in self._accounts.items()
            for number, resident in enumerate(its.residents, 1)
        }
        self._steps = deque(self.plan.steps)
        self._around = {
            year.town.municipality.number: TownAround(allowance=allowance(year)) for year, _ in taking_part
        }
        self.reference = ReferenceExchange(start, self._around)
        self.mints: defaultdict[int, list[ExchangeMint]] = defaultdict(list)
        self._agree()

    def play_until(self, second: int) -> None:
        """Take every step up to and with `second`.

        Raises:
            RowRefused: the rules do not allow one.
        """
        while self._steps and self._steps[0].time <= second:
            step = self._steps.popleft()
            try:
                self._play(step)
            except Refused as refused:
                raise RowRefused(f"{place_of(step.year, step.rows)}: {refused}") from None
        self.reference.now = max(self.reference.now, second)

    def _agree(self) -> None:
        """Let the council register the partners, and each town accept its own and open its campaigns."""
        numbers = self.plan.numbers
        for partner in self.plan.partners:
            self.reference.register_partner(_key(partner.partner))
        for year in self.plan.years:
            code = year.town.municipality.number
            for agreement in year.exchange.agreements:
                its = agreement.partner
                self.reference.accept_partner(code, numbers[its], _key(its), agreement.terms)
            for its, campaign in campaigns(year):
                self.reference.open_campaign(code, numbers[its], campaign)

    def _play(self, step: ExchangeStep) -> None:
        self.reference.now = step.time
        for code, its in self._accounts.items():
            residents = enumerate(its.residents, 1)
            self._around[code].accounts = {n: its.resident_at(who, step.time) for n, who in residents}
        before = {code: around.lots.copy() for code, around in self._around.items()}
        doing: dict[Kind, Callable[[ExchangeStep], None]] = {
            Kind.ISSUE: self._issue,
            Kind.EXCHANGE: self._exchange,
            Kind.NAME: self._name,
            Kind.SWEEP: self._sweep,
            Kind.REDEEM: self._redeem,
            Kind.CANCEL: self._cancel,
            Kind.RECEIPT: self._receipt,
        }
        doing[step.kind](step)
        for code, around in self._around.items():
            for (account, month), points in (around.lots - before[code]).items():
                self.mints[code].append(ExchangeMint(step.time, step.rows, account, month, points))

    def _exchange(self, step: ExchangeStep) -> None:
        [row] = step.exchanges
        code, number = self._numbers[row.resident]
        self.reference.exchange(
            _key(row.partner),
            code,
            number,
            row.partner_points,
            reference(row.reference),
            self.plan.holding(row),
        )

    def _name(self, step: ExchangeStep) -> None:
        [row] = step.exchanges
        named = str(row.named_resident)
        if named not in self._numbers:
            raise Refused("ExchangeForeignAccount", named)
        code, number = self._numbers[named]
        account = self._around[code].accounts[number]
        self.reference.name_municipality(self.plan.holding(row), code, account)

    def _sweep(self, step: ExchangeStep) -> None:
        issues = self.reference.sweep([self.plan.holding(row) for row in step.exchanges])
        for row, issue in zip(step.exchanges, issues, strict=True):
            if issue is not HeldIssue.NONE:
                raise Refused("ExchangeStopped", row.reference, issue)

    def _issue(self, step: ExchangeStep) -> None:
        first = step.coupons[0]
        new = [(row.coupon, row.points) for row in step.coupons]
        code = step.year.town.municipality.number
        town = ANY_MUNICIPALITY if first.is_for_any_town else code
        self.reference.issue_coupons(_key(first.partner), town, first.valid_until, new)

    def _redeem(self, step: ExchangeStep) -> None:
        [row] = step.coupons
        number = self.plan.numbers[row.partner]
        self.reference.redeem(number, row.coupon, *self._numbers[str(row.resident)])

    def _cancel(self, step: ExchangeStep) -> None:
        [row] = step.coupons
        self.reference.close_coupons(_key(row.partner), self.plan.numbers[row.partner], [row.coupon])

    def _receipt(self, step: ExchangeStep) -> None:
        [row] = step.receipts
        code = step.year.town.municipality.number
        self.reference.record_receipt(code, self.plan.numbers[row.partner], row.yen, row.reference.encode())


def _key(partner: str) -> str:
    """Return what the model calls a partner's key."""
    return f"key of {partner}"
