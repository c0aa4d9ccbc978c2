#!/usr/bin/env python3
"""Black-box tests of request bodies that are held, refused, streamed and spooled to a file.

Usage: uploads.py [path of http_echo]; prints one TAP-like line per case.
"""
import contextlib
import os
import pathlib
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from raw_http import Server, case, expect, finish, get, post, report

MB = 1 << 20
# What a sanitizer keeps of freed memory is not what the server needs.
os.environ["ASAN_OPTIONS"] = os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=1:thread_local_quarantine_size_kb=64"
server = Server()


def memory_kb(process):
    text = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    return int(text.split("VmRSS:")[1].split()[0])


def open_files():
    names = []
    for entry in pathlib.Path(f"/proc/{server.process.pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # closed meanwhile
            names.append(os.readlink(entry))
    return [name for name in names if name.endswith(" (deleted)") and "echo" not in name]


def spooled(answer, body, memory):
    told = expect(answer, 200).json
    assert told == {"memory": memory, "length": len(body), "received": len(body), "sum": sum(body), "body": 0}, told


@case
def memory_1000_bytes_and_one_more():
    spooled(server.one(post(b"x" * 1000, "/spool")), b"x" * 1000, True)
    spooled(server.one(post(b"x" * 1001, "/spool")), b"x" * 1001, False)


@case
def spooled_in_chunks_with_trailers():
    link = server.connect()
    body = bytes(range(256)) * 4000
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(body[at:at + 999]), body[at:at + 999]) for at in range(0, len(body), 999))
    link.send(get("/spool", "Transfer-Encoding: chunked", method="POST") + chunks + b"0\r\nX-Probe: 1\r\n\r\n" + get("/next"))
    spooled(link.answer(), body, False)
    assert expect(link.answer(), 200).json["path"] == "/next"


@case
def a_long_upload_never_sits_in_memory():
    server.one(post(b"x" * MB, "/spool"))
    before, most = memory_kb(server.process), 0
    link = server.connect()
    link.send(get("/spool", f"Content-Length: {48 * MB}", method="POST"))
    for _ in range(48):
        link.send(b"y" * MB)
        most = max(most, memory_kb(server.process))
    assert expect(link.answer(wait=30), 200).json["length"] == 48 * MB
    assert most - before < 16 * 1024, f"{most - before} kB more while 48 MB came"


@case
def eight_uploads_at_once():
    answers = [None] * 8

    def upload(i):
        link = server.connect()
        link.send(post(bytes([i]) * (3 * MB + i), "/spool"))
        answers[i] = link.answer(wait=30)
    threads = [threading.Thread(target=upload, args=(i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for i, answer in enumerate(answers):
        spooled(answer, bytes([i]) * (3 * MB + i), False)


@case
def no_file_is_an_internal_error():
    answer = expect(server.one(post(b"x" * 5000, "/spool", "X-Folder: /does/not/exist")), 500, "internal")
    assert answer.closes and b"exist" not in answer.body


@case
def too_long_in_chunks_is_refused_in_the_middle():
    link = server.connect()
    link.send(get("/spool", "Transfer-Encoding: chunked", method="POST"))
    link.send(b"4000000\r\n" + b"x" * (64 * MB) + b"\r\n1\r\nx\r\n0\r\n\r\n")
    assert expect(link.answer(wait=30), 413, "http.body_too_large").closes


@case
def a_client_that_leaves_in_the_middle_frees_its_file():
    for _ in range(20):
        link = server.connect()
        link.send(get("/spool", "Content-Length: 900000", method="POST") + b"x" * 500000)
        link.close()
    end = time.monotonic() + 60  # what a thread is writing is written first
    while time.monotonic() < end:  # each question is a turn of the loop
        if server.count()["connections"] == 1 and not open_files():
            return
    raise AssertionError(f"left open: {open_files()}")


@case
def continue_only_after_the_look_up():
    link = server.connect()
    link.send(get("/", "X-Hold: 1", "Expect: 100-continue", "Content-Length: 5", method="POST"))
    expect(link.answer(), 100)
    link.send(b"hello")
    assert expect(link.answer(), 200).json["body"] == "hello"


@case
def refused_by_the_look_up_instead_of_continue():
    link = server.connect()
    link.send(get("/", "X-Hold: 1", "X-Refuse: 1", "Expect: 100-continue", "Content-Length: 5", method="POST"))
    assert expect(link.answer(), 401, "auth.missing").closes
    assert link.ended()


@case
def no_continue_when_the_body_is_there():
    link = server.connect()
    link.send(get("/", "X-Hold: 1", "Expect: 100-continue", "Content-Length: 5", method="POST") + b"hello" + get("/next"))
    assert expect(link.answer(), 200).json["body"] == "hello"
    assert expect(link.answer(), 200).json["path"] == "/next"


@case
def held_requests_keep_their_order():
    link = server.connect()
    link.send(b"".join(post(b"x", f"/n{i}", "X-Hold: 1") if i % 2 else get(f"/n{i}", "X-Hold: 1") for i in range(8)))
    assert [expect(link.answer(), 200).json["path"] for _ in range(8)] == [f"/n{i}" for i in range(8)]


@case
def the_limit_wins_over_the_look_up():
    link = server.connect()
    link.send(get("/small", "X-Hold: 1", "Expect: 100-continue", "Content-Length: 11", method="POST"))
    assert expect(link.answer(), 413, "http.body_too_large").closes


@case
def held_errors_are_still_errors():
    assert expect(server.one(get("/v1/nothing/here", "X-Hold: 1")), 404, "http.not_found")
    assert expect(server.one(get("/count", "X-Hold: 1", method="DELETE")), 405, "http.method_not_allowed")


@case
def a_client_that_leaves_while_held():
    server.count()
    for _ in range(10):
        link = server.connect()
        link.send(post(b"hello", "/", "X-Hold: 1"))
        link.close()
    expect(server.one(get("/", "X-Hold: 1")), 200)


report("the server ends cleanly", None if server.stop() == 0 else "exit code")
finish()
