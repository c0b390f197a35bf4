"""Plans as data: the transactions of a round with what an officer confirms, in a file if need be.

    write_plan(file, plan)            # on a machine that sees the chain
    plan = read_plan(file)            # on one that does not: shown, confirmed, signed (signing.py)

The file is JSON, `{"digest": …, "plan": {…}}`; the fields are those of Plan and PlannedCall below. The digest
is the SHA-256 of the plan as deterministic JSON without spaces: a plan that was altered is refused, with both
digests. What a call does is not told by the file but decoded from its data each time it is shown.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

import msgspec

from scripts.lib.administration.desk import Desk
from scripts.lib.administration.round import RoundCall
from scripts.lib.administration.task import Survey
from scripts.lib.bilingual import Bilingual
from scripts.lib.contract_abi import encode_call
from scripts.lib.node.rpc import ChainIdentity, Request
from scripts.lib.strict_json import JsonError, decode_json

FORMAT = "jichitai-points plan 1"
UNKNOWN_NONCE = -1

T = TypeVar("T", bound=msgspec.Struct)


class PlanError(Exception):
    """A file holds no plan that can be used.

    Attributes:
        reason: why; of an altered plan, with both digests.
    """

    def __init__(self, file: Path, english: str, japanese: str) -> None:
        self.reason = Bilingual(english, japanese)
        super().__init__(f"{file}: {self.reason}")


class PlannedFigure(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A figure to be confirmed, in both languages."""

    english: str
    japanese: str
    value: str


class PlannedNote(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A sentence for the officer, in both languages."""

    english: str
    japanese: str


class PlannedCall(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A transaction.

    Attributes:
        contract: by whose ABI the data is decoded.
        to: its address. `sender`: who signs. Both checksummed.
        data: what is called, 0x hex.
        subject: whom or what it is about.
        rows: of the input that it stands for.
        gas, nonce: as they are signed; nonce -1 where the sender settles both when it sends.
    """

    contract: str
    to: str
    sender: str
    data: str
    subject: str
    rows: int
    gas: int = 0
    nonce: int = UNKNOWN_NONCE


class Plan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an officer confirms.

    Attributes:
        municipality: code as a number; 0 for the council.
        command: actor and command that made the plan.
        inputs: file name to SHA-256 (hex) of CSV files that were read, where it betrays nothing.
        made_at: time of the chain's latest block, in Unix seconds.
        gas_price: in wei, for signatures.
    """

    format: str
    chain_id: int
    genesis: str
    municipality: int
    command: list[str]
    inputs: dict[str, str]
    made_at: int
    english: str
    japanese: str
    figures: list[PlannedFigure]
    notes: list[PlannedNote]
    calls: list[PlannedCall]
    gas_price: int = 0

    @property
    def identity(self) -> ChainIdentity:
        """The chain it is for."""
        return ChainIdentity(self.chain_id, self.genesis)

    @property
    def digest(self) -> str:
        """SHA-256 of the plan as deterministic JSON, in hex."""
        return sha256(msgspec.json.encode(self, order="deterministic")).hexdigest()


class PlanFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a file of a plan holds."""

    digest: str
    plan: Plan


def plan_of(
    desk: Desk,
    survey: Survey,
    calls: Sequence[RoundCall],
    waiting: Sequence[Bilingual] = (),
    command: Sequence[str] = (),
    inputs: Mapping[str, str] | None = None,
) -> Plan:
    """Return the plan of a round."""
    identity = desk.records.identity
    notes = [*survey.notes, *waiting, *survey.later, *survey.told_left]
    return Plan(
        FORMAT,
        identity.chain_id,
        identity.genesis,
        desk.code,
        list(command),
        dict(inputs or {}),
        desk.now(),
        survey.title.english,
        survey.title.japanese,
        [PlannedFigure(*figure.name, figure.value) for figure in survey.figures],
        [PlannedNote(*note) for note in notes],
        [_planned(each) for each in calls],
    )


def with_nonces(desk: Desk, plan: Plan, calls: Sequence[RoundCall]) -> Plan:
    """Return the plan ready to be signed elsewhere: with the gas that the chain estimates, and nonces.

    Raises:
        SendError: the chain would refuse a call.
    """
    transactions = desk.connection.deployer.transactions([each.call for each in calls])
    senders = list(dict.fromkeys(transaction.sender for transaction in transactions))
    answers = desk.connection.rpc.results(
        Request("eth_getTransactionCount", (sender, "pending")) for sender in senders
    )
    nonces = {sender: int(answer, 16) for sender, answer in zip(senders, answers, strict=True)}
    numbered = []
    for call, transaction in zip(plan.calls, transactions, strict=True):
        numbered.append(msgspec.structs.replace(call, gas=transaction.gas, nonce=nonces[transaction.sender]))
        nonces[transaction.sender] += 1
    return msgspec.structs.replace(plan, calls=numbered, gas_price=desk.connection.gas_price)


def write_plan(file: Path, plan: Plan) -> None:
    """Write a plan; on disk before this returns."""
    write_json(file, PlanFile(plan.digest, plan))


def read_plan(file: Path) -> Plan:
    """Read a plan.

    Raises:
        PlanError: it is none, or was altered.
    """
    held = read_json(file, PlanFile)
    require_digest(file, held.digest, held.plan.digest)
    if held.plan.format != FORMAT:
        raise PlanError(file, f"its format is not {FORMAT!r}", f"形式が「{FORMAT}」ではありません")
    return held.plan


def require_digest(file: Path, told: str, found: str) -> None:
    """Make sure that contents are those that a digest was made of.

    Raises:
        PlanError: they are not.
    """
    if told != found:
        raise PlanError(
            file,
            f"it was altered: its digest says {told}, its contents have {found}",
            f"内容が変更されています。記載のダイジェスト {told} / 実際の内容 {found}",
        )


def write_json(file: Path, value: msgspec.Struct) -> None:
    """Write a structure as readable JSON; on disk before this returns."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("wb") as opened:
        opened.write(msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n")
        opened.flush()
        os.fsync(opened.fileno())


def read_json(file: Path, kind: type[T]) -> T:
    """Read a structure.

    Raises:
        PlanError: the file cannot be read, or holds something else.
    """
    try:
        return decode_json(file.read_bytes(), msgspec.json.Decoder(kind))
    except OSError as error:
        raise PlanError(file, f"{error.strerror}", "読み込めません") from None
    except JsonError as error:
        raise PlanError(file, f"this is no such file: {error}", "計画ファイルとして読めません") from None


def _planned(each: RoundCall) -> PlannedCall:
    call = each.call
    data = encode_call(call.contract, call.function, call.arguments)
    return PlannedCall(call.contract, call.address, call.sender, "0x" + data.hex(), call.subject, each.rows)
