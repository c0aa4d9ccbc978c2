/* A decal's coverage of its surface: what the compositor looks up through the UV map. */
#pragma once

#include <cairo.h>
#include <stdint.h>

#include "cordwain/scene.h"
#include "fonts.h"
#include "motif.h"
#include "pen.h"

struct cw_coverage {
    int width, height, stride;
    uint8_t *data; /* A8, row 0 at the TOP of the surface (v = 1), covers the whole UV rectangle
                      size_um */
};

/* One decal among those of its scene: a pattern keeps clear of the texts that come after it. */
struct cw_decal_ref {
    const struct cw_scene_decal *decals;
    size_t count, index;
};

/**
 * Draw one decal flat on its surface.
 * @param fonts     the stacks
 * @param ref       TEXT or PATTERN; borrowed
 * @param um_per_px [µm/px] scale, ≥ 20
 * @param ret       written on success only
 * @units   surface µm, origin at the centre, y up; pixels: row 0 at the top, width
 * ⌈size/um_per_px⌉, and the scale is adjusted so that u and v from 0 to 1 span whole pixels
 * @owner   *ret is the caller's, released with cw_coverage_deinit
 * @errors  CW_E_LIMIT "render.decal_too_large" above CW_DECAL_PIXELS or below
 * CW_DECAL_MIN_UM_PER_PX; CW_E_LIMIT "render.too_many_tiles"; CW_E_INPUT "render.decal" (no
 * surface, zone or tile), "render.path_syntax", what cw_text_measure raises,
 * "render.text_does_not_fit" with a text whose verdict is not CW_FIT_OK; CW_E_NOMEM
 * @cost    O(pixels); 1–20 ms at preview sizes
 * @source  docs/explanation/rendering.md "Decals"
 */
enum cw_status cw_decal_coverage(struct cw_fonts *fonts, const struct cw_decal_ref *ref,
                                 int32_t um_per_px, struct cw_coverage *ret,
                                 struct cw_error *err) CW_MUST_USE;

/* Clip to a pattern's zone, less the boxes of the texts that will stand on it, which are noted too.
 * Errors as cw_text_measure and cw_pen_clip; the pen's clips and graphics state are the caller's to
 * restore. */
enum cw_status cw_decal_pattern_clip(struct cw_fonts *fonts, const struct cw_decal_ref *ref,
                                     struct cw_pen *pen, struct cw_clears *clears,
                                     struct cw_error *err) CW_MUST_USE;

/* What the coverage depends on, as a SHA-256: all of the decal but its colour, and for a pattern
 * the texts it keeps clear of. */
void cw_decal_key(const struct cw_decal_ref *ref, uint8_t ret[32]);

/* Zeroed memory for a decal's surface at a scale; errors as cw_decal_coverage. */
enum cw_status cw_coverage_allocate(const struct cw_scene_decal *decal, int32_t um_per_px,
                                    struct cw_coverage *ret, struct cw_error *err) CW_MUST_USE;

/* User space: the surface in µm, origin at its centre, y up; u and v end exactly at the last pixel.
 */
cairo_t *cw_decal_context(cairo_surface_t *surface, const struct cw_scene_decal *decal);

/* Four planes become the caller's when the status is CW_OK, else nobody's. Returns the status. */
enum cw_status cw_coverage_hand_over(enum cw_status status, struct cw_coverage planes[4],
                                     struct cw_coverage ret[4]) CW_MUST_USE;

/* May be called twice. */
void cw_coverage_deinit(struct cw_coverage *coverage);

/**
 * Fill one decal with a pen.
 * @param fonts the stacks
 * @param ref   TEXT, or PATTERN: its tile is repeated with one tile's middle on the zone's, clipped
 * to the zone and out of a margin around every later text of the same surface; a motif that lies
 * free in its tile is left out whole where it would meet that margin
 * @param pen   paints or collects; its graphics state and clips are kept, the path is emptied
 * @units   surface µm, y up
 * @owner   nothing kept but what a drawing collects
 * @errors  as cw_decal_coverage but its pixel limit; those of cw_pen_fill
 * @cost    O(tiles × path)
 * @source  none
 */
enum cw_status cw_decal_draw(struct cw_fonts *fonts, const struct cw_decal_ref *ref,
                             struct cw_pen *pen, struct cw_error *err) CW_MUST_USE;
