#!/usr/bin/env python3
"""Makes the seeds of corpus/pack anew, after CW_PACK_VERSION has changed: make_packs.py [path of cordwain-renderer]

Small bundles with the names that fuzz_pack.c draws: part left, finish plain, surface area, pictures card, grey and art. The flat one has a tile.
"""
import json
import pathlib
import struct
import subprocess
import sys
import tempfile
import zlib

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
import png

PRODUCT = {"product": "box", "parts": [{"name": "left"}, {"name": "right"}], "views": [{"name": "front"}]}


def grey(path, side, value, columns=(0.0, 1.0)):
    low, high = (int(side * share) for share in columns)
    pixels = bytes(value if low <= x < high and 4 <= y < side - 4 else 0 for y in range(side) for x in range(side))
    path.write_bytes(png.write(side, side, pixels, channels=1))


def uv(path, side):
    """16-bit RGB: u to the right, v upwards."""
    rows = b"".join(b"\0" + b"".join(struct.pack(">HHH", x * 65535 // side, y * 65535 // side, 0) for x in range(side)) for y in range(side))
    head = struct.pack(">IIBBBBB", side, side, 16, 2, 0, 0, 0)
    path.write_bytes(png.SIGNATURE + png.chunk(b"IHDR", head) + png.chunk(b"IDAT", zlib.compress(rows)) + png.chunk(b"IEND", b""))


def lit(folder, side):
    view = folder / "front"
    view.mkdir()
    for name, value, columns in (("left", 255, (0.1, 0.5)), ("right", 255, (0.5, 0.9)), ("d", 180, (0, 1)), ("s", 60, (0, 1)),
                                 ("mask", 255, (0.1, 0.5)), ("shadow", 40, (0, 1))):
        grey(view / f"{name}.png", side, value, columns)
    uv(view / "uv.png", side)
    (view / "view.json").write_text(json.dumps({
        "width": side, "height": side, "diffuse_scale": 1.6, "specular_scale": 2, "shadow": "shadow.png",
        "finishes": {"plain": {"diffuse": "d.png", "specular": "s.png", "metal": ["right"]}},
        "parts": {"left": {"file": "left.png"}, "right": {"file": "right.png"}},
        "surfaces": {"area": {"file": "uv.png", "mask": "mask.png", "size_mm": [40, 30.5], "parts": ["left"]}}}))


def flat(folder, width, height):
    """Pictures of one, two and four channels, as the importer would have left them beside the bundle."""
    (folder / "front").mkdir()
    pictures = {"card": (255, 255, 255, 255), "grey": (64, 64, 64, 128), "art": (200, 30, 10, 255)}
    for number, (name, rgba) in enumerate(pictures.items()):
        inside = lambda x, y: 4 + 8 * number <= x < width - 6 and 5 <= y < height - 4 * number - 1
        pixels = b"".join(bytes(rgba if inside(x, y) else (0, 0, 0, 0)) for y in range(height) for x in range(width))
        (folder / f"front.{name}.png").write_bytes(struct.pack("<II", width, height) + pixels)
    (folder / "tiles.board.png").write_bytes(struct.pack("<II", 20, 12) + bytes((x + y) % 2 * 255 if c < 3 else 255
                                              for y in range(12) for x in range(20) for c in range(4)))
    (folder / "product.json").write_text(json.dumps(PRODUCT | {"tiles": {"board": {"file": "board.png"}}}))
    (folder / "front/view.json").write_text(json.dumps({
        "width": width, "height": height, "pictures": {name: {"file": f"{name}.png"} for name in pictures},
        "surfaces": {"area": {"rect_px": [3, 3, width - 8, height - 8], "size_mm": [40, 30.5]}}}))


def main():
    renderer = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else HERE.parents[1] / "build/renderer/cordwain-renderer").resolve()
    for name, make, *size in (("small", lit, 24), ("two-levels", lit, 72), ("flat", flat, 72, 24)):
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            (folder / "product.json").write_text(json.dumps(PRODUCT))
            make(folder, *size)
            subprocess.run([renderer, "--pack", folder, HERE / "corpus/pack" / name, folder], check=True, stdout=subprocess.DEVNULL)


main()
