"""Every command of every actor, run twice on a real chain: the second run sends nothing and says so."""

import pytest
from eth_account import Account
from eth_utils import keccak

from scripts.lib.administration.execution import ExitCode
from scripts.lib.administration.verbs import ACTORS
from scripts.lib.book_export import export_book
from scripts.lib.calls import Call
from scripts.lib.japan_calendar import day_of, month_from_text, start_of
from scripts.lib.merchant.chain_sales import ShopEventKind, shop_events
from scripts.lib.merchant.till_settings import TillSettings
from scripts.lib.payment.sale_number import sale_number
from scripts.lib.payment.signing import Payment, SeriesDomain, signed_payment
from scripts.lib.payment.signing import sign as sign_payment
from scripts.lib.registration import RegistrationDomain, sign
from scripts.lib.roles import Role
from tests.support.command_town import CODE, DAYS, HOURS, PROGRAMMES, TERMS, TOWNS

GRANT = ("--programme", "健康診査", "--occurrence", "第1回")
NEW = "0x2222222222222222222222222222222222222222"
RESTORED = 400


# ------------------------------------------------------------------------------- what comes before


def waits(town, *words, actor="municipality"):
    """Run a command that waits 48 hours, and let them pass."""
    assert town.run(*words, actor=actor) is ExitCode.PARTLY_DONE, town.said
    town.pass_time(48 * HOURS)


def with_second_series(town):
    file = town.file("towns.csv", *TOWNS, f"{CODE},KODOMO,川崎子育てポイント,か月後,6")
    assert town.run("deploy", file, actor="council") is ExitCode.DONE, town.said


def granted(town):
    file = town.file("grants.csv", "利用者番号,ポイント", "1,1000", "2,500", "3,800")
    assert town.run("grant", file, *GRANT) is ExitCode.DONE, town.said
    return file


def paid(town):
    granted(town)
    town.pay(1, town.shop(1), 300)
    town.pay(2, town.shop(2), 200)
    town.pass_time(1 * DAYS)


def locked(town):
    paid(town)
    assert town.run("settle-claims", "2025-04-07") is ExitCode.DONE, town.said


def bank_file(town):
    return town.file(
        "bank.csv",
        "加盟店口座,委託者コード,銀行コード,支店コード,預金種目,口座番号,口座名義カナ",
        ",12345,0005,001,普通,1234567,カワサキシ",
        f"{town.shop(1)},,0001,210,普通,7654321,カ）アサイチ",
        f"{town.shop(2)},,9900,18,当座,12345,ユヤ　タロウ",
    )


def with_file(town):
    locked(town)
    words = ("transfer-file", "1", "--bank", bank_file(town), "--pay-on", "2025-04-15")
    assert town.run(*words, "--folder", str(town.folder)) is ExitCode.DONE, town.said


def bank_key(town):
    """Return the option that names the key for papers, after making it."""
    option = ("--paper-key", str(town.folder / "bank-paper.key"))
    assert town.run("new-key", *option) is ExitCode.DONE, town.said
    return option


def sent(town):
    with_file(town)
    words = ("mark-sent", "1", "--folder", str(town.folder), *bank_key(town))
    assert town.run(*words) is ExitCode.DONE, town.said


def exchanges_file(town):
    return town.file(
        "exchanges.csv",
        "団体コード,利用者番号,企業ポイント,管理番号",
        f"{CODE},1,2000,SORA-1",
        f'{CODE},2,"3,000",SORA-2',
    )


def exchanged(town):
    words = ("exchange", exchanges_file(town), *bank_key(town))
    assert town.run(*words, actor="partner") is ExitCode.DONE, town.said


# ---------------------------------------------------------------------------------------- commands


def deploy(town):
    town.twice("deploy", town.file("towns.csv", *TOWNS), actor="council")


