"""Logs become columns, exactly; what does not fit is kept as it is."""

import pytest
from eth_abi import encode

from scripts.lib.audit import event_tables as event_tables_module
from scripts.lib.audit.event_tables import UNREADABLE, event_tables, tables_by_name
from scripts.lib.audit.log_columns import LogColumns, RawLog
from scripts.lib.node.event_log import CONTRACTS

CONTRACT, TRANSACTION = "0x" + "c0" * 20, "0x" + "7a" * 32
ALICE, BOB = "0x" + "a1" * 20, "0x" + "b0" * 20
BLOCK, TIME = "0x1f", 1_775_000_000


def raw(topics, data, index=3):
    texts = tuple("0x" + topic.hex() for topic in topics)
    return RawLog(CONTRACT, texts, "0x" + data.hex(), BLOCK, hex(index), TRANSACTION)


def log(table, *values, index=3):
    """A log of an event, with its arguments in the order of the log: topics first."""
    described = tables_by_name()[table]
    topics = [encode([each.kind], [value]) for each, value in zip(described.in_topics, values, strict=False)]
    data = encode([each.kind for each in described.in_data], values[len(topics) :])
    return raw([described.topic, *topics], data, index)


def read(*logs):
    columns = LogColumns()
    columns.add(logs, {BLOCK: TIME})
    return {name: table.to_pylist() for name, table in columns.tables().items()}


def transfer(points=5, index=3):
    return log("MunicipalPoint.Transfer", ALICE, BOB, points, index=index)


def test_log_becomes_a_row_with_its_place():
    [row] = read(transfer())["MunicipalPoint.Transfer"]
    assert row == {
        "block": 0x1F,
        "log_index": 3,
        "time": TIME,
        "transaction": bytes.fromhex(TRANSACTION[2:]),
        "contract": bytes.fromhex(CONTRACT[2:]),
        "from": bytes.fromhex(ALICE[2:]),
        "to": bytes.fromhex(BOB[2:]),
        "value": 5,
    }


@pytest.mark.parametrize("points", [0, 1, 2**53 + 1, 2**63 - 1])
def test_amounts_are_exact(points):
    assert read(transfer(points))["MunicipalPoint.Transfer"][0]["value"] == points


def test_word_that_uses_all_bits_is_kept_whole():
    word = 2**256 - 3
    [row] = read(log("MunicipalPoint.SalePaid", ALICE, word))["MunicipalPoint.SalePaid"]
    assert int.from_bytes(row["payment"], "big") == word


def test_struct_with_texts_becomes_columns():
    terms = (ALICE, "健康診査", "高山市内", 1, 2, 30, 700, 4, 1535, b"h" * 32)
    [row] = read(log("GrantProgrammes.ProgrammeOpened", 212032, 7, terms))["GrantProgrammes.ProgrammeOpened"]
    told = (row["terms_series"], row["terms_name"], row["terms_expiryMonths"], row["terms_contentsHash"])
    assert told == (bytes.fromhex(ALICE[2:]), "健康診査", 1535, b"h" * 32)


def test_list_within_a_struct_is_a_list():
    terms = ("初夏", 9000, 9007, 1, 5, 500, 1000, 6500, 332, [1, 2])
    opened = log("PaymentBonus.CampaignOpened", 212032, 7, ALICE, terms)
    [row] = read(opened)["PaymentBonus.CampaignOpened"]
    assert (row["terms_categories"], row["terms_name"], row["terms_expiryMonth"]) == ([1, 2], "初夏", 332)


def test_events_of_one_name_have_tables_of_their_own():
    batch = log("MerchantSettlement.BatchApproved", 212032, 1, ALICE, 326, 9, 2, 30, 40)
    assert list(read(batch)) == ["MerchantSettlement.BatchApproved"]
    assert "GrantProgrammes.BatchApproved" in tables_by_name()


UNFIT = {
    "event of nobody": raw([b"\x01" * 32], b"\x02"),
    "log without topics": raw([], b"\x03" * 32),
    "amount of more than 63 bits": transfer(2**63),
    "amount of all bits": transfer(2**256 - 1),
    "Transfer of a thing": raw(
        [tables_by_name()["MunicipalPoint.Transfer"].topic, *(bytes(32) for _ in range(3))], b""
    ),
    "data cut short": raw(
        [tables_by_name()["MunicipalPoint.Transfer"].topic, bytes(32), bytes(32)], b"\x00" * 31
    ),
    "address with more in front": raw(
        [tables_by_name()["MunicipalPoint.Transfer"].topic, b"\x01" * 32, bytes(32)], bytes(32)
    ),
    "text that is none": raw(
        [tables_by_name()["MunicipalPoint.MerchantApproved"].topic, bytes(32), bytes(32)], b"\xff" * 64
    ),
}


@pytest.mark.parametrize("name", UNFIT)
def test_log_that_does_not_fit_is_kept_as_it_is(name):
    unfit = UNFIT[name]
    found = read(transfer(index=1), unfit, transfer(index=5))
    [row] = found[UNREADABLE]
    assert row["topics"] == bytes.fromhex("".join(unfit.topics).replace("0x", ""))
    assert (row["data"], row["log_index"]) == (bytes.fromhex(unfit.data[2:]), 3)
    assert [row["log_index"] for row in found["MunicipalPoint.Transfer"]] == [1, 5]


@pytest.mark.parametrize("budget", [2**63 - 1, 2**63])
def test_amount_of_more_than_63_bits_beside_a_text_is_kept_as_it_is(budget):
    terms = ("初夏", 9000, 9007, 1, 5, 500, 1000, budget, 332, [1, 2])
    opened = log("PaymentBonus.CampaignOpened", 212032, 7, ALICE, terms)
    found = read(opened)
    if budget < 2**63:
        assert found["PaymentBonus.CampaignOpened"][0]["terms_budgetPoints"] == budget
    else:
        assert list(found) == [UNREADABLE] and found[UNREADABLE][0]["data"] == bytes.fromhex(opened.data[2:])


def test_event_with_a_text_has_no_argument_of_a_whole_word():
    """Its data are decoded value by value, and none of the values is kept as 32 bytes."""
    dynamic = [table for table in tables_by_name().values() if table.is_dynamic]
    assert dynamic and not [column for table in dynamic for column in table.stored if column.is_wide]


@pytest.mark.parametrize("name", UNFIT)
def test_log_that_does_not_fit_and_is_alone_makes_no_table_of_its_event(name):
    assert list(read(UNFIT[name])) == [UNREADABLE]


def test_list_of_structs_in_an_event_is_refused_by_its_name():
    entry = {"name": "rows", "type": "tuple[]", "indexed": False, "components": []}
    with pytest.raises(TypeError, match=r"RowsRun\.rows: a list of structs"):
        event_tables_module._argument("RowsRun", entry)


def test_every_event_of_every_contract_has_a_table():
    assert {table.contract for table in event_tables().values()} == set(CONTRACTS)
    assert len(tables_by_name()) == len(event_tables()) > 80
