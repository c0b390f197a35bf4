// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {AccountWord} from "../../../contracts/libraries/AccountWord.sol";
import {ExpiringLots} from "../../../contracts/libraries/ExpiringLots.sol";
import {QueuedLots} from "./QueuedLots.sol";

/// @title Measured: a supply word for each month instead of each half year
/// @notice A pause would have to be written into 62 words.
contract SupplyWordOfMonth is QueuedLots {
    uint256 private constant PAUSE_SHIFT = 216;

    mapping(uint256 month => uint256) private _supplyOfMonth;

    function _addToSupply(uint256 month, uint256 amount) internal override {
        uint256 word = _supplyOfMonth[month];
        if (block.timestamp < word >> PAUSE_SHIFT) revert Refused();
        _supplyOfMonth[month] = word + amount;
    }

    function _takeFromSupply(uint256 month, uint256 amount) internal override {
        unchecked {
            uint256 word = _supplyOfMonth[month];
            if (block.timestamp < word >> PAUSE_SHIFT) revert Refused();
            _supplyOfMonth[month] = word - amount;
        }
    }
}

/// @title Measured: besides, a word of what merchants hold, written by every payment
/// @notice Gives totalSupply() without asking minters and closed months, as claims plus live months.
contract SupplyTotalWritten is QueuedLots {
    uint256 private _claims;

    function _spend(
        ExpiringLots.Account storage payer,
        address owner,
        AccountWord word,
        uint256 amount,
        uint256 month
    ) internal override {
        super._spend(payer, owner, word, amount, month);
        unchecked {
            _claims += amount;
        }
    }
}
