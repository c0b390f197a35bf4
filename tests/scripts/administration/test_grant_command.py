"""Lists of grants: what is refused, what is left, and files as offices export them."""

import itertools

import pytest

from scripts.lib.administration.execution import ExitCode
from scripts.lib.japan_calendar import month_from_text, start_of
from scripts.lib.node.sender import Sender
from scripts.lib.node.transactions import WrongChainError
from scripts.lib.roles import Role
from tests.scripts.administration.test_twice import with_second_series
from tests.support.command_town import PROGRAMMES, SYMBOL, connect

HEALTH = ("--programme", "健康診査", "--occurrence", "第1回")
CLASS = ("--programme", "講座")


def rows(town, *lines, name="grants.csv", **more):
    return town.file(name, "利用者番号,ポイント", *lines, **more)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_grant_reads_files_as_offices_export_them(town, encoding, separator):
    lines = ["利用者番号,ポイント,事業,実施回", "１,１０００,健康診査,第1回", "2,500,健康診査,第1回"]
    file = town.file("grants.csv", *(line.replace(",", separator) for line in lines), encoding=encoding)
    assert town.run("grant", file) is ExitCode.DONE, town.said
    assert (town.balance(1), town.balance(2)) == (1000, 500)


def test_grant_reads_english_titles_and_separators_in_numbers(town):
    file = town.file("grants.csv", "number,points,programme,occurrence", '1,"12,000",健康診査,第2回')
    assert town.run("grant", file) is ExitCode.DONE, town.said
    assert town.balance(1) == 12_000


def test_second_list_with_somebody_granted_before_is_refused_by_line(town):
    assert town.run("grant", rows(town, "1,100", "2,100"), *HEALTH) is ExitCode.DONE
    second = rows(town, "2,100", "3,100", name="second.csv")
    height = town.chain.height()
    assert town.run("grant", second, *HEALTH) is ExitCode.REJECTED_INPUT
    assert "別の名簿により「第1回」で付与済み" in town.said and "second.csv" in town.said
    assert town.chain.height() == height
    assert [town.balance(number) for number in (1, 2, 3)] == [100, 100, 0]


def test_row_of_nobody_is_left_with_its_reason_and_granted_once_registered(town):
    file = rows(town, "1,100", "7,100")
    assert town.run("grant", file, *HEALTH) is ExitCode.PARTLY_DONE
    assert "3行目 利用者番号7: 該当する利用者がいない" in town.said
    height = town.chain.height()
    assert town.run("grant", file, *HEALTH) is ExitCode.PARTLY_DONE
    assert town.chain.height() == height, "a row that cannot be granted was tried again"
    assert town.register("more.csv", range(7, 8)) is ExitCode.DONE, town.said
    town.twice("grant", file, *HEALTH)
    assert (town.balance(1), town.balance(7)) == (100, 100)


def test_row_of_a_frozen_account_is_left_and_granted_after_the_freeze(town):
    assert town.run("freeze", "1") is ExitCode.DONE
    file = rows(town, "1,100", "2,100")
    assert town.run("grant", file, *HEALTH) is ExitCode.PARTLY_DONE
    assert "口座が凍結" in town.said
    assert town.run("unfreeze", "1") is ExitCode.DONE
    town.twice("grant", file, *HEALTH)
    assert (town.balance(1), town.balance(2)) == (100, 100)


def test_row_beyond_a_residents_cap_is_left_with_its_reason(town):
    file = town.file("classes.csv", "利用者番号,実施回", "1,4月", "1,5月", "1,6月")
    assert town.run("grant", file, *CLASS) is ExitCode.PARTLY_DONE
    assert "年度内の上限を超えます" in town.said
    assert town.balance(1) == 100


def test_list_beyond_the_budget_is_not_even_proposed(town):
    height = town.chain.height()
    assert town.run("grant", rows(town, "1,1000001"), *HEALTH) is ExitCode.REJECTED_INPUT
    assert "年度予算の残額は1,000,000ポイント、名簿は1,000,001ポイント" in town.said
    assert town.chain.height() == height


