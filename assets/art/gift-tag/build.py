#!/usr/bin/env python3
"""Draws the art of the gift tag: SVG for shapes, PNG for paper, all from this file and the standard library.
build.py [OUT_FOLDER]     writes product.json and the folders front/ and back/ beside itself, or into OUT_FOLDER
The same file gives the same bytes: random numbers come from fixed seeds.
"""
import json, math, pathlib, random, struct, sys, zlib

SIDE = 1600                 # [px] of a view
SCALE = 14                  # [px/mm]
MIDDLE = (800, 884)         # [px] of the tag's middle
SIZE_MM = (54, 92)          # the tag
BLEED_MM = 3
HOLE_MM = (0, 34.5, 2.5)      # x, y up, radius
BODY = 0.5523               # circle by Bezier curves


def px(x_mm, y_mm):
    return MIDDLE[0] + x_mm * SCALE, MIDDLE[1] - y_mm * SCALE


def circle(x, y, r):
    """Path data in pixels, counter-clockwise in a picture's direction of y, so that it makes a hole."""
    k = r * BODY
    return (f"M{x + r:g} {y:g}C{x + r:g} {y - k:g} {x + k:g} {y - r:g} {x:g} {y - r:g}"
            f"C{x - k:g} {y - r:g} {x - r:g} {y - k:g} {x - r:g} {y:g}"
            f"C{x - r:g} {y + k:g} {x - k:g} {y + r:g} {x:g} {y + r:g}"
            f"C{x + k:g} {y + r:g} {x + r:g} {y + k:g} {x + r:g} {y:g}Z")


def outline(inset_mm=0.0):
    """The tag without its hole: chamfered above, rounded below. The same numbers are in the product's cutPath."""
    w, h, c, r = SIZE_MM[0] / 2 - inset_mm, SIZE_MM[1] / 2 - inset_mm, 12 - 0.586 * inset_mm, 3.0
    k = r * (1 - BODY)
    points = [px(*p) for p in ((-w, -h + r), (-w, h - c), (-w + c, h), (w - c, h), (w, h - c), (w, -h + r),
                               (w, -h + k), (w - k, -h), (w - r, -h), (-w + r, -h), (-w + k, -h), (-w, -h + k))]
    at = [f"{x:.6g} {y:.6g}" for x, y in points]
    return (f"M{at[0]}L{at[1]}L{at[2]}L{at[3]}L{at[4]}L{at[5]}C{at[6]} {at[7]} {at[8]}L{at[9]}"
            f"C{at[10]} {at[11]} {at[0]}Z")


def shape():
    x, y = px(HOLE_MM[0], HOLE_MM[1])
    return outline() + circle(x, y, HOLE_MM[2] * SCALE)


def svg(body):
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{SIDE}" height="{SIDE}" viewBox="0 0 {SIDE} {SIDE}">\n'
            f"{body}\n</svg>\n")


def card():
    return svg(f'<path d="{shape()}" fill="#fff" fill-rule="evenodd"/>')


def edges(light):
    """The paper's thickness: thin lines just inside of the edge, from the upper left or from the lower right."""
    x, y = px(HOLE_MM[0], HOLE_MM[1])
    ends = ('x1="0" y1="0" x2="1" y2="1"' if light else 'x1="1" y1="1" x2="0" y2="0"')
    colour = "#fff" if light else "#000"
    strengths = (0.55, 0.30, 0.12) if light else (0.34, 0.18, 0.08)
    lines = [f'<linearGradient id="g" {ends}><stop offset="0" stop-color="{colour}"/>'
             f'<stop offset=".55" stop-color="{colour}" stop-opacity="0"/></linearGradient>']
    for i, strength in enumerate(strengths):
        lines.append(f'<path d="{outline(0.07 + 0.13 * i)}" fill="none" stroke="url(#g)" stroke-width="2.4" '
                     f'opacity="{strength}"/>')
    for i, strength in enumerate(strengths):
        d = circle(x, y, (HOLE_MM[2] + 2.05 + 0.1 * i) * SCALE)
        lines.append(f'<path d="{d}" fill="none" stroke="{colour}" stroke-width="1.6" opacity="{strength * 0.4:.3g}"/>')
    return svg("\n".join(lines))


