// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {JapanCalendar} from "../../contracts/libraries/JapanCalendar.sol";
import {ActRules} from "../../contracts/libraries/ActRules.sol";
import {IMunicipalPoint} from "../../interfaces/IMunicipalPoint.sol";
import {IOfficers} from "../../interfaces/IOfficers.sol";
import {IPartnerExchange} from "../../interfaces/IPartnerExchange.sol";
import {IPointPlatform} from "../../interfaces/IPointPlatform.sol";
import {IResidentRegistry} from "../../interfaces/IResidentRegistry.sol";
import {SettlementActions} from "./SettlementActions.sol";
import {vm} from "./Cheats.sol";

/// @notice A service that does nothing, to be offered, accepted and left.
contract IdleService {}

/// @title Officers come and go, proposals wait and are vetoed, the council registers; outsiders try; time passes
abstract contract OfficeActions is SettlementActions {
    uint256 private _codes;
    address private _idleService;
    uint256 private _newTown;

    // --------------------------------------------------------------- proposals

    /// @dev Executes what is due; if nothing is, tries one that is not and, now and then, waits for it.
    function executes(uint256 seed) external withLuck(seed) {
        if (pendings.length == 0) return;
        bool isAny;
        for (uint256 place = pendings.length; place != 0; --place) {
            if (block.timestamp < pendings[place - 1].readyAt) continue;
            isAny = true;
            Pending memory it = _takeOut(place - 1);
            (bool ok,) = _execute(it);
            if (ok) _done(it.town, it.target, it.data);
        }
        if (isAny) return;
        Pending memory early = pendings[_roll(pendings.length)];
        (bool isDone,) = _execute(early);
        if (isDone) ++doneAlone;
        if (_oneIn(3)) vm.warp(early.readyAt);
    }

    function _execute(Pending memory it) private returns (bool, bytes memory) {
        return _try(minters[0], address(officers), abi.encodeCall(IOfficers.execute, (it.id, it.data)));
    }

    function _takeOut(uint256 place) private returns (Pending memory it) {
        it = pendings[place];
        pendings[place] = pendings[pendings.length - 1];
        pendings.pop();
    }

    function vetoes(uint256 seed) external withLuck(seed) {
        if (pendings.length == 0 || !_oneIn(4)) return;
        uint256 place = _roll(pendings.length);
        Pending memory it = pendings[place];
        address admin = _clerk(_oneIn(3) ? COUNCIL : it.town, IOfficers.Role.Admin, 1);
        (bool ok,) = _try(admin, address(officers), abi.encodeCall(IOfficers.veto, (it.id)));
        if (!ok) return;
        _takeOut(place);
        (ok,) = _execute(it);
        if (ok) ++doneAlone;
    }

    // ----------------------------------------------------------------- offices

    function _spare() private returns (address) {
        return address(uint160(0x5A4E00 + _roll(4)));
    }

    function appoints(uint256 seed) external withLuck(seed) {
        uint256 town = _town();
        IOfficers.Role role = IOfficers.Role(_roll(9));
        uint256 from = _oneIn(3) ? block.timestamp + _roll(10 days) : 0;
        bytes memory data = abi.encodeCall(IOfficers.appoint, (townNumber[town], _spare(), role, from));
        _act(town, address(officers), data);
    }

    function dismisses(uint256 seed) external withLuck(seed) {
        uint256 town = _town();
        (address spare, IOfficers.Role role) = _serving(town);
        bytes memory data = role == IOfficers.Role.Admin
            ? abi.encodeCall(IOfficers.dismissAdmin, (townNumber[town], spare))
            : abi.encodeCall(IOfficers.dismiss, (townNumber[town], spare, role));
        bool ok = _act(town, address(officers), data);
        if (!ok && role != IOfficers.Role.Admin && spare != address(0) && _isPaused(town)) ++blockedInPause;
    }

    function dismissesAdmin(uint256 seed) external withLuck(seed) {
        uint256 town = _town();
        bytes memory data = abi.encodeCall(IOfficers.dismissAdmin, (townNumber[town], _spare()));
        _act(town, address(officers), data);
    }

    function renounces(uint256 seed) external withLuck(seed) {
        uint256 town = _town();
        (address spare, IOfficers.Role role) = _serving(town);
        if (spare == address(0)) return;
        bytes32 id = officers.roleId(townNumber[town], role);
        (bool ok,) = _try(spare, address(officers), abi.encodeCall(officers.renounceRole, (id, spare)));
        if (!ok) ++blockedInPause;
    }

    /// @dev A spare officer who serves, and as what.
    function _serving(uint256 town) private returns (address spare, IOfficers.Role role) {
        for (uint256 i; i < 12; ++i) {
            (spare, role) = (_spare(), IOfficers.Role(_roll(9)));
            if (officers.isOfficer(townNumber[town], role, spare)) return (spare, role);
        }
        return (address(0), role);
    }

    function handsOver(uint256 seed) external withLuck(seed) {
        uint256 town = _town();
        (address spare, IOfficers.Role role) = _serving(town);
        uint256 at = _oneIn(3) && role != IOfficers.Role.Admin ? block.timestamp + _roll(5 days) : 0;
        bytes memory data = abi.encodeCall(IOfficers.handOver, (townNumber[town], spare, role, _spare(), at));
        _act(town, address(officers), data);
    }

    function reappoints(uint256 seed) external withLuck(seed) {
        uint256 town = _town();
        bytes memory data = abi.encodeCall(IOfficers.reappointAdmin, (townNumber[town], _spare()));
        _actOf(town, COUNCIL, address(officers), data);
    }

    function acceptsService(uint256 seed) external withLuck(seed) {
        uint256 town = _town();
        if (_idleService == address(0)) return;
        bytes memory data = abi.encodeCall(IOfficers.acceptService, (townNumber[town], _idleService));
        _act(town, address(officers), data);
    }

    function leavesService(uint256 seed) external withLuck(seed) {
        uint256 town = _town();
        bytes memory data = abi.encodeCall(IOfficers.leaveService, (townNumber[town], _idleService));
        if (!_act(town, address(officers), data)) ++blockedInPause;
    }

    // ----------------------------------------------------------------- council

    function offersService(uint256 seed) external withLuck(seed) {
        if (!_oneIn(4)) return;
        _idleService = address(new IdleService());
        IOfficers.Act[] memory acts = new IOfficers.Act[](1);
        acts[0] = IOfficers.Act(
            0x12345678,
            IOfficers.ActRule(IOfficers.Role.Cashier, IOfficers.Role.SecondCashier, 0, ActRules.NEVER_ALONE)
        );
        bytes memory data = abi.encodeCall(IPointPlatform.offerService, (_idleService, "Idle", acts));
        (bool ok,) = _try(_clerk(COUNCIL, IOfficers.Role.Admin, 0), address(platform), data);
        if (ok) _count(address(officers), IOfficers.addRules.selector);
    }

    function registersMunicipality(uint256 seed) external withLuck(seed) {
        if (!_oneIn(4)) return;
        uint256 digits = (1 + _codes % 47) * 1000 + 800 + _codes / 47;
        ++_codes;
        uint256 sum;
        for (uint256 i; i < 5; ++i) {
            sum += digits / 10 ** i % 10 * (2 + i);
        }
        _newTown = digits * 10 + (11 - sum % 11) % 10;
        bytes memory data =
            abi.encodeCall(IPointPlatform.registerMunicipality, (_newTown, "New", _officersOf(99)));
        (bool ok,) = _try(_clerk(COUNCIL, IOfficers.Role.Admin, 1), address(platform), data);
        if (ok) _count(address(officers), IOfficers.openMunicipality.selector);
    }

    function registersSeries(uint256 seed) external withLuck(seed) {
        if (_newTown == 0 || !_oneIn(4)) return;
        bytes memory data = abi.encodeCall(
            IPointPlatform.registerSeries, (_newTown, address(_newSeries(_newTown, address(0))))
        );
        _try(_clerk(COUNCIL, IOfficers.Role.Admin, 0), address(platform), data);
    }

    // --------------------------------------------------------------- outsiders

    /// @dev What only an act may do, called without one by anybody: a clerk, the council, a shop, a stranger.
    function reachesDirectly(uint256 seed) external withLuck(seed) {
        uint256 town = _town();
        address[4] memory all = [
            _clerk(town, IOfficers.Role(_roll(9)), 0),
            _clerk(COUNCIL, IOfficers.Role.Admin, 0),
            _anyShop(town),
            address(0xBAD)
        ];
        (address target, bytes memory data) = _privileged(town, all[3]);
        (bool ok,) = _try(all[_roll(4)], target, data);
        if (ok) ++doneAlone;
    }

    /// @dev The council's keys through Officers, and a clerk of another town.
    function reachesThroughOfficers(uint256 seed) external withLuck(seed) {
        uint256 town = _town();
        uint256 other = _oneIn(2) ? COUNCIL : 1 - _home(town);
        address by = _clerk(other, other == COUNCIL ? IOfficers.Role.Admin : IOfficers.Role(_roll(9)), 0);
        (address target, bytes memory data) = _privileged(town, by);
        bytes memory call = _oneIn(2)
            ? abi.encodeCall(IOfficers.perform, (townNumber[town], target, data, 1, 0))
            : abi.encodeCall(IOfficers.propose, (townNumber[town], target, data, 1, 0));
        (bool ok,) = _try(by, address(officers), call);
        if (ok) ++doneAlone;
    }

    function _privileged(uint256 town, address stranger) private returns (address target, bytes memory data) {
        uint256 kind = _roll(14);
        address victim = _holder(town);
        target = address(series[town]);
        if (kind == 0) data = abi.encodeCall(IMunicipalPoint.increaseMinterAllowance, (stranger, 1));
        if (kind == 1) data = abi.encodeCall(IMunicipalPoint.freeze, (victim));
        if (kind == 2) data = abi.encodeCall(IMunicipalPoint.revoke, (victim, 1, _someMonth(town, victim)));
        if (kind == 3) data = abi.encodeCall(IMunicipalPoint.unpause, ());
        if (kind == 4) data = abi.encodeCall(IMunicipalPoint.setSettlement, (address(0)));
        if (kind == 5) data = abi.encodeCall(IMunicipalPoint.replaceOwner, (_anyShop(town), stranger));
        if (kind > 9) return (target, _succession(kind, victim));
        if (kind < 6) return (target, data);
        uint256 number = townNumber[town];
        if (kind == 6) {
            data = abi.encodeCall(IOfficers.appoint, (number, stranger, IOfficers.Role.Admin, 0));
            return (address(officers), data);
        }
        if (kind == 7) {
            return (address(residents), abi.encodeCall(IResidentRegistry.closeMembership, (number, 1)));
        }
        if (kind == 8) {
            data = abi.encodeCall(IPartnerExchange.recordReceipt, (number, 1, 1, keccak256("nobody's")));
            return (address(exchange), data);
        }
        return (address(officers), abi.encodeCall(IOfficers.acceptService, (number, address(bonus))));
    }

    function _succession(uint256 kind, address victim) private pure returns (bytes memory) {
        if (kind == 10) return abi.encodeCall(IMunicipalPoint.announceSuccessor, (victim));
        if (kind == 11) return abi.encodeCall(IMunicipalPoint.openAfterPredecessor, ());
        if (kind == 12) return abi.encodeCall(IMunicipalPoint.returnClaim, (victim, 1, true));
        address[] memory accounts = new address[](1);
        accounts[0] = victim;
        return abi.encodeCall(IMunicipalPoint.carryOut, (accounts));
    }

    // -------------------------------------------------------------------- time

    function passesTime(uint256 seed) external withLuck(seed) {
        uint256 kind = _roll(12);
        if (kind < 5) vm.warp(block.timestamp + 1 + _roll(3 hours));
        else if (kind < 8) vm.warp(block.timestamp + 1 + _roll(3 days));
        else if (kind == 8) vm.warp(block.timestamp + _roll(15 days));
        else if (kind == 9) vm.warp(block.timestamp + _roll(40 days));
        else _goToAnEdge();
    }

    function paysAtAnEdge(uint256 seed) external withLuck(seed) {
        if (_oneIn(2)) return;
        _goToAnEdge();
        for (uint256 i; i < 3; ++i) {
            _paySigned(_town());
        }
    }

    /// @dev A month's end, mostly; 31 March; now and then 29 February, up to four years away.
    function _goToAnEdge() private {
        uint256 kind = _roll(8);
        if (kind < 5) _goTo(JapanCalendar.startOf(_month() + 1));
        else if (kind < 7) _goTo(JapanCalendar.startOf(_fiscalYear() + 1));
        else _goTo(_next29February());
    }

    /// @dev To the last second before, that very second, or the next.
    function _goTo(uint256 timestamp) private {
        uint256 second = timestamp - 1 + _roll(3);
        if (second > block.timestamp) vm.warp(second);
    }

    /// @dev The midnight with which the next 29 February begins or ends.
    function _next29February() private returns (uint256) {
        uint256 march = _fiscalYear();
        while ((JapanCalendar.startOf(march) - JapanCalendar.startOf(march - 1)) != 29 days) march += 12;
        return JapanCalendar.startOf(march) - (_oneIn(2) ? 1 days : 0);
    }
}
