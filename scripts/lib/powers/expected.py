"""Who may do what on the platform, as it was decided: scripts.lib.powers.on_chain compares the chain with it.

Every function that changes something is here, by contract. An act has a rule: proposing office, approving
office, wait after the approval, wait without one (NEVER: not without). All others have a guard.
"""

from __future__ import annotations

from collections.abc import Mapping

from scripts.lib.act_rules import AT_ONCE, NEVER, Rule
from scripts.lib.exchange.rules import RULES as EXCHANGE_RULES
from scripts.lib.powers.guards import Guard
from scripts.lib.roles import Role

_VETO = 48 * 60 * 60
_REAPPOINTMENT = 14 * 24 * 60 * 60

# One Admin alone: for what takes power away and gives none.
_ADMIN = Rule(Role.ADMIN, Role.ADMIN, AT_ONCE, AT_ONCE)
# Two Admins, or one and 48 hours in which it can be vetoed.
_ADMINS_OR_VETO = Rule(Role.ADMIN, Role.ADMIN, AT_ONCE, _VETO)
# Two Admins, never one.
_TWO_ADMINS = Rule(Role.ADMIN, Role.ADMIN, AT_ONCE, NEVER)
# 48 hours even if there are two: whoever holds both keys cannot mint before somebody notices.
_ADMINS_AFTER_VETO = Rule(Role.ADMIN, Role.ADMIN, _VETO, _VETO)
_COUNCIL_AFTER_VETO = Rule(Role.ADMIN, Role.ADMIN, _REAPPOINTMENT, _REAPPOINTMENT)
_MERCHANT_OFFICER = Rule(Role.MERCHANT_OFFICER, Role.MERCHANT_OFFICER, AT_ONCE, AT_ONCE)
_TWO_MERCHANT_OFFICERS = Rule(Role.MERCHANT_OFFICER, Role.MERCHANT_OFFICER, AT_ONCE, NEVER)
_DESK = Rule(Role.DESK_OFFICER, Role.SECOND_DESK_OFFICER, AT_ONCE, AT_ONCE)
_TWO_AT_THE_DESK = Rule(Role.DESK_OFFICER, Role.SECOND_DESK_OFFICER, AT_ONCE, NEVER)
_TWO_CASHIERS = Rule(Role.CASHIER, Role.SECOND_CASHIER, AT_ONCE, NEVER)
_PROGRAMME_OFFICER = Rule(Role.PROGRAMME_OFFICER, Role.PROGRAMME_APPROVER, AT_ONCE, AT_ONCE)
_TWO_FOR_PROGRAMMES = Rule(Role.PROGRAMME_OFFICER, Role.PROGRAMME_APPROVER, AT_ONCE, NEVER)
_GUARDIAN = Rule(Role.GUARDIAN, Role.GUARDIAN, AT_ONCE, AT_ONCE)

Expected = Mapping[str, Mapping[str, Guard | Rule]]
"""Contract to function to the guard that it has; a rule stands for Guard.ACT with that rule."""

