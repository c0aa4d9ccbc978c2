/*
 * Measures how thin strokes are: an exact distance transform of a glyph's raster, and the runs of
 * its medial axis.
 *
 * Does not know what a process can make (text.c compares). Runs in the renderer worker.
 */
#include "text_stroke.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PX_PER_EM  400
#define SIDE_PX    1200   /* a longer glyph is drawn smaller */
#define OPPOSITE   -0.866 /* cosine of 150° */
#define TIMES_LONG 3
#define FAR        (1 << 28)

struct point {
    int16_t x, y;
};

/* A medial pixel: where, and how thick the stroke is there [1/4 px]. */
struct medial {
    int32_t at;
    int32_t thick;
};

struct raster {
    int w, h;
    const uint8_t *ink;
    struct point *edge; /* the nearest pixel outside, for each inside */
    int32_t *parent;    /* of the union–find over medial pixels, -1 for none yet */
    int32_t *length;    /* pixels in the run, at its root */
    struct medial *medial;
    size_t count;
};

static bool inside(const struct raster *r, int x, int y) {
    return x >= 0 && y >= 0 && x < r->w && y < r->h && r->ink[y * r->w + x] >= 128;
}

/* ---- nearest edge ---------------------------------------------------------------------------- */

/* Row of the nearest pixel outside in the same column, or FAR; the raster has an empty margin. */
static void columns(const struct raster *r, int32_t *rows) {
    for (int x = 0; x < r->w; x++) {
        int32_t last = -FAR;
        for (int y = 0; y < r->h; y++) {
            last = inside(r, x, y) ? last : y;
            rows[y * r->w + x] = last;
        }
        last = FAR;
        for (int y = r->h - 1; y >= 0; y--) {
            int32_t *row = &rows[y * r->w + x];
            last = inside(r, x, y) ? last : y;
            if ((int64_t)last - y < (int64_t)y - *row)
                *row = last;
        }
    }
}

/* Lower envelope of one row's parabolas. */
static void nearest_in_row(const struct raster *r, int y, const int32_t *rows, int *hull,
                           double *from) {
    int top = -1;
    for (int x = 0; x < r->w; x++) {
        double dy = (double)rows[x] - y, f = dy * dy + (double)x * x, at = -1e30;
        while (top >= 0) {
            double gy = (double)rows[hull[top]] - y;
            double g = gy * gy + (double)hull[top] * hull[top];
            at = (f - g) / (2.0 * (x - hull[top]));
            if (at > from[top])
                break;
            top--;
        }
        top++;
        from[top] = top == 0 ? -1e30 : at;
        hull[top] = x;
    }
    int k = 0;
    for (int x = 0; x < r->w; x++) {
        while (k < top && from[k + 1] < x)
            k++;
        r->edge[y * r->w + x] = (struct point){(int16_t)hull[k], (int16_t)rows[hull[k]]};
    }
}

/* ---- medial axis ----------------------------------------------------------------------------- */

static void compare_edges(struct raster *r, int x, int y, int dx, int dy, int32_t *thick) {
    if (!inside(r, x + dx, y + dy))
        return;
    struct point a = r->edge[y * r->w + x], b = r->edge[(y + dy) * r->w + x + dx];
    double mx = x + dx / 2.0, my = y + dy / 2.0;
    double ax = a.x - mx, ay = a.y - my, bx = b.x - mx, by = b.y - my;
    double la = sqrt(ax * ax + ay * ay), lb = sqrt(bx * bx + by * by);
    if (ax * bx + ay * by > OPPOSITE * la * lb)
        return;
    /* edges are the middles of pixels outside: the ink between them is one pixel less */
    int32_t found = (int32_t)lround((hypot(a.x - b.x, a.y - b.y) - 1) * 4);
    if (*thick == 0 || found < *thick)
        *thick = found > 0 ? found : 1;
}

static void find_medial(struct raster *r) {
    for (int y = 0; y < r->h; y++)
        for (int x = 0; x < r->w; x++) {
            int32_t thick = 0;
            if (!inside(r, x, y))
                continue;
            compare_edges(r, x, y, 1, 0, &thick);
            compare_edges(r, x, y, 0, 1, &thick);
            if (thick > 0)
                r->medial[r->count++] = (struct medial){y * r->w + x, thick};
        }
}