def glow():
    """Light falls from the upper left: a soft slope over the whole card, around the middle of linear light."""
    return svg('<linearGradient id="g" x1="0" y1="0" x2="1" y2="1"><stop offset="0" stop-color="#d6d6d6"/>'
               '<stop offset=".5" stop-color="#bcbcbc"/><stop offset="1" stop-color="#a2a2a2"/></linearGradient>'
               f'<path d="{shape()}" fill="url(#g)" fill-rule="evenodd"/>')


def eyelet():
    x, y = px(HOLE_MM[0], HOLE_MM[1])
    r = HOLE_MM[2] * SCALE
    ring = circle(x, y, r * 1.8) + circle(x, y, r * 0.92)
    inner = circle(x, y, r * 1.12) + circle(x, y, r * 0.92)
    rim = circle(x, y, r * 1.45)
    stops = ((0, "#fff"), (.28, "#b9b9b9"), (.5, "#f4f4f4"), (.74, "#8f8f8f"), (1, "#d9d9d9"))
    gradient = "".join(f'<stop offset="{o}" stop-color="{c}"/>' for o, c in stops)
    return svg(f'<linearGradient id="g" x1=".1" y1="0" x2=".9" y2="1">{gradient}</linearGradient>'
               f'<linearGradient id="h" x1=".9" y1="1" x2=".1" y2="0">{gradient}</linearGradient>'
               f'<path d="{circle(x + 2, y + 5, r * 1.8)}{circle(x + 1, y + 2, r * 0.92)}" fill="#000" opacity=".22" '
               'fill-rule="evenodd"/>'
               f'<path d="{ring}" fill="url(#g)" fill-rule="evenodd"/>'
               f'<path d="{inner}" fill="url(#h)" fill-rule="evenodd"/>'
               f'<path d="{rim}" fill="none" stroke="#fff" stroke-width="3" opacity=".65"/>')


# ---- the cord -------------------------------------------------------------------------------------

def bezier(p, t):
    u = 1 - t
    return tuple(u ** 3 * a + 3 * u * u * t * b + 3 * u * t * t * c + t ** 3 * d for a, b, c, d in zip(*p))


def strand(points, thickness=17.0, twist=13.0):
    """A twisted cord along a Bezier curve: one slanted bead for each turn, darker at its sides."""
    samples = [bezier(points, i / 400) for i in range(401)]
    beads, walked, next_bead = [], 0.0, 0.0
    for (x0, y0), (x1, y1) in zip(samples, samples[1:]):
        if walked >= next_bead:
            angle = math.degrees(math.atan2(y1 - y0, x1 - x0))
            beads.append((x0, y0, angle))
            next_bead += twist
        walked += math.hypot(x1 - x0, y1 - y0)
    d = "M{:.1f} {:.1f}C{:.1f} {:.1f} {:.1f} {:.1f} {:.1f} {:.1f}".format(*[v for p in points for v in p])
    parts = [f'<path d="{d}" fill="none" stroke="#000" stroke-opacity=".2" stroke-width="{thickness + 5}" '
             'transform="translate(5 8)"/>',
             f'<path d="{d}" fill="none" stroke="#8d8d8d" stroke-width="{thickness}"/>']
    for x, y, angle in beads:
        parts.append(f'<g transform="translate({x:.1f} {y:.1f}) rotate({angle:.1f}) skewX(-38)">'
                     f'<rect x="-5.6" y="-{thickness / 2 + .6:g}" width="11.2" height="{thickness + 1.2:g}" rx="5.4" fill="#cfcfcf"/>'
                     f'<rect x="-4.2" y="-{thickness / 2 - 2:g}" width="6.2" height="{thickness - 6.5:g}" rx="3.1" fill="#fff"/></g>')
    return "\n".join(parts)


