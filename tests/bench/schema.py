"""JSON Schema: our compiled validation beside ajv's compiled one, in one run on the same documents; parsing apart.

CPU time of one process each, after warming up; neither parses while it validates. Ours: tests/schema/schema_pairs of the
release build in build; ajv as pinned in tests/schema. Called by bench.py.
"""
import json
import pathlib
import subprocess

import rules

ROOT = pathlib.Path(__file__).resolve().parents[2]
PEERS = ROOT / "tests/schema"
OPTIONS = 20


def selection():
    """A plain schema of a 20-option selection with a valid instance: choices, numbers, flags, a text, two rules."""
    properties, picks = {}, {}
    for i in range(OPTIONS - 6):
        choices = [f"choice-{i}-{k}" for k in range(12)]
        properties[f"part_{i}_colour"], picks[f"part_{i}_colour"] = {"enum": choices}, choices[(7 * i) % 12]
    for i in range(3):
        properties[f"flag_{i}"], picks[f"flag_{i}"] = {"type": "boolean"}, i == 1
    for i in range(2):
        properties[f"length_{i}"] = {"type": "integer", "minimum": 10, "maximum": 200, "multipleOf": 5}
        picks[f"length_{i}"] = 40 + 5 * i
    properties["name"], picks["name"] = {"type": "string", "maxLength": 12, "pattern": "^[A-Z ]*$"}, "ADA LOVELACE"
    rule = {"if": {"properties": {"flag_1": {"const": True}}}, "then": {"properties": {"length_0": {"maximum": 100}}}}
    no = {"not": {"properties": {"flag_0": {"const": True}, "flag_2": {"const": True}}}}
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False,
            "allOf": [rule, no]}, picks


def measure(bench):
    made = {}
    for name, value in zip(("schema", "instance"), selection()):
        made[name] = pathlib.Path(bench.folder, f"selection-{name}.json")
        made[name].write_text(json.dumps(value))
    if not (PEERS / "node_modules/ajv").is_dir():
        subprocess.run(["npm", "--prefix", str(PEERS), "ci", "--no-audit", "--no-fund"], check=False, capture_output=True)
    cases = {"product document": (ROOT / "schemas/product.schema.json", ROOT / "schemas/products/court-sneaker.json"),
             "20-option selection": (made["schema"], made["instance"])}
    for title, files in cases.items():
        commands = {"ours": (rules.BUILD / "tests/schema/schema_pairs", "--time", *files),
                    "ajv": ("node", PEERS / "peers.mjs", "--time", *files)}
        told = {who: [] for who in commands}
        for _ in range(bench.options.runs):
            for who, command in commands.items():  # in turn, so that what else the machine does meets both
                answer = rules.run(*command)
                if answer:
                    told[who].append(json.loads(answer))
        if not all(len(runs) == bench.options.runs for runs in told.values()):
            print(f"   schema {title}: not measured, {' and '.join(who for who in told if not told[who])} did not run",
                  flush=True)
            continue
        for who, runs in told.items():
            for member, what in (("validateNs", "validate"), ("parseNs", "parse")):
                bench.add(f"schema {title}: {what}, {who}", "us", [run[member] / 1000 for run in runs])
        bench.add(f"schema {title}: validations for one of ajv", "x",
                  [theirs["validateNs"] / ours["validateNs"] for theirs, ours in zip(told["ajv"], told["ours"])],
                  goal=">= 1")