def deploy_adds(town):
    """A second series is all that is deployed."""
    file = town.file("towns.csv", *TOWNS, f"{CODE},KODOMO,川崎子育てポイント,か月後,6")
    town.twice("deploy", file, actor="council")
    assert len(town.ask("PointPlatform", town.address("platform"), "seriesOf", CODE)) == 2


def officers(town):
    outgoing, incoming = town.officer(Role.CASHIER, 2), town.keyring.account("new cashier")
    guardian = town.keyring.account("new guardian")
    file = town.file(
        "officers.csv",
        "異動,役職,口座,後任の口座,開始日",
        f"引継ぎ,出納担当,{outgoing},{incoming},",
        f"任命,緊急停止担当,{guardian},,",
        f"解任,緊急停止担当,{town.officer(Role.GUARDIAN, 2)},,",
    )
    town.twice("officers", file)
    assert town.ask("Officers", town.address("officers"), "isOfficer", CODE, int(Role.CASHIER), incoming)


def council_officers(town):
    file = town.file("officers.csv", "異動,役職,口座", f"任命,管理者,{town.keyring.account('council 2')}")
    waits(town, "officers", file, actor="council")
    town.twice("officers", file, actor="council")


def accept_and_leave(town):
    town.twice("accept-service", "GrantProgrammes")
    town.twice("leave-service", "GrantProgrammes")


def council_accepts(town):
    town.twice("accept-service", "PartnerExchange", actor="council")


def allow(town):
    waits(town, "allow", "GrantProgrammes", "6000000")
    town.twice("allow", "GrantProgrammes", "6000000")
    town.twice("allow", "GrantProgrammes", "100000")
    minter = town.address("service GrantProgrammes")
    assert town.ask("MunicipalPoint", town.token, "minterOf", minter)[0] == 100_000


def remove_minter(town):
    town.twice("remove-minter", "GrantProgrammes")


def residents(town):
    file = town.residents_file("more.csv", range(5, 9))  # two of them are registered already
    numbers = town.folder / "numbers.csv"
    requests = ("registration-requests", file, "--folder", str(town.folder / "registrations"))
    town.twice(*requests, "--commitment-key", town.key_file)
    town.twice("residents", file, "--commitment-key", town.key_file, "--numbers", str(numbers))
    assert numbers.read_text("utf-8-sig").splitlines()[1:] == [
        f"{number},{town.resident(number).address},{number - 3}" for number in range(5, 9)
    ]
    assert numbers.stat().st_mode & 0o077 == 0


def merchants(town):
    file = town.file(
        "shops.csv",
        "口座,店名,所在地,業種番号,異動,新しい管理鍵",
        f"{town.shop(1)},,,,停止,",
        f"{town.shop(2)},,,,鍵の交換,{town.shop(9)}",
        f"{town.shop(3)},書店,幸区,3,承認,",
    )
    town.twice("merchants", file)
    assert town.ask("MunicipalPoint", town.token, "ownerOf", town.shop(2)) == town.shop(9)
    town.twice("merchants", town.file("closed.csv", "口座,異動", f"{town.shop(1)},終了"))
    again = town.file("again.csv", "口座,店名,所在地,異動", f"{town.shop(1)},朝市,川崎区,再承認")
    town.twice("merchants", again)
    assert town.ask("MunicipalPoint", town.token, "merchantOf", town.shop(1))[:2] == (True, 0)


def merchants_of_last_year(town):
    """The file that approved a shop lifts no suspension when somebody runs it again."""
    assert town.run("merchants", town.file("s.csv", "口座,異動", f"{town.shop(1)},停止")) is ExitCode.DONE
    town.twice("merchants", town.file("m.csv", "口座,店名,所在地", f"{town.shop(1)},朝市,川崎区"))
    assert "再開するには「再承認」" in town.said
    assert town.ask("MunicipalPoint", town.token, "merchantOf", town.shop(1))[1] == 1


def programmes(town):
    town.twice(
        "programmes", town.file("programmes.csv", *PROGRAMMES, "祭,市内,10,,5000,祭に付与,2025,夏,期限なし,")
    )


