"""Grants and payments by the ten thousand, and how fast they go."""
