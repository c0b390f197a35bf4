"""Contracts of tests/harness: they open internal libraries to the tests and are no part of the project."""

from __future__ import annotations

from typing import Any

import brownie
from eth_abi import encode

from scripts.lib.compiler import compile_files
from tests.support.reverts import declare_errors


def deploy_harness(name: str, *arguments: Any) -> Any:
    """Compile tests/harness/<name>.sol, deploy it, and return it as a Brownie contract.

    Args:
        arguments: of its constructor.
    """
    compiled = compile_files([f"tests/harness/{name}.sol"])[name]
    declare_errors(compiled.abi)
    kinds = [
        item["type"] for entry in compiled.abi if entry["type"] == "constructor" for item in entry["inputs"]
    ]
    data = compiled.linked({}) + encode(kinds, arguments).hex()
    receipt = brownie.accounts[0].transfer(data=data)
    place, anybody = receipt.contract_address, brownie.accounts[0]
    return brownie.Contract.from_abi(name, place, compiled.abi, owner=anybody, persist=False)
