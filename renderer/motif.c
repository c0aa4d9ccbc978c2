/*
 * Responsible for telling a tile's motifs apart and for leaving out those in the way of a text.
 * Does not parse paths (path.c) and does not repeat or clip them (decal.c). Workers run it.
 */
#include "motif.h"

#include <math.h>
#include <stdint.h>

#include "path.h"

/* After a close Cairo begins a subpath at the same place; it has nothing in it. */
static bool begins(const cairo_path_t *path, int at) {
    return path->data[at].header.type == CAIRO_PATH_MOVE_TO;
}

static void include(struct cw_motif *box, double x, double y) {
    const double point[2] = {x, y};
    for (size_t i = 0; i < 2; i++) {
        box->low[i] = fmin(box->low[i], point[i]);
        box->high[i] = fmax(box->high[i], point[i]);
    }
}

static bool meet(const struct cw_motif *a, const struct cw_motif *b) {
    return a->low[0] <= b->high[0] && b->low[0] <= a->high[0] && a->low[1] <= b->high[1] &&
           b->low[1] <= a->high[1];
}

/* Every subpath as a motif of its own. */
static void read_boxes(struct cw_arena *arena, struct cw_motifs *ret) {
    const cairo_path_t *path = ret->path;
    for (int i = 0; i < path->num_data; i += path->data[i].header.length)
        ret->subpath_count += begins(path, i);
    ret->items = cw_arena_array(arena, ret->subpath_count + 1, sizeof *ret->items);
    ret->motif_of = cw_arena_array(arena, ret->subpath_count + 1, sizeof *ret->motif_of);
    for (int i = 0; i < path->num_data; i += path->data[i].header.length) {
        if (begins(path, i)) {
            ret->motif_of[ret->count] = ret->count;
            ret->items[ret->count++] =
                (struct cw_motif){.low = {INFINITY, INFINITY}, .high = {-INFINITY, -INFINITY}};
        }
        for (int k = 1; k <= cw_path_points(path->data[i].header.type) && ret->count; k++)
            include(&ret->items[ret->count - 1], path->data[i + k].point.x,
                    path->data[i + k].point.y);
    }
}

static void join(struct cw_motifs *m, size_t to, size_t from) {
    include(&m->items[to], m->items[from].low[0], m->items[from].low[1]);
    include(&m->items[to], m->items[from].high[0], m->items[from].high[1]);
    for (size_t i = 0; i < m->subpath_count; i++)
        if (m->motif_of[i] == from)
            m->motif_of[i] = to;
}

/* Boxes grow as they are joined, so again until nothing meets. */
static void join_meeting(struct cw_motifs *m) {
    bool again = true;
    while (again) {
        again = false;
        for (size_t i = 0; i < m->count; i++)
            for (size_t k = i + 1; k < m->count; k++) {
                if (m->motif_of[i] != i || m->motif_of[k] != k || !meet(&m->items[i], &m->items[k]))
                    continue;
                join(m, i, k);
                again = true;
            }
    }
}

void cw_motifs_find(struct cw_arena *arena, const cairo_path_t *path, const int32_t tile_um[2],
                    struct cw_motifs *ret) {
    *ret = (struct cw_motifs){.path = path};
    read_boxes(arena, ret);
    join_meeting(ret);
    for (size_t i = 0; i < ret->count; i++) {
        struct cw_motif *motif = &ret->items[i];
        double x = tile_um[0] / 2.0, y = tile_um[1] / 2.0;
        motif->whole =
            motif->low[0] > -x && motif->high[0] < x && motif->low[1] > -y && motif->high[1] < y;
    }
}

/* In the frame of the clear box, by the box around the turned motif. */
static bool in_the_way(const struct cw_motif *motif, const cairo_matrix_t *to_surface,
                       const struct cw_clear *clear) {
    cairo_matrix_t to_frame;
    cairo_matrix_multiply(&to_frame, to_surface, &clear->from_surface);
    struct cw_motif box = {.low = {INFINITY, INFINITY}, .high = {-INFINITY, -INFINITY}};
    for (unsigned corner = 0; corner < 4; corner++) {
        double x = corner & 1 ? motif->high[0] : motif->low[0];
        double y = corner & 2 ? motif->high[1] : motif->low[1];
        cairo_matrix_transform_point(&to_frame, &x, &y);
        include(&box, x, y);
    }
    bool meets = true, around = true;
    for (size_t i = 0; i < 2; i++) {
        meets = meets && box.low[i] < clear->half[i] && box.high[i] > -clear->half[i];
        around = around && box.low[i] <= -clear->half[i] && box.high[i] >= clear->half[i];
    }
    return meets && !around; /* a frame around a text is not beside it */
}

static void append_element(cairo_t *cr, const cairo_path_data_t *data) {
    switch (data->header.type) {
    case CAIRO_PATH_MOVE_TO:
        cairo_move_to(cr, data[1].point.x, data[1].point.y);
        break;
    case CAIRO_PATH_LINE_TO:
        cairo_line_to(cr, data[1].point.x, data[1].point.y);
        break;
    case CAIRO_PATH_CURVE_TO:
        cairo_curve_to(cr, data[1].point.x, data[1].point.y, data[2].point.x, data[2].point.y,
                       data[3].point.x, data[3].point.y);
        break;
    case CAIRO_PATH_CLOSE_PATH:
        cairo_close_path(cr);
        break;
    }
}

void cw_motifs_append(cairo_t *cr, const struct cw_motifs *motifs, const cairo_matrix_t *to_surface,
                      const struct cw_clears *clears) {
    size_t left_out = 0;
    for (size_t i = 0; i < motifs->count; i++) {
        struct cw_motif *motif = &motifs->items[i];
        motif->left_out = false;
        for (size_t k = 0; k < clears->count && motif->whole && !motif->left_out; k++)
            motif->left_out = in_the_way(motif, to_surface, &clears->items[k]);
        left_out += motif->left_out;
    }
    if (left_out == 0) {
        cairo_append_path(cr, motifs->path);
        return;
    }
    size_t subpath = 0;
    for (int i = 0; i < motifs->path->num_data; i += motifs->path->data[i].header.length) {
        subpath += begins(motifs->path, i);
        if (subpath == 0 || !motifs->items[motifs->motif_of[subpath - 1]].left_out)
            append_element(cr, &motifs->path->data[i]);
    }
}
