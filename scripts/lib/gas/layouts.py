"""What `make bench-layouts` reports: the same payments and grants on the chosen storage layout and on others.

The prototypes (tests/gas/layouts) share everything but the layout, so that a difference between two of them
is the layout's. docs/decisions/0001 quotes these figures.
"""

from __future__ import annotations

from dataclasses import dataclass

from scripts.lib.compiler import Compilation, compile_files
from scripts.lib.gas.meter import GasMeter, GasMeterError, MeteredContract
from scripts.lib.gas.town import (
    GENESIS_TIME,
    GRANTS,
    LOT_POINTS,
    PAYMENTS_AFTER_TIME,
    PAYMENTS_OF_FIRST_LOT,
    PAYMENTS_OVER_LOTS,
    Town,
    pseudonym,
)

# The chosen layout comes first: the others are compared with it.
LAYOUTS = {
    "lots": ("QueuedLots", "HalfYearLanes", "MonthList"),
    "supply": ("QueuedLots", "SupplyWordOfMonth", "SupplyTotalWritten"),
    "small choices": (
        "QueuedLots",
        "CalendarInPayment",
        "MintWithoutReserve",
        "CheckedReceiver",
        "PayerLookedUpAgain",
    ),
}
SOURCES = tuple(
    f"tests/gas/layouts/{name}.sol"
    for name in ("QueuedLots", "HalfYearLanes", "MonthList", "SupplyLayouts", "SmallChoices")
)
MINTER_ALLOWANCE_POINTS = 10**12


@dataclass(frozen=True)
class Prototype:
    """One layout, as a token of the town."""

    contract: MeteredContract
    officer: str

    @classmethod
    def deployed(cls, meter: GasMeter, name: str, officer: str) -> Prototype:
        """Deploy a prototype whose one minter is the officer."""
        contract = meter.deploy(name, [], officer)
        contract.send("setMinterAllowance", officer, MINTER_ALLOWANCE_POINTS, sender=officer)
        return cls(contract, officer)

    def approve(self, shop: str) -> int:
        """Let a merchant be paid."""
        return self.contract.send("approveMerchant", shop, sender=self.officer)

    def grant(self, account: str, month: int) -> int:
        """Mint LOT_POINTS that end with a month."""
        return self.contract.send("mintUntil", account, LOT_POINTS, month, sender=self.officer)

    def pay(self, payer: str, shop: str, points: int) -> int:
        """Pay a merchant."""
        return self.contract.send("transfer", shop, points, sender=payer)

    def balance(self, account: str) -> int:
        """Return what an account may spend."""
        return self.contract.read("balanceOf", account)


def compiled() -> Compilation:
    """Compile the prototypes with the project's settings.

    Raises:
        CompilationError: a source does not compile.
    """
    return compile_files(SOURCES)


def measure(compilation: Compilation) -> dict[str, dict[str, int]]:
    """Return {operation: {layout: gas of the whole transaction}}.

    Raises:
        GasMeterError: two layouts came to different balances.
    """
    layouts = list(dict.fromkeys(name for names in LAYOUTS.values() for name in names))
    officer = pseudonym(1_000_000)
    cases = {**PAYMENTS_OF_FIRST_LOT, **PAYMENTS_OVER_LOTS, **PAYMENTS_AFTER_TIME, **GRANTS}
    figures: dict[str, dict[str, int]] = {}
    with GasMeter.started(compilation, GENESIS_TIME) as meter:
        tokens = [Prototype.deployed(meter, name, officer) for name in layouts]
        town = Town.built(meter, tokens)
        for operation, case in cases.items():
            with town.undone():
                town.residents.clear()
                figures[operation] = dict(zip(layouts, case(town), strict=True))
                _require_same_balances(town, layouts)
    return figures


def _require_same_balances(town: Town, layouts: list[str]) -> None:
    for account in town.residents:
        balances = {name: token.balance(account) for name, token in zip(layouts, town.tokens, strict=True)}
        if len(set(balances.values())) != 1:
            raise GasMeterError(f"the layouts disagree on the balance of {account}: {balances}")
