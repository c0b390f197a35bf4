// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IMunicipalPoint} from "./IMunicipalPoint.sol";
import {IOfficers} from "./IOfficers.sol";
import {IPointPlatform} from "./IPointPlatform.sol";
import {IResidentRegistry} from "./IResidentRegistry.sol";

/// @title GrantProgrammes: grants (付与) of all municipalities, within a budget, approved by two, once per person
/// @notice A programme (事業) says what for; an occurrence (実施回) of it is what nobody is granted twice; a batch is one
/// list of rows (resident number, points) for one occurrence. Approving a batch grants nothing yet: its rows run
/// afterwards, in any order, in chunks or one by one, by anyone, once each. Programmes, occurrences and batches are
/// numbered from 1 over all municipalities.
///
/// Units: amounts are points. A fiscal year (会計年度) is named by the month it ends with, a March; months count from
/// January 2000 = 0; times are Unix seconds; days and years are Japan's.
///
/// What holds, always (docs/invariants.md: I6, I7, I9)
/// - (occurrence, resident number) is granted at most once, whatever list, batch or label it stands in. Residents who
///   left and joined again have another number; that no list holds both is what the two officers vouch for.
/// - What is granted in a fiscal year is at most its budget, of a batch at most the total that was approved with it.
/// - A batch can run until the end of the fiscal year it was approved in, 31 March 24:00, and then never again; nor
///   does it take up another year's budget.
/// - A row that cannot be granted now is skipped, with its reason, and can run later; nobody is forgotten.
/// - Nothing can run but the very list that was approved.
///
/// What is not promised: a municipality that leaves the service ends its minting as well (IMunicipalPoint.removeMinter);
/// until then, lists that were approved still run.
///
/// Powers: ProgrammeOfficer proposes and ProgrammeApprover approves all that can make points or take them back, never one
/// alone. One ProgrammeOfficer alone can stop a batch. Points come out of the allowance that the municipality's Admins
/// give this contract as a minter of the series.
interface IGrantProgrammes {
    // ------------------------------------------------------------------ types

    /// @notice What a programme promises; none of it ever changes.
    struct ProgrammeTerms {
        /// The series its points belong to.
        IMunicipalPoint series;
        /// Public, so neutral where the programme is about something that others need not know of its residents.
        string name;
        string place;
        /// First and last second in which batches can be approved.
        uint40 firstSecond;
        uint40 lastSecond;
        /// Points of every row; 0: each row has its own.
        uint32 pointsPerGrant;
        /// The most that a resident is granted in a fiscal year; 0: no cap.
        uint32 yearlyCapPoints;
        /// When points end, counted from the month in which a batch is approved.
        IMunicipalPoint.ExpiryRule expiryRule;
        uint16 expiryMonths;
        /// keccak256 of the public description.
        bytes32 contentsHash;
    }

    /// @notice A list that two officers approve.
    struct BatchTerms {
        /// See GrantList.
        bytes32 root;
        uint32 rows;
        uint56 totalPoints;
        /// SHA-256 of the file that the list was read from.
        bytes32 fileHash;
    }

    /// @notice A programme as it is kept. Its name and place are in ProgrammeOpened.
    struct Programme {
        IMunicipalPoint series;
        uint24 municipality;
        uint32 pointsPerGrant;
        uint32 yearlyCapPoints;
        uint40 firstSecond;
        uint40 lastSecond;
        IMunicipalPoint.ExpiryRule expiryRule;
        uint16 expiryMonths;
        bytes32 contentsHash;
    }

    /// @notice A batch as it is kept.
    struct Batch {
        bytes32 root;
        uint32 programme;
        uint32 occurrence;
        uint32 rows;
        /// The month its points end with.
        uint16 expiryMonth;
        /// The March it dies with.
        uint16 fiscalYear;
        uint56 totalPoints;
        uint56 grantedPoints;
        bool stopped;
        bytes32 fileHash;
    }

