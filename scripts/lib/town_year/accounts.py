"""Who is who on a local chain: an account for every officer, resident and merchant of a town's fiscal year.

On a local chain only: the keys derive from the numbers in the CSV files, and anybody can compute them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple

from scripts.lib.deployment import MerchantPlan, MunicipalityPlan, SeriesPlan
from scripts.lib.keys.keyring import LocalKeyring
from scripts.lib.roles import Role
from scripts.lib.town_year.folder import TownYear
from scripts.lib.town_year.office_rows import AccountAct, AccountStep, AdminAct


class NextAccount(NamedTuple):
    """The account that a resident has from the second `since` on, in place of the one before."""

    since: int
    account: str


@dataclass(frozen=True)
class TownAccounts:
    """Accounts of one town; every one is a different address.

    Attributes:
        label: unique name of the series, e.g. "141305-KAWASAKI".
        officers: two accounts for each role: what matters takes two people.
        admins: by what the files call them, people whom the council makes Admins in the year.
        minter: account that issues the points granted.
        residents: by resident number, the account at the beginning of the year.
        next_accounts: by resident number, of those whose account is replaced in the year.
        merchants: by merchant number.
        buyers: by merchant number, whoever buys a shop in the year.
    """

    label: str
    officers: dict[Role, tuple[str, str]]
    admins: dict[str, str]
    minter: str
    residents: dict[str, str]
    next_accounts: dict[str, NextAccount]
    merchants: dict[str, str]
    buyers: dict[str, str]

    @classmethod
    def of(cls, year: TownYear, keyring: LocalKeyring) -> TownAccounts:
        """Derive the accounts of a town; their keys are in the keyring then."""
        label, code = _label(year), year.town.code
        sold = [act.merchant for act in year.shop_sales()]
        return cls(
            label,
            {
                role: (keyring.account(f"{code}/{role.name}"), keyring.account(f"{code}/{role.name}/2"))
                for role in Role
            },
            {name: keyring.account(f"{code}/{name}") for name in _admins(year)},
            keyring.account(f"{label}/minter"),
            {resident.number: keyring.account(f"{code}/{resident.number}") for resident in year.residents},
            _next_accounts(year, lambda number: keyring.account(f"{code}/{number}/2")),
            {
                merchant.merchant: keyring.account(f"{label}/{merchant.merchant}")
                for merchant in year.merchants
            },
            {shop: keyring.account(f"{label}/{shop}/buyer") for shop in sold},
        )

    @classmethod
    def without_keys(cls, year: TownYear) -> TownAccounts:
        """Return accounts that are called by their numbers, for the model alone."""
        return cls(
            label=_label(year),
            officers={},
            admins={name: name for name in _admins(year)},
            minter="minter",
            residents={resident.number: resident.number for resident in year.residents},
            next_accounts=_next_accounts(year, lambda number: f"{number}/2"),
            merchants={merchant.merchant: merchant.merchant for merchant in year.merchants},
            buyers={shop: f"{shop}/buyer" for shop in (act.merchant for act in year.shop_sales())},
        )

    def resident_at(self, number: str, second: int) -> str:
        """Return the account that a resident has at a second."""
        following = self.next_accounts.get(number)
        if following is not None and second >= following.since:
            return following.account
        return self.residents[number]

    def all_residents(self) -> list[str]:
        """Return every account that a resident has in the year."""
        return [*self.residents.values(), *(following.account for following in self.next_accounts.values())]

    def names(self) -> dict[str, str]:
        """Return what to call each account in a report: its number in the CSV files, or its role."""
        return (
            {account: role.name for role, accounts in self.officers.items() for account in accounts}
            | {account: name for name, account in self.admins.items()}
            | {self.minter: "minter"}
            | {account: number for number, account in self.residents.items()}
            | {following.account: f"{number} (2)" for number, following in self.next_accounts.items()}
            | {account: number for number, account in self.merchants.items()}
            | {account: f"buyer of {number}" for number, account in self.buyers.items()}
        )

    def plan(self, year: TownYear) -> MunicipalityPlan:
        """Return what to deploy for the town; without programmes its minter may issue exactly its grants."""
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
            {} if year.programmes else {self.minter: sum(grant.points for grant in year.grants)},
            merchants,
        )
        return MunicipalityPlan(
            town.municipality.number,
            town.municipality.name,
            self.officers[Role.ADMIN][0],
            [(role, account) for role, accounts in self.officers.items() for account in accounts],
            [series],
        )


def merged(plans: Iterable[MunicipalityPlan]) -> list[MunicipalityPlan]:
    """Return one plan a municipality, with the series of all its plans."""
    towns: dict[int, MunicipalityPlan] = {}
    for plan in plans:
        first = towns.get(plan.code)
        towns[plan.code] = plan if first is None else replace(first, series=[*first.series, *plan.series])
    return list(towns.values())


def _label(year: TownYear) -> str:
    return f"{year.town.code}-{year.town.series_symbol}"


def _admins(year: TownYear) -> list[str]:
    return list(dict.fromkeys(act.admin for act in year.office_acts if isinstance(act, AdminAct)))


def _next_accounts(year: TownYear, account: Callable[[str], str]) -> dict[str, NextAccount]:
    """Return the next account of every resident whose replacement is completed in the year."""
    return {
        act.resident: NextAccount(act.time, account(act.resident))
        for act in year.office_acts
        if isinstance(act, AccountAct) and act.step is AccountStep.COMPLETE_REPLACEMENT
    }
