// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IMunicipalPoint} from "./IMunicipalPoint.sol";
import {IOfficers} from "./IOfficers.sol";
import {IPointPlatform} from "./IPointPlatform.sol";
import {IResidentRegistry} from "./IResidentRegistry.sol";

/// @title PartnerExchange: miles and points of partner companies (協力企業) become points of a municipality
/// @notice One way only (地域経済応援ポイント). A partner exchanges for a resident, whom it knows by home municipality and
/// resident number; the points wait 14 days in the holding account (留保ポイント口座) and go home then, unless the resident
/// names another municipality. Coupons are the second way: a code on paper, worth points to whoever types it in.
///
/// Units: `points` are points of a municipality (1 point = 1 yen), `partnerPoints` are the partner's own. Times are Unix
/// seconds, `from` the first second that counts and `until` the first that does not. Days, months and fiscal years are
/// Japan's.
///
/// What holds, always (docs/invariants.md: I1, I3, I6, I7)
/// - A partner's reference is used once for ever, a coupon once, a bank's reference once in a municipality.
/// - Nothing is exchanged, named or redeemed beyond a municipality's terms: unit, minimum, maximum (not of coupons), the limits
///   of a day and a fiscal year for each resident (by number, whatever account) and partner, and what the partner may owe.
/// - What was exchanged stays what it is: a later rate, a partner that has left, a campaign that has ended change nothing.
/// - Holding mints nothing. Points are minted when they go home, are named or redeemed, in the municipality's one exchange
///   series, by this contract as a minter of that series and within its allowance; their term counts from then.
/// - Of each partner and municipality: what the exchange minted = exchanged + bonus, and nothing is ever netted.
///
/// Powers: the council registers partners and exchanges their keys, which lets them do nothing anywhere; it suspends them,
/// which stops all that is new. An Admin of a municipality and 48 hours, in which it can be vetoed, accept a partner with its
/// terms, by name of its key; one Admin stops it at once. Two cashiers record what it paid. The partner exchanges and issues
/// coupons; the resident names; anybody sweeps, relays and redeems.
interface IPartnerExchange {
    // ------------------------------------------------------------------ types

    /// @notice What a municipality agrees with a partner, from `from` on.
    struct Terms {
        uint40 from;
        uint40 until;
        /// points = (partnerPoints - feePartnerPoints) * numerator / denominator, rounded down.
        uint32 numerator;
        uint32 denominator;
        /// Partner points are exchanged in multiples of this.
        uint32 unitPartnerPoints;
        /// Taken off each exchange before the rate; the partner keeps it and owes nothing for it.
        uint32 feePartnerPoints;
        /// Points end with the month that comes so many months after the one they are minted in, 0 to 60.
        uint8 expiryMonths;
        uint32 minimumPartnerPoints;
        uint32 maximumPartnerPoints;
        /// What one resident may get from this partner, bonus left aside.
        uint32 dailyLimitPoints;
        uint32 yearlyLimitPoints;
        /// What the partner may owe, points held and coupons for this municipality included.
        uint40 outstandingLimitPoints;
    }

    /// @notice A campaign: points * numerator / denominator on top, rounded down, as long as the budget lasts.
    struct Campaign {
        uint40 from;
        uint40 until;
        uint24 numerator;
        uint24 denominator;
        uint48 budgetPoints;
        uint48 usedPoints;
        /// Counted from 1 for each municipality and partner.
        uint16 number;
        /// Whether the partner owes the bonus to the municipality, or the municipality gives it.
        bool isPaidByPartner;
    }

    /// @notice What a partner brought to a municipality, in points. All but `heldPoints` and `couponPoints` only grow, but for
    /// a receipt that is reversed.
    struct Ledger {
        /// Waiting for residents whose home this is, with the bonus that the partner pays.
        uint40 heldPoints;
        /// Open coupons for this municipality; under municipality 0, those for any.
        uint40 couponPoints;
        /// Minted here, the bonus left aside: the partner owes it.
        uint40 exchangedPoints;
        /// Minted here as bonus.
        uint40 bonusPoints;
        /// The part of the bonus that the partner owes.
        uint40 bonusOwedPoints;
        /// Yen that the partner has paid.
        uint40 receivedPoints;
    }

