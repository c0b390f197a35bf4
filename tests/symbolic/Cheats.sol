// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @notice What the checks use of halmos' own cheat codes.
interface Svm {
    /// @notice Any number of so many bits. Unlike an argument of a check that is assumed to be small, its upper bits are
    /// known to be 0, and words put together of such numbers come apart again without the solver.
    function createUint(uint256 bits, string calldata name) external pure returns (uint256);
    function createAddress(string calldata name) external pure returns (address);
    function createBytes32(string calldata name) external pure returns (bytes32);

    /// @notice Any call data of any function of the contract of this name that changes state.
    function createCalldata(string calldata contractName) external pure returns (bytes memory);
}

/// @notice What the checks use of forge's cheat codes, which halmos has too.
interface Vm {
    function assume(bool condition) external pure;
    function prank(address sender) external;
    function startPrank(address sender) external;
    function stopPrank() external;
    function warp(uint256 timestamp) external;
}

/// @notice Where the two answer.
abstract contract Cheats {
    Svm internal constant SVM = Svm(address(uint160(uint256(keccak256("svm cheat code")))));
    Vm internal constant VM = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
}
