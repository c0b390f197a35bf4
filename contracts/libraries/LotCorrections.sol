// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {AccountFlags, AccountWord} from "./AccountWord.sol";
import {ExpiringLots, Lot} from "./ExpiringLots.sol";
import {ExpiryPolicy} from "./ExpiryPolicy.sol";
import {JapanCalendar} from "./JapanCalendar.sol";
import {MinterWord} from "./MinterWord.sol";
import {Series, SeriesStorage} from "./Series.sol";
import {SeriesMigration} from "./SeriesMigration.sol";
import {SeriesSupply} from "./SeriesSupply.sol";
import {SupplyByMonth} from "./SupplyByMonth.sol";
import {IERC7818} from "../../interfaces/IERC7818.sol";
import {IMunicipalPoint} from "../../interfaces/IMunicipalPoint.sol";
import {IResidentRegistry} from "../../interfaces/IResidentRegistry.sol";

/// @title What officers and minters may change about lots, and what anybody may put in order
/// @notice Rarely called, so that it lives outside the token, as a linked library to which the token forwards calls as
/// they are. It works on the token's storage and holds nothing. Who may call is the token's affair; what the functions
/// do stands in IMunicipalPoint.
library LotCorrections {
    using ExpiringLots for ExpiringLots.Account;
    using SeriesSupply for Series;
    using SupplyByMonth for SupplyByMonth.HalfYear[256];

    /// Keeps accounts apart from resident numbers among the keys of what was restored.
    uint256 private constant ACCOUNT_KEY = 1 << 255;

    /// What lapsed with which month and when it shall end now. `month` is the current one.
    struct Restoration {
        IResidentRegistry residents;
        uint256 municipality;
        uint256 lapsedMonth;
        uint256 toMonth;
        uint256 month;
    }

    // ------------------------------------------------------------- CORRECTIONS

    /// @notice See IMunicipalPoint.extendLots.
    function extendLots(uint256 fromMonth, uint256 toMonth, address[] calldata accounts) external {
        Series storage series = SeriesStorage.series();
        uint256 month = JapanCalendar.monthOf(block.timestamp);
        ExpiryPolicy.requireInRange(fromMonth, month);
        ExpiryPolicy.requireInRange(toMonth, month);
        if (toMonth <= fromMonth) revert IMunicipalPoint.PointNotLater(fromMonth, toMonth);
        uint256 total;
        for (uint256 i; i < accounts.length; ++i) {
            ExpiringLots.Account storage account = series.accounts[accounts[i]];
            if (account.word.isMerchant()) continue;
            uint256 amount = account.takeOut(fromMonth, type(uint256).max);
            if (amount == 0) continue;
            account.receivePoints(accounts[i], account.word, amount, toMonth, month);
            total += amount;
            emit IMunicipalPoint.LotExtended(accounts[i], fromMonth, toMonth, amount);
        }
        series.supply.take(fromMonth, total);
        series.supply.put(toMonth, total);
    }

    /// @notice See IMunicipalPoint.restoreLots.
    function restoreLots(
        uint256 lapsedMonth,
        uint256 toMonth,
        address[] calldata accounts,
        uint256[] calldata amountsPoints
    ) external {
        if (accounts.length != amountsPoints.length) {
            revert IMunicipalPoint.PointListLengths(accounts.length, amountsPoints.length);
        }
        Series storage series = SeriesStorage.series();
        Restoration memory terms;
        (terms.lapsedMonth, terms.toMonth) = (lapsedMonth, toMonth);
        terms.month = JapanCalendar.monthOf(block.timestamp);
        ExpiryPolicy.requireInRange(toMonth, terms.month);
        (terms.residents, terms.municipality) = _membership();
        uint256 total;
        for (uint256 i; i < accounts.length; ++i) {
            total += _restore(series, terms, accounts[i], amountsPoints[i]);
        }
        uint256 lapsed = lapsedMonth < terms.month ? series.pointsEndingWith(lapsedMonth) : 0;
        uint256 restored = series.restorations.points[lapsedMonth];
        if (total > lapsed - restored) {
            revert IMunicipalPoint.PointRestoreTooLarge(lapsedMonth, lapsed, restored, total);
        }
        series.restorations.points[lapsedMonth] = restored + total;
        series.totals.restored += total;
        series.supply.put(toMonth, total);
    }

    /// @dev Gives `amount` back to one account; returns it, or 0 if the account is passed over.
    function _restore(Series storage series, Restoration memory terms, address owner, uint256 amount)
        private
        returns (uint256)
    {
        uint256 number = terms.residents.everNumberOf(terms.municipality, owner);
        if (amount == 0 || !_markDone(series.restorations.done[terms.lapsedMonth], number, owner)) return 0;
        ExpiringLots.Account storage account = series.accounts[owner];
        if (account.word.isMerchant()) revert IMunicipalPoint.PointMintToMerchant(owner);
        if (owner == address(0) || owner == address(this)) {
            revert IERC20Errors.ERC20InvalidReceiver(owner);
        }
        emit IMunicipalPoint.LotRestored(owner, terms.lapsedMonth, terms.toMonth, amount);
        account.receivePoints(owner, account.word, amount, terms.toMonth, terms.month);
        emit IERC20.Transfer(address(0), owner, amount);
        return amount;
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
    function revoke(address account, uint256 amountPoints, uint256 expiryMonth) external {
        Series storage series = SeriesStorage.series();
        ExpiryPolicy.requireInRange(expiryMonth, JapanCalendar.monthOf(block.timestamp));
        if (series.accounts[account].word.isMerchant()) revert IMunicipalPoint.PointMintToMerchant(account);
        uint256 taken = series.accounts[account].takeOut(expiryMonth, amountPoints);
        if (taken != amountPoints) {
            revert IMunicipalPoint.PointLotTooSmall(account, expiryMonth, taken, amountPoints);
        }
        series.supply.take(expiryMonth, amountPoints);
        series.totals.revoked += amountPoints;
        emit IMunicipalPoint.Revoked(account, expiryMonth, amountPoints);
        emit IERC20.Transfer(account, address(0), amountPoints);
    }

    // ------------------------------------------------------------- FOR MINTERS

    /// @notice See IMunicipalPoint.takeBack.
    function takeBack(address account, uint256 amountPoints, uint256 expiryMonth)
        external
        returns (uint256 takenPoints)
    {
        Series storage series = SeriesStorage.series();
        MinterWord minter = series.minterWords[msg.sender];
        if (!minter.isAccepted()) revert IMunicipalPoint.PointNotMinter(msg.sender);
        uint256 left = IMunicipalPoint(address(this)).returnableBy(msg.sender);
        if (amountPoints > left) {
            revert IMunicipalPoint.PointTakeBackTooLarge(msg.sender, left, amountPoints);
        }
        ExpiryPolicy.requireInRange(expiryMonth, JapanCalendar.monthOf(block.timestamp));
        // A merchant's word holds no lots and must not be read as if it did.
        if (!series.accounts[account].word.isMerchant()) {
            takenPoints = series.accounts[account].takeOut(expiryMonth, amountPoints);
        }
        if (takenPoints < amountPoints) SeriesMigration.requireCarried(account, expiryMonth);
        series.supply.subtract(expiryMonth, takenPoints);
        if (takenPoints == 0) return 0;
        series.minterWords[msg.sender] = minter.withTakenBack(takenPoints);
        series.totals.revoked += takenPoints;
        emit IMunicipalPoint.TakenBack(msg.sender, account, expiryMonth, takenPoints);
        emit IERC20.Transfer(account, address(0), takenPoints);
    }

    // ------------------------------------------------------------- FOR ANYBODY

    /// @notice See IMunicipalPoint.syncBlocked.
    function syncBlocked(address account) external {
        AccountWord word = SeriesStorage.series().accounts[account].word;
        if (word.isMerchant()) revert IMunicipalPoint.PointMintToMerchant(account);
        (IResidentRegistry residents, uint256 municipality) = _membership();
        bool blocked = residents.isBlocked(municipality, account);
        SeriesStorage.series().accounts[account].word = word.withFlag(AccountFlags.REPLACED, blocked);
        emit IMunicipalPoint.BlockedSet(account, blocked);
    }

    /// @notice See IMunicipalPoint.carry. The supply of no month changes.
    function carry(address account) external {
        (IResidentRegistry residents, uint256 municipality) = _membership();
        address successor = residents.successorOf(municipality, account);
        if (successor == address(0)) revert IMunicipalPoint.PointNotReplaced(account);
        Series storage series = SeriesStorage.series();
        uint256 month = JapanCalendar.monthOf(block.timestamp);
        series.supply.requireOpen(month);
        ExpiringLots.Account storage source = series.accounts[account];
        ExpiringLots.Account storage target = series.accounts[successor];
        if (source.word.isMerchant()) revert IMunicipalPoint.PointMintToMerchant(account);
        if (target.word.isMerchant()) revert IMunicipalPoint.PointMintToMerchant(successor);
        uint256 total;
        Lot[] memory lots = source.lotsOf(month);
        for (uint256 i; i < lots.length; ++i) {
            total += lots[i].amountOf();
        }
        source.spend(account, total, month);
        for (uint256 i; i < lots.length; ++i) {
            target.receivePoints(successor, target.word, lots[i].amountOf(), lots[i].monthOf(), month);
        }
        AccountWord left = source.word;
        if (left.isFrozenByOfficer() && !residents.isInherited(municipality, account)) {
            target.word = target.word.withFlag(AccountFlags.FROZEN, true);
            left = left.withFlag(AccountFlags.FROZEN, false);
            emit IMunicipalPoint.FrozenSet(account, false);
            emit IMunicipalPoint.FrozenSet(successor, true);
        }
        if (!left.isReplaced()) emit IMunicipalPoint.BlockedSet(account, true);
        source.word = left.withFlag(AccountFlags.REPLACED, true);
        emit IMunicipalPoint.Carried(account, successor, total);
        emit IERC20.Transfer(account, successor, total);
    }

    /// @notice See IMunicipalPoint.recordLapse.
    function recordLapse(address[] calldata accounts) external {
        Series storage series = SeriesStorage.series();
        uint256 month = JapanCalendar.monthOf(block.timestamp);
        for (uint256 i; i < accounts.length; ++i) {
            ExpiringLots.Account storage account = series.accounts[accounts[i]];
            AccountWord word = account.word;
            if (!word.isMerchant()) account.word = account.dropEnded(accounts[i], word, month);
        }
        series.closeMonths(month);
    }

    /// @notice Reverts unless `account` holds `value` points in its earliest live lot and that ends with `epoch`.
    function requireEarliest(address account, uint256 epoch, uint256 value) external view {
        Series storage series = SeriesStorage.series();
        uint256 month = JapanCalendar.monthOf(block.timestamp);
        if (epoch < month) revert IERC7818.ERC7818TransferredExpiredToken(account, epoch);
        Lot[] memory lots;
        if (!series.accounts[account].word.isMerchant()) lots = series.accounts[account].lotsOf(month);
        if (lots.length == 0) revert IERC20Errors.ERC20InsufficientBalance(account, 0, value);
        if (lots[0].monthOf() != epoch) revert IMunicipalPoint.PointNotEarliest(epoch, lots[0].monthOf());
        if (value > lots[0].amountOf()) {
            revert IERC20Errors.ERC20InsufficientBalance(account, lots[0].amountOf(), value);
        }
    }

    function _membership() private view returns (IResidentRegistry residents, uint256 municipality) {
        return (IMunicipalPoint(address(this)).residents(), IMunicipalPoint(address(this)).municipality());
    }
}
