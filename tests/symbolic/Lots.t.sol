// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Math as OpenZeppelinMath} from "../../node_modules/@openzeppelin/contracts/utils/math/Math.sol";
import {AccountFlags, AccountWord} from "../../contracts/libraries/AccountWord.sol";
import {ExpiringLots, Lot} from "../../contracts/libraries/ExpiringLots.sol";
import {Cheats} from "./Cheats.sol";
import {Math} from "./Math.sol";

/// @title What stands in for OpenZeppelin's Math is OpenZeppelin's Math (halmos)
contract MathSymbolicTest {
    function check_math_is_openzeppelins(uint256 a, uint256 b) external pure {
        assert(OpenZeppelinMath.min(a, b) == Math.min(a, b));
        assert(OpenZeppelinMath.max(a, b) == Math.max(a, b));
    }
}

/// @title The lot library for all amounts, months and flags at once (halmos)
/// @notice Each check says in plain terms what the lots of an account are before and what they must be after, and compares
/// the whole word: no point is made or lost, none moves to another month, no other lot is touched, no flag changes.
contract LotsSymbolicTest is Cheats {
    using ExpiringLots for ExpiringLots.Account;
    using ExpiringLots for AccountWord;

    uint256 private constant MAX = ExpiringLots.MAX_LOT_POINTS;
    address private constant OWNER = address(1);

    ExpiringLots.Account private account;

    // ----------------------------------------------------------------- states

    /// @dev Up to `most` lots, whose months rise and whose amounts are not 0; any flags and cancel epoch. None wait outside.
    function _anyQueue(uint256 most) private returns (uint256 flags, uint256[] memory lots) {
        uint256 count = SVM.createUint(3, "count");
        VM.assume(count <= most);
        for (uint256 i; i <= most; ++i) {
            if (count == i) lots = new uint256[](i); // from here on the number is known
        }
        for (uint256 i; i < lots.length; ++i) {
            lots[i] = SVM.createUint(40, "lot");
            VM.assume(_amount(lots[i]) != 0);
            VM.assume(_month(lots[i]) > (i == 0 ? 0 : _month(lots[i - 1])));
        }
        flags = SVM.createUint(16, "flags") & ~(AccountFlags.MORE_LOTS >> 240);
        account.word = AccountWord.wrap(_word(flags, lots, 0));
    }

    /// @dev The word of lots from one on, laid side by side.
    function _word(uint256 flags, uint256[] memory lots, uint256 first) private pure returns (uint256) {
        uint40[6] memory lanes;
        for (uint256 i = first; i < lots.length; ++i) {
            lanes[i - first] = uint40(lots[i]);
        }
        return uint256(
            bytes32(
                abi.encodePacked(uint16(flags), lanes[5], lanes[4], lanes[3], lanes[2], lanes[1], lanes[0])
            )
        );
    }

    function _raw() private view returns (uint256) {
        return AccountWord.unwrap(account.word);
    }

    function _month(uint256 lot) private pure returns (uint256) {
        return lot >> 29;
    }

    function _amount(uint256 lot) private pure returns (uint256) {
        return lot & MAX;
    }

    /// @dev How many lots have ended, earliest first.
    function _ended(uint256[] memory lots, uint256 month) private pure returns (uint256 ended) {
        while (ended < lots.length && _month(lots[ended]) < month) ++ended;
    }

    // --------------------------------------------------------------- spending

    function spend(uint256 amount, uint256 month) external returns (Lot[] memory) {
        return account.spend(OWNER, amount, month);
    }

    /// @notice Conservation and earliest first: what a spend takes is what was asked, lot by lot from the first that is live;
    /// of the last it takes part and leaves the rest. Where the live lots hold less it reverts.
    function check_spend_takes_what_was_asked_earliest_first() external {
        (uint256 flags, uint256[] memory lots) = _anyQueue(4);
        uint256 month = SVM.createUint(11, "month");
        uint256 rest = SVM.createUint(32, "amount");
        VM.assume(rest != 0);
        bytes memory call = abi.encodeCall(this.spend, (rest, month));
        uint256 first = _ended(lots, month);
        uint256 last = first;
        while (last < lots.length && rest > _amount(lots[last])) rest -= _amount(lots[last++]);

        (bool ok, bytes memory answer) = address(this).call(call);
        assert(ok == (last < lots.length));
        if (!ok) return;
        Lot[] memory parts = abi.decode(answer, (Lot[]));
        assert(parts.length == last - first + 1);
        for (uint256 i = first; i < last; ++i) {
            assert(Lot.unwrap(parts[i - first]) == lots[i]);
        }
        assert(Lot.unwrap(parts[last - first]) == lots[last] - _amount(lots[last]) + rest);
        if (rest == _amount(lots[last])) ++last;
        else lots[last] -= rest;
        assert(_raw() == _word(flags, lots, last));
    }

    /// @notice The one subtraction of the usual payment does what `spend` does, whatever else the word holds.
    function check_usual_payment_is_a_spend() external {
        uint256 first = SVM.createUint(40, "first");
        uint256 word =
            uint256(bytes32(abi.encodePacked(uint216(SVM.createUint(216, "others")), uint40(first))));
        uint256 month = SVM.createUint(11, "month");
        uint256 amount = SVM.createUint(29, "amount");
        VM.assume(month <= _month(first));
        VM.assume(amount != 0);
        VM.assume(amount <= _amount(first));
        account.word = AccountWord.wrap(word);
        uint256 quick = AccountWord.unwrap(AccountWord.wrap(word).spentEarliest(amount));
        account.spend(OWNER, amount, month);
        assert(_raw() == quick);
    }

    /// @notice Taking out of one lot takes what it has, at most what was asked, and leaves all others as they are.
    function check_take_out_touches_one_lot() external {
        (uint256 flags, uint256[] memory lots) = _anyQueue(6);
        uint256 end = SVM.createUint(11, "end");
        uint256 amount = SVM.createUint(256, "amount");
        uint256 taken = account.takeOut(end, amount);
        for (uint256 i; i < lots.length; ++i) {
            if (_month(lots[i]) != end) continue;
            if (amount < _amount(lots[i])) {
                assert(taken == amount);
                lots[i] -= amount;
            } else {
                assert(taken == _amount(lots[i]));
                lots = _without(lots, i);
            }
            assert(_raw() == _word(flags, lots, 0));
            return;
        }
        assert(taken == 0);
        assert(_raw() == _word(flags, lots, 0));
    }

    function _without(uint256[] memory lots, uint256 place) private pure returns (uint256[] memory rest) {
        rest = new uint256[](lots.length - 1);
        for (uint256 i; i < rest.length; ++i) {
            rest[i] = lots[i < place ? i : i + 1];
        }
    }

    // -------------------------------------------------------------- receiving

    /// @notice No shortening: what is received stands under its month and no other; every other lot keeps month and amount. A
    /// lot that would become too large is refused, with nothing changed but that ended lots go.
    function check_receive_adds_under_the_month_and_shortens_nothing() external {
        (uint256 flags, uint256[] memory lots) = _anyQueue(5);
        uint256 month = SVM.createUint(11, "month");
        uint256 end = SVM.createUint(11, "end");
        uint256 amount = SVM.createUint(29, "amount");
        VM.assume(amount != 0);
        VM.assume(end >= month);
        VM.assume(end != 0);
        bool fits = account.tryReceivePoints(OWNER, account.word, amount, end, month);
        uint256 first = _ended(lots, month);
        uint256 place = first;
        while (place < lots.length && _month(lots[place]) < end) ++place;
        if (place < lots.length && _month(lots[place]) == end) {
            assert(fits == (_amount(lots[place]) + amount <= MAX));
            if (fits) lots[place] += amount;
        } else {
            assert(fits);
            lots = _with(lots, place, end << 29 | amount);
        }
        assert(_raw() == _word(flags, lots, first));
    }

    function _with(uint256[] memory lots, uint256 place, uint256 lot)
        private
        pure
        returns (uint256[] memory more)
    {
        more = new uint256[](lots.length + 1);
        for (uint256 i; i < more.length; ++i) {
            more[i] = i == place ? lot : lots[i < place ? i : i - 1];
        }
    }

    // ------------------------------------------------------------------ lapse

    /// @notice Time takes ended lots and no others.
    function check_drop_ended_drops_no_live_lot() external {
        (uint256 flags, uint256[] memory lots) = _anyQueue(6);
        uint256 month = SVM.createUint(11, "month");
        AccountWord word = account.dropEnded(OWNER, account.word, month);
        assert(AccountWord.unwrap(word) == _word(flags, lots, _ended(lots, month)));
    }

    /// @notice A balance is the sum of the live lots.
    function check_sum_is_that_of_the_live_lots() external {
        (, uint256[] memory lots) = _anyQueue(6);
        uint256 month = SVM.createUint(11, "month");
        uint256 live;
        for (uint256 i = _ended(lots, month); i < lots.length; ++i) {
            live += _amount(lots[i]);
        }
        assert(account.sum(month, type(uint256).max) == live);
    }

    // ---------------------------------------------------- OUTSIDE OF THE QUEUE

    /// By month, from FIRST on, what the lots hold.
    uint256 private constant FIRST = 300;
    uint256 private constant MONTHS = 24;

    /// @dev A queue of the last `count` of the months 301, 303 … 311, each lot of any amount; then, if asked for, lots of 313
    /// and 315, which wait outside.
    function _queueOf(uint256 count, bool waiting) private returns (uint256[] memory held) {
        held = new uint256[](MONTHS);
        uint256[] memory lots = new uint256[](count);
        for (uint256 i; i < count; ++i) {
            uint256 month = 313 - 2 * (count - i);
            lots[i] = month << 29 | _anyAmount(held, month);
        }
        account.word = AccountWord.wrap(_word(waiting ? AccountFlags.MORE_LOTS >> 240 : 0, lots, 0));
        for (uint256 month = 313; waiting && month <= 315; month += 2) {
            assert(account.tryReceivePoints(OWNER, account.word, _anyAmount(held, month), month, FIRST));
        }
    }

    function _anyAmount(uint256[] memory held, uint256 month) private pure returns (uint256 amount) {
        amount = SVM.createUint(29, "amount");
        VM.assume(amount != 0);
        held[month - FIRST] = amount;
    }

    function _requireHeld(uint256[] memory held) private view {
        for (uint256 i; i < MONTHS; ++i) {
            assert(account.sum(FIRST + i, FIRST + i + 1) == held[i]);
        }
        assert(account.sum(0, FIRST) == 0);
        assert(account.sum(FIRST + MONTHS, type(uint256).max) == 0);
    }

    /// @notice A queue that is full: a lot of any month is received, another waits outside for it, and none is lost or moved.
    function check_receive_into_a_full_queue() external {
        _receiveInEachMonth(false);
    }

    /// @notice The same where lots wait outside already.
    function check_receive_where_lots_wait_outside() external {
        _receiveInEachMonth(true);
    }

    function _receiveInEachMonth(bool waiting) private {
        uint256[] memory held = _queueOf(6, waiting);
        uint256 amount = SVM.createUint(29, "received");
        uint256 place = SVM.createUint(5, "place");
        VM.assume(amount != 0);
        VM.assume(place < MONTHS);
        for (uint256 i; i < MONTHS; ++i) {
            if (place != i) continue;
            bool fits = account.tryReceivePoints(OWNER, account.word, amount, FIRST + i, FIRST);
            assert(fits == (held[i] + amount <= MAX));
            if (fits) held[i] += amount;
            _requireHeld(held);
            return;
        }
    }

    /// @notice A spend that empties the queue goes on with the lots that waited, the earliest first; one that does not leaves
    /// them where they are.
    function check_spend_goes_on_with_the_lots_outside() external {
        uint256[] memory held = _queueOf(2, true);
        uint256 flags = _raw() >> 240;
        uint256[] memory queue = new uint256[](2);
        uint256[] memory outside = new uint256[](2);
        for (uint256 i; i < 2; ++i) {
            queue[i] = (309 + 2 * i) << 29 | held[309 + 2 * i - FIRST];
            outside[i] = (313 + 2 * i) << 29 | held[313 + 2 * i - FIRST];
        }
        uint256 waiting = this.waitingIn(52);
        uint256 rest = SVM.createUint(32, "spent");
        VM.assume(rest != 0);
        bytes memory call = abi.encodeCall(this.spend, (rest, FIRST));

        uint256 place;
        while (place < 2 && rest >= _amount(queue[place])) rest -= _amount(queue[place++]);
        if (place == 2 && rest != 0) {
            (flags, waiting, queue, place) = (0, 0, outside, 0);
            while (place < 2 && rest >= _amount(queue[place])) rest -= _amount(queue[place++]);
        }
        if (place < queue.length) (queue[place], rest) = (queue[place] - rest, 0);

        (bool ok,) = address(this).call(call);
        assert(ok == (rest == 0));
        if (!ok) return;
        assert(_raw() == _word(flags, queue, place));
        assert(this.waitingIn(52) == waiting);
        assert(account.waitingHalfYears == (waiting == 0 ? 0 : 1 << 52));
    }

    /// @dev Asked from outside, so that the compiler does not work the place out, which halmos then would not know.
    function waitingIn(uint256 halfYear) external view returns (uint256) {
        return account.waitingLots[halfYear];
    }

    /// @notice A lot that waits outside is taken out alone.
    function check_take_out_of_the_lots_outside() external {
        uint256[] memory held = _queueOf(2, true);
        uint256 amount = SVM.createUint(256, "amount");
        bool earlier = SVM.createUint(1, "earlier") == 1;
        uint256 end = earlier ? 313 : 315;
        uint256 taken = account.takeOut(end, amount);
        uint256 all = held[end - FIRST];
        assert(taken == (amount < all ? amount : all));
        held[end - FIRST] -= taken;
        _requireHeld(held);
    }
}
