"""Lets the shops of towns get their yen on a local chain, at the second of each row of settlements.csv.

Each town accepts the service, and its series name it (both wait 48 hours). Then its two cashiers approve
what shops are owed by the CSV files and by the events of settlement; the transfer list is made from what the
events say was locked, and its hash is what the chain notes as sent. What bounced is told before the rest is
settled.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from scripts.lib.act_rules import Function, Rule, read_rules
from scripts.lib.acts import Act
from scripts.lib.bank.paper import bank_paper
from scripts.lib.bank.transfer_list import TransferRow, as_csv, transfer_rows
from scripts.lib.calls import Deployer
from scripts.lib.claim_word import CHUNK, ClaimPart, in_order, places_of
from scripts.lib.japan_calendar import fiscal_year_end, moment_label, month_of
from scripts.lib.node.event_log import read_events
from scripts.lib.node.rpc import Rpc
from scripts.lib.proceedings import carry_out
from scripts.lib.reasons import Reason
from scripts.lib.replays.settlement import SettlementReplay
from scripts.lib.roles import Role
from scripts.lib.town_year.on_chain import TownOnChain
from scripts.lib.town_year.settlement_rows import SettlementRow, SettlementStep
from scripts.lib.year_end import YearFigures

SERVICE = "MerchantSettlement"


@dataclass
class SettlementPlay:
    """The service at work for some towns.

    Args:
        service: address of MerchantSettlement.
        keys: under which each town names its bank's papers, by municipality's code.
        folder: where transfer lists are written.

    Attributes:
        figures: tells what of a town's fiscal year is fixed when it is closed.
        batches: number on the chain by series and cut-off.
        transfers: what the bank has paid, by series and cut-off: the list less what bounced.
    """

    rpc: Rpc
    deployer: Deployer
    service: str
    towns: Sequence[TownOnChain]
    keys: Mapping[int, bytes]
    folder: Path
    figures: Callable[[TownOnChain], YearFigures] | None = None
    batches: dict[tuple[str, int], int] = field(default_factory=dict)
    transfers: dict[tuple[str, int], list[TransferRow]] = field(default_factory=dict)
    _rules: dict[Function, Rule] = field(default_factory=dict)
    _next_block: int = 0

    def __post_init__(self) -> None:
        self._replay = SettlementReplay(self.service)
        self._settling = [town for town in self.towns if town.year.settlements]

    def rounds(self) -> list[list[Act]]:
        """Return the acts by which towns and series take the service, each round after the one before."""
        codes = {town.code: town for town in self._settling}
        accept = [self._admin(town, "acceptService", town.code, self.service) for town in codes.values()]
        return [accept, [self._admin(town, "setSettlement", self.service) for town in self._settling]]

    def doings(self) -> Iterator[tuple[int, Callable[[], None]]]:
        """Yield what is done at which second; what several towns do at once is done together."""
        together: defaultdict[tuple[int, SettlementStep], list[tuple[TownOnChain, SettlementRow]]] = (
            defaultdict(list)
        )
        for town in self._settling:
            for row in town.year.settlements:
                together[row.time, row.step].append((town, row))
        steps = {
            SettlementStep.APPROVE: self._approve,
            SettlementStep.PAY: self._pay,
            SettlementStep.CLOSE: self._close,
        }
        for (second, step), due in together.items():
            yield second, lambda step=step, due=due: steps[step](due)  # type: ignore[misc]

    # ---------------------------------------------------------------------- steps

    def _approve(self, due: Sequence[tuple[TownOnChain, SettlementRow]]) -> None:
        """Approve claims, and send the list of what was locked of them."""
        acts = []
        for town, row in due:
            year = fiscal_year_end(month_of(row.time))
            words = [claim.word for claim in self._claims(town, row)]
            acts.append(self._cashiers(town, "approveClaims", town.token, year, row.cut_off, words))
        first = len(self._replay.batches) + 1
        self._decide(acts)
        for number in range(first, len(self._replay.batches) + 1):
            batch = self._replay.batches[number]
            [(town, row)] = [each for each in due if each[0].token == batch.series]
            self.batches[town.token, row.cut_off] = number
        self._decide([self._send(town, row) for town, row in due])

    def _claims(self, town: TownOnChain, row: SettlementRow) -> list[ClaimPart]:
        """Return what shops are owed for sales up to the cut-off, and nobody has locked or been paid."""
        owed: Counter[tuple[str, int]] = Counter()
        for payment in town.year.payments:
            if payment.time <= row.cut_off:
                owed[town.accounts.merchants[payment.merchant], fiscal_year_end(month_of(payment.time))] += (
                    payment.points
                )
        for batch in self._replay.batches.values():
            if batch.series == town.token:
                for claim in batch.remaining():
                    owed[claim.merchant, batch.fiscal_year] -= claim.this_year
                    owed[claim.merchant, batch.fiscal_year - 12] -= claim.earlier_years
        now = fiscal_year_end(month_of(row.time))
        claims = []
        for number in row.merchants or town.accounts.merchants:
            merchant = town.accounts.merchants[number]
            earlier = sum(points for (shop, year), points in owed.items() if shop == merchant and year < now)
            claims.append(ClaimPart(merchant, owed[merchant, now], earlier))
        return in_order([claim for claim in claims if claim.points])

    def _send(self, town: TownOnChain, row: SettlementRow) -> Act:
        transfers = self._transfers(town, row)
        self.transfers[town.token, row.cut_off] = transfers
        content = as_csv(transfers)
        stamp = moment_label(row.cut_off).english.replace(" ", "T").replace(":", "")
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / f"{town.accounts.label}-{stamp}.csv").write_bytes(content)
        number = self.batches[town.token, row.cut_off]
        return self._cashiers(town, "markSent", number, bank_paper(self.keys[town.code], content))

    def _transfers(self, town: TownOnChain, row: SettlementRow) -> list[TransferRow]:
        """Return what the bank is to pay of a batch now, and to whom."""
        batch = self._replay.batches[self.batches[town.token, row.cut_off]]
        shops = {shop.merchant: shop for shop in town.year.merchants}
        names = {account: (shops[number].name, shops[number].place) for number, account in
                 town.accounts.merchants.items()}  # fmt: skip
        owners = {
            town.accounts.merchants[act.merchant]: town.accounts.buyers[act.merchant]
            for act in town.year.shop_sales()
            if act.time <= row.time
        }
        return transfer_rows(batch, names, owners)

    def _pay(self, due: Sequence[tuple[TownOnChain, SettlementRow]]) -> None:
        """Let bounced claims come back, then note that the bank has paid the others."""
        self._decide([self._bounce(town, row) for town, row in due if row.merchants])
        acts = []
        for town, row in due:
            number = self.batches[town.token, row.cut_off]
            words = [claim.word for claim in self._replay.batches[number].claims]
            acts.append(
                self._cashiers(town, "settle", number, words, self._paper(town, row, "振込結果"), False)
            )
            left = {claim.merchant for claim in self._replay.batches[number].remaining()}
            paid = self.transfers[town.token, row.cut_off]
            self.transfers[town.token, row.cut_off] = [each for each in paid if each.merchant in left]
        self._decide(acts)

    def _bounce(self, town: TownOnChain, row: SettlementRow) -> Act:
        number = self.batches[town.token, row.cut_off]
        claims = self._replay.batches[number].claims
        shops = [town.accounts.merchants[merchant] for merchant in row.merchants]
        places = places_of([place for place, claim in enumerate(claims) if claim.merchant in shops])
        first, stop = min(places), max(places) + 1
        words = [claim.word for claim in claims[first * CHUNK : stop * CHUNK]]
        masks = [places.get(chunk, 0) for chunk in range(first, stop)]
        slip = self._paper(town, row, "振込不能")
        return self._cashiers(town, "bounce", number, first, masks, words, slip)

    def _close(self, due: Sequence[tuple[TownOnChain, SettlementRow]]) -> None:
        """Fix the figures of the fiscal year."""
        assert self.figures is not None
        self._decide(
            [
                self._cashiers(
                    town, "closeYear", town.token, month_of(row.cut_off), tuple(self.figures(town))
                )
                for town, row in due
            ]
        )

    # ----------------------------------------------------------------------- acts

    def _paper(self, town: TownOnChain, row: SettlementRow, what: str) -> bytes:
        """Name a paper that the bank sent about a batch."""
        text = f"{town.accounts.label} {what} {moment_label(row.cut_off).japanese}"
        return bank_paper(self.keys[town.code], text.encode())

    def _cashiers(self, town: TownOnChain, function: str, *arguments: object) -> Act:
        officers = town.accounts.officers
        return Act(
            town.code,
            SERVICE,
            self.service,
            function,
            (town.code, *arguments),
            Reason.ROUTINE,
            by=officers[Role.CASHIER][0],
            second=officers[Role.SECOND_CASHIER][0],
            subject=town.year.town.series_name,
        )

    def _admin(self, town: TownOnChain, function: str, *arguments: object) -> Act:
        is_own = function == "setSettlement"
        admin, second = town.accounts.officers[Role.ADMIN]
        contract, address = ("MunicipalPoint", town.token) if is_own else ("Officers", town.officers)
        return Act(town.code, contract, address, function, arguments, Reason.NEW_SERVICE, admin, second)

    def _decide(self, acts: Sequence[Act]) -> None:
        """Carry acts out, and read what came of them."""
        if not acts:
            return
        officers = self.towns[0].officers
        if unknown := {act.called for act in acts} - self._rules.keys():
            self._rules |= read_rules(self.deployer, officers, unknown)
        # A local chain of our own: nothing was interrupted on it.
        carry_out(self.deployer, officers, acts, resume=False, rules=self._rules)
        last = int(self.rpc.call("eth_blockNumber"), 16)
        contracts = [self.service, *(town.token for town in self._settling)]
        for event in read_events(self.rpc, contracts, self._next_block, last):
            self._replay.apply(event)
        self._next_block = last + 1
