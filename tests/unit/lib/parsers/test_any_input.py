"""Whatever stands in a file or a code: a parser says what is there, or refuses it by its own error.

Three things of each: bytes of any kind crash nothing, what was changed never means something else, and what
was written is read back. `make test-parsers` tries thousands of each, `make test` a few.
"""

import json
import os
from dataclasses import replace
from hashlib import sha256
from types import SimpleNamespace

import msgspec
import pyarrow as pa
import pytest
from eth_account import Account
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scripts.lib.administration.plan import Plan, PlanError, PlannedCall, read_plan, write_plan
from scripts.lib.audit.block_seal import BlockSeal
from scripts.lib.audit.dataset import MANIFEST, Contract, Dataset, DatasetError
from scripts.lib.audit.event_tables import tables_by_name
from scripts.lib.code_text import UriError
from scripts.lib.contract_book import BookedSeries, BookError, ContractBook
from scripts.lib.csv_out import as_csv, harmless, unguarded
from scripts.lib.csv_table import Column, matching, read_table, text, whole_number
from scripts.lib.journal import Journal, JournalError, Signed
from scripts.lib.node.rpc import ChainIdentity
from scripts.lib.payment.signing import MAX_PAYMENT_POINTS, CompactSignature, Payment, Sale, SeriesDomain
from scripts.lib.payment.uri import PaymentAnswer, PaymentRequest
from scripts.lib.records import DeploymentRecords, Record, RecordError

EXAMPLES = int(os.environ.get("JICHITAI_FUZZ_EXAMPLES", "25"))
fuzz = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    # Every example writes its own contents into the test's one folder.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

CHAIN = ChainIdentity(31337, "0x" + "ab" * 32)
addresses = st.binary(min_size=20, max_size=20).map(
    lambda key: Account.from_key(sha256(key).digest()).address
)
DEEP = (b"[" * 100_000, b'{"a":' * 100_000)
JUNK = st.one_of(st.binary(max_size=300), st.text(max_size=200).map(str.encode), st.sampled_from(DEEP))


@st.composite
def damaged(draw, whole):
    """`whole` with a few bytes changed, put in, left out, moved or repeated."""
    content = bytearray(whole)
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, max(len(content) - 1, 0)))
        end = draw(st.integers(start, min(len(content), start + 40)))
        instead = draw(st.one_of(st.binary(max_size=4), st.just(bytes(content[start:end]) * 2), JUNK))
        content[start:end] = instead
    return bytes(content)


# ------------------------------------------------------------------------------------------------ QR CODES

signatures = st.binary(min_size=64, max_size=64).map(lambda raw: CompactSignature(raw[:32], raw[32:]))
domains = st.builds(SeriesDomain, st.integers(1, 2**64), addresses)
sales = st.builds(
    Sale, addresses, st.integers(0, 2**32 - 1), st.integers(1, MAX_PAYMENT_POINTS), st.integers(0, 2**35 - 1)
)
requests = st.builds(PaymentRequest, domains, sales, signatures)
answers = st.builds(
    lambda domain, payer, sale, epoch, signature, ends: PaymentAnswer(
        domain, Payment(payer, *sale, epoch), signature, ends
    ),
    *(domains, addresses, sales, st.integers(0, 4095), signatures, st.integers(0, 2**16)),
)


@fuzz
@given(st.one_of(requests, answers))
def test_code_is_read_back_as_it_was_written(code):
    assert type(code).read(code.text) == code


@fuzz
@given(st.data(), st.one_of(requests, answers))
def test_code_that_was_changed_means_what_its_text_says_or_is_refused(data, code):
    changed = data.draw(damaged(code.text.encode())).decode("utf-8", "replace")
    for kind in (PaymentRequest, PaymentAnswer):
        try:
            read = kind.read(changed)
        except UriError:
            continue
        # One text, one meaning: written anew it has the same fields, but for order and the case of addresses.
        assert sorted(read.text.lower().split("?")[1].split("&")) == sorted(
            changed.strip().lower().split("?")[1].split("&")
        )


