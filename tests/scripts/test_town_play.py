from collections import Counter
from contextlib import contextmanager
from pathlib import Path

import pytest

from scripts.lib.deployment import PlatformPlan, deploy
from scripts.lib.japan_calendar import moment_from_text, start_of
from scripts.lib.keys.keyring import LocalKeyring
from scripts.lib.node.event_log import Event, read_events
from scripts.lib.node.local_chain import LocalChain
from scripts.lib.node.rpc import Rpc
from scripts.lib.node.sender import Sender
from scripts.lib.proceedings import execute_pending
from scripts.lib.roles import Role
from scripts.lib.rpc_deployer import RpcDeployer
from scripts.lib.town_year.accounts import TownAccounts
from scripts.lib.town_year.folder import read_town_years
from scripts.lib.town_year.office_play import OfficePlay, lapsed_with
from scripts.lib.town_year.on_chain import TownOnChain
from scripts.lib.town_year.play import BlockClock, PlayError, play_year
from scripts.lib.town_year.registration import register_residents
from tests.scripts.small_town import CODE, FIRST, NEW_CARD, OTHER_SHOP, SHOP, write_town

APRIL_2026 = 315


DAY = 24 * 60 * 60


@contextmanager
def _town_on_chain(folder: Path, planned_folder: Path | None = None):
    """Give (the town set up on a chain of its own, a function that plays its year).

    Args:
        planned_folder: the town's files as its deployment has them, if others.
    """
    [year] = read_town_years([folder])
    [planned] = [year] if planned_folder is None else read_town_years([planned_folder])
    with LocalChain.anvil(genesis_time=start_of(APRIL_2026) - 4 * DAY, on_demand=True) as chain:
        rpc = Rpc(chain.url)
        clock = BlockClock(rpc, chain.now() + 1)
        keyring = LocalKeyring(chain, "play")
        sender = Sender(rpc, keyring, mine=clock.mine)
        accounts = TownAccounts.of(year, keyring)
        plan = PlatformPlan(keyring.account("deployer"), keyring.account("council"), [accounts.plan(planned)])
        deployer = RpcDeployer(rpc, sender, clock.pass_second)
        deployment = deploy(deployer, plan)
        clock.go_to(max(pending.ready_at for pending in deployment.pending))
        execute_pending(deployer, deployment.officers, deployment.pending)
        town = TownOnChain.of(year, accounts, deployment)
        register_residents(deployer, keyring, [town])
        anyone = keyring.account("anyone")
        office = OfficePlay(rpc, deployer, keyring, plan.council, anyone, [town])
        yield rpc, town, lambda: play_year(rpc, sender, clock, [town], [office], anyone)


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    """(town, every event of its series, every second played) of the small town's year."""
    folder = write_town(tmp_path_factory.mktemp("data")) / f"{CODE}-takayama"
    with _town_on_chain(folder) as (rpc, town, play):
        seconds = list(play())
        return town, list(read_events(rpc, [town.token])), seconds


@pytest.fixture(scope="module")
def played_with_new_card(tmp_path_factory):
    """(town, every event of its series and of the registry) of a year in which resident 1 gets a new card."""
    folder = write_town(tmp_path_factory.mktemp("data"), office_acts=NEW_CARD) / f"{CODE}-takayama"
    with _town_on_chain(folder) as (rpc, town, play):
        list(play())
        return town, list(read_events(rpc, [town.token, town.registry]))


def _payments(town, events):
    shops = set(town.accounts.merchants.values())
    return [event for event in events if event.name == "Transfer" and event.arguments["to"] in shops]


def test_payments_lie_in_blocks_of_exactly_their_second(played):
    town, events, _ = played
    times = [event.time for event in _payments(town, events)]
    assert times == [
        moment_from_text("2026-04-10T10:00:00"),
        moment_from_text("2026-05-31T23:59:59"),
        moment_from_text("2027-03-31T23:59:59"),
    ]


def test_payments_are_signed_by_each_residents_own_key(played):
    town, events, _ = played
    payers = [event.arguments["from"] for event in _payments(town, events)]
    assert payers[:2] == [town.accounts.residents[FIRST]] * 2


def test_every_account_of_a_town_is_a_different_one(played):
    town, _, _ = played
    accounts = town.accounts
    everybody = [account for officers in accounts.officers.values() for account in officers]
    everybody += [accounts.minter, *accounts.residents.values(), *accounts.merchants.values()]
    assert max(Counter(everybody).values()) == 1
    assert set(accounts.officers) == set(Role)


