"""`python -m scripts.contract_book`: the file that every shop's and resident's program begins with."""

import json

import pytest
from web3.exceptions import ContractLogicError, Web3RPCError

from scripts import contract_book
from scripts.lib.artifacts import read_artifact
from scripts.lib.contract_book import CONTRACTS, BookError, ChainRefusal, ContractBook

NOBODY = f"0x{'0' * 40}"
BOOK = ContractBook(
    31337,
    "0x" + "00" * 32,
    NOBODY,
    NOBODY,
    NOBODY,
    {},
    (),
    {"MunicipalPoint": read_artifact("MunicipalPoint").abi},
)


def test_book_of_the_practice_town_holds_its_series_and_every_abi(practised, tmp_path, capsys):
    out = tmp_path / "contracts.json"
    asked = ["--url", practised.url, "--records", str(practised.folders.records), "--out", str(out)]
    assert contract_book.main(asked) == 0
    book = ContractBook.read(out)
    assert [series.address for series in book.series] == [practised.town.series]
    assert book.abis.keys() == set(CONTRACTS)
    assert capsys.readouterr().out == f"{out}: 1 series, {len(book.services)} services\n"


def test_book_of_a_chain_without_records_is_refused(practised, tmp_path, capsys):
    out = tmp_path / "contracts.json"
    asked = ["--url", practised.url, "--records", str(tmp_path / "none"), "--out", str(out)]
    assert contract_book.main(asked) == 2
    assert capsys.readouterr().err.startswith(f"{practised.url}: ") and not out.exists()


def test_book_of_a_node_that_is_not_there_is_refused(tmp_path, capsys):
    assert contract_book.main(["--url", "http://127.0.0.1:9", "--records", str(tmp_path)]) == 2
    assert capsys.readouterr().err.startswith("http://127.0.0.1:9: ")


def test_file_of_another_form_is_refused(tmp_path):
    file = tmp_path / "contracts.json"
    BOOK.write(file)
    content = json.loads(file.read_text())
    file.write_text(json.dumps(content | {"form": "of tomorrow"}))
    with pytest.raises(BookError, match="is no file of contracts"):
        ContractBook.read(file)


def test_series_and_services_that_the_council_does_not_have_are_told():
    with pytest.raises(BookError, match="is no series of this council"):
        BOOK.series_at(NOBODY)
    with pytest.raises(BookError, match="the council offers no PartnerExchange"):
        BOOK.service(None, "PartnerExchange")


def refusing(error):
    """Returns a question that the chain answers with an error."""

    def ask():
        raise error

    return ask


UNKNOWN = "0x01020304"
[PAUSED] = [
    f"{selector}{60:064x}" for selector, entry in BOOK.error_table().items() if entry["name"] == "PointPaused"
]


@pytest.mark.parametrize(
    ("error", "name"),
    [
        (ContractLogicError("reverted", data=PAUSED), "PointPaused"),
        (Web3RPCError("reverted", rpc_response={"error": {"data": PAUSED}}), "PointPaused"),
        (ContractLogicError("reverted", data=UNKNOWN), ""),
        (ContractLogicError("reverted", data=PAUSED[:20]), ""),
    ],
    ids=["in the error", "in the answer of the node", "of no contract", "cut short"],
)
def test_refusal_of_the_chain_is_told_by_its_name_wherever_the_node_puts_it(error, name):
    with pytest.raises(ChainRefusal) as refused:
        BOOK.asking(refusing(error))
    assert refused.value.name == name


@pytest.mark.parametrize("data", [None, "reverted", {"why": "unknown"}])
def test_trouble_of_the_node_is_no_refusal_of_the_chain(data):
    error = Web3RPCError("busy", rpc_response={"error": {"data": data}})
    with pytest.raises(Web3RPCError, match="busy"):
        BOOK.asking(refusing(error))
