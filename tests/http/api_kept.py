"""Shoppers' pictures over time: through a restart, with two servers on one data folder, and until nobody needs them."""
import contextlib
import os
import sqlite3
import tempfile
import time

import pictures
from api_uploads import kept
from server import Server, problem

DAY_MS, WAIT_S = 86400000, 60


def place(told):
    return {"photo": {"artwork": told["id"], "widthUm": 20000}}


def click(s, told):
    answer = s.post("/v1/products/bottle@1/configure", {"selections": place(told)})
    assert answer.status == 200, answer
    return answer.json


def order(s, told, key):
    answer = s.post("/v1/orders", {"product": "bottle", "selections": place(told)}, headers={"Idempotency-Key": f'"{key}"'})
    assert answer.status == 201, answer
    return answer.json


def picture_in_spec(s, placed):
    spec = s.get("/v1/specs/" + placed["specs"][0]["id"], key=s.facility).json
    return next(art for art in spec["artworks"] if art["id"] == "art.wrap")["pictures"][0]


@contextlib.contextmanager
def folder():
    with tempfile.TemporaryDirectory(prefix="cordwain-kept-") as name:
        yield name


def two_servers_and_a_restart_share_the_pictures(_):
    with folder() as data:
        with Server(data=data) as one, Server(data=data) as two:
            told = kept(one, pictures.plain(200, 100, (250, 20, 20)))
            assert kept(two, pictures.plain(200, 100, (250, 20, 20))) == told, "the same shop, the same id"
            assert not click(two, told)["issues"] and two.get(told["picture"]).body == one.get(told["picture"]).body
            address = click(one, told)["previews"]["front"].replace("w=1024", "w=200")
            shown = one.get(address)
            assert shown.status == 200 and shown.body == two.get(address).body
            whole = picture_in_spec(one, order(two, told, "two-servers"))
            file = one.get("/v1/artworks/" + whole["FileSpec"]["digest"], key=one.facility)
            assert file.status == 200 and pictures.read(file.body)[:2] == (200, 100)
        with Server(data=data) as again:
            assert again.get(told["url"]).json == told and kept(again, pictures.plain(200, 100, (250, 20, 20))) == told
            assert again.get(address).body == shown.body and not click(again, told)["issues"]
            assert again.get("/v1/artworks/" + whole["FileSpec"]["digest"], key=again.facility).body == file.body


def a_kill_in_the_middle_of_uploads_loses_no_answered_one(_):
    with folder() as data:
        s = Server(data=data)
        answered = [kept(s, pictures.plain(100 + i, 60, (9, i, 9))) for i in range(3)]
        s.kill()
        with Server(data=data) as s:
            for told in answered:
                assert s.get(told["url"]).json == told and s.get(told["picture"]).status == 200 and not click(s, told)["issues"]


def files(data):
    return {str(path.relative_to(data)) for path in (data / "artworks").glob("*/*") if path.is_file()}


def backdate(data, days):
    """As if everything had been uploaded so long ago."""
    then = time.time() - days * DAY_MS / 1000
    with contextlib.closing(sqlite3.connect(data / "cordwain.db")) as base, base:
        base.execute("UPDATE artworks SET created_ms = ?", (int(then * 1000),))
    for name in files(data):
        os.utime(data / name, (then, then))


def gone(s, told):
    end = time.monotonic() + WAIT_S
    while s.get(told["url"]).status != 404:
        assert time.monotonic() < end, "the picture is still there"
        time.sleep(0.05)


def four_pictures(s):
    loose, saved, ordered = (kept(s, pictures.plain(200, 100 + i, (20, 250, i))) for i in range(3))
    design = s.post("/v1/designs", {"product": "bottle", "selections": place(saved)})
    assert design.status == 201, design
    return loose, saved, ordered, design.json, order(s, ordered, "kept-1")


def what_nobody_needs_goes_after_its_time(_):
    with folder() as name:
        with Server(data=name, arguments=("--artworks-days", "3")) as s:
            data = s.data
            loose, saved, ordered, design, placed = four_pictures(s)
            before = files(data)
            assert len(before) == 9, before
        backdate(data, 2.9)
        with Server(data=name, arguments=("--artworks-days", "3")) as s:
            young = kept(s, pictures.plain(200, 100, (20, 250, 0)))
            assert young == loose, "uploaded again: its time begins anew"
            second = kept(s, pictures.plain(60, 60))
        backdate(data, 3.1)
        orphan = data / "artworks" / loose["digest"].split(":")[1][:2] / f"{'0' * 62}.png"  # files without a row, as a kill leaves them
        orphan.write_bytes(b"x")
        os.utime(orphan, (0, 0))
        with Server(data=name, arguments=("--artworks-days", "3")) as s:
            gone(s, loose)
            gone(s, second)
            end = time.monotonic() + WAIT_S
            while len(files(data)) != 6:
                assert time.monotonic() < end, files(data)
                time.sleep(0.05)
            assert not orphan.exists()
            problem(s.get(loose["picture"]), 404, "artwork.not_found")
            assert [issue["code"] for issue in click(s, loose)["issues"]] == ["artwork.unknown"]
            for told in (saved, ordered):
                assert s.get(told["url"]).json == told and not click(s, told)["issues"]
            assert s.get(design["url"]).json["selections"]["photo"]["artwork"] == saved["id"]
            told = picture_in_spec(s, placed)
            assert s.get("/v1/artworks/" + told["FileSpec"]["digest"], key=s.facility).status == 200
            assert kept(s, pictures.plain(200, 100, (20, 250, 0))) == loose and not click(s, loose)["issues"], "the same id again"
        backdate(data, 4000)
        with Server(data=name, arguments=("--artworks-days", "0")) as s:
            assert s.get(loose["url"]).status == 200 and len(files(data)) == 9, "0 keeps all"


CASES = (two_servers_and_a_restart_share_the_pictures, a_kill_in_the_middle_of_uploads_loses_no_answered_one,
         what_nobody_needs_goes_after_its_time)
