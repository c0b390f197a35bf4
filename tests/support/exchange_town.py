"""Two towns that take part in the partner exchange, and two partners, for tests of PartnerExchange.

Fixtures for the conftest.py of tests/unit/partner_exchange and tests/scenarios. Acts are made in the name of
Officers (act_maker); who may bring them about is tested in tests/unit/test_roles.py.
"""

from __future__ import annotations

from typing import Any

import brownie
import pytest
from eth_account.signers.local import LocalAccount
from eth_utils import keccak, to_checksum_address

from scripts.lib.deployment import ZERO_ADDRESS
from scripts.lib.exchange.coupons import coupon_key
from scripts.lib.exchange.rules import SERVICE_NAME, offered_acts
from scripts.lib.exchange.signatures import ExchangeDomain, Naming, sign_naming, sign_redemption
from scripts.lib.exchange.terms import Campaign, Ledger, Terms
from scripts.lib.payment.sale_terms import SaleTerms
from tests.support.clock import now
from tests.support.impersonation import impersonate
from tests.support.memberships import Memberships
from tests.support.town import CITY, NEIGHBOUR

COUNCIL = 0
AIRLINE = 1
"""Partner number of the airline, whose 2 miles are 1 point."""
CARD = 2
"""Partner number of the credit card company, whose points are taken 1 for 1."""

ALLOWANCE = 10**9
AIRLINE_TERMS = Terms(numerator=1, denominator=2, unit=100, minimum=1_000, maximum=20_000, expiry_months=12)
CARD_TERMS = Terms()
DAY = 24 * 60 * 60
LONG = 2**35
"""As validUntil: not soon."""


def reference(text: str) -> bytes:
    """Return a partner's reference, or the hash of a bank's."""
    return bytes(keccak(text=text))


class ExchangeDesk:
    """The exchange, as tests speak to it.

    Args:
        exchange: PartnerExchange, of Brownie.
        act_maker: Officers, as an account.
    """

    def __init__(self, exchange: Any, act_maker: Any) -> None:
        self.contract = exchange
        self._by_act = {"from": act_maker}
        self._count = 0

    @property
    def domain(self) -> ExchangeDomain:
        """What signatures are made for."""
        return ExchangeDomain(brownie.web3.eth.chain_id, self.contract.address)

    def act(self, function: str, *arguments: Any) -> Any:
        """Do an act as Officers would."""
        return getattr(self.contract, function)(*arguments, self._by_act)

    def accept(self, partner: int, terms: Terms, municipality: int = CITY) -> Any:
        """Let a town accept the partner's present key on these terms."""
        key, _ = self.contract.partnerOf(partner)
        return self.act("acceptPartner", municipality, partner, key, tuple(terms))

    def campaign(self, partner: int, campaign: Campaign, municipality: int = CITY) -> Any:
        """Open a campaign."""
        return self.act("openCampaign", municipality, partner, tuple(campaign))

    def exchange(self, partner_key: Any, number: int, partner_points: int, municipality: int = CITY) -> bytes:
        """Exchange with a reference of its own and return the holding."""
        self._count += 1
        name = reference(f"exchange {self._count}")
        transaction = self.contract.exchange(
            municipality, number, partner_points, name, {"from": partner_key}
        )
        return bytes(transaction.events["Exchanged"]["holding"])

    def name(self, holding: bytes, municipality: int, account: Any, by: Any) -> Any:
        """Name a municipality as the resident itself."""
        return self.contract.nameMunicipality(holding, municipality, account, 0, b"", {"from": by})

    def signed_naming(
        self, key: LocalAccount, holding: bytes, municipality: int, account: Any, until: int = LONG
    ) -> tuple[Any, ...]:
        """Return the arguments of `nameMunicipality` with a signature."""
        naming = Naming(holding, municipality, str(account), until)
        return holding, municipality, account, until, sign_naming(self.domain, key, naming)

    def redemption(self, partner: int, code: str, municipality: int, number: int) -> tuple[Any, ...]:
        """Return the arguments of `redeem` for whoever holds the code."""
        key = coupon_key(code)
        signature = sign_redemption(self.domain, key, partner, municipality, number)
        return partner, key.address, municipality, number, signature

    def ledger(self, partner: int, municipality: int = CITY) -> Ledger:
        """Return what a partner brought to a town."""
        return Ledger(*self.contract.ledgerOf(municipality, partner))

    def issue(self, holding: bytes) -> int:
        """Return why a sweep would leave the points."""
        return int(self.contract.issueOf(holding))


def _impersonated(name: str) -> Any:
    @pytest.fixture(scope="session")
    def account(accounts: Any) -> Any:
        return impersonate(accounts, to_checksum_address(keccak(text=name)[-20:]))

    return account


airline = _impersonated("airline")
card_company = _impersonated("card company")
relayer = _impersonated("relayer")


@pytest.fixture(scope="module")
def neighbour_point(project, deployment, officers, residents, platform, deployer, council):
    """The series of 高山市."""
    policy = ("高山さるぼぼポイント", "SARUBOBO", 0, 6)
    series = (NEIGHBOUR, officers, residents, *policy, tuple(SaleTerms()), ZERO_ADDRESS)
    point = project.MunicipalPoint.deploy(*series, {"from": deployer})
    platform.registerSeries(NEIGHBOUR, point, {"from": council})
    return point


@pytest.fixture(scope="module")
def exchange(project, deployment, platform, deployer, council):
    """The service, offered and accepted by nobody yet."""
    project.ExchangeAgreement.deploy({"from": deployer})
    exchange = project.PartnerExchange.deploy(platform, {"from": deployer})
    platform.offerService(exchange, SERVICE_NAME, offered_acts(), {"from": council})
    return exchange


@pytest.fixture(scope="module")
def desk(exchange, act_maker, officers, point, neighbour_point, airline, card_company):
    """Both towns accept both partners, and their series the exchange as a minter."""
    desk = ExchangeDesk(exchange, act_maker)
    by_act = {"from": act_maker}
    desk.act("registerPartner", COUNCIL, airline, "そら航空")
    desk.act("registerPartner", COUNCIL, card_company, "みどりカード")
    for code, series in ((CITY, point), (NEIGHBOUR, neighbour_point)):
        officers.acceptService(code, exchange, by_act)
        series.increaseMinterAllowance(exchange, ALLOWANCE, by_act)
        desk.act("setExchangeSeries", code, series)
        desk.accept(AIRLINE, AIRLINE_TERMS, code)
        desk.accept(CARD, CARD_TERMS, code)
    return desk


@pytest.fixture(scope="module")
def neighbours(accounts, residents, act_maker):
    """How people join 高山市."""
    return Memberships(accounts, residents, act_maker, NEIGHBOUR)


@pytest.fixture(scope="module")
def hanako(desk, memberships):
    """Resident 1 of 川崎市."""
    [member] = memberships.join("Hanako")
    return member


@pytest.fixture(scope="module")
def hanako_there(hanako, neighbours):
    """The same person in 高山市, where she is number 2."""
    neighbours.join("Ichiro")
    [member] = neighbours.join("Hanako in Takayama")
    return member


def campaign_of(numerator: int, denominator: int, budget: int, *, by_partner: bool = False) -> Campaign:
    """Return a campaign of the next 30 days."""
    return Campaign(now(), now() + 30 * DAY, numerator, denominator, budget, is_paid_by_partner=by_partner)
