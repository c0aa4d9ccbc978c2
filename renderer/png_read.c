/*
 * Responsible for decoding the PNG files of an art bundle, strictly. Does not convert pixel
 * formats: a bundle with another format is refused, so nobody gets a silently wrong picture. The
 * pack writer runs it, never a worker.
 */
#include "png_read.h"

#include <png.h>
#include <setjmp.h>
#include <string.h>

#include "base/file.h"
#include "cordwain/limits.h"

struct source {
    const uint8_t *at, *end;
};

/* Everything that must survive libpng's longjmp lives here, not in registers. */
struct reader {
    png_structp png;
    png_infop info;
    struct source source;
    struct cw_arena *arena;
    const char *path;
    enum cw_image_kind kind;
    struct cw_image image;
    struct cw_error *err;
    enum cw_status status;
    uint8_t *row;
};

static void read_bytes(png_structp png, png_bytep data, size_t length) {
    struct source *source = png_get_io_ptr(png);
    if ((size_t)(source->end - source->at) < length)
        png_error(png, "ends early");
    memcpy(data, source->at, length);
    source->at += length;
}

static void on_error(png_structp png, png_const_charp text) {
    struct reader *reader = png_get_error_ptr(png);
    reader->status = cw_fail(reader->err, CW_E_INPUT, "art.png", "%s: %s", reader->path, text);
    png_longjmp(png, 1);
}

static void on_warning(png_structp png, png_const_charp text) {
    (void)png;
    (void)text; /* a wrong ancillary chunk does not change pixels */
}

static bool check_format(struct reader *reader) {
    int depth = png_get_bit_depth(reader->png, reader->info);
    int colour = png_get_color_type(reader->png, reader->info);
    bool right = reader->kind == CW_IMAGE_GREY8 ? depth == 8 && colour == PNG_COLOR_TYPE_GRAY
                                                : depth == 16 && colour == PNG_COLOR_TYPE_RGB;
    right = right && png_get_interlace_type(reader->png, reader->info) == PNG_INTERLACE_NONE;
    if (!right)
        reader->status =
            cw_fail(reader->err, CW_E_INPUT, "art.png",
                    "%s: must be %s, not interlaced; is %d-bit, colour type %d", reader->path,
                    reader->kind == CW_IMAGE_GREY8 ? "8-bit grey" : "16-bit RGB", depth, colour);
    return right;
}

static void take_row(struct reader *reader, uint32_t y) {
    struct cw_image *image = &reader->image;
    if (reader->kind == CW_IMAGE_GREY8) {
        memcpy(image->data + (size_t)y * image->width, reader->row, image->width);
        return;
    }
    uint16_t *to = (uint16_t *)(void *)image->data + (size_t)y * image->width * 2;
    const uint8_t *from = reader->row; /* big endian R, G, B */
    for (uint32_t x = 0; x < image->width; x++, from += 6, to += 2) {
        to[0] = (uint16_t)(from[0] << 8 | from[1]);
        to[1] = (uint16_t)(from[2] << 8 | from[3]);
    }
}

static void decode(struct reader *reader) {
    if (setjmp(png_jmpbuf(reader->png)))
        return;
    png_set_user_limits(reader->png, CW_ART_SIDE_PX, CW_ART_SIDE_PX);
    png_set_read_fn(reader->png, &reader->source, read_bytes);
    png_read_info(reader->png, reader->info);
    if (!check_format(reader))
        return;
    struct cw_image *image = &reader->image;
    image->width = png_get_image_width(reader->png, reader->info);
    image->height = png_get_image_height(reader->png, reader->info);
    image->channels = reader->kind == CW_IMAGE_GREY8 ? 1 : 2;
    size_t pixel_bytes = reader->kind == CW_IMAGE_GREY8 ? 1 : 4;
    /* both sides ≤ CW_ART_SIDE_PX, so the product fits */
    image->data = cw_arena_array(reader->arena, (size_t)image->width * image->height, pixel_bytes);
    reader->row = cw_arena_alloc(reader->arena, png_get_rowbytes(reader->png, reader->info));
    for (uint32_t y = 0; y < image->height; y++) {
        png_read_row(reader->png, reader->row, NULL);
        take_row(reader, y);
    }
    png_read_end(reader->png, NULL);
}

enum cw_status cw_png_read(struct cw_arena *arena, const char *path, enum cw_image_kind kind,
                           struct cw_image *ret, struct cw_error *err) {
    CW_AUTO_ARENA struct cw_arena *file = cw_arena_new();
    if (!file)
        return cw_fail(err, CW_E_NOMEM, "memory", "out of memory");
    char *data;
    size_t length;
    enum cw_status status = cw_file_read(file, path, CW_ART_PNG_BYTES, &data, &length, err);
    if (status)
        return status;
    struct reader reader = {.source = {(const uint8_t *)data, (const uint8_t *)data + length},
                            .arena = arena,
                            .path = path,
                            .kind = kind,
                            .err = err};
    reader.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &reader, on_error, on_warning);
    if (reader.png)
        reader.info = png_create_info_struct(reader.png);
    if (!reader.info)
        reader.status = cw_fail(err, CW_E_NOMEM, "memory", "out of memory");
    else
        decode(&reader);
    png_destroy_read_struct(&reader.png, &reader.info, NULL);
    if (!reader.status)
        *ret = reader.image;
    return reader.status;
}
