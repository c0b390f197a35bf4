"""The line dropped after a payment was sent: was it paid? python resume.py RPC BOOK SERIES SALE_FILE

SALE_FILE is what pay.py writes before it sends. Safe to run as often as you like: the same bytes pay once.
"""

import json
import sys
from pathlib import Path

from web3 import Web3
from web3.exceptions import TimeExhausted, Web3RPCError

rpc, path, series, sale_file = sys.argv[1:]
web3, book = Web3(Web3.HTTPProvider(rpc)), json.load(open(path, encoding="utf-8"))
sold = json.loads(Path(sale_file).read_text())
point = web3.eth.contract(address=series, abi=book["abis"]["MunicipalPoint"])
first = next(each["block"] for each in book["series"] if each["address"] == series)


def paid():
    """Return who paid the sale and how much: the events are the proof, `issueOf` is none."""
    of_shop = {"merchant": sold["merchant"]}
    logs = point.events.SalePaid().get_logs(from_block=first, argument_filters=of_shop)
    words = [log["args"]["payment"] for log in logs]
    lots = [word for word in words if word >> 64 & 0xFFFFFFFF == sold["sale"]]
    return {word >> 96 for word in lots}, sum(word & (1 << 29) - 1 for word in lots)


if not paid()[1]:
    try:
        web3.eth.wait_for_transaction_receipt(web3.eth.send_raw_transaction(sold["raw"]), timeout=30)
    except (Web3RPCError, TimeExhausted) as reason:  # known already, its number is used, or still waiting
        print("not taken again:", reason, file=sys.stderr)
payers, points = paid()
if not points:
    sys.exit("not paid yet: run this again, or void the sale before you take cash")
ours = payers == {int(sold["payer"], 16)} and points == sold["points"]
print("paid" if ours else "paid by somebody else, or another amount", sold["sale"], points)
sys.exit(0 if ours else 1)