    enum HoldingState {
        None,
        Held,
        Delivered,
        Returned
    }

    /// @notice Points that were exchanged for resident `number` of `municipality`, which is home. But for the state it stays as
    /// it was exchanged: where, with which bonus and for how long points were delivered, Delivered tells.
    struct Holding {
        HoldingState state;
        uint24 municipality;
        uint32 number;
        uint24 partner;
        uint40 exchangedAt;
        uint32 partnerPoints;
        uint32 points;
        uint32 bonusPoints;
        /// The campaign that the bonus came from; 0 for none.
        uint16 campaign;
        bool isBonusPaidByPartner;
        uint8 expiryMonths;
    }

    /// @notice A coupon, by the address of the key that its code derives.
    struct Coupon {
        /// The partner's key that issued it.
        address issuer;
        /// 0 once it is redeemed, cancelled or has been closed as expired.
        uint32 points;
        /// 0 for any.
        uint24 municipality;
        /// The last second at which it can be redeemed.
        uint40 validUntil;
    }

    /// @notice A coupon to be issued.
    struct NewCoupon {
        address key;
        uint32 points;
    }

    /// @notice Why held points do not move.
    enum HeldIssue {
        None,
        NotHeld, // never exchanged, delivered or returned
        NotDue, // before the 14 days have passed
        NoMembership, // the resident's membership has ended
        AccountStopped, // frozen, or blocked by the series or the registry of residents
        Paused,
        OutOfAllowance, // the series lets the exchange mint no more, or has not accepted it
        Refused // by the series, for another reason: the account is a merchant, a lot is full
    }

    // ----------------------------------------------------------------- events

    event PartnerRegistered(uint256 indexed partner, address indexed key, string name);

    /// @notice The council has exchanged the partner's key. No municipality takes the new one before it accepts it.
    event PartnerKeyReplaced(uint256 indexed partner, address indexed key);

    event PartnerSuspended(uint256 indexed partner, bool suspended);

    /// @notice The municipality's exchanges go to `series` from now on.
    event ExchangeSeriesSet(uint256 indexed municipality, address indexed series);

    /// @notice Held points of ended memberships can go back to the partner after so many days; 0: they stay.
    event ReturnPolicySet(uint256 indexed municipality, uint256 returnAfterDays);

    /// @notice The municipality accepts exchanges that `key` makes: on these terms from `terms.from`, and until then on those in
    /// force, if there are any. Entries that were to begin with these or later fall away.
    event PartnerAccepted(
        uint256 indexed municipality, uint256 indexed partner, address indexed key, Terms terms
    );

    /// @notice The municipality accepts nothing more of the partner: no exchange, no naming from elsewhere, no coupon. What
    /// was exchanged before still goes home.
    event PartnerStopped(uint256 indexed municipality, uint256 indexed partner);

    /// @notice A campaign takes the place of any before.
    event CampaignOpened(uint256 indexed municipality, uint256 indexed partner, Campaign campaign);

    event CampaignEnded(uint256 indexed municipality, uint256 indexed partner, uint256 number);

    /// @notice Points wait for resident `number`; `holding` is `holdingId(partner, partnerReference)`.
    event Exchanged(
        bytes32 indexed holding,
        uint256 indexed municipality,
        uint256 indexed partner,
        uint256 number,
        uint256 partnerPoints,
        uint256 points,
        uint256 bonusPoints,
        bytes32 partnerReference
    );

    /// @notice Held points were minted for resident `number` of `municipality`, which may be another than home.
    event Delivered(
        bytes32 indexed holding,
        uint256 indexed municipality,
        uint256 indexed partner,
        uint256 number,
        address account,
        uint256 points,
        uint256 bonusPoints,
        uint256 bonusOwedPoints,
        uint256 expiryMonth
    );

    /// @notice A sweep left the points where they are.
    event Kept(bytes32 indexed holding, HeldIssue issue);

    /// @notice The resident's membership has ended, and the partner owes these points no longer.
    event Returned(
        bytes32 indexed holding, uint256 indexed municipality, uint256 indexed partner, uint256 points
    );

    event CouponIssued(
        uint256 indexed partner,
        address indexed coupon,
        uint256 indexed municipality,
        uint256 points,
        uint256 validUntil
    );

