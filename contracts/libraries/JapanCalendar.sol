// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @title Months and fiscal years of Japan
/// @notice A month is counted from January 2000 = 0, in Japan Standard Time (UTC+9, no summer time since 1951).
/// A fiscal year (会計年度) runs from 1 April to 31 March and is named by the month it ends with, a March.
/// Exact for every second of 2000 to 2399. Not here: which month points end with (ExpiryPolicy).
library JapanCalendar {
    uint256 private constant JST_OFFSET_SECONDS = 9 hours;

    /// Days from 1 March 1600 to 1 January 1970. Years are counted from that March, so that the leap day is the last
    /// day of its year, and in a year divisible by 400, so that centuries need no special case.
    uint256 private constant DAYS_1600_TO_1970 = 135_080;

    /// Days from 1 January 1970 to 1 January 2000.
    uint256 private constant DAYS_1970_TO_2000 = 10_957;

    /// Months from January 1600 to January 2000.
    uint256 private constant MONTHS_1600_TO_2000 = 4_800;

    /// @notice The month that the second `timestamp` lies in. Not before 2000.
    function monthOf(uint256 timestamp) internal pure returns (uint256 month) {
        unchecked {
            // Quarter days turn "365, 365, 365, 366" into one division: a year is 1461 quarter days, a century 146097.
            uint256 quarterDays =
                (timestamp + JST_OFFSET_SECONDS + DAYS_1600_TO_1970 * 1 days) / 1 days * 4 + 3;
            uint256 century = quarterDays / 146_097;
            uint256 quarterDaysOfCentury = (quarterDays % 146_097) | 3;
            uint256 yearOfCentury = quarterDaysOfCentury / 1461;
            uint256 dayOfYear = (quarterDaysOfCentury % 1461) / 4;
            // Months from March are 31 30 31 30 31 days long, again and again: 153 days to five months.
            uint256 monthFromMarch = (5 * dayOfYear + 2) / 153;
            month = (century * 100 + yearOfCentury) * 12 + monthFromMarch + 2 - MONTHS_1600_TO_2000;
        }
    }

    /// @notice First second of `month`; one less is the last second of the month before.
    function startOf(uint256 month) internal pure returns (uint256 timestamp) {
        unchecked {
            uint256 monthsFromMarch = month + MONTHS_1600_TO_2000 - 2;
            uint256 year = monthsFromMarch / 12;
            uint256 day =
                year * 365 + year / 4 - year / 100 + year / 400 + ((monthsFromMarch % 12) * 153 + 2) / 5;
            timestamp = (day - DAYS_1600_TO_1970) * 1 days - JST_OFFSET_SECONDS;
        }
    }

    /// @notice The March that ends the fiscal year of `month`.
    function fiscalYearEnd(uint256 month) internal pure returns (uint256 march) {
        unchecked {
            return (month + 9) / 12 * 12 + 2;
        }
    }

    /// @notice The day that the second `timestamp` lies in, counted from 1 January 2000 = 0.
    function dayOf(uint256 timestamp) internal pure returns (uint256 day) {
        unchecked {
            return (timestamp + JST_OFFSET_SECONDS) / 1 days - DAYS_1970_TO_2000;
        }
    }

    /// @notice The month that `day`, counted from 1 January 2000 = 0, lies in.
    function monthOfDay(uint256 day) internal pure returns (uint256 month) {
        unchecked {
            return monthOf((day + DAYS_1970_TO_2000) * 1 days - JST_OFFSET_SECONDS);
        }
    }
}
