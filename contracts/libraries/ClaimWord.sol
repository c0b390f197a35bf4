// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// A part of a merchant's claim that goes through settlement, in one word:
///
///   bit 255 ....... 96  95 ............ 48  47 ........... 0
///      +---------------+-------------------+----------------+
///      | merchant      | of earlier years  | of this year   |
///      +---------------+-------------------+----------------+
///
/// "This year" is the fiscal year in which the word is used. 48 bits are 281 trillion points; a larger claim is settled
/// in several steps.
type ClaimWord is uint256;

using ClaimWords for ClaimWord global;

/// @title The parts of a claim word
library ClaimWords {
    uint256 private constant POINTS_MASK = (1 << 48) - 1;
    uint256 private constant EARLIER_SHIFT = 48;
    uint256 private constant MERCHANT_SHIFT = 96;

    function pack(address merchant_, uint256 thisYear_, uint256 earlierYears_)
        internal
        pure
        returns (ClaimWord)
    {
        return ClaimWord.wrap(
            (uint256(uint160(merchant_)) << MERCHANT_SHIFT) | (earlierYears_ << EARLIER_SHIFT) | thisYear_
        );
    }

    function merchant(ClaimWord claim) internal pure returns (address) {
        return address(uint160(ClaimWord.unwrap(claim) >> MERCHANT_SHIFT));
    }

    function thisYear(ClaimWord claim) internal pure returns (uint256) {
        return ClaimWord.unwrap(claim) & POINTS_MASK;
    }

    function earlierYears(ClaimWord claim) internal pure returns (uint256) {
        return (ClaimWord.unwrap(claim) >> EARLIER_SHIFT) & POINTS_MASK;
    }

    /// @notice Both parts.
    function points(ClaimWord claim) internal pure returns (uint256) {
        return thisYear(claim) + earlierYears(claim);
    }

    /// @notice The claim when a fiscal year has ended since: what was of this year is of an earlier one. Both parts together
    /// have to be less than 2^48 (MerchantSettlement takes no larger ones), or they would run into the merchant.
    function aged(ClaimWord claim) internal pure returns (ClaimWord) {
        return pack(merchant(claim), 0, points(claim));
    }
}
