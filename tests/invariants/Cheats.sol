// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @notice What these tests use of forge's cheat codes.
interface Cheats {
    function warp(uint256 timestamp) external;

    function prank(address sender) external;

    function addr(uint256 privateKey) external pure returns (address);

    /// @notice A compact signature (EIP-2098).
    function signCompact(uint256 privateKey, bytes32 digest) external pure returns (bytes32 r, bytes32 vs);

    function envOr(string calldata name, string calldata otherwise) external view returns (string memory);

    function writeLine(string calldata path, string calldata line) external;

    function toString(uint256 value) external pure returns (string memory);

    function toString(bytes calldata value) external pure returns (string memory);
}

Cheats constant vm = Cheats(0x7109709ECfa91a80626fF3989D68f67F5b1DD12D);
