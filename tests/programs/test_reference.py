"""`make reference` writes the pages that are committed."""

from scripts import reference
from scripts.lib.handbook.pages import FOLDER


def test_command_writes_every_page_and_says_how_long_it_is(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(reference, "FOLDER", tmp_path)
    assert reference.main([]) == 0
    written = {file.name: file.read_text(encoding="utf-8") for file in tmp_path.iterdir()}
    assert written == {name: (FOLDER / name).read_text(encoding="utf-8") for name in written}
    told = [f"docs/{name}: {len(text.splitlines())} lines" for name, text in written.items()]
    assert sorted(capsys.readouterr().out.splitlines()) == sorted(told)
    assert written.keys() == {"reference.md", "events.md", "errors.md", "words.md"}
