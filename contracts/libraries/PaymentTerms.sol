// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Lot} from "./ExpiringLots.sol";

/// What a payer agrees to, in one word of call data:
///
///   bit 255 ............................ 96  95 ........... 64  63 ............ 35  34 ................ 0
///      +-------------------------------------+------------------+-------------------+-------------------+
///      | payer                               | sale: day (16),  | amount (points)   | valid until (s),  |
///      |                                     | serial (16)      |                   | the last second   |
///      +-------------------------------------+------------------+-------------------+-------------------+
type PaymentTerms is uint256;

using PaymentTermsParts for PaymentTerms global;

/// @title The parts of a payment's terms
library PaymentTermsParts {
    /// What a payer signs (EIP-712).
    bytes32 private constant PAYMENT_TYPE = keccak256(
        "Payment(address payer,address merchant,uint256 sale,uint256 amountPoints,uint256 validUntil,uint256 cancelEpoch)"
    );

    uint256 private constant PAYER_SHIFT = 96;
    uint256 private constant SALE_SHIFT = 64;
    uint256 private constant SALE_MASK = 0xffffffff;
    uint256 private constant AMOUNT_SHIFT = 35;
    uint256 private constant AMOUNT_MASK = 0x1fffffff;
    uint256 private constant VALID_UNTIL_MASK = 0x7ffffffff;

    /// @notice Packs terms. If amount or sale does not fit its field, both are 0, which is never payable; a time that does not
    /// fit is the latest that does.
    function pack(address payer_, uint256 sale_, uint256 amount_, uint256 validUntil_)
        internal
        pure
        returns (PaymentTerms)
    {
        if (sale_ > SALE_MASK || amount_ > AMOUNT_MASK) (sale_, amount_) = (0, 0);
        if (validUntil_ > VALID_UNTIL_MASK) validUntil_ = VALID_UNTIL_MASK;
        return PaymentTerms.wrap(
            (uint256(uint160(payer_)) << PAYER_SHIFT) | (sale_ << SALE_SHIFT) | (amount_ << AMOUNT_SHIFT)
                | validUntil_
        );
    }

    /// @notice Payer and sale as in the terms, and a lot that paid in place of amount and time (its month 39 .. 29, its
    /// amount 28 .. 0): what the event SalePaid tells.
    function withLot(PaymentTerms terms, Lot lot) internal pure returns (uint256) {
        return (PaymentTerms.unwrap(terms) >> SALE_SHIFT << SALE_SHIFT) | Lot.unwrap(lot);
    }

    function payer(PaymentTerms terms) internal pure returns (address) {
        return address(uint160(PaymentTerms.unwrap(terms) >> PAYER_SHIFT));
    }

    function sale(PaymentTerms terms) internal pure returns (uint256) {
        return (PaymentTerms.unwrap(terms) >> SALE_SHIFT) & SALE_MASK;
    }

    function amount(PaymentTerms terms) internal pure returns (uint256) {
        return (PaymentTerms.unwrap(terms) >> AMOUNT_SHIFT) & AMOUNT_MASK;
    }

    function validUntil(PaymentTerms terms) internal pure returns (uint256) {
        return PaymentTerms.unwrap(terms) & VALID_UNTIL_MASK;
    }

    /// @notice The EIP-712 hash of these terms as a Payment to `merchant`.
    function structHash(PaymentTerms terms, address merchant, uint256 cancelEpoch)
        internal
        pure
        returns (bytes32 hash)
    {
        bytes32 paymentType = PAYMENT_TYPE;
        // keccak256(abi.encode(paymentType, payer, merchant, sale, amount, validUntil, cancelEpoch)): encoding it in
        // Solidity takes three times as much, 2 % of a payment.
        assembly ("memory-safe") {
            let data := mload(0x40)
            mstore(data, paymentType)
            mstore(add(data, 0x20), shr(PAYER_SHIFT, terms))
            mstore(add(data, 0x40), merchant)
            mstore(add(data, 0x60), and(shr(SALE_SHIFT, terms), SALE_MASK))
            mstore(add(data, 0x80), and(shr(AMOUNT_SHIFT, terms), AMOUNT_MASK))
            mstore(add(data, 0xa0), and(terms, VALID_UNTIL_MASK))
            mstore(add(data, 0xc0), cancelEpoch)
            hash := keccak256(data, 0xe0)
        }
    }
}
