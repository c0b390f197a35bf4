// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IMunicipalPoint} from "../../interfaces/IMunicipalPoint.sol";
import {IOfficers} from "../../interfaces/IOfficers.sol";
import {IResidentRegistry} from "../../interfaces/IResidentRegistry.sol";

/// @title The rules of the acts that the platform begins with
/// @notice Who does what with whom on roles, series and residents. Each service brings rules of its own when the council
/// offers it (IPointPlatform.offerService); docs/powers.md prints all. A rule once set never changes.
library ActRules {
    /// Instead of a delay: never without a second officer.
    uint32 internal constant NEVER_ALONE = type(uint32).max;

    /// How long the municipality or the council can veto what an Admin has proposed: alone, or, of some acts, in any case.
    uint32 internal constant VETO_SECONDS = 48 hours;

    /// How long a municipality can veto the Admin that the council names.
    uint32 internal constant REAPPOINTMENT_SECONDS = 14 days;

    /// @notice Acts on roles, series and residents.
    function all() internal pure returns (IOfficers.Act[] memory acts) {
        IOfficers.Role admin = IOfficers.Role.Admin;
        IOfficers.Role shops = IOfficers.Role.MerchantOfficer;
        IOfficers.Role desk = IOfficers.Role.DeskOfficer;
        IOfficers.Role second = IOfficers.Role.SecondDeskOfficer;
        IOfficers.Role guardian = IOfficers.Role.Guardian;
        acts = new IOfficers.Act[](35);
        uint256 i;

        // Roles and services. Whoever can appoint could otherwise appoint the second officer of any act.
        acts[i++] = act(IOfficers.appoint.selector, admin, admin, 0, VETO_SECONDS);
        acts[i++] = act(IOfficers.handOver.selector, admin, admin, 0, VETO_SECONDS);
        acts[i++] = act(IOfficers.dismiss.selector, admin, admin, 0, 0);
        acts[i++] = act(IOfficers.dismissAdmin.selector, admin, admin, 0, VETO_SECONDS);
        acts[i++] = act(
            IOfficers.reappointAdmin.selector, admin, admin, REAPPOINTMENT_SECONDS, REAPPOINTMENT_SECONDS
        );
        acts[i++] = act(IOfficers.acceptService.selector, admin, admin, VETO_SECONDS, VETO_SECONDS);
        acts[i++] = act(IOfficers.leaveService.selector, admin, admin, 0, 0);

        // Policies. What can make points waits; what only stops them does not.
        acts[i++] =
            act(IMunicipalPoint.increaseMinterAllowance.selector, admin, admin, VETO_SECONDS, VETO_SECONDS);
        acts[i++] = act(IMunicipalPoint.decreaseMinterAllowance.selector, admin, admin, 0, 0);
        acts[i++] = act(IMunicipalPoint.removeMinter.selector, admin, admin, 0, 0);
        acts[i++] = act(IMunicipalPoint.setExpiryPolicy.selector, admin, admin, 0, VETO_SECONDS);
        acts[i++] = act(IMunicipalPoint.setTransferSwitches.selector, admin, admin, 0, VETO_SECONDS);
        acts[i++] = act(IMunicipalPoint.setRefundDays.selector, admin, admin, 0, VETO_SECONDS);
        acts[i++] = act(IMunicipalPoint.setSettlement.selector, admin, admin, VETO_SECONDS, VETO_SECONDS);

        // The end of a series: announced by two, withdrawn by one, and 30 days before it can come.
        acts[i++] = act(IMunicipalPoint.announceSuccessor.selector, admin, admin, 0, NEVER_ALONE);
        acts[i++] = act(IMunicipalPoint.withdrawSuccessor.selector, admin, admin, 0, 0);

        // Merchants.
        acts[i++] = act(IMunicipalPoint.approveMerchant.selector, shops, shops, 0, 0);
        acts[i++] = act(IMunicipalPoint.suspendMerchant.selector, shops, shops, 0, 0);
        acts[i++] = act(IMunicipalPoint.closeMerchant.selector, shops, shops, 0, 0);
        acts[i++] = act(IMunicipalPoint.replaceOwner.selector, shops, shops, 0, NEVER_ALONE);

        // Residents' accounts and lots.
        acts[i++] = act(IMunicipalPoint.freeze.selector, desk, second, 0, 0);
        acts[i++] = act(IMunicipalPoint.unfreeze.selector, desk, second, 0, NEVER_ALONE);
        acts[i++] = act(IMunicipalPoint.extendLots.selector, desk, second, 0, NEVER_ALONE);
        acts[i++] = act(IMunicipalPoint.restoreLots.selector, desk, second, 0, NEVER_ALONE);
        acts[i++] = act(IMunicipalPoint.revoke.selector, desk, second, 0, NEVER_ALONE);
        acts[i++] = act(IResidentRegistry.register.selector, desk, second, 0, NEVER_ALONE);
        acts[i++] = act(IResidentRegistry.rotateCommitments.selector, desk, second, 0, NEVER_ALONE);
        acts[i++] = act(IResidentRegistry.startReplacement.selector, desk, second, 0, NEVER_ALONE);
        acts[i++] = act(IResidentRegistry.cancelReplacement.selector, desk, second, 0, NEVER_ALONE);
        acts[i++] = act(IResidentRegistry.startInheritance.selector, desk, second, 0, NEVER_ALONE);
        acts[i++] = act(IResidentRegistry.closeMembership.selector, desk, second, 0, NEVER_ALONE);
        acts[i++] = act(IResidentRegistry.reopenMembership.selector, desk, second, 0, NEVER_ALONE);
        acts[i++] = act(IResidentRegistry.setDeparturePolicy.selector, admin, admin, 0, VETO_SECONDS);

        // Emergency.
        acts[i++] = act(IMunicipalPoint.pause.selector, guardian, guardian, 0, 0);
        acts[i++] = act(IMunicipalPoint.unpause.selector, guardian, guardian, 0, 0);
    }

    function act(
        bytes4 selector,
        IOfficers.Role proposer,
        IOfficers.Role approver,
        uint32 delayApproved,
        uint32 delayAlone
    ) private pure returns (IOfficers.Act memory) {
        return IOfficers.Act(selector, IOfficers.ActRule(proposer, approver, delayApproved, delayAlone));
    }
}
