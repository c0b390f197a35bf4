"""A town that was set up by the officers' own commands, for tests of those commands.

    town.run("grant", town.file("grants.csv", "利用者番号,ポイント", "1,500"), "--programme", "健康")

One chain for all of them; what a test does is undone after it.
"""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_utils import keccak
from rich.console import Console

from scripts.lib.administration.command_line import run
from scripts.lib.administration.connection import READY_SEED, Connection, ready_accounts, ready_officer
from scripts.lib.administration.execution import ExitCode
from scripts.lib.calls import Call, View
from scripts.lib.keys.keyring import LocalKeyring
from scripts.lib.mykey import CommitmentKey, MyKeyId, commitment
from scripts.lib.node.local_chain import LocalChain
from scripts.lib.node.rpc import Rpc
from scripts.lib.records import DeploymentRecords
from scripts.lib.registration import RegistrationDomain, sign
from scripts.lib.roles import Role

CODE = 141305
OTHER_CODE = 212032
SYMBOL = "GENKI"
RESIDENTS = 6
HOURS = 60 * 60
DAYS = 24 * HOURS
GENESIS_TIME = 1_743_465_600  # 1 April 2025, 09:00 in Japan

TOWNS = (
    "団体コード,種別,ポイント名称,有効期限の規則,有効期限の月数",
    f"{CODE},{SYMBOL},川崎げんきポイント,当年度末,",
)
PROGRAMMES = (
    "事業,実施場所,1回のポイント,年度内の上限,年度予算,内容,年度,実施回,有効期限の規則,有効期限の月数",
    "健康診査,川崎市内,,,1000000,健診の受診に付与,2025,第1回|第2回,当年度末,",
    "講座,川崎区,50,100,10000,講座の受講に付与,2025,4月|5月|6月,か月後,11",
)
TERMS = (
    "協力企業番号,協力企業の鍵,交換率の分子,交換率の分母,交換単位,有効期限の月数,最低,最高,"
    "1人1日の上限,1人年度内の上限,未収の上限"
)
MERCHANTS = ("口座,店名,所在地,業種番号",)
MYKEY_IDS = [f"RES1D{number:03}" for number in range(1, 400)]


@dataclass
class CommandTown:
    """The town, and where its commands read and write.

    Attributes:
        connection: with the keys of all officers, unless a test takes some away.
        output: what commands printed since it was read last.
    """

    chain: LocalChain
    folder: Path
    connection: Connection
    output: io.StringIO = field(default_factory=io.StringIO)

    # ---------------------------------------------------------------------------------------- COMMANDS

    def run(self, *words: str, actor: str = "municipality", yes: bool = True) -> ExitCode:
        """Run a command; `output` has what it said."""
        self.output = io.StringIO()
        console = Console(file=self.output, width=300, color_system=None, markup=False, highlight=False)
        given = [*words, "--yes"] if yes else list(words)
        return run(actor, given, self.connection, console)

    def twice(self, *words: str, actor: str = "municipality") -> None:
        """Run a command twice: the first does it all, the second sends nothing and says so.

        A command that only shows something has nothing to say of what it does not send.
        """
        before = self.chain.height()
        assert self.run(*words, actor=actor) is ExitCode.DONE, self.said
        height = self.chain.height()
        assert self.run(*words, actor=actor) is ExitCode.DONE, self.said
        assert self.chain.height() == height, "the second run sent something"
        assert height == before or "何も送信していません" in self.said

    @property
    def said(self) -> str:
        """What the last command printed."""
        return self.output.getvalue()

    def file(self, name: str, *lines: str, encoding: str = "utf-8") -> str:
        """Write a file and return its path."""
        path = self.folder / name
        path.write_bytes(("\r\n".join(lines) + "\r\n").encode(encoding))
        return str(path)

    # -------------------------------------------------------------------------------------------- TIME

    def pass_time(self, seconds: int) -> None:
        """Let the chain's clock go on."""
        self.chain.mine_at(self.chain.now() + seconds)

    # ------------------------------------------------------------------------------------------ PEOPLE

    @property
    def keyring(self) -> LocalKeyring:
        """The keys of all officers."""
        keyring = self.connection.keyring
        assert isinstance(keyring, LocalKeyring)
        return keyring

    def officer(self, role: Role, place: int = 1) -> str:
        """Return the first or second account in an office."""
        return ready_officer(self.keyring, CODE, role, place)

    def only(self, *accounts: str) -> CommandTown:
        """Return the town at the machine of somebody who has these keys alone."""
        connection = replace(self.connection, accounts=list(accounts))
        return replace(self, connection=connection)

    def partner(self, number: int) -> str:
        """Return the key's account of a partner."""
        return self.keyring.account(f"partner/{number}")

    def resident(self, number: int) -> LocalAccount:
        """Return a resident's key, which no officer has."""
        key: LocalAccount = Account.from_key(keccak(text=f"resident {number}"))
        return key

    def shop(self, number: int) -> str:
        """Return a shop's account."""
        return str(Account.from_key(keccak(text=f"shop {number}")).address)

    # ------------------------------------------------------------------------------------------- CHAIN

    @property
    def records(self) -> DeploymentRecords:
        """Where everything is."""
        return DeploymentRecords(self.connection.rpc, self.connection.records)

    def address(self, label: str) -> str:
        """Return a recorded address."""
        return self.records[label].address

    @property
    def token(self) -> str:
        """The town's series."""
        return self.address(f"{CODE}-{SYMBOL}")

    def ask(self, contract: str, address: str, function: str, *arguments: Any) -> Any:
        """Return the answer of one view."""
        [answer] = self.connection.deployer.read([View(contract, address, function, arguments)])
        return answer

    def balance(self, number: int) -> int:
        """Return what a resident has."""
        return int(self.ask("MunicipalPoint", self.token, "balanceOf", self.resident(number).address))

    def pay(self, number: int, shop: str, points: int, token: str = "") -> None:
        """Let a resident pay a shop, in the town's first series if none is named."""
        resident = self.resident(number)
        self.connection.keyring.add(resident.key)
        call = Call("MunicipalPoint", token or self.token, "transfer", (shop, points), resident.address)
        self.connection.deployer.send([call])

    # ------------------------------------------------------------------------------------------- FILES

    def residents_file(self, name: str, numbers: range) -> str:
        """Write a file of residents who signed."""
        return self.residents_file_with(name, {number: MYKEY_IDS[number - 1] for number in numbers})

    def residents_file_with(self, name: str, mykey_ids: dict[int, str]) -> str:
        """Write a file of residents who signed, by number with their MyKey IDs."""
        key_file = self.folder / "commitment-key.json"
        key = CommitmentKey.read_or_create(key_file, 1)
        domain = RegistrationDomain(self.connection.keyring.chain_id, self.address("residents"))
        lines = ["口座,マイキーID,署名"]
        for number, mykey_id in mykey_ids.items():
            signed = sign(domain, CODE, self.resident(number), commitment(key, CODE, MyKeyId.read(mykey_id)))
            lines.append(f"{signed.account},{mykey_id},0x{signed.signature.hex()}")
        return self.file(name, *lines)

    def register(self, name: str, numbers: range) -> ExitCode:
        """Register residents from a file."""
        return self.run("residents", self.residents_file(name, numbers), "--commitment-key", self.key_file)

    @property
    def key_file(self) -> str:
        """The council's key for MyKey IDs."""
        return str(self.folder / "commitment-key.json")


