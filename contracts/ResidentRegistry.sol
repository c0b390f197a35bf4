// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {IOfficers} from "../interfaces/IOfficers.sol";
import {IResidentRegistry} from "../interfaces/IResidentRegistry.sol";

/// @title ResidentRegistry
/// @notice Every municipality's memberships in one contract. See IResidentRegistry for what it promises.
/// Not here: points. Each series moves its own lots, when anybody has it carry an account that was replaced.
contract ResidentRegistry is IResidentRegistry, EIP712 {
    struct Resident {
        address account;
        uint16 keyVersion;
        uint40 objectedAt;
        bool closed;
        bytes32 commitment;
        /// Under the key before; it stays taken while the membership lasts, so that nobody joins again with it.
        bytes32 previousCommitment;
        Replacement replacement;
        /// Who stood behind the replacement that is under way.
        address proposer;
        address approver;
        /// Who stood behind the one that was objected to.
        address firstProposer;
        address firstApprover;
    }

    bytes32 private constant REGISTRATION_TYPE =
        keccak256("Registration(uint256 municipality,address account,bytes32 commitment)");

    /// How long a replacement waits: time for the holder of a stolen identity to notice, and, after an objection, for
    /// the municipality to hear both sides.
    uint256 private constant DELAY_SECONDS = 3 days;
    uint256 private constant LONG_DELAY_SECONDS = 14 days;

    /// How long an objection is remembered: until then there is no second one, and other officers decide.
    uint256 private constant OBJECTION_SECONDS = 365 days;

    /// A municipality that joins late begins with the council's key of the day; beyond this it is a slip, and would
    /// leave no versions to rotate to.
    uint256 private constant MAX_FIRST_KEY_VERSION = 1000;

    IOfficers public immutable officers;

    mapping(uint256 municipality => uint256) public residentCount;
    mapping(uint256 municipality => uint256) public openMemberships;
    mapping(uint256 municipality => uint256) public keyVersionOf;
    mapping(uint256 municipality => uint256) public onPreviousKey;
    mapping(uint256 municipality => DeparturePolicy) public departurePolicy;
    mapping(uint256 municipality => mapping(uint256 number => Resident)) private _residents;
    mapping(uint256 municipality => mapping(address account => uint256)) public everNumberOf;
    mapping(uint256 municipality => mapping(bytes32 commitment => uint256)) private _numberOfCommitment;
    mapping(uint256 municipality => mapping(address account => address)) private _successors;
    mapping(uint256 municipality => mapping(address account => bool)) private _inherited;
    mapping(uint256 municipality => mapping(address account => bool)) private _expected;

    modifier onlyByAct() {
        if (msg.sender != address(officers)) revert ResidentsOnlyByAct(msg.sender);
        _;
    }

    constructor(IOfficers officers_) EIP712("jichitai-points residents", "1") {
        officers = officers_;
    }

    // ------------------------------------------------------------ MEMBERSHIPS

    function register(uint256 municipality, uint16 keyVersion, Registration[] calldata residents)
        external
        onlyByAct
    {
        _requireCurrentKey(municipality, keyVersion);
        uint256 number = residentCount[municipality];
        for (uint256 i; i < residents.length; ++i) {
            Registration calldata joining = residents[i];
            _requireFree(municipality, joining.account);
            _requireSigned(municipality, joining.account, joining.commitment, joining.signature);
            _requireUnknownPerson(municipality, joining.previousCommitment);
            _residents[municipality][++number].account = joining.account;
            everNumberOf[municipality][joining.account] = number;
            _setCommitment(municipality, number, joining.commitment, keyVersion);
            emit ResidentRegistered(municipality, number, joining.account, joining.commitment, keyVersion);
        }
        residentCount[municipality] = number;
        openMemberships[municipality] += residents.length;
    }

    function rotateCommitments(
        uint256 municipality,
        uint16 keyVersion,
        uint256[] calldata numbers,
        bytes32[] calldata oldCommitments,
        bytes32[] calldata newCommitments
    ) external onlyByAct {
        if (numbers.length != oldCommitments.length || numbers.length != newCommitments.length) {
            revert ResidentsListLengths(numbers.length, newCommitments.length);
        }
        _beginRotation(municipality, keyVersion);
        for (uint256 i; i < numbers.length; ++i) {
            Resident storage resident = _known(municipality, numbers[i]);
            if (resident.commitment != oldCommitments[i]) {
                revert ResidentsOtherCommitment(
                    municipality, numbers[i], resident.commitment, oldCommitments[i]
                );
            }
            if (resident.keyVersion == keyVersion) revert ResidentsKeyVersion(keyVersion, keyVersion);
            --onPreviousKey[municipality];
            resident.previousCommitment = oldCommitments[i];
            _setCommitment(municipality, numbers[i], newCommitments[i], keyVersion);
            emit CommitmentRotated(municipality, numbers[i], newCommitments[i], keyVersion);
        }
    }

    function closeMembership(uint256 municipality, uint256 number) external onlyByAct {
        Resident storage resident = _known(municipality, number);
        _close(municipality, number, resident);
    }

    function reopenMembership(uint256 municipality, uint256 number) external onlyByAct {
        Resident storage resident = _residents[municipality][number];
        bool gone = _successors[municipality][resident.account] != address(0);
        if (!resident.closed || gone) revert ResidentsUnknown(municipality, number);
        // Under an earlier key nobody could tell whether the person has joined again since: then they join anew.
        if (resident.keyVersion != keyVersionOf[municipality]) {
            revert ResidentsKeyVersion(keyVersionOf[municipality], resident.keyVersion);
        }
        uint256 holder = _numberOfCommitment[municipality][resident.commitment];
        if (holder != 0) revert ResidentsPersonRegistered(municipality, holder, resident.commitment);
        _numberOfCommitment[municipality][resident.commitment] = number;
        resident.closed = false;
        ++openMemberships[municipality];
        emit MembershipReopened(municipality, number, resident.account);
    }

    /// @dev The person may join again, should they move back; the account may not.
    function _close(uint256 municipality, uint256 number, Resident storage resident) private {
        if (resident.replacement.newAccount != address(0)) _forgetReplacement(municipality, resident);
        resident.closed = true;
        --openMemberships[municipality];
        delete _numberOfCommitment[municipality][resident.commitment];
        delete _numberOfCommitment[municipality][resident.previousCommitment];
        if (resident.keyVersion != keyVersionOf[municipality]) --onPreviousKey[municipality];
        emit MembershipClosed(municipality, number, resident.account);
    }

    /// @dev Nobody joins under a key that is not in use; the first to join bring the first one.
    function _requireCurrentKey(uint256 municipality, uint256 keyVersion) private {
        if (residentCount[municipality] == 0 && keyVersion <= MAX_FIRST_KEY_VERSION) {
            keyVersionOf[municipality] = keyVersion;
        }
        uint256 current = keyVersionOf[municipality];
        if (keyVersion != current || keyVersion == 0) revert ResidentsKeyVersion(current, keyVersion);
    }

    /// @dev A rotation begins with the next version, when all have arrived at the current one.
    function _beginRotation(uint256 municipality, uint256 keyVersion) private {
        uint256 current = keyVersionOf[municipality];
        if (keyVersion == current) return;
        if (keyVersion != current + 1 || onPreviousKey[municipality] != 0) {
            revert ResidentsKeyVersion(current, keyVersion);
        }
        keyVersionOf[municipality] = keyVersion;
        onPreviousKey[municipality] = openMemberships[municipality];
    }

    function _requireUnknownPerson(uint256 municipality, bytes32 previousCommitment) private view {
        if ((onPreviousKey[municipality] != 0) != (previousCommitment != 0)) {
            revert ResidentsPreviousCommitment(municipality, previousCommitment);
        }
        uint256 holder = _numberOfCommitment[municipality][previousCommitment];
        if (holder != 0) revert ResidentsPersonRegistered(municipality, holder, previousCommitment);
    }

    function setDeparturePolicy(uint256 municipality, DeparturePolicy policy) external onlyByAct {
        departurePolicy[municipality] = policy;
        emit DeparturePolicySet(municipality, policy);
    }

    function _setCommitment(uint256 municipality, uint256 number, bytes32 commitment, uint16 keyVersion)
        private
    {
        uint256 holder = _numberOfCommitment[municipality][commitment];
        if (holder != 0 || commitment == 0) {
            revert ResidentsPersonRegistered(municipality, holder, commitment);
        }
        _numberOfCommitment[municipality][commitment] = number;
        _residents[municipality][number].commitment = commitment;
        _residents[municipality][number].keyVersion = keyVersion;
    }

    // ------------------------------------------------------------ REPLACEMENT

    function startReplacement(
        uint256 municipality,
        uint256 number,
        address newAccount,
        bytes calldata signature
    ) external onlyByAct {
        Resident storage resident = _known(municipality, number);
        _requireFree(municipality, newAccount);
        _requireSigned(municipality, newAccount, resident.commitment, signature);
        _expected[municipality][newAccount] = true;
        _start(municipality, number, newAccount, 0);
    }

    function startInheritance(uint256 municipality, uint256 number, uint256 heirNumber) external onlyByAct {
        if (heirNumber == number || departurePolicy[municipality] != DeparturePolicy.HeirMayInherit) {
            revert ResidentsNoHeir(municipality, heirNumber);
        }
        _start(municipality, number, _known(municipality, heirNumber).account, heirNumber);
    }

    function cancelReplacement(uint256 municipality, uint256 number) external onlyByAct {
        _stop(municipality, number, false);
    }

    function objectToReplacement(uint256 municipality, uint256 number) external {
        Resident storage resident = _known(municipality, number);
        if (msg.sender != resident.account || _hasObjected(resident)) {
            revert ResidentsCannotObject(msg.sender);
        }
        _stop(municipality, number, true);
        resident.objectedAt = uint40(block.timestamp);
        (resident.firstProposer, resident.firstApprover) = (resident.proposer, resident.approver);
    }

    function completeReplacement(uint256 municipality, uint256 number) external {
        Resident storage resident = _known(municipality, number);
        Replacement memory replacement = resident.replacement;
        if (replacement.newAccount == address(0)) {
            revert ResidentsReplacementState(municipality, number, false);
        }
        if (block.timestamp < replacement.readyAt) revert ResidentsReplacementTooEarly(replacement.readyAt);
        address oldAccount = resident.account;
        address newAccount = replacement.newAccount;
        if (replacement.heirNumber != 0) {
            // The heir may have got a new account since.
            newAccount = _known(municipality, replacement.heirNumber).account;
            _inherited[municipality][oldAccount] = true;
            _close(municipality, number, resident);
        } else {
            _forgetReplacement(municipality, resident);
            delete resident.objectedAt;
            resident.account = newAccount;
            everNumberOf[municipality][newAccount] = number;
        }
        _successors[municipality][oldAccount] = newAccount;
        emit AccountReplaced(municipality, number, oldAccount, newAccount);
    }

    function _start(uint256 municipality, uint256 number, address newAccount, uint256 heirNumber) private {
        Resident storage resident = _known(municipality, number);
        if (resident.replacement.newAccount != address(0)) {
            revert ResidentsReplacementState(municipality, number, true);
        }
        (address proposer, address approver) = officers.actors();
        bool second = _hasObjected(resident);
        if (second) {
            _requireOther(resident, proposer);
            _requireOther(resident, approver);
        }
        uint256 readyAt = block.timestamp + (second || heirNumber != 0 ? LONG_DELAY_SECONDS : DELAY_SECONDS);
        uint256 round = second ? 2 : 1;
        resident.replacement = Replacement(newAccount, uint40(readyAt), uint8(round), uint32(heirNumber));
        (resident.proposer, resident.approver) = (proposer, approver);
        emit ReplacementStarted(
            municipality, number, resident.account, newAccount, readyAt, round, heirNumber
        );
    }

    function _stop(uint256 municipality, uint256 number, bool byOldKey) private {
        Resident storage resident = _known(municipality, number);
        if (resident.replacement.newAccount == address(0)) {
            revert ResidentsReplacementState(municipality, number, false);
        }
        _forgetReplacement(municipality, resident);
        emit ReplacementStopped(municipality, number, byOldKey);
    }

    function _forgetReplacement(uint256 municipality, Resident storage resident) private {
        delete _expected[municipality][resident.replacement.newAccount];
        delete resident.replacement;
    }

    function _hasObjected(Resident storage resident) private view returns (bool) {
        return resident.objectedAt != 0 && block.timestamp < resident.objectedAt + OBJECTION_SECONDS;
    }

    function _requireOther(Resident storage resident, address officer) private view {
        if (officer == resident.firstProposer || officer == resident.firstApprover) {
            revert ResidentsSameOfficers(officer);
        }
    }

    // ----------------------------------------------------------------- CHECKS

    function _known(uint256 municipality, uint256 number) private view returns (Resident storage resident) {
        resident = _residents[municipality][number];
        if (resident.account == address(0) || resident.closed) revert ResidentsUnknown(municipality, number);
    }

    /// @dev An account that was ever a resident's never comes back: a chain of successors would have no end.
    function _requireFree(uint256 municipality, address account) private view {
        if (account == address(0) || isKnown(municipality, account)) {
            revert ResidentsAccountTaken(municipality, account);
        }
    }

    function _requireSigned(
        uint256 municipality,
        address account,
        bytes32 commitment,
        bytes calldata signature
    ) private view {
        bytes32 digest = _hashTypedDataV4(
            keccak256(abi.encode(REGISTRATION_TYPE, municipality, account, commitment))
        );
        if (!SignatureChecker.isValidSignatureNow(account, digest, signature)) {
            revert ResidentsWrongSignature(account);
        }
    }

    // ------------------------------------------------------------------ VIEWS

    function accountOf(uint256 municipality, uint256 number) external view returns (address) {
        Resident storage resident = _residents[municipality][number];
        return resident.closed ? address(0) : resident.account;
    }

    function accountsOf(uint256 municipality, uint256[] calldata numbers)
        external
        view
        returns (address[] memory accounts)
    {
        mapping(uint256 number => Resident) storage residents = _residents[municipality];
        accounts = new address[](numbers.length);
        for (uint256 i; i < numbers.length; ++i) {
            Resident storage resident = residents[uint32(numbers[i])];
            (address account, bool closed) = (resident.account, resident.closed);
            if (!closed) accounts[i] = account;
        }
    }

    function numberOf(uint256 municipality, address account) external view returns (uint256 number) {
        number = everNumberOf[municipality][account];
        Resident storage resident = _residents[municipality][number];
        if (resident.account != account || resident.closed) return 0;
    }

    function isKnown(uint256 municipality, address account) public view returns (bool) {
        return everNumberOf[municipality][account] != 0 || _expected[municipality][account];
    }

    function commitmentOf(uint256 municipality, uint256 number)
        external
        view
        returns (bytes32 commitment, uint256 keyVersion)
    {
        Resident storage resident = _residents[municipality][number];
        return (resident.commitment, resident.keyVersion);
    }

    function replacementOf(uint256 municipality, uint256 number) external view returns (Replacement memory) {
        return _residents[municipality][number].replacement;
    }

    /// @notice Each replacement took two officers, so that the chain is as long as they made it.
    function successorOf(uint256 municipality, address account) external view returns (address successor) {
        address next = _successors[municipality][account];
        while (next != address(0)) {
            successor = next;
            next = _successors[municipality][next];
        }
    }

    function isInherited(uint256 municipality, address account) external view returns (bool) {
        for (; account != address(0); account = _successors[municipality][account]) {
            if (_inherited[municipality][account]) return true;
        }
        return false;
    }

    function isBlocked(uint256 municipality, address account) external view returns (bool) {
        uint256 number = everNumberOf[municipality][account];
        if (number == 0) return false;
        Resident storage resident = _residents[municipality][number];
        return resident.account != account || resident.closed || resident.replacement.newAccount != address(0)
            || (resident.objectedAt != 0 && block.timestamp < resident.objectedAt + LONG_DELAY_SECONDS);
    }
}
