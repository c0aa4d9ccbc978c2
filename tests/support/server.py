"""Start a cordwain server for black-box tests, talk to it strictly, end it by its process id.

Python 3 standard library only. A server is a context manager: its end checks that SIGTERM gives exit
code 0 and that nothing on standard error looks like a sanitizer's report or a failed assertion.
"""
import functools
import http.client
import json
import os
import pathlib
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parents[2]
REPORTS = ("Sanitizer", "runtime error:", "Assertion", "stack smashing")
IDLE_S = 15  # half of what the server waits
READY_S = 120  # a sanitizer build packs the demo art slowly
# Run by `python3 -c`: exec ARGUMENTS… with a socket as descriptor 3, as systemd would.
# arguments: how many sockets are said to be passed, descriptor, what LISTEN_PID is off by, program and its arguments
PASS = """
import os, sys
count, fd = int(sys.argv[1]), int(sys.argv[2])
if fd != 3:
    os.dup2(fd, 3)
os.set_inheritable(3, True)
os.environ.update(LISTEN_PID=str(os.getpid() + int(sys.argv[3])), LISTEN_FDS=str(count))
os.execv(sys.argv[4], sys.argv[4:])
"""

START = re.compile(r"designer key (\S+)|facility key (\S+) \((\S+)\)|ready (https?://\S+)")


def program(argument=None):
    """The cordwain to test: the argument, $CORDWAIN_BIN, or the newest build folder's."""
    name = argument or os.environ.get("CORDWAIN_BIN")
    if name:
        return pathlib.Path(name).resolve()
    built = sorted(ROOT.glob("build*/cordwain"), key=lambda path: path.stat().st_mtime)
    if not built:
        sys.exit("no cordwain is built: give its path or set CORDWAIN_BIN")
    return built[-1]


class Answer:
    """One HTTP answer with its whole body."""

    def __init__(self, response, body):
        self.status = response.status
        self.fields = {}
        for name, value in response.getheaders():
            name = name.lower()
            self.fields[name] = f"{self.fields[name]}, {value}" if name in self.fields else value
        self.body = body

    def __getitem__(self, name):
        return self.fields.get(name.lower(), "")

    @property
    def json(self):
        assert "json" in self["Content-Type"], f"{self.status} {self['Content-Type']}: {self.body[:200]}"
        return json.loads(self.body.decode("utf-8"), object_pairs_hook=no_doubles)

    @property
    def text(self):
        return self.body.decode("utf-8")

    def __repr__(self):
        return f"{self.status} {self['Content-Type']} {self.body[:300]!r}"


@functools.cache
def contract():
    """Every answer must be one that schemas/openapi.json describes."""
    from contract import Contract  # which imports this module
    return Contract()


def no_doubles(pairs):
    names = [name for name, _ in pairs]
    assert len(names) == len(set(names)), f"an answer repeats a member name: {names}"
    return dict(pairs)


