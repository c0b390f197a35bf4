"""Two officers grant with their browsers: file, plan, one hash on two screens, the run, what goes wrong."""

import json
import shutil
from urllib.parse import urlsplit

from scripts.lib.administration.execution import ExitCode
from scripts.lib.audit.verify import verify
from scripts.lib.proceedings import ProposalState
from scripts.lib.roles import Role
from scripts.plan import main as plan_command
from tests.support.command_town import MYKEY_IDS
from tests.web.support.ledger import fetched
from tests.web.support.office import PASSPHRASE, RESIDENTS, list_file, points_of
from tests.web.support.people import DUMP
from tests.web.test_privacy import MYKEY_ID, NAME, spellings, written

PROGRAMME, OCCURRENCE = "健康診査", "第1回"
CHOSEN = ("--programme", PROGRAMME, "--occurrence", OCCURRENCE)
NUMBERS = range(1, RESIDENTS + 1)


def open_list(someone, file):
    someone.take(file)
    someone.choose(PROGRAMME, OCCURRENCE)


def propose(someone, file):
    open_list(someone, file)
    someone.send("この名簿を提案する")
    someone.page.get_by_text("もう1人の職員の承認を待っています").wait_for()


def test_two_officers_grant_a_list_over_a_reload_half_way(offices, officer, tmp_path):
    file = list_file(offices, "grants.csv", NUMBERS)
    first = officer(Role.PROGRAMME_OFFICER)
    propose(first, file)
    second = officer(Role.PROGRAMME_APPROVER)
    open_list(second, file)
    assert second.hash() == first.hash()
    second.send("この名簿を承認する")
    second.page.get_by_role("button", name="付与を実行する").wait_for()

    sent = []
    url = offices.chain.url

    def let_the_first_pass(route):
        asked = route.request.post_data_json
        calls = asked if isinstance(asked, list) else [asked]
        if any(call["method"] == "eth_sendRawTransaction" for call in calls):
            sent.append(calls)
            if len(sent) > 1:
                return  # never answered: the page is closed meanwhile
        route.continue_()

    second.person.context.route(f"{url}/**", let_the_first_pass)
    second.send("付与を実行する")
    second.page.get_by_text(f"256 / {RESIDENTS}行").wait_for()
    while len(sent) < 2:
        second.page.wait_for_timeout(20)
    second.person.context.unroute(f"{url}/**")
    second.page.reload()
    second.page.get_by_text(f"途中の名簿があります: grants.csv({RESIDENTS}行)").wait_for()
    second.page.get_by_label("あなたの鍵ファイル").set_input_files(str(second.keystore))
    # The second transaction was signed before the page was closed: it is handed over now, without the key.
    second.page.get_by_text("付与が済みました").wait_for()

    expected = {number: points_of(number) for number in NUMBERS}
    assert {number: offices.balance(number) for number in NUMBERS} == expected
    assert second.person.complaints == [] and first.person.complaints == []
    # The commands find nothing left to do.
    height = offices.chain.height()
    assert offices.run("grant", file, *CHOSEN) is ExitCode.DONE, offices.said
    assert offices.chain.height() == height and "何も送信していません" in offices.said
    # Nor does an auditor find anything.
    verdict = verify(offices.connection.rpc, fetched(offices, tmp_path / "dataset"))
    assert verdict.violations == [] and verdict.books[offices.token].made == sum(expected.values())


