// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Lot} from "./ExpiringLots.sol";
import {JapanCalendar} from "./JapanCalendar.sol";
import {PaymentTerms} from "./PaymentTerms.sol";
import {IMunicipalPoint} from "../../interfaces/IMunicipalPoint.sol";

/// What became of a sale, in one storage word:
///
///   bit 255 ... 240  239         238 ...... 210  209      208 ............................................. 0
///      +------------+-----------+--------------+--------+----------------------------------------------------+
///      | day of the | paid in a | refunded     | 1 lot  | one lot: payer (199 .. 40), lot (39 .. 0)          |
///      | sale       | later year| (points)     | or not | several: sum of payer and amount (208 .. 160), hash |
///      |            |           |              |        | of payer and lots (159 .. 0); voided: 0            |
///      +------------+-----------+--------------+--------+----------------------------------------------------+
///
/// The word is used again for another sale when nobody can pay or refund this one any more; the day tells whose it is.
/// Most payments come from one lot, and the word says so in plain. Whoever refunds one of several lots says which they
/// were, and the hash proves it: 160 bits, so that even a payer who chooses their own lots cannot find a second set that
/// fits. The 49 bits of the sum prove nothing; they tell a till that sends a payment once more that it has been made.
type SaleRecord is uint256;

using SaleRecords for SaleRecord global;

