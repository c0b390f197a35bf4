"""Whose keys sign: keystore files, or a signer that keeps them to itself.

    add_key_options(parser)
    accounts = KeyChoice.of(options).add_to(keyring)

A key is never an argument, and a passphrase neither: it is asked for, or comes through a file descriptor.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass

from scripts.lib.keys.keyring import Keyring
from scripts.lib.keys.keystore import ask_passphrase, keystore_file, passphrases_from
from scripts.lib.node.external_signer import SIGN_METHODS, ExternalSigner
from scripts.lib.node.rpc import Rpc


@dataclass(frozen=True)
class KeyChoice:
    """What a command line says of keys.

    Attributes:
        keystores: names of keystores of Brownie, or files.
        passphrase_fd: file descriptor that holds a passphrase a line, in the keystores' order; None to ask.
        signer: JSON-RPC of a program that signs; `method` is what it calls that.
    """

    keystores: Sequence[str] = ()
    passphrase_fd: int | None = None
    signer: str | None = None
    method: str = SIGN_METHODS[0]

    @classmethod
    def of(cls, options: argparse.Namespace) -> KeyChoice:
        """Return what was read by a parser with `add_key_options`."""
        return cls(options.keystore, options.passphrase_fd, options.signer, options.sign_method)

    def add_to(self, keyring: Keyring) -> list[str]:
        """Put the chosen keys into a keyring; return their checksummed accounts, none if none was chosen.

        Raises:
            KeystoreError: a keystore cannot be used.
            ExternalSignerError: the signer does not answer.
        """
        # All are looked for before the first passphrase is asked.
        files = [keystore_file(name) for name in self.keystores]
        ask = ask_passphrase if self.passphrase_fd is None else passphrases_from(self.passphrase_fd)
        accounts = [keyring.unlock(file, ask) for file in files]
        if self.signer is not None:
            signer = ExternalSigner(Rpc(self.signer), self.method)
            for account in signer.accounts():
                keyring.add_signer(account, signer)
                accounts.append(account)
        return accounts


NO_KEYS = KeyChoice()


def add_key_options(parser: argparse.ArgumentParser) -> None:
    """Let a command line name keys."""
    parser.add_argument(
        "--keystore",
        action="append",
        default=[],
        metavar="NAME",
        help="署名する鍵ファイル(名前かファイル、複数可) / keystore that signs, by name or file",
    )
    parser.add_argument(
        "--passphrase-fd",
        type=int,
        metavar="N",
        help="パスフレーズを読むファイル記述子(1行に1つ) / file descriptor with a passphrase a line",
    )
    parser.add_argument(
        "--signer", metavar="URL", help="外部署名プログラムのURL / JSON-RPC of an external signer"
    )
    parser.add_argument(
        "--sign-method",
        choices=SIGN_METHODS,
        default=SIGN_METHODS[0],
        help="外部署名の方式 / what the external signer calls it",
    )
