#!/usr/bin/env python3
"""Put pictures side by side, each cut to its middle: join.py OUT.png HEIGHT IN.png:WIDTH...

The left and right edges fade into the background, so that cut shadows leave no seam. Reads and writes 8-bit RGB, not interlaced, which is what `cordwain render` writes. Standard library only.
"""
import struct
import sys
import zlib


def unfilter(raw, width, height):
    """Undo the row filters of PNG (ISO/IEC 15948, section 9)."""
    stride, at, rows, above = width * 3, 0, [], bytes(width * 3)
    for _ in range(height):
        kind, row = raw[at], bytearray(raw[at + 1:at + 1 + stride])
        at += 1 + stride
        for i in range(stride):
            a = row[i - 3] if i >= 3 else 0
            b, c = above[i], above[i - 3] if i >= 3 else 0
            if kind == 4:
                p = a + b - c
                a_far, b_far, c_far = abs(p - a), abs(p - b), abs(p - c)
                guess = a if a_far <= b_far and a_far <= c_far else b if b_far <= c_far else c
            else:
                guess = (0, a, b, (a + b) // 2)[kind]
            row[i] = (row[i] + guess) & 255
        above = bytes(row)
        rows.append(above)
    return rows


def read(path):
    with open(path, 'rb') as file:
        data = file.read()
    at, packed, head = 8, b'', None
    while at < len(data):
        length, kind = struct.unpack('>I4s', data[at:at + 8])
        body = data[at + 8:at + 8 + length]
        head = struct.unpack('>IIBBBBB', body) if kind == b'IHDR' else head
        packed += body if kind == b'IDAT' else b''
        at += 12 + length
    width, height, depth, colour, _, _, interlace = head
    if (depth, colour, interlace) != (8, 2, 0):
        sys.exit(f'{path}: not a plain 8-bit RGB PNG')
    return unfilter(zlib.decompress(packed), width, height)


def write(path, rows):
    def chunk(kind, body):
        return struct.pack('>I', len(body)) + kind + body + struct.pack('>I', zlib.crc32(kind + body))

    packed, above = bytearray(), bytes(len(rows[0]))
    for row in rows:  # of "left" and "up" the filter whose differences are smaller
        left = bytes((x - y) & 255 for x, y in zip(row, bytes(3) + row))
        up = bytes((x - y) & 255 for x, y in zip(row, above))
        kind, line = min(((1, left), (2, up)), key=lambda f: sum(min(v, 256 - v) for v in f[1]))
        packed += bytes([kind]) + line
        above = row
    with open(path, 'wb') as file:
        file.write(b'\x89PNG\r\n\x1a\n'
                   + chunk(b'IHDR', struct.pack('>IIBBBBB', len(rows[0]) // 3, len(rows), 8, 2, 0, 0, 0))
                   + chunk(b'IDAT', zlib.compress(bytes(packed), 9)) + chunk(b'IEND', b''))


def fade(row, background=(0xF4, 0xF4, 0xF2), columns=8):
    """Blend the outer columns into the preview's background."""
    out, width = bytearray(row), len(row) // 3
    for column in range(columns):
        for at in (column, width - 1 - column):
            for i in range(3):
                out[at * 3 + i] = (background[i] * (columns - column) + row[at * 3 + i] * column) // columns
    return bytes(out)


def main():
    height, pictures = int(sys.argv[2]), []
    for argument in sys.argv[3:]:
        path, width = argument.rsplit(':', 1)
        rows = read(path)
        top, left = (len(rows) - height) // 2, (len(rows[0]) // 3 - int(width)) // 2
        pictures.append([fade(row[left * 3:(left + int(width)) * 3]) for row in rows[top:top + height]])
    write(sys.argv[1], [b''.join(rows) for rows in zip(*pictures)])


main()
