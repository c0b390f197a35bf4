// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {AccountFlags, AccountWord} from "./AccountWord.sol";
import {ExpiringLots, Lot} from "./ExpiringLots.sol";
import {ExpiryPolicy} from "./ExpiryPolicy.sol";
import {SupplyByMonth} from "./SupplyByMonth.sol";
import {IMunicipalPoint} from "../../interfaces/IMunicipalPoint.sol";
import {IResidentRegistry} from "../../interfaces/IResidentRegistry.sol";

/// @title What officers may change about lots, and the move to a resident's next account
/// @notice Rarely called, so that it lives outside the token, as a linked library: it works on the token's storage and
/// holds nothing. Who may call is the token's affair.
library LotCorrections {
    using ExpiringLots for ExpiringLots.Account;
    using ExpiringLots for Lot;
    using SupplyByMonth for SupplyByMonth.HalfYear[256];

    /// Keeps accounts apart from resident numbers among the keys of what was restored.
    uint256 private constant ACCOUNT_KEY = 1 << 255;

    /// What lapsed with which month and when it shall end now. `month` is the current one.
    struct Restoration {
        IResidentRegistry residents;
        uint256 municipality;
        uint256 lapsedMonth;
        uint256 lapsedPoints;
        uint256 toMonth;
        uint256 month;
    }

    /// What was restored of each month, and to whom.
    struct Restorations {
        mapping(uint256 lapsedMonth => uint256) points;
        /// By resident number, so that a new account does not make a new claim; by account if it is nobody's.
        mapping(uint256 lapsedMonth => mapping(uint256 numberOrAccount => bool)) done;
    }

    /// @notice See IMunicipalPoint.extendLots.
    /// @param month the current month.
    function extend(
        mapping(address => ExpiringLots.Account) storage accounts,
        SupplyByMonth.HalfYear[256] storage supply,
        address[] calldata owners,
        uint256 fromMonth,
        uint256 toMonth,
        uint256 month
    ) external {
        ExpiryPolicy.requireInRange(fromMonth, month);
        ExpiryPolicy.requireInRange(toMonth, month);
        if (toMonth <= fromMonth) revert IMunicipalPoint.PointNotLater(fromMonth, toMonth);
        uint256 total;
        for (uint256 i; i < owners.length; ++i) {
            ExpiringLots.Account storage account = accounts[owners[i]];
            if (account.word.isMerchant()) continue;
            uint256 amount = account.takeOut(fromMonth, type(uint256).max);
            if (amount == 0) continue;
            account.receivePoints(owners[i], account.word, amount, toMonth, month);
            total += amount;
            emit IMunicipalPoint.LotExtended(owners[i], fromMonth, toMonth, amount);
        }
        supply.subtract(fromMonth, total);
        supply.add(toMonth, total);
    }

    /// @notice See IMunicipalPoint.restoreLots.
    /// @return total what was restored.
    function restore(
        mapping(address => ExpiringLots.Account) storage accounts,
        SupplyByMonth.HalfYear[256] storage supply,
        Restorations storage restorations,
        address[] calldata owners,
        uint256[] calldata amounts,
        Restoration calldata terms
    ) external returns (uint256 total) {
        if (owners.length != amounts.length) {
            revert IMunicipalPoint.PointListLengths(owners.length, amounts.length);
        }
        ExpiryPolicy.requireInRange(terms.toMonth, terms.month);
        for (uint256 i; i < owners.length; ++i) {
            address owner = owners[i];
            uint256 resident = terms.residents.everNumberOf(terms.municipality, owner);
            if (amounts[i] == 0 || !_markDone(restorations.done[terms.lapsedMonth], resident, owner)) {
                continue;
            }
            ExpiringLots.Account storage account = accounts[owner];
            if (account.word.isMerchant()) revert IMunicipalPoint.PointMintToMerchant(owner);
            if (owner == address(0) || owner == address(this)) {
                revert IERC20Errors.ERC20InvalidReceiver(owner);
            }
            total += amounts[i];
            emit IMunicipalPoint.LotRestored(owner, terms.lapsedMonth, terms.toMonth, amounts[i]);
            account.receivePoints(owner, account.word, amounts[i], terms.toMonth, terms.month);
            emit IERC20.Transfer(address(0), owner, amounts[i]);
        }
        uint256 restored = restorations.points[terms.lapsedMonth];
        if (total > terms.lapsedPoints - restored) {
            revert IMunicipalPoint.PointRestoreTooLarge(
                terms.lapsedMonth, terms.lapsedPoints, restored, total
            );
        }
        restorations.points[terms.lapsedMonth] = restored + total;
        supply.add(terms.toMonth, total);
    }

    /// @dev Notes that a resident, or an account that is nobody's, was restored; false if it was before. An account that
    /// was nobody's then may be a resident's now, so that both are asked.
    function _markDone(mapping(uint256 => bool) storage done, uint256 resident, address owner)
        private
        returns (bool isNew)
    {
        uint256 account = ACCOUNT_KEY | uint160(owner);
        if (done[account] || (resident != 0 && done[resident])) return false;
        done[resident != 0 ? resident : account] = true;
        return true;
    }

    /// @notice See IMunicipalPoint.revoke.
    /// @param month the current month.
    function revoke(
        mapping(address => ExpiringLots.Account) storage accounts,
        SupplyByMonth.HalfYear[256] storage supply,
        address owner,
        uint256 amount,
        uint256 expiryMonth,
        uint256 month
    ) external {
        ExpiryPolicy.requireInRange(expiryMonth, month);
        if (accounts[owner].word.isMerchant()) revert IMunicipalPoint.PointMintToMerchant(owner);
        uint256 taken = accounts[owner].takeOut(expiryMonth, amount);
        if (taken != amount) revert IMunicipalPoint.PointLotTooSmall(owner, expiryMonth, taken, amount);
        supply.subtract(expiryMonth, amount);
        emit IMunicipalPoint.Revoked(owner, expiryMonth, amount);
        emit IERC20.Transfer(owner, address(0), amount);
    }

    /// @notice See IMunicipalPoint.carry. The supply of no month changes.
    /// @param month the current month.
    function carry(
        mapping(address => ExpiringLots.Account) storage accounts,
        SupplyByMonth.HalfYear[256] storage supply,
        address from,
        address to,
        bool withFreeze,
        uint256 month
    ) external {
        supply.requireNotPaused(month);
        ExpiringLots.Account storage source = accounts[from];
        ExpiringLots.Account storage target = accounts[to];
        if (source.word.isMerchant()) revert IMunicipalPoint.PointMintToMerchant(from);
        if (target.word.isMerchant()) revert IMunicipalPoint.PointMintToMerchant(to);
        uint256 total;
        Lot[] memory lots = source.lotsOf(month);
        for (uint256 i; i < lots.length; ++i) {
            total += lots[i].amountOf();
        }
        source.spend(from, total, month);
        for (uint256 i; i < lots.length; ++i) {
            target.receivePoints(to, target.word, lots[i].amountOf(), lots[i].monthOf(), month);
        }
        uint256 flags = AccountWord.unwrap(source.word);
        if (withFreeze && flags & AccountFlags.FROZEN != 0) {
            target.word = AccountWord.wrap(AccountWord.unwrap(target.word) | AccountFlags.FROZEN);
            flags &= ~AccountFlags.FROZEN;
            emit IMunicipalPoint.FrozenSet(from, false);
            emit IMunicipalPoint.FrozenSet(to, true);
        }
        if (flags & AccountFlags.REPLACED == 0) emit IMunicipalPoint.BlockedSet(from, true);
        source.word = AccountWord.wrap(flags | AccountFlags.REPLACED);
        emit IMunicipalPoint.Carried(from, to, total);
        emit IERC20.Transfer(from, to, total);
    }
}
