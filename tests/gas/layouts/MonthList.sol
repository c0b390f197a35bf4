// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {AccountWord} from "../../../contracts/libraries/AccountWord.sol";
import {ExpiringLots} from "../../../contracts/libraries/ExpiringLots.sol";
import {PointPrototype} from "./PointPrototype.sol";

/// @title Measured: a word for each month, in a sorted list
/// @notice What libraries for expiring tokens do, as lean as it gets: the account's word names the first month, and
/// the word of a month holds amount and next month.
contract MonthList is PointPrototype {
    uint256 private constant MONTH_MASK = (1 << 11) - 1;
    uint256 private constant NEXT_SHIFT = 128;
    uint256 private constant AMOUNT_MASK = (1 << NEXT_SHIFT) - 1;

    function balanceOf(address account) external view override returns (uint256 points) {
        uint256 month = AccountWord.unwrap(_accounts[account].word) & MONTH_MASK;
        while (month != 0) {
            uint256 lot = _accounts[account].waitingLots[month];
            points += lot & AMOUNT_MASK;
            month = lot >> NEXT_SHIFT;
        }
    }

    function _spend(
        ExpiringLots.Account storage payer,
        address owner,
        AccountWord word,
        uint256 amount,
        uint256 month
    ) internal override {
        uint256 first = AccountWord.unwrap(word) & MONTH_MASK;
        uint256 lotMonth = first;
        uint256 missing = amount;
        while (true) {
            if (lotMonth == 0) revert Refused();
            uint256 lot = payer.waitingLots[lotMonth];
            uint256 taken = lotMonth < month ? 0 : Math.min(missing, lot & AMOUNT_MASK);
            if (lotMonth < month) _emitLapse(owner, lotMonth, lot & AMOUNT_MASK);
            else _takeFromSupply(lotMonth, taken);
            missing -= taken;
            if (lotMonth >= month && taken < lot & AMOUNT_MASK) {
                payer.waitingLots[lotMonth] = lot - taken;
                break;
            }
            delete payer.waitingLots[lotMonth];
            lotMonth = lot >> NEXT_SHIFT;
            if (missing == 0) break;
        }
        if (lotMonth != first) payer.word = AccountWord.wrap(AccountWord.unwrap(word) - first + lotMonth);
    }

    function _receive(
        ExpiringLots.Account storage account,
        address,
        AccountWord word,
        uint256 amount,
        uint256 expiryMonth,
        uint256
    ) internal override {
        uint256 held = account.waitingLots[expiryMonth];
        if (held != 0) {
            account.waitingLots[expiryMonth] = held + amount;
            return;
        }
        uint256 first = AccountWord.unwrap(word) & MONTH_MASK;
        uint256 previous;
        uint256 next = first;
        while (next != 0 && next < expiryMonth) {
            previous = next;
            next = account.waitingLots[next] >> NEXT_SHIFT;
        }
        account.waitingLots[expiryMonth] = (next << NEXT_SHIFT) | amount;
        if (previous == 0) {
            account.word = AccountWord.wrap(AccountWord.unwrap(word) - first + expiryMonth);
        } else {
            uint256 lot = account.waitingLots[previous];
            account.waitingLots[previous] = (expiryMonth << NEXT_SHIFT) | (lot & AMOUNT_MASK);
        }
    }
}
