"""Writes what the pages in web/ take from the Python library, so that nothing is copied by hand.

python -m scripts.lib.web_texts            # web/src/generated/*.json
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from scripts.lib.administration.call_words import argument_names
from scripts.lib.administration.grants import ADVICE
from scripts.lib.bilingual import Bilingual
from scripts.lib.error_sentences import ISSUES, SENTENCES, UNKNOWN, label_kinds
from scripts.lib.grant_issue import GrantIssue
from scripts.lib.powers.function_labels import function_names
from scripts.lib.reasons import Reason
from scripts.lib.roles import Role
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


def office_words() -> dict[str, Any]:
    """Return what officers' pages call functions, offices, reasons, and why a row is not granted."""
    return {
        "functions": function_names(),
        "arguments": argument_names(),
        "roles": [_both(role.label) for role in Role],
        "reasons": {reason.value: _both(reason.label) for reason in Reason},
        "issues": [_both(issue.label) for issue in GrantIssue],
        "advice": {name: _both(each) for name, each in ADVICE.items()},
    }


def write(folder: Path = GENERATED) -> None:
    """Write the files; one that says the same already stays untouched."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in (("sentences.json", sentences()), ("office.json", office_words())):
        file = folder / name
        text = json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            file.write_text(text, encoding="utf-8")


def _both(sentence: Bilingual) -> dict[str, str]:
    return {"ja": sentence.japanese, "en": sentence.english}


if __name__ == "__main__":
    write()
