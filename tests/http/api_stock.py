"""Stock items that go out and come back without publishing; overlays of a request."""
import copy
import json
import time

from api_orders import order
from server import ROOT, problem, run

BOTTLE = json.loads((ROOT / "schemas/products/bottle.json").read_text())
VERSION = "31"
ITEM = "BTL-750-304"  # of capacity 750, the default


def admin(s):
    if not hasattr(s, "stock_key"):
        code, out, _ = run(s.binary, "key", "create", "--name", "stock", "--scope", "stock:write", "--json", data=s.data)
        assert code == 0, out
        s.stock_key = json.loads(out)["key"]
    return s.stock_key


def put(s, item, available, **more):
    return s.request("PUT", f"/v1/stock/{item}", {"available": available}, key=admin(s), **more)


def capacity(s, **body):
    answer = s.post("/v1/products/bottle@1/configure", {"selections": {}, **body})
    assert answer.status == 200, answer
    return answer.json["options"]["capacity"]


def sold_out_reaches_the_next_click(s):
    assert capacity(s)["value"] == "750" and capacity(s)["choices"]["750"]["state"] == "possible"
    answer = put(s, ITEM, False)
    assert answer.status == 200 and answer.json["item"] == ITEM and not answer.json["available"], answer
    assert "bottle" in answer.json["products"], answer
    now = capacity(s)
    assert now["choices"]["750"]["state"] == "unavailable" and now["value"] != "750", now
    picked = s.post("/v1/products/bottle@1/configure", {"selections": {"capacity": "750"}}).json
    assert not picked["consistent"], picked["issues"]
    saved = s.post("/v1/designs", {"product": "bottle", "version": "1", "selections": {"capacity": "750"}})
    problem(saved, 422, "selection.invalid", ("/selections/capacity", "choice.unavailable"))
    refused = order(s, {"product": "bottle", "version": "1", "selections": {"capacity": "750"}})
    problem(refused, 422, "selection.invalid", ("/selections/capacity", "choice.unavailable"))
    assert put(s, ITEM, True).status == 200
    assert capacity(s)["value"] == "750" and capacity(s)["choices"]["750"]["state"] == "possible"


def stock_is_listed_and_kept(s):
    assert put(s, "NO-SUCH-ITEM", False).json["products"] == []
    rows = s.get("/v1/stock", key=admin(s)).json["items"]
    assert [row["item"] for row in rows] == sorted(row["item"] for row in rows)
    assert {row["item"]: row["available"] for row in rows}.items() >= {"NO-SUCH-ITEM": False, ITEM: True}.items(), rows
    code, out, _ = run(s.binary, "stock", "list", "--json", data=s.data)
    assert code == 0 and json.loads(out) == rows, out


def the_command_line_is_followed(s):
    code, out, errors = run(s.binary, "stock", "set", ITEM, "out", data=s.data)
    assert code == 0 and b"is out" in out, errors
    for state in ("unavailable", "possible"):
        for _ in range(60):
            if capacity(s)["choices"]["750"]["state"] == state:
                break
            time.sleep(0.1)
        assert capacity(s)["choices"]["750"]["state"] == state
        assert run(s.binary, "stock", "set", ITEM, "in", data=s.data)[0] == 0
    for words in ((), ("set",), ("set", ITEM), ("set", ITEM, "maybe"), ("set", "", "in"), ("set", "x" * 65, "in"), ("set", "\u00e9", "in")):
        code, _, errors = run(s.binary, "stock", *words, data=s.data)
        assert code in (1, 2) and errors, words


def stock_is_guarded(s):
    problem(s.request("PUT", f"/v1/stock/{ITEM}", {"available": False}), 401, "auth.missing")
    problem(s.request("PUT", f"/v1/stock/{ITEM}", {"available": False}, key=s.designer), 403, "auth.scope")
    problem(s.get("/v1/stock", key=s.designer), 403, "auth.scope")
    problem(put(s, ITEM, "no"), 422, "request.invalid", ("/available", "schema.type"))
    problem(put(s, "x" * 65, False), 422, "stock.item")
    assert put(s, "x" * 64, True).status == 200


