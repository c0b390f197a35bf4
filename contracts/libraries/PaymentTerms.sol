// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

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
    uint256 private constant PAYER_SHIFT = 96;
    uint256 private constant SALE_SHIFT = 64;
    uint256 private constant SALE_MASK = (1 << 32) - 1;
    uint256 private constant AMOUNT_SHIFT = 35;
    uint256 private constant AMOUNT_MASK = (1 << 29) - 1;
    uint256 private constant VALID_UNTIL_MASK = (1 << 35) - 1;

    /// @notice Packs terms. What does not fit its field is made to fit none: amount and sale to 0, which are never payable.
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
}
