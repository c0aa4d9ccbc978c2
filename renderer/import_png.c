/*
 * Responsible for decoding an uploaded PNG to premultiplied sRGB. Profiles and texts are skipped
 * unread; gAMA is not applied: what has no profile is sRGB. Does not read files (import_worker.c).
 * The importer process runs it, inside the sandbox.
 */
#include <setjmp.h>
#include <stdlib.h>

#include "cordwain/limits.h"
#include "import.h"
#include "png_memory.h"

/* Everything that must survive libpng's longjmp lives here, not in registers. */
struct reader {
    struct cw_png_memory file;
    png_bytep *rows;
    struct cw_imported picture;
};

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
    if (setjmp(png_jmpbuf(reader->file.png)))
        return;
    limit(reader->file.png);
    png_read_info(reader->file.png, reader->file.info);
    uint32_t width = png_get_image_width(reader->file.png, reader->file.info);
    uint32_t height = png_get_image_height(reader->file.png, reader->file.info);
    reader->file.status =
        cw_imported_init(&reader->picture, CW_ARTWORK_PNG, width, height, reader->file.err);
    if (reader->file.status)
        return;
    ask_for_rgba(reader->file.png);
    png_read_update_info(reader->file.png, reader->file.info);
    reader->rows = calloc(height, sizeof *reader->rows);
    if (!reader->rows || png_get_rowbytes(reader->file.png, reader->file.info) != (size_t)width * 4)
        png_error(reader->file.png, "rows of an unknown form");
    for (uint32_t y = 0; y < height; y++)
        reader->rows[y] = reader->picture.rgba + (size_t)y * width * 4;
    png_read_image(reader->file.png, reader->rows);
    png_read_end(reader->file.png, NULL);
    cw_import_premultiply(reader->picture.rgba, (size_t)width * height);
}

enum cw_status cw_import_png(const uint8_t *data, size_t length, struct cw_imported *ret,
                             struct cw_error *err) {
    struct reader reader = {.file = {.at = data,
                                     .end = data + length,
                                     .code = "artwork.damaged",
                                     .subject = "PNG",
                                     .err = err},
                            .picture = CW_IMPORTED_NONE};
    if (cw_png_memory_open(&reader.file) == CW_OK)
        decode(&reader);
    cw_png_memory_close(&reader.file);
    free(reader.rows);
    if (reader.file.status)
        cw_imported_deinit(&reader.picture);
    else
        *ret = reader.picture;
    return reader.file.status;
}
