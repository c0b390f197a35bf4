"""A shopkeeper and a resident at their pages: they tap, type, and hold up their screens."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

from eth_account import Account

from scripts.lib.durable_log import DurableLog
from tests.web.support.browsing import Person

PASSPHRASE = "みかん川崎2026"
FEW = 2
"""Rounds of the key derivation of keystores that tests make, so that nobody waits."""

CAMERA = """
(() => {
  const canvas = Object.assign(document.createElement('canvas'), { width: 720, height: 720 });
  const context = canvas.getContext('2d');
  let seen;
  window.holdBeforeCamera = async (png) => {
    const picture = new Image();
    picture.src = 'data:image/png;base64,' + png;
    await picture.decode();
    while (!(document.querySelector('video')?.readyState >= 2)) await new Promise(requestAnimationFrame);
    seen = picture;
  };
  setInterval(() => {
    context.fillStyle = '#999';
    context.fillRect(0, 0, 720, 720);
    if (seen) context.drawImage(seen, 40, 40, 640, 640);
  }, 50);
  navigator.mediaDevices.getUserMedia = async () => {
    seen = undefined;
    return canvas.captureStream(20);
  };
})();
"""
"""A camera that sees what a test holds before it; the page's own reader decodes it."""

COUNT_TAPS = """
window.taps = 0;
document.addEventListener('click', (event) => { if (event.isTrusted) window.taps += 1; }, true);
"""

DUMP = """
async () => {
  const found = { local: { ...localStorage }, session: { ...sessionStorage }, databases: {}, caches: [] };
  for (const { name } of await indexedDB.databases()) {
    const database = await new Promise((done) => {
      const asked = indexedDB.open(name);
      asked.onsuccess = () => done(asked.result);
    });
    for (const store of database.objectStoreNames) {
      const all = database.transaction(store).objectStore(store);
      const read = (asked) => new Promise((done) => { asked.onsuccess = () => done(asked.result); });
      found.databases[name + ' ' + store] = [await read(all.getAllKeys()), await read(all.getAll())];
    }
    database.close();
  }
  for (const name of await caches.keys())
    for (const request of await (await caches.open(name)).keys()) found.caches.push(request.url);
  return JSON.stringify(found);
}
"""


class Shopper(Person):
    """Somebody who holds screens up and reads others'."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.context.add_init_script(CAMERA + COUNT_TAPS)

    @property
    def complaints_with_a_line(self) -> list[str]:
        """What the page complained of, but for requests that had no line."""
        return [each for each in self.complaints if "ERR_INTERNET_DISCONNECTED" not in each]

    @property
    def taps(self) -> int:
        """How often this page was tapped since it was opened."""
        return int(self.page.evaluate("window.taps"))

    def tap(self, name: str, exact: bool = False) -> None:
        """Tap a button."""
        self.page.get_by_role("button", name=name, exact=exact).click()

    def shown_code(self) -> bytes:
        """Return a picture of the QR code on the screen."""
        code = self.page.locator(".qr svg")
        code.wait_for()
        return bytes(code.screenshot())

    def shown_text(self) -> str:
        """Return the text of that code."""
        return str(self.page.locator("[data-code]").text_content())

    def see(self, picture: bytes) -> None:
        """Hold a picture before the camera."""
        self.page.locator("video").wait_for()
        self.page.evaluate("(png) => window.holdBeforeCamera(png)", base64.b64encode(picture).decode())

    def wait_for(self, text: str) -> None:
        """Wait until a text is on the screen."""
        self.page.get_by_text(text).first.wait_for(timeout=60_000)

    def saved(self, name: str) -> bytes:
        """Tap a button that saves a file, and return what it saves."""
        with self.page.expect_download() as download:
            self.tap(name)
        return Path(download.value.path()).read_bytes()

    def kept(self) -> str:
        """Return everything that the browser keeps for the site, as text."""
        return str(self.page.evaluate(DUMP))


class Shopkeeper(Shopper):
    """At the counter."""

    def start(self, key: Any, folder: Path) -> None:
        """Bring a key of the Python tools, and find the shop."""
        keystore = folder / "till-key.json"
        keystore.write_text(json.dumps(Account.encrypt(key.key, PASSPHRASE, kdf="scrypt", iterations=FEW)))
        self.open("counter.html")
        self.tap("鍵ファイルを持っている")
        self.page.get_by_label("鍵ファイル(JSON)").set_input_files(keystore)
        self.page.get_by_label("鍵ファイルのパスフレーズ").fill(PASSPHRASE)
        self.tap("この鍵を使う")
        self.tap("登録されたか確かめる")
        self.page.locator("button.main", has_text="川崎市").click()
        self.wait_for("いただくポイント")

    def key_in(self, points: int) -> None:
        """Press the digits."""
        for digit in str(points):
            self.tap(digit, exact=True)

    def ask(self, points: int) -> bytes:
        """Open a sale, and return the picture of its code."""
        self.key_in(points)
        self.tap("お客様にQRコードを見せる")
        return self.shown_code()

    def read(self, picture: bytes) -> None:
        """Read a customer's code."""
        self.tap("お客様のQRコードを読む")
        self.see(picture)

    def records(self) -> list[dict[str, Any]]:
        """Return the records of the queue, from the copy that the page saves."""
        self.tap("設定")
        lines = self.saved("売上記録の控えを保存").decode().splitlines()
        self.tap("売上", exact=True)
        return [json.loads(line) for line in lines]

    def queue_file(self, path: Path) -> Path:
        """Write them as the Python tools keep them."""
        with DurableLog(path) as log:
            for record in self.records():
                log.append(record)
        return path


class Resident(Shopper):
    """With a purse."""

    words: str

    def start(self) -> str:
        """Make a new purse, and return its 24 words."""
        self.open("purse.html")
        self.tap("新しい財布を作る")
        items = self.page.locator(".words li").all_text_contents()
        self.words = " ".join(item.split()[-1] for item in items)
        self.tap("紙に書きました")
        self.page.get_by_label("パスフレーズ", exact=False).first.fill(PASSPHRASE)
        self.page.get_by_label("もう一度入力").fill(PASSPHRASE)
        self.tap("財布を作る")
        self.page.get_by_role("button", name="お店のQRコードを読んで支払う").wait_for(timeout=30_000)
        return self.words

    def learn(self) -> None:
        """Look up the latest points."""
        self.tap("最新の残高を確かめる")
        self.page.get_by_role("button", name="最新の残高を確かめる").wait_for()

    def consider(self, picture: bytes) -> None:
        """Read a shop's code."""
        self.tap("お店のQRコードを読んで支払う")
        self.see(picture)

    def approve(self, points: int) -> bytes:
        """Approve what was read, and return the picture of the answer."""
        field = self.page.get_by_label("パスフレーズ")
        field.click()
        field.fill(PASSPHRASE)
        self.tap(f"{points:,}ポイントを支払う")
        self.page.get_by_text("お店の人に見せてください").wait_for(timeout=30_000)
        return self.shown_code()

    def pay(self, picture: bytes, points: int) -> bytes:
        """Read a shop's code, approve it, and return the picture of the answer."""
        self.consider(picture)
        answer = self.approve(points)
        self.tap("閉じる")
        return answer

    def sign_registration(self) -> None:
        """Sign the town hall's request that was read, and show the answer."""
        self.page.get_by_label("パスフレーズ").fill(PASSPHRASE)
        self.tap("署名する")
        self.page.get_by_text("窓口の人に見せてください").wait_for(timeout=30_000)
