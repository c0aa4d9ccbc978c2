#!/usr/bin/env python3
"""Measures a release server in one run and writes the figures, with spread, beside those they are held against.

Usage: bench.py [--binary build/cordwain] [--output build/bench.json] [--runs 5] [--seconds 1.5] [--only PART]
Python 3 standard library and a C compiler (for load.c). See README.md of this folder.
"""
import argparse
import http.client
import json
import os
import pathlib
import platform
import shlex
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse

import edge
import rules
import schema
import sessions

ROOT = pathlib.Path(__file__).resolve().parents[2]
CONNECTIONS = 64
# What others reach on such a machine, where `pictures` does not measure them live (2 cores, AMD EPYC with AVX-512, Debian 12, November 2026, medians). The picture is
# 1024 x 1024 RGBA, a base and 13 parts with shading, one pattern, 12 outlined glyphs.
# Sources: sharp 0.3x (libvips) and Skia (@napi-rs/canvas) composing the layers, plus their own PNG encoders; Cairo with parts
# clipped to their boxes plus libpng's defaults; nginx 1.22 static files under wrk with 64 keep-alive connections.
SHARP_PNG_MS = 322 + 31
SKIA_PNG_MS = 41 + 104
CAIRO_LIBPNG_MS = 15.6 + 119
NGINX_60K_PER_S = 19000
NGINX_1K_PER_S = 30000
FUSED_ISAL_MS = 0.87 + 4.4  # one fused pass over tiles, plain C, and strips deflated by ISA-L, RGBA
PICTURE_GOALS = {"Skia": "<= 0.05", "sharp": "<= 0.02", "Cairo": "<= 0.067"}
SMALL_REPLY_PART = 0.7  # goal: a configure call reaches this part of the rate of STATIC_FILE, 2 kB
STATIC_FILE = "/assets/repair.js"

SHADES = ("leather-chalk", "leather-ivory", "leather-dove", "leather-slate", "leather-ink", "leather-harbour")
PARTS = ("toe_box_colour", "quarter_colour", "tongue_colour", "toe_cap_colour", "eyestay_colour")
SELECTION = {"upper_material": "leather", "toe_box_colour": "leather-slate", "midsole_colour": "white", "size": "42"}


