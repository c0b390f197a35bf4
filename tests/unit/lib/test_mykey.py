import copy
import logging
import os
import pickle

import pytest

from scripts.lib.csv_table import CellError, Column, read_table
from scripts.lib.municipality_codes import CodeError
from scripts.lib.mykey import CommitmentKey, KeyFileError, MyKeyError, MyKeyId, commitment

KAWASAKI, SAPPORO = 141305, 11002
WRITTEN = "A1B2C3D4"
MYKEY_ID = MyKeyId.read(WRITTEN)
KEY = CommitmentKey(1, bytes(range(32)))


@pytest.mark.parametrize(
    "cell", [WRITTEN, "a1b2c3d4", "Ａ１Ｂ２Ｃ３Ｄ４", "ａ１ｂ２ｃ３ｄ４", " A1B2C3D4\u3000"]
)
def test_one_id_is_read_from_every_way_to_write_it(cell):
    assert MyKeyId.read(cell) == MYKEY_ID


def test_key_is_equal_to_the_same_key_alone():
    assert CommitmentKey(1, bytes(range(32))) == KEY
    assert KEY not in (CommitmentKey(2, bytes(range(32))), CommitmentKey(1, bytes(32)), "a key", None)


@pytest.mark.parametrize(
    "cell", ["", "A1B2C3D", "A1B2C3D45", "A1B2-3D4", "A1B2C3Dé", "マイキー1234", "A1B2\nC3D"]
)
def test_what_is_no_id_is_refused(cell):
    with pytest.raises(MyKeyError, match=r"8 letters and digits / .*8桁"):
        MyKeyId.read(cell)


@pytest.mark.parametrize(
    "cell",
    ["123456789018", "１２３４５６７８９０１８", "1234-5678-9018", "1234 5678 9018", "no.123456789018x"],
)
def test_a_number_of_twelve_digits_is_refused_and_not_repeated(cell):
    with pytest.raises(MyKeyError, match="個人番号") as raised:
        MyKeyId.read(cell)
    assert "9018" not in str(raised.value)


def test_a_refused_cell_is_never_repeated():
    with pytest.raises(MyKeyError) as raised:
        MyKeyId.read("A1B2C3D45")
    assert "A1B2" not in str(raised.value) + repr(raised.value.args)


def test_a_csv_column_of_ids_is_read_and_its_faults_do_not_quote_them(tmp_path):
    file = tmp_path / "residents.csv"
    file.write_text("mykey_id\nA1B2C3D4\nA1B2C3D45\n", encoding="utf-8")
    faults = []
    table = read_table(file, [Column("mykey_id", "マイキーID", MyKeyId.read, for_mykey_ids=True)], faults)
    assert [row["mykey_id"] for row in table.good_rows] == [MYKEY_ID]
    assert [fault.line for fault in faults] == [3]
    assert "A1B2" not in str(faults)


def test_an_id_shows_nowhere(caplog):
    logging.getLogger().warning("%s %r %s", MYKEY_ID, [MYKEY_ID], {"id": MYKEY_ID})
    assert WRITTEN not in caplog.text + str(MYKEY_ID) + f"{MYKEY_ID}" + repr(MYKEY_ID)
    assert "MyKeyId(********)" in caplog.text


@pytest.mark.parametrize("secret", [MYKEY_ID, KEY])
@pytest.mark.parametrize("write", [pickle.dumps, copy.copy, copy.deepcopy, vars])
def test_a_secret_cannot_be_written_or_copied(secret, write):
    with pytest.raises(TypeError):
        write(secret)


def test_a_key_shows_nowhere():
    shown = str(KEY) + repr(KEY) + f"{[KEY]}"
    assert bytes(range(32)).hex() not in shown
    assert repr(bytes(range(32))) not in shown
    assert "version=1" in shown


# ------------------------------------------------------------------ commitments


