"""The pages that are generated: docs/reference.md, events.md, errors.md, and the last tables of words.md."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from functools import cache

from scripts.lib.act_rules import Rule
from scripts.lib.artifacts import read_artifact
from scripts.lib.audit.event_tables import tables_by_name
from scripts.lib.bilingual import Bilingual
from scripts.lib.contract_book import CONTRACTS
from scripts.lib.error_sentences import ANSWERS, SENTENCES
from scripts.lib.handbook.event_uses import USES
from scripts.lib.handbook.source_tree import Node, SourceTree, words_of
from scripts.lib.handbook.storage import with_tables
from scripts.lib.handbook.units import unit_of
from scripts.lib.powers.expected import EXPECTED
from scripts.lib.powers.page import is_of_the_council
from scripts.lib.workspace import ROOT

FOLDER = ROOT / "docs"
_VIEWS = ("view", "pure")
_RAISERS_SHOWN = 12
_READERS = ("scripts/lib/replays/*.py",)
_HANDLER = "_on_"
"""How a replay calls the method that reads an event, where it has one for each."""
_READER_OF_SERVICE = {
    "replays/programmes.py": "GrantProgrammes",
    "replays/settlement.py": "MerchantSettlement",
    "replays/exchange.py": "PartnerExchange",
    "replays/bonus.py": "PaymentBonus",
}


def pages(tree: SourceTree) -> dict[str, str]:
    """Return every generated page by its file name in docs/."""
    words = (FOLDER / "words.md").read_text(encoding="utf-8")
    return {
        "reference.md": reference(tree),
        "events.md": events(tree),
        "errors.md": errors(tree),
        "words.md": with_tables(words, tree.layouts),
    }


# ----------------------------------------------------------------------------- reference


def reference(tree: SourceTree) -> str:
    """Return docs/reference.md: every contract with its functions."""
    overview = [
        (
            f"[{name}](#{name.lower()})",
            f"{read_artifact(name).runtime_size:,}",
            ", ".join(read_artifact(name).libraries) or "—",
            _title(tree, name),
        )
        for name in CONTRACTS
    ]
    libraries = sorted({library for name in CONTRACTS for library in read_artifact(name).libraries})
    linked = [
        (library, f"{read_artifact(library).runtime_size:,}", words_of(tree.contracts[library]))
        for library in libraries
    ]
    return "\n".join(
        [
            _REFERENCE,
            _table(("contract", "bytes", "linked libraries", "what it is"), overview),
            "\n## Linked libraries\n",
            _table(("library", "bytes", "what it does"), linked),
            *(_contract(tree, name) for name in CONTRACTS),
            _enumerations(tree),
        ]
    )


def _contract(tree: SourceTree, contract: str) -> str:
    members = sorted(tree.members(contract).values(), key=lambda node: str(node["name"]))
    changing = [node for node in members if not _is_view(node)]
    reading = [node for node in members if _is_view(node)]
    raised = sorted(error for error, callers in tree.raised.items() if _of(contract, callers))
    reached = tree.emitted
    emitted = sorted(
        node["name"]
        for node in tree.declared("EventDefinition")
        if _of(contract, reached.get(node["eventSelector"], ()))
    )
    source = f"../interfaces/I{contract}.sol"
    return "\n".join(
        [
            f"\n## {contract}\n",
            f"[I{contract}.sol]({source}), [{contract}.sol](../contracts/{contract}.sol).",
            "",
            _purpose(tree, contract),
            "\n### What changes something\n",
            _table(
                ("function", "who may", "what it does"),
                [
                    (_signature(node), _who(contract, node["name"]), words_of(node) or "—")
                    for node in changing
                ],
            ),
            "\n### What only reads\n",
            _table(
                ("function", "answers", "what it says"),
                [(_signature(node), _answers(node), words_of(node) or "—") for node in reading],
            ),
            f"\n**Events:** {_linked('events', emitted)}\n",
            f"**Errors:** {_linked('errors', raised)}\n",
        ]
    )


def _enumerations(tree: SourceTree) -> str:
    rows = [
        (
            f"`{node['name']}`",
            ", ".join(f"{number} {member['name']}" for number, member in enumerate(node["members"])),
        )
        for node in sorted(tree.declared("EnumDefinition"), key=lambda node: str(node["name"]))
    ]
    return f"\n## Enumerations\n\nAs the ABI has them: numbers.\n\n{_table(('enumeration', 'numbers'), rows)}"


def _who(contract: str, function: str) -> str:
    guard = EXPECTED[contract].get(function)
    if guard is None:
        return "—"
    if not isinstance(guard, Rule):
        return guard.label.english
    council = "council's " if is_of_the_council(contract, function) else ""
    proposer, approver = guard.proposer.label.english, guard.approver.label.english
    if guard.takes_one:
        return f"act: {council}{proposer} alone"
    return f"act: {council}{proposer}, approved by {council}{approver} ([rule](powers.md))"


def _title(tree: SourceTree, contract: str) -> str:
    return _tagged(tree.contracts[f"I{contract}"], "title") or _tagged(tree.contracts[contract], "title")


def _purpose(tree: SourceTree, contract: str) -> str:
    """Return the interface's own words, its list of promises as a list."""
    documentation = tree.contracts[f"I{contract}"].get("documentation") or {"text": ""}
    lines = [line.strip() for line in documentation["text"].splitlines()]
    text = "\n".join(line for line in lines if not line.startswith("@title"))
    return text.replace("@notice ", "").replace("@dev ", "").replace("\n-", "\n\n-", 1).strip()


