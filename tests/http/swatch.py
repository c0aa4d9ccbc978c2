#!/usr/bin/env python3
"""What is chosen is what is seen: sRGB swatches against rendered parts under neutral light, as CIEDE2000 differences.

Usage: swatch.py [path of cordwain]
A product of 64 patches is made here, its art too: one view of lit parts whose light is white and even, and two flat
views that tint white pictures. Every patch of every picture must lie within DE00_MOST of its swatch.
"""
import json
import math
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import png
from server import ROOT, Cases, program, run

DE00_MOST = 3.0
SIDE, CELL = 256, 32                    # [px] of a view, of a patch
STEPS = (0, 85, 170, 255)               # of each of red, green and blue: 64 swatches
SWATCHES = [(r, g, b) for r in STEPS for g in STEPS for b in STEPS]
VIEWS = {"lit": range(64), "flat_a": range(32), "flat_b": range(32, 64)}

# Sharma, Wu and Dalal 2005, "The CIEDE2000 color-difference formula: implementation notes, supplementary test data, and
# mathematical observations", Color Research and Application 30(1), table 1: L* a* b* twice, difference.
SHARMA = """
50 2.6772 -79.7751 50 0 -82.7485 2.0425
50 3.1571 -77.2803 50 0 -82.7485 2.8615
50 2.8361 -74.0200 50 0 -82.7485 3.4412
50 -1.3802 -84.2814 50 0 -82.7485 1.0000
50 -1.1848 -84.8006 50 0 -82.7485 1.0000
50 -0.9009 -85.5211 50 0 -82.7485 1.0000
50 0 0 50 -1 2 2.3669
50 -1 2 50 0 0 2.3669
50 2.4900 -0.0010 50 -2.4900 0.0009 7.1792
50 2.4900 -0.0010 50 -2.4900 0.0010 7.1792
50 2.4900 -0.0010 50 -2.4900 0.0011 7.2195
50 2.4900 -0.0010 50 -2.4900 0.0012 7.2195
50 -0.0010 2.4900 50 0.0009 -2.4900 4.8045
50 -0.0010 2.4900 50 0.0010 -2.4900 4.8045
50 -0.0010 2.4900 50 0.0011 -2.4900 4.7461
50 2.5 0 50 0 -2.5 4.3065
50 2.5 0 73 25 -18 27.1492
50 2.5 0 61 -5 29 22.8977
50 2.5 0 56 -27 -3 31.9030
50 2.5 0 58 24 15 19.4535
50 2.5 0 50 3.1736 0.5854 1.0000
50 2.5 0 50 3.2972 0 1.0000
50 2.5 0 50 1.8634 0.5757 1.0000
50 2.5 0 50 3.2592 0.3350 1.0000
60.2574 -34.0099 36.2677 60.4626 -34.1751 39.4387 1.2644
63.0109 -31.0961 -5.8663 62.8187 -29.7946 -4.0864 1.2630
61.2901 3.7196 -5.3901 61.4292 2.2480 -4.9620 1.8731
35.0831 -44.1164 3.7933 35.0232 -40.0716 1.5901 1.8645
22.7233 20.0904 -46.6940 23.0331 14.9730 -42.5619 2.0373
36.4612 47.8580 18.3852 36.2715 50.5065 21.2231 1.4146
90.8027 -2.0831 1.4410 91.1528 -1.6435 0.0447 1.4441
90.9257 -0.5406 -0.9208 88.6381 -0.8985 -0.7239 1.5381
6.7747 -0.2908 -2.4247 5.8714 -0.0985 -2.2286 0.6377
2.0776 0.0795 -1.1350 0.9033 -0.0636 -0.5514 0.9082
"""


def hue(a, b):
    return math.degrees(math.atan2(b, a)) % 360 if a or b else 0.0


