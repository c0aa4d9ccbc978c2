"""Products, languages and the configure answer."""
import hashlib
import json
import re
import subprocess

from server import ROOT, problem

LANGUAGES = ("en", "uz", "fa", "zh")
STATES = {"selected", "forced", "possible", "impossible", "unavailable"}


def configure(s, selections, product="bottle", **more):
    answer = s.post(f"/v1/products/{product}/configure", {"selections": selections, **more})
    assert answer.status == 200, answer
    return answer.json


def the_list_has_the_demo_products(s):
    products = {product["id"]: product for product in s.get("/v1/products").json["products"]}
    assert {"bottle", "court-sneaker", "gift-tag"} <= set(products), products.keys()
    for product in products.values():
        assert len(product["presets"]) >= 6 and set(LANGUAGES) <= set(product["locales"])
        assert s.get(product["url"]).status == 200


def presets_are_complete_and_consistent(s):
    for product in s.get("/v1/products").json["products"]:
        for preset in product["presets"]:
            answer = configure(s, preset["selections"], product["id"])
            assert answer["consistent"] and answer["complete"], (product["id"], preset["id"], answer["issues"])


def a_product_speaks_four_languages(s):
    titles = set()
    for locale in LANGUAGES:
        product = s.get(f"/v1/products/bottle?locale={locale}").json
        assert product["locale"] == locale and product["direction"] == ("rtl" if locale == "fa" else "ltr")
        titles.add(product["title"])
        for option in product["options"]:
            assert option["title"] and all(choice["title"] for choice in option.get("choices", [])), option
    assert len(titles) == 4, titles


def an_unknown_language_falls_back(s):
    assert s.get("/v1/products/bottle?locale=xx").json["locale"] == "en"
    assert s.get("/v1/products/bottle?locale=fa-IR").json["locale"] == "fa"
    for wish, got in (("de, uz;q=0.8, zh", "zh"), ("uz, zh", "uz"), ("fa;q=0.2,uz; q=0.75,zh;q=0.7", "uz"),
                      ("uz;q=0, fa;q=0.001", "fa"), ("uz;q=0", "en"), ("uz;q=x, de", "en"), ("zh-Hans-CN;q=1.0", "zh")):
        assert s.get("/v1/products/bottle", headers={"Accept-Language": wish}).json["locale"] == got, wish
    assert s.get("/v1/products/bottle?locale=zh", headers={"Accept-Language": "uz"}).json["locale"] == "zh"
    assert configure(s, {}, locale="de-AT")["locale"] == "en"
    assert configure(s, {}, locale="zh")["locale"] == "zh"


def a_product_has_a_strong_validator(s):
    first = s.get("/v1/products/bottle?locale=en")
    tag = first["ETag"]
    assert re.fullmatch(r'"[^"]+"', tag) and s.get("/v1/products/bottle?locale=fa")["ETag"] != tag
    for match in (tag, f'"x", {tag}', "*", f"W/{tag}"):
        again = s.get("/v1/products/bottle?locale=en", headers={"If-None-Match": match})
        assert again.status == 304 and not again.body, (match, again)
    assert s.get("/v1/products/bottle@1?locale=en").json == first.json


def the_document_is_the_published_one(s):
    answer = s.get("/v1/products/bottle@1/document")
    assert "immutable" in answer["Cache-Control"]
    assert answer.json == json.loads((ROOT / "schemas/products/bottle.json").read_text())
    digest = s.get("/v1/products/bottle").json["digest"]
    assert digest == "sha-256:" + hashlib.sha256(answer.body).hexdigest(), digest
    assert s.get("/v1/products/bottle@1/document", headers={"If-None-Match": answer["ETag"]}).status == 304


def the_selection_schema_is_that_of_the_version(s):
    told = s.get("/v1/products/bottle").json["selectionSchema"]
    assert told == "/v1/products/bottle@1/selection.schema.json", told
    answer = s.get(told + "?locale=fa")
    assert answer["Content-Type"] == "application/schema+json" and answer["Cache-Control"] == "no-cache", answer.fields
    schema = json.loads(answer.body)
    exported = subprocess.run([s.binary, "product", "export", "--selection-schema", ROOT / "schemas/products/bottle.json", "--locale", "fa"],
                              capture_output=True, check=True).stdout
    assert json.loads(exported) == schema and schema["title"] == s.get("/v1/products/bottle?locale=fa").json["title"]
    newest = s.get("/v1/products/bottle/selection.schema.json", headers={"Accept-Language": "fa"})
    assert newest.body == answer.body and newest["ETag"] == answer["ETag"]
    assert answer["ETag"] not in (s.get(told + "?locale=en")["ETag"], s.get("/v1/products/bottle?locale=fa")["ETag"])
    assert s.get(told + "?locale=fa", headers={"If-None-Match": answer["ETag"]}).status == 304


def unknown_products_and_versions(s):
    for path in ("/v1/products/nothing", "/v1/products/nothing@1", "/v1/products/nothing@1/document",
                 "/v1/products/nothing/selection.schema.json", "/v1/products/nothing@1/selection.schema.json"):
        problem(s.get(path), 404, "product.not_found")
    for path in ("/v1/products/bottle@9", "/v1/products/bottle@x", "/v1/products/bottle@9/document"):
        problem(s.get(path), 404, "product.version_not_found")


def an_empty_selection_is_completed(s):
    for product in ("bottle", "court-sneaker", "gift-tag"):
        answer = configure(s, {}, product)
        assert answer["consistent"] and answer["complete"] and answer["exact"] and not answer["issues"]
        for name, option in answer["options"].items():
            for choice in option.get("choices", {}).values():
                assert choice["state"] in STATES
                if choice["state"] in ("impossible", "unavailable"):
                    assert answer["reasons"][choice["reason"]]["message"], (name, choice)
        assert s.get(next(iter(answer["previews"].values())).replace("w=1024", "w=64")).status == 200


