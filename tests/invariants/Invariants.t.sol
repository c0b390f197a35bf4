// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IGrantProgrammes} from "../../interfaces/IGrantProgrammes.sol";
import {IMunicipalPoint} from "../../interfaces/IMunicipalPoint.sol";
import {IPaymentBonus} from "../../interfaces/IPaymentBonus.sol";
import {Books} from "./Books.sol";
import {Handler} from "./Handler.sol";
import {vm} from "./Cheats.sol";

/// @title I1 to I9 and I11 over all contracts, after any calls by anybody (docs/invariants.md)
contract InvariantsTest {
    Handler private handler;

    error Broken(string invariant, uint256 found, uint256 expected);

    function setUp() external {
        handler = new Handler();
    }

    /// @notice What forge calls: the actions alone.
    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    /// @notice At the end of every run all of them are checked, whichever of them the run was for.
    function afterInvariant() external {
        invariant_I1_conservation();
        invariant_I1_succession();
        invariant_I2_supply();
        invariant_I3_promised_life();
        invariant_I4_first_to_end_first_spent();
        invariant_I5_points_leave_only_so();
        invariant_I6_bounded_minting();
        invariant_I7_once_only();
        invariant_I8_refunds();
        invariant_I9_no_officer_alone();
        invariant_I11_pause();
        _tell();
    }

    /// @dev Appends how often each verb has succeeded to the file that JICHITAI_COUNTS names.
    function _tell() private {
        string memory file = vm.envOr("JICHITAI_COUNTS", "");
        if (bytes(file).length == 0) return;
        vm.writeLine(file, string.concat("calls ", vm.toString(handler.calls())));
        vm.writeLine(file, string.concat("refusals ", vm.toString(handler.refusals())));
        bytes32[] memory verbs = handler.verbsOf();
        for (uint256 i; i < verbs.length; ++i) {
            string memory verb = vm.toString(abi.encodePacked(verbs[i]));
            vm.writeLine(file, string.concat(verb, " ", vm.toString(handler.successes(verbs[i]))));
        }
    }

    function _equal(string memory what, uint256 found, uint256 expected) private pure {
        if (found != expected) revert Broken(what, found, expected);
    }

    function _atMost(string memory what, uint256 found, uint256 limit) private pure {
        if (found > limit) revert Broken(what, found, limit);
    }

    /// @notice Minted, restored, carried in = live + lapsed + claims + locked + settled + revoked + carried out, of each series.
    function invariant_I1_conservation() public view {
        for (uint256 town; town < handler.places(); ++town) {
            IMunicipalPoint point = handler.series(town);
            if (address(point) == address(0)) continue;
            (
                uint256 minted,
                uint256 restored,
                uint256 revoked,
                uint256 settled,
                uint256 carriedIn,
                uint256 carriedOut
            ) = handler.sums(town);
            uint256 found = revoked + settled + carriedOut;
            address[] memory holders = handler.holdersOf(town);
            for (uint256 i; i < holders.length; ++i) {
                found += point.balanceOf(holders[i]);
            }
            uint256 month = point.currentEpoch();
            for (uint256 ended = 330; ended < month; ++ended) {
                found += point.pointsEndingWith(ended);
            }
            _equal("I1 conservation", found, minted + restored + carriedIn);
            (, uint256 chainSettled) = point.settlementTotals();
            _equal("I1 settled", chainSettled, settled);
        }
    }

    /// @notice What one series has carried out, another one has carried in, at once and to the point.
    function invariant_I1_succession() public view {
        _equal("I1 carried wrongly", handler.carriedWrongly(), 0);
        (uint256 allIn, uint256 allOut) = (0, 0);
        for (uint256 town; town < handler.places(); ++town) {
            IMunicipalPoint point = handler.series(town);
            if (address(point) == address(0)) continue;
            (,,,, uint256 carriedIn, uint256 carriedOut) = handler.sums(town);
            (uint256 inPoints, uint256 outPoints) = point.carriedPoints();
            _equal("I1 carried in", inPoints, carriedIn);
            _equal("I1 carried out", outPoints, carriedOut);
            (allIn, allOut) = (allIn + inPoints, allOut + outPoints);
            (address successor,, bool isClosed,) = point.migration();
            _equal("I1 closed", isClosed ? 1 : 0, handler.isClosed(town) ? 1 : 0);
            uint256 next = handler.successorOf(town);
            if (isClosed) _equal("I1 successor", uint160(successor), uint160(address(handler.series(next))));
        }
        _equal("I1 carried", allIn, allOut);
    }

    /// @notice totalSupply() is the sum of all balances.
    function invariant_I2_supply() public view {
        for (uint256 town; town < handler.places(); ++town) {
            IMunicipalPoint point = handler.series(town);
            if (address(point) == address(0)) continue;
            address[] memory holders = handler.holdersOf(town);
            uint256 found;
            for (uint256 i; i < holders.length; ++i) {
                found += point.balanceOf(holders[i]);
            }
            _equal("I2 supply", point.totalSupply(), found);
        }
    }

    /// @notice Every live lot ends with the month it was promised, and holds what is left of it; none is missing.
    function invariant_I3_promised_life() public view {
        for (uint256 town; town < handler.places(); ++town) {
            IMunicipalPoint point = handler.series(town);
            if (address(point) == address(0)) continue;
            address[] memory holders = handler.holdersOf(town);
            for (uint256 i; i < holders.length; ++i) {
                (bool isMerchant,,) = point.merchantOf(holders[i]);
                if (isMerchant) continue;
                (uint256[] memory months, uint256[] memory points) = point.lotsOf(holders[i]);
                Books.Promised[] memory promised = handler.promisedOf(town, holders[i]);
                uint256 first = promised.length;
                while (first != 0 && promised[first - 1].month >= point.currentEpoch()) --first;
                _equal("I3 number of lots", months.length, promised.length - first);
                for (uint256 k; k < months.length; ++k) {
                    _equal("I3 month of a lot", months[k], promised[first + k].month);
                    _equal("I3 points of a lot", points[k], promised[first + k].points);
                }
            }
        }
    }

    /// @notice No payment or transfer left a lot behind that ends before one it took from.
    function invariant_I4_first_to_end_first_spent() public view {
        _equal("I4 later spent first", handler.laterSpentFirst(), 0);
        for (uint256 town; town < handler.places(); ++town) {
            IMunicipalPoint point = handler.series(town);
            if (address(point) == address(0)) continue;
            address[] memory holders = handler.holdersOf(town);
            for (uint256 i; i < holders.length; ++i) {
                (uint256[] memory months,) = point.lotsOf(holders[i]);
                for (uint256 k = 1; k < months.length; ++k) {
                    _atMost("I4 order of lots", months[k - 1] + 1, months[k]);
                }
            }
        }
    }

    /// @notice Nobody has less than what payments to active merchants, allowed transfers, lapse, revocation and replacement
    /// have left; no merchant less than what it was paid and not refunded or settled.
    function invariant_I5_points_leave_only_so() public view {
        _equal("I5 left without reason", handler.leftWithoutReason(), 0);
        for (uint256 town; town < handler.places(); ++town) {
            IMunicipalPoint point = handler.series(town);
            if (address(point) == address(0)) continue;
            address[] memory holders = handler.holdersOf(town);
            for (uint256 i; i < holders.length; ++i) {
                uint256 due = handler.owed(town, holders[i]) + handler.liveOf(town, holders[i]);
                _equal("I5 balance", point.balanceOf(holders[i]), due);
            }
        }
    }

    /// @notice Nobody minted beyond the allowance, a programme's budget, a partner's limits, a campaign's budget.
    function invariant_I6_bounded_minting() public view {
        _equal("I6 beyond a limit", handler.beyondLimit(), 0);
        for (uint256 town; town < handler.places(); ++town) {
            IMunicipalPoint point = handler.series(town);
            if (address(point) == address(0)) continue;
            address[] memory minters = point.minters();
            for (uint256 i; i < minters.length; ++i) {
                (uint256 allowance, uint256 minted) = point.minterOf(minters[i]);
                _equal("I6 allowance", allowance, handler.allowed(town, minters[i]));
                _equal("I6 minted", minted, handler.mintedBy(town, minters[i]));
            }
        }
        _checkBudgets();
    }

    function _checkBudgets() private view {
        uint256 year = (handler.series(0).currentEpoch() + 9) / 12 * 12 + 2;
        for (uint256 programme = handler.programmes().programmeCount(); programme != 0; --programme) {
            IGrantProgrammes.Budget memory budget = handler.programmes().budgetOf(programme, year);
            _atMost("I6 reserved of a budget", budget.reservedPoints, budget.points);
            _atMost("I6 granted", handler.grantedBy(programme, year), budget.reservedPoints);
        }
        for (uint256 campaign = handler.bonus().campaignCount(); campaign != 0; --campaign) {
            IPaymentBonus.Campaign memory its = handler.bonus().campaignOf(campaign);
            _atMost("I6 bonus", its.reservedPoints + its.awardedPoints, its.budgetPoints);
            for (uint256 number = 1; number < 12; ++number) {
                IPaymentBonus.Account memory account = handler.bonus().accountOf(campaign, number);
                _atMost("I6 bonus cap", account.reservedPoints + account.awardedPoints, its.capPoints);
            }
        }
    }

    /// @notice Nothing happened a second time: payment, grant, exchange, coupon, award, receipt, restoration, burn.
    function invariant_I7_once_only() public view {
        _equal("I7 done twice", handler.doneTwice(), 0);
    }

    /// @notice No refund beyond the sale, after its window, or to anybody but the payer or the successor.
    function invariant_I8_refunds() public view {
        _equal("I8 refunded wrongly", handler.refundedWrongly(), 0);
        invariant_I5_points_leave_only_so(); // the receiver's lots are those of the books
    }

    /// @notice No officer, council key or stranger did alone or too early what takes two or time.
    function invariant_I9_no_officer_alone() public view {
        _equal("I9 done alone", handler.doneAlone(), 0);
    }

    /// @notice In a pause no point moved, and cancelling, revoking and leaving went on.
    function invariant_I11_pause() public view {
        _equal("I11 moved in a pause", handler.movedInPause(), 0);
        _equal("I11 blocked in a pause", handler.blockedInPause(), 0);
    }
}
