#!/usr/bin/env python3
"""Hostile uploads and broken processes behind a running server: each costs one request a clear answer, and nobody else notices.

Usage: hostile.py [path of cordwain]     $CORDWAIN_SUITES as in art_check.py.
"""
import os
import pathlib
import resource
import shutil
import signal
import statistics
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import png
import suites
from server import Cases, ROOT, Server, problem, program, renderer

SUITE = suites.SUITES / "hostile-uploads"
PICTURES = (".png", ".jpg", ".svg", ".svgz")
HARMLESS = {"png-iccp-bomb.png", "polyglot-png-html.png"}  # small pictures; what hides in them is not read or not kept


def children(pid):
    return [int(child) for task in pathlib.Path(f"/proc/{pid}/task").iterdir() for child in (task / "children").read_text().split()]


def clicks(s, until):
    """Seconds of one configure answer after the other, as long as asked or 20 of them."""
    seconds = []
    while until() or len(seconds) < 20:
        started = time.monotonic()
        answer = s.post("/v1/products/bottle@1/configure", {"selections": {"wrap_text": "Ada"}})
        seconds.append(time.monotonic() - started)
        assert answer.status == 200, answer
    return seconds


def upload_all(s, files, told):
    for file in files:
        kind = "image/jpeg" if file.suffix == ".jpg" else "image/png"  # the content decides, whatever we say
        told[file.name] = s.post("/v1/artworks", file.read_bytes(), headers={"Content-Type": kind})


def hostile_uploads_cost_nobody_else_anything(binary):
    files = sorted(file for file in SUITE.iterdir() if file.suffix in PICTURES)
    with Server(binary) as s:
        before, told = clicks(s, lambda: False), {}
        pid, workers = s.process.pid, sorted(children(s.process.pid))
        thread = threading.Thread(target=upload_all, args=(s, files, told))
        thread.start()
        during = clicks(s, thread.is_alive)
        thread.join()
        assert len(told) == len(files) > 10, sorted(told)
        for name, answer in told.items():
            if name in HARMLESS:
                assert answer.status == 201, (name, answer)
            else:
                assert answer.status == 422 and answer.json["code"].startswith("artwork."), (name, answer)
                assert answer.json["code"] not in ("artwork.worker_died", "artwork.worker_reply"), (name, answer)
        assert s.process.poll() is None and s.process.pid == pid
        assert sorted(children(pid)) == workers, "an importer is left, or a worker was replaced"
        assert not list((s.data / "artworks").glob("upload-*")), "an upload is left"
        answer = s.get("/v1/previews/bottle@1/front.png?w=96")
        assert answer.status == 200, answer
        print(f"# a click: median {statistics.median(before) * 1000:.1f} ms before, {statistics.median(during) * 1000:.1f} ms during "
              f"{len(files)} uploads ({len(during)} clicks)", flush=True)


# Stands beside the server as its renderer: an importer that does what the file `mode` says, everything else as it is.
STAND_IN = """#!/bin/sh
[ "$1" = --import ] || exec '{real}' "$@"
case $(cat '{mode}') in
crash) kill -9 $$ ;;
end) exit 7 ;;
hang) exec sleep 60 ;;
rubbish) echo rubbish >&3; exec sleep 60 ;;
*) exec '{real}' "$@" ;;
esac
"""


