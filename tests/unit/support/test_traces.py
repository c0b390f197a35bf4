"""What is searched for personal data: files, links that lead nowhere, and no file that is gone."""

import os

from tests.support.traces import file_traces


def test_file_traces_hold_names_contents_and_where_links_lead(tmp_path):
    (tmp_path / "a").write_text("words")
    (tmp_path / "b").symlink_to("somebody-of-Sapporo")
    assert [trace.content for trace in file_traces([tmp_path])] == [b"a\nwords", b"b\nsomebody-of-Sapporo"]


def test_file_traces_since_a_time_leave_out_what_is_older(tmp_path):
    for name, time in (("old", 10), ("new", 20)):
        (tmp_path / name).write_text("")
        os.utime(tmp_path / name, (time, time))
    assert [trace.place for trace in file_traces([tmp_path], changed_since=20)] == ["new"]


def test_file_that_goes_while_others_are_read_is_no_trace(tmp_path):
    for name in "ab":
        (tmp_path / name).write_text("")
    traces = file_traces([tmp_path])
    assert next(traces).place == "a"
    (tmp_path / "b").unlink()
    assert list(traces) == []
