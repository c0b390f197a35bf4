// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// One storage word for each account: all that a payment needs to know of it.
///
///   bit  255      254       253     252           251 ......................................................... 0
///       +--------+---------+-------+-------------+------------------------------------------------------------+
///       |merchant| replaced| frozen| more lots   | resident: six lots, 42 bits each, the earliest lowest       |
///       |        |         |       | (resident)  | merchant: standing, category and claim                      |
///       +--------+---------+-------+-------------+------------------------------------------------------------+
///
/// The lots of a resident are drawn in ExpiringLots, the claim of a merchant in MerchantClaim.
type AccountWord is uint256;

using AccountFlags for AccountWord global;

/// @title The flags that residents' and merchants' account words share
library AccountFlags {
    uint256 internal constant MERCHANT = 1 << 255;
    uint256 internal constant REPLACED = 1 << 254;
    uint256 internal constant FROZEN = 1 << 253;
    uint256 internal constant MORE_LOTS = 1 << 252;

    /// All below the flags.
    uint256 internal constant BODY = (1 << 252) - 1;

    function isMerchant(AccountWord word) internal pure returns (bool) {
        return AccountWord.unwrap(word) & MERCHANT != 0;
    }

    /// @notice True for a resident's account that is not frozen.
    function isSpendable(AccountWord word) internal pure returns (bool) {
        return AccountWord.unwrap(word) < FROZEN;
    }

    /// @notice True if nothing may leave or enter the account.
    function isFrozen(AccountWord word) internal pure returns (bool) {
        return AccountWord.unwrap(word) & (FROZEN | REPLACED) != 0;
    }
}
