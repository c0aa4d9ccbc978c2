/* Production artwork of one surface as a vector PDF. */
#pragma once

#include <stddef.h>

#include "base/bytes.h"
#include "cordwain/scene.h"
#include "fonts.h"

/**
 * Draw decals of one surface as outlines on a page in their true size.
 * @param fonts  the stacks
 * @param decals in drawing order, all of one surface
 * @param count  1 or more
 * @param ret    PDF appended; unchanged on failure
 * @units   page in mm: the bounding box of all zones plus 3 mm of bleed on each side; y up as on
 * the surface
 * @owner   *ret is the caller's
 * @errors  CW_E_INPUT "render.artwork" (no decals, mixed surfaces) and what cw_decal_coverage
 * raises but its pixel limit; CW_E_LIMIT "render.artwork_too_large" above 2 m; CW_E_IO "render.pdf"
 * @cost    1–20 ms; the same bytes for the same input, no clock is read
 * @source  tests/unit/renderer/test_decal.c; checked with pdffonts (none) and pdftoppm
 */
enum cw_status cw_artwork_pdf(struct cw_fonts *fonts, const struct cw_scene_decal *decals,
                              size_t count, struct cw_buf *ret, struct cw_error *err) CW_MUST_USE;