def de00(one, other):
    """CIE 142-2001, in the numbering of Sharma, Wu and Dalal: equations 2 to 22."""
    mean_c = (math.hypot(*one[1:]) + math.hypot(*other[1:])) / 2
    g = 0.5 * (1 - math.sqrt(mean_c ** 7 / (mean_c ** 7 + 25.0 ** 7)))
    a1, a2 = (1 + g) * one[1], (1 + g) * other[1]
    c1, c2 = math.hypot(a1, one[2]), math.hypot(a2, other[2])
    h1, h2 = hue(a1, one[2]), hue(a2, other[2])
    turn = 0.0 if c1 * c2 == 0 else (h2 - h1 + 180) % 360 - 180
    if turn == -180 and h2 > h1:
        turn = 180.0
    dl, dc = other[0] - one[0], c2 - c1
    dh = 2 * math.sqrt(c1 * c2) * math.sin(math.radians(turn / 2))
    l, c = (one[0] + other[0]) / 2, (c1 + c2) / 2
    h = h1 + h2 if c1 * c2 == 0 else (h1 + h2) / 2
    if c1 * c2 and abs(h1 - h2) > 180:
        h += 180 if h1 + h2 < 360 else -180
    cosine = lambda degrees: math.cos(math.radians(degrees))
    t = 1 - 0.17 * cosine(h - 30) + 0.24 * cosine(2 * h) + 0.32 * cosine(3 * h + 6) - 0.20 * cosine(4 * h - 63)
    theta = 30 * math.exp(-((h - 275) / 25) ** 2)
    rt = -math.sin(math.radians(2 * theta)) * 2 * math.sqrt(c ** 7 / (c ** 7 + 25.0 ** 7))
    sl = 1 + 0.015 * (l - 50) ** 2 / math.sqrt(20 + (l - 50) ** 2)
    sc, sh = 1 + 0.045 * c, 1 + 0.015 * c * t
    return math.sqrt((dl / sl) ** 2 + (dc / sc) ** 2 + (dh / sh) ** 2 + rt * (dc / sc) * (dh / sh))


def lab(rgb):
    """sRGB (IEC 61966-2-1) to CIELAB of its own white, D65."""
    r, g, b = (v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in (c / 255 for c in rgb))
    xyz = (0.4124 * r + 0.3576 * g + 0.1805 * b, 0.2126 * r + 0.7152 * g + 0.0722 * b, 0.0193 * r + 0.1192 * g + 0.9505 * b)
    x, y, z = (t ** (1 / 3) if t > 216 / 24389 else (24389 / 27 * t + 16) / 116
               for t in (v / white for v, white in zip(xyz, (0.9505, 1.0, 1.0890))))
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


# ---- the product ----------------------------------------------------------------------------------


def place(number):
    return number % 8 * CELL, number // 8 * CELL


def square(number):
    x0, y0 = place(number)
    inside = [x0 <= x < x0 + CELL and y0 <= y < y0 + CELL for y in range(SIDE) for x in range(SIDE)]
    return bytes(255 if here else 0 for here in inside)


def write_grey(path, pixels):
    path.write_bytes(png.write(SIDE, SIDE, pixels, channels=1))


def make_art(folder):
    parts = [f"p{i:02d}" for i in range(64)]
    for view in VIEWS:
        (folder / view).mkdir(parents=True)
    for i, part in enumerate(parts):
        write_grey(folder / "lit" / f"{part}.png", square(i))
    write_grey(folder / "lit/light.png", b"\xff" * SIDE * SIDE)
    write_grey(folder / "lit/dark.png", bytes(SIDE * SIDE))
    size = {"width": SIDE, "height": SIDE, "surfaces": {}}
    lit = {"diffuse_scale": 1, "specular_scale": 1, "finishes": {"matt": {"diffuse": "light.png", "specular": "dark.png"}},
           "parts": {part: {"file": f"{part}.png"} for part in parts}}
    (folder / "lit/view.json").write_text(json.dumps(size | lit))
    for view in ("flat_a", "flat_b"):
        for i in VIEWS[view]:
            (folder / view / f"{parts[i]}.svg").write_text(
                f'<svg xmlns="http://www.w3.org/2000/svg" width="{SIDE}" height="{SIDE}"><rect x="{place(i)[0]}" y="{place(i)[1]}" '
                f'width="{CELL}" height="{CELL}" fill="#fff"/></svg>')
        pictures = {"pictures": {parts[i]: {"file": f"{parts[i]}.svg"} for i in VIEWS[view]}}
        (folder / view / "view.json").write_text(json.dumps(size | pictures))
    (folder / "product.json").write_text(json.dumps({
        "product": "swatches", "parts": [{"name": part} for part in parts], "finishes": ["matt"], "surfaces": {},
        "views": [{"name": view, "path": f"{view}/view.json"} for view in VIEWS]}))


