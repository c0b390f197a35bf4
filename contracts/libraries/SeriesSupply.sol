// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ExpiryPolicy} from "./ExpiryPolicy.sol";
import {JapanCalendar} from "./JapanCalendar.sol";
import {MinterWord} from "./MinterWord.sol";
import {Series} from "./Series.sol";
import {SupplyByMonth} from "./SupplyByMonth.sol";
import {IMunicipalPoint} from "../../interfaces/IMunicipalPoint.sol";

/// @title What the supply words of a series add up to, without what minters have reserved
library SeriesSupply {
    using SupplyByMonth for SupplyByMonth.HalfYear[256];

    /// @notice See IMunicipalPoint.pointsEndingWith.
    function pointsEndingWith(Series storage series, uint256 month) internal view returns (uint256 points) {
        if (month > ExpiryPolicy.NEVER) return 0;
        points = series.supply.lane(month);
        for (uint256 i; i < series.minters.length; ++i) {
            MinterWord word = series.minterWords[series.minters[i]];
            if (word.reservedMonth() == month) points -= word.reserved();
        }
    }

    /// @notice Minted and restored, less what was revoked, settled, and left unspent by ended months, recorded or not.
    function total(Series storage series) internal view returns (uint256 points) {
        points = series.totals.mintedByRemovedMinters + series.totals.restored;
        for (uint256 i; i < series.minters.length; ++i) {
            points += series.minterWords[series.minters[i]].minted();
        }
        points -= series.totals.lapsedInClosedMonths + series.totals.revoked + series.totals.settled;
        uint256 month = JapanCalendar.monthOf(block.timestamp);
        for (uint256 ended = series.totals.firstOpenMonth; ended < month; ++ended) {
            points -= pointsEndingWith(series, ended);
        }
    }

    /// @notice Books what ended months left unspent. Their lanes stay as they are.
    /// @param month the current month.
    function closeMonths(Series storage series, uint256 month) internal {
        for (uint256 ended = series.totals.firstOpenMonth; ended < month; ++ended) {
            uint256 lapsed = pointsEndingWith(series, ended);
            series.totals.lapsedInClosedMonths += lapsed;
            emit IMunicipalPoint.MonthClosed(ended, lapsed);
        }
        series.totals.firstOpenMonth = month;
    }
}
