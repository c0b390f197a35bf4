// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import {IERC7818} from "./IERC7818.sol";
import {IOfficers} from "./IOfficers.sol";

/// @title MunicipalPoint: one series of points (自治体ポイント) of one municipality
/// @notice 1 point = 1 yen, no decimals. Residents hold points in lots; a lot ends with the last second of a
/// calendar month in Japan Standard Time and is gone then, without a transaction. Merchants (加盟店) hold no lots:
/// what they were paid is a claim (精算) on the municipality, which does not end.
///
/// Units: amounts are points. A month is counted from January 2000 = 0 (March 2027 = 326) and is the ERC-7818 epoch.
/// Month NEVER = 1535 marks points without expiry. Times are Unix seconds.
///
/// What holds, always (DESIGN: I1 to I6, I11)
/// - Points that end first are spent first, whoever moves them.
/// - No call shortens or lengthens a lot: it moves with its month.
/// - totalSupply() is the sum of balanceOf() over all accounts at every second.
/// - A resident's points leave only by payment to an active merchant, by lapse, or, if the municipality has switched
///   it on, by transfer to another resident.
/// - Nothing is minted beyond a minter's allowance.
/// - While paused no point moves; reading, approving and revoking go on.
///
/// Powers (roles of this municipality in Officers): Admin sets minters, expiry policy and switches; MerchantOfficer
/// approves, suspends and closes merchants; Guardian pauses for at most 72 hours. Nobody can take points out of an
/// account or change a lot's month. The council has no power here.
interface IMunicipalPoint is IERC7818, IERC20Metadata, IERC165 {
    // ------------------------------------------------------------------ types

    /// @notice How the end of newly minted points follows from the month of minting.
    enum ExpiryRule {
        MonthsAfter, // end of the month `months` later (0 = this month)
        ThisFiscalYear, // next 31 March, today included
        NextFiscalYear, // 31 March of the year after that
        FixedMonth, // end of month number `months`
        Never
    }

    /// @notice Standing of an account that has been approved as a merchant.
    enum MerchantStatus {
        Active, // may be paid
        Suspended, // may not be paid; keeps its claim
        Closed // as suspended, for good unless approved again
    }

    // ----------------------------------------------------------------- events

    /// @notice Every Transfer from zero that follows in this call, up to the next Minted, makes points that end with
    /// `expiryMonth`. They came out of `minter`'s allowance and add up to `amountPoints`.
    event Minted(address indexed minter, uint256 indexed expiryMonth, uint256 amountPoints);

    /// @notice A lot ended unspent and was taken off the books, an ERC-20 Transfer to zero beside it. Balances had
    /// left it out since the month's end.
    event Lapsed(address indexed account, uint256 indexed expiryMonth, uint256 amountPoints);

    /// @notice `amountPoints` in all were left unspent when the month ended; totalSupply() had left them out since then.
    event MonthClosed(uint256 indexed month, uint256 amountPoints);

    /// @notice What `minter` may still mint, after an Admin's change by `officer`.
    event MinterAllowanceSet(address indexed minter, uint256 allowancePoints, address indexed officer);

    /// @notice `minter` may mint no more; it had minted `mintedPoints` in its life.
    event MinterRemoved(address indexed minter, uint256 mintedPoints, address indexed officer);

    /// @notice A shop or public facility may be paid. `name` and `place` are public.
    event MerchantApproved(
        address indexed merchant, uint256 indexed category, string name, string place, address indexed officer
    );

    /// @notice The merchant's standing changed.
    event MerchantStatusSet(address indexed merchant, MerchantStatus status, address indexed officer);

    /// @notice Points minted from now on end by this rule, where the minter names no month.
    event ExpiryPolicySet(ExpiryRule rule, uint256 months, address indexed officer);

    /// @notice Who may transfer to whom, apart from payments.
    event TransferSwitchesSet(bool betweenResidents, bool betweenMerchants, address indexed officer);