    /// @notice The points of a coupon were minted for resident `number`.
    event CouponRedeemed(
        uint256 indexed partner,
        address indexed coupon,
        uint256 indexed municipality,
        uint256 number,
        address account,
        uint256 points,
        uint256 expiryMonth
    );

    /// @notice The points of a coupon that was not redeemed left the partner's ledger again.
    event CouponClosed(
        uint256 indexed partner,
        address indexed coupon,
        uint256 indexed municipality,
        uint256 points,
        bool expired
    );

    event ReceiptRecorded(
        uint256 indexed municipality,
        uint256 indexed partner,
        bytes32 indexed bankReferenceHash,
        uint256 receivedPoints
    );

    /// @notice A receipt had been recorded in error; the bank's reference is free again.
    event ReceiptReversed(
        uint256 indexed municipality,
        uint256 indexed partner,
        bytes32 indexed bankReferenceHash,
        uint256 receivedPoints
    );

    // ----------------------------------------------------------------- errors

    /// @notice Only Officers may do this, after the rule of the act.
    error ExchangeOnlyByAct(address caller);

    /// @notice Only the council does this: the first argument must be 0.
    error ExchangeNotCouncil(uint256 municipality);

    /// @notice No such partner.
    error ExchangeUnknownPartner(uint256 partner);

    /// @notice The key is zero, or is or was a partner's.
    error ExchangeKeyTaken(address key);

    /// @notice `caller` is no partner's key.
    error ExchangeNotPartner(address caller);

    /// @notice The council has suspended the partner.
    error ExchangePartnerSuspended(uint256 partner);

    /// @notice The partner's key is another one now.
    error ExchangeOtherKey(uint256 partner, address current, address given);

    /// @notice The municipality has not accepted this key of the partner.
    error ExchangeKeyNotAccepted(uint256 municipality, uint256 partner, address key);

    /// @notice The municipality has no terms with the partner that are in force, or has left the service.
    error ExchangeNoTerms(uint256 municipality, uint256 partner);

    /// @notice The terms end before they begin or are over, or have a fraction or unit of 0, a minimum above the maximum, a
    /// daily limit above the yearly one, or more than 60 months until points end.
    error ExchangeInvalidTerms(uint256 municipality, uint256 partner);

    /// @notice The campaign has no fraction or budget, or ends before it begins or before now.
    error ExchangeInvalidCampaign(uint256 municipality, uint256 partner);

    /// @notice The series is not the municipality's, or the municipality has named none.
    error ExchangeForeignSeries(uint256 municipality, address series);

    /// @notice There is no such resident in the municipality, or the membership has ended.
    error ExchangeNoMembership(uint256 municipality, uint256 number);

    /// @notice The partner has used this reference before.
    error ExchangeReferenceUsed(uint256 partner, bytes32 partnerReference);

    /// @notice Partner points are exchanged in multiples of `unit`, from `minimum` to `maximum`.
    error ExchangeAmount(uint256 partnerPoints, uint256 unit, uint256 minimum, uint256 maximum);

    /// @notice The amount makes less than one point, or more than a lot can hold.
    error ExchangePoints(uint256 points);

    /// @notice Of the limit of a day, or of a fiscal year, for this resident and partner `leftPoints` are left.
    error ExchangeDailyLimit(uint256 municipality, uint256 number, uint256 leftPoints, uint256 points);
    error ExchangeYearlyLimit(uint256 municipality, uint256 number, uint256 leftPoints, uint256 points);

    /// @notice The partner would owe the municipality more than it may.
    error ExchangeOutstandingLimit(
        uint256 municipality, uint256 partner, uint256 outstandingPoints, uint256 limitPoints
    );

    /// @notice The points cannot move now. See HeldIssue.
    error ExchangeStopped(HeldIssue issue);

    /// @notice The gas does not suffice to mint what is held. It says nothing about the series.
    error ExchangeGasTooLow(bytes32 holding);

    /// @notice The account is not the resident's present one, or is nobody's in the municipality.
    error ExchangeForeignAccount(uint256 municipality, address account);

    /// @notice The signature is not `signer`'s over this.
    error ExchangeWrongSignature(address signer);

