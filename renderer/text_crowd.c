/*
 * Tells whether letters on a designer's path run into each other.
 *
 * Does not move them: a path is the designer's, and where it is too tight for a text the text is
 * set smaller or refused (text.c). Runs in the renderer worker.
 */
#include "text_crowd.h"

#include <math.h>

#define EM_PX   40          /* of the pictures that are compared */
#define SIDE_PX (4 * EM_PX) /* of two letters whose middle lies in theirs, in any direction */
#define FREE_EM 0.03        /* stays free between them */
#define SHARED  (EM_PX * EM_PX / 400.0) /* [px] more of both than this is a collision */

struct pair {
    cairo_t *one, *other;
    const cairo_path_t *paths[2]; /* design px, y down */
    double scales[2];             /* of the clusters */
};

static cairo_t *canvas(void) {
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_A8, SIDE_PX, SIDE_PX);
    cairo_t *cr = cairo_create(surface);
    cairo_surface_destroy(surface);
    return cr;
}

/* A letter at its place; the matrix takes its own design px to pixels. */
static void draw(cairo_t *cr, const cairo_path_t *path, const cairo_matrix_t *place,
                 bool outlined) {
    cairo_identity_matrix(cr);
    cairo_set_operator(cr, CAIRO_OPERATOR_CLEAR);
    cairo_paint(cr);
    cairo_set_operator(cr, CAIRO_OPERATOR_OVER);
    cairo_set_matrix(cr, place);
    cairo_new_path(cr);
    cairo_append_path(cr, path);
    cairo_identity_matrix(cr);
    if (outlined) {
        cairo_set_line_width(cr, 2 * FREE_EM * EM_PX);
        cairo_set_line_join(cr, CAIRO_LINE_JOIN_ROUND);
        cairo_stroke_preserve(cr);
    }
    cairo_fill(cr);
    cairo_surface_flush(cairo_get_target(cr));
}

/* [px] What both cover. */
static double shared(const struct pair *pair, const cairo_matrix_t places[2]) {
    draw(pair->one, pair->paths[0], &places[0], true);
    draw(pair->other, pair->paths[1], &places[1], false);
    cairo_surface_t *a = cairo_get_target(pair->one), *b = cairo_get_target(pair->other);
    const uint8_t *one = cairo_image_surface_get_data(a), *other = cairo_image_surface_get_data(b);
    const int stride = cairo_image_surface_get_stride(a);
    int64_t sum = 0;
    for (int y = 0; one && other && y < SIDE_PX; y++)
        for (int x = 0; x < SIDE_PX; x++)
            sum += one[y * stride + x] * other[y * stride + x];
    return (double)sum / (255 * 255);
}

/* Both letters with the middle of their meeting in the middle of the picture. */
static void centre(cairo_matrix_t places[2], double scale) {
    const double x = (places[0].x0 + places[1].x0) / 2, y = (places[0].y0 + places[1].y0) / 2;
    for (int i = 0; i < 2; i++) {
        cairo_matrix_t *m = &places[i];
        cairo_matrix_init(m, m->xx * scale, m->yx * scale, m->xy * scale, m->yy * scale,
                          (m->x0 - x) * scale + SIDE_PX / 2.0, (m->y0 - y) * scale + SIDE_PX / 2.0);
    }
}

static bool collide(const struct pair *pair, const struct cw_cluster *first,
                    const cairo_matrix_t on_curve[2], double em_um) {
    cairo_matrix_t bent[2] = {on_curve[0], on_curve[1]}, straight[2];
    centre(bent, EM_PX / em_um);
    const double share = shared(pair, bent);
    if (share <= SHARED) /* most pairs: nothing to compare with */
        return false;
    for (int i = 0; i < 2; i++)
        cairo_matrix_init(&straight[i], pair->scales[i], 0, 0, pair->scales[i],
                          i ? first->advance : 0, 0);
    centre(straight, (double)EM_PX / CW_DESIGN_EM_PX);
    return share > shared(pair, straight) + SHARED;
}

static void look(const struct cw_shaped *shaped, const struct cw_clusters *clusters,
                 const struct cw_curve *curve, double em_um, struct pair *pair,
                 struct cw_crowded *ret) {
    for (size_t i = 0; i + 1 < clusters->count && !ret->found; i++) {
        const struct cw_cluster *two = &clusters->items[i];
        if (two[0].joined || two[1].joined)
            continue;
        cairo_matrix_t places[2];
        double along = 0;
        cairo_path_t *paths[2];
        for (size_t k = 0; k < 2; k++) {
            along = cw_curve_place(clusters, curve, i + k, em_um, &places[k]);
            paths[k] = cw_cluster_path(shaped, &two[k]);
            pair->paths[k] = paths[k];
            pair->scales[k] = two[k].scale;
        }
        if (collide(pair, two, places, em_um))
            *ret = (struct cw_crowded){.found = true, .byte = two[0].byte, .along_um = along};
        cairo_path_destroy(paths[0]);
        cairo_path_destroy(paths[1]);
    }
}

enum cw_status cw_text_crowded(const struct cw_shaped *shaped, const struct cw_clusters *clusters,
                               const struct cw_curve *curve, double em_um, struct cw_crowded *ret,
                               struct cw_error *err) {
    struct pair pair = {.one = canvas(), .other = canvas()};
    struct cw_crowded crowded = {0};
    look(shaped, clusters, curve, em_um, &pair, &crowded);
    const bool fine = cairo_status(pair.one) == CAIRO_STATUS_SUCCESS &&
                      cairo_status(pair.other) == CAIRO_STATUS_SUCCESS;
    cairo_destroy(pair.one);
    cairo_destroy(pair.other);
    if (!fine)
        return cw_fail(err, CW_E_NOMEM, "render.memory", "out of memory");
    *ret = crowded;
    return CW_OK;
}
