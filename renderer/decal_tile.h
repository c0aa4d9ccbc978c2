/* A pattern whose tile is a picture of the art bundle, repeated in millimetres. */
#pragma once

#include "decal.h"

/**
 * Draw a PATTERN decal with a tile as four coverages: red, green and blue multiplied by alpha, and
 * alpha.
 * @param fonts     the stacks: the pattern keeps clear of texts
 * @param ref       PATTERN with its tile; borrowed
 * @param um_per_px [µm/px] scale, as for cw_decal_coverage
 * @param ret       four; written on success only; each released with cw_coverage_deinit
 * @units   surface µm, origin at the centre, y up
 * @owner   the caller
 * @errors  as cw_decal_coverage
 * @cost    O(pixels); 4 texels for each, 16 where the tile is made smaller
 * @source  Williams 1983 (levels made beforehand). Coordinates are whole 1/256 texels and wrap
 * before they are looked up, so no seam can differ from the tile's inside: test_tile.c
 */
enum cw_status cw_decal_tile(struct cw_fonts *fonts, const struct cw_decal_ref *ref,
                             int32_t um_per_px, struct cw_coverage ret[4],
                             struct cw_error *err) CW_MUST_USE;

/* Into a drawing: as a repeated picture; in a technical ink its shape, the area when it is opaque.
 * Errors as cw_decal_draw. */
enum cw_status cw_decal_tile_draw(struct cw_fonts *fonts, const struct cw_decal_ref *ref,
                                  struct cw_pen *pen, struct cw_error *err) CW_MUST_USE;
