/* A shopper's own picture, drawn flat on its surface and cropped to the surface's area. */
#pragma once

#include "decal.h"

/**
 * Draw an ARTWORK decal as four coverages: red, green and blue multiplied by alpha, and alpha.
 * @param decal     with its picture; borrowed
 * @param um_per_px [µm/px] scale, as for cw_decal_coverage
 * @param ret       written on success only; each released with cw_coverage_deinit
 * @units   surface µm, origin at the centre, y up
 * @owner   the caller
 * @errors  as cw_decal_coverage; CW_E_INPUT "render.decal" without a picture or box
 * @cost    O(pixels of the flat drawing and of the level)
 * @source  Cairo's CAIRO_FILTER_GOOD averages when it makes smaller
 */
enum cw_status cw_decal_picture(const struct cw_scene_decal *decal, int32_t um_per_px,
                                struct cw_coverage ret[4], struct cw_error *err) CW_MUST_USE;

/* Into a drawing: as a picture, in a technical ink its shape, the rectangle when it is opaque. */
enum cw_status cw_decal_picture_draw(const struct cw_scene_decal *decal, struct cw_pen *pen,
                                     struct cw_error *err) CW_MUST_USE;
