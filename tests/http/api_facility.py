"""The factory's side: leases, the whole walk of a spec, every refused move, signatures, artwork."""
import base64
import hashlib
import itertools
import json
import threading
import time
import uuid

from api_orders import placed
from server import problem, run

LEASES = "/v1/facilities/FAC-PT-03/leases"
WISH = {"max": 1, "waitSeconds": 0, "leaseSeconds": 60}
STATES = ("queued", "leased", "accepted", "in_production", "inspected", "rework", "packed", "shipped", "hold", "rejected",
          "scrapped", "cancel_requested", "cancelled", "cancel_refused")
MOVES = {"leased": {"accepted", "rejected", "hold"}, "accepted": {"in_production", "hold", "rejected"},
         "in_production": {"inspected", "rework", "scrapped", "hold"}, "rework": {"inspected", "scrapped", "hold"},
         "inspected": {"packed", "rework", "scrapped", "hold"}, "packed": {"shipped", "hold"}, "shipped": set(),
         "rejected": set(), "cancelled": set(), "cancel_requested": {"cancelled", "cancel_refused"}}
numbers = itertools.count(1)


def lease(s, wish=None, **more):
    answer = s.post(LEASES, {**WISH, **(wish or {}), **more}, key=s.facility)
    assert answer.status == 200, answer
    return answer.json["leases"]


def empty_the_queue(s):
    """Take and reject whatever other cases left."""
    while leases := lease(s, max=50):
        for held in leases:
            event(s, held, "leased", "rejected", reason="test")


def event(s, held, before, after, revision=1, key=None, **more):
    body = {"fence": held["fence"], "from": before, "to": after, "eventId": f"e-{next(numbers)}", **more}
    return s.request("PUT", f"/v1/specs/{held['specId']}/status", body, headers={"If-Match": f'"{revision}"'},
                     key=key or s.facility)


def work(s, selections=None):
    """A fresh order's spec, leased."""
    empty_the_queue(s)
    made = placed(s, {"product": "bottle", "selections": selections or {}})
    held = lease(s)
    assert len(held) == 1 and held[0]["specId"] == made["specs"][0]["id"], held
    return made, held[0]


def move(s, held, *states):
    for before, after in zip(states, states[1:]):
        answer = event(s, held, before, after)
        assert answer.status == 200, (before, after, answer)
        held["fence"] = answer.json["fence"]
    return answer.json


def state_of(s, made):
    read = s.get(made["url"]).json
    desk = s.get("/v1/facilities/FAC-PT-03/specs", key=s.facility).json["specs"]
    row = [spec for spec in desk if spec["specId"] == made["specs"][0]["id"]]
    assert not row or row[0]["state"] == read["specs"][0]["state"], "desk and order page differ"
    return read["specs"][0]["state"]


def other_key(s):
    code, out, _ = run(s.binary, "key", "create", "--name", "other", "--scope", "specs:pull:FAC-OTHER", "--json", data=s.data)
    assert code == 0
    return json.loads(out)["key"]


def lease_limits(s):
    empty_the_queue(s)
    for name, value, code in (("max", 0, "schema.minimum"), ("max", 51, "schema.maximum"), ("waitSeconds", -1, "schema.minimum"),
                              ("waitSeconds", 31, "schema.maximum"), ("leaseSeconds", 29, "schema.minimum"),
                              ("leaseSeconds", 3601, "schema.maximum"), ("max", "1", "schema.type"), ("max", 1.5, "schema.type"),
                              ("workCentre", "a b", "schema.pattern"), ("shipBefore", "soon", "schema.pattern"),
                              ("colour", 1, "schema.additional")):
        problem(s.post(LEASES, {**WISH, name: value}, key=s.facility), 422, "request.invalid", (f"/{name}", code))
    problem(s.post(LEASES, {}, key=s.facility), 422, "request.invalid", *[("", "schema.required")] * 3)
    for more in ({"max": 50}, {"leaseSeconds": 30}, {"leaseSeconds": 3600}, {"shipBefore": "2030-01-01"}):
        assert lease(s, **more) == [], more
    placed(s)
    start = time.monotonic()
    assert len(lease(s, waitSeconds=30)) == 1 and time.monotonic() - start < 10, "work that is there is not waited for"


def waiting_for_nothing(s):
    empty_the_queue(s)
    start = time.monotonic()
    assert lease(s, waitSeconds=1) == []
    assert 0.9 < time.monotonic() - start < 4, time.monotonic() - start