def test_lost_line_is_told_and_going_on_grants_nobody_twice(offices, officer):
    file = list_file(offices, "grants.csv", NUMBERS)
    assert (
        offices.only(offices.officer(Role.PROGRAMME_OFFICER)).run("grant", file, *CHOSEN)
        is ExitCode.PARTLY_DONE
    )
    second = officer(Role.PROGRAMME_APPROVER)
    open_list(second, file)
    second.send("この名簿を承認する")
    second.page.get_by_role("button", name="付与を実行する").wait_for()
    lost = []

    def lose_the_answer(route):
        if "eth_sendRawTransaction" in str(route.request.post_data) and not lost:
            lost.append(route.fetch())  # the node has it, and nobody hears so
            route.abort()
        else:
            route.continue_()

    second.person.context.route(f"{offices.chain.url}/**", lose_the_answer)
    second.send("付与を実行する")
    second.page.get_by_role("alert").get_by_text("通信できません").wait_for()
    second.send("付与を実行する")
    second.page.get_by_text("付与が済みました").wait_for()
    assert lost and all(offices.balance(number) == points_of(number) for number in NUMBERS)


def test_page_and_command_write_the_same_plan(offices, officer):
    file = list_file(offices, "grants.csv", range(1, 40))
    someone = officer(Role.PROGRAMME_OFFICER)
    open_list(someone, file)
    in_page = someone.saved("計画ファイルを保存")
    by_command = offices.folder / "plan.json"
    proposer = offices.only(offices.officer(Role.PROGRAMME_OFFICER))
    assert proposer.run("grant", file, *CHOSEN, "--out", str(by_command)) is ExitCode.DONE, offices.said
    assert in_page == json.loads(by_command.read_text())


def test_plan_of_the_page_is_signed_and_relayed_by_the_commands(offices, officer, tmp_path):
    file = list_file(offices, "grants.csv", range(1, 40))
    someone = officer(Role.PROGRAMME_OFFICER)
    open_list(someone, file)
    plan, signed = tmp_path / "plan.json", tmp_path / "signed.json"
    plan.write_text(json.dumps(someone.saved("計画ファイルを保存"), ensure_ascii=False))
    keyring = offices.keyring
    assert plan_command(["sign", str(plan), str(signed), "--yes"], keyring) == 0
    assert plan_command(["relay", str(signed), "--url", offices.chain.url, "--yes"], keyring) == 0
    someone.page.get_by_role("button", name="チェーンに確かめ直す").click()
    someone.page.get_by_text("もう1人の職員の承認を待っています").wait_for()


def test_plan_of_the_command_is_signed_in_the_page_and_relayed(offices, officer, tmp_path):
    file = list_file(offices, "grants.csv", range(1, 40))
    plan, signed = tmp_path / "plan.json", tmp_path / "signed.json"
    proposer = offices.only(offices.officer(Role.PROGRAMME_OFFICER))
    assert proposer.run("grant", file, *CHOSEN, "--out", str(plan)) is ExitCode.DONE
    someone = officer(Role.PROGRAMME_OFFICER)
    someone.take(str(plan))
    signed.write_text(json.dumps(someone.saved("署名して保存"), ensure_ascii=False))
    assert plan_command(["relay", str(signed), "--url", offices.chain.url, "--yes"]) == 0
    assert "承認待ち" in (proposer.run("grant", file, *CHOSEN), proposer.said)[1]


def test_approver_who_opens_the_plan_file_approves_by_its_hash(offices, officer, tmp_path):
    file = list_file(offices, "grants.csv", range(1, 40))
    first = officer(Role.PROGRAMME_OFFICER)
    open_list(first, file)
    plan = tmp_path / "plan.json"
    plan.write_text(json.dumps(first.saved("計画ファイルを保存"), ensure_ascii=False))
    first.send("この名簿を提案する")
    first.page.get_by_text("もう1人の職員の承認を待っています").wait_for()
    second = officer(Role.PROGRAMME_APPROVER)
    second.take(str(plan))
    second.send("この提案を承認する")
    second.page.get_by_text("承認しました").wait_for()
    second.take(file)
    second.choose(PROGRAMME, OCCURRENCE)
    second.send("付与を実行する")
    second.page.get_by_text("付与が済みました").wait_for()
    assert [offices.balance(number) for number in (1, 10, 39, 40)] == [500, 1000, 500, 0]


