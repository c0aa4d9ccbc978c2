#!/usr/bin/env python3
"""Black-box tests of several event loops: who answers, what they share, how they end.

Usage: loops.py [path of cordwain]; prints one TAP-like line per case.
"""
import contextlib
import http.client
import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import threading
import uuid

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import server
from server import problem

PER_ADDRESS = 256  # http.connections_per_address
WAIT_S = 60
TRIES = 200  # connections until each loop has one: the kernel spreads them by a hash
LEASES = "/v1/facilities/FAC-PT-03/leases"
HEALTH = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"


class Link:
    """One kept-alive connection, and the loop it belongs to."""

    def __init__(self, s):
        self.s = s
        self.link = http.client.HTTPConnection(s.address, timeout=WAIT_S)
        self.loop = self.ask("GET", "/healthz").json["loop"]

    def send(self, method, target, body=None, headers=None, key=None):
        fields = {"Host": self.s.address, **(headers or {})}
        if key:
            fields["Authorization"] = f"Bearer {key}"
        if body is not None:
            body = json.dumps(body).encode()
            fields["Content-Type"] = "application/json"
        self.link.request(method, target, body, fields)

    def receive(self):
        response = self.link.getresponse()
        return server.Answer(response, response.read())

    def ask(self, *arguments, **more):
        self.send(*arguments, **more)
        return self.receive()

    def close(self):
        self.link.close()


@contextlib.contextmanager
def one_of_each(s, loops=2):
    """A connection per loop, in their order."""
    found, all_links = {}, []
    try:
        while len(found) < loops and len(all_links) < TRIES:
            all_links.append(Link(s))
            found.setdefault(all_links[-1].loop, all_links[-1])
        assert sorted(found) == list(range(loops)), f"after {len(all_links)} connections only loops {sorted(found)}"
        yield [found[loop] for loop in range(loops)]
    finally:
        for link in all_links:
            link.close()


# ---- with products ---------------------------------------------------------------------------------


def each_loop_answers_its_connections(s):
    assert s.get("/readyz").json["loops"] == 2
    with one_of_each(s) as links:
        for _ in range(3):  # a connection stays where it was accepted
            assert [link.ask("GET", "/healthz").json["loop"] for link in links] == [0, 1]


def the_loops_give_the_same_answers(s):
    with one_of_each(s) as links:
        for method, target, body in (
                ("GET", "/v1/products", None), ("GET", "/", None), ("GET", "/openapi.json", None),
                ("GET", "/v1/previews/bottle@1/front.png?w=200&o.lid_colour=white", None),
                ("POST", "/v1/products/bottle/configure", {"selections": {"wrap_text": "Loop"}})):
            first, second = (link.ask(method, target, body) for link in links)
            assert first.status == second.status == 200, (target, first, second)
            assert first.body == second.body and first["ETag"] == second["ETag"], target


def the_same_picture_is_drawn_once(s):
    with one_of_each(s) as links:
        before = s.get("/readyz").json["previews"]
        for link in links:  # both ask before either has its answer
            link.send("GET", "/v1/previews/bottle@1/front.png?w=801")
        answers = [link.receive() for link in links]
        after = s.get("/readyz").json["previews"]
    assert answers[0].status == answers[1].status == 200 and answers[0].body == answers[1].body
    assert after["renders"] == before["renders"] + 1, (before, after)


def who_leaves_is_forgotten(s):
    """Cancelled on their way to the previews' loop and back, in any order."""
    for round_number in range(5):
        with one_of_each(s) as links:
            for number, link in enumerate(links):
                link.send("GET", f"/v1/previews/bottle@1/front.png?w={300 + 10 * round_number + number}")
            links[round_number % 2].close()
            assert links[1 - round_number % 2].receive().status == 200
    assert s.get("/readyz").status == 200


def one_key_orders_once_on_two_loops(s):
    with one_of_each(s) as links:
        for _ in range(5):
            headers = {"Idempotency-Key": str(uuid.uuid4())}
            body = {"product": "bottle", "selections": {"wrap_text": "Once"}}
            for link in links:
                link.send("POST", "/v1/orders", body, headers)
            answers = [link.receive() for link in links]
            made = [answer for answer in answers if answer.status == 201]
            assert len({answer.json["id"] for answer in made}) == 1, answers
            assert sum(not answer["Idempotent-Replayed"] for answer in made) == 1, answers
            for answer in answers:
                if answer.status != 201:
                    problem(answer, 409, "idempotency.running")


