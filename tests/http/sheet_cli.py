#!/usr/bin/env python3
"""`cordwain render --sheet`: every preset in every view stands on it, pixel for pixel, with a word under it.

Usage: sheet_cli.py [path of cordwain]
"""
import json
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import pictures
import png
from server import Cases, ROOT, program, run

PRODUCT = ROOT / "schemas/products/gift-tag.json"
GAP, LABEL, TITLE, PAPER, WIDTH = 12, 18, 34, (238, 238, 238, 255), 96


def picture(path):
    return png.Picture(path.read_bytes())


def sheet(binary, folder, *words):
    code, out, errors = run(binary, "render", "--sheet", folder / "sheet.png", "--data", folder / "data", *words)
    return code, out, errors


def row(picture, y, x, width):
    return picture.values[y * picture.width + x:y * picture.width + x + width]


def picture_height(whole, rows):
    rest = whole.height - GAP - TITLE - rows * (LABEL + GAP)
    assert rest % rows == 0
    return rest // rows


def presets_by_views(binary, folder):
    product = json.loads(PRODUCT.read_text())
    code, _, errors = sheet(binary, folder, "--width", str(WIDTH), PRODUCT)
    assert code == 0, errors
    whole = picture(folder / "sheet.png")
    assert (whole.colour, whole.depth) == (2, 8)
    rows = [{"selections": {}}, *product["presets"]]
    height = picture_height(whole, len(rows))
    for number, preset in list(enumerate(rows))[:3]:
        y, x = GAP + TITLE + number * (height + LABEL + GAP), GAP
        picks = [word for name, value in preset["selections"].items() for word in ("-s", f"{name}={value}")]
        for view in product["views"]:
            code, _, errors = run(binary, "render", "--product", PRODUCT, "--data", folder / "data", "--view", view["id"],
                                  "--width", str(WIDTH), "-o", folder / "one.png", *picks)
            assert code == 0, errors
            one = picture(folder / "one.png")
            assert one.height == height
            for line in range(height):
                assert row(whole, y + line, x, WIDTH) == row(one, line, 0, WIDTH), (number, view["id"], line)
            words = [pixel for line in range(LABEL) for pixel in row(whole, y + height + line, x, WIDTH)]
            assert sum(pixel[0] < 120 for pixel in words) > 30, "no label"
            x += WIDTH + GAP
    assert whole.width == x, (whole.width, x)
    assert row(whole, 0, 0, x) == [PAPER] * x, row(whole, 0, 0, 1)
    assert sum(pixel[0] < 120 for line in range(TITLE) for pixel in row(whole, GAP + line, GAP, x - GAP)) > 30, "no title"


def several_products_below_each_other(binary, folder):
    code, out, errors = sheet(binary, folder, "--json", "--width", "64", PRODUCT, PRODUCT)
    assert code == 0, errors
    whole, rows = picture(folder / "sheet.png"), 1 + len(json.loads(PRODUCT.read_text())["presets"])
    assert json.loads(out)["bytes"] == (folder / "sheet.png").stat().st_size
    assert (whole.width, whole.height) == (2 * 64 + 3 * GAP, GAP + 2 * (TITLE + rows * (64 + LABEL + GAP))), (whole.width, whole.height)


def what_is_selected_lies_over_every_preset(binary, folder):
    file, product = folder / "red.png", ROOT / "schemas/products/bottle.json"
    file.write_bytes(pictures.plain(60, 60, (255, 0, 0)))
    code, _, errors = sheet(binary, folder, "--width", str(WIDTH), "-s", f"photo=@{file},0,0,40000,0", "-s", "wrap_text=", product)
    assert code == 0, errors
    whole, presets = picture(folder / "sheet.png"), json.loads(product.read_text())["presets"]
    height = picture_height(whole, 1 + len(presets))
    for number, name in enumerate(["default", *(preset["id"] for preset in presets)]):
        y = GAP + TITLE + number * (height + LABEL + GAP)
        red = sum(r > 90 and r > 3 * max(g, b) for line in range(height) for r, g, b, _ in row(whole, y + line, GAP, WIDTH))
        assert red > 60, (name, red)
    code, _, errors = sheet(binary, folder, "-s", f"photo=@{file}", PRODUCT)
    assert code == 1 and "photo" in errors, "the tag has no such option"


def what_is_wrong_is_told(binary, folder):
    for words, want, why in (((), 2, "which products"), ((folder / "none.json",), 2, "none.json"), (("--width", "63", PRODUCT), 2, "width")):
        code, _, errors = sheet(binary, folder, *words)
        assert code == want and why in errors and not (folder / "sheet.png").exists(), (words, code, errors)
    code, _, errors = run(binary, "render", "--sheet", folder / "no" / "folder.png", "--data", folder / "data", PRODUCT)
    assert code == 3 and "cannot write" in errors, (code, errors)


def main():
    binary, cases = program(sys.argv[1] if len(sys.argv) > 1 else None), Cases()
    for case in (presets_by_views, several_products_below_each_other, what_is_selected_lies_over_every_preset, what_is_wrong_is_told):
        with tempfile.TemporaryDirectory(prefix="cordwain-sheet-") as folder:
            cases.run(case, binary, pathlib.Path(folder))
    return cases.finish()


if __name__ == "__main__":
    sys.exit(main())
