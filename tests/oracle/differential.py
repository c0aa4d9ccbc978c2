#!/usr/bin/env python3
"""Random partial selections: what our engine says, against programs that share nothing with it.

Public models (DIMACS, from $CORDWAIN_SUITES/config-models): consistency and the state of every value against CaDiCaL, which
reads the model itself (judge_cnf.c), and against clasp's brave and cautious consequences; conflicts are minimal, repairs work
and change as little as can be. Random product documents: all that, exact counts and prices, against all configurations, found by
trying everything (brute.py).
CORDWAIN_LONG=1: 10^5 selections and more; else what fits into a minute. Prints TAP-like lines; exit 1 on a mismatch.
"""
import itertools
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile

import brute

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import suites  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("CORDWAIN_BUILD", ROOT / "build"))
MODELS = suites.SUITES / "config-models"
LONG = bool(os.environ.get("CORDWAIN_LONG"))
# model: selections in a short run, in a long run, claims about states asked per selection (0: all)
SHARES = {"berkeleydb76": (1000, 25000, 0), "eshop": (1000, 20000, 0), "pc_richmond": (300, 12000, 60),
          "kconfig_uclibc": (300, 12000, 60), "busybox_1.18.0": (100, 6000, 40), "automotive01": (60, 2500, 30),
          "financialservices_2018-05-09": (40, 3000, 30), "cdl_ea2468": (20, 1500, 30)}
PRODUCTS, PER_PRODUCT, PER_PRODUCT_LONG = 200, 60, 200
CLASP_SELECTIONS = 2
failed = selections = comparisons = 0


def case(name, function):
    global failed
    try:
        print(f"ok - {name}: {function()}", flush=True)
    except AssertionError as problem:
        failed += 1
        print(f"not ok - {name}: {problem}", flush=True)


def run(*command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command[0]} ended with {done.returncode}: {done.stderr[-300:]}"
    return done.stdout


# ---- public models -----------------------------------------------------------------------------------------------

def against_cadical(instance, document, count, checks):
    """The subject's answers go straight into the judge."""
    global selections, comparisons
    with subprocess.Popen([BUILD / "tests/oracle/subject", document, "1", str(count)], stdout=subprocess.PIPE) as subject:
        judge = subprocess.run([BUILD / "tests/oracle/judge_cnf", MODELS / "dimacs" / f"{instance}.dimacs", str(checks)],
                               stdin=subject.stdout, capture_output=True, text=True, check=False)
    found = re.search(r"selections (\d+) comparisons (\d+) mismatches (\d+)", judge.stdout)
    assert found and subject.returncode == 0, f"{judge.stdout[-300:]} {judge.stderr[-300:]}"
    selections += int(found.group(1))
    comparisons += int(found.group(2))
    assert judge.returncode == 0 and found.group(1) == str(count), judge.stdout[:600]
    return f"{found.group(1)} selections, {found.group(2)} comparisons"


def consequences(model, mode):
    """Positive literals of clasp's brave or cautious consequences; None when there is no model."""
    done = subprocess.run(["clasp", f"--enum-mode={mode}", "0", model, "--quiet=1", "--outf=1"], capture_output=True,
                          text=True, check=False)
    if "UNSATISFIABLE" in done.stdout:
        return None
    lines = [line for line in done.stdout.splitlines() if line.startswith("v ")]
    assert lines, f"clasp: {done.stdout[-300:]}{done.stderr[-300:]}"
    return {int(word) for line in lines for word in line[2:].split() if int(word) > 0}


def against_clasp(instance, document, folder):
    """Plain states of what is not picked: possible is brave, forced is cautious."""
    global selections, comparisons
    text = (MODELS / "dimacs" / f"{instance}.dimacs").read_text(encoding="utf-8")
    header = re.search(r"^p cnf (\d+) (\d+)$", text, re.M)
    done = 0
    for block in blocks(run(BUILD / "tests/oracle/subject", document, "7", str(CLASP_SELECTIONS), "4")):
        picks = [option + 1 if value else -option - 1 for option, value in block["P"]]
        model = folder / "picked.dimacs"
        model.write_text(text[:header.start()] + f"p cnf {header.group(1)} {int(header.group(2)) + len(picks)}\n" +
                         text[header.end():] + "".join(f"{pick} 0\n" for pick in picks), encoding="utf-8")
        brave, cautious = consequences(model, "brave"), consequences(model, "cautious")
        selections += 1
        assert (brave is not None) == block["C"], f"consistent with {picks}"
        for v in range(1, int(header.group(1)) + 1):
            if brave is None or v in map(abs, picks):
                continue
            states = (block["D"][2 * v - 2], block["D"][2 * v - 1])
            assert states == ("1" if v not in cautious else "0", "1" if v in brave else "0"), \
                f"variable {v} with {picks}: {states}"
            done += 2
    comparisons += done
    return f"{CLASP_SELECTIONS} selections, {done} comparisons"


# ---- random products ---------------------------------------------------------------------------------------------

def blocks(answers):
    """The subject's lines, a selection each."""
    block = {}
    for line in answers.splitlines():
        name, rest = line[0], line[2:]
        if name == "P":
            block = {"P": picks_of(rest.split()), "R": []}
        elif name == "R":
            block["R"].append((int(rest.split()[0]), picks_of(rest.split()[1:])))
        elif name == ".":
            yield block
        else:
            block[name] = rest == "1" if name == "C" else rest


