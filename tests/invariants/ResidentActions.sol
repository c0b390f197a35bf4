// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IMunicipalPoint} from "../../interfaces/IMunicipalPoint.sol";
import {IResidentRegistry} from "../../interfaces/IResidentRegistry.sol";
import {SaleActions} from "./SaleActions.sol";

/// @title Residents join, leave, get new accounts, inherit; series follow
abstract contract ResidentActions is SaleActions {
    uint256 private constant MOST_RESIDENTS = 10;
    uint256 private constant MOST_HOLDERS = 28;

    uint256 private _keys = 0x10000;

    /// @dev A person's commitment under a version of the council's key.
    function _commitment(uint256 town, uint256 number, uint256 version) private pure returns (bytes32) {
        return keccak256(abi.encode("MyKey", town, number, version));
    }

    function joins(uint256 seed) external withLuck(seed) {
        _join(_town());
    }

    function _join(uint256 town) internal {
        uint256 number = residents.residentCount(townNumber[town]) + 1;
        if (number > MOST_RESIDENTS) return;
        uint256 version = residents.keyVersionOf(townNumber[town]);
        if (version == 0) version = 1;
        bool rotating = residents.onPreviousKey(townNumber[town]) != 0;
        // Now and then an account that holds points already.
        address account = _oneIn(6) ? _holder(town) : _person(++_keys);
        IResidentRegistry.Registration[] memory list = new IResidentRegistry.Registration[](1);
        list[0] = IResidentRegistry.Registration({
            account: account,
            commitment: _commitment(town, number, version),
            previousCommitment: rotating ? _commitment(town, number, version - 1) : bytes32(0),
            signature: _registration(town, account, _commitment(town, number, version))
        });
        bytes memory data =
            abi.encodeCall(IResidentRegistry.register, (townNumber[town], uint16(version), list));
        if (_act(town, address(residents), data)) _track(town, account);
    }

    function _registration(uint256 town, address account, bytes32 commitment)
        private
        view
        returns (bytes memory)
    {
        bytes32 hash = keccak256(
            abi.encode(
                keccak256("Registration(uint256 municipality,address account,bytes32 commitment)"),
                townNumber[town],
                account,
                commitment
            )
        );
        return _signature(account, _digest(_domain("jichitai-points residents", address(residents)), hash));
    }

    function _someNumber(uint256 town) internal returns (uint256) {
        return 1 + _roll(residents.residentCount(townNumber[town]) + 1);
    }

    function rotatesCommitments(uint256 seed) external withLuck(seed) {
        uint256 town = _town();
        uint256 number = townNumber[town];
        uint256 version = residents.keyVersionOf(number);
        if (residents.onPreviousKey(number) == 0) ++version;
        for (uint256 resident = 1; resident <= residents.residentCount(number); ++resident) {
            (bytes32 commitment, uint256 known) = residents.commitmentOf(number, resident);
            if (known == version || residents.accountOf(number, resident) == address(0)) continue;
            bytes memory data = abi.encodeCall(
                IResidentRegistry.rotateCommitments,
                (
                    number,
                    uint16(version),
                    _one(resident),
                    _one(commitment),
                    _one(_commitment(town, resident, version))
                )
            );
            _act(town, address(residents), data);
        }
    }

    function _one(uint256 value) private pure returns (uint256[] memory list) {
        list = new uint256[](1);
        list[0] = value;
    }

    function _one(bytes32 value) private pure returns (bytes32[] memory list) {
        list = new bytes32[](1);
        list[0] = value;
    }

    function startsReplacement(uint256 seed) external withLuck(seed) {
        uint256 town = _town();
        if (holders[_home(town)].length >= MOST_HOLDERS && !_oneIn(10)) return;
        uint256 number = _someNumber(town);
        (bytes32 commitment,) = residents.commitmentOf(townNumber[town], number);
        address account = _person(++_keys);
        bytes memory signature = _registration(town, account, commitment);
        bytes memory data = abi.encodeCall(
            IResidentRegistry.startReplacement, (townNumber[town], number, account, signature)
        );
        if (_act(town, address(residents), data)) _track(town, account);
    }

    function startsInheritance(uint256 seed) external withLuck(seed) {
        uint256 town = _town();
        if (!_oneIn(3)) return;
        bytes memory data = abi.encodeCall(
            IResidentRegistry.startInheritance, (townNumber[town], _someNumber(town), _someNumber(town))
        );
        _act(town, address(residents), data);
    }

    function cancelsReplacement(uint256 seed) external withLuck(seed) {
        uint256 town = _town();
        uint256 number = _replaced(town);
        bytes memory data = abi.encodeCall(IResidentRegistry.cancelReplacement, (townNumber[town], number));
        if (_oneIn(2)) _act(town, address(residents), data);
    }

    function objects(uint256 seed) external withLuck(seed) {
        uint256 town = _town();
        uint256 number = _replaced(town);
        address account = residents.accountOf(townNumber[town], number);
        bytes memory data = abi.encodeCall(IResidentRegistry.objectToReplacement, (townNumber[town], number));
        if (_oneIn(2)) _try(account, address(residents), data);
    }

    function completesReplacement(uint256 seed) external withLuck(seed) {
        uint256 town = _town();
        uint256 number = _replaced(town);
        IResidentRegistry.Replacement memory it = residents.replacementOf(townNumber[town], number);
        bytes memory data = abi.encodeCall(IResidentRegistry.completeReplacement, (townNumber[town], number));
        bool isEarly = block.timestamp < it.readyAt;
        (bool ok,) = _try(minters[0], address(residents), data);
        if (ok && isEarly) ++doneAlone;
    }

    /// @dev A resident whose account is being replaced, if there is one.
    function _replaced(uint256 town) private returns (uint256 number) {
        uint256 count = residents.residentCount(townNumber[town]);
        number = _someNumber(town);
        for (uint256 i; i < count; ++i) {
            if (residents.replacementOf(townNumber[town], number).newAccount != address(0)) return number;
            number = number % count + 1;
        }
    }

    function closesMembership(uint256 seed) external withLuck(seed) {
        uint256 town = _town();
        if (!_oneIn(6)) return;
        bytes memory data =
            abi.encodeCall(IResidentRegistry.closeMembership, (townNumber[town], _someNumber(town)));
        _act(town, address(residents), data);
    }

    function reopensMembership(uint256 seed) external withLuck(seed) {
        uint256 town = _town();
        for (uint256 number = 1; number <= residents.residentCount(townNumber[town]); ++number) {
            if (residents.accountOf(townNumber[town], number) != address(0)) continue;
            bytes memory data = abi.encodeCall(IResidentRegistry.reopenMembership, (townNumber[town], number));
            _act(town, address(residents), data);
        }
    }

    function setsDeparturePolicy(uint256 seed) external withLuck(seed) {
        uint256 town = _town();
        IResidentRegistry.DeparturePolicy policy = IResidentRegistry.DeparturePolicy(_oneIn(4) ? 0 : 1);
        _act(
            town,
            address(residents),
            abi.encodeCall(IResidentRegistry.setDeparturePolicy, (townNumber[town], policy))
        );
    }

    // -------------------------------------------------------------- the series

    function syncsBlocked(uint256 seed) external withLuck(seed) {
        uint256 town = _town();
        for (uint256 i; i < 4; ++i) {
            _try(
                minters[0],
                address(series[town]),
                abi.encodeCall(IMunicipalPoint.syncBlocked, (_holder(town)))
            );
        }
    }

    function carries(uint256 seed) external withLuck(seed) {
        uint256 town = _town();
        for (uint256 i; i < holders[_home(town)].length; ++i) {
            address account = holders[_home(town)][i];
            address successor = residents.successorOf(townNumber[town], account);
            if (successor == address(0) || (liveOf(town, account) == 0 && !_oneIn(8))) continue;
            (bool ok,) =
                _try(minters[0], address(series[town]), abi.encodeCall(IMunicipalPoint.carry, (account)));
            if (!ok) continue;
            uint256[] memory lots = _spend(town, account, liveOf(town, account));
            if (lots.length != 0) _note("lots carried");
            for (uint256 k; k < lots.length; ++k) {
                _credit(town, successor, lots[k] >> 29, lots[k] & (2 ** 29 - 1));
            }
        }
    }
}
