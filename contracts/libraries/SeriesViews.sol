// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {AccountWord} from "./AccountWord.sol";
import {ExpiringLots, Lot} from "./ExpiringLots.sol";
import {ExpiryPolicy} from "./ExpiryPolicy.sol";
import {JapanCalendar} from "./JapanCalendar.sol";
import {MerchantClaim} from "./MerchantClaim.sol";
import {MinterWord} from "./MinterWord.sol";
import {Series, SeriesStorage} from "./Series.sol";
import {SeriesSupply} from "./SeriesSupply.sol";
import {SupplyByMonth} from "./SupplyByMonth.sol";
import {IMunicipalPoint} from "../../interfaces/IMunicipalPoint.sol";

/// @title What a series answers to people and programs outside the chain
/// @notice A linked library that reads the token's storage. What the answers mean stands in IMunicipalPoint.
library SeriesViews {
    using ExpiringLots for ExpiringLots.Account;
    using MerchantClaim for AccountWord;
    using SeriesSupply for Series;
    using SupplyByMonth for SupplyByMonth.HalfYear[256];

    // ----------------------------------------------------------------- series

    /// @notice See IERC20Metadata.name.
    function name() external view returns (string memory) {
        return SeriesStorage.series().name;
    }

    /// @notice See IERC20Metadata.symbol.
    function symbol() external view returns (string memory) {
        return SeriesStorage.series().symbol;
    }

    /// @notice See IMunicipalPoint: exact at every second.
    function totalSupply() external view returns (uint256) {
        return SeriesStorage.series().total();
    }

    /// @notice See IMunicipalPoint.pointsEndingWith.
    function pointsEndingWith(uint256 month) external view returns (uint256) {
        return SeriesStorage.series().pointsEndingWith(month);
    }

    /// @notice See IMunicipalPoint.restoredOf.
    function restoredOf(uint256 month) external view returns (uint256) {
        return SeriesStorage.series().restorations.points[month];
    }

    /// @notice See IMunicipalPoint.minterOf.
    function minterOf(address minter) external view returns (uint256 allowancePoints, uint256 mintedPoints) {
        MinterWord word = SeriesStorage.series().minterWords[minter];
        return (word.allowance(), word.minted());
    }

    /// @notice See IMunicipalPoint.takenBackBy.
    function takenBackBy(address minter) external view returns (uint256) {
        return SeriesStorage.series().minterWords[minter].takenBack();
    }

    /// @notice See IMunicipalPoint.returnableBy.
    function returnableBy(address minter) external view returns (uint256) {
        address predecessor = IMunicipalPoint(address(this)).predecessor();
        uint256 before = predecessor == address(0) ? 0 : IMunicipalPoint(predecessor).returnableBy(minter);
        return SeriesStorage.series().minterWords[minter].returnable(before);
    }

    /// @notice See IMunicipalPoint.minters.
    function minters() external view returns (address[] memory) {
        return SeriesStorage.series().minters;
    }

    /// @notice See IMunicipalPoint.expiryPolicy.
    function expiryPolicy() external view returns (IMunicipalPoint.ExpiryRule rule, uint256 months) {
        Series storage series = SeriesStorage.series();
        return (series.settings.expiryRule, series.settings.expiryMonths);
    }

    /// @notice See IMunicipalPoint.transferSwitches.
    function transferSwitches() external view returns (bool betweenResidents, bool betweenMerchants) {
        Series storage series = SeriesStorage.series();
        return (series.settings.betweenResidents, series.settings.betweenMerchants);
    }

    /// @notice See IMunicipalPoint.settlement.
    function settlement() external view returns (address) {
        return SeriesStorage.series().settings.settlement;
    }

    /// @notice See IMunicipalPoint.settlementTotals.
    function settlementTotals() external view returns (uint256 lockedPoints, uint256 settledPoints) {
        Series storage series = SeriesStorage.series();
        return (series.totals.locked, series.totals.settled);
    }

    /// @notice See IMunicipalPoint.pausedUntil.
    function pausedUntil() external view returns (uint256) {
        return SeriesStorage.series().supply.pausedUntil(ExpiryPolicy.NEVER);
    }

    // ------------------------------------------------------- epochs (ERC-7818)

    /// @notice See IERC7818.epochLength.
    function epochLength() external view returns (uint256) {
        uint256 month = JapanCalendar.monthOf(block.timestamp);
        return JapanCalendar.startOf(month + 1) - JapanCalendar.startOf(month);
    }

    /// @notice See IERC7818.validityDuration.
    function validityDuration() external view returns (uint256) {
        uint256 end = IMunicipalPoint(address(this)).policyExpiryMonth();
        if (end == ExpiryPolicy.NEVER) return type(uint256).max;
        uint256 month = JapanCalendar.monthOf(block.timestamp);
        return end < month ? 0 : end - month + 1;
    }

    /// @notice See IERC7818.balanceOfAtEpoch.
    function balanceOfAtEpoch(uint256 epoch, address account) external view returns (uint256) {
        Lot[] memory lots = _lotsOf(account);
        for (uint256 i; i < lots.length; ++i) {
            if (lots[i].monthOf() == epoch) return lots[i].amountOf();
        }
        return 0;
    }

    // --------------------------------------------------------------- accounts

    /// @notice See IMunicipalPoint.lotsOf.
    function lotsOf(address account)
        external
        view
        returns (uint256[] memory expiryMonths, uint256[] memory amountsPoints)
    {
        Lot[] memory lots = _lotsOf(account);
        expiryMonths = new uint256[](lots.length);
        amountsPoints = new uint256[](lots.length);
        for (uint256 i; i < lots.length; ++i) {
            (expiryMonths[i], amountsPoints[i]) = (lots[i].monthOf(), lots[i].amountOf());
        }
    }

    /// @notice See IMunicipalPoint.endingBefore.
    function endingBefore(address account, uint256 month) external view returns (uint256) {
        ExpiringLots.Account storage holder = SeriesStorage.series().accounts[account];
        return holder.word.isMerchant() ? 0 : holder.sum(JapanCalendar.monthOf(block.timestamp), month);
    }

    /// @notice See IMunicipalPoint.frozenOf.
    function frozenOf(address account) external view returns (bool frozen, bool blocked) {
        AccountWord word = SeriesStorage.series().accounts[account].word;
        return (word.isFrozenByOfficer(), word.isReplaced());
    }

    /// @notice See IMunicipalPoint.cancelEpochOf.
    function cancelEpochOf(address account) external view returns (uint256) {
        AccountWord word = SeriesStorage.series().accounts[account].word;
        return word.isMerchant() ? 0 : word.cancelEpoch();
    }

    /// @notice See IMunicipalPoint.claimOf.
    function claimOf(address merchant)
        external
        view
        returns (uint256 thisYearPoints, uint256 earlierYearsPoints, uint256 lockedPoints)
    {
        AccountWord word = SeriesStorage.series().accounts[merchant].word;
        if (word.isMerchant()) return word.current().parts();
    }

    /// @notice See IMunicipalPoint.merchantOf.
    function merchantOf(address account)
        external
        view
        returns (bool isMerchant, IMunicipalPoint.MerchantStatus status, uint256 category)
    {
        AccountWord word = SeriesStorage.series().accounts[account].word;
        if (word.isMerchant()) return (true, word.status(), word.category());
    }

    /// @dev A merchant's word holds no lots and must not be read as if it did.
    function _lotsOf(address account) private view returns (Lot[] memory lots) {
        ExpiringLots.Account storage holder = SeriesStorage.series().accounts[account];
        if (!holder.word.isMerchant()) lots = holder.lotsOf(JapanCalendar.monthOf(block.timestamp));
    }
}
