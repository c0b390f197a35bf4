"""Frauds and faults of many kinds on targets by chance, each with what an audit must name.

    expected = FRAUDS["points_burned"](Scene(target, folder, Random()))

Each kind is a function that cheats, on the chain or on the disk, and returns what is expected: which
invariant is broken, the words for it, the account and, where there is one, the transaction. The chain's
forgers own the node: they put other code in place of a contract for one transaction, or write into its
storage. Those of files know the manifest's format and seal it again.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from eth_utils import keccak

from scripts.lib.audit import breaches
from scripts.lib.audit.frauds.forging import (
    account_slot,
    change_storage,
    files_of,
    forge,
    modified_library,
    reseal,
    rewrite,
    rows_of,
    send,
    told,
    transfer,
)
from scripts.lib.audit.frauds.target import Target
from scripts.lib.audit.violation import CHAIN, CODE, DATASET, Violation
from scripts.lib.bilingual import Bilingual
from scripts.lib.contract_abi import encode_call
from scripts.lib.expiry_rule import NEVER
from scripts.lib.japan_calendar import day_of, month_of
from scripts.lib.node.rpc import Rpc
from scripts.lib.payment.sale_number import sale_number
from scripts.lib.records import DeploymentRecords
from scripts.lib.replays.everything import ZERO_ADDRESS
from scripts.lib.roles import Role

POINT = "MunicipalPoint"


class Expected(NamedTuple):
    """What an audit must name.

    Attributes:
        breaks: "" if it depends on the target.
        what: as the violation has it in English, or part of its facts.
        account: it must name; "" if there is none.
        transaction: likewise.
    """

    breaks: str
    what: str
    account: str = ""
    transaction: str = ""

    def is_named_by(self, violation: Violation) -> bool:
        """Whether a violation is this one, told in both languages."""
        what: Bilingual = violation.what
        return (
            self.breaks in ("", violation.breaks)
            and (self.what in what.english or self.what in violation.facts)
            and bool(what.japanese)
            and self.account.lower() in violation.account.lower()
            and self.transaction in violation.transaction
        )


@dataclass
class Scene:
    """Where a fraud takes place.

    Attributes:
        folder: a copy of the dataset, as it is fetched after a fraud on the chain, too.
    """

    town: Target
    folder: Path
    random: Random

    @property
    def rpc(self) -> Rpc:
        """Return the node, which the forger owns."""
        return self.town.rpc

    @property
    def now(self) -> int:
        """Return the time of the latest block."""
        return int(self.rpc.call("eth_getBlockByNumber", "latest", False)["timestamp"], 16)

    @property
    def month(self) -> int:
        """Return the month of the latest block."""
        return month_of(self.now)

    def resident(self) -> str:
        """Return one of the two residents."""
        return self.random.choice([self.town.first, self.town.second])

    def stranger(self) -> str:
        """Return an account that nobody has registered."""
        return self.town.keyring.account(f"stranger {self.random.randrange(10**6)}")

    def points(self, most: int = 300) -> int:
        """Return some points."""
        return self.random.randint(1, most)

    def sale(self) -> int:
        """Return a number of today that nobody used."""
        return sale_number(day_of(self.now), self.random.randint(100, 60_000))

    def forge(self, *story: Any) -> str:
        """Let contracts tell a story in one transaction, and return its hash."""
        return forge(self.rpc, story)

    def point(self, event: str, **arguments: Any) -> Any:
        """Return the log of an event of the series."""
        return told(f"{POINT}.{event}", self.town.token, **arguments)

    def transfer(self, payer: str, receiver: str, points: int) -> Any:
        """Return the log of a Transfer of the series."""
        return transfer(self.town.token, payer, receiver, points)

    def sale_paid(self, payer: str, sale: int, month: int, points: int) -> Any:
        """Return the log of a SalePaid at the shop."""
        word = int(payer, 16) << 96 | sale << 64 | month << 29 | points
        return self.point("SalePaid", merchant=self.town.shop, payment=word)


def _breach(breach: breaches.Breach, account: str, transaction: str) -> Expected:
    return Expected(breach.invariant, breach.what.english, account, transaction)


Fraud = Callable[[Scene], Expected]


# ---------------------------------------------------------------------------- on the disk, without care


def edited_file(scene: Scene) -> Expected:
    """One bit of a file is turned over."""
    file = scene.random.choice(sorted(scene.folder.glob("*/*.parquet")))
    content = bytearray(file.read_bytes())
    content[scene.random.randrange(len(content))] ^= 1 << scene.random.randrange(8)
    file.write_bytes(content)
    return Expected(DATASET, "digest differs", str(file.relative_to(scene.folder)))


def missing_file(scene: Scene) -> Expected:
    """A file is removed."""
    file = scene.random.choice(sorted(scene.folder.glob("*/*.parquet")))
    file.unlink()
    return Expected(DATASET, "missing", str(file.relative_to(scene.folder)))


def added_file(scene: Scene) -> Expected:
    """A file is added that nobody fetched."""
    file = scene.random.choice(files_of(scene.folder, f"{POINT}.Transfer"))
    added = file.with_name(f"{scene.random.randint(10**9, 2 * 10**9)}-2000000000.parquet")
    shutil.copy(file, added)
    return Expected(DATASET, "no line of the manifest", str(added.relative_to(scene.folder)))


def dropped_block_range(scene: Scene) -> Expected:
    """A segment and its files are taken out, and the manifest is sealed again."""
    segments = sorted({file.stem for file in scene.folder.glob("*/*.parquet")})
    gone = scene.random.choice(segments[:-1])

    def drop(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [line for line in lines if line.get("first") != int(gone.split("-")[0]) or "files" not in line]

    for file in scene.folder.glob(f"*/{gone}.parquet"):
        file.unlink()
    reseal(scene.folder, drop)
    return Expected(DATASET, "should come next", segments[segments.index(gone) + 1])


# ------------------------------------------------------------------------------ on the disk, with care


def payment_made_smaller(scene: Scene) -> Expected:
    """Somebody's payment is written down as less than it was, and the manifest sealed again."""
    shop, token = bytes.fromhex(scene.town.shop[2:]), bytes.fromhex(scene.town.token[2:])
    payments = [
        (file, place)
        for file in files_of(scene.folder, f"{POINT}.Transfer")[:-1]  # the last has sales as well
        for place, row in enumerate(rows_of(file))
        if (row["to"], row["contract"]) == (shop, token)
    ]
    file, place = scene.random.choice(payments)
    row = rows_of(file)[place]
    rewrite(file, lambda rows: rows[place].update(value=scene.random.randint(1, row["value"] - 1)))
    reseal(scene.folder)
    return Expected(CHAIN, "balance", "0x" + shop.hex())


