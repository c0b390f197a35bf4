"""A town's fiscal year together with where the town is on a chain."""

from __future__ import annotations

from dataclasses import dataclass

from scripts.lib.deployment import Deployment
from scripts.lib.town_year.accounts import TownAccounts
from scripts.lib.town_year.folder import TownYear


@dataclass(frozen=True)
class TownOnChain:
    """A town's year, the accounts of its people, and the contracts that it has to do with.

    Attributes:
        token: address of its series.
        officers: address of Officers, through which its officers act.
        registry: address of ResidentRegistry.
    """

    year: TownYear
    accounts: TownAccounts
    token: str
    officers: str
    registry: str

    @classmethod
    def of(cls, year: TownYear, accounts: TownAccounts, deployment: Deployment) -> TownOnChain:
        """Return the town as a deployment of its plan left it."""
        token = deployment.series[accounts.label]
        return cls(year, accounts, token, deployment.officers, deployment.residents)

    @property
    def code(self) -> int:
        """全国地方公共団体コード as a number."""
        return self.year.town.municipality.number
