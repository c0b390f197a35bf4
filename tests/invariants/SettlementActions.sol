// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IMerchantSettlement} from "../../interfaces/IMerchantSettlement.sol";
import {ExchangeActions} from "./ExchangeActions.sol";

/// @title Shops ask for their money, cashiers approve, send, settle, bounce, reopen, and close years
abstract contract SettlementActions is ExchangeActions {
    uint256 private constant PART = 2 ** 48 - 1;

    struct Paper {
        uint256 town;
        uint256 batch;
        uint256[] claims;
        /// Bit i: claim i came back.
        uint256 cameBack;
    }

    Paper[] internal papers;
    uint256 private _references;

    function requestsSettlement(uint256 seed) external withLuck(seed) {
        uint256 town = _town();
        address shop = _anyShop(town);
        bytes memory data = abi.encodeCall(IMerchantSettlement.requestSettlement, (series[town], shop));
        _try(series[town].ownerOf(shop), address(settlements), data);
    }

    function approvesClaims(uint256 seed) external withLuck(seed) {
        uint256 town = _town();
        (uint256[] memory asked, uint256[] memory locked) = _claims(town);
        bytes memory data = abi.encodeCall(
            IMerchantSettlement.approveClaims,
            (townNumber[town], series[town], _fiscalYear(), block.timestamp, asked)
        );
        if (_isPaused(town)) {
            if (_act(town, address(settlements), data)) ++movedInPause;
        } else if (_act(town, address(settlements), data)) {
            _count(address(series[town]), series[town].lockClaims.selector);
            papers.push(Paper(town, settlements.batchCount(), locked, 0));
        }
    }

    /// @dev What is asked for each shop, and what of it there is to lock; shops in the order of their addresses.
    function _claims(uint256 town) private returns (uint256[] memory asked, uint256[] memory locked) {
        (asked, locked) = (new uint256[](SHOPS), new uint256[](SHOPS));
        for (uint256 i; i < SHOPS; ++i) {
            address shop = _person(_shop(town, i));
            (uint256 thisYear, uint256 earlier,) = series[town].claimOf(shop);
            (bool isFrozen,) = series[town].frozenOf(shop);
            uint256 more = _oneIn(5) ? 7 : 0;
            if (_oneIn(3)) thisYear = _roll(thisYear + 1);
            uint256 place = i;
            while (place != 0 && asked[place - 1] >> 96 > uint160(shop)) {
                (asked[place], locked[place]) = (asked[place - 1], locked[place - 1]);
                --place;
            }
            uint256 owner = uint256(uint160(shop)) << 96;
            asked[place] = owner | ((earlier + more) << 48) | thisYear;
            locked[place] = isFrozen ? owner : owner | (earlier << 48) | thisYear;
        }
    }

    function _paper(IMerchantSettlement.BatchState state) private returns (uint256) {
        for (uint256 i; i < 4; ++i) {
            uint256 place = _roll(papers.length);
            if (settlements.batchOf(papers[place].batch).state == state) return place;
        }
        return _roll(papers.length);
    }

    function cancelsBatch(uint256 seed) external withLuck(seed) {
        if (papers.length == 0 || !_oneIn(3)) return;
        Paper storage paper = papers[_paper(IMerchantSettlement.BatchState.Approved)];
        bytes memory data = abi.encodeCall(
            IMerchantSettlement.cancelBatch, (townNumber[paper.town], paper.batch, paper.claims)
        );
        if (!_act(paper.town, address(settlements), data)) return;
        _count(address(series[paper.town]), series[paper.town].unlockClaims.selector);
    }

    function marksSent(uint256 seed) external withLuck(seed) {
        if (papers.length == 0) return;
        Paper storage paper = papers[_paper(IMerchantSettlement.BatchState.Approved)];
        bytes memory data = abi.encodeCall(
            IMerchantSettlement.markSent, (townNumber[paper.town], paper.batch, bytes32(++_references))
        );
        _act(paper.town, address(settlements), data);
    }

    function settles(uint256 seed) external withLuck(seed) {
        if (papers.length == 0) return;
        Paper storage paper = papers[_paper(IMerchantSettlement.BatchState.Sent)];
        bytes memory data = abi.encodeCall(
            IMerchantSettlement.settle,
            (townNumber[paper.town], paper.batch, paper.claims, bytes32(++_references), true)
        );
        if (!_act(paper.town, address(settlements), data)) return;
        _count(address(series[paper.town]), series[paper.town].burnLocked.selector);
        for (uint256 i; i < paper.claims.length; ++i) {
            if ((paper.cameBack >> i) & 1 != 0) continue;
            _settle(paper.town, paper.claims[i]);
        }
        bytes memory again = abi.encodeCall(
            IMerchantSettlement.settle,
            (townNumber[paper.town], paper.batch, paper.claims, bytes32(++_references), true)
        );
        if (_act(paper.town, address(settlements), again)) ++doneTwice;
    }

    function _settle(uint256 town, uint256 claim) private {
        uint256 points = (claim & PART) + ((claim >> 48) & PART);
        _noteMovement(town, points);
        owed[town][address(uint160(claim >> 96))] -= points;
        sums[town].settled += points;
    }

    function bounces(uint256 seed) external withLuck(seed) {
        if (papers.length == 0 || _oneIn(3)) return;
        Paper storage paper = papers[_paper(IMerchantSettlement.BatchState.Sent)];
        uint256 place = _roll(paper.claims.length);
        bytes memory data = abi.encodeCall(
            IMerchantSettlement.bounce,
            (townNumber[paper.town], paper.batch, 0, _places(place), paper.claims, bytes32(++_references))
        );
        if (!_act(paper.town, address(settlements), data)) return;
        _count(address(series[paper.town]), series[paper.town].unlockClaims.selector);
        _comeBack(paper, place);
    }

    function reopens(uint256 seed) external withLuck(seed) {
        if (papers.length == 0) return;
        Paper storage paper = papers[_paper(IMerchantSettlement.BatchState.Settled)];
        uint256 place = _roll(paper.claims.length);
        bytes memory data = abi.encodeCall(
            IMerchantSettlement.reopen,
            (townNumber[paper.town], paper.batch, 0, _places(place), paper.claims, bytes32(++_references))
        );
        if (!_act(paper.town, address(settlements), data)) return;
        _count(address(series[paper.town]), series[paper.town].reopenClaims.selector);
        _comeBack(paper, place);
        uint256 claim = paper.claims[place];
        uint256 points = (claim & PART) + ((claim >> 48) & PART);
        _noteMovement(paper.town, points);
        owed[paper.town][address(uint160(claim >> 96))] += points;
        sums[paper.town].settled -= points;
    }

    function _comeBack(Paper storage paper, uint256 place) private {
        if ((paper.cameBack >> place) & 1 != 0) ++doneTwice;
        paper.cameBack |= 1 << place;
    }

    function _places(uint256 place) private pure returns (uint256[] memory places) {
        places = new uint256[](1);
        places[0] = 1 << place;
    }

    function closesYear(uint256 seed) external withLuck(seed) {
        uint256 town = _town();
        uint256 last = settlements.lastClosedYear(address(series[town]));
        uint256 year = last == 0 ? _fiscalYear() - 12 : last + 12;
        IMerchantSettlement.YearFigures memory figures;
        uint256 lapsed;
        for (uint256 i; i < 12; ++i) {
            lapsed += series[town].pointsEndingWith(year - i);
        }
        figures.usedPoints = uint64(settlements.booksOf(address(series[town]), year).settledPoints);
        figures.grantedPoints = uint64(figures.usedPoints + lapsed);
        bytes memory data =
            abi.encodeCall(IMerchantSettlement.closeYear, (townNumber[town], series[town], year, figures));
        _act(town, address(settlements), data);
    }
}
