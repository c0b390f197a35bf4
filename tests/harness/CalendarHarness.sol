// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {JapanCalendar} from "../../contracts/libraries/JapanCalendar.sol";

/// @notice JapanCalendar for many arguments at once.
contract CalendarHarness {
    function monthsOf(uint256[] calldata timestamps) external pure returns (uint256[] memory months) {
        months = new uint256[](timestamps.length);
        for (uint256 i; i < timestamps.length; ++i) {
            months[i] = JapanCalendar.monthOf(timestamps[i]);
        }
    }

    function startsOf(uint256 first, uint256 count) external pure returns (uint256[] memory timestamps) {
        timestamps = new uint256[](count);
        for (uint256 i; i < count; ++i) {
            timestamps[i] = JapanCalendar.startOf(first + i);
        }
    }

    function fiscalYearEndsOf(uint256 first, uint256 count) external pure returns (uint256[] memory months) {
        months = new uint256[](count);
        for (uint256 i; i < count; ++i) {
            months[i] = JapanCalendar.fiscalYearEnd(first + i);
        }
    }

    function daysOf(uint256[] calldata timestamps) external pure returns (uint256[] memory days_) {
        days_ = new uint256[](timestamps.length);
        for (uint256 i; i < timestamps.length; ++i) {
            days_[i] = JapanCalendar.dayOf(timestamps[i]);
        }
    }

    function monthsOfDays(uint256 first, uint256 count) external pure returns (uint256[] memory months) {
        months = new uint256[](count);
        for (uint256 i; i < count; ++i) {
            months[i] = JapanCalendar.monthOfDay(first + i);
        }
    }
}
