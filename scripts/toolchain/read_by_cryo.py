"""Reads events of a contract with cryo, a reader of others, and tells what it took.

    .tools/peers/bin/python read_by_cryo.py URL FIRST LAST CONTRACT FOLDER SIGNATURE TOPIC BLOCKS …

For each triple of SIGNATURE, TOPIC and BLOCKS, which is how many a request, a Parquet file is written. Prints
{"cpu": seconds} of the reading. Only the Python of .tools/peers has cryo.
"""

import json
import os
import sys
import time

import cryo


def main(url: str, first: str, last: str, contract: str, folder: str, *events: str) -> None:
    """Read each event in turn."""
    began = time.process_time()
    for signature, topic, blocks in zip(events[::3], events[1::3], events[2::3], strict=True):
        cryo.freeze(
            "logs",
            start_block=int(first),
            end_block=int(last) + 1,
            rpc=url,
            output_dir=folder,
            contract=[contract],
            topic0=[topic],
            event_signature=signature,
            inner_request_size=int(blocks),
            chunk_size=1_000_000,
            label=topic[2:10],
            no_report=True,
            verbose=False,
            overwrite=True,
        )
    print(json.dumps({"cpu": time.process_time() - began}), flush=True)
    os._exit(0)  # its threads crash now and then when Python ends in order


if __name__ == "__main__":
    main(*sys.argv[1:])
