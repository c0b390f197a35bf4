// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {AccountFlags, AccountWord} from "../../../contracts/libraries/AccountWord.sol";
import {ExpiringLots} from "../../../contracts/libraries/ExpiringLots.sol";
import {PointPrototype} from "./PointPrototype.sol";

/// @title Measured: six lanes without labels, relative to a half year, spent by prefix sums
/// @notice The account's word holds one half year as the supply words do, six lanes of 36 bits, and its number above
/// them; other half years wait outside.
///
/// Spending is free of branches: a multiplication turns lanes into running sums, `amount` is taken from each sum
/// down to 0, and differences turn the sums into lanes again. Guard bit 35 of a lane takes the borrow.
contract HalfYearLanes is PointPrototype {
    uint256 private constant LANE_BITS = 36;
    uint256 private constant LABEL_SHIFT = 216;
    uint256 private constant LANES = (1 << LABEL_SHIFT) - 1;
    uint256 private constant LANES_AND_LABEL = (1 << (LABEL_SHIFT + 8)) - 1;
    uint256 private constant ONES = LANES / ((1 << LANE_BITS) - 1);
    uint256 private constant GUARDS = ONES << 35;

    function balanceOf(address account) external view override returns (uint256 points) {
        points = _sum(AccountWord.unwrap(_accounts[account].word) & LANES);
        uint256 halfYears = _accounts[account].waitingHalfYears;
        for (; halfYears != 0; halfYears &= halfYears - 1) {
            points += _sum(_accounts[account].waitingLots[_lowestBit(halfYears)]);
        }
    }

    function _spend(
        ExpiringLots.Account storage payer,
        address owner,
        AccountWord word,
        uint256 amount,
        uint256 month
    ) internal override {
        unchecked {
            uint256 raw = AccountWord.unwrap(word);
            while (true) {
                uint256 lanes = raw & LANES;
                uint256 halfYear = _label(raw);
                if (halfYear * 6 < month) {
                    uint256 endedBits = (month - halfYear * 6) * LANE_BITS;
                    uint256 live = lanes >> endedBits << endedBits;
                    if (live != lanes) _recordLapse(owner, halfYear, lanes - live);
                    lanes = live;
                }
                uint256 sums = (lanes * ONES) & LANES;
                uint256 held = sums >> (5 * LANE_BITS);
                if (amount <= held) {
                    uint256 left = _spent(sums, amount);
                    _takeLanesFromSupply(halfYear, lanes - left);
                    payer.word = AccountWord.wrap((raw & ~(left == 0 ? LANES_AND_LABEL : LANES)) | left);
                    return;
                }
                if (held != 0) _takeLanesFromSupply(halfYear, lanes);
                amount -= held;
                raw = _refilled(payer, raw);
            }
        }
    }

    function _receive(
        ExpiringLots.Account storage account,
        address,
        AccountWord word,
        uint256 amount,
        uint256 expiryMonth,
        uint256
    ) internal override {
        uint256 raw = AccountWord.unwrap(word);
        uint256 halfYear = expiryMonth / 6;
        uint256 lot = amount << ((expiryMonth % 6) * LANE_BITS);
        bool isEmpty = raw & LANES == 0 && raw & AccountFlags.MORE_LOTS == 0;
        if (isEmpty || halfYear == _label(raw)) {
            raw = (raw & ~(0xff << LABEL_SHIFT)) | (halfYear << LABEL_SHIFT);
            account.word = AccountWord.wrap(raw + lot);
        } else if (halfYear > _label(raw)) {
            _keepWaiting(account, halfYear, lot);
            if (raw & AccountFlags.MORE_LOTS == 0) {
                account.word = AccountWord.wrap(raw | AccountFlags.MORE_LOTS);
            }
        } else {
            _keepWaiting(account, _label(raw), raw & LANES);
            account.word = AccountWord.wrap(AccountFlags.MORE_LOTS | (halfYear << LABEL_SHIFT) | lot);
        }
    }

    function _keepWaiting(ExpiringLots.Account storage account, uint256 halfYear, uint256 lanes) private {
        uint256 held = account.waitingLots[halfYear];
        if (held == 0) account.waitingHalfYears |= 1 << halfYear;
        account.waitingLots[halfYear] = held + lanes;
    }

    /// @dev The word with the next waiting half year in its lanes.
    function _refilled(ExpiringLots.Account storage account, uint256 raw) private returns (uint256) {
        if (raw & AccountFlags.MORE_LOTS == 0) revert Refused();
        uint256 halfYears = account.waitingHalfYears;
        uint256 halfYear = _lowestBit(halfYears);
        uint256 lanes = account.waitingLots[halfYear];
        delete account.waitingLots[halfYear];
        account.waitingHalfYears = halfYears &= halfYears - 1;
        return (halfYears == 0 ? 0 : AccountFlags.MORE_LOTS) | (halfYear << LABEL_SHIFT) | lanes;
    }

    function _recordLapse(address owner, uint256 halfYear, uint256 lanes) private {
        for (uint256 month = halfYear * 6; lanes != 0; lanes >>= LANE_BITS) {
            uint256 points = lanes & ((1 << LANE_BITS) - 1);
            if (points != 0) _emitLapse(owner, month, points);
            ++month;
        }
    }

    function _takeLanesFromSupply(uint256 halfYear, uint256 lanes) private {
        unchecked {
            uint256 word = _supply[halfYear].word;
            if (block.timestamp < word >> LABEL_SHIFT) revert Refused(); // paused
            _supply[halfYear].word = word - lanes;
        }
    }

    /// @dev Lanes of which the running sums are `sums`, after taking `amount` out of the first ones.
    function _spent(uint256 sums, uint256 amount) private pure returns (uint256) {
        unchecked {
            sums = (sums | GUARDS) - amount * ONES;
            sums &= ((sums & GUARDS) >> 35) * ((1 << 35) - 1);
            return sums - ((sums << LANE_BITS) & LANES);
        }
    }

    function _sum(uint256 lanes) private pure returns (uint256) {
        unchecked {
            return ((lanes * ONES) & LANES) >> (5 * LANE_BITS);
        }
    }

    function _label(uint256 raw) private pure returns (uint256) {
        return (raw >> LABEL_SHIFT) & 0xff;
    }

    function _lowestBit(uint256 bits) private pure returns (uint256) {
        unchecked {
            return Math.log2(bits & (0 - bits));
        }
    }
}
