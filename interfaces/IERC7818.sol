// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @title ERC-7818, expirable ERC-20
/// @notice The functions that https://eips.ethereum.org/EIPS/eip-7818 (Final) asks for. Interface id 0x062e6408.
/// What an epoch is here, and why, stands in IMunicipalPoint.
interface IERC7818 is IERC20 {
    /// @notice What epochs are counted in.
    enum EPOCH_TYPE {
        BLOCKS_BASED,
        TIME_BASED
    }

    /// @notice `sender` asked to move tokens of an epoch that has ended.
    error ERC7818TransferredExpiredToken(address sender, uint256 epoch);

    /// @notice Tokens of `account` that end with `epoch`; 0 once that epoch has ended.
    function balanceOfAtEpoch(uint256 epoch, address account) external view returns (uint256);

    /// @notice The epoch that the latest block lies in.
    function currentEpoch() external view returns (uint256);

    /// @notice Length of the current epoch, in seconds.
    function epochLength() external view returns (uint256);

    /// @notice TIME_BASED.
    function epochType() external view returns (EPOCH_TYPE);

    /// @notice How many epochs, the current one included, tokens minted now stay valid.
    function validityDuration() external view returns (uint256);

    /// @notice True if `epoch` has ended.
    function isEpochExpired(uint256 epoch) external view returns (bool);

    /// @notice Moves `value` tokens that end with `epoch` from the caller to `to`.
    function transferAtEpoch(uint256 epoch, address to, uint256 value) external returns (bool);

    /// @notice Moves `value` tokens that end with `epoch` from `from` to `to`, out of the caller's allowance.
    function transferFromAtEpoch(uint256 epoch, address from, address to, uint256 value)
        external
        returns (bool);
}