def overlaid(s):
    """A bottle with overlays; its address."""
    path = f"/v1/products/bottle@{VERSION}"
    if s.get(path).status == 200:
        return path
    document = {**copy.deepcopy(BOTTLE), "version": VERSION, "tests": []}
    title = BOTTLE["title"]
    document["overlays"] = [{"id": "airport", "title": title, "unavailable": {"capacity": ["750", "1000"]}},
                            {"id": "nothing", "title": title, "unavailable": {"capacity": ["500", "750", "1000"]}}]
    answer = s.post("/v1/products", document, key=s.designer)
    assert answer.status == 201, answer
    return path


def overlays_are_told_and_known(s):
    path = overlaid(s)
    assert [overlay["id"] for overlay in s.get(path).json["overlays"]] == ["airport", "nothing"]
    problem(s.post(path + "/configure", {"selections": {}, "overlays": ["airport", "port"]}), 422, "overlay.unknown",
            ("/overlays/1", "overlay.unknown"))


def overlays_take_away_what_they_name(s):
    path = overlaid(s)
    states = lambda **body: {id: choice["state"] for id, choice in s.post(path + "/configure", {"selections": {}, **body}).json[
        "options"]["capacity"]["choices"].items()}
    assert set(states().values()) == {"possible"}
    assert states(overlays=["airport"]) == {"500": "forced", "750": "unavailable", "1000": "unavailable"}
    assert not s.post(path + "/configure", {"selections": {}, "overlays": ["nothing"]}).json["consistent"]
    body = {"product": "bottle", "version": VERSION, "selections": {"capacity": "750"}, "overlays": ["airport"]}
    problem(s.post("/v1/designs", body), 422, "selection.invalid", ("/selections/capacity", "choice.unavailable"))
    problem(order(s, body), 422, "selection.invalid", ("/selections/capacity", "choice.unavailable"))
    assert order(s, {**body, "selections": {}}).json["selections"]["capacity"] == "500"


def what_is_derived_is_never_picked(s):
    document = {**copy.deepcopy(BOTTLE), "version": str(int(VERSION) + 1)}
    text = {locale: "Code" for locale in document["locales"]}
    document["options"].append({"id": "sku", "kind": "choice", "title": text, "choices": [
        {"id": f"s-{size}", "title": text, "price": price} for size, price in (("500", 0), ("750", 0), ("1000", 0))],
        "derive": {"from": ["capacity"], "rows": [[size, f"s-{size}"] for size in ("500", "750", "1000")]}})
    answer = s.post("/v1/products", document, key=s.designer)
    assert answer.status == 201, answer
    path = f"/v1/products/bottle@{int(VERSION) + 1}"
    option = s.get(path).json["options"][-1]
    assert option["id"] == "sku" and option["derived"] is True and "default" not in option, option
    answer = s.post(path + "/configure", {"selections": {}}).json
    assert answer["options"]["sku"]["derived"] is True and "choices" not in answer["options"]["sku"]
    assert "sku" not in answer["completion"] and all("sku" not in url for url in answer["previews"].values())
    problem(s.post(path + "/configure", {"selections": {"sku": "s-500"}}), 422, "selection.invalid",
            ("/selections/sku", "selection.derived"))


def what_is_derived_is_found_again(s):
    path = f"/v1/products/bottle@{int(VERSION) + 1}"
    answer = s.post(path + "/configure", {"selections": {"capacity": "500"}}).json
    assert answer["options"]["sku"]["value"] == "s-500", answer["options"]["sku"]
    saved = s.post("/v1/designs", {"product": "bottle", "version": str(int(VERSION) + 1), "selections": answer["completion"]})
    assert saved.status == 201 and "sku" not in saved.json["selections"], saved
    assert s.get(saved.json["url"]).status == 200


CASES = (sold_out_reaches_the_next_click, stock_is_listed_and_kept, the_command_line_is_followed, stock_is_guarded,
         overlays_are_told_and_known, overlays_take_away_what_they_name, what_is_derived_is_never_picked,
         what_is_derived_is_found_again)
