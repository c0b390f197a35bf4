"""Takes pictures of a report, as a telephone, a desk and a printer show it: `make report-pictures`.

    python -m scripts.report_pictures [--report build/demo/report] [--out build/report-pictures] [--docs]

Needs Debian's chromium, fonts-noto-cjk and poppler-utils (apt-get install -y chromium fonts-noto-cjk
poppler-utils); nothing else of ours needs them. With --docs the picture of docs/pictures is renewed.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from scripts.lib.audit.report.write import PAGE
from scripts.lib.workspace import BUILD, ROOT

REPORT = BUILD / "demo" / "report"
OUT = BUILD / "report-pictures"
DOCS = ROOT / "docs" / "pictures" / "report.png"
NEEDED = ("chromium", "pdftoppm")
DESK, TELEPHONE = 1_280, 390
DESK_HEIGHT, TELEPHONE_HEIGHT, TOP_HEIGHT = 9_000, 6_000, 1_330
"""The whole page at a desk; what one reads of it on a telephone; the top for the documentation."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Take the pictures; return the exit code."""
    parser = argparse.ArgumentParser(prog="make report-pictures", description=__doc__.splitlines()[0])
    parser.add_argument("--report", type=Path, default=REPORT)
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--docs", action="store_true", help=f"also renew {DOCS.relative_to(ROOT)}")
    options = parser.parse_args(arguments)
    missing = [program for program in NEEDED if shutil.which(program) is None]
    if missing or not (options.report / PAGE).exists():
        print(f"missing: {missing or options.report / PAGE}\n{__doc__}", file=sys.stderr)
        return 2
    page, out = (options.report / PAGE).resolve(), options.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    _picture(page, out / "desk.png", DESK, DESK_HEIGHT)
    with tempfile.TemporaryDirectory() as place:
        # A browser's window has a least width that is more than a telephone's; a frame has none.
        frame = Path(place) / "telephone.html"
        style = f"border:0;width:{TELEPHONE}px;height:{TELEPHONE_HEIGHT}px"
        frame.write_text(f'<body style="margin:0"><iframe src="{page.as_uri()}" style="{style}"></iframe>')
        _picture(frame, out / "telephone.png", TELEPHONE, TELEPHONE_HEIGHT)
    _chromium("--no-pdf-header-footer", f"--print-to-pdf={out / 'print.pdf'}", page.as_uri())
    subprocess.run(["pdftoppm", "-r", "80", "-png", out / "print.pdf", out / "print"], check=True)
    if options.docs:
        DOCS.parent.mkdir(exist_ok=True)
        _picture(page, DOCS, DESK, TOP_HEIGHT)
    print(f"written: {out}")
    return 0


def _picture(page: Path, file: Path, width: int, height: int) -> None:
    _chromium(f"--window-size={width},{height}", f"--screenshot={file}", page.as_uri())


def _chromium(*arguments: str) -> None:
    command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", *arguments]
    subprocess.run(command, check=True, capture_output=True)


if __name__ == "__main__":
    sys.exit(main())
