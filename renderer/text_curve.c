/*
 * Sets clusters on a curve: upright ones turned by the tangent, joined ones bent.
 *
 * Does not choose the size (text.c). Runs in the renderer worker.
 */
#include "text_curve.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "path.h"

#define ARC_POINTS 721
#define STEPS      48   /* points of a cubic segment */
#define PIECES     6    /* a bent curve is split into this many */
#define HALF_CAP   0.35 /* [em] */
#define PIECE_PX   60.0 /* [design px] a bent line is split into pieces of this length */

struct cw_curve_point {
    double x, y, at; /* at: length up to here */
};

struct frame {
    double x, y, tx, ty;
};

/* ---- the curve ------------------------------------------------------------------------------- */

static void measure_curve(struct cw_curve *curve) {
    double at = 0;
    for (size_t i = 0; i < curve->count; i++) {
        struct cw_curve_point *p = &curve->points[i];
        if (i > 0)
            at += hypot(p->x - p[-1].x, p->y - p[-1].y);
        p->at = at;
    }
    curve->length_um = at;
}

static enum cw_status allocate(struct cw_curve *curve, size_t count, struct cw_error *err) {
    curve->points = calloc(count, sizeof *curve->points);
    return curve->points ? CW_OK : cw_fail(err, CW_E_NOMEM, "render.memory", "out of memory");
}

/* From left to right over the top, or along the bottom. */
static enum cw_status make_arc(const struct cw_lettering *lettering, struct cw_curve *curve,
                               struct cw_error *err) {
    enum cw_status status = allocate(curve, ARC_POINTS, err);
    if (status != CW_OK)
        return status;
    const double side = lettering->layout == CW_LAYOUT_ARC_TOP ? 1 : -1;
    for (size_t i = 0; i < ARC_POINTS; i++) {
        double angle = ((double)i / (ARC_POINTS - 1) * 2 - 1) * G_PI;
        curve->points[i].x = lettering->radius_um * sin(angle);
        curve->points[i].y = side * lettering->radius_um * cos(angle);
    }
    curve->count = ARC_POINTS;
    curve->inside_um = side < 0 ? lettering->radius_um : 0;
    return CW_OK;
}

static void add(struct cw_curve *curve, double x, double y) {
    const struct cw_curve_point *last = curve->points + curve->count - 1;
    if (curve->count == 0 || last->x != x || last->y != y)
        curve->points[curve->count++] = (struct cw_curve_point){x, y, 0};
}

static double cubic(const double p[4], double t) {
    double s = 1 - t;
    return s * s * s * p[0] + 3 * s * s * t * p[1] + 3 * s * t * t * p[2] + t * t * t * p[3];
}

/* Only the first piece of the path: a baseline is one line. */
static void add_path(struct cw_curve *curve, const cairo_path_t *path) {
    for (int i = 0; i < path->num_data; i += path->data[i].header.length) {
        const cairo_path_data_t *d = &path->data[i];
        if (d->header.type == CAIRO_PATH_MOVE_TO && curve->count > 1)
            return;
        if (d->header.type == CAIRO_PATH_MOVE_TO)
            curve->count = 0;
        if (d->header.type == CAIRO_PATH_MOVE_TO || d->header.type == CAIRO_PATH_LINE_TO)
            add(curve, d[1].point.x, d[1].point.y);
        if (d->header.type == CAIRO_PATH_CLOSE_PATH)
            add(curve, curve->points[0].x, curve->points[0].y);
        if (d->header.type != CAIRO_PATH_CURVE_TO)
            continue;
        const struct cw_curve_point from = curve->points[curve->count - 1];
        const double x[4] = {from.x, d[1].point.x, d[2].point.x, d[3].point.x};
        const double y[4] = {from.y, d[1].point.y, d[2].point.y, d[3].point.y};
        for (int k = 1; k <= STEPS; k++)
            add(curve, cubic(x, (double)k / STEPS), cubic(y, (double)k / STEPS));
    }
}

