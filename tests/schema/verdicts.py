#!/usr/bin/env python3
"""Verdicts of our validator against ajv and @hyperjump/json-schema: the JSON Schema Test Suite's draft 2020-12 files and random
schemas with instances near them. Every difference must stand in known.txt with its reason, and every line of the suite must still happen (which random ones do depends on the seed and their number).

CORDWAIN_LONG=1: 10^5 random pairs, else 4,000; CORDWAIN_SEED: another seed than 1.
Prints TAP-like lines; exit 1 on a difference nobody explained. npm installs the pinned peers when they are missing.
"""
import collections
import json
import os
import pathlib
import sys

import generate
from validators import HERE, ROOT, both, install, run

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import suites  # noqa: E402

SUITE = suites.SUITES / "json-schema-test-suite"
LONG = bool(os.environ.get("CORDWAIN_LONG"))
SEED = int(os.environ.get("CORDWAIN_SEED", "1"))
PER_SCHEMA = 20
SCHEMAS = 5000 if LONG else 200
PEERS = ("ajv", "hyperjump")


def read_known():
    """{what: reason}: lines "peer: what | reason"; `suite:` cases by their name, `random:` by the rule() below."""
    known = {}
    for line in (HERE / "known.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            what, reason = line.split(" | ")
            known[what] = reason
    return known


# ---- the suite ---------------------------------------------------------------------------------------------------

def remotes():
    found = {}
    for path in sorted((SUITE / "remotes").rglob("*.json")):
        where = path.relative_to(SUITE / "remotes").as_posix()
        if not where.startswith(("draft3/", "draft4/", "draft6/", "draft7/", "draft2019-09/", "v1/")):
            found[f"http://localhost:1234/{where}"] = json.loads(path.read_text())
    return found


def suite_lines():
    for path in sorted((SUITE / "tests/draft2020-12").glob("*.json")):
        for group in json.loads(path.read_text()):
            tests = group["tests"]
            yield {"schema": group["schema"], "instances": [test["data"] for test in tests],
                   "names": [f"{path.name}: {group['description']}: {test['description']}" for test in tests],
                   "wanted": "".join(str(int(test["valid"])) for test in tests)}


def suite():
    lines = list(suite_lines())
    differences, compared = collections.Counter(), 0
    for line, ours, *peers in both([{"refs": remotes()}] + lines):
        assert ours == line["wanted"], f"{line['names'][0]}: ours {ours}, wanted {line['wanted']}"
        for peer, theirs in zip(PEERS, peers):
            for i, name in enumerate(line["names"]):
                compared += 1
                if theirs == "refused" or theirs[i] != ours[i]:
                    differences[f"{peer}: suite: {name}"] += 1
    return differences, f"{compared} comparisons"


# ---- random pairs ------------------------------------------------------------------------------------------------

def words(schema, found=None):
    """Every keyword used anywhere."""
    found = set() if found is None else found
    if isinstance(schema, dict):
        found.update(schema)
        for member in schema.values():
            words(member, found)
    elif isinstance(schema, list):
        for item in schema:
            words(item, found)
    return found


def rule(least):
    """The rule of ajv's that makes a difference, told by what is left of the pair when nothing more can be cut away: every keyword
    there takes part. None: nobody knows."""
    used, text = words(least["schema"]), json.dumps(least["instance"])
    unevaluated = used & {"unevaluatedItems", "unevaluatedProperties"}
    if least["said"][0] == "t":
        return next((f"throws beside {word}" for word in ("patternProperties", "dependentSchemas") if word in used), None)
    if unevaluated and "contains" in used:
        return "contains beside unevaluatedItems"
    if unevaluated and used & {"anyOf", "oneOf", "if"}:
        forgets = least["said"] == "01" and "not" not in used
        return "forgets what a passing branch has evaluated" if forgets else "keeps what a failing branch has evaluated"
    return "contains on an empty array" if "contains" in used and "[]" in text else None


def explain(peer, pairs):
    """{rule or pair: times}. Nothing explains a difference with hyperjump, nor one where both peers are of another mind than we:
    such a pair stands for itself. Of pairs with one schema and one verdict the first is cut down for all."""
    found, kinds = collections.Counter(), collections.defaultdict(list)
    for schema, instance, verdicts in pairs:
        if peer == "ajv" and verdicts[0] == verdicts[2]:
            kinds[json.dumps([schema, verdicts])].append([schema, instance, verdicts])
        else:
            found[f"{peer}: random: {json.dumps([schema, instance, verdicts])}"] += 1
    firsts = [{"schema": same[0][0], "instance": same[0][1]} for same in kinds.values()]
    for same, least in zip(kinds.values(), run(["node", HERE / "peers.mjs", "--shrink"], firsts)):
        why = rule(json.loads(least))
        found[f"{peer}: random: {why or least}"] += len(same)
    return found


def random_pairs():
    differences, pairs, split = collections.defaultdict(list), 0, collections.Counter()
    for line, *answers in both(list(generate.lines(SEED, SCHEMAS, PER_SCHEMA))):
        pairs += len(line["instances"])
        answers = [answer if len(answer) == PER_SCHEMA else "r" * PER_SCHEMA for answer in answers]
        split.update(answers[0])
        for i, verdicts in enumerate(zip(*answers)):
            for peer, theirs in zip(PEERS, verdicts[1:]):
                if theirs != verdicts[0]:
                    differences[peer].append((line["schema"], line["instances"][i], "".join(verdicts)))
    assert split["1"] and split["0"] and not split["!"] and not split["r"], f"a poor lot: {dict(split)}"
    explained = collections.Counter()
    for peer, found in differences.items():
        explained.update(explain(peer, found))
    return explained, f"{pairs} pairs, {split['1']} valid, {split['0']} invalid"


def judge(name, part, function, known):
    differences, told = function()
    unexplained = [what for what in differences if what not in known]
    stale = [what for what in known if part == "suite" and ": suite: " in what and what not in differences]
    for what in unexplained[:int(os.environ.get("CORDWAIN_SHOW", "10"))]:
        print(f"# unexplained: {what}")
    for what in stale:
        print(f"# no difference any more: {what}")
    bad = bool(unexplained or stale)
    print(f"{'not ok' if bad else 'ok'} - {name}: {told}, {sum(differences.values())} differences, "
          f"{len(unexplained)} unexplained", flush=True)
    return bad


def main():
    install()
    known = read_known()
    bad = False
    if suites.there("json-schema-test-suite"):
        bad = judge("schema suite as ajv and hyperjump", "suite", suite, known)
    bad = judge("random schemas as ajv and hyperjump", "random", random_pairs, known) or bad
    sys.exit(bad)


main()
