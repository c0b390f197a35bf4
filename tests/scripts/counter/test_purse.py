"""A purse: its keys, and what it refuses to sign."""

import pytest

from scripts.lib.error_sentences import NEVER_MONTH
from scripts.lib.japan_calendar import last_second, month_from_text
from scripts.lib.merchant.shop_counter import ShopCounter
from scripts.lib.node.signed_call import send
from scripts.lib.payment.uri import PaymentAnswer, PaymentRequest
from scripts.lib.resident.counter_service import FLAG, CounterService
from scripts.lib.resident.purse_keys import PurseError, PurseKeys
from scripts.lib.resident.series_knowledge import SeriesKnowledge, refresh
from scripts.lib.resident.signing_desk import PurseRefused, SigningDesk
from scripts.lib.resident.statements import movements, points_by_town, yearly_statement
from tests.support.counter_town import CITY, OPENING, key

PASSPHRASE = "みかん川崎2026"
FEW = 2
"""Iterations of the key derivation, so that tests do not wait."""
MARCH, DECEMBER = month_from_text("2026-03"), month_from_text("2026-12")
WORDS = (
    "legal winner thank year wave sausage worth useful " * 2
    + "legal winner thank year wave sausage worth title"
)
"""The words of 32 bytes 0x7f, from the test vectors of BIP-39."""


@pytest.fixture
def hanako(town):
    hanako = key("Hanako")
    town.grant(hanako.address, 300, MARCH)
    town.grant(hanako.address, 700, DECEMBER)
    return hanako


def test_restored_purse_has_the_same_account_in_each_municipality(tmp_path):
    keys, words = PurseKeys.create(tmp_path / "a.json", PASSPHRASE, FEW)
    restored = PurseKeys.restore(tmp_path / "b.json", f"  {words.upper()} ", PASSPHRASE, FEW)
    opened = PurseKeys.open(tmp_path / "b.json", PASSPHRASE)
    accounts = [keys.account(code).address for code in (141305, 212032, 452025)]
    assert len(words.split()) == 24
    assert len({*accounts, keys.account(141305, 1).address, keys.counter_account(141305, 0).address}) == 5
    for same in (restored, opened):
        assert [same.account(code).address for code in (141305, 212032, 452025)] == accounts


def test_accounts_are_those_that_other_wallets_derive(tmp_path):
    """m/44'/60'/141305'/0/0 and 011002 of the test vector's words, by ethers."""
    keys = PurseKeys.restore(tmp_path / "purse.json", WORDS, PASSPHRASE, FEW)
    assert keys.account(141305).address == "0xaff382DC54150a0aaA196Ea2EBB7f0Ce88677625"
    assert keys.account(11002).address == "0x3C910621d2C0D303b4Bf491c23C0ffc2ffAe6821"


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("abandon " * 12, "24 words"),
        (WORDS.replace("title", "zoo"), "a word is wrong"),
        (WORDS.replace("title", "points"), "word 24"),
        ("abandon " * 23 + "art", "take others"),
    ],
)
def test_words_that_are_no_purses_are_refused(tmp_path, words, reason):
    with pytest.raises(PurseError, match=reason):
        PurseKeys.restore(tmp_path / "purse.json", words, PASSPHRASE, FEW)
    assert list(tmp_path.iterdir()) == []


def test_purse_opens_with_its_passphrase_alone_and_is_not_overwritten(tmp_path):
    file = tmp_path / "purse.json"
    PurseKeys.restore(file, WORDS, PASSPHRASE, FEW)
    assert not any(part in file.read_text() for part in ("sausage", "7f" * 8)), "the secret is in the file"
    assert file.stat().st_mode & 0o77 == 0
    with pytest.raises(PurseError, match="passphrase is wrong"):
        PurseKeys.open(file, "another one")
    with pytest.raises(PurseError, match="already"):
        PurseKeys.create(file, PASSPHRASE, FEW)
    with pytest.raises(PurseError, match="8 characters"):
        PurseKeys.create(tmp_path / "b.json", "short", FEW)


