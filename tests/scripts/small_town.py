"""A municipality small enough to work out by hand, as CSV files.

高山市, points end one month after the month of the grant (`months_after` 1), fiscal year 2026:

- 1 April     resident 1 is granted 1,000 and resident 2 is granted 500 (both end with May)
- 10 April    resident 1 pays 300 to shop 1
- 31 May      resident 1 pays 200 in the month's last second; 500 + 500 points end unspent
- 1 June      resident 2 is granted 700 without expiry
- 2 June      shop 2 is suspended
- 31 March    resident 2 pays 100 to shop 1 in the year's last second
"""

from __future__ import annotations

from pathlib import Path

CODE = "212032"
NAME = "高山市"
FIRST, SECOND = "r-212032-0001", "r-212032-0002"
SHOP, OTHER_SHOP = "m-212032-01", "m-212032-02"

SUMMARY = {
    "granted": 2200,
    "exchanged": 0,
    "bonus": 0,
    "restored": 0,
    "live": 600,
    "lapsed": 1000,
    "claims": 600,
    "locked": 0,
    "settled": 0,
    "revoked": 0,
    "residents": 2,
    "merchants": 2,
    "grants": 3,
    "payments": 3,
    "lots": 1,
    "total_supply": 1200,
}
SERIES_NAME = "高山市ポイント（試験）"

FILES = {
    "municipality.csv": [
        "municipality_code,series_name,series_symbol,expiry_rule,expiry_months,fiscal_year",
        f"{CODE},{SERIES_NAME},TEST,months_after,1,2026",
    ],
    "residents.csv": ["resident,mykey_id", FIRST, SECOND],
    "merchants.csv": [
        "merchant,name,place,category,category_name",
        f"{SHOP},朝市,高山市上三之町,1,食料品",
        f"{OTHER_SHOP},湯屋,高山市花岡町,2,公共施設",
    ],
    "merchant_changes.csv": ["time,merchant,change", f"2026-06-02T09:00:00,{OTHER_SHOP},suspend"],
    "office_acts.csv": ["time,act,subject,until,reason"],
    "grants.csv": [
        "date,resident,points,programme,expiry_month",
        f"2026-04-01,{FIRST},1000,健康診査,",
        f"2026-04-01,{SECOND},500,健康診査,",
        f"2026-06-01,{SECOND},700,ボランティア,never",
    ],
    "payments.csv": [
        "time,resident,merchant,points",
        f"2026-04-10T10:00:00,{FIRST},{SHOP},300",
        f"2026-05-31T23:59:59,{FIRST},{OTHER_SHOP},200",
        f"2027-03-31T23:59:59,{SECOND},{SHOP},100",
    ],
}


SETTLEMENT_HEADER = "time,step,cut_off,merchants"
SETTLEMENTS = [
    "2026-06-11T10:00:00,approve,2026-05,",
    f"2026-06-25T15:00:00,pay,2026-05,{OTHER_SHOP}",
    "2027-04-11T10:00:00,approve,2027-03,",
    "2027-04-25T15:00:00,pay,2027-03,",
    "2027-06-01T09:00:00,close,2027-03,",
]
"""Rows of settlements.csv, which the town does without unless a test writes it: 300 are paid to shop 1 in
June; the 200 of shop 2, suspended since, bounce and are paid in April with the 100 of March."""

CLOSED = {
    "granted": 2200,
    "exchanged": 0,
    "bonus": 0,
    "restored": 0,
    "used": 600,
    "refunded": 0,
    "revoked": 0,
    "carried_over": 600,
    "carried_in": 0,
    "lapsed": 1000,
    "owed_in": 0,
    "settled": 600,
    "past_years": 0,
    "reopened": 0,
    "owed_over": 0,
}

PROGRAMME_HEADER = "programme,place,points_per_grant,yearly_cap,budget,description"
PROGRAMMES = [
    "健康診査,高山市内,,,1500,健康診査の受診に応じた付与",
    "ボランティア,高山市内,700,700,700,活動に応じた付与",
]
"""Rows of programmes.csv, which the town does without unless a test writes it."""

EXCHANGE = {
    "partners": ["p-01,そら航空", "p-02,まちの電力"],
    "agreements": [
        "p-01,1,2,100,0,1000,20000,12,10000,60000,50000",
        "p-02,1,1,1,0,1,10000,12,1000,3000,20000",
    ],
    "campaigns": ["p-01,2026-04-01,2026-05-01,1,10,500,no"],
    "exchanges": [f"2026-04-20T10:15:00,p-01,SORA-1,{FIRST},2000,,"],
    "coupons": [
        f"K-1,p-02,any,300,2026-04-21T09:00:00,2026-12-31T23:59:59,2026-04-22T09:00:00,{SECOND},",
        "K-2,p-02,any,300,2026-04-21T09:00:00,2026-12-31T23:59:59,,,2026-04-23T09:00:00",
    ],
    "receipts": ["2026-06-30T15:00:00,p-01,400,HIDA-1"],
}
"""Rows of the files of the exchange, which the town does without unless a test writes them: 2,000 miles
become 1,000 points and 100 on top for resident 1; of two coupons of 300 resident 2 redeems one."""

OPTIONAL = {
    "programmes": PROGRAMME_HEADER,
    "settlements": SETTLEMENT_HEADER,
    "agreements": "partner,numerator,denominator,unit,fee,minimum,maximum,expiry_months,daily_limit,"
    "yearly_limit,outstanding_limit",
    "campaigns": "partner,start,until,numerator,denominator,budget,paid_by_partner",
    "exchanges": "time,partner,reference,resident,partner_points,named_at,named_resident",
    "coupons": "coupon,partner,valid_in,points,issued,valid_until,redeemed,resident,cancelled",
    "receipts": "time,partner,yen,reference",
}

NEW_CARD = [
    f"2026-04-11T09:00:00,freeze,{FIRST},,lost_card",
    f"2026-04-11T09:30:00,start_replacement,{FIRST},,card_reissue",
    f"2026-04-14T09:30:00,complete_replacement,{FIRST},,card_reissue",
    f"2026-04-14T10:00:00,unfreeze,{FIRST},,card_reissue",
]
"""Rows of office_acts.csv: between the first payment of resident 1 and the second."""


def write_town(folder: Path, **changed_files: list[str]) -> Path:
    """Write the town's files below `folder`, some with other rows after their header; return `folder`.

    Args:
        changed_files: file name without ".csv" to its rows.
    """
    town = folder / f"{CODE}-takayama"
    town.mkdir(parents=True)
    for name, lines in FILES.items():
        rows = changed_files.get(name.removesuffix(".csv"), lines[1:])
        (town / name).write_text("\n".join([lines[0], *rows]) + "\n", encoding="utf-8")
    for name, header in OPTIONAL.items():
        if name in changed_files:
            lines = [header, *changed_files[name]]
            (town / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    if "partners" in changed_files:
        lines = ["partner,name", *changed_files["partners"]]
        (folder / "partners.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder
