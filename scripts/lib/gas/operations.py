"""What `make bench` reports: the operations of MunicipalPoint beside those of a token without expiry.

The anchor is OpenZeppelin's ERC20 with roles, pause and a whitelist (tests/gas/peers), compiled with the same
settings and run on the same chain in the same run.
"""

from __future__ import annotations

from collections.abc import Iterator

from scripts.lib.compiler import Compilation, compile_files
from scripts.lib.deployment import SERIES_LIBRARIES, SERVICES
from scripts.lib.exchange.rules import EXCHANGE_LIBRARIES
from scripts.lib.gas.acts import act_figures
from scripts.lib.gas.bonus import bonus_figures
from scripts.lib.gas.exchange import exchange_figures
from scripts.lib.gas.figures import BYTES, GAS, GAS_OF_EXECUTION, GAS_PER_ACCOUNT, GAS_PER_RECIPIENT, Figure
from scripts.lib.gas.grants import grant_figures
from scripts.lib.gas.meter import GasMeter
from scripts.lib.gas.sales import sale_figures
from scripts.lib.gas.settlement import settlement_figures
from scripts.lib.gas.tokens import OurToken, Peer
from scripts.lib.gas.town import (
    END_OF_THIS_FISCAL_YEAR,
    GENESIS_TIME,
    GRANTS,
    LOT_POINTS,
    MONTH,
    PAID_POINTS,
    PAYMENTS_AFTER_TIME,
    PAYMENTS_OF_FIRST_LOT,
    PAYMENTS_OVER_LOTS,
    Case,
    Town,
    consecutive,
    pseudonym,
)

SOURCES = (
    "contracts/GrantProgrammes.sol",
    "contracts/PointPlatform.sol",
    "contracts/MunicipalPoint.sol",
    "contracts/MerchantSettlement.sol",
    "contracts/PartnerExchange.sol",
    "contracts/PaymentBonus.sol",
    "tests/gas/peers/OpenZeppelinPoint.sol",
    "tests/gas/peers/AuthorizedPoint.sol",
)
BATCH = 500
LAPSE_BATCH = 100

# What must hold: ratios to the anchor, and sizes in bytes.
LIMITS = {
    **dict.fromkeys(PAYMENTS_OF_FIRST_LOT, 1.03),
    "payment_lots_24_over_1": 1.02,
    "mint_existing": 1.05,
    "mint_existing_by_policy": 1.05,
}
# No chain stores more than 24,576 bytes (EIP-170), or creates a contract from more than 49,152 (EIP-3860). Of
# the token's, 2,576 are kept free.
MAX_BYTES = {
    "MunicipalPoint": 22_000,
    **dict.fromkeys(("Officers", "PointPlatform", "ResidentRegistry", *SERVICES, *SERIES_LIBRARIES), 24_576),
    **dict.fromkeys(("PartnerExchange", *EXCHANGE_LIBRARIES), 24_576),
}
MAX_CREATION_BYTES = 49_152


def compiled() -> Compilation:
    """Compile the contracts and the peer with the project's settings.

    Raises:
        CompilationError: a source does not compile.
    """
    return compile_files(SOURCES)


def measure(compilation: Compilation) -> list[Figure]:
    """Measure everything on a chain of its own; the figures are in the order of the report."""
    officer = pseudonym(1_000_000)
    with GasMeter.started(compilation, GENESIS_TIME) as meter:
        ours = OurToken.deployed(meter, officer)
        peer = Peer.deployed(meter, officer)
        town = Town.built(meter, [ours, peer])
        payments = list(_cases(town, PAYMENTS_OF_FIRST_LOT))
        cost = {figure.name: figure.ours for figure in payments}
        return [
            *payments,
            _figure(
                "payment_lots_24_over_1", cost["payment_existing_monthly_24_lots"], cost["payment_existing"]
            ),
            *_cases(town, PAYMENTS_OVER_LOTS),
            *_cases(town, PAYMENTS_AFTER_TIME),
            _payment_by_allowance(town, ours, peer),
            *_cases(town, GRANTS),
            _grant_by_policy(town, ours, peer),
            *_batches(town, ours, peer),
            *grant_figures(meter, town, ours, peer),
            *_lapses(town, ours),
            *sale_figures(meter, town, ours),
            *bonus_figures(meter, town, ours),
            *act_figures(town, ours),
            *settlement_figures(meter, town, ours),
            *exchange_figures(town, ours),
            *_views(town, ours, peer),
            *_sizes(compilation),
        ]


