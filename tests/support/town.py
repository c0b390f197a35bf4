"""The council and the two towns of the unit tests, as a plan for the deployment code."""

from __future__ import annotations

from collections.abc import Sequence

from scripts.lib.deployment import MerchantPlan, MunicipalityPlan, PlatformPlan, SeriesPlan
from scripts.lib.expiry_rule import ExpiryRule
from scripts.lib.roles import Role

CITY = 141305  # 川崎市
NEIGHBOUR = 212032  # 高山市

SERIES = "141305-GENKI"
POLICY_MONTHS = 6
MINTER_ALLOWANCE = 10**12
SHOP_CATEGORY = 7


def plan_of(
    deployer: str,
    council: str,
    city: str,
    merchant_officer: str,
    guardian: str,
    minter: str,
    shops: tuple[str, ...],
    neighbour: str,
    more_officers: Sequence[tuple[Role, str]] = (),
) -> PlatformPlan:
    """Return a platform with a city that has one series and a neighbour that has none; accounts by role.

    Args:
        more_officers: whom the city appoints from the beginning, besides those named.
    """
    series = SeriesPlan(
        label=SERIES,
        name="川崎げんきポイント",
        symbol="GENKI",
        expiry_rule=ExpiryRule.MONTHS_AFTER,
        expiry_months=POLICY_MONTHS,
        minters={minter: MINTER_ALLOWANCE},
        merchants=[MerchantPlan(shop, f"商店{i}", "川崎区", SHOP_CATEGORY) for i, shop in enumerate(shops)],
    )
    return PlatformPlan(
        deployer=deployer,
        council=council,
        municipalities=[
            MunicipalityPlan(
                code=CITY,
                name="川崎市",
                admin=city,
                officers=[
                    (Role.MERCHANT_OFFICER, merchant_officer),
                    (Role.GUARDIAN, guardian),
                    *more_officers,
                ],
                series=[series],
            ),
            MunicipalityPlan(code=NEIGHBOUR, name="高山市", admin=neighbour),
        ],
    )
