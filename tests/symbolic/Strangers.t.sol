// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {GrantProgrammes} from "../../contracts/GrantProgrammes.sol";
import {MerchantSettlement} from "../../contracts/MerchantSettlement.sol";
import {MunicipalPoint} from "../../contracts/MunicipalPoint.sol";
import {Officers} from "../../contracts/Officers.sol";
import {PartnerExchange} from "../../contracts/PartnerExchange.sol";
import {PaymentBonus} from "../../contracts/PaymentBonus.sol";
import {ResidentRegistry} from "../../contracts/ResidentRegistry.sol";
import {IMunicipalPoint} from "../../interfaces/IMunicipalPoint.sol";
import {IOfficers} from "../../interfaces/IOfficers.sol";
import {IPointPlatform} from "../../interfaces/IPointPlatform.sol";
import {IResidentRegistry} from "../../interfaces/IResidentRegistry.sol";
import {Cheats} from "./Cheats.sol";

/// @notice A member's account that signs whatever it is asked, until it is told to stop.
contract Wallet is IERC1271 {
    bool private _stopped;

    function stop() external {
        _stopped = true;
    }

    function isValidSignature(bytes32, bytes calldata) external view returns (bytes4) {
        return _stopped ? bytes4(0) : IERC1271.isValidSignature.selector;
    }
}

/// @notice A municipality in which all is going on that a stranger could want to meddle with: a resident with two lots, a
/// shop with a claim, a minter with an allowance, an Admin, a proposal that is open, a member who is to get a new account.
/// The stranger has ten points and no role. The test is the platform, as the contracts see it.
abstract contract Town is Cheats {
    uint256 internal constant TOWN = 131016;
    uint256 internal constant NOW = 1_822_316_400; // 1 October 2027 in Japan
    uint256 internal constant MONTH = 333;
    uint256 internal constant ALLOWANCE = 1_000_000;
    uint256 internal constant MINTED = 5710;

    address internal constant ADMIN = address(0xAD);
    address internal constant STRANGER = address(0xBAD);
    address internal constant RESIDENT = address(0x4E);
    address internal constant SHOP = address(0x54);
    address internal constant MINTER = address(0x31);

    Officers public officers;
    ResidentRegistry internal registry;
    MunicipalPoint internal point;
    Wallet internal member;
    Wallet internal nextAccount;
    bytes internal proposed;

    function setUp() external {
        VM.warp(NOW);
        officers = new Officers(address(0xC0));
        registry = new ResidentRegistry(officers);
        point = new MunicipalPoint(
            TOWN,
            officers,
            registry,
            "Points",
            "PT",
            IMunicipalPoint.ExpiryRule.MonthsAfter,
            6,
            IMunicipalPoint.SaleTerms(3, 5, 20),
            address(0)
        );
        IOfficers.Appointment[] memory first = new IOfficers.Appointment[](1);
        first[0] = IOfficers.Appointment(IOfficers.Role.Admin, ADMIN);
        officers.openMunicipality(TOWN, first);
        (member, nextAccount) = (new Wallet(), new Wallet());
        _actsDone();
        _pointsMove();
        proposed = abi.encodeCall(IMunicipalPoint.increaseMinterAllowance, (STRANGER, 1));
        VM.prank(ADMIN);
        officers.propose(TOWN, address(point), proposed, 1, bytes32("document"));
    }

    function _actsDone() private {
        IResidentRegistry.Registration[] memory joining = new IResidentRegistry.Registration[](1);
        joining[0] = IResidentRegistry.Registration(address(member), bytes32("commitment"), 0, "");
        VM.startPrank(address(officers));
        point.increaseMinterAllowance(MINTER, ALLOWANCE);
        point.approveMerchant(SHOP, 1, "", "");
        point.setTransferSwitches(true, true);
        registry.register(TOWN, 1, joining);
        registry.startReplacement(TOWN, 1, address(nextAccount), "");
        VM.stopPrank();
        member.stop();
        nextAccount.stop();
    }

    function _pointsMove() private {
        VM.startPrank(MINTER);
        point.mintUntil(RESIDENT, 5000, MONTH + 7);
        point.mintUntil(RESIDENT, 700, MONTH + 8);
        point.mintUntil(STRANGER, 10, MONTH + 7);
        VM.stopPrank();
        VM.prank(RESIDENT);
        point.transfer(SHOP, 1000);
    }

    // ------------------------------------------- as the contracts see it

    function residents() external view returns (address) {
        return address(registry);
    }

    function municipalityOf(address token) external view returns (uint256) {
        return token == address(point) ? TOWN : 0;
    }

    function isOffered(address) external pure returns (bool) {
        return false;
    }

    /// @dev One of those who have something here, or anybody else: tried one after another.
    function _eachOf(address any) internal view returns (address) {
        if (any == RESIDENT) return RESIDENT;
        if (any == SHOP) return SHOP;
        if (any == STRANGER) return STRANGER;
        if (any == MINTER) return MINTER;
        if (any == address(point)) return address(point);
        if (any == address(0)) return address(0);
        return any;
    }
}

