"""What the reference models answer where the contracts revert."""

from __future__ import annotations

ZERO_ADDRESS = "0x0000000000000000000000000000000000000000"


class Refused(Exception):  # noqa: N818 (a refusal is an answer, not a fault)
    """The contract refuses the operation, and nothing has changed.

    Attributes:
        name: the contract's custom error, or "Panic".
        arguments: its arguments, accounts as they were given to the model.
    """

    def __init__(self, name: str, *arguments: int | str) -> None:
        super().__init__(name, *arguments)
        self.name = name
        self.arguments = arguments

    def __str__(self) -> str:
        return f"{self.name}({', '.join(str(argument) for argument in self.arguments)})"
