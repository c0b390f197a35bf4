// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import {IERC7818} from "../interfaces/IERC7818.sol";
import {IMunicipalPoint} from "../interfaces/IMunicipalPoint.sol";
import {IOfficers} from "../interfaces/IOfficers.sol";
import {IResidentRegistry} from "../interfaces/IResidentRegistry.sol";
import {AccountFlags, AccountWord} from "./libraries/AccountWord.sol";
import {ExpiringLots, Lot} from "./libraries/ExpiringLots.sol";
import {ExpiryPolicy} from "./libraries/ExpiryPolicy.sol";
import {JapanCalendar} from "./libraries/JapanCalendar.sol";
import {LotCorrections} from "./libraries/LotCorrections.sol";
import {MerchantClaim} from "./libraries/MerchantClaim.sol";
import {Minting} from "./libraries/Minting.sol";
import {ResidentGrants} from "./libraries/ResidentGrants.sol";
import {PaymentTerms, PaymentTermsParts} from "./libraries/PaymentTerms.sol";
import {SaleDesk} from "./libraries/SaleDesk.sol";
import {SaleRecords} from "./libraries/SaleRecord.sol";
import {Series, SeriesStorage, Settings} from "./libraries/Series.sol";
import {SeriesMigration} from "./libraries/SeriesMigration.sol";
import {SeriesSettings} from "./libraries/SeriesSettings.sol";
import {SeriesViews} from "./libraries/SeriesViews.sol";
import {SettlementDesk} from "./libraries/SettlementDesk.sol";
import {SignedPayments} from "./libraries/SignedPayments.sol";
import {SupplyByMonth} from "./libraries/SupplyByMonth.sol";