def _tagged(node: Node, tag: str) -> str:
    text = (node.get("documentation") or {"text": ""})["text"]
    for line in text.splitlines():
        if line.strip().startswith(f"@{tag} "):
            return str(line.strip().removeprefix(f"@{tag} "))
    return ""


def _signature(node: Node) -> str:
    if node["nodeType"] == "VariableDeclaration":
        return f"`{node['name']}`"
    parameters = node["parameters"]["parameters"]
    return f"`{node['name']}`" + "".join(f"<br>{_parameter(each)}" for each in parameters)


def _answers(node: Node) -> str:
    if node["nodeType"] == "VariableDeclaration":
        return _kind(node)
    return "<br>".join(_parameter(each) for each in node["returnParameters"]["parameters"]) or "—"


def _is_view(node: Node) -> bool:
    return node["nodeType"] == "VariableDeclaration" or node["stateMutability"] in _VIEWS


# -------------------------------------------------------------------------------- events


def events(tree: SourceTree) -> str:
    """Return docs/events.md: every event, who emits it, and which check of the auditor reads it."""
    emitted = tree.emitted
    tables = {its.topic.hex(): name for name, its in tables_by_name().items()}
    rows = [
        (
            f'<a id="{node["name"].lower()}"></a>`{node["name"]}`',
            "<br>".join(_parameter(each) for each in node["parameters"]["parameters"]) or "—",
            words_of(node) or "—",
            USES[tables[node["eventSelector"]]],
            _callers(emitted[node["eventSelector"]]),
            "<br>".join(_readers_of(*tables[node["eventSelector"]].split("."))) or "—",
        )
        for node in sorted(tree.declared("EventDefinition"), key=lambda node: str(node["name"]))
        if node["eventSelector"] in emitted
    ]
    columns = (
        "event",
        "parameters",
        "what it tells",
        "what an auditor derives from it",
        "emitted by",
        "an auditor's books read it in",
    )
    return f"{_EVENTS}\n{_table(columns, rows)}"


@cache
def _names_read() -> dict[str, set[str]]:
    """Return module to the texts and handlers that stand in it: events are read by their names."""
    return {
        file.relative_to(ROOT / "scripts" / "lib").as_posix(): {
            _name_in(node) for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        }
        for pattern in _READERS
        for file in sorted(ROOT.glob(pattern))
    }


def _name_in(node: ast.AST) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return node.name.removeprefix(_HANDLER) if isinstance(node, ast.FunctionDef) else ""


