"""Random office life: people are appointed, dismissed, handed over to and vetoed, honest or not.

The judge is the replay of the events (scripts.lib.replays.officers), which knows the rules by itself: it
notices any act that they do not allow. Besides, the chain's offices must be those of the events, and as many
Admins serve as are counted, never none.
"""

import random
from collections import Counter

import pytest

from scripts.lib.acts import Act
from scripts.lib.calls import Call, View
from scripts.lib.contract_abi import encode_call
from scripts.lib.keys.keyring import LocalKeyring
from scripts.lib.node.event_log import read_events
from scripts.lib.node.local_chain import LocalChain
from scripts.lib.node.rpc import Rpc
from scripts.lib.node.sender import SendError, Transaction
from scripts.lib.proceedings import carry_out
from scripts.lib.reasons import Reason
from scripts.lib.replays.everything import Replay
from scripts.lib.replays.officers import Office
from scripts.lib.roles import COUNCIL, Role, role_id
from tests.support.office_town import CODE, open_town

STEPS = 500
JUDGED_EVERY = 50
GAS = 2_000_000
HOUR, DAY = 60 * 60, 24 * 60 * 60
WAITS = {1: 10, HOUR: 4, 25 * HOUR: 2, 48 * HOUR: 2, 15 * DAY: 1}  # seconds: how often
RECENT = 6  # proposals that somebody may still care about
PEOPLE = 6


