"""The first payment of the README, command by command, in a practice town."""

import os

import pytest

from scripts import auditor, merchant, practice, resident
from scripts.lib.contract_book import ContractBook
from scripts.lib.merchant.shop_keys import create_key
from scripts.lib.resident.purse_keys import PurseKeys

PASSPHRASE = "みかん川崎2026"
FEW = 2
CITY = "141305"


@pytest.fixture
def run(practised, tmp_path, capfd):
    """Run a command of shop or resident, and return what it printed; the passphrase comes by descriptor."""

    def command(actor, *words):
        reading, writing = os.pipe()
        os.write(writing, PASSPHRASE.encode())
        os.close(writing)
        name = actor.__name__.rsplit(".", 1)[1]
        options = ["--folder", str(tmp_path / name), "--url", practised.url, "--passphrase-fd", str(reading)]
        status = actor.main([*options, *words])
        os.close(reading)
        said = capfd.readouterr()
        assert status == 0, said.err
        return said.out.strip()

    return command


def test_first_payment_as_the_readme_tells_it(run, practised, tmp_path, capfd):
    shop = create_key(tmp_path / "merchant" / "till-key.json", PASSPHRASE, FEW).address
    PurseKeys.create(tmp_path / "resident" / "purse.json", PASSPHRASE, FEW)
    payer = run(resident, "account", CITY)
    folders = practised.folders
    town = ["--url", practised.url, "--folder", str(folders.practice), "--records", str(folders.records)]
    assert practice.main([*town, "add", "--shop", shop, "--resident", payer]) == 0, capfd.readouterr().err
    assert practised.town.series in capfd.readouterr().out
    book = str(folders.practice / "contracts.json")
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

    platform = ContractBook.read(folders.practice / "contracts.json").platform
    audit = ["--url", practised.url, "--platform", platform, "--folder", str(tmp_path / "audit")]
    for task in ("fetch", "verify"):
        assert auditor.main([task, *audit]) == 0, capfd.readouterr()

    slip = run(resident, "desk-open", CITY)
    assert "窓口番号 slip: 1" in slip and "窓口代行" in slip
