"""Writes what the pages in web/ take from the Python library, so that nothing is copied by hand.

python -m scripts.lib.web_texts            # web/src/generated/sentences.json
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from scripts.lib.bilingual import Bilingual
from scripts.lib.error_sentences import ISSUES, SENTENCES, UNKNOWN, label_kinds
from scripts.lib.workspace import ROOT

GENERATED = ROOT / "web" / "src" / "generated"


def sentences() -> dict[str, Any]:
    """Return every refusal and every payment issue in both languages, and how arguments are shown."""
    return {
        "sentences": {name: _both(sentence) for name, sentence in SENTENCES.items()},
        "issues": [_both(ISSUES[issue]) for issue in sorted(ISSUES)],
        "unknown": _both(UNKNOWN),
        "labels": label_kinds(),
    }


def write(folder: Path = GENERATED) -> None:
    """Write the files; one that says the same already stays untouched."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "sentences.json"
    text = json.dumps(sentences(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    if not file.exists() or file.read_text(encoding="utf-8") != text:
        file.write_text(text, encoding="utf-8")


def _both(sentence: Bilingual) -> dict[str, str]:
    return {"ja": sentence.japanese, "en": sentence.english}


if __name__ == "__main__":
    write()
