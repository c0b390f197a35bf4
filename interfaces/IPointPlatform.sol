// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IOfficers} from "./IOfficers.sol";
import {IResidentRegistry} from "./IResidentRegistry.sol";

/// @title PointPlatform: the council's registry of municipalities and their point series
/// @notice Answers two questions for everybody: which municipalities take part, and which token contracts are
/// really theirs. It holds no points and moves none.
///
/// Powers: the council (Officers code 0, role Admin) registers municipalities and series and offers services. Nothing
/// registered or offered is ever replaced or removed: a newer series is one more entry.
interface IPointPlatform {
    /// @notice 全国地方公共団体コード `municipality` takes part under `name`.
    event MunicipalityRegistered(uint256 indexed municipality, string name);

    /// @notice Municipalities may accept `service`.
    event ServiceOffered(address indexed service, string name);

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

    /// @notice The service is offered already, is a series or part of the platform, or there is no contract there.
    error PlatformInvalidService(address service);

    /// @notice The contract at `token` is none, or belongs to other officers, another registry of residents or another
    /// municipality.
    error PlatformForeignSeries(address token);

    /// @notice `token` was registered before, or is offered as a service.
    error PlatformSeriesTaken(address token);

    /// @notice Registers a municipality and opens its roles with its first officers, as its own decision names them.
    /// Council only; afterwards the council appoints nobody there, but by IOfficers.reappointAdmin.
    /// @param municipality six-digit code as a number (011002 is 11002).
    /// @param name public name, for instance 札幌市.
    function registerMunicipality(
        uint256 municipality,
        string calldata name,
        IOfficers.Appointment[] calldata officers
    ) external;

    /// @notice Offers a service to all municipalities, with the rules of its acts. Council only. Each municipality
    /// accepts it for itself.
    function offerService(address service, string calldata name, IOfficers.Act[] calldata acts) external;

    /// @notice Adds the next point series of a municipality. Council only.
    /// @return seriesNumber counted from 1 in each municipality.
    function registerSeries(uint256 municipality, address token) external returns (uint256 seriesNumber);

    /// @notice The roles of the whole platform.
    function officers() external view returns (IOfficers);

    /// @notice The memberships of the whole platform.
    function residents() external view returns (IResidentRegistry);

    /// @notice True if municipalities may accept the service.
    function isOffered(address service) external view returns (bool);

    /// @notice True if the municipality takes part.
    function isRegistered(uint256 municipality) external view returns (bool);

    /// @notice All municipalities in the order of their registration.
    function municipalities() external view returns (uint256[] memory);

    /// @notice All series of a municipality; index 0 is series 1.
    function seriesOf(uint256 municipality) external view returns (address[] memory);

    /// @notice The municipality whose registered series `token` is; 0 if it is none.
    function municipalityOf(address token) external view returns (uint256);
}
