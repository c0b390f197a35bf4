from collections.abc import Sequence

from tests.stateful.shrinking import shrunk


def test_shrunk_keeps_only_the_steps_that_are_needed() -> None:
    needed = {3, 50, 51, 97}

    found = shrunk(range(100), fails=lambda steps: needed <= set(steps), labels=lambda _: [], seconds=10)

    assert found == [3, 50, 51, 97]


def test_shrunk_leaves_out_a_label_that_only_goes_as_a_whole() -> None:
    def fails(steps: Sequence[int]) -> bool:
        # Odd numbers cancel each other: only all of them together can go.
        return 10 in steps and sum(step % 2 for step in steps) in (0, 20)

    found = shrunk(range(40), fails, labels=lambda step: ["odd" if step % 2 else "even"], seconds=10)

    assert found == [10]


def test_shrunk_out_of_time_returns_all_steps() -> None:
    assert shrunk([1, 2, 3], fails=lambda _: True, labels=lambda _: [], seconds=0) == [1, 2, 3]
