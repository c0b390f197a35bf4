// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {AccountFlags, AccountWord} from "../../contracts/libraries/AccountWord.sol";
import {ExpiringLots, Lot} from "../../contracts/libraries/ExpiringLots.sol";
import {SupplyByMonth} from "../../contracts/libraries/SupplyByMonth.sol";

/// @notice ExpiringLots, AccountWord and SupplyByMonth, thousands of operations in one call, as a series strings them
/// together. `play` is called, not sent: it begins with nothing, and what it wrote is gone afterwards.
///
/// An operation: kind 0..7 | account 8..11 | other account 12..15 | month 16..31 | other month 32..47 | points 48..103.
/// After each, what it did is hashed on: what it returned, and the state that it left.
contract LotsHarness {
    using ExpiringLots for ExpiringLots.Account;
    using ExpiringLots for AccountWord;
    using SupplyByMonth for SupplyByMonth.HalfYear[256];

    enum Kind {
        Receive,
        Spend,
        TakeOut,
        DropEnded,
        Flag,
        CancelEpoch,
        Give,
        Extend,
        Reserve
    }

    struct Operation {
        Kind kind;
        uint256 account;
        uint256 other;
        uint256 month;
        uint256 otherMonth;
        uint256 points;
    }

    mapping(uint256 place => ExpiringLots.Account) private _accounts;
    SupplyByMonth.HalfYear[256] private _supply;

    /// @return digests one for each operation, chained: the first that differs tells the operation.
    function play(uint256[] calldata operations) external returns (bytes32[] memory digests) {
        digests = new bytes32[](operations.length);
        bytes32 digest;
        for (uint256 i; i < operations.length; ++i) {
            uint256 free;
            assembly ("memory-safe") {
                free := mload(0x40)
            }
            Operation memory it = _read(operations[i]);
            uint256 result = _do(it);
            bytes memory others = it.kind == Kind.Give ? _state(it.other, it.month) : bytes("");
            digest = sha256(abi.encodePacked(digest, result, _state(it.account, it.month), others));
            digests[i] = digest;
            assembly ("memory-safe") {
                mstore(0x40, free) // or the gas of memory would grow with the square of the operations
            }
        }
    }

    /// @notice As `play`, but returns the words that an account is left with: its own, the bits of half years, and these.
    function words(uint256[] calldata operations, uint256 account)
        external
        returns (uint256 word, uint256 halfYears, uint256[] memory waiting)
    {
        for (uint256 i; i < operations.length; ++i) {
            _do(_read(operations[i]));
        }
        ExpiringLots.Account storage its = _accounts[account];
        waiting = new uint256[](256);
        for (uint256 i; i < 256; ++i) {
            waiting[i] = its.waitingLots[i];
        }
        return (AccountWord.unwrap(its.word), its.waitingHalfYears, waiting);
    }

    function _read(uint256 raw) private pure returns (Operation memory it) {
        it.kind = Kind(uint8(raw));
        it.account = (raw >> 8) & 0xf;
        it.other = (raw >> 12) & 0xf;
        it.month = uint16(raw >> 16);
        it.otherMonth = uint16(raw >> 32);
        it.points = uint56(raw >> 48);
    }

    function _do(Operation memory it) private returns (uint256) {
        ExpiringLots.Account storage account = _accounts[it.account];
        if (it.kind == Kind.Receive) return _receive(account, it);
        if (it.kind == Kind.Spend) return _spend(account, it);
        if (it.kind == Kind.TakeOut) {
            uint256 taken = account.takeOut(it.otherMonth, it.points);
            _supply.subtract(it.otherMonth, taken);
            return taken;
        }
        if (it.kind == Kind.DropEnded) {
            account.word = account.dropEnded(address(0), account.word, it.month);
            return 0;
        }
        if (it.kind == Kind.Flag) {
            uint256 flag = it.points & 1 == 0 ? AccountFlags.FROZEN : AccountFlags.REPLACED;
            account.word = account.word.withFlag(flag, it.points & 2 != 0);
            return 0;
        }
        if (it.kind == Kind.CancelEpoch) {
            if (account.word.cancelEpoch() != AccountFlags.MAX_CANCEL_EPOCH) {
                account.word = account.word.withNextCancelEpoch();
            }
            return 0;
        }
        if (it.kind == Kind.Give) return _give(account, it);
        if (it.kind == Kind.Extend) return _extend(account, it);
        if (it.points > _supply.room(it.otherMonth)) return 3;
        _supply.add(it.otherMonth, it.points);
        return 1;
    }

    /// @dev 1 if received, 2 if the lot would be too large, 3 if the month would be.
    function _receive(ExpiringLots.Account storage account, Operation memory it) private returns (uint256) {
        if (it.points > _supply.room(it.otherMonth)) return 3;
        if (!account.tryReceivePoints(address(0), account.word, it.points, it.otherMonth, it.month)) {
            return 2;
        }
        _supply.add(it.otherMonth, it.points);
        return 1;
    }

    /// @dev As MunicipalPoint: from the first lot if that holds it, over lots otherwise. A hash of what was taken.
    function _spend(ExpiringLots.Account storage account, Operation memory it)
        private
        returns (uint256 result)
    {
        if (account.sum(it.month, type(uint256).max) < it.points) return 0;
        Lot first = account.word.earliest();
        if (it.points <= first.amountOf() && it.month <= first.monthOf()) {
            account.word = account.word.spentEarliest(it.points);
            _supply.subtract(first.monthOf(), it.points);
            return Lot.unwrap(ExpiringLots.toLot(first.monthOf(), it.points));
        }
        Lot[] memory parts = account.spend(address(0), it.points, it.month);
        for (uint256 i; i < parts.length; ++i) {
            _supply.subtract(parts[i].monthOf(), parts[i].amountOf());
            unchecked {
                result = result * 31 + Lot.unwrap(parts[i]);
            }
        }
    }

    /// @dev Lots go to another account with their months; nothing if one of them would be too large there.
    function _give(ExpiringLots.Account storage account, Operation memory it) private returns (uint256) {
        if (account.sum(it.month, type(uint256).max) < it.points) return 0;
        ExpiringLots.Account storage other = _accounts[it.other];
        Lot[] memory held = account.lotsOf(it.month);
        for (uint256 i; i < held.length; ++i) {
            uint256 end = held[i].monthOf();
            bool fits = other.sum(end, end + 1) + held[i].amountOf() <= ExpiringLots.MAX_LOT_POINTS;
            if (it.account != it.other && !fits) return 2;
        }
        Lot[] memory parts = account.spend(address(0), it.points, it.month);
        for (uint256 i; i < parts.length; ++i) {
            other.receivePoints(address(0), other.word, parts[i].amountOf(), parts[i].monthOf(), it.month);
        }
        return 1;
    }

    /// @dev As extendLots: all of one lot ends with `points`, taken as a later month.
    function _extend(ExpiringLots.Account storage account, Operation memory it) private returns (uint256) {
        (uint256 from, uint256 to) = (it.otherMonth, it.points);
        uint256 held = account.sum(from, from + 1);
        if (from < it.month || to <= from || held == 0) return 0;
        if (account.sum(to, to + 1) + held > ExpiringLots.MAX_LOT_POINTS) return 2;
        if (held > _supply.room(to)) return 3;
        account.takeOut(from, held);
        account.receivePoints(address(0), account.word, held, to, it.month);
        _supply.subtract(from, held);
        _supply.add(to, held);
        return held;
    }

    /// @dev Flags and cancel epoch, live lots, what ends within a year, and the supply of the months of these lots.
    function _state(uint256 place, uint256 month) private view returns (bytes memory) {
        ExpiringLots.Account storage account = _accounts[place];
        uint256 raw = AccountWord.unwrap(account.word) & ~AccountFlags.MORE_LOTS;
        Lot[] memory lots = account.lotsOf(month);
        uint256[] memory lanes = new uint256[](lots.length);
        for (uint256 i; i < lots.length; ++i) {
            lanes[i] = _supply.lane(lots[i].monthOf());
        }
        return abi.encodePacked(
            raw >> 240, lots, lanes, account.sum(month, month + 12), account.sum(month, type(uint256).max)
        );
    }
}
