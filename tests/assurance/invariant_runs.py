"""Starts forge on tests/invariants and reads what its handler has counted.

forge plays a campaign for each invariant: so many runs of so many actions each, with a seed. The handler
counts the calls that succeeded, by contract and function, and the counts are appended to a file at the end of
each run; they are added up here, and compared with all functions that change state in the contracts' ABIs.
"""

from __future__ import annotations

import os
import subprocess
from collections import Counter
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType

from eth_utils.abi import function_abi_to_4byte_selector

from scripts.lib.artifacts import read_artifact, sources_digest
from scripts.lib.workspace import FORGE, ROOT, inside_variables

FOLDER = ROOT / "tests" / "invariants"
INVARIANTS = tuple(f"invariant_I{number}_" for number in (1, 2, 3, 4, 5, 6, 7, 8, 9, 11))
ALL_ACTIONS = "InvariantsTest"
SELDOM_ACTIONS = "SeldomTest"
SUCCESSIONS = "SuccessionTest"
CONTRACTS = (
    "MunicipalPoint",
    "Officers",
    "ResidentRegistry",
    "PointPlatform",
    "GrantProgrammes",
    "PartnerExchange",
    "MerchantSettlement",
    "PaymentBonus",
)
NEVER_SUCCEED = {"Officers.grantRole", "Officers.revokeRole"}
"""Of AccessControl; they revert, whoever calls (I9)."""


def played_digest(folder: Path = FOLDER) -> str:
    """Return the SHA-256 (hex) of all that decides what a campaign plays: contracts, and every invariant.

    Args:
        folder: of the invariants, with the folders in it.
    """
    digest = sha256(sources_digest().encode())
    for file in sorted(folder.rglob("*.sol")):
        content = file.read_bytes()
        digest.update(f"{file.relative_to(folder).as_posix()}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


class InvariantBrokenError(AssertionError):
    """forge found calls after which an invariant does not hold; the message is what it printed."""


def verbs() -> dict[str, str]:
    """Return every function that changes state, as contract.function, by the key it is counted under."""
    return {
        f"0x{contract.encode().ljust(28, bytes(1)).hex()}{function_abi_to_4byte_selector(entry).hex()}": name
        for contract in CONTRACTS
        for entry in read_artifact(contract).abi
        if entry["type"] == "function" and entry["stateMutability"] not in ("view", "pure")
        if (name := f"{contract}.{entry['name']}") not in NEVER_SUCCEED
    }


QUICK = {
    "FOUNDRY_OPTIMIZER": "false",
    "FOUNDRY_OUT": "build/forge-quick",
    "FOUNDRY_CACHE_PATH": "build/forge-quick-cache",
}
"""Compiled without the optimizer, in a third of the time: for a few calls."""


def build(variables: Mapping[str, str] = MappingProxyType({})) -> None:
    """Compile contracts and invariants, if they have changed.

    Args:
        variables: QUICK, or nothing for what the contracts are deployed as.

    Raises:
        subprocess.CalledProcessError: they do not compile.
    """
    environment = _environment() | dict(variables)
    subprocess.run([str(FORGE), "build", "--quiet"], cwd=ROOT, env=environment, check=True)


def play(
    invariant: str,
    seed: int,
    runs: int,
    depth: int,
    counts_file: Path,
    variables: Mapping[str, str] = MappingProxyType({}),
    contract: str = ALL_ACTIONS,
) -> Counter[str]:
    """Play one campaign and return what was counted: "runs", "calls", "refusals", verbs, and situations.

    Args:
        invariant: what its name begins with; "invariant_" plays a campaign for each.
        counts_file: is written anew.
        variables: as of `build`.
        contract: ALL_ACTIONS, SELDOM_ACTIONS or SUCCESSIONS.

    Raises:
        InvariantBrokenError: with the calls that break it.
    """
    counts_file.parent.mkdir(parents=True, exist_ok=True)
    counts_file.unlink(missing_ok=True)
    environment = _environment() | {
        **variables,
        "FOUNDRY_INVARIANT_RUNS": str(runs),
        "FOUNDRY_INVARIANT_DEPTH": str(depth),
        "FOUNDRY_INVARIANT_SHOW_METRICS": "false",
        "JICHITAI_COUNTS": str(counts_file.relative_to(ROOT)),
    }
    command = [
        *(str(FORGE), "test", "--match-contract", contract, "--match-test", invariant),
        *("--fuzz-seed", str(seed), "--threads", "1"),
    ]
    process = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if process.returncode != 0 or not counts_file.is_file():
        raise InvariantBrokenError(process.stdout + process.stderr)
    return read_counts(counts_file, runs)


def _environment() -> dict[str, str]:
    return os.environ | inside_variables() | {"FOUNDRY_PROFILE": "invariants"}


def read_counts(file: Path, runs: int) -> Counter[str]:
    """Add up what the handler has written: for each run "calls" first, then each verb and how often.

    Args:
        runs: how many were to be played for each invariant. forge plays the last one twice, so that there is
            one more, which is left out.
    """
    names = verbs()
    counts: Counter[str] = Counter()
    begun = 0
    for line in file.read_text(encoding="ascii").splitlines():
        key, times = line.split()
        begun += key == "calls"
        if begun % (runs + 1) == 0:
            continue
        counts["runs"] += key == "calls"
        counts[names.get(key) or _situation(key)] += int(times)
    return counts


def _situation(key: str) -> str:
    """Return "calls", "refusals", or a situation, which is written as text in hexadecimal digits."""
    return bytes.fromhex(key[2:]).rstrip(bytes(1)).decode("ascii") if key.startswith("0x") else key
