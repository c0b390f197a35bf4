"""The town hall's desk, which shows a resident the code of a registration."""

from __future__ import annotations

import io
from typing import Any

import segno
from eth_utils import keccak

from scripts.lib.registration import RegistrationDomain
from scripts.lib.registration_uri import RegistrationRequest
from tests.support.counter_town import CITY


def registration_request(town: Any, registry: str | None = None) -> RegistrationRequest:
    """Return what the desk asks; `registry` for another council's."""
    domain = RegistrationDomain(town.book.chain_id, registry or town.book.residents)
    return RegistrationRequest(domain, CITY, keccak(text="what only the council's key makes"))


def picture_of(text: str) -> bytes:
    """Return a PNG of the text as a QR code, as the desk's terminal shows it."""
    picture = io.BytesIO()
    segno.make(text, error="m", micro=False).save(picture, kind="png", scale=6)
    return picture.getvalue()
