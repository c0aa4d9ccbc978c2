"""Previews: identity, caching headers, formats, sizes, single flight, wrong parameters."""
import struct
import threading
import zlib

import pictures
import server
from server import problem

FRONT = "/v1/previews/bottle@1/front"


def png_size(data):
    """Width and height of a PNG whose chunks are all whole."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n", data[:8]
    at, names = 8, []
    while at < len(data):
        length, name = struct.unpack(">I4s", data[at:at + 8])
        body = data[at + 8:at + 8 + length]
        assert struct.unpack(">I", data[at + 8 + length:at + 12 + length])[0] == zlib.crc32(name + body), name
        names.append(name)
        at += 12 + length
    assert names[0] == b"IHDR" and names[-1] == b"IEND" and b"IDAT" in names and at == len(data), names
    return struct.unpack(">II", data[16:24])


def png_pixels(data):
    """The unpacked scan lines: a picture that has pixels has more than one value."""
    at, packed = 8, b""
    while at < len(data):
        length, name = struct.unpack(">I4s", data[at:at + 8])
        packed += data[at + 8:at + 8 + length] if name == b"IDAT" else b""
        at += 12 + length
    return zlib.decompress(packed)


def jpeg_size(data):
    assert data[:3] == b"\xff\xd8\xff" and data[-2:] == b"\xff\xd9", data[:4]
    at = 2
    while data[at] == 0xFF:
        marker, length = data[at + 1], struct.unpack(">H", data[at + 2:at + 4])[0]
        if 0xC0 <= marker <= 0xC2:
            height, width = struct.unpack(">HH", data[at + 5:at + 9])
            return width, height
        at += 2 + length
    raise AssertionError("no frame header")


def webp_size(data):
    assert data[:4] == b"RIFF" and data[8:12] == b"WEBP", data[:12]
    assert struct.unpack("<I", data[4:8])[0] + 8 == len(data), "RIFF length"
    if data[12:16] == b"VP8 ":
        return tuple(value & 0x3FFF for value in struct.unpack("<HH", data[26:30]))
    if data[12:16] == b"VP8L":
        bits = struct.unpack("<I", data[21:25])[0]
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    width, height = (int.from_bytes(data[at:at + 3], "little") + 1 for at in (24, 27))
    return width, height


SIZES = {"png": ("image/png", png_size), "jpg": ("image/jpeg", jpeg_size), "webp": ("image/webp", webp_size)}


def get(s, target, status=200):
    answer = s.get(target)
    assert answer.status == status, (target, answer)
    return answer


def identity_survives_restart(s):
    """Two servers on the same data, one after the other: same identity, same bytes. Runs first."""
    targets = [f"{FRONT}.{extension}?w=200&o.wrap_text=Ada&o.finish=gloss" for extension in SIZES]
    before = [get(s, target) for target in targets]
    observer, s.observer = s.observer, None
    s.stop()
    again = server.Server(s.binary, s.data)
    for name in ("process", "base", "address", "local", "log"):
        setattr(s, name, getattr(again, name))
    assert s.designer == again.designer and s.facility == again.facility, "the keys of the demo changed"
    s.observer = observer
    for target, old in zip(targets, before):
        new = get(s, target)
        assert new["X-Preview-Source"] == "rendered", new["X-Preview-Source"]
        assert new["ETag"] == old["ETag"] and new.body == old.body, target


def every_format_and_view_decodes(s):
    for product in ("bottle", "court-sneaker", "gift-tag"):
        views = s.get(f"/v1/products/{product}").json["views"]
        for view in views:
            for extension, (kind, size) in SIZES.items():
                answer = get(s, f"/v1/previews/{product}@1/{view['id']}.{extension}?w=160")
                assert answer["Content-Type"] == kind
                width, height = size(answer.body)
                assert width == 160 and 80 <= height <= 320, (view, extension, width, height)
                if extension == "png":
                    assert len(set(png_pixels(answer.body))) > 20, "an empty picture"


def widths_at_the_limits(s):
    for width in (64, 65, 4096):
        assert png_size(get(s, f"{FRONT}.png?w={width}").body)[0] == width
    assert png_size(get(s, f"{FRONT}.png").body)[0] == 1024
    for width in ("63", "4097", "0", "-64", "64.0", "1e3", "x", "", "+64", "99999999999999999999"):
        problem(s.get(f"{FRONT}.png?w={width}"), 422, "preview.invalid", ("/w", "preview.width"))


def rows_of(data):
    """Rows of pixels of an 8-bit PNG of ours, as bytes, and the bytes of a pixel."""
    _, _, pixel, rows = pictures.read(data)
    return rows, pixel


def a_crop_is_a_part_of_the_whole(s):
    for more in ("", "&bg=transparent", "&shadow=off&bg=102030", "&dpr=1.5"):
        rows, pixel = rows_of(get(s, f"{FRONT}.png?w=200{more}").body)
        part, _ = rows_of(get(s, f"{FRONT}.png?w=200&crop=51,80,41,60{more}").body)
        x, y, right, bottom = (76 + 1, 120, 138, 210) if "dpr" in more else (51, 80, 92, 140)
        assert len(part) == bottom - y, (more, len(part))
        assert part == [row[x * pixel:right * pixel] for row in rows[y:bottom]], more
    for extension, (_, size) in SIZES.items():
        assert size(get(s, f"{FRONT}.{extension}?w=4096&crop=2000,2000,300,200").body) == (300, 200), extension


def frames_at_the_limits(s):
    assert png_size(get(s, f"{FRONT}.png?w=100&dpr=3").body)[0] == 300
    assert get(s, f"{FRONT}.png?w=100&dpr=2")["ETag"] == get(s, f"{FRONT}.png?w=200")["ETag"]
    assert get(s, f"{FRONT}.png?w=100&shadow=on&dpr=1.0")["ETag"] == get(s, f"{FRONT}.png?w=100")["ETag"]
    whole = png_size(get(s, f"{FRONT}.png?w=100").body)
    assert png_size(get(s, f"{FRONT}.png?w=100&crop=0,0,100,{whole[1]}").body) == whole
    problem(s.get(f"{FRONT}.png?w=100&crop=0,0,100,{whole[1] + 1}"), 422, "render.crop")
    for query, pointer in (("dpr=3.01", "dpr"), ("dpr=0.99", "dpr"), ("dpr=x", "dpr"), ("crop=0,0,101,1", "crop"),
                           ("crop=0,0,0,1", "crop"), ("crop=1,2,3", "crop"), ("shadow=yes", "shadow")):
        problem(s.get(f"{FRONT}.png?w=100&{query}"), 422, "preview.invalid", (f"/{pointer}", f"preview.{pointer}"))
    problem(s.get(f"{FRONT}.png?w=2049&dpr=2"), 422, "preview.invalid", ("/w", "preview.width"))
    problem(s.get(f"{FRONT}.jpg?bg=transparent"), 422, "preview.invalid", ("/bg", "preview.background"))
    problem(s.get(f"{FRONT}.png?dpr=1&dpr=1"), 422, "preview.invalid", ("/dpr", "preview.parameter"))


def files_say_which_picture_they_are(s):
    for extension in SIZES:
        answer = get(s, f"{FRONT}.{extension}?w=120")
        assert answer["ETag"].strip('"').encode() in answer.body, extension


def immutable_with_a_strong_tag(s):
    answer = get(s, f"{FRONT}.png?w=96")
    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
    tag = answer["ETag"]
    assert tag.startswith('"') and len(tag) == 45, tag
    for match in (tag, "*", f'"a", {tag}'):
        again = s.get(f"{FRONT}.png?w=96", headers={"If-None-Match": match})
        assert again.status == 304 and not again.body and again["ETag"] == tag, (match, again)
        assert "immutable" in again["Cache-Control"]
    assert s.get(f"{FRONT}.png?w=96", headers={"If-None-Match": '"a"'}).status == 200
    assert get(s, f"{FRONT}.png?w=96")["X-Preview-Source"] == "memory"


def one_look_has_one_identity(s):
    plain = get(s, f"{FRONT}.png?w=96")
    for same in ("&o.finish=powder", "&bg=F4F4F2", "&bg=f4f4f2", "&o.gift_box=false", "&o.wrap_text="):
        assert get(s, f"{FRONT}.png?w=96{same}")["ETag"] == plain["ETag"], same
    tags = {get(s, f"{FRONT}.{rest}")["ETag"] for rest in
            ("png?w=96", "webp?w=96", "jpg?w=96", "png?w=97", "png?w=96&bg=FFFFFF", "png?w=96&o.lid_colour=white",
             "png?w=96&o.wrap_text=A", "png?w=96&o.wrap_text=B", "png?w=96&bg=transparent", "png?w=96&shadow=off", "png?w=96&crop=0,0,96,9",
             "png?w=96&crop=0,1,96,9")}
    assert len(tags) == 12, tags


def single_flight(s):
    """Twenty at once ask for a picture nobody asked for: it is drawn once."""
    before = s.get("/readyz").json["previews"]
    answers, start = [], threading.Barrier(20)

    def ask():
        start.wait()
        answers.append(s.get(f"{FRONT}.png?w=1500&o.wrap_text=Once"))
    threads = [threading.Thread(target=ask) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    after = s.get("/readyz").json["previews"]
    assert len(answers) == 20 and {answer.status for answer in answers} == {200}
    assert len({answer.body for answer in answers}) == 1
    assert after["renders"] - before["renders"] == 1, (before, after)
    assert after["requests"] - before["requests"] == 20, (before, after)
    assert after["failures"] == before["failures"]


def wrong_parameters(s):
    for query, *faults in (("w=64&w=64", ("/w", "preview.parameter")), ("zz=1", ("/zz", "preview.parameter")),
                           ("bg=12345", ("/bg", "preview.background")), ("bg=GGGGGG", ("/bg", "preview.background")),
                           ("o.finish=x", ("/o.finish", "selection.unknown_choice")),
                           ("o.zz=1", ("/o.zz", "selection.unknown_option")),
                           ("o.finish=gloss&o.finish=gloss", ("/o.finish", "selection.duplicate_option")),
                           ("o.wrap_text=%E2%80%AE", ("/o.wrap_text", "text.bidi_control")),
                           ("o.extras=brush,brush", ("/o.extras", "selection.duplicate_choice")),
                           ("o.gift_box=maybe", ("/o.gift_box", "selection.type")),
                           ("w=1&bg=x&o.finish=x", ("/w", "preview.width"), ("/bg", "preview.background"),
                            ("/o.finish", "selection.unknown_choice"))):
        problem(s.get(f"{FRONT}.png?{query}"), 422, "preview.invalid", *faults)
    problem(s.get(f"{FRONT}.png?o.wrap_text=%00"), 400, "http.percent_encoding")
    problem(s.get(f"{FRONT}.png?o.wrap_text=%FF"), 400, "http.percent_encoding")
    problem(s.get(f"{FRONT}.png?o.wrap_text=%zz"), 400, "http.percent_encoding")


def unknown_view_format_product_version(s):
    problem(s.get("/v1/previews/bottle@1/back.png"), 404, "preview.view")
    for extension in ("gif", "PNG", "jpeg", "avif"):
        problem(s.get(f"{FRONT}.{extension}"), 404, "preview.format")
    problem(s.get("/v1/previews/nothing@1/front.png"), 404, "product.not_found")
    problem(s.get("/v1/previews/bottle@2/front.png"), 404, "product.version_not_found")


def a_conflicting_look_is_still_drawn(s):
    """The page shows what is picked while the answer says what is wrong with it."""
    assert png_size(get(s, f"{FRONT}.png?w=64&o.finish=brushed&o.pattern=dots").body)[0] == 64


def four_scripts_change_the_picture(s):
    tags = {get(s, f"{FRONT}.png?w=300&o.wrap_text={text}").body for text in
            ("", "Maya", "%D0%AE%D0%BB%D1%8F", "%D9%86%DB%8C%D9%84%D9%88%D9%81%D8%B1", "%E6%9E%97%E5%B0%8F%E9%9B%A8")}
    assert len(tags) == 5


CASES = (every_format_and_view_decodes, widths_at_the_limits, immutable_with_a_strong_tag, one_look_has_one_identity,
         single_flight, wrong_parameters, unknown_view_format_product_version, a_conflicting_look_is_still_drawn,
         four_scripts_change_the_picture, a_crop_is_a_part_of_the_whole, frames_at_the_limits,
         files_say_which_picture_they_are)
