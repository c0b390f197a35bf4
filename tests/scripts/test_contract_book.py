"""`python -m scripts.contract_book`: the file that every shop's and resident's program begins with."""

from scripts import contract_book
from scripts.lib.contract_book import CONTRACTS, ContractBook


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
