// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IMunicipalPoint} from "./IMunicipalPoint.sol";
import {IOfficers} from "./IOfficers.sol";
import {IPointPlatform} from "./IPointPlatform.sol";

/// @title MerchantSettlement: shops get their yen (精算), exactly once
/// @notice One contract for all municipalities. What shops were paid in points is a claim on the municipality
/// (IMunicipalPoint); here claims become yen, many shops at a time:
///
///     claim ──approveClaims──▶ approved ──markSent──▶ sent ──settle──▶ settled: burned
///       ▲                         │                    │                  │
///       └──────cancelBatch────────┘◀──────bounce───────┘◀──────reopen─────┘
///
/// A batch is what one transfer file to the bank holds (総合振込): claims of up to 1,280 shops of one series. Its
/// claims are numbered from 0 and come in chunks of 128; whoever acts on some brings their chunks along, since the
/// chain keeps nothing but a hash of each.
///
/// What holds, always (docs/invariants.md: I1, I7, I9, I11)
/// - What is in a batch is locked in the series: no second batch, no refund and no other merchant can have it.
/// - Each claim of a batch ends once: burned, or owed again; a burned one comes back only once, and never more of it.
/// - A paper of the bank counts once in a municipality, whatever it is for.
/// - No officer alone does any of it (Cashier proposes, SecondCashier approves, without exception).
/// - Claims of this and of earlier fiscal years are kept apart, in the batch and when they come back.
/// - The books of a fiscal year (31 March) take nothing in after 31 May.
///
/// What it cannot know: whether yen moved. Two cashiers who both lie can burn a claim that was not paid, up to what is
/// locked; the paper that they name is theirs to show, and shops read here that they were "paid". They cannot pay
/// anybody who is no merchant, nor more than is owed.
///
/// A merchant that was suspended, closed or sold is owed what it is owed. The claim goes with the merchant's account and not
/// with its owner's key: when a shop is sold, what was locked before goes to the bank account of the file, the rest to
/// the next; to have it otherwise, officers settle the seller's part before `replaceOwner`. A freeze holds back what is not
/// locked yet.
///
/// Papers of the bank, the transfer file among them, are named by an HMAC under the municipality's own key
/// (scripts/lib/bank/paper.py): the same paper always by the same word, which shows repetition, and nobody without the key can
/// guess a list of bank accounts or a short reference number from it.
///
/// Units: amounts are points, 1 point = 1 yen. Fiscal years are named by the month number of their March (March 2027 = 326).
/// A claim is one word, `merchant << 96 | earlierYearsPoints << 48 | thisYearPoints` (ClaimWord draws it).
interface IMerchantSettlement {
    // ------------------------------------------------------------------ types

    enum BatchState {
        None,
        Approved, // its claims are locked
        Sent, // the transfer file is with the bank
        Settled, // all that did not bounce is burned
        Cancelled // never sent; its claims are free again
    }

    /// @notice A batch of claims of one series.
    struct Batch {
        IMunicipalPoint series;
        uint24 municipality;
        BatchState state;
        /// What "this year" means in its claims.
        uint16 fiscalYear;
        uint16 claimCount;
        /// Sales up to this second were counted.
        uint40 cutOff;
        /// What of it is neither owed again nor cancelled: locked, and burned once it is settled.
        uint64 thisYearPoints;
        uint64 earlierYearsPoints;
        bytes32 fileHash;
    }

    /// @notice What a fiscal year's books hold of settlement, gross: nothing is netted.
    struct YearBooks {
        /// Paid in yen.
        uint80 settledPoints;
        /// Of those, what was sold in a year whose books had closed (過年度支出). What is owed from before last year counts
        /// as last year's: a claim has two parts.
        uint80 pastYearsPoints;
        /// Yen that came back after they had counted as paid (戻入); the claims are owed again.
        uint80 reopenedPoints;
    }