def test_list_after_the_programmes_period_is_not_even_proposed(town):
    town.chain.mine_at(start_of(month_from_text("2026-04")))
    assert town.run("grant", rows(town, "1,100"), *HEALTH) is ExitCode.REJECTED_INPUT
    assert "令和8年3月31日23時59分59秒までです" in town.said


def test_names_that_look_like_markup_are_printed_as_they_are(town):
    head = "事業,実施場所,年度予算,内容,年度,実施回,有効期限の規則"
    file = town.file("p.csv", head, "[/red]祭[bold],市[/],1000,説明,2025,[x],当年度末")
    assert town.run("programmes", file) is ExitCode.DONE, town.said
    file = rows(town, "1,100")
    assert town.run("grant", file, "--programme", "[/red]祭[bold]", "--occurrence", "[x]") is ExitCode.DONE
    assert "[/red]祭[bold] [x]" in town.said


@pytest.mark.parametrize("broken", [1, 2, 3])
def test_grant_whose_line_drops_is_finished_by_a_colleague_and_granted_once(town, monkeypatch, broken):
    """The line drops when the list is proposed, approved or run: just after the chain has taken it."""
    file = rows(town, *(f"{number},100" for number in range(1, 7)))
    send, count = Sender.send, itertools.count(1)

    def send_until_it_breaks(sender, transactions, **more):
        receipts = send(sender, transactions, **more)
        if next(count) == broken:
            raise ConnectionResetError("the line dropped")
        return receipts

    with monkeypatch.context() as patched:
        patched.setattr(Sender, "send", send_until_it_breaks)
        assert town.run("grant", file, *HEALTH) is ExitCode.PARTLY_DONE
    assert "済んだ分は繰り返されません" in town.said
    colleague = town.only(*town.connection.accounts)
    colleague.twice("grant", file, *HEALTH)
    assert [town.balance(number) for number in range(1, 7)] == [100] * 6
    assert town.ask("GrantProgrammes", town.address("service GrantProgrammes"), "batchCount") == 1


def test_chain_that_is_another_one_half_way_is_not_told_as_nothing_sent(town, monkeypatch):
    file = rows(town, "1,100")

    def come_back_as_another(_sender):
        raise WrongChainError("the node came back as another chain")

    with monkeypatch.context() as patched:
        patched.setattr(Sender, "settle", come_back_as_another)
        assert town.run("grant", file, *HEALTH) is ExitCode.PARTLY_DONE
    assert "came back as another chain" in town.said
    assert "何も送信していません" not in town.said
    town.connection = connect(town.chain, town.folder)
    town.twice("grant", file, *HEALTH)


def test_plan_of_a_grant_tells_totals_budget_and_expiry(town):
    assert town.run("grant", rows(town, "1,100", "2,150"), *HEALTH, "plan") is ExitCode.DONE
    for words in ("2 / 250", "令和8年3月31日まで", "999,750", "5,000,000"):
        assert words in town.said, words
    assert town.balance(1) == 0


def test_plan_of_a_term_in_months_tells_the_day(town):
    file = town.file("class.csv", "利用者番号", "1")
    assert town.run("grant", file, *CLASS, "--occurrence", "4月", "plan") is ExitCode.DONE
    assert "令和8年3月31日まで" in town.said


def test_grant_of_hundreds_of_rows_runs_in_branches_and_says_how_many(town):
    numbers = range(1, 301)
    file = rows(town, *(f"{number},10" for number in numbers))
    assert town.run("grant", file, *HEALTH) is ExitCode.PARTLY_DONE
    assert "利用者番号26: 該当する利用者がいない" in town.said
    assert "ほか274行: 該当する利用者がいない" in town.said
    assert sum(town.balance(number) for number in range(1, 7)) == 60


def test_list_that_was_stopped_half_way_is_refused_for_those_granted(town):
    file = rows(town, "1,100", "7,100")
    assert town.run("grant", file, *HEALTH) is ExitCode.PARTLY_DONE
    assert town.run("stop-list", "1") is ExitCode.DONE
    assert town.run("grant", file, *HEALTH) is ExitCode.REJECTED_INPUT
    assert "別の名簿により" in town.said


