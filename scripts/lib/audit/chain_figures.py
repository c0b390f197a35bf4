"""What the chain must answer if the events tell the truth: every view of every contract, one by one.

    for figure in chain_figures(replay, now): ...

Each figure is a question to a contract and the answer that follows from the events. Structs are given as far
as events tell them; `None` stands for a part that they do not tell. Amounts are points.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from scripts.lib.bilingual import Bilingual
from scripts.lib.calls import View
from scripts.lib.claim_word import CHUNK
from scripts.lib.expiry_rule import MAX_TERM_MONTHS, NEVER
from scripts.lib.japan_calendar import day_of, fiscal_year_label, month_label, month_of
from scripts.lib.payment.sale_number import day_of_sale
from scripts.lib.replays.bonus import BonusReplay
from scripts.lib.replays.everything import ZERO_ADDRESS, Replay, SeriesReplay
from scripts.lib.replays.exchange import ExchangeReplay
from scripts.lib.replays.officers import Office, OfficersReplay
from scripts.lib.replays.programmes import ProgrammesReplay
from scripts.lib.replays.residents import ResidentsReplay
from scripts.lib.replays.settlement import SettlementReplay
from scripts.lib.roles import COUNCIL, Role, role_id

_HASH_OF_NOTHING = bytes(32)
_MOST_ROWS = 1_000_000
"""Of a list, that are asked for whether they were granted or not: a forged one has four milliards."""


class Figure(NamedTuple):
    """A question and its answer by the events.

    Attributes:
        account: the account, or number of what it is about; "" for a contract as a whole.
    """

    view: View
    expected: Any
    account: str
    what: Bilingual


def agrees(expected: Any, answer: Any) -> bool:
    """Whether an answer is the expected one; None within a tuple expects nothing."""
    if isinstance(expected, tuple):
        return (
            isinstance(answer, tuple | list)
            and len(expected) == len(answer)
            and all(part is None or agrees(part, told) for part, told in zip(expected, answer, strict=True))
        )
    if isinstance(expected, str) and isinstance(answer, str):
        return expected.lower() == answer.lower()  # addresses within structs are not checksummed
    return bool(expected == answer)


def chain_figures(replay: Replay, platform: str, officers: str, residents: str, now: int) -> Iterator[Figure]:
    """Yield all figures of a platform as of second `now`, which is not before the last event."""
    yield from _platform_figures(replay, platform)
    yield from _officers_figures(replay.officers, officers, now)
    yield from _residents_figures(replay.residents, list(replay.municipalities), residents, now)
    members = defaultdict[int, set[str]](set)
    for code, account in replay.residents.numbers:
        members[code].add(account)
    for token, series in replay.series.items():
        municipality, _ = replay.registered.get(token, (0, 0))
        yield from series_figures(series, token, members[municipality], now)
    for address, service in replay.services.items():
        yield from SERVICE_FIGURES[type(service)](service, address, now)


# ------------------------------------------------------------------------------------------- the council's


def _platform_figures(replay: Replay, platform: str) -> Iterator[Figure]:
    ask = _asker("PointPlatform", platform)
    yield ask("municipalities", (), tuple(replay.municipalities), "", "municipalities", "自治体")
    for code in replay.municipalities:
        tokens = tuple(token for token, (town, _) in replay.registered.items() if town == code)
        yield ask("seriesOf", (code,), tokens, f"{code:06d}", "series", "ポイント")
    for service in replay.officers.services:
        yield ask("isOffered", (service,), True, service, "offered", "提供中のサービス")


def _officers_figures(replay: OfficersReplay, officers: str, now: int) -> Iterator[Figure]:
    ask = _asker("Officers", officers)
    holders = replay.holders_at(now)
    everybody: dict[int, set[str]] = {}
    for office, terms in replay.terms.items():
        everybody.setdefault(office.municipality, set()).update(terms)
    for municipality, accounts in everybody.items():
        # Nobody of the town or of the council holds an office that no event gave.
        for account in sorted(accounts | everybody.get(COUNCIL, set())):
            for role in Role if municipality != COUNCIL else (Role.ADMIN,):
                office = Office(municipality, role)
                name = f"office {role.name} of {municipality:06d}"
                japanese = f"{municipality:06d}の役職{role.name}"
                held = account in holders.get(office, set())
                term = replay.terms[office].get(account) if office in replay.terms else None
                key = (role_id(municipality, role), account)
                yield ask("hasRole", key, held, account, name, japanese)
                known = (term.since, term.until) if term is not None else (0, 0)
                yield ask("termOf", (municipality, int(role), account), known, account, name, japanese)
    for (service, act), rule in replay.rules.items():
        name, japanese = f"rule of act {act.hex()}", f"行為{act.hex()}の規則"
        if service == ZERO_ADDRESS:
            yield ask("ruleOf", (act,), tuple(rule), "", name, japanese)
        else:
            yield ask("ruleOfService", (service, act), tuple(rule), service, name, japanese)
    for municipality, services in replay.accepted.items():
        for service in services:
            yield ask(
                "isAccepted", (municipality, service), True, service, "accepted service", "利用中のサービス"
            )
    yield ask("proposalCount", (), len(replay.proposals), "", "proposals", "起案の数")
    states = {"proposed": 1, "approved": 2, "executed": 3, "vetoed": 4}
    for number, its in replay.proposals.items():
        told = (its.municipality, None, its.reason, its.proposed_at, None, its.act, its.target)
        expected: tuple[Any, ...] = (*told, its.proposer, None, its.data_hash, its.document_hash, None)
        if its.state in ("executed", "vetoed"):
            expected = (expected[0], states[its.state], *expected[2:])
        yield ask("proposalOf", (number,), expected, f"#{number}", "proposal", "起案")


def _residents_figures(
    replay: ResidentsReplay, municipalities: list[int], registry: str, now: int
) -> Iterator[Figure]:
    ask = _asker("ResidentRegistry", registry)
    for code in municipalities:
        yield ask("residentCount", (code,), replay.count(code), f"{code:06d}", "residents", "利用者の数")
        policy = replay.departure_policies.get(code, 0)
        yield ask("departurePolicy", (code,), policy, f"{code:06d}", "departure policy", "転出時の扱い")
    for (code, number), its in replay.memberships.items():
        account = replay.account_of(code, number) or ZERO_ADDRESS
        who = f"resident {number} of {code:06d}", f"{code:06d}の利用者{number}"
        yield ask("accountOf", (code, number), account, its.account, *who)
        yield ask("commitmentOf", (code, number), (its.commitment, its.key_version), its.account, *who)
    for (code, account), number in replay.numbers.items():
        yield ask("everNumberOf", (code, account), number, account, "resident number", "利用者番号")
        blocked = replay.is_blocked(code, account, now)
        yield ask("isBlocked", (code, account), blocked, account, "blocked in the register", "登録簿での停止")
    for (code, account), successor in replay.successors.items():
        final = replay.successor_of(code, account) or successor
        yield ask("successorOf", (code, account), final, account, "successor account", "引継ぎ先")


# ------------------------------------------------------------------------------------------------- series


def series_figures(series: SeriesReplay, token: str, members: set[str], now: int) -> Iterator[Figure]:
    """Yield all figures of one series.

    Args:
        members: accounts of the municipality's residents, who may hold something even if no event says so.
    """
    ask = _asker("MunicipalPoint", token)
    state = series.state_at(now)
    for account in sorted(series.accounts | members):
        balance = state.balances.get(account, 0)
        yield ask("balanceOf", (account,), balance, account, "balance", "残高")
        lots = state.lots.get(account, {})
        expected = (tuple(lots), tuple(lots.values()))
        yield ask("lotsOf", (account,), expected, account, "lots by month", "期限ごとの残高")
        stop = tuple(state.stops.get(account, (False, False)))
        yield ask("frozenOf", (account,), stop, account, "frozen, blocked", "凍結・停止")
        standing = state.merchants.get(account)
        told = (standing is not None, *(standing or (0, 0)))
        yield ask("merchantOf", (account,), told, account, "standing as merchant", "加盟店の状態")
    for merchant, claim in state.claims.items():
        yield ask("claimOf", (merchant,), tuple(claim), merchant, "claim", "請求")
        yield ask("ownerOf", (merchant,), state.owners[merchant], merchant, "owner key", "管理鍵")
        for till in sorted(series.tills_of(merchant)):
            yield ask("isTill", (merchant, till), True, till, "till", "レジ鍵")
    for minter, its in state.minters.items():
        yield ask("minterOf", (minter,), tuple(its), minter, "allowance and minted", "発行枠・発行累計")
        taken = series.taken_back[minter]
        yield ask("takenBackBy", (minter,), taken, minter, "taken back", "取戻し累計")
    yield from _series_wholes(series, ask, now)
    yield from _sale_figures(series, ask, now)


def _series_wholes(series: SeriesReplay, ask: _Ask, now: int) -> Iterator[Figure]:
    state, this_month = series.state_at(now), month_of(now)
    yield ask("totalSupply", (), state.total_supply, "", "total supply", "総発行残高")
    around = range(this_month - MAX_TERM_MONTHS, this_month + MAX_TERM_MONTHS + 1)
    for month in sorted({*around, NEVER, *state.points_by_month, *state.restored_by_month}):
        label = month_label(month)
        points = state.points_by_month.get(month, 0)
        what = f"all points ending {label.english}", f"{label.japanese}末期限の合計"
        yield ask("pointsEndingWith", (month,), points, "", *what)
        restored = state.restored_by_month.get(month, 0)
        what = f"restored of {label.english}", f"{label.japanese}末失効分の回復"
        yield ask("restoredOf", (month,), restored, "", *what)
    totals = (series.locked.total(), series.settled.total())
    yield ask("settlementTotals", (), totals, "", "locked and settled claims", "精算中・精算済の請求")
    yield ask("settlement", (), series.settlement, "", "settlement service", "精算サービス")
    carried = (series.carried_in, series.carried_out)
    yield ask("carriedPoints", (), carried, "", "carried in and out", "種別間の引継ぎ")
    for march, booked in sorted(series.carried_by_year.items()):
        label = fiscal_year_label(march)
        what = f"carried in {label.english}", f"{label.japanese}の引継ぎ"
        yield ask("carriedInYear", (march,), tuple(booked), "", *what)
    stands = (series.successor, series.closable_from, series.closed, series.last_sale_day)
    yield ask("migration", (), stands, "", "successor and predecessor", "引継ぎの状態")
    yield ask("pausedUntil", (), series.paused_until, "", "pause", "停止期限")
    switches = series.transfer_switches
    yield ask("transferSwitches", (), switches, "", "transfer switches", "譲渡の可否")
    # The constructor tells both: a log without them has not told what the chain answers.
    yield ask("expiryPolicy", (), series.expiry_policy, "", "expiry policy", "有効期限の規則")
    refund_days = series.sales.refund_days or 0
    yield ask("saleDays", (), (None, refund_days, None), "", "refund days", "返品可能日数")


def _sale_figures(series: SeriesReplay, ask: _Ask, now: int) -> Iterator[Figure]:
    """Yield the sales that the token still remembers for sure: those that can be paid or refunded."""
    sales = series.sales
    oldest = day_of(now) - sales.payable_days - (sales.refund_days or 0)
    for (merchant, sale), its in sales.payments.items():
        if day_of_sale(sale) >= oldest:
            what = f"sale {sale}, refunded", f"売上{sale}と返品"
            yield ask("saleOf", (merchant, sale), (1, its.refunded), merchant, *what)
    for merchant, sale in sales.voided:
        if day_of_sale(sale) >= oldest:
            yield ask("saleOf", (merchant, sale), (2, 0), merchant, f"sale {sale}", f"売上{sale}")
    for account, epoch in sales.cancel_epochs.items():
        yield ask("cancelEpochOf", (account,), epoch, account, "cancelled signatures", "署名の取消回数")


# ------------------------------------------------------------------------------------------------ services


def _programmes_figures(replay: ProgrammesReplay, service: str, _now: int) -> Iterator[Figure]:
    ask = _asker("GrantProgrammes", service)
    counts = {
        "programmeCount": len(replay.programmes),
        "occurrenceCount": len(replay.occurrences),
        "batchCount": len(replay.batches),
    }
    for function, count in counts.items():
        yield ask(function, (), count, "", "how many", "件数")
    for number, its in replay.programmes.items():
        expected = (
            its.series,
            its.municipality,
            its.points,
            its.cap,
            its.first,
            its.last,
            its.rule,
            its.months,
        )
        yield ask("programmeOf", (number,), (*expected, None), f"#{number}", "programme", "事業")
    for key, points in replay.budgets.items():
        told = (points, replay.reserved[key])
        yield ask("budgetOf", key, told, f"#{key[0]}", "budget and reserved", "予算・予約額")
    for occurrence, (programme, _) in replay.occurrences.items():
        which = f"#{occurrence}", "occurrence", "実施回"
        yield ask("programmeOfOccurrence", (occurrence,), programme, *which)
    for batch, record in replay.batches.items():
        about = (record.programme, record.occurrence, record.rows, record.expiry_month, record.fiscal_year)
        sums = (record.total, record.granted_points, record.stopped, record.file_hash)
        which = f"#{batch}", "list of grants", "付与名簿"
        yield ask("batchOf", (batch,), (record.root, *about, *sums), *which)
        for row in sorted({*range(min(record.rows, _MOST_ROWS)), *record.granted}):
            granted = row in record.granted
            what = f"granted by list {batch}, row {row}", f"名簿{batch}の{row}行目の付与"
            yield ask("isRowGranted", (batch, row), granted, "", *what)
    for (occurrence, number), grant in replay.granted.items():
        what = f"granted in occurrence {occurrence}", f"実施回{occurrence}の付与"
        yield ask("isGranted", (occurrence, number), True, grant.account, *what)
    for (programme, year, number), points in replay.in_year.items():
        if replay.programmes[programme].cap:
            what = f"resident {number} in the year", f"利用者{number}の年度内の付与"
            yield ask("grantedInYear", (programme, year, number), points, f"#{programme}", *what)
    for row_of_batch, amounts in replay.revoked.items():
        yield ask("revocationOf", row_of_batch, amounts, f"#{row_of_batch[0]}", "revoked", "取消")


def _settlement_figures(replay: SettlementReplay, service: str, _now: int) -> Iterator[Figure]:
    ask = _asker("MerchantSettlement", service)
    yield ask("batchCount", (), len(replay.batches), "", "batches", "精算の数")
    states = {"approved": 1, "sent": 2, "settled": 3, "cancelled": 4}
    for number, its in replay.batches.items():
        about = (its.series, its.municipality, states[its.state], its.fiscal_year, len(its.claims))
        expected = (*about, its.cut_off, None, None, its.file or _HASH_OF_NOTHING)
        yield ask("batchOf", (number,), expected, f"#{number}", "batch", "精算")
        for chunk in range(-(-len(its.claims) // CHUNK)):
            back = tuple(_places(numbers, chunk) for numbers in (its.bounced, its.reopened))
            which = f"#{number}", f"came back of chunk {chunk}", f"戻り分({chunk})"
            yield ask("cameBack", (number, chunk), back, *which)
    for (municipality, paper), batch in replay.papers.items():
        yield ask("batchOfPaper", (municipality, paper), batch, f"#{batch}", "paper of the bank", "銀行書類")
    for (series, merchant), time in replay.requests.items():
        yield ask("requestedAt", (series, merchant), time, merchant, "request", "精算の申出")
    for key in replay.settled.keys() | replay.past_years.keys() | replay.reopened.keys():
        books = (replay.settled[key], replay.past_years[key], replay.reopened[key])
        yield ask("booksOf", key, books, key[0], f"books of {key[1]}", f"帳簿{key[1]}")
    for key, year_end in replay.year_ends.items():
        yield ask("yearEndOf", key, year_end, key[0], f"year end {key[1]}", f"年度決算{key[1]}")


def _places(numbers: set[int], chunk: int) -> int:
    return sum(1 << number - CHUNK * chunk for number in numbers if number // CHUNK == chunk)


def _exchange_figures(replay: ExchangeReplay, service: str, _now: int) -> Iterator[Figure]:
    ask = _asker("PartnerExchange", service)
    yield ask("partnerCount", (), len(replay.names), "", "partners", "協力企業の数")
    for partner, key in replay.keys.items():
        told = (key, replay.suspended.get(partner, False))
        yield ask("partnerOf", (partner,), told, f"#{partner}", "key, suspended", "鍵・停止")
    for municipality, series in replay.series.items():
        town = (series, replay.return_after_days[municipality])
        yield ask("townOf", (municipality,), town, f"{municipality:06d}", "exchange series", "交換先")
    for pair, campaign in replay.campaigns.items():
        yield ask("campaignOf", pair, tuple(campaign), f"#{pair[1]}", "campaign", "キャンペーン")
    for pair, ledger in replay.ledgers.items():
        yield ask("ledgerOf", pair, tuple(ledger), f"#{pair[1]}", "ledger", "台帳")
    states = {"": 1, "Delivered": 2, "Returned": 3}
    for holding, its in replay.holdings.items():
        expected = (
            states[its.outcome],
            its.municipality,
            its.number,
            its.partner,
            its.time,
            None,
            its.points,
        )
        which = "0x" + holding.hex(), "held points", "留保ポイント"
        rest = (None,) * 4
        yield ask("holdingOf", (holding,), (*expected, *rest), *which)
    for (partner, coupon), (points, municipality, valid_until) in replay.coupons.items():
        its_coupon = (None, points, municipality, valid_until)
        yield ask("couponOf", (partner, coupon), its_coupon, coupon, "coupon", "クーポン")
    for receipt, amount in replay.receipts.items():
        yield ask("receiptOf", receipt, amount, f"#{amount[0]}", "receipt", "入金")


def _bonus_figures(replay: BonusReplay, service: str, _now: int) -> Iterator[Figure]:
    ask = _asker("PaymentBonus", service)
    yield ask("campaignCount", (), len(replay.campaigns), "", "campaigns", "キャンペーンの数")
    state = replay.state()
    for number, its in state.campaigns.items():
        town, series, terms = replay.campaigns[number]
        about = (series, town, terms.first_day, its.last_day, terms.expiry_month, None)
        rate = (terms.rate_numerator, terms.rate_denominator, terms.minimum, terms.cap)
        expected = (*about, *rate, its.budget, its.reserved, its.awarded)
        which = f"#{number}", "campaign", "キャンペーン"
        yield ask("campaignOf", (number,), expected, *which)
    for key, resident in state.residents.items():
        what = f"resident {key[1]} in the campaign", f"利用者{key[1]}の還元"
        yield ask("accountOf", key, tuple(resident), f"#{key[0]}", *what)
    for sale, promised in state.sales.items():
        what = f"bonus of sale {sale.sale}", f"売上{sale.sale}の還元"
        yield ask("reservationOf", tuple(sale), tuple(promised), sale.merchant, *what)


SERVICE_FIGURES: dict[type, Callable[[Any, str, int], Iterator[Figure]]] = {
    ProgrammesReplay: _programmes_figures,
    SettlementReplay: _settlement_figures,
    ExchangeReplay: _exchange_figures,
    BonusReplay: _bonus_figures,
}
"""By replay, the figures of a service."""

# -------------------------------------------------------------------------------------------------- pieces

_Ask = Callable[[str, tuple[Any, ...], Any, str, str, str], Figure]


def _asker(contract: str, address: str) -> _Ask:
    def ask(
        function: str, arguments: tuple[Any, ...], expected: Any, account: str, english: str, japanese: str
    ) -> Figure:
        return Figure(
            View(contract, address, function, arguments), expected, account, Bilingual(english, japanese)
        )

    return ask
