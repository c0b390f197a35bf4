// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";

/// @title Officers: who may do what, and the two people that it takes
/// @notice One map of roles for the whole platform and one way in which officers act. An act is a call to a contract
/// of the platform that only this contract may make. Its rule says which role performs or proposes it, which role
/// approves it, and how long it waits.
///
/// - A role id is readable: `municipality code * 256 + role`. Code 0 is the council itself (運用協議会).
/// - An office has a term: it can begin and end at a second laid down beforehand (職員の異動, 1 April). TermBegins and
///   TermEnds tell it; a term that ends by time sends no RoleRevoked.
/// - The approver is another account than the proposer, and held the role before the act was proposed.
/// - A proposal falls with its proposer's term of office, an approval with the approver's; neither comes back with them.
/// - A call is approved and executed with the very data that was proposed; other data is refused with both hashes.
/// - Every act that happens is told in one form, ActDone, whoever did it and whatever it did.
///
/// Powers: an Admin of a municipality proposes its officers, a second Admin approves, or 48 hours pass without a veto
/// of the municipality or the council. The council opens a municipality with its first officers and from then on can
/// only veto, and propose an Admin, meant for a municipality that has lost its own: 14 days, unless an Admin vetoes.
interface IOfficers is IAccessControl {
    // ------------------------------------------------------------------ types

    /// @notice Offices of a municipality. The council (code 0) has only Admins.
    enum Role {
        Admin, // 管理者: policies, minters, officers
        ProgrammeOfficer, // 事業担当: proposes grants
        ProgrammeApprover, // 事業承認者: approves grants
        MerchantOfficer, // 加盟店担当: approves, suspends, closes merchants
        Cashier, // 出納担当
        SecondCashier, // 出納承認者
        DeskOfficer, // 窓口担当: residents
        SecondDeskOfficer, // 窓口承認者
        Guardian // 緊急停止担当: pauses a series
    }

    /// @notice How an act comes about. All durations are seconds.
    struct ActRule {
        Role proposer;
        Role approver;
        /// May be executed this long after a second officer has approved it.
        uint32 delayApproved;
        /// May be executed this long after it was proposed, without approval: 0 at once, NEVER_ALONE never.
        uint32 delayAlone;
    }

    /// @notice The rule of one function of a contract of the platform.
    struct Act {
        bytes4 selector;
        ActRule rule;
    }

    /// @notice An office of a new municipality.
    struct Appointment {
        Role role;
        address account;
    }

    /// @notice Where a proposal stands.
    enum ProposalState {
        None,
        Proposed,
        Approved,
        Executed,
        Vetoed
    }

    /// @notice An act that has been proposed. Times are Unix seconds.
    struct Proposal {
        uint24 municipality;
        ProposalState state;
        uint16 reason;
        uint40 proposedAt;
        uint40 approvedAt;
        bytes4 selector;
        address target;
        address proposer;
        address approver;
        bytes32 dataHash;
        bytes32 documentHash;
        /// Whom the act dismisses as Admin; zero for other acts. This account cannot veto it.
        address leaving;
    }

    // ----------------------------------------------------------------- events

    /// @notice An officer proposed a call; `dataHash` is the keccak256 of its data.
    event ActProposed(
        uint256 indexed municipality,
        uint256 indexed proposalId,
        bytes4 indexed act,
        address target,
        address proposer,
        bytes32 dataHash,
        uint16 reason,
        bytes32 documentHash
    );

    /// @notice A second officer approved a proposal.
    event ActApproved(uint256 indexed municipality, uint256 indexed proposalId, address approver);

    /// @notice A proposal was vetoed by an Admin of the municipality or the council, or withdrawn by its proposer.
    event ActVetoed(uint256 indexed municipality, uint256 indexed proposalId, address by);

    /// @notice A privileged act happened.
    /// @param act selector of the function.
    /// @param subject first argument of the call (the second, where the first is the municipality's code): whom or what
    /// it concerns.
    /// @param proposalId 0 if one officer may do it at once.
    /// @param actor who proposed or did it. @param role the office of `actor`.
    /// @param approver the second officer; zero if none was needed or the delay took his place.
    event ActDone(
        uint256 indexed municipality,
        bytes4 indexed act,
        bytes32 indexed subject,
        uint256 proposalId,
        address target,
        address actor,
        Role role,
        address approver,
        uint16 reason,
        bytes32 documentHash
    );

