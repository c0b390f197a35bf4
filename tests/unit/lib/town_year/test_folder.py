"""A municipality's year from its files: what is understood, and every fault by file, line and column."""

import shutil
from pathlib import Path

import pytest

from scripts.lib.csv_table import BadRows
from scripts.lib.expiry_rule import NEVER, ExpiryRule
from scripts.lib.japan_calendar import last_second, moment_from_text
from scripts.lib.town_year.folder import Change, Grant, Payment, StandingChange, TownYear, read_town_years
from scripts.lib.workspace import ROOT

DEMO_DATA = ROOT / "scripts/demo_data"

FILES = {
    "municipality.csv": """\
municipality_code,series_name,series_symbol,expiry_rule,expiry_months,fiscal_year
011002,札幌市ポイント,SAPPORO,months_after,6,2026
""",
    "residents.csv": """\
resident
r-011002-0001
r-011002-0002
""",
    "merchants.csv": """\
merchant,name,place,category,category_name
m-011002-01,北の八百屋,札幌市中央区,1,食料品
m-011002-02,雪まつり食堂,札幌市北区,2,飲食
""",
    "merchant_changes.csv": """\
time,merchant,change
2026-10-01T09:00,m-011002-02,suspend
2026-11-01,m-011002-02,approve
""",
    "grants.csv": """\
date,resident,points,programme,expiry_month
2026-05-01,r-011002-0002,300,ボランティア,never
2026-04-01,r-011002-0001,500,ボランティア,
""",
    "payments.csv": """\
time,resident,merchant,points
2026-04-01,r-011002-0001,m-011002-01,100
2026-04-30T23:59:59,r-011002-0001,m-011002-02,50
""",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A good folder."""
    folder = tmp_path / "011002-sapporo"
    folder.mkdir()
    for name, content in FILES.items():
        (folder / name).write_text(content, encoding="utf-8")
    return folder


def change(folder: Path, name: str, old: str, new: str) -> None:
    content = (folder / name).read_text(encoding="utf-8")
    assert content.count(old) == 1, f"{old!r} is not once in {name}"
    (folder / name).write_text(content.replace(old, new), encoding="utf-8")


def faults_of(*folders: Path) -> list[tuple[str, int, str, str]]:
    with pytest.raises(BadRows) as error:
        read_town_years(folders)
    return [
        (fault.file.split("/")[-1], fault.line, fault.column, fault.reason.english)
        for fault in error.value.faults
    ]


def test_read_town_years_good_folder_gives_typed_rows(folder: Path) -> None:
    (year,) = read_town_years([folder])
    town = year.town
    assert (town.code, town.municipality.name, town.municipality.number) == ("011002", "札幌市", 11002)
    assert (town.expiry_rule, town.expiry_months, town.fiscal_year) == (ExpiryRule.MONTHS_AFTER, 6, 2026)
    assert [resident.number for resident in year.residents] == ["r-011002-0001", "r-011002-0002"]
    assert year.merchants[1].category_name == "飲食"
    start = moment_from_text("2026-04-01")
    assert year.in_order() == [
        Grant(3, start, "r-011002-0001", 500, "ボランティア", None),
        Payment(2, start, "r-011002-0001", "m-011002-01", 100),
        Payment(3, last_second(315), "r-011002-0001", "m-011002-02", 50),
        Grant(2, moment_from_text("2026-05-01"), "r-011002-0002", 300, "ボランティア", NEVER),
        StandingChange(2, moment_from_text("2026-10-01T09:00"), "m-011002-02", Change.SUSPEND),
        StandingChange(3, moment_from_text("2026-11-01"), "m-011002-02", Change.APPROVE),
    ]


def test_read_town_years_without_changes_file_has_no_changes(folder: Path) -> None:
    (folder / "merchant_changes.csv").unlink()
    assert read_town_years([folder])[0].changes == []


# What is changed in which file, and the line, the column and a part of the reason that are reported.
FAULTS = [
    # amounts
    ("payments", ",100", ",-100", 2, "points", "the number is negative"),
    ("payments", ",100", ",hundred", 2, "points", "this is not a whole number"),
    ("payments", ",100", ",0", 2, "points", "the number is less than 1"),
    ("payments", ",100", ",", 2, "points", "the cell is empty"),
    ("grants", "500", "536870912", 3, "points", "the number is more than 536,870,911"),
    # residents and merchants
    (
        "payments",
        "0001,m-011002-01",
        "0003,m-011002-01",
        2,
        "resident",
        "r-011002-0003 is not in residents.csv",
    ),
    ("payments", "m-011002-01", "m-011002-03", 2, "merchant", "m-011002-03 is not in merchants.csv"),
    ("grants", "r-011002-0002", "r-011002-0009", 2, "resident", "r-011002-0009 is not in residents.csv"),
    ("grants", "r-011002-0002", "山田太郎", 2, "resident", "this is not of the form r-141305-0001"),
    ("residents", "0002", "0002\nr-011002-0001", 4, "resident", "the same number as in line 2"),
    ("residents", "0002", "0002\nr-141305-0001", 4, "resident", "r-141305-0001 is not a number of 011002"),
    (
        "merchants",
        "飲食",
        "飲食\nm-011002-02,他,北区,1,食料品",
        4,
        "merchant",
        "the same number as in line 3",
    ),
    ("merchants", "2,飲食", "1,飲食", 3, "category", "category 1 has another name in line 2"),
    ("merchants", "2,飲食", "65536,飲食", 3, "category", "the number is more than 65,535"),
    ("merchants", "雪まつり食堂", "", 3, "name", "the cell is empty"),
    ("merchant_changes", "02,suspend", "07,suspend", 2, "merchant", "m-011002-07 is not in merchants.csv"),
    ("merchant_changes", "suspend", "burn", 2, "change", "this is none of approve, suspend, close"),
    # dates
    ("grants", "2026-04-01", "2027-04-01", 3, "date", "2027-04-01 00:00:00 is not in fiscal year 2026"),
    ("grants", "2026-04-01", "2026-03-31", 3, "date", "2026-03-31 00:00:00 is not in fiscal year 2026"),
    ("grants", "2026-04-01", "1999-04-01", 3, "date", "1999-04-01 00:00:00 is not in fiscal year 2026"),
    ("payments", "2026-04-01", "2027-02-29", 2, "time", "this is not a date like 2026-04-15"),
    ("payments", "2026-04-01", "April", 2, "time", "this is not a date like 2026-04-15"),
    ("payments", "04-30T23:59:59", "10-01T09:00", 3, "merchant", "cannot be paid since 2026-10-01 09:00:00"),
    ("grants", "never", "2026-04", 2, "expiry_month", "in 2026-05 end by 2031-05 and not with 2026-04"),
    ("grants", "never", "2031-06", 2, "expiry_month", "in 2026-05 end by 2031-05 and not with 2031-06"),
    ("grants", "never", "soon", 2, "expiry_month", "this is not a month like 2027-03"),
    # the same twice
    (
        "grants",
        "ア,\n",
        "ア,\n2026/4/1,r-011002-0001,300,ボランティア,\n",
        4,
        "",
        "the same row as in line 3",
    ),
    (
        "payments",
        "100\n",
        "100\n2026/4/1,r-011002-0001,m-011002-01,100\n",
        3,
        "",
        "the same row as in line 2",
    ),
    # the municipality
    ("municipality", "011002", "011003", 2, "municipality_code", "011003 fails its check digit"),
    ("municipality", "011002", "11002", 2, "municipality_code", "did a spreadsheet drop the zero"),
    ("municipality", "months_after,6", "months_after,", 2, "expiry_months", "the rule needs it"),
    ("municipality", "months_after,6", "months_after,61", 2, "expiry_months", "the number is more than 60"),
    ("municipality", "months_after,6", "fixed_month,6", 2, "expiry_months", "this is not a month"),
    ("municipality", "months_after,6", "never,6", 2, "expiry_months", "the rule takes no number"),
    ("municipality", "months_after", "rolling", 2, "expiry_rule", "this is none of months_after, "),
    # the columns
    (
        "payments",
        "merchant,points",
        "merchant,points,colour",
        1,
        "#5",
        "unknown column; known are time,",
    ),
    ("grants", ",expiry_month", ",date", 1, "date", "the column appears twice"),
    ("grants", "date,", ",", 1, "日付", "the column is missing"),
]


@pytest.mark.parametrize(("name", "old", "new", "line", "column", "reason"), FAULTS)
def test_read_town_years_one_fault_is_named_with_its_place(
    folder: Path, name: str, old: str, new: str, line: int, column: str, reason: str
) -> None:
    change(folder, f"{name}.csv", old, new)
    found = faults_of(folder)
    assert [fault[:3] for fault in found] == [(f"{name}.csv", line, column)]
    assert reason in found[0][3]


@pytest.mark.parametrize("name", FILES)
def test_read_town_years_personal_number_in_any_file_is_refused(folder: Path, name: str) -> None:
    *lines, last = (folder / name).read_text(encoding="utf-8").splitlines()
    cells = [*last.split(",")[:-1], "987654321098"]
    (folder / name).write_text("\n".join([*lines, ",".join(cells)]), encoding="utf-8")
    with pytest.raises(BadRows, match="個人番号") as error:
        read_town_years([folder])
    assert "9876" not in str(error.value)


@pytest.mark.parametrize("name", [name for name in FILES if name != "merchant_changes.csv"])
def test_read_town_years_missing_file_is_the_only_fault(folder: Path, name: str) -> None:
    (folder / name).unlink()
    assert faults_of(folder) == [(name, 0, "", "the file is missing")]


def test_read_town_years_faults_of_all_files_and_folders_come_at_once(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "011002-sapporob"
    shutil.copytree(folder, other)
    change(folder, "payments.csv", ",100", ",-100")
    change(folder, "grants.csv", ",500,", ",many,")
    change(other, "municipality.csv", "SAPPORO", "SAPPORO-2")
    change(other, "payments.csv", "m-011002-01", "m-011002-99")
    assert [fault[:3] for fault in faults_of(folder, other)] == [
        ("grants.csv", 3, "points"),
        ("payments.csv", 2, "points"),
        ("payments.csv", 2, "merchant"),
    ]


def test_read_town_years_the_same_series_twice_is_refused(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "011002-sapporob"
    shutil.copytree(folder, other)
    assert faults_of(folder, other) == [("municipality.csv", 2, "", "the same series as in 011002-sapporo")]


def test_read_town_years_second_municipality_in_a_folder_is_refused(folder: Path) -> None:
    with (folder / "municipality.csv").open("a", encoding="utf-8") as file:
        file.write("141305,川崎市ポイント,KAWASAKI,never,,2026\n")
    assert faults_of(folder) == [("municipality.csv", 3, "", "a folder holds one municipality")]


def contents(years: list[TownYear]) -> list[tuple[object, ...]]:
    """All but the folders."""
    return [
        (year.town, year.residents, year.merchants, year.programmes, year.exchange, year.in_order())
        for year in years
    ]


@pytest.mark.parametrize(("encoding", "newline"), [("utf-8-sig", "\r\n"), ("cp932", "\r\n")])
def test_read_town_years_demo_data_as_excel_saves_it_reads_the_same(
    tmp_path: Path, encoding: str, newline: str
) -> None:
    originals = sorted(folder for folder in DEMO_DATA.iterdir() if folder.is_dir())
    for file in DEMO_DATA.glob("**/*.csv"):
        copy = tmp_path / file.relative_to(DEMO_DATA)
        copy.parent.mkdir(exist_ok=True)
        copy.write_bytes(file.read_text(encoding="utf-8").replace("\n", newline).encode(encoding))
    copies = [tmp_path / folder.name for folder in originals]
    assert contents(read_town_years(copies)) == contents(read_town_years(originals))


def test_file_of_a_municipality_without_a_row_says_so(folder: Path) -> None:
    titles = FILES["municipality.csv"].splitlines()[0]
    (folder / "municipality.csv").write_text(titles + "\n", encoding="utf-8")
    assert ("municipality.csv", 0, "", "no municipality") in faults_of(folder)


ACTS = "time,act,subject,until,reason\n"
CARD = "2026-06-01T09:00,start_replacement,r-011002-0001,,card_reissue\n"


@pytest.mark.parametrize(
    ("rows", "line", "reason"),
    [
        (CARD + CARD.replace("06-01", "07-01"), 3, "r-011002-0001 gets a new key in line 2 already"),
        (CARD.replace("start_replacement", "sell_shop"), 2, "this is not of the form m-141305-01"),
    ],
    ids=["second card in a year", "shop by a resident's number"],
)
def test_act_of_officers_that_cannot_be_told_is_refused_with_its_line(
    folder: Path, rows: str, line: int, reason: str
) -> None:
    (folder / "office_acts.csv").write_text(ACTS + rows, encoding="utf-8")
    assert ("office_acts.csv", line, "subject", reason) in faults_of(folder)
