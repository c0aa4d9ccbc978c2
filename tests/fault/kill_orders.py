#!/usr/bin/env python3
"""Kill the server with SIGKILL while it takes orders, many times: no acknowledged order may be lost or doubled.

Usage: kill_orders.py [path of cordwain] [rounds, default 50] [seed, default 1]
Each round: four clients order with fresh Idempotency-Keys (some repeated on purpose, by two clients at
once); at a random moment the server is killed and started again on the same folder. After each start every
order acknowledged so far in that round is read back, and every key of the round is sent again: an acknowledged
one must give the same order, an unacknowledged one must end with exactly one. At the end all orders
of all rounds are counted against the store. Exit 1 on any loss.
"""
import json
import os
import pathlib
import random
import sqlite3
import sys
import tempfile
import threading
import time
import uuid

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import server

CLIENTS = 4
# Few looks: pictures are kept in memory only, and each start draws them again.
BODIES = [{"product": "bottle", "selections": {}}, {"product": "bottle", "selections": {"lid_colour": "white"}},
          {"product": "bottle", "selections": {"wrap_text": "Ada"}}]


class Ledger:
    """What the clients know: key → body, and key → order for each 201 they read to its last byte."""

    def __init__(self):
        self.lock = threading.Lock()
        self.sent, self.acknowledged, self.faults = {}, {}, []
        self.repeats = self.refused = 0

    def wrong(self, text):
        with self.lock:
            self.faults.append(text)
            print(f"not ok - {text}", flush=True)

    def note(self, key, answer):
        if answer.status == 201:
            made = answer.json
            with self.lock:
                known = self.acknowledged.setdefault(key, made["id"])
            if known != made["id"]:
                self.wrong(f"key {key} made {known} and {made['id']}")
        elif answer.status in (409, 503):
            with self.lock:
                self.refused += 1
        else:
            self.wrong(f"answer {answer!r}")


def order(s, ledger, key):
    answer = s.post("/v1/orders", ledger.sent[key], headers={"Idempotency-Key": key}, timeout=30)
    ledger.note(key, answer)
    return answer


def client(s, ledger, stop, dice):
    while not stop.is_set():
        with ledger.lock:
            keys = list(ledger.sent)[-8:]
            repeat = keys and dice.random() < 0.2
            key = dice.choice(keys) if repeat else str(uuid.UUID(int=dice.getrandbits(128)))
            ledger.sent.setdefault(key, dice.choice(BODIES))
            ledger.repeats += bool(repeat)
        try:
            order(s, ledger, key)
        except (OSError, server.http.client.HTTPException, ValueError, AssertionError) as problem:
            if not stop.is_set() and s.process.poll() is None:
                ledger.wrong(f"a living server failed: {problem!r}")
            return


def read_back(s, ledger, keys):
    for key in keys:
        known = ledger.acknowledged.get(key)
        if known:
            answer = s.get(f"/v1/orders/{known}")
            if answer.status != 200 or len(answer.json["specs"]) != 1:
                ledger.wrong(f"order {known} was acknowledged and is {answer!r}")
                continue
            spec = s.get(f"/v1/specs/{answer.json['specs'][0]['id']}", key=s.facility)
            if spec.status != 200 or spec.json["order"]["orderId"] != known:
                ledger.wrong(f"order {known} has no spec: {spec!r}")
        again = order(s, ledger, key)
        if again.status != 201 or known and again["Idempotent-Replayed"] != "true":
            ledger.wrong(f"key {key} sent again gave {again!r}")


def check_store(data, ledger):
    base = sqlite3.connect(f"file:{data / 'cordwain.db'}?mode=ro", uri=True)
    result = base.execute("PRAGMA integrity_check").fetchone()[0]
    if result != "ok":
        ledger.wrong(f"integrity_check: {result}")
    orders = [entry for entry, in base.execute("SELECT id FROM orders")]
    numbers = base.execute("SELECT count(DISTINCT number) FROM orders").fetchone()[0]
    specs = base.execute("SELECT count(*), count(DISTINCT order_id) FROM specs").fetchone()
    orphans = base.execute("SELECT count(*) FROM specs WHERE order_id NOT IN (SELECT id FROM orders)").fetchone()[0]
    base.close()
    known = set(ledger.acknowledged.values())
    if set(orders) != known or len(orders) != len(known) or numbers != len(orders):
        ledger.wrong(f"{len(orders)} orders with {numbers} numbers in the store, {len(known)} acknowledged")
    if specs != (len(orders), len(orders)) or orphans:
        ledger.wrong(f"{specs} specs of {len(orders)} orders, {orphans} of none")
    return len(orders)


def one_round(binary, data, ledger, dice):
    """Start, order, kill, start, read back, end. Returns whether the kill found work under way."""
    first = set(ledger.sent)
    s = server.Server(binary, data, "serve")
    stop = threading.Event()
    threads = [threading.Thread(target=client, args=(s, ledger, stop, random.Random(dice.getrandbits(64)))) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    time.sleep(dice.uniform(0.02, 0.9))
    s.process.kill()
    stop.set()
    for thread in threads:
        thread.join()
    s.kill()
    keys = [key for key in ledger.sent if key not in first]
    open_keys = sum(key not in ledger.acknowledged for key in keys)
    s = server.Server(binary, data, "serve")
    s.facility = one_round.facility
    read_back(s, ledger, keys)
    s.kill() if dice.random() < 0.5 else s.stop()  # both ends must keep what was read back
    return open_keys


def main():
    binary = server.program(sys.argv[1] if len(sys.argv) > 1 else None)
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else int(os.environ.get("CORDWAIN_KILL_ROUNDS", "50"))
    dice = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    ledger, started, under_way = Ledger(), time.monotonic(), 0
    with tempfile.TemporaryDirectory(prefix="cordwain-kill-") as folder:
        data = pathlib.Path(folder)
        with server.Server(binary, data) as s:
            one_round.facility = s.facility
        for number in range(rounds):
            under_way += one_round(binary, data, ledger, dice)
            check_store(data, ledger)
            if ledger.faults:
                break
            if number % 10 == 9:
                print(f"# round {number + 1}: {len(ledger.acknowledged)} orders", flush=True)
        with server.Server(binary, data, "serve") as s:
            s.facility = one_round.facility
            lost = [made for made in ledger.acknowledged.values() if s.get(f"/v1/orders/{made}").status != 200]
            if lost:
                ledger.wrong(f"{len(lost)} orders are lost: {lost[:5]}")
        total = check_store(data, ledger)
    print(f"# {number + 1} kills, {len(ledger.sent)} keys, {ledger.repeats} repeats on purpose, {under_way} requests cut by the "
          f"kill, {ledger.refused} told to wait, {total} orders in the store, {len(ledger.faults)} faults, "
          f"{time.monotonic() - started:.0f} s")
    print(f"{'not ok' if ledger.faults else 'ok'} - no acknowledged order was lost or doubled")
    return 1 if ledger.faults else 0


if __name__ == "__main__":
    sys.exit(main())
