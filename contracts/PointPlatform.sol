// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IMunicipalPoint} from "../interfaces/IMunicipalPoint.sol";
import {IOfficers} from "../interfaces/IOfficers.sol";
import {IPointPlatform} from "../interfaces/IPointPlatform.sol";
import {IResidentRegistry} from "../interfaces/IResidentRegistry.sol";
import {Officers} from "./Officers.sol";
import {ResidentRegistry} from "./ResidentRegistry.sol";
import {MunicipalityCode} from "./libraries/MunicipalityCode.sol";

/// @title PointPlatform
/// @notice The council's registry. See IPointPlatform for what it promises.
contract PointPlatform is IPointPlatform {
    uint256 private constant COUNCIL = 0;

    IOfficers public immutable officers;
    IResidentRegistry public immutable residents;

    mapping(address token => uint256) public municipalityOf;
    mapping(address service => bool) public isOffered;
    mapping(uint256 municipality => address[]) private _series;
    uint256[] private _municipalities;

    modifier onlyCouncil() {
        officers.requireOfficer(COUNCIL, IOfficers.Role.Admin, msg.sender);
        _;
    }

    /// @notice Deploys the officers and the registry of residents with it, so that the three know each other from their
    /// first block.
    /// @param council the first Admin of the council.
    constructor(address council) {
        officers = new Officers(council);
        residents = new ResidentRegistry(officers);
    }

    // --------------------------------------------------------- ADMINISTRATION

    function registerMunicipality(
        uint256 municipality,
        string calldata name,
        IOfficers.Appointment[] calldata first
    ) external onlyCouncil {
        if (!MunicipalityCode.isValid(municipality)) {
            revert PlatformInvalidCode(municipality);
        }
        if (isRegistered(municipality)) revert PlatformAlreadyRegistered(municipality);
        _municipalities.push(municipality);
        emit MunicipalityRegistered(municipality, name);
        officers.openMunicipality(municipality, first);
    }

    function offerService(address service, string calldata name, IOfficers.Act[] calldata acts)
        external
        onlyCouncil
    {
        bool ours =
            service == address(this) || service == address(officers) || service == address(residents);
        if (ours || isOffered[service] || municipalityOf[service] != 0 || service.code.length == 0) {
            revert PlatformInvalidService(service);
        }
        isOffered[service] = true;
        emit ServiceOffered(service, name);
        officers.addRules(service, acts);
    }

    function registerSeries(uint256 municipality, address token)
        external
        onlyCouncil
        returns (uint256 seriesNumber)
    {
        if (!isRegistered(municipality)) revert PlatformNotRegistered(municipality);
        if (municipalityOf[token] != 0 || isOffered[token]) revert PlatformSeriesTaken(token);
        IMunicipalPoint point = IMunicipalPoint(token);
        if (
            token.code.length == 0 || point.municipality() != municipality || point.officers() != officers
                || point.residents() != residents
        ) revert PlatformForeignSeries(token);
        municipalityOf[token] = municipality;
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