def test_knowledge_survives_its_file_and_goes_on_from_there(town, hanako, tmp_path):
    known = town.knowledge(hanako.address)
    assert (known.lots, known.shops[town.shop.address].name) == ({MARCH: 300, DECEMBER: 700}, "商店0")
    assert points_by_town([known], OPENING) == [
        ("川崎市", "川崎げんきポイント", 300, "2026年3月31日まで"),
        ("川崎市", "川崎げんきポイント", 700, "2026年12月31日まで"),
    ]
    known.write(tmp_path / "series.json")
    till = key("till")
    town.send(town.point.functions.setTill(town.shop.address, till.address, True), town.shop.address)
    town.act(town.point.functions.suspendMerchant(town.other_shop.address))
    known = refresh(
        town.book, town.web3, town.series, hanako.address, SeriesKnowledge.read(tmp_path / "series.json")
    )
    assert known.shops[town.shop.address].tills == [till.address]
    assert known.shops[town.other_shop.address].status == 1
    assert known == town.knowledge(hanako.address)


def test_purse_signs_for_an_approved_shop_and_its_tills_alone(town, hanako, clock, tmp_path):
    till, thief = key("till"), key("thief")
    town.send(town.point.functions.setTill(town.shop.address, till.address, True), town.shop.address)
    purse = town.purse(tmp_path, hanako, clock)
    counter = town.counter(tmp_path, clock)

    def shown_by(signer, **changed):
        settings = town.settings(**changed)
        return ShopCounter(settings, counter.queue, signer, clock=clock).open_sale(100).text

    assert purse.consider(shown_by(till)).shop == "商店0"
    with pytest.raises(PurseRefused, match="not from a till"):
        purse.consider(shown_by(thief))
    with pytest.raises(PurseRefused, match="承認した加盟店ではありません"):
        purse.consider(ShopCounter(town.settings(thief), counter.queue, thief, clock=clock).open_sale(1).text)
    with pytest.raises(PurseRefused, match="not 川崎げんきポイント"):
        request = PaymentRequest.read(shown_by(till))
        purse.consider(request._replace(domain=request.domain._replace(chain_id=1)).text)
    changed = PaymentRequest.read(shown_by(till))
    with pytest.raises(PurseRefused, match="not from a till"):
        purse.consider(changed._replace(sale=changed.sale._replace(amount_points=99)).text)
    purse.knowledge.shops[town.shop.address].status = 1
    with pytest.raises(PurseRefused, match="cannot be paid now"):
        purse.consider(shown_by(till))


def test_purse_does_not_promise_its_points_twice(town, hanako, clock, tmp_path):
    purse, counter = town.purse(tmp_path, hanako, clock), town.counter(tmp_path, clock)
    first = counter.open_sale(900)
    answer = purse.sign(purse.consider(first.text), hanako)
    assert purse.sign(purse.consider(first.text), hanako) == answer  # shown once more
    purse.close()
    with SigningDesk(purse.knowledge, tmp_path / f"phone-{hanako.address}.log", clock) as again:
        with pytest.raises(PurseRefused, match="not enough points: 100 of 101"):
            again.consider(counter.open_sale(101).text)
        assert again.consider(counter.open_sale(100).text).left_points == 0


def test_purse_knows_a_promise_until_it_is_paid_or_has_run_out(town, hanako, clock, tmp_path):
    purse, counter = town.purse(tmp_path, hanako, clock), town.counter(tmp_path, clock)
    request = counter.open_sale(900)
    answer = purse.sign(purse.consider(request.text), hanako)
    purse.close()

    def left_after_a_look():
        with town.purse(tmp_path, hanako, clock) as again:
            again.look_up(town.book, town.web3)
            return again.consider(counter.open_sale(1).text).left_points

    assert left_after_a_look() == 99  # not paid yet, and the chain still shows 1,000
    counter.accept(answer.text)
    counter.sender.submit()
    assert left_after_a_look() == 99  # paid: the chain shows 100
    clock.now = request.sale.valid_until + 60 * 60
    assert left_after_a_look() == 99


def test_cancelled_signatures_are_refused_by_a_till_with_a_line(town, hanako, clock, tmp_path):
    purse, counter = town.purse(tmp_path, hanako, clock), town.counter(tmp_path, clock)
    answer = purse.sign(purse.consider(counter.open_sale(100).text), hanako)
    send(town.book, town.web3, town.point.functions.cancelSignatures(), hanako)
    with pytest.raises(Exception, match="取り消されています"):
        counter.accept(answer.text)
    assert town.knowledge(hanako.address).cancel_epoch == 1