static int by_thickness(const void *a, const void *b) {
    const struct medial *x = a, *y = b;
    return x->thick != y->thick ? (x->thick > y->thick) - (x->thick < y->thick)
                                : (x->at > y->at) - (x->at < y->at);
}

static int32_t root_of(int32_t *parent, int32_t at) {
    while (parent[at] != at)
        at = parent[at] = parent[parent[at]];
    return at;
}

/* Add one pixel to the runs around it; the length of the run it is then in. */
static int32_t join(struct raster *r, int32_t at) {
    r->parent[at] = at;
    r->length[at] = 1;
    for (int dy = -1; dy <= 1; dy++)
        for (int dx = -1; dx <= 1; dx++) {
            int32_t other = at + dy * r->w + dx; /* the margin keeps this inside */
            if (r->parent[other] < 0)
                continue;
            int32_t a = root_of(r->parent, at), b = root_of(r->parent, other);
            if (a == b)
                continue;
            r->parent[b] = a;
            r->length[a] += r->length[b];
        }
    return r->length[root_of(r->parent, at)];
}

/* [1/4 px]; 0 when there is no run that long. */
static int32_t thinnest_run(struct raster *r) {
    qsort(r->medial, r->count, sizeof *r->medial, by_thickness);
    memset(r->parent, 0xff, (size_t)r->w * (size_t)r->h * sizeof *r->parent);
    for (size_t i = 0; i < r->count; i++)
        if (4 * join(r, r->medial[i].at) >= TIMES_LONG * r->medial[i].thick + 4 * 8)
            return r->medial[i].thick;
    return 0;
}

/* ---- dots ------------------------------------------------------------------------------------ */

/* Twice the largest distance to the edge in one piece of ink, which is taken out of `left`. */
static double widest_of_piece(const struct raster *r, uint8_t *left, int32_t start,
                              int32_t *stack) {
    double widest = 0;
    size_t depth = 0;
    stack[depth++] = start;
    left[start] = 0;
    while (depth > 0) {
        int32_t at = stack[--depth];
        struct point edge = r->edge[at];
        double d = 2 * hypot(edge.x - at % r->w, edge.y - at / r->w) - 1;
        widest = d > widest ? d : widest;
        const int32_t around[] = {at - 1, at + 1, at - r->w, at + r->w};
        for (size_t i = 0; i < 4; i++)
            if (left[around[i]]) {
                left[around[i]] = 0;
                stack[depth++] = around[i];
            }
    }
    return widest;
}

/* The smallest piece decides: a dot that is lost changes the letter. Specks of the raster do not.
 */
static double smallest_piece(const struct raster *r, uint8_t *left, int32_t *stack) {
    double smallest = 1e9;
    int32_t count = r->w * r->h;
    for (int32_t i = 0; i < count; i++)
        left[i] = r->ink[i] >= 128;
    for (int32_t i = 0; i < count; i++)
        if (left[i]) {
            double widest = widest_of_piece(r, left, i, stack);
            smallest = widest < smallest && widest > 1 ? widest : smallest;
        }
    return smallest;
}

/* ---- one raster ------------------------------------------------------------------------------ */

static double measure(struct raster *r, uint8_t *left, int32_t *scratch, double *from) {
    columns(r, r->length);
    for (int y = 0; y < r->h; y++)
        nearest_in_row(r, y, r->length + (size_t)y * (size_t)r->w, scratch, from);
    find_medial(r);
    int32_t run = thinnest_run(r);
    double piece = smallest_piece(r, left, scratch);
    return run > 0 && run / 4.0 < piece ? run / 4.0 : piece;
}

enum cw_status cw_stroke_thinnest(const uint8_t *ink, const int size[2], double *ret_px,
                                  struct cw_error *err) {
    size_t pixels = (size_t)size[0] * (size_t)size[1];
    struct raster r = {.w = size[0], .h = size[1], .ink = ink};
    r.edge = malloc(pixels * sizeof *r.edge);
    r.parent = malloc(pixels * sizeof *r.parent);
    r.length = malloc(pixels * sizeof *r.length);
    r.medial = malloc(pixels * sizeof *r.medial);
    uint8_t *left = malloc(pixels);
    int32_t *scratch = malloc(pixels * sizeof *scratch);
    double *from = malloc(((size_t)size[0] + 1) * sizeof *from);
    bool ok = r.edge && r.parent && r.length && r.medial && left && scratch && from;
    if (ok)
        *ret_px = measure(&r, left, scratch, from);
    free(r.edge);
    free(r.parent);
    free(r.length);
    free(r.medial);
    free(left);
    free(scratch);
    free(from);
    return ok ? CW_OK : cw_fail(err, CW_E_NOMEM, "render.memory", "out of memory");
}

