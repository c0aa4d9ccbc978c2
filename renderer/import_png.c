/*
 * Responsible for decoding an uploaded PNG to premultiplied sRGB. Profiles and texts are skipped
 * unread; gAMA is not applied: what has no profile is sRGB. Does not read files (import_worker.c).
 * The importer process runs it, inside the sandbox.
 */
#include <png.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "cordwain/limits.h"
#include "import.h"

/* Everything that must survive libpng's longjmp lives here, not in registers. */
struct reader {
    png_structp png;
    png_infop info;
    const uint8_t *at, *end;
    png_bytep *rows;
    struct cw_imported picture;
    struct cw_error *err;
    enum cw_status status;
};

static void read_bytes(png_structp png, png_bytep data, size_t length) {
    struct reader *reader = png_get_io_ptr(png);
    if ((size_t)(reader->end - reader->at) < length)
        png_error(png, "ends early");
    memcpy(data, reader->at, length);
    reader->at += length;
}

static void on_error(png_structp png, png_const_charp text) {
    struct reader *reader = png_get_error_ptr(png);
    reader->status = cw_fail(reader->err, CW_E_INPUT, "artwork.damaged", "PNG: %s", text);
    png_longjmp(png, 1);
}

static void on_warning(png_structp png, png_const_charp text) {
    (void)png;
    (void)text; /* a wrong ancillary chunk does not change pixels */
}

static void limit(png_structp png) {
    static const png_byte unread[] = "iCCP\0zTXt\0iTXt\0tEXt\0sPLT\0eXIf\0hIST\0pCAL";
    png_set_user_limits(png, 0x7fffffff, 0x7fffffff); /* ours tell more: cw_imported_init */
    png_set_chunk_malloc_max(png, 1 << 20);
    png_set_chunk_cache_max(png, 16);
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, unread, (int)(sizeof unread / 5));
}

/* Whatever the file holds, rows come as 8-bit RGBA. */
static void ask_for_rgba(png_structp png) {
    png_set_expand(png);
    png_set_scale_16(png);
    png_set_gray_to_rgb(png);
    png_set_add_alpha(png, 0xff, PNG_FILLER_AFTER);
    (void)png_set_interlace_handling(png);
}

static void decode(struct reader *reader) {
    if (setjmp(png_jmpbuf(reader->png)))
        return;
    limit(reader->png);
    png_set_read_fn(reader->png, reader, read_bytes);
    png_read_info(reader->png, reader->info);
    uint32_t width = png_get_image_width(reader->png, reader->info);
    uint32_t height = png_get_image_height(reader->png, reader->info);
    reader->status = cw_imported_init(&reader->picture, CW_ARTWORK_PNG, width, height, reader->err);
    if (reader->status)
        return;
    ask_for_rgba(reader->png);
    png_read_update_info(reader->png, reader->info);
    reader->rows = calloc(height, sizeof *reader->rows);
    if (!reader->rows || png_get_rowbytes(reader->png, reader->info) != (size_t)width * 4)
        png_error(reader->png, "rows of an unknown form");
    for (uint32_t y = 0; y < height; y++)
        reader->rows[y] = reader->picture.rgba + (size_t)y * width * 4;
    png_read_image(reader->png, reader->rows);
    png_read_end(reader->png, NULL);
    cw_import_premultiply(reader->picture.rgba, (size_t)width * height);
}

enum cw_status cw_import_png(const uint8_t *data, size_t length, struct cw_imported *ret,
                             struct cw_error *err) {
    struct reader reader = {
        .at = data, .end = data + length, .picture = CW_IMPORTED_NONE, .err = err};
    reader.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &reader, on_error, on_warning);
    if (reader.png)
        reader.info = png_create_info_struct(reader.png);
    if (!reader.info)
        reader.status = cw_fail(err, CW_E_NOMEM, "memory", "out of memory");
    else
        decode(&reader);
    png_destroy_read_struct(&reader.png, &reader.info, NULL);
    free(reader.rows);
    if (reader.status)
        cw_imported_deinit(&reader.picture);
    else
        *ret = reader.picture;
    return reader.status;
}
