// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {IMunicipalPoint} from "../../interfaces/IMunicipalPoint.sol";

/// @title What residents and tills sign (EIP-712), and whether they did
/// @notice Pure of the series' state. The domain is that of the series: name "jichitai-points", version "1".
library SignedPayments {
    bytes32 private constant PAYMENT_TYPE = keccak256(
        "Payment(address payer,address merchant,uint256 sale,uint256 amountPoints,uint256 validUntil,uint256 cancelEpoch)"
    );
    bytes32 private constant SALE_TYPE =
        keccak256("Sale(address merchant,uint256 sale,uint256 amountPoints,uint256 validUntil)");
    bytes32 private constant SALES_TYPE = keccak256("Sales(address merchant,uint256[] salesAndAmounts)");
    bytes32 private constant DOMAIN_TYPE =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");

    /// What a contract account may use to check a signature: enough for several owners.
    uint256 internal constant CONTRACT_ACCOUNT_GAS = 100_000;

    /// @notice The EIP-712 domain of this contract on this chain.
    function domainSeparator() internal view returns (bytes32) {
        return keccak256(
            abi.encode(
                DOMAIN_TYPE, keccak256("jichitai-points"), keccak256("1"), block.chainid, address(this)
            )
        );
    }

    /// @notice The struct hash of a payment, as the payer signs it.
    function paymentHash(
        address payer,
        address merchant,
        uint256 sale,
        uint256 amount,
        uint256 validUntil,
        uint256 cancelEpoch
    ) internal pure returns (bytes32) {
        return keccak256(abi.encode(PAYMENT_TYPE, payer, merchant, sale, amount, validUntil, cancelEpoch));
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
    function salesHash(address merchant, IMunicipalPoint.BatchItem[] calldata payments)
        internal
        pure
        returns (bytes32)
    {
        uint256[] memory salesAndAmounts = new uint256[](2 * payments.length);
        for (uint256 i; i < payments.length; ++i) {
            salesAndAmounts[2 * i] = payments[i].sale;
            salesAndAmounts[2 * i + 1] = payments[i].amountPoints;
        }
        return keccak256(abi.encode(SALES_TYPE, merchant, keccak256(abi.encodePacked(salesAndAmounts))));
    }

    /// @notice Who has signed `digest`; zero, which is nobody's key, if nobody has. A signature is 65 bytes, r, s and v,
    /// and s in the lower half of its range: of two that say the same, one counts.
    function signerOf(bytes32 digest, bytes calldata signature) internal pure returns (address signer) {
        if (signature.length != 65) return address(0);
        bytes32 r = bytes32(signature[:32]);
        bytes32 s = bytes32(signature[32:64]);
        (signer,,) = ECDSA.tryRecover(digest, uint8(signature[64]), r, s);
    }

    /// @notice True if `account` has signed `digest`: with its key, or, as a contract account, by its own rules (ERC-1271).
    /// A contract account gets CONTRACT_ACCOUNT_GAS and returns one word, whatever it does. With less gas left than that
    /// nothing is decided, or the sender could choose who is refused: it reverts.
    function isSignedBy(address account, bytes32 digest, bytes calldata signature)
        internal
        view
        returns (bool)
    {
        // Zero is what signerOf says of nobody; it never pays, since the series has frozen it.
        if (signerOf(digest, signature) == account) return true;
        if (account.code.length == 0) return false;
        return isValidForContract(account, digest, signature);
    }

    function isValidForContract(address account, bytes32 digest, bytes calldata signature)
        private
        view
        returns (bool)
    {
        bytes memory question = abi.encodeCall(IERC1271.isValidSignature, (digest, signature));
        // A call is given at most 63/64 of what is left.
        if (gasleft() * 63 / 64 < CONTRACT_ACCOUNT_GAS) {
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
