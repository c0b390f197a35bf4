// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {AccountFlags, AccountWord} from "./AccountWord.sol";
import {ExpiringLots, Lot} from "./ExpiringLots.sol";
import {ExpiryPolicy} from "./ExpiryPolicy.sol";
import {JapanCalendar} from "./JapanCalendar.sol";
import {MerchantClaim} from "./MerchantClaim.sol";
import {Series, SeriesStorage} from "./Series.sol";
import {SeriesSupply} from "./SeriesSupply.sol";
import {SupplyByMonth} from "./SupplyByMonth.sol";
import {IMunicipalPoint} from "../../interfaces/IMunicipalPoint.sol";
import {IPointPlatform} from "../../interfaces/IPointPlatform.sol";

/// @title How a series ends and its successor takes over
/// @notice A linked library to which the token forwards calls as they are, on both sides. It works on the token's storage
/// and holds nothing; what the functions do stands in IMunicipalPoint, why in decision 0014.
///
/// The old series knows lots, claims and flags, not how its successor stores them: the successor fetches, and every movement
/// is booked as carried out on one side and carried in on the other, in one transaction.
library SeriesMigration {
    using ExpiringLots for ExpiringLots.Account;
    using MerchantClaim for AccountWord;
    using SeriesSupply for Series;
    using SupplyByMonth for SupplyByMonth.HalfYear[256];

    uint256 private constant NOTICE_SECONDS = 30 days;

    /// Months that live lots can lie in: the current one, 60 more, and NEVER.
    uint256 private constant MONTHS = ExpiryPolicy.MAX_TERM_MONTHS + 2;

    /// The books of a fiscal year stay open for so many months after it, until 31 May.
    uint256 private constant MONTHS_UNTIL_CLOSE = 2;

    /// What a call has carried: lots, by month from the current one on, NEVER last, and in all; and claims.
    struct Sums {
        uint256 month;
        uint256[] byMonth;
        uint256 lots;
        uint256 thisYear;
        uint256 earlierYears;
    }

    // -------------------------------------------------------------- THE CLOSING

    /// @notice See IMunicipalPoint.announceSuccessor.
    function announceSuccessor(address successor) external {
        Series storage series = SeriesStorage.series();
        if (isClosed(series)) revert IMunicipalPoint.PointClosed();
        requireOpened(series);
        if (!_isOfTown(successor) || IMunicipalPoint(successor).predecessor() != address(this)) {
            revert IMunicipalPoint.PointForeignSuccessor(successor);
        }
        _requireMemory(successor);
        uint256 closableFrom = block.timestamp + NOTICE_SECONDS;
        (series.migration.successor, series.migration.closableFrom) = (successor, uint40(closableFrom));
        emit IMunicipalPoint.SuccessorAnnounced(successor, closableFrom);
    }

    /// @notice See IMunicipalPoint.withdrawSuccessor.
    function withdrawSuccessor() external {
        Series storage series = SeriesStorage.series();
        address successor = _announced(series);
        (series.migration.successor, series.migration.closableFrom) = (address(0), 0);
        emit IMunicipalPoint.SuccessorWithdrawn(successor);
    }

    /// @notice See IMunicipalPoint.closeForSuccessor. A minter with a reserve would not ask the supply.
    function closeForSuccessor() external {
        Series storage series = SeriesStorage.series();
        address successor = _announced(series);
        uint256 from = series.migration.closableFrom;
        if (block.timestamp < from) revert IMunicipalPoint.PointClosableLater(from);
        series.releaseReserves();
        series.supply.close(JapanCalendar.monthOf(block.timestamp));
        emit IMunicipalPoint.SeriesClosed(successor);
        IMunicipalPoint(successor).openAfterPredecessor();
    }

    /// @notice See IMunicipalPoint.openAfterPredecessor.
    function openAfterPredecessor() external {
        _requirePredecessor();
        // A series that nobody has registered could say anything of what it hands over.
        if (!_isOfTown(msg.sender)) revert IMunicipalPoint.PointNotPredecessor(msg.sender);
        uint256 today = JapanCalendar.dayOf(block.timestamp);
        SeriesStorage.series().migration.lastSaleDay = uint16(today);
        emit IMunicipalPoint.SeriesOpened(msg.sender, today);
    }

    /// @notice True if the series takes no payments, grants and transfers any more.
    function isClosed(Series storage series) internal view returns (bool) {
        return series.supply.isClosed(ExpiryPolicy.NEVER);
    }

    /// @notice Reverts if the series is to take over from another that is not closed yet.
    function requireOpened(Series storage series) internal view {
        address predecessor = IMunicipalPoint(address(this)).predecessor();
        if (predecessor != address(0) && series.migration.lastSaleDay == 0) {
            revert IMunicipalPoint.PointPredecessorOpen(predecessor);
        }
    }

    /// Every series before `successor` must remember its sales for longer than they could be paid there.
    function _requireMemory(address successor) private view {
        (uint256 payableDays, uint256 refundDays,) = IMunicipalPoint(successor).saleDays();
        address asked = address(this);
        while (asked != address(0)) {
            (,, uint256 ringDays) = IMunicipalPoint(asked).saleDays();
            if (payableDays >= ringDays) {
                revert IMunicipalPoint.PointSaleTerms(payableDays, refundDays, ringDays);
            }
            asked = IMunicipalPoint(asked).predecessor();
        }
    }

    function _announced(Series storage series) private view returns (address successor) {
        successor = series.migration.successor;
        if (isClosed(series)) revert IMunicipalPoint.PointClosed();
        if (successor == address(0)) revert IMunicipalPoint.PointNoSuccessor();
    }

    function _requirePredecessor() private view {
        if (msg.sender != IMunicipalPoint(address(this)).predecessor()) {
            revert IMunicipalPoint.PointNotPredecessor(msg.sender);
        }
    }

    function _isOfTown(address series) private view returns (bool) {
        IMunicipalPoint point = IMunicipalPoint(address(this));
        return IPointPlatform(point.officers().platform()).municipalityOf(series) == point.municipality();
    }

    // --------------------------------------------------------------- CARRIED OUT

    /// @notice See IMunicipalPoint.carryOut.
    function carryOut(address[] calldata accounts)
        external
        returns (IMunicipalPoint.CarriedAccount[] memory carried)
    {
        Series storage series = SeriesStorage.series();
        if (msg.sender != series.migration.successor || !isClosed(series)) {
            revert IMunicipalPoint.PointNotSuccessor(msg.sender);
        }
        series.supply.requireNotPaused(ExpiryPolicy.NEVER);
        Sums memory sums = _newSums();
        carried = new IMunicipalPoint.CarriedAccount[](accounts.length);
        for (uint256 i; i < accounts.length; ++i) {
            AccountWord word = series.accounts[accounts[i]].word;
            (carried[i].isFrozen, carried[i].isBlocked) = (word.isFrozenByOfficer(), word.isReplaced());
            if (word.isMerchant()) _claimOut(series, accounts[i], carried[i], sums);
            else _lotsOut(series, accounts[i], carried[i], sums);
        }
        for (uint256 i; i < MONTHS; ++i) {
            if (sums.byMonth[i] != 0) series.supply.release(_monthAt(sums, i), sums.byMonth[i]);
        }
        _bookOut(series, sums.lots, sums.thisYear, sums.earlierYears);
    }

    function _lotsOut(
        Series storage series,
        address owner,
        IMunicipalPoint.CarriedAccount memory carried,
        Sums memory sums
    ) private {
        ExpiringLots.Account storage account = series.accounts[owner];
        Lot[] memory lots = account.lotsOf(sums.month);
        if (lots.length == 0) return;
        carried.lots = new uint256[](lots.length);
        uint256 points;
        for (uint256 i; i < lots.length; ++i) {
            carried.lots[i] = Lot.unwrap(lots[i]);
            points += lots[i].amountOf();
            _count(sums, lots[i]);
        }
        account.spend(owner, points, sums.month);
        for (uint256 i; i < lots.length; ++i) {
            emit IMunicipalPoint.LotCarriedOut(owner, lots[i].monthOf(), lots[i].amountOf());
        }
        emit IERC20.Transfer(owner, address(0), points);
    }

    /// @dev What is locked stays, with the settlement that has locked it.
    function _claimOut(
        Series storage series,
        address merchant,
        IMunicipalPoint.CarriedAccount memory carried,
        Sums memory sums
    ) private {
        AccountWord word = series.accounts[merchant].word.current();
        carried.isMerchant = true;
        (carried.status, carried.category) = (word.status(), word.category());
        carried.owner = IMunicipalPoint(address(this)).ownerOf(merchant);
        (carried.thisYearPoints, carried.earlierYearsPoints,) = word.parts();
        uint256 points = carried.thisYearPoints + carried.earlierYearsPoints;
        if (points == 0) return;
        _countClaim(sums, carried);
        series.accounts[merchant].word = word.debited(carried.thisYearPoints, carried.earlierYearsPoints);
        emit IMunicipalPoint.ClaimCarriedOut(merchant, carried.thisYearPoints, carried.earlierYearsPoints);
        emit IERC20.Transfer(merchant, address(0), points);
    }

    // ---------------------------------------------------------------- CARRIED IN

    /// @notice See IMunicipalPoint.carryIn.
    function carryIn(address[] calldata accounts) external {
        Series storage series = SeriesStorage.series();
        IMunicipalPoint predecessor = IMunicipalPoint(IMunicipalPoint(address(this)).predecessor());
        if (series.migration.lastSaleDay == 0) {
            revert IMunicipalPoint.PointPredecessorOpen(address(predecessor));
        }
        series.supply.requireNotPaused(ExpiryPolicy.NEVER);
        IMunicipalPoint.CarriedAccount[] memory carried = predecessor.carryOut(accounts);
        Sums memory sums = _newSums();
        for (uint256 i; i < accounts.length; ++i) {
            if (accounts[i] == address(0) || accounts[i] == address(this)) {
                revert IERC20Errors.ERC20InvalidReceiver(accounts[i]);
            }
            if (carried[i].isMerchant) _claimIn(series, accounts[i], carried[i], sums);
            else if (carried[i].lots.length != 0) _lotsIn(series, accounts[i], carried[i].lots, sums);
            // The old series itself is frozen there as one that can hold nothing, and is nobody here.
            if (accounts[i] != address(predecessor)) _stop(series, accounts[i], carried[i]);
        }
        for (uint256 i; i < MONTHS; ++i) {
            if (sums.byMonth[i] != 0) series.supply.put(_monthAt(sums, i), sums.byMonth[i]);
        }
        _bookIn(series, sums.lots, sums.thisYear, sums.earlierYears);
    }

    /// @dev A stopped account receives what is its own all the same.
    function _lotsIn(Series storage series, address owner, uint256[] memory lots, Sums memory sums) private {
        ExpiringLots.Account storage account = series.accounts[owner];
        if (account.word.isMerchant()) revert IMunicipalPoint.PointMintToMerchant(owner);
        uint256 points;
        for (uint256 i; i < lots.length; ++i) {
            Lot lot = Lot.wrap(lots[i]);
            account.receivePoints(owner, account.word, lot.amountOf(), lot.monthOf(), sums.month);
            points += lot.amountOf();
            _count(sums, lot);
        }
        for (uint256 i; i < lots.length; ++i) {
            Lot lot = Lot.wrap(lots[i]);
            emit IMunicipalPoint.LotCarriedIn(owner, lot.monthOf(), lot.amountOf());
        }
        emit IERC20.Transfer(address(0), owner, points);
    }

    /// @dev A merchant that the successor knows already keeps the standing that it has here; and its owner, if one was named
    /// here. The key that two officers dismissed there must not serve here.
    function _claimIn(
        Series storage series,
        address merchant,
        IMunicipalPoint.CarriedAccount memory carried,
        Sums memory sums
    ) private {
        AccountWord word = series.accounts[merchant].word;
        if (!word.isMerchant()) {
            if (word.holdsLots()) revert IMunicipalPoint.PointAccountHoldsLots(merchant);
            word = AccountWord.wrap(0).withFlag(AccountFlags.FROZEN, word.isFrozenByOfficer())
                .approved(carried.category).withStatus(carried.status);
            if (carried.owner != merchant) word = _owned(series, merchant, word, carried.owner);
            emit IMunicipalPoint.MerchantCarriedIn(merchant, carried.category, carried.status, carried.owner);
        } else if (carried.owner != merchant && word.generation() == 0) {
            word = _owned(series, merchant, word, carried.owner);
            emit IMunicipalPoint.MerchantOwnerCarriedIn(
                merchant, IMunicipalPoint(address(this)).predecessor(), carried.owner
            );
        }
        word = word.current().credited(carried.thisYearPoints, carried.earlierYearsPoints);
        series.accounts[merchant].word = word;
        uint256 points = carried.thisYearPoints + carried.earlierYearsPoints;
        if (points == 0) return;
        _countClaim(sums, carried);
        emit IMunicipalPoint.ClaimCarriedIn(merchant, carried.thisYearPoints, carried.earlierYearsPoints);
        emit IERC20.Transfer(address(0), merchant, points);
    }

    /// @dev The next generation, as if the owner had been replaced here: the merchant's own key serves no longer.
    function _owned(Series storage series, address merchant, AccountWord word, address owner)
        private
        returns (AccountWord next)
    {
        next = word.withNextGeneration();
        series.owners[merchant] = owner;
        series.counterKeys[merchant][owner] = next.generation() + 1;
    }

    /// @notice Asks the predecessor about a merchant that was approved here just now, before it was carried: a shop that was
    /// sold there is its new owner's here, and who holds points there can be no shop here, for they could not come over.
    function followPredecessor(Series storage series, address merchant) internal {
        IMunicipalPoint predecessor = IMunicipalPoint(IMunicipalPoint(address(this)).predecessor());
        if (address(predecessor) == address(0) || !_isOfTown(address(predecessor))) return;
        address owner = predecessor.ownerOf(merchant);
        if (owner == address(0)) {
            if (predecessor.balanceOf(merchant) != 0) revert IMunicipalPoint.PointAccountHoldsLots(merchant);
        } else if (owner != merchant) {
            series.accounts[merchant].word = _owned(series, merchant, series.accounts[merchant].word, owner);
            emit IMunicipalPoint.MerchantOwnerCarriedIn(merchant, address(predecessor), owner);
        }
    }

    /// @notice Reverts if a lot of this month is still to come from the predecessor.
    function requireCarried(address account, uint256 expiryMonth) internal view {
        IMunicipalPoint predecessor = IMunicipalPoint(IMunicipalPoint(address(this)).predecessor());
        if (address(predecessor) == address(0)) return;
        if (predecessor.balanceOfAtEpoch(expiryMonth, account) != 0) {
            revert IMunicipalPoint.PointNotCarried(account);
        }
    }

    /// @dev Stops what is stopped there; never frees what is stopped here.
    function _stop(Series storage series, address account, IMunicipalPoint.CarriedAccount memory carried)
        private
    {
        AccountWord word = series.accounts[account].word;
        if (carried.isFrozen && !word.isFrozenByOfficer()) {
            word = word.withFlag(AccountFlags.FROZEN, true);
            series.accounts[account].word = word;
            emit IMunicipalPoint.FrozenSet(account, true);
        }
        // Of a replacement that was called off since, the old series may not have heard.
        IMunicipalPoint point = IMunicipalPoint(address(this));
        if (
            carried.isBlocked && !word.isReplaced()
                && point.residents().isBlocked(point.municipality(), account)
        ) {
            series.accounts[account].word = word.withFlag(AccountFlags.REPLACED, true);
            emit IMunicipalPoint.BlockedSet(account, true);
        }
    }

    // ------------------------------------------------------- CLAIMS BROUGHT BACK

    /// @notice See IMunicipalPoint.returnClaim.
    function returnClaim(address merchant, uint256 points, bool thisYearFirst)
        external
        returns (uint256 thisYear, uint256 earlierYears)
    {
        _requirePredecessor();
        Series storage series = SeriesStorage.series();
        series.supply.requireNotPaused(ExpiryPolicy.NEVER);
        if (!series.accounts[merchant].word.isMerchant()) {
            revert IMunicipalPoint.PointClaimTooSmall(merchant, 0, points);
        }
        (thisYear, earlierYears) = debit(series, merchant, points, thisYearFirst);
        _bookOut(series, 0, thisYear, earlierYears);
        emit IMunicipalPoint.ClaimCarriedOut(merchant, thisYear, earlierYears);
        emit IERC20.Transfer(merchant, address(0), points);
    }

    /// @notice Takes points from a merchant's claim that is not locked in settlement, of one part first, then of the other;
    /// what a closed series lacks comes back from its successor. Returns the parts.
    function debit(Series storage series, address merchant, uint256 points, bool thisYearFirst)
        internal
        returns (uint256 fromThisYear, uint256 fromEarlierYears)
    {
        if (series.accounts[merchant].word.isFrozen()) {
            revert IMunicipalPoint.PointAccountFrozen(merchant);
        }
        _bringBack(series, merchant, points, thisYearFirst);
        AccountWord word = series.accounts[merchant].word.current();
        (uint256 thisYear, uint256 earlierYears,) = word.parts();
        if (points > thisYear + earlierYears) {
            revert IMunicipalPoint.PointClaimTooSmall(merchant, thisYear + earlierYears, points);
        }
        fromThisYear = thisYearFirst ? Math.min(points, thisYear) : points - Math.min(points, earlierYears);
        fromEarlierYears = points - fromThisYear;
        series.accounts[merchant].word = word.debited(fromThisYear, fromEarlierYears);
    }

    function _bringBack(Series storage series, address merchant, uint256 points, bool thisYearFirst) private {
        (uint256 thisYear, uint256 earlierYears,) = series.accounts[merchant].word.parts();
        if (points <= thisYear + earlierYears || !isClosed(series)) return;
        uint256 missing = points - thisYear - earlierYears;
        (thisYear, earlierYears) =
            IMunicipalPoint(series.migration.successor).returnClaim(merchant, missing, thisYearFirst);
        // Read after the call, whatever it did.
        AccountWord word = series.accounts[merchant].word.current();
        series.accounts[merchant].word = word.credited(thisYear, earlierYears);
        _bookIn(series, 0, thisYear, earlierYears);
        emit IMunicipalPoint.ClaimCarriedIn(merchant, thisYear, earlierYears);
        emit IERC20.Transfer(address(0), merchant, missing);
    }

    // --------------------------------------------------------------------- SUMS

    function _newSums() private view returns (Sums memory sums) {
        sums.month = JapanCalendar.monthOf(block.timestamp);
        sums.byMonth = new uint256[](MONTHS);
    }

    function _count(Sums memory sums, Lot lot) private pure {
        uint256 month = lot.monthOf();
        sums.byMonth[month == ExpiryPolicy.NEVER ? MONTHS - 1 : month - sums.month] += lot.amountOf();
        sums.lots += lot.amountOf();
    }

    function _monthAt(Sums memory sums, uint256 i) private pure returns (uint256) {
        return i == MONTHS - 1 ? ExpiryPolicy.NEVER : sums.month + i;
    }

    function _countClaim(Sums memory sums, IMunicipalPoint.CarriedAccount memory carried) private pure {
        sums.thisYear += carried.thisYearPoints;
        sums.earlierYears += carried.earlierYearsPoints;
    }

    /// @dev Each of the three is less than 2^64: a series never holds more.
    function _bookIn(Series storage series, uint256 lots, uint256 thisYear, uint256 earlierYears) private {
        series.totals.carriedIn += uint128(lots + thisYear + earlierYears);
        (IMunicipalPoint.CarriedPoints storage year, IMunicipalPoint.CarriedPoints storage openYear) =
            _years(series);
        year.lotsIn += uint64(lots);
        year.claimsIn += uint64(thisYear);
        openYear.claimsIn += uint64(earlierYears);
    }

    function _bookOut(Series storage series, uint256 lots, uint256 thisYear, uint256 earlierYears) private {
        series.totals.carriedOut += uint128(lots + thisYear + earlierYears);
        (IMunicipalPoint.CarriedPoints storage year, IMunicipalPoint.CarriedPoints storage openYear) =
            _years(series);
        year.lotsOut += uint64(lots);
        year.claimsOut += uint64(thisYear);
        openYear.claimsOut += uint64(earlierYears);
    }

    /// @dev This fiscal year, and the earliest whose books are open. Claims of years before are booked in the latter, on both
    /// sides: it is there that settlement books what it pays of them, and a year never pays what it does not owe.
    function _years(Series storage series)
        private
        view
        returns (IMunicipalPoint.CarriedPoints storage year, IMunicipalPoint.CarriedPoints storage openYear)
    {
        uint256 month = JapanCalendar.monthOf(block.timestamp);
        year = series.migration.inYear[JapanCalendar.fiscalYearEnd(month)];
        openYear = series.migration.inYear[JapanCalendar.fiscalYearEnd(month - MONTHS_UNTIL_CLOSE)];
    }

    // -------------------------------------------------------------------- VIEWS

    /// @notice See IMunicipalPoint.migration.
    function migration()
        external
        view
        returns (address successor, uint256 closableFrom, bool closed, uint256 lastSaleDay)
    {
        Series storage series = SeriesStorage.series();
        return (
            series.migration.successor,
            series.migration.closableFrom,
            isClosed(series),
            series.migration.lastSaleDay
        );
    }

    /// @notice See IMunicipalPoint.carriedPoints.
    function carriedPoints() external view returns (uint256 inPoints, uint256 outPoints) {
        Series storage series = SeriesStorage.series();
        return (series.totals.carriedIn, series.totals.carriedOut);
    }

    /// @notice See IMunicipalPoint.carriedInYear.
    function carriedInYear(uint256 fiscalYear) external view returns (IMunicipalPoint.CarriedPoints memory) {
        return SeriesStorage.series().migration.inYear[fiscalYear];
    }
}
