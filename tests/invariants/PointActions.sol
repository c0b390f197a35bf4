// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC7818} from "../../interfaces/IERC7818.sol";
import {IMunicipalPoint} from "../../interfaces/IMunicipalPoint.sol";
import {World} from "./World.sol";

/// @title Points are minted, moved, corrected, stopped; merchants and policies come and go
abstract contract PointActions is World {
    uint256 private constant NEVER = 1535;

    // ----------------------------------------------------------------- choices

    /// @dev Mostly the series that takes payments, now and then one that it took over from, or that will take over.
    function _town() internal returns (uint256 town) {
        uint256 home = _roll(TOWNS);
        if (!_oneIn(5)) return current[home];
        for (town = home; next[town] != 0 && !_oneIn(2);) {
            town = next[town];
        }
    }

    function _holder(uint256 town) internal returns (address) {
        address[] storage all = holders[_home(town)];
        return all[_roll(all.length)];
    }

    /// @dev Mostly somebody with points who can spend them, if there is anybody.
    function _payer(uint256 town) internal returns (address account) {
        for (uint256 i; i < 6; ++i) {
            account = _holder(town);
            if (liveOf(town, account) != 0 && (_oneIn(10) || !_isStopped(town, account))) return account;
        }
    }

    /// @dev Mostly somebody who can receive points.
    function _receiver(uint256 town) internal returns (address account) {
        for (uint256 i; i < 6; ++i) {
            account = _holder(town);
            if (!_isMerchant(town, account) && !_isStopped(town, account)) return account;
        }
    }

    function _isStopped(uint256 town, address account) internal view returns (bool) {
        (bool isFrozen, bool isBlocked) = series[town].frozenOf(account);
        return isFrozen || isBlocked;
    }

    function _anyShop(uint256 town) internal returns (address) {
        return _person(_shop(town, _roll(SHOPS)));
    }

    function _expiry() internal returns (uint256) {
        if (_oneIn(12)) return NEVER;
        if (_oneIn(12)) return _month();
        return _month() + _roll(_oneIn(4) ? 61 : 12);
    }

    /// @dev An amount that the account can mostly afford; often all of it.
    function _affordable(uint256 town, address account) internal returns (uint256) {
        uint256 live = liveOf(town, account);
        if (live == 0 || _oneIn(20)) return _points();
        if (_oneIn(4)) return live;
        return 1 + _roll(live < 2 ** 29 ? live : 2 ** 29 - 1);
    }

    function _isActive(uint256 town, address account) internal view returns (bool) {
        (bool isMerchant, IMunicipalPoint.MerchantStatus status,) = series[town].merchantOf(account);
        return isMerchant && status == IMunicipalPoint.MerchantStatus.Active && !_isStopped(town, account);
    }

    function _isMerchant(uint256 town, address account) internal view returns (bool isMerchant) {
        (isMerchant,,) = series[town].merchantOf(account);
    }

    /// @dev I4, by the series' own lots: where one has shrunk, none that ends earlier may be left.
    function _checkOrder(uint256 town, address account, uint256[] memory months, uint256[] memory before)
        internal
    {
        bool isLeft;
        for (uint256 i; i < months.length; ++i) {
            uint256 left = series[town].balanceOfAtEpoch(months[i], account);
            if (left < before[i] && isLeft) ++laterSpentFirst;
            if (left != 0) isLeft = true;
        }
    }

    // ----------------------------------------------------------------- minting

    function mints(uint256 seed) external withLuck(seed) {
        _mint(_town());
    }

    function _mint(uint256 town) internal {
        address minter = minters[_roll(MINTERS)];
        (address to, uint256 points) = (_receiver(town), _points());
        uint256 month = series[town].policyExpiryMonth();
        (bool ok,) = _try(minter, address(series[town]), abi.encodeCall(IMunicipalPoint.mint, (to, points)));
        if (ok) _minted(town, minter, to, month, points);
    }

    function mintsUntil(uint256 seed) external withLuck(seed) {
        uint256 town = _town();
        address minter = minters[_roll(MINTERS)];
        (address to, uint256 points, uint256 month) = (_receiver(town), _points(), _expiry());
        (bool ok,) = _try(
            minter, address(series[town]), abi.encodeCall(IMunicipalPoint.mintUntil, (to, points, month))
        );
        if (ok) _minted(town, minter, to, month, points);
    }

    function mintsToMany(uint256 seed) external withLuck(seed) {
        uint256 town = _town();
        address minter = minters[_roll(MINTERS)];
        address[] memory to = new address[](1 + _roll(3));
        uint256[] memory points = new uint256[](to.length);
        for (uint256 i; i < to.length; ++i) {
            (to[i], points[i]) = (_receiver(town), _roll(500));
        }
        uint256 month = _expiry();
        (bool ok,) = _try(
            minter, address(series[town]), abi.encodeCall(IMunicipalPoint.mintBatch, (to, points, month))
        );
        for (uint256 i; ok && i < to.length; ++i) {
            _minted(town, minter, to[i], month, points[i]);
        }
    }

    function mintsToResidents(uint256 seed) external withLuck(seed) {
        uint256 town = _town();
        uint256 count = residents.residentCount(townNumber[town]);
        address minter = minters[_roll(MINTERS)];
        uint256[] memory rows = new uint256[](1 + _roll(4));
        uint256 total;
        for (uint256 i; i < rows.length; ++i) {
            uint256 points = _roll(500);
            rows[i] = (points << 32) | (1 + _roll(count + 1));
            total += points;
        }
        uint256 month = _expiry();
        (bool ok, bytes memory answer) = _try(
            minter,
            address(series[town]),
            abi.encodeCall(IMunicipalPoint.mintToResidents, (rows, total, month))
        );
        if (ok) _enterRows(town, minter, rows, month, answer);
    }

    /// @dev Enters rows that were minted to residents, but those that the series says it skipped.
    function _enterRows(
        uint256 town,
        address minter,
        uint256[] memory rows,
        uint256 month,
        bytes memory answer
    ) internal {
        (uint256[] memory skipped,) = abi.decode(answer, (uint256[], IMunicipalPoint.MintIssue[]));
        uint256 next;
        for (uint256 i; i < rows.length; ++i) {
            if (next < skipped.length && skipped[next] == i) {
                ++next;
            } else {
                address to = residents.accountOf(townNumber[town], uint32(rows[i]));
                _minted(town, minter, to, month, rows[i] >> 32);
            }
        }
    }

    function takesBack(uint256 seed) external withLuck(seed) {
        uint256 town = _town();
        address minter = minters[_roll(MINTERS)];
        address from = _payer(town);
        uint256 month = _someMonth(town, from);
        (bool ok, bytes memory answer) = _try(
            minter, address(series[town]), abi.encodeCall(IMunicipalPoint.takeBack, (from, _points(), month))
        );
        if (!ok) return;
        if (isClosed[town]) ++leftWithoutReason;
        uint256 taken = abi.decode(answer, (uint256));
        _debit(town, from, month, taken);
        sums[town].revoked += taken;
    }

    /// @dev The month of one of the account's lots, ended or not.
    function _someMonth(uint256 town, address account) internal returns (uint256) {
        uint256 count = promised[town][account].length;
        return count == 0 ? _expiry() : promised[town][account][_roll(count)].month;
    }

    // ------------------------------------------------------------------ moving

    function transfers(uint256 seed) external withLuck(seed) {
        uint256 town = _town();
        address from = _oneIn(10) ? _anyShop(town) : _payer(town);
        address to = _oneIn(4) ? _holder(town) : _anyShop(town);
        uint256 points = _affordable(town, from);
        _transfer(town, from, from, to, points, abi.encodeCall(IERC20.transfer, (to, points)));
    }

    function transfersFrom(uint256 seed) external withLuck(seed) {
        uint256 town = _town();
        (address from, address to) = (_oneIn(6) ? _anyShop(town) : _payer(town), _anyShop(town));
        address spender = _isMerchant(town, from) ? series[town].ownerOf(from) : minters[0];
        uint256 points = _affordable(town, from);
        if (!_isMerchant(town, from)) {
            _try(from, address(series[town]), abi.encodeCall(IERC20.approve, (spender, points)));
        }
        _transfer(town, spender, from, to, points, abi.encodeCall(IERC20.transferFrom, (from, to, points)));
    }

    function transfersAtEpoch(uint256 seed) external withLuck(seed) {
        uint256 town = _town();
        (address from, address to) = (_payer(town), _anyShop(town));
        (uint256 month, uint256 points) = _earliest(town, from);
        bytes memory data = abi.encodeCall(IERC7818.transferAtEpoch, (month, to, points));
        _transfer(town, from, from, to, points, data);
    }

    function transfersFromAtEpoch(uint256 seed) external withLuck(seed) {
        uint256 town = _town();
        (address from, address to) = (_payer(town), _anyShop(town));
        (uint256 month, uint256 points) = _earliest(town, from);
        address spender = minters[1];
        _try(from, address(series[town]), abi.encodeCall(IERC20.approve, (spender, type(uint256).max)));
        bytes memory data = abi.encodeCall(IERC7818.transferFromAtEpoch, (month, from, to, points));
        _transfer(town, spender, from, to, points, data);
    }

    /// @dev Mostly the earliest lot and part of it, now and then another.
    function _earliest(uint256 town, address account) private returns (uint256 month, uint256 points) {
        (uint256[] memory months, uint256[] memory amounts) = series[town].lotsOf(account);
        if (months.length == 0) return (_expiry(), 1);
        uint256 place = _oneIn(6) ? _roll(months.length) : 0;
        return (months[place], 1 + _roll(amounts[place]));
    }

    function _transfer(
        uint256 town,
        address caller,
        address from,
        address to,
        uint256 points,
        bytes memory data
    ) private {
        bool isActive = _isActive(town, to);
        (uint256[] memory months, uint256[] memory amounts) = series[town].lotsOf(from);
        (bool ok,) = _try(caller, address(series[town]), data);
        if (!ok) return;
        if (isClosed[town]) ++leftWithoutReason;
        if (_isMerchant(town, from)) {
            _noteMovement(town, points);
            owed[town][from] -= points;
            owed[town][to] += points;
            (, bool betweenMerchants) = series[town].transferSwitches();
            if (!isActive || !betweenMerchants) ++leftWithoutReason;
        } else if (_isMerchant(town, to)) {
            _paid(town, from, to, points, isActive);
            _checkOrder(town, from, months, amounts);
        } else {
            (bool betweenResidents,) = series[town].transferSwitches();
            if (!betweenResidents) ++leftWithoutReason;
            uint256[] memory lots = _spend(town, from, points);
            for (uint256 i; i < lots.length; ++i) {
                _credit(town, to, lots[i] >> 29, lots[i] & (2 ** 29 - 1));
            }
            if (from != to) _checkOrder(town, from, months, amounts);
        }
    }

    // -------------------------------------------------------------- allowances

    function allows(uint256 seed) external withLuck(seed) {
        uint256 town = _town();
        (address owner, address spender) = (_holder(town), _holder(town));
        uint256 kind = _roll(3);
        if (kind == 2) spender = minters[0]; // whom transfersFrom leaves with an allowance now and then
        uint256 given = series[town].allowance(owner, spender);
        bytes memory data = kind == 0
            ? abi.encodeCall(IERC20.approve, (spender, _roll(1000)))
            : kind == 1
                ? abi.encodeCall(IMunicipalPoint.increaseAllowance, (spender, _roll(1000)))
                : abi.encodeCall(IMunicipalPoint.decreaseAllowance, (spender, _roll(given + 1)));
        (bool ok,) = _try(owner, address(series[town]), data);
        if (!ok && kind == 0 && _isPaused(town)) ++blockedInPause;
    }

    // ------------------------------------------------------------- corrections

    function recordsLapse(uint256 seed) external withLuck(seed) {
        uint256 town = _town();
        address[] memory accounts = new address[](1 + _roll(4));
        for (uint256 i; i < accounts.length; ++i) {
            accounts[i] = _holder(town);
        }
        _try(accounts[0], address(series[town]), abi.encodeCall(IMunicipalPoint.recordLapse, (accounts)));
    }

    function extendsLots(uint256 seed) external withLuck(seed) {
        uint256 town = _town();
        address[] memory accounts = new address[](1 + _roll(3));
        for (uint256 i; i < accounts.length; ++i) {
            accounts[i] = _payer(town);
        }
        uint256 from = _someMonth(town, accounts[0]);
        uint256 to = from + 1 + _roll(12);
        bytes memory data = abi.encodeCall(IMunicipalPoint.extendLots, (from, to, accounts));
        if (!_act(town, address(series[town]), data)) return;
        for (uint256 i; i < accounts.length; ++i) {
            uint256 points = _promisedIn(town, accounts[i], from);
            _debit(town, accounts[i], from, points);
            _credit(town, accounts[i], to, points);
        }
    }

    function _promisedIn(uint256 town, address account, uint256 month) internal view returns (uint256) {
        Promised[] storage lots = promised[town][account];
        for (uint256 i; i < lots.length; ++i) {
            if (lots[i].month == month) return lots[i].points;
        }
        return 0;
    }

    /// @dev Gives back what lapsed of an account, in one of its ended months; what was restored before is passed over.
    function restoresLots(uint256 seed) external withLuck(seed) {
        uint256 town = _town();
        address[] memory accounts = new address[](1);
        uint256[] memory points = new uint256[](1);
        uint256 month;
        for (uint256 i; i < 8; ++i) {
            accounts[0] = _holder(town);
            if (promised[town][accounts[0]].length == 0) continue;
            month = promised[town][accounts[0]][0].month;
            points[0] = promised[town][accounts[0]][0].points;
            if (month < _month()) break;
        }
        uint256 to = _month() + _roll(6);
        uint256 before = series[town].restoredOf(month);
        bytes memory data = abi.encodeCall(IMunicipalPoint.restoreLots, (month, to, accounts, points));
        if (!_act(town, address(series[town]), data)) return;
        uint256 restored = series[town].restoredOf(month) - before;
        sums[town].restored += restored;
        _credit(town, accounts[0], to, restored);
        if (_act(town, address(series[town]), data) && series[town].restoredOf(month) != before + restored) {
            ++doneTwice;
        }
    }

    function revokes(uint256 seed) external withLuck(seed) {
        uint256 town = _town();
        address from = _payer(town);
        uint256 month = _someMonth(town, from);
        uint256 points = 1 + _roll(1 + _promisedIn(town, from, month));
        bytes memory data = abi.encodeCall(IMunicipalPoint.revoke, (from, points, month));
        if (!_act(town, address(series[town]), data)) return;
        _debit(town, from, month, points);
        sums[town].revoked += points;
    }

    // ------------------------------------------------------------------- stops

    function freezes(uint256 seed) external withLuck(seed) {
        uint256 town = _town();
        address account = _oneIn(3) ? _anyShop(town) : _holder(town);
        _act(town, address(series[town]), abi.encodeCall(IMunicipalPoint.freeze, (account)));
    }

    /// @dev Two of these for each freeze, or in the end nothing moves any more; on all series, or carrying freezes again.
    function unfreezes(uint256 seed) external withLuck(seed) {
        uint256 home = _roll(TOWNS);
        for (uint256 town = home;; town = next[town]) {
            for (uint256 i; i < holders[home].length; ++i) {
                (bool isFrozen,) = series[town].frozenOf(holders[home][i]);
                if (!isFrozen) continue;
                bytes memory data = abi.encodeCall(IMunicipalPoint.unfreeze, (holders[home][i]));
                _act(town, address(series[town]), data);
            }
            if (next[town] == 0) return;
        }
    }

    function pauses(uint256 seed) external withLuck(seed) {
        uint256 town = _town();
        uint256 length = 1 + _roll(_oneIn(3) ? 72 hours : 2 hours);
        _act(town, address(series[town]), abi.encodeCall(IMunicipalPoint.pause, (length)));
    }

    function unpauses(uint256 seed) external withLuck(seed) {
        uint256 town = _town();
        for (uint256 i; i < TOWNS; ++i) {
            if (_isPaused(current[i])) town = current[i];
        }
        bool ok = _act(town, address(series[town]), abi.encodeCall(IMunicipalPoint.unpause, ()));
        if (!ok) ++blockedInPause;
    }

    // --------------------------------------------------------------- merchants

    function approvesMerchant(uint256 seed) external withLuck(seed) {
        uint256 town = _town();
        address shop = _oneIn(12) ? _holder(town) : _anyShop(town);
        _act(
            town,
            address(series[town]),
            abi.encodeCall(IMunicipalPoint.approveMerchant, (shop, _roll(4), "Shop", "Place"))
        );
    }

    function suspendsMerchant(uint256 seed) external withLuck(seed) {
        uint256 town = _town();
        _act(town, address(series[town]), abi.encodeCall(IMunicipalPoint.suspendMerchant, (_anyShop(town))));
        _approveAgain(town);
    }

    function closesMerchant(uint256 seed) external withLuck(seed) {
        uint256 town = _town();
        _act(town, address(series[town]), abi.encodeCall(IMunicipalPoint.closeMerchant, (_anyShop(town))));
        _approveAgain(town);
    }

    /// @dev Mostly, so that most shops are open most of the time.
    function _approveAgain(uint256 town) private {
        if (_oneIn(3)) return;
        for (uint256 i; i < SHOPS; ++i) {
            address shop = _person(_shop(town, i));
            if (_isActive(town, shop)) continue;
            bytes memory data = abi.encodeCall(IMunicipalPoint.approveMerchant, (shop, i, "Shop", "Place"));
            _act(town, address(series[town]), data);
        }
    }

    function replacesOwner(uint256 seed) external withLuck(seed) {
        uint256 town = _town();
        address owner = _person(0x700 + _roll(4));
        bytes memory data = abi.encodeCall(IMunicipalPoint.replaceOwner, (_anyShop(town), owner));
        _act(town, address(series[town]), data);
    }

    function setsTill(uint256 seed) external withLuck(seed) {
        uint256 town = _town();
        (address shop, address till) = (_anyShop(town), _person(0x710 + _roll(2)));
        address owner = series[town].ownerOf(shop);
        bytes memory data = abi.encodeCall(IMunicipalPoint.setTill, (shop, till, !_oneIn(3)));
        _try(owner, address(series[town]), data);
    }

    // ---------------------------------------------------------------- policies

    function setsSwitches(uint256 seed) external withLuck(seed) {
        uint256 town = _town();
        bytes memory data = abi.encodeCall(IMunicipalPoint.setTransferSwitches, (_oneIn(2), _oneIn(2)));
        _act(town, address(series[town]), data);
    }

    function setsExpiryPolicy(uint256 seed) external withLuck(seed) {
        uint256 town = _town();
        IMunicipalPoint.ExpiryRule rule = IMunicipalPoint.ExpiryRule(_roll(5));
        bool isFixed = rule == IMunicipalPoint.ExpiryRule.FixedMonth;
        uint256 months = isFixed ? _month() + 36 + _roll(24) : _roll(25);
        bytes memory data = abi.encodeCall(IMunicipalPoint.setExpiryPolicy, (rule, months));
        _act(town, address(series[town]), data);
    }

    function setsRefundDays(uint256 seed) external withLuck(seed) {
        uint256 town = _town();
        _act(town, address(series[town]), abi.encodeCall(IMunicipalPoint.setRefundDays, (_roll(10))));
    }

    function raisesAllowance(uint256 seed) external withLuck(seed) {
        uint256 town = _town();
        address[5] memory all =
            [minters[0], minters[1], address(programmes), address(exchange), address(bonus)];
        bytes memory data = abi.encodeCall(
            IMunicipalPoint.increaseMinterAllowance, (all[_roll(5)], 10 ** 9 + _roll(10 ** 9))
        );
        _act(town, address(series[town]), data);
    }

    function lowersAllowance(uint256 seed) external withLuck(seed) {
        uint256 town = _town();
        address minter = minters[_roll(MINTERS)];
        uint256 points = _roll(10 ** 8);
        bytes memory data = abi.encodeCall(IMunicipalPoint.decreaseMinterAllowance, (minter, points));
        if (_act(town, address(series[town]), data)) allowed[town][minter] -= points;
    }

    /// @dev And lets the same minter be accepted again, 48 hours later.
    function removesMinter(uint256 seed) external withLuck(seed) {
        uint256 town = _town();
        address minter = minters[1];
        bytes memory data = abi.encodeCall(IMunicipalPoint.removeMinter, (minter));
        if (_act(town, address(series[town]), data)) allowed[town][minter] = 0;
        data = abi.encodeCall(IMunicipalPoint.increaseMinterAllowance, (minter, 10 ** 9));
        _act(town, address(series[town]), data);
    }

    function setsSettlement(uint256 seed) external withLuck(seed) {
        uint256 town = _town();
        bytes memory data = abi.encodeCall(IMunicipalPoint.setSettlement, (address(settlements)));
        _act(town, address(series[town]), data);
    }
}
