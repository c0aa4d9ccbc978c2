/*
 * Picture → file bytes. The same pixels and mark always give the same bytes; no time inside.
 *
 * The mark says which picture it is: the preview's identity. In PNG it is the text "Preview", in
 * JPEG the comment, in WebP the XMP packet's dc:identifier. Empty: nothing is written.
 */
#pragma once

#include "base/bytes.h"
#include "cordwain/scene.h"
#include "picture.h"

/* Encoded bytes are appended to an empty buffer. Errors: CW_E_BUG "render.encode" (libraries refuse
 * nothing we give them), CW_E_INPUT "render.format" for a format that is not a picture, or JPEG
 * with alpha. Any size up to CW_PREVIEW_MAX_PX. */
enum cw_status cw_encode(const struct cw_picture *picture, enum cw_format format, const char *mark,
                         struct cw_buf *ret, struct cw_error *err) CW_MUST_USE;

enum cw_status cw_encode_png(const struct cw_picture *picture, const char *mark, struct cw_buf *ret,
                             struct cw_error *err) CW_MUST_USE;
/* Rows that are filtered and deflated apart, so that a strip that did not change is not made again.
 */
#define CW_PNG_STRIP_ROWS 64
struct cw_png_strip {
    bool made; /* set it to false when a row of the strip has changed */
    struct cw_buf deflated;
    uint32_t adler; /* of its filtered bytes */
    size_t length;  /* of these */
};
struct cw_png_strips { /* zero-initialised */
    size_t count;
    struct cw_png_strip *items;
    struct cw_buf filtered, deflated; /* scratch: one strip */
};
/* Room for the strips of a picture; the caller deinits them when width or alpha change.
 * CW_E_NOMEM. */
enum cw_status cw_png_strips_size(struct cw_png_strips *strips, const struct cw_picture *picture,
                                  struct cw_error *err) CW_MUST_USE;
/* Make the strip that ends with this row, unless it is made or none ends there. Its rows are right
 * already, and while they are in the nearest caches this is the cheapest. */
void cw_png_strips_row(struct cw_png_strips *strips, const struct cw_picture *picture, uint32_t y);
/* Give the scratch back. */
void cw_png_strips_done(struct cw_png_strips *strips);
/* The same bytes as cw_encode_png; makes only strips that are not made. Also CW_E_NOMEM. */
enum cw_status cw_encode_png_strips(const struct cw_picture *picture, const char *mark,
                                    struct cw_png_strips *strips, struct cw_buf *ret,
                                    struct cw_error *err) CW_MUST_USE;
void cw_png_strips_deinit(struct cw_png_strips *strips);
/* By libpng: the same pixels in other bytes, without a mark. For tests and benchmarks. */
enum cw_status cw_encode_png_reference(const struct cw_picture *picture, struct cw_buf *ret,
                                       struct cw_error *err) CW_MUST_USE;
/* What the PNG encoder makes of a fixed picture, as a checksum: part of the build identity, because
 * equal identities promise equal bytes. */
uint32_t cw_encode_png_print(void);
enum cw_status cw_encode_webp(const struct cw_picture *picture, const char *mark,
                              struct cw_buf *ret, struct cw_error *err) CW_MUST_USE;
enum cw_status cw_encode_jpeg(const struct cw_picture *picture, const char *mark,
                              struct cw_buf *ret, struct cw_error *err) CW_MUST_USE;

/* " libpng/1.6.39 libwebp/1.2.4 libjpeg-turbo/2.1.5": part of the renderer's build identity. */
void cw_encode_versions(struct cw_buf *ret);
