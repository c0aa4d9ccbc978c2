#!/usr/bin/env python3
"""Black-box tests of how the server begins and ends: TLS, sockets that are passed, notices, draining.

Usage: edge.py [path of cordwain]   (default: $CORDWAIN_BIN, else the newest build)
Prints 'ok - name', 'not ok - name: why' or 'skip - name: why' per case; exit 1 when one failed.
"""
import atexit
import http.client
import json
import os
import pathlib
import select
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import warnings

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "support"))
import server as support  # noqa: E402

PROGRAM = support.program(sys.argv[1] if len(sys.argv) > 1 else None)
WAIT_S = 60
failed = 0


def case(function):
    """Run one function as one case; it raises AssertionError with the reason."""
    global failed
    name = function.__name__.replace("_", " ")
    try:
        skipped = function()
        print(f"skip - {name}: {skipped}" if skipped else f"ok - {name}", flush=True)
    except Exception as problem:  # one case, one line, whatever went wrong
        failed += 1
        print(f"not ok - {name}: {problem!r}", flush=True)
    return function


def serve(*arguments, **more):
    """An empty server: no product, so it starts at once."""
    return support.Server(PROGRAM, command="serve", arguments=["--workers", "1", *arguments], **more)


def port_of(server):
    return int(server.address.rsplit(":", 1)[1])


def read_to_end(link):
    data = b""
    while True:
        piece = link.recv(65536)
        if not piece:
            return data
        data += piece


GET_HEALTH = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"

# ---- TLS -----------------------------------------------------------------------------------------

folder = pathlib.Path(tempfile.mkdtemp(prefix="cordwain-tls-"))


def make_certificate(name="own"):
    key, cert = folder / f"{name}.key", folder / f"{name}.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                    "-nodes", "-keyout", key, "-out", cert, "-days", "1", "-subj", "/CN=localhost",
                    "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
    return cert, key


def start_fails(*arguments):
    done = subprocess.run([PROGRAM, "serve", "--listen", "127.0.0.1:0", "--data", folder / "data", *arguments],
                          capture_output=True, text=True, timeout=WAIT_S)
    assert done.returncode != 0
    return done.stderr


def has_tls():
    return "tls.not_built" not in start_fails("--tls-cert", "/nonexistent", "--tls-key", "/nonexistent")


def client(cert, **limits):
    context = ssl.create_default_context(cafile=cert)
    for name, value in limits.items():
        setattr(context, name, value)
    return context


def connect(server, context):
    link = socket.create_connection(("127.0.0.1", port_of(server)), timeout=WAIT_S)
    return context.wrap_socket(link, server_hostname="127.0.0.1", suppress_ragged_eofs=False)


@case
def requests_over_tls():
    if not has_tls():
        return "built without TLS"
    cert, key = make_certificate()
    with serve("--tls-cert", cert, "--tls-key", key) as server:
        assert server.base.startswith("https://"), server.base
        link = http.client.HTTPSConnection("127.0.0.1", port_of(server), context=client(cert), timeout=WAIT_S)
        for _ in range(3):  # kept alive
            link.request("GET", "/healthz")
            answer = link.getresponse()
            assert answer.status == 200 and json.loads(answer.read())["status"] == "ok"
        link.request("GET", "/openapi.json")  # more than one record
        assert json.loads(link.getresponse().read())["openapi"].startswith("3.")
        link.request("POST", "/v1/designs", b"x" * 200000, {"Content-Type": "application/json"})
        assert link.getresponse().status == 400
        link.close()
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            with connect(server, client(cert, minimum_version=version, maximum_version=version)) as link:
                link.sendall(GET_HEALTH * 5)
                link.sendall(GET_HEALTH.replace(b"Host", b"Connection: close\r\nHost"))
                # an end without close_notify would raise here
                assert read_to_end(link).count(b"HTTP/1.1 200 OK") == 6


@case
def tls_on_every_loop():
    if not has_tls():
        return "built without TLS"
    cert, key = make_certificate()
    with serve("--loops", "2", "--tls-cert", cert, "--tls-key", key) as server:
        seen = set()
        for _ in range(200):  # the kernel spreads connections by a hash
            with connect(server, client(cert)) as link:
                link.sendall(GET_HEALTH.replace(b"Host", b"Connection: close\r\nHost"))
                seen.add(json.loads(read_to_end(link).split(b"\r\n\r\n")[1])["loop"])
            if seen == {0, 1}:
                break
        assert seen == {0, 1}, seen