def cords(back):
    """Two strands through the hole, to a loop above the picture: one before the card, one behind it."""
    x, y = px(HOLE_MM[0], HOLE_MM[1])
    one = [(x - 2, y + 4), (x - 10, y - 140), (x - 88, y - 280), (x - 60, y - 440)]
    other = [(x + 4, y + 2), (x + 26, y - 130), (x + 70, y - 260), (x + 34, y - 440)]
    turned = [[(2 * x - px_x, px_y) for px_x, px_y in points] for points in (other, one)]
    front, behind = turned if back else (one, other)
    return {"cord.svg": svg(strand(front)), "cord_behind.svg": svg(strand(behind))}


# ---- paper ----------------------------------------------------------------------------------------

def write_png(path, rows, channels=1):
    """8-bit grey, or with three channels RGB."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    raw = b"".join(b"\0" + bytes(row) for row in rows)
    head = struct.pack(">IIBBBBB", len(rows[0]) // channels, len(rows), 8, 0 if channels == 1 else 2, 0, 0, 0)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(raw, 9)) + chunk(b"IEND", b""))


def box():
    """Pixels of the tag: columns and rows."""
    x0, y1 = px(-SIZE_MM[0] / 2, -SIZE_MM[1] / 2)
    x1, y0 = px(SIZE_MM[0] / 2, SIZE_MM[1] / 2)
    return int(x0) - 1, int(y0) - 1, int(x1) + 2, int(y1) + 2


def paper(value):
    """White, and value(x, y) where the tag is."""
    x0, y0, x1, y1 = box()
    rows = [bytearray(b"\xff" * SIDE) for _ in range(SIDE)]
    for y in range(y0, y1):
        row = rows[y]
        for x in range(x0, x1):
            row[x] = value(x, y)
    return rows


def linen():
    """Warp and weft: threads of uneven strength crossing over and under, half a millimetre apart."""
    rng = random.Random(1)
    pitch = 7
    warp = [rng.gauss(0, 5) for _ in range(SIDE // pitch + 2)]
    weft = [rng.gauss(0, 5) for _ in range(SIDE // pitch + 2)]
    bump = [math.sin(math.pi * (i + .5) / pitch) for i in range(pitch)]

    def value(x, y):
        i, j = x // pitch, y // pitch
        over = (i + j) % 2
        height = bump[x % pitch] if over else bump[y % pitch]
        strength = warp[i] if over else weft[j]
        return max(0, min(255, int((214 + 34 * height + strength) / 2) * 2))
    return paper(value)


def cotton():
    """Soft uneven felt: random heights on a fine grid, between them smooth."""
    rng = random.Random(2)
    cell = 5
    grid = [[rng.gauss(0, 1) for _ in range(SIDE // cell + 3)] for _ in range(SIDE // cell + 3)]

    def value(x, y):
        i, j, u, v = x // cell, y // cell, x % cell / cell, y % cell / cell
        u, v = u * u * (3 - 2 * u), v * v * (3 - 2 * v)
        top = grid[j][i] * (1 - u) + grid[j][i + 1] * u
        low = grid[j + 1][i] * (1 - u) + grid[j + 1][i + 1] * u
        return max(0, min(255, int(249.5 + 2.2 * (top * (1 - v) + low * v))))
    return paper(value)


def kraft():
    """Fibres of recycled paper, light and dark, as short curves; clipped by the tag's shape when it is used."""
    rng = random.Random(3)
    x0, y0, x1, y1 = box()
    lines = [f'<rect x="{x0}" y="{y0}" width="{x1 - x0}" height="{y1 - y0}" fill="#f4f4f4"/>']
    for shade, opacity, count in (("#6b6b6b", .42, 420), ("#fff", .8, 300), ("#4a4a4a", .5, 130)):
        d = []
        for _ in range(count):
            x, y = rng.uniform(x0, x1), rng.uniform(y0, y1)
            turn, length = rng.uniform(0, 2 * math.pi), rng.uniform(6, 30)
            bend = turn + rng.uniform(-1, 1)
            d.append(f"M{x:.1f} {y:.1f}q{length * math.cos(turn):.1f} {length * math.sin(turn):.1f} "
                     f"{length * (math.cos(turn) + math.cos(bend)):.1f} {length * (math.sin(turn) + math.sin(bend)):.1f}")
        lines.append(f'<path d="{"".join(d)}" fill="none" stroke="{shade}" stroke-opacity="{opacity}" stroke-width="1.6"/>')
    return svg("\n".join(lines))


