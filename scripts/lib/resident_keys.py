"""Whether an account can become a resident's: what the desk asks before two officers answer for it.

A merchant's account holds a claim and can hold no points, and the registry of residents knows no series.
Named as a resident's account all the same, it would let no points in: grants to it fail, and what a lost card
held stays where it is, blocked, until the membership has moved on to another account.
"""

from __future__ import annotations

from collections.abc import Sequence

from scripts.lib.acts import ActError
from scripts.lib.calls import Deployer, View
from scripts.lib.town_series import series_of


def require_no_merchants(
    deployer: Deployer, officers: str, municipality: int, accounts: Sequence[str]
) -> None:
    """Make sure that none of some accounts was ever approved as a merchant in a series of a municipality.

    Args:
        officers: address of Officers (0x hex).
        municipality: 全国地方公共団体コード as a number.

    Raises:
        ActError: some were; it names them all.
    """
    series = series_of(deployer, officers, municipality)
    asked = [(token, account) for token in series for account in accounts]
    standings = deployer.read(
        [View("MunicipalPoint", token, "merchantOf", (account,)) for token, account in asked]
    )
    merchants = [place for place, (is_merchant, *_) in zip(asked, standings, strict=True) if is_merchant]
    if merchants:
        names = deployer.read([View("MunicipalPoint", token, "name") for token, _ in merchants])
        found = [f"{account} ({name})" for (_, account), name in zip(merchants, names, strict=True)]
        raise ActError(
            f"a merchant's key cannot be a resident's: {', '.join(found)}",
            f"加盟店の鍵は利用者の口座にできません。別の鍵を登録してください: {', '.join(found)}",
        )
