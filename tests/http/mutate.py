#!/usr/bin/env python3
"""Changed requests at random: whatever comes, the server answers with what openapi.json describes, and lives.

Usage: mutate.py [path of cordwain] [seconds, default 20] [seed, default 1]
Most useful with a sanitizer build. Every fault prints its request; exit 1 when there was one.
"""
import collections
import json
import pathlib
import random
import sys
import threading
import time
import uuid

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import server

JUNK = [None, True, 0, -1, 1.5, 10**18, "", "x", "A" * 2000, "\u202e", "\u0000", "\ufdfd" * 30, "\U0001F600", [], ["x"], [[[]]], {},
        {"a": 1}, "bottle", "1", "9", "en", "fa", "eu", "lusab-babad-gutih-tugad-mudof", "gloss", "brushed", "dots"]
NAMES = ["x", "finish", "selections", "quantity", "locale", "market", "wrap_text", "extras", "version", "~/"]
WORDS = ["x", "bottle", "%41", "..", "%2e%2e", "a" * 300, "-1", "99999999999999999999", "%F0%9F%98%80", "a@b", "",
         "o.finish=gloss&w=65", "w=1&w=1", "bottle@1@1"]
PATHS = ["/v1/products/%s/configure", "/v1/designs/%s", "/d/%s", "/v1/orders/%s", "/v1/orders/%s/cancel", "/v1/specs/%s",
         "/v1/specs/%s/history", "/v1/artworks/%s", "/v1/leases/%s/renew", "/problems/%s", "/assets/%s", "/products/%s",
         "/v1/products/%s", "/v1/products/bottle@%s", "/v1/previews/bottle@1/front.png?o.wrap_text=%s",
         "/v1/previews/bottle@1/front.png?%s", "/v1/orders?cursor=%s", "/v1/facilities/FAC-PT-03/specs?state=%s",
         "/v1/specs/x?revision=%s"]
LOOK = {"finish": "gloss", "wrap_text": "Ada", "extras": ["brush"], "gift_box": True, "body_colour": "gloss-cherry"}
LEASE = "/v1/leases/01M80P3QBWCQSYEEPJYHRTVGDG"


def seeds(s):
    """Good requests: method, path, body, key."""
    product = json.loads((server.ROOT / "schemas/products/bottle.json").read_text())
    event = {"fence": 1, "from": "leased", "to": "accepted", "eventId": "e", "records": [{"check": "a", "result": "pass"}]}
    return [("POST", "/v1/products/bottle/configure", {"selections": LOOK, "quantity": 2, "locale": "fa", "market": "eu"}, None),
            ("POST", "/v1/products/court-sneaker@1/configure", {"selections": {"heel_text": "ADA", "side_number": "7"}}, None),
            ("POST", "/v1/designs", {"product": "bottle", "selections": LOOK, "version": "1"}, None),
            ("POST", "/v1/orders", {"product": "bottle", "selections": {}, "quantity": 1}, None),
            ("POST", "/v1/orders", {"design": "lusab-babad-gutih-tugad-mudof"}, None),
            ("POST", "/v1/facilities/FAC-PT-03/leases", {"max": 1, "waitSeconds": 0, "leaseSeconds": 30}, s.facility),
            ("POST", LEASE + "/renew", {"fence": 1, "leaseSeconds": 30}, s.facility),
            ("POST", LEASE + "/release", {"fence": 1, "reason": "x"}, s.facility),
            ("PUT", "/v1/specs/01M80P3QBWCQSYEEPJYHRTVGDG/status", event, s.facility),
            ("POST", "/v1/products", product, s.designer)]


def changed(dice, value):
    if dice.random() < 0.15:
        return dice.choice(JUNK)
    if isinstance(value, dict):
        value = dict(value)
        if value and dice.random() < 0.6:
            name = dice.choice(list(value))
            value[name] = changed(dice, value[name])
        if value and dice.random() < 0.15:
            value.pop(dice.choice(list(value)))
        if dice.random() < 0.15:
            value[dice.choice(NAMES)] = dice.choice(JUNK)
        return value
    if isinstance(value, list) and value:
        value = list(value)
        value[dice.randrange(len(value))] = dice.choice(JUNK)
        return value
    return dice.choice(JUNK) if dice.random() < 0.5 else value


def one_request(s, dice, seed):
    method, path, body, key = seed
    headers = {"Idempotency-Key": dice.choice(["a", "b", '"c"', "x" * 256, str(uuid.UUID(int=dice.getrandbits(128)))]),
               "If-Match": dice.choice(['"1"'] * 8 + ["", '"', '""', "*"])}
    if dice.random() < 0.05:
        key = dice.choice([None, s.designer, s.facility, "x"])
    if dice.random() < 0.2:
        method, path = dice.choice(["GET", "POST"]), dice.choice(PATHS).replace("%s", dice.choice(WORDS))
    if dice.random() < 0.1:
        method = dice.choice(["GET", "POST", "HEAD", "PUT"])
    body = changed(dice, body)
    if dice.random() < 0.05:
        text = bytearray(json.dumps(body).encode())
        text[dice.randrange(len(text))] = dice.randrange(256)
        body = bytes(text)
    return method, path, None if method in ("GET", "HEAD") else body, headers, key


def client(s, dice, end, told):
    requests = seeds(s)
    while time.monotonic() < end and s.process.poll() is None:
        method, path, body, headers, key = request = one_request(s, dice, dice.choice(requests))
        try:
            answer = s.request(method, path, body, headers=headers, key=key)
            told["status"][answer.status] += 1
            if answer.status >= 500 and answer.status != 503:
                told["faults"].append((request, answer))
        except Exception as problem:  # a broken connection or an answer the document does not describe
            told["faults"].append((request, problem))


def main():
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 20
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    told = {"status": collections.Counter(), "faults": []}
    s = server.Server(sys.argv[1] if len(sys.argv) > 1 else None)
    end = time.monotonic() + seconds
    threads = [threading.Thread(target=client, args=(s, random.Random(seed * 100 + n), end, told)) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    try:
        s.stop()
    except AssertionError as problem:
        told["faults"].append(("the end", problem))
    print(f"# {sum(told['status'].values())} requests, seed {seed}: {dict(sorted(told['status'].items()))}")
    for request, what in told["faults"][:10]:
        print(f"not ok - {str(request)[:400]}: {str(what)[:400]}")
    print(f"{'not ok' if told['faults'] else 'ok'} - changed requests are answered as documented")
    return 1 if told["faults"] else 0


if __name__ == "__main__":
    sys.exit(main())
