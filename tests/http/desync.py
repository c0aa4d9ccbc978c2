#!/usr/bin/env python3
"""The same changed pipelines directly and through nginx: both must cut them into the same requests.

Usage: desync.py [path of http_echo] [pipelines, default 2000, for check --long 100000] [seed, default 1]
A proxy and a server that disagree where a request ends let one client speak in another's name. Every pipeline is a
few requests, broken in places where parsers are known to differ or anywhere. What http_echo saw must agree as far as
both go; one side may stop earlier only by saying so (a refusal, Connection: close); and behind nginx nothing may be
handled that nobody was answered for. Prints one TAP-like line; a difference prints its bytes. 'skip' without nginx.
"""
import atexit
import json
import os
import pathlib
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from raw_http import Server, finish, report  # noqa: E402

COUNT = int(sys.argv[2]) if len(sys.argv) > 2 else 100000 if os.environ.get("CORDWAIN_LONG") else 2000
SEED = int(sys.argv[3]) if len(sys.argv) > 3 else 1
BATCH = 25
CONFIG = """
daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log crit;
events {{ worker_connections 512; }}
http {{
    access_log off; server_tokens off; keepalive_requests 100000; lingering_timeout 50ms; proxy_ignore_client_abort on;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/f;
    uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    upstream echo {{ server 127.0.0.1:{echo}; keepalive 4; }}
    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass http://echo; proxy_http_version 1.1; proxy_set_header Connection "";
            proxy_set_header Host $http_host; proxy_request_buffering off;
        }}
    }}
}}
"""


class Nginx:
    """nginx before an http_echo of its own; talks like raw_http.Server."""

    def __init__(self):
        self.echo = Server("connections_per_address=4000", "requests_per_connection=1000000")
        self.folder = tempfile.mkdtemp(prefix="cordwain-nginx-")
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        config = pathlib.Path(self.folder) / "nginx.conf"
        config.write_text(CONFIG.format(folder=self.folder, echo=self.echo.port, port=self.port))
        program = shutil.which("nginx") or "/usr/sbin/nginx"
        self.process = subprocess.Popen([program, "-p", self.folder, "-e", f"{self.folder}/error.log", "-c", config],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        atexit.register(self.process.kill)
        for _ in range(200):
            try:
                self.connect().close()
                return
            except ConnectionRefusedError:
                assert self.process.poll() is None, "nginx ended"
                time.sleep(0.05)
        raise AssertionError("nginx does not listen")

    connect = Server.connect

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=10)
        code = self.echo.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
        return code


# ---- pipelines -----------------------------------------------------------------------------------

FRAMING = [b"Content-Length: 0", b"Content-Length: 5", b"Content-Length: +5", b"Content-Length: 5 ", b"Content-Length: 0x5",
           b"Content-Length: 5, 5", b"Content-Length: 5,6", b"Content-Length: -1", b"Content-Length:", b"Content-Length : 5",
           b"Content-Length\t: 5", b" Content-Length: 5", b"Content_Length: 5", b"Content-Length: 00005", b"content-length:5",
           b"Content-Length: 4294967301", b"Content-Length: 18446744073709551621", b"Content-Length: \x0b5",
           b"Transfer-Encoding: chunked", b"Transfer-Encoding: Chunked", b"Transfer-Encoding : chunked",
           b"Transfer-Encoding: identity", b"Transfer-Encoding: chunked, identity", b"Transfer-Encoding: identity, chunked",
           b"Transfer-Encoding: chunked, chunked", b"Transfer-Encoding:\x0bchunked", b"Transfer-Encoding: \"chunked\"",
           b"Transfer-Encoding:\r\n chunked", b"Transfer-Encoding: x\r\nTransfer-Encoding: chunked", b"X: y\rTransfer-Encoding: chunked",
           b"X: y\nTransfer-Encoding: chunked", b"Transfer-Encoding: chunked\x00", b"Transfer_Encoding: chunked", b"TE: chunked",
           b"Connection: Content-Length", b"Connection: Transfer-Encoding", b"Connection: close", b"Connection: keep-alive",
           b"Expect: 100-continue", b"Upgrade: websocket\r\nConnection: upgrade", b"Host: b", b"Host: a, b", b"Trailer: Content-Length"]
