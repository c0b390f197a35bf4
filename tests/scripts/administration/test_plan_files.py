"""Plans in files: altered ones are refused, signed ones relayed, each once."""

import json
import os
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest

from scripts import plan as plan_program
from scripts.lib.administration.execution import ExitCode
from scripts.lib.administration.plan import PlanError, PlanFile, read_plan, write_json, write_plan
from scripts.lib.administration.signing import Relayed, Signed, read_signed, relay, write_signed
from scripts.lib.keys.keyring import Keyring
from scripts.lib.keys.new_keystore import write_keystore
from scripts.lib.node.local_chain import DEVELOPMENT_CHAIN_ID, LocalChain
from scripts.lib.roles import Role
from scripts.plan import main as plan_command
from tests.support.command_town import CODE, GENESIS_TIME

GRANT = ("--programme", "健康診査", "--occurrence", "第1回")


@pytest.fixture
def planned(town):
    """A plan to propose a list, written where no key is."""
    file = town.file("grants.csv", "利用者番号,ポイント", "1,1000", "2,500")
    keyless = town.only()
    out = town.folder / "plan.json"
    officer = town.officer(Role.PROGRAMME_OFFICER)
    assert keyless.run("grant", file, *GRANT, "--by", officer, "--out", str(out)) is ExitCode.DONE, (
        keyless.said
    )
    return out


@pytest.fixture
def offline_key(town):
    """The officer's key alone, on a machine of its own."""
    keyring = Keyring(town.keyring.chain_id)
    keyring.add(town.keyring.key(town.officer(Role.PROGRAMME_OFFICER)).key)
    return keyring


@pytest.fixture
def signed_plan(planned, offline_key, tmp_path):
    """The plan with its officer's signature."""
    signed = tmp_path / "signed.json"
    assert plan_command(["sign", str(planned), str(signed), "--yes"], offline_key) == ExitCode.DONE
    return signed


def altered(file, **changes):
    content = json.loads(file.read_text())
    content["plan"]["calls"][0].update(changes)
    file.write_text(json.dumps(content))
    return content


def test_plan_file_names_chain_command_inputs_and_calls(town, planned):
    plan = read_plan(planned)
    assert plan.identity == town.records.identity
    assert plan.command[:2] == ["municipality", "grant"]
    assert list(plan.inputs) == ["grants.csv"]
    assert [call.contract for call in plan.calls] == ["Officers"]
    assert plan.calls[0].nonce >= 0 and plan.calls[0].gas > 21_000


def test_altered_plan_is_refused_with_both_digests(planned, capsys):
    true_digest = read_plan(planned).digest
    altered(planned, sender="0x" + "22" * 20)
    assert plan_program.main(["show", str(planned)]) == ExitCode.REJECTED_INPUT
    said = capsys.readouterr().out
    assert true_digest in said
    with pytest.raises(PlanError) as refused:
        read_plan(planned)
    told, found = refused.value.reason.english.split("its digest says ")[1].split(", its contents have ")
    assert told == true_digest != found
    assert found in said


def test_plan_of_another_form_is_refused(planned, capsys):
    planned.write_text('{"digest": "00"}')
    assert plan_program.main(["show", str(planned)]) == ExitCode.REJECTED_INPUT
    assert "計画ファイルとして読めません" in capsys.readouterr().out


def test_shown_plan_is_decoded_from_its_data(planned, capsys):
    assert plan_program.main(["show", str(planned)]) == ExitCode.DONE
    said = capsys.readouterr().out
    assert "付与名簿の承認" in said and "令和8年3月31日まで" in said


def test_plan_signed_offline_is_relayed_once(town, planned, offline_key, capsys):
    signed = planned.with_name("signed.json")
    assert plan_program.main(["sign", str(planned), str(signed), "--yes"], offline_key) == ExitCode.DONE
    count = town.ask("Officers", town.address("officers"), "proposalCount")
    for _ in range(2):
        words = ["relay", str(signed), "--yes", "--url", town.chain.url]
        assert plan_program.main(words) == ExitCode.DONE, capsys.readouterr().out
    assert "0 carried out now, 1 had been before" in capsys.readouterr().out
    assert town.ask("Officers", town.address("officers"), "proposalCount") == count + 1
    approver = town.only(town.officer(Role.PROGRAMME_APPROVER))
    file = str(town.folder / "grants.csv")
    assert approver.run("grant", file, *GRANT) is ExitCode.DONE, approver.said
    assert town.balance(1) == 1000


