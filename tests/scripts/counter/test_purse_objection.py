"""`python -m scripts.resident object …`: the account that is being replaced says no, and learns it can."""

import io
import sys

import pytest
from requests.exceptions import ConnectionError as LineError
from web3.exceptions import TimeExhausted

from scripts import resident
from scripts.lib.account_replacement import UnderWay
from scripts.lib.acts import Act
from scripts.lib.japan_calendar import moment_label
from scripts.lib.node.rpc import Rpc
from scripts.lib.node.sender import Sender
from scripts.lib.proceedings import carry_out
from scripts.lib.reasons import Reason
from scripts.lib.registration import RegistrationDomain, sign
from scripts.lib.resident import objection
from scripts.lib.resident.objection import how_to_object
from scripts.lib.resident.purse_keys import PurseKeys
from scripts.lib.roles import Role
from scripts.lib.rpc_deployer import RpcDeployer
from tests.scripts.counter.conftest import PASSPHRASE
from tests.support.counter_town import CITY, key

CODE = f"{CITY:06d}"
DAY = 24 * 60 * 60
NEW_CARD = key("new card")
NOT_KNOWN = "異議が届いたか、確かめられません"
TOLD = "覚えがないときは、"


class Member:
    """A registered resident with a purse, and the register's hand on the membership."""

    def __init__(self, town, command, folder):
        self.town, self.command, self.folder = town, command, folder
        self.keys, _ = PurseKeys.create(folder / "purse.json", PASSPHRASE)
        self.key = self.keys.account(CITY)
        self.number = town.join(self.key)
        self.register = town.book.contract(town.web3, "ResidentRegistry", town.book.residents).functions
        town.book.write(folder / "contracts.json")

    def run(self, *words):
        return self.command(resident, self.folder, *words)

    def start(self, number=None):
        """Return the arguments that begin to replace an account by the new card."""
        number = number or self.number
        commitment = self.register.commitmentOf(CITY, number).call()[0]
        domain = RegistrationDomain(self.town.book.chain_id, self.town.book.residents)
        return CITY, number, NEW_CARD.address, sign(domain, CITY, NEW_CARD, commitment).signature

    def replaced(self, number=None):
        """Begin to replace the account; return what is under way."""
        self.town.act(self.register.startReplacement(*self.start(number)))
        return self.under_way(number)

    def replaced_by(self, *names):
        """Begin it by two officers of the desk, who take office for it; return what is under way."""
        people = [self.town.keyring.account(name) for name in names]
        officers = self.town.book.contract(self.town.web3, "Officers", self.town.book.officers).functions
        for role, account in zip((Role.DESK_OFFICER, Role.SECOND_DESK_OFFICER), people, strict=True):
            self.town.act(officers.appoint(CITY, account, role, 0))
        self.pass_time(1)
        rpc = Rpc(self.town.chain.url)
        registry, arguments = self.town.book.residents, self.start()
        act = Act(
            CITY, "ResidentRegistry", registry, "startReplacement", arguments, Reason.LOST_CARD, *people
        )
        deployer = RpcDeployer(rpc, Sender(rpc, self.town.keyring))
        assert carry_out(deployer, self.town.book.officers, [act]) == []
        return self.under_way()

    def under_way(self, number=None):
        return UnderWay(*self.register.replacementOf(CITY, number or self.number).call())

    def is_still(self):
        return int(self.under_way().new_account, 16) == 0

    def height(self):
        return self.town.web3.eth.block_number

    def pass_time(self, seconds):
        self.town.go_to(self.town.chain.now() + seconds)


@pytest.fixture
def member(town, command, tmp_path):
    return Member(town, command, tmp_path / "purse")


def type_in(monkeypatch, answer):
    monkeypatch.setattr(sys, "stdin", io.StringIO(answer))


def test_object_stops_the_replacement_says_what_follows_and_sends_nothing_again(member, monkeypatch):
    under_way = member.replaced()
    began, ready = moment_label(member.town.chain.now()), moment_label(under_way.ready_at)
    type_in(monkeypatch, "はい\n")
    ended, said, shown = member.run("object", CODE)
    new = f"{NEW_CARD.address[:6]}…{NEW_CARD.address[-4:]}"
    assert ended == 0 and f"口座を{new}に切り替える手続き中です" in shown and f"replaced by {new}" in shown
    assert f"開始 {began.japanese}。{ready.japanese}から" in shown and f"since {began.english}" in shown
    blocked = moment_label(member.town.chain.now() + 14 * DAY)
    assert f"{blocked.japanese}までは停止" in said and f"until {blocked.english}" in said
    assert f"cancel-replacement {member.number}" in said and "前回関わらなかった職員2人" in said
    assert member.is_still()
    height = member.height()
    assert member.run("object", CODE) == (0, said, "") and member.height() == height
    member.pass_time(14 * DAY)
    assert "まだ支払えないときは" in member.run("object", CODE)[1]


def test_object_answered_with_no_sends_nothing(member, monkeypatch):
    member.replaced()
    height = member.height()
    type_in(monkeypatch, "n\n")
    ended, said, why = member.run("object", CODE)
    assert (ended, said, member.height()) == (1, "", height) and "送りませんでした" in why