    /// @notice What officers tell of a fiscal year when they close it, out of the events; all in points.
    struct YearFigures {
        uint64 grantedPoints;
        /// Exchanged out of partners' points. What partners owe for them is not in these books: receipts and payments are
        /// booked gross (総計予算主義).
        uint64 exchangedPoints;
        uint64 bonusPoints;
        uint64 restoredPoints;
        uint64 usedPoints;
        uint64 refundedPoints;
        uint64 revokedPoints;
        /// Live points of residents when 31 March ended.
        uint64 carriedOverPoints;
    }

    /// @notice A closed fiscal year: what officers told, and what the chain knows itself.
    struct YearEnd {
        YearFigures told;
        /// Carried over by the year before.
        uint64 carriedInPoints;
        /// Of all twelve months.
        uint64 lapsedPoints;
        /// Owed to merchants by the books of the year before.
        uint64 owedInPoints;
        uint64 settledPoints;
        uint64 pastYearsPoints;
        uint64 reopenedPoints;
        /// Owed to merchants when these books closed; the next year pays it.
        uint64 owedOverPoints;
    }

    // ----------------------------------------------------------------- events

    /// @notice The merchant's owner asks to be paid what is free of its claim (精算請求).
    event SettlementRequested(
        uint256 indexed municipality,
        address indexed series,
        address indexed merchant,
        uint256 thisYearPoints,
        uint256 earlierYearsPoints
    );

    /// @notice Two officers approved a batch. The events ClaimLocked before it in the same transaction are its claims, in their
    /// order; what could not be locked is 0 there.
    event BatchApproved(
        uint256 indexed municipality,
        uint256 indexed batch,
        address indexed series,
        uint256 fiscalYear,
        uint256 cutOff,
        uint256 claimCount,
        uint256 thisYearPoints,
        uint256 earlierYearsPoints
    );

    /// @notice The batch will not be sent; its claims were unlocked.
    event BatchCancelled(uint256 indexed municipality, uint256 indexed batch);

    /// @notice The transfer file with this hash is with the bank.
    event BatchSent(uint256 indexed municipality, uint256 indexed batch, bytes32 fileHash);

    /// @notice The bank has paid all of the batch that did not bounce; the series has burned it.
    /// @param thisYearBook the fiscal year whose books have paid what was sold in the batch's year, and `earlierYearsBook`
    /// what was sold before. 0 if there was nothing.
    event BatchSettled(
        uint256 indexed municipality,
        uint256 indexed batch,
        bytes32 paper,
        uint256 thisYearBook,
        uint256 thisYearPoints,
        uint256 earlierYearsBook,
        uint256 earlierYearsPoints
    );

    /// @notice The bank could not pay these claims: bit i of `places` is claim `128 * chunk + i` of the batch.
    event ClaimsBounced(
        uint256 indexed municipality,
        uint256 indexed batch,
        uint256 indexed chunk,
        uint256 places,
        bytes32 paper
    );

    /// @notice Yen for these claims, which had counted as paid, came back; the claims are owed again.
    event ClaimsReopened(
        uint256 indexed municipality,
        uint256 indexed batch,
        uint256 indexed chunk,
        uint256 places,
        bytes32 paper
    );

    /// @notice A fiscal year's figures are fixed.
    event YearClosed(
        uint256 indexed municipality, address indexed series, uint256 indexed fiscalYear, YearEnd yearEnd
    );

    // ----------------------------------------------------------------- errors

    /// @notice Only Officers may do this, after the rule of the act.
    error SettlementOnlyByAct(address caller);

    /// @notice The series is not the municipality's.
    error SettlementForeignSeries(uint256 municipality, address series);

    /// @notice The series has named another settlement service, or none.
    error SettlementNotServed(address series);

    /// @notice Only the merchant's owner key may ask for settlement.
    error SettlementNotOwner(address merchant, address caller);

    /// @notice Nothing is free of these claims, or nothing of the batch is left.
    error SettlementNothingOwed();

