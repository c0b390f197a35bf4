// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";

/// @title Officers: who may do what, for the council and for every municipality
/// @notice One map of roles for the whole platform. A role id is readable: `municipality code * 256 + role`, so that
/// an auditor decodes every RoleGranted event without a table. Code 0 is the council itself (運用協議会).
///
/// Powers: an Admin of a municipality (自治体) appoints and dismisses the officers of that municipality and no other;
/// the council's Admin appoints council members. The council opens a municipality with its first Admin and from
/// then on has no power over its roles.
/// Not here: what a role may do stands in the contract that asks for it.
interface IOfficers is IAccessControl {
    /// @notice Offices of a municipality. The council (code 0) has only Admins.
    enum Role {
        Admin, // 管理者: policies, minters, officers
        ProgrammeOfficer, // 事業担当: proposes grants
        ProgrammeApprover, // 事業承認者: approves grants
        MerchantOfficer, // 加盟店担当: approves, suspends, closes merchants
        Cashier, // 出納担当
        SecondCashier, // 出納承認者
        DeskOfficer, // 窓口担当
        SecondDeskOfficer, // 窓口承認者
        Guardian // 緊急停止担当: pauses a series
    }

    /// @notice A municipality's roles now answer to its own Admins, the first of whom is `admin`.
    event MunicipalityOpened(uint256 indexed municipality, address indexed admin);

    /// @notice `account` does not hold `role` in `municipality`.
    error OfficersMissingRole(uint256 municipality, Role role, address account);

    /// @notice Only the platform's registry opens municipalities.
    error OfficersNotPlatform(address caller);

    /// @notice The municipality's roles were opened before.
    error OfficersAlreadyOpen(uint256 municipality);

    /// @notice No such municipality has been opened, or it has no such role.
    error OfficersUnknownRole(bytes32 roleId);

    /// @notice The last Admin of a municipality or of the council cannot leave: nobody could be appointed any more.
    error OfficersLastAdmin(uint256 municipality);

    /// @notice Puts the roles of `municipality` under its own Admin role and appoints the first Admin. Platform only.
    function openMunicipality(uint256 municipality, address admin) external;

    /// @notice The registry that may open municipalities.
    function platform() external view returns (address);

    /// @notice True once the municipality's roles have been opened (always true for 0, the council).
    function isOpen(uint256 municipality) external view returns (bool);

    /// @notice How many Admins the municipality has; never 0 once it is open.
    function adminCount(uint256 municipality) external view returns (uint256);

    /// @notice `municipality * 256 + role`, as the bytes32 that AccessControl uses.
    function roleId(uint256 municipality, Role role) external pure returns (bytes32);

    /// @notice True if `account` holds `role` in `municipality`.
    function isOfficer(uint256 municipality, Role role, address account) external view returns (bool);

    /// @notice Reverts with OfficersMissingRole unless `account` holds `role` in `municipality`.
    function requireOfficer(uint256 municipality, Role role, address account) external view;
}
