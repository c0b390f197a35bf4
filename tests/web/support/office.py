"""A town with some 300 residents whose officers grant with their browsers."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

from eth_account import Account

from scripts.lib.administration.execution import ExitCode
from scripts.lib.book_export import export_book
from scripts.lib.contract_book import ContractBook
from scripts.lib.deployment import PLATFORM
from scripts.lib.roles import Role
from tests.support.command_town import CommandTown
from tests.web.support.browsing import Person

RESIDENTS = 304
PASSPHRASE = "合言葉は川と月"
FIXED_WORK = 2**12


def book_of(town: CommandTown) -> ContractBook:
    """Return the contract book of a town."""
    record = town.records[PLATFORM]
    return export_book(town.chain.url, record.address, record.block)


def keystore(town: CommandTown, role: Role, folder: Path, place: int = 1) -> Path:
    """Write an officer's keystore, as eth-account makes it, with little work to save the tests' time."""
    account = town.officer(role, place)
    content = Account.encrypt(town.keyring.key(account).key, PASSPHRASE, kdf="scrypt", iterations=FIXED_WORK)
    file = folder / f"{role.name.lower()}-{place}.json"
    file.write_text(json.dumps(content), encoding="utf-8")
    return file


class Officer:
    """An officer before the office page, in a browser of their own."""

    def __init__(self, person: Person, keystore: Path) -> None:
        self.person = person
        self.page = person.page
        self.keystore = keystore

    def sit(self) -> Officer:
        """Open the page and choose the keystore."""
        self.person.open("office.html")
        self.page.get_by_label("あなたの鍵ファイル").set_input_files(str(self.keystore))
        self.page.get_by_label("名簿(CSV)または計画ファイル(JSON)").wait_for()
        return self

    def take(self, file: str) -> None:
        """Open a list or a plan."""
        self.page.get_by_label("名簿(CSV)または計画ファイル(JSON)").set_input_files(file)
        if file.endswith(".csv"):
            self.page.get_by_text(sha256(Path(file).read_bytes()).hexdigest(), exact=True).wait_for()

    def choose(self, programme: str, occurrence: str) -> None:
        """Say what the list is for."""
        self.page.locator("select[name=programme]").select_option(label=programme)
        chosen = self.page.locator("select[name=occurrence]")
        chosen.locator("option", has_text=occurrence).wait_for(state="attached")
        chosen.select_option(label=occurrence)

    def send(self, action: str) -> None:
        """Type the passphrase if it is asked for, and press the button."""
        button = self.page.get_by_role("button", name=action, exact=True)
        button.wait_for()
        passphrase = self.page.get_by_label("鍵ファイルのパスフレーズ")
        if passphrase.count():
            passphrase.fill(PASSPHRASE)
        button.click()

    def hash(self) -> str:
        """Return the hash that both officers compare, without its spaces."""
        shown = self.page.locator(".hash")
        shown.wait_for()
        return "0x" + shown.inner_text().replace(" ", "").strip()

    def figures(self) -> dict[str, str]:
        """Return the figures of the plan."""
        self.page.locator(".plan-figures").first.wait_for()
        read: dict[str, str] = self.page.locator(".plan-figures > div").evaluate_all(
            "rows => Object.fromEntries(rows.map(row => [...row.children].map(each => each.textContent)))"
        )
        return read

    def saved(self, action: str) -> Any:
        """Press what saves a file, and return its contents."""
        with self.page.expect_download() as download:
            self.send(action) if action == "署名して保存" else self.page.get_by_role(
                "button", name=action
            ).click()
        return json.loads(Path(download.value.path()).read_text(encoding="utf-8"))


def fill(town: CommandTown) -> None:
    """Register the residents that the town lacks."""
    assert town.register("many.csv", range(7, RESIDENTS + 1)) is ExitCode.DONE, town.said


def list_file(town: CommandTown, name: str, numbers: range) -> str:
    """Write a list as an office exports it: CP932, full-width figures here and there, separators."""
    wide = str.maketrans("0123456789", "０１２３４５６７８９")
    lines = [
        f"{str(number).translate(wide) if number % 7 == 0 else number},{points_text(number)}"
        for number in numbers
    ]
    return town.file(name, "利用者番号,ポイント", *lines, encoding="cp932")


def points_text(number: int) -> str:
    """Return the cell of points of a resident's row."""
    return '"1,000"' if number % 10 == 0 else "500"


def points_of(number: int) -> int:
    """Return the points of a resident's row."""
    return 1000 if number % 10 == 0 else 500
