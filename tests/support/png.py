"""A PNG decoder and writer that share nothing with libpng: the standard's text in Python, for small pictures."""
import struct
import zlib

SIGNATURE = b"\x89PNG\r\n\x1a\n"
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))  # x0 y0 dx dy


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def write(width, height, pixels, channels=4, before=(), after=()):
    """8-bit grey, RGB or RGBA; `before` and `after` are (kind, data) of chunks around the pixels."""
    stride = width * channels
    rows = b"".join(b"\0" + pixels[y * stride:(y + 1) * stride] for y in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, {1: 0, 3: 2, 4: 6}[channels], 0, 0, 0)
    return (SIGNATURE + chunk(b"IHDR", head) + b"".join(chunk(*c) for c in before) + chunk(b"IDAT", zlib.compress(rows)) +
            b"".join(chunk(*c) for c in after) + chunk(b"IEND", b""))


def chunks(data):
    assert data.startswith(SIGNATURE)
    at, found = 8, {}
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at:at + 8])
        found[kind] = found.get(kind, b"") + data[at + 8:at + 8 + length]
        at += 12 + length
    return found


def paeth(a, b, c):
    p = a + b - c
    pa, pb, pc = abs(p - a), abs(p - b), abs(p - c)
    return a if pa <= pb and pa <= pc else b if pb <= pc else c


def unfilter(raw, at, rows, stride, step):
    """The rows of one pass, and where the next begins."""
    result, before = [], bytearray(stride)
    for _ in range(rows):
        kind, row = raw[at], bytearray(raw[at + 1:at + 1 + stride])
        for i in range(stride):
            left = row[i - step] if i >= step else 0
            corner = before[i - step] if i >= step else 0
            row[i] = (row[i] + (0, left, before[i], (left + before[i]) // 2, paeth(left, before[i], corner))[kind]) & 255
        result.append(row)
        before = row
        at += 1 + stride
    return result, at


def samples(row, count, depth):
    if depth == 16:
        return [row[2 * i] << 8 | row[2 * i + 1] for i in range(count)]
    return [row[i * depth // 8] >> (8 - depth - i * depth % 8) & (1 << depth) - 1 for i in range(count)]


class Picture:
    """`values`: R, G, B, A of each pixel as they are in the file, 0..`top`; palettes are looked up."""

    def __init__(self, data):
        self.chunks = chunks(data)
        self.width, self.height, self.depth, self.colour, _, _, laced = struct.unpack(">IIBBBBB", self.chunks[b"IHDR"])
        self.top = 255 if self.colour == 3 else (1 << self.depth) - 1
        self.values = [None] * (self.width * self.height)
        raw, at, channels = zlib.decompress(self.chunks[b"IDAT"]), 0, CHANNELS[self.colour]
        for x0, y0, dx, dy in ADAM7 if laced else ((0, 0, 1, 1),):
            w, h = -(-(self.width - x0) // dx), -(-(self.height - y0) // dy)
            if w <= 0 or h <= 0:
                continue
            bits = channels * self.depth
            rows, at = unfilter(raw, at, h, (w * bits + 7) // 8, max(1, bits // 8))
            for y, row in enumerate(rows):
                flat = samples(row, w * channels, self.depth)
                for x in range(w):
                    pixel = self.rgba(flat[x * channels:(x + 1) * channels])
                    self.values[(y0 + y * dy) * self.width + x0 + x * dx] = pixel

    def rgba(self, value):
        clear = self.chunks.get(b"tRNS")
        if self.colour == 3:
            index = value[0]
            alpha = clear[index] if clear and index < len(clear) else 255
            return (*self.chunks[b"PLTE"][3 * index:3 * index + 3], alpha)
        if self.colour in (4, 6):
            return (*(value[:1] * 3 if self.colour == 4 else value[:3]), value[-1])
        hidden = clear and list(struct.unpack(f">{len(clear) // 2}H", clear)) == value
        return (*(value * 3 if self.colour == 0 else value), 0 if hidden else self.top)
