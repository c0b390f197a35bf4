"""What eth_abi raises on data that no contract wrote: cut short, no text, or longer than any memory."""

from __future__ import annotations

from eth_abi.exceptions import DecodingError

UNDECODABLE = (DecodingError, UnicodeDecodeError, OverflowError)
