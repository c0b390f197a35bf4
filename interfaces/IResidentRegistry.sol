// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IOfficers} from "./IOfficers.sol";

/// @title ResidentRegistry: which account is which resident number, for each municipality
/// @notice A membership (利用者登録) joins a resident number, an account and a commitment to the MyKey ID (マイキーID).
/// Numbers are issued from 1 in each municipality, without gaps. The commitment is an HMAC-SHA-256 made off chain with
/// a secret key of the council, for each municipality another one: it tells nobody who the resident is, and two
/// memberships of one person cannot be linked. No name, no 個人番号, no MyKey ID ever comes here.
///
/// What holds, always (docs/invariants.md: I7, I9, I12)
/// - One membership for each person (commitment) and each account in a municipality.
/// - An account is registered only with a signature of its own key, and by two officers.
/// - A membership moves to a new account only by two officers and after a delay; the old key may object once a year; then
///   it takes two other officers and a longer delay. Meanwhile the account is blocked: an objection by a thief gains
///   nothing. It works with a balance of nothing.
///
/// "Blocked" is what `isBlocked` answers. A series learns of it when anybody tells it (IMunicipalPoint.syncBlocked).
///
/// Powers: DeskOfficer and SecondDeskOfficer of the municipality together, through Officers; of setDeparturePolicy an Admin,
/// with a second one or after 48 hours. Not the council.
interface IResidentRegistry {
    // ------------------------------------------------------------------ types

    /// @notice One resident to be registered. The signature is EIP-712 over
    /// `Registration(uint256 municipality,address account,bytes32 commitment)`.
    struct Registration {
        address account;
        bytes32 commitment;
        /// The commitment under the key before; needed only while commitments are being rotated, else 0.
        bytes32 previousCommitment;
        bytes signature;
    }

    /// @notice A change of a membership's account that is under way. Times are Unix seconds.
    struct Replacement {
        address newAccount;
        uint40 readyAt;
        /// 1, or 2 after the old key has objected.
        uint8 round;
        /// The resident who inherits; 0 if the membership moves to a new account of the same person.
        uint32 heirNumber;
    }

    /// @notice What becomes of the points of a resident who has died or moved away (死亡・転出).
    enum DeparturePolicy {
        EndWithTheirMonth, // they stay where they are, blocked, and lapse when their month ends
        HeirMayInherit // they may go to another resident of the municipality
    }

    // ----------------------------------------------------------------- events

    /// @notice Resident `number` joined with `account`.
    event ResidentRegistered(
        uint256 indexed municipality,
        uint256 indexed number,
        address indexed account,
        bytes32 commitment,
        uint256 keyVersion
    );

    /// @notice The commitment of a resident was made anew with the council's key `keyVersion`.
    event CommitmentRotated(
        uint256 indexed municipality, uint256 indexed number, bytes32 commitment, uint256 keyVersion
    );

    /// @notice The membership can move to `newAccount` from `readyAt` on. The old account is blocked.
    event ReplacementStarted(
        uint256 indexed municipality,
        uint256 indexed number,
        address indexed oldAccount,
        address newAccount,
        uint256 readyAt,
        uint256 round,
        uint256 heirNumber
    );

    /// @notice The old key objected, or two officers cancelled: the membership stays where it is.
    event ReplacementStopped(uint256 indexed municipality, uint256 indexed number, bool byOldKey);

    /// @notice The membership has moved.
    event AccountReplaced(
        uint256 indexed municipality, uint256 indexed number, address indexed oldAccount, address newAccount
    );

    /// @notice The membership has ended; its number is not issued again. Its account is blocked. A replacement that was under
    /// way falls with it, without a ReplacementStopped.
    event MembershipClosed(uint256 indexed municipality, uint256 indexed number, address indexed account);

    /// @notice The membership was ended by mistake, and goes on.
    event MembershipReopened(uint256 indexed municipality, uint256 indexed number, address indexed account);

    /// @notice What becomes of points after death or departure.
    event DeparturePolicySet(uint256 indexed municipality, DeparturePolicy policy);

    // ----------------------------------------------------------------- errors

    /// @notice Only Officers may do this, after the rule of the act.
    error ResidentsOnlyByAct(address caller);

    /// @notice The account is registered already, has been replaced, or is zero.
    error ResidentsAccountTaken(uint256 municipality, address account);

    /// @notice The person is registered already, under `number`; 0: no commitment was given.
    error ResidentsPersonRegistered(uint256 municipality, uint256 number, bytes32 commitment);

    /// @notice The signature is not the account's over this registration.
    error ResidentsWrongSignature(address account);

    /// @notice No such resident number, or its membership has ended; to be reopened: it has not, or an heir has its points.
    error ResidentsUnknown(uint256 municipality, uint256 number);

    /// @notice The commitment on record is not the one that should be replaced.
    error ResidentsOtherCommitment(uint256 municipality, uint256 number, bytes32 recorded, bytes32 given);

    /// @notice Residents join, and memberships are reopened, under the current key version; a rotation leads to it, or
    /// begins the next.
    error ResidentsKeyVersion(uint256 current, uint256 given);

    /// @notice While commitments are being rotated, whoever joins names the one under the key before as well, and at no
    /// other time: only so a person registered under either is found.
    error ResidentsPreviousCommitment(uint256 municipality, bytes32 previousCommitment);

