/*
 * Responsible for PNG bytes, fast: rows filtered by Paeth's predictor, strips deflated apart
 * (deflate.c) and joined into one zlib stream (RFC 1950, 1951: a strip that ends byte-aligned may
 * be followed by another), so that strips that did not change need not be deflated again. Does not
 * compose. Workers run it. encode_png_libpng.c is the reference: the same pixels, fifteen times
 * slower.
 */
#include "encode.h"

#include <isa-l/crc.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "deflate.h"
#include "png_filter.h"

static const uint8_t signature[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};

static void put_u32(uint8_t *at, uint32_t value) {
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> (24 - 8 * i));
}

/* Length, type, data, CRC-32 (PNG 1.2 §3.2). */
static void put_chunk(struct cw_buf *buf, const char type[4], const void *data, uint32_t length) {
    uint8_t word[4];
    put_u32(word, length);
    cw_buf_add(buf, word, 4);
    size_t from = buf->length;
    cw_buf_add(buf, type, 4);
    cw_buf_add(buf, data, length);
    put_u32(word, crc32_gzip_refl(0, (const uint8_t *)buf->data + from, length + 4));
    cw_buf_add(buf, word, 4);
}

static void put_header(struct cw_buf *buf, const struct cw_picture *picture, const char *mark) {
    uint8_t header[13] = {[8] = 8 /* bits */, [9] = picture->alpha ? 6 : 2 /* RGB */};
    put_u32(header, picture->width);
    put_u32(header + 4, picture->height);
    cw_buf_add(buf, signature, sizeof signature);
    put_chunk(buf, "IHDR", header, sizeof header);
    put_chunk(buf, "sRGB", "\1" /* relative colorimetric */, 1);
    if (*mark) {
        CW_AUTO_BUF struct cw_buf text = {0};
        cw_buf_add(&text, "Preview", sizeof "Preview"); /* and NUL, §4.2.3 */
        cw_buf_add(&text, mark, strlen(mark));
        put_chunk(buf, "tEXt", text.data, (uint32_t)text.length);
    }
}

/* A strip's first row knows nothing of the strip above, so that it may change. */
static void filter_strip(const struct cw_picture *picture, uint32_t y, uint32_t count,
                         uint8_t *to) {
    size_t pixel = cw_picture_pixel_bytes(picture), length = picture->width * pixel;
    for (size_t i = 0; i < count; i++, to += length + 1) {
        const struct cw_png_row row = {picture->rgb + (y + i) * length, length, pixel};
        to[0] = i ? 4 : 1;
        if (i)
            cw_png_filter_paeth(&row, row.bytes - length, to + 1);
        else
            cw_png_filter_sub(&row, to + 1);
    }
}

static void make_strip(struct cw_png_strips *strips, const struct cw_picture *picture,
                       uint32_t number) {
    struct cw_png_strip *strip = &strips->items[number];
    uint32_t y = number * CW_PNG_STRIP_ROWS, left = picture->height - y;
    uint32_t count = left < CW_PNG_STRIP_ROWS ? left : CW_PNG_STRIP_ROWS;
    size_t length = picture->width * cw_picture_pixel_bytes(picture) + 1;
    cw_buf_reserve(&strips->filtered, length * CW_PNG_STRIP_ROWS);
    uint8_t *filtered = (uint8_t *)strips->filtered.data;
    const struct cw_deflate_rows rows = {filtered, length, length, count};
    filter_strip(picture, y, count, filtered);
    cw_buf_reset(&strips->deflated);
    strip->adler = cw_deflate(&rows, count == left, &strips->deflated);
    strip->length = count * length;
    cw_buf_reset(&strip->deflated);
    cw_buf_add(&strip->deflated, strips->deflated.data, strips->deflated.length);
    strip->made = true;
}

/* Above and below the product strip after strip is plain background: deflated once. */
static bool repeat_strip(const struct cw_picture *picture, uint32_t number,
                         struct cw_png_strip *strip) {
    size_t length = picture->width * cw_picture_pixel_bytes(picture) * CW_PNG_STRIP_ROWS;
    const uint8_t *pixels = picture->rgb + number * length;
    bool whole = (number + 1) * CW_PNG_STRIP_ROWS < picture->height; /* and not the last */
    if (number == 0 || !whole || memcmp(pixels, pixels - length, length) != 0)
        return false;
    const struct cw_png_strip *above = strip - 1;
    cw_buf_reset(&strip->deflated);
    cw_buf_add(&strip->deflated, above->deflated.data, above->deflated.length);
    strip->adler = above->adler;
    strip->length = above->length;
    strip->made = true;
    return true;
}