def grant_moved_to_a_friend(scene: Scene) -> Expected:
    """A grant is written down as a stranger's, and the manifest sealed again."""
    token, friend = bytes.fromhex(scene.town.token[2:]), scene.stranger()
    grants = [
        (file, place)
        for file in files_of(scene.folder, f"{POINT}.Transfer")
        for place, row in enumerate(rows_of(file))
        if (row["from"], row["contract"]) == (bytes(20), token)
    ]
    file, place = scene.random.choice(grants)
    rewrite(file, lambda rows: rows[place].update(to=bytes.fromhex(friend[2:])))
    reseal(scene.folder)
    transaction = "0x" + rows_of(file)[place]["transaction"].hex()
    # A list granted it, or the exchange: by that it breaks I5 or I6.
    return Expected("", friend, "", transaction)


def list_run_twice(scene: Scene) -> Expected:
    """A run of a list is written down a second time, with all that it minted."""
    runs = [row for file in files_of(scene.folder, "GrantProgrammes.RowsRun") for row in rows_of(file)]
    # The first: later on the allowance would not suffice, which would be found before.
    transaction = runs[0]["transaction"]

    def again(rows: list[dict[str, Any]]) -> None:
        told_once = [row for row in rows if row["transaction"] == transaction]
        rows += [row | {"log_index": row["log_index"] + 1000} for row in told_once]
        rows.sort(key=lambda row: (row["block"], row["log_index"]))

    for table in ("MunicipalPoint.Minted", "MunicipalPoint.Transfer", "GrantProgrammes.RowsRun"):
        for file in files_of(scene.folder, table):
            rewrite(file, again)
    reseal(scene.folder)
    return _breach(breaches.GRANTED_TWICE, "", "0x" + transaction.hex())


