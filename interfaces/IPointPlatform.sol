// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IOfficers} from "./IOfficers.sol";

/// @title PointPlatform: the council's registry of municipalities and their point series
/// @notice Answers two questions for everybody: which municipalities take part, and which token contracts are
/// really theirs. It holds no points and moves none.
///
/// Powers: the council (Officers code 0, role Admin) registers municipalities and series. Nothing registered is
/// ever replaced or removed: a newer series is one more entry.
interface IPointPlatform {
    /// @notice 全国地方公共団体コード `municipality` takes part under `name`; its first Admin is `admin`.
    event MunicipalityRegistered(uint256 indexed municipality, string name, address indexed admin);

    /// @notice `token` is point series `seriesNumber` (from 1) of `municipality`.
    event SeriesRegistered(
        uint256 indexed municipality,
        uint256 indexed seriesNumber,
        address indexed token,
        string name,
        string symbol
    );

    /// @notice The six digits fail the check digit or name no prefecture from 01 to 47.
    error PlatformInvalidCode(uint256 municipality);

    /// @notice The municipality is registered already.
    error PlatformAlreadyRegistered(uint256 municipality);

    /// @notice The municipality is not registered.
    error PlatformNotRegistered(uint256 municipality);

    /// @notice A municipality needs an Admin that is not the zero address.
    error PlatformInvalidAdmin(address admin);

    /// @notice The contract at `token` is none, or belongs to other officers or another municipality.
    error PlatformForeignSeries(address token);

    /// @notice `token` was registered before.
    error PlatformSeriesTaken(address token);

    /// @notice Registers a municipality and opens its roles with one Admin. Council only.
    /// @param municipality six-digit code as a number (011002 is 11002).
    /// @param name public name, for instance 札幌市.
    function registerMunicipality(uint256 municipality, string calldata name, address admin) external;

    /// @notice Adds the next point series of a municipality. Council only.
    /// @return seriesNumber counted from 1 in each municipality.
    function registerSeries(uint256 municipality, address token) external returns (uint256 seriesNumber);

    /// @notice The roles of the whole platform.
    function officers() external view returns (IOfficers);

    /// @notice True if the municipality takes part.
    function isRegistered(uint256 municipality) external view returns (bool);

    /// @notice All municipalities in the order of their registration.
    function municipalities() external view returns (uint256[] memory);

    /// @notice All series of a municipality; index 0 is series 1.
    function seriesOf(uint256 municipality) external view returns (address[] memory);

    /// @notice True if `token` is a registered series of any municipality.
    function isSeries(address token) external view returns (bool);
}
