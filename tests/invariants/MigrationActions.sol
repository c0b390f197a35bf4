// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IGrantProgrammes} from "../../interfaces/IGrantProgrammes.sol";
import {IMunicipalPoint} from "../../interfaces/IMunicipalPoint.sol";
import {IOfficers} from "../../interfaces/IOfficers.sol";
import {IPartnerExchange} from "../../interfaces/IPartnerExchange.sol";
import {OfficeActions} from "./OfficeActions.sol";
import {vm} from "./Cheats.sol";

/// @title Series are closed for successors, which fetch accounts; what was paid before is tried again after
/// @notice The closed series goes on: its sales are refunded, its claims settled, its lots corrected by the other actions.
abstract contract MigrationActions is OfficeActions {
    uint256 private constant MOST_SUCCESSORS = 2; // of a municipality's first series
    uint256 private constant SALES_BEFORE_CLOSING = 8;

    mapping(uint256 home => uint256) private _successors;

    // -------------------------------------------------------------- the closing

    function announces(uint256 seed) external withLuck(seed) {
        uint256 town = current[_roll(TOWNS)];
        if (next[town] == 0 && (!_oneIn(6) || !_makeSuccessor(town))) return;
        address successor = address(series[_oneIn(8) ? current[0] : next[town]]);
        bytes memory data = abi.encodeCall(IMunicipalPoint.announceSuccessor, (successor));
        bool ok = _act(town, address(series[town]), data);
        if (ok && successor != address(series[next[town]])) ++doneAlone;
    }

    function _makeSuccessor(uint256 town) private returns (bool) {
        if (_successors[_home(town)] == MOST_SUCCESSORS) return false;
        ++_successors[_home(town)];
        IMunicipalPoint successor = _newSeries(townNumber[town], address(series[town]));
        contractOf[address(successor)] = "MunicipalPoint";
        next[town] = placeOf[address(successor)] = series.length;
        series.push(successor);
        townNumber.push(townNumber[town]);
        bytes memory data = abi.encodeCall(platform.registerSeries, (townNumber[town], address(successor)));
        _try(_clerk(COUNCIL, IOfficers.Role.Admin, 0), address(platform), data);
        return true;
    }

    function withdraws(uint256 seed) external withLuck(seed) {
        uint256 town = current[_roll(TOWNS)];
        bool ok = _act(town, address(series[town]), abi.encodeCall(IMunicipalPoint.withdrawSuccessor, ()));
        (address successor,,,) = series[town].migration();
        if (ok && successor != address(0)) ++doneAlone;
    }

    /// @dev Tries before the 30 days are over; then, mostly, waits for their end, sells, closes, and carries the shops.
    function closes(uint256 seed) external withLuck(seed) {
        uint256 town = current[_roll(TOWNS)];
        (address successor, uint256 from,,) = series[town].migration();
        if (successor == address(0) || block.timestamp < from) {
            if (_close(town)) ++doneAlone;
            if (successor == address(0) || _oneIn(3)) return;
            vm.warp(from);
        }
        for (uint256 i; i < SALES_BEFORE_CLOSING; ++i) {
            _mint(town);
            _paySigned(town);
        }
        if (!_close(town)) return;
        _equip(next[town]);
        if (_oneIn(4)) return;
        _carryIn(town, _shops(town));
        _carryIn(town, _payersOf(SALES_BEFORE_CLOSING));
        _tryOldSales(SALES_BEFORE_CLOSING);
        for (uint256 back; back < SALES_BEFORE_CLOSING && back < sales.length; ++back) {
            if (!_oneIn(4)) _refund(sales[sales.length - 1 - back]);
        }
    }

    /// @dev Of the latest sales.
    function _payersOf(uint256 count) private view returns (address[] memory payers) {
        payers = new address[](count < sales.length ? count : sales.length);
        for (uint256 back; back < payers.length; ++back) {
            payers[back] = sales[sales.length - 1 - back].payer;
        }
    }

    function _close(uint256 town) private returns (bool ok) {
        (ok,) = _try(minters[1], address(series[town]), abi.encodeCall(IMunicipalPoint.closeForSuccessor, ()));
        if (!ok) return false;
        isClosed[town] = true;
        current[_home(town)] = next[town];
        _count(address(series[next[town]]), IMunicipalPoint.openAfterPredecessor.selector);
    }

    /// @dev Proposes what a successor needs to be granted into, and to be settled.
    function _equip(uint256 town) private {
        address[5] memory all =
            [minters[0], minters[1], address(programmes), address(exchange), address(bonus)];
        for (uint256 i; i < all.length; ++i) {
            bytes memory data = abi.encodeCall(IMunicipalPoint.increaseMinterAllowance, (all[i], 10 ** 10));
            _act(town, address(series[town]), data);
        }
        _act(
            town, address(series[town]), abi.encodeCall(IMunicipalPoint.setSettlement, (address(settlements)))
        );
        _act(
            town,
            address(exchange),
            abi.encodeCall(IPartnerExchange.setExchangeSeries, (townNumber[town], address(series[town])))
        );
    }

    // ------------------------------------------------------------------ carrying

    function carriesIn(uint256 seed) external withLuck(seed) {
        uint256 home = _roll(TOWNS);
        uint256 town = home;
        if (!isClosed[town]) return;
        if (isClosed[next[town]] && _oneIn(2)) town = next[town];
        address[] memory accounts = holders[home];
        if (!_oneIn(3)) {
            accounts = new address[](1 + _roll(4));
            for (uint256 i; i < accounts.length; ++i) {
                accounts[i] = _oneIn(3) ? _anyShop(town) : _payer(town); // one may come twice
            }
        }
        _carryIn(town, accounts);
        if (_oneIn(3)) _carryIn(town, accounts);
    }

    function _shops(uint256 town) private returns (address[] memory shops) {
        shops = new address[](SHOPS);
        for (uint256 i; i < SHOPS; ++i) {
            shops[i] = _person(_shop(town, i));
        }
    }

    /// @dev Has the successor fetch accounts from the series at this place, and enters what it must have fetched.
    function _carryIn(uint256 town, address[] memory accounts) private {
        address[] memory shops = _shops(town);
        uint256[] memory claims = new uint256[](SHOPS);
        for (uint256 i; i < SHOPS; ++i) {
            claims[i] = _claimsOfBoth(town, shops[i]);
        }
        uint256 successor = next[town];
        (bool ok,) =
            _try(minters[0], address(series[successor]), abi.encodeCall(IMunicipalPoint.carryIn, (accounts)));
        if (!ok) return;
        _count(address(series[town]), IMunicipalPoint.carryOut.selector);
        for (uint256 i; i < accounts.length; ++i) {
            if (_isMerchant(town, accounts[i])) _enterClaim(town, successor, accounts[i]);
            else _enterLots(town, successor, accounts[i]);
            _checkStops(town, successor, accounts[i]);
        }
        for (uint256 i; i < SHOPS; ++i) {
            if (claims[i] != _claimsOfBoth(town, shops[i])) ++carriedWrongly;
        }
    }

    /// @dev What a shop is owed for this year's and for earlier years' sales on a series and its successor, as one number.
    function _claimsOfBoth(uint256 town, address shop) private view returns (uint256) {
        (uint256 thisYear, uint256 earlier, uint256 locked) = series[town].claimOf(shop);
        (uint256 thisYearNext, uint256 earlierNext,) = series[next[town]].claimOf(shop);
        return (locked << 160) | ((earlier + earlierNext) << 80) | (thisYear + thisYearNext);
    }

    /// @dev All but what is locked in settlement.
    function _enterClaim(uint256 town, uint256 successor, address shop) private {
        (,, uint256 locked) = series[town].claimOf(shop);
        uint256 points = owed[town][shop] - locked;
        _noteMovement(town, points);
        _noteMovement(successor, points);
        owed[town][shop] -= points;
        owed[successor][shop] += points;
        sums[town].carriedOut += points;
        sums[successor].carriedIn += points;
        if (points != 0) _note("claim carried over");
        if (!_isMerchant(successor, shop)) ++carriedWrongly;
    }

    /// @dev Each live lot, with its month.
    function _enterLots(uint256 town, uint256 successor, address account) private {
        uint256 points = liveOf(town, account);
        uint256[] memory lots = _spend(town, account, points);
        for (uint256 i; i < lots.length; ++i) {
            _credit(successor, account, lots[i] >> 29, lots[i] & (2 ** 29 - 1));
            _note("lot carried over");
        }
        sums[town].carriedOut += points;
        sums[successor].carriedIn += points;
    }

    function _checkStops(uint256 town, uint256 successor, address account) private {
        (bool wasFrozen,) = series[town].frozenOf(account);
        (bool isFrozen,) = series[successor].frozenOf(account);
        if (wasFrozen && !isFrozen) ++carriedWrongly;
    }

    // --------------------------------------------------------------- afterwards

    /// @dev Late sales of closed series, once more on the series of today: paid, voided or refunded, all must be refused.
    function triesOldSales(uint256 seed) external withLuck(seed) {
        _tryOldSales(20);
    }

    function _tryOldSales(uint256 count) private {
        for (uint256 back; back < count && back < sales.length; ++back) {
            Sale memory sale = sales[sales.length - 1 - back];
            if (!isClosed[sale.town]) continue;
            sale.town = current[_home(sale.town)];
            uint256 kind = _roll(4);
            if (kind == 0) _refundElsewhere(sale);
            else if (kind == 1) _void(sale);
            else _payAgain(sale);
        }
    }

    function _refundElsewhere(Sale memory sale) private {
        bytes memory data =
            abi.encodeCall(IMunicipalPoint.refund, (sale.shop, sale.number, sale.payer, sale.lots, 1));
        (bool ok,) = _try(series[sale.town].ownerOf(sale.shop), address(series[sale.town]), data);
        if (ok) ++refundedWrongly;
    }

    /// @dev By the same payer or another one, who can afford it.
    function _payAgain(Sale memory sale) private {
        if (_oneIn(2)) {
            address other = _payer(sale.town);
            if (other != address(0)) sale.payer = other;
        }
        uint256 live = liveOf(sale.town, sale.payer);
        if (live == 0) return;
        if (sale.points > live) sale.points = live;
        _note("old sale tried once more");
        _paySigned(sale);
    }

    function follows(uint256 seed) external withLuck(seed) {
        uint256 count = programmes.programmeCount();
        for (uint256 programme = count; programme != 0 && programme + 12 > count; --programme) {
            uint256 town = _grantsInto(programme);
            if (!isClosed[town] && !_oneIn(8)) continue;
            bytes memory data = abi.encodeCall(IGrantProgrammes.follow, (programme));
            (bool ok,) = _try(minters[1], address(programmes), data);
            if (ok && (!isClosed[town] || _grantsInto(programme) != next[town])) ++doneAlone;
        }
    }
}
