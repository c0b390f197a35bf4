"""Nothing personal is on the chain, in a file of ours, on the terminal or in a log (I12).

MyKey IDs, a 個人番号 and a name are planted in every input that the product takes. What may be read in is
played through a year on a real chain, and everything that the run leaves behind is searched for every form
in which it could come out (tests.support.planted). What may not is refused with its place, and not repeated.

A search that finds nothing proves nothing by itself: each channel is shown to be searched, by what is public
on purpose and must be found, and by leaks that are planted in the product and on the chain.
"""

import logging
import tempfile
import time
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest
from eth_utils import keccak, to_checksum_address

from scripts import demo, powers
from scripts.lib import records
from scripts.lib.acts import Act
from scripts.lib.calls import View
from scripts.lib.contract_abi import encode_call
from scripts.lib.deployment import MerchantPlan
from scripts.lib.journal import Journal
from scripts.lib.keys.keyring import LocalKeyring
from scripts.lib.mykey import CommitmentKey, MyKeyId, commitment
from scripts.lib.node.local_chain import LocalChain
from scripts.lib.node.rpc import Rpc
from scripts.lib.node.sender import Sender, Transaction
from scripts.lib.paper import paper_hash
from scripts.lib.personal_data import PersonalDataError
from scripts.lib.proceedings import carry_out
from scripts.lib.reasons import Reason
from scripts.lib.registration import RegistrationDomain, sign
from scripts.lib.roles import Role
from scripts.lib.town_year import accounts as town_accounts
from scripts.lib.town_year import registration as town_registration
from scripts.lib.town_year.folder import Resident
from tests.scripts.small_town import (
    CODE,
    EXCHANGE,
    FILES,
    FIRST,
    NEW_CARD,
    OPTIONAL,
    OTHER_SHOP,
    SECOND,
    SERIES_NAME,
    SETTLEMENTS,
    SHOP,
    write_town,
)
from tests.support.planted import Detector, Planted, forms, spellings
from tests.support.traces import Channel, Trace, chain_traces, file_traces, leaks, project_files


def check_digit(eleven):
    """Return the twelfth digit of a 個人番号 (総務省令第85号 第5条)."""
    weighted = sum(
        int(digit) * (place + 1 if place <= 6 else place - 5)
        for place, digit in enumerate(reversed(eleven), start=1)
    )
    return str(11 - weighted % 11 if weighted % 11 > 1 else 0)


MYKEY_IDS = [Planted(f"MyKey ID {n}", text) for n, text in enumerate(["K7Q2M9X4", "8T3W6R1Z", "P5N8V2J6"])]
PERSONAL_NUMBER = Planted("個人番号", "73910264582" + check_digit("73910264582"))
PERSON = Planted("name", "長曾我部瑞穂")
ALL = [*MYKEY_IDS, PERSONAL_NUMBER, PERSON]
DETECTOR = Detector(ALL)

SHOP_NAME = "朝市こまくさ屋"
JOURNAL = "demo"
READ_IN = {
    "residents": [f"{FIRST},{MYKEY_IDS[0].text}", f"{SECOND},{MYKEY_IDS[1].text}"],
    "merchants": [
        f"{SHOP},{SHOP_NAME},高山市上三之町,1,{PERSON.text}の店",
        f"{OTHER_SHOP},湯屋,高山市花岡町,2,公共施設",
    ],
    "grants": [
        f"2026-04-01,{FIRST},1000,{PERSON.text}さんの見守り,",
        f"2026-04-01,{SECOND},500,健康診査,",
        f"2026-06-01,{SECOND},700,{PERSON.text}さんの見守り,never",
    ],
    "office_acts": NEW_CARD,
    "settlements": SETTLEMENTS,
    **EXCHANGE,
    "exchanges": [f"2026-04-20T10:15:00,p-01,{PERSON.text}様,{FIRST},2000,,"],
    "receipts": [f"2026-06-30T15:00:00,p-01,400,{PERSON.text}様分"],
}
"""What is personal and may be read in: for a commitment, or as free words that stay in the office."""


@pytest.fixture(autouse=True)
def isolation():
    """Nothing happens on the chain that the other scenarios share."""


@pytest.fixture(autouse=True)
def books_that_balance():
    """The demo compares its own books."""


class Run(NamedTuple):
    """A run of the demo: its exit code, what it printed, and everything it left."""

    code: int
    printed: str
    traces: list[Trace]


