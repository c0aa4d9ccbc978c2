/* One line of text: measured, placed and drawn in three steps. */
#pragma once

#include <cairo.h>

#include "cordwain/resolved.h"
#include "cordwain/scene.h"
#include "fonts.h"

/**
 * Fit one TEXT decal into its zone by shrinking, never below its smallest letter.
 * @param fonts the stacks
 * @param decal a TEXT decal; borrowed
 * @param ret   verdict, glyph, em_um, ink_um, detail_um, ink_at_um; `option` is left 0. em_um and
 * ink_um are those of the size that fits, or with CW_FIT_TOO_WIDE, _TOO_SMALL and _CROWDED those at
 * the smallest size, so that the message can say how much is too much
 * @units   µm; ink_um is width along the line and height across it, before rotation
 * @owner   nothing allocated for the caller
 * @errors  CW_E_NOT_FOUND "render.font_stack"; CW_E_INPUT "render.text" (no text, no positive
 * letter range or zone, not a TEXT decal); a text that does not fit is a verdict, not an error
 * @cost    0.1–2 ms, independent of the size; on a designer's path two fills of 160 × 160 px
 * more for each letter, and that up to 14 times over where letters crowd
 * @source  tests/golden/text-fit; ink is that of the outlines' fill, a letter's height is the cap
 * height of the stack's first face
 */
enum cw_status cw_text_measure(struct cw_fonts *fonts, const struct cw_scene_decal *decal,
                               struct cw_text_fit *ret, struct cw_error *err) CW_MUST_USE;

/* A text fitted and outlined: nothing about it depends on where it is drawn. */
struct cw_text_placed {
    cairo_path_t *path; /* design space: pixels of CW_DESIGN_EM_PX per em, y down, baseline at 0 */
    double design_centre[2]; /* middle of the ink, design space; it comes to stand on centre_um */
    double scale;            /* [µm/design px] */
    double centre_um[2];     /* middle of the zone, surface space, y up */
    int32_t rotation_mdeg;
};

/**
 * Fit a TEXT decal and outline it.
 * @param fonts the stacks
 * @param decal a TEXT decal; borrowed
 * @param ret   written on success only
 * @units   surface µm, origin at the surface's centre, y up
 * @owner   *ret is the caller's, released with cw_text_placed_deinit
 * @errors  as cw_text_measure; CW_E_INPUT "render.text_does_not_fit" when the verdict is not
 * CW_FIT_OK
 * @cost    as cw_text_measure
 * @source  the ink's box stands in the middle of the zone, both ways: what fits by measure is
 * inside when drawn
 */
enum cw_status cw_text_place(struct cw_fonts *fonts, const struct cw_scene_decal *decal,
                             struct cw_text_placed *ret, struct cw_error *err) CW_MUST_USE;

/* May be called twice. */
void cw_text_placed_deinit(struct cw_text_placed *placed);

/* Append the outlines to the current path of a context whose user space is the surface in µm, y up.
 */
void cw_text_append(cairo_t *cr, const struct cw_text_placed *placed);

/* Turn a context whose user space has y upwards counter-clockwise; quarter turns are exact. */
void cw_rotate_mdeg(cairo_t *cr, int32_t rotation_mdeg);

/* Width and height of the upright box around a w × h box turned by mdeg; never too small. */
void cw_rotated_box(int32_t rotation_mdeg, const int64_t size[2], int64_t ret_box[2]);
