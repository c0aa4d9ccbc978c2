"""What can be asked beside a click: conflicts, repairs, completions, counts, samples, goals."""
import json
import pathlib
import tempfile

from api_products import configure
from server import problem, run

CONFLICT = {"capacity": "500", "lid_type": "tea"}  # the tea filter is wider than the small bottle's neck


def departures(a, b):
    return {option for option in {*a, *b} if a.get(option) != b.get(option)}


def a_conflict_names_picks_and_rules(s):
    answer = configure(s, {**CONFLICT, "finish": "gloss"})
    assert not answer["consistent"]
    conflict = answer["conflict"]
    assert sorted(conflict["picks"]) == ["capacity", "lid_type"] and conflict["minimal"], conflict
    assert conflict["causes"] and all(cause["message"] for cause in conflict["causes"]), conflict
    for pick in conflict["picks"]:  # minimal: without any one of them the rest stands
        rest = {option: value for option, value in CONFLICT.items() if option != pick}
        assert configure(s, rest)["consistent"], pick


def every_repair_works_and_the_first_is_cheapest(s):
    picks = {**CONFLICT, "finish": "gloss"}
    answer = configure(s, picks)
    repairs = answer["repairs"]
    assert 2 <= len(repairs) <= 3, repairs
    order = []
    for repair in repairs:
        after = configure(s, repair["selections"])
        assert after["consistent"] and after["price"]["total"] == repair["total"], repair
        assert after["lead"]["workingDays"] == repair["workingDays"], repair
        changed = {change["option"] for change in repair["changes"]}
        assert changed == departures(picks, repair["selections"]), repair
        for change in repair["changes"]:
            assert change["from"] == picks[change["option"]], change
        order.append((len(changed), repair["total"], repair["workingDays"]))
    assert order == sorted(order), order
    assert len({tuple(sorted(change["option"] for change in repair["changes"])) for repair in repairs}) == len(repairs)


def a_repair_can_keep_the_last_choice(s):
    for keep in CONFLICT:
        answer = configure(s, CONFLICT, ask={"repairs": 5, "keep": [keep]})
        assert answer["repairs"], answer
        for repair in answer["repairs"]:
            assert repair["selections"][keep] == CONFLICT[keep], repair
    assert "repairs" not in configure(s, CONFLICT, ask={"repairs": 0})
    assert "repairs" not in configure(s, CONFLICT, ask={"keep": list(CONFLICT)})


def counts_shrink_with_every_pick(s):
    free = configure(s, {})
    less = configure(s, {"capacity": "500"})
    assert int(free["configurations"]) > int(less["configurations"]) > 0
    parts = [int(configure(s, {"capacity": size})["configurations"])
             for size in free["options"]["capacity"]["choices"]]
    assert sum(parts) == int(free["configurations"]), parts
    for answer in (free, less):
        assert answer["priceRange"]["min"] <= answer["price"]["total"] <= answer["priceRange"]["max"], answer["priceRange"]
    assert less["priceRange"]["min"] >= free["priceRange"]["min"]


def completions_keep_their_promise(s):
    answer = configure(s, {"finish": "gloss"}, ask={"completions": ["default", "cheapest", "quickest"]})
    shown = answer["completions"]
    assert shown["default"]["selections"] == answer["completion"]
    assert shown["default"]["price"]["total"] == answer["price"]["total"]
    assert shown["cheapest"]["price"]["total"] == answer["priceRange"]["min"]
    days = [one["lead"]["workingDays"] for one in shown.values()]
    assert shown["quickest"]["lead"]["workingDays"] == min(days)
    for one in shown.values():
        assert one["selections"]["finish"] == "gloss" and configure(s, one["selections"])["consistent"]


def samples_are_valid_and_repeat_with_their_seed(s):
    asked = {"sample": {"count": 20, "seed": 7}}
    first = configure(s, {"finish": "gloss"}, ask=asked)["samples"]
    assert len(first) == 20 and first == configure(s, {"finish": "gloss"}, ask=asked)["samples"]
    assert first != configure(s, {"finish": "gloss"}, ask={"sample": {"count": 20, "seed": 8}})["samples"]
    for sample in first:
        assert sample["finish"] == "gloss" and configure(s, sample)["consistent"], sample
        assert not sample.get("photo"), "nobody can make up a picture"
    diverse = configure(s, {}, ask={"sample": {"count": 4, "diverse": True}})["samples"]
    gaps = [len(departures(a, b)) for i, a in enumerate(diverse) for b in diverse[:i]]
    uniform = configure(s, {}, ask={"sample": {"count": 4}})["samples"]
    assert min(gaps) >= min(len(departures(a, b)) for i, a in enumerate(uniform) for b in uniform[:i]), gaps