def inside(x_mm, y_mm):
    w, h = SIZE_MM[0] / 2, SIZE_MM[1] / 2
    return abs(x_mm) <= w and abs(y_mm) <= h and abs(x_mm) + y_mm <= w + h - 12


def shadow():
    """Black, blurred three times by a box (nearly a Gauss curve), below and to the right of the tag."""
    dx, dy, reach, strength = 9, 20, 15, 96
    at = lambda x, y: inside((x - dx - MIDDLE[0]) / SCALE, (MIDDLE[1] - y + dy) / SCALE)
    rows = [[1.0 if at(x, y) else 0.0 for x in range(SIDE)] for y in range(SIDE)]
    for _ in range(3):
        for axis in range(2):
            rows = [list(c) for c in zip(*[running(row, reach) for row in rows])]
    return [bytearray(int(strength * v + .5) for v in row) for row in rows]


def running(row, reach):
    if not any(row):
        return row
    total, out, n = sum(row[:reach]), [], len(row)
    for i in range(n):
        total += (row[i + reach] if i + reach < n else 0) - (row[i - reach - 1] if i > reach else 0)
        out.append(total / (2 * reach + 1))
    return out


# ---- tiles: pictures that a pattern repeats -------------------------------------------------------

def marble(side=480):
    """Grey veins on white: waves whose periods divide the tile, so that all four edges meet themselves."""
    rng = random.Random(4)
    waves = [(rng.choice((-3, -2, -1, 1, 2, 3)), rng.choice((-3, -2, -1, 1, 2, 3)), rng.uniform(0, 2 * math.pi),
              rng.uniform(.15, .42)) for _ in range(5)]
    rows = []
    for j in range(side):
        row = bytearray()
        for i in range(side):
            x, y = 2 * math.pi * i / side, 2 * math.pi * j / side
            bent = sum(a * math.sin(m * x + n * y + p) for m, n, p, a in waves)
            vein = 1 - abs(math.sin(x + 2 * y + 1.4 * bent))
            fine = 1 - abs(math.sin(3 * x - 2 * y + 2.1 * bent + 1))
            dark = 118 * vein ** 9 + 40 * fine ** 14 + 13 * math.sin(x - y + bent)
            row += bytes(max(0, min(255, int(v - dark * k + .5))) for v, k in ((238, .96), (236, .98), (231, 1)))
        rows.append(row)
    return rows