def test_points_that_may_end_before_the_line_is_back_are_refused_offline(town, hanako, clock, tmp_path):
    clock.now = last_second(MARCH) - 60 * 60
    town.go_to(clock.now)
    purse, counter = town.purse(tmp_path, hanako, clock), town.counter(tmp_path, clock)
    counter.sender = None
    ending = purse.sign(purse.consider(counter.open_sale(100).text), hanako)
    assert ending.ends == MARCH
    with pytest.raises(Exception, match="有効期限の来るポイント"):
        counter.accept(ending.text)
    counter.accept(ending._replace(ends=DECEMBER).text)  # as if they were others


def test_contract_account_is_refused_offline_and_limits_hold(town, hanako, clock, tmp_path):
    counter = town.counter(tmp_path, clock, offline_sale_points=200, offline_day_points=300)
    purse = town.purse(tmp_path, hanako, clock)
    counter.sender = None
    answers = [purse.sign(purse.consider(counter.open_sale(points).text), hanako) for points in (150, 150, 1)]
    other = answers[0]._replace(payment=answers[0].payment._replace(payer=town.series))
    with pytest.raises(Exception, match="契約口座はオフラインでは確かめられません"):
        counter.accept(other.text)
    for answer in answers[:2]:
        assert counter.accept(answer.text).offline
    with pytest.raises(Exception, match="1日300ポイントまで"):
        counter.accept(answers[2].text)
    big = purse.sign(purse.consider(counter.open_sale(201).text), hanako)
    with pytest.raises(Exception, match="1件200ポイントまで"):
        counter.accept(big.text)


def test_statement_of_a_year_ends_with_the_balance(town, hanako, clock, tmp_path):
    purse, counter = town.purse(tmp_path, hanako, clock), town.counter(tmp_path, clock)
    counter.accept(purse.sign(purse.consider(counter.open_sale(200).text), hanako).text)
    counter.sender.submit()
    town.go_to(last_second(MARCH) + 1)  # 100 of March end
    known = town.knowledge(hanako.address)
    every = movements(town.book, town.web3, known)
    assert [each.points for each in every] == [300, 700, -200, -100]
    old = yearly_statement(every, 2025).decode("utf-8-sig")
    new = yearly_statement(every, 2026).decode("utf-8-sig")
    assert "支払 payment,商店0,-200,800" in old and old.splitlines()[-1].split(",")[4] == "700"
    assert "失効(記帳前)" in old and [row.split(",")[4] for row in new.splitlines()[1:]] == ["700", "700"]
    town.send(town.point.functions.recordLapse([hanako.address]), hanako.address)
    recorded = movements(town.book, town.web3, known)
    assert [(each.kind, each.points) for each in recorded[-1:]] == [("失効 lapsed", -100)]
    assert recorded[-1].at == last_second(MARCH)
    assert yearly_statement(recorded, 2026).decode("utf-8-sig") == new


def test_desk_pays_for_people_without_a_phone_up_to_a_cap(town, clock, tmp_path):
    keys = PurseKeys.restore(tmp_path / "desk.json", WORDS, PASSPHRASE, FEW)
    desk = CounterService(keys, CITY, tmp_path / "desk", day_cap_points=1_000, clock=clock)
    first, second = desk.open_account(), desk.open_account()
    assert (first.flag, second.slip, first.account != second.account) == (FLAG, 2, True)
    town.grant(first.account, 3_000)
    counter = town.counter(tmp_path, clock)
    known = town.knowledge(first.account)
    text = counter.open_sale(800).text
    answer, receipt = desk.pay(first.slip, known, text, lambda offer: offer.shop == "商店0")
    assert "800ポイント" in receipt and "商店0(川崎区)" in receipt
    assert desk.pay(first.slip, known, text, lambda _: True)[0] == answer  # printed once more
    with pytest.raises(PurseRefused, match="1日1,000ポイントまで"):
        desk.pay(first.slip, known, counter.open_sale(201).text, lambda _: True)
    with pytest.raises(PurseRefused, match="取りやめ"):
        desk.pay(first.slip, known, counter.open_sale(100).text, lambda _: False)
    with pytest.raises(PurseRefused, match="slip 3"):
        desk.pay(3, known, text, lambda _: True)
    desk.close()

    # The shop signed as well: somebody else may relay it.
    request = PaymentRequest.read(text)
    payment = (answer.payment.terms, *answer.signature)
    relayed = town.point.functions.payRelayed(
        request.sale.merchant, payment, request.sale.valid_until, *request.till
    )
    send(town.book, town.web3, relayed, key("relayer"))
    assert town.balance(first.account) == 2_200
    assert PaymentAnswer.read(answer.text) == answer


