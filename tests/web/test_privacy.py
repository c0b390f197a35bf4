"""What a page keeps and sends: no secret, nothing personal, and nothing but to the site and the node."""

import base64
from urllib.parse import quote, urlsplit

from scripts.lib.resident.purse_keys import PurseKeys
from tests.support.counter_town import CITY, key
from tests.web.conftest import SHOP
from tests.web.support.people import FEW, PASSPHRASE

MYKEY_ID, NAME = "KW7RQ2ZX", "川崎花子"


def spellings(secret: bytes) -> set[str]:
    """Return how bytes may look in a text."""
    return {
        secret.hex(),
        base64.b64encode(secret).decode().rstrip("="),
        base64.urlsafe_b64encode(secret).decode().rstrip("="),
        str(int.from_bytes(secret, "big")),
        ",".join(str(byte) for byte in secret),
    }


def written(text: str) -> set[str]:
    """Return how a text may look in another."""
    return {text, text.lower(), quote(text), ascii(text)[1:-1], *spellings(text.encode())}


def test_pages_keep_and_send_no_secret_and_nothing_personal(
    town, site, shopkeeper, resident, tmp_path, web_town
):
    """Somebody types a MyKey ID and a name wherever a text can be typed."""
    keys = PurseKeys.restore(tmp_path / "again.json", resident.words, PASSPHRASE, FEW)
    picture = shopkeeper.ask(1_200)
    resident.tap("お店のQRコードを読んで支払う")
    resident.page.get_by_text("文字列で受け取る").click()
    for typed in (MYKEY_ID, f"jichitai-points:pay?v=1&name={NAME}"):
        resident.page.get_by_label("コードの文字列").fill(typed)
        resident.tap("この文字列を使う")
        resident.wait_for("支払えません")
    resident.see(picture)
    shopkeeper.read(resident.approve(1_200))
    shopkeeper.wait_for("お支払いが済みました")
    resident.tap("閉じる")
    shopkeeper.tap("設定")
    shopkeeper.page.get_by_label("レジの口座番号").fill(NAME)

    secret = keys._words
    forbidden = {
        "the resident's key": spellings(bytes(resident.key.key)),
        "the shop's key": spellings(bytes(key(SHOP).key)),
        "the words": written(secret) | {" ".join(secret.split()[:3]), ",".join(secret.split()[:3])},
        "the passphrase": written(PASSPHRASE),
        "a MyKey ID": written(MYKEY_ID),
        "a name": written(NAME),
    }
    sent = {
        who: "\n".join(f"{address} {data}" for address, data in person.requests)
        for who, person in (("shop", shopkeeper), ("resident", resident))
    }
    kept = {"shop": shopkeeper.kept(), "resident": resident.kept()}
    for where in (sent, kept):
        for who, text in where.items():
            for what, forms in forbidden.items():
                assert not [form for form in forms if form in text], f"{what} at the {who}"
    # The same search finds what is there: the account that was paid from, and the sale's code.
    assert resident.key.address in kept["resident"] and resident.key.address in kept["shop"]
    assert resident.key.address[2:].lower() in sent["resident"].lower()
    assert keys.account(CITY).address == resident.key.address

    # Nobody else was asked anything.
    hosts = {urlsplit(address).netloc for person in (shopkeeper, resident) for address, _ in person.requests
             if not address.startswith(("data:", "blob:"))}  # fmt: skip
    assert hosts == {urlsplit(site).netloc, urlsplit(web_town.chain.url).netloc}


def test_policy_stops_a_page_that_would_ask_somebody_else(town, person):
    citizen = person()
    page = citizen.open("index.html")
    for attempt in (
        "fetch('http://127.0.0.1:9/')",
        "new Promise((done, fail) => { const s = document.createElement('script'); s.onload = done; "
        "s.onerror = fail; s.src = 'http://127.0.0.1:9/x.js'; document.head.append(s); })",
    ):
        answer = page.evaluate(f"({attempt}).then(() => 'went out', () => 'stopped')")
        assert answer == "stopped"
    assert any("Content Security Policy" in each for each in citizen.complaints)
    assert page.evaluate("document.body.innerHTML += '<img src=x onerror=window.ran=1>'; window.ran") is None