def a_goal_is_met_within_its_picks(s):
    free = configure(s, {}, ask={"completions": ["cheapest"]})
    budget = free["completions"]["cheapest"]["price"]["total"]
    goal = configure(s, {}, ask={"goal": {"maxPrice": budget, "picks": 50}})["goal"]
    assert goal["reached"] and goal["total"] <= budget, goal
    assert not configure(s, {}, ask={"goal": {"maxPrice": budget - 1, "picks": 50}})["goal"]["reached"]
    wish = configure(s, {}, ask={"goal": {"prefer": {"finish": "gloss"}, "picks": 3}})["goal"]
    assert wish["reached"] and wish["unmet"] == [] and wish["completion"]["finish"] == "gloss", wish
    assert len(wish["picks"]) <= 3 and configure(s, wish["picks"])["consistent"]


def what_a_conflict_leaves_unanswered_is_told(s):
    asked = {"repairs": 1, "completions": ["quickest", "cheapest"], "sample": {"count": 2}, "goal": {"maxPrice": 1}}
    answer = s.post("/v1/products/bottle/configure", {"selections": CONFLICT, "ask": asked}).json
    assert not answer["consistent"] and len(answer["repairs"]) == 1, answer
    assert answer["notAnswered"] == ["completions.cheapest", "completions.quickest", "samples", "goal"], answer
    answer = s.post("/v1/products/bottle/configure", {"selections": {"finish": "gloss"}, "ask": asked}).json
    assert answer["consistent"] and "notAnswered" not in answer and len(answer["samples"]) == 2, answer


def nonsense_is_refused(s):
    def refused(ask):
        return s.post("/v1/products/bottle/configure", {"selections": {}, "ask": ask})
    problem(refused({"keep": ["wings"]}), 422, "ask.invalid", ("/ask/keep/0", "ask.unknown_option"))
    problem(refused({"goal": {"shipBy": "1999-01-01"}}), 422, "ask.invalid", ("/ask/goal/shipBy", "ask.ship_by"))
    problem(refused({"goal": {"prefer": {"finish": "velvet"}}}), 422, "ask.invalid",
            ("/ask/goal/prefer/finish", "selection.unknown_choice"))
    for limit, ask in ((10, lambda n: {"repairs": n}), (50, lambda n: {"sample": {"count": n}})):
        assert refused(ask(limit)).status == 200
        problem(refused(ask(limit + 1)), 422, "request.invalid")
    problem(refused({"sample": {}}), 422, "request.invalid")
    problem(refused({"more": 1}), 422, "request.invalid")


def the_same_question_is_answered_in_the_same_bytes(s):
    first = s.post("/v1/products/bottle/configure", {"selections": {"finish": "gloss"}})
    again = s.post("/v1/products/bottle/configure", {"selections": {"finish": "gloss"}})
    assert first.text == again.text
    persian = s.post("/v1/products/bottle/configure", {"selections": {"finish": "gloss"}}, headers={"Accept-Language": "fa"})
    assert persian.json["locale"] == "fa"
    wrong = s.request("POST", "/v1/products/bottle/configure", b'{"selections": {"finish": "gloss"}}', {"Content-Type": "text/plain"})
    problem(wrong, 415, "http.media_type")


def rules_only(options, rules):
    title = {"en": "Sets"}
    return {"format": "cordwain-product/1", "rulesOnly": True, "id": "sets", "version": "1", "title": title, "locales": ["en"],
            "currency": "EUR", "basePrice": 1000, "markets": [{"id": "eu", "title": title}], "options": options, "rules": rules}


def many_sets_are_answered_in_time(s):
    """Which of 40 sets to change has more ways than can be looked at: said, not searched for ever."""
    title = {"en": "Set"}
    options = [{"id": f"m{i}", "kind": "multi", "title": title, "max": 2,
                "choices": [{"id": "a", "title": title}, {"id": "b", "title": title, "price": 7 * i + 1}]} for i in range(40)]
    few = {"id": "few", "kind": "cardinality", "message": {"en": "At most 20."}, "min": 0, "max": 20,
           "of": [{option["id"]: {"has": "a"}} for option in options]}
    with tempfile.TemporaryDirectory(prefix="cordwain-sets-") as folder:
        file = pathlib.Path(folder, "sets.json")
        file.write_text(json.dumps(rules_only(options, [few])))
        code, out, errors = run(s.binary, "configure", "--product", str(file),
                                stdin=json.dumps({option["id"]: ["a"] for option in options}).encode() + b"\n")
    answer = json.loads(out)
    assert code == 0 and not answer["consistent"] and answer["notExact"] == ["repairs"], (errors, answer.keys())
    assert [cause["rule"] for cause in answer["conflict"]["causes"]] == ["few"] and len(answer["conflict"]["picks"]) == 21


CASES = (many_sets_are_answered_in_time, a_conflict_names_picks_and_rules, every_repair_works_and_the_first_is_cheapest, a_repair_can_keep_the_last_choice,
         counts_shrink_with_every_pick, completions_keep_their_promise, samples_are_valid_and_repeat_with_their_seed,
         a_goal_is_met_within_its_picks, what_a_conflict_leaves_unanswered_is_told, nonsense_is_refused, the_same_question_is_answered_in_the_same_bytes)