enum cw_status cw_png_strips_size(struct cw_png_strips *strips, const struct cw_picture *picture,
                                  struct cw_error *err) {
    size_t count = (picture->height + CW_PNG_STRIP_ROWS - 1) / CW_PNG_STRIP_ROWS;
    if (strips->count == count)
        return CW_OK;
    cw_png_strips_deinit(strips);
    strips->items = calloc(count, sizeof *strips->items);
    if (!strips->items)
        return cw_fail(err, CW_E_NOMEM, "memory", "out of memory");
    strips->count = count;
    return CW_OK;
}

void cw_png_strips_row(struct cw_png_strips *strips, const struct cw_picture *picture, uint32_t y) {
    uint32_t number = y / CW_PNG_STRIP_ROWS;
    struct cw_png_strip *strip = &strips->items[number];
    if ((y + 1) % CW_PNG_STRIP_ROWS != 0 && y + 1 < picture->height)
        return;
    if (!strip->made && !repeat_strip(picture, number, strip))
        make_strip(strips, picture, number);
}

void cw_png_strips_done(struct cw_png_strips *strips) {
    cw_buf_deinit(&strips->filtered);
    cw_buf_deinit(&strips->deflated);
}

/* The chunk with all strips: their checksums and bytes joined. */
static void put_pixels(struct cw_buf *buf, const struct cw_png_strips *strips) {
    uint32_t adler = 1;
    size_t length = 2 + 4;
    for (size_t i = 0; i < strips->count; i++) {
        const struct cw_png_strip *strip = &strips->items[i];
        adler = (uint32_t)adler32_combine(adler, strip->adler, (z_off_t)strip->length);
        length += strip->deflated.length;
    }
    uint8_t word[4];
    cw_buf_reserve(buf, length + 64);
    put_u32(word, (uint32_t)length);
    cw_buf_add(buf, word, 4);
    size_t from = buf->length;
    cw_buf_add(buf, "IDAT\x78\x01", 6); /* zlib: 32 kB window, fastest */
    for (size_t i = 0; i < strips->count; i++)
        cw_buf_add(buf, strips->items[i].deflated.data, strips->items[i].deflated.length);
    put_u32(word, adler);
    cw_buf_add(buf, word, 4);
    put_u32(word, crc32_gzip_refl(0, (const uint8_t *)buf->data + from, length + 4));
    cw_buf_add(buf, word, 4);
}

enum cw_status cw_encode_png_strips(const struct cw_picture *picture, const char *mark,
                                    struct cw_png_strips *strips, struct cw_buf *ret,
                                    struct cw_error *err) {
    enum cw_status status = cw_png_strips_size(strips, picture, err);
    if (status)
        return status;
    for (uint32_t i = 1; i <= strips->count; i++) {
        uint32_t end = i * CW_PNG_STRIP_ROWS;
        cw_png_strips_row(strips, picture, (end < picture->height ? end : picture->height) - 1);
    }
    cw_png_strips_done(strips);
    put_header(ret, picture, mark);
    put_pixels(ret, strips);
    put_chunk(ret, "IEND", "", 0);
    return CW_OK;
}

void cw_png_strips_deinit(struct cw_png_strips *strips) {
    for (size_t i = 0; i < strips->count; i++)
        cw_buf_deinit(&strips->items[i].deflated);
    cw_png_strips_done(strips);
    free(strips->items);
    *strips = (struct cw_png_strips){0};
}

enum cw_status cw_encode_png(const struct cw_picture *picture, const char *mark, struct cw_buf *ret,
                             struct cw_error *err) {
    struct cw_png_strips strips = {0};
    enum cw_status status = cw_encode_png_strips(picture, mark, &strips, ret, err);
    cw_png_strips_deinit(&strips);
    return status;
}

/*
 * The same pixels must have the same bytes under one identity, so what the encoder makes of a fixed
 * picture is part of the identity: a changed encoder changes it by itself.
 */
uint32_t cw_encode_png_print(void) {
    enum { SIDE = 96 };
    static uint8_t pixels[SIDE * SIDE * 3];
    struct cw_picture picture = {.width = SIDE, .height = SIDE, .rgb = pixels};
    CW_AUTO_BUF struct cw_buf buf = {0};
    uint32_t noise = 1;
    for (size_t i = 0; i < sizeof pixels; i++) { /* smooth light, repeated bands, a little noise */
        noise = noise * 1664525u + 1013904223u;
        pixels[i] = (uint8_t)(i / 7 + (i % 288) / 3 + (noise >> 30));
    }
    if (cw_encode_png(&picture, "", &buf, NULL) != CW_OK)
        return 0;
    return crc32_gzip_refl(0, (const uint8_t *)buf.data, buf.length);
}