def picks_of(words):
    return [tuple(int(part) for part in word.split("=")) for word in words]


class Everything:
    """All configurations of a document as bits, cheapest first."""

    def __init__(self, document):
        self.document = document
        self.found = brute.configurations(document)
        self.all = (1 << len(self.found)) - 1
        self.bits = {}
        for place, (_, values) in enumerate(self.found):
            for option in document["options"]:
                key = option["id"], values[option["id"]]
                self.bits[key] = self.bits.get(key, 0) | 1 << place

    def having(self, option, choice):
        """Those where the option (its number) has the choice (its number)."""
        option = self.document["options"][option]
        value = bool(choice) if option["kind"] == "flag" else option["choices"][choice]["id"]
        return self.bits.get((option["id"], value), 0)

    def meeting(self, picks):
        left = self.all
        for option, choice in picks:
            left &= self.having(option, choice)
        return left


def judge(everything, block):
    """Number of comparisons; raises on a mismatch."""
    picks, left = block["P"], everything.meeting(block["P"])
    where = f"{picks} of {json.dumps(everything.document)}"
    assert block["C"] == (left != 0), f"consistent with {where}"
    assert int(block["N"]) == left.bit_count(), f"{block['N']} configurations, not {left.bit_count()}, with {where}"
    least = str(everything.found[(left & -left).bit_length() - 1][0]) if left else "-"
    assert block["L"] == least, f"cheapest {block['L']}, not {least}, with {where}"
    place = 0
    for number, option in enumerate(everything.document["options"]):
        choices = 2 if option["kind"] == "flag" else len(option["choices"]) if option["kind"] == "choice" else 0
        others = everything.meeting([pick for pick in picks if pick[0] != number])
        for choice in range(choices):
            possible = others & everything.having(number, choice) != 0
            assert (block["D"][place] == "1") == possible, f"choice {choice} of {option['id']} with {where}"
            place += 1
    assert place == len(block["D"]), f"{len(block['D'])} states with {where}"
    assert all(e in ("?", d) for e, d in zip(block["E"], block["D"])), f"{block['E']} and {block['D']} with {where}"
    costs = [max(0, cost) for bit, (cost, _) in enumerate(everything.found) if left >> bit & 1]
    prices = f"{costs[0]} {costs[-1]}" if left else "-"
    assert block["M"] == prices, f"prices {block['M']}, not {prices}, with {where}"
    return 4 + 2 * place + judge_conflict(everything, block, where) + judge_repairs(everything, block, where)


def judge_conflict(everything, block, where):
    """Really conflicting, and each pick needed."""
    conflict = [pick for pick in block["P"] if str(pick[0]) in block["K"].split()]
    if block["C"]:
        assert not block["K"], f"a conflict with {where}"
        return 1
    assert everything.meeting(conflict) == 0, f"{conflict} does not conflict: {where}"
    for one in conflict:
        assert everything.meeting([pick for pick in conflict if pick != one]), f"{conflict} without {one}: {where}"
    return 1 + len(conflict)


def judge_repairs(everything, block, where):
    """Really consistent, changes counted rightly, as few as can be."""
    if block["C"] or not everything.found:
        assert not block["R"], f"a repair with {where}"
        return 1
    assert block["R"], f"no repair with {where}"
    fewest = next(drop for drop in range(1, len(block["P"]) + 1)
                  if any(everything.meeting(kept)
                         for kept in itertools.combinations(block["P"], len(block["P"]) - drop)))
    assert block["R"][0][0] == fewest, f"{block['R'][0]} changes, {fewest} do, with {where}"
    for changes, picks in block["R"]:
        assert everything.meeting(picks), f"{picks} does not repair {where}"
        assert len(set(block["P"]) - set(picks)) == changes, f"{picks} are not {changes} changes of {where}"
    return 1 + 2 * len(block["R"])


def against_everything(folder, each):
    global selections, comparisons
    asked = compared = empty = 0
    for seed in range(PRODUCTS):
        document = brute.Maker(random.Random(seed)).document()
        file = folder / "random.json"
        file.write_text(json.dumps(document), encoding="utf-8")
        everything = Everything(document)
        empty += not everything.found
        for block in blocks(run(BUILD / "tests/oracle/subject", file, str(seed), str(each), "5")):
            compared += judge(everything, block)
            asked += 1
    selections += asked
    comparisons += compared
    assert asked == PRODUCTS * each, f"{asked} selections were answered"
    assert empty < PRODUCTS / 2, f"{empty} of {PRODUCTS} products have no configuration"
    return f"{PRODUCTS} products, {asked} selections, {compared} comparisons"


def main():
    with tempfile.TemporaryDirectory(prefix="cordwain-oracle-") as name:
        folder = pathlib.Path(name)
        case("random products against trying everything",
             lambda: against_everything(folder, PER_PRODUCT_LONG if LONG else PER_PRODUCT))
        for instance, (short, long, checks) in SHARES.items() if suites.there("config-models") else ():
            document = folder / f"{instance}.json"
            run(BUILD / "cordwain", "product", "import", "--dimacs", MODELS / "dimacs" / f"{instance}.dimacs", "-o", document)
            case(f"{instance} against CaDiCaL",
                 lambda: against_cadical(instance, document, long if LONG else short, checks))
            case(f"{instance} against clasp", lambda: against_clasp(instance, document, folder))
    print(f"# {selections} selections, {comparisons} comparisons, {failed} cases with mismatches")
    sys.exit(1 if failed else 0)


main()