# ---------------------------------------------------------------------- WHAT THE CHAIN HAS, NOT THE FILE


def test_amount_changed_after_the_grant_is_a_fault_and_never_reported_as_granted(town):
    assert town.run("grant", rows(town, "1,500", "2,500", "3,500"), *HEALTH) is ExitCode.DONE
    edited, height = rows(town, "1,500", "2,600", "3,500"), town.chain.height()
    assert town.run("grant", edited, *HEALTH) is ExitCode.REJECTED_INPUT
    assert "500ポイントを付与済みです(名簿1)。ファイルは600ポイントです" in town.said
    assert "チェーンで付与済みは1,500ポイント、ファイルは1,600ポイント" in town.said
    assert "500 points were granted for 第1回 (list 1), the file has 600" in town.said
    faults = [line for line in town.said.splitlines() if "grants.csv" in line]
    assert len(faults) == 2, "rows that are as they were granted are no faults"
    assert town.chain.height() == height and town.balance(2) == 500
    assert "チェーンで済んだ内容との違いが2件" in town.said and "入力ファイルに" not in town.said
    assert "少なすぎる人には、追加の実施回を programmes で開設し" in town.said
    assert "revoke-grant" not in town.said


def test_amounts_that_were_too_high_are_told_to_be_revoked_before_they_are_spent(town):
    assert town.run("grant", rows(town, "1,500", "2,500"), *HEALTH) is ExitCode.DONE
    assert town.run("grant", rows(town, "1,500", "2,400"), *HEALTH) is ExitCode.REJECTED_INPUT
    assert "使われる前に" in town.said and "revoke-grant" in town.said
    assert "少なすぎる人" not in town.said


def test_amounts_that_changed_places_are_no_fault_of_the_sum(town):
    assert town.run("grant", rows(town, "1,500", "2,300"), *HEALTH) is ExitCode.DONE
    assert town.run("grant", rows(town, "1,300", "2,500"), *HEALTH) is ExitCode.REJECTED_INPUT
    assert "チェーンで済んだ内容との違いが2件" in town.said
    assert "チェーンで付与済みは" not in town.said
    assert "少なすぎる人" in town.said and "多すぎる人" in town.said


def test_occurrence_that_is_not_open_names_the_command_that_opens_it(town):
    words = ("--programme", "健康診査", "--occurrence", "第9回")
    assert town.run("grant", rows(town, "1,500"), *words) is ExitCode.REJECTED_INPUT
    assert "新しい実施回は municipality programmes で開設します" in town.said


def test_resident_taken_out_of_the_file_after_the_grant_is_told(town):
    assert town.run("grant", rows(town, "1,500", "2,500"), *HEALTH) is ExitCode.DONE
    height = town.chain.height()
    assert town.run("grant", rows(town, "1,500"), *HEALTH) is ExitCode.REJECTED_INPUT
    assert "利用者番号2は「第1回」で500ポイントを付与済みですが(名簿1)、ファイルにありません" in town.said
    assert "付与すべきでなかった人の分は、使われる前に revoke-grant で取り消します" in town.said
    assert town.chain.height() == height


def test_file_of_two_lists_that_were_granted_is_all_done(town):
    assert town.run("grant", rows(town, "1,500"), *HEALTH) is ExitCode.DONE
    assert town.run("grant", rows(town, "2,300"), *HEALTH) is ExitCode.DONE
    town.twice("grant", rows(town, "1,500", "2,300"), *HEALTH)
    assert "すべて付与済みです" in town.said and "800" in town.said


