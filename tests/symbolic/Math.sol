// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Math as OpenZeppelinMath} from "../../node_modules/@openzeppelin/contracts/utils/math/Math.sol";

/// @title OpenZeppelin's Math where halmos reads the contracts
/// @notice OpenZeppelin's `min` and `max` multiply by a condition. halmos takes a product for a number that it knows nothing
/// of, so that whatever is asked of the smaller amount afterwards stays open, in both directions. Here they are branches.
/// That they are the same functions is a check of its own (MathSymbolicTest); all else is OpenZeppelin's.
library Math {
    enum Rounding {
        Floor,
        Ceil,
        Trunc,
        Expand
    }

    function min(uint256 a, uint256 b) internal pure returns (uint256) {
        return a < b ? a : b;
    }

    function max(uint256 a, uint256 b) internal pure returns (uint256) {
        return a > b ? a : b;
    }

    function trySub(uint256 a, uint256 b) internal pure returns (bool, uint256) {
        return OpenZeppelinMath.trySub(a, b);
    }

    function log2(uint256 value) internal pure returns (uint256) {
        return OpenZeppelinMath.log2(value);
    }

    function log2(uint256 value, Rounding rounding) internal pure returns (uint256) {
        return OpenZeppelinMath.log2(value, OpenZeppelinMath.Rounding(uint8(rounding)));
    }
}
