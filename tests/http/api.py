#!/usr/bin/env python3
"""Black-box tests of the whole service through its HTTP API and its command line.

Usage: api.py [path of cordwain]     (or $CORDWAIN_BIN; ONLY=word runs the cases whose name holds it)
Prints `ok - name` or `not ok - name: why` per case; exit 1 when one failed. Every JSON answer of every
case is also held against schemas/openapi.json.
"""
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import server
from contract import Contract

import api_ask
import api_cli
import api_contract
import api_facility
import api_kept
import api_methods
import api_orders
import api_pictures
import api_previews
import api_products
import api_publish
import api_reading
import api_refused
import api_since
import api_stock
import api_uploads

MODULES = (api_reading, api_products, api_ask, api_since, api_refused, api_previews, api_orders, api_facility, api_publish,
           api_cli, api_stock, api_uploads, api_pictures, api_kept, api_methods, api_contract)


def main():
    binary = server.program(sys.argv[1] if len(sys.argv) > 1 else None)
    cases = server.Cases()
    with tempfile.TemporaryDirectory(prefix="cordwain-api-") as data:
        world = server.Server(binary, data)
        world.observer = contract = Contract()
        try:
            cases.run(api_previews.identity_survives_restart, world)
            for module in MODULES:
                for case in module.CASES:
                    cases.run(case, world)
            cases.run(contract.every_operation_was_seen)
            cases.run(world.stop, name="the server ends cleanly")
        finally:
            if world.process.poll() is None:  # ONLY= left the last case out, or an interrupt came
                world.kill()
    return cases.finish()


if __name__ == "__main__":
    sys.exit(main())
