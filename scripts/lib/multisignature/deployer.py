"""Deploys for a council whose account is a multisignature: what the account must call waits for its owners.

deployer = MultisignatureDeployer(rpc, inner, sender, payer, account, keys)
deploy(deployer, plan, records)      # raises SignaturesNeededError if keys are missing
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from eth_account.signers.local import LocalAccount

from scripts.lib.bilingual import counted
from scripts.lib.calls import Call, Deployed, Deployer, View
from scripts.lib.multisignature.proposal import Proposal, propose, send, signed
from scripts.lib.multisignature.safe import Multisignature, read_multisignature
from scripts.lib.node.rpc import Rpc
from scripts.lib.node.sender import Sender


class SignaturesNeededError(Exception):
    """Owners must sign before it goes on; everything until there is done, and nothing is half done.

    Attributes:
        proposal: with the signatures of the keys at hand.
    """

    def __init__(self, proposal: Proposal) -> None:
        self.proposal = proposal
        missing = proposal.threshold - len(proposal.signatures)
        super().__init__(f"{counted(missing, 'more owner')} must sign / あと{missing}人の署名が必要です")


class MultisignatureDeployer:
    """A `scripts.lib.calls.Deployer` that has the account's own calls made by the account.

    Args:
        inner: does everything else.
        payer: pays for the account's transactions.
        keys: owners' keys at hand, perhaps none.
    """

    def __init__(
        self,
        rpc: Rpc,
        inner: Deployer,
        sender: Sender,
        payer: str,
        account: Multisignature,
        keys: Sequence[LocalAccount],
    ) -> None:
        self._rpc = rpc
        self._inner = inner
        self._sender = sender
        self._payer = payer
        self._account = account
        self._keys = keys

    def deploy(
        self, contract: str, arguments: Sequence[Any], sender: str, libraries: Mapping[str, str] | None = None
    ) -> Deployed:
        """Deploy a contract, which needs no power."""
        return self._inner.deploy(contract, arguments, sender, libraries)

    def send(self, calls: Sequence[Call]) -> None:
        """Send calls; those of the account as it must.

        Raises:
            SignaturesNeededError: not enough keys are at hand for the account's; the others were sent.
        """
        own = [call for call in calls if call.sender == self._account.address]
        self._inner.send([call for call in calls if call.sender != self._account.address])
        if not own:
            return
        account = read_multisignature(self._rpc, self._account.address) or self._account
        proposal = propose(account, self._rpc.identity(), own, self.now())
        for key in self._keys:
            proposal = signed(proposal, key)
        if len(proposal.signatures) < proposal.threshold:
            raise SignaturesNeededError(proposal)
        send(self._rpc, self._sender, self._payer, proposal)

    def read(self, views: Sequence[View]) -> list[Any]:
        """Answer each view."""
        return self._inner.read(views)

    def now(self) -> int:
        """Return the time of the latest block, in Unix seconds."""
        return self._inner.now()

    def next_second(self) -> None:
        """Return when the next block will be later than the latest by a second at least."""
        self._inner.next_second()
