// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {AccessControl, IAccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IOfficers} from "../interfaces/IOfficers.sol";
import {IPointPlatform} from "../interfaces/IPointPlatform.sol";
import {ActRules} from "./libraries/ActRules.sol";

/// @title Officers
/// @notice Every municipality's roles and every act of its officers, on OpenZeppelin's AccessControl. See IOfficers
/// for the powers and ActRules for the acts on roles, series and residents.
///
/// Not here: no way to change a rule, no way for the council to appoint in a municipality but its first officers and
/// `reappointAdmin`, no role that stands above the acts.
contract Officers is AccessControl, IOfficers {
    /// The first second of an office, and the first after it; `until` 0 is without end.
    struct Term {
        uint40 from;
        uint40 until;
    }

    /// The council's number. Its Admin role has id 0, which is AccessControl's DEFAULT_ADMIN_ROLE.
    uint256 private constant COUNCIL = 0;

    /// Where a service is meant: roles, series and residents.
    address private constant PLATFORM_ITSELF = address(0);

    /// An open proposal lapses after this time: what was right in one term of office may not be in the next.
    uint256 private constant PROPOSAL_LIFE_SECONDS = 30 days;

    /// How far ahead a change of office can be laid down.
    uint256 private constant MAX_NOTICE_SECONDS = 90 days;

    address public immutable platform;

    mapping(uint256 municipality => uint256) public adminCount;
    mapping(bytes32 roleId => mapping(address account => Term)) private _terms;
    /// By service; zero is the platform itself. By service and not by function alone, so that no service can lay down
    /// a rule for another.
    mapping(address service => mapping(bytes4 act => ActRule)) private _rules;
    mapping(address service => mapping(bytes4 act => bool)) private _hasRule;
    mapping(address service => bytes4[]) private _acts;
    mapping(uint256 municipality => mapping(address service => bool)) private _accepted;
    mapping(uint256 proposalId => Proposal) private _proposals;
    uint256 public proposalCount;
    address private _proposer;
    address private _approver;

    modifier onlyPlatform() {
        if (msg.sender != platform) revert OfficersNotPlatform(msg.sender);
        _;
    }

    modifier onlyByAct() {
        if (msg.sender != address(this)) revert OfficersOnlyByAct(msg.sender);
        _;
    }

    /// @param council the first Admin of the council.
    constructor(address council) {
        platform = msg.sender;
        _begin(COUNCIL, Role.Admin, council, block.timestamp);
        _addRules(PLATFORM_ITSELF, ActRules.all());
    }

    // ------------------------------------------------------------------- ACTS

    function perform(
        uint256 municipality,
        address target,
        bytes calldata data,
        uint16 reason,
        bytes32 documentHash
    ) external {
        (bytes4 act, ActRule memory rule) = _actOf(municipality, target, data);
        if (rule.delayAlone != 0) revert OfficersNeedsSecond(act);
        requireOfficer(_officeOf(municipality, target, act), rule.proposer, msg.sender);
        _do(target, data, msg.sender, address(0));
        emit ActDone(
            municipality,
            act,
            _subjectOf(target, data),
            0,
            target,
            msg.sender,
            rule.proposer,
            address(0),
            reason,
            documentHash
        );
    }

    function propose(
        uint256 municipality,
        address target,
        bytes calldata data,
        uint16 reason,
        bytes32 documentHash
    ) external returns (uint256 proposalId) {
        (bytes4 act, ActRule memory rule) = _actOf(municipality, target, data);
        requireOfficer(_officeOf(municipality, target, act), rule.proposer, msg.sender);
        proposalId = ++proposalCount;
        _proposals[proposalId] = Proposal({
            municipality: uint24(municipality),
            state: ProposalState.Proposed,
            reason: reason,
            proposedAt: uint40(block.timestamp),
            approvedAt: 0,
            selector: act,
            target: target,
            proposer: msg.sender,
            approver: address(0),
            dataHash: keccak256(data),
            documentHash: documentHash,
            leaving: _leavingOf(target, act, data)
        });
        emit ActProposed(
            municipality, proposalId, act, target, msg.sender, keccak256(data), reason, documentHash
        );
    }

    function approve(uint256 proposalId, bytes calldata data) external {
        Proposal storage proposal = _open(proposalId, data);
        ActRule memory rule = _ruleOf(proposal.target, proposal.selector);
        uint256 office = _officeOf(proposal.municipality, proposal.target, proposal.selector);
        if (_isApproved(proposal, rule, office)) revert OfficersNotOpen(proposalId, proposal.state);
        _requireStillServing(office, rule.proposer, proposal.proposer, proposal.proposedAt);
        requireOfficer(office, rule.approver, msg.sender);
        if (msg.sender == proposal.proposer) revert OfficersSamePerson(msg.sender);
        // Later in one block than the proposal is not seen apart from earlier.
        uint256 since = _since(office, rule.approver, msg.sender);
        if (since >= proposal.proposedAt) {
            revert OfficersAppointedLater(msg.sender, since, proposal.proposedAt);
        }
        proposal.state = ProposalState.Approved;
        proposal.approvedAt = uint40(block.timestamp);
        proposal.approver = msg.sender;
        emit ActApproved(proposal.municipality, proposalId, msg.sender);
        if (rule.delayApproved == 0) _execute(proposalId, proposal, data);
    }

    function execute(uint256 proposalId, bytes calldata data) external {
        Proposal storage proposal = _open(proposalId, data);
        ActRule memory rule = _ruleOf(proposal.target, proposal.selector);
        uint256 office = _officeOf(proposal.municipality, proposal.target, proposal.selector);
        // It falls with the office of whoever proposed it, as its approval falls with the approver's.
        _requireStillServing(office, rule.proposer, proposal.proposer, proposal.proposedAt);
        bool approved = _isApproved(proposal, rule, office);
        if (!approved && rule.delayAlone == ActRules.NEVER_ALONE) revert OfficersTooEarly(proposalId, 0);
        // An approval never makes it later than it would have been without.
        uint256 from = uint256(proposal.proposedAt) + rule.delayAlone;
        if (approved) from = Math.min(from, uint256(proposal.approvedAt) + rule.delayApproved);
        else delete proposal.approver;
        if (block.timestamp < from) revert OfficersTooEarly(proposalId, from);
        _execute(proposalId, proposal, data);
    }

    /// @dev True if somebody has approved who has held the office ever since.
    function _isApproved(Proposal storage proposal, ActRule memory rule, uint256 office)
        private
        view
        returns (bool)
    {
        return proposal.state == ProposalState.Approved && isOfficer(office, rule.approver, proposal.approver)
            && _since(office, rule.approver, proposal.approver) <= proposal.approvedAt;
    }

    /// @dev Whoever leaves an office and comes back begins anew.
    function _requireStillServing(uint256 office, Role role, address account, uint256 proposedAt)
        private
        view
    {
        requireOfficer(office, role, account);
        uint256 since = _since(office, role, account);
        if (since > proposedAt) revert OfficersAppointedLater(account, since, proposedAt);
    }

    function _since(uint256 office, Role role, address account) private view returns (uint256) {
        return _terms[roleId(office, role)][account].from;
    }

    function veto(uint256 proposalId) external {
        Proposal storage proposal = _proposals[proposalId];
        _requireOpen(proposalId, proposal.state);
        uint256 municipality = proposal.municipality;
        bool isAdmin =
            isOfficer(municipality, Role.Admin, msg.sender) || isOfficer(COUNCIL, Role.Admin, msg.sender);
        if (msg.sender != proposal.proposer && (!isAdmin || msg.sender == proposal.leaving)) {
            revert OfficersMissingRole(municipality, Role.Admin, msg.sender);
        }
        proposal.state = ProposalState.Vetoed;
        emit ActVetoed(municipality, proposalId, msg.sender);
    }

    function _open(uint256 proposalId, bytes calldata data) private view returns (Proposal storage proposal) {
        proposal = _proposals[proposalId];
        _requireOpen(proposalId, proposal.state);
        uint256 end = proposal.proposedAt + PROPOSAL_LIFE_SECONDS;
        if (block.timestamp >= end) revert OfficersTooLate(proposalId, end);
        if (keccak256(data) != proposal.dataHash) {
            revert OfficersOtherContents(proposalId, proposal.dataHash, keccak256(data));
        }
    }

    function _requireOpen(uint256 proposalId, ProposalState state) private pure {
        if (state != ProposalState.Proposed && state != ProposalState.Approved) {
            revert OfficersNotOpen(proposalId, state);
        }
    }

    function _execute(uint256 proposalId, Proposal storage proposal, bytes calldata data) private {
        proposal.state = ProposalState.Executed;
        // What could be acted on when it was proposed may have been left since.
        _requireTarget(proposal.municipality, proposal.target, data);
        _do(proposal.target, data, proposal.proposer, proposal.approver);
        emit ActDone(
            proposal.municipality,
            proposal.selector,
            _subjectOf(proposal.target, data),
            proposalId,
            proposal.target,
            proposal.proposer,
            _ruleOf(proposal.target, proposal.selector).proposer,
            proposal.approver,
            proposal.reason,
            proposal.documentHash
        );
    }

    /// @dev Calls the target and passes its error on. What `actors` said before comes back afterwards, in case a service
    /// leads to a further act.
    function _do(address target, bytes calldata data, address proposer, address approver) private {
        (address outerProposer, address outerApprover) = (_proposer, _approver);
        (_proposer, _approver) = (proposer, approver);
        Address.functionCall(target, data);
        (_proposer, _approver) = (outerProposer, outerApprover);
    }

    function _actOf(uint256 municipality, address target, bytes calldata data)
        private
        view
        returns (bytes4 act, ActRule memory rule)
    {
        act = bytes4(data);
        rule = _ruleOf(target, act);
        _requireTarget(municipality, target, data);
    }

    function _ruleOf(address target, bytes4 act) private view returns (ActRule memory) {
        return ruleOfService(IPointPlatform(platform).isOffered(target) ? target : PLATFORM_ITSELF, act);
    }

    /// @dev A series obeys its own municipality and no other, whatever the call says. In a call to anything that all
    /// share, the first argument names the municipality.
    function _requireTarget(uint256 municipality, address target, bytes calldata data) private view {
        uint256 owner = IPointPlatform(platform).municipalityOf(target);
        if (owner != 0) {
            if (owner != municipality) revert OfficersForeignTarget(municipality, target);
            return;
        }
        bool shared = target == address(this) || isAccepted(municipality, target);
        if (
            !shared || !isOpen(municipality) || data.length < 36
                || uint256(bytes32(data[4:36])) != municipality
        ) {
            revert OfficersForeignTarget(municipality, target);
        }
    }

    /// @dev Whom a dismissal concerns: the second argument. Not in a service's function of the same name.
    function _leavingOf(address target, bytes4 act, bytes calldata data) private view returns (address) {
        bool dismissal = target == address(this) && act == IOfficers.dismissAdmin.selector;
        if (!dismissal || data.length < 68) return address(0);
        return address(uint160(uint256(bytes32(data[36:68]))));
    }

    /// @dev Whose officers act: the municipality's own, and the council's for the one act it has in a municipality. A
    /// service that the council offers may have a function of the same name: that one is the municipality's.
    function _officeOf(uint256 municipality, address target, bytes4 act) private view returns (uint256) {
        bool byCouncil = target == address(this) && act == IOfficers.reappointAdmin.selector;
        return byCouncil ? COUNCIL : municipality;
    }

    function _subjectOf(address target, bytes calldata data) private view returns (bytes32) {
        uint256 start = IPointPlatform(platform).municipalityOf(target) != 0 ? 4 : 36;
        return data.length < start + 32 ? bytes32(0) : bytes32(data[start:start + 32]);
    }

    // ------------------------------------------------------------------ ROLES

    function openMunicipality(uint256 municipality, Appointment[] calldata officers) external onlyPlatform {
        if (isOpen(municipality)) revert OfficersAlreadyOpen(municipality);
        bytes32 adminRole = roleId(municipality, Role.Admin);
        for (uint256 role; role <= uint256(type(Role).max); ++role) {
            _setRoleAdmin(roleId(municipality, Role(role)), adminRole);
        }
        emit MunicipalityOpened(municipality);
        for (uint256 i; i < officers.length; ++i) {
            _begin(municipality, officers[i].role, officers[i].account, block.timestamp);
        }
        if (adminCount[municipality] == 0) revert OfficersLastAdmin(municipality);
    }

    function appoint(uint256 municipality, address account, Role role, uint256 from) external onlyByAct {
        // An Admin of the future would count as one of those who may not all leave, and could appoint nobody yet.
        if (role == Role.Admin && from != 0) revert OfficersInvalidTerm(municipality, role, account, from);
        _begin(municipality, role, account, from == 0 ? block.timestamp : from);
    }

    function dismiss(uint256 municipality, address account, Role role) external onlyByAct {
        if (role == Role.Admin) revert OfficersNeedsSecond(IOfficers.dismissAdmin.selector);
        _end(municipality, role, account, block.timestamp);
    }

    function dismissAdmin(uint256 municipality, address account) external onlyByAct {
        _end(municipality, Role.Admin, account, block.timestamp);
    }

    function handOver(uint256 municipality, address account, Role role, address successor, uint256 at)
        external
        onlyByAct
    {
        // Of Admins at least one must serve at every second: one who is still to come, or about to go, does not count.
        if (role == Role.Admin && at != block.timestamp && at != 0) {
            revert OfficersInvalidTerm(municipality, role, account, at);
        }
        if (at == 0) at = block.timestamp;
        _begin(municipality, role, successor, at);
        _end(municipality, role, account, at);
    }

    function reappointAdmin(uint256 municipality, address account) external onlyByAct {
        _begin(municipality, Role.Admin, account, block.timestamp);
    }

    function acceptService(uint256 municipality, address service) external onlyByAct {
        if (!IPointPlatform(platform).isOffered(service)) {
            revert OfficersForeignTarget(municipality, service);
        }
        _accepted[municipality][service] = true;
        emit ServiceAccepted(municipality, service, true);
    }

    function leaveService(uint256 municipality, address service) external onlyByAct {
        _accepted[municipality][service] = false;
        emit ServiceAccepted(municipality, service, false);
    }

    /// @dev Leaving one's own office needs nobody, unless it is the last Admin's.
    function renounceRole(bytes32 id, address account) public override(AccessControl, IAccessControl) {
        if (account != msg.sender) revert AccessControlBadConfirmation();
        _end(uint256(id) >> 8, Role(uint256(id) & 0xff), account, block.timestamp);
    }

    function grantRole(bytes32, address) public view override(AccessControl, IAccessControl) {
        revert OfficersOnlyByAct(msg.sender);
    }

    function revokeRole(bytes32, address) public view override(AccessControl, IAccessControl) {
        revert OfficersOnlyByAct(msg.sender);
    }

    /// @dev An account that serves already cannot be appointed over its own term.
    function _begin(uint256 municipality, Role role, address account, uint256 from) private {
        if (municipality == COUNCIL && role != Role.Admin) revert OfficersUnknownRole(municipality, role);
        bytes32 id = roleId(municipality, role);
        Term storage term = _terms[id][account];
        bool serving = term.from != 0 && (term.until == 0 || term.until > block.timestamp);
        if (account == address(0) || serving) revert OfficersInvalidTerm(municipality, role, account, from);
        _requireNear(municipality, role, account, from);
        (term.from, term.until) = (uint40(from), 0);
        if (role == Role.Admin) ++adminCount[municipality];
        _grantRole(id, account);
        emit TermBegins(municipality, role, account, from);
    }

    function _end(uint256 municipality, Role role, address account, uint256 at) private {
        bytes32 id = roleId(municipality, role);
        Term storage term = _terms[id][account];
        bool serving = term.from != 0 && (term.until == 0 || term.until > block.timestamp);
        // An end that was laid down can be brought forward, not put off.
        if (!serving || (term.until != 0 && at > term.until)) {
            revert OfficersInvalidTerm(municipality, role, account, at);
        }
        _requireNear(municipality, role, account, at);
        if (role == Role.Admin && term.until == 0) {
            if (adminCount[municipality] == 1) revert OfficersLastAdmin(municipality);
            --adminCount[municipality];
        }
        if (at == block.timestamp) {
            // An appointment that has not begun ends as it begins: AccessControl revokes only what hasRole confirms.
            if (term.from > at) term.from = uint40(at);
            _revokeRole(id, account);
        }
        term.until = uint40(at);
        emit TermEnds(municipality, role, account, at);
    }

    function _requireNear(uint256 municipality, Role role, address account, uint256 timestamp) private view {
        if (timestamp < block.timestamp || timestamp > block.timestamp + MAX_NOTICE_SECONDS) {
            revert OfficersInvalidTerm(municipality, role, account, timestamp);
        }
    }

    // ------------------------------------------------------------------ RULES

    function addRules(address service, Act[] calldata newActs) external onlyPlatform {
        _addRules(service, newActs);
    }

    function _addRules(address service, Act[] memory newActs) private {
        for (uint256 i; i < newActs.length; ++i) {
            bytes4 act = newActs[i].selector;
            if (_hasRule[service][act]) revert OfficersUnknownAct(act);
            ActRule memory rule = newActs[i].rule;
            _hasRule[service][act] = true;
            _rules[service][act] = rule;
            _acts[service].push(act);
            emit RuleSet(service, act, rule.proposer, rule.approver, rule.delayApproved, rule.delayAlone);
        }
    }

    // ------------------------------------------------------------------ VIEWS

    /// @notice AccessControl's answer, within the term of the office.
    function hasRole(bytes32 id, address account)
        public
        view
        override(AccessControl, IAccessControl)
        returns (bool)
    {
        Term storage term = _terms[id][account];
        return super.hasRole(id, account) && block.timestamp >= term.from
            && (term.until == 0 || block.timestamp < term.until);
    }

    function isOpen(uint256 municipality) public view returns (bool) {
        return adminCount[municipality] != 0;
    }

    function roleId(uint256 municipality, Role role) public pure returns (bytes32) {
        return bytes32((municipality << 8) | uint256(role));
    }

    function isOfficer(uint256 municipality, Role role, address account) public view returns (bool) {
        return hasRole(roleId(municipality, role), account);
    }

    function requireOfficer(uint256 municipality, Role role, address account) public view {
        if (!isOfficer(municipality, role, account)) revert OfficersMissingRole(municipality, role, account);
    }

    function termOf(uint256 municipality, Role role, address account)
        external
        view
        returns (uint256 from, uint256 until)
    {
        Term storage term = _terms[roleId(municipality, role)][account];
        return (term.from, term.until);
    }

    function ruleOf(bytes4 act) external view returns (ActRule memory) {
        return ruleOfService(PLATFORM_ITSELF, act);
    }

    function ruleOfService(address service, bytes4 act) public view returns (ActRule memory) {
        if (!_hasRule[service][act]) revert OfficersUnknownAct(act);
        return _rules[service][act];
    }

    function acts() external view returns (bytes4[] memory) {
        return _acts[PLATFORM_ITSELF];
    }

    function actsOfService(address service) external view returns (bytes4[] memory) {
        return _acts[service];
    }

    function proposalOf(uint256 proposalId) external view returns (Proposal memory) {
        return _proposals[proposalId];
    }

    /// @notice The registry of residents is part of the platform and needs no acceptance.
    function isAccepted(uint256 municipality, address service) public view returns (bool) {
        return _accepted[municipality][service] || service == address(IPointPlatform(platform).residents());
    }

    function actors() external view returns (address proposer, address approver) {
        return (_proposer, _approver);
    }
}
