// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

// solhint-disable max-states-count

import {IMunicipalPoint, MunicipalPoint} from "../../contracts/MunicipalPoint.sol";
import {Officers} from "../../contracts/Officers.sol";
import {ResidentRegistry} from "../../contracts/ResidentRegistry.sol";
import {IPointPlatform, PointPlatform} from "../../contracts/PointPlatform.sol";
import {GrantProgrammes} from "../../contracts/GrantProgrammes.sol";
import {IPartnerExchange, PartnerExchange} from "../../contracts/PartnerExchange.sol";
import {MerchantSettlement} from "../../contracts/MerchantSettlement.sol";
import {PaymentBonus} from "../../contracts/PaymentBonus.sol";
import {IOfficers} from "../../interfaces/IOfficers.sol";
import {ActRules} from "../../contracts/libraries/ActRules.sol";
import {Books} from "./Books.sol";
import {vm} from "./Cheats.sol";

/// @title Two municipalities with a series each and those that take over from it, all services, and everybody who acts in them
/// @notice Every call to the contracts goes through `_try`, which counts those that succeeded, by contract and selector.
abstract contract World is Books {
    uint256 internal constant TOWNS = 2;
    uint256 internal constant COUNCIL = 2; // in place of a town; its number is 0, and it has no series
    uint256 internal constant PAYABLE_DAYS = 3;
    uint256 internal constant RING_DAYS = 20;
    uint256 internal constant SHOPS = 3;
    uint256 internal constant MINTERS = 2;

    /// 1 October 2027 in Japan: the next 29 February is five months away, and 31 March six.
    uint256 internal constant FIRST_SECOND = 1_822_316_400;

    struct Pending {
        uint256 town;
        uint256 office;
        address target;
        bytes data;
        uint256 id;
        uint256 readyAt;
    }

    PointPlatform public platform;
    Officers public officers;
    ResidentRegistry public residents;
    GrantProgrammes public programmes;
    PartnerExchange public exchange;
    MerchantSettlement public settlements;
    PaymentBonus public bonus;
    // By place: of the towns' first series, of the council, of the successors as they are made.
    uint256[] public townNumber = [uint256(131016), 141305, 0];
    IMunicipalPoint[] public series;
    /// The place of the series that takes payments.
    uint256[2] internal current = [uint256(0), 1];
    /// Where this place's series was closed for, or will be; 0 if nobody was named.
    mapping(uint256 place => uint256) internal next;
    mapping(address series => uint256) internal placeOf;

    address[] internal minters; // town halls' own keys
    uint256 public calls;
    uint256 public refusals;
    /// By contract and selector, and by situation, whose last 4 bytes are 0.
    mapping(bytes32 verb => uint256) public successes;
    bytes32[] public verbs;
    mapping(address target => bytes28) internal contractOf;
    mapping(address account => uint256) internal keyOf;
    Pending[] internal pendings;
    bool private _isSceneSet;
    uint256 private _dice;

    // ------------------------------------------------------------------- luck

    /// @dev Every action begins with it, so that the same seed does the same.
    modifier withLuck(uint256 seed) {
        _dice = uint256(keccak256(abi.encode(seed)));
        _;
    }

    function _roll(uint256 sides) internal returns (uint256) {
        _dice = uint256(keccak256(abi.encode(_dice)));
        return _dice % sides;
    }

    function _oneIn(uint256 times) internal returns (bool) {
        return _roll(times) == 0;
    }

    /// @dev Mostly everyday amounts, seldom one near a lot's limit, 2^29 - 1.
    function _points() internal returns (uint256) {
        if (_oneIn(60)) return 2 ** 29 - 1 - _roll(3);
        return 1 + _roll(3000);
    }

    // ------------------------------------------------------------------ actors

    function _person(uint256 key) internal returns (address account) {
        account = vm.addr(key);
        keyOf[account] = key;
    }

    function _clerk(uint256 town, IOfficers.Role role, uint256 which) internal view returns (address) {
        return address(uint160(0xC1E000000 + _home(town) * 0x10000 + uint256(role) * 0x100 + which + 1));
    }

    function _shop(uint256 town, uint256 which) internal view returns (uint256 key) {
        return 0x500 + _home(town) * 0x10 + which;
    }

    // ------------------------------------------------------------------- calls

    function _try(address by, address target, bytes memory data)
        internal
        returns (bool ok, bytes memory answer)
    {
        vm.prank(by);
        (ok, answer) = target.call(data);
        if (ok) {
            ++calls;
            _count(target, bytes4(data));
        } else {
            ++refusals;
        }
    }

    function _count(address target, bytes4 selector) internal {
        _note(contractOf[target], selector);
    }

    /// @dev Counts a situation that calls can succeed without.
    function _note(bytes28 situation) internal {
        _note(situation, 0);
    }

    function _note(bytes28 first, bytes4 last) private {
        bytes32 verb = bytes32(first) | (bytes32(last) >> 224);
        if (successes[verb]++ == 0) verbs.push(verb);
    }

    function _digest(bytes32 domain, bytes32 structHash) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(hex"1901", domain, structHash));
    }

    function _domain(string memory name, address target) internal view returns (bytes32) {
        return keccak256(
            abi.encode(
                keccak256(
                    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
                ),
                keccak256(bytes(name)),
                keccak256("1"),
                block.chainid,
                target
            )
        );
    }

    function _signature(address by, bytes32 digest) internal view returns (bytes memory) {
        (bytes32 r, bytes32 vs) = vm.signCompact(keyOf[by], digest);
        bytes32 s = vs & bytes32(uint256(type(int256).max));
        return abi.encodePacked(r, s, uint8(uint256(vs) >> 255) + 27);
    }

    // -------------------------------------------------------------------- acts

    /// @dev Has officers do an act by its rule; what must wait is noted in `pendings`. Returns whether it is done.
    function _act(uint256 town, address target, bytes memory data) internal returns (bool done) {
        return _actOf(town, town, target, data);
    }

    /// @param office whose officers act: the town's own, or the council's.
    function _actOf(uint256 town, uint256 office, address target, bytes memory data) internal returns (bool) {
        IOfficers.ActRule memory rule =
            officers.ruleOfService(platform.isOffered(target) ? target : address(0), bytes4(data));
        Pending memory it = Pending(town, office, target, data, 0, 0);
        address first = _clerk(office, rule.proposer, 0);
        (bool ok,) = _try(
            first,
            address(officers),
            abi.encodeCall(IOfficers.perform, (townNumber[town], target, data, 1, 0))
        );
        if (rule.delayAlone != 0) {
            if (ok) ++doneAlone;
            ok = _propose(it, rule, first, _clerk(office, rule.approver, 1));
        }
        if (ok) _done(town, target, data);
        return ok;
    }

    /// @dev Returns whether it is done; what is to be done later is noted.
    function _propose(Pending memory it, IOfficers.ActRule memory rule, address first, address second)
        private
        returns (bool ok)
    {
        (ok,) = _try(
            first,
            address(officers),
            abi.encodeCall(IOfficers.propose, (townNumber[it.town], it.target, it.data, 1, 0))
        );
        if (!ok) return false;
        it.id = officers.proposalCount();
        if (_isSceneSet && _oneIn(4)) _tryAlone(it.id, first, second, it.data);
        if (rule.delayAlone != ActRules.NEVER_ALONE && _oneIn(5)) {
            it.readyAt = block.timestamp + rule.delayAlone;
            pendings.push(it);
            return false;
        }
        (ok,) = _try(second, address(officers), abi.encodeCall(IOfficers.approve, (it.id, it.data)));
        if (!ok && _oneIn(6)) _try(first, address(officers), abi.encodeCall(IOfficers.veto, (it.id)));
        if (!ok || rule.delayApproved == 0) return ok;
        it.readyAt = block.timestamp + rule.delayApproved;
        pendings.push(it);
        return false;
    }

    /// @dev Nobody does alone, or too early, what takes two or time.
    function _tryAlone(uint256 id, address first, address second, bytes memory data) private {
        (bool ok,) = _try(first, address(officers), abi.encodeCall(IOfficers.approve, (id, data)));
        if (ok) ++doneAlone;
        (ok,) = _try(
            _oneIn(2) ? first : second, address(officers), abi.encodeCall(IOfficers.execute, (id, data))
        );
        if (ok) ++doneAlone;
    }

    function _done(uint256 town, address target, bytes memory data) internal {
        _count(target, bytes4(data));
        _enter(town, target, data);
    }

    /// @dev Enters an act into the books where it is not its own action that does.
    function _enter(uint256 town, address target, bytes memory data) internal virtual;

    function _isPaused(uint256 town) internal view override returns (bool) {
        return block.timestamp < series[town].pausedUntil();
    }

    function _home(uint256 town) internal view override returns (uint256) {
        if (town <= COUNCIL || town >= series.length) return town;
        return townNumber[town] == townNumber[0] ? 0 : 1;
    }

    // ------------------------------------------------------------------- setup

    function _build() internal {
        series = new IMunicipalPoint[](TOWNS + 1);
        vm.warp(FIRST_SECOND - 10 days);
        platform = new PointPlatform(_clerk(COUNCIL, IOfficers.Role.Admin, 0));
        officers = Officers(address(platform.officers()));
        residents = ResidentRegistry(address(platform.residents()));
        programmes = new GrantProgrammes(IPointPlatform(address(platform)));
        exchange = new PartnerExchange(IPointPlatform(address(platform)));
        settlements = new MerchantSettlement(IPointPlatform(address(platform)));
        bonus = new PaymentBonus(IPointPlatform(address(platform)));
        contractOf[address(platform)] = "PointPlatform";
        contractOf[address(officers)] = "Officers";
        contractOf[address(residents)] = "ResidentRegistry";
        contractOf[address(programmes)] = "GrantProgrammes";
        contractOf[address(exchange)] = "PartnerExchange";
        contractOf[address(settlements)] = "MerchantSettlement";
        contractOf[address(bonus)] = "PaymentBonus";
        for (uint256 i; i < MINTERS; ++i) {
            minters.push(address(uint160(0x31170 + i)));
        }

        _offer(address(programmes), "Programmes", programmes.acts());
        _offer(address(exchange), "Exchange", _exchangeActs());
        _offer(address(settlements), "Settlement", settlements.acts());
        _offer(address(bonus), "Bonus", bonus.acts());
        for (uint256 town; town < TOWNS; ++town) {
            _register(town);
        }
        vm.warp(FIRST_SECOND - 9 days);
        vm.prank(_clerk(COUNCIL, IOfficers.Role.Admin, 0));
        uint256 appointment =
            officers.propose(townNumber[COUNCIL], address(officers), _appointCouncillor(), 1, 0);
        for (uint256 town; town < TOWNS; ++town) {
            _open(town);
        }
        vm.warp(FIRST_SECOND - 6 days);
        officers.execute(appointment, _appointCouncillor());
        _executeDue();
        vm.warp(block.timestamp + 1); // the second councillor must have served before the proposal
        _accept(COUNCIL, address(exchange)); // whose partners are the council's to register
        for (uint256 town; town < TOWNS; ++town) {
            _act(
                town,
                address(series[town]),
                abi.encodeCall(IMunicipalPoint.setSettlement, (address(settlements)))
            );
            _act(
                town,
                address(exchange),
                abi.encodeCall(IPartnerExchange.setExchangeSeries, (townNumber[town], address(series[town])))
            );
        }
        vm.warp(FIRST_SECOND - 3 days);
        _executeDue();
        vm.warp(FIRST_SECOND);
        _countAnew();
        _isSceneSet = true;
    }

    /// @dev What sets the scene is not counted.
    function _countAnew() private {
        (calls, refusals) = (0, 0);
        for (uint256 i; i < verbs.length; ++i) {
            successes[verbs[i]] = 0;
        }
        delete verbs;
    }

    function _offer(address service, string memory name, IOfficers.Act[] memory acts) private {
        vm.prank(_clerk(COUNCIL, IOfficers.Role.Admin, 0));
        platform.offerService(service, name, acts);
    }

    function _appointCouncillor() private view returns (bytes memory) {
        address second = _clerk(COUNCIL, IOfficers.Role.Admin, 1);
        return abi.encodeCall(IOfficers.appoint, (townNumber[COUNCIL], second, IOfficers.Role.Admin, 0));
    }

    /// @dev Two clerks for every role.
    function _officersOf(uint256 town) internal view returns (IOfficers.Appointment[] memory all) {
        uint256 roles = uint256(type(IOfficers.Role).max) + 1;
        all = new IOfficers.Appointment[](2 * roles);
        for (uint256 i; i < all.length; ++i) {
            IOfficers.Role role = IOfficers.Role(i / 2);
            all[i] = IOfficers.Appointment(role, _clerk(town, role, i % 2));
        }
    }

    function _register(uint256 town) private {
        vm.prank(_clerk(COUNCIL, IOfficers.Role.Admin, 0));
        platform.registerMunicipality(townNumber[town], "Town", _officersOf(town));
        series[town] = _newSeries(townNumber[town], address(0));
        contractOf[address(series[town])] = "MunicipalPoint";
        placeOf[address(series[town])] = town;
        vm.prank(_clerk(COUNCIL, IOfficers.Role.Admin, 0));
        platform.registerSeries(townNumber[town], address(series[town]));
    }

    function _newSeries(uint256 number, address predecessor) internal returns (IMunicipalPoint) {
        return new MunicipalPoint(
            number,
            officers,
            residents,
            "Points",
            "PT",
            IMunicipalPoint.ExpiryRule.MonthsAfter,
            6,
            IMunicipalPoint.SaleTerms(PAYABLE_DAYS, 5, RING_DAYS),
            predecessor
        );
    }

    function _open(uint256 town) private {
        address[4] memory services =
            [address(programmes), address(exchange), address(settlements), address(bonus)];
        for (uint256 i; i < services.length; ++i) {
            _accept(town, services[i]);
        }
        for (uint256 i; i < MINTERS; ++i) {
            _allow(town, minters[i]);
        }
        _allow(town, address(programmes));
        _allow(town, address(exchange));
        _allow(town, address(bonus));
        for (uint256 i; i < SHOPS; ++i) {
            address shop = _person(_shop(town, i));
            _track(town, shop);
            _act(
                town,
                address(series[town]),
                abi.encodeCall(IMunicipalPoint.approveMerchant, (shop, i, "", ""))
            );
        }
    }

    function _accept(uint256 town, address service) private {
        bytes memory data = abi.encodeCall(IOfficers.acceptService, (townNumber[town], service));
        _act(town, address(officers), data);
    }

    function _allow(uint256 town, address minter) private {
        _act(
            town,
            address(series[town]),
            abi.encodeCall(IMunicipalPoint.increaseMinterAllowance, (minter, 10 ** 10))
        );
    }

    function _executeDue() private {
        while (pendings.length != 0) {
            Pending memory due = pendings[pendings.length - 1];
            pendings.pop();
            officers.execute(due.id, due.data);
            _done(due.town, due.target, due.data);
        }
    }

    function _exchangeActs() private pure returns (IOfficers.Act[] memory acts) {
        IOfficers.Role admin = IOfficers.Role.Admin;
        uint32 veto = ActRules.VETO_SECONDS;
        IOfficers.ActRule memory alone = IOfficers.ActRule(admin, admin, 0, 0);
        IOfficers.ActRule memory orVeto = IOfficers.ActRule(admin, admin, 0, veto);
        IOfficers.ActRule memory afterVeto = IOfficers.ActRule(admin, admin, veto, veto);
        IOfficers.ActRule memory cashiers =
            IOfficers.ActRule(IOfficers.Role.Cashier, IOfficers.Role.SecondCashier, 0, ActRules.NEVER_ALONE);
        acts = new IOfficers.Act[](12);
        acts[0] = IOfficers.Act(IPartnerExchange.registerPartner.selector, orVeto);
        acts[1] = IOfficers.Act(IPartnerExchange.replacePartnerKey.selector, orVeto);
        acts[2] = IOfficers.Act(IPartnerExchange.suspendPartner.selector, alone);
        acts[3] = IOfficers.Act(IPartnerExchange.resumePartner.selector, orVeto);
        acts[4] = IOfficers.Act(IPartnerExchange.setExchangeSeries.selector, afterVeto);
        acts[5] = IOfficers.Act(IPartnerExchange.acceptPartner.selector, afterVeto);
        acts[6] = IOfficers.Act(IPartnerExchange.stopPartner.selector, alone);
        acts[7] = IOfficers.Act(IPartnerExchange.openCampaign.selector, afterVeto);
        acts[8] = IOfficers.Act(IPartnerExchange.endCampaign.selector, alone);
        acts[9] = IOfficers.Act(IPartnerExchange.setReturnPolicy.selector, orVeto);
        acts[10] = IOfficers.Act(IPartnerExchange.recordReceipt.selector, cashiers);
        acts[11] = IOfficers.Act(IPartnerExchange.reverseReceipt.selector, cashiers);
    }
}
