"""Writes docs/reference.md, events.md, errors.md and the last tables of docs/words.md from the contracts.

python -m scripts.reference
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from scripts.lib.artifacts import ArtifactError
from scripts.lib.compiler import CompilationError
from scripts.lib.handbook.pages import FOLDER, pages
from scripts.lib.handbook.source_tree import read_source_tree


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the pages; return 2 if the contracts are not compiled."""
    parser = argparse.ArgumentParser(prog="python -m scripts.reference", description=__doc__.splitlines()[0])
    parser.parse_args(arguments)
    try:
        found = pages(read_source_tree())
    except (ArtifactError, CompilationError) as error:
        print(error, file=sys.stderr)
        return 2
    for name, text in found.items():
        (FOLDER / name).write_text(text, encoding="utf-8")
        print(f"docs/{name}: {len(text.splitlines())} lines")
    return 0


if __name__ == "__main__":
    sys.exit(main())
