"""The map of powers for people: tables for a terminal, and docs/powers.md."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rich.box import SIMPLE
from rich.table import Table

from scripts.lib.act_rules import Rule, duration_label
from scripts.lib.bilingual import Bilingual
from scripts.lib.japan_calendar import moment_label
from scripts.lib.powers.comparison import Difference
from scripts.lib.powers.expected import EXPECTED
from scripts.lib.powers.function_labels import function_label
from scripts.lib.powers.guards import Guard
from scripts.lib.powers.on_chain import Powers
from scripts.lib.roles import COUNCIL, Role

_NONE = Bilingual("—", "—")
_REFUSED = Bilingual("refused", "不可")
_COUNCIL = Bilingual("council", "運用協議会")
# Acts that the council's Admins alone propose and approve: the contracts ask for the office there.
_BY_COUNCIL = {
    ("Officers", "reappointAdmin"),
    *(
        ("PartnerExchange", function)
        for function in ("registerPartner", "replacePartnerKey", "suspendPartner", "resumePartner")
    ),
}
# Acts that a resident's old key may object to; then others must decide.
_SECOND_ROUND = (("ResidentRegistry", "startReplacement"), ("ResidentRegistry", "startInheritance"))
_END_OF_OFFICE = (("Officers", "dismissAdmin"),)


class Grid(NamedTuple):
    """A table, before it takes the form of a terminal or of a page."""

    title: Bilingual
    columns: Sequence[Bilingual]
    rows: Sequence[Sequence[Bilingual]]

    def for_terminal(self) -> Table:
        """Return it as a rich table."""
        table = Table(title=str(self.title), title_justify="left", box=SIMPLE)
        for column in self.columns:
            table.add_column(_stacked(column), overflow="fold")
        for row in self.rows:
            table.add_row(*map(_stacked, row))
        return table

    def for_page(self) -> str:
        """Return it as a Markdown table under a heading."""
        lines = [f"## {self.title}", "", _markdown_row(self.columns), "| --- " * len(self.columns) + "|"]
        return "\n".join([*lines, *map(_markdown_row, self.rows), ""])


def act_grid(powers: Powers) -> Grid:
    """Return every act with its rule."""
    return Grid(
        Bilingual("Acts of officers", "職員の行為"),
        (
            Bilingual("act", "行為"),
            Bilingual("does or proposes it", "実行・提案"),
            Bilingual("approves it", "承認"),
            Bilingual("with two", "2人の場合"),
            Bilingual("alone", "単独の場合"),
        ),
        [
            (
                _function(contract, function),
                _office(contract, function, rule.proposer),
                # Nobody proposes what one officer may do at once.
                _NONE if rule.takes_one else _office(contract, function, rule.approver),
                _NONE if rule.takes_one else duration_label(rule.delay_approved),
                duration_label(rule.delay_alone),
            )
            for (contract, function), rule in powers.rules().items()
        ],
    )


def guard_grid(powers: Powers) -> Grid:
    """Return every function that is no act, with who may call it."""
    functions = dict.fromkeys(
        (power.contract, power.function) for power in powers.functions if power.rule is None
    )
    return Grid(
        Bilingual("Everything else", "その他の操作"),
        (Bilingual("function", "操作"), Bilingual("who may", "できる者")),
        [
            (_function(contract, function), _guard_label(contract, function))
            for contract, function in functions
        ],
    )


def conflict_grid(powers: Powers) -> Grid:
    """Return what one account may not do twice, or not any more, in acts that one officer cannot do alone."""
    return Grid(
        Bilingual("Conflicts", "兼ねられない行為"),
        (
            Bilingual("act", "行為"),
            Bilingual("propose and approve it", "提案と承認"),
            Bilingual("approve it, appointed after the proposal", "提案後に任命された者の承認"),
            Bilingual("stand behind it, no longer in office", "実行前に退任した者の提案・承認"),
            Bilingual("veto the end of one's own office", "自分の職務終了の差止め"),
            Bilingual("decide before and after an objection", "異議の前後の決定"),
        ),
        [
            (
                _function(*act),
                _REFUSED,
                _REFUSED,
                _REFUSED,
                _REFUSED if act in _END_OF_OFFICE else _NONE,
                _REFUSED if act in _SECOND_ROUND else _NONE,
            )
            for act, rule in powers.rules().items()
            if not rule.takes_one
        ],
    )


def office_grid(powers: Powers) -> Grid:
    """Return who holds which office, now or from a day laid down."""
    return Grid(
        Bilingual("Offices", "職務"),
        (
            Bilingual("municipality", "自治体"),
            Bilingual("office", "職務"),
            Bilingual("account", "口座"),
            Bilingual("since", "任期開始"),
            Bilingual("until", "任期終了"),
        ),
        [
            (
                _town(powers, office.municipality),
                office.role.label,
                Bilingual(office.account, ""),
                moment_label(office.since),
                moment_label(office.until) if office.until else _NONE,
            )
            for office in powers.offices
        ],
    )


def minter_grid(powers: Powers) -> Grid:
    """Return who may mint how much in which series."""
    return Grid(
        Bilingual("Minters", "発行者"),
        (
            Bilingual("municipality", "自治体"),
            Bilingual("series", "ポイント種別"),
            Bilingual("minter", "発行者"),
            Bilingual("may still mint", "発行枠の残り"),
            Bilingual("has minted", "発行済み"),
        ),
        [
            (
                _town(powers, minter.municipality),
                Bilingual(minter.name, minter.series),
                Bilingual(minter.minter, ""),
                Bilingual(f"{minter.allowance:,}", ""),
                Bilingual(f"{minter.minted:,}", ""),
            )
            for minter in powers.minters
        ],
    )


def service_grid(powers: Powers) -> Grid:
    """Return which services the officers of which municipality may act on."""
    return Grid(
        Bilingual("Accepted services", "利用中のサービス"),
        (Bilingual("municipality", "自治体"), Bilingual("service", "サービス")),
        [
            (_town(powers, service.municipality), Bilingual(service.name, service.service))
            for service in powers.services
        ],
    )


def difference_grid(found: Iterable[Difference]) -> Grid:
    """Return what is not as it was decided."""
    return Grid(
        Bilingual("Differences from what was decided", "決定との相違"),
        (Bilingual("where", "場所"), Bilingual("decided", "決定"), Bilingual("on the chain", "チェーン上")),
        [(Bilingual(item.place, ""), item.expected, item.found) for item in found],
    )


def grids(powers: Powers) -> list[Grid]:
    """Return the whole map."""
    return [
        act_grid(powers),
        guard_grid(powers),
        conflict_grid(powers),
        office_grid(powers),
        minter_grid(powers),
        service_grid(powers),
    ]


def is_of_the_council(contract: str, function: str) -> bool:
    """Return whether an act is the council's Admins', whose municipality it may concern."""
    return (contract, function) in _BY_COUNCIL


def page(powers: Powers) -> str:
    """Return docs/powers.md: what is the same on every chain, so nobody's office or allowance."""
    tables = "\n".join(grid.for_page() for grid in (act_grid(powers), guard_grid(powers)))
    return f"{_INTRODUCTION}\n{tables}\n{conflict_grid(powers).for_page()}\n{_NOT_REFUSED}"


