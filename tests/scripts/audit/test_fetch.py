"""The dataset: what is in it, and what becomes of it when programs, files and chains fail."""

import os
import shutil
import signal
import subprocess
import sys
import time

import pytest

from scripts.lib.audit import fetch as fetching
from scripts.lib.audit.contracts_found import SERIES
from scripts.lib.audit.dataset import MANIFEST, Dataset, DatasetError
from scripts.lib.audit.event_stream import read_dataset
from scripts.lib.audit.fetch import ReorganisedError, fetch
from scripts.lib.audit.frauds.forging import forge, transfer, undone
from scripts.lib.audit.report.event_columns import EventColumns
from scripts.lib.node.event_log import read_events
from scripts.lib.workspace import ROOT


@pytest.fixture
def copy(dataset, tmp_path):
    """The dataset, to be done with as one likes."""
    return shutil.copytree(dataset, tmp_path / "copy")


def events_of(folder):
    return list(read_dataset(Dataset(folder)))


def test_dataset_has_every_event_as_the_node_tells_it(town, dataset):
    addresses = Dataset(dataset).addresses()
    assert events_of(dataset) == list(read_events(town.rpc, addresses))


def test_fetch_finds_every_series_and_service(town, dataset):
    found = {(each.kind, each.address) for each in Dataset(dataset).contracts}
    kinds = {SERIES, "GrantProgrammes", "MerchantSettlement", "PartnerExchange", "PaymentBonus"}
    assert (SERIES, town.token) in found and {kind for kind, _ in found} == kinds


def test_fetch_again_reads_nothing(town, copy):
    before = (copy / MANIFEST).read_bytes()
    assert fetch(town.rpc, town.platform, copy).logs == 0
    assert (copy / MANIFEST).read_bytes() == before


def test_fetch_in_one_run_or_several_gives_the_same_events(town, dataset, tmp_path):
    whole = tmp_path / "whole"
    fetch(town.rpc, town.platform, whole)
    assert len(Dataset(whole).segments) == 1 < len(Dataset(dataset).segments)
    assert events_of(whole) == events_of(dataset)


def test_two_auditors_get_the_same_bytes(town, dataset, tmp_path):
    assert Dataset(town.dataset(tmp_path / "other")).digest == Dataset(dataset).digest


def test_fetch_goes_on_after_the_chain(town, copy):
    with undone(town.rpc):
        sale = town.pay(town.first, town.shop, 9, 5)
        fetched = fetch(town.rpc, town.platform, copy)
        assert fetched.logs == 2 and events_of(copy)[-1].arguments["value"] == 5, sale


def test_segments_end_when_enough_logs_are_held(town, dataset, tmp_path):
    fetch(town.rpc, town.platform, tmp_path / "parts", segment_logs=10)
    segments = Dataset(tmp_path / "parts").segments
    assert [part.first for part in segments[1:]] == [part.last + 1 for part in segments[:-1]]
    assert len(segments) > 2 and events_of(tmp_path / "parts") == events_of(dataset)


def test_series_deployed_before_it_was_registered_is_read_whole(town, dataset, tmp_path):
    """The first run ends between the deployment of the town's series and its registration."""
    registered = next(each for each in Dataset(dataset).contracts if each.address == town.token)
    last = registered.block - 1
    assert any(event.address == town.token and event.block <= last for event in events_of(dataset))
    fetch(town.rpc, town.platform, tmp_path / "late", last=last)
    fetch(town.rpc, town.platform, tmp_path / "late")
    late = Dataset(tmp_path / "late")
    assert [segment.of != [] for segment in late.segments] == [False, True, False]
    assert events_of(tmp_path / "late") == events_of(dataset) and not list(late.faults())
    assert EventColumns(late).digest() == EventColumns(Dataset(dataset)).digest(), "in the chain's order"


def test_replaced_blocks_are_read_anew(town, copy):
    before = events_of(copy)
    with undone(town.rpc):
        with undone(town.rpc):
            town.pay(town.first, town.shop, 10, 5)
            fetch(town.rpc, town.platform, copy)
        town.pay(town.first, town.shop, 11, 6)
        fetched = fetch(town.rpc, town.platform, copy)
        assert fetched.rolled_back > 0
        told = events_of(copy)
        assert told[: len(before)] == before and told[-1].arguments["value"] == 6
        assert not list(Dataset(copy).faults())


