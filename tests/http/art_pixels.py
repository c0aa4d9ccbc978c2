#!/usr/bin/env python3
"""The pixels an upload becomes: the importer process asked directly, held against pictures worked out here from the standards.

Usage: art_pixels.py [path of cordwain]     $CORDWAIN_SUITES as in art_check.py.
"""
import mmap
import os
import pathlib
import socket
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import png
import suites
from server import Cases, ROOT, program, renderer as renderer_of, run

MAGIC, VERSION = 0x49415743, 2  # include/cordwain/artwork.h


class Imported:
    """The answer to one request: code, width, height, colour and the premultiplied bytes."""

    def __init__(self, renderer, content):
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with ours, theirs, tempfile.TemporaryFile() as file:
            file.write(content)
            file.seek(0)
            process = subprocess.Popen([renderer, "--import", str(theirs.fileno())], pass_fds=[theirs.fileno()], stderr=subprocess.DEVNULL)
            theirs.close()
            socket.send_fds(ours, [struct.pack("<IHIB", MAGIC, VERSION, 2048, 1)], [file.fileno()])
            reply, fds, _, _ = socket.recv_fds(ours, 2048, 1)
            process.kill()  # as the server does: its work is done
            process.wait()
        magic, version, _, self.kind, self.colour, self.width, self.height, length = struct.unpack("<IHBBBIII", reply[:21])
        assert (magic, version) == (MAGIC, VERSION), reply
        self.code = reply[21:21 + length].decode()
        self.rgba = b""
        for fd in fds:
            with mmap.mmap(fd, self.width * self.height * 4, prot=mmap.PROT_READ) as view:
                self.rgba = bytes(view)
            os.close(fd)


def linear(v):
    return v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4


def encoded(light):
    v = min(1, max(0, light))
    return 255 * (v * 12.92 if v <= 0.0031308 else 1.055 * v ** (1 / 2.4) - 0.055)


def premultiplied(rgba):
    return bytes((c * rgba[3] + 127) // 255 for c in rgba[:3]) + bytes(rgba[3:])


def inverse(m):
    (a, b, c), (d, e, f), (g, h, i) = m
    det = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)
    return [[(e * i - f * h) / det, (c * h - b * i) / det, (b * f - c * e) / det],
            [(f * g - d * i) / det, (a * i - c * g) / det, (c * d - a * f) / det],
            [(d * h - e * g) / det, (b * g - a * h) / det, (a * e - b * d) / det]]


def times(m, v):
    return [sum(x * y for x, y in zip(row, v)) for row in m]


def product(a, b):
    columns = list(zip(*b))
    return [[sum(x * y for x, y in zip(row, column)) for column in columns] for row in a]


def to_xyz(white, *primaries):
    """RGB to XYZ by the primaries' chromaticities."""
    light = [[x / y, 1, (1 - x - y) / y] for x, y in primaries]
    m = [list(row) for row in zip(*light)]
    x, y = white
    scale = times(inverse(m), [x / y, 1, (1 - x - y) / y])
    return [[v * s for v, s in zip(row, scale)] for row in m]


SRGB = ((0.3127, 0.3290), (0.64, 0.33), (0.30, 0.60), (0.15, 0.06))
P3 = ((0.3127, 0.3290), (0.68, 0.32), (0.265, 0.69), (0.15, 0.06))
BRADFORD = [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]


def to_srgb(colours):
    """Linear colours of other primaries to linear sRGB, the white point adapted."""
    cone = [times(BRADFORD, [x / y, 1, (1 - x - y) / y]) for x, y in (colours[0], SRGB[0])]
    scale = [[cone[1][i] / cone[0][i] if i == k else 0 for k in range(3)] for i in range(3)]
    adapted = product(inverse(BRADFORD), product(scale, BRADFORD))
    return product(inverse(to_xyz(*SRGB)), product(adapted, to_xyz(*colours)))


def same(want, got, tolerance):
    worst = max(abs(a - b) for a, b in zip(want, got))
    assert len(want) == len(got) and worst <= tolerance, (len(want), len(got), worst, tolerance)


# ---- PNG ------------------------------------------------------------------------------------------


