// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IMunicipalPoint} from "../interfaces/IMunicipalPoint.sol";
import {IOfficers} from "../interfaces/IOfficers.sol";
import {IPaymentBonus} from "../interfaces/IPaymentBonus.sol";
import {IPointPlatform} from "../interfaces/IPointPlatform.sol";
import {IResidentRegistry} from "../interfaces/IResidentRegistry.sol";
import {ActRules} from "./libraries/ActRules.sol";
import {Lot} from "./libraries/ExpiringLots.sol";
import {ExpiryPolicy} from "./libraries/ExpiryPolicy.sol";
import {JapanCalendar} from "./libraries/JapanCalendar.sol";
import {SaleRecords} from "./libraries/SaleRecord.sol";

/// @title PaymentBonus
/// @notice Campaigns of all municipalities in one contract. See IPaymentBonus for what it promises.
///
/// The series' own answers are the whole proof: `refundOf` of all that is left of a sale succeeds for the payer and the
/// lots that paid it and for nobody else, and `saleOf` tells what was refunded in the end.
///
/// Not here: points (the series has them), a list of who took part (events tell), a way to take points from anybody. No
/// reentrancy guard: it calls the platform, its registered series and the registry of residents alone, which call nobody back.
contract PaymentBonus is IPaymentBonus {
    /// On so many days at least a sale can be awarded: a week, in which any town hall is open.
    uint256 private constant NEEDED_AWARD_DAYS = 7;

    // ---------------------------------------------------------------- storage

    IPointPlatform public immutable platform;
    IOfficers public immutable officers;
    IResidentRegistry public immutable residents;

    uint256 public campaignCount;
    mapping(uint256 campaign => Campaign) private _campaigns;
    /// 256 categories a word.
    mapping(uint256 campaign => mapping(uint256 categories => uint256)) private _categories;
    mapping(uint256 campaign => mapping(address merchant => mapping(uint256 sale => Reservation))) private
        _reservations;
    mapping(uint256 campaign => mapping(uint256 number => Account)) private _accounts;

    modifier onlyByAct() {
        if (msg.sender != address(officers)) revert BonusOnlyByAct(msg.sender);
        _;
    }

    constructor(IPointPlatform platform_) {
        platform = platform_;
        officers = platform_.officers();
        residents = platform_.residents();
    }

    // -------------------------------------------------------------- CAMPAIGNS

    function openCampaign(uint256 municipality, address series, CampaignTerms calldata terms)
        external
        onlyByAct
        returns (uint256 campaign)
    {
        // Of what is no series, the platform says 0, which is the council's own number.
        if (municipality == 0 || platform.municipalityOf(series) != municipality) {
            revert BonusForeignSeries(municipality, series);
        }
        _requireSound(terms);
        uint16 expiryMonth = _expiryMonth(IMunicipalPoint(series), terms);
        campaign = ++campaignCount;
        _campaigns[campaign] = Campaign({
            series: series,
            municipality: uint24(municipality),
            firstDay: terms.firstDay,
            lastDay: terms.lastDay,
            expiryMonth: expiryMonth,
            allCategories: terms.categories.length == 0,
            rateNumerator: terms.rateNumerator,
            rateDenominator: terms.rateDenominator,
            minimumPoints: terms.minimumPoints,
            capPoints: terms.capPoints,
            budgetPoints: terms.budgetPoints,
            reservedPoints: 0,
            awardedPoints: 0
        });
        for (uint256 i; i < terms.categories.length; ++i) {
            _categories[campaign][terms.categories[i] >> 8] |= 1 << (terms.categories[i] & 0xff);
        }
        CampaignTerms memory settled = terms;
        settled.expiryMonth = expiryMonth;
        emit CampaignOpened(municipality, campaign, series, settled);
    }

    function enlargeCampaign(uint256 municipality, uint256 campaign, uint64 byPoints) external onlyByAct {
        Campaign storage terms = _campaignOf(municipality, campaign);
        terms.budgetPoints += byPoints;
        emit CampaignEnlarged(campaign, terms.budgetPoints);
    }

    function closeCampaign(uint256 municipality, uint256 campaign) external onlyByAct {
        Campaign storage terms = _campaignOf(municipality, campaign);
        uint256 today = JapanCalendar.dayOf(block.timestamp);
        if (today >= terms.lastDay) revert BonusDays(terms.firstDay, terms.lastDay, today);
        terms.lastDay = uint16(today);
        emit CampaignClosed(campaign, today);
    }

    function _requireSound(CampaignTerms calldata terms) private view {
        (uint256 firstDay, uint256 lastDay) = (terms.firstDay, terms.lastDay);
        uint256 today = JapanCalendar.dayOf(block.timestamp);
        if (firstDay > lastDay || lastDay < today || _fiscalYearOfDay(firstDay) != _fiscalYearOfDay(lastDay))
        {
            revert BonusDays(firstDay, lastDay, today);
        }
        if (terms.rateNumerator == 0 || terms.rateNumerator > terms.rateDenominator) {
            revert BonusRate(terms.rateNumerator, terms.rateDenominator);
        }
        if (terms.capPoints == 0 || terms.budgetPoints == 0) {
            revert BonusLimits(terms.capPoints, terms.budgetPoints);
        }
    }

    /// @dev One month for all bonus of a campaign: nobody gains by having a sale awarded later or earlier.
    function _expiryMonth(IMunicipalPoint series, CampaignTerms calldata terms)
        private
        view
        returns (uint16)
    {
        (uint256 payableDays, uint256 refundDays, uint256 ringDays) = series.saleDays();
        uint256 awardDays = ringDays - payableDays - refundDays - 1;
        if (awardDays < NEEDED_AWARD_DAYS) revert BonusAwardDays(awardDays, NEEDED_AWARD_DAYS);
        uint256 month = terms.expiryMonth == 0 ? series.policyExpiryMonth() : terms.expiryMonth;
        ExpiryPolicy.requireInRange(month, JapanCalendar.monthOf(block.timestamp));
        uint256 lastMonth = JapanCalendar.monthOfDay(terms.lastDay + ringDays);
        if (month < lastMonth) revert BonusEndsTooEarly(month, lastMonth);
        return uint16(month);
    }

    function _fiscalYearOfDay(uint256 day) private pure returns (uint256) {
        return JapanCalendar.fiscalYearEnd(JapanCalendar.monthOfDay(day));
    }

    // ---------------------------------------------------------------- PROMISED

    function reserve(uint256 campaign, Payment[] calldata payments)
        external
        returns (BonusIssue[] memory issues)
    {
        Campaign storage terms = _campaignOf(campaign);
        uint256 firstOpenDay = _firstOpenDay(terms);
        issues = new BonusIssue[](payments.length);
        for (uint256 i; i < payments.length; ++i) {
            issues[i] = _issueOf(campaign, terms, payments[i], firstOpenDay);
            if (issues[i] == BonusIssue.None) issues[i] = _reserve(campaign, terms, payments[i]);
            if (issues[i] != BonusIssue.None) {
                emit BonusSkipped(campaign, payments[i].merchant, payments[i].sale, issues[i]);
            }
        }
    }

    /// @dev Promises a sale what it has earned and was not promised yet, as far as there is room.
    function _reserve(uint256 campaign, Campaign storage terms, Payment calldata payment)
        private
        returns (BonusIssue)
    {
        Reservation storage sale = _reservations[campaign][payment.merchant][payment.sale];
        if (sale.isAwarded) return BonusIssue.AlreadyAwarded;
        uint256 number = residents.everNumberOf(terms.municipality, payment.payer);
        if (number == 0) return BonusIssue.Unregistered;
        (bool isProved, uint256 paid, uint256 refunded) = _proof(IMunicipalPoint(terms.series), payment);
        if (!isProved) return BonusIssue.NotProved;
        uint256 earned = _earned(terms, paid - refunded);
        if (earned <= sale.points) return BonusIssue.NothingEarned;
        Account storage account = _accounts[campaign][number];
        uint256 room = terms.capPoints - account.reservedPoints - account.awardedPoints;
        if (room == 0) return BonusIssue.CapReached;
        room = Math.min(room, terms.budgetPoints - terms.reservedPoints - terms.awardedPoints);
        if (room == 0) return BonusIssue.BudgetUsed;
        uint256 more = Math.min(earned - sale.points, room);
        (sale.number, sale.paidPoints) = (uint32(number), uint32(paid));
        sale.points += uint32(more);
        account.reservedPoints += uint64(more);
        terms.reservedPoints += uint64(more);
        emit BonusReserved(
            campaign, payment.merchant, number, payment.sale, payment.payer, paid, refunded, more
        );
        return BonusIssue.None;
    }

    function _issueOf(
        uint256 campaign,
        Campaign storage terms,
        Payment calldata payment,
        uint256 firstOpenDay
    ) private view returns (BonusIssue) {
        uint256 day = SaleRecords.dayOf(payment.sale);
        if (day < terms.firstDay || day > terms.lastDay) return BonusIssue.OtherDay;
        (IMunicipalPoint.MerchantStatus status, uint256 category) =
            _standing(IMunicipalPoint(terms.series), payment.merchant);
        if (status != IMunicipalPoint.MerchantStatus.Active) return BonusIssue.MerchantNotActive;
        if (!isCategory(campaign, category)) return BonusIssue.OtherCategory;
        if (day < firstOpenDay) return BonusIssue.TooLate;
        return BonusIssue.None;
    }

    /// @dev Whether this payer paid this sale from these lots, and how much was paid and refunded. Of a sale that was
    /// refunded whole nothing can be proved, and nothing needs to be.
    function _proof(IMunicipalPoint series, Payment calldata payment)
        private
        view
        returns (bool isProved, uint256 paid, uint256 refunded)
    {
        (, refunded) = series.saleOf(payment.merchant, payment.sale);
        for (uint256 i; i < payment.lots.length; ++i) {
            paid += Lot.wrap(payment.lots[i]).amountOf();
        }
        if (paid <= refunded) return (false, paid, refunded);
        try series.refundOf(payment.merchant, payment.sale, payment.payer, payment.lots, paid - refunded) {
            isProved = true;
        } catch {}
    }

    /// @dev What a sale earns, of which so much was paid and not refunded.
    function _earned(Campaign storage terms, uint256 points) private view returns (uint256) {
        if (points < terms.minimumPoints) return 0;
        return points * terms.rateNumerator / terms.rateDenominator;
    }

    /// @dev Sales of this day and later can still be refunded, those of earlier days cannot.
    function _firstOpenDay(Campaign storage terms) private view returns (uint256) {
        (uint256 payableDays, uint256 refundDays,) = IMunicipalPoint(terms.series).saleDays();
        return JapanCalendar.dayOf(block.timestamp) - payableDays - refundDays;
    }

    // ----------------------------------------------------------------- AWARDED

    function award(uint256 campaign, SaleKey[] calldata sales) external returns (BonusIssue[] memory issues) {
        Campaign storage terms = _campaignOf(campaign);
        uint256 firstOpenDay = _firstOpenDay(terms);
        issues = new BonusIssue[](sales.length);
        // As IMunicipalPoint.mintToResidents takes them.
        uint256[] memory rows = new uint256[](sales.length);
        uint256 count;
        for (uint256 i; i < sales.length; ++i) {
            issues[i] = _bringUpToDate(campaign, terms, sales[i], firstOpenDay);
            if (issues[i] != BonusIssue.None) continue;
            Reservation storage sale = _reservations[campaign][sales[i].merchant][sales[i].sale];
            sale.isAwarded = true; // at once, for a list may name a sale twice
            rows[count++] = (uint256(sale.points) << 32) | sale.number;
        }
        assembly ("memory-safe") {
            mstore(rows, count) // shorten the list to what it holds
        }
        if (count != 0) _mint(terms, rows, issues);
        for (uint256 i; i < sales.length; ++i) {
            _conclude(campaign, terms, sales[i], issues[i]);
        }
    }

    /// @dev Frees what is promised for what was refunded, and tells whether the rest can be minted.
    function _bringUpToDate(
        uint256 campaign,
        Campaign storage terms,
        SaleKey calldata key,
        uint256 firstOpenDay
    ) private returns (BonusIssue) {
        Reservation storage sale = _reservations[campaign][key.merchant][key.sale];
        if (sale.number == 0) return BonusIssue.NotReserved;
        if (sale.isAwarded) return BonusIssue.AlreadyAwarded;
        IMunicipalPoint series = IMunicipalPoint(terms.series);
        (IMunicipalPoint.SaleState state, uint256 refunded) = series.saleOf(key.merchant, key.sale);
        bool isGone = state != IMunicipalPoint.SaleState.Paid;
        uint256 earned = isGone ? 0 : _earned(terms, sale.paidPoints - refunded);
        if (earned < sale.points) {
            uint256 less = sale.points - earned;
            sale.points = uint32(earned);
            _accounts[campaign][sale.number].reservedPoints -= uint64(less);
            terms.reservedPoints -= uint64(less);
            emit BonusReleased(campaign, key.merchant, sale.number, key.sale, refunded, isGone, less);
        }
        if (isGone) return BonusIssue.RecordGone;
        if (sale.points == 0) return BonusIssue.NothingEarned;
        if (SaleRecords.dayOf(key.sale) >= firstOpenDay) return BonusIssue.TooEarly;
        // Whoever bought at a shop that has closed since has bought all the same.
        (IMunicipalPoint.MerchantStatus status,) = _standing(series, key.merchant);
        if (status == IMunicipalPoint.MerchantStatus.Suspended) return BonusIssue.MerchantNotActive;
        return BonusIssue.None;
    }

    /// @dev Has the series mint, and notes for which of the sales without an issue it could not.
    function _mint(Campaign storage terms, uint256[] memory rows, BonusIssue[] memory issues) private {
        uint256 total;
        for (uint256 k; k < rows.length; ++k) {
            total += rows[k] >> 32;
        }
        (uint256[] memory places, IMunicipalPoint.MintIssue[] memory reasons) =
            _present(IMunicipalPoint(terms.series)).mintToResidents(rows, total, terms.expiryMonth);
        // `rows` lack the sales that have an issue: the place among them and the place among all go up together.
        uint256 i;
        uint256 place;
        for (uint256 k; k < places.length; ++k) {
            for (; place < places[k] || issues[i] != BonusIssue.None; ++i) {
                if (issues[i] == BonusIssue.None) ++place;
            }
            issues[i] = BonusIssue(uint8(reasons[k]));
            ++place;
            ++i;
        }
    }

    /// @dev The series itself, or what took over from it since: sales are proved where they were paid, bonus is given where
    /// it can be spent.
    function _present(IMunicipalPoint series) private view returns (IMunicipalPoint) {
        while (true) {
            (address successor,, bool isClosed,) = series.migration();
            if (!isClosed) return series;
            series = IMunicipalPoint(successor);
        }
        return series;
    }

    /// @dev A shop's category where it was paid, and its status with the latest of these series that knows it.
    function _standing(IMunicipalPoint series, address merchant)
        private
        view
        returns (IMunicipalPoint.MerchantStatus status, uint256 category)
    {
        (, status, category) = series.merchantOf(merchant);
        (address successor,, bool isClosed,) = series.migration();
        while (isClosed) {
            series = IMunicipalPoint(successor);
            (bool isKnown, IMunicipalPoint.MerchantStatus here,) = series.merchantOf(merchant);
            if (isKnown) status = here;
            (successor,, isClosed,) = series.migration();
        }
    }

    /// @dev Books what was minted for a sale, or tells why nothing was.
    function _conclude(uint256 campaign, Campaign storage terms, SaleKey calldata key, BonusIssue issue)
        private
    {
        Reservation storage sale = _reservations[campaign][key.merchant][key.sale];
        if (issue != BonusIssue.None) {
            if (uint8(issue) <= uint8(BonusIssue.LotTooLarge)) sale.isAwarded = false;
            emit BonusSkipped(campaign, key.merchant, key.sale, issue);
            return;
        }
        Account storage account = _accounts[campaign][sale.number];
        account.reservedPoints -= sale.points;
        account.awardedPoints += sale.points;
        terms.reservedPoints -= sale.points;
        terms.awardedPoints += sale.points;
        emit BonusAwarded(campaign, key.merchant, sale.number, key.sale, sale.points);
    }

    // ------------------------------------------------------------------ VIEWS

    function acts() external pure returns (IOfficers.Act[] memory all) {
        (IOfficers.Role officer, IOfficers.Role approver) =
            (IOfficers.Role.ProgrammeOfficer, IOfficers.Role.ProgrammeApprover);
        IOfficers.ActRule memory two = IOfficers.ActRule(officer, approver, 0, ActRules.NEVER_ALONE);
        all = new IOfficers.Act[](3);
        all[0] = IOfficers.Act(IPaymentBonus.openCampaign.selector, two);
        all[1] = IOfficers.Act(IPaymentBonus.enlargeCampaign.selector, two);
        // What only stops, one officer may do at once.
        all[2] =
            IOfficers.Act(IPaymentBonus.closeCampaign.selector, IOfficers.ActRule(officer, approver, 0, 0));
    }

    function campaignOf(uint256 campaign) external view returns (Campaign memory) {
        return _campaignOf(campaign);
    }

    function isCategory(uint256 campaign, uint256 category) public view returns (bool) {
        return _campaigns[campaign].allCategories
            || (_categories[campaign][category >> 8] >> (category & 0xff)) & 1 != 0;
    }

    function reservationOf(uint256 campaign, address merchant, uint256 sale)
        external
        view
        returns (Reservation memory)
    {
        return _reservations[campaign][merchant][sale];
    }

    function accountOf(uint256 campaign, uint256 number) external view returns (Account memory) {
        return _accounts[campaign][number];
    }

    function _campaignOf(uint256 campaign) private view returns (Campaign storage terms) {
        terms = _campaigns[campaign];
        if (terms.series == address(0)) revert BonusUnknownCampaign(0, campaign);
    }

    function _campaignOf(uint256 municipality, uint256 campaign)
        private
        view
        returns (Campaign storage terms)
    {
        terms = _campaigns[campaign];
        if (terms.series == address(0) || terms.municipality != municipality) {
            revert BonusUnknownCampaign(municipality, campaign);
        }
    }
}
