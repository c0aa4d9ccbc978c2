#!/usr/bin/env python3
"""Compares verdicts (framed or refused) with the strict request cases of llhttp (MIT, nodejs/llhttp, not included).

Usage: llhttp.py [path of http_echo]; cases from $CORDWAIN_SUITES/llhttp-http1. Prints one TAP-like line per case.
A case we judge differently on purpose stands in POLICY with its reason; one that stands there without need fails.
"""
import os
import pathlib
import re
import socket
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import suites  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = os.path.basename(os.environ.get("CORDWAIN_BUILD", "build*"))  # which build folder of ours
OTHER = "not HTTP/1.x, or a method only other protocols have"
METHOD = "an unknown method is answered 405 or 404, not refused as framing"
ASCII = "field values are printable ASCII, targets are RFC 3986 characters"
FRAGMENT = "a fragment is no part of a target (RFC 9112 3.2)"
UPGRADE = "Upgrade is ignored, so what follows must be HTTP"
PROXY = "CONNECT is for proxies"
POLICY = {
    "connection: Multiple tokens with folding and LWS": UPGRADE,
    "connection: Upgrade GET request": UPGRADE,
    "connection: Upgrade POST request": UPGRADE,
    "method: CONNECT request": PROXY,
    "method: CONNECT request with CAPS": PROXY,
    "method: CONNECT with body": PROXY,
    "connection: No restart when keep-alive is off (1.0)": "we close instead of reading on",
    "invalid: HTTP protocol and ANNOUNCE method": METHOD,
    "invalid: Invalid method": METHOD,
    "method: M-SEARCH request": OTHER,
    "method: SOURCE request with ICE": OTHER,
    "method: OPTIONS request with RTSP": OTHER,
    "method: ANNOUNCE request with RTSP": OTHER,
    "sample: No HTTP version": OTHER,
    "sample: Extended Characters": ASCII,
    "sample: 255 ASCII in header value": ASCII,
    "uri: Quotes in URI": ASCII,
    "uri: Fragment in URI": FRAGMENT,
    "uri: Underscore in hostname": PROXY,
    "uri: host:port and basic auth": "user information in a target is refused",
    "transfer-encoding: POST with chunked as last transfer-encoding": FRAGMENT,
    "transfer-encoding: POST with chunked as last transfer-encoding (multiple headers)": FRAGMENT,
}
PAUSED = ("error code=21", "error code=22", "error code=31")  # llhttp stops, the bytes are good
UNESCAPE = {"\\r": "\r", "\\n": "\n", "\\t": "\t", "\\f": "\f", "\\0": "\0"}


def unescape(text):
    text = re.sub(r"\\x([0-9a-fA-F]{2})", lambda m: chr(int(m.group(1), 16)), text)
    return re.sub(r"\\[rntf0]", lambda m: UNESCAPE[m.group(0)], text)


def cases(path):
    """(name, bytes, accepted) of each strict case of one file."""
    text = path.read_text(encoding="latin-1")  # bytes stay bytes
    heading = ""
    pattern = re.compile(r"^#{2,} ([^\n]*)$|^<!-- meta=(\{[^\n]*\}) -->\n+```http\n(.*?)```\n+```log\n(.*?)```",
                         re.M | re.S)
    seen = {}
    for match in pattern.finditer(text):
        if match.group(1) is not None:
            heading = match.group(1).replace("`", "").strip()
            continue
        meta, request, log = match.group(2, 3, 4)
        if "lenient" in meta or "pause" in meta:
            continue
        seen[heading] = seen.get(heading, 0) + 1
        name = heading + (f" #{seen[heading]}" if seen[heading] > 1 else "")
        request = re.sub(r"\\\n", "", request)  # a backslash at the end joins lines
        if request.endswith("\n"):
            request = request[:-1]
        yield (f"{path.stem}: {name}", unescape(request.replace("\n", "\r\n")).encode("latin-1"),
               "error code=" not in log or any(code in log for code in PAUSED))


def with_host(data):
    """These cases mostly lack Host, which is no question of framing."""
    if re.search(rb"^host\s*:", data, re.I | re.M):
        return data
    line = re.match(rb"(?:\r\n)*[^\r\n]*HTTP/1\.1\r\n", data)
    return data if line is None else line.group(0) + b"Host: a\r\n" + data[line.end():]


def exchange(port, data):
    got = b""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as link:
        try:
            link.sendall(data)
            link.shutdown(socket.SHUT_WR)
            while more := link.recv(65536):
                got += more
        except ConnectionError:
            pass
    return got


def refusal(port, data, accepted):
    """The code of the framing error among the answers, or None."""
    got = exchange(port, data)
    if got == b"" and not accepted:  # llhttp judges some heads before their end
        got = exchange(port, data + b"\r\n\r\n")
    codes = re.findall(rb'"code":"(http\.[a-z_]+)"', got)
    ours = [code.decode() for code in codes
            if code not in (b"http.not_found", b"http.method_not_allowed", b"http.host")]
    return ours[0] if ours else None


def main():
    if not suites.there("llhttp-http1"):
        return 0
    folder = suites.SUITES / "llhttp-http1" / "test" / "request"
    found = sorted(ROOT.glob(f"{BUILD}/tests/support/http_echo"), key=lambda p: p.stat().st_mtime)
    program = sys.argv[1] if len(sys.argv) > 1 else str(found[-1])
    failed = total = 0
    with subprocess.Popen([program], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        port = int(server.stdout.readline().split()[1])
        try:
            for path in sorted(folder.glob("*.md")):
                for name, data, accepted in cases(path):
                    total += 1
                    code = refusal(port, with_host(data), accepted)
                    same = (code is None) == accepted
                    why = POLICY.get(name)
                    if same == (why is None):
                        print(f"ok - llhttp {name}" + (f" ({why})" if why else ""))
                        continue
                    failed += 1
                    print(f"not ok - llhttp {name}: llhttp {'accepts' if accepted else 'refuses'}, "
                          f"we say {code or 'good'}; {data[:300]!r}")
        finally:
            server.terminate()
    return 1 if failed or total == 0 else 0


sys.exit(main())