def test_altered_plan_is_refused_with_both_digests(offices, officer, tmp_path):
    file = list_file(offices, "grants.csv", range(1, 40))
    someone = officer(Role.PROGRAMME_OFFICER)
    open_list(someone, file)
    held = someone.saved("計画ファイルを保存")
    held["plan"]["figures"][0]["value"] = "39 / 1"
    plan = tmp_path / "altered.json"
    plan.write_text(json.dumps(held, ensure_ascii=False))
    someone.take(str(plan))
    refusal = someone.page.get_by_role("alert")
    refusal.wait_for()
    assert "内容が変更されています" in refusal.inner_text() and held["digest"] in refusal.inner_text()


def test_every_bad_row_is_shown_at_once_and_nothing_is_sent(offices, officer):
    lines = ["1,500", "2,x", "３,-5", "4,", "5,500,余り", "1,500", "AB12CD34,5", "1234-5678-9018,5", "6,0"]
    file = offices.file("grants.csv", "利用者番号,ポイント", *lines)
    someone = officer(Role.PROGRAMME_OFFICER)
    height = offices.chain.height()
    open_list(someone, file)
    rows = someone.page.locator(".faults tbody tr")
    rows.first.wait_for()
    shown = [row.split("\t") for row in rows.all_inner_texts()]
    assert offices.run("grant", file, *CHOSEN) is ExitCode.REJECTED_INPUT
    # The command tells each fault in a row of its table, and in Japanese below.
    assert [row[0] for row in shown] == ["3", "4", "5", "6", "7", "8", "9", "10"], shown
    for _, _, reason in shown:
        assert reason in offices.said
    assert offices.chain.height() == height
    content = someone.page.content()
    someone.take(offices.file("grants.csv", "利用者番号,ポイント", "1,500", "2,500"))
    # Mended and opened again, it is still for the same occurrence.
    someone.page.get_by_role("button", name="この名簿を提案する").wait_for()
    assert "AB12CD34" not in content and "1234-5678-9018" not in content


def test_second_list_with_somebody_granted_before_is_refused_by_line(offices, officer):
    assert offices.run("grant", list_file(offices, "first.csv", range(1, 30)), *CHOSEN) is ExitCode.DONE
    someone = officer(Role.PROGRAMME_OFFICER)
    open_list(someone, list_file(offices, "second.csv", range(29, 40)))
    someone.page.get_by_text("別の名簿により「第1回」で付与済みです").wait_for()
    assert someone.page.get_by_role("button", name="この名簿を提案する").count() == 0


def test_amount_changed_after_the_grant_is_a_fault_and_never_shown_as_granted(offices, officer):
    lines = ["1,500", "2,500", "3,500"]
    granted = offices.file("grants.csv", "利用者番号,ポイント", *lines)
    assert offices.run("grant", granted, *CHOSEN) is ExitCode.DONE, offices.said
    someone = officer(Role.PROGRAMME_OFFICER)
    open_list(someone, offices.file("grants.csv", "利用者番号,ポイント", "1,500", "2,600"))
    faults = someone.page.locator(".faults tbody")
    faults.wait_for()
    for words in (
        "500ポイントを付与済みです(名簿1)。ファイルは600ポイントです",
        "チェーンで付与済みは1,000ポイント、ファイルは1,100ポイントです",
        "利用者番号3は「第1回」で500ポイントを付与済みですが(名簿1)、ファイルにありません",
    ):
        assert words in faults.inner_text(), words
        assert offices.run("grant", str(offices.folder / "grants.csv"), *CHOSEN) is ExitCode.REJECTED_INPUT
        assert words in offices.said, words
    assert someone.page.get_by_text("付与が済みました").count() == 0
    # What no other file mends is not told to be mended.
    someone.page.get_by_text(
        "チェーンで付与済みの内容との違いが3件あります。何も送信していません。"
    ).wait_for()
    assert someone.page.get_by_text("ファイルを直して、もう一度開いてください").count() == 0
    someone.page.get_by_text("追加の実施回を programmes で開設し").wait_for()
    someone.page.get_by_text("付与すべきでなかった人の分は").wait_for()