    /// @notice The list was drawn up for another fiscal year than the present one.
    error SettlementFiscalYear(uint256 fiscalYear, uint256 currentFiscalYear);

    /// @notice The cut-off is to come; or it lies before this fiscal year and `merchant` would be paid for sales of this year.
    error SettlementCutOff(uint256 cutOff, address merchant);

    /// @notice Claims come in ascending order of the merchants' addresses, each merchant once.
    error SettlementOrder(uint256 place, address merchant);

    /// @notice Both parts of a claim together are less than 2^48 points.
    error SettlementClaimTooLarge(address merchant);

    /// @notice A batch has 1 to `maxClaims` (1280) claims: as many as one transaction can settle.
    error SettlementClaimCount(uint256 claims, uint256 maxClaims);

    /// @notice The municipality has no such batch.
    error SettlementUnknownBatch(uint256 municipality, uint256 batch);

    /// @notice The batch is not where this step begins.
    error SettlementWrongState(uint256 batch, BatchState state);

    /// @notice These are not the claims of this chunk, or not all of them.
    error SettlementOtherClaims(uint256 batch, uint256 chunk);

    /// @notice A place is none of the chunk's, holds nothing, or came back before. `places` are all such; 0: the chunk was
    /// brought along for nothing.
    error SettlementPlaces(uint256 batch, uint256 chunk, uint256 places);

    /// @notice The municipality has used this paper for `batch`.
    error SettlementPaperUsed(bytes32 paper, uint256 batch);

    /// @notice A paper is named by something other than 0.
    error SettlementNoPaper();

    /// @notice The books of that fiscal year have closed. What is paid later is an expense of past years (過年度支出) in the
    /// books of a later year, if the officers say so.
    error SettlementBooksClosed(uint256 fiscalYear, uint256 closedAt);

    /// @notice The books of that fiscal year take payments in until `closesAt`.
    error SettlementBooksOpen(uint256 fiscalYear, uint256 closesAt);

    /// @notice Years are closed one after the other, each once; next is `nextFiscalYear`, or any March if that is 0.
    error SettlementYearOrder(uint256 fiscalYear, uint256 nextFiscalYear);

    /// @notice Points that came in and points that went out differ; or shops were owed `inPoints`, and `outPoints`, more than
    /// that, were paid or refunded.
    error SettlementYearDiffers(uint256 inPoints, uint256 outPoints);

    // --------------------------------------------------------------- merchants

    /// @notice The owner of a merchant asks for settlement of what is free of its claim. Officers see to it with the next
    /// batch; asking again changes nothing but the date.
    function requestSettlement(IMunicipalPoint series, address merchant) external;

    // --------------------------------------------------- acts (through Officers)

    /// @notice Locks claims. What a claim asks for more than there is, because of a refund since, is left out; of a frozen
    /// merchant all is. What was locked, the events tell, and the transfer file is made from that.
    /// @param fiscalYear the present one, which the claims were drawn up for: an approval that comes after 31 March would
    /// otherwise lock sales of April instead of March.
    /// @param cutOff sales up to this second count (締め日). If it lies before this fiscal year, no claim has a part of it.
    /// @param claims ascending by merchant.
    /// @return batch its number, from 1.
    function approveClaims(
        uint256 municipality,
        IMunicipalPoint series,
        uint256 fiscalYear,
        uint256 cutOff,
        uint256[] calldata claims
    ) external returns (uint256 batch);

    /// @notice Unlocks a batch that was not sent. @param claims all of it.
    function cancelBatch(uint256 municipality, uint256 batch, uint256[] calldata claims) external;

    /// @notice The transfer file has gone to the bank. @param fileHash its keyed hash; a file is sent once.
    function markSent(uint256 municipality, uint256 batch, bytes32 fileHash) external;

