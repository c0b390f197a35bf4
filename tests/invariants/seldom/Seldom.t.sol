// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {InvariantsTest} from "../Invariants.t.sol";
import {Handler} from "../Handler.sol";

/// @title The same invariants where only those actions are played that seldom succeed among all, and what they need
contract SeldomTest is InvariantsTest {
    /// As forge asks for them.
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    function targetSelectors() external view returns (FuzzSelector[] memory targets) {
        Handler h = Handler(this.targetContracts()[0]);
        bytes4[30] memory actions = [
            h.joins.selector,
            h.mints.selector,
            h.mintsUntil.selector,
            h.paysSigned.selector,
            h.refunds.selector,
            h.unfreezes.selector,
            h.syncsBlocked.selector,
            h.raisesAllowance.selector,
            h.setsDeparturePolicy.selector,
            h.startsInheritance.selector,
            h.completesReplacement.selector,
            h.reopensMembership.selector,
            h.opensProgramme.selector,
            h.setsBudget.selector,
            h.approvesBatch.selector,
            h.claimsRow.selector,
            h.stopsBatch.selector,
            h.opensBonus.selector,
            h.closesBonus.selector,
            h.registersPartner.selector,
            h.replacesPartnerKey.selector,
            h.acceptsPartner.selector,
            h.exchanges.selector,
            h.namesMunicipality.selector,
            h.issuesCoupons.selector,
            h.redeems.selector,
            h.returnsToPartner.selector,
            h.setsReturnPolicy.selector,
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
