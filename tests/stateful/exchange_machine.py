"""Plays the partner exchange on a chain and on the reference model side by side and compares them.

The chooser knows what is going on, so that what it tries is mostly possible, and often just at the edge: the
last second of the 14 days, the rest of a limit, a reference, coupon or receipt once more.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from eth_utils import keccak, to_checksum_address

from scripts.lib.contract_abi import decode_revert
from scripts.lib.exchange.coupons import coupon_key, new_code
from scripts.lib.exchange.signatures import Naming, sign_naming, sign_redemption
from scripts.lib.exchange.terms import (
    FOREVER,
    HOLDING_SECONDS,
    Campaign,
    HeldIssue,
    Ledger,
    Terms,
)
from scripts.lib.japan_calendar import fiscal_year_end, last_second, month_of
from scripts.lib.reference.exchange import ReferenceExchange, TownAround
from scripts.lib.refusal import Refused
from scripts.lib.replays.exchange import ExchangeReplay, holding_id
from tests.stateful.cards import key_of, new_cards
from tests.stateful.exchange_node import (
    EXCHANGE,
    KEY_VERSION,
    OFFICERS,
    POINT,
    REGISTRY,
    TOWNS,
    ExchangeNode,
    Question,
)

DAY = 24 * 60 * 60
PARTNERS = (1, 2)
RESIDENTS = 4
CARDS = 40
START_ALLOWANCE = 20_000
SETTING_UP_SECONDS = 3600
STRANGER = to_checksum_address(keccak(text="stranger")[-20:])


@dataclass
class Person:
    """A membership of one town, as the chooser needs it."""

    town: int
    number: int
    account: str
    commitment: bytes
    next_account: str | None = None
    ready_at: int = 0
    closed: bool = False


@dataclass
class Tally:
    """How often each verb succeeded, was refused and with which error."""

    succeeded: Counter[str] = field(default_factory=Counter)
    refused: Counter[tuple[str, str]] = field(default_factory=Counter)
    kept: Counter[HeldIssue] = field(default_factory=Counter)


class ExchangeMachine:
    """Chain and model of one run, in step."""

    def __init__(self, node: ExchangeNode, start: int, seed: int, tally: Tally) -> None:
        self.node, self.tally = node, tally
        self.random = random.Random(seed)
        self.now = start
        self.around = {code: TownAround() for code in TOWNS}
        self.model = ReferenceExchange(start, self.around)
        self.frozen: dict[int, set[str]] = {code: set() for code in TOWNS}
        self.people: list[Person] = []
        self.cards = iter(new_cards(f"exchange {seed}", CARDS + RESIDENTS * len(TOWNS)))
        self.everybody: list[tuple[int, str]] = []
        self.references: list[tuple[int, bytes]] = []
        self.codes: list[tuple[int, str]] = []
        self.bank: list[tuple[int, bytes]] = []
        self.count = 0
        self._set_up()

    # ------------------------------------------------------------------------------------------ SETTING UP

    def _set_up(self) -> None:
        for code in TOWNS:
            joining = []
            for number in range(1, RESIDENTS + 1):
                account = next(self.cards)
                person = Person(code, number, account, keccak(text=f"{code} {number}"))
                self.people.append(person)
                self.everybody.append((code, account))
                self.around[code].accounts[number] = account
                joining.append(self.node.registration(code, account, person.commitment))
            self._world(OFFICERS, self.node.officers, "acceptService", code, self.node.exchange)
            self._world(REGISTRY, self.node.registry, "register", code, KEY_VERSION, joining)
            self._world(
                POINT, self.node.series[code], "increaseMinterAllowance", self.node.exchange, START_ALLOWANCE
            )
            self._world(EXCHANGE, self.node.exchange, "setExchangeSeries", code, self.node.series[code])
        for partner in PARTNERS:
            self._register(partner)
            for code in TOWNS:
                self._accept(
                    code, partner, Terms(daily_limit=3_000, yearly_limit=9_000, outstanding_limit=9_000)
                )
        self._look_around()

    def _register(self, partner: int) -> None:
        key = self._new_key()
        self._act(
            "registerPartner", 0, key, f"partner {partner}", model=lambda: self.model.register_partner(key)
        )

    def _new_key(self) -> str:
        self.count += 1
        return to_checksum_address(keccak(text=f"partner key {self.count}")[-20:])

    # ------------------------------------------------------------------------------------------------ PLAY

    def step(self) -> None:
        """Let some time pass, try one verb and compare."""
        self._pass_time()
        verbs = list(VERBS)
        verb = self.random.choices(verbs, [VERBS[each] for each in verbs])[0]
        getattr(self, "_" + verb)()

    def _pass_time(self) -> None:
        waiting = [held.time + HOLDING_SECONDS for held in self.model.holdings.values() if held.state == 1]
        ahead = [
            time + edge
            for time in waiting
            for edge in (-1, 0)
            if self.now < time + edge < self.now + 20 * DAY
        ]
        draw = self.random.random()
        if draw < 0.12 and ahead:
            self.now = self.random.choice(ahead)
        elif draw < 0.16:
            march = last_second(fiscal_year_end(month_of(self.now)))
            self.now = march if march > self.now and march - self.now < 40 * DAY else self.now + 1
        elif draw < 0.75:
            self.now += self.random.randint(1, 3 * 60 * 60)
        else:
            self.now += self.random.randint(1, 2 * DAY)

    def _exchange(self) -> None:
        partner, person = self.random.choice(PARTNERS), self.random.choice(self.people)
        if self.references and self.random.random() < 0.1:
            partner, name = self.random.choice(self.references)
        else:
            self.count += 1
            name = keccak(text=f"reference {self.count}")
            self.references.append((partner, name))
        amount = self.random.choice([100, 500, 1_000, 2_000, self.random.randint(1, 4_000)])
        caller = self.random.choices([self.model.keys[partner], STRANGER, person.account], [30, 1, 1])[0]
        self._do(
            "exchange",
            caller,
            (person.town, person.number, amount, name),
            lambda: self.model.exchange(
                caller, person.town, person.number, amount, name, holding_id(partner, name)
            ),
        )

    def _name(self) -> None:
        holding = self._any_holding()
        held = self.model.holdings.get(holding)
        if held is None:
            return
        signer = self._person(held.town, held.number)
        target = self.random.choices(
            [signer, *(person for person in self.people if person.town != held.town)], [3, *[1] * RESIDENTS]
        )[0]
        account = self.random.choices([target.account, STRANGER], [20, 1])[0]
        until = self.now + 100
        if self.random.random() < 0.5:
            caller, signature = signer.account, b""
        else:
            caller = STRANGER
            naming = Naming(holding, target.town, account, until)
            signature = sign_naming(self.node.domain, key_of(signer.account), naming)
        self._do(
            "nameMunicipality",
            caller,
            (holding, target.town, account, until, signature),
            lambda: self.model.name_municipality(holding, target.town, account),
        )

    def _sweep(self) -> None:
        due = [holding for holding, held in self.model.holdings.items() if held.state == 1]
        chosen = [*self.random.sample(due, min(len(due), 4)), self._any_holding()]
        expected: list[HeldIssue] = []
        self._do("sweep", STRANGER, (chosen,), lambda: expected.extend(self.model.sweep(chosen)))
        self.tally.kept.update(expected)

    def _return(self) -> None:
        ended = [
            holding
            for holding, held in self.model.holdings.items()
            if held.state == 1 and held.number not in self.around[held.town].accounts
        ]
        holding = self.random.choice(ended) if ended else self._any_holding()
        self._do("returnToPartner", STRANGER, (holding,), lambda: self.model.return_to_partner(holding))

    def _issue_coupons(self) -> None:
        partner, town = self.random.choice(PARTNERS), self.random.choice([0, *TOWNS])
        new = []
        for _ in range(self.random.randint(1, 3)):
            if self.codes and self.random.random() < 0.05:
                code = self.random.choice(self.codes)[1]
            else:
                code = new_code(self.random.randrange)
            self.codes.append((partner, code))
            new.append((coupon_key(code).address, self.random.choice([0, *[100, 500, 700] * 5])))
        until = self.now + self.random.choice([-1, DAY, 30 * DAY, 90 * DAY])
        caller = self.model.keys[partner]
        self._do(
            "issueCoupons",
            caller,
            (town, until, new),
            lambda: self.model.issue_coupons(caller, town, until, new),
        )

    def _redeem(self) -> None:
        if not self.codes:
            return
        recent = self.codes[-30:]
        unused = [each for each in recent if (each[0], coupon_key(each[1]).address) in self.model.coupons]
        partner, code = self.random.choice(unused if unused and self.random.random() < 0.7 else recent)
        person = self.random.choice(self.people)
        key = coupon_key(code)
        coupon = self.model.coupons.get((partner, key.address))
        if coupon is not None and coupon.town and self.random.random() < 0.8:
            person = self.random.choice([each for each in self.people if each.town == coupon.town])
        signature = sign_redemption(self.node.domain, key, partner, person.town, person.number)
        self._do(
            "redeem",
            STRANGER,
            (partner, key.address, person.town, person.number, signature),
            lambda: self.model.redeem(partner, key.address, person.town, person.number),
        )

    def _close_coupons(self) -> None:
        partner = self.random.choice(PARTNERS)
        ours = [coupon_key(code).address for owner, code in self.codes[-12:] if owner == partner]
        chosen = self.random.sample(ours, min(len(ours), 3))
        caller = self.random.choice([self.model.keys[partner], STRANGER])
        self._do(
            "closeCoupons",
            caller,
            (partner, chosen),
            lambda: self.model.close_coupons(caller, partner, chosen),
        )

    # --------------------------------------------------------------------------------- WHAT IS LAID DOWN

    def _accept_partner(self) -> None:
        draw = self.random
        terms = Terms(
            start=draw.choice([0, self.now + draw.randint(0, 20 * DAY)]),
            until=draw.choices([FOREVER, self.now + draw.randint(0, 60 * DAY)], [3, 1])[0],
            numerator=draw.randint(1, 3),
            denominator=draw.randint(1, 3),
            unit=draw.choice([1, 1, 100]),
            fee=draw.choice([0, 0, 50]),
            expiry_months=draw.randint(0, 24),
            minimum=draw.choice([1, 100]),
            maximum=draw.choice([1_000, 4_000, 4_000, 50]),
            daily_limit=draw.choice([1_000, 3_000]),
            yearly_limit=draw.choice([1_000, 3_000, 9_000]),
            outstanding_limit=draw.choice([2_000, 9_000, 30_000]),
        )
        self._accept(draw.choice(TOWNS), draw.choice(PARTNERS), terms)

    def _accept(self, town: int, partner: int, terms: Terms) -> None:
        key = self.model.keys[partner]
        self._act(
            "acceptPartner",
            town,
            partner,
            key,
            tuple(terms),
            model=lambda: self.model.accept_partner(town, partner, key, terms),
        )

    def _stop_partner(self) -> None:
        town, partner = self.random.choice(TOWNS), self.random.choice(PARTNERS)
        self._act("stopPartner", town, partner, model=lambda: self.model.stop_partner(town, partner))

    def _suspend(self) -> None:
        partner = self.random.choice(PARTNERS)
        self._act("suspendPartner", 0, partner, model=lambda: self.model.set_suspended(partner, True))

    def _resume(self) -> None:
        partner = self.random.choice(sorted(self.model.suspended) or PARTNERS)
        self._act("resumePartner", 0, partner, model=lambda: self.model.set_suspended(partner, False))

    def _replace_key(self) -> None:
        partner, key = self.random.choice(PARTNERS), self._new_key()
        if self.random.random() < 0.2:
            key = self.random.choice(list(self.model.former_keys))
        self._act(
            "replacePartnerKey", 0, partner, key, model=lambda: self.model.replace_partner_key(partner, key)
        )

    def _open_campaign(self) -> None:
        town, partner = self.random.choice(TOWNS), self.random.choice(PARTNERS)
        start = self.now + self.random.randint(-DAY, DAY)
        campaign = Campaign(
            start,
            start + self.random.randint(0, 40 * DAY),
            self.random.randint(1, 3),
            self.random.randint(1, 5),
            self.random.randint(1, 2_000),
            is_paid_by_partner=self.random.random() < 0.5,
        )
        self._act(
            "openCampaign",
            town,
            partner,
            tuple(campaign),
            model=lambda: self.model.open_campaign(town, partner, campaign),
        )

    def _end_campaign(self) -> None:
        town, partner = self.random.choice(TOWNS), self.random.choice(PARTNERS)
        self._act("endCampaign", town, partner, model=lambda: self.model.end_campaign(town, partner))

    def _receipt(self) -> None:
        town, partner = self.random.choice(TOWNS), self.random.choice(PARTNERS)
        if self.bank and self.random.random() < 0.2:
            town, name = self.random.choice(self.bank)
        else:
            self.count += 1
            name = keccak(text=f"bank {self.count}")
            self.bank.append((town, name))
        points = self.random.choice([0, 1_000, self.model.ledger(town, partner).outstanding])
        self._act(
            "recordReceipt",
            town,
            partner,
            points,
            name,
            model=lambda: self.model.record_receipt(town, partner, points, name),
        )

    def _reverse_receipt(self) -> None:
        if self.bank:
            town, name = self.random.choice(self.bank)
            self._act("reverseReceipt", town, name, model=lambda: self.model.reverse_receipt(town, name))

    def _return_policy(self) -> None:
        town, days = self.random.choice(TOWNS), self.random.choice([0, 1, 1, 20])

        def model() -> None:
            self.around[town].return_after_days = days

        self._act("setReturnPolicy", town, days, model=model)

    # ------------------------------------------------------------------------------ THE WORLD AROUND IT

    def _pause(self) -> None:
        self._world(
            POINT, self.node.series[self.random.choice(TOWNS)], "pause", self.random.randint(1, 72 * 3600)
        )
        self._look_around()

    def _allowance(self) -> None:
        series = self.node.series[self.random.choice(TOWNS)]
        function = self.random.choice(
            ["increaseMinterAllowance", "increaseMinterAllowance", "decreaseMinterAllowance"]
        )
        self._world(POINT, series, function, self.node.exchange, self.random.randint(1, 5_000))
        self._look_around()

    def _freeze(self) -> None:
        person = self.random.choice(self.people)
        frozen = self.frozen[person.town]
        thaw = person.account in frozen or self.random.random() < 0.3
        self._world(POINT, self.node.series[person.town], "unfreeze" if thaw else "freeze", person.account)
        (frozen.discard if thaw else frozen.add)(person.account)
        self._refresh_stopped()

    def _card(self) -> None:
        """Begin or complete the move of a membership to a new card."""
        person = self.random.choice(self.people)
        if person.closed:
            return
        if person.next_account is None:
            account = next(self.cards, None)
            if account is None:
                return
            signature = self.node.registration(person.town, account, person.commitment).signature
            self._world(
                REGISTRY,
                self.node.registry,
                "startReplacement",
                person.town,
                person.number,
                account,
                signature,
            )
            person.next_account, person.ready_at = account, self.now + 3 * DAY
        elif self.now >= person.ready_at:
            self._world(REGISTRY, self.node.registry, "completeReplacement", person.town, person.number)
            person.account, person.next_account = person.next_account, None
            self.everybody.append((person.town, person.account))
            self.around[person.town].accounts[person.number] = person.account
        self._refresh_stopped()

    def _membership(self) -> None:
        """End a membership, or take that back."""
        ended = [person for person in self.people if person.closed]
        person = self.random.choice(ended if ended and self.random.random() < 0.7 else self.people)
        function = "reopenMembership" if person.closed else "closeMembership"
        self._world(REGISTRY, self.node.registry, function, person.town, person.number)
        person.closed, person.next_account = not person.closed, None
        accounts = self.around[person.town].accounts
        if person.closed:
            del accounts[person.number]
        else:
            accounts[person.number] = person.account
        self._refresh_stopped()

    def _refresh_stopped(self) -> None:
        for code, place in self.around.items():
            moving = {each.account for each in self.people if each.town == code and each.next_account}
            place.stopped = self.frozen[code] | moving

    def _look_around(self) -> None:
        """Take pauses and allowances from the chain: they are the series' own business."""
        for code, place in self.around.items():
            series = self.node.series[code]
            until, (allowance, _) = self.node.read(
                [
                    Question(POINT, series, "pausedUntil"),
                    Question(POINT, series, "minterOf", (self.node.exchange,)),
                ]
            )
            place.paused_until, place.allowance = until, allowance

    def _world(self, contract: str, address: str, function: str, *arguments: Any) -> None:
        self.node.send(self.now, self.node.officers, contract, address, function, arguments)
        self.now += 1

    # ---------------------------------------------------------------------------------------- COMPARISON

    def _act(self, function: str, *arguments: Any, model: Callable[[], None]) -> None:
        self._do(function, self.node.officers, arguments, model)

    def _do(self, function: str, sender: str, arguments: tuple[Any, ...], model: Callable[[], None]) -> None:
        self.model.now = self.now
        refusal = None
        try:
            model()
        except Refused as refused:
            refusal = refused
        succeeded, output = self.node.send(
            self.now, sender, EXCHANGE, self.node.exchange, function, arguments
        )
        if succeeded:
            found = "done"
        else:
            revert = decode_revert(output)
            found = str(Refused(revert.name, *(_plain(value) for value in revert.arguments.values())))
        expected = "done" if refusal is None else str(refusal)
        assert found == expected, f"{function}{arguments} at {self.now}: {found}, the model says {expected}"
        if refusal is None:
            self.tally.succeeded[function] += 1
        else:
            self.tally.refused[function, refusal.name] += 1
        self._compare_ledgers()
        self.now += 1

    def _compare_ledgers(self) -> None:
        pairs = [
            (town, partner) for town in (0, *TOWNS) for partner in PARTNERS if partner in self.model.keys
        ]
        answers = self.node.read(
            [
                Question(EXCHANGE, self.node.exchange, function, pair)
                for pair in pairs
                for function in ("ledgerOf", "campaignOf")
            ]
        )
        for place, pair in enumerate(pairs):
            ledger, campaign = Ledger(*answers[2 * place]), Campaign(*answers[2 * place + 1])
            assert ledger == self.model.ledger(*pair), f"{pair} at {self.now}"
            assert campaign == self.model.campaign(*pair), f"{pair} at {self.now}"

    def compare_everything(self) -> None:
        """Compare holdings, limits, lots and the supply; and what the events alone tell.

        Raises:
            AssertionError: chain, model and replay do not agree.
        """
        self.model.now = self.now - 1
        self._compare_holdings()
        self._compare_limits()
        self._compare_lots()
        self._compare_replay()

    def _compare_holdings(self) -> None:
        holdings = list(self.model.holdings)
        questions = [Question(EXCHANGE, self.node.exchange, "holdingOf", (each,)) for each in holdings]
        issues = [Question(EXCHANGE, self.node.exchange, "issueOf", (each,)) for each in holdings]
        for holding, answer, issue in zip(
            holdings, self.node.read(questions), self.node.read(issues), strict=True
        ):
            held = self.model.holdings[holding]
            found = (*answer[:8], answer[10])
            expected = (
                held.state,
                held.town,
                held.number,
                held.partner,
                held.time,
                held.partner_points,
                held.points,
                held.bonus,
                held.months,
            )
            assert found == expected, holding.hex()
            assert HeldIssue(issue) == self.model.issue_of(holding), holding.hex()

    def _compare_limits(self) -> None:
        cases = [(person.town, partner, person.number) for person in self.people for partner in PARTNERS]
        answers = self.node.read([Question(EXCHANGE, self.node.exchange, "usedOf", case) for case in cases])
        for case, answer in zip(cases, answers, strict=True):
            assert answer == self.model.used(*case), case

    def _compare_lots(self) -> None:
        """I1 and I3: what the exchange minted is what the ledgers say, and ends when it was promised to."""
        month = month_of(self.now - 1)
        answers = self.node.read(
            [
                Question(POINT, self.node.series[town], "lotsOf", (account,))
                for town, account in self.everybody
            ]
        )
        for (town, account), (months, points) in zip(self.everybody, answers, strict=True):
            expected = {
                end: amount
                for (holder, end), amount in self.around[town].lots.items()
                if holder == account and end >= month
            }
            assert dict(zip(months, points, strict=True)) == expected, account
        for town, place in self.around.items():
            ((_, minted),) = self.node.read(
                [Question(POINT, self.node.series[town], "minterOf", (self.node.exchange,))]
            )
            ledgers = [self.model.ledger(town, partner) for partner in PARTNERS]
            assert minted == place.minted == sum(ledger.exchanged + ledger.bonus for ledger in ledgers)
            held = sum(
                each.owed for each in self.model.holdings.values() if each.town == town and each.state == 1
            )
            assert held == sum(ledger.held for ledger in ledgers)

    def _compare_replay(self) -> None:
        """I6, I7 and I10: the events alone rebuild it, and pass no cap and repeat nothing."""
        replay = ExchangeReplay(self.node.exchange)
        for event in self.node.events():
            replay.apply(event)
        replay.finish()
        for town in (0, *TOWNS):
            for partner in PARTNERS:
                assert replay.ledgers[town, partner] == self.model.ledger(town, partner)
        assert replay.receipts == self.model.receipts
        assert set(replay.coupons) == set(self.model.coupons)
        minted = {
            (town, account, month): points
            for town, place in self.around.items()
            for (account, month), points in place.lots.items()
        }
        assert dict(replay.minted) == minted

    def _any_holding(self) -> bytes:
        holdings = list(self.model.holdings)
        open_ones = [each for each in holdings if self.model.holdings[each].state == 1]
        pool = open_ones if open_ones and self.random.random() < 0.85 else holdings
        return self.random.choice(pool) if pool else bytes(32)

    def _person(self, town: int, number: int) -> Person:
        return next(each for each in self.people if (each.town, each.number) == (town, number))


VERBS = {
    "exchange": 50,
    "name": 12,
    "sweep": 14,
    "return": 8,
    "issue_coupons": 7,
    "redeem": 16,
    "close_coupons": 3,
    "accept_partner": 9,
    "stop_partner": 1,
    "suspend": 1,
    "resume": 8,
    "replace_key": 1,
    "open_campaign": 3,
    "end_campaign": 1,
    "receipt": 8,
    "reverse_receipt": 2,
    "return_policy": 4,
    "pause": 1,
    "allowance": 5,
    "freeze": 3,
    "card": 4,
    "membership": 4,
}
"""What is tried, and how often."""


def _plain(value: Any) -> int | str:
    return "0x" + value.hex() if isinstance(value, bytes) else value
