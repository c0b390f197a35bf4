// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ExpiringLots, Lot} from "./ExpiringLots.sol";
import {JapanCalendar} from "./JapanCalendar.sol";
import {IMunicipalPoint} from "../../interfaces/IMunicipalPoint.sol";

/// What became of a sale, in one storage word:
///
///   bit 255 ... 240  239         238 ........ 210  209 .............. 160  159 .............................. 0
///      +------------+-----------+----------------+-----------------------+--------------------------------+
///      | day of the | paid in a | refunded       | payer and amount: 50  | hash of the payer and the lots |
///      | sale       | later year| (points)       | bits of their sum     | that paid; 0 if voided         |
///      +------------+-----------+----------------+-----------------------+--------------------------------+
///
/// The word is used again for another sale when nobody can pay or refund this one any more; the day tells whose it is.
/// Whoever refunds says who paid and from which lots, and the hash proves it: 160 bits, so that even a payer who
/// chooses their own lots cannot find a second set that fits. The 50 bits prove nothing. They tell a till that sends a
/// payment once more that this very payment has been made.
type SaleRecord is uint256;

using SaleRecords for SaleRecord global;

/// @title The parts of a sale's record
library SaleRecords {
    uint256 private constant SERIAL_BITS = 16;
    uint256 private constant HASH_MASK = (1 << 160) - 1;
    uint256 private constant TAG_SHIFT = 160;
    uint256 private constant TAG_MASK = (1 << 50) - 1;
    uint256 private constant REFUNDED_SHIFT = 210;
    uint256 private constant REFUNDED_MASK = (1 << 29) - 1;
    uint256 private constant LATER_YEAR = 1 << 239;
    uint256 private constant DAY_SHIFT = 240;

    /// @notice The day in a sale's number, counted from 1 January 2000 = 0; the 16 bits below are the serial number.
    function dayOf(uint256 sale) internal pure returns (uint256) {
        return sale >> SERIAL_BITS;
    }

    // ----------------------------------------------------------------- making

    /// @notice The record of a sale that has been paid today from one lot.
    /// @param month the current month.
    function paidFromLot(uint256 sale, uint256 today, uint256 month, address payer, uint256 amount, Lot lot)
        internal
        pure
        returns (SaleRecord)
    {
        return _paid(sale, today, month, payer, amount, keccak256(abi.encode(payer, lot)));
    }

    /// @notice The record of a sale that has been paid today from several lots, earliest first.
    /// @param month the current month.
    function paidFromLots(
        uint256 sale,
        uint256 today,
        uint256 month,
        address payer,
        uint256 amount,
        Lot[] memory lots
    ) internal pure returns (SaleRecord) {
        return _paid(sale, today, month, payer, amount, _hash(payer, lots));
    }

    function _paid(uint256 sale, uint256 today, uint256 month, address payer, uint256 amount, bytes32 hash)
        private
        pure
        returns (SaleRecord)
    {
        uint256 day = dayOf(sale);
        uint256 raw = (day << DAY_SHIFT) | (_tag(payer, amount) << TAG_SHIFT) | (uint256(hash) & HASH_MASK);
        bool laterYear = day != today
            && JapanCalendar.fiscalYearEnd(JapanCalendar.monthOfDay(day))
                != JapanCalendar.fiscalYearEnd(month);
        return SaleRecord.wrap(laterYear ? raw | LATER_YEAR : raw);
    }

    /// @notice The record of a sale number that has been used up without a payment.
    function voided(uint256 sale) internal pure returns (SaleRecord) {
        return SaleRecord.wrap(dayOf(sale) << DAY_SHIFT);
    }

    /// @notice The record with `points` more refunded; the caller has found that so many were paid and not refunded.
    function withRefund(SaleRecord record, uint256 points) internal pure returns (SaleRecord) {
        unchecked {
            return SaleRecord.wrap(SaleRecord.unwrap(record) + (points << REFUNDED_SHIFT));
        }
    }

    // ---------------------------------------------------------------- reading

    /// @notice Why a sale cannot be paid today, as far as its record and number tell.
    function issueOf(
        SaleRecord record,
        uint256 sale,
        address payer,
        uint256 amount,
        uint256 today,
        uint256 payableDays
    ) internal pure returns (IMunicipalPoint.PaymentIssue) {
        unchecked {
            if (amount - 1 >= ExpiringLots.MAX_LOT_POINTS) {
                return IMunicipalPoint.PaymentIssue.AmountOutOfRange;
            }
        }
        IMunicipalPoint.PaymentIssue issue = record.issueOfNumber(sale, today, payableDays);
        if (issue == IMunicipalPoint.PaymentIssue.SaleUsed && record.isPayment(payer, amount)) {
            return IMunicipalPoint.PaymentIssue.AlreadyPaid;
        }
        return issue;
    }

    /// @notice Why a sale number cannot be used today.
    function issueOfNumber(SaleRecord record, uint256 sale, uint256 today, uint256 payableDays)
        internal
        pure
        returns (IMunicipalPoint.PaymentIssue)
    {
        uint256 day = dayOf(sale);
        if (record.isOf(day)) return IMunicipalPoint.PaymentIssue.SaleUsed;
        if (day > today || day + payableDays < today) return IMunicipalPoint.PaymentIssue.DayOutOfRange;
        return IMunicipalPoint.PaymentIssue.None;
    }

    /// @notice True if the record is of a sale of that day, and not of an earlier one that used the word before.
    /// Day 0 lies before any series.
    function isOf(SaleRecord record, uint256 day) internal pure returns (bool) {
        return SaleRecord.unwrap(record) >> DAY_SHIFT == day;
    }

    function isVoided(SaleRecord record) internal pure returns (bool) {
        return SaleRecord.unwrap(record) & HASH_MASK == 0;
    }

    /// @notice True if this payer has paid this amount (but for one chance in 2^50).
    function isPayment(SaleRecord record, address payer, uint256 amount) internal pure returns (bool) {
        return
            !record.isVoided() && (SaleRecord.unwrap(record) >> TAG_SHIFT) & TAG_MASK == _tag(payer, amount);
    }

    /// @notice True if it was paid by this payer from these lots.
    function isPaidFrom(SaleRecord record, address payer, Lot[] memory lots) internal pure returns (bool) {
        return SaleRecord.unwrap(record) & HASH_MASK == uint256(_hash(payer, lots)) & HASH_MASK;
    }

    function isOfLaterYear(SaleRecord record) internal pure returns (bool) {
        return SaleRecord.unwrap(record) & LATER_YEAR != 0;
    }

    function refunded(SaleRecord record) internal pure returns (uint256) {
        return (SaleRecord.unwrap(record) >> REFUNDED_SHIFT) & REFUNDED_MASK;
    }

    function _hash(address payer, Lot[] memory lots) private pure returns (bytes32) {
        return keccak256(abi.encodePacked(uint256(uint160(payer)), lots));
    }

    function _tag(address payer, uint256 amount) private pure returns (uint256) {
        unchecked {
            return (uint256(uint160(payer)) + amount) & TAG_MASK;
        }
    }
}
