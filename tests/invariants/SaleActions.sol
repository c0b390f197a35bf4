// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {JapanCalendar} from "../../contracts/libraries/JapanCalendar.sol";
import {IMunicipalPoint} from "../../interfaces/IMunicipalPoint.sol";
import {vm} from "./Cheats.sol";
import {PointActions} from "./PointActions.sol";

/// @title Sales are paid in every way, voided and refunded
abstract contract SaleActions is PointActions {
    uint256 private constant LOT_POINTS = 2 ** 29 - 1;

    struct Sale {
        uint256 town;
        address shop;
        uint256 number;
        address payer;
        uint256 points;
        uint256 refunded;
        uint256[] lots;
    }

    Sale[] internal sales;
    /// Of a municipality: a sale is paid or voided once, on whichever series.
    mapping(uint256 home => mapping(address shop => mapping(uint256 number => bool))) internal isUsed;

    // ---------------------------------------------------------------- payments

    function pays(uint256 seed) external withLuck(seed) {
        uint256 town = _town();
        Sale memory sale = _offered(town);
        uint256 until = block.timestamp + _roll(1000);
        (bytes32 r, bytes32 vs) = _saleSignature(sale, until);
        bytes memory data =
            abi.encodeCall(IMunicipalPoint.pay, (sale.shop, sale.number, sale.points, until, r, vs));
        _payBy(sale, sale.payer, data);
    }

    function paysSigned(uint256 seed) external withLuck(seed) {
        _paySigned(_town());
    }

    function _paySigned(uint256 town) internal {
        _paySigned(_offered(town));
    }

    function _paySigned(Sale memory sale) internal {
        IMunicipalPoint.SignedPayment memory payment = _signed(sale);
        bytes memory data =
            abi.encodeCall(IMunicipalPoint.paySigned, (sale.shop, payment.terms, payment.r, payment.vs));
        _payBy(sale, _counterKey(sale), data);
    }

    /// @dev Two like sales of today to one payer, who can afford both.
    function _sellTwice(uint256 town) internal {
        Sale memory sale = _offered(town);
        uint256 half = liveOf(town, sale.payer) / 2;
        if (half == 0) return;
        sale.points = 1 + _roll(half < 1000 ? half : 1000);
        sale.number = (JapanCalendar.dayOf(block.timestamp) << 16) | _roll(400);
        _paySigned(sale);
        sale.number ^= 1;
        _paySigned(sale);
    }

    function paysRelayed(uint256 seed) external withLuck(seed) {
        uint256 town = _town();
        Sale memory sale = _offered(town);
        IMunicipalPoint.SignedPayment memory payment = _signed(sale);
        uint256 until = block.timestamp + _roll(1000);
        (bytes32 r, bytes32 vs) = _saleSignature(sale, until);
        bytes memory data = abi.encodeCall(IMunicipalPoint.payRelayed, (sale.shop, payment, until, r, vs));
        _payBy(sale, minters[0], data);
    }

    function paysMany(uint256 seed) external withLuck(seed) {
        uint256 town = _town();
        Sale[] memory offered = new Sale[](1 + _roll(4));
        IMunicipalPoint.SignedPayment[] memory payments = new IMunicipalPoint.SignedPayment[](offered.length);
        for (uint256 i; i < offered.length; ++i) {
            offered[i] = _offered(town);
            if (i != 0) offered[i].shop = offered[0].shop;
            payments[i] = _signed(offered[i]);
        }
        bool isActive = _isActive(town, offered[0].shop);
        bytes memory data = abi.encodeCall(IMunicipalPoint.payBatch, (offered[0].shop, payments, 0, 0));
        address key = _counterKey(offered[0]);
        (bool ok, bytes memory answer) = _try(key, address(series[town]), data);
        if (!ok) return;
        IMunicipalPoint.PaymentIssue[] memory issues = abi.decode(answer, (IMunicipalPoint.PaymentIssue[]));
        for (uint256 i; i < issues.length; ++i) {
            if (issues[i] == IMunicipalPoint.PaymentIssue.None) _enterSale(offered[i], isActive);
        }
        // The same list again pays nothing.
        (ok, answer) = _try(key, address(series[town]), data);
        if (!ok) return;
        issues = abi.decode(answer, (IMunicipalPoint.PaymentIssue[]));
        for (uint256 i; i < issues.length; ++i) {
            if (issues[i] == IMunicipalPoint.PaymentIssue.None) ++doneTwice;
        }
    }

    /// @dev A sale of today or of a few days ago, with a serial of few, so that numbers and ring words meet.
    function _offered(uint256 town) private returns (Sale memory sale) {
        uint256 day = JapanCalendar.dayOf(block.timestamp);
        if (_oneIn(5)) day -= _roll(PAYABLE_DAYS + 2);
        sale.town = town;
        sale.shop = _anyShop(town);
        sale.number = (day << 16) | _roll(400);
        sale.payer = _payer(town);
        if (sale.payer == address(0)) sale.payer = _holder(town);
        sale.points = _affordable(town, sale.payer);
        if (sale.points > LOT_POINTS) sale.points = LOT_POINTS;
    }

    function _payBy(Sale memory sale, address caller, bytes memory data) private {
        bool isActive = _isActive(sale.town, sale.shop);
        (uint256[] memory months, uint256[] memory before) = series[sale.town].lotsOf(sale.payer);
        (bool ok,) = _try(caller, address(series[sale.town]), data);
        if (!ok) return;
        _enterSale(sale, isActive);
        _checkOrder(sale.town, sale.payer, months, before);
        (ok,) = _try(caller, address(series[sale.town]), data);
        if (ok) ++doneTwice;
    }

    function _enterSale(Sale memory sale, bool isActive) private {
        if (isUsed[_home(sale.town)][sale.shop][sale.number]) ++doneTwice;
        isUsed[_home(sale.town)][sale.shop][sale.number] = true;
        sale.lots = _paid(sale.town, sale.payer, sale.shop, sale.points, isActive);
        if (sale.lots.length > 1) _note("sale from several lots");
        _noteDay();
        sales.push(sale);
    }

    function _noteDay() private {
        uint256 month = _month();
        uint256 left = JapanCalendar.startOf(month + 1) - block.timestamp;
        if (left > 1 days) return;
        if (left == 1) _note("sale in a last second");
        if (month == _fiscalYear()) _note("sale on 31 March");
        bool isLeap = JapanCalendar.startOf(month + 1) - JapanCalendar.startOf(month) == 29 days;
        if (isLeap) _note("sale on 29 February");
    }

    // -------------------------------------------------------------- signatures

    /// @dev The owner's key or a till's, whoever serves today.
    function _counterKey(Sale memory sale) private returns (address key) {
        key = _person(0x710 + _roll(2));
        if (!series[sale.town].isTill(sale.shop, key)) key = series[sale.town].ownerOf(sale.shop);
        if (key == address(0)) key = sale.shop; // which is no merchant here yet
    }

    function _saleSignature(Sale memory sale, uint256 until) private returns (bytes32, bytes32) {
        bytes32 hash = keccak256(
            abi.encode(
                keccak256("Sale(address merchant,uint256 sale,uint256 amountPoints,uint256 validUntil)"),
                sale.shop,
                sale.number,
                sale.points,
                until
            )
        );
        uint256 key = keyOf[_counterKey(sale)];
        return vm.signCompact(key, _digest(series[sale.town].DOMAIN_SEPARATOR(), hash));
    }

    function _signed(Sale memory sale) private returns (IMunicipalPoint.SignedPayment memory payment) {
        uint256 until = block.timestamp + _roll(1000);
        bytes32 hash = keccak256(
            abi.encode(
                keccak256(
                    "Payment(address payer,address merchant,uint256 sale,uint256 amountPoints,uint256 validUntil,uint256 cancelEpoch)"
                ),
                sale.payer,
                sale.shop,
                sale.number,
                sale.points,
                until,
                series[sale.town].cancelEpochOf(sale.payer)
            )
        );
        payment.terms =
            (uint256(uint160(sale.payer)) << 96) | (sale.number << 64) | (sale.points << 35) | until;
        (payment.r, payment.vs) =
            vm.signCompact(keyOf[sale.payer], _digest(series[sale.town].DOMAIN_SEPARATOR(), hash));
    }

    function cancelsSignatures(uint256 seed) external withLuck(seed) {
        uint256 town = _town();
        Sale memory sale = _offered(town);
        if (_isMerchant(town, sale.payer)) return;
        IMunicipalPoint.SignedPayment memory payment = _signed(sale);
        (bool ok,) =
            _try(sale.payer, address(series[town]), abi.encodeCall(IMunicipalPoint.cancelSignatures, ()));
        if (!ok && _isPaused(town)) ++blockedInPause;
        if (!ok) return;
        bytes memory data =
            abi.encodeCall(IMunicipalPoint.paySigned, (sale.shop, payment.terms, payment.r, payment.vs));
        (ok,) = _try(_counterKey(sale), address(series[town]), data);
        if (ok) ++leftWithoutReason;
    }

    // ------------------------------------------------------- voids and refunds

    function voidsSale(uint256 seed) external withLuck(seed) {
        _void(_offered(_town()));
    }

    function _void(Sale memory sale) internal {
        bytes memory data = abi.encodeCall(IMunicipalPoint.voidSale, (sale.shop, sale.number));
        (bool ok,) = _try(_counterKey(sale), address(series[sale.town]), data);
        if (!ok) return;
        uint256 home = _home(sale.town);
        if (isUsed[home][sale.shop][sale.number]) ++doneTwice;
        isUsed[home][sale.shop][sale.number] = true;
    }

    function refunds(uint256 seed) external withLuck(seed) {
        if (sales.length == 0) return;
        // Mostly a late one: the others are past their window.
        uint256 recent = sales.length < 12 || _oneIn(8) ? sales.length : 12;
        Sale storage sale = sales[sales.length - 1 - _roll(recent)];
        if (_oneIn(8)) _goToLastRefund(sale);
        _refund(sale);
    }

    /// @dev To the last second in which the sale can be refunded, or the first in which it cannot.
    function _goToLastRefund(Sale storage sale) private {
        (uint256 payableDays, uint256 refundDays,) = series[sale.town].saleDays();
        uint256 lastDay = (sale.number >> 16) + payableDays + refundDays;
        uint256 today = JapanCalendar.dayOf(block.timestamp);
        if (today > lastDay) return;
        uint256 midnight = block.timestamp - (block.timestamp + 9 hours) % 1 days;
        vm.warp(midnight + (lastDay + 1 - today) * 1 days - _roll(2));
    }

    function _refund(Sale storage sale) internal {
        uint256 left = sale.points - sale.refunded;
        uint256 points = left == 0 || _oneIn(10) ? left + 1 : _oneIn(2) ? left : 1 + _roll(left);
        bytes memory data =
            abi.encodeCall(IMunicipalPoint.refund, (sale.shop, sale.number, sale.payer, sale.lots, points));
        address owner = series[sale.town].ownerOf(sale.shop);
        (bool ok,) = _try(owner, address(series[sale.town]), data);
        if (ok) _enterRefund(sale, points);
    }

    /// @dev What was spent last goes back first, into lots of its own month; what has ended stays with the shop.
    function _enterRefund(Sale storage sale, uint256 points) private {
        (uint256 payableDays, uint256 refundDays,) = series[sale.town].saleDays();
        bool isLate = JapanCalendar.dayOf(block.timestamp) > (sale.number >> 16) + payableDays + refundDays;
        if (isLate || points > sale.points - sale.refunded) ++refundedWrongly;
        address receiver = residents.successorOf(townNumber[sale.town], sale.payer);
        if (receiver == address(0)) receiver = sale.payer;
        uint256 before = sale.refunded;
        uint256 returned;
        for (uint256 i = sale.lots.length; i != 0 && points != 0; --i) {
            (uint256 month, uint256 amount) = (sale.lots[i - 1] >> 29, sale.lots[i - 1] & LOT_POINTS);
            uint256 gone = before < amount ? before : amount;
            before -= gone;
            uint256 part = amount - gone < points ? amount - gone : points;
            points -= part;
            if (month < _month()) continue;
            sale.refunded += part;
            _note("lot refunded");
            returned += part;
            _credit(sale.town, receiver, month, part);
        }
        _debitClaim(sale.town, sale.shop, returned);
    }

    /// @dev What a closed series lacks comes back from its successor, which may be closed itself.
    function _debitClaim(uint256 town, address shop, uint256 points) private {
        (,, uint256 locked) = series[town].claimOf(shop);
        uint256 free = owed[town][shop] - locked;
        if (points > free && isClosed[town]) {
            uint256 missing = points - free;
            _debitClaim(next[town], shop, missing);
            _noteMovement(next[town], missing);
            owed[town][shop] += missing;
            sums[town].carriedIn += missing;
            sums[next[town]].carriedOut += missing;
            _count(address(series[next[town]]), IMunicipalPoint.returnClaim.selector);
        }
        owed[town][shop] -= points;
    }
}
