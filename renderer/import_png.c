/*
 * Responsible for decoding an uploaded PNG to premultiplied sRGB, upright. Texts are skipped
 * unread. Does not read files (import_worker.c) nor know colours (profile.c). The importer process
 * runs it, inside the sandbox.
 */
#include <setjmp.h>
#include <stdlib.h>

#include "profile.h"
#include "cordwain/limits.h"
#include "exif.h"
#include "import.h"
#include "png_memory.h"

/* Everything that must survive libpng's longjmp lives here, not in registers. */
struct reader {
    struct cw_png_memory file;
    png_bytep *rows;
    struct cw_imported picture;
    struct cw_profile profile;
};

static void limit(png_structp png) {
    static const png_byte unread[] = "zTXt\0iTXt\0tEXt\0sPLT\0hIST\0pCAL";
    png_set_user_limits(png, 0x7fffffff, 0x7fffffff); /* ours tell more: cw_imported_init */
    png_set_chunk_malloc_max(png, CW_IMPORT_PROFILE_BYTES);
    png_set_chunk_cache_max(png, 16);
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, unread, (int)(sizeof unread / 5));
}

/* A profile counts before sRGB, and that before gAMA and cHRM (PNG 3rd edition §4.3). */
static enum cw_artwork_colour find_colour(struct reader *reader) {
    png_structp png = reader->file.png;
    png_infop info = reader->file.info;
    png_charp name;
    int method;
    png_bytep profile;
    png_uint_32 length;
    if (png_get_iCCP(png, info, &name, &method, &profile, &length))
        return cw_profile_from_icc(profile, length,
                                   !(png_get_color_type(png, info) & PNG_COLOR_MASK_COLOR),
                                   &reader->profile);
    png_fixed_point gamma = 0;
    double xy[8];
    if (png_get_valid(png, info, PNG_INFO_sRGB))
        return CW_COLOUR_SRGB;
    bool has_gamma = png_get_gAMA_fixed(png, info, &gamma) && gamma > 0;
    bool has_primaries =
        png_get_cHRM(png, info, &xy[0], &xy[1], &xy[2], &xy[3], &xy[4], &xy[5], &xy[6], &xy[7]);
    if (!has_gamma && !has_primaries)
        return CW_COLOUR_SRGB;
    return cw_profile_from_gamma(has_gamma ? (uint32_t)gamma : 0, has_primaries ? xy : NULL,
                                 &reader->profile);
}

static void convert_row(png_structp png, png_row_infop row, png_bytep data) {
    const struct reader *reader = png_get_user_transform_ptr(png);
    if (row->bit_depth == 16)
        cw_profile_apply_16(&reader->profile, data, row->width);
    else
        cw_profile_apply(&reader->profile, data, row->width);
}

/* Whatever the file holds, rows come as 8-bit RGBA; 16 bits are only cut once colours are right. */
static void ask_for_rgba(struct reader *reader) {
    png_structp png = reader->file.png;
    png_set_expand(png);
    png_set_gray_to_rgb(png);
    png_set_add_alpha(png, 0xffff, PNG_FILLER_AFTER);
    if (reader->picture.colour == CW_COLOUR_CONVERTED) {
        png_set_read_user_transform_fn(png, convert_row);
        png_set_user_transform_info(png, reader, /* depth: */ 8, /* channels: */ 4);
    } else {
        png_set_scale_16(png);
    }
    (void)png_set_interlace_handling(png);
}

static void read_rows(struct reader *reader) {
    const struct cw_imported *picture = &reader->picture;
    reader->rows = calloc(picture->height_px, sizeof *reader->rows);
    if (!reader->rows ||
        png_get_rowbytes(reader->file.png, reader->file.info) != (size_t)picture->width_px * 4)
        png_error(reader->file.png, "rows of an unknown form");
    for (uint32_t y = 0; y < picture->height_px; y++)
        reader->rows[y] = picture->rgba + (size_t)y * picture->width_px * 4;
    png_read_image(reader->file.png, reader->rows);
    png_read_end(reader->file.png, reader->file.info);
    cw_import_premultiply(picture->rgba, (size_t)picture->width_px * picture->height_px);
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
    reader->picture.colour = find_colour(reader);
    ask_for_rgba(reader);
    png_read_update_info(reader->file.png, reader->file.info);
    read_rows(reader);
    png_bytep exif;
    png_uint_32 length;
    if (png_get_eXIf_1(reader->file.png, reader->file.info, &length, &exif))
        reader->file.status =
            cw_imported_turn(&reader->picture, cw_exif_orientation(exif, length), reader->file.err);
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