def programmes_of_the_next_year(town):
    """Of the same names: opened anew, for last year's have ended."""
    town.chain.mine_at(start_of(month_from_text("2026-04")) + 1 * DAYS)
    rows = [line.replace(",2025,", ",2026,") for line in PROGRAMMES]
    town.twice("programmes", town.file("programmes.csv", *rows))
    file = town.file("grants.csv", "利用者番号,ポイント", "1,700")
    town.twice("grant", file, *GRANT)
    assert town.balance(1) == 700


def grant(town):
    town.twice("grant", granted(town), *GRANT)
    assert [town.balance(number) for number in (1, 2, 3)] == [1000, 500, 800]


def revoke_grant(town):
    """Resident 1 has spent 300 of 1,000, resident 2 nothing of 500, of which 100 are revoked."""
    file = granted(town)
    town.pay(1, town.shop(1), 300)
    revocations = town.file("revocations.csv", "利用者番号,ポイント", "1,", "2,100")
    town.twice("revoke-grant", file, revocations, *GRANT)
    assert (town.balance(1), town.balance(2)) == (0, 400)
    service = town.address("service GrantProgrammes")
    assert town.ask("GrantProgrammes", service, "revocationOf", 1, 0) == (700, 300)


def revoke_grant_of_an_extended_lot(town):
    file = granted(town)
    later = town.file("e.csv", "利用者番号,現在の期限月,新しい期限月", "1,2026-03,2026-05")
    assert town.run("extend", later) is ExitCode.DONE, town.said
    town.twice("revoke-grant", file, town.file("revocations.csv", "利用者番号,ポイント", "1,400"), *GRANT)
    assert town.balance(1) == 600


def revoke_grant_that_lies_in_two_lots(town):
    """A refund puts 300 back into the lot as it was paid, beside the 700 that end later since."""
    file = granted(town)
    lots = sell(town, 300)
    later = town.file("e.csv", "利用者番号,現在の期限月,新しい期限月", "1,2026-03,2026-05")
    assert town.run("extend", later) is ExitCode.DONE, town.said
    refund(town, lots, 300)
    months, _ = town.ask("MunicipalPoint", town.token, "lotsOf", town.resident(1).address)
    assert len(months) == 2
    town.twice("revoke-grant", file, town.file("revocations.csv", "利用者番号,ポイント", "1,"), *GRANT)
    assert town.balance(1) == 0
    service = town.address("service GrantProgrammes")
    assert town.ask("GrantProgrammes", service, "revocationOf", 1, 0) == (1000, 0), "nothing was spent"


def sale_of(town):
    return sale_number(day_of(town.chain.now()), 1)


def sell(town, points):
    """Let the first shop take a signed payment of resident 1; return the lots as a refund names them."""
    resident, shop, now = town.resident(1), town.shop(1), town.chain.now()
    payment = Payment(resident.address, shop, sale_of(town), points, now + 600)
    signature = sign_payment(SeriesDomain(town.chain.chain_id, town.token), payment, resident)
    by_shop(town, "paySigned", shop, *signed_payment(payment, signature))
    return [month_from_text("2026-03") << 29 | points]


def refund(town, lots, points):
    by_shop(town, "refund", town.shop(1), sale_of(town), town.resident(1).address, lots, points)


def by_shop(town, function, *arguments):
    key = Account.from_key(keccak(text="shop 1"))
    town.connection.keyring.add(key.key)
    town.connection.deployer.send([Call("MunicipalPoint", town.token, function, arguments, key.address)])


