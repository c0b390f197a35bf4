"""Which events tell of what only officers' acts may do, and which act stands behind each.

An event of these must come with an ActDone of one of its acts, on the same contract, in the same transaction
(I9). Officers' own rules say how many officers each act takes; scripts.lib.replays.officers checks that.
"""

from __future__ import annotations

from functools import cache

from eth_utils.abi import function_abi_to_4byte_selector

from scripts.lib.artifacts import read_artifact
from scripts.lib.node.event_log import CONTRACTS

ACTS_BEHIND: dict[str, tuple[str, ...]] = {
    # Series
    "MinterAllowanceSet": ("increaseMinterAllowance", "decreaseMinterAllowance"),
    "MinterRemoved": ("removeMinter",),
    "ExpiryPolicySet": ("setExpiryPolicy",),
    "TransferSwitchesSet": ("setTransferSwitches",),
    "SettlementSet": ("setSettlement",),
    "MerchantApproved": ("approveMerchant",),
    "MerchantStatusSet": ("approveMerchant", "suspendMerchant", "closeMerchant"),
    "MerchantOwnerSet": ("replaceOwner",),
    "FrozenSet": ("freeze", "unfreeze"),
    "LotExtended": ("extendLots",),
    "LotRestored": ("restoreLots",),
    "Revoked": ("revoke",),
    "PausedUntil": ("pause", "unpause"),
    "RefundDaysSet": ("setRefundDays",),
    "SuccessorAnnounced": ("announceSuccessor",),
    "SuccessorWithdrawn": ("withdrawSuccessor",),
    # Residents
    "ResidentRegistered": ("register",),
    "CommitmentRotated": ("rotateCommitments",),
    "ReplacementStarted": ("startReplacement", "startInheritance"),
    "MembershipClosed": ("closeMembership",),
    "MembershipReopened": ("reopenMembership",),
    "DeparturePolicySet": ("setDeparturePolicy",),
    # Programmes, and both batches: of grants, of claims
    "ProgrammeOpened": ("openProgramme",),
    "BudgetSet": ("setBudget",),
    "OccurrenceOpened": ("openOccurrences",),
    "BatchApproved": ("approveBatch", "approveClaims"),
    "BatchStopped": ("stopBatch",),
    "GrantRevoked": ("revokeGrant",),
    # Settlement
    "BatchCancelled": ("cancelBatch",),
    "BatchSent": ("markSent",),
    "BatchSettled": ("settle",),
    "ClaimsBounced": ("bounce",),
    "ClaimsReopened": ("reopen",),
    "YearClosed": ("closeYear",),
    # Exchange, and bonuses, which have campaigns as well
    "PartnerRegistered": ("registerPartner",),
    "PartnerKeyReplaced": ("replacePartnerKey",),
    "PartnerSuspended": ("suspendPartner", "resumePartner"),
    "ExchangeSeriesSet": ("setExchangeSeries",),
    "ReturnPolicySet": ("setReturnPolicy",),
    "PartnerAccepted": ("acceptPartner",),
    "PartnerStopped": ("stopPartner",),
    "CampaignOpened": ("openCampaign",),
    "CampaignEnded": ("endCampaign",),
    "CampaignEnlarged": ("enlargeCampaign",),
    "CampaignClosed": ("closeCampaign",),
    "ReceiptRecorded": ("recordReceipt",),
    "ReceiptReversed": ("reverseReceipt",),
}
"""Functions by event; each on the contract that emits the event."""

SETTLEMENT_ACTS_BEHIND: dict[str, tuple[str, ...]] = {
    "ClaimLocked": ("approveClaims",),
    "ClaimUnlocked": ("cancelBatch", "bounce"),
    "Settled": ("settle",),
    "ClaimReopened": ("reopen",),
}
"""Functions by event of a series; on the settlement service of the series."""


@cache
def selectors_behind(event: str) -> frozenset[bytes]:
    """Return the selectors of the acts that may stand behind an event; none if it takes no act."""
    functions = ACTS_BEHIND.get(event) or SETTLEMENT_ACTS_BEHIND.get(event) or ()
    return frozenset().union(*(_selectors()[function] for function in functions))


@cache
def _selectors() -> dict[str, frozenset[bytes]]:
    """Return selectors by the name of a function, of all contracts that have one of that name."""
    found: dict[str, frozenset[bytes]] = {}
    for contract in CONTRACTS:
        for entry in read_artifact(contract).abi:
            if entry["type"] == "function":
                selector = bytes(function_abi_to_4byte_selector(entry))  # type: ignore[arg-type]
                found[entry["name"]] = found.get(entry["name"], frozenset()) | {selector}
    return found