def test_commitment_is_the_published_hmac():
    # printf 'jichitai-points MyKey ID commitment 1\0\x02\x27\xf9A1B2C3D4' | openssl dgst -sha256 -mac HMAC \
    #   -macopt hexkey:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f
    assert (
        commitment(KEY, KAWASAKI, MYKEY_ID).hex()
        == "728583df367f3ce636309f7779f320de4c84712daffc9f523f18f5f8aba43726"
    )


def test_commitments_of_one_person_in_two_municipalities_differ():
    assert commitment(KEY, KAWASAKI, MYKEY_ID) != commitment(KEY, SAPPORO, MYKEY_ID)


def test_commitments_under_two_keys_differ():
    assert commitment(KEY, KAWASAKI, MYKEY_ID) != commitment(CommitmentKey(2, bytes(32)), KAWASAKI, MYKEY_ID)


def test_commitments_of_two_people_differ():
    assert commitment(KEY, KAWASAKI, MYKEY_ID) != commitment(KEY, KAWASAKI, MyKeyId.read("A1B2C3D5"))


def test_commitment_for_no_municipality_is_refused():
    with pytest.raises(CodeError):
        commitment(KEY, 141306, MYKEY_ID)


# --------------------------------------------------------------------- key files


@pytest.fixture
def file(tmp_path):
    return tmp_path / "commitment-key-3.json"


def test_created_key_is_read_back(file):
    assert CommitmentKey.create(file, 3) == CommitmentKey.read(file)


def test_created_key_is_its_owners_alone_whatever_the_umask(file):
    before = os.umask(0)
    try:
        CommitmentKey.create(file, 3)
    finally:
        os.umask(before)
    assert file.stat().st_mode & 0o777 == 0o600


def test_two_created_keys_differ(file, tmp_path):
    assert CommitmentKey.create(file, 3) != CommitmentKey.create(tmp_path / "other.json", 3)


def test_a_key_is_never_overwritten(file):
    key = CommitmentKey.create(file, 3)
    with pytest.raises(KeyFileError, match="never overwritten"):
        CommitmentKey.create(file, 4)
    assert CommitmentKey.read(file) == key


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666, 0o700 | 0o010])
def test_a_key_that_others_may_read_is_refused(file, mode):
    CommitmentKey.create(file, 3)
    file.chmod(mode)
    with pytest.raises(KeyFileError, match=f"mode {mode:04o}, needed 0600"):
        CommitmentKey.read(file)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "5ec2e7",
        '{"version": 1}',
        '{"version": 1, "key": "5ec2e7"}',
        '{"version": 1, "key": "5ec2e7zz"}',
        '{"version": 0, "key": "' + "5ec2e7aa" * 8 + '"}',
        '{"version": 65536, "key": "' + "5ec2e7aa" * 8 + '"}',
        '{"version": 1, "key": "' + "5ec2e7aa" * 8 + '", "note": ""}',
    ],
)
def test_a_file_that_holds_no_key_is_refused_without_showing_it(file, content):
    file.write_text(content, encoding="utf-8")
    file.chmod(0o600)
    with pytest.raises(KeyFileError, match="holds no commitment key") as raised:
        CommitmentKey.read(file)
    assert "5ec2e7" not in str(raised.value)
    assert raised.value.__cause__ is None
    assert raised.value.__context__ is None


def test_a_missing_file_is_refused(file):
    with pytest.raises(KeyFileError, match="No such file"):
        CommitmentKey.read(file)


def test_read_or_create_makes_a_key_once(file):
    assert CommitmentKey.read_or_create(file, 3) == CommitmentKey.read_or_create(file, 3)


def test_read_or_create_refuses_another_version(file):
    CommitmentKey.create(file, 3)
    with pytest.raises(KeyFileError, match="holds version 3, not 4"):
        CommitmentKey.read_or_create(file, 4)


def test_errors_of_cells_are_cell_errors():
    assert issubclass(MyKeyError, CellError)
