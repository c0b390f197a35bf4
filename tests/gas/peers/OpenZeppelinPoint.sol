// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {AccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Pausable} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Pausable.sol";

/// @title The anchor of the gas figures: a point without expiry, put together from OpenZeppelin's parts
/// @notice Roles, pause and a whitelist of receivers, written the way OpenZeppelin's wizard and documentation do it.
/// It cannot do what MunicipalPoint is for: points never end and their supply is known only as a whole.
contract OpenZeppelinPoint is ERC20, ERC20Pausable, AccessControl {
    bytes32 public constant MINTER_ROLE = keccak256("MINTER_ROLE");
    bytes32 public constant PAUSER_ROLE = keccak256("PAUSER_ROLE");
    bytes32 public constant MERCHANT_OFFICER_ROLE = keccak256("MERCHANT_OFFICER_ROLE");

    mapping(address account => bool) public isMerchant;

    error NotMerchant(address account);

    constructor() ERC20("Point", "PNT") {
        _grantRole(DEFAULT_ADMIN_ROLE, msg.sender);
        _grantRole(MINTER_ROLE, msg.sender);
        _grantRole(PAUSER_ROLE, msg.sender);
        _grantRole(MERCHANT_OFFICER_ROLE, msg.sender);
    }

    function pause() external onlyRole(PAUSER_ROLE) {
        _pause();
    }

    function unpause() external onlyRole(PAUSER_ROLE) {
        _unpause();
    }

    function setMerchant(address account, bool accepted) external onlyRole(MERCHANT_OFFICER_ROLE) {
        isMerchant[account] = accepted;
    }

    function mint(address to, uint256 amount) external onlyRole(MINTER_ROLE) {
        _mint(to, amount);
    }

    function mintBatch(address[] calldata to, uint256[] calldata amounts) external onlyRole(MINTER_ROLE) {
        for (uint256 i; i < to.length; ++i) {
            _mint(to[i], amounts[i]);
        }
    }

    function decimals() public pure override returns (uint8) {
        return 0;
    }

    function _update(address from, address to, uint256 amount) internal override(ERC20, ERC20Pausable) {
        if (from != address(0) && !isMerchant[to]) revert NotMerchant(to);
        super._update(from, to, amount);
    }
}
