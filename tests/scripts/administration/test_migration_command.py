"""A town's officers let their series give way to a successor, by commands alone."""

import pytest
from eth_account import Account
from eth_utils import keccak

from scripts.lib.administration.execution import ExitCode
from scripts.lib.bank.days import date_in_japan, next_bank_day
from scripts.lib.book_export import export_book
from scripts.lib.calls import Call
from scripts.lib.japan_calendar import moment_label, month_from_text, start_of
from scripts.lib.merchant.chain_sales import ShopEventKind, shop_events
from scripts.lib.merchant.till_settings import TillSettings
from scripts.lib.resident.series_knowledge import KnownShop, refresh
from scripts.lib.roles import Role
from tests.scripts.administration.test_twice import bank_file, replacements_file
from tests.support.command_town import CODE, DAYS, HOURS, PROGRAMMES, SYMBOL, TOWNS
from tests.support.reading import ZERO_ADDRESS

NEW = "GENKI2"


@pytest.fixture
def granted(town):
    """Residents have points, a shop has a claim, and the successor is deployed."""
    grants = town.file("grants.csv", "利用者番号,ポイント", *(f"{n},{n}00" for n in range(1, 5)))
    done(town, "grant", grants, "--programme", "健康診査", "--occurrence", "第1回")
    town.pay(2, town.shop(1), 70)
    header, row = TOWNS
    rows = [f"{header},前の種別", f"{row},", f"{CODE},{NEW},川崎げんきポイント,か月後,1,{SYMBOL}"]
    done(town, "deploy", town.file("with_successor.csv", *rows), actor="council")
    return town


def done(town, *words, actor="municipality", code=ExitCode.DONE):
    assert town.run(*words, actor=actor) is code, f"{words}: {town.said}"


def migrate(town, step, *more, code=ExitCode.DONE):
    done(town, "migrate", step, "--series", SYMBOL, *more, code=code)


def test_migration_by_commands_reaches_the_successor_and_verifies(granted):
    town = granted
    new = town.address(f"{CODE}-{NEW}")
    migrate(town, "announce", "--successor", NEW)
    assert town.ask("MunicipalPoint", town.token, "migration")[0].lower() == new.lower()
    migrate(town, "close", code=ExitCode.PARTLY_DONE)
    assert "告知期間が終わっていません" in town.said
    town.pass_time(30 * DAYS)
    migrate(town, "close")
    migrate(town, "verify", code=ExitCode.PARTLY_DONE)
    assert "未移行" in town.said
    migrate(town, "run")
    height = town.chain.height()
    migrate(town, "run")
    assert town.chain.height() == height, "the second run sent something"
    migrate(town, "verify")
    assert town.ask("MunicipalPoint", new, "balanceOf", town.resident(2).address) == 130
    assert town.ask("MunicipalPoint", new, "claimOf", town.shop(1)) == (70, 0, 0)
    service = town.address("service GrantProgrammes")
    assert town.ask("GrantProgrammes", service, "programmeOf", 1)[0].lower() == new.lower()


def test_owner_replaced_on_one_series_alone_is_a_finding_of_verify(granted):
    """The key that was dismissed on one of them would still dispose of the claim on the other."""
    town = granted
    migrate(town, "announce", "--successor", NEW)
    town.pass_time(30 * DAYS)
    migrate(town, "close")
    migrate(town, "run")
    row = f"{town.shop(1)},,,,鍵の交換,{town.shop(9)}"
    owner = town.file("owner.csv", "口座,店名,所在地,業種番号,異動,新しい管理鍵", row)
    done(town, "merchants", owner, "--series", SYMBOL)
    migrate(town, "verify", code=ExitCode.PARTLY_DONE)
    assert "店主の鍵" in town.said
    done(town, "merchants", owner, "--series", NEW)
    migrate(town, "verify")


def test_new_card_takes_its_points_out_of_the_closed_series_to_the_successor(granted):
    """The account is carried as it is, then moved on: within the closed series it cannot be."""
    town = granted
    new = town.address(f"{CODE}-{NEW}")
    migrate(town, "announce", "--successor", NEW)
    file = replacements_file(town)
    done(town, "replace", file, code=ExitCode.PARTLY_DONE)
    town.pass_time(30 * DAYS)
    migrate(town, "close")
    done(town, "replace", file)
    balances = [town.ask("MunicipalPoint", new, "balanceOf", town.resident(each).address) for each in (1, 50)]
    assert balances == [0, 100]
    height = town.chain.height()
    done(town, "replace", file)
    assert town.chain.height() == height, "the second run sent something"


