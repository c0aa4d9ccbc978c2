/* Picture → file bytes. The same pixels always give the same bytes; no time, no comment inside. */
#pragma once

#include "base/bytes.h"
#include "cordwain/scene.h"
#include "picture.h"

/* Encoded bytes are appended to an empty buffer. Errors: CW_E_BUG "render.encode" (libraries refuse
 * nothing we give them), CW_E_INPUT "render.format" for a format that is not a picture. Any size up
 * to CW_PREVIEW_MAX_PX. */
enum cw_status cw_encode(const struct cw_picture *picture, enum cw_format format,
                         struct cw_buf *ret, struct cw_error *err) CW_MUST_USE;

enum cw_status cw_encode_png(const struct cw_picture *picture, struct cw_buf *ret,
                             struct cw_error *err) CW_MUST_USE;
/* By libpng: the same pixels in other bytes. For tests and benchmarks. */
enum cw_status cw_encode_png_reference(const struct cw_picture *picture, struct cw_buf *ret,
                                       struct cw_error *err) CW_MUST_USE;
/* What this processor's PNG code makes of a fixed picture, as a checksum: part of the build
 * identity, because equal identities promise equal bytes. */
uint32_t cw_encode_png_print(void);
enum cw_status cw_encode_webp(const struct cw_picture *picture, struct cw_buf *ret,
                              struct cw_error *err) CW_MUST_USE;
enum cw_status cw_encode_jpeg(const struct cw_picture *picture, struct cw_buf *ret,
                              struct cw_error *err) CW_MUST_USE;

/* " libpng/1.6.39 libwebp/1.2.4 libjpeg-turbo/2.1.5": part of the renderer's build identity. */
void cw_encode_versions(struct cw_buf *ret);
