"""Two keys for practice, the shop's and the resident's: python keys.py. Never print a key that is worth something."""

from eth_account import Account

for who in ("shop", "resident"):
    account = Account.create()
    print(f"{who:8} account {account.address}  key {account.key.to_0x_hex()}")
