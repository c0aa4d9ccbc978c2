#!/usr/bin/env python3
"""Uploaded pictures judged offline: `cordwain art check` on files made here and, where they are found, on the public suites.

Usage: art_check.py [path of cordwain]     Suites are read from $CORDWAIN_SUITES (default ../shared/suites beside the repository).
"""
import json
import os
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import png
import suites
from server import Cases, ROOT, program, run

HARMLESS = {"png-iccp-bomb.png", "polyglot-png-html.png"}  # small pictures; what hides in them is not read or not kept


def black(width, height):
    return png.write(width, height, bytes(3 * width * height), channels=3)


def svg(inside):
    return f'<svg xmlns="http://www.w3.org/2000/svg" width="20" height="10">{inside}</svg>'.encode()


def verdicts(binary, files):
    """Exit code and one verdict per file, in order."""
    code, out, errors = run(binary, "art", "check", *files)
    lines = [json.loads(line) for line in out.splitlines()]
    assert [line["file"] for line in lines] == [str(file) for file in files], (len(lines), len(files), errors)
    for line in lines:
        assert line["verdict"] in ("ok", "refused") and line["milliseconds"] >= 0 and line["peakBytes"] > 0, line
        assert (line["code"] is None) == (line["verdict"] == "ok") == (line["reason"] is None), line
    return code, lines


def written(folder, **files):
    paths = []
    for name, content in files.items():
        paths.append(folder / name.replace("_", "."))
        paths[-1].write_bytes(content)
    return paths


def good_pictures_are_taken(binary, folder):
    photo = folder / "photo.jpg"
    code, _, errors = run(binary, "render", "--product", ROOT / "schemas/products/bottle.json", "--view", "front", "--width", "96",
                          "-o", photo)
    assert code == 0, errors
    code, lines = verdicts(binary, written(folder, a_png=black(30, 20), b_svg=svg('<rect width="5" height="5"/>')) + [photo])
    assert code == 0 and [line["kind"] for line in lines] == ["png", "svg", "jpeg"], lines
    assert (lines[0]["width"], lines[0]["height"]) == (30, 20) and lines[2]["width"] == 96, lines


def bad_ones_are_refused_by_name(binary, folder):
    wanted = {"artwork.empty": b"", "artwork.kind": b"GIF89a" + bytes(40), "artwork.damaged": black(30, 20)[:60],
              "artwork.svg.script": svg("<script>1</script>"), "artwork.svg.external": svg('<use href="file:///etc/passwd#a"/>'),
              "artwork.too_many_pixels": black(16385, 1)}
    code, lines = verdicts(binary, written(folder, **{f"f{i}_bin": content for i, content in enumerate(wanted.values())}))
    assert code == 1 and [line["code"] for line in lines] == list(wanted), lines


def the_longest_side_is_taken(binary, folder):
    code, lines = verdicts(binary, written(folder, a_png=black(16384, 1)))
    assert code == 0 and lines[0]["width"] == 16384, lines


def what_cannot_be_read_is_2(binary, folder):
    code, _, errors = run(binary, "art", "check")
    assert code == 2 and len(errors) > 10, (code, errors)
    os.mkfifo(folder / "pipe.png")
    for name, why in (("none.png", "No such file"), ("pipe.png", "no file"), (".", "a folder"), ("/dev/null", "no file")):
        code, out, errors = run(binary, "art", "check", folder / name)
        assert code == 2 and not out and why in errors, (name, code, out, errors)
    [good] = written(folder, good_png=black(3, 2))
    code, out, _ = run(binary, "art", "check", folder / "pipe.png", good)
    assert code == 2 and json.loads(out)["verdict"] == "ok", (code, out)


def suite(name, pattern):
    files = sorted((suites.SUITES / name).glob(pattern))
    return [file for file in files if file.suffix in (".png", ".jpg", ".svg", ".svgz")]


def hostile_uploads(binary, _):
    files = suite("hostile-uploads", "*")
    _, lines = verdicts(binary, files)
    for file, line in zip(files, lines):
        assert (line["verdict"] == "ok") == (file.name in HARMLESS), line
        assert line["code"] != "artwork.worker_died", line


def pngsuite(binary, _):
    files = suite("pngsuite", "tests/**/*.png")
    _, lines = verdicts(binary, files)
    for file, line in zip(files, lines):
        assert (line["verdict"] == "refused") == file.name.startswith("x"), line


CASES = (good_pictures_are_taken, bad_ones_are_refused_by_name, the_longest_side_is_taken, what_cannot_be_read_is_2)
PUBLIC = (("hostile-uploads", hostile_uploads), ("pngsuite", pngsuite))


def main():
    binary = program(sys.argv[1] if len(sys.argv) > 1 else None)
    cases = Cases()
    for name, case in [("", case) for case in CASES] + list(PUBLIC):
        if name and not suites.there(name):
            continue
        with tempfile.TemporaryDirectory(prefix="cordwain-art-") as folder:
            cases.run(case, binary, pathlib.Path(folder))
    return cases.finish()


if __name__ == "__main__":
    sys.exit(main())