def test_row_that_another_approved_list_granted_is_told_with_its_amount(town):
    """Both lists are approved before either runs, and both hold resident 2."""
    officers = town.only(town.officer(Role.PROGRAMME_OFFICER))
    first, second = rows(town, "1,100", "2,100"), rows(town, "2,999", "3,100", name="second.csv")
    for file in (first, second):
        assert officers.run("grant", file, *HEALTH, "--another-list") is ExitCode.PARTLY_DONE
    last = town.ask("Officers", town.address("officers"), "proposalCount")
    assert town.run("approve", str(last - 1), str(last)) is ExitCode.DONE, town.said
    town.twice("grant", first, *HEALTH)
    assert town.run("grant", second, *HEALTH) is ExitCode.PARTLY_DONE
    assert "利用者番号2: 別の名簿1により100ポイントを付与済み" in town.said
    assert "次の1行は付与されません" in town.said
    assert [town.balance(number) for number in (1, 2, 3)] == [100, 100, 100]
    assert "1,099" not in town.said.split("チェーンで付与済みのポイント")[-1].splitlines()[0]


def test_faults_of_the_chain_come_together_with_the_files_own(town):
    assert town.run("grant", rows(town, "1,100"), *HEALTH) is ExitCode.DONE
    file = town.file(
        "faulty.csv",
        "利用者番号,ポイント,事業,実施回",
        "1,100,健康診査,第1回",
        "2,1.5,健康診査,第9回",
        "3,100,健康,第1回",
        "999,100,健康診査,第1回",
        "2,51,講座,4月",
    )
    assert town.run("grant", file) is ExitCode.REJECTED_INPUT
    for words in (
        "「第1回」で付与済み",
        "整数ではありません",
        "開設されていない実施回です。開設済み: 第1回、第2回",
        "開設されていない事業です。開設済み: 健康診査、講座",
        "該当する利用者がいない",
        "1回50ポイント",
    ):
        assert words in town.said, words


def test_question_tells_what_will_be_granted_without_the_rows_that_are_skipped(town, monkeypatch):
    asked = []
    monkeypatch.setattr("builtins.input", lambda *_: asked.append(1) or "n")
    height = town.chain.height()
    file = rows(town, "1,100", "7,200", "8,400")
    assert town.run("grant", file, *HEALTH, yes=False) is ExitCode.REJECTED_INPUT
    assert asked and town.chain.height() == height
    assert "次の2行は付与されません" in town.said
    assert "付与されるのは1行、100ポイントです。1件を送信しますか" in town.said
    assert "1 row and 100 points are to be granted. Send 1 transaction? [y/N]" in town.said
    assert "提案と承認を続けて行います" in town.said


def test_named_officer_acts_alone_though_both_keys_are_at_hand(town):
    file = rows(town, "1,100")
    proposer = town.officer(Role.PROGRAMME_OFFICER)
    assert town.run("grant", file, *HEALTH, "--by", proposer) is ExitCode.PARTLY_DONE
    assert "承認待ち" in town.said and town.balance(1) == 0
    town.twice("grant", file, *HEALTH, "--by", town.officer(Role.PROGRAMME_APPROVER))
    assert town.balance(1) == 100


def test_second_run_says_that_all_is_granted(town):
    town.twice("grant", rows(town, "1,100"), *HEALTH)
    assert "すべて付与済みです。何も送信していません。" in town.said
    assert "残り / left" in town.said and "なし none" in town.said


# ------------------------------------------------------------------------- WHICH OF SEVERAL PROGRAMMES


def test_grant_is_for_the_programme_whose_period_it_is_though_the_next_year_s_is_open(town):
    later = [line.replace(",2025,", ",2026,") for line in PROGRAMMES]
    assert town.run("programmes", town.file("programmes.csv", *later)) is ExitCode.DONE, town.said
    assert town.run("grant", rows(town, "1,100"), *HEALTH, "plan") is ExitCode.DONE, town.said
    assert "令和8年3月31日まで" in town.said and "令和9年3月31日" not in town.said


def test_grant_for_a_programme_of_two_series_is_refused_until_one_is_named(town):
    with_second_series(town)
    file = town.file("programmes.csv", *PROGRAMMES)
    assert town.run("programmes", file, "--series", "KODOMO") is ExitCode.DONE, town.said
    assert town.run("grant", rows(town, "1,100"), *HEALTH) is ExitCode.REJECTED_INPUT
    assert "複数の種別にあります。--series で指定" in town.said
    assert town.run("grant", rows(town, "1,100"), *HEALTH, "--series", SYMBOL, "plan") is ExitCode.DONE


