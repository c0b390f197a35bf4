"""Where every point of a series went, in plain web3.py: python rebuild.py RPC PLATFORM [SERIES [BLOCK]]

Without SERIES it lists the series that the platform has. With BLOCK as that block left it, else as of the latest; so that of 31 March is that day's last block.

Of ours it takes the signatures of events, and the names of two services. How events follow one another is in
docs/dataset.md. Carried series (docs/migration.md) are beyond it.
"""

import re
import sys
from collections import Counter, defaultdict
from datetime import datetime, timedelta, timezone
from functools import cache

from eth_abi import decode
from web3 import Web3

EVENTS = """
SeriesRegistered(uint256 indexed municipality, uint256 indexed seriesNumber, address indexed token, string name,
                 string symbol)
ServiceOffered(address indexed service, string name)
Transfer(address indexed from, address indexed to, uint256 value)
MerchantApproved(address indexed merchant, uint256 indexed category, string name, string place)
Minted(address indexed minter, uint256 indexed month, uint256 points)
Lapsed(address indexed account, uint256 indexed month, uint256 points)
LotExtended(address indexed account, uint256 indexed month, uint256 indexed toMonth, uint256 points)
LotRestored(address indexed account, uint256 indexed lapsedMonth, uint256 indexed month, uint256 points)
Revoked(address indexed account, uint256 indexed month, uint256 points)
TakenBack(address indexed minter, address indexed account, uint256 indexed month, uint256 points)
Carried(address indexed from, address indexed to, uint256 points)
SaleRefunded(address indexed merchant, uint256 indexed sale, address indexed receiver, uint256 lot)
Settled(address indexed merchant, uint256 points)
ClaimReopened(address indexed merchant, uint256 thisYearPoints, uint256 earlierYearsPoints)
Delivered(bytes32 indexed holding, uint256 indexed municipality, uint256 indexed partner, uint256 number,
          address account, uint256 points, uint256 bonus, uint256 bonusOwed, uint256 month)
"""
SOURCES = {"地域経済応援ポイント交換": "exchanged", "お買い物還元": "bonus"}
# The event that stands before a Transfer, and what the Transfer is then.
CALLED = {"Lapsed": "lapsed", "LotRestored": "restored", "Revoked": "revoked", "TakenBack": "revoked",
          "Carried": "carried", "Settled": "settled", "ClaimReopened": "reopened"}  # fmt: skip
NOBODY = "0x" + "0" * 40

rpc, platform, *asked = sys.argv[1:]
web3 = Web3(Web3.HTTPProvider(rpc))
last = int(asked[1]) if asked[1:] else web3.eth.block_number
known = {}
for name, inner in re.findall(r"(\w+)\(([^)]+)\)", EVENTS):
    parameters = [parameter.split() for parameter in inner.split(",")]
    topic = Web3.keccak(text=f"{name}({','.join(words[0] for words in parameters)})")
    known[topic] = name, parameters


def events(address):
    """Yield (name, arguments, block, transaction) of a contract, in the order of the chain."""
    for first in range(0, last + 1, 2000):
        span = {"address": Web3.to_checksum_address(address), "fromBlock": first, "toBlock": min(first + 1999, last)}
        for log in web3.eth.get_logs(span):
            if log["topics"] and log["topics"][0] in known:
                name, parameters = known[log["topics"][0]]
                topics = [words for words in parameters if words[1] == "indexed"]
                data = [words for words in parameters if words[1] != "indexed"]
                values = [decode([words[0]], raw)[0] for words, raw in zip(topics, log["topics"][1:])]
                values += decode([words[0] for words in data], log["data"])
                named = {words[-1]: value for words, value in zip(topics + data, values)}
                yield name, named, log["blockNumber"], log["transactionHash"]


@cache
def month_of(block):
    """Return the month of a block in Japan, counted from January 2000 = 0."""
    moment = datetime.fromtimestamp(web3.eth.get_block(block)["timestamp"], timezone(timedelta(hours=9)))
    return (moment.year - 2000) * 12 + moment.month - 1


def spend(held, points, now):
    """Take points out of the lots that have not ended, the earliest first; return what each gave."""
    parts = Counter()
    for month in sorted(month for month in held if month >= now):
        parts[month] = min(held[month], points - parts.total())
    held.subtract(parts)
    return parts


if not asked:
    listed = [its for name, its, *_ in events(platform) if name == "SeriesRegistered"]
    print("\n".join(f"{Web3.to_checksum_address(its['token'])} {its['name']}" for its in listed))
    sys.exit()
series = asked[0]
services = {its["service"]: its["name"] for name, its, *_ in events(platform) if name == "ServiceOffered"}
lots, shops, total, waiting, exchanging = defaultdict(Counter), set(), Counter(), [], set()
source = month = None
for name, its, block, transaction in events(series):
    now = month_of(block)
    if name in CALLED:
        waiting.append(CALLED[name])
    if name == "Minted":
        source, month = SOURCES.get(services.get(its["minter"]), "granted"), its["month"]
        if source == "exchanged":
            exchanging.add(transaction)
    elif name == "MerchantApproved":
        shops.add(its["merchant"])
    elif name == "LotRestored":
        lots[its["account"]][its["month"]] += its["points"]
    elif name in ("Lapsed", "Revoked", "TakenBack"):
        lots[its["account"]][its["month"]] -= its["points"]
    elif name == "LotExtended":
        lots[its["account"]][its["toMonth"]] += lots[its["account"]].pop(its["month"])
    elif name == "Carried":
        lots[its["to"]] += spend(lots[its["from"]], its["points"], now)
    elif name == "SaleRefunded":
        lots[its["receiver"]][its["lot"] >> 29] += its["lot"] & (1 << 29) - 1
    elif name == "Transfer":
        payer, receiver, points = its["from"], its["to"], its["value"]
        if waiting:
            flow = waiting.pop()
        elif payer == NOBODY:
            flow = source
            lots[receiver][month] += points
        elif payer in shops:
            flow = "between shops" if receiver in shops else "refunded"
        else:
            parts = spend(lots[payer], points, now)
            flow = "used" if receiver in shops else "given"
            if receiver not in shops:
                lots[receiver] += parts
        total[flow] += points

for service, name in services.items():
    for event, its, _, transaction in events(service) if SOURCES.get(name) == "exchanged" else ():
        if event == "Delivered" and transaction in exchanging:  # it follows the Transfer with the bonus in it
            total["exchanged"] -= its["bonus"]
            total["bonus"] += its["bonus"]
held = [(month, points) for each in lots.values() for month, points in each.items()]
total["lapsed"] += sum(points for month, points in held if month < month_of(last))  # not recorded yet
total["live"] = sum(points for month, points in held if month >= month_of(last))
total["owed to shops"] = total["used"] - total["refunded"] - total["settled"] + total["reopened"]
for name, points in total.items():
    print(f"{name:14} {points:12,}")