def paper_of_the_bank_used_twice(scene: Scene) -> Expected:
    """A settlement is written down with the paper of another of the same municipality."""
    files = files_of(scene.folder, "MerchantSettlement.BatchSettled")
    [*settled] = ((file, place) for file in files for place in range(len(rows_of(file))))
    last, last_place = settled[-1]
    town = rows_of(last)[last_place]["municipality"]
    papers = [
        row["paper"]
        for file, place in settled[:-1]
        for row in [rows_of(file)[place]]
        if row["municipality"] == town
    ]
    paper = papers[0]
    rewrite(last, lambda rows: rows[last_place].update(paper=paper))
    reseal(scene.folder)
    return _breach(breaches.USED_TWICE, "", "0x" + rows_of(last)[last_place]["transaction"].hex())


def settings_struck_out(scene: Scene) -> Expected:
    """The event of a shop's suspension is taken out, and the manifest sealed again."""
    gone: dict[str, str] = {}

    def change(rows: list[dict[str, Any]]) -> None:
        gone["account"] = "0x" + rows.pop()["merchant"].hex()

    file = files_of(scene.folder, f"{POINT}.MerchantStatusSet")[-1]
    rewrite(file, change)
    reseal(scene.folder)
    return Expected(CHAIN, "standing as merchant", gone["account"])


# ------------------------------------------------------------------------------------- the code, storage


def forged_contract(scene: Scene) -> Expected:
    """A contract's code is changed in one byte, and stays so."""
    town = scene.town
    contract = scene.random.choice(
        [town.platform, town.officers, town.residents, town.token, town.programmes, town.exchange]
    )
    code = bytearray.fromhex(scene.rpc.call("eth_getCode", contract, "latest")[2:])
    code[-scene.random.randint(4, 30)] ^= 0xFF  # within the digest of its sources, which no call comes to
    scene.rpc.call("anvil_setCode", contract, "0x" + code.hex())
    scene.rpc.call("evm_mine")
    return Expected(CODE, "code is not these sources'", contract)


def balance_written_into_storage(scene: Scene) -> Expected:
    """A resident's balance is made larger in the token's storage; no event tells of it."""
    account = scene.resident()
    gain = scene.points()
    change_storage(scene.rpc, scene.town.token, _word_of(scene, account), lambda word: word + gain)
    return Expected(CHAIN, "balance", account)


def expiry_shortened_in_storage(scene: Scene) -> Expected:
    """A resident's lot is made to end earlier in the token's storage; no event tells of it."""
    account = scene.resident()
    month, _ = next(iter(scene.town.lots(account).items()))
    earlier = scene.random.randint(scene.month, month - 1) if month > scene.month else month - 1
    change_storage(
        scene.rpc, scene.town.token, _word_of(scene, account), lambda word: word - (month - earlier << 32 - 3)
    )
    return Expected(CHAIN, "lots by month", account)


def silent_freeze(scene: Scene) -> Expected:
    """A resident is frozen, or no longer frozen, in the token's storage; no event tells of it."""
    account = scene.resident()
    change_storage(scene.rpc, scene.town.token, _word_of(scene, account), lambda word: word ^ 1 << 253)
    return Expected(CHAIN, "frozen", account)


def _word_of(scene: Scene, account: str) -> str:
    month, points = next(iter(scene.town.lots(account).items()))
    return account_slot(scene.rpc, scene.town.token, account, month << 29 | points)


def _library_of_grants(scene: Scene) -> str:
    """Return the address of ResidentGrants, which the town's token is linked to."""
    records = DeploymentRecords(scene.rpc, scene.town.records)
    [found] = {records[it].address for it in records.labels() if records[it].contract == "ResidentGrants"}
    return found