@pytest.mark.parametrize(
    ("content", "reason"),
    [(None, "がありません"), ("no json", "は財布ではありません"), ("{}", "は財布ではありません"),
     ('{"version": 3}', "は財布ではありません")],
)  # fmt: skip
def test_file_that_is_no_purse_is_refused_and_named(tmp_path, content, reason):
    file = tmp_path / "purse.json"
    if content is not None:
        file.write_text(content)
    with pytest.raises(PurseError, match=f"{file} ?{reason}"):
        PurseKeys.open(file, PASSPHRASE)


def test_purse_learns_the_owner_who_took_a_shop_over_and_forgets_the_tills_before(town, hanako):
    till, buyer = key("till"), key("buyer")
    town.send(town.point.functions.setTill(town.shop.address, till.address, True), town.shop.address)
    town.act(town.point.functions.replaceOwner(town.shop.address, buyer.address))
    shop = town.knowledge(hanako.address).shops[town.shop.address]
    assert (shop.owner, shop.tills) == (buyer.address, [])
    assert shop.may_sign(buyer.address) and not shop.may_sign(till.address)


def test_points_without_end_are_told_so(town):
    jiro = key("Jiro")
    town.grant(jiro.address, 50, NEVER_MONTH)
    [row] = points_by_town([town.knowledge(jiro.address)], OPENING)
    assert row == ("川崎市", "川崎げんきポイント", 50, "期限なし")


def test_purse_refuses_a_sale_of_another_day_or_whose_time_has_run_out(town, hanako, clock, tmp_path):
    purse, counter = town.purse(tmp_path, hanako, clock), town.counter(tmp_path, clock)
    text = counter.open_sale(100).text
    clock.now = PaymentRequest.read(text).sale.valid_until + 60 * 60
    with pytest.raises(PurseRefused, match="コードの有効時間が過ぎています"):
        purse.consider(text)
    clock.now = OPENING - 24 * 60 * 60
    with pytest.raises(PurseRefused, match="売上の日付が合いません。時計を確かめてください"):
        purse.consider(text)
    clock.now = OPENING
    assert purse.consider(text).points == 100


def test_purse_signs_one_amount_for_a_sale_and_with_its_own_key_alone(town, hanako, clock, tmp_path):
    """A till that has lost its queue gives the number out again, for another amount."""
    purse, counter = town.purse(tmp_path, hanako, clock), town.counter(tmp_path, clock)
    offer = purse.consider(counter.open_sale(100).text)
    with pytest.raises(PurseRefused, match="別の口座の鍵です"):
        purse.sign(offer, key("Taro"))
    purse.sign(offer, hanako)
    again = town.counter(tmp_path / "new disk", clock).open_sale(200)
    assert again.sale.sale == offer.request.sale.sale
    with pytest.raises(PurseRefused, match="この売上は別の金額で署名済みです"):
        purse.consider(again.text)


def test_points_from_a_resident_to_another_are_told_as_moved_and_each_year_has_its_own(town, hanako):
    taro = key("Taro")
    town.act(town.point.functions.setTransferSwitches(True, False))
    town.send(town.point.functions.mintBatch([hanako.address] * 2, [5, 6], DECEMBER), minter(town))
    town.send(town.point.functions.transfer(taro.address, 10), hanako.address)
    sent, [got] = [movements(town.book, town.web3, town.knowledge(each.address)) for each in (hanako, taro)]
    assert [each.points for each in sent] == [300, 700, 5, 6, -10]
    assert len({each.transaction for each in sent}) == 4, "two of them stand in one block"
    assert (sent[-1].kind, sent[-1].other) == ("口座の引継ぎ・譲渡 moved out", taro.address)
    assert (got.kind, got.other, got.points) == ("口座の引継ぎ・譲渡 moved in", hanako.address, 10)
    before, year = (
        [line.split(",") for line in yearly_statement(sent, april).decode("utf-8-sig").splitlines()[1:]]
        for april in (2024, 2025)
    )
    assert [row[3:5] for row in before] == [["0", "0"], ["0", "0"]], "nothing of the year to come"
    assert [row[4] for row in year] == ["0", "300", "1000", "1005", "1011", "1001", "1001"]


def minter(town):
    return town.keyring.account("minter")
