// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {AccountWord} from "../../../contracts/libraries/AccountWord.sol";
import {ExpiringLots, Lot} from "../../../contracts/libraries/ExpiringLots.sol";
import {JapanCalendar} from "../../../contracts/libraries/JapanCalendar.sol";
import {MerchantClaim} from "../../../contracts/libraries/MerchantClaim.sol";
import {MinterWord} from "../../../contracts/libraries/MinterWord.sol";
import {QueuedLots} from "./QueuedLots.sol";

/// @title Measured: every payment works out the month, instead of the merchant's word remembering when it ends
contract CalendarInPayment is QueuedLots {
    using MerchantClaim for AccountWord;

    function _current(AccountWord word) internal view override returns (AccountWord) {
        return JapanCalendar.monthOf(block.timestamp) == word.monthOf() ? word : word.current();
    }
}

/// @title Measured: every mint writes the supply of its month, instead of drawing on what its minter has reserved
contract MintWithoutReserve is QueuedLots {
    function _bookMint(MinterWord word, uint256 amount, uint256 month)
        internal
        override
        returns (MinterWord)
    {
        _addToSupply(month, amount);
        return word.withReserve(amount, month).drawn(amount);
    }
}

/// @title Measured: every payment checks for the two addresses that hold nothing, instead of freezing them once
contract CheckedReceiver is QueuedLots {
    function _checkReceiver(address to) internal view override {
        if (to == address(0) || to == address(this)) revert Refused();
    }
}

/// @title Measured: the payer is looked up in the mapping again to be written, instead of by a storage pointer
contract PayerLookedUpAgain is QueuedLots {
    using ExpiringLots for AccountWord;
    using ExpiringLots for Lot;

    function _spend(
        ExpiringLots.Account storage payer,
        address owner,
        AccountWord word,
        uint256 amount,
        uint256 month
    ) internal override {
        Lot lot = word.earliest();
        if (amount > lot.amountOf() || month > lot.monthOf()) {
            super._spend(payer, owner, word, amount, month);
        } else {
            _accounts[owner].word = word.spentEarliest(amount);
            _takeFromSupply(lot.monthOf(), amount);
        }
    }
}
