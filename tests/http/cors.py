#!/usr/bin/env python3
"""Black-box tests of cross-origin calls: exact origins only, told to caches, preflights answered.

Usage: cors.py [path of cordwain]
"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import server

SHOP, OTHER = "https://shop.example", "http://localhost:3000"


def listed_origins_may_call(s):
    for origin in (SHOP, OTHER):
        answer = s.get("/v1/products", headers={"Origin": origin})
        assert answer.status == 200 and answer["Access-Control-Allow-Origin"] == origin, answer
        assert "Origin" in answer["Vary"] and "Idempotent-Replayed" in answer["Access-Control-Expose-Headers"]
        assert not answer["Access-Control-Allow-Credentials"]


def problems_can_be_read_too(s):
    answer = s.post("/v1/orders", {}, headers={"Origin": SHOP})
    assert answer.status == 400 and answer["Access-Control-Allow-Origin"] == SHOP, answer
    assert s.get("/v1/nothing", headers={"Origin": SHOP})["Access-Control-Allow-Origin"] == SHOP


def other_origins_may_not(s):
    for origin in ("https://shop.example.evil.example", "https://evil-shop.example", "http://shop.example",
                   "https://shop.example:8443", "https://SHOP.example", "null", "", "*", SHOP + "," + OTHER):
        answer = s.get("/v1/products", headers={"Origin": origin})
        assert answer.status == 200 and not answer["Access-Control-Allow-Origin"], (origin, answer)
        assert "Origin" in answer["Vary"], origin


def preflights_are_answered(s):
    asked = {"Origin": SHOP, "Access-Control-Request-Method": "POST",
             "Access-Control-Request-Headers": "content-type,idempotency-key"}
    answer = s.request("OPTIONS", "/v1/orders", headers=asked)
    assert answer.status in (200, 204) and answer["Access-Control-Allow-Origin"] == SHOP, answer
    assert "POST" in answer["Access-Control-Allow-Methods"] and answer["Access-Control-Max-Age"] == "7200"
    assert {"idempotency-key", "content-type", "if-match"} <= {
        name.strip().lower() for name in answer["Access-Control-Allow-Headers"].split(",")}
    refused = s.request("OPTIONS", "/v1/orders", headers={**asked, "Origin": "https://evil.example"})
    assert not refused["Access-Control-Allow-Origin"] and not refused["Access-Control-Allow-Methods"]


def modules_load_from_there(s):
    answer = s.get("/assets/configurator.js", headers={"Origin": SHOP})
    assert answer.status == 200 and answer["Access-Control-Allow-Origin"] == SHOP


def nothing_is_said_without_a_list(s):
    answer = s.get("/v1/products", headers={"Origin": SHOP})
    assert answer.status == 200 and not answer["Access-Control-Allow-Origin"]
    assert "Origin" not in (answer["Vary"] or "")


def wrong_lists_are_refused(binary):
    for wrong in ("*", "shop.example", "https://shop.example/", "https://shop.example/x", "https://a.example, https://b.example",
                  "https://Shop.example", "ftp://shop.example"):
        code, _, errors = server.run(binary, "config", "check", "--cors", wrong)
        assert code == 1 and "config.cors" in errors, (wrong, code, errors)
    assert server.run(binary, "config", "check", "--cors", SHOP + "," + OTHER)[0] == 0


def main():
    binary = server.program(sys.argv[1] if len(sys.argv) > 1 else None)
    cases = server.Cases()
    with server.Server(binary, arguments=("--cors", SHOP + "," + OTHER)) as s:
        for case in (listed_origins_may_call, problems_can_be_read_too, other_origins_may_not, preflights_are_answered,
                     modules_load_from_there):
            cases.run(case, s)
    with server.Server(binary) as s:
        cases.run(nothing_is_said_without_a_list, s)
    cases.run(wrong_lists_are_refused, binary)
    cases.finish()


main()
