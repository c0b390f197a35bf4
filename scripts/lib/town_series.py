"""Which series a municipality has, and what anybody may set right in all of them at once.

A membership is one for all series, and each series learns of its changes by a call: until then a lost card
still spends there. So whoever begins or completes a replacement calls every series.
"""

from __future__ import annotations

from scripts.lib.calls import Call, Deployer, View

CONTRACT = "MunicipalPoint"


def series_of(deployer: Deployer, officers: str, municipality: int) -> list[str]:
    """Return the addresses of a municipality's series, in the order in which they were registered.

    Args:
        officers: address of Officers (0x hex).
        municipality: 全国地方公共団体コード as a number.
    """
    [platform] = deployer.read([View("Officers", officers, "platform")])
    [series] = deployer.read([View("PointPlatform", platform, "seriesOf", (municipality,))])
    return list(series)


def in_every_series(
    deployer: Deployer, officers: str, municipality: int, function: str, account: str, sender: str
) -> list[Call]:
    """Return a call to each series about one account, `syncBlocked` or `carry`; anyone may send them.

    Args:
        account: whose card was lost, whose membership was closed (0x hex).
    """
    return [
        Call(CONTRACT, token, function, (account,), sender, account)
        for token in series_of(deployer, officers, municipality)
    ]
