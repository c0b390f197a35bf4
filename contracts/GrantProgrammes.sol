// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IGrantProgrammes} from "../interfaces/IGrantProgrammes.sol";
import {IMunicipalPoint} from "../interfaces/IMunicipalPoint.sol";
import {IOfficers} from "../interfaces/IOfficers.sol";
import {IPointPlatform} from "../interfaces/IPointPlatform.sol";
import {IResidentRegistry} from "../interfaces/IResidentRegistry.sol";
import {ActRules} from "./libraries/ActRules.sol";
import {ExpiryPolicy} from "./libraries/ExpiryPolicy.sol";
import {GrantList} from "./libraries/GrantList.sol";
import {JapanCalendar} from "./libraries/JapanCalendar.sol";

/// @title GrantProgrammes
/// @notice Programmes of all municipalities in one contract. See IGrantProgrammes for what it promises, GrantList for
/// what a list is.
///
/// What a row costs besides the series' own work: a bit of the occurrence and a bit of the batch, each written once for
/// up to 256 rows, and an eighth of a counter if there is a cap. Whose account a number is, the series asks for all rows
/// of a call at once.
///
/// Not here: points (the series has them), a record of who got how much (events tell). No reentrancy guard: it calls
/// the platform, its registered series and the registry of residents alone, which call nobody back.
contract GrantProgrammes is IGrantProgrammes {
    using GrantList for uint256[];

    // ------------------------------------------------------------------ types

    /// @dev What is being granted in one call. A row is `points << 32 | number` (GrantList).
    struct Grants {
        uint256 batch;
        uint256 programme;
        uint256 occurrence;
        uint256 fiscalYear;
        uint256 expiryMonth;
        IMunicipalPoint series;
        uint256 yearlyCapPoints;
        /// A row has at least `leastPoints`, and at most `morePoints` more.
        uint256 leastPoints;
        uint256 morePoints;
        /// The place in the list of the first row under consideration.
        uint256 firstRow;
        /// Those to be granted; before that is known, as many as there are.
        uint256[] rows;
        uint256 totalPoints;
        /// Bit by bit, as in `_grantedRows` from the word of `firstRow` on: the rows that are not.
        uint256[] skipped;
        /// Why the latest of these was skipped.
        GrantIssue issue;
    }

    // ------------------------------------------------------------- immutables

    IPointPlatform public immutable platform;
    IOfficers public immutable officers;
    IResidentRegistry public immutable residents;

    // ---------------------------------------------------------------- storage

    uint256 public programmeCount;
    uint256 public occurrenceCount;
    uint256 public batchCount;
    mapping(uint256 programme => Programme) private _programmes;
    mapping(uint256 programme => mapping(uint256 fiscalYear => Budget)) private _budgets;
    mapping(uint256 programme => mapping(bytes32 labelHash => uint256)) private _occurrences;
    mapping(uint256 occurrence => uint256) public programmeOfOccurrence;
    mapping(uint256 occurrence => mapping(bytes32 root => uint256)) private _batchOfRoot;
    mapping(uint256 batch => Batch) private _batches;
    /// A bit for each resident number.
    mapping(uint256 occurrence => mapping(uint256 numbers => uint256)) private _granted;
    /// A bit for each row.
    mapping(uint256 batch => mapping(uint256 rows => uint256)) private _grantedRows;
    /// 32 bits for each resident number.
    mapping(uint256 programme => mapping(uint256 fiscalYear => mapping(uint256 numbers => uint256))) private
        _counters;
    mapping(uint256 batch => mapping(uint256 row => Revocation)) private _revocations;

    // -------------------------------------------------------------- modifiers

    modifier onlyByAct() {
        if (msg.sender != address(officers)) revert ProgrammeOnlyByAct(msg.sender);
        _;
    }

    // ------------------------------------------------------------ constructor

    constructor(IPointPlatform platform_) {
        platform = platform_;
        officers = platform_.officers();
        residents = platform_.residents();
    }

    // ------------------------------------------------------------- PROGRAMMES

    function openProgramme(uint256 municipality, ProgrammeTerms calldata terms)
        external
        onlyByAct
        returns (uint256 programme)
    {
        // Of what is no series, the platform says 0, which is the council's own number.
        if (municipality == 0 || platform.municipalityOf(address(terms.series)) != municipality) {
            revert ProgrammeForeignSeries(municipality, address(terms.series));
        }
        if (terms.firstSecond > terms.lastSecond || terms.lastSecond < block.timestamp) {
            revert ProgrammePeriod(terms.firstSecond, terms.lastSecond);
        }
        bool isTerm = terms.expiryRule == IMunicipalPoint.ExpiryRule.MonthsAfter;
        if (terms.expiryMonths > (isTerm ? ExpiryPolicy.MAX_TERM_MONTHS : ExpiryPolicy.NEVER)) {
            revert ProgrammeExpiry(terms.expiryRule, terms.expiryMonths);
        }
        programme = ++programmeCount;
        _programmes[programme] = Programme({
            series: terms.series,
            municipality: uint24(municipality),
            pointsPerGrant: terms.pointsPerGrant,
            yearlyCapPoints: terms.yearlyCapPoints,
            firstSecond: terms.firstSecond,
            lastSecond: terms.lastSecond,
            expiryRule: terms.expiryRule,
            expiryMonths: terms.expiryMonths,
            contentsHash: terms.contentsHash
        });
        emit ProgrammeOpened(municipality, programme, terms);
    }

    function setBudget(uint256 municipality, uint256 programme, uint256 fiscalYear, uint64 points)
        external
        onlyByAct
    {
        _programmeOf(municipality, programme);
        uint256 current = _fiscalYear();
        if (fiscalYear < current || fiscalYear > ExpiryPolicy.NEVER || fiscalYear % 12 != 2) {
            revert ProgrammeFiscalYear(fiscalYear, current);
        }
        Budget storage budget = _budgets[programme][fiscalYear];
        if (points < budget.reservedPoints) {
            revert ProgrammeBudget(programme, fiscalYear, points, budget.reservedPoints);
        }
        budget.points = points;
        emit BudgetSet(programme, fiscalYear, points);
    }

    function openOccurrences(uint256 municipality, uint256 programme, string[] calldata labels)
        external
        onlyByAct
    {
        _programmeOf(municipality, programme);
        uint256 occurrence = occurrenceCount;
        for (uint256 i; i < labels.length; ++i) {
            bytes32 labelHash = keccak256(bytes(labels[i]));
            uint256 before = _occurrences[programme][labelHash];
            if (before != 0) revert ProgrammeOccurrenceOpen(programme, before);
            _occurrences[programme][labelHash] = ++occurrence;
            programmeOfOccurrence[occurrence] = programme;
            emit OccurrenceOpened(programme, occurrence, labels[i]);
        }
        occurrenceCount = occurrence;
    }

    function follow(uint256 programme) external {
        Programme storage its = _programmes[programme];
        if (its.municipality == 0) revert ProgrammeUnknown(0, programme);
        (address successor,, bool isClosed,) = its.series.migration();
        if (!isClosed) revert ProgrammeSeriesOpen(programme, address(its.series));
        its.series = IMunicipalPoint(successor);
        emit ProgrammeFollowed(programme, successor);
    }

    function _programmeOf(uint256 municipality, uint256 programme)
        private
        view
        returns (Programme storage terms)
    {
        terms = _programmes[programme];
        if (programme == 0 || terms.municipality != municipality) {
            revert ProgrammeUnknown(municipality, programme);
        }
    }

    /// @dev The March that ends the present fiscal year.
    function _fiscalYear() private view returns (uint256) {
        return JapanCalendar.fiscalYearEnd(JapanCalendar.monthOf(block.timestamp));
    }

    // ---------------------------------------------------------------- BATCHES

    function approveBatch(uint256 municipality, uint256 occurrence, BatchTerms calldata terms)
        external
        onlyByAct
        returns (uint256 batch)
    {
        uint256 programme = programmeOfOccurrence[occurrence];
        Programme storage its = _programmes[programme];
        if (programme == 0 || its.municipality != municipality) {
            revert ProgrammeUnknownOccurrence(municipality, occurrence);
        }
        if (block.timestamp < its.firstSecond || block.timestamp > its.lastSecond) {
            revert ProgrammePeriod(its.firstSecond, its.lastSecond);
        }
        if (terms.rows == 0) revert ProgrammeNoRows();
        uint256 fiscalYear = _fiscalYear();
        _requireNew(occurrence, terms.root, fiscalYear);
        _reserve(programme, fiscalYear, terms.totalPoints);
        uint256 expiryMonth = _expiryMonth(its);
        batch = ++batchCount;
        _batchOfRoot[occurrence][terms.root] = batch;
        _batches[batch] = Batch({
            root: terms.root,
            programme: uint32(programme),
            occurrence: uint32(occurrence),
            rows: terms.rows,
            expiryMonth: uint16(expiryMonth),
            fiscalYear: uint16(fiscalYear),
            totalPoints: terms.totalPoints,
            grantedPoints: 0,
            stopped: false,
            fileHash: terms.fileHash
        });
        emit BatchApproved(programme, occurrence, batch, terms, expiryMonth, fiscalYear);
    }

    function stopBatch(uint256 municipality, uint256 batch) external onlyByAct {
        Batch storage list = _batchOf(municipality, batch);
        _requireAlive(batch, list);
        list.stopped = true;
        uint64 released = uint64(list.totalPoints - list.grantedPoints);
        _budgets[list.programme][list.fiscalYear].reservedPoints -= released;
        emit BatchStopped(batch, released);
    }

    /// @dev A script that repeats an approval must not reserve its total again.
    function _requireNew(uint256 occurrence, bytes32 root, uint256 fiscalYear) private view {
        uint256 before = _batchOfRoot[occurrence][root];
        Batch storage list = _batches[before];
        if (before != 0 && !list.stopped && list.fiscalYear == fiscalYear) {
            revert ProgrammeBatchOpen(occurrence, before);
        }
    }

    function _reserve(uint256 programme, uint256 fiscalYear, uint64 points) private {
        Budget storage budget = _budgets[programme][fiscalYear];
        uint64 left = budget.points - budget.reservedPoints;
        if (points > left) revert ProgrammeBudget(programme, fiscalYear, left, points);
        budget.reservedPoints += points;
    }

    function _expiryMonth(Programme storage its) private view returns (uint256 expiryMonth) {
        uint256 month = JapanCalendar.monthOf(block.timestamp);
        expiryMonth = ExpiryPolicy.expiryMonth(its.expiryRule, its.expiryMonths, month);
        ExpiryPolicy.requireInRange(expiryMonth, month);
    }

    function _batchOf(uint256 municipality, uint256 batch) private view returns (Batch storage list) {
        list = _batches[batch];
        if (batch == 0 || _programmes[list.programme].municipality != municipality) {
            revert ProgrammeUnknownBatch(batch);
        }
    }

    function _requireAlive(uint256 batch, Batch storage list) private view {
        if (list.rows == 0) revert ProgrammeUnknownBatch(batch);
        if (list.stopped) revert ProgrammeBatchStopped(batch);
        if (_fiscalYear() != list.fiscalYear) revert ProgrammeBatchDead(batch, list.fiscalYear);
    }

    // --------------------------------------------------------------- GRANTING

    function run(uint256 batch, uint256 firstLeaf, uint256[] calldata words, bytes32[] calldata siblings)
        external
    {
        Batch storage list = _batches[batch];
        _requireAlive(batch, list);
        _requireListed(batch, list, firstLeaf, words, siblings);
        uint256 firstRow = firstLeaf * GrantList.ROWS_OF_LEAF;
        uint256 count = Math.min(words.length * GrantList.ROWS_OF_WORD, list.rows - firstRow);
        _grant(_open(batch, list, firstRow, count), list, words, 0);
    }

    function claim(uint256 batch, uint256 row, uint256[] calldata words, bytes32[] calldata siblings)
        external
    {
        Batch storage list = _batches[batch];
        _requireAlive(batch, list);
        (uint256 number,) = _listedRow(batch, list, row, words, siblings);
        Grants memory grants = _open(batch, list, row, 1);
        _grant(grants, list, words, row % GrantList.ROWS_OF_LEAF);
        if (grants.issue != GrantIssue.None) revert ProgrammeRowRefused(batch, row, number, grants.issue);
    }

    /// @dev Reverts unless `words` are the approved list's, from leaf `firstLeaf` on.
    function _requireListed(
        uint256 batch,
        Batch storage list,
        uint256 firstLeaf,
        uint256[] calldata words,
        bytes32[] calldata siblings
    ) private view {
        bytes32 root = GrantList.rootOf(list.rows, firstLeaf, words, siblings);
        if (root != list.root) revert ProgrammeOtherContents(batch, list.root, root);
    }

    /// @dev One row of the list, which must be in the one leaf that `words` are.
    function _listedRow(
        uint256 batch,
        Batch storage list,
        uint256 row,
        uint256[] calldata words,
        bytes32[] calldata siblings
    ) private view returns (uint256 number, uint256 points) {
        _requireListed(batch, list, row / GrantList.ROWS_OF_LEAF, words, siblings);
        if (row >= list.rows) revert ProgrammeUnknownRow(batch, row);
        uint256 listed = words.rowAt(row % GrantList.ROWS_OF_LEAF);
        return (uint32(listed), listed >> 32);
    }

    function _open(uint256 batch, Batch storage list, uint256 firstRow, uint256 count)
        private
        view
        returns (Grants memory grants)
    {
        Programme storage its = _programmes[list.programme];
        grants.batch = batch;
        grants.programme = list.programme;
        grants.occurrence = list.occurrence;
        grants.fiscalYear = list.fiscalYear;
        grants.expiryMonth = list.expiryMonth;
        grants.series = its.series;
        grants.yearlyCapPoints = its.yearlyCapPoints;
        bool fixedPoints = its.pointsPerGrant != 0;
        grants.leastPoints = fixedPoints ? its.pointsPerGrant : 1;
        grants.morePoints = fixedPoints ? 0 : type(uint32).max;
        grants.firstRow = firstRow;
        grants.rows = new uint256[](count);
        grants.skipped = new uint256[]((firstRow + count - 1) / 256 - firstRow / 256 + 1);
    }

    /// @dev Grants the rows of `words` from the `offset`-th on, which are known to be the list's, as far as it can.
    function _grant(Grants memory grants, Batch storage list, uint256[] calldata words, uint256 offset)
        private
    {
        uint256 count = grants.rows.length;
        _mark(grants, words, offset);
        uint256 left = list.totalPoints - list.grantedPoints;
        if (grants.totalPoints > left) revert ProgrammeTotal(grants.batch, left, grants.totalPoints);
        list.grantedPoints += uint56(grants.totalPoints);
        uint256 granted = _mint(grants, list);
        _markRows(grants, count);
        emit RowsRun(grants.batch, grants.firstRow, count, granted, grants.totalPoints);
    }

    /// @dev Marks the numbers of all rows that can be granted, which then are `grants.rows`, and skips the others.
    function _mark(Grants memory grants, uint256[] calldata words, uint256 offset) private {
        mapping(uint256 numbers => uint256) storage granted = _granted[grants.occurrence];
        uint256[] memory rows = grants.rows;
        uint256 place = uint32(words.rowAt(offset)) / 256;
        uint256 word = granted[place];
        uint256 kept;
        unchecked {
            for (uint256 i; i < rows.length; ++i) {
                uint256 row = words.rowAt(offset + i);
                if (uint32(row) / 256 != place) {
                    granted[place] = word;
                    place = uint32(row) / 256;
                    word = granted[place];
                }
                if (
                    (word >> (row & 0xff)) & 1 == 0 && (row >> 32) - grants.leastPoints <= grants.morePoints
                        && (grants.yearlyCapPoints == 0 || _countInYear(grants, row))
                ) {
                    word |= 1 << (row & 0xff);
                    grants.totalPoints += row >> 32;
                    rows[kept++] = row;
                } else {
                    _skip(grants, i, row, _issueOf(grants, row, (word >> (row & 0xff)) & 1 != 0));
                }
            }
        }
        granted[place] = word;
        assembly ("memory-safe") {
            mstore(rows, kept) // shorten the list to what it holds
        }
    }

    function _issueOf(Grants memory grants, uint256 row, bool isGranted_) private pure returns (GrantIssue) {
        unchecked {
            if (isGranted_) return GrantIssue.AlreadyGranted;
            bool inRange = (row >> 32) - grants.leastPoints <= grants.morePoints;
            return inRange ? GrantIssue.CapReached : GrantIssue.WrongPoints;
        }
    }

    /// @dev Counts a row's points against the resident's cap; returns false, and counts none, if they pass it.
    function _countInYear(Grants memory grants, uint256 row) private returns (bool) {
        mapping(uint256 numbers => uint256) storage counters = _counters[grants.programme][grants.fiscalYear];
        uint256 shift = (row & 7) * 32;
        uint256 word = counters[uint32(row) / 8];
        if (uint32(word >> shift) + (row >> 32) > grants.yearlyCapPoints) return false;
        counters[uint32(row) / 8] = word + (row >> 32 << shift);
        return true;
    }

    /// @dev Has the series mint, and takes back the marks of those for whom it could not. Returns how many rows it was.
    function _mint(Grants memory grants, Batch storage list) private returns (uint256) {
        if (grants.rows.length == 0) return 0;
        (uint256[] memory places, IMunicipalPoint.MintIssue[] memory issues) =
            grants.series.mintToResidents(grants.rows, grants.totalPoints, grants.expiryMonth);
        // `rows` lack those that were skipped before: the place among them and the place among all go up together.
        uint256 i;
        uint256 place;
        for (uint256 k; k < places.length; ++k) {
            for (; place < places[k] || _isSkipped(grants, i); ++i) {
                if (!_isSkipped(grants, i)) ++place;
            }
            uint256 row = grants.rows[place];
            _unmark(grants, list, row);
            _skip(grants, i, row, GrantIssue(uint8(issues[k])));
            ++place;
        }
        return grants.rows.length - places.length;
    }

    function _unmark(Grants memory grants, Batch storage list, uint256 row) private {
        (uint256 number, uint256 points) = (uint32(row), row >> 32);
        _granted[grants.occurrence][number / 256] &= ~(1 << (number % 256));
        if (grants.yearlyCapPoints != 0) {
            _uncount(grants.programme, grants.fiscalYear, number, points);
        }
        grants.totalPoints -= points;
        list.grantedPoints -= uint56(points);
    }

    function _uncount(uint256 programme, uint256 fiscalYear, uint256 number, uint256 points) private {
        _counters[programme][fiscalYear][number / 8] -= points << ((number % 8) * 32);
    }

    /// @dev Notes that the `i`-th row of this call is not granted, and says why.
    function _skip(Grants memory grants, uint256 i, uint256 row, GrantIssue issue) private {
        uint256 place = grants.firstRow + i;
        grants.skipped[place / 256 - grants.firstRow / 256] |= 1 << (place % 256);
        grants.issue = issue;
        emit RowSkipped(grants.batch, place, uint32(row), issue);
    }

    function _isSkipped(Grants memory grants, uint256 i) private pure returns (bool) {
        uint256 place = grants.firstRow + i;
        return (grants.skipped[place / 256 - grants.firstRow / 256] >> (place % 256)) & 1 != 0;
    }

    /// @dev Sets the batch's bits of all `count` rows of this call but those skipped.
    function _markRows(Grants memory grants, uint256 count) private {
        unchecked {
            uint256 end = grants.firstRow + count;
            for (uint256 first = grants.firstRow; first < end;) {
                uint256 next = Math.min(end, (first / 256 + 1) * 256);
                uint256 rows = ((1 << (next - first)) - 1) << (first % 256);
                _grantedRows[grants.batch][first / 256] |= rows
                    & ~grants.skipped[first / 256 - grants.firstRow / 256];
                first = next;
            }
        }
    }

    // --------------------------------------------------------------- REVOKING

    function revokeGrant(
        uint256 municipality,
        RevocationTerms calldata terms,
        uint256[] calldata words,
        bytes32[] calldata siblings
    ) external onlyByAct {
        Batch storage list = _batchOf(municipality, terms.batch);
        (uint256 number, uint256 points) = _listedRow(terms.batch, list, terms.row, words, siblings);
        if (!isRowGranted(terms.batch, terms.row)) revert ProgrammeRowNotGranted(terms.batch, terms.row);
        if (residents.everNumberOf(municipality, terms.account) != number) {
            revert ProgrammeOtherAccount(number, terms.account);
        }
        _revoke(list, terms, number, points);
    }

    function _revoke(Batch storage list, RevocationTerms calldata terms, uint256 number, uint256 points)
        private
    {
        Revocation storage revoked = _revocations[terms.batch][terms.row];
        uint256 left = points - revoked.takenPoints - revoked.receivablePoints;
        if (terms.amountPoints > left) {
            revert ProgrammeRevokeTooLarge(terms.batch, terms.row, left, terms.amountPoints);
        }
        uint256 taken = _takeBack(list, terms);
        uint256 receivable = terms.amountPoints - taken;
        revoked.takenPoints += uint64(taken);
        revoked.receivablePoints += uint64(receivable);
        if (_programmes[list.programme].yearlyCapPoints != 0) {
            _uncount(list.programme, list.fiscalYear, number, taken);
        }
        emit GrantRevoked(terms.batch, terms.row, number, terms.account, taken, receivable);
    }

    /// @dev Of a lot that has ended nothing is left.
    function _takeBack(Batch storage list, RevocationTerms calldata terms) private returns (uint256) {
        IMunicipalPoint series = _programmes[list.programme].series;
        uint256 month = Math.max(list.expiryMonth, terms.laterMonth);
        if (series.isEpochExpired(month)) return 0;
        return series.takeBack(terms.account, Math.min(terms.takePoints, terms.amountPoints), month);
    }

    // ------------------------------------------------------------------ VIEWS

    function acts() external pure returns (IOfficers.Act[] memory all) {
        (IOfficers.Role officer, IOfficers.Role approver) =
            (IOfficers.Role.ProgrammeOfficer, IOfficers.Role.ProgrammeApprover);
        IOfficers.ActRule memory two = IOfficers.ActRule(officer, approver, 0, ActRules.NEVER_ALONE);
        all = new IOfficers.Act[](6);
        all[0] = IOfficers.Act(IGrantProgrammes.openProgramme.selector, two);
        all[1] = IOfficers.Act(IGrantProgrammes.setBudget.selector, two);
        all[2] = IOfficers.Act(IGrantProgrammes.openOccurrences.selector, two);
        all[3] = IOfficers.Act(IGrantProgrammes.approveBatch.selector, two);
        all[4] = IOfficers.Act(IGrantProgrammes.revokeGrant.selector, two);
        // What only stops, one officer may do at once.
        all[5] =
            IOfficers.Act(IGrantProgrammes.stopBatch.selector, IOfficers.ActRule(officer, approver, 0, 0));
    }

    function programmeOf(uint256 programme) external view returns (Programme memory) {
        return _programmes[programme];
    }

    function occurrenceOfLabel(uint256 programme, string calldata label) external view returns (uint256) {
        return _occurrences[programme][keccak256(bytes(label))];
    }

    function batchOf(uint256 batch) external view returns (Batch memory) {
        return _batches[batch];
    }

    function budgetOf(uint256 programme, uint256 fiscalYear) external view returns (Budget memory) {
        return _budgets[programme][fiscalYear];
    }

    function grantedInYear(uint256 programme, uint256 fiscalYear, uint256 number)
        external
        view
        returns (uint256)
    {
        return uint32(_counters[programme][fiscalYear][number / 8] >> ((number % 8) * 32));
    }

    function isGranted(uint256 occurrence, uint256 number) external view returns (bool) {
        return (_granted[occurrence][number / 256] >> (number % 256)) & 1 != 0;
    }

    function isRowGranted(uint256 batch, uint256 row) public view returns (bool) {
        return (_grantedRows[batch][row / 256] >> (row % 256)) & 1 != 0;
    }

    function revocationOf(uint256 batch, uint256 row) external view returns (Revocation memory) {
        return _revocations[batch][row];
    }
}