def an_order_wakes_who_waits(s):
    empty_the_queue(s)
    answers = []
    waiting = threading.Thread(target=lambda: answers.append((lease(s, waitSeconds=25), time.monotonic())))
    waiting.start()
    time.sleep(0.7)
    made = placed(s)
    ordered = time.monotonic()
    waiting.join()
    leases, woken = answers[0]
    assert [held["specId"] for held in leases] == [made["specs"][0]["id"]] and woken - ordered < 5, (leases, woken - ordered)


def max_is_kept_and_nobody_gets_the_same(s):
    empty_the_queue(s)
    made = {placed(s)["specs"][0]["id"] for _ in range(5)}
    first, answers = lease(s, max=2), []
    threads = [threading.Thread(target=lambda: answers.append(lease(s, max=3))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    got = [held["specId"] for held in first] + [held["specId"] for some in answers for held in some]
    assert len(first) == 2 and len(got) == 5 and set(got) == made, (first, answers)


def work_centre_and_date_narrow_the_queue(s):
    empty_the_queue(s)
    made = placed(s)
    assert lease(s, workCentre="NO-SUCH-CENTRE") == [] and lease(s, shipBefore="2020-01-01") == []
    spec = s.get(f"/v1/specs/{made['specs'][0]['id']}", key=s.facility).json
    centre = spec["operations"][0]["workCentre"]["EquipmentClassID"]
    assert len(lease(s, workCentre=centre, shipBefore="2099-12-31")) == 1


def renew_and_release(s):
    made, held = work(s)
    answer = s.post(f"/v1/leases/{held['leaseId']}/renew", {"fence": held["fence"], "leaseSeconds": 3600}, key=s.facility)
    assert answer.status == 200 and answer.json["leaseUntil"] > held["leaseUntil"], answer
    for body, pointer, code in (({"fence": held["fence"], "leaseSeconds": 29}, "/leaseSeconds", "schema.minimum"),
                                ({"fence": held["fence"], "leaseSeconds": 3601}, "/leaseSeconds", "schema.maximum"),
                                ({"fence": 0, "leaseSeconds": 30}, "/fence", "schema.minimum"),
                                ({"leaseSeconds": 30}, "", "schema.required")):
        problem(s.post(f"/v1/leases/{held['leaseId']}/renew", body, key=s.facility), 422, "request.invalid", (pointer, code))
    stale = {"fence": held["fence"] + 1}
    problem(s.post(f"/v1/leases/{held['leaseId']}/renew", {**stale, "leaseSeconds": 60}, key=s.facility), 409, "stale-lease")
    problem(s.post(f"/v1/leases/{held['leaseId']}/release", {**stale, "reason": "x"}, key=s.facility), 409, "stale-lease")
    problem(s.post("/v1/leases/unknown/renew", {"fence": 1, "leaseSeconds": 60}, key=s.facility), 409, "stale-lease")
    problem(s.post(f"/v1/leases/{held['leaseId']}/release", {"fence": 1, "reason": "x"}, key=other_key(s)), 409, "stale-lease")
    problem(s.post(f"/v1/leases/{held['leaseId']}/release", {"fence": held["fence"], "reason": ""}, key=s.facility), 422,
            "request.invalid", ("/reason", "schema.minLength"))
    answer = s.post(f"/v1/leases/{held['leaseId']}/release", {"fence": held["fence"], "reason": "machine down"}, key=s.facility)
    assert answer.status == 200 and state_of(s, made) == "queued", answer
    problem(s.post(f"/v1/leases/{held['leaseId']}/renew", {"fence": held["fence"], "leaseSeconds": 60}, key=s.facility), 409,
            "stale-lease")
    again = lease(s)[0]
    assert again["specId"] == held["specId"] and again["fence"] > held["fence"] and again["leaseId"] != held["leaseId"]
    problem(event(s, held, "leased", "accepted"), 409, "stale-lease")


def refuse_all_but(s, held, state, allowed):
    """Every move from `state` that is not allowed, and a wrong `from`, is refused."""
    for after in STATES:
        if after not in allowed:
            problem(event(s, held, state, after), 409, "invalid-transition", ("/to", "invalid-transition"))
    wrong = "packed" if state != "packed" else "accepted"
    problem(event(s, held, wrong, "shipped"), 409, "invalid-transition", ("/from", "invalid-transition"))


def the_whole_walk(s):
    made, held = work(s)
    walk = ("leased", "accepted", "in_production", "rework", "inspected", "rework", "inspected", "packed", "shipped")
    for before, after in zip(walk, walk[1:]):
        assert state_of(s, made) == before
        refuse_all_but(s, held, before, MOVES[before])
        answer = event(s, held, before, after, station="ST-4", records=[{"check": "qc.text", "result": "pass"}])
        assert answer.status == 200 and answer.json["state"] == after, answer
        assert set(answer.json["next"]) == MOVES[after], answer.json
    refuse_all_but(s, held, "shipped", set())
    history = s.get(f"/v1/specs/{held['specId']}/history", key=s.facility).json["events"]
    assert [entry["to"] for entry in history] == list(walk), history
    read = s.get(made["url"]).json
    assert [entry["state"] for entry in read["history"]] == ["received", *walk] and read["state"] == "shipped", read
    assert state_of(s, made) == "shipped"


def hold_goes_back_where_it_came_from(s):
    made, held = work(s)
    path = ["leased"]
    for state in ("accepted", "in_production", "inspected", "packed"):
        for before in path[-1:]:
            move(s, held, before, "hold")
            refuse_all_but(s, held, "hold", {before, "rejected"})
            move(s, held, "hold", before)
        move(s, held, path[-1], state)
        path.append(state)
    assert state_of(s, made) == "packed"


def rejected_is_an_end(s):
    made, held = work(s)
    move(s, held, "leased", "rejected")
    refuse_all_but(s, held, "rejected", set())
    assert s.post(f"{made['url']}/cancel", {}).json["state"] == "cancelled"


def scrap_makes_a_new_unit(s):
    made, held = work(s)
    move(s, held, "leased", "accepted", "in_production", "scrapped")
    read = s.get(made["url"]).json["specs"][0]
    assert read["state"] == "queued" and read["serial"] == made["specs"][0]["serial"] + "-R2", read
    again = lease(s)[0]
    assert again["specId"] == held["specId"] and again["fence"] > held["fence"]
    problem(event(s, held, "leased", "accepted"), 409, "stale-lease")
    move(s, again, "leased", "accepted", "in_production", "inspected", "packed", "shipped")


def fences_revisions_and_preconditions(s):
    made, held = work(s)
    path = f"/v1/specs/{held['specId']}/status"
    body = {"fence": held["fence"], "from": "leased", "to": "accepted", "eventId": "pre-1"}
    problem(s.request("PUT", path, body, key=s.facility), 428, "precondition.required")
    for match in ("1", '"x"', 'W/"1"', "*", '"0"', '"-1"', '"99999999999"'):
        problem(s.request("PUT", path, body, headers={"If-Match": match}, key=s.facility), 412, "precondition.failed")
    problem(event(s, held, "leased", "accepted", revision=2), 409, "superseded")
    problem(event(s, {**held, "fence": held["fence"] + 1}, "leased", "accepted"), 409, "stale-lease")
    problem(event(s, {"specId": "01M00000000000000000000000", "fence": 1}, "leased", "accepted"), 404, "spec.not_found")
    for member, value, code in (("from", "nowhere", "schema.enum"), ("to", 1, "schema.enum"), ("eventId", "", "schema.minLength"),
                                ("eventId", "e" * 65, "schema.maxLength"), ("at", "today", "schema.pattern"),
                                ("records", [{"check": "qc.text"}], "schema.required"), ("colour", 1, "schema.additional")):
        answer = s.request("PUT", path, {**body, member: value}, headers={"If-Match": '"1"'}, key=s.facility)
        document = problem(answer, 422, "request.invalid")
        assert code in [fault["code"] for fault in document["errors"]], (member, document["errors"])
        assert all(fault["pointer"].startswith(f"/{member}") for fault in document["errors"]), document["errors"]
    assert state_of(s, made) == "leased"


def a_repeated_event_has_its_answer(s):
    made, held = work(s)
    first = event(s, held, "leased", "accepted", eventId="rep-1")
    again = event(s, held, "leased", "accepted", eventId="rep-1")
    assert first.status == again.status == 200 and first.body == again.body
    assert again["Idempotent-Replayed"] == "true" and not first["Idempotent-Replayed"]
    move(s, held, "accepted", "in_production")
    assert event(s, held, "leased", "accepted", eventId="rep-1").body == first.body, "even after more work"
    problem(event(s, held, "leased", "accepted", eventId="rep-1", station="other"), 422, "event.mismatch",
            ("/eventId", "event.mismatch"))
    problem(event(s, held, "in_production", "hold", eventId="cordwain:x"), 422, "event.id", ("/eventId", "event.id"))
    assert state_of(s, made) == "in_production"
    assert len(s.get(f"/v1/specs/{held['specId']}/history", key=s.facility).json["events"]) == 3


def other_facilities_see_nothing(s):
    made, held = work(s)
    key = other_key(s)
    problem(s.post(LEASES, WISH, key=key), 403, "auth.scope")
    problem(s.get("/v1/facilities/FAC-PT-03/specs", key=key), 403, "auth.scope")
    for path in ("", "/history"):
        problem(s.get(f"/v1/specs/{held['specId']}{path}", key=key), 404, "spec.not_found")
    problem(event(s, held, "leased", "accepted", key=key), 404, "spec.not_found")
    problem(s.post(f"/v1/leases/{held['leaseId']}/renew", {"fence": held["fence"], "leaseSeconds": 60}, key=key), 409,
            "stale-lease")
    assert s.get("/v1/facilities/FAC-OTHER/specs", key=key).json == {"specs": []}
    assert state_of(s, made) == "leased"


def the_desk_lists_by_state(s):
    made, held = work(s)
    rows = s.get("/v1/facilities/FAC-PT-03/specs?state=leased", key=s.facility).json["specs"]
    row = next(row for row in rows if row["specId"] == held["specId"])
    assert all(entry["state"] == "leased" for entry in rows) and row["leaseId"] == held["leaseId"]
    assert row["orderNumber"] == made["number"] and row["next"] == ["accepted", "rejected", "hold"], row
    assert s.get(row["preview"].replace("w=1024", "w=64")).status == 200
    problem(s.get("/v1/facilities/FAC-PT-03/specs?state=nowhere", key=s.facility), 422, "state.unknown")


def the_spec_is_signed_and_whole(s):
    made, held = work(s, {"wrap_text": "Signed"})
    answer = s.get(held["url"], key=s.facility)
    assert answer["Content-Type"] == "application/vnd.cordwain.build-spec+json"
    spec = answer.json
    canonical = json.dumps(spec, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert answer.body == canonical, "not the RFC 8785 bytes"
    assert answer["ETag"] == f'"{held["digest"]}"'
    digest = base64.b64encode(hashlib.sha256(answer.body).digest()).decode()
    assert answer["Content-Digest"] == f"sha-256=:{digest}:"
    again = s.get(held["url"], key=s.facility, headers={"If-None-Match": answer["ETag"]})
    assert again.status == 304 and not again.body
    assert s.get(held["url"] + "?revision=1", key=s.facility).body == answer.body
    problem(s.get(held["url"] + "?revision=2", key=s.facility), 404, "spec.not_found")
    file, keys = s.data / "spec.json", s.data / "keys.json"
    file.write_bytes(answer.body)
    keys.write_bytes(s.get("/.well-known/cordwain/keys.json").body)
    code, out, errors = run(s.binary, "spec", "verify", file, data=s.data)
    assert code == 0 and held["digest"] in out.decode(), (code, out, errors)
    code, out, _ = run(s.binary, "spec", "verify", file, "--keys", keys, "--json")
    assert code == 0 and json.loads(out)["valid"] is True, out
    at = answer.body.index(b"Signed")
    for change in (answer.body[:at] + b"s" + answer.body[at + 1:], answer.body.replace(b'"issuedAt":"2', b'"issuedAt":"3', 1)):
        assert change != answer.body
        file.write_bytes(change)
        code, _, errors = run(s.binary, "spec", "verify", file, "--keys", keys)
        assert code == 1 and "spec.digest" in errors, (code, errors)
    file.write_bytes(answer.body[:-10])
    assert run(s.binary, "spec", "verify", file, "--keys", keys)[0] == 1
    code, out, _ = run(s.binary, "spec", "show", held["specId"], "--json", data=s.data)
    assert code == 0 and out.rstrip(b"\n") == answer.body


def files_of(node):
    if isinstance(node, dict):
        if "URL" in node and "digest" in node:
            yield node
        for member in node.values():
            yield from files_of(member)
    elif isinstance(node, list):
        for member in node:
            yield from files_of(member)


def artwork_has_its_digest(s):
    for product, selections in (("bottle", {"wrap_text": "\u0646\u06cc\u0644\u0648\u0641\u0631"}),
                                ("court-sneaker", {"heel_text": "ADA", "side_number": "7"})):
        empty_the_queue(s)
        made = placed(s, {"product": product, "selections": selections})
        spec = s.get(f"/v1/specs/{made['specs'][0]['id']}", key=s.facility).json
        kinds = []
        for file in files_of(spec):
            path = file["URL"][len(s.base):]
            answer = s.get(path, key=s.facility)
            assert answer.status == 200 and answer["Content-Type"] == file["MimeType"], (file, answer)
            assert "sha-256:" + hashlib.sha256(answer.body).hexdigest() == file["digest"], file
            assert "immutable" in answer["Cache-Control"] and answer["ETag"] == f'"{file["digest"]}"'
            assert answer.body.startswith({"application/pdf": b"%PDF-", "image/svg+xml": b"<?xml"}.get(file["MimeType"], b"\xff\xd8"))
            assert s.get(path, key=s.facility, headers={"If-None-Match": answer["ETag"]}).status == 304
            problem(s.get(path), 401, "auth.missing")
            kinds.append(file["MimeType"])
        surfaces = 1 if product == "bottle" else 2
        assert kinds.count("application/pdf") == kinds.count("image/svg+xml") == surfaces and "image/jpeg" in kinds, kinds
    problem(s.get("/v1/artworks/sha-256:" + "0" * 64, key=s.facility), 404, "artwork.not_found")


def cancelling_after_acceptance_asks(s):
    made, held = work(s)
    move(s, held, "leased", "accepted")
    assert s.post(f"{made['url']}/cancel", {}).json["state"] == "cancel_requested"
    assert s.post(f"{made['url']}/cancel", {}).json["state"] == "cancel_requested", "asked once"
    refuse_all_but(s, held, "cancel_requested", MOVES["cancel_requested"])
    assert move(s, held, "cancel_requested", "cancel_refused")["state"] == "accepted"
    assert s.post(f"{made['url']}/cancel", {}).json["state"] == "cancel_requested"
    assert move(s, held, "cancel_requested", "cancelled")["state"] == "cancelled"
    assert s.get(made["url"]).json["state"] == "cancelled"
    refuse_all_but(s, held, "cancelled", set())


def cancelling_a_lease_ends_it(s):
    made, held = work(s)
    assert s.post(f"{made['url']}/cancel", {}).json["state"] == "cancelled"
    answer = event(s, held, "leased", "accepted")
    assert answer.status == 409 and answer.json["code"] in ("stale-lease", "invalid-transition"), answer
    problem(s.post(f"/v1/leases/{held['leaseId']}/renew", {"fence": held["fence"], "leaseSeconds": 60}, key=s.facility), 409,
            "stale-lease")


def cancelling_in_production_is_too_late(s):
    made, held = work(s)
    move(s, held, "leased", "accepted", "in_production")
    problem(s.post(f"{made['url']}/cancel", {}), 409, "order.too_late_to_cancel")
    move(s, held, "in_production", "inspected", "packed", "shipped")
    problem(s.post(f"{made['url']}/cancel", {}), 409, "order.too_late_to_cancel")


def an_operator_key_does_all(s):
    code, out, _ = run(s.binary, "key", "create", "--name", f"op {uuid.uuid4()}", "--scope", "admin", "--json", data=s.data)
    key = json.loads(out)["key"]
    made, held = work(s)
    assert code == 0 and s.get(held["url"], key=key).status == 200
    assert event(s, held, "leased", "accepted", key=key).status == 200
    assert s.get("/v1/orders", key=key).status == 200 and s.post(LEASES, WISH, key=key).status == 200
    assert state_of(s, made) == "accepted"


CASES = (lease_limits, waiting_for_nothing, an_order_wakes_who_waits, max_is_kept_and_nobody_gets_the_same,
         work_centre_and_date_narrow_the_queue, renew_and_release, the_whole_walk, hold_goes_back_where_it_came_from,
         rejected_is_an_end, scrap_makes_a_new_unit, fences_revisions_and_preconditions, a_repeated_event_has_its_answer,
         other_facilities_see_nothing, the_desk_lists_by_state, the_spec_is_signed_and_whole, artwork_has_its_digest,
         cancelling_after_acceptance_asks, cancelling_a_lease_ends_it, cancelling_in_production_is_too_late,
         an_operator_key_does_all)