def test_approval_publishes_name_and_place(played):
    town, events, _ = played
    published = {
        event.arguments["merchant"]: (event.arguments["name"], event.arguments["place"])
        for event in events
        if event.name == "MerchantApproved"
    }
    assert published == {
        town.accounts.merchants[SHOP]: ("朝市", "高山市上三之町"),
        town.accounts.merchants[OTHER_SHOP]: ("湯屋", "高山市花岡町"),
    }


def test_lapse_is_recorded_in_the_second_after_the_month(played):
    _, events, _ = played
    lapses = [(event.time, event.arguments["amountPoints"]) for event in events if event.name == "Lapsed"]
    midnight = moment_from_text("2026-06-01T00:00:00")
    # At midnight resident 2 is granted points, which takes the ended lot off the books then already.
    assert lapses == [(midnight, 500), (midnight + 1, 500)]


def test_every_month_is_closed_once_and_the_year_a_second_after_midnight(played):
    _, _, seconds = played
    closing = [second.second for second in seconds if second.closes_month]
    assert closing == [start_of(month) + 1 for month in range(APRIL_2026 + 1, APRIL_2026 + 13)]
    assert seconds[-1].second == moment_from_text("2027-04-01T00:00:01")


def test_rows_played_are_the_rows_of_the_files(played):
    town, _, seconds = played
    assert sum(step.rows for second in seconds for step in second.spent) == len(town.year.in_order()) == 7


def test_play_of_a_town_whose_policy_on_chain_differs_is_refused(tmp_path):
    """Batches name the month that the CSV's rule gives: the chain's policy must not give another."""
    rule = f"{CODE},別,TEST,this_fiscal_year,,2026"
    other = write_town(tmp_path, municipality=[rule]) / f"{CODE}-takayama"
    folder = write_town(tmp_path / "planned") / f"{CODE}-takayama"
    refused = pytest.raises(PlayError, match="points end with 326, planned 316")
    with _town_on_chain(folder, other) as (_, _, play), refused:
        list(play())


def test_residents_are_registered_before_the_year_with_commitments_of_their_own(played_with_new_card):
    town, events = played_with_new_card
    joined = [event for event in events if event.name == "ResidentRegistered"]
    assert [event.arguments["account"] for event in joined] == list(town.accounts.residents.values())
    assert all(event.time < start_of(APRIL_2026) for event in joined)
    assert len({event.arguments["commitment"] for event in joined}) == len(joined)


def test_payments_after_a_new_card_come_from_the_new_account(played_with_new_card):
    town, events = played_with_new_card
    payers = [event.arguments["from"] for event in _payments(town, events)]
    assert payers[:2] == [town.accounts.residents[FIRST], town.accounts.next_accounts[FIRST].account]


def test_new_card_takes_over_every_point_three_days_after_it_was_asked_for(played_with_new_card):
    town, events = played_with_new_card
    [carried] = [event for event in events if event.name == "Carried"]
    assert carried.time == moment_from_text("2026-04-14T09:30:00")
    assert carried.arguments == {
        "from": town.accounts.residents[FIRST],
        "to": town.accounts.next_accounts[FIRST].account,
        "amountPoints": 700,
    }


def test_freeze_goes_along_to_the_new_card_until_two_officers_end_it(played_with_new_card):
    town, events = played_with_new_card
    old, new = town.accounts.residents[FIRST], town.accounts.next_accounts[FIRST].account
    freezes = [
        (event.arguments["account"], event.arguments["frozen"])
        for event in events
        if event.name == "FrozenSet"
    ]
    assert freezes == [(old, True), (old, False), (new, True), (new, False)]


def _lapsed(account, month, points):
    arguments = {"account": account, "expiryMonth": month, "amountPoints": points}
    return Event("Lapsed", "0xseries", arguments, 1, 1, "0x1", 0)


def test_what_lapsed_on_an_old_card_and_on_the_new_one_is_one_claim():
    """The chain restores a resident once for each month: two entries would lose the second one."""
    events = [
        _lapsed("old", 316, 40),
        _lapsed("new", 316, 2),
        _lapsed("other", 316, 7),
        _lapsed("old", 315, 1),
    ]
    assert lapsed_with(316, events, {"old": "new"}) == {"new": 42, "other": 7}