EXPECTED: Expected = {
    "PointPlatform": {
        "registerMunicipality": Guard.COUNCIL,
        "offerService": Guard.COUNCIL,
        "registerSeries": Guard.COUNCIL,
    },
    "Officers": {
        "perform": Guard.OFFICER,
        "propose": Guard.OFFICER,
        "approve": Guard.OFFICER,
        "execute": Guard.ANYONE,
        "veto": Guard.ADMIN_OR_PROPOSER,
        "renounceRole": Guard.ACCOUNT_CONCERNED,
        "openMunicipality": Guard.PLATFORM,
        "addRules": Guard.PLATFORM,
        "appoint": _ADMINS_OR_VETO,
        "handOver": _ADMINS_OR_VETO,
        "dismiss": _ADMIN,
        "dismissAdmin": _ADMINS_OR_VETO,
        "reappointAdmin": _COUNCIL_AFTER_VETO,
        "acceptService": _ADMINS_AFTER_VETO,
        "leaveService": _ADMIN,
    },
    "ResidentRegistry": {
        "register": _TWO_AT_THE_DESK,
        "rotateCommitments": _TWO_AT_THE_DESK,
        "startReplacement": _TWO_AT_THE_DESK,
        "cancelReplacement": _TWO_AT_THE_DESK,
        "closeMembership": _TWO_AT_THE_DESK,
        "startInheritance": _TWO_AT_THE_DESK,
        "reopenMembership": _TWO_AT_THE_DESK,
        "setDeparturePolicy": _ADMINS_OR_VETO,
        "objectToReplacement": Guard.ACCOUNT_CONCERNED,
        "completeReplacement": Guard.ANYONE,
    },
    "MunicipalPoint": {
        "mint": Guard.MINTER,
        "mintUntil": Guard.MINTER,
        "mintBatch": Guard.MINTER,
        "mintToResidents": Guard.MINTER,
        "takeBack": Guard.MINTER,
        "increaseMinterAllowance": _ADMINS_AFTER_VETO,
        "decreaseMinterAllowance": _ADMIN,
        "removeMinter": _ADMIN,
        "setExpiryPolicy": _ADMINS_OR_VETO,
        "setTransferSwitches": _ADMINS_OR_VETO,
        "setRefundDays": _ADMINS_OR_VETO,
        "setSettlement": _ADMINS_AFTER_VETO,
        "announceSuccessor": _TWO_ADMINS,
        "withdrawSuccessor": _ADMIN,
        "closeForSuccessor": Guard.ANYONE,
        "openAfterPredecessor": Guard.OTHER_SERIES,
        "carryIn": Guard.ANYONE,
        "carryOut": Guard.OTHER_SERIES,
        "returnClaim": Guard.OTHER_SERIES,
        "approveMerchant": _MERCHANT_OFFICER,
        "suspendMerchant": _MERCHANT_OFFICER,
        "closeMerchant": _MERCHANT_OFFICER,
        "replaceOwner": _TWO_MERCHANT_OFFICERS,
        "setTill": Guard.MERCHANT_OWNER,
        "freeze": _DESK,
        "unfreeze": _TWO_AT_THE_DESK,
        "extendLots": _TWO_AT_THE_DESK,
        "restoreLots": _TWO_AT_THE_DESK,
        "revoke": _TWO_AT_THE_DESK,
        "pause": _GUARDIAN,
        "unpause": _GUARDIAN,
        "transfer": Guard.OVER_OWN,
        "transferAtEpoch": Guard.OVER_OWN,
        "transferFrom": Guard.WITHIN_ALLOWANCE,
        "transferFromAtEpoch": Guard.WITHIN_ALLOWANCE,
        "approve": Guard.OVER_OWN,
        "increaseAllowance": Guard.OVER_OWN,
        "decreaseAllowance": Guard.OVER_OWN,
        "pay": Guard.WITH_TILL_SIGNATURE,
        "paySigned": Guard.COUNTER,
        "payRelayed": Guard.WITH_TILL_SIGNATURE,
        "payBatch": Guard.COUNTER,
        "voidSale": Guard.COUNTER,
        "refund": Guard.MERCHANT_OWNER,
        "cancelSignatures": Guard.OVER_OWN,
        "lockClaims": Guard.SETTLEMENT,
        "unlockClaims": Guard.SETTLEMENT,
        "burnLocked": Guard.SETTLEMENT,
        "reopenClaims": Guard.SETTLEMENT,
        "recordLapse": Guard.ANYONE,
        "syncBlocked": Guard.ANYONE,
        "carry": Guard.ANYONE,
    },
    "MerchantSettlement": {
        "requestSettlement": Guard.MERCHANT_OWNER,
        "approveClaims": _TWO_CASHIERS,
        "cancelBatch": _TWO_CASHIERS,
        "markSent": _TWO_CASHIERS,
        "settle": _TWO_CASHIERS,
        "bounce": _TWO_CASHIERS,
        "reopen": _TWO_CASHIERS,
        "closeYear": _TWO_CASHIERS,
    },
    "GrantProgrammes": {
        "openProgramme": _TWO_FOR_PROGRAMMES,
        "setBudget": _TWO_FOR_PROGRAMMES,
        "openOccurrences": _TWO_FOR_PROGRAMMES,
        "follow": Guard.ANYONE,
        "approveBatch": _TWO_FOR_PROGRAMMES,
        "stopBatch": _PROGRAMME_OFFICER,
        "revokeGrant": _TWO_FOR_PROGRAMMES,
        "run": Guard.ANYONE,
        "claim": Guard.ANYONE,
    },
    "PaymentBonus": {
        "openCampaign": _TWO_FOR_PROGRAMMES,
        "enlargeCampaign": _TWO_FOR_PROGRAMMES,
        "closeCampaign": _PROGRAMME_OFFICER,
        "reserve": Guard.ANYONE,
        "award": Guard.ANYONE,
    },
    "PartnerExchange": {
        **EXCHANGE_RULES,
        "exchange": Guard.PARTNER,
        "issueCoupons": Guard.PARTNER,
        "nameMunicipality": Guard.WITH_RESIDENT_SIGNATURE,
        "redeem": Guard.WITH_COUPON_SIGNATURE,
        "sweep": Guard.ANYONE,
        "returnToPartner": Guard.ANYONE,
        "closeCoupons": Guard.ANYONE,
    },
}