@fuzz
@given(st.text(max_size=800))
def test_text_of_any_kind_is_no_code(junk):
    for kind in (PaymentRequest, PaymentAnswer):
        for start in ("", "jichitai-points:pay?", "jichitai-points:paid?"):
            with pytest.raises(UriError):
                kind.read(start + junk)


# ----------------------------------------------------------------------------------------------------- CSV

COLUMNS = (
    Column("name", "名称", text),
    Column("points", "ポイント", whole_number(1, 10**9), optional=True),
    Column("date", "日付", matching(r"\d{4}-\d{2}-\d{2}", "2025-04-01"), optional=True),
)
printable = st.text(st.characters(blacklist_categories=("C", "Z")), min_size=1, max_size=30)


@fuzz
@given(st.one_of(JUNK, damaged('名称,ポイント,日付\r\n湯屋,"1,500",2025-04-01\r\n'.encode())))
def test_table_of_any_bytes_is_read_or_refused(tmp_path, content):
    file = tmp_path / "file.csv"
    file.write_bytes(content)
    faults = []
    table = read_table(file, COLUMNS, faults)
    for row in table.good_rows:
        assert set(row.values) <= {"name", "points", "date"}
    assert all(fault.reason.english and fault.reason.japanese for fault in faults)


@fuzz
@given(st.text(max_size=40))
def test_guard_against_formulas_is_taken_off_again_exactly(cell):
    assert unguarded(str(harmless(cell))) == cell


@fuzz
@given(st.lists(printable, min_size=1, max_size=5))
def test_table_is_read_back_as_it_was_written(tmp_path, names):
    file = tmp_path / "file.csv"
    file.write_bytes(as_csv(("name", "points"), [(name, "7") for name in names]))
    faults = []
    rows = read_table(file, COLUMNS, faults).rows
    # What may be somebody's number is refused and not repeated; everything else comes back to the letter.
    read = [row.values["name"] for row in rows if row.is_good]
    assert len(rows) == len(names) and len(read) + len({fault.line for fault in faults}) == len(names)
    assert read == [name for name, row in zip(names, rows, strict=True) if row.is_good]


@fuzz
@given(
    st.text(
        st.one_of(st.characters(whitelist_categories=("Nd", "No", "Nl")), st.sampled_from("0123456789,０９")),
        max_size=6,
    )
)
def test_number_is_what_its_digits_say_one_by_one(cell):
    try:
        read = whole_number(0, 10**9)(cell)
    except ValueError:
        return
    assert [int(sign) for sign in cell.replace(",", "")] == [
        int(sign) for sign in f"{read:0{len(cell.replace(',', ''))}d}"
    ]


@pytest.mark.parametrize("cell", ["10²", "1①", "½", "1⁵00"])
def test_number_with_raised_or_circled_digits_is_refused(cell):
    with pytest.raises(ValueError, match="整数ではありません"):
        whole_number(0, 10**9)(cell)


# ------------------------------------------------------------------------------------------------- JOURNAL

digests = st.binary(min_size=32, max_size=32).map(lambda raw: "0x" + raw.hex())
signed = st.builds(Signed, st.just("row-1"), addresses, st.integers(0, 2**40), digests, st.just("0xf8"))


@fuzz
@given(batches=st.lists(st.lists(signed, max_size=3), max_size=3), data=st.data())
def test_journal_is_read_back_and_a_damaged_one_loses_only_its_end(tmp_path, batches, data):
    (tmp_path / "j").mkdir(exist_ok=True)
    for file in (tmp_path / "j").rglob("*.journal"):
        file.unlink()
    with Journal(CHAIN, "task", tmp_path / "j") as journal:
        for batch in batches:
            journal.write(batch)
        file = journal.file
    with Journal(CHAIN, "task", tmp_path / "j") as journal:
        assert journal.signed == [each for batch in batches for each in batch]
    whole = file.read_bytes()
    file.write_bytes(data.draw(damaged(whole)))
    try:
        with Journal(CHAIN, "task", tmp_path / "j") as journal:
            read = journal.signed
    except JournalError:
        return
    # Whole lines from the start: nothing between was lost, and nothing is there that was not written.
    lines = [[each for batch in batches[:end] for each in batch] for end in range(len(batches) + 1)]
    assert read in lines or file.read_bytes().startswith(whole)


