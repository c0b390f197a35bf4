"""The two tokens that `make bench` compares: MunicipalPoint, and OpenZeppelin's ERC20 without expiry."""

from __future__ import annotations

from dataclasses import dataclass

from scripts.lib.deployment import SERIES_LIBRARIES, SeriesPlan, series_arguments
from scripts.lib.expiry_rule import ExpiryRule
from scripts.lib.gas.meter import GasMeter, MeteredContract
from scripts.lib.gas.town import LOT_POINTS, pseudonym
from scripts.lib.roles import Role

MUNICIPALITY = 141305
MINTER_ALLOWANCE_POINTS = 10**12
MERCHANT_OFFICER = pseudonym(1_000_001)
DESK_OFFICER = pseudonym(1_000_002)
SECOND_DESK_OFFICER = pseudonym(1_000_003)


@dataclass(frozen=True)
class OurToken:
    """MunicipalPoint, as a token of the town.

    What only an act of officers may do is sent here in the name of the contract Officers itself: the town's
    set-up needs no offices, and whatever is measured is the token's cost alone. What an act costs with the
    offices that it takes, is measured in scripts.lib.gas.acts.

    Attributes:
        officer: the minter, and first Admin of the council and the municipality.
    """

    contract: MeteredContract
    officers: MeteredContract
    residents: MeteredContract
    officer: str
    platform: MeteredContract

    @classmethod
    def deployed(cls, meter: GasMeter, officer: str) -> OurToken:
        """Deploy the platform with one municipality and one series."""
        platform = meter.deploy("PointPlatform", [officer], officer)
        officers = meter.at("Officers", platform.read("officers"))
        residents = meter.at("ResidentRegistry", platform.read("residents"))
        appointments = [
            (Role.ADMIN, officer),
            (Role.MERCHANT_OFFICER, MERCHANT_OFFICER),
            (Role.DESK_OFFICER, DESK_OFFICER),
            (Role.SECOND_DESK_OFFICER, SECOND_DESK_OFFICER),
        ]
        platform.send("registerMunicipality", MUNICIPALITY, "川崎市", appointments, sender=officer)
        series = SeriesPlan("", "川崎市ポイント", "KWS", ExpiryRule.THIS_FISCAL_YEAR)
        token = meter.deploy(
            "MunicipalPoint",
            series_arguments(MUNICIPALITY, officers.address, residents.address, series),
            officer,
            {library: meter.deploy(library, [], officer).address for library in SERIES_LIBRARIES},
        )
        platform.send("registerSeries", MUNICIPALITY, token.address, sender=officer)
        token.send("increaseMinterAllowance", officer, MINTER_ALLOWANCE_POINTS, sender=officers.address)
        return cls(token, officers, residents, officer, platform)

    def approve(self, shop: str) -> int:
        """Let a merchant be paid."""
        return self.contract.send(
            "approveMerchant", shop, 1, "八百屋", "本町1-1", sender=self.officers.address
        )

    def grant(self, account: str, month: int) -> int:
        """Mint LOT_POINTS that end with a month."""
        return self.contract.send("mintUntil", account, LOT_POINTS, month, sender=self.officer)

    def pay(self, payer: str, shop: str, points: int) -> int:
        """Pay a merchant."""
        return self.contract.send("transfer", shop, points, sender=payer)

    def balance(self, account: str) -> int:
        """Return what an account may spend."""
        return self.contract.read("balanceOf", account)


@dataclass(frozen=True)
class Peer:
    """OpenZeppelinPoint, as a token of the town; its points do not end."""

    contract: MeteredContract
    officer: str

    @classmethod
    def deployed(cls, meter: GasMeter, officer: str) -> Peer:
        """Deploy it with one officer who holds every role."""
        return cls(meter.deploy("OpenZeppelinPoint", [], officer), officer)

    def approve(self, shop: str) -> int:
        """Let a merchant be paid."""
        return self.contract.send("setMerchant", shop, True, sender=self.officer)

    def grant(self, account: str, _month: int) -> int:
        """Mint LOT_POINTS."""
        return self.contract.send("mint", account, LOT_POINTS, sender=self.officer)

    def pay(self, payer: str, shop: str, points: int) -> int:
        """Pay a merchant."""
        return self.contract.send("transfer", shop, points, sender=payer)

    def balance(self, account: str) -> int:
        """Return what an account may spend."""
        return self.contract.read("balanceOf", account)
