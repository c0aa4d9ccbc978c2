"""Designs, share pages, orders, idempotency, cancelling."""
import html
import json
import re
import threading
import uuid

from server import problem, run

LANGUAGES = ("en", "uz", "fa", "zh")
WILD = '<b>"x"&'


def order(s, body=None, key=None, **more):
    headers = {"Idempotency-Key": key or str(uuid.uuid4())}
    return s.post("/v1/orders", body or {"product": "bottle", "selections": {}}, headers=headers, **more)


def placed(s, body=None, key=None):
    answer = order(s, body, key)
    assert answer.status == 201, answer
    return answer.json


def design(s, selections, product="bottle", **more):
    answer = s.post("/v1/designs", {"product": product, "selections": selections, **more})
    assert answer.status == 201, answer
    assert answer["Location"] == answer.json["url"]
    return answer.json


def a_design_comes_back(s):
    saved = design(s, {"finish": "gloss", "wrap_text": "Ada"})
    assert re.fullmatch(r"[a-z]{5}(-[a-z]{5}){4}", saved["id"])
    answer = s.get(saved["url"])
    assert "private" in answer["Cache-Control"] or "no-store" in answer["Cache-Control"]
    read = answer.json
    for name in ("id", "product", "version", "selections", "digest", "createdAt", "alt", "price", "previews"):
        assert read[name] == saved[name], (name, read[name], saved[name])
    assert saved["selections"]["finish"] == "gloss" and saved["selections"]["wrap_text"] == "Ada"
    again = design(s, read["selections"])
    assert again["digest"] == saved["digest"] and again["id"] != saved["id"]
    problem(s.get("/v1/designs/lusab-babad-gutih-tugad-mudof"), 404, "design.not_found")
    problem(s.get("/v1/designs/x"), 404, "design.not_found")


def a_design_speaks_four_languages(s):
    saved = design(s, {"wrap_text": "Ada"})
    texts = {(d["title"], d["alt"]) for d in (s.get(f"{saved['url']}?locale={locale}").json for locale in LANGUAGES)}
    assert len(texts) == 4 and all("Ada" in alt for _, alt in texts), texts
    assert s.get(f"{saved['url']}?locale=xx").json["locale"] == "en"


def the_share_page_has_picture_and_words(s):
    saved = design(s, {"wrap_text": "Ada"})
    for locale in LANGUAGES:
        page = s.get(f"{saved['share']}?locale={locale}")
        assert page.status == 200 and page["Content-Type"] == "text/html; charset=utf-8"
        assert f'<html lang="{locale}" dir="{"rtl" if locale == "fa" else "ltr"}">' in page.text
        meta = dict(re.findall(r'<meta property="([^"]+)" content="([^"]*)"', page.text))
        alt = s.get(f"{saved['url']}?locale={locale}").json["alt"]
        assert html.unescape(meta["og:image:alt"]) == alt and html.unescape(meta["og:description"]) == alt
        picture = html.unescape(meta["og:image"])
        assert picture.startswith(s.base + "/v1/previews/")
        assert s.get(picture[len(s.base):]).body[:8] == b"\x89PNG\r\n\x1a\n"
    assert '<html lang="uz"' in s.get(saved["share"], headers={"Accept-Language": "uz"}).text
    problem(s.get("/d/lusab-babad-gutih-tugad-mudof"), 404, "design.not_found")


def the_share_page_escapes_texts(s):
    for text in (WILD, "</p><script>", "'><img src>", "a&amp;b"):
        saved = design(s, {"wrap_text": text[:18]})
        page = s.get(saved["share"]).text
        assert text[:18] not in re.sub(r"<(style|title)>.*?</\1>", "", page) or text == "a&amp;b", text
        assert "<script" not in page and "<b>" not in page and "<img src>" not in page
        assert html.escape(text[:18]).replace("&#x27;", "'") in page.replace("&#39;", "'"), page
        assert saved["selections"]["wrap_text"] == text[:18]


def an_order_has_a_spec(s):
    answer = order(s, {"product": "bottle", "selections": {"wrap_text": "Ada"}, "quantity": 2, "locale": "fa"})
    made = answer.json
    assert answer.status == 201 and answer["Location"] == made["url"] == f"/v1/orders/{made['id']}"
    assert re.fullmatch(r"CW-\d{8}-\d{6}", made["number"]) and made["state"] == "received"
    assert made["price"]["total"] == 2 * made["price"]["unit"] and made["quantity"] == 2 and made["locale"] == "fa"
    assert len(made["specs"]) == 1 and made["specs"][0]["state"] == "queued"
    read = s.get(made["url"])
    assert read["Cache-Control"] == "private, no-store" and read.json == made, read
    assert s.get(made["page"]).status == 200
    told = [s.get(f"{made['url']}?locale={locale}").json for locale in LANGUAGES]
    assert len({order["alt"] for order in told}) == 4
    assert len({tuple(line["title"] for line in order["price"]["lines"]) for order in told}) == 4
    assert len({tuple(line["amount"] for line in order["price"]["lines"]) for order in told}) == 1


