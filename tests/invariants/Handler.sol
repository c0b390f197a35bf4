// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IMunicipalPoint} from "../../interfaces/IMunicipalPoint.sol";
import {MigrationActions} from "./MigrationActions.sol";

/// @title All actions on one platform, for forge to play in any order
/// @notice An action is an external function that takes luck. None reverts, whatever the contracts answer: what it cannot
/// enter into the books is a fault.
contract Handler is MigrationActions {
    constructor() {
        _build();
        for (uint256 town; town < TOWNS; ++town) {
            for (uint256 i; i < 3; ++i) {
                _track(town, _person(0x900 + i)); // hold points without being anybody's
                _join(town);
            }
        }
    }

    function _enter(uint256 town, address target, bytes memory data) internal override {
        if (town == COUNCIL || target != address(series[town])) return;
        if (bytes4(data) != IMunicipalPoint.increaseMinterAllowance.selector) return;
        (address minter, uint256 points) = _minterAndPoints(data);
        allowed[town][minter] += points;
    }

    function _minterAndPoints(bytes memory data) private pure returns (address minter, uint256 points) {
        assembly ("memory-safe") {
            minter := mload(add(data, 36))
            points := mload(add(data, 68))
        }
    }

    /// @notice How many places there are; the council's has no series.
    function places() external view returns (uint256) {
        return series.length;
    }

    /// @notice The place of the series that this one was closed for, or will be; 0 if none was made.
    function successorOf(uint256 town) external view returns (uint256) {
        return next[town];
    }

    function verbsOf() external view returns (bytes32[] memory) {
        return verbs;
    }
}
