#!/usr/bin/env python3
"""The selection schema of a product against the engine: ajv, @hyperjump/json-schema and our own validator accept exactly the
selections that `configure` calls complete and fills nothing into; valid ones, made by the engine, and changed ones.

Where a schema's $comment leaves something out (or the engine refuses a text for what no schema sees) only one direction must hold:
it refuses nothing the engine accepts. Products: the demo products, the examples of docs/reference/rule-language.md, random documents
with every kind of rule (tests/oracle/brute.py), sums too long to be said, imported models. CORDWAIN_LONG=1: ten times the selections.
"""
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import time

from validators import BUILD, ROOT, both, install

sys.path[:0] = [str(ROOT / "tests/oracle"), str(ROOT / "tests/support")]
import brute  # noqa: E402
import suites  # noqa: E402

TIMES = 10 if os.environ.get("CORDWAIN_LONG") else 1
WHOLE = "letters and width can be made."
TEXTS = (*["Ada", "MAYA"] * 8, "a", "MAYA 7", " Ada", "A  B", "A\tB", "0123456789" * 7, "e\u0301" * 40, "Zo\u00eb", "")


def cordwain(*words, lines=None, codes=(0,)):
    text = None if lines is None else "".join(json.dumps(line) + "\n" for line in lines)
    done = subprocess.run([str(BUILD / "cordwain"), *map(str, words)], input=text, capture_output=True, text=True, check=False)
    assert done.returncode in codes, f"{words} ended with {done.returncode}: {done.stderr[-500:]}"
    return done.stdout


def configure(file, lines):
    return [json.loads(line) for line in cordwain("configure", "--product", file, lines=lines, codes=(0, 1)).splitlines()]


# ---- selections --------------------------------------------------------------------------------------------------

def value(rng, option):
    """A value of the option, now and then one it does not have."""
    wrong = rng.random() < 0.1
    kind = option["kind"]
    if kind == "choice":
        return rng.choice(["nothing-like-it", 7, None, ["x"]]) if wrong else rng.choice(option["choices"])["id"]
    if kind == "multi":
        ids = [choice["id"] for choice in option["choices"]]
        picked = rng.sample(ids, rng.randint(0, min(len(ids), 3)))
        return rng.choice([picked + picked[:1], ["nothing-like-it"], "x"]) if wrong else picked
    if kind == "flag":
        return rng.choice(["true", 1, None]) if wrong else rng.random() < 0.5
    if kind == "number":
        steps = (option["max"] - option["min"]) // option.get("step", 1)
        whole = option["min"] + rng.randint(0, steps) * option.get("step", 1)
        return rng.choice([option["max"] + option.get("step", 1), option["min"] - 1, whole + 0.5, "1"]) if wrong else whole
    if kind == "artwork":  # no picture; which there are a schema does not know
        return rng.choice([7, "x", []]) if wrong else None
    return rng.choice([7, None]) if wrong else rng.choice(TEXTS)


def changed(rng, options, selection):
    """The selection with one to three members changed, taken away or added."""
    made = dict(selection)
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        option = rng.choice(options)
        what = rng.random()
        if what < 0.15:
            made.pop(option["id"], None)
        elif what < 0.17:
            made["no-such-option"] = True
        else:
            made[option["id"]] = value(rng, option)
    return made


def pickable(document):
    return [option for option in document["options"] if "derive" not in option]


def complete_ones(rng, file, document, count):
    """What the engine makes of random picks, as long as they go together."""
    options = pickable(document)
    asked = []
    for _ in range(2 * count):
        some = rng.sample(options, rng.randint(0, len(options) if len(options) < 8 else 4))
        asked.append({option["id"]: value(rng, option) for option in some})
    derived = {option["id"] for option in document["options"] if "derive" in option}
    found = []
    for answer in configure(file, asked):
        if answer.get("consistent"):
            found.append({name: picked for name, picked in answer["completion"].items() if name not in derived})
    return found[:count]