class OfficeLife:
    """A town's officers and their council, by chance.

    Attributes:
        done: how often each kind of step succeeded.
    """

    def __init__(self, town, seed):
        self.town = town
        self.chance = random.Random(seed)
        self.proposed: list[Act] = []
        self.done = Counter()
        self.council = town.account("council")
        officers = [town.officer(role, place) for role in Role for place in (1, 2)]
        newcomers = [town.account(f"person {number}") for number in range(PEOPLE)]
        self.people = [*officers, *newcomers]
        admins = (town.officer(Role.ADMIN), town.officer(Role.ADMIN, 2))
        appointments = [
            Act(CODE, "Officers", town.officers, "appoint", (CODE, who, 0, 0), Reason.NEW_STAFF, *admins)
            for who in newcomers[: PEOPLE // 2]
        ]
        self.proposed += appointments
        carry_out(town.deployer, town.officers, appointments)

    def step(self):
        """Try one thing; the chain may refuse it."""
        kinds = {
            self._wait: 6,
            self._perform: 2,
            self._propose: 6,
            self._approve: 12,
            self._execute: 4,
            self._veto: 1,
            self._renounce: 1,
        }
        [kind] = self.chance.choices(list(kinds), list(kinds.values()))
        name = kind.__name__.strip("_")
        call = kind()
        if call is None:
            return
        data = encode_call(call.contract, call.function, call.arguments)
        try:
            self.town.sender.send([Transaction(call.sender, call.address, data, GAS, name)])
        except SendError as refused:
            [failure] = refused.failures
            assert failure.revert is not None and failure.revert.name, f"{call}: {failure.reason}"
        else:
            self.done[f"{name} {self._what(call)}"] += 1

    def _what(self, call):
        if call.function in ("approve", "execute", "veto"):
            return self.proposed[call.arguments[0] - 1].function
        return self.proposed[-1].function if call.function == "propose" else ""

    # ---------------------------------------------------------------------------------------------- STEPS

    def _wait(self):
        [seconds] = self.chance.choices(list(WAITS), list(WAITS.values()))
        self.town.pass_time(seconds)

    def _perform(self):
        role = self._role()
        function, *arguments = self.chance.choice(
            [
                ("dismiss", CODE, self._likely(role), role),
                ("dismissAdmin", CODE, self._likely(Role.ADMIN)),  # takes two
            ]
        )
        return self._act(function, *arguments).perform(self.town.officers)

    def _propose(self):
        now = self.town.deployer.now()
        later = self.chance.choice((0, 0, now + DAY, now + 20 * DAY, now - 1))
        role = self._role()
        function, *arguments = self.chance.choice(
            [
                ("appoint", CODE, self._anybody(), role, later),
                ("appoint", CODE, self._anybody(), Role.ADMIN, 0),
                ("appoint", CODE, self._anybody(), Role.ADMIN, 0),
                ("handOver", CODE, self._likely(role), role, self._anybody(), later),
                ("dismissAdmin", CODE, self._likely(Role.ADMIN)),
                ("reappointAdmin", CODE, self._anybody()),
            ]
        )
        act = self._act(function, *arguments)
        count = self.town.proposal_count()
        del self.proposed[count:]  # what was refused last time got no number
        self.proposed.append(act)
        return act.propose(self.town.officers)

    def _approve(self):
        number, act = self._some_proposal()
        return act and Call(*self._officers("approve"), (number, act.data), self._likely(Role.ADMIN))

    def _execute(self):
        number, act = self._some_proposal()
        return act and Call(*self._officers("execute"), (number, act.data), self._anybody())

    def _veto(self):
        number, act = self._some_proposal()
        by = self.chance.choice([self.council, self._likely(Role.ADMIN)])
        return act and Call(*self._officers("veto"), (number,), by)

    def _renounce(self):
        role = self.chance.choice(list(Role))
        somebody = self._likely(role)
        arguments = (role_id(CODE, role), somebody)
        return Call(*self._officers("renounceRole"), arguments, somebody)

    # ----------------------------------------------------------------------------------------------- WHO

    def _act(self, function, *arguments):
        by = self._likely(Role.ADMIN)
        if function == "reappointAdmin" and self.chance.random() < 0.8:
            by = self.council
        arguments = tuple(int(each) if isinstance(each, Role) else each for each in arguments)
        return Act(CODE, "Officers", self.town.officers, function, arguments, Reason.ROUTINE, by)

    def _officers(self, function):
        return "Officers", self.town.officers, function

    def _some_proposal(self):
        count = self.town.proposal_count()
        del self.proposed[count:]
        if not self.proposed:
            return 0, None
        number = self.chance.randint(max(1, count - RECENT), count)
        return number, self.proposed[number - 1]

    def _anybody(self):
        return self.chance.choice([*self.people, self.council])

    def _likely(self, role):
        """Return somebody who holds an office, most of the time."""
        held = self.town.deployer.read([self._holds(CODE, role, account) for account in self.people])
        holders = [who for who, holds in zip(self.people, held, strict=True) if holds]
        return self.chance.choice(holders) if holders and self.chance.random() < 0.8 else self._anybody()

    def _role(self):
        return self.chance.choice(list(Role))

    # ---------------------------------------------------------------------------------------------- JUDGE

    def _holds(self, municipality, role, account):
        return View("Officers", self.town.officers, "hasRole", (role_id(municipality, role), account))

    def judge(self):
        """Replay everything told so far, and compare offices and counts with the chain's."""
        town = self.town
        replay = Replay(town.platform, town.officers, town.residents)
        for event in read_events(
            town.rpc, [town.platform, town.officers, town.residents, town.token], town.block
        ):
            replay.apply(event)
        replay.finish()
        held = replay.officers.holders_at(town.deployer.now())
        offices = [(code, role, who) for code in (CODE, COUNCIL) for role in Role for who in self.people]
        chain = town.deployer.read([self._holds(*office) for office in offices])
        events = [who in held.get(Office(code, role), ()) for code, role, who in offices]
        assert events == chain
        for code in (CODE, COUNCIL):
            counted = town.ask("Officers", town.officers, "adminCount", code)
            assert counted == len(held[Office(code, Role.ADMIN)]) >= 1


@pytest.mark.parametrize("seed", [1, 2])
def test_random_office_life_keeps_to_the_rules(seed):
    with LocalChain.anvil() as chain:
        rpc = Rpc(chain.url)
        life = OfficeLife(open_town(chain, rpc, LocalKeyring(chain, "office life")), seed)
        for number in range(1, STEPS + 1):
            life.step()
            if number % JUDGED_EVERY == 0:
                life.judge()
        rpc.close()
    for needed in ("propose", "approve", "execute", "veto", "renounce", "perform"):
        assert any(kind.startswith(needed) for kind in life.done), f"{needed} never succeeded: {life.done}"