def offered_choices_lead_somewhere(s):
    """No dead ends: every possible choice of the start can be taken and completed."""
    for product in ("bottle", "court-sneaker", "gift-tag"):
        answer = configure(s, {}, product)
        taken = 0
        for name, option in answer["options"].items():
            if option["active"] and isinstance(option.get("value"), str):
                offered = [c for c, state in option.get("choices", {}).items() if state["state"] == "possible"]
                for choice in offered[:2] + offered[-1:]:
                    after = configure(s, {name: choice}, product)
                    assert after["consistent"] and after["complete"], (name, choice, after["issues"])
                    assert after["completion"][name] == choice
                    taken += 1
        assert taken > 15, taken


def the_delta_is_the_price_difference(s):
    answer = configure(s, {})
    for choice, state in answer["options"]["finish"]["choices"].items():
        after = configure(s, {"finish": choice})
        if state["state"] == "possible" and after["exact"]:
            assert after["price"]["unit"] - answer["price"]["unit"] == state.get("delta", 0), choice


def a_conflict_is_told_in_four_languages(s):
    messages = set()
    for locale in LANGUAGES:
        answer = configure(s, {"finish": "brushed", "pattern": "dots"}, locale=locale)
        assert not answer["consistent"] and not answer["complete"]
        issue = answer["issues"][0]
        assert issue["rule"] == "brushed-no-pattern" and issue["code"] == "rule" and issue["severity"] == "error"
        assert issue["pointer"] in ("/selections/finish", "/selections/pattern")
        messages.add(issue["message"])
    assert len(messages) == 4, messages


def every_language_tells_why_and_what_it_shows(s):
    seen = set()
    for locale in LANGUAGES:
        answer = configure(s, {"finish": "gloss", "wrap_text": "Ada", "wrap_text_colour": "navy"}, locale=locale)
        assert "Ada" in answer["alt"] and len(answer["alt"]) > 40
        assert all(reason["message"] for reason in answer["reasons"].values())
        titles = [line["title"] for line in answer["price"]["lines"]]
        seen.add((answer["alt"], tuple(titles), tuple(reason["message"] for reason in answer["reasons"].values())))
    assert len({alt for alt, _, _ in seen}) == 4 and len({titles for _, titles, _ in seen}) == 4, seen


def prices_add_up(s):
    for quantity in (1, 2, 999):
        price = configure(s, {"finish": "gloss", "gift_box": True, "extras": ["brush", "pouch"]},
                          quantity=quantity)["price"]
        assert price["quantity"] == quantity and price["currency"] == "EUR"
        assert sum(line["amount"] for line in price["lines"]) == price["unit"], price
        assert price["total"] == price["unit"] * quantity, price


def texts_are_measured(s):
    for text, code in (("\ufdfd" * 18, "text.too_wide"), ("A\U0001F600", "text.emoji")):
        answer = configure(s, {"wrap_text": text})
        assert answer["consistent"] and not answer["complete"]
        assert [(i["code"], i["pointer"]) for i in answer["issues"]] == [(code, "/selections/wrap_text")], answer["issues"]
    assert configure(s, {"wrap_text": "e\u0301" * 18})["complete"], "18 graphemes, 36 code points"


def one_question_has_one_answer(s):
    """However it is put: members in another order, blanks, another way to say the language; and whatever was asked before."""
    target = "/v1/products/court-sneaker/configure"
    asked = {"selections": {"size": "44", "upper_material": "suede"}, "quantity": 31}
    first = s.post(target, asked)
    other = s.request("POST", target, json.dumps({"quantity": 31, "selections": {
        "upper_material": "suede", "size": "44"}}, indent=3).encode(), headers={"Accept-Language": "en, de;q=0.1"})
    assert first.status == other.status == 200 and first.body == other.body
    seen = {first.body}
    for more in ({"quantity": 32}, {"locale": "fa"}, {"selections": {"size": "44"}}, {"ask": {"completions": ["cheapest"]}},
                 {"selections": {"upper_material": "suede", "size": "45"}}):
        different = s.post(target, {**asked, **more})
        assert different.status == 200 and different.body not in seen, more
        seen.add(different.body)
        assert s.post(target, dict(reversed({**asked, **more}.items()))).body == different.body, more


def choices_keep_their_order_and_their_kind(s):
    product = s.get("/v1/products/bottle").json
    answer = configure(s, {"extras": ["pouch", "brush"], "gift_engraving": True})
    assert answer["completion"]["extras"] == ["brush", "pouch"] and answer["completion"]["gift_engraving"] is True
    for option in product["options"]:
        if option["kind"] in ("choice", "multi") and not option.get("derived"):
            assert [c["id"] for c in option["choices"]] == list(answer["options"][option["id"]]["choices"]), option["id"]


CASES = (the_list_has_the_demo_products, presets_are_complete_and_consistent, a_product_speaks_four_languages,
         an_unknown_language_falls_back, a_product_has_a_strong_validator, the_document_is_the_published_one,
         the_selection_schema_is_that_of_the_version,
         unknown_products_and_versions, an_empty_selection_is_completed, offered_choices_lead_somewhere,
         the_delta_is_the_price_difference, a_conflict_is_told_in_four_languages,
         every_language_tells_why_and_what_it_shows, prices_add_up, texts_are_measured,
         one_question_has_one_answer, choices_keep_their_order_and_their_kind)
