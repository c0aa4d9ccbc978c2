"""Pictures of shoppers' own on a product: placed, drawn, judged, ordered, and made into files for the factory."""
import json
import subprocess

import pictures
from api_previews import png_size
from api_uploads import kept
from server import ROOT, problem

PATH, VERSION = "/v1/products/bottle@1", "1"
SIDE = 300


def halves(x, y):
    """Red above, blue below."""
    return (255, 0, 0) if y < SIDE // 2 else (0, 0, 255)


def picture(s):
    if not hasattr(s, "photo"):
        s.photo = kept(s, pictures.png(SIDE, SIDE, halves))["id"]
    return s.photo


def place(s, **more):
    return {"photo": {"artwork": picture(s), "xUm": 0, "yUm": 0, "widthUm": 40000, "rotationMdeg": 0, **more}}


def click(s, selections):
    answer = s.post(PATH + "/configure", {"selections": selections})
    assert answer.status == 200, answer
    return answer.json


def issues(answer):
    return [(issue["code"], issue["pointer"]) for issue in answer["issues"]]


def colours(s, selections):
    """Counts of clearly red and clearly blue pixels of the front, with the middle row of each."""
    answer = s.get(click(s, selections)["previews"]["front"].replace("w=1024", "w=256"))
    assert answer.status == 200, answer
    assert png_size(answer.body) == (256, 256)
    _, _, size, rows = pictures.read(answer.body)
    found = {"red": [], "blue": []}
    for y, row in enumerate(rows):
        for x in range(0, len(row), size):
            r, g, b = row[x:x + 3]
            if r > 90 and r > 3 * max(g, b):
                found["red"].append((x // size, y))
            elif b > 90 and b > 3 * max(r, g):
                found["blue"].append((x // size, y))
    return found


def middle(points, axis):
    return sum(point[axis] for point in points) / len(points)


def a_picture_is_an_option(s):
    picture(s)
    option = next(o for o in s.get(PATH).json["options"] if o["id"] == "photo")
    assert (option["kind"], option["default"], option["minDpi"], option["price"]) == ("artwork", None, 100, 900), option
    assert option["areaUm"] == [-114500, -57250, 229000, 114500]
    answer = click(s, place(s))
    assert not answer["issues"] and answer["options"]["photo"]["value"] == place(s)["photo"]
    assert {"kind": "text", "id": "photo", "title": "Your picture", "amount": 900} in answer["price"]["lines"]
    without = click(s, {"photo": None})
    assert answer["lead"]["workingDays"] == without["lead"]["workingDays"] + 1
    assert without["price"]["total"] == answer["price"]["total"] - 900 and without["options"]["photo"]["value"] is None


def it_is_drawn_where_it_is_put(s):
    upright = colours(s, place(s))
    assert len(upright["red"]) > 200 and len(upright["blue"]) > 200, upright
    assert middle(upright["red"], 1) < middle(upright["blue"], 1), "upside down"
    turned = colours(s, place(s, rotationMdeg=90000))
    assert middle(turned["red"], 0) < middle(turned["blue"], 0), "a left turn brings the top to the left"
    higher = colours(s, place(s, yUm=20000))
    assert middle(higher["red"], 1) < middle(upright["red"], 1) - 5
    smaller = colours(s, place(s, widthUm=20000))
    assert 0.2 < len(smaller["red"]) / len(upright["red"]) < 0.3, "half as wide is a quarter"
    assert not colours(s, {"photo": None})["red"]


def it_is_cropped_to_its_area(s):
    area = 57250  # half of its height
    half = colours(s, place(s, yUm=area))  # the red half lies above it
    assert half["blue"] and len(half["red"]) < len(half["blue"]) / 10, {name: len(points) for name, points in half.items()}


def the_same_place_is_the_same_address(s):
    short = click(s, {"photo": {"artwork": picture(s), "widthUm": 40000}})
    full = click(s, place(s, rotationMdeg=360000))
    assert short["previews"] == full["previews"] and f"o.photo={picture(s)},0,0,40000,0" in full["previews"]["front"]
    first, again = (s.get(full["previews"]["front"]) for _ in range(2))
    assert first.body == again.body and first["ETag"] == again["ETag"] and again["X-Preview-Source"] == "memory"
    assert s.get(click(s, place(s, xUm=1))["previews"]["front"])["ETag"] != first["ETag"]


def it_is_judged(s):
    assert issues(click(s, place(s, widthUm=76200))) == [], "300 px on 3 inches are 100 dpi"
    assert issues(click(s, place(s, widthUm=76963))) == [("artwork.resolution", "/selections/photo")]
    assert issues(click(s, place(s, xUm=134400))) == []
    assert issues(click(s, place(s, xUm=134600))) == [("artwork.outside", "/selections/photo")]
    nobody = {"photo": {"artwork": "0" * 32}}
    assert issues(click(s, nobody)) == [("artwork.unknown", "/selections/photo")]
    saved = s.post("/v1/designs", {"product": "bottle", "version": VERSION, "selections": nobody})
    problem(saved, 422, "selection.invalid", ("/selections/photo", "artwork.unknown"))
    saved = s.post("/v1/designs", {"product": "bottle", "version": VERSION, "selections": place(s, widthUm=90000)})
    problem(saved, 422, "selection.invalid", ("/selections/photo", "artwork.resolution"))


def what_is_no_placement_is_refused(s):
    for value, where, code in (({"artwork": "x"}, "/artwork", "schema.pattern"), ({"xUm": 1}, "", "schema.required"),
                               ({"artwork": picture(s), "xUm": 2000001}, "/xUm", "schema.maximum"),
                               ({"artwork": picture(s), "z": 1}, "/z", "schema.additionalProperties")):
        answer = s.post(PATH + "/configure", {"selections": {"photo": value}})
        assert answer.status == 422 and any(fault["pointer"] == "/selections/photo" + where for fault in answer.json["errors"]), answer
    problem(s.post(PATH + "/configure", {"selections": {"photo": "a text"}}), 422, "selection.invalid", ("/selections/photo", "selection.type"))
    for text in ("x", picture(s) + ",1", picture(s) + ",1,2,3", picture(s) + ",1,2,3,4,5", picture(s) + ",1,2,x,4", picture(s) + ",2000001,0,0,0"):
        problem(s.get(f"/v1/previews/bottle@1/front.png?o.photo={text}"), 422, "preview.invalid", ("/o.photo", "artwork.placement"))
    problem(s.get(f"/v1/previews/bottle@1/front.png?o.photo={'0' * 32}"), 422, "preview.invalid", ("/o.photo", "artwork.unknown"))


def a_product_prints_pictures_only(s):
    document = json.loads((ROOT / "schemas/products/bottle.json").read_text())
    document["version"] = "42"
    next(surface for surface in document["surfaces"] if surface["id"] == "wrap")["process"] = "engrave"
    problem(s.post("/v1/products", document, key=s.designer), 422, "product.invalid", (f"/options/{index(document)}/surface", "artwork.process"))


def index(document):
    return [option["id"] for option in document["options"]].index("photo")


def an_order_has_files_for_the_factory(s):
    design = s.post("/v1/designs", {"product": "bottle", "version": VERSION, "selections": place(s, xUm=5000, rotationMdeg=-30000)})
    assert design.status == 201, design
    assert s.get(design.json["url"]).json["selections"]["photo"]["rotationMdeg"] == -30000
    placed = s.post("/v1/orders", {"design": design.json["id"]}, headers={"Idempotency-Key": '"pictures-1"'})
    assert placed.status == 201, placed
    spec = json.loads(s.get("/v1/specs/" + placed.json["specs"][0]["id"], key=s.facility).body)
    art = next(art for art in spec["artworks"] if art["id"] == "art.wrap")
    told = art["pictures"][0]
    assert art["content"] == {"kind": "picture"} and told["rotation"] == -30
    assert (told["x"], told["y"], told["width"], told["height"], told["widthPx"]) == (5000, 0, 40000, 40000, SIDE), told
    assert told["digest"] == s.get(f"/v1/artworks/{picture(s)}").json["digest"]
    whole = fetched(s, told["FileSpec"])
    assert pictures.read(whole)[:3] == (SIDE, SIDE, 3)
    the_desk_sees_it(s, "/v1/artworks/" + told["FileSpec"]["digest"])
    pdf, svg = fetched(s, art["FileSpec"]), fetched(s, art["alternates"][0])
    problem(s.get(f"/v1/artworks/{art['FileSpec']['digest']}/picture.png", key=s.facility), 404, "artwork.not_found")
    look_at_pdf(s, pdf)
    assert svg.count(b"data:image/png;base64,") == 1
    assert spec["previews"][0]["height"] == 1024


def the_desk_sees_it(s, path):
    small, shown = s.get(path + "/picture.png", key=s.facility), s.get(f"/v1/artworks/{picture(s)}/picture.png")
    assert small.status == 200 and small["Content-Type"] == "image/png" and small.body == shown.body, small
    assert s.get(path + "/picture.png", key=s.facility, headers={"If-None-Match": small["ETag"]}).status == 304
    problem(s.get(path + "/picture.png"), 401, "auth.missing")
    problem(s.get(path + "/picture.png", key=s.designer), 403, "auth.scope")
    problem(s.get(f"/v1/artworks/sha-256:{'0' * 64}/picture.png", key=s.facility), 404, "artwork.not_found")


def fetched(s, file):
    answer = s.get("/v1/artworks/" + file["digest"], key=s.facility)
    assert answer.status == 200 and answer["Content-Type"] == file["MimeType"] and len(answer.body) == file["FileSize"], answer
    return answer.body


def look_at_pdf(s, pdf):
    """By qpdf and poppler, programs that know nothing of us."""
    file = s.data / "picture.pdf"
    file.write_bytes(pdf)
    subprocess.run(["qpdf", "--check", file], check=True, capture_output=True)
    table = subprocess.run(["pdfimages", "-list", file], check=True, capture_output=True, text=True).stdout.split("\n")[2:]
    kinds = [(line.split()[2], int(line.split()[3])) for line in table if line]
    assert kinds == [("image", SIDE), ("smask", SIDE)], kinds
    shown = subprocess.run(["pdftoppm", "-r", "50", file], check=True, capture_output=True).stdout
    magic, size, _, pixels = shown.split(b"\n", 3)
    width = int(size.split()[0])
    red = [i // 3 for i in range(0, len(pixels), 3) if pixels[i] > 200 and pixels[i + 1] < 60 and pixels[i + 2] < 60]
    blue = [i // 3 for i in range(0, len(pixels), 3) if pixels[i + 2] > 200 and pixels[i + 1] < 60 and pixels[i] < 60]
    assert magic == b"P6" and len(red) > 1000 and len(blue) > 1000
    assert sum(red) // len(red) // width < sum(blue) // len(blue) // width, "upside down"
    across = sum(i % width for i in red) / len(red) - sum(i % width for i in blue) / len(blue)
    assert across > 5, "turned to the right, the top is further right"


CASES = (a_picture_is_an_option, it_is_drawn_where_it_is_put, it_is_cropped_to_its_area, the_same_place_is_the_same_address, it_is_judged,
         what_is_no_placement_is_refused, a_product_prints_pictures_only, an_order_has_files_for_the_factory)