def wish(**more):
    return {"max": 50, "waitSeconds": 0, "leaseSeconds": 60, **more}


def an_order_on_one_loop_wakes_the_other(s):
    with one_of_each(s) as links:
        for waiting, ordering in (links, links[::-1]):
            while ordering.ask("POST", LEASES, wish(), key=s.facility).json["leases"]:
                pass
            waiting.send("POST", LEASES, wish(waitSeconds=30), key=s.facility)
            with contextlib.closing(Link(s)) as other:  # written after the attempt that finds nothing
                assert other.ask("GET", "/readyz").status == 200
            made = ordering.ask("POST", "/v1/orders", {"product": "bottle", "selections": {}},
                                {"Idempotency-Key": str(uuid.uuid4())})
            assert made.status == 201, made
            leases = waiting.receive().json["leases"]
            assert [lease["specId"] for lease in leases] == [made.json["specs"][0]["id"]], leases


def a_new_version_is_there_for_both(s):
    document = s.get("/v1/products/bottle@1/document").json
    document["version"] = "77"
    with one_of_each(s) as links:
        made = links[1].ask("POST", "/v1/products", document, key=s.designer)
        assert made.status == 201, made
        for link in links:
            assert link.ask("GET", "/v1/products/bottle@77").status == 200
            assert link.ask("GET", "/v1/previews/bottle@77/front.png?w=64").status == 200


def crews_answer_the_loop_that_asked(s):
    """A question with a goal is worked out on another thread."""
    with one_of_each(s) as links:
        target = "/v1/products/bottle/configure"
        for number in range(4):
            for link in links:
                link.send("POST", target, {"selections": {}, "ask": {"sample": {"count": 2, "seed": number}}})
            answers = [link.receive() for link in links]
            assert [answer.status for answer in answers] == [200, 200], answers
            assert answers[0].body == answers[1].body


# ---- without ---------------------------------------------------------------------------------------


def serve(binary, *arguments, **more):
    """An empty server: no product, so it starts at once."""
    return server.Server(binary, command="serve", arguments=["--workers", "1", *arguments], **more)


def as_many_as_asked_for(binary):
    for count in (1, 2, 3):
        with serve(binary, "--loops", str(count)) as s, one_of_each(s, count):
            assert s.get("/readyz").json["loops"] == count


def one_per_core_unless_told(binary):
    for cores in (1, 2):
        if len(os.sched_getaffinity(0)) < cores:
            continue
        line = ["taskset", "-c", "0" if cores == 1 else "0,1"]
        if subprocess.run([*line, "true"], capture_output=True).returncode != 0:
            continue  # this machine gives us other cores
        with server.Server(binary, command="serve", arguments=["--workers", "1", "--loops", "0"], prefix=line) as s:
            assert s.get("/readyz").json["loops"] == cores


def connections_of_an_address_are_counted_together(binary):
    with serve(binary, "--loops", "2") as s:
        port = int(s.address.rsplit(":", 1)[1])
        held = []
        for number in range(PER_ADDRESS + 1):
            held.append(socket.create_connection(("127.0.0.1", port), timeout=WAIT_S))
            held[-1].sendall(HEALTH)
            answer = held[-1].recv(65536)
            taken = number < PER_ADDRESS
            assert (b" 200 OK" if taken else b" 429 ") in answer.splitlines()[0], (number, answer)
        assert b"http.too_many_connections_from_address" in answer, answer
        for link in held:
            link.close()


def a_rate_is_one_for_all_loops(binary):
    with serve(binary, "--loops", "2", "--rate-limit", "1") as s, one_of_each(s) as links:
        left = 9
        while left > 0:  # the burst of ten, all on one loop
            answer = links[0].ask("GET", "/v1/products")
            left = int(answer["RateLimit"].split("r=")[1].split(";")[0])
        left = int(links[1].ask("GET", "/v1/products")["RateLimit"].split("r=")[1].split(";")[0])
        assert left < 8, f"the other loop grants {left} more"


