#!/usr/bin/env python3
"""Black-box tests of faults found in review: lifetimes, shutdown, trust in what clients send, the command line.

Usage: regressions.py [PATH_TO_CORDWAIN]   (default: $CORDWAIN_BIN)
Prints 'ok - name' or 'not ok - name: why' per case; exit 1 when one failed. With a sanitizer build every
report makes the server's exit code wrong and fails the case that ends the server.
"""
import http.client
import json
import os
import pathlib
import re
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

PROGRAM = str(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else os.environ["CORDWAIN_BIN"]).resolve())
ROOT = tempfile.TemporaryDirectory(prefix="cordwain-regressions-")
BASE = pathlib.Path(ROOT.name)
LOG = BASE / "log"
failed = 0


def case(function):
    """Run one function as one case; it raises AssertionError with the reason."""
    global failed
    name = function.__name__.replace("_", " ")
    try:
        function()
        print(f"ok - {name}", flush=True)
    except Exception as problem:  # one case, one line, whatever went wrong
        failed += 1
        print(f"not ok - {name}: {problem!r}"[:600], flush=True)
    return function


def run(*words, cwd=None, env=None):
    return subprocess.run([PROGRAM, *words], capture_output=True, text=True, cwd=cwd or BASE,
                          env={**os.environ, **(env or {})}, timeout=120)


class Server:
    def __init__(self, *options, data="data"):
        self.log = open(LOG, "a")
        self.process = subprocess.Popen(
            [PROGRAM, "demo", "--listen", "127.0.0.1:0", "--data", str(BASE / data), "--access-log",
             "off", *options], stdout=subprocess.PIPE, stderr=self.log, text=True)
        text = ""
        while "ready" not in text:
            line = self.process.stdout.readline()
            assert line, "the server did not start: " + LOG.read_text()[-800:]
            text += line
        self.designer = re.search(r"designer key (\S+)", text)[1]
        self.facility = re.search(r"facility key (\S+)", text)[1]
        self.port = int(re.search(r"ready \S+:(\d+)", text)[1])

    def ask(self, method, path, body=None, key=None, **headers):
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        fields = {k.replace("_", "-"): v for k, v in headers.items()}
        if body is not None:
            fields.setdefault("Content-Type", "application/json")
            body = body if isinstance(body, (str, bytes)) else json.dumps(body)
        if key:
            fields["Authorization"] = "Bearer " + key
        link.request(method, path, body, fields)
        answer = link.getresponse()
        data = answer.read()
        link.close()
        return answer.status, answer.headers, data

    def raw(self, text):
        """Send and hang up with RST, as a client that crashed."""
        link = socket.create_connection(("127.0.0.1", self.port))
        link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        link.sendall(text.encode())
        return link

    def stop(self):
        """SIGTERM; the exit code, which a sanitizer's report makes other than 0."""
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(60)
        self.process.stdout.close()
        self.log.close()
        return code


def order(text="MAYA", **more):
    return {"product": "bottle", "selections": {"wrap_text": text}, **more}


def post(path, body, *fields):
    body = json.dumps(body)
    return (f"POST {path} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
            + "".join(field + "\r\n" for field in fields)
            + f"Content-Length: {len(body.encode())}\r\n\r\n{body}")


def lease(server, body):
    return server.ask("POST", "/v1/facilities/FAC-PT-03/leases", body, server.facility)


server = Server()


# ---- what clients send ------------------------------------------------------------------------


@case
def a_quantity_written_with_a_point_counts():
    for text in ("2.0", "2e0", "20e-1"):
        body = json.dumps(order(quantity=0)).replace('"quantity": 0', f'"quantity": {text}')
        status, _, data = server.ask("POST", "/v1/orders", body, Idempotency_Key="point" + text)
        got = json.loads(data)
        assert status == 201 and got["quantity"] == 2 and got["price"]["quantity"] == 2, data[:300]


@case
def lease_numbers_written_with_a_point_count():
    status, _, data = lease(server, '{"max":1.0,"waitSeconds":0.0,"leaseSeconds":60.0}')
    assert status == 200 and len(json.loads(data)["leases"]) == 1, data


@case
def a_fence_beyond_exact_numbers_is_refused():
    for fence in ("9007199254740992", "1e300"):
        status, _, data = server.ask("POST", "/v1/leases/x/renew",
                                     '{"fence":%s,"leaseSeconds":60}' % fence, server.facility)
        assert status == 422 and json.loads(data)["errors"][0]["pointer"] == "/fence", data


