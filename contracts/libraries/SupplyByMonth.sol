// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IMunicipalPoint} from "../../interfaces/IMunicipalPoint.sol";

/// @title Live points of all residents, by the month they end with
/// @notice One word for each half year, January to June and July to December:
///
///   bit 255   254 ...... 216  215 ... 180  179 ... 144  143 ... 108  107 ... 72  71 ... 36  35 ..... 0
///      +------+---------------+------------+------------+------------+-----------+----------+-----------+
///      |closed| paused until  | 6th month  | 5th month  | 4th month  | 3rd month | 2nd month| 1st month |
///      |      | (s)           |            |            |            |           |          |           |
///      +------+---------------+------------+------------+------------+-----------+----------+-----------+
///
/// The pause is repeated in every word that a movement can touch, so that looking at it costs no access of its own. A
/// series that is closed for its successor looks paused for ever: payments, grants and transfers see one number. What goes on
/// there, refunds, settlement, officers' corrections and carrying to the successor, looks at the rest of it.
/// A lane holds the lots that end with its month and what minters have reserved for it. When the month has ended, the
/// lots left in it are what lapsed, for good.
library SupplyByMonth {
    /// One word of the drawing above.
    struct HalfYear {
        uint256 word;
    }

    uint256 private constant LANE_BITS = 36;
    uint256 private constant LANE_MASK = (1 << 36) - 1;
    uint256 private constant PAUSE_SHIFT = 216;
    uint256 private constant LANES_MASK = (1 << 216) - 1;
    uint256 private constant CLOSED = 1 << 255;

    /// @notice Takes `amount` out of the lane of `month`. The lane holds every lot of that month, so it cannot run short.
    function subtract(HalfYear[256] storage supply, uint256 month, uint256 amount) internal {
        unchecked {
            HalfYear storage halfYear = supply[month / 6];
            uint256 word = halfYear.word;
            requireOpen(word);
            halfYear.word = word - (amount << ((month % 6) * LANE_BITS));
        }
    }

    /// @notice As `subtract`, also in a closed series.
    function take(HalfYear[256] storage supply, uint256 month, uint256 amount) internal {
        requireNotPaused(supply, month);
        release(supply, month, amount);
    }

    /// @notice Puts `amount` into the lane of `month`.
    function add(HalfYear[256] storage supply, uint256 month, uint256 amount) internal {
        requireOpen(supply[month / 6].word);
        put(supply, month, amount);
    }

    /// @notice As `add`, also in a closed series.
    function put(HalfYear[256] storage supply, uint256 month, uint256 amount) internal {
        unchecked {
            HalfYear storage halfYear = supply[month / 6];
            uint256 word = halfYear.word;
            requireNotPaused(word);
            uint256 shift = (month % 6) * LANE_BITS;
            // A minter's allowance has bounded `amount` to 72 bits, or the lots that a call can list to less.
            if (((word >> shift) & LANE_MASK) + amount > LANE_MASK) {
                revert IMunicipalPoint.PointMonthTooLarge(month, amount, LANE_MASK);
            }
            halfYear.word = word + (amount << shift);
        }
    }

    /// @notice Takes `amount` out of the lane of `month`, paused or not: for reserves, which are nobody's points, and for
    /// callers that have asked for the pause themselves.
    function release(HalfYear[256] storage supply, uint256 month, uint256 amount) internal {
        supply[month / 6].word -= amount << ((month % 6) * LANE_BITS);
    }

    /// @notice How much more the lane of `month` can hold.
    function room(HalfYear[256] storage supply, uint256 month) internal view returns (uint256) {
        return LANE_MASK - lane(supply, month);
    }

    /// @notice Points in the lane of `month`, reserves of minters included.
    function lane(HalfYear[256] storage supply, uint256 month) internal view returns (uint256) {
        return (supply[month / 6].word >> ((month % 6) * LANE_BITS)) & LANE_MASK;
    }

    /// @notice First second at which points move, as the word of `month` has it.
    function pausedUntil(HalfYear[256] storage supply, uint256 month) internal view returns (uint256) {
        return pauseOf(supply[month / 6].word);
    }

    /// @notice True if the series takes no payments and grants any more. Every word from the half year of the closing on says
    /// so.
    function isClosed(HalfYear[256] storage supply, uint256 month) internal view returns (bool) {
        return supply[month / 6].word & CLOSED != 0;
    }

    /// @notice Reverts if the series is closed or paused, as the word of `month` has it.
    function requireOpen(HalfYear[256] storage supply, uint256 month) internal view {
        requireOpen(supply[month / 6].word);
    }

    /// @notice Reverts if a pause covers this second, as the word of `month` has it.
    function requireNotPaused(HalfYear[256] storage supply, uint256 month) internal view {
        requireNotPaused(supply[month / 6].word);
    }

    /// @dev One comparison for both: the bit of a closed series makes its pause later than any second.
    function requireOpen(uint256 word) private view {
        if (block.timestamp < word >> PAUSE_SHIFT) {
            requireNotPaused(word);
            revert IMunicipalPoint.PointClosed();
        }
    }

    /// @dev Reverts if the pause of a supply word covers this second.
    function requireNotPaused(uint256 word) private view {
        if (block.timestamp < pauseOf(word)) revert IMunicipalPoint.PointPaused(pauseOf(word));
    }

    function pauseOf(uint256 word) private pure returns (uint256) {
        return (word & ~CLOSED) >> PAUSE_SHIFT;
    }

    /// @notice Writes the end of a pause into the words of the months `first` to `last`.
    function setPausedUntil(HalfYear[256] storage supply, uint256 first, uint256 last, uint256 timestamp)
        internal
    {
        for (uint256 halfYear = first / 6; halfYear <= last / 6; ++halfYear) {
            supply[halfYear].word =
                (supply[halfYear].word & (LANES_MASK | CLOSED)) | (timestamp << PAUSE_SHIFT);
        }
    }

    /// @notice Closes the series for all that end with `month` or later, months that nobody can reach yet included.
    function close(HalfYear[256] storage supply, uint256 month) internal {
        for (uint256 halfYear = month / 6; halfYear < supply.length; ++halfYear) {
            supply[halfYear].word |= CLOSED;
        }
    }
}