    /// @notice What a programme may grant in a fiscal year.
    struct Budget {
        uint64 points;
        /// Totals of its batches, of stopped ones what they had granted.
        uint64 reservedPoints;
    }

    /// @notice What is revoked of one row's grant.
    struct RevocationTerms {
        uint256 batch;
        uint256 row;
        /// The resident's account, now or at any time, in which the points are.
        address account;
        uint64 amountPoints;
        /// At most this is taken back, as far as the lot goes: what the rule of attribution leaves of the grant
        /// (within one month's lot, first in, first out), which the officers have computed from the events.
        uint64 takePoints;
        /// The month that the lot ends with now, if officers have extended it (IMunicipalPoint.extendLots); otherwise 0.
        uint16 laterMonth;
    }

    /// @notice What became of a grant that was revoked.
    struct Revocation {
        uint64 takenPoints;
        /// Spent or lapsed already: the resident owes it (返還請求).
        uint64 receivablePoints;
    }

    /// @notice Why a row was not granted.
    enum GrantIssue {
        None,
        Unregistered, // no such resident number, or the membership has ended
        AccountStopped, // frozen, or blocked (IMunicipalPoint.BlockedSet)
        AccountUnfit, // a merchant's, or one that can hold nothing
        LotTooLarge, // see IMunicipalPoint.MintIssue, which has the same numbers so far
        AlreadyGranted, // for this occurrence: it will never be again
        CapReached,
        WrongPoints // none, or others than the programme grants
    }

    // ----------------------------------------------------------------- events

    /// @notice A programme was opened.
    event ProgrammeOpened(uint256 indexed municipality, uint256 indexed programme, ProgrammeTerms terms);

    /// @notice The programme may grant `points` in the fiscal year.
    event BudgetSet(uint256 indexed programme, uint256 indexed fiscalYear, uint256 points);

    /// @notice The programme grants into `series` from now on, the successor of the one before.
    event ProgrammeFollowed(uint256 indexed programme, address indexed series);

    /// @notice An occurrence was opened. `label` is public.
    event OccurrenceOpened(uint256 indexed programme, uint256 indexed occurrence, string label);

    /// @notice A batch was approved, and its total reserved; its points will end with `expiryMonth`.
    event BatchApproved(
        uint256 indexed programme,
        uint256 indexed occurrence,
        uint256 indexed batch,
        BatchTerms terms,
        uint256 expiryMonth,
        uint256 fiscalYear
    );

    /// @notice The batch can run no more; `releasedPoints` of its total are reserved no longer.
    event BatchStopped(uint256 indexed batch, uint256 releasedPoints);

    /// @notice Of `rows` rows from `firstRow` (counted from 0) on, all were granted but those that RowSkipped names since
    /// the RowsRun before. Theirs are the Transfers after the last Minted of this contract, in the order of the list.
    event RowsRun(
        uint256 indexed batch, uint256 firstRow, uint256 rows, uint256 grantedRows, uint256 grantedPoints
    );

    /// @notice A row was not granted now.
    event RowSkipped(uint256 indexed batch, uint256 indexed row, uint256 indexed number, GrantIssue issue);

    /// @notice `takenPoints` of a grant were taken back from `account`; `receivablePoints` had been spent or had lapsed.
    event GrantRevoked(
        uint256 indexed batch,
        uint256 indexed row,
        uint256 indexed number,
        address account,
        uint256 takenPoints,
        uint256 receivablePoints
    );

    // ----------------------------------------------------------------- errors

    /// @notice Only Officers may do this, after the rule of the act.
    error ProgrammeOnlyByAct(address caller);

    /// @notice `series` is no registered series of the municipality.
    error ProgrammeForeignSeries(uint256 municipality, address series);

    /// @notice The programme's series is open and has nobody to give way to.
    error ProgrammeSeriesOpen(uint256 programme, address series);

