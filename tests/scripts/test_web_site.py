"""Publishing the pages: one node in the policy, every file for the service worker, nobody else's folder."""

import json
import os
import signal
import socket
import threading
from functools import partial
from pathlib import Path

import pytest
import requests

from scripts import web_site
from scripts.lib.contract_book import ContractBook
from scripts.lib.error_sentences import ISSUES, SENTENCES, sentence_of
from scripts.lib.web_site import HEADERS, SiteError, policy_of, publish, server
from scripts.lib.web_texts import sentences, write
from scripts.lib.workspace import ROOT

NODE = "https://node.example.jp:8545/rpc"
_NOBODY = "0x" + "00" * 20
BOOK = ContractBook(31337, "0x" + "00" * 32, _NOBODY, _NOBODY, _NOBODY, {}, (), {})


@pytest.fixture
def pages(tmp_path):
    """The sources of the pages as if they were built: their policy and the worker are what is published."""
    folder = tmp_path / "dist"
    folder.mkdir()
    for file in (*(ROOT / "web").glob("*.html"), *(ROOT / "web" / "public").iterdir()):
        (folder / file.name).write_bytes(file.read_bytes())
    return folder


def test_published_pages_reach_their_folder_and_one_node_alone(pages, tmp_path):
    publish(BOOK, NODE, tmp_path / "site", pages)
    for page in (tmp_path / "site").glob("*.html"):
        [policy] = [line for line in page.read_text().splitlines() if "Content-Security-Policy" in line]
        assert "connect-src 'self' https://node.example.jp:8545;" in policy, page.name
        assert "default-src 'none'" in policy and "unsafe" not in policy, page.name
    assert json.loads((tmp_path / "site" / "site.json").read_text()) == {"rpc": NODE}
    assert ContractBook.read(tmp_path / "site" / "contracts.json") == BOOK
    assert "__RPC_ORIGIN__" not in "".join(page.read_text() for page in (tmp_path / "site").glob("*.html"))


def test_service_worker_keeps_every_file_and_changes_with_any(pages, tmp_path):
    site = tmp_path / "site"
    publish(BOOK, NODE, site, pages)
    first = (site / "sw.js").read_text()
    listed = json.loads(first.partition("const FILES = ")[2].partition(";")[0])
    assert {Path(name) for name in listed} == {
        file.relative_to(site) for file in site.rglob("*") if file.is_file() and file.name != "sw.js"
    }
    publish(BOOK, NODE, site, pages)
    assert (site / "sw.js").read_text() == first
    (pages / "icon.svg").write_text("another")
    publish(BOOK, NODE, site, pages)
    assert (site / "sw.js").read_text() != first


@pytest.mark.parametrize(
    "address",
    ["file:///etc/passwd", "node.example.jp", "https://a.jp; script-src *", 'https://a.jp"><script>'],
)
def test_address_that_would_widen_the_policy_is_refused(pages, tmp_path, address):
    with pytest.raises(SiteError):
        publish(BOOK, address, tmp_path / "site", pages)
    assert not (tmp_path / "site").exists()


def test_pages_that_were_not_built_are_not_published(tmp_path):
    with pytest.raises(SiteError, match="the pages are not built: make web"):
        publish(BOOK, NODE, tmp_path / "site", tmp_path)
    assert not (tmp_path / "site").exists()


def test_public_ledger_lies_beside_the_pages_and_no_browser_keeps_it(pages, tmp_path):
    dataset, site = tmp_path / "audit", tmp_path / "site"
    (dataset / "MunicipalPoint.Transfer").mkdir(parents=True)
    (dataset / "manifest.jsonl").write_text("{}\n")
    (dataset / "MunicipalPoint.Transfer" / "1.parquet").write_bytes(b"rows")
    publish(BOOK, NODE, site, pages, dataset)
    assert (site / "dataset" / "MunicipalPoint.Transfer" / "1.parquet").read_bytes() == b"rows"
    assert "parquet" not in (site / "sw.js").read_text()


def test_ledger_that_was_not_fetched_is_not_published(pages, tmp_path):
    with pytest.raises(SiteError, match="no dataset: auditor fetch"):
        publish(BOOK, NODE, tmp_path / "site", pages, tmp_path / "audit")
    assert not (tmp_path / "site").exists()


def test_folder_of_somebody_else_is_not_replaced(pages, tmp_path):
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "dear.txt").write_text("…")
    with pytest.raises(SiteError, match="no site of ours"):
        publish(BOOK, NODE, tmp_path / "letters", pages)
    assert (tmp_path / "letters" / "dear.txt").exists()


