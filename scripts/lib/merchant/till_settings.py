"""What a till knows about itself: shop and series, its number among the tills, what it may do offline."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from scripts.lib.bilingual import Bilingual
from scripts.lib.payment.sale_number import SERIALS
from scripts.lib.payment.signing import MAX_PAYMENT_POINTS, SeriesDomain

TILLS = 16
SALES_OF_A_TILL = SERIALS // TILLS
"""How many sales a till can number in a day: 4,096. Each has a range of its own, so that two never meet."""


class SettingsError(ValueError):
    """The settings cannot be so.

    Attributes:
        reason: in both languages.
    """

    def __init__(self, english: str, japanese: str) -> None:
        self.reason = Bilingual(english, japanese)
        super().__init__(str(self.reason))


@dataclass(frozen=True)
class TillSettings:
    """One till in one series. Amounts are points, times seconds.

    Attributes:
        shop: public name, for receipts and books.
        till: its number, 0 to 15, a different one for each till of the shop.
        offline_sale_points: the largest sale it takes while the line is down; 0 takes none.
        offline_day_points: the most it takes in a day while the line is down.
        connection_seconds: within what time it promises to be connected again when the line is down.
        gas_price: in wei.
    """

    chain_id: int
    series: str
    merchant: str
    shop: str
    till: int = 0
    offline_sale_points: int = 3_000
    offline_day_points: int = 30_000
    connection_seconds: int = 24 * 60 * 60
    gas_price: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.till < TILLS:
            raise SettingsError(f"tills are numbered 0 to {TILLS - 1}", f"レジ番号は0から{TILLS - 1}です")
        if self.connection_seconds <= 0:
            raise SettingsError("a line comes back some time", "次の通信までの時間が正しくありません")
        if not 0 <= self.offline_sale_points <= min(self.offline_day_points, MAX_PAYMENT_POINTS):
            raise SettingsError(
                "the offline limit of a sale is beyond that of a day",
                "オフラインの1件の上限が1日の上限を超えています",
            )

    @property
    def domain(self) -> SeriesDomain:
        """What signatures are good for."""
        return SeriesDomain(self.chain_id, self.series)

    @classmethod
    def read(cls, path: Path) -> TillSettings:
        """Read the settings that `write` wrote.

        Raises:
            SettingsError: they are missing or cannot be so.
        """
        try:
            return cls(**json.loads(path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            raise SettingsError(
                f"{path} is missing: `merchant setup` makes it",
                f"{path} がありません。merchant setup で作ります",
            ) from None
        except (TypeError, json.JSONDecodeError):
            raise SettingsError(f"{path} is damaged", f"{path} が壊れています") from None

    def write(self, path: Path) -> None:
        """Write the settings."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(self), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
