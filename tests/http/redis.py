#!/usr/bin/env python3
"""Black-box tests of the shared preview cache against a real redis-server: it may do anything, pictures come.

Usage: redis.py [path of cordwain]     Skips everything when there is no redis-server.
"""
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import server

FRONT = "/v1/previews/bottle@1/front.png"
PREFIX = "cw:p1:"


class Redis:
    """A redis-server of our own: free port, temporary folder, ended by its process id."""

    def __init__(self, port=0):
        self.folder = tempfile.mkdtemp(prefix="cordwain-redis-")
        if not port:
            with socket.create_server(("127.0.0.1", 0)) as probe:
                port = probe.getsockname()[1]
        self.port = port
        self.process = subprocess.Popen(
            ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--dir", self.folder, "--save", "", "--appendonly", "no"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + 10
        while True:
            try:
                assert self.ask("PING") == b"PONG"
                break
            except OSError:
                assert time.monotonic() < end, "redis-server does not start"
                time.sleep(0.02)

    @property
    def url(self):
        return f"redis://127.0.0.1:{self.port}"

    def ask(self, *words):
        """One command, one simple reply."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as link:
            encoded = [word if isinstance(word, bytes) else str(word).encode() for word in words]
            link.sendall(b"*%d\r\n" % len(encoded) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in encoded))
            reader = link.makefile("rb")
            line = reader.readline().rstrip(b"\r\n")
            assert line[:1] != b"-", line
            if line[:1] == b"$":
                return None if line == b"$-1" else reader.read(int(line[1:]))
            return line[1:]

    def keeps(self, name):
        """The value, waiting for a write that is on its way."""
        end = time.monotonic() + 5
        while not (value := self.ask("GET", name)) and time.monotonic() < end:
            time.sleep(0.02)
        assert value, f"{name} was not stored"
        return value

    def end(self, how=signal.SIGKILL):
        if self.process.poll() is None:
            self.process.send_signal(how)
        self.process.wait(timeout=10)
        shutil.rmtree(self.folder, ignore_errors=True)


def node(world, data, key=True):
    """A server with a store of its own; it shares the packed art, which takes long to make, and maybe the cache key."""
    folder = world.folder / data
    if not folder.exists():
        (folder / "keys").mkdir(parents=True)
        shutil.copytree(world.folder / "a" / "packs", folder / "packs", copy_function=os.link)
        if key:
            shutil.copy(world.folder / "a" / "keys" / "cache.key", folder / "keys" / "cache.key")
    return server.Server(world.binary, folder, arguments=("--redis", world.redis.url))


class World:
    def __init__(self, binary, folder):
        self.binary, self.folder, self.redis = binary, folder, Redis()
        self.a = server.Server(binary, folder / "a", arguments=("--redis", self.redis.url))


def draw(s, text, width=200):
    answer = s.get(f"{FRONT}?w={width}&o.wrap_text={text}")
    assert answer.status == 200 and answer.body[:8] == b"\x89PNG\r\n\x1a\n", answer
    return answer


def name_of(answer):
    return PREFIX + answer["ETag"].strip('"')


def shared_is_up(s):
    end = time.monotonic() + 15
    while s.get("/readyz").json["sharedCache"] != "ok":
        assert time.monotonic() < end, "the shared cache does not come back"
        draw(s, f"Up{time.monotonic_ns() % 10**12}", 64)
        time.sleep(0.1)


def another_node_gets_it(world):
    first = draw(world.a, "Shared")
    assert first["X-Preview-Source"] == "rendered"
    world.redis.keeps(name_of(first))
    with node(world, "b") as other:
        second = draw(other, "Shared")
        assert second["X-Preview-Source"] == "shared", second["X-Preview-Source"]
        assert second.body == first.body and second["ETag"] == first["ETag"]
        assert draw(other, "Shared")["X-Preview-Source"] == "memory"
        counters = other.get("/readyz").json["previews"]
        assert counters["sharedHits"] == 1 and counters["renders"] == 0, counters


def another_key_is_a_miss(world):
    first = draw(world.a, "Shared")
    with node(world, "stranger", key=False) as other:
        again = draw(other, "Shared")
        assert again["X-Preview-Source"] == "rendered" and again.body == first.body


def a_poisoned_value_is_a_miss(world):
    good = draw(world.a, "Good")
    value = world.redis.keeps(name_of(good))
    other_value = world.redis.keeps(name_of(draw(world.a, "Other")))
    flipped = bytearray(value)
    flipped[len(flipped) // 2] ^= 1
    poisons = {"cut": value[:-1], "long": value + b"x", "flipped": bytes(flipped), "empty": b"", "header": value[:80],
               "short": value[:40], "renamed": other_value, "garbage": os.urandom(5000), "html": b"<script>alert(1)</script>"}
    for index, (kind, poison) in enumerate(poisons.items()):
        world.redis.ask("SET", name_of(good), poison)
        with node(world, f"p{index}") as other:
            answer = draw(other, "Good")
            assert answer["X-Preview-Source"] == "rendered" and answer.body == good.body, (kind, answer["X-Preview-Source"])
            end = time.monotonic() + 5
            while world.redis.ask("GET", name_of(good)) == poison:
                assert time.monotonic() < end, f"the {kind} value was not replaced"
                time.sleep(0.02)
    world.redis.ask("DEL", name_of(good))
    world.redis.ask("LPUSH", name_of(good), "a list")
    with node(world, "p0") as other:
        assert draw(other, "Good").body == good.body


def values_expire(world):
    name = name_of(draw(world.a, "Expire"))
    world.redis.keeps(name)
    assert 0 < int(world.redis.ask("TTL", name)) <= 30 * 24 * 3600


def killed_while_requests_run(world):
    faults, count, stop = [], [0], threading.Event()

    def ask(who):
        number = 0
        while not stop.is_set():
            try:
                answer = world.a.get(f"{FRONT}?w=64&o.wrap_text=K{who}x{number}")
                if answer.status != 200:
                    faults.append(answer)
            except Exception as error:  # counted as a failed request
                faults.append(error)
            count[0] += 1
            number += 1
    threads = [threading.Thread(target=ask, args=(who,)) for who in range(4)]
    for thread in threads:
        thread.start()
    time.sleep(0.5)
    for _ in range(3):
        world.redis.end(signal.SIGKILL)
        time.sleep(0.5)
        world.redis = Redis(world.redis.port)
        time.sleep(0.5)
    stop.set()
    for thread in threads:
        thread.join()
    assert not faults and count[0] > 40, (count, faults[:2])
    shared_is_up(world.a)


def stopped_costs_only_time(world):
    shared_is_up(world.a)
    os.kill(world.redis.process.pid, signal.SIGSTOP)
    try:
        times = []
        for number in range(12):
            start = time.monotonic()
            draw(world.a, f"Stop{number}", 64)
            times.append(time.monotonic() - start)
        assert max(times) < 3, times
    finally:
        os.kill(world.redis.process.pid, signal.SIGCONT)
    shared_is_up(world.a)


def a_missing_redis_is_no_reason_to_wait(world):
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with server.Server(world.binary, world.folder / "b", arguments=("--redis", f"redis://127.0.0.1:{port}")) as s:
        for number in range(5):
            assert draw(s, f"None{number}", 64)["X-Preview-Source"] == "rendered"
        ready = s.get("/readyz")
        assert ready.status == 200 and ready.json["sharedCache"] != "ok", ready


def flushed_in_between(world):
    shared_is_up(world.a)
    first = draw(world.a, "Flush")
    world.redis.keeps(name_of(first))
    world.redis.ask("FLUSHALL")
    with node(world, "b") as other:
        assert draw(other, "Flush").body == first.body


CASES = (another_node_gets_it, another_key_is_a_miss, a_poisoned_value_is_a_miss, values_expire, killed_while_requests_run,
         stopped_costs_only_time, a_missing_redis_is_no_reason_to_wait, flushed_in_between)


def main():
    if not shutil.which("redis-server"):
        print("skip - the shared cache: there is no redis-server")
        return 0
    cases = server.Cases()
    with tempfile.TemporaryDirectory(prefix="cordwain-redis-test-") as folder:
        world = World(server.program(sys.argv[1] if len(sys.argv) > 1 else None), pathlib.Path(folder))
        for case in CASES:
            cases.run(case, world)
        cases.run(world.a.stop, name="the server ends cleanly")
        world.redis.end()
    return cases.finish()


if __name__ == "__main__":
    sys.exit(main())