    /// @notice The municipality's roles are open, its first officers appointed.
    event MunicipalityOpened(uint256 indexed municipality);

    /// @notice `account` holds the role from `from` on (Unix seconds), until it is dismissed or hands over.
    event TermBegins(uint256 indexed municipality, Role indexed role, address indexed account, uint256 from);

    /// @notice `account` holds the role no longer than `until` (Unix seconds).
    event TermEnds(uint256 indexed municipality, Role indexed role, address indexed account, uint256 until);

    /// @notice A function got its rule, of `service`, or, if that is zero, of the platform itself; rules never change.
    event RuleSet(
        address indexed service,
        bytes4 indexed act,
        Role proposer,
        Role approver,
        uint256 delayApproved,
        uint256 delayAlone
    );

    /// @notice The municipality lets its officers act on `service`, or no longer.
    event ServiceAccepted(uint256 indexed municipality, address indexed service, bool accepted);

    // ----------------------------------------------------------------- errors

    /// @notice `account` does not hold `role` in `municipality` now.
    error OfficersMissingRole(uint256 municipality, Role role, address account);

    /// @notice Only the platform's registry may do this.
    error OfficersNotPlatform(address caller);

    /// @notice Roles change by acts, not by grantRole and revokeRole.
    error OfficersOnlyByAct(address caller);

    /// @notice The municipality's roles were opened before.
    error OfficersAlreadyOpen(uint256 municipality);

    /// @notice The council has no role but Admin.
    error OfficersUnknownRole(uint256 municipality, Role role);

    /// @notice A municipality and the council keep at least one Admin: nobody could be appointed any more.
    error OfficersLastAdmin(uint256 municipality);

    /// @notice The function is no act: it has no rule. Where rules are set: it has one already.
    error OfficersUnknownAct(bytes4 act);

    /// @notice `target` is neither a series nor an accepted service of the municipality, or the call names another one; to be
    /// accepted: the council does not offer it.
    error OfficersForeignTarget(uint256 municipality, address target);

    /// @notice This act takes two officers or a delay: propose it.
    error OfficersNeedsSecond(bytes4 act);

    /// @notice The proposal is not open: `state` says what became of it.
    error OfficersNotOpen(uint256 proposalId, ProposalState state);

    /// @notice The data is not what was proposed.
    error OfficersOtherContents(uint256 proposalId, bytes32 proposedHash, bytes32 givenHash);

    /// @notice Whoever proposed an act cannot approve it.
    error OfficersSamePerson(address account);

    /// @notice The approver took office at `since`, not before the proposal was made at `proposedAt`; or its proposer has left
    /// and come back since.
    error OfficersAppointedLater(address account, uint256 since, uint256 proposedAt);

    /// @notice The proposal can be executed from `timestamp` on; 0 means not without a second officer.
    error OfficersTooEarly(uint256 proposalId, uint256 timestamp);

    /// @notice The proposal lapsed at `timestamp`, 30 days after it was made.
    error OfficersTooLate(uint256 proposalId, uint256 timestamp);

    /// @notice The term lies in the past or more than 90 days ahead, an Admin's would begin or end later than now, an end
    /// that was laid down would be put off, or `account` is zero or serves already (when a term begins) or does not serve
    /// (when one ends).
    error OfficersInvalidTerm(uint256 municipality, Role role, address account, uint256 timestamp);

    // ------------------------------------------------------------------- acts

    /// @notice Does an act that one officer may do at once.
    /// @param target a series or accepted service of the municipality, or this contract.
    /// @param data the call, selector first.
    /// @param reason the municipality's reason code. @param documentHash of the paper it rests on, or 0:
    /// keccak256 of a random seal and the paper, since the text of most papers can be guessed.
    function perform(
        uint256 municipality,
        address target,
        bytes calldata data,
        uint16 reason,
        bytes32 documentHash
    ) external;

    /// @notice Proposes an act that takes a second officer or a delay.
    /// @return proposalId counted from 1.
    function propose(
        uint256 municipality,
        address target,
        bytes calldata data,
        uint16 reason,
        bytes32 documentHash
    ) external returns (uint256 proposalId);

