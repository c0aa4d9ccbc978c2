/* Text on a circle or on a designer's path. Used by text.c only. */
#pragma once

#include "text_arrange.h"

struct cw_curve {
    size_t count;
    struct cw_curve_point *points; /* heap; µm from the zone's middle, y up */
    double length_um;
    double inside_um; /* radius of a circle the letters stand inside of; else 0 */
};

/* [1] widest gap letters inside a circle get, so that their tops do not touch; the size is at most
 * CW_CURVE_INSIDE of the radius there. */
#define CW_CURVE_STRETCH 1.22
#define CW_CURVE_INSIDE  0.5

/**
 * The baseline of a lettering, as points close enough together.
 * @param lettering layout ARC or PATH
 * @param ret       written on success only
 * @units   µm, y up; the text's middle comes to stand on the curve's
 * @owner   ret->points, released with cw_curve_deinit
 * @errors  CW_E_INPUT "render.text" (no radius, no length), "render.path_syntax"; CW_E_NOMEM
 * @cost    O(points), at most some thousand
 * @source  none
 */
enum cw_status cw_curve_make(const struct cw_lettering *lettering, struct cw_curve *ret,
                             struct cw_error *err) CW_MUST_USE;
void cw_curve_deinit(struct cw_curve *curve);

/* Where one cluster stands at a size: its own design px to µm, both y down. Returns where it begins
 * on the curve [µm]. */
double cw_curve_place(const struct cw_clusters *clusters, const struct cw_curve *curve,
                      size_t index, double em_um, cairo_matrix_t *ret);

/**
 * Outline a text along a curve.
 * @param shaped   shaped, nothing missing
 * @param clusters of the same text
 * @param curve    longer than the text at this size
 * @param em_um    [µm] size
 * @param ret      in µm, y down, the zone's middle at 0
 * @units   as said
 * @owner   ret->path is the caller's
 * @errors  CW_E_INPUT "render.text" (no ink); CW_E_NOMEM
 * @cost    O(points)
 * @source  SVG 2 §11.8.3 (text on a path: a glyph stands on the middle of its advance, turned by
 * the tangent there); letters that join are bent instead, so that they stay joined
 */
enum cw_status cw_text_bend(const struct cw_shaped *shaped, const struct cw_clusters *clusters,
                            const struct cw_curve *curve, double em_um, struct cw_lettered *ret,
                            struct cw_error *err) CW_MUST_USE;
