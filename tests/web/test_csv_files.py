"""CSV files in the office page: read, and refused, cell for cell as the commands do."""

import base64
import random

import pytest

from scripts.lib.administration.grants import COLUMNS
from scripts.lib.csv_table import read_table
from tests.web.support.modules import run_module

TITLES = "利用者番号,ポイント,事業,実施回"
FILES = {
    "raised and circled digits": "利用者番号,ポイント\n①,10²\n2,500\n",
    "plain": f"{TITLES}\r\n1,100,健康診査,第1回\r\n2,1500,健康診査,第1回\r\n",
    "english": "number,points\n1,100\n",
    "tabs": "利用者番号\tポイント\n1\t1,500\n",
    "semicolons": "利用者番号;ポイント\n1;1,500\n",
    "full width": '利用者番号,ポイント\n１７,１５００\n１８,"１，５００"\n',
    "thousands": '利用者番号,ポイント\n1,"1,500"\n2,"15,00"\n3,"1,5000"\n',
    "negative": "利用者番号,ポイント\n1,-5\n2,▲5\n3,−５\n4,△ 5\n5,0\n",
    "too large": "利用者番号,ポイント\n4294967296,4294967296\n4294967295,9999999999999999999999999999999\n",
    "no numbers": "利用者番号,ポイント\nあ,い\n1.5,2e3\n１　２,\n",
    "personal numbers": "利用者番号,ポイント,事業\n123456789018,1,a\n1,1234-5678-9018,b\n"
    "2,3,１２３４ ５６７８ ９０１８\n",
    "mykey ids": "利用者番号,ポイント,事業\n1,AB12CD34,c\n2,3,ＡＢ１２ＣＤ３４\n3,4,ABCDEFGH\n",
    "name column": "氏名,利用者番号,ポイント\n山田太郎,1,100\n",
    "no titles": "1,100\n2,200\n",
    "twice": "利用者番号,number,ポイント\n1,1,5\n",
    "missing column": "ポイント\n5\n",
    "empty": "",
    "blank": "\n\n , \n",
    "blank lines": "\n利用者番号,ポイント\n\n1,5\n,\n\n2,6\n",
    "short and long rows": "利用者番号,ポイント,事業\n1\n2,5,あ,い\n3,5,あ,,\n",
    "quoted": '利用者番号,ポイント,事業\n1,5,"健康,診査"\n2,6,"""健""康"\n3,7,"二\n行"\n4,8,x\n',
    "open quote": '利用者番号,ポイント\n1,"5\n2,6\n',
    "after quote": '利用者番号,ポイント\n1,"5"x\n2,6\n',
    "guarded": "利用者番号,ポイント,事業\n1,5,'=HYPERLINK\n2,6,'あ\n",
    "unprintable": "利用者番号,ポイント,事業\n1,5,a\u200bb\n2,6,a\u3000b\n3,7,a b\n4,8,a\u00a0b\n",
    "spaces": "利用者番号, ポイント \n\u3000 1 ,\t5\u3000\n",
    "long cell": f"利用者番号,ポイント,事業\n1,5,{'あ' * 1001}\n2,6,{'𠮷' * 1000}\n",
    "old line ends": "利用者番号,ポイント\r1,5\rx,6\r",
    "no last line end": "利用者番号,ポイント\n1,x",
}

READ = """
const told = ({ line, column, reason }) => [line, column, reason.en, reason.ja];
const names = ["number", "points", "programme", "occurrence"];
return given.map((file) => {
  const table = readFile(Uint8Array.from(Buffer.from(file, "base64")));
  return {
    faults: table.faults.map(told),
    rows: table.goodRows.map((row) => [row.line, ...names.map((name) => row.values.get(name) ?? null)]),
    complete: table.isComplete,
  };
});
"""


@pytest.fixture(scope="module")
def read_in_page(tmp_path_factory):
    folder = tmp_path_factory.mktemp("modules")

    def read(files):
        given = [base64.b64encode(file).decode() for file in files]
        return run_module(folder, "office/grants-file", "readFile", READ, given)

    return read


def encoded(encoding):
    """Return the files that can be written in an encoding."""
    pairs = ((name, content.encode(encoding, "ignore"), content) for name, content in FILES.items())
    return {name: data for name, data, content in pairs if data.decode(encoding) == content}


def read_by_command(folder, data):
    path = folder / "grants.csv"
    path.write_bytes(data)
    faults = []
    table = read_table(path, COLUMNS, faults)
    names = [column.name for column in COLUMNS]
    return {
        "faults": [
            # The command adds what Python's own reader says of a broken quotation.
            [
                fault.line,
                fault.column,
                fault.reason.english.partition(" from here on:")[0],
                fault.reason.japanese,
            ]
            for fault in sorted(faults, key=lambda fault: fault.line)
        ],
        "rows": [[row.line, *(row[name] for name in names)] for row in table.good_rows],
        "complete": table.is_complete,
    }


def without_endings(answers):
    for answer in answers:
        for fault in answer["faults"]:
            fault[2] = fault[2].partition(" from here on")[0]
    return answers


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_page_reads_and_refuses_what_the_command_does(read_in_page, tmp_path, encoding):
    named = encoded(encoding)
    assert len(named) > 20
    for name, in_page in zip(named, without_endings(read_in_page(list(named.values()))), strict=True):
        assert in_page == without_endings([read_by_command(tmp_path, named[name])])[0], name


def test_page_refuses_workbooks_and_foreign_encodings_as_the_command_does(read_in_page, tmp_path):
    files = [
        b"PK\x03\x04rest",
        b"\xd0\xcf\x11\xe0",
        TITLES.encode("utf-16"),
        TITLES.encode("utf-16-be"),
        b"\x81\x20",
    ]
    for data, in_page in zip(files, read_in_page(files), strict=True):
        assert in_page == read_by_command(tmp_path, data), data


def test_page_and_command_agree_on_random_files(read_in_page, tmp_path):
    chance = random.Random(13)
    cells = [
        *(
            "",
            "1",
            "２",
            "300",
            '"4,000"',
            "-1",
            "x",
            "健康診査",
            "第1回",
            " 5 ",
            '"a""b"',
            '"a\nb"',
            "'=1",
            "▲3",
        ),
        *("123456789018", "AB12CD34", "4294967296", "1.5", "①", "１２", "\u3000", '"', "あ\tい", "0"),
    ]
    files = []
    for _ in range(400):
        titles = chance.sample(
            ["利用者番号", "points", "事業", "実施回", "number", "ポイント", "備考"], chance.randint(1, 5)
        )
        rows = [
            [chance.choice(cells) for _ in range(chance.randint(0, 6))] for _ in range(chance.randint(0, 5))
        ]
        end = chance.choice(["\n", "\r\n"])
        content = end.join(chance.choice([",", ",", ";", "\t"]).join(row) for row in [titles, *rows])
        files.append(content.encode(chance.choice(["utf-8", "cp932"]), "replace"))
    for data, in_page in zip(files, without_endings(read_in_page(files)), strict=True):
        assert in_page == without_endings([read_by_command(tmp_path, data)])[0], data
