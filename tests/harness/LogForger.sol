// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @notice Tells any story. A test puts this code in place of a contract, and lets it emit what it never did.
contract LogForger {
    struct Told {
        address by;
        bytes32[] topics;
        bytes data;
    }

    /// @notice Lets each forger emit its log, all in one transaction.
    function tell(Told[] calldata story) external {
        for (uint256 i; i < story.length; ++i) {
            LogForger(story[i].by).emitLog(story[i].topics, story[i].data);
        }
    }

    function emitLog(bytes32[] memory t, bytes memory data) external {
        assembly {
            let size := mload(data)
            let at := add(data, 32)
            switch mload(t)
            case 1 { log1(at, size, mload(add(t, 32))) }
            case 2 { log2(at, size, mload(add(t, 32)), mload(add(t, 64))) }
            case 3 { log3(at, size, mload(add(t, 32)), mload(add(t, 64)), mload(add(t, 96))) }
            default {
                log4(at, size, mload(add(t, 32)), mload(add(t, 64)), mload(add(t, 96)), mload(add(t, 128)))
            }
        }
    }
}
