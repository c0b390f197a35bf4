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

from eth_account import Account
from eth_utils import to_checksum_address

from scripts.lib.keystore import KeystoreError, account_of
from scripts.lib.new_keystore import SHORTEST_PASSPHRASE, write_keystore
from scripts.lib.passphrase import ask_passphrase


def make(file: Path, passphrase: str) -> str:
    """Make a new key, and return its account.

    Raises:
        KeystoreError: there is a file already, or the passphrase is too short.
    """
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise KeystoreError(
            f"a passphrase has {SHORTEST_PASSPHRASE} characters at least / "
            f"パスフレーズは{SHORTEST_PASSPHRASE}文字以上です"
        )
    key = Account.create()
    try:
        write_keystore(file, bytes(key.key), passphrase)
    except FileExistsError:
        raise KeystoreError(
            f"{file}: exists already, and no key is overwritten / 既にあります。鍵は上書きしません"
        ) from None
    return str(to_checksum_address(key.address))


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
        if chosen.file.exists():
            raise KeystoreError(f"{chosen.file}: exists already / 既にあります。鍵は上書きしません")
        passphrase = ask_passphrase(chosen.file.stem, chosen.passphrase_fd, is_new=True)
        account = make(chosen.file, passphrase)
    except (KeystoreError, OSError, ValueError) as refused:
        print(refused, file=sys.stderr)
        return 1
    print(f"鍵ファイル / keystore: {chosen.file}\n口座 / account: {account}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
