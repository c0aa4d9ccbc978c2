#!/usr/bin/env python3
"""Draws the pictures that golden cases put on products: pictures.py. Flat shapes, each pixel from 4 × 4 samples."""
import math
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import pictures

CASES = pathlib.Path(__file__).resolve().parent / "cases"
SAMPLES = 4


def lake(x, y):
    """A sun behind two ranges over a lake; x and y from 0 to 1, y down."""
    if y > 0.72:
        return (46, 104, 128) if int(y * 90) % 4 else (92, 150, 168)
    if y > 0.72 - 0.30 * abs(math.sin(5.2 * x + 0.4)):
        return (38, 62, 74)
    if y > 0.60 - 0.42 * abs(math.sin(3.1 * x + 1.9)):
        return (96, 92, 128)
    if (x - 0.62) ** 2 * 2.25 + (y - 0.30) ** 2 < 0.018:
        return (255, 226, 140)
    return (250, 168 - int(70 * y), 110)


def badge(x, y):
    """A disc with a star; nothing around it."""
    x, y = 2 * x - 1, 1 - 2 * y
    far, turn = math.hypot(x, y), math.atan2(x, y) % (2 * math.pi / 5) - math.pi / 5
    if far > 0.98:
        return None
    edge = 0.32 / math.cos(math.pi / 5 - abs(turn)) if turn else 0.32
    star = far < 0.36 + 0.34 * abs(turn) / (math.pi / 5)
    return (255, 214, 64) if star or far > 0.9 else (176, 24, 60) if far > edge else (140, 12, 44)


def smooth(draw, width, height, alpha):
    def pixel(x, y):
        drawn = [draw((x + (i + 0.5) / SAMPLES) / width, (y + (j + 0.5) / SAMPLES) / height) for i in range(SAMPLES) for j in range(SAMPLES)]
        drawn = [colour for colour in drawn if colour]
        mean = [round(sum(colour[c] for colour in drawn) / len(drawn)) for c in range(3)] if drawn else [0, 0, 0]
        return (*mean, 255 * len(drawn) // SAMPLES ** 2) if alpha else mean
    return pictures.png(width, height, pixel, alpha=alpha)


if __name__ == "__main__":
    (CASES / "bottle-picture/lake.png").write_bytes(smooth(lake, 420, 280, alpha=False))
    (CASES / "bottle-picture-alpha/badge.png").write_bytes(smooth(badge, 240, 240, alpha=True))
