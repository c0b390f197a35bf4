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
    uint256 public calls;
    bytes public answer;

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
        ++calls;
        if (_back.length != 0) {
            bytes memory back = _back;
            delete _back;
            // solhint-disable-next-line avoid-low-level-calls
            (, answer) = msg.sender.call(back);
        }
        issues = new IMunicipalPoint.MintIssue[](_places.length);
        for (uint256 i; i < issues.length; ++i) {
            issues[i] = IMunicipalPoint.MintIssue.AccountStopped;
        }
        return (_places, issues);
    }
}
