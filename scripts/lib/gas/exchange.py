"""What the partner exchange costs: exchanging, naming, sweeping, coupons, beside a mint.

The anchor of whatever ends in a mint is that mint alone, to an account in the same state. "First" is a
resident's first exchange with a partner, whose limits take a word of their own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from eth_utils import keccak

from scripts.lib.deployment import SERIES_LIBRARIES, SeriesPlan, series_arguments
from scripts.lib.exchange.coupons import coupon_key, new_code
from scripts.lib.exchange.rules import EXCHANGE_LIBRARIES, SERVICE_NAME, offered_acts
from scripts.lib.exchange.signatures import ExchangeDomain, Naming, sign_naming, sign_redemption
from scripts.lib.exchange.terms import HOLDING_SECONDS, Campaign, Terms
from scripts.lib.expiry_rule import ExpiryRule
from scripts.lib.gas.figures import Figure
from scripts.lib.gas.meter import CHAIN_ID, MeteredContract
from scripts.lib.gas.sales import account_with_key
from scripts.lib.gas.tokens import MUNICIPALITY, OurToken
from scripts.lib.gas.town import Town, pseudonym
from scripts.lib.registration import RegistrationDomain, sign
from scripts.lib.roles import Role

NEIGHBOUR = 212032
RESIDENTS = 60
BATCH = 50
POINTS = 1_500
ALLOWANCE_POINTS = 10**9
FOREVER = 0x6FFFFFFF
PARTNER = pseudonym(1_000_010)
RELAYER = pseudonym(1_000_011)
GAS_PER_HOLDING = "gas per holding"
GAS_PER_COUPON = "gas per coupon"


@dataclass
class Exchange:
    """The exchange at work between two towns in which the same RESIDENTS live."""

    town: Town
    contract: MeteredContract
    _count: int = 0
    _draws: list[int] = field(default_factory=list)

    def exchange(self, number: int) -> tuple[bytes, int]:
        """Exchange for a resident; return the holding and the gas."""
        self._count += 1
        reference = keccak(text=f"exchange {self._count}")
        gas = self.contract.send("exchange", MUNICIPALITY, number, POINTS, reference, sender=PARTNER)
        return self.contract.read("holdingId", 1, reference), gas

    def copied(self) -> Exchange:
        """Return an exchange that goes on from here with the same references and codes."""
        return replace(self, _draws=list(self._draws))

    def name(self, holding: bytes, number: int, municipality: int) -> int:
        """Relay a resident's naming; return the gas."""
        key = account_with_key(2_000 + number)
        naming = Naming(holding, municipality, key.address, FOREVER)
        signature = sign_naming(self._domain, key, naming)
        return self.contract.send("nameMunicipality", *naming, signature, sender=RELAYER)

    def sweep(self, holdings: list[bytes]) -> int:
        """Sweep home when the 14 days have passed; return the gas."""
        self.town.meter.chain.mine_at(self.town.meter.chain.now() + HOLDING_SECONDS)
        return self.contract.send("sweep", holdings, sender=RELAYER)

    def issue(self, coupons: int) -> tuple[list[str], int]:
        """Issue coupons; return their codes and the gas."""
        codes = [new_code(self._draw) for _ in range(coupons)]
        new = [(coupon_key(code).address, POINTS) for code in codes]
        return codes, self.contract.send("issueCoupons", MUNICIPALITY, FOREVER, new, sender=PARTNER)

    def redeem(self, code: str, number: int) -> int:
        """Relay a coupon's redemption; return the gas."""
        key = coupon_key(code)
        signature = sign_redemption(self._domain, key, 1, MUNICIPALITY, number)
        return self.contract.send("redeem", 1, key.address, MUNICIPALITY, number, signature, sender=RELAYER)

    @property
    def _domain(self) -> ExchangeDomain:
        return ExchangeDomain(CHAIN_ID, self.contract.address)

    def _draw(self, below: int) -> int:
        """Draw the same codes every time, so that figures repeat."""
        self._draws.append(0)
        return int.from_bytes(keccak(text=f"draw {len(self._draws)}"), "big") % below


def exchange_figures(town: Town, ours: OurToken) -> Iterator[Figure]:
    """Measure the exchange; what is set up for it is undone."""
    with town.undone():
        at_work = opened_exchange(town, ours)
        at_work.exchange(2)
        holding, gas = at_work.exchange(1)
        yield Figure("exchange_first", gas, None)
        yield Figure("exchange_again", at_work.exchange(1)[1], None)
        with town.undone():
            officers = ours.officers.address
            campaign = Campaign(0, FOREVER, 1, 10, 10**9)
            at_work.contract.send("openCampaign", MUNICIPALITY, 1, tuple(campaign), sender=officers)
            yield Figure("exchange_with_bonus", at_work.exchange(1)[1], None)
        yield from _deliveries(at_work, ours, holding)
        yield from _coupons(at_work, ours)


