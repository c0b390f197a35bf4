// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IOfficers} from "./IOfficers.sol";
import {IPointPlatform} from "./IPointPlatform.sol";
import {IResidentRegistry} from "./IResidentRegistry.sol";

/// @title PaymentBonus: part of what residents pay comes back to them in points (ポイント還元)
/// @notice A service for all municipalities. A campaign (還元事業) belongs to one series, which knows nothing of it: no
/// payment pays for it or fails because of it. In two steps, both open to anybody and for many sales at once:
///
///   reserve   soon after the payment: the series proves it, and the bonus is promised out of cap and budget (還元予定)
///   award     when the sale can be refunded no more: what was not refunded has earned its bonus, which is minted (還元)
///
/// So what is returned takes its bonus with it, and nothing has to be fetched back from anybody's purse.
///
/// What a campaign gives to a resident: for each sale that the resident paid on the campaign's days, at a merchant of its
/// categories, `rate * (paid - refunded)`, rounded down; nothing for a sale of which less than the minimum is left; and in
/// all no more than the cap.
///
/// Units: amounts are points. Days are counted from 1 January 2000 = 0 in Japan, months from January 2000 = 0. A sale
/// counts by the day in its number, on which the till opened it; it may have been paid until `payableDays` later.
///
/// What holds, always (docs/invariants.md: I1, I6, I7, I8)
/// - What is promised and minted to a resident never exceeds the campaign's cap. A resident is a number of the registry,
///   whatever accounts it had; an account that is nobody's earns nothing before its owner has joined.
/// - What is promised and minted to all never exceeds the budget; nor what is minted the minter's allowance.
/// - A sale earns no more than its due in a campaign, however often and by whomever it is shown.
/// - What was refunded earns nothing: nothing is minted for a sale before the last day of its refund has passed.
///
/// What is not promised
/// - A sale is awarded while the series still has its record: on `ringDays - payableDays - refundDays - 1` days at the
///   least, seven or more when a campaign is opened. Later nobody can tell whether it was refunded: it earns nothing, and
///   what was promised is free again. The municipality makes good what it let slip by a grant (GrantProgrammes).
/// - Should Admins lengthen the refund days later, sales that have been awarded could be refunded again.
/// - Who is shown first has the room: if that sale is refunded on its last days, an earlier one that found none may be
///   TooLate by then. Sales are best shown day by day.
/// - What waits (a suspended merchant's sales, a stopped or former resident's) stays promised, out of cap and budget,
///   until the series has forgotten the sale; `enlargeCampaign` makes room before.
/// - A municipality that leaves the service ends its minting as well (IMunicipalPoint.removeMinter); until then, what was
///   promised is still awarded.
///
/// Powers: ProgrammeOfficer and ProgrammeApprover of the municipality open and enlarge together, through Officers; the
/// ProgrammeOfficer alone closes. A MerchantOfficer who suspends a merchant stops what its sales have not been awarded yet,
/// for weeks after they were paid; closing the merchant afterwards lets them be awarded, so that a dishonest one stays
/// suspended. A desk officer who freezes a resident's account does so for the account; a merchant's account, frozen, stops no
/// award. To stop a campaign whole, an Admin takes the minter's allowance away. The council has no power here.
interface IPaymentBonus {
    // ------------------------------------------------------------------ types

    /// @notice What two officers lay down when they open a campaign.
    struct CampaignTerms {
        /// Public, and neutral: whoever reads the chain learns from it where a resident takes part.
        string name;
        /// First and last day of sales that count, both in one fiscal year, whose budget it is.
        uint16 firstDay;
        uint16 lastDay;
        /// At most 1.
        uint32 rateNumerator;
        uint32 rateDenominator;
        /// A sale of less earns nothing.
        uint32 minimumPoints;
        /// The most that one resident has of the campaign.
        uint32 capPoints;
        /// The most that all residents have of it.
        uint64 budgetPoints;
        /// The month with which all bonus of the campaign ends; 0: as the series' policy says at the opening.
        uint16 expiryMonth;
        /// The merchants' categories in which sales count; none: all.
        uint16[] categories;
    }

