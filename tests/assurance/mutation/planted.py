"""Faults planted by hand where points are made, moved or counted, by somebody who had not read the tests.

Each is one place of one source; the text to be replaced occurs there exactly once.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Mutant:
    """A fault: `find` in contracts/`file` becomes `put`.

    Attributes:
        verbs: words that tests of this place are likely to hold; the tests that hold them most run first.
        harm: what somebody could gain or lose by it.
    """

    name: str
    verbs: str
    file: str
    find: str
    put: str
    harm: str

    def words(self) -> str:
        """Return source and change on one line, by which a survivor's explanation is found."""
        return " ".join(f"{self.file}: {self.find} -> {self.put}".split())


PLANTED = (
    Mutant(
        "allowance-not-counted-down",
        "transferFrom",
        "MunicipalPoint.sol",
        "_series.allowances[owner][msg.sender] = allowed - value;",
        "_series.allowances[owner][msg.sender] = allowed;",
        "a spender spends an allowance again and again",
    ),
    Mutant(
        "signed-payment-from-ended-lot",
        "paySigned pay",
        "MunicipalPoint.sol",
        "if (amount <= word.earliest().amountOf() && counter.monthOf() <= lotMonth) {",
        "if (amount <= word.earliest().amountOf()) {",
        "a sale is paid with points that have ended",
    ),
    Mutant(
        "lot-of-this-month-lapses",
        "recordLapse transfer",
        "libraries/ExpiringLots.sol",
        "if (monthOf(lot) >= month) break;",
        "if (monthOf(lot) > month) break;",
        "points lapse a month before the promised day",
    ),
    Mutant(
        "ended-half-year-kept",
        "recordLapse transfer",
        "libraries/ExpiringLots.sol",
        "if (firstWaitingHalfYear(account) > month / 6) break;",
        "if (firstWaitingHalfYear(account) >= month / 6) break;",
        "ended lots that wait outside an empty queue are spent",
    ),
    Mutant(
        "taken-from-the-wrong-lane",
        "revoke extendLots",
        "libraries/ExpiringLots.sol",
        ": word - (taken << lane);",
        ": word - taken;",
        "a revocation takes points of another month",
    ),
    Mutant(
        "largest-lot-refused",
        "PointLotTooLarge mint",
        "libraries/ExpiringLots.sol",
        "bool fits = (lot & MAX_LOT_POINTS) + amount <= MAX_LOT_POINTS;",
        "bool fits = (lot & MAX_LOT_POINTS) + amount < MAX_LOT_POINTS;",
        "the last point of a lot cannot be received",
    ),
    Mutant(
        "refund-in-the-last-month-refused",
        "refund",
        "libraries/SaleDesk.sol",
        "            if (end < month) {\n                plan.unreturnable += part;",
        "            if (end <= month) {\n                plan.unreturnable += part;",
        "a payer loses what could still be refunded",
    ),
    Mutant(
        "unreturnable-counted-as-refunded",
        "unreturnable refund",
        "libraries/SaleDesk.sol",
        "plan.record.withRefund(plan.returned);",
        "plan.record.withRefund(plan.returned + plan.unreturnable);",
        "the record says more was refunded than was",
    ),
    Mutant(
        "lots-with-more-bits-accepted",
        "refund",
        "libraries/SaleDesk.sol",
        "if (raw[i] > ExpiringLots.LOT_MASK) revert",
        "if (raw[i] > type(uint256).max - 1) revert",
        "a refund goes to somebody who did not pay",
    ),
    Mutant(
        "refund-to-a-frozen-account",
        "refund",
        "libraries/SaleDesk.sol",
        "if (account.word.isFrozen()) revert IMunicipalPoint.PointAccountFrozen(receiver);",
        "",
        "a stopped account is filled",
    ),
    Mutant(
        "refund-out-of-the-wrong-year",
        "refund",
        "libraries/SaleDesk.sol",
        "if (plan.record.isOfLaterYear()) year += 12;",
        "",
        "a refund of a sale over 31 March is booked in the wrong fiscal year",
    ),
    Mutant(
        "claim-passed-to-oneself",
        "PointClaimNotTransferable claimOf",
        "libraries/SaleDesk.sol",
        "if (from == to) return;",
        "",
        "a merchant doubles a claim",
    ),
    Mutant(
        "unlocked-under-an-old-year",
        "unlockClaims bounce",
        "libraries/SettlementDesk.sol",
        "AccountWord word = _lessLocked(series, claim).current();",
        "AccountWord word = _lessLocked(series, claim);",
        "what bounced after 31 March counts as this year's and moves on once more",
    ),
    Mutant(
        "reopened-without-settlement",
        "reopenClaims PointSettledTooSmall",
        "libraries/SettlementDesk.sol",
        "if (total > series.totals.settled) {",
        "if (false) {",
        "a claim is owed again that never was paid",
    ),
    Mutant(
        "frozen-claim-locked",
        "lockClaims freeze",
        "libraries/SettlementDesk.sol",
        "if (word.isFrozen()) return (0, 0);",
        "",
        "a frozen merchant is paid",
    ),
    Mutant(
        "restored-beyond-what-lapsed",
        "restoreLots",
        "libraries/LotCorrections.sol",
        "if (total > lapsed - restored) {",
        "if (total > lapsed) {",
        "two officers restore the same month twice",
    ),
    Mutant(
        "restored-as-stranger-and-as-resident",
        "restoreLots",
        "libraries/LotCorrections.sol",
        "if (done[account] || (resident != 0 && done[resident])) return false;",
        "if (done[resident != 0 ? resident : account]) return false;",
        "an account restored before it joined is restored again as a resident's",
    ),
    Mutant(
        "bonus-back-to-another-campaign",
        "setCampaign campaignOf",
        "PartnerExchange.sol",
        "if (held.campaign != 0 && held.campaign == agreement.campaign.number) {",
        "if (held.campaign != 0) {",
        "a campaign gives more than its budget",
    ),
    Mutant(
        "ledger-keeps-a-refused-delivery",
        "sweep",
        "PartnerExchange.sol",
        "            agreement.ledger = before;\n",
        "",
        "a refused sweep books points that were never minted",
    ),
    Mutant(
        "sweep-by-too-little-gas",
        "sweep",
        "PartnerExchange.sol",
        "if (reason.length == 0) revert ExchangeGasTooLow(holding);",
        "",
        "a relayer makes a sweep fail and it looks like a refusal",
    ),
    Mutant(
        "sweep-to-a-replaced-account",
        "sweep",
        "PartnerExchange.sol",
        "if (isFrozen || isBlocked || residents.isBlocked(municipality, resident)) {",
        "if (isFrozen || isBlocked) {",
        "held points reach an account that is being replaced",
    ),
    Mutant(
        "sale-named-twice",
        "award",
        "PaymentBonus.sol",
        "            sale.isAwarded = true; // at once, for a list may name a sale twice\n",
        "",
        "one sale's bonus is minted twice by one list",
    ),
    Mutant(
        "bonus-cap-forgets-what-was-given",
        "award reserve",
        "PaymentBonus.sol",
        "uint256 room = terms.capPoints - account.reservedPoints - account.awardedPoints;",
        "uint256 room = terms.capPoints - account.reservedPoints;",
        "a resident's cap holds for promises only",
    ),
    Mutant(
        "bonus-budget-forgets-what-was-given",
        "award reserve",
        "PaymentBonus.sol",
        "        terms.awardedPoints += sale.points;\n",
        "",
        "a campaign spends its budget again",
    ),
    Mutant(
        "bounced-claim-settled",
        "bounce settle",
        "MerchantSettlement.sol",
        "bool isLeft = (back >> i) & 1 == 0 && ClaimWord.wrap(chunk[i]).points() != 0;",
        "bool isLeft = ClaimWord.wrap(chunk[i]).points() != 0;",
        "points are burned for a transfer that bounced",
    ),
    Mutant(
        "merchant-listed-twice",
        "approveClaims",
        "MerchantSettlement.sol",
        "if (claim.merchant() <= last) revert",
        "if (claim.merchant() < last) revert",
        "a shop stands twice in one batch",
    ),
    Mutant(
        "skipped-rows-use-up-the-list",
        "RowSkipped run",
        "GrantProgrammes.sol",
        "        list.grantedPoints -= uint56(points);\n",
        "",
        "rows that can run later find the list's total used up",
    ),
    Mutant(
        "cap-reached-one-early",
        "yearlyCapPoints yearly_cap",
        "GrantProgrammes.sol",
        "> grants.yearlyCapPoints) return false;",
        ">= grants.yearlyCapPoints) return false;",
        "a resident does not get what the cap allows",
    ),
    Mutant(
        "marks-lost-between-words",
        "isGranted run",
        "GrantProgrammes.sol",
        "                    granted[place] = word;\n                    place =",
        "                    place =",
        "residents of all but the last word are granted again",
    ),
    Mutant(
        "approver-appointed-in-the-same-second",
        "OfficersAppointedLater",
        "Officers.sol",
        "if (since >= proposal.proposedAt) {",
        "if (since > proposal.proposedAt) {",
        "somebody appointed for it approves",
    ),
    Mutant(
        "approval-outlives-the-office",
        "execute approve",
        "Officers.sol",
        "\n            && _since(office, rule.approver, proposal.approver) <= proposal.approvedAt;",
        ";",
        "an approval comes back to life with a new appointment",
    ),
    Mutant(
        "skipped-rows-use-up-the-allowance",
        "mintToResidents",
        "libraries/ResidentGrants.sol",
        "        series.minterWords[msg.sender] = series.minterWords[msg.sender].undrawn(skippedPoints);\n",
        "",
        "supply and allowance count points that nobody has",
    ),
    Mutant(
        "second-round-by-the-same-approver",
        "ResidentsSameOfficers objectToReplacement",
        "ResidentRegistry.sol",
        "            _requireOther(resident, approver);\n",
        "",
        "the officer whom the resident objected to approves again",
    ),
)