def test_server_sends_the_policy_and_packs_what_is_asked_packed(pages, tmp_path):
    publish(BOOK, NODE, tmp_path / "site", pages)
    with server(tmp_path / "site") as serving:
        threading.Thread(target=serving.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{serving.server_port}/"
        headers = requests.get(url, timeout=5).headers
        plain = requests.get(url, timeout=5, headers={"Accept-Encoding": "identity"})
        missing = requests.get(url + "letters.txt", timeout=5)
        serving.shutdown()
    assert "Content-Encoding" not in plain.headers
    assert plain.content == (tmp_path / "site" / "index.html").read_bytes()
    assert missing.status_code == 404 and missing.headers["Content-Security-Policy"]
    assert headers["Content-Security-Policy"] == policy_of(tmp_path / "site")
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["Content-Encoding"] == "gzip"
    assert {name: headers[name] for name in HEADERS} == HEADERS


def test_server_whose_port_is_taken_takes_another(pages, tmp_path):
    publish(BOOK, NODE, tmp_path / "site", pages)
    with server(tmp_path / "site") as first, server(tmp_path / "site", first.server_port) as second:
        assert second.server_port not in (0, first.server_port)


@pytest.fixture
def built(pages, monkeypatch):
    """The command publishes those pages."""
    monkeypatch.setattr(web_site, "publish", partial(publish, pages=pages))


def test_command_publishes_for_the_chain_of_the_records(practised, built, tmp_path, capsys):
    site = tmp_path / "site"
    asked = ["--url", practised.url, "--records", str(practised.folders.records), "--out", str(site)]
    assert web_site.main(asked) == 0
    assert capsys.readouterr().out == f"{site}\n"
    [series] = ContractBook.read(site / "contracts.json").series
    assert series.address == practised.town.series


def test_command_without_a_node_is_refused(built, tmp_path, capsys):
    asked = ["--url", "http://127.0.0.1:9", "--records", str(tmp_path), "--out", str(tmp_path / "site")]
    assert web_site.main(asked) == 2
    assert capsys.readouterr().err.startswith("http://127.0.0.1:9: ")
    assert not (tmp_path / "site").exists()


@pytest.fixture
def visited(monkeypatch):
    """What a visitor of the served site is answered, after whom this process is told to end: by SIGTERM."""
    handlers = {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)}
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    answers = []

    def visit(url):
        try:
            answers.append(requests.get(url, timeout=20).status_code)
        finally:
            os.kill(os.getpid(), signal.SIGTERM)

    def serve(folder, port):
        serving = server(folder, port)
        threading.Thread(target=visit, args=[f"http://127.0.0.1:{serving.server_port}/"]).start()
        return serving

    monkeypatch.setattr(web_site, "server", serve)
    yield answers
    for each, handler in handlers.items():
        signal.signal(each, handler)


def test_command_serves_on_another_port_if_one_is_taken_until_it_is_told_to_end(
    built, visited, tmp_path, capsys
):
    BOOK.write(tmp_path / "contracts.json")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        asked = ["--book", str(tmp_path / "contracts.json"), "--url", NODE, "--out", str(tmp_path / "site")]
        assert web_site.main([*asked, "--serve", str(port)]) == 0
    assert visited == [200]
    assert f"port {port} is taken" in capsys.readouterr().out


def test_command_serves_on_any_free_port_without_a_word_of_another(built, visited, tmp_path, capsys):
    BOOK.write(tmp_path / "contracts.json")
    asked = ["--book", str(tmp_path / "contracts.json"), "--url", NODE, "--out", str(tmp_path / "site")]
    assert web_site.main([*asked, "--serve", "0"]) == 0
    printed = capsys.readouterr().out
    assert visited == [200] and "http://127.0.0.1:" in printed and "is taken" not in printed


def test_texts_of_the_pages_are_written_where_they_changed_alone(tmp_path):
    """Or every check would have the pages built anew."""
    folder = tmp_path / "generated"
    write(folder)
    words = folder / "office.json"
    assert json.loads(words.read_text())["roles"][0].keys() == {"ja", "en"}
    words.write_text("{}")
    told = folder / "sentences.json"
    os.utime(told, (1, 1))
    write(folder)
    assert told.stat().st_mtime == 1 and json.loads(words.read_text()) != {}


def test_pages_know_every_refusal_in_both_languages():
    table = sentences()
    assert table["sentences"].keys() == SENTENCES.keys()
    assert [issue["ja"] for issue in table["issues"]] == [ISSUES[issue].japanese for issue in sorted(ISSUES)]
    assert table["labels"]["sale"] == "sale" and table["labels"]["validUntil"] == "moment"
    assert sentence_of("PointNotTill", {}).japanese == table["sentences"]["PointNotTill"]["ja"]
