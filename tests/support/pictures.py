"""PNG files made and read without any library, for tests of uploads."""
import struct
import zlib

import png as png_reader

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width, height, pixel, alpha=False, extra=b""):
    """`pixel(x, y)` gives the bytes of one; `extra` are whole chunks before the pixels."""
    rows = b"".join(b"\0" + b"".join(bytes(pixel(x, y)) for x in range(width)) for y in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 6 if alpha else 2, 0, 0, 0)
    return SIGNATURE + chunk(b"IHDR", header) + extra + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def plain(width, height, colour=(200, 80, 40)):
    rows = (b"\0" + bytes(colour) * width) * height
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return SIGNATURE + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def padded(data, length):
    """The same picture in a file of exactly this many bytes."""
    room = length - len(data) - 12
    assert room >= 0
    return data[:33] + chunk(b"teSt", b"\0" * room) + data[33:]


def read(data):
    """(width, height, bytes a pixel, rows of bytes) of a PNG with 8 bits."""
    assert data[:8] == SIGNATURE
    at, packed, head = 8, b"", None
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at:at + 8])
        body = data[at + 8:at + 8 + length]
        assert struct.unpack(">I", data[at + 8 + length:at + 12 + length])[0] == zlib.crc32(kind + body), kind
        at += 12 + length
        head = body if kind == b"IHDR" else head
        packed += body if kind == b"IDAT" else b""
    width, height, bits, colour = struct.unpack(">IIBB", head[:10])
    assert bits == 8 and colour in (2, 6) and kind == b"IEND"
    size, raw = 3 if colour == 2 else 4, zlib.decompress(packed)
    assert len(raw) == height * (width * size + 1)
    rows, _ = png_reader.unfilter(raw, 0, height, width * size, size)
    return width, height, size, [bytes(row) for row in rows]
