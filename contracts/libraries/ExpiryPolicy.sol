// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IMunicipalPoint} from "../../interfaces/IMunicipalPoint.sol";
import {JapanCalendar} from "./JapanCalendar.sol";

/// @title When points end
/// @notice The rules found in ordinances, as month numbers, and the span that lots may lie in.
library ExpiryPolicy {
    /// The month of points without expiry. It is the last that the supply has a lane for, so that it sorts last.
    uint256 internal constant NEVER = 1535;

    /// The longest term of a lot that ends, in months.
    uint256 internal constant MAX_TERM_MONTHS = 60;

    /// @notice The month with which points granted in `month` end under `rule`.
    function expiryMonth(IMunicipalPoint.ExpiryRule rule, uint256 months, uint256 month)
        internal
        pure
        returns (uint256)
    {
        if (rule == IMunicipalPoint.ExpiryRule.MonthsAfter) return month + months;
        if (rule == IMunicipalPoint.ExpiryRule.ThisFiscalYear) return JapanCalendar.fiscalYearEnd(month);
        if (rule == IMunicipalPoint.ExpiryRule.NextFiscalYear) {
            return JapanCalendar.fiscalYearEnd(month) + 12;
        }
        if (rule == IMunicipalPoint.ExpiryRule.FixedMonth) return months;
        return NEVER;
    }

    /// @notice Reverts unless a lot made in `month` may end with `expiry`.
    function requireInRange(uint256 expiry, uint256 month) internal pure {
        if ((expiry < month || expiry > month + MAX_TERM_MONTHS) && expiry != NEVER) {
            revert IMunicipalPoint.PointExpiryOutOfRange(expiry, month, month + MAX_TERM_MONTHS);
        }
    }
}
