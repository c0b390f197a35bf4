// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IMunicipalPoint, MunicipalPoint} from "../../contracts/MunicipalPoint.sol";
import {Officers} from "../../contracts/Officers.sol";
import {ResidentRegistry} from "../../contracts/ResidentRegistry.sol";
import {IOfficers} from "../../interfaces/IOfficers.sol";

/// @notice The platform as Officers and series see it: one municipality, whose one series this is; nothing is offered.
contract OneTown {
    uint256 internal constant TOWN = 131016;

    address public residents;
    address public series;

    function set(address residents_, address series_) external {
        (residents, series) = (residents_, series_);
    }

    function municipalityOf(address token) external view returns (uint256) {
        return token == series ? TOWN : 0;
    }

    function isOffered(address) external pure returns (bool) {
        return false;
    }
}

/// @title Whatever a stranger calls, with any arguments, nobody else loses and the stranger gains no power (halmos)
/// @notice One call of any function, from the state after the setting up: a resident with two lots, a merchant with a
/// claim, a minter with an allowance, an Admin.
contract StrangersSymbolicTest is OneTown {
    Svm private constant SVM = Svm(address(uint160(uint256(keccak256("svm cheat code")))));
    Vm private constant VM = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    address private constant ADMIN = address(0xAD);
    address private constant STRANGER = address(0xBAD);
    address private constant RESIDENT = address(0x4E);
    address private constant SHOP = address(0x54);
    address private constant MINTER = address(0x31);

    Officers private officers;
    ResidentRegistry private registry;
    MunicipalPoint private point;

    function setUp() external {
        VM.warp(1_822_316_400); // 1 October 2027 in Japan
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
        residents = address(registry);
        series = address(point);
        IOfficers.Appointment[] memory first = new IOfficers.Appointment[](1);
        first[0] = IOfficers.Appointment(IOfficers.Role.Admin, ADMIN);
        officers.openMunicipality(TOWN, first);

        VM.startPrank(address(officers));
        point.increaseMinterAllowance(MINTER, 1_000_000);
        point.approveMerchant(SHOP, 1, "", "");
        VM.stopPrank();
        VM.startPrank(MINTER);
        point.mintUntil(RESIDENT, 5000, 340);
        point.mintUntil(RESIDENT, 700, 341);
        VM.stopPrank();
        VM.prank(RESIDENT);
        point.transfer(SHOP, 1000);
    }

    /// @notice No function of a series lets a stranger lower another's balance, lift a minter's cap or become a minter. Its
    /// functions in groups, each of which is proved alone: all at once do not end. First: no officer's correction, stop or standing.
    function check_stranger_cannot_harm_a_series_by_corrections() external {
        _tryAll("StrangerCorrects");
    }

    /// @notice The same: no setting, minter, pause or successor.
    function check_stranger_cannot_harm_a_series_by_administration() external {
        _tryAll("StrangerAdministers");
    }

    /// @notice The same: no mint, taking back or settlement.
    function check_stranger_cannot_harm_a_series_by_minting() external {
        _tryAll("StrangerMints");
    }

    /// @notice The same: no transfer of whatever kind.
    function check_stranger_cannot_harm_a_series_by_moving() external {
        _tryAll("StrangerMoves");
    }

    /// @notice The same: nothing that anybody may do: allowances, lapse, carrying, cancelling, voiding.
    function check_stranger_cannot_harm_a_series_by_own() external {
        _tryAll("StrangerActs");
    }

    /// @notice The same: no payment of a sale, signed or not.
    function check_stranger_cannot_harm_a_series_by_paying() external {
        _tryAll("StrangerPays");
    }

    function _tryAll(string memory functions) private {
        bytes memory data = SVM.createCalldata(functions);
        VM.prank(STRANGER);
        (bool ok,) = address(point).call(data);
        ok; // allowances, for one, are a stranger's to give
        assert(point.balanceOf(RESIDENT) >= 4700);
        assert(point.balanceOf(SHOP) >= 1000);
        assert(point.balanceOf(STRANGER) == 0);
        (uint256 allowance, uint256 minted) = point.minterOf(MINTER);
        assert(allowance == 1_000_000 - 5700 && minted == 5700);
        (uint256 given,) = point.minterOf(STRANGER);
        assert(given == 0);
        assert(point.settlement() == address(0));
        assert(point.ownerOf(SHOP) == SHOP && !point.isTill(SHOP, STRANGER));
    }

    /// @notice No function of Officers that changes state does anything for a stranger: no role is taken, none lost.
    function check_stranger_takes_no_role() external {
        bytes memory data = SVM.createCalldata("Officers");
        VM.prank(STRANGER);
        (bool ok,) = address(officers).call(data);
        assert(!ok);
        for (uint256 role; role <= uint256(type(IOfficers.Role).max); ++role) {
            assert(!officers.isOfficer(TOWN, IOfficers.Role(role), STRANGER));
        }
        assert(!officers.isOfficer(0, IOfficers.Role.Admin, STRANGER));
        assert(officers.isOfficer(TOWN, IOfficers.Role.Admin, ADMIN));
        assert(officers.adminCount(TOWN) == 1 && officers.proposalCount() == 0);
    }

    /// @notice No function of the registry that changes state does anything for a stranger: nobody is registered or replaced.
    function check_stranger_registers_nobody() external {
        bytes memory data = SVM.createCalldata("ResidentRegistry");
        VM.prank(STRANGER);
        (bool ok,) = address(registry).call(data);
        assert(!ok);
        assert(registry.residentCount(TOWN) == 0);
        assert(registry.successorOf(TOWN, RESIDENT) == address(0));
        assert(!registry.isBlocked(TOWN, RESIDENT));
    }
}

