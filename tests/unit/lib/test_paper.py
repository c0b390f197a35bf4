import pytest
from eth_utils import keccak

from scripts.lib.paper import SealError, paper_hash

CONTENT = b"%PDF\r\n\0"


@pytest.fixture
def paper(tmp_path):
    file = tmp_path / "決裁-0123.pdf"
    file.write_bytes(CONTENT)
    return file


def seal_of(paper):
    return paper.with_name(paper.name + ".seal")


def test_paper_hash_is_of_seal_and_bytes(paper):
    found = paper_hash(paper)
    assert found == keccak(bytes.fromhex(seal_of(paper).read_text()) + CONTENT)


def test_paper_hash_is_the_same_every_time(paper):
    assert paper_hash(paper) == paper_hash(paper)


def test_paper_hash_of_the_same_form_filled_in_the_same_way_tells_nothing(paper, tmp_path):
    (tmp_path / "copy.pdf").write_bytes(CONTENT)
    assert paper_hash(tmp_path / "copy.pdf") != paper_hash(paper) != keccak(CONTENT)


def test_paper_hash_of_a_changed_paper_is_another(paper):
    before = paper_hash(paper)
    paper.write_bytes(CONTENT + b"\n")
    assert paper_hash(paper) != before


def test_seal_is_its_owners_alone(paper):
    paper_hash(paper)
    assert seal_of(paper).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", ["", "\n", "00" * 31 + "\n", "zz" * 32 + "\n", "00" * 32])
def test_paper_hash_with_a_damaged_seal_is_refused(paper, content):
    seal_of(paper).write_text(content)
    with pytest.raises(SealError, match="holds no seal"):
        paper_hash(paper)


def test_paper_that_is_missing_gets_no_seal(tmp_path):
    with pytest.raises(FileNotFoundError):
        paper_hash(tmp_path / "no.pdf")
    assert list(tmp_path.iterdir()) == []