CHUNKS = [b"0\r\n\r\n", b"5\r\nhello\r\n0\r\n\r\n", b"5;a=b\r\nhello\r\n0\r\n\r\n", b"5 \r\nhello\r\n0\r\n\r\n", b"05\r\nhello\r\n0\r\n\r\n",
          b"0x5\r\nhello\r\n0\r\n\r\n", b"+5\r\nhello\r\n0\r\n\r\n", b"5\nhello\n0\n\n", b"5\r\nhello0\r\n\r\n", b"5\r\nhellooo\r\n0\r\n\r\n",
          b"5;\nGET /in HTTP/1.1\r\nHost: a\r\n\r\n\r\nhello\r\n0\r\n\r\n", b"100000005\r\nhello\r\n0\r\n\r\n",
          b"10000000000000005\r\nhello\r\n0\r\n\r\n", b"0\r\nX: y\r\n\r\n", b"0\r\nContent-Length: 9\r\n\r\n", b"0\r\n", b"00000\r\n\r\n",
          b"5;a=\"\r\n\"\r\nhello\r\n0\r\n\r\n", b"5\r\nhello\r\n0;x\r\n\r\n", b"A\r\n0123456789\r\n0\r\n\r\n"]
LINES = [b"GET %s HTTP/1.1", b"POST %s HTTP/1.1", b"PUT %s HTTP/1.1", b"GET %s HTTP/1.0", b"POST %s HTTP/1.0", b"GET http://a%s HTTP/1.1",
         b"get %s HTTP/1.1", b"GET  %s HTTP/1.1", b"GET %s HTTP/1.1 ", b"GET %s", b"GET %s HTTP/1.2", b"GET %s HTTP/01.1", b"HEAD %s HTTP/1.1",
         b"DELETE %s HTTP/1.1", b"GET\t%s HTTP/1.1", b"GET %s?a=b HTTP/1.1", b"GET %s#f HTTP/1.1", b"GET %s\\ HTTP/1.1", b"\r\nGET %s HTTP/1.1"]
BYTES = [b"\r", b"\n", b"\r\n", b"\0", b" ", b"\t", b":", b",", b";", b"0", b"5", b"\x0b", b"\x85", b"\xff", b"\"", b"\r\n\r\n"]


def request(dice, name):
    """One request; mostly good, sometimes good in an unusual way, sometimes not."""
    kind = dice.random()
    path = b"/" + name
    odd = dice.random() < 0.08
    line = dice.choice(LINES) % path if odd else (b"POST %s HTTP/1.1" if kind > 0.4 else b"GET %s HTTP/1.1") % path
    fields, body = [b"Host: a"], b""
    if kind > 0.7:
        fields.append(b"Transfer-Encoding: chunked")
        body = dice.choice(CHUNKS) if dice.random() < 0.3 else CHUNKS[1]
    elif kind > 0.4:
        body = b"x" * dice.randrange(12) if dice.random() < 0.7 else b"GET /in%s HTTP/1.1\r\nHost: a\r\n\r\n" % name
        fields.append(b"Content-Length: %d" % len(body))
    for _ in range(dice.choice((0, 0, 0, 0, 0, 1, 1, 2))):
        fields.insert(dice.randrange(len(fields) + 1), dice.choice(FRAMING))
    return b"\r\n".join([line, *fields]) + b"\r\n\r\n" + body


def pipeline(dice, number):
    data = b"".join(request(dice, b"r%d-%d" % (number, i)) for i in range(dice.randrange(1, 4)))
    for _ in range(dice.choice((0, 0, 0, 0, 1, 2))):
        at = dice.randrange(len(data))
        cut = dice.choice((0, 0, 1, 2))
        data = data[:at] + dice.choice(BYTES) + data[at + cut:]
    return data + b"GET /end%d HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" % number


# ---- what both made of them -------------------------------------------------------------------------

