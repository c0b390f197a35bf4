"""A partner's file: rows that the chain would refuse stay behind, each with its reason; the others go."""

from dataclasses import replace

from scripts.lib.acts import Act
from scripts.lib.administration.execution import ExitCode
from scripts.lib.exchange.terms import Campaign
from scripts.lib.japan_calendar import month_from_text, start_of
from scripts.lib.proceedings import carry_out, execute_pending
from scripts.lib.reasons import Reason
from scripts.lib.roles import Role
from tests.scripts.administration.test_twice import bank_key, exchanged, with_second_series
from tests.support.command_town import CODE, DAYS, HOURS, SYMBOL, TERMS

HEAD = "団体コード,利用者番号,企業ポイント,管理番号"


def test_exchange_leaves_refused_rows_with_their_reason_and_makes_the_others(town):
    file = town.file(
        "exchanges.csv",
        HEAD,
        f"{CODE},1,2000,SORA-1",
        f"{CODE},2,150,SORA-2",  # no multiple of 100, less than the minimum
        f"{CODE},99,2000,SORA-3",  # nobody
    )
    words = ("exchange", file, *bank_key(town))
    assert town.run(*words, actor="partner") is ExitCode.PARTLY_DONE
    assert "3行目 SORA-2: 交換単位・最低・最高に合いません" in town.said
    assert "4行目 SORA-3: 該当する利用者がいません" in town.said
    height = town.chain.height()
    assert town.run(*words, actor="partner") is ExitCode.PARTLY_DONE
    assert town.chain.height() == height
    exchange = town.address("service PartnerExchange")
    assert town.ask("PartnerExchange", exchange, "ledgerOf", CODE, 1)[0] == 1000


def test_exchange_plan_tells_rate_limits_and_what_may_still_be_owed(town):
    file = town.file("exchanges.csv", HEAD, f"{CODE},1,2000,SORA-1")
    assert town.run("exchange", file, *bank_key(town), "plan", actor="partner") is ExitCode.DONE
    for words in ("1/2", "500,000", "20,000 / 90,000"):
        assert words in town.said, words


def test_exchange_with_a_key_that_is_no_partners_is_rejected(town):
    file = town.file("exchanges.csv", HEAD, f"{CODE},1,2000,SORA-1")
    option = bank_key(town)
    stranger = town.only(town.keyring.account("stranger"))
    assert stranger.run("exchange", file, *option, actor="partner") is ExitCode.REJECTED_INPUT
    assert "協力企業の鍵がありません" in stranger.said


def test_exchange_without_the_key_of_its_references_is_rejected_and_makes_none(town):
    """With a new key each reference would have a new name, and everything be exchanged a second time."""
    file = town.file("exchanges.csv", HEAD, f"{CODE},1,2000,SORA-1")
    key = town.folder / "lost.key"
    assert town.run("exchange", file, "--paper-key", str(key), actor="partner") is ExitCode.REJECTED_INPUT
    assert "最初の1回だけ new-key" in town.said
    assert not key.exists()


def test_receipt_counts_once_however_wide_its_reference_is_typed(town):
    head = "協力企業番号,入金額,銀行の照会番号"
    for number, reference in enumerate(("SORA 0007", "ＳＯＲＡ　０００７")):
        file = town.file(f"receipts-{number}.csv", head, f"1,500,{reference}")
        assert town.run("receipts", file, *bank_key(town)) is ExitCode.DONE, town.said
    exchange = town.address("service PartnerExchange")
    assert town.ask("PartnerExchange", exchange, "ledgerOf", CODE, 1)[5] == 500


def test_partner_whose_terms_were_changed_is_stopped_once(town):
    """What the later terms took the place of does not come back when they end."""
    changed = town.file("terms.csv", TERMS, f"1,{town.partner(1)},1,4,100,12,1000,20000,20000,90000,500000")
    assert town.run("accept-partners", changed) is ExitCode.PARTLY_DONE, town.said
    town.pass_time(48 * HOURS)
    assert town.run("accept-partners", changed) is ExitCode.DONE, town.said
    town.pass_time(1 * HOURS)
    town.twice("stop-partner", "1")


