// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {AccountFlags, AccountWord} from "./AccountWord.sol";
import {JapanCalendar} from "./JapanCalendar.sol";
import {IMunicipalPoint} from "../../interfaces/IMunicipalPoint.sol";

/// @title A merchant's account word: standing and claim
/// @notice
///
///   bit 255 .. 253  252 ..... 237  236 . 221  220 219  218 . 208  207 ... 168  167 . 112  111 ...... 56  55 ...... 0
///      +----------+--------------+----------+--------+----------+------------+----------+-------------+-----------+
///      | flags    | generation   | category | status | month    | month ends | locked   | claim of    | claim of  |
///      |          | of the owner |          |        |          | (second)   |          | years before| this year |
///      +----------+--------------+----------+--------+----------+------------+----------+-------------+-----------+
///
/// The word remembers to which month it was last moved on and the first second after that month, so that a payment
/// compares two numbers instead of working out the calendar. The first payment or other change of the claim after 31 March
/// moves the claim of the year that has ended into the next field; until then views do so in memory.
/// 56 bits do not overflow: it would take 2^27 payments of the largest lot there is, 2^29 points, to one merchant.
library MerchantClaim {
    uint256 private constant CLAIM_MASK = (1 << 56) - 1;
    uint256 private constant EARLIER_SHIFT = 56;
    uint256 private constant LOCKED_SHIFT = 112;
    uint256 private constant MONTH_ENDS_SHIFT = 168;
    uint256 private constant MONTH_ENDS_MASK = (1 << 40) - 1;
    uint256 private constant MONTH_SHIFT = 208;
    uint256 private constant MONTH_MASK = (1 << 11) - 1;
    uint256 private constant STATUS_SHIFT = 219;
    uint256 private constant STATUS_MASK = 3;
    uint256 private constant CATEGORY_SHIFT = 221;

    uint256 private constant GENERATION_SHIFT = 237;
    uint256 private constant GENERATION_MASK = (1 << 16) - 1;

    /// How often an owner can be replaced: the next generation would carry into the flags, and keys of the first serve again.
    uint256 internal constant MAX_GENERATION = GENERATION_MASK;

    /// The largest category number.
    uint256 internal constant MAX_CATEGORY = (1 << 16) - 1;

    /// What must read MERCHANT and nothing else for an account to be payable (Active is 0).
    uint256 private constant STANDING_MASK =
        AccountFlags.MERCHANT | AccountFlags.REPLACED | AccountFlags.FROZEN | (STATUS_MASK << STATUS_SHIFT);

    /// @notice True for an active merchant whose account is not frozen.
    function isPayable(AccountWord word) internal pure returns (bool) {
        return AccountWord.unwrap(word) & STANDING_MASK == AccountFlags.MERCHANT;
    }

    /// @notice The word as it reads now: in the current month, claims under the fiscal year they belong to.
    function current(AccountWord word) internal view returns (AccountWord) {
        if (block.timestamp < (AccountWord.unwrap(word) >> MONTH_ENDS_SHIFT) & MONTH_ENDS_MASK) return word;
        return turned(word);
    }

    /// @dev The word moved on to the current month.
    function turned(AccountWord word) private view returns (AccountWord) {
        unchecked {
            uint256 raw = AccountWord.unwrap(word);
            uint256 month = JapanCalendar.monthOf(block.timestamp);
            if (month > JapanCalendar.fiscalYearEnd(monthOf(word))) {
                uint256 thisYear = raw & CLAIM_MASK;
                raw = raw - thisYear + (thisYear << EARLIER_SHIFT);
            }
            raw &= ~((MONTH_MASK << MONTH_SHIFT) | (MONTH_ENDS_MASK << MONTH_ENDS_SHIFT));
            return AccountWord.wrap(
                raw | (month << MONTH_SHIFT) | (JapanCalendar.startOf(month + 1) << MONTH_ENDS_SHIFT)
            );
        }
    }

    /// @notice The month that the word was last moved on to; of a `current` word, the current month.
    function monthOf(AccountWord word) internal pure returns (uint256) {
        return (AccountWord.unwrap(word) >> MONTH_SHIFT) & MONTH_MASK;
    }

    /// @notice Claims of this and of earlier fiscal years, and what settlement has locked, as the word stands.
    function parts(AccountWord word)
        internal
        pure
        returns (uint256 thisYear, uint256 earlierYears, uint256 locked)
    {
        uint256 raw = AccountWord.unwrap(word);
        return (raw & CLAIM_MASK, (raw >> EARLIER_SHIFT) & CLAIM_MASK, (raw >> LOCKED_SHIFT) & CLAIM_MASK);
    }

    /// @notice A current word plus `thisYear` and `earlierYears`.
    function credited(AccountWord word, uint256 thisYear, uint256 earlierYears)
        internal
        pure
        returns (AccountWord)
    {
        unchecked {
            return AccountWord.wrap(AccountWord.unwrap(word) + thisYear + (earlierYears << EARLIER_SHIFT));
        }
    }

    /// @notice A current word less `thisYear` and `earlierYears`, which the caller has found to be there.
    function debited(AccountWord word, uint256 thisYear, uint256 earlierYears)
        internal
        pure
        returns (AccountWord)
    {
        unchecked {
            return AccountWord.wrap(AccountWord.unwrap(word) - thisYear - (earlierYears << EARLIER_SHIFT));
        }
    }

    /// @notice A word with `points` more locked in settlement.
    function withMoreLocked(AccountWord word, uint256 points) internal pure returns (AccountWord) {
        unchecked {
            return AccountWord.wrap(AccountWord.unwrap(word) + (points << LOCKED_SHIFT));
        }
    }

    /// @notice A word with `points` less locked, which the caller has found to be there.
    function withLessLocked(AccountWord word, uint256 points) internal pure returns (AccountWord) {
        unchecked {
            return AccountWord.wrap(AccountWord.unwrap(word) - (points << LOCKED_SHIFT));
        }
    }

    function status(AccountWord word) internal pure returns (IMunicipalPoint.MerchantStatus) {
        return IMunicipalPoint.MerchantStatus((AccountWord.unwrap(word) >> STATUS_SHIFT) & STATUS_MASK);
    }

    function category(AccountWord word) internal pure returns (uint256) {
        return (AccountWord.unwrap(word) >> CATEGORY_SHIFT) & MAX_CATEGORY;
    }

    /// @notice How often the merchant's owner key has been replaced.
    function generation(AccountWord word) internal pure returns (uint256) {
        return (AccountWord.unwrap(word) >> GENERATION_SHIFT) & GENERATION_MASK;
    }

    /// @notice The word of the next owner, which must not be past the last.
    function withNextGeneration(AccountWord word) internal pure returns (AccountWord) {
        return AccountWord.wrap(AccountWord.unwrap(word) + (1 << GENERATION_SHIFT));
    }

    /// @notice The word with another status.
    function withStatus(AccountWord word, IMunicipalPoint.MerchantStatus newStatus)
        internal
        pure
        returns (AccountWord)
    {
        uint256 raw = AccountWord.unwrap(word) & ~(STATUS_MASK << STATUS_SHIFT);
        return AccountWord.wrap(raw | (uint256(newStatus) << STATUS_SHIFT));
    }

    /// @notice The word as an active merchant of `newCategory`; claim, lock, generation and flags stay.
    function approved(AccountWord word, uint256 newCategory) internal pure returns (AccountWord) {
        uint256 raw =
            AccountWord.unwrap(word) & ~((STATUS_MASK << STATUS_SHIFT) | (MAX_CATEGORY << CATEGORY_SHIFT));
        return AccountWord.wrap(raw | AccountFlags.MERCHANT | (newCategory << CATEGORY_SHIFT));
    }
}
