"""The contracts as their compiler reads them: declarations with NatSpec, and what a call can raise and emit.

    tree = read_source_tree()
    tree.raised["PointSaleUsed"]      # {"MunicipalPoint.paySigned", …}

Calls are followed through internal functions, modifiers, linked libraries, `_forward`, and interfaces to the
contracts of ours that implement them. What is caught on the way is counted all the same: "can" is an upper
bound.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from scripts.lib.compiler import compiler_output, project_settings
from scripts.lib.contract_book import CONTRACTS
from scripts.lib.workspace import ROOT

Node = dict[str, Any]
_FORWARD = "_forward"


def read_source_tree() -> SourceTree:
    """Return the tree of contracts/ and interfaces/.

    Raises:
        CompilationError: they do not compile.
    """
    files = [
        file for folder in ("contracts", "interfaces") for file in sorted((ROOT / folder).rglob("*.sol"))
    ]
    sources = {file.relative_to(ROOT).as_posix(): file.read_text(encoding="utf-8") for file in files}
    settings = project_settings()["solc"]["optimizer"]
    output = compiler_output(sources, ["ast", "storageLayout"], optimizer=settings)
    layouts = {
        contract: output["contracts"][f"contracts/{contract}.sol"][contract]["storageLayout"]
        for contract in CONTRACTS
    }
    return SourceTree([source["ast"] for _, source in sorted(output["sources"].items())], layouts)


@dataclass(frozen=True)
class SourceTree:
    """The syntax trees of all sources of one run of the compiler, so that their ids fit each other.

    Attributes:
        units: the trees.
        layouts: where each contract's state variables are, as the compiler tells it.
    """

    units: list[Node]
    layouts: dict[str, dict[str, Any]]

    @cached_property
    def nodes(self) -> dict[int, Node]:
        """Every node by its id."""
        return {node["id"]: node for unit in self.units for node in walk(unit) if "id" in node}

    @cached_property
    def contracts(self) -> dict[str, Node]:
        """Contracts, libraries and interfaces by name."""
        return {
            node["name"]: node
            for unit in self.units
            for node in unit["nodes"]
            if node["nodeType"] == "ContractDefinition"
        }

    def declared(self, kind: str) -> Iterator[Node]:
        """Yield the declarations of a kind, e.g. EventDefinition, each name and parameter list once."""
        known = set()
        for contract in self.contracts.values():
            for node in contract["nodes"]:
                if node["nodeType"] == kind:
                    key = (node["name"], node.get("errorSelector") or node.get("eventSelector"))
                    if key not in known:
                        known.add(key)
                        yield node

    def members(self, contract: str) -> dict[str, Node]:
        """Return a contract's functions and public variables by selector; the documented declaration wins."""
        found: dict[str, Node] = {}
        for place in self.contracts[contract]["linearizedBaseContracts"]:
            for node in self.nodes[place]["nodes"]:
                selector = node.get("functionSelector")
                if selector and (selector not in found or "documentation" not in found[selector]):
                    found[selector] = node
        return found

    @cached_property
    def raised(self) -> dict[str, set[str]]:
        """Error to the functions of contracts (`Contract.function`) that can raise it."""
        return self._reached("RevertStatement", "errorCall", "name")

    @cached_property
    def emitted(self) -> dict[str, set[str]]:
        """Event, by its selector (names are not unique), to the functions that can emit it."""
        return self._reached("EmitStatement", "eventCall", "eventSelector")

    def _reached(self, kind: str, call: str, field: str) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for contract in CONTRACTS:
            for selector in self.members(contract):
                start = self._implementation(contract, selector)
                if start is None:
                    continue
                for function in self._within(contract, start):
                    for node in walk(function):
                        if node.get("nodeType") == kind:
                            declared = self.nodes[node[call]["expression"]["referencedDeclaration"]]
                            found.setdefault(declared[field], set()).add(f"{contract}.{start['name']}")
        return found

    def _implementation(self, contract: str, selector: str) -> Node | None:
        for place in self.contracts[contract]["linearizedBaseContracts"]:
            for node in self.nodes[place]["nodes"]:
                if node.get("functionSelector") == selector and node.get("body"):
                    return node
        return None

    def _within(self, contract: str, start: Node) -> list[Node]:
        """Return the functions and modifiers that a call of `start` can come to, itself included."""
        open_, seen = [start], {start["id"]}
        done = []
        while open_:
            function = open_.pop()
            done.append(function)
            for called in self._called(contract, function):
                if called["id"] not in seen:
                    seen.add(called["id"])
                    open_.append(called)
        return done

    def _called(self, contract: str, function: Node) -> Iterator[Node]:
        for node in walk(function):
            target = self.nodes.get(_callee(node).get("referencedDeclaration") or -1)
            if target is None or target["nodeType"] not in ("FunctionDefinition", "ModifierDefinition"):
                continue
            if target.get("body"):
                yield self._overridden(contract, target)
            elif target.get("functionSelector"):
                yield from self._implementations(target["functionSelector"])
        yield from self._forwarded(function)

    def _overridden(self, contract: str, target: Node) -> Node:
        """Return what `contract` has in place of a virtual function."""
        if not target.get("virtual"):
            return target
        bases = self.contracts[contract]["linearizedBaseContracts"]
        for place in bases:
            for node in self.nodes[place]["nodes"]:
                if node["nodeType"] != target["nodeType"] or not node.get("body"):
                    continue
                replaced = (node.get("baseFunctions") or []) + (node.get("baseModifiers") or [])
                if node["id"] == target["id"] or target["id"] in replaced:
                    return node
        return target

    def _implementations(self, selector: str) -> Iterator[Node]:
        for contract in CONTRACTS:
            function = self._implementation(contract, selector)
            if function is not None:
                yield function

    def _forwarded(self, function: Node) -> Iterator[Node]:
        """Yield the library's function of the same name that the whole call is handed to."""
        for node in walk(function):
            if node.get("nodeType") == "FunctionCall" and node["expression"].get("name") == _FORWARD:
                library = node["arguments"][0]["arguments"][0]["name"]
                for each in self.contracts[library]["nodes"]:
                    if each["nodeType"] == "FunctionDefinition" and each["name"] == function["name"]:
                        yield each


def walk(node: Any) -> Iterator[Node]:
    """Yield a node and all below it."""
    if isinstance(node, dict):
        if "nodeType" in node:
            yield node
        for value in node.values():
            yield from walk(value)
    elif isinstance(node, list):
        for value in node:
            yield from walk(value)


def words_of(node: Node) -> str:
    """Return what the NatSpec of a declaration says, as one line; "" if it says nothing."""
    documentation = node.get("documentation")
    if not documentation:
        return ""
    text = documentation if isinstance(documentation, str) else documentation["text"]
    said, parameters = [], []
    for part in (" " + " ".join(text.split())).split(" @"):
        tag, _, words = part.partition(" ")
        if tag in ("notice", "dev", ""):
            said.append(words)
        elif tag == "param":
            name, _, meaning = words.partition(" ")
            parameters.append(f"`{name}`: {meaning}")
        elif tag == "return":
            parameters.append(f"returns {words}")
    return " ".join(part.strip() for part in [*said, *parameters] if part.strip())


def _callee(node: Node) -> Node:
    """Return the expression that a call or a modifier's use names; an empty one of any other node."""
    if node["nodeType"] == "ModifierInvocation":
        return dict(node["modifierName"])
    if node["nodeType"] != "FunctionCall":
        return {}
    called = node["expression"]
    return dict(called["expression"] if called["nodeType"] == "FunctionCallOptions" else called)
