"""The list of what the bank is to pay for a batch (振込一覧), as CSV that Excel opens.

    rows = transfer_rows(replay.batches[3], names, owners)
    file.write_bytes(as_csv(rows))

It is made from what was locked, told by the events, and not from what was asked for. Shops go by their public
names; bank accounts are the municipality's, by the shop's account, and on no chain. Amounts are yen.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from scripts.lib import csv_out
from scripts.lib.replays.settlement import ReplayedBatch

HEADERS = ("番号", "加盟店口座", "加盟店名", "所在地", "管理鍵", "今年度分(円)", "過年度分(円)", "振込額(円)")


class TransferRow(NamedTuple):
    """What one shop is to be paid.

    Attributes:
        number: of the claim in its batch, from 0; `bounce` and `reopen` name it.
        merchant: the shop's account. `owner`: who held its owner key when the list was made.
        this_year: yen for sales of the batch's fiscal year. `earlier_years`: for sales before.
    """

    number: int
    merchant: str
    name: str
    place: str
    owner: str
    this_year: int
    earlier_years: int

    @property
    def yen(self) -> int:
        """What is to be transferred."""
        return self.this_year + self.earlier_years


def transfer_rows(
    batch: ReplayedBatch, names: Mapping[str, tuple[str, str]], owners: Mapping[str, str]
) -> list[TransferRow]:
    """Return what of a batch is to be paid: claims that hold something and have not come back.

    Args:
        names: public name and place by merchant.
        owners: by merchant, whoever holds its owner key, where it is not the merchant's own.
    """
    back = batch.bounced | batch.reopened
    return [
        TransferRow(
            number,
            claim.merchant,
            *names[claim.merchant],
            owners.get(claim.merchant, claim.merchant),
            claim.this_year,
            claim.earlier_years,
        )
        for number, claim in enumerate(batch.claims)
        if claim.points and number not in back
    ]


def as_csv(rows: list[TransferRow]) -> bytes:
    """Return the list in UTF-8 with a byte order mark, and its sum in the last line."""
    sums = (sum(row.this_year for row in rows), sum(row.earlier_years for row in rows))
    total = ("合計", "", "", "", "", *sums, sum(sums))
    return csv_out.as_csv(HEADERS, [*((*row, row.yen) for row in rows), total])
