from collections import Counter
from pathlib import Path

import pytest

from scripts.lib.chain import LocalChain
from scripts.lib.deployment import PlatformPlan, Role, deploy
from scripts.lib.event_log import read_events
from scripts.lib.japan_calendar import moment_from_text, start_of
from scripts.lib.keyring import LocalKeyring
from scripts.lib.rpc import Rpc
from scripts.lib.rpc_deployer import RpcDeployer
from scripts.lib.sender import Sender
from scripts.lib.town_accounts import TownAccounts
from scripts.lib.town_play import BlockClock, PlayError, TownOnChain, play_year
from scripts.lib.town_year import read_town_years
from tests.scripts.small_town import CODE, FIRST, OTHER_SHOP, SHOP, write_town

APRIL_2026 = 315


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    """(town, every event, every second played) of the small town's year."""
    data: Path = write_town(tmp_path_factory.mktemp("data"))
    [year] = read_town_years([data / f"{CODE}-takayama"])
    with LocalChain.anvil(genesis_time=start_of(APRIL_2026) - 3600, on_demand=True) as chain:
        rpc = Rpc(chain.url)
        clock = BlockClock(rpc, chain.now() + 1)
        keyring = LocalKeyring(chain, "play")
        sender = Sender(rpc, keyring, mine=clock.mine)
        accounts = TownAccounts.of(year, keyring)
        plan = PlatformPlan(keyring.account("deployer"), keyring.account("council"), [accounts.plan(year)])
        [token] = deploy(RpcDeployer(rpc, sender), plan).series.values()
        town = TownOnChain(year, accounts, token)
        seconds = list(play_year(rpc, sender, clock, [town], keyring.account("anyone")))
        return town, list(read_events(rpc, [token])), seconds


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
    everybody = [*accounts.officers.values(), accounts.minter, *accounts.residents.values()]
    everybody += accounts.merchants.values()
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


def test_play_of_a_town_whose_policy_on_chain_differs_is_refused(played, tmp_path):
    """Batches name the month that the CSV's rule gives: the chain's policy must not give another."""
    rule = f"{CODE},別,TEST,this_fiscal_year,,2026"
    [other] = read_town_years([write_town(tmp_path, municipality=[rule]) / f"{CODE}-takayama"])
    [year] = read_town_years([write_town(tmp_path / "planned") / f"{CODE}-takayama"])
    with LocalChain.anvil(genesis_time=start_of(APRIL_2026) - 3600, on_demand=True) as chain:
        rpc = Rpc(chain.url)
        clock = BlockClock(rpc, chain.now() + 1)
        keyring = LocalKeyring(chain, "play")
        sender = Sender(rpc, keyring, mine=clock.mine)
        accounts = TownAccounts.of(year, keyring)
        plan = PlatformPlan(keyring.account("deployer"), keyring.account("council"), [accounts.plan(other)])
        [token] = deploy(RpcDeployer(rpc, sender), plan).series.values()
        with pytest.raises(PlayError, match="points end with 326, planned 316"):
            list(
                play_year(rpc, sender, clock, [TownOnChain(year, accounts, token)], keyring.account("anyone"))
            )
