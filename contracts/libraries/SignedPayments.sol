// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {PaymentTerms} from "./PaymentTerms.sol";
import {IMunicipalPoint} from "../../interfaces/IMunicipalPoint.sol";

/// @title What residents and tills sign (EIP-712), and whether they did
/// @notice Pure of the series' state. The domain is that of the series: name "jichitai-points", version "1".
library SignedPayments {
    bytes32 private constant SALE_TYPE =
        keccak256("Sale(address merchant,uint256 sale,uint256 amountPoints,uint256 validUntil)");
    bytes32 private constant SALES_TYPE = keccak256("Sales(address merchant,uint256[] salesAndAmounts)");
    bytes32 private constant DOMAIN_TYPE =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");

    /// Half the order of secp256k1.
    bytes32 private constant HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0;

    /// What a contract account may use to check a signature: enough for several owners.
    uint256 private constant CONTRACT_ACCOUNT_GAS = 100_000;
    uint256 private constant CALL_PRICE_GAS = 1_000;

    /// @notice The EIP-712 domain of this contract on this chain.
    function domainSeparator() internal view returns (bytes32) {
        return keccak256(
            abi.encode(
                DOMAIN_TYPE, keccak256("jichitai-points"), keccak256("1"), block.chainid, address(this)
            )
        );
    }

    /// @notice The struct hash of a sale, as the till signs it for somebody else to submit.
    function saleHash(address merchant, uint256 sale, uint256 amount, uint256 validUntil)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(SALE_TYPE, merchant, sale, amount, validUntil));
    }

    /// @notice The struct hash of the sales of a batch, as the till signs it for somebody else to submit.
    function salesHash(address merchant, IMunicipalPoint.SignedPayment[] calldata payments)
        internal
        pure
        returns (bytes32)
    {
        uint256[] memory salesAndAmounts = new uint256[](2 * payments.length);
        for (uint256 i; i < payments.length; ++i) {
            PaymentTerms terms = PaymentTerms.wrap(payments[i].terms);
            (salesAndAmounts[2 * i], salesAndAmounts[2 * i + 1]) = (terms.sale(), terms.amount());
        }
        return keccak256(abi.encode(SALES_TYPE, merchant, keccak256(abi.encodePacked(salesAndAmounts))));
    }

    /// @notice Who has signed `digest`; zero, which is nobody's key, if nobody has. A signature is compact (EIP-2098), and
    /// s in the lower half of its range: of two that say the same, one counts.
    function signerOf(bytes32 digest, bytes32 r, bytes32 vs) internal pure returns (address) {
        (bytes32 s, uint8 v) = _parts(vs);
        return s > HALF_ORDER ? address(0) : ecrecover(digest, v, r, s);
    }

    function _parts(bytes32 vs) private pure returns (bytes32 s, uint8 v) {
        unchecked {
            return (bytes32(uint256(vs) & (type(uint256).max >> 1)), uint8(27 + (uint256(vs) >> 255)));
        }
    }

    /// @notice True if `account` has signed `digest`: with its key, or, as a contract account, by its own rules. A
    /// contract account is asked with r, s and v in 65 bytes. Zero never asks to pay: the series has frozen it.
    function isSignedBy(address account, bytes32 digest, bytes32 r, bytes32 vs) internal view returns (bool) {
        if (signerOf(digest, r, vs) == account) return true;
        (bytes32 s, uint8 v) = _parts(vs);
        return _isValidForContract(account, digest, abi.encodePacked(r, s, v));
    }

    /// @dev True if `account` is a contract and accepts the signature (ERC-1271). It gets CONTRACT_ACCOUNT_GAS and
    /// returns one word, whatever it does. With less gas left than that nothing is decided, or the sender could choose who
    /// is refused: it reverts.
    function _isValidForContract(address account, bytes32 digest, bytes memory signature)
        private
        view
        returns (bool)
    {
        if (account.code.length == 0) return false;
        bytes memory question = abi.encodeCall(IERC1271.isValidSignature, (digest, signature));
        // A call is given at most 63/64 of what is left after its own price.
        if (gasleft() * 63 / 64 < CONTRACT_ACCOUNT_GAS + CALL_PRICE_GAS) {
            revert IMunicipalPoint.PointGasTooLow(gasleft(), CONTRACT_ACCOUNT_GAS);
        }
        uint256 answer;
        bool answered;
        assembly ("memory-safe") {
            // Only one word of what it returns is taken: copying more would cost whatever it likes.
            let success :=
                staticcall(CONTRACT_ACCOUNT_GAS, account, add(question, 32), mload(question), 0, 32)
            answered := and(success, gt(returndatasize(), 31))
            answer := mload(0)
        }
        return answered && answer == uint256(bytes32(IERC1271.isValidSignature.selector));
    }
}