def _grant_by_modified_token(scene: Scene, points: int, *changes: tuple[str, str, str]) -> tuple[str, str]:
    """Let the programmes' service grant through changed code; the code is back after it.

    Returns: the account, and the transaction.
    """
    library = _library_of_grants(scene)
    code = scene.rpc.call("eth_getCode", library, "latest")
    scene.rpc.call("anvil_setCode", library, modified_library("ResidentGrants", changes))
    account, number = scene.random.choice(scene.town.numbers())
    rows = [points << 32 | number]
    data = encode_call(POINT, "mintToResidents", (rows, points, scene.month + 2))
    transaction = send(scene.rpc, scene.town.token, data, by=scene.town.programmes)
    scene.rpc.call("anvil_setCode", library, code)
    return account, transaction


def minter_over_budget_by_modified_token(scene: Scene) -> Expected:
    """The programmes' service grants beyond its allowance, through changed code."""
    _, transaction = _grant_by_modified_token(
        scene,
        100_000 + scene.points(),
        ("Minting", "if (amount > word.allowance()) {", "if (false) {"),
        ("Minting", "if (amount > word.reserved() || ", "if (false && amount > word.reserved() || false && "),
        ("Minting", "series.minterWords[msg.sender] = word.drawn(amount);", ""),
    )
    return _breach(breaches.BEYOND_ALLOWANCE, scene.town.programmes, transaction)


def expiry_shortened_by_modified_token(scene: Scene) -> Expected:
    """The token tells of no points at all, and books 77 that end a month earlier than it was asked for."""
    account, transaction = _grant_by_modified_token(
        scene,
        0,
        (
            "ResidentGrants",
            "account.tryReceivePoints(to, word, amount, expiryMonth, month)",
            "account.tryReceivePoints(to, word, 77, expiryMonth - 1, month)",
        ),
        ("ResidentGrants", "emit IERC20.Transfer(address(0), to, amount);", ""),
    )
    return Expected(CHAIN, "lots by month", account, transaction)


# ------------------------------------------------------------------------- what a contract never did


def one_officer_doing_both_halves(scene: Scene) -> Expected:
    """One officer proposes and approves."""
    town, office = scene.town, scene.town.offices
    role = scene.random.choice([Role.DESK_OFFICER, Role.MERCHANT_OFFICER])
    officer = scene.random.choice(office[role])
    number = _proposals(scene) + 1
    function = "freeze" if role is Role.DESK_OFFICER else "suspendMerchant"
    selector = encode_call(POINT, function, (town.first,))[:4]
    transaction = scene.forge(
        told(
            "Officers.ActProposed",
            town.officers,
            municipality=town.municipality,
            proposalId=number,
            act=selector,
            target=town.token,
            proposer=officer,
            dataHash=bytes(32),
            reason=1,
            documentHash=bytes(32),
        ),
        told(
            "Officers.ActApproved",
            town.officers,
            municipality=town.municipality,
            proposalId=number,
            approver=officer,
        ),
    )
    return _breach(breaches.ONE_OFFICER, officer, transaction)


def _proposals(scene: Scene) -> int:
    data = encode_call("Officers", "proposalCount", ())
    call = {"to": scene.town.officers, "data": "0x" + data.hex()}
    return int(scene.rpc.call("eth_call", call, "latest"), 16)


def change_without_an_act(scene: Scene) -> Expected:
    """A setting or a lot changes without the act of officers that it takes."""
    account = scene.resident()
    month, points = next(iter(scene.town.lots(account).items()))
    lot = {"account": account, "amountPoints": points}
    events: dict[str, dict[str, Any]] = {
        "FrozenSet": {"account": account, "frozen": True},
        "MinterAllowanceSet": {"minter": account, "allowancePoints": scene.points()},
        "LotExtended": {**lot, "fromMonth": month, "toMonth": month + 1},
    }
    name = scene.random.choice(list(events))
    transaction = scene.forge(scene.point(name, **events[name]))
    return _breach(breaches.NO_ACT, account, transaction)


def points_from_nowhere(scene: Scene) -> Expected:
    """A Transfer from zero without a Minted."""
    account = scene.resident()
    transaction = scene.forge(scene.transfer(ZERO_ADDRESS, account, scene.points()))
    return _breach(breaches.UNBALANCED, account, transaction)


