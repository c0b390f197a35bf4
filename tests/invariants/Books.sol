// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {JapanCalendar} from "../../contracts/libraries/JapanCalendar.sol";

/// @title What the points of each series must come to, kept beside the contracts in the plainest terms
/// @notice A resident is a sorted list of lots, each with the month it was promised. A lot that has ended stays in the
/// list: it has lapsed. Whatever changes a series' points is entered here by the action that brought it about, and by
/// nothing else; the invariants compare. A series is meant by its place: that of its town, or its own if it took over.
abstract contract Books {
    struct Promised {
        uint256 month;
        uint256 points;
    }

    /// Sums over the life of a series.
    struct Sums {
        uint256 minted;
        uint256 restored;
        uint256 revoked;
        uint256 settled;
        uint256 carriedIn;
        uint256 carriedOut;
    }

    mapping(uint256 town => mapping(address account => Promised[])) internal promised;
    mapping(uint256 town => Sums) public sums;
    /// What a merchant is owed, locked or not.
    mapping(uint256 town => mapping(address shop => uint256)) public owed;
    mapping(uint256 town => mapping(address minter => uint256)) public allowed;
    mapping(uint256 town => mapping(address minter => uint256)) public mintedBy;
    mapping(uint256 town => bool) public isClosed;
    // Of a municipality, on whichever series.
    mapping(uint256 home => address[]) internal holders;
    mapping(uint256 home => mapping(address account => bool)) internal isHolder;

    // What must never happen; each names its invariant.
    uint256 public carriedWrongly; // I1
    uint256 public laterSpentFirst; // I4
    uint256 public leftWithoutReason; // I5
    uint256 public beyondLimit; // I6
    uint256 public doneTwice; // I7
    uint256 public refundedWrongly; // I8
    uint256 public doneAlone; // I9
    uint256 public movedInPause; // I11
    uint256 public blockedInPause; // I11

    function _month() internal view returns (uint256) {
        return JapanCalendar.monthOf(block.timestamp);
    }

    function _fiscalYear() internal view returns (uint256) {
        return JapanCalendar.fiscalYearEnd(_month());
    }

    function _track(uint256 town, address account) internal {
        town = _home(town);
        if (isHolder[town][account]) return;
        isHolder[town][account] = true;
        holders[town].push(account);
    }

    function _credit(uint256 town, address account, uint256 month, uint256 points) internal {
        _noteMovement(town, points);
        if (points == 0) return;
        Promised[] storage lots = promised[town][account];
        uint256 place = lots.length;
        while (place != 0 && lots[place - 1].month > month) --place;
        if (place != 0 && lots[place - 1].month == month) {
            lots[place - 1].points += points;
            return;
        }
        lots.push();
        for (uint256 i = lots.length - 1; i > place; --i) {
            lots[i] = lots[i - 1];
        }
        lots[place] = Promised(month, points);
    }

    /// @dev Takes points out of one lot.
    function _debit(uint256 town, address account, uint256 month, uint256 points) internal {
        _noteMovement(town, points);
        if (points == 0) return;
        Promised[] storage lots = promised[town][account];
        uint256 place;
        while (lots[place].month != month) ++place;
        lots[place].points -= points;
        if (lots[place].points != 0) return;
        for (; place + 1 < lots.length; ++place) {
            lots[place] = lots[place + 1];
        }
        lots.pop();
    }

    /// @dev Spends live lots, earliest first; returns them as the series does: `month << 29 | points`.
    function _spend(uint256 town, address account, uint256 points) internal returns (uint256[] memory parts) {
        parts = new uint256[](promised[town][account].length);
        uint256 count;
        uint256 month = _month();
        while (points != 0) {
            Promised memory lot = _firstLive(town, account, month);
            uint256 taken = lot.points < points ? lot.points : points;
            _debit(town, account, lot.month, taken);
            points -= taken;
            parts[count++] = (lot.month << 29) | taken;
        }
        assembly ("memory-safe") {
            mstore(parts, count)
        }
    }

    function _firstLive(uint256 town, address account, uint256 month) private view returns (Promised memory) {
        Promised[] storage lots = promised[town][account];
        uint256 place;
        while (lots[place].month < month) ++place;
        return lots[place];
    }

    function _minted(uint256 town, address minter, address to, uint256 month, uint256 points) internal {
        if (points > allowed[town][minter] || isClosed[town]) ++beyondLimit;
        else allowed[town][minter] -= points;
        mintedBy[town][minter] += points;
        sums[town].minted += points;
        _credit(town, to, month, points);
    }

    /// @dev A payment to a merchant, who must be active.
    function _paid(uint256 town, address payer, address shop, uint256 points, bool isActive)
        internal
        returns (uint256[] memory lots)
    {
        if (!isActive || isClosed[town]) ++leftWithoutReason;
        _noteMovement(town, points);
        lots = _spend(town, payer, points);
        owed[town][shop] += points;
    }

    function _noteMovement(uint256 town, uint256 points) internal {
        if (points != 0 && _isPaused(town)) ++movedInPause;
    }

    function _isPaused(uint256 town) internal view virtual returns (bool);

    /// @dev The municipality, 0 or 1, whose series has this place.
    function _home(uint256 town) internal view virtual returns (uint256);

    function liveOf(uint256 town, address account) public view returns (uint256 points) {
        Promised[] storage lots = promised[town][account];
        uint256 month = _month();
        for (uint256 i = lots.length; i != 0 && lots[i - 1].month >= month; --i) {
            points += lots[i - 1].points;
        }
    }

    function promisedOf(uint256 town, address account) external view returns (Promised[] memory) {
        return promised[town][account];
    }

    function holdersOf(uint256 town) external view returns (address[] memory) {
        return holders[_home(town)];
    }
}