/// @title The parts of a sale's record
library SaleRecords {
    uint256 private constant SERIAL_BITS = 16;
    uint256 private constant BODY_MASK = (1 << 210) - 1;
    uint256 private constant ONE_LOT = 1 << 209;
    uint256 private constant PAYER_SHIFT = 40;
    uint256 private constant LOT_MASK = (1 << 40) - 1;
    uint256 private constant SUM_SHIFT = 160;
    uint256 private constant SUM_MASK = (1 << 49) - 1;
    uint256 private constant HASH_MASK = (1 << 160) - 1;
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
    function paidFromLot(PaymentTerms terms, Lot lot) internal view returns (SaleRecord) {
        return _paid(terms, _oneLot(terms.payer(), lot));
    }

    /// @notice The record of a sale that has been paid today from several lots, earliest first.
    function paidFromLots(PaymentTerms terms, Lot[] memory lots) internal view returns (SaleRecord) {
        if (lots.length == 1) return paidFromLot(terms, lots[0]);
        return _paid(terms, (_sum(terms) << SUM_SHIFT) | _hash(terms.payer(), lots));
    }

    function _paid(PaymentTerms terms, uint256 body) private view returns (SaleRecord) {
        uint256 day = dayOf(terms.sale());
        uint256 today = JapanCalendar.dayOf(block.timestamp);
        if (day != today && _fiscalYearOf(day) != _fiscalYearOf(today)) body |= LATER_YEAR;
        return SaleRecord.wrap((day << DAY_SHIFT) | body);
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

    /// @notice Why a payment cannot be made today, as far as the sale's record and number tell. PredecessorUnasked: as far as
    /// this series knows it can; the sale's word is new, so that a predecessor may know better.
    function issueOf(SaleRecord record, PaymentTerms terms, uint256 payableDays)
        internal
        view
        returns (IMunicipalPoint.PaymentIssue)
    {
        unchecked {
            uint256 day = dayOf(terms.sale());
            uint256 recordDay = SaleRecord.unwrap(record) >> DAY_SHIFT;
            // 0 of any: no amount, a word that is new, a number that is used. One product, so that the usual payment pays
            // for one question; of 29, 16 and 16 bits.
            if (terms.amount() * recordDay * (recordDay ^ day) == 0) {
                if (recordDay != 0 || terms.amount() == 0) {
                    return _unusualIssueOf(record, terms, payableDays);
                }
                if (JapanCalendar.dayOf(block.timestamp) - day <= payableDays) {
                    return IMunicipalPoint.PaymentIssue.PredecessorUnasked;
                }
                return IMunicipalPoint.PaymentIssue.DayOutOfRange;
            }
            // A day that is to come makes a difference larger than any number of days.
            if (JapanCalendar.dayOf(block.timestamp) - day > payableDays) {
                return IMunicipalPoint.PaymentIssue.DayOutOfRange;
            }
            return IMunicipalPoint.PaymentIssue.None;
        }
    }

    function _unusualIssueOf(SaleRecord record, PaymentTerms terms, uint256 payableDays)
        private
        view
        returns (IMunicipalPoint.PaymentIssue issue)
    {
        if (terms.amount() == 0) return IMunicipalPoint.PaymentIssue.AmountOutOfRange;
        issue = record.issueOfNumber(terms.sale(), payableDays);
        if (issue == IMunicipalPoint.PaymentIssue.SaleUsed && record.isPayment(terms)) {
            return IMunicipalPoint.PaymentIssue.AlreadyPaid;
        }
    }

    /// @notice Why a sale number cannot be used today; of a new word see `issueOf`.
    function issueOfNumber(SaleRecord record, uint256 sale, uint256 payableDays)
        internal
        view
        returns (IMunicipalPoint.PaymentIssue)
    {
        unchecked {
            uint256 day = dayOf(sale);
            if (day != 0 && record.isOf(day)) return IMunicipalPoint.PaymentIssue.SaleUsed;
            if (JapanCalendar.dayOf(block.timestamp) - day > payableDays) {
                return IMunicipalPoint.PaymentIssue.DayOutOfRange;
            }
            bool isNew = SaleRecord.unwrap(record) == 0;
            return isNew ? IMunicipalPoint.PaymentIssue.PredecessorUnasked : IMunicipalPoint.PaymentIssue.None;
        }
    }

    /// @notice True if the record is of a sale of that day, and not of an earlier one that used the word before.
    /// A word that was never written reads as of day 0, which lies before any series.
    function isOf(SaleRecord record, uint256 day) internal pure returns (bool) {
        return SaleRecord.unwrap(record) >> DAY_SHIFT == day;
    }

    function isVoided(SaleRecord record) internal pure returns (bool) {
        return SaleRecord.unwrap(record) & BODY_MASK == 0;
    }

    /// @notice True if this payer has paid this amount; of several lots, but for one chance in 2^49.
    function isPayment(SaleRecord record, PaymentTerms terms) internal pure returns (bool) {
        uint256 body = SaleRecord.unwrap(record) & BODY_MASK;
        if (body & ONE_LOT == 0) return body != 0 && body >> SUM_SHIFT == _sum(terms);
        Lot lot = Lot.wrap(body & LOT_MASK);
        return body == _oneLot(terms.payer(), lot) && lot.amountOf() == terms.amount();
    }

    /// @notice True if it was paid by this payer from these lots.
    function isPaidFrom(SaleRecord record, address payer, Lot[] memory lots) internal pure returns (bool) {
        uint256 body = SaleRecord.unwrap(record) & BODY_MASK;
        if (lots.length == 1) return body == _oneLot(payer, lots[0]);
        return body & ONE_LOT == 0 && body & HASH_MASK == _hash(payer, lots);
    }

    function isOfLaterYear(SaleRecord record) internal pure returns (bool) {
        return SaleRecord.unwrap(record) & LATER_YEAR != 0;
    }

    function refunded(SaleRecord record) internal pure returns (uint256) {
        return (SaleRecord.unwrap(record) >> REFUNDED_SHIFT) & REFUNDED_MASK;
    }

    function _oneLot(address payer, Lot lot) private pure returns (uint256) {
        return ONE_LOT | (uint256(uint160(payer)) << PAYER_SHIFT) | Lot.unwrap(lot);
    }

    function _hash(address payer, Lot[] memory lots) private pure returns (uint256) {
        return uint256(keccak256(abi.encodePacked(uint256(uint160(payer)), lots))) & HASH_MASK;
    }

    function _sum(PaymentTerms terms) private pure returns (uint256) {
        unchecked {
            return (uint256(uint160(terms.payer())) + terms.amount()) & SUM_MASK;
        }
    }

    function _fiscalYearOf(uint256 day) private pure returns (uint256) {
        return JapanCalendar.fiscalYearEnd(JapanCalendar.monthOfDay(day));
    }
}
