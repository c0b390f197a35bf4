// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Lot} from "../../contracts/libraries/ExpiringLots.sol";
import {PaymentTerms, PaymentTermsParts} from "../../contracts/libraries/PaymentTerms.sol";
import {SaleRecord, SaleRecords} from "../../contracts/libraries/SaleRecord.sol";

/// @notice SaleRecords and PaymentTermsParts, on words as they are, at the time of the latest block.
contract SaleRecordHarness {
    // ------------------------------------------------------------------ terms

    function pack(address payer, uint256 sale, uint256 amount, uint256 validUntil)
        external
        pure
        returns (uint256)
    {
        return PaymentTerms.unwrap(PaymentTermsParts.pack(payer, sale, amount, validUntil));
    }

    function unpack(uint256 terms) external pure returns (address, uint256, uint256, uint256) {
        PaymentTerms parts = PaymentTerms.wrap(terms);
        return (parts.payer(), parts.sale(), parts.amount(), parts.validUntil());
    }

    // ----------------------------------------------------------------- record

    function paidFromLot(uint256 terms, uint256 lot) external view returns (uint256) {
        return SaleRecord.unwrap(SaleRecords.paidFromLot(PaymentTerms.wrap(terms), Lot.wrap(lot)));
    }

    function paidFromLots(uint256 terms, uint256[] calldata lots) external view returns (uint256) {
        return SaleRecord.unwrap(SaleRecords.paidFromLots(PaymentTerms.wrap(terms), _lots(lots)));
    }

    function voided(uint256 sale) external pure returns (uint256) {
        return SaleRecord.unwrap(SaleRecords.voided(sale));
    }

    function withRefund(uint256 record, uint256 points) external pure returns (uint256) {
        return SaleRecord.unwrap(SaleRecord.wrap(record).withRefund(points));
    }

    function issueOf(uint256 record, uint256 terms, uint256 payableDays) external view returns (uint256) {
        return uint256(SaleRecord.wrap(record).issueOf(PaymentTerms.wrap(terms), payableDays));
    }

    function isPaidFrom(uint256 record, address payer, uint256[] calldata lots) external pure returns (bool) {
        return SaleRecord.wrap(record).isPaidFrom(payer, _lots(lots));
    }

    function isOf(uint256 record, uint256 day) external pure returns (bool) {
        return SaleRecord.wrap(record).isOf(day);
    }

    function read(uint256 record)
        external
        pure
        returns (bool isVoided, bool isOfLaterYear, uint256 refunded)
    {
        SaleRecord word = SaleRecord.wrap(record);
        return (word.isVoided(), word.isOfLaterYear(), word.refunded());
    }

    function _lots(uint256[] calldata raw) private pure returns (Lot[] memory lots) {
        lots = new Lot[](raw.length);
        for (uint256 i; i < raw.length; ++i) {
            lots[i] = Lot.wrap(raw[i]);
        }
    }
}
