// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// What a series knows of a minter, in one storage word:
///
///   bit 255       254 ..... 191  190 ....... 180  179 ........ 144  143 ............ 72  71 .................. 0
///      +---------+--------------+----------------+-----------------+--------------------+---------------------+
///      | accepted| taken back in| reserved month | reserved points | minted in its life | allowance, reserved |
///      |         | its life     |                |                 | (points)           | points included     |
///      +---------+--------------+----------------+-----------------+--------------------+---------------------+
///
/// A minter mostly mints for one month, many times over. So the series books part of the allowance into that month's
/// supply beforehand, and a mint touches the minter's and the resident's word alone. What is reserved is not supply
/// yet: views leave it out, and it goes back when the minter turns to another month or its allowance is lowered or ended, and
/// when the series is paused or closed.
type MinterWord is uint256;

using MinterWords for MinterWord global;

/// @title The parts of a minter's word
library MinterWords {
    uint256 private constant ACCEPTED = 1 << 255;
    uint256 private constant POINTS_MASK = (1 << 72) - 1;
    uint256 private constant MINTED_SHIFT = 72;
    uint256 private constant RESERVED_SHIFT = 144;
    uint256 private constant RESERVED_MASK = (1 << 36) - 1;
    uint256 private constant MONTH_SHIFT = 180;
    uint256 private constant MONTH_MASK = (1 << 11) - 1;
    uint256 private constant TAKEN_BACK_SHIFT = 191;
    uint256 private constant TAKEN_BACK_MASK = (1 << 64) - 1;

    /// The most that a minter can be allowed to mint.
    uint256 internal constant MAX_ALLOWANCE_POINTS = POINTS_MASK;

    function isAccepted(MinterWord word) internal pure returns (bool) {
        return MinterWord.unwrap(word) & ACCEPTED != 0;
    }

    /// @notice What the minter may still mint.
    function allowance(MinterWord word) internal pure returns (uint256) {
        return MinterWord.unwrap(word) & POINTS_MASK;
    }

    /// @notice What the minter has minted in its life.
    function minted(MinterWord word) internal pure returns (uint256) {
        return (MinterWord.unwrap(word) >> MINTED_SHIFT) & POINTS_MASK;
    }

    /// @notice What the minter has taken back in its life.
    function takenBack(MinterWord word) internal pure returns (uint256) {
        return (MinterWord.unwrap(word) >> TAKEN_BACK_SHIFT) & TAKEN_BACK_MASK;
    }

    /// @notice What the minter may still take back: what it minted here and `before`, on a predecessor, as far as the counter
    /// goes (2^64 points).
    function returnable(MinterWord word, uint256 before) internal pure returns (uint256) {
        return Math.min(word.minted() + before, TAKEN_BACK_MASK) - word.takenBack();
    }

    /// @notice How much of the allowance is booked into the supply of `reservedMonth`.
    function reserved(MinterWord word) internal pure returns (uint256) {
        return (MinterWord.unwrap(word) >> RESERVED_SHIFT) & RESERVED_MASK;
    }

    /// @notice The month that points are reserved for; of no meaning if none are.
    function reservedMonth(MinterWord word) internal pure returns (uint256) {
        return (MinterWord.unwrap(word) >> MONTH_SHIFT) & MONTH_MASK;
    }

    /// @notice The word after minting `amount`, which its reserve covers. The counter has room: nobody mints 2^72
    /// points, less than 2^36 at a time.
    function drawn(MinterWord word, uint256 amount) internal pure returns (MinterWord) {
        unchecked {
            return MinterWord.wrap(
                MinterWord.unwrap(word) - amount - (amount << RESERVED_SHIFT) + (amount << MINTED_SHIFT)
            );
        }
    }

    /// @notice The word after taking back `amount`, which is at most `returnable`. The allowance does not grow.
    function withTakenBack(MinterWord word, uint256 amount) internal pure returns (MinterWord) {
        unchecked {
            return MinterWord.wrap(MinterWord.unwrap(word) + (amount << TAKEN_BACK_SHIFT));
        }
    }

    /// @notice The word as if `amount`, part of what was drawn last, had not been.
    function undrawn(MinterWord word, uint256 amount) internal pure returns (MinterWord) {
        unchecked {
            return MinterWord.wrap(
                MinterWord.unwrap(word) + amount + (amount << RESERVED_SHIFT) - (amount << MINTED_SHIFT)
            );
        }
    }

    /// @notice The word with `points` of its allowance reserved for `month`, and no others.
    function withReserve(MinterWord word, uint256 points, uint256 month) internal pure returns (MinterWord) {
        uint256 raw =
            MinterWord.unwrap(word) & ~((RESERVED_MASK << RESERVED_SHIFT) | (MONTH_MASK << MONTH_SHIFT));
        return MinterWord.wrap(raw | (points << RESERVED_SHIFT) | (month << MONTH_SHIFT));
    }

    /// @notice The word as accepted, with another allowance.
    function withAllowance(MinterWord word, uint256 points) internal pure returns (MinterWord) {
        return MinterWord.wrap((MinterWord.unwrap(word) & ~POINTS_MASK) | ACCEPTED | points);
    }

    /// @notice The word of a minter that is not accepted any more: its counters alone.
    function removed(MinterWord word) internal pure returns (MinterWord) {
        uint256 counters = (POINTS_MASK << MINTED_SHIFT) | (TAKEN_BACK_MASK << TAKEN_BACK_SHIFT);
        return MinterWord.wrap(MinterWord.unwrap(word) & counters);
    }
}