# ------------------------------------------------------------------------------------------ ANOTHER LIST

FIRST = ("利用者番号,ポイント", "1,500", "2,500")
CHANGED = ("利用者番号,ポイント", "1,500", "2,600")


def proposed_by_command(offices, file):
    clerk = offices.only(offices.officer(Role.PROGRAMME_OFFICER))
    assert clerk.run("grant", file, *CHOSEN) is ExitCode.PARTLY_DONE, clerk.said
    return offices.ask("Officers", offices.address("officers"), "proposalCount")


def test_approver_with_another_file_is_told_of_the_list_that_waits(offices, officer):
    number = proposed_by_command(offices, offices.file("first.csv", *FIRST))
    someone = officer(Role.PROGRAMME_APPROVER)
    height = offices.chain.height()
    open_list(someone, offices.file("changed.csv", *CHANGED))
    told = someone.page.get_by_text(f"別の名簿の提案{number}(2行・合計1,000ポイント)が承認待ちです")
    told.wait_for()
    assert "担当と同じファイルか確かめてください" in told.inner_text()
    someone.page.get_by_text(f"提案{number}を取り下げられるのは、提案した職員").wait_for()
    assert someone.page.get_by_text("これを始めるのは事業担当です").count() == 0
    assert "付与される行数・ポイント" not in someone.figures()
    assert someone.page.get_by_role("button", name="別の名簿として追加で提案する").count() == 0
    open_list(someone, str(offices.folder / "first.csv"))
    someone.page.get_by_role("button", name="この名簿を承認する").wait_for()
    assert offices.chain.height() == height


def test_proposer_withdraws_the_list_that_waits_and_proposes_the_changed_one(offices, officer):
    number = proposed_by_command(offices, offices.file("first.csv", *FIRST))
    someone = officer(Role.PROGRAMME_OFFICER)
    open_list(someone, offices.file("changed.csv", *CHANGED))
    someone.page.get_by_text(f"別の名簿の提案{number}").wait_for()
    assert someone.page.get_by_role("button", name="この名簿を提案する", exact=True).count() == 0
    someone.send(f"提案{number}を取り下げる")
    someone.send("この名簿を提案する")
    someone.page.get_by_text("もう1人の職員の承認を待っています").wait_for()
    assert (
        offices.ask("Officers", offices.address("officers"), "proposalOf", number)[1] == ProposalState.VETOED
    )


def test_list_is_proposed_besides_another_only_on_demand_and_with_a_warning(offices, officer):
    number = proposed_by_command(offices, offices.file("first.csv", *FIRST))
    someone = officer(Role.PROGRAMME_OFFICER)
    file = offices.file("more.csv", "利用者番号,ポイント", "3,500")
    open_list(someone, file)
    someone.page.get_by_role("button", name="別の名簿として追加で提案する").click()
    someone.page.get_by_text(f"内容の違う提案{number}が別にあります").wait_for()
    in_page = someone.saved("計画ファイルを保存")
    by_command = offices.folder / "plan.json"
    clerk = offices.only(offices.officer(Role.PROGRAMME_OFFICER))
    words = ("grant", file, *CHOSEN, "--another-list", "--out", str(by_command))
    assert clerk.run(*words) is ExitCode.DONE, clerk.said
    assert in_page == json.loads(by_command.read_text())
    someone.send("この名簿を提案する")
    someone.page.get_by_text("もう1人の職員の承認を待っています").wait_for()


def test_changed_list_is_not_proposed_while_one_is_approved_and_not_run(offices, officer):
    number = proposed_by_command(offices, offices.file("first.csv", *FIRST))
    assert offices.run("approve", str(number)) is ExitCode.DONE, offices.said
    someone = officer(Role.PROGRAMME_OFFICER)
    open_list(someone, offices.file("changed.csv", *CHANGED))
    someone.page.get_by_text(
        "承認済みで未実行の名簿1(2行・合計1,000ポイント、うち付与済み0ポイント)"
    ).wait_for()
    assert someone.page.get_by_role("button", name="この名簿を提案する", exact=True).count() == 0


