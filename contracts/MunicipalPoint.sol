// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import {IERC7818} from "../interfaces/IERC7818.sol";
import {IMunicipalPoint} from "../interfaces/IMunicipalPoint.sol";
import {IOfficers} from "../interfaces/IOfficers.sol";
import {IResidentRegistry} from "../interfaces/IResidentRegistry.sol";
import {AccountFlags, AccountWord} from "./libraries/AccountWord.sol";
import {ExpiringLots, Lot} from "./libraries/ExpiringLots.sol";
import {ExpiryPolicy} from "./libraries/ExpiryPolicy.sol";
import {LotCorrections} from "./libraries/LotCorrections.sol";
import {JapanCalendar} from "./libraries/JapanCalendar.sol";
import {MerchantClaim} from "./libraries/MerchantClaim.sol";
import {MinterWord, MinterWords} from "./libraries/MinterWord.sol";
import {SupplyByMonth} from "./libraries/SupplyByMonth.sol";

/// @title MunicipalPoint
/// @notice One series of expiring points of one municipality. What it promises, its powers and all NatSpec stand in
/// IMunicipalPoint; how it stores things, in the libraries.
///
/// A payment touches three words: the payer's (AccountWord, ExpiringLots), the merchant's (MerchantClaim) and the
/// supply of the half year that the points end in (SupplyByMonth).
///
/// Not here: no owner, no proxy, no way to take points out of somebody's account. No reentrancy guard, because no
/// function calls a contract other than Officers, and that one only to read.
contract MunicipalPoint is IMunicipalPoint, IERC20Errors {
    using ExpiringLots for ExpiringLots.Account;
    using ExpiringLots for AccountWord;
    using ExpiringLots for Lot;
    using MerchantClaim for AccountWord;
    using SupplyByMonth for SupplyByMonth.HalfYear[256];

    // ------------------------------------------------------------------ types

    /// What payments never look at.
    struct Settings {
        ExpiryRule expiryRule;
        uint16 expiryMonths;
        bool betweenResidents;
        bool betweenMerchants;
        uint40 pausableFrom;
    }

    // -------------------------------------------------------------- constants

    uint256 private constant MAX_PAUSE_SECONDS = 72 hours;
    uint256 private constant MAX_MINTERS = 16;

    /// How much of a minter's allowance is booked into a month's supply at a time: few bookings for a programme of
    /// millions, and little of the month's 2^36 taken by reserves, whatever 16 minters do.
    uint256 private constant RESERVE_POINTS = 2 ** 27;

    // ------------------------------------------------------------- immutables

    uint256 public immutable municipality;
    IOfficers public immutable officers;
    IResidentRegistry public immutable residents;

    // ---------------------------------------------------------------- storage

    mapping(address => ExpiringLots.Account) private _accounts;
    SupplyByMonth.HalfYear[256] private _supply;
    mapping(address owner => mapping(address spender => uint256)) private _allowances;
    mapping(address minter => MinterWord) private _minterWords;
    address[] private _minters;
    mapping(address merchant => address owner) private _owners;
    mapping(address merchant => mapping(address till => address appointedBy)) private _tills;
    LotCorrections.Restorations private _restorations;
    uint256 private _restored;
    uint256 private _revoked;
    uint256 private _mintedByRemovedMinters;
    uint256 private _lapsedInClosedMonths;
    uint256 private _firstOpenMonth;
    Settings private _settings;
    string public name;
    string public symbol;

    // -------------------------------------------------------------- modifiers

    modifier onlyByAct() {
        _requireAct();
        _;
    }

    function _requireAct() private view {
        if (msg.sender != address(officers)) revert PointOnlyByAct(msg.sender);
    }

    // ------------------------------------------------------------ constructor

    /// @param municipality_ 全国地方公共団体コード as a number.
    constructor(
        uint256 municipality_,
        IOfficers officers_,
        IResidentRegistry residents_,
        string memory name_,
        string memory symbol_,
        ExpiryRule expiryRule_,
        uint256 expiryMonths_
    ) {
        municipality = municipality_;
        officers = officers_;
        residents = residents_;
        name = name_;
        symbol = symbol_;
        _setExpiryPolicy(expiryRule_, expiryMonths_);
        _firstOpenMonth = currentEpoch();
        // Points must never reach these two; frozen, they are refused without a question of their own.
        _accounts[address(0)].word = AccountWord.wrap(AccountFlags.FROZEN);
        _accounts[address(this)].word = AccountWord.wrap(AccountFlags.FROZEN);
    }

    // --------------------------------------------------------- ADMINISTRATION

    function increaseMinterAllowance(address minter, uint256 byPoints) external onlyByAct {
        MinterWord word = _minterWords[minter];
        if (!word.isAccepted()) {
            if (_minters.length == MAX_MINTERS) revert PointTooManyMinters(MAX_MINTERS);
            _minters.push(minter);
            _mintedByRemovedMinters -= word.minted();
        }
        uint256 room = MinterWords.MAX_ALLOWANCE_POINTS - word.allowance();
        if (byPoints > room) revert PointMinterAllowance(minter, room, byPoints);
        _setMinterAllowance(minter, word, word.allowance() + byPoints);
    }

    function decreaseMinterAllowance(address minter, uint256 byPoints) external onlyByAct {
        MinterWord word = _released(_acceptedMinterWord(minter));
        if (byPoints > word.allowance()) revert PointMinterAllowance(minter, word.allowance(), byPoints);
        _setMinterAllowance(minter, word, word.allowance() - byPoints);
    }

    function removeMinter(address minter) external onlyByAct {
        MinterWord word = _released(_acceptedMinterWord(minter));
        _minterWords[minter] = word.removed();
        _mintedByRemovedMinters += word.minted();
        uint256 i;
        while (_minters[i] != minter) ++i;
        _minters[i] = _minters[_minters.length - 1];
        _minters.pop();
        emit MinterRemoved(minter, word.minted());
    }

    function _setMinterAllowance(address minter, MinterWord word, uint256 points) private {
        _minterWords[minter] = word.withAllowance(points);
        emit MinterAllowanceSet(minter, points);
    }

    function _acceptedMinterWord(address minter) private view returns (MinterWord word) {
        word = _minterWords[minter];
        if (!word.isAccepted()) revert PointNotMinter(minter);
    }

    /// @dev Takes what `word` has reserved out of the supply again; also of a month that has ended, since a reserve
    /// never was anybody's points. Returns and does not store the word without it.
    function _released(MinterWord word) private returns (MinterWord) {
        if (word.reserved() != 0) _supply.release(word.reservedMonth(), word.reserved());
        return word.withReserve(0, 0);
    }

    function setExpiryPolicy(ExpiryRule rule, uint256 months) external onlyByAct {
        _setExpiryPolicy(rule, months);
    }

    function setTransferSwitches(bool betweenResidents, bool betweenMerchants) external onlyByAct {
        _settings.betweenResidents = betweenResidents;
        _settings.betweenMerchants = betweenMerchants;
        emit TransferSwitchesSet(betweenResidents, betweenMerchants);
    }

    function pause(uint256 durationSeconds) external onlyByAct {
        if (durationSeconds == 0 || durationSeconds > MAX_PAUSE_SECONDS) {
            revert PointPauseLength(durationSeconds, MAX_PAUSE_SECONDS);
        }
        uint256 from = _settings.pausableFrom;
        if (block.timestamp < from) revert PointPauseCoolingDown(from);
        _settings.pausableFrom = uint40(block.timestamp + 2 * durationSeconds);
        _setPausedUntil(block.timestamp + durationSeconds);
    }

    function unpause() external onlyByAct {
        _setPausedUntil(block.timestamp);
    }

    /// @dev A rule whose points would end out of range from the start is refused here, not at the first grant.
    function _setExpiryPolicy(ExpiryRule rule, uint256 months) private {
        uint256 month = currentEpoch();
        uint256 last = month + ExpiryPolicy.MAX_TERM_MONTHS;
        if (months > ExpiryPolicy.NEVER) revert PointExpiryOutOfRange(months, month, last);
        uint256 expiry = ExpiryPolicy.expiryMonth(rule, months, month);
        ExpiryPolicy.requireInRange(expiry, month);
        // A term that happens to reach the number NEVER is still a term, and too long.
        if (rule == ExpiryRule.MonthsAfter && expiry > last) {
            revert PointExpiryOutOfRange(expiry, month, last);
        }
        _settings.expiryRule = rule;
        _settings.expiryMonths = uint16(months);
        emit ExpiryPolicySet(rule, months);
    }

    /// @dev Without a reserve a minter has to ask a supply word. One month more than the longest term is written,
    /// because a month may end during the pause.
    function _setPausedUntil(uint256 timestamp) private {
        for (uint256 i; i < _minters.length; ++i) {
            _minterWords[_minters[i]] = _released(_minterWords[_minters[i]]);
        }
        uint256 month = currentEpoch();
        _supply.setPausedUntil(
            month, Math.min(month + ExpiryPolicy.MAX_TERM_MONTHS + 1, ExpiryPolicy.NEVER), timestamp
        );
        _supply.setPausedUntil(ExpiryPolicy.NEVER, ExpiryPolicy.NEVER, timestamp);
        emit PausedUntil(timestamp);
    }

    // -------------------------------------------------------------- MERCHANTS

    function approveMerchant(
        address merchant,
        uint256 category,
        string calldata shopName,
        string calldata place
    ) external onlyByAct {
        AccountWord word = _accounts[merchant].word;
        if (category > MerchantClaim.MAX_CATEGORY) {
            revert PointCategoryTooLarge(category, MerchantClaim.MAX_CATEGORY);
        }
        if (word.isFrozen()) _refuseReceiver(merchant, word);
        if (!word.isMerchant()) {
            if (AccountWord.unwrap(word) != 0) revert PointAccountHoldsLots(merchant);
            if (residents.isKnown(municipality, merchant)) revert PointAccountIsResident(merchant);
        }
        _accounts[merchant].word = word.approved(category);
        emit MerchantApproved(merchant, category, shopName, place);
    }

    function suspendMerchant(address merchant) external onlyByAct {
        _setMerchantStatus(merchant, MerchantStatus.Suspended);
    }

    function closeMerchant(address merchant) external onlyByAct {
        _setMerchantStatus(merchant, MerchantStatus.Closed);
    }

    function replaceOwner(address merchant, address owner) external onlyByAct {
        _merchantWord(merchant);
        if (owner == address(0)) revert ERC20InvalidReceiver(owner);
        _owners[merchant] = owner;
        emit MerchantOwnerSet(merchant, owner);
    }

    function setTill(address merchant, address till, bool active) external {
        if (msg.sender != ownerOf(merchant)) revert PointNotOwner(merchant, msg.sender);
        _tills[merchant][till] = active ? msg.sender : address(0);
        emit TillSet(merchant, till, active);
    }

    function _merchantWord(address merchant) private view returns (AccountWord word) {
        word = _accounts[merchant].word;
        if (!word.isMerchant()) revert PointNotMerchant(merchant);
    }

    function _setMerchantStatus(address merchant, MerchantStatus status) private {
        _accounts[merchant].word = _merchantWord(merchant).withStatus(status);
        emit MerchantStatusSet(merchant, status);
    }

    // --------------------------------------------------------------- ACCOUNTS

    function freeze(address account) external onlyByAct {
        _setFlag(account, AccountFlags.FROZEN, true);
        emit FrozenSet(account, true);
    }

    function unfreeze(address account) external onlyByAct {
        if (account == address(0) || account == address(this)) revert ERC20InvalidReceiver(account);
        _setFlag(account, AccountFlags.FROZEN, false);
        emit FrozenSet(account, false);
    }

    function syncBlocked(address account) external {
        if (_accounts[account].word.isMerchant()) revert PointMintToMerchant(account);
        bool blocked = residents.isBlocked(municipality, account);
        _setFlag(account, AccountFlags.REPLACED, blocked);
        emit BlockedSet(account, blocked);
    }

    function carry(address account) external {
        address successor = residents.successorOf(municipality, account);
        if (successor == address(0)) revert PointNotReplaced(account);
        bool withFreeze = !residents.isInherited(municipality, account);
        LotCorrections.carry(_accounts, _supply, account, successor, withFreeze, currentEpoch());
    }

    function extendLots(uint256 fromMonth, uint256 toMonth, address[] calldata accounts) external onlyByAct {
        LotCorrections.extend(_accounts, _supply, accounts, fromMonth, toMonth, currentEpoch());
    }

    function restoreLots(
        uint256 lapsedMonth,
        uint256 toMonth,
        address[] calldata accounts,
        uint256[] calldata amountsPoints
    ) external onlyByAct {
        LotCorrections.Restoration memory terms;
        terms.residents = residents;
        terms.municipality = municipality;
        terms.lapsedMonth = lapsedMonth;
        terms.toMonth = toMonth;
        terms.month = currentEpoch();
        if (lapsedMonth < terms.month) terms.lapsedPoints = pointsEndingWith(lapsedMonth);
        _restored += LotCorrections.restore(_accounts, _supply, _restorations, accounts, amountsPoints, terms);
    }

    function revoke(address account, uint256 amountPoints, uint256 expiryMonth) external onlyByAct {
        LotCorrections.revoke(_accounts, _supply, account, amountPoints, expiryMonth, currentEpoch());
        _revoked += amountPoints;
    }

    function _setFlag(address account, uint256 flag, bool on) private {
        uint256 word = AccountWord.unwrap(_accounts[account].word);
        _accounts[account].word = AccountWord.wrap(on ? word | flag : word & ~flag);
    }

    // --------------------------------------------------------------- GRANTING

    function mint(address to, uint256 amountPoints) external {
        mintUntil(to, amountPoints, policyExpiryMonth());
    }

    function mintUntil(address to, uint256 amountPoints, uint256 expiryMonth) public {
        uint256 month = _drawOnMinter(amountPoints, expiryMonth);
        _receiveMinted(to, amountPoints, expiryMonth, month);
    }

    function mintBatch(address[] calldata to, uint256[] calldata amountsPoints, uint256 expiryMonth)
        external
    {
        if (to.length != amountsPoints.length) {
            revert PointListLengths(to.length, amountsPoints.length);
        }
        uint256 total;
        for (uint256 i; i < amountsPoints.length; ++i) {
            total += amountsPoints[i];
        }
        uint256 month = _drawOnMinter(total, expiryMonth);
        for (uint256 i; i < to.length; ++i) {
            _receiveMinted(to[i], amountsPoints[i], expiryMonth, month);
        }
    }

    /// @dev Takes `amount` out of the caller's allowance and reserve into its counter. The allowance bounds every
    /// amount to 72 bits for all that follows.
    function _drawOnMinter(uint256 amount, uint256 expiryMonth) private returns (uint256 month) {
        MinterWord word = _acceptedMinterWord(msg.sender);
        if (amount > word.allowance()) revert PointMinterAllowance(msg.sender, word.allowance(), amount);
        month = currentEpoch();
        ExpiryPolicy.requireInRange(expiryMonth, month);
        if (amount > word.reserved() || expiryMonth != word.reservedMonth()) {
            word = _reserve(word, amount, expiryMonth);
        }
        _minterWords[msg.sender] = word.drawn(amount);
        emit Minted(msg.sender, expiryMonth, amount);
    }

    /// @dev Moves the reserve to `expiryMonth` and makes it at least `amount`, more if allowance and month have room.
    function _reserve(MinterWord word, uint256 amount, uint256 expiryMonth) private returns (MinterWord) {
        word = _released(word);
        uint256 points = Math.min(word.allowance(), RESERVE_POINTS);
        if (points < amount || points > _supply.room(expiryMonth)) points = amount;
        _supply.add(expiryMonth, points);
        return word.withReserve(points, expiryMonth);
    }

    function _receiveMinted(address to, uint256 amount, uint256 expiryMonth, uint256 month) private {
        ExpiringLots.Account storage account = _accounts[to];
        AccountWord word = account.word;
        if (!word.isSpendable()) _refuseReceiver(to, word);
        account.receivePoints(to, word, amount, expiryMonth, month);
        emit Transfer(address(0), to, amount);
    }

    // ---------------------------------------------------------------- PAYMENT

    function transfer(address to, uint256 value) external returns (bool) {
        _move(msg.sender, to, value);
        return true;
    }

    function transferFrom(address from, address to, uint256 value) external returns (bool) {
        _useAllowance(from, value);
        _move(from, to, value);
        return true;
    }

    function transferAtEpoch(uint256 epoch, address to, uint256 value) external returns (bool) {
        _requireEarliest(msg.sender, epoch, value);
        _move(msg.sender, to, value);
        return true;
    }

    function transferFromAtEpoch(uint256 epoch, address from, address to, uint256 value)
        external
        returns (bool)
    {
        _requireEarliest(from, epoch, value);
        _useAllowance(from, value);
        _move(from, to, value);
        return true;
    }

    function _move(address from, address to, uint256 amount) private {
        ExpiringLots.Account storage payer = _accounts[from];
        ExpiringLots.Account storage receiver = _accounts[to];
        AccountWord payerWord = payer.word;
        AccountWord receiverWord = receiver.word;
        if (!payerWord.isSpendable()) {
            if (payerWord.isFrozen()) revert PointAccountFrozen(from);
            _passClaim(from, payerWord, to, receiverWord, amount);
        } else if (receiverWord.isPayable()) {
            receiverWord = receiverWord.current();
            Lot lot = payerWord.earliest();
            uint256 lotMonth = lot.monthOf();
            if (amount <= lot.amountOf() && receiverWord.monthOf() <= lotMonth) {
                payer.word = payerWord.spentEarliest(amount);
                _supply.subtract(lotMonth, amount);
            } else {
                _spendOverLots(payer, from, amount, receiverWord.monthOf());
            }
            receiver.word = receiverWord.credited(amount, 0);
        } else {
            _giveLots(from, to, receiverWord, amount);
        }
        emit Transfer(from, to, amount);
    }

    function _spendOverLots(ExpiringLots.Account storage payer, address from, uint256 amount, uint256 month)
        private
    {
        Lot[] memory parts = payer.spend(from, amount, month);
        // Every part asks its own supply word for a pause; of nothing, there is no part.
        if (amount == 0) _supply.requireNotPaused(month);
        for (uint256 i; i < parts.length; ++i) {
            _supply.subtract(parts[i].monthOf(), parts[i].amountOf());
        }
    }

    /// @dev From resident to resident. The supply of no month changes; a lot keeps its month.
    function _giveLots(address from, address to, AccountWord receiver, uint256 amount) private {
        if (receiver.isMerchant()) _refuseMerchant(to, receiver);
        if (!receiver.isSpendable()) _refuseReceiver(to, receiver);
        if (!_settings.betweenResidents) revert PointReceiverNotMerchant(to);
        uint256 month = currentEpoch();
        _supply.requireNotPaused(month);
        Lot[] memory parts = _accounts[from].spend(from, amount, month);
        // The receiver's word is read afresh for each part: to oneself, lots go back to where they came from.
        for (uint256 i; i < parts.length; ++i) {
            _accounts[to].receivePoints(
                to, _accounts[to].word, parts[i].amountOf(), parts[i].monthOf(), month
            );
        }
    }

    /// @dev From merchant to merchant, the earlier years' claim first. What is locked in settlement stays.
    function _passClaim(address from, AccountWord payer, address to, AccountWord receiver, uint256 amount)
        private
    {
        if (msg.sender != ownerOf(from)) revert PointNotOwner(from, msg.sender);
        if (!_settings.betweenMerchants || !receiver.isMerchant()) {
            revert PointClaimNotTransferable(from, to);
        }
        if (!receiver.isPayable()) _refuseMerchant(to, receiver);
        payer = payer.current();
        receiver = receiver.current();
        _supply.requireNotPaused(payer.monthOf());
        (uint256 thisYear, uint256 earlierYears,) = payer.parts();
        if (amount > thisYear + earlierYears) {
            revert ERC20InsufficientBalance(from, thisYear + earlierYears, amount);
        }
        if (from == to) return;
        if (amount < earlierYears) earlierYears = amount;
        thisYear = amount - earlierYears;
        _accounts[from].word = payer.debited(thisYear, earlierYears);
        _accounts[to].word = receiver.credited(thisYear, earlierYears);
    }

    /// @dev Says why a merchant cannot be paid.
    function _refuseMerchant(address to, AccountWord word) private pure {
        if (word.isFrozen()) revert PointAccountFrozen(to);
        revert PointMerchantNotActive(to, word.status());
    }

    /// @dev Says why an account cannot receive lots. The constructor has frozen the two addresses that never can.
    function _refuseReceiver(address to, AccountWord word) private view {
        if (to == address(0) || to == address(this)) revert ERC20InvalidReceiver(to);
        if (word.isFrozen()) revert PointAccountFrozen(to);
        revert PointMintToMerchant(to);
    }

    function _requireEarliest(address from, uint256 epoch, uint256 value) private view {
        uint256 month = currentEpoch();
        if (epoch < month) revert ERC7818TransferredExpiredToken(from, epoch);
        Lot[] memory lots = _lotsOf(from, month);
        if (lots.length == 0) revert ERC20InsufficientBalance(from, 0, value);
        if (lots[0].monthOf() != epoch) revert PointNotEarliest(epoch, lots[0].monthOf());
        if (value > lots[0].amountOf()) revert ERC20InsufficientBalance(from, lots[0].amountOf(), value);
    }

    // -------------------------------------------------------------- ALLOWANCES

    function approve(address spender, uint256 value) external returns (bool) {
        _approve(spender, value);
        return true;
    }

    function increaseAllowance(address spender, uint256 byPoints) external returns (bool) {
        _approve(spender, _allowances[msg.sender][spender] + byPoints);
        return true;
    }

    function decreaseAllowance(address spender, uint256 byPoints) external returns (bool) {
        uint256 allowed = _allowances[msg.sender][spender];
        if (byPoints > allowed) revert ERC20InsufficientAllowance(spender, allowed, byPoints);
        _approve(spender, allowed - byPoints);
        return true;
    }

    function _approve(address spender, uint256 value) private {
        if (spender == address(0)) revert ERC20InvalidSpender(spender);
        _allowances[msg.sender][spender] = value;
        emit Approval(msg.sender, spender, value);
    }

    /// @dev An allowance of the largest number is without limit and is not counted down.
    function _useAllowance(address owner, uint256 value) private {
        uint256 allowed = _allowances[owner][msg.sender];
        if (allowed == type(uint256).max) return;
        if (value > allowed) {
            // A merchant's owner disposes of the claim when the merchant's own key is lost.
            if (msg.sender != address(0) && msg.sender == _owners[owner]) return;
            revert ERC20InsufficientAllowance(msg.sender, allowed, value);
        }
        unchecked {
            _allowances[owner][msg.sender] = allowed - value;
        }
    }

    // ------------------------------------------------------------------ LAPSE

    function recordLapse(address[] calldata accounts) external {
        uint256 month = currentEpoch();
        for (uint256 i; i < accounts.length; ++i) {
            ExpiringLots.Account storage account = _accounts[accounts[i]];
            AccountWord word = account.word;
            if (!word.isMerchant()) account.word = account.dropEnded(accounts[i], word, month);
        }
        _closeMonths(month);
    }

    /// @dev Books what ended months left unspent. Their lanes stay as they are.
    function _closeMonths(uint256 month) private {
        for (uint256 ended = _firstOpenMonth; ended < month; ++ended) {
            uint256 lapsed = pointsEndingWith(ended);
            _lapsedInClosedMonths += lapsed;
            emit MonthClosed(ended, lapsed);
        }
        _firstOpenMonth = month;
    }

    // ------------------------------------------------------------------ VIEWS

    function decimals() external pure returns (uint8) {
        return 0;
    }

    function supportsInterface(bytes4 interfaceId) external pure returns (bool) {
        return interfaceId == type(IERC165).interfaceId || interfaceId == type(IERC20).interfaceId
            || interfaceId == type(IERC20Metadata).interfaceId || interfaceId == type(IERC7818).interfaceId
            || interfaceId == type(IMunicipalPoint).interfaceId;
    }

    function totalSupply() external view returns (uint256 supply) {
        supply = _mintedByRemovedMinters + _restored;
        for (uint256 i; i < _minters.length; ++i) {
            supply += _minterWords[_minters[i]].minted();
        }
        supply -= _lapsedInClosedMonths + _revoked;
        uint256 month = currentEpoch();
        for (uint256 ended = _firstOpenMonth; ended < month; ++ended) {
            supply -= pointsEndingWith(ended);
        }
    }

    function balanceOf(address account) external view returns (uint256) {
        AccountWord word = _accounts[account].word;
        if (!word.isMerchant()) return endingBefore(account, type(uint256).max);
        (uint256 thisYear, uint256 earlierYears, uint256 locked) = word.parts();
        return thisYear + earlierYears + locked;
    }

    function allowance(address owner, address spender) external view returns (uint256) {
        return _allowances[owner][spender];
    }

    function balanceOfAtEpoch(uint256 epoch, address account) external view returns (uint256) {
        Lot[] memory lots = _lotsOf(account, currentEpoch());
        for (uint256 i; i < lots.length; ++i) {
            if (lots[i].monthOf() == epoch) return lots[i].amountOf();
        }
        return 0;
    }

    function currentEpoch() public view returns (uint256) {
        return JapanCalendar.monthOf(block.timestamp);
    }

    function epochLength() external view returns (uint256) {
        uint256 month = currentEpoch();
        return JapanCalendar.startOf(month + 1) - JapanCalendar.startOf(month);
    }

    function epochType() external pure returns (EPOCH_TYPE) {
        return EPOCH_TYPE.TIME_BASED;
    }

    function validityDuration() external view returns (uint256) {
        uint256 end = policyExpiryMonth();
        if (end == ExpiryPolicy.NEVER) return type(uint256).max;
        uint256 month = currentEpoch();
        return end < month ? 0 : end - month + 1;
    }

    function isEpochExpired(uint256 epoch) external view returns (bool) {
        return epoch < currentEpoch();
    }

    function lotsOf(address account)
        external
        view
        returns (uint256[] memory expiryMonths, uint256[] memory amountsPoints)
    {
        Lot[] memory lots = _lotsOf(account, currentEpoch());
        expiryMonths = new uint256[](lots.length);
        amountsPoints = new uint256[](lots.length);
        for (uint256 i; i < lots.length; ++i) {
            (expiryMonths[i], amountsPoints[i]) = (lots[i].monthOf(), lots[i].amountOf());
        }
    }

    function endingBefore(address account, uint256 month) public view returns (uint256 amountPoints) {
        if (_accounts[account].word.isMerchant()) return 0;
        return _accounts[account].sum(currentEpoch(), month);
    }

    function pointsEndingWith(uint256 month) public view returns (uint256 amountPoints) {
        if (month > ExpiryPolicy.NEVER) return 0;
        amountPoints = _supply.lane(month);
        for (uint256 i; i < _minters.length; ++i) {
            MinterWord word = _minterWords[_minters[i]];
            if (word.reservedMonth() == month) amountPoints -= word.reserved();
        }
    }

    function claimOf(address merchant)
        external
        view
        returns (uint256 thisYearPoints, uint256 earlierYearsPoints, uint256 lockedPoints)
    {
        AccountWord word = _accounts[merchant].word;
        if (word.isMerchant()) return word.current().parts();
    }

    function merchantOf(address account)
        external
        view
        returns (bool isMerchant, MerchantStatus status, uint256 category)
    {
        AccountWord word = _accounts[account].word;
        if (word.isMerchant()) return (true, word.status(), word.category());
    }

    function ownerOf(address merchant) public view returns (address owner) {
        owner = _owners[merchant];
        if (owner == address(0) && _accounts[merchant].word.isMerchant()) return merchant;
    }

    function isTill(address merchant, address till) external view returns (bool) {
        address appointedBy = _tills[merchant][till];
        return appointedBy != address(0) && appointedBy == ownerOf(merchant);
    }

    function frozenOf(address account) external view returns (bool frozen, bool blocked) {
        uint256 word = AccountWord.unwrap(_accounts[account].word);
        return (word & AccountFlags.FROZEN != 0, word & AccountFlags.REPLACED != 0);
    }

    function restoredOf(uint256 month) external view returns (uint256 amountPoints) {
        return _restorations.points[month];
    }

    function minterOf(address minter) external view returns (uint256 allowancePoints, uint256 mintedPoints) {
        MinterWord word = _minterWords[minter];
        return (word.allowance(), word.minted());
    }

    function minters() external view returns (address[] memory) {
        return _minters;
    }

    function expiryPolicy() external view returns (ExpiryRule rule, uint256 months) {
        return (_settings.expiryRule, _settings.expiryMonths);
    }

    function policyExpiryMonth() public view returns (uint256 month) {
        return ExpiryPolicy.expiryMonth(_settings.expiryRule, _settings.expiryMonths, currentEpoch());
    }

    function transferSwitches() external view returns (bool betweenResidents, bool betweenMerchants) {
        return (_settings.betweenResidents, _settings.betweenMerchants);
    }

    function pausedUntil() external view returns (uint256 timestamp) {
        return _supply.pausedUntil(ExpiryPolicy.NEVER);
    }

    /// @dev A merchant's word holds no lots and must not be read as if it did.
    function _lotsOf(address account, uint256 month) private view returns (Lot[] memory) {
        if (_accounts[account].word.isMerchant()) return new Lot[](0);
        return _accounts[account].lotsOf(month);
    }
}
