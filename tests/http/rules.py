#!/usr/bin/env python3
"""Black-box tests of how rules are compiled, kept and served: damaged files, restarts, rules that do not compile in time.

Usage: rules.py [path of cordwain]     Each case starts servers of its own.
"""
import copy
import json
import os
import pathlib
import random
import shutil
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import server

BOTTLE = json.loads((server.ROOT / "schemas/products/bottle.json").read_text())


def texts(text):
    return {tag: text for tag in BOTTLE["locales"]}


def hard_bottle(version, options, rules, near):
    """The bottle with more choices and random rules between them: too much for a millisecond. `near`: how far
    apart options of one rule may be."""
    chance = random.Random(7)
    body = {**copy.deepcopy(BOTTLE), "version": str(version)}
    group = body["options"][0]["group"]
    for i in range(options):
        choices = [{"id": f"c{k}", "title": texts(f"{i}.{k}")} for k in range(8)]
        body["options"].append({"id": f"x{i}", "kind": "choice", "title": texts(f"Extra {i}"), "group": group,
                                "default": "c0", "choices": choices})
    for r in range(rules):
        a = chance.randrange(options)
        b = (a + 1 + chance.randrange(near)) % options
        rows = sorted({(f"c{chance.randrange(1, 8)}", f"c{chance.randrange(1, 8)}") for _ in range(10)})
        body["rules"].append({"id": f"r{r}", "kind": "forbiddenCombinations", "message": texts(f"Rule {r}."),
                              "options": [f"x{a}", f"x{b}"], "rows": [list(row) for row in rows]})
    return body


def click(s, version="1", **selections):
    return s.post(f"/v1/products/bottle@{version}/configure", {"selections": selections})


def files(data, extension="cwr"):
    return sorted((pathlib.Path(data) / "rules").glob(f"*.{extension}"))


def lines(s, event):
    return [line for line in s.errors().splitlines() if event in line]


def stored_rules_are_used_again(binary, data):
    with server.Server(binary, data) as s:
        before = click(s, finish="gloss").json
        kept = {path.name: (path.stat().st_ino, path.read_bytes()) for path in files(data)}
        assert before["exact"] and len(kept) >= 2, kept
    with server.Server(binary, data, command="serve") as s:
        assert click(s, finish="gloss").json == before
        assert {path.name: (path.stat().st_ino, path.read_bytes()) for path in files(data)} == kept, "compiled again"
        assert not lines(s, "artefact_refused")


