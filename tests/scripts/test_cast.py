"""cast, which knows nothing of us, reads and moves the token as any ERC-20, and shows why a call reverts."""

import json
import os
import re
import subprocess

import pytest

from scripts.lib.contract_abi import encode_call
from scripts.lib.node.sender import Transaction
from scripts.lib.workspace import CAST, inside_variables

FREE_GAS = ("--legacy", "--gas-price", "0")


@pytest.fixture(scope="module")
def resident(own_chain, sender, keyring, token):
    """An unlocked account of the node with 1,000 points."""
    account = own_chain.accounts[0]
    mint = encode_call("MunicipalPoint", "mint", (account, 1000))
    sender.send([Transaction(keyring.account("minter"), token, mint, 300_000, "mint")])
    return account


@pytest.fixture(scope="module")
def shop(keyring):
    return keyring.account("shop")


def run_cast(*arguments):
    return subprocess.run(
        [str(CAST), *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, **inside_variables()},
        check=False,
    )


@pytest.fixture(scope="module")
def cast(own_chain):
    return lambda *arguments: run_cast(*arguments, "--rpc-url", own_chain.url)


@pytest.mark.parametrize(
    ("signature", "answer"),
    [
        ("name()(string)", '"川崎げんきポイント"'),
        ("symbol()(string)", '"GENKI"'),
        ("decimals()(uint8)", "0"),
        ("supportsInterface(bytes4)(bool)", "true"),
    ],
)
def test_cast_reads_what_the_token_is(cast, token, signature, answer):
    arguments = ["0x062e6408"] if "bytes4" in signature else []
    result = cast("call", token, signature, *arguments)
    assert result.stdout.strip() == answer, result.stderr


def test_cast_moves_points_as_any_erc20(cast, token, resident, shop):
    before = cast("erc20-token", "balance", token, resident)
    sent = cast("send", token, "transfer(address,uint256)", shop, "300", "--from", resident, "--unlocked",
                *FREE_GAS, "--json")  # fmt: skip
    assert json.loads(sent.stdout)["status"] == "0x1", sent.stderr
    after = cast("erc20-token", "balance", token, resident)
    assert int(before.stdout) - int(after.stdout) == 300
    claim = cast("call", token, "balanceOf(address)(uint256)", shop)
    assert int(claim.stdout.split()[0]) == 300


def test_cast_reads_an_exact_supply(cast, token, resident):
    supply = cast("call", token, "totalSupply()(uint256)")
    assert int(supply.stdout.split()[0]) == 1000, resident


@pytest.mark.parametrize(
    ("receiver", "points", "error"),
    [
        ("shop", 5000, "ERC20InsufficientBalance(address sender, uint256 balance, uint256 needed)"),
        ("stranger", 1, "PointReceiverNotMerchant(address to)"),
    ],
)
def test_cast_shows_a_custom_error_with_its_arguments(
    cast, token, resident, keyring, receiver, points, error
):
    to = keyring.account(receiver)
    refused = cast("call", token, "transfer(address,uint256)(bool)", to, str(points), "--from", resident)
    assert refused.returncode != 0
    data = re.search(r'data: "(0x[0-9a-f]+)"', refused.stderr)
    assert data is not None, refused.stderr

    signature = re.sub(r" \w+(?=[,)])", "", error)
    decoded = run_cast("decode-error", "--sig", signature.replace(" ", ""), data.group(1))
    arguments = decoded.stdout.split("\n")
    assert decoded.returncode == 0, decoded.stderr
    if receiver == "stranger":
        assert arguments[0] == to
    else:
        assert arguments[0] == resident
        assert arguments[2].split()[0] == "5000"
