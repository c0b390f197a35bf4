"""How much dearer strangers can make what others do: `make bench ARGS=--growth` measures, tests/gas compares.

Every verb is measured from the same state: with nobody about; after strangers have done all that they may, or
are refused, around the accounts concerned; and, where a municipality lets residents give to each other,
after they have also given its accounts a point of every month, once and once more. Only giving makes
anything dearer, and it is bounded: an account has one lot a month, 62 in all, however often it is given.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from eth_account.signers.local import LocalAccount
from eth_utils import keccak

from scripts.lib.compiler import Compilation
from scripts.lib.expiry_rule import MAX_TERM_MONTHS, NEVER
from scripts.lib.gas.exchange import Exchange, opened_exchange
from scripts.lib.gas.grants import Programmes
from scripts.lib.gas.meter import GasMeter, MeteredContract
from scripts.lib.gas.sales import Counter, opened_counter
from scripts.lib.gas.tokens import MUNICIPALITY, OurToken
from scripts.lib.gas.town import (
    END_OF_NEXT_FISCAL_YEAR,
    GENESIS_TIME,
    LOT_POINTS,
    MONTH,
    PAID_POINTS,
    Town,
    consecutive,
    pseudonym,
)
from scripts.lib.grant_list import Row
from scripts.lib.japan_calendar import day_of, start_of
from scripts.lib.node.local_chain import RpcError
from scripts.lib.payment.sale_number import SERIALS, sale_number
from scripts.lib.payment.signing import NO_SIGNATURE
from scripts.lib.reasons import Reason

SYBILS = 3
GIVERS = 3
GIVINGS = 2
DUST_MONTHS = (*consecutive(MAX_TERM_MONTHS + 1), NEVER)


class Costs(NamedTuple):
    """The gas of one transaction.

    Attributes:
        alone: with nobody about.
        among_strangers: after all that strangers do.
        among_givers: after they have given, too, where residents may give.
        given_again: after they have done so once more.
    """

    alone: int
    among_strangers: int
    among_givers: int
    given_again: int


@dataclass
class Scene:
    """A town with a shop, services and strangers, of whom some hold a point of every month."""

    town: Town
    ours: OurToken
    counter: Counter
    programmes: Programmes
    exchange: Exchange
    givers: list[str]
    _numbers: int = field(default=100)

    @property
    def token(self) -> MeteredContract:
        """The series."""
        return self.ours.contract

    @property
    def council(self) -> str:
        """In whose name acts of officers reach the contracts."""
        return self.ours.officers.address

    def act(self, function: str, *arguments: Any) -> int:
        """Do on the series what an act of officers does; return the gas."""
        return self.token.send(function, *arguments, sender=self.council)

    def payer(self) -> LocalAccount:
        """Return a resident with two lots."""
        return self.counter.payer([END_OF_NEXT_FISCAL_YEAR - 12, END_OF_NEXT_FISCAL_YEAR])

    def late_payer(self) -> LocalAccount:
        """Return a resident whose one lot ends after all that can be given: it is spent last."""
        return self.counter.payer([NEVER])

    def members(self, count: int) -> tuple[list[int], list[str]]:
        """Return numbers and accounts of residents, who hold points."""
        numbers = list(range(self._numbers, self._numbers + count))
        self._numbers += count
        accounts = self.programmes.settle(self.town, numbers)
        for account in accounts:
            self.ours.grant(account, END_OF_NEXT_FISCAL_YEAR)
        return numbers, accounts


Steps = Generator["list[str] | int", None, None]
"""First the accounts that strangers may try to burden, then the gas of the verb."""

Verb = Callable[[Scene], Steps]


def costs(compilation: Compilation) -> dict[str, Costs]:
    """Measure every verb on a chain of its own."""
    with GasMeter.started(compilation, GENESIS_TIME) as meter:
        scene = _scene(meter)
        return {name: _costs(scene, verb) for name, verb in VERBS.items()}


def _scene(meter: GasMeter) -> Scene:
    officer = pseudonym(1_000_000)
    ours = OurToken.deployed(meter, officer)
    town = Town.built(meter, [ours])
    counter = opened_counter(town, ours)
    programmes = Programmes.deployed(meter, ours)
    exchange = opened_exchange(town, ours)
    exchange.sweep([exchange.exchange(3)[0]])
    ours.contract.send("setTransferSwitches", True, False, sender=ours.officers.address)
    givers = [pseudonym(5_000 + place) for place in range(GIVINGS * GIVERS)]
    for month in DUST_MONTHS:
        ours.contract.send("mintBatch", givers, [1] * len(givers), month, sender=officer)
    ours.contract.send("setTransferSwitches", False, False, sender=ours.officers.address)
    scene = Scene(town, ours, counter, programmes, exchange, givers)
    counter.submit(scene.payer())  # the shop's word turns to this month, and the day has sales
    return scene


def _costs(origin: Scene, verb: Verb) -> Costs:
    measured = []
    for strangers, givings in ((False, 0), (True, 0), (True, 1), (True, GIVINGS)):
        # The same payers and references each time, so that call data has the same bytes.
        scene = replace(origin, counter=origin.counter.copied(), exchange=origin.exchange.copied())
        with scene.town.undone():
            if givings:
                scene.act("setTransferSwitches", True, False)
            steps = verb(scene)
            accounts = next(steps)
            assert isinstance(accounts, list)
            if strangers:
                _press(scene, accounts)
            for giving in range(givings):
                _give(scene, accounts, scene.givers[giving * GIVERS :])
            gas = next(steps)
            assert isinstance(gas, int)
            measured.append(gas)
    return Costs(*measured)


def _press(scene: Scene, accounts: list[str]) -> None:
    """Let strangers do what they may around these accounts and the shop, and try what they may not."""
    shop, token = scene.counter.merchant, scene.token
    for place in range(SYBILS):
        sybil = pseudonym(6_000 + place)
        scene.ours.grant(sybil, END_OF_NEXT_FISCAL_YEAR)
        token.send("transfer", shop, 1, sender=sybil)
        # Numbers of their own, so that the shop's next one is the same whether they were here or not.
        sale = sale_number(day_of(scene.town.meter.chain.now()), SERIALS - 1 - place)
        junk = (keccak(text=f"r {place}"), keccak(text=f"s {place}"))
        terms = int(scene.counter.merchant, 16) << 96 | sale << 64 | 1 << 35 | 0x6FFFFFFF
        tried: list[tuple[MeteredContract, str, tuple[Any, ...]]] = [
            (token, "voidSale", (shop, sale)),
            (token, "paySigned", (shop, terms, *junk)),
            (token, "payBatch", (shop, [(terms, *junk)], *NO_SIGNATURE)),
            (token, "setTill", (shop, sybil, True)),
            (token, "recordLapse", ([*accounts, shop],)),
            (scene.programmes.contract, "run", (1, 0, [], [])),
        ]
        for account in accounts:
            tried += [
                (token, "approve", (account, 2**256 - 1)),
                (token, "transfer", (account, 1)),
                (token, "transferFrom", (account, shop, 1)),
                (token, "syncBlocked", (account,)),
                (token, "carry", (account,)),
                (
                    scene.ours.officers,
                    "propose",
                    (
                        MUNICIPALITY,
                        token.address,
                        token.calldata("freeze", account),
                        Reason.ROUTINE,
                        bytes(32),
                    ),
                ),
            ]
        for contract, function, arguments in tried:
            with contextlib.suppress(RpcError):
                contract.send(function, *arguments, sender=sybil)


def _give(scene: Scene, accounts: list[str], givers: list[str]) -> None:
    """Give each account a point of every month."""
    for giver, account in zip(givers, accounts, strict=False):
        all_points = scene.token.read("balanceOf", giver)
        scene.token.send("transfer", account, all_points, sender=giver)


# ------------------------------------------------------------------- payments


def _transfer(scene: Scene) -> Steps:
    payer = scene.late_payer().address
    yield [payer]
    yield scene.ours.pay(payer, scene.counter.merchant, PAID_POINTS)


def _transfer_from(scene: Scene) -> Steps:
    payer, spender = scene.late_payer().address, pseudonym(7_000)
    scene.token.send("approve", spender, LOT_POINTS, sender=payer)
    yield [payer]
    yield scene.token.send("transferFrom", payer, scene.counter.merchant, PAID_POINTS, sender=spender)


def _pay(scene: Scene) -> Steps:
    payer = scene.late_payer()
    yield [payer.address]
    sale = scene.counter.open_sale()
    signed = scene.counter.signed_sale(sale)
    yield scene.token.send("pay", scene.counter.merchant, sale, PAID_POINTS, *signed, sender=payer.address)


def _pay_signed(scene: Scene) -> Steps:
    payer = scene.late_payer()
    yield [payer.address]
    yield scene.counter.submit(payer)[1]


def _pay_relayed(scene: Scene) -> Steps:
    payer = scene.late_payer()
    yield [payer.address]
    sale = scene.counter.open_sale()
    yield scene.token.send(
        "payRelayed",
        scene.counter.merchant,
        scene.counter.payment(payer, sale),
        *scene.counter.signed_sale(sale),
        sender=pseudonym(7_001),
    )


def _pay_batch(scene: Scene) -> Steps:
    payers = [scene.late_payer() for _ in range(GIVERS)]
    yield [payer.address for payer in payers]
    payments = [scene.counter.payment(payer, scene.counter.open_sale()) for payer in payers]
    yield scene.token.send(
        "payBatch", scene.counter.merchant, payments, *NO_SIGNATURE, sender=scene.counter.till
    )


def _pay_after_months(scene: Scene) -> Steps:
    """Pay when all that ends has ended; what is granted without end is left."""
    payer = scene.payer().address
    scene.ours.grant(payer, NEVER)
    yield [payer]
    scene.town.meter.chain.mine_at(start_of(MONTH + MAX_TERM_MONTHS + 1))
    scene.ours.pay(scene.town.resident([NEVER]), scene.counter.merchant, PAID_POINTS)
    yield scene.ours.pay(payer, scene.counter.merchant, PAID_POINTS)


def _refund(scene: Scene) -> Steps:
    payer = scene.payer()
    sale, _ = scene.counter.submit(payer)
    yield [payer.address]
    yield scene.counter.refund(sale, payer, {END_OF_NEXT_FISCAL_YEAR - 12: PAID_POINTS})


def _void_sale(scene: Scene) -> Steps:
    yield []
    sale = scene.counter.open_sale()
    yield scene.token.send("voidSale", scene.counter.merchant, sale, sender=scene.counter.till)


def _cancel_signatures(scene: Scene) -> Steps:
    payer = scene.payer().address
    yield [payer]
    yield scene.token.send("cancelSignatures", sender=payer)


def _approve(scene: Scene) -> Steps:
    payer = scene.payer().address
    yield [payer]
    yield scene.token.send("approve", pseudonym(7_000), LOT_POINTS, sender=payer)


def _set_till(scene: Scene) -> Steps:
    yield []
    yield scene.token.send(
        "setTill", scene.counter.merchant, pseudonym(7_002), True, sender=scene.counter.merchant
    )


# --------------------------------------------------------------------- grants


def _mint(scene: Scene) -> Steps:
    account = scene.payer().address
    yield [account]
    yield scene.ours.grant(account, END_OF_NEXT_FISCAL_YEAR)


def _mint_new_month(scene: Scene) -> Steps:
    account = scene.payer().address
    yield [account]
    yield scene.ours.grant(account, END_OF_NEXT_FISCAL_YEAR - 6)


def _run_batch(scene: Scene) -> Steps:
    numbers, accounts = scene.members(GIVERS)
    programme = scene.programmes.opened()
    approved = scene.programmes.approved(programme, [Row(number, LOT_POINTS) for number in numbers])
    yield accounts
    yield scene.programmes.run(approved)


def _approve_batch(scene: Scene) -> Steps:
    numbers, accounts = scene.members(GIVERS)
    programme = scene.programmes.opened()
    scene.programmes.approved(programme, [Row(number, LOT_POINTS) for number in numbers])
    yield accounts
    occurrence = scene.programmes.open_occurrence(programme)
    terms = (keccak(text="root"), 3, 3 * LOT_POINTS, keccak(text="list"))
    yield scene.programmes.contract.send(
        "approveBatch", MUNICIPALITY, occurrence, terms, sender=scene.council
    )


def _take_back(scene: Scene) -> Steps:
    account = scene.payer().address
    yield [account]
    yield scene.token.send("takeBack", account, 10, END_OF_NEXT_FISCAL_YEAR, sender=scene.ours.officer)


# ----------------------------------------------------------- acts of officers


def _act_on_account(function: str, *more: Any) -> Verb:
    def verb(scene: Scene) -> Steps:
        account = scene.payer().address
        yield [account]
        yield scene.act(function, account, *more)

    return verb


def _unfreeze(scene: Scene) -> Steps:
    account = scene.payer().address
    yield [account]
    scene.act("freeze", account)
    yield scene.act("unfreeze", account)


def _extend_lots(scene: Scene) -> Steps:
    accounts: list[str] = [scene.payer().address for _ in range(GIVERS)]
    yield accounts
    yield scene.act("extendLots", END_OF_NEXT_FISCAL_YEAR, END_OF_NEXT_FISCAL_YEAR + 1, accounts)


def _restore_lots(scene: Scene) -> Steps:
    account = scene.counter.payer([MONTH]).address
    scene.town.meter.chain.mine_at(start_of(MONTH + 1))
    scene.token.send("recordLapse", [account], sender=scene.council)
    yield [account]
    yield scene.act("restoreLots", MONTH, END_OF_NEXT_FISCAL_YEAR, [account], [PAID_POINTS])


def _act(function: str, *arguments: Any) -> Verb:
    def verb(scene: Scene) -> Steps:
        yield []
        yield scene.act(function, *arguments)

    return verb


def _suspend(scene: Scene) -> Steps:
    yield []
    yield scene.act("suspendMerchant", scene.counter.merchant)


def _replace_owner(scene: Scene) -> Steps:
    yield []
    yield scene.act("replaceOwner", scene.counter.merchant, pseudonym(7_003))


def _propose(scene: Scene) -> Steps:
    account = scene.payer().address
    yield [account]
    yield scene.ours.officers.send(
        "perform",
        MUNICIPALITY,
        scene.token.address,
        scene.token.calldata("freeze", account),
        Reason.ROUTINE,
        bytes(32),
        sender=pseudonym(1_000_002),
    )


# ------------------------------------------------------- accounts and exchange


def _record_lapse(scene: Scene) -> Steps:
    account = scene.counter.payer([MONTH, END_OF_NEXT_FISCAL_YEAR]).address
    scene.town.meter.chain.mine_at(start_of(MONTH + 1))
    yield [account]
    yield scene.token.send("recordLapse", [account], sender=scene.council)


def _exchange(scene: Scene) -> Steps:
    scene.exchange.exchange(1)
    yield [scene.ours.residents.read("accountOf", MUNICIPALITY, 1)]
    yield scene.exchange.exchange(1)[1]


def _sweep(scene: Scene) -> Steps:
    holding, _ = scene.exchange.exchange(1)
    yield [scene.ours.residents.read("accountOf", MUNICIPALITY, 1)]
    yield scene.exchange.sweep([holding])


VERBS: dict[str, Verb] = {
    "transfer": _transfer,
    "transferFrom": _transfer_from,
    "pay": _pay,
    "paySigned": _pay_signed,
    "payRelayed": _pay_relayed,
    f"payBatch of {GIVERS}": _pay_batch,
    "transfer, all other lots ended": _pay_after_months,
    "refund": _refund,
    "voidSale": _void_sale,
    "cancelSignatures": _cancel_signatures,
    "approve": _approve,
    "setTill": _set_till,
    "mintUntil, a lot that is there": _mint,
    "mintUntil, a new lot": _mint_new_month,
    f"GrantProgrammes.run, {GIVERS} rows": _run_batch,
    "GrantProgrammes.approveBatch": _approve_batch,
    "takeBack": _take_back,
    "revoke": _act_on_account("revoke", 10, END_OF_NEXT_FISCAL_YEAR),
    "freeze": _act_on_account("freeze"),
    "unfreeze": _unfreeze,
    f"extendLots of {GIVERS}": _extend_lots,
    "restoreLots": _restore_lots,
    "approveMerchant": _act("approveMerchant", pseudonym(7_004), 1, "八百屋", "本町1-1"),
    "suspendMerchant": _suspend,
    "replaceOwner": _replace_owner,
    "increaseMinterAllowance": _act("increaseMinterAllowance", pseudonym(7_005), LOT_POINTS),
    "setExpiryPolicy": _act("setExpiryPolicy", 0, 0),
    "pause": _act("pause", 3600),
    "Officers.perform, a freeze": _propose,
    "recordLapse": _record_lapse,
    "PartnerExchange.exchange": _exchange,
    "PartnerExchange.sweep": _sweep,
}
