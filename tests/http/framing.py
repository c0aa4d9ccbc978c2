#!/usr/bin/env python3
"""Black-box tests of the HTTP server: framing, limits, deadlines, pipelining, routing, answers.

Usage: framing.py [path of http_echo]   (default: the newest build*/tests/support/http_echo)
Prints 'ok - name', 'not ok - name: why' or 'skip - name: why' per case; exit 1 when one failed.
The recorded cases are read from $CORDWAIN_SUITES (default ../shared/suites beside the repository).
"""
import json
import pathlib
import signal
import socket
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import suites
from raw_http import Server, case, chunked, expect, finish, get, post, report


# ---- recorded cases ---------------------------------------------------------------------------

def status_fits(status, wanted):
    return any(str(status) == want or (want.endswith("xx") and str(status)[0] == want[0])
               for want in wanted.split("|"))


def recorded_cases():
    if not suites.there("http1-cases"):
        return
    path = suites.SUITES / "http1-cases" / "cases.json"
    for item in json.loads(path.read_text())["cases"]:
        server.count()
        answers = server.ask(item["request"].encode("latin-1"), head=item["name"] == "HEAD")
        handled = server.count()["handled"]
        problem = None
        if not answers:
            problem = "no answer"
        elif not status_fits(answers[0].status, item["expect_status"]):
            problem = f"{answers[0].status}, wanted {item['expect_status']}"
        elif handled > item["max_handled"]:
            problem = f"{handled} requests handled, at most {item['max_handled']} wanted"
        report(f"http1-cases {item['name']}", problem)


# ---- limits at the limit and one above ---------------------------------------------------------

def limit_pair(name, good, bad, status, code, closes=True):
    def run():
        expect(server.one(good), 200)
        answer = expect(server.one(bad), status, code)
        assert answer.closes == closes
    run.__name__ = f"limit_{name}"
    case(run)


def sized_head(total):
    """A GET whose field lines and empty line are `total` bytes."""
    start = "Host: a\r\n"
    pad = total - len(start) - len("X: \r\n") - 2
    return f"GET / HTTP/1.1\r\n{start}X: {'v' * pad}\r\n\r\n".encode()


def limits():
    line = "GET /?a= HTTP/1.1"
    limit_pair("request line 8192", get("/?a=" + "x" * (8192 - len(line))),
               get("/?a=" + "x" * (8193 - len(line))), 414, "http.request_line_too_long")
    limit_pair("head 16384", sized_head(16384), sized_head(16385), 431, "http.head_too_large")
    limit_pair("fields 100", get("/", *["X: y"] * 99), get("/", *["X: y"] * 100), 431,
               "http.too_many_fields")
    limit_pair("body 1 MiB by length", post(b"x" * (1 << 20)), post(b"x" * ((1 << 20) + 1)), 413,
               "http.body_too_large")
    limit_pair("body 1 MiB in chunks", chunked(b"100000\r\n" + b"x" * (1 << 20) + b"\r\n0\r\n\r\n"),
               chunked(b"100000\r\n" + b"x" * (1 << 20) + b"\r\n1\r\nx\r\n0\r\n\r\n"), 413,
               "http.body_too_large")
    limit_pair("route body 10", post(b"x" * 10, "/small"), post(b"x" * 11, "/small"), 413,
               "http.body_too_large")
    limit_pair("chunk size 15 digits", chunked(b"000000000000005\r\nhello\r\n0\r\n\r\n"),
               chunked(b"0000000000000005\r\nhello\r\n0\r\n\r\n"), 400, "http.chunk_size")
    limit_pair("chunk extension 256", chunked(b"1;" + b"e" * 256 + b"\r\nx\r\n0\r\n\r\n"),
               chunked(b"1;" + b"e" * 257 + b"\r\nx\r\n0\r\n\r\n"), 400,
               "http.chunk_extension_too_long")
    limit_pair("trailer fields 100", chunked(b"0\r\n" + b"X: y\r\n" * 100 + b"\r\n"),
               chunked(b"0\r\n" + b"X: y\r\n" * 101 + b"\r\n"), 431, "http.too_many_fields")
    limit_pair("length 18 digits", post(b""), get("/", "Content-Length: 1" + "0" * 18, method="POST"),
               413, "http.body_too_large")

    @case
    def limit_1000_requests_per_connection():
        link = server.connect()
        for i in range(1000):
            link.send(get("/"))
            assert expect(link.answer(), 200).closes == (i == 999)
        assert link.ended()


