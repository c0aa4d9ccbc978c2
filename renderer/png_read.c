/*
 * Responsible for decoding the PNG files of an art bundle, strictly. Does not convert pixel
 * formats: a bundle with another format is refused, so nobody gets a silently wrong picture. The
 * pack writer runs it, never a worker.
 */
#include "png_read.h"

#include <setjmp.h>
#include <string.h>

#include "base/file.h"
#include "cordwain/limits.h"
#include "png_memory.h"

/* Everything that must survive libpng's longjmp lives here, not in registers. */
struct reader {
    struct cw_png_memory file;
    struct cw_arena *arena;
    enum cw_image_kind kind;
    struct cw_image image;
    uint8_t *row;
};

static bool check_format(struct reader *reader) {
    int depth = png_get_bit_depth(reader->file.png, reader->file.info);
    int colour = png_get_color_type(reader->file.png, reader->file.info);
    bool right = reader->kind == CW_IMAGE_GREY8 ? depth == 8 && colour == PNG_COLOR_TYPE_GRAY
                                                : depth == 16 && colour == PNG_COLOR_TYPE_RGB;
    right =
        right && png_get_interlace_type(reader->file.png, reader->file.info) == PNG_INTERLACE_NONE;
    if (!right)
        reader->file.status = cw_fail(
            reader->file.err, CW_E_INPUT, "art.png",
            "%s: must be %s, not interlaced; is %d-bit, colour type %d", reader->file.subject,
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
    if (setjmp(png_jmpbuf(reader->file.png)))
        return;
    png_set_user_limits(reader->file.png, CW_ART_SIDE_PX, CW_ART_SIDE_PX);
    png_read_info(reader->file.png, reader->file.info);
    if (!check_format(reader))
        return;
    struct cw_image *image = &reader->image;
    image->width = png_get_image_width(reader->file.png, reader->file.info);
    image->height = png_get_image_height(reader->file.png, reader->file.info);
    image->channels = reader->kind == CW_IMAGE_GREY8 ? 1 : 2;
    size_t pixel_bytes = reader->kind == CW_IMAGE_GREY8 ? 1 : 4;
    /* both sides ≤ CW_ART_SIDE_PX, so the product fits */
    image->data = cw_arena_array(reader->arena, (size_t)image->width * image->height, pixel_bytes);
    reader->row =
        cw_arena_alloc(reader->arena, png_get_rowbytes(reader->file.png, reader->file.info));
    for (uint32_t y = 0; y < image->height; y++) {
        png_read_row(reader->file.png, reader->row, NULL);
        take_row(reader, y);
    }
    png_read_end(reader->file.png, NULL);
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
    struct reader reader = {.file = {.at = (const uint8_t *)data,
                                     .end = (const uint8_t *)data + length,
                                     .code = "art.png",
                                     .subject = path,
                                     .err = err},
                            .arena = arena,
                            .kind = kind};
    if (cw_png_memory_open(&reader.file) == CW_OK)
        decode(&reader);
    cw_png_memory_close(&reader.file);
    if (!reader.file.status)
        *ret = reader.image;
    return reader.file.status;
}