def damaged_and_missing_rules_are_compiled_again(binary, data):
    with server.Server(binary, data) as s:
        before = click(s, finish="gloss").json
    good = {path: path.read_bytes() for path in files(data)}
    first, second, *_ = good

    def missing():
        first.unlink()

    def empty():
        first.write_bytes(b"")

    def one_bit():
        first.write_bytes(good[first][:-1] + bytes([good[first][-1] ^ 1]))

    def cut():
        first.write_bytes(good[first][:len(good[first]) // 2])

    def no_rules():
        first.write_bytes(os.urandom(4096))

    def foreign():
        first.write_bytes(good[second])

    for damage in (missing, empty, one_bit, cut, no_rules, foreign):
        damage()
        with server.Server(binary, data, command="serve") as s:
            after = click(s, finish="gloss").json
            told = lines(s, "artefact_refused")
            assert after == before, damage.__name__
            assert bool(told) == (damage is not missing), (damage.__name__, told)
        good[first] = first.read_bytes()
    with server.Server(binary, data, command="serve") as s:
        assert click(s, finish="gloss").json == before and not lines(s, "artefact_refused")
        assert first.read_bytes() == good[first], "what was compiled again is kept"


def rules_that_do_not_compile_are_served_by_a_solver(binary, data):
    body = hard_bottle(2, 60, 150, 59)
    settings = {"CORDWAIN_RULES_COMPILE_MS": "1", "CORDWAIN_RULES_RETRY_MS": "0"}
    with server.Server(binary, data, environment=settings) as s:
        answer = s.post("/v1/products", body, key=s.designer)
        assert answer.status == 201, answer
        rules = answer.json["rules"]
        assert rules["outcome"] == "sat_fallback" and rules["configurations"] is None and rules["artefactBytes"] == 0, rules
        assert "rules.sat_fallback" in [f["code"] for f in rules["findings"]], rules
        assert rules["entangled"] and set(rules["entangled"]) <= {o["id"] for o in body["options"]}, rules["entangled"]
        answer = click(s, "2", x0="c0").json
        assert answer["consistent"] and "configurations" not in answer, answer
        row = body["rules"][len(BOTTLE["rules"])]
        pair = dict(zip(row["options"], row["rows"][0]))
        answer = click(s, "2", **pair).json
        assert not answer["consistent"], "a forbidden pair is told by the solver too"
        one = dict(list(pair.items())[:1])
        other, choice = list(pair.items())[1]
        answer = click(s, "2", **one).json
        assert answer["options"][other]["choices"][choice]["state"] == "impossible", answer["options"][other]
        saved = s.post("/v1/designs", {"product": "bottle", "version": "2", "selections": {"x0": "c0"}})
        assert saved.status == 201 and s.get(saved["Location"]).status == 200, saved
        preview = saved.json["previews"]["front"].replace("w=1024", "w=64")
        assert s.get(preview).status == 200
        order = s.post("/v1/orders", {"design": saved.json["id"]}, headers={"Idempotency-Key": "hard-1"})
        assert order.status == 201, order
        read = s.get(order["Location"] + "?locale=fa")
        assert read.status == 200 and read.json["locale"] == "fa" and read.json["title"] == BOTTLE["title"]["fa"], read
        together = [None] * 16

        def ask(i):
            together[i] = click(s, "2", x1=f"c{i % 8}")

        threads = [threading.Thread(target=ask, args=(i,)) for i in range(len(together))]
        for thread in threads:
            thread.start()
        assert s.get("/healthz").status == 200, "the loop goes on while the solver thinks"
        for thread in threads:
            thread.join()
        assert {answer.status for answer in together} <= {200, 503}, [answer.status for answer in together]
        assert together[0].status == 200 and together[0].json["consistent"]
    assert files(data, "sat"), "what was tried in vain is noted"
    with server.Server(binary, data, command="serve", environment=settings) as s:
        assert click(s, "2", x0="c0").json["consistent"]


def a_second_try_takes_the_solvers_place(binary, data):
    settings = {"CORDWAIN_RULES_COMPILE_MS": "1", "CORDWAIN_RULES_RETRY_MS": "60000"}
    with server.Server(binary, data, environment=settings) as s:
        answer = s.post("/v1/products", hard_bottle(2, 40, 45, 3), key=s.designer)
        assert answer.status == 201 and answer.json["rules"]["outcome"] == "sat_fallback", answer
        end = time.monotonic() + 90
        while "configurations" not in click(s, "2", x0="c0").json:
            assert time.monotonic() < end, s.errors()[-2000:]
            time.sleep(0.2)
        assert [line for line in lines(s, " late ") if "version=2" in line and "result=compiled" in line], s.errors()[-2000:]
    with server.Server(binary, data, command="serve", environment=settings) as s:
        answer = click(s, "2", x0="c0").json
        assert answer["exact"] and int(answer["configurations"]) > 0, "the second try was kept"


def a_stop_does_not_wait_for_the_second_try(binary, data):
    settings = {"CORDWAIN_RULES_COMPILE_MS": "1", "CORDWAIN_RULES_RETRY_MS": "600000"}
    with server.Server(binary, data, environment=settings) as s:
        assert s.post("/v1/products", hard_bottle(2, 60, 150, 59), key=s.designer).status == 201
        began = time.monotonic()
    assert time.monotonic() - began < 20, "stopped in time"


def versions_are_compared(binary, data):
    with server.Server(binary, data) as s:
        saved = s.post("/v1/designs", {"product": "bottle", "version": "1", "selections": {"lid_type": "tea"}}).json
        s.post("/v1/designs", {"product": "bottle", "version": "1", "selections": {"lid_type": "screw"}})
        order = s.post("/v1/orders", {"design": saved["id"]}, headers={"Idempotency-Key": "change-1"}).json
        body = {**copy.deepcopy(BOTTLE), "version": "2"}
        body["rules"].append({"id": "no-tea", "kind": "formula", "message": texts("No tea."),
                              "expr": {"not": {"lid_type": "tea"}}})
        file = pathlib.Path(data) / "next.json"
        file.write_text(json.dumps(body))
        code, out, errors = server.run(s.binary, "product", "check", "--json", "--against", "bottle", file, data=data)
        change = json.loads(out)["change"]
        assert code == 0 and change["version"] == "1", (code, errors)
        assert change["appear"] == "0" and change["after"] == change["common"], change
        assert int(change["before"]) == int(change["common"]) + int(change["vanish"]) > int(change["after"]) > 0, change
        assert change["designs"]["looked"] == 2 and change["designs"]["ids"] == [saved["id"]], change
        assert change["orders"] == {"looked": 1, "unorderable": 1, "cut": False, "ids": [order["id"]]}, change
        code, out, errors = server.run(s.binary, "product", "check", "--against", "bottle@1", file, data=data)
        assert code == 0 and b"1 of 2 saved designs could no longer be ordered: " in out, (out, errors)
        code, out, _ = server.run(s.binary, "product", "check", "--json", "--against", "bottle",
                                  server.ROOT / "schemas/products/bottle.json", data=data)
        change = json.loads(out)["change"]
        assert change["appear"] == change["vanish"] == "0" and change["designs"]["unorderable"] == 0, change


def publishing_tells_what_changes(binary, data):
    """The same over HTTP and on the command line; a first version has nothing to be held against."""
    with server.Server(binary, data) as s:
        saved = s.post("/v1/designs", {"product": "bottle", "version": "1", "selections": {"lid_type": "tea"}}).json
        body = {**copy.deepcopy(BOTTLE), "version": "2"}
        body["rules"].append({"id": "no-tea", "kind": "formula", "message": texts("No tea."),
                              "expr": {"not": {"lid_type": "tea"}}})
        change = s.post("/v1/products", body, key=s.designer).json["rules"]["change"]
        assert change["version"] == "1" and change["appear"] == "0" and int(change["vanish"]) > 0, change
        assert change["designs"] == {"looked": 1, "unorderable": 1, "cut": False, "ids": [saved["id"]]}, change
        assert change["orders"] == {"looked": 0, "unorderable": 0, "cut": False, "ids": []}, change
        first = s.post("/v1/products", {**body, "id": "flask", "version": "1"}, key=s.designer)
        assert first.status == 201 and "change" not in first.json["rules"], first
        file = pathlib.Path(data) / "next.json"
        file.write_text(json.dumps({**copy.deepcopy(BOTTLE), "version": "3"}))
        code, out, errors = server.run(s.binary, "product", "publish", file, data=data)
        assert code == 0 and b"against version 2: " in out and b" configurations appear, 0 vanish" in out, (out, errors)
        assert b"0 of 1 saved designs could no longer be ordered" in out, out


# ---- the command line, no server -------------------------------------------------------------------------------

def rules_only(options, rules):
    title = {"en": "T"}
    return {"format": "cordwain-product/1", "rulesOnly": True, "id": "rules", "version": "1", "title": title, "locales": ["en"],
            "currency": "EUR", "basePrice": 0,
            "options": [{"title": title, **o, "choices": [{"title": title, **c} for c in o["choices"]]} if "choices" in o
                        else {"title": title, **o} for o in options],
            "rules": [{"message": title, **r} for r in rules]}


def check(binary, data, body, *options):
    file = pathlib.Path(data) / "rules.json"
    file.write_text(json.dumps(body))
    code, out, errors = server.run(binary, "product", "check", "--json", *options, file)
    return code, json.loads(out), errors


def rules_nobody_can_answer_are_rejected(binary, data):
    """Sixteen birds in fifteen holes: hard for every method that counts no birds (Haken 1985)."""
    birds, holes = 16, 15
    options = [{"id": f"b{i}", "kind": "choice", "default": "h0", "choices": [{"id": f"h{k}"} for k in range(holes)]}
               for i in range(birds)]
    rules = [{"id": f"r{i}-{j}", "kind": "forbiddenCombinations", "options": [f"b{i}", f"b{j}"],
              "rows": [[f"h{k}", f"h{k}"] for k in range(holes)]} for i in range(birds) for j in range(i)]
    code, told, errors = check(binary, data, rules_only(options, rules), "--budget-ms", "100")
    assert code == 1 and told["outcome"] == "rejected" and told["configurations"] is None, (told, errors)
    assert told["entangled"] == [f"b{i}" for i in range(birds)], told
    assert [f["code"] for f in told["findings"] if f["severity"] == "error"] == ["rules.rejected"], told


def birds_and_holes(birds, holes, per_hole):
    """Every bird has a hole, none has two birds; and a rule that has nothing to do with it."""
    options = [{"id": f"b{i}", "kind": "choice", "default": "h0", "choices": [{"id": f"h{k}"} for k in range(holes)]}
               for i in range(birds)]
    rules = [{"id": "other", "kind": "requires", "if": {"lid": "tea"}, "then": {"strap": True}}]
    if per_hole:
        rules += [{"id": f"h{k}", "kind": "atMostOne", "of": [{f"b{i}": f"h{k}"} for i in range(birds)]} for k in range(holes)]
    else:
        rules += [{"id": f"r{i}-{j}", "kind": "forbiddenCombinations", "options": [f"b{i}", f"b{j}"],
                   "rows": [[f"h{k}", f"h{k}"] for k in range(holes)]} for i in range(birds) for j in range(i)]
    lid = {"id": "lid", "kind": "choice", "default": "tea", "choices": [{"id": "tea"}, {"id": "screw"}]}
    return rules_only([lid, {"id": "strap", "kind": "flag"}, *options], rules)


def what_leaves_nothing_is_named(binary, data):
    """Also where searching cannot tell and only compiling fewer rules does: rules, or at least the options they are between."""
    for birds, per_hole in ((6, True), (10, True), (13, False)):
        code, told, errors = check(binary, data, birds_and_holes(birds, birds - 1, per_hole), "--budget-ms", "30000")
        assert code == 1 and told["outcome"] == "compiled" and told["configurations"] == "0", (told, errors)
        (void,) = [f for f in told["findings"] if f["severity"] == "error"]
        assert void["code"] == "rules.void" and void["pointer"] == "/rules/1", void
        assert "'other'" not in void["hint"] and "'lid'" not in void["hint"], void
        if per_hole:
            named = ["rule 'h0'", "rule 'h1'", f"rule 'h{birds - 2}'"]
        else:
            named = ["because of some of the 78 rules between 'b0', 'b1', ", "'b11' and 1 more; a smaller set of them was not found in time"]
        assert all(name in void["hint"] for name in named), void


def a_hundred_findings_of_a_kind_are_told(binary, data):
    for dead, more in ((100, None), (101, "1 more of this kind are not shown")):
        choices = [{"id": "good"}] + [{"id": f"c{i}", "onlyIf": {"never": True}, "onlyIfMessage": {"en": "m"}} for i in range(dead - 1)]  # and the flag
        body = rules_only([{"id": "never", "kind": "flag"}, {"id": "x", "kind": "choice", "default": "good", "choices": choices}],
                          [{"id": "no", "kind": "formula", "expr": {"never": False}}])
        code, told, errors = check(binary, data, body)
        assert code == 0 and "findings" in told, (code, told, errors)
        found = [f["message"] for f in told["findings"] if f["code"] == "rules.dead_choice"]
        assert code == 0 and len(told["deadChoices"]) == dead, (code, told, errors)
        assert found[100:] == ([more] if more else []) and len(found) >= 100, found[99:]


def every_finding_says_where_and_why(binary, data):
    """A document with each kind of mistake: what is told a designer, with line, column, pointer, code and reason."""
    folder = server.ROOT / "tests/golden/product-check"
    file = folder / "findings.json"
    code, out, errors = server.run(binary, "product", "check", "--notes", file)
    lines = [line for line in errors.splitlines(keepends=True) if "sandbox-off" not in line]  # a build with a sanitizer says so
    told = "".join(lines).replace(f"{folder}/", "")
    assert code == 1 and told == (folder / "findings.expected.txt").read_text(), told
    assert b"24 configurations, EUR 10.00 to 22.00\n  1 of 2 tests passed\n  3 dead and 2 forced choices" in out, out
    code, out, _ = server.run(binary, "product", "check", "--json", file)
    findings = json.loads(out)["findings"]
    assert {f["code"].partition(".")[2] for f in findings} == {
        "test_failed", "dead_choice", "forced_choice", "conflicting_pair", "false_optional", "unreachable_default", "unreachable_preset",
        "nothing_left", "dead_under_overlay", "redundant", "conflicting_choices"}, findings
    heads = [f"{file.name}:{f['line']}:{f['column']}: {f['severity']}: {f['message']} [{f['code']}] at {f['pointer']}\n" for f in findings]
    assert heads == [line for line in told.splitlines(keepends=True) if line.startswith(file.name)], heads


def mandatory_features_are_no_surprise(binary, data):
    """A feature its model calls mandatory is in every configuration because it was meant so; one it calls optional and
    constrains away is not."""
    file = pathlib.Path(data) / "shop.uvl"
    file.write_text("features\n Shop\n  mandatory\n   Cart\n    mandatory\n     Total\n    optional\n     Coupon\n     Gift\n"
                    "      mandatory\n       Card\n  optional\n   Search\nconstraints\n Search\n Search => Coupon\n")
    code, out, errors = server.run(binary, "product", "import", "--uvl", file)
    assert code == 0, errors
    product = pathlib.Path(data) / "shop.json"
    product.write_bytes(out)
    code, out, errors = server.run(binary, "product", "check", "--json", product)
    checked = json.loads(out)
    ids = [option["id"] for option in json.loads(product.read_text())["options"]]
    assert code == 0 and checked["configurations"] == "2" and len(checked["forcedChoices"]) == 5, checked
    told = {(ids[int(f["pointer"].split("/")[2])], f["code"]) for f in checked["findings"] if f["severity"] == "warning"}
    assert told == {("search", "rules.forced_choice"), ("coupon", "rules.forced_choice")}, told
    noted = {ids[int(f["pointer"].split("/")[2])] for f in checked["findings"] if f["severity"] == "note"
             and f["code"] == "rules.forced_choice"}
    assert noted == {"shop", "cart", "total"}, noted


def the_largest_model_is_imported(binary, data):
    model = b"p cnf 1 1\n1 0\n"
    file, limit = pathlib.Path(data) / "model.cnf", 16 * 1024 * 1024
    for size, wanted in ((limit, 0), (limit + 1, 1)):
        file.write_bytes(b"c" + b" " * (size - len(model) - 2) + b"\n" + model)
        code, out, errors = server.run(binary, "product", "import", "--dimacs", file)
        assert (code == 0) == (wanted == 0) and ("file.too_large" in errors or wanted == 0), (size, code, errors)
        assert wanted or len(json.loads(out)["options"]) == 1


def folder_with(binary, data, script):
    """A copy of the program with another rules worker beside it: a shell script in which $real is ours."""
    build = pathlib.Path(binary).resolve().parent
    folder = pathlib.Path(data) / "bin"
    folder.mkdir()
    shutil.copy(binary, folder / "cordwain")
    (folder / "cordwain-renderer").symlink_to(server.renderer(binary))
    worker = folder / "cordwain-rules"
    worker.write_text(f"#!/bin/sh\nreal={build}/cordwain-rules\n{script}\n")
    worker.chmod(0o755)
    return folder / "cordwain"


HOME = {"CORDWAIN_HOME": str(server.ROOT)}


def a_worker_that_dies_at_publish(binary, data):
    """Its death says nothing about the rules: the version is served by a solver until they are compiled."""
    there = pathlib.Path(data) / "compiles"
    there.touch()
    copied = folder_with(binary, data, f'[ -e {there} ] || [ "$1" != --compile ] || exit 1\nexec "$real" "$@"')
    with server.Server(copied, data, environment=HOME) as s:
        there.unlink()
        body = {**copy.deepcopy(BOTTLE), "version": "3"}
        body["rules"].append({"id": "no-tea", "kind": "formula", "message": texts("No tea."),
                              "expr": {"not": {"lid_type": "tea"}}})
        answer = s.post("/v1/products", body, key=s.designer)
        assert answer.status == 201 and answer.json["rules"]["outcome"] == "sat_fallback", answer
        told = [f for f in answer.json["rules"]["findings"] if f["code"] == "rules.sat_fallback"]
        change = answer.json["rules"]["change"]
        assert change["version"] == "1" and change["appear"] is None and change["designs"]["looked"] == 0, change
        assert len(told) == 1 and "the process that compiles rules failed" in told[0]["message"], told
        assert lines(s, "rules_worker"), s.errors()[-2000:]
        answer = click(s, "3", lid_type="tea").json
        assert not answer["consistent"] and click(s, "3").json["consistent"], answer
        assert not files(data, "sat"), "nothing was tried in vain"
        there.touch()
    with server.Server(copied, data, command="serve", environment=HOME) as s:
        answer = click(s, "3").json
        assert answer["exact"] and int(answer["configurations"]) > 0, answer


def a_worker_that_never_works(binary, data):
    """Rules that are easily answered here are served all the same; about the others nothing is known, and that is said."""
    copied = folder_with(binary, data, "exit 1")
    easy, hard = hard_bottle(2, 12, 10, 3), birds_and_holes(16, 15, False)
    with server.Server(copied, data, environment=HOME) as s:
        answer = s.post("/v1/products", easy, key=s.designer)
        assert answer.status == 201 and answer.json["rules"]["outcome"] == "sat_fallback", answer
        clicked = click(s, "2", x0="c0").json
        assert clicked["consistent"] and not clicked["exact"], clicked
        birds = {**copy.deepcopy(BOTTLE), "version": "3"}
        group = birds["options"][0]["group"]
        for option in hard["options"]:
            title = {"title": texts(option["id"]), **({"group": group})}
            choices = {"choices": [{**choice, "title": texts(choice["id"])} for choice in option["choices"]]} if "choices" in option else {}
            birds["options"].append({**option, **title, **choices})
        birds["rules"] += [{**rule, "message": texts(rule["id"])} for rule in hard["rules"] if rule["id"] != "other"]
        answer = s.post("/v1/products", {**birds, "options": [o for o in birds["options"] if o["id"] not in ("lid", "strap")]}, key=s.designer)
        server.problem(answer, 500, "internal")
        assert "code=rules.worker" in s.errors(), s.errors()[-2000:]
        assert click(s, "2").json["consistent"], "the server goes on"
    file = pathlib.Path(data) / "birds.json"
    file.write_text(json.dumps(hard))
    code, out, errors = server.run(copied, "product", "check", "--json", "--budget-ms", "100", file, environment=HOME)
    assert code != 0 and "rules.worker" in errors, (code, out, errors)


def a_test_nobody_can_decide(binary, data):
    """Without a solver and within its time a test stays open: it is told, and is no reason to refuse the version."""
    copied = folder_with(binary, data, "exit 1")
    body = birds_and_holes(16, 15, False)
    body["options"].append({"id": "grounded", "kind": "flag", "title": {"en": "Grounded"}})
    for option in body["options"]:
        if option["id"].startswith("b"):
            option["choices"].insert(0, {"id": "sky", "title": {"en": "Sky"}, "onlyIf": {"grounded": False}, "onlyIfMessage": {"en": "m"}})
    body["tests"] = [{"id": "grounded", "select": {"grounded": True}, "expect": "invalid"}, {"id": "free", "select": {}, "expect": "valid"}]
    file = pathlib.Path(data) / "rules.json"
    file.write_text(json.dumps(body))
    code, out, errors = server.run(copied, "product", "check", "--json", "--budget-ms", "100", file, environment=HOME)
    told = json.loads(out)
    undecided = [f["pointer"] for f in told["findings"] if f["code"] == "rules.test_undecided"]
    assert code == 0 and told["outcome"] == "sat_fallback" and undecided == ["/tests/0"], (code, told, errors)


def a_full_queue_of_questions_is_told(binary, data):
    """Two threads ask, 64 questions wait; who comes then is told so at once, and when to come again. An order that was made
    is told all the same, in the words it was ordered in where others would have to be asked for."""
    body = hard_bottle(2, 60, 150, 59)
    silent = folder_with(binary, data, '[ "$1" != --solve ] || exec /bin/sleep 1000\nexec "$real" "$@"')
    with server.Server(binary, data, environment={"CORDWAIN_RULES_COMPILE_MS": "1", "CORDWAIN_RULES_RETRY_MS": "0"}) as s:
        assert s.post("/v1/products", body, key=s.designer).status == 201
        made = s.post("/v1/orders", {"product": "bottle", "version": "2", "selections": {}},
                      headers={"Idempotency-Key": "a-full-queue"})
        assert made.status == 201 and made.json["locale"] == "en", made
        assert s.get(f"{made.json['url']}?locale=fa").json["locale"] == "fa"
    settings = {**HOME, "CORDWAIN_RULES_COMPILE_MS": "1", "CORDWAIN_RULES_RETRY_MS": "0"}
    with server.Server(silent, data, command="serve", environment=settings) as s:
        answers, orders = [], []
        lock = threading.Lock()

        def ask(i):
            answer = click(s, "2", x1=f"c{i % 8}", x2=f"c{i // 8 % 8}")
            told = [s.get(made.json["url"] + query) for query in ("", "?locale=fa")] if answer.status == 503 else []
            with lock:
                answers.append(answer)
                orders.extend(told)

        threads = [threading.Thread(target=ask, args=(i,)) for i in range(2 + 64 + 6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        refused = [answer for answer in answers if answer.status != 200]
        # The two that ask leave the queue when they get to it: until then it is full two earlier.
        # An order asked for in other words waits there as well, when there is room by then.
        assert 6 <= len(refused) <= 8 + len(refused) // 2, [answer.status for answer in answers]
        for answer in refused:
            server.problem(answer, 503, "crew.busy")
            assert int(answer["Retry-After"]) >= 1, answer
        for answer in orders:
            # in the other words once a place in the queue is free again
            assert answer.status == 200 and answer.json["title"] == BOTTLE["title"][answer.json["locale"]], answer
            assert answer.json["price"]["total"] == made.json["price"]["total"] and answer.json["specs"], answer.json
        assert not any(answer.json["exact"] for answer in answers if answer.status == 200), "nobody answered them"
        assert s.get("/healthz").status == 200 and click(s, "1").json["exact"]


def solvers_of(s):
    """Process numbers of the server's solvers."""
    def is_solver(pid):
        try:
            return b"--solve" in pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:  # gone by now
            return False

    tasks = pathlib.Path(f"/proc/{s.process.pid}/task").iterdir()
    return [pid for task in tasks for pid in (task / "children").read_text().split() if is_solver(pid)]


def many_products_share_eight_solvers(binary, data):
    """Products whose rules are not compiled, all asked at once: never more processes than there may be, and all are answered
    (test_worker_places.c asks a hundred)."""
    limit, more = 8, 11  # rules.solvers, and products beside the demo's own
    with server.Server(binary, data) as s:
        for i in range(more):
            answer = s.post("/v1/products", {**copy.deepcopy(BOTTLE), "id": f"bottle-{i}"}, key=s.designer)
            assert answer.status == 201, answer
    shutil.rmtree(pathlib.Path(data) / "rules")
    copied = folder_with(binary, data, '[ "$1" != --compile ] || exit 1\nexec "$real" "$@"')
    products = ["bottle", *(f"bottle-{i}" for i in range(more))]
    with server.Server(copied, data, command="serve", environment={**HOME, "CORDWAIN_RULES_RETRY_MS": "0"}) as s:
        answers, seen, lock = {}, [], threading.Lock()

        def ask(first):
            for product in products[first::16]:
                answer = s.post(f"/v1/products/{product}/configure", {"selections": {"lid_type": "tea"}})
                with lock:
                    answers[product] = answer
                    seen.append(len(solvers_of(s)))

        threads = [threading.Thread(target=ask, args=(i,)) for i in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(answers) == len(products) and {answer.status for answer in answers.values()} == {200}, \
            [answer for answer in answers.values() if answer.status != 200][:1]
        assert all(a.json["exact"] and "configurations" not in a.json for a in answers.values()), "a solver answered each"
        assert len(seen) == len(products) and max(seen) <= limit and len(solvers_of(s)) == limit, seen


def what_no_version_needs_is_removed(binary, data):
    with server.Server(binary, data) as s:
        before = click(s, finish="gloss").json
    folder, kept = pathlib.Path(data) / "rules", files(data)
    old, young, foreign = folder / f"{'0' * 64}.cwr", folder / f"{'1' * 64}.sat", folder / "notes.txt"
    for path in (old, young, foreign):
        path.write_bytes(b"x")
    for path in (old, foreign, *kept):
        os.utime(path, (1, 1))
    with server.Server(binary, data, command="serve") as s:
        assert not old.exists() and young.exists() and foreign.exists() and files(data) == kept
        assert len(lines(s, "artefacts_removed")) == 1 and click(s, finish="gloss").json == before


CASES = (stored_rules_are_used_again, damaged_and_missing_rules_are_compiled_again,
         rules_that_do_not_compile_are_served_by_a_solver, a_second_try_takes_the_solvers_place,
         a_stop_does_not_wait_for_the_second_try, versions_are_compared, publishing_tells_what_changes,
         rules_nobody_can_answer_are_rejected, what_leaves_nothing_is_named, a_hundred_findings_of_a_kind_are_told, the_largest_model_is_imported,
         every_finding_says_where_and_why, mandatory_features_are_no_surprise,
         a_worker_that_dies_at_publish, a_worker_that_never_works, a_test_nobody_can_decide, a_full_queue_of_questions_is_told,
         many_products_share_eight_solvers, what_no_version_needs_is_removed)


def main():
    binary = server.program(sys.argv[1] if len(sys.argv) > 1 else None)
    cases = server.Cases()
    for case in CASES:
        with tempfile.TemporaryDirectory(prefix="cordwain-rules-") as data:
            cases.run(case, binary, data)
    return cases.finish()


if __name__ == "__main__":
    sys.exit(main())