static enum cw_status make_path(const struct cw_lettering *lettering, struct cw_curve *curve,
                                struct cw_error *err) {
    cairo_surface_t *surface = cairo_recording_surface_create(CAIRO_CONTENT_ALPHA, NULL);
    cairo_t *cr = cairo_create(surface);
    cairo_surface_destroy(surface);
    enum cw_status status = cw_path_append(cr, lettering->path ? lettering->path : "", err);
    if (status == CW_OK) {
        cairo_path_t *path = cairo_copy_path(cr);
        status = allocate(curve, (size_t)path->num_data * STEPS / 2 + 2, err);
        if (status == CW_OK)
            add_path(curve, path);
        cairo_path_destroy(path);
    }
    cairo_destroy(cr);
    return status;
}

enum cw_status cw_curve_make(const struct cw_lettering *lettering, struct cw_curve *ret,
                             struct cw_error *err) {
    struct cw_curve curve = {0};
    enum cw_status status = lettering->layout == CW_LAYOUT_PATH ? make_path(lettering, &curve, err)
                                                                : make_arc(lettering, &curve, err);
    if (status == CW_OK) {
        measure_curve(&curve);
        if (curve.count < 2 || curve.length_um < 1)
            status = cw_fail(err, CW_E_INPUT, "render.text", "the baseline has no length");
    }
    if (status == CW_OK)
        *ret = curve;
    else
        cw_curve_deinit(&curve);
    return status;
}

void cw_curve_deinit(struct cw_curve *curve) {
    free(curve->points);
    *curve = (struct cw_curve){0};
}

/* Point and direction at a length; beyond the ends the curve goes on straight. */
static struct frame frame_at(const struct cw_curve *curve, double at) {
    size_t low = 0, high = curve->count - 1;
    while (high - low > 1) {
        size_t middle = (low + high) / 2;
        if (curve->points[middle].at <= at)
            low = middle;
        else
            high = middle;
    }
    const struct cw_curve_point *a = &curve->points[low], *b = &curve->points[high];
    double length = b->at - a->at, t = length > 0 ? (at - a->at) / length : 0;
    double dx = (b->x - a->x) / (length > 0 ? length : 1);
    double dy = (b->y - a->y) / (length > 0 ? length : 1);
    return (struct frame){a->x + (b->x - a->x) * t, a->y + (b->y - a->y) * t, dx, dy};
}

/* ---- outlines on it -------------------------------------------------------------------------- */

struct bending {
    const struct cw_curve *curve;
    cairo_t *to;
    double scale;   /* [µm/design px], with that of the cluster */
    double stretch; /* [1] of lengths along the curve */
    double start;   /* [µm] where the cluster begins on the curve */
};

/* Design px of a cluster, y down, to µm, y down. */
static void bend(const struct bending *b, const double from[2], double ret[2]) {
    struct frame f = frame_at(b->curve, b->start + from[0] * b->scale * b->stretch);
    double up = -from[1] * b->scale;
    ret[0] = f.x - f.ty * up;
    ret[1] = -(f.y + f.tx * up);
}

static void bend_line(const struct bending *b, const double from[2], const double to[2]) {
    int pieces = 1 + (int)(hypot(to[0] - from[0], to[1] - from[1]) / PIECE_PX);
    for (int i = 1; i <= pieces; i++) {
        double t = (double)i / pieces, out[2];
        const double at[2] = {from[0] + (to[0] - from[0]) * t, from[1] + (to[1] - from[1]) * t};
        bend(b, at, out);
        cairo_line_to(b->to, out[0], out[1]);
    }
}

static void bend_curve(const struct bending *b, const double from[2], const cairo_path_data_t *d) {
    const double x[4] = {from[0], d[1].point.x, d[2].point.x, d[3].point.x};
    const double y[4] = {from[1], d[1].point.y, d[2].point.y, d[3].point.y};
    for (int i = 1; i <= PIECES; i++) {
        double out[2];
        const double at[2] = {cubic(x, (double)i / PIECES), cubic(y, (double)i / PIECES)};
        bend(b, at, out);
        cairo_line_to(b->to, out[0], out[1]);
    }
}

