#!/usr/bin/env python3
"""Random partial selections: what our engine says, compiled and by its solver, against programs that share nothing with it.

Public models (DIMACS, from $CORDWAIN_SUITES/config-models): consistency and the state of every value against CaDiCaL, which
reads the model itself (judge_cnf.c), and against clasp's brave and cautious consequences; conflicts are minimal, repairs work
and change as little as can be. Random product documents: all that, exact counts and prices, against all configurations, found by
trying everything (brute.py). The second tier, which compiles nothing: consistency and states by `cordwain configure`, whose rules worker is
kept from compiling, against clasp (linux_2.6.33.3 too, which nobody compiles) and against trying everything.
CORDWAIN_LONG=1: 10^5 selections and more; else what fits into a minute. Prints TAP-like lines; exit 1 on a mismatch.
"""
import itertools
import json
import os
import pathlib
import random
import re
import shutil
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
# the second tier. model: selections in a short run, in a long run
SOLVED = {"berkeleydb76": (20, 300), "pc_richmond": (10, 300), "financialservices_2018-05-09": (5, 100), "automotive01": (3, 60),
          "linux_2.6.33.3": (2, 30)}
SOLVED_PRODUCTS, SOLVED_PER_PRODUCT, SOLVED_PER_PRODUCT_LONG = 25, 20, 200
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


class Cnf:
    """A DIMACS model, and what clasp says of it with some literals more."""

    def __init__(self, instance, folder):
        self.text = (MODELS / "dimacs" / f"{instance}.dimacs").read_text(encoding="utf-8")
        self.header = re.search(r"^p cnf (\d+) (\d+)$", self.text, re.M)
        self.vars = int(self.header.group(1))
        self.file = folder / "picked.dimacs"

    def write(self, literals):
        clauses = int(self.header.group(2)) + len(literals)
        self.file.write_text(self.text[:self.header.start()] + f"p cnf {self.vars} {clauses}\n" + self.text[self.header.end():] +
                             "".join(f"{literal} 0\n" for literal in literals), encoding="utf-8")
        return self.file

    def states(self, literals):
        """Per variable from 1 on (false possible, true possible); None when there is no model."""
        file = self.write(literals)
        brave, cautious = consequences(file, "brave"), consequences(file, "cautious")
        return brave and [(v not in cautious, v in brave) for v in range(1, self.vars + 1)]

    def model(self, seed):
        """Some model's literals."""
        done = subprocess.run(["clasp", "1", self.write([]), f"--seed={seed}", "--rand-freq=1", "--sign-def=rnd", "--outf=1"],
                              capture_output=True, text=True, check=False)
        return [int(word) for line in done.stdout.splitlines() if line.startswith("v ") for word in line[2:].split() if word != "0"]


def against_clasp(instance, document, folder):
    """Plain states of what is not picked: possible is brave, forced is cautious."""
    global selections, comparisons
    cnf, done = Cnf(instance, folder), 0
    for block in blocks(run(BUILD / "tests/oracle/subject", document, "7", str(CLASP_SELECTIONS), "4")):
        picks = [option + 1 if value else -option - 1 for option, value in block["P"]]
        wanted = cnf.states(picks)
        selections += 1
        assert (wanted is not None) == block["C"], f"consistent with {picks}"
        for v in range(1, cnf.vars + 1):
            if wanted is None or v in map(abs, picks):
                continue
            states = block["D"][2 * v - 2] == "1", block["D"][2 * v - 1] == "1"
            assert states == wanted[v - 1], f"variable {v} with {picks}: {states}"
            done += 2
    comparisons += done
    return f"{CLASP_SELECTIONS} selections, {done} comparisons"


# ---- the second tier ---------------------------------------------------------------------------------------------

def without_compiler(folder):
    """A copy of the program whose rules worker solves and refuses to compile."""
    home = folder / "bin"
    home.mkdir()
    shutil.copy(BUILD / "cordwain", home / "cordwain")
    (home / "cordwain-renderer").symlink_to(BUILD / "renderer/cordwain-renderer")
    worker = home / "cordwain-rules"
    worker.write_text(f'#!/bin/sh\n[ "$1" != --compile ] || exit 1\nexec "{BUILD}/cordwain-rules" "$@"\n', encoding="utf-8")
    worker.chmod(0o755)
    return home / "cordwain"


def solved(program, document, asked):
    """The answers to selections, each by the solver."""
    lines = "".join(json.dumps(selection) + "\n" for selection in asked)
    done = subprocess.run([str(program), "configure", "--product", str(document)], input=lines, capture_output=True, text=True,
                          check=False, env={**os.environ, "CORDWAIN_HOME": str(ROOT)})
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == len(asked), f"{len(answers)} answers: {done.stderr[-300:]}"
    assert not any("configurations" in answer for answer in answers), "the rules were compiled"
    return answers


def is_possible(answer, option, choice):
    """None: picked, so nothing is said about others."""
    state = answer["options"][option]["choices"][choice]["state"]
    return None if state == "selected" else state in ("possible", "forced")


