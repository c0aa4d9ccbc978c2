#!/usr/bin/env python3
"""One event loop beside two: answers per second and processor time per answer, as ratios within one run.

Usage: loops.py [--binary PATH] [--runs N] [--seconds S] [--connections N]

Starts a release server with --loops 1 and one with --loops 2, each on half the runs, alternating, driven by wrk:
clicks asked before (remembered: where loops meet in the shared memory of answers) and clicks never asked before
(worked out: where they do not). wrk takes a core of its own, so two loops can only show what they are worth on more
than two cores; the processor time per answer tells on any machine what sharing costs. Medians with their spread.
"""
import argparse
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/support"))
import server

TARGET = "/v1/products/bottle/configure"
CHOICES = {option["id"]: [choice["id"] for choice in option.get("choices", [])]
           for option in json.loads((ROOT / "schemas/products/bottle.json").read_text())["options"]}
BODIES = [json.dumps({"selections": {"finish": "gloss", "lid_colour": lid, "loop_colour": loop}})[:-1]
          for lid in CHOICES["lid_colour"] for loop in CHOICES["loop_colour"]]  # each in 999 quantities
SCRIPT = """
local number, fresh = 0, %s
local fields = {["Content-Type"] = "application/json"}
local bodies = {%s}
request = function()
    if fresh then number = number + 1 end
    local body = bodies[math.floor(number / 999) %% #bodies + 1] .. ', "quantity": ' .. number %% 999 + 1 .. "}"
    return wrk.format("POST", "%s", fields, body)
end
done = function(summary)
    local e = summary.errors
    io.write(string.format("answers %%d wrong %%d\\n", summary.requests, e.status + e.read + e.write + e.connect + e.timeout))
end
"""


def cpu_s(pid):
    """Seconds of processor time of the process itself, all threads."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def drive(s, options, fresh, folder):
    """(answers per second, µs of processor time per answer)"""
    script = folder / "request.lua"
    script.write_text(SCRIPT % (str(fresh).lower(), ", ".join(f"'{body}'" for body in BODIES), TARGET))
    before = cpu_s(s.process.pid)
    done = subprocess.run(["wrk", "-t1", f"-c{options.connections}", f"-d{options.seconds}s", "-s", script, s.base],
                          capture_output=True, text=True, check=True)
    used = cpu_s(s.process.pid) - before
    answers, wrong = map(int, re.search(r"answers (\d+) wrong (\d+)", done.stdout).groups())
    if wrong or not answers:
        raise SystemExit(f"loops: {wrong} of {answers} answers were wrong\n{done.stdout}")
    return answers / options.seconds, used / answers * 1e6


def told(values, unit):
    return f"{statistics.median(values):10.1f} {unit} ({min(values):.1f} to {max(values):.1f}, {len(values)} runs)"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", default=ROOT / "build/cordwain")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--connections", type=int, default=64)
    options = parser.parse_args()
    print(f"# {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}", flush=True)
    with tempfile.TemporaryDirectory(prefix="cordwain-bench-loops-") as folder:
        folder = pathlib.Path(folder)
        figures = {(fresh, loops): [] for fresh in (False, True) for loops in (1, 2)}
        for run in range(options.runs):
            for loops in (1, 2) if run % 2 else (2, 1):
                with server.Server(options.binary, folder / "data",
                                   arguments=["--access-log", "off", "--loops", str(loops)]) as s:
                    s.post(TARGET, json.loads(BODIES[0] + "}"))
                    for fresh in (False, True):
                        figures[fresh, loops].append(drive(s, options, fresh, folder))
    for fresh, name in ((False, "asked before"), (True, "never asked before")):
        rates, times = ({loops: [figure[part] for figure in figures[fresh, loops]] for loops in (1, 2)} for part in (0, 1))
        for loops in (1, 2):
            print(f"{name}, {loops} loops: {told(rates[loops], '/s')} {told(times[loops], 'us each')}")
        for values, what in ((rates, "rate"), (times, "processor time per answer")):
            print(f"{name}: {what} of 2 loops / 1 loop = {statistics.median(values[2]) / statistics.median(values[1]):.2f}")


if __name__ == "__main__":
    main()