def terrazzo(side=480):
    """Chips of stone; one that crosses an edge is drawn again on the other side."""
    rng, chips, taken = random.Random(5), [], []
    for _ in range(4000):
        x, y, r = rng.uniform(0, side), rng.uniform(0, side), rng.choice((9, 13, 18, 25, 32)) * rng.uniform(.8, 1.2)
        apart = lambda a, b: min(abs(a - b), side - abs(a - b))
        if any(math.hypot(apart(x, u), apart(y, v)) < r + s + 4 for u, v, s in taken):
            continue
        taken.append((x, y, r))
        turn, corners = rng.uniform(0, 7), rng.randint(4, 7)
        shape = [(r * rng.uniform(.72, 1) * math.cos(turn + 2 * math.pi * k / corners),
                  r * rng.uniform(.72, 1) * math.sin(turn + 2 * math.pi * k / corners)) for k in range(corners)]
        colour = rng.choice(("#b5533c", "#d8a24a", "#3f5f57", "#7c8c94", "#26313a", "#e3cdb4"))
        for dx in (-side, 0, side):
            for dy in (-side, 0, side):
                if -r < x + dx < side + r and -r < y + dy < side + r:
                    d = "L".join(f"{x + dx + u:.1f} {y + dy + v:.1f}" for u, v in shape)
                    chips.append(f'<path d="M{d}Z" fill="{colour}"/>')
        if len(taken) == 64:
            break
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{side}" height="{side}" viewBox="0 0 {side} {side}">\n'
            f'<rect width="{side}" height="{side}" fill="#efe9df"/>\n' + "\n".join(chips) + "\n</svg>\n")


# ---- the bundle -----------------------------------------------------------------------------------

def view():
    w, h = SIZE_MM[0] + 2 * BLEED_MM, SIZE_MM[1] + 2 * BLEED_MM
    x, y = px(-w / 2, h / 2)
    pictures = {name: {"file": f"{name}.svg"} for name in ("cord_behind", "card", "glow", "edge_light", "edge_dark", "eyelet", "cord")}
    for name, file in (("linen", "linen.png"), ("cotton", "cotton.png"), ("kraft", "kraft.svg")):
        pictures[name] = {"file": file, "mask": "card.svg"}
    return {"width": SIDE, "height": SIDE, "pictures": pictures, "shadow": "shadow.png",
            "surfaces": {"SURFACE": {"rect_px": [int(x), int(y), w * SCALE, h * SCALE], "mask": "card.svg", "size_mm": [w, h]}}}


def product():
    w, h = SIZE_MM[0] + 2 * BLEED_MM, SIZE_MM[1] + 2 * BLEED_MM
    surface = {"size_mm": [w, h], "printable_mm": [-w / 2, -h / 2, w, h], "parts": ["card"]}
    return {"product": "gift-tag", "title": "Gift tag 54 x 92 mm", "units": "mm",
            "dimensions_mm": {"width": SIZE_MM[0], "height": SIZE_MM[1]},
            "parts": [{"name": "card", "area_mm2": 4780}, {"name": "eyelet"}, {"name": "cord"}],
            "finishes": ["cotton", "linen", "kraft", "metal", "twine"],
            "surfaces": {"front": surface, "back": surface},
            "tiles": {"marble": {"file": "marble.png"}, "terrazzo": {"file": "terrazzo.svg"}},
            "views": [{"name": name, "path": f"{name}/view.json"} for name in ("front", "back")]}


def main():
    out = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent)
    files = {"card.svg": card(), "glow.svg": glow(), "edge_light.svg": edges(True), "edge_dark.svg": edges(False),
             "eyelet.svg": eyelet(), "kraft.svg": kraft()}
    pictures = {"linen.png": linen(), "cotton.png": cotton(), "shadow.png": shadow()}
    for name in ("front", "back"):
        folder = out / name
        folder.mkdir(parents=True, exist_ok=True)
        for file, text in (files | cords(back=name == "back")).items():
            (folder / file).write_text(text)
        for file, rows in pictures.items():
            write_png(folder / file, rows)
        text = json.dumps(view(), indent=1).replace('"SURFACE"', f'"{name}"')
        (folder / "view.json").write_text(text + "\n")
    tiles = out / "tiles"
    tiles.mkdir(exist_ok=True)
    write_png(tiles / "marble.png", marble(), channels=3)
    (tiles / "terrazzo.svg").write_text(terrazzo())
    (out / "product.json").write_text(json.dumps(product(), indent=1) + "\n")


main()