def _readers_of(contract: str, event: str) -> list[str]:
    """Return the modules that read an event; of two services' events of one name, each has its own reader."""
    is_of_service = contract in _READER_OF_SERVICE.values()
    return [
        f"[{module.removesuffix('.py')}](../scripts/lib/{module})"
        for module, texts in _names_read().items()
        if event in texts and not (is_of_service and _READER_OF_SERVICE.get(module, contract) != contract)
    ]


# -------------------------------------------------------------------------------- errors


def errors(tree: SourceTree) -> str:
    """Return docs/errors.md: every custom error with its sentences, and what raises it."""
    raised = tree.raised
    rows = [
        (
            f'<a id="{node["name"].lower()}"></a>`{node["name"]}`<br>`0x{node["errorSelector"]}`',
            "<br>".join(_parameter(each) for each in node["parameters"]["parameters"]) or "—",
            _both(SENTENCES[node["name"]]),
            words_of(node) or "—",
            _callers(raised.get(node["name"], set())),
        )
        for node in sorted(tree.declared("ErrorDefinition"), key=lambda node: str(node["name"]))
        if node["name"] in SENTENCES
    ]
    issues = [(str(issue.value), issue.name, _both(sentence)) for issue, sentence in ANSWERS.items()]
    columns = ("error, selector", "arguments", "sentence", "when", "raised by")
    return (
        f"{_ERRORS}\n{_table(columns, rows)}\n\n## Answers of `issueOf`\n\n"
        f"{_table(('number', 'name', 'sentence'), issues)}"
    )


# -------------------------------------------------------------------------------- common


def _parameter(node: Node) -> str:
    kind = _kind(node)
    notes = [unit_of(node["name"], kind)] + (["indexed"] if node.get("indexed") else [])
    noted = "; ".join(note for note in notes if note).replace("|", "\\|")
    return f"{kind} {node['name']}".strip() + (f" ({noted})" if noted else "")


def _kind(node: Node) -> str:
    words = str(node["typeDescriptions"]["typeString"]).split(" ")
    named = [word for word in words if word not in ("contract", "enum", "struct", "memory", "calldata")]
    return " ".join(named).replace("|", "\\|")


def _callers(callers: Iterable[str]) -> str:
    found = sorted(callers)
    more = f"<br>and {len(found) - _RAISERS_SHOWN} more" if len(found) > _RAISERS_SHOWN else ""
    return "<br>".join(found[:_RAISERS_SHOWN]) + more or "nothing of ours"


def _of(contract: str, callers: Iterable[str]) -> bool:
    return any(caller.startswith(f"{contract}.") for caller in callers)


def _linked(page: str, names: Iterable[str]) -> str:
    return ", ".join(f"[{name}]({page}.md#{name.lower()})" for name in names) or "none"


def _both(words: Bilingual) -> str:
    return f"{words.english}<br>{words.japanese}"


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return (
        "\n".join("| " + " | ".join(cell.replace("\n", " ") for cell in line) + " |" for line in lines) + "\n"
    )


_REFERENCE = """# Reference of the contracts / 契約リファレンス

Generated from the compiler's reading of the sources by `make reference`; a test compares. Events:
[events.md](events.md). Errors with sentences: [errors.md](errors.md). Rules of acts with their waits:
[powers.md](powers.md). Words in storage: [words.md](words.md). 1 point = 1 yen; a unit in brackets follows
from a parameter's name.
"""

_EVENTS = """# Events / イベント一覧

Generated by `make reference`. "Emitted by" names the functions that a transaction calls (an act is called by
Officers). "A fault" is what `auditor verify` names as a violation. The last column names the modules that
work an auditor's books out of the event; what they check stands at their heads, and in
[invariants.md](invariants.md) (I10). In the dataset the table of an event is called `Contract.Event`, its
columns as the parameters here ([dataset.md](dataset.md)).
"""

_ERRORS = """# Errors / エラー一覧

Generated by `make reference`. The contract book holds the same: `errors` by selector. "Raised by" names the
functions that can come to it through everything that they call; what is caught on the way counts too, so it
is an upper bound, and a check that is written in assembly is missing.
"""