def test_plan_is_not_signed_with_another_officers_key(town, planned, capsys):
    keyring = Keyring(town.keyring.chain_id)
    keyring.add(town.keyring.key(town.officer(Role.PROGRAMME_APPROVER)).key)
    signed = planned.with_name("signed.json")
    words = ["sign", str(planned), str(signed), "--yes"]
    assert plan_program.main(words, keyring) == ExitCode.REJECTED_INPUT
    assert not signed.exists()


def test_signed_plan_whose_call_was_exchanged_is_refused(planned, offline_key):
    """Even if the digests were made to fit: the signature is over the true call."""
    signed_file = planned.with_name("signed.json")
    plan_program.main(["sign", str(planned), str(signed_file), "--yes"], offline_key)
    signed = read_signed(signed_file)
    call = msgspec.structs.replace(signed.plan.calls[0], gas=signed.plan.calls[0].gas + 1)
    plan = msgspec.structs.replace(signed.plan, calls=[call])
    write_signed(signed_file, Signed(plan, signed.transactions))
    with pytest.raises(PlanError, match="signed over something else"):
        read_signed(signed_file)


def test_signed_plan_is_not_relayed_to_another_chain(town, planned, offline_key, capsys):
    signed = planned.with_name("signed.json")
    plan_program.main(["sign", str(planned), str(signed), "--yes"], offline_key)
    with LocalChain.anvil() as other:
        words = ["relay", str(signed), "--yes", "--url", other.url]
        assert plan_program.main(words) == ExitCode.REJECTED_INPUT


def test_relay_of_a_used_nonce_is_refused_by_the_chain(town, planned, offline_key, capsys):
    signed = planned.with_name("signed.json")
    plan_program.main(["sign", str(planned), str(signed), "--yes"], offline_key)
    other = town.file("other.csv", "利用者番号,ポイント", "3,10")
    assert town.run("grant", other, *GRANT) is ExitCode.DONE, town.said
    words = ["relay", str(signed), "--yes", "--url", town.chain.url]
    assert plan_program.main(words) == ExitCode.REFUSED_BY_CHAIN


def test_live_plan_is_recorded_with_its_transactions(town):
    assert town.run("refund-days", "20") is ExitCode.DONE
    identity = town.records.identity
    folder = town.connection.plans / str(identity.chain_id) / identity.genesis[2:18]
    lines = [json.loads(line) for line in (folder / "sent.jsonl").read_text().splitlines()]
    assert len(lines) == 2  # proposed, approved
    for line in lines:
        assert read_plan(folder / f"{line['plan'][:16]}.json").digest == line["plan"]
        receipt = town.connection.rpc.call("eth_getTransactionReceipt", line["hash"])
        assert int(receipt["blockNumber"], 16) == line["block"]


def test_plans_keep_nothing_of_mykey_ids_or_papers(town):
    """Nor their plain digests, from which a few words could be found by trying."""
    file = town.residents_file("more.csv", range(7, 9))
    paper = town.folder / "決裁.pdf"
    paper.write_bytes("山田太郎の件".encode())
    words = ("residents", file, "--commitment-key", town.key_file, "--paper", str(paper))
    assert town.run(*words) is ExitCode.DONE, town.said
    kept = [each.read_text() for each in town.connection.plans.rglob("*") if each.is_file()]
    assert kept
    for text in (*kept, town.said):
        for secret in (
            "RES1D007",
            sha256(Path(file).read_bytes()).hexdigest(),
            sha256(paper.read_bytes()).hexdigest(),
        ):
            assert secret not in text


def test_plan_of_nobody_at_hand_still_shows_what_is_meant(town):
    far = replace(town.only(), connection=replace(town.connection, accounts=[], is_local=False))
    assert far.run("pause", "24", "--by", town.officer(Role.GUARDIAN)) is ExitCode.DONE
    assert "緊急停止" in far.said


def test_plan_for_another_chain_is_refused_before_it_asks(town, signed_plan, capsys, monkeypatch):
    monkeypatch.setattr("builtins.input", lambda *_: pytest.fail("it asked"))
    with LocalChain.anvil(genesis_time=GENESIS_TIME + 1) as other:
        assert plan_command(["relay", str(signed_plan), "--url", other.url]) == ExitCode.REJECTED_INPUT
    said = capsys.readouterr().out
    assert "--network または --url を指定してください" in said and "give --network or --url" in said
    assert "何も送信していません" in said


def test_relaying_to_a_node_that_does_not_answer_is_told_and_sends_nothing(signed_plan, capsys):
    words = ["relay", str(signed_plan), "--url", "http://127.0.0.1:9"]
    assert plan_command(words) == ExitCode.REJECTED_INPUT
    assert "http://127.0.0.1:9 のノードに接続できません" in capsys.readouterr().out