    /// @notice The municipality has no such programme; 0 as municipality: nobody has.
    error ProgrammeUnknown(uint256 municipality, uint256 programme);

    /// @notice There is no such occurrence of a programme of the municipality.
    error ProgrammeUnknownOccurrence(uint256 municipality, uint256 occurrence);

    /// @notice There is no such batch, or it is another municipality's.
    error ProgrammeUnknownBatch(uint256 batch);

    /// @notice Batches can be approved from `firstSecond` to `lastSecond`, the latter not past when it is opened.
    error ProgrammePeriod(uint256 firstSecond, uint256 lastSecond);

    /// @notice A term is 0 to 60 months, and a month number at most 1535.
    error ProgrammeExpiry(IMunicipalPoint.ExpiryRule rule, uint256 months);

    /// @notice `fiscalYear` is no March, past, or beyond month 1535.
    error ProgrammeFiscalYear(uint256 fiscalYear, uint256 currentFiscalYear);

    /// @notice The programme has `leftPoints` of the fiscal year's budget that are not reserved. Where a budget is set: it
    /// would be `leftPoints`, and `neededPoints` are reserved.
    error ProgrammeBudget(uint256 programme, uint256 fiscalYear, uint256 leftPoints, uint256 neededPoints);

    /// @notice An occurrence of this label has been opened before: `occurrence`.
    error ProgrammeOccurrenceOpen(uint256 programme, uint256 occurrence);

    /// @notice The same list was approved for the occurrence before, and can run: `batch`.
    error ProgrammeBatchOpen(uint256 occurrence, uint256 batch);

    /// @notice A list has at least one row.
    error ProgrammeNoRows();

    /// @notice These are not the words of a whole branch of a list of so many rows, with a hash for each level above it.
    error ProgrammeBranch(uint256 rows, uint256 firstLeaf, uint256 words, uint256 siblings);

    /// @notice The rows are not those that were approved.
    error ProgrammeOtherContents(uint256 batch, bytes32 approvedRoot, bytes32 givenRoot);

    /// @notice The batch was stopped.
    error ProgrammeBatchStopped(uint256 batch);

    /// @notice The batch died at the end of its fiscal year.
    error ProgrammeBatchDead(uint256 batch, uint256 fiscalYear);

    /// @notice The rows add up to more than the total that was approved.
    error ProgrammeTotal(uint256 batch, uint256 leftPoints, uint256 neededPoints);

    /// @notice The one row that was to be granted cannot be, now or ever.
    error ProgrammeRowRefused(uint256 batch, uint256 row, uint256 number, GrantIssue issue);

    /// @notice Rows are counted from 0, and the list has fewer.
    error ProgrammeUnknownRow(uint256 batch, uint256 row);

    /// @notice The batch has not granted the row.
    error ProgrammeRowNotGranted(uint256 batch, uint256 row);

    /// @notice The account is not, and never was, the resident's.
    error ProgrammeOtherAccount(uint256 number, address account);

    /// @notice Of the grant, `leftPoints` have not been revoked before.
    error ProgrammeRevokeTooLarge(uint256 batch, uint256 row, uint256 leftPoints, uint256 neededPoints);

    // --------------------------------------------------- acts (through Officers)

    /// @notice Opens a programme. It grants nothing until it has a budget.
    function openProgramme(uint256 municipality, ProgrammeTerms calldata terms)
        external
        returns (uint256 programme);

    /// @notice Sets what a programme may grant in a fiscal year, this one or a later one; not below what is reserved.
    function setBudget(uint256 municipality, uint256 programme, uint256 fiscalYear, uint64 points) external;

    /// @notice Opens occurrences, before there is any list for them: one class, or all of a year's. All or none; each label
    /// is new in the programme.
    function openOccurrences(uint256 municipality, uint256 programme, string[] calldata labels) external;

    /// @notice A programme whose series is closed grants into its successor from now on. Budgets, caps and what was granted stay.
    /// Anyone.
    function follow(uint256 programme) external;