@case
def a_spec_never_names_the_host_a_client_sent():
    status, _, data = server.ask("POST", "/v1/orders", order("HOST"), Idempotency_Key="host",
                                 Host="evil.example")
    assert status == 201, data
    spec = json.loads(data)["specs"][0]["id"]
    status, _, data = server.ask("GET", f"/v1/specs/{spec}", key=server.facility)
    assert status == 200, data
    assert b"evil.example" not in data, "the signed spec points at evil.example"
    assert f"http://127.0.0.1:{server.port}/v1/artworks/".encode() in data, data[:300]


@case
def a_share_page_escapes_the_host():
    _, _, data = server.ask("POST", "/v1/designs", order("SHARE"))
    share = json.loads(data)["share"]
    status, _, data = server.ask("GET", share, Host="a'onload=alert(1)")
    assert status == 200 and b"a'onload" not in data, data[:300]


@case
def pages_run_nothing_from_elsewhere():
    _, _, data = server.ask("POST", "/v1/designs", order("CSP"))
    for path in (json.loads(data)["share"], "/problems/idempotency.missing", "/"):
        status, fields, _ = server.ask("GET", path)
        assert status == 200 and "script-src 'self'" in fields.get("Content-Security-Policy", ""), path


@case
def an_upload_without_a_key_is_refused_before_its_body():
    link = socket.create_connection(("127.0.0.1", server.port), timeout=3)
    link.sendall(b"POST /v1/products HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                 b"Content-Length: 4000000\r\n\r\n{")
    assert link.recv(100).startswith(b"HTTP/1.1 401"), "the server waits for four megabytes"
    link.close()


@case
def a_strange_revision_is_refused():
    spec = json.loads(server.ask("POST", "/v1/orders", order("REV"), Idempotency_Key="rev")[2])
    path = "/v1/specs/" + spec["specs"][0]["id"]
    assert server.ask("GET", path + "?revision=1", key=server.facility)[0] == 200
    for revision in ("4294967297", "x", "-1", "1x", "0"):
        status, _, data = server.ask("GET", f"{path}?revision={revision}", key=server.facility)
        assert status in (404, 422), (revision, status, data[:200])


# ---- publishing ---------------------------------------------------------------------------------


def bottle(**changes):
    document = json.loads(server.ask("GET", "/v1/products/bottle@1/document")[2])
    document.update(changes)
    return document


@case
def a_product_that_does_not_fit_its_art_is_refused():
    document = bottle(id="misfit", art="court-sneaker")
    status, _, data = server.ask("POST", "/v1/products", document, server.designer)
    assert status == 422, (status, data[:300])
    assert server.ask("GET", "/v1/products/misfit")[0] == 404


@case
def publishing_does_not_hold_up_others():
    document = bottle(id="other")
    worst, stop = [0.0], threading.Event()

    def watch():
        while not stop.is_set():
            start = time.monotonic()
            server.ask("GET", "/healthz")
            worst[0] = max(worst[0], time.monotonic() - start)
    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        for version in range(1, 6):
            document["version"] = str(version)
            status, _, data = server.ask("POST", "/v1/products", document, server.designer)
            assert status == 201, data[:300]
            assert server.ask("GET", f"/v1/products/other@{version}")[0] == 200
    finally:
        stop.set()
        watcher.join()
    assert worst[0] < 2, f"another request waited {worst[0]:.2f} s"


# ---- lifetimes ----------------------------------------------------------------------------------


def storm(port_server, rounds=12):
    """Clients that ask for everything that waits for something, and crash."""
    links = []
    for i in range(rounds):
        links += [
            port_server.raw(post("/v1/orders", order(f"S{i}"), f"Idempotency-Key: storm{i}")),
            port_server.raw(post("/v1/facilities/FAC-PT-03/leases",
                                 {"max": 1, "waitSeconds": 30, "leaseSeconds": 60},
                                 "Authorization: Bearer " + port_server.facility)),
            port_server.raw(post("/v1/products/bottle/configure", {"selections": {"wrap_text": f"C{i}"}})),
            port_server.raw(post("/v1/designs", order(f"D{i}"))),
            port_server.raw(f"GET /v1/previews/bottle@1/front.png?w={300 + i} HTTP/1.1\r\nHost: a\r\n\r\n"),
            port_server.raw(f"GET /v1/facilities/FAC-PT-03/specs HTTP/1.1\r\nHost: a\r\n"
                            f"Authorization: Bearer {port_server.facility}\r\n\r\n"),
            port_server.raw("GET /readyz HTTP/1.1\r\nHost: a\r\n\r\n"),
        ]
    return links


@case
def clients_that_crash_leave_a_working_server():
    for link in storm(server):
        link.close()
    status, _, data = server.ask("POST", "/v1/orders", order(), Idempotency_Key="after the storm")
    assert status == 201, data


@case
def a_key_is_free_again_after_its_client_crashed():
    link = server.raw(post("/v1/orders", order("GONE"), "Idempotency-Key: gone"))
    time.sleep(0.05)
    link.close()
    for _ in range(600):  # sanitized renderers are slow
        status, _, data = server.ask("POST", "/v1/orders", order("GONE"), Idempotency_Key="gone")
        if status != 409:
            break
        time.sleep(0.1)
    assert status == 201, data


@case
def abandoned_previews_are_not_drawn():
    before = json.loads(server.ask("GET", "/readyz")[2])["previews"]["renders"]
    links = [server.raw(f"GET /v1/previews/court-sneaker@1/side.png?w={1500 + i} HTTP/1.1\r\nHost: a\r\n\r\n")
             for i in range(60)]
    time.sleep(0.1)
    for link in links:
        link.close()
    time.sleep(0.2)
    start = time.monotonic()
    assert server.ask("GET", "/v1/previews/court-sneaker@1/side.png?w=333")[0] == 200
    assert time.monotonic() - start < 5, "the queue is full of pictures nobody waits for"
    assert json.loads(server.ask("GET", "/readyz")[2])["previews"]["renders"] >= before


@case
def the_server_ends_cleanly_with_requests_of_crashed_clients():
    """Their requests are in the store's and the renderer's hands when everything is freed."""
    for attempt in range(3):
        victim = Server("--workers", "1", data="ending")
        for link in storm(victim):
            link.close()
        code = victim.stop()
        assert code == 0, (code, LOG.read_text()[-1500:])


@case
def a_long_poll_that_begins_while_draining_does_not_hold_the_end():
    victim = Server(data="ending")
    body = {"max": 1, "waitSeconds": 30, "leaseSeconds": 60}
    for spec in range(40):  # nothing may be left to lease
        if not json.loads(lease(victim, {**body, "max": 50, "waitSeconds": 0})[2])["leases"]:
            break
    threads = [threading.Thread(target=lambda: lease(victim, body)) for _ in range(20)]
    for thread in threads:
        thread.start()
    time.sleep(0.02)
    start = time.monotonic()
    code = victim.stop()
    assert code == 0 and time.monotonic() - start < 8, (code, time.monotonic() - start)
    for thread in threads:
        thread.join()


@case
def two_servers_started_together_share_one_signing_key():
    servers = [None, None]

    def start(i):
        servers[i] = Server(data="together")
    threads = [threading.Thread(target=start, args=(i,)) for i in range(2)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    assert all(servers), LOG.read_text()[-500:]
    keys = {s.ask("GET", "/.well-known/cordwain/keys.json")[2] for s in servers}
    codes = [s.stop() for s in servers]
    assert len(keys) == 1 and codes == [0, 0], (keys, codes)


# ---- command line -------------------------------------------------------------------------------


@case
def too_many_words_are_refused():
    got = run("product", "check", *["x.json"] * 400)
    assert got.returncode == 2 and "Sanitizer" not in got.stderr, (got.returncode, got.stderr[-300:])


@case
def a_wrong_expiry_makes_no_key():
    for days in ("abc", "", "10x", "-1", "999999999999999999999"):
        got = run("key", "create", "--data", "data", "--name", "x", "--scope", "orders:read",
                  "--expires-days", days)
        assert got.returncode == 2 and "cw_live" not in got.stdout, (days, got)


@case
def a_key_belongs_to_one_facility():
    got = run("key", "create", "--data", "data", "--name", "x", "--scope", "specs:pull:A",
              "--scope", "specs:pull:B")
    assert got.returncode == 1 and "key.scope" in got.stderr, got


@case
def looking_into_a_data_folder_that_is_not_there_makes_none():
    for words in (["order", "list"], ["product", "list"], ["key", "list"], ["key", "revoke", "X"],
                  ["order", "show", "X"], ["spec", "show", "X"], ["configure", "--product", "bottle"]):
        got = run(*words, "--data", "nowhere")
        assert got.returncode == 2 and "nowhere" in got.stderr, (words, got)
        assert not (BASE / "nowhere").exists(), words


@case
def drawing_a_file_leaves_the_current_folder_alone():
    folder = BASE / "elsewhere"
    folder.mkdir()
    product = pathlib.Path(PROGRAM).resolve().parents[1] / "schemas/products/bottle.json"
    got = run("render", "--product", str(product), "--width", "100", "-o", "b.png", cwd=folder,
              env={"XDG_CACHE_HOME": str(BASE / "cache")})
    assert got.returncode == 0, got
    assert sorted(p.name for p in folder.iterdir()) == ["b.png"], list(folder.iterdir())
    assert list((BASE / "cache/cordwain/packs").glob("*.pack"))


@case
def the_server_ends_cleanly():
    code = server.stop()
    assert code == 0, (code, LOG.read_text()[-1500:])


sys.exit(1 if failed else 0)