def connect(chain: LocalChain, folder: Path) -> Connection:
    """Return a connection with all ready keys."""
    keyring = LocalKeyring(chain, READY_SEED)
    accounts = ready_accounts(keyring, [CODE])
    return Connection(
        Rpc(chain.url),
        keyring,
        accounts,
        is_local=True,
        records=folder / "deployments",
        plans=folder / "plans",
        payer=keyring.account("deployer"),
    )


def set_up(chain: LocalChain, folder: Path) -> CommandTown:
    """Set a town up by its officers' commands: services, residents 1 to RESIDENTS, two shops, programmes.

    A partner is accepted. It is 7 April 2025 then.
    """
    town = CommandTown(chain, folder, connect(chain, folder))

    def done(*words: str, actor: str = "municipality", code: ExitCode = ExitCode.DONE) -> None:
        assert town.run(*words, actor=actor) is code, f"{words}: {town.said}"

    done("deploy", town.file("municipalities.csv", *TOWNS), actor="council")
    waiting = [
        ("accept-service", "GrantProgrammes"),
        ("accept-service", "MerchantSettlement"),
        ("accept-service", "PartnerExchange"),
        ("allow", "GrantProgrammes", "5000000"),
        ("allow", "PartnerExchange", "1000000"),
    ]
    for words in waiting:
        done(*words, code=ExitCode.PARTLY_DONE)
    done("accept-service", "PartnerExchange", actor="council", code=ExitCode.PARTLY_DONE)
    town.pass_time(48 * HOURS)
    for words in waiting:
        done(*words)
    done("accept-service", "PartnerExchange", actor="council")
    partners = town.file("partners.csv", "協力企業名,協力企業の鍵", f"そら航空,{town.partner(1)}")
    terms = town.file("terms.csv", TERMS, f"1,{town.partner(1)},1,2,100,12,1000,20000,20000,90000,500000")
    for code, hours in ((ExitCode.PARTLY_DONE, 48), (ExitCode.DONE, 0)):
        done("settlement-service", code=code)
        done("exchange-series", code=code)
        done("register-partners", partners, actor="council", code=code)
        town.pass_time(hours * HOURS)
    done("accept-partners", terms, code=ExitCode.PARTLY_DONE)
    town.pass_time(48 * HOURS)
    done("accept-partners", terms)
    assert town.register("residents.csv", range(1, RESIDENTS + 1)) is ExitCode.DONE, town.said
    shops = [f"{town.shop(1)},朝市,川崎区,1", f"{town.shop(2)},=湯屋,中原区,2"]
    done("merchants", town.file("merchants.csv", *MERCHANTS, *shops))
    done("programmes", town.file("programmes.csv", *PROGRAMMES))
    return town


@contextmanager
def undone(town: CommandTown, folder: Path) -> Iterator[CommandTown]:
    """Give the town out for the length of a `with` block and undo what was done there."""
    snapshot = town.connection.rpc.call("evm_snapshot")
    shutil.copytree(town.folder / "deployments", folder / "deployments")
    connection = connect(town.chain, folder)
    key = folder / "commitment-key.json"
    key.write_bytes((town.folder / key.name).read_bytes())
    key.chmod(0o600)
    yield CommandTown(town.chain, folder, connection)
    town.connection.rpc.call("evm_revert", snapshot)
