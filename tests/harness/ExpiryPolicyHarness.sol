// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IMunicipalPoint} from "../../interfaces/IMunicipalPoint.sol";
import {ExpiryPolicy} from "../../contracts/libraries/ExpiryPolicy.sol";

/// @notice ExpiryPolicy for many months at once.
contract ExpiryPolicyHarness {
    uint256 public constant NEVER = ExpiryPolicy.NEVER;
    uint256 public constant MAX_TERM_MONTHS = ExpiryPolicy.MAX_TERM_MONTHS;

    function expiryMonths(IMunicipalPoint.ExpiryRule rule, uint256 months, uint256 first, uint256 count)
        external
        pure
        returns (uint256[] memory expiries)
    {
        expiries = new uint256[](count);
        for (uint256 i; i < count; ++i) {
            expiries[i] = ExpiryPolicy.expiryMonth(rule, months, first + i);
        }
    }

    function requireInRange(uint256 expiry, uint256 month) external pure {
        ExpiryPolicy.requireInRange(expiry, month);
    }
}
