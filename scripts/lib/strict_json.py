"""JSON of ours read into a structure, with one error for all that can be wrong with it."""

from __future__ import annotations

from typing import TypeVar

import msgspec

T = TypeVar("T")


class JsonError(ValueError):
    """The bytes are no JSON, or hold something else; the message says what."""


def decode_json(content: bytes, decoder: msgspec.json.Decoder[T]) -> T:
    """Return what the bytes hold.

    Raises:
        JsonError: it is nothing that the decoder takes.
    """
    try:
        return decoder.decode(content)
    except msgspec.MsgspecError as error:
        raise JsonError(str(error)) from None
    except UnicodeDecodeError:  # a text of bytes that are no UTF-8 is no error of msgspec's own
        raise JsonError("not UTF-8") from None
    except RecursionError:
        raise JsonError("nested too deeply") from None
