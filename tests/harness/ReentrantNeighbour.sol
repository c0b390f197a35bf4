// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IMunicipalPoint} from "../../interfaces/IMunicipalPoint.sol";

/// @notice The series before or after another one, of somebody who wants to be called twice: whatever of a migration it is
/// asked for, it calls back first, once, and then answers as it was told to.
contract ReentrantNeighbour {
    uint256 public immutable municipality;
    address public immutable officers;
    address public immutable residents;
    address public immutable predecessor;
    string public name = "evil";
    string public symbol = "EVIL";

    address private _target;
    bytes[] private _back;
    IMunicipalPoint.CarriedAccount private _hands;
    uint256 public calls;
    bool[] public succeeded;

    constructor(uint256 municipality_, address officers_, address residents_, address predecessor_) {
        (municipality, officers, residents) = (municipality_, officers_, residents_);
        predecessor = predecessor_;
    }

    function callBack(address target, bytes[] calldata back) external {
        delete _back;
        _target = target;
        for (uint256 i; i < back.length; ++i) {
            _back.push(back[i]);
        }
    }

    /// @notice Calls another contract in its own name.
    function forward(address target, bytes calldata data) external {
        // solhint-disable-next-line avoid-low-level-calls
        (bool success, bytes memory answer) = target.call(data);
        if (success) return;
        assembly ("memory-safe") {
            revert(add(answer, 32), mload(answer))
        }
    }

    /// @notice What it hands over of every account: a lot, or a shop's claim.
    function handOver(uint256 lot, address owner, uint256 claimPoints) external {
        delete _hands;
        if (lot != 0) _hands.lots.push(lot);
        _hands.isMerchant = owner != address(0);
        _hands.owner = owner;
        _hands.thisYearPoints = claimPoints;
    }

    // ----------------------------------------------------- as the series after

    function saleDays() external pure returns (uint256, uint256, uint256) {
        return (1, 1, 100);
    }

    function openAfterPredecessor() external {
        _callBack();
    }

    function returnClaim(address, uint256 points, bool) external returns (uint256, uint256) {
        _callBack();
        return (points, 0);
    }

    // ---------------------------------------------------- as the series before

    function carryOut(address[] calldata accounts)
        external
        returns (IMunicipalPoint.CarriedAccount[] memory carried)
    {
        _callBack();
        carried = new IMunicipalPoint.CarriedAccount[](accounts.length);
        for (uint256 i; i < accounts.length; ++i) {
            carried[i] = _hands;
        }
    }

    function ownerOf(address) external pure returns (address) {
        return address(0);
    }

    function balanceOf(address) external pure returns (uint256) {
        return 0;
    }

    function _callBack() private {
        ++calls;
        bytes[] memory back = _back;
        delete _back;
        for (uint256 i; i < back.length; ++i) {
            // solhint-disable-next-line avoid-low-level-calls
            (bool success,) = _target.call(back[i]);
            succeeded.push(success);
        }
    }
}