class Seen:
    """The requests that were answered, as far as an answer was 200; then why there are no more."""

    def __init__(self, server, data):
        link = server.connect()
        link.send(data)
        try:
            link.sock.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # it was closed on us
        while link.more(10):
            pass
        link.close()
        self.requests, self.said_so, self.ours = [], False, 0
        rest = link.data
        while b"\r\n\r\n" in rest:
            if not rest.startswith(b"HTTP/1.1 "):  # nginx speaks HTTP/0.9: the rest is one body
                self.said_so = True
                break
            head, rest = rest.split(b"\r\n\r\n", 1)
            rest = self.answer(head.lower(), rest)

    def answer(self, head, rest):
        own = b"x-request-id:" in head
        status = int(head.split(b" ", 2)[1])
        self.ours += own and status == 200
        if status == 100:
            return rest
        fields = dict(line.split(b": ", 1) for line in head.split(b"\r\n")[1:])
        length = int(fields.get(b"content-length", 0))
        if rest.startswith(b"HTTP/1.1 ") or (status == 200 and not rest.startswith(b'{"method"')):
            length, body = 0, b'{"method":"HEAD","path":"","query":"","length":0}'
        else:
            body = rest[:length]
        if len(body) < length:  # nginx reset the connection: the answer was on its way
            self.said_so = True
        if own and status == 200 and not self.said_so:
            seen = json.loads(body)
            self.requests.append((seen["method"], seen["path"], seen["query"], seen["length"], seen.get("body")))
        self.said_so |= status != 200 or b"close" in fields.get(b"connection", b"")
        return rest[length:]


def difference(direct, proxied):
    both = min(len(direct.requests), len(proxied.requests))
    for i in range(both):
        if direct.requests[i] != proxied.requests[i]:
            return f"request {i}: {direct.requests[i]} directly, {proxied.requests[i]} through nginx"
    for shorter, longer, name in ((direct, proxied, "directly"), (proxied, direct, "through nginx")):
        if len(shorter.requests) < len(longer.requests) and not shorter.said_so:
            return f"{name} it ends after {both} requests without a word; then {longer.requests[both:]}"
    return None


def run(echo, nginx, batch):
    """The differences of a batch of pipelines."""
    found, answered = [], 0
    nginx.echo.count()
    for data in batch:
        proxied = Seen(nginx, data)
        answered += proxied.ours
        problem = difference(Seen(echo, data), proxied)
        if problem:
            found.append((problem, data))
    handled = nginx.echo.count()["handled"]
    if handled != answered and len(batch) > 1:  # which of them?
        return [one for data in batch for one in run(echo, nginx, [data])] or [("handled without an answer", batch)]
    if handled != answered:
        found.append((f"{handled} handled behind nginx, {answered} answered", batch[0]))
    return found


def main():
    if not (shutil.which("nginx") or pathlib.Path("/usr/sbin/nginx").exists()):
        print("skip - the same cuts as nginx: no nginx here")
        return
    dice = random.Random(SEED)
    echo, nginx = Server("connections_per_address=4000"), Nginx()
    found, requests, start = [], 0, time.monotonic()
    for number in range(0, COUNT, BATCH):
        batch = [pipeline(dice, number + i) for i in range(min(BATCH, COUNT - number))]
        found += run(echo, nginx, batch)
        requests += echo.count()["handled"]
        if sys.stderr.isatty():
            rate = (number + BATCH) / (time.monotonic() - start)
            print(f"\r{number + BATCH} of {COUNT}, {rate:.0f}/s, {(COUNT - number) / rate:.0f} s left ", end="", file=sys.stderr)
    for problem, data in found[:20]:
        print(f"# {problem}\n#   {data!r}")
    report(f"nginx cuts {COUNT} pipelines (seed {SEED}) into the same requests", f"{len(found)} differ" if found else None)
    report("many of the requests were answered", None if requests > COUNT // 2 else f"only {requests}")
    report("both servers end cleanly", None if echo.stop() == 0 and nginx.stop() == 0 else "exit code")


main()
finish()
