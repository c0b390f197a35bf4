"""A browser for the tests of the pages: the system's Chromium, and what a page sent, kept and said."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from scripts.lib.contract_book import ContractBook
from scripts.lib.web_site import publish, server

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
MISSING = "no Chromium is installed: apt-get install chromium fonts-noto-cjk"
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 800}


def chromium() -> str | None:
    """Return where the system's Chromium is; None if there is none."""
    return next((found for name in CHROMIUM if (found := shutil.which(name))), None)


@contextmanager
def served(book: ContractBook, url: str, folder: Path, dataset: Path | None = None) -> Iterator[str]:
    """Publish the pages for a chain and serve them for the length of a `with` block; give their address."""
    publish(book, url, folder, dataset=dataset)
    serving = server(folder)
    threading.Thread(target=serving.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{serving.server_port}"
    finally:
        serving.shutdown()
        serving.server_close()


class Person:
    """Somebody with a browser of their own: a context with its own storage.

    Attributes:
        page: what they look at.
        complaints: errors of the page and its console.
        requests: every address that was asked, with what was sent.
    """

    def __init__(self, browser: Any, site: str, now: int, viewport: dict[str, int] = PHONE) -> None:
        self.site = site
        self.context = browser.new_context(
            viewport=viewport, locale="ja-JP", timezone_id="Asia/Tokyo", accept_downloads=True,
            device_scale_factor=2 if viewport is PHONE else 1,
        )  # fmt: skip
        self.context.clock.install(time=now)
        self.complaints: list[str] = []
        self.requests: list[tuple[str, str]] = []
        self.context.on("request", lambda sent: self.requests.append((sent.url, sent.post_data or "")))
        self.page = self._watched(self.context.new_page())

    def open(self, page: str) -> Any:
        """Open one of the site's pages."""
        self.page.goto(f"{self.site}/{page}")
        return self.page

    def close(self) -> None:
        """Close the browser's window."""
        self.context.close()

    def _watched(self, page: Any) -> Any:
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        return page