def _deliveries(at_work: Exchange, ours: OurToken, holding: bytes) -> Iterator[Figure]:
    town = at_work.town
    mint = _mint_gas(town, ours)
    for name, municipality in (("name_home_signed", MUNICIPALITY), ("name_other_town_signed", NEIGHBOUR)):
        with town.undone():
            # Somebody has named the same before: ledgers and reserves have their words.
            before, _ = at_work.exchange(2)
            at_work.name(before, 2, municipality)
            yield Figure(name, at_work.name(holding, 1, municipality), mint)
    with town.undone():
        at_work.sweep([at_work.exchange(2)[0]])
        yield Figure("sweep", at_work.sweep([holding]), mint)
        holdings = [at_work.exchange(number)[0] for number in range(3, BATCH + 3)]
        yield Figure(f"sweep_batch{BATCH}", at_work.sweep(holdings) / BATCH, None, GAS_PER_HOLDING)


def _coupons(at_work: Exchange, ours: OurToken) -> Iterator[Figure]:
    codes, _ = at_work.issue(2)
    more, gas = at_work.issue(BATCH)
    yield Figure(f"issue_coupons_batch{BATCH}", gas / BATCH, None, GAS_PER_COUPON)
    at_work.redeem(codes[0], 1)
    yield Figure("redeem", at_work.redeem(codes[1], 2), _mint_gas(at_work.town, ours))
    keys = [coupon_key(code).address for code in more]
    gas = at_work.contract.send("closeCoupons", 1, keys, sender=PARTNER)
    yield Figure(f"close_coupons_batch{BATCH}", gas / BATCH, None, GAS_PER_COUPON)


def _mint_gas(town: Town, ours: OurToken) -> int:
    """Return what a mint to a new account costs the town's own minter."""
    with town.undone():
        ours.contract.send("mint", pseudonym(3_000), POINTS, sender=ours.officer)
        return ours.contract.send("mint", pseudonym(3_001), POINTS, sender=ours.officer)


def opened_exchange(town: Town, ours: OurToken) -> Exchange:
    """Deploy the exchange and a second town, and let both accept a partner."""
    meter, officers = town.meter, ours.officers.address
    platform = meter.at("PointPlatform", ours.officers.read("platform"))
    platform.send(
        "registerMunicipality", NEIGHBOUR, "高山市", [(Role.ADMIN, ours.officer)], sender=ours.officer
    )
    planned = SeriesPlan("", "高山市ポイント", "TKY", ExpiryRule.THIS_FISCAL_YEAR)
    neighbour = meter.deploy(
        "MunicipalPoint",
        series_arguments(NEIGHBOUR, officers, ours.residents.address, planned),
        ours.officer,
        {library: meter.deploy(library, [], ours.officer).address for library in SERIES_LIBRARIES},
    )
    platform.send("registerSeries", NEIGHBOUR, neighbour.address, sender=ours.officer)
    libraries = {name: meter.deploy(name, [], ours.officer).address for name in EXCHANGE_LIBRARIES}
    contract = meter.deploy("PartnerExchange", [platform.address], ours.officer, libraries)
    rules = offered_acts(meter.compilation["PartnerExchange"].abi)
    platform.send("offerService", contract.address, SERVICE_NAME, rules, sender=ours.officer)
    for code in (MUNICIPALITY, NEIGHBOUR):
        ours.officers.send("acceptService", code, contract.address, sender=officers)
    contract.send("registerPartner", 0, PARTNER, "そら航空", sender=officers)
    for code, series in ((MUNICIPALITY, ours.contract), (NEIGHBOUR, neighbour)):
        series.send("increaseMinterAllowance", contract.address, ALLOWANCE_POINTS, sender=officers)
        contract.send("setExchangeSeries", code, series.address, sender=officers)
        contract.send("acceptPartner", code, 1, PARTNER, tuple(Terms()), sender=officers)
        _join(ours, code)
    return Exchange(town, contract)


def _join(ours: OurToken, code: int) -> None:
    domain = RegistrationDomain(CHAIN_ID, ours.residents.address)
    joining = [
        sign(domain, code, account_with_key(2_000 + number), keccak(text=f"{code} {number}"))
        for number in range(1, RESIDENTS + 1)
    ]
    ours.residents.send("register", code, 1, joining, sender=ours.officers.address)