/// @title Whatever a stranger calls in a series, nobody else loses and the stranger gains no power (halmos)
contract SeriesStrangersSymbolicTest is Town {
    /// @notice All functions that change state but those of the checks below refuse a stranger, whatever the arguments.
    function check_series_refuses_strangers() external {
        bytes memory data = SVM.createCalldata("MunicipalPoint");
        if (_isForAnybody(bytes4(data))) return;
        VM.prank(STRANGER);
        (bool ok,) = address(point).call(data);
        assert(!ok);
    }

    function _isForAnybody(bytes4 f) private view returns (bool) {
        return f == point.transfer.selector || f == point.transferFrom.selector
            || f == point.transferAtEpoch.selector || f == point.transferFromAtEpoch.selector
            || f == point.pay.selector || f == point.payRelayed.selector || f == point.payBatch.selector
            || f == point.approve.selector || f == point.increaseAllowance.selector
            || f == point.decreaseAllowance.selector || f == point.cancelSignatures.selector
            || f == point.syncBlocked.selector || f == point.recordLapse.selector;
    }

    /// @dev What a stranger may not change. No lot of the resident is smaller or ends sooner.
    function _requireUnharmed() private view {
        assert(point.balanceOfAtEpoch(MONTH + 7, RESIDENT) >= 4000);
        assert(point.balanceOfAtEpoch(MONTH + 8, RESIDENT) >= 700);
        assert(point.balanceOf(SHOP) >= 1000);
        assert(point.balanceOf(STRANGER) <= 10);
        assert(point.allowance(RESIDENT, STRANGER) == 0 && point.allowance(SHOP, STRANGER) == 0);
        (uint256 allowance, uint256 minted) = point.minterOf(MINTER);
        assert(allowance == ALLOWANCE - MINTED && minted == MINTED && point.totalSupply() == MINTED);
        (allowance, minted) = point.minterOf(STRANGER);
        assert(allowance == 0 && minted == 0 && point.minters().length == 1);
        assert(point.settlement() == address(0) && point.pausedUntil() <= NOW);
        (bool isMerchant,,) = point.merchantOf(STRANGER);
        assert(!isMerchant && point.ownerOf(SHOP) == SHOP && !point.isTill(SHOP, STRANGER));
        (bool frozen,) = point.frozenOf(RESIDENT);
        assert(!frozen && point.cancelEpochOf(RESIDENT) == 0);
    }

    // -------------------------------------------------------------- transfers

    /// @notice More than the stranger has moves nowhere.
    function check_stranger_transfers_no_more_than_it_has(uint256 epoch, address to, uint256 value) external {
        VM.assume(value > 10);
        VM.startPrank(STRANGER);
        (bool ok,) = address(point).call(abi.encodeCall(point.transfer, (to, value)));
        assert(!ok);
        (ok,) = address(point).call(abi.encodeCall(point.transferAtEpoch, (epoch, to, value)));
        assert(!ok);
    }

    /// @notice What it has can go to others, who lose nothing by it.
    function check_stranger_transfers_harm_nobody(uint256 epoch, address to, uint256 value) external {
        VM.assume(value <= 10);
        to = _eachOf(to);
        VM.startPrank(STRANGER);
        (bool ok,) = address(point).call(abi.encodeCall(point.transfer, (to, value)));
        if (!ok) (ok,) = address(point).call(abi.encodeCall(point.transferAtEpoch, (epoch, to, value)));
        VM.stopPrank();
        _requireUnharmed();
    }

    /// @notice Nobody's points move by a stranger's `transferFrom` without an allowance.
    function check_stranger_transfers_nobody_elses_points(
        uint256 epoch,
        address from,
        address to,
        uint256 value
    ) external {
        VM.assume(value != 0);
        VM.startPrank(STRANGER);
        (bool ok,) = address(point).call(abi.encodeCall(point.transferFrom, (from, to, value)));
        assert(!ok);
        (ok,) = address(point).call(abi.encodeCall(point.transferFromAtEpoch, (epoch, from, to, value)));
        assert(!ok);
    }

    /// @notice No points at all can be moved by anybody, and nobody loses by it.
    function check_stranger_moves_nothing_between_others(address from, address to) external {
        (from, to) = (_eachOf(from), _eachOf(to));
        VM.startPrank(STRANGER);
        (bool ok,) = address(point).call(abi.encodeCall(point.transferFrom, (from, to, 0)));
        VM.stopPrank();
        ok; // to no one of no points
        _requireUnharmed();
    }

    // --------------------------------------------------------------- payments

    /// @notice A stranger pays with its own points alone, whatever is signed.
    function check_stranger_pays_with_its_own_points(
        address merchant,
        uint256 amount,
        uint256 validUntil,
        bytes32 r,
        bytes32 vs
    ) external {
        uint256 sale = SVM.createUint(32, "sale");
        merchant = _eachOf(merchant);
        VM.prank(STRANGER);
        (bool ok,) =
            address(point).call(abi.encodeCall(point.pay, (merchant, sale, amount, validUntil, r, vs)));
        ok; // a shop may have signed
        _requireUnharmed();
    }

    /// @notice A payment that a stranger relays takes from the resident only what the resident signed: this shop, sale,
    /// amount, time and cancel epoch. The shop gets it whole.
    function check_stranger_relays_only_what_the_payer_signed() external {
        (IMunicipalPoint.SignedPayment memory payment, uint256 amount, address signer) = _anyPayment();
        uint256 until = SVM.createUint(256, "saleValidUntil");
        (bytes32 r, bytes32 vs) = (SVM.createBytes32("tillR"), SVM.createBytes32("tillVs"));
        VM.prank(STRANGER);
        (bool ok,) = address(point).call(abi.encodeCall(point.payRelayed, (SHOP, payment, until, r, vs)));
        _requireSigned(ok ? amount : 0, signer);
    }

    /// @notice The same in a batch.
    function check_stranger_relays_only_what_the_payer_signed_in_a_batch() external {
        (IMunicipalPoint.SignedPayment memory payment, uint256 amount, address signer) = _anyPayment();
        IMunicipalPoint.SignedPayment[] memory payments = new IMunicipalPoint.SignedPayment[](1);
        payments[0] = payment;
        (bytes32 r, bytes32 vs) = (SVM.createBytes32("tillR"), SVM.createBytes32("tillVs"));
        VM.prank(STRANGER);
        (bool ok, bytes memory answer) =
            address(point).call(abi.encodeCall(point.payBatch, (SHOP, payments, r, vs)));
        bool paid = ok
            && abi.decode(answer, (IMunicipalPoint.PaymentIssue[]))[0] == IMunicipalPoint.PaymentIssue.None;
        _requireSigned(paid ? amount : 0, signer);
    }

    /// @notice Who is no merchant is not paid, whoever has signed.
    function check_stranger_relays_to_nobody_but_a_merchant(
        address merchant,
        uint256 until,
        bytes32 r,
        bytes32 vs
    ) external {
        VM.assume(merchant != SHOP);
        (IMunicipalPoint.SignedPayment memory payment,,) = _anyPayment();
        VM.prank(STRANGER);
        (bool ok,) = address(point).call(abi.encodeCall(point.payRelayed, (merchant, payment, until, r, vs)));
        assert(!ok);
    }

    /// @dev A payment by the resident, of any sale until any second, of any amount that the first lot holds, or of 4,300 points
    /// out of both; and who has signed it.
    function _anyPayment()
        private
        view
        returns (IMunicipalPoint.SignedPayment memory payment, uint256 amount, address signer)
    {
        (uint256 sale, uint256 validUntil) = (SVM.createUint(32, "sale"), SVM.createUint(35, "validUntil"));
        amount = SVM.createUint(29, "amount");
        if (amount > 4000) amount = 4300;
        (payment.r, payment.vs) = (SVM.createBytes32("r"), SVM.createBytes32("vs"));
        payment.terms =
            uint256(bytes32(abi.encodePacked(RESIDENT, uint32(sale), uint64(amount << 35 | validUntil))));
        signer = _signerOfPayment(SHOP, sale, amount, validUntil, payment.r, payment.vs);
    }

    function _requireSigned(uint256 paid, address signer) private view {
        assert(paid == 0 || signer == RESIDENT);
        assert(point.balanceOf(RESIDENT) == 4700 - paid);
        assert(point.balanceOf(SHOP) == 1000 + paid);
    }

    /// @dev Written down anew from what IMunicipalPoint says residents sign.
    function _signerOfPayment(
        address merchant,
        uint256 sale,
        uint256 amount,
        uint256 validUntil,
        bytes32 r,
        bytes32 vs
    ) private view returns (address) {
        bytes32 signedType = keccak256(
            "Payment(address payer,address merchant,uint256 sale,uint256 amountPoints,uint256 validUntil,uint256 cancelEpoch)"
        );
        bytes32 contents =
            keccak256(abi.encode(signedType, RESIDENT, merchant, sale, amount, validUntil, uint256(0)));
        bytes32 digest = keccak256(abi.encodePacked("\x19\x01", point.DOMAIN_SEPARATOR(), contents));
        return ecrecover(digest, uint8(27 + (uint256(vs) >> 255)), r, bytes32(uint256(vs) << 1 >> 1));
    }

    // ------------------------------------------------------- what is one's own

    /// @notice Allowances and cancelled signatures are those of whoever calls.
    function check_stranger_allows_and_cancels_for_itself(address spender, uint256 value) external {
        VM.startPrank(STRANGER);
        (bool ok,) = address(point).call(abi.encodeCall(point.approve, (spender, value)));
        (ok,) = address(point).call(abi.encodeCall(point.increaseAllowance, (spender, value)));
        (ok,) = address(point).call(abi.encodeCall(point.decreaseAllowance, (spender, value)));
        point.cancelSignatures();
        VM.stopPrank();
        _requireUnharmed();
    }

    /// @notice What anybody may put in order takes nothing from those whose lots are live.
    function check_stranger_puts_in_order_and_harms_nobody(address first, address second) external {
        address[] memory accounts = new address[](2);
        (accounts[0], accounts[1]) = (_eachOf(first), _eachOf(second));
        VM.startPrank(STRANGER);
        point.recordLapse(accounts);
        (bool ok,) = address(point).call(abi.encodeCall(point.syncBlocked, (accounts[0])));
        ok; // not of a merchant
        VM.stopPrank();
        _requireUnharmed();
    }
}

