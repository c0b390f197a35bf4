"""The demo's chain stays for an auditor to try: with an honest year, or with one fraud planted in it."""

import re
import signal
import subprocess
import sys
import time

import pytest

from scripts import auditor, demo
from scripts.lib.audit.frauds.kinds import FRAUDS
from scripts.lib.node.rpc import CONNECTION_ERRORS, Rpc
from scripts.lib.workspace import ROOT
from tests.scripts.audit.audited_town import GRANTS, PROGRAMMES
from tests.scripts.small_town import EXCHANGE, SETTLEMENTS, write_town

COMMAND = re.compile(r"-m scripts\.auditor (.+)")
PATIENCE_SECONDS = 240


@pytest.fixture
def kept(tmp_path):
    """Runs a demo that keeps its chain; gives its process, once it says what to type, and what it printed."""
    data = write_town(
        tmp_path / "data", grants=GRANTS, programmes=PROGRAMMES, settlements=SETTLEMENTS, **EXCHANGE
    )
    started = []

    def run(*options):
        printed = tmp_path / "printed.txt"
        command = [sys.executable, "-m", "scripts.demo", "--data", data, "--out", tmp_path / "out", *options]
        with printed.open("w", encoding="utf-8") as file:
            process = subprocess.Popen(command, stdout=file, stderr=file, cwd=ROOT)
        started.append(process)
        until = time.monotonic() + PATIENCE_SECONDS
        while len(COMMAND.findall(text := printed.read_text(encoding="utf-8"))) < 3:
            assert process.poll() is None and time.monotonic() < until, text
            time.sleep(0.2)
        return process, text

    yield run
    for process in started:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(60)
        finally:
            process.kill()


def test_kept_chain_is_audited_with_the_commands_it_prints_until_ctrl_c(kept):
    process, printed = kept("--keep")
    tasks = [auditor.main(typed.split()) for typed in COMMAND.findall(printed)]
    assert tasks == [0, 0, 0], printed
    [url] = set(re.findall(r"http://127\.0\.0\.1:\d+", printed))
    rpc = Rpc(url)
    before = int(rpc.call("eth_blockNumber"), 16)
    account = rpc.call("eth_accounts")[0]
    rpc.call("eth_sendTransaction", {"from": account, "to": account, "gasPrice": "0x0"})
    deadline = time.monotonic() + 10
    while int(rpc.call("eth_blockNumber"), 16) == before:
        assert time.monotonic() < deadline, "not mined without being told"
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 0
    with pytest.raises(CONNECTION_ERRORS):
        rpc.call("eth_blockNumber")


def test_planted_fraud_is_found_by_the_commands_and_told_in_a_file_apart(kept, tmp_path, capsys):
    _, printed = kept("--fraud", "service_mints_for_nobody")
    answer = demo.answer_of(tmp_path / "out").read_text(encoding="utf-8")
    [transaction] = re.findall(r"0x[0-9a-f]{64}", answer)
    assert "service_mints_for_nobody" in answer and transaction not in printed
    assert "Nothing found" not in printed and "NOT IN ORDER" not in printed
    verify, report, statements = COMMAND.findall(printed)
    assert auditor.main(verify.split()) == 1 and transaction in capsys.readouterr().out
    assert auditor.main(report.split()) == 1
    assert transaction in (tmp_path / "out" / "audit-report" / "report.html").read_text(encoding="utf-8")
    assert auditor.main(statements.split()) == 1
    papers = [*(tmp_path / "out").glob("audit-statements-*/**/*.csv")]
    assert papers and all(paper.read_text("utf-8-sig").startswith("注意: ") for paper in papers)


def test_help_of_the_demo_names_every_kind_of_fraud(capsys):
    with pytest.raises(SystemExit):
        demo.main(["--help"])
    told = capsys.readouterr().out
    assert "--keep" in told and all(kind in told for kind in FRAUDS)