class Server:
    """A running server; `base` is its URL, `designer` and `facility` its demo keys."""

    def __init__(self, binary=None, data=None, command="demo", arguments=(), environment=None, port=0,
                 prefix=(), pass_fds=()):
        self.binary = program(binary)
        self.own_data = data is None
        self.data = pathlib.Path(data or tempfile.mkdtemp(prefix="cordwain-test-"))
        self.designer = self.facility = self.facility_id = self.base = None
        self.log = tempfile.TemporaryFile(prefix="cordwain-log-")
        self.process = subprocess.Popen(
            [*prefix, self.binary, command, "--listen", f"127.0.0.1:{port}", "--data", self.data, *arguments],
            pass_fds=pass_fds, stdout=subprocess.PIPE, stderr=self.log, env={**os.environ, **(environment or {})})
        self.local = threading.local()
        self.observer = contract()  # called with (method, target, answer) after each request
        try:
            self._wait_ready()
        except BaseException:
            self.kill()
            raise

    def _wait_ready(self):
        end, seen = time.monotonic() + READY_S, b""
        pipe = self.process.stdout
        while self.base is None:
            if not select.select([pipe], [], [], max(0, end - time.monotonic()))[0]:
                raise AssertionError(f"not ready after {READY_S} s: {self.errors()[-2000:]}")
            data = os.read(pipe.fileno(), 4096)
            if not data:
                raise AssertionError(f"ended at start, code {self.process.wait()}: {self.errors()[-2000:]}")
            seen += data
            for found in START.finditer(seen.decode()[:seen.rfind(b"\n") + 1]):
                self.designer = found[1] or self.designer
                self.facility = found[2] or self.facility
                self.facility_id = found[3] or self.facility_id
                self.base = found[4] or self.base
        self.address = urllib.parse.urlsplit(self.base).netloc

    def errors(self):
        self.log.seek(0)
        return self.log.read().decode(errors="replace")

    # ---- requests --------------------------------------------------------------------------

    def request(self, method, target, body=None, headers=None, key=None, timeout=60):
        """One request; kept-alive connections are kept per thread. `body`: JSON value, bytes or None."""
        fields = {"Host": self.address, **(headers or {})}
        if key:
            fields["Authorization"] = f"Bearer {key}"
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body, ensure_ascii=False).encode()
            fields.setdefault("Content-Type", "application/json")
        elif body is not None:
            fields.setdefault("Content-Type", "application/json")
        link = getattr(self.local, "link", None)
        if link is not None and time.monotonic() - self.local.used > IDLE_S:
            link.close()  # the server is about to, or has: what is no GET could not be tried again
            link = None
        for fresh in (False, True):
            if link is None or fresh:
                link = http.client.HTTPConnection(self.address, timeout=timeout)
            if link.sock is not None:
                link.sock.settimeout(timeout)
            try:
                link.request(method, target, body, fields)
                response = link.getresponse()
                answer = Answer(response, response.read())
                break
            except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
                link.close()  # an idle connection that the server closed is worth a second try
                self.local.link = None
                if fresh or method != "GET":
                    raise
        self.local.link, self.local.used = None if response.will_close else link, time.monotonic()
        if self.observer:
            self.observer(method, target, answer)
        return answer

    def get(self, target, **more):
        return self.request("GET", target, **more)

    def post(self, target, body, **more):
        return self.request("POST", target, body, **more)

    # ---- ends ------------------------------------------------------------------------------

    def stop(self):
        """SIGTERM, and what a good end looks like."""
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError("SIGTERM did not end the server in 30 s")
        errors = self.errors()
        self._forget()
        reports = [line for line in errors.splitlines() if any(word in line for word in REPORTS)]
        assert not reports, f"standard error has a report: {reports[0]}\n{errors[-4000:]}"
        assert code == 0, f"exit code {code}: {errors[-2000:]}"

    def kill(self):
        """SIGKILL; the data folder stays when it was given."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._forget()

    def _forget(self):
        self.process.stdout.close()
        self.log.close()
        if self.own_data:
            shutil.rmtree(self.data, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, kind, problem, trace):
        if kind is None:
            self.stop()
        else:
            self.kill()


# ---- running other commands -------------------------------------------------------------------


def renderer(binary):
    """The renderer that the program finds: ThreadSanitizer builds hold a plain one beside it, as its libraries race."""
    folder = pathlib.Path(binary).resolve().parent
    return next(path for path in (folder / "cordwain-renderer", folder / "renderer/cordwain-renderer") if path.exists())


def run(binary, *arguments, data=None, stdin=None, environment=None):
    """A cordwain command to its end: (exit code, stdout bytes, stderr text)."""
    line = [program(binary), *arguments, *(["--data", data] if data else [])]
    with tempfile.TemporaryDirectory(prefix="cordwain-run-") as folder:  # ./data would be made where it runs
        done = subprocess.run(line, input=stdin, capture_output=True, timeout=120, cwd=folder,
                              env={**os.environ, **(environment or {})})
    errors = done.stderr.decode(errors="replace")
    assert not any(word in errors for word in REPORTS), errors
    return done.returncode, done.stdout, errors


# ---- checks -----------------------------------------------------------------------------------


def problem(answer, status, code, *faults):
    """`answer` is RFC 9457 problem+json with this status and code, and has exactly these faults, each a
    pair (pointer, code), when any is given. Returns the document."""
    assert answer.status == status, f"status {answer.status} instead of {status}: {answer!r}"
    assert answer["Content-Type"] == "application/problem+json", answer["Content-Type"]
    document = answer.json
    assert document["status"] == status, document
    assert document["code"] == code, f"code {document['code']} instead of {code}: {document}"
    assert document["type"] == f"/problems/{code}", document
    assert sentence(document["detail"]) and sentence(document["title"]), document
    assert document["requestId"] and document["requestId"] == answer["X-Request-Id"], document
    for fault in document.get("errors", []):
        assert sentence(fault["message"]), document
        assert set(fault) <= {"pointer", "code", "message", "hint"}, document
        assert fault["pointer"] == "" or fault["pointer"].startswith("/"), document
    if faults:
        have = [(fault["pointer"], fault["code"]) for fault in document.get("errors", [])]
        assert sorted(have) == sorted(faults), f"faults {have} instead of {list(faults)}"
    assert "no-store" in answer["Cache-Control"] or not answer["Cache-Control"], answer["Cache-Control"]
    assert not answer["ETag"], "an error has an ETag"
    return document


def sentence(text):
    return isinstance(text, str) and len(text) > 3 and not re.search(r"%[a-z]|\(null\)|[\x00-\x1f]", text)


class Cases:
    """Runs functions as cases and prints `ok - name` or `not ok - name: why`."""

    def __init__(self):
        self.failed = self.count = 0
        self.started = time.monotonic()
        self.only = os.environ.get("ONLY", "")

    def run(self, function, *arguments, name=None):
        name = name or function.__name__.replace("_", " ")
        if self.only not in name:
            return
        self.count += 1
        try:
            function(*arguments)
            print(f"ok - {name}", flush=True)
        except Exception as error:  # any fault of a case is that case's failure
            self.failed += 1
            at = error.__traceback__
            while at.tb_next is not None:
                at = at.tb_next
            why = f"{type(error).__name__} {error}".replace("\n", " ")[:600]
            print(f"not ok - {name}: {why} (line {at.tb_lineno})", flush=True)

    def finish(self):
        seconds = time.monotonic() - self.started
        print(f"# {self.count} cases, {self.failed} failed, {seconds:.1f} s", flush=True)
        return 1 if self.failed else 0
