// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {AccountWord} from "../../contracts/libraries/AccountWord.sol";
import {ExpiringLots, Lot} from "../../contracts/libraries/ExpiringLots.sol";

/// @title The lot library for all amounts, months and flags at once (halmos)
/// @notice An account's first lots are any that the library could have left: months rise, amounts are not 0. How many
/// lots, and that none wait outside the queue but where a check says so, is the bound of each check.
contract LotsSymbolicTest {
    using ExpiringLots for ExpiringLots.Account;
    using ExpiringLots for AccountWord;

    ExpiringLots.Account private account;
    uint256 private constant MAX = (1 << 29) - 1;

    Cheats private constant vm = Cheats(address(uint160(uint256(keccak256("hevm cheat code")))));

    // ------------------------------------------------------------------ states

    /// @dev A queue of up to three lots, any flags and cancel epoch; none wait outside.
    function _queue(uint256 flags, uint256 first, uint256 second, uint256 third)
        private
        returns (uint256 word)
    {
        vm.assume(flags < 1 << 15);
        vm.assume(first < 1 << 40 && second < 1 << 40 && third < 1 << 40);
        vm.assume(_isLotOrNone(first) && _isLotOrNone(second) && _isLotOrNone(third));
        vm.assume(second == 0 || (first != 0 && first >> 29 < second >> 29));
        vm.assume(third == 0 || (second != 0 && second >> 29 < third >> 29));
        // 12 bits of cancel epoch, then frozen and replaced; MORE_LOTS stays 0.
        uint256 epochAndFlags = ((flags & 0xfff) << 240) | ((flags >> 12 & 3) << 253);
        word = epochAndFlags | first | (second << 40) | (third << 80);
        account.word = AccountWord.wrap(word);
    }

    function _isLotOrNone(uint256 lot) private pure returns (bool) {
        return lot == 0 || (lot & MAX != 0 && lot >> 29 <= 1535 && lot >> 29 != 0);
    }

    function _live(uint256 lot, uint256 month) private pure returns (uint256) {
        return lot >> 29 >= month ? lot & MAX : 0;
    }

    function _raw() private view returns (uint256) {
        return AccountWord.unwrap(account.word);
    }

    function _lot(uint256 word, uint256 place) private pure returns (uint256) {
        return (word >> (40 * place)) & ((1 << 40) - 1);
    }

    // ------------------------------------------------------------------ checks

    /// @notice Conservation: what a spend takes is what was asked, and what is left is what is missing from the live lots.
    /// Earliest first: where something is left of a lot, later lots are whole.
    function check_spend_conserves_and_takes_the_earliest(
        uint256 flags,
        uint256 first,
        uint256 second,
        uint256 third,
        uint256 amount,
        uint256 month
    ) external {
        uint256 before = _queue(flags, first, second, third);
        vm.assume(month <= 1535 && month != 0 && amount != 0);
        uint256 live = _live(first, month) + _live(second, month) + _live(third, month);
        vm.assume(amount <= live);
        Lot[] memory parts = account.spend(address(1), amount, month);
        uint256 taken;
        for (uint256 i; i < parts.length; ++i) {
            taken += ExpiringLots.amountOf(parts[i]);
        }
        assert(taken == amount);
        assert(account.sum(month, type(uint256).max) == live - amount);
        uint256 last = ExpiringLots.monthOf(parts[parts.length - 1]);
        if (_live(first, month) != 0 && first >> 29 < last) assert(_amountOf(first >> 29) == 0);
        if (_live(second, month) != 0 && second >> 29 < last) assert(_amountOf(second >> 29) == 0);
        if (third != 0 && third >> 29 > last) assert(_amountOf(third >> 29) == third & MAX);
        if (second != 0 && second >> 29 > last) assert(_amountOf(second >> 29) == second & MAX);
        assert(_raw() >> 240 == before >> 240);
    }

    /// @notice The same with one lot, part of which is spent.
    function check_spend_of_a_part_of_one_lot(uint256 flags, uint256 first, uint256 amount, uint256 month)
        external
    {
        uint256 before = _queue(flags, first, 0, 0);
        vm.assume(month <= first >> 29 && first >> 29 <= 1535 && month != 0);
        vm.assume(amount != 0 && amount < first & MAX);
        Lot[] memory parts = account.spend(address(1), amount, month);
        assert(parts.length == 1 && Lot.unwrap(parts[0]) == (first >> 29 << 29 | amount));
        assert(_raw() == before - amount);
    }

    /// @notice The same with two lots of one amount each that is known, spent in part, up to the first's end, or beyond it.
    function check_spend_of_two_known_lots(uint256 first, uint256 second, uint256 amount) external {
        uint256 month = 300;
        vm.assume(first > 300 && first < second && second <= 1535);
        uint256 before = _queue(0, first << 29 | 70, second << 29 | 90, 0);
        vm.assume(amount != 0 && amount <= 160);
        account.spend(address(1), amount, month);
        assert(_amountOf(first) == (amount < 70 ? 70 - amount : 0));
        assert(_amountOf(second) == (amount <= 70 ? 90 : 160 - amount));
        assert(_raw() >> 240 == before >> 240);
    }

    /// @notice Two lots of any amounts that are spent to the last point.
    function check_spend_of_all_of_two_lots(uint256 first, uint256 second) external {
        vm.assume(first != 0 && first <= MAX && second != 0 && second <= MAX);
        _queue(0, 310 << 29 | first, 311 << 29 | second, 0);
        Lot[] memory parts = account.spend(address(1), first + second, 300);
        assert(parts.length == 2);
        assert(Lot.unwrap(parts[0]) == (310 << 29 | first) && Lot.unwrap(parts[1]) == (311 << 29 | second));
        assert(_raw() == 0);
    }

    function _amountOf(uint256 month) private view returns (uint256) {
        return account.sum(month, month + 1);
    }

    /// @notice The one subtraction of the usual payment does what `spend` does.
    function check_spent_earliest_is_spend(
        uint256 flags,
        uint256 first,
        uint256 second,
        uint256 third,
        uint256 amount,
        uint256 month
    ) external {
        uint256 word = _queue(flags, first, second, third);
        vm.assume(month <= first >> 29 && amount != 0 && amount <= first & MAX);
        uint256 quick = AccountWord.unwrap(AccountWord.wrap(word).spentEarliest(amount));
        // Two cases, told apart here because that is easier to prove than both at once.
        if (amount == first & MAX) {
            account.spend(address(1), first & MAX, month);
        } else {
            account.spend(address(1), amount, month);
        }
        assert(_raw() == quick);
    }

    /// @notice The same with one lot, spent in part; then spent whole.
    function check_spent_earliest_of_one_lot_is_spend(uint256 flags, uint256 first, uint256 amount) external {
        uint256 word = _queue(flags, first, 0, 0);
        vm.assume(first != 0 && amount != 0 && amount < first & MAX);
        uint256 quick = AccountWord.unwrap(AccountWord.wrap(word).spentEarliest(amount));
        account.spend(address(1), amount, 0);
        assert(_raw() == quick);
    }

    function check_spent_earliest_of_a_whole_lot_is_spend(uint256 flags, uint256 first, uint256 second)
        external
    {
        uint256 word = _queue(flags, first, second, 0);
        vm.assume(first != 0);
        uint256 quick = AccountWord.unwrap(AccountWord.wrap(word).spentEarliest(first & MAX));
        account.spend(address(1), first & MAX, 0);
        assert(_raw() == quick);
    }

    /// @notice Receiving adds to the lot of that very month and to no other; no lot moves to an earlier month, none is lost.
    function check_receive_shortens_and_loses_nothing(
        uint256 flags,
        uint256 first,
        uint256 second,
        uint256 third,
        uint256 amount,
        uint256 end
    ) external {
        uint256 before = _queue(flags, first, second, third);
        vm.assume(amount != 0 && amount <= MAX && end != 0 && end <= 1535);
        uint256 held = _amountOf(end);
        bool fits = account.tryReceivePoints(address(1), account.word, amount, end, 0);
        assert(fits == (held + amount <= MAX));
        assert(_amountOf(end) == (fits ? held + amount : held));
        if (first != 0 && first >> 29 != end) assert(_amountOf(first >> 29) == first & MAX);
        if (second != 0 && second >> 29 != end) assert(_amountOf(second >> 29) == second & MAX);
        if (third != 0 && third >> 29 != end) assert(_amountOf(third >> 29) == third & MAX);
        uint256 all = (first & MAX) + (second & MAX) + (third & MAX);
        assert(account.sum(0, type(uint256).max) == (fits ? all + amount : all));
        assert(_raw() >> 240 == before >> 240);
        assert(_rises(_raw()));
    }

    /// @dev Lots lie without a gap, months rise.
    function _rises(uint256 word) private pure returns (bool) {
        for (uint256 i = 1; i < 6; ++i) {
            (uint256 lower, uint256 upper) = (_lot(word, i - 1), _lot(word, i));
            if (upper != 0 && lower >> 29 >= upper >> 29) return false;
            if (upper != 0 && lower == 0) return false;
        }
        return true;
    }

    /// @notice Taking out of one lot leaves all others as they are.
    function check_take_out_touches_one_lot(
        uint256 flags,
        uint256 first,
        uint256 second,
        uint256 third,
        uint256 amount,
        uint256 end
    ) external {
        uint256 before = _queue(flags, first, second, third);
        vm.assume(end != 0 && end <= 1535);
        uint256 held = _amountOf(end);
        uint256 taken = account.takeOut(end, amount);
        assert(taken == (amount < held ? amount : held));
        assert(_amountOf(end) == held - taken);
        if (first != 0 && first >> 29 != end) assert(_amountOf(first >> 29) == first & MAX);
        if (second != 0 && second >> 29 != end) assert(_amountOf(second >> 29) == second & MAX);
        if (third != 0 && third >> 29 != end) assert(_amountOf(third >> 29) == third & MAX);
        assert(_raw() >> 240 == before >> 240);
        assert(_rises(_raw()));
    }

    /// @notice Only ended lots are dropped: no live lot is shortened or lost by the passing of time.
    function check_drop_ended_drops_no_live_lot(
        uint256 flags,
        uint256 first,
        uint256 second,
        uint256 third,
        uint256 month
    ) external {
        _queue(flags, first, second, third);
        vm.assume(month <= 1535);
        uint256 live = _live(first, month) + _live(second, month) + _live(third, month);
        AccountWord word = account.dropEnded(address(1), account.word, month);
        account.word = word;
        assert(account.sum(0, type(uint256).max) == live);
        assert(account.sum(month, type(uint256).max) == live);
    }

    /// @notice A full queue of six whose last lot has to wait outside: nothing is lost, nothing ends earlier.
    function check_receive_into_a_full_queue(uint256 amount, uint256 end, uint256 lot) external {
        vm.assume(end >= 300 && end <= 312);
        _receiveIntoAFullQueue(amount, end, lot);
    }

    /// @notice The same where the new lot comes first, into the midst, into one that is there, and last of all.
    function check_receive_before_a_full_queue(uint256 amount, uint256 lot) external {
        _receiveIntoAFullQueue(amount, 300, lot);
    }

    function check_receive_into_the_midst_of_a_full_queue(uint256 amount, uint256 lot) external {
        _receiveIntoAFullQueue(amount, 306, lot);
    }

    function check_receive_into_a_lot_of_a_full_queue(uint256 amount, uint256 lot) external {
        _receiveIntoAFullQueue(amount, 305, lot);
    }

    function check_receive_after_a_full_queue(uint256 amount, uint256 lot) external {
        _receiveIntoAFullQueue(amount, 312, lot);
    }

    function _receiveIntoAFullQueue(uint256 amount, uint256 end, uint256 lot) private {
        vm.assume(lot != 0 && lot <= MAX);
        vm.assume(amount != 0 && amount <= MAX);
        uint256 word;
        for (uint256 i; i < 6; ++i) {
            word |= (((301 + 2 * i) << 29) | lot) << (40 * i);
        }
        account.word = AccountWord.wrap(word);
        uint256 held = _amountOf(end);
        bool fits = account.tryReceivePoints(address(1), account.word, amount, end, 0);
        assert(_amountOf(end) == (fits ? held + amount : held));
        assert(account.sum(0, type(uint256).max) == 6 * lot + (fits ? amount : 0));
        for (uint256 i; i < 6; ++i) {
            if (301 + 2 * i != end) assert(_amountOf(301 + 2 * i) == lot);
        }
    }
}

/// @notice What these checks use of halmos' cheat codes.
interface Cheats {
    function assume(bool condition) external pure;
}
