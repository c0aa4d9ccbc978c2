/*
 * A picture somebody uploaded, in the one form the rest of the program draws from, and what the
 * importer process and its parent say to each other.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum cw_artwork_kind {
    CW_ARTWORK_UNKNOWN = 0,
    CW_ARTWORK_PNG = 1,
    CW_ARTWORK_JPEG = 2,
    CW_ARTWORK_SVG = 3
};

/* How its colours came to be sRGB. */
enum cw_artwork_colour {
    CW_COLOUR_SRGB = 0,      /* they were: said so, or said nothing */
    CW_COLOUR_CONVERTED = 1, /* from the profile, gamma or primaries in the file */
    CW_COLOUR_ASSUMED = 2    /* they were taken for sRGB: the file's profile cannot be applied */
};

/*
 * The normalised form: 8-bit sRGB, red, green, blue, alpha in that order, colours multiplied by
 * alpha, upright, rows from the top without padding, so width_px × height_px × 4 bytes. Its digest
 * is the SHA-256 of those bytes after width and height as two little-endian u32. Nothing of the
 * upload but its pixels is in it: no profile, no metadata, no script.
 */
struct cw_artwork {            /* of a level: blue first */
    enum cw_artwork_kind kind; /* what was uploaded */
    uint32_t width_px, height_px;
    const uint8_t *rgba;
};

static inline bool cw_artwork_is_opaque(const struct cw_artwork *picture) {
    size_t count = (size_t)picture->width_px * picture->height_px;
    for (size_t i = 0; i < count; i++)
        if (picture->rgba[4 * i + 3] != 255)
            return false;
    return true;
}

/*
 * One request, one reply over a SOCK_SEQPACKET pair, in the encoding of base/wire.h:
 *
 *   request  u32 magic  u16 version  u32 longest side a drawing is drawn with [px]
 *            u8 1: wants the picture                     beside it: the file, open for reading
 *   reply    u32 magic  u16 version  u8 1: refused  u8 kind  u8 colour  u32 width  u32 height
 *            str code  str reason        beside it, when accepted and wanted: a sealed memory file
 */
#define CW_IMPORT_MAGIC        0x49415743u /* "CWAI" */
#define CW_IMPORT_VERSION      2
#define CW_IMPORT_REPLY_BYTES  1024
#define CW_IMPORT_CODE_BYTES   64
#define CW_IMPORT_REASON_BYTES 160

/*
 * A kept picture as previews draw from it: u32 magic, u32 width, u32 height, little endian, zeros
 * up to CW_ARTWORK_LEVEL_HEAD_BYTES, then pixels as in the normalised form but blue, green, red,
 * alpha: what Cairo draws from without a copy.
 */
#define CW_ARTWORK_LEVEL_MAGIC      0x4c415743u /* "CWAL" */
#define CW_ARTWORK_LEVEL_HEAD_BYTES 64
