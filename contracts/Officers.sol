// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {AccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";
import {IOfficers} from "../interfaces/IOfficers.sol";

/// @title Officers
/// @notice Every municipality's roles in one map, on OpenZeppelin's AccessControl. See IOfficers for the powers.
contract Officers is AccessControl, IOfficers {
    /// The council's number. Its Admin role has id 0, which is AccessControl's DEFAULT_ADMIN_ROLE.
    uint256 private constant COUNCIL = 0;

    address public immutable platform;

    mapping(uint256 municipality => uint256) public adminCount;

    constructor(address council) {
        platform = msg.sender;
        _grantRole(roleId(COUNCIL, Role.Admin), council);
    }

    // --------------------------------------------------------- ADMINISTRATION

    function openMunicipality(uint256 municipality, address admin) external {
        if (msg.sender != platform) revert OfficersNotPlatform(msg.sender);
        if (isOpen(municipality)) revert OfficersAlreadyOpen(municipality);
        bytes32 adminRole = roleId(municipality, Role.Admin);
        for (uint256 role; role <= uint256(type(Role).max); ++role) {
            _setRoleAdmin(roleId(municipality, Role(role)), adminRole);
        }
        adminCount[municipality] = 1;
        super._grantRole(adminRole, admin);
        emit MunicipalityOpened(municipality, admin);
    }

    /// @dev DEFAULT_ADMIN_ROLE would rule over every role nobody else rules, so that the council could appoint officers
    /// of a municipality before it is opened: such roles cannot be granted at all.
    function _grantRole(bytes32 id, address account) internal override returns (bool granted) {
        uint256 municipality = uint256(id) >> 8;
        uint256 role = uint256(id) & 0xff;
        bool known =
            municipality == COUNCIL ? role == 0 : isOpen(municipality) && role <= uint256(type(Role).max);
        if (!known) revert OfficersUnknownRole(id);
        granted = super._grantRole(id, account);
        if (granted && role == uint256(Role.Admin)) ++adminCount[municipality];
    }

    function _revokeRole(bytes32 id, address account) internal override returns (bool revoked) {
        revoked = super._revokeRole(id, account);
        if (revoked && uint256(id) & 0xff == uint256(Role.Admin)) {
            uint256 municipality = uint256(id) >> 8;
            if (adminCount[municipality] == 1) revert OfficersLastAdmin(municipality);
            --adminCount[municipality];
        }
    }

    // ------------------------------------------------------------------ VIEWS

    function isOpen(uint256 municipality) public view returns (bool) {
        return adminCount[municipality] != 0;
    }

    function roleId(uint256 municipality, Role role) public pure returns (bytes32) {
        return bytes32((municipality << 8) | uint256(role));
    }

    function isOfficer(uint256 municipality, Role role, address account) public view returns (bool) {
        return hasRole(roleId(municipality, role), account);
    }

    function requireOfficer(uint256 municipality, Role role, address account) external view {
        if (!isOfficer(municipality, role, account)) revert OfficersMissingRole(municipality, role, account);
    }
}