    /// @notice The bank has paid: burns every claim of the batch that did not bounce.
    /// @param claims all of the batch.
    /// @param paper keyed hash of the bank's reference; once only.
    /// @param fromThisYear pay what was sold in a year whose books have closed as an expense of past years (過年度支出): out of
    /// the books of the year that approved the batch, until 31 May after it, and then of the present one's. Without it such a
    /// payment is refused.
    function settle(
        uint256 municipality,
        uint256 batch,
        uint256[] calldata claims,
        bytes32 paper,
        bool fromThisYear
    ) external;

    /// @notice The bank could not pay some claims of a batch that was sent: they are unlocked, in the part of the year in
    /// which they were earned.
    /// @param firstChunk the first of the chunks that are brought along.
    /// @param places for each chunk, bit i for its claim i; 0 for a chunk that only lies between two others.
    /// @param claims the chunks, whole.
    function bounce(
        uint256 municipality,
        uint256 batch,
        uint256 firstChunk,
        uint256[] calldata places,
        uint256[] calldata claims,
        bytes32 paper
    ) external;

    /// @notice Yen came back after `settle`: these claims are owed again, each once. It is booked where they will be paid
    /// again: what the series now has as of earlier years, in last year's books while they are open; all else in the present
    /// year's. Parameters as in `bounce`.
    function reopen(
        uint256 municipality,
        uint256 batch,
        uint256 firstChunk,
        uint256[] calldata places,
        uint256[] calldata claims,
        bytes32 paper
    ) external;

    /// @notice Fixes the figures of a fiscal year when its books have closed. What comes in and what goes out must be equal:
    /// carried in + granted + exchanged + bonus + restored + refunded = used + lapsed + revoked + carried over; of a series
    /// with a predecessor or successor, lots from there come in and lots to there go out (IMunicipalPoint.carriedInYear).
    /// The first year to be closed is the first of the series; no other of its years carries anything into it.
    /// Of one that took over from another it is the year of its opening, or the one before if claims of it came over before
    /// its books closed.
    function closeYear(
        uint256 municipality,
        IMunicipalPoint series,
        uint256 fiscalYear,
        YearFigures calldata figures
    ) external;

    // ------------------------------------------------------------------ views

    /// @notice The register of municipalities and series.
    function platform() external view returns (IPointPlatform);

    /// @notice Who makes the acts.
    function officers() external view returns (IOfficers);

    /// @notice The rules under which the council offers this service.
    function acts() external pure returns (IOfficers.Act[] memory);

    /// @notice How many batches there are, of all municipalities.
    function batchCount() external view returns (uint256);

    /// @notice A batch; of a number that is none, all is 0.
    function batchOf(uint256 batch) external view returns (Batch memory);

    /// @notice Which claims of a chunk bounced, and which were paid and came back; bit i is its claim i.
    function cameBack(uint256 batch, uint256 chunk) external view returns (uint256 bounced, uint256 reopened);

    /// @notice The hash of a chunk's claims.
    function chunkHashOf(uint256 batch, uint256 chunk) external view returns (bytes32);

    /// @notice The batch for which a municipality has used a paper; 0 if it has not.
    function batchOfPaper(uint256 municipality, bytes32 paper) external view returns (uint256 batch);

    /// @notice When the merchant's owner asked last; 0 if never.
    function requestedAt(address series, address merchant) external view returns (uint256 timestamp);

    /// @notice First second at which the books of a fiscal year are closed: 1 June.
    function booksCloseAt(uint256 fiscalYear) external pure returns (uint256 timestamp);

    /// @notice What the books of a fiscal year hold of settlement so far.
    function booksOf(address series, uint256 fiscalYear) external view returns (YearBooks memory);

    /// @notice A closed fiscal year; all 0 if it is not closed.
    function yearEndOf(address series, uint256 fiscalYear) external view returns (YearEnd memory);

    /// @notice The fiscal year closed last; 0 if none was.
    function lastClosedYear(address series) external view returns (uint256 fiscalYear);
}
