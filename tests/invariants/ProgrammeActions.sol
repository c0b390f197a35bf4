// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {JapanCalendar} from "../../contracts/libraries/JapanCalendar.sol";
import {IGrantProgrammes} from "../../interfaces/IGrantProgrammes.sol";
import {IMunicipalPoint} from "../../interfaces/IMunicipalPoint.sol";
import {IPaymentBonus} from "../../interfaces/IPaymentBonus.sol";
import {ResidentActions} from "./ResidentActions.sol";
import {vm} from "./Cheats.sol";

/// @title Programmes grant by lists, campaigns give a bonus for sales
abstract contract ProgrammeActions is ResidentActions {
    struct List {
        uint256 town;
        uint256 batch;
        uint256 rows;
        uint256[] words;
    }

    struct Promise {
        uint256 campaign;
        address shop;
        uint256 sale;
    }

    bytes32[] private _noSiblings;
    List[] internal lists;
    Promise[] internal promises;
    mapping(uint256 occurrence => mapping(uint256 number => bool)) internal isGranted;
    mapping(uint256 campaign => mapping(address shop => mapping(uint256 sale => bool))) internal isAwarded;
    mapping(uint256 programme => mapping(uint256 fiscalYear => uint256)) public grantedBy;
    uint256 private _labels;

    /// @dev One of the latest few.
    function _late(uint256 count) internal returns (uint256) {
        return count <= 4 || _oneIn(8) ? 1 + _roll(count + 1) : count - _roll(4);
    }

    // -------------------------------------------------------------- programmes

    function opensProgramme(uint256 seed) external withLuck(seed) {
        uint256 town = _town();
        IGrantProgrammes.ProgrammeTerms memory terms;
        terms.series = series[town];
        terms.firstSecond = uint40(block.timestamp);
        terms.lastSecond = uint40(block.timestamp + 300 days);
        terms.pointsPerGrant = _oneIn(2) ? 0 : uint32(_roll(300));
        terms.yearlyCapPoints = _oneIn(2) ? 0 : uint32(_roll(3000));
        terms.expiryRule = IMunicipalPoint.ExpiryRule(_roll(3));
        terms.expiryMonths = uint16(_roll(24));
        bytes memory data = abi.encodeCall(IGrantProgrammes.openProgramme, (townNumber[town], terms));
        if (!_act(town, address(programmes), data)) return;
        _setBudget(town, programmes.programmeCount());
        _openOccurrence(town, programmes.programmeCount());
    }

    function setsBudget(uint256 seed) external withLuck(seed) {
        uint256 town = _town();
        _setBudget(town, _late(programmes.programmeCount()));
    }

    function _setBudget(uint256 town, uint256 programme) private {
        bytes memory data = abi.encodeCall(
            IGrantProgrammes.setBudget, (townNumber[town], programme, _fiscalYear(), uint64(_roll(20_000)))
        );
        _act(town, address(programmes), data);
    }

    function opensOccurrence(uint256 seed) external withLuck(seed) {
        uint256 town = _town();
        _openOccurrence(town, _late(programmes.programmeCount()));
    }

    function _openOccurrence(uint256 town, uint256 programme) private {
        string[] memory labels = new string[](1);
        labels[0] = vm.toString(++_labels);
        bytes memory data =
            abi.encodeCall(IGrantProgrammes.openOccurrences, (townNumber[town], programme, labels));
        _act(town, address(programmes), data);
    }

    function approvesBatch(uint256 seed) external withLuck(seed) {
        uint256 occurrence = _late(programmes.occurrenceCount());
        uint256 programme = programmes.programmeOfOccurrence(occurrence);
        if (programme == 0) return;
        IGrantProgrammes.Programme memory its = programmes.programmeOf(programme);
        uint256 town = its.municipality == townNumber[0] ? 0 : 1;
        uint256 rows = 1 + _roll(6);
        (uint256[] memory words, uint256 total) = _list(town, rows, its.pointsPerGrant);
        IGrantProgrammes.BatchTerms memory terms = IGrantProgrammes.BatchTerms({
            root: keccak256(abi.encodePacked(bytes1(0x00), uint32(0), words)),
            rows: uint32(rows),
            totalPoints: uint56(total),
            fileHash: 0
        });
        bytes memory data =
            abi.encodeCall(IGrantProgrammes.approveBatch, (townNumber[town], occurrence, terms));
        if (!_act(town, address(programmes), data)) return;
        lists.push(List(town, programmes.batchCount(), rows, words));
    }

    /// @dev Rows of one leaf; the same number may come twice.
    function _list(uint256 town, uint256 rows, uint256 pointsPerGrant)
        private
        returns (uint256[] memory words, uint256 total)
    {
        words = new uint256[]((rows - 1) / 4 + 1);
        for (uint256 i; i < rows; ++i) {
            uint256 points = pointsPerGrant == 0 || _oneIn(12) ? 1 + _roll(400) : pointsPerGrant;
            total += points;
            words[i / 4] |= ((points << 32) | _someNumber(town)) << (192 - (i % 4) * 64);
        }
    }

    function _row(List storage list, uint256 row) private view returns (uint256 number, uint256 points) {
        uint256 both = list.words[row / 4] << (row % 4 * 64) >> 192;
        return (uint32(both), both >> 32);
    }

    function runsBatch(uint256 seed) external withLuck(seed) {
        if (lists.length == 0) return;
        List storage list = lists[_late(lists.length) % lists.length];
        bytes memory data = abi.encodeCall(IGrantProgrammes.run, (list.batch, 0, list.words, _noSiblings));
        _grantBy(list, data);
        _grantBy(list, data);
    }

    function claimsRow(uint256 seed) external withLuck(seed) {
        if (lists.length == 0) return;
        List storage list = lists[_late(lists.length) % lists.length];
        uint256 row = _roll(list.rows);
        _grantBy(list, abi.encodeCall(IGrantProgrammes.claim, (list.batch, row, list.words, _noSiblings)));
    }

    function _grantBy(List storage list, bytes memory data) private {
        bool[] memory before = new bool[](list.rows);
        for (uint256 row; row < list.rows; ++row) {
            before[row] = programmes.isRowGranted(list.batch, row);
        }
        (bool ok,) = _try(minters[0], address(programmes), data);
        if (!ok) return;
        IGrantProgrammes.Batch memory batch = programmes.batchOf(list.batch);
        for (uint256 row; row < list.rows; ++row) {
            if (before[row] || !programmes.isRowGranted(list.batch, row)) continue;
            (uint256 number, uint256 points) = _row(list, row);
            if (isGranted[batch.occurrence][number]) ++doneTwice;
            isGranted[batch.occurrence][number] = true;
            _note("row granted");
            grantedBy[batch.programme][batch.fiscalYear] += points;
            address to = residents.accountOf(townNumber[list.town], number);
            _minted(_grantsInto(batch.programme), address(programmes), to, batch.expiryMonth, points);
        }
    }

    function stopsBatch(uint256 seed) external withLuck(seed) {
        if (lists.length == 0 || !_oneIn(3)) return;
        List storage list = lists[_late(lists.length) % lists.length];
        bytes memory data = abi.encodeCall(IGrantProgrammes.stopBatch, (townNumber[list.town], list.batch));
        _act(list.town, address(programmes), data);
    }

    function revokesGrant(uint256 seed) external withLuck(seed) {
        if (lists.length == 0) return;
        List storage list = lists[_late(lists.length) % lists.length];
        uint256 row = _roll(list.rows);
        (uint256 number, uint256 points) = _row(list, row);
        IGrantProgrammes.RevocationTerms memory terms;
        (terms.batch, terms.row) = (list.batch, row);
        terms.account = residents.accountOf(townNumber[list.town], number);
        terms.amountPoints = uint64(1 + _roll(points));
        terms.takePoints = uint64(_roll(points + 1));
        uint256 before = programmes.revocationOf(list.batch, row).takenPoints;
        bytes memory data = abi.encodeCall(
            IGrantProgrammes.revokeGrant, (townNumber[list.town], terms, list.words, _noSiblings)
        );
        if (!_act(list.town, address(programmes), data)) return;
        uint256 taken = programmes.revocationOf(list.batch, row).takenPoints - before;
        IGrantProgrammes.Batch memory batch = programmes.batchOf(list.batch);
        uint256 town = _grantsInto(batch.programme);
        _debit(town, terms.account, batch.expiryMonth, taken);
        sums[town].revoked += taken;
    }

    /// @dev The place of the series that a programme grants into.
    function _grantsInto(uint256 programme) internal view returns (uint256) {
        return placeOf[address(programmes.programmeOf(programme).series)];
    }

    // --------------------------------------------------------------- campaigns

    function opensBonus(uint256 seed) external withLuck(seed) {
        _openBonus(_town());
    }

    function _openBonus(uint256 town) private {
        uint256 today = JapanCalendar.dayOf(block.timestamp);
        IPaymentBonus.CampaignTerms memory terms;
        terms.firstDay = uint16(today);
        terms.lastDay = uint16(today + _roll(30));
        (terms.rateNumerator, terms.rateDenominator) = (1, uint32(1 + _roll(20)));
        terms.minimumPoints = uint32(_roll(20));
        terms.capPoints = uint32(1 + _roll(3000));
        terms.budgetPoints = uint64(1 + _roll(9000));
        terms.expiryMonth = uint16(_month() + 3 + _roll(12));
        bytes memory data =
            abi.encodeCall(IPaymentBonus.openCampaign, (townNumber[town], address(series[town]), terms));
        _act(town, address(bonus), data);
    }

    function enlargesBonus(uint256 seed) external withLuck(seed) {
        uint256 town = _town();
        uint256 campaign = _late(bonus.campaignCount());
        bytes memory data =
            abi.encodeCall(IPaymentBonus.enlargeCampaign, (townNumber[town], campaign, uint64(_roll(500))));
        _act(town, address(bonus), data);
    }

    function closesBonus(uint256 seed) external withLuck(seed) {
        if (!_oneIn(2)) return;
        uint256 town = _town();
        uint256 campaign = _late(bonus.campaignCount());
        _act(town, address(bonus), abi.encodeCall(IPaymentBonus.closeCampaign, (townNumber[town], campaign)));
    }

    /// @dev Shows late sales to the latest campaigns of their series; now and then to one that has just begun, for somebody
    /// who bought twice: what is promised for the one sale must not be given for the other.
    function reservesBonus(uint256 seed) external withLuck(seed) {
        if (_oneIn(3)) {
            uint256 town = _town();
            _openBonus(town);
            _sellTwice(town);
        }
        for (uint256 back; back < 4 && back < sales.length; ++back) {
            Sale storage sale = sales[sales.length - 1 - back];
            IPaymentBonus.Payment[] memory payments = new IPaymentBonus.Payment[](1);
            payments[0] = IPaymentBonus.Payment(sale.shop, sale.number, sale.payer, sale.lots);
            uint256 campaign = bonus.campaignCount();
            while (campaign != 0 && bonus.campaignOf(campaign).municipality != townNumber[sale.town]) {
                --campaign;
            }
            if (campaign == 0) continue;
            bytes memory data = abi.encodeCall(IPaymentBonus.reserve, (campaign, payments));
            (bool ok, bytes memory answer) = _try(minters[1], address(bonus), data);
            if (!ok || abi.decode(answer, (IPaymentBonus.BonusIssue[]))[0] != IPaymentBonus.BonusIssue.None) {
                continue;
            }
            promises.push(Promise(campaign, sale.shop, sale.number));
        }
    }

    /// @dev Asks for what was promised lately, now and then after the days it takes.
    function awardsBonus(uint256 seed) external withLuck(seed) {
        if (promises.length == 0) return;
        if (_oneIn(3)) vm.warp(block.timestamp + 10 days);
        for (uint256 back; back < 5 && back < promises.length; ++back) {
            Promise storage made = promises[promises.length - 1 - back];
            IPaymentBonus.SaleKey[] memory keys = new IPaymentBonus.SaleKey[](2);
            keys[0] = IPaymentBonus.SaleKey(made.shop, made.sale);
            keys[1] = keys[0];
            bytes memory data = abi.encodeCall(IPaymentBonus.award, (made.campaign, keys));
            (bool ok, bytes memory answer) = _try(minters[1], address(bonus), data);
            if (ok) _enterAward(made, abi.decode(answer, (IPaymentBonus.BonusIssue[])));
        }
    }

    function _enterAward(Promise storage made, IPaymentBonus.BonusIssue[] memory issues) private {
        IPaymentBonus.Campaign memory campaign = bonus.campaignOf(made.campaign);
        IPaymentBonus.Reservation memory reservation =
            bonus.reservationOf(made.campaign, made.shop, made.sale);
        uint256 town = placeOf[campaign.series];
        while (isClosed[town]) town = next[town];
        for (uint256 i; i < issues.length; ++i) {
            if (issues[i] != IPaymentBonus.BonusIssue.None) continue;
            if (isAwarded[made.campaign][made.shop][made.sale]) ++doneTwice;
            isAwarded[made.campaign][made.shop][made.sale] = true;
            _note("bonus awarded");
            address to = residents.accountOf(townNumber[town], reservation.number);
            _minted(town, address(bonus), to, campaign.expiryMonth, reservation.points);
        }
    }
}