    /// @notice A campaign as it stands. `reservedPoints` are promised and not minted yet, `awardedPoints` are minted.
    struct Campaign {
        address series;
        uint24 municipality;
        uint16 firstDay;
        uint16 lastDay;
        uint16 expiryMonth;
        bool allCategories;
        uint32 rateNumerator;
        uint32 rateDenominator;
        uint32 minimumPoints;
        uint32 capPoints;
        uint64 budgetPoints;
        uint64 reservedPoints;
        uint64 awardedPoints;
    }

    /// @notice A payment as its events SalePaid tell it, to be shown.
    struct Payment {
        address merchant;
        uint256 sale;
        address payer;
        /// That paid, as `IMunicipalPoint.refund` takes them.
        uint256[] lots;
    }

    /// @notice A sale of a campaign's series.
    struct SaleKey {
        address merchant;
        uint256 sale;
    }

    /// @notice What a sale is promised in a campaign, or was given; `number`, the resident's, is 0 if it was never shown.
    struct Reservation {
        uint32 number;
        uint32 paidPoints;
        uint32 points;
        bool isAwarded;
    }

    /// @notice What a resident is promised in a campaign, and was given.
    struct Account {
        uint64 reservedPoints;
        uint64 awardedPoints;
    }

    /// @notice Why nothing is promised or awarded for a sale. Each time it can be tried again, with what has changed.
    enum BonusIssue {
        None,
        // Up to here as IMunicipalPoint.MintIssue has them: why the resident cannot receive points.
        Unregistered, // the payer has no resident number (yet), or the membership has ended
        AccountStopped, // frozen or blocked
        AccountUnfit, // a merchant's
        LotTooLarge,
        OtherDay, // the sale is of another day than the campaign's
        MerchantNotActive, // or suspended, when it comes to the award
        OtherCategory, // of the merchant
        NotProved, // the series does not know the payment as it was shown
        TooLate, // the sale can be refunded no more, and was not shown before
        NothingEarned, // by what was not refunded, beyond what is promised
        CapReached, // the resident can be promised no more
        BudgetUsed, // nobody can be promised more
        NotReserved, // nothing was ever promised
        TooEarly, // the sale can still be refunded
        RecordGone, // the series has forgotten the sale: it was not awarded in time
        AlreadyAwarded
    }

    // ----------------------------------------------------------------- events

    /// @notice A campaign began. `terms` has the month that was chosen.
    event CampaignOpened(
        uint256 indexed municipality, uint256 indexed campaign, address indexed series, CampaignTerms terms
    );

    /// @notice The budget of a campaign is `budgetPoints` now.
    event CampaignEnlarged(uint256 indexed campaign, uint256 budgetPoints);

    /// @notice Sales of later days than `lastDay` do not count.
    event CampaignClosed(uint256 indexed campaign, uint256 lastDay);

    /// @notice A sale is promised `morePoints` more. @param number of the resident who paid.
    /// @param paidPoints what was paid. @param refundedPoints what of it had been refunded by then.
    event BonusReserved(
        uint256 indexed campaign,
        address indexed merchant,
        uint256 indexed number,
        uint256 sale,
        address payer,
        uint256 paidPoints,
        uint256 refundedPoints,
        uint256 morePoints
    );

    /// @notice A sale is promised `lessPoints` less: `refundedPoints` in all were refunded, or the series has forgotten the
    /// sale (`isRecordGone`).
    event BonusReleased(
        uint256 indexed campaign,
        address indexed merchant,
        uint256 indexed number,
        uint256 sale,
        uint256 refundedPoints,
        bool isRecordGone,
        uint256 lessPoints
    );

    /// @notice What a sale was promised has been minted to the resident's account of now. The series tells of that before.
    event BonusAwarded(
        uint256 indexed campaign,
        address indexed merchant,
        uint256 indexed number,
        uint256 sale,
        uint256 awardedPoints
    );