    /// @notice A replacement is under way already, or none is.
    error ResidentsReplacementState(uint256 municipality, uint256 number, bool underWay);

    /// @notice The replacement can be completed from `readyAt` on.
    error ResidentsReplacementTooEarly(uint256 readyAt);

    /// @notice After an objection two officers must decide who had no part in the first proposal.
    error ResidentsSameOfficers(address officer);

    /// @notice Only the account that is to be replaced may object, and only once in 365 days.
    error ResidentsCannotObject(address caller);

    /// @notice The municipality's policy lets nobody inherit, or the heir is the departed resident.
    error ResidentsNoHeir(uint256 municipality, uint256 heirNumber);

    /// @notice The lists differ in length: `first` numbers, `second` new commitments; if these agree, it is the old ones.
    error ResidentsListLengths(uint256 first, uint256 second);

    // ------------------------------------------------------------------- acts

    /// @notice Registers residents under the next numbers; all or none. Two officers.
    function register(uint256 municipality, uint16 keyVersion, Registration[] calldata residents) external;

    /// @notice Replaces commitments by ones under a newer key; each old one must be on record. Two officers.
    function rotateCommitments(
        uint256 municipality,
        uint16 keyVersion,
        uint256[] calldata numbers,
        bytes32[] calldata oldCommitments,
        bytes32[] calldata newCommitments
    ) external;

    /// @notice Begins to move a membership to a new account. Two officers; after an objection two others.
    /// @param signature of the new account, as for a registration with the resident's commitment.
    function startReplacement(
        uint256 municipality,
        uint256 number,
        address newAccount,
        bytes calldata signature
    ) external;

    /// @notice Begins to move the points of a resident who has died to another resident, if the municipality's policy
    /// lets heirs inherit. Two officers, 14 days, and the account may object like in a replacement.
    function startInheritance(uint256 municipality, uint256 number, uint256 heirNumber) external;

    /// @notice Stops a replacement that is under way. Two officers.
    function cancelReplacement(uint256 municipality, uint256 number) external;

    /// @notice Ends a membership (死亡・転出). From then on `isBlocked` is true of its account, and each series that is told
    /// (IMunicipalPoint.syncBlocked) stops it there; its points lapse with their months. Two officers.
    function closeMembership(uint256 municipality, uint256 number) external;

    /// @notice Takes back the end of a membership, unless an heir has its points. Two officers.
    function reopenMembership(uint256 municipality, uint256 number) external;

    /// @notice Sets what becomes of points after death or departure. Admin, with a second one or 48 hours.
    function setDeparturePolicy(uint256 municipality, DeparturePolicy policy) external;

    // --------------------------------------------------------- for everybody

    /// @notice The account that is being replaced says no, once in 365 days. In these only officers who had no part may begin
    /// anew, and to give them time the account stays blocked for 14 days.
    function objectToReplacement(uint256 municipality, uint256 number) external;

    /// @notice Completes a replacement whose delay has passed. Anyone may call it, and then have each series carry the lots.
    function completeReplacement(uint256 municipality, uint256 number) external;

    // ------------------------------------------------------------------ views

    /// @notice The officers this registry obeys.
    function officers() external view returns (IOfficers);

    /// @notice How many numbers the municipality has issued: 1 to this.
    function residentCount(uint256 municipality) external view returns (uint256);

    /// @notice How many memberships have not been closed.
    function openMemberships(uint256 municipality) external view returns (uint256);

    /// @notice The account of a resident; zero if there is none (any more).
    function accountOf(uint256 municipality, uint256 number) external view returns (address);

    /// @notice The accounts of many residents; zero for each number that has none (any more).
    /// @param numbers the low 32 bits of each count, so that a caller may hand on lists that hold more.
    function accountsOf(uint256 municipality, uint256[] calldata numbers)
        external
        view
        returns (address[] memory accounts);

    /// @notice The resident number of an account; 0 if it is nobody's.
    function numberOf(uint256 municipality, address account) external view returns (uint256);

    /// @notice The commitment of a resident and the version of the key it was made with.
    function commitmentOf(uint256 municipality, uint256 number)
        external
        view
        returns (bytes32 commitment, uint256 keyVersion);

    /// @notice The version of the council's key that residents join under; 0 before the first has joined.
    function keyVersionOf(uint256 municipality) external view returns (uint256);

    /// @notice How many memberships still have a commitment under the key before.
    function onPreviousKey(uint256 municipality) external view returns (uint256);

    /// @notice The number that an account has or ever had; 0 if none.
    function everNumberOf(uint256 municipality, address account) external view returns (uint256);

    /// @notice True if the account is, was or is about to become a resident's.
    function isKnown(uint256 municipality, address account) external view returns (bool);

    /// @notice True if the account's points went, or will go, to another person.
    function isInherited(uint256 municipality, address account) external view returns (bool);

    /// @notice The replacement under way; `newAccount` zero if there is none.
    function replacementOf(uint256 municipality, uint256 number) external view returns (Replacement memory);

    /// @notice The account that a replaced account's points go to in the end; zero if it was not replaced.
    function successorOf(uint256 municipality, address account) external view returns (address);

    /// @notice True if the account may not spend: it is being or has been replaced, has objected to that within 14 days, or
    /// its resident has departed.
    function isBlocked(uint256 municipality, address account) external view returns (bool);

    /// @notice What becomes of points after death or departure.
    function departurePolicy(uint256 municipality) external view returns (DeparturePolicy);
}
