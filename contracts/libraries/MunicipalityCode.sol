// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @title 全国地方公共団体コード, the six-digit codes of Japan's municipalities
/// @notice Checks form only: one slip in 66 still passes, so scripts look codes up in the list as well.
library MunicipalityCode {
    /// @notice True if `code` is in a prefecture from 01 to 47 and its last digit is the check digit
    /// (11 - (6a + 5b + 4c + 3d + 2e) mod 11) mod 10 of the digits abcde before it.
    function isValid(uint256 code) internal pure returns (bool) {
        uint256 prefecture = code / 10_000;
        if (prefecture == 0 || prefecture > 47) return false;
        uint256 sum;
        uint256 digits = code / 10;
        for (uint256 weight = 2; weight <= 6; ++weight) {
            sum += (digits % 10) * weight;
            digits /= 10;
        }
        return (11 - sum % 11) % 10 == code % 10;
    }
}