static void bend_path(const struct bending *b, const cairo_path_t *path) {
    double at[2] = {0, 0}, first[2] = {0, 0}, out[2];
    for (int i = 0; i < path->num_data; i += path->data[i].header.length) {
        const cairo_path_data_t *d = &path->data[i];
        const double end[2] = {d[d->header.length - 1].point.x, d[d->header.length - 1].point.y};
        switch (d->header.type) {
        case CAIRO_PATH_MOVE_TO:
            bend(b, end, out);
            cairo_move_to(b->to, out[0], out[1]);
            memcpy(first, end, sizeof first);
            break;
        case CAIRO_PATH_LINE_TO:
            bend_line(b, at, end);
            break;
        case CAIRO_PATH_CURVE_TO:
            bend_curve(b, at, d);
            break;
        case CAIRO_PATH_CLOSE_PATH:
            bend_line(b, at, first);
            cairo_close_path(b->to);
            memcpy(at, first, sizeof at);
            continue;
        }
        memcpy(at, end, sizeof at);
    }
}

static cairo_matrix_t place_at(const struct bending *b, double advance) {
    struct frame f = frame_at(b->curve, b->start + advance * b->stretch / 2);
    /* y down on both sides */
    return (cairo_matrix_t){f.tx * b->scale, -f.ty * b->scale,         f.ty * b->scale,
                            f.tx * b->scale, f.x - f.tx * advance / 2, -(f.y - f.ty * advance / 2)};
}

static void turn_path(const struct bending *b, double advance, const cairo_path_t *path) {
    const cairo_matrix_t place = place_at(b, advance);
    cairo_save(b->to);
    cairo_transform(b->to, &place);
    cairo_append_path(b->to, path);
    cairo_restore(b->to);
}

/* At the beginning of the text. */
static struct bending begin(const struct cw_clusters *clusters, const struct cw_curve *curve,
                            double em_um) {
    struct bending b = {.curve = curve};
    /* spaced as they should be at half the height of a capital */
    b.stretch = curve->inside_um > 0 ? 1 / (1 - HALF_CAP * em_um / curve->inside_um) : 1;
    b.start = (curve->length_um - clusters->advance * em_um / CW_DESIGN_EM_PX * b.stretch) / 2;
    return b;
}

double cw_curve_place(const struct cw_clusters *clusters, const struct cw_curve *curve,
                      size_t index, double em_um, cairo_matrix_t *ret) {
    const double um_per_px = em_um / CW_DESIGN_EM_PX;
    struct bending b = begin(clusters, curve, em_um);
    for (size_t i = 0; i < index; i++)
        b.start += clusters->items[i].advance * um_per_px * b.stretch;
    b.scale = um_per_px * clusters->items[index].scale;
    *ret = place_at(&b, clusters->items[index].advance * um_per_px);
    return b.start;
}

enum cw_status cw_text_bend(const struct cw_shaped *shaped, const struct cw_clusters *clusters,
                            const struct cw_curve *curve, double em_um, struct cw_lettered *ret,
                            struct cw_error *err) {
    cairo_surface_t *surface = cairo_recording_surface_create(CAIRO_CONTENT_ALPHA, NULL);
    struct bending b = begin(clusters, curve, em_um);
    b.to = cairo_create(surface);
    cairo_surface_destroy(surface);
    const double um_per_px = em_um / CW_DESIGN_EM_PX;
    for (size_t i = 0; i < clusters->count; i++) {
        const struct cw_cluster *cluster = &clusters->items[i];
        const double advance = cluster->advance * um_per_px;
        cairo_path_t *path = cw_cluster_path(shaped, cluster);
        b.scale = um_per_px * cluster->scale;
        if (cluster->joined)
            bend_path(&b, path);
        else
            turn_path(&b, advance, path);
        b.start += advance * b.stretch;
        cairo_path_destroy(path);
    }
    enum cw_status status = cw_lettered_take(b.to, ret, err);
    cairo_destroy(b.to);
    return status;
}