    /// @notice No point moves before `untilTimestamp` (seconds). A time already past ends a pause.
    event PausedUntil(uint256 untilTimestamp, address indexed officer);

    // ----------------------------------------------------------------- errors

    /// @notice The series is paused before this second.
    error PointPaused(uint256 untilTimestamp);

    /// @notice `guardian` may pause again from this second on: a cool-down as long as the pause follows it.
    error PointPauseCoolingDown(uint256 fromTimestamp);

    /// @notice A pause lasts 1 second to 72 hours.
    error PointPauseLength(uint256 seconds_, uint256 maxSeconds);

    /// @notice The account is frozen.
    error PointAccountFrozen(address account);

    /// @notice `to` is not a merchant, and transfers between residents are off (資金決済法: off by default).
    error PointReceiverNotMerchant(address to);

    /// @notice The merchant cannot be paid now.
    error PointMerchantNotActive(address merchant, MerchantStatus status);

    /// @notice A merchant's claim is settled by the municipality, not passed on; transfers between merchants are off
    /// or `to` is no merchant.
    error PointClaimNotTransferable(address merchant, address to);

    /// @notice An account that holds lots, unspent or not yet recorded as lapsed, cannot become a merchant.
    error PointAccountHoldsLots(address account);

    /// @notice `account` was never approved as a merchant.
    error PointNotMerchant(address account);

    /// @notice A category is a number from 0 to `maxCategory` (65535).
    error PointCategoryTooLarge(uint256 category, uint256 maxCategory);

    /// @notice Merchants receive no new points; only residents' accounts do.
    error PointMintToMerchant(address merchant);

    /// @notice A lot may end between `firstMonth` (the current one) and `lastMonth` (60 months later), or NEVER.
    error PointExpiryOutOfRange(uint256 month, uint256 firstMonth, uint256 lastMonth);

    /// @notice One account's lot of one month holds at most `maxPoints` (2,147,483,647).
    error PointLotTooLarge(address account, uint256 month, uint256 amountPoints, uint256 maxPoints);

    /// @notice All lots of one month, and what minters have reserved for it, hold at most `maxPoints` (68,719,476,735).
    error PointMonthTooLarge(uint256 month, uint256 amountPoints, uint256 maxPoints);

    /// @notice `minter` may mint `allowancePoints` more.
    error PointMinterAllowance(address minter, uint256 allowancePoints, uint256 neededPoints);

    /// @notice `minter` is not accepted by the municipality.
    error PointNotMinter(address minter);

    /// @notice A series accepts at most `maxMinters` minters at a time.
    error PointTooManyMinters(uint256 maxMinters);

    /// @notice Points that end with `month` cannot move while others of the same account end earlier.
    error PointNotEarliest(uint256 month, uint256 earliestMonth);

    /// @notice The two lists differ in length.
    error PointListLengths(uint256 accounts, uint256 amounts);

    // ---------------------------------------------------------------- granting

    /// @notice Mints points that end by the expiry policy. Minters only.
    function mint(address to, uint256 amountPoints) external;

    /// @notice Mints points that end with month `expiryMonth`. Minters only.
    function mintUntil(address to, uint256 amountPoints, uint256 expiryMonth) external;

    /// @notice Mints to many residents, all points ending with one month; all of it or nothing. Minters only.
    function mintBatch(address[] calldata to, uint256[] calldata amountsPoints, uint256 expiryMonth) external;

    // ------------------------------------------------------------------ lapse

    /// @notice Takes ended lots of these accounts off the books, with events, and closes ended months. Anyone may call
    /// it, as often as they like: it changes no balance and not the supply, which had left ended lots out already.
    function recordLapse(address[] calldata accounts) external;

    // --------------------------------------------------------- administration

    /// @notice Accepts `minter` if it is new and raises what it may mint. Admin only.
    function increaseMinterAllowance(address minter, uint256 byPoints) external;

