// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {InvariantsTest} from "../Invariants.t.sol";
import {Handler} from "../Handler.sol";

/// @title The same invariants where series are closed for successors all the time: short runs, for there are few to close
contract SuccessionTest is InvariantsTest {
    /// As forge asks for them.
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    function targetSelectors() external view returns (FuzzSelector[] memory targets) {
        Handler h = Handler(this.targetContracts()[0]);
        bytes4[16] memory actions = [
            h.announces.selector,
            h.withdraws.selector,
            h.closes.selector,
            h.carriesIn.selector,
            h.triesOldSales.selector,
            h.follows.selector,
            h.joins.selector,
            h.mints.selector,
            h.mintsUntil.selector,
            h.paysSigned.selector,
            h.refunds.selector,
            h.opensProgramme.selector,
            h.requestsSettlement.selector,
            h.approvesClaims.selector,
            h.executes.selector,
            h.passesTime.selector
        ];
        targets = new FuzzSelector[](1);
        targets[0].addr = this.targetContracts()[0];
        targets[0].selectors = new bytes4[](actions.length);
        for (uint256 i; i < actions.length; ++i) {
            targets[0].selectors[i] = actions[i];
        }
    }
}
