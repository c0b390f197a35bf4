// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {AccountWord} from "./AccountWord.sol";
import {ClaimWord, ClaimWords} from "./ClaimWord.sol";
import {ExpiryPolicy} from "./ExpiryPolicy.sol";
import {MerchantClaim} from "./MerchantClaim.sol";
import {Series, SeriesStorage} from "./Series.sol";
import {SupplyByMonth} from "./SupplyByMonth.sol";
import {IMunicipalPoint} from "../../interfaces/IMunicipalPoint.sol";

/// @title How claims become yen: locked, unlocked, burned, owed again
/// @notice A linked library to which the token forwards the calls of its settlement service. It works on the token's
/// storage and holds nothing. What the functions do stands in IMunicipalPoint.
///
/// Every step moves points between two of three places, claim - locked - settled, and none makes any.
library SettlementDesk {
    using MerchantClaim for AccountWord;
    using SupplyByMonth for SupplyByMonth.HalfYear[256];

    /// @notice See IMunicipalPoint.lockClaims.
    function lockClaims(uint256[] calldata claims) external returns (uint256[] memory locked) {
        Series storage series = _opened();
        locked = new uint256[](claims.length);
        uint256 total;
        for (uint256 i; i < claims.length; ++i) {
            ClaimWord claim = ClaimWord.wrap(claims[i]);
            address merchant = claim.merchant();
            AccountWord word = _merchantWord(series, merchant).current();
            (uint256 thisYear, uint256 earlierYears) = _lockable(word, claim);
            if (thisYear + earlierYears != 0) {
                total += thisYear + earlierYears;
                series.accounts[merchant].word =
                    word.debited(thisYear, earlierYears).withMoreLocked(thisYear + earlierYears);
            }
            locked[i] = ClaimWord.unwrap(ClaimWords.pack(merchant, thisYear, earlierYears));
            emit IMunicipalPoint.ClaimLocked(merchant, thisYear, earlierYears);
        }
        series.totals.locked += uint128(total);
    }

    /// @notice See IMunicipalPoint.unlockClaims.
    function unlockClaims(uint256[] calldata claims) external {
        Series storage series = _opened();
        uint256 total;
        for (uint256 i; i < claims.length; ++i) {
            ClaimWord claim = ClaimWord.wrap(claims[i]);
            address merchant = claim.merchant();
            AccountWord word = _lessLocked(series, claim).current();
            total += claim.points();
            series.accounts[merchant].word = word.credited(claim.thisYear(), claim.earlierYears());
            emit IMunicipalPoint.ClaimUnlocked(merchant, claim.thisYear(), claim.earlierYears());
        }
        series.totals.locked -= uint128(total);
    }

    /// @notice See IMunicipalPoint.burnLocked.
    function burnLocked(uint256[] calldata claims) external {
        Series storage series = _opened();
        uint256 total;
        for (uint256 i; i < claims.length; ++i) {
            ClaimWord claim = ClaimWord.wrap(claims[i]);
            address merchant = claim.merchant();
            series.accounts[merchant].word = _lessLocked(series, claim);
            total += claim.points();
            emit IMunicipalPoint.Settled(merchant, claim.points());
            emit IERC20.Transfer(merchant, address(0), claim.points());
        }
        series.totals.locked -= uint128(total);
        series.totals.settled += uint128(total);
    }

    /// @notice See IMunicipalPoint.reopenClaims.
    function reopenClaims(uint256[] calldata claims) external {
        Series storage series = _opened();
        uint256 total;
        for (uint256 i; i < claims.length; ++i) {
            ClaimWord claim = ClaimWord.wrap(claims[i]);
            address merchant = claim.merchant();
            AccountWord word = _merchantWord(series, merchant).current();
            total += claim.points();
            series.accounts[merchant].word = word.credited(claim.thisYear(), claim.earlierYears());
            emit IMunicipalPoint.ClaimReopened(merchant, claim.thisYear(), claim.earlierYears());
            emit IERC20.Transfer(address(0), merchant, claim.points());
        }
        if (total > series.totals.settled) {
            revert IMunicipalPoint.PointSettledTooSmall(series.totals.settled, total);
        }
        series.totals.settled -= uint128(total);
    }

    /// @dev The series, if the caller may settle and no pause is on. The word of NEVER carries every pause.
    function _opened() private view returns (Series storage series) {
        series = SeriesStorage.series();
        if (msg.sender != series.settings.settlement) revert IMunicipalPoint.PointNotSettlement(msg.sender);
        series.supply.requireNotPaused(ExpiryPolicy.NEVER);
    }

    /// @dev What of a claim can be locked. A freeze holds back what has not been locked before it.
    function _lockable(AccountWord word, ClaimWord claim)
        private
        pure
        returns (uint256 thisYear, uint256 earlierYears)
    {
        if (word.isFrozen()) return (0, 0);
        (thisYear, earlierYears,) = word.parts();
        return (Math.min(thisYear, claim.thisYear()), Math.min(earlierYears, claim.earlierYears()));
    }

    function _lessLocked(Series storage series, ClaimWord claim) private view returns (AccountWord word) {
        word = _merchantWord(series, claim.merchant());
        (,, uint256 locked) = word.parts();
        if (claim.points() > locked) {
            revert IMunicipalPoint.PointLockedTooSmall(claim.merchant(), locked, claim.points());
        }
        return word.withLessLocked(claim.points());
    }

    function _merchantWord(Series storage series, address merchant) private view returns (AccountWord word) {
        word = series.accounts[merchant].word;
        if (!word.isMerchant()) revert IMunicipalPoint.PointNotMerchant(merchant);
    }
}
