// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IMerchantSettlement} from "../interfaces/IMerchantSettlement.sol";
import {IMunicipalPoint} from "../interfaces/IMunicipalPoint.sol";
import {IOfficers} from "../interfaces/IOfficers.sol";
import {IPointPlatform} from "../interfaces/IPointPlatform.sol";
import {ActRules} from "./libraries/ActRules.sol";
import {ClaimWord} from "./libraries/ClaimWord.sol";
import {JapanCalendar} from "./libraries/JapanCalendar.sol";

/// @title MerchantSettlement
/// @notice See IMerchantSettlement for what it promises.
///
/// A claim costs no storage here: a batch keeps a hash of each 128 claims, and two bits a claim for what came back. So the
/// state does not grow by a word for each shop and month.
///
/// Not here: yen, bank accounts, names. No reentrancy guard: what it calls is the platform and a series that the platform
/// has registered, and series call nobody in return. `approveClaims` alone writes after a call that changes anything: it tells
/// what was locked.
contract MerchantSettlement is IMerchantSettlement {
    using SafeCast for uint256;

    /// Two bits for each claim of a chunk are one word.
    uint256 private constant CHUNK = 128;
    uint256 private constant PLACES_MASK = (1 << CHUNK) - 1;

    /// `settle` burns all of a batch in one transaction: 14.0 million gas of the 16.7 that one may take. Approving costs less,
    /// so that a larger batch could be approved and sent, but not settled.
    uint256 private constant MAX_CLAIMS = 1_280;
    uint256 private constant MAX_CLAIM_POINTS = (1 << 48) - 1;
    uint256 private constant MONTHS_OF_YEAR = 12;

    /// Books close with the second month after the fiscal year: 出納閉鎖, 31 May.
    uint256 private constant MONTHS_UNTIL_CLOSE = 2;

    IPointPlatform public immutable platform;
    IOfficers public immutable officers;

    uint256 public batchCount;
    mapping(uint256 batch => Batch) private _batches;
    mapping(uint256 batch => mapping(uint256 chunk => bytes32)) public chunkHashOf;
    /// Bits 0 to 127: bounced; 128 to 255: paid and come back.
    mapping(uint256 batch => mapping(uint256 chunk => uint256)) private _cameBack;
    mapping(uint256 municipality => mapping(bytes32 paper => uint256)) public batchOfPaper;
    mapping(address series => mapping(address merchant => uint256)) public requestedAt;
    mapping(address series => mapping(uint256 fiscalYear => YearBooks)) private _books;
    mapping(address series => mapping(uint256 fiscalYear => YearEnd)) private _yearEnds;
    mapping(address series => uint256) public lastClosedYear;

    modifier onlyByAct() {
        if (msg.sender != address(officers)) revert SettlementOnlyByAct(msg.sender);
        _;
    }

    constructor(IPointPlatform platform_) {
        platform = platform_;
        officers = platform_.officers();
    }

    // -------------------------------------------------------------- MERCHANTS

    function requestSettlement(IMunicipalPoint series, address merchant) external {
        uint256 municipality = platform.municipalityOf(address(series));
        if (municipality == 0) revert SettlementForeignSeries(0, address(series));
        if (msg.sender != series.ownerOf(merchant)) revert SettlementNotOwner(merchant, msg.sender);
        if (series.settlement() != address(this)) revert SettlementNotServed(address(series));
        (uint256 thisYear, uint256 earlierYears,) = series.claimOf(merchant);
        if (thisYear + earlierYears == 0) revert SettlementNothingOwed();
        requestedAt[address(series)][merchant] = block.timestamp;
        emit SettlementRequested(municipality, address(series), merchant, thisYear, earlierYears);
    }

    // ----------------------------------------------------------------- BATCHES

    function approveClaims(
        uint256 municipality,
        IMunicipalPoint series,
        uint256 fiscalYear,
        uint256 cutOff,
        uint256[] calldata claims
    ) external onlyByAct returns (uint256 batch) {
        _requireSeries(municipality, series);
        if (fiscalYear != _fiscalYear()) revert SettlementFiscalYear(fiscalYear, _fiscalYear());
        if (cutOff > block.timestamp) revert SettlementCutOff(cutOff, address(0));
        _requireList(claims, fiscalYear, cutOff);
        batch = ++batchCount;
        uint256[] memory locked = series.lockClaims(claims);
        (uint256 thisYear, uint256 earlierYears) = _sums(locked);
        if (thisYear + earlierYears == 0) revert SettlementNothingOwed();
        for (uint256 first; first < locked.length; first += CHUNK) {
            chunkHashOf[batch][first / CHUNK] = _hash(locked, first);
        }
        _batches[batch] = Batch({
            series: series,
            municipality: uint24(municipality),
            state: BatchState.Approved,
            fiscalYear: uint16(fiscalYear),
            claimCount: uint16(locked.length),
            cutOff: uint40(cutOff),
            thisYearPoints: thisYear.toUint64(),
            earlierYearsPoints: earlierYears.toUint64(),
            fileHash: 0
        });
        emit BatchApproved(
            municipality, batch, address(series), fiscalYear, cutOff, locked.length, thisYear, earlierYears
        );
    }

    /// @dev Order shows that no merchant is in the list twice.
    function _requireList(uint256[] calldata claims, uint256 fiscalYear, uint256 cutOff) private pure {
        if (claims.length == 0 || claims.length > MAX_CLAIMS) {
            revert SettlementClaimCount(claims.length, MAX_CLAIMS);
        }
        bool ofPastYears = JapanCalendar.fiscalYearEnd(JapanCalendar.monthOf(cutOff)) != fiscalYear;
        address last;
        for (uint256 i; i < claims.length; ++i) {
            ClaimWord claim = ClaimWord.wrap(claims[i]);
            if (claim.merchant() <= last) revert SettlementOrder(i, claim.merchant());
            last = claim.merchant();
            if (claim.points() > MAX_CLAIM_POINTS) revert SettlementClaimTooLarge(last);
            if (ofPastYears && claim.thisYear() != 0) revert SettlementCutOff(cutOff, last);
        }
    }

    function cancelBatch(uint256 municipality, uint256 batch, uint256[] calldata claims) external onlyByAct {
        Batch storage about = _batchOf(municipality, batch, BatchState.Approved);
        uint256[] memory locked = _remaining(batch, about, claims);
        about.state = BatchState.Cancelled;
        (about.thisYearPoints, about.earlierYearsPoints) = (0, 0);
        emit BatchCancelled(municipality, batch);
        about.series.unlockClaims(_aged(about, locked));
    }

    function markSent(uint256 municipality, uint256 batch, bytes32 fileHash) external onlyByAct {
        Batch storage about = _batchOf(municipality, batch, BatchState.Approved);
        _usePaper(municipality, batch, fileHash);
        about.state = BatchState.Sent;
        about.fileHash = fileHash;
        emit BatchSent(municipality, batch, fileHash);
    }

    function settle(
        uint256 municipality,
        uint256 batch,
        uint256[] calldata claims,
        bytes32 paper,
        bool fromThisYear
    ) external onlyByAct {
        Batch storage about = _batchOf(municipality, batch, BatchState.Sent);
        uint256[] memory paid = _remaining(batch, about, claims);
        if (paid.length == 0) revert SettlementNothingOwed();
        _usePaper(municipality, batch, paper);
        about.state = BatchState.Settled;
        (uint256 thisYear, uint256 earlierYears) = (about.thisYearPoints, about.earlierYearsPoints);
        uint256 year = about.fiscalYear;
        uint256 thisYearBook = _bookPayment(about.series, year, year, thisYear, fromThisYear);
        uint256 earlierYearsBook =
            _bookPayment(about.series, year - MONTHS_OF_YEAR, year, earlierYears, fromThisYear);
        emit BatchSettled(municipality, batch, paper, thisYearBook, thisYear, earlierYearsBook, earlierYears);
        about.series.burnLocked(paid);
    }

    function bounce(
        uint256 municipality,
        uint256 batch,
        uint256 firstChunk,
        uint256[] calldata places,
        uint256[] calldata claims,
        bytes32 paper
    ) external onlyByAct {
        Batch storage about = _batchOf(municipality, batch, BatchState.Sent);
        _usePaper(municipality, batch, paper);
        uint256[] memory back = _takeBack(batch, about, firstChunk, places, claims);
        for (uint256 i; i < places.length; ++i) {
            if (places[i] == 0) continue;
            _cameBack[batch][firstChunk + i] |= places[i];
            emit ClaimsBounced(municipality, batch, firstChunk + i, places[i], paper);
        }
        about.series.unlockClaims(_aged(about, back));
    }

    function reopen(
        uint256 municipality,
        uint256 batch,
        uint256 firstChunk,
        uint256[] calldata places,
        uint256[] calldata claims,
        bytes32 paper
    ) external onlyByAct {
        Batch storage about = _batchOf(municipality, batch, BatchState.Settled);
        _usePaper(municipality, batch, paper);
        uint256[] memory back = _takeBack(batch, about, firstChunk, places, claims);
        for (uint256 i; i < places.length; ++i) {
            if (places[i] == 0) continue;
            _cameBack[batch][firstChunk + i] |= places[i] << CHUNK;
            emit ClaimsReopened(municipality, batch, firstChunk + i, places[i], paper);
        }
        back = _aged(about, back);
        (uint256 thisYear, uint256 earlierYears) = _sums(back);
        _bookReturn(about.series, _fiscalYear(), thisYear);
        _bookReturn(about.series, _fiscalYear() - MONTHS_OF_YEAR, earlierYears);
        about.series.reopenClaims(back);
    }

    function _requireSeries(uint256 municipality, IMunicipalPoint series) private view {
        if (platform.municipalityOf(address(series)) != municipality) {
            revert SettlementForeignSeries(municipality, address(series));
        }
    }

    function _batchOf(uint256 municipality, uint256 batch, BatchState state)
        private
        view
        returns (Batch storage about)
    {
        about = _batches[batch];
        if (batch == 0 || about.municipality != municipality) {
            revert SettlementUnknownBatch(municipality, batch);
        }
        if (about.state != state) revert SettlementWrongState(batch, about.state);
    }

    function _usePaper(uint256 municipality, uint256 batch, bytes32 paper) private {
        if (paper == 0) revert SettlementNoPaper();
        uint256 usedFor = batchOfPaper[municipality][paper];
        if (usedFor != 0) revert SettlementPaperUsed(paper, usedFor);
        batchOfPaper[municipality][paper] = batch;
    }

    /// @dev What of a batch's claims has not come back, given all of them.
    function _remaining(uint256 batch, Batch storage about, uint256[] calldata claims)
        private
        view
        returns (uint256[] memory left)
    {
        if (claims.length != about.claimCount) revert SettlementOtherClaims(batch, 0);
        left = new uint256[](claims.length);
        uint256 count;
        for (uint256 first; first < claims.length; first += CHUNK) {
            uint256[] calldata chunk = _chunk(batch, first / CHUNK, claims, first);
            uint256 back = _cameBack[batch][first / CHUNK];
            for (uint256 i; i < chunk.length; ++i) {
                bool isLeft = (back >> i) & 1 == 0 && ClaimWord.wrap(chunk[i]).points() != 0;
                if (isLeft) left[count++] = chunk[i];
            }
        }
        _shorten(left, count);
    }

    /// @dev The claims at `places`, each of which must hold something and not have come back before; takes them off what is
    /// left of the batch. The caller notes that they came back.
    function _takeBack(
        uint256 batch,
        Batch storage about,
        uint256 firstChunk,
        uint256[] calldata places,
        uint256[] calldata claims
    ) private returns (uint256[] memory back) {
        back = new uint256[](claims.length);
        uint256 count;
        for (uint256 n; n < places.length; ++n) {
            uint256[] calldata chunk = _chunk(batch, firstChunk + n, claims, n * CHUNK);
            uint256 before = _cameBack[batch][firstChunk + n];
            uint256 open = places[n] & ~((before | before >> CHUNK) & PLACES_MASK);
            for (uint256 i; i < chunk.length; ++i) {
                if ((open >> i) & 1 == 0 || ClaimWord.wrap(chunk[i]).points() == 0) continue;
                open ^= 1 << i;
                back[count++] = chunk[i];
            }
            // What is left over is no claim, or holds nothing; what came back before was taken out above. A chunk without
            // places only lies between two others.
            uint256 wrong = open | (places[n] & (before | before >> CHUNK) & PLACES_MASK);
            bool needless = places[n] == 0 && (n == 0 || n == places.length - 1);
            if (wrong != 0 || needless) revert SettlementPlaces(batch, firstChunk + n, wrong);
        }
        if (count == 0 || (claims.length - 1) / CHUNK + 1 != places.length) {
            revert SettlementOtherClaims(batch, firstChunk);
        }
        _shorten(back, count);
        (uint256 thisYear, uint256 earlierYears) = _sums(back);
        about.thisYearPoints -= uint64(thisYear);
        about.earlierYearsPoints -= uint64(earlierYears);
    }

    /// @dev One chunk out of a list of claims that begins with a chunk, proved by its hash.
    function _chunk(uint256 batch, uint256 chunk, uint256[] calldata claims, uint256 first)
        private
        view
        returns (uint256[] calldata part)
    {
        if (first >= claims.length) revert SettlementOtherClaims(batch, chunk);
        uint256 end = first + CHUNK < claims.length ? first + CHUNK : claims.length;
        part = claims[first:end];
        if (keccak256(abi.encodePacked(part)) != chunkHashOf[batch][chunk]) {
            revert SettlementOtherClaims(batch, chunk);
        }
    }

    /// @dev The hash of up to CHUNK claims from `first` on.
    function _hash(uint256[] memory claims, uint256 first) private pure returns (bytes32 hash) {
        uint256 count = claims.length - first < CHUNK ? claims.length - first : CHUNK;
        assembly ("memory-safe") {
            hash := keccak256(add(add(claims, 32), mul(first, 32)), mul(count, 32))
        }
    }

    /// @dev Claims as the series has to take them today: when the year of the batch has ended, its part is of an earlier one.
    function _aged(Batch storage about, uint256[] memory claims) private view returns (uint256[] memory) {
        if (about.fiscalYear != _fiscalYear()) {
            for (uint256 i; i < claims.length; ++i) {
                claims[i] = ClaimWord.unwrap(ClaimWord.wrap(claims[i]).aged());
            }
        }
        return claims;
    }

    function _sums(uint256[] memory claims) private pure returns (uint256 thisYear, uint256 earlierYears) {
        for (uint256 i; i < claims.length; ++i) {
            thisYear += ClaimWord.wrap(claims[i]).thisYear();
            earlierYears += ClaimWord.wrap(claims[i]).earlierYears();
        }
    }

    function _shorten(uint256[] memory list, uint256 length) private pure {
        assembly ("memory-safe") {
            mstore(list, length)
        }
    }

    // ------------------------------------------------------------ FISCAL YEARS

    function closeYear(
        uint256 municipality,
        IMunicipalPoint series,
        uint256 fiscalYear,
        YearFigures calldata figures
    ) external onlyByAct {
        _requireSeries(municipality, series);
        uint256 last = lastClosedYear[address(series)];
        uint256 next = last == 0 ? _firstYear(series) : last + MONTHS_OF_YEAR;
        if (fiscalYear != JapanCalendar.fiscalYearEnd(fiscalYear) || (next != 0 && fiscalYear != next)) {
            revert SettlementYearOrder(fiscalYear, next);
        }
        // Beyond all years the calendar's seconds begin anew, and the books of such a year would seem to have closed.
        if (fiscalYear > _fiscalYear() || block.timestamp < booksCloseAt(fiscalYear)) {
            revert SettlementBooksOpen(fiscalYear, booksCloseAt(fiscalYear));
        }
        YearEnd memory yearEnd = _yearEnd(series, fiscalYear, figures, _yearEnds[address(series)][last]);
        _yearEnds[address(series)][fiscalYear] = yearEnd;
        lastClosedYear[address(series)] = fiscalYear;
        emit YearClosed(municipality, address(series), fiscalYear, yearEnd);
    }

    /// @dev The year with which a series that took over from another must begin: that of its opening, or the one before if
    /// claims came over into those books, and were paid there. 0 for any other series, which begins as its officers say.
    function _firstYear(IMunicipalPoint series) private view returns (uint256) {
        (,,, uint256 openedOnDay) = series.migration();
        if (openedOnDay == 0) return 0;
        uint256 year = JapanCalendar.fiscalYearEnd(JapanCalendar.monthOfDay(openedOnDay));
        return series.carriedInYear(year - MONTHS_OF_YEAR).claimsIn == 0 ? year : year - MONTHS_OF_YEAR;
    }

    /// @dev Adds what the chain knows to what was told, and checks that nothing is missing.
    function _yearEnd(
        IMunicipalPoint series,
        uint256 fiscalYear,
        YearFigures calldata figures,
        YearEnd storage before
    ) private view returns (YearEnd memory yearEnd) {
        YearBooks storage books = _books[address(series)][fiscalYear];
        yearEnd.told = figures;
        yearEnd.carriedInPoints = before.told.carriedOverPoints;
        yearEnd.lapsedPoints = _lapsedIn(series, fiscalYear).toUint64();
        yearEnd.owedInPoints = before.owedOverPoints;
        yearEnd.settledPoints = uint256(books.settledPoints).toUint64();
        yearEnd.pastYearsPoints = uint256(books.pastYearsPoints).toUint64();
        yearEnd.reopenedPoints = uint256(books.reopenedPoints).toUint64();
        IMunicipalPoint.CarriedPoints memory carried = series.carriedInYear(fiscalYear);
        uint256 pointsIn = uint256(yearEnd.carriedInPoints) + carried.lotsIn + figures.grantedPoints
            + figures.exchangedPoints + figures.bonusPoints + figures.restoredPoints + figures.refundedPoints;
        uint256 pointsOut = uint256(figures.usedPoints) + yearEnd.lapsedPoints + figures.revokedPoints
            + figures.carriedOverPoints + carried.lotsOut;
        if (pointsIn != pointsOut) revert SettlementYearDiffers(pointsIn, pointsOut);
        uint256 owed =
            uint256(yearEnd.owedInPoints) + figures.usedPoints + yearEnd.reopenedPoints + carried.claimsIn;
        uint256 paid = uint256(figures.refundedPoints) + yearEnd.settledPoints + carried.claimsOut;
        if (paid > owed) revert SettlementYearDiffers(owed, paid);
        yearEnd.owedOverPoints = (owed - paid).toUint64();
    }

    function _lapsedIn(IMunicipalPoint series, uint256 fiscalYear) private view returns (uint256 points) {
        for (uint256 i; i < MONTHS_OF_YEAR; ++i) {
            points += series.pointsEndingWith(fiscalYear - i);
        }
    }

    /// @dev Books a payment for sales of `saleYear` that was approved in `approvalYear`; returns the year whose books bear it.
    function _bookPayment(
        IMunicipalPoint series,
        uint256 saleYear,
        uint256 approvalYear,
        uint256 points,
        bool fromThisYear
    ) private returns (uint256 fiscalYear) {
        if (points == 0) return 0;
        fiscalYear = saleYear;
        if (block.timestamp >= booksCloseAt(saleYear)) {
            if (!fromThisYear) revert SettlementBooksClosed(saleYear, booksCloseAt(saleYear));
            fiscalYear = _openBooks(approvalYear);
        }
        YearBooks storage books = _books[address(series)][fiscalYear];
        books.settledPoints += uint80(points);
        if (fiscalYear != saleYear) books.pastYearsPoints += uint80(points);
    }

    /// @dev Books a return where a payment of the claim would be booked today. In any other books the year that pays it
    /// again could seem to have paid more than was owed, and never close.
    function _bookReturn(IMunicipalPoint series, uint256 saleYear, uint256 points) private {
        if (points != 0) {
            _books[address(series)][_openBooks(saleYear)].reopenedPoints += uint80(points);
        }
    }

    /// @dev The year itself while its books are open, then the present one.
    function _openBooks(uint256 saleYear) private view returns (uint256) {
        return block.timestamp < booksCloseAt(saleYear) ? saleYear : _fiscalYear();
    }

    /// @dev The March that ends the present fiscal year.
    function _fiscalYear() private view returns (uint256) {
        return JapanCalendar.fiscalYearEnd(JapanCalendar.monthOf(block.timestamp));
    }

    // ------------------------------------------------------------------ VIEWS

    function acts() external pure returns (IOfficers.Act[] memory all) {
        IOfficers.ActRule memory two =
            IOfficers.ActRule(IOfficers.Role.Cashier, IOfficers.Role.SecondCashier, 0, ActRules.NEVER_ALONE);
        all = new IOfficers.Act[](7);
        all[0] = IOfficers.Act(IMerchantSettlement.approveClaims.selector, two);
        all[1] = IOfficers.Act(IMerchantSettlement.cancelBatch.selector, two);
        all[2] = IOfficers.Act(IMerchantSettlement.markSent.selector, two);
        all[3] = IOfficers.Act(IMerchantSettlement.settle.selector, two);
        all[4] = IOfficers.Act(IMerchantSettlement.bounce.selector, two);
        all[5] = IOfficers.Act(IMerchantSettlement.reopen.selector, two);
        all[6] = IOfficers.Act(IMerchantSettlement.closeYear.selector, two);
    }

    function batchOf(uint256 batch) external view returns (Batch memory) {
        return _batches[batch];
    }

    function cameBack(uint256 batch, uint256 chunk)
        external
        view
        returns (uint256 bounced, uint256 reopened)
    {
        uint256 both = _cameBack[batch][chunk];
        return (both & PLACES_MASK, both >> CHUNK);
    }

    function booksCloseAt(uint256 fiscalYear) public pure returns (uint256) {
        return JapanCalendar.startOf(fiscalYear + MONTHS_UNTIL_CLOSE + 1);
    }

    function booksOf(address series, uint256 fiscalYear) external view returns (YearBooks memory) {
        return _books[series][fiscalYear];
    }

    function yearEndOf(address series, uint256 fiscalYear) external view returns (YearEnd memory) {
        return _yearEnds[series][fiscalYear];
    }
}