    /// @notice What was signed held until `validUntil`.
    error ExchangeSignatureExpired(uint256 validUntil);

    /// @notice The membership has not ended, the policy returns nothing, or it is too early.
    error ExchangeNotReturnable(bytes32 holding);

    /// @notice The partner has issued a coupon of this key before, or the key is zero, or the coupon is worth nothing or more
    /// than a lot can hold.
    error ExchangeInvalidCoupon(address coupon);

    /// @notice There is no such coupon, or it is redeemed or closed.
    error ExchangeCouponNotOpen(uint256 partner, address coupon);

    /// @notice The coupon could be redeemed until `validUntil`.
    error ExchangeCouponExpired(address coupon, uint256 validUntil);

    /// @notice The coupon can be redeemed until `validUntil`; before, the partner alone cancels it.
    error ExchangeCouponNotExpired(address coupon, uint256 validUntil);

    /// @notice The coupon is for `municipality`.
    error ExchangeCouponElsewhere(address coupon, uint256 municipality);

    /// @notice The reference is recorded already, is zero, or (to be reversed) is not recorded; or nothing was received.
    error ExchangeReceipt(uint256 municipality, bytes32 bankReferenceHash);

    // ---------------------------------------------- acts of the council (municipality 0)

    /// @notice Registers a partner by its key and public name.
    /// @return partner counted from 1.
    function registerPartner(uint256 municipality, address key, string calldata name)
        external
        returns (uint256 partner);

    /// @notice Gives a partner a key that was never one. Every municipality accepts it anew.
    function replacePartnerKey(uint256 municipality, uint256 partner, address key) external;

    /// @notice Stops everything new of a partner in all municipalities. One Admin of the council, at once.
    function suspendPartner(uint256 municipality, uint256 partner) external;

    /// @notice Ends a suspension.
    function resumePartner(uint256 municipality, uint256 partner) external;

    // --------------------------------------------------------- acts of a municipality

    /// @notice Names the series that exchanges go to. It must make this contract a minter.
    function setExchangeSeries(uint256 municipality, address series) external;

    /// @notice Sets when held points of residents whose membership has ended go back; 0 for never.
    function setReturnPolicy(uint256 municipality, uint16 returnAfterDays) external;

    /// @notice Accepts a partner, or changes its terms from a date on. A date that has passed means now. Entries that were to
    /// begin at that date or later fall away. When terms end, those before them do not come back.
    /// @param key of the partner, as the officers know it; accepted at once, whenever the terms begin.
    function acceptPartner(uint256 municipality, uint256 partner, address key, Terms calldata terms) external;

    /// @notice Accepts nothing more of a partner: ends the terms in force and drops those to come. One Admin, at once.
    function stopPartner(uint256 municipality, uint256 partner) external;

    /// @notice Opens a campaign, in place of any before; `usedPoints` and `number` are ignored.
    function openCampaign(uint256 municipality, uint256 partner, Campaign calldata campaign) external;

    /// @notice Ends the campaign. One Admin, at once.
    function endCampaign(uint256 municipality, uint256 partner) external;

    /// @notice Records what a partner paid into the municipality's bank account, also beforehand. Two cashiers.
    function recordReceipt(
        uint256 municipality,
        uint256 partner,
        uint40 receivedPoints,
        bytes32 bankReferenceHash
    ) external;

    /// @notice Takes back a receipt recorded in error. Two cashiers.
    function reverseReceipt(uint256 municipality, bytes32 bankReferenceHash) external;

    // ------------------------------------------------------------ the partner

    /// @notice Exchanges for a resident of `municipality`, the resident's home.
    /// @param partnerReference the partner's number of the exchange, each once for ever; nothing personal.
    /// @return holding by which the points are known while they wait.
    function exchange(uint256 municipality, uint256 number, uint256 partnerPoints, bytes32 partnerReference)
        external
        returns (bytes32 holding);

    /// @notice Issues coupons; none of their keys may be one of the partner's coupons already. They are worth points of a
    /// municipality as they are: no rate, no bonus. Those for one municipality count as owed to it at once.
    /// @param municipality that they are for; 0 for any.
    /// @param validUntil the last second at which they can be redeemed.
    function issueCoupons(uint256 municipality, uint40 validUntil, NewCoupon[] calldata coupons) external;