def test_plan_is_signed_only_for_the_chain_that_the_keys_are_for(planned, tmp_path, capsys):
    signed = tmp_path / "signed.json"
    assert plan_command(["sign", str(planned), str(signed), "--yes"], Keyring(1)) == ExitCode.REJECTED_INPUT
    assert "the keys for 1" in capsys.readouterr().out and not signed.exists()


def test_plan_that_was_kept_of_what_was_sent_is_not_signed_again(town, tmp_path, capsys):
    assert town.run("refund-days", "20") is ExitCode.DONE
    kept = next(town.connection.plans.rglob("*.json"))
    words = ["sign", str(kept), str(tmp_path / "signed.json"), "--yes"]
    assert plan_command(words, town.keyring) == ExitCode.REJECTED_INPUT
    assert "署名用の計画ではありません(--out で作成)" in capsys.readouterr().out


def test_plan_of_another_format_is_refused_though_its_digest_fits(planned, tmp_path):
    plan = msgspec.structs.replace(read_plan(planned), format="of a later version")
    write_json(tmp_path / "later.json", PlanFile(plan.digest, plan))
    with pytest.raises(PlanError, match="形式が「"):
        read_plan(tmp_path / "later.json")


def test_no_for_an_answer_neither_signs_nor_relays(
    town, planned, signed_plan, offline_key, tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr("builtins.input", lambda *_: "n")
    unsigned, height = tmp_path / "unsigned.json", town.chain.height()
    assert plan_command(["sign", str(planned), str(unsigned)], offline_key) == ExitCode.REJECTED_INPUT
    assert "署名していません" in capsys.readouterr().out and not unsigned.exists()
    assert plan_command(["relay", str(signed_plan), "--url", town.chain.url]) == ExitCode.REJECTED_INPUT
    assert "何も送信していません" in capsys.readouterr().out
    assert town.chain.height() == height


def test_signed_plan_without_one_of_its_signatures_is_refused(signed_plan):
    signed = read_signed(signed_plan)
    write_signed(signed_plan, Signed(signed.plan, []))
    with pytest.raises(PlanError, match="署名のない取引があります"):
        read_signed(signed_plan)


def test_plan_of_the_local_chain_is_signed_with_its_ready_keys_or_those_that_were_chosen(
    planned, offline_key, tmp_path
):
    """Without a node: whose they are is in the plan."""
    plan = msgspec.structs.replace(read_plan(planned), chain_id=DEVELOPMENT_CHAIN_ID)
    local, key = tmp_path / "local.json", tmp_path / "key.json"
    write_plan(local, plan)
    write_keystore(key, bytes(offline_key.key(plan.calls[0].sender).key), "合言葉2026年", 2)
    signed = []
    for chosen in ((), ("--keystore", str(key))):
        reading, writing = os.pipe()
        os.write(writing, "合言葉2026年".encode())
        os.close(writing)
        out = tmp_path / f"signed-{len(signed)}.json"
        words = ["sign", str(local), str(out), "--yes", *chosen, "--passphrase-fd", str(reading)]
        assert plan_command(words) == ExitCode.DONE
        os.close(reading)
        signed.append(read_signed(out).transactions)
    assert signed[0] == signed[1]


def test_relay_that_the_chain_reverts_says_why(town, signed_plan, capsys):
    """The officer was dismissed after signing."""
    officer = town.officer(Role.PROGRAMME_OFFICER)
    dismissal = town.file("o.csv", "異動,役職,口座", f"解任,事業担当,{officer}")
    assert town.run("officers", dismissal) is ExitCode.DONE, town.said
    words = ["relay", str(signed_plan), "--yes", "--url", town.chain.url]
    assert plan_command(words) == ExitCode.REFUSED_BY_CHAIN
    said = capsys.readouterr().out
    assert "チェーンが拒否しました" in said and f"OfficersMissingRole(municipality={CODE}" in said


def test_relay_to_a_chain_that_stands_still_is_told_and_finished_by_the_next(town, signed_plan):
    rpc, signed = town.connection.rpc, read_signed(signed_plan)
    rpc.call("evm_setAutomine", False)
    try:
        with pytest.raises(TimeoutError, match="1 transactions got no receipt / 未確定の取引があります"):
            relay(rpc, signed, seconds=0.1)
    finally:
        rpc.call("evm_setAutomine", True)
    rpc.call("evm_mine")
    assert relay(rpc, signed) == Relayed(now=0, before=1)