/// @notice What these checks use of halmos' cheat codes.
interface Svm {
    /// @notice Any call data of any function of the contract of this name that changes state.
    function createCalldata(string calldata contractName) external pure returns (bytes memory);
}

/// @notice What these checks use of forge's cheat codes, which halmos has too.
interface Vm {
    function prank(address sender) external;
    function startPrank(address sender) external;
    function stopPrank() external;
    function warp(uint256 timestamp) external;
}

// What a series has of functions that change state, in the groups in which they are tried.

interface StrangerCorrects {
    function approveMerchant(address merchant, uint256 category, string calldata name, string calldata place)
        external;
    function closeMerchant(address merchant) external;
    function extendLots(uint256 from, uint256 to, address[] calldata accounts) external;
    function freeze(address account) external;
    function replaceOwner(address merchant, address owner) external;
    function restoreLots(uint256 lapsed, uint256 to, address[] calldata accounts, uint256[] calldata amounts)
        external;
    function revoke(address account, uint256 amountPoints, uint256 expiryMonth) external;
    function suspendMerchant(address merchant) external;
    function unfreeze(address account) external;
}

interface StrangerAdministers {
    function announceSuccessor(address successor) external;
    function closeForSuccessor() external;
    function decreaseMinterAllowance(address minter, uint256 byPoints) external;
    function increaseMinterAllowance(address minter, uint256 byPoints) external;
    function openAfterPredecessor() external;
    function pause(uint256 lengthSeconds) external;
    function removeMinter(address minter) external;
    function setExpiryPolicy(uint8 rule, uint256 months) external;
    function setRefundDays(uint256 refundDays) external;
    function setSettlement(address service) external;
    function setTransferSwitches(bool betweenResidents, bool betweenMerchants) external;
    function unpause() external;
    function withdrawSuccessor() external;
}

interface StrangerMints {
    function burnLocked(uint256[] calldata claims) external;
    function lockClaims(uint256[] calldata claims) external;
    function mint(address to, uint256 amountPoints) external;
    function mintBatch(address[] calldata to, uint256[] calldata amounts, uint256 expiryMonth) external;
    function mintToResidents(uint256[] calldata rows, uint256 totalPoints, uint256 expiryMonth) external;
    function mintUntil(address to, uint256 amountPoints, uint256 expiryMonth) external;
    function reopenClaims(uint256[] calldata claims) external;
    function takeBack(address account, uint256 amountPoints, uint256 expiryMonth) external;
    function unlockClaims(uint256[] calldata claims) external;
}

interface StrangerMoves {
    function transfer(address to, uint256 value) external;
    function transferAtEpoch(uint256 epoch, address to, uint256 value) external;
    function transferFrom(address from, address to, uint256 value) external;
    function transferFromAtEpoch(uint256 epoch, address from, address to, uint256 value) external;
}

interface StrangerActs {
    function approve(address spender, uint256 value) external;
    function cancelSignatures() external;
    function carry(address account) external;
    function carryIn(address[] calldata accounts) external;
    function carryOut(address[] calldata accounts) external;
    function decreaseAllowance(address spender, uint256 byPoints) external;
    function increaseAllowance(address spender, uint256 byPoints) external;
    function recordLapse(address[] calldata accounts) external;
    function refund(address merchant, uint256 sale, address payer, uint256[] calldata lots, uint256 points)
        external;
    function returnClaim(address merchant, uint256 amountPoints, bool thisYearFirst) external;
    function setTill(address merchant, address till, bool active) external;
    function syncBlocked(address account) external;
    function voidSale(address merchant, uint256 sale) external;
}

interface StrangerPays {
    struct SignedPayment {
        uint256 terms;
        bytes32 r;
        bytes32 vs;
    }

    function pay(
        address merchant,
        uint256 sale,
        uint256 amountPoints,
        uint256 validUntil,
        bytes32 r,
        bytes32 vs
    ) external;
    function payBatch(address merchant, SignedPayment[] calldata payments, bytes32 r, bytes32 vs) external;
    function payRelayed(
        address merchant,
        SignedPayment calldata payment,
        uint256 saleValidUntil,
        bytes32 r,
        bytes32 vs
    ) external;
    function paySigned(address merchant, uint256 terms, bytes32 r, bytes32 vs) external;
}
