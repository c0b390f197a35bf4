"""The list of a batch of grants as the contract reads it: rows, words, leaves, and their Merkle tree.

    grants = GrantList([Row(17, 50), Row(18, 50)])
    grants.root                        # what two officers approve
    branch = grants.branch(first_leaf=0, width=1)
    # GrantProgrammes.run(batch, branch.first_leaf, branch.words, branch.siblings)

A row is a resident number and points. Four rows are a word, sixteen a leaf, as drawn in
contracts/libraries/GrantList.sol. A branch is an aligned power of two of leaves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from eth_utils import keccak

ROWS_OF_WORD = 4
ROWS_OF_LEAF = 16
WORDS_OF_LEAF = ROWS_OF_LEAF // ROWS_OF_WORD
MAX_FIELD = 2**32 - 1
"""The largest resident number, and the most points of a row."""

_PADDING = bytes(32)


class Row(NamedTuple):
    """One grant of a list."""

    number: int
    points: int

    @property
    def packed(self) -> int:
        """The row as contracts have it: 32 bits of points above 32 bits of number."""
        return self.points << 32 | self.number

    @classmethod
    def of(cls, packed: int) -> Row:
        """Return the row that `packed` came from."""
        return cls(packed & MAX_FIELD, packed >> 32)


class Branch(NamedTuple):
    """What proves rows to be the list's.

    Attributes:
        words: of the branch's rows, four a word.
        siblings: 32 bytes each, the lowest first.
    """

    first_leaf: int
    words: list[int]
    siblings: list[bytes]


@dataclass(frozen=True)
class GrantList:
    """A list of grants in the order in which it is approved.

    Raises:
        ValueError: it is empty, or a number or amount is out of range.
    """

    rows: Sequence[Row]

    def __post_init__(self) -> None:
        if not self.rows:
            raise ValueError("a list has at least one row")
        for row in self.rows:
            if not (1 <= row.number <= MAX_FIELD and 1 <= row.points <= MAX_FIELD):
                raise ValueError(f"out of range: {row}")

    @property
    def total_points(self) -> int:
        """What the rows add up to."""
        return sum(row.points for row in self.rows)

    @property
    def leaf_count(self) -> int:
        """How many leaves hold rows."""
        return (len(self.rows) - 1) // ROWS_OF_LEAF + 1

    @property
    def depth(self) -> int:
        """How many levels of nodes are above the leaves."""
        return (self.leaf_count - 1).bit_length()

    @property
    def root(self) -> bytes:
        """What stands for the list; 32 bytes."""
        return self._levels[-1][0]

    @cached_property
    def words(self) -> list[int]:
        """All rows, four a word, the last word filled up with zeros."""
        fields = b"".join(row.packed.to_bytes(8, "big") for row in self.rows)
        return [
            int.from_bytes(fields[start : start + 32].ljust(32, b"\0"), "big")
            for start in range(0, len(fields), 32)
        ]

    def branch(self, first_leaf: int, width: int) -> Branch:
        """Return `width` leaves from `first_leaf` on, with what leads from them to the root.

        Raises:
            ValueError: there is no such branch in the tree.
        """
        level = width.bit_length() - 1
        if (
            width != 1 << level
            or level > self.depth
            or first_leaf % width
            or not 0 <= first_leaf < self.leaf_count
        ):
            raise ValueError(f"no branch of {width} leaves begins with leaf {first_leaf}")
        words = self.words[first_leaf * WORDS_OF_LEAF : (first_leaf + width) * WORDS_OF_LEAF]
        place = first_leaf >> level
        siblings = [self._levels[above][(place >> (above - level)) ^ 1] for above in range(level, self.depth)]
        return Branch(first_leaf, words, siblings)

    def branch_of_row(self, row: int) -> Branch:
        """Return the leaf that a row, counted from 0, stands in."""
        return self.branch(row // ROWS_OF_LEAF, 1)

    @cached_property
    def _levels(self) -> list[list[bytes]]:
        """The leaves' hashes, filled up to a power of two, then level after level up to the root."""
        leaves = [
            _leaf(place, self.words[place * WORDS_OF_LEAF : (place + 1) * WORDS_OF_LEAF])
            for place in range(self.leaf_count)
        ]
        levels = [leaves + [_PADDING] * ((1 << self.depth) - len(leaves))]
        while len(levels[-1]) > 1:
            below = levels[-1]
            levels.append([_node(below[i], below[i + 1]) for i in range(0, len(below), 2)])
        return levels


def rows_of(words: Sequence[int]) -> list[Row]:
    """Return the rows in some words, those included that only fill the last word up."""
    return [Row.of(word >> shift & 2**64 - 1) for word in words for shift in (192, 128, 64, 0)]


def root_of(rows: int, branch: Branch) -> bytes:
    """Return the root of the list of so many rows in which a branch stands, as the contract works it out.

    Raises:
        ValueError: these are no whole branch of such a list, with a hash for each level above.
    """
    leaves = (rows - 1) // ROWS_OF_LEAF + 1
    level = (leaves - 1).bit_length() - len(branch.siblings)
    first_word = branch.first_leaf * WORDS_OF_LEAF
    words_of_list = (rows - 1) // ROWS_OF_WORD + 1
    if level < 0 or branch.first_leaf % (1 << level) or first_word >= words_of_list:
        raise ValueError("no such branch")
    if len(branch.words) != min(WORDS_OF_LEAF << level, words_of_list - first_word):
        raise ValueError("not the branch's words")
    nodes = [
        _leaf(branch.first_leaf + start // WORDS_OF_LEAF, branch.words[start : start + WORDS_OF_LEAF])
        for start in range(0, len(branch.words), WORDS_OF_LEAF)
    ]
    nodes += [_PADDING] * ((1 << level) - len(nodes))
    while len(nodes) > 1:
        nodes = [_node(nodes[i], nodes[i + 1]) for i in range(0, len(nodes), 2)]
    place, root = branch.first_leaf >> level, nodes[0]
    for sibling in branch.siblings:
        root = _node(sibling, root) if place & 1 else _node(root, sibling)
        place >>= 1
    return root


def _leaf(place: int, words: Sequence[int]) -> bytes:
    return keccak(b"\0" + place.to_bytes(4, "big") + b"".join(word.to_bytes(32, "big") for word in words))


def _node(left: bytes, right: bytes) -> bytes:
    return keccak(b"\1" + left + right)
