#!/usr/bin/env python3
"""Production artwork as a press and a cutter read it: qpdf, poppler and librsvg on what `cordwain render --vector` writes.

Usage: vector_cli.py [path of cordwain]
"""
import base64
import json
import math
import pathlib
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as xml

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import pictures
import png
from server import Cases, ROOT, program, run

PRODUCTION = {"trimUm": [-110000, -55000, 220000, 110000], "bleedUm": 2000, "marks": True, "inks": "colour",
              "underbase": "White", "varnish": "Varnish",
              "cutPath": "M -100000 -50000 L 100000 -50000 L 100000 50000 L -100000 50000 Z"}
CHOICES = ("-s", "pattern=girih", "-s", "wrap_text=Ada", "-s", "wrap_font=script")
SVG = "{http://www.w3.org/2000/svg}"


def tool(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    assert done.returncode == 0, (command, done.stdout.decode(errors="replace"))
    return done.stdout


def pixels(pdf):
    """Width, height and RGB of a page at 100 dpi."""
    head, size, _, data = tool("pdftoppm", "-r", "100", pdf).split(b"\n", 3)
    assert head == b"P6"
    width, height = map(int, size.split())
    return width, height, data


class Artwork:
    def __init__(self, binary, folder):
        self.binary, self.folder = binary, folder
        product = json.loads((ROOT / "schemas/products/bottle.json").read_text())
        product["surfaces"][0]["production"] = PRODUCTION
        self.product = folder / "bottle.json"
        self.product.write_text(json.dumps(product))

    def draw(self, extension, *more, **environment):
        file = self.folder / f"wrap{len(list(self.folder.iterdir()))}.{extension}"
        code, _, errors = run(self.binary, "render", "--product", self.product, "--vector", extension, *CHOICES, *more, "-o",
                              file, environment=environment or None)
        assert code == 0, errors
        return file


def boxes(pdf):
    """Name: the four sides, in points."""
    found = re.findall(r"(\w+Box): +([0-9. -]+)", tool("pdfinfo", "-box", pdf).decode())
    return {name: [float(side) for side in sides.split()] for name, sides in found}


def a_press_can_read_it(a):
    pdf = a.draw("pdf")
    assert b"No syntax or stream encoding errors" in tool("qpdf", "--check", pdf)
    fonts = tool("pdffonts", pdf).splitlines()
    assert len(fonts) == 2, fonts  # the two lines of the heading
    sides = boxes(pdf)
    for name, inset, width in (("MediaBox", 0, 240), ("BleedBox", 8, 224), ("TrimBox", 10, 220)):
        left, bottom, right, top = (side / 72 * 25.4 for side in sides[name])
        wanted = (inset, inset, inset + width, inset + width - 110)
        assert all(abs(got - want) < 0.01 for got, want in zip((left, bottom, right, top), wanted)), (name, sides)


def every_ink_has_its_name(a):
    text = tool("qpdf", "--qdf", "--object-streams=disable", a.draw("pdf"), "-")
    inks = re.findall(rb"/Separation\s+/(\S+)", text)
    assert inks[:2] == [b"White", b"Varnish"] and inks[-2:] == [b"CutContour", b"All"], inks
    assert all(ink.startswith(b"CW#20") for ink in inks[2:-2]) and len(inks) > 4, inks
    assert b"/OP true" in text and b"/OutputIntents" not in text


def same_picture(a, pdf, svg):
    """Poppler on the one and librsvg on the other."""
    again = a.folder / "again.pdf"
    tool("rsvg-convert", "--format", "pdf", "--output", again, svg)
    one, two = pixels(pdf), pixels(again)
    assert abs(one[0] - two[0]) <= 1 and abs(one[1] - two[1]) <= 1, (one[:2], two[:2])
    width, height = min(one[0], two[0]), min(one[1], two[1])
    difference = ink = 0
    for y in range(height):
        left = one[2][3 * one[0] * y:][:3 * width]
        right = two[2][3 * two[0] * y:][:3 * width]
        difference += sum(abs(p - q) for p, q in zip(left, right))
        ink += 255 * 3 * width - sum(left)
    assert ink > 0 and difference < ink / 33, (difference, ink)  # edges, and nothing else


def svg_is_the_same_drawing(a):
    pdf, svg = a.draw("pdf"), a.draw("svg")
    root = xml.parse(svg).getroot()
    assert (root.get("width"), root.get("height"), root.get("viewBox")) == ("240mm", "130mm", "0 0 240 130")
    layers = [layer.get("data-spot") for layer in root.findall(f"{SVG}g")]
    assert layers[:2] == ["White", "Varnish"] and layers[-2:] == ["CutContour", "All"], layers
    same_picture(a, pdf, svg)


def the_same_bytes_anywhere(a):
    for extension in ("pdf", "svg"):
        told = a.draw(extension).read_bytes()
        other = a.draw(extension, HOME=str(a.folder), TZ="Asia/Tehran", LC_ALL="C.UTF-8", LANG="fa_IR.UTF-8").read_bytes()
        assert told == other, extension


def wrong_usage_is_told(a):
    for more, text in ((("--vector", "png"), "pdf or svg"), (("--vector", "pdf", "--surface", "x"), "no surface 'x'"),
                       (("--vector", "pdf"), "nothing is drawn")):
        code, _, errors = run(a.binary, "render", "--product", a.product, *more, "-o", a.folder / "no")
        assert code == 2 and text in errors, (more, code, errors)


def draw_tag(a, extension, *more):
    file = a.folder / f"tag.{extension}"
    code, _, errors = run(a.binary, "render", "--product", ROOT / "schemas/products/gift-tag.json", "--vector", extension, "--surface", "front",
                          "-s", "name=Ada", *more, "-o", file, data=a.folder / "data")
    assert code == 0, errors
    return file


def a_picture_is_repeated(a):
    """One image and one tiling pattern of 30 mm, turned by 20 degrees; poppler and librsvg draw it alike."""
    pdf, svg = (draw_tag(a, extension, "-s", "pattern=terrazzo") for extension in ("pdf", "svg"))
    tool("qpdf", "--check", pdf)
    page = tool("qpdf", "--qdf", "--object-streams=disable", pdf, "-")
    assert page.count(b"/PatternType 1") == 1 and page.count(b"/SMask") == 1, "one pattern, one image"
    matrix = [float(n) for n in re.search(rb"/Matrix \[([-0-9. \s]+)\]", page)[1].split()]
    side, angle = math.hypot(*matrix[:2]) / 72 * 25.4, math.degrees(math.atan2(matrix[1], matrix[0]))
    assert abs(side - 30) < 1e-6 and abs(angle - 20) < 1e-6, matrix
    root = xml.parse(svg).getroot()
    assert len(list(root.iter(f"{SVG}pattern"))) == 1 and len(list(root.iter(f"{SVG}image"))) == 1
    same_picture(a, pdf, svg)


def a_tag_is_cut_along_its_outline(a):
    """The flat demo product as it is: trim 54 x 92 mm, bleed all around, a cut plate of two outlines."""
    pdf = draw_tag(a, "pdf")
    tool("qpdf", "--check", pdf)
    size = boxes(pdf)
    for name, width, height in (("TrimBox", 54, 92), ("BleedBox", 60, 98)):
        x0, y0, x1, y1 = size[name]
        assert abs(x1 - x0 - width * 72 / 25.4) < 0.02 and abs(y1 - y0 - height * 72 / 25.4) < 0.02, (name, size)
    page = tool("qpdf", "--qdf", "--object-streams=disable", pdf, "-")
    assert b"CutContour" in page and b"CW#20IK-32" in page, "the plates of the cutter and of the forest ink"


def plates_of_a_picture(a):
    """White and varnish lie where a picture is opaque, and as much; under one that is a rectangle, as its rectangle."""
    file = a.folder / "dots.png"
    file.write_bytes(pictures.png(60, 40, lambda x, y: (200, y, x, 255 if x < 20 else 4 * y), alpha=True))
    alphas = [255 if x < 20 else 4 * y for y in range(40) for x in range(60)]
    pdf = a.draw("pdf", "-s", f"photo=@{file},0,0,30000,0")
    tool("qpdf", "--check", pdf)
    table = [line.split() for line in tool("pdfimages", "-list", pdf).decode().splitlines()[2:]]
    assert [(row[2], row[3], row[4], row[5]) for row in table] == [
        ("image", "1", "1", "sep"), ("smask", "60", "40", "gray"), ("image", "1", "1", "sep"), ("smask", "60", "40", "gray"),
        ("image", "60", "40", "rgb"), ("smask", "60", "40", "gray")], table
    tool("pdfimages", "-png", pdf, a.folder / "plate")
    for number in (1, 3, 5):
        mask = png.Picture((a.folder / f"plate-{number:03}.png").read_bytes())
        assert [value[0] for value in mask.values] == alphas, number
    images = re.findall(r"base64,([^\"]+)", a.draw("svg", "-s", f"photo=@{file},0,0,30000,0").read_text())
    for image, colour in zip(images, ((0xD5, 0xE8, 0xF2), (0xE8, 0xE2, 0xF0), None)):
        values = png.Picture(base64.b64decode(image)).values
        assert len(images) == 3 and [value[3] for value in values] == alphas, colour
        assert not colour or all(value[:3] == colour for value in values if value[3]), colour
    file.write_bytes(pictures.plain(60, 40))
    table = tool("pdfimages", "-list", a.draw("pdf", "-s", f"photo=@{file},0,0,30000,0")).decode()
    assert "sep" not in table and table.count("\n") == 4, table


CASES = (a_tag_is_cut_along_its_outline, a_picture_is_repeated, plates_of_a_picture, a_press_can_read_it, every_ink_has_its_name, svg_is_the_same_drawing, the_same_bytes_anywhere, wrong_usage_is_told)

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        artwork = Artwork(program(sys.argv[1] if len(sys.argv) > 1 else None), pathlib.Path(name))
        cases = Cases()
        for case in CASES:
            cases.run(case, artwork)
    sys.exit(cases.finish())