def bonus(town):
    waits(town, "accept-service", "PaymentBonus")
    assert town.run("accept-service", "PaymentBonus") is ExitCode.DONE, town.said
    head = "還元事業,初日,最終日,還元率,対象の最低額,1人の上限,予算,対象業種番号"
    town.twice("bonus", town.file("bonus.csv", head, "歳末還元,2025-05-01,2025-05-31,10,100,500,50000,1 2"))
    assert "令和7年5月1日から令和7年5月31日まで" in town.said
    town.twice("bonus", town.file("more.csv", head, "歳末還元,2025-05-01,2025-05-31,10,100,500,60000,1 2"))
    service = town.address("service PaymentBonus")
    assert town.ask("PaymentBonus", service, "campaignOf", 1)[10] == 60_000
    town.chain.mine_at(town.chain.now() + 30 * DAYS)
    town.twice("end-bonus", "1")


def close_year(town):
    paid(town)
    town.chain.mine_at(start_of(month_from_text("2026-06")))
    town.twice("close-year", "2025")
    told, *known = town.ask(
        "MerchantSettlement", town.address("service MerchantSettlement"), "yearEndOf", town.token,
        month_from_text("2026-03"),
    )  # fmt: skip
    assert told == (2300, 0, 0, 0, 500, 0, 0, 0)
    assert known[1] == 1800  # lapsed


def stop_list(town):
    granted(town)
    town.twice("stop-list", "1")


def settle_claims(town):
    paid(town)
    town.pay(3, town.shop(1), 70)  # after the cut-off
    town.pass_time(1 * DAYS)
    town.twice("settle-claims", "2025-04-07")
    assert town.ask("MunicipalPoint", town.token, "claimOf", town.shop(1)) == (70, 0, 300)


def transfer_file(town):
    locked(town)
    words = ("transfer-file", "1", "--bank", bank_file(town), "--pay-on", "2025-04-15")
    town.twice(*words, "--folder", str(town.folder))


def mark_sent(town):
    with_file(town)
    town.twice("mark-sent", "1", "--folder", str(town.folder), *bank_key(town))


def mark_paid(town):
    sent(town)
    town.twice("mark-paid", "1", "2025-04-15 0001", *bank_key(town))
    assert town.ask("MunicipalPoint", town.token, "settlementTotals") == (0, 500)
    book = export_book(town.chain.url, town.address("platform"))
    settings = TillSettings(book.chain_id, town.token, town.shop(1), "朝市")
    lines = shop_events(book, book.connect(town.chain.url), settings)
    assert [(line.kind, line.points) for line in lines] == [
        (ShopEventKind.TRANSFER, 300),
        (ShopEventKind.SETTLED, -300),
    ]


def mark_bounced(town):
    sent(town)
    town.twice("mark-bounced", "1", "戻り 0002", "0", *bank_key(town))
    [first, _] = sorted([town.shop(1), town.shop(2)], key=lambda shop: int(shop, 16))
    assert town.ask("MunicipalPoint", town.token, "claimOf", first)[2] == 0


def mark_returned_after_payment(town):
    sent(town)
    assert town.run("mark-paid", "1", "0001", *bank_key(town)) is ExitCode.DONE, town.said
    town.twice("mark-bounced", "1", "戻り 0003", "1", *bank_key(town))


def cancel_batch(town):
    locked(town)
    town.twice("cancel-batch", "1")
    assert town.ask("MunicipalPoint", town.token, "settlementTotals") == (0, 0)


def freeze(town):
    town.twice("freeze", "1", town.resident(2).address, "--reason", "カードの盗難")
    town.twice("unfreeze", "1", town.resident(2).address)


def replacements_file(town, number=1):
    key = town.resident(50)
    domain = RegistrationDomain(town.keyring.chain_id, town.address("residents"))
    [committed, _] = town.ask("ResidentRegistry", town.address("residents"), "commitmentOf", CODE, number)
    signed = sign(domain, CODE, key, committed)
    row = f"{number},{key.address},0x{signed.signature.hex()}"
    return town.file("replacements.csv", "利用者番号,新しい口座,署名", row)


def replace(town):
    granted(town)
    file = replacements_file(town)
    assert town.run("replace", file) is ExitCode.PARTLY_DONE, town.said
    assert town.ask("MunicipalPoint", town.token, "frozenOf", town.resident(1).address) == (False, True)
    town.pass_time(30 * DAYS)
    town.twice("replace", file)
    assert (town.balance(1), town.balance(50)) == (0, 1000)


