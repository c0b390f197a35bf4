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
import {PaymentTerms} from "./PaymentTerms.sol";
import {SaleRecord, SaleRecords} from "./SaleRecord.sol";
import {Series, SeriesStorage} from "./Series.sol";
import {SeriesMigration} from "./SeriesMigration.sol";
import {SupplyByMonth} from "./SupplyByMonth.sol";
import {IMunicipalPoint} from "../../interfaces/IMunicipalPoint.sol";

/// @title What comes before and after the payment of a sale: voids, refunds, cancelled signatures, answers for a till
/// @notice Rarely called, so that it lives outside the token, as a linked library. It works on the token's storage and
/// holds nothing. What the functions do stands in IMunicipalPoint.
library SaleDesk {
    using ExpiringLots for ExpiringLots.Account;
    using MerchantClaim for AccountWord;
    using SeriesMigration for Series;
    using SupplyByMonth for SupplyByMonth.HalfYear[256];

    /// What a refund comes to. `returning` holds the parts that go back, latest first.
    struct Plan {
        uint256 key;
        SaleRecord record;
        Lot[] returning;
        uint256 returned;
        uint256 unreturnable;
    }

    // ------------------------------------------------------------------ VOIDS

    /// @notice See IMunicipalPoint.voidSale.
    function voidSale(address merchant, uint256 sale) external {
        IMunicipalPoint point = IMunicipalPoint(address(this));
        if (!point.isTill(merchant, msg.sender)) revert IMunicipalPoint.PointNotTill(merchant, msg.sender);
        Series storage series = SeriesStorage.series();
        // A record of before the opening would stand in the way of asking the predecessor later.
        series.requireOpened();
        (uint256 payableDays,, uint256 ringDays) = point.saleDays();
        uint256 key = SeriesStorage.saleKey(merchant, sale, ringDays);
        IMunicipalPoint.PaymentIssue issue = series.sales[key].issueOfNumber(sale, payableDays);
        if (issue == IMunicipalPoint.PaymentIssue.PredecessorUnasked) {
            if (isUsedBefore(merchant, sale)) revert IMunicipalPoint.PointSaleUsed(merchant, sale);
        } else if (issue != IMunicipalPoint.PaymentIssue.None) {
            _refuseNumber(issue, merchant, sale, payableDays);
        }
        series.sales[key] = SaleRecords.voided(sale);
        emit IMunicipalPoint.SaleVoided(merchant, sale);
    }

    // ------------------------------------------------------------- SIGNATURES

    /// @notice See IMunicipalPoint.cancelSignatures.
    function cancelSignatures() external {
        Series storage series = SeriesStorage.series();
        AccountWord word = series.accounts[msg.sender].word;
        if (word.isMerchant()) revert IMunicipalPoint.PointPayerIsMerchant(msg.sender);
        if (word.cancelEpoch() == AccountFlags.MAX_CANCEL_EPOCH) {
            revert IMunicipalPoint.PointCancelledTooOften(msg.sender, AccountFlags.MAX_CANCEL_EPOCH);
        }
        word = word.withNextCancelEpoch();
        series.accounts[msg.sender].word = word;
        emit IMunicipalPoint.SignaturesCancelled(msg.sender, word.cancelEpoch());
    }

    // ---------------------------------------------------------------- REFUNDS

    /// @notice See IMunicipalPoint.refund.
    function refund(
        address merchant,
        uint256 sale,
        address payer,
        uint256[] calldata lots,
        uint256 refundPoints
    ) external {
        if (msg.sender != IMunicipalPoint(address(this)).ownerOf(merchant)) {
            revert IMunicipalPoint.PointNotOwner(merchant, msg.sender);
        }
        Plan memory plan = _plan(merchant, sale, payer, _lots(merchant, sale, lots), refundPoints);
        if (plan.returned == 0) revert IMunicipalPoint.PointNothingToReturn(sale, plan.unreturnable);
        Series storage series = SeriesStorage.series();
        series.sales[plan.key] = plan.record.withRefund(plan.returned);
        _debit(series, merchant, sale, plan);
        address receiver = _giveBack(series, merchant, sale, payer, plan.returning);
        if (plan.unreturnable != 0) {
            emit IMunicipalPoint.SaleUnreturnable(merchant, sale, payer, plan.unreturnable);
        }
        emit IERC20.Transfer(merchant, receiver, plan.returned);
    }

    /// @dev Puts each part back into a lot of its own month: the payer's, or that of the payer's successor.
    function _giveBack(
        Series storage series,
        address merchant,
        uint256 sale,
        address payer,
        Lot[] memory parts
    ) private returns (address receiver) {
        IMunicipalPoint point = IMunicipalPoint(address(this));
        receiver = point.residents().successorOf(point.municipality(), payer);
        if (receiver == address(0)) receiver = payer;
        ExpiringLots.Account storage account = series.accounts[receiver];
        if (account.word.isMerchant()) revert IMunicipalPoint.PointMintToMerchant(receiver);
        if (account.word.isFrozen()) revert IMunicipalPoint.PointAccountFrozen(receiver);
        uint256 month = JapanCalendar.monthOf(block.timestamp);
        for (uint256 i; i < parts.length; ++i) {
            (uint256 end, uint256 amount) = (parts[i].monthOf(), parts[i].amountOf());
            account.receivePoints(receiver, account.word, amount, end, month);
            series.supply.put(end, amount);
            emit IMunicipalPoint.SaleRefunded(merchant, sale, receiver, Lot.unwrap(parts[i]));
        }
    }

    /// @dev Takes what is returned from the claim that is not locked in settlement: of the year in which the sale was
    /// paid first, then of the other.
    function _debit(Series storage series, address merchant, uint256 sale, Plan memory plan) private {
        uint256 year = JapanCalendar.fiscalYearEnd(JapanCalendar.monthOfDay(SaleRecords.dayOf(sale)));
        if (plan.record.isOfLaterYear()) year += 12;
        bool paidThisYear = year == JapanCalendar.fiscalYearEnd(JapanCalendar.monthOf(block.timestamp));
        series.debit(merchant, plan.returned, paidThisYear);
    }

    /// @dev What a refund comes to. It undoes the payment from its end: what was spent last, and ends last, goes back
    /// first. So one number, what was refunded before, says which parts are left.
    function _plan(address merchant, uint256 sale, address payer, Lot[] memory lots, uint256 refundPoints)
        private
        view
        returns (Plan memory plan)
    {
        {
            (uint256 payableDays, uint256 refundDays, uint256 ringDays) =
                IMunicipalPoint(address(this)).saleDays();
            plan.key = SeriesStorage.saleKey(merchant, sale, ringDays);
            plan.record = SeriesStorage.series().sales[plan.key];
            uint256 day = SaleRecords.dayOf(sale);
            if (!plan.record.isOf(day) || !plan.record.isPaidFrom(payer, lots)) {
                revert IMunicipalPoint.PointSaleUnknown(merchant, sale);
            }
            uint256 lastDay = day + payableDays + refundDays;
            if (JapanCalendar.dayOf(block.timestamp) > lastDay) {
                revert IMunicipalPoint.PointRefundTooLate(sale, lastDay);
            }
        }
        uint256 skipped = plan.record.refunded();
        uint256 missing = refundPoints;
        uint256 month = JapanCalendar.monthOf(block.timestamp);
        plan.returning = new Lot[](lots.length);
        uint256 count;
        uint256 left;
        for (uint256 i = lots.length; i > 0; --i) {
            (uint256 end, uint256 amount) = (lots[i - 1].monthOf(), lots[i - 1].amountOf());
            uint256 goneBefore = Math.min(skipped, amount);
            skipped -= goneBefore;
            left += amount - goneBefore;
            uint256 part = Math.min(amount - goneBefore, missing);
            if (part == 0) continue;
            missing -= part;
            if (end < month) {
                plan.unreturnable += part;
            } else {
                plan.returned += part;
                plan.returning[count++] = ExpiringLots.toLot(end, part);
            }
        }
        if (missing != 0 || refundPoints == 0) {
            revert IMunicipalPoint.PointRefundTooLarge(sale, left, refundPoints);
        }
        Lot[] memory returning = plan.returning;
        assembly ("memory-safe") {
            mstore(returning, count) // shorten the list to what it holds
        }
    }

    /// @dev The lots that a caller names. One with more bits than a lot has could fit a record in which those bits say who
    /// paid.
    function _lots(address merchant, uint256 sale, uint256[] calldata raw)
        private
        pure
        returns (Lot[] memory lots)
    {
        lots = new Lot[](raw.length);
        for (uint256 i; i < raw.length; ++i) {
            if (raw[i] > ExpiringLots.LOT_MASK) revert IMunicipalPoint.PointSaleUnknown(merchant, sale);
            lots[i] = Lot.wrap(raw[i]);
        }
    }

    // ------------------------------------------------------ CLAIMS PASSED ON

    /// @notice Moves part of a merchant's claim to another merchant, the earlier years' part first, if the municipality
    /// has switched that on. What is locked in settlement stays. The token tells of the transfer.
    function passClaim(address from, address to, uint256 amount) external {
        if (msg.sender != IMunicipalPoint(address(this)).ownerOf(from)) {
            revert IMunicipalPoint.PointNotOwner(from, msg.sender);
        }
        Series storage series = SeriesStorage.series();
        AccountWord receiver = series.accounts[to].word;
        if (!series.settings.betweenMerchants || !receiver.isMerchant()) {
            revert IMunicipalPoint.PointClaimNotTransferable(from, to);
        }
        if (!receiver.isPayable()) {
            if (receiver.isFrozen()) revert IMunicipalPoint.PointAccountFrozen(to);
            revert IMunicipalPoint.PointMerchantNotActive(to, receiver.status());
        }
        AccountWord payer = series.accounts[from].word.current();
        receiver = receiver.current();
        series.supply.requireOpen(payer.monthOf());
        (uint256 thisYear, uint256 earlierYears,) = payer.parts();
        if (amount > thisYear + earlierYears) {
            revert IERC20Errors.ERC20InsufficientBalance(from, thisYear + earlierYears, amount);
        }
        if (from == to) return;
        if (amount < earlierYears) earlierYears = amount;
        thisYear = amount - earlierYears;
        series.accounts[from].word = payer.debited(thisYear, earlierYears);
        series.accounts[to].word = receiver.credited(thisYear, earlierYears);
    }

    // ------------------------------------------------------- ASKING PREDECESSORS

    /// @notice True if a sale that this series does not know was paid to a predecessor, or voided there.
    function isUsedBefore(address merchant, uint256 sale) public view returns (bool) {
        if (!_mayBeOfPredecessor(SaleRecords.dayOf(sale))) return false;
        IMunicipalPoint predecessor = IMunicipalPoint(IMunicipalPoint(address(this)).predecessor());
        (IMunicipalPoint.SaleState state,) = predecessor.saleOf(merchant, sale);
        return state != IMunicipalPoint.SaleState.Unused;
    }

    /// @dev Of later days' sales none was paid before this series opened. One that took over from nobody has no such day.
    function _mayBeOfPredecessor(uint256 day) private view returns (bool) {
        return day <= SeriesStorage.series().migration.lastSaleDay && day != 0;
    }

    // --------------------------------------------------------------- REFUSALS

    /// @notice Reverts with the reason in full why a payment is not made.
    /// @param terms_ see PaymentTerms.
    function refuse(IMunicipalPoint.PaymentIssue issue, address merchant, uint256 terms_, uint256 payableDays)
        external
        view
    {
        PaymentTerms terms = PaymentTerms.wrap(terms_);
        address payer = terms.payer();
        if (issue == IMunicipalPoint.PaymentIssue.AmountOutOfRange) {
            revert IMunicipalPoint.PointSaleAmount(ExpiringLots.MAX_LOT_POINTS);
        }
        if (issue == IMunicipalPoint.PaymentIssue.Expired) {
            revert IMunicipalPoint.PointPaymentExpired(payer, terms.validUntil());
        }
        if (issue == IMunicipalPoint.PaymentIssue.WrongSignature) {
            revert IMunicipalPoint.PointWrongSignature(payer);
        }
        if (issue == IMunicipalPoint.PaymentIssue.PayerStopped) {
            if (SeriesStorage.series().accounts[payer].word.isMerchant()) {
                revert IMunicipalPoint.PointPayerIsMerchant(payer);
            }
            revert IMunicipalPoint.PointAccountFrozen(payer);
        }
        if (issue == IMunicipalPoint.PaymentIssue.NotEnoughPoints) {
            uint256 balance = IMunicipalPoint(address(this)).balanceOf(payer);
            revert IERC20Errors.ERC20InsufficientBalance(payer, balance, terms.amount());
        }
        _refuseNumber(issue, merchant, terms.sale(), payableDays);
    }

    function _refuseNumber(
        IMunicipalPoint.PaymentIssue issue,
        address merchant,
        uint256 sale,
        uint256 payableDays
    ) private view {
        if (issue == IMunicipalPoint.PaymentIssue.DayOutOfRange) {
            uint256 today = JapanCalendar.dayOf(block.timestamp);
            revert IMunicipalPoint.PointSaleDay(sale, today - payableDays, today);
        }
        revert IMunicipalPoint.PointSaleUsed(merchant, sale);
    }

    // ------------------------------------------------------------------ VIEWS

    /// @notice See IMunicipalPoint.saleOf.
    function saleOf(address merchant, uint256 sale)
        external
        view
        returns (IMunicipalPoint.SaleState state, uint256 refundedPoints)
    {
        (,, uint256 ringDays) = IMunicipalPoint(address(this)).saleDays();
        SaleRecord record = SeriesStorage.series().sales[SeriesStorage.saleKey(merchant, sale, ringDays)];
        uint256 day = SaleRecords.dayOf(sale);
        if (day == 0 || !record.isOf(day)) {
            if (!_mayBeOfPredecessor(day)) return (IMunicipalPoint.SaleState.Unused, 0);
            return IMunicipalPoint(IMunicipalPoint(address(this)).predecessor()).saleOf(merchant, sale);
        }
        if (record.isVoided()) return (IMunicipalPoint.SaleState.Voided, 0);
        return (IMunicipalPoint.SaleState.Paid, record.refunded());
    }

    /// @notice See IMunicipalPoint.issueOf.
    function issueOf(address merchant, uint256 terms_)
        external
        view
        returns (IMunicipalPoint.PaymentIssue issue)
    {
        PaymentTerms terms = PaymentTerms.wrap(terms_);
        Series storage series = SeriesStorage.series();
        (uint256 payableDays,, uint256 ringDays) = IMunicipalPoint(address(this)).saleDays();
        SaleRecord record = series.sales[SeriesStorage.saleKey(merchant, terms.sale(), ringDays)];
        issue = record.issueOf(terms, payableDays);
        if (issue == IMunicipalPoint.PaymentIssue.PredecessorUnasked) {
            if (isUsedBefore(merchant, terms.sale())) return IMunicipalPoint.PaymentIssue.SaleUsed;
        } else if (issue != IMunicipalPoint.PaymentIssue.None) {
            return issue;
        }
        if (block.timestamp > terms.validUntil()) return IMunicipalPoint.PaymentIssue.Expired;
        ExpiringLots.Account storage payer = series.accounts[terms.payer()];
        if (!payer.word.isSpendable()) return IMunicipalPoint.PaymentIssue.PayerStopped;
        uint256 month = JapanCalendar.monthOf(block.timestamp);
        if (payer.sum(month, type(uint256).max) < terms.amount()) {
            return IMunicipalPoint.PaymentIssue.NotEnoughPoints;
        }
        if (!series.accounts[merchant].word.isPayable()) {
            return IMunicipalPoint.PaymentIssue.MerchantNotActive;
        }
        if (block.timestamp < series.supply.pausedUntil(ExpiryPolicy.NEVER)) {
            return IMunicipalPoint.PaymentIssue.Paused;
        }
        if (series.isClosed()) return IMunicipalPoint.PaymentIssue.SeriesClosed;
        return IMunicipalPoint.PaymentIssue.None;
    }

    /// @notice See IMunicipalPoint.refundOf.
    function refundOf(
        address merchant,
        uint256 sale,
        address payer,
        uint256[] calldata lots,
        uint256 refundPoints
    ) external view returns (uint256 returnedPoints, uint256 unreturnablePoints) {
        Plan memory plan = _plan(merchant, sale, payer, _lots(merchant, sale, lots), refundPoints);
        return (plan.returned, plan.unreturnable);
    }
}
