"""What the documents tell a reader to type does what they say (the convention: tests.documents.fenced).

`make test` reads every document; `make test-documents` follows them, which takes some minutes.
"""

import os
import re

import pytest

from scripts.lib.administration.command_line import _parser, _with_dashes
from scripts.lib.administration.verbs import ACTORS
from scripts.lib.node.local_chain import LocalChain
from scripts.lib.workspace import ROOT
from tests.documents.fenced import FILLED_IN, Command, missing_in, steps_of
from tests.documents.terminal import TEST_NETWORK_ID, reader

DOCUMENTS = sorted([*ROOT.glob("README*.md"), *(ROOT / "docs").glob("*.md")])
FOLLOWED = (
    ("docs/officers.md",),
    ("docs/council.md",),
    ("docs/developers.md",),
    ("docs/auditors.md", "docs/dataset.md", "docs/report.md", "docs/statements.md", "docs/patterns.md"),
    ("docs/commands.md",),
    ("README.md", "docs/web.md", "docs/migration.md"),
)
"""In whose order a reader types everything, going on in the next of a row with what the one before left; a
translation has the same commands. A document that shows commands must be here."""

EVERYTHING = bool(os.environ.get("JICHITAI_DOCUMENTS"))
ANY_ACCOUNT = "0x00000000000000000000000000000000000000A1"


def name_of(document):
    return str(document.relative_to(ROOT))


def commands(document):
    return [step for step in steps_of(document) if isinstance(step, Command)]


def translated(document):
    return document.with_name(document.name.replace(".ja.md", ".md"))


@pytest.fixture
def somebody(tmp_path):
    with (
        LocalChain.anvil(chain_id=TEST_NETWORK_ID) as network,
        reader(tmp_path, AIZU_NODE_URL=network.url) as somebody,
    ):
        yield somebody


@pytest.mark.skipif(not EVERYTHING, reason="make test-documents")
@pytest.mark.parametrize("documents", FOLLOWED, ids=" ".join)
def test_documents_followed_at_a_terminal_end_as_they_say(documents, somebody):
    for document in documents:
        assert commands(ROOT / document)
        somebody.follow(ROOT / document)


@pytest.mark.parametrize("japanese", [each for each in DOCUMENTS if translated(each) != each], ids=name_of)
def test_translation_has_the_same_commands_and_files(japanese):
    assert steps_of(japanese) == steps_of(translated(japanese))


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_command_of_a_document_is_one_that_there_is(document):
    for command in commands(document):
        words = command.text.replace("'", "").split()
        if words[1:2] != ["-m"]:
            continue
        program = words[2].removeprefix("scripts.")
        assert (ROOT / "scripts" / f"{program}.py").is_file(), command.text
        if program in ACTORS:
            given = [ANY_ACCOUNT if word.isupper() and word in FILLED_IN else word for word in words[3:]]
            _parser(program).parse_args([_with_dashes(word) for word in given])


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_program_that_a_document_names_anywhere_exists(document):
    """In a sentence too, and in a block that nobody types in its order."""
    text = document.read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"(?:`|^ {4}|\$ )make ([a-z-]+)", text, re.MULTILINE)) <= targets
    for program, verb in re.findall(r"-m scripts\.([a-z_.]+[a-z])(?: ([a-z][a-z-]+)\b)?", text):
        assert (ROOT / "scripts" / f"{program.replace('.', '/')}.py").is_file(), program
        assert not verb or program not in ACTORS or verb in {each.name for each in ACTORS[program][1]}, verb


def test_line_that_a_document_shows_is_missed_where_it_was_not_printed():
    said = "grants.csv │ 58 │ ポイント │ the number is less than 1\n 1以上の数\nが必要です\nNothing was sent."
    shown = ("grants.csv   58  ポイント   1以上の数が必要です", "Nothing … sent.")
    assert missing_in(said, shown) == []
    assert missing_in(said, ("今回の送信はありません。", "sent. Nothing")) == [
        "今回の送信はありません。",
        "sent. Nothing",
    ]


def test_every_document_with_commands_is_followed():
    shown = {name_of(translated(each)) for each in DOCUMENTS if commands(each)}
    assert shown == {document for row in FOLLOWED for document in row}


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_program_in_a_block_of_its_own_is_typed(document):
    """Not in a block that nobody follows: only what is built, or runs for hours, stands there."""
    text = document.read_text(encoding="utf-8")
    assert not re.findall(r"(?m)^ {4}(?:\$ )?(?:py|python|\S*bin/python) .*$", text)
