"""Rebuilds a platform from its dataset alone, checks the whole history, and compares the end with the chain.

    verdict = verify(rpc, folder)
    verdict.violations          # empty if all is well

Four things, each told by itself: that the files are those that were written, and of this chain; that the
contracts' code is these sources'; that no event contradicts the others, from the first block on (I1 to I9);
and that every view of every contract answers at the last block what follows from the events.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from scripts.lib.audit.breaches import BEYOND_RULE, NOT_CONSERVED
from scripts.lib.audit.chain_figures import Figure, agrees, chain_figures
from scripts.lib.audit.code_check import foreign_code
from scripts.lib.audit.contracts_found import SERIES
from scripts.lib.audit.dataset import Dataset, DatasetError, Header
from scripts.lib.audit.departure import find_departures, find_departures_of_code
from scripts.lib.audit.event_stream import read_dataset
from scripts.lib.audit.event_tables import UNREADABLE
from scripts.lib.audit.lenient_replay import complete, take
from scripts.lib.audit.log_pages import block_seal
from scripts.lib.audit.violation import CHAIN, CODE, DATASET, Violation, at_event, contradiction
from scripts.lib.audit.violation_story import STORIES, tell_stories
from scripts.lib.bilingual import Bilingual
from scripts.lib.calls import View
from scripts.lib.expiry_rule import expiry_label
from scripts.lib.japan_calendar import last_second, month_label, month_of
from scripts.lib.node.event_log import Event, to_address
from scripts.lib.node.local_chain import RpcError
from scripts.lib.node.rpc import Rpc
from scripts.lib.node.view_reader import read_views
from scripts.lib.payment.sale_terms import SaleTerms
from scripts.lib.replays.attribution import Attribution
from scripts.lib.replays.everything import Replay, ReplayError, SeriesReplay
from scripts.lib.undecodable import UNDECODABLE

_FIGURES_AT_ONCE = 2_000
_QUESTIONS_AT_ONCE = 2
"""So many times _FIGURES_AT_ONCE the node is asked at a time: it works while answers are decoded here."""


class Books(NamedTuple):
    """Where all points of a series are by the events (I1): `made` is the sum of all the others."""

    made: int
    carried_in: int
    live: int
    lapsed: int
    claims: int
    locked: int
    settled: int
    revoked: int
    carried_out: int

    @property
    def accounted(self) -> int:
        """Points that are somewhere, or are known to be gone."""
        return sum(self[2:])

    @classmethod
    def of(cls, series: SeriesReplay, second: int) -> Books:
        """Add up a series at a second that is not before its last event."""
        state, month = series.state_at(second), month_of(second)
        claims = state.claims.values()
        return cls(
            made=series.minted.total() + series.restored.total(),
            carried_in=series.carried_in,
            live=sum(sum(lots.values()) for lots in state.lots.values()),
            lapsed=sum(points for end, points in state.points_by_month.items() if end < month),
            claims=sum(claim.this_year + claim.earlier_years for claim in claims),
            locked=sum(claim.locked for claim in claims),
            settled=series.settled.total(),
            revoked=series.revoked,
            carried_out=series.carried_out,
        )


@dataclass
class Verdict:
    """What an audit came to.

    Attributes:
        digest: of the dataset: who has the same has read the same.
        last: the block at which the chain was compared.
        months: how many sums of a series and month were checked.
        figures: how many answers of the chain were compared.
        rebuild_seconds: CPU time of the replay.
        compare_seconds: wall time of asking the chain.
        books: of every series at the last block, or at the end of the day `on`, by its address.
        on: that day's last second; None for the last block.
        names: of the series.
        is_offline: whether no node was asked: nothing was compared with the chain, nor its code.
        head: the chain's latest block, beyond which nothing was looked at after `last`.
    """

    digest: str
    last: int
    events: int = 0
    contracts: int = 0
    months: int = 0
    figures: int = 0
    rebuild_seconds: float = 0
    compare_seconds: float = 0
    books: dict[str, Books] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    is_offline: bool = False
    head: int = 0
    on: int | None = None
    violations: list[Violation] = field(default_factory=list)


def verify(rpc: Rpc | None, folder: Path, on: int | None = None) -> Verdict:
    """Check a dataset and the chain that it was read from; all of it, whatever `on` is.

    Args:
        on: the last second of a day as of whose end the books are to be told.
        rpc: None for what needs no node: the files, and that no event contradicts the others.

    Raises:
        DatasetError: there is no dataset, its manifest is damaged, or the contracts have changed since.
        RpcError: the node refuses a question.
    """
    dataset = Dataset(folder)
    if dataset.header is None or dataset.last < 0:
        raise DatasetError(f"{folder} holds no dataset: fetch first")
    audit = _Audit(rpc, dataset, dataset.header, on)
    audit.run()
    return audit.verdict


class _Audit:
    """One run of `verify`."""

    def __init__(self, rpc: Rpc | None, dataset: Dataset, header: Header, on: int | None) -> None:
        self.rpc = rpc
        self.dataset = dataset
        self.header = header
        self.verdict = Verdict(dataset.digest, dataset.last, is_offline=rpc is None, head=dataset.last, on=on)
        self.block = hex(dataset.last)
        self.replay: Replay
        self.attribution: Attribution | None = None
        self._on = on
        """As long as its books have not been told."""
        self._payable: dict[str, int] = {}
        self._services: dict[str, str] = {}
        self._last_event: dict[str, Event] = {}
        """By contract."""

    def run(self) -> None:
        self._check_files()
        if self.verdict.violations:
            return  # nothing that such files tell is worth a word
        if self.rpc is not None:
            self._check_chain(self.rpc)
            self._check_code(self.rpc)
        self._check_unreadable()
        self.replay = self._new_replay()
        started = time.process_time()
        for event in read_dataset(self.dataset):
            self._close_months(event.time)
            if self._on is not None and event.time > self._on:
                self._tell_books(self._on)
            self._take(event)
            self.verdict.events += 1
        self._finish()
        self.verdict.rebuild_seconds = time.process_time() - started
        if self.rpc is not None:
            began = time.monotonic()
            self._compare(self.rpc)
            self.verdict.compare_seconds = time.monotonic() - began
        if self.verdict.violations:
            self.verdict.violations = tell_stories(
                self.verdict.violations, self.dataset, self.replay, self._sender_of
            )

    def _find(self, breaks: str, english: str, japanese: str, **place: str | int) -> None:
        self.verdict.violations.append(Violation(breaks, Bilingual(english, japanese), **place))  # type: ignore[arg-type]

    # ---------------------------------------------------------------- the files, the chain, the code

    def _check_files(self) -> None:
        for name, fault in self.dataset.faults():
            self._find(
                DATASET, "a file is not as it was written", "データの欠落・改変", account=name, facts=fault
            )

    def _check_chain(self, rpc: Rpc) -> None:
        self.verdict.head = int(rpc.call("eth_blockNumber"), 16)
        identity = rpc.identity()
        if identity != (self.header.chain_id, self.header.genesis):
            facts = f"the dataset is of chain {self.header.chain_id}, {self.header.genesis}"
            self._find(CHAIN, "this is another chain", "別のチェーン", facts=facts)
        for segment in self.dataset.segments:
            found = block_seal(rpc, segment.last)
            if found != segment.seal:
                told = f"{found.hash} at {found.time}" if found.hash else "not there"
                facts = f"block {segment.last} was {segment.last_hash} at {segment.last_time}, is {told}"
                what = "the chain has replaced blocks since: fetch again", "チェーンの再編成(要再取得)"
                self._find(CHAIN, *what, facts=facts, block=segment.last)

    def _check_code(self, rpc: Rpc) -> None:
        header = self.header
        contracts = {
            header.platform: "PointPlatform",
            header.officers: "Officers",
            header.residents: "ResidentRegistry",
        } | {contract.address: contract.kind for contract in self.dataset.contracts if contract.kind}
        foreign = list(foreign_code(rpc, contracts, self.block))
        since = find_departures_of_code(rpc, self.dataset, [each.address for each in foreign])
        for address, contract, why in foreign:
            facts = f"{contract}: {why}"
            what = "a contract's code is not these sources'", "契約コードの相違"
            self._find(CODE, *what, contract=address, account=address, facts=facts)
            self.verdict.violations.append(self.verdict.violations.pop().since(since[address]))

    def _check_unreadable(self) -> None:
        for segment in self.dataset.segments:
            for name, table in self.dataset.tables(segment):
                for row in table.to_pylist() if name == UNREADABLE else ():
                    self._find(
                        CHAIN,
                        "a log that is no event of ours, or has an impossible figure",
                        "読めない記録(未知の事象、またはありえない数値)",
                        contract="0x" + row["contract"].hex(),
                        transaction="0x" + row["transaction"].hex(),
                        account="0x" + row["contract"].hex(),
                        facts=f"topics {row['topics'].hex()}, data {row['data'].hex()}",
                        block=row["block"],
                    )

    # ---------------------------------------------------------------------------------- the history

    def _new_replay(self) -> Replay:
        found = self.dataset.contracts
        self.verdict.contracts = 3 + sum(bool(each.kind) for each in found)
        tokens = [each.address for each in found if each.kind == SERIES]
        self.verdict.names = {each.address: each.name for each in found if each.kind == SERIES}
        self._payable = {token: SaleTerms().payable_days for token in tokens}
        if self.rpc is not None:
            days = read_views(self.rpc, [View(SERIES, token, "saleDays") for token in tokens], self.block)
            self._payable = {token: told for token, (told, *_) in zip(tokens, days, strict=True)}
        self._services = {each.address: each.kind for each in found if each.kind != SERIES}
        programmes = [address for address, kind in self._services.items() if kind == "GrantProgrammes"]
        self.attribution = Attribution(programmes[0] if programmes else "")
        return self._empty_replay()

    def _empty_replay(self) -> Replay:
        header = self.header
        return Replay(header.platform, header.officers, header.residents, self._payable, self._services)

    def _take(self, event: Event) -> None:
        """Take in an event; what contradicts it is found, and the rest goes on."""
        take(self.replay, event, self._contradicted)
        self._last_event[event.address] = event
        self._attribute(event)

    def _contradicted(self, error: ReplayError) -> None:
        self.verdict.violations.append(contradiction(error))

    def _attribute(self, event: Event) -> None:
        """Follow whose points the lots hold, until events that contradict each other leave no answer."""
        if self.attribution is None:
            return
        try:
            self.attribution.apply(event)
        except (ValueError, KeyError):
            if not self.verdict.violations:
                raise
            self.attribution = None
            return
        while self.attribution.overdrawn:
            its = self.attribution.overdrawn.pop(0)
            facts = f"{its.taken} points were taken of {its.source}, which had {its.left} left"
            self.verdict.violations.append(at_event(its.event, BEYOND_RULE, facts))

    def _finish(self) -> None:
        complete(self.replay.finish, self._contradicted)
        self._now = self.dataset.seal.time
        self._close_months(self._now)
        for token, series in self.replay.series.items():
            if token not in self.replay.registered:
                what = "no event registers the series", "登録の記録のない種別"
                self._find(CHAIN, *what, contract=token, account=token)
            books = self._check_books(token, series, self._now)
            if self.verdict.on is None:
                self.verdict.books[token] = books
        if self._on is not None:
            self._tell_books(self._on)  # nothing has come after it

    def _tell_books(self, on: int) -> None:
        """Note the books at the end of a day: what ended with it has lapsed."""
        self.verdict.books = {token: Books.of(series, on + 1) for token, series in self.replay.series.items()}
        self._on = None

    _month: int | None = None

    def _close_months(self, second: int) -> None:
        """Check every series at the end of each month that has passed before a second (I1, I3)."""
        month = month_of(second)
        if self._month is None:
            self._month = month
        while self._month < month:
            for token, series in self.replay.series.items():
                self._check_books(token, series, last_second(self._month))
                self.verdict.months += 1
            self._month += 1

    def _check_books(self, token: str, series: SeriesReplay, second: int) -> Books:
        books = Books.of(series, second)
        month = month_of(second)
        facts = []
        if books.made + books.carried_in != books.accounted:
            told = ", ".join(f"{name} {points}" for name, points in books._asdict().items())
            facts.append(f"made and carried in {sum(books[:2])}, accounted for {books.accounted}: {told}")
        lots = series.state_at(second)
        for end, points in lots.points_by_month.items():
            held = sum(months.get(end, 0) for months in lots.lots.values())
            if end >= month and held != points:
                facts.append(f"{points} points end with {month_label(end).english}, the lots hold {held}")
        for fact in facts:
            transaction, block = self._cause_in(token)
            where = f"{month_label(month).english}: {fact}"
            invariant, what = NOT_CONSERVED
            found = Violation(invariant, what, token, transaction, facts=where, block=block)
            self.verdict.violations.append(found)
        return books

    def _cause_in(self, token: str) -> tuple[str, int]:
        """Return where a series' books may have gone wrong: its last wrong event, or its last."""
        for its in reversed(self.verdict.violations):
            if its.contract == token and its.transaction:
                return its.transaction, its.block
        last = self._last_event.get(token)
        return ("", 0) if last is None else (last.transaction, last.block)

    def _sender_of(self, transaction: str) -> str:
        """Return who sent a transaction; "" without a node that knows it."""
        if self.rpc is None:
            return ""
        try:
            told = self.rpc.call("eth_getTransactionByHash", transaction)
        except RpcError:
            return ""
        return "" if told is None else to_address(told["from"])

    # --------------------------------------------------------------------------- the chain at the end

    def _compare(self, rpc: Rpc) -> None:
        header = self.header
        figures = chain_figures(self.replay, header.platform, header.officers, header.residents, self._now)
        differing: dict[View, Violation] = {}
        for batch, answers in _answered(rpc, figures, self.block):
            self.verdict.figures += len(batch)
            for figure, answer in zip(batch, answers, strict=True):
                if agrees(figure.expected, answer):
                    continue
                view = figure.view
                facts = f"{view.contract}.{view.function}: {_both_figures(view, figure.expected, answer)}"
                differing[view] = Violation(CHAIN, figure.what, view.address, "", figure.account, facts)
        told = list(differing)[:STORIES]
        since = find_departures(rpc, self.dataset, self._empty_replay, told) if told else {}
        for view, its in differing.items():
            self.verdict.violations.append(its.since(since[view]) if view in since else its)


