// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Math as OpenZeppelinMath} from "../../node_modules/@openzeppelin/contracts/utils/math/Math.sol";

/// @title OpenZeppelin's Math where halmos reads the contracts
/// @notice OpenZeppelin's `min` is a product of a number and a condition. halmos takes a product for a number that it knows
/// nothing of, so that whatever is asked of the smaller amount afterwards stays open, in both directions. Here it is a
/// branch. That the two are one function is a check of its own (MathSymbolicTest); all else is OpenZeppelin's.
library Math {
    function min(uint256 a, uint256 b) internal pure returns (uint256) {
        return a < b ? a : b;
    }

    function log2(uint256 value) internal pure returns (uint256) {
        return OpenZeppelinMath.log2(value);
    }
}
