"""A shop undoes part of a sale in plain web3.py: python refund.py RPC BOOK SERIES MERCHANT OWNER_KEY SALE POINTS

MERCHANT is the shop's account, OWNER_KEY its owner's (a till cannot refund), BOOK as in pay.py.
"""

import json
import sys

from eth_account import Account
from web3 import Web3
from web3.exceptions import ContractCustomError

rpc, path, series, merchant, owner_key, sale, points = sys.argv[1:]
web3, book = Web3(Web3.HTTPProvider(rpc)), json.load(open(path, encoding="utf-8"))
point = web3.eth.contract(address=series, abi=book["abis"]["MunicipalPoint"])
owner, sale, points = Account.from_key(owner_key), int(sale), int(points)

# SalePaid: one event for each lot, `payer << 96 | sale << 64 | month << 29 | points`; the last 40 bits are the lot.
first = next(each["block"] for each in book["series"] if each["address"] == series)
logs = point.events.SalePaid().get_logs(from_block=first, argument_filters={"merchant": merchant})
words = [log["args"]["payment"] for log in logs if log["args"]["payment"] >> 64 & 0xFFFFFFFF == sale]
if not words:
    sys.exit(f"sale {sale} was not paid")
payer = Web3.to_checksum_address((words[0] >> 96).to_bytes(20, "big"))
lots = [word & (1 << 40) - 1 for word in words]
print("paid by", payer, [{"month": lot >> 29, "points": lot & (1 << 29) - 1} for lot in lots])

terms = (merchant, sale, payer, lots, points)
try:
    print("would return, has ended:", *point.functions.refundOf(*terms).call())
    nonce = web3.eth.get_transaction_count(owner.address)
    call = point.functions.refund(*terms)
    transaction = call.build_transaction(
        {"from": owner.address, "nonce": nonce, "gasPrice": 0}
    )  # gas is free
except ContractCustomError as error:
    known = book["errors"][error.data[:10]]
    values = web3.codec.decode([each["type"] for each in known["arguments"]], bytes.fromhex(error.data[10:]))
    named = dict(zip([each["name"] for each in known["arguments"]], values, strict=True))
    sys.exit(f"refused {known['name']}: " + f"{known['ja']} / {known['en']}".format(**named))
sent = web3.eth.send_raw_transaction(owner.sign_transaction(transaction).raw_transaction)
status = web3.eth.wait_for_transaction_receipt(sent)["status"]
print("refunded" if status else "refused", "claim:", *point.functions.claimOf(merchant).call())