@case
def what_tls_refuses():
    if not has_tls():
        return "built without TLS"
    cert, key = make_certificate()
    with serve("--tls-cert", cert, "--tls-key", key) as server:
        old = client(cert)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of the very versions to be refused
            old.minimum_version = ssl.TLSVersion.TLSv1
            old.maximum_version = ssl.TLSVersion.TLSv1_1
        old.set_ciphers("ALL:@SECLEVEL=0")
        only_h2 = client(cert)
        only_h2.set_alpn_protocols(["h2"])
        for context in (old, only_h2):
            try:
                connect(server, context).close()
            except (ssl.SSLError, ConnectionError):
                continue
            raise AssertionError("the handshake succeeded")
        both = client(cert)
        both.set_alpn_protocols(["h2", "http/1.1"])
        with connect(server, both) as link:
            assert link.selected_alpn_protocol() == "http/1.1"
        with socket.create_connection(("127.0.0.1", port_of(server)), timeout=WAIT_S) as plain:
            plain.sendall(GET_HEALTH)
            try:
                assert b"HTTP/1.1" not in read_to_end(plain)
            except ConnectionResetError:
                pass
        with connect(server, client(cert)) as link:  # and is well afterwards
            link.sendall(b"GET /healthz HTTP/1.1\r\n\r\n")
            assert b"HTTP/1.1 400" in read_to_end(link)


@case
def certificates_that_do_not_fit():
    if not has_tls():
        return "built without TLS"
    cert, key = make_certificate()
    other, _ = make_certificate("other")
    assert "tls.certificate" in start_fails("--tls-cert", key, "--tls-key", key)
    assert "tls.certificate" in start_fails("--tls-cert", "/nonexistent", "--tls-key", key)
    assert "tls.key" in start_fails("--tls-cert", other, "--tls-key", key)
    assert "config.tls" in start_fails("--tls-cert", cert)
    assert "config.tls" in start_fails("--tls-key", key)


# ---- sockets that are passed, notices --------------------------------------------------------------


class Notices:
    """The service manager's end of NOTIFY_SOCKET."""

    def __init__(self, name):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(name)
        self.socket.settimeout(WAIT_S)
        self.name = name.replace("\0", "@")

    def next(self):
        return self.socket.recv(4096).decode()

    def silent(self):
        return not select.select([self.socket], [], [], 0)[0]


def pass_socket(passed, *arguments, count=1, other_pid=0, environment=None):
    """Start the server as systemd would: the socket is descriptor 3 of the process that LISTEN_PID names."""
    line = [sys.executable, "-c", support.PASS, str(count), str(passed.fileno()), str(other_pid), str(PROGRAM), "serve",
            "--listen", "127.0.0.1:0", "--workers", "1", "--data", folder / "passed", *arguments]
    process = subprocess.Popen(line, pass_fds=[passed.fileno()], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               text=True, env={**os.environ, **(environment or {})})
    atexit.register(process.kill)  # nothing happens when it has ended
    return process


def socket_number(link):
    return os.readlink(f"/proc/self/fd/{link.fileno()}")


def listening():
    passed = socket.create_server(("127.0.0.1", 0))
    return passed, passed.getsockname()[1]


def end(process):
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=WAIT_S)
    assert process.returncode == 0, errors
    assert not any(word in errors for word in support.REPORTS), errors


@case
def serves_on_the_socket_it_is_passed():
    passed, port = listening()
    with socket.create_connection(("127.0.0.1", port), timeout=WAIT_S) as early:  # before there is a server
        early.sendall(GET_HEALTH.replace(b"Host", b"Connection: close\r\nHost"))
        process = pass_socket(passed)
        assert process.stdout.readline() == f"ready http://127.0.0.1:{port}\n"
        assert b"HTTP/1.1 200 OK" in read_to_end(early)
    own = pathlib.Path(f"/proc/{process.pid}")
    inside = socket_number(passed)
    children = [pathlib.Path(f"/proc/{pid}") for pid in (own / "task" / str(process.pid) / "children").read_text().split()]
    assert children, "no renderer"
    for child in children:  # they neither hold the socket nor believe it is theirs
        held = [os.readlink(link) for link in (child / "fd").iterdir()] if os.access(child / "fd", os.R_OK) else []
        assert inside not in held
    end(process)


