// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {MunicipalityCode} from "../../contracts/libraries/MunicipalityCode.sol";

/// @notice MunicipalityCode for many codes at once.
contract MunicipalityCodeHarness {
    function areValid(uint256[] calldata codes) external pure returns (bool[] memory valid) {
        valid = new bool[](codes.length);
        for (uint256 i; i < codes.length; ++i) {
            valid[i] = MunicipalityCode.isValid(codes[i]);
        }
    }
}