class Server:
    """A release server with its own data folder; ended by its process id."""

    def __init__(self, binary, folder, more=()):
        began = time.monotonic()
        self.process = subprocess.Popen(
            [binary, "demo", "--listen", "127.0.0.1:0", "--data", f"{folder}/data", "--access-log", "off", *more],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        for line in self.process.stdout:
            if line.startswith("ready "):
                break
        else:
            raise SystemExit("bench: the server did not start")
        self.start_s = time.monotonic() - began
        self.port = urllib.parse.urlsplit(line.split()[1]).port
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        self.used = time.monotonic()

    def ask(self, method, target, body=None, status=200, fields=None):
        """(body, milliseconds) of one request on the one keep-alive connection."""
        data = None if body is None else json.dumps(body).encode()
        head = {"Content-Type": "application/json"} if data else {}
        if time.monotonic() - self.used > 10:  # the server closes idle connections; others measured meanwhile
            self.connection.close()
        self.used = time.monotonic()
        began = time.perf_counter()
        self.connection.request(method, target, data, {**head, **(fields or {})})
        response = self.connection.getresponse()
        answer = response.read()
        took_ms = (time.perf_counter() - began) * 1000
        if response.status != status:
            raise SystemExit(f"bench: {method} {target}: {response.status} {answer[:300]!r}")
        self.fields = response.headers
        return answer, took_ms

    def resident_mib(self):
        """Resident memory of the server and of each of its workers."""
        def rss(pid):
            text = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
            return int(text.split("Pss:")[1].split()[0]) / 1024
        children = subprocess.run(["pgrep", "-P", str(self.process.pid)], capture_output=True, text=True, check=False)
        return rss(self.process.pid), [rss(pid) for pid in children.stdout.split()]

    def end(self):
        self.process.terminate()
        self.process.wait(timeout=30)


def meets(value, goal):
    """Does it keep a goal such as "<= 0.4"? Of the ratio where there is one, else of the median."""
    sign, bound = goal.split()
    return value <= float(bound) if sign == "<=" else value >= float(bound)


class Bench:
    def __init__(self, options, server, folder):
        self.options, self.server, self.folder = options, server, folder
        self.load = f"{folder}/load"
        subprocess.run([*shlex.split(os.environ.get("CC", "cc")), "-O2", "-D_GNU_SOURCE", "-o", self.load,
                        ROOT / "tests/bench/load.c"], check=True)
        self.results = []

    def add(self, name, unit, values, versus=None, source="", goal=None):
        """One figure; versus is what it is held against: a number, or the median of another figure's values."""
        values = sorted(values)
        median = statistics.median(values)
        entry = {"name": name, "unit": unit, "median": round(median, 3), "min": round(values[0], 3),
                 "max": round(values[-1], 3), "runs": len(values), "versus": versus and round(versus, 3),
                 "ratio": versus and round(median / versus, 4), "versusSource": source, "goal": goal,
                 "met": goal and meets(median / versus if versus else median, goal)}
        self.results.append(entry)
        held = f"   {entry['ratio']} x {source}" if versus else ""
        print(f"{name:44} {entry['median']:>10} {unit:4} ({entry['min']} to {entry['max']}, {len(values)} runs){held}"
              + (f"   goal {goal}{'' if entry['met'] else ' MISSED'}" if goal else ""), flush=True)
        return median

    def drive(self, head, body, status, connections=CONNECTIONS):
        """One run of the load client per asked run, after one that is not counted; the lists of rates and latencies."""
        head = head + "Host: 127.0.0.1\r\n"
        if body is not None:
            head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        rates, p50, p99 = [], [], []
        request = head.encode() + b"\r\n" + (body or b"")
        for run in range(self.options.runs + 1):
            figures = self.load_once(self.server.port, request, status, self.options.seconds if run else 0.3, connections)
            if run:
                rates.append(figures["answers"] / figures["seconds"])
                p50.append(figures["p50_us"])
                p99.append(figures["p99_us"])
        return rates, p50, p99

    def load_once(self, port, request, status, seconds=None, connections=CONNECTIONS):
        """What the load client tells of one run."""
        path = pathlib.Path(self.folder, "request")
        path.write_bytes(request)
        done = subprocess.run([self.load, str(port), str(connections), str(seconds or self.options.seconds), path, str(status)],
                              stdout=subprocess.PIPE, text=True, check=False)
        figures = json.loads(done.stdout) if done.stdout else {"wrong": "all"}
        if done.returncode != 0:
            raise SystemExit(f"bench: {request.splitlines()[0]}: {figures['wrong']} answers were not {status}")
        return figures

    # ---- parts -------------------------------------------------------------------------------------

    def cold_preview(self):
        """Each picture differs from the one before in five parts; one at a time, so nothing waits."""
        times, small = [], []
        for run in range(8 * self.options.runs + 2):
            shades = [SHADES[(run // 6 ** place + place) % 6] for place in range(len(PARTS))]
            query = "&".join(f"o.{part}={shade}" for part, shade in zip(PARTS, shades))
            _, took = self.server.ask("GET", f"/v1/previews/court-sneaker@1/side.png?w=1024&o.size=4{run % 5}&{query}"
                                             f"&bg={0x404040 + run:06X}")
            if run >= 2:
                times.append(took)
            _, took = self.server.ask("GET", f"/v1/previews/court-sneaker@1/side.png?w=1024&o.size=4{run % 5}&{query}"
                                             f"&bg={0x404040 + run:06X}&o.heel_tab_colour={SHADES[run % 6]}")
            if run >= 2:
                small.append(took)
        cold = self.add("cold preview 1024 px PNG, whole request", "ms", times, SKIA_PNG_MS, "Skia and its PNG",
                        "<= 0.05")
        self.add("  the same against sharp", "ms", times, SHARP_PNG_MS, "sharp/libvips and its PNG", "<= 0.02")
        self.add("  the same against Cairo", "ms", times, CAIRO_LIBPNG_MS, "Cairo and libpng defaults", "<= 0.067")
        self.add("one small part changed", "ms", small, cold, "cold preview here", "<= 0.4")

    def renderer(self):
        """The renderer without a server: render_bench of the same build."""
        program = pathlib.Path(self.options.binary).resolve().parent / "tests/bench/render_bench"
        if not program.exists():
            print(f"   no {program}: the renderer alone is not measured", flush=True)
            return
        rows = {}
        for _ in range(self.options.runs):
            done = subprocess.run([program, ROOT / "assets/art/court-sneaker", "side", "41"], stdout=subprocess.PIPE,
                                  text=True, check=True)
            for row in map(json.loads, done.stdout.splitlines()):
                rows.setdefault((row.get("width"), row.get("page")), []).append(row)
        for width, page in ((1024, True), (1024, False), (512, True), (320, True)):
            runs = {name: [row[name] for row in rows[width, page]] for name in rows[width, page][0]}
            copy = statistics.median(runs["copyMs"])
            self.add(f"composing alone, {width} px{'' if page else ', transparent'}", "ms", runs["composeMs"], copy,
                     "copying the bytes it moves", "<= 2" if width == 1024 else None)
            self.add("  again and again", "ms", runs["composeAgainMs"], statistics.median(runs["copyAgainMs"]),
                     "copying them again and again", "<= 2" if width == 1024 else None)
            self.add("  PNG alone", "ms", runs["encodeMs"])
            held = (FUSED_ISAL_MS, "a fused pass and ISA-L", "<= 2") if width == 1024 else (None, "", None)
            cold = self.add("  both", "ms", runs["coldMs"], *held)
            self.add("  smallest part changed", "ms", runs["smallPartMs"], cold, "both", "<= 0.4" if width == 1024 else None)
            self.add("  largest part changed", "ms", runs["largePartMs"], cold, "both")

    def pictures(self):
        """The same art drawn by others, in turn with ours: composed and as PNG, 1024 px, wall and CPU time."""
        built, here = pathlib.Path(self.options.binary).resolve().parent / "tests/bench", ROOT / "tests/bench"
        if not (built / "peer_cairo").exists() or not (here / "node_modules/sharp").exists():
            print("   no peer_cairo, or no npm ci in tests/bench: other renderers are not measured", flush=True)
            return
        art, layers = ROOT / "assets/art/court-sneaker", f"{self.folder}/layers"
        times = {}
        for _ in range(self.options.runs):
            self.draw((built / "render_bench", art, "side", "41"), times)
            for ground in ("page", "none"):
                self.draw(("node", here / "peer_pictures.mjs", art, "side", "leather", "1024", "5", layers, ground), times, ground)
                self.draw((built / "peer_cairo", layers, "9", ground), times, ground)
        for (peer, ground), (wall, cpu) in sorted(times.items()):
            if peer == "ours":
                continue
            what = f"1024 px PNG{'' if ground == 'page' else ', transparent,'} by {peer}"
            for kind, theirs, ours in zip(("wall", "CPU"), (wall, cpu), times["ours", ground]):
                versus = self.add(f"{what}, {kind}", "ms", theirs)
                self.add(f"  ours beside it, {kind}", "ms", ours, versus, peer, PICTURE_GOALS[peer.split()[0]])

    @staticmethod
    def draw(command, times, ground=None):
        """Adds wall and CPU times to those of each peer and ground."""
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        for row in map(json.loads, done.stdout.splitlines()):
            if row.get("width") == 1024:
                row = {"peer": "ours", "ms": [row["coldMs"]], "cpuMs": [row["coldCpuMs"]], "ground": "page" if row["page"] else "none"}
            if "peer" in row:
                wall, cpu = times.setdefault((row["peer"], row.get("ground", ground)), ([], []))
                wall += row["ms"]
                cpu += row["cpuMs"]

    def cached_preview(self):
        target = "/v1/previews/court-sneaker@1/side.jpg?w=1024&o.size=42"
        data, _ = self.server.ask("GET", target)
        etag = self.server.fields["ETag"]
        rates, p50, p99 = self.drive(f"GET {target} HTTP/1.1\r\n", None, 200)
        self.add(f"cached preview, {len(data) // 1000} kB, {CONNECTIONS} connections", "/s", rates, NGINX_60K_PER_S,
                 "nginx static, 60 kB", ">= 1.5")
        self.add("  its p50", "us", p50)
        self.add("  its p99", "us", p99)
        rates, p50, _ = self.drive(f"GET {target} HTTP/1.1\r\nIf-None-Match: {etag}\r\n", None, 304)
        self.add(f"304 of a preview, {CONNECTIONS} connections", "/s", rates, NGINX_1K_PER_S, "nginx static, 1 kB",
                 ">= 1.1")

    def crowd(self):
        """How long others wait beside 5,000 heads that do not end and 500 readers that do not read: at most twice as long."""
        target, alone, beside = "/v1/products", [], []
        runs, self.options.runs = self.options.runs, 1
        for _ in range(runs):
            alone += self.drive(f"GET {target} HTTP/1.1\r\n", None, 200, CONNECTIONS)[2]
            links = [self.dawdler(number) for number in range(5500)]
            beside += self.drive(f"GET {target} HTTP/1.1\r\n", None, 200, CONNECTIONS)[2]
            for link in links:
                link.close()
        self.options.runs = runs
        versus = self.add("p99 alone", "us", alone)
        self.add("p99 beside 5,000 slow heads, 500 slow readers", "us", beside, versus, "alone", "<= 2")

    def dawdler(self, number):
        """A connection of one of 110 addresses that asks for 500 kB and does not read, or does not end its head."""
        link = socket.socket()
        link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        link.bind((f"127.0.1.{number % 110 + 1}", 0))
        link.connect(("127.0.0.1", self.server.port))
        head = b"GET /v1/previews/court-sneaker@1/side.png?w=1024&o.size=42 HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        link.sendall(head + (b"\r\n" if number % 11 == 0 else b"X: y"))
        return link

    def configure(self):
        """Clicks that were asked before are answered from memory; then clicks that nobody asked, and whole sessions."""
        small, _, _ = self.drive("GET /healthz HTTP/1.1\r\n", None, 200)
        self.add(f"small reply (healthz), {CONNECTIONS} connections", "/s", small, NGINX_1K_PER_S, "nginx static, 1 kB",
                 ">= 1.1")
        data, _ = self.server.ask("GET", STATIC_FILE)
        static, _, _ = self.drive(f"GET {STATIC_FILE} HTTP/1.1\r\n", None, 200)
        reply = self.add(f"static file, {len(data)} bytes, {CONNECTIONS} connections", "/s", static, NGINX_1K_PER_S,
                         "nginx static, 1 kB", ">= 1.1")
        for product, selection in (("bottle", {"finish": "gloss"}), ("court-sneaker", SELECTION)):
            body = json.dumps({"selections": selection}).encode()
            answer, _ = self.server.ask("POST", f"/v1/products/{product}/configure", {"selections": selection})
            told = f"{product}, {len(json.loads(answer)['options'])} options, {len(answer) // 1000} kB"
            head = f"POST /v1/products/{product}/configure HTTP/1.1\r\n"
            for coding in ("plain", "gzip"):
                coded = head + (f"Accept-Encoding: {coding}\r\n" if coding != "plain" else "")
                rates, _, p99 = self.drive(coded, body, 200)
                self.add(f"configure asked before, {coding}, {told}", "/s", rates, reply, "static file here",
                         f">= {SMALL_REPLY_PART}")
                self.add("  its p99", "us", p99)
            self.shopping(product, told, reply)

    def shopping(self, product, told, reply):
        """1,000 sessions, 64 at a time, and the different clicks among theirs, each once."""
        target = f"/v1/products/{product}/configure"
        made = sessions.make(lambda picks: json.loads(self.server.ask("POST", target, {"selections": picks})[0]),
                             product, 1000, seed=1)
        clicks = list(sessions.interleave(sessions.with_before(made), CONNECTIONS))
        different = sessions.different(clicks)
        # so many at once that every click before was answered before it is referred to
        apart = sessions.different(sessions.interleave(sessions.with_before(made), 4 * CONNECTIONS))
        share = 1 - len(different) / len(clicks)
        for form in ("identity", "gzip"):
            bodies = [[{"selections": picks, "quantity": quantity} for picks, _ in different]
                      for quantity in self.quantities(100)]
            self.play(product, bodies, f"configure never asked before, {form}, {told}", form, reply)
        # Quantities below the breaks: with a percentage off, every click moves differences by a cent.
        fresh = [{"locale": locale, "quantity": quantity} for locale in ("en", "uz", "fa", "zh") for quantity in (2, 3, 4)]
        self.play(product, [self.since(product, apart, more) for more in fresh[:self.options.runs]],
                  f"configure never asked before, since the click before, {told}", "identity", reply)
        for form in ("identity", "gzip"):
            bodies = [[{"selections": picks, "quantity": quantity} for picks, _ in clicks]
                      for quantity in self.quantities(300)]
            self.play(product, bodies, f"1,000 sessions, {len(clicks)} clicks, {share:.0%} asked before, {form}, {product}",
                      form, reply)

    def quantities(self, first):
        """A quantity for each run that was not played yet: it begins with nothing remembered."""
        self.played = max(first, getattr(self, "played", 0) + 1) + self.options.runs
        return range(self.played - self.options.runs, self.played)

    def since(self, product, clicks, more):
        """Bodies that name the answers to the clicks before: another server says these names, so this one was not asked."""
        target = f"/v1/products/{product}/configure"
        with tempfile.TemporaryDirectory() as folder:
            namer = Server(self.options.binary, folder)
            names = {}
            for _, before in clicks:
                text = json.dumps(before, sort_keys=True)
                if before is not None and text not in names:
                    answer, _ = namer.ask("POST", target, {"selections": before, "since": "", **more})
                    names[text] = json.loads(answer)["answer"]
            namer.end()
        return [{"selections": picks, **more, "since": "" if before is None else names[json.dumps(before, sort_keys=True)]}
                for picks, before in clicks]

    def play(self, product, runs, name, coding, reply):
        """All bodies of each run once."""
        rates, p50, p99, size = [], [], [], []
        for bodies in runs:
            path = pathlib.Path(self.folder, "requests")
            path.write_bytes(b"".join(
                f"POST /v1/products/{product}/configure HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: {coding}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body + b"\x1e"
                for body in (json.dumps(body).encode() for body in bodies)))
            done = subprocess.run([self.load, str(self.server.port), str(CONNECTIONS), "60", path, "200"],
                                  stdout=subprocess.PIPE, text=True, check=True)
            figures = json.loads(done.stdout)
            assert figures["answers"] == len(bodies), figures
            rates.append(figures["answers"] / figures["seconds"])
            p50.append(figures["p50_us"])
            p99.append(figures["p99_us"])
            size.append(figures["bytes"] / figures["answers"])
        self.add(name, "/s", rates, reply, "static file here", f">= {SMALL_REPLY_PART}")
        self.add("  its p50", "us", p50)
        self.add("  its p99", "us", p99)
        self.add("  its answers, with head", "B", size)

    def orders(self):
        answer, _ = self.server.ask("POST", "/v1/products/court-sneaker/configure", {"selections": SELECTION})
        selections = json.loads(answer)["completion"]
        bare = self.bare_sqlite()
        body = json.dumps({"product": "court-sneaker", "version": "1", "selections": selections}).encode()
        head = "POST /v1/orders HTTP/1.1\r\nIdempotency-Key: \"bench-@@@@@@@@@@@@@@@@\"\r\n"
        rates, p50, p99 = self.drive(head, body, 201)
        self.add(f"orders acknowledged (durable), {CONNECTIONS} clients", "/s", rates, bare,
                 "bare SQLite loop here, same bytes, 64 per commit", ">= 0.7")
        self.add("  their p50", "us", p50)
        self.add("  their p99", "us", p99)

    def bare_sqlite(self):
        """Rows of an order's size, 64 per flushed transaction: what the disk and SQLite allow."""
        rates = []
        blob = os.urandom(12000)
        for run in range(self.options.runs):
            path = f"{self.folder}/bare{run}.db"
            database = sqlite3.connect(path, isolation_level=None)
            database.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                                   "CREATE TABLE orders(id INTEGER PRIMARY KEY, key TEXT UNIQUE, body BLOB);")
            began, batches = time.perf_counter(), 0
            while time.perf_counter() - began < self.options.seconds:
                database.execute("BEGIN IMMEDIATE")
                for row in range(64):
                    database.execute("INSERT INTO orders(key, body) VALUES(?, ?)", (f"k{batches}-{row}", blob))
                database.execute("COMMIT")
                batches += 1
            rates.append(batches * 64 / (time.perf_counter() - began))
            database.close()
        return self.add("bare SQLite loop, 12 kB rows, 64 per commit", "/s", rates)

    def memory(self):
        server, workers = self.server.resident_mib()
        self.add("memory of the server after all this, caches included", "MiB", [server])
        if workers:
            self.add("memory of a renderer process", "MiB", workers, 96, "goal of 96 MiB", "<= 1")


    def edge(self):
        edge.measure(self, Server)

    def rules(self):
        rules.measure(self)

    def schema(self):
        schema.measure(self)


PARTS_OF_RUN = ("cold_preview", "renderer", "pictures", "cached_preview", "crowd", "configure", "orders", "memory", "edge", "rules", "schema")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default=ROOT / "build/cordwain")
    parser.add_argument("--output", default=ROOT / "build/bench.json", type=pathlib.Path)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.5)
    parser.add_argument("--only", choices=PARTS_OF_RUN, action="append")
    options = parser.parse_args()
    commit = subprocess.run(["git", "-C", str(ROOT), "describe", "--always", "--dirty"], capture_output=True, text=True,
                            check=False).stdout.strip()
    processor = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo", encoding="utf-8")
                      if line.startswith("model name")), platform.machine())
    print(f"commit {commit or 'unknown'}; {processor}, {os.cpu_count()} cores, {platform.system()} "
          f"{platform.release()}; {options.runs} runs of {options.seconds} s; load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory(prefix="cordwain-bench-") as folder:
        server = Server(options.binary, folder)
        bench = Bench(options, server, folder)
        try:
            bench.add("start with an empty data folder until ready", "s", [server.start_s])
            for part in options.only or PARTS_OF_RUN:
                getattr(bench, part)()
        finally:
            server.end()
    options.output.write_text(json.dumps(bench.results, indent=1) + "\n")
    print(f"written to {options.output}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