def test_year_of_another_series_has_no_part_in_the_bonus_of_an_exchange(town):
    """Partners' points go into one series of a town; its other series close their years without them."""
    with_second_series(town)
    exchange, officers = town.address("service PartnerExchange"), town.address("officers")
    now = town.chain.now()
    campaign = tuple(Campaign(now, now + 200 * DAYS, 10, 100, 50_000))
    admins = town.officer(Role.ADMIN), town.officer(Role.ADMIN, 2)
    arguments = (CODE, 1, campaign)
    act = Act(CODE, "PartnerExchange", exchange, "openCampaign", arguments, Reason.NEW_PROGRAMME, *admins)
    waiting = carry_out(town.connection.deployer, officers, [act])
    town.pass_time(48 * HOURS)
    execute_pending(town.connection.deployer, officers, waiting)
    exchanged(town)
    town.pass_time(14 * DAYS)
    assert town.run("sweep", actor="partner") is ExitCode.DONE, town.said
    town.chain.mine_at(start_of(month_from_text("2026-06")))
    settlement = town.address("service MerchantSettlement")
    for symbol, told in ((SYMBOL, (0, 2_500, 250)), ("KODOMO", (0, 0, 0))):
        assert town.run("close-year", "2025", "--series", symbol) is ExitCode.DONE, town.said
        series = town.address(f"{CODE}-{symbol}")
        year_end = town.ask("MerchantSettlement", settlement, "yearEndOf", series, month_from_text("2026-03"))
        assert year_end[0][:3] == told


def test_held_points_that_cannot_go_home_are_told_with_the_reason_and_sent_by_anybody_after(town):
    exchanged(town)
    assert town.run("sweep", actor="partner") is ExitCode.DONE, town.said
    assert "14日の待機中" in town.said and "何も送信" not in town.said.split("14日の待機中")[1]
    town.pass_time(14 * DAYS)
    assert town.run("pause", "24") is ExitCode.DONE, town.said
    assert town.run("sweep", actor="partner") is ExitCode.DONE
    assert "2件は留保のまま" in town.said
    assert town.run("unpause") is ExitCode.DONE, town.said
    nobody = replace(town, connection=replace(town.connection, accounts=[], payer=""))
    assert nobody.run("sweep", actor="partner") is ExitCode.REJECTED_INPUT
    assert "--by で送信する口座を指定してください" in nobody.said
    keyless = ("sweep", "--by", town.shop(5))
    assert nobody.run(*keyless, actor="partner") is ExitCode.REJECTED_INPUT
    assert f"{town.shop(5)} の鍵が手元にありません。--keystore ファイル で指定するか" in nobody.said
    assert town.balance(1) == 0
    assert town.run("sweep", actor="partner") is ExitCode.DONE, town.said
    assert town.balance(1) == 1000


def test_statement_without_a_file_is_shown(town):
    exchanged(town)
    before = set(town.folder.iterdir())
    assert town.run("statement", actor="partner") is ExitCode.DONE, town.said
    assert "そら航空" in town.said and "2,500" in town.said
    assert set(town.folder.iterdir()) == before


def test_exchange_plan_tells_the_day_on_which_the_terms_end(town):
    row = f"1,{town.partner(1)},1,2,100,12,1000,20000,20000,90000,500000,2025-12-31"
    terms = town.file("terms.csv", f"{TERMS},終了日", row)
    assert town.run("accept-partners", terms) is ExitCode.PARTLY_DONE, town.said
    town.pass_time(48 * HOURS)
    assert town.run("accept-partners", terms) is ExitCode.DONE, town.said
    file = town.file("exchanges.csv", HEAD, f"{CODE},1,2000,SORA-1")
    assert town.run("exchange", file, *bank_key(town), "plan", actor="partner") is ExitCode.DONE
    assert "交換条件の終了" in town.said and "令和7年12月3" in town.said


def test_exchange_that_the_chain_refuses_half_way_tells_and_records_what_was_sent(town):
    """Each row alone is within the resident's limit of a day, and so are two; all three are not."""
    rows = (f"{CODE},1,20000,SORA-{number}" for number in (1, 2, 3))
    file = town.file("exchanges.csv", HEAD, *rows)
    words = ("exchange", file, *bank_key(town))
    assert town.run(*words, actor="partner") is ExitCode.REFUSED_BY_CHAIN
    assert "1人1日の上限を超えています" in town.said
    assert "何も送信していません" not in town.said
    [told] = [line for line in town.said.splitlines() if line.startswith("送信した取引 / transactions sent")]
    assert told.split()[-1] == "2"
    [log] = town.connection.plans.rglob("sent.jsonl")
    assert len(log.read_text().splitlines()) == 2
    assert town.run(*words, actor="partner") is ExitCode.PARTLY_DONE
    assert "4行目 SORA-3: 1人1日の上限を超えています" in town.said