# ---- refused by name ---------------------------------------------------------------------------

def refused():
    cases = {
        "bare LF": (b"GET / HTTP/1.1\nHost: a\n\n", 400, "http.line_end"),
        "garbage": (b"\x16\x03\x01\x02\x00\x01\x00", 400, "http.request_line"),
        "HTTP/1.2": (get("/", version="1.2"), 505, "http.version"),
        "HTTP/2.0": (get("/", version="2.0"), 505, "http.version"),
        "obs-fold": (b"GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n", 400, "http.obsolete_fold"),
        "obs-text": (b"GET / HTTP/1.1\r\nHost: a\r\nX: \xff\r\n\r\n", 400, "http.field_value"),
        "two Host": (get("/", "Host: b"), 400, "http.host"),
        "Host with path": (b"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400, "http.host"),
        "TE in 1.0": (get("/", "Transfer-Encoding: chunked", version="1.0"), 400,
                      "http.framing_conflict"),
        "TE twice": (get("/", "Transfer-Encoding: chunked", "Transfer-Encoding: chunked"), 501,
                     "http.transfer_encoding"),
        "TE identity": (get("/", "Transfer-Encoding: identity"), 501, "http.transfer_encoding"),
        "Expect other": (get("/", "Expect: 200-maybe"), 417, "http.expectation"),
        "compressed body": (post(b"x", "/", "Content-Encoding: gzip"), 415, "http.content_encoding"),
        "two Authorization": (get("/", "Authorization: a", "Authorization: b"), 400,
                              "http.duplicate_field"),
        "asterisk GET": (get("*"), 400, "http.target"),
        "authority form": (get("a:80", method="CONNECT"), 400, "http.target"),
        "user info": (get("http://u@a/"), 400, "http.target"),
        "fragment": (get("/#x"), 400, "http.target"),
        "backslash": (get("/assets/a\\b"), 400, "http.path"),
        "three empty lines": (b"\r\n\r\n\r\n" + get("/"), 400, "http.request_line"),
        "bad chunk end": (chunked(b"1\r\nxy\r\n0\r\n\r\n"), 400, "http.chunk_end"),
        "bad trailer": (chunked(b"0\r\nX : y\r\n\r\n"), 400, "http.field_name"),
    }
    for name, (data, status, code) in cases.items():
        def run():
            server.count()
            answers = server.ask(data + get("/evil"))
            assert expect(answers[0], status, code).closes
            assert len(answers) == 1, "something after the refusal was answered"
            assert server.count()["handled"] == 0
        run.__name__ = f"refused {name}"
        case(run)
    paths = {
        "bad escape": ("/v1/products/%zz", 400, "http.percent_encoding"),
        "cut escape": ("/v1/products/%4", 400, "http.percent_encoding"),
        "NUL": ("/v1/products/a%00", 400, "http.percent_encoding"),
        "not UTF-8": ("/v1/products/%ff", 400, "http.percent_encoding"),
        "overlong": ("/v1/products/%c0%af", 400, "http.percent_encoding"),
        "encoded slash": ("/v1/products/a%2Fb", 400, "http.path"),
        "dot segment": ("/v1/products/..", 400, "http.path"),
        "encoded dot segment": ("/v1/products/%2e%2e", 400, "http.path"),
        "dot segment in tail": ("/assets/../secret", 400, "http.path"),
        "hidden dot segment in tail": ("/assets/a%2f..%2fsecret", 400, "http.path"),
        "query escape": ("/?a=%", 400, "http.percent_encoding"),
        "query not UTF-8": ("/?a=%80", 400, "http.percent_encoding"),
        "unknown path": ("/v1/nothing/here", 404, "http.not_found"),
        "empty tail": ("/assets/", 404, "http.not_found"),
        "double slash": ("//", 404, "http.not_found"),
    }
    for name, (path, status, code) in paths.items():
        def run():
            link = server.connect()
            link.send(get(path))
            assert not expect(link.answer(), status, code).closes
            link.send(get("/"))
            expect(link.answer(), 200)
        run.__name__ = f"path {name}"
        case(run)


# ---- behaviour ---------------------------------------------------------------------------------

def behaviour():
    @case
    def head_has_length_and_no_body():
        link = server.connect()
        link.send(get("/big", method="HEAD") + get("/"))
        assert expect(link.answer(head=True), 200).fields["content-length"] == str(8 << 20)
        assert expect(link.answer(), 200).json["method"] == "GET"

    @case
    def method_not_allowed_lists_methods():
        answer = expect(server.one(get("/count", method="DELETE")), 405, "http.method_not_allowed")
        assert answer.fields["allow"] == "GET, HEAD, OPTIONS" and not answer.closes

    @case
    def options_lists_methods():
        assert expect(server.one(get("/", method="OPTIONS")), 204).fields["allow"] == \
            "GET, POST, HEAD, OPTIONS"

    @case
    def options_of_the_server():
        expect(server.one(get("*", method="OPTIONS")), 204)

    @case
    def most_specific_pattern_wins():
        answer = server.one(get("/v1/products/court-sneaker%401.2")).json
        assert answer["captures"] == [["id", "court-sneaker"], ["version", "1.2"]]
        answer = server.one(get("/v1/products/caf%C3%A9")).json
        assert answer["captures"] == [["id", "café"]]

    @case
    def mixed_segments_split_at_the_last_literal():
        answer = server.one(get("/v1/previews/a.b@1/front.view.png")).json
        assert answer["captures"] == [["product", "a.b"], ["version", "1"], ["view", "front.view"],
                                      ["format", "png"]]

    @case
    def tail_keeps_slashes():
        assert server.one(get("/assets/a/b%2Fc.js")).json["captures"] == [["path", "a/b/c.js"]]

    @case
    def query_in_order_with_duplicates():
        answer = server.one(get("/?b=1&a=x+y%26&b=2&&c&=d&o.x=%E2%82%AC")).json
        assert answer["params"] == [["b", "1"], ["a", "x y&"], ["b", "2"], ["c", ""], ["", "d"],
                                    ["o.x", "€"]]

    @case
    def absolute_form_names_the_host():
        answer = server.one(get("http://b:81/x?y")).json
        assert (answer["host"], answer["path"], answer["query"]) == ("b:81", "/x", "y")

    @case
    def repeated_fields_are_joined():
        assert server.one(get("/", "X-Probe: a", "x-probe:  b ")).json["probe"] == "a, b"

    @case
    def trailers_do_not_become_fields():
        data = chunked(b"5;a=b\r\nhello\r\n0\r\nX-Probe: 1\r\n\r\n")
        answer = expect(server.one(data), 200).json
        assert answer["probe"] is None and answer["body"] == "hello"

    @case
    def default_fields():
        fields = server.one(get("/")).fields
        assert fields["cache-control"] == "no-store" and fields["x-content-type-options"] == "nosniff"
        assert len(fields["x-request-id"]) == 26 and fields["date"].endswith(" GMT")

    @case
    def a_trace_is_continued_on_every_answer():
        trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        for data in (get("/", f"traceparent: {trace}"), get("/v1/nothing/here", f"Traceparent: {trace}"),
                     get("/", "Host: b", f"traceparent: {trace}")):
            own = server.one(data).fields["traceparent"]
            assert own[:36] == trace[:36] and own[36:52] != trace[36:52] and own[52:] == "-01", own
        first, second = (server.one(get("/", "traceparent: x")).fields["traceparent"] for _ in range(2))
        assert len(first) == 55 and first[:36] != second[:36]

    @case
    def set_cache_control_replaces_the_default():
        assert server.one(get("/big")).fields["cache-control"].endswith("immutable")

    @case
    def not_modified():
        for value in ('"echo"', 'W/"echo"', '"a", "echo"', "*"):
            answer = expect(server.one(get("/", f"If-None-Match: {value}")), 304)
            assert answer.fields["etag"] == '"echo"'
        expect(server.one(get("/", 'If-None-Match: "other", echo')), 200)

    @case
    def faults_are_listed():
        answer = expect(server.one(get("/faults")), 422, "selection.unknown_choice").json
        assert answer["errors"][0]["pointer"] == "/selections/a~1b"
        assert answer["errors"][1]["hint"] == "send a number" and answer["instance"] == "/faults"
        assert answer["title"] == "Unprocessable request"

    @case
    def unexpected_errors_tell_nothing():
        answer = expect(server.one(get("/broken")), 500, "internal")
        assert b"secret" not in answer.body

    @case
    def answer_fields_cannot_be_injected():
        answer = expect(server.one(get("/injected?to=/x%0d%0aSet-Cookie:%20a")), 500, "internal")
        assert "set-cookie" not in answer.fields
        assert expect(server.one(get("/injected?to=/x")), 204).fields["location"] == "/x"

    @case
    def expect_continue_is_answered_before_the_body():
        link = server.connect()
        link.send(get("/", "Expect: 100-continue", "Content-Length: 5", method="POST"))
        expect(link.answer(), 100)
        link.send(b"hello")
        assert expect(link.answer(), 200).json["body"] == "hello"

    @case
    def a_body_that_is_needed_must_be_announced():
        link = server.connect()
        link.send(get("/small", method="POST"))
        assert not expect(link.answer(), 411, "http.length_required").closes
        link.send(post(b"", "/small") + chunked(b"0\r\n\r\n", path="/small") + get("/", method="POST"))
        for _ in range(3):
            expect(link.answer(), 200)

    @case
    def expect_continue_is_refused_when_too_large():
        link = server.connect()
        link.send(get("/small", "Expect: 100-continue", "Content-Length: 11", method="POST"))
        assert expect(link.answer(), 413, "http.body_too_large").closes

    @case
    def hook_refuses_before_the_body():
        link = server.connect()
        link.send(get("/", "X-Refuse: 1", "Expect: 100-continue", "Content-Length: 5", method="POST"))
        answer = expect(link.answer(), 401, "auth.missing")
        assert answer.closes and answer.fields["www-authenticate"] == "Bearer"

    @case
    def hook_fields_stand_on_errors_too():
        assert server.one(get("/v1/nothing/here")).fields["x-before"] == "yes"
        assert server.one(get("/", method="OPTIONS")).fields["x-before"] == "yes"

    @case
    def http_1_0_closes():
        link = server.connect()
        link.send(b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        assert expect(link.answer(), 200).closes and link.ended()

    @case
    def pipelined_requests_are_answered_in_order():
        link = server.connect()
        link.send(get("/late?ms=80") + get("/second") + post(b"abc", "/third") + get("/late?ms=1")
                  + b"".join(get(f"/n{i}") for i in range(60)))
        paths = [expect(link.answer(), 200).json["path"] for _ in range(64)]
        assert paths == ["/late", "/second", "/third", "/late"] + [f"/n{i}" for i in range(60)]

    @case
    def one_byte_at_a_time():
        link = server.connect()
        for byte in chunked(b"5;x\r\nhello\r\n0\r\nA: b\r\n\r\n") + get("/"):
            link.send(bytes([byte]))
        assert expect(link.answer(), 200).json["body"] == "hello"
        expect(link.answer(), 200)

    @case
    def a_client_that_leaves_cancels():
        link = server.connect()
        link.send(get("/held"))
        server.settles("held", 1)
        link.close()
        server.settles("cancelled", 1)
        assert server.one(get("/release")).json["handled"] == 1, "an answer nobody waits for does no harm"

    @case
    def a_half_closed_client_still_gets_its_answer():
        link = server.connect()
        link.send(get("/late?ms=50") + get("/second"))
        link.sock.shutdown(socket.SHUT_WR)
        assert expect(link.answer(), 200).json["path"] == "/late"
        assert expect(link.answer(), 200).json["path"] == "/second"
        assert link.ended(1)

    @case
    def an_upload_does_not_destroy_its_refusal():
        link = server.connect()
        link.send(get("/", "Content-Length: 9000000", method="POST") + b"x" * 200000)
        expect(link.answer(), 413, "http.body_too_large")
        assert link.ended()

    @case
    def large_answers_pipelined():
        link = server.connect()
        link.send(get("/big") * 3)
        for _ in range(3):
            assert len(expect(link.answer(), 200).body) == 8 << 20

    @case
    def no_connection_is_left():
        server.settles("connections", 1)


# ---- deadlines and caps, with small numbers ------------------------------------------------------

def asked_until(status, ask):
    """Ask again until the server has seen what was done to it."""
    deadline = time.monotonic() + 30
    while (answer := ask()).status != status:
        assert time.monotonic() < deadline, f"{answer.status}, not {status}"
    return answer


def deadlines():
    small = Server("head_deadline_ms=300", "idle_deadline_ms=200", "body_grace_ms=300",
                   "body_rate_bytes_per_s=100000", "write_grace_ms=300",
                   "write_rate_bytes_per_s=100000000", "linger_ms=200")

    @case
    def a_slow_head_is_timed_out_however_it_trickles():
        link, start = small.connect(), time.monotonic()
        for byte in get("/", "X: " + "y" * 200):
            link.send(bytes([byte]))
            time.sleep(0.01)
            if time.monotonic() - start > 0.5:
                break
        assert expect(link.answer(), 408, "http.request_timeout").closes
        assert link.ended(1)

    @case
    def a_fast_head_within_the_deadline():
        link = small.connect()
        link.send(get("/")[:-1])
        time.sleep(0.15)
        link.send(b"\n")
        expect(link.answer(), 200)

    @case
    def a_slow_body_is_timed_out():
        link = small.connect()
        link.send(get("/", "Content-Length: 1000", method="POST"))
        for _ in range(50):
            link.send(b"x")
            time.sleep(0.01)
        assert expect(link.answer(), 408, "http.request_timeout").closes

    @case
    def chunk_framing_buys_no_time():
        link, start = small.connect(), time.monotonic()
        link.send(chunked())
        while time.monotonic() - start < 0.5:
            link.send(b"1;" + b"e" * 200 + b"\r\nx\r\n")
            time.sleep(0.01)
        expect(link.answer(), 408, "http.request_timeout")

    @case
    def an_idle_connection_is_closed_silently():
        link, start = small.connect(), time.monotonic()
        link.send(get("/"))
        expect(link.answer(), 200)
        assert link.ended(2) and link.data == b"" and 0.1 < time.monotonic() - start < 1

    @case
    def a_connection_that_asks_nothing_is_closed():
        link = small.connect()
        assert link.ended(2) and link.data == b""

    @case
    def a_late_handler_is_not_an_idle_connection():
        assert expect(small.one(get("/late?ms=500")), 200).json["path"] == "/late"

    @case
    def a_slow_reader_is_disconnected():
        link = small.connect()
        link.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        link.send(get("/big") * 8)
        small.settles("connections", 1)
        link.close()

    @case
    def a_fast_reader_after_an_idle_time_is_not():
        link = small.connect()
        link.send(get("/"))
        link.answer()
        time.sleep(0.1)
        link.send(get("/big"))
        assert len(link.answer().body) == 8 << 20

    @case
    def a_client_that_never_closes_is_closed():
        link = small.connect()
        link.send(get("/", "Connection: close"))
        assert expect(link.answer(), 200).closes
        small.settles("connections", 1)

    report("drains with nothing open", None if small.stop() == 0 else "exit code")


def caps():
    # who is refused has time to read why, however slow this machine is
    tight = Server("connections=4", "connections_per_address=100", "linger_ms=5000")

    @case
    def connections_4_and_a_fifth():
        links = [tight.connect() for _ in range(4)]
        for link in links:
            link.send(get("/"))
            expect(link.answer(), 200)
        fifth = tight.connect()
        fifth.send(get("/"))
        answer = expect(fifth.answer(), 503, "http.too_many_connections")
        assert answer.fields["retry-after"] == "1" and answer.closes and fifth.ended()
        links.pop().close()
        asked_until(200, lambda: tight.one(get("/")))

    tight.stop()
    tight = Server("connections_per_address=2", "linger_ms=200")

    @case
    def connections_per_address_2_and_a_third():
        links = [tight.connect() for _ in range(2)]
        third = tight.connect()
        answer = expect(third.answer(), 429, "http.too_many_connections_from_address")
        assert answer.fields["retry-after"] == "1" and third.ended()
        for link in links:
            link.close()
        asked_until(200, lambda: tight.one(get("/")))

    @case
    def a_flood_of_refused_connections_is_only_closed():
        links = [tight.connect() for _ in range(2)]
        flood = [tight.connect() for _ in range(100)]
        assert all(link.ended() for link in flood)
        for link in links:
            link.send(get("/"))
            expect(link.answer(), 200)
            link.close()

    tight.stop()
    tight = Server("connections_per_address=1", "linger_ms=60000")

    @case
    def refused_connections_64_are_told_why_and_a_65th_is_not():
        first = tight.connect()
        first.send(get("/"))
        expect(first.answer(), 200)
        told = [tight.connect() for _ in range(64)]
        for link in told:
            expect(link.answer(), 429, "http.too_many_connections_from_address")
        assert tight.connect().answer() is None
        told.pop().close()
        while True:  # until the server has seen that one leave
            link = tight.connect()
            if link.answer() is not None:
                return

    tight.stop()
    tight = Server("output_bytes=1000", "linger_bytes=1000", "linger_ms=60000", "pipeline_depth=1")

    @case
    def output_1000_bytes_and_the_next_request_waits():
        link = tight.connect()
        tight.count()
        link.send(get("/big") + get("/second") + get("/third"))
        assert link.more()
        assert tight.count()["handled"] == 0  # /big does not count itself; /second has to wait for its bytes
        assert len(expect(link.answer(), 200).body) == 8 << 20
        assert [expect(link.answer(), 200).json["path"] for _ in range(2)] == ["/second", "/third"]

    @case
    def pipelines_go_on_after_each_turn():
        link, other = tight.connect(), tight.connect()
        link.send(b"".join(get(f"/n{i}") for i in range(50)))
        other.send(get("/other"))
        expect(other.answer(), 200)
        assert [expect(link.answer(), 200).json["path"] for _ in range(50)] == [f"/n{i}" for i in range(50)]

    @case
    def linger_reads_1000_bytes_and_no_more():
        link = tight.connect()
        link.send(get("/small", "Content-Length: 100000", method="POST"))
        assert expect(link.answer(), 413).closes
        for size, ends in ((999, False), (1, True)):
            link.send(b"x" * size)
            for _ in range(20):  # each answer comes after a look at all sockets
                left = tight.count()["connections"] == 1
            assert left == ends, f"{'kept' if ends else 'ended'} after {size} more bytes"

    tight.stop()
    tight = Server("bodies_bytes=1000", "linger_ms=200")

    @case
    def bodies_1000_bytes_at_once_and_one_more():
        held = tight.connect()
        held.send(get("/", "Content-Length: 601", method="POST") + b"x" * 600)
        answer = asked_until(503, lambda: tight.one(post(b"x" * 401)))
        expect(answer, 503, "http.too_much_at_once")
        assert answer.fields["retry-after"] == "1" and answer.closes
        expect(tight.one(post(b"x" * 400)), 200)
        held.send(b"x")
        expect(held.answer(), 200)
        held.send(get("/", "Content-Length: 900", method="POST") + b"x" * 600)
        asked_until(503, lambda: tight.one(post(b"x" * 401)))
        held.close()
        asked_until(200, lambda: tight.one(post(b"x" * 1000)))

    tight.stop()
    few = Server("requests_per_connection=3")

    @case
    def pipelined_requests_beyond_the_last_are_not_handled():
        answers = few.ask(get("/") * 5)
        assert [answer.closes for answer in answers] == [False, False, True]
        assert few.count()["handled"] == 3

    few.stop()
    few = Server("hosts=shop.example,10.0.0.7:8080,[::1]")

    @case
    def only_hosts_of_ours_are_answered():
        def ask(host, line="GET / HTTP/1.1"):
            return few.ask(f"{line}\r\nHost: {host}\r\n\r\n".encode() + get("/"))
        for host in ("shop.example", "SHOP.example:8080", "10.0.0.7:8080", "[::1]", "[::1]:80"):
            assert [answer.status for answer in ask(host)] == [200, 421], host
        for host in ("a.shop.example", "shop.exampl", "shop.example.", "10.0.0.7", "10.0.0.7:808", "10.0.0.7:80800", "[::2]", "8080"):
            answer = ask(host)[0]
            expect(answer, 421, "http.misdirected")
            assert not answer.closes
        expect(ask("shop.example", "GET http://other.example/ HTTP/1.1")[0], 421, "http.misdirected")
        expect(ask("other.example", "GET http://shop.example/ HTTP/1.1")[0], 200)
        expect(few.one(b"GET / HTTP/1.0\r\n\r\n"), 200)
        answer = few.one(b"POST /small HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")
        assert expect(answer, 421, "http.misdirected").closes

    few.stop()
    few = Server("requests_per_connection=3")

    @case
    def drain_finishes_what_is_in_flight():
        idle, busy = few.connect(), few.connect()
        idle.send(get("/"))
        expect(idle.answer(), 200)
        busy.send(get("/late?ms=1000"))
        few.settles("late", 1)
        few.process.send_signal(signal.SIGTERM)
        assert idle.ended(0.2), "idle connection still open"
        try:
            socket.create_connection(("127.0.0.1", few.port), timeout=1).close()
            raise AssertionError("still accepts")
        except ConnectionRefusedError:
            pass
        assert expect(busy.answer(), 200).closes
        busy.close()
        assert few.process.wait(timeout=5) == 0


server = Server()
recorded_cases()
limits()
refused()
behaviour()
report("the server ends cleanly", None if server.stop() == 0 else "exit code")
deadlines()
caps()
finish()