def inherit(town):
    granted(town)
    assert town.run("departure", "inherit") is ExitCode.DONE, town.said
    assert town.run("inherit", "1", "2") is ExitCode.PARTLY_DONE, town.said
    town.pass_time(14 * DAYS)
    town.twice("inherit", "1", "2")
    assert (town.balance(1), town.balance(2)) == (0, 1500)


def is_blocked(town, number):
    """In the series, which payments ask; the register alone stops nothing."""
    return town.ask("MunicipalPoint", town.token, "frozenOf", town.resident(number).address)[1]


def cancel_replacement(town):
    assert town.run("replace", replacements_file(town)) is ExitCode.PARTLY_DONE, town.said
    assert is_blocked(town, 1)
    town.twice("cancel-replacement", "1")
    assert not is_blocked(town, 1), "who keeps the card can pay again"


def close_and_reopen(town):
    town.twice("close-membership", "1", "2")
    assert is_blocked(town, 1) and is_blocked(town, 2), "nobody pays from the account of one who died"
    town.twice("reopen-membership", "1")
    assert not is_blocked(town, 1) and is_blocked(town, 2)


def extend(town):
    granted(town)
    town.twice("extend", town.file("e.csv", "利用者番号,現在の期限月,新しい期限月", "1,2026-03,2026-05"))
    months, _ = town.ask("MunicipalPoint", town.token, "lotsOf", town.resident(1).address)
    assert months == (month_from_text("2026-05"),)


def restore(town):
    granted(town)
    town.chain.mine_at(start_of(month_from_text("2026-04")) + 1 * DAYS)
    file = town.file("r.csv", "利用者番号,ポイント,失効月,新しい期限月", f"1,{RESTORED},2026-03,2026-06")
    town.twice("restore", file)
    assert town.balance(1) == RESTORED


def restore_after_a_new_card(town):
    granted(town)
    town.chain.mine_at(start_of(month_from_text("2026-04")) + 1 * DAYS)
    file = town.file("r.csv", "利用者番号,ポイント,失効月,新しい期限月", f"1,{RESTORED},2026-03,2026-06")
    assert town.run("restore", file) is ExitCode.DONE, town.said
    card = replacements_file(town)
    assert town.run("replace", card) is ExitCode.PARTLY_DONE, town.said
    town.pass_time(30 * DAYS)
    assert town.run("replace", card) is ExitCode.DONE, town.said
    town.twice("restore", file)
    assert (town.balance(1), town.balance(50)) == (0, RESTORED)


def revoke(town):
    granted(town)
    paper = town.folder / "決裁.pdf"
    paper.write_bytes(b"decided")
    file = town.file("v.csv", "利用者番号,ポイント,期限月", "1,100,2026-03")
    town.twice("revoke", file, "--paper", str(paper))
    assert town.balance(1) == 900
    paper.with_name("別の決裁.pdf").write_bytes(b"decided again")
    town.twice("revoke", file, "--paper", str(paper.with_name("別の決裁.pdf")))
    assert town.balance(1) == 800


def expiry(town):
    town.twice("expiry", "months_after", "12")


def transfers(town):
    town.twice("transfers", "on", "off")


def refund_days(town):
    town.twice("refund-days", "20")


def settlement_service(town):
    with_second_series(town)
    waits(town, "settlement-service", "--series", "KODOMO")
    town.twice("settlement-service", "--series", "KODOMO")


def exchange_series(town):
    with_second_series(town)
    waits(town, "exchange-series", "--series", "KODOMO")
    town.twice("exchange-series", "--series", "KODOMO")


def return_days(town):
    town.twice("return-days", "90")


def departure(town):
    town.twice("departure", "inherit")


def pause(town):
    town.twice("pause", "24")
    town.twice("unpause")


