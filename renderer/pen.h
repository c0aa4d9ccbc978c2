/* Where decals are drawn to: straight onto a Cairo target, or into a drawing as outlines. */
#pragma once

#include <cairo.h>

#include "cordwain/limits.h"
#include "drawing.h"

#define CW_PEN_CLIPS (CW_RENDER_DECALS + 1) /* the zone, and each text that is kept clear of */

struct cw_pen {
    cairo_t *cr;                /* the path is built here; user space: the surface in µm, y up */
    struct cw_drawing *drawing; /* NULL: paint on cr with its current source */
    size_t ink;
    bool technical;    /* the ink is no colour: of a picture only its shape counts */
    size_t clip_count; /* of a drawing; saved and restored by who clips */
    struct cw_outline clips[CW_PEN_CLIPS];
};

/**
 * A pen that collects into a drawing.
 * @param drawing borrowed
 * @param ret     released with cw_pen_deinit
 * @units   none
 * @owner   the pen owns its Cairo context
 * @errors  CW_E_NOMEM
 * @cost    O(1)
 * @source  Cairo keeps a path to 1/256 of a device unit, here 4 nm
 */
enum cw_status cw_pen_init(struct cw_pen *ret, struct cw_drawing *drawing,
                           struct cw_error *err) CW_MUST_USE;
void cw_pen_deinit(struct cw_pen *pen);

/**
 * Restrict what follows to the inside of the current path by the current fill rule; empties the
 * path.
 * @param pen the pen
 * @units   µm
 * @owner   the drawing's arena
 * @errors  CW_E_NOMEM; CW_E_LIMIT "render.artwork_too_detailed" above CW_PEN_CLIPS
 * @cost    O(path)
 * @source  none
 */
enum cw_status cw_pen_clip(struct cw_pen *pen, struct cw_error *err) CW_MUST_USE;

/* Fill the current path by the current fill rule, and empty it. Errors as cw_pen_clip. */
enum cw_status cw_pen_fill(struct cw_pen *pen, struct cw_error *err) CW_MUST_USE;

/* A picture within the clips, in the drawing's arena; a tiled one fills the current path, which is
 * empty for others. Empties it; only with a drawing. Errors as cw_pen_clip. */
enum cw_status cw_pen_picture(struct cw_pen *pen, const struct cw_placed_picture *placed,
                              struct cw_error *err) CW_MUST_USE;

/* The current path as a line of this width in the drawing, and empty it. Errors as cw_pen_clip. */
enum cw_status cw_pen_line(struct cw_pen *pen, int32_t line_um, struct cw_error *err) CW_MUST_USE;
