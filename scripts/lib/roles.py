"""Offices (役職) of a municipality, as numbered in IOfficers, and what people call them."""

from __future__ import annotations

from enum import IntEnum

from scripts.lib.bilingual import Bilingual

COUNCIL = 0
"""In place of a municipality's code: the council itself (運用協議会), which has only Admins."""


class Role(IntEnum):
    """Offices of a municipality, as numbered in IOfficers."""

    ADMIN = 0
    PROGRAMME_OFFICER = 1
    PROGRAMME_APPROVER = 2
    MERCHANT_OFFICER = 3
    CASHIER = 4
    SECOND_CASHIER = 5
    DESK_OFFICER = 6
    SECOND_DESK_OFFICER = 7
    GUARDIAN = 8

    @property
    def label(self) -> Bilingual:
        """The office in words."""
        return _LABELS[self]


_LABELS = {
    Role.ADMIN: Bilingual("Admin", "管理者"),
    Role.PROGRAMME_OFFICER: Bilingual("ProgrammeOfficer", "事業担当"),
    Role.PROGRAMME_APPROVER: Bilingual("ProgrammeApprover", "事業承認者"),
    Role.MERCHANT_OFFICER: Bilingual("MerchantOfficer", "加盟店担当"),
    Role.CASHIER: Bilingual("Cashier", "出納担当"),
    Role.SECOND_CASHIER: Bilingual("SecondCashier", "出納承認者"),
    Role.DESK_OFFICER: Bilingual("DeskOfficer", "窓口担当"),
    Role.SECOND_DESK_OFFICER: Bilingual("SecondDeskOfficer", "窓口承認者"),
    Role.GUARDIAN: Bilingual("Guardian", "緊急停止担当"),
}


def role_id(municipality: int, role: Role) -> bytes:
    """Return a role's id in Officers: code * 256 + role, as bytes32."""
    return (municipality * 256 + role).to_bytes(32, "big")


def role_of_id(held: bytes) -> str:
    """Return the municipality's code and the office that an id in Officers stands for."""
    number = int.from_bytes(held, "big")
    return f"{number // 256:06d} {Role(number % 256).label.japanese}"