def points_carried_in_from_no_series(scene: Scene) -> Expected:
    """A series that took over from none tells of a lot that came from a predecessor."""
    account, points = scene.resident(), scene.points()
    transaction = scene.forge(
        scene.point("LotCarriedIn", account=account, expiryMonth=scene.month + 1, amountPoints=points),
        scene.transfer(ZERO_ADDRESS, account, points),
    )
    return _breach(breaches.CARRIED_WRONG, account, transaction)


def claim_carried_out_to_no_series(scene: Scene) -> Expected:
    """Of a shop's claim, points leave for a successor that nobody has announced."""
    shop = scene.town.shop
    transaction = scene.forge(
        scene.point("ClaimCarriedOut", merchant=shop, thisYearPoints=1, earlierYearsPoints=0),
        scene.transfer(shop, ZERO_ADDRESS, 1),
    )
    return _breach(breaches.CARRIED_WRONG, shop, transaction)


def owner_carried_in_from_no_series(scene: Scene) -> Expected:
    """A shop of a series that took over from none gets an owner whom no two officers named."""
    shop, thief = scene.town.shop, scene.resident()
    transaction = scene.forge(
        scene.point("MerchantOwnerCarriedIn", merchant=shop, predecessor=ZERO_ADDRESS, owner=thief)
    )
    return _breach(breaches.CARRIED_WRONG, shop, transaction)


def points_burned(scene: Scene) -> Expected:
    """A resident's points vanish without an event that says why."""
    account = scene.resident()
    transaction = scene.forge(scene.transfer(account, ZERO_ADDRESS, scene.points()))
    return _breach(breaches.UNBALANCED, account, transaction)


def service_mints_for_nobody(scene: Scene) -> Expected:
    """The exchange mints points that no partner delivered."""
    service, account, points = scene.town.exchange, scene.resident(), scene.points()
    transaction = scene.forge(
        scene.point("Minted", minter=service, expiryMonth=scene.month + 1, amountPoints=points),
        scene.transfer(ZERO_ADDRESS, account, points),
    )
    return _breach(breaches.MINTED_FOR_NOTHING, service, transaction)


def double_payment_of_a_sale(scene: Scene) -> Expected:
    """A sale that was paid or voided is paid again."""
    payer = scene.town.second
    used = (scene.town.paid, scene.town.other_paid, scene.town.voided)
    sale = scene.random.choice([sale for sale in used if sale])
    month = next(iter(scene.town.lots(payer)))
    points = scene.points()
    transaction = scene.forge(
        scene.sale_paid(payer, sale, month, points), scene.transfer(payer, scene.town.shop, points)
    )
    return _breach(breaches.PAID_TWICE, payer, transaction)


def later_lot_spent_first(scene: Scene) -> Expected:
    """A payment takes points without expiry before those that end."""
    payer, points = scene.town.second, scene.points()
    transaction = scene.forge(
        scene.sale_paid(payer, scene.sale(), NEVER, points), scene.transfer(payer, scene.town.shop, points)
    )
    return _breach(breaches.WRONG_ORDER, payer, transaction)


def refund_that_renews(scene: Scene) -> Expected:
    """Points that ended in April come back as points without expiry."""
    points = scene.points(99)
    about = {"merchant": scene.town.shop, "sale": scene.town.other_paid, "receiver": scene.town.second}
    transaction = scene.forge(
        scene.point("SaleRefunded", **about, lot=NEVER << 29 | points),
        scene.transfer(scene.town.shop, scene.town.second, points),
    )
    return _breach(breaches.BAD_REFUND, scene.town.shop, transaction)


def refund_to_a_friend(scene: Scene) -> Expected:
    """A refund goes to somebody who did not pay."""
    points, friend = scene.points(9), scene.stranger()
    about = {"merchant": scene.town.shop, "sale": scene.town.paid, "receiver": friend}
    transaction = scene.forge(
        scene.point("SaleRefunded", **about, lot=NEVER << 29 | points),
        scene.transfer(scene.town.shop, friend, points),
    )
    return _breach(breaches.BAD_REFUND, scene.town.shop, transaction)


