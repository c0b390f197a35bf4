"""Who is who on a local chain: an account for every officer, resident and merchant of a town's fiscal year.

On a local chain only: the keys derive from the numbers in the CSV files, and anybody can compute them.
"""

from __future__ import annotations

from dataclasses import dataclass

from scripts.lib.deployment import MerchantPlan, MunicipalityPlan, Role, SeriesPlan
from scripts.lib.keyring import LocalKeyring
from scripts.lib.town_year import TownYear


@dataclass(frozen=True)
class TownAccounts:
    """Accounts of one town; every one is a different address.

    Attributes:
        label: unique name of the series, e.g. "141305-KAWASAKI".
        officers: one account for each role.
        minter: account that issues the points granted.
        residents: by resident number.
        merchants: by merchant number.
    """

    label: str
    officers: dict[Role, str]
    minter: str
    residents: dict[str, str]
    merchants: dict[str, str]

    @classmethod
    def of(cls, year: TownYear, keyring: LocalKeyring) -> TownAccounts:
        """Derive the accounts of a town; their keys are in the keyring then."""
        label = f"{year.town.code}-{year.town.series_symbol}"
        return cls(
            label,
            {role: keyring.account(f"{year.town.code}/{role.name}") for role in Role},
            keyring.account(f"{label}/minter"),
            {resident.number: keyring.account(f"{label}/{resident.number}") for resident in year.residents},
            {
                merchant.merchant: keyring.account(f"{label}/{merchant.merchant}")
                for merchant in year.merchants
            },
        )

    @classmethod
    def without_keys(cls, year: TownYear) -> TownAccounts:
        """Return accounts that are called by their numbers, for the model alone."""
        return cls(
            label=f"{year.town.code}-{year.town.series_symbol}",
            officers={},
            minter="minter",
            residents={resident.number: resident.number for resident in year.residents},
            merchants={merchant.merchant: merchant.merchant for merchant in year.merchants},
        )

    def names(self) -> dict[str, str]:
        """Return what to call each account in a report: its number in the CSV files, or its role."""
        return (
            {account: role.name for role, account in self.officers.items()}
            | {self.minter: "minter"}
            | {account: number for number, account in self.residents.items()}
            | {account: number for number, account in self.merchants.items()}
        )

    def plan(self, year: TownYear) -> MunicipalityPlan:
        """Return what to deploy for the town; its minter may issue exactly the year's grants."""
        town = year.town
        merchants = [
            MerchantPlan(self.merchants[merchant.merchant], merchant.name, merchant.place, merchant.category)
            for merchant in year.merchants
        ]
        series = SeriesPlan(
            self.label,
            town.series_name,
            town.series_symbol,
            town.expiry_rule,
            town.expiry_months,
            {self.minter: sum(grant.points for grant in year.grants)},
            merchants,
        )
        return MunicipalityPlan(
            town.municipality.number,
            town.municipality.name,
            self.officers[Role.ADMIN],
            list(self.officers.items()),
            [series],
        )
