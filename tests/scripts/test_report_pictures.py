"""`make report-pictures` says what it needs (tests/programs takes pictures)."""

from scripts import report_pictures


def test_machine_without_the_programs_is_told_which_and_how(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert report_pictures.main(["--report", str(tmp_path), "--out", str(tmp_path / "out")]) == 2
    told = capsys.readouterr().err
    assert told.startswith("missing: ['chromium', 'pdftoppm']") and "apt-get install" in told
    assert not (tmp_path / "out").exists()