def expected(picture):
    """The documented policy, in floating point: gamma and primaries applied to what the file holds, then 8 bits."""
    gamma, primaries = picture.chunks.get(b"gAMA"), picture.chunks.get(b"cHRM")
    exponent = 100000 / struct.unpack(">I", gamma)[0] if gamma else 2.2
    plain = abs(45455 - 100000 / exponent) <= 45455 / 20
    points = [v / 100000 for v in struct.unpack(">8I", primaries)] if primaries else None
    matrix = to_srgb(list(zip(points[::2], points[1::2]))) if points else None
    result, top = [], picture.top
    for value in picture.values:
        if plain and not matrix:
            rgb = [(v * 255 + top // 2) // top for v in value[:3]]
        else:
            light = [linear(v / top) if plain else (v / top) ** exponent for v in value[:3]]
            rgb = [round(encoded(v)) for v in (times(matrix, light) if matrix else light)]
        result.append(premultiplied((*rgb, (value[3] * 255 + top // 2) // top)))
    return b"".join(result), 0 if plain and not matrix else 1


def pngsuite_has_the_right_pixels(renderer):
    names = sorted((suites.SUITES / "pngsuite" / "tests" / "pngsuite").glob("[!x]*.png"))
    assert len(names) > 100
    for path in names:
        content = path.read_bytes()
        picture, got = png.Picture(content), Imported(renderer, content)
        assert (got.code, got.width, got.height) == ("", picture.width, picture.height), (path.name, got.code)
        want, tolerance = expected(picture)
        try:
            same(want, got.rgba, tolerance)
        except AssertionError as error:
            raise AssertionError(path.name, *error.args) from None


# ---- which way is up ------------------------------------------------------------------------------


def exif(orientation, order="<"):
    mark = b"II*\0" if order == "<" else b"MM\0*"
    entries = [(0x010F, 2, 4, b"Cam\0"), (0x0112, 3, 1, struct.pack(order + "HH", orientation, 0))]
    return (mark + struct.pack(order + "IH", 8, len(entries)) +
            b"".join(struct.pack(order + "HHI", *entry[:3]) + entry[3] for entry in entries) + bytes(4))


def turned(rgba, w, h, orientation):
    """What one sees: for each place of the upright picture, the place of the file it comes from (EXIF 2.32 §4.6.4)."""
    source = {1: lambda x, y: (x, y), 2: lambda x, y: (w - 1 - x, y), 3: lambda x, y: (w - 1 - x, h - 1 - y),
              4: lambda x, y: (x, h - 1 - y), 5: lambda x, y: (y, x), 6: lambda x, y: (y, h - 1 - x),
              7: lambda x, y: (w - 1 - y, h - 1 - x), 8: lambda x, y: (w - 1 - y, x)}[orientation]
    width, height = (h, w) if orientation > 4 else (w, h)
    places = (source(x, y) for y in range(height) for x in range(width))
    return width, height, b"".join(rgba[(y * w + x) * 4:(y * w + x) * 4 + 4] for x, y in places)


def with_segments(jpeg, *segments):
    """A JPEG with segments (marker, data) put behind its first two bytes."""
    return jpeg[:2] + b"".join(struct.pack(">BBH", 0xFF, mark, len(data) + 2) + data for mark, data in segments) + jpeg[2:]


def photo(binary):
    with tempfile.TemporaryDirectory(prefix="cordwain-art-") as folder:
        path = pathlib.Path(folder) / "photo.jpg"
        code, _, errors = run(binary, "render", "--product", ROOT / "schemas/products/bottle.json", "--view", "front", "--width", "90",
                              "-o", path)
        assert code == 0, errors
        return path.read_bytes()


def photos_stand_upright(renderer, jpeg):
    plain = Imported(renderer, jpeg)
    for orientation in range(1, 9):
        got = Imported(renderer, with_segments(jpeg, (0xE1, b"Exif\0\0" + exif(orientation, "<>"[orientation % 2]))))
        want = turned(plain.rgba, plain.width, plain.height, orientation)
        assert (got.width, got.height, got.rgba) == want, orientation
    for strange in (exif(0), exif(9), exif(6)[:20], b"II*\0\xff\xff\xff\xff", b"xx"):
        got = Imported(renderer, with_segments(jpeg, (0xE1, b"Exif\0\0" + strange)))
        assert got.code == "" and got.rgba == plain.rgba, strange


def pngs_stand_upright(renderer, _):
    pixels = bytes(i * 7 % 251 for i in range(70 * 130 * 3))
    for before, after in (((b"eXIf", exif(6)),), ()), ((), ((b"eXIf", exif(6)),)):
        got = Imported(renderer, png.write(70, 130, pixels, 3, before, after))
        straight = b"".join(pixels[i:i + 3] + b"\xff" for i in range(0, len(pixels), 3))
        assert (got.width, got.height, got.rgba) == turned(straight, 70, 130, 6)


# ---- profiles -------------------------------------------------------------------------------------


def fixed(*values):
    return b"".join(struct.pack(">i", round(v * 65536)) for v in values)


def profile(space, tags):
    """ICC.1:2022: header, tag table, data."""
    at, table, data = 132 + 12 * len(tags), b"", b""
    for name, content in tags.items():
        table += struct.pack(">4sII", name, at + len(data), len(content))
        data += content + bytes(-len(content) % 4)
    head = struct.pack(">I4sI4s4s4s12s4s", at + len(data), b"", 0x04200000, b"mntr", space, b"XYZ ", b"", b"acsp").ljust(128, b"\0")
    return head + struct.pack(">I", len(tags)) + table + data


def display_p3():
    white = P3[0]
    cone = [times(BRADFORD, v) for v in ([white[0] / white[1], 1, (1 - sum(white)) / white[1]], [0.9642, 1, 0.8249])]
    scale = [[cone[1][i] / cone[0][i] if i == k else 0 for k in range(3)] for i in range(3)]
    to_d50 = product(product(inverse(BRADFORD), product(scale, BRADFORD)), to_xyz(*P3))
    curve = b"para" + struct.pack(">IHH", 0, 3, 0) + fixed(2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
    columns = {name: b"XYZ \0\0\0\0" + fixed(*column) for name, column in zip((b"rXYZ", b"gXYZ", b"bXYZ"), zip(*to_d50))}
    return profile(b"RGB ", {**columns, b"rTRC": curve, b"gTRC": curve, b"bTRC": curve})


def in_pieces(icc, size):
    count = -(-len(icc) // size)
    return [(0xE2, b"ICC_PROFILE\0" + bytes([i + 1, count]) + icc[i * size:(i + 1) * size]) for i in range(count)]


def profiles_are_applied(renderer, jpeg):
    plain, matrix = Imported(renderer, jpeg), to_srgb(P3)
    rows = [plain.rgba[i:i + 4] for i in range(0, len(plain.rgba), 4)]
    want = b"".join(bytes([*(round(encoded(v)) for v in times(matrix, [linear(c / 255) for c in row[:3]])), 255]) for row in rows)
    assert plain.colour == 0 and want != plain.rgba
    got = Imported(renderer, with_segments(jpeg, *in_pieces(display_p3(), 100)))
    assert got.colour == 1, got.colour
    same(want, got.rgba, 1)
    picture = png.write(plain.width, plain.height, plain.rgba, 4, ((b"iCCP", b"P3\0\0" + png.zlib.compress(display_p3())),))
    got = Imported(renderer, picture)
    assert got.colour == 1, got.colour
    same(want, got.rgba, 1)


def grey_profiles_are_for_grey_pictures(renderer, jpeg):
    grey = profile(b"GRAY", {b"kTRC": b"curv" + struct.pack(">IIH", 0, 1, 0x0100)})  # linear light
    got = Imported(renderer, with_segments(jpeg, *in_pieces(grey, 1000)))
    assert got.colour == 2 and got.rgba == Imported(renderer, jpeg).rgba


def profiles_we_cannot_apply_change_nothing(renderer, jpeg):
    plain, icc = Imported(renderer, jpeg), display_p3()
    pieces = in_pieces(icc, 100)
    for segments in (in_pieces(icc[:200], 1000), in_pieces(icc.replace(b"rTRC", b"A2B0"), 1000), in_pieces(b"no profile" * 20, 1000),
                     pieces[:1] + pieces[2:], pieces[::-1], in_pieces(icc.replace(b"RGB ", b"CMYK"), 1000)):
        got = Imported(renderer, with_segments(jpeg, *segments))
        assert got.code == "" and got.colour == 2 and got.rgba == plain.rgba, got.colour


CASES = (photos_stand_upright, pngs_stand_upright, profiles_are_applied, grey_profiles_are_for_grey_pictures,
         profiles_we_cannot_apply_change_nothing)


def main():
    binary = program(sys.argv[1] if len(sys.argv) > 1 else None)
    renderer = renderer_of(binary)
    os.environ.setdefault("LSAN_OPTIONS", f"suppressions={ROOT}/tests/support/lsan.supp:print_suppressions=0")
    jpeg, cases = photo(binary), Cases()
    for case in CASES:
        cases.run(case, renderer, jpeg)
    if suites.there("pngsuite"):
        cases.run(pngsuite_has_the_right_pixels, renderer)
    return cases.finish()


if __name__ == "__main__":
    sys.exit(main())