# ---- verdicts ----------------------------------------------------------------------------------------------------

def same(document, selection, completion):
    """Nothing was filled in: members that are no texts are there with equal values, sets in any order; null is no picture."""
    kinds = {option["id"]: option["kind"] for option in pickable(document)}

    def plain(values):
        return {name: sorted(picked) if kinds[name] == "multi" else picked for name, picked in values.items()
                if kinds.get(name, "text") != "text" and picked is not None}
    return plain(selection) == plain(completion)


def engine(file, document, selections):
    """Per selection "1", "0", or "t": refused for its text only, by what a schema does not see."""
    texts = [option["id"] for option in pickable(document) if option["kind"] == "text"]
    asked = [{**{name: "" for name in texts}, **selection} for selection in selections]
    for selection, answer in zip(selections, configure(file, asked)):
        if "errors" in answer:
            codes = {error["code"] for error in answer["errors"]}
            yield "t" if codes <= {"text.pattern", "text.script", "text.space", "text.too_long"} else "0"
        elif not answer["consistent"] or not same(document, selection, answer["completion"]):
            yield "0"
        else:
            errors = {issue["code"] for issue in answer["issues"] if issue["severity"] == "error"}
            yield "1" if answer["complete"] else "t" if all(code.startswith("text.") for code in errors) else "0"