def test_object_to_an_inheritance_by_somebody_names_the_heir(member):
    heir = member.town.join(key("heir"))
    member.town.act(member.register.setDeparturePolicy(CITY, 1))
    member.town.act(member.register.startInheritance(CITY, member.number, heir))
    began = moment_label(member.town.chain.now()).japanese
    ended, _, shown = member.run("object", CODE, "--yes")
    assert ended == 0 and f"利用者番号{heir}(" in shown and "に相続させる手続き中です" in shown
    assert f"開始 {began}。" in shown and member.is_still()


def test_object_is_refused_where_nothing_is_under_way_and_where_nobody_is_registered(member):
    ended, said, why = member.run("object", CODE, "--yes")
    assert (
        (ended, said) == (1, "") and "異議を申し立てる必要はありません" in why and "nothing replaces" in why
    )
    ended, said, why = member.run("object", "011002", "--yes")
    assert (ended, said) == (1, "") and "登録されていません" in why and "not registered" in why


def test_object_within_365_days_of_another_is_refused_and_goes_through_afterwards(member):
    first = member.replaced_by("clerk", "second clerk")
    assert first.started_at == member.town.chain.now() and member.run("object", CODE, "--yes")[0] == 0
    objected = member.town.chain.now()
    second = member.replaced_by("other clerk", "other second clerk")
    assert (second.round, second.started_at) == (2, member.town.chain.now())
    ended, said, why = member.run("object", CODE, "--yes")
    assert (ended, said) == (1, "") and f"{moment_label(objected).japanese}に異議を申し立て済みです" in why
    assert f"{moment_label(second.ready_at).japanese}から完了できます" in why and "once in 365 days" in why
    told = how_to_object(second, CITY, member.town.chain.now()).japanese
    assert "までに役所の窓口に申し出てください" in told and f"366日目以降は object {CODE}" in told
    member.town.go_to(objected + 365 * DAY)
    assert member.run("object", CODE, "--yes")[0] == 0 and member.is_still()


def test_object_after_the_account_was_replaced_or_the_membership_ended_is_refused(member):
    ready_at = member.replaced().ready_at
    member.town.go_to(ready_at)
    member.town.send(member.register.completeReplacement(CITY, member.number), NEW_CARD.address)
    ended, _, why = member.run("object", CODE, "--yes")
    assert ended == 1 and f"すでに {NEW_CARD.address} に切り替えられています" in why
    member.town.act(member.register.closeMembership(CITY, member.number))
    ended, _, why = member.run("object", CODE, "--yes")
    assert ended == 1 and "登録は終了している" in why and "has ended" in why


@pytest.mark.parametrize("cut", [LineError, TimeExhausted])
def test_object_whose_line_is_cut_says_run_it_again(cut, member, monkeypatch):
    member.replaced()
    ended, said, why = member.run("--url", "http://127.0.0.1:9", "object", CODE, "--yes")
    assert (ended, said) == (2, "") and NOT_KNOWN in why and "no line" in why and not member.is_still()
    send = objection.send

    def cut_after_sending(*call):
        send(*call)
        raise cut

    monkeypatch.setattr(objection, "send", cut_after_sending)
    ended, said, why = member.run("object", CODE, "--yes")
    assert (ended, said) == (2, "") and NOT_KNOWN in why and member.is_still()
    height = member.height()
    ended, said, _ = member.run("object", CODE, "--yes")
    assert ended == 0 and "異議を申し立てました" in said and member.height() == height


def test_purse_tells_whoever_did_not_ask_how_to_object_until_it_was_done(member, clock, tmp_path):
    member.town.grant(member.key.address, 1_000)
    under_way = member.replaced()
    by = f"{TOLD}{moment_label(under_way.ready_at).japanese}までに異議を申し立ててください: object {CODE}"
    ended, _, told = member.run("learn")
    assert ended == 0 and by in told and f"object {CODE}" in told.splitlines()[-1]
    assert member.run("points")[2] == told
    offered = member.town.counter(tmp_path, clock).open_sale(300).text
    assert by in member.run("pay", offered, "--yes")[2]
    assert "すぐに異議を" in how_to_object(under_way, CITY, under_way.ready_at).japanese
    assert member.run("object", CODE, "--yes")[0] == 0
    assert member.run("points")[2] == ""


def test_object_for_a_person_without_a_phone_is_signed_by_the_desk_s_purse(member, clock, tmp_path):
    assert member.run("desk-open", CODE)[0] == 0
    number = member.town.join(member.keys.counter_account(CITY, 1))
    assert member.replaced(number).new_account == NEW_CARD.address
    text = member.town.counter(tmp_path, clock).open_sale(300).text
    assert f"object {CODE} --slip 1" in member.run("desk-pay", CODE, "1", text, "--yes")[2]
    assert member.run("object", CODE, "--slip", "1", "--yes")[0] == 0
    assert int(member.under_way(number).new_account, 16) == 0
