"""Methods, from openapi.json and not from a list here: 405 with Allow, OPTIONS, HEAD, If-None-Match on every path."""
import http.client
import json
import re

from server import ROOT, problem

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
# What a path parameter needs so that its GET finds something; a path with any other is only asked for its methods.
FOUND = {"product": "bottle", "version": "1", "view": "front", "format": "png", "path": "cordwain.css", "code": "http.not_found"}


def paths():
    """(path, what it offers) with every parameter filled in."""
    for path, item in json.loads((ROOT / "schemas/openapi.json").read_text())["paths"].items():
        offered = {method.upper() for method in item if method.upper() in METHODS}
        names = re.findall(r"\{([^}]+)\}", path)
        yield re.sub(r"\{([^}]+)\}", lambda name: FOUND.get(name[1], "x"), path), offered, all(name in FOUND for name in names)


def allowed(offered):
    return offered | {"OPTIONS"} | ({"HEAD"} if "GET" in offered else set())


def what_is_not_offered_is_405(s):
    for path, offered, _ in paths():
        for method in set(METHODS) - offered:
            answer = s.request(method, path)
            problem(answer, 405, "http.method_not_allowed")
            assert set(answer["Allow"].split(", ")) == allowed(offered), f"{method} {path}: {answer['Allow']}"


def options_everywhere(s):
    for path, offered, _ in paths():
        answer = s.request("OPTIONS", path)
        assert answer.status == 204 and not answer.body, f"{path}: {answer!r}"
        assert set(answer["Allow"].split(", ")) == allowed(offered), f"{path}: {answer['Allow']}"


def head_is_get_without_the_body(s):
    checked = 0
    for path, offered, found in paths():
        if "GET" not in offered:
            problem_less = s.request("HEAD", path)
            assert problem_less.status == 405 and not problem_less.body, f"{path}: {problem_less!r}"
            continue
        get, head = s.get(path), s.request("HEAD", path)
        assert (head.status, head.body) == (get.status, b""), f"{path}: {head!r}, GET {get!r}"
        for name in ("Content-Type", "ETag", "Cache-Control", "Location"):
            assert head[name] == get[name], f"{path}: {name} {head[name]!r}, GET {get[name]!r}"
        if found and get.status == 200:
            checked += 1
            assert abs(int(head["Content-Length"]) - len(get.body)) < 64, path  # health counts may differ
    assert checked >= 8, checked


def preconditions(s, path, tag):
    """RFC 9110 13.2.2: If-Match first, by strong comparison; without a Last-Modified its two fields are left aside."""
    for value in (tag, f'"other", {tag}', "*"):
        assert s.get(path, headers={"If-Match": value}).status == 200, (path, value)
    for value in ('"other"', f"W/{tag}", "", "none", f"{tag} {tag}"):
        problem(s.get(path, headers={"If-Match": value, "If-None-Match": tag}), 412, "precondition.failed")
        assert s.request("HEAD", path, headers={"If-Match": value}).status == 412, (path, value)
    assert s.get(path, headers={"If-Match": tag, "If-None-Match": tag}).status == 304, path
    for field in ("If-Unmodified-Since", "If-Modified-Since"):
        assert s.get(path, headers={field: "Sun, 06 Nov 1994 08:49:37 GMT"}).status == 200, (path, field)


def what_changes_has_another_tag(s):
    """An order's tag goes with its state, a design's with the language; a cancel is done whatever it sends."""
    made = s.post("/v1/orders", {"product": "bottle", "selections": {}}, headers={"Idempotency-Key": "tags"}).json
    saved = s.post("/v1/designs", {"product": "bottle", "selections": {}}).json
    for path in (made["url"], saved["url"]):
        answer = s.get(path)
        assert answer["ETag"].startswith('"') and answer["ETag"] != s.get(path + "?locale=fa")["ETag"], answer
        assert s.get(path, headers={"If-None-Match": answer["ETag"]}).status == 304, path
        preconditions(s, path, answer["ETag"])
    before = s.get(made["url"])["ETag"]
    cancelled = s.post(made["url"] + "/cancel", {}, headers={"If-Match": '"other"'})
    assert cancelled.status == 200 and cancelled.json["state"] == "cancelled", cancelled
    assert s.get(made["url"])["ETag"] != before
    problem(s.get(made["url"], headers={"If-Match": before}), 412, "precondition.failed")


def an_etag_sent_back_is_304(s):
    checked = 0
    for path, offered, _ in paths():
        answer = s.get(path) if "GET" in offered else None
        if answer is None or not answer["ETag"]:
            continue
        for value in (answer["ETag"], f'W/{answer["ETag"]}', f'"other", {answer["ETag"]}', "*"):
            again = s.get(path, headers={"If-None-Match": value})
            assert again.status == 304 and not again.body and again["ETag"] == answer["ETag"], f"{path} {value}: {again!r}"
            assert again["Cache-Control"] == answer["Cache-Control"], path
        assert s.get(path, headers={"If-None-Match": '"other"'}).status == 200, path
        preconditions(s, path, answer["ETag"])
        checked += 1
    assert checked >= 3, checked


def a_needed_body_must_be_announced(s):
    """411 where openapi.json says that a body is required, once the key is good; nowhere else."""
    document, checked = json.loads((ROOT / "schemas/openapi.json").read_text())["paths"], 0
    for path, item in document.items():
        for method in item.keys() & {"post", "put"}:
            link = http.client.HTTPConnection(s.address, timeout=60)
            link.putrequest(method.upper(), re.sub(r"\{([^}]+)\}", lambda name: FOUND.get(name[1], "x"), path))
            link.putheader("Authorization", f"Bearer {s.designer if path == '/v1/products' or 'stock' in path else s.facility}")
            link.putheader("Content-Type", next(iter(item[method]["requestBody"]["content"])))
            link.endheaders()
            answer = link.getresponse()
            body = json.loads(answer.read())
            needed = item[method]["requestBody"]["required"]
            assert needed == (answer.status == 411) == (body["code"] == "http.length_required"), f"{method} {path}: {body}"
            assert not needed or "411" in item[method]["responses"], f"{method} {path} does not document 411"
            checked += needed
            link.close()
    assert checked >= 8, checked


CASES = (what_is_not_offered_is_405, options_everywhere, head_is_get_without_the_body, an_etag_sent_back_is_304, what_changes_has_another_tag,
         a_needed_body_must_be_announced)