# ------------------------------------------------------------------------------- WHAT COLLEAGUES DO MEANWHILE


def test_page_notices_by_itself_what_the_other_officer_does(offices, officer):
    """Seconds are the browser's, which the test turns."""
    file = offices.file("first.csv", *FIRST)
    second = officer(Role.PROGRAMME_APPROVER)
    open_list(second, file)
    second.page.get_by_text("これを始めるのは事業担当です").wait_for()
    first = officer(Role.PROGRAMME_OFFICER)
    propose(first, file)
    second.page.clock.run_for(15_500)
    second.page.get_by_role("button", name="この名簿を承認する").wait_for()
    # A passphrase that is half typed stays where it is.
    passphrase = second.page.get_by_label("鍵ファイルのパスフレーズ")
    passphrase.fill("半分")
    clerk = offices.only(offices.officer(Role.PROGRAMME_OFFICER))
    more = offices.file("more.csv", "利用者番号,ポイント", "3,500")
    assert clerk.run("grant", more, *CHOSEN, "--another-list") is ExitCode.PARTLY_DONE, clerk.said
    second.page.clock.run_for(15_500)
    second.page.get_by_text("が別にあります").wait_for()
    assert passphrase.input_value() == "半分"
    second.send("この名簿を承認する")
    second.page.get_by_role("button", name="付与を実行する").wait_for()
    first.page.evaluate("window.dispatchEvent(new Event('focus'))")
    first.page.get_by_role("button", name="付与を実行する").wait_for()
    first.send("付与を実行する")
    first.page.get_by_text("付与が済みました").wait_for()
    second.page.clock.run_for(15_500)
    second.page.get_by_text("付与が済みました").wait_for()


def test_page_that_waits_asks_little_and_shows_nothing_of_it(offices, officer):
    first = officer(Role.PROGRAMME_OFFICER)
    propose(first, offices.file("first.csv", *FIRST))
    # Another office's proposal is none of this list's.
    admin = offices.officer(Role.ADMIN)
    assert offices.run("refund-days", "20", "--by", admin) is ExitCode.PARTLY_DONE, offices.said
    before = len(first.person.requests)
    first.page.clock.run_for(15_500)
    first.page.wait_for_timeout(300)
    asked = len(first.person.requests) - before
    assert 0 < asked <= 4, asked
    assert first.page.get_by_text("チェーンに確かめています").count() == 0


def test_faults_of_the_chain_come_together_with_the_files_own(offices, officer):
    granted = offices.file("first.csv", "利用者番号,ポイント", "1,500")
    assert offices.run("grant", granted, *CHOSEN) is ExitCode.DONE, offices.said
    lines = ["1,500", "2,1.5", f"{RESIDENTS + 7},500", "3,500,第9回"]
    file = offices.file("grants.csv", "利用者番号,ポイント,実施回", *lines)
    someone = officer(Role.PROGRAMME_OFFICER)
    open_list(someone, file)
    rows = someone.page.locator(".faults tbody tr")
    rows.first.wait_for()
    shown = [row.split("\t") for row in rows.all_inner_texts()]
    assert [row[0] for row in shown] == ["2", "3", "4", "5"], shown
    assert offices.run("grant", file, *CHOSEN) is ExitCode.REJECTED_INPUT
    for _, _, reason in shown:
        assert reason in offices.said


