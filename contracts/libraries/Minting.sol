// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {ExpiryPolicy} from "./ExpiryPolicy.sol";
import {JapanCalendar} from "./JapanCalendar.sol";
import {MinterWord} from "./MinterWord.sol";
import {Series} from "./Series.sol";
import {SupplyByMonth} from "./SupplyByMonth.sol";
import {IMunicipalPoint} from "../../interfaces/IMunicipalPoint.sol";

/// @title How the caller's right to mint is used
library Minting {
    using SupplyByMonth for SupplyByMonth.HalfYear[256];

    /// How much of a minter's allowance is booked into a month's supply at a time: few bookings for a programme of
    /// millions, and little of the month's 2^36 taken by reserves, whatever 16 minters do.
    uint256 private constant RESERVE_POINTS = 2 ** 27;

    /// @notice Takes `amount` out of the caller's allowance and reserve into its counter. The allowance bounds every
    /// amount to 72 bits for all that follows.
    /// @return month the current one.
    function draw(Series storage series, uint256 amount, uint256 expiryMonth)
        internal
        returns (uint256 month)
    {
        MinterWord word = series.minterWords[msg.sender];
        if (!word.isAccepted()) revert IMunicipalPoint.PointNotMinter(msg.sender);
        if (amount > word.allowance()) {
            revert IMunicipalPoint.PointMinterAllowance(msg.sender, word.allowance(), amount);
        }
        month = JapanCalendar.monthOf(block.timestamp);
        ExpiryPolicy.requireInRange(expiryMonth, month);
        if (amount > word.reserved() || expiryMonth != word.reservedMonth()) {
            word = _reserve(series, word, amount, expiryMonth);
        }
        series.minterWords[msg.sender] = word.drawn(amount);
        emit IMunicipalPoint.Minted(msg.sender, expiryMonth, amount);
    }

    /// @dev Moves the reserve to `expiryMonth` and makes it at least `amount`, more if allowance and month have room.
    function _reserve(Series storage series, MinterWord word, uint256 amount, uint256 expiryMonth)
        private
        returns (MinterWord)
    {
        if (word.reserved() != 0) series.supply.release(word.reservedMonth(), word.reserved());
        uint256 points = Math.min(word.allowance(), RESERVE_POINTS);
        if (points < amount || points > series.supply.room(expiryMonth)) points = amount;
        series.supply.add(expiryMonth, points);
        return word.withReserve(points, expiryMonth);
    }
}
