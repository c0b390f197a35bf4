"""Writes down where a council's contracts are, with their ABIs: the file of scripts.lib.contract_book.

All of it follows from the platform's address: the chain says which municipalities, series and services
there are.
"""

from __future__ import annotations

from typing import Any

from web3 import HTTPProvider, Web3

from scripts.lib.artifacts import read_artifact
from scripts.lib.contract_book import CONTRACTS, BookedSeries, ContractBook
from scripts.lib.deployment import SERIES_LIBRARIES, SERVICE_LIBRARIES, SERVICES
from scripts.lib.node.log_pages import read_logs


def export_book(url: str, platform_address: str, first_block: int = 0) -> ContractBook:
    """Return the book of the platform on the chain behind `url`.

    Args:
        first_block: where its events begin.

    Raises:
        ArtifactError: the contracts are not compiled.
    """
    web3 = Web3(HTTPProvider(url))
    abis = {name: _abi(name) for name in CONTRACTS}
    platform = web3.eth.contract(
        address=Web3.to_checksum_address(platform_address), abi=abis["PointPlatform"]
    )
    towns = read_logs(web3, platform.events.MunicipalityRegistered, first_block)
    names = {log["args"]["municipality"]: log["args"]["name"] for log in towns}
    contract_by_name = {name: contract for contract, name in SERVICES.items()}
    offered = list(read_logs(web3, platform.events.ServiceOffered, first_block))
    series = []
    for log in read_logs(web3, platform.events.SeriesRegistered, first_block):
        code, token = log["args"]["municipality"], log["args"]["token"]
        point = web3.eth.contract(address=token, abi=abis["MunicipalPoint"])
        series.append(
            BookedSeries(
                token,
                code,
                names[code],
                point.functions.name().call(),
                point.functions.symbol().call(),
                first_block,
            )
        )
    return ContractBook(
        chain_id=web3.eth.chain_id,
        genesis=web3.eth.get_block(0)["hash"].to_0x_hex(),
        platform=platform.address,
        officers=platform.functions.officers().call(),
        residents=platform.functions.residents().call(),
        services={
            contract_by_name[log["args"]["name"]]: log["args"]["service"]
            for log in offered
            if log["args"]["name"] in contract_by_name
        },
        series=tuple(series),
        abis=abis,
    )


def _abi(contract: str) -> list[dict[str, Any]]:
    """Return a contract's functions, with the events and errors of its interface and its libraries."""
    libraries = {"MunicipalPoint": SERIES_LIBRARIES, **SERVICE_LIBRARIES}.get(contract, ())
    entries = {
        (entry["type"], entry["name"]): entry
        for artifact in (f"I{contract}", *libraries)
        for entry in read_artifact(artifact).abi
        if entry["type"] in ("event", "error")
    }
    own = [entry for entry in read_artifact(contract).abi if "name" in entry]
    known = {(entry["type"], entry["name"]) for entry in own}
    return [*own, *(entry for place, entry in entries.items() if place not in known)]
