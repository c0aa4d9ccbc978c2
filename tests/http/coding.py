#!/usr/bin/env python3
"""Black-box tests of compressed answers: what is compressed, for whom, and that the same comes out.

Usage: coding.py [path of cordwain]
"""
import gzip
import json
import pathlib
import re
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import server

PAGE, PICTURE = "/assets/style.css", "/v1/previews/bottle@1/front.png?w=64"
CLICK = "/v1/products/bottle/configure"
BROWSER = "gzip, deflate, br, zstd"


def get(s, target, accept=None, **fields):
    return s.get(target, headers={"Accept-Encoding": accept or "identity", **fields})


def click(s, body, accept, **more):
    return s.post(CLICK, body, headers={"Accept-Encoding": accept}, **more)


def unpacked(answer):
    coding = answer["Content-Encoding"]
    if coding == "br":
        if shutil.which("node") is None:
            return None
        code = "process.stdout.write(require('zlib').brotliDecompressSync(require('fs').readFileSync(0)))"
        return subprocess.run(["node", "-e", code], input=answer.body, stdout=subprocess.PIPE, check=True).stdout
    return gzip.decompress(answer.body) if coding == "gzip" else answer.body


def pages_come_as_the_client_takes_them(s):
    for target in (PAGE, "/assets/configurator.js", "/openapi.json"):
        plain = get(s, target)
        assert plain.status == 200 and not plain["Content-Encoding"], plain
        assert "Accept-Encoding" in plain["Vary"], plain.fields
        for accept, coding in (("gzip", "gzip"), (BROWSER, "br"), ("br;q=0.5, gzip", "gzip"), ("deflate", ""),
                               ("gzip;q=0", "")):
            answer = get(s, target, accept)
            assert answer.status == 200 and answer["Content-Encoding"] == coding, (target, accept, answer.fields)
            assert "Accept-Encoding" in answer["Vary"] and answer["Content-Type"] == plain["Content-Type"]
            assert int(answer["Content-Length"]) == len(answer.body)
            assert not coding or len(answer.body) < len(plain.body) / 2, (target, coding, len(answer.body))
            assert unpacked(answer) in (plain.body, None), (target, coding)


def each_coding_has_its_tag(s):
    for target in (PAGE, "/v1/products/bottle", "/v1/products/bottle@1/document", "/v1/products/bottle/selection.schema.json"):
        accepts = ["identity", "gzip"] + ([BROWSER] if target == PAGE else [])
        tags = {accept: get(s, target, accept)["ETag"] for accept in accepts}
        assert len(set(tags.values())) == len(accepts) and all(tag[0] == tag[-1] == '"' for tag in tags.values()), tags
        for accept in accepts:
            assert get(s, target, accept)["ETag"] == tags[accept]
            for known, tag in tags.items():
                answer = get(s, target, accept, **{"If-None-Match": tag})
                assert answer.status == (304 if known == accept else 200), (target, accept, known, answer)
                assert answer["ETag"] == tags[accept] and "Accept-Encoding" in answer["Vary"], answer.fields
                assert answer.status == 200 or not answer["Content-Encoding"]


def head_says_what_get_says(s):
    for target in (PAGE, "/v1/products/bottle", "/v1/products"):
        for accept in ("identity", "gzip", BROWSER):
            got = get(s, target, accept)
            head = s.request("HEAD", target, headers={"Accept-Encoding": accept})
            assert head.status == 200 and not head.body
            for name in ("Content-Length", "Content-Encoding", "ETag", "Vary", "Content-Type"):
                assert head[name] == got[name], (target, accept, name, head[name], got[name])


def what_everybody_may_read_is_compressed(s):
    for target in ("/v1/products", "/v1/products/bottle", "/v1/products/court-sneaker@1",
                   "/v1/products/bottle@1/document"):
        plain, packed = get(s, target), get(s, target, BROWSER)
        assert packed["Content-Encoding"] == "gzip" and "Accept-Encoding" in packed["Vary"], (target, packed.fields)
        assert unpacked(packed) == plain.body


