"""The rule engine beside others, in one run on the same instances: compile time, file size, valid domains.

Ours: model_facts and diagram_bench of the release build in build. Beside it BuDDy (peer_buddy.c), clasp, CaDiCaL
(peer_cadical.c) and json-rules-engine. Called by bench.py; public models from $CORDWAIN_SUITES/config-models.
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
import suites  # noqa: E402

BUILD = pathlib.Path(os.environ.get("CORDWAIN_RULES_BUILD", ROOT / "build"))
MODELS = suites.SUITES / "config-models"
PEER_S = 10  # what a peer may take, at most
COMPILE_GOAL_MS = {"automotive01": 500, "financialservices_2018-05-09": 500}
DOMAINS_GOAL_US = {"pc_richmond": 50, "bottle": 20, "court-sneaker": 20, "gift-tag": 20}


def run(*command):
    """Standard output; None when it failed or took far too long."""
    try:
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False,
                              timeout=10 * PEER_S)
    except subprocess.TimeoutExpired:
        return None
    return done.stdout if done.returncode == 0 else None


def ours(bench, title, document, goals):
    """(compile times, [p50s, p99s] of valid domains); figures are added."""
    artefact = pathlib.Path(bench.folder, "rules")
    facts = []
    for _ in range(bench.options.runs):
        told = run(BUILD / "tests/models/model_facts", "-o", artefact, document)
        facts.append(json.loads(told) if told else {})
    if any(fact.get("outcome") != "compiled" for fact in facts):
        print(f"   {title}: does not compile within the budget", flush=True)
        return None
    compile_ms = bench.add(f"rules {title}: compile", "ms", [fact["compileMilliseconds"] for fact in facts],
                           goal=goals[0] and f"<= {goals[0]}")
    bench.add(f"rules {title}: file", "kB", [fact["artefactBytes"] / 1000 for fact in facts])
    p50, p99 = [], []
    for _ in range(bench.options.runs):
        told = run(BUILD / "tests/bench/diagram_bench", artefact)
        found = re.search(r"^domains +[\d.]+ +([\d.]+) +([\d.]+)", told or "", re.M)
        p50.append(float(found.group(1)))
        p99.append(float(found.group(2)))
    median = bench.add(f"rules {title}: valid domains p50", "us", p50)
    bench.add(f"rules {title}: valid domains p99", "us", p99, goal=goals[1] and f"<= {goals[1]}")
    return compile_ms, median


def peers(bench, title, model, mine):
    """The same model in the others; `versus` is ours, so their ratio tells how many times as much they take."""
    told = run(BUILD / "tests/bench/peer_buddy", model, PEER_S)
    buddy = json.loads(told) if told else {"outcome": "failed"}
    if buddy["outcome"] == "compiled":
        bench.add(f"  BuDDy, FORCE order: compile ({buddy['nodes']} nodes, {buddy['bytes'] // 1000} kB)", "ms",
                  [buddy["compileMilliseconds"]], max(mine[0], 0.5), "ours")
        bench.add("  BuDDy: valid domains p50", "us", [buddy["p50"]], mine[1], "ours")
        bench.add("  BuDDy: valid domains p99", "us", [buddy["p99"]])
    else:
        print(f"   BuDDy, FORCE order: {buddy['outcome']} after {buddy.get('compileMilliseconds')} ms", flush=True)
    told = run(BUILD / "tests/bench/peer_cadical", model, PEER_S / 2)
    cadical = json.loads(told) if told else None
    if cadical:
        bench.add("  CaDiCaL, incremental: valid domains p50", "us", [cadical["p50"]], mine[1], "ours")
        bench.add("  CaDiCaL, incremental: valid domains p99", "us", [cadical["p99"]])
    times = []
    for mode in ("brave", "cautious") * bench.options.runs:
        began = time.perf_counter()
        subprocess.run(["clasp", f"--enum-mode={mode}", "0", model, "--quiet=2"], capture_output=True, check=False)
        times.append((time.perf_counter() - began) * 1e6)
    pairs = [times[i] + times[i + 1] for i in range(0, len(times), 2)]
    bench.add("  clasp, a process: valid domains (brave and cautious)", "us", pairs, mine[1], "ours")


def rules_engine(bench, mine):
    """What shops use, on a smaller task: 30 rules over a complete selection."""
    if not (HERE / "node_modules/json-rules-engine").is_dir():
        run("npm", "--prefix", HERE, "ci", "--no-audit", "--no-fund")
    told = [run("node", HERE / "peer_rules_engine.mjs") for _ in range(bench.options.runs)]
    if None in told:
        print("   json-rules-engine: not there", flush=True)
        return
    figures = [json.loads(one) for one in told]
    bench.add("json-rules-engine: 30 rules, complete selection, p50", "us", [one["p50"] for one in figures], mine,
              "valid domains of the bottle here")
    bench.add("  its p99", "us", [one["p99"] for one in figures])


def measure(bench):
    """All of it."""
    if not (BUILD / "tests/bench/diagram_bench").exists():
        print(f"   rules: {BUILD} has no diagram_bench; ./check --bench builds it", flush=True)
        return
    demo = {}
    for product in ("bottle", "court-sneaker", "gift-tag"):
        demo[product] = ours(bench, product, ROOT / f"schemas/products/{product}.json",
                             (None, DOMAINS_GOAL_US[product]))
    if demo["bottle"]:
        rules_engine(bench, demo["bottle"][1])
    for model in sorted(MODELS.glob("dimacs/*.dimacs")) if MODELS.is_dir() else ():
        title = model.stem
        if title.startswith("linux"):
            continue  # nobody compiles it
        for form in ("dimacs", "uvl"):
            source = MODELS / form / f"{title}.{form}"
            document = pathlib.Path(bench.folder, "model.json")
            if not source.exists() or run(BUILD / "cordwain", "product", "import", f"--{form}", source, "-o",
                                          document) is None:
                continue
            mine = ours(bench, f"{title}, {form.upper()}", document,
                        (COMPILE_GOAL_MS.get(title), DOMAINS_GOAL_US.get(title)))
            if mine and form == "dimacs":
                peers(bench, title, model, mine)
