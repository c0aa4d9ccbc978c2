"""Answers since an earlier one: laid over it they are the whole answer."""
import json
import pathlib
import random

from server import problem

PRODUCTS = pathlib.Path(__file__).resolve().parents[2] / "schemas/products"


def over(old, new):
    """What a client does with an answer: the whole one, from the one before."""
    if "partial" not in new:
        return new
    options = dict(old["options"])
    for name, option in new["options"].items():
        choices = {**options[name].get("choices", {}), **option.get("choices", {})}
        options[name] = {**option, **({"choices": choices} if choices else {})}
    whole = {**new, "options": options, "reasons": {**old["reasons"], **new["reasons"]}}
    del whole["partial"]
    return whole


def rest(answer):
    """Without what only an answer with since has."""
    return {name: value for name, value in answer.items() if name not in ("answer", "partial")}


def told(answer):
    """The answer with each choice's reason in its place."""
    reasons = answer["reasons"]
    options = {name: {**option, "choices": {choice: {**state, "reason": reasons[state["reason"]]} if "reason" in state else state
                                            for choice, state in option.get("choices", {}).items()}}
               for name, option in answer["options"].items()}
    return {**{name: value for name, value in answer.items() if name != "reasons"}, "options": options}


def value(option, dice):
    if option["kind"] == "choice":
        return dice.choice(option["choices"])["id"]
    if option["kind"] == "multi":
        return [choice["id"] for choice in option["choices"] if dice.random() < 0.4]
    return dice.random() < 0.5 if option["kind"] == "flag" else dice.choice(("Ada", "", "12", "O'Neil"))


def walk(s, product, dice, steps, **same):
    """Random clicks, each since the one before; how many answers were partial, and bytes of these and of the whole."""
    options = [option for option in json.loads((PRODUCTS / f"{product}.json").read_text())["options"]
               if "derive" not in option and option["kind"] in ("choice", "multi", "flag", "text")]
    target, picks = f"/v1/products/{product}/configure", {}
    known, partial, short, long = s.post(target, {"selections": picks, "since": "", **same}).json, 0, 0, 0
    for _ in range(steps):
        before, picks = picks, dict(picks)
        option = dice.choice(options)
        if option["id"] in picks and dice.random() < 0.5:
            del picks[option["id"]]
        else:
            picks[option["id"]] = value(option, dice)
        answer, whole = (s.post(target, {"selections": picks, **more, **same}) for more in ({"since": known["answer"]}, {}))
        if answer.status == 422:  # a text the option does not take
            assert whole.status == 422
            picks = before
            continue
        known = over(known, answer.json)
        assert told(rest(known)) == told(whole.json), (product, before, picks)
        if "partial" in answer.json:
            partial, short, long = partial + 1, short + len(answer.body), long + len(whole.body)
    return partial, short, long


def laid_over_each_other_they_are_whole(s):
    dice = random.Random(11)
    for product in ("bottle", "court-sneaker", "gift-tag"):
        for same in ({}, {"locale": "fa", "quantity": 12}, {"market": "eu", "ask": {"completions": ["cheapest"]}}):
            partial, short, long = walk(s, product, dice, 40, **same)
            assert partial > 20, (product, same, partial)
            assert short < long / 2, (product, same, short, long)


def since_itself_nothing_changed(s):
    target = "/v1/products/bottle/configure"
    for selections in ({}, {"finish": "gloss", "capacity": "750"}, {"wrap_text": "Ada"}):
        whole = s.post(target, {"selections": selections}).json
        named = s.post(target, {"selections": selections, "since": ""}).json
        assert rest(named) == whole and "partial" not in named and "answer" not in whole, named
        again = s.post(target, {"since": named["answer"], "selections": selections}).json
        assert again == {**whole, "partial": True, "answer": named["answer"], "options": {}, "reasons": {}}, again


def names_are_of_what_was_answered(s):
    """The same picks in another quantity, language, market or with another body are other answers, or the same one."""
    target, body = "/v1/products/bottle/configure", {"selections": {"capacity": "1000", "finish": "gloss"}, "since": ""}
    name = s.post(target, body).json["answer"]
    assert s.post(target, dict(reversed(body.items()))).json["answer"] == name
    assert s.post(target, {**body, "ask": {"repairs": 1}}).json["answer"] == name
    others = [s.post(target, {**body, **more}).json["answer"] for more in
              ({"quantity": 3}, {"locale": "zh"}, {"market": "uk"}, {"selections": {"capacity": "1000"}})]
    assert len({name, *others}) == 5, (name, others)


def what_nobody_remembers_is_answered_whole(s):
    body = {"selections": {"capacity": "1000"}}
    whole = s.post("/v1/products/bottle/configure", body).json
    for _ in range(2):
        answer = s.post("/v1/products/bottle/configure", {**body, "since": "0123456789abcdef" * 2}).json
        assert rest(answer) == whole and "partial" not in answer and len(answer["answer"]) == 32, answer
    other = s.post("/v1/products/court-sneaker/configure", {"selections": {}, "since": ""}).json["answer"]
    assert rest(s.post("/v1/products/bottle/configure", {**body, "since": other}).json) == whole


def with_overlays_it_is_whole(s):
    overlay = json.loads((PRODUCTS / "bottle.json").read_text())["overlays"][0]["id"]
    body = {"selections": {"capacity": "750"}, "overlays": [overlay]}
    whole = s.post("/v1/products/bottle/configure", body).json
    name = s.post("/v1/products/bottle/configure", {"selections": {"capacity": "750"}, "since": ""}).json["answer"]
    for since in ("", name):
        assert s.post("/v1/products/bottle/configure", {**body, "since": since}).json == whole


def since_is_a_name(s):
    target = "/v1/products/bottle/configure"
    for since in ("x", "0" * 31, "0" * 33, "0" * 31 + "A", None, {}, 1):
        problem(s.post(target, {"selections": {}, "since": since}), 422, "request.invalid")
    problem(s.post("/v1/designs", {"product": "bottle", "selections": {}, "since": ""}), 422, "request.invalid")


CASES = (laid_over_each_other_they_are_whole, since_itself_nothing_changed, names_are_of_what_was_answered,
         what_nobody_remembers_is_answered_whole, with_overlays_it_is_whole, since_is_a_name)
