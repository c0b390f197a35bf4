"""What docs/web.md has an officer read and press in 窓口 stands in the page, letter by letter."""

import re

import pytest

from scripts.lib.workspace import ROOT

SECTION = (
    (ROOT / "docs" / "web.md").read_text(encoding="utf-8").split("## 窓口の使い方\n")[1].split("\n## ")[0]
)
QUOTED = sorted(set(re.findall(r"「([^」]+)」|\*\*(ファイルを選ぶ)\*\*", SECTION)))
SOURCES = [
    *(ROOT / "web" / "src" / "office").glob("*.ts*"),
    *(ROOT / "web" / "src" / "home").glob("*.tsx"),
]
SHOWN = re.sub(r"\$\{[^}]*\}", "", "".join(file.read_text(encoding="utf-8") for file in SOURCES))


def test_section_quotes_the_page():
    assert len(QUOTED) >= 18


@pytest.mark.parametrize("quoted", ["".join(each) for each in QUOTED])
def test_words_of_the_office_page_stand_in_it(quoted):
    """An ellipsis stands for what the page fills in."""
    missing = [part for part in quoted.split("…") if part not in SHOWN]
    assert not missing, missing
