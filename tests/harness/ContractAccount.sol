// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

// solhint-disable avoid-low-level-calls

/// @notice A resident's account that is a contract (ERC-1271), well-behaved or not.
contract ContractAccount is IERC1271 {
    enum Manner {
        AsksItsOwner, // accepts what its owner has signed
        AcceptsAll,
        UsesGas, // accepts all, after it has used `gasToUse`
        BurnsAllGas,
        Reverts,
        RevertsWithTheMagicWord,
        ReturnsNothing,
        ReturnsShortMagicWord, // its 4 bytes and nothing behind them
        ReturnsLongMagicWord, // the right word, then more
        ReturnsHugeGarbage,
        ReturnsWrongWord,
        ReturnsUncleanMagicWord, // the right 4 bytes, then others than zeros
        Reenters, // sends `inner` to `target`, then accepts
        AcceptsIfItReentered // the same, and accepts if that went well
    }

    /// About as many bytes as 100,000 gas can return.
    uint256 private constant MUCH = 150_000;

    error Closed();

    address public immutable owner;
    Manner public manner;
    uint256 public gasToUse;
    address public target;
    bytes public inner;

    constructor(address owner_) {
        owner = owner_;
    }

    function behave(Manner manner_) external {
        manner = manner_;
    }

    function useGas(uint256 gasToUse_) external {
        (manner, gasToUse) = (Manner.UsesGas, gasToUse_);
    }

    function reenter(Manner manner_, address target_, bytes calldata inner_) external {
        (manner, target, inner) = (manner_, target_, inner_);
    }

    /// @notice Sends a transaction of the account.
    function send(address to, bytes calldata data) external {
        (bool success, bytes memory answer) = to.call(data);
        if (!success) {
            assembly ("memory-safe") {
                revert(add(answer, 32), mload(answer))
            }
        }
    }

    function isValidSignature(bytes32 hash, bytes memory signature) external view returns (bytes4) {
        uint256 gasBefore = gasleft();
        bytes4 magic = IERC1271.isValidSignature.selector;
        if (manner == Manner.AsksItsOwner) {
            (address signer,,) = ECDSA.tryRecover(hash, signature);
            return signer == owner ? magic : bytes4(0);
        }
        if (manner == Manner.UsesGas) {
            uint256 toUse = gasToUse;
            while (gasBefore - gasleft() < toUse) {}
        }
        if (manner == Manner.BurnsAllGas) {
            while (true) {}
        }
        if (manner == Manner.Reverts) revert Closed();
        if (manner == Manner.RevertsWithTheMagicWord) _answer(bytes32(magic), 32, false);
        if (manner == Manner.ReturnsNothing) _answer(bytes32(magic), 0, true);
        if (manner == Manner.ReturnsShortMagicWord) _answer(bytes32(magic), 4, true);
        if (manner == Manner.ReturnsLongMagicWord) _answer(bytes32(magic), MUCH, true);
        if (manner == Manner.ReturnsHugeGarbage) _answer(bytes32(0), MUCH, true);
        if (manner == Manner.ReturnsWrongWord) return 0x12345678;
        if (manner == Manner.ReturnsUncleanMagicWord) {
            _answer(bytes32(magic) | bytes32(uint256(1)), 32, true);
        }
        if (manner == Manner.Reenters || manner == Manner.AcceptsIfItReentered) {
            bool entered = _reenter();
            if (manner == Manner.AcceptsIfItReentered && !entered) return bytes4(0);
        }
        return magic;
    }

    /// @dev Whoever asks does so by STATICCALL; a wallet may try all the same.
    function _reenter() private view returns (bool) {
        function() returns (bool) sending = _send;
        function() view returns (bool) looking;
        assembly ("memory-safe") {
            looking := sending
        }
        return looking();
    }

    function _send() private returns (bool success) {
        (success,) = target.call(inner);
    }

    function _answer(bytes32 word, uint256 size, bool succeed) private pure {
        assembly ("memory-safe") {
            mstore(0, word)
            if iszero(succeed) { revert(0, size) }
            return(0, size)
        }
    }
}
