/*
 * Responsible for the PNG form of a kept picture: one zlib stream, deflated as the rows come, so
 * that a picture of forty million pixels needs a few rows of memory. Does not read PNG. Server
 * process, a thread of the importing crew.
 */
#include "preview/picture_png.h"

#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/srgb.h"

#define LEVEL       1
#define CHUNK_BYTES (64 * 1024)

struct png {
    int file;
    bool failed; /* the file could not be written */
    size_t pixel_bytes;
    struct isal_zstream stream;
    uint8_t *level_buf, *row, *filtered;
    uint8_t chunk[CHUNK_BYTES];
};

static void put_u32(uint8_t *at, uint32_t value) {
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> (24 - 8 * i));
}

static void write_bytes(struct png *png, const void *data, size_t length) {
    png->failed = png->failed || !cw_write_all(png->file, data, length);
}

/* Length, type, data, CRC-32 (PNG 1.2 §3.2). */
static void write_chunk(struct png *png, const char type[4], const void *data, uint32_t length) {
    uint8_t word[4];
    put_u32(word, length);
    write_bytes(png, word, sizeof word);
    write_bytes(png, type, 4);
    write_bytes(png, data, length);
    uint32_t crc = crc32_gzip_refl(0, (const uint8_t *)type, 4);
    put_u32(word, crc32_gzip_refl(crc, data, length));
    write_bytes(png, word, sizeof word);
}

static void write_head(struct png *png, const struct cw_artwork *picture) {
    uint8_t header[13] = {[8] = 8 /* bits */, [9] = png->pixel_bytes == 4 ? 6 : 2};
    put_u32(header, picture->width_px);
    put_u32(header + 4, picture->height_px);
    write_bytes(png, "\x89PNG\r\n\x1a\n", 8);
    write_chunk(png, "IHDR", header, sizeof header);
    write_chunk(png, "sRGB", "\1" /* relative colorimetric */, 1);
}

/* Straight colours; alpha only where the picture has any. */
static void straighten(const struct png *png, const uint8_t *from, uint32_t width_px) {
    uint8_t *to = png->row;
    for (uint32_t x = 0; x < width_px; x++, from += 4, to += png->pixel_bytes) {
        uint8_t alpha = from[3];
        if (alpha == 255) {
            memcpy(to, from, png->pixel_bytes);
            continue;
        }
        for (size_t c = 0; c < 3; c++)
            to[c] = cw_srgb_straight(from[c], alpha);
        to[3] = alpha;
    }
}

/* What the stream has made becomes a chunk, when there is enough of it or it is the end. */
static void flush_chunk(struct png *png, bool end) {
    size_t made = CHUNK_BYTES - png->stream.avail_out;
    if (made == 0 || (!end && png->stream.avail_out > 0))
        return;
    write_chunk(png, "IDAT", png->chunk, (uint32_t)made);
    png->stream.next_out = png->chunk;
    png->stream.avail_out = CHUNK_BYTES;
}

/* Filter type 1, each byte less the one a pixel before; then deflate. */
static bool put_row(struct png *png, size_t length, bool last) {
    png->filtered[0] = 1;
    memcpy(png->filtered + 1, png->row, png->pixel_bytes);
    for (size_t i = png->pixel_bytes; i < length; i++)
        png->filtered[1 + i] = (uint8_t)(png->row[i] - png->row[i - png->pixel_bytes]);
    png->stream.next_in = png->filtered;
    png->stream.avail_in = (uint32_t)length + 1;
    png->stream.end_of_stream = last;
    do {
        if (isal_deflate(&png->stream) != COMP_OK)
            return false;
        flush_chunk(png, /* end: */ false);
    } while (png->stream.avail_in > 0 || (last && png->stream.internal_state.state != ZSTATE_END));
    return true;
}

static bool start(struct png *png, const struct cw_artwork *picture) {
    size_t row = picture->width_px * png->pixel_bytes;
    png->level_buf = malloc(ISAL_DEF_LVL1_DEFAULT);
    png->row = malloc(row);
    png->filtered = malloc(row + 1);
    isal_deflate_init(&png->stream);
    png->stream.level = LEVEL;
    png->stream.level_buf = png->level_buf;
    png->stream.level_buf_size = ISAL_DEF_LVL1_DEFAULT;
    png->stream.gzip_flag = IGZIP_ZLIB;
    png->stream.next_out = png->chunk;
    png->stream.avail_out = CHUNK_BYTES;
    return png->level_buf && png->row && png->filtered;
}

static void png_free(struct png *png) {
    free(png->level_buf);
    free(png->row);
    free(png->filtered);
    free(png);
}

static enum cw_status write_all(struct png *png, const struct cw_artwork *picture,
                                struct cw_error *err) {
    size_t row = (size_t)picture->width_px * 4;
    if (!start(png, picture))
        return cw_fail(err, CW_E_NOMEM, "memory", "out of memory");
    write_head(png, picture);
    for (uint32_t y = 0; y < picture->height_px && !png->failed; y++) {
        straighten(png, picture->rgba + y * row, picture->width_px);
        if (!put_row(png, picture->width_px * png->pixel_bytes, y + 1 == picture->height_px))
            return cw_fail(err, CW_E_BUG, "artwork.deflate", "a picture cannot be deflated");
    }
    flush_chunk(png, /* end: */ true);
    write_chunk(png, "IEND", "", 0);
    return png->failed ? cw_fail(err, CW_E_IO, "artwork.keep", "the picture cannot be kept")
                       : CW_OK;
}

enum cw_status cw_picture_write_png(const struct cw_artwork *picture, int file,
                                    struct cw_error *err) {
    struct png *png = calloc(1, sizeof *png);
    if (!png)
        return cw_fail(err, CW_E_NOMEM, "memory", "out of memory");
    png->file = file;
    png->pixel_bytes = cw_artwork_is_opaque(picture) ? 3 : 4;
    enum cw_status status = write_all(png, picture, err);
    png_free(png);
    return status;
}