/// @title Whatever a stranger calls in Officers and in the registry, it is refused (halmos)
contract OfficersStrangersSymbolicTest is Town {
    /// @notice No function of Officers that changes state does anything for a stranger: no role is taken, none lost.
    function check_officers_refuse_strangers() external {
        bytes memory data = SVM.createCalldata("Officers");
        VM.prank(STRANGER);
        (bool ok,) = address(officers).call(data);
        assert(!ok);
    }

    /// @notice Nor with the very contents of a proposal that is open.
    function check_stranger_has_no_say_in_a_proposal() external {
        bytes memory data = proposed;
        VM.startPrank(STRANGER);
        (bool ok,) = address(officers).call(abi.encodeCall(officers.approve, (1, data)));
        assert(!ok);
        (ok,) = address(officers).call(abi.encodeCall(officers.execute, (1, data)));
        assert(!ok);
        (ok,) = address(officers).call(abi.encodeCall(officers.veto, (1)));
        assert(!ok);
    }

    /// @notice No function of the registry that changes state does anything for a stranger: nobody is registered, no
    /// replacement is completed before its time or stopped.
    function check_registry_refuses_strangers() external {
        bytes memory data = SVM.createCalldata("ResidentRegistry");
        VM.prank(STRANGER);
        (bool ok,) = address(registry).call(data);
        assert(!ok);
    }
}

