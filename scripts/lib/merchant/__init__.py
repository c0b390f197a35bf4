"""A shop's counter: sales, QR codes, signed answers, a queue that survives, refunds, books, claims.

Needs web3, eth-account and segno alone.
"""
