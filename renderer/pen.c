/*
 * Responsible for: turning the paths of decals into paint or into the operations of a drawing.
 * Does not: know what is drawn. Runs in the renderer worker.
 */
#include "pen.h"

#include <math.h>

#include "path.h"

enum cw_status cw_pen_init(struct cw_pen *ret, struct cw_drawing *drawing, struct cw_error *err) {
    *ret = (struct cw_pen){.drawing = drawing};
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_A8, 1, 1);
    ret->cr = cairo_create(surface);
    cairo_surface_destroy(surface);
    if (cairo_status(ret->cr) != CAIRO_STATUS_SUCCESS)
        return cw_fail(err, CW_E_NOMEM, "render.memory", "out of memory");
    return CW_OK;
}

void cw_pen_deinit(struct cw_pen *pen) {
    if (pen->cr)
        cairo_destroy(pen->cr);
    *pen = (struct cw_pen){0};
}

/* Whole micrometres: the step of the finest machine that takes such files is ten times that. */
static int32_t whole_um(double value) {
    if (!(value > -8e6))
        return -8000000;
    return value > 8e6 ? 8000000 : (int32_t)lround(value);
}

/* Cairo adds a move after each close; one that nothing follows is left out. */
static struct cw_outline outline_of(struct cw_pen *pen, const cairo_path_t *path) {
    static const char letters[] = {[CAIRO_PATH_MOVE_TO] = 'M',
                                   [CAIRO_PATH_LINE_TO] = 'L',
                                   [CAIRO_PATH_CURVE_TO] = 'C',
                                   [CAIRO_PATH_CLOSE_PATH] = 'Z'};
    size_t room = (size_t)path->num_data;
    struct cw_arena *arena = pen->drawing->arena;
    char *verbs = cw_arena_alloc(arena, room + 1);
    int32_t(*points)[2] = cw_arena_array(arena, room + 1, sizeof *points);
    struct cw_outline outline = {.verbs = verbs, .points = (const int32_t(*)[2])points};
    for (int i = 0; i < path->num_data; i += path->data[i].header.length) {
        cairo_path_data_type_t type = path->data[i].header.type;
        if (type == CAIRO_PATH_MOVE_TO && outline.verb_count &&
            verbs[outline.verb_count - 1] == 'M') {
            outline.verb_count--;
            outline.point_count--;
        }
        verbs[outline.verb_count++] = letters[type];
        for (int k = 1; k <= cw_path_points(type); k++) {
            points[outline.point_count][0] = whole_um(path->data[i + k].point.x);
            points[outline.point_count++][1] = whole_um(path->data[i + k].point.y);
        }
    }
    if (outline.verb_count && verbs[outline.verb_count - 1] == 'M') {
        outline.verb_count--;
        outline.point_count--;
    }
    outline.even_odd = cairo_get_fill_rule(pen->cr) == CAIRO_FILL_RULE_EVEN_ODD;
    return outline;
}

static enum cw_status take_outline(struct cw_pen *pen, struct cw_outline *ret,
                                   struct cw_error *err) {
    cairo_path_t *path = cairo_copy_path(pen->cr);
    cairo_new_path(pen->cr);
    if (path->status != CAIRO_STATUS_SUCCESS) {
        cairo_path_destroy(path);
        return cw_fail(err, CW_E_NOMEM, "render.memory", "out of memory");
    }
    *ret = outline_of(pen, path);
    cairo_path_destroy(path);
    return CW_OK;
}

enum cw_status cw_pen_clip(struct cw_pen *pen, struct cw_error *err) {
    if (!pen->drawing) {
        cairo_clip(pen->cr);
        return CW_OK;
    }
    if (pen->clip_count == CW_PEN_CLIPS)
        return cw_fail(err, CW_E_LIMIT, "render.artwork_too_detailed",
                       "the artwork is clipped more than %d times", CW_PEN_CLIPS);
    enum cw_status status = take_outline(pen, &pen->clips[pen->clip_count], err);
    if (status == CW_OK)
        pen->clip_count++;
    return status;
}

static enum cw_status add_clipped(struct cw_pen *pen, struct cw_drawing_op *op,
                                  struct cw_error *err) {
    struct cw_outline *clips =
        cw_arena_array(pen->drawing->arena, pen->clip_count + 1, sizeof *clips);
    for (size_t i = 0; i < pen->clip_count; i++)
        clips[i] = pen->clips[i];
    op->clips = clips;
    op->clip_count = pen->clip_count;
    return cw_drawing_add(pen->drawing, op, err);
}

static enum cw_status add(struct cw_pen *pen, int32_t line_um, struct cw_error *err) {
    struct cw_drawing_op op = {.ink = pen->ink, .line_um = line_um};
    enum cw_status status = take_outline(pen, &op.outline, err);
    if (status != CW_OK || op.outline.verb_count == 0)
        return status;
    return add_clipped(pen, &op, err);
}

enum cw_status cw_pen_picture(struct cw_pen *pen, const struct cw_placed_picture *placed,
                              struct cw_error *err) {
    struct cw_placed_picture *copy = cw_arena_alloc(pen->drawing->arena, sizeof *copy);
    *copy = *placed;
    struct cw_drawing_op op = {.ink = pen->ink, .placed = copy};
    enum cw_status status = take_outline(pen, &op.outline, err);
    return status == CW_OK ? add_clipped(pen, &op, err) : status;
}

enum cw_status cw_pen_fill(struct cw_pen *pen, struct cw_error *err) {
    if (pen->drawing)
        return add(pen, 0, err);
    cairo_fill(pen->cr);
    return CW_OK;
}

enum cw_status cw_pen_line(struct cw_pen *pen, int32_t line_um, struct cw_error *err) {
    return add(pen, line_um, err);
}
