/* Production artwork of one surface: a PDF or an SVG in true size. */
#pragma once

#include "base/bytes.h"
#include "cordwain/scene.h"
#include "fonts.h"

/**
 * Draw decals of one surface as outlines, each in its ink, with what the product asks for around
 * them: an underbase and a varnish of the same shapes, a cut line, trim and placement marks.
 * @param fonts   the stacks
 * @param artwork 1 or more decals in drawing order, all of one surface
 * @param ret     file appended; unchanged on failure
 * @units   trim box: the product's, or the bounding box of all zones; bleed box: that and the bleed
 * on each side; media box: that and room for marks when there are some; y up as on the surface
 * @owner   *ret is the caller's
 * @errors  CW_E_INPUT "render.artwork" (no decals, mixed surfaces), "render.path_syntax" (cut
 * path), and what cw_decal_coverage raises but its pixel limit; CW_E_LIMIT
 * "render.artwork_too_large" above 2 m with bleed, "render.artwork_too_detailed"; CW_E_NOMEM
 * @cost    1–20 ms; the same bytes for the same input, no clock is read
 * @source  docs/explanation/rendering.md "Production artwork"; tests/unit/renderer/test_artwork.c
 */
enum cw_status cw_artwork_make(struct cw_fonts *fonts, const struct cw_scene_artwork *artwork,
                               struct cw_buf *ret, struct cw_error *err) CW_MUST_USE;
