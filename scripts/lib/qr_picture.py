"""A text as QR code: a PNG file, or in the terminal."""

from __future__ import annotations

import io
from pathlib import Path

import segno

SCALE = 6
"""Points of the picture for each module of the code."""


def write_png(text: str, path: Path) -> None:
    """Write a text as a PNG picture."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(as_png(text))


def as_png(text: str) -> bytes:
    """Return a text as a PNG picture."""
    picture = io.BytesIO()
    _code(text).save(picture, kind="png", scale=SCALE)
    return picture.getvalue()


def as_terminal(text: str) -> str:
    """Return a text as a QR code of half blocks, to be printed."""
    page = io.StringIO()
    _code(text).terminal(page, compact=True)
    return page.getvalue()


def _code(text: str) -> segno.QRCode:
    # L: a screen is not dirty paper, and a smaller code is read from further away.
    return segno.make(text, error="l", micro=False, boost_error=True)
