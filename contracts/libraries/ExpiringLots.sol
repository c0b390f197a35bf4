// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {AccountFlags, AccountWord} from "./AccountWord.sol";
import {IMunicipalPoint} from "../../interfaces/IMunicipalPoint.sol";

/// Points of one account that end with one month: 11 bits of month above 29 bits of amount. Lots compare by month.
type Lot is uint256;

using ExpiringLots for Lot global;

/// @title The lots of residents
/// @notice An account's word queues its first lots, earliest lowest, so that the usual payment is one subtraction:
///
///   bit 255 .. 240  239 ...... 200  199 .. 160  159 .. 120  119 ... 80  79 .... 40  39 ......... 0
///      +----------+---------------+-----------+-----------+-----------+-----------+--------------+
///      | flags,   | 6th lot       | 5th lot   | 4th lot   | 3rd lot   | 2nd lot   | earliest lot |
///      | epoch    |               |           |           |           |           |              |
///      +----------+---------------+-----------+-----------+-----------+-----------+--------------+
///                                                        each lot: month (11 bits) | amount (29)
///
/// Lots beyond the queue wait in words of one half year each, a lot of the same shape for each of its six months.
/// They all end later than the queue's last; when the queue runs empty, the next half year moves in whole. So an
/// account may hold any number of months, and no loop is longer than the 61 months and NEVER that lots can lie in.
/// Not here: who may move points, supply, pause.
library ExpiringLots {
    /// What a series knows of an account.
    struct Account {
        AccountWord word;
        /// Bit h: lots wait in half year h.
        uint256 waitingHalfYears;
        mapping(uint256 halfYear => uint256) waitingLots;
    }

    // Numbers made of other constants would be worked out, and checked, at every use.
    uint256 private constant LOT_BITS = 40;
    uint256 private constant MONTH_SHIFT = 29;
    uint256 private constant QUEUE_BITS = 240;

    /// All bits of a lot.
    uint256 internal constant LOT_MASK = (1 << 40) - 1;

    /// The most that one lot holds.
    uint256 internal constant MAX_LOT_POINTS = (1 << 29) - 1;

    /// More months than lots of one account can lie in: 61 and NEVER.
    uint256 private constant MAX_LOTS = 62;

    // ------------------------------------------------------------------- lots

    function monthOf(Lot lot) internal pure returns (uint256) {
        return Lot.unwrap(lot) >> MONTH_SHIFT;
    }

    function amountOf(Lot lot) internal pure returns (uint256) {
        return Lot.unwrap(lot) & MAX_LOT_POINTS;
    }

    /// @notice The first lot of the queue; 0 if the queue is empty.
    function earliest(AccountWord word) internal pure returns (Lot) {
        return Lot.wrap(AccountWord.unwrap(word) & LOT_MASK);
    }

    // --------------------------------------------------------------- spending

    /// @notice The word with `amount` less in its earliest lot, which must hold that much.
    function spentEarliest(AccountWord word, uint256 amount) internal pure returns (AccountWord) {
        unchecked {
            uint256 raw = AccountWord.unwrap(word);
            if (raw & MAX_LOT_POINTS == amount) return withoutEarliest(word);
            return AccountWord.wrap(raw - amount);
        }
    }

    /// @notice The word without its earliest lot.
    function withoutEarliest(AccountWord word) internal pure returns (AccountWord) {
        uint256 raw = AccountWord.unwrap(word);
        return AccountWord.wrap((raw & ~AccountFlags.LOTS) | ((raw & AccountFlags.LOTS) >> LOT_BITS));
    }

    /// @notice Takes `amount` out of an account's live lots, earliest first, and ended lots before them off the books.
    /// Reverts with ERC20InsufficientBalance if the live lots hold less.
    /// @param month the current month.
    /// @return parts what was taken from each month, earliest first.
    function spend(Account storage account, address owner, uint256 amount, uint256 month)
        internal
        returns (Lot[] memory parts)
    {
        parts = new Lot[](MAX_LOTS);
        uint256 count;
        uint256 missing = amount;
        AccountWord word = dropEnded(account, owner, account.word, month);
        while (missing != 0) {
            Lot lot = earliest(word);
            if (Lot.unwrap(lot) == 0) {
                if (AccountWord.unwrap(word) & AccountFlags.MORE_LOTS == 0) {
                    revert IERC20Errors.ERC20InsufficientBalance(owner, amount - missing, amount);
                }
                word = refill(account, word);
                continue;
            }
            uint256 taken = Math.min(amountOf(lot), missing);
            word = spentEarliest(word, taken);
            missing -= taken;
            parts[count++] = toLot(monthOf(lot), taken);
        }
        account.word = word;
        assembly ("memory-safe") {
            mstore(parts, count) // shorten the list to what it holds
        }
    }

    /// @notice Takes up to `amount` out of the one lot that ends with `expiryMonth`, wherever it stands.
    /// @return taken what the lot gave; 0 if there is none.
    function takeOut(Account storage account, uint256 expiryMonth, uint256 amount)
        internal
        returns (uint256 taken)
    {
        unchecked {
            uint256 raw = AccountWord.unwrap(account.word);
            for (uint256 shift; shift < QUEUE_BITS; shift += LOT_BITS) {
                Lot lot = Lot.wrap((raw >> shift) & LOT_MASK);
                if (Lot.unwrap(lot) == 0 || monthOf(lot) != expiryMonth) continue;
                taken = Math.min(amountOf(lot), amount);
                raw -= taken << shift;
                if (taken == amountOf(lot)) {
                    uint256 below = raw & ((1 << shift) - 1);
                    uint256 above = (raw & AccountFlags.LOTS) >> (shift + LOT_BITS) << shift;
                    raw = (raw & ~AccountFlags.LOTS) | above | below;
                }
                account.word = AccountWord.wrap(raw);
                return taken;
            }
            if (raw & AccountFlags.MORE_LOTS == 0) return 0;
            uint256 halfYear = expiryMonth / 6;
            uint256 lane = (expiryMonth % 6) * LOT_BITS;
            uint256 word = account.waitingLots[halfYear];
            Lot waiting = Lot.wrap((word >> lane) & LOT_MASK);
            taken = Math.min(amountOf(waiting), amount);
            if (taken == 0) return 0;
            word = taken == amountOf(waiting) ? word & ~(LOT_MASK << lane) : word - (taken << lane);
            account.waitingLots[halfYear] = word;
            if (word == 0) {
                uint256 halfYears = account.waitingHalfYears & ~(1 << halfYear);
                account.waitingHalfYears = halfYears;
                if (halfYears == 0) account.word = AccountWord.wrap(raw & ~AccountFlags.MORE_LOTS);
            }
        }
    }

    // -------------------------------------------------------------- receiving

    /// @notice Adds points that end with `expiryMonth` to an account, and takes ended lots at its front off the books.
    /// Reverts with PointLotTooLarge if the account's lot of that month would pass MAX_LOT_POINTS.
    /// @param month the current month; `expiryMonth` is not before it.
    function receivePoints(
        Account storage account,
        address owner,
        AccountWord word,
        uint256 amount,
        uint256 expiryMonth,
        uint256 month
    ) internal {
        if (tryReceivePoints(account, owner, word, amount, expiryMonth, month)) return;
        uint256 held = sum(account, expiryMonth, expiryMonth + 1);
        revert IMunicipalPoint.PointLotTooLarge(owner, expiryMonth, held + amount, MAX_LOT_POINTS);
    }

    /// @notice As `receivePoints`, but returns false where that reverts, with nothing added.
    function tryReceivePoints(
        Account storage account,
        address owner,
        AccountWord word,
        uint256 amount,
        uint256 expiryMonth,
        uint256 month
    ) internal returns (bool) {
        if (amount == 0) return true;
        if (amount > MAX_LOT_POINTS) return false;
        Lot first = earliest(word);
        if (monthOf(first) < month && Lot.unwrap(first) != 0) word = dropEnded(account, owner, word, month);
        AccountWord next = inserted(account, word, amount, expiryMonth);
        bool fits = AccountWord.unwrap(next) != 0;
        account.word = fits ? next : word;
        return fits;
    }

    /// @dev Finds the lot's place in the queue. A lot that the queue has no room for, or that ends after lots which
    /// wait outside, waits outside too. Returns 0, and changes nothing, if the lot would be too large.
    function inserted(Account storage account, AccountWord word, uint256 amount, uint256 expiryMonth)
        private
        returns (AccountWord)
    {
        unchecked {
            uint256 raw = AccountWord.unwrap(word);
            for (uint256 shift; shift < QUEUE_BITS; shift += LOT_BITS) {
                uint256 lot = (raw >> shift) & LOT_MASK;
                if (lot == 0) {
                    if (raw & AccountFlags.MORE_LOTS != 0) break;
                    return AccountWord.wrap(raw | (Lot.unwrap(toLot(expiryMonth, amount)) << shift));
                }
                uint256 lotMonth = lot >> MONTH_SHIFT;
                if (lotMonth == expiryMonth) {
                    bool fits = (lot & MAX_LOT_POINTS) + amount <= MAX_LOT_POINTS;
                    return AccountWord.wrap(fits ? raw + (amount << shift) : 0);
                }
                if (lotMonth > expiryMonth) {
                    uint256 last = (raw & AccountFlags.LOTS) >> (QUEUE_BITS - LOT_BITS);
                    if (last != 0) {
                        // Lots outside end later than this one, so that there is none of its month.
                        keepWaiting(account, monthOf(Lot.wrap(last)), amountOf(Lot.wrap(last)));
                        raw |= AccountFlags.MORE_LOTS;
                    }
                    uint256 below = raw & ((1 << shift) - 1);
                    uint256 above =
                        ((raw & AccountFlags.LOTS) >> shift << (shift + LOT_BITS)) & AccountFlags.LOTS;
                    uint256 flags = raw & ~AccountFlags.LOTS;
                    uint256 inserting = Lot.unwrap(toLot(expiryMonth, amount)) << shift;
                    return AccountWord.wrap(flags | above | inserting | below);
                }
            }
            bool waits = keepWaiting(account, expiryMonth, amount);
            return AccountWord.wrap(waits ? raw | AccountFlags.MORE_LOTS : 0);
        }
    }

    /// @dev Adds points to the lots that wait outside the queue; returns false, and adds none, if the lot would be too
    /// large.
    function keepWaiting(Account storage account, uint256 month, uint256 amount) private returns (bool) {
        unchecked {
            uint256 halfYear = month / 6;
            uint256 shift = (month % 6) * LOT_BITS;
            uint256 word = account.waitingLots[halfYear];
            amount += (word >> shift) & MAX_LOT_POINTS;
            if (amount > MAX_LOT_POINTS) return false;
            if (word == 0) account.waitingHalfYears |= 1 << halfYear;
            account.waitingLots[halfYear] =
                (word & ~(LOT_MASK << shift)) | (Lot.unwrap(toLot(month, amount)) << shift);
            return true;
        }
    }

    // ------------------------------------------------------------------ lapse

    /// @notice Takes every ended lot of an account off the books; returns and does not store the account's word.
    function dropEnded(Account storage account, address owner, AccountWord word, uint256 month)
        internal
        returns (AccountWord)
    {
        while (true) {
            Lot lot = earliest(word);
            if (Lot.unwrap(lot) == 0) {
                // With an empty queue the next half year decides; it is looked at only if it may hold ended lots.
                if (AccountWord.unwrap(word) & AccountFlags.MORE_LOTS == 0) break;
                if (firstWaitingHalfYear(account) > month / 6) break;
                word = refill(account, word);
                continue;
            }
            if (monthOf(lot) >= month) break;
            word = withoutEarliest(word);
            emit IMunicipalPoint.Lapsed(owner, monthOf(lot), amountOf(lot));
            emit IERC20.Transfer(owner, address(0), amountOf(lot));
        }
        return word;
    }

    /// @dev Moves the next waiting half year into the empty queue.
    function refill(Account storage account, AccountWord word) private returns (AccountWord) {
        unchecked {
            uint256 halfYears = account.waitingHalfYears;
            uint256 halfYear = Math.log2(halfYears & (0 - halfYears));
            uint256 lots = account.waitingLots[halfYear];
            delete account.waitingLots[halfYear];
            halfYears &= halfYears - 1;
            account.waitingHalfYears = halfYears;

            uint256 raw = AccountWord.unwrap(word) & ~AccountFlags.MORE_LOTS;
            if (halfYears != 0) raw |= AccountFlags.MORE_LOTS;
            uint256 shift;
            for (; lots != 0; lots >>= LOT_BITS) {
                if (lots & LOT_MASK == 0) continue;
                raw |= (lots & LOT_MASK) << shift;
                shift += LOT_BITS;
            }
            return AccountWord.wrap(raw);
        }
    }

    function firstWaitingHalfYear(Account storage account) private view returns (uint256) {
        unchecked {
            uint256 halfYears = account.waitingHalfYears;
            return Math.log2(halfYears & (0 - halfYears));
        }
    }

    // ------------------------------------------------------------------ views

    /// @notice Live lots, earliest first.
    /// @param month the current month.
    function lotsOf(Account storage account, uint256 month) internal view returns (Lot[] memory lots) {
        unchecked {
            AccountWord word = account.word;
            lots = new Lot[](MAX_LOTS);
            uint256 count = appendLive(lots, 0, AccountWord.unwrap(word) & AccountFlags.LOTS, month);
            if (AccountWord.unwrap(word) & AccountFlags.MORE_LOTS != 0) {
                uint256 halfYears = account.waitingHalfYears >> (month / 6) << (month / 6);
                for (; halfYears != 0; halfYears &= halfYears - 1) {
                    uint256 halfYear = Math.log2(halfYears & (0 - halfYears));
                    count = appendLive(lots, count, account.waitingLots[halfYear], month);
                }
            }
            assembly ("memory-safe") {
                mstore(lots, count)
            }
        }
    }

    /// @notice Points in live lots that end before `endMonth`.
    /// @param month the current month.
    function sum(Account storage account, uint256 month, uint256 endMonth)
        internal
        view
        returns (uint256 points)
    {
        unchecked {
            AccountWord word = account.word;
            points = sumOfSix(AccountWord.unwrap(word) & AccountFlags.LOTS, month, endMonth);
            if (AccountWord.unwrap(word) & AccountFlags.MORE_LOTS == 0) return points;
            uint256 halfYears = account.waitingHalfYears >> (month / 6) << (month / 6);
            for (; halfYears != 0; halfYears &= halfYears - 1) {
                uint256 halfYear = Math.log2(halfYears & (0 - halfYears));
                points += sumOfSix(account.waitingLots[halfYear], month, endMonth);
            }
        }
    }

    function sumOfSix(uint256 six, uint256 month, uint256 endMonth) private pure returns (uint256 points) {
        unchecked {
            for (; six != 0; six >>= LOT_BITS) {
                Lot lot = Lot.wrap(six & LOT_MASK);
                if (monthOf(lot) >= month && monthOf(lot) < endMonth) points += amountOf(lot);
            }
        }
    }

    function appendLive(Lot[] memory lots, uint256 count, uint256 six, uint256 month)
        private
        pure
        returns (uint256)
    {
        unchecked {
            for (; six != 0; six >>= LOT_BITS) {
                Lot lot = Lot.wrap(six & LOT_MASK);
                if (Lot.unwrap(lot) != 0 && monthOf(lot) >= month) lots[count++] = lot;
            }
            return count;
        }
    }

    // -------------------------------------------------------------- one lot

    /// @notice The lot of `month` with `amount`, which is at most MAX_LOT_POINTS.
    function toLot(uint256 month, uint256 amount) internal pure returns (Lot) {
        return Lot.wrap((month << MONTH_SHIFT) | amount);
    }
}