def the_digest_is_one(s):
    """What was seen is what is ordered and what is made."""
    saved = design(s, {"wrap_text": "One"})
    made = placed(s, {"design": saved["id"]})
    assert made["digest"] == saved["digest"] and made["design"] == saved["id"] and made["selections"] == saved["selections"]
    spec = s.get(f"/v1/specs/{made['specs'][0]['id']}", key=s.facility).json
    assert spec["configuration"]["digest"] == saved["digest"]


def an_expected_total_that_fits(s):
    price = s.post("/v1/products/bottle/configure", {"selections": {}, "quantity": 3}).json["price"]
    made = placed(s, {"product": "bottle", "selections": {}, "quantity": 3, "expectedTotal": price["total"]})
    assert made["price"]["total"] == price["total"]


def a_repeat_orders_once(s):
    key, body = str(uuid.uuid4()), {"product": "bottle", "selections": {"lid_colour": "white"}}
    first, second = order(s, body, key), order(s, dict(reversed(body.items())), f'"{key}"')
    assert first.status == second.status == 201 and first.body == second.body
    assert not first["Idempotent-Replayed"] and second["Idempotent-Replayed"] == "true"
    assert second["Location"] == first["Location"]
    problem(order(s, {"product": "bottle", "selections": {}}, key), 422, "idempotency.mismatch")
    assert order(s, body, key).json["id"] == first.json["id"]
    refused = str(uuid.uuid4())
    problem(order(s, {"product": "bottle", "selections": {"finish": "x"}}, refused), 422, "selection.invalid")
    assert placed(s, body, refused)["id"] != first.json["id"], "a refused order must not use its key up"


def many_at_once_order_once(s):
    key, answers, start = str(uuid.uuid4()), [], threading.Barrier(10)

    def ask():
        start.wait()
        answers.append(order(s, {"product": "bottle", "selections": {"wrap_text": "Ten"}}, key))
    threads = [threading.Thread(target=ask) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 10
    made = {answer.json["id"] for answer in answers if answer.status == 201}
    assert len(made) == 1, answers
    for answer in answers:
        if answer.status != 201:
            problem(answer, 409, "idempotency.running")


def cancelling_is_free_before_acceptance(s):
    made = placed(s)
    answer = s.post(f"{made['url']}/cancel", {"reason": "changed my mind"})
    assert answer.status == 200 and answer.json["state"] == "cancelled", answer
    assert answer.json["specs"][0]["state"] == "cancelled"
    assert s.post(f"{made['url']}/cancel", {}).json["state"] == "cancelled"
    assert s.request("POST", f"{made['url']}/cancel").json["state"] == "cancelled", "without a body"
    problem(s.post(f"{made['url']}/cancel", {"why": 1}), 422, "request.invalid", ("/why", "schema.additional"))
    problem(s.post("/v1/orders/01M00000000000000000000000/cancel", {}), 404, "order.not_found")
    problem(s.get("/v1/orders/01M00000000000000000000000"), 404, "order.not_found")


def the_list_has_pages(s):
    code, out, _ = run(s.binary, "key", "create", "--name", "shop", "--scope", "orders:read", "--json", data=s.data)
    assert code == 0
    key, seen, target = json.loads(out)["key"], [], "/v1/orders"
    for _ in range(60 - len(s.get("/v1/orders", key=key).json["orders"])):
        placed(s)
    while target:
        answer = s.get(target, key=key)
        seen += [entry["id"] for entry in answer.json["orders"]]
        link = re.fullmatch(r'<([^>]+)>; rel="next"', answer["Link"])
        target = link and link[1]
    assert len(seen) == len(set(seen)) >= 60, len(seen)
    for cursor in ("x", "0", "-1", "1x", ""):
        problem(s.get(f"/v1/orders?cursor={cursor}", key=key), 422, "list.cursor")


CASES = (a_design_comes_back, a_design_speaks_four_languages, the_share_page_has_picture_and_words,
         the_share_page_escapes_texts, an_order_has_a_spec, the_digest_is_one, an_expected_total_that_fits,
         a_repeat_orders_once, many_at_once_order_once, cancelling_is_free_before_acceptance, the_list_has_pages)