    /// @notice Approves a proposal as second officer, and executes it if nothing is left to wait for.
    function approve(uint256 proposalId, bytes calldata data) external;

    /// @notice Executes a proposal whose delay has passed. Anyone may call it.
    function execute(uint256 proposalId, bytes calldata data) external;

    /// @notice Ends an open proposal: an Admin of the municipality or of the council, or the proposer; but nobody
    /// vetoes their own dismissal as Admin.
    function veto(uint256 proposalId) external;

    // ------------------------------------------------- acts on the roles (only through the functions above)

    /// @notice `account` takes `role` at `from` (Unix seconds, at most 90 days ahead; 0: now, as it must be for an Admin).
    function appoint(uint256 municipality, address account, Role role, uint256 from) external;

    /// @notice `account` loses `role` now. Not for Admins.
    function dismiss(uint256 municipality, address account, Role role) external;

    /// @notice As `dismiss`, for an Admin who is not the last. The Admin concerned cannot veto it; the council and other
    /// Admins can: of two Admins that dismiss each other, the council decides.
    function dismissAdmin(uint256 municipality, address account) external;

    /// @notice `successor` takes over `role` from `account` at `at` (Unix seconds, at most 90 days ahead; for
    /// an Admin now, so that at every second one serves who counts).
    function handOver(uint256 municipality, address account, Role role, address successor, uint256 at)
        external;

    /// @notice The council appoints an Admin. It is meant for a municipality that has lost its own; one that has not vetoes.
    function reappointAdmin(uint256 municipality, address account) external;

    /// @notice The municipality lets its officers act on a service that the council offers.
    function acceptService(uint256 municipality, address service) external;

    /// @notice The municipality's officers act on `service` no longer.
    function leaveService(uint256 municipality, address service) external;

    // --------------------------------------------------------- administration

    /// @notice Opens the roles of `municipality` with its first officers, one Admin at least. Platform only.
    function openMunicipality(uint256 municipality, Appointment[] calldata officers) external;

    /// @notice Sets the rules of a service that the council begins to offer. Platform only.
    function addRules(address service, Act[] calldata acts) external;

    // ------------------------------------------------------------------ views

    /// @notice The registry of municipalities, series and services.
    function platform() external view returns (address);

    /// @notice True once the municipality's roles have been opened (always true for 0, the council).
    function isOpen(uint256 municipality) external view returns (bool);

    /// @notice Admins whose term has no end; never 0 once the municipality is open.
    function adminCount(uint256 municipality) external view returns (uint256);

    /// @notice `municipality * 256 + role`, as the bytes32 that AccessControl uses.
    function roleId(uint256 municipality, Role role) external pure returns (bytes32);

    /// @notice True if `account` holds `role` in `municipality` now.
    function isOfficer(uint256 municipality, Role role, address account) external view returns (bool);

    /// @notice Reverts with OfficersMissingRole unless `account` holds `role` in `municipality` now.
    function requireOfficer(uint256 municipality, Role role, address account) external view;

    /// @notice The term of an office; `until` 0 is without end, `from` 0 no term at all.
    function termOf(uint256 municipality, Role role, address account)
        external
        view
        returns (uint256 from, uint256 until);

    /// @notice The rule of an act on roles, series or residents. Reverts with OfficersUnknownAct if there is none.
    function ruleOf(bytes4 act) external view returns (ActRule memory);

    /// @notice The rule of an act on a service. Reverts with OfficersUnknownAct if there is none.
    function ruleOfService(address service, bytes4 act) external view returns (ActRule memory);

    /// @notice All functions of roles, series and residents that have a rule.
    function acts() external view returns (bytes4[] memory);

    /// @notice All functions of a service that have a rule.
    function actsOfService(address service) external view returns (bytes4[] memory);

    /// @notice A proposal by its number.
    function proposalOf(uint256 proposalId) external view returns (Proposal memory);

    /// @notice How many proposals were ever made.
    function proposalCount() external view returns (uint256);

    /// @notice True if the municipality's officers may act on `service`.
    function isAccepted(uint256 municipality, address service) external view returns (bool);

    /// @notice While an act is being executed: who proposed and who approved it. Zero otherwise.
    function actors() external view returns (address proposer, address approver);
}