/* ---- glyphs ---------------------------------------------------------------------------------- */

/* Two pixels of margin all around. */
static enum cw_status measure_path(const cairo_path_t *path, cairo_t *scratch, double *ret_em,
                                   struct cw_error *err) {
    double x0, y0, x1, y1;
    cairo_append_path(scratch, path);
    cairo_path_extents(scratch, &x0, &y0, &x1, &y1);
    cairo_new_path(scratch);
    *ret_em = 1e9; /* no ink: nothing is thin */
    if (!(x1 > x0 && y1 > y0))
        return CW_OK;
    double scale = (double)PX_PER_EM / CW_DESIGN_EM_PX;
    double side = x1 - x0 > y1 - y0 ? x1 - x0 : y1 - y0;
    if (side * scale > SIDE_PX)
        scale = SIDE_PX / side;
    const int size[2] = {((int)ceil((x1 - x0) * scale) + 7) / 4 * 4,
                         (int)ceil((y1 - y0) * scale) + 4};
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_A8, size[0], size[1]);
    cairo_t *cr = cairo_create(surface);
    cairo_translate(cr, 2 - x0 * scale, 2 - y0 * scale);
    cairo_scale(cr, scale, scale);
    cairo_append_path(cr, path);
    cairo_fill(cr);
    cairo_surface_flush(surface);
    bool ok = cairo_status(cr) == CAIRO_STATUS_SUCCESS &&
              cairo_image_surface_get_stride(surface) == size[0];
    double px = 0;
    enum cw_status status =
        ok ? cw_stroke_thinnest(cairo_image_surface_get_data(surface), size, &px, err)
           : cw_fail(err, CW_E_NOMEM, "render.memory", "out of memory");
    cairo_destroy(cr);
    cairo_surface_destroy(surface);
    if (status == CW_OK && px < 1e8)
        *ret_em = px / (scale * CW_DESIGN_EM_PX);
    return status;
}

/* One glyph of a cluster, remembered. */
static enum cw_status stroke_of(const struct cw_shaped *shaped, const struct cw_cluster *cluster,
                                int index, double *ret_em, struct cw_error *err) {
    const PangoGlyphInfo *info = &cluster->run->glyphs->glyphs[cluster->first + index];
    uint64_t face = cw_stack_face_of(cluster->run->item->analysis.font);
    uint64_t key = (face << 32 | info->glyph) + 1;
    struct cw_stroke_slot *slot =
        &cw_stack_strokes(shaped->stack)[(key * 0x9E3779B97F4A7C15u >> 32) % CW_STROKE_SLOTS];
    if (slot->glyph != key) {
        const struct cw_cluster one = {
            .run = cluster->run, .first = cluster->first + index, .count = 1};
        cairo_path_t *path = cw_cluster_path(shaped, &one);
        double em;
        enum cw_status status = measure_path(path, cw_stack_scratch(shaped->stack), &em, err);
        cairo_path_destroy(path);
        if (status != CW_OK)
            return status;
        *slot = (struct cw_stroke_slot){.glyph = key, .em = em};
    }
    *ret_em = slot->em;
    return CW_OK;
}

enum cw_status cw_text_stroke(const struct cw_shaped *shaped, const struct cw_clusters *clusters,
                              double *ret_em, size_t *ret_byte, struct cw_error *err) {
    double thinnest = 1e9;
    for (size_t i = 0; i < clusters->count; i++)
        for (int k = 0; k < clusters->items[i].count; k++) {
            double em;
            enum cw_status status = stroke_of(shaped, &clusters->items[i], k, &em, err);
            if (status != CW_OK)
                return status;
            em *= clusters->items[i].scale;
            if (em < thinnest) {
                thinnest = em;
                *ret_byte = clusters->items[i].byte;
            }
        }
    *ret_em = thinnest;
    return CW_OK;
}
