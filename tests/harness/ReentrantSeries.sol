// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IMunicipalPoint} from "../../interfaces/IMunicipalPoint.sol";

/// @notice A series of somebody who wants to be called twice: it says it is the municipality's, and calls whoever has it
/// mint back before it answers what it was told to.
contract ReentrantSeries {
    uint256 public immutable municipality;
    address public immutable officers;
    address public immutable residents;
    string public name = "evil";
    string public symbol = "EVIL";

    bytes private _back;
    uint256[] private _places;
    bool private _refuses;
    uint256 public calls;
    bytes public answer;

    error NotToday();

    constructor(uint256 municipality_, address officers_, address residents_) {
        (municipality, officers, residents) = (municipality_, officers_, residents_);
    }

    function callBack(bytes calldata data, uint256[] calldata places) external {
        (_back, _places) = (data, places);
    }

    function mintToResidents(uint256[] calldata, uint256, uint256)
        external
        returns (uint256[] memory places, IMunicipalPoint.MintIssue[] memory issues)
    {
        _callBack();
        issues = new IMunicipalPoint.MintIssue[](_places.length);
        for (uint256 i; i < issues.length; ++i) {
            issues[i] = IMunicipalPoint.MintIssue.AccountStopped;
        }
        return (_places, issues);
    }

    /// @notice Whether it refuses what it is told to mint, after it has called back.
    function refuse(bool refuses) external {
        _refuses = refuses;
    }

    function mintUntil(address, uint256, uint256) external {
        _callBack();
        if (_refuses) revert NotToday();
    }

    function pausedUntil() external pure returns (uint256) {
        return 0;
    }

    function frozenOf(address) external pure returns (bool, bool) {
        return (false, false);
    }

    function minterOf(address) external pure returns (uint256, uint256) {
        return (type(uint256).max, 0);
    }

    function _callBack() private {
        ++calls;
        if (_back.length == 0) return;
        bytes memory back = _back;
        delete _back;
        // solhint-disable-next-line avoid-low-level-calls
        (, answer) = msg.sender.call(back);
    }
}
