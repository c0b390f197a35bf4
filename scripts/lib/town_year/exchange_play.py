"""Lets partners exchange and residents redeem coupons on a local chain, at the second of each planned step.

The council accepts the service and registers the partners; each town accepts the service, allows it to mint,
names its series, and accepts partners and opens campaigns: in three rounds of 48 hours. Partners' keys and
coupon codes derive from the CSV files, on a local chain only: real codes are drawn by
scripts.lib.exchange.coupons.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from eth_account.signers.local import LocalAccount

from scripts.lib.acts import Act
from scripts.lib.bank.paper import bank_paper
from scripts.lib.calls import Call, Deployer
from scripts.lib.exchange.coupons import coupon_key, new_code
from scripts.lib.exchange.signatures import ExchangeDomain, Naming, sign_naming, sign_redemption
from scripts.lib.exchange.terms import ANY_MUNICIPALITY
from scripts.lib.keys.keyring import LocalKeyring
from scripts.lib.proceedings import carry_out
from scripts.lib.reasons import Reason
from scripts.lib.roles import COUNCIL, Role
from scripts.lib.town_year.exchange_plan import (
    ExchangePlan,
    ExchangeStep,
    Kind,
    allowance,
    campaigns,
    reference,
)
from scripts.lib.town_year.on_chain import TownOnChain

SERVICE = "PartnerExchange"
_SIGNED_FOR_SECONDS = 24 * 60 * 60


@dataclass
class ExchangePlay:
    """The service at work for some towns.

    Args:
        council: Admin of the council.
        anyone: account without any role, which brings points home and submits what was signed.
        service: address of PartnerExchange.
        keys: under which each town names its bank's papers, by municipality's code.
    """

    deployer: Deployer
    keyring: LocalKeyring
    council: str
    anyone: str
    service: str
    towns: Sequence[TownOnChain]
    keys: dict[int, bytes]

    def __post_init__(self) -> None:
        self.plan = ExchangePlan.of(town.year for town in self.towns)
        taking_part = {id(year) for year in self.plan.years}
        self._towns = {town.code: town for town in self.towns if id(town.year) in taking_part}
        self._numbers = {
            resident: (code, number)
            for code, town in self._towns.items()
            for number, resident in enumerate(town.accounts.residents, 1)
        }
        self._domain = ExchangeDomain(self.keyring.chain_id, self.service)

    def rounds(self) -> list[list[Act]]:
        """Return the acts by which it is set up, each round after the one before."""
        towns = list(self._towns.values())
        officers = self.towns[0].officers
        accept = [self._act(COUNCIL, "Officers", officers, "acceptService", COUNCIL, self.service)]
        accept += [
            self._act(code, "Officers", officers, "acceptService", code, self.service) for code in self._towns
        ]
        allow = [
            self._act(
                town.code,
                "MunicipalPoint",
                town.token,
                "increaseMinterAllowance",
                self.service,
                allowance(town.year),
            )
            for town in towns
        ]
        register = [
            self._on_service(COUNCIL, "registerPartner", self._key(partner.partner), partner.name)
            for partner in self.plan.partners
        ]
        name = [self._on_service(town.code, "setExchangeSeries", town.token) for town in towns]
        return [[*accept, *allow], [*register, *name], [act for town in towns for act in self._agree(town)]]

    def _agree(self, town: TownOnChain) -> list[Act]:
        """Return the acceptance of a town's partners, and its campaigns."""
        numbers = self.plan.numbers
        accept = [
            self._on_service(
                town.code,
                "acceptPartner",
                numbers[each.partner],
                self._key(each.partner),
                tuple(each.terms),
            )
            for each in town.year.exchange.agreements
        ]
        campaign = [
            self._on_service(town.code, "openCampaign", numbers[partner], tuple(terms))
            for partner, terms in campaigns(town.year)
        ]
        return [*accept, *campaign]

    def doings(self) -> Iterator[tuple[int, Callable[[], None]]]:
        """Yield what is done at which second."""
        for step in self.plan.steps:
            yield step.time, lambda step=step: self._play(step)  # type: ignore[misc]

    def coupon(self, name: str) -> LocalAccount:
        """Return the one-time key of a coupon of the CSV files."""
        draw = random.Random(f"demo coupon {name}").randrange
        return coupon_key(new_code(draw))

    # ---------------------------------------------------------------------- steps

    def _play(self, step: ExchangeStep) -> None:
        numbers = self.plan.numbers
        match step.kind:
            case Kind.EXCHANGE:
                [row] = step.exchanges
                code, number = self._numbers[row.resident]
                what = (code, number, row.partner_points, reference(row.reference))
                self._send("exchange", what, self._key(row.partner))
            case Kind.NAME:
                self._name(step)
            case Kind.SWEEP:
                self._send("sweep", ([self.plan.holding(row) for row in step.exchanges],), self.anyone)
            case Kind.ISSUE:
                first = step.coupons[0]
                town = ANY_MUNICIPALITY if first.is_for_any_town else step.year.town.municipality.number
                new = [(self.coupon(row.coupon).address, row.points) for row in step.coupons]
                self._send("issueCoupons", (town, first.valid_until, new), self._key(first.partner))
            case Kind.REDEEM:
                [coupon] = step.coupons
                key, partner = self.coupon(coupon.coupon), numbers[coupon.partner]
                code, number = self._numbers[str(coupon.resident)]
                signature = sign_redemption(self._domain, key, partner, code, number)
                self._send("redeem", (partner, key.address, code, number, signature), self.anyone)
            case Kind.CANCEL:
                [coupon] = step.coupons
                lost = [self.coupon(coupon.coupon).address]
                self._send("closeCoupons", (numbers[coupon.partner], lost), self._key(coupon.partner))
            case Kind.RECEIPT:
                [receipt] = step.receipts
                code = step.year.town.municipality.number
                paper = bank_paper(self.keys[code], receipt.reference.encode())
                arguments = (numbers[receipt.partner], receipt.yen, paper)
                act = self._on_service(code, "recordReceipt", *arguments)
                carry_out(self.deployer, self.towns[0].officers, [act], resume=False)

    def _name(self, step: ExchangeStep) -> None:
        """Sign with the present card at home that the points go to the own account elsewhere."""
        [row] = step.exchanges
        home, _ = self._numbers[row.resident]
        there, _ = self._numbers[str(row.named_resident)]
        signer = self._towns[home].accounts.resident_at(row.resident, step.time)
        account = self._towns[there].accounts.resident_at(str(row.named_resident), step.time)
        naming = Naming(self.plan.holding(row), there, account, step.time + _SIGNED_FOR_SECONDS)
        signature = sign_naming(self._domain, self.keyring.key(signer), naming)
        self._send("nameMunicipality", (*naming, signature), self.anyone)

    def _send(self, function: str, arguments: tuple[object, ...], by: str) -> None:
        self.deployer.send([Call(SERVICE, self.service, function, arguments, by)])

    # ----------------------------------------------------------------------- acts

    def _key(self, partner: str) -> str:
        return self.keyring.account(f"partner {partner}")

    def _on_service(self, code: int, function: str, *arguments: object) -> Act:
        return self._act(code, SERVICE, self.service, function, code, *arguments)

    def _act(self, code: int, contract: str, address: str, function: str, *arguments: object) -> Act:
        """Return an act of two Admins or two cashiers of a town; the council has one Admin."""
        if code == COUNCIL:
            return Act(code, contract, address, function, arguments, Reason.NEW_SERVICE, by=self.council)
        people = self._towns[code].accounts.officers
        by, second = people[Role.ADMIN]
        reason = Reason.NEW_SERVICE
        if function == "recordReceipt":
            by, second, reason = people[Role.CASHIER][0], people[Role.SECOND_CASHIER][0], Reason.ROUTINE
        return Act(code, contract, address, function, arguments, reason, by=by, second=second)
