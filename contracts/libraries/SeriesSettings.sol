// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {AccountFlags, AccountWord} from "./AccountWord.sol";
import {ExpiryPolicy} from "./ExpiryPolicy.sol";
import {JapanCalendar} from "./JapanCalendar.sol";
import {MerchantClaim} from "./MerchantClaim.sol";
import {MinterWord, MinterWords} from "./MinterWord.sol";
import {Series, SeriesStorage} from "./Series.sol";
import {SeriesMigration} from "./SeriesMigration.sol";
import {SeriesSupply} from "./SeriesSupply.sol";
import {SupplyByMonth} from "./SupplyByMonth.sol";
import {IMunicipalPoint} from "../../interfaces/IMunicipalPoint.sol";

/// @title What officers lay down for a series: minters, policies, pause, merchants, freezes
/// @notice Rarely called, so that it lives outside the token, as a linked library to which the token forwards calls as
/// they are. It works on the token's storage and holds nothing. Who may call is the token's affair; what the functions
/// do stands in IMunicipalPoint.
library SeriesSettings {
    using MerchantClaim for AccountWord;
    using SeriesMigration for Series;
    using SeriesSupply for Series;
    using SupplyByMonth for SupplyByMonth.HalfYear[256];

    uint256 private constant MAX_PAUSE_SECONDS = 72 hours;
    uint256 private constant MAX_MINTERS = 16;
    uint256 private constant MAX_RING_DAYS = 1_000;

    /// A sale's record tells two fiscal years apart, the sale's own and the next.
    uint256 private constant MAX_PAYABLE_DAYS = 365;

    // ---------------------------------------------------------------- MINTERS

    /// @notice See IMunicipalPoint.increaseMinterAllowance.
    function increaseMinterAllowance(address minter, uint256 byPoints) external {
        Series storage series = SeriesStorage.series();
        series.requireOpened();
        MinterWord word = series.minterWords[minter];
        if (!word.isAccepted()) {
            if (series.minters.length == MAX_MINTERS) {
                revert IMunicipalPoint.PointTooManyMinters(MAX_MINTERS);
            }
            series.minters.push(minter);
            series.totals.mintedByRemovedMinters -= word.minted();
        }
        uint256 room = MinterWords.MAX_ALLOWANCE_POINTS - word.allowance();
        if (byPoints > room) revert IMunicipalPoint.PointMinterAllowance(minter, room, byPoints);
        _setMinterAllowance(series, minter, word, word.allowance() + byPoints);
    }

    /// @notice See IMunicipalPoint.decreaseMinterAllowance.
    function decreaseMinterAllowance(address minter, uint256 byPoints) external {
        Series storage series = SeriesStorage.series();
        MinterWord word = series.released(_acceptedMinterWord(series, minter));
        if (byPoints > word.allowance()) {
            revert IMunicipalPoint.PointMinterAllowance(minter, word.allowance(), byPoints);
        }
        _setMinterAllowance(series, minter, word, word.allowance() - byPoints);
    }

    /// @notice See IMunicipalPoint.removeMinter.
    function removeMinter(address minter) external {
        Series storage series = SeriesStorage.series();
        MinterWord word = series.released(_acceptedMinterWord(series, minter));
        series.minterWords[minter] = word.removed();
        series.totals.mintedByRemovedMinters += word.minted();
        address[] storage minters = series.minters;
        uint256 i;
        while (minters[i] != minter) ++i;
        minters[i] = minters[minters.length - 1];
        minters.pop();
        emit IMunicipalPoint.MinterRemoved(minter, word.minted());
    }

    function _setMinterAllowance(Series storage series, address minter, MinterWord word, uint256 points)
        private
    {
        series.minterWords[minter] = word.withAllowance(points);
        emit IMunicipalPoint.MinterAllowanceSet(minter, points);
    }

    function _acceptedMinterWord(Series storage series, address minter)
        private
        view
        returns (MinterWord word)
    {
        word = series.minterWords[minter];
        if (!word.isAccepted()) revert IMunicipalPoint.PointNotMinter(minter);
    }

    // --------------------------------------------------------------- POLICIES

    /// @notice See IMunicipalPoint.setExpiryPolicy. A rule whose points would end out of range from the start is refused
    /// here, not at the first grant.
    function setExpiryPolicy(IMunicipalPoint.ExpiryRule rule, uint256 months) external {
        uint256 month = JapanCalendar.monthOf(block.timestamp);
        uint256 last = month + ExpiryPolicy.MAX_TERM_MONTHS;
        if (months > ExpiryPolicy.NEVER) revert IMunicipalPoint.PointExpiryOutOfRange(months, month, last);
        uint256 expiry = ExpiryPolicy.expiryMonth(rule, months, month);
        ExpiryPolicy.requireInRange(expiry, month);
        // A term that happens to reach the number NEVER is still a term, and too long.
        if (rule == IMunicipalPoint.ExpiryRule.MonthsAfter && expiry > last) {
            revert IMunicipalPoint.PointExpiryOutOfRange(expiry, month, last);
        }
        Series storage series = SeriesStorage.series();
        series.settings.expiryRule = rule;
        series.settings.expiryMonths = uint16(months);
        emit IMunicipalPoint.ExpiryPolicySet(rule, months);
    }

    /// @notice See IMunicipalPoint.setTransferSwitches.
    function setTransferSwitches(bool betweenResidents, bool betweenMerchants) external {
        Series storage series = SeriesStorage.series();
        series.settings.betweenResidents = betweenResidents;
        series.settings.betweenMerchants = betweenMerchants;
        emit IMunicipalPoint.TransferSwitchesSet(betweenResidents, betweenMerchants);
    }

    /// @notice See IMunicipalPoint.setRefundDays. `payableDays` and `ringDays` are the series' own.
    function setRefundDays(uint256 refundDays, uint256 payableDays, uint256 ringDays) external {
        bool fits = payableDays <= MAX_PAYABLE_DAYS && payableDays < ringDays && ringDays <= MAX_RING_DAYS;
        if (!fits || refundDays >= ringDays - payableDays) {
            revert IMunicipalPoint.PointSaleTerms(payableDays, refundDays, ringDays);
        }
        SeriesStorage.series().settings.refundDays = uint16(refundDays);
        emit IMunicipalPoint.RefundDaysSet(refundDays);
    }

    /// @notice See IMunicipalPoint.setSettlement.
    function setSettlement(address service) external {
        Series storage series = SeriesStorage.series();
        IMunicipalPoint point = IMunicipalPoint(address(this));
        if (service != address(0) && !point.officers().isAccepted(point.municipality(), service)) {
            revert IMunicipalPoint.PointServiceNotAccepted(service);
        }
        // Whoever has locked claims must be there to settle or unlock them.
        if (series.totals.locked != 0 && service != series.settings.settlement) {
            revert IMunicipalPoint.PointClaimsLocked(series.totals.locked);
        }
        series.settings.settlement = service;
        emit IMunicipalPoint.SettlementSet(service);
    }

    // ------------------------------------------------------------------ PAUSE

    /// @notice See IMunicipalPoint.pause.
    function pause(uint256 durationSeconds) external {
        if (durationSeconds == 0 || durationSeconds > MAX_PAUSE_SECONDS) {
            revert IMunicipalPoint.PointPauseLength(durationSeconds, MAX_PAUSE_SECONDS);
        }
        Series storage series = SeriesStorage.series();
        uint256 from = series.settings.pausableFrom;
        if (block.timestamp < from) revert IMunicipalPoint.PointPauseCoolingDown(from);
        series.settings.pausableFrom = uint40(block.timestamp + 2 * durationSeconds);
        _setPausedUntil(series, block.timestamp + durationSeconds);
    }

    /// @notice See IMunicipalPoint.unpause.
    function unpause() external {
        _setPausedUntil(SeriesStorage.series(), block.timestamp);
    }

    /// @dev One month more than the longest term is written, because a month may end during the pause.
    function _setPausedUntil(Series storage series, uint256 timestamp) private {
        series.releaseReserves();
        uint256 month = JapanCalendar.monthOf(block.timestamp);
        series.supply
            .setPausedUntil(
                month, Math.min(month + ExpiryPolicy.MAX_TERM_MONTHS + 1, ExpiryPolicy.NEVER), timestamp
            );
        series.supply.setPausedUntil(ExpiryPolicy.NEVER, ExpiryPolicy.NEVER, timestamp);
        emit IMunicipalPoint.PausedUntil(timestamp);
    }

    // -------------------------------------------------------------- MERCHANTS

    /// @notice See IMunicipalPoint.approveMerchant.
    function approveMerchant(
        address merchant,
        uint256 category,
        string calldata shopName,
        string calldata place
    ) external {
        Series storage series = SeriesStorage.series();
        AccountWord word = series.accounts[merchant].word;
        if (category > MerchantClaim.MAX_CATEGORY) {
            revert IMunicipalPoint.PointCategoryTooLarge(category, MerchantClaim.MAX_CATEGORY);
        }
        if (merchant == address(0) || merchant == address(this)) {
            revert IERC20Errors.ERC20InvalidReceiver(merchant);
        }
        if (word.isFrozen()) revert IMunicipalPoint.PointAccountFrozen(merchant);
        bool isNew = !word.isMerchant();
        if (isNew) {
            if (word.holdsLots()) revert IMunicipalPoint.PointAccountHoldsLots(merchant);
            IMunicipalPoint point = IMunicipalPoint(address(this));
            if (point.residents().isKnown(point.municipality(), merchant)) {
                revert IMunicipalPoint.PointAccountIsResident(merchant);
            }
            word = AccountWord.wrap(0); // what it cancelled as somebody's account means nothing any more
        }
        series.accounts[merchant].word = word.approved(category);
        emit IMunicipalPoint.MerchantApproved(merchant, category, shopName, place);
        if (isNew) series.followPredecessor(merchant);
    }

    /// @notice See IMunicipalPoint.suspendMerchant.
    function suspendMerchant(address merchant) external {
        _setMerchantStatus(merchant, IMunicipalPoint.MerchantStatus.Suspended);
    }

    /// @notice See IMunicipalPoint.closeMerchant.
    function closeMerchant(address merchant) external {
        _setMerchantStatus(merchant, IMunicipalPoint.MerchantStatus.Closed);
    }

    /// @notice See IMunicipalPoint.replaceOwner. The next generation begins, and keys of the last serve no longer.
    function replaceOwner(address merchant, address owner) external {
        Series storage series = SeriesStorage.series();
        AccountWord word = _merchantWord(series, merchant);
        if (owner == address(0)) revert IERC20Errors.ERC20InvalidReceiver(owner);
        if (word.generation() == MerchantClaim.MAX_GENERATION) {
            revert IMunicipalPoint.PointReplacedTooOften(merchant, MerchantClaim.MAX_GENERATION);
        }
        word = word.withNextGeneration();
        series.accounts[merchant].word = word;
        series.owners[merchant] = owner;
        series.counterKeys[merchant][owner] = word.generation() + 1;
        emit IMunicipalPoint.MerchantOwnerSet(merchant, owner);
    }

    /// @notice See IMunicipalPoint.setTill. The owner's own key serves as long as it is the owner's.
    function setTill(address merchant, address till, bool active) external {
        Series storage series = SeriesStorage.series();
        if (msg.sender != IMunicipalPoint(address(this)).ownerOf(merchant)) {
            revert IMunicipalPoint.PointNotOwner(merchant, msg.sender);
        }
        // A signature that is none recovers to zero.
        if (till == address(0)) revert IERC20Errors.ERC20InvalidReceiver(till);
        uint256 generation = _merchantWord(series, merchant).generation();
        bool serves = active || till == msg.sender;
        series.counterKeys[merchant][till] = serves ? generation + 1 : 0;
        emit IMunicipalPoint.TillSet(merchant, till, serves);
    }

    function _setMerchantStatus(address merchant, IMunicipalPoint.MerchantStatus status) private {
        Series storage series = SeriesStorage.series();
        series.accounts[merchant].word = _merchantWord(series, merchant).withStatus(status);
        emit IMunicipalPoint.MerchantStatusSet(merchant, status);
    }

    function _merchantWord(Series storage series, address merchant) private view returns (AccountWord word) {
        word = series.accounts[merchant].word;
        if (!word.isMerchant()) revert IMunicipalPoint.PointNotMerchant(merchant);
    }

    // ---------------------------------------------------------------- FREEZES

    /// @notice See IMunicipalPoint.freeze.
    function freeze(address account) external {
        _setFrozen(account, true);
    }

    /// @notice See IMunicipalPoint.unfreeze.
    function unfreeze(address account) external {
        if (account == address(0) || account == address(this)) {
            revert IERC20Errors.ERC20InvalidReceiver(account);
        }
        _setFrozen(account, false);
    }

    function _setFrozen(address account, bool frozen) private {
        Series storage series = SeriesStorage.series();
        series.accounts[account].word = series.accounts[account].word.withFlag(AccountFlags.FROZEN, frozen);
        emit IMunicipalPoint.FrozenSet(account, frozen);
    }
}