# ------------------------------------------------------------------------------- MORE THAN A PAGE HOLDS


def test_rows_granted_before_are_counted_beyond_those_that_are_named(town, monkeypatch):
    monkeypatch.setattr("scripts.lib.administration.grants._SHOWN_NAMES", 1)
    assert town.run("grant", rows(town, "1,100", "2,100", "3,100"), *HEALTH) is ExitCode.DONE
    faulty = rows(town, "1,100", "2,100", "3,100", "4,x")
    assert town.run("grant", faulty, *HEALTH) is ExitCode.REJECTED_INPUT
    assert "ほか2行も「第1回」で付与済みです" in town.said
    assert town.said.count("「第1回」で付与済みです") == 2


def test_residents_left_out_of_the_file_are_counted_beyond_those_that_are_named(town, monkeypatch):
    monkeypatch.setattr("scripts.lib.administration.grants._SHOWN_NAMES", 1)
    assert town.run("grant", rows(town, "1,100", "2,100", "3,100", "4,100"), *HEALTH) is ExitCode.DONE
    assert town.run("grant", rows(town, "1,100"), *HEALTH) is ExitCode.REJECTED_INPUT
    assert "利用者番号2は「第1回」で" in town.said and "利用者番号3" not in town.said
    assert "ほか2人も同じです" in town.said


def test_list_that_was_stopped_after_it_was_granted_is_all_done(town):
    file = rows(town, "1,100", "2,100")
    assert town.run("grant", file, *HEALTH) is ExitCode.DONE
    town.twice("stop-list", "1")
    town.twice("grant", file, *HEALTH)
    assert "すべて付与済みです" in town.said


# ------------------------------------------------------------------------------------------ REVOCATION

REVOKED = "利用者番号,ポイント,実施回"


def test_revocation_of_rows_that_no_grant_fits_is_refused_line_by_line(town):
    head = "利用者番号,ポイント,事業,実施回"
    granted = town.file("g.csv", head, "1,100,健康診査,第1回", "1,200,健康診査,第2回", "2,300,健康診査,第1回")
    assert town.run("grant", granted) is ExitCode.DONE, town.said
    wrong = town.file("w.csv", REVOKED, "1,,", "2,301,", "9,,", "1,,第2回", "2,10,第1回")
    height = town.chain.height()
    assert town.run("revoke-grant", granted, wrong) is ExitCode.REJECTED_INPUT
    for reason in (
        "複数の実施回にあります",
        "付与した300ポイントを超えています",
        "承認済み名簿にありません",
        "3行目と同じ付与です",
    ):
        assert town.said.count(reason) == 1, town.said
    assert "4 faults" in town.said and town.chain.height() == height


def test_revocation_of_what_was_not_granted_yet_is_left(town):
    """The list is approved and cannot run: the series allows too little."""
    assert town.run("allow", "GrantProgrammes", "50") is ExitCode.DONE, town.said
    file = rows(town, "1,100")
    assert town.run("grant", file, *HEALTH) is ExitCode.REFUSED_BY_CHAIN
    wrong = town.file("w.csv", REVOKED, "1,,")
    assert town.run("revoke-grant", file, wrong, *HEALTH) is ExitCode.PARTLY_DONE
    assert "2行目: まだ付与されていません" in town.said


def test_revocation_of_what_is_spent_is_owed_in_full(town):
    file = rows(town, "1,100")
    assert town.run("grant", file, *HEALTH) is ExitCode.DONE
    town.pay(1, town.shop(1), 100)
    town.twice("revoke-grant", file, town.file("w.csv", REVOKED, "1,,"), *HEALTH)
    service = town.address("service GrantProgrammes")
    assert town.ask("GrantProgrammes", service, "revocationOf", 1, 0) == (0, 100)
