// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IGrantProgrammes} from "../../interfaces/IGrantProgrammes.sol";

/// @title The list of a batch of grants, as a Merkle tree
/// @notice A row is a resident number and points. Four rows share a word, the first one highest:
///
///   bit 255 .. 224  223 .. 192  191 .. 160  159 .. 128  127 .. 96  95 ... 64  63 ... 32  31 .... 0
///      +-----------+-----------+-----------+-----------+----------+----------+----------+----------+
///      | points    | number    | points    | number    | points   | number   | points   | number   |
///      | of row 4w |           | row 4w+1  |           | row 4w+2 |          | row 4w+3 |          |
///      +-----------+-----------+-----------+-----------+----------+----------+----------+----------+
///
/// Sixteen rows are a leaf, so that most rows cost no hash of their own, and the rows beside one are no longer to bring
/// than their hashes would be. What is hashed:
///
///   leaf   0x00 | its place in the list (4 bytes) | its one to four words
///   node   0x01 | left | right
///
/// The leaves are filled up with zeros to a power of two. Length and first byte keep leaves and nodes apart; the number
/// of rows, which was approved with the root, fixes the depth. So a place in the tree means one row of the list.
library GrantList {
    uint256 internal constant ROWS_OF_WORD = 4;
    uint256 internal constant ROWS_OF_LEAF = 16;
    uint256 private constant WORDS_OF_LEAF = 4;

    /// @notice The root of the list of `rows` rows in which `words` are the branch that begins with leaf `firstLeaf`.
    /// @param siblings what the branch is hashed with on the way up, the lowest first; they also say how wide it is.
    function rootOf(uint256 rows, uint256 firstLeaf, uint256[] calldata words, bytes32[] calldata siblings)
        internal
        pure
        returns (bytes32 root)
    {
        uint256 width = _requireBranch(rows, firstLeaf, words.length, siblings.length);
        root = _branchOf(firstLeaf, words, width);
        uint256 place = firstLeaf / width;
        for (uint256 i; i < siblings.length; ++i) {
            root = place & 1 == 0 ? _node(root, siblings[i]) : _node(siblings[i], root);
            place >>= 1;
        }
    }

    /// @notice Row `i` of those that `words` hold: `points << 32 | number`.
    function rowAt(uint256[] calldata words, uint256 i) internal pure returns (uint256) {
        unchecked {
            return words[i / ROWS_OF_WORD] << (i % ROWS_OF_WORD * 64) >> 192;
        }
    }

    /// @dev Returns how many leaves the branch has, those included that only fill the tree up.
    function _requireBranch(uint256 rows, uint256 firstLeaf, uint256 words, uint256 siblings)
        private
        pure
        returns (uint256 width)
    {
        unchecked {
            uint256 depth = Math.log2((rows - 1) / ROWS_OF_LEAF + 1, Math.Rounding.Ceil);
            uint256 wordsOfList = (rows - 1) / ROWS_OF_WORD + 1;
            if (siblings <= depth) width = 1 << (depth - siblings);
            if (width != 0 && firstLeaf % width == 0 && firstLeaf < 1 << depth) {
                uint256 firstWord = firstLeaf * WORDS_OF_LEAF;
                uint256 end = Math.min(firstWord + width * WORDS_OF_LEAF, wordsOfList);
                if (end > firstWord && words == end - firstWord) return width;
            }
        }
        revert IGrantProgrammes.ProgrammeBranch(rows, firstLeaf, words, siblings);
    }

    function _branchOf(uint256 firstLeaf, uint256[] calldata words, uint256 width)
        private
        pure
        returns (bytes32)
    {
        unchecked {
            bytes32[] memory nodes = new bytes32[](width);
            uint256 leaf;
            for (uint256 i; i < words.length; i += WORDS_OF_LEAF) {
                uint256 end = Math.min(i + WORDS_OF_LEAF, words.length);
                nodes[leaf] =
                    keccak256(abi.encodePacked(bytes1(0x00), uint32(firstLeaf + leaf), words[i:end]));
                ++leaf;
            }
            for (uint256 left = width / 2; left != 0; left /= 2) {
                for (uint256 i; i < left; ++i) {
                    nodes[i] = _node(nodes[2 * i], nodes[2 * i + 1]);
                }
            }
            return nodes[0];
        }
    }

    function _node(bytes32 left, bytes32 right) private pure returns (bytes32) {
        return keccak256(abi.encodePacked(bytes1(0x01), left, right));
    }
}
