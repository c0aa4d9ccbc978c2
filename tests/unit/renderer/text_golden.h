/* What the text golden tests share: recorded files, and pictures compared to the pixel.
 * CW_GOLDEN_WRITE=1 records anew. */
#pragma once

#include "text_fixture.h"

#include <hb.h>
#include <pango/pango.h>
#include <png.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/file.h"

static inline bool recording(void) {
    return getenv("CW_GOLDEN_WRITE") != NULL;
}

/* What the files were recorded with: glyph numbers belong to font files, outlines to libraries. */
static inline void put_reference(struct cw_buf *out) {
    cw_buf_printf(out, "fonts %s\nlibraries cairo/%s pango/%s harfbuzz/%s\n",
                  cw_fonts_digest(fonts), cairo_version_string(), pango_version_string(),
                  hb_version_string());
}

static inline void path_of(char ret[512], const char *folder, const char *name,
                           const char *ending) {
    assert_in_range(snprintf(ret, 512, "%s/%s.%s", folder, name, ending), 1, 511);
}

/* True when the file was recorded with these fonts and libraries; what it holds goes into *ret. */
static inline bool read_recorded(const char *path, const struct cw_buf *reference,
                                 struct cw_arena *arena, const char **ret) {
    size_t length;
    char *text = NULL;
    if (cw_file_read(arena, path, 1 << 20, &text, &length, NULL) != CW_OK)
        fail_msg("%s is not recorded", path);
    *ret = text;
    return length > reference->length && memcmp(text, reference->data, reference->length) == 0;
}

static inline void compare_picture(const char *path, const struct cw_coverage *drawn) {
    png_image image = {.version = PNG_IMAGE_VERSION};
    if (!png_image_begin_read_from_file(&image, path))
        fail_msg("%s: %s", path, image.message);
    image.format = PNG_FORMAT_GRAY;
    assert_int_equal(image.width, drawn->width);
    assert_int_equal(image.height, drawn->height);
    uint8_t *recorded = malloc(PNG_IMAGE_SIZE(image));
    assert_non_null(recorded);
    assert_true(png_image_finish_read(&image, NULL, recorded, 0, NULL));
    if (memcmp(recorded, drawn->data, PNG_IMAGE_SIZE(image)) != 0)
        fail_msg("%s differs", path);
    free(recorded);
}

static inline void record_picture(const char *path, const struct cw_coverage *drawn) {
    png_image image = {.version = PNG_IMAGE_VERSION,
                       .width = (png_uint_32)drawn->width,
                       .height = (png_uint_32)drawn->height,
                       .format = PNG_FORMAT_GRAY};
    assert_true(png_image_write_to_file(&image, path, 0, drawn->data, 0, NULL));
}