/// @title MunicipalPoint
/// @notice One series of expiring points of one municipality. What it promises, its powers and all NatSpec stand in
/// IMunicipalPoint; how it stores things, in the libraries.
///
/// A payment touches three words: the payer's (AccountWord, ExpiringLots), the merchant's (MerchantClaim) and the
/// supply of the half year that the points end in (SupplyByMonth). A payment of a sale touches a fourth, the sale's
/// (SaleRecord).
///
/// What is called often is here. What is rarely called is forwarded as it is to seven linked libraries, which work on
/// the same storage: SeriesSettings, SeriesMigration, LotCorrections, SaleDesk, SettlementDesk, ResidentGrants, SeriesViews.
///
/// Not here: no owner, no proxy. Lots leave an account against its holder's will only by `revoke` (two officers), `takeBack`
/// (a minter, in all at most what it ever minted) and `carry` (once two officers have had the account replaced). No reentrancy
/// guard: this contract calls Officers, the platform and the registry of residents, contract accounts that check a signature,
/// and the series before it about what it knows, all to read only (STATICCALL); and the series before and after it, registered
/// for the same municipality, to carry points, only where nothing that it has read is written back afterwards.
contract MunicipalPoint is IMunicipalPoint, IERC20Errors {
    using ExpiringLots for ExpiringLots.Account;
    using ExpiringLots for AccountWord;
    using MerchantClaim for AccountWord;
    using Minting for Series;
    using SupplyByMonth for SupplyByMonth.HalfYear[256];

    // ------------------------------------------------------------- immutables

    uint256 public immutable municipality;
    IOfficers public immutable officers;
    IResidentRegistry public immutable residents;
    address public immutable predecessor;
    uint256 private immutable _payableDays;
    uint256 private immutable _ringDays;
    uint256 private immutable _chainId;
    bytes32 private immutable _domainSeparator;

    // ---------------------------------------------------------------- storage

    /// @dev The only state variable: its libraries find it at slot 0 (SeriesStorage).
    Series private _series;

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
    /// @param saleTerms_ see IMunicipalPoint.SaleTerms.
    /// @param predecessor_ the series whose accounts this one takes over; zero if it begins with nothing.
    constructor(
        uint256 municipality_,
        IOfficers officers_,
        IResidentRegistry residents_,
        string memory name_,
        string memory symbol_,
        ExpiryRule expiryRule_,
        uint256 expiryMonths_,
        SaleTerms memory saleTerms_,
        address predecessor_
    ) {
        municipality = municipality_;
        officers = officers_;
        residents = residents_;
        predecessor = predecessor_;
        _series.name = name_;
        _series.symbol = symbol_;
        SeriesSettings.setExpiryPolicy(expiryRule_, expiryMonths_);
        _series.totals.firstOpenMonth = currentEpoch();
        _chainId = block.chainid;
        _domainSeparator = SignedPayments.domainSeparator();
        _payableDays = saleTerms_.payableDays;
        _ringDays = saleTerms_.ringDays;
        SeriesSettings.setRefundDays(saleTerms_.refundDays, saleTerms_.payableDays, saleTerms_.ringDays);
        // Points must never reach these two; frozen, they are refused without a question of their own.
        _series.accounts[address(0)].word = AccountWord.wrap(AccountFlags.FROZEN);
        _series.accounts[address(this)].word = AccountWord.wrap(AccountFlags.FROZEN);
    }

    // --------------------------------------------------------- FORWARDED CALLS

    /// @dev Hands the whole call to a linked library, which works on this contract's storage, and returns its answer.
    function _forward(address linkedLibrary) private {
        assembly ("memory-safe") {
            let data := mload(0x40)
            calldatacopy(data, 0, calldatasize())
            let success := delegatecall(gas(), linkedLibrary, data, calldatasize(), 0, 0)
            returndatacopy(data, 0, returndatasize())
            if iszero(success) { revert(data, returndatasize()) }
            return(data, returndatasize())
        }
    }

    // --------------------------------------------------------- ADMINISTRATION

    function increaseMinterAllowance(address, uint256) external onlyByAct {
        _forward(address(SeriesSettings));
    }

    function decreaseMinterAllowance(address, uint256) external onlyByAct {
        _forward(address(SeriesSettings));
    }

    function removeMinter(address) external onlyByAct {
        _forward(address(SeriesSettings));
    }

    /// @dev A library names an enumeration in its own way, so that this call is made anew.
    function setExpiryPolicy(ExpiryRule rule, uint256 months) external onlyByAct {
        SeriesSettings.setExpiryPolicy(rule, months);
    }

    function setTransferSwitches(bool, bool) external onlyByAct {
        _forward(address(SeriesSettings));
    }

    function setRefundDays(uint256 refundDays) external onlyByAct {
        SeriesSettings.setRefundDays(refundDays, _payableDays, _ringDays);
    }

    function setSettlement(address) external onlyByAct {
        _forward(address(SeriesSettings));
    }

    function pause(uint256) external onlyByAct {
        _forward(address(SeriesSettings));
    }

    function unpause() external onlyByAct {
        _forward(address(SeriesSettings));
    }

    // -------------------------------------------------------------- MERCHANTS

    function approveMerchant(address, uint256, string calldata, string calldata) external onlyByAct {
        _forward(address(SeriesSettings));
    }

    function suspendMerchant(address) external onlyByAct {
        _forward(address(SeriesSettings));
    }

    function closeMerchant(address) external onlyByAct {
        _forward(address(SeriesSettings));
    }

    function replaceOwner(address, address) external onlyByAct {
        _forward(address(SeriesSettings));
    }

    function setTill(address, address, bool) external {
        _forward(address(SeriesSettings));
    }

    // -------------------------------------------------------------- MIGRATION

    function announceSuccessor(address) external onlyByAct {
        _forward(address(SeriesMigration));
    }

    function withdrawSuccessor() external onlyByAct {
        _forward(address(SeriesMigration));
    }

    function closeForSuccessor() external {
        _forward(address(SeriesMigration));
    }

    function openAfterPredecessor() external {
        _forward(address(SeriesMigration));
    }

    function carryIn(address[] calldata) external {
        _forward(address(SeriesMigration));
    }

    function carryOut(address[] calldata) external returns (CarriedAccount[] memory) {
        _forward(address(SeriesMigration));
    }

    function returnClaim(address, uint256, bool) external returns (uint256, uint256) {
        _forward(address(SeriesMigration));
    }

    // --------------------------------------------------------------- ACCOUNTS

    function freeze(address) external onlyByAct {
        _forward(address(SeriesSettings));
    }

    function unfreeze(address) external onlyByAct {
        _forward(address(SeriesSettings));
    }

    function syncBlocked(address) external {
        _forward(address(LotCorrections));
    }

    function carry(address) external {
        _forward(address(LotCorrections));
    }

    function extendLots(uint256, uint256, address[] calldata) external onlyByAct {
        _forward(address(LotCorrections));
    }

    function restoreLots(uint256, uint256, address[] calldata, uint256[] calldata) external onlyByAct {
        _forward(address(LotCorrections));
    }

    function revoke(address, uint256, uint256) external onlyByAct {
        _forward(address(LotCorrections));
    }

    // --------------------------------------------------------------- GRANTING

    function mint(address to, uint256 amountPoints) external {
        mintUntil(to, amountPoints, policyExpiryMonth());
    }

    function mintUntil(address to, uint256 amountPoints, uint256 expiryMonth) public {
        uint256 month = _series.draw(amountPoints, expiryMonth);
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
        uint256 month = _series.draw(total, expiryMonth);
        for (uint256 i; i < to.length; ++i) {
            _receiveMinted(to[i], amountsPoints[i], expiryMonth, month);
        }
    }

    function mintToResidents(uint256[] calldata, uint256, uint256)
        external
        returns (uint256[] memory, MintIssue[] memory)
    {
        _forward(address(ResidentGrants));
    }

    function _receiveMinted(address to, uint256 amount, uint256 expiryMonth, uint256 month) private {
        ExpiringLots.Account storage account = _series.accounts[to];
        AccountWord word = account.word;
        if (!word.isSpendable()) _refuseReceiver(to, word);
        account.receivePoints(to, word, amount, expiryMonth, month);
        emit Transfer(address(0), to, amount);
    }

    function takeBack(address, uint256, uint256) external returns (uint256) {
        _forward(address(LotCorrections));
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
        LotCorrections.requireEarliest(msg.sender, epoch, value);
        _move(msg.sender, to, value);
        return true;
    }

    function transferFromAtEpoch(uint256 epoch, address from, address to, uint256 value)
        external
        returns (bool)
    {
        LotCorrections.requireEarliest(from, epoch, value);
        _useAllowance(from, value);
        _move(from, to, value);
        return true;
    }

    function _move(address from, address to, uint256 amount) private {
        ExpiringLots.Account storage payer = _series.accounts[from];
        ExpiringLots.Account storage receiver = _series.accounts[to];
        AccountWord payerWord = payer.word;
        AccountWord receiverWord = receiver.word;
        if (!payerWord.isSpendable()) {
            if (payerWord.isFrozen()) revert PointAccountFrozen(from);
            SaleDesk.passClaim(from, to, amount);
        } else if (receiverWord.isPayable()) {
            receiverWord = receiverWord.current();
            Lot lot = payerWord.earliest();
            uint256 lotMonth = lot.monthOf();
            if (amount <= lot.amountOf() && receiverWord.monthOf() <= lotMonth) {
                payer.word = payerWord.spentEarliest(amount);
                _series.supply.subtract(lotMonth, amount);
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
        returns (Lot[] memory parts)
    {
        parts = payer.spend(from, amount, month);
        // Every part asks its own supply word for a pause; of nothing, there is no part.
        if (amount == 0) _series.supply.requireOpen(month);
        for (uint256 i; i < parts.length; ++i) {
            _series.supply.subtract(parts[i].monthOf(), parts[i].amountOf());
        }
    }

    /// @dev From resident to resident. The supply of no month changes; a lot keeps its month.
    function _giveLots(address from, address to, AccountWord receiver, uint256 amount) private {
        if (receiver.isMerchant()) _refuseMerchant(to, receiver);
        if (!receiver.isSpendable()) _refuseReceiver(to, receiver);
        if (!_series.settings.betweenResidents) revert PointReceiverNotMerchant(to);
        uint256 month = currentEpoch();
        _series.supply.requireOpen(month);
        Lot[] memory parts = _series.accounts[from].spend(from, amount, month);
        // The receiver's word is read afresh for each part: to oneself, lots go back to where they came from.
        for (uint256 i; i < parts.length; ++i) {
            _series.accounts[to].receivePoints(
                to, _series.accounts[to].word, parts[i].amountOf(), parts[i].monthOf(), month
            );
        }
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

    // ------------------------------------------------------------------ SALES
    //
    // `counter` is the merchant's word, current; it is written when all payments of the call are made. Meanwhile nothing
    // else writes it: payers are no merchants, and contract accounts may only read.

    function pay(
        address merchant,
        uint256 sale,
        uint256 amountPoints,
        uint256 validUntil,
        bytes32 r,
        bytes32 vs
    ) external {
        address key = _signerOfSale(merchant, sale, amountPoints, validUntil, r, vs);
        (AccountWord counter, ExpiringLots.Account storage shop) = _openCounter(merchant, key);
        PaymentTerms terms = PaymentTermsParts.pack(msg.sender, sale, amountPoints, validUntil);
        PaymentIssue issue = _take(merchant, counter, terms, 0, 0);
        if (issue != PaymentIssue.None) _refusePayment(issue, merchant, terms);
        shop.word = counter.credited(amountPoints, 0);
    }

    function paySigned(address merchant, uint256 terms, bytes32 r, bytes32 vs) external {
        (AccountWord counter, ExpiringLots.Account storage shop) = _openCounter(merchant, msg.sender);
        PaymentTerms payment = PaymentTerms.wrap(terms);
        PaymentIssue issue = _take(merchant, counter, payment, r, vs);
        if (issue != PaymentIssue.None) _refusePayment(issue, merchant, payment);
        shop.word = counter.credited(payment.amount(), 0);
    }

    function payRelayed(
        address merchant,
        SignedPayment calldata payment,
        uint256 saleValidUntil,
        bytes32 r,
        bytes32 vs
    ) external {
        PaymentTerms terms = PaymentTerms.wrap(payment.terms);
        address key = _signerOfSale(merchant, terms.sale(), terms.amount(), saleValidUntil, r, vs);
        (AccountWord counter, ExpiringLots.Account storage shop) = _openCounter(merchant, key);
        PaymentIssue issue = _take(merchant, counter, terms, payment.r, payment.vs);
        if (issue != PaymentIssue.None) _refusePayment(issue, merchant, terms);
        shop.word = counter.credited(terms.amount(), 0);
    }

    function payBatch(address merchant, SignedPayment[] calldata payments, bytes32 r, bytes32 vs)
        external
        returns (PaymentIssue[] memory issues)
    {
        address key = r == 0 ? msg.sender : _signerOf(SignedPayments.salesHash(merchant, payments), r, vs);
        (AccountWord counter, ExpiringLots.Account storage shop) = _openCounter(merchant, key);
        issues = new PaymentIssue[](payments.length);
        shop.word = counter.credited(_takeEach(merchant, counter, payments, issues), 0);
    }

    /// @dev Notes why payments were not made in `issues`.
    function _takeEach(
        address merchant,
        AccountWord counter,
        SignedPayment[] calldata payments,
        PaymentIssue[] memory issues
    ) private returns (uint256 total) {
        for (uint256 i; i < payments.length; ++i) {
            SignedPayment calldata payment = payments[i];
            PaymentTerms terms = PaymentTerms.wrap(payment.terms);
            PaymentIssue issue = _take(merchant, counter, terms, payment.r, payment.vs);
            if (issue == PaymentIssue.None) {
                total += terms.amount();
            } else {
                issues[i] = issue;
                emit PaymentSkipped(merchant, terms.sale(), terms.payer(), issue);
            }
        }
    }

    function voidSale(address, uint256) external {
        _forward(address(SaleDesk));
    }

    function refund(address, uint256, address, uint256[] calldata, uint256) external {
        _forward(address(SaleDesk));
    }

    function cancelSignatures() external {
        _forward(address(SaleDesk));
    }

    /// @dev Reads a merchant's word for a key that may take payments, and says why the merchant cannot be paid.
    function _openCounter(address merchant, address key)
        private
        view
        returns (AccountWord counter, ExpiringLots.Account storage shop)
    {
        shop = _series.accounts[merchant];
        counter = shop.word;
        if (!_isCounterKey(merchant, counter, key)) revert PointNotTill(merchant, key);
        if (!counter.isPayable()) {
            // In a resident's word the generation means nothing, and any key may have fitted.
            if (!counter.isMerchant()) revert PointNotTill(merchant, key);
            _refuseMerchant(merchant, counter);
        }
        counter = counter.current();
    }

    /// @dev The owner's key and the tills that the present owner has appointed. A merchant's own key is its owner's until
    /// that is replaced.
    function _isCounterKey(address merchant, AccountWord word, address key) private view returns (bool) {
        unchecked {
            uint256 generation = word.generation();
            if (key == merchant && generation == 0) return true;
            return _series.counterKeys[merchant][key] == generation + 1;
        }
    }

    function _signerOfSale(
        address merchant,
        uint256 sale,
        uint256 amount,
        uint256 validUntil,
        bytes32 r,
        bytes32 vs
    ) private view returns (address) {
        if (block.timestamp > validUntil) revert PointSaleExpired(sale, validUntil);
        return _signerOf(SignedPayments.saleHash(merchant, sale, amount, validUntil), r, vs);
    }

    function _signerOf(bytes32 structHash, bytes32 r, bytes32 vs) private view returns (address) {
        bytes32 digest = MessageHashUtils.toTypedDataHash(DOMAIN_SEPARATOR(), structHash);
        return SignedPayments.signerOf(digest, r, vs);
    }

    /// @dev Reverts with the reason in full why a payment is not made.
    function _refusePayment(PaymentIssue issue, address merchant, PaymentTerms terms) private view {
        SaleDesk.refuse(issue, merchant, PaymentTerms.unwrap(terms), _payableDays);
    }

    /// @dev Takes the points of one payment from its payer, who has signed it or sends it, and notes the sale as paid; or
    /// does nothing and says why. The merchant is credited by the caller.
    function _take(address merchant, AccountWord counter, PaymentTerms terms, bytes32 r, bytes32 vs)
        private
        returns (PaymentIssue issue)
    {
        uint256 key = SeriesStorage.saleKey(merchant, terms.sale(), _ringDays);
        issue = _series.sales[key].issueOf(terms, _payableDays);
        if (issue != PaymentIssue.None) {
            if (issue != PaymentIssue.PredecessorUnasked) return issue;
            bool isUsed = predecessor != address(0) && SaleDesk.isUsedBefore(merchant, terms.sale());
            if (isUsed) return PaymentIssue.SaleUsed;
            issue = PaymentIssue.None;
        }
        if (block.timestamp > terms.validUntil()) return PaymentIssue.Expired;
        ExpiringLots.Account storage payer = _series.accounts[terms.payer()];
        AccountWord word = payer.word;
        if (!word.isSpendable()) return PaymentIssue.PayerStopped;
        if (terms.payer() != msg.sender) {
            bytes32 hash = terms.structHash(merchant, word.cancelEpoch());
            bytes32 digest = MessageHashUtils.toTypedDataHash(DOMAIN_SEPARATOR(), hash);
            if (!SignedPayments.isSignedBy(terms.payer(), digest, r, vs)) return PaymentIssue.WrongSignature;
        }
        uint256 amount = terms.amount();
        uint256 lotMonth = word.earliest().monthOf();
        if (amount <= word.earliest().amountOf() && counter.monthOf() <= lotMonth) {
            payer.word = word.spentEarliest(amount);
            _series.supply.subtract(lotMonth, amount);
            Lot lot = ExpiringLots.toLot(lotMonth, amount);
            _series.sales[key] = SaleRecords.paidFromLot(terms, lot);
            emit SalePaid(merchant, terms.withLot(lot));
        } else if (!_takeOverLots(merchant, counter.monthOf(), terms, key)) {
            return PaymentIssue.NotEnoughPoints;
        }
        emit Transfer(terms.payer(), merchant, amount);
    }

    function _takeOverLots(address merchant, uint256 month, PaymentTerms terms, uint256 key)
        private
        returns (bool isEnough)
    {
        ExpiringLots.Account storage payer = _series.accounts[terms.payer()];
        if (payer.sum(month, type(uint256).max) < terms.amount()) return false;
        Lot[] memory lots = _spendOverLots(payer, terms.payer(), terms.amount(), month);
        _series.sales[key] = SaleRecords.paidFromLots(terms, lots);
        for (uint256 i; i < lots.length; ++i) {
            emit SalePaid(merchant, terms.withLot(lots[i]));
        }
        return true;
    }

    // -------------------------------------------------------------- SETTLEMENT

    function lockClaims(uint256[] calldata) external returns (uint256[] memory) {
        _forward(address(SettlementDesk));
    }

    function unlockClaims(uint256[] calldata) external {
        _forward(address(SettlementDesk));
    }

    function burnLocked(uint256[] calldata) external {
        _forward(address(SettlementDesk));
    }

    function reopenClaims(uint256[] calldata) external {
        _forward(address(SettlementDesk));
    }

    // -------------------------------------------------------------- ALLOWANCES

    function approve(address spender, uint256 value) external returns (bool) {
        _approve(spender, value);
        return true;
    }

    function increaseAllowance(address spender, uint256 byPoints) external returns (bool) {
        _approve(spender, _series.allowances[msg.sender][spender] + byPoints);
        return true;
    }

    function decreaseAllowance(address spender, uint256 byPoints) external returns (bool) {
        uint256 allowed = _series.allowances[msg.sender][spender];
        if (byPoints > allowed) revert ERC20InsufficientAllowance(spender, allowed, byPoints);
        _approve(spender, allowed - byPoints);
        return true;
    }

    function _approve(address spender, uint256 value) private {
        if (spender == address(0)) revert ERC20InvalidSpender(spender);
        _series.allowances[msg.sender][spender] = value;
        emit Approval(msg.sender, spender, value);
    }

    /// @dev An allowance of the largest number is without limit and is not counted down.
    function _useAllowance(address owner, uint256 value) private {
        uint256 allowed = _series.allowances[owner][msg.sender];
        if (allowed == type(uint256).max) return;
        if (value > allowed) {
            // A merchant's owner disposes of the claim when the merchant's own key is lost.
            if (msg.sender != address(0) && msg.sender == _series.owners[owner]) return;
            revert ERC20InsufficientAllowance(msg.sender, allowed, value);
        }
        unchecked {
            _series.allowances[owner][msg.sender] = allowed - value;
        }
    }

    // ------------------------------------------------------------------ LAPSE

    function recordLapse(address[] calldata) external {
        _forward(address(LotCorrections));
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

    function balanceOf(address account) external view returns (uint256) {
        ExpiringLots.Account storage holder = _series.accounts[account];
        AccountWord word = holder.word;
        if (!word.isMerchant()) return holder.sum(currentEpoch(), type(uint256).max);
        (uint256 thisYear, uint256 earlierYears, uint256 locked) = word.parts();
        return thisYear + earlierYears + locked;
    }

    function allowance(address owner, address spender) external view returns (uint256) {
        return _series.allowances[owner][spender];
    }

    function currentEpoch() public view returns (uint256) {
        return JapanCalendar.monthOf(block.timestamp);
    }

    function epochType() external pure returns (EPOCH_TYPE) {
        return EPOCH_TYPE.TIME_BASED;
    }

    function isEpochExpired(uint256 epoch) external view returns (bool) {
        return epoch < currentEpoch();
    }

    function policyExpiryMonth() public view returns (uint256 month) {
        Settings storage settings = _series.settings;
        return ExpiryPolicy.expiryMonth(settings.expiryRule, settings.expiryMonths, currentEpoch());
    }

    function ownerOf(address merchant) public view returns (address owner) {
        owner = _series.owners[merchant];
        if (owner == address(0) && _series.accounts[merchant].word.isMerchant()) return merchant;
    }

    function isTill(address merchant, address till) external view returns (bool) {
        AccountWord word = _series.accounts[merchant].word;
        return word.isMerchant() && _isCounterKey(merchant, word, till);
    }

    function saleDays() external view returns (uint256 payableDays, uint256 refundDays, uint256 ringDays) {
        return (_payableDays, _series.settings.refundDays, _ringDays);
    }

    // solhint-disable-next-line func-name-mixedcase
    function DOMAIN_SEPARATOR() public view returns (bytes32) {
        // A chain that has split in two has two ids.
        return block.chainid == _chainId ? _domainSeparator : SignedPayments.domainSeparator();
    }

    // --------------------------------------------------------- FORWARDED VIEWS

    /// @dev As `_forward`. Solidity cannot know that the library only reads, so that it is told: both pointers mean the
    /// same code, and what is forwarded here is declared `view` there.
    function _forwardView(address linkedLibrary) private view {
        function(address) forward = _forward;
        function(address) view forwardView;
        assembly ("memory-safe") {
            forwardView := forward
        }
        forwardView(linkedLibrary);
        // Never reached; it tells the compiler that nothing is left to return.
        revert(); // solhint-disable-line reason-string, gas-custom-errors
    }

    function name() external view returns (string memory) {
        _forwardView(address(SeriesViews));
    }

    function symbol() external view returns (string memory) {
        _forwardView(address(SeriesViews));
    }

    function totalSupply() external view returns (uint256) {
        _forwardView(address(SeriesViews));
    }

    function pointsEndingWith(uint256) external view returns (uint256) {
        _forwardView(address(SeriesViews));
    }

    function restoredOf(uint256) external view returns (uint256) {
        _forwardView(address(SeriesViews));
    }

    function minterOf(address) external view returns (uint256, uint256) {
        _forwardView(address(SeriesViews));
    }

    function takenBackBy(address) external view returns (uint256) {
        _forwardView(address(SeriesViews));
    }

    function returnableBy(address) external view returns (uint256) {
        _forwardView(address(SeriesViews));
    }

    function migration() external view returns (address, uint256, bool, uint256) {
        _forwardView(address(SeriesMigration));
    }

    function carriedPoints() external view returns (uint256, uint256) {
        _forwardView(address(SeriesMigration));
    }

    function carriedInYear(uint256) external view returns (CarriedPoints memory) {
        _forwardView(address(SeriesMigration));
    }

    function minters() external view returns (address[] memory) {
        _forwardView(address(SeriesViews));
    }

    function expiryPolicy() external view returns (ExpiryRule, uint256) {
        _forwardView(address(SeriesViews));
    }

    function transferSwitches() external view returns (bool, bool) {
        _forwardView(address(SeriesViews));
    }

    function settlement() external view returns (address) {
        _forwardView(address(SeriesViews));
    }

    function settlementTotals() external view returns (uint256, uint256) {
        _forwardView(address(SeriesViews));
    }

    function pausedUntil() external view returns (uint256) {
        _forwardView(address(SeriesViews));
    }

    function epochLength() external view returns (uint256) {
        _forwardView(address(SeriesViews));
    }

    function validityDuration() external view returns (uint256) {
        _forwardView(address(SeriesViews));
    }

    function balanceOfAtEpoch(uint256, address) external view returns (uint256) {
        _forwardView(address(SeriesViews));
    }

    function lotsOf(address) external view returns (uint256[] memory, uint256[] memory) {
        _forwardView(address(SeriesViews));
    }

    function endingBefore(address, uint256) external view returns (uint256) {
        _forwardView(address(SeriesViews));
    }

    function frozenOf(address) external view returns (bool, bool) {
        _forwardView(address(SeriesViews));
    }

    function cancelEpochOf(address) external view returns (uint256) {
        _forwardView(address(SeriesViews));
    }

    function claimOf(address) external view returns (uint256, uint256, uint256) {
        _forwardView(address(SeriesViews));
    }

    function merchantOf(address) external view returns (bool, MerchantStatus, uint256) {
        _forwardView(address(SeriesViews));
    }

    function saleOf(address, uint256) external view returns (SaleState, uint256) {
        _forwardView(address(SaleDesk));
    }

    function issueOf(address, uint256) external view returns (PaymentIssue) {
        _forwardView(address(SaleDesk));
    }

    function refundOf(address, uint256, address, uint256[] calldata, uint256)
        external
        view
        returns (uint256, uint256)
    {
        _forwardView(address(SaleDesk));
    }
}
