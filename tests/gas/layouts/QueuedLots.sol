// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {AccountWord} from "../../../contracts/libraries/AccountWord.sol";
import {ExpiringLots, Lot} from "../../../contracts/libraries/ExpiringLots.sol";
import {PointPrototype} from "./PointPrototype.sol";

/// @title Chosen: a queue of six labelled lots in the account's word, later lots outside
/// @notice Runs the project's own library.
contract QueuedLots is PointPrototype {
    using ExpiringLots for ExpiringLots.Account;
    using ExpiringLots for AccountWord;
    using ExpiringLots for Lot;

    function balanceOf(address account) external view override returns (uint256 points) {
        Lot[] memory lots = _accounts[account].lotsOf(0);
        for (uint256 i; i < lots.length; ++i) {
            points += lots[i].amountOf();
        }
    }

    function _spend(
        ExpiringLots.Account storage payer,
        address owner,
        AccountWord word,
        uint256 amount,
        uint256 month
    ) internal virtual override {
        Lot lot = word.earliest();
        uint256 lotMonth = lot.monthOf();
        if (amount <= lot.amountOf() && month <= lotMonth) {
            payer.word = word.spentEarliest(amount);
            _takeFromSupply(lotMonth, amount);
        } else {
            Lot[] memory parts = payer.spend(owner, amount, month);
            for (uint256 i; i < parts.length; ++i) {
                _takeFromSupply(parts[i].monthOf(), parts[i].amountOf());
            }
        }
    }

    function _receive(
        ExpiringLots.Account storage account,
        address owner,
        AccountWord word,
        uint256 amount,
        uint256 expiryMonth,
        uint256 month
    ) internal override {
        account.receivePoints(owner, word, amount, expiryMonth, month);
    }
}
