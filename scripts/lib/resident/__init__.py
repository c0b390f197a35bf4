"""A resident's purse: keys, points by town, payments signed without a line, statements.

Needs web3 and eth-account alone.
"""
