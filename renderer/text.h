/* One line of text: measured, placed and drawn in three steps. */
#pragma once

#include "cordwain/resolved.h"
#include "cordwain/scene.h"
#include "fonts.h"

/**
 * Fit one TEXT decal into its zone by shrinking, never below its smallest letter.
 * @param fonts the stacks
 * @param decal a TEXT decal; borrowed
 * @param ret   verdict, glyph, em_um, ink_um; `option` is left 0. em_um and ink_um are those of the size that fits, or
 *              with CW_FIT_TOO_WIDE those at min_letter_um, so that the message can say how much is too much
 * @units   µm; ink_um is width along the line and height across it, before rotation
 * @owner   nothing allocated for the caller
 * @errors  CW_E_NOT_FOUND "render.font_stack"; CW_E_INPUT "render.text" (no text, no positive letter range or zone,
 *          not a TEXT decal); a text that does not fit is a verdict, not an error
 * @cost    0.1–2 ms, independent of the size
 * @source  tests/golden/text-fit; ink is that of the outlines' fill, a letter's height is the cap height of the
 *          stack's first face
 */
enum cw_status cw_text_measure(struct cw_fonts *fonts, const struct cw_scene_decal *decal,
                               struct cw_text_fit *ret, struct cw_error *err) CW_MUST_USE;