def _figure(name: str, ours: float, anchor: float | None, unit: str = GAS) -> Figure:
    return Figure(name, ours, anchor, unit, LIMITS.get(name))


def _cases(town: Town, cases: dict[str, Case]) -> Iterator[Figure]:
    for name, case in cases.items():
        with town.undone():
            ours, peer = case(town)
            yield _figure(name, ours, peer)


def _payment_by_allowance(town: Town, ours: OurToken, peer: Peer) -> Figure:
    """Measure a payment by somebody else, out of a finite allowance that is not used up."""
    with town.undone():
        payer, till = town.resident([END_OF_THIS_FISCAL_YEAR]), town.newcomer()
        for token in (ours, peer):
            token.contract.send("approve", till, LOT_POINTS, sender=payer)
        our_gas, peer_gas = (
            token.contract.send("transferFrom", payer, town.shop, PAID_POINTS, sender=till)
            for token in (ours, peer)
        )
        return _figure("payment_by_allowance", our_gas, peer_gas)


def _grant_by_policy(town: Town, ours: OurToken, peer: Peer) -> Figure:
    """Measure a grant that leaves the month to the series' policy."""
    with town.undone():
        account = town.resident([END_OF_THIS_FISCAL_YEAR])
        our_gas, peer_gas = (
            token.contract.send("mint", account, LOT_POINTS, sender=token.officer) for token in (ours, peer)
        )
        return _figure("mint_existing_by_policy", our_gas, peer_gas)


def _batches(town: Town, ours: OurToken, peer: Peer) -> Iterator[Figure]:
    """Measure one transaction that grants to BATCH residents, for whom it is first new and then not."""
    with town.undone():
        accounts = [town.newcomer() for _ in range(BATCH)]
        amounts = [LOT_POINTS] * BATCH
        for state in ("new", "existing"):
            gas = (
                ours.contract.send(
                    "mintBatch", accounts, amounts, END_OF_THIS_FISCAL_YEAR, sender=ours.officer
                ),
                peer.contract.send("mintBatch", accounts, amounts, sender=peer.officer),
            )
            yield _figure(f"mint_batch{BATCH}_{state}", gas[0] / BATCH, gas[1] / BATCH, GAS_PER_RECIPIENT)


def _lapses(town: Town, ours: OurToken) -> Iterator[Figure]:
    """Measure the recording of lapses, then the same call again; the peer knows none."""
    with town.undone():
        accounts = [town.resident([MONTH, END_OF_THIS_FISCAL_YEAR]) for _ in range(LAPSE_BATCH)]
        town.wait_until(MONTH + 1)
        for name in ("record_lapse", "record_lapse_again"):
            gas = ours.contract.send("recordLapse", accounts, sender=ours.officer)
            yield _figure(name, gas / LAPSE_BATCH, None, GAS_PER_ACCOUNT)


def _views(town: Town, ours: OurToken, peer: Peer) -> Iterator[Figure]:
    """Measure what views cost a contract that asks; people read them for nothing."""

    def view(name: str, function: str, *arguments: str) -> Figure:
        our_gas, peer_gas = (
            token.contract.execution_gas(function, *arguments, sender=token.officer) for token in (ours, peer)
        )
        return _figure(name, our_gas, peer_gas, GAS_OF_EXECUTION)

    for lots in (1, 6, 24):
        with town.undone():
            yield view(f"balance_of_lots_{lots}", "balanceOf", town.resident(consecutive(lots)))
    yield view("balance_of_merchant", "balanceOf", town.shop)
    yield view("total_supply", "totalSupply")
    with town.undone():
        town.wait_until(MONTH + 12)
        yield view("total_supply_12_months_not_closed", "totalSupply")


def _sizes(compilation: Compilation) -> Iterator[Figure]:
    """Compare the sizes of deployed code with what is allowed."""
    for contract, most in MAX_BYTES.items():
        yield Figure(f"size_{contract}", compilation[contract].runtime_size, most, BYTES, limit=1.0)
    # The platform's constructor carries the code of the officers and of the registry of residents.
    creation = len(compilation["PointPlatform"].bytecode) // 2
    yield Figure("size_PointPlatform_creation", creation, MAX_CREATION_BYTES, BYTES, limit=1.0)