    /// @notice Nothing was promised or awarded for a sale.
    event BonusSkipped(
        uint256 indexed campaign, address indexed merchant, uint256 indexed sale, BonusIssue issue
    );

    // ----------------------------------------------------------------- errors

    /// @notice Only Officers may do this, after the rule of the act.
    error BonusOnlyByAct(address caller);

    /// @notice The municipality has no such series.
    error BonusForeignSeries(uint256 municipality, address series);

    /// @notice The municipality has no such campaign; 0 as municipality: nobody has.
    error BonusUnknownCampaign(uint256 municipality, uint256 campaign);

    /// @notice The days are in the wrong order, over already (`today`), or in two fiscal years.
    error BonusDays(uint256 firstDay, uint256 lastDay, uint256 today);

    /// @notice A rate is more than 0 and at most 1.
    error BonusRate(uint256 numerator, uint256 denominator);

    /// @notice Cap and budget are at least 1 point.
    error BonusLimits(uint256 capPoints, uint256 budgetPoints);

    /// @notice The bonus would end with `expiryMonth`; the last of it may be awarded as late as in `lastMonth`.
    error BonusEndsTooEarly(uint256 expiryMonth, uint256 lastMonth);

    /// @notice The series remembers a sale for `awardDays` after the last day of its refund, and `neededDays` are needed.
    error BonusAwardDays(uint256 awardDays, uint256 neededDays);

    // ------------------------------------------------------------------- acts

    /// @notice Opens a campaign of `series`, for which this contract must be a minter by the time of the first award. Two
    /// officers.
    /// @return campaign counted from 1, over all municipalities.
    function openCampaign(uint256 municipality, address series, CampaignTerms calldata terms)
        external
        returns (uint256 campaign);

    /// @notice Raises the budget of a campaign. Two officers.
    function enlargeCampaign(uint256 municipality, uint256 campaign, uint64 byPoints) external;

    /// @notice Today is the last day of the campaign. What was sold until then still earns what was promised. One officer.
    function closeCampaign(uint256 municipality, uint256 campaign) external;

    // --------------------------------------------------------- for everybody

    /// @notice Promises what paid sales have earned and were not promised yet, as far as cap and budget have room, in the
    /// order of the list. Anyone may show a payment, as often as they like, as long as it can be refunded.
    /// @return issues why nothing is promised for a sale, one for each payment.
    function reserve(uint256 campaign, Payment[] calldata payments)
        external
        returns (BonusIssue[] memory issues);

    /// @notice Brings sales up to date: frees what is promised for what was refunded, and mints the rest once a sale can be
    /// refunded no more. Anyone may call it, at any time and again. All of it reverts if the series refuses all, for want of
    /// allowance or in a pause.
    /// @return issues why a sale is not awarded, one for each.
    function award(uint256 campaign, SaleKey[] calldata sales) external returns (BonusIssue[] memory issues);

    // ------------------------------------------------------------------ views

    /// @notice The rules under which this service is offered.
    function acts() external pure returns (IOfficers.Act[] memory);

    /// @notice The registry of municipalities and series.
    function platform() external view returns (IPointPlatform);

    /// @notice The officers that this service obeys.
    function officers() external view returns (IOfficers);

    /// @notice The memberships that caps are kept by.
    function residents() external view returns (IResidentRegistry);

    /// @notice How many campaigns were ever opened: 1 to this.
    function campaignCount() external view returns (uint256);

    /// @notice A campaign by its number. Reverts with BonusUnknownCampaign if there is none.
    function campaignOf(uint256 campaign) external view returns (Campaign memory);

    /// @notice True if sales of merchants of this category count.
    function isCategory(uint256 campaign, uint256 category) external view returns (bool);

    /// @notice What a sale is promised in a campaign, or was given.
    function reservationOf(uint256 campaign, address merchant, uint256 sale)
        external
        view
        returns (Reservation memory);

    /// @notice What a resident is promised in a campaign, and was given.
    function accountOf(uint256 campaign, uint256 number) external view returns (Account memory);
}