def test_series_of_a_replaced_block_is_forgotten(town, dataset, tmp_path):
    folder = tmp_path / "forked"
    registered = next(each for each in Dataset(dataset).contracts if each.address == town.token)
    fetch(town.rpc, town.platform, folder, last=registered.block - 1)
    fetch(town.rpc, town.platform, folder, last=registered.block + 1)
    lines = (folder / MANIFEST).read_bytes()
    hash_of_last = Dataset(folder).segments[-1].last_hash.encode()
    (folder / MANIFEST).write_bytes(lines.replace(hash_of_last, b"0x" + b"0" * 64))
    fetch(town.rpc, town.platform, folder)
    contracts = [each.address for each in Dataset(folder).contracts]
    assert contracts.count(town.token) == 1
    assert events_of(folder) == events_of(dataset) and not list(Dataset(folder).faults())


def test_blocks_replaced_while_they_are_read_are_noticed(town, tmp_path, monkeypatch):
    with undone(town.rpc):
        snapshot = town.rpc.call("evm_snapshot")
        town.pay(town.first, town.shop, 12, 5)
        read_pages = fetching.read_pages

        def reorganised(rpc, addresses, *blocks):
            for page in read_pages(rpc, addresses, *blocks):
                if len(addresses) > 1 and page.last == town.chain.height():
                    rpc.call("evm_revert", snapshot)
                    forge(rpc, [transfer(town.token, town.first, town.shop, 1)], after=99)
                yield page

        monkeypatch.setattr(fetching, "read_pages", reorganised)
        with pytest.raises(ReorganisedError):
            fetch(town.rpc, town.platform, tmp_path / "moving", segment_logs=10**6)


def test_dataset_of_another_platform_is_refused(town, copy):
    lines = (copy / MANIFEST).read_bytes().replace(town.platform.encode(), town.token.encode())
    (copy / MANIFEST).write_bytes(lines.splitlines(keepends=True)[0])
    with pytest.raises(DatasetError, match="another chain or platform"):
        fetch(town.rpc, town.platform, copy)


def test_manifest_with_a_line_taken_out_is_refused(copy):
    lines = (copy / MANIFEST).read_bytes().splitlines(keepends=True)
    (copy / MANIFEST).write_bytes(b"".join(lines[:2] + lines[3:]))
    with pytest.raises(DatasetError, match="line 3 does not follow"):
        Dataset(copy)


def test_line_that_was_cut_off_is_read_again(town, copy, dataset):
    whole = (copy / MANIFEST).read_bytes()
    (copy / MANIFEST).write_bytes(whole[:-20])
    assert [fault for name, fault in Dataset(copy).faults() if name == MANIFEST]
    fetch(town.rpc, town.platform, copy)
    assert events_of(copy) == events_of(dataset) and not list(Dataset(copy).faults())


FETCH = """
import sys
from pathlib import Path
from scripts.lib.audit.fetch import fetch
from scripts.lib.node.rpc import Rpc
fetch(Rpc(sys.argv[1]), sys.argv[2], Path(sys.argv[3]), segment_logs=1, tell=lambda _: print(flush=True))
"""


@pytest.mark.parametrize("after", [0, 1, 2])
def test_killed_fetch_is_resumed_without_a_loss(town, dataset, tmp_path, after):
    """kill -9, wherever it is: during the first page, or between and amid the segments that follow."""
    folder = tmp_path / "killed"
    command = [sys.executable, "-c", FETCH, town.rpc.url, town.platform, str(folder)]
    with subprocess.Popen(command, cwd=ROOT, env={**os.environ}, stdout=subprocess.PIPE) as process:
        for _ in range(after):
            process.stdout.readline()
        time.sleep(0.002 * after)
        process.send_signal(signal.SIGKILL)
    fetch(town.rpc, town.platform, folder)
    assert events_of(folder) == events_of(dataset) and not list(Dataset(folder).faults())