@fuzz
@given(JUNK)
def test_journal_of_any_bytes_is_empty_or_refused(tmp_path, content):
    with Journal(CHAIN, "task", tmp_path) as journal:
        file = journal.file
    file.write_bytes(content)
    try:
        with Journal(CHAIN, "task", tmp_path) as journal:
            assert journal.signed == []
    except JournalError:
        pass
    file.unlink()


# ---------------------------------------------------------------------------------------------------- PLAN

calls = st.builds(
    PlannedCall,
    st.just("MunicipalPoint"),
    addresses,
    addresses,
    digests,
    st.text(max_size=9),
    st.integers(0, 9),
)
plans = st.builds(
    lambda code, words, made_at, planned: Plan(
        "jichitai-points plan 1", *CHAIN, code, words, {}, made_at, "grant", "付与", [], [], planned
    ),
    *(st.integers(0, 999_999), st.lists(st.text(max_size=9), max_size=3), st.integers(0, 2**40)),
    st.lists(calls, max_size=3),
)


@fuzz
@given(plans, st.data())
def test_plan_is_read_back_and_an_altered_one_is_refused(tmp_path, plan, data):
    file = tmp_path / "plan.json"
    write_plan(file, plan)
    assert read_plan(file) == plan
    file.write_bytes(data.draw(st.one_of(damaged(file.read_bytes()), JUNK)))
    try:
        assert read_plan(file) == plan  # blanks, or a spelling of the same
    except PlanError as refused:
        assert refused.reason.english and refused.reason.japanese


# ----------------------------------------------------------------------------------------------- MANIFEST


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dataset")
    written = Dataset(folder)
    written.begin(CHAIN, "0x" + "11" * 20, "0x" + "22" * 20, "0x" + "33" * 20, 0)
    written.add_contract(Contract("0x" + "44" * 20, "MunicipalPoint", "川崎ポイント", 3))
    name, table = next(iter(sorted(tables_by_name().items())))
    written.add_segment(
        0,
        9,
        BlockSeal("0x" + "55" * 32, 1_775_001_600),
        {name: pa.Table.from_pylist([], schema=table.schema)},
    )
    return folder


@fuzz
@given(st.data())
def test_manifest_that_was_changed_is_refused_or_cut_short(dataset, tmp_path, data):
    whole = (dataset / MANIFEST).read_bytes()
    (tmp_path / MANIFEST).write_bytes(data.draw(st.one_of(damaged(whole), JUNK)))
    before = Dataset(dataset)
    try:
        read = Dataset(tmp_path)
        lines = read.lines()
    except DatasetError:
        return
    # A digest holds every line but the last; what the last one says is told by the dataset's own digest.
    assert lines[:-1] == before.lines()[: len(lines) - 1] or not lines
    assert (
        read.digest == before.digest
        or lines != before.lines()
        or read.cut_off
        or (tmp_path / MANIFEST).read_bytes() != whole
    )


@fuzz
@given(st.data())
def test_table_file_that_was_changed_is_noticed(dataset, data):
    read = Dataset(dataset)
    (segment,) = read.segments
    path = read.file(segment, segment.files[0])
    whole = path.read_bytes()
    try:
        path.write_bytes(data.draw(st.one_of(damaged(whole), JUNK)))
        is_same = path.read_bytes() == whole
        assert is_same or list(read.faults())
        try:
            for _name, table in read.tables(segment):
                assert table.schema.equals(tables_by_name()[segment.files[0].table].schema)
        except DatasetError:
            assert not is_same
    finally:
        path.write_bytes(whole)


