"""Notes which instructions of which code the transactions and calls of a run execute, as Brownie makes them.

Each transaction that Brownie sends and each call that it makes is executed once more by the node
(debug_traceTransaction, debug_traceCall), with a tracer that returns nothing but the set of executed places;
what reverted too. One whose code, function and outcome (gas used, or question and answer) have been seen
before is left out: that can only make the report poorer, never richer. Code is read at the moment of
execution, because after a test's isolation another contract may live at the same address.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections import defaultdict
from typing import Any

from web3.middleware import Web3Middleware

from scripts.lib.node.awaited_receipts import POLL_SECONDS

# Places are program counters; of a conditional jump also which way it went: "<pc>t" taken, "<pc>n" not.
_TRACER = """{
  setup: function() { this.seen = {}; this.outer = []; this.here = null; this.next = null; this.jump = -1; },
  enter: function(frame) {
    this.outer.push(this.here);
    this.here = null; this.jump = -1;
    this.next = frame.getType() + ' ' + toHex(frame.getTo());
  },
  exit: function(result) { this.here = this.outer.pop(); this.jump = -1; },
  step: function(log, db) {
    if (this.here === null) {
      var frame = this.next === null ? 'TOP ' + toHex(log.contract.getAddress()) : this.next;
      if (!(frame in this.seen)) this.seen[frame] = {};
      this.here = this.seen[frame];
    }
    var pc = log.getPC();
    if (this.jump >= 0) {
      this.here[this.jump + (pc === this.jump + 1 ? 'n' : 't')] = 1;
      this.jump = -1;
    }
    this.here[pc] = 1;
    if (log.op.toNumber() === 0x57) this.jump = pc;
  },
  fault: function(log, db) {},
  result: function(context, db) {
    var places = {};
    for (var frame in this.seen) places[frame] = Object.keys(this.seen[frame]).join(' ');
    return places;
  }
}"""
PATIENCE = {False: 100, True: 1_000}
"""A function is traced no more after so many times in a row in which nothing new was executed; more of those
that reverted, of which each may have another reason."""
LARGE_GAS = 6_000_000
LARGE_DATA = 20_000
"""Transactions with more gas, and calls with more characters of data or answer, are not traced, unless they
create: the node takes 7 microseconds an instruction. What they do often, smaller ones show; the dearest that
does something once is the closing of a series, which writes into 204 words."""

_OPTIONS = {"tracer": _TRACER, "timeout": "1h"}


class Recorder:
    """What a run has executed, handed out in parts.

    Attributes:
        codes: digest to code (0x hex).
        traced: how many transactions and calls were executed once more since the last part.
        repeated: how many were left out, as they were like one before.
        untraced: how many the node would not trace.
    """

    def __init__(self) -> None:
        self.codes: dict[str, str] = {}
        self.traced = self.repeated = self.untraced = 0
        # Digest to the places executed in that code; of its creation, under "creation " and the digest.
        self._executed: dict[str, set[str]] = defaultdict(set)
        self._new: dict[str, set[str]] = defaultdict(set)  # of these, the present part's
        self._known: set[tuple[Any, ...]] = set()
        self._in_vain: dict[tuple[str, str, bool], int] = defaultdict(int)
        self._asked = ("", "", False)

    def note(self, make_request: Any, method: str, parameters: Any, answer: Any) -> None:
        """Trace a request that has been answered, if it executed something."""
        if method in ("eth_sendTransaction", "eth_sendRawTransaction"):
            if "result" in answer:
                self._note_transaction(make_request, _text(answer["result"]))
            elif method == "eth_sendTransaction":
                self._note_call(make_request, parameters[0], answer)
        elif method in ("eth_call", "eth_estimateGas"):
            self._note_call(make_request, parameters[0], answer)

    def _note_transaction(self, make_request: Any, digest: str) -> None:
        # Mined at once, but anvil shows the receipt a moment later.
        while (receipt := make_request("eth_getTransactionReceipt", [digest])["result"]) is None:
            time.sleep(POLL_SECONDS)
        sent = make_request("eth_getTransactionByHash", [digest])["result"]
        data, to = _text(sent["input"]), receipt["to"]
        gas = receipt["gasUsed"] if isinstance(receipt["gasUsed"], int) else int(receipt["gasUsed"], 16)
        reverted = int(str(receipt["status"]), 0) == 0
        if (to and gas > LARGE_GAS) or self._is_repeated(make_request, to, data, reverted, (str(gas),)):
            return
        self._take(make_request, make_request("debug_traceTransaction", [digest, _OPTIONS]), to)

    def _note_call(self, make_request: Any, call: Any, answer: Any) -> None:
        data, to = _text(call.get("data", "0x")), call.get("to")
        answered = json.dumps(answer.get("error") or _text(answer.get("result")), default=_text)
        is_large = bool(to) and max(len(data), len(answered)) > LARGE_DATA
        reverted = "error" in answer
        if is_large or self._is_repeated(make_request, to, data, reverted, (data, answered)):
            return
        self._take(make_request, make_request("debug_traceCall", [call, "latest", _OPTIONS]), to)

    def _is_repeated(
        self, make_request: Any, to: Any, data: str, reverted: bool, outcome: tuple[str, ...]
    ) -> bool:
        code = self._digest_at(make_request, to) if to else hashlib.sha256(data.encode()).hexdigest()
        self._asked = (code, data[:10] if to else "", reverted)
        key = (*self._asked, *outcome)
        # What reverted may have done so elsewhere, for the same gas.
        is_known = key in self._known and not reverted
        if is_known or self._in_vain[self._asked] >= PATIENCE[reverted]:
            self.repeated += 1
            return True
        self._known.add(key)
        return False

    def _take(self, make_request: Any, answer: Any, to: Any) -> None:
        if "result" not in answer:
            self.untraced += 1
            return
        self.traced += 1
        is_new = False
        for frame, executed in answer["result"].items():
            kind, address = frame.split(" ")
            digest = self._digest_at(make_request, address)
            # A top frame that creates runs the transaction's data, everything else the code of its address.
            is_creation = kind.startswith("CREATE") or (kind == "TOP" and not to)
            place = f"creation {digest}" if is_creation else digest
            new = set(executed.split(" ")) - self._executed[place]
            if new:
                self._executed[place] |= new
                self._new[place] |= new
                is_new = True
        self._in_vain[self._asked] = 0 if is_new else self._in_vain[self._asked] + 1

    def _digest_at(self, make_request: Any, address: Any) -> str:
        code = _text(make_request("eth_getCode", [address, "latest"])["result"])
        digest = hashlib.sha256(code.encode()).hexdigest()
        self.codes.setdefault(digest, code)
        return digest

    def take(self) -> dict[str, Any]:
        """Return what was executed for the first time since this was last asked, and begin a new part."""
        part = {
            "traced": self.traced,
            "repeated": self.repeated,
            "untraced": self.untraced,
            "codes": {
                digest: code
                for digest, code in self.codes.items()
                if digest in self._new or f"creation {digest}" in self._new
            },
            "executed": {place: sorted(new) for place, new in self._new.items()},
        }
        self._new.clear()
        self.traced = self.repeated = self.untraced = 0
        return part


def _text(value: Any) -> str:
    if isinstance(value, (bytes, bytearray)):
        return "0x" + value.hex()
    return value if isinstance(value, str) else str(value)


recorder = Recorder()


class RecordingMiddleware(Web3Middleware):
    """Lets the recorder see every request of Brownie's."""

    def wrap_make_request(self, make_request: Any) -> Any:
        """Return `make_request`, noted."""

        def noted(method: Any, parameters: Any) -> Any:
            answer = make_request(method, parameters)
            recorder.note(make_request, str(method), parameters, answer)
            return answer

        return noted
