"""One JSON file that says all a shop's or a resident's program must know of a chain: addresses and ABIs.

    book = ContractBook.read(Path("jichitai-points-31337.json"))
    web3 = book.connect("http://127.0.0.1:8545")         # refuses another chain
    point = book.contract(web3, "MunicipalPoint", address)

`python -m scripts.contract_book` writes it. Whoever hands it out vouches for it: wallets trust these
addresses. Needs web3 alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import requests
from eth_abi import decode
from eth_utils import is_address, to_checksum_address
from eth_utils.abi import collapse_if_tuple, function_abi_to_4byte_selector
from web3 import HTTPProvider, Web3
from web3.exceptions import ContractLogicError, Web3RPCError

from scripts.lib.bilingual import Bilingual
from scripts.lib.error_sentences import ANSWERS, SENTENCES, UNKNOWN, sentence_of
from scripts.lib.undecodable import UNDECODABLE

FORM = "jichitai-points contracts 1"
TIMEOUT_SECONDS = 20
LINE_ERRORS = (requests.exceptions.RequestException, ConnectionError, TimeoutError)
"""What tells that there is no line to the node."""

CONTRACTS = (
    "MunicipalPoint",
    "PointPlatform",
    "Officers",
    "ResidentRegistry",
    "MerchantSettlement",
    "PartnerExchange",
    "GrantProgrammes",
    "PaymentBonus",
)
_BUILT_IN: list[dict[str, Any]] = [
    {"type": "error", "name": "Error", "inputs": [{"name": "message", "type": "string"}]},
    {"type": "error", "name": "Panic", "inputs": [{"name": "code", "type": "uint256"}]},
]
_Answer = TypeVar("_Answer")


class BookError(Exception):
    """The file is none of ours, or does not fit the chain.

    Attributes:
        reason: in both languages.
    """

    def __init__(self, english: str, japanese: str) -> None:
        self.reason = Bilingual(english, japanese)
        super().__init__(str(self.reason))


class ChainRefusal(Exception):  # noqa: N818 (a refusal is an answer, not a fault)
    """The chain refused a call.

    Attributes:
        name: the custom error; "" if it is unknown.
        arguments: by name.
        sentence: what to tell whoever asked.
    """

    def __init__(self, name: str, arguments: dict[str, Any]) -> None:
        self.name = name
        self.arguments = arguments
        self.sentence = sentence_of(name, arguments)
        super().__init__(str(self.sentence))


class BookedSeries(NamedTuple):
    """One series of points.

    Attributes:
        municipality: 全国地方公共団体コード as a number.
        town: the municipality's name.
        block: where its events begin, or a block before.
    """

    address: str
    municipality: int
    town: str
    name: str
    symbol: str
    block: int


@dataclass(frozen=True)
class ContractBook:
    """What the file holds.

    Attributes:
        genesis: hash of block 0 (0x hex); tells apart chains that share an id.
        services: address by contract, of those the council offers.
        abis: by contract.
    """

    chain_id: int
    genesis: str
    platform: str
    officers: str
    residents: str
    services: dict[str, str]
    series: tuple[BookedSeries, ...]
    abis: dict[str, list[dict[str, Any]]]

    @classmethod
    def read(cls, path: Path) -> ContractBook:
        """Read a file.

        Raises:
            BookError: it is missing or none of ours.
        """
        try:
            content = json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=_once)
            if content.pop("form") != FORM:
                raise ValueError
            for worked_out in ("errors", "issues"):
                content.pop(worked_out, None)
            content["series"] = tuple(BookedSeries(**each) for each in content["series"])
            book = cls(**content)
            book._require_kinds()
            return book
        except OSError:
            raise BookError(f"{path} cannot be read", f"{path} を読めません") from None
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise BookError(f"{path} is no file of contracts", f"{path} は契約一覧ではありません") from None

    def _require_kinds(self) -> None:
        """Raise ValueError or AttributeError if a field holds another kind of thing than it should."""
        numbers = [self.chain_id, *(each.municipality for each in self.series)]
        numbers += [each.block for each in self.series]
        texts = [each for series in self.series for each in (series.town, series.name, series.symbol)]
        addresses = [self.platform, self.officers, self.residents, *self.services.values()]
        addresses += [each.address for each in self.series]
        entries = [entry for abi in self.abis.values() for entry in abi]
        if not (
            all(type(number) is int and number >= 0 for number in numbers)
            and all(type(text) is str for text in texts)
            and all(type(address) is str and is_address(address) for address in addresses)
            and type(self.genesis) is str
            and re.fullmatch("0x[0-9a-f]{64}", self.genesis)
            and all(type(abi) is list for abi in self.abis.values())
            and all(type(entry) is dict and type(entry["type"]) is str for entry in entries)
        ):
            raise ValueError

    def write(self, path: Path) -> None:
        """Write the file, the same for the same contents; with what a program needs that has it alone."""
        content = {"form": FORM, **asdict(self), "series": [each._asdict() for each in self.series]}
        content |= {"errors": self.error_table(), "issues": issue_table()}
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n", "utf-8")

    def error_table(self) -> dict[str, dict[str, Any]]:
        """Return every error that the contracts can answer with, by selector (0x hex)."""
        return {
            f"0x{selector.hex()}": {
                "name": entry["name"],
                "arguments": [
                    {"name": argument["name"], "type": collapse_if_tuple(argument)}
                    for argument in entry["inputs"]
                ],
                "ja": SENTENCES.get(entry["name"], UNKNOWN).japanese,
                "en": SENTENCES.get(entry["name"], UNKNOWN).english,
            }
            for selector, (entry, *_) in self._errors.items()
        }

    def series_at(self, address: str) -> BookedSeries:
        """Return a series by its address.

        Raises:
            BookError: it is none of the council's.
        """
        for each in self.series:
            if each.address.lower() == address.lower():
                return each
        raise BookError(
            f"{address} is no series of this council", f"{address} はこの協議会のポイントではありません"
        )

    def connect(self, url: str) -> Web3:
        """Return a connection to a node of this very chain.

        Raises:
            BookError: it is another chain.
                LINE_ERRORS: no answer.
        """
        web3 = Web3(HTTPProvider(url, request_kwargs={"timeout": TIMEOUT_SECONDS}))
        genesis = web3.eth.get_block(0)["hash"].to_0x_hex()
        if (web3.eth.chain_id, genesis) != (self.chain_id, self.genesis):
            raise BookError(
                f"{url} is chain {web3.eth.chain_id}, not the chain of this file",
                f"{url} は契約一覧と別のチェーン({web3.eth.chain_id})です",
            )
        return web3

    def contract(self, web3: Web3, name: str, address: str) -> Any:
        """Return one of the contracts as web3 speaks to it."""
        return web3.eth.contract(address=to_checksum_address(address), abi=self.abis[name])

    def service(self, web3: Web3, name: str) -> Any:
        """Return a service of the council.

        Raises:
            BookError: it offers none.
        """
        if name not in self.services:
            raise BookError(f"the council offers no {name}", f"協議会は{name}を提供していません")
        return self.contract(web3, name, self.services[name])

    def asking(self, ask: Callable[[], _Answer]) -> _Answer:
        """Return what a call to the chain answers.

        Raises:
            ChainRefusal: the contract refused; every other error stays what it is.
        """
        try:
            return ask()
        except (ContractLogicError, Web3RPCError) as error:
            data = _data_of(error)
            if data is None:
                raise
            raise self.refusal(data) from error

    def refusal(self, data: bytes) -> ChainRefusal:
        """Return revert data as a refusal."""
        for error in self._errors.get(data[:4], []):
            kinds = [collapse_if_tuple(argument) for argument in error["inputs"]]
            try:
                values = decode(kinds, data[4:])
            except UNDECODABLE:
                continue
            names = [argument["name"] for argument in error["inputs"]]
            return ChainRefusal(error["name"], dict(zip(names, values, strict=True)))
        return ChainRefusal("", {})

    @cached_property
    def _errors(self) -> dict[bytes, list[dict[str, Any]]]:
        errors: dict[bytes, list[dict[str, Any]]] = {}
        for abi in (_BUILT_IN, *self.abis.values()):
            for entry in abi:
                if entry["type"] == "error":
                    selector = function_abi_to_4byte_selector({**entry, "type": "function"})  # type: ignore[arg-type]
                    errors.setdefault(selector, []).append(entry)
        return errors


def issue_table() -> dict[str, dict[str, str]]:
    """Return what the numbers mean that `issueOf` answers."""
    return {
        str(issue.value): {"name": issue.name, "ja": sentence.japanese, "en": sentence.english}
        for issue, sentence in ANSWERS.items()
    }


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object's fields; a name that stands there twice would mean two things."""
    if len(dict(pairs)) != len(pairs):
        raise ValueError
    return dict(pairs)


def _data_of(error: ContractLogicError | Web3RPCError) -> bytes | None:
    data: Any = getattr(error, "data", None)
    if data is None:
        data = ((getattr(error, "rpc_response", None) or {}).get("error") or {}).get("data")
    if not isinstance(data, str) or not data.startswith("0x"):
        return None
    return bytes.fromhex(data[2:])