/// @title Whatever a stranger calls in the services, no cap, budget or limit changes (halmos)
/// @notice Each service as it begins: its officers act by Officers alone, and partners, merchants and lists are its own.
contract ServicesStrangersSymbolicTest is Town {
    function check_programmes_refuse_strangers() external {
        _tryAll(address(new GrantProgrammes(IPointPlatform(address(this)))), "GrantProgrammes");
    }

    function check_bonus_refuses_strangers() external {
        _tryAll(address(new PaymentBonus(IPointPlatform(address(this)))), "PaymentBonus");
    }

    function check_settlement_refuses_strangers() external {
        _tryAll(address(new MerchantSettlement(IPointPlatform(address(this)))), "MerchantSettlement");
    }

    /// @notice Sweeping and closing what is over are for anybody; of a list of nothing they do nothing.
    function check_exchange_refuses_strangers() external {
        _tryAll(address(new PartnerExchange(IPointPlatform(address(this)))), "PartnerExchange");
    }

    function _tryAll(address service, string memory name) private {
        bytes memory data = SVM.createCalldata(name);
        bytes4 f = bytes4(data);
        if (f == PartnerExchange.sweep.selector || f == PartnerExchange.closeCoupons.selector) return;
        VM.prank(STRANGER);
        (bool ok,) = service.call(data);
        assert(!ok);
    }
}