    /// @notice Lowers what `minter` may mint; reverts below 0. Admin only.
    function decreaseMinterAllowance(address minter, uint256 byPoints) external;

    /// @notice Ends a minter's right; its lifetime counter stays. Admin only.
    function removeMinter(address minter) external;

    /// @notice Sets how later mints end; lots that exist keep their month. Admin only.
    /// @param months see ExpiryRule; ignored by the rules that need no number.
    function setExpiryPolicy(ExpiryRule rule, uint256 months) external;

    /// @notice Switches transfers between residents and between merchants on or off. Admin only.
    function setTransferSwitches(bool betweenResidents, bool betweenMerchants) external;

    /// @notice Lets `merchant` be paid, for the first time or again. MerchantOfficer only.
    /// @param category the municipality's number for its kind of shop, 0 to 65535.
    function approveMerchant(address merchant, uint256 category, string calldata name, string calldata place)
        external;

    /// @notice Stops payments to `merchant` for now; its claim stays. MerchantOfficer only.
    function suspendMerchant(address merchant) external;

    /// @notice Stops payments to `merchant` for good; its claim stays. MerchantOfficer only.
    function closeMerchant(address merchant) external;

    /// @notice Stops every movement of points for `durationSeconds`, at most 72 hours. Guardian only.
    function pause(uint256 durationSeconds) external;

    /// @notice Ends a pause early. Guardian only.
    function unpause() external;

    // -------------------------------------------------------------- allowances

    /// @notice Raises what `spender` may move of the caller's points, without the race that `approve` has.
    function increaseAllowance(address spender, uint256 byPoints) external returns (bool);

    /// @notice Lowers what `spender` may move of the caller's points; reverts below 0.
    function decreaseAllowance(address spender, uint256 byPoints) external returns (bool);

    // ------------------------------------------------------------------ views

    /// @notice 全国地方公共団体コード as a number (011002 is 11002).
    function municipality() external view returns (uint256);

    /// @notice The roles this series obeys.
    function officers() external view returns (IOfficers);

    /// @notice Live lots of a resident, earliest first.
    function lotsOf(address account)
        external
        view
        returns (uint256[] memory expiryMonths, uint256[] memory amountsPoints);

    /// @notice What `account` loses if it spends nothing before `month` begins: live lots that end earlier.
    function endingBefore(address account, uint256 month) external view returns (uint256 amountPoints);

    /// @notice Points of all residents that end with `month`; for an ended month, what lapsed with it.
    function pointsEndingWith(uint256 month) external view returns (uint256 amountPoints);

    /// @notice A merchant's claim as of now.
    /// @return thisYearPoints paid in the current fiscal year.
    /// @return earlierYearsPoints paid before its 1 April.
    /// @return lockedPoints in settlement.
    function claimOf(address merchant)
        external
        view
        returns (uint256 thisYearPoints, uint256 earlierYearsPoints, uint256 lockedPoints);

    /// @notice A merchant's standing and category. `isMerchant` false: never approved, the rest is 0.
    function merchantOf(address account)
        external
        view
        returns (bool isMerchant, MerchantStatus status, uint256 category);

    /// @notice What `minter` may still mint, and what it has minted in its life.
    function minterOf(address minter) external view returns (uint256 allowancePoints, uint256 mintedPoints);

    /// @notice Minters accepted now; at most 16.
    function minters() external view returns (address[] memory);

    /// @notice The rule for points minted from now on.
    function expiryPolicy() external view returns (ExpiryRule rule, uint256 months);

    /// @notice The month with which points minted now by `mint` end.
    function policyExpiryMonth() external view returns (uint256 month);

    /// @notice Whether residents, and merchants, may transfer among themselves.
    function transferSwitches() external view returns (bool betweenResidents, bool betweenMerchants);

    /// @notice First second at which points move (again); in the past if the series is not paused.
    function pausedUntil() external view returns (uint256 timestamp);
}