def a_second_server_is_refused(binary):
    with serve(binary, "--loops", "2") as s:
        code, _, errors = server.run(binary, "serve", "--loops", "2", "--listen", s.address, data=s.data / "second")
        assert code != 0 and "http.listen" in errors, errors
        with one_of_each(s):
            pass


def a_passed_socket_is_shared(binary):
    with socket.create_server(("127.0.0.1", 0), backlog=512) as passed:
        prefix = [sys.executable, "-c", server.PASS, "1", str(passed.fileno()), "0"]
        with serve(binary, "--loops", "2", prefix=prefix, pass_fds=[passed.fileno()]) as s:
            assert s.address == "%s:%d" % passed.getsockname(), s.address
            with one_of_each(s):
                pass


def draining_serves_both_to_the_end(binary):
    s = serve(binary, "--loops", "2")
    head = b"POST /v1/designs HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{"
    with one_of_each(s) as links:
        idle = [socket.create_connection(links[0].link.sock.getpeername(), timeout=WAIT_S) for _ in range(8)]
        for link in links:
            link.link.sock.sendall(head)
        s.get("/healthz")
        for link in idle:
            link.sendall(HEALTH)
            assert b" 200 OK" in link.recv(65536)
        s.process.terminate()
        for link in idle:
            assert link.recv(65536) == b"", "an idle connection lives on"
        try:  # nobody listens any more, whichever loop would have been next
            for _ in range(8):
                socket.create_connection(links[0].link.sock.getpeername(), timeout=WAIT_S).close()
            raise AssertionError("a new connection is taken while draining")
        except ConnectionRefusedError:
            pass
        for link in links:
            link.link.sock.sendall(b"}")
            answer = b""
            while piece := link.link.sock.recv(65536):
                answer += piece
            assert b"HTTP/1.1 422" in answer and b"Connection: close" in answer, answer
    s.stop()


def ends_with_work_of_every_kind_under_way(data, binary):
    """Pictures, long polls and orders of both loops when SIGTERM comes: all are answered or cut, nothing is left."""
    s = server.Server(binary, data, arguments=["--loops", "2"])
    with one_of_each(s) as links:
        more = [Link(s) for _ in range(6)]
        for number, link in enumerate([*links, *more]):
            if number % 3 == 0:
                link.send("POST", LEASES, wish(waitSeconds=30), key=s.facility)
            elif number % 3 == 1:
                link.send("GET", f"/v1/previews/bottle@1/front.png?w={900 + number}")
            else:
                link.send("POST", "/v1/orders", {"product": "bottle", "selections": {}},
                          {"Idempotency-Key": str(uuid.uuid4())})
        threading.Thread(target=s.process.terminate).start()
        for link in [*links, *more]:
            try:
                assert link.receive().status in (200, 201, 503)
            except (http.client.RemoteDisconnected, ConnectionResetError):
                pass  # not read before listening ended
            link.close()
    s.stop()


SHARED = (each_loop_answers_its_connections, the_loops_give_the_same_answers, the_same_picture_is_drawn_once,
          who_leaves_is_forgotten, one_key_orders_once_on_two_loops, an_order_on_one_loop_wakes_the_other,
          a_new_version_is_there_for_both, crews_answer_the_loop_that_asked)
ALONE = (as_many_as_asked_for, one_per_core_unless_told, connections_of_an_address_are_counted_together,
         a_rate_is_one_for_all_loops, a_second_server_is_refused, a_passed_socket_is_shared, draining_serves_both_to_the_end)


def main():
    binary = server.program(sys.argv[1] if len(sys.argv) > 1 else None)
    cases = server.Cases()
    with tempfile.TemporaryDirectory(prefix="cordwain-loops-") as data:
        with server.Server(binary, data, arguments=["--loops", "2"]) as world:
            for case in SHARED:
                cases.run(case, world)
        cases.run(ends_with_work_of_every_kind_under_way, data, binary)
    for case in ALONE:
        cases.run(case, binary)
    return cases.finish()


if __name__ == "__main__":
    sys.exit(main())