    /// @notice Approves a list for an occurrence, reserves its total and fixes the month its points end with.
    function approveBatch(uint256 municipality, uint256 occurrence, BatchTerms calldata terms)
        external
        returns (uint256 batch);

    /// @notice Stops a batch for good, and releases what it has not granted. One officer.
    function stopBatch(uint256 municipality, uint256 batch) external;

    /// @notice Revokes a grant, or part of it: takes back what it may and can, and records the rest as receivable. What was
    /// taken back counts no longer against the resident's cap; the budget stays used. Reverts (PointNotCarried)
    /// while a closed series has not handed its points over (IMunicipalPoint.carryIn): they are out of reach, and not spent.
    /// @param words and siblings: the row's leaf, as in `claim`.
    function revokeGrant(
        uint256 municipality,
        RevocationTerms calldata terms,
        uint256[] calldata words,
        bytes32[] calldata siblings
    ) external;

    // --------------------------------------------------------- for everybody

    /// @notice Grants the rows of a branch of the list (see GrantList), each that was not before and can be now. Reverts
    /// as a whole when the series is paused, when this contract's allowance does not cover the rows that remain, or when the
    /// month that was fixed with the batch is over: then a new list is due.
    /// @param firstLeaf the branch's first leaf; row `16 * firstLeaf` is its first.
    /// @param words its rows, four a word. @param siblings hashes from the branch up to the root.
    function run(uint256 batch, uint256 firstLeaf, uint256[] calldata words, bytes32[] calldata siblings)
        external;

    /// @notice Grants one row, or says why not. Anybody can relay it for the resident.
    /// @param words its leaf: the words of rows `row / 16 * 16` and on. @param siblings hashes up to the root.
    function claim(uint256 batch, uint256 row, uint256[] calldata words, bytes32[] calldata siblings) external;

    // ------------------------------------------------------------------ views

    /// @notice The rules of the acts above, under which the council offers this service.
    function acts() external pure returns (IOfficers.Act[] memory);

    /// @notice The registry of series.
    function platform() external view returns (IPointPlatform);

    /// @notice The officers this contract obeys.
    function officers() external view returns (IOfficers);

    /// @notice The memberships by whose numbers it grants.
    function residents() external view returns (IResidentRegistry);

    /// @notice How many programmes were ever opened.
    function programmeCount() external view returns (uint256);

    /// @notice How many occurrences were ever opened.
    function occurrenceCount() external view returns (uint256);

    /// @notice How many batches were ever approved.
    function batchCount() external view returns (uint256);

    /// @notice A programme; all zeros if there is none.
    function programmeOf(uint256 programme) external view returns (Programme memory);

    /// @notice The programme that an occurrence belongs to; 0 if there is none.
    function programmeOfOccurrence(uint256 occurrence) external view returns (uint256);

    /// @notice The occurrence of a programme with this label; 0 if there is none.
    function occurrenceOfLabel(uint256 programme, string calldata label) external view returns (uint256);

    /// @notice A batch; all zeros if there is none.
    function batchOf(uint256 batch) external view returns (Batch memory);

    /// @notice What a programme may grant in a fiscal year, and how much of it is reserved.
    function budgetOf(uint256 programme, uint256 fiscalYear) external view returns (Budget memory);

    /// @notice What a resident was granted in a fiscal year, less what was taken back; counted only if there is a cap.
    function grantedInYear(uint256 programme, uint256 fiscalYear, uint256 number)
        external
        view
        returns (uint256 amountPoints);

    /// @notice True if the resident was granted for the occurrence.
    function isGranted(uint256 occurrence, uint256 number) external view returns (bool);

    /// @notice True if this row of this batch was granted.
    function isRowGranted(uint256 batch, uint256 row) external view returns (bool);

    /// @notice What was revoked of a row's grant.
    function revocationOf(uint256 batch, uint256 row) external view returns (Revocation memory);
}