def payment_to_a_suspended_shop(scene: Scene) -> Expected:
    """Points go to a shop that is suspended."""
    payer = scene.resident()
    transaction = scene.forge(scene.transfer(payer, scene.town.other_shop, scene.points()))
    return _breach(breaches.WRONG_WAY, payer, transaction)


def points_given_to_a_friend(scene: Scene) -> Expected:
    """A resident's points go to a stranger."""
    payer = scene.resident()
    transaction = scene.forge(scene.transfer(payer, scene.stranger(), scene.points()))
    return _breach(breaches.WRONG_WAY, payer, transaction)


def more_paid_than_there_is(scene: Scene) -> Expected:
    """A resident pays more than they have."""
    payer = scene.resident()
    points = sum(scene.town.lots(payer).values()) + scene.points()
    transaction = scene.forge(scene.transfer(payer, scene.town.shop, points))
    return _breach(breaches.MISSING_POINTS, payer, transaction)


def lapse_before_the_month_ends(scene: Scene) -> Expected:
    """Points lapse while they still could be spent."""
    account = scene.town.second
    month, points = next(iter(scene.town.lots(account).items()))
    transaction = scene.forge(
        scene.point("Lapsed", account=account, expiryMonth=month, amountPoints=points),
        scene.transfer(account, ZERO_ADDRESS, points),
    )
    return _breach(breaches.LIFE_CHANGED, account, transaction)


def coupon_issued_twice(scene: Scene) -> Expected:
    """A coupon is issued under a key that had one before."""
    files = files_of(scene.folder, "PartnerExchange.CouponIssued")
    issued = scene.random.choice([row for file in files for row in rows_of(file)])
    transaction = scene.forge(
        told(
            "PartnerExchange.CouponIssued",
            scene.town.exchange,
            partner=issued["partner"],
            coupon="0x" + issued["coupon"].hex(),
            municipality=scene.town.municipality,
            points=scene.points(),
            validUntil=scene.now + 86400,
        )
    )
    return _breach(breaches.USED_TWICE, "", transaction)


def payment_in_a_pause(scene: Scene) -> Expected:
    """A payment while the series is paused."""
    payer = scene.resident()
    transaction = scene.forge(
        scene.point("PausedUntil", untilTimestamp=scene.now + 3600),
        scene.transfer(payer, scene.town.shop, scene.points()),
    )
    return _breach(breaches.IN_A_PAUSE, payer, transaction)


def stranger_tells_of_points(scene: Scene) -> Expected:
    """A token tells something that no event of ours is."""
    topic = keccak(text=f"Airdrop{scene.random.randrange(1000)}(address,uint256)")
    transaction = scene.forge((scene.town.token, [topic], bytes(32)))
    return Expected(CHAIN, "no event of ours", scene.town.token, transaction)


FRAUDS: dict[str, Fraud] = {
    fraud.__name__: fraud
    for fraud in (
        edited_file,
        missing_file,
        added_file,
        dropped_block_range,
        payment_made_smaller,
        grant_moved_to_a_friend,
        list_run_twice,
        paper_of_the_bank_used_twice,
        settings_struck_out,
        forged_contract,
        balance_written_into_storage,
        expiry_shortened_in_storage,
        silent_freeze,
        minter_over_budget_by_modified_token,
        expiry_shortened_by_modified_token,
        one_officer_doing_both_halves,
        change_without_an_act,
        points_from_nowhere,
        points_carried_in_from_no_series,
        claim_carried_out_to_no_series,
        owner_carried_in_from_no_series,
        points_burned,
        service_mints_for_nobody,
        double_payment_of_a_sale,
        later_lot_spent_first,
        refund_that_renews,
        refund_to_a_friend,
        payment_to_a_suspended_shop,
        points_given_to_a_friend,
        more_paid_than_there_is,
        lapse_before_the_month_ends,
        coupon_issued_twice,
        payment_in_a_pause,
        stranger_tells_of_points,
    )
}
"""By name."""
