// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {GrantList} from "../../contracts/libraries/GrantList.sol";

/// @notice Lets tests call GrantList.
contract GrantListHarness {
    function rootOf(uint256 rows, uint256 firstLeaf, uint256[] calldata words, bytes32[] calldata siblings)
        external
        pure
        returns (bytes32)
    {
        return GrantList.rootOf(rows, firstLeaf, words, siblings);
    }

    function rowAt(uint256[] calldata words, uint256 i) external pure returns (uint256) {
        return GrantList.rowAt(words, i);
    }
}