def register_partners(town):
    file = town.file("partners.csv", "協力企業名,協力企業の鍵", f"みどりカード,{town.partner(2)}")
    waits(town, "register-partners", file, actor="council")
    town.twice("register-partners", file, actor="council")


def replace_partner_key(town):
    words = ("replace-partner-key", "1", town.partner(3))
    waits(town, *words, actor="council")
    town.twice(*words, actor="council")


def suspend_partner(town):
    town.twice("suspend-partner", "1", actor="council")
    waits(town, "resume-partner", "1", actor="council")
    town.twice("resume-partner", "1", actor="council")


def new_commitment_key(town):
    file = town.folder / "second-key.json"
    town.twice("new-commitment-key", str(file), "2", actor="council")
    assert file.stat().st_mode & 0o077 == 0


def reappoint_admin(town):
    words = ("reappoint-admin", str(CODE), town.keyring.account("another Admin"))
    assert town.run(*words, actor="council") is ExitCode.PARTLY_DONE, town.said
    town.pass_time(14 * DAYS)
    town.twice(*words, actor="council")


def accept_and_stop_partner(town):
    file = town.file("terms.csv", TERMS, f"1,{town.partner(1)},3,4,100,12,1000,20000,20000,90000,600000")
    waits(town, "accept-partners", file)
    town.twice("accept-partners", file)
    town.twice("stop-partner", "1")


def receipts(town):
    file = town.file("receipts.csv", "協力企業番号,入金額,銀行の照会番号", "1,50000,2025-05-30 77")
    town.twice("receipts", file, *bank_key(town))


def exchange(town):
    town.twice("exchange", exchanges_file(town), *bank_key(town), actor="partner")


def coupons(town):
    codes = town.folder / "codes.csv"
    assert town.run("coupon-codes", str(codes), "3", "500", actor="partner") is ExitCode.DONE, town.said
    assert codes.stat().st_mode & 0o077 == 0
    drawn = codes.read_bytes()
    again = town.run("coupon-codes", str(codes), "3", "500", actor="partner")
    assert (again, codes.read_bytes()) == (ExitCode.REJECTED_INPUT, drawn)
    town.twice("issue-coupons", str(codes), "2025-12-31", actor="partner")
    exchange = town.address("service PartnerExchange")
    assert town.ask("PartnerExchange", exchange, "ledgerOf", 0, 1)[1] == 1500


def new_key(town):
    option = ("--paper-key", str(town.folder / "new.key"))
    town.twice("new-key", *option)
    key = (town.folder / "new.key").read_bytes()
    town.twice("new-key", *option, actor="partner")
    assert (town.folder / "new.key").read_bytes() == key


def sweep(town):
    exchanged(town)
    town.pass_time(14 * DAYS)
    town.twice("sweep", actor="partner")
    assert (town.balance(1), town.balance(2)) == (1000, 1500)


def statement(town):
    exchanged(town)
    file = town.folder / "statement.csv"
    town.twice("statement", str(file), actor="partner")
    assert "そら航空" in file.read_text("utf-8-sig")


def approve_and_veto(town):
    """Two proposals of one officer: a colleague approves the one by its number, and vetoes the other."""
    alone = town.only(town.officer(Role.ADMIN, 1))
    assert alone.run("refund-days", "20") is ExitCode.PARTLY_DONE, alone.said
    assert alone.run("return-days", "30") is ExitCode.PARTLY_DONE, alone.said
    assert alone.run("proposals") is ExitCode.DONE, alone.said
    assert "返品期限の設定" in alone.said
    first = town.ask("Officers", town.address("officers"), "proposalCount") - 1
    colleague = town.only(town.officer(Role.ADMIN, 2))
    colleague.twice("approve", str(first))
    assert town.ask("MunicipalPoint", town.token, "saleDays")[1] == 20
    colleague.twice("veto", str(first + 1))


