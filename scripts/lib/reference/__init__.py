"""The rules once more in plain Python, written from documents, not from Solidity."""
