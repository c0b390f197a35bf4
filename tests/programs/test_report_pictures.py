"""`make report-pictures` photographs a page as a desk, a telephone and a printer show it."""

import shutil

import pytest

from scripts import report_pictures
from scripts.lib.audit.report.write import PAGE

MISSING = [program for program in report_pictures.NEEDED if shutil.which(program) is None]


@pytest.mark.skipif(bool(MISSING), reason=f"missing: {MISSING}")
def test_report_is_pictured_at_a_desk_on_a_telephone_and_on_paper(place, monkeypatch, capsys):
    (place / PAGE).write_text("<meta charset=utf-8><h1>川崎市ポイント</h1>", encoding="utf-8")
    monkeypatch.setattr(report_pictures, "DOCS", place / "docs" / "report.png")
    out = place / "out"
    assert report_pictures.main(["--report", str(place), "--out", str(out), "--docs"]) == 0
    assert width_of(out / "desk.png") == report_pictures.DESK
    assert width_of(out / "telephone.png") == report_pictures.TELEPHONE
    assert width_of(place / "docs" / "report.png") == report_pictures.DESK
    assert (out / "print.pdf").read_bytes().startswith(b"%PDF") and (out / "print-1.png").exists()
    assert capsys.readouterr().out == f"written: {out.resolve()}\n"


def width_of(picture):
    """Pixels, as the header of a PNG says."""
    return int.from_bytes(picture.read_bytes()[16:20], "big")