def clicks_are_compressed_new_or_known(s):
    for body in ({"selections": {"finish": "gloss"}}, {"selections": {"finish": "gloss"}, "locale": "fa"}):
        answers = [click(s, body, accept) for accept in ("gzip", "gzip", "identity", "identity", BROWSER, "gzip;q=0")]
        assert [a["Content-Encoding"] for a in answers] == ["gzip", "gzip", "", "", "gzip", ""], answers
        assert len({unpacked(a) for a in answers}) == 1 and all("Accept-Encoding" in a["Vary"] for a in answers)
        assert len(answers[0].body) < len(answers[2].body) / 3
        json.loads(unpacked(answers[0]))
    first = click(s, {"selections": {}}, "identity")  # kept plain, then asked for compressed
    for _ in range(2):
        again = click(s, {"selections": {}}, "gzip")
        assert again["Content-Encoding"] == "gzip" and unpacked(again) == first.body


def pictures_are_not(s):
    answer = get(s, PICTURE, BROWSER)
    assert answer.status == 200 and not answer["Content-Encoding"] and "Accept-Encoding" not in answer["Vary"], answer
    favicon = get(s, "/assets/favicon.svg", BROWSER)  # shorter than the least
    assert favicon.status == 200 and not favicon["Content-Encoding"]


def secrets_are_not(s):
    """A key, a design or an order beside what the client sent must not tell itself by its length (BREACH)."""
    answer = get(s, "/v1/products", BROWSER, Authorization=f"Bearer {s.designer}")
    assert answer.status == 200 and not answer["Content-Encoding"], answer.fields
    answer = s.post(CLICK, {"selections": {}}, key=s.designer, headers={"Accept-Encoding": BROWSER})
    assert answer.status == 200 and not answer["Content-Encoding"]
    specs = get(s, f"/v1/facilities/{s.facility_id}/specs", BROWSER, Authorization=f"Bearer {s.facility}")
    assert specs.status == 200 and not specs["Content-Encoding"]
    design = s.post("/v1/designs", {"product": "bottle", "selections": {}}, headers={"Accept-Encoding": BROWSER})
    assert design.status == 201 and not design["Content-Encoding"], design
    where = json.loads(design.body)["id"]
    for target in (f"/v1/designs/{where}", f"/d/{where}"):
        answer = get(s, target, BROWSER)
        assert answer.status == 200 and not answer["Content-Encoding"], (target, answer)
    order = s.post("/v1/orders", {"product": "bottle", "selections": {}},
                   headers={"Accept-Encoding": BROWSER, "Idempotency-Key": '"coding-test"'})
    assert order.status == 201 and not order["Content-Encoding"], order


def problems_are_plain(s):
    answer = get(s, "/v1/nothing", BROWSER)
    assert answer.status == 404 and not answer["Content-Encoding"] and "problem+json" in answer["Content-Type"]
    answer = click(s, {"selections": {"finish": "plaid"}}, BROWSER)
    assert answer.status == 422 and not answer["Content-Encoding"] and answer.json["errors"]


def no_transform_is_respected(s):
    for wish in ("no-transform", "no-cache, No-Transform", "max-age=0,no-transform"):
        for target in (PAGE, "/v1/products/bottle"):
            assert not get(s, target, BROWSER, **{"Cache-Control": wish})["Content-Encoding"], (wish, target)
        answer = s.post(CLICK, {"selections": {}}, headers={"Accept-Encoding": "gzip", "Cache-Control": wish})
        assert answer.status == 200 and not answer["Content-Encoding"]


def the_limits_are_told(binary):
    code, out, _ = server.run(binary, "config", "print", "--limits")[:3]
    assert code == 0 and re.search(rb"http\.coded_bytes_min\s+1024\b", out), out[:2000]


def main():
    binary = server.program(sys.argv[1] if len(sys.argv) > 1 else None)
    cases = server.Cases()
    with server.Server(binary) as s:
        for case in (pages_come_as_the_client_takes_them, each_coding_has_its_tag, head_says_what_get_says,
                     what_everybody_may_read_is_compressed, clicks_are_compressed_new_or_known, pictures_are_not,
                     secrets_are_not, problems_are_plain, no_transform_is_respected):
            cases.run(case, s)
    cases.run(the_limits_are_told, binary)
    cases.finish()


main()