def test_programme_grants_into_the_successor_once(granted):
    town = granted
    new = town.address(f"{CODE}-{NEW}")
    migrate(town, "announce", "--successor", NEW)
    town.pass_time(30 * DAYS)
    migrate(town, "close")
    done(town, "allow", "GrantProgrammes", "5000000", "--series", NEW, code=ExitCode.PARTLY_DONE)
    town.pass_time(48 * HOURS)
    done(town, "allow", "GrantProgrammes", "5000000", "--series", NEW)
    migrate(town, "run")
    again = town.file("again.csv", "利用者番号,ポイント", "1,100")
    words = ("--programme", "健康診査", "--occurrence", "第1回")
    height = town.chain.height()
    done(town, "grant", again, *words, code=ExitCode.REJECTED_INPUT)
    assert "利用者番号4は「第1回」で400ポイントを付与済みですが" in town.said
    assert town.chain.height() == height, "a resident was granted before, in the series before"
    done(town, "grant", town.file("others.csv", "利用者番号,ポイント", "5,500"), *words)
    balances = [
        town.ask("MunicipalPoint", new, "balanceOf", town.resident(number).address) for number in (1, 5)
    ]
    assert balances == [100, 500]
    # What was carried in is no grant of the successor's: the year closes with its own 500, and all lapses.
    town.chain.mine_at(start_of(month_from_text("2026-06")))
    done(town, "close-year", "2025", "--series", NEW, "plan")
    done(town, "freeze", "6", "--series", SYMBOL)  # what happens there later is another year's
    done(town, "close-year", "2025", "--series", NEW)
    settlement, march = town.address("service MerchantSettlement"), month_from_text("2026-03")
    figures, *_ = town.ask("MerchantSettlement", settlement, "yearEndOf", new, march)
    assert figures == (500, 0, 0, 0, 0, 0, 0, 0)


def test_announce_by_one_admin_only_proposes(granted):
    town = granted
    alone = town.only(town.officer(Role.ADMIN))
    assert alone.run("migrate", "announce", "--series", SYMBOL, "--successor", NEW) is ExitCode.PARTLY_DONE
    assert town.ask("MunicipalPoint", town.token, "migration")[0] == ZERO_ADDRESS


def test_withdraw_ends_the_notice(granted):
    town = granted
    migrate(town, "announce", "--successor", NEW)
    migrate(town, "withdraw")
    town.pass_time(30 * DAYS)
    with pytest.raises(AssertionError, match="後継の種別が告知されていません"):
        migrate(town, "close")


def test_close_by_anybody_at_all(granted):
    """No office is needed, and no key of the town."""
    town = granted
    migrate(town, "announce", "--successor", NEW)
    town.pass_time(30 * DAYS)
    stranger = town.resident(6)
    town.connection.keyring.add(stranger.key)
    migrate(town, "run", code=ExitCode.REJECTED_INPUT)
    assert "先に migrate close で受付を終了してください" in town.said
    call = Call("MunicipalPoint", town.token, "closeForSuccessor", (), stranger.address)
    town.connection.deployer.send([call])
    assert town.ask("MunicipalPoint", town.token, "migration")[2]
    migrate(town, "withdraw", code=ExitCode.REJECTED_INPUT)
    assert "この種別はすでに終了しています" in town.said


def test_shop_that_was_carried_is_paid_by_the_successor(granted):
    """It was never approved there: its name stands with the series before."""
    town = granted
    new = town.address(f"{CODE}-{NEW}")
    migrate(town, "announce", "--successor", NEW)
    town.pass_time(30 * DAYS)
    migrate(town, "close")
    migrate(town, "run")
    done(town, "settlement-service", "--series", NEW, code=ExitCode.PARTLY_DONE)
    town.pass_time(48 * HOURS)
    done(town, "settlement-service", "--series", NEW)
    done(town, "settle-claims", moment_label(town.chain.now() - DAYS).english[:10], "--series", NEW)
    assert town.ask("MunicipalPoint", new, "claimOf", town.shop(1)) == (0, 0, 70)
    words = ("transfer-file", "1", "--bank", bank_file(town), "--folder", str(town.folder))
    pay_on = next_bank_day(date_in_japan(town.chain.now() + DAYS))
    done(town, *words, "--pay-on", pay_on.isoformat())
    assert "朝市,川崎区" in (town.folder / "transfer-1.csv").read_text("utf-8-sig")
    height = town.chain.height()
    again = town.file("shops.csv", "口座,店名,所在地,業種番号", f"{town.shop(1)},朝市,川崎区,1")
    done(town, "merchants", again, "--series", NEW)
    assert town.chain.height() == height, "last year's file approves nobody anew"


