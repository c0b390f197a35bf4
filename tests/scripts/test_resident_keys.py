"""A merchant's key is not made a resident's: the desk asks the series, and nothing is lost if it did not."""

import dataclasses

import pytest

from scripts import demo
from scripts.lib.acts import ActError
from scripts.lib.mykey import CommitmentKey, MyKeyId, commitment
from scripts.lib.node.sender import SendError
from scripts.lib.proceedings import carry_out
from scripts.lib.registration import RegistrationDomain, sign
from scripts.lib.resident_keys import require_no_merchants
from scripts.lib.roles import Role
from scripts.lib.town_year.accounts import TownAccounts
from tests.scripts.small_town import FIRST, NEW_CARD, SERIES_NAME, SHOP, write_town
from tests.support.office_town import CODE, open_town
from tests.support.office_town import SERIES_NAME as OFFICE_SERIES_NAME

NEIGHBOUR = 212032
KEY = CommitmentKey(1, bytes(range(32)))
THREE_DAYS = 3 * 24 * 60 * 60


@pytest.fixture(scope="module")
def town(own_chain, rpc, keyring):
    return open_town(own_chain, rpc, keyring, allowance=1000)


@pytest.fixture(scope="module")
def shop(town):
    """A merchant that is closed: it holds a claim all the same."""
    shop = town.account("a shop")
    officer = town.officer(Role.MERCHANT_OFFICER)
    for function, arguments in (
        ("approveMerchant", (shop, 1, "八百屋", "川崎区")),
        ("closeMerchant", (shop,)),
    ):
        act = town.act("MunicipalPoint", function, *arguments, by=officer)
        carry_out(town.deployer, town.officers, [act])
    return shop


def test_merchants_among_accounts_are_named_with_the_series(town, shop):
    accounts = [town.account("somebody"), shop]
    with pytest.raises(ActError) as refused:
        require_no_merchants(town.deployer, town.officers, CODE, accounts)
    named = f"{shop} ({OFFICE_SERIES_NAME})"
    assert str(refused.value.reason) == (
        f"a merchant's key cannot be a resident's: {named} / "
        f"加盟店の鍵は利用者の口座にできません。別の鍵を登録してください: {named}"
    )


def test_accounts_of_no_merchant_or_of_another_town_s_pass(town, shop):
    require_no_merchants(town.deployer, town.officers, CODE, [town.account("somebody")])
    require_no_merchants(town.deployer, town.officers, NEIGHBOUR, [shop])
    require_no_merchants(town.deployer, town.officers, CODE, [])


@pytest.mark.parametrize("field", ["residents", "next_accounts"])
def test_demo_with_a_shops_key_in_a_residents_place_stops_there(tmp_path, capsys, monkeypatch, field):
    accounts_of = TownAccounts.of

    def mixed_up(year, keyring):
        accounts = accounts_of(year, keyring)
        shop = accounts.merchants[SHOP]
        if field == "next_accounts":
            shop = accounts.next_accounts[FIRST]._replace(account=shop)
        return dataclasses.replace(accounts, **{field: getattr(accounts, field) | {FIRST: shop}})

    monkeypatch.setattr(TownAccounts, "of", mixed_up)
    data = write_town(tmp_path / "data", office_acts=NEW_CARD)
    code = demo.main(["--data", str(data), "--out", str(tmp_path / "out")])
    printed = capsys.readouterr().err
    assert code == 1
    assert "加盟店の鍵は利用者の口座にできません" in printed
    assert SERIES_NAME in printed


def test_points_of_a_card_moved_to_a_shops_key_wait_until_it_moves_on(town, shop):
    """The registry knows no series: if the desk did not ask, a further card gets all that waits."""
    domain = RegistrationDomain(town.keyring.chain_id, town.residents)
    commits_to = commitment(KEY, CODE, MyKeyId.read("K7Q2M9X4"))
    first, last = town.account("first card"), town.account("last card")

    def by_two(contract, function, *arguments):
        act = town.act(
            contract,
            function,
            *arguments,
            by=town.officer(Role.DESK_OFFICER),
            second=town.officer(Role.SECOND_DESK_OFFICER),
        )
        carry_out(town.deployer, town.officers, [act])

    def move_to(account):
        signature = sign(domain, CODE, town.keyring.key(account), commits_to).signature
        by_two("ResidentRegistry", "startReplacement", CODE, 1, account, signature)
        town.pass_time(THREE_DAYS)
        town.call("ResidentRegistry", town.residents, "completeReplacement", CODE, 1)

    by_two("ResidentRegistry", "register", CODE, 1, [sign(domain, CODE, town.keyring.key(first), commits_to)])
    town.call("MunicipalPoint", town.token, "mint", first, 700, by=town.minter)
    move_to(shop)
    with pytest.raises(SendError) as refused:
        town.call("MunicipalPoint", town.token, "carry", first)
    assert [failure.revert.name for failure in refused.value.failures] == ["PointMintToMerchant"]
    assert town.ask("MunicipalPoint", town.token, "balanceOf", first) == 700

    move_to(last)
    town.call("MunicipalPoint", town.token, "carry", first)
    balances = [
        town.ask("MunicipalPoint", town.token, "balanceOf", account) for account in (first, shop, last)
    ]
    assert balances == [0, 0, 700]
