// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IPartnerExchange} from "../../interfaces/IPartnerExchange.sol";
import {IResidentRegistry} from "../../interfaces/IResidentRegistry.sol";
import {ProgrammeActions} from "./ProgrammeActions.sol";
import {vm} from "./Cheats.sol";

/// @title Partners are registered and accepted, exchange, issue coupons and pay; residents name and redeem
abstract contract ExchangeActions is ProgrammeActions {
    struct Voucher {
        uint256 partner;
        uint256 key;
        uint256 municipality;
    }

    bytes32[] internal holdings;
    Voucher[] internal vouchers;
    bytes32[] internal receipts;
    mapping(bytes32 holding => bool) internal isDelivered;
    mapping(address coupon => bool) internal isRedeemed;
    uint256 private _keys = 0x20000;
    uint256 private _references;

    function _partner() private returns (uint256) {
        uint256 count = exchange.partnerCount();
        return count == 0 ? 1 : count - _roll(count < 3 ? count : 3);
    }

    // ---------------------------------------------------------------- partners

    function registersPartner(uint256 seed) external withLuck(seed) {
        bytes memory data = abi.encodeCall(
            IPartnerExchange.registerPartner, (townNumber[COUNCIL], _person(++_keys), "Partner")
        );
        if (exchange.partnerCount() >= 3 && !_oneIn(20)) return;
        if (_act(COUNCIL, address(exchange), data)) _acceptEverywhere(exchange.partnerCount());
    }

    function replacesPartnerKey(uint256 seed) external withLuck(seed) {
        (address key, uint256 partner) = (_person(++_keys), _partner());
        bytes memory data =
            abi.encodeCall(IPartnerExchange.replacePartnerKey, (townNumber[COUNCIL], partner, key));
        if (_oneIn(12) && _act(COUNCIL, address(exchange), data)) _acceptEverywhere(partner);
    }

    function suspendsPartner(uint256 seed) external withLuck(seed) {
        uint256 partner = _partner();
        if (_oneIn(2)) {
            bytes memory data =
                abi.encodeCall(IPartnerExchange.suspendPartner, (townNumber[COUNCIL], partner));
            _act(COUNCIL, address(exchange), data);
        }
        if (_oneIn(4)) return;
        bytes memory resuming = abi.encodeCall(IPartnerExchange.resumePartner, (townNumber[COUNCIL], partner));
        _act(COUNCIL, address(exchange), resuming);
    }

    function acceptsPartner(uint256 seed) external withLuck(seed) {
        _acceptEverywhere(_partner());
    }

    function _acceptEverywhere(uint256 partner) private {
        (address key,) = exchange.partnerOf(partner);
        for (uint256 town; town < TOWNS; ++town) {
            bytes memory data =
                abi.encodeCall(IPartnerExchange.acceptPartner, (townNumber[town], partner, key, _terms()));
            _act(town, address(exchange), data);
        }
    }

    function _terms() private returns (IPartnerExchange.Terms memory terms) {
        terms.until = uint40(block.timestamp + 1000 days);
        (terms.numerator, terms.denominator) = (uint32(1 + _roll(3)), uint32(1 + _roll(3)));
        terms.unitPartnerPoints = uint32(1 + _roll(3));
        terms.feePartnerPoints = uint32(_roll(3));
        terms.expiryMonths = uint8(_roll(61));
        terms.minimumPartnerPoints = 1;
        terms.maximumPartnerPoints = 20_000;
        terms.dailyLimitPoints = uint32(1000 + _roll(60_000));
        terms.yearlyLimitPoints = terms.dailyLimitPoints * 10;
        terms.outstandingLimitPoints = uint40(20_000 + _roll(4_000_000));
    }

    function stopsPartner(uint256 seed) external withLuck(seed) {
        if (!_oneIn(6)) return;
        uint256 town = _town();
        bytes memory data = abi.encodeCall(IPartnerExchange.stopPartner, (townNumber[town], _partner()));
        _act(town, address(exchange), data);
    }

    function setsExchangeSeries(uint256 seed) external withLuck(seed) {
        uint256 town = _town();
        bytes memory data =
            abi.encodeCall(IPartnerExchange.setExchangeSeries, (townNumber[town], address(series[town])));
        _act(town, address(exchange), data);
    }

    function setsReturnPolicy(uint256 seed) external withLuck(seed) {
        uint256 town = _town();
        uint16 afterDays = uint16(15 + _roll(20));
        bytes memory data = abi.encodeCall(IPartnerExchange.setReturnPolicy, (townNumber[town], afterDays));
        _act(town, address(exchange), data);
    }

    function opensExchangeCampaign(uint256 seed) external withLuck(seed) {
        uint256 town = _town();
        IPartnerExchange.Campaign memory campaign;
        campaign.from = uint40(block.timestamp);
        campaign.until = uint40(block.timestamp + 60 days);
        (campaign.numerator, campaign.denominator) = (1, uint24(1 + _roll(10)));
        campaign.budgetPoints = uint48(1 + _roll(20_000));
        campaign.isPaidByPartner = _oneIn(2);
        bytes memory data =
            abi.encodeCall(IPartnerExchange.openCampaign, (townNumber[town], _partner(), campaign));
        _act(town, address(exchange), data);
    }

    function endsExchangeCampaign(uint256 seed) external withLuck(seed) {
        uint256 town = _town();
        bytes memory data = abi.encodeCall(IPartnerExchange.endCampaign, (townNumber[town], _partner()));
        if (_oneIn(3)) _act(town, address(exchange), data);
    }

    // --------------------------------------------------------------- exchanges

    function exchanges(uint256 seed) external withLuck(seed) {
        uint256 town = _town();
        uint256 partner = _partner();
        (address key,) = exchange.partnerOf(partner);
        uint256 number = _someNumber(town);
        bytes32 paper = bytes32(_oneIn(10) ? _references : ++_references);
        bytes memory data = abi.encodeCall(
            IPartnerExchange.exchange, (townNumber[town], number, 6 * (1 + _roll(300)), paper)
        );
        (bool ok, bytes memory answer) = _try(key, address(exchange), data);
        if (!ok) return;
        holdings.push(abi.decode(answer, (bytes32)));
        _checkLimits(town, partner, number);
        (ok,) = _try(key, address(exchange), data);
        if (ok) ++doneTwice;
        if (_oneIn(4)) _exchangeUpToALimit(key, town, partner, number);
    }

    /// @dev Again and again for the same resident on the same day, so that a limit is met.
    function _exchangeUpToALimit(address key, uint256 town, uint256 partner, uint256 number) private {
        bool ok = true;
        for (uint256 i; ok && i < 8; ++i) {
            bytes memory data = abi.encodeCall(
                IPartnerExchange.exchange, (townNumber[town], number, 18_000, bytes32(++_references))
            );
            bytes memory answer;
            (ok, answer) = _try(key, address(exchange), data);
            if (!ok) return;
            holdings.push(abi.decode(answer, (bytes32)));
            _checkLimits(town, partner, number);
        }
    }

    /// @dev I6, as the terms in force have it.
    function _checkLimits(uint256 town, uint256 partner, uint256 number) private {
        IPartnerExchange.Terms memory terms = exchange.currentTerms(townNumber[town], partner);
        (uint256 today, uint256 thisYear) = exchange.usedOf(townNumber[town], partner, number);
        if (
            today > terms.dailyLimitPoints || thisYear > terms.yearlyLimitPoints
                || exchange.outstandingOf(townNumber[town], partner) > terms.outstandingLimitPoints
        ) ++beyondLimit;
    }

    function namesMunicipality(uint256 seed) external withLuck(seed) {
        if (holdings.length == 0) return;
        bytes32 holding = holdings[_late(holdings.length) % holdings.length];
        IPartnerExchange.Holding memory held = exchange.holdingOf(holding);
        uint256 home = held.municipality == townNumber[0] ? 0 : 1;
        uint256 town = _oneIn(2) ? home : 1 - home;
        address resident = residents.accountOf(townNumber[home], held.number);
        address account = town == home ? resident : residents.accountOf(townNumber[town], _someNumber(town));
        bool byItself = _oneIn(2);
        bytes memory signature =
            byItself || resident == address(0) ? bytes("") : _naming(holding, town, account, resident);
        bytes memory data = abi.encodeCall(
            IPartnerExchange.nameMunicipality,
            (holding, townNumber[town], account, block.timestamp, signature)
        );
        _deliver(holding, town, account, byItself ? resident : minters[0], data);
    }

    function _naming(bytes32 holding, uint256 town, address account, address resident)
        private
        view
        returns (bytes memory)
    {
        bytes32 hash = keccak256(
            abi.encode(
                keccak256("Naming(bytes32 holding,uint256 municipality,address account,uint256 validUntil)"),
                holding,
                townNumber[town],
                account,
                block.timestamp
            )
        );
        return _signature(resident, _digest(exchange.DOMAIN_SEPARATOR(), hash));
    }

    function sweeps(uint256 seed) external withLuck(seed) {
        if (holdings.length == 0) return;
        if (_oneIn(4)) vm.warp(block.timestamp + 14 days);
        for (uint256 i; i < 3; ++i) {
            bytes32 holding = holdings[_late(holdings.length) % holdings.length];
            IPartnerExchange.Holding memory held = exchange.holdingOf(holding);
            uint256 town = held.municipality == townNumber[0] ? 0 : 1;
            address account = residents.accountOf(townNumber[town], held.number);
            bytes32[] memory twice = new bytes32[](2);
            (twice[0], twice[1]) = (holding, holding);
            _deliver(holding, town, account, minters[0], abi.encodeCall(IPartnerExchange.sweep, (twice)));
        }
    }

    /// @dev Does what may mint held points in `town`, and enters what it minted.
    function _deliver(bytes32 holding, uint256 town, address to, address caller, bytes memory data) private {
        IPartnerExchange.Holding memory held = exchange.holdingOf(holding);
        uint256 bonusBefore = exchange.ledgerOf(townNumber[town], held.partner).bonusPoints;
        uint256 until = _expiryOf(town, held);
        (bool ok,) = _try(caller, address(exchange), data);
        if (!ok) return;
        bool isNow = exchange.holdingOf(holding).state == IPartnerExchange.HoldingState.Delivered;
        if (!isNow || held.state == IPartnerExchange.HoldingState.Delivered) return;
        if (isDelivered[holding]) ++doneTwice;
        isDelivered[holding] = true;
        _note(
            townNumber[town] == held.municipality ? bytes28("delivered at home") : bytes28("delivered abroad")
        );
        uint256 bonusPoints = exchange.ledgerOf(townNumber[town], held.partner).bonusPoints - bonusBefore;
        _minted(current[_home(town)], address(exchange), to, until, held.points + bonusPoints);
    }

    /// @dev At home by the terms it came on; elsewhere by that town's present ones.
    function _expiryOf(uint256 town, IPartnerExchange.Holding memory held) private view returns (uint256) {
        if (townNumber[town] == held.municipality) return _month() + held.expiryMonths;
        try exchange.currentTerms(townNumber[town], held.partner) returns (
            IPartnerExchange.Terms memory terms
        ) {
            return _month() + terms.expiryMonths;
        } catch {
            return 0;
        }
    }

    /// @dev Has the membership of somebody with held points end, and waits until they may go back.
    function returnsToPartner(uint256 seed) external withLuck(seed) {
        if (holdings.length == 0) return;
        bytes32 holding = holdings[_late(holdings.length) % holdings.length];
        IPartnerExchange.Holding memory held = exchange.holdingOf(holding);
        if (held.state != IPartnerExchange.HoldingState.Held) return;
        uint256 town = held.municipality == townNumber[0] ? 0 : 1;
        bool isClosed = _oneIn(2)
            && _act(
                town,
                address(residents),
                abi.encodeCall(IResidentRegistry.closeMembership, (townNumber[town], held.number))
            );
        if (isClosed) vm.warp(block.timestamp + 35 days);
        address resident = residents.accountOf(townNumber[town], held.number);
        (bool ok,) =
            _try(minters[1], address(exchange), abi.encodeCall(IPartnerExchange.returnToPartner, (holding)));
        if (ok && resident != address(0)) ++leftWithoutReason;
        if (!isClosed) return;
        bytes memory reopening =
            abi.encodeCall(IResidentRegistry.reopenMembership, (townNumber[town], held.number));
        _act(town, address(residents), reopening);
    }

    // ----------------------------------------------------------------- coupons

    function issuesCoupons(uint256 seed) external withLuck(seed) {
        uint256 partner = _partner();
        (address key,) = exchange.partnerOf(partner);
        uint256 municipality = _oneIn(3) ? 0 : townNumber[_town()];
        IPartnerExchange.NewCoupon[] memory coupons = new IPartnerExchange.NewCoupon[](2);
        for (uint256 i; i < coupons.length; ++i) {
            coupons[i] = IPartnerExchange.NewCoupon(_person(++_keys), uint32(1 + _roll(500)));
        }
        uint40 until = uint40(block.timestamp + _roll(20 days));
        bytes memory data = abi.encodeCall(IPartnerExchange.issueCoupons, (municipality, until, coupons));
        (bool ok,) = _try(key, address(exchange), data);
        if (!ok) return;
        vouchers.push(Voucher(partner, keyOf[coupons[0].key], municipality));
        vouchers.push(Voucher(partner, keyOf[coupons[1].key], municipality));
    }

    function redeems(uint256 seed) external withLuck(seed) {
        if (vouchers.length == 0) return;
        Voucher storage voucher = vouchers[_late(vouchers.length) % vouchers.length];
        uint256 town =
            voucher.municipality == townNumber[1] || (voucher.municipality == 0 && _oneIn(2)) ? 1 : 0;
        uint256 number = _someNumber(town);
        address coupon = _person(voucher.key);
        uint256 points = exchange.couponOf(voucher.partner, coupon).points;
        bytes32 hash = keccak256(
            abi.encode(
                keccak256("Redemption(uint256 partner,address coupon,uint256 municipality,uint256 number)"),
                voucher.partner,
                coupon,
                townNumber[town],
                number
            )
        );
        bytes memory signature = _signature(coupon, _digest(exchange.DOMAIN_SEPARATOR(), hash));
        bytes memory data = abi.encodeCall(
            IPartnerExchange.redeem, (voucher.partner, coupon, townNumber[town], number, signature)
        );
        (bool ok,) = _try(minters[0], address(exchange), data);
        if (!ok) return;
        if (isRedeemed[coupon]) ++doneTwice;
        isRedeemed[coupon] = true;
        _checkLimits(town, voucher.partner, number);
        IPartnerExchange.Terms memory terms = exchange.currentTerms(townNumber[town], voucher.partner);
        address to = residents.accountOf(townNumber[town], number);
        _minted(current[_home(town)], address(exchange), to, _month() + terms.expiryMonths, points);
        (ok,) = _try(minters[0], address(exchange), data);
        if (ok) ++doneTwice;
    }

    function closesCoupons(uint256 seed) external withLuck(seed) {
        if (vouchers.length == 0) return;
        Voucher storage voucher = vouchers[_late(vouchers.length) % vouchers.length];
        address[] memory coupons = new address[](1);
        coupons[0] = _person(voucher.key);
        (address key,) = exchange.partnerOf(voucher.partner);
        bytes memory data = abi.encodeCall(IPartnerExchange.closeCoupons, (voucher.partner, coupons));
        _try(_oneIn(3) ? key : minters[0], address(exchange), data);
    }

    // ---------------------------------------------------------------- receipts

    function recordsReceipt(uint256 seed) external withLuck(seed) {
        uint256 town = _town();
        bytes32 paper = keccak256(abi.encode("receipt", ++_references));
        bytes memory data = abi.encodeCall(
            IPartnerExchange.recordReceipt, (townNumber[town], _partner(), uint40(1 + _roll(30_000)), paper)
        );
        if (!_act(town, address(exchange), data)) return;
        receipts.push(paper);
        if (_act(town, address(exchange), data)) ++doneTwice;
    }

    function reversesReceipt(uint256 seed) external withLuck(seed) {
        if (receipts.length == 0 || _oneIn(3)) return;
        uint256 town = _town();
        bytes32 paper = receipts[_late(receipts.length) % receipts.length];
        _act(
            town,
            address(exchange),
            abi.encodeCall(IPartnerExchange.reverseReceipt, (townNumber[town], paper))
        );
    }
}
