"""Contracts of tests/harness: they open internal libraries to the tests and are no part of the project."""

from __future__ import annotations

from typing import Any

import brownie

from scripts.lib.compiler import compile_files
from tests.support.reverts import declare_errors


def deploy_harness(name: str) -> Any:
    """Compile tests/harness/<name>.sol, deploy it, and return it as a Brownie contract."""
    compiled = compile_files([f"tests/harness/{name}.sol"])[name]
    declare_errors(compiled.abi)
    receipt = brownie.accounts[0].transfer(data=compiled.linked({}))
    return brownie.Contract.from_abi(name, receipt.contract_address, compiled.abi, persist=False)
