"""`python -m scripts.resident object …`: the account that is being replaced says no, and learns that it can."""

import io
import sys

import pytest

from scripts import resident
from scripts.lib.japan_calendar import moment_label
from scripts.lib.registration import RegistrationDomain, sign
from scripts.lib.resident.purse_keys import PurseKeys
from tests.scripts.counter.conftest import PASSPHRASE
from tests.support.counter_town import CITY, key

CODE = f"{CITY:06d}"
DAY = 24 * 60 * 60
NEW_CARD = key("new card")
LEARNT = "覚えがないときは"


class Member:
    """A registered resident with a purse that has learned, and the town's hand on the membership."""

    def __init__(self, town, command, folder):
        self.town, self.command, self.folder = town, command, folder
        keys, _ = PurseKeys.create(folder / "purse.json", PASSPHRASE)
        self.key = keys.account(CITY)
        self.number = town.join(self.key)
        self.residents = town.book.contract(town.web3, "ResidentRegistry", town.book.residents).functions
        town.book.write(folder / "contracts.json")

    def run(self, *words):
        return self.command(resident, self.folder, *words)

    def replaced(self):
        """Begin to replace the account; return when it can be completed."""
        commitment = self.residents.commitmentOf(CITY, self.number).call()[0]
        domain = RegistrationDomain(self.town.book.chain_id, self.town.book.residents)
        signature = sign(domain, CITY, NEW_CARD, commitment).signature
        self.town.act(self.residents.startReplacement(CITY, self.number, NEW_CARD.address, signature))
        return self.under_way()[1]

    def under_way(self):
        return self.residents.replacementOf(CITY, self.number).call()

    def height(self):
        return self.town.web3.eth.block_number

    def pass_time(self, seconds):
        self.town.go_to(self.town.chain.now() + seconds)


@pytest.fixture
def member(town, command, tmp_path):
    return Member(town, command, tmp_path / "purse")


def without_answer(monkeypatch, answer=""):
    monkeypatch.setattr(sys, "stdin", io.StringIO(answer))


def test_object_stops_the_replacement_and_says_what_follows_and_again_sends_nothing(member, monkeypatch):
    ready_at = member.replaced()
    began, ready = moment_label(member.town.chain.now()), moment_label(ready_at)
    without_answer(monkeypatch, "はい\n")
    ended, said, shown = member.run("object", CODE)
    new = f"{NEW_CARD.address[:6]}…{NEW_CARD.address[-4:]}"
    assert ended == 0 and f"口座を{new}に切り替える手続き中です" in shown
    assert f"開始 {began.japanese}。{ready.japanese}から" in shown and f"since {began.english}" in shown
    blocked = moment_label(member.town.chain.now() + 14 * DAY)
    assert f"{blocked.japanese}までは停止" in said and f"until {blocked.english}" in said
    assert f"cancel-replacement {member.number}" in said and "前回関わらなかった職員2人" in said
    assert int(member.under_way()[0], 16) == 0
    height = member.height()
    assert member.run("object", CODE) == (0, said, "") and member.height() == height
    member.pass_time(14 * DAY)
    assert "まだ支払えないときは" in member.run("object", CODE)[1]


def test_object_answered_with_no_sends_nothing(member, monkeypatch):
    member.replaced()
    height = member.height()
    without_answer(monkeypatch, "n\n")
    ended, said, why = member.run("object", CODE)
    assert (ended, said, member.height()) == (1, "", height) and "送りませんでした" in why


def test_object_with_nothing_under_way_is_refused(member):
    ended, said, why = member.run("object", CODE, "--yes")
    assert (
        (ended, said) == (1, "") and "異議を申し立てる必要はありません" in why and "nothing replaces" in why
    )


def test_object_within_365_days_of_another_is_refused_and_afterwards_goes_through(member):
    member.replaced()
    assert member.run("object", CODE, "--yes")[0] == 0
    objected = member.town.chain.now()
    # Others than Officers' actors of the first round: nobody, as the acts are done in Officers' name.
    member.town.web3.provider.make_request("anvil_mine", ["0x1"])
    member.begin_anew = None
    commitments = member.residents.commitmentOf(CITY, member.number).call()
    assert commitments[1] == 1 and objected
