"""Brownie's own command line inside this folder, on a chain that runs already: for `brownie run`.

    python -m scripts.brownie run municipality grant grants.csv          the chain of `make chain`
    CHAIN_URL=http://127.0.0.1:9545 python -m scripts.brownie run council status

Brownie's command alone keeps its data in the home folder and would start a chain of its own choice. Here its
data stays in .home, and its network is the chain at CHAIN_URL, taken as a live one: it is never reset.
"""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path
from types import ModuleType

from scripts.lib.administration.connection import LOCAL
from scripts.lib.node.networks import NetworkError, read_network
from scripts.lib.node.rpc import CONNECTION_ERRORS, Rpc
from scripts.lib.project import NETWORK_ID
from scripts.lib.workspace import ROOT, stay_inside

URL_VARIABLE = "CHAIN_URL"


def import_script(path: Path) -> ModuleType:
    """Return the module of a script in this folder, in place of Brownie's own import.

    Brownie makes a module's name of all folders above the script, and fails where one has a dot in its name.
    """
    return importlib.import_module(f"scripts.{path.stem}")


def main() -> int:
    """Run Brownie's command line; return its exit code, 1 if there is no chain."""
    stay_inside()
    os.chdir(ROOT)
    try:
        url = os.environ.get(URL_VARIABLE) or read_network(LOCAL).url
    except NetworkError as error:
        print(error, file=sys.stderr)
        return 1
    try:
        chain_id = Rpc(url).identity().chain_id
    except CONNECTION_ERRORS as error:
        print(f"{url}: {error} / チェーンがありません(make chain)", file=sys.stderr)
        return 1
    from brownie._cli.__main__ import main as brownie_main
    from brownie._config import CONFIG
    from brownie.project import scripts as brownie_scripts

    brownie_scripts._import_from_path = import_script
    CONFIG.networks[NETWORK_ID] = {
        "id": NETWORK_ID,
        "name": NETWORK_ID,
        "chainid": chain_id,
        "host": url,
        "explorer": None,
        "timeout": 120,
    }
    brownie_main()
    return 0


if __name__ == "__main__":
    sys.exit(main())