def random_literals(cnf, chance, count):
    """Some of a random model's; in a third of the cases one of them is turned."""
    for seed in range(count):
        picks = chance.sample(cnf.model(seed + 1), chance.randint(0, 8))
        if picks and chance.random() < 0.34:
            picks[0] = -picks[0]
        yield picks


def solver_against_clasp(instance, program, document, folder):
    global selections, comparisons
    cnf, done, exact = Cnf(instance, folder), 0, 0
    asked = list(random_literals(cnf, random.Random(instance), SOLVED[instance][1 if LONG else 0]))
    for picks, answer in zip(asked, solved(program, document, [{f"v{abs(p)}": p > 0 for p in picks} for picks in asked])):
        wanted = cnf.states(picks)
        selections += 1
        if answer["exact"]:
            assert (wanted is not None) == answer["consistent"], f"consistent with {picks}"
            exact += 1
        for v in range(1, cnf.vars + 1):
            if wanted is None or v in map(abs, picks):
                continue
            for value, possible in zip(("false", "true"), wanted[v - 1]):
                told = is_possible(answer, f"v{v}", value)
                assert told == possible or (told and not answer["exact"]), f"{value} of v{v} with {picks}: {told}"
                done += 1
    comparisons += done
    assert exact, "no answer was exact"
    return f"{len(asked)} selections, {exact} answered exactly, {done} comparisons"


def random_picks(document, chance):
    """Choices and flags by number, as the subject's."""
    picks = []
    for number, option in enumerate(document["options"]):
        choices = 2 if option["kind"] == "flag" else len(option["choices"]) if option["kind"] == "choice" else 0
        if choices and chance.random() < 0.4:
            picks.append((number, chance.randrange(choices)))
    return picks


def choice_ids(option):
    if option["kind"] == "flag":
        return ["false", "true"]
    return [choice["id"] for choice in option["choices"]] if option["kind"] == "choice" else []


def as_selection(document, picks):
    options = document["options"]
    return {options[o]["id"]: bool(c) if options[o]["kind"] == "flag" else options[o]["choices"][c]["id"] for o, c in picks}


def judge_solved(everything, picks, answer):
    """Number of comparisons; raises on a mismatch."""
    where, done = f"{picks} of {json.dumps(everything.document)}", 1
    assert answer["exact"] and answer["consistent"] == (everything.meeting(picks) != 0), f"consistent with {where}"
    for number, option in enumerate(everything.document["options"]):
        others = everything.meeting([pick for pick in picks if pick[0] != number])
        for choice, name in enumerate(choice_ids(option)):
            told = is_possible(answer, option["id"], name)
            assert told in (None, others & everything.having(number, choice) != 0), f"{name} of {option['id']} with {where}"
            done += 1
    return done


def solver_against_everything(program, folder, each):
    global selections, comparisons
    asked = compared = products = 0
    for seed in range(SOLVED_PRODUCTS * 4):
        document = brute.Maker(random.Random(seed)).document()
        everything = Everything(document)
        if not everything.found or products == SOLVED_PRODUCTS:
            continue
        products += 1
        file = folder / "random.json"
        file.write_text(json.dumps(document), encoding="utf-8")
        chance = random.Random(seed)
        picks = [random_picks(document, chance) for _ in range(each)]
        for one, answer in zip(picks, solved(program, file, [as_selection(document, one) for one in picks])):
            compared += judge_solved(everything, one, answer)
            asked += 1
    selections += asked
    comparisons += compared
    assert products == SOLVED_PRODUCTS, f"{products} products have a configuration"
    return f"{products} products, {asked} selections, {compared} comparisons"


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


def public_models(program, folder):
    for instance in dict.fromkeys((*SHARES, *SOLVED)):
        document = folder / f"{instance}.json"
        run(BUILD / "cordwain", "product", "import", "--dimacs", MODELS / "dimacs" / f"{instance}.dimacs", "-o", document)
        if instance in SHARES:
            short, long, checks = SHARES[instance]
            case(f"{instance} against CaDiCaL", lambda: against_cadical(instance, document, long if LONG else short, checks))
            case(f"{instance} against clasp", lambda: against_clasp(instance, document, folder))
        if instance in SOLVED:
            case(f"{instance}, solver, against clasp", lambda: solver_against_clasp(instance, program, document, folder))


def main():
    with tempfile.TemporaryDirectory(prefix="cordwain-oracle-") as name:
        folder = pathlib.Path(name)
        program = without_compiler(folder)
        case("random products against trying everything",
             lambda: against_everything(folder, PER_PRODUCT_LONG if LONG else PER_PRODUCT))
        case("random products, solver, against trying everything",
             lambda: solver_against_everything(program, folder, SOLVED_PER_PRODUCT_LONG if LONG else SOLVED_PER_PRODUCT))
        if suites.there("config-models"):
            public_models(program, folder)
    print(f"# {selections} selections, {comparisons} comparisons, {failed} cases with mismatches")
    sys.exit(1 if failed else 0)


main()