def asked(file, document, count, seed, exact):
    """The schema with instances and the engine's verdicts. exact: True when the schema must say everything, False when it must
    not, None when either will do."""
    rng = random.Random(seed)
    schema = json.loads(cordwain("product", "export", "--selection-schema", file))
    whole = schema["$comment"].endswith(WHOLE)
    assert exact is None or whole == exact, f"{file}: {schema['$comment']}"
    found = complete_ones(rng, file, document, count // 2)
    options = pickable(document)
    instances = found + [changed(rng, options, rng.choice(found)) for _ in range(count - len(found) if found else 0)]
    return {"schema": schema, "instances": instances, "file": str(file), "whole": whole,
            "verdicts": "".join(engine(file, document, instances))}


def compare(lines):
    """Counts of selections, valid ones, invalid ones; asserts that nobody is of another mind than the engine."""
    verdicts = ""
    for line, *said in both(lines):
        verdicts += line["verdicts"]
        for who, theirs in zip(("ours", "ajv", "hyperjump"), said):
            assert len(theirs) == len(line["verdicts"]), f"{who}: {theirs} of {line['file']}"
            for instance, mine, verdict in zip(line["instances"], theirs, line["verdicts"]):
                wrong = mine == "0" if verdict == "1" else mine == "1" and verdict == "0" and line["whole"]
                assert not wrong and mine in "01", \
                    f"{who} says {mine}, the engine {verdict}: {json.dumps(instance)} of {line['file']}"
    return len(verdicts), verdicts.count("1"), verdicts.count("0")


# ---- products ----------------------------------------------------------------------------------------------------

def examples():
    """The documents of the rule language's page: the bike with each example's members."""
    blocks = re.findall(r"```json\n(.*?)```", (ROOT / "docs/reference/rule-language.md").read_text(), re.S)
    bike = json.loads(blocks[0])
    for block in blocks[1:]:
        example = json.loads(block)
        yield {**bike, **{name: example[name] for name in ("rules", "overlays") if name in example},
               "options": bike["options"] + example.get("options", []), "tests": []}


def number(name, most):
    return {"id": name, "kind": "number", "title": {"en": name}, "min": 0, "max": most, "default": 0, "attributes": {"w": 3}}


def long_sum(kind):
    """Rules that are too much to be said: two numbers of long ranges; sums that are all different; an offset step."""
    flags = [{"id": f"f{i}", "kind": "flag", "title": {"en": f"f{i}"}, "attributes": {"w": 3 ** i}} for i in range(12)]
    options = {"numbers": [number("a", 500), number("b", 700)], "states": flags,
               "step": [{**number("a", 60), "min": 1, "max": 61, "step": 5, "default": 1}]}[kind]
    rules = [{"id": "much", "kind": "sum", "message": {"en": "m"}, "attribute": "w", "of": [o["id"] for o in options],
              "op": "<=", "value": {"numbers": 900, "states": 3 ** 11, "step": 90}[kind]}]
    return {"format": "cordwain-product/1", "rulesOnly": True, "id": "long", "version": "1", "title": {"en": "Long"},
            "locales": ["en"], "options": options, "rules": rules}


def texts():
    """What is told of texts: lengths, blanks, plain patterns; presence in rules and by requiredIf and activeIf."""
    def text(name, **more):
        return {"id": name, "kind": "text", "title": {"en": name}, "maxGraphemes": 12, "scripts": ["Latn"], **more}
    return {"format": "cordwain-product/1", "rulesOnly": True, "id": "texts", "version": "1", "title": {"en": "Texts"},
            "locales": ["en"], "options": [
                {"id": "wish", "kind": "flag", "title": {"en": "W"}}, {"id": "gold", "kind": "flag", "title": {"en": "G"}},
                text("name", required=True, pattern="[A-Z][A-Za-z ]{0,20}"), text("note", requiredIf={"gold": True}),
                text("motto", activeIf={"wish": True}, required=True), text("code", pattern="(?:[A-Z]+|[0-9]+)")],
            "rules": [{"id": "r", "kind": "excludes", "message": {"en": "m"},
                       "all": [{"note": {"present": True}}, {"motto": {"present": True}}]}]}


def several(folder, documents, count, exact=None):
    lines = []
    for seed, document in enumerate(documents):
        file = folder / f"product-{seed}.json"
        file.write_text(json.dumps(document), encoding="utf-8")
        lines.append(asked(file, document, count * TIMES, seed, exact))
    return compare(lines)


def model(folder, name, count):
    file = folder / "model.json"
    cordwain("product", "import", "--uvl" if name.endswith("uvl") else "--dimacs", suites.SUITES / "config-models" / name, "-o", file)
    return compare([asked(file, json.loads(file.read_text()), count * TIMES, 1, None)])


def demo(name):
    file = ROOT / f"schemas/products/{name}.json"
    return compare([asked(file, json.loads(file.read_text()), 10000, 1, True)])


def main():
    install()
    bad = False
    with tempfile.TemporaryDirectory(prefix="cordwain-selections-") as name:
        folder = pathlib.Path(name)
        cases = [(product, lambda product=product: demo(product)) for product in ("bottle", "court-sneaker", "gift-tag")]
        cases += [("examples of the rule language", lambda: several(folder, examples(), 100)),
                  ("random documents", lambda: several(folder, (brute.Maker(random.Random(i)).document() for i in range(20 * TIMES)), 100 // TIMES)),
                  ("texts", lambda: several(folder, [texts()], 1000)),
                  ("sums too long to be said", lambda: several(folder, map(long_sum, ("numbers", "states", "step")), 300, False))]
        if suites.there("config-models"):
            cases += [(name, lambda name=name: model(folder, name, 200)) for name in
                      ("uvl/eshop.uvl", "uvl/pc_richmond.uvl", "dimacs/berkeleydb76.dimacs")]
        for title, function in cases:
            began = time.monotonic()
            try:
                count, valid, invalid = function()
                assert valid > count / 10 and invalid > count / 10, f"a poor lot: {valid} valid, {invalid} invalid of {count}"
                print(f"ok - selection schema: {title}: {count} selections, {valid} valid, {invalid} invalid, {time.monotonic() - began:.0f} s", flush=True)
            except AssertionError as problem:
                bad = True
                print(f"not ok - selection schema: {title}\n# {problem}", flush=True)
    sys.exit(bad)


main()
