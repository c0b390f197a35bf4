// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {JapanCalendar} from "../../contracts/libraries/JapanCalendar.sol";

/// @notice JapanCalendar for thousands of seconds in one call: for each a word of all answers.
contract CalendarChain {
    /// @return answers month 0..15 | day 16..47 | fiscal year's March 48..63 | month of that day 64..79 | start of the
    /// month 80..119 | start of the next 120..159.
    function answersOf(uint256[] calldata seconds_) external pure returns (uint256[] memory answers) {
        answers = new uint256[](seconds_.length);
        for (uint256 i; i < seconds_.length; ++i) {
            uint256 month = JapanCalendar.monthOf(seconds_[i]);
            uint256 day = JapanCalendar.dayOf(seconds_[i]);
            answers[i] = month | (day << 16) | (JapanCalendar.fiscalYearEnd(month) << 48)
                | (JapanCalendar.monthOfDay(day) << 64) | (JapanCalendar.startOf(month) << 80)
                | (JapanCalendar.startOf(month + 1) << 120);
        }
    }
}