def importers_gone_wrong_cost_one_upload_each(binary):
    with tempfile.TemporaryDirectory(prefix="cordwain-hostile-") as name:
        folder = pathlib.Path(name)
        real = renderer(binary)
        for file in (binary, binary.parent / "cordwain-rules"):
            shutil.copy(file, folder)
        (folder / "cordwain-renderer").write_text(STAND_IN.format(real=real, mode=folder / "mode"))
        (folder / "cordwain-renderer").chmod(0o755)
        with Server(folder / binary.name, environment={"CORDWAIN_HOME": str(ROOT)}) as s:
            pid, workers = s.process.pid, sorted(children(s.process.pid))
            for number, (mode, code) in enumerate((("crash", "artwork.worker_died"), ("end", "artwork.worker_died"),
                                                   ("hang", "artwork.too_slow"), ("rubbish", "artwork.worker_reply"))):
                picture = png.write(20 + number, 10, bytes(3 * 10 * (20 + number)), channels=3)
                (folder / "mode").write_text(mode)
                problem(s.post("/v1/artworks", picture, headers={"Content-Type": "image/png"}), 422, code, ("", code))
                (folder / "mode").write_text("as it is")
                answer = s.post("/v1/artworks", picture, headers={"Content-Type": "image/png"})
                assert answer.status == 201 and answer.json["widthPx"] == 20 + number, answer
                assert s.get("/v1/previews/bottle@1/front.png?w=64").status == 200
            assert s.process.poll() is None and s.process.pid == pid and sorted(children(pid)) == workers
            assert not list((s.data / "artworks").glob("upload-*")), "an upload is left"


def drawing_worker(s):
    return next(pid for pid in children(s.process.pid) if b"--worker" in pathlib.Path(f"/proc/{pid}/cmdline").read_bytes())


def preview(s, number):
    return s.get(f"/v1/previews/bottle@1/front.png?w=64&bg={number:06x}")


def workers_gone_wrong_cost_one_preview_each(binary):
    with Server(binary, arguments=("--workers", "1")) as s:
        pid = s.process.pid
        for number, (ending, code) in enumerate(((signal.SIGKILL, "render.worker_died"), (None, "render.timeout"))):
            assert preview(s, number).status == 200
            worker, told = drawing_worker(s), []
            asked = s.get("/readyz").json["previews"]["requests"]
            os.kill(worker, signal.SIGSTOP)
            thread = threading.Thread(target=lambda: told.append(preview(s, 100 + number)))
            thread.start()
            while s.get("/readyz").json["previews"]["requests"] == asked:
                continue
            s.get("/readyz")  # through the previews' loop once more: by now the worker has the job
            if ending:
                os.kill(worker, ending)
            assert s.post("/v1/products/bottle@1/configure", {"selections": {}}).status == 200, "others are answered"
            thread.join()
            problem(told[0], 503, code)
            assert told[0]["Retry-After"], told[0]
            assert preview(s, 100 + number).status == 200 and drawing_worker(s) != worker
            assert s.process.poll() is None and s.process.pid == pid


def a_worker_without_memory_costs_one_preview(binary):
    """Its limit is set below what it has: the next piece that it asks for is refused."""
    with Server(binary, arguments=("--workers", "1")) as s:
        pid, large = s.process.pid, "/v1/previews/bottle@1/front.png?w=4096"  # more than it can have kept
        assert preview(s, 0).status == 200
        worker = drawing_worker(s)
        for what in (resource.RLIMIT_AS, resource.RLIMIT_DATA):
            resource.prlimit(worker, what, (1 << 20, 1 << 20))
        answer = s.get(large)
        problem(answer, 503, "render.worker_died")
        assert answer["Retry-After"], answer
        assert s.post("/v1/products/bottle@1/configure", {"selections": {}}).status == 200
        assert preview(s, 1).status == 200 and drawing_worker(s) != worker
        assert s.process.poll() is None and s.process.pid == pid


def main():
    binary, cases = program(sys.argv[1] if len(sys.argv) > 1 else None), Cases()
    cases.run(importers_gone_wrong_cost_one_upload_each, binary)
    cases.run(a_worker_without_memory_costs_one_preview, binary)
    cases.run(workers_gone_wrong_cost_one_preview_each, binary)
    if suites.there("hostile-uploads"):
        cases.run(hostile_uploads_cost_nobody_else_anything, binary)
    return cases.finish()


if __name__ == "__main__":
    sys.exit(main())
