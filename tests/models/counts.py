#!/usr/bin/env python3
"""Public feature models, imported and compiled: configurations, core and dead features exactly as published. And the demo
products as UVL and back.

Reads $CORDWAIN_SUITES/config-models (default ../shared/suites beside the repository): every model as DIMACS and, where
there is one, as UVL. Needs the release build in $CORDWAIN_BUILD with tests/models/model_facts.
Prints 'ok - name', 'not ok - name: why' or 'skip - name: why' per case; exit 1 when one failed.
"""
import csv
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import suites  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("CORDWAIN_BUILD", ROOT / "build"))
MODELS = suites.SUITES / "config-models"
HARD = "linux_2.6.33.3"  # nobody counts it: it must stop at its budget
HARD_BUDGET_MS = 1000
failed = 0


def case(name, function):
    """One case: the function raises AssertionError with the reason."""
    global failed
    try:
        told = function()
        print(f"ok - {name}{': ' + told if told else ''}", flush=True)
    except AssertionError as problem:
        failed += 1
        print(f"not ok - {name}: {problem}", flush=True)


def run(*command, budget_ms=None):
    """Standard output of one of our programs."""
    environment = dict(os.environ, **({"CORDWAIN_BUDGET_MS": str(budget_ms)} if budget_ms else {}))
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, f"{command[0]} ended with {done.returncode}: {done.stderr[-300:]}"
    return done.stdout


def expected():
    """(instance, format) -> (configurations, core, dead)."""
    with open(MODELS / "counts.tsv", encoding="utf-8") as table:
        rows = list(csv.reader(table, delimiter="\t"))[1:]
    wanted = {}
    for row in rows:
        for folder in ("dimacs", "uvl"):
            if (MODELS / folder / f"{row[0]}.{folder}").exists():
                wanted[row[0], folder] = (row[3], int(row[6]), int(row[7]))
    # The UVL of this one has 13 variables less: its own count is told in words.
    words = (MODELS / "README.md").read_text(encoding="utf-8")
    own = re.search(r"`pc_richmond\.uvl`, whose count is (\d+)", words)
    assert own, "the README does not tell the count of pc_richmond.uvl"
    wanted["pc_richmond", "uvl"] = (own.group(1), *wanted["pc_richmond", "uvl"][1:])
    return wanted


def imported(folder, instance, form):
    document = folder / f"{instance}.{form}.json"
    run(BUILD / "cordwain", "product", "import", f"--{form}", MODELS / form / f"{instance}.{form}", "-o", document)
    return document


def check_count(document, wanted):
    facts = json.loads(run(BUILD / "tests/models/model_facts", document))
    assert facts["outcome"] == "compiled", facts
    found = (facts["configurations"], facts["forced"], facts["dead"])
    assert found == wanted, f"{found} instead of {wanted}"
    return f"{facts['compileMilliseconds']} ms, {facts['nodes']} nodes, {facts['artefactBytes']} bytes"


def check_by_command(document, wanted):
    """What `cordwain product check` tells people and programs; the rules are compiled in a process of their own."""
    told = json.loads(run(BUILD / "cordwain", "product", "check", "--json", "--budget-ms", "60000", document))
    found = (told["configurations"], len(told["forcedChoices"]), len(told["deadChoices"]))
    assert told["outcome"] == "compiled" and found == wanted, f"{told['outcome']} {found} instead of {wanted}"


def check_hard_by_command(document):
    """Falls back, and still answers validity: the root is always there."""
    began = time.monotonic()
    told = json.loads(run(BUILD / "cordwain", "product", "check", "--json", "--budget-ms", HARD_BUDGET_MS, document))
    took_s = time.monotonic() - began
    assert told["outcome"] == "sat_fallback", told["outcome"]
    done = subprocess.run([BUILD / "cordwain", "configure", "--product", document], input='{}\n{"v3": true}\n{"v1": false}\n',
                          capture_output=True, text=True, check=False)
    answers = [json.loads(line)["consistent"] for line in done.stdout.splitlines()]
    assert answers == [True, True, False], f"{answers} {done.stderr[-300:]}"
    return f"{took_s:.1f} s"