def show(town):
    for actor in ("municipality", "council"):
        town.twice("status", actor=actor)
        town.twice("proposals", actor=actor)
        town.twice("powers", actor=actor)
        assert "決定と異なる点 / Different from what was decided" in town.said


SCENARIOS = {
    deploy: ["council deploy"],
    deploy_adds: ["council deploy"],
    officers: ["municipality officers"],
    council_officers: ["council officers"],
    accept_and_leave: ["municipality accept-service", "municipality leave-service"],
    council_accepts: ["council accept-service"],
    allow: ["municipality allow"],
    remove_minter: ["municipality remove-minter"],
    residents: ["municipality registration-requests", "municipality residents"],
    merchants: ["municipality merchants"],
    merchants_of_last_year: ["municipality merchants"],
    restore_after_a_new_card: ["municipality restore"],
    programmes: ["municipality programmes"],
    programmes_of_the_next_year: ["municipality programmes", "municipality grant"],
    grant: ["municipality grant"],
    revoke_grant: ["municipality revoke-grant"],
    revoke_grant_of_an_extended_lot: ["municipality revoke-grant"],
    revoke_grant_that_lies_in_two_lots: ["municipality revoke-grant"],
    bonus: ["municipality bonus", "municipality end-bonus"],
    close_year: ["municipality close-year"],
    stop_list: ["municipality stop-list"],
    settle_claims: ["municipality settle-claims"],
    transfer_file: ["municipality transfer-file"],
    mark_sent: ["municipality mark-sent"],
    mark_paid: ["municipality mark-paid"],
    mark_bounced: ["municipality mark-bounced"],
    mark_returned_after_payment: ["municipality mark-bounced"],
    cancel_batch: ["municipality cancel-batch"],
    freeze: ["municipality freeze", "municipality unfreeze"],
    replace: ["municipality replace"],
    inherit: ["municipality inherit"],
    cancel_replacement: ["municipality cancel-replacement"],
    close_and_reopen: ["municipality close-membership", "municipality reopen-membership"],
    extend: ["municipality extend"],
    restore: ["municipality restore"],
    revoke: ["municipality revoke"],
    expiry: ["municipality expiry"],
    transfers: ["municipality transfers"],
    refund_days: ["municipality refund-days"],
    settlement_service: ["municipality settlement-service"],
    exchange_series: ["municipality exchange-series"],
    return_days: ["municipality return-days"],
    departure: ["municipality departure"],
    pause: ["municipality pause", "municipality unpause"],
    register_partners: ["council register-partners"],
    replace_partner_key: ["council replace-partner-key"],
    suspend_partner: ["council suspend-partner", "council resume-partner"],
    new_commitment_key: ["council new-commitment-key"],
    reappoint_admin: ["council reappoint-admin"],
    accept_and_stop_partner: ["municipality accept-partners", "municipality stop-partner"],
    receipts: ["municipality receipts"],
    exchange: ["partner exchange"],
    coupons: ["partner coupon-codes", "partner issue-coupons"],
    new_key: ["municipality new-key", "partner new-key"],
    sweep: ["partner sweep"],
    statement: ["partner statement"],
    approve_and_veto: ["municipality approve", "municipality veto"],
    show: [
        f"{actor} {verb}"
        for actor in ("municipality", "council")
        for verb in ("status", "proposals", "powers")
    ],
}
"""What each scenario runs twice."""

SAME_AS_A_MUNICIPALITY = {"council approve", "council veto"}
TWICE_IN_A_TOWN_OF_ITS_OWN = {"municipality migrate"}
"""Run twice in test_migration_command.py: it takes a successor."""


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_run_twice_does_nothing_the_second_time(town, scenario):
    scenario(town)


def test_every_command_is_run_twice():
    commands = {f"{actor} {verb.name}" for actor, (_, verbs) in ACTORS.items() for verb in verbs}
    tested = {command for commands in SCENARIOS.values() for command in commands}
    assert commands - tested == SAME_AS_A_MUNICIPALITY | TWICE_IN_A_TOWN_OF_ITS_OWN