def test_purse_knows_a_shop_that_was_carried_and_the_till_that_its_owner_appointed_anew(granted):
    town = granted
    new, shop, till = town.address(f"{CODE}-{NEW}"), town.shop(1), town.shop(9)
    migrate(town, "announce", "--successor", NEW)
    town.pass_time(30 * DAYS)
    migrate(town, "close")
    migrate(town, "run")
    town.connection.keyring.add(Account.from_key(keccak(text="shop 1")).key)
    town.connection.deployer.send([Call("MunicipalPoint", new, "setTill", (shop, till, True), shop)])
    book = export_book(town.chain.url, town.address("platform"))
    known = refresh(book, book.connect(town.chain.url), new, town.resident(2).address)
    assert known.shops[shop] == KnownShop("朝市", "川崎区", shop, tills=[till])


def test_grant_of_before_is_taken_back_on_the_successor_not_claimed_from_the_resident(granted):
    town = granted
    new = town.address(f"{CODE}-{NEW}")
    migrate(town, "announce", "--successor", NEW)
    town.pass_time(30 * DAYS)
    migrate(town, "close")
    done(town, "allow", "GrantProgrammes", "5000000", "--series", NEW, code=ExitCode.PARTLY_DONE)
    town.pass_time(48 * HOURS)
    done(town, "allow", "GrantProgrammes", "5000000", "--series", NEW)
    wrong = town.file("revocations.csv", "利用者番号,ポイント", "2,", "3,100")
    words = ("revoke-grant", str(town.folder / "grants.csv"), wrong)
    words += ("--programme", "健康診査", "--occurrence", "第1回")
    stranger = town.resident(6)
    town.connection.keyring.add(stranger.key)
    call = Call("GrantProgrammes", town.address("service GrantProgrammes"), "follow", (1,), stranger.address)
    town.connection.deployer.send([call])
    done(town, *words, code=ExitCode.PARTLY_DONE)
    assert "未移行です" in town.said
    migrate(town, "run")
    done(town, *words)
    balances = [
        town.ask("MunicipalPoint", new, "balanceOf", town.resident(number).address) for number in (2, 3)
    ]
    assert balances == [0, 200]
    service = town.address("service GrantProgrammes")
    revoked = [town.ask("GrantProgrammes", service, "revocationOf", 1, row) for row in (1, 2)]
    assert revoked == [(130, 70), (100, 0)]


def test_programme_that_has_followed_its_series_is_not_opened_a_second_time(granted):
    """Another of the same name would have a budget and once-only keys of its own."""
    town = granted
    migrate(town, "announce", "--successor", NEW)
    town.pass_time(30 * DAYS)
    migrate(town, "close")
    migrate(town, "run")
    height = town.chain.height()
    for series in (SYMBOL, NEW):
        done(town, "programmes", town.file("programmes.csv", *PROGRAMMES), "--series", series)
    assert town.chain.height() == height
    assert town.ask("GrantProgrammes", town.address("service GrantProgrammes"), "programmeCount") == 2


def test_shop_s_books_have_the_claim_that_was_carried_on_either_series(granted):
    town = granted
    new, shop = town.address(f"{CODE}-{NEW}"), town.shop(1)
    migrate(town, "announce", "--successor", NEW)
    town.pass_time(30 * DAYS)
    migrate(town, "close")
    migrate(town, "run")
    book = export_book(town.chain.url, town.address("platform"))
    web3 = book.connect(town.chain.url)

    def lines(series):
        settings = TillSettings(book.chain_id, series, shop, "朝市")
        return [(event.kind, event.points) for event in shop_events(book, web3, settings)]

    assert lines(town.token) == [(ShopEventKind.TRANSFER, 70), (ShopEventKind.CARRIED_OUT, -70)]
    assert lines(new) == [(ShopEventKind.CARRIED_IN, 70)]
