// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// One storage word for each account: all that a payment needs to know of it.
///
///   bit  255      254       253     252         251 ....... 240  239 ......................................... 0
///       +--------+---------+-------+-----------+---------------+--------------------------------------------+
///       |merchant| replaced| frozen| more lots | cancel epoch  | six lots, 40 bits each, the earliest lowest |
///       |  0     |         |       |           | (12 bits)     |                                             |
///       +--------+---------+-------+-----------+---------------+--------------------------------------------+
///       |  1     |         |       | generation of the owner, standing, category and claim                   |
///       +--------+---------+-------+---------------------------------------------------------------------------+
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

    /// The lots of a resident.
    uint256 internal constant LOTS = (1 << 240) - 1;

    /// How often a resident can cancel signatures: 4,095 times; after that a new account is due.
    uint256 internal constant MAX_CANCEL_EPOCH = (1 << 12) - 1;

    uint256 private constant CANCEL_EPOCH_SHIFT = 240;

    function isMerchant(AccountWord word) internal pure returns (bool) {
        return AccountWord.unwrap(word) & MERCHANT != 0;
    }

    /// @notice True for a resident's account that is neither frozen nor blocked.
    function isSpendable(AccountWord word) internal pure returns (bool) {
        return AccountWord.unwrap(word) < FROZEN;
    }

    /// @notice True if nothing may leave or enter the account.
    function isFrozen(AccountWord word) internal pure returns (bool) {
        return AccountWord.unwrap(word) & (FROZEN | REPLACED) != 0;
    }

    /// @notice True if an officer has frozen the account.
    function isFrozenByOfficer(AccountWord word) internal pure returns (bool) {
        return AccountWord.unwrap(word) & FROZEN != 0;
    }

    /// @notice True if the account is blocked: the registry of residents said so when it was asked last.
    function isReplaced(AccountWord word) internal pure returns (bool) {
        return AccountWord.unwrap(word) & REPLACED != 0;
    }

    /// @notice True if a resident's word holds lots, here or elsewhere, ended or not.
    function holdsLots(AccountWord word) internal pure returns (bool) {
        return AccountWord.unwrap(word) & (LOTS | MORE_LOTS) != 0;
    }

    /// @notice The word with one of the flags on or off.
    function withFlag(AccountWord word, uint256 flag, bool on) internal pure returns (AccountWord) {
        uint256 raw = AccountWord.unwrap(word);
        return AccountWord.wrap(on ? raw | flag : raw & ~flag);
    }

    /// @notice How often a resident has cancelled all signatures given before.
    function cancelEpoch(AccountWord word) internal pure returns (uint256) {
        return (AccountWord.unwrap(word) >> CANCEL_EPOCH_SHIFT) & MAX_CANCEL_EPOCH;
    }

    /// @notice The word with the next cancel epoch, which must not be past the last.
    function withNextCancelEpoch(AccountWord word) internal pure returns (AccountWord) {
        unchecked {
            return AccountWord.wrap(AccountWord.unwrap(word) + (1 << CANCEL_EPOCH_SHIFT));
        }
    }
}
