/* A drawing as an SVG document. */
#pragma once

#include "drawing.h"

/**
 * Write an SVG 1.1 in millimetres: one layer per ink, named as the ink; no fonts, scripts, styles
 * or references outside of the file.
 * @param drawing borrowed
 * @param ret     SVG appended; as before on failure
 * @units   µm in, y up; mm out, y down, origin in the left upper corner of the media box
 * @owner   *ret is the caller's
 * @errors  CW_E_NOMEM, CW_E_BUG "render.encode", of a picture that is placed
 * @cost    O(points); the same bytes for the same drawing
 * @source  SVG 1.1 §7, §14.3 (clipping); layers as Inkscape and the cutters' programs read them;
 * tests/unit/renderer/test_svg_write.c
 */
enum cw_status cw_svg_write(const struct cw_drawing *drawing, struct cw_buf *ret,
                            struct cw_error *err) CW_MUST_USE;
