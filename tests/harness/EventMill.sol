// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IMunicipalPoint} from "../../interfaces/IMunicipalPoint.sol";

/// @notice Emits what a series emits in a busy town, and nothing else: no storage, so that millions of events cost
/// seconds. Its story holds together: who pays was granted the points before, and no sale is paid twice.
contract EventMill {
    uint256 public constant GRANTS = 180;
    uint256 public constant SALES = 400;
    uint256 public constant REFUNDS = 10;
    uint256 public constant SHOPS = 1_000;
    uint256 public constant RESIDENTS = 50_000;
    uint256 public constant NEVER = 1535;

    uint256 private constant GRANTED_POINTS = 2_000;
    uint256 private constant PAID_POINTS = 500;
    uint256 private constant REFUNDED_POINTS = 5;
    uint256 private constant JAPAN_DAYS = 10_957 days - 9 hours;

    /// @notice Lets the shops be approved and `minter` mint.
    function open(address minter, uint256 allowancePoints) external {
        emit IMunicipalPoint.RefundDaysSet(30);
        emit IMunicipalPoint.MinterAllowanceSet(minter, allowancePoints);
        for (uint256 i; i < SHOPS; ++i) {
            emit IMunicipalPoint.MerchantApproved(shop(i), 1, unicode"商店", unicode"本町");
        }
    }

    /// @notice A thousand events: a list of grants, the sales that they pay, and a few refunds.
    function grind(uint256 round, address minter) external {
        emit IMunicipalPoint.Minted(minter, NEVER, GRANTS * GRANTED_POINTS);
        for (uint256 i; i < GRANTS; ++i) {
            emit IERC20.Transfer(address(0), resident(round * GRANTS + i), GRANTED_POINTS);
        }
        address merchant = shop(round % SHOPS);
        uint256 day = (block.timestamp - JAPAN_DAYS) / 1 days;
        uint256 sale = day * 65_536 + (round / SHOPS) * SALES;
        for (uint256 i; i < SALES; ++i) {
            address payer = resident(round * GRANTS + i % GRANTS);
            uint256 word = uint256(uint160(payer)) << 96 | (sale + i) << 64 | NEVER << 29 | PAID_POINTS;
            emit IMunicipalPoint.SalePaid(merchant, word);
            emit IERC20.Transfer(payer, merchant, PAID_POINTS);
        }
        for (uint256 i; i < REFUNDS; ++i) {
            address payer = resident(round * GRANTS + i % GRANTS);
            emit IMunicipalPoint.SaleRefunded(merchant, sale + i, payer, NEVER << 29 | REFUNDED_POINTS);
            emit IERC20.Transfer(merchant, payer, REFUNDED_POINTS);
        }
    }

    function shop(uint256 number) public pure returns (address) {
        return address(uint160(uint256(keccak256(abi.encode("shop", number)))));
    }

    function resident(uint256 number) public pure returns (address) {
        return address(uint160(uint256(keccak256(abi.encode("resident", number % RESIDENTS)))));
    }
}