def check_hard(document):
    began = time.monotonic()
    facts = json.loads(run(BUILD / "tests/models/model_facts", document, budget_ms=HARD_BUDGET_MS))
    took_s = time.monotonic() - began
    assert facts["outcome"] == "over_budget", facts
    return f"stopped after {facts['compileMilliseconds']} ms, all in all {took_s:.1f} s"


def check_stable(folder, instance, form):
    """The same model gives the same bytes."""
    first = imported(folder, instance, form).read_bytes()
    assert first == imported(folder, instance, form).read_bytes(), "two imports differ"


def there_and_back(folder, document):
    """What was exported, imported again."""
    model, again = folder / "again.uvl", folder / "again.json"
    run(BUILD / "cordwain", "product", "export", "--uvl", document, "-o", model)
    run(BUILD / "cordwain", "product", "import", "--uvl", model, "-o", again)
    return again


def check_round_trip(folder, document, wanted):
    """Imported, exported and imported again: the same figures."""
    facts = json.loads(run(BUILD / "tests/models/model_facts", there_and_back(folder, document)))
    found = (facts["configurations"], facts["forced"], facts["dead"])
    assert found == wanted, f"{found} instead of {wanted}"


def feature_names(product):
    """Pointer of each flag and choice -> the feature it becomes; and the features that only hold others (cli: English
    titles where they are free, else ids)."""
    names, holders, taken = {}, set(), set()

    def name(title, spare):
        found = title["en"] if title["en"] not in taken else spare
        taken.add(found)
        return found

    holders.add(name(product["title"], product["id"]))
    for o, option in enumerate(product["options"]):
        own = name(option["title"], option["id"])
        if option["kind"] == "flag":
            names[f"/options/{o}"] = own
        else:
            holders.add(own)
        for c, choice in enumerate(option.get("choices", ())):
            names[f"/options/{o}/choices/{c}"] = name(choice["title"], f"{option['id']}-{choice['id']}")
    return names, holders


def titles_at(document, pointers):
    """English titles of the flags and choices at these places of an imported document."""
    found = set()
    for pointer in pointers:
        at = document
        for key in pointer.split("/")[1:]:
            at = at[int(key) if isinstance(at, list) else key]
        found.add(at["title"]["en"])
    return found


def check_product_round_trip(folder, file):
    """A product as UVL and back: the same count; each flag and choice is forced or dead there exactly when it is here."""
    again = there_and_back(folder, file)
    told = [json.loads(run(BUILD / "cordwain", "product", "check", "--json", document)) for document in (file, again)]
    names, holders = feature_names(json.loads(file.read_text(encoding="utf-8")))
    back = json.loads(again.read_text(encoding="utf-8"))
    assert told[0]["configurations"] == told[1]["configurations"], [t["configurations"] for t in told]
    assert int(told[0]["configurations"]) > 0 and len(names) > 2
    for member in ("forcedChoices", "deadChoices"):
        here = {names[pointer] for pointer in told[0][member]}
        there = titles_at(back, told[1][member])
        assert there - holders == here, f"{member}: {(there - holders) ^ here}"
    return f"{len(names)} flags and choices"


def public_models(folder):
    for (instance, form), wanted in expected().items():
        document = imported(folder, instance, form)
        if instance == HARD:
            case(f"{instance} from {form} stops at its budget", lambda: check_hard(document))
            case(f"{instance} from {form} falls back", lambda: check_hard_by_command(document))
            continue
        case(f"{instance} from {form}", lambda: check_count(document, wanted))
        case(f"{instance} from {form}, product check", lambda: check_by_command(document, wanted))
        if form == "uvl":
            case(f"{instance} imports to the same bytes", lambda: check_stable(folder, instance, form))
            case(f"{instance} there and back", lambda: check_round_trip(folder, document, wanted))


def main():
    with tempfile.TemporaryDirectory(prefix="cordwain-models-") as name:
        folder = pathlib.Path(name)
        for file in sorted((ROOT / "schemas/products").glob("*.json")):
            case(f"{file.stem} as UVL and back", lambda: check_product_round_trip(folder, file))
        if suites.there("config-models"):
            public_models(folder)
    sys.exit(1 if failed else 0)


main()