_INTRODUCTION = """# Powers: who may do what / 権限一覧

Read from the contracts by `python -m scripts.powers page`;
[test_powers.py](../tests/scripts/test_powers.py) compares this page with a chain, and tries what the last
two parts say is refused and is not. [test_roles.py](../tests/unit/test_roles.py) calls every function of
every ABI as each office of a town, the same office of another town, the council, a partner, a minter, a
till, a resident and a stranger; [SECURITY.md](../SECURITY.md) says what follows for whoever is dishonest.

The rules of acts on roles, series and residents stand in
[ActRules.sol](../contracts/libraries/ActRules.sol), those of a service in its function `acts`, and those of
PartnerExchange, whose code has no room for it, in [rules.py](../scripts/lib/exchange/rules.py). The council
offers a service together with its rules; a rule once set never changes.

An **act** is a call that only the contract Officers makes, after the rule of the function. One officer does
it at once where the column "alone" says so. Otherwise one proposes and another account, of the approving
office, approves; or, where the rule allows it, a wait takes the place of the approval. Until it happens, an
Admin of the municipality or of the council can veto it. A proposal lapses 30 days after it was made. Every
act that happens is told by one event, `ActDone`.
"""

_NOT_REFUSED = """What is **not** refused, so that a town of three clerks can work; every auditor sees it:

- One account may hold several offices, also both offices of an act: it proposes one case and approves the
  case that another has proposed.
- Whoever proposed an act may also execute it once it is approved or the wait is over: that decides nothing.
- An Admin may propose their own appointment to another office; another Admin approves it, or lets 48 hours
  pass.
- One Admin alone, of a town with two, ends the other's office after 48 hours: the key of one of them
  stolen, the town has nobody else. The one concerned cannot veto that; the council can, but cannot be the
  second who approves.
"""


def _function(contract: str, function: str) -> Bilingual:
    label = function_label(contract, function)
    return Bilingual(f"{contract}.{label.english}", label.japanese)


def _office(contract: str, function: str, role: Role) -> Bilingual:
    if not is_of_the_council(contract, function):
        return role.label
    return Bilingual(f"council's {role.label.english}", f"運用協議会の{role.label.japanese}")


def _guard_label(contract: str, function: str) -> Bilingual:
    """Return who may call a function, as decided; whether the chain agrees is the comparison's affair."""
    guard = EXPECTED.get(contract, {}).get(function)
    if guard is None:
        return Bilingual("nobody decided", "決定なし")
    return Guard.ACT.label if isinstance(guard, Rule) else guard.label


def _town(powers: Powers, code: int) -> Bilingual:
    if code == COUNCIL:
        return _COUNCIL
    return Bilingual(f"{code:06d}", powers.municipalities.get(code, ""))


def _stacked(words: Bilingual) -> str:
    if words.english == words.japanese or not words.japanese:
        return words.english
    return f"{words.english}\n{words.japanese}"


def _markdown_row(cells: Iterable[Bilingual]) -> str:
    return "| " + " | ".join(_stacked(cell).replace("\n", "<br>") for cell in cells) + " |"
