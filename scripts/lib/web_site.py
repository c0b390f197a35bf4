"""Publishes the pages that `make web` built for one chain, as a folder of static files.

    publish(book, "http://127.0.0.1:8545", Path("build/web-site"))

By their content security policy the pages reach this folder and one node, whose address is written into every
page when they are published. Whoever publishes them vouches for the contract book beside them.
"""

from __future__ import annotations

import functools
import gzip
import hashlib
import json
import shutil
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

from scripts.lib.contract_book import ContractBook
from scripts.lib.workspace import ROOT

PAGES = ROOT / "web" / "dist"
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
    "Cache-Control": "no-cache",
}
"""What a server sends with each file, beside the policy of `policy_of`."""

_POLICY_BEGIN, _POLICY_END = 'http-equiv="Content-Security-Policy" content="', '"'
_ORIGIN = "__RPC_ORIGIN__"
_PACKED = (".html", ".js", ".css", ".json", ".svg", ".webmanifest")


class SiteError(Exception):
    """The pages cannot be published."""


def publish(
    book: ContractBook, rpc_url: str, folder: Path, pages: Path = PAGES, dataset: Path | None = None
) -> None:
    """Write the site; the folder is replaced.

    Args:
        rpc_url: JSON-RPC of the node that the pages ask.
        dataset: an auditor's (docs/dataset.md), laid beside the pages for the public ledger.

    Raises:
        SiteError: the pages are not built, the address is none, or there is no dataset.
    """
    if not (pages / "index.html").exists():
        raise SiteError("the pages are not built: make web / ページがありません: make web")
    address = urlsplit(rpc_url)
    if address.scheme not in ("http", "https") or not address.netloc or set(rpc_url) & set("\"'; \n"):
        raise SiteError(f"no address of a node / ノードのアドレスではありません: {rpc_url}")
    if dataset is not None and not (dataset / "manifest.jsonl").exists():
        raise SiteError(f"no dataset: auditor fetch / データセットがありません: auditor fetch ({dataset})")
    if folder.exists():
        if not (folder / "site.json").exists():
            raise SiteError(f"{folder} is no site of ours / サイトのフォルダではありません")
        shutil.rmtree(folder)
    shutil.copytree(pages, folder)
    for page in folder.glob("*.html"):
        text = page.read_text(encoding="utf-8")
        page.write_text(text.replace(_ORIGIN, f"{address.scheme}://{address.netloc}"), encoding="utf-8")
    (folder / "site.json").write_text(json.dumps({"rpc": rpc_url}) + "\n", encoding="utf-8")
    book.write(folder / "contracts.json")
    _fill_worker(folder)
    if dataset is not None:  # which no browser keeps: it grows, and is checked by its digests
        shutil.copytree(dataset, folder / "dataset")


def policy_of(folder: Path) -> str:
    """Return the content security policy of a published site, for a server's header."""
    text = (folder / "index.html").read_text(encoding="utf-8")
    policy = text.partition(_POLICY_BEGIN)[2].partition(_POLICY_END)[0]
    return f"{policy}; frame-ancestors 'none'"  # which a page cannot say of itself


def server(folder: Path, port: int = 0, host: str = "127.0.0.1") -> ThreadingHTTPServer:
    """Return a server of a published site, on a free port if `port` is 0 or taken."""
    handler = functools.partial(_Files, directory=str(folder), policy=policy_of(folder))
    try:
        return ThreadingHTTPServer((host, port), handler)
    except OSError:
        return ThreadingHTTPServer((host, 0), handler)


def _fill_worker(folder: Path) -> None:
    """Tell the service worker which files to keep; the version changes with any of them."""
    worker = folder / "sw.js"
    digest = hashlib.sha256()
    files = []
    for file in sorted(folder.rglob("*")):
        if file.is_file() and file != worker:
            files.append(file.relative_to(folder).as_posix())
            digest.update(files[-1].encode() + hashlib.sha256(file.read_bytes()).digest())
    text = worker.read_text(encoding="utf-8")
    text = text.replace("__VERSION__", digest.hexdigest()[:16]).replace("__FILES__", json.dumps(files))
    worker.write_text(text, encoding="utf-8")


class _Files(SimpleHTTPRequestHandler):
    """Serves files with the site's headers, packed where that helps."""

    def __init__(self, *arguments: Any, policy: str, **named: Any) -> None:
        self._policy = policy
        super().__init__(*arguments, **named)

    def send_head(self) -> IO[bytes] | None:  # type: ignore[override]
        file = Path(self.translate_path(self.path))
        file = file / "index.html" if file.is_dir() else file
        if not file.is_file():
            self.send_error(404)
            return None
        content = file.read_bytes()
        is_packed = file.suffix in _PACKED and "gzip" in self.headers.get("Accept-Encoding", "")
        if is_packed:
            content = gzip.compress(content, mtime=0)
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(file)))
        self.send_header("Content-Length", str(len(content)))
        if is_packed:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        self.wfile.write(content) if self.command == "GET" else None
        return None

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", self._policy)
        for name, value in HEADERS.items():
            self.send_header(name, value)
        super().end_headers()

    def log_message(self, *_: Any) -> None:
        """Keep quiet: who asks for what is nobody's business."""


_Files.extensions_map = {**SimpleHTTPRequestHandler.extensions_map, ".js": "text/javascript",
                         ".webmanifest": "application/manifest+json", ".svg": "image/svg+xml"}  # fmt: skip
