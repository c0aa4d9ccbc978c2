"""Bad input: every wrong thing gets its own error with pointer, code and a sentence; nothing is half-written."""
import http.client
import json
import sqlite3
import uuid

from server import Answer, problem, run

BODY = 1024 * 1024  # CW_HTTP_BODY_BYTES and CW_JSON_BYTES
PRODUCT = 4 * BODY  # CW_PRODUCT_BYTES
CONFIGURE = "/v1/products/bottle/configure"


def rows(s):
    """How many designs, orders, specs and remembered keys the store holds."""
    base = sqlite3.connect(f"file:{s.data / 'cordwain.db'}?mode=ro", uri=True)
    tables = [name for name, in base.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    counts = {name: base.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in tables
              if not name.startswith("sqlite_")}
    base.close()
    return counts


def refused(s, body, code, *faults, path=CONFIGURE, status=422):
    headers = {"Idempotency-Key": str(uuid.uuid4())} if path == "/v1/orders" else None
    return problem(s.post(path, body, headers=headers), status, code, *faults)


def each_wrong_option_has_its_own_fault(s):
    document = refused(s, {"selections": {"finish": "x", "capacity": 5, "wrap_text": 5, "nope": 1, "gift_box": "yes",
                                          "extras": "brush"}}, "selection.invalid",
                       ("/selections/finish", "selection.unknown_choice"), ("/selections/capacity", "selection.type"),
                       ("/selections/wrap_text", "selection.type"), ("/selections/nope", "selection.unknown_option"),
                       ("/selections/gift_box", "selection.type"), ("/selections/extras", "selection.type"))
    assert len({fault["message"] for fault in document["errors"]}) == 6, document


def a_wrong_selection_ends_a_question_too(s):
    refused(s, {"selections": {"finish": "x"}, "ask": {"sample": {"count": 1}}}, "selection.invalid",
            ("/selections/finish", "selection.unknown_choice"))


def a_near_miss_is_hinted_at(s):
    document = refused(s, {"selections": {"finsh": "gloss"}}, "selection.invalid",
                       ("/selections/finsh", "selection.unknown_option"))
    assert "finish" in document["errors"][0]["hint"]
    document = refused(s, {"selections": {"finish": "glos"}}, "selection.invalid",
                       ("/selections/finish", "selection.unknown_choice"))
    assert "gloss" in document["errors"][0]["hint"]


def lists_of_choices(s):
    refused(s, {"selections": {"extras": ["brush", "brush"]}}, "request.invalid",
            ("/selections/extras/1", "schema.uniqueItems"))
    refused(s, {"selections": {"extras": ["brush", "gasket", "pouch", "carabiner"]}}, "selection.invalid",
            ("/selections/extras", "selection.multi_count"))
    refused(s, {"selections": {"extras": ["x", "y"]}}, "selection.invalid",
            ("/selections/extras/0", "selection.unknown_choice"), ("/selections/extras/1", "selection.unknown_choice"))


def texts(s):
    for text, code in (("A" * 19, "text.too_long"), ("e\u0301" * 19, "text.too_long"), ("\u0007", "text.control"),
                       ("a\nb", "text.control"), ("a\tb", "text.control"), ("a\u0000b", "text.control"),
                       ("\u202eab", "text.bidi_control"), ("ab\u2066", "text.bidi_control"),
                       ("a\u200fb", "text.bidi_control"), ("\u0378", "text.unassigned"), ("\u03a9", "text.script"),
                       ("\u05e9\u05dc\u05d5\u05dd", "text.script"), (" a", "text.space"), ("a  b", "text.space"),
                       ("1\u200d2", "text.control")):
        for path, more in ((CONFIGURE, {}), ("/v1/designs", {"product": "bottle"}), ("/v1/orders", {"product": "bottle"})):
            refused(s, {"selections": {"wrap_text": text}, **more}, "selection.invalid",
                    ("/selections/wrap_text", code), path=path)
    refused(s, {"selections": {"wrap_text": "A" * 1025}}, "request.invalid", ("/selections/wrap_text", "schema.maxLength"))
    document = refused(s, {"selections": {"side_number": "7a"}, "locale": "en"}, "selection.invalid",
                       ("/selections/side_number", "text.pattern"), path="/v1/products/court-sneaker/configure")
    assert "digits" in document["errors"][0]["message"]
    assert s.post(CONFIGURE, {"selections": {"wrap_text": "A" * 18}}).status == 200


def texts_that_cannot_be_made_are_not_saved(s):
    for text, code in (("\ufdfd" * 18, "text.too_wide"), ("A\U0001F600", "text.emoji")):
        for path in ("/v1/designs", "/v1/orders"):
            refused(s, {"product": "bottle", "selections": {"wrap_text": text}}, "selection.invalid",
                    ("/selections/wrap_text", code), path=path)


def conflicts_are_not_saved(s):
    for path in ("/v1/designs", "/v1/orders"):
        document = refused(s, {"product": "bottle", "selections": {"finish": "brushed", "pattern": "dots"}},
                           "selection.invalid", path=path)
        assert {fault["code"] for fault in document["errors"]} == {"selection.rule"}, document
        assert all(fault["pointer"].startswith("/selections/") for fault in document["errors"]), document


def unknown_members_and_wrong_forms(s):
    for body, pointer, code in (({"selections": {}, "foo": 1}, "/foo", "schema.additional"),
                                ({}, "", "schema.required"), ([], "", "schema.type"), ("x", "", "schema.type"),
                                ({"selections": None}, "/selections", "schema.type"),
                                ({"selections": {}, "quantity": 0}, "/quantity", "schema.minimum"),
                                ({"selections": {}, "quantity": 1000}, "/quantity", "schema.maximum"),
                                ({"selections": {}, "quantity": 1.5}, "/quantity", "schema.type"),
                                ({"selections": {}, "quantity": "1"}, "/quantity", "schema.type"),
                                ({"selections": {}, "locale": "english!"}, "/locale", "schema.pattern"),
                                ({"selections": {}, "market": 5}, "/market", "schema.type"),
                                ({"selections": {"A B": "x"}}, "/selections/A B", "schema.pattern"),
                                ({"selections": {"finish": {}}}, "/selections/finish", "schema.required")):
        document = problem(s.post(CONFIGURE, body), 422, "request.invalid")
        assert [(f["pointer"], f["code"]) for f in document["errors"]] == [(pointer, code)], (body, document["errors"])
    document = refused(s, {"foo": 1, "bar": 2, "selections": {}, "quantity": 0}, "request.invalid",
                       ("/foo", "schema.additional"), ("/bar", "schema.additional"), ("/quantity", "schema.minimum"))
    refused(s, {"selections": {"finish": None}}, "selection.invalid", ("/selections/finish", "selection.type"))
    refused(s, {"selections": {}, "market": "mars"}, "market.unknown", ("/market", "market.unknown"))


def design_and_order_bodies(s):
    for path in ("/v1/designs", "/v1/orders"):
        refused(s, {}, "request.invalid", ("", "schema.required"), ("", "schema.required"), path=path)
        refused(s, {"product": "nothing", "selections": {}}, "product.not_found", path=path, status=404)
        refused(s, {"product": "bottle", "version": "9", "selections": {}}, "product.version_not_found", path=path, status=404)
        refused(s, {"product": "bottle", "selections": {}, "colour": 1}, "request.invalid", ("/colour", "schema.additional"),
                path=path)
    refused(s, {"design": "lusab-babad-gutih-tugad-mudof"}, "design.not_found", ("/design", "design.not_found"), path="/v1/orders")
    refused(s, {"design": "x"}, "request.invalid", ("/design", "schema.pattern"), path="/v1/orders")
    refused(s, {"design": "lusab-babad-gutih-tugad-mudof", "product": "bottle"}, "request.invalid",
            ("/product", "schema.false"), path="/v1/orders")
    refused(s, {"product": "bottle", "selections": {}, "expectedTotal": 1}, "order.price_changed",
            ("/expectedTotal", "order.price_changed"), path="/v1/orders", status=409)
    refused(s, {"product": "bottle", "selections": {}, "quantity": 1000}, "request.invalid",
            ("/quantity", "schema.maximum"), path="/v1/orders")


def not_json(s):
    for body, code in ((b"{", "json.syntax"), (b"", "json.syntax"), (b"\xff", "json.encoding"), (b"{} {}", "json.syntax"),
                       (b'{"selections":{"a":NaN}}', "json.syntax"), (b'{"selections":{"a":1e400}}', "json.syntax"),
                       (b'{"selections":{"a":123456789012345678901234567890}}', "json.syntax"),
                       (b"\xef\xbb\xbf{}", "json.syntax"), (b'{"selections":{},"selections":{}}', "json.duplicate"),
                       (b'{"selections":{"a":"x","a":"x"}}', "json.duplicate"),
                       (b'{"selections":{"wrap_text":"\\ud800"}}', "json.syntax")):
        for path in (CONFIGURE, "/v1/designs"):
            problem(s.post(path, body), 400, code)


def depth(s):
    nested = lambda levels: b'{"selections":' + b"[" * (levels - 1) + b"]" * (levels - 1) + b"}"
    problem(s.post(CONFIGURE, nested(64)), 422, "request.invalid")
    problem(s.post(CONFIGURE, nested(65)), 400, "json.depth")
    problem(s.post(CONFIGURE, nested(100000)), 400, "json.depth")


def content_types(s):
    body = b'{"selections":{}}'
    for kind in ("text/plain", "application/x-www-form-urlencoded", "application/jsonx", "multipart/form-data", "",
                 "application/json x"):
        problem(s.post(CONFIGURE, body, headers={"Content-Type": kind}), 415, "http.media_type")
    for kind in ("application/json", "application/json; charset=utf-8", "Application/JSON", "application/json \t;a=b"):
        assert s.post(CONFIGURE, body, headers={"Content-Type": kind}).status == 200, kind


def announced(s, path, size):
    """The answer to a head that announces a body of this size and waits before it sends it."""
    link = http.client.HTTPConnection(s.address, timeout=20)
    link.putrequest("POST", path)
    for name, value in (("Content-Type", "application/json"), ("Content-Length", str(size)),
                        ("Authorization", f"Bearer {s.designer}")):
        link.putheader(name, value)
    link.endheaders()
    response = link.getresponse()
    answer = Answer(response, response.read())
    link.close()
    return answer


def body_sizes(s):
    def padded(size):
        return b'{"selections":{}' + b" " * (size - 17) + b"}"
    assert s.post(CONFIGURE, padded(BODY)).status == 200
    problem(announced(s, CONFIGURE, BODY + 1), 413, "http.body_too_large")
    document = json.dumps({"format": 1}).encode()
    answer = s.post("/v1/products", document[:-1] + b" " * (PRODUCT - len(document)) + b"}", key=s.designer)
    problem(answer, 422, "product.invalid")
    problem(announced(s, "/v1/products", PRODUCT + 1), 413, "http.body_too_large")


def idempotency_keys(s):
    body = {"product": "bottle", "selections": {"finish": "x"}}
    problem(s.post("/v1/orders", body), 400, "idempotency.missing")
    problem(s.post("/v1/orders", body, headers={"Idempotency-Key": '""'}), 400, "idempotency.key")
    problem(s.post("/v1/orders", body, headers={"Idempotency-Key": "k" * 256}), 400, "idempotency.key")
    problem(s.post("/v1/orders", body, headers={"Idempotency-Key": "k" * 255}), 422, "selection.invalid")


def missing_and_wrong_keys(s):
    guarded = (("POST", "/v1/products"), ("GET", "/v1/orders"), ("POST", "/v1/facilities/FAC-PT-03/leases"),
               ("GET", "/v1/facilities/FAC-PT-03/specs"), ("POST", "/v1/leases/x/renew"), ("POST", "/v1/leases/x/release"),
               ("GET", "/v1/specs/x"), ("PUT", "/v1/specs/x/status"), ("GET", "/v1/specs/x/history"),
               ("GET", "/v1/artworks/sha-256:00"))
    for method, path in guarded:
        answer = s.request(method, path, {} if method != "GET" else None)
        problem(answer, 401, "auth.missing")
        assert answer["WWW-Authenticate"].startswith("Bearer"), path
        for key in ("x", "cw_live_AAAAAAAAAA_" + "A" * 32, s.facility + "A", s.facility[:-1]):
            problem(s.request(method, path, {} if method != "GET" else None, key=key), 401, "auth.unknown")
    for header in ("Basic eDp5", s.facility, "Bearer"):
        assert s.get("/v1/orders", headers={"Authorization": header}).status == 401, header


def keys_without_the_scope(s):
    problem(s.post("/v1/products", {}, key=s.facility), 403, "auth.scope")
    problem(s.get("/v1/orders", key=s.designer), 403, "auth.scope")
    problem(s.get("/v1/specs/x", key=s.designer), 403, "auth.scope")
    problem(s.get("/v1/facilities/OTHER/specs", key=s.facility), 403, "auth.scope")


def revoked_and_expired_keys(s):
    code, out, _ = run(s.binary, "key", "create", "--name", "short", "--scope", "orders:read", "--expires-days", "1", data=s.data)
    key = out.decode().strip()
    assert code == 0 and s.get("/v1/orders", key=key).status == 200
    base = sqlite3.connect(s.data / "cordwain.db", timeout=10)
    base.execute("UPDATE keys SET expires_ms = 1 WHERE name = 'short'")
    base.commit()
    base.close()
    problem(s.get("/v1/orders", key=key), 401, "auth.unknown")
    code, out, _ = run(s.binary, "key", "create", "--name", "gone", "--scope", "orders:read", data=s.data)
    key = out.decode().strip()
    assert s.get("/v1/orders", key=key).status == 200
    code, _, _ = run(s.binary, "key", "revoke", key.split("_")[2], data=s.data)
    assert code == 0
    problem(s.get("/v1/orders", key=key), 401, "auth.unknown")


def no_half_written_rows(s):
    """Every refusal above again, between two counts of all rows."""
    before = rows(s)
    for case in (each_wrong_option_has_its_own_fault, texts, texts_that_cannot_be_made_are_not_saved, conflicts_are_not_saved,
                 design_and_order_bodies, not_json, idempotency_keys):
        case(s)
    assert rows(s) == before, (before, rows(s))


CASES = (each_wrong_option_has_its_own_fault, a_wrong_selection_ends_a_question_too, a_near_miss_is_hinted_at,
         lists_of_choices, texts,
         texts_that_cannot_be_made_are_not_saved, conflicts_are_not_saved, unknown_members_and_wrong_forms,
         design_and_order_bodies, not_json, depth, content_types, body_sizes, idempotency_keys, missing_and_wrong_keys,
         keys_without_the_scope, revoked_and_expired_keys, no_half_written_rows)
