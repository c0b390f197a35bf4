"""A shop's first payment in plain web3.py: python pay.py RPC BOOK SERIES TILL_KEY PAYER_KEY POINTS SERIAL

BOOK is the JSON of `python -m scripts.contract_book`: ABI, errors by selector, nothing else of ours is needed.
"""

import json
import sys
from pathlib import Path

from eth_account import Account
from web3 import Web3
from web3.exceptions import ContractCustomError

rpc, path, series, till_key, payer_key, points, serial = sys.argv[1:]
web3, book = Web3(Web3.HTTPProvider(rpc)), json.load(open(path, encoding="utf-8"))
point = web3.eth.contract(address=series, abi=book["abis"]["MunicipalPoint"])
till, payer = Account.from_key(till_key), Account.from_key(payer_key)

# The till opens a sale: its number is the day in Japan since 1 January 2000, and a serial number of that day.
now = web3.eth.get_block("latest")["timestamp"]
sale = ((now + 9 * 3600) // 86400 - 10957) * 65536 + int(serial)
if point.functions.saleOf(till.address, sale).call()[0]:  # ask before the code is shown: nobody signs in vain
    sys.exit(f"sale {sale} is used: take the next serial number, and keep the last one on disk")
payment = {
    "payer": payer.address, "merchant": till.address, "sale": sale, "amountPoints": int(points),
    "validUntil": now + 3600, "cancelEpoch": point.functions.cancelEpochOf(payer.address).call(),
}  # fmt: skip

# The payer's wallet signs it (eth_signTypedData_v4).
fields = [{"name": each, "type": "address" if each in ("payer", "merchant") else "uint256"} for each in payment]
domain = {"name": "jichitai-points", "version": "1", "chainId": book["chain_id"], "verifyingContract": series}
signed = payer.sign_typed_data(domain, {"Payment": fields}, payment)
vs = signed.s | (signed.v - 27) << 255

# The till submits it; `terms` packs payer, sale, points and the last second: each must fit its bits.
assert int(points) < 1 << 29 and payment["validUntil"] < 1 << 35, "seconds, not milliseconds"
terms = int(payer.address, 16) << 96 | sale << 64 | payment["amountPoints"] << 35 | payment["validUntil"]
call = point.functions.paySigned(till.address, terms, signed.r.to_bytes(32, "big"), vs.to_bytes(32, "big"))
gas_is_free = {"gasPrice": 0}  # web3.py would offer a tip, which a till without coins cannot pay
nonce = web3.eth.get_transaction_count(till.address)
try:  # the estimate of gas tries the call, so a refusal comes before anything is sent
    transaction = call.build_transaction({"from": till.address, "nonce": nonce, **gas_is_free})
except ContractCustomError as error:
    known = book["errors"][error.data[:10]]
    values = web3.codec.decode([each["type"] for each in known["arguments"]], bytes.fromhex(error.data[10:]))
    named = dict(zip([each["name"] for each in known["arguments"]], values, strict=True))
    sys.exit(f"refused {known['name']}: " + f"{known['ja']} / {known['en']}".format(**named))
raw = till.sign_transaction(transaction).raw_transaction
sold = {"merchant": till.address, "sale": sale, "payer": payer.address, "points": int(points), "raw": raw.to_0x_hex()}
Path(f"sale-{sale}.json").write_text(json.dumps(sold))  # before it is sent: resume.py goes on from here
sent = web3.eth.send_raw_transaction(raw)
receipt = web3.eth.wait_for_transaction_receipt(sent)
print("paid" if receipt["status"] else "refused", sale, point.functions.balanceOf(payer.address).call())
