"""The towns of the unit tests, for accounts whose keys derive from their names."""

from __future__ import annotations

from scripts.lib.deployment import PlatformPlan
from scripts.lib.keys.keyring import LocalKeyring
from scripts.lib.roles import Role
from tests.support.town import plan_of

ROLES = ("deployer", "council", "city", "merchant_officer", "guardian", "minter", "neighbour")


def local_plan(keyring: LocalKeyring, *shops: str) -> PlatformPlan:
    """Return the plan; every account is called as its role, or by the name of the shop."""
    people = {role: keyring.account(role) for role in ROLES}
    second_admin = [(Role.ADMIN, keyring.account("second admin"))]
    shop_accounts = tuple(keyring.account(shop) for shop in shops)
    return plan_of(**people, shops=shop_accounts, more_officers=second_admin)
