#!/usr/bin/env python3
"""5,000 slow heads and 500 slow readers at once: what each may cost, and that others are served meanwhile.

Usage: crowd.py [path of http_echo]   (how long others wait is measured by tests/bench, not here)
Memory counts in builds without a sanitizer only: theirs keep more than they use. Prints one TAP-like line per case.
"""
import pathlib
import resource
import socket
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from raw_http import Server, case, expect, finish, get, program, report  # noqa: E402

HEADS, READERS = 5000, 500
CONNECTION_BYTES = 16 * 1024  # the most an idle connection may cost
UNSENT_BYTES = 512 * 1024  # http.unsent_bytes, what is on its way, and the kernel's rounding
SANITIZED = any(word in pathlib.Path(program()).read_bytes() for word in (b"__asan_init", b"__tsan_init"))


def memory(server):
    """Bytes of the server that are its own."""
    text = pathlib.Path(f"/proc/{server.process.pid}/status").read_text()
    return sum(int(line.split()[1]) for line in text.splitlines() if line.startswith(("RssAnon", "RssShmem"))) * 1024


def unsent(server):
    """The most bytes that the kernel holds for one connection of the server."""
    port = f":{server.port:04X}"
    rows = (line.split() for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:])
    return max(int(row[4].split(":")[0], 16) for row in rows if row[1].endswith(port))


def others_are_served(server):
    for number in range(300):
        assert expect(server.one(get(f"/n{number}")), 200).json["path"] == f"/n{number}"


def main():
    needed = HEADS + READERS + 200
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if hard != resource.RLIM_INFINITY and hard < needed:
        print(f"skip - a crowd: {needed} files may not be open here, only {hard}")
        return
    resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))
    many = str(needed)
    server = Server(f"connections={many}", f"connections_per_address={many}", "head_deadline_ms=600000",
                    "idle_deadline_ms=600000", "write_grace_ms=600000")
    server.settles("connections", 1)
    before = memory(server)
    heads, readers = [], []

    @case
    def slow_heads_cost_little_each():
        for number in range(HEADS):
            heads.append(server.connect())
            heads[-1].send(b"GET /slow%d HTTP/1.1\r\nHost: a\r\nX-Long: " % number + b"y" * 200)
        server.settles("connections", HEADS + 1)
        each = (memory(server) - before) / HEADS
        print(f"# {each:.0f} bytes each")
        assert SANITIZED or each <= CONNECTION_BYTES, f"{each:.0f} bytes each"

    @case
    def slow_readers_cost_little_each():
        full = memory(server)
        for _ in range(READERS):
            readers.append(server.connect())
            readers[-1].sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16384)
            readers[-1].send(get("/big"))
        server.settles("connections", HEADS + READERS + 1)
        others_are_served(server)
        assert unsent(server) <= UNSENT_BYTES, f"{unsent(server)} bytes wait in the kernel for one"
        each = (memory(server) - full) / READERS
        print(f"# {each:.0f} bytes each")
        assert SANITIZED or each <= CONNECTION_BYTES, f"{each:.0f} bytes each"

    @case
    def others_are_served_meanwhile():
        others_are_served(server)

    @case
    def slow_heads_are_answered_when_they_end():
        for number in range(0, HEADS, 50):
            heads[number].send(b"\r\n\r\n")
            assert expect(heads[number].answer(), 200).json["path"] == f"/slow{number}"

    @case
    def a_slow_reader_gets_all_of_it():
        readers[0].sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        assert len(expect(readers[0].answer(), 200).body) == 8 << 20

    for link in heads + readers:
        link.close()

    @case
    def nothing_is_left_of_them():
        server.settles("connections", 1)

    report("the server ends cleanly", None if server.stop() == 0 else "exit code")


main()
finish()
