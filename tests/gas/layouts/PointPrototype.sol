// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {AccountWord} from "../../../contracts/libraries/AccountWord.sol";
import {ExpiringLots} from "../../../contracts/libraries/ExpiringLots.sol";
import {JapanCalendar} from "../../../contracts/libraries/JapanCalendar.sol";
import {MerchantClaim} from "../../../contracts/libraries/MerchantClaim.sol";
import {MinterWord} from "../../../contracts/libraries/MinterWord.sol";
import {SupplyByMonth} from "../../../contracts/libraries/SupplyByMonth.sol";

/// @title What all measured layouts share, so that two of them differ in nothing but their layout
/// @notice A token with the verbs that the gas bench compares and the checks that a payment makes: payer not frozen,
/// receiver an active merchant, series not paused, supply of each month exact. For measurements: nobody is asked for
/// a role, and there are no allowances and no transfers between residents.
abstract contract PointPrototype {
    using MerchantClaim for AccountWord;
    using SupplyByMonth for SupplyByMonth.HalfYear[256];

    uint256 private constant RESERVE_POINTS = 2 ** 27;

    mapping(address => ExpiringLots.Account) internal _accounts;
    SupplyByMonth.HalfYear[256] internal _supply;
    mapping(address => MinterWord) internal _minterWords;

    event Transfer(address indexed from, address indexed to, uint256 amount);
    event Lapsed(address indexed account, uint256 indexed expiryMonth, uint256 amountPoints);
    event Minted(address indexed minter, uint256 indexed expiryMonth, uint256 amountPoints);

    error Refused();

    function approveMerchant(address merchant) external {
        _accounts[merchant].word = _accounts[merchant].word.approved(1);
    }

    function setMinterAllowance(address minter, uint256 points) external {
        _minterWords[minter] = _minterWords[minter].withAllowance(points);
    }

    function mintUntil(address to, uint256 amount, uint256 expiryMonth) external {
        uint256 month = JapanCalendar.monthOf(block.timestamp);
        MinterWord word = _minterWords[msg.sender];
        if (!word.isAccepted() || amount > word.allowance()) revert Refused();
        _minterWords[msg.sender] = _bookMint(word, amount, expiryMonth);
        emit Minted(msg.sender, expiryMonth, amount);
        ExpiringLots.Account storage account = _accounts[to];
        AccountWord accountWord = account.word;
        if (!accountWord.isSpendable()) revert Refused();
        _receive(account, to, accountWord, amount, expiryMonth, month);
        emit Transfer(address(0), to, amount);
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        _checkReceiver(to);
        ExpiringLots.Account storage payer = _accounts[msg.sender];
        ExpiringLots.Account storage receiver = _accounts[to];
        AccountWord payerWord = payer.word;
        AccountWord receiverWord = receiver.word;
        if (!payerWord.isSpendable() || !receiverWord.isPayable()) revert Refused();
        receiverWord = _current(receiverWord);
        _spend(payer, msg.sender, payerWord, amount, receiverWord.monthOf());
        receiver.word = receiverWord.credited(amount, 0);
        emit Transfer(msg.sender, to, amount);
        return true;
    }

    /// @notice Live points of a resident.
    function balanceOf(address account) external view virtual returns (uint256);

    /// @dev Takes `amount` out of the live lots of an account and out of the supply of their months, and records
    /// ended lots that lie before them.
    function _spend(
        ExpiringLots.Account storage payer,
        address owner,
        AccountWord word,
        uint256 amount,
        uint256 month
    ) internal virtual;

    /// @dev Adds a lot to an account.
    function _receive(
        ExpiringLots.Account storage account,
        address owner,
        AccountWord word,
        uint256 amount,
        uint256 expiryMonth,
        uint256 month
    ) internal virtual;

    /// @dev Refuses the addresses that hold nothing, where this is not done by freezing them.
    function _checkReceiver(address to) internal view virtual {}

    /// @dev The merchant's word moved on to the current month.
    function _current(AccountWord word) internal view virtual returns (AccountWord) {
        return word.current();
    }

    /// @dev Books points into the supply of a month; returns the minter's word after minting them.
    function _bookMint(MinterWord word, uint256 amount, uint256 month) internal virtual returns (MinterWord) {
        if (amount > word.reserved() || month != word.reservedMonth()) {
            if (word.reserved() != 0) _takeFromSupply(word.reservedMonth(), word.reserved());
            _addToSupply(month, RESERVE_POINTS);
            word = word.withReserve(RESERVE_POINTS, month);
        }
        return word.drawn(amount);
    }

    function _emitLapse(address owner, uint256 month, uint256 amount) internal {
        emit Lapsed(owner, month, amount);
        emit Transfer(owner, address(0), amount);
    }

    function _addToSupply(uint256 month, uint256 amount) internal virtual {
        _supply.add(month, amount);
    }

    function _takeFromSupply(uint256 month, uint256 amount) internal virtual {
        _supply.subtract(month, amount);
    }
}
