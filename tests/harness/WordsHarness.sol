// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {AccountWord} from "../../contracts/libraries/AccountWord.sol";
import {MerchantClaim} from "../../contracts/libraries/MerchantClaim.sol";
import {MinterWord} from "../../contracts/libraries/MinterWord.sol";

/// @notice Words of merchants and minters by themselves, at the ends of their lanes.
contract WordsHarness {
    using MerchantClaim for AccountWord;

    /// A merchant's word of `generation` and `category`, with a claim in each of its lanes.
    function merchant(uint256 generation, uint256 category, uint256 claim)
        external
        pure
        returns (AccountWord word)
    {
        word = AccountWord.wrap(generation << 237).approved(category).credited(claim, claim)
            .withMoreLocked(claim);
    }

    function merchantParts(AccountWord word)
        external
        pure
        returns (
            bool isMerchant,
            bool isFrozen,
            uint256 generation,
            uint256 category,
            uint256 thisYear,
            uint256 earlierYears,
            uint256 locked
        )
    {
        (thisYear, earlierYears, locked) = word.parts();
        return (
            word.isMerchant(),
            word.isFrozen(),
            word.generation(),
            word.category(),
            thisYear,
            earlierYears,
            locked
        );
    }

    function nextGeneration(AccountWord word) external pure returns (AccountWord) {
        return word.withNextGeneration();
    }

    /// A minter's word with its whole allowance and counters as given.
    function minter(uint256 allowance, uint256 minted, uint256 takenBack)
        external
        pure
        returns (MinterWord word)
    {
        return MinterWord.wrap((minted << 72) | (takenBack << 191)).withAllowance(allowance);
    }

    /// After reserving and minting `amount`.
    function drawn(MinterWord word, uint256 amount, uint256 month) external pure returns (MinterWord) {
        return word.withReserve(amount, month).drawn(amount);
    }

    function minterParts(MinterWord word)
        external
        pure
        returns (
            bool isAccepted,
            uint256 allowance,
            uint256 minted,
            uint256 takenBack,
            uint256 reserved,
            uint256 month
        )
    {
        return (
            word.isAccepted(),
            word.allowance(),
            word.minted(),
            word.takenBack(),
            word.reserved(),
            word.reservedMonth()
        );
    }

    function returnable(MinterWord word, uint256 before) external pure returns (uint256) {
        return word.returnable(before);
    }

    function afterTakingBack(MinterWord word, uint256 amount) external pure returns (MinterWord) {
        return word.withTakenBack(amount);
    }
}
