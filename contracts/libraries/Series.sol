// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ExpiringLots} from "./ExpiringLots.sol";
import {MinterWord} from "./MinterWord.sol";
import {SaleRecord} from "./SaleRecord.sol";
import {SupplyByMonth} from "./SupplyByMonth.sol";
import {IMunicipalPoint} from "../../interfaces/IMunicipalPoint.sol";

/// @notice All that a series stores. It begins at slot 0 of MunicipalPoint, whose linked libraries find it there.
struct Series {
    mapping(address => ExpiringLots.Account) accounts;
    SupplyByMonth.HalfYear[256] supply;
    mapping(address owner => mapping(address spender => uint256)) allowances;
    /// By `SeriesStorage.saleKey`.
    mapping(uint256 merchantAndSale => SaleRecord) sales;
    /// Keys of a merchant's counter: the generation of owner that the key serves, plus one.
    mapping(address merchant => mapping(address key => uint256)) counterKeys;
    mapping(address merchant => address) owners;
    mapping(address minter => MinterWord) minterWords;
    address[] minters;
    Restorations restorations;
    Totals totals;
    Settings settings;
    string name;
    string symbol;
    Migration migration;
}

/// @notice What was restored of each month, and to whom.
struct Restorations {
    mapping(uint256 lapsedMonth => uint256) points;
    /// By resident number, so that a new account does not make a new claim; by account if it is nobody's.
    mapping(uint256 lapsedMonth => mapping(uint256 numberOrAccount => bool)) done;
}

/// @notice Sums over the life of the series; payments write none of them.
struct Totals {
    uint256 restored;
    uint256 revoked;
    uint256 mintedByRemovedMinters;
    uint256 lapsedInClosedMonths;
    uint256 firstOpenMonth;
    /// Claims of all merchants that settlement has locked, and those that it has burned and not reopened.
    uint128 locked;
    uint128 settled;
    /// Lots and claims that came from and went to the series before and after this one.
    uint128 carriedIn;
    uint128 carriedOut;
}

/// @notice Where a series stands between the one before and the one after it.
struct Migration {
    /// Announced; zero if none is.
    address successor;
    /// First second at which anybody may close the series for it.
    uint40 closableFrom;
    /// Of a successor that is open: sales opened on this day or before it may have been paid to its predecessor.
    uint16 lastSaleDay;
    mapping(uint256 fiscalYear => IMunicipalPoint.CarriedPoints) inYear;
}

/// @notice What payments never look at.
struct Settings {
    IMunicipalPoint.ExpiryRule expiryRule;
    uint16 expiryMonths;
    bool betweenResidents;
    bool betweenMerchants;
    uint40 pausableFrom;
    uint16 refundDays;
    address settlement;
}

/// @title Where a series' storage is, for libraries that the token calls with its own storage
library SeriesStorage {
    /// @notice The series whose code is running.
    function series() internal pure returns (Series storage s) {
        assembly ("memory-safe") {
            s.slot := 0
        }
    }

    /// @notice The key of a sale's record: sales of one serial number share it, `ringDays` days apart.
    /// @param sale `day << 16 | serial`.
    function saleKey(address merchant, uint256 sale, uint256 ringDays) internal pure returns (uint256) {
        unchecked {
            return (uint256(uint160(merchant)) << 32) | ((sale >> 16) % ringDays << 16) | (sale & 0xffff);
        }
    }
}