def make_document():
    document = json.loads((ROOT / "tests/support/mini-product.json").read_text())
    title = {locale: "t" for locale in document["locales"]}
    colours = [{"id": f"c{i:02d}", "title": title, "srgb": "#%02X%02X%02X" % rgb, "lab": [round(v, 3) for v in lab(rgb)],
                "book": "swatches", "entry": f"{i}"} for i, rgb in enumerate(SWATCHES)]
    material = dict(document["materials"][0], id="card", finish="matt")
    made = document["manufacturing"]
    views = [{"id": view, "title": title} for view in VIEWS]
    for view in views[1:]:
        view["layers"] = [{"picture": f"p{i:02d}", "tint": {"id": f"c{i:02d}"}} for i in VIEWS[view["id"]]]
    operation = {"id": "op.print", "seq": 10, "name": "Print", "workCentre": "PRINT", "parts": ["p00"], "durationMinutes": 1,
                 "checks": ["qc"]}
    check = {"id": "qc", "characteristic": "colour", "method": "by eye", "sampling": "all", "severity": "minor", "onFail": "hold",
             "record": ["photo"]}
    kept = ("format", "version", "summary", "issuer", "locales", "currency", "basePrice", "taxClass", "markets", "leadTime")
    return {key: document[key] for key in kept} | {
        "id": "swatches", "title": title, "art": "swatches", "groups": document["groups"][:1],
        "options": [{"id": "flag", "kind": "flag", "title": title, "group": document["groups"][0]["id"], "default": False}],
        "rules": [], "colours": colours, "materials": [material], "surfaces": [], "views": views, "presets": [],
        "parts": [{"id": f"p{i:02d}", "title": title, "material": {"id": "card"}, "colour": {"id": f"c{i:02d}"}} for i in range(64)],
        "manufacturing": {"facility": made["facility"], "gtin": made["gtin"], "unit": made["unit"], "labels": [], "packaging": made["packaging"],
                          "bom": [{"id": "b", "definitionId": "B", "part": "p00", "quantity": {"value": 1, "unit": "C62"}}],
                          "operations": [operation], "checks": [check]}}


class Home:
    """Where cordwain finds its files: ours, and the art of this test."""

    def __init__(self, folder, binary):
        self.folder, self.binary = pathlib.Path(folder), binary
        (self.folder / "assets/art").mkdir(parents=True)
        (self.folder / "schemas").symlink_to(ROOT / "schemas")
        for name in ("web", "fonts"):
            (self.folder / "assets" / name).symlink_to(ROOT / "assets" / name)
        make_art(self.folder / "assets/art/swatches")
        (self.folder / "swatches.json").write_text(json.dumps(make_document()))

    def render(self, view, *options):
        out = self.folder / "picture.png"
        code, _, errors = run(self.binary, "render", "--product", self.folder / "swatches.json", "--view", view, *options, "-o", out,
                              data=self.folder / "data", environment={"CORDWAIN_HOME": str(self.folder)})
        assert code == 0, errors
        return png.Picture(out.read_bytes())


# ---- cases ----------------------------------------------------------------------------------------


def the_published_pairs(_):
    pairs = [[float(v) for v in line.split()] for line in SHARMA.split("\n") if line]
    assert len(pairs) == 34
    for *values, wanted in pairs:
        for one, other in ((values[:3], values[3:]), (values[3:], values[:3])):
            assert abs(de00(one, other) - wanted) < 0.00005, (values, wanted, de00(one, other))


def measure(home, view, width):
    """The largest difference in a picture; the whole inside of a patch counts, away from its neighbours."""
    picture = home.render(view, "--width", str(width), "--format", "png")
    assert picture.width == width
    scale, most, seen = width / SIDE, (0.0, None), 0
    for i in VIEWS[view]:
        x, y = place(i)
        for py in range(math.ceil((y + 4) * scale), math.floor((y + CELL - 4) * scale)):
            for px in range(math.ceil((x + 4) * scale), math.floor((x + CELL - 4) * scale)):
                seen += 1
                rgb = tuple(picture.values[py * width + px][:3])
                if rgb != SWATCHES[i]:
                    most = max(most, (de00(lab(rgb), lab(SWATCHES[i])), (SWATCHES[i], rgb)))
    assert seen > len(VIEWS[view]) * (CELL * scale / 2) ** 2, seen
    assert most[0] <= DE00_MOST, (view, width, most)
    print(f"# {view} at {width} px: dE00 of {seen} pixels at most {most[0]:.3f} {most[1] or ''}")


def lit_parts(home):
    for width in (256, 128, 300):
        measure(home, "lit", width)


def flat_layers(home):
    for view in ("flat_a", "flat_b"):
        for width in (256, 300):
            measure(home, view, width)


def main():
    cases = Cases()
    with tempfile.TemporaryDirectory(prefix="cordwain-swatch-") as folder:
        home = Home(folder, program(sys.argv[1] if len(sys.argv) > 1 else None))
        for case in (the_published_pairs, lit_parts, flat_layers):
            cases.run(case, home)
    sys.exit(cases.finish())


main()
