/* Where the glyphs of a shaped text go, and their outlines. Used by text.c only. */
#pragma once

#include "text_shape.h"

/* Ink box and outlines. Design size, y down, baseline at 0; on a curve µm from the zone's middle.
 */
struct cw_lettered {
    cairo_path_t *path;
    int64_t left, top, size[2]; /* 1/256 of the path's unit */
    double smallest;            /* [1] the smallest letter's share of the em */
};

static inline bool cw_layout_is_monogram(enum cw_layout layout) {
    return layout >= CW_LAYOUT_MONOGRAM_ROW;
}

static inline bool cw_layout_is_curve(enum cw_layout layout) {
    return layout >= CW_LAYOUT_ARC_TOP && layout <= CW_LAYOUT_PATH;
}

/* One cluster of glyphs, in drawing order. */
struct cw_cluster {
    const PangoGlyphItem *run;
    int first, count; /* glyphs */
    size_t byte;      /* of the text */
    double advance;   /* [design px], with `scale` in it */
    double scale;     /* less than 1: a synthetic small capital */
    bool joined;      /* to its neighbours: bends with a curve */
};

struct cw_clusters {
    size_t count;
    struct cw_cluster *items; /* heap */
    double advance;           /* of all */
};

/* CW_E_NOMEM only; released with cw_clusters_deinit. */
enum cw_status cw_clusters_of(const struct cw_shaped *shaped, struct cw_clusters *ret,
                              struct cw_error *err) CW_MUST_USE;
void cw_clusters_deinit(struct cw_clusters *clusters);

/* [1] the smallest letter, of the others: less than 1 with synthetic small capitals. */
double cw_clusters_smallest(const struct cw_clusters *clusters);

/* Outline of one cluster, its own origin at 0; the caller's, to be destroyed. */
cairo_path_t *cw_cluster_path(const struct cw_shaped *shaped, const struct cw_cluster *cluster);

/**
 * Outline a text in any layout but a curve.
 * @param shaped shaped, nothing missing
 * @param clusters of the same text
 * @param layout not ARC, not PATH
 * @param ret    `path` NULL when the text is no monogram and should be one
 * @units   design pixels
 * @owner   ret->path is the caller's
 * @errors  CW_E_INPUT "render.text" (no ink); CW_E_NOMEM
 * @cost    O(points)
 * @source  UAX #50 (what stands upright in a vertical line), in the coarse form East Asian and rest
 */
enum cw_status cw_text_arrange(const struct cw_shaped *shaped, const struct cw_clusters *clusters,
                               enum cw_layout layout, struct cw_lettered *ret,
                               struct cw_error *err) CW_MUST_USE;

/* Box of the current path of cr, which is copied and emptied. "render.text" when it has no ink. */
enum cw_status cw_lettered_take(cairo_t *cr, struct cw_lettered *ret,
                                struct cw_error *err) CW_MUST_USE;