@pytest.fixture
def run(tmp_path, monkeypatch, capfd, caplog):
    """`run(then, **changed_files)` plays a town's year, then `then(demo)`, and gathers what they leave."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    monkeypatch.setenv("TMPDIR", str(temporary))
    caplog.set_level(logging.NOTSET)

    def run(then=lambda _: None, **changed_files):
        data, out = tmp_path / "data", tmp_path / "out"
        write_town(data, **changed_files)
        of_chain = []
        run_demo = demo.Demo.run

        def run_and_search(self):
            code = run_demo(self)
            then(self)
            printed_map = powers.main(
                ["print", "--url", self.rpc.url, "--records", str(out / demo.DEPLOYMENTS)]
            )
            of_chain.extend(chain_traces(self.rpc))
            return code or printed_map

        def with_journal(rpc, keyring, **options):
            journal = Journal(rpc.identity(), JOURNAL, out / "journals")
            return Sender(rpc, keyring, journal=journal, **options)

        monkeypatch.setattr(demo, "Sender", with_journal)
        monkeypatch.setattr(demo.Demo, "run", run_and_search)
        began = time.time()
        code = demo.main(["--data", str(data), "--out", str(out)])
        monkeypatch.setattr(demo.Demo, "run", run_demo)
        printed = "".join(capfd.readouterr())
        logged = caplog.text + "\n".join(repr((record.msg, record.args)) for record in caplog.records)
        return Run(
            code,
            printed,
            [
                *of_chain,
                Trace(Channel.OUTPUT, "", printed.encode()),
                Trace(Channel.LOGGING, "", logged.encode()),
                *file_traces([out, temporary]),
                *project_files(began),
            ],
        )

    return run


def office_work(papers):
    """`then` of a run: commitments are rotated, somebody joins, an account is frozen, all on a paper."""

    def work(playing):
        year, accounts = playing.years[0], playing.accounts[0]
        deployment = records.DeploymentRecords(playing.rpc, playing.out / demo.DEPLOYMENTS)
        officers, registry = deployment["officers"].address, deployment["residents"].address
        code = year.town.municipality.number
        [desk, _], [second, _] = (
            accounts.officers[Role.DESK_OFFICER],
            accounts.officers[Role.SECOND_DESK_OFFICER],
        )
        key = CommitmentKey.create(papers / "commitment-key-2.json", 2)
        new = [commitment(key, code, MyKeyId.read(planted.text)) for planted in MYKEY_IDS]
        views = [View("ResidentRegistry", registry, "commitmentOf", (code, number)) for number in (1, 2)]
        old = [answer[0] for answer in playing.deployer.read(views)]
        card = playing.keyring.key(playing.keyring.account("third resident"))
        joining = sign(RegistrationDomain(playing.keyring.chain_id, registry), code, card, new[2])
        paper = papers / "申出書.txt"
        paper.write_text(f"{PERSON.text} {MYKEY_IDS[0].text} {PERSONAL_NUMBER.text}", encoding="utf-8")
        for contract, address, function, arguments in (
            ("ResidentRegistry", registry, "rotateCommitments", (code, 2, [1, 2], old, new[:2])),
            ("ResidentRegistry", registry, "register", (code, 2, [joining])),
            ("MunicipalPoint", deployment[accounts.label].address, "freeze", (card.address,)),
        ):
            act = Act(
                code,
                contract,
                address,
                function,
                arguments,
                Reason.LOST_CARD,
                desk,
                second,
                paper_hash(paper),
            )
            carry_out(playing.deployer, officers, [act])

    return work


# ------------------------------------------------------------------------------------------------ A CLEAN RUN


def test_what_is_personal_and_read_in_is_nowhere_afterwards(run, tmp_path):
    papers = tmp_path / "papers"
    papers.mkdir()
    played = run(office_work(papers), **READ_IN)
    assert played.code == 0, played.printed
    assert leaks(DETECTOR, played.traces) == []

    # The same search finds what is public on purpose: the shop, the series, the addresses of its contracts.
    public = Detector([Planted("shop", SHOP_NAME), Planted("series", SERIES_NAME)])
    found = {(leak.betrayal.what, leak.channel) for leak in leaks(public, played.traces)}
    assert found >= {
        ("shop", Channel.INPUT),
        ("shop", Channel.LOG),
        ("series", Channel.STORAGE),
        ("series", Channel.STATE),
        ("series", Channel.FILE),
        ("series", Channel.OUTPUT),
    }
    assert {trace.channel for trace in played.traces if trace.content} == set(Channel) - {Channel.LOGGING}
    assert any(leak.place.endswith(f"{JOURNAL}.journal") for leak in leaks(public, played.traces))


def test_failure_of_a_run_repeats_nothing_personal(run):
    """Refused by the rehearsal: the message names the row."""
    beyond = [f"2026-04-10T10:00:00,{FIRST},{SHOP},300", f"2026-06-01T00:00:00,{FIRST},{SHOP},1"]
    played = run(**{**READ_IN, "payments": beyond, "exchanges": [], "receipts": []})
    assert (played.code, "payments.csv line 3" in played.printed) == (1, True)
    assert leaks(DETECTOR, played.traces) == []


# -------------------------------------------------------------------------------------------- LEAKS ARE FOUND


def hash_of_the_id(monkeypatch):
    """Anybody tries all IDs until the hash fits."""
    monkeypatch.setattr(
        town_registration, "commitment", lambda _, code, mykey_id: sha256(mykey_id._secret).digest()
    )


def hmac_under_a_known_key(monkeypatch):
    known = CommitmentKey(1, bytes(32))
    monkeypatch.setattr(
        town_registration, "commitment", lambda _, code, mykey_id: commitment(known, code, mykey_id)
    )


def account_made_of_the_id(monkeypatch):
    account = LocalKeyring.account

    def of_the_id(self, name):
        return self.add(keccak(text=MYKEY_IDS[0].text)) if name.endswith(FIRST) else account(self, name)

    monkeypatch.setattr(LocalKeyring, "account", of_the_id)


def name_beside_the_shops_place(monkeypatch):
    def with_name(address, name, place, category):
        return MerchantPlan(address, name, f"{place} {PERSON.text}", category)

    monkeypatch.setattr(town_accounts, "MerchantPlan", with_name)


def name_in_the_records(monkeypatch):
    monkeypatch.setattr(records, "_commit", lambda: PERSON.text)


def name_in_the_journal(monkeypatch):
    write = Journal.write

    def with_names(self, signed):
        write(self, [msgspec.structs.replace(each, intent=PERSON.text) for each in signed])

    monkeypatch.setattr(Journal, "write", with_names)


def programmes_in_the_summary(monkeypatch):
    summary = demo.series_summary

    def by_programme(audited):
        return summary(audited) | {grant.programme: grant.points for grant in audited.town.year.grants}

    monkeypatch.setattr(demo, "series_summary", by_programme)


def name_on_the_terminal(monkeypatch):
    monkeypatch.setattr(demo, "_shown", lambda path: PERSON.text)


def id_in_a_log_that_nobody_reads(monkeypatch):
    settle = Sender.settle

    def talkative(self):
        logging.getLogger("scripts.lib.node.sender").debug("%s", {"id": MYKEY_IDS[1].text})
        return settle(self)

    monkeypatch.setattr(Sender, "settle", talkative)


def key_left_in_a_temporary_file(monkeypatch):
    sign_ = town_registration.sign

    def forgetful(*arguments):
        Path(tempfile.mkstemp()[1]).write_bytes(MYKEY_IDS[0].text.encode("utf-16-le"))
        return sign_(*arguments)

    monkeypatch.setattr(town_registration, "sign", forgetful)


LEAKY_PRODUCTS = [
    (hash_of_the_id, {Channel.INPUT, Channel.LOG, Channel.STORAGE, Channel.STATE}),
    (hmac_under_a_known_key, {Channel.INPUT, Channel.LOG, Channel.STORAGE, Channel.STATE}),
    (account_made_of_the_id, {Channel.ACCOUNT, Channel.INPUT, Channel.LOG}),
    (name_beside_the_shops_place, {Channel.INPUT, Channel.LOG}),
    (name_in_the_records, {Channel.FILE}),
    (name_in_the_journal, {Channel.FILE}),
    (programmes_in_the_summary, {Channel.FILE}),
    (name_on_the_terminal, {Channel.OUTPUT}),
    (id_in_a_log_that_nobody_reads, {Channel.LOGGING}),
    (key_left_in_a_temporary_file, {Channel.FILE}),
]


@pytest.mark.parametrize(
    ("leak", "channels"), LEAKY_PRODUCTS, ids=[leak.__name__ for leak, _ in LEAKY_PRODUCTS]
)
def test_product_that_leaks_is_found_out(run, monkeypatch, leak, channels):
    leak(monkeypatch)
    played = run(**READ_IN)
    assert {leak.channel for leak in leaks(DETECTOR, played.traces)} >= channels, played.printed


def creation(content, *, store):
    """Return creation code of a contract whose code is, or whose storage holds, some 32 bytes."""
    word = content.rjust(32, b"\0")
    if store == "value":
        return b"\x7f" + word + bytes.fromhex("600055")  # sstore(0, word)
    if store == "slot":
        return bytes.fromhex("60017f") + word + b"\x55"  # sstore(word, 1)
    return bytes.fromhex("6020600c60003960206000f3") + word


PLANTED_ON_CHAIN = {
    "code": (lambda content: (None, creation(content, store="")), Channel.CODE),
    "storage": (lambda content: (None, creation(content, store="value")), Channel.STORAGE),
    "slot": (lambda content: (None, creation(content, store="slot")), Channel.STORAGE),
    "input": (lambda content: (to_checksum_address("0x" + "aa" * 20), content), Channel.INPUT),
    "log": (
        # log1(0, 32, word): the topic is the word
        lambda content: (None, b"\x7f" + content.rjust(32, b"\0") + bytes.fromhex("60206000a1")),
        Channel.LOG,
    ),
}


@pytest.fixture(scope="module")
def planting():
    """`planting(to, data)` sends data on an empty chain and returns all that the chain holds then."""
    with LocalChain.anvil() as chain:
        rpc, keyring = Rpc(chain.url), LocalKeyring(chain, "planting")
        account = keyring.account("somebody")

        def plant(to, data):
            snapshot = rpc.call("evm_snapshot")
            Sender(rpc, keyring).send([Transaction(account, to, data, 200_000, "planted")])
            found = list(chain_traces(rpc))
            rpc.call("evm_revert", snapshot)
            return found

        yield plant
        rpc.close()


FORMS = ("as written in utf-8", "full width in cp932", "sha256 of as written in utf-8")


@pytest.mark.parametrize("place", PLANTED_ON_CHAIN)
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("planted", [MYKEY_IDS[0], PERSONAL_NUMBER], ids=lambda planted: planted.what)
def test_what_is_planted_on_a_chain_is_found_in_its_channel(planting, place, form, planted):
    make, channel = PLANTED_ON_CHAIN[place]
    found = leaks(DETECTOR, planting(*make(dict(forms(planted.text))[form])))
    assert {leak.betrayal.form for leak in found if leak.channel is channel} >= {form}
    assert {leak.betrayal.what for leak in found} == {planted.what}


# ---------------------------------------------------------------------------------------- WHAT IS NOT READ IN

SAMPLE_ACT = f"2026-04-11T09:00:00,freeze,{FIRST},,lost_card"
FREE_WORDS = {"series_name", "name", "place", "category_name", "programme", "reference", "coupon"}
"""Columns of free words: a name there cannot be told from another word."""


OPTIONAL_FILES = {
    f"{name}.csv": [OPTIONAL[name], *rows]
    for name, rows in (EXCHANGE | {"settlements": SETTLEMENTS}).items()
    if name in ("settlements", "exchanges", "coupons", "receipts")
}


def cells_of_each_file():
    for name, (header, *rows) in (FILES | OPTIONAL_FILES).items():
        titles = header.split(",")
        row = rows[0] if rows else SAMPLE_ACT
        for place, title in enumerate([*titles, f"#{len(titles) + 1}"]):
            yield name.removesuffix(".csv"), title, place, row, rows[1:]


CASES = [
    pytest.param(name, title, place, row, rest, planted, id=f"{name} {title} {planted.what}")
    for name, title, place, row, rest in cells_of_each_file()
    for planted in (MYKEY_IDS[2], PERSONAL_NUMBER, PERSON)
    if not (planted is PERSON and title in FREE_WORDS)
    if not (planted is not PERSON and planted is not PERSONAL_NUMBER and title == "mykey_id")
]


@pytest.fixture
def no_chain(monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("a chain was started")

    monkeypatch.setattr(LocalChain, "_start", refuse)


@pytest.mark.parametrize(("name", "title", "place", "row", "rest", "planted"), CASES)
@pytest.mark.usefixtures("no_chain")
def test_cell_is_refused_with_its_place_and_reason_and_not_repeated(
    run, name, title, place, row, rest, planted
):
    cells = row.split(",")
    cells += [""] * (place + 1 - len(cells))
    cells[place] = planted.text
    exchange = EXCHANGE if name in EXCHANGE else {}
    played = run(**exchange | {name: [",".join(cells), *rest]})
    fault = next((line.split() for line in played.printed.splitlines() if f"/{name}.csv" in line), [])
    assert played.code == 1, "it was read in"
    assert fault[:3] == [f"{CODE}-takayama/{name}.csv", "2", title], played.printed
    assert demo.NOTHING_SENT in played.printed
    assert leaks(DETECTOR, played.traces) == []


@pytest.mark.parametrize(
    "spelling", [name for name, _ in spellings(PERSONAL_NUMBER.text)] + ["as a spreadsheet shortens it"]
)
@pytest.mark.usefixtures("no_chain")
def test_personal_number_in_a_shops_place_is_refused_in_every_spelling(run, spelling):
    digits = PERSONAL_NUMBER.text
    ways = dict(spellings(digits)) | {"as a spreadsheet shortens it": f"{digits[0]}.{digits[1:]}E+11"}
    played = run(merchants=[f'{SHOP},朝市,"高山市 {ways[spelling]}",1,食料品', READ_IN["merchants"][1]])
    assert (played.code, "個人番号" in played.printed) == (1, True), played.printed
    assert leaks(DETECTOR, played.traces) == []
    assert digits[-4:] not in played.printed


@pytest.mark.parametrize("planted", [MYKEY_IDS[2], PERSONAL_NUMBER, PERSON], ids=lambda planted: planted.what)
@pytest.mark.parametrize("encoding", ["utf-8", "cp932", "utf-16"])
@pytest.mark.usefixtures("no_chain")
def test_file_that_is_not_what_it_should_be_is_refused_and_not_repeated(
    run, tmp_path, monkeypatch, planted, encoding
):
    """Without titles its first row stands where they should be; a quote is never closed."""
    write = Path.write_text

    def write_other(self, text, **_):
        if self.name == "residents.csv":
            return self.write_bytes(f'{planted.text},{planted.text}\n"{planted.text}\n'.encode(encoding))
        return write(self, text, encoding="utf-8")

    monkeypatch.setattr(Path, "write_text", write_other)
    played = run()
    assert (played.code, "residents.csv" in played.printed) == (1, True), played.printed
    assert leaks(DETECTOR, played.traces) == []


@pytest.mark.parametrize("planted", [MYKEY_IDS[2], PERSONAL_NUMBER, PERSON], ids=lambda planted: planted.what)
@pytest.mark.usefixtures("no_chain")
def test_folder_with_a_personal_name_is_refused_and_not_repeated(tmp_path, capfd, planted):
    write_town(tmp_path / "data")
    (tmp_path / "data" / f"{CODE}-takayama").rename(tmp_path / "data" / planted.text)
    code = demo.main(["--data", str(tmp_path / "data"), "--out", str(tmp_path / "out")])
    printed = "".join(capfd.readouterr())
    assert (code, "folder 1" in printed, "フォルダ名" in printed) == (1, True, True), printed
    assert DETECTOR.find(printed.encode()) == []


@pytest.mark.usefixtures("no_chain")
def test_person_twice_in_a_file_is_refused_and_not_repeated(run):
    twice = [f"{FIRST},{MYKEY_IDS[0].text}", f"{SECOND},{MYKEY_IDS[0].text.lower()}"]
    played = run(residents=twice)
    fault = next(line.split() for line in played.printed.splitlines() if "/residents.csv" in line)
    assert (played.code, fault[1:3]) == (1, ["3", "mykey_id"]), played.printed
    assert leaks(DETECTOR, played.traces) == []


@pytest.mark.parametrize("planted", [MYKEY_IDS[2], PERSONAL_NUMBER], ids=lambda planted: planted.what)
def test_last_gate_lets_nothing_personal_into_a_call(planted):
    """Whatever program asks for it: what it would send is looked at once more."""
    with pytest.raises(PersonalDataError) as refused:
        encode_call(
            "MunicipalPoint", "approveMerchant", ("0x" + "11" * 20, 1, f"喫茶 {planted.text}", "高山市")
        )
    assert DETECTOR.find(str(refused.value).encode()) == []


def test_year_in_a_debugger_or_a_crash_shows_no_mykey_id():
    resident = Resident(2, FIRST, MyKeyId.read(MYKEY_IDS[0].text))
    assert DETECTOR.find(repr(resident).encode()) == []
