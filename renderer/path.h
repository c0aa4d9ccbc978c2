/* Pattern path data: absolute M L C Z, integers in µm, y up. */
#pragma once

#include <cairo.h>

#include "base/error.h"

/**
 * Append path data to a Cairo path; the context's matrix decides scale and direction.
 * @param cr   target; its current path grows, and is emptied on failure
 * @param data path data
 * @units   integer µm in user space
 * @owner   nothing kept
 * @errors  CW_E_INPUT "render.path_syntax" with the byte offset: anything but M, L, C (implicit
 * repetition as in SVG) and Z, a number outside ±2,000,000, a drawing command before M, or no
 * command at all; CW_E_NOMEM
 * @cost    O(length)
 * @source  SVG 2 §9.3, the subset that schemas/product.schema.json allows
 */
enum cw_status cw_path_append(cairo_t *cr, const char *data, struct cw_error *err) CW_MUST_USE;

/* Points of one element of a Cairo path. */
static inline int cw_path_points(cairo_path_data_type_t type) {
    return type == CAIRO_PATH_CURVE_TO ? 3 : type == CAIRO_PATH_CLOSE_PATH ? 0 : 1;
}
