"""What other programs expect of the token: ERC-20 with metadata, ERC-165, ERC-7818."""

import pytest
from brownie import Contract
from eth_utils.abi import function_abi_to_4byte_selector

from scripts.lib.artifacts import read_artifact
from tests.support.clock import JUNE

ERC165, ERC20, ERC20_METADATA, ERC7818 = 0x01FFC9A7, 0x36372B07, 0xA219A025, 0x062E6408


def _interface_id(name, *inherited):
    """XOR of the selectors of an interface's own functions."""

    def selectors(interface):
        return {
            int.from_bytes(function_abi_to_4byte_selector(item), "big")
            for item in read_artifact(interface).abi
            if item["type"] == "function"
        }

    interface_id = 0
    for selector in selectors(name).difference(*map(selectors, inherited)):
        interface_id ^= selector
    return interface_id


def _supports(point, interface_id):
    return point.supportsInterface(interface_id.to_bytes(4, "big"))


@pytest.mark.parametrize("interface_id", [ERC165, ERC20, ERC20_METADATA, ERC7818], ids=hex)
def test_supports_interface_of_a_standard_is_true(point, interface_id):
    assert _supports(point, interface_id)


def test_supports_interface_of_the_series_itself_is_true(point):
    own = _interface_id("IMunicipalPoint", "IERC7818", "IERC20Metadata", "IERC165")
    assert _supports(point, own)


@pytest.mark.parametrize("interface_id", [0xFFFFFFFF, 0, 0x80AC58CD], ids=hex)
def test_supports_interface_of_another_is_false(point, interface_id):
    assert not _supports(point, interface_id)


def test_interface_erc7818_has_the_id_of_the_standard():
    assert _interface_id("IERC7818", "IERC20") == ERC7818


def test_decimals_is_zero(point):
    assert point.decimals() == 0


def test_epoch_type_is_time_based(point):
    assert point.epochType() == 1


def test_erc20_abi_alone_reads_and_moves_the_token(point, grant, resident, spender, shop):
    grant(resident, {JUNE: 100})
    erc20 = Contract.from_abi("IERC20", point.address, read_artifact("IERC20").abi, persist=False)
    assert erc20.transfer(shop, 10, {"from": resident}).return_value is True
    assert erc20.approve(spender, 20, {"from": resident}).return_value is True
    assert erc20.transferFrom(resident, shop, 15, {"from": spender}).return_value is True
    assert erc20.balanceOf(resident) == 75
    assert (erc20.allowance(resident, spender), erc20.totalSupply()) == (5, 100)
