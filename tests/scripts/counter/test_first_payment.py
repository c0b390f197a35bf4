"""The first payment of the README, command by command, on a local chain as `make chain` starts it."""

import os

import pytest

from scripts import auditor, merchant, resident, sample_town
from scripts.lib.chain import DEVELOPMENT_CHAIN_ID, DEVELOPMENT_GENESIS_TIME, LocalChain
from scripts.lib.contract_book import ContractBook
from scripts.lib.merchant.shop_keys import create_key
from scripts.lib.resident.purse_keys import PurseKeys

PASSPHRASE = "みかん川崎2026"
FEW = 2
CITY = "141305"


@pytest.fixture
def run(tmp_path, capfd):
    """Run a command of shop or resident, and return what it printed; the passphrase comes by descriptor."""
    with LocalChain.anvil(chain_id=DEVELOPMENT_CHAIN_ID, genesis_time=DEVELOPMENT_GENESIS_TIME) as chain:

        def command(actor, *words):
            reading, writing = os.pipe()
            os.write(writing, PASSPHRASE.encode())
            os.close(writing)
            name = actor.__name__.rsplit(".", 1)[1]
            options = ["--folder", str(tmp_path / name), "--url", chain.url, "--passphrase-fd", str(reading)]
            status = actor.main([*options, *words])
            os.close(reading)
            said = capfd.readouterr()
            assert status == 0, said.err
            return said.out.strip()

        command.url = chain.url
        yield command


def test_first_payment_as_the_readme_tells_it(run, tmp_path, capfd):
    shop = create_key(tmp_path / "merchant" / "till-key.json", PASSPHRASE, FEW).address
    PurseKeys.create(tmp_path / "resident" / "purse.json", PASSPHRASE, FEW)
    payer = run(resident, "account", CITY)
    book = str(tmp_path / "book.json")
    founding = ["--shop", shop, "--resident", payer, "--url", run.url, "--book", book]
    assert sample_town.main(founding) == 0, capfd.readouterr().err
    run(merchant, "setup", "--book", book, "--merchant", shop, "--shop", "お試し商店")
    run(resident, "learn", "--book", book)
    request = run(merchant, "open", "1200", "--png", str(tmp_path / "code.png")).splitlines()[-1]
    answer = run(resident, "pay", "--yes", request).splitlines()[-1]
    assert "1,200" in run(merchant, "accept", answer)
    assert "お支払いが済みました" in run(merchant, "submit")

    assert "支払済 paid" in run(merchant, "queue")
    run(resident, "learn")
    assert "3,800ポイント" in run(resident, "points")
    assert ",1200," in run(merchant, "daybook")
    assert "今年度 this fiscal year: 1,200" in run(merchant, "claim")
    sale = request.split("sale=")[1].split("&")[0]
    assert "200" in run(merchant, "refund", sale, "200")
    run(resident, "cancel")

    platform = ContractBook.read(tmp_path / "book.json").platform
    audit = ["--url", run.url, "--platform", platform, "--folder", str(tmp_path / "audit")]
    for task in ("fetch", "verify"):
        assert auditor.main([task, *audit]) == 0, capfd.readouterr()

    slip = run(resident, "desk-open", CITY)
    assert "窓口番号 slip: 1" in slip and "窓口代行" in slip
    assert sample_town.main(founding) == 2  # once for a chain
    assert "新しいチェーン" in capfd.readouterr().err
