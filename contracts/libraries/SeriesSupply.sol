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

    /// @notice Minted, restored and carried in, less what was revoked, settled, carried out, and left unspent by ended months, recorded or not.
    function total(Series storage series) internal view returns (uint256 points) {
        points = series.totals.mintedByRemovedMinters + series.totals.restored + series.totals.carriedIn;
        for (uint256 i; i < series.minters.length; ++i) {
            points += series.minterWords[series.minters[i]].minted();
        }
        points -= series.totals.lapsedInClosedMonths + series.totals.revoked + series.totals.settled
        + series.totals.carriedOut;
        uint256 month = JapanCalendar.monthOf(block.timestamp);
        for (uint256 ended = series.totals.firstOpenMonth; ended < month; ++ended) {
            points -= pointsEndingWith(series, ended);
        }
    }

    /// @notice Takes what a minter has reserved out of the supply again; also of a month that has ended, since a reserve never
    /// was anybody's points. Returns and does not store the minter's word without it.
    function released(Series storage series, MinterWord word) internal returns (MinterWord) {
        if (word.reserved() != 0) series.supply.release(word.reservedMonth(), word.reserved());
        return word.withReserve(0, 0);
    }

    /// @notice Takes the reserves of all minters back: without one, a minter has to ask a supply word.
    function releaseReserves(Series storage series) internal {
        for (uint256 i; i < series.minters.length; ++i) {
            address minter = series.minters[i];
            series.minterWords[minter] = released(series, series.minterWords[minter]);
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