def test_manifest_that_names_an_unknown_table_is_refused(dataset, tmp_path):
    lines = (dataset / MANIFEST).read_bytes().splitlines()
    segment = json.loads(lines[-1])
    segment["files"][0]["table"] = "../elsewhere"
    (tmp_path / MANIFEST).write_bytes(b"\n".join([*lines[:-1], json.dumps(segment).encode()]) + b"\n")
    with pytest.raises(DatasetError, match="table"):
        Dataset(tmp_path)


# ----------------------------------------------------------------------------------------- DEPLOYMENT RECORDS

NODE = SimpleNamespace(identity=lambda: CHAIN)


def record(label, previous):
    fields = (
        "PointPlatform",
        "0x" + "11" * 20,
        ["1"],
        "0x" + "22" * 32,
        7,
        *CHAIN,
        {"version": "0.8.30"},
        "",
        "0x",
        previous,
    )
    return msgspec.json.encode(Record(label, *fields))


@fuzz
@given(st.data())
def test_records_that_were_changed_are_refused_unless_the_last_line_was_left_out(tmp_path, data):
    first = record("platform", "")
    whole = first + b"\n" + record("officers", sha256(first).hexdigest()) + b"\n"
    file = tmp_path / str(CHAIN.chain_id) / f"{CHAIN.genesis[2:18]}.jsonl"
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(whole)
    assert DeploymentRecords(NODE, tmp_path).labels() == ["platform", "officers"]
    file.write_bytes(data.draw(st.one_of(damaged(whole), JUNK)))
    try:
        records = DeploymentRecords(NODE, tmp_path)
    except RecordError:
        return
    # Each line but the last is held by the next one's digest.
    assert len(records.labels()) < 2 or file.read_bytes().startswith(first + b"\n")


# ------------------------------------------------------------------------------------------ BOOK OF CONTRACTS

SERIES = BookedSeries("0x" + "44" * 20, 141305, "川崎市", "川崎ポイント", "KWP", 3)
BOOK = ContractBook(
    *(31337, "0x" + "ab" * 32, "0x" + "11" * 20, "0x" + "22" * 20, "0x" + "33" * 20),
    {"PaymentBonus": "0x" + "55" * 20},
    (SERIES,),
    {"MunicipalPoint": [{"type": "function", "name": "pay", "inputs": []}]},
)


@fuzz
@given(
    st.builds(
        lambda town, block: replace(BOOK, series=(SERIES._replace(town=town, block=block),)),
        st.text(max_size=20),
        st.integers(0, 2**40),
    )
)
def test_book_is_read_back_as_it_was_written(tmp_path, book):
    book.write(tmp_path / "book.json")
    assert ContractBook.read(tmp_path / "book.json") == book


@fuzz
@given(st.data())
def test_book_of_any_bytes_is_one_of_ours_or_refused(tmp_path, data):
    file = tmp_path / "book.json"
    BOOK.write(file)
    file.write_bytes(data.draw(st.one_of(damaged(file.read_bytes()), JUNK)))
    try:
        book = ContractBook.read(file)
    except BookError as refused:
        assert refused.reason.english and refused.reason.japanese
        return
    book.write(file)
    assert ContractBook.read(file) == book


@pytest.mark.parametrize(
    ("field", "instead"),
    [
        ("chain_id", "31337"),
        ("chain_id", True),
        ("platform", 5),
        ("platform", "0x11"),
        ("genesis", "0x1"),
        ("services", {"PaymentBonus": None}),
        ("services", []),
        ("abis", {"MunicipalPoint": [5]}),
    ],
)
def test_book_with_a_field_of_another_kind_is_refused(tmp_path, field, instead):
    file = tmp_path / "book.json"
    BOOK.write(file)
    file.write_text(json.dumps({**json.loads(file.read_text("utf-8")), field: instead}), "utf-8")
    with pytest.raises(BookError):
        ContractBook.read(file)


def test_book_that_says_a_thing_twice_is_refused(tmp_path):
    file = tmp_path / "book.json"
    BOOK.write(file)
    file.write_text(file.read_text("utf-8").replace("{", '{"chain_id": 1,', 1), "utf-8")
    with pytest.raises(BookError):
        ContractBook.read(file)
