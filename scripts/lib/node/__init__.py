"""Talking to nodes: requests, signing, sending, reading events; local chains of our own."""
