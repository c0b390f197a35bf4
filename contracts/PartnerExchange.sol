// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {IMunicipalPoint} from "../interfaces/IMunicipalPoint.sol";
import {IOfficers} from "../interfaces/IOfficers.sol";
import {IPartnerExchange} from "../interfaces/IPartnerExchange.sol";
import {IPointPlatform} from "../interfaces/IPointPlatform.sol";
import {IResidentRegistry} from "../interfaces/IResidentRegistry.sol";
import {Agreement, ExchangeAgreement, Used} from "./libraries/ExchangeAgreement.sol";
import {JapanCalendar} from "./libraries/JapanCalendar.sol";

/// @title PartnerExchange
/// @notice Partners, exchanges and coupons of all municipalities in one contract. See IPartnerExchange for what it promises.
///
/// A partner's reference is the key of what it exchanged, so that one word says that it was used, where the points are
/// and on what terms they came.
///
/// Not here: points (a series has them), a way to send anything back into partner points, money. No reentrancy guard: it
/// calls the platform's own contracts, and contract accounts only to check a signature (STATICCALL); and every effect comes
/// before the call that mints, but that a mint which the series refuses is undone after it.
contract PartnerExchange is IPartnerExchange, EIP712 {
    struct Partner {
        address key;
        bool isSuspended;
    }

    struct Town {
        IMunicipalPoint series;
        uint16 returnAfterDays;
    }

    struct Receipt {
        uint24 partner;
        uint40 receivedPoints;
    }

    uint256 private constant COUNCIL = 0;
    uint256 private constant ANY_MUNICIPALITY = 0;
    uint256 private constant HOLDING_SECONDS = 14 days;

    /// What a lot can hold: more could never be minted.
    uint256 private constant MAX_POINTS = 2 ** 29 - 1;

    bytes32 private constant NAMING_TYPE =
        keccak256("Naming(bytes32 holding,uint256 municipality,address account,uint256 validUntil)");
    bytes32 private constant REDEMPTION_TYPE =
        keccak256("Redemption(uint256 partner,address coupon,uint256 municipality,uint256 number)");

    IPointPlatform public immutable platform;
    IOfficers public immutable officers;
    IResidentRegistry public immutable residents;

    uint256 public partnerCount;
    mapping(uint256 partner => Partner) public partnerOf;
    mapping(address key => uint256) public partnerOfKey;
    mapping(uint256 municipality => Town) public townOf;
    mapping(uint256 municipality => mapping(uint256 partner => Agreement)) private _agreements;
    mapping(bytes32 holding => Holding) private _holdings;
    mapping(uint256 partner => mapping(address coupon => Coupon)) private _coupons;
    mapping(uint256 municipality => mapping(bytes32 bankReferenceHash => Receipt)) public receiptOf;

    modifier onlyByAct() {
        if (msg.sender != address(officers)) revert ExchangeOnlyByAct(msg.sender);
        _;
    }

    constructor(IPointPlatform platform_) EIP712("jichitai-points exchange", "1") {
        platform = platform_;
        officers = platform_.officers();
        residents = platform_.residents();
    }

    // --------------------------------------------------------------- PARTNERS

    function registerPartner(uint256 municipality, address key, string calldata name)
        external
        onlyByAct
        returns (uint256 partner)
    {
        _requireCouncil(municipality);
        partner = ++partnerCount;
        _takeKey(partner, key);
        emit PartnerRegistered(partner, key, name);
    }

    function replacePartnerKey(uint256 municipality, uint256 partner, address key) external onlyByAct {
        _requireCouncil(municipality);
        _requirePartner(partner);
        _takeKey(partner, key);
        emit PartnerKeyReplaced(partner, key);
    }

    function suspendPartner(uint256 municipality, uint256 partner) external onlyByAct {
        _setSuspended(municipality, partner, true);
    }

    function resumePartner(uint256 municipality, uint256 partner) external onlyByAct {
        _setSuspended(municipality, partner, false);
    }

    function _setSuspended(uint256 municipality, uint256 partner, bool isSuspended) private {
        _requireCouncil(municipality);
        _requirePartner(partner);
        partnerOf[partner].isSuspended = isSuspended;
        emit PartnerSuspended(partner, isSuspended);
    }

    /// @dev A key that was ever a partner's does not come back: a municipality's acceptance of it would come back with it.
    function _takeKey(uint256 partner, address key) private {
        if (key == address(0) || partnerOfKey[key] != 0) revert ExchangeKeyTaken(key);
        partnerOfKey[key] = partner;
        partnerOf[partner].key = key;
    }

    function _requireCouncil(uint256 municipality) private pure {
        if (municipality != COUNCIL) revert ExchangeNotCouncil(municipality);
    }

    function _requirePartner(uint256 partner) private view {
        if (partner == 0 || partner > partnerCount) revert ExchangeUnknownPartner(partner);
    }

    // ---------------------------------------------------------- MUNICIPALITIES

    function setExchangeSeries(uint256 municipality, address series) external onlyByAct {
        if (municipality == COUNCIL || platform.municipalityOf(series) != municipality) {
            revert ExchangeForeignSeries(municipality, series);
        }
        townOf[municipality].series = IMunicipalPoint(series);
        emit ExchangeSeriesSet(municipality, series);
    }

    function setReturnPolicy(uint256 municipality, uint16 returnAfterDays) external onlyByAct {
        townOf[municipality].returnAfterDays = returnAfterDays;
        emit ReturnPolicySet(municipality, returnAfterDays);
    }

    function acceptPartner(uint256 municipality, uint256 partner, address key, Terms calldata terms)
        external
        onlyByAct
    {
        _requirePartner(partner);
        address current = partnerOf[partner].key;
        if (key != current) revert ExchangeOtherKey(partner, current, key);
        if (address(townOf[municipality].series) == address(0)) {
            revert ExchangeForeignSeries(municipality, address(0));
        }
        ExchangeAgreement.accept(_agreements[municipality][partner], municipality, partner, key, terms);
    }

    function stopPartner(uint256 municipality, uint256 partner) external onlyByAct {
        ExchangeAgreement.stop(_agreements[municipality][partner], municipality, partner);
    }

    function openCampaign(uint256 municipality, uint256 partner, Campaign calldata campaign)
        external
        onlyByAct
    {
        _requirePartner(partner);
        ExchangeAgreement.openCampaign(_agreements[municipality][partner], municipality, partner, campaign);
    }

    function endCampaign(uint256 municipality, uint256 partner) external onlyByAct {
        ExchangeAgreement.endCampaign(_agreements[municipality][partner], municipality, partner);
    }

    // --------------------------------------------------------------- EXCHANGE

    function exchange(uint256 municipality, uint256 number, uint256 partnerPoints, bytes32 partnerReference)
        external
        returns (bytes32 holding)
    {
        uint256 partner = _callingPartner();
        holding = holdingId(partner, partnerReference);
        if (_holdings[holding].state != HoldingState.None) {
            revert ExchangeReferenceUsed(partner, partnerReference);
        }
        if (residents.accountOf(municipality, number) == address(0)) {
            revert ExchangeNoMembership(municipality, number);
        }
        Agreement storage agreement = _agreements[municipality][partner];
        Terms memory terms = _accepted(agreement, municipality, partner, msg.sender);
        _requireAmount(terms, partnerPoints);
        if (partnerPoints <= terms.feePartnerPoints) revert ExchangePoints(0);
        uint256 points = (partnerPoints - terms.feePartnerPoints) * terms.numerator / terms.denominator;
        if (points == 0 || points > MAX_POINTS) revert ExchangePoints(points);

        Holding memory held = Holding({
            state: HoldingState.Held,
            municipality: uint24(municipality),
            number: uint32(number),
            partner: uint24(partner),
            exchangedAt: uint40(block.timestamp),
            partnerPoints: uint32(partnerPoints),
            points: uint32(points),
            bonusPoints: 0,
            campaign: 0,
            isBonusPaidByPartner: false,
            expiryMonths: terms.expiryMonths
        });
        _addBonus(agreement, held);
        _countForResident(agreement, terms, municipality, number, points);
        agreement.ledger.heldPoints += uint40(_owedFor(held));
        _requireWithinOutstanding(agreement, terms, municipality, partner);
        _holdings[holding] = held;
        emit Exchanged(
            holding, municipality, partner, number, partnerPoints, points, held.bonusPoints, partnerReference
        );
    }

    function _callingPartner() private view returns (uint256 partner) {
        partner = partnerOfKey[msg.sender];
        if (partner == 0 || partnerOf[partner].key != msg.sender) revert ExchangeNotPartner(msg.sender);
        if (partnerOf[partner].isSuspended) revert ExchangePartnerSuspended(partner);
    }

    /// @dev The terms in force for what `key` of the partner brings.
    function _accepted(Agreement storage agreement, uint256 municipality, uint256 partner, address key)
        private
        view
        returns (Terms memory terms)
    {
        if (partnerOf[partner].isSuspended) revert ExchangePartnerSuspended(partner);
        // A municipality that has left the service could stop nothing here any more: it takes nothing new.
        if (!officers.isAccepted(municipality, address(this))) {
            revert ExchangeNoTerms(municipality, partner);
        }
        if (!agreement.acceptedKeys[key]) revert ExchangeKeyNotAccepted(municipality, partner, key);
        return _termsNow(agreement, municipality, partner);
    }

    function _termsNow(Agreement storage agreement, uint256 municipality, uint256 partner)
        private
        view
        returns (Terms memory terms)
    {
        // Entries stand in the order in which they begin; few are still to come.
        for (uint256 i = agreement.terms.length; i != 0; --i) {
            terms = agreement.terms[i - 1];
            if (terms.from <= block.timestamp) {
                if (block.timestamp < terms.until) return terms;
                break;
            }
        }
        revert ExchangeNoTerms(municipality, partner);
    }

    function _requireAmount(Terms memory terms, uint256 partnerPoints) private pure {
        if (
            partnerPoints % terms.unitPartnerPoints != 0 || partnerPoints < terms.minimumPartnerPoints
                || partnerPoints > terms.maximumPartnerPoints
        ) {
            revert ExchangeAmount(
                partnerPoints, terms.unitPartnerPoints, terms.minimumPartnerPoints, terms.maximumPartnerPoints
            );
        }
    }

    /// @dev Draws the bonus of the campaign that is on, if one is, out of its budget.
    function _addBonus(Agreement storage agreement, Holding memory held) private {
        Campaign memory campaign = agreement.campaign;
        if (block.timestamp < campaign.from || block.timestamp >= campaign.until) return;
        uint256 bonus = uint256(held.points) * campaign.numerator / campaign.denominator;
        bonus = Math.min(bonus, campaign.budgetPoints - campaign.usedPoints);
        bonus = Math.min(bonus, MAX_POINTS - held.points);
        if (bonus == 0) return;
        agreement.campaign.usedPoints = campaign.usedPoints + uint48(bonus);
        held.bonusPoints = uint32(bonus);
        held.campaign = campaign.number;
        held.isBonusPaidByPartner = campaign.isPaidByPartner;
    }

    /// @dev Gives a bonus that is not delivered back to its campaign, if no other has taken that one's place.
    function _dropBonus(Agreement storage agreement, Holding memory held) private {
        if (held.campaign != 0 && held.campaign == agreement.campaign.number) {
            agreement.campaign.usedPoints -= held.bonusPoints;
        }
        held.bonusPoints = 0;
        held.campaign = 0;
        held.isBonusPaidByPartner = false;
    }

    function _owedFor(Holding memory held) private pure returns (uint256) {
        return held.isBonusPaidByPartner ? uint256(held.points) + held.bonusPoints : held.points;
    }

    function _countForResident(
        Agreement storage agreement,
        Terms memory terms,
        uint256 municipality,
        uint256 number,
        uint256 points
    ) private {
        (uint256 today, uint256 thisYear) = _usedNow(agreement.used[number]);
        if (today + points > terms.dailyLimitPoints) {
            revert ExchangeDailyLimit(municipality, number, _minus(terms.dailyLimitPoints, today), points);
        }
        if (thisYear + points > terms.yearlyLimitPoints) {
            revert ExchangeYearlyLimit(
                municipality, number, _minus(terms.yearlyLimitPoints, thisYear), points
            );
        }
        agreement.used[number] = Used({
            day: uint24(JapanCalendar.dayOf(block.timestamp)),
            dayPoints: uint40(today + points),
            year: uint16(_fiscalYear()),
            yearPoints: uint40(thisYear + points)
        });
    }

    function _usedNow(Used memory used) private view returns (uint256 today, uint256 thisYear) {
        if (used.day == JapanCalendar.dayOf(block.timestamp)) today = used.dayPoints;
        if (used.year == _fiscalYear()) thisYear = used.yearPoints;
    }

    function _fiscalYear() private view returns (uint256) {
        return JapanCalendar.fiscalYearEnd(JapanCalendar.monthOf(block.timestamp));
    }

    /// @dev After what is new has been written into the ledger.
    function _requireWithinOutstanding(
        Agreement storage agreement,
        Terms memory terms,
        uint256 municipality,
        uint256 partner
    ) private view {
        uint256 outstanding = _outstanding(agreement.ledger);
        if (outstanding > terms.outstandingLimitPoints) {
            revert ExchangeOutstandingLimit(municipality, partner, outstanding, terms.outstandingLimitPoints);
        }
    }

    function _outstanding(Ledger memory ledger) private pure returns (uint256) {
        uint256 owed = uint256(ledger.heldPoints) + ledger.couponPoints + ledger.exchangedPoints
            + ledger.bonusOwedPoints;
        return _minus(owed, ledger.receivedPoints);
    }

    /// @dev Not below 0.
    function _minus(uint256 a, uint256 b) private pure returns (uint256 difference) {
        (, difference) = Math.trySub(a, b);
    }

    // ---------------------------------------------------------- HOLDING ACCOUNT

    function nameMunicipality(
        bytes32 holding,
        uint256 municipality,
        address account,
        uint256 validUntil,
        bytes calldata signature
    ) external {
        Holding memory held = _holdings[holding];
        if (held.state != HoldingState.Held) revert ExchangeStopped(HeldIssue.NotHeld);
        address resident = residents.accountOf(held.municipality, held.number);
        // What is stopped at home does not leave it either.
        _requireMoving(_stopOf(townOf[held.municipality].series, held.municipality, resident));
        _requireNamedBy(resident, holding, municipality, account, validUntil, signature);
        if (municipality == held.municipality) {
            if (account != resident) revert ExchangeForeignAccount(municipality, account);
            _requireMoving(_issueAt(municipality, resident, _total(held)));
            _requireMoving(_deliver(holding, held, municipality, held.number, resident));
        } else {
            _nameAbroad(holding, held, municipality, account);
        }
    }

    /// @dev The home municipality is rid of the points, its bonus and what the partner would have owed for both; what
    /// the resident used up of the limits there stays used up. The other one takes them on its own terms, the rate and
    /// fee alone are settled.
    function _nameAbroad(bytes32 holding, Holding memory held, uint256 municipality, address resident)
        private
    {
        _leaveHome(held);
        uint256 number = residents.numberOf(municipality, resident);
        if (number == 0) revert ExchangeForeignAccount(municipality, resident);
        uint256 partner = held.partner;
        Agreement storage agreement = _agreements[municipality][partner];
        Terms memory terms = _accepted(agreement, municipality, partner, partnerOf[partner].key);
        _requireAmount(terms, held.partnerPoints);
        held.expiryMonths = terms.expiryMonths;
        _addBonus(agreement, held);
        _countForResident(agreement, terms, municipality, number, held.points);
        agreement.ledger.heldPoints += uint40(_owedFor(held));
        _requireWithinOutstanding(agreement, terms, municipality, partner);
        _requireMoving(_issueAt(municipality, resident, _total(held)));
        _requireMoving(_deliver(holding, held, municipality, number, resident));
    }

    function sweep(bytes32[] calldata holdings) external {
        for (uint256 i; i < holdings.length; ++i) {
            HeldIssue issue = _sweep(holdings[i]);
            if (issue != HeldIssue.None) emit Kept(holdings[i], issue);
        }
    }

    function returnToPartner(bytes32 holding) external {
        Holding memory held = _holdings[holding];
        if (held.state != HoldingState.Held) revert ExchangeStopped(HeldIssue.NotHeld);
        uint256 afterDays = townOf[held.municipality].returnAfterDays;
        if (
            afterDays == 0 || block.timestamp < held.exchangedAt + afterDays * 1 days
                || residents.accountOf(held.municipality, held.number) != address(0)
        ) revert ExchangeNotReturnable(holding);
        _leaveHome(held);
        _holdings[holding].state = HoldingState.Returned;
        emit Returned(holding, held.municipality, held.partner, held.points);
    }

    function _leaveHome(Holding memory held) private {
        Agreement storage home = _agreements[held.municipality][held.partner];
        home.ledger.heldPoints -= uint40(_owedFor(held));
        _dropBonus(home, held);
    }

    function _sweep(bytes32 holding) private returns (HeldIssue issue) {
        Holding memory held = _holdings[holding];
        issue = _issueOf(held);
        if (issue != HeldIssue.None) return issue;
        address resident = residents.accountOf(held.municipality, held.number);
        return _deliver(holding, held, held.municipality, held.number, resident);
    }

    /// @dev Mints points that are held in the municipality's ledger. If the series refuses, nothing has happened.
    function _deliver(
        bytes32 holding,
        Holding memory held,
        uint256 municipality,
        uint256 number,
        address resident
    ) private returns (HeldIssue) {
        Agreement storage agreement = _agreements[municipality][held.partner];
        Ledger memory before = agreement.ledger;
        _book(agreement, held);
        _holdings[holding].state = HoldingState.Delivered;
        uint256 expiryMonth = JapanCalendar.monthOf(block.timestamp) + held.expiryMonths;
        try townOf[municipality].series.mintUntil(resident, _total(held), expiryMonth) {
            _tellDelivered(holding, held, municipality, number, resident, expiryMonth);
            return HeldIssue.None;
        } catch (bytes memory reason) {
            // Whoever sweeps chooses the gas: a series that ran out of it has refused nothing, and says no reason.
            if (reason.length == 0) revert ExchangeGasTooLow(holding);
            _holdings[holding].state = HoldingState.Held;
            agreement.ledger = before;
            return HeldIssue.Refused;
        }
    }

    /// @dev Held points become exchanged ones.
    function _book(Agreement storage agreement, Holding memory held) private {
        Ledger memory ledger = agreement.ledger;
        ledger.heldPoints -= uint40(_owedFor(held));
        ledger.exchangedPoints += held.points;
        ledger.bonusPoints += held.bonusPoints;
        ledger.bonusOwedPoints += uint40(_owedFor(held)) - held.points;
        agreement.ledger = ledger;
    }

    function _tellDelivered(
        bytes32 holding,
        Holding memory held,
        uint256 municipality,
        uint256 number,
        address resident,
        uint256 expiryMonth
    ) private {
        emit Delivered(
            holding,
            municipality,
            held.partner,
            number,
            resident,
            held.points,
            held.bonusPoints,
            _owedFor(held) - held.points,
            expiryMonth
        );
    }

    function _total(Holding memory held) private pure returns (uint256) {
        return uint256(held.points) + held.bonusPoints;
    }

    function _requireNamedBy(
        address resident,
        bytes32 holding,
        uint256 municipality,
        address account,
        uint256 validUntil,
        bytes calldata signature
    ) private view {
        if (msg.sender == resident) return;
        if (block.timestamp > validUntil) revert ExchangeSignatureExpired(validUntil);
        bytes32 digest =
            _hashTypedDataV4(keccak256(abi.encode(NAMING_TYPE, holding, municipality, account, validUntil)));
        if (!SignatureChecker.isValidSignatureNow(resident, digest, signature)) {
            revert ExchangeWrongSignature(resident);
        }
    }

    function _requireMoving(HeldIssue issue) private pure {
        if (issue != HeldIssue.None) revert ExchangeStopped(issue);
    }

    function _issueOf(Holding memory held) private view returns (HeldIssue) {
        if (held.state != HoldingState.Held) return HeldIssue.NotHeld;
        if (block.timestamp < held.exchangedAt + HOLDING_SECONDS) return HeldIssue.NotDue;
        address resident = residents.accountOf(held.municipality, held.number);
        return _issueAt(held.municipality, resident, _total(held));
    }

    /// @dev Why `points` cannot be minted for a resident; `resident` is zero if the membership has ended.
    function _issueAt(uint256 municipality, address resident, uint256 points)
        private
        view
        returns (HeldIssue issue)
    {
        IMunicipalPoint series = townOf[municipality].series;
        issue = _stopOf(series, municipality, resident);
        if (issue != HeldIssue.None) return issue;
        (uint256 allowance,) = series.minterOf(address(this));
        if (allowance < points) return HeldIssue.OutOfAllowance;
    }

    /// @dev Why a resident's points may not move here; `resident` is zero if the membership has ended. Asked of home before
    /// points leave it, for they touch nothing of its series, and of wherever they are minted. A series learns only when told
    /// that an account is blocked, so that the registry of residents is asked as well.
    function _stopOf(IMunicipalPoint series, uint256 municipality, address resident)
        private
        view
        returns (HeldIssue)
    {
        if (resident == address(0)) return HeldIssue.NoMembership;
        if (block.timestamp < series.pausedUntil()) return HeldIssue.Paused;
        (bool isFrozen, bool isBlocked) = series.frozenOf(resident);
        if (isFrozen || isBlocked || residents.isBlocked(municipality, resident)) {
            return HeldIssue.AccountStopped;
        }
        return HeldIssue.None;
    }

    // ---------------------------------------------------------------- COUPONS

    function issueCoupons(uint256 municipality, uint40 validUntil, NewCoupon[] calldata coupons) external {
        uint256 partner = _callingPartner();
        Agreement storage agreement = _agreements[municipality][partner];
        uint40 total;
        for (uint256 i; i < coupons.length; ++i) {
            address key = coupons[i].key;
            uint32 points = coupons[i].points;
            bool isTaken = _coupons[partner][key].issuer != address(0);
            if (isTaken || key == address(0) || points == 0 || points > MAX_POINTS) {
                revert ExchangeInvalidCoupon(key);
            }
            if (block.timestamp > validUntil) revert ExchangeCouponExpired(key, validUntil);
            _coupons[partner][key] = Coupon(msg.sender, points, uint24(municipality), validUntil);
            total += points;
            emit CouponIssued(partner, key, municipality, points, validUntil);
        }
        agreement.ledger.couponPoints += total;
        if (municipality != ANY_MUNICIPALITY) {
            Terms memory terms = _accepted(agreement, municipality, partner, msg.sender);
            _requireWithinOutstanding(agreement, terms, municipality, partner);
        }
    }

    function redeem(
        uint256 partner,
        address coupon,
        uint256 municipality,
        uint256 number,
        bytes calldata signature
    ) external {
        Coupon memory redeemed = _coupons[partner][coupon];
        _requireRedeemable(redeemed, partner, coupon, municipality);
        _requireCouponSigned(partner, coupon, municipality, number, signature);
        Agreement storage agreement = _agreements[municipality][partner];
        Terms memory terms = _accepted(agreement, municipality, partner, redeemed.issuer);
        address resident = residents.accountOf(municipality, number);
        _requireMoving(_issueAt(municipality, resident, redeemed.points));
        uint256 expiryMonth = JapanCalendar.monthOf(block.timestamp) + terms.expiryMonths;

        _coupons[partner][coupon].points = 0;
        _countForResident(agreement, terms, municipality, number, redeemed.points);
        _agreements[redeemed.municipality][partner].ledger.couponPoints -= redeemed.points;
        agreement.ledger.exchangedPoints += redeemed.points;
        // A coupon for this municipality has been within the limit since it was issued.
        if (redeemed.municipality == ANY_MUNICIPALITY) {
            _requireWithinOutstanding(agreement, terms, municipality, partner);
        }
        emit CouponRedeemed(partner, coupon, municipality, number, resident, redeemed.points, expiryMonth);
        townOf[municipality].series.mintUntil(resident, redeemed.points, expiryMonth);
    }

    function closeCoupons(uint256 partner, address[] calldata coupons) external {
        bool isPartner = msg.sender == partnerOf[partner].key;
        for (uint256 i; i < coupons.length; ++i) {
            Coupon memory closed = _coupons[partner][coupons[i]];
            if (closed.points == 0) continue;
            bool isExpired = block.timestamp > closed.validUntil;
            if (!isExpired && !isPartner) revert ExchangeCouponNotExpired(coupons[i], closed.validUntil);
            _coupons[partner][coupons[i]].points = 0;
            _agreements[closed.municipality][partner].ledger.couponPoints -= closed.points;
            emit CouponClosed(partner, coupons[i], closed.municipality, closed.points, isExpired);
        }
    }

    function _requireRedeemable(Coupon memory coupon, uint256 partner, address key, uint256 municipality)
        private
        view
    {
        if (coupon.points == 0) revert ExchangeCouponNotOpen(partner, key);
        if (block.timestamp > coupon.validUntil) revert ExchangeCouponExpired(key, coupon.validUntil);
        if (coupon.municipality != ANY_MUNICIPALITY && coupon.municipality != municipality) {
            revert ExchangeCouponElsewhere(key, coupon.municipality);
        }
    }

    function _requireCouponSigned(
        uint256 partner,
        address coupon,
        uint256 municipality,
        uint256 number,
        bytes calldata signature
    ) private view {
        bytes32 digest = _hashTypedDataV4(
            keccak256(abi.encode(REDEMPTION_TYPE, partner, coupon, municipality, number))
        );
        (address signer,,) = ECDSA.tryRecover(digest, signature);
        if (signer != coupon) revert ExchangeWrongSignature(coupon);
    }

    // --------------------------------------------------------------- RECEIPTS

    function recordReceipt(
        uint256 municipality,
        uint256 partner,
        uint40 receivedPoints,
        bytes32 bankReferenceHash
    ) external onlyByAct {
        _requirePartner(partner);
        bool isRecorded = receiptOf[municipality][bankReferenceHash].partner != 0;
        if (isRecorded || bankReferenceHash == 0 || receivedPoints == 0) {
            revert ExchangeReceipt(municipality, bankReferenceHash);
        }
        receiptOf[municipality][bankReferenceHash] = Receipt(uint24(partner), receivedPoints);
        _agreements[municipality][partner].ledger.receivedPoints += receivedPoints;
        emit ReceiptRecorded(municipality, partner, bankReferenceHash, receivedPoints);
    }

    function reverseReceipt(uint256 municipality, bytes32 bankReferenceHash) external onlyByAct {
        Receipt memory receipt = receiptOf[municipality][bankReferenceHash];
        if (receipt.partner == 0) revert ExchangeReceipt(municipality, bankReferenceHash);
        delete receiptOf[municipality][bankReferenceHash];
        _agreements[municipality][receipt.partner].ledger.receivedPoints -= receipt.receivedPoints;
        emit ReceiptReversed(municipality, receipt.partner, bankReferenceHash, receipt.receivedPoints);
    }

    // ------------------------------------------------------------------ VIEWS

    // solhint-disable-next-line func-name-mixedcase
    function DOMAIN_SEPARATOR() external view returns (bytes32) {
        return _domainSeparatorV4();
    }

    function isKeyAccepted(uint256 municipality, uint256 partner, address key) external view returns (bool) {
        return _agreements[municipality][partner].acceptedKeys[key];
    }

    function termsOf(uint256 municipality, uint256 partner) external view returns (Terms[] memory) {
        return _agreements[municipality][partner].terms;
    }

    function currentTerms(uint256 municipality, uint256 partner) external view returns (Terms memory) {
        return _termsNow(_agreements[municipality][partner], municipality, partner);
    }

    function campaignOf(uint256 municipality, uint256 partner) external view returns (Campaign memory) {
        return _agreements[municipality][partner].campaign;
    }

    function ledgerOf(uint256 municipality, uint256 partner) external view returns (Ledger memory) {
        return _agreements[municipality][partner].ledger;
    }

    function outstandingOf(uint256 municipality, uint256 partner) external view returns (uint256 points) {
        return _outstanding(_agreements[municipality][partner].ledger);
    }

    function usedOf(uint256 municipality, uint256 partner, uint256 number)
        external
        view
        returns (uint256 todayPoints, uint256 thisYearPoints)
    {
        return _usedNow(_agreements[municipality][partner].used[number]);
    }

    function holdingId(uint256 partner, bytes32 partnerReference) public pure returns (bytes32) {
        return keccak256(abi.encode(partner, partnerReference));
    }

    function holdingOf(bytes32 holding) external view returns (Holding memory) {
        return _holdings[holding];
    }

    function issueOf(bytes32 holding) external view returns (HeldIssue) {
        return _issueOf(_holdings[holding]);
    }

    function couponOf(uint256 partner, address coupon) external view returns (Coupon memory) {
        return _coupons[partner][coupon];
    }
}
