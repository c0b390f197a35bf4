// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IMunicipalPoint} from "../interfaces/IMunicipalPoint.sol";
import {IOfficers} from "../interfaces/IOfficers.sol";
import {IPointPlatform} from "../interfaces/IPointPlatform.sol";
import {Officers} from "./Officers.sol";
import {MunicipalityCode} from "./libraries/MunicipalityCode.sol";

/// @title PointPlatform
/// @notice The council's registry. See IPointPlatform for what it promises.
contract PointPlatform is IPointPlatform {
    uint256 private constant COUNCIL = 0;

    IOfficers public immutable officers;

    mapping(address token => bool) public isSeries;
    mapping(uint256 municipality => address[]) private _series;
    uint256[] private _municipalities;

    modifier onlyCouncil() {
        officers.requireOfficer(COUNCIL, IOfficers.Role.Admin, msg.sender);
        _;
    }

    /// @notice Deploys the officers with it, so that the two know each other from their first block.
    /// @param council the first Admin of the council.
    constructor(address council) {
        if (council == address(0)) revert PlatformInvalidAdmin(council);
        officers = new Officers(council);
    }

    // --------------------------------------------------------- ADMINISTRATION

    function registerMunicipality(uint256 municipality, string calldata name, address admin)
        external
        onlyCouncil
    {
        if (!MunicipalityCode.isValid(municipality)) revert PlatformInvalidCode(municipality);
        if (isRegistered(municipality)) revert PlatformAlreadyRegistered(municipality);
        if (admin == address(0)) revert PlatformInvalidAdmin(admin);
        _municipalities.push(municipality);
        emit MunicipalityRegistered(municipality, name, admin);
        officers.openMunicipality(municipality, admin);
    }

    function registerSeries(uint256 municipality, address token)
        external
        onlyCouncil
        returns (uint256 seriesNumber)
    {
        if (!isRegistered(municipality)) revert PlatformNotRegistered(municipality);
        if (isSeries[token]) revert PlatformSeriesTaken(token);
        IMunicipalPoint point = IMunicipalPoint(token);
        if (token.code.length == 0 || point.municipality() != municipality || point.officers() != officers) {
            revert PlatformForeignSeries(token);
        }
        isSeries[token] = true;
        _series[municipality].push(token);
        seriesNumber = _series[municipality].length;
        emit SeriesRegistered(municipality, seriesNumber, token, point.name(), point.symbol());
    }

    // ------------------------------------------------------------------ VIEWS

    function isRegistered(uint256 municipality) public view returns (bool) {
        return municipality != COUNCIL && officers.isOpen(municipality);
    }

    function municipalities() external view returns (uint256[] memory) {
        return _municipalities;
    }

    function seriesOf(uint256 municipality) external view returns (address[] memory) {
        return _series[municipality];
    }
}