def test_page_and_command_write_the_same_plan_of_a_list_with_rows_that_are_skipped(offices, officer):
    file = list_file(offices, "grants.csv", range(RESIDENTS - 5, RESIDENTS + 3))
    someone = officer(Role.PROGRAMME_OFFICER)
    open_list(someone, file)
    someone.page.get_by_text("次の2行は付与されません").first.wait_for()
    points = sum(points_of(number) for number in range(RESIDENTS - 5, RESIDENTS + 1))
    someone.page.get_by_text(f"付与されるのは6行、{points:,}ポイントです。").wait_for()
    in_page = someone.saved("計画ファイルを保存")
    by_command = offices.folder / "plan.json"
    proposer = offices.only(offices.officer(Role.PROGRAMME_OFFICER))
    assert proposer.run("grant", file, *CHOSEN, "--out", str(by_command)) is ExitCode.DONE, offices.said
    assert in_page == json.loads(by_command.read_text())


def test_rows_that_cannot_be_granted_are_named_and_the_others_granted(offices, officer):
    file = list_file(offices, "grants.csv", range(RESIDENTS - 5, RESIDENTS + 3))
    first = officer(Role.PROGRAMME_OFFICER)
    propose(first, file)
    second = officer(Role.PROGRAMME_APPROVER)
    open_list(second, file)
    second.page.get_by_text("該当する利用者がいない").first.wait_for()
    second.send("この名簿を承認する")
    second.send("付与を実行する")
    second.page.get_by_text("いま付与できる行はすべて済みました").wait_for()
    assert offices.balance(RESIDENTS) == points_of(RESIDENTS)


def test_proposer_alone_cannot_approve_and_a_stranger_gets_no_seat(offices, officer, tmp_path):
    file = list_file(offices, "grants.csv", range(1, 40))
    first = officer(Role.PROGRAMME_OFFICER)
    propose(first, file)
    assert first.page.get_by_role("button", name="この名簿を承認する").count() == 0
    stranger = tmp_path / "stranger.json"
    shutil.copy(first.keystore, stranger)
    content = json.loads(stranger.read_text())
    content["address"] = offices.shop(1)[2:].lower()
    stranger.write_text(json.dumps(content))
    first.page.get_by_role("button", name="終わる").click()
    first.page.get_by_label("あなたの鍵ファイル").set_input_files(str(stranger))
    first.page.get_by_text("事業担当でも事業承認者でもありません").wait_for()


def test_page_keeps_and_sends_no_key_no_passphrase_and_nothing_personal(offices, office_site, officer):
    """A file with names, a 個人番号 and MyKey IDs is opened first: it is refused, and nothing of it stays."""
    someone = officer(Role.PROGRAMME_OFFICER)
    personal = [f"1,500,{NAME}", f"2,500,{MYKEY_ID}", "3,500,1234-5678-9018"]
    open_list(someone, offices.file("personal.csv", "利用者番号,ポイント,氏名", *personal))
    someone.page.locator(".faults").wait_for()
    propose(someone, list_file(offices, "grants.csv", range(1, 40)))
    key = offices.keyring.key(offices.officer(Role.PROGRAMME_OFFICER)).key
    forbidden = {
        "the key": spellings(bytes(key)),
        "the passphrase": written(PASSPHRASE),
        "a MyKey ID": written(MYKEY_ID),
        "a name": written(NAME),
        "a 個人番号": {"123456789018", "1234-5678-9018"},
        "MyKey IDs of the town": set(MYKEY_IDS[:RESIDENTS]),
    }
    sent = "\n".join(f"{address} {data}" for address, data in someone.person.requests)
    kept = str(someone.page.evaluate(DUMP))
    for place, text in (("sent", sent), ("kept", kept)):
        for what, forms in forbidden.items():
            assert not [form for form in forms if form in text], f"{what} was {place}"
    # The same search finds what is there.
    assert "grants.csv" in kept and offices.officer(Role.PROGRAMME_OFFICER)[2:].lower() in sent.lower()
    hosts = {urlsplit(address).netloc for address, _ in someone.person.requests if address.startswith("http")}
    assert hosts == {urlsplit(office_site).netloc, urlsplit(offices.chain.url).netloc}