@case
def a_socket_for_another_process_is_left_alone():
    passed, port = listening()
    process = pass_socket(passed, other_pid=1)
    ready = process.stdout.readline()
    assert ready.startswith("ready ") and f":{port}\n" not in ready, ready
    end(process)


@case
def sockets_that_cannot_be_used():
    passed, _ = listening()
    unbound = socket.socket()
    datagram = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    local = socket.socket(socket.AF_UNIX)
    local.bind(str(folder / "local"))
    local.listen()
    for link, count in ((passed, 2), (unbound, 1), (datagram, 1), (local, 1)):
        process = pass_socket(link, count=count)
        _, errors = process.communicate(timeout=WAIT_S)
        assert process.returncode != 0 and "app.activation" in errors, errors


@case
def the_service_manager_is_told():
    for name in (str(folder / "notify"), "\0cordwain-test-" + str(os.getpid())):
        notices = Notices(name)
        server = serve(environment={"NOTIFY_SOCKET": notices.name})
        assert notices.next() == "READY=1"
        assert notices.silent()
        server.stop()
        assert notices.next() == "STOPPING=1"
    serve(environment={"NOTIFY_SOCKET": str(folder / "nobody")}).stop()  # nobody reads: no harm


# ---- few files -------------------------------------------------------------------------------------


@case
def connections_leave_the_server_its_own_files():
    """700 files: 444 connections and not one more; it goes on serving, and draws."""
    server = support.Server(PROGRAM, command="demo", prefix=("prlimit", "--nofile=700:700"), arguments=["--workers", "1"])
    port, links, told = port_of(server), [], 0
    assert "limit=700 connections=444 of=8192" in server.errors(), server.errors()
    assert server.get("/healthz").status == 200  # this one is kept
    for number in range(450):
        links.append(socket.create_connection(("127.0.0.1", port), timeout=WAIT_S, source_address=(f"127.0.1.{number % 3}", 0)))
    for link in links:
        link.sendall(GET_HEALTH)
        answer = link.recv(65536)
        told += b" 503 " in answer and b"http.too_many_connections" in answer
        assert b" 200 " in answer or b" 503 " in answer, answer
    assert told == 450 - 443, told
    assert server.get("/v1/previews/bottle@1/front.png?w=64&o.finish=gloss").status == 200
    for link in links:
        link.close()
    server.stop()


# ---- draining --------------------------------------------------------------------------------------


def refused(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=WAIT_S).close()
    except ConnectionRefusedError:
        return True
    return False


@case
def readiness_then_listening_then_connections():
    notices = Notices(str(folder / "drain"))
    server = serve("--drain-delay-ms", "60000", environment={"NOTIFY_SOCKET": notices.name})
    port = port_of(server)
    assert notices.next() == "READY=1"
    assert server.get("/readyz").status == 200
    held = socket.create_connection(("127.0.0.1", port), timeout=WAIT_S)
    held.sendall(b"POST /v1/designs HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{")
    server.get("/healthz")  # an answer on a later connection: the head of `held` was read
    server.process.send_signal(signal.SIGTERM)
    assert notices.next() == "STOPPING=1"
    answer = server.get("/readyz")  # not ready any more, but still serving, old connections and new
    assert answer.status == 503 and answer.json["code"] == "server.stopping", answer
    assert server.get("/healthz").status == 200 and not refused(port)
    idle = socket.create_connection(("127.0.0.1", port), timeout=WAIT_S)
    idle.sendall(GET_HEALTH)
    assert b"200 OK" in idle.recv(65536)
    server.process.send_signal(signal.SIGTERM)  # a second signal ends the wait
    assert idle.recv(65536) == b"", "the idle connection lives on"
    assert refused(port), "a new connection is taken while draining"
    held.sendall(b"}")  # the request under way is answered, by the last answer of its connection
    last = read_to_end(held)
    assert b"HTTP/1.1 422" in last and b"Connection: close" in last, last
    server.stop()


@case
def the_delay_ends_by_itself():
    server = serve("--drain-delay-ms", "1")
    server.get("/healthz")
    server.stop()


if __name__ == "__main__":
    shutil.rmtree(folder, ignore_errors=True)
    sys.exit(1 if failed else 0)
