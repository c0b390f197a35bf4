"""A fiscal year of a town in which everybody is honest, and not everything looks so: about 100,000 payments.

What it is made of is what small towns and their shops do, and nothing of it knows how odd patterns are looked
for. Many things that look odd are in it on purpose: the hamlet whose only shop has no other customers, the
bath's thirty regulars, the carer with five cards, the street that comes back after an outage with all of its
afternoon, the concert that is called off, customers who send back all sizes but one, a till on trial.

    tables = HonestYear(seed).tables()      # as a dataset has them
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import pyarrow as pa

from scripts.lib.audit.event_tables import schema_of
from scripts.lib.japan_calendar import JST, month_of

DAY = 86_400
HOUR = 3_600
MINUTE = 60
DAYS = 365
BEGIN = int(datetime(2026, 4, 1, tzinfo=JST).timestamp())
BLOCK_SECONDS = 5
CAMPAIGN_DAYS = (190, 211)
BONUS_PERCENT, BONUS_CAP, BONUS_AFTER = 20, 1_000, 40 * DAY
STREETS = 6

GRANT, PAY, REFUND, BONUS = range(4)

TRADES = {
    # trade: (shops, weight of each, usual points, spread, share refunded, hours)
    "supermarket": (4, 16.0, 1_300, 0.7, 0.002, "day"),
    "drugstore": (6, 6.0, 900, 0.7, 0.003, "day"),
    "convenience": (10, 4.0, 520, 0.6, 0.001, "all"),
    "bakery": (6, 2.5, 480, 0.5, 0.0, "morning"),
    "restaurant": (25, 1.8, 1_000, 0.4, 0.001, "lunch"),
    "izakaya": (12, 1.0, 2_600, 0.5, 0.001, "night"),
    "clothes": (8, 1.0, 2_400, 0.7, 0.05, "day"),
    "appliances": (4, 0.7, 6_000, 0.9, 0.02, "day"),
    "hairdresser": (15, 0.6, 2_200, 0.4, 0.0, "day"),
    "general": (30, 0.9, 900, 0.8, 0.005, "day"),
    "cafe": (14, 0.8, 650, 0.4, 0.0, "day"),
    "online": (2, 2.0, 1_800, 0.8, 0.04, "all"),
    "hotel": (2, 0.2, 7_000, 0.6, 0.02, "night"),
    "stall": (12, 0.0, 450, 0.5, 0.0, "day"),
    "bath": (2, 0.0, 450, 0.1, 0.0, "bath"),
    "rice": (3, 0.0, 2_400, 0.3, 0.0, "day"),
    "hamlet": (3, 0.0, 800, 0.7, 0.001, "day"),
    "bento": (1, 0.0, 480, 0.15, 0.0, "lunch"),
    "uniforms": (1, 0.0, 7_000, 0.4, 0.01, "day"),
    "hall": (1, 0.0, 1_500, 0.1, 0.0, "day"),
    "gym": (1, 0.0, 600, 0.1, 0.0, "day"),
    "festival": (6, 0.0, 400, 0.3, 0.0, "day"),
    "home": (1, 0.0, 900, 0.4, 0.0, "day"),
    "canteen": (1, 0.0, 520, 0.1, 0.0, "lunch"),
    "arcade": (1, 0.0, 100, 0.1, 0.0, "day"),
    "hire": (1, 0.0, 1_000, 0.1, 0.0, "day"),
    "new": (1, 0.9, 900, 0.5, 0.003, "day"),
}
HOURS = {
    "day": ((11.0, 1.4, 0.35), (17.2, 1.6, 0.65)),
    "all": ((8.0, 1.2, 0.25), (12.3, 1.5, 0.25), (19.5, 3.0, 0.5)),
    "morning": ((8.0, 0.8, 0.6), (12.0, 1.2, 0.2), (17.0, 1.0, 0.2)),
    "lunch": ((12.3, 0.45, 0.7), (18.8, 0.9, 0.3)),
    "night": ((19.5, 1.3, 1.0),),
    "bath": ((15.5, 0.5, 0.6), (19.0, 1.2, 0.4)),
}


@dataclass
class Script:
    """What everybody means to do, in no order; what they can do depends on what they have by then."""

    time: list[np.ndarray] = field(default_factory=list)
    verb: list[np.ndarray] = field(default_factory=list)
    person: list[np.ndarray] = field(default_factory=list)
    shop: list[np.ndarray] = field(default_factory=list)
    points: list[np.ndarray] = field(default_factory=list)
    of: list[np.ndarray] = field(default_factory=list)
    batch: list[np.ndarray] = field(default_factory=list)
    count: int = 0

    def add(self, verb, time, person, shop, points, of=-1, batch=0) -> np.ndarray:
        """Note acts, all arguments numbers or arrays; return their numbers."""
        columns = np.broadcast_arrays(time, person, shop, points, of, batch)
        size = columns[0].size
        for kept, column in zip(
            (self.time, self.person, self.shop, self.points, self.of, self.batch), columns, strict=True
        ):
            kept.append(np.asarray(column, np.int64).reshape(-1))
        self.verb.append(np.full(size, verb))
        self.count += size
        return np.arange(self.count - size, self.count)

    def columns(self) -> tuple[np.ndarray, ...]:
        """Return time, verb, person, shop, points, of, batch."""
        kept = (self.time, self.verb, self.person, self.shop, self.points, self.of, self.batch)
        return tuple(np.concatenate(column) for column in kept)


class HonestYear:
    """A year by chance.

    Attributes:
        shops: by trade, their numbers.
        accounts, shop_accounts: addresses, 20 bytes a row, once the tables are told.
        script: to which others may add (`tests.support.planted_patterns`).
    """

    def __init__(self, seed: int, payments: int = 100_000) -> None:
        self.rng = np.random.default_rng(seed)
        self.scale = payments / 100_000
        self.people = round(8_000 * self.scale)
        self.script = Script()
        self.shops: dict[str, np.ndarray] = {}
        self.accounts = self.shop_accounts = np.empty((0, 20), np.uint8)
        trades, count = [], 0
        for trade, (shops, *_) in TRADES.items():
            self.shops[trade] = np.arange(count, count + shops)
            trades += [trade] * shops
            count += shops
        self.trades = np.array(trades)
        self.shop_names = [f"{trade} {place}" for place, trade in enumerate(trades)]
        # A few shops of a trade have most of its customers.
        popularity = self.rng.lognormal(0, 0.7, count)
        self.weight = np.array([TRADES[trade][1] for trade in trades]) * popularity
        self.street = self.rng.integers(0, STREETS, count)
        self._households()
        self._days()
        self._grants()
        self._trips()
        self._habits()
        self._walks()
        self._occasions()
        self._refunds()
        self._outages()

    # -------------------------------------------------------------------------------- who lives there

    def _households(self) -> None:
        sizes = self.rng.choice([1, 2, 3, 4, 5], self.people, p=[0.34, 0.3, 0.18, 0.13, 0.05])
        self.household = np.repeat(np.arange(self.people), sizes)[: self.people]
        self.home = self.rng.integers(0, STREETS, self.people)[self.household]
        self.activity = self.rng.lognormal(-0.5, 1.0, self.people)
        places = self.rng.permutation(self.people)
        # Each takes some people whose habits are their own.
        self._taken = iter(places)
        self.hamlets = []
        for _ in self.shops["hamlet"]:
            first, homes = self.rng.integers(0, self.people - 40), self.rng.integers(4, 10)
            members = np.flatnonzero(
                (self.household >= self.household[first]) & (self.household < self.household[first] + homes)
            )
            self.hamlets.append(members)
            self.activity[members] = 0  # they shop at home, below

    def take(self, count: int) -> np.ndarray:
        """Return some people, others each time."""
        return np.array([next(self._taken) for _ in range(count)])

    def add_people(self, count: int) -> np.ndarray:
        """Return new people, who do nothing yet."""
        self.people += count
        return np.arange(self.people - count, self.people)

    def add_shop(self, name: str) -> int:
        """Return a new shop, which nobody visits yet."""
        self.shop_names.append(name)
        return len(self.shop_names) - 1

    def _days(self) -> None:
        days = np.arange(DAYS)
        week = np.array([0.9, 0.9, 0.95, 0.95, 1.05, 1.35, 1.25])
        self.weekday = (days + datetime.fromtimestamp(BEGIN, JST).weekday()) % 7
        self.relief_day = int(self.rng.integers(60, 100))
        since = days - self.relief_day
        rush = np.where(since >= 0, 3.5 * np.exp(-np.maximum(since, 0) / 5), 0)
        self.day_weight = week[self.weekday] * self.rng.lognormal(0, 0.1, DAYS)
        self.day_weight *= 1 + rush + 0.5 * ((days >= 244) & (days < 275)) + 0.8 * (days >= 358)
        self.day_weight /= self.day_weight.sum()

    def moment(self, days: np.ndarray, hours: str) -> np.ndarray:
        """Return moments on some days, at which such a shop has customers."""
        peaks = HOURS[hours]
        which = self.rng.choice(len(peaks), len(days), p=[peak[2] for peak in peaks])
        mean, spread = (np.array([peak[part] for peak in peaks])[which] for part in (0, 1))
        hour = np.clip(self.rng.normal(mean, spread), 6.5, 23.9)
        return BEGIN + days * DAY + (hour * HOUR).astype(np.int64)

    def prices(self, shops: np.ndarray) -> np.ndarray:
        """Return what somebody pays at each of some shops."""
        usual, spread = (
            np.array([TRADES[trade][part] for trade in self.trades[shops]], float) for part in (2, 3)
        )
        price = usual * np.exp(self.rng.normal(0, 1, len(shops)) * spread)
        # Some pay a round part in points and the rest in coins.
        is_round = self.rng.random(len(shops)) < 0.15
        return np.where(is_round, np.ceil(price / 100) * 100, np.maximum(price, 30)).astype(np.int64)

    # ------------------------------------------------------------------------------- where points come from

    def _grants(self) -> None:
        rng, everybody = self.rng, np.arange(self.people)
        relief = BEGIN + self.relief_day * DAY + 10 * HOUR + (everybody // 300) * 10
        self.script.add(GRANT, relief, everybody, -1, 10_000)
        for month in range(12):
            # Health, volunteers, lessons: some hundreds of people a list.
            for _ in range(3):
                joined = np.flatnonzero(rng.random(self.people) < 0.2)
                when = BEGIN + (month * 30 + int(rng.integers(2, 28))) * DAY + 14 * HOUR
                self.script.add(
                    GRANT, when + joined // 300 * 10, joined, -1, int(rng.choice([100, 300, 500, 1000]))
                )
        exchanging = np.flatnonzero(rng.random(self.people) < 0.18)
        times = rng.integers(1, 7, len(exchanging))
        who = np.repeat(exchanging, times)
        points = (500 * (1 + rng.pareto(1.6, len(who)) * 3)).clip(500, 30_000).astype(np.int64)
        self.script.add(GRANT, BEGIN + rng.integers(0, DAYS * DAY, len(who)), who, -1, points)
        self.heavy = self.take(6)
        for person in self.heavy:
            months = np.arange(12) * 30 * DAY + BEGIN + int(rng.integers(0, 28)) * DAY
            self.script.add(GRANT, months, person, -1, int(rng.integers(5_000, 13_000)))

    # ------------------------------------------------------------------------------------- everyday shopping

    def _pay(self, times, persons, shops, points=None, batch=0) -> np.ndarray:
        shops = np.broadcast_to(shops, np.shape(times)).reshape(-1)
        points = self.prices(shops) if points is None else points
        return self.script.add(PAY, times, persons, shops, points, batch=batch)

    def _trips(self) -> None:
        rng = self.rng
        count = round(200_000 * self.scale)  # many a time the purse is empty
        chance = self.activity / self.activity.sum()
        who = rng.choice(len(chance), count, p=chance)
        days = rng.choice(DAYS, count, p=self.day_weight)
        opened = int(rng.integers(90, 200))
        weight = self.weight / self.weight.sum()
        favourites = rng.choice(len(weight), (len(chance), 5), p=weight)
        shops = np.where(
            rng.random(count) < 0.7,
            favourites[who, rng.integers(0, 5, count)],
            rng.choice(len(weight), count, p=weight),
        )
        # Half of what is not a favourite is near home.
        days = np.where((self.trades[shops] == "new") & (days < opened), opened + days % 3, days)
        times = np.zeros(count, np.int64)
        for hours in HOURS:
            its = np.array([TRADES[trade][5] == hours for trade in self.trades])[shops]
            times[its] = self.moment(days[its], hours)
        self._pay(times, who, shops)
        # The rest of the family buys with its own accounts at the same till.
        along = np.flatnonzero(rng.random(count) < 0.06)
        partner = (who[along] + 1) % len(chance)
        along = along[self.household[partner] == self.household[who[along]]]
        self._pay(
            times[along] + rng.integers(20, 180, len(along)), (who[along] + 1) % len(chance), shops[along]
        )
        # The new shop's first days.
        crowd = rng.integers(0, len(chance), round(120 * self.scale))
        self._pay(self.moment(opened + rng.integers(0, 3, len(crowd)), "day"), crowd, self.shops["new"][0])

    def _habits(self) -> None:
        rng = self.rng
        # Who buys bread or coffee at the same shop nearly every day, at the same minute.
        for person in self.take(round(60 * self.scale)):
            shop = rng.choice(np.concatenate([self.shops["bakery"], self.shops["convenience"]]))
            days = np.flatnonzero(rng.random(DAYS) < 0.6)
            at = rng.uniform(7, 19) * HOUR
            times = BEGIN + days * DAY + (at + rng.normal(0, 8 * MINUTE, len(days))).astype(np.int64)
            self._pay(times, person, shop, rng.integers(120, 500, len(days)))
        # The bath's regulars; many old people spend their points on nothing else.
        for bath in self.shops["bath"]:
            for person in self.take(30):
                self.activity[person] = 0
                days = np.flatnonzero(rng.random(DAYS) < rng.uniform(0.1, 0.5))
                self._pay(self.moment(days, "bath"), person, bath, 450)
        # Rice comes to the house once a month, to all on the same day.
        for shop in self.shops["rice"]:
            for person in self.take(int(rng.integers(5, 11))):
                days = np.arange(12) * 30 + int(shop) % 20
                times = BEGIN + days * DAY + int(rng.uniform(9, 13) * HOUR)
                self._pay(times, person, shop)
        # The only shop of a hamlet: nobody else comes by, and its people hardly go down to the town.
        for shop, members in zip(self.shops["hamlet"], self.hamlets, strict=True):
            count = len(members) * 30
            who = rng.choice(members, count)
            days = rng.choice(DAYS, count, p=self.day_weight)
            times = self.moment(days, "day")
            self._pay(times, who, shop)
            # Who goes down the road takes the cards of the whole house along.
            for near in (1, 2):
                other = who + near
                same = np.isin(other, members)
                same[same] = self.household[other[same]] == self.household[who[same]]
                self._pay(times[same] + 40 * near, other[same], shop)
        # The kiosk of a home for old people: its office keeps their cards and goes once a week.
        old = self.take(25)
        self.activity[old] = 0
        for day in range(4, DAYS, 7):
            buying = old[rng.random(25) < 0.5]
            at = BEGIN + day * DAY + 14 * HOUR
            self._pay(at + np.cumsum(rng.integers(20, 90, len(buying))), buying, self.shops["home"][0])
        self._list(BEGIN + 167 * DAY + 9 * HOUR, old, 3_000)  # for the day of the aged
        # Who cleans the hamlet's road is on the hamlet's list.
        for members in self.hamlets:
            for day in (40, 130, 220):
                self._list(BEGIN + day * DAY + 12 * HOUR, members, 1_000)
        # Clubs have lists of their own members.
        for _ in range(20):
            club = rng.integers(0, len(self.activity), int(rng.integers(5, 25)))
            for day in rng.integers(0, DAYS, 6):
                self._list(BEGIN + int(day) * DAY + 20 * HOUR + int(rng.integers(0, HOUR)), club, 300)
        # A factory's canteen at noon.
        for person in self.take(35):
            days = np.flatnonzero((self.weekday < 5) & (rng.random(DAYS) < 0.25))
            times = BEGIN + days * DAY + rng.integers(12 * HOUR, 12 * HOUR + 40 * MINUTE, len(days))
            self._pay(times, person, self.shops["canteen"][0])
        # Children at the arcade: a hundred points a game, and again.
        for child in self.take(50):
            for day in np.flatnonzero((self.weekday >= 5) & (rng.random(DAYS) < 0.12)):
                games = int(rng.integers(3, 13))
                at = BEGIN + day * DAY + int(rng.uniform(10, 17) * HOUR)
                self._pay(
                    at + np.cumsum(rng.integers(2 * MINUTE, 6 * MINUTE, games)),
                    child,
                    self.shops["arcade"][0],
                )
        # Lunch for old people living alone, on weekdays.
        for person in self.take(12):
            days = np.flatnonzero((self.weekday < 5) & (rng.random(DAYS) < 0.8))
            self._pay(self.moment(days, "lunch"), person, self.shops["bento"][0], 480)
        # A carer shops for five with their five cards, one after the other at the same till.
        for _ in range(4):
            cared, shop = self.take(5), rng.choice(self.shops["supermarket"])
            for day in range(int(rng.integers(0, 7)), DAYS, 7):
                at = BEGIN + day * DAY + 10 * HOUR + int(rng.integers(0, 2 * HOUR))
                self._pay(at + np.arange(5) * 50, cared, shop)
        # The gym's fee on the first of the month.
        for month in range(12):
            who = rng.integers(0, len(self.activity), 60)
            self._pay(
                BEGIN + month * 30 * DAY + 9 * HOUR + rng.integers(0, 3 * HOUR, 60),
                who,
                self.shops["gym"][0],
                600,
            )
        # A family helps its own small cafe along.
        family, cafe = self.take(4), self.shops["cafe"][-1]
        for person in family:
            days = np.flatnonzero(rng.random(DAYS) < 0.12)
            self._pay(self.moment(days, "day"), person, cafe)
        # Who brings in much from a credit card spends it at the places they like.
        for person in self.heavy:
            liked = rng.choice(
                np.concatenate([self.shops[t] for t in ("izakaya", "hotel", "appliances", "restaurant")]), 2
            )
            days = np.sort(rng.integers(0, DAYS, 45))
            self._pay(self.moment(days, "night"), person, rng.choice(liked, 45), rng.integers(800, 9_000, 45))

    def _list(self, time: int, people: np.ndarray, points: int) -> None:
        """Grant to all on a list at once."""
        self.script.add(GRANT, time, people, -1, points)

    def _walks(self) -> None:
        rng = self.rng
        weight = self.weight / self.weight.sum()
        # Along the shopping street: several shops within half an hour.
        for day in np.repeat(np.arange(DAYS), np.where(self.weekday >= 5, 5, 1)):
            street = int(rng.integers(0, STREETS))
            nearby = np.flatnonzero((self.street == street) & (weight > 0) & (self.trades != "online"))
            shops = rng.choice(nearby, min(int(rng.integers(3, 8)), len(nearby)), replace=False)
            person = int(rng.integers(0, len(self.activity)))
            at = BEGIN + day * DAY + int(rng.uniform(10, 18) * HOUR)
            self._pay(at + np.cumsum(rng.integers(2 * MINUTE, 9 * MINUTE, len(shops))), person, shops)
        # The Sunday market: one stall beside the other.
        for day in np.flatnonzero(self.weekday == 6):
            for person in rng.integers(0, len(self.activity), round(45 * self.scale)):
                stalls = rng.choice(
                    self.shops["stall"],
                    int(rng.choice([1, 2, 3, 4, 5, 7], p=[0.3, 0.3, 0.2, 0.1, 0.07, 0.03])),
                    replace=False,
                )
                at = BEGIN + day * DAY + int(rng.uniform(7, 10.5) * HOUR)
                self._pay(at + np.cumsum(rng.integers(45, 5 * MINUTE, len(stalls))), person, stalls)
        # The summer festival: stalls that sell on two evenings of the year.
        for day in (128, 129):
            for person in rng.integers(0, len(self.activity), round(220 * self.scale)):
                stalls = rng.choice(self.shops["festival"], int(rng.integers(1, 7)))
                at = BEGIN + day * DAY + int(rng.normal(18.5, 0.8) * HOUR)
                self._pay(at + np.cumsum(rng.integers(1 * MINUTE, 12 * MINUTE, len(stalls))), person, stalls)

    def _occasions(self) -> None:
        rng, everybody = self.rng, len(self.activity)
        # A bargain day: many times the usual customers. Once in the year a shop was on television.
        usual = np.flatnonzero((self.weight > 0) & ~np.isin(self.trades, ["online", "hotel"]))
        for times_usual in [5] * 20 + [10]:
            shop = rng.choice(usual)
            crowd = round(
                max(10, 100_000 * self.scale * self.weight[shop] / self.weight.sum() / 300 * times_usual)
            )
            day = int(rng.integers(0, DAYS))
            self._pay(self.moment(np.full(crowd, day), "day"), rng.integers(0, everybody, crowd), shop)
        # A raffle: a ticket for every purchase of 500, so that customers make several of one.
        for shop in rng.choice(usual, 4, replace=False):
            at = BEGIN + int(rng.integers(0, DAYS)) * DAY
            for person in rng.integers(0, everybody, 14):
                tickets = int(rng.integers(1, 6))
                self._pay(at + int(rng.uniform(10, 16) * HOUR) + np.arange(tickets) * 40, person, shop, 500)
        # School uniforms before April.
        count = round(150 * self.scale)
        self._pay(
            self.moment(rng.integers(340, 362, count), "day"),
            rng.choice(everybody, count, replace=False),
            self.shops["uniforms"][0],
        )
        # A party: everybody pays their own part, and one after the other.
        for _ in range(30):
            party, day = rng.integers(0, everybody, int(rng.integers(8, 25))), int(rng.integers(0, DAYS))
            at = BEGIN + day * DAY + int(21.5 * HOUR)
            self._pay(
                at + np.cumsum(rng.integers(10, 60, len(party))),
                party,
                rng.choice(self.shops["izakaya"]),
                3_000,
            )

    # -------------------------------------------------------------------------------------------- refunds

    def _refund(self, of: np.ndarray, delays: np.ndarray | int, percent: np.ndarray | int = 100) -> None:
        time = np.concatenate(self.script.time)
        person, shop = np.concatenate(self.script.person), np.concatenate(self.script.shop)
        self.script.add(REFUND, time[of] + delays, person[of], shop[of], percent, of)

    def _refunds(self) -> None:
        rng, everybody = self.rng, len(self.activity)
        shops = np.concatenate(self.script.shop)
        share = np.array([TRADES[trade][4] for trade in self.trades])
        is_back = (shops >= 0) & (rng.random(len(shops)) < share[shops])
        back = np.flatnonzero(is_back)
        self._refund(
            back,
            rng.exponential(3 * DAY, len(back)).clip(10 * MINUTE, 14 * DAY).astype(np.int64),
            rng.choice([100, 50, 30], len(back), p=[0.7, 0.2, 0.1]),
        )
        # The cashier typed a wrong figure: all of it back, and the right one at once.
        wrong = np.flatnonzero((shops >= 0) & ~is_back & (rng.random(len(shops)) < 0.0025))
        wait = rng.integers(40, 240, len(wrong))
        self._refund(wrong, wait)
        time, person = np.concatenate(self.script.time), np.concatenate(self.script.person)
        self._pay(time[wrong] + wait + rng.integers(20, 90, len(wrong)), person[wrong], shops[wrong])
        # Who has three sizes sent, and sends two back: every month or two.
        for person in self.take(4):
            shop = rng.choice(np.concatenate([self.shops["clothes"], self.shops["online"]]))
            for day in range(int(rng.integers(0, 30)), DAYS - 20, int(rng.integers(30, 60))):
                self.script.add(GRANT, BEGIN + day * DAY, person, -1, 3_000)
                sizes = self._pay(BEGIN + day * DAY + 20 * HOUR + np.arange(3) * 90, person, shop, 1_000)
                self._refund(sizes[:2], int(rng.integers(3, 9)) * DAY)
        # Tools for hire, for a deposit that comes back with them: gardeners need them twice a month.
        for person in self.take(12):
            days = np.flatnonzero(rng.random(DAYS - 10) < 0.06)
            lent = self._pay(self.moment(days, "day"), person, self.shops["hire"][0], 1_000)
            self._refund(lent, rng.integers(5, 30, len(days)) * HOUR)
        # A concert is called off: everybody's tickets go back on two days.
        visitors = rng.choice(everybody, 80, replace=False)
        hall = self.shops["hall"][0]
        tickets = self._pay(
            BEGIN + rng.integers(300, 318, 80) * DAY + 11 * HOUR + rng.integers(0, 6 * HOUR, 80),
            visitors,
            hall,
            1_500 * rng.integers(1, 4, 80),
        )
        time = np.concatenate(self.script.time)
        self._refund(tickets, BEGIN + 320 * DAY + 10 * HOUR + rng.integers(0, 30 * HOUR, 80) - time[tickets])
        # A lamp is recalled.
        shop = self.shops["appliances"][0]
        lamps = self._pay(
            self.moment(rng.integers(220, 240, 20), "day"),
            rng.choice(everybody, 20, replace=False),
            shop,
            2_980,
        )
        time = np.concatenate(self.script.time)
        self._refund(lamps, BEGIN + 245 * DAY + 10 * HOUR + rng.integers(0, 20 * HOUR, 20) - time[lamps])
        # A till charged everybody twice for an hour.
        customers = rng.choice(everybody, 15, replace=False)
        at = BEGIN + 150 * DAY + 12 * HOUR + rng.integers(0, HOUR, 15)
        shop = self.shops["supermarket"][1]
        self._pay(at, customers, shop, 800)
        self._refund(self._pay(at + 6, customers, shop, 800), rng.integers(HOUR, 30 * HOUR, 15))
        # New tills are tried out by their owners with some points.
        for shop in rng.choice(usual_shops(self), 5, replace=False):
            at = BEGIN + int(rng.integers(0, DAYS)) * DAY + 8 * HOUR
            tries = self._pay(at + np.arange(8) * 100, self.take(1)[0], shop, rng.integers(1, 100, 8))
            self._refund(tries, 40)

    # -------------------------------------------------------------------------------------------- outages

    def _outages(self) -> None:
        """A street is off the net for hours; its tills send what they signed as soon as they are back."""
        rng = self.rng
        time, shops = np.concatenate(self.script.time), np.concatenate(self.script.shop)
        verb = np.concatenate(self.script.verb)
        batch = np.concatenate(self.script.batch)
        for place in range(4):
            street, day = int(rng.integers(0, STREETS)), int(rng.integers(0, DAYS))
            begin = BEGIN + day * DAY + int(rng.uniform(9, 15) * HOUR)
            end = begin + int(rng.uniform(1, 4) * HOUR)
            out = (shops >= 0) & (verb == PAY) & (time >= begin) & (time < end)
            out &= self.street[np.minimum(shops, len(self.street) - 1)] == street
            late = np.flatnonzero(out)
            time[late] = end + rng.integers(0, 4 * MINUTE, len(late))
            if place % 2:  # these tills send all at once, in one transaction a shop
                time[late] = end + shops[late] % 60
                batch[late] = 1 + place * 1_000 + shops[late]
        self.script.time, self.script.batch = [time], [batch]

    # --------------------------------------------------------------------------------------------- telling

    def tables(self) -> dict[str, pa.Table]:
        """Return the events of the year, as far as people had the points for what they meant to do."""
        return tell(self)


def usual_shops(year: HonestYear) -> np.ndarray:
    """Return shops that anybody may visit on any day."""
    return np.flatnonzero(year.weight > 0)


def tell(year: HonestYear) -> dict[str, pa.Table]:
    """Let the year happen."""
    time, verb, person, shop, points, of, batch = year.script.columns()
    in_campaign = (
        (verb == PAY)
        & (time >= BEGIN + CAMPAIGN_DAYS[0] * DAY)
        & (time < BEGIN + CAMPAIGN_DAYS[1] * DAY)
        & (batch == 0)
    )
    earning = np.flatnonzero(in_campaign)
    earned = np.full(len(earning), BONUS)
    time = np.concatenate([time, time[earning] + BONUS_AFTER])
    verb = np.concatenate([verb, earned])
    person, shop = np.concatenate([person, person[earning]]), np.concatenate([shop, shop[earning]])
    points, of = np.concatenate([points, np.zeros(len(earning), np.int64)]), np.concatenate([of, earning])
    batch = np.concatenate([batch, np.zeros(len(earning), np.int64)])
    order = np.lexsort((np.arange(len(time)), verb != GRANT, time))
    uses_rest = (year.rng.random(len(time)) < 0.4).tolist()

    has = [0] * year.people
    paid = [0] * len(time)
    awarded = [0] * year.people
    moved = np.zeros(len(time), np.int64)
    columns = (verb.tolist(), person.tolist(), points.tolist(), of.tolist())
    verbs, persons, amounts, ofs = columns
    for place in order.tolist():
        its, who, amount = verbs[place], persons[place], amounts[place]
        if its == PAY:
            if has[who] < amount:
                amount = has[who] if uses_rest[place] else 0
            has[who] -= amount
            paid[place] = amount
        elif its == GRANT:
            has[who] += amount
        else:
            left = paid[ofs[place]]
            if its == REFUND:
                amount = left * amount // 100
                paid[ofs[place]] = left - amount
            else:
                amount = min(left * BONUS_PERCENT // 100, BONUS_CAP - awarded[who])
                awarded[who] += amount
            has[who] += amount
        moved[place] = amount
    order = order[moved[order] > 0]
    return _tables(year, *(column[order] for column in (time, verb, person, shop, moved, of, batch)), order)


def _tables(year, time, verb, person, shop, points, of, batch, number) -> dict[str, pa.Table]:
    rng, count = year.rng, len(time)
    slot = (time - BEGIN) // BLOCK_SECONDS
    block = np.cumsum(np.diff(slot, prepend=slot[0] - 1) > 0)
    time = BEGIN + slot * BLOCK_SECONDS
    first = np.searchsorted(block, block, "left")
    log_index = 2 * (np.arange(count) - first) + 1
    hashes = rng.integers(0, 256, (count, 32), np.uint8)
    # Rows of a list, and payments that a till sends together, share their transaction.
    shared = np.where(verb == GRANT, block, np.where(batch > 0, -batch, 0))
    _, first_row, its = np.unique(shared, return_index=True, return_inverse=True)
    hashes = np.where((shared != 0)[:, None], hashes[first_row[its]], hashes)
    accounts = rng.integers(1, 256, (year.people, 20), np.uint8)
    shops = rng.integers(1, 256, (len(year.shop_names), 20), np.uint8)
    year.accounts, year.shop_accounts = accounts, shops
    series, zero = rng.integers(1, 256, (1, 20), np.uint8), np.zeros((1, 20), np.uint8)
    is_in, is_pay = np.isin(verb, (GRANT, BONUS)), verb == PAY
    source = np.where(is_in[:, None], zero, np.where(is_pay[:, None], accounts[person], shops[shop]))
    target = np.where(is_pay[:, None], shops[shop], accounts[person])
    serial = np.empty(number.max() + 1, np.int64)
    serial[number] = np.arange(count)
    sale = (time // DAY - 10_957) * 2**16 + serial[number] % 2**16
    sale = np.where(verb == PAY, sale, sale[serial[np.where(of >= 0, of, number)]])
    month = month_of(BEGIN) + 12 + 11  # all points end with the next fiscal year

    def table(name, rows, ahead=0, /, **columns):
        places = {
            "block": block[rows],
            "log_index": (log_index[rows] - ahead).astype(np.int32),
            "time": time[rows],
            "transaction": _fixed(hashes[rows]),
            "contract": _fixed(np.repeat(series, len(rows), 0)),
        }
        schema = schema_of(name)
        return pa.table([places.get(field.name, columns.get(field.name)) for field in schema], schema=schema)

    every, paying = np.arange(count), np.flatnonzero(is_pay)
    back, bonus = np.flatnonzero(verb == REFUND), np.flatnonzero(verb == BONUS)
    words = np.zeros((len(paying), 32), np.uint8)
    words[:, :20] = accounts[person[paying]]
    words[:, 20:24] = sale[paying].astype(">u4").view(np.uint8).reshape(-1, 4)
    words[:, 24:] = (month << 29 | points[paying]).astype(">u8").view(np.uint8).reshape(-1, 8)
    approved = np.zeros(len(shops), np.int64)
    zeros = np.zeros(len(bonus), np.int64)
    opened = schema_of("PaymentBonus.CampaignOpened")
    return {
        "MunicipalPoint.Transfer": table(
            "MunicipalPoint.Transfer",
            every,
            **{"from": _fixed(source), "to": _fixed(target), "value": points},
        ),
        "MunicipalPoint.SalePaid": table(
            "MunicipalPoint.SalePaid", paying, 1, merchant=_fixed(shops[shop[paying]]), payment=_fixed(words)
        ),
        "MunicipalPoint.SaleRefunded": table(
            "MunicipalPoint.SaleRefunded",
            back,
            1,
            merchant=_fixed(shops[shop[back]]),
            sale=sale[back],
            receiver=_fixed(accounts[person[back]]),
            lot=month << 29 | points[back],
        ),
        "MunicipalPoint.MerchantApproved": table(
            "MunicipalPoint.MerchantApproved",
            approved,
            merchant=_fixed(shops),
            category=approved + 1,
            name=year.shop_names,
            place=["町内"] * len(shops),
        ),
        "PaymentBonus.BonusAwarded": table(
            "PaymentBonus.BonusAwarded",
            bonus,
            1,
            campaign=zeros + 1,
            merchant=_fixed(shops[shop[bonus]]),
            number=person[bonus],
            sale=sale[bonus],
            awardedPoints=points[bonus],
        ),
        "PaymentBonus.CampaignOpened": table(
            "PaymentBonus.CampaignOpened",
            np.zeros(1, np.int64),
            **{
                field.name: pa.array(
                    [_EMPTY.get(str(field.type), [] if pa.types.is_list(field.type) else 0)], field.type
                )
                for field in opened
            }
            | {"campaign": pa.array([1]), "series": _fixed(series)},
        ),
    }


_EMPTY = {"string": "", "bool": False, "fixed_size_binary[20]": bytes(20), "fixed_size_binary[32]": bytes(32)}


def _fixed(rows: np.ndarray) -> pa.Array:
    rows = np.ascontiguousarray(rows)
    return pa.FixedSizeBinaryArray.from_buffers(
        pa.binary(rows.shape[1]), len(rows), [None, pa.py_buffer(rows)]
    )
