// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {AccountWord} from "./AccountWord.sol";
import {ExpiringLots} from "./ExpiringLots.sol";
import {Minting} from "./Minting.sol";
import {Series, SeriesStorage} from "./Series.sol";
import {IMunicipalPoint} from "../../interfaces/IMunicipalPoint.sol";

/// @title Grants to many residents at a time
/// @notice A linked library to which the token forwards calls as they are: one call serves hundreds of residents. It
/// works on the token's storage and holds nothing; what the functions do stands in IMunicipalPoint.
library ResidentGrants {
    using ExpiringLots for ExpiringLots.Account;
    using Minting for Series;

    /// @notice See IMunicipalPoint.mintToResidents.
    function mintToResidents(uint256[] calldata rows, uint256 totalPoints, uint256 expiryMonth)
        external
        returns (uint256[] memory places, IMunicipalPoint.MintIssue[] memory issues)
    {
        Series storage series = SeriesStorage.series();
        uint256 month = series.draw(totalPoints, expiryMonth);
        address[] memory accounts = _accountsOf(rows);
        uint256 skipped;
        uint256 skippedPoints;
        unchecked {
            uint256 left = totalPoints;
            for (uint256 i; i < rows.length; ++i) {
                uint256 amount = rows[i] >> 32;
                left -= amount;
                if (_receive(series, accounts[i], amount, expiryMonth, month)) continue;
                if (skipped == 0) {
                    places = new uint256[](rows.length);
                    issues = new IMunicipalPoint.MintIssue[](rows.length);
                }
                (places[skipped], issues[skipped]) = (i, _issueOf(series, accounts[i]));
                emit IMunicipalPoint.MintSkipped(uint32(rows[i]), amount, issues[skipped]);
                skippedPoints += amount;
                ++skipped;
            }
            // Amounts are of 224 bits: no number of them that fits into a call brings it round to zero again.
            if (left != 0) revert IMunicipalPoint.PointTotal(totalPoints, totalPoints - left);
        }
        if (skipped == 0) return (places, issues);
        series.minterWords[msg.sender] = series.minterWords[msg.sender].undrawn(skippedPoints);
        assembly ("memory-safe") {
            mstore(places, skipped) // shorten the lists to what they hold
            mstore(issues, skipped)
        }
    }

    function _accountsOf(uint256[] calldata rows) private view returns (address[] memory) {
        IMunicipalPoint point = IMunicipalPoint(address(this));
        return point.residents().accountsOf(point.municipality(), rows);
    }

    /// @dev Returns false, with nothing received, if the account cannot.
    function _receive(Series storage series, address to, uint256 amount, uint256 expiryMonth, uint256 month)
        private
        returns (bool)
    {
        ExpiringLots.Account storage account = series.accounts[to];
        AccountWord word = account.word;
        if (!word.isSpendable() || !account.tryReceivePoints(to, word, amount, expiryMonth, month)) {
            return false;
        }
        emit IERC20.Transfer(address(0), to, amount);
        return true;
    }

    /// @dev Why an account could not receive. The zero address and the series itself are frozen.
    function _issueOf(Series storage series, address to) private view returns (IMunicipalPoint.MintIssue) {
        AccountWord word = series.accounts[to].word;
        if (word.isSpendable()) return IMunicipalPoint.MintIssue.LotTooLarge;
        if (to == address(0)) return IMunicipalPoint.MintIssue.Unregistered;
        if (word.isMerchant() || to == address(this)) return IMunicipalPoint.MintIssue.AccountUnfit;
        return IMunicipalPoint.MintIssue.AccountStopped;
    }
}
