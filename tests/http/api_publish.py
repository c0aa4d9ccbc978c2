"""Publishing products through the API."""
import copy
import json

from server import ROOT, problem, run

BOTTLE = json.loads((ROOT / "schemas/products/bottle.json").read_text())


def document(version, **changes):
    return {**copy.deepcopy(BOTTLE), "version": str(version), **changes}


def rule(identifier, kind="formula", **members):
    return {"id": identifier, "kind": kind, "message": {tag: f"Rule {identifier}." for tag in BOTTLE["locales"]}, **members}


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


def rules_that_leave_nothing_are_refused(s):
    body = document(3)
    body["rules"] += [rule("all-gloss", expr={"finish": "gloss"}), rule("all-brushed", expr={"finish": "brushed"})]
    told = problem(publish(s, body), 422, "product.invalid", (f"/rules/{len(body['rules']) - 2}", "rules.void"))
    assert "'all-gloss'" in told["errors"][0]["hint"] and "'all-brushed'" in told["errors"][0]["hint"], told
    problem(s.get("/v1/products/bottle@3"), 404, "product.version_not_found")


def failing_tests_are_refused(s):
    tests = [{"id": "good", "select": {"finish": "gloss"}, "expect": "valid"},
             {"id": "wrong", "select": {"finish": "gloss"}, "expect": "invalid"},
             {"id": "other-reason", "select": {"finish": "brushed", "pattern": "dots"}, "expect": "invalid",
              "because": ["litre-no-sport"]}]
    problem(publish(s, document(3, tests=tests)), 422, "product.invalid", ("/tests/1/select", "rules.test_failed"),
            ("/tests/2/because", "rules.test_failed"))
    tests[1]["expect"], tests[2]["because"] = "valid", ["brushed-no-pattern"]
    answer = publish(s, document(4, tests=tests))
    assert answer.status == 201 and answer.json["rules"]["tests"] == {"run": 3, "failed": 0}, answer


def warnings_come_with_the_answer(s):
    body = document(5)
    body["rules"].append(rule("no-plum", expr={"not": {"body_colour": "powder-plum"}}))
    answer = publish(s, body)
    rules = answer.json["rules"]
    plum = next(i for i, c in enumerate(BOTTLE["options"][2]["choices"]) if c["id"] == "powder-plum")
    assert answer.status == 201 and rules["outcome"] == "compiled" and rules["artefactBytes"] > 0, answer
    assert rules["deadChoices"] == [f"/options/2/choices/{plum}"] and rules["forcedChoices"] == [], rules
    assert int(rules["configurations"]) > 10 ** 6 and rules["priceRange"]["min"] < rules["priceRange"]["max"], rules
    warned = [(f["pointer"], f["code"]) for f in rules["findings"] if f["severity"] == "warning"]
    assert (f"/options/2/choices/{plum}", "rules.dead_choice") in warned, rules["findings"]
    assert not [f for f in rules["findings"] if f["severity"] == "error"]


def the_demo_products_are_clean(s):
    for name in ("bottle", "court-sneaker", "gift-tag"):
        code, out, errors = run(s.binary, "product", "check", "--json", ROOT / f"schemas/products/{name}.json")
        told = json.loads(out)
        worse = [f for f in told["findings"] if f["severity"] != "note"]
        assert code == 0 and told["outcome"] == "compiled" and not worse, (worse, errors)
        assert told["deadChoices"] == [] and told["forcedChoices"] == [], told


CASES = (a_new_version_is_served_at_once, a_published_version_never_changes, every_fault_has_its_pointer, broken_documents,
         twenty_faults_at_most, rules_that_leave_nothing_are_refused, failing_tests_are_refused,
         warnings_come_with_the_answer, the_demo_products_are_clean)
