"""Start http_echo and talk to it byte by byte, for the black-box tests of the HTTP server.

Python 3 standard library only. The program is the script's first argument or the newest build's.
"""
import atexit
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = os.path.basename(os.environ.get("CORDWAIN_BUILD", "build*"))  # which build folder of ours
failed = 0


def program():
    """The http_echo to test."""
    if len(sys.argv) > 1 and not sys.argv[1].startswith("-"):
        return sys.argv[1]
    found = sorted(ROOT.glob(f"{BUILD}/tests/support/http_echo"), key=lambda path: path.stat().st_mtime)
    if not found:
        sys.exit("build http_echo first")
    return str(found[-1])


def report(name, problem):
    global failed
    failed += problem is not None
    print(f"not ok - {name}: {problem}" if problem is not None else f"ok - {name}", flush=True)


def case(function):
    """Run one function as one case; it raises AssertionError with the reason."""
    name = function.__name__.replace("_", " ")
    try:
        function()
        report(name, None)
    except Exception as problem:  # one case, one line, whatever went wrong
        report(name, repr(problem))
    return function


class Server:
    def __init__(self, *limits):
        with open(os.environ.get("ECHO_LOG", os.devnull), "a") as log:  # sanitizer reports go there
            self.process = subprocess.Popen([program(), *limits], stdout=subprocess.PIPE, stderr=log,
                                            text=True)
        atexit.register(self.process.kill)
        self.port = int(self.process.stdout.readline().split()[1])

    def connect(self):
        link = socket.create_connection(("127.0.0.1", self.port), timeout=5)
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return Link(link)

    def ask(self, data, head=False):
        """One request on its own connection, all its answers."""
        link = self.connect()
        link.send(data)
        answers = link.rest(head)
        link.close()
        return answers

    def one(self, data, head=False):
        link = self.connect()
        link.send(data)
        answer = link.answer(head)
        link.close()
        return answer

    def count(self):
        return json.loads(self.one(get("/count")).body)

    def settles(self, name, value):
        """Wait until this count has that value."""
        deadline = time.monotonic() + 30
        while (seen := self.count()[name]) != value:
            assert time.monotonic() < deadline, f"{name} is {seen}, not {value}"

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=10)
        self.process.stdout.close()
        return code


class Answer:
    def __init__(self, head, body):
        lines = head.split("\r\n")
        self.status = int(lines[0].split()[1])
        self.fields = {}
        for line in lines[1:]:
            name, value = line.split(": ", 1)
            self.fields[name.lower()] = value
        self.body = body

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def code(self):
        return self.json.get("code")

    @property
    def closes(self):
        return self.fields.get("connection") == "close"


class Link:
    def __init__(self, sock):
        self.sock, self.data = sock, b""

    def send(self, data):
        try:
            self.sock.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass  # the answer is already there

    def more(self, wait=5.0):
        self.sock.settimeout(wait)
        try:
            data = self.sock.recv(1 << 16)
        except ConnectionResetError:
            data = b""
        self.data += data
        return data != b""

    def answer(self, head=False, wait=5.0):
        """The next answer, or None when the connection ended first."""
        while b"\r\n\r\n" not in self.data:
            if not self.more(wait):
                assert self.data == b"", f"cut off: {self.data[:80]!r}"
                return None
        text, self.data = self.data.split(b"\r\n\r\n", 1)
        answer = Answer(text.decode("ascii"), b"")
        length = int(answer.fields.get("content-length", 0))
        if answer.status in (100, 204, 304):
            assert "content-length" not in answer.fields
            length = 0
        while not head and len(self.data) < length:
            assert self.more(wait), "body cut off"
        if not head:
            answer.body, self.data = self.data[:length], self.data[length:]
        return answer

    def rest(self, head=False, quiet=0.05):
        """All answers until the server closes or says nothing for a moment."""
        answers = []
        while True:
            try:
                answer = self.answer(head, 5.0 if not answers else quiet)
            except TimeoutError:
                return answers
            if answer is None:
                return answers
            answers.append(answer)

    def ended(self, wait=5.0):
        """True when the server closes within `wait` seconds."""
        try:
            while self.more(wait):
                pass
            return True
        except TimeoutError:
            return False

    def close(self):
        self.sock.close()


def get(path, *fields, method="GET", version="1.1"):
    lines = [f"{method} {path} HTTP/{version}", "Host: a", *fields]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def post(body, path="/", *fields):
    return get(path, f"Content-Length: {len(body)}", *fields, method="POST") + body


def chunked(*chunks, path="/"):
    text = get(path, "Transfer-Encoding: chunked", method="POST")
    return text + b"".join(chunks)


def expect(answer, status, code=None):
    assert answer is not None, f"no answer, wanted {status}"
    assert answer.status == status, f"{answer.status} {answer.body[:200]!r}, wanted {status}"
    if code is not None:
        assert answer.fields["content-type"] == "application/problem+json"
        assert answer.code == code, f"{answer.code}, wanted {code}"
        assert answer.json["type"] == f"/problems/{code}" and answer.json["status"] == status
        assert answer.json["requestId"] == answer.fields["x-request-id"]
    return answer


def finish():
    """The script's end."""
    sys.exit(1 if failed else 0)