    // ------------------------------------------------------------ the resident

    /// @notice Sends held points to another municipality that accepts the partner, or home early. By the present account of
    /// the home membership, which calls, or has signed `Naming(bytes32 holding,uint256 municipality,address account,uint256
    /// validUntil)`.
    /// @param account the resident's account in `municipality`. @param signature empty if the resident calls.
    function nameMunicipality(
        bytes32 holding,
        uint256 municipality,
        address account,
        uint256 validUntil,
        bytes calldata signature
    ) external;

    // --------------------------------------------------------- for everybody

    /// @notice Sends points home whose 14 days have passed; those that cannot move stay, and Kept says why. Reverts as a
    /// whole if the gas does not suffice for one of them.
    function sweep(bytes32[] calldata holdings) external;

    /// @notice Gives held points back to the partner, if the resident's membership has ended and the policy says so.
    function returnToPartner(bytes32 holding) external;

    /// @notice Redeems a coupon for a resident, to the resident's present account. The coupon's key has signed
    /// `Redemption(uint256 partner,address coupon,uint256 municipality,uint256 number)`: whoever else sees it can only send it
    /// for the same resident.
    function redeem(
        uint256 partner,
        address coupon,
        uint256 municipality,
        uint256 number,
        bytes calldata signature
    ) external;

    /// @notice Closes coupons that were not redeemed; those closed already are passed over. The partner cancels them at any
    /// time, whoever likes closes those that have expired.
    function closeCoupons(uint256 partner, address[] calldata coupons) external;

    // ------------------------------------------------------------------ views

    function platform() external view returns (IPointPlatform);
    function officers() external view returns (IOfficers);
    function residents() external view returns (IResidentRegistry);

    /// @notice The EIP-712 domain that signatures are made for.
    function DOMAIN_SEPARATOR() external view returns (bytes32);

    function partnerCount() external view returns (uint256);

    /// @notice A partner's key and whether it is suspended.
    function partnerOf(uint256 partner) external view returns (address key, bool isSuspended);

    /// @notice The partner whose key this is or was; 0 if it is nobody's.
    function partnerOfKey(address key) external view returns (uint256);

    /// @notice Whether the municipality has ever accepted this key of the partner.
    function isKeyAccepted(uint256 municipality, uint256 partner, address key) external view returns (bool);

    /// @notice The series that exchanges of the municipality go to, and its return policy.
    function townOf(uint256 municipality)
        external
        view
        returns (IMunicipalPoint series, uint16 returnAfterDays);

    /// @notice The terms that a municipality has had with a partner and those to come, as they begin; each holds until its
    /// `until` or until the next begins. Those that fell away are not among them.
    function termsOf(uint256 municipality, uint256 partner) external view returns (Terms[] memory);

    /// @notice The terms in force now. Reverts with ExchangeNoTerms if there are none.
    function currentTerms(uint256 municipality, uint256 partner) external view returns (Terms memory);

    function campaignOf(uint256 municipality, uint256 partner) external view returns (Campaign memory);

    function ledgerOf(uint256 municipality, uint256 partner) external view returns (Ledger memory);

    /// @notice What the partner owes or will owe: held + coupons + exchanged + bonus it pays - received, and not below 0.
    function outstandingOf(uint256 municipality, uint256 partner) external view returns (uint256 points);

    /// @notice What a resident got from a partner today and in this fiscal year, as the limits count it.
    function usedOf(uint256 municipality, uint256 partner, uint256 number)
        external
        view
        returns (uint256 todayPoints, uint256 thisYearPoints);

    function holdingId(uint256 partner, bytes32 partnerReference) external pure returns (bytes32);

    function holdingOf(bytes32 holding) external view returns (Holding memory);

    /// @notice Why a sweep would leave the points where they are now; a refusal of the series itself shows only in a sweep.
    function issueOf(bytes32 holding) external view returns (HeldIssue);

    function couponOf(uint256 partner, address coupon) external view returns (Coupon memory);

    /// @notice The receipt of a bank reference; partner 0 if there is none.
    function receiptOf(uint256 municipality, bytes32 bankReferenceHash)
        external
        view
        returns (uint24 partner, uint40 receivedPoints);
}
