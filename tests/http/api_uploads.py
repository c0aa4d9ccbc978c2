"""Shoppers' own pictures: uploaded, kept, shown, refused, and the limits of all that."""
import concurrent.futures
import hashlib
import http.client
import json
import sqlite3
import struct

import pictures
from server import ROOT, Answer, Server, problem, run

FILE_BYTES = 25 * 1024 * 1024
BURST, SIDE = 30, 16384


def upload(s, data, kind="image/png", **more):
    return s.post("/v1/artworks", data, headers={"Content-Type": kind}, **more)


def kept(s, data, kind="image/png"):
    answer = upload(s, data, kind)
    assert answer.status == 201, answer
    assert answer["Location"] == answer.json["url"] == f"/v1/artworks/{answer.json['id']}"
    return answer.json


def two_colours(x, y):
    """Left half opaque, right half half transparent."""
    return (x * 7 % 256, y * 13 % 256, 90, 255 if x < 20 else 128)


def premultiplied(width, height, pixel):
    for y in range(height):
        for x in range(width):
            *rgb, alpha = pixel(x, y)
            yield bytes([*((value * alpha + 127) // 255 for value in rgb), alpha])


def a_picture_is_kept_and_shown(s):
    data = pictures.png(40, 30, two_colours, alpha=True)
    told = kept(s, data)
    assert (told["kind"], told["widthPx"], told["heightPx"]) == ("png", 40, 30), told
    form = struct.pack("<II", 40, 30) + b"".join(premultiplied(40, 30, two_colours))
    assert told["digest"] == "sha-256:" + hashlib.sha256(form).hexdigest()
    code, out, errors = run(s.binary, "schema", "validate", ROOT / "schemas/artwork.schema.json", "-", stdin=json.dumps(told).encode())
    assert code == 0, (out, errors)
    answer = s.get(told["url"])
    assert answer.status == 200 and answer.json == told and "private" in answer["Cache-Control"]
    picture = s.get(told["picture"])
    assert picture.status == 200 and picture["Content-Type"] == "image/png" and "private" in picture["Cache-Control"]
    width, height, size, rows = pictures.read(picture.body)
    assert (width, height, size) == (40, 30, 4)
    for y, x in ((0, 0), (29, 19), (5, 20), (17, 39)):
        have, want = rows[y][4 * x:4 * x + 4], bytes(two_colours(x, y))
        assert have[3] == want[3] and all(abs(a - b) <= 1 for a, b in zip(have, want)), (x, y, have, want)
    assert s.get(told["picture"], headers={"If-None-Match": picture["ETag"]}).status == 304


def the_same_picture_has_the_same_id(s):
    data = pictures.plain(21, 11)
    first, again = upload(s, data), upload(s, pictures.padded(data, len(data) + 100))
    assert first.status == again.status == 201 and first.json == again.json
    assert first.json["id"] != kept(s, pictures.plain(11, 21))["id"]
    assert first.json["id"] not in first.json["digest"]


def a_large_picture_is_made_smaller_for_pages(s):
    told = kept(s, pictures.plain(3000, 1000, (10, 200, 100)))
    width, height, size, rows = pictures.read(s.get(told["picture"]).body)
    assert (width, height, size) == (512, 171, 3)
    assert all(row == bytes((10, 200, 100)) * 512 for row in rows)


def what_is_no_picture_is_refused(s):
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"/>'
    for data, code in ((b"GIF89a", "artwork.kind"), (svg, "artwork.kind"), (b"", "artwork.empty"), (pictures.plain(9, 9)[:60], "artwork.damaged"),
                       (pictures.png(9, 9, lambda x, y: (1, 2, 3))[:-30] + b"x" * 30, "artwork.damaged")):
        problem(upload(s, data), 422, code, ("", code))
    problem(upload(s, b"x", "image/gif"), 415, "http.media_type")
    problem(upload(s, b"x", "application/json"), 415, "http.media_type")
    problem(s.get("/v1/artworks/" + "0" * 32), 404, "artwork.not_found")
    problem(s.get("/v1/artworks/" + "0" * 32 + "/picture.png"), 404, "artwork.not_found")
    problem(s.get("/v1/artworks/sha-256:" + "0" * 64), 401, "auth.missing")


def the_factory_reads_all_pixels_by_digest(s):
    data = pictures.png(33, 7, lambda x, y: (x, y, 77))
    told = kept(s, data)
    with sqlite3.connect(s.data / "cordwain.db") as base:
        digest, length = base.execute("SELECT file_digest, file_bytes FROM artworks WHERE id = ?", (told["id"],)).fetchone()
    answer = s.get(f"/v1/artworks/{digest}", key=s.facility)
    assert answer.status == 200 and answer["Content-Type"] == "image/png" and len(answer.body) == length
    assert "sha-256:" + hashlib.sha256(answer.body).hexdigest() == digest
    assert pictures.read(answer.body) == (33, 7, 3, [b"".join(bytes((x, y, 77)) for x in range(33)) for y in range(7)])
    problem(s.get(f"/v1/artworks/{digest}"), 401, "auth.missing")
    problem(s.get(f"/v1/artworks/{digest}", key=s.designer), 403, "auth.scope")


def announced(s, length):
    """The answer to a head that names this length; the body is never sent."""
    link = http.client.HTTPConnection(s.address, timeout=60)
    link.putrequest("POST", "/v1/artworks")
    link.putheader("Content-Type", "image/png")
    link.putheader("Content-Length", str(length))
    link.putheader("Expect", "100-continue")
    link.endheaders()
    response = link.getresponse()
    return Answer(response, response.read())


def sides_and_bytes_at_the_limit_and_one_above(_):
    with Server() as s:
        assert kept(s, pictures.plain(SIDE, 1))["widthPx"] == SIDE
        problem(upload(s, pictures.plain(SIDE + 1, 1)), 422, "artwork.too_many_pixels", ("", "artwork.too_many_pixels"))
        problem(upload(s, pictures.plain(8000, 5001)), 422, "artwork.too_many_pixels", ("", "artwork.too_many_pixels"))
        small = pictures.plain(16, 16)
        assert kept(s, pictures.padded(small, FILE_BYTES))["id"] == kept(s, small)["id"]
        problem(announced(s, FILE_BYTES + 1), 413, "http.body_too_large")
        assert not list((s.data / "artworks").glob("upload-*")), "an upload is left"


def uploads_have_a_rate(_):
    with Server() as s:
        for _ in range(BURST):
            problem(upload(s, b"x"), 422, "artwork.kind")
        answer = upload(s, b"x")
        problem(answer, 429, "rate.uploads")
        assert answer["Retry-After"] == "6"
        assert s.get("/v1/products").status == 200, "only uploads are counted"


def the_disk_has_an_end(_):
    with Server(arguments=("--artworks-mb", "1")) as s:
        noise = pictures.png(600, 600, lambda x, y: (x * y % 251, (x ^ y) & 255, x * 31 % 256))
        first = kept(s, noise)  # takes more than what is left, which is the last one that may
        problem(upload(s, pictures.plain(5, 5)), 503, "artwork.store_full")
        assert s.get(first["picture"]).status == 200
    with Server(arguments=("--artworks-mb", "0")) as s:
        problem(upload(s, pictures.plain(5, 5)), 503, "artwork.store_full")


def uploads_side_by_side_and_clicks_between(s):
    data = [pictures.plain(300 + i, 200, (i, 2 * i, 3 * i)) for i in range(6)]
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        told = list(pool.map(lambda picture: kept(s, picture), data))
        assert all(answer.status == 200 for answer in pool.map(lambda _: s.post("/v1/products/bottle@1/configure", {"selections": {}}), range(12)))
    assert [picture["widthPx"] for picture in told] == [300 + i for i in range(6)] and len({picture["id"] for picture in told}) == 6


CASES = (a_picture_is_kept_and_shown, the_same_picture_has_the_same_id, a_large_picture_is_made_smaller_for_pages,
         what_is_no_picture_is_refused, the_factory_reads_all_pixels_by_digest, uploads_side_by_side_and_clicks_between,
         sides_and_bytes_at_the_limit_and_one_above, uploads_have_a_rate, the_disk_has_an_end)
