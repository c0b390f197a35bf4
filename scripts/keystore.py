"""職員の鍵ファイルを作る / An officer's keystore file, with a passphrase.

    python -m scripts.keystore new tanto.json      新しい鍵を作る / make a new key; prints its account
    python -m scripts.keystore account tanto.json  口座番号を表示 / the account of a keystore

The file is what `--keystore` of the commands and the first field of the office page (窓口) take. Whoever has
it and its passphrase acts as this officer: each officer makes their own, and gives away the account alone.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from scripts.lib.keys.keystore import KeystoreError, account_of, create_keystore, refuse_existing
from scripts.lib.keys.passphrase import ask_passphrase


def main(arguments: Sequence[str] | None = None) -> int:
    """Make a keystore, or tell whose it is; return 1 if that cannot be done."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.keystore",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("verb", choices=("new", "account"), help="作る / 口座番号を表示")
    parser.add_argument("file", type=Path, help="鍵ファイル / keystore file")
    parser.add_argument(
        "--passphrase-fd", type=int, help="パスフレーズを読むfd / read the passphrase from there"
    )
    chosen = parser.parse_args(arguments)
    try:
        if chosen.verb == "account":
            print(f"口座 / account: {account_of(chosen.file)}")
            return 0
        refuse_existing(chosen.file)  # before anybody thinks of a passphrase
        passphrase = ask_passphrase(chosen.file.stem, chosen.passphrase_fd, is_new=True)
        account = create_keystore(chosen.file, passphrase).address
    except (KeystoreError, OSError, ValueError) as refused:
        print(refused, file=sys.stderr)
        return 1
    print(f"鍵ファイル / keystore: {chosen.file}\n口座 / account: {account}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