def _both_figures(view: View, expected: object, answer: object) -> str:
    """Return what the events come to, and what the chain answers; None is what no event tells."""
    return f"events {_figure(view, expected)}, chain {_figure(view, answer)}"


def _figure(view: View, value: object) -> str:
    if view.function == "lotsOf" and isinstance(value, (tuple, list)):
        months, points = value
        lots = [
            f"{held:,} until {expiry_label(end).english}" for end, held in zip(months, points, strict=True)
        ]
        return "; ".join(lots) or "nothing"
    if isinstance(value, (tuple, list)):
        return "(" + ", ".join(_figure(view, part) for part in value) + ")"
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "–" if value is None else str(value)


def _answered(rpc: Rpc, figures: Iterator[Figure], block: str) -> Iterator[tuple[list[Figure], list[object]]]:
    """Yield figures in their order, with the chain's answers."""

    def ask(batch: list[Figure]) -> list[object]:
        with closing(Rpc(rpc.url)) as own:  # a connection is not for several threads
            return _answers(own, [figure.view for figure in batch], block)

    asked: deque[tuple[list[Figure], Future[list[object]]]] = deque()
    with ThreadPoolExecutor(_QUESTIONS_AT_ONCE) as pool:
        while batch := list(islice(figures, _FIGURES_AT_ONCE)):
            asked.append((batch, pool.submit(ask, batch)))
            if len(asked) > _QUESTIONS_AT_ONCE:
                earliest, future = asked.popleft()
                yield earliest, future.result()
        for earliest, future in asked:
            yield earliest, future.result()


def _answers(rpc: Rpc, views: list[View], block: str) -> list[object]:
    """Answer views; one that reverts, or that foreign code answers, is answered with what was said."""
    try:
        return read_views(rpc, views, block)
    except (RpcError, *UNDECODABLE) as error:
        if len(views) == 1:
            return [f"refused: {error}"]
        half = len(views) // 2
        return [*_answers(rpc, views[:half], block), *_answers(rpc, views[half:], block)]
