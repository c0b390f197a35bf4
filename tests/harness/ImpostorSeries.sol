// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IMunicipalPoint} from "../../interfaces/IMunicipalPoint.sol";

/// @notice Calls itself the closed predecessor of a series and hands over whatever it likes.
contract ImpostorSeries {
    uint256 public immutable municipality;
    address public immutable officers;
    address public immutable residents;
    address public immutable predecessor;

    constructor(uint256 municipality_, address officers_, address residents_) {
        municipality = municipality_;
        officers = officers_;
        residents = residents_;
    }

    function open(IMunicipalPoint successor) external {
        successor.openAfterPredecessor();
    }

    function takeBackClaim(IMunicipalPoint successor, address merchant) external {
        successor.returnClaim(merchant, 1, true);
    }

    function carryOut(address[] calldata accounts)
        external
        pure
        returns (IMunicipalPoint.CarriedAccount[] memory carried)
    {
        carried = new IMunicipalPoint.CarriedAccount[](accounts.length);
        for (uint256 i; i < accounts.length; ++i) {
            carried[i].lots = new uint256[](1);
            carried[i].lots[0] = (1535 << 29) | 1_000_000;
        }
    }
}
