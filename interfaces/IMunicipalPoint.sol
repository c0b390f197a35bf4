// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import {IERC7818} from "./IERC7818.sol";
import {IOfficers} from "./IOfficers.sol";
import {IResidentRegistry} from "./IResidentRegistry.sol";

/// @title MunicipalPoint: one series of points (自治体ポイント) of one municipality
/// @notice 1 point = 1 yen, no decimals. Residents hold points in lots; a lot ends with the last second of a
/// calendar month in Japan Standard Time and is gone then, without a transaction. Merchants (加盟店) hold no lots:
/// what they were paid is a claim (精算) on the municipality, which does not end.
///
/// Units: amounts are points. A month is counted from January 2000 = 0 (March 2027 = 326) and is the ERC-7818 epoch.
/// Month NEVER = 1535 marks points without expiry. Times are Unix seconds.
///
/// What holds, always (docs/invariants.md: I1 to I8, I11)
/// - Points that end first are spent first, whoever moves them.
/// - A lot moves with its month. Only two officers together extend or restore one, and nobody shortens one.
/// - totalSupply() is the sum of balanceOf() over all accounts at every second.
/// - A resident's points leave only by payment to an active merchant, by lapse, by revocation, by a minter's takeBack
///   (in all at most what that minter ever minted), to the resident's own next account or an heir's, to their account of the
///   successor, or, if the municipality has switched it on, by transfer to another resident.
/// - Nothing is minted beyond a minter's allowance.
/// - A sale is paid once. What lapsed with a month is restored to a resident once, and never more than lapsed.
/// - A refund gives back at most what was paid, in time, to the payer or whom the payer's points went to, into the lots that
///   paid.
/// - While paused no point moves; reading, giving and taking away allowances, cancelling signatures and voiding sales go on.
///
/// Powers: every privileged function is an act that only Officers calls, after its rule (ActRules): which role of this
/// municipality, which second role, which delay. One officer alone can stop things (freeze, suspend, pause for at most
/// 72 hours); making, moving, extending, restoring or revoking points takes two. The council has no power here.
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

    /// @notice For how long a series' sales can be paid and refunded, in days of Japan.
    struct SaleTerms {
        /// A sale can be paid on its own day and this many days after, at most 365.
        uint256 payableDays;
        /// It can be refunded this many days longer; two Admins may change it, or one after 48 hours.
        uint256 refundDays;
        /// The word of a sale is used again after so many days: more than the other two together, at most 1000.
        uint256 ringDays;
    }

    /// @notice A payment that its payer has signed. What is signed is EIP-712 (domain name "jichitai-points", version "1",
    /// the chain and this contract): `Payment(address payer,address merchant,uint256 sale,uint256 amountPoints,uint256
    /// validUntil,uint256 cancelEpoch)`, with the payer's present cancel epoch. `validUntil` is the last second at which
    /// it may be submitted.
    struct SignedPayment {
        /// payer << 96 | sale << 64 | amountPoints << 35 | validUntil (PaymentTerms draws it).
        uint256 terms;
        /// The signature in its compact form (EIP-2098).
        bytes32 r;
        bytes32 vs;
    }

    /// @notice Why a payment of a sale is not made. Of several reasons the first in this order is given, but that
    /// MerchantNotActive and Paused concern all payments alike: there `issueOf` alone answers, and the rest reverts.
    enum PaymentIssue {
        None,
        AmountOutOfRange, // 0, or more than a lot can hold
        // This payer has paid this sale with this amount. From several lots it is a hint of 49 bits that proves nothing:
        // before it hands over the goods a till looks for SalePaid with its sale's number.
        AlreadyPaid,
        SaleUsed, // paid by somebody else or with another amount, or voided
        DayOutOfRange, // the sale's day is to come, or too long ago
        Expired, // validUntil has passed
        PayerStopped, // frozen, blocked, or a merchant
        WrongSignature, // not the payer's, for other terms, or cancelled
        NotEnoughPoints,
        MerchantNotActive,
        Paused,
        SeriesClosed, // the points have gone over to a successor: another of those that concern all payments
        PredecessorUnasked // never told: within the contract, a sale whose word is new
    }

    /// @notice Where a sale number stands. A number whose word another sale has taken since counts as unused; it is too
    /// old to be paid.
    enum SaleState {
        Unused,
        Paid,
        Voided
    }

    /// @notice Why a resident cannot receive points.
    enum MintIssue {
        None,
        Unregistered, // no such resident number, or the membership has ended
        AccountStopped, // frozen or blocked
        AccountUnfit, // a merchant's, or one that can hold nothing
        LotTooLarge // one account's lot of one month holds at most 536,870,911 points
    }

    /// @notice What a series hands over of one account. Of a merchant: standing, owner and free claim; of anybody else: lots.
    struct CarriedAccount {
        bool isMerchant;
        bool isFrozen;
        bool isBlocked;
        MerchantStatus status;
        uint256 category;
        address owner;
        uint256 thisYearPoints;
        uint256 earlierYearsPoints;
        /// Each `expiryMonth << 29 | amountPoints`, earliest first.
        uint256[] lots;
    }

    /// @notice What came from and went to other series in a fiscal year. Claims of the years before count in the earliest year
    /// whose books are open: in April and May the one that has ended.
    struct CarriedPoints {
        uint64 lotsIn;
        uint64 lotsOut;
        uint64 claimsIn;
        uint64 claimsOut;
    }

    // ----------------------------------------------------------------- events

    /// @notice Every Transfer from zero that follows in this call, up to the next Minted, makes points that end with
    /// `expiryMonth`. They came out of `minter`'s allowance; with what MintSkipped names they add up to `amountPoints`.
    event Minted(address indexed minter, uint256 indexed expiryMonth, uint256 amountPoints);

    /// @notice Of the Minted before it, the points for this resident were not made and went back into the allowance.
    event MintSkipped(uint256 indexed number, uint256 amountPoints, MintIssue issue);

    /// @notice A lot ended unspent and was taken off the books, an ERC-20 Transfer to zero beside it. Balances had
    /// left it out since the month's end.
    event Lapsed(address indexed account, uint256 indexed expiryMonth, uint256 amountPoints);

    /// @notice `amountPoints` in all were left unspent when the month ended; totalSupply() had left them out since then.
    event MonthClosed(uint256 indexed month, uint256 amountPoints);

    /// @notice What `minter` may still mint, after a change.
    event MinterAllowanceSet(address indexed minter, uint256 allowancePoints);

    /// @notice `minter` may mint no more; it had minted `mintedPoints` in its life.
    event MinterRemoved(address indexed minter, uint256 mintedPoints);

    /// @notice A shop or public facility may be paid. `name` and `place` are public.
    event MerchantApproved(address indexed merchant, uint256 indexed category, string name, string place);

    /// @notice `owner` now holds the key that appoints the merchant's tills and disposes of its claim.
    event MerchantOwnerSet(address indexed merchant, address indexed owner);

    /// @notice `till` (レジの鍵) may take payments for the merchant, or no longer; the owner's own key is never told to be none.
    event TillSet(address indexed merchant, address indexed till, bool active);

    /// @notice Nothing can leave or enter the account, or all can again unless it is blocked. It does not stop what officers
    /// and minters correct, what settlement has locked, and what is carried to the account's next one or to a successor.
    event FrozenSet(address indexed account, bool frozen);

    /// @notice As FrozenSet, because the registry of residents says so (IResidentRegistry.isBlocked).
    event BlockedSet(address indexed account, bool blocked);

    /// @notice All live lots of a replaced account went to its successor, each with its month; a Transfer follows.
    event Carried(address indexed from, address indexed to, uint256 amountPoints);

    /// @notice A lot that had not ended ends with `toMonth` instead: later.
    event LotExtended(
        address indexed account, uint256 indexed fromMonth, uint256 indexed toMonth, uint256 amountPoints
    );

    /// @notice Points that had lapsed with `lapsedMonth` were given back to end with `toMonth`; a Transfer from zero
    /// follows.
    event LotRestored(
        address indexed account, uint256 indexed lapsedMonth, uint256 indexed toMonth, uint256 amountPoints
    );

    /// @notice Points of an unspent grant were taken back; a Transfer to zero follows.
    event Revoked(address indexed account, uint256 indexed expiryMonth, uint256 amountPoints);

    /// @notice `minter` took back points that it had granted; a Transfer to zero follows.
    event TakenBack(
        address indexed minter, address indexed account, uint256 indexed expiryMonth, uint256 amountPoints
    );

    /// @notice A sale was paid. One event for each lot it was paid from, earliest first; then one Transfer of the whole
    /// amount. Payments are many, so that one word says all of it.
    /// @param payment `payer << 96 | sale << 64 | expiryMonth << 29 | amountPoints`: points that end with that month. Its
    /// last 40 bits are the lot that `refund` asks for.
    event SalePaid(address indexed merchant, uint256 payment);

    /// @notice A payment of a batch was not made; AlreadyPaid counts as made.
    event PaymentSkipped(
        address indexed merchant, uint256 indexed sale, address indexed payer, PaymentIssue issue
    );

    /// @notice A sale number was used up without a payment.
    event SaleVoided(address indexed merchant, uint256 indexed sale);

    /// @notice Points of a sale went back to `receiver`, the payer or the payer's successor, into the lot that they came
    /// from. One event for each lot, latest first; then one Transfer of the whole.
    /// @param lot `expiryMonth << 29 | amountPoints`.
    event SaleRefunded(address indexed merchant, uint256 indexed sale, address indexed receiver, uint256 lot);

    /// @notice Of what should be refunded, `amountPoints` came from lots that have ended: they stay the merchant's claim.
    event SaleUnreturnable(
        address indexed merchant, uint256 indexed sale, address indexed payer, uint256 amountPoints
    );

    /// @notice Nothing that `account` has signed under an earlier epoch can be paid any more.
    event SignaturesCancelled(address indexed account, uint256 cancelEpoch);

    /// @notice Only `service` may settle claims from now on; zero: nobody.
    event SettlementSet(address indexed service);

    /// @notice Settlement has begun: these parts of the merchant's claim, of this fiscal year and of earlier ones, are
    /// locked. Both may be 0: nothing of what was to be locked is there, or the merchant is frozen.
    event ClaimLocked(address indexed merchant, uint256 thisYearPoints, uint256 earlierYearsPoints);

    /// @notice What was locked is the merchant's free claim again, in the part of the year in which it was earned.
    event ClaimUnlocked(address indexed merchant, uint256 thisYearPoints, uint256 earlierYearsPoints);

    /// @notice The merchant has been paid in yen and the points are gone; a Transfer to zero follows.
    event Settled(address indexed merchant, uint256 amountPoints);

    /// @notice Yen for a settled claim came back, and it is owed again; a Transfer from zero follows.
    event ClaimReopened(address indexed merchant, uint256 thisYearPoints, uint256 earlierYearsPoints);

    /// @notice Sales can be refunded for so many days after the last on which they can be paid.
    event RefundDaysSet(uint256 refundDays);

    /// @notice The merchant's standing changed.
    event MerchantStatusSet(address indexed merchant, MerchantStatus status);

    /// @notice Points minted from now on end by this rule, where the minter names no month.
    event ExpiryPolicySet(ExpiryRule rule, uint256 months);

    /// @notice Who may transfer to whom, apart from payments.
    event TransferSwitchesSet(bool betweenResidents, bool betweenMerchants);

    /// @notice No point moves before `untilTimestamp` (seconds). A time already past ends a pause.
    event PausedUntil(uint256 untilTimestamp);

    /// @notice The series will give way to `successor`: from `closableFrom` (seconds) on anybody may close it.
    event SuccessorAnnounced(address indexed successor, uint256 closableFrom);

    /// @notice What was announced will not happen.
    event SuccessorWithdrawn(address indexed successor);

    /// @notice No payments, grants and transfers any more: `successor` takes over.
    event SeriesClosed(address indexed successor);

    /// @notice The series has taken over from `predecessor`, which could be paid up to and including `lastSaleDay` (counted from
    /// 1 January 2000 = 0).
    event SeriesOpened(address indexed predecessor, uint256 lastSaleDay);

    /// @notice A live lot has gone to the successor. One event for each, then one Transfer of the whole to zero.
    event LotCarriedOut(address indexed account, uint256 indexed expiryMonth, uint256 amountPoints);

    /// @notice A lot has come from the predecessor with its month. One event for each, then one Transfer of the whole from zero.
    event LotCarriedIn(address indexed account, uint256 indexed expiryMonth, uint256 amountPoints);

    /// @notice A merchant's free claim has gone to the successor, or back to the predecessor for a refund there; a Transfer to
    /// zero follows.
    event ClaimCarriedOut(address indexed merchant, uint256 thisYearPoints, uint256 earlierYearsPoints);

    /// @notice A merchant's free claim has come from the predecessor, or back from the successor for a refund here; a Transfer
    /// from zero follows.
    event ClaimCarriedIn(address indexed merchant, uint256 thisYearPoints, uint256 earlierYearsPoints);

    /// @notice A merchant stands here as it stood with the predecessor, where its name and place were published.
    event MerchantCarriedIn(
        address indexed merchant, uint256 indexed category, MerchantStatus status, address owner
    );

    /// @notice A merchant that was approved here anew has the owner whom `predecessor` names; keys of the one before serve no
    /// longer.
    event MerchantOwnerCarriedIn(
        address indexed merchant, address indexed predecessor, address indexed owner
    );

    // ----------------------------------------------------------------- errors

    /// @notice The series is closed; its points have a successor.
    error PointClosed();

    /// @notice `successor` is not registered for this municipality, or was not made to take over from this series.
    error PointForeignSuccessor(address successor);

    /// @notice No successor is announced.
    error PointNoSuccessor();

    /// @notice The series can be closed from this second on.
    error PointClosableLater(uint256 closableFrom);

    /// @notice `predecessor` is not closed yet (zero: there is none), so that nothing can be made or carried here.
    error PointPredecessorOpen(address predecessor);

    /// @notice `account` has points on the predecessor, which `carryIn` must bring over first.
    error PointNotCarried(address account);

    /// @notice `caller` is not the series that this one takes over from, or is not registered for its municipality.
    error PointNotPredecessor(address caller);

    /// @notice `caller` is not the successor that this series was closed for.
    error PointNotSuccessor(address caller);

    /// @notice The series is paused before this second.
    error PointPaused(uint256 untilTimestamp);

    /// @notice The series can be paused again from this second on: a cool-down as long as the pause follows it.
    error PointPauseCoolingDown(uint256 fromTimestamp);

    /// @notice A pause lasts 1 second to 72 hours.
    error PointPauseLength(uint256 seconds_, uint256 maxSeconds);

    /// @notice The account is frozen or blocked.
    error PointAccountFrozen(address account);

    /// @notice `to` is not a merchant, and transfers between residents are off (資金決済法: off by default).
    error PointReceiverNotMerchant(address to);

    /// @notice The merchant cannot be paid now.
    error PointMerchantNotActive(address merchant, MerchantStatus status);

    /// @notice A merchant's claim is settled by the municipality, not passed on; transfers between merchants are off
    /// or `to` is no merchant.
    error PointClaimNotTransferable(address merchant, address to);

    /// @notice An account that holds lots, unspent or not yet recorded as lapsed, or points on the predecessor, cannot become
    /// a merchant.
    error PointAccountHoldsLots(address account);

    /// @notice `account` was never approved as a merchant.
    error PointNotMerchant(address account);

    /// @notice A category is a number from 0 to `maxCategory` (65535).
    error PointCategoryTooLarge(uint256 category, uint256 maxCategory);

    /// @notice A merchant's account holds no lots: it receives none, and what is done with residents' accounts is not done
    /// with it.
    error PointMintToMerchant(address merchant);

    /// @notice Only Officers may do this, after the rule of the act.
    error PointOnlyByAct(address caller);

    /// @notice Only the merchant's owner key may do this.
    error PointNotOwner(address merchant, address caller);

    /// @notice A resident's account, one that was or is about to become one, cannot become a merchant.
    error PointAccountIsResident(address account);

    /// @notice The registry of residents knows no successor of `account`.
    error PointNotReplaced(address account);

    /// @notice Only `lapsedPoints` lapsed with the month, and `restoredPoints` of them were restored before.
    error PointRestoreTooLarge(
        uint256 month, uint256 lapsedPoints, uint256 restoredPoints, uint256 neededPoints
    );

    /// @notice A lot can only be extended to a later month.
    error PointNotLater(uint256 fromMonth, uint256 toMonth);

    /// @notice The account holds `amountPoints` that end with `month`.
    error PointLotTooSmall(address account, uint256 month, uint256 amountPoints, uint256 neededPoints);

    /// @notice A lot may end between `firstMonth` (the current one) and `lastMonth` (60 months later), or NEVER.
    error PointExpiryOutOfRange(uint256 month, uint256 firstMonth, uint256 lastMonth);

    /// @notice One account's lot of one month holds at most `maxPoints` (536,870,911).
    error PointLotTooLarge(address account, uint256 month, uint256 amountPoints, uint256 maxPoints);

    /// @notice All lots of one month, and what minters have reserved for it, hold at most `maxPoints` (68,719,476,735).
    error PointMonthTooLarge(uint256 month, uint256 amountPoints, uint256 maxPoints);

    /// @notice `minter` may mint `allowancePoints` more; where it is raised, its allowance has room for so many more.
    error PointMinterAllowance(address minter, uint256 allowancePoints, uint256 neededPoints);

    /// @notice Of what `minter` has minted in its life it may take back `leftPoints` more.
    error PointTakeBackTooLarge(address minter, uint256 leftPoints, uint256 neededPoints);

    /// @notice `minter` is not accepted by the municipality.
    error PointNotMinter(address minter);

    /// @notice A series accepts at most `maxMinters` minters at a time.
    error PointTooManyMinters(uint256 maxMinters);

    /// @notice Points that end with `month` cannot move while others of the same account end earlier.
    error PointNotEarliest(uint256 month, uint256 earliestMonth);

    /// @notice `key` is neither the merchant's owner key nor a till of the present owner.
    error PointNotTill(address merchant, address key);

    /// @notice A sale is of 1 to `maxPoints` (536,870,911) points; `pay` says so too of a number that has more than 32 bits.
    error PointSaleAmount(uint256 maxPoints);

    /// @notice The sale was paid by somebody else or with another amount, was voided, or has been paid already.
    error PointSaleUsed(address merchant, uint256 sale);

    /// @notice Today sales of these days can be paid and voided (days counted from 1 January 2000 = 0).
    error PointSaleDay(uint256 sale, uint256 firstDay, uint256 lastDay);

    /// @notice What the till has signed was valid until this second.
    error PointSaleExpired(uint256 sale, uint256 validUntil);

    /// @notice What the payer has signed was valid until this second.
    error PointPaymentExpired(address payer, uint256 validUntil);

    /// @notice The signature is not the payer's over these terms and the payer's present cancel epoch. So it looks also if
    /// it was made for another chain id, series or version (compare the domain with DOMAIN_SEPARATOR), if the parity bit of
    /// `vs` is wrong, or if a field of `terms` ran into the next one (`validUntil` in milliseconds).
    error PointWrongSignature(address payer);

    /// @notice A merchant's account pays no sale and signs none: it holds no points of its own.
    error PointPayerIsMerchant(address payer);

    /// @notice A contract account is to check a signature, and the transaction has too little gas left for it.
    error PointGasTooLow(uint256 gasLeft, uint256 gasNeeded);

    /// @notice The owner of `merchant` has been replaced `maxTimes` times; the shop needs a new account.
    error PointReplacedTooOften(address merchant, uint256 maxTimes);

    /// @notice `account` has cancelled its signatures `maxTimes` times; it needs a new account to do so again.
    error PointCancelledTooOften(address account, uint256 maxTimes);

    /// @notice This payer did not pay this sale from these lots, or it is too long ago.
    error PointSaleUnknown(address merchant, uint256 sale);

    /// @notice The sale could be refunded until the end of `lastDay` (counted from 1 January 2000 = 0).
    error PointRefundTooLate(uint256 sale, uint256 lastDay);

    /// @notice Of the sale, `leftPoints` are not refunded yet; a refund is of 1 point at the least.
    error PointRefundTooLarge(uint256 sale, uint256 leftPoints, uint256 neededPoints);

    /// @notice All that should go back came from lots that have ended.
    error PointNothingToReturn(uint256 sale, uint256 unreturnablePoints);

    /// @notice The merchant's claim that is not locked in settlement is `claimPoints`.
    error PointClaimTooSmall(address merchant, uint256 claimPoints, uint256 neededPoints);

    /// @notice The municipality has not accepted this service.
    error PointServiceNotAccepted(address service);

    /// @notice Claims are locked by the present settlement service, which must settle or unlock them first.
    error PointClaimsLocked(uint256 lockedPoints);

    /// @notice `caller` is not the series' settlement service.
    error PointNotSettlement(address caller);

    /// @notice Only `lockedPoints` of the merchant's claim are locked.
    error PointLockedTooSmall(address merchant, uint256 lockedPoints, uint256 neededPoints);

    /// @notice Only `settledPoints` of the series have been settled and not reopened.
    error PointSettledTooSmall(uint256 settledPoints, uint256 neededPoints);

    /// @notice A ring has at most 1000 days, and more than payable and refund days together; payable days are at most 365.
    /// A successor's payable days are fewer than the ring of every series before it.
    error PointSaleTerms(uint256 payableDays, uint256 refundDays, uint256 ringDays);

    /// @notice The rows add up to `rowsPoints`.
    error PointTotal(uint256 totalPoints, uint256 rowsPoints);

    /// @notice The two lists differ in length.
    error PointListLengths(uint256 accounts, uint256 amounts);

    // ---------------------------------------------------------------- granting

    /// @notice Mints points that end by the expiry policy. Minters only.
    function mint(address to, uint256 amountPoints) external;

    /// @notice Mints points that end with month `expiryMonth`. Minters only.
    function mintUntil(address to, uint256 amountPoints, uint256 expiryMonth) external;

    /// @notice Mints to many residents, all points ending with one month; all of it or nothing. Minters only.
    function mintBatch(address[] calldata to, uint256[] calldata amountsPoints, uint256 expiryMonth) external;

    /// @notice Mints to the accounts that residents have now, all points ending with one month. Who cannot receive is skipped
    /// and reported. Minters only; the allowance must cover all of it.
    /// @param rows `amountPoints << 32 | number`: a resident number of 32 bits, and points.
    /// @param totalPoints what the rows add up to.
    /// @return places in `rows` of those who were skipped, in order. @return issues why, place by place.
    function mintToResidents(uint256[] calldata rows, uint256 totalPoints, uint256 expiryMonth)
        external
        returns (uint256[] memory places, MintIssue[] memory issues);

    /// @notice Takes back what it can of `amountPoints` out of the account's lot of `expiryMonth`, also of a frozen
    /// account: a grant or a bonus that fell away. Minters only, each no more in its life than it minted; its
    /// allowance does not grow by it. Where the lot is short, the predecessor must have none of that month left to carry.
    /// Whose points the lot holds is the minter's affair: a series accepts only minters whose own rules see to that.
    /// @return takenPoints what the lot gave.
    function takeBack(address account, uint256 amountPoints, uint256 expiryMonth)
        external
        returns (uint256 takenPoints);

    // ------------------------------------------------------------------ sales
    //
    // A sale number is `day * 65536 + serial`: the day in Japan, counted from 1 January 2000 = 0, on which the till opened
    // the sale, and a number that the shop chooses, each once a day. One number, one payment, ever. Nobody but the
    // shop can use one up: the caller is the owner's key or one of its tills, or brings a till's signature.
    // A payer who sends the call has agreed to it: nobody looks at the payer's signature then.
    // A plain `transfer` to a merchant is a payment too; it is final and can be made twice.

    /// @notice The caller pays a sale that a till has signed: `Sale(address merchant,uint256 sale,uint256 amountPoints,
    /// uint256 validUntil)`. @param r and vs: that signature, compact (EIP-2098).
    function pay(
        address merchant,
        uint256 sale,
        uint256 amountPoints,
        uint256 validUntil,
        bytes32 r,
        bytes32 vs
    ) external;

    /// @notice The merchant's owner or till submits a payment that the payer has signed; the parameters are those of
    /// SignedPayment. A contract account as payer is asked by ERC-1271, with r, s and v in 65 bytes and 100,000 gas; one
    /// whose signatures are longer calls `pay`.
    function paySigned(address merchant, uint256 terms, bytes32 r, bytes32 vs) external;

    /// @notice Anybody submits a payment that the payer has signed for a sale that a till has signed.
    /// @param saleValidUntil until when. @param r and vs: the till's signature, as in `pay`.
    function payRelayed(
        address merchant,
        SignedPayment calldata payment,
        uint256 saleValidUntil,
        bytes32 r,
        bytes32 vs
    ) external;

    /// @notice Submits many signed payments to one merchant. A payment that cannot be made is skipped, consumes nothing and
    /// is told in PaymentSkipped; if the merchant cannot be paid, or one could be made but for a pause or the closing of the
    /// series, all of it reverts.
    /// @param r and vs: 0 if the caller is the owner or a till; else a till's signature over
    /// `Sales(address merchant,uint256[] salesAndAmounts)`: number and amount of each payment in turn.
    /// @return issues one for each payment, None where it was made.
    function payBatch(address merchant, SignedPayment[] calldata payments, bytes32 r, bytes32 vs)
        external
        returns (PaymentIssue[] memory issues);

    /// @notice Uses a sale number up, so that it cannot be paid. The owner or a till, while it could be paid; not before the
    /// series has opened.
    function voidSale(address merchant, uint256 sale) external;

    /// @notice Gives points of a sale back to its payer, or the account that took over from the payer, out of the claim
    /// that is not locked. They go back into the lots they came from, those that end last first; parts whose
    /// lot has ended stay with the merchant. The merchant's owner only, also when suspended or closed.
    /// @param lots that paid, as the events SalePaid have them.
    /// @param refundPoints how much of the sale is undone.
    function refund(
        address merchant,
        uint256 sale,
        address payer,
        uint256[] calldata lots,
        uint256 refundPoints
    ) external;

    /// @notice Nothing that the caller has signed so far can be paid any more. Also while paused or frozen.
    function cancelSignatures() external;

    // ------------------------------------------------------------- settlement
    //
    // For the settlement service alone. A claim is `merchant << 96 | earlierYearsPoints << 48 | thisYearPoints`: what is
    // meant of the claim of earlier fiscal years and of this one, as of the present block. No pause lets any of it
    // through; the merchant's standing does not matter: a suspended, closed or sold shop is owed what it is owed.

    /// @notice Locks as much of each claim as is there and not locked yet, and of a frozen merchant nothing: a refund or
    /// a freeze that comes between two officers' signatures must not stop all other shops' money.
    /// @return locked the claims as they were locked, in the same order.
    function lockClaims(uint256[] calldata claims) external returns (uint256[] memory locked);

    /// @notice Puts locked claims back into the parts named. Also of a frozen merchant.
    function unlockClaims(uint256[] calldata claims) external;

    /// @notice Takes locked claims off the books: they have been paid. Also of a frozen merchant, which has its yen.
    function burnLocked(uint256[] calldata claims) external;

    /// @notice Makes settled claims owed again, in the parts named; of all merchants never more than was settled. That it is
    /// never more than was settled for that very claim is the service's promise.
    function reopenClaims(uint256[] calldata claims) external;

    // ------------------------------------------------------------------ lapse

    /// @notice Takes ended lots of these accounts off the books, with events, and closes ended months. Anyone may call
    /// it, as often as they like: it changes no balance and not the supply, which had left ended lots out already.
    function recordLapse(address[] calldata accounts) external;

    // --------------------------------------------------- acts (through Officers)

    /// @notice Accepts `minter` if it is new and raises what it may mint.
    function increaseMinterAllowance(address minter, uint256 byPoints) external;

    /// @notice Lowers what `minter` may mint; reverts below 0.
    function decreaseMinterAllowance(address minter, uint256 byPoints) external;

    /// @notice Ends a minter's right; its lifetime counters stay.
    function removeMinter(address minter) external;

    /// @notice Sets how later mints end; lots that exist keep their month.
    /// @param months see ExpiryRule; ignored by the rules that need no number.
    function setExpiryPolicy(ExpiryRule rule, uint256 months) external;

    /// @notice Switches transfers between residents and between merchants on or off.
    function setTransferSwitches(bool betweenResidents, bool betweenMerchants) external;

    /// @notice Lets `merchant` be paid, for the first time or again. Its own key is the owner key until it is replaced, here
    /// or on the predecessor; who holds points there can be no merchant.
    /// @param category the municipality's number for its kind of shop, 0 to 65535.
    function approveMerchant(address merchant, uint256 category, string calldata name, string calldata place)
        external;

    /// @notice Stops payments to `merchant` for now; its claim stays.
    function suspendMerchant(address merchant) external;

    /// @notice Stops payments to `merchant` for good; its claim stays.
    function closeMerchant(address merchant) external;

    /// @notice Sets for how many days after the last payable one a sale can be refunded.
    function setRefundDays(uint256 refundDays) external;

    /// @notice Names the one service that may settle claims, accepted by the municipality before; zero for none. No other
    /// than the present one while claims are locked. What one service has settled, no other can reopen: its books stay with it.
    function setSettlement(address service) external;

    /// @notice Stops every movement of points for `durationSeconds`, at most 72 hours.
    function pause(uint256 durationSeconds) external;

    /// @notice Ends a pause early.
    function unpause() external;

    /// @notice The merchant's owner key is lost or the shop was sold: `owner` takes over, and appoints
    /// tills anew: those of the owner before are none any more. At most 65,535 times.
    function replaceOwner(address merchant, address owner) external;

    /// @notice Nothing may leave or enter the account.
    function freeze(address account) external;

    /// @notice Ends a freeze.
    function unfreeze(address account) external;

    /// @notice Lots of these accounts that end with `fromMonth`, not ended yet, end with `toMonth`. Accounts without
    /// such a lot are passed over.
    function extendLots(uint256 fromMonth, uint256 toMonth, address[] calldata accounts) external;

    /// @notice Gives back what lapsed with `lapsedMonth`, to end with `toMonth`: once for each resident (or account that
    /// is nobody's) and month, and never more in all than lapsed. Who was restored before is passed over.
    function restoreLots(
        uint256 lapsedMonth,
        uint256 toMonth,
        address[] calldata accounts,
        uint256[] calldata amountsPoints
    ) external;

    /// @notice Takes back points out of the lot of `expiryMonth`: a grant made in error. The lot bounds it; that it was
    /// this grant's points is what the two officers vouch for, with a reason and a document.
    function revoke(address account, uint256 amountPoints, uint256 expiryMonth) external;

    // ----------------------------------------------------- accounts, for everybody

    /// @notice Blocks or unblocks an account here as the registry of residents has it. Anyone may call it.
    function syncBlocked(address account) external;

    /// @notice Moves all lots of a replaced account to its successor, with their months, and with the freeze unless the
    /// successor is an heir. Anyone may call it, again and again: what came in since goes after. Not on a closed series: its
    /// account is carried as it is, with the freezes of both.
    function carry(address account) external;

    /// @notice The owner of a merchant gives or takes a till the right to take payments; its own key always has it.
    function setTill(address merchant, address till, bool active) external;

    // -------------------------------------------------------------- migration
    //
    // A series gives way to another one of its municipality, which was made with its address. Lots keep their months.
    // Decision 0014 says what becomes of everything else.

    /// @notice Two Admins: the series, once open itself, will give way to `successor`, 30 days from now at the earliest. Again:
    /// the days begin anew. Sales must not be payable there for as long as this series, or one before it, remembers them.
    function announceSuccessor(address successor) external;

    /// @notice Nothing will be closed. One Admin at once, until the series is closed.
    function withdrawSuccessor() external;

    /// @notice Ends payments, grants and transfers here and opens the successor. Anyone, when the notice is over.
    function closeForSuccessor() external;

    /// @notice For the predecessor alone, as it closes.
    function openAfterPredecessor() external;

    /// @notice Fetches live lots, free claims, standing and stops of these accounts from the closed predecessor. Anyone may call
    /// it, again and again, in any order: what is not there any more is passed over. Not while either is paused.
    function carryIn(address[] calldata accounts) external;

    /// @notice For the successor alone: takes these accounts' live lots and free claims off the books and returns them.
    function carryOut(address[] calldata accounts) external returns (CarriedAccount[] memory);

    /// @notice For the predecessor alone, which refunds a sale of its own: takes so much off a merchant's free claim, of this
    /// fiscal year's part first or of the earlier ones', and returns the parts.
    function returnClaim(address merchant, uint256 amountPoints, bool thisYearFirst)
        external
        returns (uint256 thisYearPoints, uint256 earlierYearsPoints);

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

    /// @notice The memberships that this series asks.
    function residents() external view returns (IResidentRegistry);

    /// @notice Who holds a merchant's owner key.
    function ownerOf(address merchant) external view returns (address);

    /// @notice True if `till` may take payments for `merchant`: the owner's key, and the tills that the present owner has
    /// appointed.
    function isTill(address merchant, address till) external view returns (bool);

    /// @notice The EIP-712 domain that signatures are made for.
    function DOMAIN_SEPARATOR() external view returns (bytes32);

    /// @notice How often `account` has cancelled its signatures; a payer signs the present number.
    function cancelEpochOf(address account) external view returns (uint256);

    /// @notice For how long sales can be paid and refunded; see SaleTerms.
    function saleDays() external view returns (uint256 payableDays, uint256 refundDays, uint256 ringDays);

    /// @notice Where a sale number stands, and how much of its payment was refunded.
    function saleOf(address merchant, uint256 sale)
        external
        view
        returns (SaleState state, uint256 refundedPoints);

    /// @notice Why this payment could not be made now, the payer's signature left aside.
    /// @param terms as in SignedPayment.
    function issueOf(address merchant, uint256 terms) external view returns (PaymentIssue);

    /// @notice What a refund would give back, and what of it has ended. Reverts as `refund` would, as far as the sale is
    /// concerned.
    function refundOf(
        address merchant,
        uint256 sale,
        address payer,
        uint256[] calldata lots,
        uint256 refundPoints
    ) external view returns (uint256 returnedPoints, uint256 unreturnablePoints);

    /// @notice Whether nothing may leave or enter the account: frozen by an officer, or blocked (BlockedSet).
    function frozenOf(address account) external view returns (bool frozen, bool blocked);

    /// @notice What was restored of the points that lapsed with `month`.
    function restoredOf(uint256 month) external view returns (uint256 amountPoints);

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

    /// @notice The service that may settle claims; zero if there is none.
    function settlement() external view returns (address);

    /// @notice Claims of all merchants that are locked, and that were settled and not reopened since.
    function settlementTotals() external view returns (uint256 lockedPoints, uint256 settledPoints);

    /// @notice A merchant's standing and category. `isMerchant` false: never approved, the rest is 0.
    function merchantOf(address account)
        external
        view
        returns (bool isMerchant, MerchantStatus status, uint256 category);

    /// @notice What `minter` may still mint, and what it has minted in its life.
    function minterOf(address minter) external view returns (uint256 allowancePoints, uint256 mintedPoints);

    /// @notice The series that this one takes over from; zero if it took over from none.
    function predecessor() external view returns (address);

    /// @notice Where the series stands between the one before and the one after it.
    /// @return successor announced; zero if none is.
    /// @return closableFrom first second at which it may be closed.
    /// @return isClosed whether it is.
    /// @return lastSaleDay the day on which its own predecessor closed; 0 if none has.
    function migration()
        external
        view
        returns (address successor, uint256 closableFrom, bool isClosed, uint256 lastSaleDay);

    /// @notice What has come from and gone to other series, claims included.
    function carriedPoints() external view returns (uint256 inPoints, uint256 outPoints);

    /// @notice The same of one fiscal year, named by the month number of its March.
    function carriedInYear(uint256 fiscalYear) external view returns (CarriedPoints memory);

    /// @notice What a minter may still take back, of what it minted here and on predecessors.
    function returnableBy(address minter) external view returns (uint256 amountPoints);

    /// @notice What a minter has taken back in its life.
    function takenBackBy(address minter) external view returns (uint256 amountPoints);

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
