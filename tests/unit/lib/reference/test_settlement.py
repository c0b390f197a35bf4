"""What holds whatever happens to claims: played by chance in the model, with which the chain agrees."""

from collections import Counter
from random import Random

import pytest

from scripts.lib.claim_word import ClaimPart, in_order
from scripts.lib.japan_calendar import moment_from_text
from scripts.lib.reference.settlement import MAX_CLAIMS, BatchState, ReferenceSettlement
from scripts.lib.refusal import Refused

SHOPS = [f"0x{number:040x}" for number in (1, 2, 3)]
DAY = 24 * 60 * 60
TOWNS = 300
STEPS = 200


class Town:
    """Shops that earn, are paid all they are owed, and whose yen come back, in good time and late."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.model = ReferenceSettlement(moment_from_text("2026-02-10T00:00"))
        self.earned: Counter[int] = Counter()
        self.papers = 0

    def step(self) -> None:
        """Do one thing at random."""
        steps = {self.earn: 5, self.approve: 4, self.send: 3, self.settle: 3, self.come_back: 3, self.wait: 2}
        (step,) = self.random.choices(list(steps), weights=list(steps.values()))
        step()

    def earn(self) -> None:
        """Pay a shop."""
        points = self.random.randrange(1, 50)
        self.model.earn(self.random.choice(SHOPS), points)
        self.earned[self.model.fiscal_year] += points

    def approve(self) -> None:
        """Approve all that is owed."""
        claims = [ClaimPart(shop, *self.model.claim_of(shop)[:2]) for shop in SHOPS]
        if any(claim.points for claim in claims):
            self.model.approve(self.model.fiscal_year, self.model.now, in_order(claims))

    def send(self) -> None:
        """Send what was approved."""
        for batch in self._batches(BatchState.APPROVED):
            self.model.send(batch, self._paper())

    def settle(self) -> None:
        """Settle what was sent, out of the present year's books if need be."""
        for batch in self._batches(BatchState.SENT):
            if self.model.batches[batch].left:
                self.model.settle(batch, self.model.batches[batch].claims, self._paper(), True)

    def come_back(self) -> None:
        """Let one claim bounce, or one that was settled come back."""
        open_claims = [
            (step, batch, place)
            for state, step in ((BatchState.SENT, self.model.bounce), (BatchState.SETTLED, self.model.reopen))
            for batch in self._batches(state)
            for place, claim in enumerate(self.model.batches[batch].claims)
            if claim.points and place not in self.model.batches[batch].back
        ]
        if open_claims:
            step, batch, place = self.random.choice(open_claims)
            step(batch, [place], self._paper())

    def wait(self) -> None:
        """Let up to a hundred days pass."""
        self.model.now += self.random.randrange(100 * DAY)

    def owed_when_closed(self) -> dict[int, int]:
        """Return what each year's books would leave owed if they closed as they are."""
        owed, by_year = 0, {}
        for year in sorted({*self.earned, *self.model.books}):
            books = self.model.books[year]
            owed += self.earned[year] + books.reopened - books.settled
            by_year[year] = owed
        return by_year

    def _batches(self, state: BatchState) -> list[int]:
        return [number for number, batch in self.model.batches.items() if batch.state == state]

    def _paper(self) -> bytes:
        self.papers += 1
        return self.papers.to_bytes(32, "big")


@pytest.mark.parametrize("seed", range(0, TOWNS, 50))
def test_no_year_pays_more_than_was_owed_so_that_each_can_close(seed: int) -> None:
    for number in range(seed, seed + 50):
        town = Town(number)
        for step in range(STEPS):
            town.step()
            owed = town.owed_when_closed()
            assert all(points >= 0 for points in owed.values()), f"seed {number}, step {step}: {owed}"
        assert town.model.settled.total(), f"seed {number}: nothing was settled"


@pytest.fixture
def owed() -> ReferenceSettlement:
    """A shop is owed 30 points."""
    model = ReferenceSettlement(moment_from_text("2026-02-10T00:00"))
    model.earn(SHOPS[0], 30)
    return model


@pytest.mark.parametrize(
    ("later", "claims", "error"),
    [
        (1, [ClaimPart(SHOPS[0], 30)], "SettlementCutOff"),
        (0, [], "SettlementClaimCount"),
        (
            0,
            [ClaimPart(f"0x{number:040x}", 1) for number in range(1, MAX_CLAIMS + 2)],
            "SettlementClaimCount",
        ),
    ],
    ids=["before its cut-off", "of nobody", "of too many"],
)
def test_batch_that_could_not_be_is_refused_and_locks_nothing(
    owed: ReferenceSettlement, later: int, claims: list[ClaimPart], error: str
) -> None:
    with pytest.raises(Refused) as refused:
        owed.approve(owed.fiscal_year, owed.now + later, claims)
    assert refused.value.name == error
    assert owed.batches == {} and not owed.locked.total()
