"""Publishing products through the API."""
import copy
import json

from server import ROOT, problem

BOTTLE = json.loads((ROOT / "schemas/products/bottle.json").read_text())


def document(version, **changes):
    return {**copy.deepcopy(BOTTLE), "version": str(version), **changes}


def publish(s, body):
    return s.post("/v1/products", body, key=s.designer)


def a_new_version_is_served_at_once(s):
    answer = publish(s, document(2, basePrice=3300))
    assert answer.status == 201 and answer["Location"] == "/v1/products/bottle@2" == answer.json["url"], answer
    assert s.get("/v1/products/bottle@2").json["basePrice"] == 3300
    assert s.get("/v1/products/bottle").json["version"] == "2" and s.get("/v1/products/bottle@1").json["basePrice"] == 3200
    assert s.get("/v1/previews/bottle@2/front.png?w=64").status == 200
    saved = s.post("/v1/designs", {"product": "bottle", "version": "1", "selections": {}}).json
    assert saved["version"] == "1" and saved["price"]["unit"] == 3200, "an old version is kept for ever"


def a_published_version_never_changes(s):
    problem(publish(s, document(2, basePrice=3400)), 409, "product.version_exists", ("/version", "product.version_exists"))
    assert s.get("/v1/products/bottle@2").json["basePrice"] == 3300
    again = publish(s, document(2, basePrice=3300))
    assert again.status in (200, 201, 409), again


def every_fault_has_its_pointer(s):
    body = document(3, basePrice="cheap", colour=1)
    body["rules"][0]["kind"] = "exclude"
    problem(publish(s, body), 422, "product.invalid", ("/basePrice", "schema.type"), ("/colour", "schema.additional"),
            ("/rules/0/kind", "schema.enum"))
    body = document(3)
    body["options"][0]["default"] = "751"
    del body["title"]["fa"]
    body["manufacturing"]["gtin"] = "99521321100026"
    problem(publish(s, body), 422, "product.invalid", ("/options/0/default", "reference.choice"), ("/title", "locale.missing"),
            ("/manufacturing/gtin", "gtin.check_digit"))
    problem(publish(s, document(3, art="no-such-art")), 422, "product.art_unknown", ("/art", "product.art_unknown"))
    problem(s.get("/v1/products/bottle@3"), 404, "product.version_not_found")


def broken_documents(s):
    for body, code in ((b"{", "json.syntax"), (b'{"id":"a","id":"a"}', "json.duplicate"), (b"\xff", "json.encoding")):
        answer = publish(s, body)
        assert answer.status in (400, 422), answer
        assert code == answer.json["code"] or [fault["code"] for fault in answer.json["errors"]] == [code], answer
    problem(publish(s, b"[]"), 422, "product.invalid", ("", "schema.type"))


def twenty_faults_at_most(s):
    answer = publish(s, document(3, **{f"extra{i}": i for i in range(50)}))
    assert len(problem(answer, 422, "product.invalid")["errors"]) == 20


CASES = (a_new_version_is_served_at_once, a_published_version_never_changes, every_fault_has_its_pointer, broken_documents,
         twenty_faults_at_most)
