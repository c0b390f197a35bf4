"""MyKey IDs (マイキーID) and the commitments to them that may go on a chain.

    key = CommitmentKey.read(Path("commitment-key-1.json"))
    commitment(key, 141305, MyKeyId.read("A1B2C3D4"))

An ID has so little entropy that all of them can be tried in hours: a plain hash hides nothing. A commitment
is an HMAC-SHA-256 under a secret key of the council, and the municipality's code is part of what is committed
to, so that whoever lacks the key cannot link two memberships of one person.

Neither an ID nor a key is ever shown: not in repr, not in an error, not in a pickle.
"""

from __future__ import annotations

import contextlib
import hmac
import os
import re
import secrets
import stat
from hashlib import sha256
from pathlib import Path
from typing import NoReturn

import msgspec

from scripts.lib.csv_table import CellError
from scripts.lib.municipality_codes import lookup_number
from scripts.lib.personal_data import PERSONAL_NUMBER, half_width

KEY_BYTES = 32
MAX_KEY_VERSION = 2**16 - 1  # uint16 in ResidentRegistry

_MYKEY_ID = re.compile(r"[0-9A-Z]{8}")
_TWELVE_DIGITS = re.compile(r"\d{12}")
_SEPARATORS = re.compile(r"[\s-]")
# Another use of the same key, or another form of the message, must begin otherwise.
_MESSAGE = b"jichitai-points MyKey ID commitment 1\0"


class MyKeyError(CellError):
    """Something is no MyKey ID. It may be a 個人番号, so the message never repeats it."""


class KeyFileError(Exception):
    """A file with a commitment key cannot be used or made."""


class _Secret:
    """Holds what must not be shown by accident: it is not in `vars`, and cannot be pickled or copied."""

    __slots__ = ("_secret",)

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"a {type(self).__name__} must not be written anywhere")


class MyKeyId(_Secret):
    """An account number of a person in the MyKey platform; `read` makes one of text."""

    __slots__ = ()

    @classmethod
    def read(cls, cell: str) -> MyKeyId:
        """Return the ID written in a cell: 8 digits and letters, full-width and small ones understood.

        Raises:
            MyKeyError: it is none; twelve digits are refused as a possible 個人番号.
        """
        text = half_width(cell).strip().upper()
        if _TWELVE_DIGITS.search(_SEPARATORS.sub("", text)):
            raise MyKeyError(*PERSONAL_NUMBER)
        if not _MYKEY_ID.fullmatch(text):
            raise MyKeyError("a MyKey ID is 8 letters and digits", "マイキーIDは半角英数字8桁です")
        return cls(text.encode("ascii"))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, MyKeyId) and self._secret == other._secret

    def __hash__(self) -> int:
        return hash(self._secret)

    def __repr__(self) -> str:
        return "MyKeyId(********)"


class _KeyFile(msgspec.Struct, forbid_unknown_fields=True):
    """What a key file holds: the key as hex."""

    version: int
    key: str


class CommitmentKey(_Secret):
    """A secret key of the council, with the version that ResidentRegistry records beside each commitment.

    Attributes:
        version: 1 to 65535; a rotation replaces commitments by ones under a higher version.
    """

    __slots__ = ("version",)

    def __init__(self, version: int, key: bytes) -> None:
        if not 1 <= version <= MAX_KEY_VERSION or len(key) != KEY_BYTES:
            raise ValueError(f"a key has {KEY_BYTES} bytes and a version from 1 to {MAX_KEY_VERSION}")
        super().__init__(key)
        self.version = version

    @classmethod
    def create(cls, file: Path, version: int) -> CommitmentKey:
        """Make a new random key and write it to a new file that its owner alone may read.

        Raises:
            KeyFileError: the file exists; a key is never overwritten.
        """
        key = cls(version, secrets.token_bytes(KEY_BYTES))
        content = msgspec.json.encode(_KeyFile(version, key._secret.hex()))
        try:
            descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            raise KeyFileError(
                f"{file}: exists already, and a key is never overwritten / 既に存在します。鍵は上書きしません"
            ) from None
        with os.fdopen(descriptor, "wb") as opened:
            opened.write(content + b"\n")
            opened.flush()
            os.fsync(opened.fileno())
        return key

    @classmethod
    def read(cls, file: Path) -> CommitmentKey:
        """Read a key.

        Raises:
            KeyFileError: the file is missing, holds no key, or others than its owner may read it.
        """
        try:
            with file.open("rb") as opened:
                mode = os.fstat(opened.fileno()).st_mode
                content = opened.read()
        except OSError as error:
            raise KeyFileError(f"{file}: {error.strerror} / 読み込めません") from None
        if stat.S_IMODE(mode) & 0o077:
            raise KeyFileError(
                f"{file}: others may read it (mode {stat.S_IMODE(mode):04o}, needed 0600); if they did, "
                "the key must be replaced / 所有者以外も読める状態です。chmod 600 を実行し、"
                "漏えいのおそれがあれば鍵を更新してください"
            )
        # What msgspec complains about may quote the content: nothing of it is passed on.
        with contextlib.suppress(ValueError):
            held = msgspec.json.decode(content, type=_KeyFile)
            return cls(held.version, bytes.fromhex(held.key))
        raise KeyFileError(f"{file}: holds no commitment key / コミットメント鍵ではありません")

    @classmethod
    def read_or_create(cls, file: Path, version: int) -> CommitmentKey:
        """Read the key of this version, or make it if there is no file.

        Raises:
            KeyFileError: the file cannot be used, or holds another version.
        """
        if not file.exists():
            return cls.create(file, version)
        key = cls.read(file)
        if key.version != version:
            raise KeyFileError(
                f"{file}: holds version {key.version}, not {version} / 鍵の版が{version}ではありません"
            )
        return key

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, CommitmentKey):
            return False
        return self.version == other.version and hmac.compare_digest(self._secret, other._secret)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"CommitmentKey(version={self.version}, ****)"


def commitment(key: CommitmentKey, municipality: int, mykey_id: MyKeyId) -> bytes:
    """Return the commitment to a person's membership in a municipality (bytes32).

    Args:
        municipality: 全国地方公共団体コード as a number (011002 is 11002).

    Raises:
        CodeError: there is no such municipality.
    """
    # Both parts have a fixed length, so that no two pairs make the same message.
    code = lookup_number(municipality).number.to_bytes(3, "big")
    return hmac.new(key._secret, _MESSAGE + code + mykey_id._secret, sha256).digest()
