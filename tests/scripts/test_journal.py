"""The journal keeps what was written, drops what was cut off, and lets one program in at a time."""

import os
import resource
import stat
import subprocess
import sys

import pytest

from scripts.lib.journal import Journal, JournalError, Signed
from scripts.lib.node.rpc import ChainIdentity
from scripts.lib.personal_data import PersonalDataError
from scripts.lib.workspace import ROOT

CHAIN = ChainIdentity(31337, "0x" + "ab" * 32)
TASK = "grant-batch-7"
A, B, C = (Signed(f"line-{n}", "0x" + "11" * 20, n, f"0x{n:064x}", "0xf8") for n in (1, 2, 3))


@pytest.fixture
def opened(tmp_path):
    def opened(identity=CHAIN, task=TASK):
        return Journal(identity, task, tmp_path)

    return opened


def write(opened, *batches):
    with opened() as journal:
        for batch in batches:
            journal.write(batch)
        return journal.file


def read(opened):
    with opened() as journal:
        return journal.signed


def test_what_was_written_is_read_by_the_next(opened):
    write(opened, [A, B])
    write(opened, [C])
    assert read(opened) == [A, B, C]


def test_last_line_that_was_cut_off_anywhere_is_dropped_and_the_rest_kept(opened):
    file = write(opened, [A], [B, C])
    whole = file.read_bytes()
    start = whole.rindex(b"\n", 0, -1) + 1
    for end in range(start, len(whole)):
        file.write_bytes(whole[:end])
        assert read(opened) == [A], end
    assert file.read_bytes() == whole[:start]


def test_last_line_of_which_a_block_never_reached_the_disk_is_dropped(opened):
    file = write(opened, [A], [B])
    whole = file.read_bytes()
    file.write_bytes(whole[:-20] + bytes(10) + whole[-10:])
    assert read(opened) == [A]


def test_journal_is_written_on_after_a_cut(opened):
    file = write(opened, [A], [B])
    file.write_bytes(file.read_bytes()[:-5])
    write(opened, [C])
    assert read(opened) == [A, C]


def test_head_that_was_cut_off_is_written_again(opened):
    file = write(opened)
    file.write_bytes(file.read_bytes()[:11])
    write(opened, [A])
    assert read(opened) == [A]


def test_damage_before_the_last_line_is_refused(opened):
    file = write(opened, [A], [B])
    content = bytearray(file.read_bytes())
    content[content.index(b"line-1")] ^= 1
    file.write_bytes(content)
    with pytest.raises(JournalError, match="line 2 is damaged, and others follow"):
        opened()


def test_journal_that_is_open_elsewhere_is_refused_until_it_is_closed(opened):
    with opened() as journal:
        program = (
            "import sys; from pathlib import Path; from scripts.lib.journal import *; "
            f"Journal({CHAIN!r}, {TASK!r}, Path(sys.argv[1]))"
        )
        folder = journal.file.parents[2]
        program = f"from scripts.lib.node.rpc import ChainIdentity; {program}"
        command = [sys.executable, "-c", program, str(folder)]
        refused = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert "is being run by somebody else right now" in refused.stderr
        with pytest.raises(JournalError, match="別の端末で実行中"):
            opened()
    opened().close()


def test_tasks_and_chains_have_journals_of_their_own(opened):
    write(opened, [A])
    with opened(task="grant-batch-8") as other, opened(ChainIdentity(31337, "0x" + "cd" * 32)) as elsewhere:
        assert other.signed == elsewhere.signed == []


def test_journal_of_another_chain_under_this_ones_name_is_refused(opened):
    similar = ChainIdentity(CHAIN.chain_id, CHAIN.genesis[:-2] + "00")
    write(opened, [A])
    with pytest.raises(JournalError, match="belongs to another task or chain"):
        opened(similar)


def test_file_that_is_no_journal_is_refused(opened):
    file = write(opened)
    file.write_bytes(b"first line\nsecond line\n")
    with pytest.raises(JournalError, match="damaged"):
        opened()


def test_journal_can_be_read_by_its_owner_alone(opened):
    assert stat.S_IMODE(write(opened, [A]).stat().st_mode) == 0o600


def test_full_disk_notes_nothing_and_spoils_nothing(opened):
    """A limit of the file's size is as a disk that fills up in the middle of a line."""
    with opened() as journal:
        journal.write([A])
        full = journal.file.stat().st_size + 40
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (full, before[1]))
        try:
            with pytest.raises(JournalError, match="nothing more was sent"):
                journal.write([B])
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        assert journal.signed == [A]
        journal.write([C])
    assert read(opened) == [A, C]


def test_folder_that_cannot_be_written_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(JournalError, match="cannot be opened"):
        Journal(CHAIN, TASK, tmp_path / "file")


@pytest.mark.parametrize("task", ["", "Grant", "付与", "a b", "../a", "a/b", "-a", "a--b", "a" * 101])
def test_task_of_other_signs_is_refused(opened, task):
    with pytest.raises(ValueError, match="small letters"):
        opened(task=task)


@pytest.mark.parametrize("task", ["grant-k7q2m9x4", "grant-739102645823"])
def test_task_that_may_be_somebodys_number_is_refused(opened, task, tmp_path):
    with pytest.raises(PersonalDataError) as caught:
        opened(task=task)
    assert task.removeprefix("grant-") not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_disk_that_takes_a_part_of_a_line_stops_the_program_and_leaves_no_part(opened, monkeypatch):
    with opened() as journal:
        journal.write([A])
        written = journal.file.read_bytes()
        monkeypatch.setattr(
            os, "write", lambda descriptor, line: os.pwrite(descriptor, line[:3], 10**6) and 3
        )
        with pytest.raises(JournalError, match=r"cannot be written \(only a part was written\).*make room"):
            journal.write([B])
        assert journal.file.read_bytes() == written
    monkeypatch.undo()
    assert read(opened) == [A]
